/**
 * What VS Code colours, told by its own TextMate engine and its own YAML grammar, both taken from the editor host. PromQL
 * stands in YAML in many ways, and what follows a query must stay YAML.
 */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { before, test } from "node:test";
import { installEditorHost } from "../../scripts/editor-host/install.ts";

const root = path.join(import.meta.dirname, "../..");

interface Token {
  readonly startIndex: number;
  readonly endIndex: number;
  readonly scopes: readonly string[];
}
interface Grammar {
  tokenizeLine(line: string, state: unknown): { readonly tokens: readonly Token[]; readonly ruleStack: unknown };
}

let yaml: Grammar;
let initial: unknown;

before(async () => {
  const workbench = path.join(installEditorHost(root), "node_modules/code-server/lib/vscode");
  const require = createRequire(path.join(workbench, "package.json"));
  const textmate = require("vscode-textmate");
  const onigurumaAt = require.resolve("vscode-oniguruma");
  const oniguruma = require(onigurumaAt);
  await oniguruma.loadWASM(readFileSync(path.join(path.dirname(onigurumaAt), "onig.wasm")).buffer);
  const files = new Map<string, string>();
  const add = (file: string): void => {
    const text = readFileSync(file, "utf8");
    files.set((JSON.parse(text) as { scopeName: string }).scopeName, text);
  };
  const theirs = path.join(workbench, "extensions/yaml/syntaxes");
  for (const name of readdirSync(theirs)) add(path.join(theirs, name));
  // Ours as the manifest contributes them.
  const { contributes } = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8")) as {
    contributes: { grammars: { scopeName: string; path: string; injectTo?: string[] }[] };
  };
  for (const it of contributes.grammars) add(path.join(root, it.path));
  const registry = new textmate.Registry({
    onigLib: Promise.resolve({
      createOnigScanner: (patterns: string[]) => new oniguruma.OnigScanner(patterns),
      createOnigString: (text: string) => new oniguruma.OnigString(text),
    }),
    loadGrammar: async (scope: string) => {
      const text = files.get(scope);
      return text === undefined ? null : textmate.parseRawGrammar(text, `${scope}.json`);
    },
    getInjections: (scope: string) =>
      contributes.grammars.filter((it) => it.injectTo?.includes(scope)).map((it) => it.scopeName),
  });
  yaml = await registry.loadGrammar("source.yaml");
  initial = textmate.INITIAL;
});

/** The words of a text with their last scope, those of PromQL alone or all. */
function words(text: string): readonly (readonly [word: string, scope: string, isPromql: boolean])[] {
  let state = initial;
  return text.split("\n").flatMap((line) => {
    const { tokens, ruleStack } = yaml.tokenizeLine(line, state);
    state = ruleStack;
    return tokens.flatMap(({ startIndex, endIndex, scopes }) => {
      const word = line.slice(startIndex, endIndex).trim();
      return word === ""
        ? []
        : [[word, scopes.at(-1)!.replace(/\.(?:yaml|promql)$/, ""), scopes.includes("meta.embedded.promql")] as const];
    });
  });
}
const promqlIn = (text: string) =>
  words(text)
    .filter(([, , isPromql]) => isPromql)
    .map(([word]) => word)
    .join("");
const scopeOf = (text: string, word: string) => words(text).find(([it]) => it === word)?.[1];
/** No mark of an error in the YAML around it. */
const wrong = (text: string) => words(text).filter(([, scope]) => scope.startsWith("invalid"));

const QUERY = 'sum(rate(http_requests_total{job="x",code=~"5.."}[{{.window}}]))';

test("the words of a query, each as what it is", () => {
  const text = `error_query: ${QUERY} / on(job) 2.5 # why\nnext: 1`;
  for (const [word, scope] of [
    ["sum", "support.function.aggregation"],
    ["rate", "support.function"],
    ["http_requests_total", "entity.name.type.metric"],
    ["code", "variable.parameter.label"],
    ["=~", "keyword.operator.comparison"],
    ["5..", "string.quoted.double"],
    ["{{.window}}", "variable.other.template"],
    ["on", "keyword.control"],
    ["2.5", "constant.numeric"],
    ["# why", "comment.line.number-sign"],
    ["next", "entity.name.tag"],
  ] as const)
    assert.equal(scopeOf(text, word), scope, word);
  assert.equal(scopeOf("query: sum by (le) (a)", "le"), "variable.parameter.label");
  assert.equal(scopeOf("query: job:errors:rate5m", "job:errors:rate5m"), "entity.name.type.metric");
  assert.equal(scopeOf("query: a[1h30m] offset 1d", "1h30m"), "constant.numeric.duration");
});

test("however a query stands in YAML, all of it is PromQL and nothing behind it", () => {
  const after = "total_query: up\nalerting: {name: X}\n";
  const nested = (text: string) => `slos:\n  - name: a\n    sli:\n      events:\n${indented(text, 8)}`;
  const indented = (text: string, by: number) =>
    text
      .split("\n")
      .map((line) => (line === "" ? line : " ".repeat(by) + line))
      .join("\n");
  const ways = [
    `error_query: ${QUERY}\n${after}`,
    `error_query: "${QUERY.replaceAll('"', "'")}"\n${after}`,
    `error_query: "${QUERY.replaceAll('"', '\\"')}"\n${after}`,
    `error_query: '${QUERY}'\n${after}`,
    `error_query: |\n  ${QUERY}\n${after}`,
    `error_query: >-\n  sum(\n    ${QUERY.slice(4)}\n\n${after}`,
    `error_query: sum(\n  ${QUERY.slice(4)}\n${after}`,
  ];
  for (const way of ways)
    for (const text of [`version: prometheus/v1\n${way}`, nested(way)]) {
      const found = promqlIn(text).replaceAll('\\"', '"').replaceAll("'", '"');
      assert.equal(found, `${QUERY}up`, text);
      assert.equal(scopeOf(text, "alerting"), "entity.name.tag", text);
      assert.deepEqual(wrong(text), [], text);
    }
});

test("elements of lists, flow mappings, Pyrra's selectors", () => {
  const list = `list:\n  - query: |\n      up{a="b"}\n    name: x\n  - expr: up\n    name: y\n`;
  assert.equal(promqlIn(list), 'up{a="b"}up');
  assert.deepEqual(wrong(list), []);
  const flow = `total: {metricSource: {type: Prometheus, spec: {query: '${QUERY}'}}}\nnext: 1\n`;
  assert.equal(promqlIn(flow), QUERY);
  assert.equal(scopeOf(flow, "next"), "entity.name.tag");
  assert.deepEqual(wrong(flow), []);
  const pyrra = `errors:\n  metric: http_requests_total{job="x",\n    code=~"5.."}\ntotal:\n  metric: http_requests_total{job="x"}\n`;
  assert.equal(promqlIn(pyrra), 'http_requests_total{job="x",code=~"5.."}http_requests_total{job="x"}');
  assert.deepEqual(wrong(pyrra), []);
});

test("what is no PromQL keeps its own colours", () => {
  for (const text of [
    "query: SELECT count(*) FROM orders WHERE ok",
    "query: sum:trace.http.request.hits{*}.as_count()",
    "metric: cpu",
    "metric:\n  name: cpu\n  target: 3",
    "query:\n  name: x",
    "my_query_count: 3",
    "description: the query sum of things",
  ])
    assert.equal(promqlIn(text), "", text);
  const sql = "query: |\n  SELECT sum(x)\n  FROM orders\nnext: up";
  assert.ok(!words(sql).some(([word, scope]) => word === "sum" && scope.includes("aggregation")));
  assert.equal(scopeOf(sql, "next"), "entity.name.tag");
});
