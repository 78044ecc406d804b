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

test("what is made at run time is not known, and so not told", () => {
  assert.deepEqual(
    metrics({
      "a.ts": `import { Counter, Histogram, exponentialBuckets } from "prom-client";
declare const config: { readonly prefix: string; readonly buckets: number[]; readonly more: object };
new Counter({ name: config.prefix + "_total", help: "h" });
new Histogram({ name: "own_seconds", help: "h", buckets: config.buckets });
new Histogram({ name: "grown_seconds", help: "h", buckets: exponentialBuckets(0.1, 2, 4) });
new Histogram({ name: "mixed_seconds", help: "h", buckets: [0.1, ...config.buckets] });
new Histogram({ name: "spread_seconds", help: "h", ...config.more });
`,
    }),
    ["a.ts histogram own_seconds  –", "a.ts histogram grown_seconds  –", "a.ts histogram mixed_seconds  –"],
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
