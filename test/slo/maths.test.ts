import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  budgetShareOfDependencies,
  burnPairs,
  burnRate,
  burnWindows,
  dependencyVerdict,
  errorBudget,
  eventsForOneFailure,
  expectedConsumption,
  firingPairs,
  isLowTraffic,
  isMoreThanChance,
  poissonTail,
  ratioTimesliceBudget,
  requestBudget,
  seriesTarget,
  share,
  sliceBudget,
  timesliceBudget,
  timeToExhaustion,
  toCounts,
} from "../../slo/maths.ts";

const DAY = 86_400;
const near = (actual: number | undefined, expected: number, tolerance = 1e-9) => {
  assert.ok(
    actual !== undefined && Math.abs(actual - expected) <= tolerance * Math.max(1, Math.abs(expected)),
    `${actual} is not near ${expected}`,
  );
};

test("counts come from any two of good, bad and total", () => {
  assert.deepEqual(toCounts({ good: 90, total: 100 }), { bad: 10, total: 100 });
  assert.deepEqual(toCounts({ bad: 10, total: 100 }), { bad: 10, total: 100 });
  assert.deepEqual(toCounts({ good: 90, bad: 10 }), { bad: 10, total: 100 });
  assert.equal(toCounts({ total: 100 }), undefined);
  assert.equal(toCounts({ bad: Number.NaN, total: 100 }), undefined);
  assert.deepEqual(
    toCounts({ good: 100.2, total: 100 }),
    { bad: 0, total: 100 },
    "extrapolated good does not make bad negative",
  );
});

test("the request-weighted budget of the documented example: 139 of 180 spent, 41 left, 23 %", () => {
  const budget = requestBudget({ bad: 139, total: 180_000 }, 0.999);
  near(budget.allowed, 180);
  assert.equal(budget.left, 41);
  near(budget.remaining, 41 / 180);
  near(budget.sli, 1 - 139 / 180_000);
});

test("a request-weighted budget equals the one counted event by event", () => {
  fc.assert(
    fc.property(
      fc.array(fc.boolean(), { minLength: 1, maxLength: 400 }),
      fc.integer({ min: 1, max: 999 }),
      (events, permille) => {
        const target = permille / 1000;
        const bad = events.filter((isGood) => !isGood).length;
        const budget = requestBudget({ bad, total: events.length }, target);
        // By hand: fail one event after the other until the ratio falls under the target.
        let allowedByHand = 0;
        while ((events.length - allowedByHand - 1) * 1000 >= permille * events.length) allowedByHand++;
        assert.equal(budget.left, allowedByHand - bad);
        assert.equal(budget.remaining! >= -1e-9, events.length * permille <= (events.length - bad) * 1000);
      },
    ),
  );
});

test("slices: OpenSLO's example allows 5 min 2.4 s, empty slices count for nothing", () => {
  const budget = timesliceBudget(
    [
      { bad: 0, total: 10 },
      { bad: 5, total: 10 },
      { bad: 0, total: 0 },
    ],
    { target: 0.9995, sliceTarget: 0.9, sliceSeconds: 60, windowSeconds: 7 * DAY },
  );
  near(budget.allowedSeconds, 302.4);
  assert.equal(budget.badSlices, 1);
  assert.equal(budget.emptySlices, 1);
  near(budget.sli, 0.5);
  near(budget.remaining, 1 - 60 / 302.4);
  assert.equal(
    sliceBudget({ target: 0.99, sliceSeconds: 60, windowSeconds: DAY, badSlices: 0, countedSlices: 0 }).remaining,
    undefined,
  );
});

test("slices and the mean of slices agree with brute force, whatever the traffic", () => {
  const slice = fc
    .integer({ min: 0, max: 50 })
    .chain((total) => fc.integer({ min: 0, max: total }).map((bad) => ({ bad, total })));
  fc.assert(
    fc.property(
      fc.array(slice, { maxLength: 60 }),
      fc.double({ min: 0.01, max: 0.9999, noNaN: true }),
      (slices, target) => {
        const busy = slices.filter((each) => each.total > 0);
        const budget = timesliceBudget(slices, { target, sliceTarget: 0.9, sliceSeconds: 60, windowSeconds: 3600 });
        const good = busy.filter((each) => each.total - each.bad >= 0.9 * each.total - 1e-12).length;
        if (busy.length === 0) assert.equal(budget.sli, undefined);
        else near(budget.sli, good / busy.length);
        const mean = ratioTimesliceBudget(slices, target);
        if (busy.length === 0) assert.deepEqual(mean, {});
        else near(mean.sli, busy.reduce((sum, each) => sum + (each.total - each.bad) / each.total, 0) / busy.length);
      },
    ),
  );
});

test("one failure in a quiet slot weighs a thousand times more by time than by request", () => {
  // One failure of one request in one of 8,640 five-minute slots, 1,000 requests in each other one.
  const slices = Array.from({ length: 8640 }, (_, index) =>
    index === 0 ? { bad: 1, total: 1 } : { bad: 0, total: 1000 },
  );
  const total = slices.reduce((sum, each) => sum + each.total, 0);
  near(1 - ratioTimesliceBudget(slices, 0.999).remaining!, 0.1157, 1e-3);
  near(1 - requestBudget({ bad: 1, total }, 0.999).remaining!, 0.0001157, 1e-3);
});

test("burn-rate pairs are 14.4 / 6 / 3 / 1 for thirty days and scale with the window", () => {
  assert.deepEqual(
    burnPairs(30 * DAY).map((pair) => pair.factor),
    [14.4, 6, 3, 1],
  );
  assert.deepEqual(
    burnPairs(28 * DAY).map((pair) => pair.factor),
    [13.44, 5.6, 2.8, 0.933333],
  );
  assert.deepEqual(
    burnPairs(7 * DAY).map((pair) => pair.factor),
    [3.36, 1.4],
    "pairs slower than the budget are left out",
  );
  assert.deepEqual(
    burnPairs(DAY).map((pair) => pair.factor),
    [14.4, 6, 3, 1],
    "short windows shrink the look-backs instead",
  );
  assert.deepEqual(burnWindows(30 * DAY), [300, 1800, 3600, 7200, 21_600, DAY, 3 * DAY]);
  assert.deepEqual(burnPairs(Number.NaN), []);
});

test("a pair's factor is the pace at which its long window spends its share of the budget", () => {
  fc.assert(
    fc.property(fc.integer({ min: 7, max: 90 }), (days) => {
      for (const pair of burnPairs(days * DAY))
        near((pair.factor * pair.longSeconds) / (days * DAY), pair.budgetShare, 1e-5);
    }),
  );
});

test("burn rate and time to exhaustion", () => {
  near(burnRate(0.001, 0.999), 1);
  near(burnRate(0.0062, 0.999), 6.2);
  assert.equal(burnRate(0, 1), 0);
  assert.equal(burnRate(0.5, 1), undefined, "no finite pace describes a target of 1");
  near(timeToExhaustion(0.5, 30 * DAY, 1), 15 * DAY);
  assert.equal(timeToExhaustion(0.5, 30 * DAY, 0), undefined);
  assert.equal(timeToExhaustion(-0.1, 30 * DAY, 3), 0);
});

test("spending at the burn rate for the time to exhaustion leaves nothing", () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0.001, max: 1, noNaN: true }),
      fc.double({ min: 0.01, max: 1000, noNaN: true }),
      fc.integer({ min: 3600, max: 90 * DAY }),
      (remaining, burn, window) => {
        const seconds = timeToExhaustion(remaining, window, burn)!;
        near(remaining - (burn * seconds) / window, 0, 1e-6);
      },
    ),
  );
});

test("low traffic: the events a single failure needs", () => {
  assert.deepEqual([0.99, 0.995, 0.999, 0.9995, 0.9999].map(eventsForOneFailure), [100, 200, 1000, 2000, 10_000]);
  assert.equal(eventsForOneFailure(1), undefined);
  assert.equal(isLowTraffic({ bad: 1, total: 312 }, 0.999), true);
  assert.equal(isLowTraffic({ bad: 1, total: 1000 }, 0.999), false);
});

test("few failures of few events are chance, many are not", () => {
  assert.equal(isMoreThanChance({ bad: 1, total: 312 }, 0.999), false);
  assert.equal(isMoreThanChance({ bad: 200, total: 312 }, 0.999), true);
  assert.equal(isMoreThanChance({ bad: 0, total: 312 }, 0.999), false);
});

test("the Poisson tail equals the sum of its terms", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 20 }), fc.double({ min: 0.01, max: 5, noNaN: true }), (n, mean) => {
      let below = 0;
      let term = Math.exp(-mean);
      for (let k = 0; k < n; k++) {
        below += term;
        term *= mean / (k + 1);
      }
      near(poissonTail(n, mean), 1 - below, 1e-9);
    }),
  );
});

test("one failure in a quiet hour fires no pair, a busy hour at the same pace does", () => {
  const pairs = burnPairs(30 * DAY);
  const measures = (bad: number, total: number) =>
    [300, 3600].map((windowSeconds) => ({ windowSeconds, counts: { bad, total } }));
  assert.deepEqual(firingPairs(pairs, measures(1, 60), 0.999), []);
  assert.equal(firingPairs(pairs, measures(100, 6000), 0.999)[0]?.longSeconds, 3600);
  assert.equal(
    firingPairs(pairs, measures(50, 60), 0.999)[0]?.longSeconds,
    3600,
    "nearly everything failing is no chance",
  );
  assert.deepEqual(
    firingPairs(pairs, [{ windowSeconds: 3600, errorRatio: 0.9 }], 0.999),
    [],
    "a pair needs both of its windows",
  );
});

test("dependencies in series multiply, and may eat a whole budget", () => {
  near(seriesTarget([0.999, 0.999]), 0.998001);
  near(budgetShareOfDependencies(0.999, [0.999]), 1);
  near(budgetShareOfDependencies(0.99, [0.999, 0.999]), 0.1999, 1e-3);
  assert.equal(budgetShareOfDependencies(1, [0.999]), undefined);
});

test("an objective that its dependencies cannot carry", () => {
  const verdict = dependencyVerdict(0.999, [
    { name: "search", target: 0.9999 },
    { name: "nutrition", target: 0.995 },
  ]);
  assert.equal(verdict.isBelow, true);
  assert.deepEqual(
    verdict.each.map(({ name, isBelow }) => [name, isBelow]),
    [
      ["nutrition", true],
      ["search", false],
    ],
  );
  near(verdict.each[0]?.budgetShare, 5);
  near(verdict.budgetShare, 5.0995, 1e-6);
  assert.equal(dependencyVerdict(0.999, [{ name: "a", target: 0.999 }]).isBelow, false, "just enough is enough");
  assert.equal(
    dependencyVerdict(0.999, [{ name: "a", target: 0.99, tries: 2 }]).isBelow,
    false,
    "an independent second try squares the failures",
  );
  assert.deepEqual(dependencyVerdict(0.999, []), { best: 1, isBelow: false, budgetShare: 0, each: [] });
});

test("another dependency never makes an endpoint better, another try never makes it worse", () => {
  const target = fc.double({ min: 0.5, max: 1, noNaN: true });
  fc.assert(
    fc.property(target, fc.array(target, { maxLength: 5 }), target, (own, others, more) => {
      const list = (targets: readonly number[], tries = 1) =>
        targets.map((each, index) => ({ name: `${index}`, target: each, tries }));
      const before = dependencyVerdict(own, list(others));
      assert.ok(dependencyVerdict(own, list([...others, more])).best <= before.best + 1e-12);
      assert.ok(dependencyVerdict(own, list(others, 2)).best >= before.best - 1e-12);
    }),
  );
});

test("the series of dependencies equals counting over independent outcomes", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 }), (goodOfTen) => {
      // Every combination of outcomes, ten equally likely ones per dependency.
      let good = 0;
      const all = 10 ** goodOfTen.length;
      for (let outcome = 0; outcome < all; outcome++) {
        if (goodOfTen.every((limit, index) => Math.floor(outcome / 10 ** index) % 10 < limit)) good++;
      }
      near(seriesTarget(goodOfTen.map((n) => n / 10)), good / all);
    }),
  );
});

test("no function answers NaN or Infinity, whatever it is given", () => {
  const any = fc.oneof(
    fc.double(),
    fc.constantFrom(0, 1, -1, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY),
  );
  const isFine = (value: unknown): boolean =>
    typeof value === "number"
      ? Number.isFinite(value)
      : typeof value === "object" && value !== null
        ? Object.values(value).every(isFine)
        : true;
  fc.assert(
    fc.property(any, any, any, fc.double({ min: 0, max: 1, noNaN: true }), (a, b, c, target) => {
      assert.ok(isFine(burnRate(a, target) ?? 0));
      assert.ok(isFine(timeToExhaustion(a, b, c) ?? 0));
      assert.ok(isFine(share(a, b) ?? 0));
      assert.ok(isFine(expectedConsumption(a, b, c) ?? 0));
      assert.ok(isFine(errorBudget(target)));
      const counts = toCounts({ bad: a, total: b });
      if (counts !== undefined) assert.ok(isFine(requestBudget(counts, target)));
    }),
  );
});
