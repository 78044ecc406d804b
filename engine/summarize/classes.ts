import type { TSESTree } from "@typescript-eslint/typescript-estree";
import type { ClassMember, ClassSummary, TypeRef, Value } from "../model.ts";
import { endOf, spanOf, startOf } from "../syntax/span.ts";
import { readExpression } from "./expressions.ts";
import { readFunction } from "./functions.ts";
import { nameOfKey } from "./nodes.ts";
import { readBlock } from "./statements.ts";
import { readHeritage, readType } from "./types.ts";
import type { Building, Node, Walk } from "./walk.ts";

export function readClass(
  w: Walk,
  node: TSESTree.ClassDeclaration | TSESTree.ClassExpression,
  binding: number | undefined,
  hint?: string,
): Value {
  const c = w.classes.length;
  const name = node.id?.name ?? hint ?? (w.hint === "default" ? "default" : "<class>");
  const superArgs = (node.superTypeArguments ?? undefined)?.params.map(
    (it) => readType(w, it) ?? ({ t: "prim", name: "unknown" } as TypeRef),
  );
  const members: ClassMember[] = [];
  const summary: Building<ClassSummary> = {
    name,
    ...(binding !== undefined ? { binding } : {}),
    implements: [],
    decorators: [],
    members,
    abstract: node.abstract === true,
    at: [startOf(node), endOf(node)],
    nameAt: node.id ? [startOf(node.id), endOf(node.id)] : [startOf(node), startOf(node) + 5],
  };
  w.classes.push(summary);
  summary.decorators = (node.decorators ?? []).map((it) => readDecorator(w, it));
  if (node.superClass) summary.superClass = readExpression(w, node.superClass, "other");
  if (superArgs) summary.superArgs = superArgs;
  summary.implements = (node.implements ?? []).map((it) =>
    readHeritage(w, it as unknown as { expression: Node; typeArguments?: Node }),
  );

  const outerCls = w.cls;
  const outerHint = w.hint;
  w.hint = undefined;
  const outer = [w.loop, w.try, w.catch, w.branch] as const;
  w.loop = w.try = w.catch = w.branch = -1;
  for (const member of node.body.body) {
    w.cls = c;
    readClassMember(w, member, c, summary, members);
  }
  w.cls = outerCls;
  w.hint = outerHint;
  [w.loop, w.try, w.catch, w.branch] = outer;
  return { k: "class", c };
}

function readClassMember(
  w: Walk,
  member: TSESTree.ClassElement,
  c: number,
  summary: Building<ClassSummary>,
  members: ClassMember[],
): void {
  switch (member.type) {
    case "MethodDefinition":
    case "TSAbstractMethodDefinition": {
      const name = member.computed ? "" : nameOfKey(member.key);
      const decorators = (member.decorators ?? []).map((it) => readDecorator(w, it));
      w.cls = c;
      const kind =
        member.kind === "constructor"
          ? "constructor"
          : member.kind === "get"
            ? "getter"
            : member.kind === "set"
              ? "setter"
              : "method";
      const value = readFunction(w, member.value as TSESTree.FunctionExpression, name, {
        kind,
        cls: c,
        isStatic: member.static,
        nameAt: spanOf(member.key),
      });
      const fn = (value as { f: number }).f;
      if (kind === "constructor") {
        summary.ctor = fn;
        addParameterProperties(w, member.value.params as Node[], fn, members);
      }
      members.push({
        name,
        isStatic: member.static,
        decorators,
        fn,
        ...(member.type === "TSAbstractMethodDefinition" ? { abstract: true } : {}),
        at: spanOf(member),
      });
      return;
    }
    case "PropertyDefinition":
    case "AccessorProperty":
    case "TSAbstractPropertyDefinition": {
      const name = member.computed ? "" : nameOfKey(member.key);
      const decorators = (member.decorators ?? []).map((it) => readDecorator(w, it));
      const type = member.typeAnnotation ? readType(w, member.typeAnnotation.typeAnnotation) : undefined;
      w.cls = c;
      w.hint = name;
      const value = member.value ? readExpression(w, member.value, "init") : undefined;
      w.hint = undefined;
      members.push({
        name,
        isStatic: member.static,
        decorators,
        ...(value ? { value } : {}),
        ...(type ? { type } : {}),
        at: spanOf(member),
      });
      return;
    }
    case "StaticBlock":
      readBlock(w, member.body);
      return;
    default:
      return;
  }
}

function addParameterProperties(w: Walk, params: readonly Node[], fn: number, members: ClassMember[]): void {
  params.forEach((node, i) => {
    if (node.type !== "TSParameterProperty") return;
    const param = w.functions[fn]!.params[i]!;
    members.push({
      name: param.name,
      isStatic: false,
      decorators: param.decorators,
      value: { k: "ref", b: param.binding },
      ...(param.type ? { type: param.type } : {}),
      at: param.at,
    });
  });
}

export function readDecorator(w: Walk, node: TSESTree.Decorator): Value {
  return readExpression(w, node.expression, "other");
}
