import type { TSESTree } from "@typescript-eslint/typescript-estree";
import type { CallSummary, Span, Use, Value } from "../model.ts";
import { endOf, spanOf, startOf } from "../syntax/span.ts";
import { readExpression } from "./expressions.ts";
import { addImport } from "./modules.ts";
import { literalText } from "./nodes.ts";
import { lookup } from "./scope.ts";
import { readType } from "./types.ts";
import type { Building, Node, Walk } from "./walk.ts";

export function readCall(w: Walk, node: TSESTree.CallExpression, use: Use): Value {
  const { callee } = node;
  if (
    callee.type === "Identifier" &&
    callee.name === "require" &&
    node.arguments.length === 1 &&
    lookup(w, "require") === undefined
  ) {
    const specifier = literalText(node.arguments[0] as Node);
    if (specifier !== undefined) {
      const index = addImport(w, specifier, "require", false, spanOf(node.arguments[0] as Node));
      return { k: "op", op: "require", args: [{ k: "lit", v: index }] };
    }
  }
  return addCall(w, "call", node, callee, node.arguments, node.typeArguments, use, node.optional);
}

export function addCall(
  w: Walk,
  kind: CallSummary["kind"],
  node: Node,
  calleeNode: Node,
  args: readonly Node[],
  typeArgs: TSESTree.TSTypeParameterInstantiation | undefined | null,
  use: Use,
  optional?: boolean,
): Value {
  const hint = w.hint;
  w.hint = undefined;
  const callee = readExpression(w, calleeNode, "other");
  let spread: number | undefined;
  // Made by `map`, which knows how long they become: a list that is pushed to keeps room for sixteen more.
  const values = args.map((arg, i) => {
    if (arg.type === "SpreadElement") spread ??= i;
    if (arg.type === "ArrowFunctionExpression" || arg.type === "FunctionExpression") w.hint = hint;
    const value = readExpression(w, arg, "argument");
    w.hint = undefined;
    return value;
  });
  const spans = args.map((arg): Span => [startOf(arg), endOf(arg)]);
  return finishCall(w, kind, node, calleeNode, callee, values, spans, spread, typeArgs, use, optional);
}

export function finishCall(
  w: Walk,
  kind: CallSummary["kind"],
  node: Node,
  calleeNode: Node,
  callee: Value,
  args: Value[],
  argsAt: Span[],
  spread: number | undefined,
  typeArgs: TSESTree.TSTypeParameterInstantiation | undefined | null,
  use: Use,
  optional?: boolean,
): Value {
  const named =
    calleeNode.type === "MemberExpression"
      ? calleeNode.property
      : calleeNode.type === "TSNonNullExpression" || calleeNode.type === "ChainExpression"
        ? calleeNode.expression
        : calleeNode;
  const call: Building<CallSummary> = {
    kind,
    callee,
    args,
    argsAt,
    fn: w.fn,
    at: [startOf(node), endOf(node)],
    nameAt: [startOf(named), endOf(named)],
    use,
  };
  if (spread !== undefined) call.spread = spread;
  if (typeArgs) call.typeArgs = typeArgs.params.map((it) => readType(w, it) ?? { t: "prim", name: "unknown" });
  if (w.loop >= 0) call.loop = w.loop;
  if (w.try >= 0) call.try = w.try;
  if (w.catch >= 0) call.catch = w.catch;
  if (w.branch >= 0) call.branch = w.branch;
  if (optional) call.optional = true;
  w.calls.push(call);
  return { k: "call", c: w.calls.length - 1 };
}
