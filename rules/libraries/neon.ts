import { type CallView, defineLibrary, type Limit, type Member, type QueryMeaning } from "../../engine/index.ts";
import { queryOfSql } from "../_shared/sql.ts";

/**
 * `neon(url)` sends each statement by the global `fetch`, with `fetchOptions` of the call, the creation or `neonConfig`
 * (index.d.ts of 1.2); `Pool` and `Client` are node-postgres' over a WebSocket, whose defaults they share (index.js, 1.2: `connectionTimeoutMillis ||
 * 0`). It runs where the platform ends a request by itself, so nothing is said of a missing limit.
 */
const UNKNOWN: Limit = { bounded: "unknown", by: "default", why: "the platform ends the request" };

/** sql`…`, `sql.query("…", values)`, and up to 0.10 `sql("…", values)`. */
const statement = (call: CallView): QueryMeaning | undefined => {
  const text = call.arg(0);
  if (!text || call.call.use === "argument") return undefined;
  return { ...queryOfSql(call, text, "Neon", "postgresql"), lazy: true, isWhole: true };
};
const query: Member = { call: { returns: "Row[]", meaning: statement } };
const client = (type: string): Member => ({
  construct: {
    returns: type,
    meaning: () => ({ kind: "client", client: "Neon", of: "database", limit: UNKNOWN, sharesConnections: true }),
  },
});

export default defineLibrary({
  name: "neon",
  packages: ["@neondatabase/serverless", "@vercel/postgres"],
  exports: {
    neon: { call: { returns: "Sql" } },
    Pool: client("pg:Pool"),
    Client: client("pg:Client"),
    // Of @vercel/postgres 0.10: a pool of Neon's with `POSTGRES_URL` (dist/index-node.js).
    sql: { type: "Sql" },
    db: { type: "pg:Pool" },
    createPool: { call: { returns: "pg:Pool" } },
    createClient: { call: { returns: "pg:Client" } },
  },
  types: {
    Sql: {
      call: query.call!,
      members: {
        query,
        unsafe: { call: {} },
        transaction: { call: { meaning: () => ({ kind: "other", what: "transaction", client: "Neon" }) } },
      },
    },
    Row: {},
  },
  typeNames: { NeonQueryFunction: "Sql", VercelPool: "pg:Pool", VercelPoolClient: "pg:PoolClient" },
});
