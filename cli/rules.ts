/** `rules`: what is looked for. */
import { type Language, renderText } from "../engine/index.ts";
import { knowledge } from "../rules/index.ts";
import { type ExitCode, type Host, paintFor } from "./host.ts";

export function rules(
  host: Host,
  options: { readonly format: "text" | "json"; readonly language: Language },
): ExitCode {
  const all = [...knowledge.rules]
    .sort((a, b) => (a.group < b.group ? -1 : a.group > b.group ? 1 : a.id < b.id ? -1 : 1))
    .map((it) => ({
      id: it.id,
      group: it.group,
      title: renderText(it.title, options.language),
      severity: it.severity,
      status: it.status,
      since: it.since,
      burns: it.burns,
    }));
  if (options.format === "json") host.out(`${JSON.stringify({ rules: all }, null, host.isTerminal ? 2 : 0)}\n`);
  else {
    const paint = paintFor(host);
    const width = Math.max(0, ...all.map((it) => it.id.length));
    host.out(
      all
        .map(
          (it) =>
            `${paint.bold(it.id.padEnd(width))}  ${it.severity.padEnd(11)}  ${it.title}${it.status === "stable" ? "" : paint.dim(` (${it.status})`)}\n`,
        )
        .join(""),
    );
  }
  return 0;
}
