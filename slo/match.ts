/**
 * Which endpoints of the code an objective is about. A ladder, the first rung that says anything decides: what a person
 * wrote (slo-lens.yaml, an annotation), route and method labels in the SLI, Pyrra's grouping by a route label, the
 * service. Every answer can be explained; where two answers are as good, none is taken and both are offered.
 */
import type { CodeEndpoint, EndpointRef, Indicator, Match, Query, Slo } from "./model.ts";
import {
  looksConcrete,
  parseRoute,
  type RoutePattern,
  servesPath,
  splitJoined,
  staticCount,
  suffixAt,
} from "./route-pattern.ts";
import { matchesPattern } from "./safe-pattern.ts";

/** Labels that carry a route, most standard first. */
export const routeLabels: readonly string[] = [
  "http_route",
  "route",
  "path",
  "uri",
  "handler",
  "endpoint",
  "url_path_pattern",
  "operation",
  "http_target",
];
export const methodLabels: readonly string[] = ["http_request_method", "method", "http_method", "verb"];
export const statusLabels: readonly string[] = [
  "http_response_status_code",
  "status_code",
  "code",
  "status",
  "http_status_code",
];
/** Labels that name the service a series is of. */
export const serviceLabels: readonly string[] = [
  "service_name",
  "service",
  "job",
  "app",
  "app_kubernetes_io_name",
  "exported_service",
  "exported_job",
  "container",
];

export type MatchOp = "=" | "!=" | "=~" | "!~";

/** One `{label op "value"}` of a vector selector. */
export interface LabelMatcher {
  readonly label: string;
  readonly op: MatchOp;
  readonly value: string;
}

/** A vector selector as far as matching needs it; what slo/promql.ts reads is assignable. */
export interface MetricSelector {
  readonly metric: string;
  readonly matchers: readonly LabelMatcher[];
}

export interface MatchContext {
  /** Selectors of a PromQL text; empty for a text that cannot be read. */
  readonly selectorsOf: (query: string) => readonly MetricSelector[];
  /** Explicit mapping of slo-lens.yaml: SLO id to endpoints. */
  readonly mapped?: Readonly<Record<string, readonly EndpointRef[]>>;
  /** The service that slo-lens.yaml gives to a path, else undefined. */
  readonly serviceOf?: (path: string) => string | undefined;
  /** Names by which the package of a path may be known: package.json's name, the folder's. Best first. */
  readonly packageNames?: (path: string) => readonly string[];
  /** Base paths that a gateway adds or takes away: `/api`. */
  readonly prefixes?: readonly string[];
}

/** One endpoint considered for one objective. */
export interface Candidate {
  readonly sloId: string;
  readonly endpoint: CodeEndpoint;
  readonly by: Match["by"];
  /**
   * 1 written by a person or the same text; 0.95 the same route in other notation; 0.9 a pattern of the label or the
   * same service name; 0.8 but for a known prefix; 0.7 a concrete or masked path of the route, or a similar service
   * name; 0.5 the end of the route. 0.5 and less is never applied.
   */
  readonly score: number;
  readonly applied: boolean;
  readonly why: string;
  /** `why` in Japanese. */
  readonly whyJa: string;
  readonly selector?: Match["selector"];
}

export interface SloMatch {
  readonly sloId: string;
  readonly candidates: readonly Candidate[];
  /** Candidates exist, but none could be told to be the one. */
  readonly isAmbiguous: boolean;
}

/** Scores at or under this are offered, not applied. */
const SUGGESTION = 0.5;

/** Matches of all objectives, applied ones only, in the order of the objectives. */
export function matchSlos(
  endpoints: readonly CodeEndpoint[],
  slos: readonly Slo[],
  context: MatchContext,
): readonly Match[] {
  const known = readEndpoints(endpoints, context);
  return slos.flatMap((slo) => toMatches(matchOne(slo, known, context)));
}

/** The same with everything that was considered, per objective. */
export function matchAll(
  endpoints: readonly CodeEndpoint[],
  slos: readonly Slo[],
  context: MatchContext,
): readonly SloMatch[] {
  const known = readEndpoints(endpoints, context);
  return slos.map((slo) => matchOne(slo, known, context));
}

/**
 * Why an endpoint has the objectives it has: every candidate with its score, best first. `endpoints` are all of the
 * workspace, for what is ambiguous depends on the others.
 */
export function explainMatch(
  endpoint: CodeEndpoint,
  slos: readonly Slo[],
  context: MatchContext,
  endpoints: readonly CodeEndpoint[] = [endpoint],
): readonly Candidate[] {
  const isSame = (other: CodeEndpoint) =>
    other.method === endpoint.method && other.route === endpoint.route && other.path === endpoint.path;
  return matchAll(endpoints, slos, context)
    .flatMap((match) => match.candidates)
    .filter((candidate) => isSame(candidate.endpoint))
    .map(noted)
    .sort((a, b) => Number(b.applied) - Number(a.applied) || b.score - a.score);
}

/** What a match cannot say: GraphQL has one route for everything that is asked of it. */
function noted(candidate: Candidate): Candidate {
  if (!/\/graphql\/?$/.test(candidate.endpoint.route)) return candidate;
  return {
    ...candidate,
    why: `${candidate.why}; all operations of GraphQL share this route and cannot be told apart`,
    whyJa: `${candidate.whyJa}。GraphQL のすべての操作がこのルートを共有しており、区別できません`,
  };
}

function toMatches(match: SloMatch): readonly Match[] {
  return match.candidates
    .filter((candidate) => candidate.applied)
    .map(({ sloId, endpoint, by, score, why, selector }) => ({
      sloId,
      endpoint,
      by,
      score,
      why,
      ...(selector === undefined ? {} : { selector }),
    }));
}

interface KnownEndpoint {
  readonly endpoint: CodeEndpoint;
  readonly pattern: RoutePattern | undefined;
  /** Names of its service, normalised, best first; `isMapped` when a person gave it. */
  readonly services: readonly string[];
  readonly stems: readonly string[];
  readonly isMapped: boolean;
}

function readEndpoints(endpoints: readonly CodeEndpoint[], context: MatchContext): readonly KnownEndpoint[] {
  return endpoints.map((endpoint) => {
    const mapped = context.serviceOf?.(endpoint.path);
    const names = mapped !== undefined ? [mapped] : (context.packageNames?.(endpoint.path) ?? []);
    const services = [...new Set(names.map(serviceName).filter((name) => name !== ""))];
    return {
      endpoint,
      pattern: parseRoute(endpoint.route),
      services,
      stems: services.map(stem),
      isMapped: mapped !== undefined,
    };
  });
}

function matchOne(slo: Slo, known: readonly KnownEndpoint[], context: MatchContext): SloMatch {
  const candidates =
    byHand(slo, known, context) ??
    byRouteLabel(slo, known, context) ??
    byGrouping(slo, known, context) ??
    byService(slo, known, context);
  const isAmbiguous = candidates.length > 0 && candidates.every((candidate) => !candidate.applied);
  return { sloId: slo.id, candidates, isAmbiguous };
}

// --- what a person wrote -------------------------------------------------------------------------------------------

function byHand(slo: Slo, known: readonly KnownEndpoint[], context: MatchContext): readonly Candidate[] | undefined {
  const mapped =
    context.mapped !== undefined && Object.hasOwn(context.mapped, slo.id) ? context.mapped[slo.id] : undefined;
  const refs = mapped ?? slo.endpoints;
  if (refs.length === 0) return undefined;
  const source =
    mapped !== undefined
      ? { en: "slo-lens.yaml", ja: "slo-lens.yaml" }
      : { en: "an annotation in the SLO file", ja: "SLO ファイルのアノテーション" };
  const found: Candidate[] = [];
  for (const ref of refs) {
    const wanted = parseRoute(ref.route);
    for (const each of known) {
      if (!isMethodOf(each.endpoint.method, ref.method)) continue;
      const isExact = each.endpoint.route === ref.route;
      if (!isExact && (wanted === undefined || each.pattern?.canonical !== wanted.canonical)) continue;
      if (found.some((candidate) => candidate.endpoint === each.endpoint)) continue;
      found.push({
        sloId: slo.id,
        endpoint: each.endpoint,
        by: "explicit",
        score: 1,
        applied: true,
        why: `${source.en} maps the objective to ${ref.method} ${ref.route}`,
        whyJa: `${source.ja}が ${ref.method} ${ref.route} に対応付けています`,
      });
    }
  }
  return found;
}

/** Whether an endpoint's method and a wanted one can be the same; `ALL` and `*` are any. */
function isMethodOf(method: string, wanted: string): boolean {
  const want = wanted.toUpperCase();
  return method === "ALL" || want === "*" || want === "ALL" || want === method;
}

// --- labels of the indicator ---------------------------------------------------------------------------------------

function byRouteLabel(
  slo: Slo,
  known: readonly KnownEndpoint[],
  context: MatchContext,
): readonly Candidate[] | undefined {
  const selectors = selectorsOfIndicator(slo.indicator, context);
  const routed = selectors.filter((selector) => selector.matchers.some(isPositiveRoute));
  if (routed.length === 0) return undefined;
  const best = new Map<CodeEndpoint, Candidate>();
  for (const selector of routed) {
    const matcher = selector.matchers.find(isPositiveRoute)!;
    const scored = known.flatMap((each) => {
      if (!methodAgrees(each.endpoint.method, selector)) return [];
      const score = scoreRoute(each, matcher, context.prefixes ?? []);
      return score === undefined ? [] : [{ each, ...score }];
    });
    for (const candidate of settleRoutes(slo, scored, matcher)) {
      const before = best.get(candidate.endpoint);
      if (
        before === undefined ||
        Number(candidate.applied) > Number(before.applied) ||
        candidate.score > before.score
      ) {
        best.set(candidate.endpoint, candidate);
      }
    }
  }
  return [...best.values()];
}

const isRouteLabel = (label: string) => routeLabels.includes(label);
const isPositiveRoute = (matcher: LabelMatcher) =>
  isRouteLabel(matcher.label) &&
  (matcher.op === "=" || matcher.op === "=~") &&
  matcher.value !== "" &&
  !/^\.[*+]$/.test(matcher.value);

interface RouteScore {
  readonly score: number;
  readonly how: How;
}

interface How {
  readonly en: string;
  readonly ja: string;
  /** The text of the label that a pattern fits. */
  readonly sample?: string;
}

/** How well an endpoint's route fits one matcher on a route label; undefined for not at all. */
function scoreRoute(each: KnownEndpoint, matcher: LabelMatcher, prefixes: readonly string[]): RouteScore | undefined {
  if (matcher.op === "=~") {
    const text = samplesOf(each).find((sample) => matchesPattern(matcher.value, sample) === true);
    return text === undefined
      ? undefined
      : {
          score: 0.9,
          how: { en: `its pattern fits ${text}`, ja: `パターンが ${text} に一致します`, sample: text },
        };
  }
  let best: RouteScore | undefined;
  for (const value of splitJoined(matcher.value)) {
    const score = scoreValue(each, value, prefixes);
    if (score !== undefined && (best === undefined || score.score > best.score)) best = score;
  }
  return best;
}

const MASKED: How = { en: "a masked path of it", ja: "このルートのパスをマスクしたものです" };

/** Scores one label value against one endpoint, see `Candidate.score`. */
function scoreValue(
  { endpoint, pattern }: KnownEndpoint,
  value: string,
  prefixes: readonly string[],
): RouteScore | undefined {
  if (endpoint.route === value) return { score: 1, how: { en: "the same text", ja: "文字列が同じです" } };
  const live = parseRoute(value);
  if (pattern === undefined || live === undefined) return undefined;
  if (live.canonical === pattern.canonical)
    return live.masked
      ? { score: 0.7, how: MASKED }
      : { score: 0.95, how: { en: "the same route", ja: "同じルートです" } };
  for (const prefix of prefixes) {
    const base = parseRoute(prefix);
    if (base === undefined || base.segments.length === 0) continue;
    if (`${base.canonical}${live.canonical}` === pattern.canonical)
      return { score: 0.8, how: { en: `the same route under ${prefix}`, ja: `${prefix} の下の同じルートです` } };
    if (`${base.canonical}${pattern.canonical}` === live.canonical)
      return { score: 0.8, how: { en: `the same route without ${prefix}`, ja: `${prefix} を除いた同じルートです` } };
  }
  const isServed = pattern.segments.some((segment) => segment.kind !== "static") && servesPath(pattern, live);
  // Only a path is served by a route; a template that happens to fit is another route.
  if (
    isServed &&
    (live.masked || live.segments.every((segment) => segment.kind === "static") || looksConcrete(value))
  ) {
    return {
      score: 0.7,
      how: live.masked ? MASKED : { en: "a path that it serves", ja: "このルートが受け持つパスです" },
    };
  }
  const shorter = pattern.segments.length < live.segments.length ? pattern : live;
  const longer = shorter === pattern ? live : pattern;
  if (staticCount(shorter) >= 2 && suffixAt(longer, shorter) !== undefined)
    return { score: 0.5, how: { en: "one ends with the other", ja: "一方が他方の末尾に一致します" } };
  return undefined;
}

/**
 * Applies what is certain. The same route under two methods, without a method label, is one series of both. The same
 * route in two services is settled by the service, or not at all. Anything fuzzy counts only where one route fits best.
 */
function settleRoutes(
  slo: Slo,
  scored: readonly (RouteScore & { readonly each: KnownEndpoint })[],
  matcher: LabelMatcher,
): readonly Candidate[] {
  const services = new Set(scored.map(({ each }) => each.services[0] ?? ""));
  const wanted = wantedService(slo.service);
  const own = scored.filter(({ each }) => serviceScore(each, wanted) !== undefined);
  const pool = services.size > 1 && own.length > 0 ? own : scored;
  const isOneService = new Set(pool.map(({ each }) => each.services[0] ?? "")).size <= 1;
  const top = pool.reduce((best, { score }) => Math.max(best, score), 0);
  const routes = new Set(
    pool.filter(({ score }) => score === top).map(({ each }) => each.pattern?.canonical ?? each.endpoint.route),
  );
  const mayApply = (score: number, isIn: boolean) => {
    if (!isIn || !isOneService || score <= SUGGESTION) return false;
    if (matcher.op === "=~") return true;
    return score >= 0.95 ? score >= Math.min(top, 0.95) : score === top && routes.size === 1;
  };
  return scored.map((item) => {
    const { each, score, how } = item;
    const applied = mayApply(score, pool.includes(item));
    const selects = `${matcher.label}${matcher.op}"${matcher.value}"`;
    return {
      sloId: slo.id,
      endpoint: each.endpoint,
      by: "route-label",
      score,
      applied,
      why: `the SLI selects ${selects}: ${how.en}${applied ? "" : isOneService ? ", which is not certain enough" : ", and so do other services"}`,
      whyJa: `SLI は ${selects} を選択しており、${how.ja}${applied ? "" : isOneService ? "が、確実とは言えません" : "が、他のサービスにも当てはまります"}`,
      ...(applied && how.sample !== undefined ? { selector: [{ label: matcher.label, value: how.sample }] } : {}),
    } satisfies Candidate;
  });
}

/** How well one value of a route label fits an endpoint, see `Candidate.score`; undefined for not at all. */
export function routeScore(
  endpoint: CodeEndpoint,
  value: string,
  prefixes: readonly string[] = [],
): number | undefined {
  const known = { endpoint, pattern: parseRoute(endpoint.route), services: [], stems: [], isMapped: false };
  const scores = splitJoined(value).flatMap((each) => scoreValue(known, each, prefixes)?.score ?? []);
  return scores.length === 0 ? undefined : Math.max(...scores);
}

/** Texts under which an endpoint's route may stand in a label. */
function samplesOf({ endpoint, pattern }: KnownEndpoint): readonly string[] {
  if (pattern === undefined) return [endpoint.route];
  const filled = (text: string) =>
    `/${pattern.segments.map((segment) => (segment.kind === "static" ? segment.text : segment.kind === "rest" ? text : `${segment.prefix}${text}${segment.suffix}`)).join("/")}`;
  const braces = endpoint.route.replace(/:(\w+)[?*]?/g, "{$1}");
  return [...new Set([endpoint.route, braces, filled("1"), filled("a"), filled("#val")])];
}

function methodAgrees(method: string, selector: MetricSelector): boolean {
  if (method === "ALL") return true;
  return selector.matchers.every((matcher) => {
    if (!methodLabels.includes(matcher.label)) return true;
    return accepts(matcher, [method, method.toLowerCase()]);
  });
}

/** Whether a matcher lets one of the texts through; a pattern that cannot be judged lets all through. */
function accepts(matcher: LabelMatcher, texts: readonly string[]): boolean {
  switch (matcher.op) {
    case "=":
      return texts.includes(matcher.value);
    case "!=":
      return !texts.includes(matcher.value);
    case "=~":
      return texts.some((text) => matchesPattern(matcher.value, text) !== false);
    case "!~":
      return !texts.some((text) => matchesPattern(matcher.value, text) === true);
  }
}

// --- grouping and service ------------------------------------------------------------------------------------------

function byGrouping(
  slo: Slo,
  known: readonly KnownEndpoint[],
  context: MatchContext,
): readonly Candidate[] | undefined {
  const routeLabel = slo.grouping.find(isRouteLabel);
  if (routeLabel === undefined) return undefined;
  const methodLabel = slo.grouping.find((label) => methodLabels.includes(label));
  return ofService(slo, known, context).map((candidate) => ({
    ...candidate,
    by: "grouping",
    why: `the objective is grouped by ${routeLabel}; ${candidate.why}`,
    whyJa: `目標は ${routeLabel} ごとに集計され、${candidate.whyJa}`,
    selector: [
      { label: routeLabel, value: candidate.endpoint.route },
      ...(methodLabel !== undefined && candidate.endpoint.method !== "ALL"
        ? [{ label: methodLabel, value: candidate.endpoint.method }]
        : []),
    ],
  }));
}

function byService(slo: Slo, known: readonly KnownEndpoint[], context: MatchContext): readonly Candidate[] {
  return ofService(slo, known, context);
}

/** Endpoints of the objective's service that its selectors do not leave out (`handler!="/healthz"`, `verb="GET"`). */
function ofService(slo: Slo, known: readonly KnownEndpoint[], context: MatchContext): readonly Candidate[] {
  const selectors = selectorsOfIndicator(slo.indicator, context);
  const names = [slo.service, ...serviceNamesIn(selectors)].filter((name) => name !== "").map(wantedService);
  const scored = known.flatMap((each) => {
    const score = bestService(each, names);
    if (score === undefined) return [];
    const isLeftOut =
      selectors.length > 0 &&
      !selectors.some(
        (selector) =>
          methodAgrees(each.endpoint.method, selector) &&
          selector.matchers.every(
            (matcher) => !isRouteLabel(matcher.label) || isPositiveRoute(matcher) || accepts(matcher, samplesOf(each)),
          ),
      );
    return isLeftOut ? [] : [{ each, ...score }];
  });
  // A similar name counts only where one service alone has it and none has the very name.
  const top = scored.reduce((best, { score }) => Math.max(best, score), 0);
  const services = new Set(scored.filter(({ score }) => score === top).map(({ each }) => each.services[0]));
  return scored
    .filter(({ score }) => score === top)
    .map(({ each, score, how }) => ({
      sloId: slo.id,
      endpoint: each.endpoint,
      by: "service" as const,
      score,
      applied: score > SUGGESTION && (score >= 0.9 || services.size === 1),
      why: how.en,
      whyJa: how.ja,
    }));
}

function bestService(each: KnownEndpoint, names: readonly WantedService[]): RouteScore | undefined {
  let best: RouteScore | undefined;
  for (const name of names) {
    const score = serviceScore(each, name);
    if (score !== undefined && (best === undefined || score.score > best.score)) best = score;
  }
  return best;
}

/** The name of a service that an objective is about, read once for all endpoints. */
interface WantedService {
  readonly name: string;
  readonly normal: string;
  readonly stem: string;
}

function wantedService(name: string): WantedService {
  const normal = serviceName(name);
  return { name, normal, stem: stem(normal) };
}

function serviceScore(each: KnownEndpoint, wanted: WantedService): RouteScore | undefined {
  if (wanted.normal === "") return undefined;
  const { name } = wanted;
  if (each.services.includes(wanted.normal)) {
    return {
      score: 0.9,
      how: each.isMapped
        ? {
            en: `the service is ${name}, as slo-lens.yaml says`,
            ja: `slo-lens.yaml の指定によりサービスは ${name} です`,
          }
        : { en: `the service is ${name}, the name of its package`, ja: `サービス名 ${name} がパッケージ名と同じです` },
    };
  }
  const similar = each.stems.indexOf(wanted.stem);
  if (similar < 0 || wanted.stem === "") return undefined;
  const own = each.services[similar];
  return {
    score: 0.7,
    how: {
      en: `the service ${name} is similar to ${own}, the name of its package`,
      ja: `サービス名 ${name} がパッケージ名 ${own} に似ています`,
    },
  };
}

/** `@shop/Orders_API` and `prod/orders-api` are `orders-api`. */
function serviceName(name: string): string {
  return name
    .trim()
    .toLowerCase()
    .replace(/^.*\//, "")
    .replace(/[\s_.]+/g, "-");
}

/** A service's name without the word that says it is one. */
function stem(name: string): string {
  return name.replace(/-(api|service|svc|server|backend|app|web)$/, "");
}

function serviceNamesIn(selectors: readonly MetricSelector[]): readonly string[] {
  const found = selectors.flatMap((selector) =>
    selector.matchers
      .filter((matcher) => matcher.op === "=" && serviceLabels.includes(matcher.label))
      .map((matcher) => matcher.value),
  );
  return [...new Set(found)];
}

/** All selectors of an indicator's queries. */
export function selectorsOfIndicator(
  indicator: Indicator,
  context: Pick<MatchContext, "selectorsOf">,
): readonly MetricSelector[] {
  return queriesOf(indicator).flatMap((query) => (query.dialect === "promql" ? context.selectorsOf(query.text) : []));
}

/** The queries of an indicator, whatever its type. */
export function queriesOf(indicator: Indicator): readonly Query[] {
  switch (indicator.type) {
    case "ratio":
      return [indicator.total, indicator.good, indicator.bad].filter((query) => query !== undefined);
    case "raw":
      return [indicator.errorRatio, indicator.successRatio].filter((query) => query !== undefined);
    case "threshold":
      return [indicator.query];
    case "bool":
      return [indicator.metric];
    case "latency-native":
      return [indicator.total];
    case "unknown":
      return [];
  }
}

/** An indicator with each of its queries changed. */
export function mapQueries(indicator: Indicator, change: (query: Query) => Query): Indicator {
  const queries = new Set<unknown>(queriesOf(indicator));
  const changed = Object.entries(indicator).map(([name, value]) => [name, queries.has(value) ? change(value) : value]);
  return Object.fromEntries(changed) as Indicator;
}
