import assert from "node:assert/strict";
import { test } from "node:test";
import { endpointLines, routeLines } from "../../kit/entries.ts";

test("nested applications, base paths, chains and OpenAPI routes", () => {
  assert.deepEqual(
    routeLines({
      "index.ts": `import { Hono } from "hono"; import { users } from "./users"; import { items } from "./items"; import { createApp } from "./make"; const app = new Hono().basePath("/api"); app.use("*", logger());
        const routes = app.route("/users", users).route("/items", items).get("/health", (c) => c.text("ok")); export default app; const other = createApp(); other.get("/made", (c) => c.text("x")); map.get("/no", () => {});`,
      "users.ts": `import { Hono } from "hono"; export const users = new Hono<{ V: X }>().get("/:id", validate, async (c) => {}).post(async (c) => {}).on(["PUT", "PATCH"], "/:id/name", (c) => {});`,
      "items.ts": `import { OpenAPIHono, createRoute } from "@hono/zod-openapi"; import * as routes from "./routes"; export const items = new OpenAPIHono(); items.openapi(routes.list, (c) => c.json([])); items.openapi(createRoute({ method: "post", path: "/{id}/copy" }), (c) => c.json({}));`,
      "routes.ts": `import { createRoute } from "@hono/zod-openapi"; export const list = createRoute({ method: "get", path: "/" });`,
      "make.ts": `import { Hono } from "hono"; export function createApp() { return new Hono({ strict: false }); }`,
    }),
    [
      "GET /api/health",
      "GET /api/items",
      "GET /api/users/:id",
      "GET /made",
      "PATCH /api/users/:id/name",
      "POST /api/items/:id/copy",
      "POST /api/users/:id",
      "PUT /api/users/:id/name",
    ],
  );
});

test("factories: each call makes a router of its own, and all serve what the factory registers", () => {
  assert.deepEqual(
    endpointLines({
      "app.ts": `import { createRouter } from "./create"; import a from "./a"; import { B } from "./b"; const app = createRouter(); app.route("/a", a); app.route("/b", new B().routes()); app.get("/health", (c) => 1);`,
      "create.ts": `import { Hono } from "hono"; export function createRouter() { const r = new Hono(); r.get("/common", (c) => 1); return r; } export class Base { create() { return new Hono(); } }`,
      "a.ts": `import { createRouter } from "./create"; const router = createRouter().get("/one", (c) => 1); export default router;`,
      "b.ts": `import { Base } from "./create"; export class B extends Base { routes() { const hono = this.create(); hono.get("/two", (c) => 1); return hono; } }`,
    }),
    [
      "GET /a/common create.ts createRouter.<1>",
      "GET /a/one a.ts router",
      "GET /b/two b.ts B.routes.<1>",
      "GET /common create.ts createRouter.<1>",
      "GET /health app.ts <1>",
    ],
  );
});

test("zod-openapi: settings of another route that are spread, parameters with patterns in braces", () => {
  assert.deepEqual(
    routeLines({
      "app.ts": `import { OpenAPIHono } from "@hono/zod-openapi"; import { list } from "./routes"; const app = new OpenAPIHono(); app.openapi({ ...list, middleware: [auth] }, (c) => 1); app.get("/posts/:id{[0-9]{1,4}}/:name{.+\\\\.png}", (c) => 1);`,
      "routes.ts": `import { createRoute } from "@hono/zod-openapi"; export const list = createRoute({ method: "get", path: "/items/{id}" });`,
    }),
    ["GET /items/:id", "GET /posts/:id/:name"],
  );
});
