import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import { loadSlos, mayHoldSlos, type Slo } from "../../slo/index.ts";

const folder = new URL("./fixtures/", import.meta.url);
const fixtures = readdirSync(folder)
  .filter((it) => /\.ya?ml$/.test(it))
  .map((it) => ({ path: it, text: readFileSync(new URL(it, folder), "utf8") }));
const fixture = (name: string) => fixtures.find((it) => it.path === name)!;

function load(name: string): readonly Slo[] {
  return loadSlos([fixture(name)]).slos;
}
const named = (slos: readonly Slo[], name: string): Slo => {
  const found = slos.find((it) => it.name === name);
  assert.ok(found, `no SLO ${name} among ${slos.map((it) => it.name).join()}`);
  return found;
};
const at = (name: string, range: { start: number; end: number } | undefined) =>
  range && fixture(name).text.slice(range.start, range.end);

test("an OpenSLO document with its indicator inside", () => {
  const slo = named(load("openslo-v1.yaml"), "orders-availability");
  assert.equal(slo.id, "shop-api/orders-availability");
  assert.equal(slo.target, 0.999);
  assert.deepEqual(slo.window, { kind: "rolling", seconds: 28 * 86_400, text: "28d" });
  assert.equal(slo.level, "evaluable");
  assert.equal(slo.labels["team"], "shop,checkout");
  assert.deepEqual(slo.endpoints, [
    { method: "POST", route: "/api/v1/orders" },
    { method: "*", route: "/api/v1/carts" },
  ]);
  assert.deepEqual(slo.problems, []);
  assert.equal(at("openslo-v1.yaml", slo.range), "orders-availability");
  assert.equal(at("openslo-v1.yaml", slo.targetRange), "0.999");
  assert.equal(slo.indicator.type, "ratio");
  if (slo.indicator.type === "ratio")
    assert.equal(at("openslo-v1.yaml", slo.indicator.total.range), slo.indicator.total.text);
});

test("a reference to an SLI, a calendar month, slices", () => {
  const slo = named(load("openslo-v1.yaml"), "booking-minutes");
  assert.equal(slo.target, 0.995);
  assert.equal(slo.method, "timeslices");
  assert.deepEqual(slo.slice, { seconds: 60, target: 0.95 });
  assert.deepEqual(slo.window, {
    kind: "calendar",
    seconds: 30 * 86_400,
    text: "1M",
    start: "2026-01-01 00:00:00",
    timeZone: "Asia/Tokyo",
  });
  assert.equal(slo.indicator.type, "ratio");
  assert.equal(slo.level, "evaluable");
});

test("a reference is followed into another file", () => {
  const documents = fixture("openslo-v1.yaml").text.split("---\n");
  const parts = documents.map((text, n) => ({ path: `${n}.yaml`, text })).reverse();
  assert.equal(named(loadSlos(parts).slos, "booking-minutes").indicator.type, "ratio");
  const alone = loadSlos(parts.filter((it) => !it.text.includes("kind: SLI")));
  const slo = named(alone.slos, "booking-minutes");
  assert.deepEqual(
    slo.problems.map((it) => it.code),
    ["indicator-unresolved"],
  );
  assert.equal(slo.indicator.type, "unknown");
});

test("every objective is an SLO, and a threshold is kept", () => {
  const slos = load("openslo-v1.yaml").filter((it) => it.name === "search-speed");
  assert.deepEqual(
    slos.map((it) => [it.id, it.target, it.indicator.type === "threshold" && it.indicator.value]),
    [
      ["search/search-speed#1", 0.95, 400],
      ["search/search-speed#2", 0.99, 900],
    ],
  );
});

test("the type of a referred data source tells the language of a query", () => {
  const slo = named(load("openslo-v1.yaml"), "exports");
  assert.ok(slo.indicator.type === "ratio" && slo.indicator.total.dialect === "other");
  assert.equal(slo.level, "lint");
});

test("v1alpha counts windows by units and holds ratios in objectives", () => {
  const slo = named(load("openslo-v1alpha.yaml"), "mail-sent");
  assert.equal(slo.window.seconds, 30 * 86_400);
  assert.equal(slo.level, "evaluable");
  assert.deepEqual(slo.problems, []);
});

test("v2alpha as a list at the root", () => {
  const slo = named(load("openslo-v2alpha.yaml"), "pages");
  assert.equal(slo.service, "web");
  assert.equal(slo.level, "evaluable");
  assert.deepEqual(slo.problems, []);
});

test("Sloth's own file: events, raw, plugin; alert templates are no Helm", () => {
  const { slos, documents } = loadSlos([fixture("sloth.yml")]);
  assert.deepEqual(
    slos.map((it) => [it.id, it.target, it.indicator.type, it.level]),
    [
      ["shop-api/orders-availability", 0.999, "ratio", "evaluable"],
      ["shop-api/delivery", 0.95, "raw", "evaluable"],
      ["shop-api/bundled", 0.99, "unknown", "lint"],
    ],
  );
  assert.equal(slos[0]?.labels["owner"], "shop");
  assert.equal(documents[0]?.isTemplated, undefined);
  assert.deepEqual(documents[0]?.problems, []);
});

test("Sloth's resource within a List, its threshold read off the bucket", () => {
  const slo = named(load("sloth-crd.yaml"), "latency");
  assert.equal(slo.format, "sloth-crd");
  assert.ok(slo.indicator.type === "ratio" && slo.indicator.latencyThresholdSeconds === 0.5);
  assert.deepEqual(slo.problems, []);
});

test("Pyrra's four indicators", () => {
  const slos = load("pyrra.yaml");
  assert.deepEqual(
    slos.map((it) => [it.name, it.target, it.window.text, it.indicator.type, it.level]),
    [
      ["shop-api-errors", 0.999, "4w", "ratio", "evaluable"],
      ["search-latency", 0.95, "2w", "ratio", "evaluable"],
      ["rpc-latency", 0.99, "28d", "latency-native", "evaluable"],
      ["probe", 0.995, "4w", "bool", "evaluable"],
    ],
  );
  assert.deepEqual(slos[0]?.grouping, ["route"]);
  assert.ok(slos[1]?.indicator.type === "ratio" && slos[1].indicator.latencyThresholdSeconds === 0.4);
  assert.ok(slos[2]?.indicator.type === "latency-native" && slos[2].indicator.thresholdSeconds === 0.25);
});

test("Helm's holes: positions hold, a query that has one is listed only", () => {
  const { slos, documents } = loadSlos([fixture("helm.yaml")]);
  assert.deepEqual(
    slos.map((it) => [it.name, it.level, it.problems.map((each) => each.code)]),
    [
      ["literal", "evaluable", []],
      ["filled", "load", ["query-templated", "query-templated"]],
    ],
  );
  assert.equal(documents[0]?.isTemplated, true);
  assert.equal(at("helm.yaml", slos[1]?.range), "filled");
});

test("formats of other tools are recognised and left alone", () => {
  const { slos, documents } = loadSlos([
    fixture("others.yaml"),
    { path: "cw.json", text: '{"Resources":{"a":{"Type":"AWS::ApplicationSignals::ServiceLevelObjective"}}}' },
    { path: "dd.tf.json", text: '{"resource":{"datadog_service_level_objective":{"a":{"name":"a"}}}}' },
    { path: "keptn.yaml", text: 'spec_version: "1.0"\nobjectives:\n  - sli: response_time_p95\n' },
  ]);
  assert.deepEqual(slos, []);
  assert.deepEqual(
    documents.map((it) => it.format),
    [
      "other:nobl9",
      "other:slo-generator",
      "other:prometheus-rules",
      "not-slo",
      "other:aws-application-signals",
      "other:datadog",
      "other:keptn",
    ],
  );
  assert.deepEqual(
    documents.flatMap((it) => it.problems),
    [],
  );
});

test("rules that Sloth has written are no SLO file", () => {
  assert.equal(mayHoldSlos("# Code generated by Sloth (v0.11.0)\ngroups:\n- name: x # sloth.slok.dev/v1\n"), false);
});

test("JSON is read as YAML is", () => {
  const text = JSON.stringify({
    apiVersion: "pyrra.dev/v1alpha1",
    kind: "ServiceLevelObjective",
    metadata: { name: "a" },
    spec: { target: "99", window: "4w", indicator: { bool_gauge: { metric: "up" } } },
  });
  assert.equal(loadSlos([{ path: "a.json", text }]).slos[0]?.level, "evaluable");
});

test("Sloth's window is the one period that the workspace's AlertWindows have", () => {
  const windows = (period: string, path = "w.yaml") => ({
    path,
    text: `apiVersion: sloth.slok.dev/v1\nkind: AlertWindows\nspec: {sloPeriod: ${period}}\n`,
  });
  const windowOf = (...more: Parameters<typeof loadSlos>[0]) =>
    loadSlos([fixture("sloth-crd.yaml"), ...more]).slos.map((it) => it.window.text)[0];
  assert.equal(windowOf(), "30d");
  assert.equal(windowOf(windows("28d")), "28d");
  assert.equal(windowOf(windows("28d"), windows("7d", "x.yaml")), "30d", "which of them is not known");
  assert.equal(windowOf(windows("soon")), "30d");
});

test("a second SLO of the same name is told and keeps an id of its own", () => {
  const { slos } = loadSlos([fixture("sloth-crd.yaml"), { ...fixture("sloth-crd.yaml"), path: "copy.yaml" }]);
  assert.deepEqual(
    slos.map((it) => it.id),
    ["shop-api/latency", "shop-api/latency~2"],
  );
  const [problem] = slos[1]!.problems;
  assert.deepEqual(
    [problem?.code, problem?.severity, problem?.data?.other],
    ["duplicate-name", "warning", fixture("sloth-crd.yaml").path],
  );
  const variant = { ...fixture("sloth-crd.yaml"), path: "openshift/slo.yaml" };
  assert.equal(loadSlos([fixture("sloth-crd.yaml"), variant]).slos[1]!.problems[0]?.severity, "information");
  // The same objective of another environment is no slip.
  const other = {
    path: "stage.yaml",
    text: fixture("sloth-crd.yaml").text.replaceAll("http_request_", "stage_request_"),
  };
  assert.equal(loadSlos([fixture("sloth-crd.yaml"), other]).slos[1]!.problems[0]?.severity, "information");
  const twice = `${fixture("sloth-crd.yaml").text}---\n${fixture("sloth-crd.yaml").text}`;
  assert.equal(loadSlos([{ path: "a.yaml", text: twice }]).slos[1]!.problems[0]?.code, "duplicate-id");
});

test("aliases that multiply end", () => {
  const bomb = `version: prometheus/v1\nservice: &a [x,x,x,x,x,x,x,x]\n${Array.from(
    { length: 9 },
    (_, n) =>
      `l${n}: &b${n} [${Array(9)
        .fill(n === 0 ? "*a" : `*b${n - 1}`)
        .join(",")}]`,
  ).join("\n")}\nslos: []\n`;
  const from = Date.now();
  assert.deepEqual(loadSlos([{ path: "bomb.yaml", text: bomb }]).slos, []);
  assert.ok(Date.now() - from < 2000);
});

test("cut or changed anywhere, a file never throws and every range stays inside it", () => {
  const any = fc.constantFrom(...fixtures);
  const change = fc.tuple(any, fc.nat(), fc.nat(40), fc.constantFrom("", ":", "- ", "{", '"', "&a ", "*a", "\t", "{{"));
  fc.assert(
    fc.property(change, ([{ path, text }, where, length, put]) => {
      const start = where % (text.length + 1);
      for (const broken of [text.slice(0, start), text.slice(0, start) + put + text.slice(start + length)]) {
        const loaded = loadSlos([{ path, text: broken }]);
        for (const it of [...loaded.slos, ...loaded.documents])
          for (const range of [it.range, ...it.problems.map((each) => each.range)])
            assert.ok(range.start >= 0 && range.start <= range.end && range.end <= broken.length + 1);
        for (const slo of loaded.slos) assert.ok(slo.target >= 0 && slo.target <= 1 && slo.window.seconds > 0);
      }
    }),
    { numRuns: 300 },
  );
});
