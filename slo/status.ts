/**
 * The live state of every objective: plans the queries, asks the source once, asks again why something is missing, and
 * judges. Whatever goes wrong becomes a state with a reason; nothing throws and nothing is guessed.
 */
import { periodAt } from "./calendar.ts";
import { diagnose, diagnosisQueries, looksByRoute, shareLabels, shareQueries, sharesFrom } from "./diagnosis.ts";
import { historyOf, type Measured, measure } from "./measured.ts";
import type { Cause, EndpointShare, Match, ObjectiveStatus, Slo, StatusReport } from "./model.ts";
import { type Answers, type Plan, plan } from "./query-plan.ts";
import { type QueryTools, queryTools } from "./query-tools.ts";
import {
  isByRoute,
  looksOf,
  MAX_GROUPED,
  recordedByRoute,
  recordedCounts,
  recordedRequests,
} from "./recorded-rules.ts";
import { causeOf, defaultThresholds, judge, staleOf, type Thresholds } from "./state.ts";
import { isTargetLabel } from "./telemetry/scrape-promql.ts";
import { SNAPSHOT_STALE_SECONDS, type SnapshotSource } from "./telemetry/snapshot.ts";
import { causeOfFault, type Fault, type MetricAnswer, type Source } from "./telemetry/source.ts";
import { reasonText, say, sayFault } from "./words.ts";

export interface EvaluateInput {
  readonly slos: readonly Slo[];
  readonly matches: readonly Match[];
  /** Undefined where no telemetry is configured. */
  readonly source: Source | SnapshotSource | undefined;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly signal: AbortSignal;
  readonly tools?: QueryTools;
  readonly thresholds?: Thresholds;
  /** Points for burn-down charts; asked of a Prometheus only. True unless told. */
  readonly withHistory?: boolean;
}

export async function evaluate(input: EvaluateInput): Promise<StatusReport> {
  const { source, now } = input;
  const evaluatedAt = new Date(now).toISOString();
  if (source === undefined) return withoutSource(input, "no-source");
  if (source.kind === "snapshot") return fromSnapshot(source, input);
  return fromQueries(source, input, evaluatedAt);
}

/** The report where there is nobody to ask, and why. */
export function withoutSource(
  input: Pick<EvaluateInput, "slos" | "matches" | "now">,
  why: "no-source" | "source-off" | "untrusted",
): StatusReport {
  return {
    evaluatedAt: new Date(input.now).toISOString(),
    source: { kind: "none", name: "" },
    objectives: input.slos.map((slo) => without(slo, "no-data", causeOf(why), input)),
    problems: [],
  };
}

// --- snapshot ------------------------------------------------------------------------------------------------------

async function fromSnapshot(source: SnapshotSource, input: EvaluateInput): Promise<StatusReport> {
  const { slos, now } = input;
  const named = { kind: "snapshot" as const, name: source.name };
  const read = await source.read();
  if (!read.ok) {
    const cause = causeOfFault(read.fault);
    return {
      evaluatedAt: new Date(now).toISOString(),
      source: named,
      objectives: slos.map((slo) => without(slo, "no-data", cause, input)),
      ...told([read.fault]),
    };
  }
  const { report } = read;
  const ageSeconds = (now - Date.parse(report.evaluatedAt)) / 1000;
  const byId = new Map(report.objectives.map((status) => [status.id, status]));
  const limit = Math.max(SNAPSHOT_STALE_SECONDS, (input.thresholds ?? defaultThresholds).staleSeconds);
  const objectives = slos.map((slo): ObjectiveStatus => {
    const status = byId.get(slo.id);
    if (status === undefined) return without(slo, "no-data", causeOf("not-in-snapshot"), input);
    // The sentence is said again from its cause: the file's own text is someone else's.
    const said = reasonText(status, "en", { windowSeconds: slo.window.seconds, method: slo.method });
    if (ageSeconds <= limit || status.state === "stale") return { ...status, reason: said };
    const cause = staleOf(status.state, ageSeconds, { ...defaultThresholds, staleSeconds: limit });
    return { ...status, state: "stale", cause, reason: say(cause, "en") };
  });
  const future = ageSeconds < -300 ? [causeOf("future-snapshot")] : [];
  const faults = [...(report.faults ?? []), ...future];
  return {
    evaluatedAt: report.evaluatedAt,
    source: named,
    objectives,
    problems: [...report.problems, ...future.map((each) => say(each, "en"))],
    ...(faults.length === 0 ? {} : { faults }),
  };
}

/** The same report once it has been kept for too long: verdicts become `stale`, the numbers stay. */
export function aged(report: StatusReport, now: number, thresholds: Thresholds = defaultThresholds): StatusReport {
  const ageSeconds = (now - Date.parse(report.evaluatedAt)) / 1000;
  const limit =
    report.source.kind === "snapshot"
      ? Math.max(SNAPSHOT_STALE_SECONDS, thresholds.staleSeconds)
      : thresholds.staleSeconds;
  if (!(ageSeconds > limit) || report.source.kind === "none") return report;
  const objectives = report.objectives.map((status) => {
    if (status.state === "stale" || status.state === "no-data" || status.state === "unmatched") return status;
    const cause = staleOf(status.state, ageSeconds, { ...thresholds, staleSeconds: limit });
    return { ...status, state: "stale" as const, cause, reason: say(cause, "en") };
  });
  return { ...report, objectives };
}

// --- queries -------------------------------------------------------------------------------------------------------

async function fromQueries(source: Source, input: EvaluateInput, evaluatedAt: string): Promise<StatusReport> {
  const tools = input.tools ?? queryTools;
  const recorded = source.kind === "prometheus" ? recordedRequests(input.slos) : [];
  const known: Answers = recorded.length === 0 ? new Map() : await source.query(recorded, input.signal);
  const plans = input.slos.map((slo, index) =>
    plan(slo, `${index}`, { kind: source.kind, now: input.now, tools, known, withHistory: input.withHistory ?? true }),
  );
  let grouped = 0;
  const shares = plans.flatMap(({ slo, key, window, impossible }) => {
    const matches = input.matches.filter((match) => match.sloId === slo.id);
    if (impossible !== undefined || matches.length === 0) return [];
    const ofWindow = shareQueries(slo, key, matches, tools, window, recordedCounts(slo, known, tools, shareLabels));
    // A page of one service has no history to look back on.
    if (source.kind !== "prometheus" || !isByRoute(matches) || ++grouped > MAX_GROUPED) return ofWindow;
    const looks = looksOf(slo).filter((seconds) => recordedByRoute(slo, seconds, known).length === 0);
    return [
      ...ofWindow,
      ...looks.flatMap((seconds) => shareQueries(slo, `${key}|look${seconds}`, matches, tools, seconds)),
    ];
  });
  const asking = [...plans.flatMap((each) => each.requests), ...shares];
  const answers: Answers = new Map([...known, ...(await source.query(asking, input.signal))]);

  const first = plans.map((each) => measure(each, answers, source.kind, tools));
  const questions = first.flatMap((each) =>
    each.missing === undefined ? [] : diagnosisQueries(each.missing, each.plan.key),
  );
  const asked = questions.length === 0 ? new Map<string, MetricAnswer>() : await source.query(questions, input.signal);

  const objectives = first.map((measured) => settle(measured, answers, asked, known, input, tools));
  const requests = plans.flatMap((each) => each.requests);
  return {
    evaluatedAt,
    source: { kind: source.kind, name: source.name },
    objectives,
    ...told(requests.flatMap(({ key }) => faultsIn(answers.get(key), source.name))),
  };
}

/** Problems that are told of one report. */
const MAX_PROBLEMS = 20;

/** Faults once each, in words and as data. */
function told(faults: readonly Fault[]): Pick<StatusReport, "problems" | "faults"> {
  const said = new Map<string, Cause>();
  for (const fault of faults) {
    if (said.size >= MAX_PROBLEMS) break;
    said.set(sayFault(fault, "en"), { key: fault.kind, data: fault.data });
  }
  return { problems: [...said.keys()], ...(said.size === 0 ? {} : { faults: [...said.values()] }) };
}

/** What one answer has to tell of: its fault, or what the server warned of. */
function faultsIn(answer: MetricAnswer | undefined, address: string): readonly Fault[] {
  if (answer === undefined) return [];
  if (answer.ok) return (answer.warnings ?? []).map((detail) => ({ kind: "warned", data: { address, detail } }));
  return answer.fault.kind === "beyond-scrape" ? [] : [answer.fault];
}

// --- from answers to a state ---------------------------------------------------------------------------------------

function settle(
  measured: Measured,
  answers: Answers,
  asked: Answers,
  known: Answers,
  input: EvaluateInput,
  tools: QueryTools,
): ObjectiveStatus {
  const { plan: planned, evidence, missing } = measured;
  const { slo } = planned;
  const diagnosed =
    missing === undefined
      ? undefined
      : diagnose(missing, planned.key, asked, {
          tools,
          ...(input.source?.kind === "scrape" ? { isAdded: isTargetLabel } : {}),
        });
  if (evidence === undefined || diagnosed !== undefined) {
    const cause = diagnosed?.cause ?? measured.cause ?? causeOf("no-traffic");
    return without(slo, diagnosed?.state ?? "no-data", cause, input, measured.method);
  }
  const verdict = judge(evidence, input.thresholds);
  const matches = input.matches.filter((match) => match.sloId === slo.id);
  const shares = sharesFrom(slo, planned.key, matches, answers);
  const history = historyOf(planned, answers, evidence.counts);
  const covers =
    measured.coversSeconds !== undefined && measured.coversSeconds < planned.window * 0.98
      ? measured.coversSeconds
      : undefined;
  const counts = evidence.counts;
  const period = periodAt(slo.window, input.now);
  const partial = measured.isPartial ? { isPartial: true } : {};
  const reach = covers === undefined ? {} : { coversSeconds: covers };
  return {
    id: slo.id,
    state: verdict.state,
    reason: reasonText(
      {
        reason: verdict.reason,
        cause: verdict.cause,
        method: measured.method,
        ...(verdict.remaining === undefined ? {} : { budgetRemaining: verdict.remaining }),
        ...reach,
        ...partial,
      },
      "en",
      { windowSeconds: slo.window.seconds, method: slo.method },
    ),
    cause: verdict.cause,
    ...(counts === undefined ? {} : { good: counts.total - counts.bad, bad: counts.bad, total: counts.total }),
    ...(verdict.sli === undefined ? {} : { sli: verdict.sli }),
    ...(verdict.remaining === undefined ? {} : { budgetRemaining: verdict.remaining }),
    burnRates: verdict.burnRates,
    // The pace against a budget of the part of the window that was seen would mislead.
    ...(verdict.exhaustedInSeconds === undefined ||
    covers !== undefined ||
    // A budget that begins anew before it is empty will not be.
    (period !== undefined && verdict.exhaustedInSeconds * 1000 > period.end - input.now)
      ? {}
      : { exhaustedInSeconds: verdict.exhaustedInSeconds }),
    method: measured.method,
    endpoints: withLooks(shares.endpoints, matches, planned, answers, known),
    ...(shares.cause === undefined ? {} : { sharesCause: shares.cause }),
    ...reach,
    ...partial,
    ...(history === undefined ? {} : { history }),
  };
}

/** The shares of endpoints with what each route did over shorter look-backs, of an objective that is kept for each route. */
function withLooks(
  endpoints: readonly EndpointShare[],
  matches: readonly Match[],
  { slo, key }: Plan,
  answers: Answers,
  known: Answers,
): readonly EndpointShare[] {
  if (!isByRoute(matches)) return endpoints;
  const looks = looksByRoute(slo, key, matches, answers, looksOf(slo), (seconds) =>
    recordedByRoute(slo, seconds, known),
  );
  // Shares stand in the order of the matches.
  return endpoints.map((each, i) => {
    const own = looks.get(matches[i]!) ?? [];
    return each.total === undefined || own.length === 0 ? each : { ...each, looks: own };
  });
}

/** An objective without numbers. */
function without(
  slo: Slo,
  state: "no-data" | "unmatched",
  cause: Cause,
  input: Pick<EvaluateInput, "matches">,
  method: ObjectiveStatus["method"] = slo.method,
): ObjectiveStatus {
  const matches = input.matches.filter((match) => match.sloId === slo.id);
  const endpoints = matches.map(({ endpoint }) => ({ method: endpoint.method, route: endpoint.route }));
  return { id: slo.id, state, reason: say(cause, "en"), cause, burnRates: [], method, endpoints };
}
