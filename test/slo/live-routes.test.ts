/** Endpoints held against the routes that a metric has really seen. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { askLiveRoutes } from "../../slo/live-routes.ts";
import type { CodeEndpoint, Slo } from "../../slo/model.ts";
import { parseExposition } from "../../slo/telemetry/exposition.ts";
import { evaluatePromql } from "../../slo/telemetry/scrape-promql.ts";
import type { MetricAnswer, Source } from "../../slo/telemetry/source.ts";
import { say } from "../../slo/words.ts";

const never = new AbortController().signal;

function slo(query: string, id = "shop/orders"): Slo {
  const promql = (text: string) => ({ text, dialect: "promql" as const });
  return {
    id,
    format: "openslo/v1",
    path: "slo.yaml",
    range: { start: 0, end: 0 },
    service: "shop",
    name: "orders",
    target: 0.99,
    window: { kind: "rolling", seconds: 28 * 86_400, text: "28d" },
    method: "request-weighted",
    indicator: { type: "ratio", total: promql(query), bad: promql(query.replace("{", '{code="500",')) },
    endpoints: [],
    grouping: [],
    labels: {},
    level: "evaluable",
    problems: [],
  };
}

/** A server that has what a page says, and whose metrics have these names. */
function source(page: string, names: readonly string[] = [], kind: Source["kind"] = "prometheus"): Source {
  const scrapes = [{ time: 1_800_000_000, series: parseExposition(page).series, startTime: 1_799_000_000 }];
  return {
    kind,
    name: "http://test",
    async query(batch) {
      return new Map(
        batch.map(({ key, query }): [string, MetricAnswer] => {
          const result = evaluatePromql(query, scrapes);
          if (!result.ok) return [key, { ok: false, fault: { kind: "status", data: { address: "x", status: "500" } } }];
          return [
            key,
            {
              ok: true,
              samples: result.samples.map((it) => ({ ...it, text: `${it.value}` })),
              series: [],
              isPartial: false,
            },
          ];
        }),
      );
    },
    names: async () => names,
  };
}

const endpoint = (method: string, route: string): CodeEndpoint => ({ method, route, path: "src/app.ts" });
const row = (labels: string): string => `http_requests_total{${labels}} 5`;
const query = (labels: string): string => `sum(rate(http_requests_total{${labels}}[5m]))`;
const page = [
  row('route="/orders/:id",method="GET",code="200",service="shop"'),
  row('route="/orders/:id",method="GET",code="500",service="shop"'),
  row('route="/orders/:id/lines",method="POST",code="200",service="shop"'),
  row('route="/carts",method="POST",code="200",service="shop"'),
  row('route="/secrets/:id",method="GET",code="200",service="vault"'),
].join("\n");
const orders = query('route="/orders/:id",service="shop"');

test("a route that was seen, with its series; its objective's query finds them", async () => {
  const live = await askLiveRoutes(endpoint("GET", "/orders/{orderId}"), [slo(orders)], source(page), never);
  assert.equal(live.cause.key, "live-seen");
  assert.equal(say(live.cause, "en"), 'Seen: http_requests_total has route="/orders/:id" (2 series within a day).');
  assert.deepEqual([live.near[0]?.route, live.near[0]?.methods, live.near[0]?.series], ["/orders/:id", ["GET"], 2]);
  assert.equal(live.objectives.get("shop/orders")?.key, "live-found");
  assert.equal(live.routes, 3, "another service's routes are not looked through");
});

test("another method, no route near, one that is like it: each is said", async () => {
  const ask = async (method: string, route: string) =>
    (await askLiveRoutes(endpoint(method, route), [slo(orders)], source(page), never)).cause;
  const other = await ask("DELETE", "/orders/:id");
  assert.deepEqual([other.key, other.data["methods"]], ["live-other-method", "GET"]);
  const near = await ask("GET", "/orders/:id/history");
  assert.deepEqual([near.key, near.data["found"]], ["live-near", "/orders/:id"]);
  const far = await ask("GET", "/health");
  assert.deepEqual([far.key, far.data["routeCount"]], ["live-not-seen", 3]);
  assert.equal((await ask("ALL", "/carts")).key, "live-seen");
});

test("the traps of instrumentation are told by name: prefixes, raw paths, no label, no metric", async () => {
  const ask = async (route: string, of: string, prefixes: readonly string[] = []) =>
    (await askLiveRoutes(endpoint("GET", route), [slo(orders)], source(of), never, prefixes)).cause.key;
  const shop = 'code="200",service="shop"';
  const short = row(`route="/:id/lines",${shop}`);
  assert.equal(await ask("/orders/:id/lines", short), "route-prefix");
  const long = row(`route="/api/v2/orders/:id/lines",${shop}`);
  assert.equal(await ask("/orders/:id/lines", long), "live-longer");
  assert.equal(await ask("/orders/:id/lines", long, ["/api/v2"]), "live-seen");
  assert.equal(await ask("/users/:id", row(`route="/orders/17",${shop}`)), "raw-paths");
  assert.equal(await ask("/orders/:id", row(shop)), "no-path-label");
  assert.equal(await ask("/orders/:id", 'something_else_total{a="b"} 1'), "no-series");
});

test("an objective whose query finds nothing says why, beside a route that is there", async () => {
  const wrong = slo(query('path="/orders/:id",service="shop"'));
  const live = await askLiveRoutes(endpoint("GET", "/orders/:id"), [wrong], source(page), never);
  assert.equal(live.cause.key, "live-seen");
  assert.equal(live.objectives.get("shop/orders")?.key, "route-label-renamed");
});

test("without objectives metrics of HTTP requests are found by their names; without those it says so", async () => {
  const named = source(page, ["process_cpu_seconds_total", "http_requests_total", "http_client_requests_total"]);
  const live = await askLiveRoutes(endpoint("POST", "/carts"), [], named, never);
  assert.deepEqual([live.cause.key, live.near[0]?.route], ["live-seen", "/carts"]);
  assert.equal((await askLiveRoutes(endpoint("POST", "/carts"), [], source(page), never)).cause.key, "live-no-metric");
});

test("a source that fails is told as such; on a page of one service the service is not asked for", async () => {
  const failing: Source = {
    ...source(""),
    query: async (batch) =>
      new Map(
        batch.map(
          (it) => [it.key, { ok: false, fault: { kind: "refused", data: { address: "http://test" } } }] as const,
        ),
      ),
  };
  const live = await askLiveRoutes(endpoint("GET", "/orders/:id"), [slo(orders)], failing, never);
  assert.equal(live.cause.key, "no-answer");
  assert.match(say(live.cause, "ja"), /http:\/\/test に接続を拒否されました/);
  const own = row('route="/orders/:id",code="200"');
  const job = slo(query('route="/orders/:id",job="shop"'));
  const scraped = await askLiveRoutes(endpoint("GET", "/orders/:id"), [job], source(own, [], "scrape"), never);
  assert.equal(scraped.cause.key, "live-seen");
});
