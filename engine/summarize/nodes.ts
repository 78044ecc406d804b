import type { TSESTree } from "@typescript-eslint/typescript-estree";
import type { Branch, Span, Value } from "../model.ts";
import { startOf } from "../syntax/span.ts";
import type { Node } from "./walk.ts";

export function typeParams(node: TSESTree.TSTypeParameterDeclaration | undefined): { params?: string[] } {
  return node?.params.length ? { params: node.params.map((it) => it.name.name) } : {};
}

/** `exports` and `module.exports`. */
export function isExports(value: Value): boolean {
  return (
    (value.k === "global" && value.name === "exports") ||
    (value.k === "get" && value.name === "exports" && value.of.k === "global" && value.of.name === "module")
  );
}

/** `function (this: Server, request)`: the first says what `this` is and takes no argument. */
export function valueParams(params: readonly Node[]): readonly Node[] {
  const [first] = params;
  return first?.type === "Identifier" && first.name === "this" ? params.slice(1) : params;
}

/** `""` while the specifier is not typed yet. */
export function sourceOf(node: { readonly source: { readonly value?: unknown } | null }): string {
  return typeof node.source?.value === "string" ? node.source.value : "";
}

export function directivesOf(body: readonly Node[]): string[] {
  const directives: string[] = [];
  for (const node of body) {
    if (
      node.type !== "ExpressionStatement" ||
      node.expression.type !== "Literal" ||
      typeof node.expression.value !== "string"
    )
      break;
    directives.push(node.expression.value);
  }
  return directives;
}

export function eachName(pattern: Node, visit: (id: TSESTree.Identifier) => void): void {
  switch (pattern.type) {
    case "Identifier":
      visit(pattern);
      return;
    case "ObjectPattern":
      for (const it of pattern.properties)
        eachName(it.type === "RestElement" ? it.argument : (it.value as Node), visit);
      return;
    case "ArrayPattern":
      for (const it of pattern.elements) if (it) eachName(it, visit);
      return;
    case "AssignmentPattern":
      eachName(pattern.left, visit);
      return;
    case "RestElement":
      eachName(pattern.argument, visit);
      return;
  }
}

export function nameOfKey(node: Node): string {
  if (node.type === "Identifier") return node.name;
  if (node.type === "PrivateIdentifier") return `#${node.name}`;
  if (node.type === "Literal") return String(node.value);
  return "";
}

export function dotted(node: Node): string | undefined {
  if (node.type === "Identifier") return node.name;
  if (node.type === "TSQualifiedName") {
    const left = dotted(node.left);
    return left === undefined ? undefined : `${left}.${node.right.name}`;
  }
  if (node.type === "MemberExpression" && !node.computed) {
    const left = dotted(node.object);
    return left === undefined ? undefined : `${left}.${(node.property as TSESTree.Identifier).name}`;
  }
  return undefined;
}

export function literalText(node: Node): string | undefined {
  if (node.type === "Literal" && typeof node.value === "string") return node.value;
  if (node.type === "TemplateLiteral" && node.expressions.length === 0)
    return node.quasis[0]?.value.cooked ?? undefined;
  return undefined;
}

/** The `=>` of an arrow function: searched backwards from its body, where only blanks, comments and "(" can stand between. */
export function arrowSpan(node: TSESTree.ArrowFunctionExpression, text: string): Span {
  const at = text.lastIndexOf("=>", startOf(node.body));
  return at >= startOf(node) ? [at, at + 2] : [startOf(node), startOf(node) + 1];
}

/** How a branch that begins here leaves its surroundings. */
export function exitOf(node: Node): Branch["exits"] {
  if (node.type === "ThrowStatement") return "throw";
  if (node.type === "ReturnStatement") return "return";
  if (node.type === "ContinueStatement" || node.type === "BreakStatement") return "jump";
  if (node.type === "BlockStatement") {
    const last = node.body.at(-1);
    return last ? exitOf(last) : "no";
  }
  return "no";
}
