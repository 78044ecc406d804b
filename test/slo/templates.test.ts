import assert from "node:assert/strict";
import { test } from "node:test";
import { untemplated } from "../../slo/formats/helm.ts";
import { evaluate, loadSlos, problemText } from "../../slo/index.ts";

const crd = (slos: string, head = "") => `apiVersion: sloth.slok.dev/v1
kind: PrometheusServiceLevel
metadata:
  name: shop
${head}spec:
  service: shop-api
${slos}`;
const events = (error: string, total: string, indent = "      ") =>
  `${indent}sli:\n${indent}  events:\n${indent}    errorQuery: ${error}\n${indent}    totalQuery: ${total}\n`;
const load = (text: string) => loadSlos([{ path: "templates/slo.yaml", text }]);
const codes = (text: string) => {
  const { slos, documents } = load(text);
  return [...documents, ...slos].flatMap((it) => it.problems.map((each) => `${each.severity} ${each.code}`));
};

test("an action ends behind its strings, and what it held keeps its length", () => {
  const source = 'a: "{{ printf "{{ .Labels.id }}" }}"\nb: {{ `{{ .x }}` | quote }} # c\nd: {{/* "}} */}}1\n';
  const { text, holes } = untemplated(source);
  assert.equal(text.length, source.length);
  assert.equal(text.split("\n")[0], 'a: "___printf_____.Labels.id_______"');
  assert.equal(text.split("\n")[1], "b: _______.x_______quote___ # c");
  assert.equal(text.split("\n")[2], "d:              1");
  assert.deepEqual(
    holes.map((it) => source.slice(it.start, it.end)),
    ['{{ printf "{{ .Labels.id }}" }}', "{{ `{{ .x }}` | quote }}", '{{/* "}} */}}'],
  );
});

test("actions over several lines, statements of other engines, an action without an end", () => {
  assert.equal(untemplated("{{- if and\n  .a\n  .b }}\nx: 1\n").text, "          \n    \n       \nx: 1\n");
  assert.equal(
    untemplated("{% for s in all %}\n- {{ s.name }}\n{% endfor %}").text,
    `${" ".repeat(18)}\n- ___s.name___\n${" ".repeat(12)}`,
  );
  assert.equal(untemplated("x: {{ .a\ny: 1").text, "x: {{ .a\ny: 1");
});

test("the window stays, however it is escaped", () => {
  for (const window of [
    "{{.window}}",
    "{{`{{.window}}`}}",
    '{{ "{{.window}}" }}',
    '{{"{{"}}.window{{"}}"}}',
    "{{`{{ .window }}`}}",
  ]) {
    const query = (it: string) => `'sum(rate(a_total{${it}}[${window}]))'`;
    const { slos } = load(
      crd(`  slos:\n    - name: ok\n      objective: 99.9\n${events(query('code="500"'), query(""))}`),
    );
    assert.equal(slos[0]?.level, "evaluable", window);
    assert.deepEqual(slos[0]?.problems, [], window);
  }
});

test("what a template writes as text stays where it stands, on every line of a query", () => {
  const text = crd(`  slos:
    - name: ok
      objective: 99.9
      sli:
        raw:
          errorRatioQuery: |-
            {{\`sum(rate(a_total{code="500"}[{{.window}}]))\`}}
            /
            {{\`sum(rate(a_total[5m])) + sum(rate(b_total[{{.window}}]))\`}}
`);
  const { slos } = load(text);
  assert.equal(slos[0]?.level, "evaluable");
  assert.deepEqual(
    slos[0]?.problems.map((it) => [it.code, text.slice(it.range.start, it.range.end)]),
    [["window-fixed", "5m"]],
  );
});

test("control lines vanish, a line of a query that Helm writes does not", () => {
  const text = crd(`  slos:
    {{- if .Values.availability }}
    - name: availability
      objective: 99.9
      sli:
        events:
          errorQuery: |-
            {{ .Values.errors }}
          totalQuery: sum(rate(a_total[{{\`{{.window}}\`}}]))
    {{- end }}
`);
  const { slos } = load(text);
  assert.equal(slos[0]?.level, "load");
  assert.deepEqual(
    slos[0]?.problems.map((it) => [it.code, text.slice(it.range.start, it.range.end).trim()]),
    [["query-templated", "|-\n            {{ .Values.errors }}"]],
  );
});

test("labels that alerts fill are no Helm, at the start of a value neither", () => {
  const { text, isTemplated } = untemplated('summary: "{{ $labels.job }} is slow"\n');
  assert.equal(isTemplated, false);
  assert.equal(text, 'summary: "{{ $labels.job }} is slow"\n');
  assert.equal(untemplated("a: {{ $value }}\n").text, "a: ____value___\n");
});

test("what Helm fills in is not missing yet", () => {
  const query = "sum(rate(a_total[{{`{{.window}}`}}]))";
  const target = crd(
    `  slos:\n    - name: ok\n      objective: {{ .Values.objective }}\n      alerting: {name: Ok}\n${events(`${query} * 0`, query)}`,
  );
  assert.deepEqual(codes(target), ["information templated"]);
  assert.deepEqual(codes(crd("  slos:\n    {{- toYaml .Values.slos | nindent 4 }}\n")), ["information templated"]);
  assert.deepEqual(codes(crd("  slos: {{ toYaml .Values.slos | nindent 4 }}\n")), ["information templated"]);
  // What no action can bring is missing all the same.
  assert.deepEqual(codes(crd("", "  labels: {a: '{{ .Values.a }}'}\n")), ["error slos-missing"]);
});

test("YAML that only Helm can make whole is told so, and not as an error", () => {
  const [problem] = load(crd("  slos:\n    - name: {{ .a }}\n   - name: b\n")).documents[0]!.problems;
  assert.equal(problem?.code, "yaml-templated");
  assert.equal(problem?.severity, "information");
  assert.match(problemText(problem!, "en"), /helm template/);
  assert.match(problemText(problem!, "ja"), /helm template/);
});

test("a query with a hole is listed with its reason and never asked of a source", async () => {
  const query = (code: string) => `sum(rate(a_total{job="{{ .Values.job }}"${code}}[{{\`{{.window}}\`}}]))`;
  const { slos } = load(
    crd(`  slos:\n    - name: ok\n      objective: 99.9\n${events(query(',code="500"'), query(""))}`),
  );
  const asked: string[] = [];
  const report = await evaluate({
    slos,
    matches: [],
    source: {
      kind: "prometheus",
      name: "http://localhost:9090",
      query: async (requests) => {
        asked.push(...requests.map((it) => it.query));
        return new Map();
      },
    },
    now: Date.parse("2026-01-01T00:00:00Z"),
    signal: new AbortController().signal,
  });
  assert.ok(!asked.some((it) => it.includes("a_total")), asked.join("\n"));
  assert.equal(report.objectives[0]?.state, "no-data");
  assert.match(report.objectives[0]!.reason, /`helm template`/);
});

test("the holes of an SLI's own file are known where it is referred to", () => {
  const sli = `apiVersion: openslo/v1
kind: SLI
metadata: {name: ok}
spec:
  ratioMetric:
    good: {metricSource: {type: Prometheus, spec: {query: 'a{job="{{ .Values.job }}",code="200"}'}}}
    total: {metricSource: {type: Prometheus, spec: {query: 'a{job="{{ .Values.job }}"}'}}}
`;
  const slo = `apiVersion: openslo/v1
kind: SLO
metadata: {name: shop}
spec: {service: shop, indicatorRef: ok, timeWindow: [{duration: 28d, isRolling: true}], objectives: [{target: 0.99}]}
`;
  const { slos, documents } = loadSlos([
    { path: "slo.yaml", text: slo },
    { path: "sli.yaml", text: sli },
  ]);
  assert.equal(slos[0]?.level, "lint");
  assert.deepEqual(slos[0]?.problems, [], "another file's places are told in that file");
  assert.deepEqual(
    documents.map((it) => it.problems.map((each) => each.code)),
    [[], ["query-templated", "query-templated"]],
  );
});

test("templates made to be slow are read in time", () => {
  const hostile = [
    "{{ ".repeat(300_000),
    '{{"'.repeat(300_000),
    "{{`".repeat(300_000),
    `${"{{a}}".repeat(190_000)}`,
    `${"{{ /*\n".repeat(100_000)}}}`,
  ];
  for (const text of hostile) {
    const start = performance.now();
    const read = untemplated(text);
    assert.equal(read.text.length, text.length);
    assert.ok(performance.now() - start < 2000, text.slice(0, 10));
  }
});
