import assert from "node:assert/strict";
import { test } from "node:test";
import { matchSlos } from "../../slo/match.ts";
import type { CodeEndpoint, Indicator, ObjectiveStatus, Slo } from "../../slo/model.ts";
import { queryTools } from "../../slo/query-tools.ts";
import { ofOne } from "../../slo/state.ts";
import { aged, evaluate } from "../../slo/status.ts";
import { parseExposition } from "../../slo/telemetry/exposition.ts";
import { evaluatePromql, type Scrape } from "../../slo/telemetry/scrape-promql.ts";
import { createSnapshot, writeSnapshot } from "../../slo/telemetry/snapshot.ts";
import type { MetricAnswer, Source } from "../../slo/telemetry/source.ts";
import { say } from "../../slo/words.ts";

const HOUR = 3600;
const DAY = 24 * HOUR;
const now = 1_800_000_000;
const never = new AbortController().signal;

const promql = (text: string) => ({ text, dialect: "promql" as const });
const ratio = (bad: string, total: string): Indicator => ({ type: "ratio", bad: promql(bad), total: promql(total) });
const requests = ratio(
  'sum(rate(http_requests_total{status_code=~"5.."}[{{.window}}]))',
  "sum(rate(http_requests_total[{{.window}}]))",
);

function slo(indicator: Indicator, more: Partial<Slo> = {}): Slo {
  return {
    id: "shop/availability",
    format: "openslo/v1",
    path: "slo.yaml",
    range: { start: 0, end: 0 },
    service: "shop",
    name: "availability",
    target: 0.999,
    window: { kind: "rolling", seconds: 30 * DAY, text: "30d" },
    method: "request-weighted",
    indicator,
    endpoints: [],
    grouping: [],
    labels: {},
    level: "evaluable",
    problems: [],
    ...more,
  };
}

/** Counters at points of time, given as seconds before now; what a Prometheus would have scraped. */
function history(...pages: readonly (readonly [ago: number, page: string])[]): readonly Scrape[] {
  return pages.map(([ago, page]) => ({
    time: now - ago,
    series: parseExposition(page).series,
    startTime: now - 60 * DAY,
  }));
}

/** A source that computes its answers, so that tests give traffic and not answers. */
function sourceOver(
  scrapes: readonly Scrape[],
  change: (query: string) => MetricAnswer | undefined = () => undefined,
): Source & { readonly asked: string[] } {
  const asked: string[] = [];
  return {
    kind: "prometheus",
    name: "http://test",
    asked,
    async query(batch) {
      return new Map(
        batch.map((request): [string, MetricAnswer] => {
          asked.push(request.query);
          const changed = change(request.query);
          if (changed !== undefined) return [request.key, changed];
          if (request.range !== undefined)
            return [request.key, { ok: true, samples: [], series: [], isPartial: false }];
          const result = evaluatePromql(request.query, scrapes);
          if (!result.ok)
            return [
              request.key,
              { ok: false, fault: { kind: result.kind, data: { address: "http://test", detail: result.detail } } },
            ];
          const samples = result.samples.map(({ labels, value }) =>
            Number.isFinite(value) ? { labels, value, text: `${value}` } : { labels, text: `${value}` },
          );
          return [request.key, { ok: true, samples, series: [], isPartial: false }];
        }),
      );
    },
  };
}

async function statusOf(one: Slo, source: Source, endpoints: readonly CodeEndpoint[] = []): Promise<ObjectiveStatus> {
  const matches = matchSlos(endpoints, [one], { selectorsOf: queryTools.selectorsOf, packageNames: () => ["shop"] });
  const report = await evaluate({ slos: [one], matches, source, now: now * 1000, signal: never });
  return report.objectives[0]!;
}

const line = (labels: string, value: number) => `http_requests_total{${labels}} ${value}`;
const steady = (ok: number, bad: number) => [line('status_code="200"', ok), line('status_code="500"', bad)].join("\n");

test("the budget shown is the one counted", async () => {
  const source = sourceOver(
    history([30 * DAY, steady(1000, 10)], [HOUR, steady(150_000, 100)], [0, steady(180_871, 149)]),
  );
  const status = await statusOf(slo(requests), source);
  assert.equal(status.total, 180_871 - 1000 + 139);
  assert.equal(status.bad, 139);
  assert.equal(status.good, status.total! - 139);
  assert.ok(Math.abs(status.budgetRemaining! - (1 - 139 / (status.total! * 0.001))) < 1e-9);
  assert.equal(status.state, "watch");
  assert.equal(status.method, "request-weighted");
});

test("burning says over which windows, and when the budget will be empty", async () => {
  const pages = history(
    [30 * DAY, steady(0, 0)],
    [6 * HOUR, steady(1_000_000, 100)],
    [HOUR, steady(1_010_000, 110)],
    [300, steady(1_019_000, 290)],
    [0, steady(1_020_000, 310)],
  );
  const status = await statusOf(slo(requests), sourceOver(pages));
  assert.equal(status.state, "burning");
  const hour = status.burnRates.find((rate) => rate.windowSeconds === HOUR)?.rate;
  assert.ok(Math.abs(hour! - 200 / 10_200 / 0.001) < 1e-6);
  assert.ok(status.exhaustedInSeconds! > 0);
});

test("a counter of failures that was never born is zero failures when its labels are right", async () => {
  const status = await statusOf(
    slo(requests),
    sourceOver(history([30 * DAY, line('status_code="200"', 0)], [0, line('status_code="200"', 5000)])),
  );
  assert.equal(status.state, "healthy");
  assert.equal(status.bad, 0);
});

test("no traffic in the window is no data, though the metric is there", async () => {
  const status = await statusOf(slo(requests), sourceOver(history([30 * DAY, steady(10, 0)], [0, steady(10, 0)])));
  assert.equal(status.state, "no-data");
  assert.match(status.reason, /No requests were counted/);
});

test("one failure of few requests is no percentage", async () => {
  const status = await statusOf(slo(requests), sourceOver(history([30 * DAY, steady(0, 0)], [0, steady(311, 1)])));
  assert.equal(status.state, "low-traffic");
  assert.match(status.reason, /^1 of 312 failed/);
});

test("the traps of instrumentation are told in words, and give no verdict", async () => {
  const inside = (labels: string, bad = 'status_code=~"5.."') =>
    slo(
      ratio(
        `sum(rate(http_requests_total{${labels}${labels === "" ? "" : ","}${bad}}[5m]))`,
        `sum(rate(http_requests_total{${labels}}[5m]))`,
      ),
    );
  const over = (...lines: readonly string[]) =>
    sourceOver(
      history(
        [30 * DAY, lines.map((each) => `${each} 0`).join("\n")],
        [0, lines.map((each) => `${each} 9000`).join("\n")],
      ),
    );
  const table: readonly (readonly [string, Slo, Source, ObjectiveStatus["state"], RegExp])[] = [
    [
      "no route label",
      inside('http_route="/orders"'),
      over('http_requests_total{status_code="200"}'),
      "unmatched",
      /has no http_route label.*tracer provider with a context manager/,
    ],
    [
      "label named differently",
      inside('http_route="/orders"'),
      over('http_requests_total{route="/orders",status_code="200"}'),
      "unmatched",
      /has the route in route, not in http_route/,
    ],
    [
      "raw paths",
      inside('path="/users/:id"'),
      over(
        'http_requests_total{path="/users/17",status_code="200"}',
        'http_requests_total{path="/users/18",status_code="200"}',
      ),
      "unmatched",
      /holds raw paths \(\/users\/1[78]\).*2 values so far\. Record the template/,
    ],
    [
      "masked paths",
      inside('path="/users/:id"'),
      over('http_requests_total{path="/users/#val",status_code="200"}'),
      "unmatched",
      /holds masked paths/,
    ],
    [
      "no status label",
      inside(""),
      over('http_requests_total{method="GET"}'),
      "unmatched",
      /has no status label \(status_code\), so failures cannot be told.*Record the status code/,
    ],
    [
      "status named differently",
      inside(""),
      over('http_requests_total{code="200"}'),
      "unmatched",
      /has no status_code label; it has code instead/,
    ],
    [
      "status classes only",
      inside("", 'status_code=~"5[0-9]+"'),
      over('http_requests_total{status_code="2xx"}', 'http_requests_total{status_code="5xx"}'),
      "unmatched",
      /holds only classes \(2xx, 5xx\)/,
    ],
    [
      "no such metric",
      inside(""),
      over("other_total"),
      "no-data",
      /no metric named http_requests_total was found\. Check the name/,
    ],
    [
      "no route label of prom-client's",
      inside('route="/orders"'),
      over('http_requests_total{status_code="200"}'),
      "unmatched",
      /has no route label.*express-prom-bundle adds one only with `includePath: true`/,
    ],
    [
      "the prefix of the router left out",
      inside('route="/api/v1/users/:id"'),
      over('http_requests_total{route="/users/:id",status_code="200"}'),
      "unmatched",
      /holds \/users\/:id, without the prefix of its router.*req\.baseUrl \+ req\.route\.path/,
    ],
    [
      "default metrics only",
      inside('job="shop"'),
      over('process_cpu_seconds_total{job="shop"}', 'nodejs_version_info{job="shop"}'),
      "no-data",
      /only the default metrics of prom-client, which count no HTTP requests\. Add a histogram/,
    ],
    [
      "a name of its own",
      inside('job="shop"'),
      over('process_cpu_seconds_total{job="shop"}', 'shop_http_duration_ms_count{job="shop",status_code="200"}'),
      "unmatched",
      /the service exports shop_http_duration_ms_count\. Use that name/,
    ],
    [
      "another service",
      inside('job="shop"'),
      over('http_requests_total{job="admin",status_code="200"}'),
      "unmatched",
      /no series has job="shop"; it has job="admin"\. Change the query/,
    ],
  ];
  for (const [name, one, source, state, reason] of table) {
    const status = await statusOf(one, source);
    assert.equal(status.state, state, `${name}: ${status.reason}`);
    assert.match(status.reason, reason, name);
    assert.equal(status.budgetRemaining, undefined, name);
    assert.match(say(status.cause!, "ja"), /[ぁ-ん]/, name);
  }
});

test("the JavaScript exporter's names without a unit are told", async () => {
  const one = slo(
    ratio(
      'sum(rate(http_server_request_duration_seconds_count{http_response_status_code=~"5.."}[5m]))',
      "sum(rate(http_server_request_duration_seconds_count[5m]))",
    ),
  );
  const page = (name: string, value: number) => `${name}{http_response_status_code="200"} ${value}`;
  const over = (name: string) => sourceOver(history([30 * DAY, page(name, 0)], [0, page(name, 9000)]));
  assert.match(
    (await statusOf(one, over("http_server_request_duration_count"))).reason,
    /but there is http_server_request_duration_count: the JavaScript Prometheus exporter leaves out the unit/,
  );
  assert.match((await statusOf(one, over("http_server_duration_count"))).reason, /the older HTTP conventions/);
});

test("a threshold between two buckets is told with the buckets there are", async () => {
  const latency: Indicator = {
    type: "ratio",
    good: promql('sum(rate(d_bucket{le="0.3"}[5m]))'),
    total: promql("sum(rate(d_count[5m]))"),
    latencyThresholdSeconds: 0.3,
  };
  const page = (value: number) =>
    `d_count ${value}\nd_bucket{le="0.25"} ${value}\nd_bucket{le="0.5"} ${value}\nd_bucket{le="+Inf"} ${value}`;
  const status = await statusOf(slo(latency), sourceOver(history([30 * DAY, page(0)], [0, page(9000)])));
  assert.equal(status.state, "unmatched");
  assert.match(status.reason, /no bucket le="0\.3"; it has 0\.25, 0\.5/);
});

test("a metric of failures that is nowhere leaves it open whether any happened", async () => {
  const one = slo(ratio("sum(rate(http_errors_total[5m]))", "sum(rate(http_requests_total[5m]))"));
  const status = await statusOf(one, sourceOver(history([30 * DAY, steady(0, 0)], [0, steady(9000, 0)])));
  assert.equal(status.state, "no-data");
  assert.match(status.reason, /either it has not been recorded since/);
});

test("NaN and infinities are no data, whatever part of the answer they are", async () => {
  for (const text of ["NaN", "+Inf"]) {
    const source = sourceOver(history([30 * DAY, steady(0, 0)], [0, steady(9000, 1)]), (query) =>
      query.includes("[30d]")
        ? {
            ok: true,
            samples: [
              { labels: {}, value: 5, text: "5" },
              { labels: { a: "b" }, text },
            ],
            series: [],
            isPartial: false,
          }
        : undefined,
    );
    const status = await statusOf(slo(requests), source);
    assert.equal(status.state, "no-data");
    assert.match(status.reason, /result of the query is not a number/);
    assert.doesNotMatch(JSON.stringify({ ...status, reason: "", cause: "" }), /NaN|null|Infinity/);
  }
});

test("a partial answer is a verdict that says so", async () => {
  const source = sourceOver(history([30 * DAY, steady(0, 0)], [0, steady(9000, 1)]), (query) =>
    query.includes("[30d]")
      ? {
          ok: true,
          samples: [{ labels: {}, value: query.includes("5..") ? 1 : 9000, text: "" }],
          series: [],
          isPartial: true,
        }
      : undefined,
  );
  const status = await statusOf(slo(requests), source);
  assert.equal(status.isPartial, true);
  assert.match(status.reason, /The answer was partial/);
});

test("each endpoint's share of its service's traffic and failures", async () => {
  const page = (a: number, aBad: number, b: number, bBad: number) =>
    [
      line('method="GET",http_route="/recipes",status_code="200"', a),
      line('method="GET",http_route="/recipes",status_code="500"', aBad),
      line('method="GET",http_route="/recipes/{id}",status_code="200"', b),
      line('method="GET",http_route="/recipes/{id}",status_code="500"', bBad),
    ].join("\n");
  const endpoints = ["/recipes", "/recipes/:id"].map((route) => ({ method: "GET", route, path: "src/app.ts" }));
  const status = await statusOf(
    slo(requests),
    sourceOver(history([30 * DAY, page(0, 0, 0, 0)], [0, page(3319, 81, 6581, 19)])),
    endpoints,
  );
  assert.deepEqual(status.endpoints, [
    { method: "GET", route: "/recipes", shareOfTraffic: 0.34, shareOfBad: 0.81, total: 3400, bad: 81 },
    { method: "GET", route: "/recipes/:id", shareOfTraffic: 0.66, shareOfBad: 0.19, total: 6600, bad: 19 },
  ]);
});

test("without a route label shares are not known, and it says why", async () => {
  const endpoints = [{ method: "GET", route: "/recipes", path: "src/app.ts" }];
  const status = await statusOf(
    slo(requests),
    sourceOver(history([30 * DAY, steady(0, 0)], [0, steady(9000, 1)])),
    endpoints,
  );
  assert.equal(status.state, "healthy");
  assert.deepEqual(status.endpoints, [{ method: "GET", route: "/recipes" }]);
  assert.match(say(status.sharesCause!, "en"), /http_requests_total has no route label, nor any other/);
});

test("without a method label endpoints that share a route are not told apart", async () => {
  const page = (value: number) => line('route="/orders",status_code="200"', value);
  const endpoints = ["GET", "POST"].map((method) => ({ method, route: "/orders", path: "src/app.ts" }));
  const status = await statusOf(slo(requests), sourceOver(history([30 * DAY, page(0)], [0, page(9000)])), endpoints);
  assert.deepEqual(
    status.endpoints,
    endpoints.map(({ method, route }) => ({ method, route })),
  );
  assert.equal(status.sharesCause?.key, "no-method-label");
});

test("Sloth's recorded ratios stand in where the raw series are gone", async () => {
  const recorded = (window: string, value: number) =>
    `slo:sli_error:ratio_rate${window}{sloth_id="shop-availability",sloth_service="shop"} ${value}`;
  const page = [recorded("5m", 0.02), recorded("1h", 0.02), recorded("3d", 0.0005)].join("\n");
  const source = sourceOver(history([0, page]), (query) =>
    query.includes("[30d]")
      ? { ok: false, fault: { kind: "query-timeout", data: { address: "x", detail: "too slow" } } }
      : undefined,
  );
  const status = await statusOf(slo(requests, { format: "sloth" }), source);
  assert.equal(status.state, "burning");
  assert.equal(status.method, "time-weighted");
  assert.match(status.reason, /over the last 3 d only/);
});

test("what Sloth has recorded of its whole period is a budget, and covers it", async () => {
  const recorded = ["5m", "1h", "30d"].map(
    (window) => `slo:sli_error:ratio_rate${window}{sloth_id="shop-availability"} ${window === "30d" ? 0.0004 : 0}`,
  );
  const source = sourceOver(history([0, recorded.join("\n")]), (query) =>
    query.includes("[30d]")
      ? { ok: false, fault: { kind: "query-too-long", data: { address: "x", detail: "limit: 7d" } } }
      : undefined,
  );
  const status = await statusOf(slo(requests, { format: "sloth" }), source);
  assert.equal(status.state, "healthy");
  assert.equal(status.method, "time-weighted");
  assert.ok(Math.abs(status.budgetRemaining! - 0.6) < 1e-9);
  assert.equal(status.coversSeconds, undefined);
});

test("what Sloth has recorded tells of queries that its plugin makes", async () => {
  const plugin = slo({ type: "unknown", obstacle: "sloth-plugin" }, { format: "sloth" });
  const page = ["5m", "1h", "3d"]
    .map((it) => `slo:sli_error:ratio_rate${it}{sloth_id="shop-availability",sloth_service="shop"} 0.02`)
    .join("\n");
  const source = sourceOver(history([0, page]));
  assert.equal((await statusOf(plugin, source)).state, "exhausted");
  assert.ok(source.asked.every((query) => query.includes("sloth_id")));
  assert.match((await statusOf(plugin, sourceOver([]))).reason, /a Sloth plugin generates them/);
});

test("Pyrra's recorded counts replace the raw query of the whole window", async () => {
  const recorded = (labels: string, value: number) => `http_requests:increase4w{slo="orders",${labels}} ${value}`;
  const page = [recorded('code="200"', 90_000), recorded('code="500"', 45)].join("\n");
  const source = sourceOver(history([0, page]));
  const one = slo(ratio('http_requests_total{code=~"5.."}', "http_requests_total"), {
    format: "pyrra",
    name: "orders",
    window: { kind: "rolling", seconds: 28 * DAY, text: "4w" },
  });
  const status = await statusOf(one, source);
  assert.equal(status.total, 90_045);
  assert.equal(status.bad, 45);
  assert.equal(status.state, "healthy");
  assert.ok(!source.asked.some((query) => query.includes("[28d]")), "no month of raw series is asked for");
});

/** An objective that Pyrra keeps for each route, over two routes of one service. */
const grouped = (more: Partial<Slo> = {}): Slo =>
  slo(ratio('http_requests_total{code=~"5.."}', "http_requests_total"), {
    format: "pyrra",
    name: "orders",
    grouping: ["route"],
    window: { kind: "rolling", seconds: 28 * DAY, text: "4w" },
    ...more,
  });
const routes: readonly CodeEndpoint[] = ["/orders", "/carts"].map((route) => ({
  method: "GET",
  route,
  path: "src/a.ts",
}));
const ofRoutes = (orders: readonly [ok: number, bad: number], carts: readonly [ok: number, bad: number]): string =>
  [
    line('route="/orders",code="200"', orders[0]),
    line('route="/orders",code="500"', orders[1]),
    line('route="/carts",code="200"', carts[0]),
    line('route="/carts",code="500"', carts[1]),
  ].join("\n");

test("an objective kept for each route burns by route: one in trouble does not hide behind the others", async () => {
  const source = sourceOver(
    history(
      [28 * DAY, ofRoutes([0, 0], [0, 0])],
      [6 * HOUR, ofRoutes([500_000, 10], [500_000, 10])],
      [HOUR, ofRoutes([505_000, 10], [505_000, 10])],
      [300, ofRoutes([509_000, 10], [505_000, 230])],
      [0, ofRoutes([510_000, 10], [505_000, 280])],
    ),
  );
  const one = grouped();
  const status = await statusOf(one, source, routes);
  const [orders, carts] = status.endpoints.map((share) => ofOne(status, one, share)!);
  assert.equal(orders!.state, "healthy");
  assert.equal(carts!.state, "burning");
  const hour = carts!.burnRates.find((it) => it.windowSeconds === HOUR);
  assert.equal(hour?.rate, 1000, "all of the hour's 270 requests failed, a thousand times what is allowed");
  assert.ok(carts!.exhaustedInSeconds! < HOUR);
  assert.equal(orders!.burnRates.find((it) => it.windowSeconds === HOUR)?.rate, 0);
  const kept = createSnapshot("f", async () =>
    writeSnapshot({
      evaluatedAt: new Date(now * 1000).toISOString(),
      source: { kind: "prometheus", name: "p" },
      objectives: [status],
      problems: [],
    }),
  );
  const read = await kept.read();
  assert.deepEqual(read.ok && read.report.objectives[0]?.endpoints, status.endpoints, "a snapshot keeps them");
  // Of an objective of all together no route is asked about by itself.
  const asked = sourceOver(history([0, ofRoutes([1, 0], [1, 0])]));
  await statusOf(grouped({ grouping: [] }), asked, routes);
  assert.ok(!asked.asked.some((query) => /by \(.*route.*\[1h\]/.test(query)));
});

test("Pyrra's recorded burn rates and counts by route stand for the raw series", async () => {
  const rules = [
    'http_requests:increase4w{slo="orders",route="/orders",code="200"} 90000',
    'http_requests:increase4w{slo="orders",route="/orders",code="500"} 9',
    'http_requests:increase4w{slo="orders",route="/carts",code="200"} 50000',
    'http_requests:increase4w{slo="orders",route="/carts",code="500"} 20',
    ...["5m", "30m", "1h", "2h", "6h", "1d", "3d"].flatMap((it) => [
      `http_requests:burnrate${it}{slo="orders",route="/orders"} 0.0001`,
      `http_requests:burnrate${it}{slo="orders",route="/carts"} 0.02`,
      `http_requests:burnrate${it}{slo="another",route="/orders"} 1`,
    ]),
  ].join("\n");
  const source = sourceOver(history([0, rules]));
  const one = grouped();
  const status = await statusOf(one, source, routes);
  const [orders, carts] = status.endpoints.map((share) => ofOne(status, one, share)!);
  assert.deepEqual([orders!.state, orders!.total, orders!.bad], ["healthy", 90_009, 9]);
  assert.equal(carts!.state, "burning");
  assert.equal(Math.round(carts!.burnRates.find((it) => it.windowSeconds === HOUR)!.rate!), 20);
  assert.ok(
    !source.asked.some((query) => /by \([^)]*route[^)]*\).*http_requests_total/.test(query)),
    "no raw series by route",
  );
  const whole = [
    'http_requests:increase4w{slo="orders",code="200"} 90000',
    'http_requests:increase4w{slo="orders",code="500"} 9',
    'http_requests:burnrate1d{slo="orders"} 0.0001',
    'http_requests:burnrate3d{slo="orders"} 0.0001',
  ].join("\n");
  const alone = sourceOver(history([0, whole]));
  const ofAll = await statusOf(grouped({ grouping: [] }), alone);
  assert.equal(ofAll.state, "healthy");
  assert.equal(ofAll.burnRates.find((it) => it.windowSeconds === DAY)?.rate?.toFixed(3), "0.100");
  assert.ok(!alone.asked.some((query) => query.includes("[3d]")));
});

test("a raw ratio is time-weighted and carries no counts", async () => {
  const raw: Indicator = {
    type: "raw",
    errorRatio: promql("clamp_max(sum(rate(bad_total[{{.window}}])) / sum(rate(all_total[{{.window}}])), 1)"),
  };
  const page = (bad: number, all: number) => `bad_total ${bad}\nall_total ${all}`;
  const status = await statusOf(slo(raw), sourceOver(history([30 * DAY, page(0, 0)], [0, page(5, 10_000)])));
  assert.equal(status.state, "healthy");
  assert.equal(status.method, "time-weighted");
  assert.equal(status.total, undefined);
  assert.ok(Math.abs(status.budgetRemaining! - 0.5) < 1e-9);
});

test("a raw ratio of two sums of counters is a count of failures, whatever guards it against nothing", async () => {
  const page = (bad: number, all: number) => `bad_total ${bad}\nall_total ${all}`;
  const source = sourceOver(history([30 * DAY, page(0, 0)], [0, page(5, 10_000)]));
  const rate = (name: string) => `sum(rate(${name}[{{.window}}]))`;
  for (const query of [
    `${rate("bad_total")} / ${rate("all_total")}`,
    `(${rate("bad_total")} / ${rate("all_total")})`,
    `(${rate("bad_total")} or vector(0)) / (${rate("all_total")} > 0)`,
    `(${rate("all_total")} - (${rate("all_total")} - ${rate("bad_total")})) / ${rate("all_total")}`,
  ]) {
    const status = await statusOf(slo({ type: "raw", errorRatio: promql(query) }), source);
    assert.deepEqual([status.method, status.bad, status.total], ["request-weighted", 5, 10_000], query);
  }
  const good = await statusOf(
    slo({ type: "raw", successRatio: promql(`${rate("good_total")} / ${rate("all_total")}`) }),
    sourceOver(history([30 * DAY, "good_total 0\nall_total 0"], [0, "good_total 9995\nall_total 10000"])),
  );
  assert.deepEqual([good.bad, good.total], [5, 10_000]);
  // A ratio of seconds is none of requests.
  const busy = slo({ type: "raw", errorRatio: promql(`${rate("busy_seconds")} / ${rate("all_seconds")}`) });
  const seconds = "busy_seconds 5\nall_seconds 10000";
  const ofTime = await statusOf(busy, sourceOver(history([30 * DAY, "busy_seconds 0\nall_seconds 0"], [0, seconds])));
  assert.deepEqual([ofTime.method, ofTime.total], ["time-weighted", undefined]);
});

test("a raw ratio without any failure is zero when its labels fit, and unmatched when they do not", async () => {
  const raw = (label: string): Indicator => ({
    type: "raw",
    errorRatio: promql(
      `sum(rate(http_requests_total{${label}=~"5.."}[{{.window}}])) / sum(rate(http_requests_total[{{.window}}]))`,
    ),
  });
  const source = sourceOver(history([30 * DAY, line('code="200"', 0)], [0, line('code="200"', 9000)]));
  assert.equal((await statusOf(slo(raw("code")), source)).state, "healthy");
  const wrong = await statusOf(slo(raw("status")), source);
  assert.equal(wrong.state, "unmatched");
  assert.match(wrong.reason, /no status label; it has code instead/);
});

test("what cannot be evaluated says why", async () => {
  const source = sourceOver([]);
  const table: readonly (readonly [Indicator, RegExp])[] = [
    [{ type: "unknown", obstacle: "sloth-plugin" }, /a Sloth plugin/],
    [{ type: "ratio", total: { text: "SELECT 1", dialect: "other" }, good: promql("a") }, /not PromQL/],
    [{ type: "ratio", total: promql("sum(a)") }, /only one of good, bad and total/],
    [{ type: "threshold", query: promql("a") }, /no operator or no value/],
  ];
  for (const [indicator, reason] of table) {
    const status = await statusOf(slo(indicator), source);
    assert.equal(status.state, "no-data");
    assert.match(status.reason, reason);
  }
});

test("a fault of the source is no data for all, said once", async () => {
  const source = sourceOver([], () => ({
    ok: false,
    fault: { kind: "refused", data: { address: "http://localhost:9090", detail: "" } },
  }));
  const report = await evaluate({
    slos: [slo(requests), slo(requests, { id: "shop/two" })],
    matches: [],
    source,
    now: now * 1000,
    signal: never,
  });
  assert.deepEqual(
    report.objectives.map((status) => status.state),
    ["no-data", "no-data"],
  );
  assert.deepEqual(report.problems, [
    "http://localhost:9090 refused the connection. Is it running, and is the port right?",
  ]);
  assert.match(say(report.objectives[0]!.cause!, "ja"), /http:\/\/localhost:9090 に接続を拒否されました/);
});

test("without telemetry every objective says how to get it", async () => {
  const report = await evaluate({ slos: [slo(requests)], matches: [], source: undefined, now: 0, signal: never });
  assert.equal(report.objectives[0]?.state, "no-data");
  assert.match(report.objectives[0]!.reason, /Set a Prometheus address/);
});

test("a snapshot gives the same states, and is stale after a day", async () => {
  const live = await evaluate({
    slos: [slo(requests)],
    matches: [],
    source: sourceOver(history([30 * DAY, steady(0, 0)], [0, steady(9000, 1)])),
    now: now * 1000,
    signal: never,
  });
  const source = createSnapshot("slo-status.json", async () => writeSnapshot(live));
  const read = (later: number, slos = [slo(requests)]) =>
    evaluate({ slos, matches: [], source, now: (now + later) * 1000, signal: never });
  assert.deepEqual((await read(HOUR)).objectives, live.objectives);
  const old = (await read(2 * DAY)).objectives[0]!;
  assert.equal(old.state, "stale");
  assert.match(old.reason, /2 d old.*The state then: healthy/);
  assert.equal(old.bad, 1, "the numbers stay, and say how old they are");
  assert.match(
    (await read(0, [slo(requests, { id: "shop/new" })])).objectives[0]!.reason,
    /does not contain this objective/,
  );
});

test("numbers that were kept too long are stale, absences stay what they are", async () => {
  const report = await evaluate({
    slos: [slo(requests), slo({ type: "unknown", obstacle: "no-indicator" }, { id: "b" })],
    matches: [],
    source: sourceOver(history([30 * DAY, steady(0, 0)], [0, steady(9000, 1)])),
    now: now * 1000,
    signal: never,
  });
  assert.deepEqual(aged(report, (now + 60) * 1000), report);
  assert.deepEqual(
    aged(report, (now + HOUR) * 1000).objectives.map((status) => status.state),
    ["stale", "no-data"],
  );
});

test("time slices are asked of the server, and their numbers named", async () => {
  const answer = (value: number): MetricAnswer => ({
    ok: true,
    samples: [{ labels: {}, value, text: "" }],
    series: [],
    isPartial: false,
  });
  const source = sourceOver(history([30 * DAY, steady(0, 0)], [0, steady(9000, 1)]), (query) => {
    if (!query.startsWith("count_over_time")) return undefined;
    return query.includes("< 0.95") ? answer(20) : answer(40_000);
  });
  const status = await statusOf(slo(requests, { method: "timeslices", slice: { seconds: 60, target: 0.95 } }), source);
  assert.equal(status.method, "timeslices");
  // 20 bad minutes of the 43.2 that 99.9 % of thirty days allow.
  assert.ok(Math.abs(status.budgetRemaining! - (1 - 20 / 43.2)) < 1e-9);
  assert.equal(status.bad, 1, "the counts stand beside it");
});

test("a burn-down has the window's failures step by step", async () => {
  const source = sourceOver(history([30 * DAY, steady(0, 0)], [0, steady(9990, 10)]));
  const ranged: Source = {
    ...source,
    async query(batch, signal) {
      const answers = new Map(await source.query(batch, signal));
      for (const { key, range } of batch) {
        if (range !== undefined)
          answers.set(key, {
            ok: true,
            samples: [],
            isPartial: false,
            series: [
              {
                labels: {},
                points: [
                  [range.start, 2],
                  [range.end, 3],
                ],
              },
            ],
          });
      }
      return answers;
    },
  };
  const status = await statusOf(slo(requests, { target: 0.99 }), ranged);
  const left = (index: number) => Math.round(status.history!.at(index)![1] * 100) / 100;
  assert.equal(status.history?.length, 29);
  assert.deepEqual([0, 1, 2, -2, -1].map(left), [1, 0.98, 0.98, 0.98, 0.95]);
});

test("a month that has begun is counted from its start, and is not empty after it has ended", async () => {
  const month = {
    kind: "calendar",
    seconds: 30 * DAY,
    text: "1M",
    start: "2026-01-01 00:00:00",
    timeZone: "UTC",
  } as const;
  // 1,800,000,000 is 2027-01-15T08:00:00Z: 14 days and 8 hours into its month.
  const asked: string[] = [];
  const source: Source = {
    kind: "prometheus",
    name: "http://test",
    async query(batch) {
      return new Map(
        batch.map((request): [string, MetricAnswer] => {
          asked.push(request.query);
          const value = request.query.includes("5..") ? 60 : 100_000;
          return [
            request.key,
            { ok: true, samples: [{ labels: {}, value, text: `${value}` }], series: [], isPartial: false },
          ];
        }),
      );
    },
  };
  const status = await statusOf(slo(requests, { window: month }), source);
  assert.equal(status.total, 100_000);
  assert.equal(status.bad, 60);
  assert.ok(Math.abs(status.budgetRemaining! - 0.4) < 1e-9);
  assert.ok(
    asked.some((it) => it.includes("[344h]")),
    asked.join("\n"),
  );
  assert.ok(!asked.some((it) => it.includes("[30d]")));
  assert.ok(status.exhaustedInSeconds === undefined || status.exhaustedInSeconds <= 17 * DAY);
});
