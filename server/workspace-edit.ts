/** Edits as a client takes them, and what it can take. */
import type { TextEdit, WorkspaceEdit } from "vscode-languageserver";
import type { Edit } from "../engine/index.ts";
import type { Source } from "../slo/index.ts";
import type { AnswerContext } from "./context.ts";
import type { OpenDocument } from "./documents.ts";
import { rangeAt } from "./position.ts";

export interface CodeActionContext extends AnswerContext {
  /** Commands of the client that may be named. */
  readonly commands: ReadonlySet<string>;
  /** Where numbers that nobody has asked for yet can be had. */
  readonly source: (it: OpenDocument) => Source | undefined;
  readonly can: {
    readonly resolve: boolean;
    readonly documentChanges: boolean;
    readonly snippets: boolean;
    readonly createFiles: boolean;
    readonly showDocument: boolean;
  };
}

/** Edits of one fix, per file, with the versions they were made for. */
export function toWorkspaceEdit(it: OpenDocument, edits: readonly Edit[], context: CodeActionContext): WorkspaceEdit {
  const { documents, can } = context;
  const byPath = new Map<string, TextEdit[]>();
  for (const edit of edits) {
    const locator = documents.locator(it.folder, edit.path);
    const known = byPath.get(edit.path) ?? [];
    known.push({ range: rangeAt(locator, edit.at), newText: edit.text });
    byPath.set(edit.path, known);
  }
  const files = [...byPath].map(([path, own]) => ({ path, uri: documents.address(it.folder, path), edits: own }));
  if (!can.documentChanges) return { changes: Object.fromEntries(files.map(({ uri, edits: own }) => [uri, own])) };
  return {
    documentChanges: files.map(({ path, uri, edits: own }) => ({
      textDocument: { uri, version: documents.version(it.folder, path) },
      edits: own,
    })),
  };
}
