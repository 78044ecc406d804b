import {
  type CallView,
  defineLibrary,
  isSet,
  type Limit,
  type Lookup,
  type Member,
  type QueryMeaning,
} from "../../engine/index.ts";
import { queryOfSql } from "../_shared/sql.ts";

/**
 * `connectionTimeoutMillis || 0`, of the options alone (pg 8.23 lib/client.js, pg-pool 3.14 index.js): measured, connecting and
 * waiting for a connection never end. `connect_timeout` in the address, and PGCONNECT_TIMEOUT, are read for libpq's
 * address only (lib/connection-parameters.js): measured, 8.23 waits on.
 */
const NEVER: Limit = {
  bounded: "no",
  by: "default",
  why: "node-postgres waits for a connection without end by default",
};

/** Limits of statements may also be given in the address (lib/connection-parameters.js, `val`). */
function inAddress(call: CallView, names: RegExp): boolean {
  const address = call.option(0, "connectionString");
  const text = call.text(address.is === "yes" ? address.at : call.arg(0));
  return text !== undefined && names.test(text);
}

export function connectionLimit(call: CallView): Limit {
  // An address by itself says nothing of it.
  const found: Lookup = call.text(call.arg(0)) === undefined ? call.option(0, "connectionTimeoutMillis") : { is: "no" };
  const set = isSet(call.program, found);
  if (found.is === "yes" && set !== "no") {
    // A value from the environment is somebody's decision.
    const ms = call.number(found.at);
    return {
      bounded: "yes",
      by: "instance",
      why: "connectionTimeoutMillis is set",
      ...(ms === undefined ? {} : { ms }),
    };
  }
  if (set === "unknown" || call.hasSpread)
    return { bounded: "unknown", by: "instance", why: "the configuration cannot be read here" };
  const arg = call.call.args[0];
  if (arg && arg.k !== "obj" && arg.k !== "lit" && call.origin(call.arg(0)!).k !== "obj")
    return { bounded: "unknown", by: "instance", why: "the configuration cannot be read here" };
  return NEVER;
}

export function statementLimit(call: CallView): Limit {
  for (const name of call.text(call.arg(0)) === undefined ? ["query_timeout", "statement_timeout"] : []) {
    const set = isSet(call.program, call.option(0, name));
    if (set !== "no") return { bounded: set === "yes" ? "yes" : "unknown", by: "instance", why: `${name} is set` };
  }
  return inAddress(call, /statement_timeout|query_timeout/)
    ? { bounded: "yes", by: "instance", why: "the address sets a limit for statements" }
    : { bounded: "no", by: "default", why: "a statement has no limit by default" };
}

const client = (name: string): Member => ({
  construct: {
    returns: name,
    meaning: (call) => {
      const site = call.optionSite(0);
      return {
        kind: "client",
        client: "node-postgres",
        of: "database",
        limit: connectionLimit(call),
        statementLimit: statementLimit(call),
        option: "connectionTimeoutMillis: 2_000",
        ...(site ? { site } : {}),
        needsErrorListener: true,
      };
    },
  },
});

const query: Member = {
  call: {
    returns: "Result",
    meaning: (call): QueryMeaning | undefined => {
      const first = call.arg(0);
      if (!first) return undefined;
      const text = first.value.k === "obj" ? call.option(0, "text") : undefined;
      return queryOfSql(call, text?.is === "yes" ? text.at : first, "node-postgres", "postgresql");
    },
  },
};

const listen: Member = {
  call: {
    returns: "this",
    meaning: (call) =>
      call.text(call.arg(0)) === "error"
        ? { kind: "other", what: "error-listener", client: "node-postgres" }
        : undefined,
  },
};

export default defineLibrary({
  name: "pg",
  packages: ["pg", "pg-pool"],
  exports: {
    default: { type: "Module", ...client("Pool") },
    Pool: client("Pool"),
    Client: client("Client"),
    native: { type: "Module" },
  },
  types: {
    Module: { members: { Pool: client("Pool"), Client: client("Client"), types: { type: "Types" } } },
    Pool: {
      members: {
        query,
        connect: {
          call: {
            returns: "PoolClient",
            // With a callback the client comes with its own way back.
            acquires: (call) =>
              call.argCount === 0
                ? { client: "node-postgres", what: "connection", release: ["release"], isSync: true }
                : undefined,
            meaning: () => ({ kind: "other", what: "checkout", client: "node-postgres" }),
          },
        },
        on: listen,
        end: { call: { meaning: () => ({ kind: "other", what: "disconnect", client: "node-postgres" }) } },
      },
    },
    Client: {
      like: "PoolClient",
      members: {
        connect: { call: {} },
        end: { call: { meaning: () => ({ kind: "other", what: "disconnect", client: "node-postgres" }) } },
        on: listen,
      },
    },
    PoolClient: {
      members: {
        query,
        release: { call: { meaning: () => ({ kind: "other", what: "release", client: "node-postgres" }) } },
        on: { call: { returns: "this" } },
      },
    },
    Result: { members: { rows: { type: "Row[]" } } },
    Types: { other: { call: {} } },
    Row: {},
  },
});
