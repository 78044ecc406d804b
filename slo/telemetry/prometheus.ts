/**
 * Numbers from a Prometheus HTTP API: Prometheus itself, Thanos, Mimir, Cortex and VictoriaMetrics. Queries are POSTed
 * as forms (they grow long), equal ones are asked once, a few run at a time, and the rest of a batch is not asked once
 * the server cannot be reached.
 */
import { finestSeconds } from "../query-tools.ts";
import {
  type Fault,
  type Fetch,
  type FetchAnswer,
  faultOf,
  inParallel,
  type MetricAnswer,
  type MetricQuestion,
  type MetricRequest,
  originOf,
  type Sample,
  type Series,
  type Source,
} from "./source.ts";

export interface PrometheusOptions {
  /** Base address with its path prefix: `https://host/prometheus` for Mimir, `…/select/0/prometheus` for VictoriaMetrics. */
  readonly url: string;
  /** Such as `X-Scope-OrgID`. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly fetch: Fetch;
  /** Milliseconds for one query; 10,000 unless told. */
  readonly timeoutMs?: number;
  /** Bytes of one answer; 10 MB unless told. */
  readonly maxBytes?: number;
  /** Queries at a time; 6 unless told. */
  readonly parallel?: number;
}

/** Faults after which asking the same server more is of no use. */
const fatal = new Set([
  "refused",
  "unknown-host",
  "stalled",
  "certificate",
  "no-tls",
  "bad-address",
  "unreachable",
  "aborted",
  "denied",
  "denied-after-redirect",
  "no-tenant",
  "not-there",
  "too-many",
  "html",
  "not-json",
  "redirects",
]);

export function createPrometheus(options: PrometheusOptions): Source {
  const { url, fetch, headers = {}, timeoutMs = 10_000, maxBytes = 10_000_000, parallel = 6 } = options;
  /** Some proxies let nothing but GET through; found out once. */
  let isGetOnly = false;
  /** `at`: the server's time in Unix seconds for a query at one instant; its present where absent. */
  const ask = async (request: MetricRequest, signal: AbortSignal, at?: number): Promise<MetricAnswer> => {
    const address = apiAddress(url, request.range === undefined ? "query" : "query_range");
    if (address === undefined) return { ok: false, fault: { kind: "bad-address", data: { address: originOf(url) } } };
    const form = formOf(request, timeoutMs, at);
    const bounds = { timeoutMs, maxBytes, signal };
    const get = () =>
      fetch({
        url: withForm(address, form),
        method: "GET",
        headers: { ...headers, accept: "application/json" },
        ...bounds,
      });
    const post = () =>
      fetch({
        url: address,
        method: "POST",
        headers: { ...headers, accept: "application/json", "content-type": "application/x-www-form-urlencoded" },
        body: form,
        ...bounds,
      });
    const answer = await (isGetOnly ? get() : post());
    if (!isGetOnly && answer.ok && answer.status === 405) {
      isGetOnly = true;
      return readAnswer(await get(), address);
    }
    return readAnswer(answer, address);
  };

  return {
    kind: "prometheus",
    name: originOf(url),
    async query(requests, signal) {
      const unique = new Map<string, MetricRequest>();
      const identity = (request: MetricRequest) => JSON.stringify([request.query, request.range ?? null]);
      for (const request of requests) unique.set(identity(request), request);
      let broken: Fault | undefined;
      // Good and total belong together only when counted at the same moment: a scrape that arrives between two queries
      // would look like failures. The moment is the server's, whose clock need not be ours.
      let at: number | undefined;
      if ([...unique.values()].filter((request) => request.range === undefined).length > 1) {
        const time = await ask({ key: "time", query: "time()" }, signal);
        if (time.ok) at = time.samples[0]?.value;
        else if (fatal.has(time.fault.kind)) broken = time.fault;
      }
      const tasks = [...unique].map(([id, request]) => async (): Promise<readonly [string, MetricAnswer]> => {
        if (broken !== undefined) return [id, { ok: false, fault: broken }];
        if (signal.aborted) return [id, { ok: false, fault: { kind: "aborted", data: { address: originOf(url) } } }];
        const answer = await ask(request, signal, at);
        if (!answer.ok && fatal.has(answer.fault.kind)) broken ??= answer.fault;
        return [id, answer];
      });
      const answers = new Map(await inParallel(tasks, parallel));
      return new Map(requests.map((request) => [request.key, answers.get(identity(request))!]));
    },
    async names(question, signal) {
      const address = namesAddress(url, question);
      if (address === undefined) return undefined;
      const answer = await fetch({
        url: address,
        method: "GET",
        headers: { ...headers, accept: "application/json" },
        timeoutMs,
        maxBytes,
        signal,
      });
      const body = answer.ok && answer.status < 300 ? parseJson(answer.text) : undefined;
      if (!isEnvelope(body) || !Array.isArray(body.data)) return undefined;
      return (body.data as readonly unknown[]).filter((it): it is string => typeof it === "string").slice(0, MAX_NAMES);
    },
  };
}

/** Names asked for at most; servers that know no limit are bounded by the size of their answer. */
const MAX_NAMES = 20_000;

/** The address that answers what series there are. */
function namesAddress(base: string, question: MetricQuestion): string | undefined {
  const call =
    question.of === "labels" ? "labels" : `label/${question.of === "names" ? "__name__" : question.label}/values`;
  const address = apiAddress(base, call);
  if (address === undefined) return undefined;
  const url = new URL(address);
  url.searchParams.set("limit", String(MAX_NAMES));
  if (question.of !== "names" && question.metric !== "")
    url.searchParams.set("match[]", `{__name__=${JSON.stringify(question.metric)}}`);
  return url.href;
}

/** Pages of user interfaces, whose addresses are what people have at hand. */
const pages =
  /\/(classic\/)?(graph|query|alerts|rules|targets|stores|config|flags|status|tsdb-status|service-discovery)$/;

/**
 * The address of an API call under a base that may end in `/`, in `/api/v1`, or in a page of Prometheus', Thanos' or
 * VictoriaMetrics' user interface, or be the settings page of a Grafana data source, which Grafana passes queries on to.
 */
function apiAddress(base: string, call: string): string | undefined {
  if (!URL.canParse(base)) return undefined;
  const url = new URL(base);
  const given = url.pathname.replace(/\/+$/, "");
  const path = given
    .replace(/\/api\/v1(\/query(_range)?)?$/, "")
    .replace(pages, "")
    .replace(/(\/select\/[\w:]+)\/vmui$/, "$1/prometheus")
    .replace(/\/vmui$/, "")
    .replace(/\/(?:connections\/)?datasources\/edit\/([\w-]+)$/, "/api/datasources/proxy/uid/$1");
  // What a page shows is no part of the address; what a person wrote behind a base (`?extra_label=…`) is.
  if (path !== given) url.search = "";
  url.pathname = `${path}/api/v1/${call}`;
  url.hash = "";
  return url.href;
}

function withForm(address: string, form: string): string {
  const url = new URL(address);
  for (const [name, value] of new URLSearchParams(form)) url.searchParams.append(name, value);
  return url.href;
}

/**
 * The coarsest samples that still answer a query, as Thanos names them. Its raw blocks are often kept for two weeks and
 * the downsampled ones for longer, and unless told it reads raw ones only: a month would be half empty. Downsampled
 * counters keep their resets, so `increase` over them is right as long as its look-back holds many of them.
 */
function resolutionFor(query: string): string {
  const finest = finestSeconds(query) ?? 0;
  return finest >= 28 * 86_400 ? "1h" : finest >= 3600 ? "5m" : "0s";
}

function formOf(request: MetricRequest, timeoutMs: number, at: number | undefined): string {
  const form = new URLSearchParams({ query: request.query });
  // The server gives up before we do, so that its reason arrives.
  form.set("timeout", `${Math.max(1, Math.floor((timeoutMs * 0.9) / 1000))}s`);
  if (request.range !== undefined) {
    form.set("start", String(request.range.start));
    form.set("end", String(request.range.end));
    form.set("step", String(request.range.step));
  } else if (at !== undefined) {
    form.set("time", String(at));
  }
  // Understood by Thanos alone, which would otherwise answer with what the reachable stores happen to hold; the others
  // ignore parameters they do not know.
  form.set("dedup", "true");
  form.set("partial_response", "false");
  form.set("max_source_resolution", resolutionFor(request.query));
  return form.toString();
}

function readAnswer(answer: FetchAnswer, url: string): MetricAnswer {
  const isJson = answer.ok && /json/i.test(answer.contentType);
  const body = answer.ok ? parseJson(answer.text) : undefined;
  // Errors of the API come with a JSON body that says more than the status does.
  if (answer.ok && answer.status !== 401 && answer.status !== 403 && isEnvelope(body) && body.status === "error") {
    return { ok: false, fault: queryFault(body, answer.status, url) };
  }
  const fault = faultOf(answer, url);
  if (fault !== undefined) return { ok: false, fault };
  if (!answer.ok) return { ok: false, fault: { kind: "unreachable", data: { address: originOf(url) } } };
  if (body === undefined) {
    const isHtml = !isJson && /^\s*</.test(answer.text);
    return {
      ok: false,
      fault: { kind: isHtml ? "html" : "not-json", data: { address: answer.redirectedTo ?? originOf(url) } },
    };
  }
  if (!isEnvelope(body) || body.status !== "success")
    return { ok: false, fault: { kind: "not-prometheus", data: { address: originOf(url) } } };
  return readData(body);
}

interface Envelope {
  readonly status: unknown;
  readonly data?: unknown;
  readonly errorType?: unknown;
  readonly error?: unknown;
  readonly warnings?: unknown;
  readonly isPartial?: unknown;
}

function isEnvelope(value: unknown): value is Envelope {
  return isRecord(value) && typeof value.status === "string";
}

/**
 * What a refused query is refused for, by the words of the servers: they share an envelope, and no list of reasons. What
 * is not recognised is told in the server's own words.
 */
const refusals: readonly (readonly [kind: string, words: RegExp])[] = [
  ["no-tenant", /\bno org id\b/i],
  // Mimir and Cortex: longer than the tenant may look back.
  ["query-too-long", /time range exceeds the limit|max-(?:total-|partial-)?query-length/i],
  ["too-many", /maxConcurrentRequests|too many (?:concurrent|outstanding) requests/i],
  // Thanos refuses the whole where a part is missing, since we ask it to.
  ["store-unreachable", /No StoreAPIs available|proxy Series\(\)|fetch series for|receive series from/i],
  ["no-function", /unknown func(?:tion)?\b/i],
  [
    "query-too-heavy",
    // Prometheus; Mimir; VictoriaMetrics; Thanos and Mimir's store gateways.
    /too many samples|exceeded the maximum|-search\.max|matching timeseries exceeds|(?:chunks|series|samples|bytes) limit|limit \d+ (?:violated|exceeded)/i,
  ],
];

function queryFault(body: Envelope, status: number, url: string): Fault {
  const text = typeof body.error === "string" ? causeIn(body.error) : String(status);
  const data = {
    address: originOf(url),
    detail: text.length > 200 ? `${text.slice(0, 199)}…` : text,
    status: String(status),
  };
  const known = refusals.find(([, words]) => words.test(text))?.[0];
  if (known !== undefined) return { kind: known, data };
  if (body.errorType === "timeout" || status === 503) return { kind: "query-timeout", data };
  return { kind: "query-refused", data };
}

/**
 * The part of an error's text that says why: servers put the query and the way that the error took in front of it,
 * `error when executing query="…" for (…): cannot evaluate "…": the number of matching timeseries exceeds 300000`.
 */
function causeIn(error: string): string {
  const text = error
    .slice(0, 5000)
    .replace(/\s+/g, " ")
    .replace(/"(?:[^"\\]|\\.){40,}"/g, '"…"')
    .trim();
  const steps = text.split(": ");
  let from = steps.length - 1;
  for (let length = steps[from]!.length; from > 0; from--) {
    length += steps[from - 1]!.length + 2;
    if (length > 200) break;
  }
  return steps.slice(from).join(": ");
}

function readData(body: Envelope): MetricAnswer {
  const data = isRecord(body.data) ? body.data : {};
  const result = data.result;
  const samples: Sample[] = [];
  const series: Series[] = [];
  if (data.resultType === "scalar") {
    const sample = readSample({}, result);
    if (sample !== undefined) samples.push(sample);
  } else if (Array.isArray(result)) {
    for (const item of result as readonly unknown[]) {
      if (!isRecord(item)) continue;
      const labels = readLabels(item.metric);
      if (Array.isArray(item.values)) series.push({ labels, points: readPoints(item.values) });
      const sample = readSample(labels, item.value);
      if (sample !== undefined) samples.push(sample);
    }
  }
  const given: readonly unknown[] = Array.isArray(body.warnings) ? body.warnings : [];
  const warnings = given.filter(isAboutMissing).map((each) => each.replace(/\s+/g, " ").slice(0, 200));
  return {
    ok: true,
    samples,
    series,
    isPartial: body.isPartial === true || warnings.length > 0,
    ...(warnings.length === 0 ? {} : { warnings: [...new Set(warnings)].slice(0, 3) }),
  };
}

/**
 * Warnings about data that is missing. Others are about style (`metric might not be a counter`), or say that no store
 * holds such series at all, as Thanos does of a query that fits nothing: that is an empty answer and no gap in one.
 */
function isAboutMissing(warning: unknown): warning is string {
  return typeof warning === "string" && !/might not be a counter|PromQL info|no StoreAPIs matched/i.test(warning);
}

function readLabels(value: unknown): Readonly<Record<string, string>> {
  if (!isRecord(value)) return {};
  return Object.fromEntries(
    Object.entries(value).filter((pair): pair is [string, string] => typeof pair[1] === "string"),
  );
}

/** `[seconds, "value"]`; the value is a text, "NaN" and "+Inf" among them. */
function readSample(labels: Readonly<Record<string, string>>, value: unknown): Sample | undefined {
  if (!Array.isArray(value) || value.length < 2) return undefined;
  const text = String(value[1]).slice(0, 40);
  const number = text.trim() === "" ? Number.NaN : Number(text);
  return Number.isFinite(number) ? { labels, value: number, text } : { labels, text };
}

function readPoints(values: readonly unknown[]): readonly (readonly [number, number])[] {
  return values.flatMap((item) => {
    if (!Array.isArray(item)) return [];
    const time = Number(item[0]);
    const value = Number(item[1]);
    return Number.isFinite(time) && Number.isFinite(value) ? [[time, value] as const] : [];
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
