/** Hovers, lenses, SLO files, status and everything that must not happen. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  CancellationTokenSource,
  type CodeLens,
  type CompletionList,
  type Hover,
  type Location,
  type MarkupContent,
} from "vscode-languageserver-protocol/node";
import { type Knowledge, librarySet } from "../../engine/index.ts";
import type { OverviewNode, OverviewResult } from "../../protocol/index.ts";
import { defaultSettings } from "../../server/initialization.ts";
import type { FetchRequest } from "../../slo/index.ts";
import { rangeOf, startClient, type TestClient } from "./client.ts";
import { app, files, openSlo, prices } from "./fixtures.ts";

const path = "src/services/prices.ts";
const withSlo = { ...files, "slo/prices.yaml": openSlo };

const textOf = (it: Hover | null): string => (it?.contents as MarkupContent | undefined)?.value ?? "";
const hover = (client: TestClient, file: string, wanted: string, nth = 0): Promise<Hover | null> =>
  client.connection.sendRequest("textDocument/hover", {
    textDocument: { uri: client.uri(file) },
    position: rangeOf(client.text(file), wanted, nth).start,
  });
const lenses = (client: TestClient, file: string): Promise<CodeLens[]> =>
  client.connection.sendRequest("textDocument/codeLens", { textDocument: { uri: client.uri(file) } });

test("hover on a finding says why, what reaches it, and the options by layer", async (t) => {
  const client = await startClient({ files });
  t.after(client.stop);
  client.open(path);
  await client.ready();
  const text = textOf(await hover(client, path, "get"));
  assert.match(text, /missing\\?-http\\?-timeout/);
  assert.match(text, /\[GET \/prices\/:id\]\(file:[^)]*app\.ts#L6\)/);
  assert.match(text, /\*\*Application\*\*/);
  assert.doesNotMatch(text, /command:/);
});

test("hover marks the hop that nobody waits for, and tells of a job where no endpoint is", async (t) => {
  const producer = `import express from "express";
import { Queue } from "bullmq";

const refreshes = new Queue("refreshes");
const app = express();
app.post("/prices", async function order(req, res) {
  await refreshes.add("one", req.body);
  res.sendStatus(202);
});
app.listen(3000);
`;
  const worker = `import { Worker } from "bullmq";
import axios from "axios";

new Worker("refreshes", async function refresh(job) {
  await axios.get("https://prices.example/" + job.data.id);
});
new Worker("nightly", async function nightly() {
  await axios.get("https://prices.example/all");
});
`;
  const client = await startClient({
    files: {
      "package.json": '{"dependencies":{"express":"5.0.0","axios":"1.7.0","bullmq":"5.0.0"}}',
      "src/app.ts": producer,
      "src/worker.ts": worker,
    },
  });
  t.after(client.stop);
  client.open("src/worker.ts");
  await client.ready();
  const told = async (wanted: string): Promise<string> => textOf(await hover(client, "src/worker.ts", wanted));
  assert.match(
    await told('get("https://prices.example/" +'),
    /POST \/prices.*order → \\?\(asynchronously, by queue refreshes\\?\) refresh/,
  );
  assert.match(await told('get("https://prices.example/all'), /job nightly.*nightly/);
});

test("hover on a route without an objective says so and lists what is on its path", async (t) => {
  const client = await startClient({ files });
  t.after(client.stop);
  client.open("src/app.ts");
  await client.ready();
  const text = await client.until(
    async () => textOf(await hover(client, "src/app.ts", "/prices/:id")),
    (it) => it.includes("prices.ts"),
  );
  assert.match(text, /GET \/prices\/:id/);
  assert.match(text, /No objective/);
  assert.equal(await hover(client, "src/app.ts", "express()"), null);
});

test("without objectives there is no lens", async (t) => {
  const client = await startClient({ files });
  t.after(client.stop);
  client.open("src/app.ts");
  await client.ready();
  assert.deepEqual(await lenses(client, "src/app.ts"), []);
});

test("cards lead on to what explains them, for a client that runs those commands", async (t) => {
  const linkCommands = ["sloLens.explainLine", "sloLens.explainEndpoint"];
  const client = await startClient({ files, initialization: { linkCommands } });
  t.after(client.stop);
  client.open(path);
  client.open("src/app.ts");
  await client.ready();
  const linked = (text: string): unknown[] => {
    const [, command, given] = /\]\(command:([\w.]+)\?([^)]*)\)/.exec(text)!;
    return [command, ...(JSON.parse(decodeURIComponent(given!)) as unknown[])];
  };
  const finding = textOf(await hover(client, path, "get"));
  const at = rangeOf(prices, "get").start;
  assert.deepEqual(linked(finding), ["sloLens.explainLine", { uri: client.uri(path), ...at }]);
  const endpoint = textOf(await hover(client, "src/app.ts", "/prices/:id"));
  assert.match(endpoint, /\[Why there is none\]/);
  const route = rangeOf(app, '"/prices/:id"').start;
  assert.deepEqual(linked(endpoint), [
    "sloLens.explainEndpoint",
    { uri: client.uri("src/app.ts"), ...route, method: "GET", route: "/prices/:id" },
  ]);
});

test("where there is no telemetry source the lens and the card say what to do, and lead there", async (t) => {
  const shown = async (init: object): Promise<readonly (readonly [string, string])[]> => {
    const client = await startClient({ files: withSlo, initialization: init });
    t.after(client.stop);
    for (const file of ["src/app.ts", "slo/prices.yaml"]) client.open(file);
    await client.ready();
    const found = await client.until(
      async () => [...(await lenses(client, "src/app.ts")), ...(await lenses(client, "slo/prices.yaml"))],
      (all) => all.length === 2 && !all.some((it) => it.command?.title.includes("waiting")),
    );
    const card = textOf(await hover(client, "src/app.ts", "/prices/:id"));
    return [...found.map((it) => [it.command!.title, it.command!.command] as const), ["card", card] as const];
  };
  const linkCommands = ["sloLens.connectTelemetry"];
  const [lens, ofFile, card] = await shown({ linkCommands });
  assert.deepEqual(lens, ["SLO 99.9 % · no telemetry source connected", "sloLens.connectTelemetry"]);
  assert.deepEqual(ofFile, ["SLO 99.9 % · no telemetry source connected · 1 endpoint", "sloLens.connectTelemetry"]);
  assert.match(card![1], /No telemetry is configured\. Set a Prometheus address/);
  assert.match(card![1], /\[Connect a telemetry source\]\(command:sloLens\.connectTelemetry\)/);
  const [plain, , plainCard] = await shown({ linkCommands: [], locale: "ja" });
  assert.deepEqual(plain, ["SLO 99.9% · テレメトリ未接続", ""]);
  assert.doesNotMatch(plainCard![1], /command:/);
  const settings = { ...defaultSettings, telemetry: { ...defaultSettings.telemetry, source: "off" as const } };
  assert.deepEqual((await shown({ linkCommands, settings }))[0]![0], "SLO 99.9 % · telemetry is off");
  const named = {
    ...defaultSettings,
    telemetry: { ...defaultSettings.telemetry, prometheus: { url: "http://metrics.example" } },
  };
  const [untrusted] = await shown({ linkCommands, settings: named, trusted: false });
  assert.deepEqual(untrusted, ["SLO 99.9 % · restricted mode: no numbers", "sloLens.connectTelemetry"]);
});

test("the overview: services and objectives by urgency, what has no counterpart, findings on the way", async (t) => {
  const more = `${app}\napp.get("/carts/:id", async (req, res) => res.json(await loadPrice(req.params.id)));\n`;
  const gone = openSlo.replaceAll("/prices/:id", "/gone").replace("prices-availability", "gone");
  const client = await startClient({
    files: { ...files, "src/app.ts": more, "slo/prices.yaml": openSlo, "slo/gone.yaml": gone },
  });
  t.after(client.stop);
  client.open("src/app.ts", more);
  await client.ready();
  const ask = () => client.connection.sendRequest<OverviewResult>("sloLens/overview");
  const { message, nodes } = await client.until(ask, (it) =>
    it.nodes.some((each) => each.kind === "group" && each.children.some((one) => one.children.length > 0)),
  );
  assert.match(message, /no telemetry source/);
  assert.equal((await ask()).isReady, true);
  const shape = (of: readonly OverviewNode[]): unknown[] =>
    of.map((it) => [it.label, it.description ?? "", ...shape(it.children)]);
  const finding = ["Outbound request without a time limit", "src/services/prices.ts:4"];
  assert.deepEqual(shape(nodes), [
    [
      "prices",
      "",
      [
        "prices-availability",
        "99.9 % / 28d · no telemetry source connected",
        ["GET /prices/:id", "1 finding", finding],
      ],
    ],
    [
      "SLOs without an endpoint",
      "1",
      ["gone", "99.9 % / 28d · no telemetry source connected", ["no endpoint of the code", ""]],
    ],
    ["Endpoints without an SLO", "1", ["GET /carts/:id", "1 finding", finding]],
  ]);
  const [objective] = nodes[0]!.children;
  assert.deepEqual([objective!.state, objective!.place?.uri], ["no-data", client.uri("slo/prices.yaml")]);
  const open = nodes[2]!.children[0]!;
  assert.deepEqual(open.place, { uri: client.uri("src/app.ts"), ...rangeOf(more, '"/carts/:id"').start });
  const report = await client.connection.sendRequest<{ markdown: string }>("sloLens/report");
  assert.match(report.markdown, /^# Error budgets\n/);
  assert.match(
    report.markdown,
    /\| \[prices\/gone\]\(file:[^)]*slo\/gone\.yaml#L\d+\) \| 99\.9 % \/ 28 d \| no data \|/,
  );
  // What the view shows changes with the files, and the client is told.
  let told = 0;
  client.connection.onNotification("sloLens/overviewChanged", () => {
    told++;
  });
  client.change("src/app.ts", app);
  client.save("src/app.ts");
  const after = await client.until(ask, (it) => it.nodes.length === 2);
  assert.deepEqual(
    after.nodes.map((it) => it.label),
    ["prices", "SLOs without an endpoint"],
  );
  assert.ok(told > 0);
});

test("the report lists what has no numbers yet, and says none only where there is none", async (t) => {
  const report = async (of: Readonly<Record<string, string>>, init: object = {}): Promise<string> => {
    const client = await startClient({
      files: of,
      initialization: { trusted: true, ...init },
      server: { fetch: () => new Promise(() => {}) },
    });
    t.after(client.stop);
    client.open("src/app.ts");
    await client.ready();
    return (await client.connection.sendRequest<{ markdown: string }>("sloLens/report")).markdown;
  };
  const config = { "slo-lens.yaml": "telemetry:\n  prometheus:\n    url: http://prometheus.example:9090\n" };
  const waiting = await report({ ...withSlo, ...config });
  assert.match(waiting, /prices\/prices-availability\]/);
  assert.match(waiting, /Waiting for numbers/);
  assert.doesNotMatch(waiting, /no SLO files/);
  assert.match(await report(files), /no SLO files/);
  assert.equal(await report(withSlo, { settings: { ...defaultSettings, enable: false } }), "");
});

test("from the view an SLO is made for the very endpoint, once", async (t) => {
  const both = `${app}\napp.get(["/one", "/two"], async (req, res) => res.json(1));\n`;
  const client = await startClient({ files: { ...withSlo, "src/app.ts": both } });
  t.after(client.stop);
  const edits: unknown[] = [];
  client.connection.onRequest("workspace/applyEdit", ({ edit }: { edit: unknown }) => {
    edits.push(edit);
    return { applied: true };
  });
  client.open("src/app.ts", both);
  await client.ready();
  const { nodes } = await client.connection.sendRequest<OverviewResult>("sloLens/overview");
  const uncovered = nodes.flatMap((it) => it.children).filter((it) => it.endpoint?.hasSlo === false);
  assert.deepEqual(
    uncovered.map((it) => it.endpoint?.route),
    ["/one", "/two"],
  );
  const create = (node: OverviewNode) =>
    client.connection.sendRequest<{ uri?: string; problem?: string }>("sloLens/createSlo", {
      ...node.place,
      ...node.endpoint,
    });
  const done = await create(uncovered[1]!);
  assert.match(done.uri ?? "", /\/slo\/.*two.*\.ya?ml$/);
  assert.match(JSON.stringify(edits), /GET \/two/);
  const covered = nodes[0]!.children[0]!.children[0]!;
  assert.equal(covered.endpoint?.hasSlo, true);
  assert.match((await create(covered)).problem ?? "", /no endpoint without an SLO/);
  assert.equal(edits.length, 1);
});

test("the overview is bounded, counts what it leaves out, and begins with what has findings", async (t) => {
  const many = Array.from({ length: 700 }, (_, i) => `app.get("/n${i}", async (req, res) => res.json(${i}));`);
  const risky = 'app.get("/risky", async (req, res) => res.json(await loadPrice(req.params.id)));';
  const large = [app, ...many, risky, ""].join("\n");
  const client = await startClient({ files: { ...files, "src/app.ts": large } });
  t.after(client.stop);
  client.open(path);
  await client.ready();
  const ask = () => client.connection.sendRequest<OverviewResult>("sloLens/overview");
  const { nodes } = await client.until(ask, ({ nodes: of }) => of[0]?.children[0]?.children.length === 1);
  const [open] = nodes;
  assert.deepEqual([nodes.length, open!.description, open!.children.length], [1, "702", 501]);
  assert.deepEqual(
    open!.children.slice(0, 2).map((it) => it.label),
    ["GET /prices/:id", "GET /risky"],
  );
  assert.deepEqual([open!.children.at(-1)!.kind, open!.children.at(-1)!.label], ["note", "and 202 more"]);
  // The file is not open: its places are told from what is known of it.
  assert.deepEqual(open!.children[1]!.place, {
    uri: client.uri("src/app.ts"),
    ...rangeOf(large, '"/risky"').start,
  });
});

test("a lens keeps its line and number while telemetry is dead, and follows the text", async (t) => {
  const asked: FetchRequest[] = [];
  const client = await startClient({
    files: { ...withSlo, "slo-lens.yaml": "telemetry:\n  prometheus:\n    url: http://prometheus.example:9090\n" },
    server: {
      fetch: async (request) => {
        asked.push(request);
        return { ok: false, failure: "refused", detail: "" };
      },
    },
  });
  t.after(client.stop);
  client.open("src/app.ts");
  await client.ready();
  const [lens, ...others] = await client.until(
    () => lenses(client, "src/app.ts"),
    (found) => found.some((it) => !/waiting/.test(it.command?.title ?? "")),
  );
  assert.deepEqual(others, []);
  assert.match(lens!.command!.title, /^SLO 99\.9 % · /);
  assert.doesNotMatch(lens!.command!.title, /NaN|undefined/);
  assert.equal(lens!.range.start.line, 5);
  assert.ok(asked.length > 0);
  client.change("src/app.ts", `\n\n${app}`);
  assert.equal((await lenses(client, "src/app.ts"))[0]?.range.start.line, 7);
  const card = textOf(await hover(client, "src/app.ts", "/prices/:id"));
  assert.match(card, /99\.9 %/);
  const [found] = await client
    .diagnostics("src/app.ts")
    .then(() => client.pull("src/app.ts"))
    .then(() => [true]);
  assert.ok(found);
});

test("a spent budget raises the finding, and is told in the lens, the card and the message", async (t) => {
  const objective = {
    id: "prices/prices-availability",
    state: "exhausted",
    reason: "",
    good: 99_700,
    bad: 300,
    total: 100_000,
    sli: 0.997,
    budgetRemaining: -2,
    burnRates: [{ windowSeconds: 3600, rate: 6.2 }],
    method: "request-weighted",
    endpoints: [{ method: "GET", route: "/prices/:id", shareOfTraffic: 1, shareOfBad: 1 }],
  };
  const report = {
    evaluatedAt: new Date().toISOString(),
    source: { kind: "prometheus", name: "http://prometheus.example" },
    objectives: [objective],
    problems: [],
  };
  const client = await startClient({
    files: {
      ...withSlo,
      "slo-lens.yaml": [
        "telemetry:",
        "  snapshot:",
        "    path: status.json",
        "endpoints:",
        "  GET /prices/:id:",
        "    harm:",
        "      en: A buyer sees no price.",
        "",
      ].join("\n"),
      "status.json": JSON.stringify(report),
    },
    initialization: { trusted: false },
  });
  t.after(client.stop);
  client.open("src/app.ts");
  client.open(path);
  await client.ready();
  const items = await client.until(
    () => client.diagnostics(path),
    (found) => found.some((it) => String(it.message).includes("GET /prices/:id")),
  );
  assert.equal(items[0]?.severity, 2);
  assert.match(String(items[0]?.message), /300 failures, 100 allowed/);
  const [lens] = await client.until(
    () => lenses(client, "src/app.ts"),
    (found) => found.length > 0,
  );
  assert.match(lens!.command!.title, /budget spent/);
  const card = textOf(await hover(client, "src/app.ts", "/prices/:id"));
  assert.match(card, /data:image\/svg\+xml;base64,/);
  assert.match(card, /A buyer sees no price/);
  // The objective itself, in its file, has the same picture.
  client.open("slo/prices.yaml");
  const ofFile = textOf(await hover(client, "slo/prices.yaml", "prices-availability"));
  assert.match(ofFile, /\n\n!\[[^\]]*\]\(data:image\/svg\+xml;base64,[^)]*\)\n/);
  assert.match(card, /prices\.ts/);
});

test("an untrusted workspace opens no connection, whoever names the address", async (t) => {
  let asked = 0;
  const client = await startClient({
    files: { ...withSlo, "slo-lens.yaml": "telemetry:\n  prometheus:\n    url: http://prometheus.example:9090\n" },
    initialization: { trusted: false },
    server: {
      fetch: async () => {
        asked++;
        return { ok: false, failure: "refused", detail: "" };
      },
    },
  });
  t.after(client.stop);
  client.open("src/app.ts");
  await client.ready();
  await client.connection.sendRequest("sloLens/refresh");
  assert.equal(asked, 0);
  assert.match(client.statuses.at(-1)?.detail ?? "", /not trusted/);
});

test("an objective leads to its handlers, and a route to its objective", async (t) => {
  const client = await startClient({ files: withSlo });
  t.after(client.stop);
  client.open("src/app.ts");
  client.open("slo/prices.yaml");
  await client.ready();
  const definition = (file: string, wanted: string): Promise<Location[] | null> =>
    client.connection.sendRequest("textDocument/definition", {
      textDocument: { uri: client.uri(file) },
      position: rangeOf(client.text(file), wanted).start,
    });
  const toSlo = await definition("src/app.ts", "/prices/:id");
  assert.deepEqual(
    toSlo?.map((it) => it.uri),
    [client.uri("slo/prices.yaml")],
  );
  const toHandler = await definition("slo/prices.yaml", "prices-availability");
  assert.deepEqual(
    toHandler?.map((it) => it.uri),
    [client.uri("src/app.ts")],
  );
  const text = textOf(await hover(client, "slo/prices.yaml", "prices-availability"));
  assert.match(text, /GET \/prices\/:id/);
});

test("slo-lens.yaml is checked and completed as it is typed", async (t) => {
  const client = await startClient({ files: { ...withSlo, "slo-lens.yaml": "stage: grown\nrules:\n  \n" } });
  t.after(client.stop);
  client.open("slo-lens.yaml");
  await client.ready();
  const [problem] = await client.diagnostics("slo-lens.yaml");
  assert.deepEqual(problem?.range, rangeOf("stage: grown", "grown"));
  const complete = async (line: number, character: number): Promise<readonly string[]> => {
    const position = { line, character };
    const list = await client.connection.sendRequest<CompletionList | null>("textDocument/completion", {
      textDocument: { uri: client.uri("slo-lens.yaml") },
      position,
    });
    return list?.items.map((it) => it.label) ?? [];
  };
  assert.deepEqual(await complete(0, 7), ["early", "growth", "mature"]);
  assert.ok((await complete(2, 2)).includes("missing-http-timeout"));
  client.change("slo-lens.yaml", "endpoints:\n  ");
  assert.deepEqual(await complete(1, 2), ["GET /prices/:id"]);
});

test("hostile routes stay text", async (t) => {
  const route = "/x](command:evil) <img src=x onerror=1> **b**";
  const hostile = app.replace("/prices/:id", route);
  const client = await startClient({ files: { ...files, "src/app.ts": hostile } });
  t.after(client.stop);
  client.open("src/app.ts");
  client.open(path);
  await client.ready();
  for (const text of [textOf(await hover(client, "src/app.ts", route)), textOf(await hover(client, path, "get"))]) {
    assert.match(text, /evil/);
    assert.doesNotMatch(text, /\]\(command:/);
    assert.doesNotMatch(text, /(?<!\\)<img/);
    assert.doesNotMatch(text, /(?<!\\)\*\*b/);
  }
});

test("a cancelled request is not worked on", async (t) => {
  const client = await startClient({ files });
  t.after(client.stop);
  client.open(path);
  const source = new CancellationTokenSource();
  const asked = client.connection.sendRequest(
    "textDocument/hover",
    { textDocument: { uri: client.uri(path) }, position: { line: 0, character: 0 } },
    source.token,
  );
  source.cancel();
  await assert.rejects(asked, (error: { code?: number }) => error.code === -32800);
  assert.equal((await client.diagnostics(path)).length, 1, "and the next one is answered");
});

test("a rule that throws costs its own findings", async (t) => {
  const knowledge: Knowledge = {
    libraries: librarySet([]),
    frameworks: [],
    rules: [
      {
        id: "broken",
        group: "test",
        title: { en: "Broken", ja: "壊れた規則" },
        severity: "warning",
        status: "stable",
        since: "0.1.0",
        burns: [],
        messages: {},
        scope: "anywhere",
        check: () => {
          throw new Error("it broke");
        },
      },
      {
        id: "todo",
        group: "test",
        title: { en: "Todo", ja: "やること" },
        severity: "warning",
        status: "stable",
        since: "0.1.0",
        burns: [],
        messages: { call: { what: { en: "A call of {name}.", ja: "{name} の呼び出し。" }, help: { en: "", ja: "" } } },
        scope: "anywhere",
        *check(file) {
          for (const call of file.calls) yield { at: call.nameAt, message: "call", data: { name: "something" } };
        },
      },
    ],
  };
  const client = await startClient({ files, server: { knowledge } });
  t.after(client.stop);
  client.open(path);
  const items = await client.diagnostics(path);
  assert.deepEqual(
    items.map((it) => it.message),
    ["A call of something."],
  );
  assert.equal(client.logs.filter((it) => it.includes("it broke")).length, 1);
});

test("odd messages are answered with nothing", async (t) => {
  const client = await startClient({ files, initialization: null });
  t.after(client.stop);
  assert.equal(await client.connection.sendRequest("sloLens/explain", { ruleId: 7 }), null);
  assert.equal(
    await client.connection.sendRequest("textDocument/hover", {
      textDocument: { uri: "untitled:x" },
      position: { line: 9, character: 9 },
    }),
    null,
  );
  await client.connection.sendNotification("sloLens/tokens", { tokens: "secret" });
  await client.connection.sendNotification("workspace/didChangeConfiguration", { settings: null });
  client.open(path, `${prices}\u0000\uFFFF`);
  assert.ok(Array.isArray(await client.diagnostics(path)));
});

test("what is believed of a line is a page of escaped text and links to files, as the line is typed", async (t) => {
  const client = await startClient({ files });
  t.after(client.stop);
  client.open(path);
  await client.ready();
  const explain = (line: number, uri = client.uri(path)) =>
    client.connection.sendRequest<{ title: string; markdown: string } | null>("sloLens/explainLine", { uri, line });
  const { line } = rangeOf(prices, "axios.get").start;
  const page = await explain(line);
  assert.equal(page?.title, `${path}:${line + 1}`);
  assert.match(page.markdown, /### axios\.get\\\(/);
  assert.match(page.markdown, /time limit: none/);
  assert.match(page.markdown, /GET \/prices\/:id .*\[src\/app\.ts:6\]\(file:[^)]*app\.ts#L6\)/);
  assert.match(page.markdown, /missing\\?-http\\?-timeout/);
  client.change(
    path,
    prices.replace('axios.get("https://prices.example/" + id)', "axios.get(`<img src=x>${id}`, { timeout: 900 })"),
  );
  const typed = await explain(line);
  assert.match(typed!.markdown, /time limit: 900 ms, by this call/);
  assert.doesNotMatch(typed!.markdown, /(?<!\\)<img/);
  for (const odd of [-1, 9_999, 0.5]) assert.equal(await explain(odd), null);
  assert.equal(await explain(0, "file:///nowhere.ts"), null);
});

test("a rule's page is given in the reader's language", async (t) => {
  const client = await startClient({ files, initialization: { locale: "ja" } });
  t.after(client.stop);
  const page: { title: string; markdown: string } = await client.connection.sendRequest("sloLens/explain", {
    ruleId: "missing-http-timeout",
  });
  assert.match(page.title, /[ぁ-んァ-ヶ一-龠]/);
  assert.match(page.markdown, /^#/);
});

test("an SLO file is checked as it is typed, in the reader's language, and its corrections apply", async (t) => {
  const client = await startClient({ files: withSlo, initialization: { locale: "ja" } });
  t.after(client.stop);
  const file = "slo/prices.yaml";
  client.open(file);
  assert.deepEqual(await client.diagnostics(file), []);
  client.change(file, openSlo.replace("target: 0.999", "target: 99.9"));
  const [problem] = await client.diagnostics(file);
  assert.ok(problem);
  assert.match(String(problem.message), /[ぁ-ん]/);
  const [correct] = await client.actions(file, problem.range, [problem]);
  assert.ok(correct?.edit, JSON.stringify(problem));
  client.apply(correct.edit);
  assert.deepEqual(await client.diagnostics(file), []);
});

test("a folder that is added is read, and one that is removed is forgotten", async (t) => {
  const client = await startClient({ files: { "package.json": "{}", "other/README.md": "" } });
  t.after(client.stop);
  await client.ready();
  const inner = `${client.uri("inner")}`;
  for (const [name, text] of Object.entries(files)) client.write(`inner/${name}`, text);
  client.open(`inner/${path}`, prices);
  const folder = { uri: inner, name: "inner" };
  await client.connection.sendNotification("workspace/didChangeWorkspaceFolders", {
    event: { added: [folder], removed: [] },
  });
  await client.until(
    () => client.diagnostics(`inner/${path}`),
    (found) => found.some((it) => it.severity === 2),
  );
  await client.connection.sendNotification("workspace/didChangeWorkspaceFolders", {
    event: { added: [], removed: [folder] },
  });
  await client.until(
    () => client.diagnostics(`inner/${path}`),
    (found) => found.length === 1,
  );
});
