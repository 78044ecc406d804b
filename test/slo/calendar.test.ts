/** Calendar windows against a walk from period to period, in zones that change their clocks. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { lookBackSeconds, periodAt, type Window } from "../../slo/index.ts";

const calendar = (text: string, start: string, timeZone = "UTC"): Window => ({
  kind: "calendar",
  seconds: 2_592_000,
  text,
  start,
  timeZone,
});
const at = (window: Window, now: string) => {
  const period = periodAt(window, Date.parse(now));
  return period && [new Date(period.start).toISOString(), new Date(period.end).toISOString()];
};

test("a month is a month of its zone, whatever its length and its clock", () => {
  assert.deepEqual(at(calendar("1M", "2026-01-01 00:00:00"), "2026-02-28T23:59:59Z"), [
    "2026-02-01T00:00:00.000Z",
    "2026-03-01T00:00:00.000Z",
  ]);
  // Summer time begins on 29 March: the month has an hour less.
  assert.deepEqual(at(calendar("1M", "2026-01-01 00:00:00", "Europe/Berlin"), "2026-03-31T20:00:00Z"), [
    "2026-02-28T23:00:00.000Z",
    "2026-03-31T22:00:00.000Z",
  ]);
  assert.deepEqual(at(calendar("1M", "2025-01-31 09:00:00", "Asia/Tokyo"), "2026-03-01T00:00:00Z"), [
    "2026-02-28T00:00:00.000Z",
    "2026-03-31T00:00:00.000Z",
  ]);
  assert.deepEqual(at(calendar("1Q", "2024-01-01"), "2026-11-23T12:00:00Z"), [
    "2026-10-01T00:00:00.000Z",
    "2027-01-01T00:00:00.000Z",
  ]);
  assert.deepEqual(at(calendar("1w", "2026-11-02 00:00:00", "America/New_York"), "2026-11-23T04:59:59Z"), [
    "2026-11-16T05:00:00.000Z",
    "2026-11-23T05:00:00.000Z",
  ]);
});

test("what cannot be read, has not begun or rolls has no period", () => {
  const now = Date.parse("2026-11-23T12:00:00Z");
  assert.equal(periodAt({ kind: "rolling", seconds: 86_400, text: "1d" }, now), undefined);
  for (const odd of [
    calendar("1M", "soon"),
    calendar("0d", "2026-01-01"),
    calendar("one", "2026-01-01"),
    calendar("1M", "2026-01-01", "Mars/Olympus"),
    calendar("1M", "2027-01-01"),
  ])
    assert.equal(periodAt(odd, now), undefined);
  // It is then looked back on as if it rolled.
  assert.equal(lookBackSeconds(calendar("1M", "soon"), now), 2_592_000);
});

test("numbers are looked back on to the start of the period, to the minute, and never over less than five", () => {
  const month = calendar("1M", "2026-01-01 00:00:00");
  assert.equal(lookBackSeconds(month, Date.parse("2026-11-03T06:00:30Z")), 2 * 86_400 + 6 * 3600 + 60);
  assert.equal(lookBackSeconds(month, Date.parse("2026-11-01T00:00:01Z")), 300);
});

test("the period found is the one that a walk from the start comes to", () => {
  const units = ["6h", "1d", "2w", "1M", "1Q", "1Y"] as const;
  const zones = ["UTC", "Europe/Berlin", "Asia/Tokyo", "America/New_York", "Australia/Lord_Howe"] as const;
  fc.assert(
    fc.property(
      fc.constantFrom(...units),
      fc.constantFrom(...zones),
      fc.date({ min: new Date("2024-01-01T00:00:00Z"), max: new Date("2024-12-31T00:00:00Z"), noInvalidDate: true }),
      fc.integer({ min: 0, max: 3 * 365 * 86_400 }),
      (unit, zone, start, later) => {
        const window = calendar(unit, start.toISOString().slice(0, 19).replace("T", " "), zone);
        const now = start.getTime() + 2 * 86_400_000 + later * 1000;
        const found = periodAt(window, now)!;
        assert.ok(found.start <= now && now < found.end);
        // Neighbours touch, so walking back from it ends before the start.
        let period = found;
        for (let i = 0; i < 5_000 && period; i++) {
          const before = periodAt(window, period.start - 1);
          if (before === undefined) break;
          assert.equal(before.end, period.start);
          period = before;
        }
        assert.ok(Math.abs(period.start - start.getTime()) < 86_400_000);
      },
    ),
    { numRuns: 60 },
  );
});
