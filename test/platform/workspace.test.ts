import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import path from "node:path";
import { type TestContext, test } from "node:test";
import { pathToFileURL } from "node:url";
import fc from "fast-check";
import { emptySummary, type FileSummary, librarySet } from "../../engine/index.ts";
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

test("a cache of another version is written anew", async (t) => {
  const root = folderOf(t, many(40));
  age(root);
  const cacheDir = folderOf(t, {});
  const expected = (await summariesOf(root, { cacheDir })).plain;
  for (const it of readdirSync(cacheDir)) {
    const shard = path.join(cacheDir, it);
    const [header, ...lines] = readFileSync(shard, "latin1").split("\n");
    writeFileSync(
      shard,
      [JSON.stringify({ ...JSON.parse(header!), key: "0.0.1 then" }), ...lines].join("\n"),
      "latin1",
    );
  }
  const again = await summariesOf(root, { cacheDir });
  assert.deepEqual([again.made, again.plain], [40, expected]);
  assert.equal((await summariesOf(root, { cacheDir })).made, 0);
});

test("what is saved is what was read, although the file has changed before its turn came", async (t) => {
  const root = folderOf(t, many(40));
  age(root);
  const cacheDir = folderOf(t, {});
  const files = [...(await findFiles(root)).all.values()];
  const read = await summarizeFiles({ root, files, cacheDir });
  const expected = plainOf(read.byPath);
  const steps = read.saveSteps()[Symbol.iterator]();
  steps.next();
  for (const path of [...read.byPath.keys()]) read.byPath.set(path, emptySummary(path));
  while (!steps.next().done);
  const again = await summariesOf(root, { cacheDir });
  assert.deepEqual([again.made, again.plain], [0, expected]);
});

test("a worker that breaks on a file costs that file, and workers that cannot be had cost time", async (t) => {
  const root = folderOf(t, many(90));
  const files = [...(await findFiles(root)).all.values()];
  const alone = plainOf((await summarizeFiles({ root, files, workers: 0 })).byPath) as [string, FileSummary][];
  const work = new URL("../../platform/summary-work.ts", import.meta.url).href;
  const parser = new URL("../../platform/parser.ts", import.meta.url).href;
  const breaking = (how: string): URL => {
    const at = folderOf(t, {
      "worker.mjs": `import { parentPort } from "node:worker_threads";
import { summarizeFile } from ${JSON.stringify(work)};
import { nodeParser } from ${JSON.stringify(parser)};
parentPort.on("message", ({ root, paths }) => {
  if (paths.includes("src/f7.ts")) ${how};
  parentPort.postMessage(paths.map((path) => {
    const { hash, summary } = summarizeFile(nodeParser(), root, path);
    return { path, hash, json: JSON.stringify(summary) };
  }));
});
parentPort.postMessage([]);
`,
    });
    return pathToFileURL(path.join(at, "worker.mjs"));
  };
  for (const how of ["process.exit(1)", 'throw new Error("broken")', 'paths[0] = "src/other.ts"']) {
    const read = await summarizeFiles({ root, files, workers: 2, mainThread: "free", workerUrl: breaking(how) });
    const failed = [...read.byPath.values()].filter((it) => it.failure);
    assert.ok(failed.length <= 1 && failed.every((it) => it.path === "src/f7.ts" || how.startsWith("paths")), how);
    assert.deepEqual(
      (plainOf(read.byPath) as [string, FileSummary][]).filter(([it]) => it !== failed[0]?.path),
      alone.filter(([it]) => it !== failed[0]?.path),
      how,
    );
  }
  const none = pathToFileURL(path.join(root, "no-such-worker.mjs"));
  const read = await summarizeFiles({ root, files, workers: 2, mainThread: "free", workerUrl: none });
  assert.deepEqual(plainOf(read.byPath), alone);
});

test("a file that went away or is none has a failure that says so", async (t) => {
  const root = folderOf(t, { "a.ts": "export const a = 1;" });
  mkdirSync(path.join(root, "b.ts"));
  const found = ["a.ts", "b.ts", "gone.ts"].map((it) => ({ path: it, kind: "source" as const, size: 9, mtimeMs: 1 }));
  const { byPath } = await summarizeFiles({ root, files: found });
  assert.deepEqual(
    [...byPath.values()].map((it) => it.failure?.message),
    [undefined, "It is a folder.", "It is not there."],
  );
});

test("an update tells whether anything is other than it was", async (t) => {
  const root = folderOf(t, { "src/a.ts": "export const a = 1;", "notes/a.txt": "" });
  const workspace = await openWorkspace({ root, libraries, cacheDir: false });
  const changed = (...paths: string[]) => paths.map((it) => ({ path: it, kind: "changed" as const }));
  assert.equal(await workspace.update(changed("src/a.ts", "notes/a.txt", "nothing.ts")), false);
  assert.equal(await workspace.update([{ path: "notes", kind: "deleted" }]), false);
  // The same by a walk, which many changes at once are worth.
  assert.equal(await workspace.update(changed(...Array.from({ length: 500 }, (_, i) => `gone/${i}.ts`))), false);
  put(root, { "src/a.ts": "export const b = 12;" });
  assert.equal(await workspace.update(changed("src/a.ts")), true);
  rmSync(path.join(root, "src"), { recursive: true });
  assert.equal(await workspace.update([{ path: "src", kind: "deleted" }]), true);
  assert.equal(workspace.files.size, 0);
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
