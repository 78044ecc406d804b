/** `slos`: the objectives of the repository, how far each got, and what is wrong with it. */

import type { Language, Severity } from "../engine/index.ts";
import { positionOf, type Workspace } from "../platform/index.ts";
import {
  bucketsIn,
  evaluate,
  lintBuckets,
  lintMatches,
  type ObjectiveStatus,
  problemText,
  type SloProblem,
  targetText,
  uncovered,
} from "../slo/index.ts";
import { type ExitCode, type Host, paintFor, plain } from "./host.ts";
import { configProblems, openProject, type Project, type Scope, scopeOf, severities } from "./project.ts";
import { checkAddresses, type SourceOptions, sourceFor } from "./status.ts";

const MAX_SHOWN = 10;

export interface SlosOptions extends SourceOptions {
  readonly format: "text" | "json";
  readonly language: Language;
  readonly cache: boolean;
  readonly root?: string | undefined;
  /** Least severity of a problem that gives exit code 1. */
  readonly failOn: Severity | "none";
}

interface ReportedProblem {
  readonly code: string;
  readonly severity: Severity;
  readonly message: string;
  readonly line: number;
  readonly column: number;
}

export async function slos(host: Host, paths: readonly string[], options: SlosOptions): Promise<ExitCode> {
  checkAddresses(options);
  const scope = scopeOf(host, paths, options.root);
  const project = await openProject(host, scope, { cache: options.cache });
  const { analysis, objectives, workspace } = project;
  const matches = objectives.slos.length === 0 ? [] : objectives.matches(analysis.endpoints);
  const { language } = options;
  const unmatched = lintMatches(
    objectives.slos.filter((it) => it.level !== "load"),
    analysis.endpoints,
    matches,
    workspace.text,
  );
  const wanted = objectives.slos.filter((it) => scope.includes(it.path));
  const bucketsOf = bucketsIn({
    statuses: await statusesOf(host, project, scope, options),
    metrics: wanted.some((it) => it.indicator.type === "ratio") ? analysis.metrics : [],
  });
  const found = wanted.map((slo) => {
    const own = matches.filter((it) => it.sloId === slo.id);
    const problems = [
      ...slo.problems,
      ...unmatched.filter((it) => it.slo.id === slo.id).map((it) => it.problem),
      ...lintBuckets(slo, bucketsOf, workspace.text(slo.path) ?? ""),
    ];
    return {
      id: slo.id,
      format: slo.format,
      path: scope.shown(slo.path),
      line: lineOf(workspace, slo.path, slo.range.start),
      service: slo.service,
      name: slo.name,
      target: slo.target,
      window: slo.window.text,
      level: own.length > 0 && slo.level === "evaluable" ? "matched" : slo.level,
      endpoints: own.map((it) => ({
        method: it.endpoint.method,
        route: it.endpoint.route,
        path: scope.shown(it.endpoint.path),
        by: it.by,
        score: it.score,
        why: it.why,
      })),
      problems: problems.map((it) => problemOf(workspace, slo.path, it, language)),
    };
  });
  const documents = objectives.documents
    .filter((it) => scope.includes(it.path))
    .map((it) => ({
      path: scope.shown(it.path),
      line: lineOf(workspace, it.path, it.range.start),
      kind: it.kind,
      format: it.format,
      level: it.level,
      problems: it.problems.map((each) => problemOf(workspace, it.path, each, language)),
    }));
  const own = configProblems(project);
  const config =
    own && scope.includes(own.path)
      ? {
          path: scope.shown(own.path),
          problems: own.problems.map((it) => problemOf(workspace, own.path, it, language)),
        }
      : undefined;
  // Where no objective is about anything, nobody wants to hear that of every endpoint.
  const open = (found.length > 0 ? uncovered(analysis.endpoints, matches) : [])
    .filter((it) => scope.includes(it.path))
    .map((it) => ({ method: it.method, route: it.route, path: scope.shown(it.path) }));
  if (options.format === "json") {
    const report = { slos: found, documents, uncovered: open, ...(config ? { config } : {}) };
    host.out(`${JSON.stringify(report, null, host.isTerminal ? 2 : 0)}\n`);
  } else {
    const paint = paintFor(host);
    let hints = 0;
    const problemLines = (all: readonly ReportedProblem[], path: string) => {
      const problems = all.filter((it) => it.severity !== "hint");
      hints += all.length - problems.length;
      return problems.map(
        (it) =>
          `    ${paint.yellow(it.severity)} ${plain(it.message)}  ${paint.dim(`${it.code} ${plain(path)}:${it.line}:${it.column}`)}`,
      );
    };
    const lines = found.flatMap((it) => [
      `${paint.bold(plain(it.id))}  ${targetText(it.target)} / ${plain(it.window)}  ${it.level}  ${paint.dim(`${plain(it.path)}:${it.line}`)}`,
      ...it.endpoints.slice(0, 10).map((each) => `    ${each.method} ${plain(each.route)}  ${paint.dim(each.by)}`),
      ...(it.endpoints.length > 10 ? [`    and ${it.endpoints.length - 10} more`] : []),
      ...problemLines(it.problems, it.path),
    ]);
    // Documents are listed where something is wrong with them: what is well is seen above.
    const wrong = [...documents, ...(config ? [{ ...config, kind: "slo-lens.yaml", line: 1 }] : [])].flatMap((it) => {
      const told = problemLines(it.problems, it.path);
      const name = `${paint.bold(plain(it.kind === "" ? it.path : it.kind))}  ${paint.dim(`${plain(it.path)}:${it.line}`)}`;
      return told.length === 0 ? [] : [name, ...told];
    });
    const none = language === "ja" ? "SLO ファイルは見つかりませんでした。" : "No SLO files found.";
    if (found.length === 0 && documents.every((it) => it.format === "not-slo")) lines.push(none);
    if (wrong.length > 0) lines.push(...(lines.length > 0 ? [""] : []), ...wrong);
    if (open.length > 0) lines.push("", ...uncoveredText(open, language));
    if (hints > 0) lines.push("", paint.dim(hintsText(hints, language)));
    host.out(`${lines.join("\n")}\n`);
  }
  if (options.cache) workspace.saveCache();
  const { failOn } = options;
  if (failOn === "none") return 0;
  const all = [...found, ...documents, ...(config ? [config] : [])].flatMap((it) => it.problems);
  return all.some((it) => severities.indexOf(it.severity) >= severities.indexOf(failOn)) ? 1 : 0;
}

/** What a source says, where one is named on the command line: nothing is asked otherwise. */
async function statusesOf(
  host: Host,
  { analysis, objectives }: Project,
  scope: Scope,
  options: SlosOptions,
): Promise<readonly ObjectiveStatus[]> {
  const { prometheus, scrape, snapshot } = options;
  if (prometheus === undefined && scrape === undefined && snapshot === undefined) return [];
  const report = await evaluate({
    slos: objectives.slos,
    matches: objectives.matches(analysis.endpoints),
    source: sourceFor(host, objectives, scope.root, options),
    now: host.now(),
    signal: host.signal,
    thresholds: objectives.config.thresholds,
    withHistory: false,
  });
  for (const it of report.problems) host.err(`slo-lens: ${plain(it)}\n`);
  return report.objectives;
}

function lineOf(workspace: Workspace, path: string, offset: number): number {
  return positionOf(workspace.text(path) ?? "", offset).line;
}

function problemOf(workspace: Workspace, path: string, it: SloProblem, language: Language): ReportedProblem {
  return {
    code: it.code,
    severity: it.severity,
    message: problemText(it, language),
    ...positionOf(workspace.text(path) ?? "", it.range.start),
  };
}

function hintsText(count: number, language: Language): string {
  if (language === "ja") return `ヒント ${count} 件は --format json で確認できます。`;
  return count === 1 ? "1 hint is told by --format json." : `${count} hints are told by --format json.`;
}

function uncoveredText(
  open: readonly { readonly method: string; readonly route: string }[],
  language: Language,
): readonly string[] {
  const shown = open.slice(0, MAX_SHOWN).map((it) => `    ${it.method} ${plain(it.route)}`);
  const more = open.length - shown.length;
  if (language === "ja")
    return [`SLO のないエンドポイント: ${open.length} 件`, ...shown, ...(more > 0 ? [`    ほか ${more} 件`] : [])];
  const count = open.length === 1 ? "1 endpoint has" : `${open.length} endpoints have`;
  return [`${count} no objective:`, ...shown, ...(more > 0 ? [`    and ${more} more`] : [])];
}
