/** Where a function stands: what it is handed to, named by, or a member of. */
import type { FileSummary, TypeRef, Value } from "./model.ts";

export type FunctionContext =
  | { readonly kind: "argument"; readonly c: number; readonly index: number; readonly path: readonly string[] }
  | { readonly kind: "binding"; readonly b: number }
  | { readonly kind: "property"; readonly of: Value & { readonly k: "obj" }; readonly name: string }
  | { readonly kind: "assignment"; readonly a: number }
  /** Returned from a function with a result type, or kept in a field with one. */
  | { readonly kind: "typed"; readonly type: TypeRef };

export function functionContexts(file: FileSummary): Map<number, FunctionContext> {
  const map = new Map<number, FunctionContext>();
  const inside = (value: Value, make: (path: string[]) => FunctionContext, path: string[], depth: number): void => {
    if (depth > 5) return;
    if (value.k === "fn") {
      if (!map.has(value.f)) map.set(value.f, make(path));
    } else if (value.k === "obj") {
      for (const prop of value.props) if (prop.name) inside(prop.value, make, [...path, prop.name], depth + 1);
    } else if (value.k === "arr") {
      for (const it of value.items) inside(it, make, [...path, "*"], depth + 1);
    } else if (value.k === "either") {
      inside(value.a, make, path, depth + 1);
      inside(value.b, make, path, depth + 1);
    }
  };
  const properties = (value: Value, depth: number): void => {
    if (depth > 4) return;
    if (value.k === "obj")
      for (const prop of value.props) {
        if (prop.value.k === "fn" && prop.name && !map.has(prop.value.f))
          map.set(prop.value.f, { kind: "property", of: value, name: prop.name });
        else properties(prop.value, depth + 1);
      }
  };
  file.calls.forEach((call, c) => {
    call.args.forEach((arg, index) => {
      if (arg.k !== "fn" && arg.k !== "obj" && arg.k !== "arr" && arg.k !== "either") return;
      inside(arg, (path) => ({ kind: "argument", c, index, path }), [], 0);
    });
  });
  file.bindings.forEach((binding, b) => {
    if (binding.value?.k === "fn" && !map.has(binding.value.f)) map.set(binding.value.f, { kind: "binding", b });
    if (binding.value) properties(binding.value, 0);
  });
  for (const it of file.exports) if ("value" in it) properties(it.value, 0);
  for (const fn of file.functions)
    for (const it of fn.returns) {
      if (it.k === "fn" && fn.returnType && !map.has(it.f)) map.set(it.f, { kind: "typed", type: fn.returnType });
      properties(it, 0);
    }
  for (const { members } of file.classes)
    for (const { value, type } of members)
      if (value?.k === "fn" && type && !map.has(value.f)) map.set(value.f, { kind: "typed", type });
  file.assignments.forEach((it, a) => {
    if (it.value.k === "fn" && !map.has(it.value.f)) map.set(it.value.f, { kind: "assignment", a });
    properties(it.value, 0);
  });
  return map;
}
