/**
 * The arithmetic of budgets against loops over single requests: whatever the traffic, what a formula says is what
 * somebody who counts on their fingers comes to.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { lookBackSeconds } from "../../slo/calendar.ts";
import { shareQueries, sharesFrom } from "../../slo/diagnosis.ts";
import {
  burnPairs,
  type Counts,
  costOfOneFailure,
  eventsForOneFailure,
  firingPairs,
  isLowTraffic,
  isMoreThanChance,
  timeToExhaustion,
  type WindowMeasure,
} from "../../slo/maths.ts";
import type { CodeEndpoint, Match, Slo } from "../../slo/model.ts";
import { evaluate } from "../../slo/status.ts";
import { evaluatePromql, type Scrape } from "../../slo/telemetry/scrape-promql.ts";
import type { MetricAnswer, Source } from "../../slo/telemetry/source.ts";

const HOUR = 3600;
const DAY = 24 * HOUR;

const near = (actual: number | undefined, expected: number | undefined, what: string) => {
  if (expected === undefined) return assert.equal(actual, undefined, what);
  assert.ok(
    actual !== undefined && Math.abs(actual - expected) <= 1e-9 * Math.max(1, Math.abs(expected)),
    `${what}: ${actual}, ${expected} by hand`,
  );
};

/** A request: seconds ago, and whether it failed. */
const request = fc.record({ ago: fc.integer({ min: 0, max: 4 * DAY }), failed: fc.boolean() });
const permille = fc.integer({ min: 500, max: 999 });

// --- multi-window burn ---------------------------------------------------------------------------------------------

/** `P(X >= n)` for a mean, from the terms below n: exact enough for the few failures that are asked about here. */
function atLeast(n: number, mean: number): number {
  let below = 0;
  for (let k = 0; k < n; k++) {
    let term = Math.exp(-mean);
    for (let i = 1; i <= k; i++) term *= mean / i;
    below += term;
  }
  return 1 - below;
}

test("a pair fires where both of its look-backs, counted request by request, burn too fast and not by chance", () => {
  fc.assert(
    fc.property(
      fc.array(request, { maxLength: 60 }),
      permille,
      fc.integer({ min: 7, max: 40 }),
      (requests, per, days) => {
        const target = per / 1000;
        const pairs = burnPairs(days * DAY);
        const within = (seconds: number): Counts => {
          const seen = requests.filter(({ ago }) => ago < seconds);
          return { bad: seen.filter(({ failed }) => failed).length, total: seen.length };
        };
        const looks = [...new Set(pairs.flatMap((pair) => [pair.longSeconds, pair.shortSeconds]))];
        const measures = looks.map(
          (windowSeconds): WindowMeasure => ({ windowSeconds, counts: within(windowSeconds) }),
        );
        const byHand = pairs.filter((pair) => {
          const [long, short] = [within(pair.longSeconds), within(pair.shortSeconds)];
          if (long.total === 0 || short.total === 0) return false;
          // In thousandths, so that no rounding decides: bad / total >= factor * (1000 - per) / 1000.
          const burns = ({ bad, total }: Counts) => bad * 1000 - pair.factor * (1000 - per) * total >= -1e-6;
          const expected = (long.total * (1000 - per) * pair.factor) / 1000;
          return burns(long) && burns(short) && (expected >= 1 || atLeast(long.bad, expected) < 0.001);
        });
        const fires = firingPairs(pairs, measures, target);
        // What lies on the very edge may fall to either side of it.
        const onEdge = pairs.filter((pair) =>
          [pair.longSeconds, pair.shortSeconds].some((seconds) => {
            const { bad, total } = within(seconds);
            return total > 0 && Math.abs((bad * 1000) / total / (1000 - per) - pair.factor) < 1e-6;
          }),
        );
        const decided = (list: readonly unknown[]) => list.filter((pair) => !onEdge.includes(pair as never));
        assert.deepEqual(decided(fires), decided(byHand));
      },
    ),
    { numRuns: 500 },
  );
});

// --- low traffic ---------------------------------------------------------------------------------------------------

test("the traffic that allows one failure is the first at which one does not break the objective", () => {
  fc.assert(
    fc.property(permille, (per) => {
      let needed = 1;
      // One of `needed` failed: (needed - 1) / needed >= target.
      while ((needed - 1) * 1000 < per * needed) needed++;
      assert.equal(eventsForOneFailure(per / 1000), needed);
      assert.equal(isLowTraffic({ bad: 0, total: needed }, per / 1000), false);
      assert.equal(isLowTraffic({ bad: 0, total: needed - 1 }, per / 1000), true);
      near(costOfOneFailure(needed, per / 1000), 1000 / (needed * (1000 - per)), "what one of them costs");
    }),
  );
});

test("few failures are taken for chance where dice would throw as many, one time in a thousand or oftener", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 8 }), fc.integer({ min: 1, max: 200 }), permille, (bad, total, per) => {
      const expected = (total * (1000 - per)) / 1000;
      const chance = atLeast(bad, expected);
      if (Math.abs(chance - 0.001) < 1e-9 || Math.abs(expected - 1) < 1e-9) return;
      assert.equal(isMoreThanChance({ bad, total }, per / 1000), bad > 0 && (expected >= 1 || chance < 0.001));
    }),
  );
});

// --- exhaustion ----------------------------------------------------------------------------------------------------

test("a budget that is spent request by request at one pace is empty when it was said to be", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 2, max: 50 }),
      fc.integer({ min: 0, max: 95 }),
      permille,
      (windowDays, every, spentPercent, per) => {
        // One request a minute over the window; from now on every nth of them fails.
        const requests = windowDays * 24 * 60;
        const allowed = (requests * (1000 - per)) / 1000;
        const remaining = 1 - spentPercent / 100;
        const burn = 1000 / every / (1000 - per);
        const seconds = timeToExhaustion(remaining, windowDays * DAY, burn)!;
        let left = allowed * remaining;
        let minute = 0;
        for (; left > 0; minute++) left -= 1 / every;
        assert.ok(Math.abs(minute * 60 - seconds) <= 61, `${seconds} s, ${minute} min by hand`);
      },
    ),
    { numRuns: 60 },
  );
});

// --- whole objectives, and whose part it was -----------------------------------------------------------------------

const ENDPOINTS: readonly CodeEndpoint[] = [
  { method: "GET", route: "/orders", path: "src/a.ts" },
  { method: "POST", route: "/orders", path: "src/a.ts" },
  { method: "GET", route: "/orders/:id", path: "src/a.ts" },
  { method: "ALL", route: "/webhook", path: "src/b.ts" },
];

/** As exporters write them, and one that no endpoint of the code serves. */
const SERIES = [
  { method: "GET", route: "/orders", owner: 0 },
  { method: "POST", route: "/orders", owner: 1 },
  { method: "GET", route: "/orders/{id}", owner: 2 },
  { method: "GET", route: "/orders/:id", owner: 2 },
  { method: "PUT", route: "/webhook", owner: 3 },
  { method: "GET", route: "/old", owner: -1 },
] as const;

const text = (query: string) => ({ text: query, dialect: "promql" as const });
const rate = (selector: string) => `sum(rate(${selector}[{{.window}}]))`;

function objective(more: Partial<Slo> = {}): Slo {
  return {
    id: "shop/orders",
    format: "openslo/v1",
    path: "slo.yaml",
    range: { start: 0, end: 0 },
    service: "shop",
    name: "orders",
    target: 0.99,
    window: { kind: "rolling", seconds: 30 * DAY, text: "30d" },
    method: "request-weighted",
    indicator: { type: "ratio", bad: text(rate('r_total{code="500"}')), total: text(rate("r_total")) },
    endpoints: [],
    grouping: [],
    labels: {},
    level: "evaluable",
    problems: [],
    ...more,
  };
}

const matchesOf = (slo: Slo): readonly Match[] =>
  ENDPOINTS.map((endpoint) => ({ sloId: slo.id, endpoint, by: "service", score: 0.9, why: "" }));

interface Hit {
  /** Hours ago, whole, in which it was counted. */
  readonly hour: number;
  readonly series: number;
  readonly failed: boolean;
}

const hit: fc.Arbitrary<Hit> = fc.record({
  hour: fc.integer({ min: 0, max: 45 * 24 }),
  series: fc.nat(SERIES.length - 1),
  failed: fc.boolean(),
});

/** Counters as they stood at each hour; every series is there from the start, at zero. */
function scrapesOf(hits: readonly Hit[], now: number): readonly Scrape[] {
  const hours = [...new Set([46 * 24, ...hits.map(({ hour }) => hour), 0])].sort((a, b) => b - a);
  return hours.map((hour) => ({
    time: now - hour * HOUR,
    startTime: now - 60 * DAY,
    series: SERIES.flatMap(({ method, route }, index) =>
      ["200", "500"].map((code) => ({
        name: "r_total",
        labels: { method, route, code },
        value: hits.filter((it) => it.series === index && it.hour >= hour && it.failed === (code === "500")).length,
      })),
    ),
  }));
}

function sourceOver(scrapes: readonly Scrape[]): Source {
  return {
    kind: "prometheus",
    name: "http://test",
    query: async (batch) =>
      new Map(
        batch.map(({ key, query, range }): [string, MetricAnswer] => {
          const result = range === undefined ? evaluatePromql(query, scrapes) : undefined;
          const samples = result?.ok
            ? result.samples.map(({ labels, value }) => ({ labels, value, text: `${value}` }))
            : [];
          return [key, { ok: true, samples, series: [], isPartial: false }];
        }),
      ),
  };
}

test("an objective over a rolling or a calendar window, and each endpoint's part in it, are those counted hit by hit", async () => {
  // 15 January 2027, 08:00 UTC.
  const now = 1_800_000_000;
  const month = {
    kind: "calendar",
    seconds: 30 * DAY,
    text: "1M",
    start: "2026-01-01 00:00:00",
    timeZone: "UTC",
  } as const;
  const windows = [objective().window, month, { kind: "rolling", seconds: 7 * DAY, text: "7d" } as const];
  const indicators: readonly Slo["indicator"][] = [
    objective().indicator,
    { type: "ratio", good: text(rate('r_total{code="200"}')), total: text(rate("r_total")) },
    // What Sloth writes of latencies: all of them but the good.
    {
      type: "ratio",
      bad: text(`${rate("r_total")} - ${rate('r_total{code="200"}')}`),
      total: text(rate("r_total")),
    },
    { type: "raw", errorRatio: text(`${rate('r_total{code="500"}')} / ${rate("r_total")}`) },
  ];
  await fc.assert(
    fc.asyncProperty(
      fc.array(hit, { maxLength: 40 }),
      fc.constantFrom(...windows),
      fc.constantFrom(...indicators),
      async (hits, window, indicator) => {
        const slo = objective({ window, indicator });
        const matches = matchesOf(slo);
        const source = sourceOver(scrapesOf(hits, now));
        const signal = new AbortController().signal;
        const { objectives } = await evaluate({ slos: [slo], matches, source, now: now * 1000, signal });
        const status = objectives[0]!;
        const seconds = lookBackSeconds(window, now * 1000);
        const seen = hits.filter(({ hour }) => hour * HOUR < seconds);
        const failed = seen.filter((it) => it.failed);
        if (seen.length === 0) {
          assert.equal(status.state, "no-data");
          assert.equal(status.total ?? 0, 0);
          assert.equal(status.budgetRemaining, undefined);
          return;
        }
        near(status.total, seen.length, "total");
        near(status.bad, failed.length, "bad");
        near(status.budgetRemaining, 1 - failed.length / (seen.length * 0.01), "left");
        for (const { windowSeconds, rate: burn } of status.burnRates) {
          const recent = hits.filter(({ hour }) => hour * HOUR < windowSeconds);
          const bad = recent.filter((it) => it.failed).length;
          near(burn, recent.length === 0 ? undefined : bad / recent.length / 0.01, `burn over ${windowSeconds} s`);
        }
        ENDPOINTS.forEach(({ method, route }, index) => {
          const share = status.endpoints.find((each) => each.method === method && each.route === route);
          const own = (list: readonly Hit[]) => list.filter(({ series }) => SERIES[series]!.owner === index).length;
          near(share?.shareOfTraffic, own(seen) / seen.length, `${method} ${route}: traffic`);
          near(share?.shareOfBad, failed.length === 0 ? undefined : own(failed) / failed.length, `${route}: failures`);
        });
      },
    ),
    { numRuns: 120 },
  );
});

test("what one endpoint is not known to have had, it is not said to have had", () => {
  const slo = objective();
  const matches = matchesOf(slo);
  const queries = shareQueries(slo, "k", matches);
  fc.assert(
    fc.property(fc.array(fc.boolean(), { minLength: queries.length, maxLength: queries.length }), (areAnswered) => {
      const answers = new Map<string, MetricAnswer>(
        queries.map(({ key }, index) => [
          key,
          areAnswered[index]
            ? {
                ok: true,
                samples: [{ labels: { route: "/orders", method: "GET" }, value: 4, text: "4" }],
                series: [],
                isPartial: false,
              }
            : { ok: false, fault: { kind: "query-too-heavy", data: {} } },
        ]),
      );
      const { endpoints } = sharesFrom(slo, "k", matches, answers);
      const [total, part] = areAnswered;
      assert.equal(endpoints[0]?.shareOfTraffic, total ? 1 : undefined);
      assert.equal(endpoints[0]?.shareOfBad, total && part ? 1 : undefined);
    }),
  );
});
