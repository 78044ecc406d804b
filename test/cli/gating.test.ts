/** Rules that speak of changed lines only: what git knows decides. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { type TestContext, test } from "node:test";
import { run } from "../../cli/index.ts";
import { folderOf, put } from "../kit/folder.ts";

const FILES = {
  "package.json": '{ "name": "shop", "dependencies": { "pg": "8.16.0" } }',
  "src/main.ts": "export const one = 1;\n",
  "migrations/0001_old.sql": "CREATE INDEX orders_user ON orders (user_id);\n",
};
const NEW = { "migrations/0002_new.sql": "CREATE INDEX orders_paid ON orders (paid_at);\n" };

function git(cwd: string, ...args: string[]): void {
  execFileSync("git", ["-c", "user.name=Test", "-c", "user.email=test@example.com", ...args], { cwd, stdio: "pipe" });
}

function repository(t: TestContext): string {
  const root = folderOf(t, FILES);
  git(root, "init", "-q", "-b", "main");
  git(root, "add", "-A");
  git(root, "commit", "-q", "-m", "first");
  return root;
}

async function findings(cwd: string, ...args: string[]): Promise<string[]> {
  let out = "";
  let err = "";
  await run(["check", "--format", "json", ...args], {
    cwd,
    env: {},
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
    isTerminal: false,
    signal: new AbortController().signal,
    now: () => Date.parse("2026-06-15T12:00:00Z"),
  });
  assert.equal(err, "");
  const { findings } = JSON.parse(out) as { findings: { ruleId: string; path: string; line: number }[] };
  return findings.map((it) => `${it.ruleId} ${it.path}:${it.line}`);
}

const found = "migration-blocking-lock migrations/0002_new.sql:1";

test("a merged migration has run: nothing is said of it on the main branch", async (t) => {
  const root = repository(t);
  assert.deepEqual(await findings(root, "--no-cache"), []);
});

test("an untracked, a staged and a committed migration of a branch are judged, until it is merged", async (t) => {
  const root = repository(t);
  git(root, "switch", "-q", "-c", "paid");
  put(root, NEW);
  assert.deepEqual(await findings(root, "--no-cache"), [found]);
  git(root, "add", "-A");
  assert.deepEqual(await findings(root, "--no-cache"), [found]);
  git(root, "commit", "-q", "-m", "index");
  assert.deepEqual(await findings(root, "--no-cache"), [found]);
  git(root, "switch", "-q", "main");
  git(root, "merge", "-q", "paid");
  assert.deepEqual(await findings(root, "--no-cache"), []);
  assert.deepEqual(await findings(root, "--no-cache", "--changed", "HEAD~1"), [found], "a base that is named counts");
});

test("a kept answer is not given once git says otherwise", async (t) => {
  const root = repository(t);
  git(root, "switch", "-q", "-c", "paid");
  put(root, NEW);
  git(root, "add", "-A");
  git(root, "commit", "-q", "-m", "index");
  assert.deepEqual(await findings(root), [found]);
  assert.deepEqual(await findings(root), [found]);
  git(root, "branch", "-f", "main", "paid");
  assert.deepEqual(await findings(root), []);
});

test("of an old migration that is touched, the new lines are judged", async (t) => {
  const root = repository(t);
  put(root, {
    "migrations/0001_old.sql": `${FILES["migrations/0001_old.sql"]}CREATE INDEX orders_sum ON orders (sum);\n`,
  });
  assert.deepEqual(await findings(root, "--no-cache"), ["migration-blocking-lock migrations/0001_old.sql:2"]);
});

test("without git nothing is said", async (t) => {
  const root = repository(t);
  put(root, NEW);
  rmSync(path.join(root, ".git"), { recursive: true });
  assert.deepEqual(await findings(root, "--no-cache"), []);
});

test("a comment allows it, for the whole statement, and is not unused once the migration is merged", async (t) => {
  const root = repository(t);
  put(root, {
    "migrations/0002_new.sql":
      "-- slo-allow migration-blocking-lock: a small table\nALTER TABLE orders\n  ADD CONSTRAINT paid CHECK (paid_at > now());\nCREATE INDEX orders_paid ON orders (paid_at);\n",
    "migrations/0003_new.js":
      'exports.up = (pgm) => {\n  // slo-allow migration-blocking-lock: a small table\n  pgm.createIndex("orders", "sum");\n};\n',
  });
  assert.deepEqual(await findings(root, "--no-cache"), ["migration-blocking-lock migrations/0002_new.sql:4"]);
  git(root, "add", "-A");
  git(root, "commit", "-q", "-m", "more");
  assert.deepEqual(await findings(root, "--no-cache"), []);
});

test("inside of a text over several lines a comment allows from where its call begins", async (t) => {
  const root = repository(t);
  put(root, {
    "migrations/0003_new.js":
      "exports.up = (pgm) => {\n  // slo-allow migration-blocking-lock: a small table\n  pgm.sql(`\n    CREATE INDEX a ON orders (a);\n    CREATE INDEX b ON orders (b);\n  `);\n  pgm.sql(`\n    CREATE INDEX c ON orders (c);\n  `);\n};\n",
  });
  assert.deepEqual(await findings(root, "--no-cache"), ["migration-blocking-lock migrations/0003_new.js:8"]);
});

test("--fix writes safe fixes of documents too", async (t) => {
  const root = repository(t);
  put(root, {
    Dockerfile: "FROM node:22-slim\nCMD node dist/main.js\n",
    "start/Dockerfile": 'FROM node:22-alpine\nCOPY start.sh .\nCMD ["./start.sh"]\n',
    "start/start.sh": "#!/bin/sh\nA=1 node dist/main.js\n",
  });
  const all = ["docker-signal-forwarding Dockerfile:2", "docker-signal-forwarding start/start.sh:2"];
  assert.deepEqual(await findings(root, "--no-cache"), all);
  assert.deepEqual(await findings(root, "--no-cache", "--fix"), []);
  assert.equal(
    readFileSync(path.join(root, "Dockerfile"), "utf8"),
    'FROM node:22-slim\nCMD ["node", "dist/main.js"]\n',
  );
  assert.equal(readFileSync(path.join(root, "start/start.sh"), "utf8"), "#!/bin/sh\nA=1 exec node dist/main.js\n");
});
