/** What the running program is, so that no cache outlives the code that wrote it. */
import { readdirSync, statSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

let known: string | undefined;

/** Changes with every build; while developing, with every saved source of ours. */
export function codeKey(): string {
  known ??= makeKey();
  return known;
}

function makeKey(): string {
  try {
    const self = fileURLToPath(import.meta.url);
    if (!self.endsWith(".ts")) {
      const { size, mtimeMs } = statSync(self);
      return `${size} ${mtimeMs}`;
    }
    const home = path.dirname(path.dirname(self));
    let newest = 0;
    let count = 0;
    for (const room of ["engine", "rules", "slo", "platform", "cli"])
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
