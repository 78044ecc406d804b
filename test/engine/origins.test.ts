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
