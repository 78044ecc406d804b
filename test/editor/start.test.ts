/** `npm start` on a machine as it is: the example's site, its traffic and its Prometheus, live in the editor. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { test } from "node:test";

test("npm start shows a live budget", { timeout: 170_000 }, async (t) => {
  const child = spawn("node", [path.join(import.meta.dirname, "../../scripts/run.mjs"), "start", "--check"], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  t.after(() => child.kill("SIGTERM"));
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (it: string) => (said += it));
  const [code] = await once(child, "exit");
  assert.equal(code, 0, said);
  assert.match(said, /npm start works: "SLO 99 % · .+"/);
});
