/** Workflow commands of GitHub Actions: an annotation per finding. */
import type { CheckReport } from "../check.ts";

const LEVELS = { error: "error", warning: "warning", information: "notice", hint: undefined } as const;

export function toGithub(report: CheckReport): string {
  const lines: string[] = [];
  for (const it of report.findings) {
    const level = LEVELS[it.severity];
    if (!level) continue;
    const reached =
      it.endpoints.length > 0
        ? `\n${it.endpoints
            .slice(0, 5)
            .map((each) => `${each.method} ${each.route}`)
            .join(", ")}`
        : "";
    const place = `file=${property(it.path)},line=${it.line},endLine=${it.endLine},col=${it.column},endColumn=${it.endColumn},title=${property(it.ruleId)}`;
    lines.push(`::${level} ${place}::${data([it.message, it.help].filter(Boolean).join("\n") + reached)}`);
  }
  for (const it of report.failures)
    lines.push(
      `::notice file=${property(it.path)}${it.line ? `,line=${it.line}` : ""},title=not read::${data(it.message)}`,
    );
  return lines.length > 0 ? `${lines.join("\n")}\n` : "";
}

function data(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function property(text: string): string {
  return data(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}
