/** What happens to a workspace while it is open: checkouts, renames, folders that come and go, and files nobody would write. */
import assert from "node:assert/strict";
import { mkdirSync, renameSync, rmSync, symlinkSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { CancellationTokenSource, type Diagnostic } from "vscode-languageserver-protocol/node";
import { defaultSettings } from "../../server/initialization.ts";
import { type Files, modern, startClient, type TestClient } from "./client.ts";
import { app, files, manifest, prices } from "./fixtures.ts";

const file = "src/services/prices.ts";
const rule = "missing-http-timeout";
const is = (it: Diagnostic): boolean => it.code === rule;
/** Reached by an endpoint, as far as the server knows. */
const isReached = (found: readonly Diagnostic[]): boolean => found.some((it) => is(it) && it.severity === 2);
const isLoose = (found: readonly Diagnostic[]): boolean => found.some((it) => is(it) && it.severity === 3);

const modules = (count: number, text: (i: number) => string): Files =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`src/modules/m${i}.ts`, text(i)]));

const changed = (client: TestClient, paths: readonly string[], type: 1 | 2 | 3): Promise<void> =>
  client.connection.sendNotification("workspace/didChangeWatchedFiles", {
    changes: paths.map((it) => ({ uri: client.uri(it), type })),
  });

test("a checkout of thousands of files is taken over as a whole, and the open file is answered meanwhile", async (t) => {
  const before = modules(2000, (i) => `export const m${i} = ${i};\n`);
  const client = await startClient({ files: { ...files, ...before } });
  t.after(client.stop);
  client.open(file);
  await client.ready();
  await client.until(() => client.diagnostics(file), isReached);
  // The other branch has another way to the same function, and half of its files are gone.
  const after = modules(1000, (i) => `export const other${i} = () => ${i};\n`);
  for (const [name, text] of Object.entries(after)) client.write(name, text);
  for (const name of Object.keys(before)) if (!(name in after)) rmSync(path.join(client.root, name));
  client.write("src/app.ts", app.replace('"/prices/:id"', '"/rates/:id"'));
  await changed(client, [...Object.keys(after), "src/app.ts"], 2);
  await changed(
    client,
    Object.keys(before).filter((it) => !(it in after)),
    3,
  );
  assert.equal((await client.diagnostics(file)).filter(is).length, 1, "at once, of what is known");
  const found = await client.until(
    () => client.diagnostics(file),
    (now) => now.some((it) => it.relatedInformation?.[0]?.message.includes("GET /rates/:id")),
  );
  assert.equal(found.filter(is).length, 1);
  assert.deepEqual(client.logs, []);
});

test("a folder that is renamed is told of by its deletion and what is created", async (t) => {
  const client = await startClient({ files });
  t.after(client.stop);
  client.open(file);
  client.open("src/app.ts");
  await client.ready();
  await client.until(() => client.diagnostics(file), isReached);
  renameSync(path.join(client.root, "src/services"), path.join(client.root, "src/remote"));
  client.close(file);
  client.open("src/remote/prices.ts", prices);
  client.change("src/app.ts", app.replace("./services/", "./remote/"));
  client.save("src/app.ts");
  // Editors tell of the folder alone.
  await changed(client, ["src/services"], 3);
  await changed(client, ["src/remote/prices.ts"], 1);
  await client.until(() => client.diagnostics("src/remote/prices.ts"), isReached);
  // Opened at its old place, it is a file that is not saved yet, which nothing imports.
  client.open(file, prices);
  assert.ok(isLoose(await client.diagnostics(file)));
});

test("a folder that is deleted is forgotten, and a file nobody asked about changes nothing", async (t) => {
  const client = await startClient({
    files: { ...files, "src/other.ts": "export const x = 1;\n", "notes/todo.txt": "" },
  });
  t.after(client.stop);
  client.open(file);
  await client.ready();
  await client.until(() => client.diagnostics(file), isReached);
  const { resultId } = await client.pull(file);
  rmSync(path.join(client.root, "notes"), { recursive: true });
  await changed(client, ["notes", "notes/todo.txt"], 3);
  assert.equal((await client.pull(file, resultId)).kind, "unchanged");
  rmSync(path.join(client.root, "src/app.ts"));
  await changed(client, ["src/app.ts"], 3);
  await client.until(() => client.diagnostics(file), isLoose);
});

test("folders of one workspace are served side by side, the innermost for its files, and come and go", async (t) => {
  const inner = Object.fromEntries(Object.entries(files).map(([name, text]) => [`apps/shop/${name}`, text]));
  const client = await startClient({
    files: { ...inner, "package.json": manifest, "lib/services/a.ts": prices },
    capabilities: modern,
  });
  t.after(client.stop);
  await client.ready();
  const change = (added: readonly string[], removed: readonly string[]): Promise<void> =>
    client.connection.sendNotification("workspace/didChangeWorkspaceFolders", {
      event: {
        added: added.map((it) => ({ uri: client.uri(it), name: it })),
        removed: removed.map((it) => ({ uri: client.uri(it), name: it })),
      },
    });
  const shop = `apps/shop/${file}`;
  client.open(shop, prices);
  client.open("lib/services/a.ts");
  await client.until(() => client.diagnostics(shop), isReached);
  assert.equal((await client.diagnostics("lib/services/a.ts")).filter(is).length, 1);
  await change(["apps/shop"], []);
  await client.until(() => client.diagnostics(shop), isReached);
  // Typed into while its folder changes hands: the text is the one that counts.
  client.change(shop, prices.replace('" + id)', '" + id, { timeout: 2000 })'));
  await change([], ["apps/shop"]);
  await client.until(
    () => client.diagnostics(shop),
    (found) => !found.some(is),
  );
  client.change(shop, prices);
  await client.until(() => client.diagnostics(shop), isReached);
  assert.equal((await client.diagnostics("lib/services/a.ts")).filter(is).length, 1);
  assert.deepEqual(client.logs, []);
});

test("code that imports and calls itself in circles is followed once", async (t) => {
  const ring = (i: number): string =>
    `import { step${(i + 1) % 40} } from "./ring${(i + 1) % 40}.ts";
${i === 20 ? 'import { loadPrice } from "./services/prices.ts";\n' : ""}export async function step${i}(id: string) {
  ${i === 20 ? "await loadPrice(id);" : ""}
  return step${(i + 1) % 40}(id);
}
`;
  const client = await startClient({
    files: {
      ...files,
      ...Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`src/ring${i}.ts`, ring(i)])),
      "src/app.ts": app
        .replace("await loadPrice(req.params.id)", "await step0(req.params.id)")
        .replace('import { loadPrice } from "./services/prices.ts";', 'import { step0 } from "./ring0.ts";'),
    },
  });
  t.after(client.stop);
  client.open(file);
  client.open("src/ring3.ts");
  const found = await client.until(() => client.diagnostics(file), isReached);
  assert.match(found.find(is)?.relatedInformation?.[0]?.message ?? "", /step0 → .* → loadPrice/);
  assert.ok(Array.isArray(await client.diagnostics("src/ring3.ts")));
});

test("large, minified, generated, binary and endless files are passed over, and the next answer comes", async (t) => {
  const client = await startClient({ files });
  t.after(client.stop);
  await client.ready();
  const odd: Files = {
    "src/large.ts": `export const rows = [\n${'  { id: 1, name: "x" },\n'.repeat(120_000)}];\n`,
    "src/minified.ts": `export const a=${"b=>c(b,1);var d=".repeat(40_000)}1`,
    "src/deep.ts": `export const deep = ${"[".repeat(200_000)}`,
    "src/callbacks.ts": `${"a(() => {".repeat(20_000)}`,
    "src/binary.ts": Array.from({ length: 50_000 }, (_, i) => String.fromCharCode(i % 256)).join(""),
    "src/text.ts": "no program at all, only words of a letter that somebody saved here. ".repeat(2000),
    "src/template.ts": `const a = ${"`${".repeat(5_000)}`,
    "src/regex.ts": `const a = /${"(a+)+".repeat(3_000)}/;`,
    "src/types.ts": `type A = ${"Array<".repeat(30_000)}`,
  };
  for (const [name, text] of Object.entries(odd)) {
    client.open(name, text);
    assert.ok(Array.isArray(await client.diagnostics(name)), name);
    client.type(name, { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } }, "await ");
    assert.ok(Array.isArray(await client.diagnostics(name)), `${name}, changed`);
    client.close(name);
  }
  client.open(file);
  assert.equal((await client.diagnostics(file)).filter(is).length, 1);
  assert.deepEqual(client.logs, []);
});

test("odd things in the folder are no obstacle: loops of links, folders named like files, names of other scripts", async (t) => {
  const client = await startClient({
    files: { ...files, "src/寿司 [id]/(a).ts": "export const a = 1;\n", "src/empty.ts": "" },
    prepare: (root) => {
      symlinkSync(root, path.join(root, "src", "loop"));
      symlinkSync(path.join(root, "nowhere.ts"), path.join(root, "src", "dangling.ts"));
      mkdirSync(path.join(root, "src", "folder.ts"));
    },
  });
  t.after(client.stop);
  client.open(file);
  client.open("src/寿司 [id]/(a).ts");
  await client.until(() => client.diagnostics(file), isReached);
  assert.deepEqual(await client.diagnostics("src/寿司 [id]/(a).ts"), []);
  assert.deepEqual(client.logs, []);
});

test("a cancelled question is not answered, and a folder that goes while it is read is given up", async (t) => {
  const client = await startClient({
    files: { ...files, ...modules(1500, (i) => `export const m${i} = () => ${i};\n`) },
  });
  t.after(client.stop);
  client.open(file);
  const source = new CancellationTokenSource();
  const asked = client.connection.sendRequest(
    "textDocument/diagnostic",
    { textDocument: { uri: client.uri(file) } },
    source.token,
  );
  source.cancel();
  await assert.rejects(asked, (error: { code?: number }) => error.code === -32800);
  assert.equal((await client.diagnostics(file)).filter(is).length, 1);
  await client.until(
    async () => client.statuses.at(-1)?.state,
    (state) => state === "indexing",
  );
  await client.connection.sendNotification("workspace/didChangeWorkspaceFolders", {
    event: { added: [], removed: [{ uri: client.uri("").replace(/\/$/, ""), name: "test" }] },
  });
  // Nothing is left to be read; the file is now one opened without a folder.
  await client.ready();
  assert.ok(isLoose(await client.diagnostics(file)));
  assert.deepEqual(client.logs, []);
});

test("an editor that knows nothing of us is told how far the reading is", async (t) => {
  const { window: _, ...rest } = modern;
  const client = await startClient({
    files: { ...files, ...modules(600, (i) => `export const m${i} = () => ${i};\n`) },
    capabilities: { ...rest, window: { workDoneProgress: true } },
    initialization: null,
  });
  t.after(client.stop);
  client.open(file);
  await client.until(() => client.diagnostics(file), isReached);
  await client.until(
    async () => client.progress,
    (it) => it.at(-1)?.kind === "end",
  );
  assert.equal(client.progress[0]?.kind, "begin");
  const percents = client.progress.flatMap((it) => it.percentage ?? []);
  assert.deepEqual(
    percents,
    [...percents].sort((a, b) => a - b),
    "it never goes back",
  );
  assert.deepEqual(client.statuses, [], "our own message is for our own client");
});

test("settings of another shape are read as far as they go", async (t) => {
  const client = await startClient({
    files,
    initialization: { settings: { ...defaultSettings, stage: "odd" } as never },
  });
  t.after(client.stop);
  client.open(file);
  await client.ready();
  assert.ok(isReached(await client.until(() => client.diagnostics(file), isReached)));
});
