import {
  type CallView,
  defineLibrary,
  type Limit,
  type Lookup,
  limitFrom,
  type Member,
  type QueryMeaning,
} from "../../engine/index.ts";
import { queryOfSql } from "../_shared/sql.ts";

/**
 * `connect_timeout` 30 s, in seconds, `max` 10 connections, and any number of statements waits for one of them
 * (src/index.js of 3.4, `parseOptions`; src/connection.js). A statement has a limit only by `connection: { statement_timeout }`.
 */
function limitOf(call: CallView): Limit {
  const found = optionOf(call, "connect_timeout");
  if (found.is === "no" || (call.argCount === 1 && call.text(call.arg(0)) !== undefined))
    return { bounded: "yes", by: "default", ms: 30_000, why: "connect_timeout is 30 s" };
  const limit = limitFrom(call, found, "instance", { no: "connect_timeout is switched off", defaultMs: 30_000 });
  return limit.ms === undefined ? limit : { ...limit, ms: limit.ms * 1_000 };
}

/** `postgres(url, options)` or `postgres(options)`. */
const optionOf = (call: CallView, name: string): Lookup => call.option(call.argCount > 1 ? 1 : 0, name);

/** Nothing is said in an address alone. */
const statementLimit = (call: CallView): Limit =>
  limitFrom(
    call,
    call.text(call.arg(0)) !== undefined && call.argCount === 1
      ? { is: "no" }
      : optionOf(call, "connection.statement_timeout"),
    "instance",
    { no: "a statement has no limit by default" },
  );

/** A part of a statement, put into another: sql`… ${sql`AND …`}`. */
const isPart = ({ file, call }: CallView): boolean =>
  call.use === "argument" ||
  file.calls.some((it) => it.kind === "tag" && it !== call && it.at[0] < call.at[0] && call.at[1] < it.at[1]);

const isTransaction = (call: CallView): boolean => call.recv?.type === "TransactionSql";

/** sql`…` is sent when it is awaited; `sql(rows)` and `sql("column")` are parts of another statement. */
const statement = (call: CallView): QueryMeaning | undefined => {
  const text = call.arg(0);
  if (!text || (call.call.kind !== "tag" && call.name !== "unsafe")) return undefined;
  if (isPart(call)) return undefined;
  return {
    ...queryOfSql(call, text, "postgres.js", "postgresql"),
    lazy: true,
    isWhole: true,
    ...(isTransaction(call) ? { inTransaction: "yes" as const } : {}),
  };
};

const query: Member = { call: { returns: "Rows", meaning: statement } };
const begin: Member = {
  call: {
    callbacks: { 0: ["TransactionSql"], 1: ["TransactionSql"] },
    meaning: () => ({ kind: "other", what: "transaction", client: "postgres.js" }),
  },
};
const create: Member = {
  call: {
    returns: "Sql",
    meaning: (call) => ({
      kind: "client",
      client: "postgres.js",
      of: "database",
      limit: limitOf(call),
      statementLimit: statementLimit(call),
    }),
  },
};

export default defineLibrary({
  name: "postgres",
  packages: ["postgres"],
  exports: { default: create },
  types: {
    Sql: {
      call: query.call!,
      members: {
        unsafe: query,
        begin,
        // One connection until it is released.
        reserve: {
          call: {
            returns: "ReservedSql",
            acquires: () => ({ client: "postgres.js", what: "connection", release: ["release"], isSync: true }),
          },
        },
        end: { call: { meaning: () => ({ kind: "other", what: "disconnect", client: "postgres.js" }) } },
      },
    },
    TransactionSql: { like: "Sql", call: query.call!, members: { savepoint: begin } },
    ReservedSql: { like: "Sql", call: query.call!, members: { release: { call: {} } } },
    // The rows, or the statement that is still to be sent: `.execute()`, `.values()`, `.cursor()`.
    Rows: {
      members: { cursor: { call: {} }, forEach: { call: {} } },
      other: (name) =>
        /^(execute|values|raw|simple|describe)$/.test(name) ? { call: { returns: "this" } } : undefined,
    },
  },
});
