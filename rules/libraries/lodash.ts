import { type CacheMeaning, type CallView, defineLibrary, type Member } from "../../engine/index.ts";

/** Its `MapCache` only grows (lodash 4.17 `_MapCache.js`); one may put another `cache` on the result. */
export const memoize: Member = {
  call: {
    meaning: (call: CallView): CacheMeaning => {
      const isReplaced = call.program.assignmentsTo("cache").length + call.program.assignmentsTo("Cache").length > 0;
      return {
        kind: "cache",
        client: "lodash memoize",
        bounded: isReplaced ? "unknown" : "no",
        why: "MapCache",
      };
    },
    wraps: 0,
  },
};

export default defineLibrary({
  name: "lodash",
  packages: ["lodash", "lodash-es"],
  exports: { memoize },
  types: {},
});
