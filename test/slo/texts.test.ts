/**
 * Nothing that a person reads holds NaN, an infinity, `undefined`, a placeholder or a raw float: every renderer, in both
 * languages, over statuses as servers, snapshots of others and bad luck make them.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { asText } from "../../cli/status.ts";
import { readConfig } from "../../slo/config.ts";
import {
  achieved,
  budgetChart,
  causes,
  compositeStatus,
  compositesOf,
  compositeText,
  evaluate,
  failedText,
  faults,
  hoverCard,
  impactOf,
  type Language,
  leftText,
  lensText,
  type MetricAnswer,
  matchSlos,
  type ObjectiveStatus,
  objectiveText,
  obstacles,
  peopleSentence,
  problemsIn,
  proposeTarget,
  queryTools,
  readSnapshot,
  reasonText,
  type Slo,
  type Source,
  type StatusReport,
  say,
  sayFault,
  sloHover,
  sloView,
  stakesSentence,
  stateParts,
} from "../../slo/index.ts";
import { stateWords } from "../../slo/words.ts";

const DAY = 86_400;
const now = Date.parse("2026-11-23T10:00:00Z");
const promql = (text: string) => ({ text, dialect: "promql" as const });
const RATIO = {
  type: "ratio",
  bad: promql('sum(rate(r_total{code=~"5.."}[{{.window}}]))'),
  total: promql("sum(rate(r_total[{{.window}}]))"),
} as const;

const base: Slo = {
  id: "shop/orders",
  format: "sloth",
  path: "slo.yaml",
  range: { start: 0, end: 0 },
  service: "shop",
  name: "orders",
  target: 0.999,
  window: { kind: "rolling", seconds: 28 * DAY, text: "28d" },
  method: "request-weighted",
  indicator: RATIO,
  endpoints: [],
  grouping: [],
  labels: {},
  level: "evaluable",
  problems: [],
};

const calendar = {
  kind: "calendar",
  seconds: 30 * DAY,
  text: "1M",
  start: "2026-01-01",
  timeZone: "Asia/Tokyo",
} as const;
const anySlo: fc.Arbitrary<Slo> = fc
  .record({
    target: fc.oneof(fc.constantFrom(0, 0.5, 0.9, 0.99, 0.999, 0.99999, 1), fc.double({ min: 0, max: 1, noNaN: true })),
    window: fc.oneof(
      fc.constant(calendar),
      fc
        .integer({ min: 1, max: 400 * DAY })
        .map((seconds) => ({ kind: "rolling" as const, seconds, text: `${seconds}s` })),
    ),
    method: fc.constantFrom("request-weighted" as const, "timeslices" as const, "ratio-timeslices" as const),
    indicator: fc.constantFrom<Slo["indicator"]>(
      RATIO,
      { ...RATIO, latencyThresholdSeconds: 1 / 3 },
      { type: "raw", errorRatio: promql("avg(errors:ratio)") },
      { type: "raw", errorRatio: promql('sum(rate(r_total{code="500"}[5m])) / sum(rate(r_total[5m]))') },
      { type: "bool", metric: promql("up") },
      { type: "threshold", query: promql("p95"), op: "lte", value: 400 },
      { type: "latency-native", thresholdSeconds: 0.1 + 0.2, total: promql("rpc_seconds") },
      { type: "unknown", obstacle: "pyrra-kind" },
    ),
  })
  .map((it) => ({ ...base, ...it }));

const odd = fc.oneof(
  fc.double(),
  fc.double({ min: 0, max: 2, noNaN: true }),
  fc.integer({ min: -5, max: 1_000_000 }),
  fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, -0, 1e-320, 1 / 3, 0.1 + 0.2, 1e21, 123_456.789),
);

/** Text that a person would not write. Up to six decimals are a target's or a percentage's. */
const UGLY = /NaN|Infinity|undefined|null|\[object|\{\w+\}|\d\.\d{7,}|\de[+-]?\d|-0(?![.\d])/;

function check(text: string, what: string) {
  assert.doesNotMatch(text, UGLY, what);
  assert.ok(text.length < 5000, what);
}

const endpoint = { method: "GET", route: "/orders", path: "src/orders.ts" };

/** Everything that is ever shown of one objective. */
function readAll(slo: Slo, status: ObjectiveStatus, report: StatusReport) {
  const plain = { bold: String, dim: String, red: String, yellow: String, blue: String };
  const { config } = readConfig("slo-lens.yaml", "");
  const matches = [{ sloId: slo.id, endpoint, by: "service" as const, score: 1, why: "" }];
  const view = sloView([slo], matches, [status], config);
  const impact = impactOf({ ruleId: "r", base: "warning", endpoints: [endpoint] }, view);
  const part = { ...slo, part: { of: "shop/all", weight: 2 } } as Slo;
  for (const lang of ["en", "ja"] as Language[]) {
    const show = (text: string | undefined, what: string) => {
      if (text !== undefined) check(text, `${what} in ${lang}`);
    };
    for (const matchedBy of ["explicit", "service", "grouping"] as const) {
      const share = status.endpoints[0];
      show(lensText(status, slo, lang, { matchedBy, ...(share ? { share } : {}) }), "lens");
      const card = hoverCard({ endpoint, slo, status, findings: [], lang, now, report, matchedBy });
      show(card.replace(/\(data:[^)]*\)/g, "()"), "card");
    }
    for (const text of stateParts(status, slo, lang)) show(text, "parts");
    show(reasonText(status, lang, { windowSeconds: slo.window.seconds, method: slo.method }), "reason");
    if (status.sharesCause) show(say(status.sharesCause, lang), "shares");
    show(leftText(status, slo, lang), "left");
    show(failedText(status, lang), "failed");
    show(objectiveText(slo, lang), "objective");
    show(stakesSentence(impact, lang), "stakes");
    for (const text of sloHover(slo, status, lang)) show(text, "hover of the file");
    for (const text of problemsIn(report, lang)) show(text, "problems");
    const chart = budgetChart(status, slo, now / 1000, lang);
    show(chart?.alt, "chart's sentence");
    show(chart?.svg.replace(/<[^>]*>/g, " "), "chart's texts");
    assert.doesNotMatch(chart?.svg ?? "", /NaN|Infinity|undefined/, "chart");
    if (status.bad !== undefined)
      show(peopleSentence({ endpoint, bad: status.bad, windowSeconds: slo.window.seconds }, lang), "people");
    if (status.total !== undefined && status.bad !== undefined && status.total > 0) {
      const measured = { total: status.total, bad: Math.min(status.bad, status.total), seconds: slo.window.seconds };
      show(achieved(proposeTarget(1 - measured.bad / measured.total, measured.total), measured, lang), "new objective");
    }
    show(asText(report, new Map([[slo.id, slo]]), lang, plain), "command line");
    for (const composite of compositesOf([part])) {
      const whole = compositeStatus(composite, new Map([[slo.id, status]]));
      for (const text of compositeText(composite, whole, lang)) show(text, "composite");
    }
  }
}

const optional = <T>(it: fc.Arbitrary<T>) => fc.option(it, { nil: undefined });

test("a snapshot of anybody is shown in words and numbers", () => {
  const objective = fc.record({
    id: fc.constant(base.id),
    state: fc.constantFrom(...Object.keys(stateWords)),
    reason: fc.constant(""),
    cause: optional(
      fc.record({
        key: fc.constantFrom(...Object.keys(causes), "of-a-newer-version"),
        data: fc.dictionary(
          fc.constantFrom("leftCount", "remainingRatio", "longBurn", "longSeconds", "ageSeconds", "metric", "was"),
          fc.oneof(odd, fc.constantFrom("healthy", "low-traffic", "x")),
        ),
      }),
    ),
    good: odd,
    bad: optional(odd),
    total: optional(odd),
    sli: optional(odd),
    budgetRemaining: optional(odd),
    burnRates: fc.array(fc.record({ windowSeconds: fc.constantFrom(300, 3600, 21_600), rate: odd }), { maxLength: 3 }),
    exhaustedInSeconds: optional(odd),
    coversSeconds: optional(odd),
    isPartial: fc.boolean(),
    method: fc.constantFrom("request-weighted", "timeslices", "ratio-timeslices", "time-weighted"),
    endpoints: fc.array(
      fc.record({ method: fc.constant("GET"), route: fc.constant("/orders"), shareOfTraffic: odd, shareOfBad: odd }),
      { maxLength: 1 },
    ),
    history: optional(fc.array(fc.tuple(odd, odd), { maxLength: 5 })),
  });
  fc.assert(
    fc.property(anySlo, objective, (slo, given) => {
      const text = JSON.stringify({ evaluatedAt: new Date(now).toISOString(), objectives: [given] });
      const read = readSnapshot("status.json", text);
      assert.ok(read.ok);
      readAll(slo, read.report.objectives[0]!, read.report);
    }),
    { numRuns: 400 },
  );
});

test("whatever a server answers is shown in words and numbers", async () => {
  const value = fc.oneof(odd.map(String), fc.constantFrom("NaN", "+Inf", "-Inf", "", "12", "0"));
  const sample = fc.tuple(fc.constantFrom({}, { code: "200" }, { route: "/orders", method: "GET" }), value);
  const answer: fc.Arbitrary<MetricAnswer> = fc.oneof(
    { weight: 5, arbitrary: fc.array(sample, { maxLength: 3 }).map((samples) => answerOf(samples)) },
    {
      weight: 1,
      arbitrary: fc.constantFrom(...Object.keys(faults)).map((kind) => ({
        ok: false as const,
        fault: { kind, data: { address: "http://x", status: "500", detail: "d" } },
      })),
    },
  );
  function answerOf(samples: readonly (readonly [Record<string, string>, string])[]): MetricAnswer {
    return {
      ok: true,
      series: [],
      isPartial: samples.length === 3,
      ...(samples.length === 3 ? { warnings: ["store is down"] } : {}),
      samples: samples.map(([labels, text]) => {
        const number = text === "" ? Number.NaN : Number(text);
        return { labels, text, ...(Number.isFinite(number) ? { value: number } : {}) };
      }),
    };
  }
  await fc.assert(
    fc.asyncProperty(anySlo, fc.array(answer, { minLength: 1, maxLength: 20 }), async (slo, answers) => {
      let n = 0;
      const source: Source = {
        kind: "prometheus",
        name: "http://x",
        query: async (batch) => new Map(batch.map(({ key }) => [key, answers[n++ % answers.length]!])),
      };
      const matches = matchSlos([endpoint], [slo], {
        selectorsOf: queryTools.selectorsOf,
        packageNames: () => ["shop"],
      });
      const report = await evaluate({ slos: [slo], matches, source, now, signal: new AbortController().signal });
      readAll(slo, report.objectives[0]!, report);
    }),
    { numRuns: 400 },
  );
});

test("every sentence has all of its data, in both languages", () => {
  const names = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]!).sort();
  for (const [what, phrases] of Object.entries({ causes, faults, obstacles }))
    for (const [key, phrase] of Object.entries(phrases)) {
      assert.deepEqual(names(phrase.ja), names(phrase.en), `${what} ${key}`);
      assert.match(phrase.ja, /[ぁ-んァ-ヶ]/, `${what} ${key}`);
      assert.match(phrase.en, /[.?]$|: \{\w+\}$/, `${what} ${key} ends as a sentence`);
      assert.match(phrase.ja, /。$|: \{\w+\}$/, `${what} ${key} ends as a sentence`);
      assert.doesNotMatch(phrase.ja, /[(),!?]/, `${what} ${key} is set in Japanese marks`);
    }
  for (const kind of Object.keys(faults))
    for (const lang of ["en", "ja"] as const)
      check(sayFault({ kind, data: { address: "http://x", status: "500", detail: "d" } }, lang), kind);
});

test("a sentence without a verdict says what to do, or what it is that was counted", () => {
  const next =
    /[.;,:] (?:If|Run|Set|Count|Check|Use|Add|Exporting|Change|Record|Ask|Move|Map|Pick|Write|Is|A longer)|With OpenTelemetry|with prom-client|for a |would|register|Give|\{problem\}$|They|The state then/;
  const verdicts = new Set([
    "healthy",
    "healthy-ratio",
    "watch-remaining",
    "watch-last",
    "watch-burn",
    "burning",
    "exhausted",
    "exhausted-ratio",
    "exhausted-low-traffic",
  ]);
  for (const [key, phrase] of Object.entries(causes))
    if (!verdicts.has(key)) assert.match(phrase.en, next, `${key}: ${phrase.en}`);
});
