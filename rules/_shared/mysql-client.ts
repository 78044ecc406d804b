/** What the drivers of MySQL have in common: the names of their methods. Their options and defaults are each library's own. */
import { type CallView, type Library, type Limit, limitFrom, type Member } from "../../engine/index.ts";
import { rootOf } from "./sdk.ts";
import { queryOfSql } from "./sql.ts";

export interface MysqlFacts {
  /** As shown: "mysql2". */
  readonly client: string;
  /** The limit of connecting, for a pool of waiting for a free connection as well. */
  readonly limit: (call: CallView) => Limit;
  /** Modules whose clients give promises; those of the others take callbacks. */
  readonly promises: readonly string[];
}

/** An option with a default in milliseconds, which 0 switches off. */
export function limitOr(call: CallView, name: string, defaultMs: number): Limit {
  const found = call.option(0, name);
  if (found.is === "no") return { bounded: "yes", by: "default", ms: defaultMs, why: `${name} is ${defaultMs} ms` };
  return limitFrom(call, found, "instance", { no: `${name} is switched off`, defaultMs });
}

/** A statement has a limit only where the call gives one: `{ sql, timeout }`. */
const STATEMENT: Limit = { bounded: "no", by: "default", why: "a statement has no limit by default" };

/** Made by a module whose clients give promises, or turned into such a client by `promise()`. */
function givesPromise(call: CallView, modules: readonly string[]): boolean {
  const uses = (file: CallView["file"]): boolean => file.imports.some((it) => modules.includes(it.specifier));
  for (let it = call.recv; it; it = it.recv)
    if (it.via && call.program.view(it.via, call.env).name === "promise") return true;
  const made = rootOf(call.recv)?.via;
  return uses(made ? made.file : call.file);
}

export function mysqlClient(facts: MysqlFacts): Pick<Library, "exports" | "types" | "typeNames"> {
  const { client } = facts;
  const create = (returns: string): Member => ({
    call: {
      returns,
      meaning: (call) => ({
        kind: "client",
        client,
        of: "database",
        limit: facts.limit(call),
        statementLimit: STATEMENT,
      }),
    },
  });
  const query: Member = {
    call: {
      meaning: (call) => {
        const first = call.arg(0);
        if (!first) return undefined;
        const sql = first.value.k === "obj" ? call.option(0, "sql") : undefined;
        const found = queryOfSql(call, sql?.is === "yes" ? sql.at : first, client, "mysql");
        // The API with callbacks has the same names and gives an emitter; a pool hands connections of it to its listeners.
        return call.recv?.via !== undefined && givesPromise(call, facts.promises)
          ? found
          : { ...found, promise: "unknown" };
      },
    },
  };
  const self: Member = { call: { returns: "this" } };
  const disconnect: Member = { call: { meaning: () => ({ kind: "other", what: "disconnect", client }) } };
  const creates: Readonly<Record<string, Member>> = {
    createPool: create("Pool"),
    createConnection: create("Connection"),
    // Its nodes are given one after the other: `cluster.add(name, options)`.
    createPoolCluster: { call: { returns: "Cluster" } },
  };
  const pool = {
    query,
    execute: query,
    getConnection: {
      call: {
        returns: "PoolConnection",
        acquires: (call) =>
          // With a callback the connection comes with its own way back.
          call.argCount === 0
            ? { client, what: "connection", release: ["release", "destroy", "end"], isSync: true }
            : undefined,
        meaning: () => ({ kind: "other", what: "checkout", client }),
      },
    },
    promise: self,
    end: disconnect,
    on: self,
  } satisfies Readonly<Record<string, Member>>;
  return {
    exports: { ...creates, default: { type: "Module" } },
    types: {
      Module: { members: creates },
      Pool: { members: pool },
      Cluster: { members: { of: { call: { returns: "Pool" } }, add: { call: {} }, end: disconnect, on: self } },
      Connection: {
        members: {
          query,
          execute: query,
          beginTransaction: { call: {} },
          commit: { call: {} },
          rollback: { call: {} },
          promise: self,
          on: self,
          end: { call: {} },
        },
      },
      PoolConnection: {
        like: "Connection",
        members: { release: { call: { meaning: () => ({ kind: "other", what: "release", client }) } } },
      },
    },
    typeNames: { PoolNamespace: "Pool", PoolCluster: "Cluster" },
  };
}
