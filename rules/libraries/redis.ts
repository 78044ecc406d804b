import { type CallView, defineLibrary, isSet, type Limit, type Member, type QueryMeaning } from "../../engine/index.ts";

/** Members that ask nothing of the server, or open something that lives on. */
const NO_TRIP = new Set([
  "on",
  "once",
  "off",
  "connect",
  "disconnect",
  "destroy",
  "close",
  "quit",
  "duplicate",
  "multi",
  "subscribe",
  "psubscribe",
  "pSubscribe",
  "sSubscribe",
  "unsubscribe",
  "pUnsubscribe",
  "sUnsubscribe",
  "removeListener",
  "removeAllListeners",
  "emit",
  "ref",
  "unref",
  "monitor",
  // Handed to functions that run commands of their own.
  "execute",
  "executeIsolated",
  "scanIterator",
  "hscanIterator",
  "sscanIterator",
  "zscanIterator",
  "withTypeMapping",
  "isOpen",
  "isReady",
  "options",
]);
/** Commands whose cost is the whole keyspace or one whole value, by which the single thread is held. */
const BLOCKING = new Set(["keys", "flushall", "flushdb", "smembers", "hgetall", "lrange", "sort"]);

const command = (name: string): Member | undefined => {
  if (NO_TRIP.has(name)) return undefined;
  const plain = name.toLowerCase();
  return {
    call: {
      meaning: (call): QueryMeaning => ({
        kind: "query",
        // Before 4 commands take a callback and give nothing.
        ...(/^[0-3]\./.test(call.version("redis") ?? "") ? { promise: "no" as const } : {}),
        client: "Redis",
        engine: "redis",
        action: /^flush/.test(plain) ? "truncate" : "command",
        filter: { given: "yes" },
        capped: BLOCKING.has(plain) ? "no" : "yes",
        table: plain,
      }),
    },
  };
};

/**
 * 6 and later: `commandOptions.timeout` is 5 s (dist/lib/defaults.js of @redis/client 6.3, DEFAULT_COMMAND_TIMEOUT). Before,
 * a command waits until the server answers or the socket breaks (@redis/client 1.6 of redis 4, 5.8: no such default).
 */
function limitOf(call: CallView): Limit {
  const set = isSet(call.program, call.option(0, "commandOptions.timeout"));
  if (set !== "no") return { bounded: set, by: "instance", why: "commandOptions.timeout is set" };
  const major = Number(/^\d+/.exec(call.version("redis") ?? "")?.[0] ?? Number.NaN);
  if (major >= 6) return { bounded: "yes", by: "default", ms: 5_000, why: "commandOptions.timeout is 5 s" };
  if (major >= 1) return { bounded: "no", by: "default", why: "a command waits without end before version 6" };
  return { bounded: "unknown", by: "default", why: "it depends on the version installed" };
}

const create: Member = {
  call: {
    returns: "RedisClient",
    // Measured, 6.3: without a listener for `error` the process ends when the server goes away.
    meaning: (call) => ({
      kind: "client",
      client: "node-redis",
      of: "cache",
      limit: limitOf(call),
      needsErrorListener: true,
    }),
  },
};

export default defineLibrary({
  name: "redis",
  packages: ["redis", "@redis/client"],
  exports: { createClient: create, createCluster: create, createClientPool: create, default: { type: "Module" } },
  types: {
    Module: { members: { createClient: create, createCluster: create } },
    RedisClient: {
      members: {
        on: {
          call: {
            returns: "this",
            meaning: (call) =>
              call.text(call.arg(0)) === "error"
                ? { kind: "other", what: "error-listener", client: "node-redis" }
                : undefined,
          },
        },
        connect: { call: { returns: "this" } },
        duplicate: { call: { returns: "RedisClient" } },
        ...Object.fromEntries(
          ["withCommandOptions", "withAbortSignal", "withTypeMapping", "asap"].map((it) => [
            it,
            { call: { returns: "this" } },
          ]),
        ),
        multi: { call: { returns: "Multi" } },
        quit: { call: { meaning: () => ({ kind: "other", what: "disconnect", client: "node-redis" }) } },
        close: { call: { meaning: () => ({ kind: "other", what: "disconnect", client: "node-redis" }) } },
      },
      other: command,
    },
    Multi: { members: { exec: { call: {} } }, other: { call: { returns: "this" } } },
  },
  typeNames: { RedisClientType: "RedisClient", RedisClusterType: "RedisClient" },
});
