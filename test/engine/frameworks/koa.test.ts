import assert from "node:assert/strict";
import { test } from "node:test";
import { endpointLines, routeLines } from "../../kit/entries.ts";

test("router prefixes, nested routers and koa-mount add up", () => {
  assert.deepEqual(
    endpointLines({
      "app.ts": `import Koa from "koa"; import mount from "koa-mount"; import compose from "koa-compose"; import api from "./api"; import { admin } from "./admin"; import pub from "./pub";
        const app = new Koa(); app.use(mount("/api", api)); app.use(compose([admin.routes(), admin.allowedMethods()])); app.use(pub());`,
      "api.ts": `import Koa from "koa"; import Router from "@koa/router"; import users from "./users"; const api = new Koa(); const router = new Router({ prefix: "/v1" }); router.use("/users", auth(), users.routes(), users.allowedMethods()); api.use(router.routes()); export default api;`,
      "users.ts": `import Router from "koa-router"; const router = new Router(); router.get("user", "/:id", show).del("/:id", auth(), async function remove(ctx) {}); async function show(ctx) {} router.post("list.all", show); export default router;`,
      "admin.ts": `import { Router } from "@koa/router"; export const admin = new Router().prefix("/admin"); admin.all(["/a", "/b"], async function both(ctx) {}); admin.register("/c", ["PUT", "PATCH"], async function c(ctx) {});`,
      "pub.ts": `import Router from "koa-router"; const r = new Router(); r.get("/ping", (ctx) => {}); export default function routes() { return r.routes(); }`,
    }),
    [
      "ALL /admin/a admin.ts both",
      "ALL /admin/b admin.ts both",
      "DELETE /api/v1/users/:id users.ts remove",
      "GET /api/v1/users/:id users.ts show",
      "GET /ping pub.ts <1>",
      "PATCH /admin/c admin.ts c",
      "POST /api/v1/users/list.all users.ts show",
      "PUT /admin/c admin.ts c",
    ],
  );
});

test("a package without routers has no routes", () => {
  assert.deepEqual(
    routeLines({
      "a.ts": `import Koa from "koa"; const app = new Koa(); app.use(async (ctx) => {}); cache.get("/x", () => {});`,
    }),
    [],
  );
});
