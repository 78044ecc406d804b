/**
 * The files of a workspace: one walk that honours every .gitignore, follows no symbolic link and is bounded, sorted
 * into what the rest needs. Paths are relative to the root with `/`.
 */
import { type Dirent, existsSync, readdirSync, readFileSync, type Stats, statSync } from "node:fs";
import path from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import ignore, { type Ignore } from "ignore";
import { documentKind, isInfrastructure } from "../engine/index.ts";

export type FileKind = "source" | "schema" | "candidate" | "manifest" | "document";

export interface FoundFile {
  readonly path: string;
  readonly kind: FileKind;
  /** Bytes. */
  readonly size: number;
  /** Milliseconds since 1970, with fractions. */
  readonly mtimeMs: number;
}

export interface FoundFiles {
  readonly root: string;
  readonly all: ReadonlyMap<string, FoundFile>;
  /** The bound was met: files are missing. */
  readonly isTruncated: boolean;
  readonly failures: readonly { readonly path: string; readonly message: string }[];
}

export interface FindOptions {
  /** Files at most; 200,000 if absent. */
  readonly limit?: number;
  readonly signal?: AbortSignal | undefined;
}

const SOURCE = /\.[cm]?[jt]sx?$/;
const DECLARATION = /\.d\.(?:[\w-]+\.)?[cm]?ts$/;
const MINIFIED = /[.-]min\.[cm]?js$/;
const SKIPPED = new Set([
  "node_modules",
  ".git",
  ".hg",
  ".svn",
  ".yarn",
  ".pnpm-store",
  "bower_components",
  ".next",
  ".nuxt",
  ".svelte-kit",
  ".turbo",
  ".cache",
  ".output",
  ".vscode-test",
  ".venv",
  "__pycache__",
  "coverage",
  "dist",
]);
const MANIFESTS = new Set([
  "package.json",
  "package-lock.json",
  "npm-shrinkwrap.json",
  "pnpm-lock.yaml",
  "yarn.lock",
  "bun.lock",
  "pnpm-workspace.yaml",
  "lerna.json",
  ".nvmrc",
  ".node-version",
  ".tool-versions",
  "mise.toml",
  ".yarnrc.yml",
]);
/** Bytes; larger YAML and JSON is data, not an objective. */
const MAX_CANDIDATE = 512 * 1024;
const MAX_DEPTH = 60;
/** Milliseconds of work before other work gets a turn. */
const SLICE = 15;

/** What a file is to us by its name; undefined for everything that is never read. */
export function kindOf(name: string): FileKind | undefined {
  if (SOURCE.test(name)) return DECLARATION.test(name) || MINIFIED.test(name) ? undefined : "source";
  if (MANIFESTS.has(name)) return "manifest";
  if (name.endsWith(".json")) return /^[tj]sconfig(?:[.-][\w.-]+)?\.json$/.test(name) ? "manifest" : "candidate";
  if (name.endsWith(".yaml") || name.endsWith(".yml")) return "candidate";
  if (name.endsWith(".prisma") || name.endsWith(".sql")) return "schema";
  if (documentKind(name) !== undefined || isInfrastructure(name)) return "document";
  return undefined;
}

/** Everything under `root` that may be read. A folder that cannot be listed is a failure; the rest stands. */
export async function findFiles(root: string, { limit = 200_000, signal }: FindOptions = {}): Promise<FoundFiles> {
  const all = new Map<string, FoundFile>();
  const failures: { path: string; message: string }[] = [];
  const folders: { readonly at: string; readonly ignores: readonly Scope[]; readonly depth: number }[] = [
    { at: "", ignores: scopesAbove(root), depth: 0 },
  ];
  let isTruncated = false;
  let started = performance.now();
  while (folders.length > 0 && !isTruncated) {
    signal?.throwIfAborted();
    if (performance.now() - started > SLICE) {
      await nextTurn();
      started = performance.now();
    }
    const { at, ignores, depth } = folders.pop()!;
    let entries: Dirent[];
    try {
      entries = readdirSync(path.join(root, at), { withFileTypes: true });
    } catch (error) {
      failures.push({ path: at === "" ? "." : at, message: messageOf(error) });
      continue;
    }
    const scopes = entries.some((it) => it.name === ".gitignore") ? withScope(ignores, root, at) : ignores;
    for (const entry of entries) {
      const { name } = entry;
      if (entry.isDirectory()) {
        if (SKIPPED.has(name) || depth >= MAX_DEPTH) continue;
        const inside = at === "" ? name : `${at}/${name}`;
        if (!isIgnored(scopes, `${inside}/`)) folders.push({ at: inside, ignores: scopes, depth: depth + 1 });
        continue;
      }
      if (!entry.isFile()) continue;
      const kind = kindOf(name);
      if (!kind) continue;
      const file = at === "" ? name : `${at}/${name}`;
      if (isIgnored(scopes, file)) continue;
      const stat = statOf(path.join(root, file));
      if (!stat || (kind === "candidate" && stat.size > MAX_CANDIDATE)) continue;
      if (all.size >= limit) {
        isTruncated = true;
        break;
      }
      all.set(file, { path: file, kind, size: stat.size, mtimeMs: stat.mtimeMs });
    }
  }
  return { root, all: new Map([...all].sort(([a], [b]) => (a < b ? -1 : 1))), isTruncated, failures };
}

/** One file as the walk would have found it; undefined where it would have been left out or is gone. */
export function findFile(root: string, file: string): FoundFile | undefined {
  const parts = file.split("/");
  const kind = kindOf(parts.at(-1)!);
  if (!kind || parts.some((it) => SKIPPED.has(it) || it === ".." || it === "")) return undefined;
  let scopes = scopesAbove(root);
  for (let i = 0; i < parts.length; i++) {
    const at = parts.slice(0, i).join("/");
    if (existsSync(path.join(root, at, ".gitignore"))) scopes = withScope(scopes, root, at);
    const inside = parts.slice(0, i + 1).join("/");
    if (isIgnored(scopes, i < parts.length - 1 ? `${inside}/` : inside)) return undefined;
  }
  try {
    const stat = statSync(path.join(root, file), { throwIfNoEntry: false });
    return stat?.isFile() && !(kind === "candidate" && stat.size > MAX_CANDIDATE)
      ? { path: file, kind, size: stat.size, mtimeMs: stat.mtimeMs }
      : undefined;
  } catch {
    return undefined;
  }
}

/** Undefined for what went away since it was listed, or may not be asked about. */
function statOf(file: string): Stats | undefined {
  try {
    return statSync(file, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

/** A .gitignore and the folder it speaks of. `up` is what leads from there down to the root, for files above it. */
interface Scope {
  readonly base: string;
  readonly up: string;
  readonly rules: Ignore;
}

/** The innermost file that says anything decides, as in git. */
function isIgnored(scopes: readonly Scope[], file: string): boolean {
  for (let i = scopes.length - 1; i >= 0; i--) {
    const { base, up, rules } = scopes[i]!;
    const inner = up !== "" ? up + file : base === "" ? file : file.slice(base.length + 1);
    const answer = rules.test(inner);
    if (answer.ignored) return true;
    if (answer.unignored) return false;
  }
  return false;
}

function withScope(scopes: readonly Scope[], root: string, at: string): readonly Scope[] {
  const rules = readIgnore(path.join(root, at, ".gitignore"));
  return rules ? [...scopes, { base: at, up: "", rules }] : scopes;
}

/** The .gitignore files between the repository's root and the workspace's, where the workspace is a part of one. */
function scopesAbove(root: string): readonly Scope[] {
  const found: Scope[] = [];
  if (existsSync(path.join(root, ".git"))) return infoExclude(root, "");
  let up = "";
  for (let at = root, i = 0; i < 40; i++) {
    const parent = path.dirname(at);
    if (parent === at) return [];
    up = `${path.basename(at)}/${up}`;
    at = parent;
    const rules = readIgnore(path.join(at, ".gitignore"));
    // A workspace that an outer repository ignores as a whole is looked at all the same: it was asked for.
    if (rules && !rules.test(up).ignored) found.unshift({ base: "", up, rules });
    if (existsSync(path.join(at, ".git"))) return [...infoExclude(at, up), ...found];
  }
  return [];
}

function infoExclude(repository: string, up: string): readonly Scope[] {
  const rules = readIgnore(path.join(repository, ".git", "info", "exclude"));
  return rules && (up === "" || !rules.test(up).ignored) ? [{ base: "", up, rules }] : [];
}

function readIgnore(file: string): Ignore | undefined {
  try {
    return ignore({ allowRelativePaths: true }).add(readFileSync(file, "utf8").slice(0, 200_000));
  } catch {
    return undefined;
  }
}

/** A file's text without its byte order mark, which no editor counts; undefined where it cannot be read. */
export function readText(root: string, file: string): string | undefined {
  try {
    return decode(readFileSync(path.join(root, file)));
  } catch {
    return undefined;
  }
}

export function decode(bytes: Buffer): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return bytes.toString("utf16le", 2);
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return bytes.toString("utf8", 3);
  return bytes.toString("utf8");
}

/** What went wrong with a file, in words for people. */
export function messageOf(error: unknown): string {
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  if (code === "EACCES" || code === "EPERM") return "It may not be read: permission was denied.";
  if (code === "ENOENT") return "It is not there.";
  if (code === "EISDIR") return "It is a folder.";
  return error instanceof Error ? error.message : String(error);
}
