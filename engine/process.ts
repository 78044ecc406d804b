/**
 * Which files run in one process: those that one file loads, directly or through others. What a file sets for everybody
 * (`axios.defaults.timeout`, a global dispatcher) holds only where it is loaded as well.
 */
import type { Answer, FileSummary } from "./model.ts";
import { pathKind } from "./side.ts";

/** Whether what file `setter` sets holds in file `user`. */
export type SharesProcess = (setter: FileSummary, user: FileSummary) => Answer;

const MAX_ROOTS = 400;
const MAX_VISITED = 20_000;

/** `resolve` leads from a file and a specifier to a path of the workspace. */
export function processes(
  files: ReadonlyMap<string, FileSummary>,
  resolve: (from: string, specifier: string) => string | undefined,
): SharesProcess {
  let importers: Map<string, string[]> | undefined;
  const roots = new Map<string, ReadonlySet<string>>();

  const importersOf = (path: string): readonly string[] => {
    if (!importers) {
      importers = new Map();
      for (const file of files.values())
        for (const it of file.imports) {
          if (it.typeOnly) continue;
          const target = resolve(file.path, it.specifier);
          if (target === undefined || target === file.path) continue;
          const known = importers.get(target);
          if (known) known.push(file.path);
          else importers.set(target, [file.path]);
        }
    }
    return importers.get(path) ?? [];
  };

  /** Files that load this one and that no file loads; the file itself where nobody does. */
  const rootsOf = (path: string): ReadonlySet<string> => {
    const known = roots.get(path);
    if (known) return known;
    const found = new Set<string>();
    const seen = new Set([path]);
    const open = [path];
    for (let at = open.pop(); at !== undefined && found.size < MAX_ROOTS && seen.size < MAX_VISITED; at = open.pop()) {
      const above = importersOf(at);
      if (above.length === 0) found.add(at);
      for (const it of above)
        if (!seen.has(it)) {
          seen.add(it);
          open.push(it);
        }
    }
    // Files that load one another, and that nobody else does.
    if (found.size === 0) found.add(path);
    roots.set(path, found);
    return found;
  };

  return (setter, user) => {
    if (setter === user) return "yes";
    const setting = [...rootsOf(setter.path)].filter((it) => !pathKind(it));
    if (setting.length === 0) return "no";
    const using = rootsOf(user.path);
    if (setting.some((it) => using.has(it))) return "yes";
    // A file that nothing loads and that starts nothing is loaded by its name: by whom is not seen.
    const isSeen = [...using].every((it) => startsSomething(files.get(it)));
    return isSeen && setting.every((it) => startsSomething(files.get(it))) ? "no" : "unknown";
  };
}

/** Calls something when it is loaded, for its own sake: `main()`, `app.listen(3000)`. */
function startsSomething(file: FileSummary | undefined): boolean {
  return (
    file?.calls.some((it) => it.fn === 0 && (it.use === "discard" || it.use === "await" || it.use === "void")) ?? false
  );
}
