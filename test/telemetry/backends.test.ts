/**
 * Servers that speak Prometheus' API each in their own way, played as their documentation and source have it: Thanos
 * (docs/components/query.md, pkg/store/proxy.go), Mimir (its runbooks' `err-mimir-…`) and VictoriaMetrics (MetricsQL,
 * app/vmselect). What is shown must be the truth or a reason, and the reason must lead on.
 */
import assert from "node:assert/strict";
import type { ServerResponse } from "node:http";
import { test } from "node:test";
import { createHttp } from "../../platform/http.ts";
import type { Slo } from "../../slo/model.ts";
import { evaluate } from "../../slo/status.ts";
import { createPrometheus, type PrometheusOptions } from "../../slo/telemetry/prometheus.ts";
import { problemsIn, reasonText } from "../../slo/words.ts";
import { json, serve, slo, vector } from "./stub-server.ts";

const DAY = 86_400;
const signal = new AbortController().signal;

async function evaluated(url: string, more: Partial<PrometheusOptions> = {}, one: Slo = slo) {
  const source = createPrometheus({ url, fetch: createHttp(), timeoutMs: 5000, ...more });
  const report = await evaluate({ slos: [one], matches: [], source, now: Date.now(), signal, withHistory: false });
  return { status: report.objectives[0]!, report };
}

/** The look-back of a query in seconds, or 0. */
function lookBackOf(query: string): number {
  const [, amount, unit] = /\[(\d+)([smhdw])\]/.exec(query) ?? [];
  return Number(amount ?? 0) * { s: 1, m: 60, h: 3600, d: DAY, w: 7 * DAY }[unit ?? "s"]!;
}

/** One in ten thousand of ten thousand requests a day fails; counts of a look-back, whole as a counter's. */
function counted(query: string, keptDays = Infinity): string {
  const days = Math.min(lookBackOf(query) / DAY, keptDays);
  return String(Math.round(days * (query.includes("500") ? 1 : 10_000)));
}

const isCount = (query: string) => query.startsWith("sum(increase(");
const nothing = (response: ServerResponse, more: Record<string, unknown> = {}) => vector(response, [], more);

// --- Thanos --------------------------------------------------------------------------------------------------------

test("Thanos: a month is read of downsampled blocks where the raw ones are gone, and an hour of raw ones", async () => {
  const asked = new Map<number, string | null>();
  const { origin } = await serve((_, response, body) => {
    const form = new URLSearchParams(body);
    const query = form.get("query") ?? "";
    if (!isCount(query)) return nothing(response);
    const resolution = form.get("max_source_resolution");
    asked.set(lookBackOf(query), resolution);
    // Raw blocks are kept for two weeks. Downsampled ones hold a sample in an hour, too few for five minutes.
    const isCoarse = resolution === "5m" || resolution === "1h";
    if (isCoarse && lookBackOf(query) < 3600) return nothing(response);
    vector(response, [counted(query, isCoarse ? Infinity : 14)]);
  });
  const { status } = await evaluated(origin);
  assert.equal(status.total, 300_000);
  assert.equal(status.bad, 30);
  assert.equal(asked.get(30 * DAY), "1h");
  assert.equal(asked.get(300), "0s");
  assert.ok(status.burnRates.every(({ rate }) => rate !== undefined));
});

test("Thanos: replicas are counted once, and a store that is down makes no smaller budget", async () => {
  const forms: URLSearchParams[] = [];
  const { origin } = await serve((_, response, body) => {
    const form = new URLSearchParams(body);
    forms.push(form);
    json(
      response,
      {
        status: "error",
        errorType: "execution",
        error:
          'expanding series: proxy Series(): rpc error: code = Aborted desc = fetch series for {cluster="eu"} Addr: 10.0.0.7:10901: rpc error: code = Unavailable desc = connection refused',
      },
      422,
    );
  });
  const { status } = await evaluated(origin);
  assert.ok(forms.every((form) => form.get("dedup") === "true" && form.get("partial_response") === "false"));
  assert.equal(status.state, "no-data");
  assert.equal(status.total, undefined);
  assert.match(status.reason, /cannot reach part of its data.*connection refused/);
});

test("Thanos: that no store has such series is an empty answer, not a gap", async () => {
  const matching = { warnings: ["No StoreAPIs matched for this query"] };
  const { origin } = await serve((_, response, body) => {
    const query = new URLSearchParams(body).get("query") ?? "";
    if (!isCount(query)) return query.startsWith("count by") ? vector(response, ["1"]) : nothing(response);
    if (query.includes("500")) return nothing(response, matching);
    vector(response, [counted(query)]);
  });
  const { status, report } = await evaluated(origin);
  assert.equal(status.isPartial, undefined);
  assert.deepEqual(report.problems, []);
});

test("a warning of missing data is passed on in the server's words, in both languages", async () => {
  const { origin } = await serve((_, response, body) => {
    const query = new URLSearchParams(body).get("query") ?? "";
    // As a query-frontend or a proxy does that does not pass `partial_response` on.
    if (isCount(query)) return vector(response, [counted(query)], { warnings: ["receive series from 10.0.0.7: down"] });
    nothing(response);
  });
  const { status, report } = await evaluated(origin);
  assert.equal(status.state, "healthy");
  assert.equal(status.isPartial, true);
  assert.match(status.reason, /The answer was partial/);
  assert.deepEqual(problemsIn(report, "en"), [
    `${origin} warns that data is missing: receive series from 10.0.0.7: down`,
  ]);
  assert.deepEqual(problemsIn(report, "ja"), [
    `${origin} がデータの欠落を警告しています: receive series from 10.0.0.7: down`,
  ]);
});

// --- Mimir ---------------------------------------------------------------------------------------------------------

/** Mimir serves under a prefix, and for a tenant only. */
async function mimir(limitDays = Infinity) {
  return serve((request, response, body) => {
    if (!request.url?.startsWith("/prometheus/api/v1/query")) return response.writeHead(404).end("404 page not found");
    if (request.headers["x-scope-orgid"] === undefined) return response.writeHead(401).end("no org id\n");
    const query = new URLSearchParams(body).get("query") ?? "";
    const hours = lookBackOf(query) / 3600;
    if (hours > limitDays * 24)
      return json(
        response,
        {
          status: "error",
          errorType: "execution",
          error: `expanding series: the query time range exceeds the limit (query length: ${hours}h0m0s, limit: ${limitDays * 24}h0m0s) (err-mimir-max-query-length). To adjust the related per-tenant limit, configure -querier.max-partial-query-length, or contact your service administrator.`,
        },
        422,
      );
    if (!isCount(query)) return nothing(response);
    vector(response, [counted(query)]);
  });
}

test("Mimir: without a tenant the header is named, and no token is asked for", async () => {
  const { origin } = await mimir();
  const { status, report } = await evaluated(`${origin}/prometheus`);
  assert.equal(status.state, "no-data");
  assert.match(status.reason, /Set the header X-Scope-OrgID to the tenant/);
  assert.match(problemsIn(report, "ja")[0] ?? "", /テナントの指定が必要/);
});

test("Mimir: with its prefix and one or several tenants it is read as any other", async () => {
  const { origin, got } = await mimir();
  const headers = { "X-Scope-OrgID": "shop|payments" };
  const { status } = await evaluated(`${origin}/prometheus`, { headers });
  assert.equal(status.state, "healthy");
  assert.equal(status.total, 300_000);
  assert.ok(got.every((request) => request.headers["x-scope-orgid"] === "shop|payments"));
  assert.match((await evaluated(origin, { headers })).status.reason, /Is a path prefix missing, such as \/prometheus/);
});

test("Mimir: a window longer than the tenant may look back is answered from the longest that is not, and says so", async () => {
  const { origin } = await mimir(7);
  const { status, report } = await evaluated(`${origin}/prometheus`, { headers: { "X-Scope-OrgID": "shop" } });
  assert.equal(status.total, 30_000);
  assert.equal(status.bad, 3);
  assert.equal(status.coversSeconds, 3 * DAY);
  assert.equal(status.exhaustedInSeconds, undefined, "a pace against a tenth of the window would mislead");
  assert.match(status.reason, /Counted over the last 3 d only, not over the 30 d of the window/);
  assert.equal(report.problems.length, 1);
  assert.match(report.problems[0]!, /does not look back as far as the objective's window.*limit: 168h0m0s/);
});

test("Mimir: a limit on what a query reads is told with what makes it cheap", async () => {
  const { origin } = await serve((_, response) =>
    json(
      response,
      {
        status: "error",
        errorType: "execution",
        error:
          "the query exceeded the maximum number of chunks (limit: 2000000 chunks) (err-mimir-max-chunks-per-query). Consider reducing the time range and/or number of series selected by the query.",
      },
      422,
    ),
  );
  const { status } = await evaluated(origin);
  assert.match(status.reason, /reads more than .* allows \(the query exceeded the maximum number of chunks/);
  assert.match(status.reason, /A recording rule would make it cheap/);
});

// --- VictoriaMetrics -----------------------------------------------------------------------------------------------

test("VictoriaMetrics: whole counts, and `isPartial` beside the data", async () => {
  const { origin } = await serve((request, response, body) => {
    if (!request.url?.startsWith("/select/0/prometheus/api/v1/"))
      return response.writeHead(400).end(`unsupported path requested: "${request.url}"\n`);
    const query = new URLSearchParams(body).get("query") ?? "";
    if (!isCount(query)) return nothing(response, { isPartial: true });
    vector(response, [counted(query)], { isPartial: true, stats: { seriesFetched: "4", executionTimeMsec: 3 } });
  });
  const { status } = await evaluated(`${origin}/select/0/prometheus`);
  assert.equal(status.state, "healthy");
  assert.deepEqual([status.good, status.bad, status.total], [299_970, 30, 300_000]);
  assert.equal(status.isPartial, true);
  const wrong = await evaluated(origin);
  assert.match(wrong.status.reason, /nothing at this path \(400\)\. Is a path prefix missing.*\/select\/0\/prometheus/);
  // The address of its user interface leads to the same place.
  assert.equal((await evaluated(`${origin}/select/0/vmui/#/?g0.expr=up`)).status.total, 300_000);
});

test("VictoriaMetrics: all queries of a batch are for the moment that the server chose", async () => {
  // It answers for half a minute ago, until when all samples have arrived (`-search.latencyOffset`).
  const at = 1_800_000_000 - 30;
  const times = new Set<string | null>();
  const { origin } = await serve((_, response, body) => {
    const form = new URLSearchParams(body);
    if (form.get("query") === "time()")
      return json(response, {
        status: "success",
        data: { resultType: "vector", result: [{ metric: {}, value: [at, String(at)] }] },
      });
    times.add(form.get("time"));
    vector(response, isCount(form.get("query") ?? "") ? [counted(form.get("query") ?? "")] : []);
  });
  await evaluated(origin);
  assert.deepEqual(
    [...times].filter((time) => time !== null),
    [String(at)],
  );
});

test("VictoriaMetrics: its errors say why, not what was asked", async () => {
  const failing = (error: string, status = 422) =>
    serve((_, response) => json(response, { status: "error", errorType: String(status), error }, status));
  const query = 'sum(increase(http_requests_total{job=\\"shop\\",code=~\\"5..\\"}[30d]))';
  const series = await failing(
    `error when executing query="${query}" for (time=1800000000000, step=300000): cannot evaluate "${query}": search error after reading 0 data blocks: the number of matching timeseries exceeds 300000; either narrow down the search or increase -search.max* command-line flag values at vmselect`,
  );
  assert.match(
    (await evaluated(series.origin)).status.reason,
    /reads more than .* allows \(.*the number of matching timeseries exceeds 300000/,
  );
  const busy = await failing(
    "couldn't start executing the request in 10.000 seconds, since -search.maxConcurrentRequests=8 concurrent requests are already executed. Possible solutions: to reduce the query load",
    429,
  );
  const { status } = await evaluated(busy.origin);
  assert.match(status.reason, /has more queries than it can take\. The next try comes later/);
  assert.ok(busy.got.length <= 7, "a server that has too much to do is not asked more");
});

test("VictoriaMetrics: native histograms, which it has not", async () => {
  const native: Slo = {
    ...slo,
    format: "pyrra",
    indicator: {
      type: "latency-native",
      thresholdSeconds: 0.25,
      total: { text: "rpc_duration_seconds", dialect: "promql" },
    },
  };
  const { origin } = await serve((_, response) =>
    json(response, { status: "error", errorType: "422", error: 'unknown func "histogram_count"' }, 422),
  );
  const { status, report } = await evaluated(origin, {}, native);
  assert.equal(status.state, "no-data");
  assert.match(
    status.reason,
    /lacks a function that the query uses \(unknown func "histogram_count"\)\. Native histograms need/,
  );
  assert.match(problemsIn(report, "ja")[0] ?? "", /ネイティブヒストグラム/);
});

// --- any of them ---------------------------------------------------------------------------------------------------

test("a server that holds two weeks of a month says how far its counts reach", async () => {
  const { origin } = await serve((_, response, body) => {
    const query = new URLSearchParams(body).get("query") ?? "";
    if (isCount(query)) return vector(response, [counted(query, 14)]);
    vector(response, query.startsWith("time() - min(") ? [String(14 * DAY)] : []);
  });
  const { status } = await evaluated(origin);
  assert.equal(status.total, 140_000);
  assert.equal(status.coversSeconds, 14 * DAY);
  assert.match(
    reasonText(status, "en", { windowSeconds: 30 * DAY }),
    /Counted over the last 14 d only, not over the 30 d of the window/,
  );
});

test("a proxy that lets only GET through is asked so, and found out once", async () => {
  const { origin, got } = await serve((request, response) => {
    if (request.method !== "GET") return response.writeHead(405, { allow: "GET" }).end();
    const query = new URL(request.url ?? "", "http://x").searchParams.get("query") ?? "";
    vector(response, isCount(query) ? [counted(query)] : []);
  });
  const { status } = await evaluated(`${origin}/?extra_label=env%3Dprod`);
  assert.equal(status.total, 300_000);
  const posts = got.filter((request) => request.method === "POST").length;
  assert.ok(posts >= 1 && posts <= 6, `${posts} were tried`);
  assert.ok(
    got.every((request) => request.url?.includes("extra_label=env")),
    "what stands behind the base stays",
  );
});

test("addresses of pages lead to the API behind them", async () => {
  const pages = ["/graph?g0.expr=up", "/query", "/alerts", "/prometheus/targets", "/vmui/", "/api/v1/query?query=up"];
  for (const page of pages) {
    const { origin, got } = await serve((_, response) => vector(response, ["1"]));
    await evaluated(origin + page);
    const prefix = page.startsWith("/prometheus") ? "/prometheus" : "";
    assert.equal(got[0]?.url, `${prefix}/api/v1/query`, page);
  }
  const { origin, got } = await serve((_, response) => vector(response, ["1"]));
  await evaluated(`${origin}/connections/datasources/edit/P1809F7CD0C75ACF3`);
  assert.equal(got[0]?.url, "/api/datasources/proxy/uid/P1809F7CD0C75ACF3/api/v1/query");
});
