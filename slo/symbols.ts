/** Names that SLO files and slo-lens.yaml define and refer to, for going from one to the other. */
import { configShape } from "./config-shape.ts";
import { type Dialect, dialectOf } from "./field-texts.ts";
import { classify } from "./formats/classify.ts";
import { items, keys, parseDocuments, path, text, type Value } from "./formats/document.ts";
import { type Shape, shapeOf } from "./formats/fields.ts";
import { untemplated } from "./formats/helm.ts";
import { endpointNamesIn } from "./formats/shared.ts";
import { mayHoldSlos, type SloFile } from "./load.ts";
import type { SloFormat, TextRange } from "./model.ts";

export interface SloSymbol {
  /** `SLO`, `SLI`, `DataSource` … of OpenSLO; `slo`, `endpoint`, `rule`, `service` and `folder` of slo-lens.yaml. */
  readonly kind: string;
  readonly name: string;
  readonly path: string;
  readonly range: TextRange;
}

/** What OpenSLO documents are called. */
export function sloDefinitions(files: readonly SloFile[]): readonly SloSymbol[] {
  return documentsOf(files).flatMap(({ root, kind, format, path: file }): SloSymbol[] => {
    const at = path(root, "metadata", "name");
    const name = text(at);
    return name === undefined || !format.startsWith("openslo/") ? [] : [{ kind, name, path: file, range: at.range }];
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

/** Every name of an SLO, an endpoint, a rule or a service in a slo-lens.yaml. */
export function configReferences({ path: file, text: written }: SloFile): readonly SloSymbol[] {
  const found: SloSymbol[] = [];
  const [document] = parseDocuments(written);
  if (document) gather(document.root, configShape, file, found);
  return found;
}

/** Endpoints that the annotations of an SLO file name, each with its place. */
export function endpointNames({ path: file, text: written }: SloFile): readonly SloSymbol[] {
  return endpointNamesIn(written).map((it) => ({ kind: "endpoint", path: file, ...it }));
}

/** The documents that the name at an offset of a file refers to, among all files. */
export function definitionsAt(file: SloFile, offset: number, files: readonly SloFile[]): readonly SloSymbol[] {
  const at = symbolAt(sloReferences([file]), offset);
  return at === undefined ? [] : sloDefinitions(files).filter((it) => it.kind === at.kind && it.name === at.name);
}

/** The places that refer to the OpenSLO document whose name stands at an offset, or that the name there refers to. */
export function referencesAt(file: SloFile, offset: number, files: readonly SloFile[]): readonly SloSymbol[] {
  const at = symbolAt(sloDefinitions([file]), offset) ?? symbolAt(sloReferences([file]), offset);
  return at === undefined ? [] : sloReferences(files).filter((it) => it.kind === at.kind && it.name === at.name);
}

/** The symbol that an offset is on. */
export function symbolAt(symbols: readonly SloSymbol[], offset: number): SloSymbol | undefined {
  return symbols.find((it) => it.range.start <= offset && offset <= it.range.end);
}

/** The field whose name stands at an offset. */
export interface FieldAt {
  readonly dialect: Dialect;
  /** From the document's root to the field. */
  readonly keys: readonly string[];
  readonly range: TextRange;
}

/** Of an SLO file; undefined elsewhere, and in what a format leaves free. */
export function sloFieldAt(file: SloFile, offset: number): FieldAt | undefined {
  for (const { root, range, shape, format } of documentsOf([file]))
    if (range.start <= offset && offset <= range.end) {
      const found = fieldAt(root, shape, offset, []);
      if (found) return { ...found, dialect: dialectOf(format) };
    }
  return undefined;
}

/** Of a slo-lens.yaml. */
export function configFieldAt(file: SloFile, offset: number): FieldAt | undefined {
  const [document] = parseDocuments(file.text);
  const found = document && fieldAt(document.root, configShape, offset, []);
  return found && { ...found, dialect: "config" };
}

/** Aliases may make a document hold itself. */
const MAX_DEPTH = 20;

function fieldAt(
  of: Value,
  shape: Shape,
  offset: number,
  above: readonly string[],
): Omit<FieldAt, "dialect"> | undefined {
  if (above.length > MAX_DEPTH) return undefined;
  for (const one of shape.isList === true ? [...items(of), of] : [of])
    for (const { name, range, value } of keys(one)) {
      const isOwn = shape.fields !== undefined && Object.hasOwn(shape.fields, name);
      if (range.start <= offset && offset <= range.end) return isOwn ? { keys: [...above, name], range } : undefined;
      const inner = isOwn ? shape.fields![name] : shape.entries;
      if (inner === undefined || offset < range.end || offset > value.range.end) continue;
      return fieldAt(value, inner, offset, [...above, name]);
    }
  return undefined;
}

interface Shaped {
  readonly root: Value;
  readonly range: TextRange;
  readonly kind: string;
  readonly format: SloFormat;
  readonly shape: Shape;
  readonly path: string;
}

function documentsOf(files: readonly SloFile[]): readonly Shaped[] {
  return files
    .filter((it) => mayHoldSlos(it.text))
    .flatMap((file) =>
      parseDocuments(untemplated(file.text).text).flatMap(({ root, range }): Shaped[] => {
        const { kind, format } = classify(root);
        if (format === "not-slo" || format.startsWith("other:")) return [];
        const shape = shapeOf(format as SloFormat, kind);
        return shape === undefined ? [] : [{ root, range, kind, format: format as SloFormat, shape, path: file.path }];
      }),
    );
}

function gather(of: Value, shape: Shape, file: string, found: SloSymbol[], depth = 0): void {
  if (depth > MAX_DEPTH) return;
  const { fields, entries, refers, keyRefers } = shape;
  for (const one of shape.isList === true ? [...items(of), of] : [of]) {
    const name = refers === undefined ? undefined : text(one);
    if (refers !== undefined && name !== undefined) found.push({ kind: refers, name, path: file, range: one.range });
    for (const { name: key, range, value } of keys(one)) {
      const isOwn = fields !== undefined && Object.hasOwn(fields, key);
      if (!isOwn && keyRefers !== undefined) found.push({ kind: keyRefers, name: key, path: file, range });
      const inner = isOwn ? fields[key] : entries;
      if (inner !== undefined) gather(value, inner, file, found, depth + 1);
    }
  }
}
