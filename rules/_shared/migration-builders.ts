/**
 * What the builders of migration runners do to tables: Sequelize's query interface, Knex, Kysely, TypeORM's query runner,
 * node-pg-migrate, MikroORM, db-migrate. A builder reaches a migration as a parameter, so it is known by its type or by the
 * name that its runner's documentation gives it. One table of calls per builder; rules see only steps.
 */
import {
  type CallView,
  type FileSummary,
  goesDown,
  type Program,
  type RuleContext,
  type Scoped,
  type Span,
  sqlText,
  type TypeRef,
  type Value,
} from "../../engine/index.ts";
import { isMigrationPath, isRewriting, NOWHERE, type SchemaStep, stepsOfSql } from "./schema-steps.ts";

export type Builder = "sequelize" | "knex" | "kysely" | "typeorm" | "node-pg-migrate" | "mikro-orm" | "db-migrate";

export interface CodeMigration {
  readonly steps: readonly (SchemaStep & { readonly builder: Builder })[];
}

const TYPES: Readonly<Record<string, Builder>> = {
  QueryInterface: "sequelize",
  AbstractQueryInterface: "sequelize",
  QueryRunner: "typeorm",
  Knex: "knex",
  Kysely: "kysely",
  MigrationBuilder: "node-pg-migrate",
};
const NAMES: Readonly<Record<string, Builder>> = {
  queryInterface: "sequelize",
  queryRunner: "typeorm",
  knex: "knex",
  pgm: "node-pg-migrate",
  db: "db-migrate",
};

/** Steps that a migration in code takes upwards, in the order of the text; undefined for other code. */
export function migrationOf(file: FileSummary, program: Program): CodeMigration | undefined {
  if (!isMigrationPath(file.path) || !file.functions.some((it) => /(?:^|\.)(?:up|change)$/.test(it.name)))
    return undefined;
  const steps = file.calls.flatMap((call, c): (SchemaStep & { builder: Builder })[] => {
    if (call.callee.k !== "get" && !(call.kind === "call" && call.callee.k === "ref")) return [];
    if (call.fn === 0 || goesDown(file, call.fn)) return [];
    const view = program.view({ file, c });
    const found = receiverOf(file, call.callee, call.fn);
    if (!found) return [];
    return stepsOfCall(found, view).map((step) => ({
      ...step,
      at: step.at === NOWHERE ? call.nameAt : step.at,
      call: c,
      builder: found.builder,
    }));
  });
  return { steps: [...steps].sort((a, b) => a.at[0] - b.at[0]) };
}

/** Tables that a migration in code creates, in lower case. */
export function createdInCode(file: FileSummary, context: RuleContext): CreatedIn | undefined {
  const steps = migrationOf(file, context.program)?.steps.filter((it) => it.kind === "create-table") ?? [];
  return steps.length === 0 ? undefined : { path: file.path, tables: steps.map((it) => it.table.toLowerCase()) };
}

export interface CreatedIn {
  readonly path: string;
  readonly tables: readonly string[];
}

interface Receiver {
  readonly builder: Builder;
  /** Members between the builder and the call: `schema` of `knex.schema.raw`. */
  readonly path: readonly string[];
}

function receiverOf(file: FileSummary, callee: Value, fn: number): Receiver | undefined {
  const path: string[] = [];
  let at = callee;
  while (at.k === "get" && path.length < 6) {
    path.unshift(at.name);
    at = at.of;
  }
  // `this.addSql(…)` in a class of MikroORM.
  if (at.k === "this") return path.length === 1 && path[0] === "addSql" ? { builder: "mikro-orm", path } : undefined;
  if (at.k === "call") {
    // `knex.schema.createTable(…).alterTable(…)`, and `t.integer("a").alter()` in a table's callback.
    const before = file.calls[at.c];
    const through = before && receiverOf(file, before.callee, fn);
    const isChained = through?.builder === "knex" || through?.builder === "kysely";
    return isChained ? { builder: through.builder, path: [...through.path.slice(0, 1), ...path] } : undefined;
  }
  if (at.k !== "ref") return undefined;
  const binding = file.bindings[at.b];
  if (binding?.kind !== "param") return undefined;
  const builder = builderOfType(binding.type) ?? NAMES[binding.name];
  // `db` is a name for anything: only the members of db-migrate's own make it one.
  if (builder === "db-migrate" && !/^(?:runSql|addIndex|addForeignKey|changeColumn|createTable)$/.test(path[0] ?? ""))
    return undefined;
  return builder
    ? { builder, path }
    : tableOfCallback(file, binding.fn)
      ? { builder: "knex", path: ["table", ...path] }
      : undefined;
}

function builderOfType(type: TypeRef | undefined): Builder | undefined {
  return type?.t === "name" ? TYPES[type.name.split(".").at(-1)!] : undefined;
}

/** The call whose callback a function is, where that changes a table: `knex.schema.alterTable("users", (t) => …)`. */
function tableOfCallback(file: FileSummary, f: number): number | undefined {
  const c = file.calls.findIndex(
    (it) =>
      it.callee.k === "get" &&
      /^(?:alterTable|table|createTable|createTableIfNotExists)$/.test(it.callee.name) &&
      it.args.some((arg) => arg.k === "fn" && arg.f === f),
  );
  return c < 0 ? undefined : c;
}

type Step = Omit<SchemaStep, "call">;

function stepsOfCall({ builder, path }: Receiver, view: CallView): Step[] {
  const name = path.at(-1) ?? "";
  const raw = RAW[builder];
  if (raw.test(path.join("."))) return rawSteps(view);
  switch (builder) {
    case "sequelize":
      return sequelize(name, view);
    case "typeorm":
      return typeorm(name, view);
    case "node-pg-migrate":
      return pgMigrate(name, view);
    case "db-migrate":
      return dbMigrate(name, view);
    case "knex":
      return knex(path, view);
    case "kysely":
      return kysely(path, view);
    default:
      return [];
  }
}

const RAW: Readonly<Record<Builder, RegExp>> = {
  sequelize: /^sequelize\.query$/,
  knex: /^(?:schema\.)?raw$/,
  typeorm: /^query$/,
  "node-pg-migrate": /^sql$/,
  "mikro-orm": /^addSql$/,
  kysely: /^$/,
  "db-migrate": /^runSql$/,
};

function rawSteps(view: CallView): Step[] {
  const arg = view.arg(0);
  if (!arg) return [];
  const kept = arg.value.k === "ref" ? arg.file.bindings[arg.value.b] : undefined;
  const value = kept?.kind === "const" && kept.value ? kept.value : arg.value;
  const written = sqlText(value, (part) => view.program.text({ value: part, file: arg.file, env: arg.env }));
  return written ? [...stepsOfSql(written.text, written.holes, written.toHost)] : [];
}

function step(kind: SchemaStep["kind"], view: CallView, table: string | undefined, more: Partial<Step> = {}): Step[] {
  return table === undefined || table === "" ? [] : [{ kind, table, at: view.call.nameAt, ...more }];
}

/** A table's name: a string, or an object with the name in it. */
function tableAt(view: CallView, index: number): string | undefined {
  const text = (it: Scoped | undefined): string | undefined => view.text(it)?.split(".").at(-1)?.replace(/"/g, "");
  const written = text(view.arg(index));
  if (written !== undefined) return written;
  for (const name of ["tableName", "name"]) {
    const found = view.option(index, name);
    if (found.is === "yes") return text(found.at);
  }
  const arg = view.arg(index);
  // `new Table({ name })`
  if (arg?.value.k === "call") return tableAt(view.program.view({ file: arg.file, c: arg.value.c }), 0);
  return undefined;
}

const isTrue = (view: CallView, index: number, option: string): boolean | undefined => {
  const found = view.option(index, option);
  if (found.is === "no") return false;
  return found.is === "yes" && found.at.value.k === "lit" ? found.at.value.v === true : undefined;
};

const textOption = (view: CallView, index: number, option: string): string | undefined => {
  const found = view.option(index, option);
  return found.is === "yes" ? view.text(found.at) : undefined;
};

/** `type: Sequelize.BIGINT` and `DataTypes.BIGINT` name the type. */
function typeOption(view: CallView, index: number): string {
  const found = view.option(index, "type");
  if (found.is !== "yes") return "";
  const written = view.text(found.at);
  if (written !== undefined) return written;
  const { value } = found.at;
  const named = value.k === "call" ? found.at.file.calls[value.c]?.callee : value;
  return named?.k === "get" ? named.name.toLowerCase() : "";
}

function alteration(
  view: CallView,
  index: number,
  table: string | undefined,
  column: string | undefined,
  notNull: boolean,
): Step[] {
  const type = typeOption(view, index);
  const named = column === undefined ? {} : { column };
  if (isRewriting(type)) return step("rewrite", view, table, { ...named, detail: type });
  return notNull ? step("not-null", view, table, named) : [];
}

function sequelize(name: string, view: CallView): Step[] {
  const table = tableAt(view, 0);
  const column = view.text(view.arg(1));
  switch (name) {
    case "createTable":
      return step("create-table", view, table);
    case "addIndex": {
      // `addIndex(table, { fields })` and `addIndex(table, fields, options)`
      const at = view.arg(1)?.value.k === "obj" ? 1 : 2;
      return isTrue(view, at, "concurrently") === false ? step("index", view, table) : [];
    }
    case "addConstraint": {
      const type = textOption(view, 1, "type")?.toLowerCase();
      if (type === "foreign key") return step("foreign-key", view, table);
      if (type === "unique" || type === "primary key") return step("key", view, table);
      return type === "check" ? step("check", view, table) : [];
    }
    // Sequelize writes the type and the null-ness whether they changed or not (postgres/query-generator.js): to the same
    // type nothing is rewritten, and what it was is not written here.
    case "changeColumn": {
      const isNotNull = isTrue(view, 2, "allowNull") === false && view.option(2, "allowNull").is === "yes";
      return isNotNull && column !== undefined && wasNullable(view, column)
        ? step("not-null", view, table, { column })
        : [];
    }
    default:
      return [];
  }
}

function typeorm(name: string, view: CallView): Step[] {
  const table = tableAt(view, 0);
  switch (name) {
    case "createTable":
      return step("create-table", view, table);
    case "createIndex":
    case "createIndices": {
      const index = view.arg(1);
      const made = index?.value.k === "call" ? view.program.view({ file: index.file, c: index.value.c }) : undefined;
      return made && isTrue(made, 0, "isConcurrent") !== false ? [] : step("index", view, table);
    }
    case "createForeignKey":
    case "createForeignKeys":
      return step("foreign-key", view, table);
    case "createCheckConstraint":
    case "createCheckConstraints":
      return step("check", view, table);
    case "createUniqueConstraint":
    case "createUniqueConstraints":
    case "createPrimaryKey":
      return step("key", view, table);
    default:
      return [];
  }
}

function pgMigrate(name: string, view: CallView): Step[] {
  const table = tableAt(view, 0);
  const column = view.text(view.arg(1));
  switch (name) {
    case "createTable":
      return step("create-table", view, table);
    case "createIndex":
    case "addIndex":
      return isTrue(view, 2, "concurrently") === false ? step("index", view, table) : [];
    case "alterColumn":
      return alteration(view, 2, table, column, isTrue(view, 2, "notNull") === true);
    case "addConstraint":
    case "createConstraint": {
      if (view.option(2, "foreignKeys").is === "yes") return step("foreign-key", view, table);
      if (["unique", "primaryKey", "exclude"].some((it) => view.option(2, it).is === "yes"))
        return step("key", view, table);
      return view.option(2, "check").is === "yes" ? step("check", view, table) : [];
    }
    default:
      return [];
  }
}

function dbMigrate(name: string, view: CallView): Step[] {
  const table = tableAt(view, 0);
  switch (name) {
    case "createTable":
      return step("create-table", view, table);
    case "addIndex":
      return step("index", view, table);
    case "addForeignKey":
      return step("foreign-key", view, table);
    default:
      return [];
  }
}

/** `db.schema.createIndex("i").on("t")`, `db.schema.alterTable("t").addForeignKeyConstraint(…)`. */
function kysely(path: readonly string[], view: CallView): Step[] {
  if (path[0] !== "schema") return [];
  const name = path.at(-1)!;
  if (name === "createTable") return step("create-table", view, tableAt(view, 0));
  let first: CallView = view;
  for (let i = 0; i < 30 && first.call.callee.k === "get" && first.call.callee.of.k === "call"; i++)
    first = view.program.view({ file: view.file, c: first.call.callee.of.c });
  const start = memberOf(first.call.callee);
  if (start === "createIndex") return name === "on" ? step("index", view, tableAt(view, 0)) : [];
  if (start !== "alterTable") return [];
  const table = tableAt(first, 0);
  if (name === "addForeignKeyConstraint") return step("foreign-key", view, table);
  if (name === "addCheckConstraint") return step("check", view, table);
  return /^add(?:Unique|PrimaryKey)Constraint$/.test(name) ? step("key", view, table) : [];
}

function knex(path: readonly string[], view: CallView): Step[] {
  const name = path.at(-1)!;
  if (path[0] === "schema")
    return /^createTable/.test(name) && view.name === name ? step("create-table", view, tableAt(view, 0)) : [];
  if (path[0] !== "table") return [];
  const c = callOfTable(view);
  if (c === undefined) return [];
  const outer = view.program.view({ file: view.file, c });
  const table = tableAt(outer, 0);
  if (/^createTable/.test(outer.name)) return [];
  switch (name) {
    case "index":
      return step("index", view, table);
    case "unique":
    case "primary":
      // Of a column that is made here, or of columns named.
      return view.argCount > 0 && path.length === 2 ? step("key", view, table) : [];
    case "foreign":
      return step("foreign-key", view, table);
    case "dropNullable":
      return step("not-null", view, table, textMore(view.text(view.arg(0))));
    // It writes the type and the null-ness whether they changed or not (lib/dialects/postgres/schema/pg-tablecompiler.js).
    case "alter": {
      const { names, column } = knexColumn(view);
      const isNew = names.includes("notNullable") && column !== undefined && wasNullable(view, column);
      return isNew ? step("not-null", view, table, { column }) : [];
    }
    default:
      return [];
  }
}

const textMore = (column: string | undefined): Partial<Step> => (column === undefined ? {} : { column });

/** The links of a column's chain before a call, and the column's name. */
function knexColumn(view: CallView): { readonly names: readonly string[]; readonly column: string | undefined } {
  const names: string[] = [];
  let at: CallView = view;
  while (at.call.callee.k === "get" && at.call.callee.of.k === "call" && names.length < 10) {
    at = view.program.view({ file: view.file, c: at.call.callee.of.c });
    names.push(memberOf(at.call.callee));
  }
  return { names, column: at === view ? undefined : at.text(at.arg(0)) };
}

const memberOf = (callee: Value): string => (callee.k === "get" ? callee.name : "");

/** Whether the way back makes the column nullable again: only then was it so before. */
function wasNullable(view: CallView, column: string): boolean {
  return view.file.calls.some((call, c) => {
    if (call.fn === 0 || !goesDown(view.file, call.fn)) return false;
    const other = view.program.view({ file: view.file, c });
    if (other.name === "changeColumn")
      return other.text(other.arg(1)) === column && isTrue(other, 2, "allowNull") !== false;
    if (memberOf(call.callee) !== "alter") return false;
    const { names, column: name } = knexColumn(other);
    return name === column && names.includes("nullable");
  });
}

function callOfTable(view: CallView): number | undefined {
  for (let f = view.call.fn, i = 0; f > 0 && i < 10; f = view.file.functions[f]!.parent, i++) {
    const c = tableOfCallback(view.file, f);
    if (c !== undefined) return c;
  }
  return undefined;
}

/** The call's statement, from the first character of its line, where nothing but `await` or `return` stands before it. */
export function lineBefore(view: CallView, text: string): { readonly at: Span; readonly indent: string } | undefined {
  const start = text.lastIndexOf("\n", view.call.at[0] - 1) + 1;
  const before = text.slice(start, view.call.at[0]);
  const indent = /^[ \t]*/.exec(before)![0];
  return /^[ \t]*(?:await |return (?:await )?)?$/.test(before) ? { at: [start, start], indent } : undefined;
}
