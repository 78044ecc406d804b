import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import {
  configKeys,
  criticalities,
  defaultConfig,
  endpointConfigFor,
  fitsGlob,
  nearest,
  parseEndpoint,
  policiesFor,
  readConfig,
  serviceFor,
  severities,
  severityFor,
  stages,
} from "../../slo/config.ts";
import { fieldText } from "../../slo/field-texts.ts";
import { stateWords } from "../../slo/words.ts";

const full = `
stage: mature
rules:
  unbounded-count: warning
  missing-http-timeout: off
overrides:
  - files: ["admin/**", internal]
    rules: { unbounded-count: hint }
services:
  services/shop/**: shop-api
prefixes: [/api]
slos:
  shop/availability: [GET /orders, "POST /orders/:id"]
  shop/latency: { endpoints: GET /orders }
endpoints:
  POST /orders/:id:
    criticality: high
    harm: { en: The ticket is not bought., ja: チケットを購入できません。 }
  GET /orders: { harm: The list stays empty. }
policy:
  - when: [exhausted, burning]
    rules: { unbounded-count: error }
    agents: ask
telemetry:
  prometheus: { url: "http://localhost:9090/prometheus", headers: { X-Scope-OrgID: team-a } }
  scrape: http://localhost:3000/metrics
  snapshot: { path: slo-status.json }
thresholds: { watchRemaining: 0.5 }
`;

const read = (text: string, ruleIds = ["unbounded-count", "missing-http-timeout"]) =>
  readConfig("slo-lens.yaml", text, { ruleIds });
/** What a problem points at, and what it says. */
const told = (text: string) =>
  read(text).problems.map((problem) => `${text.slice(problem.range.start, problem.range.end)} | ${problem.message}`);

test("everything a team can say is read", () => {
  const { config, problems } = read(full);
  assert.deepEqual(problems, []);
  assert.equal(config.stage, "mature");
  assert.deepEqual(config.rules, { "unbounded-count": "warning", "missing-http-timeout": "off" });
  assert.deepEqual(config.slos, {
    "shop/availability": [
      { method: "GET", route: "/orders" },
      { method: "POST", route: "/orders/:id" },
    ],
    "shop/latency": [{ method: "GET", route: "/orders" }],
  });
  assert.deepEqual(config.telemetry, {
    prometheus: { url: "http://localhost:9090/prometheus", headers: { "X-Scope-OrgID": "team-a" } },
    scrape: { url: "http://localhost:3000/metrics" },
    snapshot: { path: "slo-status.json" },
  });
  assert.deepEqual(config.thresholds, { watchRemaining: 0.5, staleSeconds: 900 });
  assert.equal(serviceFor(config, "services/shop/src/app.ts"), "shop-api");
  assert.equal(serviceFor(config, "services/other/app.ts"), undefined);
  assert.deepEqual(
    policiesFor(config, "burning").map((policy) => policy.agents),
    ["ask"],
  );
  assert.deepEqual(policiesFor(config, "healthy"), []);
});

test("an endpoint is found whatever the notation of its route", () => {
  const { config } = read(full);
  assert.equal(endpointConfigFor(config, { method: "POST", route: "/orders/{orderId}" })?.criticality, "high");
  assert.deepEqual(endpointConfigFor(config, { method: "GET", route: "/orders" })?.harm, {
    en: "The list stays empty.",
  });
  assert.equal(endpointConfigFor(config, { method: "DELETE", route: "/orders" }), undefined);
});

test("an empty file is the default", () => {
  for (const text of ["", "# nothing\n", "---\n", "rules:\nslos:\n"])
    assert.deepEqual(read(text), { config: defaultConfig, problems: [] }, text);
});

test("severity: stage, then rules, then the last override that fits", () => {
  const { config } = read(full);
  assert.equal(severityFor(config, "unbounded-count", "warning", "src/a.ts"), "warning");
  assert.equal(severityFor(config, "unbounded-count", "warning", "admin/a.ts"), "hint");
  assert.equal(
    severityFor(config, "unbounded-count", "warning", "internal/deep/a.ts"),
    "hint",
    "a folder's name means all in it",
  );
  assert.equal(severityFor(config, "missing-http-timeout", "warning", "src/a.ts"), "off");
  assert.equal(
    severityFor(config, "other", "information", "src/a.ts"),
    "warning",
    "mature raises what is worth knowing",
  );
  assert.equal(severityFor(defaultConfig, "other", "warning", "src/a.ts"), "warning");
  assert.equal(severityFor(read("stage: early").config, "other", "warning", "src/a.ts"), "information");
  assert.equal(
    severityFor(defaultConfig, "constructor", "hint", "a.ts"),
    "hint",
    "names of Object.prototype are no rules",
  );
});

test("mistakes are told at their place, with the word that was meant", () => {
  assert.deepEqual(told("stge: early"), ["stge | Unknown key `stge`. Did you mean `stage`?"]);
  assert.deepEqual(told("stage: erly"), ["erly | `erly` is no value of `stage`. Did you mean `early`?"]);
  assert.deepEqual(told("rules:\n  unbounded-cuont: hint"), [
    "unbounded-cuont | There is no rule `unbounded-cuont`. Did you mean `unbounded-count`?",
  ]);
  assert.deepEqual(told("rules: { unbounded-count: warn }"), [
    "warn | `warn` is no value of `unbounded-count`. Allowed: off, hint, information, warning, error.",
  ]);
  assert.deepEqual(told("slos: { a/b: [orders] }"), [
    "orders | `orders` is no endpoint: write a method and a route, such as `GET /orders/:id`.",
  ]);
  assert.deepEqual(told("policy: [{ when: burnin, rules: {} }]"), [
    "burnin | `burnin` is no state. Did you mean `burning`?",
  ]);
  assert.deepEqual(told("overrides: [{ rules: {} }]"), [
    "{ rules: {} } | An override needs `files`: the globs it is for.",
  ]);
  assert.deepEqual(told("thresholds: { watchRemaining: 25 }"), ["25 | `watchRemaining` must be a number from 0 to 1."]);
  assert.deepEqual(told("telemetry: { scrape: 'ftp://x' }"), ["'ftp://x' | `ftp://x` is no http or https address."]);
});

test("a mistake comes with its fix", () => {
  const text = "stge: early";
  const [problem] = read(text).problems;
  const edit = problem!.fixes![0]!.edits[0]!;
  assert.equal(text.slice(0, edit.range.start) + edit.text + text.slice(edit.range.end), "stage: early");
});

test("what is understood counts, whatever stands beside it", () => {
  const { config, problems } = read("stage: early\nnonsense: [1, 2\nrules:\n  unbounded-count: hint\n");
  assert.ok(problems.length > 0);
  assert.equal(config.stage, "early");
  assert.deepEqual(read("stage: early\nslos: 5").config.stage, "early");
});

test("secrets in the file are refused and not used", () => {
  const { config, problems } = read(
    'telemetry: { prometheus: { url: "http://p", headers: { Authorization: Bearer abc, X-Api-Key: k, X-Scope-OrgID: a } } }',
  );
  assert.deepEqual(config.telemetry.prometheus?.headers, { "X-Scope-OrgID": "a" });
  assert.deepEqual(
    problems.map((problem) => problem.code),
    ["config-secret", "config-secret"],
  );
  assert.ok(!JSON.stringify(problems).includes("abc"), "a problem never repeats the secret");
  const url = read("telemetry: { prometheus: 'https://user:pass@p' }");
  assert.equal(url.config.telemetry.prometheus, undefined);
  assert.ok(!JSON.stringify(url.problems).includes("pass@"));
});

test("headers cannot smuggle lines", () => {
  const { config } = read(
    'telemetry: { prometheus: { url: "http://p", headers: { X-A: "a\\r\\nX-B: b", "bad name": x } } }',
  );
  assert.deepEqual(config.telemetry.prometheus?.headers, {});
});

test("hostile files are bounded", () => {
  assert.equal(read("[".repeat(200_000)).problems.length > 0, true);
  assert.equal(read("x".repeat(600_000)).problems[0]?.code, "config-unreadable");
  const bomb = `a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b]\nprefixes: *c\n`;
  assert.ok(read(bomb).problems.length <= 200);
  assert.ok(read("rules: &r { unbounded-count: hint, x: *r }").problems.length > 0, "a map that holds itself");
  assert.equal(fitsGlob("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", "+(+(a))"), false);
  assert.deepEqual(Object.keys(read("slos: { __proto__: [GET /a] }").config.slos), ["__proto__"]);
});

test("any text gives a configuration and problems within the text", () => {
  const words = fc.constantFrom(
    "stage",
    "rules",
    "slos",
    ":",
    " ",
    "\n",
    "- ",
    "{",
    "}",
    "[",
    "]",
    "&a",
    "*a",
    "'",
    '"',
    "GET /a",
    "|",
    "#",
    "early",
    "endpoints",
    "policy",
    "when",
    "!!binary",
    "<<",
    "? ",
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(words, { maxLength: 30 }).map((parts) => parts.join("")),
      ),
      (text) => {
        const { config, problems } = read(text);
        assert.ok(stages.includes(config.stage));
        for (const problem of problems) {
          assert.ok(
            problem.range.start >= 0 && problem.range.start <= problem.range.end && problem.range.end <= text.length,
            JSON.stringify(problem),
          );
        }
      },
    ),
    { numRuns: 1500 },
  );
});

test("an endpoint is a method and a route", () => {
  assert.deepEqual(parseEndpoint("get /a/:id"), { method: "GET", route: "/a/:id" });
  assert.deepEqual(parseEndpoint("/a"), { method: "*", route: "/a" });
  for (const text of ["GETT /a", "GET a", "", "GET /a b"]) assert.equal(parseEndpoint(text), undefined, text);
});

test("the nearest word is near", () => {
  assert.equal(nearest("unbouned-count", ["unbounded-count"]), "unbounded-count");
  assert.equal(nearest("completely-else", ["unbounded-count"]), undefined);
});

test("the JSON schema knows the same keys and values as the reader", () => {
  const schema = JSON.parse(readFileSync(new URL("../../schemas/slo-lens.schema.json", import.meta.url), "utf8"));
  const keys = (node: { properties: Record<string, unknown>; additionalProperties: boolean }) => {
    assert.equal(node.additionalProperties, false);
    return Object.keys(node.properties).sort();
  };
  for (const [name, expected] of Object.entries(configKeys)) {
    assert.deepEqual(keys(name === "root" ? schema : schema.$defs[name]), [...expected].sort(), name);
  }
  assert.deepEqual(schema.properties.stage.enum, stages);
  assert.deepEqual(schema.$defs.severity.enum, severities);
  assert.deepEqual(schema.$defs.state.enum, Object.keys(stateWords));
  assert.deepEqual(schema.$defs.endpoint.properties.criticality.enum, criticalities);
  // What an editor with a YAML extension shows is what ours shows.
  type Described = Readonly<Record<string, { readonly description?: string }>>;
  for (const [name, properties] of [
    ["", schema.properties as Described],
    ...Object.entries(schema.$defs as Record<string, { properties?: Described }>).map(
      ([name, { properties = {} }]) => [name, properties] as const,
    ),
  ] as const)
    for (const [key, { description }] of Object.entries(properties))
      if (description !== undefined)
        assert.equal(
          description,
          fieldText("config", [{ slo: "slos", override: "overrides" }[name] ?? name, key])?.en,
          `${name}.${key}`,
        );
});
