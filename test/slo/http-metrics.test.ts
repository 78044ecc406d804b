/** How the requests of a service are counted: told by the code, by the library in use, and by a source that was asked. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type CodeEndpoint,
  type DraftSlo,
  loadSlos,
  type MetricAnswer,
  matchSlos,
  newSloFor,
  proposeSlo,
  queryTools,
  readObjectives,
  type Source,
  unmeasured,
} from "../../slo/index.ts";
import { parseExposition } from "../../slo/telemetry/exposition.ts";
import { evaluatePromql } from "../../slo/telemetry/scrape-promql.ts";
import { workspaceOf } from "../kit/workspace.ts";

const endpoints: readonly CodeEndpoint[] = [
  { method: "GET", route: "/api/v1/users/:id", path: "apps/api/src/users.ts" },
  { method: "POST", route: "/api/v1/users", path: "apps/api/src/users.ts" },
  { method: "GET", route: "/api/v1/posts/:slug", path: "apps/api/src/posts.ts" },
  { method: "GET", route: "/api/v1/posts/new", path: "apps/api/src/posts.ts" },
];

function draft(
  files: Readonly<Record<string, string>>,
  packages: readonly string[],
  endpoint: CodeEndpoint = endpoints[0]!,
): DraftSlo {
  const manifests: Readonly<Record<string, string>> = {
    "package.json": '{ "workspaces": ["apps/*"] }',
    "apps/api/package.json": JSON.stringify({
      name: "shop-api",
      dependencies: Object.fromEntries(packages.map((name) => [name, "*"])),
    }),
  };
  const manifest = (path: string) => manifests[path];
  return newSloFor({
    endpoint,
    endpoints,
    declared: workspaceOf(files).analysis.metrics,
    manifest,
    rootName: "shop",
    objectives: readObjectives({ files: () => [], manifest, rootName: "shop", ruleIds: [] }),
  });
}

const queriesIn = (text: string) =>
  [...text.matchAll(/query: (.*)$/gm)].map((found) => (found[1]!.startsWith("'") ? found[1]!.slice(1, -1) : found[1]!));
const bad = (text: string) => queriesIn(text)[0];

// --- without a source ----------------------------------------------------------------------------------------------

test("a histogram made by hand is asked for by its own name and labels", () => {
  const it = draft(
    {
      "apps/api/src/metrics.ts": `import { Histogram, Counter, Gauge } from "prom-client";
export const jobs = new Counter({ name: "jobs_total", help: "h", labelNames: ["queue", "status"] });
export const open = new Gauge({ name: "http_open_connections", help: "h", labelNames: ["route", "status"] });
export const duration = new Histogram({
  name: "shop_http_duration_ms",
  help: "h",
  labelNames: ["verb", "route", "code"] as const,
  buckets: [50, 100, 250],
});
`,
    },
    ["prom-client"],
  );
  assert.deepEqual(it.metrics, {
    count: "shop_http_duration_ms_count",
    histogram: "shop_http_duration_ms",
    unit: "milliseconds",
    labels: { route: "route", method: "verb", status: "code" },
    from: { library: "prom-client", path: "apps/api/src/metrics.ts" },
  });
  const { text } = unmeasured(it, "en");
  assert.equal(
    bad(text),
    'sum(shop_http_duration_ms_count{job="shop-api",verb="GET",route="/api/v1/users/:id",code=~"5.."})',
  );
  assert.match(text, /^# The target of 99\.5 % is a guess/);
  assert.match(
    text,
    /^# The metric is the one declared in apps\/api\/src\/metrics\.ts \(shop_http_duration_ms_count\)\.$/m,
  );
});

test("a metric of NestJS' providers is found, one of the endpoint's own package first", () => {
  const it = draft(
    {
      "apps/admin/src/metrics.ts": `import { Histogram } from "prom-client";
new Histogram({ name: "admin_http_seconds", help: "h", labelNames: ["method", "route", "status"] });
`,
      "apps/api/src/metrics.module.ts": `import { Module } from "@nestjs/common";
import { makeCounterProvider, makeHistogramProvider, PrometheusModule } from "@willsoto/nestjs-prometheus";
@Module({
  imports: [PrometheusModule.register()],
  providers: [
    makeCounterProvider({ name: "http_requests_total", help: "h", labelNames: ["method", "route", "status"] }),
    makeHistogramProvider({ name: "http_request_seconds", help: "h", labelNames: ["method", "route", "status"] }),
  ],
})
export class MetricsModule {}
`,
    },
    ["@willsoto/nestjs-prometheus", "prom-client"],
  );
  assert.equal(it.metrics.count, "http_request_seconds_count");
  assert.equal(it.metrics.from.library, "@willsoto/nestjs-prometheus");
});

test("express-prom-bundle writes masked paths, and no path at all unless it is asked for", () => {
  const app = (options: string) => ({
    "apps/api/src/app.ts": `import express from "express";
import promBundle from "express-prom-bundle";
const app = express();
app.use(promBundle(${options}));
`,
  });
  const whole = unmeasured(
    draft(app("{ includeMethod: true, includePath: true }"), ["express-prom-bundle"]),
    "en",
  ).text;
  assert.equal(
    bad(whole),
    'sum(http_request_duration_seconds_count{job="shop-api",method="GET",path="/api/v1/users/#val",status_code=~"5.."})',
  );
  assert.match(whole, /#val; where they are words, record the route with `normalizePath`/);
  const little = unmeasured(
    draft(app('{ httpDurationMetricName: "shop_seconds" }'), ["express-prom-bundle"]),
    "en",
  ).text;
  assert.match(little, /shop_seconds_count/);
  assert.match(
    little,
    /no path, method label yet \(includePath: true, includeMethod: true\): until then these queries match nothing/,
  );
  const own = unmeasured(
    draft(app("{ includeMethod: true, includePath: true, normalizePath: (req) => req.route?.path }"), [
      "express-prom-bundle",
    ]),
    "ja",
  ).text;
  assert.match(
    bad(own)!,
    /path="\/api\/v1\/users\/:id"/,
    "what its own function writes is the route, as far as is known",
  );
  assert.match(own, /^# 目標 99\.5% は実測値に基づいていません/);
});

test("a label that is missing is named, with where it would go", () => {
  const { text } = unmeasured(
    draft(
      {
        "apps/api/src/metrics.ts": `import { Counter } from "prom-client";
export const requests = new Counter({ name: "http_requests_total", help: "h", labelNames: ["method", "status"] });
`,
      },
      ["prom-client"],
    ),
    "en",
  );
  assert.match(bad(text)!, /^sum\(http_requests_total\{.*route="\/api\/v1\/users\/:id"/);
  assert.match(text, /It has no route label yet \(labelNames: route\): until then these queries match nothing/);
});

test("metrics of other things are not taken for requests", () => {
  const it = draft(
    {
      "apps/api/src/metrics.ts": `import { Counter, Histogram } from "prom-client";
new Counter({ name: "orders_total", help: "h", labelNames: ["status"] });
new Histogram({ name: "db_seconds", help: "h", labelNames: ["operation"] });
`,
    },
    ["fastify-metrics", "prom-client"],
  );
  assert.equal(it.metrics.count, "http_request_duration_seconds_count");
  assert.deepEqual(it.metrics.from, { library: "fastify-metrics" });
});

// --- as a source has it --------------------------------------------------------------------------------------------

/** A source over pages as they were scraped of real libraries, and an hour ago when nothing was counted yet. */
function sourceOver(lines: readonly string[]): Source & { readonly asked: string[] } {
  const page = (scale: number) =>
    parseExposition(lines.join("\n")).series.map((each) => ({ ...each, value: each.value * scale }));
  const startTime = 1_700_000_000 - 90 * 86_400;
  const scrapes = [
    { time: 1_700_000_000 - 28 * 86_400, series: page(0), startTime },
    { time: 1_700_000_000, series: page(1000), startTime },
  ];
  const asked: string[] = [];
  return {
    kind: "prometheus",
    name: "http://test",
    asked,
    async query(batch) {
      return new Map(
        batch.map(({ key, query }): [string, MetricAnswer] => {
          asked.push(query);
          const result = evaluatePromql(query, scrapes);
          if (!result.ok) return [key, { ok: false, fault: { kind: result.kind, data: { detail: result.detail } } }];
          const samples = result.samples.map(({ labels, value }) => ({ labels, value, text: `${value}` }));
          return [key, { ok: true, samples, series: [], isPartial: false }];
        }),
      );
    },
  };
}

const propose = (it: DraftSlo, source: Source) =>
  proposeSlo(it, source, 1_700_000_000_000, new AbortController().signal, "en");

/** express-prom-bundle 8.0.0 with `includeMethod` and `includePath`: 3 of 5 requests had a number or an id. */
const BUNDLE = [
  'http_request_duration_seconds_count{status_code="200",method="GET",path="/api/v1/users/#val",job="api"} 3',
  'http_request_duration_seconds_count{status_code="500",method="GET",path="/api/v1/users/#val",job="api"} 1',
  'http_request_duration_seconds_count{status_code="200",method="GET",path="/api/v1/users/hello-world",job="api"} 1',
  'http_request_duration_seconds_count{status_code="201",method="POST",path="/api/v1/users",job="api"} 7',
  'http_request_duration_seconds_count{status_code="200",method="GET",path="/api/v1/posts/new",job="api"} 5',
  'http_request_duration_seconds_count{status_code="200",method="GET",path="/api/v1/posts/first-post",job="api"} 4',
];

test("masked paths and words of express-prom-bundle are counted as the one route they are", async () => {
  const { file, measured } = await propose(draft({}, ["express-prom-bundle"]), sourceOver(BUNDLE));
  assert.deepEqual(measured && [measured.total, measured.bad], [5000, 1000]);
  assert.match(bad(file.text)!, /\{job="api",method="GET",path=~"\/api\/v1\/users\/\[\^\/\]\+",status_code=~"5\.\."\}/);
  assert.match(
    file.text,
    /^# Metric and labels are named as telemetry has them \(http_request_duration_seconds_count\)\.$/m,
  );
});

test("a pattern that would count another route is not used: what was seen is", async () => {
  const { file, measured } = await propose(draft({}, ["express-prom-bundle"], endpoints[2]), sourceOver(BUNDLE));
  assert.equal(measured?.total, 4000);
  assert.match(bad(file.text)!, /path="\/api\/v1\/posts\/first-post"/);
});

test("names, labels, service and the way a route is written come from the source, whatever the code made one expect", async () => {
  const cases: readonly (readonly [string, readonly string[], string])[] = [
    [
      "the JavaScript exporter, without a unit",
      [
        'http_server_request_duration_count{http_request_method="GET",http_route="/api/v1/users/:id",http_response_status_code="200",job="shop-api"} 9',
        'http_server_request_duration_count{http_request_method="GET",http_route="/api/v1/users/:id",http_response_status_code="500",job="shop-api"} 1',
      ],
      'sum(http_server_request_duration_count{job="shop-api",http_request_method="GET",http_route="/api/v1/users/:id",http_response_status_code=~"5.."})',
    ],
    [
      "hapi's braces, behind a collector that names the service",
      [
        'http_server_request_duration_seconds_count{http_request_method="GET",http_route="/api/v1/users/{id}",http_response_status_code="200",service_name="shop-api"} 9',
        'http_server_request_duration_seconds_count{http_request_method="GET",http_route="/api/v1/users/{id}",http_response_status_code="500",service_name="shop-api"} 1',
      ],
      'sum(http_server_request_duration_seconds_count{service_name="shop-api",http_request_method="GET",http_route="/api/v1/users/{id}",http_response_status_code=~"5.."})',
    ],
    [
      "`req.route.path` behind a router, no method",
      [
        'http_requests_total{route="/users/:id",status="200",job="shop"} 9',
        'http_requests_total{route="/users/:id",status="500",job="shop"} 1',
      ],
      'sum(http_requests_total{job="shop",route="/users/:id",status=~"5.."})',
    ],
  ];
  for (const [name, lines, query] of cases) {
    const { file, measured } = await propose(draft({}, ["@opentelemetry/sdk-node"]), sourceOver(lines));
    assert.equal(bad(file.text), query, name);
    assert.deepEqual(measured && [measured.total, measured.bad], [10_000, 1000], name);
    const { slos } = loadSlos([{ path: file.name, text: file.text }]);
    const matches = matchSlos(endpoints, slos, { selectorsOf: queryTools.selectorsOf });
    assert.deepEqual(
      matches.map((it) => it.endpoint.route),
      ["/api/v1/users/:id"],
      name,
    );
  }
});

test("of two services that have the route the one of this name is taken, or none", async () => {
  const line = (job: string, count: number) =>
    `http_server_request_duration_seconds_count{http_request_method="GET",http_route="/api/v1/users/:id",http_response_status_code="200",job="${job}"} ${count}`;
  const own = await propose(
    draft({}, ["@opentelemetry/sdk-node"]),
    sourceOver([line("shop-api", 4), line("admin", 9)]),
  );
  assert.equal(own.measured?.total, 4000);
  const none = await propose(draft({}, ["@opentelemetry/sdk-node"]), sourceOver([line("a", 4), line("b", 9)]));
  assert.equal(none.measured, undefined);
  assert.match(none.file.text, /^# The target of 99\.5 % is a guess \(telemetry has no data for this route\)/);
});

test("addresses in place of routes are no ground for an objective", async () => {
  const line = (id: number) =>
    `http_request_duration_seconds_count{method="GET",path="/api/v1/users/${id}",status_code="200",job="shop-api"} 1`;
  const { measured } = await propose(draft({}, ["prom-client"]), sourceOver([line(17), line(18), line(19)]));
  assert.equal(measured, undefined);
});

test("whatever a source says, a file is made", async () => {
  const source: Source = {
    kind: "prometheus",
    name: "http://test",
    query: async (batch) =>
      new Map(batch.map(({ key }) => [key, { ok: false, fault: { kind: "refused", data: { address: "x" } } }])),
  };
  const { file, proposal } = await propose(draft({}, ["prom-client"]), source);
  assert.equal(proposal.reason, "unknown");
  assert.equal(loadSlos([{ path: file.name, text: file.text }]).slos.length, 1);
});
