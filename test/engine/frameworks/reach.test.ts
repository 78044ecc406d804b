import assert from "node:assert/strict";
import { test } from "node:test";
import type { Files } from "../../kit/workspace.ts";
import { workspaceOf } from "../../kit/workspace.ts";

const app = (body: string): string => `import express from "express"; const app = express(); ${body}`;

/** Routes that reach the function with this name. */
function routesTo(files: Files, name: string): readonly string[] {
  const { analysis, files: summaries } = workspaceOf(files);
  for (const file of summaries.values()) {
    const f = file.functions.findIndex((it) => it.name === name);
    if (f >= 0)
      return analysis
        .reach({ file, f })
        .chains.flatMap((it) => (it.entry.kind === "endpoint" ? [it.entry.route] : []))
        .sort();
  }
  throw new Error(`no function ${name}`);
}

test("dependencies that come in by a constructor, a factory's options or an interface", () => {
  const files = {
    "app.js":
      app(`import { Users } from "./users"; import { Store } from "./store"; import { makeOrders } from "./orders"; const users = new Users(new Store()); const orders = makeOrders({ store: new Store() });
      app.get("/users", (req, res) => users.list()); app.get("/orders", (req, res) => orders.place());`),
    "users.js": `export class Users { constructor(store) { this.store = store; } list() { return this.store.all(); } }`,
    "orders.js": `export function makeOrders({ store }) { return { place() { return store.save(); } }; }`,
    "store.js": `export class Store { all() {} save() {} }`,
  };
  assert.deepEqual(routesTo(files, "Store.all"), ["/users"]);
  assert.deepEqual(routesTo(files, "Store.save"), ["/orders"]);
  const typed = {
    "app.ts": app(
      `import type { Mailer } from "./mailer"; import { mailer } from "./smtp"; function handler(m: Mailer) { return () => m.send(); } app.post("/mail", handler(mailer));`,
    ),
    "mailer.ts": `export interface Mailer { send(): Promise<void>; }`,
    "smtp.ts": `import type { Mailer } from "./mailer"; export const mailer: Mailer = { async send() { return deliver(); } }; function deliver() {}`,
  };
  assert.deepEqual(routesTo(typed, "deliver"), ["/mail"]);
});

test("exports beside an unknown spread", () => {
  const files = {
    "app.js": app(
      `const utils = require("./utils"); app.get("/a", () => utils.own()); app.get("/b", () => utils.shared());`,
    ),
    "utils.js": `const other = require("./other"); function own() {} module.exports = { own, ...load(), ...other };`,
    "other.js": `exports.shared = function shared() {};`,
  };
  assert.deepEqual(routesTo(files, "own"), ["/a"]);
  assert.deepEqual(routesTo(files, "shared"), ["/b"]);
});

test("tables of functions, traced types, super constructors", () => {
  assert.deepEqual(
    routesTo(
      {
        "app.ts": app(
          `const byKind = { a: doA, b: doB }; function doA() {} function doB() {} app.get("/t/:kind", (req) => byKind[req.params.kind]());`,
        ),
      },
      "doB",
    ),
    ["/t/:kind"],
  );
  assert.deepEqual(
    routesTo(
      {
        "app.ts": app(
          `type Traced<T> = T & { trace: string }; class Svc { go() {} } class C { svc: Traced<Svc>; constructor(svc: Traced<Svc>) { this.svc = svc; } run() { this.svc.go(); } } const c = new C(null as any); app.get("/go", () => c.run());`,
        ),
      },
      "Svc.go",
    ),
    ["/go"],
  );
  assert.deepEqual(
    routesTo(
      {
        "app.ts": app(
          `class Base { constructor() { warm(); } } class Sub extends Base { constructor() { super(); } } function warm() {} app.get("/new", () => { new Sub(); });`,
        ),
      },
      "warm",
    ),
    ["/new"],
  );
});

test("an adapter's closure does not mix its controllers up", () => {
  const files = {
    "app.ts": app(
      `import { adapt } from "./adapt"; import { Make, List } from "./controllers"; app.post("/make", adapt(new Make())); app.get("/list", adapt(new List()));`,
    ),
    "adapt.ts": `import type { Controller } from "./controller"; export const adapt = (controller: Controller) => async (req, res) => { await controller.handle(req); };`,
    "controller.ts": `export interface Controller { handle(r: unknown): Promise<void>; }`,
    "controllers.ts": `import type { Controller } from "./controller"; export class Make implements Controller { async handle() { make(); } } export class List implements Controller { async handle() { list(); } } function make() {} function list() {}`,
  };
  assert.deepEqual(routesTo(files, "make"), ["/make"]);
  assert.deepEqual(routesTo(files, "list"), ["/list"]);
});

test("what tests call is reached by tests, what nothing calls by nothing", () => {
  const { analysis, files } = workspaceOf({
    "a.ts": `export function a() {} export function b() {}`,
    "a.test.ts": `import { a } from "./a"; test("a", () => { a(); });`,
  });
  const file = files.get("a.ts")!;
  const kinds = (f: number): readonly string[] => analysis.reach({ file, f }).chains.map((it) => it.entry.kind);
  assert.deepEqual(kinds(1), ["test"]);
  assert.deepEqual(kinds(2), []);
});

test("what a wrapper makes of a function runs it, where it is called and nowhere else", () => {
  const files = {
    "app.ts": app(
      `import { program, loaded, retried, other } from "./lib"; import { Store } from "./store"; const store = new Store(); app.get("/a", () => program(1)); app.get("/b", () => loaded()); app.get("/c", () => retried(2)); app.get("/d", () => store.run());`,
    ),
    "lib.ts": `import { cache } from "react"; import { memo } from "some-memo"; import { retrying } from "./retry"; export const program = cache(memo(async (id) => one())); export const loaded = memo(load); async function load() { two(); } function one() {} function two() {} export const retried = retrying(async () => three()); function three() {} export const other = retrying(async () => four()); function four() {}`,
    "retry.ts": `export function retrying(fn) { return async (...args) => { try { return await fn(...args); } catch { return fn(...args); } }; }`,
    "store.ts": `import { memo } from "some-memo"; export class Store { load = memo(async () => five()); run() { return this.load(); } } function five() {}`,
  };
  assert.deepEqual(routesTo(files, "one"), ["/a"]);
  assert.deepEqual(routesTo(files, "two"), ["/b"]);
  assert.deepEqual(routesTo(files, "three"), ["/c"]);
  assert.deepEqual(routesTo(files, "four"), []);
  assert.deepEqual(routesTo(files, "five"), ["/d"]);
});

test("an interface that each process implements for itself", () => {
  const packages = {
    "api/package.json": "{}",
    "core/package.json": "{}",
    "widget/package.json": "{}",
    "core/table.ts": `export interface Loader { load(): void; }
      export class Table { constructor(private readonly loader: Loader) {} open() { return this.loader.load(); } }`,
    "core/http.ts": `export function ask() {}`,
    "api/app.ts":
      app(`import { Table } from "../core/table"; import { own } from "./own"; import { StoredLoader } from "./loader";
      app.get("/table", (req: { table: Table }) => req.table.open()); app.get("/own", () => own());
      export const loader = new StoredLoader();`),
    "api/loader.ts": `import type { Loader } from "../core/table";
      export class StoredLoader implements Loader { load() { return stored(); } } function stored() {}`,
    "api/own.ts": `import { ask } from "../core/http"; export function own() { return step(); } function step() { return ask(); }`,
    "widget/loader.ts": `import { Table } from "../core/table"; import { ask } from "../core/http";
      export class AskingLoader implements Loader { load() { return ask(); } }
      import type { Loader } from "../core/table"; export const widget = new Table(new AskingLoader());`,
  };
  assert.deepEqual(routesTo(packages, "stored"), ["/table"]);
  // Nearer by way of the widget, which the API does not load; its own way is longer and stays.
  assert.deepEqual(routesTo(packages, "ask"), ["/own"]);
  // Something that loads both may put them together.
  const together = { ...packages, "main.ts": `import "./api/app"; import "./widget/loader";` };
  assert.deepEqual(routesTo(together, "ask"), ["/own", "/table"]);
});

test("middleware is on the path of what is registered after it, under its own path alone", () => {
  const hit = `export function hit() {} export const auth = (req, res, next) => { hit(); next(); };`;
  const files = {
    "app.ts": app(
      `import { auth } from "./auth"; import items from "./items"; app.get("/before", () => {}); app.use("/api", auth, items); app.get("/after", () => {});`,
    ),
    "items.ts": `import { Router } from "express"; const router = Router(); router.get("/items", () => {}); export default router;`,
    "auth.ts": hit,
  };
  assert.deepEqual(routesTo(files, "hit"), ["/api/items"]);
  const factory = {
    "app.ts": app(
      `import { setup } from "./setup"; import routes from "./routes"; setup(app); routes(app); app.use((req, res) => missing());
       app.use((error, req, res, next) => failed()); function missing() {} function failed() {}`,
    ),
    "setup.ts": `import { auth } from "./auth"; export const setup = (app) => { app.use(auth); };`,
    "routes.ts": `export default (app) => { app.get("/a", () => {}); app.get("/b", () => {}); };`,
    "auth.ts": hit,
  };
  assert.deepEqual(routesTo(factory, "hit"), ["/a", "/b"]);
  assert.deepEqual(routesTo(factory, "missing"), []);
  assert.deepEqual(routesTo(factory, "failed"), []);
  const hono = {
    "app.ts": `import { Hono } from "hono"; const app = new Hono(); app.use("/api/*", async (c, next) => { hit(); await next(); }); function hit() {}
      app.get("/api/a", (c) => c.text("")); app.get("/b", (c) => c.text(""));`,
  };
  assert.deepEqual(routesTo(hono, "hit"), ["/api/a"]);
  const fastify = {
    "app.ts": `import fastify from "fastify"; import { plugin } from "./plugin"; const app = fastify(); app.get("/a", async () => {}); app.register(plugin, { prefix: "/p" });`,
    "plugin.ts": `export async function plugin(app) { app.addHook("preHandler", async () => { hit(); }); app.get("/b", async () => {}); } function hit() {}`,
  };
  assert.deepEqual(routesTo(fastify, "hit"), ["/p/b"]);
});

test("global guards, middleware and pipes of a Nest application", () => {
  const main = `import { NestFactory } from "@nestjs/core"; import { M } from "./m"; async function main() { const app = await NestFactory.create(M); await app.listen(1); } main();`;
  const cats = `import { Controller, Get, Param } from "@nestjs/common"; import { P } from "./p"; @Controller("cats") export class Cats { @Get() all() {} @Get(":id") one(@Param("id", P) id: string) {} }
    @Controller("dogs") export class Dogs { @Get() all() {} }`;
  const module = (rest: string): string =>
    `import { Module } from "@nestjs/common"; import { APP_GUARD } from "@nestjs/core"; import { Cats, Dogs } from "./c"; import { G } from "./g"; @Module({ controllers: [Cats, Dogs], ${rest}`;
  const files = {
    "main.ts": main,
    "c.ts": cats,
    "g.ts": `export class G { canActivate() { return guarded(); } use(req, res, next) { passed(); } } function guarded() {} function passed() {}`,
    "p.ts": `export class P { transform(v) { return piped(v); } } function piped(v) {}`,
  };
  const guard = { ...files, "m.ts": module(`providers: [{ provide: APP_GUARD, useClass: G }] }) export class M {}`) };
  assert.deepEqual(routesTo(guard, "guarded"), ["/cats", "/cats/:id", "/dogs"]);
  assert.deepEqual(routesTo(guard, "piped"), ["/cats/:id"]);
  const middleware = (to: string) => ({
    ...files,
    "m.ts": module(`}) export class M { configure(consumer) { consumer.apply(G).forRoutes(${to}); } }`),
  });
  assert.deepEqual(routesTo(middleware(`"*"`), "passed"), ["/cats", "/cats/:id", "/dogs"]);
  assert.deepEqual(routesTo(middleware("Dogs"), "passed"), ["/dogs"]);
  assert.deepEqual(routesTo(middleware(`{ path: "cats", method: 0 }`), "passed"), ["/cats"]);
});

test("getters, elements of lists, what maps hold, long tables", () => {
  const getter = {
    "app.ts": app(
      `class Base { get client() { return hit(); } } class Store extends Base { all() { return this.client.rows; } } function hit() { return { rows: [] }; } app.get("/a", () => new Store().all());`,
    ),
  };
  assert.deepEqual(routesTo(getter, "hit"), ["/a"]);
  const find = {
    "app.ts": app(
      `class A { ok() { return true; } go() { hit(); } } const all = [new A()].filter((it) => it.ok()); function hit() {} app.get("/a", () => { const one = all.find((it) => it.ok()); one?.go(); });`,
    ),
  };
  assert.deepEqual(routesTo(find, "hit"), ["/a"]);
  const map = {
    "app.ts": app(
      `import { handlers } from "./handlers"; app.get("/a", (req) => { const handle = handlers.get(req.query.kind); handle?.(req); });`,
    ),
    "handlers.ts": `export const handlers = new Map([["a", first]]); handlers.set("b", () => second()); function first() {} function second() {}`,
  };
  assert.deepEqual(routesTo(map, "first"), ["/a"]);
  assert.deepEqual(routesTo(map, "second"), ["/a"]);
  const handed = {
    "app.ts": app(
      `import { Registry } from "./registry"; const registry = new Registry(); async function run(kind) { const [handlers] = await registry.load(); return handlers.get(kind)?.handle(); } app.get("/a", (req) => run(req.query.kind));
       app.get("/b", (req) => registry.own.get(req.query.kind)?.());`,
    ),
    "registry.ts": `class Job { handle() { hit(); } } export class Registry { own = new Map(); constructor() { this.own.set("x", () => held()); } async load() { const handlers = new Map(); handlers.set("job", new Job()); return [handlers, 1]; } } function hit() {} function held() {}`,
  };
  assert.deepEqual(routesTo(handed, "hit"), ["/a"]);
  assert.deepEqual(routesTo(handed, "held"), ["/b"]);
  const names = [...Array(90).keys()].map((it) => `f${it}`);
  const table = {
    "app.ts": app(
      `${names.map((it) => `function ${it}() {}`).join(" ")} const table = { ${names.map((it) => `[KINDS.${it}]: ${it}`).join(", ")} }; app.get("/a", (req) => { const run = table[req.query.kind]; return run ? run() : null; });`,
    ),
  };
  assert.deepEqual(routesTo(table, "f89"), ["/a"]);
});

test("methods and statics of a Mongoose schema", () => {
  const files = {
    "app.ts": app(
      `import { User } from "./user"; import { Team } from "./team"; app.get("/a", async () => { const user = await User.findOne({ id: 1 }); await user.check("x"); }); app.get("/b", () => User.byMail("x")); app.get("/c", () => Team.byMail("x"));`,
    ),
    "user.ts": `import mongoose from "mongoose"; const schema = new mongoose.Schema({}, { methods: { check() { checked(); } } }); schema.statics.byMail = async function () { user(); }; function checked() {} function user() {} export const User = mongoose.model("User", schema);`,
    "team.ts": `import mongoose from "mongoose"; const schema = new mongoose.Schema({}); schema.static("byMail", async () => { team(); }); function team() {} export const Team = mongoose.model("Team", schema);`,
  };
  assert.deepEqual(routesTo(files, "checked"), ["/a"]);
  assert.deepEqual(routesTo(files, "user"), ["/b"]);
  assert.deepEqual(routesTo(files, "team"), ["/c"]);
});

test("what a container gives under a declared type, and dependencies whose type says nothing", () => {
  const declared = {
    "app.ts": app(
      `import { container } from "some-container"; import { Users } from "./users"; const users: Users = container.get("users"); app.get("/a", () => users.list());`,
    ),
    "users.ts": `export class Users { list() { hit(); } } function hit() {}`,
  };
  assert.deepEqual(routesTo(declared, "hit"), ["/a"]);
  const any = {
    "app.ts": app(
      `import { makeStore } from "./store"; import { makeUsers } from "./users"; const users = makeUsers({ store: makeStore() }); app.get("/a", users.list);`,
    ),
    "users.ts": `export const makeUsers = ({ store }: { store: any }) => ({ list: async () => store.find() });`,
    "store.ts": `export const makeStore = () => { const find = () => hit(); return { find }; }; function hit() {}`,
  };
  assert.deepEqual(routesTo(any, "hit"), ["/a"]);
});

test("what a runner calls by where it lies is still run by what it is written in", () => {
  const files = {
    "app.ts": app(`import { add } from "./seed/add"; app.post("/a", () => add([1]));`),
    "seed/add.ts": `export async function add(items) { await transaction(async function inner() { hit(); }); } function transaction(work) { return work(); } function hit() {}`,
  };
  assert.deepEqual(routesTo(files, "hit"), ["/a"]);
});

test("what Nuxt imports by itself", () => {
  const files = {
    "web/nuxt.config.ts": `export default defineNuxtConfig({});`,
    "web/server/api/users.get.ts": `export default defineEventHandler(async () => listUsers());`,
    "web/server/utils/users.ts": `export async function listUsers() { return slugOf("x"); }`,
    "web/shared/utils/slug.ts": `export const slugOf = (it) => it;`,
    "other/server/utils/users.ts": `export async function listUsers() {}`,
  };
  assert.deepEqual(routesTo(files, "slugOf"), ["/api/users"]);
});

test("what runs before every request of SvelteKit and Nitro, and cached functions that Nuxt imports by itself", () => {
  const svelte = {
    "src/hooks.server.ts": `import { sequence } from "@sveltejs/kit/hooks"; const auth = async ({ event, resolve }) => { hit(); return resolve(event); }; function hit() {} export const handle = sequence(auth, async ({ event, resolve }) => resolve(event));`,
    "src/routes/api/+server.ts": `export const GET = async () => new Response("");`,
  };
  assert.deepEqual(routesTo(svelte, "hit"), ["/api"]);
  const nuxt = {
    "nuxt.config.ts": `export default defineNuxtConfig({});`,
    "server/middleware/auth.ts": `export default defineEventHandler(async (event) => { hit(); }); function hit() {}`,
    "server/api/a.get.ts": `export default defineEventHandler(async () => cached("x"));`,
    "server/utils/cached.ts": `export const cached = defineCachedFunction(async (it) => { return work(it); }, {}); function work(it) {}`,
  };
  assert.deepEqual(routesTo(nuxt, "hit"), ["/api/a"]);
  assert.deepEqual(routesTo(nuxt, "work"), ["/api/a"]);
});
