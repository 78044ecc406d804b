import { type CallView, defineLibrary, type LimiterMeaning, type Member } from "../../engine/index.ts";

/** So many in an interval; both are required (index.js of 8.1). Up to version 4 the function came first: `pThrottle(fn, 2, 1000)`. */
function limited(call: CallView): LimiterMeaning {
  const work = call.arg(0);
  return { kind: "limiter", client: "p-throttle", atOnce: "yes", ...(work ? { work } : {}) };
}

const isOld = (call: CallView): boolean => call.argCount > 1;
const throttle: Member = {
  call: {
    returns: (call) => (isOld(call) ? "Throttled" : "Throttle"),
    meaning: (call) => (isOld(call) ? limited(call) : undefined),
  },
};

export default defineLibrary({
  name: "p-throttle",
  packages: ["p-throttle"],
  exports: { default: throttle },
  types: { Throttle: { call: { returns: "Throttled", meaning: limited } }, Throttled: { call: {} } },
});
