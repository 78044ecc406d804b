import { defineLibrary } from "../../engine/index.ts";
import { retrying } from "../_shared/retrying.ts";

/** `maxAttempts: 3`, `delay: 200` that does not grow (`factor: 0`), `jitter: false` (@lifeomic/attempt 3.1, dist/src/index.js). */
export default defineLibrary({
  name: "@lifeomic/attempt",
  packages: ["@lifeomic/attempt"],
  exports: {
    retry: retrying({
      client: "@lifeomic/attempt",
      workAt: 0,
      optionsAt: 1,
      times: { option: "maxAttempts", byDefault: 3, more: 0 },
      first: { option: "delay", byDefault: 200 },
      factor: { option: "factor", byDefault: 0 },
      jitter: { option: "jitter", byDefault: "no" },
      pauseOption: "delay: 200",
      jitterOption: "jitter: true",
    }),
  },
  types: {},
});
