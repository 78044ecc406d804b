/** What the running program is, so that no cache outlives the code that wrote it. */
import { readdirSync, statSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

let wholeProgram: string | undefined;
let summarizer: string | undefined;

/** Changes with every build; while developing, with every saved source of ours. */
export function codeKey(): string {
  wholeProgram ??= makeKey(import.meta.url, ["engine", "rules", "slo", "platform", "cli"]);
  return wholeProgram;
}

/** The same for what makes summaries alone: the worker's bundle, which every program has beside it. */
export function summarizerKey(): string {
  summarizer ??= makeKey(new URL("./worker.js", import.meta.url).href, ["engine", "platform"]);
  return summarizer;
}

function makeKey(bundle: string, rooms: readonly string[]): string {
  try {
    const self = fileURLToPath(import.meta.url);
    if (!self.endsWith(".ts")) {
      const { size, mtimeMs } = statSync(fileURLToPath(bundle));
      return `${size} ${mtimeMs}`;
    }
    const home = path.dirname(path.dirname(self));
    let newest = 0;
    let count = 0;
    for (const room of rooms)
      for (const it of readdirSync(path.join(home, room), { recursive: true, encoding: "utf8" })) {
        if (!it.endsWith(".ts")) continue;
        count++;
        newest = Math.max(newest, statSync(path.join(home, room, it)).mtimeMs);
      }
    return `source ${count} ${newest}`;
  } catch {
    return "unknown";
  }
}
