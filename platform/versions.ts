/**
 * Versions of packages as a file sees them: what is installed, else what the lockfile says, else the least that the
 * nearest package.json asks for. A library's defaults depend on its version, so a guess is never made.
 */
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import semver from "semver";
import type { FoundVersion, VersionOf } from "../engine/index.ts";
import { field, parseLooseJson, recordOf, textField } from "./json.ts";

export interface VersionsInput {
  /** Absolute. */
  readonly root: string;
  /** Paths of every package.json, lockfile and Node version file. */
  readonly manifests: Iterable<string>;
  readonly text: (path: string) => string | undefined;
  /** Look into node_modules; on by default. */
  readonly installed?: boolean;
}

export type Version = VersionOf & Required<Pick<VersionOf, "found">>;

/** What one lockfile says: the version for a package asked for by a folder (relative to the lockfile's) under a range. */
type Lock = (folder: string, packageName: string, range: string | undefined) => string | undefined;

interface Declared {
  readonly range: string;
  /** Of the package.json. */
  readonly folder: string;
}

/** `node` is answered from .nvmrc, .node-version or `engines`. */
export function createVersions({ root, manifests, text, installed = true }: VersionsInput): Version {
  const known = new Map<string, FoundVersion | undefined>();
  const present = new Set(manifests);
  const jsons = new Map<string, unknown>();
  const locks = new Map<string, { readonly lock: Lock; readonly path: string } | undefined>();
  const moduleFolders = new Map<string, boolean>();
  const hoistedFrom = new Map<string, Declared | null>();

  const json = (file: string): unknown => {
    if (!jsons.has(file)) jsons.set(file, present.has(file) ? parseLooseJson(text(file) ?? "") : undefined);
    return jsons.get(file);
  };

  const found = (from: string, packageName: string): FoundVersion | undefined => {
    const key = `${folderOf(from)}\n${packageName}`;
    if (known.has(key)) return known.get(key);
    const it = packageName === "node" ? nodeVersion(folderOf(from)) : packageVersion(folderOf(from), packageName);
    known.set(key, it);
    return it;
  };
  return Object.assign((from: string, packageName: string) => found(from, packageName)?.version, { found });

  function packageVersion(folder: string, name: string): FoundVersion | undefined {
    if (!/^(?:@[\w.~-]+\/)?[\w.~-]+$/.test(name)) return undefined;
    const there = installed ? installedVersion(folder, name) : undefined;
    if (there) return there;
    let range: string | undefined;
    let declaredIn: string | undefined;
    for (const at of upwards(folder)) {
      const declared = rangeIn(json(under(at, "package.json")), name);
      if (declared !== undefined) {
        range = declared;
        declaredIn = at;
        break;
      }
    }
    if (range === undefined) {
      const hoisted = elsewhere(name);
      range = hoisted?.range;
      declaredIn = hoisted?.folder;
    }
    for (const at of upwards(folder)) {
      const locked = lockAt(at);
      if (!locked) continue;
      const asking = declaredIn ?? folder;
      const version = locked.lock(at === "" ? asking : asking.slice(at.length + 1), name, range);
      if (version && semver.valid(version))
        return { version, by: "lockfile", path: locked.path, ...(range === undefined ? {} : { range }) };
      break;
    }
    const least = range === undefined ? undefined : leastOf(range);
    if (range === undefined || least === undefined) return undefined;
    return { version: least, by: "manifest", path: under(declaredIn ?? "", "package.json"), range };
  }

  /** A package that this one does not name: hoisted from those of the workspace that do, if they all ask for the same. */
  function elsewhere(name: string): Declared | undefined {
    let found = hoistedFrom.get(name);
    if (found === undefined) {
      const all = [...present].flatMap((it): Declared[] => {
        const range = it.endsWith("package.json") ? rangeIn(json(it), name) : undefined;
        return range === undefined ? [] : [{ range, folder: folderOf(it) }];
      });
      found = all[0] && all.every((it) => it.range === all[0]!.range) ? all[0] : null;
      hoistedFrom.set(name, found);
    }
    return found ?? undefined;
  }

  function installedVersion(folder: string, name: string): FoundVersion | undefined {
    for (let at = path.join(root, folder); ; ) {
      const modules = path.join(at, "node_modules");
      const exists = moduleFolders.get(modules) ?? existsSync(modules);
      moduleFolders.set(modules, exists);
      if (exists) {
        try {
          const file = path.join(modules, name, "package.json");
          const version = textField(parseLooseJson(readFileSync(file, "utf8")), "version");
          if (version !== undefined && semver.valid(version))
            return { version, by: "installed", path: path.relative(root, file).split(path.sep).join("/") };
        } catch {
          // Not installed here: the next folder up may have it.
        }
      }
      const parent = path.dirname(at);
      if (parent === at) return undefined;
      at = parent;
    }
  }

  function lockAt(folder: string): { readonly lock: Lock; readonly path: string } | undefined {
    if (!locks.has(folder)) locks.set(folder, readLock(folder));
    return locks.get(folder);
  }

  function readLock(folder: string): { readonly lock: Lock; readonly path: string } | undefined {
    for (const [name, read] of LOCKFILES) {
      const file = under(folder, name);
      if (present.has(file)) return { lock: read(text(file) ?? ""), path: file };
    }
    return undefined;
  }

  function nodeVersion(folder: string): FoundVersion | undefined {
    for (const at of upwards(folder)) {
      for (const name of [".nvmrc", ".node-version"]) {
        const file = under(at, name);
        const written = present.has(file) ? text(file)?.trim() : undefined;
        const version = written === undefined ? undefined : leastOf(written.replace(/^v/, ""));
        if (version) return { version, by: "node", path: file };
      }
      const manifest = under(at, "package.json");
      const range = textField(field(json(manifest), "engines"), "node");
      const least = range === undefined ? undefined : leastOf(range);
      if (range !== undefined && least) return { version: least, by: "node", path: manifest, range };
    }
    return undefined;
  }
}

function rangeIn(manifest: unknown, name: string): string | undefined {
  for (const group of ["dependencies", "devDependencies", "peerDependencies", "optionalDependencies"]) {
    const range = textField(field(manifest, group), name);
    if (range !== undefined) return range;
  }
  return undefined;
}

function leastOf(range: string): string | undefined {
  const clean = range.replace(/^workspace:/, "").replace(/^npm:(?:@[^/]+\/)?[^@]*@/, "");
  if (clean === "*" || clean === "" || clean === "latest") return undefined;
  try {
    return semver.minVersion(clean)?.version;
  } catch {
    return undefined;
  }
}

/** package-lock.json: `packages` of versions 2 and 3, `dependencies` of version 1. */
function npmLock(lock: unknown): Lock {
  const packages = recordOf(field(lock, "packages"));
  const legacy = recordOf(field(lock, "dependencies"));
  return (folder, name) => {
    for (const at of upwards(folder)) {
      const version = textField(packages[under(at, `node_modules/${name}`)], "version");
      if (version !== undefined) return version;
    }
    return textField(legacy[name], "version");
  };
}

/**
 * pnpm-lock.yaml, lockfile versions 5 to 9, read line by line: these files have up to 50,000 lines and are machine-made,
 * and of them only the importers are asked about.
 */
export function pnpmLock(text: string): Lock {
  const importers = new Map<string, Map<string, string>>();
  let section = "";
  let importer = ".";
  let group = "";
  let name = "";
  for (const line of text.split("\n")) {
    if (line === "" || line.startsWith("#")) continue;
    const indent = line.length - line.trimStart().length;
    const content = line.trim();
    if (indent === 0) {
      section = content.replace(/:.*$/, "");
      // A workspace of one package has no importers: its dependencies stand at the top.
      if (GROUPS.has(section)) {
        importer = ".";
        group = section;
      } else if (section === "packages" || section === "snapshots") break;
      continue;
    }
    const inImporters = section === "importers";
    if (!inImporters && !GROUPS.has(section)) continue;
    const level = inImporters ? indent - 4 : indent;
    if (inImporters && indent === 2) {
      importer = unquoted(content.replace(/:$/, ""));
      continue;
    }
    if (inImporters && indent === 4) {
      group = content.replace(/:.*$/, "");
      continue;
    }
    if (!GROUPS.has(group)) continue;
    if (level === 2) {
      const split = /^('[^']+'|"[^"]+"|[^:\s]+):\s*(.*)$/.exec(content);
      if (!split) continue;
      name = unquoted(split[1]!);
      if (split[2] !== "") record(name, unquoted(split[2]!));
    } else if (level === 4 && content.startsWith("version:"))
      record(name, unquoted(content.slice("version:".length).trim()));
  }
  return (folder, asked) => {
    for (const at of upwards(folder)) {
      const found = importers.get(at === "" ? "." : at)?.get(asked);
      if (found !== undefined) return found;
    }
    return undefined;
  };

  function record(dependency: string, written: string): void {
    // `1.2.3(react@19.0.0)`, `1.2.3_peer`, `/axios@1.2.3`, `axios@1.2.3`, `link:../x`.
    const version = /(?:^|@|\/)(\d+\.\d+\.\d+(?:-[\w.-]+?)?(?:\+[\w.-]+)?)(?:[(_].*)?$/.exec(
      written.replace(/\(.*$/, ""),
    )?.[1];
    if (version === undefined) return;
    const known = importers.get(importer) ?? new Map<string, string>();
    importers.set(importer, known);
    if (!known.has(dependency)) known.set(dependency, version);
  }
}

const GROUPS = new Set(["dependencies", "devDependencies", "optionalDependencies"]);

/** By name, the one that counts first. */
const LOCKFILES: readonly (readonly [name: string, read: (text: string) => Lock])[] = [
  ["package-lock.json", (text) => npmLock(parseLooseJson(text))],
  ["npm-shrinkwrap.json", (text) => npmLock(parseLooseJson(text))],
  ["pnpm-lock.yaml", pnpmLock],
  ["yarn.lock", yarnLock],
];

/** yarn.lock, both the first format and Berry's: an entry per set of ranges. */
export function yarnLock(text: string): Lock {
  const byRange = new Map<string, string>();
  const byName = new Map<string, Set<string>>();
  let ranges: readonly string[] = [];
  for (const line of text.split("\n")) {
    if (line === "" || line.startsWith("#")) continue;
    if (!line.startsWith(" ")) {
      ranges = line
        .replace(/:\s*$/, "")
        .split(",")
        .map((it) => unquoted(it.trim()).replace(/^"|"$/g, ""));
      continue;
    }
    const version = /^ {2}version:? "?([^"\s]+)"?/.exec(line)?.[1];
    if (version === undefined || version.startsWith("0.0.0-use.local")) continue;
    for (const it of ranges) {
      const at = it.indexOf("@", 1);
      if (at < 0) continue;
      const name = it.slice(0, at);
      byRange.set(`${name}@${it.slice(at + 1).replace(/^npm:/, "")}`, version);
      const known = byName.get(name);
      if (known) known.add(version);
      else byName.set(name, new Set([version]));
    }
  }
  return (_, name, range) => {
    const exact = range === undefined ? undefined : byRange.get(`${name}@${range.replace(/^npm:/, "")}`);
    if (exact !== undefined) return exact;
    const all = byName.get(name);
    // Overridden by `resolutions`: right where there is one only.
    return all?.size === 1 ? [...all][0] : undefined;
  };
}

function unquoted(text: string): string {
  return /^(['"]).*\1$/.test(text) ? text.slice(1, -1) : text;
}

/** A folder and all above it, up to the root. */
function* upwards(folder: string): Generator<string> {
  for (let at = folder; ; at = folderOf(at)) {
    yield at;
    if (at === "") return;
  }
}

function under(folder: string, name: string): string {
  return folder === "" ? name : `${folder}/${name}`;
}

function folderOf(file: string): string {
  const slash = file.lastIndexOf("/");
  return slash < 0 ? "" : file.slice(0, slash);
}
