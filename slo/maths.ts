/**
 * The arithmetic of error budgets. Every function is pure and total: a quantity that cannot be known is `undefined`,
 * never NaN and never Infinity. Ratios are 0..1, durations are seconds, counts may be fractional because Prometheus'
 * `increase()` extrapolates.
 */

/** Events over some look-back. `bad` is within 0..`total`. */
export interface Counts {
  readonly bad: number;
  readonly total: number;
}

/** What a budget comes to. */
export interface Budget {
  /** Ratio 0..1 of good over valid; absent where there were none. */
  readonly sli?: number;
  /** Share of the budget left: 1 untouched, 0 empty, negative overspent. Absent where nothing was measured. */
  readonly remaining?: number;
}

export interface EventBudget extends Budget {
  /** Failures that the objective allows for this traffic, not rounded. */
  readonly allowed: number;
  /** Whole failures still allowed; negative when overspent. */
  readonly left: number;
}

export interface SliceBudget extends Budget {
  readonly badSlices: number;
  readonly countedSlices: number;
  /** Slices without traffic: counted neither as good nor as bad. */
  readonly emptySlices: number;
  /** Time that may be bad over the window, seconds. */
  readonly allowedSeconds: number;
  readonly spentSeconds: number;
}

const finite = (value: number | undefined): value is number => value !== undefined && Number.isFinite(value);

/** A ratio, or undefined where it is not a finite number. */
export function ratio(part: number | undefined, whole: number | undefined): number | undefined {
  if (!finite(part) || !finite(whole) || whole === 0) return undefined;
  const result = part / whole;
  return finite(result) ? result : undefined;
}

const clamp = (value: number, low: number, high: number) => Math.min(high, Math.max(low, value));

/**
 * Counts from any two of good, bad and total. Extrapolation can make the good exceed the total by a fraction, and two
 * queries are never quite of one instant, so the result is clamped. Undefined where two of them are not known.
 */
export function toCounts(parts: {
  readonly good?: number;
  readonly bad?: number;
  readonly total?: number;
}): Counts | undefined {
  const { good, bad, total } = parts;
  if (finite(total) && total >= 0) {
    if (finite(bad)) return { bad: clamp(bad, 0, total), total };
    if (finite(good)) return { bad: clamp(total - good, 0, total), total };
    return undefined;
  }
  if (!finite(good) || !finite(bad) || good < 0 || bad < 0) return undefined;
  const sum = good + bad;
  return finite(sum) ? { bad, total: sum } : undefined;
}

/** `1 - target`, freed of the noise of binary fractions (1 - 0.999 is 0.0010000000000000009). */
export function errorBudget(target: number): number {
  return Number((1 - clamp(target, 0, 1)).toPrecision(12));
}

/** A share of a budget that may be zero: with nothing allowed, nothing spent is all left and anything spent is none left. */
function remainingOf(spent: number, allowed: number): number | undefined {
  if (allowed > 0) {
    const left = 1 - spent / allowed;
    return finite(left) ? left : undefined;
  }
  return spent > 0 ? 0 : 1;
}

/**
 * The request-weighted budget: `sli = good / total`, `allowed = (1 - target) * total`, `remaining = 1 - bad / allowed`.
 * Source: Google SRE Workbook, chapter 2 "Implementing SLOs", and OpenSLO v1 `budgetingMethod: Occurrences`.
 */
export function requestBudget(counts: Counts, target: number): EventBudget {
  const allowed = errorBudget(target) * counts.total;
  // Tolerates the last bits of a product that should be whole: 180 allowed must not floor to 179.
  const left = Math.floor(allowed + 1e-9) - Math.round(counts.bad);
  if (counts.total <= 0) return { allowed: 0, left: 0 };
  const remaining = remainingOf(counts.bad, allowed);
  return {
    allowed,
    left: left === 0 ? 0 : left,
    sli: 1 - counts.bad / counts.total,
    ...(remaining === undefined ? {} : { remaining }),
  };
}

/**
 * The budget in time: a slice is good where its ratio reaches `sliceTarget`; the objective allows `(1 - target) * window`
 * seconds of bad slices. Source: OpenSLO v1 `budgetingMethod: Timeslices` (its example: one week at 99.95 % allows
 * 5 min 2.4 s). The specification does not say what an empty slice is; here it is neither good nor bad.
 */
export function timesliceBudget(
  slices: readonly Counts[],
  options: {
    readonly target: number;
    readonly sliceTarget: number;
    readonly sliceSeconds: number;
    readonly windowSeconds: number;
  },
): SliceBudget {
  let bad = 0;
  let counted = 0;
  for (const slice of slices) {
    if (slice.total <= 0) continue;
    counted++;
    if ((slice.total - slice.bad) / slice.total < options.sliceTarget) bad++;
  }
  return sliceBudget({ ...options, badSlices: bad, countedSlices: counted, emptySlices: slices.length - counted });
}

/** The same from slices that the server has counted already. */
export function sliceBudget(input: {
  readonly target: number;
  readonly sliceSeconds: number;
  readonly windowSeconds: number;
  readonly badSlices: number;
  readonly countedSlices: number;
  readonly emptySlices?: number;
}): SliceBudget {
  const allowedSeconds = errorBudget(input.target) * input.windowSeconds;
  const spentSeconds = input.badSlices * input.sliceSeconds;
  const remaining = input.countedSlices > 0 ? remainingOf(spentSeconds, allowedSeconds) : undefined;
  const bad = ratio(input.badSlices, input.countedSlices);
  return {
    badSlices: input.badSlices,
    countedSlices: input.countedSlices,
    emptySlices: input.emptySlices ?? 0,
    allowedSeconds,
    spentSeconds,
    ...(bad === undefined ? {} : { sli: clamp(1 - bad, 0, 1) }),
    ...(remaining === undefined ? {} : { remaining }),
  };
}

/**
 * The mean of the slices' ratios, every slice with traffic weighing the same: OpenSLO v1 `RatioTimeslices`, and what
 * Sloth computes by default (`sum_over_time(ratio5m) / count_over_time(ratio5m)`).
 */
export function ratioTimesliceBudget(slices: readonly Counts[], target: number): Budget {
  let sum = 0;
  let counted = 0;
  for (const slice of slices) {
    if (slice.total <= 0) continue;
    sum += (slice.total - slice.bad) / slice.total;
    counted++;
  }
  const sli = ratio(sum, counted);
  return sli === undefined ? {} : ratioBudget(clamp(sli, 0, 1), target);
}

/** A budget where only the ratio of good is known: `remaining = 1 - (1 - sli) / (1 - target)`. */
export function ratioBudget(sli: number, target: number): Budget {
  if (!finite(sli)) return {};
  // 1 - 0.999 is not 0.001 in binary; without rounding "exactly on budget" reads as slightly overspent.
  const spent = Number((1 - clamp(sli, 0, 1)).toPrecision(12));
  const remaining = remainingOf(spent, errorBudget(target));
  return { sli: clamp(sli, 0, 1), ...(remaining === undefined ? {} : { remaining }) };
}

/**
 * How fast the budget goes: `(bad / total) / (1 - target)`; 1 uses it up exactly over the window.
 * Source: Google SRE Workbook, chapter 5 "Alerting on SLOs". Undefined without traffic, and with a target of 1 once
 * something failed (no finite pace describes that).
 */
export function burnRate(errorRatio: number | undefined, target: number): number | undefined {
  if (!finite(errorRatio) || errorRatio < 0) return undefined;
  if (errorRatio === 0) return 0;
  return ratio(errorRatio, errorBudget(target));
}

/**
 * Seconds until the budget is empty at a pace: `remaining * window / burn`. Undefined where the pace is not above zero
 * or not known; 0 where the budget is empty already. Source: SRE Workbook, chapter 5, solved for time.
 */
export function timeToExhaustion(
  remaining: number | undefined,
  windowSeconds: number,
  burn: number | undefined,
): number | undefined {
  if (!finite(remaining) || !finite(burn) || burn <= 0) return undefined;
  if (remaining <= 0) return 0;
  const seconds = (remaining * windowSeconds) / burn;
  return finite(seconds) ? seconds : undefined;
}

/** A long and a short look-back that must both burn at `factor` or more for the pair to fire. */
export interface BurnPair {
  readonly longSeconds: number;
  readonly shortSeconds: number;
  readonly factor: number;
  /** Share of the budget that is gone once the pair fires over its long window. */
  readonly budgetShare: number;
}

const MINUTE = 60;
const HOUR = 3600;
const DAY = 86_400;

const workbookPairs = [
  { budgetShare: 0.02, longSeconds: HOUR, shortSeconds: 5 * MINUTE },
  { budgetShare: 0.05, longSeconds: 6 * HOUR, shortSeconds: 30 * MINUTE },
  { budgetShare: 0.1, longSeconds: DAY, shortSeconds: 2 * HOUR },
  { budgetShare: 0.1, longSeconds: 3 * DAY, shortSeconds: 6 * HOUR },
] as const;

/**
 * The multi-window, multi-burn-rate pairs for a window. `factor = budget share * window / long look-back`, which is
 * 14.4 / 6 / 3 / 1 for 30 days and 13.44 / 5.6 / 2.8 / 0.93 for 28. Source: SRE Workbook, chapter 5, table 5-8, as
 * Sloth encodes it in `google-30d.yaml`.
 *
 * A pair whose factor falls below 0.9 would fire on spending slower than the budget, so it is left out. Windows under a
 * week would lose nearly all pairs that way: there the look-backs shrink and the factors stay, as Pyrra does.
 */
export function burnPairs(windowSeconds: number): readonly BurnPair[] {
  if (!finite(windowSeconds) || windowSeconds <= 0) return [];
  if (windowSeconds < 7 * DAY) {
    const scale = windowSeconds / (30 * DAY);
    return workbookPairs.map((pair) => ({
      budgetShare: pair.budgetShare,
      longSeconds: Math.max(2 * MINUTE, Math.round((pair.longSeconds * scale) / MINUTE) * MINUTE),
      shortSeconds: Math.max(MINUTE, Math.round((pair.shortSeconds * scale) / MINUTE) * MINUTE),
      factor: rounded((pair.budgetShare * 30 * DAY) / pair.longSeconds),
    }));
  }
  return workbookPairs
    .map((pair) => ({ ...pair, factor: rounded((pair.budgetShare * windowSeconds) / pair.longSeconds) }))
    .filter((pair) => pair.factor >= 0.9);
}

const rounded = (value: number) => Number(value.toPrecision(6));

/** The distinct look-backs that the pairs of a window ask for, in seconds, shortest first. */
export function burnWindows(windowSeconds: number): readonly number[] {
  const all = burnPairs(windowSeconds).flatMap((pair) => [pair.shortSeconds, pair.longSeconds]);
  return [...new Set(all)].filter((seconds) => seconds <= windowSeconds).sort((a, b) => a - b);
}

/** What was measured over one look-back: counts where the indicator has them, else the ratio of bad. */
export interface WindowMeasure {
  readonly windowSeconds: number;
  readonly counts?: Counts;
  /** 0..1; of `counts` where absent. */
  readonly errorRatio?: number;
}

/** The ratio of bad over a look-back; undefined without traffic. */
export function errorRatioOf(measure: WindowMeasure | undefined): number | undefined {
  if (measure === undefined) return undefined;
  if (measure.counts !== undefined) return ratio(measure.counts.bad, measure.counts.total);
  return finite(measure.errorRatio) ? clamp(measure.errorRatio, 0, 1) : undefined;
}

/**
 * The pairs that fire: both look-backs at or over the factor, fastest first. A pair over counts fires only when that is
 * more than chance: at 99.9 % a single failure in an hour with under 69 requests is a burn of 14.4 and says nothing.
 */
export function firingPairs(
  pairs: readonly BurnPair[],
  measures: readonly WindowMeasure[],
  target: number,
): readonly BurnPair[] {
  const at = (seconds: number) => measures.find((measure) => measure.windowSeconds === seconds);
  return pairs.filter((pair) => {
    const long = at(pair.longSeconds);
    const short = at(pair.shortSeconds);
    const longBurn = burnRate(errorRatioOf(long), target);
    const shortBurn = burnRate(errorRatioOf(short), target);
    if (longBurn === undefined || shortBurn === undefined) return false;
    if (longBurn < pair.factor || shortBurn < pair.factor) return false;
    return long?.counts === undefined || isMoreThanChance(long.counts, target, pair.factor);
  });
}

/** Events a window needs for its objective to allow a single failure: `1 / (1 - target)`, 1,000 at 99.9 %. Undefined at a target of 1. */
export function eventsForOneFailure(target: number): number | undefined {
  const events = ratio(1, errorBudget(target));
  // Rounding only removes the noise of binary fractions: 1 / 0.001 must not become 1,001.
  return events === undefined ? undefined : Math.ceil(Number(events.toPrecision(9)));
}

/** Whether traffic is too low for the objective to allow one failure, so that percentages say nothing. */
export function isLowTraffic(counts: Counts, target: number): boolean {
  const needed = eventsForOneFailure(target);
  return needed !== undefined && counts.total < needed - 0.5;
}

/** How likely chance must be for few events to give no verdict: one in a thousand. */
export const CHANCE = 0.001;

/**
 * Whether the failures are more than chance would bring at `factor` times the allowed pace. With one or more failures
 * expected the ratio itself is the evidence; below that, the Poisson tail `P(X >= bad)` with
 * `expected = total * (1 - target) * factor` must be under `CHANCE`. So 1 of 312 at 99.9 % is no verdict, and 200 of 312 is.
 */
export function isMoreThanChance(counts: Counts, target: number, factor = 1): boolean {
  const bad = Math.round(counts.bad);
  if (bad <= 0) return false;
  const expected = counts.total * errorBudget(target) * factor;
  return expected >= 1 || poissonTail(bad, expected) < CHANCE;
}

/** `P(X >= n)` for a Poisson variable of the given mean; 0..1. Means over 700 underflow and are asked by nobody here. */
export function poissonTail(n: number, mean: number): number {
  if (n <= 0) return 1;
  if (!(mean > 0)) return 0;
  // The sum from n upwards keeps precision where 1 minus the lower sum would cancel to zero.
  let term = Math.exp(-mean);
  for (let k = 1; k <= n; k++) {
    term *= mean / k;
    if (term === 0) return 0;
  }
  let sum = 0;
  for (let k = n + 1; term > sum * 1e-16; k++) {
    sum += term;
    term *= mean / k;
  }
  return clamp(sum, 0, 1);
}

/** The share of the budget that one failure takes at this traffic: `1 / (total * (1 - target))`. */
export function costOfOneFailure(total: number, target: number): number | undefined {
  return ratio(1, total * errorBudget(target));
}

/** One part's share of a whole, 0..1; undefined where the whole is zero. */
export function share(part: number | undefined, whole: number | undefined): number | undefined {
  const result = ratio(part, whole);
  return result === undefined ? undefined : clamp(result, 0, 1);
}

/**
 * The best a request can do that needs all its dependencies to answer: the product of their targets. Source: "The
 * Calculus of Service Availability" (Treynor, Dahlin, Rau, Beyer; ACM Queue 2017), for independent critical
 * dependencies in series.
 */
export function seriesTarget(targets: readonly number[]): number {
  return targets.reduce((product, target) => product * clamp(target, 0, 1), 1);
}

/**
 * The share of an endpoint's budget that its dependencies may spend on their own when each just meets its objective:
 * `(1 - product of targets) / (1 - target)`; above 1 the objective cannot be kept by the dependencies' promises alone.
 * A dependency of 99.9 % takes all of the budget of a 99.9 % endpoint. Undefined at a target of 1.
 */
export function budgetShareOfDependencies(target: number, dependencies: readonly number[]): number | undefined {
  return ratio(errorBudget(seriesTarget(dependencies)), errorBudget(target));
}

/** A dependency that a request cannot do without. */
export interface Dependency {
  readonly name: string;
  /** Ratio 0..1 of its own objective. */
  readonly target: number;
  /**
   * Tries that a request gives it, the first included; 1 unless told. Only tries that fail independently of each other
   * help: a second try at a server that is down fails as the first did.
   */
  readonly tries?: number;
}

export interface DependencyVerdict {
  /** The best the endpoint can do when every dependency just meets its objective. */
  readonly best: number;
  /** The dependencies' promises alone do not add up to the endpoint's objective. */
  readonly isBelow: boolean;
  /** Share of the endpoint's budget that they may spend; see `budgetShareOfDependencies`. */
  readonly budgetShare?: number;
  /** Each alone, the most expensive first. */
  readonly each: readonly { readonly name: string; readonly budgetShare?: number; readonly isBelow: boolean }[];
}

/**
 * Whether an endpoint can keep its objective on what its dependencies promise. Source: "The Calculus of Service
 * Availability": a critical dependency should be an order of magnitude more reliable than the service that needs it.
 */
export function dependencyVerdict(target: number, dependencies: readonly Dependency[]): DependencyVerdict {
  const promised = ({ target: own, tries = 1 }: Dependency) => 1 - errorBudget(own) ** Math.max(1, Math.floor(tries));
  const best = seriesTarget(dependencies.map(promised));
  const isUnder = (value: number) => Number((target - value).toPrecision(9)) > 1e-12;
  const part = (value: number | undefined) => (value === undefined ? {} : { budgetShare: value });
  const each = dependencies
    .map((dependency) => ({
      name: dependency.name,
      ...part(budgetShareOfDependencies(target, [promised(dependency)])),
      isBelow: isUnder(promised(dependency)),
    }))
    .sort((a, b) => (b.budgetShare ?? Number.MAX_VALUE) - (a.budgetShare ?? Number.MAX_VALUE));
  return {
    best,
    isBelow: isUnder(best),
    ...part(budgetShareOfDependencies(target, dependencies.map(promised))),
    each,
  };
}

/**
 * Of the window, the share that should be spent by now for an even pace: elapsed over length. Only for calendar
 * windows; a rolling window always holds its whole length.
 */
export function expectedConsumption(startMs: number, nowMs: number, windowSeconds: number): number | undefined {
  const elapsed = ratio((nowMs - startMs) / 1000, windowSeconds);
  return elapsed === undefined ? undefined : clamp(elapsed, 0, 1);
}
