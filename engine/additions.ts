/** What a project declares to add to a library's types or to everybody's names: `declare module "fastify" { … }`. */
import type { LibrarySet } from "./library.ts";
import type { FileSummary, TypeDecl } from "./model.ts";

export interface PlacedDecl {
  readonly file: FileSummary;
  readonly decl: TypeDecl;
}

export type Additions = ReadonlyMap<string, readonly PlacedDecl[]>;

/** By library and type, `fastify FastifyInstance`; names of everybody under `globalThis`. */
export function additionsOf(files: Iterable<FileSummary>, libraries: LibrarySet): Additions {
  const found = new Map<string, PlacedDecl[]>();
  const add = (key: string, file: FileSummary, decl: TypeDecl): void => {
    const known = found.get(key);
    if (known) known.push({ file, decl });
    else found.set(key, [{ file, decl }]);
  };
  const globally = new Map(
    libraries.all.flatMap((library) =>
      Object.entries(library.globalTypes ?? {}).map(([name, type]) => [name, `${library.name} ${type}`]),
    ),
  );
  for (const file of files)
    for (const decl of file.types) {
      if (decl.augments === undefined) continue;
      if (decl.augments === "global") {
        const key = decl.name === "globalThis" ? decl.name : globally.get(decl.name);
        if (key) add(key, file, decl);
        continue;
      }
      const library = libraries.bySpecifier(decl.augments);
      if (!library) continue;
      const alias = library.typeNames?.[decl.name];
      add(`${library.name} ${typeof alias === "string" ? alias : decl.name}`, file, decl);
    }
  return found;
}
