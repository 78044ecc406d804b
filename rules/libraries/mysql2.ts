import { defineLibrary, isSet, type Member } from "../../engine/index.ts";
import { queryOfSql } from "../_shared/sql.ts";

/** `connectTimeout` is 10 s (lib/connection_config.js); the queue for a free connection has no bound and no limit. */
const create = (returns: string): Member => ({
  call: {
    returns,
    meaning: (call) => ({
      kind: "client",
      client: "mysql2",
      of: "database",
      limit: { bounded: "yes", by: "default", ms: 10_000, why: "connectTimeout is 10 s" },
      statementLimit: {
        bounded: isSet(call.program, call.option(0, "timeout")) === "yes" ? "yes" : "no",
        by: "default",
        why: "a query has no limit by default",
      },
    }),
  },
});

const query: Member = {
  call: {
    meaning: (call) => {
      const first = call.arg(0);
      if (!first) return undefined;
      const sql = first.value.k === "obj" ? call.option(0, "sql") : undefined;
      const found = queryOfSql(call, sql?.is === "yes" ? sql.at : first, "mysql2", "mysql");
      // The API with callbacks has the same names and gives an emitter; a pool hands connections of it to its listeners.
      const isPromise =
        call.recv?.via !== undefined &&
        call.file.imports.some((it) => /^(mysql2\/promise|promise-mysql)$/.test(it.specifier));
      return found && !isPromise ? { ...found, promise: "unknown" } : found;
    },
  },
};

const transaction: Member = { call: {} };
const CONNECTION: Record<string, Member> = {
  query,
  execute: query,
  beginTransaction: transaction,
  commit: transaction,
  rollback: transaction,
  release: { call: { meaning: () => ({ kind: "other", what: "release", client: "mysql2" }) } },
  on: { call: { returns: "this" } },
};

export default defineLibrary({
  name: "mysql2",
  packages: ["mysql2", "mysql2/promise", "mysql", "promise-mysql"],
  exports: { createPool: create("Pool"), createConnection: create("Connection"), default: { type: "Module" } },
  types: {
    Module: { members: { createPool: create("Pool"), createConnection: create("Connection") } },
    Pool: {
      members: {
        query,
        execute: query,
        getConnection: {
          call: {
            returns: "Connection",
            acquires: (call) =>
              call.argCount === 0
                ? { client: "mysql2", what: "connection", release: ["release", "destroy", "end"] }
                : undefined,
            meaning: () => ({ kind: "other", what: "checkout", client: "mysql2" }),
          },
        },
        promise: { call: { returns: "this" } },
        end: { call: { meaning: () => ({ kind: "other", what: "disconnect", client: "mysql2" }) } },
        on: { call: { returns: "this" } },
      },
    },
    Connection: { members: { ...CONNECTION, promise: { call: { returns: "this" } }, end: { call: {} } } },
  },
  typeNames: { PoolConnection: "Connection" },
});
