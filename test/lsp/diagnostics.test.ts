import assert from "node:assert/strict";
import { test } from "node:test";
import type { CodeAction, Diagnostic } from "vscode-languageserver-protocol";
import { modern, rangeOf, startClient } from "./client.ts";
import { app, call, files, prices } from "./fixtures.ts";

const rule = "missing-http-timeout";
const is = (it: Diagnostic): boolean => it.code === rule;

test("an open file is answered for before the folder is read, and gains its reach afterwards", async (t) => {
  const client = await startClient({ files });
  t.after(client.stop);
  client.open("src/services/prices.ts");
  const [early] = await client.diagnostics("src/services/prices.ts");
  assert.equal(early?.code, rule);
  assert.deepEqual(early.range, rangeOf(prices, "get", 0));
  assert.equal(early.severity, 3, "nothing known reaches it yet");

  const items = await client.until(
    () => client.diagnostics("src/services/prices.ts"),
    (found) => found.some((it) => it.severity === 2),
  );
  const found = items.find(is)!;
  assert.equal(found.source, "slo-lens");
  assert.match(found.codeDescription?.href ?? "", /missing-http-timeout(\.ja)?\.md$/);
  assert.match(found.relatedInformation?.[0]?.message ?? "", /GET \/prices\/:id/);
  assert.equal(found.relatedInformation?.[0]?.location.uri, client.uri("src/app.ts"));
  assert.deepEqual(found.relatedInformation?.[0]?.location.range, rangeOf(app, '"/prices/:id"'));
  assert.deepEqual((found.data as { fixes: number[] }).fixes.length > 0, true);
});

test("the answer is of the text as it is typed", async (t) => {
  const client = await startClient({ files });
  t.after(client.stop);
  client.open("src/services/prices.ts");
  await client.ready();
  assert.equal((await client.diagnostics("src/services/prices.ts")).filter(is).length, 1);
  client.type("src/services/prices.ts", rangeOf(prices, '" + id)'), '" + id, { timeout: 2000 })');
  assert.equal((await client.diagnostics("src/services/prices.ts")).filter(is).length, 0);
  client.change("src/services/prices.ts", `// one line more\n${prices}`);
  const [again] = (await client.diagnostics("src/services/prices.ts")).filter(is);
  assert.equal(again?.range.start.line, 4);
  assert.equal(again?.severity, 2, "what reaches it is still known");
});

test("an unchanged answer is named, not repeated", async (t) => {
  const client = await startClient({ files });
  t.after(client.stop);
  client.open("src/services/prices.ts");
  await client.ready();
  const report = await client.pull("src/services/prices.ts");
  assert.equal(report.kind, "full");
  const again = await client.pull("src/services/prices.ts", report.resultId);
  assert.deepEqual(again, { kind: "unchanged", resultId: report.resultId });
});

test("findings do not blink while a statement is typed", async (t) => {
  const client = await startClient({ files });
  t.after(client.stop);
  client.open("src/services/prices.ts");
  await client.ready();
  const typed = "const other = await fetchAll(items.filter((it) => { return it.isOpen";
  const end = rangeOf(prices, "return answer.data;").start;
  for (let i = 1; i <= typed.length; i++) {
    client.change(
      "src/services/prices.ts",
      prices.replace("  return answer.data;", `  ${typed.slice(0, i)}\n  return answer.data;`),
    );
    const found = (await client.diagnostics("src/services/prices.ts")).filter(is);
    assert.equal(found.length, 1, `lost at "${typed.slice(0, i)}"`);
    assert.ok(found[0]!.range.start.line < end.line);
    assert.equal(found[0]!.severity, 2, `reach lost at "${typed.slice(0, i)}"`);
  }
});

test("half a statement changes nothing of what is said of the next one, and an edit made then fits the text", async (t) => {
  const client = await startClient({ files });
  t.after(client.stop);
  client.open("src/services/prices.ts");
  await client.ready();
  const before = (await client.diagnostics("src/services/prices.ts")).filter(is);
  const typed = "const rest = await loadAll(items.filter((it) => { return { id: it.id, ok: `a${it.b}` }; }));";
  for (let i = 1; i < typed.length; i++) {
    const text = prices.replace("  const answer", `  ${typed.slice(0, i)}\n  const answer`);
    client.change("src/services/prices.ts", text);
    const items = await client.diagnostics("src/services/prices.ts");
    const found = items.filter(is);
    assert.deepEqual(
      found.map((it) => [it.severity, it.range]),
      before.map((it) => [it.severity, rangeOf(text, "get")]),
      `at "${typed.slice(0, i)}"`,
    );
  }
  client.change("src/services/prices.ts", prices.replace("  const answer", "  const rest = load(\n  const answer"));
  const actions = await client.actions("src/services/prices.ts", before[0]!.range, []);
  assert.deepEqual(actions, [], "the finding has moved down a line");
  const text = client.text("src/services/prices.ts");
  const found = (await client.actions("src/services/prices.ts", rangeOf(text, "get"), [])).find((it) => !it.command)!;
  const { edit } = await client.connection.sendRequest<CodeAction>("codeAction/resolve", found);
  client.apply(edit!);
  client.change("src/services/prices.ts", client.text("src/services/prices.ts").replace("  const rest = load(\n", ""));
  assert.deepEqual((await client.diagnostics("src/services/prices.ts")).filter(is), []);
});

test("a file that is opened broken is read as far as it goes", async (t) => {
  const client = await startClient({ files });
  t.after(client.stop);
  client.open("src/services/new.ts", `${prices}\nconst half = (`);
  assert.equal((await client.diagnostics("src/services/new.ts")).filter(is).length, 1);
});

test("an edit in one file reaches the findings of another when typing rests", async (t) => {
  const client = await startClient({ files });
  t.after(client.stop);
  client.open("src/services/prices.ts");
  client.open("src/app.ts");
  await client.ready();
  await client.until(
    () => client.diagnostics("src/services/prices.ts"),
    (found) => found.some((it) => it.severity === 2),
  );
  client.change("src/app.ts", app.replace("await loadPrice(req.params.id)", "1"));
  client.save("src/app.ts");
  await client.until(
    () => client.diagnostics("src/services/prices.ts"),
    (found) => found.some((it) => is(it) && it.severity === 3),
  );
});

test("a client that cannot pull is sent the newest state", async (t) => {
  const { diagnostic: _, ...textDocument } = modern.textDocument!;
  const client = await startClient({ files, capabilities: { ...modern, textDocument } });
  t.after(client.stop);
  assert.equal(client.initialized.capabilities.diagnosticProvider, undefined);
  client.open("src/services/prices.ts");
  const of = async () => client.published.get(client.uri("src/services/prices.ts"));
  await client.until(of, (it) => it?.diagnostics.some((each) => each.severity === 2) === true);
  client.type("src/services/prices.ts", rangeOf(prices, '" + id)'), '" + id, { timeout: 2000 })');
  const last = await client.until(of, (it) => it?.version === 2 && it.diagnostics.length === 0);
  assert.deepEqual(last?.diagnostics, []);
  client.close("src/services/prices.ts");
});

test("positions count UTF-16 code units", async (t) => {
  const text = `import axios from "axios";
export const load = async (id: string) => [/* 🧾👩‍🍳 */ "寿司🍣", await axios.get("https://prices.example/" + id)];
`;
  const client = await startClient({ files: { ...files, "src/services/prices.ts": text } });
  t.after(client.stop);
  client.open("src/services/prices.ts");
  const [found] = await client.diagnostics("src/services/prices.ts");
  assert.deepEqual(found?.range, rangeOf(text, "get"));
});

test("line ends of other systems keep their places", async (t) => {
  const text = prices.replaceAll("\n", "\r\n");
  const client = await startClient({ files: { ...files, "src/services/prices.ts": text } });
  t.after(client.stop);
  client.open("src/services/prices.ts");
  const [found] = await client.diagnostics("src/services/prices.ts");
  assert.deepEqual(found?.range, rangeOf(text, "get"));
});

test("messages are Japanese where the display is", async (t) => {
  const client = await startClient({ files, initialization: { locale: "ja" } });
  t.after(client.stop);
  client.open("src/services/prices.ts");
  await client.ready();
  const found = (await client.diagnostics("src/services/prices.ts")).find(is)!;
  assert.match(String(found.message), /[ぁ-ん]/);
  assert.match(found.relatedInformation?.[0]?.message ?? "", /[ぁ-ん]/);
  assert.match(client.statuses.at(-1)?.text ?? "", /エンドポイント 1 件/);
});

test("installed, ignored and foreign files are left alone", async (t) => {
  const client = await startClient({
    files: {
      ...files,
      ".gitignore": "built\n",
      "built/services/out.ts": prices,
      "node_modules/x/services/index.js": prices,
    },
  });
  t.after(client.stop);
  for (const path of ["built/services/out.ts", "node_modules/x/services/index.js"]) {
    client.open(path);
    assert.deepEqual(await client.diagnostics(path), []);
  }
});

test("files without a folder, and files not saved yet, are looked at by themselves", async (t) => {
  const client = await startClient({ files, withoutFolder: true });
  t.after(client.stop);
  client.open("src/services/prices.ts");
  client.open("src/services/new.ts", prices);
  assert.equal((await client.diagnostics("src/services/prices.ts")).filter(is).length, 1);
  assert.equal((await client.diagnostics("src/services/new.ts")).filter(is).length, 1);
});

test("changed files are gathered, thousands at once, and deleted ones forgotten", async (t) => {
  const client = await startClient({ files });
  t.after(client.stop);
  client.open("src/services/prices.ts");
  await client.ready();
  await client.until(
    () => client.diagnostics("src/services/prices.ts"),
    (found) => found.some((it) => it.severity === 2),
  );
  client.write("src/app.ts", app.replace("await loadPrice(req.params.id)", "1"));
  const events = Array.from({ length: 3000 }, (_, i) => ({ uri: client.uri(`gone/file${i}.ts`), type: 3 }));
  await client.connection.sendNotification("workspace/didChangeWatchedFiles", {
    changes: [...events, { uri: client.uri("src/app.ts"), type: 2 }],
  });
  await client.until(
    () => client.diagnostics("src/services/prices.ts"),
    (found) => found.some((it) => it.severity === 3),
  );
});

test("switched off, it says nothing", async (t) => {
  const client = await startClient({ files });
  t.after(client.stop);
  client.open("src/services/prices.ts");
  assert.equal((await client.diagnostics("src/services/prices.ts")).length, 1);
  await client.connection.sendNotification("workspace/didChangeConfiguration", {
    settings: { sloLens: { enable: false } },
  });
  assert.deepEqual(await client.diagnostics("src/services/prices.ts"), []);
});

test("an allowance silences, and one for nothing is told and can be removed", async (t) => {
  const allowed = prices.replace("  const answer", `  // slo-allow ${rule}: the gateway limits it\n  const answer`);
  const client = await startClient({ files: { ...files, "src/services/prices.ts": allowed } });
  t.after(client.stop);
  client.open("src/services/prices.ts");
  assert.deepEqual(await client.diagnostics("src/services/prices.ts"), []);
  client.change("src/services/prices.ts", allowed.replace(call, "{ data: 1 }"));
  const [unused] = await client.diagnostics("src/services/prices.ts");
  assert.equal(unused?.code, "unused-allowance");
  assert.deepEqual(unused.tags, [1]);
  const [remove] = await client.actions("src/services/prices.ts", unused.range, [unused]);
  client.apply(remove!.edit!);
  assert.equal(client.text("src/services/prices.ts"), prices.replace(call, "{ data: 1 }"));
});
