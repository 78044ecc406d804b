/** Summaries of many files: from the cache where nothing changed, else by all processors. */
import { availableParallelism } from "node:os";
import { setImmediate as nextTurn } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { ENGINE_VERSION, emptySummary, type FileSummary } from "../engine/index.ts";
import { summarizerKey } from "./code-key.ts";
import type { FoundFile } from "./files.ts";
import { nodeParser } from "./parser.ts";
import { type CachedSummary, type NewEntry, openSummaryCache } from "./summary-cache.ts";
import { readSource, summarizeFile, type WorkAnswer, type WorkRequest } from "./summary-work.ts";

export interface SummariesInput {
  readonly root: string;
  readonly files: readonly FoundFile[];
  /** Further files that what was just read makes necessary; asked until there are none. */
  readonly more?: ((read: Iterable<FileSummary>, has: (path: string) => boolean) => readonly FoundFile[]) | undefined;
  /** Files whose entries stay in the cache although they were not asked for; all that is not, is gone. */
  readonly isKnown?: ((path: string) => boolean) | undefined;
  /** Absolute; no cache where absent. */
  readonly cacheDir?: string | undefined;
  /** Threads beside the main one; by default as many as there are processors, four at most, none for small workspaces. */
  readonly workers?: number | undefined;
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface Summaries {
  readonly byPath: Map<string, FileSummary>;
  /** How many were read anew. */
  readonly made: number;
  /** Writes the cache; call it once the answer is out. */
  readonly save: () => void;
}

/** Fewer files are read by one thread sooner than a second one has started. */
const WORKERS_FROM = 150;
const BATCH = 24;
/** Milliseconds of work on the main thread before other work gets a turn. */
const SLICE = 15;
/** Milliseconds a batch may take; a thread that hangs is given up and its files are reported. */
const BATCH_LIMIT = 60_000;

/** Never throws but for the signal. What cannot be read has a summary whose `failure` says why. */
export async function summarizeFiles(input: SummariesInput): Promise<Summaries> {
  const { root, cacheDir, signal } = input;
  const cache = cacheDir === undefined ? undefined : openSummaryCache(cacheDir, `${ENGINE_VERSION} ${summarizerKey()}`);
  const isKnown = input.isKnown ?? ((path: string) => files.has(path));
  const byPath = new Map<string, FileSummary>();
  const made = new Map<string, { readonly hash: string; readonly json?: string }>();
  /** Known by their content, though their time was another. */
  const renewed = new Map<string, string>();
  const stale = new Set<number>();
  const files = new Map<string, FoundFile>();
  let makes = 0;
  let sliceStart = performance.now();
  const breathe = async (): Promise<void> => {
    if (performance.now() - sliceStart < SLICE) return;
    input.onProgress?.(byPath.size, files.size);
    await nextTurn();
    signal?.throwIfAborted();
    sliceStart = performance.now();
  };
  signal?.throwIfAborted();
  for (let round = input.files; round.length > 0; ) {
    for (const it of round) files.set(it.path, it);
    await readRound(round);
    round =
      input
        .more?.(
          round.flatMap((it) => byPath.get(it.path) ?? []),
          (path) => files.has(path),
        )
        .filter((it) => !files.has(it.path)) ?? [];
  }
  input.onProgress?.(byPath.size, files.size);
  signal?.throwIfAborted();

  return {
    // In the order of their paths, whichever shard or thread was first.
    byPath: new Map([...files.keys()].sort().flatMap((it) => (byPath.has(it) ? [[it, byPath.get(it)!] as const] : []))),
    made: makes,
    save: () => {
      if (!cache) return;
      const changed = new Map<string, NewEntry>();
      const add = (path: string, hash: string, json: () => string): void => {
        const { size, mtimeMs } = files.get(path)!;
        changed.set(path, { size, mtimeMs, hash, json });
      };
      for (const [path, hash] of renewed) add(path, hash, () => JSON.stringify(byPath.get(path)));
      // What could not be read is tried again.
      for (const [path, { hash, json }] of made)
        if (hash !== "") add(path, hash, () => json ?? JSON.stringify(byPath.get(path)));
      cache.save(changed, isKnown, stale);
      made.clear();
    },
  };

  async function readRound(round: readonly FoundFile[]): Promise<void> {
    const missing: FoundFile[] = [];
    if (!cache) missing.push(...round);
    else
      for (const [shard, wanted] of byShard(round, cache.shardOf)) {
        const entries = cache.read(shard);
        for (const path of entries.keys()) if (!isKnown(path)) stale.add(shard);
        for (const file of wanted) {
          const cached = entries.get(file.path);
          const isSame = cached !== undefined && (fitsStat(cached, file) || hasContent(root, file, cached));
          const summary = isSame ? parseSummary(cached.json, file.path) : undefined;
          if (summary) {
            byPath.set(file.path, summary);
            if (!fitsStat(cached!, file)) renewed.set(file.path, cached!.hash);
          } else missing.push(file);
          await breathe();
        }
      }
    if (missing.length === 0) return;
    makes += missing.length;
    await work(missing, input.workers ?? (missing.length < WORKERS_FROM ? 0 : Math.min(4, availableParallelism()) - 1));
  }

  /** The main thread and the workers take batches from one end each until none is left. */
  async function work(missing: readonly FoundFile[], threads: number): Promise<void> {
    let head = 0;
    let tail = missing.length;
    const running: Promise<void>[] = [];
    for (let i = 0; i < threads; i++) running.push(runWorker());
    const parser = nodeParser();
    const own = (async (): Promise<void> => {
      while (head < tail) {
        const { path } = missing[head++]!;
        const { hash, summary } = summarizeFile(parser, root, path);
        byPath.set(path, summary);
        made.set(path, { hash });
        await breathe();
      }
    })();
    await own.finally(() => Promise.all(running));
    // What a lost worker had taken.
    for (const { path } of missing) {
      if (byPath.has(path)) continue;
      byPath.set(
        path,
        emptySummary(
          path,
          { message: "Reading this file took too long or broke the parser; it was left out.", line: 1, column: 1 },
          "",
        ),
      );
      made.set(path, { hash: "" });
    }

    function runWorker(): Promise<void> {
      return new Promise((resolve) => {
        let worker: Worker;
        let timer: NodeJS.Timeout | undefined;
        const end = (): void => {
          clearTimeout(timer);
          signal?.removeEventListener("abort", end);
          void worker?.terminate();
          resolve();
        };
        const next = (): void => {
          clearTimeout(timer);
          if (head >= tail || signal?.aborted) {
            end();
            return;
          }
          const from = Math.max(head, tail - Math.max(1, Math.min(BATCH, Math.ceil((tail - head) / (threads + 2)))));
          const request: WorkRequest = { root, paths: missing.slice(from, tail).map((it) => it.path) };
          tail = from;
          timer = setTimeout(end, BATCH_LIMIT);
          worker.postMessage(request);
        };
        try {
          worker = new Worker(workerUrl());
        } catch {
          resolve();
          return;
        }
        signal?.addEventListener("abort", end, { once: true });
        worker.on("message", (answers: readonly WorkAnswer[]) => {
          // The next batch first, so that the worker is busy while its answers are read.
          next();
          for (const it of answers) {
            const summary = parseSummary(it.json, it.path);
            if (!summary) continue;
            byPath.set(it.path, summary);
            made.set(it.path, { hash: it.hash, json: it.json });
          }
        });
        worker.on("error", end);
        worker.on("exit", end);
        next();
      });
    }
  }
}

function fitsStat(cached: CachedSummary, file: FoundFile): boolean {
  return cached.size === file.size && cached.mtimeMs === file.mtimeMs;
}

/** A touched file with the text it had: a checkout or a restored cache changes every time. */
function hasContent(root: string, file: FoundFile, cached: CachedSummary): boolean {
  if (cached.size !== file.size) return false;
  const source = readSource(root, file.path);
  return "hash" in source && source.hash === cached.hash;
}

function byShard(files: readonly FoundFile[], shardOf: (path: string) => number): ReadonlyMap<number, FoundFile[]> {
  const map = new Map<number, FoundFile[]>();
  for (const it of files) {
    const known = map.get(shardOf(it.path));
    if (known) known.push(it);
    else map.set(shardOf(it.path), [it]);
  }
  return map;
}

function parseSummary(json: string, path: string): FileSummary | undefined {
  try {
    const summary = JSON.parse(json) as FileSummary;
    return summary.path === path && summary.engine === ENGINE_VERSION && Array.isArray(summary.calls)
      ? summary
      : undefined;
  } catch {
    return undefined;
  }
}

/** Beside this module: as source while developing, as a bundle once built. */
function workerUrl(): URL {
  return new URL(import.meta.url.endsWith(".ts") ? "./worker.ts" : "./worker.js", import.meta.url);
}
