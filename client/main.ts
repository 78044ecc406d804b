/**
 * The VS Code side: starts the server, shows its status, and runs the commands that its lenses, hovers and fixes name. It
 * analyses nothing; every other editor gets the same from the server over LSP alone.
 */
import * as vscode from "vscode";
import {
  LanguageClient,
  type LanguageClientOptions,
  type ServerOptions,
  State,
  TransportKind,
} from "vscode-languageclient/node";
import {
  type CreateSloResult,
  commands,
  createSloRequest,
  type ExplainEndpointParams,
  type ExplainEndpointResult,
  type ExplainLineResult,
  type ExplainResult,
  explainEndpointRequest,
  explainLineRequest,
  explainRequest,
  type InitializationOptions,
  type MapSloResult,
  mapSloRequest,
  type OverviewResult,
  overviewChangedNotification,
  overviewRequest,
  type RefreshResult,
  type ReportResult,
  refreshRequest,
  reportRequest,
  type Settings,
  type StatusParams,
  statusNotification,
  tokensNotification,
} from "../protocol/index.ts";
import { previewLinks } from "./links.ts";
import { connectTelemetry, createOverview } from "./overview.ts";
import { readPlace } from "./place.ts";

const LANGUAGES = ["typescript", "typescriptreact", "javascript", "javascriptreact"] as const;
/** Commands that Markdown of the server may link to. */
const LINKED = [
  commands.explainFinding,
  commands.explainEndpoint,
  commands.refresh,
  commands.showOutput,
  commands.connectTelemetry,
  commands.explainLine,
] as const;
const TOKENS_KEY = "sloLens.tokens";
/**
 * MB of V8's nursery, half of the usual: what a keystroke makes of a file of 3,000 lines is over before this is full twice.
 * In less it is carried over to the old objects, and every few keystrokes the whole heap is collected for it.
 */
const YOUNG = ["--max-semi-space-size=32"];
/** Pages that are kept, the newest. */
const MAX_PAGES = 50;
const PAGE_SCHEME = "slo-lens-page";

let client: LanguageClient | undefined;

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const output = vscode.window.createOutputChannel("SLO Lens", { log: true });
  const status = createStatus();
  const pages = new Pages();
  const overview = createOverview(async () => {
    if (client?.isRunning()) return client.sendRequest<OverviewResult>(overviewRequest);
    return client?.state === State.Starting ? { message: "", isReady: false, nodes: [] } : undefined;
  });
  context.subscriptions.push(
    output,
    status,
    overview,
    vscode.workspace.registerTextDocumentContentProvider(PAGE_SCHEME, pages),
  );

  const start = async (): Promise<void> => {
    client = createClient(context, output, status);
    client.onNotification(overviewChangedNotification, overview.changed);
    // It can stop by itself as well.
    client.onDidChangeState(overview.changed);
    try {
      await client.start();
      await sendTokens(context);
    } catch (error) {
      showStatus(status, {
        state: "problem",
        text: vscode.l10n.t("The server did not start"),
        detail: messageOf(error),
      });
      output.error(messageOf(error));
      overview.changed();
    }
  };
  const restart = async (): Promise<void> => {
    await stop();
    await start();
  };

  const register = (name: string, run: (...args: unknown[]) => unknown): void => {
    context.subscriptions.push(vscode.commands.registerCommand(name, run));
  };
  register(commands.restart, restart);
  register(commands.showOutput, () => output.show(true));
  register(commands.refresh, refresh);
  register(commands.setToken, () => setToken(context));
  register(commands.explainFinding, (ruleId: unknown) => explain(ruleId, pages));
  register(commands.explainEndpoint, explainEndpoint);
  register(commands.connectTelemetry, connectTelemetry);
  register(commands.report, () => showReport(pages));
  register(commands.createSlo, createSlo);
  register(commands.explainLine, (given: unknown) => explainLine(given, pages));
  context.subscriptions.push(
    vscode.workspace.onDidGrantWorkspaceTrust(restart),
    vscode.workspace.onDidChangeConfiguration((it) => {
      if (it.affectsConfiguration("sloLens.enable")) overview.changed();
    }),
  );

  await start();
}

export async function deactivate(): Promise<void> {
  await stop();
}

async function stop(): Promise<void> {
  const old = client;
  client = undefined;
  // A server that failed to start cannot be stopped; there is nothing to wait for.
  await old?.stop().catch(() => undefined);
  await old?.dispose().catch(() => undefined);
}

function createClient(
  context: vscode.ExtensionContext,
  output: vscode.LogOutputChannel,
  status: vscode.LanguageStatusItem,
): LanguageClient {
  const module = vscode.Uri.joinPath(context.extensionUri, "dist", "server.js").fsPath;
  const env = environment();
  const server: ServerOptions = {
    run: { module, transport: TransportKind.ipc, options: { execArgv: YOUNG, env } },
    debug: { module, transport: TransportKind.ipc, options: { execArgv: [...YOUNG, "--inspect=6099"], env } },
  };
  const options: LanguageClientOptions = {
    documentSelector: [
      ...LANGUAGES.map((language) => ({ scheme: "file", language })),
      { scheme: "file", language: "yaml" },
      { scheme: "file", language: "json", pattern: "**/*slo*.json" },
      {
        scheme: "file",
        pattern: "**/{package.json,*.sql,*.prisma,*.sh,Dockerfile,Dockerfile.*,*.Dockerfile,*.dockerfile}",
      },
    ],
    outputChannel: output,
    initializationOptions: initialization,
    markdown: { isTrusted: { enabledCommands: [...LINKED] }, supportHtml: false },
    synchronize: { configurationSection: "sloLens" },
    // Without these nothing is asked for while typing.
    diagnosticPullOptions: { onChange: true, onSave: true, onTabs: true },
  };
  const made = new LanguageClient("sloLens", "SLO Lens", server, options);
  made.onNotification(statusNotification, (params: StatusParams) => showStatus(status, params));
  return made;
}

/**
 * The editor's proxy as programs are told of it; what the environment names itself stays. All threads share one arena of
 * glibc's: those of the readers, which are gone once the folder is read, kept 30 of 300 MB.
 */
function environment(): Record<string, string> {
  const proxy = vscode.workspace.getConfiguration("http").get<string>("proxy", "");
  const isNamed = ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"].some((it) => process.env[it]);
  const named = proxy === "" || isNamed ? {} : { HTTPS_PROXY: proxy, HTTP_PROXY: proxy };
  return {
    MALLOC_ARENA_MAX: process.env["MALLOC_ARENA_MAX"] ?? "1",
    NODE_USE_ENV_PROXY: "1",
    NO_PROXY: process.env["NO_PROXY"] ?? "localhost,127.0.0.1,::1",
    ...named,
  };
}

function initialization(): InitializationOptions {
  return {
    locale: vscode.env.language.startsWith("ja") ? "ja" : "en",
    trusted: vscode.workspace.isTrusted,
    linkCommands: LINKED,
    settings: readSettings(),
  };
}

function readSettings(): Settings {
  const of = vscode.workspace.getConfiguration("sloLens");
  return {
    enable: of.get("enable", true),
    stage: of.get("stage", "auto"),
    telemetry: {
      source: of.get("telemetry.source", "auto"),
      refreshSeconds: of.get("telemetry.refreshSeconds", 300),
      headers: of.get("telemetry.headers", {}),
      prometheus: { url: of.get("telemetry.prometheus.url", "") },
      scrape: { url: of.get("telemetry.scrape.url", "") },
      snapshot: { path: of.get("telemetry.snapshot.path", "") },
    },
    codeLens: { enabled: of.get("codeLens.enabled", true) },
  };
}

// Status

function createStatus(): vscode.LanguageStatusItem {
  const item = vscode.languages.createLanguageStatusItem(
    "sloLens.status",
    LANGUAGES.map((language) => ({ language })),
  );
  item.name = "SLO Lens";
  item.command = { command: commands.showOutput, title: vscode.l10n.t("Show Output") };
  showStatus(item, { state: "starting", text: vscode.l10n.t("Starting") });
  return item;
}

function showStatus(item: vscode.LanguageStatusItem, { state, text, detail }: StatusParams): void {
  item.text = `SLO Lens: ${text}`;
  item.detail = detail ?? "";
  item.busy = state === "starting" || state === "indexing";
  item.severity =
    state === "problem" ? vscode.LanguageStatusSeverity.Warning : vscode.LanguageStatusSeverity.Information;
}

// Commands

async function refresh(): Promise<void> {
  if (!client?.isRunning()) return;
  const done = await client.sendRequest<RefreshResult>(refreshRequest);
  vscode.window.setStatusBarMessage(`SLO Lens: ${done.text}`, 5_000);
}

/** Asks for a token and keeps it in secret storage, bound to one origin. */
async function setToken(context: vscode.ExtensionContext): Promise<void> {
  const address = await vscode.window.showInputBox({
    title: vscode.l10n.t("Address of the telemetry server"),
    value: readSettings().telemetry.prometheus.url,
    validateInput: (text) =>
      originOf(text) ? undefined : vscode.l10n.t("Enter an address that begins with https:// or http://"),
  });
  const origin = address === undefined ? undefined : originOf(address);
  if (origin === undefined) return;
  const token = await vscode.window.showInputBox({
    title: vscode.l10n.t("Token or user:password for {0} (leave empty to remove it)", origin),
    password: true,
  });
  if (token === undefined) return;
  const known = { ...(await readTokens(context)), [origin]: token };
  if (token === "") delete known[origin];
  await context.secrets.store(TOKENS_KEY, JSON.stringify(known));
  await sendTokens(context);
}

async function readTokens(context: vscode.ExtensionContext): Promise<Record<string, string>> {
  try {
    const kept: unknown = JSON.parse((await context.secrets.get(TOKENS_KEY)) ?? "{}");
    if (typeof kept !== "object" || kept === null) return {};
    return Object.fromEntries(Object.entries(kept).filter((it): it is [string, string] => typeof it[1] === "string"));
  } catch {
    return {};
  }
}

async function sendTokens(context: vscode.ExtensionContext): Promise<void> {
  if (!client?.isRunning() || !vscode.workspace.isTrusted) return;
  const tokens = Object.entries(await readTokens(context)).map(([origin, token]) => ({ origin, token }));
  await client.sendNotification(tokensNotification, { tokens });
}

function originOf(address: string): string | undefined {
  try {
    const url = new URL(address);
    return url.protocol === "https:" || url.protocol === "http:" ? url.origin : undefined;
  } catch {
    return undefined;
  }
}

/** Shows a rule's page. The argument may come from a link, so anything but a rule's name is refused. */
async function explain(ruleId: unknown, pages: Pages): Promise<void> {
  if (typeof ruleId !== "string" || !/^[a-z0-9-]{1,80}$/.test(ruleId) || !client?.isRunning()) return;
  const page = await client.sendRequest<ExplainResult | null>(explainRequest, { ruleId });
  if (!page) {
    void vscode.window.showWarningMessage(vscode.l10n.t("There is no page on the rule {0}.", ruleId));
    return;
  }
  const uri = vscode.Uri.from({ scheme: PAGE_SCHEME, path: `/${ruleId}.md` });
  pages.set(uri, page.markdown);
  await vscode.commands.executeCommand("markdown.showPreview", uri);
}

async function showReport(pages: Pages): Promise<void> {
  const report = client?.isRunning() ? await client.sendRequest<ReportResult>(reportRequest) : undefined;
  if (!report?.markdown) {
    void vscode.window.showInformationMessage(
      readSettings().enable
        ? vscode.l10n.t("The SLO Lens server is not running, or no folder is open.")
        : vscode.l10n.t("SLO Lens is turned off by the setting sloLens.enable."),
    );
    return;
  }
  const uri = vscode.Uri.from({ scheme: PAGE_SCHEME, path: `/${vscode.l10n.t("Error budgets")}.md` });
  pages.set(uri, report.markdown);
  await vscode.commands.executeCommand("markdown.showPreview", uri);
}

/** From the view: an SLO for that very endpoint, in a file of its own. */
async function createSlo(given: unknown): Promise<void> {
  const place = placeOfNode(given);
  if (!place || !client?.isRunning()) return;
  const to = client;
  // The server answers for files that are open.
  await vscode.workspace.openTextDocument(vscode.Uri.parse(place.uri)).then(undefined, () => undefined);
  const title = vscode.l10n.t("Creating an SLO for {0}", `${place.method ?? ""} ${place.route ?? ""}`);
  const done = await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title, cancellable: true },
    (_, token) => to.sendRequest<CreateSloResult>(createSloRequest, place, token).catch(nothingIfCancelled(token)),
  );
  if (done?.problem) void vscode.window.showWarningMessage(done.problem);
  if (done?.uri) await vscode.window.showTextDocument(vscode.Uri.parse(done.uri), { preview: true });
}

/** What was called off is no failure. */
function nothingIfCancelled(token: vscode.CancellationToken): (error: unknown) => undefined {
  return (error) => {
    if (!token.isCancellationRequested) throw error;
    return undefined;
  };
}

/** Shows what is believed of the calls on the cursor's line, and why. */
async function explainLine(given: unknown, pages: Pages): Promise<void> {
  const place = placeOf(given) ?? (isNothing(given) ? placeOfCursor() : undefined);
  if (!place || !client?.isRunning()) return;
  const page = await client.sendRequest<ExplainLineResult | null>(explainLineRequest, place);
  if (!page) {
    void vscode.window.showInformationMessage(vscode.l10n.t("There is no code here that SLO Lens reads."));
    return;
  }
  // Two folders can have files of one name.
  const folder = vscode.workspace.getWorkspaceFolder(vscode.Uri.parse(place.uri))?.uri.toString() ?? "";
  const uri = vscode.Uri.from({ scheme: PAGE_SCHEME, path: `/${page.title}.md`, query: folder });
  pages.set(uri, page.markdown);
  await vscode.commands.executeCommand("markdown.showPreview", uri);
}

/** Which objectives an endpoint has or might have, and why; the one that is picked is remembered in slo-lens.yaml. */
async function explainEndpoint(given: unknown): Promise<void> {
  const place = placeOf(given) ?? placeOfNode(given) ?? (isNothing(given) ? placeOfCursor() : undefined);
  if (!place || !client?.isRunning()) return;
  // From the view: the server answers for files that are open.
  const uri = vscode.Uri.parse(place.uri);
  if (uri.scheme === "file") await vscode.workspace.openTextDocument(uri).then(undefined, () => undefined);
  const to = client;
  // The telemetry source is asked as well, and may take its time.
  const found = await vscode.window.withProgress(
    {
      location: vscode.ProgressLocation.Notification,
      title: vscode.l10n.t("Looking for SLOs and telemetry of the endpoint"),
      cancellable: true,
    },
    (_, token) =>
      to
        .sendRequest<ExplainEndpointResult | null>(explainEndpointRequest, place, token)
        .catch(nothingIfCancelled(token)),
  );
  if (found === undefined) return;
  if (!found) {
    void vscode.window.showInformationMessage(
      vscode.l10n.t("There is no endpoint here: place the cursor on a route or on its handler's name."),
    );
    return;
  }
  const endpoint = `${found.method} ${found.route}`;
  if (found.candidates.length === 0 && !found.live) {
    void vscode.window.showInformationMessage(vscode.l10n.t("There are no SLO files that {0} could be in.", endpoint));
    return;
  }
  const picked = await vscode.window.showQuickPick<EndpointItem>(
    [...seenItems(found), ...found.candidates.map(candidateItem)],
    {
      title: vscode.l10n.t("SLOs of {0}", endpoint),
      placeHolder: vscode.l10n.t("The ones with a check apply. Pick another to remember it in slo-lens.yaml."),
      matchOnDetail: true,
    },
  );
  if (!picked?.sloId || picked.applied) return;
  const done = await to.sendRequest<MapSloResult>(mapSloRequest, { ...place, sloId: picked.sloId });
  if (done.problem) void vscode.window.showWarningMessage(done.problem);
  if (done.uri) await vscode.window.showTextDocument(vscode.Uri.parse(done.uri), { preview: true });
}

/** An objective, or something that telemetry has seen, which has none. */
interface EndpointItem extends vscode.QuickPickItem {
  readonly sloId?: string;
  readonly applied?: boolean;
}

function candidateItem(it: ExplainEndpointResult["candidates"][number]): EndpointItem {
  return {
    label: `${it.applied ? "$(check) " : ""}${it.sloId}`,
    description: `${it.target}${it.score > 0 ? `  ${it.score.toFixed(2)}` : ""}`,
    detail: [it.why, it.live ?? ""].filter((text) => text !== "").join(" · "),
    sloId: it.sloId,
    applied: it.applied,
  };
}

/** What telemetry says of the route, first: it decides whether any of the objectives can have numbers. */
function seenItems({ live }: ExplainEndpointResult): readonly EndpointItem[] {
  if (!live) return [];
  const head: EndpointItem = {
    label:
      live.isSeen === undefined
        ? `$(question) ${vscode.l10n.t("Telemetry could not be asked")}`
        : live.isSeen
          ? `$(pulse) ${vscode.l10n.t("Seen in telemetry")}`
          : `$(warning) ${vscode.l10n.t("Not seen in telemetry")}`,
    description: live.source,
    detail: live.why,
  };
  const near = live.isSeen
    ? []
    : live.near.map(
        (it): EndpointItem => ({
          label: `$(circle-outline) ${[...it.methods, it.route].join(" ")}`,
          description: vscode.l10n.t("similarity {0}", it.score.toFixed(2)),
        }),
      );
  return [head, ...near, { label: "SLO", kind: vscode.QuickPickItemKind.Separator }];
}

/** The argument may come from a link, so anything but a place of the reader's own files is refused. */
function placeOf(given: unknown): ExplainEndpointParams | undefined {
  const isOpen = (uri: vscode.Uri): boolean =>
    vscode.workspace.textDocuments.some((it) => it.uri.toString() === uri.toString());
  return readPlace(
    given,
    (text) => vscode.Uri.parse(text, true),
    (uri) => isOpen(uri) || vscode.workspace.getWorkspaceFolder(uri) !== undefined,
  );
}

/** Of a node of the view, which names its endpoint beside its place. */
function placeOfNode(given: unknown): ExplainEndpointParams | undefined {
  if (typeof given !== "object" || given === null) return undefined;
  const { place, endpoint } = given as { readonly place?: object; readonly endpoint?: object };
  return place && placeOf({ ...place, ...endpoint });
}

/** From the palette; what names a place that is refused is not about the cursor's. */
const isNothing = (given: unknown): boolean => given === undefined || given === null;

function placeOfCursor(): ExplainEndpointParams | undefined {
  const editor = vscode.window.activeTextEditor;
  if (!editor) return undefined;
  const { line, character } = editor.selection.active;
  return { uri: editor.document.uri.toString(), line, character };
}

class Pages implements vscode.TextDocumentContentProvider {
  readonly #texts = new Map<string, string>();
  readonly #changed = new vscode.EventEmitter<vscode.Uri>();
  readonly onDidChange = this.#changed.event;

  set(uri: vscode.Uri, text: string): void {
    this.#texts.delete(uri.toString());
    this.#texts.set(uri.toString(), previewLinks(text, vscode.workspace.workspaceFolders?.[0]?.uri.toString()));
    // Not at the document's end: the preview asks again for a page whose document was closed behind it.
    for (const oldest of this.#texts.keys()) {
      if (this.#texts.size <= MAX_PAGES) break;
      this.#texts.delete(oldest);
    }
    this.#changed.fire(uri);
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.#texts.get(uri.toString()) ?? "";
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
