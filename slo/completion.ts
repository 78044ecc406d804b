/** What may be written at a place of an SLO file or of slo-lens.yaml, whose text seldom parses while it is typed. */
import { configShape } from "./config-shape.ts";
import { type Dialect, dialectOf, fieldText, valueText } from "./field-texts.ts";
import { kindsOf, type Shape, shapeOf } from "./formats/fields.ts";
import { openSloFormat } from "./formats/openslo.ts";
import { methodLabels, routeLabels } from "./match.ts";
import type { CodeEndpoint, SloFormat, TextRange } from "./model.ts";
import type { MetricQuestion } from "./telemetry/source.ts";
import type { Phrase } from "./words.ts";
import { columnOf, isItem, type YamlPlace, yamlPlace } from "./yaml-place.ts";

export interface SloCompletion {
  readonly label: string;
  readonly kind: "field" | "value" | "reference" | "route" | "metric" | "label" | "function";
  /** What replaces `range`. */
  readonly insert: string;
  readonly range: TextRange;
  /** What it means, where its name leaves that open. */
  readonly text?: Phrase;
}

export interface CompletionInput {
  readonly text: string;
  readonly offset: number;
  /** Documents of the workspace that can be referred to. */
  readonly definitions: readonly { readonly kind: string; readonly name: string }[];
  readonly endpoints: readonly Pick<CodeEndpoint, "method" | "route">[];
  /** What telemetry has told for the place; see `metricQuestionAt`. */
  readonly metrics: MetricNames;
}

export interface MetricNames {
  readonly names?: readonly string[];
  readonly labels?: readonly string[];
  readonly values?: readonly string[];
}

export interface ConfigCompletionInput {
  readonly text: string;
  readonly offset: number;
  readonly endpoints: readonly Pick<CodeEndpoint, "method" | "route">[];
  readonly slos: readonly { readonly id: string; readonly service: string }[];
  readonly rules: readonly { readonly id: string; readonly title: Phrase }[];
  /** Folders that hold packages. */
  readonly folders: readonly string[];
}

export const MAX_COMPLETIONS = 300;
const MAX_LINES = 5000;

/** Completions at an offset; none in documents of other kinds. Never throws. */
export function sloCompletions(input: CompletionInput): readonly SloCompletion[] {
  const place = placeAt(input.text, input.offset);
  if (place === undefined) return [];
  const query = queryAt(place);
  if (query !== undefined) return inQuery(query, place, input).slice(0, MAX_COMPLETIONS);
  const annotation = inAnnotations(place, input);
  if (annotation) return annotation;
  const offers = offersAt(place, place.shape, {
    dialect: dialectOf(place.format),
    named: (refers) =>
      input.definitions
        .filter((it) => it.kind === refers)
        .map((it) => ({ label: it.name, kind: "reference", insert: it.name })),
  });
  return withRange(offers, place, input.offset);
}

/** The same for slo-lens.yaml. */
export function configCompletions(input: ConfigCompletionInput): readonly SloCompletion[] {
  const { above, before, below } = linesAround(input.text, input.offset);
  const place = yamlPlace(above, before, below);
  if (place === undefined) return [];
  const endpoints = unique(input.endpoints.map((it) => `${it.method === "ALL" ? "*" : it.method} ${it.route}`));
  const names = (refers: string): readonly Offer[] => {
    const named = (label: string): Offer => ({ label, kind: "reference", insert: label });
    if (refers === "endpoint") return endpoints.map((label) => ({ label, kind: "route", insert: label }));
    if (refers === "slo") return input.slos.map((it) => named(it.id));
    if (refers === "service")
      return unique(input.slos.map((it) => it.service))
        .filter((it) => it !== "")
        .map(named);
    if (refers === "folder") return input.folders.map((it) => named(`${it}/**`));
    return refers === "rule"
      ? input.rules.map(({ id, title }) => ({ label: id, kind: "reference", insert: id, text: title }))
      : [];
  };
  return withRange(offersAt(place, configShape, { dialect: "config", named: names }), place, input.offset);
}

type Offer = Omit<SloCompletion, "range">;

interface Offering {
  readonly dialect: Dialect;
  /** What of the workspace may be named. */
  readonly named: (refers: string) => readonly Offer[];
}

function offersAt(place: YamlPlace, root: Shape, { dialect, named }: Offering): readonly Offer[] {
  const shape = shapeAt(root, place.keys);
  if (shape === undefined) return [];
  const values = (of: Shape): readonly Offer[] => [
    ...(of.values ?? []).map((it) => withText({ label: it, kind: "value", insert: it }, valueText(it))),
    ...(of.refers === undefined ? [] : named(of.refers)),
  ];
  if (place.isValue) return values(shape);
  // An element of a list may be a value itself.
  const elements = shape.isList === true || isItem(place.before) ? values(shape) : [];
  const fields = Object.entries(shape.fields ?? {})
    .filter(([name]) => !place.siblings.has(name))
    .map(([name, inner]) => {
      const hasMore = inner.fields !== undefined || inner.entries !== undefined;
      const offer: Offer = { label: name, kind: "field", insert: hasMore ? `${name}:` : `${name}: ` };
      return withText(offer, fieldText(dialect, [...place.keys, name]));
    });
  const free = shape.keyRefers === undefined ? [] : named(shape.keyRefers);
  const keys = free
    .filter((it) => !place.siblings.has(it.label))
    .map((it): Offer => ({ ...it, insert: `${keyText(it.label)}:${shape.entries?.values ? " " : ""}` }));
  return [...elements, ...fields, ...keys];
}

const withText = (offer: Offer, text: Phrase | undefined): Offer => (text === undefined ? offer : { ...offer, text });
const unique = <T>(of: readonly T[]): readonly T[] => [...new Set(of)];
const keyText = (label: string) =>
  /^[\w/][\w ./:@-]*$/.test(label) && !/: |\s#|:$/.test(label) ? label : JSON.stringify(label);

function withRange(offers: readonly Offer[], { word }: YamlPlace, offset: number): readonly SloCompletion[] {
  const range = { start: offset - word.length, end: offset };
  return offers.slice(0, MAX_COMPLETIONS).map((it) => ({ ...it, range }));
}

/** Annotations are anybody's but for ours, whose value is a list within a text. */
function inAnnotations(place: YamlPlace, { endpoints, offset }: CompletionInput): readonly SloCompletion[] | undefined {
  const [metadata, annotations, key] = place.keys;
  if (metadata !== "metadata" || annotations !== "annotations") return undefined;
  if (key === undefined)
    return place.siblings.has(OWN) ? [] : withRange([{ label: OWN, kind: "field", insert: `${OWN}: ` }], place, offset);
  if (key !== OWN || !place.isValue) return [];
  const last = /[^,]*$/.exec(place.word)![0].trimStart();
  return routesOf(endpoints).map((it) => ({
    label: it,
    kind: "route",
    insert: it,
    range: { start: offset - last.length, end: offset },
  }));
}

const OWN = "slo-lens/endpoints";

const routesOf = (endpoints: CompletionInput["endpoints"]) =>
  unique(endpoints.map((it) => (it.method === "ALL" ? it.route : `${it.method} ${it.route}`)));

function shapeAt(shape: Shape, keys: readonly string[]): Shape | undefined {
  let at: Shape | undefined = shape;
  for (const key of keys) at = at?.fields && Object.hasOwn(at.fields, key) ? at.fields[key] : at?.entries;
  return at;
}

// --- within a query ------------------------------------------------------------------------------------------------

/** What to ask the telemetry before completing at an offset; undefined outside of queries. */
export function metricQuestionAt(text: string, offset: number): MetricQuestion | undefined {
  const place = placeAt(text, offset);
  const query = place && queryAt(place);
  if (query === undefined) return undefined;
  const value = VALUE.exec(query);
  if (value) return { of: "values", metric: SELECTOR.exec(query)?.[1] ?? "", label: value[1]! };
  const selector = SELECTOR.exec(query);
  if (selector) return { of: "labels", metric: selector[1] ?? "" };
  return { of: "names" };
}

/** The metric of a selector whose braces are open; a template's braces are doubled. */
const SELECTOR = /([a-zA-Z_:][\w:]*)?\s*(?<!\{)\{(?!\{)[^{}]*$/;
const VALUE = /([a-zA-Z_]\w*)\s*(?:=~|!~|!=|=)\s*\\?["']([^"'\\]*)$/;
const WORD = /[a-zA-Z_:][\w:]*$/;

/** PromQL up to the cursor, where one stands in it. */
function queryAt(place: SloPlace): string | undefined {
  const isQuery = (keys: readonly string[]) => {
    const shape = shapeAt(place.shape, keys);
    return shape?.isQuery === true || (shape?.fields === undefined && /^(?:query|promql)$/i.test(keys.at(-1) ?? ""));
  };
  // Of a block or of a value over several lines.
  if (isQuery(place.above)) return `${place.queryAbove}${place.before}`;
  return place.isValue && isQuery(place.keys) ? place.word : undefined;
}

const FUNCTIONS: Readonly<Record<string, Phrase>> = {
  rate: { en: "events per second over a time", ja: "一定期間の 1 秒あたりの増加量" },
  increase: { en: "events over a time", ja: "一定期間の増加量" },
  sum: { en: "of all series together", ja: "全系列の合計" },
  histogram_quantile: { en: "a quantile of a histogram's buckets", ja: "ヒストグラムのバケットから分位数を求める" },
  avg_over_time: { en: "the mean of a gauge over a time", ja: "一定期間のゲージの平均" },
  sum_over_time: { en: "the sum of a gauge's values over a time", ja: "一定期間のゲージの値の合計" },
  count_over_time: { en: "how many values there were", ja: "一定期間の値の個数" },
  clamp_max: { en: "at most a value", ja: "値の上限を抑える" },
  vector: { en: "a number as a series without labels", ja: "数値をラベルのない系列にする" },
};

/** Metrics, labels and values that telemetry or the code knows; a few functions beside them. */
function inQuery(
  query: string,
  place: SloPlace,
  { offset, endpoints, metrics }: CompletionInput,
): readonly SloCompletion[] {
  const offer =
    (kind: SloCompletion["kind"], word: string) =>
    (label: string): SloCompletion => ({
      label,
      kind,
      insert: label,
      range: { start: offset - word.length, end: offset },
    });
  const value = VALUE.exec(query);
  if (value) {
    const [, label = "", word = ""] = value;
    const ofCode = routeLabels.includes(label)
      ? endpoints.map((it) => it.route)
      : methodLabels.includes(label)
        ? endpoints.map((it) => it.method).filter((it) => it !== "ALL")
        : [];
    // What is measured comes first: a route that is spelt as it is exported matches.
    return [
      ...unique(metrics.values ?? []).map(offer("value", word)),
      ...unique(ofCode)
        .filter((it) => !metrics.values?.includes(it))
        .map(offer("route", word)),
    ];
  }
  const word = WORD.exec(query)?.[0] ?? "";
  if (SELECTOR.test(query)) {
    // After a value, before the comma, there is nothing to name.
    if (!/[{,]\s*[a-zA-Z_]?\w*$/.test(query)) return [];
    return (metrics.labels ?? []).filter((it) => it !== "__name__").map(offer("label", word));
  }
  const window = /\[\s*(\{{0,2}\.?\w*)$/.exec(query);
  if (window) {
    const look = place.format.startsWith("sloth") ? "{{.window}}" : "5m";
    return window[1] === look ? [] : [offer("value", window[1]!)(look)];
  }
  if (/\{\{[^}]*$/.test(query) || /["'][^"']*$/.test(query.replace(/"[^"]*"|'[^']*'/g, ""))) return [];
  const typed = word.toLowerCase();
  const begins = (it: string) => it.toLowerCase().startsWith(typed);
  const like = (metrics.names ?? []).filter((it) => it.toLowerCase().includes(typed));
  const functions = place.format === "pyrra" ? [] : Object.entries(FUNCTIONS).filter(([it]) => it.startsWith(word));
  return [
    ...[...like.filter(begins), ...like.filter((it) => !begins(it))].map(offer("metric", word)),
    ...functions.map(([label, text]) => ({ ...offer("function", word)(label), text })),
  ];
}

// --- where the cursor is -------------------------------------------------------------------------------------------

interface SloPlace extends YamlPlace {
  readonly format: SloFormat;
  readonly shape: Shape;
  /** Lines of the scalar above the cursor's, where it has several. */
  readonly queryAbove: string;
}

const MAX_QUERY_LINES = 60;

function placeAt(text: string, offset: number): SloPlace | undefined {
  const { above: document, before, below: rest } = linesAround(text, offset);
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
  const place = yamlPlace(from < 0 ? document : document.slice(from), before, rest, root);
  if (place === undefined) return undefined;
  return { ...place, format, shape, queryAbove: scalarAbove(document, before) };
}

/** The lines of a scalar that the cursor's line goes on with. */
function scalarAbove(document: readonly string[], before: string): string {
  const column = columnOf(before);
  const lines: string[] = [];
  for (const line of document.slice(-MAX_QUERY_LINES).toReversed()) {
    if (line.trim() !== "" && columnOf(line) < column) {
      const value = /:\s+(?![|>])(.*)$/.exec(line)?.[1];
      if (value !== undefined) lines.unshift(value);
      break;
    }
    lines.unshift(line);
  }
  return lines.length === 0 ? "" : `${lines.join("\n")}\n`;
}

/** The lines of the cursor's document around the cursor. */
function linesAround(text: string, offset: number) {
  const above = text.slice(0, offset).split("\n").slice(-MAX_LINES);
  const below = text.slice(offset).split("\n").slice(1, 500);
  const before = above.pop() ?? "";
  const start = above.findLastIndex((it) => /^---/.test(it)) + 1;
  const end = below.findIndex((it) => /^---/.test(it));
  return { above: above.slice(start), before, below: end < 0 ? below : below.slice(0, end) };
}

function formatOf(apiVersion: string | undefined, version: string | undefined): SloFormat | undefined {
  if (version === "prometheus/v1") return "sloth";
  if (apiVersion?.startsWith("sloth.slok.dev/")) return "sloth-crd";
  return apiVersion?.startsWith("pyrra.dev/") ? "pyrra" : openSloFormat(apiVersion);
}
