/** Metrics that the code declares, as far as names, labels and buckets can be told. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { workspaceOf } from "../kit/workspace.ts";

const metrics = (texts: Readonly<Record<string, string>>) =>
  workspaceOf(texts).analysis.metrics.map(({ name, type, labels, buckets, path }) =>
    [path, type, name, labels.join(","), buckets?.join(",") ?? "–"].join(" "),
  );

test("counters and histograms with their names, labels and buckets", () => {
  assert.deepEqual(
    metrics({
      "a.ts": `import client, { Counter, Histogram } from "prom-client";
import { BUCKETS } from "./buckets.ts";
export const orders = new Counter({ name: "orders_total", help: "h", labelNames: ["shop", "status"] });
new client.Histogram({ name: "http_seconds", help: "h", buckets: [0.1, 0.3, 1] });
new Histogram({ name: "default_seconds", help: "h" });
new Histogram({ name: "shared_seconds", help: "h", buckets: BUCKETS });
new client.Gauge({ name: "up", help: "h" });
`,
      "buckets.ts": "export const BUCKETS = [0.05, 0.5];\n",
    }),
    [
      "a.ts counter orders_total shop,status –",
      "a.ts histogram http_seconds  0.1,0.3,1",
      "a.ts histogram default_seconds  0.005,0.01,0.025,0.05,0.1,0.25,0.5,1,2.5,5,10",
      "a.ts histogram shared_seconds  0.05,0.5",
      "a.ts gauge up  –",
    ],
  );
});

test("buckets that prom-client reckons are reckoned as it does", () => {
  assert.deepEqual(
    metrics({
      "a.ts": `import client, { Histogram, exponentialBuckets, linearBuckets } from "prom-client";
new Histogram({ name: "a_seconds", help: "h", buckets: exponentialBuckets(0.1, 2, 4) });
new Histogram({ name: "b_seconds", help: "h", buckets: linearBuckets(0, 0.5, 3) });
new Histogram({ name: "c_seconds", help: "h", buckets: client.exponentialBuckets(1, 10, 2) });
new Histogram({ name: "d_seconds", help: "h", buckets: linearBuckets(0, 1, 1e9) });
`,
    }),
    [
      "a.ts histogram a_seconds  0.1,0.2,0.4,0.8",
      "a.ts histogram b_seconds  0,0.5,1",
      "a.ts histogram c_seconds  1,10",
      "a.ts histogram d_seconds  –",
    ],
  );
});

test("fastify-metrics: its histogram with what the options change, none where it is off", () => {
  const plugin = (options: string, version = "13.2.1") =>
    metrics({
      "package.json": `{ "dependencies": { "fastify": "5.0.0", "fastify-metrics": "${version}" } }`,
      "a.ts": `import fastify from "fastify";
import metricsPlugin from "fastify-metrics";
const app = fastify();
await app.register(metricsPlugin, ${options});
`,
    });
  const usual = "0.005,0.01,0.025,0.05,0.1,0.25,0.5,1,2.5,5,10";
  const name = "a.ts histogram http_request_duration_seconds";
  assert.deepEqual(plugin('{ endpoint: "/metrics" }'), [`${name} method,route,status_code ${usual}`]);
  assert.deepEqual(plugin("{}", "10.0.0"), [`${name} method,route,status_code –`]);
  assert.deepEqual(
    plugin(
      '{ routeMetrics: { overrides: { histogram: { name: "own_seconds", buckets: [0.1, 1] }, labels: { status: "code" } } } }',
    ),
    ["a.ts histogram own_seconds method,route,code 0.1,1"],
  );
  assert.deepEqual(plugin("{ routeMetrics: { enabled: false } }"), []);
  const required = metrics({
    "a.js": `const app = require("fastify")();
app.register(require("fastify-metrics"), { routeMetrics: { overrides: { histogram: { buckets: [2] } } } });
app.register(require("@fastify/cors"), { buckets: [3] });
`,
  });
  assert.deepEqual(required, ["a.js histogram http_request_duration_seconds method,route,status_code 2"]);
});

test("OpenTelemetry: advice, the SDK's buckets without it, views, and the names that exporters make", () => {
  const { analysis } = workspaceOf({
    "package.json": '{ "dependencies": { "@opentelemetry/instrumentation-http": "0.223.0" } }',
    "a.ts": `import { metrics } from "@opentelemetry/api";
import { HttpInstrumentation } from "@opentelemetry/instrumentation-http";
const meter = metrics.getMeter("shop");
meter.createHistogram("order.duration", { unit: "s", advice: { explicitBucketBoundaries: [0.1, 0.5] } });
meter.createHistogram("cart.size");
meter.createCounter("orders");
meter.createHistogram("slow_ms", { unit: "ms", advice: { explicitBucketBoundaries: config.buckets } });
new HttpInstrumentation();
`,
    "b.ts": `import { MeterProvider, View, ExplicitBucketHistogramAggregation, AggregationType } from "@opentelemetry/sdk-metrics";
new MeterProvider({
  views: [
    { instrumentName: "order.duration", aggregation: { type: AggregationType.EXPLICIT_BUCKET_HISTOGRAM, options: { boundaries: [1, 2] } } },
    { instrumentName: "cart.size", attributeKeys: [] },
    new View({ instrumentName: "queue.wait", instrumentUnit: "ms", aggregation: new ExplicitBucketHistogramAggregation([5, 50]) }),
    { instrumentName: "http.*", aggregation: { type: AggregationType.DROP } },
  ],
});
`,
  });
  const told = analysis.metrics.map(({ name, also, type, buckets }) =>
    [
      type,
      name,
      also?.join(",") ?? "",
      buckets && buckets.length > 4 ? buckets.length : (buckets?.join(",") ?? "–"),
    ].join(" "),
  );
  assert.deepEqual(
    told.sort(),
    [
      "counter orders_total  –",
      "histogram cart_size  15",
      "histogram http_*  –",
      "histogram http_server_request_duration http_server_request_duration_seconds 14",
      "histogram order_duration order_duration_seconds 0.1,0.5",
      "histogram order_duration  1,2",
      "histogram queue_wait queue_wait_milliseconds 5,50",
      "histogram slow_ms slow_ms_milliseconds –",
    ].sort(),
  );
});

test("what is made at run time is not known, and so not told", () => {
  assert.deepEqual(
    metrics({
      "a.ts": `import { Counter, Histogram } from "prom-client";
declare const config: { readonly prefix: string; readonly buckets: number[]; readonly more: object };
new Counter({ name: config.prefix + "_total", help: "h" });
new Histogram({ name: "own_seconds", help: "h", buckets: config.buckets });
new Histogram({ name: "mixed_seconds", help: "h", buckets: [0.1, ...config.buckets] });
new Histogram({ name: "spread_seconds", help: "h", ...config.more });
`,
    }),
    ["a.ts histogram own_seconds  –", "a.ts histogram mixed_seconds  –"],
  );
});

test("metrics that NestJS' providers make, and the one that express-prom-bundle measures requests with", () => {
  assert.deepEqual(
    metrics({
      "a.ts": `import { makeCounterProvider, makeHistogramProvider } from "@willsoto/nestjs-prometheus";
export const providers = [
  makeCounterProvider({ name: "orders_total", help: "h", labelNames: ["shop"] }),
  makeHistogramProvider({ name: "http_seconds", help: "h", labelNames: ["route"], buckets: [1, 2] }),
];
`,
      "b.ts": `import promBundle from "express-prom-bundle";
promBundle({ includeMethod: true, buckets: [0.1, 1] });
`,
      "c.js": `const promBundle = require("express-prom-bundle");
promBundle({ metricType: "summary", httpDurationMetricName: "own_seconds", includePath: true });
`,
    }),
    [
      "a.ts counter orders_total shop –",
      "a.ts histogram http_seconds route 1,2",
      "b.ts histogram http_request_duration_seconds status_code,method 0.1,1",
      "c.js summary own_seconds status_code,path –",
    ],
  );
});
