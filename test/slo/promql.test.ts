import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  asIncrease,
  countQueries,
  loadSlos,
  parses,
  readSelectors,
  withMatchers,
  withWindow,
} from "../../slo/index.ts";

test("what is PromQL, templates of windows included", () => {
  assert.ok(parses('sum(rate(http_requests_total{code=~"5.."}[{{.window}}]))'));
  assert.ok(parses("sum(rate(http_requests_total[$__rate_interval]))"));
  assert.ok(parses('{"http.server.request.duration", "http.route"="/a"}'));
  assert.equal(parses("SELECT 1"), false);
  assert.equal(parses('histogram_share(0.5, x{le="1"}'), false);
  assert.equal(parses(""), false);
});

test("selectors with their places in the text as written", () => {
  const text = 'sum(rate(a_total{x="1",y=~"b|c"}[{{ .window }}])) / sum(b_total offset 5m)';
  const [a, b] = readSelectors(text);
  assert.deepEqual(a?.matchers, [
    { label: "x", op: "=", value: "1" },
    { label: "y", op: "=~", value: "b|c" },
  ]);
  assert.equal(text.slice(a!.range.start, a!.range.end), 'a_total{x="1",y=~"b|c"}');
  assert.equal(text.slice(a!.lookBack!.range.start, a!.lookBack!.range.end), "{{ .window }}");
  assert.equal(b?.metric, "b_total");
  assert.equal(b?.lookBack, undefined);
});

test("windows are filled, a look-back that is written out stays", () => {
  assert.equal(withWindow("rate(a[{{.window}}]) / rate(b[5m])", 3600), "rate(a[1h]) / rate(b[5m])");
  assert.equal(withWindow("rate(a[$__rate_interval])", 300), "rate(a[5m])");
});

test("matchers go into every selector once", () => {
  const route = [{ label: "route", op: "=", value: '/a"b' }] as const;
  assert.equal(
    withMatchers('sum(rate(a{x="1"}[{{.window}}])) / sum(rate(b[{{.window}}]))', route),
    'sum(rate(a{x="1",route="/a\\"b"}[{{.window}}])) / sum(rate(b{route="/a\\"b"}[{{.window}}]))',
  );
  assert.equal(withMatchers("a{}", route), 'a{route="/a\\"b"}');
  assert.equal(withMatchers('a{x="1", }', route), 'a{x="1",route="/a\\"b"}');
  assert.equal(withMatchers("not PromQL at all", route), undefined);
  const once = withMatchers("a", route)!;
  assert.equal(withMatchers(once, route), once);
});

test("whatever values matchers have, the result parses and says them", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme-ascii", maxLength: 20 }), (value) => {
      const changed = withMatchers('sum(rate(a{x="1"}[5m])) + b', [{ label: "http.route", op: "=", value }]);
      assert.ok(changed !== undefined && parses(changed));
      for (const it of readSelectors(changed)) assert.equal(it.matchers.at(-1)?.value, value);
    }),
    { numRuns: 200 },
  );
});

test("rates become increases over the window", () => {
  assert.equal(asIncrease("sum(rate(a[{{.window}}]))", 3600), "sum(increase(a[1h]))");
  assert.equal(asIncrease('a{x="1"}', 86_400), 'sum(increase(a{x="1"}[1d]))');
});

test("counts of each format that has counts", () => {
  const text = (indicator: string) =>
    `apiVersion: pyrra.dev/v1alpha1\nkind: ServiceLevelObjective\nmetadata: {name: a}\nspec:\n  target: "99"\n  window: 4w\n  indicator: ${indicator}\n`;
  const counts = (indicator: string) =>
    countQueries(loadSlos([{ path: "a.yaml", text: text(indicator) }]).slos[0]!, 3600);
  assert.deepEqual(counts("{ratio: {errors: {metric: 'a{code=\"500\"}'}, total: {metric: a}}}"), {
    bad: 'sum(increase(a{code="500"}[1h]))',
    total: "sum(increase(a[1h]))",
  });
  assert.deepEqual(
    counts("{latency: {success: {metric: 'a_bucket{le=\"0.3\"}'}, total: {metric: a_count}}}")?.good,
    'sum(increase(a_bucket{le="0.3"}[1h]))',
  );
  const native = counts("{latencyNative: {latency: 250ms, total: {metric: a}}}");
  assert.ok(native && parses(native.total) && parses(native.good!));
  assert.equal(counts("{bool_gauge: {metric: up}}"), undefined);
});
