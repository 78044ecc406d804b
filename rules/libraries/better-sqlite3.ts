import { type CallView, defineLibrary, type Member, type QueryMeaning } from "../../engine/index.ts";
import { queryOfSql } from "../_shared/sql.ts";

/**
 * Every call is done when it returns (docs/api.md of 12.11; node:sqlite's `DatabaseSync` likewise). A statement costs
 * microseconds and no round trip, so a loop of them is no concern (`engine: "other"`), and nothing is said of a count.
 */
function statement(call: CallView): QueryMeaning | undefined {
  const prepared = call.recv?.via ? call.program.view(call.recv.via, call.env) : undefined;
  const text = call.recv?.type === "Statement" ? prepared?.arg(0) : call.arg(0);
  if (!text) return undefined;
  const said = queryOfSql(call, text, "SQLite", "sqlite");
  const { capEdits: _, ...rest } = said;
  return {
    ...(call.name === "get" && said.action === "list"
      ? { ...rest, action: "one" as const, capped: "yes" as const }
      : said),
    engine: "other",
    ...(said.action === "count" ? { capped: "unknown" as const } : {}),
    promise: "no",
  };
}

const run: Member = { call: { meaning: statement } };
const database: Member = { construct: { returns: "Database" }, call: { returns: "Database" } };

export default defineLibrary({
  name: "better-sqlite3",
  packages: ["better-sqlite3", "node:sqlite"],
  exports: { default: database, DatabaseSync: database, Database: database },
  types: {
    Database: {
      members: {
        prepare: { call: { returns: "Statement" } },
        exec: run,
        transaction: { call: { wraps: 0 } },
        pragma: { call: {} },
        close: { call: { meaning: () => ({ kind: "other", what: "disconnect", client: "SQLite" }) } },
      },
    },
    Statement: {
      members: { run, all: { call: { returns: "Row[]", meaning: statement } }, get: run, iterate: { call: {} } },
      other: (name) =>
        /^(bind|pluck|raw|expand|safeIntegers)$/.test(name) ? { call: { returns: "this" } } : undefined,
    },
    Row: {},
  },
  typeNames: { DatabaseSync: "Database", StatementSync: "Statement" },
});
