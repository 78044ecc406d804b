/**
 * What client and server say to each other that LSP has no word for. Every message is optional for the other side: a
 * server serves an editor that knows none of them, and says the same through LSP alone.
 */

/** Sent once, as LSP's `initializationOptions`. */
export interface InitializationOptions {
  /** Display language as VS Code names it, `en` or `ja`. */
  readonly locale: string;
  /** In a workspace that is not trusted, the server opens no network connection. */
  readonly trusted: boolean;
  /** Commands the client runs when they stand as links in Markdown; no other command link may be written. */
  readonly linkCommands: readonly string[];
  readonly settings: Settings;
}

/** The `sloLens` section, as `workspace/configuration` answers it. Addresses are user settings or of a trusted workspace. */
export interface Settings {
  readonly enable: boolean;
  /** `auto` takes the stage that `slo-lens.yaml` names. */
  readonly stage: "auto" | "early" | "growth" | "mature";
  readonly telemetry: {
    /** `auto` takes the first of prometheus, scrape and snapshot that has an address or a file. */
    readonly source: "auto" | "prometheus" | "scrape" | "snapshot" | "off";
    readonly refreshSeconds: number;
    readonly headers: Readonly<Record<string, string>>;
    readonly prometheus: { readonly url: string };
    readonly scrape: { readonly url: string };
    /** Relative to the workspace folder. */
    readonly snapshot: { readonly path: string };
  };
  readonly codeLens: { readonly enabled: boolean };
}

/** Server to client, a notification: what the status item shows. */
export const statusNotification = "sloLens/status";

export interface StatusParams {
  readonly state: "starting" | "indexing" | "ready" | "problem";
  /** One short line in the display language: "12 endpoints, 3 objectives". */
  readonly text: string;
  /** Where the numbers come from and how old they are, or why there are none. */
  readonly detail?: string;
}

/** Client to server, a request: read the SLO files and the telemetry again now. Answered when both are done. */
export const refreshRequest = "sloLens/refresh";

export interface RefreshResult {
  readonly text: string;
}

/** Client to server, a request: the page on a rule, or null when there is no such rule. */
export const explainRequest = "sloLens/explain";

export interface ExplainParams {
  readonly ruleId: string;
}

export interface ExplainResult {
  readonly title: string;
  /** Markdown, of our own pages only. */
  readonly markdown: string;
}

/** Client to server, a notification: the tokens to send, each to its one origin. Never written to disk nor logged. */
export const tokensNotification = "sloLens/tokens";

export interface TokensParams {
  readonly tokens: readonly { readonly origin: string; readonly token: string }[];
}

/** The commands the client registers. A server must not register a command of the same name. */
export const commands = {
  restart: "sloLens.restart",
  showOutput: "sloLens.showOutput",
  setToken: "sloLens.setToken",
  refresh: "sloLens.refresh",
  explainFinding: "sloLens.explainFinding",
} as const;
