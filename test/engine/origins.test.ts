/** Which object a call is made on: told by what the call means, through the ways that real projects write. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Files, workspaceOf } from "../kit/workspace.ts";

/** Meanings of the queries in one file, `count recipe`. */
function queriesIn(path: string, files: Files): readonly string[] {
  const { analysis, files: summaries } = workspaceOf(files);
  void analysis.graph;
  return analysis
    .meant(summaries.get(path)!)
    .flatMap(({ meaning }) => (meaning.kind === "query" ? [`${meaning.action} ${meaning.table}`] : []));
}

const generated = `
  import { PrismaClient } from "../generated/prisma/client";
  const globalForPrisma = globalThis as unknown as { prisma?: PrismaClient };
  export const prisma = globalForPrisma.prisma ?? new PrismaClient();`;

test("a client generated into the project, where git does not keep it", () => {
  assert.deepEqual(
    queriesIn("src/list.ts", {
      "src/db.ts": generated,
      "src/list.ts": `import { prisma } from "./db"; export const n = () => prisma.recipe.count();`,
    }),
    ["count recipe"],
  );
});

test("a service class of a generated client, and a transaction handed in", () => {
  assert.deepEqual(
    queriesIn("src/list.ts", {
      "src/prisma.service.ts": `import { PrismaClient } from "src/generated/prisma/client";
        export class PrismaService extends PrismaClient {}`,
      "src/list.ts": `import { PrismaService } from "./prisma.service";
        import type { Prisma } from "src/generated/prisma/client";
        export class List {
          constructor(private readonly prisma: PrismaService) {}
          all() { return this.prisma.recipe.findMany(); }
          some(tx: Prisma.TransactionClient | null) { return (tx || this.prisma).recipe.count(); }
        }`,
    }),
    ["list recipe", "count recipe"],
  );
});

test("a facade that hands on what a generator wrote", () => {
  assert.deepEqual(
    queriesIn("src/list.ts", {
      "src/prisma.ts": `import { PrismaClient as Generated, Prisma as GeneratedPrisma } from "../generated/prisma/client";
        import type { PrismaClient as Type } from "../generated/prisma/client";
        export const PrismaClient = Generated;
        export type PrismaClient<T = never> = Type<T>;
        export const Prisma = GeneratedPrisma;
        export namespace Prisma { export type TransactionClient = Internal.TransactionClient; }`,
      "src/client.ts": `import { PrismaClient } from "./prisma";
        const make = (): PrismaClient => new PrismaClient();
        export const prisma: PrismaClient = (globalThis as any).prisma ?? make();`,
      "src/index.ts": `export * from "./client";`,
      "src/list.ts": `import { prisma } from "./index"; import { Prisma } from "./prisma";
        export const n = () => prisma.recipe.count();
        export const m = (tx: Prisma.TransactionClient) => tx.recipe.findMany();`,
    }),
    ["count recipe", "list recipe"],
  );
});

test("a library's type out of a module that passes several on whole", () => {
  assert.deepEqual(
    queriesIn("src/list.ts", {
      "src/db.ts": `export * from "@prisma/client"; export * from "./other";`,
      "src/other.ts": `export interface Options { readonly size: number }`,
      "src/list.ts": `import type { PrismaClient, Options } from "./db";
        export const n = (given: { prisma: PrismaClient; options: Options }) => given.prisma.recipe.count();`,
    }),
    ["count recipe"],
  );
});

const trpc = (context: string, type: string): Files => ({
  "src/db.ts": `import { PrismaClient } from "@prisma/client"; export const prisma = new PrismaClient();`,
  "src/trpc.ts": `import { initTRPC } from "@trpc/server"; import { prisma } from "./db";
    ${context}
    const t = initTRPC.context<${type}>().create({ transformer: {} });
    const isAuthed = t.middleware(({ ctx, next }) => next({ ctx: { user: ctx.user } }));
    const traced = t.procedure.use(isAuthed);
    export const procedure = traced.use(({ ctx, next }) => next({ ctx }));
    export const router = t.router;`,
  "src/list.ts": `import { procedure, router } from "./trpc";
    export const recipes = router({
      list: procedure.input(z.object({})).query(async ({ ctx, input }) => ctx.prisma.recipe.count()),
      all: procedure.query((opts) => opts.ctx.prisma.recipe.findMany()),
    });`,
});

test("what a tRPC context holds, by the function that makes it or by its type", () => {
  const inner = `const makeInner = (opts: { user: string }) => ({ user: opts.user, prisma });`;
  const both = ["count recipe", "list recipe"];
  assert.deepEqual(
    queriesIn(
      "src/list.ts",
      trpc(
        `${inner} export const createContext = async () => { const user = await who(); return makeInner({ user }); };`,
        "typeof createContext",
      ),
    ),
    both,
  );
  assert.deepEqual(
    queriesIn(
      "src/list.ts",
      trpc(
        `export const createContext = async () => ({ prisma }); type Context = Awaited<ReturnType<typeof createContext>>;`,
        "Context",
      ),
    ),
    both,
  );
  assert.deepEqual(
    queriesIn(
      "src/list.ts",
      trpc(`import type { PrismaClient } from "@prisma/client"; interface Context { prisma: PrismaClient }`, "Context"),
    ),
    both,
  );
});

test("Sequelize models that files define for the index that makes the connection", () => {
  assert.deepEqual(
    queriesIn("lib/area.js", {
      "models/index.js": `const Sequelize = require("sequelize");
        const sequelize = new Sequelize("main", null, null, config);
        const AreaModel = require("./area");
        const models = { Area: AreaModel(sequelize, Sequelize) };
        const db = { ...models, sequelize };
        module.exports = db;`,
      "models/area.js": `module.exports = (sequelize, DataTypes) => {
        const area = sequelize.define("t_area", { id: { type: DataTypes.UUID, primaryKey: true } }, {});
        return area;
      };`,
      "lib/area.js": `const db = require("../models"); module.exports = async () => db.Area.findAll();`,
    }),
    ["list t_area"],
  );
});

test("a client kept on globalThis between reloads, by assignment or by its type", () => {
  assert.deepEqual(
    queriesIn("src/list.ts", {
      "src/db.ts": `import { drizzle, type PostgresJsDatabase } from "drizzle-orm/postgres-js";
        import * as schema from "./schema";
        type Database = PostgresJsDatabase<typeof schema>;
        const kept = globalThis as unknown as { db?: Database };
        if (!kept.db) kept.db = drizzle("url", { schema });
        export const db: Database = kept.db;`,
      "src/other.js": `import { PrismaClient } from "@prisma/client";
        let prisma;
        if (!global.prisma) global.prisma = new PrismaClient();
        prisma = global.prisma;
        export default prisma;`,
      "src/schema.ts": `import { pgTable, text } from "drizzle-orm/pg-core"; export const recipes = pgTable("recipes", { id: text("id") });`,
      "src/list.ts": `import { db } from "./db"; import prisma from "./other";
        export const n = () => db.query.recipes.findMany();
        export const m = () => prisma.recipe.count();`,
    }),
    ["list recipes", "count recipe"],
  );
});

test("conditions that a stored, mutable builder was given beside the chain", () => {
  const filters = (body: string): readonly string[] => {
    const { analysis, files } = workspaceOf({
      "src/list.ts": `import { knex as make } from "knex"; const knex = make({ client: "pg" });
        export async function run(match, id) { ${body} }`,
    });
    return analysis
      .meant(files.get("src/list.ts")!)
      .flatMap(({ meaning }) => (meaning.kind === "query" ? [`${meaning.action} ${meaning.filter.given}`] : []));
  };
  assert.deepEqual(filters(`await knex("links").delete();`), ["delete no"]);
  assert.deepEqual(filters(`const q = knex("links"); q.where({ id }); await q.delete();`), ["delete yes"]);
  assert.deepEqual(filters(`const q = knex("links"); if (id) q.where({ id }); await q.delete();`), ["delete unknown"]);
  assert.deepEqual(
    filters(
      `const q = knex("links"); Object.entries(match).forEach(([k, v]) => { q.andWhere(k, v); }); await q.delete();`,
    ),
    ["delete unknown"],
  );
  assert.deepEqual(filters(`const q = knex("links"); q[match.how]("name", id); await q.delete();`), ["delete unknown"]);
  assert.deepEqual(filters(`let sql = knex("links").update({ id }).toQuery(); sql += " where 1 = 2"; return sql;`), [
    "update unknown",
  ]);
});

test("a client that a promise brings", () => {
  assert.deepEqual(
    queriesIn("list.ts", {
      "db.ts": `import { PrismaClient } from "@prisma/client"; export const prisma = new PrismaClient();`,
      "list.ts": `const client = import("./db").then((it) => it.prisma);
        export const n = async () => (await client).recipe.count();
        export const all = () => import("./db").then(({ prisma }) => prisma.recipe.findMany());`,
    }),
    ["count recipe", "list recipe"],
  );
});

test("a name that is written to by itself, many times, is answered at once", () => {
  // Each write reads the name again: followed round, the ways to do so are as many as the writes to the power of the depth.
  const writes = Array.from({ length: 30 }, (_, i) => `q = { ...q, a${i}: other }; other = { ...other, ...q };`).join(
    "\n",
  );
  const { analysis, files } = workspaceOf({
    "query.ts": `export function build(given) { let q = { take: 10 }; let other = {}; ${writes} return fetch("/x", q); }`,
  });
  const file = files.get("query.ts")!;
  const c = file.calls.findIndex((it) => it.callee.k === "global" && it.callee.name === "fetch");
  const found = analysis.program.property({ value: file.calls[c]!.args[1]!, file }, "signal");
  assert.equal(found.is, "unknown");
});

test("a member of a name whose values are all made of the name itself", () => {
  const writes = Array.from(
    { length: 11 },
    (_, i) => `if (kind === "${i}") q = { ...q, ...more, ...q, a${i}: 1 };`,
  ).join("\n");
  const { analysis, files } = workspaceOf({
    "query.ts": `export function build(kind, more) { let q = { ...more }; ${writes} q.run(); }`,
  });
  assert.equal(analysis.program.callee(files.get("query.ts")!, 0).k, "unknown");
});

test("a member of a type whose values are made of others of the same type", () => {
  // Each literal leads to the type again, and from there to all the others.
  const makers = Array.from(
    { length: 10 },
    (_, i) =>
      `export const with${i} = (from: State): State => ({ ...(from.run() ? from : with${(i * 7 + 1) % 10}(from)), a${i}: 1 });`,
  ).join("\n");
  const { analysis, files } = workspaceOf({
    "state.ts": `export interface State { run(): number; [key: string]: unknown }\n${makers}
      export const first = (): State => ({ run() { return 1; }, ...first() });`,
    "use.ts": `import type { State } from "./state"; export const f = (it: State) => it.run();`,
  });
  const file = files.get("use.ts")!;
  assert.equal(analysis.program.callee(file, 0).k, "fn");
});

const recipes = `import { PrismaClient } from "@prisma/client";
  export interface Store { n(): Promise<number>; all(): Promise<unknown> }
  export class Recipes { prisma = new PrismaClient(); n() { return this.prisma.recipe.count(); } }
  export const prisma = new PrismaClient();`;
const asked = (files: Files): readonly string[] => queriesIn("list.ts", { "recipes.ts": recipes, ...files });

test("tsyringe: what is registered under a text, a symbol or a class, wherever it is asked for", () => {
  assert.deepEqual(
    asked({
      "tokens.ts": `export const TOKENS = { db: Symbol.for("db"), made: "made" } as const;`,
      "barrel.ts": `export { TOKENS } from "./tokens";`,
      "container.ts": `import { container } from "tsyringe"; import { prisma } from "./recipes"; import { TOKENS } from "./tokens";
        import { PrismaClient } from "@prisma/client";
        container.register(TOKENS.db, { useValue: prisma });
        container.register(TOKENS.made, { useFactory: () => new PrismaClient() });
        container.registerInstance("inst", prisma); container.registerSingleton(PrismaClient);
        container.register("other", { useValue: {} });
        export { container };`,
      "list.ts": `import { inject, injectable } from "tsyringe"; import { container } from "./container"; import { TOKENS } from "./barrel";
        @injectable() export class List {
          constructor(@inject(TOKENS.db) private db: any, @inject(TOKENS.made) private made, @inject("other") private other, @inject("nothing") private nothing) {}
          run() {
            this.db.recipe.count(); this.made.recipe.findMany();
            this.other.recipe.count(); this.nothing.recipe.count();
            container.resolve<any>("inst").recipe.count();
          }
        }`,
    }),
    ["count recipe", "list recipe", "count recipe"],
  );
});

test("inversify: bindings of a container and of a module", () => {
  assert.deepEqual(
    asked({
      "types.ts": `export default { Db: Symbol("Db"), Made: Symbol("Made"), Value: Symbol("Value") };`,
      "container.ts": `import { Container, ContainerModule } from "inversify"; import TYPES from "./types"; import { Recipes, prisma } from "./recipes";
        export const container = new Container();
        container.bind<Recipes>(TYPES.Db).to(Recipes).inSingletonScope();
        container.bind(TYPES.Made).toDynamicValue((context) => prisma);
        export const more = new ContainerModule((bind) => { bind(TYPES.Value).toConstantValue(prisma); });`,
      "list.ts": `import { inject } from "inversify"; import TYPES from "./types"; import { container } from "./container";
        export class List {
          @inject(TYPES.Value) private value: unknown;
          constructor(@inject(TYPES.Db) private db, @inject(TYPES.Made) private made) {}
          run() { this.made.recipe.findMany(); this.value.recipe.count(); return container.get(TYPES.Db).prisma.recipe.count(); }
        }`,
    }),
    ["list recipe", "count recipe", "count recipe"],
  );
});

test("typedi: what is set, services with a name, and classes that are made when asked for", () => {
  assert.deepEqual(
    asked({
      "boot.ts": `import { Container } from "typedi"; import { prisma } from "./recipes";
        Container.set("db", prisma); Container.set({ id: "made", factory: () => prisma }); Container.set([{ id: "listed", value: prisma }]);`,
      "named.ts": `import { Service } from "typedi"; import { prisma } from "./recipes";
        @Service("named") export class Named { db = prisma; } @Service() export class Plain { db = prisma; }`,
      "list.ts": `import { Container, Inject, Service } from "typedi"; import { Plain } from "./named";
        @Service() export class List {
          @Inject("db") private db; @Inject(() => Plain) private plain;
          constructor(@Inject("named") private named) {}
          run() {
            this.db.recipe.count(); this.plain.db.recipe.findMany(); this.named.db.recipe.count();
            Container.get("made").recipe.findMany(); Container.get<any>("listed").recipe.count(); Container.get(Plain).db.recipe.count();
          }
        }`,
    }),
    ["count recipe", "list recipe", "count recipe", "list recipe", "count recipe", "count recipe"],
  );
});

test("awilix: a cradle by its names, for functions and classes that are registered elsewhere", () => {
  assert.deepEqual(
    asked({
      "container.ts": `import { asClass, asFunction, asValue, createContainer } from "awilix"; import { prisma } from "./recipes";
        import { List, makeCount, type Deps } from "./list";
        export const container = createContainer();
        container.register({ prisma: asValue(prisma), list: asClass(List).singleton(), count: asFunction(makeCount) });
        container.register("late", asFunction(({ prisma }) => prisma));`,
      "list.ts": `import type { Store } from "./recipes"; import { container } from "./container";
        type Deps = { count: Store; prisma: unknown };
        export const makeCount = ({ prisma }: Deps) => ({ n: () => prisma.recipe.count() });
        export class List {
          constructor({ prisma, count }) { this.prisma = prisma; this.count = count; }
          run() { this.count.n(); return this.prisma.recipe.findMany(); }
        }
        export const late = () => container.resolve("late").recipe.count();
        export const direct = () => container.cradle.prisma.recipe.findMany();`,
    }),
    ["count recipe", "list recipe", "count recipe", "list recipe"],
  );
});

test("awilix in classic mode hands in by the names of parameters", () => {
  assert.deepEqual(
    asked({
      "container.js": `const { asClass, asValue, createContainer, InjectionMode } = require("awilix"); const { prisma } = require("./recipes"); const { List } = require("./list");
        createContainer({ injectionMode: InjectionMode.CLASSIC }).register({ prisma: asValue(prisma), list: asClass(List) });`,
      "list.ts": `export class List { constructor(logger, prisma) { this.prisma = prisma; } run() { return this.prisma.recipe.count(); } }`,
    }),
    ["count recipe"],
  );
});

test("Nest: providers under a token, in a module, in a list beside it and in a dynamic module", () => {
  assert.deepEqual(
    asked({
      "providers.ts": `import { prisma } from "./recipes"; export const providers = [{ provide: "DB", useFactory: async () => prisma }];`,
      "module.ts": `import { Module } from "@nestjs/common"; import { providers } from "./providers"; import { Recipes, prisma } from "./recipes"; import { List, STORE } from "./list";
        @Module({ providers: [...providers, List, { provide: STORE, useClass: Recipes }, { provide: "SAME", useExisting: "DB" }] }) export class App {}
        export class Dynamic { static forRoot(options) { return { module: Dynamic, providers: [{ provide: "DYN", useValue: prisma }] }; } }`,
      "list.ts": `import { Inject, Injectable } from "@nestjs/common"; import { ModuleRef } from "@nestjs/core"; import { Recipes } from "./recipes";
        export const STORE = Symbol("STORE");
        @Injectable() export class List {
          constructor(@Inject("DB") private db, @Inject(STORE) private store, @Inject("SAME") private same, @Inject("DYN") private dyn, private ref: ModuleRef) {}
          run() {
            this.db.recipe.count(); this.store.prisma.recipe.findMany(); this.same.recipe.count(); this.dyn.recipe.findMany();
            this.ref.get(Recipes).prisma.recipe.count();
          }
        }`,
    }),
    ["count recipe", "list recipe", "count recipe", "list recipe", "count recipe"],
  );
});

test("two applications with one token each have their own", () => {
  const app = (name: string, model: string): Files => ({
    [`apps/${name}/module.ts`]: `import { Module } from "@nestjs/common"; import { PrismaClient } from "@prisma/client";
      @Module({ providers: [{ provide: "DB", useValue: new PrismaClient().${model} }] }) export class App {}`,
    [`apps/${name}/list.ts`]: `import { Inject } from "@nestjs/common"; export class List { constructor(@Inject("DB") private db) {} run() { return this.db.count(); } }`,
  });
  const files = { ...app("a", "recipe"), ...app("b", "user") };
  assert.deepEqual(queriesIn("apps/a/list.ts", files), ["count recipe"]);
  assert.deepEqual(queriesIn("apps/b/list.ts", files), ["count user"]);
});

test("Fastify: decorated by a plugin, assigned in a hook, and declared for the module", () => {
  assert.deepEqual(
    asked({
      "plugin.ts": `import fp from "fastify-plugin"; import { prisma } from "./recipes";
        export default fp(async (fastify) => { fastify.decorate("db", prisma); fastify.decorateRequest("own", prisma); });`,
      "hook.ts": `import type { FastifyInstance } from "fastify"; import { Recipes } from "./recipes";
        export async function hooks(app: FastifyInstance) { app.addHook("onRequest", async (request) => { request.store = new Recipes(); }); }`,
      "types.d.ts": `import type { PrismaClient } from "@prisma/client"; import "fastify";
        declare module "fastify" { interface FastifyRequest { declared: PrismaClient } interface FastifyInstance { later: import("@prisma/client").PrismaClient } }`,
      "list.ts": `import type { FastifyInstance } from "fastify";
        export async function routes(app: FastifyInstance) {
          app.get("/", async (request) => {
            app.db.recipe.count(); request.server.db.recipe.findMany(); request.own.recipe.count();
            request.store.prisma.recipe.findMany(); request.declared.recipe.count(); app.later.recipe.findMany();
            request.body.recipe.count();
          });
        }`,
    }),
    ["count recipe", "list recipe", "count recipe", "list recipe", "count recipe", "list recipe"],
  );
});

test("Express: locals, settings, and what a middleware puts on the request", () => {
  const files: Files = {
    "recipes.ts": recipes,
    "app.js": `const express = require("express"); const { prisma } = require("./recipes"); const routes = require("./routes");
      const app = express(); app.locals.db = prisma; app.set("db", prisma);
      app.use((req, res, next) => { req.db = prisma; res.locals.store = prisma; next(); });
      app.use(routes.router); module.exports = app;`,
    "types.d.ts": `declare global { namespace Express { interface Request { declared: import("@prisma/client").PrismaClient } } } export {};`,
    "routes.js": `const express = require("express"); const router = express.Router();
      router.get("/", (req, res) => {
        req.db.recipe.count(); res.locals.store.recipe.findMany(); req.app.locals.db.recipe.count(); req.app.get("db").recipe.findMany();
        req.declared.recipe.count(); req.user.recipe.count(); req.app.get("port").recipe.count();
      });
      exports.router = router;`,
    "list.ts": `import type { RequestHandler, Request } from "express";
      export const all: RequestHandler = (req) => { req.db.recipe.count(); };
      export const one = (req: Request) => req.app.locals.db.recipe.findMany();`,
  };
  assert.deepEqual(queriesIn("routes.js", files), [
    "count recipe",
    "list recipe",
    "count recipe",
    "list recipe",
    "count recipe",
  ]);
  assert.deepEqual(queriesIn("list.ts", files), ["count recipe", "list recipe"]);
});

test("Koa: on the context's prototype, by a middleware, and in its state", () => {
  assert.deepEqual(
    asked({
      "app.js": `const Koa = require("koa"); const { prisma } = require("./recipes"); const app = new Koa();
        app.context.db = prisma; app.use(async (ctx, next) => { ctx.state.store = prisma; ctx.own = prisma; await next(); });`,
      "list.ts": `import Router from "@koa/router"; import type { Context } from "koa"; const router = new Router();
        router.get("/", async (ctx) => { ctx.db.recipe.count(); ctx.state.store.recipe.findMany(); });
        export const own = (ctx: Context) => ctx.own.recipe.count();`,
    }),
    ["count recipe", "list recipe", "count recipe"],
  );
});

test("Hono: variables by what is set, by the type of the application, and by that of a middleware's context", () => {
  assert.deepEqual(
    asked({
      "set.ts": `import { createMiddleware } from "hono/factory"; import { prisma } from "./recipes";
        export const withDb = createMiddleware(async (c, next) => { c.set("db", prisma); await next(); });`,
      "list.ts": `import { Hono, type Context } from "hono"; import type { PrismaClient } from "@prisma/client";
        type Env = { Variables: { typed: PrismaClient } };
        const app = new Hono<Env>();
        app.get("/", (c) => {
          c.get("db").recipe.count(); c.var.db.recipe.findMany(); c.get("typed").recipe.count(); c.var.typed.recipe.findMany();
          c.get("nothing").recipe.count();
        });
        export const handler = (c: Context<Env>) => c.get("typed").recipe.count();`,
    }),
    ["count recipe", "list recipe", "count recipe", "list recipe", "count recipe"],
  );
});

test("AsyncLocalStorage: what runs inside, and the type it is made for", () => {
  assert.deepEqual(
    asked({
      "storage.ts": `import { AsyncLocalStorage } from "node:async_hooks"; import type { PrismaClient } from "@prisma/client";
        export const storage = new AsyncLocalStorage(); export const typed = new AsyncLocalStorage<{ db: PrismaClient }>();
        export const current = () => { const store = typed.getStore(); if (!store) throw new Error(); return store.db; };`,
      "run.ts": `import { storage } from "./storage"; import { prisma } from "./recipes";
        export const run = (next) => storage.run({ db: prisma }, next);`,
      "list.ts": `import { storage, typed, current } from "./storage";
        export const a = () => storage.getStore().db.recipe.count();
        export const b = () => typed.getStore()?.db.recipe.findMany();
        export const c = () => current().recipe.count();`,
    }),
    ["count recipe", "list recipe", "count recipe"],
  );
});

test("names on the global object, put there elsewhere or declared", () => {
  assert.deepEqual(
    asked({
      "boot.js": `const { prisma } = require("./recipes"); global.DB = prisma;`,
      "types.d.ts": `import type { PrismaClient } from "@prisma/client"; declare global { var declared: PrismaClient } export {};`,
      "list.ts": `export const a = () => DB.recipe.count(); export const b = () => globalThis.DB.recipe.findMany(); export const c = () => declared.recipe.count();`,
    }),
    ["count recipe", "list recipe", "count recipe"],
  );
});
