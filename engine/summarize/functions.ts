import type { TSESTree } from "@typescript-eslint/typescript-estree";
import type { FunctionSummary, Param, Span, Value } from "../model.ts";
import { endOf, spanOf, startOf } from "../syntax/span.ts";
import { assignPattern } from "./assign.ts";
import { readDecorator } from "./classes.ts";
import { declare, declarePattern } from "./declare.ts";
import { readExpression } from "./expressions.ts";
import { arrowSpan, directivesOf, valueParams } from "./nodes.ts";
import { bind, inScope } from "./scope.ts";
import { readStatement } from "./statements.ts";
import { readType } from "./types.ts";
import { type Building, exact, type Node, type Walk } from "./walk.ts";

export function readFunction(
  w: Walk,
  node:
    | TSESTree.FunctionDeclaration
    | TSESTree.FunctionExpression
    | TSESTree.ArrowFunctionExpression
    | TSESTree.TSEmptyBodyFunctionExpression,
  name: string | undefined,
  method?: { kind: FunctionSummary["kind"]; cls: number; isStatic: boolean; nameAt: Span },
): Value {
  const f = w.functions.length;
  const arrow = node.type === "ArrowFunctionExpression";
  const body = node.body as Node | null | undefined;
  const id = "id" in node ? node.id : null;
  const nameAt: Span =
    method?.nameAt ??
    (id ? spanOf(id) : arrow ? arrowSpan(node, w.text) : [startOf(node), Math.min(startOf(node) + 8, endOf(node))]);
  const returnType = node.returnType ? readType(w, node.returnType.typeAnnotation) : undefined;
  const summary: Building<FunctionSummary> = {
    name: functionName(w, name ?? (w.hint === "default" ? "default" : undefined)),
    kind: method?.kind ?? (arrow ? "arrow" : "function"),
    parent: w.fn,
    async: node.async,
    generator: node.generator,
    params: [],
    returns: [],
    at: [startOf(node), endOf(node)],
    nameAt: [nameAt[0], nameAt[1]],
    bodyAt: body ? [startOf(body), endOf(body)] : [endOf(node), endOf(node)],
  };
  if (method) {
    summary.cls = method.cls;
    summary.isStatic = method.isStatic;
  } else if (arrow && w.cls >= 0 && w.functions[w.fn]?.cls === undefined) {
    summary.cls = w.cls;
  }
  if (returnType) summary.returnType = returnType;
  w.functions.push(summary);

  const outer = [w.fn, w.cls, w.loop, w.try, w.catch, w.branch] as const;
  w.fn = f;
  w.cls = -1;
  w.loop = w.try = w.catch = w.branch = -1;
  const hint = w.hint;
  w.hint = undefined;
  inScope(w, () => {
    if (node.type === "FunctionExpression" && node.id)
      bind(w, node.id.name, "fn", spanOf(node.id), { value: { k: "fn", f } });
    summary.params = valueParams(node.params as Node[]).map((it, i) => readParam(w, it, i));
    if (body) {
      if (body.type === "BlockStatement") {
        const directives = directivesOf(body.body);
        if (directives.length > 0) summary.directives = directives;
        declare(w, body.body);
        for (const statement of body.body) readStatement(w, statement);
      } else {
        (summary.returns as Value[]).push(readExpression(w, body, "return"));
      }
    }
  });
  [w.fn, w.cls, w.loop, w.try, w.catch, w.branch] = outer;
  w.hint = hint;
  summary.returns = exact(summary.returns as Value[]);
  return { k: "fn", f };
}

function functionName(w: Walk, own: string | undefined): string {
  const prefix = w.cls >= 0 ? `${w.classes[w.cls]!.name}.` : w.fn > 0 ? `${w.functions[w.fn]!.name}.` : "";
  const base = prefix + (own ?? "<fn>");
  const count = w.names.get(base) ?? 0;
  w.names.set(base, count + 1);
  return own !== undefined && count === 0 ? base : `${prefix}${own ?? ""}<${count + 1}>`;
}

export function lastFunctionAt(w: Walk, at: Span): number {
  for (let f = w.functions.length - 1; f > 0; f--) if (w.functions[f]!.at[0] === at[0]) return f;
  return w.functions.length - 1;
}

function readParam(w: Walk, node: Node, index: number): Param {
  let inner: Node = node;
  const decorators: Value[] = [];
  let firstDecorator = startOf(node);
  if ("decorators" in inner && inner.decorators)
    for (const it of inner.decorators) {
      firstDecorator = Math.min(firstDecorator, startOf(it));
      decorators.push(readDecorator(w, it));
    }
  if (inner.type === "TSParameterProperty") inner = inner.parameter as Node;
  let fallback: Value | undefined;
  let rest = false;
  if (inner.type === "AssignmentPattern") {
    fallback = readExpression(w, inner.right, "other");
    inner = inner.left;
  } else if (inner.type === "RestElement") {
    rest = true;
    inner = inner.argument;
  }
  const annotation =
    "typeAnnotation" in inner && inner.typeAnnotation ? (inner.typeAnnotation as TSESTree.TSTypeAnnotation) : undefined;
  const type = annotation ? readType(w, annotation.typeAnnotation) : undefined;
  const name = inner.type === "Identifier" ? inner.name : "";
  const binding = bind(w, name === "" ? `<param ${index}>` : name, "param", spanOf(inner), {
    param: index,
    ...(type ? { type } : {}),
    ...(fallback ? { value: fallback } : {}),
  });
  if (inner.type !== "Identifier") {
    declarePattern(w, inner, "const");
    assignPattern(w, inner, { k: "ref", b: binding }, "init");
  }
  return {
    name,
    binding,
    ...(type ? { type } : {}),
    ...(fallback ? { default: fallback } : {}),
    optional: (inner.type === "Identifier" && inner.optional === true) || fallback !== undefined,
    rest,
    decorators,
    // The parsers disagree on whether a parameter with a default begins at its decorator.
    at: [firstDecorator, endOf(node)],
  };
}
