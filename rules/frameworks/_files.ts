/** Frameworks whose routes are file names. */
import type { FileSummary, Program, Scoped } from "../../engine/index.ts";

/** `[id]`, `[...rest]`, `[[...rest]]` to `:id`, `:rest*`; groups, slots and intercepted segments are no part of the address. */
export function segmentsToRoute(path: string): string {
  return path
    .split("/")
    .filter((it) => it !== "" && !/^\((?!\.).*\)$/.test(it) && !it.startsWith("@"))
    .map((it) =>
      it
        .replace(/\[\[?\.\.\.([\w-]+)\]\]?/g, (_, name: string) => `:${word(name)}*`)
        .replace(/\[\[?([\w-]+)(?:=\w+)?\]\]?/g, (_, name: string) => `:${word(name)}`),
    )
    .join("/");
}

function word(name: string): string {
  return name.replace(/\W/g, "_");
}

/** Exported names of a file with the values behind them; re-exports are followed. */
export function exportsOf(
  program: Program,
  file: FileSummary,
): ReadonlyMap<string, Scoped & { readonly at: readonly [number, number] }> {
  const found = new Map<string, Scoped & { at: readonly [number, number] }>();
  for (const it of file.exports) {
    if ("value" in it) found.set(it.name, { value: it.value, file, at: it.at });
    else {
      const target = program.input.resolve(file.path, file.imports[it.import]?.specifier ?? "");
      const other = target !== undefined ? program.files.get(target) : undefined;
      const site = other?.exports.find((one) => one.name === it.imported && "value" in one);
      if (other && site && "value" in site) found.set(it.name, { value: site.value, file: other, at: it.at });
    }
  }
  return found;
}
