import { type Answer, type CallView, defineLibrary, type LimiterMeaning, type Member } from "../../engine/index.ts";

/** The number is required (index.js of 7.3, `validateConcurrency`): the bound may be high, and is there. */
const through = (call: CallView, work: number, over?: number): LimiterMeaning => {
  const run = call.arg(work);
  const each = over === undefined ? undefined : call.arg(over);
  const atOnce: Answer = "yes";
  return { kind: "limiter", client: "p-limit", atOnce, ...(run ? { work: run } : {}), ...(each ? { over: each } : {}) };
};

const limit: Member = { call: { returns: "Limit" } };

export default defineLibrary({
  name: "p-limit",
  packages: ["p-limit"],
  exports: {
    default: limit,
    pLimit: limit,
    // Since 6.2: the function itself, limited.
    limitFunction: { call: { returns: "Limited", meaning: (call) => through(call, 0) } },
  },
  types: {
    Limit: {
      call: { meaning: (call) => through(call, 0) },
      // Since 6: one for each element.
      members: { map: { call: { meaning: (call) => through(call, 1, 0) } } },
    },
    Limited: { call: {} },
  },
  typeNames: { LimitFunction: "Limit" },
});
