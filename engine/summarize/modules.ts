import type { TSESTree } from "@typescript-eslint/typescript-estree";
import type { Import, Span, Value } from "../model.ts";
import { spanOf } from "../syntax/span.ts";
import { readExpression } from "./expressions.ts";
import { lastFunctionAt } from "./functions.ts";
import { eachName, isExports, nameOfKey, sourceOf } from "./nodes.ts";
import { bind, lookup, reference } from "./scope.ts";
import { readStatement } from "./statements.ts";
import type { Node, Walk } from "./walk.ts";

export function declareImport(w: Walk, node: TSESTree.ImportDeclaration): void {
  const index = addImport(w, sourceOf(node), "static", node.importKind === "type", spanOf(node.source));
  for (const it of node.specifiers) {
    const name =
      it.type === "ImportDefaultSpecifier"
        ? "default"
        : it.type === "ImportNamespaceSpecifier"
          ? "*"
          : nameOfKey(it.imported);
    bind(w, it.local.name, "import", spanOf(it.local), { from: { import: index, name } });
  }
}

export function addImport(w: Walk, specifier: string, kind: Import["kind"], typeOnly: boolean, at: Span): number {
  w.imports.push({ specifier, kind, typeOnly, at: [at[0], at[1]], fn: w.fn });
  return w.imports.length - 1;
}

export function readNamedExport(w: Walk, node: TSESTree.ExportNamedDeclaration): void {
  if (node.declaration) {
    readStatement(w, node.declaration as Node);
    const declared = node.declaration as Node;
    if (declared.type === "VariableDeclaration") {
      for (const it of declared.declarations)
        eachName(it.id, (id) => {
          w.exports.push({ name: id.name, value: reference(w, id.name), at: spanOf(id) });
        });
    } else if ("id" in declared && declared.id && declared.id.type === "Identifier") {
      w.exports.push({ name: declared.id.name, value: reference(w, declared.id.name), at: spanOf(declared.id) });
    }
    return;
  }
  if (node.source) {
    const index = addImport(w, sourceOf(node), "static", node.exportKind === "type", spanOf(node.source));
    for (const it of node.specifiers)
      w.exports.push({
        name: nameOfKey(it.exported),
        import: index,
        imported: nameOfKey(it.local),
        at: spanOf(it),
      });
    return;
  }
  for (const it of node.specifiers)
    w.exports.push({ name: nameOfKey(it.exported), value: reference(w, nameOfKey(it.local)), at: spanOf(it) });
}

export function addCommonJsExport(w: Walk, target: Value, value: Value, at: Span): void {
  if (target.k !== "get" || w.fn !== 0) return;
  const { of, name } = target;
  if (of.k === "global" && of.name === "module" && name === "exports") {
    w.exported = value;
    // An empty one only begins what is added to it by name.
    if (value.k !== "obj" || value.props.length > 0) w.exports.push({ name: "=", value, at });
  } else if (isExports(of) || (of.k === "ref" && holdsExports(w, w.bindings[of.b]!.value))) {
    w.exports.push({ name, value, at });
  }
}

/** `const api = module.exports`, `const api = (module.exports = {})`: what is added to the name is exported. */
function holdsExports(w: Walk, value: Value | undefined): boolean {
  return value !== undefined && (isExports(value) || (value.k === "obj" && value === w.exported));
}

export function readDefaultExport(w: Walk, node: TSESTree.ExportDefaultDeclaration): void {
  const declared = node.declaration as Node;
  if (declared.type === "FunctionDeclaration" || declared.type === "ClassDeclaration") {
    w.hint = "default";
    readStatement(w, declared);
    w.hint = undefined;
    const b = declared.id ? lookup(w, declared.id.name) : undefined;
    const value: Value =
      b !== undefined
        ? { k: "ref", b }
        : declared.type === "FunctionDeclaration"
          ? { k: "fn", f: lastFunctionAt(w, spanOf(declared)) }
          : { k: "class", c: w.classes.length - 1 };
    w.exports.push({ name: "default", value, at: spanOf(node) });
  } else if (declared.type === "TSInterfaceDeclaration") {
    readStatement(w, declared);
    const b = lookup(w, declared.id.name);
    if (b !== undefined) w.exports.push({ name: "default", value: { k: "ref", b }, at: spanOf(node) });
  } else {
    w.hint = "default";
    const value = readExpression(w, declared, "other");
    w.hint = undefined;
    w.exports.push({ name: "default", value, at: spanOf(node) });
  }
}

/** `export * from "…"`, `export * as name from "…"`. */
export function readStarExport(w: Walk, node: TSESTree.ExportAllDeclaration): void {
  const index = addImport(w, sourceOf(node), "static", node.exportKind === "type", spanOf(node.source));
  w.exports.push(
    node.exported
      ? { name: nameOfKey(node.exported), import: index, imported: "*", at: spanOf(node) }
      : { name: "*", import: index, imported: "*", at: spanOf(node) },
  );
}
