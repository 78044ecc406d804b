import assert from "node:assert/strict";
import { test } from "node:test";
import { URI } from "vscode-uri";
import { readPlace } from "../../client/place.ts";

const parse = (text: string): URI => URI.parse(text, true);
const inWorkspace = (it: URI): boolean => it.authority === "" && /^\/(c:\/)?w\//.test(it.path);
const uriOf = (uri: unknown): string | undefined => readPlace({ uri, line: 0, character: 0 }, parse, inWorkspace)?.uri;

test("an address that a link brings decoded is written as the editor writes it", () => {
  for (const file of ["/w/app/[id]/route.ts", "/w/my app/a.ts", "/w/価格/a.ts", "/c:/w/a.ts", "/w/a+b&c=d.ts"]) {
    const own = URI.file(file).toString();
    assert.equal(uriOf(own), own);
    assert.equal(uriOf(decodeURIComponent(own)), own);
  }
  assert.equal(uriOf("file:///c:/w/a.ts"), "file:///c%3A/w/a.ts");
});

test("what is no place of the reader's own files is refused", () => {
  for (const uri of [
    "file:///etc/passwd",
    "file://host/w/a.ts",
    "file:///w/../etc/passwd",
    "file:///w/%2e%2e/etc/passwd",
    "https://host/w/a.ts",
    "command:x",
    "w/a.ts",
    "",
    7,
    `file:///w/${"a".repeat(5000)}`,
  ])
    assert.equal(uriOf(uri), undefined, String(uri));
  const at = (line: unknown, character: unknown) =>
    readPlace({ uri: "file:///w/a", line, character }, parse, inWorkspace);
  assert.deepEqual(at(3, 4), { uri: "file:///w/a", line: 3, character: 4 });
  for (const odd of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31, "1", undefined]) {
    assert.equal(at(odd, 0), undefined);
    assert.equal(at(0, odd), undefined);
  }
  for (const odd of [undefined, null, 7, "file:///w/a", []])
    assert.equal(readPlace(odd, parse, inWorkspace), undefined);
});

test("an endpoint is named by method and route together", () => {
  const of = (more: object) => readPlace({ uri: "file:///w/a", line: 0, character: 0, ...more }, parse, inWorkspace);
  assert.deepEqual(of({ method: "POST", route: "/a" }), {
    uri: "file:///w/a",
    line: 0,
    character: 0,
    method: "POST",
    route: "/a",
  });
  for (const half of [{ method: "POST" }, { route: "/a" }, { method: 1, route: "/a" }])
    assert.deepEqual(of(half), { uri: "file:///w/a", line: 0, character: 0 });
});
