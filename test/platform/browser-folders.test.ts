import assert from "node:assert/strict";
import { test } from "node:test";
import { browserFolders } from "../../platform/browser-folders.ts";

const found = (manifests: Record<string, object | string>, paths: readonly string[] = []): readonly string[] =>
  browserFolders([...Object.keys(manifests), ...paths], (it) =>
    typeof manifests[it] === "string" ? (manifests[it] as string) : JSON.stringify(manifests[it]),
  );
const needs = (...names: string[]): object => ({ dependencies: Object.fromEntries(names.map((it) => [it, "*"])) });
const many = (folder: string, count: number, extension: string): string[] =>
  Array.from({ length: count }, (_, i) => `${folder}/part-${i}${extension}`);

test("a package that only draws is one; one that renders on a server, or keeps data, is none", () => {
  assert.deepEqual(
    found({
      "package.json": needs("react-dom"),
      "frontend/package.json": needs("react-dom", "vite"),
      "mobile/package.json": needs("expo", "react"),
      "web/package.json": needs("next", "react-dom"),
      "admin/package.json": needs("react-dom", "express"),
      "desk/package.json": needs("react-dom", "electron"),
      "api/package.json": needs("fastify"),
    }),
    ["frontend", "mobile"],
  );
});

test("a package around a server's is none, and a folder is told once", () => {
  assert.deepEqual(
    found({
      "a/package.json": needs("vue"),
      "a/functions/package.json": needs("firebase-functions"),
      "b/package.json": needs("vue"),
      "b/widgets/package.json": needs("vue"),
    }),
    ["b"],
  );
});

test("beside a server in one package it takes a folder of components", () => {
  const both = { "package.json": needs("koa", "react-dom") };
  const app = [...many("app", 40, ".tsx"), ...many("app/stores", 20, ".ts")];
  assert.deepEqual(found(both, app), ["app"]);
  assert.deepEqual(found(both, many("app", 20, ".tsx")), [], "too few to tell");
  assert.deepEqual(found(both, [...many("app", 40, ".tsx"), ...many("app", 60, ".ts")]), [], "mostly no components");
  assert.deepEqual(found(both, [...app, "app/server/render.tsx"]), [], "names a server");
  assert.deepEqual(found({ "package.json": needs("koa") }, app), [], "draws nothing in a browser");
  assert.deepEqual(found({ "package.json": needs("next", "react-dom") }, app), [], "renders on a server");
  assert.deepEqual(found(both, many("src/client", 40, ".jsx")), ["src/client"]);
});

test("the client half of a feature whose server half stands beside it", () => {
  const both = { "package.json": needs("koa", "react-dom") };
  const plugin = [
    "plugins/slack/client/index.tsx",
    "plugins/slack/client/ui/Icon.tsx",
    "plugins/slack/server/hooks.ts",
  ];
  assert.deepEqual(found(both, plugin), ["plugins/slack/client"]);
  assert.deepEqual(found(both, [...plugin, "plugins/math/client/index.tsx", "other/math/client/index.tsx"]), [
    "plugins/math/client",
    "plugins/slack/client",
  ]);
  assert.deepEqual(found(both, plugin.slice(0, 2)), [], "no server beside it");
  assert.deepEqual(found({ "package.json": needs("koa") }, plugin), [], "draws nothing in a browser");
  assert.deepEqual(found({ "package.json": needs("next", "react-dom") }, plugin), [], "renders on a server");
});

test("a manifest that cannot be read tells nothing", () => {
  assert.deepEqual(found({ "frontend/package.json": "{ broken" }), []);
  assert.deepEqual(found({ "frontend/package.json": '{"dependencies": null}' }), []);
});
