/** Findings as the command line tells them: texts rendered, offsets turned into lines, allowances applied. */
import {
  type AllowanceProblem,
  applyAllowances,
  type Endpoint,
  endpointsOf,
  type FileSummary,
  type Finding,
  functionAt,
  type Language,
  positionAt,
  type Rule,
  renderText,
  type Severity,
  type Span,
} from "../engine/index.ts";
import type { Workspace } from "../platform/index.ts";
import { knowledge } from "../rules/index.ts";
import { type Impact, impactOf, type SloView, stakesSentence } from "../slo/index.ts";
import type { Project, Scope } from "./project.ts";

/** 1-based; columns in UTF-16 code units. */
export interface Place {
  readonly path: string;
  readonly line: number;
}

export interface TextEdit {
  readonly path: string;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
  readonly text: string;
}

export interface ReportedFix {
  readonly title: string;
  readonly layer: string;
  readonly safety: string;
  readonly edits: readonly TextEdit[];
  readonly explain?: string;
}

export interface ReportedFinding {
  readonly ruleId: string;
  readonly severity: Severity;
  readonly message: string;
  readonly help: string;
  readonly path: string;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
  readonly function: string;
  readonly endpoints: readonly {
    readonly method: string;
    readonly route: string;
    readonly path: string;
    readonly line: number;
    /** It does not wait for this: a queue or an event lies between. */
    readonly async?: boolean;
  }[];
  /** What is at stake, where an endpoint that reaches it has an objective or a criticality of its own. */
  readonly impact?: ReportedImpact;
  readonly covers: readonly Place[];
  readonly fixes: readonly ReportedFix[];
}

export interface ReportedImpact {
  /** One sentence on the budget; absent while nothing is known of it. */
  readonly stakes?: string;
  readonly objectives: readonly {
    readonly id: string;
    readonly endpoint: string;
    readonly state?: string;
    readonly budgetRemaining?: number;
  }[];
  readonly criticality: string;
  readonly agents?: "ask";
}

/** A finding that is reported, with what it was made from; allowances that went wrong have no source. */
export interface Reported {
  readonly reported: ReportedFinding;
  readonly source?: Finding;
  /** Root-relative. */
  readonly path: string;
  readonly lineText: string;
}

export interface CollectOptions {
  readonly language: Language;
  readonly today: string;
  /** Root-relative paths; findings elsewhere are left out. */
  readonly wants?: (path: string, covers: readonly string[]) => boolean;
  /** Objectives and their states, which decide how grave a finding is. */
  readonly view?: SloView | undefined;
}

const rulesById = new Map(knowledge.rules.map((it) => [it.id, it]));
const gatedIds = new Set(knowledge.rules.flatMap((it) => (it.gate ? [it.id] : [])));

/** Every finding of the workspace at a place the scope includes, in the order of paths and lines. */
export function collectFindings(
  { workspace, analysis }: Project,
  scope: Scope,
  { language, today, wants, view }: CollectOptions,
): Reported[] {
  const byPath = new Map<string, Map<string, Finding>>();
  const all = [...workspace.files.keys(), ...workspace.documents.paths];
  for (const path of all)
    for (const finding of analysis.findings(path)) {
      // Rules may report the same creation from several files.
      const key = `${finding.ruleId} ${finding.at[0]} ${finding.at[1]}`;
      let known = byPath.get(finding.path);
      if (!known) {
        known = new Map();
        byPath.set(finding.path, known);
      }
      if (!known.has(key)) known.set(key, finding);
    }
  const ruleIds = new Set(rulesById.keys());
  const found: Reported[] = [];
  for (const path of all) {
    const here = byPath.get(path);
    const file = workspace.files.get(path) ?? (here ? workspace.documents.get(path)?.summary : undefined);
    if (!file || (!here && file.allowances.length === 0)) continue;
    if (!scope.includes(file.path)) continue;
    const { findings, problems } = applyAllowances(file, [...(here?.values() ?? [])], today, ruleIds, gatedIds);
    const places = placesIn(workspace, scope);
    for (const finding of findings) {
      if (
        wants &&
        !wants(
          file.path,
          finding.covers.map((it) => it.path),
        )
      )
        continue;
      found.push({
        reported: describe(finding, rulesById.get(finding.ruleId)!, file, places, language, view),
        source: finding,
        path: file.path,
        lineText: lineText(workspace, file, finding.at),
      });
    }
    for (const problem of problems) {
      if (wants && !wants(file.path, [])) continue;
      found.push({
        reported: describeProblem(problem, file, places, language),
        path: file.path,
        lineText: lineText(workspace, file, problem.at),
      });
    }
  }
  return found.sort((a, b) =>
    a.path < b.path
      ? -1
      : a.path > b.path
        ? 1
        : a.reported.line - b.reported.line ||
          a.reported.column - b.reported.column ||
          (a.reported.ruleId < b.reported.ruleId ? -1 : 1),
  );
}

interface Places {
  readonly shown: (path: string) => string;
  readonly of: (path: string, offset: number) => { readonly line: number; readonly column: number };
}

export function placesIn(workspace: Workspace, scope: Scope): Places {
  return {
    shown: scope.shown,
    of: (path, offset) => {
      const file = workspace.files.get(path) ?? workspace.documents.get(path)?.summary;
      return file ? positionAt(file, offset) : { line: 1, column: 1 };
    },
  };
}

function describe(
  finding: Finding,
  rule: Rule,
  file: FileSummary,
  places: Places,
  language: Language,
  view: SloView | undefined,
): ReportedFinding {
  const message = rule.messages[finding.message];
  const reaching = endpointsOf(finding.reach);
  const impact = view
    ? impactOf({ ruleId: finding.ruleId, base: finding.severity, endpoints: reaching }, view)
    : undefined;
  const told = impact ? describeImpact(impact, language) : undefined;
  const { data } = finding;
  return {
    ruleId: finding.ruleId,
    severity: impact?.severity ?? finding.severity,
    message: message ? renderText(message.what, language, data) : renderText(rule.title, language),
    help: message ? renderText(message.help, language, data) : "",
    path: places.shown(finding.path),
    ...rangeOf(file, finding.at),
    function: finding.function,
    endpoints: finding.reach.chains.flatMap(({ entry, isAsync }) =>
      entry.kind === "endpoint" ? [{ ...describeEndpoint(entry, places), ...(isAsync ? { async: true } : {}) }] : [],
    ),
    ...(told ? { impact: told } : {}),
    covers: finding.covers.map((it) => ({ path: places.shown(it.path), line: places.of(it.path, it.at[0]).line })),
    fixes: finding.fixes.map((it) => ({
      title: renderText(it.title, language, data),
      layer: it.layer,
      safety: it.safety,
      edits: it.edits.map((edit) => {
        const start = places.of(edit.path, edit.at[0]);
        const end = places.of(edit.path, edit.at[1]);
        return {
          path: places.shown(edit.path),
          line: start.line,
          column: start.column,
          endLine: end.line,
          endColumn: end.column,
          text: edit.text,
        };
      }),
      ...(it.explain ? { explain: renderText(it.explain, language, data) } : {}),
    })),
  };
}

function describeImpact(impact: Impact, language: Language): ReportedImpact | undefined {
  const [first] = impact.endpoints;
  if (!first || impact.endpoints.every((it) => !it.slo && it.criticality === "normal")) return undefined;
  const stakes = stakesSentence(impact, language);
  const order = ["low", "normal", "high"] as const;
  return {
    ...(stakes ? { stakes } : {}),
    objectives: impact.endpoints.flatMap(({ slo, status, endpoint }) =>
      slo
        ? [
            {
              id: slo.id,
              endpoint: `${endpoint.method} ${endpoint.route}`,
              ...(status ? { state: status.state } : {}),
              ...(status?.budgetRemaining === undefined ? {} : { budgetRemaining: status.budgetRemaining }),
            },
          ]
        : [],
    ),
    criticality: order[Math.max(...impact.endpoints.map((it) => order.indexOf(it.criticality)))]!,
    ...(impact.agents ? { agents: impact.agents } : {}),
  };
}

function describeProblem(
  problem: AllowanceProblem,
  file: FileSummary,
  places: Places,
  language: Language,
): ReportedFinding {
  return {
    ruleId: problem.ruleId,
    severity: problem.severity,
    message: renderText(problem.message, language, problem.data),
    help: "",
    path: places.shown(problem.path),
    ...rangeOf(file, problem.at),
    function: file.functions[functionAt(file, problem.at[0])]?.name ?? "",
    endpoints: [],
    covers: [],
    fixes: [],
  };
}

export function describeEndpoint(
  it: Endpoint,
  places: Places,
): { method: string; route: string; path: string; line: number } {
  return {
    method: it.method,
    route: it.route,
    path: places.shown(it.path),
    line: places.of(it.path, it.nameAt[0]).line,
  };
}

function rangeOf(file: FileSummary, at: Span): { line: number; column: number; endLine: number; endColumn: number } {
  const start = positionAt(file, at[0]);
  const end = positionAt(file, Math.max(at[0], at[1]));
  return { line: start.line, column: start.column, endLine: end.line, endColumn: end.column };
}

/** The line a finding stands on, trimmed: what a baseline knows it by. */
function lineText(workspace: Workspace, file: FileSummary, at: Span): string {
  const { line } = positionAt(file, at[0]);
  return (workspace.text(file.path) ?? "").slice(file.lines[line - 1], file.lines[line]).trim();
}
