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
  /** Whether the main thread reads as well, or is kept free for whoever asks it something meanwhile. */
  readonly mainThread?: "reads" | "free" | undefined;
  /** Instead of our own; for tests of workers that fail. */
  readonly workerUrl?: URL | undefined;
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface Summaries {
  readonly byPath: Map<string, FileSummary>;
  /** How many were read anew. */
  readonly made: number;
  /** Writes the cache; call it once the answer is out. */
  readonly save: () => void;
  /** The same, a piece with each step. */
  readonly saveSteps: () => Iterable<void>;
}

/** Fewer files are read by one thread sooner than a second one has started. */
const WORKERS_FROM = 150;
const BATCH = 24;
/** Milliseconds of work on the main thread before other work gets a turn. */
const SLICE = 15;
/** Milliseconds a batch may take; a thread that hangs is given up and its files are tried one by one. */
const BATCH_LIMIT = 60_000;
/** Milliseconds for one of those. */
const FILE_LIMIT = 10_000;

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
  let toldAt = 0;
  const tell = (): void => {
    if (performance.now() - toldAt < SLICE) return;
    toldAt = performance.now();
    input.onProgress?.(byPath.size, files.size);
  };
  const breathe = async (): Promise<void> => {
    if (performance.now() - sliceStart < SLICE) return;
    tell();
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
    saveSteps,
    save: () => {
      for (const _ of saveSteps());
    },
  };

  function* saveSteps(): Iterable<void> {
    if (!cache) return;
    const changed = new Map<string, NewEntry>();
    const put = (path: string, hash: string, json: string | undefined): void => {
      const { size, mtimeMs } = files.get(path)!;
      // As it was read: by the time its shard is written the file may be another.
      const summary = byPath.get(path);
      changed.set(path, { size, mtimeMs, hash, json: () => json ?? JSON.stringify(summary) });
    };
    for (const [path, hash] of renewed) put(path, hash, undefined);
    // What could not be read is tried again.
    for (const [path, { hash, json }] of made) if (hash !== "") put(path, hash, json);
    made.clear();
    renewed.clear();
    yield* cache.save(changed, isKnown, stale);
  }

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
    await work(missing, input.workers ?? (missing.length < WORKERS_FROM ? 0 : threadsFor(input.mainThread)));
  }

  /** The workers, and the main thread where it is not kept free, take batches from one end each until none is left. */
  async function work(missing: readonly FoundFile[], threads: number): Promise<void> {
    let head = 0;
    let tail = missing.length;
    const batch = (): readonly FoundFile[] => {
      const size = Math.max(1, Math.min(BATCH, Math.ceil((tail - head) / (threads + 2))));
      const from = Math.max(head, tail - size);
      const taken = missing.slice(from, tail);
      tail = from;
      return taken;
    };
    const running = Array.from({ length: threads }, () => runWorker(batch, BATCH_LIMIT));
    const own = async (): Promise<void> => {
      const parser = nodeParser();
      while (head < tail) {
        const { path } = missing[head++]!;
        const { hash, summary } = summarizeFile(parser, root, path);
        add(path, hash, summary);
        await breathe();
      }
    };
    const isFree = input.mainThread === "free" && threads > 0;
    if (!isFree) await own().finally(() => Promise.all(running));
    await Promise.all(running);
    // Workers that could not be had.
    await own();
    await again(missing.filter((it) => !byPath.has(it.path)));
  }

  /** What a lost worker had taken is read one by one, so that the file that broke it is the only one left out. */
  async function again(lost: readonly FoundFile[]): Promise<void> {
    const left = [...lost];
    for (let rest = left.length; rest > 0 && !signal?.aborted; rest = left.length) {
      await runWorker(() => left.splice(0, 1), FILE_LIMIT);
      if (left.length === rest) break;
    }
    for (const { path } of lost)
      if (!byPath.has(path))
        add(
          path,
          "",
          emptySummary(
            path,
            { message: "Reading this file took too long or broke the parser; it was left out.", line: 1, column: 1 },
            "",
          ),
        );
  }

  function add(path: string, hash: string, summary: FileSummary, json?: string): void {
    byPath.set(path, summary);
    if (cache) made.set(path, { hash, ...(json === undefined ? {} : { json }) });
  }

  /**
   * Asks for batches, once it has said that it is there, until there is none; ends with what it holds where that takes
   * longer than `limit` ms.
   */
  function runWorker(take: () => readonly FoundFile[], limit: number): Promise<void> {
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
        const paths = signal?.aborted ? [] : take().map((it) => it.path);
        if (paths.length === 0) {
          end();
          return;
        }
        timer = setTimeout(end, limit);
        worker.postMessage({ root, paths } satisfies WorkRequest);
      };
      try {
        worker = new Worker(input.workerUrl ?? workerUrl());
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
          if (summary) add(it.path, it.hash, summary, it.json);
        }
        tell();
      });
      worker.on("error", end);
      worker.on("exit", end);
      timer = setTimeout(end, limit);
    });
  }
}

function threadsFor(mainThread: SummariesInput["mainThread"]): number {
  const processors = Math.min(4, availableParallelism());
  return mainThread === "free" ? processors : processors - 1;
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
