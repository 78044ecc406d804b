/**
 * How long a person waits for the language server: from a keystroke to its diagnostics, from start to the first ones, and
 * what it keeps in memory. Runs the real server as a process over stdio, one character at a time, as an editor does.
 *
 *   node scripts/bench-lsp.ts [--root FOLDER] [--file PATH]... [--keys N] [--server "node server/main.ts --stdio"] [--json]
 *
 * The built server where there is one, else the source. Without a folder it writes one of 1,000 files to measure in. Everything is bounded: 60 s to be ready, N keys a file.
 */
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import {
  createProtocolConnection,
  StreamMessageReader,
  StreamMessageWriter,
} from "vscode-languageserver-protocol/node";
import { URI } from "vscode-uri";

const { values } = parseArgs({
  options: {
    root: { type: "string" },
    file: { type: "string", multiple: true },
    keys: { type: "string", default: "120" },
    server: { type: "string" },
    json: { type: "boolean", default: false },
    "cpu-prof": { type: "string" },
  },
});

const READY_LIMIT = 60_000;
const keys = Math.min(2000, Math.max(1, Number(values.keys) || 120));
const made = values.root === undefined ? makeWorkspace(1000) : undefined;
const root = path.resolve(made ?? values.root!);
const files = values.file ?? ["src/long.ts", "src/longest.ts"];
const built = path.join(import.meta.dirname, "../dist/server.js");
const entry = existsSync(built) ? built : path.join(import.meta.dirname, "../server/main.ts");
const command = values.server?.split(" ") ?? [
  process.execPath,
  // As the client starts it.
  "--max-semi-space-size=16",
  ...(values["cpu-prof"] ? ["--cpu-prof", `--cpu-prof-dir=${values["cpu-prof"]}`] : []),
  entry,
  "--stdio",
];

const started = performance.now();
const server = spawn(command[0]!, command.slice(1), { stdio: ["pipe", "pipe", "inherit"] });
const connection = createProtocolConnection(
  new StreamMessageReader(server.stdout),
  new StreamMessageWriter(server.stdin),
);
let onStatus: (state: string) => void = () => {};
connection.onNotification("sloLens/status", ({ state }: { state: string }) => onStatus(state));
connection.onRequest("workspace/diagnostic/refresh", () => null);
connection.onRequest("workspace/codeLens/refresh", () => null);
connection.onRequest("client/registerCapability", () => null);
connection.onNotification("window/logMessage", ({ message }: { message: string }) => console.error(message));
connection.listen();

const ready = new Promise<void>((resolve, reject) => {
  onStatus = (state) => {
    if (state === "ready") resolve();
  };
  setTimeout(() => reject(new Error("The server was not ready within 60 s.")), READY_LIMIT).unref();
});

await connection.sendRequest("initialize", {
  processId: process.pid,
  rootUri: null,
  workspaceFolders: [{ uri: URI.file(root).toString(), name: "bench" }],
  capabilities: {
    textDocument: { diagnostic: { relatedInformation: true, dataSupport: true } },
    workspace: { diagnostics: { refreshSupport: true } },
  },
  initializationOptions: { locale: "en", trusted: false, linkCommands: [] },
});
void connection.sendNotification("initialized", {});

const texts = new Map<string, string>();
const uriOf = (file: string): string => URI.file(path.join(root, file)).toString();
const pull = (file: string): Promise<{ items?: readonly unknown[] }> =>
  connection.sendRequest("textDocument/diagnostic", { textDocument: { uri: uriOf(file) } });
const open = (file: string): void => {
  const text = readFileSync(path.join(root, file), "utf8");
  texts.set(file, text);
  void connection.sendNotification("textDocument/didOpen", {
    textDocument: { uri: uriOf(file), languageId: "typescript", version: 1, text },
  });
};

open(files[0]!);
const first = await pull(files[0]!);
const firstDiagnosticsMs = performance.now() - started;
await ready;
const readyMs = performance.now() - started;

await new Promise((r) => setTimeout(r, 4000)); console.log("settled RSS", residentMb(server.pid!).toFixed(0), readFileSync(`/proc/${server.pid}/smaps_rollup`, "utf8").split("\n").filter((l) => /Anon|Rss|Private/.test(l)).join(" ").replace(/\s+/g, " "));
const results = [];
for (const file of files) {
  if (file !== files[0]) open(file);
  const { items } = await pull(file);
  const lines = texts.get(file)!.split("\n");
  // In the middle, at the end of a line, where a statement may be begun.
  const line = Math.max(
    0,
    lines.findIndex((it, i) => i >= lines.length / 2 && /;\s*$/.test(it)),
  );
  const times = { whole: [] as number[], broken: [] as number[] };
  let character = lines[line]!.length;
  let version = 1;
  const change = async (range: object, text: string): Promise<number> => {
    const at = performance.now();
    void connection.sendNotification("textDocument/didChange", {
      textDocument: { uri: uriOf(file), version: ++version },
      contentChanges: [{ range, text }],
    });
    await pull(file);
    return performance.now() - at;
  };
  const typed = " const total = await fetchAll(items.filter((it) => it.isOpen));";
  for (let i = 0; i < keys; i++) {
    const char = typed[i % typed.length]!;
    const start = { line, character };
    const ms = await change({ start, end: start }, char);
    character++;
    (i % typed.length === typed.length - 1 ? times.whole : times.broken).push(ms);
    if (i % typed.length === typed.length - 1) {
      await change({ start: { line, character: character - typed.length }, end: { line, character } }, "");
      character -= typed.length;
    }
  }
  if (keys % typed.length !== 0)
    await change({ start: { line, character: character - (keys % typed.length) }, end: { line, character } }, "");
  // Then a name, letter by letter, so that every state is a whole program.
  const comment = { line, character: lines[line]!.length };
  await change({ start: comment, end: comment }, " let x = 1;");
  const name = { line, character: lines[line]!.length + 6 };
  for (let i = 0; i < keys; i++) times.whole.push(await change({ start: name, end: name }, "a"));
  results.push({
    file,
    lines: lines.length,
    findings: items?.length ?? 0,
    whole: { p50: quantile(times.whole, 0.5), p95: quantile(times.whole, 0.95) },
    typing: { p50: quantile(times.broken, 0.5), p95: quantile(times.broken, 0.95) },
  });
}

console.log("typed RSS", residentMb(server.pid!).toFixed(0)); await new Promise((r) => setTimeout(r, 14000)); console.log("typed, rested RSS", residentMb(server.pid!).toFixed(0));
const report = {
  root: made ? "generated" : path.basename(root),
  firstDiagnosticsMs: round(firstDiagnosticsMs),
  firstFindings: first.items?.length ?? 0,
  readyMs: round(readyMs),
  residentMb: round(residentMb(server.pid!)),
  keystrokes: results,
};
if (values.json) process.stdout.write(`${JSON.stringify(report)}\n`);
else {
  console.log(
    `start to first diagnostics ${report.firstDiagnosticsMs} ms, folder linked ${report.readyMs} ms, memory ${report.residentMb} MB`,
  );
  for (const it of results)
    console.log(
      `${it.file} (${it.lines} lines): whole p50 ${it.whole.p50} / p95 ${it.whole.p95} ms, half-typed p50 ${it.typing.p50} / p95 ${it.typing.p95} ms`,
    );
}
await connection.sendRequest("shutdown");
await connection.sendNotification("exit");
await new Promise((resolve) => server.once("exit", resolve));
if (made) rmSync(made, { recursive: true, force: true });

function quantile(of: readonly number[], q: number): number {
  const sorted = [...of].sort((a, b) => a - b);
  return round(sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? 0);
}

function round(it: number): number {
  return Math.round(it * 10) / 10;
}

/** Resident memory where the system tells it; 0 elsewhere. */
function residentMb(pid: number): number {
  try {
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}

/** A back end of many modules that call each other, with one long and one longer file. */
function makeWorkspace(count: number): string {
  const folder = mkdtempSync(path.join(tmpdir(), "slo-lens-bench-"));
  const src = path.join(folder, "src");
  mkdirSync(src, { recursive: true });
  writeFileSync(
    path.join(folder, "package.json"),
    '{"dependencies":{"express":"5.0.0","axios":"1.7.0","pg":"8.11.0"}}',
  );
  writeFileSync(path.join(src, "db.ts"), 'import { Pool } from "pg";\nexport const pool = new Pool();\n');
  const unit = (i: number, imports: string): string =>
    `export async function load${i}(id: string) {
  const answer = await axios.get("https://service.example/${i}/" + id);
  const rows = await pool.query("SELECT * FROM items WHERE owner = $1", [id]);
  for (const row of rows.rows) {
    await pool.query("UPDATE items SET seen = true WHERE id = $1", [row.id]);
  }
  return { data: answer.data, rows: rows.rows, next: ${imports} };
}
`;
  const head = 'import axios from "axios";\nimport { pool } from "./db.ts";\n';
  for (let i = 0; i < count; i++) {
    // Chains of ten modules: deep enough to be followed, as shallow as real ones.
    const calls = i % 10 > 0 ? `() => load${i - 1}(id)` : "null";
    writeFileSync(
      path.join(src, `module${i}.ts`),
      `${head}${i % 10 > 0 ? `import { load${i - 1} } from "./module${i - 1}.ts";\n` : ""}${unit(i, calls)}`,
    );
  }
  const routes = (n: number, from: number): string =>
    `${head}import express from "express";
import { load${count - 1} } from "./module${count - 1}.ts";
export const router = express.Router();
${Array.from({ length: n }, (_, i) => `router.get("/r${from + i}/:id", async (req, res) => {\n  res.json(await local${i}(req.params.id));\n});\nasync function local${i}(id: string) {\n  const found = await load${count - 1}(id);\n  const answer = await axios.get("https://other.example/" + id);\n  return { found, answer: answer.data };\n}\n`).join("")}`;
  writeFileSync(path.join(src, "long.ts"), routes(62, 0));
  writeFileSync(path.join(src, "longest.ts"), routes(374, 100));
  writeFileSync(
    path.join(src, "app.ts"),
    'import express from "express";\nimport { router } from "./long.ts";\nimport { router as more } from "./longest.ts";\nconst app = express();\napp.use(router);\napp.use("/more", more);\napp.listen(3000);\n',
  );
  return folder;
}
