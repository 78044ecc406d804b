import assert from "node:assert/strict";
import { test } from "node:test";
import { activityLines, endpointLines, routeLines } from "../../kit/entries.ts";

test("hapi: one or many routes, options functions, plugin prefixes", () => {
  assert.deepEqual(
    routeLines({
      "server.ts": `import Hapi from "@hapi/hapi"; import users from "./users"; import { routes } from "./routes"; const init = async () => { const server = Hapi.server({ port: 1 }); server.route({ method: "GET", path: "/", handler: () => "ok" }); server.route(routes);
        await server.register([{ plugin: users, routes: { prefix: "/api" } }]); };`,
      "users.ts": `const users = { name: "users", register: async function (server, options) { server.route([{ method: ["PUT", "PATCH"], path: "/users/{id}", options: { handler: async (req, h) => {} } }, { method: "*", path: "/{any*}", handler: () => {} }]); } }; export default users;`,
      "routes.ts": `export const routes = [{ method: "DELETE", path: "/things/{id?}", handler: (r) => {} }];`,
    }),
    ["ALL /api/:any*", "DELETE /things", "DELETE /things/:id", "GET /", "PATCH /api/users/:id", "PUT /api/users/:id"],
  );
});

test("hapi: plugins loaded by name, lists that are made, joined and added to, another package's server", () => {
  assert.deepEqual(
    routeLines({
      "lib/server.js": `const Hapi = require("@hapi/hapi"); const server = new Hapi.Server({}); register(server, {}); async function register(server, config) { const names = ["a"]; if (config.b) names.push("b"); return names.map(async (name) => { await server.register({ plugin: require(\`../plugins/\${name}\`), options: {}, routes: { prefix: "/v4" } }); }); }`,
      "plugins/a.js": `const login = require("./login"); module.exports = { name: "a", register: async function (server, options) { server.route(login(options).concat([{ method: "GET", path: "/a", handler: () => 1 }])); } };`,
      "plugins/login.js": `const guest = () => [{ method: "GET", path: "/guest", handler: () => 1 }]; module.exports = (config) => [].concat(guest(), Object.keys(config.all).map((name) => ({ method: "POST", path: \`/login/\${name}\`, handler: () => 1 })));`,
      "plugins/b/index.js": `const info = require("./info"); const plugin = { name: "b", async register(server) { server.route([info({})]); } }; module.exports = plugin;`,
      "plugins/b/info.js": `module.exports = (config) => ({ method: "GET", path: "/b", options: { handler: async () => 1 } });`,
      "foreign/server.js": `import Base from "some-base"; import router from "./router.js"; async function plugins(server) { await server.register(router); } export async function init() { const server = await Base(); await plugins(server); }`,
      "foreign/router.js": `import enabled from "some-base/filter"; import { routes } from "./routes.js"; export default { name: "router", register: (server) => { const some = enabled(routes); server.route(some); } };`,
      "foreign/routes.js": `export const routes = []; routes.push({ method: "GET", path: "/bills/{id}", options: { handler: () => 1 } });`,
      "client.js": `export const client = { register: (api) => { api.route({ method: "GET", path: "/no", options: {} }); } };`,
    }),
    ["GET /bills/:id", "GET /v4/a", "GET /v4/b", "GET /v4/guest", "POST /v4/login/:name"],
  );
});

test("Elysia: groups whose callbacks chain on, a plugin that wraps another, instances handed to functions", () => {
  assert.deepEqual(
    routeLines({
      "index.ts": `import { Elysia } from "elysia"; import { users } from "./users"; import { metrics } from "./metrics"; const app = new Elysia(); app.use(metrics({})); app.group("/api", (api) => api.use(users(new Elysia(), db)));`,
      "users.ts": `import { Elysia } from "elysia"; export function users(app: Elysia, db) { return app.group("/users", (one) => one.use(auth).post("/", () => 1).get("/:id", () => 1).delete("/:id", () => 1)); }`,
      "metrics.ts": `import { Elysia } from "elysia"; const timed = <T extends Elysia>(config) => (app: T) => app.derive(() => ({})).onAfterHandle(() => {}); export function metrics<T extends Elysia>(config) { return (app: T) => { const inner = timed(config)(app); return inner.get("/metrics", () => 1).onStop(() => {}); }; }`,
    }),
    ["DELETE /api/users/:id", "GET /api/users/:id", "GET /metrics", "POST /api/users"],
  );
});

test("Elysia: prefixes, groups, plugins as instances and functions", () => {
  assert.deepEqual(
    routeLines({
      "index.ts": `import { Elysia } from "elysia"; import { users } from "./users"; import { plugin } from "./plugin"; new Elysia({ prefix: "/v1" }).use(users).use(plugin).group("/admin", (app) => app.get("/stats", () => 1)).get("/", () => "hi", { detail: {} }).listen(3000);`,
      "users.ts": `import { Elysia } from "elysia"; export const users = new Elysia({ prefix: "/users" }).get("/:id", ({ params }) => params.id).post("/", async () => {});`,
      "plugin.ts": `import { Elysia } from "elysia"; export const plugin = (app: Elysia) => app.delete("/gone", () => {});`,
    }),
    ["DELETE /v1/gone", "GET /v1", "GET /v1/admin/stats", "GET /v1/users/:id", "POST /v1/users"],
  );
});

test("Remix: loaders and actions by file name", () => {
  assert.deepEqual(
    routeLines({
      "app/root.tsx": `import "@remix-run/node";`,
      "app/routes/_index.tsx": `export async function loader() {}`,
      "app/routes/posts.$postId_.edit.tsx": `export const action = async ({ request }) => { if (request.method === "DELETE") { drop(); } if (request.method === "PUT") { save(); } };`,
      "app/routes/_auth.login.tsx": `export async function loader() {} export async function action() {}`,
      "app/routes/files.$.ts": `export const loader = guard(async () => {});`,
      "app/routes/sitemap[.]xml.ts": `export const loader = () => {};`,
      "app/routes/teams+/$team.tsx": `export const loader = () => {};`,
    }),
    [
      "DELETE /posts/:postId/edit",
      "GET /",
      "GET /files/:splat*",
      "GET /login",
      "GET /sitemap.xml",
      "GET /teams/:team",
      "POST /login",
      "PUT /posts/:postId/edit",
    ],
  );
});

test("Remix: routes that a file lists, with layouts and prefixes; code beside them is none", () => {
  assert.deepEqual(
    routeLines({
      "app/routes.ts": `import { type RouteConfig, index, layout, prefix, route } from "@react-router/dev/routes";
        const admin = [route("users", "./admin/users.tsx")];
        export default [ index("./home.tsx"), route("about/:lang?", "./about.tsx"), layout("./auth/layout.tsx", [ route("login", "./auth/login.tsx"), route("logout", "./auth/login.tsx", { id: "out" }) ]),
          route("teams/:team", "./team.tsx", [ route("members/*", "./members.tsx") ]), ...prefix("admin", admin) ] satisfies RouteConfig;`,
      "app/home.tsx": `export async function loader() {}`,
      "app/about.tsx": `export const loader = () => {};`,
      "app/auth/layout.tsx": `export default function Layout() { return null; }`,
      "app/auth/login.tsx": `export async function action() {}`,
      "app/team.tsx": `export async function loader() {}`,
      "app/members.tsx": `export { loader } from "./team";`,
      "app/admin/users.tsx": `export async function loader() {}`,
      "app/routes/unlisted.tsx": `export async function loader() {}`,
    }),
    [
      "GET /",
      "GET /about",
      "GET /about/:lang",
      "GET /admin/users",
      "GET /teams/:team",
      "GET /teams/:team/members/:splat*",
      "POST /login",
      "POST /logout",
    ],
  );
  assert.deepEqual(
    routeLines({
      "app/root.tsx": `import "@remix-run/node";`,
      "app/routes/($lang).news.tsx": `export const loader = () => {};`,
      "app/routes/(shop).cart.tsx": `export const loader = () => {};`,
      "app/routes/login.server.ts": `export const action = () => {};`,
      "app/routes/users/+shared/query.ts": `export const loader = () => {};`,
    }),
    ["GET /:lang/news", "GET /cart", "GET /news", "GET /shop/cart"],
  );
});

test("SvelteKit: server files, loads and actions", () => {
  const files = {
    "src/routes/api/items/[id=integer]/+server.ts": `export const GET = async () => {}; export function DELETE() {}`,
    "src/routes/@[user]/[[tab]]/+server.js": `export { GET } from "../handlers";`,
    "src/routes/@[user]/handlers.js": `export * from "../more.js";`,
    "src/routes/more.js": `export async function GET() {}`,
    "src/routes/(app)/blog/[...path]/+page.server.ts": `export const load = async () => {}; export const actions = { default: async () => {}, publish: async () => {} };`,
  };
  assert.deepEqual(routeLines(files), [
    "DELETE /api/items/:id",
    "GET /@:user",
    "GET /@:user/:tab",
    "GET /api/items/:id",
    "POST /blog/:path*",
    "POST /blog/:path*",
  ]);
  assert.deepEqual(activityLines(files), ["page /blog/:path* src/routes/(app)/blog/[...path]/+page.server.ts"]);
});

test("Nitro: methods in file names", () => {
  assert.deepEqual(
    endpointLines({
      "server/api/users/[id].put.ts": `export default defineEventHandler(async (event) => {});`,
      "server/api/users/index.ts": `export default defineEventHandler((event) => { if (event.method === "POST") { return 1; } });`,
      "server/routes/feed.xml.get.ts": `import { eventHandler } from "h3"; export default eventHandler(() => {});`,
      "server/api/util.ts": `export const x = 1;`,
    }),
    [
      "GET /feed.xml server/routes/feed.xml.get.ts default",
      "POST /api/users server/api/users/index.ts default",
      "PUT /api/users/:id server/api/users/[id].put.ts default",
    ],
  );
});

test("decorated controllers of other packages", () => {
  assert.deepEqual(
    routeLines({
      "app.ts": `import { createExpressServer } from "routing-controllers"; createExpressServer({ routePrefix: "/api", controllers: [] });`,
      "users.ts": `import { JsonController, Get, Delete } from "routing-controllers"; @JsonController("/users") export class Users { @Get("/:id") one() {} @Delete() all() {} }`,
      "pets.ts": `import { Route, Post } from "tsoa"; @Route("pets") export class Pets { @Post("{id}") feed() {} }`,
      "cars.ts": `import { controller, httpPut } from "inversify-express-utils"; @controller("/cars") export class Cars { @httpPut("/") put() {} }`,
      "own.ts": `import { RestController, Get } from "./decorators"; @RestController("/tags") export class Tags { @Get("/") all() {} }`,
      "decorators.ts": `export const RestController = (p) => (c) => c; export const Get = (p) => (c) => c;`,
      "src/api/store/products/[id]/route.ts": `import { x } from "@medusajs/framework"; export const GET = async (req, res) => {};`,
      "loop.ts": `import { get } from "@loopback/rest"; export class Ping { @get("/ping/{x}") ping() {} }`,
    }),
    [
      "DELETE /api/users",
      "GET /api/users/:id",
      "GET /ping/:x",
      "GET /store/products/:id",
      "GET /tags",
      "POST /pets/:id",
      "PUT /cars",
    ],
  );
});

test("GraphQL resolver maps and Lambda handlers", () => {
  const files = {
    "server.ts": `import { ApolloServer } from "@apollo/server"; import { users } from "./users"; const resolvers = { Query: { ...users, me: guard(async () => {}) }, User: { posts(parent) {} }, Date: scalar }; new ApolloServer({ resolvers });`,
    "users.ts": `export const users = { users: () => [] };`,
    "queue.ts": `import type { SQSHandler, ScheduledEvent } from "aws-lambda"; export const consume: SQSHandler = async (event) => {}; export async function nightly(event: ScheduledEvent) {} export const helper = () => {};`,
  };
  assert.deepEqual(routeLines(files), ["POST /graphql", "POST /graphql", "POST /graphql"]);
  assert.deepEqual(activityLines(files), ["consumer queue.ts#consume queue.ts", "cron queue.ts#nightly queue.ts"]);
});

test("tables with routes for keys: rows of functions and of objects, Sails actions; not a client's, a test's or a half table", () => {
  assert.deepEqual(
    endpointLines({
      "server.js": `const express = require("express"); const routes = require("./routes"); const app = express(); const all = routes({}); Object.keys(all).forEach((key) => { const [method, path] = key.split(" "); app[method](path, all[key].controller); });`,
      "routes.js": `const UserController = require("./user"); module.exports = function getRoutes(db) { const users = UserController(db); const core = { "get /users/:id": { authenticated: true, controller: users.show }, "post /users": { controller: users.create } }; return core; };`,
      "user.js": `module.exports = function (db) { async function show(req, res) {} async function create(req, res) {} return Object.freeze({ show, create }); };`,
      "plugin.js": `const wrap = require("express-async-handler"); async function ping(req, res) {} module.exports = () => ({ "GET /ping": wrap(ping) });`,
      "config/routes.js": `module.exports.routes = { "GET /account": { action: "account/view" }, "POST /pet": "PetController.create", "/home": { view: "home" }, "GET /old": { redirect: "/" } };`,
      "api/controllers/account/view.js": `module.exports = { friendlyName: "View", fn: async function view() {} };`,
      "api/controllers/PetController.js": `module.exports = { create: async function create(req, res) {} };`,
      "labels.js": `export const labels = { "get /users": "List users" };`,
      "mixed.js": `const f = () => {}; export const mixed = { title: "x", "get /mixed": f };`,
      "routes.test.js": `const f = () => {}; const routes = { "get /fake": f };`,
    }),
    [
      "GET /account config/routes.js fn",
      "GET /ping plugin.js ping",
      "GET /users/:id routes.js exports.show",
      "POST /pet config/routes.js create",
      "POST /users routes.js exports.create",
    ],
  );
});

test("tables mounted under a prefix, keys taken apart; rows that say method, path and handler; each only once", () => {
  assert.deepEqual(
    endpointLines({
      "app.js": `const express = require("express"); const app = express(); const api = express.Router(); app.use("/api", api); const { table, rows } = require("./tables");
        Object.keys(table).forEach((key) => { const [method, path] = key.split(" "); api[method](path, table[key]); });
        rows.forEach((row) => { api[row.method.toLowerCase()](row.path, ...row.before, row.handler); }); require("./walk")(api);`,
      "tables.js": `const f = require("./handlers"); const table = { "get /users/:id": f.show, "post /users": f.save }; const more = [{ method: "GET", path: "/u", before: [], handler: f.list }]; const rows = [...more, { method: "PATCH", path: "/p", before: [f.list], handler: (q, s) => {} }]; module.exports = { table, rows };`,
      "handlers.js": `exports.show = (q, s) => {}; exports.save = (q, s) => {}; exports.list = (q, s) => {};`,
      "walk.js": `module.exports = function (router) { walk(__dirname, (file) => each(require(file), (it) => router[it.method](it.url, it.handler))); };`,
      "controllers/tasks.js": `const api = {}; api.createTask = { method: "POST", url: "/tasks/:id?", middlewares: [x], async handler(req, res) {} }; module.exports = api;`,
      "client.js": `export const calls = [{ method: "GET", path: "/elsewhere" }, { method: "GET", path: "https://x.com", handler: (r) => {} }];`,
    }),
    [
      "GET /api/u tables.js list",
      "GET /api/users/:id tables.js show",
      "PATCH /api/p tables.js handler",
      "POST /api/users tables.js save",
      "POST /tasks controllers/tasks.js handler",
      "POST /tasks/:id controllers/tasks.js handler",
    ],
  );
});

test("AdonisJS: verbs, groups with prefixes, resources; controllers as pairs, lazily imported, by name", () => {
  assert.deepEqual(
    endpointLines({
      "start/routes.ts": `import router from "@adonisjs/core/services/router"; const UsersController = () => import("#controllers/users_controller"); import PostsController from "../app/controllers/posts_controller.js"; router.get("/", async () => "home"); router.group(() => { router.get("users/:id", [UsersController, "show"]); router.group(() => { router.delete("/cache", ({ response }) => response.send("")); }).prefix("/admin").middleware([]); router.resource("posts", PostsController).apiOnly(); }).prefix("/api/v1");`,
      "app/controllers/users_controller.ts": `export default class UsersController { async show({ params }) {} }`,
      "app/controllers/posts_controller.ts": `export default class PostsController { async index() {} async create() {} async update() {} }`,
      "old/routes.ts": `import Route from "@ioc:Adonis/Core/Route"; Route.post("/login", "AuthController.login");`,
      "old/app/Controllers/Http/AuthController.ts": `export default class AuthController { public async login() {} }`,
    }),
    [
      "DELETE /api/v1/admin/cache start/routes.ts <2>.<1>.<1>",
      "GET / start/routes.ts <1>",
      "GET /api/v1/posts start/routes.ts PostsController.index",
      "GET /api/v1/users/:id start/routes.ts UsersController.show",
      "PATCH /api/v1/posts/:id start/routes.ts PostsController.update",
      "POST /login old/routes.ts AuthController.login",
      "PUT /api/v1/posts/:id start/routes.ts PostsController.update",
    ],
  );
});

test("AdonisJS: narrowed and shallow resources, pages without code, action classes, version 4", () => {
  assert.deepEqual(
    endpointLines({
      "start/routes.ts": `import router from "@adonisjs/core/services/router"; import Posts from "../app/posts.js"; import Search from "../app/search.js";
        router.resource("posts", Posts).only(["index", "show"]); router.shallowResource("posts.comments", Posts).apiOnly().except(["index", "update", "destroy"]); router.on("/about").render("about"); router.route("/both", ["GET", "POST"], () => {}); router.get("/search", [Search]);`,
      "app/posts.ts": `class Base { async show() {} } export default class Posts extends Base { async index() {} async store() {} async update() {} async destroy() {} }`,
      "app/search.ts": `export default class Search { async asController(ctx) { return this.handle(); } async handle() {} }`,
      "v4/start/routes.js": `const Route = use("Route"); Route.group(() => { Route.get("items", "ItemController.index"); }).prefix("api");`,
      "v4/app/Controllers/Http/ItemController.js": `class ItemController { async index() {} } module.exports = ItemController;`,
    }),
    [
      "GET /about start/routes.ts -",
      "GET /api/items v4/start/routes.js ItemController.index",
      "GET /both start/routes.ts <1>",
      "GET /comments/:id start/routes.ts Base.show",
      "GET /posts start/routes.ts Posts.index",
      "GET /posts/:id start/routes.ts Base.show",
      "GET /search start/routes.ts Search.asController",
      "POST /both start/routes.ts <1>",
      "POST /posts/:post_id/comments start/routes.ts Posts.store",
    ],
  );
});

test("Feathers: the methods of a service on its path, those that are served", () => {
  assert.deepEqual(
    endpointLines({
      "src/app.ts": `import { feathers } from "@feathersjs/feathers"; import express from "@feathersjs/express"; import { MessageService } from "./messages"; const app = express(feathers()); app.use("messages", new MessageService(), { methods: ["find", "get", "create"] }); app.use(express.json()); app.use("/users", new UserService()); class UserService { async find() { return []; } async remove(id) {} helper() {} }`,
      "src/messages.ts": `class Base { async get(id) {} } export class MessageService extends Base { async find(params) {} async create(data) {} async remove(id) {} }`,
    }),
    [
      "DELETE /users/:id src/app.ts UserService.remove",
      "GET /messages src/app.ts MessageService.find",
      "GET /messages/:id src/app.ts Base.get",
      "GET /users src/app.ts UserService.find",
      "POST /messages src/app.ts MessageService.create",
    ],
  );
});
