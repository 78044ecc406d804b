/** Schemas of Mongoose. */
import type { ClassSummary, FileSummary, Span, Value } from "../../model.ts";
import {
  addColumn,
  asObject,
  type Call,
  capitalised,
  type Draft,
  declaredType,
  decorators,
  firstObject,
  imported,
  isTrue,
  lastName,
  nameOf,
  newDraft,
  type Obj,
  plural,
  property,
  propsOf,
  resolved,
  textOf,
  typeName,
} from "./values.ts";

export function mongoose(file: FileSummary): Draft[] {
  const makers = file.calls.flatMap((call, c) => {
    const from = call.kind === "new" ? imported(file, call.callee) : undefined;
    return from?.specifier === "mongoose" && from.name === "Schema" ? [{ call, c }] : [];
  });
  return makers.flatMap(({ call, c }): Draft[] => {
    const fields = call.args[0] ? resolved(file, call.args[0]) : undefined;
    if (fields?.k !== "obj") return [];
    const isThis = (value: Value): boolean => {
      const it = resolved(file, value);
      return it.k === "call" && it.c === c;
    };
    const modelled = file.calls.find((it) =>
      it.callee.k === "get" || it.callee.k === "ref"
        ? lastName(file, it.callee) === "model" && it.args[1] !== undefined && isThis(it.args[1])
        : false,
    );
    const binding = file.bindings.find((it) => it.value?.k === "call" && it.value.c === c)?.name;
    const name =
      (modelled ? textOf(file, modelled.args[0]) : undefined) ?? capitalised((binding ?? "").replace(/_?schema$/i, ""));
    // Without a name it is a part of another document.
    if (name === "") return [];
    const collection =
      textOf(file, modelled?.args[2]) ?? textOf(file, property(firstObject(file, call.args.slice(1)), "collection"));
    const draft = newDraft(name, [collection ?? plural(name.toLowerCase())]);
    documentFields(file, draft, "", fields, 0);
    if (isTrue(file, property(firstObject(file, call.args.slice(1)), "timestamps")))
      for (const it of ["createdAt", "updatedAt"])
        addColumn(draft, { name: it, type: "Date", optional: false, at: call.at });
    addDocumentKeys(draft);
    addSchemaIndexes(file, draft, isThis);
    return [draft];
  });
}

/** Fields of a document, those of the documents in it as well: `address.city`, `comments.author`. */
function documentFields(file: FileSummary, draft: Draft, prefix: string, fields: Obj, depth: number): void {
  if (depth > 4) return;
  for (const prop of propsOf(file, fields)) {
    if (!prop.name || draft.columns.length > 500) continue;
    const name = `${prefix}${prop.name}`;
    documentField(file, draft, name, prop.value, prop.at, "");
    const inner = documentWithin(file, prop.value);
    if (inner) documentFields(file, draft, `${name}.`, inner, depth + 1);
  }
}

/** `{ city: String }`, `[{ author: … }]`, `{ type: { … } }`, a schema of its own. */
function documentWithin(file: FileSummary, value: Value, depth = 0): Obj | undefined {
  if (depth > 3) return undefined;
  const it = resolved(file, value);
  if (it.k === "arr") return it.items[0] && documentWithin(file, it.items[0], depth + 1);
  if (it.k === "call") {
    const call = file.calls[it.c]!;
    return call.kind === "new" && lastName(file, call.callee) === "Schema" ? asObject(file, call.args[0]) : undefined;
  }
  if (it.k !== "obj") return undefined;
  const type = property(it, "type");
  if (type === undefined) return it;
  const inner = resolved(file, type);
  // `{ type: String }` is a field; `{ type: { type: String } }` a document with a field of that name.
  return inner.k === "obj" || inner.k === "arr" || inner.k === "call"
    ? documentWithin(file, inner, depth + 1)
    : undefined;
}

function documentField(file: FileSummary, draft: Draft, name: string, value: Value, at: Span, declared: string): void {
  let it = resolved(file, value);
  if (it.k === "arr" && it.items[0]) it = resolved(file, it.items[0]);
  const options = it.k === "obj" && property(it, "type") ? it : it.k === "obj" && declared !== "" ? it : undefined;
  addColumn(draft, {
    name,
    type: typeName(file, options ? property(options, "type") : it) ?? declared,
    optional: !isTrue(file, property(options, "required")),
    at,
  });
  if (isTrue(file, property(options, "unique"))) draft.unique.push([name]);
  else if (isTrue(file, property(options, "index"))) draft.indexes.push([name]);
  const ref = property(options, "ref");
  const to = textOf(file, ref) ?? (ref ? nameOf(file, ref) : undefined);
  if (to !== undefined) draft.foreignKeys.push({ columns: [name], to });
}

function addDocumentKeys(draft: Draft): void {
  draft.primary ??= ["_id"];
  draft.unique.push(["_id"], ["id"]);
}

/** `schema.index({ a: 1, b: -1 }, { unique: true })` */
function addSchemaIndexes(file: FileSummary, draft: Draft, isThis: (schema: Value) => boolean): void {
  for (const call of file.calls) {
    if (call.callee.k !== "get" || call.callee.name !== "index" || !isThis(call.callee.of)) continue;
    const [fields, options] = [asObject(file, call.args[0]), asObject(file, call.args[1])];
    const columns = fields?.props.flatMap((it) => (it.name ? [it.name] : [])) ?? [];
    if (columns.length === 0 || property(options, "partialFilterExpression")) continue;
    if (isTrue(file, property(options, "unique"))) draft.unique.push(columns);
    else draft.indexes.push(columns);
  }
}

export function mongooseClass(file: FileSummary, cls: ClassSummary, schema: Call): Draft {
  const collection = textOf(file, property(firstObject(file, schema.args), "collection"));
  const bare = cls.name.replace(/(?:Schema)?(?:Class|Model|Document)?$/, "");
  const draft = newDraft(
    cls.name,
    [...new Set([bare, collection ?? plural(bare.toLowerCase())])].filter((it) => it !== cls.name),
  );
  for (const member of cls.members) {
    const prop = decorators(file, member.decorators).find((it) => it.library.name === "Prop");
    if (!prop || member.isStatic || member.name === "") continue;
    documentField(file, draft, member.name, prop.args[0] ?? { k: "unknown" }, member.at, declaredType(member));
  }
  addDocumentKeys(draft);
  addSchemaIndexes(file, draft, (schema) => {
    const made = resolved(file, schema);
    const call = made.k === "call" ? file.calls[made.c] : undefined;
    const of = call?.callee.k === "get" && call.callee.name === "createForClass" ? call.args[0] : undefined;
    return of !== undefined && nameOf(file, of) === cls.name;
  });
  return draft;
}
