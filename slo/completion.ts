/**
 * What may be written at a place of an SLO file. Text that is being typed seldom parses, so the place is told by
 * indentation, and the document's kind by its lines.
 */
import { kindsOf, type Shape, shapeOf } from "./formats/fields.ts";
import { openSloFormat } from "./formats/openslo.ts";
import { methodLabels, routeLabels } from "./match.ts";
import type { CodeEndpoint, SloFormat, TextRange } from "./model.ts";

export interface SloCompletion {
  readonly label: string;
  readonly kind: "field" | "value" | "reference" | "route" | "metric";
  /** What replaces `range`. */
  readonly insert: string;
  readonly range: TextRange;
}

export interface CompletionInput {
  readonly text: string;
  readonly offset: number;
  /** Documents of the workspace that can be referred to. */
  readonly definitions: readonly { readonly kind: string; readonly name: string }[];
  readonly endpoints: readonly Pick<CodeEndpoint, "method" | "route">[];
  /** Names of metrics that telemetry has told; none where there is no telemetry. */
  readonly metrics: readonly string[];
}

const MAX_ITEMS = 300;
const MAX_LINES = 5000;

/** Completions at an offset; none in documents of other kinds. Never throws. */
export function sloCompletions(input: CompletionInput): readonly SloCompletion[] {
  const place = placeAt(input.text, input.offset);
  if (place === undefined) return [];
  return offersAt(place, input).slice(0, MAX_ITEMS);
}

interface Place {
  /** Keys around the line, from the document's root. */
  readonly keys: readonly string[];
  /** Keys that stand beside it already. */
  readonly siblings: ReadonlySet<string>;
  /** The line up to the cursor. */
  readonly before: string;
  readonly offset: number;
  readonly shape: Shape;
}

function offersAt(place: Place, { definitions, endpoints, metrics }: CompletionInput): readonly SloCompletion[] {
  const { before, offset, keys } = place;
  const written = /^\s*(?:- )*["']?([\w./-]+)["']?:\s+(.*)$/.exec(before);
  const replacing = (word: string): TextRange => ({ start: offset - word.length, end: offset });
  const all = written ? [...keys, written[1]!] : keys;
  const shape = shapeAt(place.shape, all);

  if (isQueryAt(all, shape) && (written || !/^\s*[\w-]*$/.test(before) || shape?.isQuery === true))
    return inQuery(before, replacing, endpoints, metrics);

  if (written) {
    const value = written[2]!.replace(/^["']/, "");
    const range = replacing(value);
    if (written[1] === "slo-lens/endpoints") {
      const last = /[^,]*$/.exec(value)![0].trimStart();
      return routesOf(endpoints).map((it) => ({ label: it, kind: "route", insert: it, range: replacing(last) }));
    }
    const values = (shape?.values ?? []).map((it) => ({ label: it, kind: "value" as const, insert: it, range }));
    const names = definitions
      .filter((it) => it.kind === shape?.refers)
      .map((it) => ({ label: it.name, kind: "reference" as const, insert: it.name, range }));
    return [...values, ...names];
  }

  const word = /^\s*(?:- )*([\w./-]*)$/.exec(before)?.[1];
  if (word === undefined) return [];
  const range = replacing(word);
  if (keys.join(".") === "metadata.annotations")
    return place.siblings.has("slo-lens/endpoints")
      ? []
      : [{ label: "slo-lens/endpoints", kind: "field", insert: "slo-lens/endpoints: ", range }];
  return Object.entries(shape?.fields ?? {})
    .filter(([name]) => !place.siblings.has(name))
    .map(([name, inner]) => ({
      label: name,
      kind: "field",
      insert: inner.fields === undefined ? `${name}: ` : `${name}:`,
      range,
    }));
}

/** Routes within a route label's value, methods are left to the person; metric names elsewhere. */
function inQuery(
  before: string,
  replacing: (word: string) => TextRange,
  endpoints: CompletionInput["endpoints"],
  metrics: readonly string[],
): readonly SloCompletion[] {
  const label = /([a-zA-Z_]\w*)\s*=\s*\\?"([^"\\]*)$/.exec(before);
  if (label) {
    const [, name = "", value = ""] = label;
    const values = routeLabels.includes(name)
      ? endpoints.map((it) => it.route)
      : methodLabels.includes(name)
        ? endpoints.map((it) => it.method).filter((it) => it !== "ALL")
        : [];
    return [...new Set(values)].map((it) => ({ label: it, kind: "route", insert: it, range: replacing(value) }));
  }
  const word = /[a-zA-Z_:][\w:]*$/.exec(before)?.[0] ?? "";
  if (/\{[^}]*$/.test(before) && !/\{\{[^}]*$/.test(before)) return [];
  return metrics
    .filter((it) => it.startsWith(word))
    .map((it) => ({ label: it, kind: "metric", insert: it, range: replacing(word) }));
}

const isQueryAt = (keys: readonly string[], shape: Shape | undefined) =>
  shape?.isQuery === true || /^(?:query|promql)$/i.test(keys.at(-1) ?? "");

const routesOf = (endpoints: CompletionInput["endpoints"]) => [
  ...new Set(endpoints.map((it) => (it.method === "ALL" ? it.route : `${it.method} ${it.route}`))),
];

function shapeAt(shape: Shape, keys: readonly string[]): Shape | undefined {
  let at: Shape | undefined = shape;
  for (const key of keys) at = at?.fields && Object.hasOwn(at.fields, key) ? at.fields[key] : undefined;
  return at;
}

// --- where the cursor is -------------------------------------------------------------------------------------------

function placeAt(text: string, offset: number): Place | undefined {
  const above = text.slice(0, offset).split("\n").slice(-MAX_LINES);
  const below = text.slice(offset).split("\n").slice(1, 500);
  const before = above.pop() ?? "";
  if (/^\s*#|\s#/.test(before) || before.length > 2000) return undefined;
  const start = above.findLastIndex((it) => /^---/.test(it)) + 1;
  const document = above.slice(start);
  const end = below.findIndex((it) => /^---/.test(it));
  const rest = end < 0 ? below : below.slice(0, end);

  const mark = /^\s*(?:- )?["']?(?:apiVersion|version)["']?:/;
  const from = document.findLastIndex((it) => mark.test(it) && columnOf(it) <= columnOf(before));
  const root = from < 0 ? 0 : columnOf(document[from]!);
  const own = from < 0 ? [...document, ...rest] : [...document.slice(from), ...rest];
  const rootField = (name: string) =>
    own
      .filter((it) => columnOf(it) === root)
      .map((it) => new RegExp(`^\\s*(?:- )?["']?${name}["']?:\\s*["']?([\\w./-]+)`).exec(it)?.[1])
      .find((it) => it !== undefined);
  const format = formatOf(rootField("apiVersion"), rootField("version"));
  if (format === undefined) return undefined;
  const kind = rootField("kind") ?? "";
  const shape = shapeOf(format, kind) ?? shapeOf(format, kindsOf(format)[0] ?? "");
  if (shape === undefined) return undefined;

  const keys: string[] = [];
  let width = columnOf(before);
  const siblings = new Set<string>();
  const beside = (lines: readonly string[], isUp: boolean) => {
    if (isUp && isItem(before)) return;
    for (const line of lines) {
      if (isBlank(line)) continue;
      if (columnOf(line) < width || (!isUp && columnOf(line) === width && isItem(line))) return;
      if (columnOf(line) !== width) continue;
      const key = keyOf(line);
      if (key !== undefined) siblings.add(key);
      if (isItem(line)) return;
    }
  };
  beside([...document].reverse(), true);
  beside(rest, false);
  for (let i = document.length - 1; i >= Math.max(0, from) && width > root; i--) {
    const line = document[i]!;
    if (isBlank(line) || columnOf(line) >= width) continue;
    width = columnOf(line);
    const key = keyOf(line);
    if (key !== undefined) keys.unshift(key);
  }
  return { keys, siblings, before, offset, shape };
}

function formatOf(apiVersion: string | undefined, version: string | undefined): SloFormat | undefined {
  if (version === "prometheus/v1") return "sloth";
  if (apiVersion?.startsWith("sloth.slok.dev/")) return "sloth-crd";
  return apiVersion?.startsWith("pyrra.dev/") ? "pyrra" : openSloFormat(apiVersion);
}

const isBlank = (line: string) => /^\s*(?:#|$)/.test(line);
const isItem = (line: string) => /^\s*- /.test(line);
const keyOf = (line: string) => /^\s*(?:- )*["']?([\w./-]+)["']?:(?:\s|$)/.exec(line)?.[1];

/** The column of a line's first key: what stands after the hyphens of lists. */
function columnOf(line: string): number {
  return /^\s*(?:- +)*/.exec(line)?.[0].length ?? 0;
}
