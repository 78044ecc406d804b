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
  /**
   * How often a file in which something fails is run at most. More than once only where tests drive a browser over an
   * editor, which a machine with other work keeps waiting; the summary names what needed it.
   */
  readonly attempts?: number;
}

let passed = 0;
let failed = 0;
const repeated: string[] = [];

/** @returns whether every test passed; an empty list passes. */
export async function runTests(
  files: readonly string[],
  { concurrency = availableParallelism(), attempts = 1 }: RunOptions = {},
): Promise<boolean> {
  if (files.length === 0) return true;
  const counts = await runOnce(files, concurrency);
  const broken = files.filter((it) => (counts.get(path.join(root, it))?.failed ?? 0) > 0);
  const isRepeated = attempts > 1 && broken.length > 0;
  for (const [file, count] of counts) {
    // A file that is run again counts as it does then.
    if (isRepeated && broken.some((it) => path.join(root, it) === file)) continue;
    passed += count.passed;
    failed += count.failed;
  }
  const isWhole = [...counts.values()].every((it) => it.failed === 0);
  if (!isRepeated) return isWhole;
  console.error(`Once more: ${broken.join(", ")}`);
  repeated.push(...broken);
  const isMended = await runTests(broken, { concurrency, attempts: attempts - 1 });
  return (
    isMended && [...counts].every(([file, it]) => it.failed === 0 || broken.some((b) => path.join(root, b) === file))
  );
}

/** Passed and failed tests by the file they stand in; what cannot be put down to a file is under "". */
async function runOnce(
  files: readonly string[],
  concurrency: number,
): Promise<ReadonlyMap<string, { readonly passed: number; readonly failed: number }>> {
  const counts = new Map<string, { passed: number; failed: number }>();
  const of = (file: string | undefined): { passed: number; failed: number } => {
    const known = counts.get(file ?? "") ?? { passed: 0, failed: 0 };
    counts.set(file ?? "", known);
    return known;
  };
  const seed = pathToFileURL(path.join(root, "test/kit/seed.ts")).href;
  const stream = run({
    files: files.map((it) => path.join(root, it)),
    concurrency,
    cwd: root,
    execArgv: ["--import", seed],
  });
  stream.on("test:pass", ({ details, file }) => {
    if (details.type !== "suite") of(file).passed++;
  });
  stream.on("test:fail", ({ details, file }) => {
    if (details.type !== "suite") of(file).failed++;
  });
  const report = stream.compose(new spec());
  for await (const chunk of report) process.stdout.write(chunk as string);
  return counts;
}

/** The last line of a run. */
export function summary(): string {
  const again = repeated.length > 0 ? ` (run a second time: ${[...new Set(repeated)].join(", ")})` : "";
  return `${passed} passed, ${failed} failed${again}`;
}
