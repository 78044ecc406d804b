/** Facts about tables from SQL: what is left after all migrations, in files of SQL or in the strings of code. */
import type { FileSummary, Span } from "../model.ts";
import type { ColumnFacts, TableFacts } from "../schema.ts";
import { readSql } from "./sql.ts";
import type { SqlColumn, SqlConstraint, SqlDialect, SqlStatement } from "./sql-model.ts";
import { sqlText } from "./sql-text.ts";

/** A text of SQL, or part of one, that changes a schema. */
export interface Migration {
  readonly path: string;
  readonly text: string;
  /** Spans of `text` that are put in at run time. */
  readonly holes?: readonly Span[];
}

/** A key or an index, by the name under which a later migration may drop it. */
interface Key {
  readonly name: string;
  readonly kind: "primary" | "unique" | "index";
  readonly columns: readonly string[];
}

interface Draft {
  name: string;
  readonly aliases: string[];
  columns: ColumnFacts[];
  keys: Key[];
  foreignKeys: { readonly name: string; readonly columns: readonly string[]; readonly to: string }[];
  readonly path: string;
}

/** What one text creates, and what it adds to tables that it does not create. */
export function tablesFromSql(path: string, text: string, dialect: SqlDialect = "postgresql"): TableFacts[] {
  return tablesFromMigrations([{ path, text }], dialect);
}

/** What is there after all of them have run, one after the other. */
export function tablesFromMigrations(
  migrations: Iterable<Migration>,
  dialect: SqlDialect = "postgresql",
): TableFacts[] {
  const tables = new Map<string, Draft>();
  for (const { path, text, holes } of migrations)
    for (const statement of readSql(upwards(path, text), dialect, holes) ?? []) apply(statement, tables, path);
  return [...new Set(tables.values())].map(({ name, aliases, columns, keys, foreignKeys, path }): TableFacts => {
    const primary = keys.find((it) => it.kind === "primary")?.columns;
    return {
      name,
      aliases,
      columns,
      unique: keys.filter((it) => it.kind !== "index").map((it) => it.columns),
      ...(primary ? { primary } : {}),
      indexes: keys.filter((it) => it.kind === "index").map((it) => it.columns),
      foreignKeys: foreignKeys.map(({ columns, to }) => ({ columns, to })),
      path,
    };
  });
}

/** SQL that changes the schema in the strings of a migration in code: `queryRunner.query("CREATE TABLE …")`, `db.runSql`, `knex.raw`. */
export function migrationsOf(file: FileSummary): Migration[] {
  if (!/migrat/i.test(file.path)) return [];
  return file.calls.flatMap((call): Migration[] => {
    if (call.callee.k !== "get" || goesDown(file, call.fn)) return [];
    return call.args.slice(0, 2).flatMap((arg) => {
      const value = arg.k === "ref" ? (file.bindings[arg.b]?.value ?? arg) : arg;
      const found = value.k === "lit" || value.k === "tpl" || value.k === "op" ? sqlText(value) : undefined;
      return found && /^\s*(?:--[^\n]*\n\s*)*(?:begin\s*;|create|alter|drop|rename)/i.test(found.text)
        ? [{ path: file.path, text: found.text, holes: found.holes }]
        : [];
    });
  });
}

/** Whether a function takes a migration back, or stands in one that does. */
export function goesDown(file: FileSummary, f: number): boolean {
  for (let at = f, i = 0; at > 0 && i < 20; at = file.functions[at]!.parent, i++)
    if (/(?:^|\.)down\b/.test(file.functions[at]!.name)) return true;
  return false;
}

/** The part of a migration that goes forward; it begins where the text does. */
export function upwards(path: string, text: string): string {
  if (/(?:[._-]down\.sql|\/down(?:\/[^/]*)?\.sql)$/i.test(path)) return "";
  const down = /^\s*--\s*(?:\+goose\s+down|migrate:down|\+migrate\s+down|@?down\b)/im.exec(text);
  return down ? text.slice(0, down.index) : text;
}

function apply(statement: SqlStatement, tables: Map<string, Draft>, path: string): void {
  if (statement.drop) {
    drop(statement.drop.what, statement.drop.names, tables);
    return;
  }
  const name = statement.tables[0]?.name;
  if (name === undefined || name === "") return;
  const table = (): Draft => {
    const known = tables.get(name.toLowerCase());
    if (known) return known;
    const made: Draft = { name, aliases: [], columns: [], keys: [], foreignKeys: [], path };
    tables.set(name.toLowerCase(), made);
    return made;
  };
  if (statement.createTable && !statement.createTable.temporary) {
    const made = table();
    for (const it of statement.createTable.columns) addColumn(made, it);
    for (const it of statement.createTable.constraints) addConstraint(made, it);
    for (const it of statement.createTable.indexes) addKey(made, it.unique ? "unique" : "index", it.columns);
  }
  if (statement.index && !statement.index.partial)
    addKey(table(), statement.index.unique ? "unique" : "index", statement.index.columns, statement.index.name);
  for (const it of statement.alters ?? []) {
    switch (it.what) {
      case "add-column":
        addColumn(table(), it.column);
        break;
      case "add-constraint":
        addConstraint(table(), it.constraint);
        break;
      case "add-index":
        addKey(table(), it.unique ? "unique" : "index", it.columns);
        break;
      case "rename-table": {
        if (it.to === "") break;
        const made = table();
        // `new_a` that takes the place of `a` is how SQLite alters a table; the old name is then free again.
        tables.delete(name.toLowerCase());
        if (tables.has(it.to.toLowerCase())) tables.delete(it.to.toLowerCase());
        else made.aliases.push(made.name);
        made.name = it.to;
        tables.set(it.to.toLowerCase(), made);
        break;
      }
      case "rename-column":
        renameColumn(table(), it.name, it.to);
        break;
      case "drop-column":
        dropColumn(table(), it.name);
        break;
      case "drop-constraint":
      case "drop-index":
        dropKey(table(), it.name);
        break;
      case "alter-type":
        update(table(), it.name, { type: it.type });
        break;
      case "set-not-null":
        update(table(), it.name, { optional: false });
        break;
      case "drop-not-null":
        update(table(), it.name, { optional: true });
        break;
    }
  }
}

function drop(what: string, names: readonly string[], tables: Map<string, Draft>): void {
  for (const name of names) {
    if (what === "table") tables.delete(name.toLowerCase());
    else if (what === "index") for (const it of tables.values()) dropKey(it, name);
  }
}

function addColumn(table: Draft, column: SqlColumn): void {
  if (column.name === "") return;
  table.columns = [
    ...table.columns.filter((it) => it.name !== column.name),
    {
      name: column.name,
      type: column.type,
      optional: !column.notNull,
      ...(column.auto ? { auto: true } : {}),
      at: column.at,
    },
  ];
  if (column.primaryKey) addKey(table, "primary", [column.name]);
  else if (column.unique) addKey(table, "unique", [column.name]);
  if (column.references)
    table.foreignKeys.push({
      name: `${table.name}_${column.name}_fkey`,
      columns: [column.name],
      to: column.references.table,
    });
}

function addConstraint(table: Draft, { kind, name, columns, references }: SqlConstraint): void {
  if (kind === "primary-key") addKey(table, "primary", columns, name);
  else if (kind === "unique") addKey(table, "unique", columns, name);
  else if (kind === "foreign-key" && references)
    table.foreignKeys.push({ name: name ?? `${table.name}_${columns.join("_")}_fkey`, columns, to: references.table });
}

/** An unnamed key has the name that PostgreSQL gives it. */
function addKey(table: Draft, kind: Key["kind"], columns: readonly string[], name?: string): void {
  if (columns.length === 0 || columns.includes("")) return;
  const given =
    name ??
    (kind === "primary"
      ? `${table.name}_pkey`
      : `${table.name}_${columns.join("_")}_${kind === "unique" ? "key" : "idx"}`);
  table.keys = [...table.keys.filter((it) => it.name !== given), { name: given, kind, columns }];
}

function dropKey(table: Draft, name: string): void {
  table.keys = table.keys.filter((it) => it.name.toLowerCase() !== name.toLowerCase());
  table.foreignKeys = table.foreignKeys.filter((it) => it.name.toLowerCase() !== name.toLowerCase());
}

function dropColumn(table: Draft, name: string): void {
  table.columns = table.columns.filter((it) => it.name !== name);
  table.keys = table.keys.filter((it) => !it.columns.includes(name));
  table.foreignKeys = table.foreignKeys.filter((it) => !it.columns.includes(name));
}

function renameColumn(table: Draft, from: string, to: string): void {
  const renamed = (columns: readonly string[]): readonly string[] => columns.map((it) => (it === from ? to : it));
  table.columns = table.columns.map((it) => (it.name === from ? { ...it, name: to } : it));
  table.keys = table.keys.map((it) => ({ ...it, columns: renamed(it.columns) }));
  table.foreignKeys = table.foreignKeys.map((it) => ({ ...it, columns: renamed(it.columns) }));
}

function update(table: Draft, name: string, change: Partial<ColumnFacts>): void {
  table.columns = table.columns.map((it) => (it.name === name ? { ...it, ...change } : it));
}
