import type { Binding } from "../model.ts";
import { spanOf } from "../syntax/span.ts";
import { addImport, declareImport } from "./modules.ts";
import { eachName, literalText } from "./nodes.ts";
import { bind } from "./scope.ts";
import type { Node, Walk } from "./walk.ts";

/** Declares what a block declares before its statements are read, so that earlier functions may speak of later names. */
export function declare(w: Walk, body: readonly Node[]): void {
  for (let node of body) {
    if (node.type === "ExportNamedDeclaration" || node.type === "ExportDefaultDeclaration") {
      if (!node.declaration) continue;
      node = node.declaration as Node;
    }
    switch (node.type) {
      case "ImportDeclaration":
        declareImport(w, node);
        break;
      case "TSImportEqualsDeclaration": {
        if (node.moduleReference.type === "TSExternalModuleReference") {
          const specifier = literalText(node.moduleReference.expression as Node);
          if (specifier === undefined) break;
          const index = addImport(w, specifier, "require", node.importKind === "type", spanOf(node));
          bind(w, node.id.name, "import", spanOf(node.id), { from: { import: index, name: "=" } });
        }
        break;
      }
      case "FunctionDeclaration":
      case "TSDeclareFunction":
        if (node.id && !w.scope.names.has(node.id.name)) bind(w, node.id.name, "fn", spanOf(node.id));
        break;
      case "ClassDeclaration":
        if (node.id) bind(w, node.id.name, "class", spanOf(node.id));
        break;
      case "TSEnumDeclaration":
      case "TSInterfaceDeclaration":
      case "TSTypeAliasDeclaration":
        if (!w.scope.names.has(node.id.name)) bind(w, node.id.name, "type", spanOf(node.id));
        break;
      case "TSModuleDeclaration":
        if (node.id.type === "Identifier") bind(w, node.id.name, "type", spanOf(node.id));
        break;
      case "VariableDeclaration":
        for (const declarator of node.declarations)
          declarePattern(w, declarator.id, node.kind === "const" ? "const" : "let");
        break;
    }
  }
}

export function declarePattern(w: Walk, pattern: Node, kind: Binding["kind"]): void {
  eachName(pattern, (id) => {
    bind(w, id.name, kind, spanOf(id));
  });
}
