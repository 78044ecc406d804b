import { defineLibrary } from "../../engine/index.ts";
import { retrying } from "../_shared/retrying.ts";

/** `numOfAttempts: 10`, the first included, from 100 ms, doubled, `jitter: "none"` (exponential-backoff 3.1, dist/options.js). */
export default defineLibrary({
  name: "exponential-backoff",
  packages: ["exponential-backoff"],
  exports: {
    backOff: retrying({
      client: "exponential-backoff",
      workAt: 0,
      optionsAt: 1,
      times: { option: "numOfAttempts", byDefault: 10, more: 0 },
      first: { option: "startingDelay", byDefault: 100 },
      factor: { option: "timeMultiple", byDefault: 2 },
      jitter: { option: "jitter", byDefault: "no", off: "none" },
      pauseOption: "startingDelay: 100",
      jitterOption: 'jitter: "full"',
    }),
  },
  types: {},
});
