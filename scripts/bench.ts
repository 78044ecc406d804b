/**
 * `npm run bench`: `check`, cold and warm, beside ESLint, Biome, oxlint and ast-grep on the same files in one run, and
 * workspaces of growing size. Writes docs/bench.md.
 *
 *   npm run bench -- [--sizes 1000,10000] [--rounds 3] [--folder DIR]... [--no-peers]
 */
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus, tmpdir, totalmem } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { cacheFolder } from "../platform/index.ts";
import { type Measured, measure, median } from "./bench/measure.ts";
import { ESLINT_RULES, installPeers, type Peer } from "./bench/peers.ts";
import { writeWorkspace } from "./bench/synthetic.ts";

const root = path.dirname(import.meta.dirname);
const home = path.join(root, ".cache", "bench");
const { values: options } = parseArgs({
  options: {
    sizes: { type: "string", default: "1000,10000,50000" },
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
const peers: readonly Peer[] = options["no-peers"] ? [] : installPeers(path.join(home, "peers"));
const sections: string[] = [];
for (const subject of subjects()) sections.push(await section(subject));
mkdirSync(path.dirname(options.out), { recursive: true });
writeFileSync(options.out, page(sections));
console.log(`Written: ${path.relative(process.cwd(), options.out)}`);

function* subjects(): Generator<Subject> {
  for (const it of options.folder)
    yield { name: path.basename(path.resolve(it)), folder: path.resolve(it), files: countSources(path.resolve(it)) };
  for (const it of options.sizes.split(",").filter(Boolean)) {
    const folder = path.join(tmpdir(), "slo-lens-bench", `workspace-${it}`);
    const stamp = path.join(folder, ".written");
    const generator = readFileSync(path.join(import.meta.dirname, "bench", "synthetic.ts"), "utf8");
    if (!existsSync(stamp) || readFileSync(stamp, "utf8") !== generator) {
      rmSync(folder, { recursive: true, force: true });
      writeWorkspace(folder, Number(it));
      writeFileSync(stamp, generator);
      age(folder);
    }
    yield { name: `made-up service, ${Number(it).toLocaleString("en")} files`, folder, files: countSources(folder) };
  }
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

/** As files are that were not written this very second: a cache may trust their times. */
function age(folder: string): void {
  for (const it of readdirSync(folder, { recursive: true, encoding: "utf8" })) setBack(path.join(folder, it));
}

function setBack(file: string): void {
  const then = new Date(Date.now() - 60_000);
  utimesSync(file, then, then);
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
