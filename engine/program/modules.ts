/** Modules: what an import names and what a module exports, through re-exports. */
import { canonicalSpecifier } from "../library.ts";
import type { FileSummary, Value } from "../model.ts";
import { type Origin, type Scoped, unknown } from "../origin.ts";
import type { Program } from "../program.ts";
import { autoImport } from "./auto-imports.ts";
import { libraryExport } from "./library-values.ts";

/** The file or library an import of `file` names. */
export function targetOf(program: Program, file: FileSummary, importIndex: number): Origin {
  const it = file.imports[importIndex];
  if (!it) return unknown("no such import");
  const path = program.input.resolve(file.path, it.specifier);
  if (path !== undefined) {
    const target = program.files.get(path);
    return target ? { k: "module", file: target } : unknown(`${it.specifier} is not part of the workspace`);
  }
  const library = program.input.libraries.bySpecifier(it.specifier);
  if (library) return { k: "library", library };
  if (it.specifier.startsWith(".") || it.specifier.startsWith("/"))
    return unknown(`${it.specifier} is not part of the workspace`);
  return { k: "ext", specifier: canonicalSpecifier(it.specifier), path: "*" };
}

/** What `name` of a module is. `*` is the namespace, `=` the value of `module.exports`. */
export function exportedBy(program: Program, module: Origin, name: string, seen: Set<string> = new Set()): Origin {
  if (module.k === "library") return libraryExport(program, module.library, name);
  if (module.k === "ext" || module.k === "unknown") {
    const library = program.input.libraries.generating(name);
    if (library) return libraryExport(program, library, name);
  }
  if (module.k === "ext") return { k: "ext", specifier: module.specifier, path: name };
  if (module.k !== "module") return module;
  const at = exportSite(program, module.file, name, seen);
  if (!at) return unknown(`${module.file.path} exports no ${name}`);
  return "value" in at ? program.origin(at.value, at.file) : at;
}

/** Follows re-exports to where a name is made. */
export function exportSite(
  program: Program,
  file: FileSummary,
  name: string,
  seen: Set<string>,
): Scoped | Origin | undefined {
  if (name === "*") return { k: "module", file };
  const key = `${file.path}#${name}`;
  if (seen.has(key) || seen.size > 200) return undefined;
  seen.add(key);
  for (const it of file.exports) {
    if (it.name !== name) continue;
    if ("value" in it) {
      // `export { x }` where x is itself imported, or `export const x`.
      return { value: it.value, file };
    }
    const target = targetOf(program, file, it.import);
    if (target.k !== "module") return exportedBy(program, target, it.imported, seen);
    return (
      exportSite(program, target.file, it.imported, seen) ?? unknown(`${target.file.path} exports no ${it.imported}`)
    );
  }
  for (const it of file.exports) {
    if (it.name === "=" && "value" in it) {
      if (name === "default" || name === "=") return { value: it.value, file };
      const found = program.property({ value: it.value, file }, name);
      if (found.is === "yes") return found.at;
    }
  }
  for (const it of file.exports) {
    if (it.name !== "*" || "value" in it) continue;
    const target = targetOf(program, file, it.import);
    if (target.k === "module") {
      const found = exportSite(program, target.file, name, seen);
      if (found) return found;
    } else if (target.k === "library" || target.k === "ext" || target.k === "unknown") {
      const found = exportedBy(program, target, name, seen);
      if (found.k !== "unknown" && found.k !== "ext") return found;
    }
  }
  return undefined;
}

/** The export that a member of a module or namespace leads to. */
export function memberSiteOf(program: Program, value: Value & { k: "get" }, file: FileSummary): Scoped | undefined {
  const of = program.origin(value.of, file);
  if (of.k !== "module") return undefined;
  const site = exportSite(program, of.file, value.name, new Set());
  return site && "value" in site ? site : undefined;
}

/** Where the value of an imported or required name is written: the export it leads to. */
export function writtenSite(program: Program, value: Value, file: FileSummary): Scoped | undefined {
  if (value.k === "global") {
    const from = autoImport(program, value.name, file);
    const site = from ? exportSite(program, from, value.name, new Set()) : undefined;
    return site && "value" in site ? site : undefined;
  }
  if (value.k === "op" && value.op === "require")
    return importSite(program, file, { import: (value.args[0] as { v: number }).v, name: "=" });
  const from = value.k === "ref" ? file.bindings[value.b]?.from : undefined;
  return from ? importSite(program, file, from) : undefined;
}

export function importSite(
  program: Program,
  file: FileSummary,
  from: { import: number; name: string },
): Scoped | undefined {
  const target = targetOf(program, file, from.import);
  if (target.k !== "module") return undefined;
  const site = exportSite(program, target.file, from.name, new Set());
  return site && "value" in site ? site : undefined;
}
