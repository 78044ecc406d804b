/**
 * The part of PromQL that indicators are written in, evaluated over a few scrapes held in memory: selectors, `rate` and
 * `increase`, aggregation, arithmetic, comparison and set operators. Anything else is named and left to a server.
 */
import type { SyntaxNode } from "@lezer/common";
import { parser } from "@prometheus-io/lezer-promql";
import { prometheusSeconds } from "../formats/duration.ts";
import type { LabelMatcher, MatchOp } from "../match.ts";
import { matchesPattern } from "../safe-pattern.ts";
import type { ExposedSeries } from "./exposition.ts";

export interface Scrape {
  /** Unix seconds. */
  readonly time: number;
  readonly series: readonly ExposedSeries[];
  /** Unix seconds at which the process started, where it says so (`process_start_time_seconds`). */
  readonly startTime?: number;
}

export interface EvalSample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export type EvalResult =
  | {
      readonly ok: true;
      readonly samples: readonly EvalSample[];
      /** The shortest look-back that a range selector could really use, where shorter than it asked for. */
      readonly coversSeconds?: number;
    }
  | { readonly ok: false; readonly kind: "beyond-scrape" | "query-refused"; readonly detail: string };

type Vector = readonly EvalSample[];
type Value = { readonly scalar: number } | { readonly vector: Vector };

class Beyond extends Error {}
class Wrong extends Error {}

/** Look-backs of a day and more hold the whole life of a local process that does not say when it started. */
const DAY = 86_400;

/** Evaluates a query at the time of the newest scrape. Scrapes are oldest first. Never throws. */
export function evaluatePromql(query: string, scrapes: readonly Scrape[]): EvalResult {
  const newest = scrapes.at(-1);
  if (newest === undefined) return { ok: true, samples: [], coversSeconds: 0 };
  if (query.length > 20_000) return { ok: false, kind: "query-refused", detail: "it is too long" };
  const tree = parser.parse(query);
  let covers = Number.POSITIVE_INFINITY;
  const text = (node: SyntaxNode) => query.slice(node.from, node.to);

  function evaluate(node: SyntaxNode, depth: number): Value {
    if (depth > 100) throw new Wrong("it is nested too deeply");
    switch (node.name) {
      case "ParenExpr":
        return evaluate(childExpr(node, 0), depth + 1);
      case "NumberDurationLiteral":
        return { scalar: toSeconds(text(node)) };
      case "UnaryExpr": {
        const value = evaluate(childExpr(node, 0), depth + 1);
        return text(node).startsWith("-") ? mapValue(value, (each) => -each) : value;
      }
      case "VectorSelector":
        return {
          vector: selected(node, newest!).map(({ name, labels, value }) => ({
            labels: { ...labels, __name__: name },
            value,
          })),
        };
      case "FunctionCall":
        return call(node, depth);
      case "AggregateExpr":
        return aggregate(node, depth);
      case "BinaryExpr":
        return binary(node, depth);
      default:
        throw new Beyond(describe(node));
    }
  }

  function selected(node: SyntaxNode, scrape: Scrape): readonly ExposedSeries[] {
    const matchers = matchersOf(node, query);
    return scrape.series.filter((series) => matchers.every((matcher) => fits(matcher, series)));
  }

  /** The series of a range selector with its length; `offset` and subqueries look back further than we do. */
  function range(node: SyntaxNode): { readonly selector: SyntaxNode; readonly seconds: number } {
    const inner = node.name === "ParenExpr" ? childExpr(node, 0) : node;
    if (inner.name !== "MatrixSelector") throw new Beyond(describe(inner));
    const selector = childExpr(inner, 0);
    if (selector.name !== "VectorSelector") throw new Beyond(describe(selector));
    const duration = inner.getChild("DurationExpr") ?? inner.lastChild?.prevSibling;
    const seconds = toSeconds(text(inner).slice(text(inner).lastIndexOf("[") + 1, -1));
    if (duration === null || !(seconds > 0)) throw new Wrong(`the duration of ${text(inner).slice(0, 80)}`);
    return { selector, seconds };
  }

  function increase(node: SyntaxNode, perSecond: boolean): Vector {
    const { selector, seconds } = range(node);
    const lookback = lookBack(scrapes, seconds);
    covers = Math.min(covers, lookback.covers);
    if (lookback.covers <= 0) return [];
    const matchers = matchersOf(selector, query);
    const isWanted = (series: ExposedSeries) => matchers.every((matcher) => fits(matcher, series));
    const totals = new Map<string, { labels: Readonly<Record<string, string>>; last: number; sum: number }>();
    const used = scrapes.slice(lookback.from);
    used.forEach((scrape, index) => {
      const before = used[index - 1];
      const isRestart =
        before?.startTime !== undefined &&
        scrape.startTime !== undefined &&
        Math.abs(scrape.startTime - before.startTime) > 2;
      for (const series of scrape.series) {
        if (!isWanted(series) || !Number.isFinite(series.value)) continue;
        const key = keyOf(series.labels, series.name);
        const total = totals.get(key);
        if (total === undefined) {
          // The first scrape is the base line, unless the look-back reaches to where the counters were zero. A series
          // that appears later began at zero.
          const isBase = index === 0 && !lookback.isFromZero;
          totals.set(key, { labels: series.labels, last: series.value, sum: isBase ? 0 : series.value });
        } else {
          total.sum += isRestart || series.value < total.last ? series.value : series.value - total.last;
          total.last = series.value;
        }
      }
    });
    const divisor = perSecond ? Math.min(seconds, lookback.covers) : 1;
    return [...totals.values()].map(({ labels, sum }) => ({ labels, value: sum / divisor }));
  }

  function overTime(node: SyntaxNode, reduce: (values: readonly number[]) => number): Vector {
    const { selector, seconds } = range(node);
    const from = newest!.time - seconds;
    const used = scrapes.filter((scrape) => scrape.time >= from);
    covers = Math.min(covers, newest!.time - (used[0]?.time ?? newest!.time));
    const found = new Map<string, { labels: Readonly<Record<string, string>>; values: number[] }>();
    for (const scrape of used) {
      for (const series of selected(selector, scrape)) {
        const key = keyOf(series.labels, series.name);
        const entry = found.get(key) ?? { labels: series.labels, values: [] };
        entry.values.push(series.value);
        found.set(key, entry);
      }
    }
    return [...found.values()].map(({ labels, values }) => ({ labels, value: reduce(values) }));
  }

  function call(node: SyntaxNode, depth: number): Value {
    const name = text(node.firstChild!).toLowerCase();
    const args = argumentsOf(node);
    const first = () => args[0] ?? fail(`${name} without an argument`);
    const number = (index: number) => {
      const value = evaluate(args[index] ?? fail(`${name} with too few arguments`), depth + 1);
      return "scalar" in value ? value.scalar : fail(`${name} with a vector for a number`);
    };
    switch (name) {
      case "rate":
      case "irate":
        return { vector: increase(first(), true) };
      case "increase":
        return { vector: increase(first(), false) };
      case "last_over_time":
        return { vector: overTime(first(), (values) => values.at(-1)!) };
      case "sum_over_time":
        return { vector: overTime(first(), (values) => values.reduce((a, b) => a + b, 0)) };
      case "count_over_time":
        return { vector: overTime(first(), (values) => values.length) };
      case "avg_over_time":
        return { vector: overTime(first(), (values) => values.reduce((a, b) => a + b, 0) / values.length) };
      case "max_over_time":
        return { vector: overTime(first(), (values) => Math.max(...values)) };
      case "min_over_time":
        return { vector: overTime(first(), (values) => Math.min(...values)) };
      case "vector":
        return { vector: [{ labels: {}, value: number(0) }] };
      case "scalar": {
        const value = evaluate(first(), depth + 1);
        return { scalar: "vector" in value && value.vector.length === 1 ? value.vector[0]!.value : Number.NaN };
      }
      case "clamp_min": {
        const low = number(1);
        return dropName(mapValue(evaluate(first(), depth + 1), (each) => Math.max(each, low)));
      }
      case "clamp_max": {
        const high = number(1);
        return dropName(mapValue(evaluate(first(), depth + 1), (each) => Math.min(each, high)));
      }
      case "abs":
      case "ceil":
      case "floor":
        return dropName(mapValue(evaluate(first(), depth + 1), Math[name]));
      case "time":
        return { scalar: newest!.time };
      default:
        throw new Beyond(`${name}()`);
    }
  }

  function aggregate(node: SyntaxNode, depth: number): Value {
    const op = text(node.getChild("AggregateOp")!).toLowerCase();
    const modifier = node.getChild("AggregateModifier");
    const names = modifier === null ? [] : labelNames(modifier.getChild("GroupingLabels"));
    const isWithout = modifier?.getChild("Without") != null;
    const args = argumentsOf(node);
    const input = evaluate(args[0] ?? fail(`${op} without an argument`), depth + 1);
    if ("scalar" in input) fail(`${op} of a number`);
    const groups = new Map<string, { labels: Record<string, string>; values: number[] }>();
    for (const sample of (input as { vector: Vector }).vector) {
      const kept = Object.entries(sample.labels).filter(([label]) =>
        isWithout ? label !== "__name__" && !names.includes(label) : names.includes(label),
      );
      const labels = Object.fromEntries(kept);
      const key = keyOf(labels);
      const group = groups.get(key) ?? { labels, values: [] };
      group.values.push(sample.value);
      groups.set(key, group);
    }
    const reduce = reducers[op];
    if (reduce === undefined) throw new Beyond(`${op}()`);
    return { vector: [...groups.values()].map(({ labels, values }) => ({ labels, value: reduce(values) })) };
  }

  function binary(node: SyntaxNode, depth: number): Value {
    const operands = childExprs(node);
    const left = evaluate(operands[0] ?? fail("an operator without operands"), depth + 1);
    const right = evaluate(operands[1] ?? fail("an operator with one operand"), depth + 1);
    const op = operatorOf(node);
    const isBool = node.getChild("BoolModifier") !== null;
    const matching = node.getChild("MatchingModifierClause");
    if (matching !== null && (matching.getChild("GroupLeft") !== null || matching.getChild("GroupRight") !== null))
      throw new Beyond("group_left, group_right");
    if (node.getChild("FillModifier") !== null) throw new Beyond("fill");
    const names = matching === null ? [] : labelNames(matching.getChild("GroupingLabels"));
    const isOn = matching?.getChild("On") != null;
    const matchKey = (labels: Readonly<Record<string, string>>) =>
      keyOf(
        Object.fromEntries(
          Object.entries(labels).filter(
            ([label]) => label !== "__name__" && (isOn ? names.includes(label) : !names.includes(label)),
          ),
        ),
      );

    if (op === "and" || op === "or" || op === "unless") {
      if ("scalar" in left || "scalar" in right) return fail(`${op} with a number`);
      const inRight = new Set(right.vector.map((sample) => matchKey(sample.labels)));
      if (op === "and") return { vector: left.vector.filter((sample) => inRight.has(matchKey(sample.labels))) };
      if (op === "unless") return { vector: left.vector.filter((sample) => !inRight.has(matchKey(sample.labels))) };
      const inLeft = new Set(left.vector.map((sample) => matchKey(sample.labels)));
      return { vector: [...left.vector, ...right.vector.filter((sample) => !inLeft.has(matchKey(sample.labels)))] };
    }
    const compute = operators[op] ?? fail(`the operator ${op}`);
    const isComparison = comparisons.has(op);
    if ("scalar" in left && "scalar" in right) return { scalar: compute(left.scalar, right.scalar) };
    const settle = (sample: EvalSample, value: number): EvalSample | undefined => {
      if (!isComparison) return { labels: withoutName(sample.labels), value };
      if (isBool) return { labels: withoutName(sample.labels), value };
      return value === 1 ? sample : undefined;
    };
    const kept = (samples: readonly (EvalSample | undefined)[]) => ({
      vector: samples.filter((sample) => sample !== undefined),
    });
    if ("scalar" in right)
      return kept(
        (left as { vector: Vector }).vector.map((sample) => settle(sample, compute(sample.value, right.scalar))),
      );
    if ("scalar" in left) return kept(right.vector.map((sample) => settle(sample, compute(left.scalar, sample.value))));
    const others = new Map<string, number>();
    for (const sample of right.vector) {
      const key = matchKey(sample.labels);
      if (others.has(key)) throw new Wrong("many-to-many matching");
      others.set(key, sample.value);
    }
    const seen = new Set<string>();
    return kept(
      left.vector.map((sample) => {
        const key = matchKey(sample.labels);
        const other = others.get(key);
        if (other === undefined) return undefined;
        if (seen.has(key)) throw new Wrong("many-to-one matching without group_left");
        seen.add(key);
        return settle(sample, compute(sample.value, other));
      }),
    );
  }

  function labelNames(node: SyntaxNode | null): readonly string[] {
    if (node === null) return [];
    return [...node.getChildren("LabelName"), ...node.getChildren("QuotedLabelName")].map((each) =>
      text(each).replace(/^["']|["']$/g, ""),
    );
  }

  function operatorOf(node: SyntaxNode): string {
    const [left, right] = childExprs(node);
    const between = query.slice(left?.to ?? 0, right?.from ?? 0).trim();
    return (/^(and|or|unless|atan2|==|!=|>=|<=|[-+*/%^<>])/i.exec(between)?.[0] ?? between).toLowerCase();
  }

  try {
    const top = tree.topNode.firstChild;
    if (top === null || hasError(tree.topNode))
      return { ok: false, kind: "query-refused", detail: "its syntax is broken" };
    const value = evaluate(top, 0);
    const samples = "scalar" in value ? [{ labels: {}, value: value.scalar }] : value.vector;
    return { ok: true, samples, ...(Number.isFinite(covers) ? { coversSeconds: covers } : {}) };
  } catch (error) {
    if (error instanceof Beyond) return { ok: false, kind: "beyond-scrape", detail: error.message };
    if (error instanceof Wrong) return { ok: false, kind: "query-refused", detail: error.message };
    if (error instanceof RangeError) return { ok: false, kind: "query-refused", detail: "it is nested too deeply" };
    throw error;
  }
}

function fail(message: string): never {
  throw new Wrong(message);
}

/**
 * From which scrape a look-back counts and how far back it really reaches. Counters begin at zero when the process
 * starts, so a look-back that holds the start needs no base line: one scrape is enough for it.
 */
function lookBack(
  scrapes: readonly Scrape[],
  seconds: number,
): { readonly from: number; readonly isFromZero: boolean; readonly covers: number } {
  const newest = scrapes.at(-1)!;
  const begin = newest.time - seconds;
  let from = -1;
  // The newest scrape at or before the begin of the look-back; a second of grace, for scrapes never come on the dot.
  for (let index = 0; index < scrapes.length; index++) if (scrapes[index]!.time <= begin + 1) from = index;
  if (from >= 0) return { from, isFromZero: false, covers: seconds };
  const oldest = scrapes[0]!;
  if (oldest.startTime !== undefined && oldest.startTime >= begin)
    return { from: 0, isFromZero: true, covers: Math.max(1, newest.time - oldest.startTime) };
  if (seconds >= DAY)
    return {
      from: 0,
      isFromZero: true,
      covers: oldest.startTime === undefined ? Math.max(1, newest.time - oldest.time) : seconds,
    };
  return { from: 0, isFromZero: false, covers: newest.time - oldest.time };
}

const comparisons = new Set(["==", "!=", ">", "<", ">=", "<="]);

const operators: Readonly<Record<string, (a: number, b: number) => number>> = {
  "+": (a, b) => a + b,
  "-": (a, b) => a - b,
  "*": (a, b) => a * b,
  "/": (a, b) => a / b,
  "%": (a, b) => a % b,
  "^": (a, b) => a ** b,
  "==": (a, b) => Number(a === b),
  "!=": (a, b) => Number(a !== b),
  ">": (a, b) => Number(a > b),
  "<": (a, b) => Number(a < b),
  ">=": (a, b) => Number(a >= b),
  "<=": (a, b) => Number(a <= b),
};

const reducers: Readonly<Record<string, (values: readonly number[]) => number>> = {
  sum: (values) => values.reduce((a, b) => a + b, 0),
  avg: (values) => values.reduce((a, b) => a + b, 0) / values.length,
  min: (values) => values.reduce((a, b) => Math.min(a, b)),
  max: (values) => values.reduce((a, b) => Math.max(a, b)),
  count: (values) => values.length,
  group: () => 1,
};

const exprNames = new Set([
  "AggregateExpr",
  "BinaryExpr",
  "FunctionCall",
  "MatrixSelector",
  "NumberDurationLiteral",
  "OffsetExpr",
  "AnchoredExpr",
  "SmoothedExpr",
  "ParenExpr",
  "StringLiteral",
  "SubqueryExpr",
  "UnaryExpr",
  "VectorSelector",
  "StepInvariantExpr",
]);

function childExprs(node: SyntaxNode): readonly SyntaxNode[] {
  const found: SyntaxNode[] = [];
  for (let child = node.firstChild; child !== null; child = child.nextSibling)
    if (exprNames.has(child.name)) found.push(child);
  return found;
}

function childExpr(node: SyntaxNode, index: number): SyntaxNode {
  return childExprs(node)[index] ?? fail("an incomplete expression");
}

function argumentsOf(node: SyntaxNode): readonly SyntaxNode[] {
  const body = node.getChild("FunctionCallBody");
  return body === null ? [] : childExprs(body);
}

function describe(node: SyntaxNode): string {
  const names: Readonly<Record<string, string>> = {
    SubqueryExpr: "subquery",
    OffsetExpr: "offset",
    StepInvariantExpr: "@",
    StringLiteral: "string",
  };
  return names[node.name] ?? node.name;
}

function hasError(node: SyntaxNode): boolean {
  const cursor = node.cursor();
  do {
    if (cursor.type.isError) return true;
  } while (cursor.next());
  return false;
}

function matchersOf(node: SyntaxNode, query: string): readonly LabelMatcher[] {
  const matchers: LabelMatcher[] = [];
  const text = (each: SyntaxNode) => query.slice(each.from, each.to);
  const name = node.getChild("Identifier");
  if (name !== null) matchers.push({ label: "__name__", op: "=", value: text(name) });
  const list = node.getChild("LabelMatchers");
  for (let child = list?.firstChild ?? null; child !== null; child = child.nextSibling) {
    if (child.name === "QuotedLabelName") matchers.push({ label: "__name__", op: "=", value: unquoted(text(child)) });
    else if (child.name === "UnquotedLabelMatcher" || child.name === "QuotedLabelMatcher") {
      const label = child.getChild("LabelName") ?? child.getChild("QuotedLabelName");
      const op = child.getChild("MatchOp");
      const value = child.getChild("StringLiteral");
      if (label === null || op === null || value === null) continue;
      matchers.push({ label: unquoted(text(label)), op: text(op) as MatchOp, value: unquoted(text(value)) });
    }
  }
  return matchers;
}

function unquoted(text: string): string {
  if (text.startsWith("`")) return text.slice(1, -1);
  if (!/^["']/.test(text)) return text;
  return text.slice(1, -1).replace(/\\(.)/g, (_, char: string) => ({ n: "\n", t: "\t", r: "\r" })[char] ?? char);
}

/** Labels that a Prometheus server adds when it scrapes: a page cannot have them, so a matcher on them says nothing here. */
const targetLabels = new Set([
  "job",
  "instance",
  "namespace",
  "pod",
  "container",
  "service",
  "service_name",
  "app",
  "app_kubernetes_io_name",
  "cluster",
  "region",
  "zone",
  "env",
  "environment",
  "node",
  "tenant",
]);

export function isTargetLabel(label: string): boolean {
  return targetLabels.has(label);
}

function fits(matcher: LabelMatcher, series: ExposedSeries): boolean {
  if (matcher.label === "__name__") return accepts(matcher, series.name);
  const value = series.labels[matcher.label];
  if (value === undefined && targetLabels.has(matcher.label)) return true;
  return accepts(matcher, value ?? "");
}

function accepts(matcher: LabelMatcher, value: string): boolean {
  if (matcher.op === "=") return value === matcher.value;
  if (matcher.op === "!=") return value !== matcher.value;
  const matches = matchesPattern(matcher.value, value);
  if (matches === undefined) throw new Beyond(`=~ ${matcher.value.slice(0, 60)}`);
  return (matcher.op === "=~") === matches;
}

/** A number, or a duration such as `1h30m`. NaN for anything else. */
function toSeconds(text: string): number {
  const clean = text.trim().replace(/_/g, "");
  if (/^[+-]?(inf|nan)$/i.test(clean))
    return /nan/i.test(clean)
      ? Number.NaN
      : clean.startsWith("-")
        ? Number.NEGATIVE_INFINITY
        : Number.POSITIVE_INFINITY;
  if (clean !== "" && !Number.isNaN(Number(clean))) return Number(clean);
  return prometheusSeconds(clean) ?? Number.NaN;
}

function keyOf(labels: Readonly<Record<string, string>>, name = ""): string {
  return JSON.stringify([name, ...Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1))]);
}

function withoutName(labels: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const { __name__: _, ...rest } = labels;
  return rest;
}

function mapValue(value: Value, change: (each: number) => number): Value {
  return "scalar" in value
    ? { scalar: change(value.scalar) }
    : { vector: value.vector.map((sample) => ({ labels: sample.labels, value: change(sample.value) })) };
}

function dropName(value: Value): Value {
  return "scalar" in value
    ? value
    : { vector: value.vector.map((sample) => ({ labels: withoutName(sample.labels), value: sample.value })) };
}
