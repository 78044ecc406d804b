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

/** Client to server, a request: what is believed of the calls on a line, and why. Null where there is no code. */
export const explainLineRequest = "sloLens/explainLine";

export interface ExplainLineParams {
  readonly uri: string;
  /** 0-based. */
  readonly line: number;
}

export interface ExplainLineResult {
  readonly title: string;
  /** Text of the repository is escaped; links lead to its files. */
  readonly markdown: string;
}

/** Client to server, a request: all objectives with their charts, counts and endpoints, as a page. */
export const reportRequest = "sloLens/report";

export interface ReportResult {
  /** Text of the repository is escaped; links lead to its files. */
  readonly markdown: string;
}

/** Client to server, a request: services, objectives, endpoints and findings as a tree, the most urgent first. */
export const overviewRequest = "sloLens/overview";

/** Server to client, a notification: the tree may be another one now. */
export const overviewChangedNotification = "sloLens/overviewChanged";

/** What the tree shows; texts are in the display language, names are the repository's and plain text. */
export interface OverviewNode {
  readonly kind: "service" | "objective" | "endpoint" | "finding" | "group" | "note";
  readonly label: string;
  readonly description?: string;
  readonly tooltip?: string;
  /** Of an objective: `burning`, `no-data` … */
  readonly state?: string;
  /** 0-based. */
  readonly place?: { readonly uri: string; readonly line: number; readonly character: number };
  /** Of an endpoint: several can stand at one place. */
  readonly endpoint?: { readonly method: string; readonly route: string; readonly hasSlo: boolean };
  readonly children: readonly OverviewNode[];
}

export interface OverviewResult {
  /** Where numbers come from and how old they are, or why there are none. */
  readonly message: string;
  /** Every folder has been read: what is not among the nodes is not there. */
  readonly isReady: boolean;
  readonly nodes: readonly OverviewNode[];
}

/** Client to server, a request: which objectives the endpoint at a place has or might have, and why. Null for no endpoint. */
export const explainEndpointRequest = "sloLens/explainEndpoint";

export interface ExplainEndpointParams {
  readonly uri: string;
  readonly line: number;
  readonly character: number;
  /** Which one, where several endpoints stand at the place: as the server has named it. */
  readonly method?: string;
  readonly route?: string;
}

export interface ExplainEndpointResult {
  readonly method: string;
  readonly route: string;
  /** Best first. */
  readonly candidates: readonly {
    readonly sloId: string;
    /** "99.9 % / 28d". */
    readonly target: string;
    /** 0 to 1. */
    readonly score: number;
    readonly applied: boolean;
    /** In the display language. */
    readonly why: string;
    /** Whether its query finds anything at the telemetry source, in the display language. */
    readonly live?: string;
  }[];
  /** What the telemetry source has seen of the endpoint; absent where there is none that keeps labels. */
  readonly live?: {
    readonly source: string;
    /** Absent where it gave no answer. */
    readonly isSeen?: boolean;
    /** In the display language. */
    readonly why: string;
    /** Routes that come near, nearest first. */
    readonly near: readonly { readonly route: string; readonly methods: readonly string[]; readonly score: number }[];
  };
}

/** Client to server, a request: write into slo-lens.yaml that an objective is about the endpoint at a place. */
export const mapSloRequest = "sloLens/mapSlo";

export interface MapSloParams extends ExplainEndpointParams {
  readonly sloId: string;
}

export interface MapSloResult {
  /** URI of the slo-lens.yaml that was edited; absent where the editor did not take the edit. */
  readonly uri?: string;
  /** Why nothing was written, in the display language. */
  readonly problem?: string;
}

/** Client to server, a request: write a file with a new objective for the endpoint at a place, which has none. */
export const createSloRequest = "sloLens/createSlo";

export type CreateSloParams = ExplainEndpointParams;

export interface CreateSloResult {
  /** URI of the file that was made; absent where the editor did not take the edit. */
  readonly uri?: string;
  /** Why nothing was written, in the display language. */
  readonly problem?: string;
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
  explainEndpoint: "sloLens.explainEndpoint",
  explainLine: "sloLens.explainLine",
  connectTelemetry: "sloLens.connectTelemetry",
  report: "sloLens.report",
  createSlo: "sloLens.createSlo",
} as const;
