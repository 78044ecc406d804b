import { defineLibrary, type Limit, limitFrom, type Member, type QueryMeaning } from "../../engine/index.ts";

/** T-SQL has its own way of saying how many (`TOP`), which is not read. */
const run: Member = {
  call: {
    meaning: (call): QueryMeaning => ({
      kind: "query",
      client: "mssql",
      engine: "sql",
      action: "raw",
      filter: { given: "unknown" },
      capped: "unknown",
      ...(call.call.args.at(-1)?.k === "fn" ? { promise: "no" as const } : {}),
    }),
  },
};

/** `requestTimeout` and `connectTimeout` 15 s (lib/connection.js of tedious 20.3; lib/tedious/connection-pool.js of mssql 12.7). */
const limits = (found: Parameters<typeof limitFrom>[1], call: Parameters<typeof limitFrom>[0]): Limit =>
  found.is === "no"
    ? { bounded: "yes", by: "default", ms: 15_000, why: "requestTimeout is 15 s" }
    : limitFrom(call, found, "instance", { no: "requestTimeout is switched off", defaultMs: 15_000 });

const pool = (kind: "call" | "construct"): Member => ({
  [kind]: {
    returns: "Pool",
    meaning: (call: Parameters<typeof limitFrom>[0]) => ({
      kind: "client",
      client: "mssql",
      of: "database",
      limit: { bounded: "yes", by: "default", ms: 15_000, why: "connectionTimeout is 15 s" } satisfies Limit,
      statementLimit: limits(call.option(0, "requestTimeout"), call),
    }),
  },
});

const request: Member = { call: { returns: "Request" }, construct: { returns: "Request" } };

export default defineLibrary({
  name: "mssql",
  packages: ["mssql", "mssql/*"],
  exports: {
    default: { type: "Module" },
    connect: pool("call"),
    ConnectionPool: pool("construct"),
    Request: request,
    query: run,
  },
  types: {
    Module: { members: { connect: pool("call"), ConnectionPool: pool("construct"), Request: request, query: run } },
    Pool: {
      members: {
        connect: { call: { returns: "this" } },
        request,
        query: run,
        close: { call: { meaning: () => ({ kind: "other", what: "disconnect", client: "mssql" }) } },
      },
    },
    Request: {
      members: { query: run, batch: run, execute: run, bulk: run },
      other: (name) => (/^(input|output)$/.test(name) ? { call: { returns: "this" } } : undefined),
    },
  },
  typeNames: { ConnectionPool: "Pool" },
});
