/** Every rule's page is its test. `UPDATE=1` writes what the rules say now into the pages; read the difference. */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { knowledge } from "../../rules/index.ts";
import { errorsIn } from "../kit/compile.ts";
import { applied, findingsOf, readPage, rendered, updatedPage } from "../kit/page.ts";

const root = join(import.meta.dirname, "../..");

for (const rule of knowledge.rules) {
  const file = join(root, "rules", rule.group, `${rule.id}.md`);
  if (process.env.UPDATE) writeFileSync(file, updatedPage(readFileSync(file, "utf8"), rule));
  const page = readFileSync(file, "utf8");
  const cases = readPage(page);
  describe(rule.id, () => {
    test("has a page with both sides", () => {
      assert.match(page, new RegExp(`^# ${rule.id}\\n`));
      assert.ok(
        cases.some((it) => it.section === "flagged"),
        "no flagged case",
      );
      assert.ok(
        cases.some((it) => it.section === "not flagged"),
        "no case that is not flagged",
      );
    });
    test("speaks both languages", () => {
      for (const text of [rule.title, ...Object.values(rule.messages).flatMap((it) => [it.what, it.help])]) {
        assert.notEqual(text.en.trim(), "");
        assert.match(text.ja, /[\p{sc=Hira}\p{sc=Kana}\p{sc=Han}]/u);
        assert.deepEqual(
          [...text.ja.matchAll(/\{[\w:]+\}/g)].map(String).sort(),
          [...text.en.matchAll(/\{[\w:]+\}/g)].map(String).sort(),
          `holes of ${text.en}`,
        );
      }
    });
    for (const it of cases) {
      test(`${it.section}: ${it.name}`, () => {
        const findings = findingsOf(rule, it.files);
        if (it.section === "flagged") {
          assert.ok(findings.length > 0, "nothing was found");
          assert.equal(rendered(rule, it.files, findings), it.expected);
        } else assert.equal(rendered(rule, it.files, findings), "");
      });
      const edited =
        it.section === "flagged"
          ? findingsOf(rule, it.files).flatMap((finding) => finding.fixes.filter((fix) => fix.edits.length > 0))
          : [];
      if (edited.length === 0) continue;
      test(`fixes compile: ${it.name}`, () => {
        assert.deepEqual(errorsIn(it.files), [], "the case itself must compile");
        for (const fix of edited) {
          assert.deepEqual(errorsIn(applied(it.files, fix.edits)), [], fix.title.en);
        }
      });
    }
  });
}
