import assert from "node:assert/strict";
import { test } from "node:test";
import type { CodeAction, CodeLens } from "vscode-languageserver-protocol";
import { loadSlos } from "../../slo/index.ts";
import { modern, rangeOf, startClient } from "./client.ts";
import { files, prices } from "./fixtures.ts";

const rule = "missing-http-timeout";
const here = rangeOf(prices, "get");

test("every edit that is offered applies and ends the finding; options without one open the explanation", async (t) => {
  const client = await startClient({ files });
  t.after(client.stop);
  client.open("src/services/prices.ts");
  await client.ready();
  const items = await client.diagnostics("src/services/prices.ts");
  const actions = await client.actions("src/services/prices.ts", here, items);
  const titles = actions.map((it) => it.title);
  assert.ok(
    titles.every((it) => /^(Product|Application|Infrastructure): |^Allow |^Explain /.test(it)),
    titles.join("\n"),
  );
  for (const it of actions.filter((each) => each.command)) {
    assert.equal(it.command?.command, "sloLens.explainFinding");
    assert.deepEqual(it.command?.arguments, [rule]);
  }
  const editing = actions.filter((it) => !it.command);
  assert.ok(editing.length >= 2, titles.join("\n"));
  let original = prices;
  for (const it of editing) {
    assert.equal(it.edit, undefined, "edits are made when they are chosen");
    assert.deepEqual(
      it.diagnostics?.map((each) => each.code),
      [rule],
    );
    client.change("src/services/prices.ts", original);
    const now = (await client.actions("src/services/prices.ts", here, [])).find((each) => each.title === it.title)!;
    const resolved: CodeAction = await client.connection.sendRequest("codeAction/resolve", now);
    assert.ok(resolved.edit, it.title);
    for (const change of resolved.edit.documentChanges ?? [])
      if ("edits" in change) assert.equal(typeof change.textDocument.version, "number");
    client.apply(resolved.edit);
    assert.notEqual(client.text("src/services/prices.ts"), original);
    assert.deepEqual(await client.diagnostics("src/services/prices.ts"), [], it.title);
    original = prices;
  }
});

test("an action made for an older text is not completed", async (t) => {
  const client = await startClient({ files });
  t.after(client.stop);
  client.open("src/services/prices.ts");
  const [first] = await client.actions("src/services/prices.ts", here, []);
  client.change("src/services/prices.ts", `\n${prices}`);
  const resolved: CodeAction = await client.connection.sendRequest("codeAction/resolve", first);
  assert.equal(resolved.edit, undefined);
});

test("a plain client gets whole edits and no command it does not know", async (t) => {
  const client = await startClient({
    files,
    capabilities: { textDocument: { diagnostic: {} } },
    initialization: null,
  });
  t.after(client.stop);
  client.open("src/services/prices.ts");
  const actions = await client.actions("src/services/prices.ts", here, []);
  assert.ok(actions.length > 0);
  assert.ok(actions.every((it) => it.edit?.changes && !it.command));
});

test("a client that can show a document is offered the rule's page", async (t) => {
  const client = await startClient({
    files,
    capabilities: { ...modern, window: { showDocument: { support: true } } },
    initialization: { linkCommands: [] },
  });
  t.after(client.stop);
  const shown: string[] = [];
  client.connection.onRequest("window/showDocument", ({ uri }: { uri: string }) => {
    shown.push(uri);
    return { success: true };
  });
  client.open("src/services/prices.ts");
  const explain = (await client.actions("src/services/prices.ts", here, [])).find((it) =>
    it.title.startsWith("Explain "),
  )!;
  assert.equal(explain.command?.command, "slo-lens.openRule");
  await client.connection.sendRequest("workspace/executeCommand", explain.command);
  assert.match(shown[0] ?? "", /missing-http-timeout\.md$/);
});

test("allowing writes the comment above, indented, with the reason to be typed", async (t) => {
  const workspace = { ...modern.workspace, workspaceEdit: { documentChanges: true, snippetEditSupport: true } };
  const client = await startClient({ files, capabilities: { ...modern, workspace } });
  t.after(client.stop);
  client.open("src/services/prices.ts");
  const allow = (await client.actions("src/services/prices.ts", here, [])).find((it) => it.title.startsWith("Allow "))!;
  const { edit }: CodeAction = await client.connection.sendRequest("codeAction/resolve", allow);
  assert.match(JSON.stringify(edit), / {2}\/\/ slo-allow missing-http-timeout: \$\{1:reason\}/);
});

test("safe fixes are applied together on request only", async (t) => {
  const client = await startClient({ files });
  t.after(client.stop);
  client.open("src/services/prices.ts");
  const all = { start: { line: 0, character: 0 }, end: { line: 99, character: 0 } };
  const usual = await client.actions("src/services/prices.ts", all, []);
  assert.ok(usual.every((it) => it.kind === "quickfix"));
  const asked = await client.actions("src/services/prices.ts", all, [], ["source.fixAll"]);
  assert.ok(asked.every((it) => it.kind === "source.fixAll.slo-lens"));
});

test("where numbers can be had, the target of a new SLO is what was achieved, with the numbers in the file", async (t) => {
  const workspace = {
    ...modern.workspace,
    workspaceEdit: { documentChanges: true, resourceOperations: ["create" as const] },
  };
  const answer = (...values: readonly number[]): string => {
    const result = values.map((value) => ({ metric: {}, value: [1_781_524_800, String(value)] }));
    return JSON.stringify({ status: "success", data: { resultType: "vector", result } });
  };
  const client = await startClient({
    files: { ...files, "slo-lens.yaml": "telemetry:\n  prometheus:\n    url: http://prometheus.example:9090\n" },
    capabilities: { ...modern, workspace },
    server: {
      fetch: async ({ url, body }) => {
        const query = new URLSearchParams(body ?? url.split("?")[1]).get("query") ?? "";
        const isCount = query.startsWith("sum(increase(");
        const text = isCount ? answer(query.includes("5..") ? 20 : 1_000_000) : answer();
        return { ok: true, status: 200, contentType: "application/json", text };
      },
    },
  });
  t.after(client.stop);
  client.open("src/app.ts");
  await client.ready();
  const [action] = (await client.actions("src/app.ts", rangeOf(client.text("src/app.ts"), '"/prices/:id"'), [])).filter(
    (it) => it.title.startsWith("Create an SLO"),
  );
  assert.equal(action?.title, "Create an SLO for GET /prices/:id (target from what was achieved)");
  const resolved: CodeAction = await client.connection.sendRequest("codeAction/resolve", action);
  const fill = resolved.edit?.documentChanges?.[1];
  assert.ok(fill && "edits" in fill);
  const text = fill.edits.map((it) => ("newText" in it ? it.newText : "")).join("");
  assert.match(
    text,
    /^# In the last 28 d, 20 of 1,000,000 requests failed \(99\.998 % succeeded\)\. A target of 99\.99 % allows 100\.\n/,
  );
  assert.equal(loadSlos([{ path: "slo/x.yaml", text }]).slos[0]?.target, 0.9999);
});

test("an endpoint without an objective is offered one, which is read and matched to it", async (t) => {
  const workspace = {
    ...modern.workspace,
    workspaceEdit: { documentChanges: true, resourceOperations: ["create" as const] },
  };
  const route = 'app.get("/prices/:id"';
  const client = await startClient({ files, capabilities: { ...modern, workspace } });
  t.after(client.stop);
  client.open("src/app.ts");
  await client.ready();
  const offer = async (): Promise<CodeAction | undefined> =>
    (await client.actions("src/app.ts", rangeOf(client.text("src/app.ts"), '"/prices/:id"'), [])).find((it) =>
      it.title.startsWith("Create an SLO"),
    );
  const action = await offer();
  assert.equal(action?.title, "Create an SLO for GET /prices/:id");
  const [create, fill] = action.edit?.documentChanges ?? [];
  assert.ok(create && "kind" in create && create.kind === "create");
  assert.ok(fill && "edits" in fill);
  const text = fill.edits.map((it) => ("newText" in it ? it.newText : "")).join("");
  const { slos } = loadSlos([{ path: "slo/x.yaml", text }]);
  assert.equal(slos[0]?.level, "evaluable");
  assert.equal(slos[0]?.target, 0.995);
  assert.deepEqual(slos[0]?.endpoints, [{ method: "GET", route: "/prices/:id" }]);
  assert.deepEqual(slos[0]?.problems, []);
  client.write("slo/get-prices-id.yaml", text);
  await client.connection.sendNotification("workspace/didChangeWatchedFiles", {
    changes: [{ uri: client.uri("slo/get-prices-id.yaml"), type: 1 }],
  });
  const lens = () =>
    client.connection.sendRequest<CodeLens[]>("textDocument/codeLens", {
      textDocument: { uri: client.uri("src/app.ts") },
    });
  await client.until(lens, (found) => found.length === 1);
  assert.equal(await offer(), undefined);
  assert.ok(client.text("src/app.ts").includes(route));
});
