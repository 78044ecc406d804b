/** What the client said at the start, read with care: another editor may send anything, or nothing. */
import type { ClientCapabilities, InitializeParams } from "vscode-languageserver";
import type { InitializationOptions, Settings } from "../protocol/index.ts";

/** What the client can show and do. */
export interface Abilities {
  readonly pull: boolean;
  readonly pullRefresh: boolean;
  readonly lensRefresh: boolean;
  readonly related: boolean;
  readonly codeDescription: boolean;
  readonly tags: boolean;
  readonly markdown: boolean;
  readonly resolvesEdits: boolean;
  readonly documentChanges: boolean;
  readonly snippetEdits: boolean;
  readonly createFiles: boolean;
  /** Completion may be registered for our own files alone. */
  readonly completionBySelector: boolean;
  /** Links may be, likewise. */
  readonly linksBySelector: boolean;
  readonly showDocument: boolean;
  readonly configuration: boolean;
  readonly configurationEvents: boolean;
  readonly watchedFiles: boolean;
  readonly folders: boolean;
  /** It draws progress that the server begins. */
  readonly progress: boolean;
  /** It is our client: it knows the messages of the protocol room. */
  readonly ours: boolean;
}

export const defaultSettings: Settings = {
  enable: true,
  stage: "auto",
  telemetry: {
    source: "auto",
    refreshSeconds: 300,
    headers: {},
    prometheus: { url: "" },
    scrape: { url: "" },
    snapshot: { path: "" },
  },
  codeLens: { enabled: true },
};

export function abilitiesOf({ capabilities, initializationOptions }: InitializeParams): Abilities {
  const { textDocument, workspace, window } = capabilities;
  const diagnostic = textDocument?.diagnostic;
  const publish = textDocument?.publishDiagnostics;
  const formats = textDocument?.hover?.contentFormat;
  return {
    pull: diagnostic !== undefined,
    pullRefresh: workspace?.diagnostics?.refreshSupport === true,
    lensRefresh: workspace?.codeLens?.refreshSupport === true,
    related: (diagnostic?.relatedInformation ?? publish?.relatedInformation) === true,
    codeDescription: (diagnostic?.codeDescriptionSupport ?? publish?.codeDescriptionSupport) === true,
    tags: (diagnostic?.tagSupport ?? publish?.tagSupport) !== undefined,
    markdown: formats === undefined || formats.includes("markdown"),
    resolvesEdits:
      textDocument?.codeAction?.resolveSupport?.properties.includes("edit") === true && dataSupport(capabilities),
    documentChanges: workspace?.workspaceEdit?.documentChanges === true,
    snippetEdits: workspace?.workspaceEdit?.snippetEditSupport === true,
    createFiles:
      workspace?.workspaceEdit?.documentChanges === true &&
      workspace.workspaceEdit.resourceOperations?.includes("create") === true,
    completionBySelector: textDocument?.completion?.dynamicRegistration === true,
    linksBySelector: textDocument?.documentLink?.dynamicRegistration === true,
    showDocument: window?.showDocument?.support === true,
    configuration: workspace?.configuration === true,
    configurationEvents: workspace?.didChangeConfiguration?.dynamicRegistration === true,
    watchedFiles: workspace?.didChangeWatchedFiles?.dynamicRegistration === true,
    folders: workspace?.workspaceFolders === true,
    progress: window?.workDoneProgress === true,
    ours: isRecord(initializationOptions) && "linkCommands" in initializationOptions,
  };
}

function dataSupport({ textDocument }: ClientCapabilities): boolean {
  return textDocument?.codeAction?.dataSupport === true;
}

/** Untrusted unless told: what is not known to be trusted gets no network. */
export function readInitialization(given: unknown, locale: string | undefined): InitializationOptions {
  const it = isRecord(given) ? given : {};
  return {
    locale: typeof it.locale === "string" ? it.locale : (locale ?? "en"),
    trusted: it.trusted === true,
    linkCommands: Array.isArray(it.linkCommands)
      ? it.linkCommands.filter((each): each is string => typeof each === "string")
      : [],
    settings: readSettings(it.settings),
  };
}

/** Each setting that has the right type, and the default for the others. */
export function readSettings(given: unknown): Settings {
  return merged(defaultSettings, given) as Settings;
}

const choices: Readonly<Record<string, readonly string[]>> = {
  stage: ["auto", "early", "growth", "mature"],
  source: ["auto", "prometheus", "scrape", "snapshot", "off"],
};

function merged(known: unknown, given: unknown, key = ""): unknown {
  if (key === "headers")
    return isRecord(given)
      ? Object.fromEntries(Object.entries(given).filter((it): it is [string, string] => typeof it[1] === "string"))
      : {};
  if (isRecord(known)) {
    const other = isRecord(given) ? given : {};
    return Object.fromEntries(Object.entries(known).map(([name, value]) => [name, merged(value, other[name], name)]));
  }
  if (typeof given !== typeof known) return known;
  if (typeof given === "number") return Number.isFinite(given) && given > 0 ? given : known;
  const allowed = choices[key];
  return allowed && !allowed.includes(given as string) ? known : given;
}

export function isRecord(it: unknown): it is Record<string, unknown> {
  return typeof it === "object" && it !== null && !Array.isArray(it);
}
