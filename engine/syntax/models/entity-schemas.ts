/** Entities without decorators. */
import type { CallSummary, FileSummary, Prop } from "../../model.ts";
import {
  addColumn,
  addKey,
  asObject,
  callChain,
  columnList,
  columnObject,
  type Draft,
  firstObject,
  imported,
  isTrue,
  nameOf,
  newDraft,
  pointedAt,
  property,
  propsOf,
  resolved,
  snakeCase,
  textOf,
  typeName,
} from "./values.ts";

/** `defineEntity({ name, properties: { id: p.integer().primary() } })`, `new EntitySchema({ name, properties: { id: { primary: true } } })`. */
export function entitySchemas(file: FileSummary): Draft[] {
  return file.calls.flatMap((call, c): Draft[] => {
    const from = imported(file, call.callee);
    if (from?.specifier === "typeorm" && from.name === "EntitySchema") return typeormSchema(file, call);
    if (!from?.specifier.startsWith("@mikro-orm/") || !/^(?:defineEntity|EntitySchema)$/.test(from.name)) return [];
    const options = firstObject(file, call.args);
    const given = property(options, "properties");
    const properties = given ? resolved(file, columnObject(file, resolved(file, given))) : undefined;
    if (properties?.k !== "obj" || isTrue(file, property(options, "abstract"))) return [];
    const entity = property(options, "class");
    const binding = file.bindings.find((it) => it.value?.k === "call" && it.value.c === c)?.name;
    const name =
      textOf(file, property(options, "name")) ?? (entity ? nameOf(file, resolved(file, entity)) : undefined) ?? binding;
    if (name === undefined) return [];
    const table =
      textOf(file, property(options, "tableName")) ?? textOf(file, property(options, "collection")) ?? snakeCase(name);
    const draft = newDraft(table, [name, ...(binding !== undefined ? [binding] : [])]);
    for (const prop of properties.props) if (prop.name) schemaProperty(file, draft, prop.name, prop);
    const keys = property(options, "primaryKeys");
    const primary = keys ? columnList(file, keys) : [];
    if (primary.length > 0) for (const it of primary) addKey(draft, it);
    for (const [list, into] of [
      [property(options, "uniques"), draft.unique],
      [property(options, "indexes"), draft.indexes],
    ] as const) {
      const items = list ? resolved(file, list) : undefined;
      if (items?.k !== "arr") continue;
      for (const item of items.items) {
        const of = property(asObject(file, item), "properties");
        const columns = of ? columnList(file, of) : [];
        if (columns.length > 0 && !property(asObject(file, item), "expression")) into.push(columns);
      }
    }
    // A base schema, or the class it extends, brings the key.
    if (draft.primary === undefined && property(options, "extends")) addKey(draft, "id");
    return [draft];
  });
}

/** A property of a schema: a chain of `p`, or options; a relation may stand in a function, for the sake of cycles. */
function schemaProperty(file: FileSummary, draft: Draft, name: string, prop: Prop): void {
  const value = resolved(file, columnObject(file, prop.value));
  const chain = callChain(file, value);
  const options = asObject(file, value);
  const called = (method: string): CallSummary | undefined =>
    chain.find((it) => it.callee.k === "get" && it.callee.name === method);
  const says = (option: string): boolean => {
    const call = called(option);
    return call ? call.args[0]?.k !== "lit" || call.args[0].v !== false : isTrue(file, property(options, option));
  };
  const kind = textOf(file, property(options, "kind")) ?? textOf(file, property(options, "reference")) ?? "";
  const relation = called("manyToOne") ?? called("oneToOne");
  if (called("oneToMany") || called("manyToMany") || /^(?:1:m|m:n)$/.test(kind) || says("mappedBy")) return;
  const isRelation = relation !== undefined || /^(?:m:1|1:1)$/.test(kind);
  const base = chain.at(-1);
  addColumn(draft, {
    name,
    type: isRelation
      ? ""
      : (typeName(file, property(options, "type")) ?? (base?.callee.k === "get" ? base.callee.name : "")),
    optional: says("nullable"),
    ...(says("autoincrement") ? { auto: true } : {}),
    at: prop.at,
  });
  if (says("primary")) addKey(draft, name);
  else if (says("unique") || called("oneToOne") || kind === "1:1") draft.unique.push([name]);
  if (says("index")) draft.indexes.push([name]);
  const to = isRelation ? pointedAt(file, relation?.args[0] ?? property(options, "entity")) : undefined;
  if (to !== undefined)
    for (const it of new Set([name, `${name}Id`, `${snakeCase(name)}_id`]))
      draft.foreignKeys.push({ columns: [it], to });
}

/** `new EntitySchema({ name, columns: { id: { primary: true } }, indices, uniques, relations })` of TypeORM. */
function typeormSchema(file: FileSummary, call: CallSummary): Draft[] {
  const options = firstObject(file, call.args);
  const name = textOf(file, property(options, "name"));
  const columns = asObject(file, property(options, "columns"));
  if (name === undefined || !columns) return [];
  const target = property(options, "target");
  const alias = target ? nameOf(file, target) : undefined;
  const draft = newDraft(textOf(file, property(options, "tableName")) ?? snakeCase(name), [
    name,
    ...(alias === undefined ? [] : [alias]),
  ]);
  for (const prop of propsOf(file, columns)) {
    const given = asObject(file, prop.value);
    if (!prop.name || !given) continue;
    const says = (option: string): boolean => isTrue(file, property(given, option));
    const auto = property(given, "generated");
    addColumn(draft, {
      name: prop.name,
      type: typeName(file, property(given, "type")) ?? "",
      optional: says("nullable"),
      ...(auto && textOf(file, auto) !== "uuid" ? { auto: true } : {}),
      at: prop.at,
    });
    if (says("primary")) addKey(draft, prop.name);
    else if (says("unique")) draft.unique.push([prop.name]);
  }
  for (const [list, always] of [
    [property(options, "uniques"), true],
    [property(options, "indices"), false],
  ] as const) {
    const items = list ? resolved(file, list) : undefined;
    if (items?.k !== "arr") continue;
    for (const item of items.items) {
      const given = asObject(file, item);
      const of = property(given, "columns");
      const held = of ? columnList(file, of) : [];
      if (held.length === 0 || property(given, "where")) continue;
      if (always || isTrue(file, property(given, "unique"))) draft.unique.push(held);
      else draft.indexes.push(held);
    }
  }
  for (const prop of asObject(file, property(options, "relations"))?.props ?? []) {
    const given = asObject(file, prop.value);
    const joined = property(given, "joinColumn");
    const kind = textOf(file, property(given, "type")) ?? "";
    if (!prop.name || !(kind === "many-to-one" || (kind === "one-to-one" && joined))) continue;
    const to = pointedAt(file, property(given, "target"));
    if (to === undefined) continue;
    const column = textOf(file, property(asObject(file, joined), "name"));
    for (const it of new Set([prop.name, `${prop.name}Id`, ...(column === undefined ? [] : [column])]))
      draft.foreignKeys.push({ columns: [it], to });
  }
  return [draft];
}
