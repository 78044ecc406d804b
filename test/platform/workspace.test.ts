import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import path from "node:path";
import { type TestContext, test } from "node:test";
import fc from "fast-check";
import { type FileSummary, librarySet } from "../../engine/index.ts";
import { findFiles, openWorkspace, summarizeFiles, type Workspace } from "../../platform/index.ts";
import { folderOf, put } from "../kit/folder.ts";

const libraries = librarySet([]);
const many = (n: number): Record<string, string> =>
  Object.fromEntries(
    Array.from({ length: n }, (_, i) => [
      `src/f${i}.ts`,
      `import { x } from "./f${(i * 7) % n}";\nexport const f${i} = () => x(${i}, undefined, 1e400, { a: \`${["b", "é", "日本 😀"][i % 3]}\${x}\` }); // slo-allow all: test\n`,
    ]),
  );

async function summariesOf(
  root: string,
  options: { cacheDir?: string; workers?: number } = {},
): Promise<{ plain: unknown; made: number }> {
  const files = [...(await findFiles(root)).all.values()].filter((it) => it.kind === "source");
  const read = await summarizeFiles({ root, files, ...options });
  read.save();
  return { plain: plainOf(read.byPath), made: read.made };
}

/** What JSON keeps: an absent property and an undefined one are the same to every reader of summaries. */
function plainOf(of: ReadonlyMap<string, FileSummary>): unknown {
  return JSON.parse(JSON.stringify([...of]));
}

/** Long enough ago that times tell. */
function age(root: string): void {
  const then = new Date(Date.now() - 60_000);
  for (const it of readdirSync(root, { recursive: true, encoding: "utf8" }))
    utimesSync(path.join(root, it), then, then);
}

test("threads, the cache and the main thread alone give the same summaries in the same order", async (t) => {
  const root = folderOf(t, many(200));
  age(root);
  const cacheDir = path.join(folderOf(t, {}), "cache");
  const alone = await summariesOf(root, { workers: 0 });
  const threads = await summariesOf(root, { workers: 2, cacheDir });
  const warm = await summariesOf(root, { workers: 0, cacheDir });
  assert.deepEqual(threads.plain, alone.plain);
  assert.deepEqual(warm.plain, alone.plain);
  assert.deepEqual([alone.made, threads.made, warm.made], [200, 200, 0]);
});

test("a touched file is known by its content, an edited one of the same size and time is not missed when just written", async (t) => {
  const root = folderOf(t, { "a.ts": "export const a = 1;", "b.ts": "export const b = 1;" });
  const cacheDir = folderOf(t, {});
  age(root);
  await summariesOf(root, { cacheDir });
  const now = new Date(Date.now() - 30_000);
  utimesSync(path.join(root, "a.ts"), now, now);
  assert.equal((await summariesOf(root, { cacheDir })).made, 0);
  // Written within the clock's tick of the cache, then again at the same time with the same size.
  const at = new Date();
  put(root, { "b.ts": "export const b = 2;" });
  utimesSync(path.join(root, "b.ts"), at, at);
  await summariesOf(root, { cacheDir });
  put(root, { "b.ts": "export const c = 3;" });
  utimesSync(path.join(root, "b.ts"), at, at);
  assert.equal((await summariesOf(root, { cacheDir })).made, 1);
});

test("a cache that was damaged in any way costs time, nothing else", async (t) => {
  const root = folderOf(t, many(40));
  age(root);
  const expected = (await summariesOf(root)).plain;
  const cacheDir = folderOf(t, {});
  await summariesOf(root, { cacheDir });
  const shards = readdirSync(cacheDir).map((it) => path.join(cacheDir, it));
  const whole = shards.map((it) => readFileSync(it, "latin1"));
  assert.ok(shards.length > 5);
  await fc.assert(
    fc.asyncProperty(fc.nat(), fc.constantFrom("cut", "garbage", "swap", "empty", "null"), async (seed, damage) => {
      shards.forEach((it, i) => {
        const text = whole[i]!;
        const at = seed % text.length;
        const next = {
          cut: text.slice(0, at),
          garbage: `${text.slice(0, at)}\u0000{"${text.slice(at + 3)}`,
          swap: whole[(i + 1) % whole.length]!,
          empty: "",
          null: text.replace(/\n\{.*\n/, "\nnull\n"),
        }[damage];
        writeFileSync(it, next, "latin1");
      });
      assert.deepEqual((await summariesOf(root, { cacheDir })).plain, expected);
    }),
    { numRuns: 25 },
  );
});

test("a cache folder that cannot be written is no cache", async (t) => {
  const root = folderOf(t, { "a.ts": "export {}", cache: "a file where the folder would be" });
  assert.equal((await summariesOf(root, { cacheDir: path.join(root, "cache") })).made, 1);
});

test("a file that does not parse has a failure with its place; the others stand", async (t) => {
  const root = folderOf(t, {
    "good.ts": "export const a = 1;",
    "bad.ts": "const a = 1;\nconst = ;\n",
    "bin.js": new Uint8Array([0, 1, 2, 255, 254]),
    "bom.ts": "\uFEFFexport const b = 2;",
    "utf16.ts": Buffer.from("\uFEFFexport const c = 3;", "utf16le"),
  });
  const workspace = await openWorkspace({ root, libraries, cacheDir: false });
  const failed = workspace.failures.map((it) => it.path).sort();
  assert.deepEqual(failed, ["bad.ts", "bin.js"]);
  assert.equal(workspace.failures.find((it) => it.path === "bad.ts")?.line, 2);
  assert.deepEqual(
    workspace.files.get("utf16.ts")?.exports.map((it) => it.name),
    ["c"],
  );
  assert.equal(workspace.text("bom.ts"), "export const b = 2;");
});

test("an update equals opening anew, whatever the changes", async (t) => {
  const root = folderOf(t, {
    ...many(10),
    "lib/package.json": '{"name":"lib"}',
    "lib/index.ts": "export const l = 1;",
    ".gitignore": "ignored/\n",
  });
  const workspace = await openWorkspace({ root, libraries, cacheDir: false });
  const same = async (): Promise<void> => {
    const fresh = await openWorkspace({ root, libraries, cacheDir: false });
    assert.deepEqual(
      plainOf(new Map([...workspace.files].sort(byName))),
      plainOf(new Map([...fresh.files].sort(byName))),
    );
    assert.deepEqual([...workspace.candidates].sort(), [...fresh.candidates].sort());
    assert.deepEqual(workspace.resolve("src/f1.ts", "lib"), fresh.resolve("src/f1.ts", "lib"));
  };
  put(root, {
    "src/f1.ts": "export const changed = 1;",
    "src/new.ts": "",
    "ignored/x.ts": "",
    "slo.yaml": "a: 1",
    "node_modules/x/index.js": "",
  });
  await workspace.update(
    ["src/f1.ts", "src/new.ts", "ignored/x.ts", "slo.yaml", "node_modules/x/index.js"].map((it) => ({
      path: it,
      kind: "changed",
    })),
  );
  assert.ok(workspace.files.has("src/new.ts") && !workspace.files.has("ignored/x.ts"));
  await same();

  rmSync(path.join(root, "src/f2.ts"));
  renameSync(path.join(root, "lib"), path.join(root, "moved"));
  await workspace.update([
    { path: "src/f2.ts", kind: "deleted" },
    { path: "lib", kind: "deleted" },
    { path: "moved", kind: "changed" },
  ]);
  assert.ok(workspace.files.has("moved/index.ts") && !workspace.files.has("lib/index.ts"));
  assert.equal(workspace.resolve("src/f1.ts", "lib"), "moved/index.ts");
  await same();

  // Deleted and made again before anyone looked: the last word counts.
  await workspace.update([
    { path: "src/f3.ts", kind: "deleted" },
    { path: "src/f3.ts", kind: "changed" },
  ]);
  assert.ok(workspace.files.has("src/f3.ts"));
  mkdirSync(path.join(root, "empty"));
  await workspace.update([
    { path: "empty", kind: "changed" },
    { path: "never-was.ts", kind: "deleted" },
    { path: "../outside.ts", kind: "changed" },
  ]);
  put(root, { ".gitignore": "ignored/\nsrc/f4.ts\n" });
  await workspace.update([{ path: ".gitignore", kind: "changed" }]);
  assert.ok(!workspace.files.has("src/f4.ts"), "what is ignored now is gone");
  await same();
});

test("thousands of changes at once, and updates one over the other", async (t) => {
  const root = folderOf(t, many(1500));
  const workspace = await openWorkspace({ root, libraries, cacheDir: false });
  put(root, Object.fromEntries(Object.keys(many(1500)).map((it) => [it, "export const again = 1;"])));
  const all = [...workspace.files.keys()];
  await Promise.all([
    workspace.update(all.map((it) => ({ path: it, kind: "changed" }))),
    workspace.update(all.slice(0, 700).map((it) => ({ path: it, kind: "changed" }))),
  ]);
  assert.equal(workspace.files.size, 1500);
  for (const it of workspace.files.values()) assert.equal(it.exports[0]?.name, "again");
});

test("opening can be given up, and says so by the signal's reason", async (t) => {
  const root = folderOf(t, many(400));
  const controller = new AbortController();
  const opening = openWorkspace({
    root,
    libraries,
    cacheDir: false,
    workers: 1,
    signal: controller.signal,
    onProgress: () => controller.abort(new Error("closed")),
  });
  await assert.rejects(opening, /closed/);
});

test("progress ends with everything done", async (t) => {
  const seen: (readonly [number, number])[] = [];
  const workspace = await opened(t, many(50), (done, total) => seen.push([done, total]));
  assert.deepEqual(seen.at(-1), [50, 50]);
  assert.equal(workspace.files.size, 50);
});

test("the schema comes from schema files, migrations and models, and follows their changes", async (t) => {
  const workspace = await opened(
    t,
    {
      "prisma/schema.prisma": 'model User {\n  id Int @id\n  email String @unique\n  @@map("users")\n}\n',
      "db/1.sql": "CREATE TABLE logs (id bigserial PRIMARY KEY, at timestamptz);",
      "src/order.ts":
        'import { Entity, PrimaryGeneratedColumn } from "typeorm";\n@Entity() export class Order { @PrimaryGeneratedColumn() id: number; }\n',
    },
    () => undefined,
  );
  assert.deepEqual(workspace.schema.table("User")?.unique, [["id"], ["email"]]);
  assert.deepEqual(workspace.schema.table("order")?.primary, ["id"]);
  assert.deepEqual(workspace.schema.table("logs")?.indexes, []);
  put(workspace.root, { "db/2.sql": "CREATE INDEX ON logs (at);" });
  await workspace.update([{ path: "db/2.sql", kind: "changed" }]);
  assert.deepEqual(workspace.schema.table("logs")?.indexes, [["at"]]);
});

async function opened(
  t: TestContext,
  files: Readonly<Record<string, string>>,
  onProgress: (done: number, total: number) => void,
): Promise<Workspace> {
  return openWorkspace({ root: folderOf(t, files), libraries, cacheDir: false, onProgress });
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}

test("what is left out is read where other code imports it, then and later", async (t) => {
  const root = folderOf(t, {
    "src/a.ts": 'import { help } from "../test/help.js"; help();',
    "test/help.ts": 'export { deep as help } from "./deep.js";',
    "test/deep.ts": "export const deep = () => 1;",
    "test/a.test.ts": 'import "./only-tests.js";',
    "test/only-tests.ts": "",
  });
  const cacheDir = folderOf(t, {});
  const leaveOut = (it: string): boolean => it.startsWith("test/");
  const open = (): Promise<Workspace> => openWorkspace({ root, libraries, cacheDir, leaveOut });
  const workspace = await open();
  assert.deepEqual([...workspace.files.keys()], ["src/a.ts", "test/deep.ts", "test/help.ts"]);
  workspace.saveCache();
  assert.deepEqual([...(await open()).files.keys()], ["src/a.ts", "test/deep.ts", "test/help.ts"]);
  put(root, {
    "src/b.ts": 'import "../test/only-tests.js";',
    "test/new.test.ts": "",
    "test/deep.ts": "export const deep = 2;",
  });
  await workspace.update(["src/b.ts", "test/new.test.ts", "test/deep.ts"].map((it) => ({ path: it, kind: "changed" })));
  assert.deepEqual([...workspace.files.keys()].sort(), [
    "src/a.ts",
    "src/b.ts",
    "test/deep.ts",
    "test/help.ts",
    "test/only-tests.ts",
  ]);
  assert.equal(workspace.files.get("test/deep.ts")?.functions.length, 1);
});
