/** One client served: what it asks is answered from folders and documents; what it does not ask for goes on behind. */
import {
  type CodeAction,
  type CodeLens,
  CompletionRequest,
  type Connection,
  DidChangeConfigurationNotification,
  DidChangeWatchedFilesNotification,
  type DocumentDiagnosticReport,
  DocumentDiagnosticReportKind,
  DocumentLinkRequest,
  FileChangeType,
  type FileSystemWatcher,
  type InitializeParams,
  type InitializeResult,
  ResponseError,
  WatchKind,
} from "vscode-languageserver";
import type { Knowledge, Language, Rule } from "../engine/index.ts";
import { type Change, createHttp, keepParserReady, type OriginToken, pageAddress } from "../platform/index.ts";
import { type InitializationOptions, overviewChangedNotification } from "../protocol/index.ts";
import { knowledge as allKnowledge } from "../rules/index.ts";
import type { Fetch } from "../slo/index.ts";
import { capabilitiesFor } from "./capabilities.ts";
import { actionsFor, openRuleCommand, resolveAction } from "./code-actions.ts";
import { lensesOf, lensesOfSlos } from "./code-lens.ts";
import type { AnswerContext } from "./context.ts";
import { createDiagnosticAnswers } from "./diagnostic-answers.ts";
import { diagnosticsOf } from "./diagnostics.ts";
import { type Documents, listenToDocuments, type OpenDocument } from "./documents.ts";
import { createDoor, textOf } from "./door.ts";
import type { Folder } from "./folder.ts";
import { hoverAt } from "./hover.ts";
import { type Abilities, abilitiesOf, isRecord, readInitialization, readSettings } from "./initialization.ts";
import { inside, pathOf } from "./locations.ts";
import { answerOwnRequests } from "./own-requests.ts";
import { createServedFolders } from "./served-folders.ts";
import { resolveNewSlo } from "./slo-actions.ts";
import { completionsAt, definitionAt, hoverInSloFile, isSloPath, linksIn, referencesOf } from "./slo-files.ts";
import { createStatus } from "./status.ts";
import { languageOf } from "./text.ts";
import { type Scheduler, systemScheduler } from "./turns.ts";
import type { CodeActionContext } from "./workspace-edit.ts";

export interface ServerOptions {
  readonly knowledge?: Knowledge;
  readonly scheduler?: Scheduler;
  /** Instead of the network. */
  readonly fetch?: Fetch;
  /** Absolute; the usual folder if absent, no cache if false. */
  readonly cacheDir?: string | false;
  readonly version?: string;
  /** Called when much that was made is not needed any more and nobody types. */
  readonly releaseMemory?: () => void;
}

/** Milliseconds without a change after which the whole folder is linked anew. */
const PAUSE = 3000;
/** Milliseconds after which folders are read even if nobody has asked for anything. */
const START = 300;
const WATCHED: readonly FileSystemWatcher[] = [
  {
    globPattern:
      "**/{*.ts,*.tsx,*.mts,*.cts,*.js,*.jsx,*.mjs,*.cjs,*.json,*.yaml,*.yml,*.prisma,*.sql,*.sh,*[Dd]ockerfile*,yarn.lock,bun.lock,.gitignore,.nvmrc,.node-version,.tool-versions,mise.toml}",
  },
  // Of a folder that is deleted or renamed nothing else is told.
  { globPattern: "**/*", kind: WatchKind.Delete },
];

/** Serves one connection until it is closed. */
export function startServer(connection: Connection, options: ServerOptions = {}): void {
  const knowledge = options.knowledge ?? allKnowledge;
  const scheduler = options.scheduler ?? systemScheduler;
  const rules: ReadonlyMap<string, Rule> = new Map(knowledge.rules.map((it) => [it.id, it]));
  let tokens: readonly OriginToken[] = [];
  let init: InitializationOptions = readInitialization(undefined, undefined);
  let can: Abilities | undefined;
  let language: Language = "en";
  const door = createDoor(connection, () => init.settings.enable);
  const { guard, read } = door;

  const served = createServedFolders({
    knowledge,
    scheduler,
    fetch: options.fetch ?? createHttp(() => tokens),
    cacheDir: options.cacheDir,
    settings: () => init.settings,
    isTrusted: () => init.trusted,
    releaseMemory: options.releaseMemory,
    onProgress: (folder, done, total) => {
      status.setProgress(folder, done, total);
      if (!folder.isSettled) status.tell();
    },
    onRevision: (it, what) =>
      guard("revision", () => {
        if (what !== "swept") it.telemetry.restart();
        refreshAll();
      }),
    onNumbers: () => guard("telemetry", refreshAll),
    onFailure: (message) => {
      status.setProblem(message);
      door.log(message);
    },
  });

  const status = createStatus({
    connection,
    isHeard: () => !door.isClosed,
    can: () => can,
    isStarted: () => served.isStarted,
    workspaces: served.workspaces,
    language: () => language,
  });

  /** Folders are read after the first answer, or soon when nobody asks. */
  const startFolders = (): void => {
    if (served.isStarted || door.isClosed) return;
    served.start();
    status.tell();
  };

  const refreshAll = (): void => {
    diagnostics.refresh();
    refreshLenses();
    status.tell();
    if (can?.ours && !door.isClosed) connection.sendNotification(overviewChangedNotification).catch(() => {});
  };

  // Documents

  const documents: Documents = listenToDocuments(connection, (absolute) => served.holding(absolute).folder, {
    guard,
    onOpen: (it) => {
      keepParserReady();
      it.folder.touch();
      diagnostics.push(it);
    },
    onChange: (it) => {
      keepParserReady();
      it.folder.touch();
      it.folder.settle(PAUSE);
      diagnostics.push(it);
    },
    onSave: (it) => it.folder.changed([{ path: it.path, kind: "changed" }]),
    onClose: ({ document, folder }) => {
      diagnostics.forget(document.uri);
      shownLenses.delete(document.uri);
      if (!documents.all().some((it) => it.folder === folder)) served.dropLoose(folder);
    },
  });

  const telemetryOf = (it: OpenDocument) => served.of(it.folder).telemetry;
  const context = (): AnswerContext => ({
    documents,
    rules,
    language,
    view: (it) => telemetryOf(it).view(),
    report: (it) => telemetryOf(it).report(),
  });

  // Diagnostics

  const diagnostics = createDiagnosticAnswers({
    connection,
    door,
    documents: () => documents,
    can: () => can,
    itemsOf: (it) =>
      init.settings.enable
        ? diagnosticsOf(it, {
            ...context(),
            shows: {
              related: can?.related === true,
              codeDescription: can?.codeDescription === true,
              tags: can?.tags === true,
            },
          })
        : [],
    onAnswered: startFolders,
  });

  connection.languages.diagnostics.on(async (params, token) => {
    const empty: DocumentDiagnosticReport = { kind: DocumentDiagnosticReportKind.Full, items: [] };
    const answer = await read<typeof params, DocumentDiagnosticReport>("textDocument/diagnostic", empty, () => {
      const it = documents.get(params.textDocument.uri);
      return it ? diagnostics.pulled(it, params.previousResultId) : empty;
    })(params, token);
    setImmediate(startFolders);
    return answer as DocumentDiagnosticReport;
  });

  // Lenses and hovers

  const shownLenses = new Map<string, string>();
  const lenses = (it: OpenDocument): CodeLens[] => {
    if (!init.settings.codeLens.enabled) return [];
    const telemetry = telemetryOf(it);
    const view = telemetry.view();
    const known = new Set(init.linkCommands);
    return isSloPath(it.path)
      ? lensesOfSlos(it, view, telemetry.report(), language, known)
      : lensesOf(it, view, language, known);
  };

  connection.onCodeLens(
    read("textDocument/codeLens", [], ({ textDocument }) => {
      const it = documents.get(textDocument.uri);
      if (!it) return [];
      const found = lenses(it);
      shownLenses.set(textDocument.uri, JSON.stringify(found));
      return found;
    }),
  );

  const refreshLenses = (): void => {
    if (!can?.lensRefresh || door.isClosed) return;
    const isStale = documents.all().some((it) => {
      const shown = shownLenses.get(it.document.uri);
      return shown !== undefined && JSON.stringify(lenses(it)) !== shown;
    });
    if (isStale) connection.languages.connection.sendRequest("workspace/codeLens/refresh").catch(() => {});
  };

  connection.onHover(
    read("textDocument/hover", null, ({ textDocument, position }) => {
      const it = documents.get(textDocument.uri);
      if (!it) return null;
      const telemetry = telemetryOf(it);
      const hoverContext = {
        documents,
        rules,
        language,
        view: telemetry.view(),
        report: telemetry.report(),
        now: scheduler.now(),
        commands: new Set(init.linkCommands),
        isMarkdown: can?.markdown !== false,
      };
      return isSloPath(it.path) ? hoverInSloFile(it, position, hoverContext) : hoverAt(it, position, hoverContext);
    }),
  );

  // Fixes

  const actionContext = (): CodeActionContext => ({
    ...context(),
    commands: new Set(init.linkCommands),
    source: (it) => telemetryOf(it).source(),
    can: {
      resolve: can?.resolvesEdits === true,
      documentChanges: can?.documentChanges === true,
      snippets: can?.snippetEdits === true,
      createFiles: can?.createFiles === true,
      showDocument: can?.showDocument === true,
    },
  });

  connection.onCodeAction(
    read("textDocument/codeAction", [], (params) => {
      const it = documents.get(params.textDocument.uri);
      return it ? actionsFor(it, params, actionContext()) : [];
    }),
  );
  connection.onCodeActionResolve(async (action, token) => {
    const answer = await read<CodeAction, CodeAction>("codeAction/resolve", action, async () => {
      const aborter = new AbortController();
      const cancelled = token.onCancellationRequested(() => aborter.abort());
      try {
        const at = actionContext();
        return (await resolveNewSlo(action, at, scheduler.now(), aborter.signal)) ?? resolveAction(action, at);
      } finally {
        cancelled.dispose();
      }
    })(action, token);
    return answer instanceof ResponseError ? action : answer;
  });
  connection.onExecuteCommand(
    read("workspace/executeCommand", null, async ({ command, arguments: given }) => {
      const rule = command === openRuleCommand ? rules.get(String(given?.[0])) : undefined;
      const uri = rule && pageAddress(rule, language);
      if (uri && can?.showDocument) await connection.window.showDocument({ uri, takeFocus: true });
      return null;
    }),
  );

  // SLO files

  const ways = (it: OpenDocument) => ({ documents, view: telemetryOf(it).view() });
  connection.onDefinition(
    read("textDocument/definition", null, ({ textDocument, position }) => {
      const it = documents.get(textDocument.uri);
      return it ? definitionAt(it, position, ways(it)) : null;
    }),
  );
  connection.onReferences(
    read("textDocument/references", null, ({ textDocument, position }) => {
      const it = documents.get(textDocument.uri);
      return it ? referencesOf(it, position, ways(it)) : null;
    }),
  );
  connection.onDocumentLinks(
    read("textDocument/documentLink", null, ({ textDocument }) => {
      const it = documents.get(textDocument.uri);
      return it ? linksIn(it, ways(it)) : null;
    }),
  );
  connection.onCompletion(
    read("textDocument/completion", null, ({ textDocument, position }) => {
      const it = documents.get(textDocument.uri);
      return it ? completionsAt(it, position, { rules, language, metrics: telemetryOf(it).names }) : null;
    }),
  );

  answerOwnRequests({
    connection,
    door,
    served,
    context,
    now: scheduler.now,
    onTokens: (given) => {
      tokens = given;
    },
  });

  // The life of the connection

  connection.onInitialize((params: InitializeParams): InitializeResult => {
    can = abilitiesOf(params);
    init = readInitialization(params.initializationOptions, params.locale);
    language = languageOf(init.locale);
    const folders = params.workspaceFolders ?? (params.rootUri ? [{ uri: params.rootUri, name: "" }] : []);
    for (const { uri } of folders) served.add(uri);
    return {
      serverInfo: { name: "SLO Lens", ...(options.version ? { version: options.version } : {}) },
      capabilities: capabilitiesFor(can),
    };
  });

  connection.onInitialized(() => {
    scheduler.later(START, () => guard("start", startFolders));
    if (can?.watchedFiles)
      connection.client.register(DidChangeWatchedFilesNotification.type, { watchers: [...WATCHED] }).catch(() => {});
    // An SLO file may have any name; what it is not is told by its text at once.
    const documentSelector = [{ pattern: "**/*.{yaml,yml}" }];
    if (can?.completionBySelector)
      connection.client
        .register(CompletionRequest.type, { documentSelector, triggerCharacters: [":", " ", "{", "[", ",", '"', "/"] })
        .catch(() => {});
    if (can?.linksBySelector)
      connection.client.register(DocumentLinkRequest.type, { documentSelector }).catch(() => {});
    if (can?.configurationEvents)
      connection.client.register(DidChangeConfigurationNotification.type, { section: "sloLens" }).catch(() => {});
    if (can?.folders)
      connection.workspace.onDidChangeWorkspaceFolders(({ added, removed }) =>
        guard("workspaceFolders", () => {
          for (const { uri } of added) served.add(uri);
          for (const { uri } of removed) served.remove(uri, documents.reassign);
          documents.reassign();
          refreshAll();
        }),
      );
  });

  connection.onDidChangeWatchedFiles(({ changes }) =>
    guard("didChangeWatchedFiles", () => {
      const byFolder = new Map<Folder, Change[]>();
      for (const { uri, type } of changes) {
        const absolute = pathOf(uri);
        if (absolute === undefined || /[\\/](?:node_modules|\.git)[\\/]/.test(absolute)) continue;
        const { folder, isWorkspace } = served.holding(absolute);
        const path = inside(folder.root, absolute);
        if (!isWorkspace || path === undefined) continue;
        const known = byFolder.get(folder) ?? [];
        known.push({ path, kind: type === FileChangeType.Deleted ? "deleted" : "changed" });
        byFolder.set(folder, known);
      }
      for (const [folder, its] of byFolder) folder.changed(its);
    }),
  );

  connection.onDidChangeConfiguration(({ settings }) => {
    const apply = (given: unknown): void =>
      guard("didChangeConfiguration", () => {
        init = { ...init, settings: readSettings(given) };
        for (const { folder, telemetry } of served.workspaces()) {
          telemetry.restart();
          void folder.reloadObjectives();
        }
        diagnostics.refresh();
        refreshLenses();
      });
    if (can?.configuration)
      connection.workspace.getConfiguration("sloLens").then(apply, (error: unknown) => door.log(textOf(error)));
    else if (isRecord(settings)) apply(settings.sloLens ?? settings);
  });

  connection.onShutdown(() => {
    door.close();
    served.dispose();
  });

  connection.listen();
}
