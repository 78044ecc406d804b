import { defineLibrary, type Member } from "../../engine/index.ts";
import { queryOfSql } from "../_shared/sql.ts";

/** A file, or a server over HTTP or a WebSocket; either has no limit of its own (lib-esm/http.js, lib-esm/sqlite3.js of 0.18). */
const execute: Member = {
  call: {
    returns: "Result",
    meaning: (call) => {
      const first = call.arg(0);
      if (!first) return undefined;
      const text = first.value.k === "obj" ? call.option(0, "sql") : undefined;
      return queryOfSql(call, text?.is === "yes" ? text.at : first, "libSQL", "sqlite");
    },
  },
};

export default defineLibrary({
  name: "libsql",
  packages: ["@libsql/client", "@libsql/client/*"],
  exports: { createClient: { call: { returns: "Client" } } },
  types: {
    Client: {
      members: {
        execute,
        batch: { call: {} },
        transaction: {
          call: {
            returns: "Transaction",
            acquires: () => ({ client: "libSQL", what: "transaction", release: ["close", "commit", "rollback"] }),
            meaning: () => ({ kind: "other", what: "transaction", client: "libSQL" }),
          },
        },
        close: { call: { meaning: () => ({ kind: "other", what: "disconnect", client: "libSQL" }) } },
      },
    },
    Transaction: {
      like: "Client",
      members: {
        commit: { call: { meaning: () => ({ kind: "other", what: "commit", client: "libSQL" }) } },
        rollback: { call: {} },
        close: { call: {} },
      },
    },
    Result: { members: { rows: { type: "Row[]" } } },
    Row: {},
  },
});
