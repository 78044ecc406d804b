import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import {
  createSloDocument,
  definitionsAt,
  loadSlos,
  metricsOf,
  sloCompletions,
  sloDefinitions,
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
  metrics: ["http_requests_total", "up"],
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
  assert.deepEqual(offered(`${query}|\n          sum(rate(u¦`), ["up"]);
  assert.deepEqual(offered(`${query}sum(rate(http_requests_total{route="/¦`), ["/recipes/:id", "/health"]);
  assert.deepEqual(offered(`${query}sum(rate(http_requests_total{ro¦`), []);
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
    "At the traffic of this window (180,000), that is 180 failures; 139 are spent.",
  );
  assert.equal(sloHover(slo!, undefined, "ja")[0], "1,000 件に 1 件までの失敗が許容されます。");
  assert.deepEqual(sloHover({ ...slo!, target: 1 }, undefined, "en"), ["Nothing may fail: there is no budget."]);
});
