/** One run of a program: how long, how much processor, how much memory. */
import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

export interface Measured {
  /** Milliseconds. */
  readonly wall: number;
  /** Milliseconds of all processors; NaN where the system does not tell. */
  readonly cpu: number;
  /** Bytes at the highest; NaN where the system does not tell. */
  readonly memory: number;
  readonly code: number;
  readonly out: string;
}

const POLL = 15;
const LIMIT = 15 * 60_000;

/** Waits for the program's end. Processor and memory are those of its process tree, read from /proc (Linux). */
export function measure(
  command: string,
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Measured> {
  return new Promise((resolve, reject) => {
    const started = performance.now();
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, NO_COLOR: "1", ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let out = "";
    let err = "";
    child.stdout.on("data", (chunk: Buffer) => {
      if (out.length < 1e6) out += chunk.toString();
    });
    child.stderr.on("data", (chunk: Buffer) => {
      if (err.length < 1e5) err += chunk.toString();
    });
    let memory = Number.NaN;
    let cpu = Number.NaN;
    const poll = (): void => {
      const seen = child.pid === undefined ? undefined : treeOf(child.pid);
      if (!seen) return;
      memory = Math.max(Number.isNaN(memory) ? 0 : memory, seen.memory);
      cpu = Math.max(Number.isNaN(cpu) ? 0 : cpu, seen.cpu);
    };
    const timer = setInterval(poll, POLL);
    const killer = setTimeout(() => child.kill("SIGKILL"), LIMIT);
    child.on("error", reject);
    child.on("close", (code) => {
      clearInterval(timer);
      clearTimeout(killer);
      resolve({ wall: performance.now() - started, cpu, memory, code: code ?? -1, out: out || err });
    });
  });
}

function treeOf(pid: number): { readonly memory: number; readonly cpu: number } | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    // Clock ticks of 10 ms: user, system, and those of children that have ended.
    let cpu = (Number(fields[11]) + Number(fields[12]) + Number(fields[13]) + Number(fields[14])) * 10;
    let memory = Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) * 1024;
    for (const task of readdirSync(`/proc/${pid}/task`))
      for (const child of readFileSync(`/proc/${pid}/task/${task}/children`, "utf8").split(" ").filter(Boolean)) {
        const inner = treeOf(Number(child));
        cpu += inner?.cpu ?? 0;
        memory += inner?.memory ?? 0;
      }
    return { memory, cpu };
  } catch {
    return undefined;
  }
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
