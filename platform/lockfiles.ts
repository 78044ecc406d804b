/**
 * What lockfiles say of the packages that a workspace asks for. The large ones are machine-made and read line by line: of
 * 50,000 lines only the versions are wanted.
 */
import { under, upwards } from "./folders.ts";
import { field, recordOf, textField } from "./json.ts";

/** The version for a package asked for by a folder (relative to the lockfile's) under a range. */
export type Lock = (folder: string, packageName: string, range: string | undefined) => string | undefined;

/** package-lock.json: `packages` of versions 2 and 3, `dependencies` of version 1. */
export function npmLock(lock: unknown): Lock {
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

/**
 * bun.lock, the text that bun writes since 1.2: an entry per package on a line of its own, and one under
 * `workspace/package` where a workspace has another version.
 */
export function bunLock(text: string): Lock {
  const versions = new Map<string, string>();
  const names = new Map<string, string>();
  let section = "";
  let folder: string | undefined;
  for (const line of text.split("\n")) {
    const top = /^ {2}"(\w+)":/.exec(line)?.[1];
    if (top !== undefined) section = top;
    else if (section === "workspaces") {
      folder = /^ {4}"([^"]*)": \{/.exec(line)?.[1] ?? folder;
      const name = /^ {6}"name": "([^"]+)"/.exec(line)?.[1];
      if (folder !== undefined && name !== undefined) names.set(folder, name);
    } else if (section === "packages") {
      const entry = /^ {4}"([^"]+)": \["((?:@[^/"@]+\/)?[^/"@]+)@(\d[^"]*)"/.exec(line);
      if (entry) versions.set(entry[1]!, entry[3]!);
    }
  }
  return (at, name) => {
    for (const it of upwards(at)) {
      const own = names.get(it);
      const found = own === undefined ? undefined : versions.get(`${own}/${name}`);
      if (found !== undefined) return found;
    }
    return versions.get(name);
  };
}
