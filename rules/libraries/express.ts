import { defineLibrary, type Member } from "../../engine/index.ts";

/** Registration methods are read by the framework of the same name; here they only keep the chain typed. */
const register: Member = { call: { returns: "this" } };
const VERBS = ["get", "post", "put", "patch", "delete", "head", "options", "all", "use"];

export default defineLibrary({
  name: "express",
  packages: ["express", "express-serve-static-core"],
  exports: {
    default: {
      type: "Express",
      call: { returns: "Application" },
    },
    Router: { call: { returns: "Router" }, construct: { returns: "Router" } },
    json: { call: { returns: "Middleware" } },
    urlencoded: { call: { returns: "Middleware" } },
    static: { call: { returns: "Middleware" } },
  },
  types: {
    Express: { like: "Application", members: { Router: { call: { returns: "Router" }, construct: { returns: "Router" } }, json: { call: { returns: "Middleware" } }, urlencoded: { call: { returns: "Middleware" } }, static: { call: { returns: "Middleware" } } } },
    Application: { like: "Router", members: { listen: { call: { returns: "node:http:Server", meaning: () => ({ kind: "other", what: "listen", client: "Express" }) } } } },
    Router: {
      members: {
        ...Object.fromEntries(VERBS.map((it) => [it, register])),
        route: { call: { returns: "Route" } },
        param: register,
      },
    },
    Route: { members: Object.fromEntries(VERBS.map((it) => [it, register])) },
    Middleware: {},
  },
  typeNames: {
    IRouter: "Router",
    RequestHandler: { params: [undefined, undefined, undefined] },
  },
});
