import type { TSESTree } from "@typescript-eslint/typescript-estree";
import type { Value } from "../model.ts";
import { spanOf } from "../syntax/span.ts";
import { readExpression } from "./expressions.ts";
import { addCommonJsExport } from "./modules.ts";
import { nameOfKey } from "./nodes.ts";
import { lookup } from "./scope.ts";
import { readType } from "./types.ts";
import { MAX_ITEMS, type Node, UNKNOWN, type Walk } from "./walk.ts";

export function readVariables(w: Walk, node: TSESTree.VariableDeclaration): void {
  for (const declarator of node.declarations) {
    if (!declarator.init) {
      const id = declarator.id as Node;
      if (id.type === "Identifier") annotate(w, id);
      continue;
    }
    if (declarator.id.type === "Identifier") w.hint = declarator.id.name;
    const value = readExpression(w, declarator.init, "init");
    w.hint = undefined;
    assignPattern(w, declarator.id, value, "init");
  }
}

function annotate(w: Walk, id: TSESTree.Identifier): void {
  const b = lookup(w, id.name);
  const type = id.typeAnnotation ? readType(w, id.typeAnnotation.typeAnnotation) : undefined;
  if (b !== undefined && type) w.bindings[b]!.type = type;
}

/** Spreads a value over a pattern: each name gets the part of the value that it stands for. */
export function assignPattern(w: Walk, pattern: Node, value: Value, mode: "init" | "write"): void {
  switch (pattern.type) {
    case "Identifier": {
      const b = lookup(w, pattern.name);
      if (b === undefined) return;
      const binding = w.bindings[b]!;
      if (mode === "init" && binding.value === undefined) binding.value = value;
      else if ((binding.writes?.length ?? 0) < MAX_ITEMS) {
        binding.writes = [...(binding.writes ?? []), value];
        binding.writesIn = [...(binding.writesIn ?? []), w.branch];
      }
      if (pattern.typeAnnotation) annotate(w, pattern);
      return;
    }
    case "ObjectPattern":
      for (const property of pattern.properties) {
        if (property.type === "RestElement") {
          const taken: Value[] = pattern.properties.flatMap((it) =>
            it.type === "Property" && !it.computed ? [{ k: "lit", v: nameOfKey(it.key) } as Value] : [],
          );
          assignPattern(
            w,
            property.argument,
            property.argument.type === "Identifier" ? { k: "op", op: "rest", args: [value, ...taken] } : UNKNOWN,
            mode,
          );
          continue;
        }
        if (property.computed) {
          readExpression(w, property.key, "other");
          assignPattern(w, property.value as Node, UNKNOWN, mode);
          continue;
        }
        assignPattern(w, property.value as Node, { k: "get", of: value, name: nameOfKey(property.key) }, mode);
      }
      return;
    case "ArrayPattern":
      pattern.elements.forEach((element, i) => {
        if (!element) return;
        if (element.type === "RestElement") assignPattern(w, element.argument, UNKNOWN, mode);
        else assignPattern(w, element, { k: "at", of: value, key: { k: "lit", v: i } }, mode);
      });
      return;
    case "AssignmentPattern": {
      const fallback = readExpression(w, pattern.right, "other");
      assignPattern(w, pattern.left, { k: "either", op: "??", a: value, b: fallback }, mode);
      return;
    }
    case "MemberExpression": {
      const target = readExpression(w, pattern, "other");
      w.assignments.push({ target, value, op: "=", fn: w.fn, at: spanOf(pattern) });
      return;
    }
    case "TSAsExpression":
    case "TSNonNullExpression":
    case "TSTypeAssertion":
      assignPattern(w, pattern.expression, value, mode);
      return;
  }
}

export function readAssignment(w: Walk, node: TSESTree.AssignmentExpression): Value {
  const left = node.left as Node;
  if (left.type === "MemberExpression") {
    const target = readExpression(w, left, "other");
    const name = target.k === "get" ? target.name : undefined;
    w.hint = name;
    const value = readExpression(w, node.right, "assign");
    w.hint = undefined;
    w.assignments.push({ target, value, op: node.operator, fn: w.fn, at: spanOf(node) });
    addCommonJsExport(w, target, value, spanOf(node));
    return value;
  }
  if (left.type === "Identifier") w.hint = left.name;
  const value = readExpression(w, node.right, "assign");
  w.hint = undefined;
  assignPattern(w, left, value, "write");
  return value;
}
