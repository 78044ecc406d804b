/** A folder of code, opened: its files found, summarised and linked, and kept up to date as they change. */
import { statSync } from "node:fs";
import path from "node:path";
import {
  type DocumentFiles,
  documentFiles,
  type FileSummary,
  type LibrarySet,
  MAX_SQL_LENGTH,
  Program,
  type ReadOptions,
  type SchemaFacts,
  schemaOf,
  summarizeText,
} from "../engine/index.ts";
import { browserFolders } from "./browser-folders.ts";
import { codeKey } from "./code-key.ts";
import { type FoundFile, type FoundFiles, findFile, findFiles, readText } from "./files.ts";
import { nodeParser } from "./parser.ts";
import { createResolver, type Resolve } from "./resolve.ts";
import { summarizeFiles } from "./summaries.ts";
import { cacheFolder } from "./summary-cache.ts";
import { contentHash } from "./summary-work.ts";
import { createVersions, type Version } from "./versions.ts";

export interface WorkspaceOptions {
  /** Absolute, or relative to the working directory. */
  readonly root: string;
  readonly libraries: LibrarySet;
  /** What `findFiles` found, where it was asked before. */
  readonly found?: FoundFiles | undefined;
  /**
   * Sources that are read only where another source imports them: tests and code for browsers are half of many
   * repositories, and serve nobody. Asked with the folder made for browsers that a file lies in, if it does.
   */
  readonly leaveOut?: ((path: string, browserFolder: string | undefined) => boolean) | undefined;
  /** Absolute; the usual folder if absent, no cache if false. */
  readonly cacheDir?: string | false | undefined;
  readonly workers?: number | undefined;
  /** `free` where somebody may ask something of the main thread meanwhile. */
  readonly mainThread?: "reads" | "free" | undefined;
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface WorkspaceFailure {
  readonly path: string;
  readonly message: string;
  readonly line?: number;
  readonly column?: number;
}

export interface Change {
  /** Root-relative. A folder that is gone stands for all that was in it. */
  readonly path: string;
  readonly kind: "changed" | "deleted";
}

export interface Workspace {
  readonly root: string;
  readonly files: ReadonlyMap<string, FileSummary>;
  /** Made anew after an update, when first asked for. */
  readonly program: Program;
  readonly schema: SchemaFacts;
  /** Files that are no code but that rules judge, as they are on disk. */
  readonly documents: DocumentFiles;
  readonly failures: readonly WorkspaceFailure[];
  /** YAML and JSON files that may hold objectives, slo-lens.yaml included. */
  readonly candidates: readonly string[];
  readonly found: ReadonlyMap<string, FoundFile>;
  readonly isTruncated: boolean;
  readonly resolve: Resolve;
  readonly version: Version;
  /** Text as it is on disk now; undefined for files that are not of the workspace or cannot be read. */
  readonly text: (path: string) => string | undefined;
  /** Resolves with whether anything of the workspace is other than it was. */
  readonly update: (changes: readonly Change[], signal?: AbortSignal) => Promise<boolean>;
  /** Writes the cache of what opening has read. Call it when nobody waits. */
  readonly saveCache: () => void;
  /** The same, a piece with each step. */
  readonly saveCacheSteps: () => Iterable<void>;
}

const MAX_TEXTS = 400;
/** Changes at once from which the whole folder is looked through. */
const WIDE_FROM = 200;

/** Throws only when `signal` is aborted. */
export async function openWorkspace(options: WorkspaceOptions): Promise<Workspace> {
  const root = path.resolve(options.root);
  const first = options.found ?? (await findFiles(root, { signal: options.signal }));
  const found = new Map(first.all);
  const cacheDir = options.cacheDir === false ? undefined : (options.cacheDir ?? cacheFolder(root));
  const texts = new Map<string, string>();
  const aside = options.leaveOut ? browserFolders(found.keys(), text) : [];
  const leaveOut = (it: string): boolean =>
    options.leaveOut?.(
      it,
      aside.find((folder) => it.startsWith(`${folder}/`)),
    ) ?? false;
  let resolver: Resolve | undefined;
  const read = await summarizeFiles({
    root,
    files: [...found.values()].filter((it) => it.kind === "source" && !leaveOut(it.path)),
    more: importedToo,
    isKnown: (it) => found.has(it),
    cacheDir,
    workers: options.workers,
    mainThread: options.mainThread,
    onProgress: options.onProgress,
    signal: options.signal,
  });
  const { byPath } = read;
  let linked: { readonly program: Program; readonly resolve: Resolve; readonly version: Version } | undefined;
  let schema: SchemaFacts | undefined;
  let documents: DocumentFiles | undefined;
  let updating: Promise<unknown> = Promise.resolve();

  function text(file: string): string | undefined {
    const known = texts.get(file);
    if (known !== undefined) return known;
    if (!found.has(file)) return undefined;
    const now = readText(root, file);
    if (now === undefined) return undefined;
    // A handful of files are asked about again and again; all of them would be the whole repository.
    if (texts.size >= MAX_TEXTS) texts.clear();
    texts.set(file, now);
    return now;
  }

  const link = (): NonNullable<typeof linked> => {
    if (linked) return linked;
    const files = new Map(byPath);
    resolver ??= newResolver();
    const version = createVersions({ root, manifests: manifests(), text });
    linked = {
      program: new Program({ files, libraries: options.libraries, resolve: resolver, version }),
      resolve: resolver,
      version,
    };
    return linked;
  };

  function manifests(): readonly string[] {
    return [...found.values()].filter((it) => it.kind === "manifest").map((it) => it.path);
  }

  function newResolver(): Resolve {
    const sources = new Set([...found.values()].flatMap((it) => (it.kind === "source" ? [it.path] : [])));
    return createResolver({ has: (it) => sources.has(it), manifests: manifests(), text });
  }

  /** Files left out that these import; the ones they import follow in the next round. */
  function importedToo(summaries: Iterable<FileSummary>, has: (path: string) => boolean): readonly FoundFile[] {
    if (!options.leaveOut) return [];
    resolver ??= newResolver();
    const wanted = new Map<string, FoundFile>();
    for (const file of summaries)
      for (const it of file.imports) {
        // A type of a page or a test tells nothing of what a server calls.
        if (it.typeOnly) continue;
        const target = resolver(file.path, it.specifier);
        if (target !== undefined && !has(target) && leaveOut(target)) wanted.set(target, found.get(target)!);
      }
    return [...wanted.values()];
  }

  /** Dumps with data, which no migration is as large as, are passed over. */
  function* schemaTexts(): Generator<{ readonly path: string; readonly text: string }> {
    for (const it of found.values()) {
      if (it.kind !== "schema" || it.size > MAX_SQL_LENGTH) continue;
      const text = readText(root, it.path);
      if (text !== undefined) yield { path: it.path, text };
    }
  }

  return {
    root,
    get files() {
      return link().program.files;
    },
    get program() {
      return link().program;
    },
    get resolve() {
      return link().resolve;
    },
    get version() {
      return link().version;
    },
    get schema() {
      schema ??= schemaOf({ texts: schemaTexts(), files: byPath.values() });
      return schema;
    },
    get documents() {
      documents ??= documentFiles(
        [...found.values()].flatMap((it) => (it.kind !== "source" && it.size <= MAX_SQL_LENGTH ? [it.path] : [])),
        text,
      );
      return documents;
    },
    get failures() {
      return [
        ...first.failures,
        ...[...byPath.values()].flatMap((it): WorkspaceFailure[] =>
          it.failure && !it.recovered ? [{ path: it.path, ...it.failure }] : [],
        ),
      ];
    },
    get candidates() {
      return [...found.values()].filter((it) => it.kind === "candidate").map((it) => it.path);
    },
    found,
    isTruncated: first.isTruncated,
    text,
    saveCache: read.save,
    saveCacheSteps: read.saveSteps,
    update: (changes, signal) => {
      // One after the other: each starts from what the one before has left.
      const done = updating.then(() => update(changes, signal));
      updating = done.catch(() => false);
      return done;
    },
  };

  /** Everything is read first and taken over at once: given up half-way, an update has changed nothing. */
  async function update(changes: readonly Change[], signal: AbortSignal | undefined): Promise<boolean> {
    signal?.throwIfAborted();
    const gone = new Set<string>();
    const now = new Map<string, FoundFile>();
    const named = [...new Set(changes.map((it) => it.path))];
    const isOther = (it: FoundFile): boolean => {
      const known = found.get(it.path);
      return !known || known.size !== it.size || known.mtimeMs !== it.mtimeMs;
    };
    // One walk is sooner done than many files looked for one by one, each with the rules of its folders.
    let isWide = named.length > WIDE_FROM;
    for (const file of isWide ? [] : named) {
      const it = findFile(root, file);
      // A saved file is told of twice: by the document and by the watcher.
      if (it && isOther(it)) now.set(file, it);
      else if (it) continue;
      else if (found.has(file)) gone.add(file);
      // A folder, or rules that decide about files which no event names.
      else if (
        /(?:^|\/)\.gitignore$/.test(file) ||
        isFolder(path.join(root, file)) ||
        [...found.keys()].some((each) => each.startsWith(`${file}/`))
      )
        isWide = true;
    }
    if (isWide) {
      const all = await findFiles(root, { signal });
      for (const [file, it] of all.all) if (isOther(it)) now.set(file, it);
      for (const file of found.keys()) if (!all.all.has(file)) gone.add(file);
    }
    const sources = [...now.values()].filter(
      (it) => it.kind === "source" && (byPath.has(it.path) || !leaveOut(it.path)),
    );
    const again =
      sources.length === 0
        ? undefined
        : await summarizeFiles({
            root,
            files: sources,
            more: newlyImported,
            workers: options.workers,
            mainThread: options.mainThread,
            signal,
          });
    for (const file of gone) {
      found.delete(file);
      byPath.delete(file);
    }
    for (const [file, it] of now) found.set(file, it);
    for (const [file, summary] of again?.byPath ?? []) byPath.set(file, summary);
    for (const file of [...named, ...gone, ...now.keys()]) texts.delete(file);
    if (gone.size === 0 && now.size === 0) return false;
    linked = undefined;
    resolver = undefined;
    schema = undefined;
    documents = undefined;
    return true;

    function newlyImported(summaries: Iterable<FileSummary>, has: (path: string) => boolean): readonly FoundFile[] {
      return importedToo(summaries, (it) => has(it) || byPath.has(it));
    }
  }
}

function isFolder(at: string): boolean {
  try {
    return statSync(at).isDirectory();
  } catch {
    return false;
  }
}

/** A text that is not on disk, summarised as a file of the workspace would be: an open document. */
export function summarizeDocument(file: string, text: string, options: ReadOptions = { recover: true }): FileSummary {
  return summarizeText(nodeParser(), file, text, options);
}

/**
 * Names a state of a workspace and of the program itself: the same name, the same answers. Undefined where a file was
 * written too recently for its time to tell.
 */
export function fingerprint(found: FoundFiles): string | undefined {
  const now = Date.now();
  const lines: string[] = [codeKey(), process.version];
  for (const it of found.all.values()) {
    if (it.mtimeMs > now - 1500) return undefined;
    lines.push(`${it.path}\t${it.size}\t${it.mtimeMs}`);
  }
  return contentHash(lines.join("\n"));
}
