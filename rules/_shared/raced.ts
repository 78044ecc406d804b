import type { CallView, Value } from "../../engine/index.ts";

/** Whether the result of a call is raced against something else: `Promise.race([call, timer])`, here or through a name. */
export function isRaced(call: CallView): boolean {
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
  return call.file.calls.some(
    ({ callee, args }) =>
      callee.k === "get" &&
      callee.name === "race" &&
      callee.of.k === "global" &&
      callee.of.name === "Promise" &&
      args[0]?.k === "arr" &&
      args[0].items.some((it) => isIt(it, 0)),
  );
}
