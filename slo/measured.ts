/** What the answers say of one objective: counts, slices, how far they reach back, and what is missing of them. */
import { burnWindows, type Counts, errorBudget, sliceBudget, toCounts, type WindowMeasure } from "./maths.ts";
import type { Cause, ObjectiveStatus, Slo } from "./model.ts";
import type { Answers, Plan } from "./query-plan.ts";
import type { QueryTools } from "./query-tools.ts";
import { recordedRatio } from "./recorded-rules.ts";
import { causeOf, type Evidence } from "./state.ts";
import { causeOfFault, type MetricAnswer, type Source } from "./telemetry/source.ts";

export interface Measured {
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

export function measure(planned: Plan, answers: Answers, kind: Source["kind"], tools: QueryTools): Measured {
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
export function isPartial(planned: Plan, answers: Answers): boolean {
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

export function slices(slo: Slo, read: (name: string) => Read | undefined) {
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

/** The budget left after each step of the window, from the failures of each step against what the whole window allows. */
export function historyOf(planned: Plan, answers: Answers, counts: Counts | undefined): ObjectiveStatus["history"] {
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
