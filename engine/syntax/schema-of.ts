/** One schema from everything that tells of tables. */
import type { FileSummary } from "../model.ts";
import { joinTables, type SchemaFacts, schemaFacts, type TableFacts } from "../schema.ts";
import { tablesFromSummary } from "./code-schema.ts";
import { readPrismaSchema } from "./prisma-schema.ts";
import type { SqlDialect } from "./sql-model.ts";
import { tablesFromSql } from "./sql-schema.ts";

export interface SchemaSources {
  /** `.prisma` and `.sql` files; others are passed over. */
  readonly texts: Iterable<{ readonly path: string; readonly text: string }>;
  readonly files: Iterable<FileSummary>;
  readonly dialect?: SqlDialect;
}

/**
 * Models come before migrations, for code speaks their names. A table whose key nobody tells (only an index of it was
 * seen, or its base class lies elsewhere) is taken to have the usual one: a key too many costs a finding, one too few
 * makes a false alarm.
 */
export function schemaOf({ texts, files, dialect = "postgresql" }: SchemaSources): SchemaFacts {
  const prisma: TableFacts[] = [];
  const sql: { readonly path: string; readonly text: string }[] = [];
  for (const it of texts) {
    if (it.path.endsWith(".prisma")) prisma.push(...readPrismaSchema(it.path, it.text));
    else if (it.path.endsWith(".sql")) sql.push(it);
  }
  // Runners apply migrations in the order of their names.
  sql.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  const migrated = sql.flatMap((it) => tablesFromSql(it.path, it.text, dialect));
  const code = [...files].flatMap(tablesFromSummary);
  const tables = joinTables([...prisma, ...code, ...migrated]);
  return schemaFacts(tables.map((it) => (it.primary ? it : { ...it, unique: [...it.unique, ["id"]] })));
}
