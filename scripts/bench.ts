/**
 * `npm run bench`: `check`, cold and warm, beside ESLint, Biome, oxlint and ast-grep on the same files in one run, and
 * workspaces of growing size; then the editor: from a keystroke to its diagnostics, beside ESLint's server. Writes
 * docs/bench.md.
 *
 *   npm run bench -- [--sizes 1000,10000] [--editor-sizes 1000,5000] [--rounds 3] [--folder DIR]... [--no-peers]
 *
 * With `--only check` or `--only editor` the other half of the page stays as it is.
 */
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus, totalmem } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { cacheFolder } from "../platform/index.ts";
import { type Measured, measure, median } from "./bench/measure.ts";
import { ESLINT_RULES, editorPeers, installPeers, ownServer, type Peer } from "./bench/peers.ts";
import { LONG_FILES, setBack, syntheticWorkspace } from "./bench/synthetic.ts";
import { type EditorRun, type EditorServer, typeInto } from "./bench/typing.ts";

const root = path.dirname(import.meta.dirname);
const home = path.join(root, ".cache", "bench");
const { values: options } = parseArgs({
  options: {
    sizes: { type: "string", default: "1000,10000,50000" },
    "editor-sizes": { type: "string", default: "1000,5000,10000" },
    keys: { type: "string", default: "120" },
    only: { type: "string" },
    rounds: { type: "string", default: "3" },
    folder: { type: "string", multiple: true, default: [] },
    "no-peers": { type: "boolean", default: false },
    out: { type: "string", default: path.join(root, "docs", "bench.md") },
  },
});
const rounds = Number(options.rounds);
/** Peers are not run on more files than this: ESLint would take an hour. */
const PEERS_UP_TO = 12_000;
/** A copy: a build in the meantime must not pull the program away. */
const program = path.join(home, "dist");
const cli = path.join(program, "cli.js");
/** Files as long as those that a person minds waiting in. */
const MIDDLE = 500;
const LONGEST = 3000;
/** Other servers are typed into in a workspace of this many files; they know one file at a time, whatever lies around. */
const SIDE_BY_SIDE = 5000;

interface Subject {
  readonly name: string;
  readonly folder: string;
  readonly files: number;
}

interface Row {
  readonly name: string;
  readonly runs: readonly Measured[];
}

if (!existsSync(path.join(root, "dist", "cli.js"))) throw new Error("Build first: npm run build.");
mkdirSync(home, { recursive: true });
rmSync(program, { recursive: true, force: true });
cpSync(path.join(root, "dist"), program, { recursive: true });
const peersHome = path.join(home, "peers");
const peers: readonly Peer[] = options["no-peers"] ? [] : installPeers(peersHome);
/** The editor's half of the page begins here. */
const EDITOR = "# The editor";
const before = existsSync(options.out) ? readFileSync(options.out, "utf8") : "";
const known = before.includes(EDITOR) ? before.indexOf(EDITOR) : before.length;
const checked = options.only === "editor" ? before.slice(0, known).trimEnd() : await checkHalf();
const edited = options.only === "check" ? before.slice(known).trimEnd() : await editorHalf();
mkdirSync(path.dirname(options.out), { recursive: true });
writeFileSync(options.out, `${[checked, edited].filter(Boolean).join("\n\n")}\n`);
console.log(`Written: ${path.relative(process.cwd(), options.out)}`);

async function checkHalf(): Promise<string> {
  const sections: string[] = [];
  for (const subject of subjects()) sections.push(await section(subject));
  return page(sections).trimEnd();
}

function* subjects(): Generator<Subject> {
  for (const it of options.folder)
    yield { name: path.basename(path.resolve(it)), folder: path.resolve(it), files: countSources(path.resolve(it)) };
  for (const it of sizes(options.sizes)) yield synthetic(it);
}

function sizes(list: string): number[] {
  return list.split(",").filter(Boolean).map(Number);
}

function synthetic(size: number): Subject {
  const folder = syntheticWorkspace(size);
  return { name: `made-up service, ${size.toLocaleString("en")} files`, folder, files: countSources(folder) };
}

async function section(subject: Subject): Promise<string> {
  const rows: Row[] = [];
  const ours = (name: string): Measured[] => rowOf(rows, name);
  for (let round = 0; round < rounds; round++) {
    // One after the other within a round, so that whatever else the machine does hits all alike.
    rmSync(cacheFolder(subject.folder), { recursive: true, force: true });
    const check = (): Promise<Measured> =>
      measure(process.execPath, [cli, "check", ".", "--format", "json", "--fail-on", "none"], subject.folder);
    ours("slo-lens check, cold").push(await succeeded(check()));
    ours("slo-lens check, nothing changed").push(await succeeded(check()));
    const touched = path.join(subject.folder, firstSource(subject.folder));
    const text = readFileSync(touched);
    writeFileSync(touched, `${text}\n// touched\n`);
    ours("slo-lens check, one file changed").push(await succeeded(check()));
    writeFileSync(touched, text);
    setBack(touched);
    if (subject.files <= PEERS_UP_TO)
      for (const it of peers) ours(it.name).push(await measure(it.command, it.args, subject.folder));
    console.log(
      `${subject.name}: round ${round + 1} of ${rounds}: ${rows.map((it) => `${it.name} ${Math.round(it.runs.at(-1)!.wall)} ms`).join(", ")}`,
    );
  }
  const [first] = rows;
  const coldWall = median(first!.runs.map((it) => it.wall));
  const coldCpu = median(first!.runs.map((it) => it.cpu));
  const lines = rows.map(({ name, runs }) => {
    const wall = median(runs.map((it) => it.wall));
    const cpu = median(runs.map((it) => it.cpu));
    return `| ${name} | ${seconds(wall)} | ${seconds(cpu)} | ${megabytes(median(runs.map((it) => it.memory)))} | ${times(wall / coldWall)} | ${times(cpu / coldCpu)} |`;
  });
  return `## ${subject.name}\n\n${subject.files.toLocaleString("en")} source files.\n\n| | time | processor time | memory | time against cold | processor time against cold |\n| --- | ---: | ---: | ---: | ---: | ---: |\n${lines.join("\n")}\n`;
}

function times(ratio: number): string {
  if (Number.isNaN(ratio)) return "–";
  return ratio >= 1 ? `${ratio.toFixed(1)} ×` : `1/${(1 / ratio).toFixed(1)}`;
}

function rowOf(rows: Row[], name: string): Measured[] {
  const known = rows.find((it) => it.name === name);
  if (known) return known.runs as Measured[];
  const runs: Measured[] = [];
  rows.push({ name, runs });
  return runs;
}

async function succeeded(run: Promise<Measured>): Promise<Measured> {
  const done = await run;
  if (done.code !== 0) throw new Error(`check ended with ${done.code}: ${done.out.slice(0, 500)}`);
  return done;
}

function page(sections: readonly string[]): string {
  const node = spawnSync(process.execPath, ["--version"], { encoding: "utf8" }).stdout.trim();
  return `# Measurements

Made by \`npm run bench\`. ${rounds === 1 ? "Each row is one run;" : `Each row is the median of ${rounds} runs;`} in every round all programs ran one after the other on
the same files. Times include starting the program. Ratios count: absolute times are those of one machine that did
other work as well, which the processor time does not see
(${availableParallelism()} processors, ${cpus()[0]?.model.trim() ?? "unknown"}, ${Math.round(totalmem() / 2 ** 30)} GB, Node ${node}).

What each does is not the same. slo-lens reads every file but tests that no other code imports, links imports, builds the
call graph over the whole workspace and runs all its rules with the endpoints that reach each finding. ${peers.map((it) => `${it.name}: ${it.does}`).join(". ")}.
ESLint's rules: ${ESLINT_RULES.join(", ")}.

${sections.join("\n")}`;
}

function seconds(ms: number): string {
  return Number.isNaN(ms) ? "–" : `${(ms / 1000).toFixed(2)} s`;
}

function megabytes(bytes: number): string {
  return Number.isNaN(bytes) ? "–" : `${Math.round(bytes / 2 ** 20)} MB`;
}

function sourcesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" }).filter(
    (it) => /\.[cm]?[jt]sx?$/.test(it) && !/\.d\.[cm]?ts$/.test(it) && !/(^|[\\/])node_modules[\\/]/.test(it),
  );
}

function countSources(folder: string): number {
  return sourcesOf(folder).length;
}

function firstSource(folder: string): string {
  return (
    sourcesOf(folder)
      .sort()
      .find((it) => /\.ts$/.test(it)) ?? sourcesOf(folder)[0]!
  );
}

// The editor

interface Typed {
  readonly server: EditorServer;
  readonly subject: Subject;
  readonly runs: readonly EditorRun[];
}

async function editorHalf(): Promise<string> {
  const own = ownServer(path.join(program, "server.js"));
  const others: readonly EditorServer[] = options["no-peers"] ? [] : editorPeers(peersHome);
  const rows: Typed[] = [];
  for (const size of sizes(options["editor-sizes"]))
    rows.push(...(await typed(size === SIDE_BY_SIDE ? [own, ...others] : [own], synthetic(size), LONG_FILES)));
  for (const it of options.folder) {
    const folder = path.resolve(it);
    const subject = { name: path.basename(folder), folder, files: countSources(folder) };
    rows.push(...(await typed([own, ...others], subject, [nearest(folder, MIDDLE), nearest(folder, LONGEST)])));
  }
  return editorPage(own, others, rows);
}

/** Each server's runs in one workspace, all of them one after the other within a round. */
async function typed(
  servers: readonly EditorServer[],
  subject: Subject,
  files: readonly string[],
): Promise<readonly Typed[]> {
  const rows = servers.map((server) => ({ server, subject, runs: [] as EditorRun[] }));
  for (let round = 0; round < rounds; round++)
    for (const row of rows) {
      const run = await typeInto(row.server, subject.folder, files, Number(options.keys));
      row.runs.push(run);
      console.log(
        `editor, ${subject.name}: round ${round + 1} of ${rounds}: ${row.server.name} ${run.files.map((it) => `${it.lines} lines p95 ${it.whole.p95.toFixed(1)} ms`).join(", ")}`,
      );
    }
  return rows;
}

/** The TypeScript file of code whose number of lines is nearest to the one wanted. */
function nearest(folder: string, lines: number): string {
  const isCode = (it: string): boolean =>
    /\.ts$/.test(it) && !/(^|[\\/.])(test|tests|spec|__tests__|migrations?)[\\/.]/.test(it);
  let best = { file: "", off: Number.POSITIVE_INFINITY };
  for (const file of sourcesOf(folder).filter(isCode).sort()) {
    const off = Math.abs(readFileSync(path.join(folder, file), "utf8").split("\n").length - lines);
    if (off < best.off) best = { file, off };
  }
  return best.file;
}

function editorPage(own: EditorServer, others: readonly EditorServer[], rows: readonly Typed[]): string {
  const of = (row: Typed, value: (run: EditorRun) => number): number => median(row.runs.map(value));
  const ratioOf = (row: Typed, value: (run: EditorRun) => number): string => {
    const ours = rows.find((it) => it.server === own && it.subject === row.subject);
    return row.server === own || !ours ? "" : ` (${times(of(row, value) / of(ours, value))})`;
  };
  const cells = (row: Typed, index: number, which: "whole" | "broken"): string =>
    (["p50", "p95"] as const)
      .map((q) => {
        const value = (run: EditorRun): number => run.files[index]![which][q];
        return `${milliseconds(of(row, value))}${ratioOf(row, value)}`;
      })
      .join(" | ");
  const waits = rows.flatMap((row) =>
    row.runs[0]!.files.map((file, index) => {
      const value = (run: EditorRun): number => run.files[index]!.processor;
      return `| ${row.subject.name} | ${file.lines.toLocaleString("en")} | ${row.server.name} | ${cells(row, index, "whole")} | ${cells(row, index, "broken")} | ${milliseconds(of(row, value))}${ratioOf(row, value)} |`;
    }),
  );
  const starts = rows.map((row) => {
    const ready = of(row, (it) => it.ready ?? Number.NaN);
    return `| ${row.subject.name} | ${row.server.name} | ${milliseconds(of(row, (it) => it.first))} | ${Number.isNaN(ready) ? "–" : seconds(ready)} | ${megabytes(of(row, (it) => it.memoryOpen))} | ${megabytes(of(row, (it) => it.memoryTyped))} |`;
  });
  return `${EDITOR}

${[own, ...others].map((it) => `${it.name}: ${it.does}`).join("; ")}. Each is a process asked over stdio as an editor asks it: one
character is typed, the diagnostics of the new text are waited for, ${options.keys} times at the end of a statement in the middle of a
file while it is half typed, and ${options.keys} times in a name, where every state is a program. No pause is made between
keystrokes. Half a statement is a syntax error to ESLint, and nothing else is then told.

| workspace | lines | server | whole: p50 | p95 | half-typed: p50 | p95 | processor time a key |
| --- | ---: | --- | ---: | ---: | ---: | ---: | ---: |
${waits.join("\n")}

First diagnostics are those of an opened file, from the start of the process; slo-lens reads the workspace behind them.
Memory is what is resident after twenty seconds in which nobody types, and right after the typing.

| workspace | server | first diagnostics | workspace read | memory | after typing |
| --- | --- | ---: | ---: | ---: | ---: |
${starts.join("\n")}`;
}

function milliseconds(ms: number): string {
  return Number.isNaN(ms) ? "–" : `${ms < 100 ? ms.toFixed(1) : Math.round(ms)} ms`;
}
