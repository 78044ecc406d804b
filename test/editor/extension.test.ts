/** The packed extension in a real VS Code, in English and in Japanese, through `@vscode/test-electron`. */
import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { runTests } from "@vscode/test-electron";
import { listFiles, PackageManager } from "@vscode/vsce";
import { build } from "esbuild";
import { packageExtension } from "../../scripts/package.ts";
import type { Outcome } from "./suite/index.ts";
import { exampleFolder } from "./workspace.ts";

const home = mkdtempSync(path.join(tmpdir(), "slo-lens-editor-test-"));
const suite = path.join(home, "suite.cjs");
const editor = path.join(home, "code");
const stub = path.join(home, "stub");
let vsix = "";

before(async () => {
  vsix = await packageExtension(path.join(home, "slo-lens.vsix"));
  await build({
    entryPoints: [path.join(import.meta.dirname, "suite/index.ts")],
    outfile: suite,
    bundle: true,
    platform: "node",
    format: "cjs",
    external: ["vscode"],
    logLevel: "warning",
  });
  // `@vscode/test-electron` wants one executable and an extension under development; the tested one is installed.
  const program = path.join(import.meta.dirname, "../../scripts/editor-host/code.ts");
  writeFileSync(
    editor,
    `#!/bin/sh\nexec "${process.execPath}" --disable-warning=ExperimentalWarning "${program}" "$@"\n`,
  );
  chmodSync(editor, 0o755);
  const manifest = { name: "driver", publisher: "slo-lens", version: "0.0.1", engines: { vscode: "^1.101.0" } };
  mkdirSync(stub);
  writeFileSync(path.join(stub, "package.json"), JSON.stringify(manifest));
});

after(() => rmSync(home, { recursive: true, force: true }));

test("the package holds what runs, and nothing else", async () => {
  const root = path.join(import.meta.dirname, "../..");
  // As it is packed: everything is bundled, no package is asked for.
  const files = await listFiles({ cwd: root, packageManager: PackageManager.None });
  for (const file of [
    "dist/client.cjs",
    "dist/server.js",
    "dist/worker.js",
    "dist/cli.js",
    "dist/THIRD-PARTY-NOTICES.txt",
    "dist/rules/database/unbounded-count.md",
    "dist/node_modules/typescript/lib/typescript.js",
    "package.nls.ja.json",
    "l10n/bundle.l10n.ja.json",
    "schemas/slo-lens.schema.json",
    "syntaxes/sql-injection.tmLanguage.json",
  ])
    assert.ok(files.includes(file), `${file} is not packed`);
  assert.deepEqual(
    files.filter((it) => /\.(ts|map|test\.js)$/.test(it) || /^(test|examples|scripts|\.cache)\//.test(it)),
    [],
  );
  assert.ok(statSync(vsix).size < 12_000_000, "the package is too large");
});

for (const language of ["en", "ja"] as const)
  test(`the extension in VS Code, ${language}`, { timeout: 170_000 }, async (t) => {
    const { folder, remove } = exampleFolder();
    t.after(remove);
    const file = path.join(home, `outcomes-${language}.json`);
    const ran = await runTests({
      vscodeExecutablePath: editor,
      extensionDevelopmentPath: stub,
      extensionTestsPath: suite,
      launchArgs: [folder, `--with-extension=${vsix}`, `--locale=${language}`],
      extensionTestsEnv: { SLO_LENS_TEST_OUTCOMES: file, SLO_LENS_TEST_LANGUAGE: language },
    }).catch((error: unknown) => error);
    assert.ok(existsSync(file), `The editor did not run the checks: ${ran}`);
    const outcomes = JSON.parse(readFileSync(file, "utf8")) as readonly Outcome[];
    assert.ok(outcomes.length > 0);
    for (const { name, error } of outcomes)
      await t.test(name, () => {
        if (error !== undefined) throw new Error(error);
      });
    assert.equal(ran, 0);
  });
