import { defineLibrary, type FileSummary, type Member, type Provision } from "../../engine/index.ts";

const handled = ["Request", "Response"];
/** Registration methods are read by the framework of the same name; here they keep the chain and the handlers typed. */
const register: Member = {
  call: { returns: "this", callbacks: { 0: handled, 1: handled, 2: handled, 3: handled, 4: handled, 5: handled } },
};
/** `app.set("db", pool)` and `req.app.get("db")`. */
const get: Member = {
  call: {
    ...register.call,
    returns: (call) => (call.argCount === 1 ? undefined : "Application"),
    gives: (call) => (call.argCount === 1 ? call.arg(0) : undefined),
  },
};

function* provisions(file: FileSummary): Iterable<Provision> {
  for (const [by, { callee, args }] of file.calls.entries())
    if (callee.k === "get" && callee.name === "set" && args.length === 2 && args[0]!.k === "lit")
      yield { token: args[0]!, value: args[1]!, as: "value", by };
}
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
  packages: [
    "express",
    "express-serve-static-core",
    "express-promise-router",
    "@types/express",
    "ultimate-express",
    // `createMcpExpressApp()` of the Model Context Protocol's SDK.
    "@modelcontextprotocol/sdk/server/express.js",
    "@modelcontextprotocol/express",
  ],
  provisions,
  globalTypes: { "Express.Request": "Request", "Express.Response": "Response", "Express.Application": "Application" },
  exports: {
    default: {
      type: "Express",
      call: { returns: "Application" },
    },
    ...HELPERS,
    // express-promise-router's default export makes a router too; `Application` serves for both.
    application: { type: "Application" },
    createMcpExpressApp: { call: { returns: "Application" } },
  },
  types: {
    Express: { like: "Application", members: HELPERS },
    Application: {
      like: "Router",
      grows: true,
      members: {
        // What `express-ws` gives back holds the application it was given.
        app: { type: "Application" },
        get,
        locals: { type: "ApplicationLocals" },
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
    Request: { grows: true, members: { app: { type: "Application" }, res: { type: "Response" } } },
    Response: {
      grows: true,
      members: { app: { type: "Application" }, req: { type: "Request" }, locals: { type: "ResponseLocals" } },
    },
    ApplicationLocals: { grows: true },
    ResponseLocals: { grows: true },
  },
  typeNames: {
    IRouter: "Router",
    Express: "Application",
    Core: "Application",
    RequestHandler: { params: ["Request", "Response", undefined] },
    ErrorRequestHandler: { params: [undefined, "Request", "Response"] },
  },
});
