import { type CacheMeaning, defineLibrary, type Member } from "../../engine/index.ts";

/** Refuses to be made without `max`, `maxSize` or `ttl` (dist/commonjs/index.js of 11.5). */
const cache: Member = {
  construct: {
    returns: "LRUCache",
    meaning: (): CacheMeaning => ({
      kind: "cache",
      client: "lru-cache",
      bounded: "yes",
      why: "max, maxSize, ttl",
    }),
  },
};

export default defineLibrary({
  name: "lru-cache",
  packages: ["lru-cache"],
  exports: { LRUCache: cache, default: { type: "Class" } },
  types: { Class: { construct: cache.construct! }, LRUCache: {} },
});
