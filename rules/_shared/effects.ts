/** What a call does in the end: the first meaning of a kind in or below the project function that it enters. */
import { type Meaning, type Placed, pathKind, type RuleContext } from "../../engine/index.ts";
import { callsWithin } from "./calls.ts";

const MAX_DEPTH = 3;
const MAX_CANDIDATES = 4;

export interface Effect<M extends Meaning = Meaning> {
  readonly meaning: M;
  /** The project function that was entered first; "" for a call of the library itself. */
  readonly through: string;
}

/**
 * Searches the call itself, then the bodies it enters, calls that are awaited or returned only, three deep; those within
 * that `passes` says no to are left out.
 */
export function effectOf<M extends Meaning>(
  at: Placed,
  context: RuleContext,
  wanted: (it: Meaning) => it is M,
  depth = 0,
  passes?: (within: Placed) => boolean,
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
      if (passes && !passes({ file: it.file, c })) continue;
      const direct = context.program.meanings({ file: it.file, c }).find(wanted);
      if (direct) return { meaning: direct, through: fn.name };
      if (call.use !== "await" && call.use !== "return" && call.use !== "init") continue;
      const deeper = effectOf({ file: it.file, c }, context, wanted, depth + 1, passes);
      if (deeper) return { meaning: deeper.meaning, through: fn.name };
    }
  }
  return undefined;
}
