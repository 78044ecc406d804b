import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Counts } from "../../slo/maths.ts";
import { causeOf, type Evidence, isVerdict, judge, noVerdict, staleOf, urgency } from "../../slo/state.ts";
import {
  burnText,
  causes,
  countText,
  durationText,
  fill,
  percentText,
  say,
  stateWords,
  targetText,
  windowText,
} from "../../slo/words.ts";

const DAY = 86_400;
const WINDOW = 30 * DAY;

const evidence = (counts: Counts, bursts: Readonly<Record<number, Counts>> = {}, target = 0.999): Evidence => ({
  target,
  windowSeconds: WINDOW,
  counts,
  measures: Object.entries(bursts).map(([windowSeconds, each]) => ({
    windowSeconds: Number(windowSeconds),
    counts: each,
  })),
});

test("healthy: most of the budget left and nothing burns", () => {
  const verdict = judge(
    evidence({ bad: 10, total: 180_000 }, { 300: { bad: 0, total: 50 }, 3600: { bad: 0, total: 600 } }),
  );
  assert.equal(verdict.state, "healthy");
  assert.match(verdict.reason, /170 of 180 allowed failures left/);
});

test("watch: a quarter or less left", () => {
  const verdict = judge(evidence({ bad: 139, total: 180_000 }));
  assert.equal(verdict.state, "watch");
  assert.match(verdict.reason, /23 % of the budget is left/);
});

test("watch: spending faster than allowed, slower than a pair", () => {
  const verdict = judge(
    evidence({ bad: 10, total: 180_000 }, { 3600: { bad: 2, total: 1000 }, 300: { bad: 0, total: 80 } }),
  );
  assert.equal(verdict.state, "watch");
  assert.match(verdict.reason, /Burning 2\.0× over 1 h/);
});

test("burning: both windows of a pair over its factor, and when the budget will be empty", () => {
  const verdict = judge(
    evidence({ bad: 60, total: 180_000 }, { 300: { bad: 3, total: 150 }, 3600: { bad: 30, total: 2000 } }),
  );
  assert.equal(verdict.state, "burning");
  assert.match(verdict.reason, /15\.0× over 1 h and 20\.0× over 5 min; 14\.4× over both/);
  // Two thirds of thirty days at fifteen times the pace.
  assert.equal(Math.round(verdict.exhaustedInSeconds! / 3600), 32);
});

test("a short window alone does not burn", () => {
  const verdict = judge(
    evidence({ bad: 10, total: 180_000 }, { 300: { bad: 30, total: 150 }, 3600: { bad: 0, total: 2000 } }),
  );
  assert.equal(verdict.state, "healthy");
});

test("exhausted: nothing left", () => {
  const verdict = judge(evidence({ bad: 200, total: 180_000 }));
  assert.equal(verdict.state, "exhausted");
  assert.match(verdict.reason, /200 failures where 180 are allowed/);
  assert.equal(verdict.exhaustedInSeconds, 0);
});

test("low traffic: counts instead of percentages, and no verdict", () => {
  const verdict = judge(evidence({ bad: 1, total: 312 }));
  assert.equal(verdict.state, "low-traffic");
  assert.match(verdict.reason, /^1 of 312 failed\. At this traffic a single failure costs 321 % of the budget/);
});

test("low traffic with failures beyond chance is a verdict", () => {
  assert.equal(judge(evidence({ bad: 200, total: 312 })).state, "exhausted");
});

test("watch: the last allowed failure is spent, whatever the percentage says", () => {
  const verdict = judge(evidence({ bad: 1, total: 1690 }));
  assert.equal(verdict.state, "watch");
  assert.match(verdict.reason, /allowed at this traffic: 1, all spent/);
});

test("slices give a verdict at low traffic", () => {
  assert.equal(judge({ ...evidence({ bad: 1, total: 312 }), sli: 0.9995, remaining: 0.5 }).state, "healthy");
});

test("no traffic is no data, neither good nor bad", () => {
  assert.equal(judge(evidence({ bad: 0, total: 0 })).state, "no-data");
  assert.equal(judge({ target: 0.999, windowSeconds: WINDOW, sli: Number.NaN, measures: [] }).state, "no-data");
  assert.equal(judge({ target: 0.999, windowSeconds: WINDOW, measures: [] }).state, "no-data");
});

test("a ratio alone gives a verdict and no counts", () => {
  const verdict = judge({ target: 0.99, windowSeconds: WINDOW, sli: 0.995, measures: [] });
  assert.equal(verdict.state, "healthy");
  assert.match(verdict.reason, /^50 % of the budget left/);
  assert.equal(judge({ target: 0.99, windowSeconds: WINDOW, sli: 0.9, measures: [] }).state, "exhausted");
});

test("a target of 100 % has no budget: fine until something fails", () => {
  assert.equal(judge(evidence({ bad: 0, total: 1000 }, {}, 1)).state, "healthy");
  const failed = judge(evidence({ bad: 1, total: 1000 }, { 300: { bad: 1, total: 10 } }, 1));
  assert.equal(failed.state, "exhausted");
  assert.equal(failed.remaining, 0);
});

test("states without a verdict say why and what to do", () => {
  const unmatched = noVerdict("unmatched", causeOf("unmatched"));
  assert.match(unmatched.reason, /slo-lens\.yaml/);
  assert.match(
    say(staleOf("burning", 4000), "en"),
    /1 h 7 min old, over the limit of 15 min\. The state then: burning/,
  );
  assert.match(say(staleOf("burning", 4000), "ja"), /1 時間 7 分前のもので、上限の 15 分を.*「急速に消費中」/);
  assert.equal(isVerdict("stale"), false);
  assert.deepEqual([...urgency].sort(), Object.keys(stateWords).sort());
});

test("whatever is measured, no number is NaN, no raw float is shown and every state has its reason in both languages", () => {
  const any = fc.oneof(
    fc.double(),
    fc.integer({ min: -10, max: 100_000 }),
    fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, 0),
  );
  const counts = fc.record({ bad: any, total: any });
  fc.assert(
    fc.property(
      fc.record({
        target: fc.double({ min: 0, max: 1, noNaN: true }),
        windowSeconds: fc.oneof(fc.integer({ min: 60, max: 90 * DAY }), any),
        counts: fc.option(counts, { nil: undefined }),
        sli: fc.option(any, { nil: undefined }),
        remaining: fc.option(any, { nil: undefined }),
        measures: fc.array(
          fc.record({ windowSeconds: fc.constantFrom(300, 1800, 3600, 7200, 21_600), counts, errorRatio: any }),
        ),
      }),
      (input) => {
        const verdict = judge(input as Evidence);
        for (const text of [verdict.reason, say(verdict.cause, "ja")]) {
          assert.ok(text.length > 0);
          assert.doesNotMatch(text, /NaN|Infinity|undefined|\{|\d\.\d{7,}|e[+-]\d/);
        }
        for (const value of [
          verdict.sli,
          verdict.remaining,
          verdict.exhaustedInSeconds,
          ...verdict.burnRates.map((each) => each.rate),
        ]) {
          assert.ok(value === undefined || Number.isFinite(value));
        }
      },
    ),
    { numRuns: 2000 },
  );
});

test("a cause of a snapshot that others wrote cannot reach beyond our phrases", () => {
  for (const key of ["constructor", "__proto__", "toString", "nonsense"]) {
    assert.equal(say({ key, data: {} }, "en"), "");
    assert.match(say({ key: "no-answer", data: { fault: key } }, "ja"), /予期しないエラー/);
    assert.equal(typeof say({ key: "not-evaluable", data: { obstacle: key } }, "en"), "string");
  }
});

test("every sentence exists in both languages with the same data", () => {
  const names = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]).sort();
  for (const [key, phrase] of Object.entries(causes)) {
    assert.deepEqual(names(phrase.ja), names(phrase.en), key);
    assert.match(phrase.ja, /[ぁ-んァ-ヶ一-龠]/, key);
  }
});

test("numbers are written for people", () => {
  assert.deepEqual([0, 0.3, 1.4, 1234.6, Number.NaN].map(countText), ["0", "<1", "1", "1,235", "–"]);
  assert.deepEqual(
    [0, 0.23, 0.2278, 0.9995, 0.99954, 0.999999, 0.9999999, 1, 0.0004, 0.0000001, 3.205, -0.5, Number.NaN].map(
      (value) => percentText(value),
    ),
    [
      "0 %",
      "23 %",
      "23 %",
      "99.95 %",
      "99.95 %",
      "99.9999 %",
      ">99.9999 %",
      "100 %",
      "0.04 %",
      "<0.0001 %",
      "321 %",
      "-50 %",
      "–",
    ],
  );
  assert.equal(targetText(0.999), "99.9 %");
  assert.equal(targetText(0.9995), "99.95 %");
  assert.deepEqual(
    [6.2, 14.4, 0.933, 150.2, 0.01, 0].map((rate) => burnText(rate, "en")),
    ["6.2×", "14.4×", "0.9×", "150×", "<0.1×", "0×"],
  );
  assert.equal(burnText(6.2, "ja"), "6.2 倍");
  assert.equal(durationText(3 * DAY + 4 * 3600 + 100, "en"), "3 d 4 h");
  assert.equal(durationText(3 * DAY + 4 * 3600, "ja"), "3 日 4 時間");
  assert.equal(durationText(3599.9, "en"), "1 h");
  assert.equal(durationText(40, "en"), "40 s");
  assert.equal(durationText(0.2, "en"), "200 ms");
  assert.equal(durationText(3 * DAY + 4 * 3600, "en", 1), "3 d");
  assert.equal(windowText(28 * DAY, "en"), "28 d");
  assert.equal(windowText(300, "ja"), "5 分");
  assert.equal(fill("{x} {missing}", { x: "a" }, "en"), "a –");
});
