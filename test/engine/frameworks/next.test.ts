import assert from "node:assert/strict";
import { test } from "node:test";
import { activityLines, endpointLines, routeLines } from "../../kit/entries.ts";
import { workspaceOf } from "../../kit/workspace.ts";

test("app router: groups and slots vanish, segments become parameters, wrappers and re-exports are followed", () => {
  assert.deepEqual(
    endpointLines({
      "next.config.js": `module.exports = { basePath: "/base" };`,
      "src/app/(shop)/api/items/[id]/route.ts": `import { withAuth } from "../../auth"; export async function GET(req) {} export const POST = withAuth(async function create(req) {});`,
      "src/app/api/[...rest]/route.ts": `const handler = async () => {}; export { handler as GET, handler as PUT };`,
      "src/app/api/_private/route.ts": `export function GET() {}`,
      "src/app/page.tsx": `export default async function Page() { return null; }`,
    }),
    [
      "GET /base/api/:rest* src/app/api/[...rest]/route.ts handler",
      "GET /base/api/items/:id src/app/(shop)/api/items/[id]/route.ts GET",
      "POST /base/api/items/:id src/app/(shop)/api/items/[id]/route.ts POST",
      "PUT /base/api/:rest* src/app/api/[...rest]/route.ts handler",
    ],
  );
});

test("pages/api: one endpoint per method that is told apart, otherwise any", () => {
  assert.deepEqual(
    routeLines({
      "pages/api/users/index.ts": `export default async function handler(req, res) { if (req.method === "GET") return list(); else if (req.method === "POST") return make(); }`,
      "pages/api/users/[id].ts": `const { method } = {}; export default withSession(async (req, res) => { switch (req.method) { case "PUT": case "PATCH": save(); break; default: res.status(405); } });`,
      "pages/api/only.ts": `export default function (req, res) { if (req.method !== "POST") { return res.status(405).end(); } run(); }`,
      "pages/api/any.ts": `export default (req, res) => res.end();`,
      "pages/api/table.ts": `import { createHandler } from "x"; export default createHandler({ GET: async () => {}, delete: () => {} });`,
      "pages/api/chain.ts": `import nc from "next-connect"; const handler = nc({}); handler.use(auth).get(async () => {}); handler.post(() => {}); export default handler;`,
      "pages/api/dispatch.ts": `const handler = async (req, res) => { await defaultHandler(req, res, { GET: list, PATCH: change }); }; const list = async () => {}; const change = async () => {}; export default handler;`,
      "pages/api/x.test.ts": `export default () => {};`,
    }),
    [
      "ALL /api/any",
      "DELETE /api/table",
      "GET /api/chain",
      "GET /api/dispatch",
      "GET /api/table",
      "GET /api/users",
      "PATCH /api/dispatch",
      "PATCH /api/users/:id",
      "POST /api/chain",
      "POST /api/only",
      "POST /api/users",
      "PUT /api/users/:id",
    ],
  );
});

test("what runs before every request, and what runs when the server starts", () => {
  assert.deepEqual(
    activityLines({
      "next.config.js": `module.exports = {};`,
      "src/middleware.ts": `export function middleware(req) {} export const config = { matcher: "/x" };`,
      "src/instrumentation.ts": `export async function register() {}`,
      "lib/middleware.ts": `export default function wrap() {}`,
    }),
    [
      "cli next.config.js next.config.js",
      "page middleware src/middleware.ts",
      "startup instrumentation src/instrumentation.ts",
    ],
  );
});

test("members taken of a call run what the call was given; options of a wrapper run too", () => {
  assert.deepEqual(
    endpointLines({
      "app/api/work/route.ts": `import { serve } from "some-workflow"; export const { POST } = serve(async (context) => {});`,
      "app/api/own/route.ts": `import { make } from "../../make"; export const { GET, POST } = make({ find: async () => {} }, async function own() {});`,
      "app/make.ts": `export function make(options, handler) { async function GET() { return options.find(); } async function POST() { return handler(); } return { GET, POST }; }`,
    }),
    [
      "GET /api/own app/api/own/route.ts find",
      "POST /api/own app/api/own/route.ts own",
      "POST /api/work app/api/work/route.ts <1>",
    ],
  );
});

test("a call behind one method serves that method, a call before all serves each", () => {
  const { analysis, files } = workspaceOf({
    "pages/api/a.ts": `export default async function handler(req, res) { const user = await session(req); if (req.method === "GET") { await read(user); } if (req.method === "DELETE") { await drop(user); } }
      function session(r) {} function read(u) {} function drop(u) {}`,
  });
  const file = files.get("pages/api/a.ts")!;
  const methods = (name: string): string[] =>
    analysis
      .reach({ file, f: file.functions.findIndex((it) => it.name === name) })
      .chains.flatMap((it) => (it.entry.kind === "endpoint" ? [it.entry.method] : []))
      .sort();
  assert.deepEqual(methods("session"), ["DELETE", "GET"]);
  assert.deepEqual(methods("read"), ["GET"]);
  assert.deepEqual(methods("drop"), ["DELETE"]);
});

test("pages that fetch on the server and server actions", () => {
  assert.deepEqual(
    activityLines({
      "pages/posts/[id].tsx": `export async function getServerSideProps(ctx) {} export default function Page() {}`,
      "app/layout.tsx": `export default function Layout() {}`,
      "app/actions.ts": `"use server"; export async function save(form) {}`,
      "app/form.tsx": `"use client"; export default function Form() {}`,
    }),
    ["page / app/layout.tsx", "page /posts/:id pages/posts/[id].tsx", "page action save app/actions.ts"],
  );
});
