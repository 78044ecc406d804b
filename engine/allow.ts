/** What people have allowed: comments that silence a finding on their line, and what became of them. */
import { positionAt } from "./lines.ts";
import type { Allowance, FileSummary, Span } from "./model.ts";
import type { Finding, Text } from "./rule.ts";

export interface AllowanceProblem {
  readonly ruleId: "unused-allowance" | "expired-allowance";
  readonly severity: "information" | "warning";
  readonly path: string;
  readonly at: Span;
  readonly message: Text;
  readonly data: Readonly<Record<string, string | number>>;
}

export interface Allowed {
  readonly findings: readonly Finding[];
  readonly silenced: readonly { readonly finding: Finding; readonly allowance: Allowance }[];
  readonly problems: readonly AllowanceProblem[];
}

const UNUSED: Text = {
  en: "This allows {rule}, which finds nothing here. Remove the comment.",
  ja: "{rule} の許可コメントですが、この行では何も検出されていません。コメントを削除してください。",
};
const UNKNOWN: Text = { en: "There is no rule named {rule}.", ja: "{rule} というルールはありません。" };
const NONE: ReadonlySet<string> = new Set();
const EXPIRED: Text = {
  en: "{rule} was allowed here until {until}. Decide again: fix it, or set a later date with a reason.",
  ja: "{rule} の許可は {until} で期限切れです。修正するか、理由を添えて期限を延ばすか、改めて判断してください。",
};

/**
 * Applies the allowances of one file to the findings in it. An expired one silences nothing.
 *
 * @param today ISO date; the last day named still counts
 * @param ruleIds all rules there are
 * @param gated those that speak of changed lines only: that they are silent now does not make an allowance unused
 */
export function applyAllowances(
  file: FileSummary,
  findings: readonly Finding[],
  today: string,
  ruleIds: ReadonlySet<string>,
  gated: ReadonlySet<string> = NONE,
): Allowed {
  if (file.allowances.length === 0) return { findings, silenced: [], problems: [] };
  const used = new Set<Allowance>();
  const left: Finding[] = [];
  const silenced: { finding: Finding; allowance: Allowance }[] = [];
  const isOver = (it: Allowance): boolean => it.until !== undefined && it.until < today;
  for (const finding of findings) {
    const outside = allowanceAnchor(file, finding.at);
    const allowances = file.allowances.filter(
      (it) =>
        (it.rule === finding.ruleId || it.rule === "all") &&
        [finding.at[0], outside].some((at) => it.covers[0] <= at && at < Math.max(it.covers[1], it.covers[0] + 1)),
    );
    for (const it of allowances) used.add(it);
    const valid = allowances.find((it) => !isOver(it));
    if (valid) silenced.push({ finding, allowance: valid });
    else left.push(finding);
  }
  const problems = file.allowances.flatMap((it): AllowanceProblem[] => {
    const problem = (
      ruleId: AllowanceProblem["ruleId"],
      severity: AllowanceProblem["severity"],
      message: Text,
    ): AllowanceProblem[] => [
      {
        ruleId,
        severity,
        path: file.path,
        at: onOneLine(file, it.at),
        message,
        data: { rule: it.rule, until: it.until ?? "" },
      },
    ];
    if (it.rule !== "all" && !ruleIds.has(it.rule)) return problem("unused-allowance", "information", UNKNOWN);
    if (!used.has(it) && gated.has(it.rule)) return [];
    if (!used.has(it)) return problem("unused-allowance", "information", UNUSED);
    return isOver(it) ? problem("expired-allowance", "warning", EXPIRED) : [];
  });
  return { findings: left, silenced, problems };
}

/**
 * Where the line of code begins to which a comment about a place belongs: inside of a text over several lines there can be
 * no comment, so that is where the call begins that the text is given to.
 */
export function allowanceAnchor(file: FileSummary, at: Span): number {
  const call = file.calls.find((it) =>
    it.args.some(
      (arg, i) =>
        (arg.k === "tpl" || arg.k === "lit") && it.argsAt[i] && it.argsAt[i][0] < at[0] && at[0] < it.argsAt[i][1],
    ),
  );
  const text = call?.argsAt.find((it) => it[0] < at[0] && at[0] < it[1]);
  if (!call || !text || positionAt(file, text[0]).line === positionAt(file, at[0]).line) return at[0];
  return call.at[0];
}

/** The part of a span that stands on its first line. */
function onOneLine(file: FileSummary, at: Span): Span {
  const next = file.lines[positionAt(file, at[0]).line];
  return next === undefined || at[1] < next ? at : [at[0], next - 1];
}
