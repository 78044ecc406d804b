/**
 * PromQL texts read and changed by offset, so that what a person wrote stays as it is but for the part that changes.
 * Offsets are UTF-16 and of the text as written, templates of Sloth and Grafana included.
 */
import type { LabelMatcher } from "./match.ts";
import type { Slo, TextRange } from "./model.ts";
import { errorIn, nodesNamed, placeholder, promDuration, queryTools, readable, readSelector } from "./query-tools.ts";

export interface SelectorAt {
  /** "" where a selector names no metric. */
  readonly metric: string;
  readonly matchers: readonly LabelMatcher[];
  /** Of the vector selector, its look-back left out. */
  readonly range: TextRange;
  /** The look-back as written, brackets left out: `5m`, `{{.window}}`. */
  readonly lookBack?: { readonly text: string; readonly range: TextRange };
}

/** Whether a text is PromQL, its window templates filled. */
export function parses(text: string): boolean {
  return readable(leveled(text)) !== undefined;
}

/** The first place where a text is no PromQL; undefined where all of it is. */
export function syntaxErrorIn(text: string): { readonly range: TextRange; readonly isFunction: boolean } | undefined {
  const filled = leveled(text);
  const at = errorIn(filled);
  if (at === undefined) return undefined;
  // A function that the grammar has not is a metric to it, which no bracket may follow.
  const name = /[a-zA-Z_]\w*$/.exec(filled.slice(0, at).trimEnd());
  if (name && /^\s*\(/.test(filled.slice(at)))
    return { range: { start: name.index, end: name.index + name[0].length }, isFunction: true };
  const word = /^(?:\w+|\S)/.exec(filled.slice(at))?.[0] ?? "";
  return {
    range: { start: Math.min(at, text.length), end: Math.min(at + word.length, text.length) },
    isFunction: false,
  };
}

/** Whether a query reckons with its parts: `a - b`, `1 - a`, `-a`. */
export function hasOperator(text: string): boolean {
  const root = readable(leveled(text));
  return root !== undefined && ["BinaryExpr", "UnaryExpr"].some((it) => nodesNamed(root, it).length > 0);
}

/** The vector selectors of a query in the order they stand; none of a text that is no PromQL. */
export function readSelectors(text: string): readonly SelectorAt[] {
  const filled = leveled(text);
  const root = readable(filled);
  if (root === undefined) return [];
  return nodesNamed(root, "VectorSelector").map((node): SelectorAt => {
    const matrix = node.parent?.name === "MatrixSelector" ? node.parent : null;
    const start = matrix === null ? -1 : filled.lastIndexOf("[", matrix.to) + 1;
    return {
      ...readSelector(node, text),
      range: { start: node.from, end: node.to },
      ...(matrix !== null && start > 0
        ? { lookBack: { text: text.slice(start, matrix.to - 1).trim(), range: { start, end: matrix.to - 1 } } }
        : {}),
    };
  });
}

/** The query with every window template as a duration; a look-back that is written out stays. */
export function withWindow(text: string, seconds: number): string {
  return text.replace(placeholder, promDuration(seconds));
}

/**
 * The query about fewer series: matchers go into every selector that has not got them. Undefined where the text is no
 * PromQL.
 */
export function withMatchers(text: string, matchers: readonly LabelMatcher[]): string | undefined {
  return withMatchersIn(text, matchers, '"');
}

/** The same with a choice of quotes, for a query that stands in quotes itself. */
export function withMatchersIn(text: string, matchers: readonly LabelMatcher[], quote: '"' | "'"): string | undefined {
  if (!parses(text)) return undefined;
  let changed = text;
  for (const { range, matchers: own } of [...readSelectors(text)].reverse()) {
    const added = matchers
      .filter((it) => !own.some((each) => each.label === it.label && each.op === it.op && each.value === it.value))
      .map((it) => `${labelText(it.label)}${it.op}${quoted(it.value, quote)}`)
      .join(",");
    if (added === "") continue;
    const selector = text.slice(range.start, range.end);
    changed = changed.slice(0, range.start) + inserted(selector, added) + changed.slice(range.end);
  }
  return changed;
}

function inserted(selector: string, added: string): string {
  const open = selector.endsWith("}") ? selector.length - 1 : -1;
  if (open < 0) return `${selector}{${added}}`;
  const before = selector.slice(0, open).trimEnd();
  return `${before}${/[{,]$/.test(before) ? "" : ","}${added}}`;
}

function quoted(value: string, quote: '"' | "'"): string {
  const inner = JSON.stringify(value).slice(1, -1);
  return quote === '"' ? `"${inner}"` : `'${inner.replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
}

const labelText = (label: string) => (/^[a-zA-Z_]\w*$/.test(label) ? label : JSON.stringify(label));

/** A query of events per second, or a bare counter, as events in a window; undefined where it cannot be read. */
export function asIncrease(text: string, seconds: number): string | undefined {
  return queryTools.countOf(text, seconds);
}

export interface CountQueries {
  readonly good?: string;
  readonly bad?: string;
  readonly total: string;
}

/**
 * PromQL that counts an objective's events over a window. Undefined where the indicator carries no counts (`raw`,
 * thresholds, gauges), is in another language, or does not parse.
 */
export function countQueries(slo: Slo, windowSeconds: number): CountQueries | undefined {
  const { indicator } = slo;
  if (indicator.type === "latency-native") {
    const count = (fn: string) => {
      const found = queryTools.countOf(indicator.total.text, windowSeconds);
      return found === undefined ? undefined : `${fn}(${found})`;
    };
    const total = count("histogram_count");
    const good = queryTools.countOf(indicator.total.text, windowSeconds);
    if (total === undefined || good === undefined) return undefined;
    return { good: `histogram_fraction(0, ${indicator.thresholdSeconds}, ${good}) * ${total}`, total };
  }
  if (indicator.type !== "ratio") return undefined;
  const { good, bad, total } = indicator;
  if ([good, bad, total].some((it) => it !== undefined && it.dialect !== "promql")) return undefined;
  const counted = queryTools.countOf(total.text, windowSeconds);
  const part = (bad ?? good) && queryTools.countOf((bad ?? good)!.text, windowSeconds);
  if (counted === undefined || part === undefined) return undefined;
  return { ...(bad ? { bad: part } : { good: part }), total: counted };
}

/** Templates as durations of the same length, so that offsets hold. */
function leveled(text: string): string {
  return text.replace(placeholder, (found) => `1${"0".repeat(Math.max(0, found.length - 2))}m`);
}
