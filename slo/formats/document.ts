/** YAML and JSON read leniently, with the place of every value. */
import {
  type Document,
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseAllDocuments,
  visit,
  type YAMLMap,
} from "yaml";
import type { SloProblem, TextRange } from "../model.ts";
import { problem } from "../problem-texts.ts";

/** A value of a document with where it stands; absent values have no node. */
export interface Value {
  readonly node: Node | null | undefined;
  /** Of the value, or of the nearest thing around it that is there. */
  readonly range: TextRange;
  /** Of the key that holds it: a short place to tell what is missing inside. */
  readonly keyRange?: TextRange;
}

export interface ParsedDocument {
  readonly root: Value;
  readonly range: TextRange;
  readonly problems: readonly SloProblem[];
}

/** UTF-16 code units; SLO files are small, and larger YAML is something else. */
export const MAX_FILE_LENGTH = 1_000_000;
const MAX_DOCUMENTS = 500;
const MAX_ALIASES = 200;
/** Objectives of one document; a file with more of them was made by no person and serves none. */
export const MAX_OBJECTIVES = 1000;

/** Every document of a file; a root list counts as many documents, and so does a `List`. Never throws. */
export function parseDocuments(text: string): ParsedDocument[] {
  if (text.length > MAX_FILE_LENGTH) return [];
  let documents: ReturnType<typeof parseAllDocuments>;
  try {
    documents = parseAllDocuments(text, {
      uniqueKeys: false,
      strict: false,
      prettyErrors: false,
      logLevel: "silent",
      lineCounter: new LineCounter(),
      schema: "core",
    });
  } catch {
    return [];
  }
  if (!Array.isArray(documents)) return [];
  const found: ParsedDocument[] = [];
  for (const document of documents.slice(0, MAX_DOCUMENTS)) {
    const range: TextRange = { start: document.range?.[0] ?? 0, end: document.range?.[1] ?? text.length };
    unalias(document as Document<Node, boolean>);
    const problems = document.errors
      .slice(0, 5)
      .map(
        (error): SloProblem =>
          problem(
            "yaml",
            "error",
            { start: error.pos[0], end: Math.max(error.pos[1], error.pos[0] + 1) },
            { detail: error.message.split("\n")[0]! },
          ),
      );
    const root: Value = { node: document.contents as Node | null, range };
    const inner = isSeq(root.node) ? items(root) : listed(root);
    if (inner && inner.length > 0 && inner.some((it) => isMap(it.node)))
      for (const it of inner.slice(0, MAX_DOCUMENTS)) found.push({ root: it, range: it.range, problems });
    else found.push({ root, range, problems });
  }
  return found;
}

/** What Kubernetes keeps in a list, and OpenShift in a template. */
function listed(root: Value): Value[] | undefined {
  const kind = text_(field(root, "kind")) ?? "";
  if (kind.endsWith("List")) return items(field(root, "items"));
  return kind === "Template" ? items(field(root, "objects")) : undefined;
}

/**
 * Puts what aliases name in their place. First they are gathered, then replaced, so that nothing is walked twice: what
 * they name may hold aliases again, and eight lines of those make a billion values. The result may share nodes and even
 * hold itself; readers go as deep as a format's fields do.
 */
function unalias(document: Document<Node, boolean>): void {
  const anchors = new Map<string, Node>();
  const replace: (() => void)[] = [];
  visit(document, {
    Node: (key, node, parents) => {
      if (!isAlias(node)) {
        if (node.anchor) anchors.set(node.anchor, node);
        return;
      }
      const named = anchors.get(node.source);
      const parent = parents.at(-1);
      if (named === undefined || replace.length >= MAX_ALIASES) return;
      if (isPair(parent) && key === "value") replace.push(() => void (parent.value = named));
      else if (isSeq(parent) && typeof key === "number") replace.push(() => void (parent.items[key] = named));
    },
  });
  for (const it of replace) it();
}

function rangeOf(node: Node | null | undefined, fallback: TextRange): TextRange {
  return node?.range ? { start: node.range[0], end: Math.max(node.range[1], node.range[0]) } : fallback;
}

/** A field of a mapping, by any of its names; the last where it stands twice, as most readers of YAML take it. */
export function field(of: Value, ...names: readonly string[]): Value {
  const pair = pairOf(of.node, names, 0);
  if (pair === undefined) return { node: undefined, range: of.keyRange ?? firstKey(of) };
  const node = (pair.value as Node | null) ?? undefined;
  const keyRange = rangeOf(pair.key as Node, of.range);
  const range = rangeOf(node, keyRange);
  return { node, range: range.end > range.start ? range : keyRange, keyRange };
}

/** A mapping may merge itself. */
const MAX_MERGES = 4;

/** The pair of a mapping with the first of some names, in what it merges (`<<`) where it has none itself. */
function pairOf(node: unknown, names: readonly string[], depth: number): Pair | undefined {
  if (!isMap(node)) return undefined;
  const named = (name: string) =>
    node.items.findLast((it) => isPair(it) && isScalar(it.key) && String(it.key.value) === name);
  for (const name of names) {
    const pair = named(name);
    if (pair) return pair;
  }
  const merged = depth < MAX_MERGES ? named("<<")?.value : undefined;
  if (isSeq(merged)) return first(merged.items.slice(0, 20), (it) => pairOf(it, names, depth + 1));
  return pairOf(merged, names, depth + 1);
}

function first<T, R>(of: readonly T[], found: (it: T) => R | undefined): R | undefined {
  for (const it of of) {
    const result = found(it);
    if (result !== undefined) return result;
  }
  return undefined;
}

/** Walks down by names. */
export function path(of: Value, ...names: readonly string[]): Value {
  return names.reduce((at, name) => field(at, name), of);
}

export function has(of: Value): boolean {
  return of.node !== undefined && of.node !== null && !(isScalar(of.node) && of.node.value === null);
}

export function isMapping(of: Value): boolean {
  return isMap(of.node);
}

/** Elements of a sequence; none of anything else. */
export function items(of: Value): Value[] {
  return isSeq(of.node) ? of.node.items.map((it) => ({ node: it as Node, range: rangeOf(it as Node, of.range) })) : [];
}

/** Keys of a mapping with their places. */
export function keys(of: Value): { readonly name: string; readonly range: TextRange; readonly value: Value }[] {
  if (!isMap(of.node)) return [];
  return (of.node as YAMLMap).items.flatMap((pair) =>
    isPair(pair) && isScalar(pair.key)
      ? [
          {
            name: String(pair.key.value),
            range: rangeOf(pair.key as Node, of.range),
            value: {
              node: (pair.value as Node | null) ?? undefined,
              range: rangeOf(pair.value as Node | null, rangeOf(pair.key as Node, of.range)),
              keyRange: rangeOf(pair.key as Node, of.range),
            },
          },
        ]
      : [],
  );
}

/** A short place to tell what a mapping lacks: its first key. */
export function firstKey(of: Value): TextRange {
  return keys(of)[0]?.range ?? of.range;
}

/** Whether a scalar stands in quotes. */
export function isQuoted(of: Value): boolean {
  return isScalar(of.node) && (of.node.type === "QUOTE_DOUBLE" || of.node.type === "QUOTE_SINGLE");
}

/** Whether YAML reads a scalar as a number or a truth value, not as a text. */
export function isPlainValue(of: Value): boolean {
  return isScalar(of.node) && (typeof of.node.value === "number" || typeof of.node.value === "boolean");
}

/** Whether a mapping is written in braces. */
export function isInBraces(of: Value): boolean {
  return isMap(of.node) && of.node.flow === true;
}

/** What to delete of a text so that a key of a mapping is gone; undefined where the mapping has no other. */
export function removalOf(of: Value, name: string, source: string): TextRange | undefined {
  const all = keys(of);
  const index = all.findIndex((it) => it.name === name);
  const own = all[index];
  if (own === undefined || all.length < 2) return undefined;
  const next = all[index + 1];
  if (next) return { start: own.range.start, end: next.range.start };
  const end = Math.max(own.range.end, own.value.range.end);
  const start = isInBraces(of) ? all[index - 1]!.value.range.end : source.lastIndexOf("\n", own.range.start);
  return start < 0 || start > own.range.start ? undefined : { start, end };
}

function text_(of: Value): string | undefined {
  return isScalar(of.node) && of.node.value !== null && of.node.value !== undefined ? String(of.node.value) : undefined;
}

/** A scalar as text, `99.9` as `"99.9"`. */
export const text = text_;

/** A scalar as a number; a text that reads as one counts. */
export function number(of: Value): number | undefined {
  const found = text_(of);
  if (found === undefined || found.trim() === "") return undefined;
  const value = Number(found.trim().replace(/%$/, ""));
  return Number.isFinite(value) ? value : undefined;
}

export function bool(of: Value): boolean | undefined {
  const found = text_(of);
  return found === "true" ? true : found === "false" ? false : undefined;
}

/** Texts of a mapping of scalars; lists are joined by commas. */
export function texts(of: Value): Record<string, string> {
  const found: Record<string, string> = {};
  for (const { name, value } of keys(of)) {
    const one =
      text_(value) ??
      (isSeq(value.node)
        ? items(value)
            .flatMap((it) => text_(it) ?? [])
            .join(",")
        : undefined);
    if (one !== undefined) found[name] = one;
  }
  return found;
}

/** Where a scalar's own text stands, without its quotes, for offsets into it; undefined for folded and escaped ones. */
export function contentRange(of: Value, source: string): TextRange | undefined {
  const found = text_(of);
  if (found === undefined) return undefined;
  const { start, end } = of.range;
  const raw = source.slice(start, end);
  if (raw === found) return { start, end };
  if ((raw.startsWith('"') || raw.startsWith("'")) && raw.slice(1, -1) === found)
    return { start: start + 1, end: end - 1 };
  return { start, end };
}
