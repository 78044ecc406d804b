import assert from "node:assert/strict";
import { test } from "node:test";
import { patternRoute } from "../../../rules/frameworks/_texts.ts";
import { endpointLines } from "../../kit/entries.ts";

test("a listener's branches: paths and methods together, around each other, guarded, switched, and handed on", () => {
  assert.deepEqual(
    endpointLines({
      "a.ts": `import http from "node:http"; import { users } from "./users";
        const server = http.createServer(async (req, res) => {
          const url = new URL(req.url!, \`http://\${req.headers.host}\`); const { pathname } = url;
          if (req.method === "OPTIONS") { res.end(); return; }
          if (req.method === "GET" && pathname === "/health") { return res.end("ok"); }
          if (pathname.startsWith("/users")) { return users(req, res, pathname); }
          if (pathname === "/login") { if (req.method !== "POST") { res.end(); return; } await login(req, res); return; }
          const m = pathname.match(/^\\/items\\/(\\d+)$/);
          if (m && req.method === "DELETE") { remove(m[1]); return; }
          switch (pathname) { case "/a": case "/b": both(); break; case "/c": c(); break; default: res.statusCode = 404; }
          if (req.url?.split("?")[0] === "/multi") { switch (req.method) { case "GET": g(); break; case "PUT": p(); break; } }
          if (pathname.startsWith("/static/")) file(pathname);
        });
        async function login(req, res) {} function remove(id) {} function both() {} function c() {} function g() {} function p() {} function file(p) {}`,
      "users.ts": `export async function users(req, res, path) { if (path === "/users" && req.method === "GET") { list(); return; } if (path === "/users") { if (req.method === "POST") { create(); } return; } if (/^\\/users\\/([^/]+)$/.test(path)) { one(); } } function list() {} function create() {} function one() {}`,
      "m.js": `const http = require("http"); http.createServer(function (req, res) { const url = req.url || ""; if (req.method !== "GET" || url.split("?")[0] !== "/metrics") { res.end(); return; } res.end(render()); }); function render() {}`,
    }),
    [
      "ALL /a a.ts server",
      "ALL /b a.ts server",
      "ALL /c a.ts server",
      "ALL /static/* a.ts server",
      "ALL /users/:param users.ts users",
      "DELETE /items/:param a.ts server",
      "GET /health a.ts server",
      "GET /metrics m.js <1>",
      "GET /multi a.ts server",
      "GET /users users.ts users",
      "POST /login a.ts login",
      "POST /users users.ts users",
      "PUT /multi a.ts server",
    ],
  );
});

test("listeners by their types, of Workers, Bun and Deno; not a client's, a middleware's or an application's", () => {
  assert.deepEqual(
    endpointLines({
      "typed.ts": `import type { IncomingMessage, ServerResponse } from "http"; export function createHandler(rooms) { return async (req: IncomingMessage, res: ServerResponse) => { if (req.method === "POST" && req.url === "/api/x") { const body = await read(req); rooms.x(body); return; } }; } function read(req: IncomingMessage) { return 1; }`,
      "worker.ts": `export default { async fetch(request: Request, env: Env) { const url = new URL(request.url); if (url.pathname === "/hook" && request.method === "POST") return hook(request); return new Response(null, { status: 404 }); } }; async function hook(r) {}`,
      "bun.ts": `Bun.serve({ routes: { "/ping": () => new Response("x"), "/users/:id": { GET: (req) => 1, PUT: put } }, fetch(req) { const url = new URL(req.url); if (url.pathname === "/other") return new Response(""); } }); function put(r) {}`,
      "deno.ts": `Deno.serve({ port: 1 }, (req) => { if (req.method === "POST") { if (new URL(req.url).pathname === "/in") { save(req); } } }); function save(r) {}`,
      "app.ts": `import http from "http"; import express from "express"; const app = express(); http.createServer(app); app.use((req, res, next) => { if (req.path === "/skip") return next(); next(); });`,
      "client.ts": `export async function get(url) { if (url === "/x") return 1; const path = new URL(url).pathname; if (path === "/y") return 2; }`,
    }),
    [
      "ALL /other bun.ts fetch",
      "ALL /ping bun.ts /ping",
      "GET /users/:id bun.ts GET",
      "POST /api/x typed.ts createHandler.<1>",
      "POST /hook worker.ts hook",
      "POST /in deno.ts <1>",
      "PUT /users/:id bun.ts put",
    ],
  );
});

test("patterns as routes", () => {
  const cases: readonly (readonly [string, string | undefined])[] = [
    ["^\\/users\\/(\\d+)$", "/users/:param"],
    ["^\\/users\\/(?<id>[^/]+)\\/posts\\/?$", "/users/:id/posts"],
    ["^/files/(.*)$", "/files/*"],
    ["^\\/api\\/", "/api/*"],
    ["^\\/doc\\/[\\w-]+$", "/doc/:param"],
    ["^\\/health(?:\\?.*)?$", "/health"],
    ["\\/users", undefined],
    ["^\\/(a|b)?x", undefined],
    ["^(GET|POST)", undefined],
    ["^/a{1,", undefined],
  ];
  for (const [source, route] of cases) assert.equal(patternRoute(source), route, source);
});
