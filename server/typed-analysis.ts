/**
 * The analysis in which open files count as typed, at the cost of those: laid over the last whole revision, or of the
 * open files alone while the folder has not been read.
 */
import type { Analysis, FileSummary } from "../engine/index.ts";

/** What there is to be asked now. */
export interface Typed {
  /** The same as long as every answer would be: while half a statement is typed, many keystrokes long. */
  readonly key: string;
  /** Made when first needed. */
  readonly analysis: () => Analysis;
}

export interface TypedAnalysis {
  /** With every open file as typed. */
  readonly over: (whole: Analysis | undefined) => Typed;
  /** A file's text changed: what was made of the one before is let go before anything is made of the new one. */
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
  /** The file that is typed in comes last, so that the others stay as they are from one keystroke to the next. */
  let active = "";
  let others: { readonly key: string; readonly analysis: Analysis } | undefined;
  let current: { readonly key: string; readonly analysis: Analysis } | undefined;

  return {
    over: (whole) => {
      const files = typed();
      const isTyped = (it: FileSummary): boolean => !whole || whole.program.files.get(it.path) !== it;
      const dirty = [...files.values()].filter((it) => it.path !== active && isTyped(it));
      const last = files.get(active);
      const othersKey = [whole, ...dirty].map(idOf).join(" ");
      const key = `${othersKey} ${last && isTyped(last) ? idOf(last) : ""}`;
      const make = (): Analysis => {
        if (!whole) return alone(files);
        if (others?.key !== othersKey)
          others = { key: othersKey, analysis: dirty.reduce((on, it) => on.withFile(it), whole) };
        return last && isTyped(last) ? others.analysis.withFile(last) : others.analysis;
      };
      return {
        key,
        analysis: () => {
          if (current?.key === key) return current.analysis;
          current = undefined;
          current = { key, analysis: make() };
          return current.analysis;
        },
      };
    },
    typedIn: (path) => {
      active = path;
      current = undefined;
    },
    forget: () => {
      others = undefined;
      current = undefined;
    },
  };
}

const ids = new WeakMap<object, number>();
let nextId = 1;
function idOf(it: object | undefined): number {
  if (!it) return 0;
  let id = ids.get(it);
  if (id === undefined) {
    id = nextId++;
    ids.set(it, id);
  }
  return id;
}
