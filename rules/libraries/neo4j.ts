import { defineLibrary, type Limit, limitFrom, type Member, type QueryMeaning } from "../../engine/index.ts";

const run: Member = {
  call: {
    meaning: (call): QueryMeaning => ({
      kind: "query",
      client: "Neo4j",
      engine: "document",
      action: "raw",
      filter: { given: "unknown" },
      capped: "unknown",
      ...(call.recv?.type === "Transaction" ? { inTransaction: "yes" as const } : {}),
    }),
  },
};
const managed: Member = {
  call: {
    callbacks: { 0: ["Transaction"] },
    meaning: () => ({ kind: "other", what: "transaction", client: "Neo4j" }),
  },
};

/**
 * `connectionAcquisitionTimeout` 60 s, `connectionTimeout` 30 s, 100 connections (lib/internal/constants.js of neo4j-driver-core 6.3); a
 * statement has a limit only by the transaction's `timeout`.
 */
const create: Member = {
  call: {
    returns: "Driver",
    meaning: (call) => {
      const found = call.option(2, "connectionAcquisitionTimeout");
      const limit: Limit =
        found.is === "no"
          ? { bounded: "yes", by: "default", ms: 60_000, why: "connectionAcquisitionTimeout is 60 s" }
          : limitFrom(call, found, "instance", {
              no: "connectionAcquisitionTimeout is switched off",
              defaultMs: 60_000,
            });
      return { kind: "client", client: "Neo4j", of: "database", limit };
    },
  },
};

export default defineLibrary({
  name: "neo4j",
  packages: ["neo4j-driver"],
  exports: { default: { type: "Module" }, driver: create },
  types: {
    Module: { members: { driver: create } },
    Driver: {
      members: {
        session: {
          call: {
            returns: "Session",
            acquires: () => ({ client: "Neo4j", what: "session", release: ["close"] }),
          },
        },
        executeQuery: run,
        close: { call: { meaning: () => ({ kind: "other", what: "disconnect", client: "Neo4j" }) } },
      },
    },
    Session: {
      members: {
        run,
        executeRead: managed,
        executeWrite: managed,
        // Up to 4.
        readTransaction: managed,
        writeTransaction: managed,
        beginTransaction: { call: { returns: "Transaction" } },
        close: { call: {} },
      },
    },
    Transaction: { members: { run, commit: { call: {} }, rollback: { call: {} } } },
  },
});
