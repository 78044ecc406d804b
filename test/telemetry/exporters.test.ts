/**
 * The metrics that Node applications really export, each from the real library: its names and labels, its way to write a
 * route. A real Prometheus scrapes them; objectives written for them must find their endpoint and count what was sent.
 */
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { type Child, startChild } from "../../examples/recipes/stand-ins/child.ts";
import { findPrometheus, type Prometheus, startPrometheus } from "../../examples/recipes/stand-ins/prometheus.ts";
import { createHttp } from "../../platform/http.ts";
import {
  type CodeEndpoint,
  createPrometheus,
  evaluate,
  loadSlos,
  matchSlos,
  newSloFor,
  type ObjectiveStatus,
  proposeSlo,
  queryTools,
  readObjectives,
} from "../../slo/index.ts";
import { workspaceOf } from "../kit/workspace.ts";
import { assertWithin, boundsOf, samplesOf } from "./stored-samples.ts";

interface Exporter {
  readonly job: string;
  readonly app: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Name of the histogram, without `_count` and `_bucket`. */
  readonly metric: string;
  readonly labels: { readonly method: string; readonly route: string; readonly status: string };
  /** What stands for the route in its label, where that is not the template. */
  readonly written?: string;
  /** A bucket's edge that each answer stays under. */
  readonly edge: string;
  /** Whether the library tells the route at all. */
  readonly hasRoute: boolean;
  /** What its package.json depends on. */
  readonly packages: readonly string[];
}

const otel = {
  metric: "http_server_request_duration",
  labels: { method: "http_request_method", route: "http_route", status: "http_response_status_code" },
  edge: "5",
  packages: ["@opentelemetry/exporter-prometheus", "@opentelemetry/instrumentation-http"],
} as const;

const exporters: readonly Exporter[] = [
  { job: "express-otel", app: "express-otel.ts", ...otel, hasRoute: true },
  {
    job: "fastify-metrics",
    app: "fastify.ts",
    metric: "http_request_duration_seconds",
    labels: { method: "method", route: "route", status: "status_code" },
    edge: "5",
    hasRoute: true,
    packages: ["fastify", "fastify-metrics"],
  },
  {
    job: "express-by-hand",
    app: "express-by-hand.ts",
    metric: "shop_http_request_duration_ms",
    labels: { method: "verb", route: "route", status: "code" },
    edge: "5000",
    hasRoute: true,
    packages: ["express", "prom-client"],
  },
  {
    job: "express-prom-bundle",
    app: "express-prom-bundle.ts",
    metric: "http_request_duration_seconds",
    labels: { method: "method", route: "path", status: "status_code" },
    written: "/api/v1/users/#val",
    edge: "10",
    hasRoute: true,
    packages: ["express", "express-prom-bundle", "prom-client"],
  },
  {
    job: "hono-prometheus",
    app: "hono.ts",
    metric: "http_request_duration_seconds",
    labels: { method: "method", route: "route", status: "status" },
    edge: "5",
    hasRoute: true,
    packages: ["hono", "@hono/prometheus", "prom-client"],
  },
  {
    job: "nest-prometheus",
    app: "nest-prometheus.ts",
    metric: "api_request_duration_seconds",
    labels: { method: "method", route: "route", status: "status" },
    edge: "5",
    hasRoute: true,
    packages: ["@nestjs/core", "@willsoto/nestjs-prometheus", "prom-client"],
  },
  { job: "nest-otel", app: "nest-otel.ts", env: { INSTRUMENT_IMPORTS: "yes" }, ...otel, hasRoute: true },
  { job: "nest-otel-without-hook", app: "nest-otel.ts", ...otel, hasRoute: false },
];

const ROUTE = "/api/v1/users/:id";
const endpoints: readonly CodeEndpoint[] = [
  { method: "GET", route: ROUTE, path: "src/users.ts" },
  { method: "GET", route: "/api/v1/health", path: "src/health.ts" },
];

/** Requests to each application, of which so many fail. */
const FIRST = { good: 2, bad: 1 };
const COUNTED = { good: 40, bad: 10 };

describe("metrics as real libraries export them", { timeout: 180_000 }, () => {
  const running: { stop(): Promise<void> }[] = [];
  let prometheus: Prometheus;

  before(async () => {
    const binary = await findPrometheus();
    assert.ok(binary, "prometheus is needed: apt-get install prometheus, or name the program in PROMETHEUS");
    const folder = await mkdtemp(join(tmpdir(), "slo-lens-"));
    running.push({ stop: () => rm(folder, { recursive: true, force: true }) });
    const apps: Child<{ url: string; metrics: string }>[] = [];
    for (const { app, env } of exporters) {
      const child = await startChild<{ url: string; metrics: string }>(
        new URL(`apps/${app}`, import.meta.url),
        [],
        env ?? {},
      );
      running.push(child);
      apps.push(child);
    }
    const targets = Object.fromEntries(exporters.map(({ job }, n) => [job, new URL(apps[n]!.ready.metrics).host]));
    prometheus = await startPrometheus({ binary, folder, targets, scrapeSeconds: 1 });
    running.push(prometheus);

    const send = (much: typeof FIRST) => Promise.all(apps.map(({ ready }) => sendTo(ready.url, much)));
    await send(FIRST);
    await untilScraped(FIRST.good, FIRST.bad, 1);
    await send(COUNTED);
    // Samples enough that what increase() adds stays small.
    await untilScraped(FIRST.good + COUNTED.good, FIRST.bad + COUNTED.bad, 12);
  });

  after(async () => {
    for (const it of running.reverse()) await it.stop();
  });

  for (const exporter of exporters) {
    const { job, metric, labels, written = ROUTE, edge, hasRoute } = exporter;

    if (hasRoute) {
      test(`${job}: an objective of the route finds its endpoint and counts its requests`, async () => {
        const route = `${labels.method}="GET", ${labels.route}="${written}"`;
        // With each sample more the counts grow less: the bounds are those of what there was before.
        const bad = await bounds(`${metric}_count{job="${job}", ${labels.status}="500"}`);
        const total = await bounds(`${metric}_count{job="${job}"}`);
        const [status, matches] = await evaluated(exporter, {
          bad: `${metric}_count{job="${job}", ${route}, ${labels.status}=~"5.."}`,
          total: `${metric}_count{job="${job}", ${route}}`,
        });
        assert.deepEqual(
          matches.map((it) => [it.endpoint.route, it.by]),
          [[ROUTE, "route-label"]],
        );
        assert.equal(bad.least, COUNTED.bad);
        assertWithin(status.bad, bad, "bad");
        assertWithin(status.total, total, "total");
        assert.equal(status.state, "exhausted");
      });

      test(`${job}: an objective made for the endpoint counts what was sent, its names from the source`, async () => {
        const bad = await bounds(`${metric}_count{job="${job}", ${labels.status}="500"}`);
        const total = await bounds(`${metric}_count{job="${job}"}`);
        const { measured, proposal, file } = await proposed(exporter, job);
        assert.ok(measured, file.text);
        assertWithin(measured.bad, bad, "bad");
        assertWithin(measured.total, total, "total");
        assert.ok(proposal.target <= 0.8, "a target that is kept today");
        assert.match(file.text, /^# In the last .*, .* of .* requests failed/);
        assert.match(file.text, /^# Metric and labels are named as telemetry has them/m);
        const { slos } = loadSlos([{ path: file.name, text: file.text }]);
        const matches = matchSlos(endpoints, slos, { selectorsOf: queryTools.selectorsOf, serviceOf: () => job });
        assert.deepEqual(
          matches.map((it) => it.endpoint.route),
          [ROUTE],
        );
      });
    } else {
      test(`${job}: an objective of the route says that the metric carries no route`, async () => {
        const [status] = await evaluated(exporter, {
          bad: `${metric}_count{job="${job}", ${labels.route}="${ROUTE}", ${labels.status}=~"5.."}`,
          total: `${metric}_count{job="${job}", ${labels.route}="${ROUTE}"}`,
        });
        assert.equal(status.state, "unmatched");
        assert.match(status.reason, /http_route/);
        assert.ok(!("bad" in status) && !("total" in status), "no data is no number");
      });
    }

    test(`${job}: an objective of the whole service counts all of its requests`, async () => {
      const total = await bounds(`${metric}_count{job="${job}"}`);
      const [status] = await evaluated(exporter, {
        good: `${metric}_bucket{job="${job}", le="${edge}"}`,
        total: `${metric}_count{job="${job}"}`,
      });
      assert.equal(total.least, COUNTED.good + COUNTED.bad);
      assertWithin(status.total, total, "total");
      assertWithin(status.good, total, "good");
      assert.ok(Math.abs((status.bad ?? NaN) - 0) < 1e-6, `bad is ${status.bad}`);
    });
  }

  test("where several services have the route and none is called like this one, no name is taken from another", async () => {
    const { measured, file } = await proposed(exporters[0]!, "something-else");
    assert.equal(measured, undefined);
    assert.match(file.text, /^# The target of 99\.5 % is a guess/);
    assert.match(file.text, /job="something-else"/);
  });

  async function proposed({ app, packages }: Exporter, service: string) {
    const text = await readFile(new URL(`apps/${app}`, import.meta.url), "utf8");
    const manifest = JSON.stringify({ dependencies: Object.fromEntries(packages.map((name) => [name, "*"])) });
    const draft = newSloFor({
      endpoint: endpoints[0]!,
      endpoints,
      declared: workspaceOf({ "src/users.ts": text }).analysis.metrics,
      manifest: (path) => (path === "package.json" ? manifest : undefined),
      rootName: service,
      objectives: readObjectives({ files: () => [], manifest: () => undefined, rootName: service, ruleIds: [] }),
    });
    const source = createPrometheus({ url: prometheus.url, fetch: createHttp() });
    return proposeSlo(draft, source, Date.now(), AbortSignal.timeout(20_000), "en");
  }

  async function evaluated(exporter: Exporter, queries: Readonly<Record<string, string>>) {
    const { slos } = loadSlos([{ path: "slo.yaml", text: openSlo(exporter.job, queries) }]);
    const matches = matchSlos(endpoints, slos, {
      selectorsOf: queryTools.selectorsOf,
      serviceOf: () => exporter.job,
    });
    const source = createPrometheus({ url: prometheus.url, fetch: createHttp() });
    const signal = AbortSignal.timeout(20_000);
    const { objectives } = await evaluate({ slos, matches, source, now: Date.now(), signal });
    assert.equal(objectives.length, 1);
    return [objectives[0] as ObjectiveStatus, matches] as const;
  }

  async function bounds(selector: string) {
    return boundsOf(await samplesOf(prometheus.url, selector));
  }

  /** Until each application's newest samples are these counts and each series has `samples` of them. */
  async function untilScraped(good: number, bad: number, samples: number): Promise<void> {
    const deadline = Date.now() + 40_000;
    const wanted = exporters.map(({ job }) => `${job}: ${good} good, ${bad} bad`);
    let seen: string[] = [];
    while (Date.now() < deadline) {
      let fewest = Infinity;
      seen = [];
      for (const { job, metric, labels } of exporters) {
        const stored = await samplesOf(prometheus.url, `${metric}_count{job="${job}"}`);
        const last = (status: string) =>
          stored.find((it) => it.metric[labels.status] === status)?.values.at(-1)?.[1] ?? 0;
        seen.push(`${job}: ${last("200")} good, ${last("500")} bad`);
        fewest = Math.min(fewest, ...stored.map((it) => it.values.length));
      }
      if (fewest >= samples && seen.join() === wanted.join()) return;
      await wait(100);
    }
    assert.deepEqual(seen, wanted, "Prometheus has not seen what was sent");
  }
});

async function sendTo(url: string, { good, bad }: typeof FIRST): Promise<void> {
  for (let n = 0; n < good + bad; n++) {
    const response = await fetch(`${url}/api/v1/users/${n < good ? n + 1 : 0}`, {
      signal: AbortSignal.timeout(10_000),
    });
    await response.arrayBuffer();
    assert.equal(response.status, n < good ? 200 : 500);
  }
}

/** JSON, which YAML is a superset of. */
function openSlo(service: string, queries: Readonly<Record<string, string>>): string {
  const metric = (query: string) => ({ metricSource: { type: "Prometheus", spec: { query } } });
  const parts = Object.fromEntries(Object.entries(queries).map(([name, query]) => [name, metric(query)]));
  return JSON.stringify({
    apiVersion: "openslo/v1",
    kind: "SLO",
    metadata: { name: "objective" },
    spec: {
      service,
      indicator: { metadata: { name: "indicator" }, spec: { ratioMetric: { counter: true, ...parts } } },
      timeWindow: [{ duration: "28d", isRolling: true }],
      budgetingMethod: "Occurrences",
      objectives: [{ displayName: "target", target: 0.999 }],
    },
  });
}
