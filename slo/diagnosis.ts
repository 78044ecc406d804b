/**
 * Why there is no number. A query without an answer is asked about once more: is the metric there, under this name, with
 * these labels and values? The usual traps of instrumentation each get their own sentence. The same labels tell each
 * endpoint's share of a service's traffic and failures.
 */
import {
  type LabelMatcher,
  type MetricSelector,
  methodLabels,
  routeLabels,
  routeScore,
  serviceLabels,
  statusLabels,
} from "./match.ts";
import { share } from "./maths.ts";
import type { Cause, EndpointShare, Match, RouteLook, Slo } from "./model.ts";
import { type QueryTools, queryTools, selectorText } from "./query-tools.ts";
import { looksConcrete, parseRoute, suffixAt } from "./route-pattern.ts";
import { matchesPattern } from "./safe-pattern.ts";
import { causeOf } from "./state.ts";
import { causeOfFault, type MetricAnswer, type MetricRequest, type Sample } from "./telemetry/source.ts";

type Answers = ReadonlyMap<string, MetricAnswer>;

export interface Missing {
  readonly slo: Slo;
  readonly part: "total" | "bad" | "good";
  /** The query that answered with no series. */
  readonly query: string;
}

export interface Diagnosis {
  /** `unmatched` where the metric is there and the query does not fit it; `no-data` where it is not there. */
  readonly state: "no-data" | "unmatched";
  readonly cause: Cause;
}

/** Metrics of one query that are asked about. */
const maxMetrics = 2;

/** What to ask about a query without an answer. */
export function diagnosisQueries(
  missing: Missing,
  key: string,
  tools: QueryTools = queryTools,
): readonly MetricRequest[] {
  return selectorsAsked(missing, tools).flatMap((selector, index) => {
    const requests: MetricRequest[] = [{ key: `${key}|rows|${index}`, query: rowsQuery(selector) }];
    const others = otherNames(selector.metric, missing.slo.indicator.type === "latency-native");
    if (others.length > 0)
      requests.push({
        key: `${key}|names|${index}`,
        query: `count by (__name__) ({__name__=~${JSON.stringify(others.join("|"))}})`,
      });
    // What the same service exports besides: bounded by its own series.
    const own = selector.matchers.filter(({ label, op }) => op === "=" && serviceLabels.includes(label));
    if (own.length > 0)
      requests.push({
        key: `${key}|exported|${index}`,
        query: `count by (__name__) (${selectorText({ metric: "", matchers: [{ label: "__name__", op: "=~", value: exported }, ...own] })})`,
      });
    return requests;
  });
}

/** The series that a metric had within a day, by the labels that a selector names and those of routes, methods and status. */
export function rowsQuery({ metric, matchers }: MetricSelector): string {
  const labels = new Set([
    ...matchers.map((matcher) => matcher.label),
    ...routeLabels,
    ...methodLabels,
    ...statusLabels,
  ]);
  const named = [...labels].filter(isLabelName);
  return `count by (${named.join(", ")}) (last_over_time(${selectorText({ metric, matchers: [] })}[1d]))`;
}

/** Names under which requests are counted, and what prom-client's `collectDefaultMetrics` always exports. */
const exported = ".*(http|request|latency|response).*_(count|total)|process_cpu_seconds_total|nodejs_version_info";
const isDefault = (name: string) => /^(process|nodejs)_/.test(name);

/**
 * What the answers say; undefined where labels and values fit, so that nothing is wrong and the count is simply zero.
 * `isAdded` names labels that the source has not (a local page carries no `job`); matchers on them say nothing.
 */
export function diagnose(
  missing: Missing,
  key: string,
  asked: Answers,
  options: { readonly tools?: QueryTools; readonly isAdded?: (label: string) => boolean } = {},
): Diagnosis | undefined {
  const { tools = queryTools, isAdded = () => false } = options;
  const { indicator } = missing.slo;
  const whole =
    indicator.type === "ratio"
      ? indicator.total
      : indicator.type === "raw"
        ? (indicator.errorRatio ?? indicator.successRatio)
        : undefined;
  const ofTotal = whole === undefined ? [] : tools.selectorsOf(whole.text);
  for (const [index, selector] of selectorsAsked(missing, tools).entries()) {
    const rows = asked.get(`${key}|rows|${index}`);
    if (rows === undefined) continue;
    if (!rows.ok) return { state: "no-data", cause: causeOfFault(rows.fault) };
    if (rows.samples.length > 0) {
      const matchers = selector.matchers.filter((matcher) => !isAdded(matcher.label));
      const found = misfit({ metric: selector.metric, matchers }, rows.samples);
      if (found !== undefined) return found;
      continue;
    }
    const isMetricOfTotal = ofTotal.some((each) => each.metric === selector.metric);
    // The total was counted from this very metric, so it was there; it is only silent now.
    if (missing.part !== "total" && isMetricOfTotal) continue;
    const namesIn = (question: string) => metricNames(asked.get(`${key}|${question}|${index}`));
    const found = absent(selector.metric, namesIn("names"), namesIn("exported"), missing);
    if (missing.part === "total" || found.cause.key !== "no-series") return found;
    return { state: "no-data", cause: causeOf("part-absent", { metric: selector.metric }) };
  }
  // Everything fits and yet no events: no traffic at all, or none of the failures that were asked for.
  if (missing.part !== "total") return undefined;
  return { state: "no-data", cause: causeOf(isOfEvents(missing.slo) ? "no-traffic" : "no-values") };
}

const isOfEvents = (slo: Slo) => slo.indicator.type === "ratio" || slo.indicator.type === "latency-native";

function selectorsAsked(missing: Missing, tools: QueryTools): readonly MetricSelector[] {
  const seen = new Map<string, MetricSelector>();
  for (const selector of tools.selectorsOf(missing.query)) {
    if (selector.metric !== "" && !seen.has(selector.metric)) seen.set(selector.metric, selector);
  }
  return [...seen.values()].slice(0, maxMetrics);
}

const isLabelName = (label: string) => /^[a-zA-Z_]\w*$/.test(label);

/** Names under which the same measurement is known to be exported; of a native histogram, its classic form. */
function otherNames(metric: string, isNative: boolean): readonly string[] {
  if (isNative && /^\w+$/.test(metric)) return [`${metric}_count`];
  const part = /_(count|sum|bucket)$/.exec(metric)?.[0] ?? "";
  const base = metric.slice(0, metric.length - part.length);
  const names = new Set<string>();
  if (base.endsWith("_seconds")) names.add(base.replace(/_seconds$/, ""));
  else if (part !== "") names.add(`${base}_seconds`);
  if (/^http_server_(request_)?duration/.test(base)) {
    for (const each of [
      "http_server_request_duration_seconds",
      "http_server_request_duration",
      "http_server_duration_milliseconds",
      "http_server_duration",
    ])
      names.add(each);
  }
  names.delete(base);
  return [...names].filter((name) => /^\w+$/.test(name)).map((name) => name + part);
}

function metricNames(answer: MetricAnswer | undefined): readonly string[] {
  const samples = answer?.ok === true ? answer.samples : [];
  return samples.map(({ labels }) => labels["__name__"] ?? "").filter((name) => name !== "");
}

/** Why a metric is not there: it goes by another name, or nothing of its kind is exported at all. */
function absent(
  metric: string,
  names: readonly string[],
  exports: readonly string[],
  { slo, part }: Missing,
): Diagnosis {
  const unmatched = (cause: Cause): Diagnosis => ({ state: "unmatched", cause });
  if (slo.indicator.type === "latency-native" && names[0] !== undefined)
    return unmatched(causeOf("no-native-histogram", { metric, found: names[0] }));
  const old = names.find((name) => /^http_server_duration/.test(name));
  const modern = names.find((name) => !/^http_server_duration/.test(name));
  if (modern !== undefined) return unmatched(causeOf("metric-without-unit", { metric, found: modern }));
  if (old !== undefined) return unmatched(causeOf("metric-old-name", { metric, found: old }));
  // Of failures alone nothing is told by what else there is: they may just not have happened.
  const suffix = /_(count|total|bucket|sum)$/.exec(metric)?.[1];
  const others = exports.filter((name) => !isDefault(name)).sort();
  const other = others.find((name) => name.endsWith(suffix === "total" ? "_total" : "_count")) ?? others[0];
  if (part === "total" && other !== undefined) return unmatched(causeOf("metric-other-name", { metric, found: other }));
  if (part === "total" && exports.length > 0)
    return { state: "no-data", cause: causeOf("default-metrics-only", { metric }) };
  return { state: "no-data", cause: causeOf("no-series", { metric }) };
}

/**
 * The first matcher that leaves no series of the metric, and what is there instead. Series are narrowed matcher by
 * matcher, those that say whose they are first: that another service's series carry the label says nothing of ours.
 */
function misfit(selector: MetricSelector, all: readonly Sample[]): Diagnosis | undefined {
  const { metric } = selector;
  const unmatched = (cause: Cause): Diagnosis => ({ state: "unmatched", cause });
  let rows = all;
  const valuesOf = (label: string) => [
    ...new Set(rows.map((row) => row.labels[label] ?? "").filter((value) => value !== "")),
  ];
  const rank = ({ label }: LabelMatcher) =>
    label === "le" ? 4 : 1 + [methodLabels, routeLabels, statusLabels].findIndex((labels) => labels.includes(label));
  for (const matcher of [...selector.matchers].sort((a, b) => rank(a) - rank(b))) {
    if (matcher.op !== "=" && matcher.op !== "=~") continue;
    const left = rows.filter((row) => fits(matcher, row.labels[matcher.label] ?? ""));
    if (left.length > 0) {
      rows = left;
      continue;
    }
    const { label } = matcher;
    const values = valuesOf(label);
    const family = [routeLabels, statusLabels, methodLabels].find((labels) => labels.includes(label));
    if (values.length === 0) {
      const found = family?.find((other) => other !== label && valuesOf(other).length > 0);
      if (found !== undefined)
        return unmatched(
          causeOf(family === routeLabels ? "route-label-renamed" : "label-renamed", { metric, label, found }),
        );
      if (family === routeLabels)
        return unmatched(
          causeOf(isOpenTelemetry(metric, label) ? "no-route-label" : "no-path-label", { metric, label }),
        );
      if (family === statusLabels) return unmatched(causeOf("no-status-label", { metric, label }));
      if (family === methodLabels) return unmatched(causeOf("no-method-label", { metric }));
      return unmatched(causeOf("no-series-labels", { metric, selector: selected(matcher), found: `${label}=""` }));
    }
    if (label === "le")
      return unmatched(causeOf("no-bucket", { metric, wanted: clip(matcher.value), found: bucketsText(values) }));
    if (family === routeLabels) {
      const raw = rawPathsIn(values);
      if (raw !== undefined)
        return unmatched(
          causeOf(raw.isMasked ? "masked-paths" : "raw-paths", {
            metric,
            label,
            example: clip(raw.example),
            seriesCount: values.length,
          }),
        );
      const short = values.find((value) => isEndOf(value, matcher));
      if (short !== undefined) return unmatched(causeOf("route-prefix", { metric, label, found: clip(short) }));
    }
    if (family === statusLabels && values.every((value) => /^\dxx$/i.test(value))) {
      return unmatched(
        causeOf("status-class-only", {
          metric,
          label,
          example: values.slice(0, 5).join(", "),
          wanted: clip(matcher.value),
        }),
      );
    }
    // No failure so far is not a wrong label: the status codes are there, and none of them is one that was asked for.
    if (family === statusLabels) continue;
    const shown = values.slice(0, 4).map((value) => `${label}="${clip(value)}"`);
    const found = `${shown.join(", ")}${values.length > shown.length ? ", …" : ""}`;
    return unmatched(causeOf("no-series-labels", { metric, selector: selected(matcher), found }));
  }
  return undefined;
}

const selected = ({ label, op, value }: LabelMatcher) => `${label}${op}"${clip(value)}"`;

/** OpenTelemetry's names of metrics and labels; its route comes from the tracer. */
const isOpenTelemetry = (metric: string, label: string) => label === "http_route" || /^http_server_/.test(metric);

/** Whether a route is the end of the one that was asked for: what `req.route.path` says behind a router's prefix. */
function isEndOf(value: string, { op, value: wanted }: LabelMatcher): boolean {
  const [short, long] = [parseRoute(value), parseRoute(wanted)];
  return op === "=" && short !== undefined && long !== undefined && suffixAt(long, short) !== undefined;
}

function fits(matcher: LabelMatcher, value: string): boolean {
  if (matcher.op === "=") return value === matcher.value;
  // A pattern that cannot be read is no evidence of a misfit.
  return matchesPattern(matcher.value, value) !== false;
}

/** Whether the values of a route label are concrete paths, or masked ones; undefined for templates. */
export function rawPathsIn(
  values: readonly string[],
): { readonly isMasked: boolean; readonly example: string } | undefined {
  const masked = values.find((value) => parseRoute(value)?.masked === true);
  if (masked !== undefined) return { isMasked: true, example: masked };
  const hasTemplate = values.some(
    (value) => parseRoute(value)?.segments.some((segment) => segment.kind !== "static") === true,
  );
  const concrete = values.find(looksConcrete);
  return concrete !== undefined && !hasTemplate ? { isMasked: false, example: concrete } : undefined;
}

function bucketsText(values: readonly string[]): string {
  return values
    .filter((value) => value !== "+Inf")
    .sort((a, b) => Number(a) - Number(b))
    .slice(0, 20)
    .join(", ");
}

const clip = (text: string) => (text.length > 80 ? `${text.slice(0, 80)}…` : text);

// --- shares of endpoints -------------------------------------------------------------------------------------------

/** Labels by which traffic is told apart. */
export const shareLabels: readonly string[] = [...routeLabels, ...methodLabels];

/**
 * Traffic and failures of an objective by route and method, over a look-back. None where its queries are no sums of
 * counters. `recorded` are queries by `shareLabels` that say the same from what a tool has recorded.
 */
export function shareQueries(
  slo: Slo,
  key: string,
  matches: readonly Match[],
  tools: QueryTools = queryTools,
  windowSeconds: number = slo.window.seconds,
  recorded?: { readonly total: string; readonly part: string },
): readonly MetricRequest[] {
  const { indicator } = slo;
  if (indicator.type !== "ratio" || matches.length === 0) return [];
  // One endpoint that the SLI names itself has all of the traffic; there is nothing to share.
  if (matches.length === 1 && matches[0]?.by === "route-label") return [];
  if (recorded)
    return [
      { key: `${key}|share-total|+0`, query: recorded.total },
      { key: `${key}|share-${indicator.bad === undefined ? "good" : "bad"}|+0`, query: recorded.part },
    ];
  const asked = (name: string, query: string | undefined): readonly MetricRequest[] =>
    (query === undefined ? undefined : tools.termsBy(query, windowSeconds, shareLabels))?.map((term, index) => ({
      key: `${key}|share-${name}|${term.sign > 0 ? "+" : "-"}${index}`,
      query: term.query,
    })) ?? [];
  const total = asked("total", indicator.total.text);
  if (total.length === 0) return [];
  const part = indicator.bad ?? indicator.good;
  return [...total, ...asked(indicator.bad === undefined ? "good" : "bad", part?.text)];
}

/** The samples of a number that was asked for in parts; undefined where a part was not asked or has no answer. */
function addedUp(answers: Answers, key: string): readonly Sample[] | undefined {
  const sums = new Map<string, { readonly labels: Sample["labels"]; value: number }>();
  for (let index = 0; ; index++) {
    const [answer, sign] = answers.has(`${key}|+${index}`)
      ? [answers.get(`${key}|+${index}`), 1]
      : [answers.get(`${key}|-${index}`), -1];
    if (answer === undefined) return index === 0 ? undefined : [...sums.values()].map(asSample);
    if (!answer.ok) return undefined;
    for (const { labels, value } of answer.samples) {
      const id = JSON.stringify(Object.entries(labels).sort());
      const sum = sums.get(id) ?? { labels, value: 0 };
      sum.value += sign * (value ?? 0);
      sums.set(id, sum);
    }
  }
}

const asSample = ({ labels, value }: { readonly labels: Sample["labels"]; readonly value: number }): Sample => ({
  labels,
  value,
  text: String(value),
});

interface Portion {
  total: number;
  part: number;
}

/** Each matched endpoint's share, or why it cannot be told. */
export function sharesFrom(
  slo: Slo,
  key: string,
  matches: readonly Match[],
  answers: Answers,
): { readonly endpoints: readonly EndpointShare[]; readonly cause?: Cause } {
  const plain = matches.map(({ endpoint }) => ({ method: endpoint.method, route: endpoint.route }));
  const total = addedUp(answers, `${key}|share-total`) ?? [];
  if (total.length === 0) return { endpoints: plain };
  const metric =
    slo.indicator.type === "ratio" ? (queryTools.selectorsOf(slo.indicator.total.text)[0]?.metric ?? "") : "";
  const routes = [...new Set(total.map((sample) => firstOf(sample, routeLabels)).filter((value) => value !== ""))];
  if (routes.length === 0)
    return {
      endpoints: plain,
      cause: isOpenTelemetry(metric, "")
        ? causeOf("no-route-label", { metric, label: routeLabels[0] })
        : causeOf("no-path-label", { metric, label: "route" }),
    };

  const hasMethod = total.some((sample) => firstOf(sample, methodLabels) !== "");
  const portions = new Map<Match, Portion>(matches.map((match) => [match, { total: 0, part: 0 }]));
  const whole: Portion = { total: 0, part: 0 };
  const owners = new Map<string, readonly Match[]>();
  const ownersOf = (sample: Sample) => {
    const route = firstOf(sample, routeLabels);
    const method = firstOf(sample, methodLabels).toUpperCase();
    const id = `${method} ${route}`;
    const known = owners.get(id);
    if (known !== undefined) return known;
    const found = bestMatches(matches, route, method);
    owners.set(id, found);
    return found;
  };
  const spread = (samples: readonly Sample[], field: keyof Portion) => {
    for (const sample of samples) {
      const value = sample.value ?? 0;
      whole[field] += value;
      const owner = ownersOf(sample);
      if (owner.length === 1) portions.get(owner[0]!)![field] += value;
    }
  };
  spread(total, "total");
  const isBad = slo.indicator.type === "ratio" && slo.indicator.bad !== undefined;
  const part = addedUp(answers, `${key}|share-${isBad ? "bad" : "good"}`);
  spread(part ?? [], "part");

  const badOf = (portion: Portion) => Math.max(0, isBad ? portion.part : portion.total - portion.part);
  // Without a method label one series speaks for all endpoints of a route; whose it is cannot be told.
  const isShared = [...owners.values()].some((owner) => owner.length > 1);
  const isKnown = (match: Match) => ![...owners.values()].some((owner) => owner.length > 1 && owner.includes(match));
  const endpoints = matches.map((match): EndpointShare => {
    const { method, route } = match.endpoint;
    const portion = portions.get(match)!;
    if (!isKnown(match)) return { method, route };
    const traffic = share(portion.total, whole.total);
    const bad = part !== undefined && (part.length > 0 || isBad) ? share(badOf(portion), badOf(whole)) : undefined;
    return {
      method,
      route,
      ...(traffic === undefined ? {} : { shareOfTraffic: traffic }),
      ...(bad === undefined ? {} : { shareOfBad: bad }),
      ...(traffic === undefined ? {} : { total: portion.total }),
      ...(traffic === undefined || part === undefined || (part.length === 0 && !isBad) ? {} : { bad: badOf(portion) }),
    };
  });
  if (isShared && !hasMethod) return { endpoints, cause: causeOf("no-method-label", { metric }) };
  const isFound = [...portions.values()].some((portion) => portion.total > 0);
  const raw = isFound ? undefined : rawPathsIn(routes);
  if (raw === undefined) return { endpoints };
  const label = routeLabels.find((each) => total.some((sample) => (sample.labels[each] ?? "") !== "")) ?? "";
  return {
    endpoints: plain,
    cause: causeOf(raw.isMasked ? "masked-paths" : "raw-paths", {
      metric,
      label,
      example: clip(raw.example),
      seriesCount: routes.length,
    }),
  };
}

/**
 * What each route did over shorter look-backs: from the answers to `shareQueries` under `<key>|look<seconds>`, or from
 * ratios that a tool has recorded for each route. A route without a series of its own is left out.
 */
export function looksByRoute(
  slo: Slo,
  key: string,
  matches: readonly Match[],
  answers: Answers,
  looks: readonly number[],
  recorded: (seconds: number) => readonly Sample[],
): ReadonlyMap<Match, readonly RouteLook[]> {
  const found = new Map<Match, RouteLook[]>(matches.map((match) => [match, []]));
  const ownerOf = (sample: Sample): Match | undefined => {
    const owners = bestMatches(matches, firstOf(sample, routeLabels), firstOf(sample, methodLabels).toUpperCase());
    return owners.length === 1 ? owners[0] : undefined;
  };
  const isBad = slo.indicator.type === "ratio" && slo.indicator.bad !== undefined;
  for (const windowSeconds of looks) {
    const ratios = recorded(windowSeconds);
    if (ratios.length > 0) {
      const byMatch = new Map<Match, number[]>();
      for (const sample of ratios) {
        const owner = ownerOf(sample);
        // Of a look-back without requests the recorded ratio is no number.
        if (owner && sample.value !== undefined) byMatch.set(owner, [...(byMatch.get(owner) ?? []), sample.value]);
      }
      // Ratios of several series have no common one without their traffic.
      for (const [match, values] of byMatch)
        if (values.length === 1) found.get(match)!.push({ windowSeconds, ratio: Math.min(1, Math.max(0, values[0]!)) });
      continue;
    }
    const total = addedUp(answers, `${key}|look${windowSeconds}|share-total`);
    const part = addedUp(answers, `${key}|look${windowSeconds}|share-${isBad ? "bad" : "good"}`);
    if (total === undefined || part === undefined || (part.length === 0 && !isBad && total.length > 0)) continue;
    const portions = new Map<Match, Portion>();
    const spread = (samples: readonly Sample[], field: keyof Portion): void => {
      for (const sample of samples) {
        const owner = ownerOf(sample);
        if (!owner) continue;
        const portion = portions.get(owner) ?? { total: 0, part: 0 };
        portion[field] += sample.value ?? 0;
        portions.set(owner, portion);
      }
    };
    spread(total, "total");
    spread(part, "part");
    for (const [match, portion] of portions)
      found.get(match)!.push({
        windowSeconds,
        total: portion.total,
        bad: Math.max(0, isBad ? portion.part : portion.total - portion.part),
      });
  }
  return found;
}

function firstOf(sample: Sample, labels: readonly string[]): string {
  for (const label of labels) {
    const value = sample.labels[label];
    if (value !== undefined && value !== "") return value;
  }
  return "";
}

/** The endpoints that fit one series best; more than one where it cannot be told apart. */
function bestMatches(matches: readonly Match[], route: string, method: string): readonly Match[] {
  if (route === "") return [];
  let best: Match[] = [];
  let top = 0;
  for (const match of matches) {
    if (method !== "" && match.endpoint.method !== "ALL" && match.endpoint.method !== method) continue;
    const score = routeScore(match.endpoint, route);
    if (score === undefined || score <= 0.5 || score < top) continue;
    if (score > top) best = [];
    top = score;
    best.push(match);
  }
  // An endpoint for any method gives way to one for this very method.
  const own = best.filter((match) => match.endpoint.method !== "ALL");
  return method !== "" && own.length > 0 ? own : best;
}
