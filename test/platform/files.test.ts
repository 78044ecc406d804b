import assert from "node:assert/strict";
import { mkdirSync, symlinkSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { findFile, findFiles } from "../../platform/index.ts";
import { folderOf } from "../kit/folder.ts";

const found = async (root: string): Promise<readonly string[]> => [...(await findFiles(root)).all.keys()];

test("finds sources, schemas, manifests and what may hold objectives, and nothing else", async (t) => {
  const root = folderOf(t, {
    "a.ts": "",
    "b.tsx": "",
    "c.mjs": "",
    "d.cjs": "",
    "types.d.ts": "",
    "types.d.mts": "",
    "lib.min.js": "",
    "image.png": "",
    "README.md": "",
    "schema.prisma": "",
    "m/001.sql": "",
    "slo.yaml": "",
    "package.json": "{}",
    "tsconfig.build.json": "{}",
    "node_modules/x/index.js": "",
    "dist/a.js": "",
  });
  const { all } = await findFiles(root);
  assert.deepEqual(
    [...all.values()].map((it) => `${it.kind} ${it.path}`),
    [
      "source a.ts",
      "source b.tsx",
      "source c.mjs",
      "source d.cjs",
      "schema m/001.sql",
      "manifest package.json",
      "schema schema.prisma",
      "candidate slo.yaml",
      "manifest tsconfig.build.json",
    ],
  );
});

test("the innermost .gitignore decides, as in git", async (t) => {
  const root = folderOf(t, {
    ".git/HEAD": "",
    ".git/info/exclude": "private.ts\n",
    ".gitignore": "*.gen.ts\n/build/\nlogs/\n",
    "a.gen.ts": "",
    "private.ts": "",
    "build/x.ts": "",
    "src/build/y.ts": "",
    "src/.gitignore": "!keep.gen.ts\n",
    "src/keep.gen.ts": "",
    "src/drop.gen.ts": "",
    "src/logs/z.ts": "",
  });
  assert.deepEqual(await found(root), ["src/build/y.ts", "src/keep.gen.ts"]);
  assert.equal(findFile(root, "src/drop.gen.ts"), undefined);
  assert.equal(findFile(root, "build/x.ts"), undefined);
  assert.equal(findFile(root, "src/keep.gen.ts")?.kind, "source");
});

test("a part of a repository keeps the ignore rules above it, unless it is ignored itself", async (t) => {
  const root = folderOf(t, {
    ".git/HEAD": "",
    ".gitignore": "*.gen.ts\nscratch/\n",
    "packages/api/a.ts": "",
    "packages/api/b.gen.ts": "",
    "scratch/project/a.ts": "",
  });
  assert.deepEqual(await found(path.join(root, "packages/api")), ["a.ts"]);
  assert.deepEqual(await found(path.join(root, "scratch/project")), ["a.ts"]);
});

test("symbolic links are not followed, so that a loop ends", async (t) => {
  const root = folderOf(t, { "src/a.ts": "" });
  symlinkSync(root, path.join(root, "src", "loop"));
  symlinkSync(path.join(root, "src", "a.ts"), path.join(root, "again.ts"));
  assert.deepEqual(await found(root), ["src/a.ts"]);
});

test("a limit is met, told, and not exceeded", async (t) => {
  const root = folderOf(t, Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`f${i}.ts`, ""])));
  const { all, isTruncated } = await findFiles(root, { limit: 7 });
  assert.equal(all.size, 7);
  assert.equal(isTruncated, true);
});

test("a folder that is not there is a failure, not an exception", async (t) => {
  const root = folderOf(t, {});
  const { all, failures } = await findFiles(path.join(root, "gone"));
  assert.equal(all.size, 0);
  assert.equal(failures.length, 1);
});

test("an aborted search throws the signal's reason", async (t) => {
  const root = folderOf(t, { "a.ts": "" });
  await assert.rejects(findFiles(root, { signal: AbortSignal.abort(new Error("enough")) }), /enough/);
});

test("names with spaces, other scripts and glob characters are only names", async (t) => {
  const root = folderOf(t, { "a b/[id].ts": "", "記事/一覧.ts": "", "(group)/page.tsx": "" });
  mkdirSync(path.join(root, "empty"));
  assert.deepEqual(await found(root), ["(group)/page.tsx", "a b/[id].ts", "記事/一覧.ts"]);
});
