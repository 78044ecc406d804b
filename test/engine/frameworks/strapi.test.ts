import assert from "node:assert/strict";
import { test } from "node:test";
import { activityLines, endpointLines, routeLines } from "../../kit/entries.ts";
import { workspaceOf } from "../../kit/workspace.ts";

const schema = (kind: string, singularName: string, pluralName: string): string =>
  JSON.stringify({ kind, info: { singularName, pluralName } });

test("core routers by their schemas, options that narrow them, and the actions that a project writes itself", () => {
  const files = {
    "cms/config/api.ts": `export default ({ env }) => ({ rest: { prefix: "/v1" } });`,
    "cms/src/api/dish/content-types/dish/schema.json": schema("collectionType", "dish", "dishes"),
    "cms/src/api/dish/routes/dish.ts": `import { factories } from "@strapi/strapi"; export default factories.createCoreRouter("api::dish.dish", { except: ["delete"] });`,
    "cms/src/api/dish/controllers/dish.ts": `import { factories } from "@strapi/strapi"; export default factories.createCoreController("api::dish.dish", ({ strapi }) => ({ async find(ctx) { return super.find(ctx); } }));`,
    "cms/src/api/home/content-types/home/schema.json": schema("singleType", "home", "homes"),
    "cms/src/api/home/routes/home.js": `const { createCoreRouter } = require("@strapi/strapi").factories; module.exports = createCoreRouter("api::home.home", { only: ["find"] });`,
    "cms/src/api/gone/routes/gone.js": `const { createCoreRouter } = require("@strapi/strapi").factories; module.exports = createCoreRouter("api::gone.gone");`,
  };
  assert.deepEqual(endpointLines(files), [
    "GET /v1/dishes cms/src/api/dish/routes/dish.ts default.find",
    "GET /v1/dishes/:id cms/src/api/dish/routes/dish.ts -",
    "GET /v1/home cms/src/api/home/routes/home.js -",
    "POST /v1/dishes cms/src/api/dish/routes/dish.ts -",
    "PUT /v1/dishes/:id cms/src/api/dish/routes/dish.ts -",
  ]);
});

test("listed routes, a router put together from both, plugins with their own names", () => {
  const files = {
    "src/index.ts": `import "@strapi/strapi"; export default {};`,
    "src/api/order/content-types/order/schema.json": schema("collectionType", "order", "orders"),
    "src/api/order/routes/order.ts": `import { factories } from "@strapi/strapi"; const inner = factories.createCoreRouter("api::order.order", { only: ["create"] });
      const extra = [{ method: "POST", path: "/orders/:id/pay", handler: "order.pay" }]; export default custom(inner, extra);`,
    "src/api/order/routes/01-custom.ts": `export default { routes: [{ method: "GET", path: "/orders/mine", handler: "api::order.order.mine", config: { auth: false } }, { method: "GET", path: "/direct", handler: (ctx) => {} }] };`,
    "src/api/order/controllers/order.ts": `export default { async pay(ctx) {}, async mine(ctx) { return strapi.service("api::order.order").list(ctx); } };`,
    "src/api/order/services/order.ts": `export default ({ strapi }) => ({ async list(ctx) { return load(); } }); function load() {}`,
    "src/plugins/map/server/routes/index.ts": `export default { admin: { type: "admin", routes: [{ method: "GET", path: "/settings", handler: "map.settings" }] }, "content-api": { routes: [{ method: "GET", path: "/tiles", handler: "map.tiles" }] } };`,
    "src/plugins/map/server/controllers/index.ts": `import map from "./view"; export default { map };`,
    "src/plugins/map/server/controllers/view.ts": `export default ({ strapi }) => ({ settings(ctx) {}, tiles(ctx) {} });`,
  };
  assert.deepEqual(endpointLines(files), [
    "GET /api/direct src/api/order/routes/01-custom.ts handler",
    "GET /api/map/tiles src/plugins/map/server/routes/index.ts default.tiles",
    "GET /api/orders/mine src/api/order/routes/01-custom.ts mine",
    "GET /map/settings src/plugins/map/server/routes/index.ts default.settings",
    "POST /api/orders src/api/order/routes/order.ts -",
    "POST /api/orders/:id/pay src/api/order/routes/order.ts pay",
  ]);
  const { analysis, files: summaries } = workspaceOf(files);
  const file = summaries.get("src/api/order/services/order.ts")!;
  const f = file.functions.findIndex((it) => it.name === "load");
  assert.deepEqual(
    analysis.reach({ file, f }).chains.map((it) => (it.entry.kind === "endpoint" ? it.entry.route : it.entry.name)),
    ["/api/orders/mine"],
  );
});

test("version 3: routes in JSON point at their controllers; life cycles and timers", () => {
  const files = {
    "api/restaurant/config/routes.json": `{ "routes": [{ "method": "GET", "path": "/restaurants", "handler": "restaurant.find" }, { "method": "GET", "path": "/gone", "handler": "gone.find" }] }`,
    "api/restaurant/controllers/restaurant.js": `module.exports = { async find(ctx) { return strapi.services.restaurant.search(ctx.query); } };`,
    "src/api/dish/content-types/dish/lifecycles.ts": `import "@strapi/strapi"; export default { async beforeCreate(event) {}, afterUpdate(event) {} };`,
    "config/cron-tasks.ts": `export default { "0 1 * * *": ({ strapi }) => {}, clean: { task: async () => {}, options: { rule: "@daily" } } };`,
  };
  assert.deepEqual(routeLines(files), ["GET /restaurants"]);
  assert.deepEqual(activityLines(files), [
    "consumer dish.afterUpdate src/api/dish/content-types/dish/lifecycles.ts",
    "consumer dish.beforeCreate src/api/dish/content-types/dish/lifecycles.ts",
    "cron 0 1 * * * config/cron-tasks.ts",
    "cron clean config/cron-tasks.ts",
  ]);
});
