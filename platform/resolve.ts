/**
 * Which file of the workspace an import names. Answers come from the list of files alone, so nothing has to be
 * installed: relative paths, tsconfig `paths` and `baseUrl` (also where a base file is missing), packages of the
 * workspace by name with their `exports` led back from build output to source, `#imports`, and frameworks' own names.
 */
import path from "node:path";
import semver from "semver";
import { frameworkAliases } from "./framework-aliases.ts";
import { field, parseLooseJson, recordOf, textField } from "./json.ts";

export interface ResolverInput {
  readonly has: (path: string) => boolean;
  /** Paths of every package.json and tsconfig*.json. */
  readonly manifests: Iterable<string>;
  readonly text: (path: string) => string | undefined;
}

export type Resolve = (from: string, specifier: string) => string | undefined;

const EXTENSIONS = [".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs"];
const JS_TO_TS: Readonly<Record<string, readonly string[]>> = {
  ".js": [".ts", ".tsx"],
  ".jsx": [".tsx"],
  ".mjs": [".mts"],
  ".cjs": [".cts"],
};
/** Folders that builds write to, as first segment of an entry point, and those they make inside per module format. */
const OUTPUT = /^(?:\.\/)?(?:dist|lib|build|out|output|esm|cjs|es|types|typings|\.build)\//;
const OUTPUT_INNER = /^(?:esm|cjs|es|mjs|types|src|node|server|module|lib)\//;
const CONDITIONS = [
  "source",
  "development",
  "@source",
  "bun",
  "types",
  "import",
  "node",
  "require",
  "module",
  "default",
];
const MAX_EXTENDS = 10;

interface Alias {
  readonly prefix: string;
  readonly suffix: string;
  readonly isExact: boolean;
  /** Root-relative, with one `*` where there is a wildcard. */
  readonly targets: readonly string[];
}

interface PathConfig {
  readonly aliases: readonly Alias[];
  /** Root-relative folder against which bare specifiers are tried. */
  readonly baseUrl: string | undefined;
  /** `rootDirs` and project references: configurations that may say more. */
  readonly more: readonly string[];
}

interface WorkspacePackage {
  readonly folder: string;
  readonly manifest: unknown;
}

export function createResolver(input: ResolverInput): Resolve {
  const { has } = input;
  const manifests = [...input.manifests];
  const configsByFolder = groupByFolder(manifests.filter((it) => /(^|\/)[tj]sconfig[^/]*\.json$/.test(it)));
  const configs = new Map<string, PathConfig>();
  const chains = new Map<string, readonly PathConfig[]>();
  const byFolder = new Map<string, Map<string, string | undefined>>();
  const packageFolders = new Set(
    manifests.filter((it) => it === "package.json" || it.endsWith("/package.json")).map((it) => folderOf(it)),
  );
  const manifestsRead = new Map<string, unknown>();
  let packages: Map<string, WorkspacePackage> | undefined;

  const manifestOf = (folder: string): unknown => {
    if (!manifestsRead.has(folder))
      manifestsRead.set(folder, parseLooseJson(input.text(joined(folder, "package.json")) ?? ""));
    return manifestsRead.get(folder);
  };

  return (from, specifier) => {
    const folder = folderOf(from);
    const known = byFolder.get(folder) ?? new Map<string, string | undefined>();
    byFolder.set(folder, known);
    if (known.has(specifier)) return known.get(specifier);
    const found = resolve(folder, specifier);
    known.set(specifier, found);
    return found;
  };

  function resolve(folder: string, written: string): string | undefined {
    const specifier = written.replace(/[?].*$/, "");
    if (specifier === "" || specifier.length > 1000 || /^(?:node|https?|data|file|bun|jsr|npm):/.test(specifier))
      return undefined;
    if (specifier === "." || specifier === ".." || specifier.startsWith("./") || specifier.startsWith("../")) {
      const at = joined(folder, specifier);
      return at.startsWith("..")
        ? undefined
        : asFile(at, specifier.endsWith("/") || specifier === "." || specifier === "..");
    }
    if (specifier.startsWith("/")) return asFile(specifier.slice(1), false);
    for (const config of configsFor(folder)) {
      const found = byAlias(config, specifier);
      if (found) return found;
    }
    if (specifier.startsWith("#")) return byImports(folder, specifier);
    const found = byPackage(specifier, folder);
    if (found) return found;
    for (const { baseUrl } of configsFor(folder)) {
      const based = baseUrl === undefined ? undefined : asFile(joined(baseUrl, specifier), false);
      if (based) return based;
    }
    return undefined;
  }

  /** A path with or without its extension, or a folder with an index. */
  function asFile(at: string, folderOnly: boolean): string | undefined {
    if (!folderOnly) {
      if (has(at)) return at;
      const extension = path.posix.extname(at);
      for (const other of JS_TO_TS[extension] ?? []) {
        const source = at.slice(0, -extension.length) + other;
        if (has(source)) return source;
      }
      for (const extension of EXTENSIONS) if (has(at + extension)) return at + extension;
    }
    const prefix = at === "" || at === "." ? "" : `${at}/`;
    for (const extension of EXTENSIONS) if (has(`${prefix}index${extension}`)) return `${prefix}index${extension}`;
    if (prefix !== "" && packageFolders.has(at)) return entryOf(at, ".");
    return undefined;
  }

  // tsconfig

  /** Configurations that may speak for a folder, nearest first. */
  function configsFor(folder: string): readonly PathConfig[] {
    const known = chains.get(folder);
    if (known) return known;
    const own: PathConfig[] = [];
    const names = configsByFolder.get(folder) ?? [];
    const rank = (it: string): number =>
      /(^|\/)tsconfig\.json$/.test(it)
        ? 0
        : /(^|\/)jsconfig\.json$/.test(it)
          ? 1
          : /tsconfig\.base\.json$/.test(it)
            ? 2
            : 3;
    for (const it of [...names].sort((a, b) => rank(a) - rank(b))) {
      const config = configAt(it);
      if (config.aliases.length > 0 || config.baseUrl !== undefined) own.push(config);
      for (const other of config.more) {
        const more = configAt(other);
        if (more.aliases.length > 0 || more.baseUrl !== undefined) own.push(more);
      }
    }
    if (packageFolders.has(folder)) {
      const paths = frameworkAliases(manifestOf(folder), (name) => input.text(joined(folder, name)));
      const aliases = aliasesOf(paths, folder, folder);
      if (aliases.length > 0) own.push({ aliases, baseUrl: undefined, more: [] });
    }
    const above = folder === "" ? [] : configsFor(folderOf(folder));
    const chain = own.length === 0 ? above : [...new Set([...own, ...above])];
    chains.set(folder, chain);
    return chain;
  }

  function configAt(file: string, depth = 0): PathConfig {
    const known = configs.get(file);
    if (known) return known;
    const empty: PathConfig = { aliases: [], baseUrl: undefined, more: [] };
    // Entered first, so that configurations that extend each other end.
    configs.set(file, empty);
    const text = input.text(file);
    if (text === undefined) return empty;
    const json = parseLooseJson(text);
    const folder = folderOf(file);
    const options = field(json, "compilerOptions");
    const bases: PathConfig[] = [];
    const written = field(json, "extends");
    if (depth < MAX_EXTENDS) {
      for (const it of Array.isArray(written) ? written : [written]) {
        const base = typeof it === "string" ? extended(folder, it) : undefined;
        if (base) bases.unshift(configAt(base, depth + 1));
      }
    }
    const inheritedBase = bases.find((it) => it.baseUrl !== undefined)?.baseUrl;
    const ownBase = textField(options, "baseUrl");
    const baseUrl = ownBase !== undefined ? inside(joined(folder, ownBase)) : inheritedBase;
    const paths = field(options, "paths");
    const aliases =
      paths === undefined
        ? (bases.find((it) => it.aliases.length > 0)?.aliases ?? [])
        : aliasesOf(
            recordOf(paths),
            ownBase !== undefined ? joined(folder, ownBase) : (inheritedBase ?? folder),
            folder,
          );
    const references = field(json, "references");
    const more = Array.isArray(references)
      ? references.flatMap((it) => {
          const target = textField(it, "path");
          if (target === undefined) return [];
          const at = joined(folder, target);
          const file = at.endsWith(".json") ? at : joined(at, "tsconfig.json");
          // Other packages of the workspace answer for themselves.
          return folderOf(file) === folder ? [file] : [];
        })
      : [];
    const config: PathConfig = { aliases, baseUrl, more };
    configs.set(file, config);
    return config;
  }

  function extended(folder: string, name: string): string | undefined {
    const tries = (at: string): string | undefined =>
      [at, `${at}.json`, joined(at, "tsconfig.json")].find(
        (it) => it.endsWith(".json") && input.text(it) !== undefined,
      );
    if (name.startsWith(".")) return tries(joined(folder, name));
    const { packageName, subpath } = splitSpecifier(name);
    const found = workspacePackages().get(packageName);
    if (!found) return undefined;
    return tries(joined(found.folder, subpath === "." ? "tsconfig.json" : subpath));
  }

  function byAlias({ aliases }: PathConfig, specifier: string): string | undefined {
    for (const alias of aliases) {
      if (
        alias.isExact
          ? specifier !== alias.prefix
          : !(
              specifier.startsWith(alias.prefix) &&
              specifier.endsWith(alias.suffix) &&
              specifier.length >= alias.prefix.length + alias.suffix.length
            )
      )
        continue;
      const star = alias.isExact ? "" : specifier.slice(alias.prefix.length, specifier.length - alias.suffix.length);
      for (const target of alias.targets) {
        const at = inside(path.posix.normalize(target.replace("*", () => star)));
        const found = at === undefined ? undefined : (asFile(stripSlash(at), false) ?? sourceOf("", at));
        if (found) return found;
      }
    }
    return undefined;
  }

  // Packages

  function workspacePackages(): Map<string, WorkspacePackage> {
    if (packages) return packages;
    packages = new Map();
    for (const folder of [...packageFolders].sort((a, b) => a.length - b.length)) {
      const manifest = manifestOf(folder);
      const name = textField(manifest, "name");
      if (name !== undefined && !packages.has(name)) packages.set(name, { folder, manifest });
    }
    return packages;
  }

  function byPackage(specifier: string, folder?: string): string | undefined {
    const { packageName, subpath } = splitSpecifier(specifier);
    const found = workspacePackages().get(packageName);
    if (!found) return undefined;
    // A template named after its framework depends on the one of the registry: nobody depends on himself.
    if (dependsOn(found.manifest, packageName)) return undefined;
    if (folder !== undefined && isAnother(packageName, found, folder)) return undefined;
    return entryOf(found.folder, subpath);
  }

  /** An example called `express` is not what others install by that name: the range they ask for tells. */
  function isAnother(packageName: string, found: WorkspacePackage, folder: string): boolean {
    const version = textField(found.manifest, "version");
    // Versions that only a release fills in.
    if (version === undefined || /^0\.0\.0\b/.test(version) || !semver.valid(version)) return false;
    for (let at = folder; ; at = folderOf(at)) {
      if (packageFolders.has(at) && at !== found.folder) {
        const range = ["dependencies", "devDependencies", "peerDependencies", "optionalDependencies"]
          .map((it) => textField(field(manifestOf(at), it), packageName))
          .find((it) => it !== undefined);
        if (range !== undefined)
          return /\d/.test(range) && semver.validRange(range) !== null
            ? !semver.satisfies(version, range, { includePrerelease: true })
            : false;
      }
      if (at === "") return false;
    }
  }

  /** What a package's folder offers under `.` or `./subpath`. */
  function entryOf(folder: string, subpath: string): string | undefined {
    const manifest = manifestOf(folder);
    const exports = field(manifest, "exports");
    if (exports !== undefined) {
      for (const target of exportTargets(exports, subpath)) {
        const found = sourceOf(folder, target);
        if (found) return found;
      }
    }
    if (subpath === ".") {
      for (const name of ["source", "types", "typings", "module", "main"]) {
        const target = textField(manifest, name);
        const found = target === undefined ? undefined : sourceOf(folder, target);
        if (found) return found;
      }
      for (const it of ["src/index", "index", "src/main", "lib/index", "src"]) {
        const found = plainFile(joined(folder, it));
        if (found) return found;
      }
      return undefined;
    }
    return (
      plainFile(joined(folder, subpath)) ??
      plainFile(joined(folder, `src/${subpath.replace(/^\.\//, "")}`)) ??
      sourceOf(folder, subpath)
    );
  }

  function plainFile(at: string): string | undefined {
    // Not through asFile's last step, which would ask the package again.
    if (has(at)) return at;
    const extension = path.posix.extname(at);
    for (const other of JS_TO_TS[extension] ?? [])
      if (has(at.slice(0, -extension.length) + other)) return at.slice(0, -extension.length) + other;
    for (const it of EXTENSIONS) if (has(at + it)) return at + it;
    for (const it of EXTENSIONS) if (has(`${at}/index${it}`)) return `${at}/index${it}`;
    return undefined;
  }

  /** The source of something that a manifest names, which may be output that is not built. */
  function sourceOf(folder: string, target: string): string | undefined {
    const clean = target.replace(/^\.\//, "").replace(/\.d\.([cm]?)ts$/, ".$1ts");
    const direct = plainFile(joined(folder, clean));
    if (direct) return direct;
    if (!OUTPUT.test(clean)) return undefined;
    const inner = clean.replace(OUTPUT, "").replace(/\.[cm]?[jt]sx?$/, "");
    for (const stem of new Set([inner, inner.replace(OUTPUT_INNER, "")]))
      for (const base of ["src/", "", "lib/", "source/"]) {
        const found = plainFile(joined(folder, base + stem));
        if (found) return found;
      }
    return undefined;
  }

  function byImports(folder: string, specifier: string): string | undefined {
    for (let at = folder; ; at = folderOf(at)) {
      if (packageFolders.has(at)) {
        const imports = field(manifestOf(at), "imports");
        if (imports !== undefined) {
          for (const target of subpathTargets(recordOf(imports), specifier)) {
            const found = target.startsWith(".") ? sourceOf(at, target) : byPackage(target);
            if (found) return found;
          }
        }
      }
      if (at === "") return undefined;
    }
  }
}

/** Whether a manifest asks a registry for a package. */
function dependsOn(manifest: unknown, packageName: string): boolean {
  return ["dependencies", "devDependencies", "peerDependencies"].some((it) => {
    const range = textField(field(manifest, it), packageName);
    return range !== undefined && !/^(workspace|link|file|portal):/.test(range);
  });
}

function aliasesOf(paths: Readonly<Record<string, unknown>>, base: string, folder: string): Alias[] {
  const found: Alias[] = [];
  for (const [pattern, targets] of Object.entries(paths)) {
    if (!Array.isArray(targets)) continue;
    const star = pattern.indexOf("*");
    found.push({
      prefix: star < 0 ? pattern : pattern.slice(0, star),
      suffix: star < 0 ? "" : pattern.slice(star + 1),
      isExact: star < 0,
      targets: targets
        .filter((it): it is string => typeof it === "string")
        .flatMap((it) => [joined(base, it), ...(base === folder ? [] : [joined(folder, it)])]),
    });
  }
  // As TypeScript chooses: exact names first, then the longest prefix.
  return found.sort((a, b) => Number(b.isExact) - Number(a.isExact) || b.prefix.length - a.prefix.length);
}

/** Targets of `exports` for a subpath, most telling condition first. */
function exportTargets(exports: unknown, subpath: string): readonly string[] {
  const isMap =
    typeof exports === "object" &&
    exports !== null &&
    !Array.isArray(exports) &&
    Object.keys(exports).some((it) => it.startsWith("."));
  if (!isMap) return subpath === "." ? conditionTargets(exports) : [];
  return subpathTargets(recordOf(exports), subpath === "." ? "." : subpath.startsWith("./") ? subpath : `./${subpath}`);
}

function subpathTargets(map: Readonly<Record<string, unknown>>, key: string): readonly string[] {
  if (Object.hasOwn(map, key)) return conditionTargets(map[key]);
  const patterns = Object.keys(map)
    .filter((it) => it.includes("*"))
    .sort((a, b) => b.indexOf("*") - a.indexOf("*"));
  for (const pattern of patterns) {
    const [prefix = "", suffix = ""] = pattern.split("*");
    if (!key.startsWith(prefix) || !key.endsWith(suffix) || key.length < prefix.length + suffix.length) continue;
    const star = key.slice(prefix.length, key.length - suffix.length);
    return conditionTargets(map[pattern]).map((it) => it.replaceAll("*", () => star));
  }
  return [];
}

function conditionTargets(of: unknown, depth = 0): readonly string[] {
  if (typeof of === "string") return [of];
  if (depth > 6 || typeof of !== "object" || of === null) return [];
  if (Array.isArray(of)) return of.flatMap((it) => conditionTargets(it, depth + 1));
  const rank = (it: string): number => (CONDITIONS.includes(it) ? CONDITIONS.indexOf(it) : CONDITIONS.length);
  return Object.entries(of)
    .sort(([a], [b]) => rank(a) - rank(b))
    .flatMap(([, it]) => conditionTargets(it, depth + 1));
}

function splitSpecifier(specifier: string): { readonly packageName: string; readonly subpath: string } {
  const parts = specifier.split("/");
  const count = specifier.startsWith("@") ? 2 : 1;
  return {
    packageName: parts.slice(0, count).join("/"),
    subpath: parts.length > count ? `./${parts.slice(count).join("/")}` : ".",
  };
}

function groupByFolder(paths: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const map = new Map<string, string[]>();
  for (const it of paths) {
    const known = map.get(folderOf(it));
    if (known) known.push(it);
    else map.set(folderOf(it), [it]);
  }
  return map;
}

function folderOf(file: string): string {
  const slash = file.lastIndexOf("/");
  return slash < 0 ? "" : file.slice(0, slash);
}

function joined(folder: string, inner: string): string {
  const at = path.posix.join(folder, inner);
  return at === "." || at === "./" ? "" : stripSlash(at);
}

function stripSlash(at: string): string {
  return at.endsWith("/") ? at.slice(0, -1) : at;
}

function inside(at: string): string | undefined {
  return at === ".." || at.startsWith("../") ? undefined : at === "." ? "" : at;
}
