/** One schema from everything that tells of tables. */
import type { FileSummary } from "../model.ts";
import { addTo, joinTables, type SchemaFacts, schemaFacts, type TableFacts } from "../schema.ts";
import { type ModelFacts, modelsFromSummary, withBases } from "./code-schema.ts";
import { prismaNames, readPrismaSchema } from "./prisma-schema.ts";
import type { SqlDialect } from "./sql-model.ts";
import { type Migration, migrationsOf, tablesFromMigrations } from "./sql-schema.ts";

export interface SchemaSources {
  /** `.prisma` and `.sql` files; others are passed over. */
  readonly texts: Iterable<{ readonly path: string; readonly text: string }>;
  readonly files: Iterable<FileSummary>;
  readonly dialect?: SqlDialect;
}

/** Summaries never change, so what was read of one holds as long as it does. */
const read = new WeakMap<
  FileSummary,
  { readonly models: readonly ModelFacts[]; readonly migrations: readonly Migration[] }
>();

/**
 * Models come before migrations, for code speaks their names. A Prisma schema is the whole truth of its tables, while other
 * models may leave their indexes to migrations. A table whose key nobody tells (only an index of it was seen, or its base
 * class lies elsewhere) is taken to have the usual one: a key too many costs a finding, one too few makes a false alarm.
 */
export function schemaOf({ texts, files, dialect = "postgresql" }: SchemaSources): SchemaFacts {
  const prisma: TableFacts[] = [];
  const models: ModelFacts[] = [];
  const migrations: Migration[] = [];
  const schemas: { readonly path: string; readonly text: string }[] = [];
  for (const it of texts) {
    if (it.path.endsWith(".prisma")) schemas.push(it);
    else if (it.path.endsWith(".sql")) migrations.push(it);
  }
  // A schema may be split over the files of a folder, which speak of each other's models.
  const names = prismaNames(schemas.map((it) => it.text));
  for (const it of schemas) prisma.push(...readPrismaSchema(it.path, it.text, names));
  for (const it of files) {
    let known = read.get(it);
    if (!known) {
      known = { models: modelsFromSummary(it), migrations: migrationsOf(it) };
      read.set(it, known);
    }
    models.push(...known.models);
    migrations.push(...known.migrations);
  }
  // Runners apply migrations in the order of their names.
  migrations.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  const whole = new Set(prisma.flatMap((it) => [it.name, ...it.aliases]).map((it) => it.toLowerCase()));
  const migrated = tablesFromMigrations(migrations, dialect).filter((it) => !whole.has(it.name.toLowerCase()));
  const code = withBases(models);
  const tables = addTo(
    joinTables([...prisma, ...code.filter((it) => !it.partial), ...migrated]),
    code.filter((it) => it.partial),
  );
  return schemaFacts(tables.map((it) => (it.primary ? it : { ...it, unique: [...it.unique, ["id"]] })));
}
