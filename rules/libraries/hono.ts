import { defineLibrary, type Member } from "../../engine/index.ts";

const chain: Member = { call: { returns: "this" } };
const verb: Member = {
  call: { returns: "this", callbacks: { 0: ["Context"], 1: ["Context"], 2: ["Context"], 3: ["Context"] } },
};
const VERBS = ["get", "post", "put", "patch", "delete", "options", "all"];
const app = { construct: { returns: "Hono" }, call: { returns: "Hono" } };

export default defineLibrary({
  name: "hono",
  packages: ["hono", "hono/quick", "hono/tiny", "@hono/zod-openapi", "hono-openapi", "chanfana"],
  exports: {
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
    Context: {},
    RouteConfig: {},
  },
});
