/**
 * How long a person waits for the language server, alone or beside the others, on a folder of one's own:
 *
 *   node scripts/bench-lsp.ts [--root FOLDER --file PATH...] [--files 5000] [--keys 120] [--peers] [--cpu-prof DIR] [--json]
 *
 * The built server where there is one, else the source. Without a folder a made-up service of `--files` files.
 * `npm run bench` writes the same into docs/bench.md.
 */
import { existsSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { editorPeers, ownServer } from "./bench/peers.ts";
import { LONG_FILES, syntheticWorkspace } from "./bench/synthetic.ts";
import { type EditorServer, typeInto } from "./bench/typing.ts";

const { values } = parseArgs({
  options: {
    root: { type: "string" },
    file: { type: "string", multiple: true },
    files: { type: "string", default: "5000" },
    keys: { type: "string", default: "120" },
    peers: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    "cpu-prof": { type: "string" },
  },
});

const home = path.dirname(import.meta.dirname);
const keys = Math.min(2000, Math.max(1, Number(values.keys) || 120));
const root = path.resolve(values.root ?? syntheticWorkspace(Number(values.files) || 5000));
const files = values.file ?? LONG_FILES;
const built = path.join(home, "dist/server.js");
const profile = values["cpu-prof"];
const own = ownServer(existsSync(built) ? built : path.join(home, "server/main.ts"));
const servers: readonly EditorServer[] = [
  profile ? { ...own, args: ["--cpu-prof", `--cpu-prof-dir=${path.resolve(profile)}`, ...own.args] } : own,
  ...(values.peers ? editorPeers(path.join(home, ".cache/bench/peers")) : []),
];
for (const server of servers) {
  const run = await typeInto(server, root, files, keys);
  if (values.json) {
    console.log(JSON.stringify({ name: server.name, ...run }));
    continue;
  }
  const mb = (bytes: number): string => `${Math.round(bytes / 2 ** 20)} MB`;
  console.log(
    `${server.name}: first diagnostics ${ms(run.first)}${run.ready === undefined ? "" : `, workspace read ${ms(run.ready)}`}, memory ${mb(run.memoryOpen)}, after typing ${mb(run.memoryTyped)}`,
  );
  for (const it of run.files)
    console.log(
      `  ${it.file} (${it.lines} lines, ${it.diagnostics} diagnostics): whole p50 ${ms(it.whole.p50)} p95 ${ms(it.whole.p95)}, half-typed p50 ${ms(it.broken.p50)} p95 ${ms(it.broken.p95)}, ${ms(it.processor)} of processor a key`,
    );
}

function ms(it: number): string {
  return `${it.toFixed(it < 100 ? 1 : 0)} ms`;
}
