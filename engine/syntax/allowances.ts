import { lineAt } from "../lines.ts";
import type { Allowance } from "../model.ts";
import type { CommentText } from "./parser-port.ts";

/** The whole comment is the allowance: prose that mentions one is none. */
const RULES = /^slo-allow\s+([\w,\s-]+)$/;
const CODE_COMMENT = /^(?:\/\/|\*|\/\*)/;

/**
 * Reads `slo-allow <rule>[, rule]: <reason> [until YYYY-MM-DD]`. A comment behind code speaks of its own line, one on a
 * line of its own of the next line that holds code.
 *
 * @param lines offset of each line's first character
 * @param commentLine how a line begins that holds no code
 */
export function readAllowances(
  comments: readonly CommentText[],
  text: string,
  lines: readonly number[],
  commentLine: RegExp = CODE_COMMENT,
): Allowance[] {
  const found: Allowance[] = [];
  for (const { text: comment, range } of comments) {
    const line = comment
      .replace(/^[*\s]+/, "")
      .split("\n", 1)[0]!
      .trimEnd()
      .replace(/\*\/$/, "");
    const colon = line.indexOf(":");
    const match = RULES.exec((colon < 0 ? line : line.slice(0, colon)).trimEnd());
    if (!match) continue;
    const whole = colon < 0 ? "" : line.slice(colon + 1).trim();
    const until = /\(?\buntil\s+(\d{4}-\d{2}-\d{2})\)?\s*$/.exec(whole);
    const reason = (until ? whole.slice(0, until.index) : whole).replace(/[\s,;(]+$/, "");
    const covers = coveredLine(range, text, lines, commentLine);
    for (const rule of match[1]!.split(","))
      if (rule.trim() !== "")
        found.push({
          rule: rule.trim(),
          reason,
          ...(until ? { until: until[1]! } : {}),
          at: [range[0], range[1]],
          covers,
        });
  }
  return found;
}

function coveredLine(
  range: readonly [number, number],
  text: string,
  lines: readonly number[],
  commentLine: RegExp,
): readonly [number, number] {
  const span = (line: number): readonly [number, number] => [lines[line]!, lines[line + 1] ?? text.length];
  const own = lineAt(lines, range[0]);
  if (text.slice(lines[own]!, range[0]).trim() !== "") return span(own);
  for (let line = lineAt(lines, range[1]) + 1; line < lines.length; line++) {
    const content = text.slice(...span(line)).trim();
    if (content !== "" && !commentLine.test(content)) return span(line);
  }
  return span(own);
}
