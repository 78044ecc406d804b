/** Files that are no code: judged as they are open, and by what git says of them. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { rangeOf, startClient } from "./client.ts";
import { app, prices } from "./fixtures.ts";

const manifest = '{ "name": "prices", "dependencies": { "pg": "8.16.0" }, "scripts": { "start": "node dist/app.js" } }';
const image = 'FROM node:22-slim\nCMD ["npm", "start"]\n';
const files = {
  "package.json": manifest,
  "src/app.ts": app,
  "src/services/prices.ts": prices,
  Dockerfile: image,
  "migrations/0001_old.sql": "CREATE INDEX orders_user ON orders (user_id);\n",
};
const code = (it: { code?: number | string | undefined }): unknown => it.code;

function commitAll(root: string): void {
  const git = (...args: string[]): void => {
    execFileSync("git", ["-c", "user.name=Test", "-c", "user.email=test@example.com", ...args], {
      cwd: root,
      stdio: "pipe",
    });
  };
  git("init", "-q", "-b", "main");
  git("add", "-A");
  git("commit", "-q", "-m", "first");
}

test("a Dockerfile has findings, their fixes, and allowances in its own comments", async (t) => {
  const client = await startClient({ files });
  t.after(client.stop);
  client.open("Dockerfile");
  await client.ready();
  const found = await client.diagnostics("Dockerfile");
  assert.deepEqual(found.map(code), ["docker-signal-forwarding"]);
  assert.deepEqual(found[0]!.range, rangeOf(image, "npm"));
  const actions = await client.actions("Dockerfile", found[0]!.range, found);
  const fix = actions.find((it) => it.title.startsWith("Application: start the program itself"));
  const resolved = await client.connection.sendRequest<NonNullable<typeof fix>>("codeAction/resolve", fix);
  client.apply(resolved.edit!);
  assert.equal(client.text("Dockerfile"), 'FROM node:22-slim\nCMD ["node", "dist/app.js"]\n');
  assert.deepEqual(await client.diagnostics("Dockerfile"), []);
  client.change(
    "Dockerfile",
    `FROM node:22-slim\n# slo-allow docker-signal-forwarding: a batch job\nCMD ["npm", "start"]\n`,
  );
  assert.deepEqual(await client.diagnostics("Dockerfile"), []);
});

test("a comment that allows is written as the file writes comments, and not where there are none", async (t) => {
  const start = '{ "scripts": { "start": "prisma migrate reset && node app.js" } }\n';
  const client = await startClient({ files: { ...files, "api/package.json": start } });
  t.after(client.stop);
  client.open("Dockerfile");
  client.open("api/package.json");
  await client.ready();
  const allow = async (path: string): Promise<string | undefined> => {
    const found = await client.diagnostics(path);
    const actions = await client.actions(path, found[0]!.range, found);
    const action = actions.find((it) => it.title.includes("Allow"));
    if (!action) return undefined;
    const resolved = await client.connection.sendRequest<typeof action>("codeAction/resolve", action);
    return JSON.stringify(resolved.edit);
  };
  assert.match((await allow("Dockerfile")) ?? "", /# slo-allow docker-signal-forwarding: /);
  assert.deepEqual((await client.diagnostics("api/package.json")).map(code), ["schema-sync-in-production"]);
  assert.equal(await allow("api/package.json"), undefined);
});

test("a migration is judged while it is new: typed, saved, and not any more once git has it", async (t) => {
  const client = await startClient({ files, prepare: commitAll });
  t.after(client.stop);
  client.open("migrations/0001_old.sql");
  await client.ready();
  assert.deepEqual(await client.diagnostics("migrations/0001_old.sql"), []);
  const old = client.text("migrations/0001_old.sql");
  client.change("migrations/0001_old.sql", `${old}CREATE INDEX orders_paid ON orders (paid_at);\n`);
  const typed = await client.diagnostics("migrations/0001_old.sql");
  assert.deepEqual(
    typed.map((it) => [it.code, it.range.start.line]),
    [["migration-blocking-lock", 1]],
  );

  const text = "CREATE INDEX orders_sum ON orders (sum);\n";
  client.open("migrations/0002_new.sql", text);
  assert.deepEqual((await client.diagnostics("migrations/0002_new.sql")).map(code), ["migration-blocking-lock"]);
  client.write("migrations/0002_new.sql", text);
  const tell = (type: number): Promise<void> =>
    client.connection.sendNotification("workspace/didChangeWatchedFiles", {
      changes: [{ uri: client.uri("migrations/0002_new.sql"), type }],
    });
  await tell(1);
  client.change("migrations/0002_new.sql", `-- one line more\n${text}`);
  const moved = await client.until(
    () => client.diagnostics("migrations/0002_new.sql"),
    (found) => found.length === 1 && found[0]!.range.start.line === 1,
  );
  assert.deepEqual(moved.map(code), ["migration-blocking-lock"]);
  client.write("migrations/0002_new.sql", `-- one line more\n${text}`);
  commitAll(client.root);
  await tell(2);
  await client.until(
    () => client.diagnostics("migrations/0002_new.sql"),
    (found) => found.length === 0,
  );
});

test("in a folder that is not trusted git is not asked, so nothing is said of migrations", async (t) => {
  const client = await startClient({ files, prepare: commitAll, initialization: { trusted: false } });
  t.after(client.stop);
  client.open("migrations/0002_new.sql", "CREATE INDEX orders_sum ON orders (sum);\n");
  await client.ready();
  assert.deepEqual(await client.diagnostics("migrations/0002_new.sql"), []);
});
