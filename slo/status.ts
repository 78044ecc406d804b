/**
 * The live state of every objective: plans the queries, asks the source once, asks again why something is missing, and
 * judges. Whatever goes wrong becomes a state with a reason; nothing throws and nothing is guessed.
 */
import { lookBackSeconds, periodAt } from "./calendar.ts";
import { diagnose, diagnosisQueries, looksByRoute, shareLabels, shareQueries, sharesFrom } from "./diagnosis.ts";
import { type LabelMatcher, queriesOf } from "./match.ts";
import { burnWindows, type Counts, errorBudget, sliceBudget, toCounts, type WindowMeasure } from "./maths.ts";
import type {
  BudgetingMethod,
  Cause,
  EndpointShare,
  Indicator,
  Match,
  ObjectiveStatus,
  Slo,
  StatusReport,
} from "./model.ts";
import { promDuration, type QueryTools, queryTools, selectorText } from "./query-tools.ts";
import { causeOf, defaultThresholds, type Evidence, judge, staleOf, type Thresholds } from "./state.ts";
import { isTargetLabel } from "./telemetry/scrape-promql.ts";
import { SNAPSHOT_STALE_SECONDS, type SnapshotSource } from "./telemetry/snapshot.ts";
import {
  causeOfFault,
  type Fault,
  type MetricAnswer,
  type MetricRequest,
  type Sample,
  type Source,
} from "./telemetry/source.ts";
import { type obstacles, reasonText, say, sayFault } from "./words.ts";

export interface EvaluateInput {
  readonly slos: readonly Slo[];
  readonly matches: readonly Match[];
  /** Undefined where no telemetry is configured. */
  readonly source: Source | SnapshotSource | undefined;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly signal: AbortSignal;
  readonly tools?: QueryTools;
  readonly thresholds?: Thresholds;
  /** Points for burn-down charts; asked of a Prometheus only. True unless told. */
  readonly withHistory?: boolean;
}

type Answers = ReadonlyMap<string, MetricAnswer>;

/** Points of a burn-down chart. */
const historyPoints = 28;

export async function evaluate(input: EvaluateInput): Promise<StatusReport> {
  const { source, now } = input;
  const evaluatedAt = new Date(now).toISOString();
  if (source === undefined) return withoutSource(input, "no-source");
  if (source.kind === "snapshot") return fromSnapshot(source, input);
  return fromQueries(source, input, evaluatedAt);
}

/** The report where there is nobody to ask, and why. */
export function withoutSource(
  input: Pick<EvaluateInput, "slos" | "matches" | "now">,
  why: "no-source" | "source-off" | "untrusted",
): StatusReport {
  return {
    evaluatedAt: new Date(input.now).toISOString(),
    source: { kind: "none", name: "" },
    objectives: input.slos.map((slo) => without(slo, "no-data", causeOf(why), input)),
    problems: [],
  };
}

// --- snapshot ------------------------------------------------------------------------------------------------------

async function fromSnapshot(source: SnapshotSource, input: EvaluateInput): Promise<StatusReport> {
  const { slos, now } = input;
  const named = { kind: "snapshot" as const, name: source.name };
  const read = await source.read();
  if (!read.ok) {
    const cause = causeOfFault(read.fault);
    return {
      evaluatedAt: new Date(now).toISOString(),
      source: named,
      objectives: slos.map((slo) => without(slo, "no-data", cause, input)),
      ...told([read.fault]),
    };
  }
  const { report } = read;
  const ageSeconds = (now - Date.parse(report.evaluatedAt)) / 1000;
  const byId = new Map(report.objectives.map((status) => [status.id, status]));
  const limit = Math.max(SNAPSHOT_STALE_SECONDS, (input.thresholds ?? defaultThresholds).staleSeconds);
  const objectives = slos.map((slo): ObjectiveStatus => {
    const status = byId.get(slo.id);
    if (status === undefined) return without(slo, "no-data", causeOf("not-in-snapshot"), input);
    // The sentence is said again from its cause: the file's own text is someone else's.
    const said = reasonText(status, "en", { windowSeconds: slo.window.seconds, method: slo.method });
    if (ageSeconds <= limit || status.state === "stale") return { ...status, reason: said };
    const cause = staleOf(status.state, ageSeconds, { ...defaultThresholds, staleSeconds: limit });
    return { ...status, state: "stale", cause, reason: say(cause, "en") };
  });
  const future = ageSeconds < -300 ? [causeOf("future-snapshot")] : [];
  const faults = [...(report.faults ?? []), ...future];
  return {
    evaluatedAt: report.evaluatedAt,
    source: named,
    objectives,
    problems: [...report.problems, ...future.map((each) => say(each, "en"))],
    ...(faults.length === 0 ? {} : { faults }),
  };
}

/** The same report once it has been kept for too long: verdicts become `stale`, the numbers stay. */
export function aged(report: StatusReport, now: number, thresholds: Thresholds = defaultThresholds): StatusReport {
  const ageSeconds = (now - Date.parse(report.evaluatedAt)) / 1000;
  const limit =
    report.source.kind === "snapshot"
      ? Math.max(SNAPSHOT_STALE_SECONDS, thresholds.staleSeconds)
      : thresholds.staleSeconds;
  if (!(ageSeconds > limit) || report.source.kind === "none") return report;
  const objectives = report.objectives.map((status) => {
    if (status.state === "stale" || status.state === "no-data" || status.state === "unmatched") return status;
    const cause = staleOf(status.state, ageSeconds, { ...thresholds, staleSeconds: limit });
    return { ...status, state: "stale" as const, cause, reason: say(cause, "en") };
  });
  return { ...report, objectives };
}

// --- queries -------------------------------------------------------------------------------------------------------

/** What is asked for one objective; keys are unique in the whole batch. */
interface Plan {
  readonly slo: Slo;
  /** Seconds that the numbers are looked back on. */
  readonly window: number;
  readonly key: string;
  readonly requests: readonly MetricRequest[];
  readonly method: BudgetingMethod | "time-weighted";
  /** Why the indicator cannot be evaluated at all. */
  readonly impossible?: { readonly obstacle: string } & Readonly<Record<string, string>>;
}

async function fromQueries(source: Source, input: EvaluateInput, evaluatedAt: string): Promise<StatusReport> {
  const tools = input.tools ?? queryTools;
  const recorded = source.kind === "prometheus" ? recordedRequests(input.slos) : [];
  const known: Answers = recorded.length === 0 ? new Map() : await source.query(recorded, input.signal);
  const plans = input.slos.map((slo, index) =>
    plan(slo, `${index}`, { kind: source.kind, now: input.now, tools, known, withHistory: input.withHistory ?? true }),
  );
  let grouped = 0;
  const shares = plans.flatMap(({ slo, key, window, impossible }) => {
    const matches = input.matches.filter((match) => match.sloId === slo.id);
    if (impossible !== undefined || matches.length === 0) return [];
    const ofWindow = shareQueries(slo, key, matches, tools, window, recordedCounts(slo, known, tools, shareLabels));
    // A page of one service has no history to look back on.
    if (source.kind !== "prometheus" || !isByRoute(matches) || ++grouped > MAX_GROUPED) return ofWindow;
    const looks = looksOf(slo).filter((seconds) => recordedByRoute(slo, seconds, known).length === 0);
    return [
      ...ofWindow,
      ...looks.flatMap((seconds) => shareQueries(slo, `${key}|look${seconds}`, matches, tools, seconds)),
    ];
  });
  const asking = [...plans.flatMap((each) => each.requests), ...shares];
  const answers: Answers = new Map([...known, ...(await source.query(asking, input.signal))]);

  const first = plans.map((each) => measure(each, answers, source.kind, tools));
  const questions = first.flatMap((each) =>
    each.missing === undefined ? [] : diagnosisQueries(each.missing, each.plan.key),
  );
  const asked = questions.length === 0 ? new Map<string, MetricAnswer>() : await source.query(questions, input.signal);

  const objectives = first.map((measured) => settle(measured, answers, asked, known, input, tools));
  const requests = plans.flatMap((each) => each.requests);
  return {
    evaluatedAt,
    source: { kind: source.kind, name: source.name },
    objectives,
    ...told(requests.flatMap(({ key }) => faultsIn(answers.get(key), source.name))),
  };
}

/** Problems that are told of one report. */
const MAX_PROBLEMS = 20;

/** Faults once each, in words and as data. */
function told(faults: readonly Fault[]): Pick<StatusReport, "problems" | "faults"> {
  const said = new Map<string, Cause>();
  for (const fault of faults) {
    if (said.size >= MAX_PROBLEMS) break;
    said.set(sayFault(fault, "en"), { key: fault.kind, data: fault.data });
  }
  return { problems: [...said.keys()], ...(said.size === 0 ? {} : { faults: [...said.values()] }) };
}

/** What one answer has to tell of: its fault, or what the server warned of. */
function faultsIn(answer: MetricAnswer | undefined, address: string): readonly Fault[] {
  if (answer === undefined) return [];
  if (answer.ok) return (answer.warnings ?? []).map((detail) => ({ kind: "warned", data: { address, detail } }));
  return answer.fault.kind === "beyond-scrape" ? [] : [answer.fault];
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

function plan(given: Slo, key: string, { kind, now, tools, known, withHistory }: PlanContext): Plan {
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

// --- what Sloth and Pyrra have recorded ----------------------------------------------------------------------------

/** Look-backs from which a recorded ratio replaces the raw query: short ones are cheap, and their counts tell chance from trouble. */
const RECORDED_FROM = 86_400;

/**
 * What is asked first where files are Sloth's or Pyrra's: both record their queries as rules, and a month of raw series
 * costs a server a thousand times what a recorded one does. One question for each tool, whatever the number of files.
 */
function recordedRequests(slos: readonly Slo[]): readonly MetricRequest[] {
  const either = (names: readonly string[]) =>
    JSON.stringify(
      [...new Set(names)]
        .slice(0, 500)
        .map((name) => name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"))
        .join("|"),
    );
  const sloth = slos.filter((slo) => slo.format.startsWith("sloth")).map(slothId);
  const pyrra = slos.filter((slo) => slo.format === "pyrra").map((slo) => slo.name);
  const periods = new Set(
    slos.filter((slo) => slo.format.startsWith("sloth")).map((slo) => weeksOrDays(slo.window.seconds)),
  );
  // The last are of the whole period, which Sloth averages of five-minute ratios.
  const ratios = `slo:sli_error:ratio_rate(${["5m", "30m", "1h", "2h", "6h", "1d", "3d", ...periods].join("|")})`;
  const burns = [
    ...new Set(slos.filter((slo) => slo.format === "pyrra").flatMap((slo) => looksOf(slo).map(weeksOrDays))),
  ];
  return [
    ...(sloth.length === 0 ? [] : [{ key: "sloth", query: `{__name__=~"${ratios}",sloth_id=~${either(sloth)}}` }]),
    ...(pyrra.length === 0
      ? []
      : [
          {
            key: "pyrra",
            query: `count by (__name__, slo) ({__name__=~".+:increase[0-9]+[smhdwy]",slo=~${either(pyrra)}})`,
          },
          { key: "pyrra-burnrate", query: `{__name__=~".+:burnrate(${burns.join("|")})",slo=~${either(pyrra)}}` },
        ]),
  ];
}

/** Objectives kept for each route whose look-backs are asked for: each takes a dozen queries. */
const MAX_GROUPED = 20;

const isByRoute = (matches: readonly Match[]): boolean => matches.some((match) => match.by === "grouping");

/** Look-backs shorter than the window that burn rates are reckoned over, in seconds. */
const looksOf = (slo: Slo): readonly number[] =>
  burnWindows(slo.window.seconds).filter((seconds) => seconds < slo.window.seconds);

/** Pyrra's recorded ratios of failures over a look-back: one for each group, or one alone. */
function recordedByRoute(slo: Slo, seconds: number, known: Answers): readonly Sample[] {
  const answer = known.get("pyrra-burnrate");
  const metric = queriesOf(slo.indicator).at(0)?.text;
  if (answer?.ok !== true || slo.format !== "pyrra" || metric === undefined) return [];
  const [selector] = queryTools.selectorsOf(metric);
  if (selector === undefined) return [];
  const name = `${recordedName(selector.metric)}:burnrate${weeksOrDays(seconds)}`;
  return answer.samples.filter((each) => each.labels["__name__"] === name && each.labels["slo"] === slo.name);
}

/** The part of a metric's name that Pyrra keeps in the names of its rules. */
const recordedName = (metric: string): string =>
  metric
    .replace(/_total$/, "")
    .replace(/_count$/, "")
    .replace(/_bucket$/, "");

const slothId = (slo: Slo) => `${slo.service}-${slo.name}`;

/** Pyrra's recorded counts of the whole window, as queries; undefined where it has not recorded this objective. */
function recordedCounts(
  slo: Slo,
  known: Answers,
  tools: QueryTools,
  by?: readonly string[],
): { readonly total: string; readonly part: string } | undefined {
  const answer = known.get("pyrra");
  if (answer?.ok !== true || slo.format !== "pyrra" || slo.indicator.type !== "ratio") return undefined;
  const name = (metric: string) => `${recordedName(metric)}:increase${weeksOrDays(slo.window.seconds)}`;
  const recorded = (query: string | undefined, extra: readonly LabelMatcher[]) => {
    const selectors = query === undefined ? [] : tools.selectorsOf(query);
    const [selector] = selectors;
    if (selector === undefined || selectors.length > 1) return undefined;
    const metric = name(selector.metric);
    const isThere = answer.samples.some(
      (each) => each.labels["__name__"] === metric && each.labels["slo"] === slo.name,
    );
    const matchers = [...selector.matchers, ...extra, { label: "slo", op: "=" as const, value: slo.name }];
    return isThere
      ? `sum${by === undefined ? "" : ` by (${by.join(", ")}) `}(${selectorText({ metric, matchers })})`
      : undefined;
  };
  const { good, bad, total, latencyThresholdSeconds } = slo.indicator;
  // Both counts of a latency objective are recorded under one name; the total's has an empty `le`.
  const ofTotal: readonly LabelMatcher[] =
    latencyThresholdSeconds === undefined ? [] : [{ label: "le", op: "=", value: "" }];
  const whole = recorded(total.text, ofTotal);
  const part = recorded((bad ?? good)?.text, []);
  return whole === undefined || part === undefined ? undefined : { total: whole, part };
}

/** A duration as Prometheus' own library prints it, which is how Sloth and Pyrra name their rules: 28 days are `4w`. */
function weeksOrDays(seconds: number): string {
  const week = 7 * 86_400;
  return seconds % week === 0 ? `${seconds / week}w` : promDuration(seconds);
}

// --- from answers to a state ---------------------------------------------------------------------------------------

interface Measured {
  readonly plan: Plan;
  readonly evidence?: Evidence;
  readonly method: ObjectiveStatus["method"];
  /** Why nothing was measured. */
  readonly cause?: Cause;
  /** A query that answered with no series, to be asked about. */
  readonly missing?: { readonly slo: Slo; readonly part: "total" | "bad" | "good"; readonly query: string };
  readonly coversSeconds?: number;
  readonly isPartial: boolean;
}

type Read =
  | { readonly kind: "value"; readonly value: number; readonly coversSeconds?: number; readonly isPartial: boolean }
  | { readonly kind: "none"; readonly coversSeconds?: number }
  | { readonly kind: "not-finite"; readonly text: string }
  | { readonly kind: "fault"; readonly cause: Cause };

/** The sum of a vector. One series that is no number makes the sum none: a part cannot stand for the whole. */
function readSum(answers: Answers, key: string): Read | undefined {
  const answer = answers.get(key);
  if (answer === undefined) return undefined;
  if (!answer.ok) return { kind: "fault", cause: causeOfFault(answer.fault) };
  const covers = answer.coversSeconds === undefined ? {} : { coversSeconds: answer.coversSeconds };
  if (answer.samples.length === 0) return { kind: "none", ...covers };
  let sum = 0;
  for (const sample of answer.samples) {
    if (sample.value === undefined) return { kind: "not-finite", text: sample.text };
    sum += sample.value;
  }
  return Number.isFinite(sum)
    ? { kind: "value", value: sum, isPartial: answer.isPartial, ...covers }
    : { kind: "not-finite", text: String(sum) };
}

function measure(planned: Plan, answers: Answers, kind: Source["kind"], tools: QueryTools): Measured {
  const { slo, key } = planned;
  const nothing = (cause: Cause): Measured => ({ plan: planned, method: planned.method, cause, isPartial: false });
  // What cannot be asked may still have been recorded: by Sloth, which knows its plugins and what Helm has filled in.
  if (planned.impossible !== undefined)
    return recordedOnly(planned, answers) ?? nothing(causeOf("not-evaluable", planned.impossible));
  const read = (name: string) => readSum(answers, `${key}|${name}`);
  const { window } = planned;
  const base = { target: slo.target, windowSeconds: slo.window.seconds };
  const looks = [...new Set([...burnWindows(slo.window.seconds), window])].sort((a, b) => a - b);

  if (slo.indicator.type === "ratio" || slo.indicator.type === "latency-native") {
    const part = slo.indicator.type === "ratio" && slo.indicator.bad !== undefined ? "bad" : "good";
    const total = read(`total|${window}`);
    const share = read(`${part}|${window}`);
    if (total === undefined || total.kind === "none")
      return { ...nothing(causeOf("no-traffic")), missing: missingOf(slo, "total"), ...coverOf(total) };
    if (total.kind === "not-finite") return nothing(causeOf("not-finite", { problem: total.text }));
    if (share?.kind === "not-finite") return nothing(causeOf("not-finite", { problem: share.text }));
    const measures: WindowMeasure[] = looks.flatMap((seconds): readonly WindowMeasure[] => {
      const each = countsOf(read(`total|${seconds}`), read(`${part}|${seconds}`), part);
      if (each !== undefined && (each.total > 0 || seconds === window))
        return [{ windowSeconds: seconds, counts: each }];
      const ratio = seconds === window ? undefined : recordedRatio(slo, seconds, answers);
      return ratio === undefined ? [] : [{ windowSeconds: seconds, errorRatio: ratio }];
    });
    const fault = total.kind === "fault" ? total : share?.kind === "fault" ? share : undefined;
    if (fault !== undefined)
      return recordedOnly(planned, answers) ?? shorter(planned, measures, base) ?? nothing(fault.cause);
    const counts = countsOf(total, share, part);
    const sliced = slices(slo, read);
    const evidence: Evidence = {
      ...base,
      ...(counts === undefined ? {} : { counts }),
      measures,
      ...(sliced?.evidence ?? {}),
    };
    return {
      plan: planned,
      evidence,
      // Where slices could not be counted (a scrape knows none), what is shown is request-weighted and says so.
      method: slo.method === "request-weighted" || sliced !== undefined ? slo.method : "request-weighted",
      ...(share === undefined || share.kind === "none" ? { missing: missingOf(slo, part) } : {}),
      ...coverOf(total),
      ...reachOf(read("reach")),
      isPartial: isPartial(planned, answers),
    };
  }

  const isError = slo.indicator.type === "raw" && slo.indicator.errorRatio !== undefined;
  const name = slo.indicator.type === "raw" ? "raw" : "success";
  const toError = (value: number) => (isError ? value : 1 - value);
  const whole = read(`${name}|${window}`);
  if (whole?.kind === "fault") return recordedOnly(planned, answers) ?? nothing(whole.cause);
  if (whole?.kind === "not-finite")
    return recordedOnly(planned, answers) ?? nothing(causeOf("not-finite", { problem: whole.text }));
  if (whole === undefined || whole.kind === "none") {
    return recordedOnly(planned, answers) ?? { ...nothing(causeOf("no-values")), missing: missingOf(slo, "total") };
  }
  const measures = looks.flatMap((seconds): readonly WindowMeasure[] => {
    const each = read(`${name}|${seconds}`);
    const ratio = each?.kind === "value" ? toError(each.value) : recordedRatio(slo, seconds, answers);
    return ratio === undefined ? [] : [{ windowSeconds: seconds, errorRatio: ratio }];
  });
  // Several series of one ratio cannot be added up; without weights no one number stands for them.
  const count = answerCount(answers, `${key}|${name}|${window}`);
  if (count > 1) return nothing(causeOf("not-evaluable", { obstacle: "several-series", seriesCount: count }));
  const division =
    slo.indicator.type === "raw" && read(`raw-part|${window}`)?.kind === "none" ? missingPart(slo, tools) : undefined;
  return {
    plan: planned,
    evidence: { ...base, sli: Math.min(1, Math.max(0, 1 - toError(whole.value))), measures },
    method: planned.method,
    ...(division === undefined ? {} : { missing: division }),
    ...(kind === "scrape" ? coverOf(whole) : {}),
    isPartial: isPartial(planned, answers),
  };
}

/** Whether any answer that numbers are made of lacks a part. */
function isPartial(planned: Plan, answers: Answers): boolean {
  return planned.requests.some(({ key }) => {
    const answer = answers.get(key);
    return answer?.ok === true && answer.isPartial;
  });
}

/**
 * The longest look-back that was answered, where the whole window was refused: a server that does not read a month may
 * still read three days. What it covers is said.
 */
function shorter(
  planned: Plan,
  measures: readonly WindowMeasure[],
  base: Pick<Evidence, "target" | "windowSeconds">,
): Measured | undefined {
  const longest = measures.findLast(
    ({ counts, windowSeconds }) => counts !== undefined && windowSeconds >= LEAST_REACH,
  );
  if (longest?.counts === undefined) return undefined;
  return {
    plan: planned,
    evidence: { ...base, counts: longest.counts, measures },
    method: "request-weighted",
    coversSeconds: longest.windowSeconds,
    isPartial: false,
  };
}

/** Look-backs shorter than this say nothing of a budget: a day. */
const LEAST_REACH = 86_400;

function reachOf(read: Read | undefined): { readonly coversSeconds?: number } {
  return read?.kind === "value" && read.value > 0 ? { coversSeconds: read.value } : {};
}

function answerCount(answers: Answers, key: string): number {
  const answer = answers.get(key);
  return answer?.ok === true ? answer.samples.length : 0;
}

function coverOf(read: Read | undefined): { readonly coversSeconds?: number } {
  return read !== undefined && "coversSeconds" in read && read.coversSeconds !== undefined
    ? { coversSeconds: read.coversSeconds }
    : {};
}

function missingOf(slo: Slo, part: "total" | "bad" | "good") {
  const { indicator } = slo;
  const query =
    indicator.type === "ratio"
      ? (part === "total" ? indicator.total : part === "bad" ? indicator.bad : indicator.good)?.text
      : indicator.type === "raw"
        ? (indicator.errorRatio ?? indicator.successRatio)?.text
        : indicator.type === "bool"
          ? indicator.metric.text
          : indicator.type === "threshold"
            ? indicator.query.text
            : indicator.type === "latency-native"
              ? indicator.total.text
              : undefined;
  return { slo, part, query: query ?? "" };
}

/** The numerator of a raw ratio, where it answered with nothing. */
function missingPart(slo: Slo, tools: QueryTools): Measured["missing"] {
  if (slo.indicator.type !== "raw") return undefined;
  const isError = slo.indicator.errorRatio !== undefined;
  const query = (slo.indicator.errorRatio ?? slo.indicator.successRatio)?.text ?? "";
  const division = tools.divisionOf?.(query);
  return division === undefined ? undefined : { slo, part: isError ? "bad" : "good", query: division.numerator };
}

/**
 * Counts of one look-back. A part without any series is zero events of it: a counter of failures is born with the first
 * one. Whether it is that, or a wrong label, is asked afterwards.
 */
function countsOf(total: Read | undefined, part: Read | undefined, name: "bad" | "good"): Counts | undefined {
  if (total?.kind !== "value") return undefined;
  if (part?.kind === "value")
    return toCounts(
      name === "bad" ? { bad: part.value, total: total.value } : { good: part.value, total: total.value },
    );
  if (part?.kind === "none")
    return toCounts(name === "bad" ? { bad: 0, total: total.value } : { good: 0, total: total.value });
  return undefined;
}

function slices(slo: Slo, read: (name: string) => Read | undefined) {
  if (slo.method === "request-weighted") return undefined;
  const counted = read("slices");
  if (counted?.kind !== "value") return undefined;
  if (slo.method === "timeslices") {
    const bad = read("bad-slices");
    if (bad?.kind !== "value" && bad?.kind !== "none") return undefined;
    const budget = sliceBudget({
      target: slo.target,
      sliceSeconds: slo.slice?.seconds ?? 60,
      windowSeconds: slo.window.seconds,
      badSlices: bad.kind === "value" ? bad.value : 0,
      countedSlices: counted.value,
    });
    return {
      evidence: {
        ...(budget.sli === undefined ? {} : { sli: budget.sli }),
        ...(budget.remaining === undefined ? {} : { remaining: budget.remaining }),
      },
    };
  }
  const mean = read("mean-slices");
  if (mean?.kind !== "value") return undefined;
  const allowed = errorBudget(slo.target);
  return {
    evidence: {
      sli: Math.min(1, mean.value),
      ...(allowed > 0 ? { remaining: 1 - (1 - Math.min(1, mean.value)) / allowed } : {}),
    },
  };
}

function recordedRatio(slo: Slo, seconds: number, answers: Answers): number | undefined {
  if (slo.format === "pyrra") {
    const own = recordedByRoute(slo, seconds, answers);
    return own.length === 1 ? own[0]!.value : undefined;
  }
  const answer = answers.get("sloth");
  if (answer?.ok !== true || !slo.format.startsWith("sloth")) return undefined;
  const name = `slo:sli_error:ratio_rate${weeksOrDays(seconds)}`;
  const found = answer.samples.filter(
    (sample) => sample.labels["__name__"] === name && sample.labels["sloth_id"] === slothId(slo),
  );
  return found.length === 1 ? found[0]!.value : undefined;
}

/**
 * What Sloth has recorded in place of the queries: the ratio of the whole period is a budget, time-weighted as Sloth
 * computes it; without it the longest of the others says at least where things stand.
 */
function recordedOnly(planned: Plan, answers: Answers): Measured | undefined {
  const { slo } = planned;
  const looks = [...new Set([...burnWindows(slo.window.seconds), slo.window.seconds])].sort((a, b) => a - b);
  const measures = looks.flatMap((seconds): readonly WindowMeasure[] => {
    const errorRatio = recordedRatio(slo, seconds, answers);
    return errorRatio === undefined ? [] : [{ windowSeconds: seconds, errorRatio }];
  });
  const longest = measures.at(-1);
  if (longest?.errorRatio === undefined) return undefined;
  return {
    plan: planned,
    evidence: {
      target: slo.target,
      windowSeconds: slo.window.seconds,
      sli: Math.min(1, Math.max(0, 1 - longest.errorRatio)),
      measures,
    },
    method: "time-weighted",
    coversSeconds: longest.windowSeconds,
    isPartial: false,
  };
}

function settle(
  measured: Measured,
  answers: Answers,
  asked: Answers,
  known: Answers,
  input: EvaluateInput,
  tools: QueryTools,
): ObjectiveStatus {
  const { plan: planned, evidence, missing } = measured;
  const { slo } = planned;
  const diagnosed =
    missing === undefined
      ? undefined
      : diagnose(missing, planned.key, asked, {
          tools,
          ...(input.source?.kind === "scrape" ? { isAdded: isTargetLabel } : {}),
        });
  if (evidence === undefined || diagnosed !== undefined) {
    const cause = diagnosed?.cause ?? measured.cause ?? causeOf("no-traffic");
    return without(slo, diagnosed?.state ?? "no-data", cause, input, measured.method);
  }
  const verdict = judge(evidence, input.thresholds);
  const matches = input.matches.filter((match) => match.sloId === slo.id);
  const shares = sharesFrom(slo, planned.key, matches, answers);
  const history = historyOf(planned, answers, evidence.counts);
  const covers =
    measured.coversSeconds !== undefined && measured.coversSeconds < planned.window * 0.98
      ? measured.coversSeconds
      : undefined;
  const counts = evidence.counts;
  const period = periodAt(slo.window, input.now);
  const partial = measured.isPartial ? { isPartial: true } : {};
  const reach = covers === undefined ? {} : { coversSeconds: covers };
  return {
    id: slo.id,
    state: verdict.state,
    reason: reasonText(
      {
        reason: verdict.reason,
        cause: verdict.cause,
        method: measured.method,
        ...(verdict.remaining === undefined ? {} : { budgetRemaining: verdict.remaining }),
        ...reach,
        ...partial,
      },
      "en",
      { windowSeconds: slo.window.seconds, method: slo.method },
    ),
    cause: verdict.cause,
    ...(counts === undefined ? {} : { good: counts.total - counts.bad, bad: counts.bad, total: counts.total }),
    ...(verdict.sli === undefined ? {} : { sli: verdict.sli }),
    ...(verdict.remaining === undefined ? {} : { budgetRemaining: verdict.remaining }),
    burnRates: verdict.burnRates,
    // The pace against a budget of the part of the window that was seen would mislead.
    ...(verdict.exhaustedInSeconds === undefined ||
    covers !== undefined ||
    // A budget that begins anew before it is empty will not be.
    (period !== undefined && verdict.exhaustedInSeconds * 1000 > period.end - input.now)
      ? {}
      : { exhaustedInSeconds: verdict.exhaustedInSeconds }),
    method: measured.method,
    endpoints: withLooks(shares.endpoints, matches, planned, answers, known),
    ...(shares.cause === undefined ? {} : { sharesCause: shares.cause }),
    ...reach,
    ...partial,
    ...(history === undefined ? {} : { history }),
  };
}

/** The shares of endpoints with what each route did over shorter look-backs, of an objective that is kept for each route. */
function withLooks(
  endpoints: readonly EndpointShare[],
  matches: readonly Match[],
  { slo, key }: Plan,
  answers: Answers,
  known: Answers,
): readonly EndpointShare[] {
  if (!isByRoute(matches)) return endpoints;
  const looks = looksByRoute(slo, key, matches, answers, looksOf(slo), (seconds) =>
    recordedByRoute(slo, seconds, known),
  );
  // Shares stand in the order of the matches.
  return endpoints.map((each, i) => {
    const own = looks.get(matches[i]!) ?? [];
    return each.total === undefined || own.length === 0 ? each : { ...each, looks: own };
  });
}

/** The budget left after each step of the window, from the failures of each step against what the whole window allows. */
function historyOf(planned: Plan, answers: Answers, counts: Counts | undefined): ObjectiveStatus["history"] {
  if (counts === undefined) return undefined;
  const allowed = errorBudget(planned.slo.target) * counts.total;
  if (!(allowed > 0)) return undefined;
  const bad = pointsOf(answers.get(`${planned.key}|history-bad`));
  const good = pointsOf(answers.get(`${planned.key}|history-good`));
  const total = pointsOf(answers.get(`${planned.key}|history-total`));
  const range = planned.requests.find((request) => request.range !== undefined)?.range;
  if (range === undefined || (bad === undefined && (total === undefined || total.size === 0))) return undefined;
  let spent = 0;
  const points: (readonly [number, number])[] = [[range.start - range.step, 1]];
  // A step without a sample had no request, or came before the service did: nothing was spent in it.
  for (let time = range.start; time <= range.end; time += range.step) {
    spent += bad !== undefined ? (bad.get(time) ?? 0) : Math.max(0, (total?.get(time) ?? 0) - (good?.get(time) ?? 0));
    points.push([time, 1 - spent / allowed]);
  }
  return points;
}

function pointsOf(answer: MetricAnswer | undefined): ReadonlyMap<number, number> | undefined {
  if (answer?.ok !== true) return undefined;
  const sums = new Map<number, number>();
  for (const series of answer.series)
    for (const [time, value] of series.points) sums.set(time, (sums.get(time) ?? 0) + value);
  return sums;
}

/** An objective without numbers. */
function without(
  slo: Slo,
  state: "no-data" | "unmatched",
  cause: Cause,
  input: Pick<EvaluateInput, "matches">,
  method: ObjectiveStatus["method"] = slo.method,
): ObjectiveStatus {
  const matches = input.matches.filter((match) => match.sloId === slo.id);
  const endpoints = matches.map(({ endpoint }) => ({ method: endpoint.method, route: endpoint.route }));
  return { id: slo.id, state, reason: say(cause, "en"), cause, burnRates: [], method, endpoints };
}
