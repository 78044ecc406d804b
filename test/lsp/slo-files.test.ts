/** SLO files in an editor: what may be written, where names lead, what a target allows. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type {
  CodeAction,
  CodeLens,
  CompletionList,
  DocumentLink,
  Hover,
  Location,
  MarkupContent,
  WorkspaceEdit,
} from "vscode-languageserver-protocol/node";
import type { ExplainEndpointResult } from "../../protocol/index.ts";
import { defaultSettings } from "../../server/initialization.ts";
import type { FetchAnswer, FetchRequest } from "../../slo/index.ts";
import { rangeOf, startClient, type TestClient } from "./client.ts";
import { files, openSlo } from "./fixtures.ts";

const sli =
  "apiVersion: openslo/v1\nkind: SLI\nmetadata:\n  name: prices-ok\nspec:\n  ratioMetric:\n    counter: true\n";
const referring = `apiVersion: openslo/v1
kind: SLO
metadata:
  name: referring
spec:
  service: shop
  indicatorRef: prices-ok
  budgetingMethod: Occurrences
  timeWindow: [{duration: 28d, isRolling: true}]
  objectives: [{target: 0.99}]
`;

function ask<T>(client: TestClient, method: string, file: string, wanted: string): Promise<T> {
  const at = { textDocument: { uri: client.uri(file) }, position: rangeOf(client.text(file), wanted).end };
  return client.connection.sendRequest(method, at);
}

/** Labels of what is offered behind some text. */
async function offered(client: TestClient, file: string, wanted: string): Promise<readonly string[]> {
  const list = await ask<CompletionList | null>(client, "textDocument/completion", file, wanted);
  return list?.items.map((it) => it.label) ?? [];
}

test("references lead to files, complete, and are not told missing", async (t) => {
  const client = await startClient({ files: { ...files, "slo/sli.yaml": sli, "slo/slo.yaml": referring } });
  t.after(client.stop);
  client.open("slo/slo.yaml");
  await client.ready();
  const [found] = await client.until(
    async () => (await ask<Location[] | null>(client, "textDocument/definition", "slo/slo.yaml", "Ref: prices")) ?? [],
    (it) => it.length > 0,
  );
  assert.equal(found?.uri, client.uri("slo/sli.yaml"));
  assert.deepEqual(found?.range, rangeOf(sli, "prices-ok"));
  assert.deepEqual(await offered(client, "slo/slo.yaml", "indicatorRef: "), ["prices-ok"]);
  assert.ok((await offered(client, "slo/slo.yaml", "budgetingMethod: ")).includes("Timeslices"));
});

test("a target is said in failures", async (t) => {
  const client = await startClient({ files: { ...files, "slo/prices.yaml": openSlo } });
  t.after(client.stop);
  client.open("slo/prices.yaml");
  await client.ready();
  const hover = await ask<Hover | null>(client, "textDocument/hover", "slo/prices.yaml", "name: ");
  assert.match((hover?.contents as MarkupContent | undefined)?.value ?? "", /requests may fail/);
});

/** An objective on a gateway's path, which only ends as the route does: a candidate, nothing more. */
const elsewhere = openSlo
  .replaceAll("/prices/:id", "/shop/v2/prices/list/:id")
  .replace("service: prices", "service: gateway");
const deep = files["src/app.ts"].replace('"/prices/:id"', '"/prices/list/:id"');

test("what an endpoint might have is explained, and a choice is remembered in slo-lens.yaml", async (t) => {
  const client = await startClient({
    files: { ...files, "src/app.ts": deep, "slo/prices.yaml": elsewhere, "slo-lens.yaml": "# ours\nstage: growth\n" },
  });
  t.after(client.stop);
  const edits: WorkspaceEdit[] = [];
  client.connection.onRequest("workspace/applyEdit", ({ edit }: { edit: WorkspaceEdit }) => {
    edits.push(edit);
    return { applied: true };
  });
  client.open("src/app.ts");
  await client.ready();
  const place = { uri: client.uri("src/app.ts"), ...rangeOf(deep, '"/prices/list/:id"').start };
  const explained = await client.connection.sendRequest<ExplainEndpointResult>("sloLens/explainEndpoint", place);
  assert.deepEqual(explained, {
    method: "GET",
    route: "/prices/list/:id",
    candidates: [
      {
        sloId: "gateway/prices-availability",
        score: 0.5,
        applied: false,
        why: 'the SLI selects route="/shop/v2/prices/list/:id": one ends with the other, which is not certain enough',
        target: "99.9 % / 28d",
      },
    ],
  });
  const sloId = "gateway/prices-availability";
  // Shown lenses are refreshed once they say something else.
  await client.connection.sendRequest("textDocument/codeLens", { textDocument: { uri: place.uri } });
  const done = await client.connection.sendRequest<{ uri?: string }>("sloLens/mapSlo", { ...place, sloId });
  assert.equal(done.uri, client.uri("slo-lens.yaml"));
  client.open("slo-lens.yaml");
  client.apply(edits[0]!);
  assert.equal(
    client.text("slo-lens.yaml"),
    "# ours\nstage: growth\nslos:\n  gateway/prices-availability:\n    - GET /prices/list/:id\n",
  );
  client.save("slo-lens.yaml");
  const again = await client.until(
    async () => client.connection.sendRequest<ExplainEndpointResult>("sloLens/explainEndpoint", place),
    (it) => it.candidates[0]?.applied === true,
  );
  assert.equal(again.candidates[0]?.why, "slo-lens.yaml maps the objective to GET /prices/list/:id");
  assert.equal(await client.connection.sendRequest("sloLens/explainEndpoint", { uri: place.uri, line: 0 }), null);
  assert.equal(await client.connection.sendRequest("sloLens/explainEndpoint", {}), null);
});

test("of several endpoints at one place the one that is named is explained and mapped", async (t) => {
  const both = `${deep}\napp.route("/both").get(show).post(show);\napp.get(["/one", "/two"], show);\nfunction show(_q: unknown, res: any) { res.end(); }\n`;
  const client = await startClient({ files: { ...files, "src/app.ts": both, "slo/prices.yaml": elsewhere } });
  t.after(client.stop);
  const edits: WorkspaceEdit[] = [];
  client.connection.onRequest("workspace/applyEdit", ({ edit }: { edit: WorkspaceEdit }) => {
    edits.push(edit);
    return { applied: true };
  });
  client.open("src/app.ts");
  await client.ready();
  const at = { uri: client.uri("src/app.ts"), ...rangeOf(both, "show(_q").start };
  const explain = async (named: object): Promise<string | undefined> => {
    const asked = { ...at, ...named };
    const it = await client.connection.sendRequest<ExplainEndpointResult | null>("sloLens/explainEndpoint", asked);
    return it ? `${it.method} ${it.route}` : undefined;
  };
  const names = ["GET /both", "POST /both", "GET /one", "GET /two"];
  for (const name of names) {
    const [method, route] = name.split(" ");
    assert.equal(await explain({ method, route }), name);
  }
  // A name that does not stand there is none, and so is half of one.
  for (const odd of [{}, { method: "PUT", route: "/both" }, { method: 7 }])
    assert.ok(names.includes((await explain(odd)) ?? ""));
  const sloId = "gateway/prices-availability";
  await client.connection.sendRequest("sloLens/mapSlo", { ...at, method: "GET", route: "/two", sloId });
  assert.match(JSON.stringify(edits), /- GET \/two/);
});

test("an endpoint is held against what the source has seen of its route", async (t) => {
  const routes = ["/prices/:id", "/carts"];
  const fetch = async ({ url, body }: FetchRequest): Promise<FetchAnswer> => {
    const query = new URLSearchParams(body ?? new URL(url).search).get("query") ?? "";
    const rows = query.startsWith("count by (route")
      ? routes.map((route) => ({ metric: { route, method: "GET", code: "200" }, value: [0, "1"] }))
      : [];
    const data = { resultType: "vector", result: rows };
    return {
      ok: true,
      status: 200,
      contentType: "application/json",
      text: JSON.stringify({ status: "success", data }),
    };
  };
  const client = await startClient({
    files: { ...files, "slo/prices.yaml": openSlo },
    initialization: {
      settings: {
        ...defaultSettings,
        telemetry: { ...defaultSettings.telemetry, prometheus: { url: "http://metrics.example/" } },
      },
    },
    server: { fetch },
  });
  t.after(client.stop);
  client.open("src/app.ts");
  await client.ready();
  const place = { uri: client.uri("src/app.ts"), ...rangeOf(files["src/app.ts"], '"/prices/:id"').start };
  const ask = () => client.connection.sendRequest<ExplainEndpointResult>("sloLens/explainEndpoint", place);
  const seen = await ask();
  assert.equal(seen.live?.isSeen, true);
  assert.deepEqual(seen.live.near[0], { route: "/prices/:id", methods: ["GET"], score: 1 });
  assert.equal(seen.candidates[0]?.live, "The query finds series.");
  routes.shift();
  const gone = await ask();
  assert.equal(gone.live?.isSeen, false);
  assert.match(gone.live.why, /within a day \(route\): 1\. Neither/);
});

test("what only the workspace knows of an SLO file is told in it", async (t) => {
  const client = await startClient({
    files: {
      ...files,
      "slo/a.yaml": openSlo,
      "slo/b.yaml": openSlo,
      "slo/gone.yaml": openSlo.replaceAll("/prices/:id", "/gone").replace("prices-availability", "gone"),
    },
  });
  t.after(client.stop);
  for (const file of ["slo/a.yaml", "slo/b.yaml", "slo/gone.yaml"]) client.open(file);
  await client.ready();
  const codes = async (file: string): Promise<readonly unknown[]> =>
    (await client.diagnostics(file)).map((it) => it.code);
  assert.deepEqual(await codes("slo/a.yaml"), ["duplicate-name"]);
  assert.deepEqual(await codes("slo/b.yaml"), ["duplicate-name"]);
  assert.deepEqual(await codes("slo/gone.yaml"), ["endpoint-missing"]);
});

test("metrics, their labels and values are offered as the source has them", async (t) => {
  const asked: string[] = [];
  const names = (data: readonly string[]): FetchAnswer => ({
    ok: true,
    status: 200,
    contentType: "application/json",
    text: JSON.stringify({ status: "success", data }),
  });
  const fetch = async ({ url, method }: FetchRequest): Promise<FetchAnswer> => {
    const { pathname, searchParams } = new URL(url);
    if (method === "GET") asked.push(`${pathname}${searchParams.get("match[]") ?? ""}`);
    if (pathname === "/prom/api/v1/label/__name__/values") return names(["orders_total", "http_requests_total"]);
    if (pathname === "/prom/api/v1/labels") return names(["__name__", "route", "shop"]);
    return pathname === "/prom/api/v1/label/shop/values"
      ? names(["tokyo"])
      : { ok: false, failure: "refused", detail: "" };
  };
  const settings = {
    ...defaultSettings,
    telemetry: { ...defaultSettings.telemetry, prometheus: { url: "http://metrics.example/prom/" } },
  };
  const text = openSlo.replace(/query: .*\n/, "query: sum(rate(ord[5m]))\n");
  const open = async (trusted: boolean): Promise<TestClient> => {
    const client = await startClient({
      files: { ...files, "slo/prices.yaml": text },
      initialization: { settings, trusted },
      server: { fetch },
    });
    t.after(client.stop);
    client.open("slo/prices.yaml");
    await client.ready();
    return client;
  };
  const client = await open(true);
  assert.deepEqual(await offered(client, "slo/prices.yaml", "query: sum(rate(ord"), ["orders_total"]);
  client.change("slo/prices.yaml", text.replace("ord[", "orders_total{sh["));
  assert.deepEqual(await offered(client, "slo/prices.yaml", "orders_total{sh"), ["route", "shop"]);
  client.change("slo/prices.yaml", text.replace("ord[", 'orders_total{shop="['));
  assert.deepEqual(await offered(client, "slo/prices.yaml", 'orders_total{shop="'), ["tokyo"]);
  assert.deepEqual(await offered(client, "slo/prices.yaml", 'orders_total{shop="'), ["tokyo"]);
  assert.deepEqual(asked, [
    "/prom/api/v1/label/__name__/values",
    '/prom/api/v1/labels{__name__="orders_total"}',
    '/prom/api/v1/label/shop/values{__name__="orders_total"}',
  ]);
  const untrusted = await open(false);
  // What the folder's own files ask for is known without a network.
  assert.deepEqual(await offered(untrusted, "slo/prices.yaml", "query: sum(rate(o"), []);
  assert.equal(asked.length, 3);
});

test("a lens above each objective: its target, its state, its endpoints", async (t) => {
  const gone = openSlo.replaceAll("/prices/:id", "/gone").replace("prices-availability", "gone");
  const snapshot = {
    version: 1,
    evaluatedAt: new Date().toISOString(),
    source: { kind: "prometheus", name: "http://metrics" },
    objectives: [
      {
        id: "prices/prices-availability",
        state: "watch",
        reason: "",
        cause: { key: "watch-remaining", data: { remainingRatio: 0.1, limitRatio: 0.25 } },
        good: 99_910,
        bad: 90,
        total: 100_000,
        sli: 0.9991,
        budgetRemaining: 0.1,
        burnRates: [],
        method: "request-weighted",
        endpoints: [],
      },
    ],
    problems: [],
  };
  const client = await startClient({
    files: {
      ...files,
      "slo/prices.yaml": `${openSlo}---\n${gone}`,
      "snapshot.json": JSON.stringify(snapshot),
      "slo-lens.yaml": "telemetry:\n  snapshot: snapshot.json\n",
    },
  });
  t.after(client.stop);
  client.open("slo/prices.yaml");
  await client.ready();
  const lenses = await client.until(
    async () =>
      (
        await client.connection.sendRequest<CodeLens[]>("textDocument/codeLens", {
          textDocument: { uri: client.uri("slo/prices.yaml") },
        })
      ).map((it) => [it.range.start.line, it.command?.title]),
    (it) => it.some(([, title]) => String(title).includes("left")),
  );
  assert.deepEqual(lenses, [
    [3, "SLO 99.9 % · 10 of 100 failures left · 1 endpoint"],
    [33, "SLO 99.9 % · no data: not in the snapshot · no endpoint of the code"],
  ]);
});

test("a threshold that the code's histogram has no bucket for", async (t) => {
  const latency = openSlo
    .replace(/query: .*good.*/, "")
    .replace('http_requests_total{route="/prices/:id",method="GET",code!~"5.."}', 'price_seconds_bucket{le="0.4"}');
  const metrics = `import { Histogram } from "prom-client";
export const seconds = new Histogram({ name: "price_seconds", help: "", buckets: [0.1, 0.5] });
`;
  const client = await startClient({ files: { ...files, "slo/prices.yaml": latency, "src/metrics.ts": metrics } });
  t.after(client.stop);
  client.open("slo/prices.yaml");
  await client.ready();
  const [problem] = await client.until(
    async () => (await client.diagnostics("slo/prices.yaml")).filter((it) => it.code === "bucket-undeclared"),
    (it) => it.length > 0,
  );
  assert.deepEqual(problem?.range, rangeOf(latency, "0.4"));
  const [action] = (await client.actions("slo/prices.yaml", problem!.range, [problem!])) as CodeAction[];
  assert.equal(action?.title, "Write 0.5");
  // Without a source the code tells which series there are.
  client.change("slo/prices.yaml", latency.replace('price_seconds_bucket{le="0.4"}', "price_"));
  const at = "query: sum(rate(price_";
  assert.deepEqual(await offered(client, "slo/prices.yaml", at), [
    "price_seconds_bucket",
    "price_seconds_count",
    "price_seconds_sum",
  ]);
});

const config = `slos:
  prices/prices-availabilty: GET /prices/:id
endpoints:
  GET /price/:id: { criticality: high }
`;

test("slo-lens.yaml is checked against the folder, corrected, explained and followed", async (t) => {
  const client = await startClient({ files: { ...files, "slo/prices.yaml": openSlo, "slo-lens.yaml": config } });
  t.after(client.stop);
  client.open("slo-lens.yaml");
  await client.ready();
  const diagnostics = await client.diagnostics("slo-lens.yaml");
  assert.deepEqual(
    diagnostics.map((it) => [it.code, it.message]),
    [
      [
        "config-unknown-slo-near",
        "No SLO file has an SLO `prices/prices-availabilty`; is `prices/prices-availability` meant?",
      ],
      ["config-unknown-endpoint-near", "The code has no endpoint `GET /price/:id`; is `GET /prices/:id` meant?"],
    ],
  );
  for (const each of diagnostics) {
    const [action] = (await client.actions("slo-lens.yaml", each.range, [each])) as CodeAction[];
    client.apply(action!.edit!);
  }
  const text = client.text("slo-lens.yaml");
  assert.match(text, /prices\/prices-availability: GET \/prices\/:id\nendpoints:\n {2}GET \/prices\/:id:/);
  assert.deepEqual(await client.diagnostics("slo-lens.yaml"), []);
  const goTo = (wanted: string) => ask<Location[] | null>(client, "textDocument/definition", "slo-lens.yaml", wanted);
  assert.equal((await goTo("prices/prices-avail"))?.[0]?.uri, client.uri("slo/prices.yaml"));
  assert.equal((await goTo("endpoints:\n  GET /pri"))?.[0]?.uri, client.uri("src/app.ts"));
  const hoverOn = async (wanted: string): Promise<string> => {
    const hover = await ask<Hover | null>(client, "textDocument/hover", "slo-lens.yaml", wanted);
    return (hover?.contents as MarkupContent | undefined)?.value ?? "";
  };
  assert.match(await hoverOn("prices/prices-avail"), /requests may fail/);
  assert.match(await hoverOn("endpoints:\n  GET /pri"), /prices\/prices-availability: SLO 99\.9 %/);
  assert.match(await hoverOn("critical"), /How much a failure matters/);
  const values = await ask<CompletionList | null>(client, "textDocument/completion", "slo-lens.yaml", "criticality: ");
  assert.deepEqual(
    values?.items.map((it) => it.label),
    ["high", "normal", "low"],
  );
});

test("from an objective to everything that is about it, from a handler back, and by links", async (t) => {
  const mapped = "slos:\n  prices/prices-availability: GET /prices/:id\n";
  const annotated = referring.replace(
    "name: referring",
    'name: referring\n  annotations: {slo-lens/endpoints: "GET /prices/{id}"}',
  );
  const client = await startClient({
    files: {
      ...files,
      "slo/prices.yaml": openSlo,
      "slo/sli.yaml": sli,
      "slo/slo.yaml": annotated,
      "slo-lens.yaml": mapped,
    },
  });
  t.after(client.stop);
  for (const file of ["slo/prices.yaml", "slo/sli.yaml", "slo/slo.yaml", "src/app.ts"]) client.open(file);
  await client.ready();
  const places = async (file: string, wanted: string): Promise<readonly string[]> =>
    (await ask<Location[] | null>(client, "textDocument/references", file, wanted))?.map(
      (it) => `${it.uri.slice(client.uri("").length + 1)}:${it.range.start.line + 1}`,
    ) ?? [];
  assert.deepEqual(await places("slo/prices.yaml", "name: prices-av"), ["src/app.ts:6", "slo-lens.yaml:2"]);
  assert.deepEqual(await places("slo/sli.yaml", "name: pri"), ["slo/slo.yaml:8"]);
  assert.deepEqual(await places("src/app.ts", '"/pri'), ["slo/prices.yaml:4", "slo/slo.yaml:4", "slo-lens.yaml:2"]);
  assert.deepEqual(await places("src/app.ts", "express"), []);
  const links = (await client.connection.sendRequest<DocumentLink[] | null>("textDocument/documentLink", {
    textDocument: { uri: client.uri("slo/slo.yaml") },
  }))!;
  assert.deepEqual(
    links.map((it) => it.target?.slice(client.uri("").length + 1)),
    ["slo/sli.yaml#L4,9", "src/app.ts#L6,41"],
  );
  assert.deepEqual(links[1]?.range, rangeOf(annotated, "GET /prices/{id}"));
  assert.equal(
    await client.connection.sendRequest("textDocument/documentLink", {
      textDocument: { uri: client.uri("src/app.ts") },
    }),
    null,
  );
  const field = await ask<Hover | null>(client, "textDocument/hover", "slo/slo.yaml", "budgetingM");
  assert.match((field?.contents as MarkupContent | undefined)?.value ?? "", /Timeslices/);
});
