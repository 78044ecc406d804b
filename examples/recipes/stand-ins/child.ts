import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

export interface Child<Ready> {
  readonly process: ChildProcess;
  /** The first line that it printed: one JSON object. */
  readonly ready: Ready;
  /** Lines printed after the first. */
  readonly lines: readonly string[];
  /** Asks it to end, waits until it has, and ends it by force after five seconds. */
  stop(): Promise<void>;
}

/**
 * Starts a program of this example and waits for its first line, by which it says that it is ready.
 * Rejects when the program ends before that; its error output goes to ours.
 */
export async function startChild<Ready>(
  file: URL,
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<Child<Ready>> {
  const tether = new URL("leave-with-parent.ts", import.meta.url).href;
  const child = spawn(process.execPath, ["--import", tether, fileURLToPath(file), ...args], {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "inherit", "ipc"],
    // In a group of its own, so that Ctrl+C reaches the parent alone and everything ends in its order.
    detached: true,
  });
  if (child.stdout === null) throw new Error("a piped output is missing");
  const ended = once(child, "exit");
  const printed = createInterface({ input: child.stdout });
  const first = await Promise.race([once(printed, "line"), ended.then(() => undefined)]);
  if (first === undefined) throw new Error(`${file.pathname} ended before it was ready`);
  const lines: string[] = [];
  printed.on("line", (line) => lines.push(line));

  async function stop() {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill("SIGTERM");
      const force = setTimeout(() => child.kill("SIGKILL"), 5_000);
      await ended;
      clearTimeout(force);
    }
  }

  return { process: child, ready: JSON.parse(first[0] as string) as Ready, lines, stop };
}
