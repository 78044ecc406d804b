import assert from "node:assert/strict";
import { test } from "node:test";
import { endpointLines, routeLines } from "../../kit/entries.ts";
import { workspaceOf } from "../../kit/workspace.ts";

const trpc = `import { initTRPC } from "@trpc/server"; const t = initTRPC.context<X>().create({ transformer }); export const router = t.router; export const mergeRouters = t.mergeRouters; export const procedure = t.procedure.use(log); export const guarded = procedure.use(auth);`;

test("procedures by their path through nested, merged, plain and lazy routers", () => {
  assert.deepEqual(
    endpointLines({
      "trpc.ts": trpc,
      "root.ts": `import { router, mergeRouters } from "./trpc"; import { users } from "./users"; import { health } from "./health"; const main = router({ users, admin: { logs: router({ list: health }) }, late: lazy(() => import("./late")) }); export const appRouter = mergeRouters(main, router({ health }));`,
      "users.ts": `import { router, guarded } from "./trpc"; export const users = router({ get: guarded.input(z.string()).query(async ({ input }) => find(input)), rename: guarded.input(z.object({})).mutation(rename) }); async function rename() {}`,
      "health.ts": `import { procedure } from "./trpc"; export const health = procedure.query(function ok() {});`,
      "late.ts": `import { router, procedure } from "./trpc"; export const lateRouter = router({ x: procedure.subscription(async function* () {}) });`,
      "server.ts": `import { createExpressMiddleware } from "@trpc/server/adapters/express"; import { appRouter } from "./root"; app.use("/trpc", createExpressMiddleware({ router: appRouter, createContext }));`,
    }),
    [
      "GET /trpc/admin.logs.list root.ts health",
      "GET /trpc/health root.ts health",
      "GET /trpc/late.x late.ts x",
      "GET /trpc/users.get users.ts get",
      "POST /trpc/users.rename users.ts rename",
    ],
  );
});

test("the middlewares of a procedure run before it", () => {
  const { analysis, files } = workspaceOf({
    "trpc.ts": `import { initTRPC } from "@trpc/server"; const t = initTRPC.create(); export const router = t.router; export const guarded = t.procedure.use(async ({ next }) => { session(); return next(); }); function session() {}`,
    "root.ts": `import { router, guarded } from "./trpc"; export const app = router({ one: guarded.query(() => {}) });`,
  });
  const file = files.get("trpc.ts")!;
  const f = file.functions.findIndex((it) => it.name === "session");
  assert.deepEqual(
    analysis.reach({ file, f }).chains.map((it) => (it.entry.kind === "endpoint" ? it.entry.route : it.entry.kind)),
    ["/trpc/one"],
  );
});

test("each application's routers under its own adapter; servers of their own answer at their roots", () => {
  const router = (name: string): string =>
    `import { router, procedure } from "./trpc"; export const app = router({ ${name}: procedure.query(() => {}) });`;
  assert.deepEqual(
    routeLines({
      "a/src/trpc.ts": trpc,
      "a/src/root.ts": router("one"),
      "a/src/app/api/trpc/[trpc]/route.ts": `import { fetchRequestHandler } from "@trpc/server/adapters/fetch"; import { app } from "../../../../root"; export const GET = (req) => fetchRequestHandler({ endpoint: "/api/trpc", req, router: app });`,
      "b/trpc.ts": trpc,
      "b/index.ts": router("two"),
      "b/lambda.ts": `import { awsLambdaRequestHandler } from "@trpc/server/adapters/aws-lambda"; import { app } from "./index"; export const handler = awsLambdaRequestHandler({ router: app, createContext: (it) => it });`,
    }),
    ["GET /api/trpc/:trpc", "GET /api/trpc/one", "GET /two"],
  );
});

test("a router loaded late by name, and a second root that only describes what the first one serves", () => {
  assert.deepEqual(
    endpointLines({
      "trpc.ts": trpc,
      "board.ts": `import { router, procedure } from "./trpc"; export const boardRouter = router({ all: procedure.query(function list() {}) }); export const other = 1;`,
      "root.ts": `import { lazy } from "@trpc/server"; import { router } from "./trpc"; export const appRouter = router({ board: lazy(() => import("./board").then((it) => it.boardRouter)) });`,
      "described.ts": `import { router } from "./trpc"; import { boardRouter } from "./board"; export const described = generateOpenApi(router({ boardRouter }));`,
      "server.ts": `import { createExpressMiddleware } from "@trpc/server/adapters/express"; import { appRouter } from "./root"; app.use("/trpc", createExpressMiddleware({ router: appRouter }));`,
    }),
    ["GET /trpc/board.all board.ts all"],
  );
});

test("the mount: an API route's file, an adapter's endpoint, Fastify's prefix", () => {
  const users = `import { router, procedure } from "./trpc"; export const app = router({ a: procedure.query(() => 1) });`;
  const base = { "src/trpc.ts": trpc, "src/users.ts": users };
  const trpcOnly = (files: Record<string, string>): readonly string[] =>
    routeLines({ ...base, ...files }).filter((it) => it.endsWith("a"));
  assert.deepEqual(trpcOnly({}), ["GET /trpc/a"]);
  assert.deepEqual(
    trpcOnly({
      "src/pages/api/trpc/[trpc].ts": `import { createNextApiHandler } from "@trpc/server/adapters/next"; import { app } from "../../../users"; export default createNextApiHandler({ router: app });`,
    }),
    ["GET /api/trpc/a"],
  );
  assert.deepEqual(
    trpcOnly({
      "src/s.ts": `import { fetchRequestHandler } from "@trpc/server/adapters/fetch"; import { app } from "./users"; export const GET = (req) => fetchRequestHandler({ endpoint: "/rpc", req, router: app });`,
    }),
    ["GET /rpc/a"],
  );
  assert.deepEqual(
    trpcOnly({
      "src/f.ts": `import { fastifyTRPCPlugin } from "@trpc/server/adapters/fastify"; import { app } from "./users"; server.register(fastifyTRPCPlugin, { prefix: "/t", trpcOptions: { router: app } });`,
    }),
    ["GET /t/a"],
  );
});

test("routers of version 9", () => {
  assert.deepEqual(
    routeLines({
      "r.ts": `import * as trpc from "@trpc/server"; const posts = trpc.router().query("list", { resolve() {} }); export const app = trpc.router().mutation("ping", { async resolve() {} }).merge("posts.", posts);`,
    }),
    ["GET /trpc/posts.list", "POST /trpc/ping"],
  );
});

test("a project's adapter serves parts of a router on their own", () => {
  assert.deepEqual(
    routeLines({
      "src/trpc.ts": trpc,
      "src/routers.ts": `import { router, procedure } from "./trpc"; export const slots = router({ get: procedure.query(() => 1) }); export const app = router({ slots });`,
      "src/handler.ts": `import * as trpcNext from "@trpc/server/adapters/next"; export function createHandler(router: any) { return trpcNext.createNextApiHandler({ router, createContext }); }`,
      "src/pages/api/trpc/slots/[trpc].ts": `import { createHandler } from "../../../../handler"; import { slots } from "../../../../routers"; export default createHandler(slots);`,
    }).filter((it) => !it.startsWith("ALL")),
    ["GET /api/trpc/slots/get"],
  );
});
