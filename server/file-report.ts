/** What is said of one open file: its findings without repeats, allowances applied, at places of the text there is now. */
import {
  type AllowanceProblem,
  applyAllowances,
  type FileSummary,
  type Finding,
  type Rule,
  type Span,
} from "../engine/index.ts";
import { carry } from "./position.ts";

/** Offsets are into the text that was set last. */
export interface FileReport {
  readonly findings: readonly Finding[];
  readonly problems: readonly AllowanceProblem[];
}

export const NOTHING: FileReport = { findings: [], problems: [] };

/** Applies the allowances of a file to what was found in it. */
export function createReporter(rules: readonly Rule[]): (
  summary: FileSummary,
  findings: readonly Finding[],
  /** Milliseconds since 1970. */
  now: number,
) => FileReport {
  const ids = new Set(rules.map((it) => it.id));
  const gatedIds = new Set(rules.flatMap((it) => (it.gate ? [it.id] : [])));
  return (summary, findings, now) => applyAllowances(summary, withoutRepeats(findings), isoDate(now), ids, gatedIds);
}

/** Where the text has no tree at all, what was last said moves with the text around it. */
export function carried(said: FileReport, path: string, from: string, to: string): FileReport {
  if (from === to) return said;
  const at = carry(from, to);
  const inFile = (other: string, span: Span): Span | undefined => (other === path ? at(span) : span);
  return {
    findings: said.findings.flatMap((each) => {
      const here = at(each.at);
      if (!here) return [];
      const fixes = each.fixes.filter((fix) => fix.edits.every((edit) => inFile(edit.path, edit.at)));
      return [
        {
          ...each,
          at: here,
          fixes: fixes.map((fix) => ({
            ...fix,
            edits: fix.edits.map((edit) => ({ ...edit, at: inFile(edit.path, edit.at) ?? edit.at })),
          })),
          covers: each.covers.flatMap((cover) => {
            const there = inFile(cover.path, cover.at);
            return there ? [{ ...cover, at: there }] : [];
          }),
        },
      ];
    }),
    problems: said.problems.flatMap((each) => {
      const here = at(each.at);
      return here ? [{ ...each, at: here }] : [];
    }),
  };
}

function withoutRepeats(findings: readonly Finding[]): Finding[] {
  const seen = new Set<string>();
  return findings.filter((it) => {
    const key = `${it.ruleId} ${it.at[0]} ${it.at[1]}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

/** Today where the person is, as an ISO date: an allowance ends with their day. */
function isoDate(now: number): string {
  const it = new Date(now);
  const two = (part: number): string => String(part).padStart(2, "0");
  return `${it.getFullYear()}-${two(it.getMonth() + 1)}-${two(it.getDate())}`;
}
