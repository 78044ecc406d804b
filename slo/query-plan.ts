/** What is asked for one objective: the counts of its window, of its burn rates, of its slices and its chart. */
import { lookBackSeconds } from "./calendar.ts";
import { queriesOf } from "./match.ts";
import { burnWindows } from "./maths.ts";
import type { BudgetingMethod, Indicator, Slo } from "./model.ts";
import { promDuration, type QueryTools, selectorText } from "./query-tools.ts";
import { RECORDED_FROM, recordedCounts, recordedRatio } from "./recorded-rules.ts";
import type { MetricAnswer, MetricRequest, Source } from "./telemetry/source.ts";
import type { obstacles } from "./words.ts";

export type Answers = ReadonlyMap<string, MetricAnswer>;

/** Points of a burn-down chart. */
const historyPoints = 28;

/** What is asked for one objective; keys are unique in the whole batch. */
export interface Plan {
  readonly slo: Slo;
  /** Seconds that the numbers are looked back on. */
  readonly window: number;
  readonly key: string;
  readonly requests: readonly MetricRequest[];
  readonly method: BudgetingMethod | "time-weighted";
  /** Why the indicator cannot be evaluated at all. */
  readonly impossible?: { readonly obstacle: string } & Readonly<Record<string, string>>;
}

interface PlanContext {
  readonly kind: Source["kind"];
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly tools: QueryTools;
  /** What was asked first: which rules are recorded. */
  readonly known: Answers;
  readonly withHistory: boolean;
}

export function plan(given: Slo, key: string, { kind, now, tools, known, withHistory }: PlanContext): Plan {
  const slo = { ...given, indicator: counting(given.indicator, tools) };
  const { indicator } = slo;
  const window = lookBackSeconds(slo.window, now);
  const base = { slo, key, window };
  const cannot = (impossible: { readonly obstacle: keyof typeof obstacles }): Plan => ({
    ...base,
    requests: [],
    method: slo.method,
    impossible,
  });
  if (!(window > 0) || !Number.isFinite(window)) return cannot({ obstacle: "window" });
  if (queriesOf(indicator).some((query) => query.isTemplated)) return cannot({ obstacle: "templated" });
  const looks = [...burnWindows(slo.window.seconds).filter((seconds) => seconds !== window), window];
  const requests: MetricRequest[] = [];
  const add = (name: string, query: string | undefined, range?: MetricRequest["range"]) => {
    if (query !== undefined) requests.push({ key: `${key}|${name}`, query, ...(range === undefined ? {} : { range }) });
  };

  if (indicator.type === "ratio") {
    const queries = [indicator.total, indicator.good, indicator.bad].filter((query) => query !== undefined);
    if (queries.some((query) => query.dialect !== "promql")) return cannot({ obstacle: "not-promql" });
    if (queries.length < 2) return cannot({ obstacle: "one-part" });
    const recorded = recordedCounts(slo, known, tools);
    for (const seconds of looks) {
      if (seconds === window && recorded !== undefined) {
        add(`total|${seconds}`, recorded.total);
        add(`${indicator.bad === undefined ? "good" : "bad"}|${seconds}`, recorded.part);
        continue;
      }
      if (seconds !== window && seconds >= RECORDED_FROM && recordedRatio(slo, seconds, known) !== undefined) continue;
      add(`total|${seconds}`, tools.countOf(indicator.total.text, seconds));
      if (indicator.bad !== undefined) add(`bad|${seconds}`, tools.countOf(indicator.bad.text, seconds));
      else if (indicator.good !== undefined) add(`good|${seconds}`, tools.countOf(indicator.good.text, seconds));
    }
    if (!requests.some((request) => request.key.startsWith(`${key}|total`))) return cannot({ obstacle: "unreadable" });
    if (slo.method !== "request-weighted") addSlices(add, slo, window, tools);
    if (kind === "prometheus") add("reach", reachQuery(indicator.total.text, window, tools));
    if (withHistory && kind === "prometheus") {
      const step = historyStep(window);
      const end = Math.floor(now / 1000);
      // The first slice ends one step into the window; the chart's first point is the whole budget.
      const range = { start: end - step * (historyPoints - 1), end, step };
      const bad = indicator.bad ?? indicator.good;
      add(indicator.bad !== undefined ? "history-bad" : "history-good", tools.countOf(bad!.text, step), range);
      if (indicator.bad === undefined) add("history-total", tools.countOf(indicator.total.text, step), range);
    }
    return { ...base, requests, method: slo.method };
  }
  if (indicator.type === "raw") {
    const query = indicator.errorRatio ?? indicator.successRatio;
    if (query === undefined || query.dialect !== "promql") return cannot({ obstacle: "not-promql" });
    const division = tools.divisionOf?.(query.text);
    // Without one series of failures the numerator is empty, and with it the ratio: it is zero then, if its labels fit.
    const whole =
      division === undefined ? query.text : `(((${division.numerator})) or vector(0)) / (${division.denominator})`;
    for (const seconds of looks) {
      if (seconds !== window && recordedRatio(slo, seconds, known) !== undefined) continue;
      add(`raw|${seconds}`, tools.ratioOf(whole, seconds));
    }
    if (division !== undefined) add(`raw-part|${window}`, tools.ratioOf(division.numerator, window));
    if (requests.length === 0) add(`raw|${window}`, averaged(query.text, window));
    return { ...base, requests, method: "time-weighted" };
  }
  if (indicator.type === "bool") {
    if (indicator.metric.dialect !== "promql") return cannot({ obstacle: "not-promql" });
    for (const seconds of looks)
      add(`success|${seconds}`, `avg(avg_over_time(${indicator.metric.text}[${promDuration(seconds)}]))`);
    return { ...base, requests, method: "time-weighted" };
  }
  if (indicator.type === "threshold") {
    const { query, op, value } = indicator;
    if (query.dialect !== "promql") return cannot({ obstacle: "not-promql" });
    if (op === undefined || value === undefined) return cannot({ obstacle: "no-threshold" });
    const sign = { lte: "<=", gte: ">=", lt: "<", gt: ">" }[op];
    const text = tools.ratioOf(query.text, slo.slice?.seconds ?? 300) ?? query.text;
    for (const seconds of looks) {
      const range = `[${promDuration(seconds)}:${promDuration(slo.slice?.seconds ?? 60)}]`;
      add(`success|${seconds}`, `avg_over_time(((${text}) ${sign} bool ${value})${range})`);
    }
    return { ...base, requests, method: "time-weighted" };
  }
  if (indicator.type === "latency-native") {
    if (indicator.total.dialect !== "promql") return cannot({ obstacle: "not-promql" });
    for (const seconds of looks) {
      const total = tools.selectorsOf(indicator.total.text)[0];
      if (total === undefined) return cannot({ obstacle: "unreadable" });
      const increase = `increase(${indicator.total.text}[${promDuration(seconds)}])`;
      add(`total|${seconds}`, `sum(histogram_count(${increase}))`);
      add(
        `good|${seconds}`,
        `sum(histogram_fraction(0, ${indicator.thresholdSeconds}, ${increase}) * histogram_count(${increase}))`,
      );
    }
    return { ...base, requests, method: slo.method };
  }
  return { ...cannot({ obstacle: "no-indicator" }), impossible: { ...indicator.data, obstacle: indicator.obstacle } };
}

/**
 * A ratio of two sums of counters, as Sloth's `raw` often is, is a count of failures beside a count of requests: told
 * so, there are people behind it, and no average of averages.
 */
function counting(indicator: Indicator, tools: QueryTools): Indicator {
  if (indicator.type !== "raw") return indicator;
  const query = indicator.errorRatio ?? indicator.successRatio;
  if (query === undefined || query.dialect !== "promql" || query.isTemplated) return indicator;
  const division = tools.divisionOf?.(query.text);
  if (!division || !tools.countsEvents(division.numerator) || !tools.countsEvents(division.denominator))
    return indicator;
  const total = { ...query, text: division.denominator };
  const part = { ...query, text: division.numerator };
  return indicator.errorRatio === undefined
    ? { type: "ratio", good: part, total }
    : { type: "ratio", bad: part, total };
}

/** Points that the begin of the data is looked for at: the window to one part in a hundred. */
const REACH_POINTS = 100;

/**
 * How many seconds the samples of a query's first selector reach back within a window. A server that keeps two weeks, or
 * was installed yesterday, answers for a month all the same, and counts what it has. Undefined where there is no selector.
 */
function reachQuery(query: string, windowSeconds: number, tools: QueryTools): string | undefined {
  const [selector] = tools.selectorsOf(query);
  if (selector === undefined) return undefined;
  const step = promDuration(Math.max(60, Math.round(windowSeconds / REACH_POINTS)));
  return `time() - min(min_over_time(timestamp(${selectorText(selector)})[${promDuration(windowSeconds)}:${step}]))`;
}

/** The mean of a ratio that fixes its own look-back, over the window; NaN of empty times is left out. */
function averaged(query: string, windowSeconds: number): string {
  return `avg_over_time(((${query}) >= 0)[${promDuration(windowSeconds)}:5m])`;
}

/** Slices counted by the server: `bad / total` per slice, over the window. Empty slices are NaN and count for nothing. */
function addSlices(
  add: (name: string, query: string | undefined) => void,
  slo: Slo,
  window: number,
  tools: QueryTools,
) {
  if (slo.indicator.type !== "ratio") return;
  const { good, bad, total } = slo.indicator;
  const seconds = slo.slice?.seconds ?? (slo.method === "timeslices" ? 60 : 300);
  const totals = tools.countOf(total.text, seconds);
  const part =
    bad !== undefined
      ? tools.countOf(bad.text, seconds)
      : good === undefined
        ? undefined
        : tools.countOf(good.text, seconds);
  if (totals === undefined || part === undefined) return;
  // Without a series of failures the ratio would be empty, not zero.
  const ratio =
    bad !== undefined ? `1 - (((${part}) or vector(0)) / (${totals}))` : `(((${part}) or vector(0)) / (${totals}))`;
  const range = `[${promDuration(window)}:${promDuration(seconds)}]`;
  add("slices", `count_over_time(((${ratio}) >= 0)${range})`);
  if (slo.method === "timeslices")
    add("bad-slices", `count_over_time(((${ratio}) < ${slo.slice?.target ?? slo.target})${range})`);
  else add("mean-slices", `avg_over_time(((${ratio}) >= 0)${range})`);
}

function historyStep(windowSeconds: number): number {
  return Math.max(60, Math.round(windowSeconds / historyPoints));
}
