// Runs inside of the editor's extension host: asks VS Code for what a user would see, and waits for it to come.
const assert = require("node:assert/strict");
const vscode = require("vscode");

const folder = () => vscode.workspace.workspaceFolders[0].uri;
const open = async (name) => {
  const document = await vscode.workspace.openTextDocument(vscode.Uri.joinPath(folder(), name));
  await vscode.window.showTextDocument(document);
  return document;
};

/** Asks again until the answer is there; an editor has no event for "the lenses are drawn". */
async function eventually(what, ask, limit = 60_000, show = undefined) {
  const until = Date.now() + limit;
  let last;
  while (Date.now() < until) {
    last = await ask();
    if (last) return last;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error(`waited in vain for ${what}${show ? `: ${JSON.stringify(await show())}` : ""}`);
}

const isJapanese = () => vscode.env.language.startsWith("ja");
const ours = (uri) => vscode.languages.getDiagnostics(uri).filter((it) => it.source === "slo-lens");
const codeOf = (it) => (typeof it.code === "object" ? it.code.value : it.code);
const textOf = (hovers) =>
  hovers
    .flatMap((it) => it.contents)
    .map((it) => (typeof it === "string" ? it : it.value))
    .join("\n");

const tests = {
  "the extension is the packaged one, and it starts": async () => {
    const extension = vscode.extensions.getExtension("slo-lens.slo-lens");
    assert.ok(extension, "not installed");
    await extension.activate();
  },
  "the count is warned about": async () => {
    const document = await open("src/recipe-store.ts");
    const found = await eventually("the warning", () =>
      ours(document.uri).find((it) => codeOf(it) === "unbounded-count"),
    );
    assert.equal(found.severity, vscode.DiagnosticSeverity.Warning);
    assert.match(document.lineAt(found.range.start.line).text, /pool\.query/);
    if (vscode.env.language.startsWith("ja")) assert.match(found.message, /件|行/);
    else assert.match(found.message, /counts all matching rows of recipes/);
  },
  "the lens shows the budget": async () => {
    const document = await open("src/routes/recipes.ts");
    const lenses = async () =>
      (await vscode.commands.executeCommand("vscode.executeCodeLensProvider", document.uri, 20)).map(
        (it) => it.command?.title ?? "",
      );
    const expected = isJapanese()
      ? /残り.*41|41.*残/
      : /^SLO 99 % · 41 of 180 failures left · burning 6\.2×, empty in 3 d$/;
    await eventually(
      "a lens with the budget",
      async () => (await lenses()).some((it) => expected.test(it)),
      60_000,
      lenses,
    );
  },
  "the hover on the route shows the budget": async () => {
    const document = await open("src/routes/recipes.ts");
    const line = [...Array(document.lineCount).keys()].find((it) =>
      document.lineAt(it).text.includes('get("/", listRecipes)'),
    );
    const card = async (column) =>
      textOf(
        await vscode.commands.executeCommand(
          "vscode.executeHoverProvider",
          document.uri,
          new vscode.Position(line, column),
        ),
      );
    const text = document.lineAt(line).text;
    for (const word of ['"/"', "listRecipes"]) {
      const found = await eventually("the card", async () => {
        const answer = await card(text.indexOf(word) + 1);
        return answer.includes("data:image/svg+xml") ? answer : undefined;
      });
      assert.match(found, /GET \/recipes/);
      assert.match(found, isJapanese() ? /139/ : /139 of 180 allowed failures spent, 41 left/);
    }
  },
  "the quick fix applies, and the warning goes": async () => {
    const document = await open("src/recipe-store.ts");
    const found = await eventually("the warning", () =>
      ours(document.uri).find((it) => codeOf(it) === "unbounded-count"),
    );
    const actions = await vscode.commands.executeCommand(
      "vscode.executeCodeActionProvider",
      document.uri,
      found.range,
      vscode.CodeActionKind.QuickFix.value,
      20,
    );
    const fix = actions.find((it) => /1,001/.test(it.title));
    assert.ok(fix, actions.map((it) => it.title).join("\n"));
    assert.ok(await vscode.workspace.applyEdit(fix.edit));
    assert.match(document.getText(), /FROM \(SELECT 1 FROM recipes .* LIMIT 1001\) AS capped/);
    await eventually("the warning to go", () => !ours(document.uri).some((it) => codeOf(it) === "unbounded-count"));
    await vscode.commands.executeCommand("workbench.action.files.revert");
  },
  "a file that does not parse keeps its findings": async () => {
    const document = await open("src/nutrition.ts");
    await eventually("the warning", () => ours(document.uri).some((it) => codeOf(it) === "missing-http-timeout"));
    const edit = new vscode.WorkspaceEdit();
    edit.insert(document.uri, document.lineAt(document.lineCount - 1).range.end, "\nexport function half( {");
    assert.ok(await vscode.workspace.applyEdit(edit));
    await eventually("the warning to stay", () =>
      ours(document.uri).some((it) => codeOf(it) === "missing-http-timeout"),
    );
    await vscode.commands.executeCommand("workbench.action.files.revert");
  },
};

exports.run = async () => {
  let failed = 0;
  for (const [name, test] of Object.entries(tests)) {
    try {
      await test();
      console.log(`ok - ${name}`);
    } catch (error) {
      failed++;
      console.error(`not ok - ${name}\n${error instanceof Error ? error.stack : error}`);
    }
  }
  if (failed > 0) throw new Error(`${failed} of ${Object.keys(tests).length} failed`);
};
