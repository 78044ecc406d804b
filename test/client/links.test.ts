import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { test } from "node:test";
import { URI } from "vscode-uri";
import { previewLinks } from "../../client/links.ts";

interface Preview {
  validateLink: (link: string) => boolean;
  readonly render: (markdown: string) => string;
}

/** As the preview draws it: markdown-it, with the editor's own scheme let through. */
const preview = (createRequire(import.meta.url)("markdown-it") as () => Preview)();
const passes = preview.validateLink.bind(preview);
preview.validateLink = (link) => passes(link) || link.startsWith("vscode:");

const hrefOf = (file: string, root?: string, line = "#L3"): string | undefined => {
  const markdown = `[GET /x](${URI.file(file).toString()}${line})`;
  // The premise: as it is, it is no link.
  assert.doesNotMatch(preview.render(markdown), /href/);
  const html = preview.render(previewLinks(markdown, root === undefined ? undefined : URI.file(root).toString()));
  return /^<p><a href="([^"]*)">GET \/x<\/a><\/p>\n$/.exec(html)?.[1];
};

test("a link to a file begins at the first folder of the workspace, which the preview follows", () => {
  assert.equal(hrefOf("/w/shop/src/a.ts", "/w/shop"), "/src/a.ts#L3");
  assert.equal(hrefOf("/w/shop/src/a.ts", "/w/shop", ""), "/src/a.ts");
  assert.equal(hrefOf("/w/other/a.ts", "/w/shop"), "/../other/a.ts#L3");
  assert.equal(hrefOf("/w/shop/app/[id]/(x) y.ts", "/w/shop"), "/app/%5Bid%5D/%28x%29%20y.ts#L3");
  assert.equal(hrefOf("/c:/w/a.ts", "/c:/w"), "/a.ts#L3");
});

test("what no path leads to is opened by the editor's own scheme", () => {
  assert.equal(hrefOf("/w/a b.ts"), "vscode://file/w/a%20b.ts:3");
  assert.equal(hrefOf("/d:/w/a.ts", "/c:/w"), "vscode://file/d%3A/w/a.ts:3");
});

test("other links and text stay as they are", () => {
  for (const it of [
    "[a](https://x.example/file:///y)",
    "\\](file:///w/a.ts",
    "text (file:///w/a.ts)",
    "![c](data:image/png;base64,AA)",
  ])
    assert.equal(previewLinks(it, "file:///w"), it);
});
