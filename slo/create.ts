/** A first SLO file for an endpoint, its queries made for the metrics that the service exports. */
import { stringify } from "yaml";
import { prometheusDays } from "./formats/duration.ts";
import { ratioOf } from "./formats/shared.ts";
import type { HttpMetrics, SeenMetrics } from "./http-metrics.ts";
import { parseRoute } from "./route-pattern.ts";

export type NewSloFormat = "openslo" | "sloth" | "pyrra";

export interface NewSlo {
  readonly endpoint: { readonly method: string; readonly route: string };
  /** Value of the metrics' `job` label unless they were seen under another, and the service of the SLO. */
  readonly service: string;
  readonly format: NewSloFormat;
  readonly metrics: HttpMetrics;
  /** What stands in the labels of service and route, where a source was asked. */
  readonly seen?: Pick<SeenMetrics, "service" | "routes" | "pattern">;
  /** Ratio 0..1. */
  readonly target: number;
  /** Sloth's window is given on its command line: the file cannot hold it. */
  readonly windowDays: number;
  /** With it the objective is of latency; it should be a bucket of the histogram. */
  readonly latencyMs?: number;
}

export interface NewSloFile {
  /** A name for the file, such as `get-recipes-availability.yaml`. */
  readonly name: string;
  readonly text: string;
}

/** The text of a file that loads without a problem. A latency objective needs a histogram; without one it is of availability. */
export function createSloDocument(it: NewSlo): NewSloFile {
  const latency = it.metrics.histogram === undefined ? undefined : it.latencyMs;
  const name = sloName(it.endpoint, latency === undefined ? "availability" : "latency");
  const queries = queriesFor(it, latency);
  const service = it.service === "" ? "service" : it.service;
  const document =
    it.format === "openslo"
      ? openSlo(it, name, service, queries)
      : it.format === "sloth"
        ? sloth(it, name, service, queries)
        : pyrra(it, name, service, queries);
  return { name: `${name}.yaml`, text: stringify(document, { lineWidth: 0 }) };
}

interface Selectors {
  /** Selector of good events, or of bad ones where that is what can be counted. */
  readonly part: string;
  readonly isBad: boolean;
  readonly total: string;
  readonly description: string;
}

function queriesFor({ endpoint, service, metrics, seen }: NewSlo, latencyMs: number | undefined): Selectors {
  const { route, method, status } = metrics.labels;
  const job = seen === undefined ? { label: "job", value: service } : seen.service;
  // A label that a source was seen to have not cannot be asked for; one that the code has not yet can be added.
  const hasMethod = seen === undefined || metrics.lacks?.includes("method") !== true;
  const matchers = [
    ...(job === undefined || job.value === "" ? [] : [`${job.label}=${quoted(job.value)}`]),
    ...(isAny(endpoint.method) || !hasMethod ? [] : [`${method}=${quoted(endpoint.method)}`]),
    seen?.pattern === undefined
      ? routeMatcher(route, seen?.routes ?? [metrics.routes === "masked" ? masked(endpoint.route) : endpoint.route])
      : `${route}=~${quoted(seen.pattern)}`,
  ];
  const selector = (metric: string, ...more: readonly string[]) => `${metric}{${[...matchers, ...more].join(",")}}`;
  const what = `${isAny(endpoint.method) ? "" : `${endpoint.method} `}${endpoint.route}`;
  if (latencyMs !== undefined)
    return {
      part: selector(
        `${metrics.histogram}_bucket`,
        `le="${metrics.unit === "milliseconds" ? latencyMs : latencyMs / 1000}"`,
      ),
      isBad: false,
      total: selector(`${metrics.histogram}_count`),
      description: `Answers of ${what} within ${latencyMs} ms.`,
    };
  return {
    part: selector(metrics.count, `${status}=~"5.."`),
    isBad: true,
    total: selector(metrics.count),
    description: `Requests to ${what} that end without a server error.`,
  };
}

function openSlo({ endpoint, target, windowDays }: NewSlo, name: string, service: string, queries: Selectors): unknown {
  const metric = (selector: string) => ({
    metricSource: { type: "Prometheus", spec: { query: `sum(${selector})` } },
  });
  return {
    apiVersion: "openslo/v1",
    kind: "SLO",
    metadata: { name, annotations: annotation(endpoint) },
    spec: {
      description: queries.description,
      service: label(service),
      indicator: {
        metadata: { name },
        spec: {
          ratioMetric: {
            counter: true,
            [queries.isBad ? "bad" : "good"]: metric(queries.part),
            total: metric(queries.total),
          },
        },
      },
      timeWindow: [{ duration: `${windowDays}d`, isRolling: true }],
      budgetingMethod: "Occurrences",
      objectives: [{ target: tidy(target) }],
    },
  };
}

function sloth({ target }: NewSlo, name: string, service: string, queries: Selectors): unknown {
  const rate = (selector: string) => `sum(rate(${selector}[{{.window}}]))`;
  return {
    version: "prometheus/v1",
    service,
    slos: [
      {
        name,
        objective: tidy(target * 100),
        description: queries.description,
        sli: {
          events: {
            error_query: queries.isBad ? rate(queries.part) : `${rate(queries.total)} - ${rate(queries.part)}`,
            total_query: rate(queries.total),
          },
        },
        alerting: {
          name: pascal(`${service}-${name}`),
          page_alert: { disable: true },
          ticket_alert: { disable: true },
        },
      },
    ],
  };
}

function pyrra({ endpoint, target, windowDays }: NewSlo, name: string, service: string, queries: Selectors): unknown {
  const part = { metric: queries.part };
  const total = { metric: queries.total };
  return {
    apiVersion: "pyrra.dev/v1alpha1",
    kind: "ServiceLevelObjective",
    metadata: {
      name,
      labels: { "pyrra.dev/service": label(service) },
      annotations: annotation(endpoint),
    },
    spec: {
      target: String(tidy(target * 100)),
      window: prometheusDays(windowDays),
      description: queries.description,
      indicator: queries.isBad ? { ratio: { errors: part, total } } : { latency: { success: part, total } },
    },
  };
}

function routeMatcher(label: string, values: readonly string[]): string {
  const [only, other] = values;
  if (only !== undefined && other === undefined) return `${label}=${quoted(only)}`;
  return `${label}=~${quoted(values.map((value) => value.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|"))}`;
}

/** A route as express-prom-bundle writes it: what varies is a number or an identifier, and `#val`. */
function masked(route: string): string {
  const segments = parseRoute(route)?.segments ?? [];
  return segments.some((each) => each.kind === "param")
    ? `/${segments.map((each) => (each.kind === "static" ? each.text : "#val")).join("/")}`
    : route;
}

const annotation = ({ method, route }: NewSlo["endpoint"]) => ({
  "slo-lens/endpoints": isAny(method) ? route : `${method} ${route}`,
});
const isAny = (method: string) => method === "ALL" || method === "*" || method === "";
const quoted = (value: string) => JSON.stringify(value);
const tidy = (n: number) => Number(n.toPrecision(10));
const pascal = (name: string) =>
  name.replace(/(?:^|[^A-Za-z0-9]+)([A-Za-z0-9])/g, (_, first: string) => first.toUpperCase());

/** A Kubernetes label or name of a resource: lower case, digits and hyphens, 63 at most (RFC 1123). */
function label(text: string): string {
  const plain = text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, 63)
    .replace(/^-+|-+$/g, "");
  return plain === "" ? "service" : plain;
}

function sloName({ method, route }: NewSlo["endpoint"], kind: string): string {
  const words = `${isAny(method) ? "" : method}-${route}`;
  const subject = /[a-z0-9]/i.test(words.slice(method.length)) ? words : `${words}-root`;
  return label(`${label(subject).slice(0, 62 - kind.length)}-${kind}`);
}

/** Targets people set: "nines" with a step between. */
const TARGETS = [50, 75, 90, 95, 98, 99, 99.5, 99.9, 99.95, 99.99].map(ratioOf);

export interface Proposal {
  /** Ratio 0..1. */
  readonly target: number;
  /** Failures that the target allows at this traffic. */
  readonly allowed: number;
  readonly reason: "achieved" | "low-traffic" | "unknown";
}

/**
 * A first target from what was achieved over a window: the highest common one that leaves some budget, and that at this
 * traffic allows a few failures: where a single one spends the budget, percentages mean nothing (an objective of T
 * needs 1/(1-T) requests for one). Without data, 99 %.
 */
export function proposeTarget(achieved: number | undefined, total: number | undefined): Proposal {
  const FEW = 5;
  if (achieved === undefined || total === undefined || !(total > 0) || !(achieved >= 0 && achieved <= 1))
    return { target: 0.99, allowed: 0, reason: "unknown" };
  const allows = (target: number) => Math.floor((1 - target) * total + 1e-6);
  // As much left as was spent, at least: an objective that today's state would break tomorrow is none.
  const kept = TARGETS.filter((it) => it <= achieved && (1 - achieved) * 2 <= 1 - it + 1e-9);
  const target = kept.filter((it) => allows(it) >= FEW).at(-1);
  const best = kept.at(-1) ?? TARGETS[0]!;
  return target === undefined
    ? { target: kept[0] ?? best, allowed: allows(kept[0] ?? best), reason: "low-traffic" }
    : { target, allowed: allows(target), reason: target === best ? "achieved" : "low-traffic" };
}
