/** Facts about tables from SQL: what migrations create. */
import type { Span } from "../model.ts";
import type { ColumnFacts, TableFacts } from "../schema.ts";
import { readSql } from "./sql.ts";
import type { SqlColumn, SqlConstraint, SqlDialect, SqlStatement } from "./sql-model.ts";

type Draft = { -readonly [K in keyof TableFacts]: TableFacts[K] };

/**
 * The tables a text creates and what it adds to tables that it does not create, in one entry each. Give the texts of all
 * migrations, in their order, to `joinTables` to have whole tables. What is dropped is left out within one text only.
 */
export function tablesFromSql(path: string, text: string, dialect: SqlDialect = "postgresql"): TableFacts[] {
  const tables = new Map<string, Draft>();
  for (const statement of readSql(text, dialect) ?? []) apply(statement, tables, path);
  return [...tables.values()];
}

function apply(statement: SqlStatement, tables: Map<string, Draft>, path: string): void {
  const name = statement.tables[0]?.name;
  if (statement.drop?.what === "table") for (const it of statement.drop.names) tables.delete(it.toLowerCase());
  if (name === undefined || name === "") return;
  const table = (): Draft => {
    const known = tables.get(name.toLowerCase());
    if (known) return known;
    const made: Draft = { name, aliases: [], columns: [], unique: [], indexes: [], foreignKeys: [], path };
    tables.set(name.toLowerCase(), made);
    return made;
  };
  if (statement.createTable && !statement.createTable.temporary) {
    const made = table();
    for (const it of statement.createTable.columns) addColumn(made, it);
    for (const it of statement.createTable.constraints) addConstraint(made, it);
    for (const it of statement.createTable.indexes) addIndex(made, it.columns, it.unique);
  }
  if (statement.index && !statement.index.partial) addIndex(table(), statement.index.columns, statement.index.unique);
  for (const it of statement.alters ?? []) {
    if (it.what === "add-column") addColumn(table(), it.column);
    else if (it.what === "add-constraint") addConstraint(table(), it.constraint);
    else if (it.what === "add-index") addIndex(table(), it.columns, it.unique);
    else if (it.what === "rename-table" && it.to !== "") {
      const made = table();
      made.aliases = [...made.aliases, made.name];
      made.name = it.to;
    } else if (it.what === "rename-column" || it.what === "drop-column") {
      const made = tables.get(name.toLowerCase());
      if (made)
        made.columns = made.columns.flatMap((column) =>
          column.name !== it.name ? [column] : it.what === "rename-column" ? [{ ...column, name: it.to }] : [],
        );
    } else if (it.what === "alter-type") {
      const made = tables.get(name.toLowerCase());
      if (made)
        made.columns = made.columns.map((column) => (column.name === it.name ? { ...column, type: it.type } : column));
    }
  }
}

function addColumn(table: Draft, column: SqlColumn): void {
  if (column.name === "") return;
  const facts: ColumnFacts = {
    name: column.name,
    type: column.type,
    optional: !column.notNull,
    ...(column.auto ? { auto: true } : {}),
    at: column.at as Span,
  };
  table.columns = [...table.columns, facts];
  if (column.primaryKey) table.primary = [column.name];
  if (column.primaryKey || column.unique) addIndex(table, [column.name], true);
  if (column.references)
    table.foreignKeys = [...table.foreignKeys, { columns: [column.name], to: column.references.table }];
}

function addConstraint(table: Draft, constraint: SqlConstraint): void {
  if (constraint.kind === "primary-key") table.primary = constraint.columns;
  if (constraint.kind === "primary-key" || constraint.kind === "unique") addIndex(table, constraint.columns, true);
  if (constraint.kind === "foreign-key" && constraint.references)
    table.foreignKeys = [...table.foreignKeys, { columns: constraint.columns, to: constraint.references.table }];
}

function addIndex(table: Draft, columns: readonly string[], unique: boolean): void {
  if (columns.length === 0 || columns.includes("")) return;
  if (unique) table.unique = [...table.unique, columns];
  else table.indexes = [...table.indexes, columns];
}
