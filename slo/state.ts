/**
 * From what was measured to one of eight states, with the reason. A missing number is never good and never bad: the
 * states `healthy`, `watch`, `burning` and `exhausted` are verdicts, the other four say why there is none.
 */
import {
  type BurnPair,
  burnPairs,
  burnRate,
  burnWindows,
  type Counts,
  costOfOneFailure,
  errorRatioOf,
  eventsForOneFailure,
  firingPairs,
  isLowTraffic,
  isMoreThanChance,
  ratioBudget,
  requestBudget,
  timeToExhaustion,
  type WindowMeasure,
} from "./maths.ts";
import type { BurnRate, Cause, EndpointShare, ObjectiveStatus, Slo, State } from "./model.ts";
import { type CauseKey, say } from "./words.ts";

/** What was measured of one objective. */
export interface Evidence {
  /** Ratio 0..1. */
  readonly target: number;
  readonly windowSeconds: number;
  /** Events over the window, where the indicator counts events. */
  readonly counts?: Counts;
  /** Ratio 0..1 of good, where only that is known (raw indicators, slices). */
  readonly sli?: number;
  /** Share of the budget left, where it was computed in slices. Overrides what `counts` and `sli` say. */
  readonly remaining?: number;
  /** Look-backs for the burn rates. */
  readonly measures: readonly WindowMeasure[];
}

export interface Thresholds {
  /** Share of the budget left at or under which `watch` begins. */
  readonly watchRemaining: number;
  /** Age of the numbers beyond which they are stale, seconds. */
  readonly staleSeconds: number;
}

/** A quarter of the budget, and three refreshes missed at the default of five minutes. */
export const defaultThresholds: Thresholds = { watchRemaining: 0.25, staleSeconds: 900 };

export interface Verdict {
  readonly state: State;
  readonly cause: Cause;
  /** `cause` in English. */
  readonly reason: string;
  readonly sli?: number;
  readonly remaining?: number;
  readonly burnRates: readonly BurnRate[];
  readonly exhaustedInSeconds?: number;
}

/** A cause with the numbers that are no numbers left out, so that no sentence can ever say NaN. */
export function causeOf(key: CauseKey, data: Readonly<Record<string, string | number | undefined>> = {}): Cause {
  const kept: Record<string, string | number> = {};
  for (const [name, value] of Object.entries(data)) {
    if (value === undefined) continue;
    kept[name] = typeof value === "number" && !Number.isFinite(value) ? "–" : value;
  }
  return { key, data: kept };
}

/** A verdict that gives none: no data, unmatched or stale. */
export function noVerdict(state: "no-data" | "unmatched" | "stale", cause: Cause): Verdict {
  return { state, cause, reason: say(cause, "en"), burnRates: [] };
}

/** Judges what was measured. Total: any input, NaN and negative counts included, gives a state and finite numbers. */
export function judge(evidence: Evidence, thresholds: Thresholds = defaultThresholds): Verdict {
  const { target, windowSeconds } = evidence;
  const counts = sane(evidence.counts);
  const budget = counts !== undefined ? requestBudget(counts, target) : ratioBudget(evidence.sli ?? Number.NaN, target);
  const sli = finiteOr(evidence.sli) ?? budget.sli;
  const remaining = finiteOr(evidence.remaining) ?? budget.remaining;
  const measures = evidence.measures.map(saneMeasure);
  const burnRates = burnRatesOf(measures, target, windowSeconds);

  const verdict = (state: State, cause: Cause, exhaustedInSeconds?: number): Verdict => ({
    state,
    cause,
    reason: say(cause, "en"),
    ...(sli === undefined ? {} : { sli }),
    ...(remaining === undefined ? {} : { remaining }),
    burnRates,
    ...(exhaustedInSeconds === undefined ? {} : { exhaustedInSeconds }),
  });

  // Extrapolation leaves fractions; under half an event nothing was counted.
  if (counts !== undefined && counts.total < 0.5) return verdict("no-data", causeOf("no-traffic"));
  if (remaining === undefined || sli === undefined) return verdict("no-data", causeOf("no-traffic"));

  const allowed = counts === undefined ? undefined : requestBudget(counts, target).allowed;
  // Slices are the answer to low traffic: each is judged by itself, however few its requests.
  if (counts !== undefined && evidence.remaining === undefined && isLowTraffic(counts, target)) {
    const data = { badCount: counts.bad, totalCount: counts.total, targetRatio: target };
    if (isMoreThanChance(counts, target)) return verdict("exhausted", causeOf("exhausted-low-traffic", data), 0);
    return verdict(
      "low-traffic",
      causeOf("low-traffic", {
        ...data,
        oneRatio: costOfOneFailure(counts.total, target),
        neededCount: eventsForOneFailure(target),
      }),
    );
  }

  if (remaining <= 0) {
    const cause =
      counts === undefined || evidence.remaining !== undefined
        ? causeOf("exhausted-ratio", { sliRatio: sli, targetRatio: target })
        : causeOf("exhausted", { badCount: counts.bad, allowedCount: Math.floor((allowed ?? 0) + 1e-9) });
    return verdict("exhausted", cause, 0);
  }

  const fast = firingPairs(burnPairs(windowSeconds), measures, target)[0];
  if (fast !== undefined) return verdict("burning", burningCause(fast, burnRates), emptyIn(fast.longSeconds));

  const hot = overBudget(measures, target, windowSeconds);
  if (remaining <= thresholds.watchRemaining) {
    const cause = causeOf("watch-remaining", { remainingRatio: remaining, limitRatio: thresholds.watchRemaining });
    return verdict("watch", cause, emptyIn(hot ?? paceWindow(windowSeconds)));
  }
  const isWhole = counts !== undefined && evidence.remaining === undefined;
  if (isWhole && counts.bad >= 0.5 && requestBudget(counts, target).left <= 0) {
    const allowedCount = Math.floor((allowed ?? 0) + 1e-9);
    return verdict("watch", causeOf("watch-last", { allowedCount }), emptyIn(hot ?? paceWindow(windowSeconds)));
  }
  if (hot !== undefined) {
    return verdict("watch", causeOf("watch-burn", { longBurn: rateAt(hot), longSeconds: hot }), emptyIn(hot));
  }
  const cause =
    counts === undefined || evidence.remaining !== undefined
      ? causeOf("healthy-ratio", { remainingRatio: remaining })
      : causeOf("healthy", {
          leftCount: requestBudget(counts, target).left,
          allowedCount: Math.floor((allowed ?? 0) + 1e-9),
          remainingRatio: remaining,
        });
  return verdict("healthy", cause, emptyIn(paceWindow(windowSeconds)));

  function rateAt(seconds: number) {
    return burnRates.find((each) => each.windowSeconds === seconds)?.rate;
  }
  function emptyIn(seconds: number | undefined) {
    return seconds === undefined ? undefined : timeToExhaustion(remaining, windowSeconds, rateAt(seconds));
  }
}

/**
 * What an objective that is kept for each route says of one endpoint: its own requests and failures, judged by
 * themselves, with burn rates where look-backs are told apart by route. Undefined where its counts are not known.
 */
export function ofOne(
  status: ObjectiveStatus,
  slo: Pick<Slo, "target" | "window" | "method">,
  share: EndpointShare | undefined,
  thresholds: Thresholds = defaultThresholds,
): ObjectiveStatus | undefined {
  const { total, bad } = share ?? {};
  if (total === undefined || bad === undefined || status.method !== "request-weighted") return undefined;
  const counts = { total, bad: Math.min(total, bad) };
  const measures = (share?.looks ?? []).map(
    (it): WindowMeasure => ({
      windowSeconds: it.windowSeconds,
      ...(it.total === undefined || it.bad === undefined
        ? {}
        : { counts: { total: it.total, bad: Math.min(it.total, it.bad) } }),
      ...(it.ratio === undefined ? {} : { errorRatio: it.ratio }),
    }),
  );
  const verdict = judge({ target: slo.target, windowSeconds: slo.window.seconds, counts, measures }, thresholds);
  // As for the whole: a pace against the part of a window that was seen, or past a period's end, would mislead.
  const { exhaustedInSeconds } = verdict;
  const isTold =
    exhaustedInSeconds !== undefined && status.coversSeconds === undefined && slo.window.kind === "rolling";
  const isStale = status.state === "stale";
  const { sli: _, budgetRemaining: __, exhaustedInSeconds: ___, history: ____, ...kept } = status;
  return {
    ...kept,
    state: isStale ? "stale" : verdict.state,
    reason: isStale ? status.reason : verdict.reason,
    ...(isStale ? {} : { cause: verdict.cause }),
    good: counts.total - counts.bad,
    bad: counts.bad,
    total: counts.total,
    ...(verdict.sli === undefined ? {} : { sli: verdict.sli }),
    ...(verdict.remaining === undefined ? {} : { budgetRemaining: verdict.remaining }),
    burnRates: measures.length === 0 ? [] : verdict.burnRates,
    ...(isTold && !isStale ? { exhaustedInSeconds } : {}),
    isOfOne: true,
  };
}

/** The same numbers once they are too old to act on. */
export function staleOf(was: State, ageSeconds: number, thresholds: Thresholds = defaultThresholds): Cause {
  return causeOf("stale", { ageSeconds, limitSeconds: thresholds.staleSeconds, was });
}

/** Whether a state says something about the service, rather than about what we know of it. */
export function isVerdict(state: State): boolean {
  return state === "healthy" || state === "watch" || state === "burning" || state === "exhausted";
}

/** Most urgent first: verdicts by danger, then what needs a person to look, then what is fine. */
export const urgency: readonly State[] = [
  "exhausted",
  "burning",
  "watch",
  "stale",
  "no-data",
  "unmatched",
  "low-traffic",
  "healthy",
];

function burningCause(pair: BurnPair, rates: readonly BurnRate[]): Cause {
  const at = (seconds: number) => rates.find((each) => each.windowSeconds === seconds)?.rate;
  return causeOf("burning", {
    longBurn: at(pair.longSeconds),
    longSeconds: pair.longSeconds,
    shortBurn: at(pair.shortSeconds),
    shortSeconds: pair.shortSeconds,
    factorBurn: pair.factor,
  });
}

function burnRatesOf(measures: readonly WindowMeasure[], target: number, windowSeconds: number): readonly BurnRate[] {
  const asked = burnWindows(windowSeconds);
  const windows = asked.length > 0 ? asked : measures.map((measure) => measure.windowSeconds);
  return windows.map((seconds) => {
    const rate = burnRate(errorRatioOf(measures.find((measure) => measure.windowSeconds === seconds)), target);
    return { windowSeconds: seconds, ...(rate === undefined ? {} : { rate }) };
  });
}

/** The shortest of the two fast pairs' long look-backs that burns faster than the budget allows, beyond chance. */
function overBudget(measures: readonly WindowMeasure[], target: number, windowSeconds: number): number | undefined {
  for (const pair of burnPairs(windowSeconds).slice(0, 2)) {
    const measure = measures.find((each) => each.windowSeconds === pair.longSeconds);
    const burn = burnRate(errorRatioOf(measure), target);
    if (burn === undefined || burn < 1) continue;
    if (measure?.counts === undefined || isMoreThanChance(measure.counts, target)) return pair.longSeconds;
  }
  return undefined;
}

/** The look-back whose pace stands for "as things go now" where nothing burns: the second pair's long one, six hours of thirty days. */
function paceWindow(windowSeconds: number): number | undefined {
  const pairs = burnPairs(windowSeconds);
  return (pairs[1] ?? pairs[0])?.longSeconds;
}

function sane(counts: Counts | undefined): Counts | undefined {
  if (counts === undefined || !Number.isFinite(counts.total) || !Number.isFinite(counts.bad)) return undefined;
  const total = Math.max(0, counts.total);
  return { total, bad: Math.min(total, Math.max(0, counts.bad)) };
}

function saneMeasure(measure: WindowMeasure): WindowMeasure {
  const counts = sane(measure.counts);
  const errorRatio = finiteOr(measure.errorRatio);
  return {
    windowSeconds: measure.windowSeconds,
    ...(counts === undefined ? {} : { counts }),
    ...(errorRatio === undefined ? {} : { errorRatio }),
  };
}

function finiteOr(value: number | undefined): number | undefined {
  return value !== undefined && Number.isFinite(value) ? value : undefined;
}
