/**
 * Feeds thousands of cut and mangled copies of real files to the readers, and tells what crashed and what was slow.
 * Usage: node scripts/fuzz.ts FOLDER [--rounds=2000] [--seed=1] [--slow=500]
 */
import { globSync, readFileSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import {
  type FileSummary,
  lineStarts,
  readPrismaSchema,
  readSql,
  sqlText,
  summarizeText,
  tablesFromSql,
  tablesFromSummary,
} from "../engine/index.ts";
import { nodeParser } from "../platform/index.ts";

const PIECES = [
  "(",
  ")",
  "{",
  "}",
  "[",
  "]",
  "`",
  "'",
  '"',
  "${",
  "=>",
  "<",
  ">",
  "/",
  "/*",
  "*/",
  "//",
  "@",
  ".",
  "?.",
  ",",
  ";",
  ":",
  "=",
  "!",
  "\n",
  "class ",
  "async ",
  "await ",
  "import ",
  "export default ",
  "function ",
  "return ",
  "if (",
  "else ",
  "const a = ",
  "SELECT ",
  "FROM ",
  "\u0000",
  "\uD800",
  "\uFEFF",
  "…",
  "<a>",
  "@@",
  "// slo-allow x: y\n",
];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: "string", default: "2000" },
    seed: { type: "string", default: "1" },
    slow: { type: "string", default: "500" },
  },
});
const folder = path.resolve(positionals[0] ?? ".");
const slowFrom = Number(values.slow);
const files = globSync("**/*.{ts,tsx,js,jsx,mjs,cjs,mts,cts,sql,prisma}", {
  cwd: folder,
  exclude: (it) => it.name === ".git",
  withFileTypes: true,
})
  .filter((it) => it.isFile())
  .map((it) => path.relative(folder, path.join(it.parentPath, it.name)))
  .sort();
if (files.length === 0) {
  console.error(`There are no source files in ${folder}.`);
  process.exit(2);
}

interface Slow {
  readonly ms: number;
  readonly what: string;
}

const random = seeded(Number(values.seed));
const slow: Slow[] = [];
const wrong: string[] = [];
let reads = 0;
let total = 0;
const parser = nodeParser();

for (let round = 0; round < Number(values.rounds); round++) {
  const file = files[Math.floor(random() * files.length)]!;
  const original = readFileSync(path.join(folder, file), "utf8").slice(0, 300_000);
  const text = round % 10 === 0 ? original : mangle(original);
  if (file.endsWith(".sql")) timed(file, round, () => void tablesFromSql(file, text));
  else if (file.endsWith(".prisma")) timed(file, round, () => void readPrismaSchema(file, text));
  else
    for (const recover of [false, true]) {
      let summary: FileSummary | undefined;
      timed(`${file}${recover ? " (recovered)" : ""}`, round, () => {
        summary = summarizeText(parser, file, text, { recover });
      });
      if (!summary) continue;
      if (summary.failure?.message.startsWith("The file could not be summarised"))
        wrong.push(`${file}, round ${round}: ${summary.failure.message}`);
      const odd = contradiction(summary, text);
      if (odd !== undefined) wrong.push(`${file}, round ${round}: ${odd}`);
      const read = summary;
      timed(`${file} (tables and SQL)`, round, () => {
        tablesFromSummary(read);
        for (const call of read.calls)
          for (const arg of call.args)
            if (arg.k === "tpl" || arg.k === "lit") {
              const sql = sqlText(arg);
              if (sql) readSql(sql.text, "postgresql", sql.holes);
            }
      });
    }
}

slow.sort((a, b) => b.ms - a.ms);
console.log(
  `${reads} reads of ${values.rounds} texts from ${files.length} files, ${(total / reads).toFixed(2)} ms on average.`,
);
for (const it of slow.slice(0, 10))
  console.log(`${it.ms.toFixed(0).padStart(6)} ms  ${it.what}${it.ms > slowFrom ? "  SLOW" : ""}`);
for (const it of wrong.slice(0, 50)) console.log(`WRONG  ${it}`);
process.exitCode = wrong.length > 0 ? 1 : 0;

function timed(what: string, round: number, run: () => void): void {
  const start = performance.now();
  try {
    run();
  } catch (error) {
    wrong.push(`${what}, round ${round}: ${error instanceof Error ? error.stack : String(error)}`);
  }
  const ms = performance.now() - start;
  reads += 1;
  total += ms;
  slow.push({ ms, what: `${what}, round ${round}` });
  if (slow.length > 2_000) slow.sort((a, b) => b.ms - a.ms).splice(100);
}

/** Indexes that point at nothing, spans that lie outside of the text. */
function contradiction(summary: FileSummary, text: string): string | undefined {
  const inside = ([from, to]: readonly [number, number]): boolean => 0 <= from && from <= to && to <= text.length;
  if (summary.lines.length !== lineStarts(text).length) return "lines do not fit the text";
  for (const [i, call] of summary.calls.entries()) {
    if (!inside(call.at) || !inside(call.nameAt)) return `call ${i} lies outside of the text`;
    if (!summary.functions[call.fn]) return `call ${i} stands in no function`;
    if (call.loop !== undefined && !summary.loops[call.loop]) return `call ${i} stands in no loop`;
    if (call.branch !== undefined && !summary.branches[call.branch]) return `call ${i} stands in no branch`;
  }
  for (const [i, fn] of summary.functions.entries()) {
    if (!inside(fn.at) || !inside(fn.bodyAt) || !inside(fn.nameAt)) return `function ${i} lies outside of the text`;
    if (fn.parent >= i) return `function ${i} stands in a later one`;
  }
  for (const [i, it] of summary.allowances.entries())
    if (!inside(it.at) || !inside(it.covers)) return `allowance ${i} lies outside of the text`;
  const hole = missing(summary, "summary");
  if (hole !== undefined) return `${hole} is missing`;
  const seen = JSON.stringify(summary);
  return seen.length > 200 * text.length + 100_000
    ? `the summary is ${Math.round(seen.length / Math.max(1, text.length))} times as long as the text`
    : undefined;
}

/** Names that are no text, gaps in lists: what a tree of broken text may bring in. */
function missing(value: unknown, at: string): string | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  for (const [key, it] of Object.entries(value)) {
    const here = `${at}.${key}`;
    if (
      Array.isArray(value)
        ? it == null
        : (key === "name" || key === "specifier" || key === "op" || key === "k") &&
          typeof it !== "string" &&
          !(key === "name" && it === null)
    )
      return here;
    if (key === "at" && !Array.isArray(it)) return here;
    if (it === undefined && ["value", "callee", "args", "of", "test"].includes(key)) return here;
    const inner = missing(it, here);
    if (inner !== undefined) return inner;
  }
  return undefined;
}

function mangle(text: string): string {
  let it = text;
  const times = 1 + Math.floor(random() * 3);
  for (let n = 0; n < times; n++) {
    const at = Math.floor(random() * it.length);
    const to = Math.floor(random() * it.length);
    const piece = PIECES[Math.floor(random() * PIECES.length)]!;
    switch (Math.floor(random() * 7)) {
      case 0:
        it = it.slice(0, at);
        break;
      case 1:
        it = it.slice(0, at) + it.slice(at + Math.floor(random() * 60));
        break;
      case 2:
        it = it.slice(0, at) + piece + it.slice(at);
        break;
      case 3:
        it = it.slice(0, at) + it.slice(Math.min(at, to), Math.max(at, to)).slice(0, 5_000) + it.slice(at);
        break;
      case 4:
        it = it.slice(0, at) + it.slice(to);
        break;
      case 5:
        it = it.slice(0, at) + piece.repeat(1 + Math.floor(random() * 300)) + it.slice(at);
        break;
      default:
        it = it.slice(at);
    }
    it = it.slice(0, 1_000_000);
  }
  return it;
}

function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
