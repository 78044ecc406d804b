#!/usr/bin/env node
/** The program: hands the process to `run` and its exit code back. */
import { spawn } from "node:child_process";
import { totalmem } from "node:os";
import { getHeapStatistics, setFlagsFromString } from "node:v8";
import { useProxies } from "../platform/index.ts";
import { NeedsMemory, run } from "./index.ts";

// A command is over within seconds and runs much code a little. By default a quarter of its processor time went into
// compiling what was soon not needed any more (measured: a cold check of 1,300 files 3.7 s, with this 3.1 s; of 10,000
// files 10.8 s and 10.5 s). A server runs long enough.
if (process.argv[2] !== "lsp")
  setFlagsFromString("--invocation-count-for-maglev=3000 --invocation-count-for-turbofan=20000");

useProxies(process.env);
const controller = new AbortController();
process.once("SIGINT", () => controller.abort());
process.once("SIGTERM", () => controller.abort());
// The reader went away (`slo-lens check | head`): nothing is left to say.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
});

/** Set for a process that was started with more memory: it makes do with what it has. */
const AGAIN = "SLO_LENS_STARTED_AGAIN";
const megabyte = 2 ** 20;

try {
  process.exitCode = await run(process.argv.slice(2), {
    cwd: process.cwd(),
    env: process.env,
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(text),
    isTerminal: process.stdout.isTTY === true,
    signal: controller.signal,
    now: Date.now,
    heapLimit: process.env[AGAIN] ? undefined : getHeapStatistics().heap_size_limit / megabyte,
  });
} catch (error) {
  if (!(error instanceof NeedsMemory)) throw error;
  const most = Math.floor((totalmem() / megabyte) * 0.8);
  const heap = `--max-old-space-size=${Math.max(Math.min(error.megabytes, most), Math.floor(getHeapStatistics().heap_size_limit / megabyte))}`;
  const again = spawn(process.execPath, [...process.execArgv, heap, ...process.argv.slice(1)], {
    stdio: "inherit",
    env: { ...process.env, [AGAIN]: "1" },
  });
  controller.signal.addEventListener("abort", () => again.kill());
  process.exitCode = await new Promise<number>((resolve) => {
    again.on("error", () => resolve(2));
    again.on("exit", (code) => resolve(code ?? 2));
  });
}
