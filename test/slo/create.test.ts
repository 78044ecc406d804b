import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  type CodeEndpoint,
  countQueries,
  createSloDocument,
  loadSlos,
  matchSlos,
  metricsOf,
  type NewSlo,
  parses,
  proposeTarget,
  queryTools,
} from "../../slo/index.ts";

const formats = ["openslo", "sloth", "pyrra"] as const;
const libraries = ["prom-client", "opentelemetry", "fastify-metrics", "express-prom-bundle"] as const;
const base: NewSlo = {
  endpoint: { method: "GET", route: "/recipes/:id" },
  service: "recipes",
  format: "openslo",
  metrics: metricsOf("opentelemetry"),
  target: 0.999,
  windowDays: 28,
};
const load = (it: NewSlo) => {
  const { name, text } = createSloDocument(it);
  const loaded = loadSlos([{ path: name, text }]);
  return {
    slo: loaded.slos[0]!,
    problems: [...loaded.documents, ...loaded.slos].flatMap((each) => each.problems),
    text,
  };
};

test("every format, library and kind of objective loads without a problem and is about its endpoint", () => {
  const endpoint: CodeEndpoint = { ...base.endpoint, path: "src/app.ts" };
  const others: CodeEndpoint[] = [
    { method: "POST", route: "/recipes/:id", path: "src/app.ts" },
    { method: "GET", route: "/recipes", path: "src/app.ts" },
  ];
  for (const format of formats)
    for (const library of libraries)
      for (const latencyMs of [undefined, 300]) {
        const { slo, problems, text } = load({
          ...base,
          format,
          metrics: metricsOf(library),
          ...(latencyMs === undefined ? {} : { latencyMs }),
        });
        assert.deepEqual(problems, [], text);
        assert.equal(slo.level, "evaluable");
        assert.equal(slo.target, 0.999);
        assert.equal(slo.service, "recipes");
        assert.ok(slo.indicator.type === "ratio" && slo.indicator.latencyThresholdSeconds === (latencyMs && 0.3));
        const counts = countQueries(slo, 3600);
        assert.ok(counts && parses(counts.total) && parses(counts.good ?? counts.bad ?? ""));
        const matches = matchSlos([endpoint, ...others], [slo], { selectorsOf: queryTools.selectorsOf });
        assert.deepEqual(
          matches.map((it) => it.endpoint),
          [endpoint],
          text,
        );
      }
});

test("the queries are those of the library", () => {
  const { text } = load({ ...base, format: "sloth" });
  assert.match(
    text,
    /error_query: sum\(rate\(http_server_request_duration_seconds_count\{job="recipes",http_request_method="GET",http_route="\/recipes\/:id",http_response_status_code=~"5\.\."\}\[\{\{\.window\}\}\]\)\)/,
  );
  const own = load({ ...base, format: "pyrra", metrics: metricsOf("prom-client", "kitchen_seconds"), latencyMs: 250 });
  assert.match(own.text, /kitchen_seconds_bucket\{job="recipes",method="GET",route="\/recipes\/:id",le="0\.25"\}/);
  assert.match(own.text, /window: 4w/);
});

test("whatever routes and services are called, the file loads", () => {
  const word = fc.string({ unit: "grapheme", maxLength: 40 });
  fc.assert(
    fc.property(
      fc.record({
        method: fc.constantFrom("GET", "ALL", "DELETE"),
        route: word.map((it) => `/${it}`),
        service: word,
        format: fc.constantFrom(...formats),
        target: fc.constantFrom(0.5, 0.9, 0.95, 0.999, 0.9999),
      }),
      ({ method, route, service, format, target }) => {
        const { slo, problems, text } = load({ ...base, endpoint: { method, route }, service, format, target });
        assert.equal(slo?.target, target, text);
        // Braces of a route may be read as a template's, which is said and no error.
        assert.deepEqual(
          problems.filter((it) => it.severity === "error"),
          [],
          text,
        );
        assert.match(slo.name, /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/);
      },
    ),
    { numRuns: 200 },
  );
});

test("a target that leaves a budget at this traffic", () => {
  assert.deepEqual(proposeTarget(0.9998, 1_000_000), { target: 0.9995, allowed: 500, reason: "achieved" });
  assert.equal(proposeTarget(1, 10_000_000).target, 0.9999);
  assert.equal(proposeTarget(0.993, 100_000).target, 0.98);
  assert.deepEqual(proposeTarget(1, 1000), { target: 0.995, allowed: 5, reason: "low-traffic" });
  assert.deepEqual(proposeTarget(1, 3).reason, "low-traffic");
  assert.deepEqual(proposeTarget(undefined, undefined), { target: 0.99, allowed: 0, reason: "unknown" });
  assert.deepEqual(proposeTarget(Number.NaN, 10).reason, "unknown");
});

test("a proposed target is one that is kept today", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1e7 }), fc.double({ min: 0.76, max: 1, noNaN: true }), (total, achieved) => {
      const { target } = proposeTarget(achieved, total);
      assert.ok(target <= achieved && target >= 0.5 && target < 1);
    }),
  );
});
