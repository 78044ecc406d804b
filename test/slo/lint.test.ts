import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import {
  amongOthers,
  bucketsIn,
  type CodeEndpoint,
  fixTitle,
  lintBuckets,
  lintMatches,
  loadSlos,
  type Match,
  problemText,
  problemTexts,
  type SloProblem,
  uncovered,
} from "../../slo/index.ts";

const problemsOf = (text: string): SloProblem[] => {
  const { slos, documents } = loadSlos([{ path: "slo.yaml", text }]);
  return [...documents, ...slos].flatMap((it) => it.problems);
};
/** `code: the words it sits on`. */
const told = (text: string) =>
  problemsOf(text).map((it) => `${it.code}: ${text.slice(it.range.start, it.range.end).split("\n")[0]}`);
/** The text with the first fix of its only problem done. */
function fixed(text: string): string {
  const [problem, ...others] = problemsOf(text);
  assert.deepEqual(others, []);
  const fix = problem?.fixes?.[0];
  assert.ok(fix, `${problem?.code} has no fix`);
  return [...fix.edits]
    .sort((a, b) => b.range.start - a.range.start)
    .reduce((done, it) => done.slice(0, it.range.start) + it.text + done.slice(it.range.end), text);
}

interface Parts {
  readonly objective?: string;
  readonly duration?: string;
  readonly bad?: string;
  readonly more?: string;
}
const openSlo = ({ objective = "target: 0.99", duration = "28d", bad = 'a{job="x",code="500"}', more = "" }: Parts) =>
  `apiVersion: openslo/v1
kind: SLO
metadata: {name: a}
spec:
  service: x
  indicator:
    metadata: {name: b}
    spec:
      ratioMetric:
        counter: true
        bad: {metricSource: {type: Prometheus, spec: {query: '${bad}'}}}
        total: {metricSource: {type: Prometheus, spec: {query: 'a{job="x"}'}}}
  timeWindow: [{duration: ${duration}, isRolling: true}]
  budgetingMethod: Occurrences
  objectives: [{${objective}}]
${more}`;
const sloth = (bad: string, more = "") => `version: prometheus/v1
service: xy
slos:
  - name: ab
    objective: 99
    sli:
      events:
        error_query: ${bad}
        total_query: sum(rate(a{job="x"}[{{.window}}]))
    alerting:
      name: Ab
${more}`;
const pyrra = (target: string, indicator: string) => `apiVersion: pyrra.dev/v1alpha1
kind: ServiceLevelObjective
metadata: {name: a}
spec:
  target: ${target}
  window: 4w
  indicator: ${indicator}
`;
const ratio = "{ratio: {errors: {metric: 'a{code=\"500\"}'}, total: {metric: a}}}";

test("files without mistakes have no problems", () => {
  assert.deepEqual(told(openSlo({})), []);
  assert.deepEqual(told(sloth('sum(rate(a{job="x",code="500"}[{{.window}}]))')), []);
  assert.deepEqual(told(pyrra('"99"', ratio)), []);
});

test("a percentage where a ratio belongs, and the other way round", () => {
  const percent = openSlo({ objective: "target: 99.9" });
  assert.deepEqual(told(percent), ["target-ratio: 99.9"]);
  assert.equal(fixed(percent), openSlo({ objective: "target: 0.999" }));
  assert.equal(fixed(openSlo({ objective: "targetPercent: 0.995" })), openSlo({ objective: "targetPercent: 99.5" }));
  assert.equal(fixed(pyrra('"0.999"', ratio)), pyrra('"99.9"', ratio));
});

test("targets that leave nothing or are none", () => {
  assert.deepEqual(told(openSlo({ objective: "targetPercent: 100" })), ["target-hundred: 100"]);
  assert.deepEqual(told(pyrra('"100"', ratio)), ['target-hundred: "100"']);
  assert.deepEqual(told(pyrra('"101"', ratio)), ['target-range: "101"']);
  assert.deepEqual(told(openSlo({ objective: "displayName: x" })), ["target-missing: displayName"]);
});

test("what is missing is told at a key, never at a whole document", () => {
  assert.deepEqual(told("apiVersion: openslo/v1\nkind: SLO\nspec:\n  objectives:\n"), [
    "name-missing: apiVersion",
    "service-missing: spec",
    "objectives-missing: objectives",
    "window-missing: spec",
  ]);
});

test("minutes that were to be months", () => {
  assert.deepEqual(told(openSlo({ duration: "1m" })), ["window-short: 1m"]);
  assert.equal(fixed(openSlo({ duration: "1m" })), openSlo({ duration: "1M" }));
});

test("a numerator that is no part of the denominator", () => {
  assert.deepEqual(told(openSlo({ bad: 'a{job="y",code="500"}' })), ['not-subset: a{job="y",code="500"}']);
  assert.deepEqual(told(openSlo({ bad: 'a{code="500"}' })), ['not-subset: a{code="500"}']);
  assert.match(problemsOf(openSlo({ bad: 'a{code="500"}' }))[0]!.message, /`job="x"`/);
  assert.deepEqual(told(openSlo({ bad: 'a_errors_total{kind="x"}' })), [], "another metric cannot be compared");
  assert.deepEqual(told(openSlo({ bad: 'a{job="x"}' })), ['bad-equals-total: a{job="x"}']);
});

test("success that counts errors", () => {
  const latency = pyrra(
    '"99"',
    `{latency: {success: {metric: 'a_bucket{le="1",status=~"5.."}'}, total: {metric: a_count}}}`,
  );
  assert.deepEqual(told(latency), ['success-is-errors: a_bucket{le="1",status=~"5.."}']);
});

test("a bucket taken for the failures counts what was quick", () => {
  const bucket = 'sum(rate(a_bucket{job="x",le="0.3"}[{{.window}}]))';
  assert.deepEqual(told(sloth(bucket)), ['bad-is-quick: a_bucket{job="x",le="0.3"}']);
  const count = 'sum(rate(a_count{job="x"}[{{.window}}]))';
  assert.deepEqual(told(sloth(`${count} - ${bucket}`)), []);
  assert.deepEqual(told(sloth('sum(rate(a_bucket{job="x",le="+Inf"}[{{.window}}]))')), []);
});

test("unknown fields, and the ones that were meant", () => {
  const misspelt = openSlo({}).replace("budgetingMethod", "budgetingMethdo");
  assert.deepEqual(told(misspelt), ["field-misspelt: budgetingMethdo"]);
  assert.equal(fixed(misspelt), openSlo({}));
  assert.deepEqual(told(`${openSlo({})}createView: true\n`), ["field-unknown: createView"]);
  assert.deepEqual(told(openSlo({ objective: "target: 0.9, op: gt" })), ["op-on-ratio: op"]);
  assert.deepEqual(told(openSlo({}).replace("isRolling: true", "isRolling: yes")), ["value-unknown: yes"]);
});

test("Sloth's keys in the case of the other flavour", () => {
  const text = sloth('sum(rate(a{job="x",code="500"}[{{.window}}]))', "      pageAlert: {disable: true}\n");
  assert.deepEqual(told(text), ["key-case: pageAlert"]);
  assert.equal(fixed(text), text.replace("pageAlert", "page_alert"));
});

test("look-backs that do not follow Sloth's window", () => {
  assert.deepEqual(told(sloth('sum(rate(a{job="x",code="500"}[5m]))')), [
    'window-template: sum(rate(a{job="x",code="500"}[5m]))',
  ]);
  const half = 'sum(rate(a{job="x",code="500"}[{{.window}}])) + sum(rate(a{job="x",code="501"}[5m]))';
  assert.deepEqual(told(sloth(half)), ["window-fixed: 5m"]);
  const folded = sloth(`|\n          ${half}\n`);
  assert.deepEqual(told(folded), ["window-fixed: 5m"]);
  assert.equal(fixed(folded), folded.replace("[5m]", "[{{.window}}]"));
});

test("a query without the window: its look-backs are offered to follow it", () => {
  const text = sloth('sum(rate(a{job="x",code="500"}[5m])) + sum(rate(a{job="x",code="501"}[10m]))');
  assert.equal(fixed(text), text.replace("[5m]", "[{{.window}}]").replace("[10m]", "[{{.window}}]"));
  const [problem] = problemsOf(sloth('sum(a{job="x",code="500"})'));
  assert.deepEqual([problem?.code, problem?.fixes], ["window-template", undefined]);
});

test("what the total is limited to is written into the part, whatever quotes the query stands in", () => {
  assert.equal(fixed(openSlo({ bad: 'a{code="500"}' })), openSlo({ bad: 'a{code="500",job="x"}' }));
  const doubled = openSlo({}).replace(`'a{job="x",code="500"}'`, `"a{code='500'}"`);
  assert.equal(fixed(doubled), openSlo({}).replace(`'a{job="x",code="500"}'`, `"a{code='500',job='x'}"`));
  const plain = sloth("sum(rate(a[{{.window}}]))");
  assert.equal(fixed(plain), sloth('sum(rate(a{job="x"}[{{.window}}]))'));
  // Another value of the label is a decision, not an omission.
  assert.equal(problemsOf(openSlo({ bad: 'a{job="y",code="500"}' }))[0]?.fixes, undefined);
  // Gauges that are summed up in other ways are not compared.
  const gauges = sloth('sum_over_time(a{status!="true"}[{{.window}}])').replace("rate(a{", "count_over_time(a{");
  assert.deepEqual(told(gauges), []);
});

test("what a tool's own types and names refuse", () => {
  const quoted = sloth('sum(rate(a{job="x",code="500"}[{{.window}}]))').replace("objective: 99", 'objective: "99"');
  assert.deepEqual(told(quoted), ['number-quoted: "99"']);
  assert.equal(fixed(quoted), quoted.replace('"99"', "99"));
  const bare = pyrra("99.9", ratio);
  assert.deepEqual(told(bare), ["text-unquoted: 99.9"]);
  assert.equal(fixed(bare), pyrra('"99.9"', ratio));
  const spaced = sloth('sum(rate(a{job="x",code="500"}[{{.window}}]))').replace("name: ab", "name: a b");
  assert.deepEqual(told(spaced), ["name-sloth: a b"]);
  assert.equal(fixed(spaced), spaced.replace("name: a b", "name: a-b"));
  assert.equal(
    fixed(openSlo({}).replace("{name: a}", "{name: My_SLO}")),
    openSlo({}).replace("{name: a}", "{name: my-slo}"),
  );
  assert.deepEqual(told(pyrra('"99"', ratio).replace("{name: a}", "{name: a, labels: {tier: 2}}")), [
    "text-unquoted: 2",
  ]);
  const nameless = sloth('sum(rate(a{job="x",code="500"}[{{.window}}]))').replace(
    "      name: Ab\n",
    "      labels: {a: b}\n",
  );
  assert.deepEqual(told(nameless), ["alert-name-missing: alerting"]);
  assert.deepEqual(told(nameless.replace("labels: {a: b}", 'name: ""')), ["alert-name-missing: alerting"]);
  const off = "{page_alert: {disable: true}, ticket_alert: {disable: true}}";
  assert.deepEqual(told(nameless.replace(/alerting:\n.*\n/, `alerting: ${off}\n`)), []);
});

test("words of another version, bare names, durations that only people read", () => {
  const renamed = openSlo({}).replace("  service: x", "  serviceRef: x");
  assert.deepEqual(told(renamed), ["field-renamed: serviceRef"]);
  assert.equal(fixed(renamed), openSlo({}));
  const second = openSlo({}).replace("openslo/v1", "openslo.com/v2alpha");
  assert.deepEqual(
    told(second).filter((it) => it.startsWith("field-renamed")),
    ["field-renamed: service", "field-renamed: indicator"],
  );
  const bare = `${openSlo({})}  alertPolicies: [fast]\n`;
  assert.equal(fixed(bare), `${openSlo({})}  alertPolicies: [{ alertPolicyRef: fast }]\n`);
  assert.equal(fixed(openSlo({ duration: "Week" })), openSlo({ duration: "1w" }));
  const calendar = "duration: 1M, calendar: {startTime: Monday, timeZone: Asia/Tokio}";
  assert.deepEqual(told(openSlo({}).replace("duration: 28d, isRolling: true", calendar)), [
    "calendar-start: Monday",
    "calendar-zone: Asia/Tokio",
  ]);
  assert.deepEqual(
    told(openSlo({ duration: "1M" }).replace("openslo/v1", "openslo.com/v2alpha")).filter((it) => /^dur/.test(it)),
    ["duration-form: 1M"],
  );
  assert.equal(
    fixed(openSlo({ objective: "target: 0.9, targetPercent: 99" })),
    openSlo({ objective: "targetPercent: 99" }),
  );
  assert.equal(
    fixed(openSlo({ objective: "target: 0.99, timeSliceTarget: 95" })),
    openSlo({ objective: "target: 0.99, timeSliceTarget: 0.95" }),
  );
});

test("an operator is taken out whole, in flow and in blocks", () => {
  for (const [objective, left] of [
    ["target: 0.9, op: gt", "target: 0.9"],
    ["op: gt, target: 0.9", "target: 0.9"],
  ])
    assert.equal(fixed(openSlo({ objective: objective! })), openSlo({ objective: left! }));
  const block = openSlo({}).replace("[{target: 0.99}]", "\n    - displayName: x # kept\n      op: gt\n");
  const text = block.replace("op: gt\n", "op: gt\n      target: 0.99\n");
  assert.equal(fixed(text), text.replace("op: gt\n      ", ""));
  const last = block.replace("      op: gt\n", "      target: 0.99\n      op: gt\n");
  assert.equal(fixed(last), last.replace("\n      op: gt", ""));
  const sign = openSlo({ objective: "target: 0.9, op: '<='" });
  assert.ok(problemsOf(sign).some((it) => it.code === "value-unknown" && it.fixes?.[0]?.title === "Write lte"));
});

test("an indicator that measures nothing is told where it stands, in both languages", () => {
  assert.deepEqual(told(pyrra('"99"', "{ratio: {errors: {metric: a}}}")), ["indicator-incomplete: ratio"]);
  assert.deepEqual(told(pyrra('"99"', "{}")), ["indicator-incomplete: indicator"]);
  assert.deepEqual(told(pyrra('"99"', "{ratio: {errors: {metric: a}, total: {metric: a}}}")), ["bad-equals-total: a"]);
  const without = sloth("up").replace(/ {4}sli:.*? {4}alerting/s, "    alerting");
  assert.deepEqual(told(without), ["indicator-incomplete: name"]);
  assert.deepEqual(
    told(without.replace("    alerting", "    sli: {events: {total_query: 'a[{{.window}}]'}}\n    alerting")),
    ["indicator-incomplete: events"],
  );
  const [problem] = problemsOf(openSlo({}).replace(/ {8}bad:.*\n/, ""));
  assert.equal(
    problemText(problem!, "en"),
    "Nothing can be measured: a ratio needs `total` and one of `good` and `bad`.",
  );
  assert.equal(
    problemText(problem!, "ja"),
    "計測できません: 比率には `total` と、`good` か `bad` のどちらかが必要です。",
  );
});

test("what is missing can be added, what nothing has is nearly something", () => {
  const windowless = openSlo({}).replace(/ {2}timeWindow:.*\n/, "");
  const added = fixed(windowless);
  assert.match(added, /spec:\n {2}timeWindow: \[\{ duration: 30d, isRolling: true \}\]\n {2}service: x/);
  assert.deepEqual(told(added), []);
  const sliced = openSlo({ objective: "target: 0.99, timeSliceTarget: 0.9" }).replace("Occurrences", "Timeslices");
  assert.match(fixed(sliced), /\[\{timeSliceWindow: 1m, target: 0\.99/);
  const blocks = sliced.replace(/objectives: .*/, "objectives:\n    - target: 0.99\n      timeSliceTarget: 0.9");
  assert.match(fixed(blocks), /- timeSliceWindow: 1m\n {6}target: 0\.99\n/);
  const policy = "apiVersion: openslo/v1\nkind: AlertPolicy\nmetadata: {name: fast-burn}\nspec: {}\n";
  const referring = `${openSlo({})}  alertPolicies: [{alertPolicyRef: fast-bum}]\n---\n${policy}`;
  assert.equal(fixed(referring), referring.replace("fast-bum", "fast-burn"));
  const spec = "{ratioMetric: {raw: {metricSource: {spec: {query: a}}}, rawType: success}}";
  const sli = `apiVersion: openslo/v1\nkind: SLI\nmetadata: {name: pages}\nspec: ${spec}\n`;
  const slo = openSlo({}).replace(/ {2}indicator:.*? {2}timeWindow/s, "  indicatorRef: page\n  timeWindow");
  assert.equal(fixed(`${slo}---\n${sli}`), `${slo.replace("Ref: page", "Ref: pages")}---\n${sli}`);
  const bucket = 'sum(rate(a_bucket{job="x",le="0.3"}[{{.window}}]))';
  assert.equal(fixed(sloth(bucket)), sloth(`sum(rate(a{job="x"}[{{.window}}])) - ${bucket}`));
});

test("an endpoint that is gone is marked where it is named, and told once for all objectives of a document", () => {
  const text = openSlo({ objective: "target: 0.9}, {target: 0.99" }).replace(
    "{name: a}",
    '{name: a, annotations: {slo-lens/endpoints: "GET /here, GET /ther"}}',
  );
  const { slos } = loadSlos([{ path: "a.yaml", text }]);
  const endpoints: CodeEndpoint[] = ["/here", "/there"].map((route) => ({ method: "GET", route, path: "a.ts" }));
  const [only, ...others] = lintMatches(slos, endpoints, [], () => text);
  assert.deepEqual(others, []);
  assert.equal(text.slice(only!.problem.range.start, only!.problem.range.end), "GET /ther");
  assert.deepEqual(
    only!.problem.fixes?.map((it) => it.title),
    ["Write GET /there"],
  );
});

test("an objective of 100 % may be one that can be kept", () => {
  const titles = (text: string) => problemsOf(text).flatMap((it) => it.fixes?.map((fix) => fix.title) ?? []);
  assert.deepEqual(titles(openSlo({ objective: "target: 1" })), ["Write 0.999", "Write 0.9999"]);
  assert.deepEqual(titles(pyrra('"100"', ratio)), ['Write "99.9"', 'Write "99.99"']);
});

test("Helm: a window it would render itself, numbers in quotes and texts without", () => {
  const crd = (objective: string, query: string) => `apiVersion: sloth.slok.dev/v1
kind: PrometheusServiceLevel
metadata: {name: a}
spec:
  service: {{ .Values.service }}
  slos:
    - name: ab
      objective: ${objective}
      sli: {raw: {errorRatioQuery: '${query}'}}
      alerting: {name: Ab}
`;
  const bare = crd("99", "sum(rate(a[{{ .window }}]))");
  assert.deepEqual(told(bare), ["window-rendered: {{ .window }}"]);
  assert.equal(fixed(bare), crd("99", "sum(rate(a[{{`{{.window}}`}}]))"));
  assert.deepEqual(told(fixed(bare)), []);
  assert.deepEqual(told(bare.replace("{{ .Values.service }}", "xy")), [], "Sloth's own file");
  // Where a dot may be anything, so may its window.
  assert.deepEqual(told(`{{- range .Values.slos }}\n${bare}{{- end }}\n`), []);
  const quoted = crd('"{{ .Values.objective }}"', "sum(rate(a[{{`{{.window}}`}}]))");
  assert.ok(told(quoted).includes('number-quoted-template: "{{ .Values.objective }}"'));
  const resource = pyrra("{{ .Values.target }}", ratio);
  const [problem] = problemsOf(resource).filter((it) => it.code === "text-unquoted-template");
  assert.deepEqual(
    problem?.fixes?.map((it) => it.title),
    ["Write {{ .Values.target | quote }}"],
  );
  assert.ok(!told(pyrra("{{ .Values.target | quote }}", ratio)).some((it) => it.startsWith("text-")));
  assert.ok(!told(pyrra('"{{ .Values.target }}"', ratio)).some((it) => it.startsWith("text-")));
});

test("a correction corrects: its problem is gone, and the file is read no worse", () => {
  const names = [
    "openslo-v1.yaml",
    "openslo-v1alpha.yaml",
    "openslo-v2alpha.yaml",
    "sloth.yml",
    "pyrra.yaml",
    "helm.yaml",
  ];
  const fixtures = names.map((name) => readFileSync(new URL(`./fixtures/${name}`, import.meta.url), "utf8"));
  // Each makes a mistake that has a correction, where it fits.
  const mistakes: readonly (readonly [RegExp, string])[] = [
    [/target: (0\.\d+)/g, "target: 99.9"],
    [/objective: [\d.]+/g, 'objective: "0.999"'],
    [/target: "[\d.]+"/g, "target: 0.99"],
    [/budgetingMethod/g, "budgetingMethdo"],
    [/error_query/g, "errorQuery"],
    [/page_alert/g, "pageAlert"],
    [/indicatorRef/g, "sliRef"],
    [/\{\{ ?\.window ?\}\}/g, "5m"],
    [/duration: \w+/g, "duration: 1m"],
    [/job="[\w-]+",?/g, ""],
    [/kind: SLO\b/g, "kind: slo"],
    [/metadata: \{name: /g, "metadata: {name: My_"],
  ];
  const all = (text: string) => {
    const { slos, documents } = loadSlos([{ path: "a.yaml", text }]);
    return [...documents, ...slos].flatMap((it) => it.problems);
  };
  let corrected = 0;
  const change = fc.tuple(fc.constantFrom(...fixtures), fc.constantFrom(...mistakes), fc.nat(3), fc.nat());
  fc.assert(
    fc.property(change, ([fixture, [found, put], nth, cut]) => {
      let n = 0;
      const whole = fixture.replace(found, (it) => (n++ === nth ? put : it));
      // Half of them are cut off somewhere, as files are that somebody types.
      const text = cut % 2 === 0 ? whole : whole.slice(0, cut % (whole.length + 1));
      const before = all(text);
      for (const problem of before)
        for (const fix of problem.fixes ?? []) {
          const edits = [...fix.edits].sort((a, b) => b.range.start - a.range.start);
          const done = edits.reduce((so, it) => so.slice(0, it.range.start) + it.text + so.slice(it.range.end), text);
          const after = all(done);
          const isSame = (it: SloProblem) =>
            it.code === problem.code && it.range.start === problem.range.start && it.message === problem.message;
          assert.ok(!after.some(isSame), `${problem.code}: ${fix.title}\n${done}`);
          const broken = (of: readonly SloProblem[]) => of.filter((it) => it.code === "yaml").length;
          assert.ok(broken(after) <= broken(before), `${problem.code}: ${fix.title}\n${done}`);
          corrected++;
        }
    }),
    { numRuns: 400 },
  );
  assert.ok(corrected > 20, `${corrected} corrections`);
});

test("references to nothing, and secrets written out", () => {
  const text = `${openSlo({})}  alertPolicies: [{alertPolicyRef: fast}]
---
apiVersion: openslo/v1
kind: DataSource
metadata: {name: c}
spec: {type: Prometheus, connectionDetails: {url: http://x, token: abc, password: "\${PASSWORD}"}}
`;
  assert.deepEqual(told(text), ["reference-unresolved: fast", "literal-secret: token"]);
});

test("expressions where Pyrra takes a selector, and queries that do not parse", () => {
  assert.deepEqual(told(pyrra('"99"', "{bool_gauge: {metric: sum(up)}}")), ["not-a-selector: sum(up)"]);
  assert.deepEqual(told(pyrra('"99"', "{bool_gauge: {metric: 'up{'}}")), ["query-syntax: up{"]);
});

test("a query that is no PromQL is marked from where it is none", () => {
  const of = (query: string) => told(sloth(query)).filter((it) => it.startsWith("query-"));
  assert.deepEqual(of('sum(histogram_share(0.3, rate(a{job="x"}[{{.window}}])))'), ["query-function: histogram_share"]);
  assert.deepEqual(of('sum(rate(a{job="x"}[{{.window}}]) by)'), ["query-syntax: by"]);
  assert.deepEqual(of('|\n          sum(rate(a{job="x"}[{{.window}}]))\n          / / 2\n'), ["query-syntax: /"]);
  assert.deepEqual(of("vector(1)"), ["query-no-metric: vector(1)"]);
});

test("a threshold that is no bucket", () => {
  const text = pyrra('"99"', `{latency: {success: {metric: 'a_bucket{le="0.4"}'}, total: {metric: a_count}}}`);
  const [slo] = loadSlos([{ path: "slo.yaml", text }]).slos;
  const measured = (metric: string) => (metric === "a_bucket" ? { bounds: ["0.1", "0.3", "0.5", "+Inf"] } : undefined);
  const [problem] = lintBuckets(slo!, measured, text);
  assert.equal(text.slice(problem!.range.start, problem!.range.end), "0.4");
  assert.deepEqual(problem?.fixes?.map((it) => it.title).sort(), ["Write 0.3", "Write 0.5"]);
  const told = (...bounds: readonly string[]) => lintBuckets(slo!, () => ({ bounds }), text).length;
  assert.deepEqual([told("0.4"), told("0.40"), told()], [0, 1, 0]);
  const declared = (...bounds: readonly string[]) =>
    lintBuckets(slo!, () => ({ bounds, declaredIn: "src/metrics.ts" }), text).map((it) => it.message);
  assert.deepEqual(declared("0.40"), [], "how the server spells it is not known");
  assert.match(declared("0.1", "1")[0]!, /declared in `src\/metrics.ts` without a bucket/);
  assert.deepEqual(
    lintBuckets(slo!, () => undefined, text),
    [],
  );
});

test("objectives without endpoints, and endpoints without objectives", () => {
  const { slos } = loadSlos([
    {
      path: "a.yaml",
      text: openSlo({}).replace("{name: a}", '{name: a, annotations: {slo-lens/endpoints: "GET /gone"}}'),
    },
    { path: "b.yaml", text: pyrra('"99"', ratio) },
  ]);
  const endpoints: CodeEndpoint[] = [
    { method: "GET", route: "/here", path: "a.ts" },
    { method: "GET", route: "/there", path: "a.ts" },
  ];
  assert.deepEqual(
    lintMatches(slos, endpoints, []).map((it) => it.problem.message),
    ["The code has no endpoint `GET /gone`.", "No endpoint of the code was found for this SLO."],
  );
  const matches: Match[] = slos.map((it) => ({
    sloId: it.id,
    endpoint: endpoints[0]!,
    by: "service",
    score: 1,
    why: "",
  }));
  // What an annotation names is gone though the objective has other endpoints.
  const codes = (of: typeof matches) => lintMatches(slos, endpoints, of).map((it) => it.problem.code);
  assert.deepEqual(codes(matches), ["endpoint-gone"]);
  assert.deepEqual(codes([]), ["endpoint-gone", "endpoint-missing"]);
  assert.deepEqual(lintMatches(slos, [], []), []);
  assert.deepEqual(uncovered(endpoints, matches), [endpoints[1]]);
});

test("problems are said in Japanese with the same data", () => {
  const [problem] = problemsOf(openSlo({ objective: "target: 99.9" }));
  assert.equal(problemText(problem!, "ja"), "`target` は 0〜1 の比率で書きます。99.9 はパーセントのようです。");
  assert.equal(fixTitle(problem!.fixes![0]!, "ja"), "0.999 に書き換える");
  const sources = globSync("slo/**/*.ts", { cwd: new URL("../..", import.meta.url) })
    .filter((it) => !it.endsWith("problem-texts.ts"))
    .map((it) => readFileSync(new URL(`../../${it}`, import.meta.url), "utf8"))
    .join("\n");
  const page = readFileSync(new URL("../../docs/slo-files.md", import.meta.url), "utf8");
  for (const [code, { en, ja }] of Object.entries(problemTexts)) {
    assert.ok(page.includes(`\`${code}\``), `docs/slo-files.md does not tell of ${code}`);
    // Names' codes are put together from their form.
    assert.ok(
      code.startsWith("name-") || /-near$/.test(code) || sources.includes(`"${code}"`),
      `${code} is never told`,
    );
    const names = (text: string) => [...new Set(text.match(/\{\w+\}/g) ?? [])].sort();
    assert.deepEqual(names(ja), names(en), code);
  }
});

test("a file read alone is not told of names that other files define", () => {
  const text = openSlo({}).replace(/ {2}indicator:.*? {2}timeWindow/s, "  indicatorRef: elsewhere\n  timeWindow");
  const alone = problemsOf(text);
  assert.deepEqual(
    alone.map((it) => it.code),
    ["indicator-unresolved"],
  );
  const sli = `apiVersion: openslo/v1\nkind: SLI\nmetadata: {name: elsewhere}\nspec: {}\n`;
  const whole = loadSlos([
    { path: "slo.yaml", text },
    { path: "sli.yaml", text: sli },
  ]);
  assert.deepEqual(amongOthers(alone, "slo.yaml", whole), []);
  assert.deepEqual(amongOthers(alone, "slo.yaml", loadSlos([{ path: "slo.yaml", text }])), alone);
  assert.deepEqual(amongOthers(alone, "new.yaml", whole), alone);
});

test("buckets of the code: under every name that exporters give, views and patterns included, several services joined", () => {
  const otel = { client: "OpenTelemetry", path: "src/otel.ts" };
  const known = bucketsIn({
    statuses: [],
    metrics: [
      { ...otel, name: "order_duration", also: ["order_duration_seconds"], buckets: [0.1, 0.5] },
      { ...otel, name: "order_duration", buckets: [1] },
      { ...otel, name: "http_server_duration", buckets: [5] },
      { ...otel, name: "http_*" },
      { name: "http_request_duration_seconds", client: "prom-client", path: "a.ts", buckets: [2] },
      { name: "http_request_duration_seconds", client: "fastify-metrics", path: "b.ts", buckets: [3, 1] },
      { name: "unknown_seconds", client: "prom-client", path: "a.ts" },
    ],
  });
  const bounds = (name: string) => known(`${name}_bucket`)?.bounds.join(",");
  assert.equal(bounds("order_duration"), "0.1,0.5,1");
  assert.equal(bounds("order_duration_seconds"), "0.1,0.5,1");
  assert.equal(bounds("http_server_duration"), undefined, "a view of all such metrics may say otherwise");
  assert.equal(bounds("http_request_duration_seconds"), "1,2,3", "a view is of one library alone");
  assert.equal(bounds("unknown_seconds"), undefined);
  assert.equal(bounds("http_*"), undefined);
});
