/** A line of which its author has told another linter's twin of a rule that it is meant. */
import type { FileSummary, RuleContext, Span } from "../../engine/index.ts";

/** ESLint, oxlint and Biome: for the next line, for this one, or from here on until it is enabled again. */
const DISABLED = /(?:eslint|oxlint)-disable(-next-line|-line)?(?![\w-])([^\n*]*)|biome-ignore[^\n:]*/g;

const known = new WeakMap<FileSummary, readonly Muted[]>();

interface Muted {
  readonly at: number;
  readonly how: "next" | "line" | "file";
  /** As written: the names of the rules, none for all of them. */
  readonly rules: string;
}

/** Whether a rule of one of these names is switched off for the line of a place. */
export function isMutedElsewhere(file: FileSummary, at: Span, rules: RegExp, context: RuleContext): boolean {
  const text = context.text(file.path);
  if (text === undefined) return false;
  let all = known.get(file);
  if (!all) known.set(file, (all = mutedIn(text)));
  const own = all.filter((it) => rules.test(it.rules));
  if (own.length === 0) return false;
  const line = text.lastIndexOf("\n", at[0] - 1) + 1;
  const end = text.indexOf("\n", at[0]);
  const before = text.lastIndexOf("\n", line - 2) + 1;
  return own.some((it) =>
    it.how === "next"
      ? it.at >= before && it.at < line
      : it.how === "line"
        ? it.at >= line && (end < 0 || it.at < end)
        : it.at < line && !/eslint-enable/.test(text.slice(it.at, line)),
  );
}

function mutedIn(text: string): readonly Muted[] {
  return [...text.matchAll(DISABLED)].map(
    (it): Muted => ({
      at: it.index,
      how: it[0].startsWith("biome") || it[1] === "-next-line" ? "next" : it[1] === "-line" ? "line" : "file",
      rules: it[0],
    }),
  );
}
