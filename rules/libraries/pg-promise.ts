import { defineLibrary, type Member, type QueryMeaning } from "../../engine/index.ts";
import { queryOfSql } from "../_shared/sql.ts";
import { connectionLimit, statementLimit } from "./pg.ts";

/** How many rows each method takes: more than it says is an error (lib/patterns.js, lib/query.js of 12.7). */
const METHODS: Readonly<Record<string, "one" | "list" | undefined>> = {
  none: undefined,
  one: "one",
  oneOrNone: "one",
  many: "list",
  manyOrNone: "list",
  any: "list",
  query: "list",
  result: undefined,
  multi: undefined,
  multiResult: undefined,
  map: "list",
  each: "list",
};

const query = (rows: "one" | "list" | undefined): Member => ({
  call: {
    ...(rows === "list" ? { returns: "Row[]" } : {}),
    meaning: (call): QueryMeaning | undefined => {
      const text = call.arg(0);
      if (!text) return undefined;
      const said = {
        ...queryOfSql(call, text, "pg-promise", "postgresql"),
        ...(call.recv?.type === "Transaction" ? { inTransaction: "yes" as const } : {}),
      };
      if (rows !== "one" || said.action !== "list") return said;
      const { capEdits: _, ...rest } = said;
      return { ...rest, action: "one", capped: "yes" };
    },
  },
});

const methods = Object.fromEntries(Object.entries(METHODS).map(([name, rows]) => [name, query(rows)]));
const transaction: Member = {
  call: {
    callbacks: { 0: ["Transaction"], 1: ["Transaction"] },
    meaning: () => ({ kind: "other", what: "transaction", client: "pg-promise" }),
  },
};

/** The pool is node-postgres' own, made of the same options (lib/database-pool.js, lib/database.js: `new pg.Pool(cn)`). */
const connect: Member = {
  call: {
    returns: "Database",
    meaning: (call) => {
      const site = call.optionSite(0);
      return {
        kind: "client",
        client: "pg-promise",
        of: "database",
        limit: connectionLimit(call),
        statementLimit: statementLimit(call),
        option: "connectionTimeoutMillis: 2_000",
        ...(site ? { site } : {}),
      };
    },
  },
};

export default defineLibrary({
  name: "pg-promise",
  packages: ["pg-promise"],
  exports: { default: { call: { returns: "Main" } } },
  types: {
    Main: { call: connect.call! },
    Database: {
      members: {
        ...methods,
        // Several statements on one connection; only `tx` is a transaction.
        task: { call: { callbacks: { 0: ["Database"], 1: ["Database"] } } },
        taskIf: { call: { callbacks: { 0: ["Database"], 1: ["Database"] } } },
        tx: transaction,
        txIf: transaction,
        connect: {
          call: {
            returns: "Connected",
            acquires: () => ({ client: "pg-promise", what: "connection", release: ["done"] }),
          },
        },
      },
    },
    Connected: { like: "Database", members: { done: { call: {} } } },
    Transaction: {
      like: "Database",
      members: {
        // Within a transaction it is one still.
        task: { call: { callbacks: { 0: ["Transaction"], 1: ["Transaction"] } } },
        taskIf: { call: { callbacks: { 0: ["Transaction"], 1: ["Transaction"] } } },
      },
    },
    Row: {},
  },
  typeNames: { IDatabase: "Database", ITask: "Transaction", IBaseProtocol: "Database" },
});
