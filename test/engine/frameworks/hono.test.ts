import assert from "node:assert/strict";
import { test } from "node:test";
import { routeLines } from "../../kit/entries.ts";

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
