import { defineLibrary } from "../../engine/index.ts";
import { memoize } from "./lodash.ts";

/** The function alone, as its own package or module. */
export default defineLibrary({
  name: "lodash.memoize",
  packages: ["lodash.memoize", "lodash/memoize", "lodash-es/memoize", "lodash/memoize.js", "lodash-es/memoize.js"],
  exports: { default: memoize },
  types: {},
});
