import {
  type CallView,
  type ChainStep,
  defineLibrary,
  type Filter,
  type LibraryType,
  type Member,
  type QueryMeaning,
  type Scoped,
  type Value,
} from "../../engine/index.ts";
import { linksOf } from "../_shared/builder.ts";
import { queryOfSql } from "../_shared/sql.ts";

/** The table a statement is about: the name in `pgTable('users', …)`, else the name of the constant. */
function tableOf(call: CallView, at: Scoped | undefined): string | undefined {
  if (!at) return undefined;
  const { value, file } = at;
  const found = call.program.at(at);
  if (found.k === "lib" && found.via) {
    const made = call.program.view(found.via);
    return made.text(made.arg(0));
  }
  if (value.k === "ref") return file.bindings[value.b]?.name;
  return value.k === "get" ? value.name : undefined;
}

/** `eq(users.id, id)`, `and(eq(…), inArray(…))`; `where(undefined)` and `and(undefined)` restrict nothing (measured). */
function conditions(
  call: CallView,
  at: Scoped | undefined,
  depth = 0,
): { equals: string[]; inLists: string[]; others: string[]; open: boolean } {
  const found = { equals: [] as string[], inLists: [] as string[], others: [] as string[], open: false };
  if (!at || depth > 5) return found;
  const value = at.value;
  if (value.k === "lit") return found;
  const origin = value.k === "ref" ? at.file.bindings[value.b]?.value : undefined;
  const inner: Value | undefined = value.k === "call" ? value : origin?.k === "call" ? origin : undefined;
  if (inner?.k !== "call") {
    found.open = true;
    return found;
  }
  const { callee, args } = at.file.calls[inner.c]!;
  const name = callee.k === "ref" ? (at.file.bindings[callee.b]?.name ?? "") : callee.k === "get" ? callee.name : "";
  const column = args[0]?.k === "get" ? args[0].name : "*";
  if (name === "eq") found.equals.push(column);
  else if (name === "inArray") found.inLists.push(column);
  else if (name === "and") {
    for (const it of args) {
      const part = conditions(call, { ...at, value: it }, depth + 1);
      found.equals.push(...part.equals);
      found.inLists.push(...part.inLists);
      found.others.push(...part.others);
      if (part.open) found.open = true;
    }
  } else found.others.push(column);
  return found;
}

function filterOf(links: readonly ChainStep[], call: CallView): Filter {
  let perhaps = false;
  const all = { equals: [] as string[], inLists: [] as string[], others: [] as string[] };
  for (const it of links) {
    if (it.name === "$dynamic") perhaps = true;
    if (/^(innerJoin|rightJoin)$/.test(it.name)) all.others.push("*");
    if (it.name !== "where") continue;
    if (it.conditional) {
      perhaps = true;
      continue;
    }
    const part = conditions(call, it.view.arg(0));
    all.equals.push(...part.equals);
    all.inLists.push(...part.inLists);
    all.others.push(...part.others);
    if (part.open) perhaps = true;
  }
  if (all.equals.length + all.inLists.length + all.others.length > 0) return { given: "yes", ...all };
  return { given: perhaps ? "unknown" : "no" };
}

/** As it would be written; what stands for the column is its own. */
const ATOMIC = "sql`$" + "{table.column} + n`";

/** The statement that this call opens; builders are sent when awaited, so it is read from its first link. */
function statement(call: CallView, action: QueryMeaning["action"]): QueryMeaning | undefined {
  const links = linksOf(call);
  const names = new Set(links.map((it) => it.name));
  const from = links.find((it) => it.name === "from");
  // A sub-select that is given a name or used inside another statement is not sent by itself.
  if (names.has("as") || names.has("$with") || (action === "list" && !from)) return undefined;
  const table = action === "list" ? tableOf(call, from?.view.arg(0)) : tableOf(call, call.arg(0));
  const counts = action === "list" && selectsCount(call);
  const limits = links.filter((it) => it.name === "limit" && !it.conditional);
  const limit = limits.length > 0;
  const isOne = names.has("get") || limits.some(({ view }) => view.number(view.arg(0)) === 1);
  const isSub = from !== undefined && from.view.call.args[0]?.k === "call";
  const sets = action === "update" ? links.find((it) => it.name === "set")?.view.arg(0) : undefined;
  const wheres = links.filter((it) => it.name === "where");
  // Measured on 0.45: `where(undefined)` and `and(undefined)` restrict nothing.
  const leavesOut = wheres.length === 1 ? wheres[0]!.view.arg(0) : undefined;
  return {
    kind: "query",
    client: "Drizzle",
    engine: "sql",
    // `.get()` of the SQLite drivers steps to the first row and no further.
    action: counts
      ? "count"
      : action === "list" && isOne
        ? "one"
        : action === "list" && !names.has("groupBy") && selectsSummary(call)
          ? "aggregate"
          : action,
    ...(action === "update" || action === "delete" ? { many: true } : {}),
    ...(table ? { table } : {}),
    filter: action === "create" ? { given: "yes" } : filterOf(links, call),
    capped: counts
      ? isSub
        ? "unknown"
        : "no"
      : limit || names.has("get")
        ? "yes"
        : names.has("limit") || names.has("$dynamic")
          ? "unknown"
          : "no",
    ...(counts && limit ? { deadCap: "limit" } : {}),
    ...(names.has("groupBy") ? { grouped: true } : {}),
    ...(isTransaction(call) ? { inTransaction: "yes" as const } : {}),
    lazy: true,
    isWhole: true,
    ...(sets ? { sets, atomic: ATOMIC } : {}),
    ...(leavesOut ? { leavesOut: { filter: leavesOut } } : {}),
  };
}

function selectsCount(call: CallView): boolean {
  const fields = call.call.args[0];
  if (fields?.k !== "obj" || fields.props.length !== 1) return false;
  const { value } = fields.props[0]!;
  if (value.k !== "call") return false;
  const text = templateOf(call, value.c);
  return text === undefined
    ? /^(count|countDistinct)$/.test(calleeName(call, value.c))
    : /^\s*(?:cast\s*\(\s*)?count\s*\(/i.test(text);
}

/** `select({ total: sql`sum(${orders.amount})`, last: max(orders.at) })`: one row, whatever there is. */
function selectsSummary(call: CallView): boolean {
  const fields = call.call.args[0];
  if (fields?.k !== "obj" || fields.props.length === 0) return false;
  return fields.props.every(({ value }) => {
    if (value.k !== "call") return false;
    const text = templateOf(call, value.c);
    return text === undefined
      ? /^(sum|sumDistinct|avg|avgDistinct|min|max|count|countDistinct)$/.test(calleeName(call, value.c))
      : /^\s*(?:(?:coalesce|cast|round|greatest|json_build_object|jsonb_build_object)\s*\(\s*)*(?:sum|avg|min|max|count|bool_or|bool_and|array_agg|json_agg|jsonb_agg|string_agg)\s*\(/i.test(
          text,
        );
  });
}

/** What the template of a tag begins with, up to its first hole. */
function templateOf(call: CallView, c: number): string | undefined {
  const made = call.file.calls[c]!;
  // `sql`…`.mapWith(Number)`, `sql`…`.as("total")`.
  if (made.callee.k === "get" && made.callee.of.k === "call") return templateOf(call, made.callee.of.c);
  const [first] = made.kind === "tag" ? made.args : [];
  return first?.k === "tpl"
    ? first.strings[0]
    : first?.k === "lit" && typeof first.v === "string"
      ? first.v
      : undefined;
}

function calleeName(call: CallView, c: number): string {
  const { callee } = call.file.calls[c]!;
  return callee.k === "ref" ? (call.file.bindings[callee.b]?.name ?? "") : callee.k === "get" ? callee.name : "";
}

function isTransaction(call: CallView): boolean {
  for (let it = call.recv; it; it = it.recv) if (it.type === "Transaction") return true;
  return false;
}

const opens = (action: QueryMeaning["action"]): Member => ({
  call: { returns: "Builder", meaning: (call) => statement(call, action) },
});

const relational = (name: string): Member => ({
  call: {
    returns: name === "findMany" ? "Row[]" : "Row",
    meaning: (call): QueryMeaning => {
      const limit = call.option(0, "limit");
      const where = call.option(0, "where");
      const table = call.recv?.member;
      return {
        kind: "query",
        client: "Drizzle",
        engine: "sql",
        action: name === "findMany" ? "list" : "one",
        filter: where.is === "yes" ? { given: "yes", others: ["*"] } : { given: where.is },
        capped: name === "findFirst" || limit.is === "yes" ? "yes" : limit.is,
        ...(table ? { table } : {}),
        lazy: true,
        isWhole: true,
      };
    },
  },
});

const count: Member = {
  call: {
    meaning: (call): QueryMeaning => {
      const table = tableOf(call, call.arg(0));
      const part = conditions(call, call.arg(1));
      const given =
        part.equals.length + part.inLists.length + part.others.length > 0 ? "yes" : part.open ? "unknown" : "no";
      // A sub-select with a limit caps it for real (measured on 0.45).
      return {
        kind: "query",
        client: "Drizzle",
        engine: "sql",
        action: "count",
        filter: { given, ...part },
        capped: call.call.args[0]?.k === "call" ? "unknown" : "no",
        ...(table ? { table } : {}),
        lazy: true,
        isWhole: true,
      };
    },
  },
};

/** `db.execute(sql`…`)`: the template is the first argument of the tag. */
const raw: Member = {
  call: {
    meaning: (call): QueryMeaning | undefined => {
      const first = call.arg(0);
      if (!first) return undefined;
      const tag = first.value.k === "call" ? first.file.calls[first.value.c] : undefined;
      return queryOfSql(
        call,
        tag?.kind === "tag" && tag.args[0] ? { ...first, value: tag.args[0] } : first,
        "Drizzle",
        "postgresql",
      );
    },
  },
};

const DATABASE: LibraryType = {
  members: {
    select: opens("list"),
    selectDistinct: opens("list"),
    selectDistinctOn: opens("list"),
    insert: opens("create"),
    update: opens("update"),
    delete: opens("delete"),
    $count: count,
    execute: raw,
    query: { type: "Relations" },
    transaction: {
      call: {
        callbacks: { 0: ["Transaction"] },
        meaning: () => ({ kind: "other", what: "transaction", client: "Drizzle" }),
      },
    },
    with: { call: { returns: "this" } },
    $with: { call: { returns: "Builder" } },
  },
};
const table: Member = { call: { returns: "Table" } };

export default defineLibrary({
  name: "drizzle",
  packages: ["drizzle-orm", "drizzle-orm/*"],
  exports: {
    drizzle: {
      call: {
        returns: "Database",
        meaning: () => ({
          kind: "client",
          client: "Drizzle",
          of: "database",
          limit: { bounded: "unknown", by: "default", why: "the driver decides" },
        }),
      },
    },
    pgTable: table,
    mysqlTable: table,
    sqliteTable: table,
    singlestoreTable: table,
    // One more name in front of each table's.
    pgTableCreator: { call: { returns: "TableMaker" } },
    mysqlTableCreator: { call: { returns: "TableMaker" } },
    sqliteTableCreator: { call: { returns: "TableMaker" } },
    pgSchema: { call: { returns: "SchemaMaker" } },
    mysqlSchema: { call: { returns: "SchemaMaker" } },
    // Reads go to one of several, writes to the first (pg-core/db.js of 0.45).
    withReplicas: { call: { returns: "Database" } },
  },
  types: {
    Database: DATABASE,
    Transaction: { like: "Database", members: { rollback: { call: {} } } },
    Builder: { other: { call: { returns: "this" } } },
    Relations: { other: { type: "Relation" } },
    Relation: { members: { findMany: relational("findMany"), findFirst: relational("findFirst") } },
    Table: { other: { type: "Column" } },
    TableMaker: { call: { returns: "Table" } },
    SchemaMaker: { members: { table } },
    Column: {},
    Row: {},
  },
  typeNames: {
    NodePgDatabase: "Database",
    PostgresJsDatabase: "Database",
    PgDatabase: "Database",
    MySql2Database: "Database",
    BetterSQLite3Database: "Database",
    LibSQLDatabase: "Database",
    NeonHttpDatabase: "Database",
    NeonDatabase: "Database",
    VercelPgDatabase: "Database",
    PgliteDatabase: "Database",
    AwsDataApiPgDatabase: "Database",
    PgRemoteDatabase: "Database",
    BunSQLDatabase: "Database",
    MySqlDatabase: "Database",
    PlanetScaleDatabase: "Database",
    TiDBServerlessDatabase: "Database",
    MySqlRemoteDatabase: "Database",
    BaseSQLiteDatabase: "Database",
    BunSQLiteDatabase: "Database",
    DrizzleD1Database: "Database",
    SqliteRemoteDatabase: "Database",
    DrizzleSqliteDODatabase: "Database",
    PgTransaction: "Transaction",
    MySqlTransaction: "Transaction",
    SQLiteTransaction: "Transaction",
    PostgresJsTransaction: "Transaction",
    NodePgTransaction: "Transaction",
  },
});
