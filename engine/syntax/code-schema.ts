/**
 * Facts about tables from models and migrations written in code: Drizzle, TypeORM, MikroORM, sequelize-typescript, Sequelize,
 * Mongoose, Objection, Knex, Kysely. One file at a time, by the names its imports give.
 */
import type { FileSummary } from "../model.ts";
import type { TableFacts } from "../schema.ts";
import { decorated } from "./models/decorated.ts";
import { drizzle } from "./models/drizzle.ts";
import { entitySchemas } from "./models/entity-schemas.ts";
import { knexSchema } from "./models/knex.ts";
import { kyselySchema } from "./models/kysely.ts";
import { mongoose } from "./models/mongoose.ts";
import { objection } from "./models/objection.ts";
import { associations, queryInterface, sequelize } from "./models/sequelize.ts";
import { typeormMigrations } from "./models/typeorm-migrations.ts";
import type { Draft } from "./models/values.ts";

/** What one file tells: tables, things about tables of others, and classes of columns to be extended. */
export interface ModelFacts extends TableFacts {
  readonly partial?: boolean;
  readonly base?: boolean;
  readonly extends?: string;
}

/** What a file of code says of tables. Never throws; what is put together at run time is left out. */
export function modelsFromSummary(file: FileSummary): ModelFacts[] {
  if (
    !file.imports.some((it) => MODEL_LIBRARIES.test(it.specifier)) &&
    !file.calls.some((it) => it.callee.k === "get" && MODEL_CALLS.has(it.callee.name)) &&
    !file.classes.some((cls) => cls.members.some((it) => it.isStatic && it.name === "tableName"))
  )
    return [];
  return [
    ...decorated(file),
    ...entitySchemas(file),
    ...drizzle(file),
    ...sequelize(file),
    ...associations(file),
    ...mongoose(file),
    ...objection(file),
    ...queryInterface(file),
    ...knexSchema(file),
    ...kyselySchema(file),
    ...typeormMigrations(file),
  ]
    .filter((it) => it.name !== "")
    .map((it) => ({ ...it, foreignKeys: distinctKeys(it.foreignKeys), path: file.path }));
}

/** The tables that a file declares by itself: its classes with the columns of those they extend in it. */
export function tablesFromSummary(file: FileSummary): TableFacts[] {
  const models = modelsFromSummary(file);
  return withBases(models).filter((it) => !it.partial);
}

const MAX_BASES = 5;

/**
 * Classes with the columns and keys of those they extend, wherever these are: a name that two of them have tells nothing. One
 * whose base is not seen is taken to have the usual key from it.
 */
export function withBases(models: readonly ModelFacts[]): ModelFacts[] {
  const byName = new Map<string, ModelFacts | null>();
  for (const it of models)
    if (!it.partial)
      for (const name of new Set([it.name, ...it.aliases])) byName.set(name, byName.has(name) ? null : it);
  return models.flatMap((model): ModelFacts[] => {
    if (model.base) return [];
    let whole = model;
    let above = model.extends;
    for (let i = 0; above !== undefined && i < MAX_BASES; i++) {
      const base: ModelFacts | null | undefined = byName.get(above);
      if (!base || base === model) break;
      whole = extended(whole, base);
      above = base.extends;
    }
    return [
      model.extends !== undefined && !whole.primary
        ? { ...whole, primary: ["id"], unique: [...whole.unique, ["id"]] }
        : whole,
    ];
  });
}

function extended(model: ModelFacts, base: ModelFacts): ModelFacts {
  const own = new Set(model.columns.map((it) => it.name));
  const primary = model.primary ?? base.primary;
  return {
    ...model,
    // Their definitions stand in another file, so they have no place in this one.
    columns: [
      ...model.columns,
      ...base.columns.flatMap(({ at, ...it }) =>
        own.has(it.name) ? [] : [base.path === model.path && at ? { ...it, at } : it],
      ),
    ],
    unique: [...model.unique, ...base.unique],
    ...(primary ? { primary } : {}),
    indexes: [...model.indexes, ...base.indexes],
    foreignKeys: [...model.foreignKeys, ...base.foreignKeys],
  };
}

function distinctKeys(keys: Draft["foreignKeys"]): Draft["foreignKeys"] {
  return [...new Map(keys.map((it) => [`${it.columns.join()} ${it.to}`, it])).values()];
}

const MODEL_LIBRARIES =
  /^(?:drizzle-orm|typeorm|@mikro-orm\/|sequelize|mongoose|@nestjs\/mongoose|@typegoose\/|@nestjs\/sequelize)/;

/** Calls that models and migrations make without importing anything. */
const MODEL_CALLS = new Set(
  "define createTable createIndex addIndex addColumn alterTable table belongsTo hasMany hasOne".split(" "),
);
