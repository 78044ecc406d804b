/** `slos`: the objectives of the repository, how far each got, and what is wrong with it. */

import type { Language } from "../engine/index.ts";
import { positionOf, type Workspace } from "../platform/index.ts";
import { lintMatches, problemText, type SloProblem, targetText, uncovered } from "../slo/index.ts";
import { type ExitCode, type Host, paintFor, plain } from "./host.ts";
import { openProject, scopeOf } from "./project.ts";

const MAX_SHOWN = 10;

export interface SlosOptions {
  readonly format: "text" | "json";
  readonly language: Language;
  readonly cache: boolean;
  readonly root?: string | undefined;
}

export async function slos(host: Host, paths: readonly string[], options: SlosOptions): Promise<ExitCode> {
  const scope = scopeOf(host, paths, options.root);
  const { analysis, objectives, workspace } = await openProject(host, scope, { cache: options.cache });
  const matches = objectives.slos.length === 0 ? [] : objectives.matches(analysis.endpoints);
  const { language } = options;
  const unmatched = lintMatches(
    objectives.slos.filter((it) => it.level !== "load"),
    analysis.endpoints,
    matches,
  );
  const found = objectives.slos
    .filter((it) => scope.includes(it.path))
    .map((slo) => {
      const own = matches.filter((it) => it.sloId === slo.id);
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
        problems: [...slo.problems, ...unmatched.filter((it) => it.slo.id === slo.id).map((it) => it.problem)].map(
          (it) => problemOf(workspace, slo.path, it, language),
        ),
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
  // Where no objective is about anything, nobody wants to hear that of every endpoint.
  const open = (found.length > 0 ? uncovered(analysis.endpoints, matches) : [])
    .filter((it) => scope.includes(it.path))
    .map((it) => ({ method: it.method, route: it.route, path: scope.shown(it.path) }));
  if (options.format === "json")
    host.out(`${JSON.stringify({ slos: found, documents, uncovered: open }, null, host.isTerminal ? 2 : 0)}\n`);
  else {
    const paint = paintFor(host);
    const lines = found.flatMap((it) => [
      `${paint.bold(plain(it.id))}  ${targetText(it.target)} / ${plain(it.window)}  ${it.level}  ${paint.dim(`${plain(it.path)}:${it.line}`)}`,
      ...it.endpoints.slice(0, 10).map((each) => `    ${each.method} ${plain(each.route)}  ${paint.dim(each.by)}`),
      ...(it.endpoints.length > 10 ? [`    and ${it.endpoints.length - 10} more`] : []),
      ...it.problems.map(
        (each) => `    ${paint.yellow(each.severity)} ${plain(each.message)}  ${paint.dim(each.code)}`,
      ),
    ]);
    const none = language === "ja" ? "SLO ファイルは見つかりませんでした。" : "No SLO files found.";
    if (open.length > 0) lines.push("", ...uncoveredText(open, language));
    host.out(`${lines.length > 0 ? lines.join("\n") : none}\n`);
  }
  if (options.cache) workspace.saveCache();
  return 0;
}

function lineOf(workspace: Workspace, path: string, offset: number): number {
  return positionOf(workspace.text(path) ?? "", offset).line;
}

function problemOf(
  workspace: Workspace,
  path: string,
  it: SloProblem,
  language: Language,
): {
  readonly code: string;
  readonly severity: string;
  readonly message: string;
  readonly line: number;
  readonly column: number;
} {
  return {
    code: it.code,
    severity: it.severity,
    message: problemText(it, language),
    ...positionOf(workspace.text(path) ?? "", it.range.start),
  };
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
