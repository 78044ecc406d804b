/**
 * `explain`: a rule's page, or what the engine believes about a line: what each call on it is, what that means, which
 * time limit holds and where it comes from, what reaches it, and what could not be told and why. Of an endpoint: which
 * objectives were considered for it, how well each fits, and why.
 */
import {
  type ExplainedPlace,
  explainLine,
  type Language,
  type LineExplanation,
  pathKind,
  renderText,
  type Statement,
} from "../engine/index.ts";
import { pageText } from "../platform/index.ts";
import {
  explanationOutline,
  knowledge,
  type Outline,
  outlineLines,
  type Rendering,
  statementText,
  untoldText,
} from "../rules/index.ts";
import { explainEndpoint } from "./explain-endpoint.ts";
import { collectFindings } from "./findings.ts";
import { CannotRun, type ExitCode, type Host, paintFor, plain, today } from "./host.ts";
import { openProject, type Scope, scopeOf } from "./project.ts";
import type { SourceOptions } from "./status.ts";
import { lineAt } from "./trace.ts";

export interface ExplainOptions extends SourceOptions {
  readonly format: "text" | "json";
  readonly language: Language;
  readonly cache: boolean;
  readonly root?: string | undefined;
  readonly at?: string | undefined;
  /** `GET /orders/:id`. */
  readonly endpoint?: string | undefined;
}

export async function explain(host: Host, rule: string | undefined, options: ExplainOptions): Promise<ExitCode> {
  refuseSources(options);
  if (options.at !== undefined) return explainAt(host, options.at, options);
  if (options.endpoint !== undefined) return explainEndpoint(host, options.endpoint, options);
  if (rule === undefined)
    throw new CannotRun(
      'explain takes the name of a rule, --at FILE:LINE, or --endpoint "GET /route". `slo-lens rules` lists the rules.',
    );
  return explainRule(host, rule, options);
}

/** @throws CannotRun for telemetry that the answer would not look at */
function refuseSources({ endpoint, at, prometheus, scrape, snapshot }: ExplainOptions): void {
  const given = prometheus !== undefined ? "--prometheus" : scrape !== undefined ? "--scrape" : undefined;
  if (given !== undefined && (endpoint === undefined || at !== undefined))
    throw new CannotRun(`${given} is asked for --endpoint only: leave it out, or name an endpoint.`);
  if (snapshot !== undefined)
    throw new CannotRun("A snapshot keeps no routes to look through: leave --snapshot out, or use --prometheus URL.");
}

function explainRule(host: Host, id: string, { format, language }: ExplainOptions): ExitCode {
  const rule = knowledge.rules.find((it) => it.id === id);
  if (!rule) {
    const near = knowledge.rules
      .map((it) => it.id)
      .filter((it) => it.split("-").some((word) => id.split("-").includes(word)));
    throw new CannotRun(
      `There is no rule "${id}".${near.length > 0 ? ` Near it: ${near.slice(0, 5).join(", ")}.` : " `slo-lens rules` lists them."}`,
    );
  }
  const page = pageText(rule, language);
  if (format === "json")
    host.out(
      `${JSON.stringify({ id: rule.id, group: rule.group, title: renderText(rule.title, language), severity: rule.severity, status: rule.status, burns: rule.burns, page: page ?? null })}\n`,
    );
  else host.out(`${page ?? `${rule.id}\n\n${renderText(rule.title, language)}`}`.trimEnd().concat("\n"));
  return 0;
}

async function explainAt(host: Host, at: string, options: ExplainOptions): Promise<ExitCode> {
  const { language } = options;
  const scope = scopeOf(host, ["."], options.root);
  const project = await openProject(host, scope, {
    cache: options.cache,
    tests: pathKind(at.replace(/:\d+$/, "")) === "test",
  });
  const { analysis, workspace } = project;
  const { file, line } = lineAt(host, scope, workspace.files, at);
  const explained = explainLine(analysis, file, line);
  const rendering: Rendering = {
    language,
    place: ({ path, line: at }) => plain(`${scope.shown(path)}:${at}`),
    foreign: plain,
  };
  const findings = collectFindings(project, scope, { language, today: today(host) })
    .filter(
      ({ reported: it, path }) =>
        path === file.path &&
        (it.line === line || it.covers.some((each) => each.path === scope.shown(file.path) && each.line === line)),
    )
    .map(({ reported: it }) => ({ ruleId: it.ruleId, severity: it.severity, message: it.message, line: it.line }));
  if (options.format === "json") {
    const answer = { ...answerOf(explained, rendering, scope), findings };
    host.out(`${JSON.stringify(answer, null, host.isTerminal ? 2 : 0)}\n`);
  } else {
    const paint = paintFor(host);
    const bold = (it: Outline): Outline => ({ ...it, text: it.below ? paint.bold(it.text) : it.text });
    const out = [
      paint.bold(plain(`${scope.shown(file.path)}:${line}`)),
      ...outlineLines(explanationOutline(explained, rendering).map(bold)),
      ...findings.map((it) => `  ${paint.yellow(it.severity)} ${plain(it.message)} ${paint.dim(it.ruleId)}`),
    ];
    host.out(`${out.join("\n")}\n`);
  }
  if (options.cache) workspace.saveCache();
  return 0;
}

/** For scripts and agents: what is believed in words, places and chains as data. */
function answerOf(explained: LineExplanation, rendering: Rendering, scope: Scope) {
  const told = (it: Statement): string => statementText(it, rendering);
  const placed = ({ path, line }: ExplainedPlace) => ({ path: scope.shown(path), line });
  return {
    path: scope.shown(explained.path),
    line: explained.line,
    side: explained.side.key.replace("side.", ""),
    sideWhy: told(explained.side),
    calls: explained.calls.map((it) => ({
      call: it.written,
      line: it.place.line,
      column: it.column,
      callee: told(it.is),
      ...(it.is.key === "value.unknown" ? { unknown: String(it.is.data?.["why"] ?? "") } : {}),
      way: it.way.map(told),
      ...(it.version ? { version: { ...it.version.data, by: it.version.key.replace("version.", "") } } : {}),
      meanings: it.meanings.map(({ kind, says }) => ({ kind, says: says.map(told) })),
      inside: it.inside.map(({ way, place, says }) => ({
        way: way.map((each) => ({ name: each.name, ...placed(each.place) })),
        ...placed(place),
        says: says.map(told),
      })),
    })),
    reachedFrom: explained.reached.map((it) => ({
      function: it.function,
      ...placed(it.place),
      kinds: it.kinds,
      chains: it.chains.map(({ kind, name, framework, place, links }) => ({
        kind,
        name,
        framework,
        ...placed(place),
        chain: links.map((link) => ({
          name: link.name,
          ...placed(link.place),
          ...(link.hop ? { async: link.hop } : {}),
        })),
      })),
      complete: it.complete,
    })),
    untold: explained.untold.map((it) => untoldText(it, rendering)),
  };
}
