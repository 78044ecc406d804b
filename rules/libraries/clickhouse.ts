import { defineLibrary, type Limit, limitFrom, type Member, type QueryMeaning } from "../../engine/index.ts";

/** What is asked is analysis of many rows on purpose: nothing is said of how many. */
const act = (action: QueryMeaning["action"]): Member => ({
  call: {
    meaning: (call): QueryMeaning => {
      const table = call.option(0, "table");
      const name = table.is === "yes" ? call.text(table.at) : undefined;
      return {
        kind: "query",
        client: "ClickHouse",
        engine: "other",
        action,
        ...(name ? { table: name } : {}),
        filter: { given: "unknown" },
        capped: "unknown",
      };
    },
  },
});

/** `request_timeout ?? 30_000`, `max_open_connections ?? 10` (dist/config.js of @clickhouse/client-common 1.23). */
const create: Member = {
  call: {
    returns: "Client",
    meaning: (call) => {
      const found = call.option(0, "request_timeout");
      const limit: Limit =
        found.is === "no"
          ? { bounded: "yes", by: "default", ms: 30_000, why: "request_timeout is 30 s" }
          : limitFrom(call, found, "instance", { no: "request_timeout is switched off", defaultMs: 30_000 });
      return { kind: "client", client: "ClickHouse", of: "database", limit, statementLimit: limit };
    },
  },
};

export default defineLibrary({
  name: "clickhouse",
  packages: ["@clickhouse/client"],
  exports: { createClient: create },
  types: {
    Client: {
      members: {
        query: act("raw"),
        exec: act("raw"),
        command: act("raw"),
        insert: act("create-many"),
        ping: { call: {} },
        close: { call: { meaning: () => ({ kind: "other", what: "disconnect", client: "ClickHouse" }) } },
      },
    },
  },
  typeNames: { ClickHouseClient: "Client", NodeClickHouseClient: "Client" },
});
