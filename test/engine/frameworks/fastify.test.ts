import assert from "node:assert/strict";
import { test } from "node:test";
import { endpointLines, routeLines } from "../../kit/entries.ts";
import { workspaceOf } from "../../kit/workspace.ts";

test("plugins carry the prefixes they are registered with, fastify-plugin none", () => {
  assert.deepEqual(
    endpointLines({
      "app.ts": `import Fastify from "fastify"; import users from "./users"; import { bare } from "./bare"; const app = Fastify({ logger: true }).withTypeProvider();
        app.register(users, { prefix: "/users" }); app.register(bare, { prefix: "/nothing" }); app.register(async (scope) => { scope.get("/in", async function inside() {}); scope.register(import("./late"), { prefix: "late" }); }, { prefix: "/v1" });
        function direct(app) { app.route({ method: ["GET", "HEAD"], url: "/direct", preHandler: [], handler: async function direct2() {} }); } direct(app);`,
      "users.ts": `import type { FastifyPluginAsync } from "fastify"; const plugin: FastifyPluginAsync = async (fastify) => { fastify.get("/:id", { schema: {}, preHandler: check }, show); fastify.post("/", { handler: make }); };
        async function show() {} function make() {} function check() {} export default plugin;`,
      "bare.ts": `import fp from "fastify-plugin"; export const bare = fp(async (app) => { app.get("/bare", async function b() {}); });`,
      "late.ts": `export default async function late(app, opts) { app.delete("/x", async function gone() {}); }`,
    }),
    [
      "DELETE /v1/late/x late.ts late.gone",
      "GET /bare bare.ts bare.b",
      "GET /direct app.ts direct.handler",
      "GET /users/:id users.ts show",
      "GET /v1/in app.ts <1>.inside",
      "HEAD /direct app.ts direct.handler",
      "POST /users users.ts make",
    ],
  );
});

test("autoload: folders are prefixes, underscores parameters, an index shadows its neighbours", () => {
  assert.deepEqual(
    routeLines({
      "src/app.ts": `import path from "node:path"; import { fileURLToPath } from "node:url"; import autoload from "@fastify/autoload"; import type { FastifyInstance } from "fastify"; const __dirname = path.dirname(fileURLToPath(import.meta.url));
        export default async function (app: FastifyInstance) { app.register(autoload, { dir: path.join(__dirname, "routes"), routeParams: true, options: { prefix: "/api" } }); }`,
      "src/routes/root.ts": `export default async (app) => { app.get("/", () => {}); };`,
      "src/routes/users/index.ts": `export default async function (fastify) { fastify.get("/", () => {}); }`,
      "src/routes/users/helper.ts": `export default async function (fastify) { fastify.get("/no", () => {}); }`,
      "src/routes/users/_id/posts.ts": `import type { FastifyPluginAsync } from "fastify"; export const autoPrefix = "/posts"; const p: FastifyPluginAsync = async (fastify) => { fastify.put("/", () => {}); }; export default p;`,
      "src/routes/users/autohooks.ts": `export default async (app) => { app.get("/hook", () => {}); };`,
    }),
    ["GET /api", "GET /api/users", "PUT /api/users/:id/posts"],
  );
});

test("what is decorated onto the instance is reached", () => {
  const { analysis, files } = workspaceOf({
    "app.ts": `import Fastify from "fastify"; import { makeRepo } from "./repo"; const app = Fastify(); app.decorate("repo", makeRepo());
      app.get("/a", async (request) => request.server.repo.list()); app.register(async (scope) => { const { repo } = scope; scope.get("/b", () => repo.list()); });`,
    "repo.ts": `export function makeRepo() { return { async list() { return query(); } }; }`,
  });
  const file = files.get("repo.ts")!;
  const reached = analysis.reach({ file, f: file.functions.findIndex((it) => it.name.endsWith("list")) });
  assert.deepEqual(reached.chains.map((it) => (it.entry.kind === "endpoint" ? it.entry.route : it.entry.kind)).sort(), [
    "/a",
    "/b",
  ]);
});

test("an untyped plugin knows its instance by where it is registered", () => {
  const { analysis, files } = workspaceOf({
    "app.js": `import Fastify from "fastify"; import fp from "fastify-plugin"; import v1 from "./v1.js"; import { makeUsers } from "./users.js"; const app = Fastify(); app.register(fp(async (server) => { server.decorate("services", { users: makeUsers() }); })); app.register(v1, { prefix: "/v1" });`,
    "v1.js": `import { users } from "./routes.js"; export default async function v1(server) { server.register(users, { prefix: "/users" }); }`,
    "routes.js": `export const users = async (server) => { server.route({ method: "GET", url: "/", handler: async () => server.services.users.list() }); };`,
    "users.js": `export function makeUsers() { return { list() { return query(); } }; } function query() {}`,
  });
  const file = files.get("users.js")!;
  const reached = analysis.reach({ file, f: file.functions.findIndex((it) => it.name === "query") });
  assert.deepEqual(
    reached.chains.map((it) => (it.entry.kind === "endpoint" ? it.entry.route : it.entry.kind)),
    ["/v1/users"],
  );
});
