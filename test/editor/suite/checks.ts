/// <reference types="vscode" />
/** What somebody who opens the example sees, asked of the editor itself. The order is a visit: the fix comes last. */
import assert from "node:assert/strict";
import * as vscode from "vscode";

type Language = "en" | "ja";

const expected = {
  en: {
    count: /counts? all|COUNT|cost grows/i,
    lens: /^SLO 99 % · 41 of 180/,
    fix: /^Application: stop counting at 1,001$/,
    harm: /what a failure means for the person who asked/,
    meant: /is `recipes\/list-latency` meant\?/,
    allowed: /1 of 100 requests may fail/,
  },
  ja: {
    count: /[ぁ-ん]/,
    lens: /^SLO 99 ?% · .*180.*41|^SLO 99 ?% · .*41.*180/,
    fix: /1,001/,
    harm: /失敗がリクエストした人にとって/,
    meant: /`recipes\/list-latency` の間違い/,
    allowed: /100 件に 1 件まで/,
  },
} as const;

export function checks(language: Language): Readonly<Record<string, () => Promise<void>>> {
  const words = expected[language];
  return {
    "the extension is active and speaks the language of the editor": async () => {
      assert.equal(vscode.env.language, language);
      await open("src/recipe-store.ts");
      const extension = vscode.extensions.getExtension("slo-lens.slo-lens");
      assert.ok(extension, "the extension is not installed");
      await extension.activate();
      assert.ok(extension.isActive);
      const names = await vscode.commands.getCommands(true);
      for (const name of [
        "restart",
        "showOutput",
        "setToken",
        "refresh",
        "explainFinding",
        "explainLine",
        "connectTelemetry",
        "report",
        "createSlo",
      ])
        assert.ok(names.includes(`sloLens.${name}`), `no command sloLens.${name}`);
      // The manifest's own texts.
      const title = (
        extension.packageJSON as { contributes: { commands: { command: string; title: string | { value: string } }[] } }
      ).contributes.commands.find((it) => it.command === "sloLens.restart")!.title;
      assert.match(typeof title === "string" ? title : title.value, language === "ja" ? /再起動/ : /^Restart Server$/);
    },
    "the COUNT has a warning in the language of the editor": async () => {
      const document = await open("src/recipe-store.ts");
      const finding = await diagnosticOf(document.uri, "unbounded-count");
      assert.equal(finding.severity, vscode.DiagnosticSeverity.Warning);
      assert.equal(finding.source, "slo-lens");
      assert.match(finding.message, words.count);
      // Not on the whole statement, but where it is repaired.
      assert.equal(finding.range.start.line, lineOf(document, "const counted"));
      assert.ok((finding.relatedInformation ?? []).some((it) => it.message.includes("GET /recipes")));
    },
    "the route shows what is left of its budget": async () => {
      const document = await open("src/routes/recipes.ts");
      const text = await until(async () => {
        const hovers = await vscode.commands.executeCommand<vscode.Hover[]>(
          "vscode.executeHoverProvider",
          document.uri,
          positionOf(document, '"/", listRecipes'),
        );
        const shown = hovers.map(textOf).join("\n");
        return shown.includes("139") ? shown : undefined;
      }, "a hover with the numbers of the snapshot");
      assert.match(text, /GET \/recipes/);
      assert.match(text, /data:image\/svg\+xml/);
      assert.match(text, /139/);
      assert.match(text, /41/);
      assert.match(text, language === "ja" ? /レシピの一覧が表示される前に/ : /gives up before the list of recipes/);
    },
    "a lens above the handler says the same in a line": async () => {
      const document = await open("src/routes/recipes.ts");
      const title = await until(async () => {
        const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>(
          "vscode.executeCodeLensProvider",
          document.uri,
          50,
        );
        return lenses.map((it) => it.command?.title ?? "").find((it) => words.lens.test(it));
      }, `a lens like ${words.lens}`);
      assert.match(title, /6\.2/);
    },
    "a rule's page opens, and a link cannot make it open anything else": async () => {
      await vscode.commands.executeCommand("sloLens.explainFinding", "unbounded-count");
      const preview = await until(
        () => vscode.window.tabGroups.all.flatMap((it) => it.tabs).find((it) => it.label.includes("unbounded-count")),
        "a tab with the page",
      );
      await vscode.window.tabGroups.close(preview);
      const before = tabCount();
      for (const hostile of ["../../package", "file:///etc/passwd", { toString: () => "unbounded-count" }, undefined])
        await vscode.commands.executeCommand("sloLens.explainFinding", hostile);
      assert.equal(tabCount(), before);
    },
    "what is believed of a line opens as a page": async () => {
      const document = await open("src/nutrition.ts");
      const { range } = await diagnosticOf(document.uri, "missing-http-timeout");
      const at = { uri: document.uri.toString(), line: range.start.line, character: 0 };
      await vscode.commands.executeCommand("sloLens.explainLine", at);
      const preview = await until(
        () => vscode.window.tabGroups.all.flatMap((it) => it.tabs).find((it) => it.label.includes("nutrition.ts:")),
        "a tab with what is believed of the line",
      );
      await vscode.window.tabGroups.close(preview);
      const page = vscode.workspace.textDocuments.find((it) => it.uri.path.includes("nutrition.ts:"));
      if (page) assert.match(page.getText(), language === "ja" ? /タイムアウト: なし/ : /time limit: none/);
    },
    "the SLO view opens": async () => {
      // There is such a command only where the manifest has the view.
      await vscode.commands.executeCommand("sloLens.overview.focus");
    },
    "the fix compiles into the query and the warning goes": async () => {
      const document = await open("src/recipe-store.ts");
      // An editor that is asked while it takes in new findings answers with nothing: it is asked again, a few times.
      let actions: readonly vscode.CodeAction[] = [];
      for (let left = 10; left > 0 && !actions.some((it) => words.fix.test(it.title)); left--)
        actions = await vscode.commands.executeCommand<vscode.CodeAction[]>(
          "vscode.executeCodeActionProvider",
          document.uri,
          (await diagnosticOf(document.uri, "unbounded-count")).range,
          vscode.CodeActionKind.QuickFix.value,
          20,
        );
      const fix = actions.find((it) => words.fix.test(it.title));
      assert.ok(fix, `no fix ${words.fix} among: ${actions.map((it) => it.title).join(" | ")}`);
      assert.ok(fix.edit, "the fix has no edit");
      assert.ok(await vscode.workspace.applyEdit(fix.edit));
      assert.match(document.getText(), /LIMIT 1001\) AS capped/);
      await until(
        () => (diagnosticsOf(document.uri).some((it) => codeOf(it) === "unbounded-count") ? undefined : true),
        "the warning's end",
      );
    },
    "slo-lens.yaml is completed, explained and checked by the extension itself": async () => {
      assert.equal(vscode.extensions.getExtension("redhat.vscode-yaml"), undefined);
      const document = await open("slo-lens.yaml");
      const at = positionOf(document, "criticality: high").translate(0, "criticality: ".length - 1);
      const list = await until(async () => {
        const found = await vscode.commands.executeCommand<vscode.CompletionList>(
          "vscode.executeCompletionItemProvider",
          document.uri,
          at,
        );
        return found.items.some((it) => labelOf(it) === "normal") ? found : undefined;
      }, "values of criticality");
      assert.ok(["high", "normal", "low"].every((each) => list.items.some((it) => labelOf(it) === each)));
      const hovers = await vscode.commands.executeCommand<vscode.Hover[]>(
        "vscode.executeHoverProvider",
        document.uri,
        positionOf(document, "harm:"),
      );
      assert.match(hovers.map(textOf).join("\n"), words.harm);
      // A slip is told, and its correction is offered; afterwards the file is as it was.
      const end = document.lineAt(document.lineCount - 1).range.end;
      const slip = new vscode.WorkspaceEdit();
      slip.insert(document.uri, end, "slos:\n  recipes/list-latenci: GET /recipes\n");
      assert.ok(await vscode.workspace.applyEdit(slip));
      const told = await diagnosticOf(document.uri, "config-unknown-slo-near");
      assert.match(told.message, words.meant);
      assert.equal(document.getText(told.range), "recipes/list-latenci");
      await vscode.commands.executeCommand("undo");
    },
    "an SLO file has a lens, a way to its handlers, and says what it allows": async () => {
      const document = await open("slo/recipes.openslo.yaml");
      const name = positionOf(document, "list-latency");
      const title = await until(async () => {
        const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>(
          "vscode.executeCodeLensProvider",
          document.uri,
          50,
        );
        return lenses.map((it) => it.command?.title ?? "").find((it) => words.lens.test(it));
      }, "a lens above the objective");
      assert.match(title, /1/);
      const hovers = await vscode.commands.executeCommand<vscode.Hover[]>(
        "vscode.executeHoverProvider",
        document.uri,
        name,
      );
      assert.match(hovers.map(textOf).join("\n"), words.allowed);
      const found = await vscode.commands.executeCommand<(vscode.Location | vscode.LocationLink)[]>(
        "vscode.executeDefinitionProvider",
        document.uri,
        name,
      );
      assert.ok(found.some((it) => ("uri" in it ? it.uri : it.targetUri).path.endsWith(".ts")));
    },
    "after a restart of the server the findings are there again": async () => {
      const document = await open("src/nutrition.ts");
      await diagnosticOf(document.uri, "missing-http-timeout");
      await vscode.commands.executeCommand("sloLens.restart");
      await diagnosticOf(document.uri, "missing-http-timeout");
    },
  };
}

async function open(path: string): Promise<vscode.TextDocument> {
  const [folder] = vscode.workspace.workspaceFolders!;
  const document = await vscode.workspace.openTextDocument(vscode.Uri.joinPath(folder!.uri, path));
  await vscode.window.showTextDocument(document, { preview: false });
  return document;
}

const diagnosticsOf = (uri: vscode.Uri): readonly vscode.Diagnostic[] => vscode.languages.getDiagnostics(uri);

async function diagnosticOf(uri: vscode.Uri, code: string): Promise<vscode.Diagnostic> {
  return await until(() => diagnosticsOf(uri).find((it) => codeOf(it) === code), `a finding of ${code}`);
}

function codeOf({ code }: vscode.Diagnostic): unknown {
  return typeof code === "object" ? code.value : code;
}

function textOf({ contents }: vscode.Hover): string {
  return contents.map((it) => (typeof it === "string" ? it : it.value)).join("\n");
}

function lineOf(document: vscode.TextDocument, text: string): number {
  return positionOf(document, text).line;
}

function positionOf(document: vscode.TextDocument, text: string): vscode.Position {
  const at = document.getText().indexOf(text);
  assert.notEqual(at, -1, `"${text}" is not in ${document.uri.path}`);
  return document.positionAt(at + 1);
}

const labelOf = ({ label }: vscode.CompletionItem): string => (typeof label === "string" ? label : label.label);

const tabCount = (): number => vscode.window.tabGroups.all.flatMap((it) => it.tabs).length;

/** Asks again until there is an answer; what is asked has no event of its own. @throws after 40 s. */
async function until<T>(ask: () => T | undefined | Promise<T | undefined>, what: string): Promise<T> {
  const end = Date.now() + 40_000;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (Date.now() > end) throw new Error(`Waited 40 s for ${what}.`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
