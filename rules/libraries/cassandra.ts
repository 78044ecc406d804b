import { defineLibrary, type Limit, limitFrom, type Member, type QueryMeaning } from "../../engine/index.ts";

/** CQL reads one partition, or a page of 5,000 rows (`queryOptions.fetchSize`, lib/client-options.js of 4.10). */
const execute: Member = {
  call: {
    meaning: (): QueryMeaning => ({
      kind: "query",
      client: "Cassandra",
      engine: "document",
      action: "raw",
      filter: { given: "unknown" },
      capped: "yes",
    }),
  },
};

/** `socketOptions.readTimeout` 12 s, `connectTimeout` 5 s (lib/client-options.js of 4.10); 0 switches either off. */
const create: Member = {
  construct: {
    returns: "Client",
    meaning: (call) => {
      const found = call.option(0, "socketOptions.readTimeout");
      const statementLimit: Limit =
        found.is === "no"
          ? { bounded: "yes", by: "default", ms: 12_000, why: "readTimeout is 12 s" }
          : limitFrom(call, found, "instance", { no: "readTimeout is switched off", defaultMs: 12_000 });
      const limit: Limit = { bounded: "yes", by: "default", ms: 5_000, why: "connectTimeout is 5 s" };
      return { kind: "client", client: "Cassandra", of: "database", limit, statementLimit };
    },
  },
};

export default defineLibrary({
  name: "cassandra",
  packages: ["cassandra-driver"],
  exports: { Client: create, default: { type: "Module" } },
  types: {
    Module: { members: { Client: create } },
    Client: {
      members: {
        execute,
        batch: execute,
        eachRow: { call: {} },
        stream: { call: {} },
        connect: { call: {} },
        shutdown: { call: { meaning: () => ({ kind: "other", what: "disconnect", client: "Cassandra" }) } },
      },
    },
  },
});
