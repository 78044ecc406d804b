import assert from "node:assert/strict";
import { test } from "node:test";
import { endpointLines, routeLines } from "../../kit/entries.ts";

test("a project's own router: verbs or a verb given, on instances and on this; not a client, a cache or a wrapper of a library's", () => {
  assert.deepEqual(
    endpointLines({
      "router.ts": `export default class Router { private routes = {}; get(path: string, handler: Handler) { this.routes[path] = { handler }; } del(path: string, handler: Handler) { this.routes[path] = { handler }; } }`,
      "users.ts": `import Router from "./router"; const router = new Router(); router.get("api/users/:id", async (path, ctx) => {}); router.del("api/users/:id", remove); router.get("api/users?list", remove); async function remove(path, ctx) {} export default router;`,
      "promise-router.js": `class PromiseRouter { constructor() { this.routes = []; this.mountRoutes(); } mountRoutes() {} route(method, path, ...handlers) { this.routes.push({ method, path, handler: handlers[0] }); } } module.exports = { PromiseRouter };`,
      "classes.js": `const { PromiseRouter } = require("./promise-router"); class Classes extends PromiseRouter { mountRoutes() { this.route("POST", "/classes/:name", check, (req) => this.create(req)); } create(req) {} } function check(req) {}`,
      "client.ts": `export class Client { get(path: string, options = {}) { return fetch(path); } post(path: string, body) { return fetch(path); } } new Client().get("/remote", {});`,
      "cache.ts": `export class Cache { get(path: string, callback) { callback(); } } new Cache().get("/key", () => {});`,
      "app.ts": `import express from "express"; class Api { app = express(); get(path, handler) { this.app.get("/v1" + path, handler); } post(path, handler) { this.app.post("/v1" + path, handler); } } const api = new Api(); api.get("/wrapped", (q, s) => {});`,
    }),
    [
      "DELETE /api/users/:id users.ts remove",
      "GET /api/users/:id users.ts <1>",
      "GET /v1/wrapped app.ts <1>",
      "POST /classes/:name classes.js Classes.mountRoutes.<1>",
    ],
  );
});

test("an own router in a plugin is served where the plugin is; applications that a class keeps, calls that a row does not make", () => {
  assert.deepEqual(
    routeLines({
      "app.ts": `import fastify from "fastify"; import s3 from "./s3"; const app = fastify(); app.register(s3, { prefix: "/s3" });`,
      "s3.ts": `import { FastifyInstance } from "fastify"; import { Router, getRouter } from "./router"; export default async function (fastify: FastifyInstance) { const router = getRouter(); for (const it of router.all()) fastify.route({ method: it.method, url: it.path, handler: it.handler }); }`,
      "router.ts": `import list from "./list"; export class Router { put(path: string, handler) {} get(path: string, handler) {} all() { return this.known; } } export function getRouter() { const router = new Router(); list(router); return router; }`,
      "list.ts": `import { Router } from "./router"; export default function list(router: Router) { router.get("/:Bucket", async (req) => {}); }`,
      "server.js": `const express = require("express"); class Server { static instance = null; app = undefined; static getInstance() { if (Server.instance == null) Server.instance = new Server(); return Server.instance; } constructor() { this.app = express(); } } module.exports = Server;`,
      "main.js": `const Server = require("./server"); const server = Server.getInstance(); const app = server.app; app.get("/kept", (q, s) => {});`,
      "rows.js": `const express = require("express"); function serve(rows) { const app = express(); for (const row of rows) { if (row.type === "get") { app.get(row.url, row.handler); } else if (row.type === "post") { app.post(row.url, row.handler); } } return app; } serve([{ type: "get", url: "/g", handler: (q, s) => {} }, { type: "post", url: "/p", handler: (q, s) => {} }]);`,
    }),
    ["GET /g", "GET /kept", "GET /s3/:Bucket", "POST /p"],
  );
});
