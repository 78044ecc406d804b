import { defineLibrary } from "../../engine/index.ts";
import { retrying } from "../_shared/retrying.ts";

/** 10 retries, from 1 s, doubled, randomized (async-retry 1.3, lib/index.js; its defaults are those of `retry`). */
export default defineLibrary({
  name: "async-retry",
  packages: ["async-retry"],
  exports: {
    default: retrying({
      client: "async-retry",
      workAt: 0,
      optionsAt: 1,
      times: { option: "retries", byDefault: 10, more: 1 },
      forever: "forever",
      first: { option: "minTimeout", byDefault: 1_000 },
      factor: { option: "factor", byDefault: 2 },
      jitter: { option: "randomize", byDefault: "yes" },
      pauseOption: "minTimeout: 500",
      jitterOption: "randomize: true",
    }),
  },
  types: {},
});
