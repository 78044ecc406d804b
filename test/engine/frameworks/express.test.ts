import assert from "node:assert/strict";
import { test } from "node:test";
import { endpointLines, routeLines } from "../../kit/entries.ts";

test("routers in other files carry the prefixes of all that mount them", () => {
  assert.deepEqual(
    endpointLines({
      "app.ts": `import express from "express"; import api from "./api";
        const app = express(); const BASE = "/api"; app.get("/health", (req, res) => res.end()); app.use(BASE, api); app.get("title");`,
      "api.ts": `import { Router } from "express"; import { users } from "./users"; import * as items from "./items";
        const router = Router(); router.use("/v1", users).use(["/items", "/things"], items.router); export default router;`,
      "users.ts": `import { Router } from "express"; import { list, show } from "./handlers"; const auth = (q, s, n) => n();
        export const users = Router(); users.route("/").get(auth, list).post([auth, show]); users.get("/:id(\\\\d+)", wrap(show));`,
      "items.ts": `import express from "express"; export const router = express.Router(); router.all("/:id?", async function one(req, res) {});`,
      "handlers.ts": `export function list() {} export const show = async (req, res) => {};`,
    }),
    [
      "ALL /api/items items.ts one",
      "ALL /api/items/:id items.ts one",
      "ALL /api/things items.ts one",
      "ALL /api/things/:id items.ts one",
      "GET /api/v1 users.ts list",
      "GET /api/v1/:id users.ts show",
      "GET /health app.ts <1>",
      "POST /api/v1 users.ts show",
    ],
  );
});

test("an application that a plugin gets inside of an object", () => {
  assert.deepEqual(
    routeLines({
      "package.json": `{ "dependencies": { "express": "5.0.0" } }`,
      "server.ts": `import express from "express"; const app = express(); hooks.callAll("ready", { app });`,
      "plugin.js": `exports.ready = async (name, { app }) => { app.get("/stats", (req, res) => res.json({})); };
        exports.later = (name, args) => { args.app.get("trust proxy fn"); args.app.post("/stats", (req, res) => res.end()); };
        exports.client = ({ api }) => { api.get("/users", { cached: true }); };`,
    }),
    ["GET /stats", "POST /stats"],
  );
});

test("CommonJS: functions that get the application, factories, required routers", () => {
  assert.deepEqual(
    routeLines({
      "index.js": `const express = require("express"); const app = express(); require("./routes")(app); app.use("/shop", require("./shop")); app.use("/made", require("./make")({ db: 1 })); module.exports = app;`,
      "routes.js": `const c = require("./controller"); module.exports = (app) => { app.get("/a", c.a); app.route("/b").put(c.b); };`,
      "controller.js": `exports.a = (req, res) => {}; exports.b = async (req, res) => {};`,
      "shop.js": `const router = require("express").Router(); router.delete("/:id", (req, res) => {}); module.exports = router;`,
      "make.js": `const { Router } = require("express"); module.exports = function (deps) { const r = new Router(); r.get("/", (req, res) => {}); return r; };`,
    }),
    ["DELETE /shop/:id", "GET /a", "GET /made", "PUT /b"],
  );
});

test("tables of routes, walked by forEach or for-of", () => {
  assert.deepEqual(
    routeLines({
      "app.ts": `import express from "express"; import routes from "./routes"; const app = express(); app.use("/v1", routes);`,
      "routes.ts": `import { Router } from "express"; import a from "./a"; import b from "./b"; const router = Router();
        const table = [{ path: "/a", route: a }, { path: "/b", route: b }]; table.forEach((it) => { router.use(it.path, it.route); });
        for (const { method, path, handler } of [{ method: "get", path: "/c", handler: () => {} }, { method: "post", path: "/d", handler: () => {} }]) router[method](path, handler);
        export default router;`,
      "a.ts": `import { Router } from "express"; const r = Router(); r.get("/x", () => {}); export default r;`,
      "b.ts": `import { Router } from "express"; const r = Router(); r.get("/y", () => {}); export default r;`,
    }),
    ["GET /v1/a/x", "GET /v1/b/y", "GET /v1/c", "POST /v1/d"],
  );
});

test("controller classes: each instance has its own router, helpers are read under their callers", () => {
  assert.deepEqual(
    endpointLines({
      "app.ts": `import express from "express"; import { Users } from "./users"; import { Posts } from "./posts";
        class App { app = express(); constructor(controllers) { this.mount(controllers); this.app.use("/posts", new Posts({}).router); }
          mount(controllers) { controllers.forEach((it) => { this.app.use("/", it.router); }); } }
        new App([new Users()]);`,
      "base.ts": `import { Router } from "express"; export class Base { #x; constructor() { this.r = Router(); }
          get router() { return this.r; } add(o) { this.r[o.method](o.path, this.safe(o.handler.bind(this))); } safe(h) { return async (q, s) => { await h(q, s); }; } get(path, h) { this.add({ method: "get", path, handler: h }); } }`,
      "users.ts": `import { Router } from "express"; export class Users { path = "/users"; router = Router(); constructor() { this.init(); } init() { this.router.get(\`\${this.path}/:id\`, this.one); } one = async (req, res) => {}; }`,
      "posts.ts": `import { Base } from "./base"; export class Posts extends Base { constructor(c) { super(); this.add({ method: "post", path: "/", handler: this.create }); this.get("/latest", this.latest); } async create() {} async latest() {} }`,
    }),
    [
      "GET /posts/latest posts.ts Posts.latest",
      "GET /users/:id users.ts Users.one",
      "POST /posts posts.ts Posts.create",
    ],
  );
});

test("what is no route stays silent, tests mount nothing", () => {
  assert.deepEqual(
    routeLines({
      "app.ts": `import express from "express"; export const app = express(); const map = new Map(); map.get("/x", 1); app.get("env"); export const r = express.Router(); r.get("/only", () => {}); app.use("/real", r); app.use("/all", (req, res) => res.end()); app.use("/mid", (req, res, next) => next());`,
      "app.test.ts": `import express from "express"; import { r } from "./app"; const app = express(); app.use("/fake", r); app.get("/t", () => {});`,
    }),
    ["ALL /all", "GET /real/only"],
  );
});

test("folders of routers loaded by file name", () => {
  assert.deepEqual(
    routeLines({
      "app.js": `const express = require("express"); const fs = require("fs"); const path = require("path"); const app = express(); const api = express.Router(); app.use("/api", api);
        fs.readdirSync(path.join(__dirname, "routes")).forEach((file) => { const name = file.split(".")[0]; app.use("/" + name, require("./routes/" + file)); });
        fs.readdirSync(path.join(__dirname, "setup")).map(async (file) => { (await import(\`./setup/\${file}\`)).default(api); });
        require("./late").forEach((f) => f(1));`,
      "routes/users.js": `const router = require("express").Router(); router.get("/:id", (q, s) => {}); module.exports = router;`,
      "routes/items.route.js": `const router = require("express").Router(); router.get("/", (q, s) => {}); module.exports = router;`,
      "setup/a.js": `export default (router) => { router.post("/a", () => {}); };`,
      "alone.js": `module.exports = function (app) { app.get("/alone", (req, res) => {}); };`,
      "other.js": `module.exports = function (cache) { cache.get("/key", () => {}); };`,
    }),
    ["GET /alone", "GET /items", "GET /users/:id", "POST /api/a"],
  );
});

test("a wrapper that closes over the handler: the handler given is the one that runs", () => {
  assert.deepEqual(
    endpointLines({
      "app.js": `const express = require("express"); const app = express(); const router = express.Router(); const { list, make } = require("./handlers"); const eu = require("./wrap");
        function route(method, path, handler, done = plain) { router[method](path, (req, res) => { const result = handler(req); done(result); }); } function plain() {}
        route("get", "/list", list); eu.route(router, "post", "/make", make); app.use("/api", router);`,
      "wrap.js": `exports.route = function (router, method, path, handler) { router[method](path, (req, res, next) => run(req, res, handler, next)); }; function run(req, res, handler) { handler(req); }`,
      "handlers.js": `exports.list = (req) => {}; exports.make = async (req) => {};`,
    }),
    ["GET /api/list app.js list", "POST /api/make app.js make"],
  );
});

test("factories with arguments, one application however often it is asked for, lists that are maps, express-ws", () => {
  assert.deepEqual(
    routeLines({
      "app.ts": `import express from "express"; import { crud } from "./crud"; import { getApp } from "./one"; import "./three"; const app = getApp(); app.use("/u", crud("users")); app.use("/p", crud("posts"));
        for (const [url, file] of new Map([["/a.js", 1], ["/b.js", 2]])) app.get(url, (q, s) => s.send(file));`,
      "one.ts": `import express from "express"; import ws from "express-ws"; let app; export function getApp() { if (!app) app = ws(express()).app; return app; }`,
      "three.ts": `import { getApp } from "./one"; import { Router } from "express"; const r = Router(); getApp().use("/three", r); r.get("/:a/:rest*?", (q, s) => {}); Up.router(getApp()); class Up { static router(this: void, express: any) { express.get("/up", (q, s) => {}); } }`,
      "crud.ts":
        "import { Router } from 'express'; export function crud(name) { const r = Router(); r.get(`/${name}/:id`, (q, s) => {}); r.get('/all', (q, s) => {}); return r; }",
    }),
    [
      "GET /a.js",
      "GET /b.js",
      "GET /p/all",
      "GET /p/posts/:id",
      "GET /three/:a",
      "GET /three/:a/:rest*",
      "GET /u/all",
      "GET /u/users/:id",
      "GET /up",
    ],
  );
});

test("handlers behind a wrapper, taken out of what a module exports as an object of modules", () => {
  assert.deepEqual(
    endpointLines({
      "app.js": `const express = require("express"); const { users } = require("./controllers"); const app = express(); app.get("/users", users.list); app.route("/users/:id").get(users.one);`,
      "controllers/index.js": `module.exports.users = require("./users");`,
      "controllers/users.js": `const wrap = require("../wrap"); const list = wrap(async (req, res) => {}); const one = wrap(async (req, res) => {}); module.exports = { list, one };`,
      "wrap.js": `module.exports = (fn) => (req, res, next) => { Promise.resolve(fn(req, res, next)).catch(next); };`,
    }),
    ["GET /users app.js list", "GET /users/:id app.js one"],
  );
});

test("helpers with a rest parameter, on a name for module.exports; whoever says the path registers the route", () => {
  assert.deepEqual(
    endpointLines({
      "app.js": `const express = require("express"); const app = express(); const api = express.Router(); app.use("/v3", api); const { setup } = require("./helpers"); setup(api, "put", "/b", [mw], save); function save(q, s) {} function mw(q, s, n) {} require("./user")(app, "u", require("./controllers"));`,
      "user.js": `const helpers = require("./helpers"); module.exports = function (app, name, controllers) { helpers.page(app, \`/\${name}/:slug\`, [], controllers.one); app.get("/status(/hooks)?", helpers.tryRoute(controllers.one, (err, res) => {})); };`,
      "controllers.js": `const api = (module.exports = {}); api.one = async function one(req, res) {};`,
      "helpers.js": `const helpers = module.exports;
        helpers.setup = function (...args) { const [router, verb, name] = args; const before = args.length > 4 ? args[args.length - 2] : []; router[verb](name, before, helpers.tryRoute(args[args.length - 1])); };
        helpers.page = function (...args) { const [router, name] = args; const controller = args[args.length - 1]; router.get(name, helpers.tryRoute(controller)); router.get(\`/api\${name}\`, helpers.tryRoute(controller)); };
        helpers.tryRoute = function (controller, failed) { return async (req, res, next) => { try { await controller(req, res, next); } catch (error) { failed ? failed(error, res) : next(error); } }; };`,
    }),
    [
      "GET /api/u/:slug user.js one",
      "GET /status user.js one",
      "GET /status/hooks user.js one",
      "GET /u/:slug user.js one",
      "PUT /v3/b app.js save",
    ],
  );
});

test("functions that call one another on many ways are followed in bounded time", { timeout: 20_000 }, () => {
  const step = (n: number): string => {
    const next = `step${(n + 1) % 8}`;
    return `export function step${n}(a, b) { let it = a; it = ${next}(it, b); it = ${next}(b, it); it = ${next}(a, it);
      if (it.x) return ${next}(it, a); if (it.y) return ${next}(a, b); return it; }`;
  };
  assert.deepEqual(
    routeLines({
      "app.js": `import express from "express"; import { step0 } from "./steps"; const app = express();
        const tree = step0({ a: 1 }, { b: 2 }); tree.get("/x", () => {}); app.get("/y", (req, res) => res.end());`,
      "steps.js": Array.from({ length: 8 }, (_, n) => step(n)).join("\n"),
    }),
    ["GET /y"],
  );
});
