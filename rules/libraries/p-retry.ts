import { defineLibrary } from "../../engine/index.ts";
import { retrying } from "../_shared/retrying.ts";

/**
 * 10 retries, from 1 s, doubled, and no chance unless `randomize` (p-retry 7 to 9, index.js: `retries: 10, factor: 2,
 * minTimeout: 1000, randomize: false`).
 */
const retry = retrying({
  client: "p-retry",
  workAt: 0,
  optionsAt: 1,
  times: { option: "retries", byDefault: 10, more: 1 },
  forever: "forever",
  first: { option: "minTimeout", byDefault: 1_000 },
  between: "onFailedAttempt",
  factor: { option: "factor", byDefault: 2 },
  jitter: { option: "randomize", byDefault: "no" },
  pauseOption: "minTimeout: 500",
  jitterOption: "randomize: true",
});

export default defineLibrary({
  name: "p-retry",
  packages: ["p-retry"],
  exports: { default: retry, pRetry: retry },
  types: {},
});
