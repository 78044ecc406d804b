/** `--fix`: the safe fixes, written to disk. */
import { readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { type Edit, summarizeText } from "../engine/index.ts";
import { nodeParser, type Workspace } from "../platform/index.ts";
import type { Reported } from "./findings.ts";

export interface Fixed {
  /** Findings fixed. */
  readonly count: number;
  /** Root-relative paths of the files written. */
  readonly changed: readonly string[];
}

/** A fix is taken whole or not at all: one whose edits touch another's waits for the next round. */
export function applySafeFixes(workspace: Workspace, found: readonly Reported[]): Fixed {
  const byPath = new Map<string, Edit[]>();
  let count = 0;
  for (const { source } of found) {
    const fix = source?.fixes.find((it) => it.safety === "safe" && it.edits.length > 0);
    if (
      !fix?.edits.every(
        (it) =>
          (workspace.files.has(it.path) || workspace.documents.get(it.path)) && fits(byPath.get(it.path) ?? [], it),
      )
    )
      continue;
    for (const it of fix.edits) {
      const known = byPath.get(it.path);
      if (!known) byPath.set(it.path, [it]);
      else if (!known.some((other) => isSame(other, it))) known.push(it);
    }
    count++;
  }
  const changed: string[] = [];
  for (const [file, edits] of byPath) if (rewrite(workspace, file, edits)) changed.push(file);
  return { count: changed.length === 0 ? 0 : count, changed };
}

function fits(taken: readonly Edit[], edit: Edit): boolean {
  return taken.every((it) => isSame(it, edit) || it.at[1] < edit.at[0] || edit.at[1] < it.at[0]);
}

/** Two fixes that add the same import at the same place need it once. */
function isSame(a: Edit, b: Edit): boolean {
  return a.at[0] === b.at[0] && a.at[1] === b.at[1] && a.text === b.text;
}

/** False where the file has changed since it was read, would no longer parse, or cannot be written. */
function rewrite(workspace: Workspace, file: string, edits: readonly Edit[]): boolean {
  const text = workspace.text(file);
  const summary = workspace.files.get(file);
  if (text === undefined || summary?.failure || (!summary && !workspace.documents.get(file))) return false;
  let next = text;
  for (const { at, text: inserted } of [...edits].sort((a, b) => b.at[0] - a.at[0]))
    next = next.slice(0, at[0]) + inserted + next.slice(at[1]);
  if (next === text || (summary && summarizeText(nodeParser(), file, next).failure)) return false;
  const target = path.join(workspace.root, file);
  try {
    const bytes = readFileSync(target);
    const hasMark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
    // Anything else than UTF-8 would be damaged.
    if (bytes.toString("utf8").replace(/^\uFEFF/, "") !== text) return false;
    const temporary = `${target}.${process.pid}.tmp`;
    writeFileSync(temporary, (hasMark ? "\uFEFF" : "") + next, { mode: statSync(target).mode });
    renameSync(temporary, target);
    return true;
  } catch {
    return false;
  }
}
