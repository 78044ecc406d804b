/** Findings for people at a terminal, grouped by file. */
import type { Language, Severity } from "../../engine/index.ts";
import type { CheckReport } from "../check.ts";
import type { ReportedFinding } from "../findings.ts";
import { type Paint, plain } from "../host.ts";

export interface TextOptions {
  readonly language: Language;
  readonly paint: Paint;
  /** Hints too. */
  readonly all: boolean;
}

const WORDS: Readonly<Record<Language, Readonly<Record<Severity, string>>>> = {
  en: { error: "error", warning: "warning", information: "info", hint: "hint" },
  ja: { error: "エラー", warning: "警告", information: "情報", hint: "ヒント" },
};

export function toText(report: CheckReport, { language, paint, all }: TextOptions): string {
  const lines: string[] = [];
  const isShown = (it: ReportedFinding): boolean => all || it.severity !== "hint";
  const colour: Readonly<Record<Severity, (text: string) => string>> = {
    error: paint.red,
    warning: paint.yellow,
    information: paint.blue,
    hint: paint.dim,
  };
  let path = "";
  for (const it of report.findings.filter(isShown)) {
    if (it.path !== path) {
      if (path !== "") lines.push("");
      path = it.path;
      lines.push(paint.bold(plain(path)));
    }
    lines.push(
      `  ${paint.dim(`${it.line}:${it.column}`)}  ${colour[it.severity](WORDS[language][it.severity])}  ${plain(it.message)}  ${paint.dim(it.ruleId)}`,
    );
    if (it.help) lines.push(`        ${plain(it.help)}`);
    const reached = endpointsText(it);
    if (reached) lines.push(`        ${paint.dim(language === "ja" ? "影響" : "reaches")} ${plain(reached)}`);
    if (it.impact?.stakes)
      lines.push(
        `        ${paint.dim(language === "ja" ? "エラーバジェット" : "at stake")} ${plain(it.impact.stakes)}`,
      );
    if (it.covers.length > 0)
      lines.push(
        `        ${paint.dim(language === "ja" ? `${it.covers.length} か所の呼び出しを含みます` : `speaks for ${it.covers.length} ${it.covers.length === 1 ? "call" : "calls"}`)}`,
      );
  }
  if (path !== "") lines.push("");
  for (const it of report.failures)
    lines.push(
      paint.dim(
        `${plain(it.path)}${it.line ? `:${it.line}:${it.column ?? 1}` : ""}  ${language === "ja" ? "読み取れません" : "not read"}: ${plain(it.message)}`,
      ),
    );
  if (report.failures.length > 0) lines.push("");
  lines.push(summaryOf(report, language, all));
  return `${lines.join("\n")}\n`;
}

/** `GET /recipes (+2)`. */
function endpointsText({ endpoints }: ReportedFinding): string {
  const first = endpoints[0];
  if (!first) return "";
  return `${first.method} ${first.route}${endpoints.length > 1 ? ` (+${endpoints.length - 1})` : ""}`;
}

function summaryOf(report: CheckReport, language: Language, all: boolean): string {
  const count = (severity: Severity): number => report.findings.filter((it) => it.severity === severity).length;
  const counted = (["error", "warning", "information", "hint"] as const).flatMap((it) => {
    const n = count(it);
    if (n === 0) return [];
    if (language === "ja") return [`${WORDS.ja[it]} ${n} 件`];
    const word = { error: "error", warning: "warning", information: "info", hint: "hint" }[it];
    return [`${n} ${word}${n === 1 || it === "information" ? "" : "s"}`];
  });
  const { files, ms, fixed, known, leftOut } = report.stats;
  const hidden = !all && count("hint") > 0;
  if (language === "ja") {
    return `${counted.length === 0 ? "問題は見つかりませんでした" : counted.join("、")}(${files} ファイル${leftOut ? `、テストとブラウザー用コード ${leftOut} 件を除く` : ""}、${ms} ms)${fixed ? `。${fixed} 件を修正しました` : ""}${known ? `。ベースラインの ${known} 件を除きました` : ""}${hidden ? "。ヒントは --all で表示します" : ""}`;
  }
  return `${counted.length === 0 ? "Nothing found" : counted.join(", ")} in ${files} ${files === 1 ? "file" : "files"}${leftOut ? ` (${leftOut} more for tests or browsers left out)` : ""}, ${ms} ms.${fixed ? ` ${fixed} fixed.` : ""}${known ? ` ${known} known from the baseline.` : ""}${hidden ? " Hints are shown with --all." : ""}`;
}
