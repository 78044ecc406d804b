/**
 * Numbers from a Prometheus HTTP API: Prometheus itself, Thanos, Mimir, Cortex and VictoriaMetrics. Queries are POSTed
 * as forms (they grow long), equal ones are asked once, a few run at a time, and the rest of a batch is not asked once
 * the server cannot be reached.
 */
import {
  type Fault,
  type Fetch,
  type FetchAnswer,
  faultOf,
  inParallel,
  type MetricAnswer,
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
  "bad-address",
  "unreachable",
  "aborted",
  "denied",
  "denied-after-redirect",
  "not-there",
  "too-many",
  "html",
  "not-json",
  "redirects",
]);

export function createPrometheus(options: PrometheusOptions): Source {
  const { url, fetch, headers = {}, timeoutMs = 10_000, maxBytes = 10_000_000, parallel = 6 } = options;
  /** `at`: the server's time in Unix seconds for a query at one instant; its present where absent. */
  const ask = async (request: MetricRequest, signal: AbortSignal, at?: number): Promise<MetricAnswer> => {
    const address = apiAddress(url, request.range === undefined ? "query" : "query_range");
    if (address === undefined) return { ok: false, fault: { kind: "bad-address", data: { address: originOf(url) } } };
    const answer = await fetch({
      url: address,
      method: "POST",
      headers: { ...headers, accept: "application/json", "content-type": "application/x-www-form-urlencoded" },
      body: formOf(request, timeoutMs, at),
      timeoutMs,
      maxBytes,
      signal,
    });
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
  };
}

/** The address of an API call under a base that may end in `/`, in `/api/v1` or in `/graph`. */
function apiAddress(base: string, call: "query" | "query_range"): string | undefined {
  if (!URL.canParse(base)) return undefined;
  const url = new URL(base);
  const path = url.pathname
    .replace(/\/+$/, "")
    .replace(/\/(graph|query)$/, "")
    .replace(/\/api\/v1(\/query(_range)?)?$/, "");
  url.pathname = `${path}/api/v1/${call}`;
  url.hash = "";
  return url.href;
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
  // Understood by Thanos alone, which would otherwise answer with what the reachable stores happen to hold, and read
  // raw blocks for a month; the others ignore parameters they do not know.
  form.set("dedup", "true");
  form.set("partial_response", "false");
  form.set("max_source_resolution", "auto");
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

function queryFault(body: Envelope, status: number, url: string): Fault {
  const detail = typeof body.error === "string" ? body.error.replace(/\s+/g, " ").slice(0, 200) : String(status);
  const address = originOf(url);
  if (body.errorType === "timeout" || status === 503) return { kind: "query-timeout", data: { address, detail } };
  return { kind: "query-refused", data: { address, detail } };
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
  const isPartial = body.isPartial === true || (Array.isArray(body.warnings) && body.warnings.some(isAboutMissing));
  return { ok: true, samples, series, isPartial };
}

/** Warnings about data that is missing; others are about style (`metric might not be a counter`). */
function isAboutMissing(warning: unknown): boolean {
  return typeof warning === "string" && !/might not be a counter|PromQL info/i.test(warning);
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
