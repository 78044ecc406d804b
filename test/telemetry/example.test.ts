/** The example keeps its promise: its list is slow as it is, quick once repaired, and it starts and stops as a whole. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { sendLoad } from "../../examples/recipes/load.ts";
import { prove } from "../../examples/recipes/prove.ts";

test("replacing the COUNT takes the list from mostly late to nearly always in time", { timeout: 180_000 }, async () => {
  const requests = 24;
  const { before, after } = await prove(requests);
  assert.equal(before.total, requests);
  assert.equal(after.total, requests);
  assert.ok(before.good / before.total < 0.9, `${before.good} of ${before.total} in time before the repair`);
  assert.ok(after.good / after.total > 0.99, `${after.good} of ${after.total} in time after the repair`);
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
