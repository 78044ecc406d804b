import { defineLibrary } from "../../engine/index.ts";
import { ofRetry, retrying } from "../_shared/retrying.ts";

/** The defaults of `retry` (p-retry 7 to 9, index.js: `retries: 10, factor: 2, minTimeout: 1000, randomize: false`). */
const retry = retrying({ ...ofRetry, client: "p-retry", between: "onFailedAttempt" });

export default defineLibrary({
  name: "p-retry",
  packages: ["p-retry"],
  exports: { default: retry, pRetry: retry },
  types: {},
});
