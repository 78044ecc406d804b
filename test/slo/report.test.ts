/** The page of all error budgets. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { ObjectiveStatus, Slo, StatusReport } from "../../slo/model.ts";
import { budgetReport } from "../../slo/report.ts";

const DAY = 86_400;
const now = Date.parse("2026-06-15T12:00:00Z");
const promql = (text: string) => ({ text, dialect: "promql" as const });

const slo = (id: string, more: Partial<Slo> = {}): Slo => ({
  id,
  format: "sloth",
  path: "slo.yaml",
  range: { start: 0, end: 0 },
  service: "shop",
  name: id,
  target: 0.999,
  window: { kind: "rolling", seconds: 28 * DAY, text: "28d" },
  method: "request-weighted",
  indicator: { type: "ratio", bad: promql("a"), total: promql("b") },
  endpoints: [],
  grouping: [],
  labels: {},
  level: "matched",
  problems: [],
  ...more,
});
const status = (id: string, more: Partial<ObjectiveStatus>): ObjectiveStatus => ({
  id,
  state: "healthy",
  reason: "",
  cause: { key: "healthy", data: { leftCount: 170, allowedCount: 180, remainingRatio: 0.94 } },
  good: 179_990,
  bad: 10,
  total: 180_000,
  sli: 0.99994,
  budgetRemaining: 0.94,
  burnRates: [{ windowSeconds: 3600, rate: 0.4 }],
  method: "request-weighted",
  endpoints: [],
  ...more,
});
const burning = status("orders|x", {
  state: "burning",
  cause: {
    key: "burning",
    data: { longBurn: 16.2, longSeconds: 3600, shortBurn: 17, shortSeconds: 300, factorBurn: 14.4 },
  },
  bad: 139,
  budgetRemaining: 0.23,
  burnRates: [{ windowSeconds: 3600, rate: 16.2 }],
  exhaustedInSeconds: 10_800,
  endpoints: [
    { method: "GET", route: "/a", shareOfTraffic: 0.9, shareOfBad: 0.1, total: 162_000, bad: 14 },
    { method: "POST", route: "/<b>", shareOfTraffic: 0.1, shareOfBad: 0.9, total: 18_000, bad: 125 },
    { method: "GET", route: "/unseen" },
  ],
  history: [
    [now / 1000 - 28 * DAY, 1],
    [now / 1000, 0.23],
  ],
});
const report = (objectives: readonly ObjectiveStatus[], more: Partial<StatusReport> = {}): StatusReport => ({
  evaluatedAt: "2026-06-15T11:59:20Z",
  source: { kind: "prometheus", name: "http://prom" },
  objectives,
  problems: [],
  ...more,
});

test("the most urgent stand first, in the table and below it, with their counts and endpoints", () => {
  const slos = [slo("quiet"), slo("orders|x", { description: "<b>Orders</b> are taken." })];
  const text = budgetReport({
    slos,
    report: report([status("quiet", {}), burning]),
    lang: "en",
    now,
    charts: true,
    hrefOf: (it) => `file:///slo.yaml#${it.name.length}`,
    endpointHref: (it) => (it.route === "/a" ? "file:///a.ts#L1" : undefined),
  });
  const lines = text.split("\n");
  assert.equal(lines[0], "# Error budgets");
  assert.equal(lines[2], "http\\://prom, 40 s ago");
  const rows = lines.filter((it) => it.startsWith("| [")).slice(0, 2);
  assert.equal(
    rows[0],
    "| [orders\\|x](file:///slo.yaml#8) | 99.9 % / 28 d | burning | 41 of 180 failures left | 16.2× | 3 h |",
  );
  assert.match(rows[1]!, /^\| \[quiet\].*healthy \| 170 of 180 failures left \| 0\.4× \| – \|$/);
  assert.ok(text.indexOf("## [orders") < text.indexOf("## [quiet"));
  assert.match(text, /!\[[^\]]*\]\(data:image\/svg\+xml/);
  assert.match(text, /139 failures, 180 allowed\./);
  assert.match(text, /Burning 16\.2× over 1 h and 17\.0× over 5 min/);
  const shares = lines.filter((it) => it.startsWith("| POST") || it.startsWith("| [GET"));
  assert.deepEqual(shares, [
    "| POST /\\<b\\> | 10 % | 90 % | 18,000 | 125 |",
    "| [GET /a](file:///a.ts#L1) | 90 % | 10 % | 162,000 | 14 |",
  ]);
  assert.doesNotMatch(text, /(?<!\\)<b>|unseen|NaN|undefined/);
});

test("without charts, in Japanese, with what went wrong and without numbers", () => {
  const low = status("low", {
    state: "low-traffic",
    cause: { key: "low-traffic", data: { badCount: 1, totalCount: 12, oneRatio: 83, neededCount: 1000 } },
    bad: 1,
    total: 12,
    budgetRemaining: -82,
    burnRates: [{ windowSeconds: 3600, rate: 83 }],
  });
  const text = budgetReport({
    slos: [slo("low"), slo("orders|x")],
    report: report([low, burning], {
      faults: [{ key: "refused", data: { address: "http://prom" } }],
      problems: ["refused"],
    }),
    lang: "ja",
    now,
    charts: false,
  });
  assert.match(text, /^# エラーバジェット\n/);
  assert.match(text, /> http\\?:\/\/prom に接続を拒否されました/);
  assert.match(text, /\| low \| 99\.9% \/ 28 日 \| トラフィック不足 \|.*\| – \| – \|/, "no rate at low traffic");
  assert.match(text, /許容失敗 180 件に対して失敗 139 件。/);
  assert.doesNotMatch(text, /data:image/);
  const none = budgetReport({
    slos: [],
    report: report([], { source: { kind: "none", name: "" } }),
    lang: "en",
    now,
    charts: true,
  });
  assert.equal(none, "# Error budgets\n\nThere are no SLO files.\n");
});
