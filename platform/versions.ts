/**
 * Versions of packages as a file sees them: what is installed, else what the lockfile says, else the least that the
 * nearest package.json asks for. A library's defaults depend on its version, so a guess is never made.
 */
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import semver from "semver";
import type { FoundVersion, VersionOf } from "../engine/index.ts";
import { folderOf, under, upwards } from "./folders.ts";
import { field, parseLooseJson, textField } from "./json.ts";
import { bunLock, type Lock, npmLock, pnpmLock, yarnLock } from "./lockfiles.ts";
import { rangesOfManifest, rangesOfYaml, type WorkspaceRanges } from "./ranges.ts";

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
  const ranges = new Map<string, readonly { readonly path: string; readonly says: WorkspaceRanges }[]>();

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
    const given = replaced(declaredIn ?? folder, name, range);
    range = given?.range;
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
    return { version: least, by: "manifest", path: given?.path ?? under(declaredIn ?? "", "package.json"), range };
  }

  /**
   * The range that counts, with the file that says so where it is no dependency's: what the workspace replaces everybody's
   * with, else what a catalog holds for `catalog:`.
   */
  function replaced(
    folder: string,
    name: string,
    range: string | undefined,
  ): { readonly range: string; readonly path?: string } | undefined {
    const catalog = range === undefined ? undefined : /^catalog:(.*)$/.exec(range.trim())?.[1];
    let held: { readonly range: string; readonly path: string } | undefined;
    for (const at of upwards(folder))
      for (const { path, says } of rangesAt(at)) {
        const override = says.overrides.get(name);
        if (override !== undefined) return { range: override, path };
        const listed = catalog === undefined ? undefined : says.catalogs.get(catalog.trim() || "default")?.get(name);
        if (listed !== undefined) held ??= { range: listed, path };
      }
    return catalog !== undefined ? held : range === undefined ? undefined : { range };
  }

  function rangesAt(folder: string): readonly { readonly path: string; readonly says: WorkspaceRanges }[] {
    let found = ranges.get(folder);
    if (!found) {
      const manifest = under(folder, "package.json");
      found = [
        ...(json(manifest) === undefined ? [] : [{ path: manifest, says: rangesOfManifest(json(manifest)) }]),
        ...["pnpm-workspace.yaml", ".yarnrc.yml"].flatMap((it) => {
          const path = under(folder, it);
          return present.has(path) ? [{ path, says: rangesOfYaml(text(path) ?? "") }] : [];
        }),
      ];
      ranges.set(folder, found);
    }
    return found;
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
    // Where several lie side by side, the one of the manager that the manifest names.
    const manager = textField(json(under(folder, "package.json")), "packageManager")?.split("@")[0];
    const inOrder = [...LOCKS].sort((a, b) => Number(b.manager === manager) - Number(a.manager === manager));
    for (const { file, read } of inOrder) {
      const path = under(folder, file);
      if (present.has(path)) return { lock: read(text(path) ?? ""), path };
    }
    return undefined;
  }

  function nodeVersion(folder: string): FoundVersion | undefined {
    for (const at of upwards(folder)) {
      for (const { file, read } of NODE_FILES) {
        const path = under(at, file);
        const written = present.has(path) ? read(text(path) ?? "") : undefined;
        const version = written === undefined ? undefined : leastOf(ltsNamed(written.trim().replace(/^v/, "")));
        if (version) return { version, by: "node", path };
      }
      const path = under(at, "package.json");
      for (const it of ["volta", "engines"]) {
        const range = textField(field(json(path), it), "node");
        const version = range === undefined ? undefined : leastOf(range);
        if (range !== undefined && version) return { version, by: "node", path, range };
      }
    }
    return undefined;
  }
}

const LOCKS: readonly { readonly file: string; readonly manager: string; readonly read: (text: string) => Lock }[] = [
  { file: "package-lock.json", manager: "npm", read: (text) => npmLock(parseLooseJson(text)) },
  { file: "npm-shrinkwrap.json", manager: "npm", read: (text) => npmLock(parseLooseJson(text)) },
  { file: "pnpm-lock.yaml", manager: "pnpm", read: pnpmLock },
  { file: "yarn.lock", manager: "yarn", read: yarnLock },
  { file: "bun.lock", manager: "bun", read: bunLock },
];

/** Files that say which Node a folder is run with, and what they say. */
const NODE_FILES: readonly { readonly file: string; readonly read: (text: string) => string | undefined }[] = [
  { file: ".nvmrc", read: (text) => text },
  { file: ".node-version", read: (text) => text },
  { file: ".tool-versions", read: (text) => /^node(?:js)?[ \t]+(\S+)/m.exec(text)?.[1] },
  { file: "mise.toml", read: (text) => /^node(?:js)?[ \t]*=[ \t]*"([^"\n]+)"/m.exec(text)?.[1] },
];

/** Lines with long-term support, by the names that nvm knows them by (nodejs/Release, `schedule.json`). */
const LTS: Readonly<Record<string, string>> = {
  gallium: "16",
  hydrogen: "18",
  iron: "20",
  jod: "22",
  krypton: "24",
};

const ltsNamed = (written: string): string => LTS[/^lts\/(\w+)$/i.exec(written)?.[1]?.toLowerCase() ?? ""] ?? written;

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
