import assert from "node:assert/strict";
import { test } from "node:test";
import { evaluate, type Indicator, loadSlos, mayHoldSlos, problemText, type Slo, say } from "../../slo/index.ts";

const load = (...texts: readonly string[]) => loadSlos(texts.map((text, n) => ({ path: `${n}.yaml`, text })));
const formatOf = (text: string) => load(text).documents.map((it) => `${it.format} ${it.kind}`.trim());

test("every document of a known tool is told, whoever's it is", () => {
  const table: readonly (readonly [string, string])[] = [
    ["apiVersion: openslo.com/v1\nkind: SLO\n", "openslo/v1 SLO"],
    ["apiVersion: openslo.com/v1\nkind: Datasource\n", "openslo/v1 Datasource"],
    ["apiVersion: openslo/v9\nkind: SLO\n", "other:openslo SLO"],
    ["version: prometheus/v9\nslos: []\n", "other:sloth"],
    ["apiVersion: blameless/v1alpha\nkind: SLI\n", "other:blameless SLI"],
    ['{"kind": "ServiceLevelObjective", "version": "sre.google.com/v2"}', "other:slo-generator ServiceLevelObjective"],
    ["service_name: a\nslo_target: 0.99\nbackend: {class: Prometheus}\n", "other:slo-generator"],
    ["spec_version: '0.1.0'\ncomparison:\nobjectives:\n", "other:keptn"],
    ["    spec_version: '0.1.0'\n    objectives: []\n", "other:keptn"],
    ["apiVersion: metrics.keptn.sh/v1\nkind: AnalysisDefinition\n", "other:keptn AnalysisDefinition"],
    ['{"type": "metric", "thresholds": [{"target": 99, "timeframe": "30d"}]}', "other:datadog"],
    ["apiVersion: datadoghq.com/v1alpha1\nkind: DatadogSLO\n", "other:datadog DatadogSLO"],
    ["apiVersion: example.org/v1\nkind: ServiceLevelObjective\n", "other:example.org ServiceLevelObjective"],
    ["kind: SLO\nname: a\n", "other:custom SLO"],
    ["service: shop\nslos:\n  - name: availability\n    target: 99.9\n", "other:custom"],
    ["slos:\n  availability: {target: 99.9}\n", "other:custom"],
    // Lists of something else, schemas and words in lists are nobody's objectives.
    ["slos:\n  - a\n  - b\n", "not-slo"],
    [
      "kind: CustomResourceDefinition\nspec: {names: {kind: ServiceLevelObjective}}\n",
      "not-slo CustomResourceDefinition",
    ],
    ['{"words": ["openslo/v1"]}', "not-slo"],
  ];
  for (const [text, expected] of table) {
    assert.ok(mayHoldSlos(text), text);
    assert.deepEqual(formatOf(text), [expected], text);
  }
  assert.equal(mayHoldSlos("kind: Deployment\nmetadata: {name: slow}\n"), false);
});

test("Pyrra's file without its group is read, and the group is offered", () => {
  const text = `apiVersion: v1alpha1
kind: ServiceLevelObjective
metadata: {name: errors}
spec: {target: '99', window: 4w, indicator: {ratio: {errors: {metric: 'a{code="500"}'}, total: {metric: a}}}}
`;
  const { slos, documents } = load(text);
  assert.equal(slos[0]?.level, "evaluable");
  const [problem] = documents[0]!.problems;
  assert.match(problem!.message, /`apiVersion` takes one of pyrra\.dev\/v1alpha1, not `v1alpha1`/);
  assert.equal(text.slice(problem!.range.start, problem!.range.end), "v1alpha1");
});

test("lists of Kubernetes and templates of OpenShift are opened", () => {
  const one =
    "{apiVersion: pyrra.dev/v1alpha1, kind: ServiceLevelObjective, metadata: {name: a}, spec: {target: '99'}}";
  assert.equal(load(`kind: ServiceLevelObjectiveList\nitems: [${one}]\n`).slos.length, 1);
  assert.equal(load(`kind: Template\nobjects:\n- ${one}\n- {kind: Route}\n`).documents.length, 2);
});

const openSlo = (objectives: string, indicator: string, more = "") => `apiVersion: openslo/v1
kind: SLO
metadata: {name: ok}
spec:
  service: shop
  timeWindow: [{duration: 28d, isRolling: true}]
  budgetingMethod: Occurrences
  indicator: {metadata: {name: i}, spec: ${indicator}}
  objectives: ${objectives}
${more}`;
const ratio = (good: string, total: string, source = "type: Prometheus") =>
  `{ratioMetric: {good: {metricSource: {${source}, spec: {query: '${good}'}}}, total: {metricSource: {${source}, spec: {query: '${total}'}}}}}`;
const only = (text: string, ...more: readonly string[]): Slo => load(text, ...more).slos[0]!;

test("a source that is not in the workspace: what is no PromQL is no mistake", () => {
  const query = "sum:hits{status:200}.as_count()";
  const elsewhere = only(openSlo("[{target: 0.99}]", ratio(query, "sum:hits{*}", "metricSourceRef: dogs")));
  assert.deepEqual([elsewhere.level, elsewhere.problems], ["lint", []]);
  const promql = only(openSlo("[{target: 0.99}]", ratio('a{code="200"}', "a", "metricSourceRef: main")));
  assert.equal(promql.level, "evaluable");
  const named = only(openSlo("[{target: 0.99}]", ratio("sum(rate(a[5m])", "a", "metricSourceRef: prometheus")));
  assert.deepEqual(
    named.problems.map((it) => it.code),
    ["query-syntax"],
  );
});

test("v2alpha names its source's type inside, and its operator in full", () => {
  const text = `apiVersion: openslo.com/v2alpha
kind: SLO
metadata: {name: lag}
spec:
  serviceRef: shop
  timeWindow: [{duration: 28d, isRolling: true}]
  budgetingMethod: Occurrences
  sli: {metadata: {name: l}, spec: {thresholdMetric: {dataSourceSpec: {type: TYPE}, spec: {query: 'max(lag)'}}}}
  objectives: [{operator: lte, value: 5, target: 0.99}]
`;
  const prometheus = only(text.replace("TYPE", "Prometheus"));
  assert.deepEqual(prometheus.indicator.type === "threshold" && [prometheus.indicator.op, prometheus.indicator.value], [
    "lte",
    5,
  ]);
  const redshift = only(text.replace("TYPE", "redshift"));
  assert.equal(redshift.indicator.type === "threshold" && redshift.indicator.query.dialect, "other");
});

test("queries that are the same are told of PromQL only: other sources tell metrics apart by more", () => {
  assert.deepEqual(only(openSlo("[{target: 0.99}]", ratio("Any", "Any", "type: Any"))).problems, []);
  assert.equal(only(openSlo("[{target: 0.99}]", ratio("a", "a"))).problems[0]?.code, "good-equals-total");
});

test("the parts of a composite are listed with their weights", () => {
  const part = (weight: string) =>
    `{target: 0.99, ${weight}indicator: {metadata: {name: i}, spec: ${ratio('a{code="200"}', "a")}}}`;
  const text = openSlo(`[${part("compositeWeight: 2, ")}, ${part("")}]`, "{}").replace(/ {2}indicator: .*\n/, "");
  const { slos, documents } = load(text);
  assert.deepEqual(
    slos.map((it) => [it.id, it.level, it.part?.weight]),
    [
      ["shop/ok#1", "evaluable", 2],
      ["shop/ok#2", "evaluable", 1],
    ],
  );
  assert.deepEqual(documents[0]!.problems, []);
  const [slo] = load(text.replace("compositeWeight: 2", "compositeWeight: -2")).slos;
  assert.equal(slo?.part?.weight, 1);
  assert.match(problemText(slo!.problems[0]!, "ja"), /^重みは 0 より大きい/);
  // Two targets of one indicator are no composite.
  assert.deepEqual(
    load(openSlo("[{target: 0.9}, {target: 0.99}]", ratio("b", "a"))).slos.map((it) => it.part),
    [undefined, undefined],
  );
});

test("an SLI tells of its own queries, once where an SLO of the same file refers to it", () => {
  const slo = openSlo("[{target: 0.99}]", "{}").replace(/ {2}indicator: .*\n/, "  indicatorRef: ratio\n");
  const sli = `apiVersion: openslo/v1\nkind: SLI\nmetadata: {name: ratio}\nspec: ${ratio("sum(rate(a[5m])", "a")}\n`;
  const apart = load(slo, sli);
  assert.deepEqual(apart.slos[0]!.problems, []);
  assert.deepEqual(
    apart.documents.map((it) => it.problems.map((each) => each.code)),
    [[], ["query-syntax"]],
  );
  const problem = apart.documents[1]!.problems[0]!;
  assert.equal(sli.slice(problem.range.start, problem.range.end), "sum(rate(a[5m])");
  const together = load(`${slo}---\n${sli}`);
  const all = [...together.slos, ...together.documents].flatMap((it) => it.problems.map((each) => each.code));
  assert.deepEqual(all, ["query-syntax"]);
});

test("keys that stand twice: the last counts, and the second is told", () => {
  const text = openSlo("[{target: 0.9}]", ratio("b", "a"), "  objectives: [{target: 0.99}]\n");
  const { slos, documents } = load(text);
  assert.equal(slos[0]?.target, 0.99);
  const [problem] = documents[0]!.problems;
  assert.equal(problem?.code, "key-twice");
  assert.equal(problem!.range.start, text.lastIndexOf("objectives"));
});

test("what is merged counts where a mapping has no such key, and one that merges itself ends", () => {
  const text = `version: prometheus/v1
service: shop
base: &base {objective: 99.5, description: from base}
slos:
  - <<: *base
    name: a
    sli: {raw: {error_ratio_query: 'a[{{.window}}]'}}
  - <<: [*base, {x: 1}]
    name: b
    objective: 99
`;
  assert.deepEqual(
    load(text).slos.map((it) => [it.name, it.target, it.description]),
    [
      ["a", 0.995, "from base"],
      ["b", 0.99, "from base"],
    ],
  );
  assert.deepEqual(load("&a\n<<: *a\nversion: prometheus/v1\n").slos, []);
});

test("a threshold is in the unit of its metric's name", () => {
  const threshold = (good: string) => {
    const { indicator } = only(openSlo("[{target: 0.99}]", ratio(good, "t")));
    return indicator.type === "ratio" ? indicator.latencyThresholdSeconds : undefined;
  };
  assert.equal(threshold('sum(rate(http_server_request_duration_seconds_bucket{le="0.25"}[5m]))'), 0.25);
  assert.equal(threshold('http_server_duration_milliseconds_bucket{le="250"}'), 0.25);
  assert.equal(threshold('http_server_duration_bucket{le="250"}'), 0.25);
  assert.equal(threshold('lookup_microseconds_bucket{le="250"}'), 0.00025);
  assert.equal(threshold('a_bucket{path="/x{id}",le="+Inf"}'), undefined);
});

test("why an indicator cannot be evaluated is said in both languages", async () => {
  const sources: readonly (readonly [string, RegExp, RegExp])[] = [
    [openSlo("[{target: 0.9}]", "{}"), /neither `ratioMetric` nor/, /どちら|ありません/],
    [openSlo("[{target: 0.9}]", "{ratioMetric: {good: {metricSource: {}}}}"), /`total` and one of/, /`total`/],
    [
      openSlo(
        "[{target: 0.9}]",
        "{ratioMetric: {good: {metricSource: {spec: {arn: a}}}, total: {metricSource: {spec: {arn: b}}}}}",
      ),
      /no query of a kind that can be read/,
      /クエリ/,
    ],
    [
      openSlo("[{target: 0.9}]", "{}").replace(/ {2}indicator: .*\n/, "  indicatorRef: gone\n"),
      /SLI `gone` was not found/,
      /SLI `gone`/,
    ],
  ];
  for (const [text, en, ja] of sources) {
    const slo = only(text);
    assert.equal((slo.indicator as Indicator).type, "unknown");
    const report = await evaluate({
      slos: [slo],
      matches: [],
      source: { kind: "prometheus", name: "p", query: async () => new Map() },
      now: 0,
      signal: new AbortController().signal,
    });
    assert.match(report.objectives[0]!.reason, en);
    assert.match(say(report.objectives[0]!.cause!, "ja"), ja);
  }
});

test("binary, huge and endless files end", () => {
  const texts = [
    `apiVersion: openslo/v1\n${String.fromCharCode(...Array.from({ length: 60_000 }, (_, n) => (n * 7919) % 256))}`,
    `apiVersion: openslo/v1\nx: ${"[".repeat(10_000)}`,
    `apiVersion: openslo/v1\n${"? ".repeat(5_000)}`,
    `apiVersion: openslo/v1\n${"---\n".repeat(20_000)}`,
    `version: prometheus/v1\nslos:\n${"- {name: a, objective: 99}\n".repeat(5_000)}`,
    `apiVersion: openslo/v1\nkind: SLO\nspec: {objectives: [${"{target: 0.9},".repeat(5_000)}]}\n`,
  ];
  for (const text of texts) {
    const start = performance.now();
    assert.doesNotThrow(() => JSON.stringify(load(text)));
    assert.ok(performance.now() - start < 4000, `${text.slice(0, 60)} took ${performance.now() - start}`);
  }
});
