/** Where the name of a type is declared. */
import type { Library } from "../library.ts";
import type { FileSummary, TypeDecl, TypeRef } from "../model.ts";
import type { Origin } from "../origin.ts";
import type { Program } from "../program.ts";
import { targetOf } from "./modules.ts";

export type DeclaredType =
  | { readonly k: "class"; readonly file: FileSummary; readonly c: number }
  | { readonly k: "decl"; readonly file: FileSummary; readonly decl: TypeDecl }
  | { readonly k: "namespace"; readonly file: FileSummary }
  | { readonly k: "library"; readonly library: Library; readonly name: string };

/** A type that the project only hands on from generated code, as `Prisma.TransactionClient` out of a namespace of its own. */
export function generatedType(program: Program, type: TypeRef & { t: "name" }): DeclaredType | undefined {
  const library = program.input.libraries.generating(type.name.split(".")[0]!);
  return library && { k: "library", library, name: type.name };
}

/** Where a type name is declared: a class, a type of the project, or a library's. */
export function declaredType(
  program: Program,
  type: TypeRef & { t: "name" },
  file: FileSummary,
): DeclaredType | undefined {
  if (type.b === undefined) return undefined;
  const [head, ...rest] = type.name.split(".");
  const found = declaredBinding(program, type.b, file, new Set());
  if (!found || rest.length === 0) return found;
  // `Prisma.TransactionClient`, `Knex.QueryBuilder`, `express.Router`.
  const name = rest.join(".");
  if (found.k === "library")
    return {
      k: "library",
      library: found.library,
      name:
        found.name === "*" || found.name === "default" || found.name === "="
          ? name
          : qualifiedName(found.library, found.name, name),
    };
  if (found.k === "namespace") return declaredExport(program, { k: "module", file: found.file }, name, new Set());
  return head ? undefined : undefined;
}

function declaredBinding(program: Program, b: number, file: FileSummary, seen: Set<string>): DeclaredType | undefined {
  const binding = file.bindings[b];
  if (!binding) return undefined;
  if (binding.from)
    return declaredExport(program, targetOf(program, file, binding.from.import), binding.from.name, seen);
  if (binding.kind === "type") {
    const decl = file.types.find((it) => it.binding === b);
    return decl ? { k: "decl", file, decl } : undefined;
  }
  const value = binding.value;
  if (value?.k === "class") return { k: "class", file, c: value.c };
  const decl = file.types.find((it) => it.binding === b);
  if (decl) return { k: "decl", file, decl };
  return undefined;
}

function declaredExport(program: Program, module: Origin, name: string, seen: Set<string>): DeclaredType | undefined {
  if (module.k === "library") return { k: "library", library: module.library, name };
  if (module.k === "ext" || module.k === "unknown") {
    const library = program.input.libraries.generating(name);
    return library && { k: "library", library, name };
  }
  if (module.k !== "module") return undefined;
  const { file } = module;
  if (name === "*") return { k: "namespace", file };
  const key = `${file.path}#${name}`;
  if (seen.has(key) || seen.size > 200) return undefined;
  seen.add(key);
  for (const it of file.exports) {
    if (it.name !== name) continue;
    if (!("value" in it)) return declaredExport(program, targetOf(program, file, it.import), it.imported, seen);
    if (it.value.k === "class") return { k: "class", file, c: it.value.c };
    if (it.value.k === "ref") return declaredBinding(program, it.value.b, file, seen);
  }
  for (const it of file.exports) {
    if (it.name !== "*" || "value" in it) continue;
    const found = declaredExport(program, targetOf(program, file, it.import), name, seen);
    // A library is taken to have any name; of several modules passed on whole it is asked whether it does.
    if (found && (found.k !== "library" || hasType(found.library, name))) return found;
  }
  return undefined;
}

function qualifiedName(library: Library, head: string, name: string): string {
  const dotted = `${head}.${name}`;
  return library.types[dotted] || library.typeNames?.[dotted] ? dotted : name;
}

function hasType(library: Library, name: string): boolean {
  return (
    Object.hasOwn(library.types, name) ||
    Object.hasOwn(library.exports, name) ||
    Object.hasOwn(library.typeNames ?? {}, name)
  );
}
