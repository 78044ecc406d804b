/** A language client over streams in this process: the real server, asked as an editor would, waited for by its events. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { PassThrough } from "node:stream";
import { createConnection } from "vscode-languageserver/node";
import {
  type ClientCapabilities,
  type CodeAction,
  createProtocolConnection,
  type Diagnostic,
  type DocumentDiagnosticReport,
  type InitializeResult,
  type ProtocolConnection,
  type Range,
  StreamMessageReader,
  StreamMessageWriter,
  type TextEdit,
  type WorkspaceEdit,
} from "vscode-languageserver-protocol/node";
import { TextDocument } from "vscode-languageserver-textdocument";
import { URI } from "vscode-uri";
import type { InitializationOptions, StatusParams } from "../../protocol/index.ts";
import { type ServerOptions, startServer } from "../../server/index.ts";
import { defaultSettings } from "../../server/initialization.ts";

export type Files = Readonly<Record<string, string>>;

export interface ClientOptions {
  readonly files?: Files;
  /** A folder that is there, which is left as it is, instead of a new one. */
  readonly root?: string;
  /** Done in the folder once its files are there, before the server starts. */
  readonly prepare?: (root: string) => void;
  readonly capabilities?: ClientCapabilities;
  readonly initialization?: Partial<InitializationOptions> | null;
  readonly server?: ServerOptions;
  /** Without a folder only open documents are known. */
  readonly withoutFolder?: boolean;
}

export interface TestClient {
  readonly connection: ProtocolConnection;
  readonly root: string;
  readonly initialized: InitializeResult;
  readonly uri: (path: string) => string;
  readonly open: (path: string, text?: string) => void;
  readonly change: (path: string, text: string) => void;
  /** Changes a range as typing does. */
  readonly type: (path: string, range: Range, text: string) => void;
  readonly close: (path: string) => void;
  readonly save: (path: string) => void;
  readonly text: (path: string) => string;
  readonly pull: (path: string, previousResultId?: string) => Promise<DocumentDiagnosticReport>;
  readonly diagnostics: (path: string) => Promise<Diagnostic[]>;
  /** Diagnostics once they fit, asked again at each of the server's refreshes. */
  readonly until: <T>(ask: () => Promise<T>, fits: (value: T) => boolean) => Promise<T>;
  /** The folder has been read and linked. */
  readonly ready: () => Promise<void>;
  readonly apply: (edit: WorkspaceEdit) => void;
  readonly actions: (path: string, range: Range, diagnostics: Diagnostic[], only?: string[]) => Promise<CodeAction[]>;
  readonly logs: string[];
  readonly statuses: StatusParams[];
  /** What was reported of LSP's own progress. */
  readonly progress: { readonly kind: string; readonly percentage?: number }[];
  readonly published: Map<string, { version?: number; diagnostics: Diagnostic[] }>;
  readonly write: (path: string, text: string) => void;
  readonly stop: () => Promise<void>;
}

export const modern: ClientCapabilities = {
  textDocument: {
    diagnostic: {
      relatedInformation: true,
      codeDescriptionSupport: true,
      tagSupport: { valueSet: [1, 2] },
      dataSupport: true,
    },
    codeAction: { resolveSupport: { properties: ["edit"] }, dataSupport: true },
    hover: { contentFormat: ["markdown", "plaintext"] },
  },
  workspace: {
    diagnostics: { refreshSupport: true },
    codeLens: { refreshSupport: true },
    workspaceEdit: { documentChanges: true },
    workspaceFolders: true,
  },
};

export async function startClient(options: ClientOptions = {}): Promise<TestClient> {
  const root = options.root ?? mkdtempSync(path.join(tmpdir(), "slo-lens-lsp-"));
  const write = (file: string, text: string): void => {
    const at = path.join(root, file);
    mkdirSync(path.dirname(at), { recursive: true });
    writeFileSync(at, text);
  };
  for (const [file, text] of Object.entries(options.files ?? {})) write(file, text);
  options.prepare?.(root);
  const up = new PassThrough();
  const down = new PassThrough();
  const server = createConnection(new StreamMessageReader(up), new StreamMessageWriter(down));
  startServer(server, { cacheDir: false, ...options.server });
  const connection = createProtocolConnection(new StreamMessageReader(down), new StreamMessageWriter(up));
  const logs: string[] = [];
  const statuses: StatusParams[] = [];
  const progress: { readonly kind: string; readonly percentage?: number }[] = [];
  const published: TestClient["published"] = new Map();
  const listeners = new Set<() => void>();
  const happened = (): void => {
    for (const it of [...listeners]) it();
  };
  connection.onNotification("window/logMessage", ({ message }: { message: string }) => {
    logs.push(message);
  });
  connection.onNotification("sloLens/status", (it: StatusParams) => {
    statuses.push(it);
    happened();
  });
  connection.onNotification(
    "textDocument/publishDiagnostics",
    (it: { uri: string; version?: number; diagnostics: Diagnostic[] }) => {
      published.set(it.uri, it);
      happened();
    },
  );
  connection.onRequest("workspace/diagnostic/refresh", () => {
    happened();
    return null;
  });
  connection.onRequest("workspace/codeLens/refresh", () => {
    happened();
    return null;
  });
  connection.onRequest("client/registerCapability", () => null);
  connection.onRequest("window/workDoneProgress/create", () => null);
  connection.onNotification("$/progress", ({ value }: { value: { kind: string; percentage?: number } }) => {
    progress.push(value);
    happened();
  });
  connection.listen();
  const { initialization } = options;
  const initialized: InitializeResult = await connection.sendRequest("initialize", {
    processId: null,
    rootUri: null,
    capabilities: options.capabilities ?? modern,
    workspaceFolders: options.withoutFolder ? null : [{ uri: URI.file(root).toString(), name: "test" }],
    ...(initialization === null
      ? {}
      : {
          initializationOptions: {
            locale: "en",
            trusted: true,
            linkCommands: ["sloLens.explainFinding"],
            settings: defaultSettings,
            ...initialization,
          },
        }),
  });
  await connection.sendNotification("initialized", {});

  const open = new Map<string, TextDocument>();
  const uri = (file: string): string => URI.file(path.join(root, file)).toString();
  const send = (method: string, params: unknown): void => {
    void connection.sendNotification(method, params);
  };
  const documentOf = (file: string): TextDocument => {
    const it = open.get(uri(file));
    if (!it) throw new Error(`${file} is not open`);
    return it;
  };
  const edit = (file: string, changes: { range?: Range; text: string }[]): void => {
    const it = documentOf(file);
    const next = TextDocument.update(it, changes, it.version + 1);
    open.set(it.uri, next);
    send("textDocument/didChange", { textDocument: { uri: it.uri, version: next.version }, contentChanges: changes });
  };
  const pull: TestClient["pull"] = (file, previousResultId) =>
    connection.sendRequest("textDocument/diagnostic", {
      textDocument: { uri: uri(file) },
      ...(previousResultId ? { previousResultId } : {}),
    });
  const until: TestClient["until"] = async (ask, fits) => {
    for (;;) {
      // Listening before asking: what happens meanwhile is not missed.
      let wake: () => void = () => {};
      const next = new Promise<void>((resolve) => {
        wake = resolve;
      });
      listeners.add(wake);
      try {
        const value = await ask();
        if (fits(value)) return value;
        await next;
      } finally {
        listeners.delete(wake);
      }
    }
  };

  return {
    connection,
    root,
    initialized,
    uri,
    write,
    logs,
    statuses,
    progress,
    published,
    open: (file, text) => {
      const it = TextDocument.create(uri(file), "typescript", 1, text ?? options.files?.[file] ?? "");
      open.set(it.uri, it);
      send("textDocument/didOpen", {
        textDocument: { uri: it.uri, languageId: "typescript", version: 1, text: it.getText() },
      });
    },
    change: (file, text) => edit(file, [{ text }]),
    type: (file, range, text) => edit(file, [{ range, text }]),
    close: (file) => {
      open.delete(uri(file));
      send("textDocument/didClose", { textDocument: { uri: uri(file) } });
    },
    save: (file) => {
      write(file, documentOf(file).getText());
      send("textDocument/didSave", { textDocument: { uri: uri(file) } });
    },
    text: (file) => documentOf(file).getText(),
    pull,
    diagnostics: async (file) => {
      const report = await pull(file);
      if (report.kind !== "full") throw new Error("a full report was expected");
      return report.items;
    },
    until,
    ready: async () => {
      await until(
        async () => statuses.at(-1)?.state,
        (state) => state === "ready",
      );
    },
    apply: (workspaceEdit) => {
      const changes = workspaceEdit.documentChanges
        ? workspaceEdit.documentChanges.flatMap((it) =>
            "edits" in it ? [[it.textDocument.uri, it.edits as TextEdit[]] as const] : [],
          )
        : Object.entries(workspaceEdit.changes ?? {});
      for (const [address, edits] of changes) {
        const it = open.get(address);
        if (!it) throw new Error(`${address} is not open`);
        const text = TextDocument.applyEdits(it, [...edits]);
        const next = TextDocument.update(it, [{ text }], it.version + 1);
        open.set(address, next);
        send("textDocument/didChange", {
          textDocument: { uri: address, version: next.version },
          contentChanges: [{ text }],
        });
      }
    },
    actions: (file, range, diagnostics, only) =>
      connection.sendRequest("textDocument/codeAction", {
        textDocument: { uri: uri(file) },
        range,
        context: { diagnostics, ...(only ? { only } : {}) },
      }),
    stop: async () => {
      await connection.sendRequest("shutdown");
      connection.dispose();
      server.dispose();
      up.destroy();
      down.destroy();
      if (options.root === undefined) rmSync(root, { recursive: true, force: true });
    },
  };
}

/** The range of the first occurrence of some text, or of the nth. */
export function rangeOf(text: string, wanted: string, nth = 0): Range {
  let at = -1;
  for (let i = 0; i <= nth; i++) {
    at = text.indexOf(wanted, at + 1);
    if (at < 0) throw new Error(`"${wanted}" is not in the text`);
  }
  const document = TextDocument.create("", "", 0, text);
  return { start: document.positionAt(at), end: document.positionAt(at + wanted.length) };
}
