import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import { budgetChart } from "../../slo/chart.ts";
import { readConfig } from "../../slo/config.ts";
import {
  byImpact,
  type EndpointImpact,
  impactOf,
  peopleSentence,
  sloView,
  stakesSentence,
  stepsFor,
} from "../../slo/impact.ts";
import type { Match, ObjectiveStatus, Slo, State } from "../../slo/model.ts";
import { type CardInput, escapeMarkdown, hoverCard, lensText } from "../../slo/render.ts";
import { stateWords } from "../../slo/words.ts";

const DAY = 86_400;
const HOUR = 3600;

const slo: Slo = {
  id: "recipes/latency",
  format: "openslo/v1",
  path: "slo.yaml",
  range: { start: 0, end: 0 },
  service: "recipes",
  name: "latency",
  target: 0.999,
  window: { kind: "rolling", seconds: 28 * DAY, text: "28d" },
  method: "request-weighted",
  indicator: { type: "ratio", total: { text: "a", dialect: "promql" }, latencyThresholdSeconds: 0.3 },
  endpoints: [],
  grouping: [],
  labels: {},
  level: "evaluable",
  problems: [],
};

const endpoint = { method: "GET", route: "/recipes", path: "src/app.ts" };

/** The state of affairs in the documentation's example. */
const burning: ObjectiveStatus = {
  id: slo.id,
  state: "burning",
  reason: "",
  cause: {
    key: "burning",
    data: { longBurn: 6.2, longSeconds: HOUR, shortBurn: 7, shortSeconds: 300, factorBurn: 13.44 },
  },
  good: 180_000 - 139,
  bad: 139,
  total: 180_000,
  sli: 1 - 139 / 180_000,
  budgetRemaining: 41 / 180,
  burnRates: [
    { windowSeconds: 300, rate: 7 },
    { windowSeconds: HOUR, rate: 6.2 },
  ],
  exhaustedInSeconds: 3 * DAY + 4 * HOUR,
  method: "request-weighted",
  endpoints: [{ method: "GET", route: "/recipes", shareOfTraffic: 0.34, shareOfBad: 0.81 }],
};

const now = Date.parse("2026-11-23T10:00:40Z");
const card = (more: Partial<CardInput> = {}): string =>
  hoverCard({
    endpoint,
    slo,
    status: burning,
    findings: [
      { title: "unbounded COUNT", path: "src/recipe-store.ts", line: 41, href: "file:///w/src/recipe-store.ts#L41" },
      { title: "no time limit", path: "src/nutrition.ts", line: 12 },
    ],
    lang: "en",
    now,
    report: { evaluatedAt: "2026-11-23T10:00:00Z", source: { kind: "prometheus", name: "http://localhost:9090" } },
    harm: { en: "A reader gives up before the recipe appears.", ja: "レシピが表示される前に読者が離脱する。" },
    links: {
      slo: "file:///w/slo.yaml",
      query: "http://localhost:9090/graph?g0.expr=up",
      dashboard: "https://grafana.example/d/1",
    },
    ...more,
  });
/** A card as a reader sees it: no image, no link targets, no escapes. */
const seen = (markdown: string) =>
  markdown
    .replace(/!\[[^\]]*\]\(data:[^)]*\)/g, "[chart]")
    .replace(/\[([^\]]+)\]\([^)]*\)/g, "$1")
    .replace(/\\(.)/g, "$1")
    .split(/\s*\n+/)
    .filter((line) => line !== "");

test("the lens of the documentation, to the letter", () => {
  assert.equal(lensText(burning, slo, "en"), "SLO 99.9 % · 41 of 180 failures left · burning 6.2×, empty in 3 d");
  assert.equal(
    lensText(burning, slo, "ja"),
    "SLO 99.9% · 許容失敗 180 件中、残り 41 件 · バーンレート 6.2 倍、3 日で枯渇",
  );
});

test("the card of the documentation, to the letter", () => {
  assert.deepEqual(seen(card()), [
    "**GET /recipes** — **burning**",
    "[chart]",
    "99.9 % of requests under 300 ms, rolling 28 d. 139 of 180 allowed failures spent, 41 left (23 %).",
    '"A reader gives up before the recipe appears": 139 times in 28 days.',
    "Burn 6.2× over 1 h, 7.0× over 5 min. At this pace empty in 3 d 4 h.",
    "This route: 34 % of the service's traffic, 81 % of its failures.",
    "On its path: unbounded COUNT (recipe-store.ts:41), no time limit (nutrition.ts:12).",
    "request-weighted · Prometheus, 40 s ago · SLO file · query · dashboard",
  ]);
});

test("the card in Japanese", () => {
  assert.deepEqual(seen(card({ lang: "ja" })), [
    "**GET /recipes** — **急速に消費中**",
    "[chart]",
    "リクエストの 99.9% が 300 ミリ秒未満（直近 28 日）。許容失敗 180 件のうち 139 件を消費し、残り 41 件（23%）。",
    "「レシピが表示される前に読者が離脱する」が 28 日間で 139 回。",
    "バーンレートは直近 1 時間で 6.2 倍、直近 5 分で 7.0 倍。このペースでは 3 日 4 時間で枯渇します。",
    "このルートが占める割合: サービスのトラフィックの 34%、失敗の 81%。",
    "経路上の指摘: unbounded COUNT（recipe-store.ts:41）、no time limit（nutrition.ts:12）。",
    "リクエスト加重 · Prometheus、40 秒前 · SLO ファイル · クエリ · ダッシュボード",
  ]);
});

const without = (state: State, key: string, data: Record<string, string | number> = {}): ObjectiveStatus => ({
  id: slo.id,
  state,
  reason: "",
  cause: { key, data },
  burnRates: [],
  method: "request-weighted",
  endpoints: [],
});

test("each state has its own lens", () => {
  const table: readonly (readonly [ObjectiveStatus, string, string])[] = [
    [
      { ...burning, state: "healthy", cause: { key: "healthy", data: {} }, bad: 10, budgetRemaining: 170 / 180 },
      "SLO 99.9 % · 170 of 180 failures left",
      "SLO 99.9% · 許容失敗 180 件中、残り 170 件",
    ],
    [
      { ...burning, state: "exhausted", bad: 200, budgetRemaining: -0.11 },
      "SLO 99.9 % · budget spent: 200 failures, 180 allowed",
      "SLO 99.9% · エラーバジェット枯渇（許容 180 件に対して失敗 200 件）",
    ],
    [
      { ...burning, state: "low-traffic", bad: 1, total: 312 },
      "SLO 99.9 % · 1 of 312 failed, too few requests for a verdict",
      "SLO 99.9% · 312 件中 1 件が失敗（件数が少なく判定不可）",
    ],
    [
      { ...burning, state: "stale", cause: { key: "stale", data: { ageSeconds: 2 * HOUR } } },
      "SLO 99.9 % · 41 of 180 failures left · not updated for 2 h",
      "SLO 99.9% · 許容失敗 180 件中、残り 41 件 · 2 時間前から更新なし",
    ],
    [
      without("unmatched", "no-route-label", { metric: "m", label: "http_route" }),
      "SLO 99.9 % · not matched: metric found, no http_route label",
      "SLO 99.9% · 対応付けなし（メトリクスに http_route ラベルがない）",
    ],
    [without("no-data", "no-source"), "SLO 99.9 % · no telemetry source connected", "SLO 99.9% · テレメトリ未接続"],
    [without("no-data", "source-off"), "SLO 99.9 % · telemetry is off", "SLO 99.9% · テレメトリはオフ"],
    [
      without("no-data", "untrusted"),
      "SLO 99.9 % · restricted mode: no numbers",
      "SLO 99.9% · 制限モードのため値を取得していません",
    ],
  ];
  for (const [status, en, ja] of table) {
    assert.equal(lensText(status, slo, "en"), en);
    assert.equal(lensText(status, slo, "ja"), ja);
  }
  assert.equal(lensText(undefined, slo, "en"), "SLO 99.9 % · waiting for numbers");
});

test("of a service's objective the lens says whose it is, and how much of it was this endpoint", () => {
  const share = burning.endpoints[0]!;
  assert.equal(
    lensText(burning, slo, "en", { matchedBy: "service", share }),
    "Service SLO 99.9 % · 41 of 180 failures left · burning 6.2×, empty in 3 d · this route 81 % of the failures",
  );
  assert.equal(
    lensText(burning, slo, "ja", { matchedBy: "service", share }),
    "サービスの SLO 99.9% · 許容失敗 180 件中、残り 41 件 · バーンレート 6.2 倍、3 日で枯渇 · このルートは失敗の 81%",
  );
  assert.equal(
    lensText({ ...burning, bad: 0, budgetRemaining: 1 }, slo, "en", { matchedBy: "service", share }),
    "Service SLO 99.9 % · 180 of 180 failures left · burning 6.2×, empty in 3 d",
    "of no failure nobody has a part",
  );
  assert.equal(
    lensText(undefined, slo, "en", { matchedBy: "grouping" }),
    "SLO of all routes 99.9 % · waiting for numbers",
  );
  assert.equal(lensText(burning, slo, "en", { matchedBy: "explicit", share }), lensText(burning, slo, "en"));
});

test("what has happened since the month began is not told as if it were a month", () => {
  const month = {
    kind: "calendar",
    seconds: 30 * DAY,
    text: "1M",
    start: "2026-11-01 00:00:00",
    timeZone: "UTC",
  } as const;
  const lines = seen(card({ slo: { ...slo, window: month } }));
  assert.ok(
    lines.some((line) => line.includes("139 times in 22 d 10 h")),
    lines.join("\n"),
  );
  assert.ok(lines.includes("75 % of the period has passed; at this traffic the whole of it will allow 240 failures."));
  const ja = seen(card({ slo: { ...slo, window: month }, lang: "ja" }));
  assert.ok(
    ja.includes("期間の 75% が経過しています。このトラフィックが続けば、期間全体では 240 件の失敗が許容されます。"),
  );
  const sliced = { ...slo, window: month, method: "timeslices" } as const;
  const even = seen(card({ slo: sliced, status: { ...burning, method: "timeslices" } }));
  assert.ok(even.includes("75 % of the period has passed; an even pace would have spent as much of the budget."));
  assert.ok(!seen(card()).some((line) => line.includes("period")), "what rolls has no period");
});

test("an objective of slices whose slices could not be counted says so beside its numbers", () => {
  const sliced = { ...slo, method: "timeslices" } as const;
  const said =
    "The objective counts time slices, which could not be counted here: these numbers are weighted by requests.";
  assert.ok(seen(card({ slo: sliced })).includes(said));
  assert.ok(!seen(card({ slo: sliced, status: { ...burning, method: "timeslices" } })).includes(said));
});

test("an objective that is kept for each route has its own counts and state on each", () => {
  const share = { method: "GET", route: "/recipes", shareOfTraffic: 0.34, shareOfBad: 0.81, total: 60_000, bad: 12 };
  const grouped = { ...burning, endpoints: [share] };
  const all = sloView([slo], [match("grouping")], [grouped], readConfig("slo-lens.yaml", "").config);
  const [found] = all.of(endpoint);
  assert.equal(found?.status?.state, "healthy");
  assert.deepEqual([found.status.bad, found.status.total, found.status.burnRates], [12, 60_000, []]);
  assert.equal(
    lensText(found.status, slo, "en", { matchedBy: "grouping", share }),
    "SLO 99.9 % · 48 of 60 failures left",
  );
  const lines = seen(card({ status: found.status, matchedBy: "grouping" }));
  assert.ok(lines.includes('"A reader gives up before the recipe appears": 12 times in 28 days.'));
  assert.ok(lines[1]?.startsWith("[chart]") && !lines.some((line) => /of all routes|This route/.test(line)));
  // Without counts of its own the numbers of all are shown as such.
  const { total: _, bad: __, ...plain } = share;
  const whole = sloView([slo], [match("grouping")], [{ ...burning, endpoints: [plain] }], all.config).of(endpoint)[0];
  assert.match(
    lensText(whole!.status, slo, "en", { matchedBy: "grouping", share: plain }),
    /^SLO of all routes 99\.9 %/,
  );
  const old = sloView([slo], [match("grouping")], [{ ...grouped, state: "stale" }], all.config).of(endpoint)[0];
  assert.deepEqual([old?.status?.state, old?.status?.bad], ["stale", 12]);
});

test("low traffic shows counts, and no percentage, chart or burn", () => {
  const status: ObjectiveStatus = {
    ...burning,
    state: "low-traffic",
    bad: 1,
    total: 312,
    cause: {
      key: "low-traffic",
      data: { badCount: 1, totalCount: 312, oneRatio: 3.2, neededCount: 1000, targetRatio: 0.999 },
    },
  };
  const lines = seen(card({ status }));
  assert.ok(!lines.includes("[chart]"));
  assert.ok(!lines.some((line) => /left|Burn|empty/.test(line)));
  assert.ok(lines.some((line) => line.startsWith("1 of 312 failed.")));
});

test("without numbers the card says why and what to do", () => {
  const lines = seen(
    card({
      status: without("unmatched", "no-route-label", { metric: "http_requests_total", label: "http_route" }),
      findings: [],
    }),
  );
  assert.equal(lines[0], "**GET /recipes** — **not matched**");
  assert.ok(lines.some((line) => /has no http_route label\. With OpenTelemetry/.test(line)));
  assert.ok(!lines.some((line) => /left|spent/.test(line)));
});

test("a service's objective says so, and counts only this endpoint's part of its failures", () => {
  const lines = seen(card({ matchedBy: "service" }));
  assert.ok(lines[2]?.startsWith("SLO of the service recipes: 99.9 %"));
  assert.ok(lines.includes('"A reader gives up before the recipe appears": 113 times in 28 days.'));
});

test("hostile names are inert", () => {
  const hostile =
    "x](command:evil) ![i](https://evil/a.png) <img src=x> **b** `c` $(flame) https://evil.example www.evil.example a@b.example\n# head | t ~~s~~ \u202e";
  const markdown = card({
    endpoint: { method: "GET", route: `/${hostile}` },
    slo: { ...slo, service: hostile },
    matchedBy: "service",
    findings: [{ title: hostile, path: `a/${hostile}`, line: 1, href: "command:evil" }],
    harm: { en: hostile },
    links: { slo: "command:evil?[]", query: "https://ok.example/a)b](command:evil)", dashboard: "javascript:alert(1)" },
    status: {
      ...without("unmatched", "no-route-label", { metric: hostile, label: hostile }),
      bad: 5,
      sharesCause: { key: "no-method-label", data: { metric: hostile } },
    },
  });
  const targets = [...markdown.matchAll(/(?<!\\)\]\(([^)]*)\)/g)].map((match) => match[1]!);
  assert.ok(
    targets.every((target) => /^(https?:|file:|data:image\/svg\+xml;base64,)/.test(target)),
    targets.join(" "),
  );
  assert.equal(targets.filter((target) => target.startsWith("https:")).length, 1);
  assert.doesNotMatch(markdown, /(?<!\\)<|(?<!\\)`|(?<!\\)\$\(|[^\\]:\/\/evil|[^\\]www\.evil|\u202e/);
});

test("whatever text is escaped, nothing in it is Markdown", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom(..."\\`*_{}[]()#+-.!|<>~&$:/@^= \n\tab1w"), maxLength: 60 }),
      (text) => {
        const escaped = escapeMarkdown(text);
        assert.doesNotMatch(escaped, /[\n\t]/);
        // Every active character stands behind an odd number of backslashes.
        for (const match of escaped.matchAll(/[`*_[\]<>!#|~$]/g)) {
          const before = /\\*$/.exec(escaped.slice(0, match.index))![0].length;
          assert.equal(before % 2, 1, escaped);
        }
      },
    ),
  );
  assert.equal(escapeMarkdown("x".repeat(1000)).length, 300);
});

test("the chart has its own background, its words and no text of the repository", () => {
  const history = Array.from(
    { length: 29 },
    (_, day) => [now / 1000 - (28 - day) * DAY, 1 - (day / 28) * (139 / 180)] as const,
  );
  for (const lang of ["en", "ja"] as const) {
    for (const status of [
      burning,
      { ...burning, history },
      { ...burning, budgetRemaining: -3, history: history.map(([time, left]) => [time, left - 4] as const) },
    ]) {
      const chart = budgetChart(status, slo, now / 1000, lang)!;
      assert.match(chart.svg, /^<svg [^>]*width="360"/);
      assert.match(chart.svg, /<rect [^>]*fill="#1f2430"/);
      assert.doesNotMatch(chart.svg, /NaN|Infinity|undefined|recipes/);
      assert.match(chart.uri, /^data:image\/svg\+xml;base64,[A-Za-z0-9+/=]+$/);
    }
  }
  assert.equal(
    budgetChart(burning, slo, now / 1000, "en")!.alt,
    "Budget left over 28 d: 23 % (burning), burn of the last hour 6.2×",
  );
  assert.equal(budgetChart(without("no-data", "no-source"), slo, 0, "en"), undefined);
});

test("no card and no lens ever shows NaN, whatever the numbers", () => {
  const any = fc.option(fc.oneof(fc.double(), fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, -1, 0, 1e300)), {
    nil: undefined,
  });
  fc.assert(
    fc.property(
      fc.constantFrom(...(Object.keys(stateWords) as State[])),
      any,
      any,
      any,
      any,
      fc.constantFrom("en" as const, "ja" as const),
      (state, bad, total, left, rate, lang) => {
        const status = Object.fromEntries(
          Object.entries({
            ...burning,
            state,
            bad,
            total,
            budgetRemaining: left,
            exhaustedInSeconds: rate,
            burnRates: [{ windowSeconds: HOUR, rate }],
          }).filter(([, value]) => value !== undefined),
        ) as unknown as ObjectiveStatus;
        for (const text of [lensText(status, slo, lang), ...seen(card({ status, lang }))])
          assert.doesNotMatch(text, /NaN|Infinity|undefined/);
      },
    ),
  );
});

// --- impact --------------------------------------------------------------------------------------------------------

const match = (by: Match["by"] = "explicit", to = endpoint): Match => ({
  sloId: slo.id,
  endpoint: to,
  by,
  score: 1,
  why: "",
});
const view = (status: ObjectiveStatus | undefined, yaml = "") =>
  sloView([slo], [match()], status === undefined ? [] : [status], readConfig("slo-lens.yaml", yaml).config);
const healthy: ObjectiveStatus = { ...burning, state: "healthy", budgetRemaining: 0.9, bad: 18 };
const watch: ObjectiveStatus = { ...burning, state: "watch" };
const critical = 'endpoints: { "GET /recipes": { criticality: high, harm: A reader gives up. } }';
const admin = 'endpoints: { "GET /recipes": { criticality: low } }';
const finding = (base: "hint" | "information" | "warning" | "error") => ({
  ruleId: "unbounded-count",
  base,
  endpoints: [endpoint],
});

test("the same COUNT is a hint on an admin page and a warning on a checkout whose budget runs low", () => {
  assert.equal(impactOf(finding("warning"), view(healthy, admin)).severity, "hint");
  assert.equal(impactOf(finding("information"), view(watch, critical)).severity, "warning");
  assert.equal(impactOf(finding("information"), view(watch)).severity, "information");
  assert.equal(impactOf(finding("information"), view(burning)).severity, "warning");
});

test("every severity, state and criticality, as the table beside this test has them", () => {
  const [head = [], ...rows] = readFileSync(new URL("severities.tsv", import.meta.url), "utf8")
    .trim()
    .split("\n")
    .map((row) => row.split("\t"));
  const bases = head.slice(2) as ("hint" | "information" | "warning" | "error")[];
  assert.equal(rows.length, 3 * (Object.keys(stateWords).length + 1));
  for (const [criticality, state, ...expected] of rows) {
    const yaml = `endpoints: { "GET /recipes": { criticality: ${criticality} } }`;
    const status = state === "none" ? undefined : { ...burning, state: state as State };
    const actual = bases.map((base) => impactOf(finding(base), view(status, yaml)).severity);
    assert.deepEqual(actual, expected, `${criticality} ${state}`);
  }
});

test("states that are no verdict move nothing", () => {
  for (const state of ["no-data", "unmatched", "stale", "low-traffic"] as const)
    assert.equal(impactOf(finding("warning"), view({ ...burning, state })).severity, "warning", state);
  assert.equal(impactOf(finding("warning"), view(undefined)).severity, "warning");
  assert.equal(impactOf({ ...finding("warning"), endpoints: [] }, view(burning)).severity, "warning");
});

test("state and criticality never raise above warning; a policy may", () => {
  assert.equal(impactOf(finding("warning"), view(burning, critical)).severity, "warning");
  const policy =
    "policy: [{ when: [burning], rules: { unbounded-count: error }, agents: ask, message: Budget burns. }]";
  const impact = impactOf(finding("warning"), view(burning, policy));
  assert.equal(impact.severity, "error");
  assert.equal(impact.agents, "ask");
  assert.deepEqual(impact.messages, [{ en: "Budget burns." }]);
  assert.equal(impactOf(finding("warning"), view(healthy, policy)).severity, "warning");
  assert.equal(impactOf({ ...finding("hint"), ruleId: "other" }, view(healthy, policy)).severity, "hint");
});

test("severity never falls as things get worse", () => {
  const order: readonly (State | undefined)[] = ["healthy", "watch", "burning", "exhausted"];
  for (const criticality of ["low", "normal", "high"] as const) {
    const steps = order.map((state) => stepsFor(state, criticality));
    assert.deepEqual(
      steps,
      [...steps].sort((a, b) => a - b),
      criticality,
    );
  }
  for (const state of [...order, undefined])
    assert.ok(
      stepsFor(state, "low") <= stepsFor(state, "normal") && stepsFor(state, "normal") <= stepsFor(state, "high"),
    );
});

test("of several endpoints the one in most danger decides and comes first", () => {
  const other = { method: "POST", route: "/orders", path: "src/app.ts" };
  const second: Slo = { ...slo, id: "recipes/orders" };
  const all = sloView(
    [slo, second],
    [match(), { ...match("explicit", other), sloId: second.id }],
    [healthy, { ...burning, id: second.id }],
    readConfig("slo-lens.yaml", "").config,
  );
  const impact = impactOf({ ruleId: "r", base: "information", endpoints: [endpoint, other] }, all);
  assert.equal(impact.severity, "warning");
  assert.deepEqual(
    impact.endpoints.map((each: EndpointImpact) => each.endpoint.route),
    ["/orders", "/recipes"],
  );
  assert.equal(stakesSentence(impact, "en"), "POST /orders: 41 of 180 failures left (and 1 more endpoint).");
  assert.equal(
    stakesSentence(impact, "ja"),
    "POST /orders: 許容失敗 180 件中、残り 41 件（ほか 1 件のエンドポイント）。",
  );
});

test("what is at stake at low traffic is told in counts", () => {
  const cause = { key: "low-traffic", data: {} };
  const low: ObjectiveStatus = { ...burning, state: "low-traffic", cause, bad: 1, total: 312, budgetRemaining: -2.2 };
  assert.equal(stakesSentence(impactOf(finding("warning"), view(low)), "en"), "GET /recipes: 1 of 312 failed.");
  assert.equal(stakesSentence(impactOf(finding("warning"), view(low)), "ja"), "GET /recipes: 312 件中 1 件が失敗。");
  const old: ObjectiveStatus = { ...low, state: "stale", cause: { key: "stale", data: { was: "low-traffic" } } };
  assert.equal(stakesSentence(impactOf(finding("warning"), view(old)), "en"), "GET /recipes: 1 of 312 failed.");
  assert.ok(!seen(card({ status: old })).some((line) => /spent|left|%.*budget/.test(line)));
});

test("findings are ordered by what they endanger", () => {
  const impacts = [
    impactOf(finding("hint"), view(healthy)),
    impactOf(finding("warning"), view(burning, critical)),
    impactOf(finding("warning"), view(burning)),
  ];
  const sorted = [...impacts].sort(byImpact);
  assert.deepEqual(sorted, [impacts[1], impacts[2], impacts[0]]);
});

test("behind every failure there is a person", () => {
  const sentence = (bad: number | undefined, lang: "en" | "ja", harm?: { en: string; ja?: string }) =>
    peopleSentence(
      {
        endpoint: { method: "POST", route: "/orders" },
        ...(harm === undefined ? {} : { harm }),
        ...(bad === undefined ? {} : { bad }),
        windowSeconds: 28 * DAY,
      },
      lang,
    );
  assert.equal(
    sentence(41, "en", { en: "The ticket is not bought." }),
    '"The ticket is not bought": 41 times in 28 days.',
  );
  assert.equal(sentence(1, "en"), '"Something that someone sent is not accepted": once in 28 days.');
  assert.equal(
    sentence(41, "ja", { en: "x", ja: "チケットを購入できない。" }),
    "「チケットを購入できない」が 28 日間で 41 回。",
  );
  assert.equal(sentence(0, "en"), undefined);
  assert.equal(sentence(undefined, "en"), undefined);
});
