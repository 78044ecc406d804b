/**
 * Feeds thousands of cut and mangled copies of real files to the readers, and tells what crashed and what was slow.
 *
 *   node scripts/fuzz.ts FOLDER [--rounds 2000] [--seed 1] [--slow 500] [--server]
 *
 * With `--server` they are opened and edited in the real language server, which has the folder as its workspace.
 */
import { globSync, readFileSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { startClient } from "../test/lsp/client.ts";
import { mangle, seeded } from "./fuzz/mutate.ts";
import { typeWildly } from "./fuzz/server.ts";
import { readText } from "./fuzz/texts.ts";
import { createWatch } from "./fuzz/watch.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: "string", default: "2000" },
    seed: { type: "string", default: "1" },
    slow: { type: "string", default: "500" },
    server: { type: "boolean", default: false },
  },
});
const folder = path.resolve(positionals[0] ?? ".");
const files = globSync("**/*.{ts,tsx,js,jsx,mjs,cjs,mts,cts,sql,prisma}", {
  cwd: folder,
  exclude: (it) => it.name === ".git" || it.name === "node_modules",
  withFileTypes: true,
})
  .filter((it) => it.isFile())
  .map((it) => path.relative(folder, path.join(it.parentPath, it.name)))
  .sort();
if (files.length === 0) {
  console.error(`There are no source files in ${folder}.`);
  process.exit(2);
}

/** Larger files are cut here first: they are passed over as they are. */
const MAX_LENGTH = 300_000;
const random = seeded(Number(values.seed));
const watch = createWatch();
// A server that waits holds nothing open, and this process would end.
const open = setInterval(() => {}, 60_000);
const client = values.server ? await startClient({ root: folder }) : undefined;
await client?.ready();
for (let round = 0; round < Number(values.rounds); round++) {
  const file = files[Math.floor(random() * files.length)]!;
  const original = readFileSync(path.join(folder, file), "utf8").slice(0, MAX_LENGTH);
  const name = `${file}, round ${round}`;
  if (client) await typeWildly(client, file, original, random, name, watch);
  else readText(file, round % 10 === 0 ? original : mangle(original, random), name, watch);
}
await client?.stop();
clearInterval(open);

const { count, average, slow, wrong } = watch.result();
console.log(
  `${count} answers on ${values.rounds} texts from ${files.length} files, ${average.toFixed(2)} ms on average.`,
);
for (const it of slow)
  console.log(`${it.ms.toFixed(0).padStart(6)} ms  ${it.name}${it.ms > Number(values.slow) ? "  SLOW" : ""}`);
for (const it of wrong.slice(0, 50)) console.log(`WRONG  ${it}`);
process.exitCode = wrong.length > 0 ? 1 : 0;
