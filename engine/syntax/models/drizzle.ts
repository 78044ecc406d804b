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
  pointedAt,
  property,
  resolved,
  returned,
  textOf,
} from "./values.ts";

export function drizzle(file: FileSummary): Draft[] {
  if (!file.imports.some((it) => it.specifier.startsWith("drizzle-orm"))) return [];
  return file.bindings.flatMap((binding): Draft[] => {
    const call = binding.value?.k === "call" ? file.calls[binding.value.c] : undefined;
    if (!call || !makesTable(file, call.callee)) return [];
    const name = textOf(file, call.args[0]);
    const columns = resolved(file, columnObject(file, call.args[1]));
    if (name === undefined || columns.k !== "obj") return [];
    const draft = newDraft(name, binding.name === name ? [] : [binding.name]);
    /** Column names of properties that are called otherwise. */
    const named = new Map<string, string>();
    for (const prop of columns.props) if (prop.name) drizzleColumn(file, draft, prop.name, prop, named);
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
    if (name === "primaryKey") {
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
