/**
 * The analysis in which open files count as typed, at the cost of those: laid over the last whole revision, or of the
 * open files alone while the folder has not been read.
 */
import type { Analysis, FileSummary } from "../engine/index.ts";

export interface TypedAnalysis {
  /** The analysis in which every open file counts as typed. */
  readonly over: (whole: Analysis | undefined) => Analysis;
  /** A file's text changed. */
  readonly typedIn: (path: string) => void;
  /** Files were opened or closed, or there is a new revision. */
  readonly forget: () => void;
}

export interface TypedAnalysisOptions {
  /** Summaries of the open source files of the folder. */
  readonly typed: () => ReadonlyMap<string, FileSummary>;
  /** The open files alone. */
  readonly alone: (files: ReadonlyMap<string, FileSummary>) => Analysis;
}

export function createTypedAnalysis({ typed, alone }: TypedAnalysisOptions): TypedAnalysis {
  let early: Analysis | undefined;
  /** The file that is typed in comes last, so that the others stay as they are from one keystroke to the next. */
  let active = "";
  let others: { readonly whole: Analysis; readonly by: string; readonly analysis: Analysis } | undefined;
  let current: { readonly others: Analysis; readonly summary: FileSummary; readonly analysis: Analysis } | undefined;

  const ofOpenFiles = (): Analysis => {
    const files = typed();
    const known = early?.program.files;
    if (early && known?.size === files.size && [...files].every(([path, it]) => known.get(path) === it)) return early;
    early = alone(files);
    return early;
  };

  return {
    over: (whole) => {
      if (!whole) return ofOpenFiles();
      const files = typed();
      const dirty = [...files.values()].filter((it) => it.path !== active && whole.program.files.get(it.path) !== it);
      const by = dirty.map((it) => `${it.path} ${idOf(it)}`).join("\n");
      if (others?.whole !== whole || others.by !== by)
        others = { whole, by, analysis: dirty.reduce((on, it) => on.withFile(it), whole) };
      const { analysis } = others;
      const summary = files.get(active);
      if (!summary || analysis.program.files.get(active) === summary) return analysis;
      if (current?.others === analysis && current.summary === summary) return current.analysis;
      // Let go before the next one is made, so that what one keystroke makes does not outlive it.
      current = undefined;
      current = { others: analysis, summary, analysis: analysis.withFile(summary) };
      return current.analysis;
    },
    typedIn: (path) => {
      active = path;
    },
    forget: () => {
      early = undefined;
      others = undefined;
      current = undefined;
    },
  };
}

const ids = new WeakMap<object, number>();
let nextId = 1;
function idOf(it: object): number {
  let id = ids.get(it);
  if (id === undefined) {
    id = nextId++;
    ids.set(it, id);
  }
  return id;
}
