/**
 * A real Prometheus scrapes a real instrumented site that is sent a counted number of requests, and the budgets that
 * SLO Lens works out must be those that were counted.
 *
 * `increase()` cannot be exact; stored-samples.ts says by how much, and the counts are held against that.
 */
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { type Sent, sendLoad } from "../../examples/recipes/load.ts";
import { startChild } from "../../examples/recipes/stand-ins/child.ts";
import { freePort } from "../../examples/recipes/stand-ins/free-port.ts";
import { findPrometheus, type Prometheus, startPrometheus } from "../../examples/recipes/stand-ins/prometheus.ts";
import { createHttp } from "../../platform/http.ts";
import {
  type CodeEndpoint,
  createPrometheus,
  createScrape,
  evaluate,
  loadSlos,
  matchSlos,
  type ObjectiveStatus,
  queryTools,
  type Slo,
  type Source,
} from "../../slo/index.ts";
import { assertWithin, boundsOf, samplesOf } from "./stored-samples.ts";

const recipes = new URL("../../examples/recipes/", import.meta.url);
const COUNT = "http_request_duration_seconds_count";
const BUCKET = "http_request_duration_seconds_bucket";

const endpoints: readonly CodeEndpoint[] = [
  { method: "GET", route: "/recipes", path: "src/routes/recipes.ts" },
  { method: "POST", route: "/recipes", path: "src/routes/recipes.ts" },
  { method: "GET", route: "/recipes/:id", path: "src/routes/recipes.ts" },
  { method: "GET", route: "/recipes/:id/nutrition", path: "src/routes/recipes.ts" },
  { method: "GET", route: "/users/:id/feed", path: "src/routes/users.ts" },
];

describe("budgets from a real Prometheus", { timeout: 180_000 }, () => {
  const running: { stop(): Promise<void> }[] = [];
  let prometheus: Prometheus;
  let metrics: string;
  let sent: readonly Sent[];

  before(async () => {
    const binary = await findPrometheus();
    assert.ok(binary, "prometheus is needed: apt-get install prometheus, or name the program in PROMETHEUS");
    const folder = await mkdtemp(join(tmpdir(), "slo-lens-"));
    running.push({ stop: () => rm(folder, { recursive: true, force: true }) });
    const database = await startChild<{ url: string }>(new URL("stand-ins/database.ts", recipes), [], {
      RECIPES_ROWS: "2000",
    });
    running.push(database);
    const nutrition = await startChild<{ url: string }>(new URL("stand-ins/nutrition-service.ts", recipes), [], {
      NUTRITION_FAIL_EVERY: "6",
      NUTRITION_STALL_EVERY: "5",
      NUTRITION_STALL_MS: "1500",
    });
    running.push(nutrition);
    const site = await startChild<{ url: string; metrics: string }>(new URL("src/server.ts", recipes), [], {
      DATABASE_URL: database.ready.url,
      NUTRITION_URL: nutrition.ready.url,
      PORT: "0",
    });
    running.push(site);
    metrics = site.ready.metrics;
    const targets = { recipes: new URL(site.ready.url).host };
    prometheus = await startPrometheus({ binary, folder, targets, scrapeSeconds: 1 });
    running.push(prometheus);

    // A series is born with its first request, which `increase` cannot see. So the first requests come before the counting.
    const { url } = site.ready;
    const first = await sendLoad({ url, requests: 40, rate: 200, concurrency: 4 });
    await untilScraped(prometheus.url, first);
    const counted = await sendLoad({ url, requests: 200, rate: 12, concurrency: 4 });
    sent = added(first, counted);
    await untilScraped(prometheus.url, sent);
  });

  after(async () => {
    for (const it of running.reverse()) await it.stop();
  });

  test("what metrics, labels and values there are is told to whoever writes a query", async () => {
    const fetch = createHttp(() => []);
    const { signal } = new AbortController();
    for (const source of [
      createPrometheus({ url: prometheus.url, fetch }),
      createScrape({ url: metrics, fetch, clock: { now: Date.now } }),
    ]) {
      const names = await source.names!({ of: "names" }, signal);
      assert.ok(names?.includes(COUNT) && names.includes(BUCKET), source.kind);
      const labels = await source.names!({ of: "labels", metric: COUNT }, signal);
      assert.ok(labels?.includes("route") && !labels.includes("le"), source.kind);
      const routes = await source.names!({ of: "values", metric: COUNT, label: "route" }, signal);
      assert.ok(routes?.includes("/recipes/:id/nutrition"), source.kind);
      assert.deepEqual(await source.names!({ of: "values", metric: "no_such_metric", label: "route" }, signal), []);
    }
  });

  test("requests that fail are counted as such, and the budget follows", async () => {
    const status = await statusOf("recipes/availability");
    const bad = await bounds(`${COUNT}{job="recipes",status=~"5..|499"}`);
    const total = await bounds(`${COUNT}{job="recipes"}`);
    assert.equal(
      total.last,
      sumOf(sent, () => true),
    );
    assert.equal(
      bad.last,
      sumOf(sent, (it) => it.status === 500),
    );
    assert.ok(bad.least > 0, "nutrition requests failed");
    assertWithin(status.bad, bad, "bad");
    assertWithin(status.total, total, "total");
    assertWithin(status.good, { least: total.least - bad.most, most: total.most - bad.least }, "good");
    const { sli, budgetRemaining } = numbersOf(status);
    assert.ok(Math.abs(sli - status.good! / status.total!) < 1e-9);
    assert.ok(Math.abs(budgetRemaining - (1 - (1 - sli) / 0.001)) < 1e-6);
    assert.equal(status.state, "exhausted");
  });

  test("the failures are put down to the endpoint that they happened on", async () => {
    const { endpoints: shares } = await statusOf("recipes/availability");
    const total = sumOf(sent, () => true);
    for (const { method, route, shareOfTraffic, shareOfBad } of shares) {
      const requests = sumOf(sent, (it) => it.method === method && it.route === route);
      // The same stretching applies to part and whole, so it nearly cancels out: by how much is what two births differ.
      assert.ok(Math.abs(shareOfTraffic! - requests / total) < 0.06, `${method} ${route}: ${shareOfTraffic}`);
      assert.ok(Math.abs((shareOfBad ?? 0) - (route.endsWith("/nutrition") ? 1 : 0)) < 0.01, `${route}: ${shareOfBad}`);
    }
    assert.equal(shares.length, endpoints.length);
  });

  test("requests within a threshold are counted at the edge of a bucket", async () => {
    const status = await statusOf("recipes/list-latency");
    const series = 'job="recipes",method="GET",route="/recipes"';
    const total = await bounds(`${COUNT}{${series}}`);
    assert.equal(
      total.last,
      sumOf(sent, (it) => it.method === "GET" && it.route === "/recipes"),
    );
    assertWithin(status.total, total, "total");
    assertWithin(status.good, await bounds(`${BUCKET}{${series},le="0.3"}`), "good");
  });

  test("a Sloth file is counted from its error query", async () => {
    const status = await statusOf("recipes/nutrition-latency");
    const series = 'job="recipes",route="/recipes/:id/nutrition"';
    const total = await bounds(`${COUNT}{${series}}`);
    const inTime = await bounds(`${BUCKET}{${series},le="1"}`);
    assert.equal(
      total.last,
      sumOf(sent, (it) => it.route === "/recipes/:id/nutrition"),
    );
    const late = sent.reduce((sum, it) => sum + (it.route.endsWith("/nutrition") ? it.count - it.within1s : 0), 0);
    assert.equal(total.last - inTime.last, late);
    assert.ok(late > 0, "some nutrition requests stalled");
    assertWithin(status.total, total, "total");
    assertWithin(status.bad, { least: total.least - inTime.most, most: total.most - inTime.least }, "bad");
    assertWithin(status.good, inTime, "good");
  });

  test("read from the page of the site itself, without a server, the counts are exact", async () => {
    const status = (await evaluatedFrom(createScrape({ url: metrics, fetch: createHttp(), clock: Date }))).find(
      (it) => it.id === "recipes/availability",
    );
    const bad = sumOf(sent, (it) => it.status === 500);
    const total = sumOf(sent, () => true);
    assert.deepEqual([status?.good, status?.bad, status?.total], [total - bad, bad, total]);
  });

  test("a Prometheus that is gone gives a reason, and no numbers", async () => {
    const [status] = await evaluated(`http://127.0.0.1:${await freePort()}`);
    assert.equal(status?.state, "no-data");
    assert.match(status?.reason ?? "", /127\.0\.0\.1/);
    for (const name of ["good", "bad", "total", "sli", "budgetRemaining"] as const) assert.ok(!(name in status!), name);
  });

  async function statusOf(id: string): Promise<ObjectiveStatus> {
    const status = (await evaluated(prometheus.url)).find((it) => it.id === id);
    assert.ok(status, `${id} is among the objectives`);
    assert.ok(status.state !== "no-data", status.reason);
    return status;
  }

  async function bounds(selector: string) {
    return boundsOf(await samplesOf(prometheus.url, selector));
  }
});

function evaluated(url: string): Promise<readonly ObjectiveStatus[]> {
  return evaluatedFrom(createPrometheus({ url, fetch: createHttp() }));
}

async function evaluatedFrom(source: Source): Promise<readonly ObjectiveStatus[]> {
  const slos = await exampleSlos();
  const matches = matchSlos(endpoints, slos, { selectorsOf: queryTools.selectorsOf, serviceOf: () => "recipes" });
  const report = await evaluate({ slos, matches, source, now: Date.now(), signal: AbortSignal.timeout(20_000) });
  return report.objectives;
}

async function exampleSlos(): Promise<readonly Slo[]> {
  const paths = ["slo/recipes.openslo.yaml", "slo/nutrition.sloth.yaml"];
  const files = await Promise.all(
    paths.map(async (path) => ({ path, text: await readFile(new URL(path, recipes), "utf8") })),
  );
  const { slos } = loadSlos(files);
  assert.deepEqual(slos.map((slo) => slo.id).sort(), [
    "recipes/availability",
    "recipes/list-latency",
    "recipes/nutrition-latency",
  ]);
  return slos;
}

/** Asks until the newest samples are those of the requests sent; each is counted once its answer has left. */
async function untilScraped(url: string, sent: readonly Sent[]): Promise<void> {
  const deadline = Date.now() + 30_000;
  const expected = sent.map((it) => `${it.method} ${it.route} ${it.status}: ${it.count}`).sort();
  let seen: string[] = [];
  while (Date.now() < deadline) {
    seen = (await samplesOf(url, `${COUNT}{job="recipes"}`))
      .map(({ metric, values }) => `${metric.method} ${metric.route} ${metric.status}: ${values.at(-1)?.[1]}`)
      .sort();
    if (seen.join() === expected.join()) return;
    await wait(100);
  }
  assert.deepEqual(seen, expected, "Prometheus has not seen what was sent");
}

function numbersOf({ sli, budgetRemaining }: ObjectiveStatus) {
  assert.ok(sli !== undefined && budgetRemaining !== undefined);
  return { sli, budgetRemaining };
}

function sumOf(sent: readonly Sent[], isMeant: (it: Sent) => boolean): number {
  return sent.filter(isMeant).reduce((sum, it) => sum + it.count, 0);
}

function added(...lists: readonly (readonly Sent[])[]): Sent[] {
  const byKey = new Map<string, Sent>();
  for (const it of lists.flat()) {
    const key = `${it.method} ${it.route} ${it.status}`;
    const other = byKey.get(key);
    byKey.set(key, {
      ...it,
      count: it.count + (other?.count ?? 0),
      within300ms: it.within300ms + (other?.within300ms ?? 0),
      within1s: it.within1s + (other?.within1s ?? 0),
    });
  }
  return [...byKey.values()];
}
