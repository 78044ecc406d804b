import { defineLibrary, type FileSummary, type Member, type Provision } from "../../engine/index.ts";

const chain: Member = { call: { returns: "this" } };
const verb: Member = {
  call: { returns: "this", callbacks: { 0: ["Context"], 1: ["Context"], 2: ["Context"], 3: ["Context"] } },
};
const VERBS = ["get", "post", "put", "patch", "delete", "options", "all"];
const context: Member = { call: { callbacks: { 0: ["Context"] }, wraps: 0 } };

/** `c.set("db", pool)` in a middleware, `c.get("db")` and `c.var.db` behind it. */
function* provisions(file: FileSummary): Iterable<Provision> {
  for (const [by, { callee, args }] of file.calls.entries())
    if (callee.k === "get" && callee.name === "set" && args.length === 2 && args[0]!.k === "lit")
      yield { token: args[0]!, value: args[1]!, as: "value", by };
}

const app = { construct: { returns: "Hono" }, call: { returns: "Hono" } };

export default defineLibrary({
  name: "hono",
  packages: ["hono", "hono/quick", "hono/tiny", "hono/factory", "@hono/zod-openapi", "hono-openapi", "chanfana"],
  provisions,
  exports: {
    createMiddleware: context,
    Hono: { type: "HonoClass", ...app },
    OpenAPIHono: { type: "HonoClass", ...app },
    createRoute: { call: { returns: "RouteConfig" } },
  },
  types: {
    HonoClass: app,
    Hono: {
      ...app,
      members: {
        ...Object.fromEntries(VERBS.map((it) => [it, verb])),
        on: verb,
        use: verb,
        openapi: verb,
        route: chain,
        mount: chain,
        basePath: { call: { returns: "Hono" } },
        notFound: chain,
        onError: chain,
        doc: chain,
      },
    },
    Context: {
      typedBy: "new",
      typedIn: "Variables",
      members: {
        set: { call: {} },
        get: { call: { gives: (call) => call.arg(0) } },
        var: { type: "Variables" },
      },
    },
    Variables: { gives: true, typedBy: "new", typedIn: "Variables" },
    RouteConfig: {},
  },
  typeNames: { MiddlewareHandler: { params: ["Context"] }, Handler: { params: ["Context"] } },
});
