import { defineLibrary } from "../../engine/index.ts";

const configure = { call: { returns: "this" as const, callbacks: { 0: ["express:Application"] } } };

/** The server that serves decorated controllers; its application is reached through two callbacks. */
export default defineLibrary({
  name: "inversify-express-utils",
  packages: ["inversify-express-utils"],
  exports: { InversifyExpressServer: { construct: { returns: "InversifyExpressServer" } } },
  types: {
    InversifyExpressServer: {
      construct: { returns: "InversifyExpressServer" },
      members: { setConfig: configure, setErrorConfig: configure, build: { call: { returns: "express:Application" } } },
    },
  },
});
