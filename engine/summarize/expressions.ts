import type { TSESTree } from "@typescript-eslint/typescript-estree";
import type { Prop, Span, Use, Value } from "../model.ts";
import { endOf, spanOf, startOf } from "../syntax/span.ts";
import { readAssignment } from "./assign.ts";
import { addCall, finishCall, readCall } from "./calls.ts";
import { readClass } from "./classes.ts";
import { inBranch } from "./control-flow.ts";
import { readFunction } from "./functions.ts";
import { addImport } from "./modules.ts";
import { literalText, nameOfKey } from "./nodes.ts";
import { reference } from "./scope.ts";
import { exact, MAX_DEPTH, MAX_ITEMS, type Node, UNKNOWN, type Walk } from "./walk.ts";

export function readExpression(w: Walk, node: Node, use: Use): Value {
  if (++w.depth > MAX_DEPTH) {
    w.depth--;
    return UNKNOWN;
  }
  const value = readKnownExpression(w, node, use);
  w.depth--;
  return value;
}

function readKnownExpression(w: Walk, node: Node, use: Use): Value {
  switch (node.type) {
    case "Identifier":
      return reference(w, node.name);
    case "Literal":
      if ("bigint" in node && node.bigint) return UNKNOWN;
      if ("regex" in node && node.regex) return { k: "op", op: "regex", args: [{ k: "lit", v: node.regex.pattern }] };
      if (typeof node.value === "string") return { k: "lit", v: node.value, at: spanOf(node) };
      return { k: "lit", v: node.value as number | boolean | null, at: spanOf(node) };
    case "TemplateLiteral":
      return readTemplate(w, node);
    case "ObjectExpression":
      return readObject(w, node);
    case "ArrayExpression": {
      const items: Value[] = [];
      let open = false;
      for (const element of node.elements) {
        if (!element) continue;
        if (element.type === "SpreadElement") {
          open = true;
          items.push({ k: "op", op: "spread", args: [readExpression(w, element.argument, "element")] });
        } else {
          const value = readExpression(w, element, "element");
          if (items.length < MAX_ITEMS) items.push(value);
          else open = true;
        }
      }
      return { k: "arr", items: exact(items), open, at: spanOf(node) };
    }
    case "CallExpression":
      return readCall(w, node, use);
    case "NewExpression":
      return addCall(w, "new", node, node.callee, node.arguments, node.typeArguments, use);
    case "TaggedTemplateExpression": {
      const template = readTemplate(w, node.quasi);
      const callee = readExpression(w, node.tag, "other");
      return finishCall(
        w,
        "tag",
        node,
        node.tag,
        callee,
        [template],
        [spanOf(node.quasi)],
        undefined,
        node.typeArguments,
        use,
      );
    }
    case "ImportExpression": {
      const specifier = literalText(node.source as Node);
      if (specifier === undefined) {
        return { k: "op", op: "import-computed", args: [readExpression(w, node.source, "other")] };
      }
      const index = addImport(w, specifier, "dynamic", false, spanOf(node.source));
      return { k: "op", op: "import", args: [{ k: "lit", v: index }] };
    }
    case "MemberExpression": {
      if (node.object.type === "Super") {
        return node.computed || node.property.type !== "Identifier"
          ? UNKNOWN
          : { k: "get", of: { k: "super", f: w.fn }, name: node.property.name };
      }
      const of = readExpression(w, node.object, "receiver");
      if (node.computed) {
        const key = readExpression(w, node.property, "other");
        if (key.k === "lit" && typeof key.v === "string") return { k: "get", of, name: key.v };
        return { k: "at", of, key };
      }
      return {
        k: "get",
        of,
        name:
          node.property.type === "PrivateIdentifier"
            ? `#${node.property.name}`
            : (node.property as TSESTree.Identifier).name,
      };
    }
    case "ChainExpression":
      return readExpression(w, node.expression, use);
    case "AwaitExpression":
      return readExpression(w, node.argument, "await");
    case "TSAsExpression":
    case "TSSatisfiesExpression":
    case "TSNonNullExpression":
    case "TSTypeAssertion":
    case "TSInstantiationExpression":
      return readExpression(w, node.expression, use);
    case "ArrowFunctionExpression":
    case "FunctionExpression": {
      const hint = w.hint ?? (node.type === "FunctionExpression" ? node.id?.name : undefined);
      w.hint = undefined;
      return readFunction(w, node, hint);
    }
    case "ClassExpression": {
      const hint = w.hint;
      w.hint = undefined;
      return readClass(w, node, undefined, hint);
    }
    case "LogicalExpression": {
      const a = readExpression(w, node.left, node.operator === "&&" ? "test" : use);
      let b: Value = UNKNOWN;
      inBranch(w, { test: a, at: spanOf(node), thenAt: spanOf(node.right), exits: "no" }, () => {
        b = readExpression(w, node.right, use);
      });
      return { k: "either", op: node.operator, a, b };
    }
    case "ConditionalExpression": {
      const test = readExpression(w, node.test, "test");
      let a: Value = UNKNOWN;
      let b: Value = UNKNOWN;
      inBranch(
        w,
        { test, at: spanOf(node), thenAt: spanOf(node.consequent), elseAt: spanOf(node.alternate), exits: "no" },
        () => {
          a = readExpression(w, node.consequent, use);
          b = readExpression(w, node.alternate, use);
        },
      );
      return { k: "either", op: "?:", a, b, test };
    }
    case "AssignmentExpression":
      return readAssignment(w, node);
    case "BinaryExpression":
      return {
        k: "op",
        op: node.operator,
        args: [readExpression(w, node.left as Node, "test"), readExpression(w, node.right, "test")],
      };
    case "UnaryExpression": {
      const arg = readExpression(
        w,
        node.argument,
        node.operator === "void" ? "void" : node.operator === "!" ? "test" : "other",
      );
      if (node.operator === "-" && arg.k === "lit" && typeof arg.v === "number") return { k: "lit", v: -arg.v };
      if (node.operator === "void") return { k: "op", op: "void", args: [arg] };
      return { k: "op", op: node.operator, args: [arg] };
    }
    case "UpdateExpression": {
      const target = readExpression(w, node.argument, "other");
      // `user.credits++`; what an object counts of itself is no news to anybody.
      if (target.k === "get" && target.of.k !== "this")
        w.assignments.push({
          target,
          value: { k: "lit", v: 1 },
          op: node.operator === "++" ? "+=" : "-=",
          fn: w.fn,
          at: spanOf(node),
        });
      return { k: "op", op: node.operator, args: [target] };
    }
    case "SequenceExpression": {
      let last: Value = UNKNOWN;
      node.expressions.forEach((it, i) => {
        last = readExpression(w, it, i === node.expressions.length - 1 ? use : "discard");
      });
      return last;
    }
    case "YieldExpression":
      return node.argument ? readExpression(w, node.argument, "other") : UNKNOWN;
    case "ThisExpression":
      return w.cls >= 0 ? { k: "this", f: w.fn, c: w.cls } : { k: "this", f: w.fn };
    case "Super":
      return { k: "super", f: w.fn };
    case "SpreadElement":
      return readExpression(w, node.argument, use);
    case "JSXElement":
    case "JSXFragment":
      w.hasJsx = true;
      readJsx(w, node);
      return UNKNOWN;
    case "MetaProperty":
      return { k: "op", op: "import.meta", args: [] };
    default:
      return UNKNOWN;
  }
}

function readTemplate(w: Walk, node: TSESTree.TemplateLiteral): Value {
  const values = node.expressions.map((it) => readExpression(w, it, "other"));
  const strings = node.quasis.map((it) => it.value.cooked ?? it.value.raw);
  if (values.length === 0) return { k: "lit", v: strings[0] ?? "", at: spanOf(node) };
  // Both parsers give a quasi's range with its delimiters; the text starts after "`" or "}" in each.
  const at = node.quasis.map((it, i): Span => [startOf(it) + 1, endOf(it) - (i === node.quasis.length - 1 ? 1 : 2)]);
  return { k: "tpl", strings, values, at };
}

function readObject(w: Walk, node: TSESTree.ObjectExpression): Value {
  const props = node.properties.map((property): Prop => {
    if (property.type === "SpreadElement")
      return { name: null, value: readExpression(w, property.argument, "other"), at: spanOf(property) };
    if (property.computed) {
      const computed = readExpression(w, property.key, "other");
      const value = readExpression(w, property.value as Node, "other");
      return computed.k === "lit" && typeof computed.v === "string"
        ? { name: computed.v, value, at: spanOf(property) }
        : { name: "", value, computed, at: spanOf(property) };
    }
    const name = nameOfKey(property.key);
    w.hint = name;
    const value = readExpression(w, property.value as Node, "other");
    w.hint = undefined;
    if (property.kind === "get" && value.k === "fn") w.functions[value.f]!.kind = "getter";
    return { name, value, at: spanOf(property) };
  });
  return { k: "obj", props, at: spanOf(node) };
}

function readJsx(w: Walk, node: Node): void {
  // Calls inside markup matter only as calls (event handlers, loaders); their values never do.
  switch (node.type) {
    case "JSXElement":
      for (const attribute of node.openingElement.attributes) {
        if (attribute.type === "JSXSpreadAttribute") readExpression(w, attribute.argument, "other");
        else if (attribute.value?.type === "JSXExpressionContainer") readJsx(w, attribute.value);
      }
      for (const child of node.children) readJsx(w, child);
      return;
    case "JSXFragment":
      for (const child of node.children) readJsx(w, child);
      return;
    case "JSXExpressionContainer":
    case "JSXSpreadChild":
      if (node.expression.type !== "JSXEmptyExpression") readExpression(w, node.expression, "other");
      return;
    default:
      return;
  }
}
