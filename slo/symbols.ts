/** Names that SLO files define and refer to, for going from one to the other. */
import { field, items, keys, parseDocuments, path, text, type Value } from "./formats/document.ts";
import { type Shape, shapeOf } from "./formats/fields.ts";
import { untemplated } from "./formats/helm.ts";
import { openSloFormat } from "./formats/openslo.ts";
import { mayHoldSlos, type SloFile } from "./load.ts";
import type { TextRange } from "./model.ts";

export interface SloSymbol {
  /** `SLO`, `SLI`, `DataSource` … of OpenSLO; the other formats refer to nothing. */
  readonly kind: string;
  readonly name: string;
  readonly path: string;
  readonly range: TextRange;
}

/** What OpenSLO documents are called. */
export function sloDefinitions(files: readonly SloFile[]): readonly SloSymbol[] {
  return documentsOf(files).flatMap(({ root, kind, path: file }): SloSymbol[] => {
    const at = path(root, "metadata", "name");
    const name = text(at);
    return name === undefined ? [] : [{ kind, name, path: file, range: at.range }];
  });
}

/** Every name by which an OpenSLO document refers to another. */
export function sloReferences(files: readonly SloFile[]): readonly SloSymbol[] {
  return documentsOf(files).flatMap(({ root, shape, path: file }) => {
    const found: SloSymbol[] = [];
    gather(root, shape, file, found);
    return found;
  });
}

/** The documents that the name at an offset of a file refers to, among all files. */
export function definitionsAt(file: SloFile, offset: number, files: readonly SloFile[]): readonly SloSymbol[] {
  const at = sloReferences([file]).find((it) => it.range.start <= offset && offset <= it.range.end);
  return at === undefined ? [] : sloDefinitions(files).filter((it) => it.kind === at.kind && it.name === at.name);
}

function documentsOf(files: readonly SloFile[]) {
  return files
    .filter((it) => mayHoldSlos(it.text))
    .flatMap((file) =>
      parseDocuments(untemplated(file.text).text).flatMap(({ root }) => {
        const format = openSloFormat(text(field(root, "apiVersion")));
        const kind = text(field(root, "kind")) ?? "";
        const shape = format && shapeOf(format, kind);
        return shape === undefined ? [] : [{ root, kind, shape, path: file.path }];
      }),
    );
}

function gather(of: Value, shape: Shape, file: string, found: SloSymbol[]): void {
  const name = shape.refers === undefined ? undefined : text(of);
  if (shape.refers !== undefined && name !== undefined)
    found.push({ kind: shape.refers, name, path: file, range: of.range });
  const { fields } = shape;
  if (fields === undefined) return;
  for (const one of shape.isList === true ? items(of) : [of])
    for (const { name: key, value } of keys(one)) {
      const inner = Object.hasOwn(fields, key) ? fields[key] : undefined;
      if (inner !== undefined) gather(value, inner, file, found);
    }
}
