import { defineLibrary } from "../../engine/index.ts";
import { ofRetry, retrying } from "../_shared/retrying.ts";

/** The defaults of `retry` (promise-retry 2.0, index.js). */
export default defineLibrary({
  name: "promise-retry",
  packages: ["promise-retry"],
  exports: { default: retrying({ ...ofRetry, client: "promise-retry" }) },
  types: {},
});
