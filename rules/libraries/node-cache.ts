import { type CacheMeaning, type CallView, defineLibrary, isSet, type Member } from "../../engine/index.ts";

/** `stdTTL` is 0 (never) and `maxKeys` -1 (any number) in lib/node_cache.js of 5.1. */
const cache: Member = {
  construct: {
    returns: "NodeCache",
    meaning: (call: CallView): CacheMeaning => {
      const set = ["stdTTL", "maxKeys"].map((it) => isSet(call.program, call.option(0, it)));
      const site = call.optionSite(0);
      return {
        kind: "cache",
        client: "node-cache",
        bounded: set.includes("yes") ? "yes" : set.includes("unknown") ? "unknown" : "no",
        why: "stdTTL: 0, maxKeys: -1",
        option: "stdTTL: 600",
        ...(site ? { site } : {}),
      };
    },
  },
};

export default defineLibrary({
  name: "node-cache",
  packages: ["node-cache", "@cacheable/node-cache"],
  exports: { default: { type: "Class", ...cache }, NodeCache: cache },
  types: {
    Class: { construct: cache.construct! },
    NodeCache: { members: { set: { call: {} }, mset: { call: {} }, get: { call: {} } } },
  },
});
