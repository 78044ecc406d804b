/** Values that may be `undefined` when the program runs, as far as the code says so. */
import type { CallView, FileSummary, Scoped, TypeRef, Value } from "../../engine/index.ts";

/** `yes` only where an optional parameter, an optional member or a written `undefined` shows it, and no guard before stops it. */
export function mayBeUndefined(view: CallView, value: Value, depth = 0): boolean {
  if (depth > 6) return false;
  const { file } = view;
  switch (value.k) {
    case "lit":
      return value.v === undefined;
    case "either":
      if (value.op === "?:") return [value.a, value.b].some((it) => it.k === "lit" && it.v === undefined);
      if (value.op === "||" || value.op === "??") return value.b.k === "lit" && value.b.v === undefined;
      return false;
    case "ref": {
      const binding = file.bindings[value.b];
      if (!binding || isGuarded(view, value)) return false;
      if (binding.kind === "param") {
        const param = file.functions[binding.fn]?.params[binding.param ?? -1];
        return param?.optional === true && param.default === undefined;
      }
      return binding.kind === "const" && binding.value !== undefined && mayBeUndefined(view, binding.value, depth + 1);
    }
    case "get": {
      if (isGuarded(view, value)) return false;
      const root = value.of;
      if (root.k !== "ref") return false;
      const binding = file.bindings[root.b];
      return binding?.type !== undefined && memberIsOptional(view, binding.type, value.name);
    }
    default:
      return false;
  }
}

function memberIsOptional(view: CallView, type: TypeRef, name: string): boolean {
  if (type.t === "object") return type.members.some((it) => it.name === name && it.optional);
  if (type.t === "union") return type.of.some((it) => memberIsOptional(view, it, name));
  const found = view.program.typeOrigin(type, view.file);
  if (found.k === "shape") return found.members.some((it) => it.name === name && it.optional);
  if (found.k === "type")
    return found.file.types[found.t]?.members.some((it) => it.name === name && it.optional) ?? false;
  return false;
}

/** A branch before it in the same function that leaves when the value is missing, or one around it that asked for it. */
function isGuarded(view: CallView, value: Value): boolean {
  const { file, call } = view;
  return file.branches.some((branch) => {
    if (branch.fn !== call.fn && !encloses(file, branch.fn, call.fn)) return false;
    if (!mentions(branch.test, value)) return false;
    const inside = branch.thenAt[0] <= call.at[0] && call.at[1] <= branch.thenAt[1];
    return inside || (branch.exits !== "no" && branch.at[1] <= call.at[0]);
  });
}

function encloses(file: FileSummary, outer: number, f: number): boolean {
  for (let it = f; it > 0; it = file.functions[it]!.parent) if (it === outer) return true;
  return outer === 0;
}

function mentions(test: Value, value: Value, depth = 0): boolean {
  if (depth > 6) return false;
  if (same(test, value)) return true;
  switch (test.k) {
    case "op":
      return test.args.some((it) => mentions(it, value, depth + 1));
    case "either":
      return mentions(test.a, value, depth + 1) || mentions(test.b, value, depth + 1);
    case "get":
      return mentions(test.of, value, depth + 1);
    default:
      return false;
  }
}

function same(a: Value, b: Value): boolean {
  if (a.k === "ref" && b.k === "ref") return a.b === b.b;
  return a.k === "get" && b.k === "get" && a.name === b.name && same(a.of, b.of);
}

export type { Scoped };
