/** Which folder an address belongs to, and the documents that are open. */
import { type Connection, TextDocumentSyncKind, TextDocuments } from "vscode-languageserver";
import { TextDocument } from "vscode-languageserver-textdocument";
import type { Folder } from "./folder.ts";
import { inside, pathOf, uriOf } from "./locations.ts";
import { type Locator, locatorOf } from "./position.ts";

/** An open document with the folder that answers for it. */
export interface OpenDocument {
  readonly document: TextDocument;
  readonly folder: Folder;
  /** Folder-relative with `/`. */
  readonly path: string;
}

export interface Documents {
  readonly all: () => readonly OpenDocument[];
  readonly get: (uri: string) => OpenDocument | undefined;
  /** The client's own address of a file if it is open, else one made from the path. */
  readonly address: (folder: Folder, path: string) => string;
  /** Version of an open document; null for a file on disk. */
  readonly version: (folder: Folder, path: string) => number | null;
  /** Places in a file, open or not, as `summary` offsets count them. */
  readonly locator: (folder: Folder, path: string, lines?: readonly number[]) => Locator;
  /** Hands every open document to the folder that answers for it now. */
  readonly reassign: () => void;
}

export interface DocumentEvents {
  readonly onOpen: (it: OpenDocument) => void;
  readonly onChange: (it: OpenDocument) => void;
  readonly onSave: (it: OpenDocument) => void;
  readonly onClose: (it: OpenDocument) => void;
  readonly guard: (name: string, run: () => void) => void;
}

export const syncKind: TextDocumentSyncKind = TextDocumentSyncKind.Incremental;
/** UTF-16 code units; larger documents are not looked at. */
const MAX_LENGTH = 5_000_000;

export function listenToDocuments(
  connection: Connection,
  folderOf: (absolute: string) => Folder,
  events: DocumentEvents,
): Documents {
  const texts = new TextDocuments(TextDocument);
  const open = new Map<string, OpenDocument>();
  const byPlace = new Map<string, OpenDocument>();
  const placeOf = (folder: Folder, path: string): string => `${folder.root}\n${path}`;

  const assign = (document: TextDocument): OpenDocument | undefined => {
    const absolute = pathOf(document.uri);
    if (absolute === undefined || document.getText().length > MAX_LENGTH) return undefined;
    const folder = folderOf(absolute);
    const path = inside(folder.root, absolute);
    if (path === undefined) return undefined;
    const it: OpenDocument = { document, folder, path };
    open.set(document.uri, it);
    byPlace.set(placeOf(folder, path), it);
    folder.setText(path, document.getText());
    return it;
  };
  /** An address can be written in several ways, and a link may bring another one than the document was opened by. */
  const bySpelling = (uri: string): OpenDocument | undefined => {
    const absolute = pathOf(uri);
    return absolute === undefined ? undefined : [...open.values()].find((it) => pathOf(it.document.uri) === absolute);
  };
  const forget = (it: OpenDocument): void => {
    open.delete(it.document.uri);
    byPlace.delete(placeOf(it.folder, it.path));
    it.folder.close(it.path);
  };

  texts.onDidChangeContent(({ document }) =>
    events.guard("textDocument/didChange", () => {
      const known = open.get(document.uri);
      if (known && document.getText().length <= MAX_LENGTH) {
        known.folder.setText(known.path, document.getText());
        events.onChange(known);
        return;
      }
      if (known) forget(known);
      const it = assign(document);
      if (it) events.onOpen(it);
    }),
  );
  texts.onDidSave(({ document }) =>
    events.guard("textDocument/didSave", () => {
      const it = open.get(document.uri);
      if (it) events.onSave(it);
    }),
  );
  texts.onDidClose(({ document }) =>
    events.guard("textDocument/didClose", () => {
      const it = open.get(document.uri);
      if (!it) return;
      forget(it);
      events.onClose(it);
    }),
  );
  texts.listen(connection);

  return {
    all: () => [...open.values()],
    get: (uri) => open.get(uri) ?? bySpelling(uri),
    address: (folder, path) => byPlace.get(placeOf(folder, path))?.document.uri ?? uriOf(folder.root, path),
    version: (folder, path) => byPlace.get(placeOf(folder, path))?.document.version ?? null,
    locator: (folder, path, lines) => {
      const it = byPlace.get(placeOf(folder, path));
      if (it) return it.document;
      const known = lines ?? folder.summary(path)?.lines;
      if (known) return locatorOf(known);
      return TextDocument.create("", "", 0, folder.text(path) ?? "");
    },
    reassign: () => {
      for (const it of open.values()) {
        const absolute = pathOf(it.document.uri);
        if (absolute === undefined || folderOf(absolute) === it.folder) continue;
        forget(it);
        assign(it.document);
      }
    },
  };
}
