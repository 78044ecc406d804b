import assert from "node:assert/strict";
import { test } from "node:test";
import { parseLooseJson } from "../../platform/json.ts";

test("comments, trailing commas and a byte order mark are read as VS Code reads them", () => {
  assert.deepEqual(parseLooseJson('\uFEFF{ // why\n "paths": { "@/*": ["src/*",], }, /* and\n more */ }'), {
    paths: { "@/*": ["src/*"] },
  });
});

test("what cannot be read whole is read as far as it goes, and never stops the reader", () => {
  assert.deepEqual(parseLooseJson('{ "name": "shop", "dependencies": '), { name: "shop" });
  assert.equal(parseLooseJson(""), undefined);
  assert.equal(parseLooseJson("[".repeat(200_000)), undefined);
});

test("a configuration whose every line is a commented-out option is read, however many there are", () => {
  // The file that `tsc --init` writes: a comment after each comma once took a time exponential in their number.
  const options = Array.from({ length: 400 }, (_, i) => `    // "option${i}": true, /* says // what */`).join("\n");
  assert.deepEqual(parseLooseJson(`{ "compilerOptions": { "strict": true,\n${options}\n"noEmit": true } }`), {
    compilerOptions: { strict: true, noEmit: true },
  });
});
