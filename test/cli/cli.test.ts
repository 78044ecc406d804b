import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { type TestContext, test } from "node:test";
import { type Host, NeedsMemory, run } from "../../cli/index.ts";
import { folderOf, put } from "../kit/folder.ts";

const APP = `import express from "express";
import { latest } from "./news.js";

const app = express();
app.get("/news/:topic", async (req, res) => {
  res.json(await latest(req.params.topic));
});
app.listen(3000);
`;
const NEWS = `export async function latest(topic: string) {
  const answer = await fetch("https://news.example.com/" + topic);
  return answer.json();
}
`;
const PACKAGE =
  '{ "name": "site", "type": "module", "engines": { "node": ">=22" }, "dependencies": { "express": "^5.0.0" } }';
const SITE = { "package.json": PACKAGE, "src/app.ts": APP, "src/news.ts": NEWS };

interface Answer {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

async function slo(cwd: string, args: readonly string[], more: Partial<Host> = {}): Promise<Answer> {
  let out = "";
  let err = "";
  const host: Host = {
    cwd,
    env: {},
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
    isTerminal: false,
    signal: new AbortController().signal,
    now: () => Date.parse("2026-06-15T12:00:00Z"),
    ...more,
  };
  const code = await run(args, host);
  return { code, out, err };
}

// biome-ignore lint/suspicious/noExplicitAny: the shape is what the tests are about.
type Json = any;

async function json(cwd: string, args: readonly string[]): Promise<Json> {
  const { out, err } = await slo(cwd, [...args, "--format", "json", "--no-cache"]);
  assert.equal(err, "");
  return JSON.parse(out);
}

const site = (t: TestContext, more: Readonly<Record<string, string | Uint8Array>> = {}): string =>
  folderOf(t, { ...SITE, ...more });

test("check: the whole of a finding, as scripts read it", async (t) => {
  const root = site(t);
  const { code, out } = await slo(root, ["check", "--format", "json", "--no-cache"]);
  assert.equal(code, 1);
  const report: Json = JSON.parse(out);
  assert.deepEqual(Object.keys(report), ["version", "findings", "failures", "stats"]);
  assert.equal(report.version, 1);
  assert.deepEqual(report.failures, []);
  assert.equal(report.stats.files, 2);
  const found = report.findings.find((it: Json) => it.ruleId === "missing-http-timeout");
  assert.deepEqual(
    { ...found, message: "", help: "", fixes: [] },
    {
      ruleId: "missing-http-timeout",
      severity: "warning",
      message: "",
      help: "",
      path: "src/news.ts",
      line: 2,
      column: 24,
      endLine: 2,
      endColumn: 29,
      function: "latest",
      endpoints: [{ method: "GET", route: "/news/:topic", path: "src/app.ts", line: 5 }],
      covers: [],
      fixes: [],
    },
  );
  assert.match(found.message, /fetch/);
  assert.ok(found.fixes.length > 0);
  for (const fix of found.fixes) {
    assert.ok(["product", "application", "infrastructure"].includes(fix.layer), fix.layer);
    assert.ok(["safe", "choose", "scaffold"].includes(fix.safety), fix.safety);
    for (const edit of fix.edits)
      assert.deepEqual(Object.keys(edit), ["path", "line", "column", "endLine", "endColumn", "text"]);
  }
});

test("endpoints and trace speak of the same lines", async (t) => {
  const root = site(t);
  const { endpoints } = await json(root, ["endpoints"]);
  assert.deepEqual(endpoints, [
    {
      method: "GET",
      route: "/news/:topic",
      framework: "express",
      path: "src/app.ts",
      line: 5,
      handler: { name: endpoints[0].handler.name, path: "src/app.ts", line: 5 },
      slos: [],
      findings: 1,
    },
  ]);
  const traced = await json(root, ["trace", "--at", "src/news.ts:2"]);
  assert.equal(traced.function, "latest");
  assert.equal(traced.complete, true);
  assert.deepEqual(
    traced.endpoints.map((it: Json) => [
      it.method,
      it.route,
      it.chain.map((link: Json) => `${link.path}:${link.line}`),
    ]),
    [["GET", "/news/:topic", ["src/app.ts:5", "src/news.ts:1"]]],
  );
});

const QUEUED = {
  "package.json": '{ "name": "mail", "type": "module", "dependencies": { "express": "^5.0.0", "bullmq": "^5.0.0" } }',
  "src/app.ts": `import express from "express";
import { Queue } from "bullmq";
import EventEmitter from "node:events";

const mails = new Queue("mails");
export const bus = new EventEmitter();
const app = express();
app.post("/orders", async function placeOrder(req, res) {
  await mails.add("welcome", { to: req.body.to });
  bus.emit("order.placed", req.body);
  res.sendStatus(201);
});
app.listen(3000);
`,
  "src/worker.ts": `import { Worker } from "bullmq";
import { bus } from "./app.js";

async function deliver(to: string) {
  await fetch("https://mail.example.com/send?to=" + to);
}
new Worker("mails", async function sendMail(job) {
  await deliver(job.data.to);
});
async function ship(order: { id: string }) {
  await fetch("https://ship.example.com/" + order.id);
}
bus.on("order.placed", ship);
`,
};

test("trace marks what is not waited for: a queue, an emitter's event; jobs are told beside endpoints", async (t) => {
  const root = folderOf(t, QUEUED);
  const traced = await json(root, ["trace", "--at", "src/worker.ts:5"]);
  const way = (it: Json) => it.chain.map((link: Json) => [link.name, link.async]);
  assert.deepEqual(traced.endpoints.map(way), [
    [
      ["placeOrder", undefined],
      ["sendMail", { by: "queue", name: "mails" }],
      ["deliver", undefined],
    ],
  ]);
  assert.deepEqual(
    traced.others.map((it: Json) => [it.kind, it.name, it.path, it.line, way(it).length]),
    [["job", "mails", "src/worker.ts", 7, 2]],
  );
  const { findings } = await json(root, ["check"]);
  assert.deepEqual(
    findings
      .filter((it: Json) => it.path === "src/worker.ts" && it.ruleId === "missing-http-timeout")
      .map((it: Json) => it.endpoints[0]?.async),
    [true, true],
    "a finding's endpoint does not wait for it",
  );
  const text = await slo(root, ["trace", "--at", "src/worker.ts:11", "--no-cache"]);
  assert.match(
    text.out,
    /POST \/orders .*\n {4}placeOrder .*\n {4}asynchronously, by event order\.placed: ship {2}src/,
  );
  const ja = await slo(root, ["trace", "--at", "src/worker.ts:5", "--no-cache", "--lang", "ja"]);
  assert.match(ja.out, /キュー mails 経由で非同期: sendMail/);
});

test("exit codes: 0 below the threshold, 1 at it, 2 where it cannot run", async (t) => {
  const root = site(t);
  const codeOf = async (...args: string[]): Promise<number> => (await slo(root, args)).code;
  assert.equal(await codeOf("check", "--no-cache"), 1);
  assert.equal(await codeOf("check", "--no-cache", "--fail-on", "error"), 0);
  assert.equal(await codeOf("check", "--no-cache", "--fail-on", "none"), 0);
  assert.equal(await codeOf("check", "src/app.ts", "--no-cache", "--fail-on", "warning"), 0);
  assert.equal(await codeOf("endpoints", "--no-cache"), 0);
  assert.equal(await codeOf("rules"), 0);
  assert.equal(await codeOf("--help"), 0);
  assert.equal(await codeOf("--version"), 0);
  for (const wrong of [
    ["nonsense"],
    ["check", "gone"],
    ["check", "--format", "xml"],
    ["check", "--fail-on", "loud"],
    ["check", "--lang", "tlh"],
    ["check", "--write-baseline"],
    ["check", "--baseline", "gone.json"],
    ["check", "--unknown"],
    ["trace"],
    ["trace", "--at", "src/news.ts"],
    ["trace", "--at", "gone.ts:1"],
    ["trace", "--at", "src/news.ts:999"],
    ["explain"],
    ["explain", "no-such-rule"],
    ["status", "--prometheus", "http://localhost:9", "--scrape", "http://localhost:9"],
    ["status", "--prometheus", "file:///etc/passwd"],
    ["check", "--root", "package.json"],
  ]) {
    const { code, err, out } = await slo(root, wrong);
    assert.equal(code, 2, wrong.join(" "));
    assert.ok(err.length > 10, `${wrong.join(" ")} says why`);
    assert.doesNotMatch(err, /unexpected failure|at .*\.ts:\d+/, wrong.join(" "));
    assert.equal(out, "", `${wrong.join(" ")} prints nothing on standard output`);
  }
});

test("a broken file and an unreadable one are reported, and the rest goes on", async (t) => {
  const root = site(t, { "src/broken.ts": "export const = 1;\n", "src/secret.ts": "export {};" });
  chmodSync(path.join(root, "src/secret.ts"), 0);
  const { findings, failures, stats } = await json(root, ["check"]);
  assert.equal(findings.filter((it: Json) => it.ruleId === "missing-http-timeout").length, 1);
  assert.equal(stats.files, 4);
  const broken = failures.find((it: Json) => it.path === "src/broken.ts");
  assert.equal(broken.line, 1);
  // Root reads everything.
  if (process.getuid?.() !== 0) assert.ok(failures.some((it: Json) => it.path === "src/secret.ts"));
});

test("an empty folder and one without sources are fine", async (t) => {
  const root = folderOf(t, {});
  const { code, out } = await slo(root, ["check", "--no-cache"]);
  assert.equal(code, 0);
  assert.match(out, /^Nothing found in 0 files/);
  assert.deepEqual((await json(root, ["endpoints"])).endpoints, []);
  assert.deepEqual(await json(root, ["slos"]), { slos: [], documents: [], uncovered: [] });
});

test("paths choose what is reported, not what is known; they are printed relative to the working directory", async (t) => {
  const root = site(t, { "other/x.ts": NEWS.replace("latest", "other") });
  const all = (await json(root, ["check", "src/news.ts"])).findings;
  assert.deepEqual([...new Set(all.map((it: Json) => it.path))], ["src/news.ts"]);
  assert.equal(all[0].endpoints.length, 1, "the endpoint in another file is known");
  const timeouts = async (cwd: string, ...args: string[]): Promise<string[]> =>
    (await json(path.join(root, cwd), ["check", ...args])).findings
      .filter((it: Json) => it.ruleId === "missing-http-timeout")
      .map((it: Json) => it.path);
  assert.deepEqual(await timeouts("other", "../src"), ["../src/news.ts"]);
  assert.deepEqual(await timeouts("src", ".", "--root", ".."), ["news.ts"]);
});

test("text: grouped by file, with help, endpoints and counts; Japanese where asked; no colour outside a terminal", async (t) => {
  const root = site(t);
  const { out } = await slo(root, ["check", "--no-cache"]);
  assert.match(out, /^src\/news\.ts\n {2}2:24 {2}warning {2}\S.* {2}missing-http-timeout\n/m);
  assert.match(out, /reaches GET \/news\/:topic\n/);
  assert.match(out, /1 warning.* in 2 files, \d+ ms\./);
  assert.ok(!out.includes("\u001B"));
  const terminal = await slo(root, ["check", "--no-cache"], { isTerminal: true });
  assert.ok(terminal.out.includes("\u001B[33m"));
  assert.ok(
    !(await slo(root, ["check", "--no-cache"], { isTerminal: true, env: { NO_COLOR: "1" } })).out.includes("\u001B"),
  );
  const japanese = await slo(root, ["check", "--no-cache"], { env: { LANG: "ja_JP.UTF-8" } });
  assert.match(japanese.out, /警告/);
  assert.equal(
    (await slo(root, ["check", "--no-cache", "--lang", "ja"])).out.replace(/\d+ ms/, ""),
    japanese.out.replace(/\d+ ms/, ""),
  );
});

test("names from the repository cannot drive the terminal or the workflow log", async (t) => {
  const root = folderOf(t, {
    "package.json": PACKAGE,
    "src/app.ts":
      'import express from "express";\nconst app = express();\napp.get("/x\\u001b]0;owned\\u0007%0A::error::no", async (_, res) => { res.json(await (await fetch("https://x.example")).json()); });\n',
  });
  const text = await slo(root, ["check", "--no-cache"]);
  assert.doesNotMatch(text.out, /[\u0000-\u0009\u000B-\u001F]/);
  const github = await slo(root, ["check", "--no-cache", "--format", "github"]);
  for (const line of github.out.trimEnd().split("\n"))
    assert.match(line, /^::(?:warning|notice|error) file=src\/app\.ts,/);
});

test("github: one annotation per finding, escaped", async (t) => {
  const { out } = await slo(site(t), ["check", "--no-cache", "--format", "github"]);
  assert.match(
    out,
    /^::warning file=src\/news\.ts,line=2,endLine=2,col=24,endColumn=29,title=missing-http-timeout::\S/m,
  );
  assert.match(out, /%0AGET \/news\/:topic$/m);
});

test("sarif: rules, results that point to them, regions, related places and fixes", async (t) => {
  const { out } = await slo(site(t), ["check", "--no-cache", "--format", "sarif"]);
  const log: Json = JSON.parse(out);
  assert.equal(log.version, "2.1.0");
  const [sarif] = log.runs;
  const { rules } = sarif.tool.driver;
  assert.equal(sarif.columnKind, "utf16CodeUnits");
  assert.ok(sarif.results.length > 0);
  for (const it of sarif.results) {
    assert.equal(rules[it.ruleIndex].id, it.ruleId);
    assert.ok(["error", "warning", "note"].includes(it.level));
    assert.ok(it.message.text.length > 0);
    for (const { physicalLocation } of [...it.locations, ...(it.relatedLocations ?? [])]) {
      assert.ok(!physicalLocation.artifactLocation.uri.startsWith("/"));
      assert.ok(physicalLocation.region.startLine >= 1);
    }
    for (const fix of it.fixes ?? [])
      for (const change of fix.artifactChanges) assert.ok(change.replacements.length > 0);
  }
  const timeout = sarif.results.find((it: Json) => it.ruleId === "missing-http-timeout");
  assert.deepEqual(timeout.locations[0].physicalLocation.region, {
    startLine: 2,
    startColumn: 24,
    endLine: 2,
    endColumn: 29,
  });
  assert.equal(timeout.relatedLocations[0].message.text, "GET /news/:topic");
});

test("a baseline takes known findings off, each as often as it was known, and survives moved lines", async (t) => {
  const root = site(t);
  assert.equal((await slo(root, ["check", "--no-cache", "--baseline", "known.json", "--write-baseline"])).code, 0);
  assert.equal((await slo(root, ["check", "--no-cache", "--baseline", "known.json"])).code, 0);
  put(root, { "src/news.ts": `// moved\n\n${NEWS}` });
  assert.equal((await slo(root, ["check", "--no-cache", "--baseline", "known.json"])).code, 0);
  put(root, {
    "src/news.ts": NEWS.replace("  return", '  await fetch("https://other.example.com/" + topic);\n  return'),
  });
  const { code, out } = await slo(root, ["check", "--no-cache", "--baseline", "known.json", "--format", "json"]);
  assert.equal(code, 1);
  const report: Json = JSON.parse(out);
  assert.deepEqual(
    report.findings.filter((it: Json) => it.ruleId === "missing-http-timeout").map((it: Json) => it.line),
    [3],
  );
  assert.ok(report.stats.known >= 1);
  put(root, { "known.json": "[]" });
  assert.equal((await slo(root, ["check", "--no-cache", "--baseline", "known.json"])).code, 2);
});

test("--changed: only what differs from the merge base, untracked files included", async (t) => {
  const root = site(t, { "src/old.ts": `import "node:fs";\n${NEWS.replace("latest", "old")}` });
  const git = (...args: string[]): string =>
    execFileSync(
      "git",
      ["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "init.defaultBranch=main", ...args],
      { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] },
    );
  git("init", "-q");
  git("add", ".");
  git("commit", "-qm", "first");
  git("checkout", "-qb", "topic");
  put(root, { "src/news.ts": `${NEWS}\nexport const more = 1;\n` });
  git("commit", "-qam", "second");
  put(root, { "src/new one.ts": `import "node:fs";\n${NEWS.replace("latest", "created")}` });
  const pathsOf = async (...args: string[]): Promise<string[]> => [
    ...new Set<string>((await json(root, ["check", ...args])).findings.map((it: Json) => it.path)),
  ];
  assert.deepEqual(await pathsOf("--changed", "main"), ["src/new one.ts", "src/news.ts"]);
  assert.deepEqual(await pathsOf("--changed"), ["src/new one.ts", "src/news.ts"]);
  const wrong = await slo(root, ["check", "--changed", "no-such-branch"]);
  assert.equal(wrong.code, 2);
  assert.match(wrong.err, /no-such-branch/);
  assert.equal((await slo(root, ["check", "--changed=--output=/x"])).code, 2);
  rmSync(path.join(root, ".git"), { recursive: true });
  assert.equal((await slo(root, ["check", "--changed"])).code, 2);
});

test("allowances silence their line; unused, unknown and expired ones are told", async (t) => {
  const allowed = (comment: string): Record<string, string> => ({
    ...SITE,
    "src/news.ts": NEWS.replace("  const answer", `  ${comment}\n  const answer`),
  });
  const ruleIds = async (files: Record<string, string>): Promise<string[]> =>
    (await json(folderOf(t, files), ["check"])).findings
      .filter((it: Json) => it.path === "src/news.ts")
      .map((it: Json) => `${it.ruleId} ${it.severity} ${it.line}`);
  assert.deepEqual(await ruleIds(allowed("// slo-allow missing-http-timeout: the gateway gives up after 2 s")), []);
  assert.deepEqual(await ruleIds(allowed("// slo-allow missing-http-timeout: for now until 2026-06-15")), []);
  assert.deepEqual(await ruleIds(allowed("// slo-allow missing-http-timeout: for now until 2026-06-13")), [
    "expired-allowance warning 2",
    "missing-http-timeout warning 3",
  ]);
  assert.deepEqual(await ruleIds(allowed("// slo-allow unbounded-count: wrong rule")), [
    "unused-allowance information 2",
    "missing-http-timeout warning 3",
  ]);
  assert.deepEqual(await ruleIds(allowed("// slo-allow no-such-rule: x")), [
    "unused-allowance information 2",
    "missing-http-timeout warning 3",
  ]);
});

test("slo-lens.yaml: severities hold, and its mistakes are told at their place", async (t) => {
  const severities = async (yaml: string): Promise<Json> => json(site(t, { "slo-lens.yaml": yaml }), ["check"]);
  assert.deepEqual(
    (await severities("rules:\n  missing-http-timeout: off\n")).findings.filter(
      (it: Json) => it.ruleId === "missing-http-timeout",
    ),
    [],
  );
  assert.equal(
    (await severities("rules:\n  missing-http-timeout: error\n")).findings.find(
      (it: Json) => it.ruleId === "missing-http-timeout",
    ).severity,
    "error",
  );
  const { failures } = await severities("stage: growth\nrules:\n  missing-http-timeuot: off\n");
  assert.equal(failures[0].path, "slo-lens.yaml");
  assert.equal(failures[0].line, 3);
});

test("--fix writes safe fixes only, keeps the byte order mark and every other byte, and fixes nothing twice", async (t) => {
  const root = folderOf(t, { ...SITE, "src/news.ts": `\uFEFF${NEWS}` });
  const before = readFileSync(path.join(root, "src/news.ts"));
  const first = await slo(root, ["check", "--fix", "--no-cache", "--format", "json"]);
  const report: Json = JSON.parse(first.out);
  const after = readFileSync(path.join(root, "src/news.ts"));
  // What is left has no safe fix; what was fixed differs from before.
  for (const it of report.findings)
    assert.ok(!it.fixes.some((fix: Json) => fix.safety === "safe" && fix.edits.length > 0), it.ruleId);
  assert.equal(report.stats.fixed > 0, !after.equals(before));
  const again = JSON.parse((await slo(root, ["check", "--fix", "--no-cache", "--format", "json"])).out);
  assert.equal(again.stats.fixed, 0);
  assert.deepEqual(readFileSync(path.join(root, "src/news.ts")), after);
  assert.equal(after[0], 0xef);
});

test("a second run answers from the cache, the same but for its time, until anything changes", async (t) => {
  const root = site(t, { "node_modules/.keep": "" });
  const then = Date.now() / 1000 - 60;
  const { utimesSync } = await import("node:fs");
  for (const it of ["package.json", "src/app.ts", "src/news.ts"]) utimesSync(path.join(root, it), then, then);
  const ask = async (): Promise<Json> => {
    const { stats, ...rest } = JSON.parse((await slo(root, ["check", "--format", "json"])).out);
    assert.equal(stats.files, 2);
    return rest;
  };
  const cold = await ask();
  assert.ok(existsSync(path.join(root, "node_modules/.cache/slo-lens")));
  assert.deepEqual(await ask(), cold);
  put(root, {
    "src/news.ts": NEWS.replace("(topic: string)", "(topic: string, wait = 5)").replace(
      " + topic)",
      " + topic, { signal: AbortSignal.timeout(1000) })",
    ),
  });
  assert.deepEqual(
    (await ask()).findings.filter((it: Json) => it.ruleId === "missing-http-timeout"),
    [],
  );
});

test("explain tells what is believed of a line, and a rule's page", async (t) => {
  const root = site(t);
  const told = await json(root, ["explain", "--at", "src/news.ts:2"]);
  assert.equal(told.side, "unknown");
  assert.equal(told.calls[0].meanings[0].kind, "request");
  assert.match(told.calls[0].meanings[0].says.join("\n"), /time limit: no/);
  assert.deepEqual(told.calls[0].version, {
    package: "node",
    version: "22.0.0",
    path: "package.json",
    range: ">=22",
    by: "node",
  });
  assert.deepEqual(told.reachedFrom[0].kinds, { endpoint: 1 });
  const [chain] = told.reachedFrom[0].chains;
  assert.deepEqual(
    [chain.name, chain.path, chain.line, chain.chain.map((it: Json) => `${it.path}:${it.line}`)],
    ["GET /news/:topic", "src/app.ts", 5, ["src/app.ts:5", "src/news.ts:1"]],
  );
  assert.equal(told.findings[0].ruleId, "missing-http-timeout");
  assert.match(told.untold.join("\n"), /where it runs cannot be told/);
  const ja = await slo(root, ["explain", "--at", "src/app.ts:6", "--no-cache", "--lang", "ja"]);
  assert.match(ja.out, /\.\/news\.js から latest をインポート（src\/app\.ts:2）/);
  assert.match(ja.out, /内部で実行[\s\S]*fetch による外部リクエスト/);
  assert.match((await slo(root, ["explain", "unbounded-count"])).out, /^# unbounded-count/);
});

test("a run that is given up ends with 2", async (t) => {
  const { code, err } = await slo(site(t), ["check", "--no-cache"], { signal: AbortSignal.abort() });
  assert.equal(code, 2);
  assert.match(err, /given up/);
});

const SLO = `apiVersion: openslo/v1
kind: SLO
metadata:
  name: news
spec:
  service: site
  budgetingMethod: Occurrences
  timeWindow: [{ duration: 28d, isRolling: true }]
  objectives: [{ target: 0.99 }]
  indicator:
    metadata: { name: news }
    spec:
      ratioMetric:
        counter: true
        bad: { metricSource: { type: Prometheus, spec: { query: 'http_requests_total{http_route="/news/:topic",code=~"5.."}' } } }
        total: { metricSource: { type: Prometheus, spec: { query: 'http_requests_total{http_route="/news/:topic"}' } } }
`;

test("an endpoint is told which objectives it has, which were considered, and why", async (t) => {
  const root = site(t, {
    "slo/news.yaml": SLO,
    "src/more.ts": APP.replaceAll("/news/:topic", "/late/:topic"),
  });
  const explained = await json(root, ["explain", "--endpoint", "GET /news/:topic"]);
  assert.deepEqual(
    explained.endpoints.map((it: Json) => [
      it.method,
      it.route,
      it.ambiguous,
      it.candidates.map((each: Json) => [each.id, each.applied, each.score, each.why]),
    ]),
    [
      [
        "GET",
        "/news/:topic",
        false,
        [["site/news", true, 1, 'the SLI selects http_route="/news/:topic": the same text']],
      ],
    ],
  );
  const ja = await slo(root, ["explain", "--endpoint", "get /late/:topic", "--lang", "ja", "--no-cache"]);
  assert.match(ja.out, /1 件の SLO のどれも、このエンドポイントを指していません。/);
  const near = await slo(root, ["explain", "--endpoint", "GET /new", "--no-cache"]);
  assert.equal(near.code, 2);
  assert.match(near.err, /The code has no endpoint GET \/new\. Near it: GET \/news\/:topic\./);
  assert.equal((await slo(root, ["explain", "--endpoint", "nonsense"])).code, 2);

  const { slos, uncovered } = await json(root, ["slos"]);
  assert.deepEqual(slos[0].problems, []);
  assert.deepEqual(uncovered, [{ method: "GET", route: "/late/:topic", path: "src/more.ts" }]);
});

test("explain --endpoint holds the route against what the service has measured, in the language asked for", async (t) => {
  const root = site(t, { "slo/news.yaml": SLO });
  const pages = [
    'http_requests_total{http_route="/news/:topic",method="GET",code="200"} 7\n',
    'http_requests_total{http_route="/new/:topic",method="GET",code="200"} 7\n',
  ];
  let at = 0;
  const server = createServer((_, response) => {
    response.setHeader("content-type", "text/plain; version=0.0.4");
    response.end(`# TYPE http_requests_total counter\n${pages[at]}`);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`;
  const args = ["explain", "--endpoint", "GET /news/:topic", "--scrape", url];
  const [seen] = (await json(root, args)).endpoints;
  assert.deepEqual(
    [seen.live.seen, seen.live.routes, seen.candidates[0].live],
    [true, 1, { finds: true, why: "The query finds series." }],
  );
  assert.equal(seen.live.near[0].route, "/news/:topic");
  at = 1;
  const [gone] = (await json(root, args)).endpoints;
  assert.equal(gone.live.seen, false);
  assert.equal(gone.candidates[0].live.finds, false);
  const { out } = await slo(root, [...args, "--no-cache", "--lang", "ja"]);
  assert.match(out, /テレメトリ \(http:\/\/127\.0\.0\.1:\d+\): .*1 件のルート（http_route）/);
  assert.match(out, /\/new\/:topic {2}GET/);
  assert.equal((await slo(root, ["explain", "--endpoint", "GET /news/:topic", "--scrape", "ftp://x"])).code, 2);
});

test("an objective that names nothing of the code says so, in the language asked for", async (t) => {
  const root = site(t, { "slo/news.yaml": SLO.replaceAll("/news/:topic", "/gone") });
  const problems = async (...args: string[]): Promise<string[]> =>
    (await json(root, ["slos", ...args])).slos[0].problems.map((it: Json) => `${it.code} ${it.line} ${it.message}`);
  assert.deepEqual(await problems(), ["endpoint-missing 4 No endpoint of the code was found for this SLO."]);
  assert.match((await problems("--lang", "ja"))[0]!, /この SLO に対応するエンドポイントがコードに見つかりません/);
  put(root, { "slo-lens.yaml": "stage: erly\n" });
  const failures = async (...args: string[]): Promise<Json> => (await json(root, ["check", ...args])).failures;
  assert.deepEqual(await failures(), [
    { path: "slo-lens.yaml", message: "`erly` is no value of `stage`. Did you mean `early`?", line: 1, column: 8 },
  ]);
  assert.match((await failures("--lang", "ja"))[0].message, /`erly` は `stage` に指定できません。/);
});

test("slos: a threshold that is no bucket of the code's histogram, slips in slo-lens.yaml, and an exit code for CI", async (t) => {
  const latency = SLO.replace(
    /bad: .*/,
    'good: { metricSource: { type: Prometheus, spec: { query: \'http_seconds_bucket{http_route="/news/:topic",le="0.4"}\' } } }',
  ).replace("http_requests_total", "http_seconds_count");
  const root = site(t, {
    "slo/news.yaml": latency,
    "src/metrics.ts":
      'import { Histogram } from "prom-client";\nnew Histogram({ name: "http_seconds", help: "", buckets: [0.1, 0.5] });\n',
    "slo-lens.yaml": "slos:\n  site/new: GET /news/:topic\n",
  });
  const { slos, config } = await json(root, ["slos"]);
  assert.deepEqual(slos[0].problems, [
    {
      code: "bucket-undeclared",
      severity: "warning",
      message:
        'The histogram is declared in `src/metrics.ts` without a bucket `le="0.4"`, so this counts nothing; the nearest are 0.5, 0.1.',
      line: 15,
      column: 117,
    },
  ]);
  assert.deepEqual(config, {
    path: "slo-lens.yaml",
    problems: [
      {
        code: "config-unknown-slo-near",
        severity: "warning",
        message: "No SLO file has an SLO `site/new`; is `site/news` meant?",
        line: 2,
        column: 3,
      },
    ],
  });
  const code = async (...args: string[]): Promise<number> => (await slo(root, ["slos", "--no-cache", ...args])).code;
  assert.deepEqual([await code(), await code("--fail-on", "warning"), await code("--fail-on", "error")], [0, 1, 0]);
  const { out } = await slo(root, ["slos", "--no-cache", "--lang", "ja"]);
  assert.match(out, /`site\/news` の間違いではありませんか。 {2}config-unknown-slo-near slo-lens.yaml:2:3/);
  assert.match((await json(root, ["check"])).failures[0].message, /No SLO file has an SLO `site\/new`/);
  put(root, {
    "slo/news.yaml": latency.replace('le=\\"0.4', 'le=\\"0.5').replace('le="0.4', 'le="0.5'),
    "slo-lens.yaml": "stage: early\n",
  });
  assert.equal(await code("--fail-on", "hint"), 0);
});

test("slos and endpoints know of each other; a snapshot's states reach the findings", async (t) => {
  const root = site(t, {
    "slo/news.yaml": SLO,
    "slo-lens.yaml": "endpoints:\n  GET /news/:topic:\n    criticality: low\n",
  });
  const { slos, documents } = await json(root, ["slos"]);
  assert.deepEqual(
    slos.map((it: Json) => [
      it.id,
      it.path,
      it.target,
      it.window,
      it.level,
      it.endpoints.map((each: Json) => `${each.method} ${each.route}`),
    ]),
    [["site/news", "slo/news.yaml", 0.99, "28d", "matched", ["GET /news/:topic"]]],
  );
  assert.equal(documents.length, 1);
  assert.deepEqual((await json(root, ["endpoints"])).endpoints[0].slos, ["site/news"]);
  const timeout = async (...args: string[]): Promise<Json> =>
    (await json(root, ["check", ...args])).findings.find((it: Json) => it.ruleId === "missing-http-timeout");
  assert.equal((await timeout()).severity, "information", "nobody is hurt much here");
  put(root, {
    "snapshot.json": JSON.stringify({
      evaluatedAt: "2026-06-15T11:50:00Z",
      source: { kind: "prometheus", name: "p" },
      objectives: [
        {
          id: "site/news",
          state: "exhausted",
          reason: "",
          good: 900,
          bad: 100,
          total: 1000,
          sli: 0.9,
          budgetRemaining: -9,
          burnRates: [],
          method: "request-weighted",
          endpoints: [],
        },
      ],
      problems: [],
    }),
  });
  const told = await timeout("--snapshot", "snapshot.json");
  assert.equal(told.severity, "warning", "its budget is gone");
  assert.deepEqual(told.impact.objectives, [
    { id: "site/news", endpoint: "GET /news/:topic", state: "exhausted", budgetRemaining: -9 },
  ]);
  assert.match(told.impact.stakes, /100 failures, 10 allowed/);
  assert.equal((await slo(root, ["check", "--snapshot", "gone.json"])).code, 2);
});

test("status: without a source it says so; from a snapshot it tells, writes, and fails on a state where asked", async (t) => {
  const root = site(t, { "slo/news.yaml": SLO });
  const none = await json(root, ["status"]);
  assert.equal(none.source.kind, "none");
  assert.equal(none.objectives[0].state, "no-data");
  assert.ok(none.objectives[0].reason.length > 10);
  const objective = {
    id: "site/news",
    state: "burning",
    reason: "",
    cause: { key: "no-source", data: {} },
    good: 990,
    bad: 5,
    total: 995,
    sli: 0.995,
    budgetRemaining: 0.5,
    burnRates: [{ windowSeconds: 3600, rate: 20 }],
    method: "request-weighted",
    endpoints: [],
  };
  put(root, {
    "snapshot.json": JSON.stringify({
      evaluatedAt: "2026-06-15T11:50:00Z",
      source: { kind: "prometheus", name: "p" },
      objectives: [objective],
      problems: [],
    }),
  });
  const { objectives, source } = await json(root, ["status", "--snapshot", "snapshot.json", "--write", "again.json"]);
  assert.deepEqual([source.kind, objectives[0].state, objectives[0].bad], ["snapshot", "burning", 5]);
  assert.deepEqual(JSON.parse(readFileSync(path.join(root, "again.json"), "utf8")).objectives[0].burnRates, [
    { windowSeconds: 3600, rate: 20 },
  ]);
  assert.equal((await slo(root, ["status", "--snapshot", "snapshot.json", "--fail-on", "burning"])).code, 1);
  assert.equal((await slo(root, ["status", "--snapshot", "snapshot.json", "--fail-on", "exhausted"])).code, 0);
  assert.match(
    (await slo(root, ["status", "--snapshot", "snapshot.json"])).out,
    /burning {2}site\/news {2}99 % \/ 28 d/,
  );
  assert.match((await slo(root, ["status", "--snapshot", "snapshot.json", "--lang", "ja"])).out, /急速に消費中/);
});

test("status --format markdown is a page for the summary of a CI job", async (t) => {
  const root = site(t, { "slo/news.yaml": SLO });
  const { code, out, err } = await slo(root, ["status", "--format", "markdown", "--no-cache"]);
  assert.deepEqual([code, err], [0, ""]);
  assert.match(
    out,
    /^# Error budgets\n\n\| SLO \| Target \|.*\n\| --- .*\n\| site\/news \| 99 % \/ 28 d \| no data \|/,
  );
  assert.match(out, /\n## site\/news — no data\n/);
  assert.doesNotMatch(out, /data:image/);
});

test("init writes a file that says nothing wrong, once", async (t) => {
  for (const language of ["en", "ja"]) {
    const root = site(t);
    assert.equal((await slo(root, ["init", "--lang", language])).code, 0);
    assert.match(readFileSync(path.join(root, "slo-lens.yaml"), "utf8"), /GET \/news\/:topic/);
    assert.deepEqual((await json(root, ["check"])).failures, []);
    // What is commented out is right as well.
    const whole = readFileSync(path.join(root, "slo-lens.yaml"), "utf8").replace(
      /^# (?=(?:endpoints|rules|telemetry):$| )/gm,
      "",
    );
    put(root, { "slo-lens.yaml": whole.replaceAll('harm: ""', "harm: Nobody reads the news") });
    assert.deepEqual((await json(root, ["check"])).failures, []);
    assert.equal((await slo(root, ["init"])).code, 2);
  }
});

/** A server of numbers that knows two: all requests, and those that failed. */
async function countingServer(t: TestContext, total: number, bad: number): Promise<string> {
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (it) => {
      body += it;
    });
    request.on("end", () => {
      const query = new URLSearchParams(body || (request.url ?? "").split("?")[1]).get("query") ?? "";
      const value = query.includes("5..") ? bad : total;
      const isCount = query.startsWith("sum(increase(http_request_duration_seconds_count");
      const result = isCount ? [{ metric: {}, value: [1_781_524_800, String(value)] }] : [];
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify({ status: "success", data: { resultType: "vector", result } }));
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test("init --endpoint writes an SLO that is read and matched, its target from what was counted", async (t) => {
  const root = folderOf(t, {
    ...SITE,
    "package.json": PACKAGE.replace('"express":', '"prom-client": "^15.0.0", "express":'),
  });
  const url = await countingServer(t, 48_210, 34);
  const args = ["init", "--endpoint", "GET /news/:topic", "--prometheus", url];
  const { code, out, err } = await slo(root, args);
  assert.equal(err, "");
  assert.equal(code, 0);
  assert.equal(
    out,
    "Wrote slo/get-news-topic-availability.yaml.\nIn the last 28 d, 34 of 48,210 requests failed (99.93 % succeeded). A target of 99.5 % allows 241.\n",
  );
  const [written] = (await json(root, ["slos"])).slos;
  assert.equal(written.target, 0.995);
  assert.deepEqual(
    written.endpoints.map((it: Json) => `${it.method} ${it.route}`),
    ["GET /news/:topic"],
  );
  assert.match(
    readFileSync(path.join(root, written.path), "utf8"),
    /^# In the last 28 d, 34 of 48,210 requests failed/,
  );
  // It has one now.
  assert.equal((await slo(root, args)).code, 2);
  assert.match((await slo(root, ["init", "--endpoint", "GET /none"])).err, /No endpoint GET \/none/);
});

test("init --endpoint without numbers says that its target is a guess, in the format asked for", async (t) => {
  const root = site(t);
  const { out } = await slo(root, ["init", "--endpoint", "/news/:topic", "--slo-format", "sloth", "--lang", "ja"]);
  assert.match(out, /実測値がない/);
  const text = readFileSync(path.join(root, "slo/get-news-topic-availability.yaml"), "utf8");
  assert.match(text, /^# 目標 99\.5% は実測値に基づいていません/);
  assert.match(text, /^version: prometheus\/v1$/m);
});

test("--fix mends every safe finding of a file at once and leaves the rest of it alone", async (t) => {
  const audit = (prefix: string): string =>
    `\uFEFFimport { PrismaClient } from "@prisma/client";\r\n\r\nconst prisma = new PrismaClient();\r\nexport async function audit(event: string): Promise<void> {\r\n  ${prefix}prisma.audit.create({ data: { event } });\r\n  ${prefix}prisma.audit.create({ data: { event: event + "!" } }); // "日本語"\r\n}\r\n`;
  const root = folderOf(t, { "package.json": PACKAGE, "src/audit.ts": audit("") });
  const { code, out } = await slo(root, ["check", "--fix", "--no-cache", "--format", "json"]);
  const report: Json = JSON.parse(out);
  assert.equal(readFileSync(path.join(root, "src/audit.ts"), "utf8"), audit("await "));
  assert.equal(report.stats.fixed, 2);
  assert.deepEqual(
    report.findings.filter((it: Json) => it.ruleId === "unexecuted-query"),
    [],
  );
  assert.equal(code, 0);
});

test("--fix leaves a file alone that cannot be written", async (t) => {
  const text =
    'import { PrismaClient } from "@prisma/client";\nconst prisma = new PrismaClient();\nexport async function audit(event: string): Promise<void> {\n  prisma.audit.create({ data: { event } });\n}\n';
  const root = folderOf(t, { "package.json": PACKAGE, "src/audit.ts": Buffer.from(`\uFEFF${text}`, "utf16le") });
  const before = readFileSync(path.join(root, "src/audit.ts"));
  const { stats, findings } = JSON.parse((await slo(root, ["check", "--fix", "--no-cache", "--format", "json"])).out);
  assert.deepEqual(readFileSync(path.join(root, "src/audit.ts")), before, "not UTF-8: it would be damaged");
  assert.equal(stats.fixed, 0);
  assert.ok(findings.some((it: Json) => it.ruleId === "unexecuted-query"));
});

test("a workspace that will not fit is told before anything is read, and runs again with more memory", async (t) => {
  const root = folderOf(t, {
    "package.json": PACKAGE,
    ...Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`f${i}.ts`, "export {};"])),
  });
  await assert.rejects(slo(root, ["check", "--no-cache"], { heapLimit: 100 }), NeedsMemory);
  assert.equal((await slo(root, ["check", "--no-cache"], { heapLimit: 400 })).code, 0);
  const main = path.join(import.meta.dirname, "../../cli/main.ts");
  const out = execFileSync(
    process.execPath,
    ["--max-old-space-size=120", main, "check", "--no-cache", "--format", "json"],
    { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] },
  );
  assert.equal(JSON.parse(out).stats.files, 30);
});

test("a service whose own objective is lower than the endpoint's is told where it is called", async (t) => {
  const sloth = (service: string, objective: number, route: string): string => `version: prometheus/v1
service: ${service}
slos:
  - name: availability
    objective: ${objective}
    sli:
      events:
        error_query: sum(rate(http_requests_total{${route}code=~"5.."}[{{.window}}]))
        total_query: sum(rate(http_requests_total${route === "" ? "" : `{${route.slice(0, -1)}}`}[{{.window}}]))
    alerting: {}
`;
  const root = folderOf(t, {
    "package.json": '{ "name": "shelf" }',
    "src/app.ts": `import express from "express";
const app = express();
app.get("/shelf", async (_req, res) => {
  const answer = await fetch("http://prices:8080/all", { signal: AbortSignal.timeout(500) });
  res.json(await answer.json());
});
app.listen(3000, "127.0.0.1");
`,
    "slo/shelf.yaml": sloth("shelf", 99.9, 'route="/shelf",'),
    "slo/prices.yaml": sloth("prices", 99.5, ""),
  });
  const found = async (): Promise<Json[]> =>
    JSON.parse((await slo(root, ["check", "--no-cache", "--format", "json"])).out).findings.filter(
      (it: Json) => it.ruleId === "dependency-below-slo",
    );
  const [finding, ...others] = await found();
  assert.deepEqual(others, []);
  assert.equal(finding.line, 4);
  assert.match(finding.message, /^GET \/shelf promises 99\.9 % .* prices here, which promises 99\.5 %.* 5 times/);
  put(root, { "slo/prices.yaml": sloth("prices", 99.99, "") });
  assert.deepEqual(await found(), []);
});
