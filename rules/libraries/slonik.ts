import {
  type CallView,
  defineLibrary,
  type LibraryType,
  type Limit,
  type Member,
  type QueryMeaning,
} from "../../engine/index.ts";
import { queryOfSql } from "../_shared/sql.ts";

/**
 * `connectionTimeout: 5_000`, `statementTimeout: 60_000`, the same in all versions looked at (22 to 47,
 * src/factories/createClientConfiguration.ts; 22 and 23: createPoolConfiguration.ts, createClientConfiguration.ts).
 * "DISABLE_TIMEOUT" switches either off; 0 is made 1 ms by the driver (@slonik/pg-driver). The pool of 46 and 47 lets callers
 * wait for a free connection without a limit of theirs, which the limit of each statement bounds (createConnectionPool.ts).
 */
const CONNECTION_MS = 5_000;
const STATEMENT_MS = 60_000;

function limitOf(call: CallView, name: "connectionTimeout" | "statementTimeout", defaultMs: number): Limit {
  const found = call.option(1, name);
  if (found.is === "no") return { bounded: "yes", by: "default", ms: defaultMs, why: `${name} is ${defaultMs} ms` };
  if (found.is === "unknown")
    return { bounded: "unknown", by: "instance", why: "the configuration cannot be read here" };
  const isOff = call.text(found.at) === "DISABLE_TIMEOUT";
  const ms = call.number(found.at);
  return {
    bounded: isOff ? "no" : "yes",
    by: "instance",
    defaultMs,
    ...(ms === undefined ? {} : { ms }),
    why: isOff ? `${name} is switched off` : `${name} is set`,
  };
}

const createPool: Member = {
  call: {
    returns: "Pool",
    meaning: (call) => ({
      kind: "client",
      client: "Slonik",
      of: "database",
      limit: limitOf(call, "connectionTimeout", CONNECTION_MS),
      statementLimit: limitOf(call, "statementTimeout", STATEMENT_MS),
    }),
  },
};

/** What the method says of a select, beside what the statement says. */
const READS: Readonly<Record<string, { readonly as?: QueryMeaning["action"]; readonly rows?: boolean }>> = {
  any: { rows: true },
  anyFirst: { rows: true },
  many: { rows: true },
  manyFirst: { rows: true },
  query: {},
  // More than one row is an error (src/connectionMethods/one.ts, maybeOne.ts).
  one: { as: "one" },
  oneFirst: { as: "one" },
  maybeOne: { as: "one" },
  maybeOneFirst: { as: "one" },
  // `SELECT EXISTS(…)` is written around it (src/connectionMethods/exists.ts).
  exists: { as: "exists" },
  // Rows are taken one after the other: how many there are is no matter.
  stream: { as: "raw" },
};

function queryOf(call: CallView, as: QueryMeaning["action"] | undefined): QueryMeaning | undefined {
  const statement = call.arg(0);
  if (!statement) return undefined;
  const query: QueryMeaning = {
    ...queryOfSql(call, statement, "Slonik", "postgresql"),
    ...(isTransaction(call) ? { inTransaction: "yes" as const } : {}),
  };
  const isRead = query.action === "list" || (as === "exists" && query.action === "count");
  if (!as || !isRead) return query;
  const { capEdits: _, ...rest } = query;
  return { ...rest, action: as, capped: "yes" };
}

function isTransaction(call: CallView): boolean {
  for (let it = call.recv; it; it = it.recv) if (it.type === "Transaction") return true;
  return false;
}

const METHODS: LibraryType = {
  members: {
    ...Object.fromEntries(
      Object.entries(READS).map(([name, { as, rows }]): [string, Member] => [
        name,
        { call: { ...(rows ? { returns: "Row[]" } : {}), meaning: (call) => queryOf(call, as) } },
      ]),
    ),
    transaction: {
      call: {
        callbacks: { 0: ["Transaction"] },
        meaning: () => ({ kind: "other", what: "transaction", client: "Slonik" }),
      },
    },
  },
};

export default defineLibrary({
  name: "slonik",
  packages: ["slonik", "@silverhand/slonik"],
  exports: {
    createPool,
    createSqlTag: { call: { returns: "SqlTag" } },
    sql: { type: "SqlTag", call: { returns: "Sql" } },
  },
  types: {
    /** A pool, a connection or a transaction: whoever wrote the function left it open. */
    CommonQueryMethods: METHODS,
    Pool: {
      like: "CommonQueryMethods",
      members: {
        // The connection is given back when the function has ended.
        connect: { call: { callbacks: { 0: ["Connection"] } } },
        end: { call: { meaning: () => ({ kind: "other", what: "disconnect", client: "Slonik" }) } },
        on: { call: { returns: "this" } },
      },
    },
    Connection: { like: "CommonQueryMethods" },
    Transaction: { like: "CommonQueryMethods" },
    SqlTag: {
      members: { type: { call: { returns: "SqlTag" } }, typeAlias: { call: { returns: "SqlTag" } } },
      other: { call: { returns: "Sql" } },
      call: { returns: "Sql" },
    },
    Sql: {},
    Row: {},
  },
  typeNames: {
    DatabasePool: "Pool",
    DatabasePoolConnection: "Connection",
    DatabaseConnection: "CommonQueryMethods",
    DatabaseTransactionConnection: "Transaction",
    // The names before version 30.
    CommonQueryMethodsType: "CommonQueryMethods",
    DatabaseConnectionType: "CommonQueryMethods",
    DatabasePoolType: "Pool",
    DatabasePoolConnectionType: "Connection",
    DatabaseTransactionConnectionType: "Transaction",
  },
});
