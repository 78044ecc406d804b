import type { CallSummary, CallView, FileSummary, Value } from "../../engine/index.ts";

/** Whether the result of a call is raced against something else: `Promise.race([call, timer])`, here or through a name. */
export function isRaced(call: CallView): boolean {
  const races = racesIn(call.file);
  if (races.length === 0) return false;
  const names = new Set<number>();
  call.file.bindings.forEach((it, b) => {
    const value = it.value?.k === "either" ? [it.value.a, it.value.b] : [it.value];
    if (value.some((one) => one?.k === "call" && one.c === call.c)) names.add(b);
  });
  const isIt = (value: Value, depth: number): boolean => {
    if (depth > 4) return false;
    if (value.k === "call") {
      if (value.c === call.c) return true;
      // `fetch(…).then(…)` is still the same wait.
      const { callee } = call.file.calls[value.c]!;
      return callee.k === "get" && isIt(callee.of, depth + 1);
    }
    return value.k === "ref" && names.has(value.b);
  };
  return races.some(({ args }) => args[0]?.k === "arr" && args[0].items.some((it) => isIt(it, 0)));
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
