import { defineLibrary, type Limit, limitFrom, type Member, type QueryMeaning } from "../../engine/index.ts";

/** Members that send nothing by themselves, and those that gather commands. */
const NO_TRIP = /^(pipeline|multi|createScript|use|subscribe|psubscribe)$/;
/** Commands whose cost is the whole keyspace or one whole value. */
const BLOCKING = /^(keys|flushall|flushdb|smembers|hgetall|lrange|sort)$/;

const command = (name: string): Member | undefined =>
  NO_TRIP.test(name)
    ? { call: { returns: "Pipeline" } }
    : {
        call: {
          meaning: (): QueryMeaning => ({
            kind: "query",
            client: "Upstash Redis",
            engine: "redis",
            action: /^flush/.test(name) ? "truncate" : "command",
            filter: { given: "yes" },
            capped: BLOCKING.test(name) ? "no" : "yes",
            table: name,
          }),
        },
      };

/**
 * Each command is a request of the global `fetch`, tried five more times with a pause that grows and no chance, and with no limit
 * but a `signal` (nodejs.js of 1.39, `HttpClient`: `retries ?? 5`, `Math.exp(retryCount) * 50`). It opens no connection of its own.
 */
const create: Member = {
  type: "Static",
  construct: {
    returns: "Redis",
    meaning: (call) => {
      const signal = call.option(0, "signal");
      const limit: Limit = limitFrom(call, signal, "instance", { no: "a command has no limit by default" });
      return { kind: "client", client: "Upstash Redis", of: "cache", limit, attempts: 6, sharesConnections: true };
    },
  },
};

export default defineLibrary({
  name: "upstash-redis",
  // `@vercel/kv` hands out one of these (dist/index.js of 3.0).
  packages: ["@upstash/redis", "@upstash/redis/*", "@vercel/kv"],
  exports: {
    Redis: create,
    kv: { type: "Redis" },
    default: { type: "Redis" },
    createClient: { call: { returns: "Redis" } },
  },
  types: {
    Static: { members: { fromEnv: { call: { returns: "Redis" } } }, construct: create.construct! },
    Redis: { other: command },
    Pipeline: { members: { exec: { call: {} } }, other: { call: { returns: "this" } } },
  },
});
