/** Cut and mangled copies of real files: this project's own, and the code on the pages of the rules. `scripts/fuzz.ts` goes on. */
import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { mangle, seeded } from "../../scripts/fuzz/mutate.ts";
import { readText } from "../../scripts/fuzz/texts.ts";
import { createWatch } from "../../scripts/fuzz/watch.ts";

const root = path.join(import.meta.dirname, "../..");
/** Blocks of code within a page, with the name they are read under. */
const BLOCK = /^```(ts|tsx|sql|prisma)\b[^\n]*\n([\s\S]*?)^```/gm;

test("mangled files are read without a crash, and nothing in a summary points outside of its text", () => {
  const texts = [
    ...globSync("{engine,slo,examples}/**/*.ts", { cwd: root }).map((it) => ({ name: it, text: read(it) })),
    ...globSync("rules/**/*.md", { cwd: root }).flatMap((page) =>
      [...read(page).matchAll(BLOCK)].map(([, kind, text]) => ({ name: `${page}.${kind}`, text: text! })),
    ),
  ]
    .filter((it) => it.text.length < 20_000)
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  assert.ok(texts.length > 400, "the texts to mangle are there");
  const random = seeded(20_261_127);
  const watch = createWatch();
  for (let round = 0; round < 1_000; round++) {
    const { name, text } = texts[Math.floor(random() * texts.length)]!;
    readText(name, mangle(text, random), `${name}, round ${round}`, watch);
  }
  assert.deepEqual(watch.result().wrong, []);
});

const read = (file: string): string => readFileSync(path.join(root, file), "utf8");
