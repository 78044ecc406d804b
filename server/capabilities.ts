/** What the server says it can do, to a client that can so much. */
import { CodeActionKind, type ServerCapabilities } from "vscode-languageserver";
import { openRuleCommand } from "./code-actions.ts";
import { syncKind } from "./documents.ts";
import type { Abilities } from "./initialization.ts";

export function capabilitiesFor(can: Abilities): ServerCapabilities {
  return {
    positionEncoding: "utf-16",
    textDocumentSync: { openClose: true, change: syncKind, save: { includeText: false } },
    ...(can.pull
      ? { diagnosticProvider: { identifier: "slo-lens", interFileDependencies: true, workspaceDiagnostics: false } }
      : {}),
    codeActionProvider: {
      codeActionKinds: [CodeActionKind.QuickFix, CodeActionKind.Refactor, `${CodeActionKind.SourceFixAll}.slo-lens`],
      resolveProvider: can.resolvesEdits,
    },
    codeLensProvider: { resolveProvider: false },
    hoverProvider: true,
    definitionProvider: true,
    referencesProvider: true,
    // Where it can be: for files that may be ours alone, so that nobody's code is asked about.
    ...(can.linksBySelector ? {} : { documentLinkProvider: {} }),
    ...(can.completionBySelector ? {} : { completionProvider: {} }),
    executeCommandProvider: { commands: [openRuleCommand] },
    ...(can.folders ? { workspace: { workspaceFolders: { supported: true, changeNotifications: true } } } : {}),
  };
}
