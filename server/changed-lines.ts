/** What differs from the merge base, for rules that speak of changed lines only: as git tells, and as typed since. */
import type { Span } from "../engine/index.ts";
import { type ChangedFiles, changedFiles, isLineChanged } from "../platform/index.ts";
import type { OpenFile } from "./open-files.ts";
import { carry } from "./position.ts";

export interface ChangedLines {
  /** Asks git anew. */
  readonly ask: (signal: AbortSignal) => Promise<void>;
  /** Whether a file, or the line that a place begins on, is changed; false where git does not tell. */
  readonly isChanged: (path: string, at?: Span) => boolean;
}

export interface ChangedLinesOptions {
  /** Absolute. */
  readonly root: string;
  /** In a folder that is not trusted git is not asked: its configuration may name programs to run. */
  readonly isTrusted: () => boolean;
  readonly open: (path: string) => OpenFile | undefined;
  /** Text of a file as it is on disk. */
  readonly saved: (path: string) => string | undefined;
}

export function createChangedLines({ root, isTrusted, open, saved }: ChangedLinesOptions): ChangedLines {
  let changed: ChangedFiles | undefined;
  return {
    ask: async (signal) => {
      if (!isTrusted()) return;
      const answer = await changedFiles(root, undefined, signal);
      changed = answer.ok ? answer.value : undefined;
    },
    // What is typed and not saved counts as changed too.
    isChanged: (file, at) => {
      if (!changed) return false;
      const it = open(file);
      const onDisk = saved(file);
      if (!at) return changed.has(file) || (it !== undefined && it.text !== onDisk);
      if (it && onDisk === undefined) return true;
      const there = it && onDisk !== undefined ? carry(it.summarised, onDisk)(at) : at;
      if (!there) return true;
      return isLineChanged(changed, file, (onDisk ?? "").slice(0, there[0]).split("\n").length);
    },
  };
}
