/** What a call does in the end: the first meaning of a kind in or below the project function that it enters. */
import {
  type FileSummary,
  type Meaning,
  type Placed,
  type PlacedFunction,
  pathKind,
  type RuleContext,
} from "../../engine/index.ts";
import { callsWithin } from "./calls.ts";

const MAX_DEPTH = 3;
const MAX_CANDIDATES = 4;

export interface Effect<M extends Meaning = Meaning> {
  readonly meaning: M;
  /** The project function that was entered first; "" for a call of the library itself. */
  readonly through: string;
}

/** Searches the call itself, then the bodies it enters, calls that are awaited or returned only, three deep. */
export function effectOf<M extends Meaning>(
  at: Placed,
  context: RuleContext,
  wanted: (it: Meaning) => it is M,
  depth = 0,
): Effect<M> | undefined {
  for (const it of context.program.meanings(at)) if (wanted(it)) return { meaning: it, through: "" };
  if (depth >= MAX_DEPTH) return undefined;
  const callee = context.program.callee(at.file, at.c);
  for (const it of callee.k === "any" ? callee.of.slice(0, MAX_CANDIDATES) : [callee]) {
    if (it.k !== "fn" || pathKind(it.file.path) !== undefined) continue;
    const fn = it.file.functions[it.f]!;
    for (const c of callsWithin(it.file, it.f)) {
      const call = it.file.calls[c]!;
      if (call.catch !== undefined || (it.file === at.file && c === at.c)) continue;
      const direct = context.program.meanings({ file: it.file, c }).find(wanted);
      if (direct) return { meaning: direct, through: fn.name };
      if (call.use !== "await" && call.use !== "return" && call.use !== "init") continue;
      const deeper = effectOf({ file: it.file, c }, context, wanted, depth + 1);
      if (deeper) return { meaning: deeper.meaning, through: fn.name };
    }
  }
  return undefined;
}

/**
 * Whether an async function lets an error out: it awaits, returns a promise or throws outside of a `try` whose handler
 * keeps the error. A body that only logs and returns does not.
 */
export function canReject(fn: PlacedFunction): boolean {
  const { file, f } = fn;
  const guarded = (tryIndex: number | undefined): boolean => {
    for (let t = tryIndex; t !== undefined; t = file.tries[t]!.parent) {
      const { handler } = file.tries[t]!;
      if (handler && !handler.throws) return true;
    }
    return false;
  };
  if (
    file.calls.some(
      (it) =>
        it.fn === f &&
        (it.use === "await" || (it.use === "return" && !answers(file, it))) &&
        !guarded(it.try) &&
        !isHandled(file, it),
    )
  )
    return true;
  return file.throws.some(
    (it) =>
      it.fn === f &&
      !file.tries.some(
        (t) => t.fn === f && t.handler && !t.handler.throws && t.blockAt[0] <= it.at[0] && it.at[1] <= t.blockAt[1],
      ),
  );
}

/** `return next(error)`, `return res.status(400).json(…)`: what it gives is no promise of work to come. */
function answers(file: FileSummary, call: FileSummary["calls"][number]): boolean {
  let { callee } = call;
  for (let i = 0; i < 8 && callee.k !== "ref"; i++) {
    if (callee.k === "get") callee = callee.of;
    else if (callee.k === "call") callee = file.calls[callee.c]!.callee;
    else return false;
  }
  if (callee.k !== "ref") return false;
  const binding = file.bindings[callee.b];
  return binding?.kind === "param" && /^(next|res|response|reply|done|cb|callback|resolve|reject)$/.test(binding.name);
}

/** `await x.catch(report)`. */
function isHandled(file: FileSummary, call: FileSummary["calls"][number]): boolean {
  return call.callee.k === "get" && call.callee.name === "catch" && file.calls.length > 0;
}
