/** One client served: what it asks is answered from folders and documents; what it does not ask for goes on behind. */
import {
  type CancellationToken,
  type CodeAction,
  CodeActionKind,
  CompletionRequest,
  type Connection,
  type Diagnostic,
  DidChangeConfigurationNotification,
  DidChangeWatchedFilesNotification,
  type DocumentDiagnosticReport,
  DocumentDiagnosticReportKind,
  DocumentLinkRequest,
  FileChangeType,
  type InitializeParams,
  type InitializeResult,
  LSPErrorCodes,
  type Position,
  ResponseError,
} from "vscode-languageserver";
import type { Knowledge, Language, Rule } from "../engine/index.ts";
import { createHttp, type OriginToken } from "../platform/index.ts";
import {
  type ExplainEndpointParams,
  type ExplainEndpointResult,
  type ExplainParams,
  type ExplainResult,
  explainEndpointRequest,
  explainRequest,
  type InitializationOptions,
  type MapSloParams,
  type MapSloResult,
  mapSloRequest,
  type RefreshResult,
  refreshRequest,
  type StatusParams,
  statusNotification,
  type TokensParams,
  tokensNotification,
} from "../protocol/index.ts";
import { knowledge as allKnowledge } from "../rules/index.ts";
import type { Fetch } from "../slo/index.ts";
import { actionsFor, type CodeActionContext, openRuleCommand, resolveAction, resolveNewSlo } from "./code-actions.ts";
import { lensesOf, lensesOfSlos } from "./code-lens.ts";
import { type DiagnosticsContext, diagnosticsOf } from "./diagnostics.ts";
import { type Documents, listenToDocuments, type OpenDocument, syncKind } from "./documents.ts";
import { createFolder, type Folder, type Revision } from "./folder.ts";
import { hoverAt } from "./hover.ts";
import { type Abilities, abilitiesOf, isRecord, readInitialization, readSettings } from "./initialization.ts";
import { inside, pathOf, projectOf } from "./locations.ts";
import { pageAddress, pageText } from "./rule-pages.ts";
import { completionsAt, definitionAt, hoverInSloFile, isSloPath, linksIn, referencesOf } from "./slo-files.ts";
import { endpointAt, explainEndpointAt, mappingEdit } from "./slo-matching.ts";
import { createTelemetry, type Telemetry } from "./telemetry.ts";
import { languageOf, type Say, sayIn, words } from "./text.ts";
import { letMessagesIn, type Scheduler, systemScheduler } from "./turns.ts";

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
const WATCHED =
  "**/{*.ts,*.tsx,*.mts,*.cts,*.js,*.jsx,*.mjs,*.cjs,*.json,*.yaml,*.yml,*.prisma,*.sql,*.sh,*[Dd]ockerfile*,package-lock.json,pnpm-lock.yaml,yarn.lock}";

interface Served {
  readonly folder: Folder;
  readonly telemetry: Telemetry;
  readonly isWorkspace: boolean;
}

/** Serves one connection until it is closed. */
export function startServer(connection: Connection, options: ServerOptions = {}): void {
  const knowledge = options.knowledge ?? allKnowledge;
  const scheduler = options.scheduler ?? systemScheduler;
  const rules: ReadonlyMap<string, Rule> = new Map(knowledge.rules.map((it) => [it.id, it]));
  let tokens: readonly OriginToken[] = [];
  const fetch: Fetch = options.fetch ?? createHttp(() => tokens);
  const workspaces = new Map<string, Served>();
  const loose = new Map<string, Served>();
  const answered = new Map<string, { readonly json: string; readonly resultId: string }>();
  const shownLenses = new Map<string, string>();
  const pushing = new Set<OpenDocument>();
  const logged = new Set<string>();
  let nextResult = 1;
  let init: InitializationOptions = readInitialization(undefined, undefined);
  let can: Abilities | undefined;
  let language: Language = "en";
  let say: Say = sayIn(language);
  let isStarted = false;
  /** The client said goodbye: nothing more is sent. */
  let isClosed = false;
  let problem = "";
  let progress: { readonly done: number; readonly total: number } | undefined;

  const log = (message: string): void => {
    // The same failure at every keystroke is told once.
    if (isClosed || logged.has(message) || logged.size > 500) return;
    logged.add(message);
    connection.console.error(message);
  };

  const guard = (name: string, run: () => void): void => {
    try {
      run();
    } catch (error) {
      log(`${name}: ${textOf(error)}`);
    }
  };

  /** The one door for requests: messages in, token checked, and whatever goes wrong of ours is an empty answer. */
  const read =
    <P, R>(name: string, empty: R, run: (params: P, token: CancellationToken) => R | Promise<R>) =>
    async (params: P, given?: CancellationToken): Promise<R | ResponseError<void>> => {
      // A request without parameters brings its token first.
      const token = given ?? (params as CancellationToken);
      await letMessagesIn();
      if (token.isCancellationRequested) return new ResponseError(LSPErrorCodes.RequestCancelled, "cancelled");
      if (!init.settings.enable) return empty;
      try {
        return await run(params, token);
      } catch (error) {
        log(`${name}: ${textOf(error)}`);
        return empty;
      }
    };

  // Folders

  const serve = (root: string, isWorkspace: boolean): Served => {
    const folder = createFolder({
      root,
      isWorkspace,
      knowledge,
      scheduler,
      stage: () => init.settings.stage,
      isTrusted: () => init.trusted,
      cacheDir: options.cacheDir,
      onProgress: (done, total) => {
        progress = { done, total };
        if (!folder.isSettled) tellStatus();
      },
      onRevision: (what) => guard("revision", () => onRevision(served, what)),
      onIdle: options.releaseMemory,
      onFailure: (message) => {
        problem = message.split("\n")[0] ?? "";
        log(message);
      },
    });
    const telemetry = createTelemetry({
      folder,
      settings: () => init.settings,
      isTrusted: () => init.trusted,
      fetch,
      scheduler,
      onChange: () => guard("telemetry", onNumbers),
    });
    const served: Served = { folder, telemetry, isWorkspace };
    return served;
  };

  const servedOf = (absolute: string): Served => {
    const holding = [...workspaces.values()]
      .filter((it) => inside(it.folder.root, absolute) !== undefined)
      .sort((a, b) => b.folder.root.length - a.folder.root.length)[0];
    if (holding) return holding;
    const root = projectOf(absolute);
    let served = loose.get(root);
    if (!served) {
      served = serve(root, false);
      loose.set(root, served);
    }
    return served;
  };

  const ofFolder = (folder: Folder): Served =>
    workspaces.get(folder.root) ?? [...loose.values()].find((it) => it.folder === folder)!;

  const addFolder = (uri: string): void => {
    const root = pathOf(uri);
    if (root === undefined || workspaces.has(root)) return;
    const served = serve(root, true);
    workspaces.set(root, served);
    if (isStarted) served.folder.start();
  };

  const removeFolder = (uri: string): void => {
    const root = pathOf(uri);
    const served = root === undefined ? undefined : workspaces.get(root);
    if (!served) return;
    workspaces.delete(served.folder.root);
    documents.reassign();
    served.telemetry.stop();
    served.folder.dispose();
  };

  /** Folders are read after the first answer, or soon when nobody asks. */
  const startFolders = (): void => {
    if (isStarted || isClosed) return;
    isStarted = true;
    for (const { folder } of workspaces.values()) folder.start();
    tellStatus();
  };

  const onRevision = (served: Served, what: Revision): void => {
    if (what !== "swept") served.telemetry.restart();
    refreshDiagnostics();
    refreshLenses();
    tellStatus();
  };

  const onNumbers = (): void => {
    refreshDiagnostics();
    refreshLenses();
    tellStatus();
  };

  // Documents

  const documents: Documents = listenToDocuments(connection, (absolute) => servedOf(absolute).folder, {
    guard,
    onOpen: (it) => {
      it.folder.touch();
      push(it);
    },
    onChange: (it) => {
      it.folder.touch();
      it.folder.settle(PAUSE);
      push(it);
    },
    onSave: (it) => {
      it.folder.changed([{ path: it.path, kind: "changed" }]);
    },
    onClose: ({ document, folder }) => {
      answered.delete(document.uri);
      shownLenses.delete(document.uri);
      if (!can?.pull) void connection.sendDiagnostics({ uri: document.uri, diagnostics: [] });
      const served = [...loose].find(([, it]) => it.folder === folder);
      if (served && !documents.all().some((it) => it.folder === folder)) {
        loose.delete(served[0]);
        folder.dispose();
      }
    },
  });

  // Diagnostics

  const context = (): DiagnosticsContext => ({
    documents,
    rules,
    language,
    view: (it) => ofFolder(it.folder).telemetry.view(),
    report: (it) => ofFolder(it.folder).telemetry.report(),
    shows: {
      related: can?.related === true,
      codeDescription: can?.codeDescription === true,
      tags: can?.tags === true,
    },
  });

  const itemsOf = (it: OpenDocument): Diagnostic[] => (init.settings.enable ? diagnosticsOf(it, context()) : []);

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

  /** For clients that do not pull: the newest text of each document, once the messages at hand are read. */
  const push = (it: OpenDocument): void => {
    if (!can || can.pull) return;
    if (pushing.size === 0)
      setImmediate(() => {
        const due = [...pushing];
        pushing.clear();
        for (const each of due) guard("publishDiagnostics", () => publish(documents.get(each.document.uri)));
        startFolders();
      });
    pushing.add(it);
  };

  const publish = (it: OpenDocument | undefined): void => {
    if (!it || isClosed) return;
    const diagnostics = itemsOf(it);
    remember(it.document.uri, diagnostics);
    void connection.sendDiagnostics({ uri: it.document.uri, version: it.document.version, diagnostics });
  };

  /** After a new revision or new numbers: told only where an open document's answer would now be another. */
  const refreshDiagnostics = (): void => {
    if (isClosed) return;
    let isStale = false;
    for (const it of documents.all()) {
      const known = answered.get(it.document.uri);
      if (!known) continue;
      const items = itemsOf(it);
      if (JSON.stringify(items) === known.json) continue;
      if (can?.pull) isStale = true;
      else publish(it);
    }
    if (isStale && can?.pullRefresh) connection.languages.diagnostics.refresh().catch(() => {});
  };

  connection.languages.diagnostics.on(async (params, token) => {
    const empty: DocumentDiagnosticReport = { kind: DocumentDiagnosticReportKind.Full, items: [] };
    const answer = await read<typeof params, DocumentDiagnosticReport>("textDocument/diagnostic", empty, () => {
      const it = documents.get(params.textDocument.uri);
      if (!it) return empty;
      const items = itemsOf(it);
      const { resultId, isNew } = remember(it.document.uri, items);
      return !isNew && params.previousResultId === resultId
        ? { kind: DocumentDiagnosticReportKind.Unchanged, resultId }
        : { kind: DocumentDiagnosticReportKind.Full, resultId, items };
    })(params, token);
    setImmediate(startFolders);
    return answer as DocumentDiagnosticReport;
  });

  // Lenses and hovers

  const lenses = (it: OpenDocument): ReturnType<typeof lensesOf> => {
    if (!init.settings.codeLens.enabled) return [];
    const { telemetry } = ofFolder(it.folder);
    const view = telemetry.view();
    return isSloPath(it.path) ? lensesOfSlos(it, view, telemetry.report(), language) : lensesOf(it, view, language);
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
    if (!can?.lensRefresh || isClosed) return;
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
      const { telemetry } = ofFolder(it.folder);
      const hoverContext = {
        documents,
        rules,
        language,
        view: telemetry.view(),
        report: telemetry.report(),
        now: scheduler.now(),
        isMarkdown: can?.markdown !== false,
      };
      return isSloPath(it.path) ? hoverInSloFile(it, position, hoverContext) : hoverAt(it, position, hoverContext);
    }),
  );

  // Fixes

  const actionContext = (): CodeActionContext => ({
    documents,
    rules,
    language,
    commands: new Set(init.linkCommands),
    view: (it) => ofFolder(it.folder).telemetry.view(),
    report: (it) => ofFolder(it.folder).telemetry.report(),
    source: (it) => ofFolder(it.folder).telemetry.source(),
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
        const context = actionContext();
        return (
          (await resolveNewSlo(action, context, scheduler.now(), aborter.signal)) ?? resolveAction(action, context)
        );
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

  const ways = (it: OpenDocument) => ({ documents, view: ofFolder(it.folder).telemetry.view() });
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
      if (!it) return null;
      const { telemetry } = ofFolder(it.folder);
      return completionsAt(it, position, { rules, language, metrics: telemetry.names });
    }),
  );

  // Our own messages

  connection.onRequest(
    explainRequest,
    read<ExplainParams, ExplainResult | null>("explain", null, (params) => {
      const rule = isRecord(params) ? rules.get(String(params.ruleId)) : undefined;
      const markdown = rule && pageText(rule, language);
      return rule && markdown ? { title: say(rule.title), markdown } : null;
    }),
  );
  connection.onRequest(
    explainEndpointRequest,
    read<ExplainEndpointParams, ExplainEndpointResult | null>("explainEndpoint", null, (params) => {
      const it = isRecord(params) ? documents.get(String(params.uri)) : undefined;
      return it ? explainEndpointAt(it, placeOf(params), language) : null;
    }),
  );
  connection.onRequest(
    mapSloRequest,
    read<MapSloParams, MapSloResult>("mapSlo", {}, async (params) => {
      const it = isRecord(params) ? documents.get(String(params.uri)) : undefined;
      const endpoint = it && endpointAt(it, placeOf(params));
      if (!endpoint || !it.folder.objectives.slos.some((slo) => slo.id === params.sloId)) return {};
      const made = mappingEdit(it, endpoint, params.sloId);
      if (!made) return { problem: say(words.cannotMap, { file: it.folder.objectives.configPath ?? "slo-lens.yaml" }) };
      const { applied } = await connection.workspace.applyEdit({ label: "SLO Lens", edit: made.edit });
      return applied ? { uri: made.uri } : {};
    }),
  );
  connection.onRequest(
    refreshRequest,
    read<unknown, RefreshResult>("refresh", { text: "" }, async () => {
      for (const { folder, telemetry } of workspaces.values()) {
        await folder.reloadObjectives();
        telemetry.restart();
        await telemetry.refresh();
      }
      return { text: say(words.refreshed, { slos: countSlos(), asked: detail() }) };
    }),
  );
  connection.onNotification(tokensNotification, (params: TokensParams) =>
    guard(tokensNotification, () => {
      tokens = readTokens(params);
      for (const { telemetry } of workspaces.values()) void telemetry.refresh();
    }),
  );

  const countSlos = (): number => sum([...workspaces.values()].map(({ folder }) => folder.objectives.slos.length));
  const detail = (): string =>
    [...new Set([...workspaces.values()].map(({ telemetry }) => telemetry.detail(say, language)))].join("; ");

  let told = "";
  const tellStatus = (): void => {
    if (!can?.ours || isClosed) return;
    const all = [...workspaces.values()];
    const isReady = all.every(({ folder }) => folder.isSettled);
    const endpoints = sum(all.map(({ folder }) => folder.endpoints.length));
    const status: StatusParams = !isStarted
      ? { state: "starting", text: say(words.starting) }
      : !isReady && problem
        ? { state: "problem", text: say(words.problem, { message: problem }) }
        : !isReady
          ? {
              state: "indexing",
              text: say(words.indexing, { done: progress?.done ?? 0, total: progress?.total ?? 0 }),
            }
          : { state: "ready", text: say(words.ready, { endpoints, slos: countSlos() }), detail: detail() };
    const json = JSON.stringify(status);
    if (json === told) return;
    told = json;
    connection.sendNotification(statusNotification, status).catch(() => {});
  };

  // The life of the connection

  connection.onInitialize((params: InitializeParams): InitializeResult => {
    can = abilitiesOf(params);
    init = readInitialization(params.initializationOptions, params.locale);
    language = languageOf(init.locale);
    say = sayIn(language);
    const folders = params.workspaceFolders ?? (params.rootUri ? [{ uri: params.rootUri, name: "" }] : []);
    for (const { uri } of folders) addFolder(uri);
    return {
      serverInfo: { name: "SLO Lens", ...(options.version ? { version: options.version } : {}) },
      capabilities: {
        positionEncoding: "utf-16",
        textDocumentSync: { openClose: true, change: syncKind, save: { includeText: false } },
        ...(can.pull
          ? { diagnosticProvider: { identifier: "slo-lens", interFileDependencies: true, workspaceDiagnostics: false } }
          : {}),
        codeActionProvider: {
          codeActionKinds: [
            CodeActionKind.QuickFix,
            CodeActionKind.Refactor,
            `${CodeActionKind.SourceFixAll}.slo-lens`,
          ],
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
      },
    };
  });

  connection.onInitialized(() => {
    scheduler.later(START, () => guard("start", startFolders));
    if (can?.watchedFiles)
      connection.client
        .register(DidChangeWatchedFilesNotification.type, { watchers: [{ globPattern: WATCHED }] })
        .catch(() => {});
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
          for (const { uri } of added) addFolder(uri);
          for (const { uri } of removed) removeFolder(uri);
          documents.reassign();
          refreshDiagnostics();
        }),
      );
  });

  connection.onDidChangeWatchedFiles(({ changes }) =>
    guard("didChangeWatchedFiles", () => {
      const byFolder = new Map<Folder, { path: string; kind: "changed" | "deleted" }[]>();
      for (const { uri, type } of changes) {
        const absolute = pathOf(uri);
        if (absolute === undefined || /[\\/](?:node_modules|\.git)[\\/]/.test(absolute)) continue;
        const { folder, isWorkspace } = servedOf(absolute);
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
        for (const { folder, telemetry } of workspaces.values()) {
          telemetry.restart();
          void folder.reloadObjectives();
        }
        refreshDiagnostics();
        refreshLenses();
      });
    if (can?.configuration)
      connection.workspace.getConfiguration("sloLens").then(apply, (error: unknown) => log(textOf(error)));
    else if (isRecord(settings)) apply(settings.sloLens ?? settings);
  });

  connection.onShutdown(() => {
    isClosed = true;
    for (const { folder, telemetry } of [...workspaces.values(), ...loose.values()]) {
      telemetry.stop();
      folder.dispose();
    }
  });

  connection.listen();
}

/** Tokens as the client sends them; anything else is dropped. */
function readTokens(params: unknown): readonly OriginToken[] {
  const given = isRecord(params) && Array.isArray(params.tokens) ? (params.tokens as readonly unknown[]) : [];
  return given.flatMap((it): OriginToken[] =>
    isRecord(it) && typeof it.origin === "string" && typeof it.token === "string"
      ? [{ origin: it.origin, token: it.token }]
      : [],
  );
}

/** A place as a client sends it; anything odd is the start of the document. */
function placeOf(params: { readonly line: unknown; readonly character: unknown }): Position {
  const count = (it: unknown): number => (typeof it === "number" && Number.isSafeInteger(it) && it > 0 ? it : 0);
  return { line: count(params.line), character: count(params.character) };
}

function textOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

const sum = (of: readonly number[]): number => of.reduce((total, it) => total + it, 0);
