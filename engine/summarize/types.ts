import type { TSESTree } from "@typescript-eslint/typescript-estree";
import type { Prop, TypeMember, TypeRef, Value } from "../model.ts";
import { spanOf } from "../syntax/span.ts";
import { readExpression } from "./expressions.ts";
import { addImport } from "./modules.ts";
import { dotted, literalText, nameOfKey, typeParams, valueParams } from "./nodes.ts";
import { bind, lookup, reference } from "./scope.ts";
import { MAX_DEPTH, type Node, UNKNOWN, type Walk } from "./walk.ts";

export function readHeritage(w: Walk, node: { expression: Node; typeArguments?: Node | null }): TypeRef {
  const name = dotted(node.expression);
  if (name === undefined) return { t: "prim", name: "unknown" };
  return namedType(w, name, node.typeArguments as TSESTree.TSTypeParameterInstantiation | undefined);
}

function namedType(w: Walk, name: string, typeArgs: TSESTree.TSTypeParameterInstantiation | undefined | null): TypeRef {
  const b = lookup(w, name.split(".")[0]!);
  const args = typeArgs?.params.slice(0, 4).map((it) => readType(w, it) ?? ({ t: "prim", name: "unknown" } as TypeRef));
  return { t: "name", name, ...(b !== undefined ? { b } : {}), ...(args?.length ? { args } : {}) };
}

export function readType(w: Walk, node: Node): TypeRef | undefined {
  if (++w.depth > MAX_DEPTH) {
    w.depth--;
    return undefined;
  }
  const type = readKnownType(w, node);
  w.depth--;
  return type;
}

function readKnownType(w: Walk, node: Node): TypeRef | undefined {
  switch (node.type) {
    case "TSTypeReference": {
      const name = dotted(node.typeName as Node);
      return name === undefined ? undefined : namedType(w, name, node.typeArguments);
    }
    case "TSImportType": {
      const specifier = literalText(node.source as Node);
      const qualifier = node.qualifier ? dotted(node.qualifier as Node) : undefined;
      if (specifier === undefined || qualifier === undefined) return undefined;
      // A namespace import that is written in place.
      const index = addImport(w, specifier, "static", true, spanOf(node));
      const name = `<import ${index}>`;
      const b = bind(w, name, "import", spanOf(node), { from: { import: index, name: "*" } });
      const args = node.typeArguments?.params.slice(0, 4).flatMap((it) => readType(w, it) ?? []);
      return { t: "name", name: `${name}.${qualifier}`, b, ...(args?.length ? { args } : {}) };
    }
    case "TSArrayType": {
      const of = readType(w, node.elementType);
      return of ? { t: "array", of } : undefined;
    }
    case "TSUnionType":
    case "TSIntersectionType": {
      const of = node.types
        .slice(0, 12)
        .map((it) => readType(w, it))
        .filter((it) => it !== undefined);
      return { t: "union", of };
    }
    case "TSTypeLiteral":
      return { t: "object", members: readTypeMembers(w, node.members) };
    case "TSFunctionType": {
      const returns = node.returnType ? readType(w, node.returnType.typeAnnotation) : undefined;
      const params = valueParams(node.params as Node[]).map((it) => {
        const annotation =
          "typeAnnotation" in it ? (it.typeAnnotation as TSESTree.TSTypeAnnotation | undefined) : undefined;
        return (
          (annotation ? readType(w, annotation.typeAnnotation) : undefined) ??
          ({ t: "prim", name: "unknown" } as TypeRef)
        );
      });
      return { t: "fn", params, ...(returns ? { returns } : {}) };
    }
    case "TSTypeQuery": {
      const name = dotted(node.exprName as Node);
      if (name === undefined) return undefined;
      const [head, ...rest] = name.split(".");
      let of: Value = reference(w, head!);
      for (const it of rest) of = { k: "get", of, name: it };
      return { t: "typeof", of };
    }
    case "TSIndexedAccessType": {
      const of = readType(w, node.objectType);
      const index = node.indexType.type === "TSLiteralType" ? literalText(node.indexType.literal as Node) : undefined;
      return of && index !== undefined ? { t: "index", of, name: index } : undefined;
    }
    case "TSLiteralType": {
      const literal = node.literal as Node;
      if (
        literal.type === "Literal" &&
        (typeof literal.value === "string" || typeof literal.value === "number" || typeof literal.value === "boolean")
      )
        return { t: "lit", v: literal.value };
      return undefined;
    }
    case "TSTupleType":
      return {
        t: "tuple",
        of: node.elementTypes.slice(0, 12).map((it) => readType(w, it as Node) ?? { t: "prim", name: "unknown" }),
      };
    case "TSTypeOperator":
      return node.typeAnnotation ? readType(w, node.typeAnnotation) : undefined;
    case "TSOptionalType":
      return readType(w, node.typeAnnotation);
    case "TSRestType":
      return undefined;
    case "TSStringKeyword":
      return { t: "prim", name: "string" };
    case "TSNumberKeyword":
      return { t: "prim", name: "number" };
    case "TSBooleanKeyword":
      return { t: "prim", name: "boolean" };
    case "TSUndefinedKeyword":
      return { t: "prim", name: "undefined" };
    case "TSNullKeyword":
      return { t: "prim", name: "null" };
    case "TSAnyKeyword":
      return { t: "prim", name: "any" };
    case "TSUnknownKeyword":
      return { t: "prim", name: "unknown" };
    case "TSVoidKeyword":
      return { t: "prim", name: "void" };
    default:
      return undefined;
  }
}

function readTypeMembers(w: Walk, nodes: readonly Node[]): TypeMember[] {
  const members: TypeMember[] = [];
  for (const node of nodes) {
    if (members.length >= 400) break;
    if (node.type === "TSPropertySignature" && !node.computed) {
      const type = node.typeAnnotation ? readType(w, node.typeAnnotation.typeAnnotation) : undefined;
      members.push({
        name: nameOfKey(node.key as Node),
        ...(type ? { type } : {}),
        optional: node.optional === true,
      });
    } else if (node.type === "TSMethodSignature" && !node.computed) {
      const returns = node.returnType ? readType(w, node.returnType.typeAnnotation) : undefined;
      members.push({
        name: nameOfKey(node.key as Node),
        type: { t: "fn", params: [], ...(returns ? { returns } : {}) },
        optional: node.optional === true,
      });
    }
  }
  return members;
}

/** Interfaces that a file adds to a library's module or to everybody's names. */
export function readAugmentation(w: Walk, body: readonly Node[], augments: string, prefix: string): void {
  const globals: TypeMember[] = [];
  for (const it of body) {
    const node = (it.type === "ExportNamedDeclaration" && it.declaration ? it.declaration : it) as Node;
    if (node.type === "TSInterfaceDeclaration")
      w.types.push({
        name: prefix + node.id.name,
        binding: -1,
        kind: "interface",
        augments,
        extends: node.extends.map((one) =>
          readHeritage(w, one as unknown as { expression: Node; typeArguments?: Node }),
        ),
        members: readTypeMembers(w, node.body.body),
      });
    else if (
      node.type === "TSModuleDeclaration" &&
      node.id.type === "Identifier" &&
      node.body?.type === "TSModuleBlock"
    )
      readAugmentation(w, node.body.body, augments, `${prefix}${node.id.name}.`);
    else if (node.type === "VariableDeclaration" && augments === "global")
      for (const { id } of node.declarations) {
        if (id.type !== "Identifier" || !id.typeAnnotation) continue;
        const type = readType(w, id.typeAnnotation.typeAnnotation);
        globals.push({ name: id.name, ...(type ? { type } : {}), optional: true });
      }
  }
  if (globals.length > 0)
    w.types.push({ name: "globalThis", binding: -1, kind: "interface", augments, extends: [], members: globals });
}

export function readInterface(w: Walk, node: TSESTree.TSInterfaceDeclaration): void {
  const b = lookup(w, node.id.name);
  w.types.push({
    name: node.id.name,
    binding: b ?? -1,
    kind: "interface",
    ...typeParams(node.typeParameters),
    extends: node.extends.map((it) => readHeritage(w, it as unknown as { expression: Node; typeArguments?: Node })),
    members: readTypeMembers(w, node.body.body),
  });
}

export function readTypeAlias(w: Walk, node: TSESTree.TSTypeAliasDeclaration): void {
  const type = readType(w, node.typeAnnotation);
  w.types.push({
    name: node.id.name,
    binding: lookup(w, node.id.name) ?? -1,
    kind: "alias",
    ...typeParams(node.typeParameters),
    extends: [],
    ...(type ? { type } : {}),
    members: type?.t === "object" ? type.members : [],
  });
}

/** An enum is a value: an object of its members. */
export function readEnum(w: Walk, node: TSESTree.TSEnumDeclaration): void {
  const b = lookup(w, node.id.name);
  const props: Prop[] = [];
  for (const member of node.body?.members ?? []) {
    const name = nameOfKey(member.id as Node);
    props.push({
      name,
      value: member.initializer ? readExpression(w, member.initializer, "other") : UNKNOWN,
      at: spanOf(member),
    });
  }
  if (b !== undefined) w.bindings[b]!.value = { k: "obj", props, at: spanOf(node) };
}
