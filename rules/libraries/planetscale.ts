import { defineLibrary, type Member } from "../../engine/index.ts";
import { queryOfSql } from "../_shared/sql.ts";

/** Each statement is a request of the global `fetch`, or of `config.fetch`, with no limit of its own (dist/index.js of 1.20). */
const execute: Member = {
  call: {
    returns: "Result",
    meaning: (call) => {
      const text = call.arg(0);
      return text ? queryOfSql(call, text, "PlanetScale", "mysql") : undefined;
    },
  },
};

export default defineLibrary({
  name: "planetscale",
  packages: ["@planetscale/database"],
  exports: { connect: { call: { returns: "Connection" } }, Client: { construct: { returns: "Connection" } } },
  types: {
    Connection: {
      members: {
        execute,
        connection: { call: { returns: "this" } },
        transaction: {
          call: {
            callbacks: { 0: ["Connection"] },
            meaning: () => ({ kind: "other", what: "transaction", client: "PlanetScale" }),
          },
        },
      },
    },
    Result: { members: { rows: { type: "Row[]" } } },
    Row: {},
  },
  typeNames: { Client: "Connection", Transaction: "Connection" },
});
