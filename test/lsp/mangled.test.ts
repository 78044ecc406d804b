/** The example, opened mangled and edited at random in the real server, which answers everything and complains of nothing. */
import assert from "node:assert/strict";
import { cpSync, globSync, readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { seeded } from "../../scripts/fuzz/mutate.ts";
import { typeWildly } from "../../scripts/fuzz/server.ts";
import { createWatch } from "../../scripts/fuzz/watch.ts";
import { startClient } from "./client.ts";

const example = path.join(import.meta.dirname, "../../examples/recipes");

test("whatever is typed is answered", { timeout: 120_000 }, async (t) => {
  const client = await startClient({
    prepare: (root) => cpSync(example, root, { recursive: true, filter: (it) => path.basename(it) !== "node_modules" }),
  });
  t.after(() => client.stop());
  await client.ready();
  const files = globSync("**/*.{ts,sql,prisma}", { cwd: client.root }).sort();
  const random = seeded(20_261_127);
  const watch = createWatch();
  for (let round = 0; round < 25; round++) {
    const file = files[Math.floor(random() * files.length)]!;
    const text = readFileSync(path.join(client.root, file), "utf8");
    await typeWildly(client, file, text, random, `${file}, round ${round}`, watch);
  }
  assert.ok(watch.result().count > 300);
  assert.deepEqual(watch.result().wrong, []);
});
