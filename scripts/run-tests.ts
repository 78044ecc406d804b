/** Runs test files with Node's own runner, in processes of their own, and ends with its counts on one line. */
import { availableParallelism } from "node:os";
import path from "node:path";
import { run } from "node:test";
import { spec } from "node:test/reporters";
import { pathToFileURL } from "node:url";

const root = path.dirname(import.meta.dirname);

export interface RunOptions {
  /** Test files at once; editors and servers want the machine for themselves. */
  readonly concurrency?: number;
}

let passed = 0;
let failed = 0;

/** @returns whether every test passed; an empty list passes. */
export async function runTests(
  files: readonly string[],
  { concurrency = availableParallelism() }: RunOptions = {},
): Promise<boolean> {
  if (files.length === 0) return true;
  const before = failed;
  const seed = pathToFileURL(path.join(root, "test/kit/seed.ts")).href;
  const stream = run({
    files: files.map((it) => path.join(root, it)),
    concurrency,
    cwd: root,
    execArgv: ["--import", seed],
  });
  stream.on("test:pass", ({ details }) => {
    if (details.type !== "suite") passed++;
  });
  stream.on("test:fail", ({ details }) => {
    if (details.type !== "suite") failed++;
  });
  const report = stream.compose(new spec());
  for await (const chunk of report) process.stdout.write(chunk as string);
  return failed === before;
}

/** The last line of a run. */
export function summary(): string {
  return `${passed} passed, ${failed} failed`;
}
