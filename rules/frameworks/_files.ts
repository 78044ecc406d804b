/** Frameworks whose routes are file names. */
import type { FileSummary, Program, Scoped, Span } from "../../engine/index.ts";

const MAX_REEXPORTS = 5;

/**
 * `[id]`, `[...rest]`, `[[...rest]]`, `[[lang]]` to `:id`, `:rest*`, `:lang?`; groups and, where the framework has them,
 * slots (`@modal`) are no part of the address.
 */
export function segmentsToRoute(path: string, hasSlots = false): string {
  return path
    .split("/")
    .filter((it) => it !== "" && !/^\((?!\.).*\)$/.test(it) && !(hasSlots && it.startsWith("@")))
    .map((it) =>
      it
        .replace(/\[\[?\.\.\.([\w-]+)\]\]?/g, (_, name: string) => `:${word(name)}*`)
        .replace(/\[\[([\w-]+)(?:=\w+)?\]\]/g, (_, name: string) => `:${word(name)}?`)
        .replace(/\[([\w-]+)(?:=\w+)?\]/g, (_, name: string) => `:${word(name)}`),
    )
    .join("/");
}

function word(name: string): string {
  return name.replace(/\W/g, "_");
}

/** Exported names of a file with the values behind them; re-exports are followed. `at` is where this file says so. */
export function exportsOf(
  program: Program,
  file: FileSummary,
  depth = 0,
): ReadonlyMap<string, Scoped & { readonly at: Span }> {
  const found = new Map<string, Scoped & { readonly at: Span }>();
  for (const it of file.exports) {
    if ("value" in it) {
      found.set(it.name, { value: it.value, file, at: it.at });
      continue;
    }
    const target = program.input.resolve(file.path, file.imports[it.import]?.specifier ?? "");
    const other = target !== undefined && depth < MAX_REEXPORTS ? program.files.get(target) : undefined;
    if (!other || other === file) continue;
    const inner = exportsOf(program, other, depth + 1);
    if (it.name === "*") {
      for (const [name, value] of inner)
        if (name !== "default" && !found.has(name)) found.set(name, { ...value, at: it.at });
    } else {
      const value = inner.get(it.imported);
      if (value) found.set(it.name, { ...value, at: it.at });
    }
  }
  return found;
}
