import assert from "node:assert/strict";
import { test } from "node:test";
import { activityLines, endpointLines, routeLines } from "../../kit/entries.ts";

test("restify", () => {
  assert.deepEqual(
    routeLines({
      "index.js": `const restify = require("restify"); const server = restify.createServer(); const show = (req, res, next) => next(); const users = require("./users");
        server.get("/users/:id", show); server.del({ path: "/users/:id", name: "x" }, show); server.opts("/users", show); users(server);`,
      "users.js": `module.exports = (server) => { server.post("/users", (req, res, next) => next()); };`,
    }),
    ["DELETE /users/:id", "GET /users/:id", "OPTIONS /users", "POST /users"],
  );
});

test("Polka: applications under a path", () => {
  assert.deepEqual(
    endpointLines({
      "index.js": `const polka = require("polka"); const users = polka(); users.get("/:id", function show(req, res) {}); polka().use("/users", users).get("/health", (req, res) => res.end());`,
    }),
    ["GET /health index.js <1>", "GET /users/:id index.js show"],
  );
});

test("itty-router: a base, and routers that hand on", () => {
  assert.deepEqual(
    routeLines({
      "index.ts": `import { AutoRouter, Router } from "itty-router"; const todos = Router({ base: "/todos" }); todos.get("/:id", ({ params }) => params.id).post("/", () => 1);
        const router = AutoRouter(); router.get("/", () => "").all("/todos/*", todos.fetch); export default router;`,
    }),
    ["GET /", "GET /todos/:id", "POST /todos"],
  );
});

test("controllers of Midway, Egg and fastify-decorators", () => {
  assert.deepEqual(
    routeLines({
      "midway.ts": `import { Controller, Get } from "@midwayjs/core"; @Controller("/m") export class M { @Get("/:id") show() {} }`,
      "egg.ts": `import { HTTPController, HTTPMethod, HTTPMethodEnum } from "@eggjs/tegg"; @HTTPController({ path: "/e" }) export class E { @HTTPMethod({ path: "/:id", method: HTTPMethodEnum.DELETE }) drop() {} }`,
      "fastify.ts": `import { Controller, GET, POST } from "fastify-decorators"; @Controller({ route: "/f" }) export default class F { @GET({ url: "/" }) list() {} @POST("/x") make() {} }`,
    }),
    ["DELETE /e/:id", "GET /f", "GET /m/:id", "POST /f/x"],
  );
});

test("sockets of express-ws, routers that answer a verb's path, handlers of a package", () => {
  assert.deepEqual(
    endpointLines({
      "index.js": `const express = require("express"); const sessions = require("sessions"); const app = express(); require("express-ws")(app); const items = express.Router();
        const check = (req, res, next) => next(); items.get("/items/:id", (req, res) => {}); app.ws("/echo", function socket(ws, req) {});
        app.all("/items*", items); app.post("/token", check, sessions.token());`,
    }),
    ["GET /echo index.js socket", "GET /items/:id index.js <1>", "POST /token index.js -"],
  );
});

test("an application of the Model Context Protocol's SDK", () => {
  assert.deepEqual(
    routeLines({
      "app.ts": `import express from "express"; import mcp from "./mcp"; const app = express(); app.use("/mcp", mcp);`,
      "mcp.ts": `import { createMcpExpressApp } from "@modelcontextprotocol/sdk/server/express.js"; const app = createMcpExpressApp(); app.post("/", async (req, res) => {}); export default app;`,
    }),
    ["POST /mcp"],
  );
});

test("services of gRPC and Connect, activities of Temporal, what a Worker answers besides requests", () => {
  assert.deepEqual(
    activityLines({
      "grpc.js": `const grpc = require("@grpc/grpc-js"); const server = new grpc.Server(); function hello(call, done) {} server.addService(load().Greeter.service, { hello, other: (call, done) => done() });`,
      "connect.ts": `import type { ConnectRouter } from "@connectrpc/connect"; import { Eliza } from "./gen"; export default (router: ConnectRouter) => router.service(Eliza, { async say(req) { return {}; } });`,
      "temporal.ts": `import { Worker } from "@temporalio/worker"; import * as activities from "./activities"; Worker.create({ activities, taskQueue: "pay" });`,
      "activities.ts": `export async function charge() {}`,
      "worker.ts": `export default { fetch: (request) => new Response(""), async scheduled(event, env) {}, async queue(batch, env) {} };`,
      "settings.ts": `export default { queue(name) {}, scheduled() {} };`,
    }),
    [
      "consumer hello grpc.js",
      "consumer other grpc.js",
      "consumer queue worker.ts",
      "consumer say connect.ts",
      "cron scheduled worker.ts",
      "job charge temporal.ts",
    ],
  );
});
