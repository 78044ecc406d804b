import { defineLibrary } from "../../engine/index.ts";

export default defineLibrary({
  name: "util",
  packages: ["node:util"],
  exports: { promisify: { call: { wraps: 0 } }, callbackify: { call: { wraps: 0 } }, default: { type: "Util" } },
  types: { Util: { members: { promisify: { call: { wraps: 0 } }, callbackify: { call: { wraps: 0 } } } } },
});
