/** The example keeps its promise: its list is slow as it is, quick once repaired, and it starts and stops as a whole. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { sendLoad } from "../../examples/recipes/load.ts";
import { prove, type Repair, readOneMore } from "../../examples/recipes/prove.ts";

test("each repair of the COUNT takes away most of the time of the list", {
  timeout: 240_000,
}, async () => {
  const requests = 24;
  const { before, after } = await prove(requests, [readOneMore, await offeredRepair()]);
  assert.equal(before.total, requests);
  assert.equal(after.length, 2);
  // Compared with each other, since a busy machine makes all of them late.
  for (const { good, total, seconds } of after) {
    assert.equal(total, requests);
    assert.ok(seconds < before.seconds / 3, `${seconds} s a request after the repair, ${before.seconds} s before`);
    assert.ok(good >= before.good, `${good} in time after the repair, ${before.good} before`);
  }
});

test("a look at the example finds its mistakes, with the endpoint that each is on", async () => {
  const findings = (await checked()).findings.filter((it) => it.path.startsWith("src/"));
  assert.deepEqual(
    findings.map((it) => [it.ruleId, it.path, ...it.endpoints.map(({ method, route }) => `${method} ${route}`)]).sort(),
    [
      ["missing-http-timeout", "src/nutrition.ts", "GET /recipes/:id/nutrition"],
      ["query-in-loop", "src/user-store.ts", "GET /users/:id/feed"],
      ["unbounded-count", "src/recipe-store.ts", "GET /recipes"],
      // It throws on an error without reading why.
      ["unconsumed-response-body", "src/nutrition.ts", "GET /recipes/:id/nutrition"],
    ],
  );
});

test("everything starts with one command, counts its readers, and leaves nothing running", {
  timeout: 120_000,
}, async () => {
  const start = fileURLToPath(new URL("../../examples/recipes/start.ts", import.meta.url));
  const child = spawn(process.execPath, [start, "--no-prometheus"], {
    env: { ...process.env, RECIPES_ROWS: "2000" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(child, "exit");
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  try {
    const ready = JSON.parse((await lines.next()).value ?? "null");
    assert.equal(ready.prometheus, null);
    assert.match(ready.url, /^http:\/\/127\.0\.0\.1:\d+$/);

    // Beside the readers that run already; the answers prove that database and nutrition service are there.
    const sent = await sendLoad({ url: ready.url, requests: 50, rate: 100 });
    assert.deepEqual(
      sent.filter((it) => it.status >= 400),
      [],
    );
    assert.equal(
      sent.reduce((sum, it) => sum + it.count, 0),
      50,
    );
    const metrics = await (await fetch(ready.metrics)).text();
    for (const route of ["/recipes", "/recipes/:id", "/recipes/:id/nutrition", "/users/:id/feed"])
      assert.match(metrics, new RegExp(`_count\\{method="GET",route="${route}",status="200"\\} [1-9]`));

    child.kill("SIGTERM");
    const counted = JSON.parse((await lines.next()).value ?? "null");
    assert.ok(Array.isArray(counted.sent), "the readers' counts are the last line");
    assert.deepEqual(await ended, [0, null]);
    for (const address of [ready.url, ready.nutrition])
      await assert.rejects(fetch(address), `${address} still answers`);
    assert.throws(() => process.kill(ready.pid.site, 0), { code: "ESRCH" });
  } finally {
    child.kill("SIGKILL");
  }
});

interface Edit {
  readonly path: string;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
  readonly text: string;
}

interface Checked {
  readonly findings: readonly {
    readonly ruleId: string;
    readonly severity: string;
    readonly path: string;
    readonly endpoints: readonly { readonly method: string; readonly route: string }[];
    readonly fixes: readonly { readonly title: string; readonly edits: readonly Edit[] }[];
  }[];
}

/** What the command line says of the example. */
async function checked(): Promise<Checked> {
  const cli = fileURLToPath(new URL("../../cli/main.ts", import.meta.url));
  const cwd = fileURLToPath(new URL("../../examples/recipes/", import.meta.url));
  const child = spawn(process.execPath, [cli, "check", ".", "--format", "json"], {
    cwd,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(child, "close");
  const output = await text(child.stdout);
  assert.deepEqual(await ended, [1, null], "there is something to find");
  return JSON.parse(output) as Checked;
}

/** The quick fix that the tool offers for the COUNT with edits of its own. */
async function offeredRepair(): Promise<Repair> {
  const { findings } = await checked();
  const fixes = findings.filter((it) => it.ruleId === "unbounded-count").flatMap((it) => it.fixes);
  const fix = fixes.find((it) => it.edits.length > 0);
  assert.ok(fix, "the COUNT has a fix that can be applied");
  assert.ok(fix.edits.every((it) => it.path === "src/recipe-store.ts"));
  return (source) => {
    const starts = [0, ...[...source.matchAll(/\n/g)].map((it) => it.index + 1)];
    const offset = (line: number, column: number) => starts[line - 1]! + column - 1;
    const lastFirst = fix.edits.toSorted((a, b) => b.line - a.line || b.column - a.column);
    return lastFirst.reduce(
      (result, it) =>
        result.slice(0, offset(it.line, it.column)) + it.text + result.slice(offset(it.endLine, it.endColumn)),
      source,
    );
  };
}
