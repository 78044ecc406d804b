import {
  type CallView,
  defineLibrary,
  type Limit,
  type LimiterMeaning,
  limitFrom,
  type Member,
} from "../../engine/index.ts";

/** `{ milliseconds }` since 6, a number before (index.js of 8.0, 5.1 and 4.1); what it gives up waiting for goes on. */
function limitOf(call: CallView): Limit {
  const named = call.option(1, "milliseconds");
  if (named.is === "yes") return limitFrom(call, named, "call", { no: "the limit is switched off" });
  const ms = call.number(call.arg(1));
  return {
    bounded: call.argCount > 1 ? "yes" : "unknown",
    by: "call",
    why: "p-timeout gives up",
    ...(ms === undefined ? {} : { ms }),
  };
}

const timeout: Member = {
  call: {
    meaning: (call): LimiterMeaning => {
      const work = call.arg(0);
      return { kind: "limiter", client: "p-timeout", limit: limitOf(call), ...(work ? { work } : {}) };
    },
  },
};

export default defineLibrary({
  name: "p-timeout",
  packages: ["p-timeout"],
  exports: { default: timeout },
  types: {},
});
