/** Diagnostics on their way to the client: pulled where it can, pushed where it cannot, told anew only where they differ. */
import {
  type Connection,
  type Diagnostic,
  type DocumentDiagnosticReport,
  DocumentDiagnosticReportKind,
} from "vscode-languageserver";
import type { Documents, OpenDocument } from "./documents.ts";
import type { Door } from "./door.ts";
import type { Abilities } from "./initialization.ts";

export interface DiagnosticAnswers {
  /** For clients that do not pull: the newest text of a document, once the messages at hand are read. */
  readonly push: (it: OpenDocument) => void;
  /** The answer to a client that pulls. */
  readonly pulled: (it: OpenDocument, previousResultId: string | undefined) => DocumentDiagnosticReport;
  /** After a new revision or new numbers: told only where an open document's answer would now be another. */
  readonly refresh: () => void;
  /** The document was closed. */
  readonly forget: (uri: string) => void;
}

export interface DiagnosticAnswersOptions {
  readonly connection: Connection;
  readonly door: Door;
  readonly documents: () => Documents;
  readonly can: () => Abilities | undefined;
  readonly itemsOf: (it: OpenDocument) => Diagnostic[];
  /** What was open has been answered for. */
  readonly onAnswered: () => void;
}

export function createDiagnosticAnswers(options: DiagnosticAnswersOptions): DiagnosticAnswers {
  const { connection, door, documents, can, itemsOf } = options;
  const answered = new Map<string, { readonly json: string; readonly resultId: string }>();
  const pushing = new Set<OpenDocument>();
  let nextResult = 1;

  const remember = (
    uri: string,
    items: readonly Diagnostic[],
  ): { readonly resultId: string; readonly isNew: boolean } => {
    const json = JSON.stringify(items);
    const known = answered.get(uri);
    if (known?.json === json) return { resultId: known.resultId, isNew: false };
    const resultId = String(nextResult++);
    answered.set(uri, { json, resultId });
    return { resultId, isNew: true };
  };

  const publish = (it: OpenDocument | undefined): void => {
    if (!it || door.isClosed) return;
    const diagnostics = itemsOf(it);
    remember(it.document.uri, diagnostics);
    void connection.sendDiagnostics({ uri: it.document.uri, version: it.document.version, diagnostics });
  };

  return {
    push: (it) => {
      const abilities = can();
      if (!abilities || abilities.pull) return;
      if (pushing.size === 0)
        setImmediate(() => {
          const due = [...pushing];
          pushing.clear();
          for (const each of due) door.guard("publishDiagnostics", () => publish(documents().get(each.document.uri)));
          options.onAnswered();
        });
      pushing.add(it);
    },
    pulled: (it, previousResultId) => {
      const items = itemsOf(it);
      const { resultId, isNew } = remember(it.document.uri, items);
      return !isNew && previousResultId === resultId
        ? { kind: DocumentDiagnosticReportKind.Unchanged, resultId }
        : { kind: DocumentDiagnosticReportKind.Full, resultId, items };
    },
    refresh: () => {
      if (door.isClosed) return;
      let isStale = false;
      for (const it of documents().all()) {
        const known = answered.get(it.document.uri);
        if (!known || JSON.stringify(itemsOf(it)) === known.json) continue;
        if (can()?.pull) isStale = true;
        else publish(it);
      }
      if (isStale && can()?.pullRefresh) connection.languages.diagnostics.refresh().catch(() => {});
    },
    forget: (uri) => {
      answered.delete(uri);
      if (!can()?.pull) void connection.sendDiagnostics({ uri, diagnostics: [] });
    },
  };
}
