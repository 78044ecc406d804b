/** The packages of a workspace by their folders, and which of them may run in one process. */
import type { FileSummary } from "./model.ts";

/** Folder of the nearest package.json above a path; "" for the workspace's own, or where there is none. */
export type PackageRoot = (path: string) => string;

/** `manifests` are the paths of package.json files. */
export function packageRoots(manifests: readonly string[]): PackageRoot {
  const roots = new Set(manifests.map((it) => it.slice(0, Math.max(0, it.lastIndexOf("/")))));
  return (path) => {
    for (let at = path; ; ) {
      const end = at.lastIndexOf("/");
      if (end < 0) return "";
      at = at.slice(0, end);
      if (roots.has(at)) return at;
    }
  };
}

export interface Packages {
  /** Whether one of two files' packages is the other's, or imports it, however far. */
  readonly depend: (a: string, b: string) => boolean;
  /** Whether some package loads both: two that know nothing of each other may be put together by a third. */
  readonly meet: (a: string, b: string) => boolean;
}

/** What is imported for its types only is not loaded. */
export function packagesOf(
  files: Iterable<FileSummary>,
  resolve: (from: string, specifier: string) => string | undefined,
  rootOf: PackageRoot,
): Packages {
  const above = new Map<string, Set<string>>();
  for (const file of files) {
    const from = rootOf(file.path);
    for (const it of file.imports) {
      const path = it.typeOnly ? undefined : resolve(file.path, it.specifier);
      const to = path === undefined ? from : rootOf(path);
      if (to === from) continue;
      const known = above.get(to);
      if (known) known.add(from);
      else above.set(to, new Set([from]));
    }
  }
  const loaders = new Map<string, ReadonlySet<string>>();
  /** A package and all that load it. */
  const loadersOf = (root: string): ReadonlySet<string> => {
    let known = loaders.get(root);
    if (!known) loaders.set(root, (known = walk(above, root)));
    return known;
  };
  return {
    depend: (a, b) => {
      const [from, to] = [rootOf(a), rootOf(b)];
      return loadersOf(to).has(from) || loadersOf(from).has(to);
    },
    meet: (a, b) => {
      const [from, to] = [rootOf(a), rootOf(b)];
      if (from === to) return true;
      const others = loadersOf(to);
      for (const it of loadersOf(from)) if (others.has(it)) return true;
      return false;
    },
  };
}

function walk(graph: ReadonlyMap<string, ReadonlySet<string>>, from: string): ReadonlySet<string> {
  const seen = new Set([from]);
  for (const at of seen) for (const next of graph.get(at) ?? []) seen.add(next);
  return seen;
}
