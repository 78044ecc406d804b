/**
 * Under which names a service's requests are counted: as the code declares it, as the library in use exports it, or, best,
 * as a source that was asked really has it. A query by a name that nobody exports matches nothing, and does so silently.
 */
import { methodLabels, routeLabels, routeScore, serviceLabels, statusLabels } from "./match.ts";
import type { CodeEndpoint } from "./model.ts";
import { looksConcrete, parseRoute, type Segment, servesPath, staticCount, suffixAt } from "./route-pattern.ts";
import type { MetricAnswer, MetricRequest, Sample } from "./telemetry/source.ts";

/** What a service's metrics are called; see `metricsOf`. */
export interface HttpMetrics {
  /** Counter of requests, its suffix included. */
  readonly count: string;
  /** Histogram without `_bucket`; absent where there is none, and so no latency objective. */
  readonly histogram?: string;
  /** Unit of the histogram; seconds unless told. */
  readonly unit?: "milliseconds";
  readonly labels: { readonly route: string; readonly method: string; readonly status: string };
  /** Labels that the metric has not got yet: queries by them match nothing until it has. */
  readonly lacks?: readonly ("route" | "method")[];
  /** How the route is written where not as in the code. */
  readonly routes?: "masked";
  /** Who told: the library by its defaults, the code that declares it. */
  readonly from: { readonly library: string; readonly path?: string };
}

export type MetricsLibrary = "prom-client" | "opentelemetry" | "fastify-metrics" | "express-prom-bundle";

/**
 * Names by library, as measured with their current versions. `name` is a histogram's own name where a team has chosen
 * one (prom-client), without `_count`.
 */
export function metricsOf(library: MetricsLibrary, name?: string): HttpMetrics {
  const from = { library };
  if (library === "opentelemetry") {
    // The JavaScript Prometheus exporter leaves `_seconds` out; then the name is given.
    const histogram = name ?? "http_server_request_duration_seconds";
    const labels = { route: "http_route", method: "http_request_method", status: "http_response_status_code" };
    return { count: `${histogram}_count`, histogram, labels, from };
  }
  const histogram = name ?? "http_request_duration_seconds";
  const isBundle = library === "express-prom-bundle";
  const labels = {
    route: isBundle ? "path" : "route",
    method: "method",
    status: library === "prom-client" ? "status" : "status_code",
  };
  return { count: `${histogram}_count`, histogram, labels, from, ...(isBundle ? { routes: "masked" } : {}) };
}

/** A metric that the code declares; the engine's `DeclaredMetric` is assignable. */
export interface MetricOfCode {
  readonly name: string;
  readonly type: "counter" | "gauge" | "histogram" | "summary";
  readonly labels: readonly string[];
  readonly client: string;
  readonly routes?: "masked";
  readonly ofRequests?: true;
  readonly path: string;
}

/**
 * The declared metric that counts requests by status: in the endpoint's own package if any does, with a route and a
 * method if any has them. Undefined where none has a status.
 *
 * @param folder folder of the endpoint's manifest, `""` for the root
 */
export function declaredHttpMetrics(declared: readonly MetricOfCode[], folder: string): HttpMetrics | undefined {
  const read = (it: MetricOfCode) => ({
    it,
    route: it.labels.find((label) => routeLabels.includes(label)),
    method: it.labels.find((label) => methodLabels.includes(label)),
    status: it.labels.find((label) => statusLabels.includes(label)),
  });
  const isOwn = ({ path }: MetricOfCode) => folder === "" || path.startsWith(`${folder}/`);
  const rank = ({ it, route, method }: ReturnType<typeof read>) =>
    (isOwn(it) ? 16 : 0) +
    (route ? 8 : 0) +
    (method ? 4 : 0) +
    (it.type === "histogram" ? 2 : 0) +
    (/http|request|response/i.test(it.name) ? 1 : 0);
  const [best] = declared
    .filter(({ type, name }) => type !== "gauge" && /^[a-zA-Z_:][\w:]*$/.test(name))
    .map(read)
    // A status beside neither route nor name of requests may be that of a job or an order.
    .filter(
      ({ it, route, status }) =>
        status !== undefined && (it.ofRequests || route || /http|request|response/i.test(it.name)),
    )
    .sort((a, b) => rank(b) - rank(a));
  if (best?.status === undefined) return undefined;
  const { it, route, method, status } = best;
  const lacks = [...(route ? [] : ["route" as const]), ...(method ? [] : ["method" as const])];
  return {
    count: it.type === "counter" ? it.name : `${it.name}_count`,
    ...(it.type === "histogram" ? { histogram: it.name } : {}),
    ...(/(^|_)(ms|milliseconds)$/.test(it.name) ? { unit: "milliseconds" } : {}),
    labels: {
      route: route ?? (it.client === "express-prom-bundle" ? "path" : "route"),
      method: method ?? "method",
      status,
    },
    ...(lacks.length === 0 ? {} : { lacks }),
    ...(it.routes === undefined ? {} : { routes: it.routes }),
    from: { library: it.client, path: it.path },
  };
}

// --- as a source has it --------------------------------------------------------------------------------------------

/** Names under which the usual libraries count requests, the most standard first. */
const usual = [
  "http_server_request_duration_seconds_count",
  "http_server_request_duration_count",
  "http_request_duration_seconds_count",
  "http_requests_total",
  "http_server_requests_seconds_count",
  "http_server_duration_milliseconds_count",
  "http_server_duration_count",
];

/** What a source has of an endpoint. */
export interface SeenMetrics {
  readonly metrics: HttpMetrics;
  /** The label that names the service, and its value; absent where the series carry none. */
  readonly service?: { readonly label: string; readonly value: string };
  /** Texts under which the route stands in its label. */
  readonly routes: readonly string[];
  /** A pattern for them where there will be more: paths whose words are written as they came. */
  readonly pattern?: string;
}

/** Asks which metrics have series of an endpoint, under whatever label and in whatever notation its route stands. */
export function seenQuery(endpoint: CodeEndpoint, expected: HttpMetrics, prefixes: readonly string[]): MetricRequest {
  const names = [...new Set([expected.count, ...usual])].join("|");
  const route = JSON.stringify(routePattern(endpoint.route, prefixes));
  const by = ["__name__", ...serviceLabels, ...routeLabels, ...methodLabels, ...statusLabels].join(", ");
  const series = routeLabels.map((label) => `{__name__=~"${names}",${label}=~${route}}`);
  return { key: "seen", query: `count by (${by}) (${series.join(" or ")})` };
}

/**
 * What the answer says; undefined where nothing fits this endpoint better than another, or where two services have it
 * and neither is called like the one that is meant.
 */
export function seenIn(
  answer: MetricAnswer | undefined,
  endpoint: CodeEndpoint,
  context: {
    readonly endpoints: readonly CodeEndpoint[];
    readonly expected: HttpMetrics;
    readonly service: string;
    readonly prefixes: readonly string[];
  },
): SeenMetrics | undefined {
  const samples = answer?.ok === true ? answer.samples : [];
  const found = new Map<string, Seen>();
  for (const { labels } of samples) {
    const seen = readSeries(labels, endpoint, context);
    if (seen === undefined) continue;
    const id = JSON.stringify([seen.metric, seen.service, seen.labels]);
    const known = found.get(id);
    if (known === undefined) found.set(id, seen);
    else {
      for (const route of seen.routes) known.routes.add(route);
      known.score = Math.max(known.score, seen.score);
      if (known.labels.status === undefined) found.set(id, { ...known, labels: seen.labels });
    }
  }
  const wanted = [context.expected.count, ...usual];
  const all = [...found.values()].filter(({ labels }) => labels.status !== undefined);
  const metric = wanted.find((name) => all.some((each) => each.metric === name));
  const ofMetric = all.filter((each) => each.metric === metric);
  const [own] = ofMetric.filter(({ service }) => service !== undefined && isSame(service.value, context.service));
  const best = own ?? (ofMetric.length === 1 ? ofMetric[0] : undefined);
  // Addresses in place of routes are a trap of instrumentation; an objective upon them would miss the next one.
  if (best?.labels.status === undefined || [...best.routes].some(looksConcrete)) return undefined;
  const { route, method, status } = best.labels;
  const isExpected = best.metric === context.expected.count;
  const histogram = best.metric.endsWith("_count") ? best.metric.slice(0, -"_count".length) : undefined;
  return {
    metrics: {
      count: best.metric,
      ...(histogram === undefined || (isExpected && context.expected.histogram === undefined) ? {} : { histogram }),
      ...(/(^|_)(ms|milliseconds)_count$/.test(best.metric) || best.metric === "http_server_duration_count"
        ? { unit: "milliseconds" }
        : {}),
      labels: { route, method: method ?? "method", status },
      ...(method === undefined ? { lacks: ["method"] } : {}),
      from: context.expected.from,
    },
    ...(best.service === undefined ? {} : { service: best.service }),
    routes: [...best.routes].sort(),
    ...openPattern(endpoint, best.routes, context.endpoints),
  };
}

/** Paths with a word in a parameter's place (`/posts/hello-world`): the next word is not among those seen yet. */
function openPattern(
  endpoint: CodeEndpoint,
  values: ReadonlySet<string>,
  endpoints: readonly CodeEndpoint[],
): Pick<SeenMetrics, "pattern"> {
  const own = parseRoute(endpoint.route);
  const isPlain = (text: string) => parseRoute(text)?.segments.every((each) => each.kind === "static") === true;
  if (own === undefined || isPlain(endpoint.route) || ![...values].some(isPlain)) return {};
  // Where another route would be counted too, only what was seen is.
  const isShared = endpoints.some((other) => {
    const path = other.route === endpoint.route ? undefined : parseRoute(other.route);
    return path !== undefined && servesPath(own, path);
  });
  return isShared ? {} : { pattern: own.segments.map(patternOf).join("") };
}

interface Seen {
  readonly metric: string;
  readonly service: SeenMetrics["service"];
  readonly labels: { readonly route: string; readonly method?: string; readonly status?: string };
  readonly routes: Set<string>;
  score: number;
}

function readSeries(
  labels: Sample["labels"],
  endpoint: CodeEndpoint,
  { endpoints, prefixes }: { readonly endpoints: readonly CodeEndpoint[]; readonly prefixes: readonly string[] },
): Seen | undefined {
  const first = (names: readonly string[]) => names.find((name) => (labels[name] ?? "") !== "");
  const route = first(routeLabels);
  const method = first(methodLabels);
  const status = first(statusLabels);
  if (route === undefined || labels["__name__"] === undefined) return undefined;
  const sent = method === undefined ? undefined : labels[method]!.toUpperCase();
  if (sent !== undefined && endpoint.method !== "ALL" && sent !== endpoint.method) return undefined;
  const value = labels[route]!;
  const score = scoreOf(endpoint, value, prefixes);
  if (score === undefined) return undefined;
  const isOthers = endpoints.some(
    (other) =>
      other.route !== endpoint.route &&
      (sent === undefined || other.method === "ALL" || other.method === sent) &&
      (scoreOf(other, value, prefixes) ?? 0) >= score,
  );
  if (isOthers) return undefined;
  const service = ["job", ...serviceLabels].find((name) => (labels[name] ?? "") !== "");
  return {
    metric: labels["__name__"],
    service: service === undefined ? undefined : { label: service, value: labels[service]! },
    labels: { route, ...(method === undefined ? {} : { method }), ...(status === undefined ? {} : { status }) },
    routes: new Set([value]),
    score,
  };
}

/** As objectives are matched; and by its end, which is all that `req.route.path` says of a route behind a router. */
function scoreOf(endpoint: CodeEndpoint, value: string, prefixes: readonly string[]): number | undefined {
  const score = routeScore(endpoint, value, prefixes);
  if (score !== undefined) return score;
  const [whole, end] = [parseRoute(endpoint.route), parseRoute(value)];
  const isEnd = whole && end && staticCount(end) > 0 && suffixAt(whole, end) !== undefined;
  return isEnd ? 0.4 : undefined;
}

/** Names of a service that differ in case, in separators or by an organisation's prefix. */
function isSame(a: string, b: string): boolean {
  const plain = (name: string) =>
    name
      .toLowerCase()
      .replace(/^.*\//, "")
      .replace(/[^a-z0-9]+/g, "-")
      .replace(/-(api|service|svc|server|backend|app|web)$/, "");
  return plain(a) === plain(b);
}

const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

function patternOf(each: Segment): string {
  if (each.kind === "static") return `/${escaped(each.text)}`;
  if (each.kind === "rest") return "/.*";
  const one = `/${escaped(each.prefix)}[^/]+${escaped(each.suffix)}`;
  return each.optional ? `(${one})?` : one;
}

/**
 * A pattern (RE2, anchored by the server) for a route in any notation, with and without what a gateway adds and what a
 * router's prefix is: `/api/users/[^/]+|/users/[^/]+`.
 */
function routePattern(route: string, prefixes: readonly string[]): string {
  const segments = parseRoute(route)?.segments;
  if (segments === undefined) return escaped(route);
  const ends: string[] = [];
  for (let from = 0; from < Math.max(1, segments.length); from++) {
    const rest = segments.slice(from);
    // The end of a route says whose it is while it has something of its own.
    if (from > 0 && (segments[from - 1]!.kind !== "static" || !rest.some((each) => each.kind === "static"))) break;
    ends.push(rest.map(patternOf).join("") || "/");
  }
  const whole = ends[0]!;
  const prefixed = prefixes.map((prefix) => `${escaped(prefix.replace(/\/+$/, ""))}${whole}`);
  return [...new Set([...ends, ...prefixed])]
    .map((each) => `${each}/?`)
    .join("|")
    .replaceAll("//?", "/?");
}
