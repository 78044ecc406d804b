/** What the schema says of tables: keys, indexes, columns. Joined from Prisma schemas, ORM models and migrations. */

export interface TableFacts {
  readonly name: string;
  /** Names under which code speaks of it: model name, table name. */
  readonly aliases: readonly string[];
  readonly columns: readonly { readonly name: string; readonly type: string; readonly optional: boolean }[];
  /** Column sets that identify at most one row. */
  readonly unique: readonly (readonly string[])[];
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
  for (const table of tables) for (const name of [table.name, ...table.aliases]) if (!byName.has(name.toLowerCase())) byName.set(name.toLowerCase(), table);
  return { table: (name) => byName.get(name.toLowerCase()), tables };
}
