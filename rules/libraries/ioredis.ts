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
  "unsubscribe",
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

const client: Member = {
  construct: {
    returns: "Redis",
    // `connectTimeout` is 10 s and `maxRetriesPerRequest` 20, but a command to a server that hangs waits without end (measured, 5.11).
    meaning: (call) => {
      const endless = [0, 1, 2].some((it) => {
        const found = call.option(it, "maxRetriesPerRequest");
        return found.is === "yes" && found.at.value.k === "lit" && found.at.value.v === null;
      });
      const options = [0, 1, 2].map((it) => isSet(call.program, call.option(it, "commandTimeout")));
      return {
        kind: "client",
        client: "ioredis",
        of: "cache",
        limit: options.includes("yes")
          ? { bounded: "yes", by: "instance", why: "commandTimeout is set" }
          : options.includes("unknown")
            ? { bounded: "unknown", by: "instance", why: "the options cannot be read here" }
            : { bounded: "no", by: "default", why: "a command waits without end by default" },
        option: "commandTimeout: {ms}",
        needsErrorListener: false,
        ...(endless ? { endless: "maxRetriesPerRequest: null" } : {}),
      };
    },
  },
};

const pipeline: Member = { call: { returns: "Pipeline" } };

export default defineLibrary({
  name: "ioredis",
  packages: ["ioredis"],
  exports: {
    default: { type: "RedisClass", ...client },
    Redis: { type: "RedisClass", ...client },
    Cluster: { type: "RedisClass", construct: { returns: "Redis" } },
  },
  types: {
    RedisClass: { members: { Cluster: { construct: { returns: "Redis" } } }, construct: client.construct! },
    Redis: { members: { pipeline, multi: pipeline, duplicate: { call: { returns: "Redis" } } }, other: command },
    Pipeline: { members: { exec: { call: {} } }, other: { call: { returns: "this" } } },
  },
  typeNames: { RedisClient: "Redis", Cluster: "Redis" },
});
