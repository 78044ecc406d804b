import { defineLibrary } from "../../engine/index.ts";
import { ofRetry, retrying } from "../_shared/retrying.ts";

/** The defaults of `retry`, but randomized (async-retry 1.3, lib/index.js). */
export default defineLibrary({
  name: "async-retry",
  packages: ["async-retry"],
  exports: {
    default: retrying({ ...ofRetry, client: "async-retry", jitter: { option: "randomize", byDefault: "yes" } }),
  },
  types: {},
});
