/** Which package of a workspace a file belongs to, and which packages may run in one process. */
import type { DocumentFiles, FileSummary, RuleContext } from "../../engine/index.ts";

const roots = new WeakMap<DocumentFiles, ReadonlySet<string>>();

/** The folder of the nearest package.json above a path; "" for the workspace's own, or where there is none. */
export function packageRoot(path: string, { documents }: RuleContext): string {
  let known = roots.get(documents);
  if (!known) {
    known = new Set(
      documents.paths.flatMap((it) => (it.endsWith("/package.json") ? [it.slice(0, -"/package.json".length)] : [])),
    );
    roots.set(documents, known);
  }
  for (let at = path; ; ) {
    const end = at.lastIndexOf("/");
    if (end < 0) return "";
    at = at.slice(0, end);
    if (known.has(at)) return at;
  }
}

interface Imported {
  readonly from: string;
  readonly to: readonly string[];
}

/** The packages that a file imports from, its own left out. */
function importedBy(file: FileSummary, context: RuleContext): Imported | undefined {
  const from = packageRoot(file.path, context);
  const to = new Set<string>();
  for (const it of file.imports) {
    if (it.typeOnly) continue;
    const path = context.program.input.resolve(file.path, it.specifier);
    if (path !== undefined) to.add(packageRoot(path, context));
  }
  to.delete(from);
  return to.size > 0 ? { from, to: [...to] } : undefined;
}

const graphs = new WeakMap<RuleContext, ReadonlyMap<string, ReadonlySet<string>>>();

/** Whether two files may run in one process: of one package, or of two of which one imports the other, however far. */
export function sharesProcess(a: string, b: string, context: RuleContext): boolean {
  const from = packageRoot(a, context);
  const to = packageRoot(b, context);
  if (from === to) return true;
  let graph = graphs.get(context);
  if (!graph) {
    const made = new Map<string, Set<string>>();
    for (const it of context.everywhere(importedBy)) {
      const known = made.get(it.from) ?? new Set();
      for (const one of it.to) known.add(one);
      made.set(it.from, known);
    }
    graph = made;
    graphs.set(context, graph);
  }
  return reaches(graph, from, to) || reaches(graph, to, from);
}

function reaches(graph: ReadonlyMap<string, ReadonlySet<string>>, from: string, to: string): boolean {
  const seen = new Set([from]);
  for (const at of seen)
    for (const next of graph.get(at) ?? []) {
      if (next === to) return true;
      seen.add(next);
    }
  return false;
}
