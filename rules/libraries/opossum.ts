import { defineLibrary, type Limit, type LimiterMeaning, limitFrom, type Member } from "../../engine/index.ts";

/**
 * `timeout` 10 s unless it is `false`, no `capacity` (lib/circuit.js of 8.5, 9.0 and 10.0). A call that was given up goes on; nobody waits
 * for it any more. It tries nothing again.
 */
const breaker: Member = {
  construct: {
    returns: "Breaker",
    meaning: (call): LimiterMeaning => {
      const work = call.arg(0);
      const timeout = call.option(1, "timeout");
      const limit: Limit =
        timeout.is === "no"
          ? { bounded: "yes", by: "default", ms: 10_000, why: "timeout is 10 s" }
          : limitFrom(call, timeout, "call", { no: "timeout is switched off", defaultMs: 10_000 });
      return {
        kind: "limiter",
        client: "opossum",
        limit,
        atOnce: call.option(1, "capacity").is,
        ...(work ? { work } : {}),
      };
    },
  },
};

export default defineLibrary({
  name: "opossum",
  packages: ["opossum"],
  exports: { default: breaker, CircuitBreaker: breaker },
  types: {
    Breaker: {
      members: { fire: { call: {} }, on: { call: { returns: "this" } }, fallback: { call: { returns: "this" } } },
    },
  },
  typeNames: { CircuitBreaker: "Breaker" },
});
