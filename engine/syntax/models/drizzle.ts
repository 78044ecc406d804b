/** Tables of Drizzle. */
import type { CallSummary, FileSummary, Prop, Value } from "../../model.ts";
import {
  addColumn,
  addKey,
  type Call,
  callChain,
  columnObject,
  type Draft,
  firstObject,
  imported,
  isTrue,
  memberName,
  nameOf,
  newDraft,
  type Obj,
  pointedAt,
  property,
  propsOf,
  resolved,
  returned,
  textOf,
} from "./values.ts";

export function drizzle(file: FileSummary): Draft[] {
  if (!file.imports.some((it) => it.specifier.startsWith("drizzle-orm"))) return [];
  return [...tables(file), ...relations(file)];
}

function tables(file: FileSummary): Draft[] {
  return file.bindings.flatMap((binding): Draft[] => {
    const call = binding.value?.k === "call" ? file.calls[binding.value.c] : undefined;
    if (!call || !(makesTable(file, call.callee) || hasColumns(file, call))) return [];
    const name = textOf(file, call.args[0]);
    const columns = resolved(file, columnObject(file, call.args[1]));
    if (name === undefined || columns.k !== "obj") return [];
    const draft = newDraft(name, binding.name === name ? [] : [binding.name]);
    /** Column names of properties that are called otherwise. */
    const named = new Map<string, string>();
    for (const prop of propsOf(file, columns)) if (prop.name) drizzleColumn(file, draft, prop.name, prop, named);
    for (const it of returned(file, call.args[2])) drizzleExtra(file, draft, it);
    const rename = (sets: readonly (readonly string[])[]): (readonly string[])[] => [
      ...sets,
      ...sets.filter((it) => it.some((one) => named.has(one))).map((it) => it.map((one) => named.get(one) ?? one)),
    ];
    return [{ ...draft, unique: rename(draft.unique), indexes: rename(draft.indexes) }];
  });
}

/** `pgTable(…)`, `schema.table(…)`, or what `pgTableCreator` made. */
function makesTable(file: FileSummary, callee: Value): boolean {
  const from = imported(file, callee);
  if (from)
    return from.specifier.startsWith("drizzle-orm") && /^(?:pg|mysql|sqlite|singlestore|gel)Table$/.test(from.name);
  if (callee.k === "get" && callee.name === "table") {
    const schema = resolved(file, callee.of);
    return schema.k === "call" && /Schema$/.test(imported(file, file.calls[schema.c]!.callee)?.name ?? "");
  }
  const maker = callee.k === "ref" ? resolved(file, callee) : undefined;
  return maker?.k === "call" && /TableCreator$/.test(imported(file, file.calls[maker.c]!.callee)?.name ?? "");
}

/** A table made by what another file hands out (`createTable`, `appSchema.table`): its columns are Drizzle's own. */
function hasColumns(file: FileSummary, call: CallSummary): boolean {
  if (textOf(file, call.args[0]) === undefined || call.args.length < 2) return false;
  const columns = resolved(file, columnObject(file, call.args[1]));
  return (
    columns.k === "obj" &&
    columns.props.some(({ value }) => {
      const base = callChain(file, value).at(-1);
      return base !== undefined && /^drizzle-orm\/[\w-]+-core$/.test(imported(file, base.callee)?.specifier ?? "");
    })
  );
}

/**
 * What the query API is told of relations: `relations(posts, ({ one }) => ({ author: one(users, { fields: [posts.authorId] … }) }))`,
 * and since 1.0 `defineRelations(schema, (r) => ({ posts: { author: r.one.users({ from: r.posts.authorId … }) } }))`.
 * The database may know nothing of them; rows are tied to one owner all the same.
 */
function relations(file: FileSummary): Draft[] {
  return file.calls.flatMap((call): Draft[] => {
    const from = imported(file, call.callee);
    if (from?.specifier !== "drizzle-orm") return [];
    const given = returned(file, call.args[1])[0];
    if (given?.k !== "obj") return [];
    if (from.name === "relations") {
      const table = call.args[0] && nameOf(file, call.args[0]);
      return table === undefined ? [] : [relationsOf(file, table, given)];
    }
    if (from.name !== "defineRelations") return [];
    return given.props.flatMap((it) => (it.name && it.value.k === "obj" ? [relationsOf(file, it.name, it.value)] : []));
  });
}

function relationsOf(file: FileSummary, table: string, given: Obj): Draft {
  const draft: Draft = { ...newDraft(table, []), partial: true };
  for (const { value } of given.props) {
    const call = callChain(file, value).at(-1);
    if (!call) continue;
    const options = firstObject(file, call.args);
    // `r.one.users({ from })`, or `one(users, { fields })`.
    const isNew = call.callee.k === "get" && call.callee.of.k === "get" && call.callee.of.name === "one";
    const to = isNew && call.callee.k === "get" ? call.callee.name : call.args[0] && nameOf(file, call.args[0]);
    const held = property(options, isNew ? "from" : "fields");
    const columns = (held?.k === "arr" ? held.items : held ? [held] : []).flatMap((it) => lastMember(it) ?? []);
    if (to !== undefined && columns.length > 0) draft.foreignKeys.push({ columns, to });
  }
  return draft;
}

/** `authorId` of `posts.authorId` and of `r.posts.authorId`. */
const lastMember = (value: Value): string | undefined => (value.k === "get" ? value.name : undefined);

function drizzleColumn(file: FileSummary, draft: Draft, name: string, prop: Prop, named: Map<string, string>): void {
  const chain = callChain(file, prop.value);
  const base = chain.at(-1);
  if (!base) return;
  const type =
    base.callee.k === "get" ? base.callee.name : (imported(file, base.callee)?.name ?? nameOf(file, base.callee) ?? "");
  const has = (method: string): Call | CallSummary | undefined =>
    chain.find((it) => it.callee.k === "get" && it.callee.name === method && it !== base);
  const column = textOf(file, base.args[0]);
  if (column !== undefined && column !== name) named.set(name, column);
  const auto =
    /serial$/i.test(type) ||
    has("autoincrement") !== undefined ||
    has("generatedAlwaysAsIdentity") !== undefined ||
    has("generatedByDefaultAsIdentity") !== undefined ||
    isTrue(file, property(firstObject(file, has("primaryKey")?.args ?? []), "autoIncrement"));
  const key = has("primaryKey") !== undefined;
  addColumn(draft, {
    name,
    type,
    optional: !has("notNull") && !key && !/serial$/i.test(type),
    ...(auto ? { auto: true } : {}),
    at: prop.at,
  });
  if (key) addKey(draft, name);
  else if (has("unique")) draft.unique.push([name]);
  const to = has("references");
  const target = to ? pointedAt(file, to.args[0]) : undefined;
  if (target !== undefined) draft.foreignKeys.push({ columns: [name], to: target });
}

/** The third argument: `index().on(t.a)`, `primaryKey({ columns: [t.a] })`, as an object or a list. */
function drizzleExtra(file: FileSummary, draft: Draft, value: Value): void {
  const items = value.k === "obj" ? value.props.map((it) => it.value) : value.k === "arr" ? value.items : [];
  for (const item of items) {
    const chain = callChain(file, item);
    const base = chain.at(-1);
    const name = base ? (imported(file, base.callee)?.name ?? nameOf(file, base.callee)) : undefined;
    const on = chain.find((it) => it.callee.k === "get" && /^(?:on|onOnly|using)$/.test(it.callee.name));
    const columns = (on?.args ?? []).flatMap((it) => memberName(file, it) ?? []);
    const partial = chain.some((it) => it.callee.k === "get" && it.callee.name === "where");
    if (name === "foreignKey") {
      const options = firstObject(file, base!.args);
      const listed = property(options, "columns");
      const held = (listed?.k === "arr" ? listed.items : []).flatMap((it) => memberName(file, it) ?? []);
      const target = property(options, "foreignColumns");
      const to = target?.k === "arr" && target.items[0] ? pointedAt(file, target.items[0]) : undefined;
      if (held.length > 0 && to !== undefined) draft.foreignKeys.push({ columns: held, to });
    } else if (name === "primaryKey") {
      const options = firstObject(file, base!.args);
      const listed = property(options, "columns");
      const key = (listed?.k === "arr" ? listed.items : base!.args).flatMap((it) => memberName(file, it) ?? []);
      if (key.length > 0) {
        draft.primary = key;
        draft.unique.push(key);
      }
    } else if (columns.length === 0 || columns.length !== on!.args.filter((it) => it.k !== "lit").length || partial)
      continue;
    else if (name === "uniqueIndex" || name === "unique") draft.unique.push(columns);
    else if (name === "index") draft.indexes.push(columns);
  }
}
