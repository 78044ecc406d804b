import { defineLibrary, type Member } from "../../engine/index.ts";

/** Registration methods are read by the framework of the same name; here they only keep the chain typed. */
const register: Member = { call: { returns: "this" } };
const VERBS = ["get", "post", "put", "patch", "delete", "del", "head", "options", "all", "use", "search"];
const router: Member = { call: { returns: "Router" }, construct: { returns: "Router" } };
const middleware: Member = { call: { returns: "Middleware" } };
const HELPERS = {
  Router: router,
  json: middleware,
  urlencoded: middleware,
  static: middleware,
  raw: middleware,
  text: middleware,
};

export default defineLibrary({
  name: "express",
  packages: ["express", "express-serve-static-core", "express-promise-router", "@types/express", "ultimate-express"],
  exports: {
    default: {
      type: "Express",
      call: { returns: "Application" },
    },
    ...HELPERS,
    // express-promise-router's default export makes a router too; `Application` serves for both.
    application: { type: "Application" },
  },
  types: {
    Express: { like: "Application", members: HELPERS },
    Application: {
      like: "Router",
      members: {
        // What `express-ws` gives back holds the application it was given.
        app: { type: "Application" },
        listen: {
          call: { returns: "http:Server", meaning: () => ({ kind: "other", what: "listen", client: "Express" }) },
        },
      },
    },
    Router: {
      members: {
        ...Object.fromEntries(VERBS.map((it) => [it, register])),
        route: { call: { returns: "Route" } },
        param: register,
        set: register,
        enable: register,
        disable: register,
        engine: register,
      },
    },
    Route: { members: Object.fromEntries(VERBS.map((it) => [it, register])) },
    Middleware: {},
  },
  typeNames: {
    IRouter: "Router",
    Express: "Application",
    Core: "Application",
    RequestHandler: { params: [undefined, undefined, undefined] },
  },
});
