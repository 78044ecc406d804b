/** Work that goes through a limiter: a queue with so many at once, a timeout around a promise, a circuit breaker. */
import type {
  CallView,
  FileSummary,
  LimiterMeaning,
  MeantCall,
  Placed,
  PlacedFunction,
  RuleContext,
  Scoped,
} from "../../engine/index.ts";
import { all, derived } from "./derived.ts";
import { isWithin } from "./query-facts.ts";
import { isRaced, leadsTo } from "./raced.ts";

interface LimitedFunction {
  readonly file: FileSummary;
  readonly f: number;
  readonly meaning: LimiterMeaning;
}

const NONE: readonly LimiterMeaning[] = [];

/** Limiters that a call runs under: around a function it stands in, or around its own promise. */
export function limitersOf({ file, c }: Placed, context: RuleContext): readonly LimiterMeaning[] {
  const functions = derived(context.everywhere(limitedFunctions), all);
  const own = limitersIn(context.meant(file));
  if (functions.length === 0 && own.length === 0) return NONE;
  const { fn } = file.calls[c]!;
  return [
    ...functions.flatMap((it) => (it.file === file && isWithin(file, fn, it.f) ? [it.meaning] : [])),
    ...own.filter(({ work }) => work !== undefined && work.file === file && leadsTo(work.value, file, c)),
  ];
}

/** Whether something from outside ends the wait for a call: a race, a timeout around it, a breaker. */
export function isLimitedInTime(view: CallView, context: RuleContext): boolean {
  return isRaced(view) || limitersOf(view, context).some(({ limit }) => limit !== undefined && limit.bounded !== "no");
}

/** Whether only so many of a call run at the same time, or it cannot be told. */
export function isLimitedInNumber(at: Placed, context: RuleContext): boolean {
  const bounds = ({ atOnce }: LimiterMeaning): boolean => atOnce !== undefined && atOnce !== "no";
  if (limitersOf(at, context).some(bounds)) return true;
  // `await semaphore.acquire()` before it.
  const { fn, at: span } = at.file.calls[at.c]!;
  return context
    .meant(at.file)
    .some(
      ({ view, meaning }) =>
        meaning.kind === "limiter" &&
        !meaning.work &&
        bounds(meaning) &&
        view.call.fn === fn &&
        view.call.at[0] < span[0],
    );
}

const limitersIn = (meant: readonly MeantCall[]): readonly LimiterMeaning[] =>
  meant.flatMap(({ meaning }) => (meaning.kind === "limiter" && meaning.work ? [meaning] : []));

/** Functions that the limiters of a file run, wherever they are written. */
function limitedFunctions(file: FileSummary, context: RuleContext): readonly LimitedFunction[] | undefined {
  const found = limitersIn(context.meant(file)).flatMap((meaning): LimitedFunction[] => {
    return functionsOf(meaning.work!, context).map((it) => ({ ...it, meaning }));
  });
  return found.length > 0 ? found : undefined;
}

const MAX_CALLERS = 40;

/** A function that is given, or, where a wrapper of ours hands its own parameter on, what its callers give. */
function functionsOf(work: Scoped, context: RuleContext): readonly PlacedFunction[] {
  const found = context.program.at(work);
  if (found.k === "fn") return [{ file: found.file, f: found.f }];
  if (found.k !== "param" || found.path.length > 0) return [];
  return context
    .callers({ file: found.file, f: found.f })
    .slice(0, MAX_CALLERS)
    .flatMap(({ file, c }) => {
      const value = file.calls[c]!.args[found.index];
      const given = value && context.program.at({ value, file });
      return given?.k === "fn" ? [{ file: given.file, f: given.f }] : [];
    });
}
