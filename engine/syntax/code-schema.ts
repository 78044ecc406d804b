/**
 * Facts about tables from models written in code: Drizzle, TypeORM, MikroORM, sequelize-typescript, Sequelize, Mongoose.
 * One file at a time, by the names its imports give; a model whose parts lie in another file is known by what stands here.
 */
import type { FileSummary } from "../model.ts";
import type { TableFacts } from "../schema.ts";
import { decorated } from "./models/decorated.ts";
import { drizzle } from "./models/drizzle.ts";
import { entitySchemas } from "./models/entity-schemas.ts";
import { knexSchema } from "./models/knex.ts";
import { mongoose } from "./models/mongoose.ts";
import { queryInterface, sequelize } from "./models/sequelize.ts";
import type { Draft } from "./models/values.ts";

/** The tables that a file of code declares. Never throws; what is put together at run time is left out. */
export function tablesFromSummary(file: FileSummary): TableFacts[] {
  if (
    !file.imports.some((it) => MODEL_LIBRARIES.test(it.specifier)) &&
    !file.calls.some((it) => it.callee.k === "get" && MODEL_CALLS.has(it.callee.name))
  )
    return [];
  return [
    ...decorated(file),
    ...entitySchemas(file),
    ...drizzle(file),
    ...sequelize(file),
    ...mongoose(file),
    ...queryInterface(file),
    ...knexSchema(file),
  ]
    .filter((it) => it.name !== "")
    .map((it) => ({ ...it, foreignKeys: distinctKeys(it.foreignKeys), path: file.path }));
}

function distinctKeys(keys: Draft["foreignKeys"]): Draft["foreignKeys"] {
  return [...new Map(keys.map((it) => [`${it.columns.join()} ${it.to}`, it])).values()];
}

const MODEL_LIBRARIES =
  /^(?:drizzle-orm|typeorm|@mikro-orm\/|sequelize|mongoose|@nestjs\/mongoose|@typegoose\/|@nestjs\/sequelize)/;

/** Calls that models and migrations make without importing anything. */
const MODEL_CALLS = new Set(["define", "createTable", "addIndex", "addColumn", "alterTable", "table"]);
