/** Migrations of Kysely: chains on `db.schema`. */
import type { CallSummary, FileSummary, Value } from "../../model.ts";
import { addColumn, addKey, callChain, columnList, type Draft, newDraft, textOf, typeName } from "./values.ts";

/** `db.schema.createTable("a").addColumn("id", "serial", (c) => c.primaryKey()).execute()`, `createIndex("i").on("a").column("b")`. */
export function kyselySchema(file: FileSummary): Draft[] {
  if (!file.calls.some(opensChain)) return [];
  const chained = new Set(
    file.calls.flatMap((it) => (it.callee.k === "get" && it.callee.of.k === "call" ? [it.callee.of.c] : [])),
  );
  return file.calls.flatMap((_, c): Draft[] => {
    if (chained.has(c)) return [];
    const chain = callChain(file, { k: "call", c }).reverse();
    const at = chain.findIndex(opensChain);
    if (at < 0) return [];
    const opening = chain[at]!;
    const links = chain.slice(at + 1);
    const kind = opening.callee.k === "get" ? opening.callee.name : "";
    const name = textOf(file, opening.args[0]);
    if (name === undefined) return [];
    return kind === "createIndex" ? indexOf(file, links) : tableOf(file, name, links);
  });
}

const opensChain = ({ callee, args }: CallSummary): boolean =>
  callee.k === "get" &&
  /^(?:createTable|alterTable|createIndex)$/.test(callee.name) &&
  callee.of.k === "get" &&
  callee.of.name === "schema" &&
  args[1]?.k !== "fn";

const nameIn = ({ callee }: CallSummary): string => (callee.k === "get" ? callee.name : "");

function tableOf(file: FileSummary, name: string, links: readonly CallSummary[]): Draft[] {
  const draft = newDraft(name, []);
  for (const link of links) {
    const [first, second, third] = link.args;
    const columns = second ? columnList(file, second) : [];
    switch (nameIn(link)) {
      case "addColumn":
        column(file, draft, link);
        break;
      case "addPrimaryKeyConstraint":
        if (columns.length === 0) break;
        draft.primary = columns;
        draft.unique.push(columns);
        break;
      case "addUniqueConstraint":
        if (columns.length > 0) draft.unique.push(columns);
        break;
      case "addForeignKeyConstraint": {
        const to = textOf(file, third);
        if (columns.length > 0 && to !== undefined) draft.foreignKeys.push({ columns, to });
        break;
      }
      case "addIndex": {
        // MySQL's, within `alterTable`.
        const held = textOf(file, first) === undefined ? [] : columns;
        if (held.length > 0) draft.indexes.push(held);
        break;
      }
    }
  }
  return draft.columns.length + draft.unique.length + draft.indexes.length + draft.foreignKeys.length > 0
    ? [draft]
    : [];
}

function column(file: FileSummary, draft: Draft, link: CallSummary): void {
  const [given, type, build] = link.args;
  const name = textOf(file, given);
  if (name === undefined) return;
  const written = type ? (textOf(file, type) ?? typeName(file, type) ?? "") : "";
  const says = build?.k === "fn" ? callChain(file, file.functions[build.f]!.returns[0] ?? NONE) : [];
  const has = (method: string): CallSummary | undefined => says.find((it) => nameIn(it) === method);
  const auto =
    /serial$/i.test(written) ||
    ["autoIncrement", "generatedAlwaysAsIdentity", "generatedByDefaultAsIdentity", "identity"].some(has);
  addColumn(draft, {
    name,
    type: written,
    optional: !has("notNull") && !has("primaryKey"),
    ...(auto ? { auto: true } : {}),
    at: link.at,
  });
  if (has("primaryKey")) addKey(draft, name);
  else if (has("unique")) draft.unique.push([name]);
  const to = textOf(file, has("references")?.args[0])?.split(".").at(-2);
  if (to !== undefined) draft.foreignKeys.push({ columns: [name], to });
}

const NONE: Value = { k: "unknown" };

function indexOf(file: FileSummary, links: readonly CallSummary[]): Draft[] {
  const find = (name: string): CallSummary | undefined => links.find((it) => nameIn(it) === name);
  const table = textOf(file, find("on")?.args[0]);
  const held = [
    ...links.flatMap((it) => (nameIn(it) === "column" ? [textOf(file, it.args[0])] : [])),
    ...(find("columns")?.args[0] ? columnList(file, find("columns")!.args[0]!) : []),
  ].map((it) => it?.replace(/ (?:asc|desc)$/, ""));
  // A part of the rows, or an expression: no key of the table.
  if (table === undefined || held.length === 0 || held.includes(undefined) || find("where") || find("expression"))
    return [];
  const draft = newDraft(table, []);
  (find("unique") ? draft.unique : draft.indexes).push(held as string[]);
  return [draft];
}
