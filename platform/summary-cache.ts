/**
 * Summaries on disk, so that a second start reads no unchanged file. Shards of lines: a line of facts about the file
 * (path, size, mtime, hash), a line with its summary. Whatever is odd about a shard makes it a miss, never an error.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import path from "node:path";

export interface CachedSummary {
  readonly size: number;
  readonly mtimeMs: number;
  readonly hash: string;
  /** The summary as JSON. */
  readonly json: string;
}

export interface SummaryCache {
  readonly entries: Map<string, CachedSummary>;
  /** Writes the shards of the paths given and leaves the others. Never throws: a cache that cannot be written is none. */
  readonly save: (changed: Iterable<string>) => void;
}

const SHARDS = 32;
const FORMAT = 1;
/** Milliseconds: a file written this shortly before the cache may change again within one tick of its clock. */
const RACY = 1500;

/** Where the cache of a workspace lies: with its dependencies if there are any, else in the user's temporary folder. */
export function cacheFolder(root: string): string {
  const modules = path.join(root, "node_modules");
  if (existsSync(modules)) return path.join(modules, ".cache", "slo-lens");
  let user = "shared";
  try {
    user = String(userInfo().uid >= 0 ? userInfo().uid : userInfo().username);
  } catch {
    // Some containers run as a user that has no entry.
  }
  return path.join(
    tmpdir(),
    `slo-lens-${user}`,
    createHash("sha1").update(path.resolve(root)).digest("hex").slice(0, 16),
  );
}

/** @param key whatever summaries depend on beside their text */
export function openSummaryCache(folder: string, key: string): SummaryCache {
  const entries = new Map<string, CachedSummary>();
  for (let i = 0; i < SHARDS; i++) readShard(shardFile(folder, i), key, entries);
  return {
    entries,
    save: (changed) => {
      const touched = new Set<number>();
      for (const it of changed) touched.add(shardOf(it));
      if (touched.size === 0) return;
      try {
        mkdirSync(folder, { recursive: true, mode: 0o700 });
        const byShard = new Map<number, string[]>();
        for (const [file, it] of entries) {
          const shard = shardOf(file);
          if (!touched.has(shard)) continue;
          const lines = byShard.get(shard) ?? [];
          byShard.set(shard, lines);
          lines.push(JSON.stringify([file, it.size, it.mtimeMs, it.hash]), it.json);
        }
        for (const shard of touched) {
          const lines = byShard.get(shard);
          const file = shardFile(folder, shard);
          if (!lines) {
            rmSync(file, { force: true });
            continue;
          }
          const header = JSON.stringify({ format: FORMAT, key, savedAt: Date.now(), lines: lines.length });
          const temporary = `${file}.${process.pid}.tmp`;
          writeFileSync(temporary, `${header}\n${lines.join("\n")}\n`, { mode: 0o600 });
          renameSync(temporary, file);
        }
      } catch {
        // A read-only or full disk costs time at the next start, nothing else.
      }
    },
  };
}

function readShard(file: string, key: string, into: Map<string, CachedSummary>): void {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    return;
  }
  try {
    const lines = text.split("\n");
    const header = JSON.parse(lines[0]!) as { format: number; key: string; savedAt: number; lines: number };
    if (header.format !== FORMAT || header.key !== key || lines.length !== header.lines + 2) return;
    for (let i = 1; i + 1 < lines.length; i += 2) {
      const [path, size, mtimeMs, hash] = JSON.parse(lines[i]!) as [string, number, number, string];
      if (typeof path !== "string" || typeof hash !== "string") return;
      into.set(path, { size, mtimeMs: mtimeMs > header.savedAt - RACY ? -1 : mtimeMs, hash, json: lines[i + 1]! });
    }
  } catch {
    // Cut off or overwritten: what it held is made anew.
  }
}

function shardFile(folder: string, shard: number): string {
  return path.join(folder, `summaries-${String(shard).padStart(2, "0")}.jsonl`);
}

function shardOf(file: string): number {
  let hash = 5381;
  for (let i = 0; i < file.length; i++) hash = ((hash << 5) + hash + file.charCodeAt(i)) | 0;
  return (hash >>> 0) % SHARDS;
}
