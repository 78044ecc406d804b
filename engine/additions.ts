/** What a project declares to add to a library's types or to everybody's names: `declare module "fastify" { … }`. */
import type { LibrarySet } from "./library.ts";
import type { FileSummary, TypeDecl } from "./model.ts";

export interface PlacedDecl {
  readonly file: FileSummary;
  readonly decl: TypeDecl;
}

const globalTypes = new WeakMap<LibrarySet, ReadonlyMap<string, string>>();

/** By library and type, `fastify FastifyInstance`; names of everybody under `globalThis`. */
export function* additionsIn(
  file: FileSummary,
  libraries: LibrarySet,
): Iterable<{ readonly key: string; readonly decl: TypeDecl }> {
  for (const decl of file.types) {
    if (decl.augments === undefined) continue;
    if (decl.augments === "global") {
      const key = decl.name === "globalThis" ? decl.name : globalTypesOf(libraries).get(decl.name);
      if (key) yield { key, decl };
      continue;
    }
    const library = libraries.bySpecifier(decl.augments);
    if (!library) continue;
    const alias = library.typeNames?.[decl.name];
    yield { key: `${library.name} ${typeof alias === "string" ? alias : decl.name}`, decl };
  }
}

function globalTypesOf(libraries: LibrarySet): ReadonlyMap<string, string> {
  let known = globalTypes.get(libraries);
  if (!known) {
    known = new Map(
      libraries.all.flatMap((library) =>
        Object.entries(library.globalTypes ?? {}).map(([name, type]): [string, string] => [
          name,
          `${library.name} ${type}`,
        ]),
      ),
    );
    globalTypes.set(libraries, known);
  }
  return known;
}
