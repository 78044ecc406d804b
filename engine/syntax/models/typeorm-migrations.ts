/** Migrations of TypeORM that are no SQL: `queryRunner.createTable(new Table({ name, columns, … }))`. */
import type { CallSummary, FileSummary, Value } from "../../model.ts";
import { goesDown } from "../sql-schema.ts";
import {
  addColumn,
  addKey,
  columnList,
  type Draft,
  firstObject,
  imported,
  isTrue,
  newDraft,
  type Obj,
  property,
  resolved,
  textOf,
} from "./values.ts";

const METHODS = /^(?:createTable|addColumns?|createIndex|createIndices|createForeignKeys?|createUniqueConstraint)$/;

export function typeormMigrations(file: FileSummary): Draft[] {
  if (!file.imports.some((it) => it.specifier === "typeorm")) return [];
  return file.calls.flatMap((call): Draft[] => {
    if (call.callee.k !== "get" || !METHODS.test(call.callee.name) || goesDown(file, call.fn)) return [];
    if (call.callee.name === "createTable") {
      const options = made(file, call.args[0]);
      const name = textOf(file, property(options, "name"));
      return name === undefined || !options ? [] : [whole(file, newDraft(bare(name), []), options)];
    }
    const name = textOf(file, call.args[0]);
    if (name === undefined) return [];
    const draft = newDraft(bare(name), []);
    for (const it of items(file, call.args[1])) part(file, draft, it);
    return draft.columns.length + draft.unique.length + draft.indexes.length + draft.foreignKeys.length > 0
      ? [draft]
      : [];
  });
}

/** `public.users` is `users`. */
const bare = (name: string): string => name.split(".").at(-1)!;

/** The options of `new Table({ … })`, or of a plain object in its place. */
function made(file: FileSummary, value: Value | undefined): Obj | undefined {
  const it = value ? resolved(file, value) : undefined;
  if (it?.k !== "call") return it?.k === "obj" ? it : undefined;
  const call: CallSummary = file.calls[it.c]!;
  return imported(file, call.callee)?.specifier === "typeorm" ? firstObject(file, call.args) : undefined;
}

function items(file: FileSummary, value: Value | undefined): readonly Obj[] {
  const it = value ? resolved(file, value) : undefined;
  return (it?.k === "arr" ? it.items : it ? [it] : []).flatMap((one) => made(file, one) ?? []);
}

function whole(file: FileSummary, draft: Draft, options: Obj): Draft {
  for (const it of items(file, property(options, "columns"))) part(file, draft, it);
  for (const it of items(file, property(options, "indices"))) part(file, draft, it);
  for (const it of items(file, property(options, "foreignKeys"))) part(file, draft, it);
  for (const it of items(file, property(options, "uniques"))) {
    const of = property(it, "columnNames");
    const columns = of ? columnList(file, of) : [];
    if (columns.length > 0) draft.unique.push(columns);
  }
  return draft;
}

/** A column, an index, a unique or a foreign key: each says by its options what it is. */
function part(file: FileSummary, draft: Draft, options: Obj): void {
  const of = property(options, "columnNames");
  const columns = of ? columnList(file, of) : [];
  const target = textOf(file, property(options, "referencedTableName"));
  if (target !== undefined) {
    if (columns.length > 0) draft.foreignKeys.push({ columns, to: bare(target) });
    return;
  }
  if (of) {
    if (columns.length === 0 || property(options, "where")) return;
    if (isTrue(file, property(options, "isUnique"))) draft.unique.push(columns);
    else if (textOf(file, property(options, "name")) !== undefined || property(options, "isUnique"))
      draft.indexes.push(columns);
    return;
  }
  const name = textOf(file, property(options, "name"));
  const type = textOf(file, property(options, "type"));
  if (name === undefined || type === undefined) return;
  addColumn(draft, {
    name,
    type,
    optional: isTrue(file, property(options, "isNullable")),
    ...(isTrue(file, property(options, "isGenerated")) &&
    textOf(file, property(options, "generationStrategy")) !== "uuid"
      ? { auto: true }
      : {}),
    at: options.at,
  });
  if (isTrue(file, property(options, "isPrimary"))) addKey(draft, name);
  else if (isTrue(file, property(options, "isUnique"))) draft.unique.push([name]);
}
