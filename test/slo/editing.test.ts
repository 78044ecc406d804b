import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import {
  configCompletions,
  configFieldAt,
  configKeys,
  configReferences,
  createSloDocument,
  definitionsAt,
  fieldText,
  lintConfig,
  loadSlos,
  metricsOf,
  sloCompletions,
  sloDefinitions,
  sloFieldAt,
  sloHover,
  sloReferences,
} from "../../slo/index.ts";

const read = (name: string) => readFileSync(new URL(`./fixtures/${name}`, import.meta.url), "utf8");
const known = {
  definitions: [
    { kind: "SLI", name: "pages-ok" },
    { kind: "AlertPolicy", name: "fast" },
  ],
  endpoints: [
    { method: "GET", route: "/recipes/:id" },
    { method: "ALL", route: "/health" },
  ],
  metrics: { names: ["http_requests_total", "up"] },
};
/** Labels offered where `|` stands in a text. */
const offered = (text: string) =>
  sloCompletions({ ...known, text: text.replace("¦", ""), offset: text.indexOf("¦") }).map((it) => it.label);

test("fields of a document, those left out that stand there", () => {
  assert.deepEqual(offered("apiVersion: openslo/v1\nkind: SLO\n¦\nspec:\n"), ["metadata"]);
  const objective = offered(
    "apiVersion: openslo/v1\nkind: SLO\nspec:\n  objectives:\n    - target: 0.9\n      ¦\n      op: lt\n    - value: 3\n",
  );
  assert.ok(objective.includes("timeSliceTarget") && objective.includes("value"));
  assert.ok(!objective.includes("target") && !objective.includes("op"));
  const sloth = offered("version: prometheus/v1\nslos:\n- name: a\n  alerting:\n    ¦");
  assert.ok(sloth.includes("page_alert") && !sloth.includes("pageAlert"));
  const crd = offered(
    "- apiVersion: sloth.slok.dev/v1\n  kind: PrometheusServiceLevel\n  spec:\n    slos:\n      - alerting:\n          ¦",
  );
  assert.ok(crd.includes("pageAlert") && !crd.includes("page_alert"));
});

test("values, names of other documents, routes", () => {
  const spec = "apiVersion: openslo/v1\nkind: SLO\nspec:\n  ";
  assert.deepEqual(offered(`${spec}budgetingMethod: ¦`), ["Occurrences", "Timeslices", "RatioTimeslices"]);
  assert.deepEqual(offered(`${spec}indicatorRef: ¦`), ["pages-ok"]);
  assert.deepEqual(offered(`${spec}alertPolicies:\n    - alertPolicyRef: f¦`), ["fast"]);
  const annotation = "apiVersion: pyrra.dev/v1alpha1\nkind: ServiceLevelObjective\nmetadata:\n  annotations:\n    ";
  assert.deepEqual(offered(`${annotation}¦`), ["slo-lens/endpoints"]);
  assert.deepEqual(offered(`${annotation}slo-lens/endpoints: GET /x, ¦`), ["GET /recipes/:id", "/health"]);
});

test("metrics and routes within queries", () => {
  const query = "version: prometheus/v1\nslos:\n  - sli:\n      events:\n        error_query: ";
  assert.deepEqual(offered(`${query}sum(rate(http¦`), ["http_requests_total"]);
  assert.deepEqual(offered(`${query}|\n          sum(rate(u¦`), ["up", "http_requests_total"]);
  assert.deepEqual(offered(`${query}ra¦`), ["rate"]);
  assert.deepEqual(offered(`${query}rate(up[¦`), ["{{.window}}"]);
  assert.deepEqual(offered(`${query}rate(up[{{¦`), ["{{.window}}"]);
  assert.deepEqual(offered(`${query}rate(up{a="b"¦`), []);
  assert.deepEqual(offered(`${query}sum(rate(http_requests_total{route="/¦`), ["/recipes/:id", "/health"]);
  assert.deepEqual(offered(`${query}sum(rate(http_requests_total{ro¦`), []);
});

test("within brackets on one line", () => {
  const head = "apiVersion: openslo/v1\nkind: SLO\nspec:\n  ";
  const objective = offered(`${head}objectives: [{target: 0.9, ¦}]`);
  assert.ok(objective.includes("timeSliceTarget") && !objective.includes("target"));
  assert.deepEqual(offered(`${head}timeWindow: [{duration: 28d, isRolling: t¦`), ["true", "false"]);
  assert.deepEqual(offered(`${head}timeWindow: [{duration: 28d}], ¦`), []);
  assert.deepEqual(offered(`${head}alertPolicies: [{alertPolicyRef: ¦`), ["fast"]);
  const query = `${head}indicator: {spec: {ratioMetric: {total: {metricSource: {spec: {query: 'sum(rate(u¦`;
  assert.deepEqual(offered(query), ["up", "http_requests_total"]);
});

const known2 = {
  endpoints: [
    { method: "GET", route: "/recipes/:id" },
    { method: "ALL", route: "/health" },
  ],
  slos: [{ id: "shop/a b", service: "shop" }],
  rules: [{ id: "unbounded-count", title: { en: "Counts all", ja: "全件" } }],
  folders: ["src/api"],
};
const inConfig = (text: string) =>
  configCompletions({ ...known2, text: text.replace("¦", ""), offset: text.indexOf("¦") });
const configOffers = (text: string) => inConfig(text).map((it) => it.label);

test("slo-lens.yaml: keys, values and what the workspace has, each told", () => {
  assert.deepEqual([...configOffers("¦")].sort(), [...configKeys.root].sort());
  assert.ok(!configOffers("stage: early\n¦").includes("stage"));
  assert.deepEqual(configOffers("stage: ¦"), ["early", "growth", "mature"]);
  assert.deepEqual(configOffers("rules:\n  ¦"), ["unbounded-count"]);
  assert.deepEqual(configOffers("rules: {unbounded-count: ¦"), ["off", "hint", "information", "warning", "error"]);
  assert.deepEqual(configOffers("overrides:\n  - files: [src]\n    rules:\n      unbounded-count: w¦").length, 5);
  assert.deepEqual(configOffers("overrides:\n  - ¦"), ["files", "rules"]);
  assert.deepEqual(
    inConfig("slos:\n  ¦").map((it) => it.insert),
    ["shop/a b:"],
  );
  assert.deepEqual(configOffers("slos:\n  shop/a b:\n    - ¦"), ["GET /recipes/:id", "* /health", "endpoints"]);
  assert.deepEqual(configOffers("slos:\n  shop/a b: [GET /x, G¦"), ["GET /recipes/:id", "* /health", "endpoints"]);
  assert.deepEqual(configOffers("slos:\n  shop/a b: ¦").slice(0, 2), ["GET /recipes/:id", "* /health"]);
  assert.deepEqual(configOffers("endpoints:\n  GET /recipes/:id:\n    criticality: ¦"), ["high", "normal", "low"]);
  assert.deepEqual(configOffers("endpoints:\n  GET /recipes/:id:\n    harm:\n      ¦"), ["en", "ja"]);
  assert.deepEqual(configOffers("endpoints:\n  GET /recipes/:id: {}\n  ¦"), ["* /health"]);
  assert.deepEqual(configOffers("services:\n  src/**: ¦"), ["shop"]);
  assert.deepEqual(configOffers("services:\n  ¦"), ["src/api/**"]);
  assert.ok(configOffers("policy:\n  - when: [burning, ¦").includes("exhausted"));
  assert.deepEqual(configOffers("policy:\n  - when: burning\n    ¦"), ["rules", "agents", "message"]);
  assert.deepEqual(configOffers("telemetry:\n  prometheus:\n    ¦"), ["url", "headers"]);
  assert.equal(inConfig("stage: ¦")[0]?.text?.ja, "1 人のチーム。SLO は不要");
  // Every key is explained, in both languages.
  const untold = inConfig("¦").filter((it) => !it.text?.en || !/[ぁ-ん一-龠]/.test(it.text.ja));
  assert.deepEqual(untold, []);
});

test("what a field means, where it stands", () => {
  const file = { path: "a.yaml", text: "telemetry:\n  scrape: {url: http://x}\nslos:\n  a: {endpoints: [GET /a]}\n" };
  const told = (wanted: string) => {
    const at = configFieldAt(file, file.text.indexOf(wanted));
    return at && fieldText(at.dialect, at.keys)?.en;
  };
  assert.match(told("url")!, /^The \/metrics address/);
  assert.match(told("endpoints")!, /^The endpoints the SLO is about/);
  assert.equal(told("http"), undefined);
  const slo = { path: "b.yaml", text: read("sloth-crd.yaml") };
  const field = sloFieldAt(slo, slo.text.indexOf("errorQuery"));
  assert.deepEqual(field?.keys.slice(-2), ["events", "errorQuery"]);
  assert.match(fieldText(field!.dialect, field!.keys)!.ja, /失敗/);
});

test("slo-lens.yaml: what names nothing is told, what is nearly a name is corrected", () => {
  const lint = (text: string, isReady = true) =>
    lintConfig(
      { path: "slo-lens.yaml", text },
      {
        slos: [{ id: "shop/orders", service: "shop" }],
        endpoints: [
          { method: "GET", route: "/recipes/:id", path: "a.ts" },
          { method: "ALL", route: "/health", path: "a.ts" },
        ],
        isReady,
      },
    ).map((it) => `${it.severity} ${it.code}: ${text.slice(it.range.start, it.range.end)}`);
  assert.deepEqual(lint("slos: {shop/orders: [GET /recipes/{id}, /health, POST /health]}"), []);
  assert.deepEqual(lint("slos:\n  shop/order: GET /recipes/:id\n  other: []\n"), [
    "warning config-unknown-slo-near: shop/order",
    "warning config-unknown-slo: other",
  ]);
  assert.deepEqual(lint("endpoints:\n  GET /receipes/:id: {}\n  POST /made/at/runtime: {}\n"), [
    "warning config-unknown-endpoint-near: GET /receipes/:id",
    "information config-unknown-endpoint: POST /made/at/runtime",
  ]);
  assert.deepEqual(lint("services: {src: shop, lib: shopp, web: frontend}"), ["warning config-unknown-service: shopp"]);
  assert.deepEqual(lint("slos: {nothing: []}", false), [], "before the code is read");
  assert.deepEqual(
    configReferences({ path: "c", text: "rules: {a: off}\npolicy: [{when: burning, rules: {b: error}}]" }).map(
      (it) => `${it.kind} ${it.name}`,
    ),
    ["rule a", "rule b"],
  );
});

test("nothing in files of other kinds", () => {
  assert.deepEqual(offered("apiVersion: v1\nkind: ConfigMap\ndata:\n  ¦"), []);
});

test("anywhere in any file, completion answers", () => {
  const files = ["openslo-v1.yaml", "sloth.yml", "pyrra.yaml", "helm.yaml", "openslo-v2alpha.yaml"].map(read);
  fc.assert(
    fc.property(fc.constantFrom(...files), fc.nat(), (text, where) => {
      const offset = where % (text.length + 1);
      for (const it of sloCompletions({ ...known, text, offset }))
        assert.ok(it.range.end === offset && it.range.start >= 0 && it.range.start <= offset);
    }),
    { numRuns: 300 },
  );
});

test("anywhere in any slo-lens.yaml, completion, fields and names answer", () => {
  const words = fc.constantFrom(
    "slos:",
    "\n",
    "\n  ",
    "- ",
    "[",
    "{",
    "}",
    ": ",
    "GET /a",
    "'",
    '"',
    "&a ",
    "*a",
    "<<: *a",
    "when",
    "rules:",
  );
  fc.assert(
    fc.property(
      fc.array(words, { maxLength: 30 }).map((it) => it.join("")),
      fc.nat(),
      (text, where) => {
        const offset = where % (text.length + 1);
        for (const it of configCompletions({ ...known2, text, offset }))
          assert.ok(it.range.end === offset && it.range.start >= 0 && it.range.start <= offset);
        configFieldAt({ path: "a", text }, offset);
        const workspace = { slos: known2.slos, endpoints: [], isReady: true };
        for (const it of lintConfig({ path: "a", text }, workspace)) assert.ok(it.range.end <= text.length);
      },
    ),
    { numRuns: 500 },
  );
});

test("from a reference to its document", () => {
  const files = [{ path: "a.yaml", text: read("openslo-v1.yaml") }];
  const [file] = files;
  const offset = file!.text.indexOf("indicatorRef: booking-good-ratio") + "indicatorRef: b".length;
  const [found] = definitionsAt(file!, offset, files);
  assert.equal(found?.kind, "SLI");
  assert.equal(file!.text.slice(found!.range.start, found!.range.end), "booking-good-ratio");
  assert.deepEqual(definitionsAt(file!, 0, files), []);
  assert.ok(sloReferences(files).some((it) => it.kind === "DataSource" && it.name === "warehouse"));
  assert.equal(sloDefinitions(files).length, 6);
});

test("what an objective allows, in failures and minutes", () => {
  const { name, text } = createSloDocument({
    endpoint: { method: "GET", route: "/a" },
    service: "x",
    format: "openslo",
    metrics: metricsOf("prom-client"),
    target: 0.999,
    windowDays: 28,
  });
  const [slo] = loadSlos([{ path: name, text }]).slos;
  assert.deepEqual(sloHover(slo!, undefined, "en"), [
    "1 of 1,000 requests may fail.",
    "A complete outage may last 40 min 19 s in 28 d.",
  ]);
  const status = {
    id: slo!.id,
    state: "healthy",
    reason: "",
    total: 180_000,
    bad: 139,
    burnRates: [],
    method: "request-weighted",
    endpoints: [],
  } as const;
  assert.equal(
    sloHover(slo!, status, "en")[1],
    "At the traffic of this window (180,000) that allows 180; failures so far: 139.",
  );
  assert.equal(sloHover(slo!, undefined, "ja")[0], "1,000 件に 1 件までの失敗が許容されます。");
  assert.deepEqual(sloHover({ ...slo!, target: 1 }, undefined, "en"), ["Nothing may fail: there is no budget."]);
});
