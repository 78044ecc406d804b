/**
 * The packaged extension in a real VS Code: what a user sees, in English and in Japanese. Runs through
 * `@vscode/test-electron`, whose executable is the editor host where no desktop build can be had.
 */
import assert from "node:assert/strict";
import { cpSync, existsSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { runTests } from "@vscode/test-electron";
import { packageExtension } from "../../scripts/package.ts";
import { exampleSnapshot } from "./snapshot.ts";

const root = path.join(import.meta.dirname, "../..");
const folder = mkdtempSync(path.join(tmpdir(), "slo-lens-example-"));
const executable = path.join(folder, "code");

before(async () => {
  await packageExtension();
  const example = path.join(folder, "recipes");
  cpSync(path.join(root, "examples/recipes"), example, { recursive: true });
  symlinkSync(path.join(root, "node_modules"), path.join(folder, "node_modules"));
  writeFileSync(path.join(example, "budget.json"), JSON.stringify(exampleSnapshot(new Date()), null, 2));
  // test-electron starts one program without a shell; this one starts ours.
  const program = path.join(root, "test/editor/code.ts");
  writeFileSync(
    executable,
    `#!/bin/sh\nexec "${process.execPath}" --disable-warning=ExperimentalWarning "${program}" "$@"\n`,
    { mode: 0o755 },
  );
});

after(() => rmSync(folder, { recursive: true, force: true }));

async function inEditor(locale: string): Promise<number> {
  const settings = {
    "sloLens.telemetry.source": "snapshot",
    "sloLens.telemetry.snapshot.path": "budget.json",
  };
  process.env.EDITOR_SETTINGS = JSON.stringify(settings);
  return await runTests({
    vscodeExecutablePath: process.env.VSCODE_TEST_EXECUTABLE ?? executable,
    extensionDevelopmentPath: path.join(root, "test/editor/driver"),
    extensionTestsPath: path.join(root, "test/editor/suite.cjs"),
    launchArgs: [path.join(folder, "recipes"), `--locale=${locale}`],
  });
}

test("the extension is packed", () => assert.ok(existsSync(path.join(root, ".cache/slo-lens.vsix"))));

test("a user sees the warning, the budget and the repair", async () => assert.equal(await inEditor("en"), 0));
