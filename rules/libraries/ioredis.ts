import { defineLibrary, isSet, type Member, type QueryMeaning } from "../../engine/index.ts";

/** Commands that do not ask the server, or open something that lives on. */
const NO_TRIP = new Set([
  "pipeline",
  "multi",
  "duplicate",
  "on",
  "once",
  "off",
  "connect",
  "disconnect",
  "quit",
  "defineCommand",
  "scanStream",
  "hscanStream",
  "sscanStream",
  "zscanStream",
  "subscribe",
  "psubscribe",
  "ssubscribe",
  "unsubscribe",
  "punsubscribe",
  "sunsubscribe",
  "addListener",
  "end",
  "monitor",
  "nodes",
  "setMaxListeners",
  "removeListener",
  "removeAllListeners",
  "emit",
  "status",
  "options",
]);
/** Commands whose cost is the whole keyspace or one whole value, by which the single thread is held. */
const BLOCKING = new Set(["keys", "flushall", "flushdb", "smembers", "hgetall", "lrange", "sort"]);

const command = (name: string): Member | undefined =>
  NO_TRIP.has(name)
    ? undefined
    : {
        call: {
          meaning: (call): QueryMeaning => ({
            kind: "query",
            client: "Redis",
            engine: "redis",
            action: /^flush/.test(name) ? "truncate" : "command",
            filter: { given: "yes" },
            capped: BLOCKING.has(name) ? "no" : "yes",
            table: call.name,
          }),
        },
      };

/**
 * `connectTimeout` is 10 s and `maxRetriesPerRequest` 20, and there is no `commandTimeout` (built/redis/RedisOptions.js of 5.11
 * and 6.0): a command to a server that hangs waits without end (measured, 5.11). What nobody listens to is written to the console and
 * ends nothing (built/Redis.js, `silentEmit`). A cluster takes those of its nodes from `redisOptions` (built/cluster/ClusterOptions.js).
 */
const client = (inside: string): Member => ({
  construct: {
    returns: "Redis",
    meaning: (call) => {
      const endless = [0, 1, 2].some((it) => {
        const found = call.option(it, `${inside}maxRetriesPerRequest`);
        return found.is === "yes" && found.at.value.k === "lit" && found.at.value.v === null;
      });
      const options = [0, 1, 2].map((it) => isSet(call.program, call.option(it, `${inside}commandTimeout`)));
      return {
        kind: "client",
        client: "ioredis",
        of: "cache",
        limit: options.includes("yes")
          ? { bounded: "yes", by: "instance", why: "commandTimeout is set" }
          : options.includes("unknown")
            ? { bounded: "unknown", by: "instance", why: "the options cannot be read here" }
            : { bounded: "no", by: "default", why: "a command waits without end by default" },
        ...(inside === "" ? { option: "commandTimeout: {ms}" } : {}),
        needsErrorListener: false,
        ...(endless ? { endless: "maxRetriesPerRequest: null" } : {}),
      };
    },
  },
});
const single = client("");
const cluster = client("redisOptions.");

const pipeline: Member = { call: { returns: "Pipeline" } };

export default defineLibrary({
  name: "ioredis",
  // Valkey's is the same client under another name (iovalkey 0.4, built/redis/RedisOptions.js).
  packages: ["ioredis", "iovalkey"],
  exports: {
    default: { type: "RedisClass", ...single },
    Redis: { type: "RedisClass", ...single },
    Valkey: { type: "RedisClass", ...single },
    Cluster: { type: "RedisClass", ...cluster },
  },
  types: {
    RedisClass: { members: { Cluster: cluster }, construct: single.construct! },
    Redis: { members: { pipeline, multi: pipeline, duplicate: { call: { returns: "Redis" } } }, other: command },
    Pipeline: { members: { exec: { call: {} } }, other: { call: { returns: "this" } } },
  },
  typeNames: { RedisClient: "Redis", Valkey: "Redis", Cluster: "Redis" },
});
