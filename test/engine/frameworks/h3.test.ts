import assert from "node:assert/strict";
import { test } from "node:test";
import { endpointLines, routeLines } from "../../kit/entries.ts";

test("h3: routers and applications, bases taken off again, methods by name", () => {
  assert.deepEqual(
    endpointLines({
      "app.ts": `import { createApp, createRouter, eventHandler, useBase, defineEventHandler } from "h3"; import { users } from "./users";
        const app = createApp(); const router = createRouter().get("/", eventHandler(() => 1)).post("/items/:id", defineEventHandler(async (e) => {}));
        app.use(router); app.use("/api", useBase("/api", users.handler)); app.use(useBase("/z", users.handler)); app.use("/health", eventHandler(() => "ok")); app.use(eventHandler(() => {}));`,
      "users.ts": `import { createRouter, defineEventHandler } from "h3"; export const users = createRouter(); const list = defineEventHandler(() => 1); users.get("/users/**", list); users.add("/users", list, "patch");`,
      "two.ts": `import { H3 } from "h3"; const app = new H3(); const sub = new H3().get("/deep", (e) => 1); app.get("/v2", (event) => 2).on("PUT", "/v2", () => 1); app.mount("/nested", sub);`,
    }),
    [
      "ALL /health app.ts <3>",
      "GET / app.ts <1>",
      "GET /api/users/* users.ts list",
      "GET /nested/deep two.ts sub",
      "GET /v2 two.ts <1>",
      "GET /z/users/* users.ts list",
      "PATCH /api/users users.ts list",
      "PATCH /z/users users.ts list",
      "POST /items/:id app.ts <2>",
      "PUT /v2 two.ts <2>",
    ],
  );
});

test("Nitro: re-exported and wrapped handlers, suffixes, folders of its configuration, handlers that it names", () => {
  assert.deepEqual(
    routeLines({
      "nuxt.config.ts": `export default defineNuxtConfig({ serverHandlers: [{ route: "/feed", handler: "~/server/feed.ts" }, { middleware: true, handler: "~/server/mw.ts" }] });`,
      "server/feed.ts": `export default defineEventHandler(() => 1);`,
      "server/mw.ts": `export default defineEventHandler(() => {});`,
      "server/api/users/[id].get.ts": `export { default } from "../../shared/user";`,
      "server/api/mine.ts": `export default withSession(async (event) => {});`,
      "server/api/bare.post.dev.ts": `export default (event) => 1;`,
      "server/api/config.ts": `export default { limit: 10 };`,
      "server/routes/[...].ts": `export default defineEventHandler(() => 1);`,
      "server/shared/user.ts": `export default defineEventHandler(() => 1);`,
      "worker/nitro.config.ts": `export default defineNitroConfig({ srcDir: "src" });`,
      "worker/src/routes/index.ts": `export default eventHandler(() => 1);`,
      "worker/src/api/ping.get.ts": `export default eventHandler(() => 1);`,
      "express/server/api/users.js": `module.exports = wrap(1); export default router;`,
    }),
    ["ALL /", "ALL /*", "ALL /api/mine", "ALL /feed", "GET /api/ping", "GET /api/users/:id", "POST /api/bare"],
  );
});
