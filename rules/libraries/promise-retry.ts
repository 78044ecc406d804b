import { defineLibrary } from "../../engine/index.ts";
import { retrying } from "../_shared/retrying.ts";

/** 10 retries, from 1 s, doubled, and no chance unless `randomize`: those of `retry` (promise-retry 2.0, index.js; retry 0.12, lib/retry.js). */
export default defineLibrary({
  name: "promise-retry",
  packages: ["promise-retry"],
  exports: {
    default: retrying({
      client: "promise-retry",
      workAt: 0,
      optionsAt: 1,
      times: { option: "retries", byDefault: 10, more: 1 },
      forever: "forever",
      first: { option: "minTimeout", byDefault: 1_000 },
      factor: { option: "factor", byDefault: 2 },
      jitter: { option: "randomize", byDefault: "no" },
      pauseOption: "minTimeout: 500",
      jitterOption: "randomize: true",
    }),
  },
  types: {},
});
