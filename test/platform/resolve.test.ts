import assert from "node:assert/strict";
import { test } from "node:test";
import { createResolver, type Resolve } from "../../platform/index.ts";

/** A resolver over files that exist only here. */
function over(files: Readonly<Record<string, string>>): Resolve {
  const manifests = Object.keys(files).filter((it) => /(package|[tj]sconfig[^/]*)\.json$/.test(it));
  return createResolver({
    has: (it) => Object.hasOwn(files, it) && !it.endsWith(".json"),
    manifests,
    text: (it) => files[it],
  });
}
const json = (it: unknown): string => JSON.stringify(it);

test("relative paths: extensions, .js for .ts, folders, and what is not there", () => {
  const resolve = over({
    "src/a.ts": "",
    "src/b.tsx": "",
    "src/c/index.ts": "",
    "src/d.mts": "",
    "src/e.js": "",
    "src/e.ts": "",
    "src/c.ts": "",
    "index.ts": "",
  });
  const at = (it: string): string | undefined => resolve("src/main.ts", it);
  assert.equal(at("./a"), "src/a.ts");
  assert.equal(at("./a.js"), "src/a.ts");
  assert.equal(at("./a.ts"), "src/a.ts");
  assert.equal(at("./b.js"), "src/b.tsx");
  assert.equal(at("./b.jsx"), "src/b.tsx");
  assert.equal(at("./c"), "src/c.ts");
  assert.equal(at("./c/"), "src/c/index.ts");
  assert.equal(at("./d.mjs"), "src/d.mts");
  assert.equal(at("./e.js"), "src/e.js", "what is written exists");
  assert.equal(at(".."), "index.ts");
  assert.equal(at("./gone"), undefined);
  assert.equal(at("../../outside"), undefined);
  assert.equal(at("./a?raw"), "src/a.ts");
});

test("packages and Node's modules are not files", () => {
  const resolve = over({ "src/fs.ts": "", "fs.ts": "" });
  assert.equal(resolve("src/main.ts", "node:fs"), undefined);
  assert.equal(resolve("src/main.ts", "fs"), undefined);
  assert.equal(resolve("src/main.ts", "https://example.com/x.ts"), undefined);
});

test("a package that depends on one of its own name means the registry's", () => {
  const resolve = over({
    "package.json": json({ name: "elysia", dependencies: { elysia: "^1.0.0" } }),
    "packages/a/package.json": json({ name: "a", devDependencies: { a: "workspace:*" } }),
    "packages/a/src/index.ts": "",
    "src/index.ts": "",
  });
  assert.equal(resolve("src/routes.ts", "elysia"), undefined);
  assert.equal(resolve("packages/a/src/b.ts", "a"), "packages/a/src/index.ts");
});

test("tsconfig paths: wildcards, exact names, several targets, the longest prefix, comments", () => {
  const resolve = over({
    "tsconfig.json": `{
      // aliases
      "compilerOptions": { "baseUrl": ".", "paths": {
        "@/*": ["./src/*"],
        "@/db/*": ["./gone/*", "./database/*"], /* longest wins */
        "config": ["./src/config.ts"],
      }, },
    }`,
    "src/a.ts": "",
    "src/config.ts": "",
    "database/pool.ts": "",
    "lib/x.ts": "",
  });
  assert.equal(resolve("src/a.ts", "@/a"), "src/a.ts");
  assert.equal(resolve("src/a.ts", "@/db/pool"), "database/pool.ts");
  assert.equal(resolve("src/a.ts", "config"), "src/config.ts");
  assert.equal(resolve("src/a.ts", "lib/x"), "lib/x.ts", "baseUrl");
  assert.equal(resolve("src/a.ts", "@/gone"), undefined);
});

test("the nearest tsconfig speaks first; its base may be missing, in a package, or extend itself", () => {
  const resolve = over({
    "tsconfig.base.json": json({ compilerOptions: { paths: { "@libs/*": ["libs/*/src"] } } }),
    "libs/http/src/index.ts": "",
    "apps/api/tsconfig.json": json({ extends: "../../tsconfig.base.json", compilerOptions: {} }),
    "apps/api/src/a.ts": "",
    "apps/web/tsconfig.json": json({
      extends: ["@tsconfig/node20/tsconfig.json", "./gone.json"],
      compilerOptions: { paths: { "~/*": ["./app/*"] } },
    }),
    "apps/web/app/b.ts": "",
    "apps/loop/tsconfig.json": json({ extends: "./tsconfig.other.json" }),
    "apps/loop/tsconfig.other.json": json({
      extends: "./tsconfig.json",
      compilerOptions: { paths: { "#x": ["./x.ts"] } },
    }),
    "apps/loop/x.ts": "",
    "apps/shared/tsconfig.json": json({ extends: "@acme/tsconfig/base.json" }),
    "apps/shared/s.ts": "",
    "packages/tsconfig/package.json": json({ name: "@acme/tsconfig" }),
    "packages/tsconfig/base.json": json({ compilerOptions: { paths: { shared: ["../../apps/shared/s.ts"] } } }),
    "packages/tsconfig/tsconfig.json": "{}",
  });
  assert.equal(resolve("apps/api/src/a.ts", "@libs/http"), "libs/http/src/index.ts");
  assert.equal(resolve("apps/web/app/b.ts", "~/b"), "apps/web/app/b.ts");
  assert.equal(resolve("apps/loop/x.ts", "#x"), "apps/loop/x.ts");
  assert.equal(resolve("apps/shared/s.ts", "shared"), "apps/shared/s.ts");
});

test("references in the same folder are asked as well", () => {
  const resolve = over({
    "tsconfig.json": json({ files: [], references: [{ path: "./tsconfig.app.json" }] }),
    "tsconfig.app.json": json({ compilerOptions: { paths: { "@/*": ["./src/*"] } } }),
    "src/a.ts": "",
  });
  assert.equal(resolve("src/a.ts", "@/a"), "src/a.ts");
});

test("packages of the workspace, without being installed or built", () => {
  const resolve = over({
    "package.json": json({ name: "root", workspaces: ["packages/*"] }),
    "packages/a/package.json": json({ name: "@acme/a", main: "./dist/index.js" }),
    "packages/a/src/index.ts": "",
    "packages/a/src/deep/x.ts": "",
    "packages/b/package.json": json({
      name: "b",
      exports: {
        ".": { types: "./dist/index.d.ts", import: "./dist/index.mjs", require: "./dist/index.cjs" },
        "./client": "./dist/client/index.js",
        "./feature/*": { default: "./dist/features/*.js" },
        "./internal/*": null,
      },
    }),
    "packages/b/src/index.ts": "",
    "packages/b/src/client/index.ts": "",
    "packages/b/src/features/one.ts": "",
    "packages/c/package.json": json({ name: "c", main: "lib/main" }),
    "packages/c/lib/main.js": "",
    "packages/d/package.json": json({ name: "d" }),
    "packages/d/index.ts": "",
    "packages/e/package.json": json({ name: "e", exports: "./src/entry.ts" }),
    "packages/e/src/entry.ts": "",
  });
  const at = (it: string): string | undefined => resolve("packages/d/index.ts", it);
  assert.equal(at("@acme/a"), "packages/a/src/index.ts");
  assert.equal(at("@acme/a/src/deep/x"), "packages/a/src/deep/x.ts");
  assert.equal(at("@acme/a/deep/x"), "packages/a/src/deep/x.ts");
  assert.equal(at("b"), "packages/b/src/index.ts");
  assert.equal(at("b/client"), "packages/b/src/client/index.ts");
  assert.equal(at("b/feature/one"), "packages/b/src/features/one.ts");
  assert.equal(at("c"), "packages/c/lib/main.js");
  assert.equal(at("d"), "packages/d/index.ts");
  assert.equal(at("e"), "packages/e/src/entry.ts");
  assert.equal(at("f"), undefined);
  assert.equal(resolve("packages/d/index.ts", "../a"), "packages/a/src/index.ts", "a folder with a manifest");
});

test("a folder that is called as a package is not it, where another version is asked for", () => {
  const files = (range: string) => ({
    "examples/hono/package.json": json({ name: "hono", version: "1.0.0" }),
    "examples/hono/index.ts": "",
    "examples/api/package.json": json({ dependencies: { hono: range } }),
    "examples/api/src/main.ts": "",
  });
  const at = (range: string): string | undefined => over(files(range))("examples/api/src/main.ts", "hono");
  assert.equal(at("^4.1.3"), undefined);
  for (const it of ["^1.0.0", "workspace:*", "*", "latest", "file:../hono"])
    assert.equal(at(it), "examples/hono/index.ts", it);
});

test("#imports of the nearest package", () => {
  const resolve = over({
    "package.json": json({ name: "x", imports: { "#db": "./src/db.ts", "#lib/*": { default: "./dist/lib/*.js" } } }),
    "src/db.ts": "",
    "src/lib/a.ts": "",
    "src/main.ts": "",
  });
  assert.equal(resolve("src/main.ts", "#db"), "src/db.ts");
  assert.equal(resolve("src/main.ts", "#lib/a"), "src/lib/a.ts");
  assert.equal(resolve("src/main.ts", "#gone"), undefined);
});

test("manifests that cannot be read, and hostile ones, resolve to nothing", () => {
  const nested = `{"exports":${'{"a":'.repeat(200)}"./x.js"${"}".repeat(200)}}`;
  const resolve = over({
    "package.json": "{ not json",
    "tsconfig.json": "[]",
    "p/package.json": `{"name":"p",${nested.slice(1)}`,
    "q/package.json": json({ name: "q", exports: { ".": "../../../../etc/passwd" }, main: 7 }),
    "r/package.json": json({ name: "r", main: "../r" }),
    "a.ts": "",
  });
  for (const it of ["p", "q", "r", "", "@", "@/", "#", "//", "a".repeat(5000)])
    assert.equal(resolve("a.ts", it), undefined, it);
});

test("names that SvelteKit, Nuxt and module-alias resolve without a tsconfig", () => {
  const svelte = over({
    "web/package.json": json({ devDependencies: { "@sveltejs/kit": "2.0.0" } }),
    "web/svelte.config.js": `export default { kit: { adapter: adapter(), alias: { $: "src", $server: './src/server', "$one/*": "src/one/*", $const: "src/const.ts", [other]: "x" } } };`,
    "web/src/lib/a.ts": "",
    "web/src/server/b.ts": "",
    "web/src/one/c.ts": "",
    "web/src/const.ts": "",
    "other/package.json": json({}),
  });
  const page = "web/src/routes/+page.server.ts";
  assert.equal(svelte(page, "$lib/a"), "web/src/lib/a.ts");
  assert.equal(svelte(page, "$server/b"), "web/src/server/b.ts");
  assert.equal(svelte(page, "$one/c"), "web/src/one/c.ts");
  assert.equal(svelte(page, "$const"), "web/src/const.ts");
  assert.equal(svelte(page, "$app/environment"), undefined);
  assert.equal(svelte("other/x.ts", "$lib/a"), undefined);
  const nuxt = over({
    "package.json": json({ dependencies: { nuxt: "4.0.0" } }),
    "nuxt.config.ts": `export default defineNuxtConfig({ alias: { "#db": "./server/db" } });`,
    "app/utils/a.ts": "",
    "server/utils/b.ts": "",
    "server/db/index.ts": "",
    "shared/c.ts": "",
  });
  assert.equal(nuxt("server/api/x.ts", "~/utils/a"), "app/utils/a.ts");
  assert.equal(nuxt("server/api/x.ts", "~~/server/utils/b"), "server/utils/b.ts");
  assert.equal(nuxt("server/api/x.ts", "#db"), "server/db/index.ts");
  assert.equal(nuxt("server/api/x.ts", "#shared/c"), "shared/c.ts");
  const aliased = over({
    "package.json": json({ _moduleAliases: { "@root": ".", "@deep": "src/deep" } }),
    "src/deep/a.js": "",
    "src/b.js": "",
  });
  assert.equal(aliased("src/b.js", "@deep/a"), "src/deep/a.js");
  assert.equal(aliased("src/b.js", "@root/src/b"), "src/b.js");
});
