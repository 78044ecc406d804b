/** Functions that a library calls with each request: interceptors, hooks. */
import type { FileSummary, Placed, Program, Value } from "../../engine/index.ts";

/** Whether a function given to a call sets a property of this name, on what it is given or on what it returns. */
export function setsInside(program: Program, { file, c }: Placed, names: RegExp): boolean {
  return file.calls[c]!.args.some((arg) => {
    const found = program.origin(arg, file);
    return found.k === "fn" && sets(found.file, found.f, names);
  });
}

function sets(file: FileSummary, f: number, names: RegExp): boolean {
  const isInside = (fn: number): boolean => {
    for (let it = fn; it > 0; it = file.functions[it]!.parent) if (it === f) return true;
    return false;
  };
  const holds = (value: Value, depth: number): boolean =>
    depth < 4 &&
    ((value.k === "obj" &&
      value.props.some((it) => (it.name === null ? holds(it.value, depth + 1) : names.test(it.name)))) ||
      (value.k === "either" && (holds(value.a, depth + 1) || holds(value.b, depth + 1))));
  return (
    file.assignments.some((it) => it.target.k === "get" && names.test(it.target.name) && isInside(it.fn)) ||
    file.functions.some((fn, i) => isInside(i) && fn.returns.some((it) => holds(it, 0)))
  );
}
