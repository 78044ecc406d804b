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

/** An entry to write; its text is made when its shard is written, so that never more than a shard's worth is held. */
export interface NewEntry extends Omit<CachedSummary, "json"> {
  readonly json: () => string;
}

export interface SummaryCache {
  readonly shardOf: (path: string) => number;
  /** The entries of one shard, read from disk each time: nothing is kept. */
  readonly read: (shard: number) => ReadonlyMap<string, CachedSummary>;
  /**
   * Writes, one with each step, the shards of the entries given, and `also` those named, without what is not known any more. Never throws: a
   * cache that cannot be written is none.
   */
  readonly save: (
    changed: ReadonlyMap<string, NewEntry>,
    isKnown: (path: string) => boolean,
    also: Iterable<number>,
  ) => Iterable<void>;
}

const BEYOND_LATIN1 = /[^\x00-\xff]/;
const SHARDS = 32;
const FORMAT = 2;
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
  const read = (shard: number): Map<string, CachedSummary> => readShard(shardFile(folder, shard), key);
  return {
    shardOf,
    read,
    *save(changed, isKnown, also) {
      const byShard = new Map<number, string[]>([...also].map((it) => [it, []]));
      for (const file of changed.keys()) {
        const files = byShard.get(shardOf(file));
        if (files) files.push(file);
        else byShard.set(shardOf(file), [file]);
      }
      if (byShard.size === 0) return;
      try {
        mkdirSync(folder, { recursive: true, mode: 0o700 });
        for (const [shard, files] of byShard) {
          writeShard(shardFile(folder, shard), key, files, changed, read(shard), isKnown);
          yield;
        }
      } catch {
        // A read-only or full disk costs time at the next start, nothing else.
      }
    },
  };
}

function writeShard(
  file: string,
  key: string,
  files: readonly string[],
  changed: ReadonlyMap<string, NewEntry>,
  before: ReadonlyMap<string, CachedSummary>,
  isKnown: (path: string) => boolean,
): void {
  const lines: string[] = [];
  const add = (path: string, { size, mtimeMs, hash }: Omit<CachedSummary, "json">, json: string): void => {
    lines.push(inLatin1(JSON.stringify([path, size, mtimeMs, hash])), inLatin1(json));
  };
  for (const [path, it] of before) if (!changed.has(path) && isKnown(path)) add(path, it, it.json);
  for (const path of files) add(path, changed.get(path)!, changed.get(path)!.json());
  if (lines.length === 0) {
    rmSync(file, { force: true });
    return;
  }
  // Every character a byte: read back without decoding (measured: 60 ms instead of 550 for 35 MB), and parsed faster.
  const header = JSON.stringify({ format: FORMAT, key, savedAt: Date.now(), lines: lines.length });
  const temporary = `${file}.${process.pid}.tmp`;
  writeFileSync(temporary, `${header}\n${lines.join("\n")}\n`, { mode: 0o600, encoding: "latin1" });
  renameSync(temporary, file);
}

/**
 * JSON as it was, every character beyond Latin-1 as its escape. Asked line by line: of a text that has none, as most, V8
 * knows so at once, while one such character makes it search the whole of what it is joined to.
 */
function inLatin1(json: string): string {
  if (!BEYOND_LATIN1.test(json)) return json;
  return json.replace(/[^\x00-\xff]/g, (it) => `\\u${it.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

function readShard(file: string, key: string): Map<string, CachedSummary> {
  const found = new Map<string, CachedSummary>();
  let text: string;
  try {
    text = readFileSync(file, "latin1");
  } catch {
    return found;
  }
  try {
    const lines = text.split("\n");
    const header = JSON.parse(lines[0]!) as { format: number; key: string; savedAt: number; lines: number };
    if (header.format !== FORMAT || header.key !== key || lines.length !== header.lines + 2) return found;
    for (let i = 1; i + 1 < lines.length; i += 2) {
      const [path, size, mtimeMs, hash] = JSON.parse(lines[i]!) as [string, number, number, string];
      if (typeof path !== "string" || typeof hash !== "string") break;
      // Where a file was written within a tick of the clock before the cache, its time tells nothing.
      const isRacy = mtimeMs > header.savedAt - RACY;
      found.set(path, { size, mtimeMs: isRacy ? -1 : mtimeMs, hash, json: lines[i + 1]! });
    }
  } catch {
    // Cut off or overwritten: what it held is made anew.
  }
  return found;
}

function shardFile(folder: string, shard: number): string {
  return path.join(folder, `summaries-${String(shard).padStart(2, "0")}.jsonl`);
}

function shardOf(file: string): number {
  let hash = 5381;
  for (let i = 0; i < file.length; i++) hash = ((hash << 5) + hash + file.charCodeAt(i)) | 0;
  return (hash >>> 0) % SHARDS;
}
