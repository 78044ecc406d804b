import type { CallSummary, CallView, FileSummary, Value } from "../../engine/index.ts";

/** Whether the result of a call is raced against something else: `Promise.race([call, timer])`, here or through a name. */
export function isRaced(call: CallView): boolean {
  const races = racesIn(call.file);
  return races.some(({ args }) => args[0]?.k === "arr" && args[0].items.some((it) => leadsTo(it, call.file, call.c)));
}

/** Whether a value is what a call gives, under a name perhaps. `fetch(…).then(…)` is still the same wait. */
export function leadsTo(value: Value, file: FileSummary, c: number, depth = 0): boolean {
  if (depth > 4) return false;
  if (value.k === "call") {
    if (value.c === c) return true;
    const { callee } = file.calls[value.c]!;
    return callee.k === "get" && leadsTo(callee.of, file, c, depth + 1);
  }
  const named = value.k === "ref" ? file.bindings[value.b]?.value : undefined;
  const is = named?.k === "either" ? [named.a, named.b] : [named];
  return is.some((one) => one?.k === "call" && one.c === c);
}

const known = new WeakMap<FileSummary, readonly CallSummary[]>();

/** The races of a file: nearly always none, which is asked for every request in it. */
function racesIn(file: FileSummary): readonly CallSummary[] {
  let races = known.get(file);
  if (!races) {
    races = file.calls.filter(
      ({ callee }) =>
        callee.k === "get" && callee.name === "race" && callee.of.k === "global" && callee.of.name === "Promise",
    );
    known.set(file, races);
  }
  return races;
}
