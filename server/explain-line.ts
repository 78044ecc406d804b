/** "Explain This Resolution": what is believed of the line under the cursor, as a page. */
import { explainLine } from "../engine/index.ts";
import type { ExplainLineResult } from "../protocol/index.ts";
import { explanationOutline, outlineMarkdown, type Rendering } from "../rules/index.ts";
import { escapeMarkdown } from "../slo/index.ts";
import type { AnswerContext } from "./context.ts";
import type { OpenDocument } from "./documents.ts";
import { encodedAddress } from "./locations.ts";
import { sayIn, words } from "./text.ts";

/** @param line 0-based */
export function explainLineAt(it: OpenDocument, line: number, context: AnswerContext): ExplainLineResult | null {
  const { documents, language, rules } = context;
  const analysis = it.folder.analysis();
  const file = analysis.program.files.get(it.path);
  if (!file || !Number.isInteger(line) || line < 0 || line >= file.lines.length) return null;
  const rendering: Rendering = {
    language,
    place: ({ path, line: at }) =>
      `[${escapeMarkdown(`${path}:${at}`)}](${encodedAddress(documents.address(it.folder, path))}#L${at})`,
    foreign: escapeMarkdown,
  };
  const say = sayIn(language);
  const here = it.folder.report(it.path).findings.filter((each) => {
    // Those that are about this line as well, told where they stand.
    const covers = each.covers.filter((one) => one.path === it.path).map((one) => one.at[0]);
    return [each.at[0], ...covers].some((at) => it.document.positionAt(at).line === line);
  });
  const findings = here.map((each) => {
    const rule = rules.get(each.ruleId);
    const message = rule?.messages[each.message];
    return `- **${escapeMarkdown(each.ruleId)}**: ${escapeMarkdown(message ? say(message.what, each.data) : each.ruleId)}`;
  });
  const title = `${it.path}:${line + 1}`;
  const parts = [
    `## ${escapeMarkdown(title)}`,
    outlineMarkdown(explanationOutline(explainLine(analysis, file, line + 1), rendering)),
    ...(findings.length > 0 ? [[`### ${say(words.findings)}`, "", ...findings].join("\n")] : []),
  ];
  return { title, markdown: `${parts.join("\n\n")}\n` };
}
