import assert from "node:assert/strict";
import { test } from "node:test";
import { type Allowance, summarizeText } from "../../../engine/index.ts";
import { nodeParser } from "../../../platform/parser.ts";

function allowed(text: string, file = "a.ts"): (Omit<Allowance, "at" | "covers"> & { readonly covers: string })[] {
  return summarizeText(nodeParser(), file, text).allowances.map(({ at: _, covers, ...it }) => ({
    ...it,
    covers: text.slice(...covers).trim(),
  }));
}

test("behind code it speaks of its own line", () => {
  assert.deepEqual(allowed("a();\nb(); // slo-allow unbounded-count: a dozen rows at most\nc();"), [
    {
      rule: "unbounded-count",
      reason: "a dozen rows at most",
      covers: "b(); // slo-allow unbounded-count: a dozen rows at most",
    },
  ]);
});

test("on a line of its own it speaks of the next line of code", () => {
  const text =
    "// slo-allow query-in-loop: three at most\n\n// Another remark.\n/* and one\n * more */\nfor (const a of b) f(a);\ng();";
  assert.deepEqual(
    allowed(text).map((it) => it.covers),
    ["for (const a of b) f(a);"],
  );
});

test("it may name several rules and an end", () => {
  assert.deepEqual(allowed("// slo-allow one, two: until the index is there, until 2026-12-31\na();"), [
    { rule: "one", reason: "until the index is there", until: "2026-12-31", covers: "a();" },
    { rule: "two", reason: "until the index is there", until: "2026-12-31", covers: "a();" },
  ]);
  assert.deepEqual(
    allowed("/* slo-allow one: why (until 2027-01-02) */ a();").map((it) => [it.reason, it.until]),
    [["why", "2027-01-02"]],
  );
});

test("without a reason it has an empty one", () => {
  assert.deepEqual(
    allowed("a(); // slo-allow one").map((it) => [it.rule, it.reason]),
    [["one", ""]],
  );
});

test("strings and prose are none", () => {
  assert.deepEqual(allowed("a('// slo-allow one: x'); // see slo-allow\n// The slo-allow: comment"), []);
});

test("it works in markup, with Windows line ends and at the end of a file", () => {
  assert.deepEqual(
    allowed("const a = <p>{/* slo-allow one: x */}{f()}</p>;", "a.tsx").map((it) => it.rule),
    ["one"],
  );
  assert.deepEqual(
    allowed("// slo-allow one: x\r\n\r\na();\r\n").map((it) => [it.reason, it.covers]),
    [["x", "a();"]],
  );
  assert.deepEqual(
    allowed("a();\n// slo-allow one: x").map((it) => it.rule),
    ["one"],
  );
});
