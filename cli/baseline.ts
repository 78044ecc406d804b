/** Findings that were there before: a file that lists them, so that only new ones count. */
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { Reported } from "./findings.ts";
import { CannotRun } from "./host.ts";

export interface Baseline {
  readonly version: 1;
  /** One entry per finding, known by what it says and the text of its line: it may move, but not change. */
  readonly findings: readonly BaselineEntry[];
}

interface BaselineEntry {
  readonly ruleId: string;
  readonly path: string;
  readonly function: string;
  /** Hash of the line's text. */
  readonly line: string;
  readonly count: number;
}

export function writeBaseline(file: string, found: readonly Reported[]): void {
  const entries = new Map<string, BaselineEntry>();
  for (const it of found) {
    const key = keyOf(it);
    entries.set(key, {
      ruleId: it.reported.ruleId,
      path: it.path,
      function: it.reported.function,
      line: lineHash(it),
      count: (entries.get(key)?.count ?? 0) + 1,
    });
  }
  const baseline: Baseline = { version: 1, findings: [...entries.values()] };
  try {
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, `${JSON.stringify(baseline, null, 2)}\n`);
  } catch (error) {
    throw new CannotRun(`The baseline ${file} cannot be written: ${error instanceof Error ? error.message : error}`);
  }
}

export function readBaseline(file: string): Baseline {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    throw new CannotRun(`There is no baseline at ${file}. Write it once with --write-baseline.`);
  }
  try {
    const baseline = JSON.parse(text) as Baseline;
    if (baseline.version === 1 && Array.isArray(baseline.findings)) return baseline;
  } catch {
    // Said below.
  }
  throw new CannotRun(`${file} is no baseline of slo-lens. Write it anew with --write-baseline.`);
}

/** What is left once every known finding is taken off, each as often as it was known. */
export function applyBaseline(baseline: Baseline, found: readonly Reported[]): Reported[] {
  const left = new Map<string, number>();
  for (const it of baseline.findings) {
    const key = JSON.stringify([it.ruleId, it.path, it.function, it.line]);
    left.set(key, (left.get(key) ?? 0) + (Number(it.count) || 0));
  }
  return found.filter((it) => {
    const key = keyOf(it);
    const count = left.get(key) ?? 0;
    if (count <= 0) return true;
    left.set(key, count - 1);
    return false;
  });
}

function keyOf(it: Reported): string {
  return JSON.stringify([it.reported.ruleId, it.path, it.reported.function, lineHash(it)]);
}

function lineHash({ lineText }: Reported): string {
  return createHash("sha1").update(lineText.replace(/\s+/g, " ")).digest("hex").slice(0, 12);
}
