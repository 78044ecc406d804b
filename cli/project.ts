/** The workspace that a command looks at, with everything the commands ask of it. */
import { existsSync, realpathSync, statSync } from "node:fs";
import path from "node:path";
import { Analysis, pathKind, positionAt, type Severity } from "../engine/index.ts";
import {
  type ChangedFiles,
  type FoundFiles,
  findFiles,
  isLineChanged,
  openWorkspace,
  type Workspace,
} from "../platform/index.ts";
import { knowledge } from "../rules/index.ts";
import {
  configPathAmong,
  judgements,
  lintConfig,
  type Objectives,
  readObjectives,
  type SloProblem,
  sloFileOf,
} from "../slo/index.ts";
import { CannotRun, type Host, NeedsMemory } from "./host.ts";

export interface Scope {
  /** Absolute folder that is opened as a whole: a finding's reach knows no folders. */
  readonly root: string;
  /** Whether a path lies in what was named among files of a kind that are else left out. */
  readonly asksFor: (path: string, isLeftOut: (path: string) => boolean) => boolean;
  /** Whether a root-relative path was asked about. */
  readonly includes: (path: string) => boolean;
  /** A root-relative path as it is printed: relative to the working directory, with `/`. */
  readonly shown: (path: string) => string;
}

export interface Project {
  readonly workspace: Workspace;
  readonly objectives: Objectives;
  readonly analysis: Analysis;
}

/**
 * The working directory is the workspace, and the paths given choose what is reported. Paths outside of it are opened
 * by themselves.
 */
export function scopeOf(host: Host, paths: readonly string[], rootOption?: string): Scope {
  const given = paths.length > 0 ? paths : ["."];
  const absolute = given.map((it) => {
    const at = path.resolve(host.cwd, it);
    if (!existsSync(at)) throw new CannotRun(`There is no file or folder "${it}" in ${host.cwd}.`);
    return realPath(at);
  });
  const cwd = realPath(host.cwd);
  const inside = (folder: string, it: string): boolean =>
    it === folder || it.startsWith(folder.endsWith(path.sep) ? folder : folder + path.sep);
  let root = cwd;
  if (rootOption !== undefined) {
    root = path.resolve(host.cwd, rootOption);
    if (!existsSync(root) || !statSync(root).isDirectory())
      throw new CannotRun(`--root names no folder: "${rootOption}".`);
    root = realPath(root);
  } else if (!absolute.every((it) => inside(cwd, it))) root = commonFolder(absolute);
  const outside = absolute.find((it) => !inside(root, it));
  if (outside !== undefined) throw new CannotRun(`"${outside}" is not inside ${root}.`);
  const wanted = absolute.map((it) => path.relative(root, it).split(path.sep).join("/"));
  return {
    root,
    asksFor: (it, isLeftOut) => wanted.some((each) => isLeftOut(each) && (it === each || it.startsWith(`${each}/`))),
    includes: (it) => wanted.some((each) => each === "" || it === each || it.startsWith(`${each}/`)),
    shown: (it) => (root === cwd ? it : path.relative(cwd, path.join(root, it)).split(path.sep).join("/") || "."),
  };
}

export async function findProject(host: Host, scope: Scope): Promise<FoundFiles> {
  return findFiles(scope.root, { signal: host.signal });
}

export interface OpenOptions {
  /** Tests and code for browsers too. Without it they are read only where other code imports them, or where the paths name them. */
  readonly tests?: boolean | undefined;
  readonly cache: boolean;
  readonly found?: FoundFiles;
  readonly changed?: ChangedFiles | undefined;
}

/** Kilobytes of heap that a source file takes at most on average, everything made of it included (measured: 80 of 10,000 files, 100 of 50,000). */
const HEAP_PER_FILE = 120;

/** @throws NeedsMemory before anything is read, where the files will not fit */
export async function openProject(host: Host, scope: Scope, options: OpenOptions): Promise<Project> {
  const found = options.found ?? (await findProject(host, scope));
  const megabytes =
    Math.ceil(([...found.all.values()].filter((it) => it.kind === "source").length * HEAP_PER_FILE) / 1024) + 256;
  if (host.heapLimit !== undefined && megabytes > host.heapLimit) throw new NeedsMemory(megabytes);
  const workspace = await openWorkspace({
    root: scope.root,
    libraries: knowledge.libraries,
    found,
    cacheDir: options.cache ? undefined : false,
    ...(options.tests
      ? {}
      : {
          leaveOut: (it, browserFolder) =>
            (browserFolder !== undefined &&
              !scope.asksFor(it, (each) => each === browserFolder || each.startsWith(`${browserFolder}/`))) ||
            (pathKind(it) === "test" && !scope.asksFor(it, (each) => pathKind(each) === "test")),
        }),
    signal: host.signal,
  });
  return linkProject(workspace, options.changed);
}

/** A new look at the workspace as it is now. */
export function linkProject(workspace: Workspace, changed?: ChangedFiles): Project {
  const configPath = configPathAmong(workspace.candidates);
  const objectives = readObjectives({
    configPath,
    configText: configPath === undefined ? undefined : workspace.text(configPath),
    files: () => workspace.candidates.flatMap((it) => sloFileOf(it, workspace.text(it)) ?? []),
    manifest: (it) => (workspace.found.has(it) ? workspace.text(it) : undefined),
    rootName: path.basename(workspace.root),
    ruleIds: knowledge.rules.map((it) => it.id),
  });
  const analysis: Analysis = new Analysis({
    program: workspace.program,
    knowledge,
    schema: workspace.schema,
    text: workspace.text,
    documents: workspace.documents,
    ...judgements(objectives, () => analysis.endpoints),
    ...(changed
      ? {
          isChanged: (it, at) => {
            if (!at) return changed.has(it);
            const file = analysis.file(it);
            return file !== undefined && isLineChanged(changed, it, positionAt(file, at[0]).line);
          },
        }
      : {}),
  });
  return { workspace, objectives, analysis };
}

/** What is wrong with slo-lens.yaml: by itself, and against the files and the code around it. Undefined where there is none. */
export function configProblems({
  objectives,
  workspace,
  analysis,
}: Project): { readonly path: string; readonly text: string; readonly problems: readonly SloProblem[] } | undefined {
  const { configPath: path, slos } = objectives;
  if (path === undefined) return undefined;
  const text = workspace.text(path) ?? "";
  const around = lintConfig({ path, text }, { slos, endpoints: analysis.endpoints, isReady: true });
  return { path, text, problems: [...objectives.configProblems, ...around] };
}

export const severities: readonly Severity[] = ["hint", "information", "warning", "error"];

function commonFolder(paths: readonly string[]): string {
  const folders = paths.map((it) => (statSync(it).isDirectory() ? it : path.dirname(it)).split(path.sep));
  const first = folders[0]!;
  let length = first.length;
  for (const it of folders) {
    let i = 0;
    while (i < length && it[i] === first[i]) i++;
    length = i;
  }
  return first.slice(0, length).join(path.sep) || path.sep;
}

function realPath(at: string): string {
  try {
    return realpathSync.native(at);
  } catch {
    return at;
  }
}
