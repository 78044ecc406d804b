/** Writes an objective for an endpoint that has none into a file of its own. */
import { existsSync } from "node:fs";
import path from "node:path";
import type { WorkspaceEdit } from "vscode-languageserver";
import type { Endpoint, Language } from "../engine/index.ts";
import { type DraftSlo, type NewSloFile, newSloFor, unmeasured } from "../slo/index.ts";
import type { Folder } from "./folder.ts";
import { uriOf } from "./locations.ts";

/** What the repository says of a new objective: format, metrics, service. */
export function newSloIn(folder: Folder, endpoint: Endpoint): DraftSlo {
  return newSloFor({
    endpoint,
    endpoints: folder.endpoints,
    declared: folder.metrics,
    objectives: folder.objectives,
    manifest: (it) => folder.text(it),
    rootName: path.basename(folder.root),
  });
}

/** Creates a file with its text; never writes over one that is there. */
export function newSloEdit(
  folder: Folder,
  { name, text }: NewSloFile,
): { readonly uri: string; readonly edit: WorkspaceEdit } {
  const uri = uriOf(folder.root, freePath(folder, name));
  const start = { line: 0, character: 0 };
  return {
    uri,
    edit: {
      documentChanges: [
        { kind: "create", uri, options: { ignoreIfExists: true } },
        { textDocument: { uri, version: null }, edits: [{ range: { start, end: start }, newText: text }] },
      ],
    },
  };
}

/** The file that is written where nobody is asked for numbers. */
export const unmeasuredSlo = (folder: Folder, endpoint: Endpoint, language: Language): NewSloFile =>
  unmeasured(newSloIn(folder, endpoint), language);

function freePath(folder: Folder, name: string): string {
  for (let i = 1; ; i++) {
    const file = `slo/${i === 1 ? name : name.replace(/(\.\w+)$/, `-${i}$1`)}`;
    if (!existsSync(path.join(folder.root, file))) return file;
  }
}
