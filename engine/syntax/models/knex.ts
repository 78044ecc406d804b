/** Migrations of Knex. */
import type { CallSummary, FileSummary } from "../../model.ts";
import { addColumn, addKey, callChain, columnList, type Draft, newDraft, textOf } from "./values.ts";

/** `knex.schema.createTable("a", (table) => { table.increments("id"); table.string("b").unique(); … })` */
export function knexSchema(file: FileSummary): Draft[] {
  return file.calls.flatMap((call): Draft[] => {
    if (call.callee.k !== "get" || !/^(?:createTable|createTableIfNotExists|alterTable|table)$/.test(call.callee.name))
      return [];
    const name = textOf(file, call.args[0]);
    const body = call.args[1];
    const binding = body?.k === "fn" ? file.functions[body.f]?.params[0]?.binding : undefined;
    if (name === undefined || binding === undefined) return [];
    const draft = newDraft(name, []);
    /** Calls on the table, each with those chained to it. */
    const chained = new Set(
      file.calls.flatMap((it) => (it.callee.k === "get" && it.callee.of.k === "call" ? [it.callee.of.c] : [])),
    );
    file.calls.forEach((_, c) => {
      if (chained.has(c)) return;
      const chain = callChain(file, { k: "call", c });
      const base = chain.at(-1);
      if (base?.callee.k === "get" && base.callee.of.k === "ref" && base.callee.of.b === binding)
        knexColumn(file, draft, base.callee.name, base, chain);
    });
    return draft.columns.length + draft.unique.length + draft.indexes.length > 0 ? [draft] : [];
  });
}

const NOT_KNEX_COLUMNS = new Set(
  "foreign dropColumn dropColumns dropIndex dropUnique dropForeign dropPrimary renameColumn comment charset collate engine setNullable dropNullable inherits dropTimestamps check".split(
    " ",
  ),
);

function knexColumn(
  file: FileSummary,
  draft: Draft,
  kind: string,
  base: CallSummary,
  chain: readonly CallSummary[],
): void {
  const method = (name: string): CallSummary | undefined =>
    chain.find((it) => it !== base && it.callee.k === "get" && it.callee.name === name);
  const columns = base.args[0] ? columnList(file, base.args[0]) : [];
  const target =
    textOf(file, method("inTable")?.args[0]) ?? textOf(file, method("references")?.args[0])?.split(".").at(-2);
  if (target !== undefined && columns.length > 0) draft.foreignKeys.push({ columns, to: target });
  if (kind === "primary" || kind === "unique" || kind === "index") {
    if (columns.length === 0) return;
    if (kind === "index") draft.indexes.push(columns);
    else draft.unique.push(columns);
    if (kind === "primary") draft.primary = columns;
    return;
  }
  if (kind === "timestamps")
    for (const name of ["created_at", "updated_at"])
      addColumn(draft, { name, type: "timestamp", optional: true, at: base.at });
  const auto = /increments$/i.test(kind);
  const name = columns[0] ?? (auto ? "id" : undefined);
  if (name === undefined || NOT_KNEX_COLUMNS.has(kind) || kind === "timestamps" || method("alter")) return;
  addColumn(draft, {
    name,
    type: kind === "specificType" ? (textOf(file, base.args[1]) ?? kind) : kind,
    optional: !auto && !method("notNullable") && !method("primary"),
    ...(auto ? { auto } : {}),
    at: base.at,
  });
  if (auto || method("primary")) addKey(draft, name);
  else if (method("unique")) draft.unique.push([name]);
  if (method("index")) draft.indexes.push([name]);
}
