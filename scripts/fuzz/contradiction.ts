/** What cannot be true of a summary, whatever its text was. */
import { type FileSummary, lineStarts } from "../../engine/index.ts";

/** Indexes that point at nothing, spans that lie outside of the text. */
export function contradiction(summary: FileSummary, text: string): string | undefined {
  const inside = ([from, to]: readonly [number, number]): boolean => 0 <= from && from <= to && to <= text.length;
  if (summary.lines.length !== lineStarts(text).length) return "lines do not fit the text";
  for (const [i, call] of summary.calls.entries()) {
    if (!inside(call.at) || !inside(call.nameAt)) return `call ${i} lies outside of the text`;
    if (!summary.functions[call.fn]) return `call ${i} stands in no function`;
    if (call.loop !== undefined && !summary.loops[call.loop]) return `call ${i} stands in no loop`;
    if (call.branch !== undefined && !summary.branches[call.branch]) return `call ${i} stands in no branch`;
  }
  for (const [i, fn] of summary.functions.entries()) {
    if (!inside(fn.at) || !inside(fn.bodyAt) || !inside(fn.nameAt)) return `function ${i} lies outside of the text`;
    if (fn.parent >= i) return `function ${i} stands in a later one`;
  }
  for (const [i, it] of summary.allowances.entries())
    if (!inside(it.at) || !inside(it.covers)) return `allowance ${i} lies outside of the text`;
  const hole = missing(summary, "summary");
  if (hole !== undefined) return `${hole} is missing`;
  const seen = JSON.stringify(summary);
  return seen.length > 200 * text.length + 100_000
    ? `the summary is ${Math.round(seen.length / Math.max(1, text.length))} times as long as the text`
    : undefined;
}

/** Names that are no text, gaps in lists: what a tree of broken text may bring in. */
function missing(value: unknown, at: string): string | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  for (const [key, it] of Object.entries(value)) {
    const here = `${at}.${key}`;
    if (
      Array.isArray(value)
        ? it == null
        : (key === "name" || key === "specifier" || key === "op" || key === "k") &&
          typeof it !== "string" &&
          !(key === "name" && it === null)
    )
      return here;
    if (key === "at" && !Array.isArray(it)) return here;
    if (it === undefined && ["value", "callee", "args", "of", "test"].includes(key)) return here;
    const inner = missing(it, here);
    if (inner !== undefined) return inner;
  }
  return undefined;
}
