import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  compositeStatus,
  compositesOf,
  compositeText,
  loadSlos,
  type ObjectiveStatus,
  type State,
} from "../../slo/index.ts";

const part = (name: string, weight: number) =>
  `    - {displayName: ${name}, target: 0.99, compositeWeight: ${weight}, sliRef: ok}\n`;
const journey = (method: string, ...weights: readonly number[]) => `apiVersion: openslo.com/v2alpha
kind: SLI
metadata: {name: ok}
spec: {ratioMetric: {counter: true, good: {spec: {query: 'a{c="200"}'}}, total: {spec: {query: a}}}}
---
apiVersion: openslo.com/v2alpha
kind: SLO
metadata: {name: journey}
spec:
  serviceRef: shop
  timeWindow: [{duration: 30d, isRolling: true}]
  budgetingMethod: ${method}
  objectives:
${weights.map((weight, n) => part(`part ${n + 1}`, weight)).join("")}`;
const compositeOf = (...given: Parameters<typeof journey>) => {
  const [composite, ...others] = compositesOf(loadSlos([{ path: "a.yaml", text: journey(...given) }]).slos);
  assert.deepEqual(others, []);
  return composite!;
};
/** Statuses of the parts: what is left, and the burn rate of every look-back. */
const statuses = (...of: readonly (readonly [left: number | undefined, burn: number, state?: State])[]) =>
  new Map(
    of.map(([budgetRemaining, rate, state = "healthy"], n): readonly [string, ObjectiveStatus] => [
      `shop/journey#${n + 1}`,
      {
        id: `shop/journey#${n + 1}`,
        state,
        reason: "",
        method: "request-weighted",
        endpoints: [],
        ...(budgetRemaining === undefined ? {} : { budgetRemaining }),
        burnRates: [300, 1800, 3600, 7200, 21_600, 86_400, 259_200].map((windowSeconds) => ({ windowSeconds, rate })),
      },
    ]),
  );

test("a composite burns as fast as its parts together, each times its weight", () => {
  const composite = compositeOf("Occurrences", 1, 2);
  assert.equal(composite.id, "shop/journey");
  const status = compositeStatus(composite, statuses([0.9, 0.1], [0.8, 0.2]));
  assert.equal(status.state, "healthy");
  assert.ok(Math.abs(status.budgetRemaining! - (1 - 0.1 - 2 * 0.2)) < 1e-12);
  assert.ok(status.burnRates.every((it) => Math.abs(it.rate! - 0.5) < 1e-12));
  assert.deepEqual(status.parts, [
    { id: "shop/journey#1", weight: 1, state: "healthy" },
    { id: "shop/journey#2", weight: 2, state: "healthy" },
  ]);
  // Neither part burns by itself, both together do: 10 + 2 · 3 is over 14.4.
  assert.equal(compositeStatus(composite, statuses([0.9, 10], [0.9, 3])).state, "burning");
  assert.equal(compositeStatus(composite, statuses([0.9, 0.5], [0.6, 0.1])).state, "watch");
  assert.equal(compositeStatus(composite, statuses([0.9, 0.5], [0.5, 0.1])).state, "exhausted");
});

test("a part without numbers leaves no verdict, but what is spent is spent", () => {
  const composite = compositeOf("Occurrences", 1, 1);
  const half = compositeStatus(composite, statuses([0.5, 1], [undefined, 0, "no-data"]));
  assert.deepEqual([half.state, half.budgetRemaining, half.unknown], ["no-data", undefined, ["shop/journey#2"]]);
  assert.equal(
    compositeStatus(composite, statuses([-0.5, 9, "exhausted"], [undefined, 0, "no-data"])).state,
    "exhausted",
  );
  assert.equal(compositeStatus(composite, new Map()).state, "no-data");
  // At low traffic a share of the budget says nothing.
  assert.equal(compositeStatus(composite, statuses([0.5, 1], [0.2, 1, "low-traffic"])).state, "no-data");
});

test("a composite is said in both languages, and slices as the least that is left", () => {
  const composite = compositeOf("Timeslices", 1, 2.5);
  const status = compositeStatus(composite, statuses([0.9, 0.1], [0.9, 0.1]));
  assert.deepEqual(compositeText(composite, status, "en"), [
    "A composite of 2 parts: part 1, part 2 (weight 2.5).",
    "healthy · at least 65 % of its budget left · burning 0.3×",
  ]);
  assert.deepEqual(compositeText(composite, undefined, "ja"), [
    "2 個の部分からなる複合 SLO です（part 1、part 2（重み 2.5））。",
  ]);
  assert.match(compositeText(composite, compositeStatus(composite, new Map()), "ja")[1]!, /判定できません$/);
});

test("whatever the parts say, numbers are finite and a part that gets worse makes nothing better", () => {
  const left = fc.double({ min: -5, max: 1, noNaN: true });
  const burn = fc.double({ min: 0, max: 100, noNaN: true });
  const rank: readonly State[] = ["healthy", "watch", "burning", "exhausted"];
  fc.assert(
    fc.property(left, left, burn, burn, fc.double({ min: 0.1, max: 10, noNaN: true }), (a, b, x, y, weight) => {
      const composite = compositeOf("Occurrences", 1, Number(weight.toFixed(3)));
      const before = compositeStatus(composite, statuses([a, x], [b, y]));
      const after = compositeStatus(composite, statuses([a - 0.5, x], [b, y + 1]));
      assert.ok(Number.isFinite(before.budgetRemaining));
      assert.ok(before.burnRates.every((it) => Number.isFinite(it.rate)));
      assert.ok(after.budgetRemaining! < before.budgetRemaining!);
      assert.ok(rank.indexOf(after.state) >= rank.indexOf(before.state), `${before.state} → ${after.state}`);
    }),
    { numRuns: 200 },
  );
});
