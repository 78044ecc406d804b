/**
 * An endpoint held against the routes that telemetry has really seen: whether it is among them, under which label and
 * method, what comes near it, and, for each objective, whether its query finds anything there.
 */
import { diagnose, diagnosisQueries, type Missing, rawPathsIn, rowsQuery } from "./diagnosis.ts";
import { methodLabels, queriesOf, routeLabels, routeScore, serviceLabels } from "./match.ts";
import type { Cause, CodeEndpoint, Slo } from "./model.ts";
import { queryTools } from "./query-tools.ts";
import { parseRoute, type RoutePattern, suffixAt } from "./route-pattern.ts";
import { causeOf } from "./state.ts";
import { isTargetLabel } from "./telemetry/scrape-promql.ts";
import { causeOfFault, type MetricAnswer, type Sample, type Source } from "./telemetry/source.ts";

/** A route as a metric has it. */
export interface LiveRoute {
  readonly metric: string;
  readonly label: string;
  readonly route: string;
  /** Methods it was seen with, upper case; none where no label says. */
  readonly methods: readonly string[];
  readonly series: number;
  /** How near it comes to the endpoint's route, 0 to 1; 0.7 and more is taken for it. */
  readonly score: number;
}

export interface LiveEndpoint {
  /** What people call the source. */
  readonly source: string;
  /** Whether it was seen, or why not. */
  readonly cause: Cause;
  /** Nearest first. */
  readonly near: readonly LiveRoute[];
  /** Different routes that were looked through. */
  readonly routes: number;
  /** By objective: why its query finds nothing, or `live-found`. */
  readonly objectives: ReadonlyMap<string, Cause>;
}

const MAX_OBJECTIVES = 8;
const MAX_NEAR = 5;
/** Series of one metric that are looked through. */
const MAX_SERIES = 20_000;
const MAX_FALLBACKS = 2;
const IS_TAKEN = 0.7;
const IS_NEAR = 0.25;

/**
 * @param slos those to look into, the likeliest first; none: metrics of HTTP requests by their names
 */
export async function askLiveRoutes(
  endpoint: CodeEndpoint,
  slos: readonly Slo[],
  source: Source,
  signal: AbortSignal,
  prefixes: readonly string[] = [],
): Promise<LiveEndpoint> {
  const asked = slos.flatMap((slo): readonly Missing[] => {
    const [query] = queriesOf(slo.indicator);
    return query?.dialect === "promql" && !query.isTemplated ? [{ slo, part: "total", query: query.text }] : [];
  });
  const missing = asked.slice(0, MAX_OBJECTIVES);
  const named = missing.length > 0 ? [] : await httpMetrics(source, signal);
  const metrics = named ?? [];
  const requests = [
    ...missing.flatMap((it, i) => diagnosisQueries(it, `${i}`)),
    ...metrics.map((metric, i) => ({ key: `name|${i}`, query: rowsQuery({ metric, matchers: [] }) })),
  ];
  const answers: ReadonlyMap<string, MetricAnswer> =
    requests.length === 0 ? new Map() : await source.query(requests, signal);
  const isAdded = source.kind === "scrape" ? isTargetLabel : () => false;
  const rows: Row[] = [];
  for (const [i, it] of missing.entries()) {
    const [selector] = queryTools.selectorsOf(it.query).filter(({ metric }) => metric !== "");
    const answer = answers.get(`${i}|rows|0`);
    if (!selector || answer?.ok !== true) continue;
    // Series of other services carry other routes.
    const own = selector.matchers.filter(
      ({ label, op }) => op === "=" && serviceLabels.includes(label) && !isAdded(label),
    );
    for (const sample of answer.samples.slice(0, MAX_SERIES))
      if (own.every(({ label, value }) => sample.labels[label] === value))
        rows.push({ metric: selector.metric, sample });
  }
  for (const [i, metric] of metrics.entries()) {
    const answer = answers.get(`name|${i}`);
    if (answer?.ok === true) for (const sample of answer.samples.slice(0, MAX_SERIES)) rows.push({ metric, sample });
  }
  const objectives = new Map(
    missing.flatMap((it, i): (readonly [string, Cause])[] => {
      const found = diagnose(it, `${i}`, answers, { isAdded });
      // That there is no answer is said once, of the endpoint.
      if (found?.cause.key === "no-answer") return [];
      const fits = found === undefined || found.cause.key === "no-traffic" || found.cause.key === "no-values";
      return [[it.slo.id, fits ? causeOf("live-found") : found.cause]];
    }),
  );
  const routes = routesIn(rows, endpoint, prefixes);
  const fault = [...answers.values()].find((it) => !it.ok);
  const nothing: Cause | undefined =
    rows.length > 0
      ? undefined
      : fault && !fault.ok
        ? causeOfFault(fault.fault)
        : named === undefined
          ? causeOfFault({ kind: "no-names", data: { address: source.name } })
          : ([...objectives.values()].find((it) => it.key !== "live-found") ?? causeOf("live-no-metric"));
  const near = routes.filter((it) => it.score >= IS_NEAR).slice(0, MAX_NEAR);
  return {
    source: source.name,
    cause: nothing ?? whyOf(endpoint, rows, routes),
    near,
    routes: new Set(routes.map((it) => it.route)).size,
    objectives,
  };
}

/** Whether telemetry has seen the endpoint; undefined where the source gave no answer. */
export function isSeenLive({ cause }: LiveEndpoint): boolean | undefined {
  return cause.key === "no-answer" ? undefined : cause.key === "live-seen";
}

interface Row {
  readonly metric: string;
  readonly sample: Sample;
}

/** Metrics that count HTTP requests by the looks of their names; undefined where the source does not answer. */
async function httpMetrics(source: Source, signal: AbortSignal): Promise<readonly string[] | undefined> {
  const names = source.names ? await source.names({ of: "names" }, signal) : [];
  return names?.filter((it) => /(^|_)http.*_(count|total)$/.test(it) && !/client/.test(it)).slice(0, MAX_FALLBACKS);
}

/** Every route of the rows once, nearest first. */
function routesIn(rows: readonly Row[], endpoint: CodeEndpoint, prefixes: readonly string[]): readonly LiveRoute[] {
  const found = new Map<
    string,
    { metric: string; label: string; route: string; methods: Set<string>; series: number }
  >();
  for (const { metric, sample } of rows) {
    const label = routeLabels.find((it) => (sample.labels[it] ?? "") !== "");
    if (label === undefined) continue;
    const route = sample.labels[label]!;
    const method = methodLabels.map((it) => sample.labels[it] ?? "").find((it) => it !== "");
    const key = `${metric}\n${label}\n${route}`;
    const known = found.get(key) ?? { metric, label, route, methods: new Set<string>(), series: 0 };
    if (method !== undefined) known.methods.add(method.toUpperCase());
    known.series += Math.max(1, Math.round(sample.value ?? 1));
    found.set(key, known);
  }
  const own = parseRoute(endpoint.route);
  return [...found.values()]
    .map(
      (it): LiveRoute => ({
        ...it,
        methods: [...it.methods].sort(),
        score: routeScore(endpoint, it.route, prefixes) ?? likeness(own, parseRoute(it.route)),
      }),
    )
    .sort((a, b) => b.score - a.score || b.series - a.series || (a.route < b.route ? -1 : 1));
}

/** Segments that two routes have in common, of all that they have, at most a half: likeness is no match. */
function likeness(a: RoutePattern | undefined, b: RoutePattern | undefined): number {
  if (!a || !b || a.segments.length === 0 || b.segments.length === 0) return 0;
  const texts = (of: RoutePattern): string[] =>
    of.segments.map((it) => (it.kind === "static" ? `=${it.text.toLowerCase()}` : "{}"));
  const left = texts(b);
  let common = 0;
  for (const it of texts(a)) {
    let at = left.indexOf(it);
    // A parameter says less than a word, and a word that only begins like another one (`/user`, `/users`) as well.
    let weight = it === "{}" ? 0.5 : 1;
    if (at < 0 && it.length > 3) {
      at = left.findIndex((other) => other.length > 3 && (other.startsWith(it) || it.startsWith(other)));
      weight = 0.75;
    }
    if (at < 0) continue;
    left.splice(at, 1);
    common += weight;
  }
  return common / (a.segments.length + b.segments.length);
}

/** Whether an endpoint is among the routes that were seen; if not, the likeliest reason. */
function whyOf(endpoint: CodeEndpoint, rows: readonly Row[], routes: readonly LiveRoute[]): Cause {
  const { metric } = rows[0]!;
  const [first] = routes;
  if (!first)
    return causeOf(metric.startsWith("http_server_") ? "no-route-label" : "no-path-label", { metric, label: "route" });
  const { label } = first;
  const taken = routes.filter((it) => it.score >= IS_TAKEN);
  const isOfMethod = ({ methods }: LiveRoute): boolean =>
    endpoint.method === "ALL" || methods.length === 0 || methods.includes(endpoint.method);
  const seen = taken.find(isOfMethod);
  if (seen)
    return causeOf("live-seen", {
      metric: seen.metric,
      label: seen.label,
      found: clip(seen.route),
      seriesCount: seen.series,
    });
  if (taken[0])
    return causeOf("live-other-method", {
      metric: taken[0].metric,
      label: taken[0].label,
      found: clip(taken[0].route),
      method: endpoint.method,
      methods: taken[0].methods.join(", "),
    });
  const values = routes.map((it) => it.route);
  const raw = rawPathsIn(values);
  if (raw)
    return causeOf(raw.isMasked ? "masked-paths" : "raw-paths", {
      metric,
      label,
      example: clip(raw.example),
      seriesCount: values.length,
    });
  const [own, nearest] = [parseRoute(endpoint.route), parseRoute(first.route)];
  if (own && nearest && suffixAt(own, nearest) !== undefined)
    return causeOf("route-prefix", { metric, label, found: clip(first.route) });
  if (own && nearest && suffixAt(nearest, own) !== undefined)
    return causeOf("live-longer", { metric, label, found: clip(first.route) });
  return first.score >= IS_NEAR
    ? causeOf("live-near", { metric, label, found: clip(first.route), routeCount: values.length })
    : causeOf("live-not-seen", { metric, label, routeCount: values.length });
}

const clip = (text: string): string => (text.length > 80 ? `${text.slice(0, 80)}…` : text);
