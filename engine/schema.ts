/** What the schema says of tables: keys, indexes, columns. Joined from Prisma schemas, ORM models and migrations. */

import type { Span } from "./model.ts";

export interface ColumnFacts {
  readonly name: string;
  /** As written where it was read: `String`, `varchar(20)`, `uuid`; `""` where it cannot be told. */
  readonly type: string;
  readonly optional: boolean;
  /** Numbered by the database. */
  readonly auto?: boolean;
  /** Its definition in `TableFacts.path`. */
  readonly at?: Span;
}

export interface TableFacts {
  readonly name: string;
  /** Names under which code speaks of it: model name, table name. */
  readonly aliases: readonly string[];
  readonly columns: readonly ColumnFacts[];
  /** Column sets that identify at most one row. */
  readonly unique: readonly (readonly string[])[];
  /** The one of `unique` that is the primary key, where that is known. */
  readonly primary?: readonly string[];
  readonly indexes: readonly (readonly string[])[];
  /** Columns that point to another table's row. */
  readonly foreignKeys: readonly { readonly columns: readonly string[]; readonly to: string }[];
  /** File it was read from. */
  readonly path: string;
}

export interface SchemaFacts {
  /** Facts of a table by model or table name, case-insensitive. */
  readonly table: (name: string) => TableFacts | undefined;
  readonly tables: readonly TableFacts[];
}

/** Indexes tables by each of their names; the first to claim one wins. */
export function schemaFacts(tables: readonly TableFacts[]): SchemaFacts {
  const byName = new Map<string, TableFacts>();
  for (const table of tables)
    for (const name of [table.name, ...table.aliases])
      if (!byName.has(name.toLowerCase())) byName.set(name.toLowerCase(), table);
  return { table: (name) => byName.get(name.toLowerCase()), tables };
}

/**
 * Makes one of the facts that several sources give of a table (a model, and the migrations behind it). What was read first
 * names it and its columns; what comes later adds columns, keys and indexes.
 */
export function joinTables(tables: readonly TableFacts[]): TableFacts[] {
  const joined: TableFacts[] = [];
  const byName = new Map<string, number>();
  for (const table of tables) {
    const names = [table.name, ...table.aliases];
    const known = names.map((it) => byName.get(it.toLowerCase())).find((it) => it !== undefined);
    const index = known ?? joined.length;
    joined[index] = known === undefined ? table : joinTable(joined[known]!, table);
    for (const name of names) if (!byName.has(name.toLowerCase())) byName.set(name.toLowerCase(), index);
  }
  return joined;
}

/** Adds what is told of tables that are known; of others nothing is. */
export function addTo(tables: readonly TableFacts[], more: readonly TableFacts[]): TableFacts[] {
  const added = [...tables];
  const byName = new Map<string, number>();
  tables.forEach((table, i) => {
    for (const it of [table.name, ...table.aliases]) if (!byName.has(it.toLowerCase())) byName.set(it.toLowerCase(), i);
  });
  for (const it of more) {
    const index = byName.get(it.name.toLowerCase());
    if (index !== undefined) added[index] = joinTable(added[index]!, it);
  }
  return added;
}

function joinTable(first: TableFacts, more: TableFacts): TableFacts {
  const columns = new Set(first.columns.map((it) => it.name.toLowerCase()));
  const names = new Set([first.name, ...first.aliases]);
  const primary = first.primary ?? more.primary;
  return {
    ...first,
    aliases: [...first.aliases, ...[more.name, ...more.aliases].filter((it) => !names.has(it))],
    columns: [...first.columns, ...more.columns.filter((it) => !columns.has(it.name.toLowerCase()))],
    unique: distinct([...first.unique, ...more.unique]),
    ...(primary ? { primary } : {}),
    indexes: distinct([...first.indexes, ...more.indexes]),
    foreignKeys: [
      ...first.foreignKeys,
      ...more.foreignKeys.filter(
        (it) => !first.foreignKeys.some((known) => known.columns.join() === it.columns.join()),
      ),
    ],
  };
}

function distinct(sets: readonly (readonly string[])[]): (readonly string[])[] {
  return [...new Map(sets.map((it) => [it.join(), it])).values()];
}
