import { defineLibrary } from "../../engine/index.ts";

/** `expressWs(app).app` is the application that was given, with `ws` added to it and to its routers. */
export default defineLibrary({
  name: "express-ws",
  packages: ["express-ws"],
  exports: { default: { call: { wraps: 0 } } },
  types: {},
});
