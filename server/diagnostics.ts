/** Findings as diagnostics: how grave they are here, what reaches them, where their rule is explained. */
import {
  type Diagnostic,
  type DiagnosticRelatedInformation,
  DiagnosticSeverity,
  DiagnosticTag,
  type Range,
} from "vscode-languageserver";
import { type AllowanceProblem, chainText, endpointsOf, type Finding, type Severity } from "../engine/index.ts";
import { pageAddress } from "../platform/index.ts";
import {
  type Impact,
  impactOf,
  isConfigPath,
  lintConfig,
  lintInWorkspace,
  matchSlos,
  mayHoldSlos,
  problemText,
  readConfig,
  type SloProblem,
  type SloView,
  stakesSentence,
} from "../slo/index.ts";
import type { AnswerContext } from "./context.ts";
import type { OpenDocument } from "./documents.ts";
import { rangeAt } from "./position.ts";
import { isSloPath } from "./slo-files.ts";
import { sayIn, words } from "./text.ts";

export interface DiagnosticsContext extends AnswerContext {
  /** What the client can show. */
  readonly shows: { readonly related: boolean; readonly codeDescription: boolean; readonly tags: boolean };
}

/** What a diagnostic carries for the code actions: the fixes by their place in the finding's list. */
export interface DiagnosticData {
  readonly ruleId: string;
  readonly message: string;
  readonly fixes: readonly number[];
}

export const source = "slo-lens";
const MAX_RELATED = 4;
const MAX_STAKES = 400;

const severities: Readonly<Record<Severity, DiagnosticSeverity>> = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  information: DiagnosticSeverity.Information,
  hint: DiagnosticSeverity.Hint,
};

export function diagnosticsOf(it: OpenDocument, context: DiagnosticsContext): Diagnostic[] {
  const ofText = problemsOf(it, context);
  if (ofText) return ofText;
  if (!it.folder.serves(it.path)) return [];
  const { findings, problems } = it.folder.report(it.path);
  return [
    ...findings.map((each) => diagnosticOf(each, it, context)),
    ...problems.map((each) => allowanceDiagnostic(each, it, context)),
  ];
}

function diagnosticOf(finding: Finding, it: OpenDocument, context: DiagnosticsContext): Diagnostic {
  const say = sayIn(context.language);
  const rule = context.rules.get(finding.ruleId);
  const message = rule?.messages[finding.message];
  const impact = impactIn(finding, context.view(it));
  const stakes = stakesSentence(impact, context.language);
  const what = message ? say(message.what, finding.data) : rule ? say(rule.title) : finding.ruleId;
  const href = rule && context.shows.codeDescription ? pageAddress(rule, context.language) : undefined;
  const related = context.shows.related ? relatedTo(finding, it, context) : [];
  const data: DiagnosticData = {
    ruleId: finding.ruleId,
    message: finding.message,
    fixes: finding.fixes.map((_, index) => index),
  };
  return {
    range: rangeOf(finding, it),
    severity: severities[impact.severity],
    code: finding.ruleId,
    ...(href ? { codeDescription: { href } } : {}),
    source,
    message: stakes ? `${what}\n${stakes.slice(0, MAX_STAKES)}` : what,
    ...(related.length > 0 ? { relatedInformation: related } : {}),
    data,
  };
}

export function impactIn(finding: Finding, view: SloView): Impact {
  return impactOf({ ruleId: finding.ruleId, base: finding.severity, endpoints: endpointsOf(finding.reach) }, view);
}

export function rangeOf(of: { readonly at: Finding["at"] }, it: OpenDocument): Range {
  return rangeAt(it.document, of.at);
}

function allowanceDiagnostic(problem: AllowanceProblem, it: OpenDocument, context: DiagnosticsContext): Diagnostic {
  return {
    range: rangeOf(problem, it),
    severity: severities[problem.severity],
    code: problem.ruleId,
    source,
    message: sayIn(context.language)(problem.message, problem.data),
    ...(context.shows.tags && problem.ruleId === "unused-allowance" ? { tags: [DiagnosticTag.Unnecessary] } : {}),
  };
}

/** Endpoints that get here with the way they take, then the other calls the finding speaks for. */
function relatedTo(finding: Finding, it: OpenDocument, context: DiagnosticsContext): DiagnosticRelatedInformation[] {
  const say = sayIn(context.language);
  const { documents } = context;
  const locate = (path: string, at: Finding["at"]): DiagnosticRelatedInformation["location"] => ({
    uri: documents.address(it.folder, path),
    range: rangeAt(documents.locator(it.folder, path), at),
  });
  const reached = finding.reach.chains.flatMap((chain): DiagnosticRelatedInformation[] => {
    const { entry } = chain;
    if (entry.kind !== "endpoint") return [];
    const endpoint = `${entry.method} ${entry.route}`;
    const way = chainText(chain, context.language);
    const message =
      chain.links.length > 1
        ? say(words.reachedBy, { endpoint, chain: way })
        : say(words.reachedDirectly, { endpoint });
    return [{ location: locate(entry.path, it.folder.nameOf(entry)), message }];
  });
  const covered = finding.covers.map(
    (each): DiagnosticRelatedInformation => ({ location: locate(each.path, each.at), message: say(words.covered) }),
  );
  return [...reached.slice(0, MAX_RELATED), ...covered.slice(0, MAX_RELATED)];
}

/** Of an SLO file or slo-lens.yaml as it stands in the editor; ranges are offsets into its text. */
export function sloProblems(it: OpenDocument, context: Pick<AnswerContext, "rules" | "report">): readonly SloProblem[] {
  const text = it.document.getText();
  const { objectives, endpoints, isReady } = it.folder;
  if (isConfigPath(it.path))
    return [
      ...readConfig(it.path, text, { ruleIds: [...context.rules.keys()] }).problems,
      ...lintConfig({ path: it.path, text }, { slos: objectives.slos, endpoints, isReady }),
    ];
  if (!mayHoldSlos(text)) return [];
  return lintInWorkspace(it.path, text, {
    slos: objectives.slos,
    documents: objectives.documents,
    isReady,
    endpoints,
    matchesOf: (slos) => matchSlos(endpoints, slos, objectives.context),
    statuses: context.report(it)?.objectives ?? [],
    metrics: it.folder.metrics,
  });
}

/** Problems of an SLO file or of slo-lens.yaml; undefined for everything else. */
function problemsOf(it: OpenDocument, context: DiagnosticsContext): Diagnostic[] | undefined {
  if (!isSloPath(it.path)) return undefined;
  return sloProblems(it, context).map((each) => ({
    range: rangeAt(it.document, [each.range.start, each.range.end]),
    severity: severities[each.severity],
    code: each.code,
    source,
    message: problemText(each, context.language),
  }));
}
