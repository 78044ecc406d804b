/** Values that come with a request, as they are. */
import type { CallView, Value } from "../../engine/index.ts";

/** `Number(req.query.limit)`, directly or through a constant, with nothing that holds it back. */
export function fromRequest(view: CallView, value: Value, depth = 0): boolean {
  if (depth > 5) return false;
  const { file } = view;
  switch (value.k) {
    case "ref": {
      const binding = file.bindings[value.b];
      if (!binding?.value || binding.kind !== "const" || heldBack(view, value.b)) return false;
      return fromRequest(view, binding.value, depth + 1);
    }
    case "either":
      return value.op !== "?:" && value.op !== "&&" && fromRequest(view, value.a, depth + 1);
    case "op":
      return (
        value.op === "+" &&
        value.args.length === 1 &&
        value.args[0] !== undefined &&
        isRequestValue(view, value.args[0])
      );
    case "call": {
      const { callee, args } = file.calls[value.c]!;
      const name =
        callee.k === "global" ? callee.name : callee.k === "get" && callee.of.k === "global" ? callee.name : "";
      return /^(Number|parseInt|parseFloat)$/.test(name) && args[0] !== undefined && isRequestValue(view, args[0]);
    }
    default:
      return isRequestValue(view, value);
  }
}

/** `req.query.limit` on a parameter of a handler, or a constant that holds it. */
export function isRequestValue(view: CallView, value: Value, depth = 0): boolean {
  if (depth > 4) return false;
  if (value.k === "ref") {
    const binding = view.file.bindings[value.b];
    return (
      binding?.kind === "const" &&
      binding.value !== undefined &&
      !heldBack(view, value.b) &&
      isRequestValue(view, binding.value, depth + 1)
    );
  }
  if (value.k === "either") return isRequestValue(view, value.a, depth + 1);
  if (value.k !== "get" || value.of.k !== "get" || value.of.name !== "query") return false;
  const root = value.of.of;
  return (
    root.k === "ref" &&
    view.file.bindings[root.b]?.kind === "param" &&
    /^(req|request|ctx|c|context)$/.test(view.file.bindings[root.b]!.name)
  );
}

/** A branch that asks for the value before: it may refuse what is too large. */
export function heldBack(view: CallView, b: number): boolean {
  const mentions = (value: Value, depth = 0): boolean => {
    if (depth > 5) return false;
    if (value.k === "ref") return value.b === b;
    if (value.k === "op") return value.args.some((it) => mentions(it, depth + 1));
    if (value.k === "either") return mentions(value.a, depth + 1) || mentions(value.b, depth + 1);
    return false;
  };
  return view.file.branches.some((it) => it.at[0] < view.call.at[0] && mentions(it.test));
}
