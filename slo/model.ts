/** The words of the SLO room: plain, serialisable data. Every ratio is 0..1, every duration is in seconds unless its name says otherwise. */

/** UTF-16 offsets into the text of one file, end exclusive. */
export interface TextRange {
  readonly start: number;
  readonly end: number;
}

export type SloFormat = "openslo/v1" | "openslo/v1alpha" | "openslo/v2alpha" | "sloth" | "sloth-crd" | "pyrra";

/** How far a document got: read at all, free of lints, its queries can be evaluated, an endpoint of the code was found for it. */
export type SloLevel = "load" | "lint" | "evaluable" | "matched";

export type BudgetingMethod = "request-weighted" | "timeslices" | "ratio-timeslices";

export type Window =
  | { readonly kind: "rolling"; readonly seconds: number; readonly text: string }
  | {
      readonly kind: "calendar";
      readonly seconds: number;
      readonly text: string;
      /** ISO local date time without zone, as written in the file. */
      readonly start: string;
      /** IANA name. */
      readonly timeZone: string;
    };

/** One query of an indicator with its place in the file, so that a diagnostic or a highlight can sit on it. */
export interface Query {
  readonly text: string;
  /** Range of the scalar in the file; absent for a query we derived. */
  readonly range?: TextRange;
  readonly dialect: "promql" | "other";
  /** Holds placeholders for what Helm fills: it can be shown and matched, and must never be asked of a source. */
  readonly isTemplated?: boolean;
}

/**
 * What is counted. `ratio` holds counters of events: two of good, bad and total are given (Sloth: bad and total).
 * `latency` is a ratio over histogram buckets with its threshold known. `raw` carries no counts, only a ratio.
 */
export type Indicator =
  | {
      readonly type: "ratio";
      readonly good?: Query;
      readonly bad?: Query;
      readonly total: Query;
      readonly latencyThresholdSeconds?: number;
    }
  | { readonly type: "raw"; readonly errorRatio?: Query; readonly successRatio?: Query }
  | {
      readonly type: "threshold";
      readonly query: Query;
      readonly op?: "lte" | "gte" | "lt" | "gt";
      readonly value?: number;
    }
  | { readonly type: "bool"; readonly metric: Query }
  | { readonly type: "latency-native"; readonly thresholdSeconds: number; readonly total: Query }
  /** `obstacle` is a key of those in `words.ts`, filled with `data`. */
  | { readonly type: "unknown"; readonly obstacle: string; readonly data?: Readonly<Record<string, string>> };

/** A problem in an SLO file. `code` is stable; `range` sits on the word that is wrong. */
export interface SloProblem {
  readonly code: string;
  readonly severity: "error" | "warning" | "information" | "hint";
  /** The English text; `problemText` says it in another language: `ja`, or from the code and `data`. */
  readonly message: string;
  readonly ja?: string;
  readonly data?: Readonly<Record<string, string>>;
  readonly range: TextRange;
  readonly fixes?: readonly SloFix[];
}

/** A correction that may be chosen; the edits are of the file that the problem is in. */
export interface SloFix {
  readonly title: string;
  /** `title` in Japanese. */
  readonly ja: string;
  readonly edits: readonly { readonly range: TextRange; readonly text: string }[];
}

/** Explicit statement that an SLO is about an endpoint: an annotation in the SLO file or a mapping in slo-lens.yaml. */
export interface EndpointRef {
  /** Upper case, or `*` for any method. */
  readonly method: string;
  readonly route: string;
}

export interface Slo {
  /** `service/name` (plus `#n` for a further objective of one document), unique in a workspace. */
  readonly id: string;
  readonly format: SloFormat;
  /** Workspace-relative path with `/`. */
  readonly path: string;
  /** Range of the SLO's name in its file. */
  readonly range: TextRange;
  readonly targetRange?: TextRange;
  readonly service: string;
  readonly name: string;
  readonly displayName?: string;
  readonly description?: string;
  /** Ratio 0..1. */
  readonly target: number;
  readonly window: Window;
  readonly method: BudgetingMethod;
  /** Timeslices only: seconds of a slice and the ratio 0..1 it must reach. */
  readonly slice?: { readonly seconds: number; readonly target: number };
  readonly indicator: Indicator;
  readonly endpoints: readonly EndpointRef[];
  /** Present where it is one of the parts of a composite SLO: how many times as fast it burns the composite's budget. */
  readonly part?: { readonly weight: number };
  /** Pyrra `grouping`: labels by which one SLO has many instances. */
  readonly grouping: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly level: SloLevel;
  readonly problems: readonly SloProblem[];
}

/** One YAML or JSON document found in a file, whatever became of it. */
export interface SloDocument {
  readonly path: string;
  readonly range: TextRange;
  /** As written (`SLO`, `DataSource`, `PrometheusServiceLevel` …), or "" where the document says none. */
  readonly kind: string;
  /** `other:<tool>` for a format recognised and left alone. */
  readonly format: SloFormat | `other:${string}` | "not-slo";
  /** Holds values that Helm fills: what stands there now is a placeholder. */
  readonly isTemplated?: boolean;
  readonly level: SloLevel;
  readonly problems: readonly SloProblem[];
}

export interface LoadedSlos {
  readonly slos: readonly Slo[];
  readonly documents: readonly SloDocument[];
}

/** The plain fields of an endpoint of the code that matching needs; the engine's Endpoint is assignable to it. */
export interface CodeEndpoint {
  /** Upper case; `ALL` for any. */
  readonly method: string;
  /** Full route template with mount prefixes, parameters as `:name`. */
  readonly route: string;
  readonly path: string;
}

export interface Match {
  readonly sloId: string;
  readonly endpoint: CodeEndpoint;
  /** Why: the step of the matching ladder that decided. */
  readonly by: "explicit" | "route-label" | "grouping" | "service";
  /** 0..1, see slo/match.ts. */
  readonly score: number;
  /** Label matchers to insert into the SLI's selectors so that it speaks of this endpoint alone, where known. */
  readonly selector?: readonly { readonly label: string; readonly value: string }[];
  readonly why: string;
}

export type State = "healthy" | "watch" | "burning" | "exhausted" | "low-traffic" | "no-data" | "unmatched" | "stale";

export interface BurnRate {
  /** Seconds of the look-back window. */
  readonly windowSeconds: number;
  /** 1 is exactly on budget. Absent where there was no traffic in the window. */
  readonly rate?: number;
}

/** One endpoint's part in a service-level objective; both ratios 0..1, absent where the metric has no route label. */
export interface EndpointShare {
  readonly method: string;
  readonly route: string;
  readonly shareOfTraffic?: number;
  readonly shareOfBad?: number;
  /** Its own requests and failures over the window. */
  readonly total?: number;
  readonly bad?: number;
  /** The same over shorter look-backs, of an objective that is kept for each route; `ratio` where only that is recorded. */
  readonly looks?: readonly RouteLook[];
}

/** What one route did over one look-back. */
export interface RouteLook {
  /** Seconds of the look-back. */
  readonly windowSeconds: number;
  readonly total?: number;
  readonly bad?: number;
  /** Ratio 0..1 of failures. */
  readonly ratio?: number;
}

/** A sentence of `words.ts` with the data that fill it; numbers are formatted when it is said. */
export interface Cause {
  readonly key: string;
  readonly data: Readonly<Record<string, string | number>>;
}

/** The live state of one objective. Never NaN, never Infinity: what is not known is absent and `reason` says why. */
export interface ObjectiveStatus {
  readonly id: string;
  readonly state: State;
  /** One sentence that says what decided, and the next step where the state is not a verdict. */
  readonly reason: string;
  /** What `reason` was made from, so that it can be said in another language: a key of `words.ts` and its data. */
  readonly cause?: Cause;
  readonly good?: number;
  readonly bad?: number;
  readonly total?: number;
  /** Ratio 0..1. */
  readonly sli?: number;
  /** Ratio; 1 untouched, 0 empty, negative overspent. */
  readonly budgetRemaining?: number;
  readonly burnRates: readonly BurnRate[];
  /** Seconds at the pace of the decisive long window; absent where burn is not above zero. */
  readonly exhaustedInSeconds?: number;
  readonly method: BudgetingMethod | "time-weighted";
  readonly endpoints: readonly EndpointShare[];
  /** Why the endpoints' shares are not known, where they are not. */
  readonly sharesCause?: Cause;
  /** Seconds that could be looked back on, where that is less than the window. */
  readonly coversSeconds?: number;
  /** The source said that part of the data is missing. */
  readonly isPartial?: boolean;
  /** The numbers are those of one endpoint, of an objective that is kept for each route: see `ofOne`. */
  readonly isOfOne?: true;
  /** Points for the burn-down chart, oldest first: [unix seconds, budget remaining ratio]. */
  readonly history?: readonly (readonly [number, number])[];
}

export interface StatusReport {
  /** ISO 8601. */
  readonly evaluatedAt: string;
  readonly source: { readonly kind: "prometheus" | "snapshot" | "scrape" | "none"; readonly name: string };
  readonly objectives: readonly ObjectiveStatus[];
  /** What went wrong while asking, in English; the rest of the report stands. */
  readonly problems: readonly string[];
  /** What `problems` were made from, so that they can be said in another language: see `problemsIn`. */
  readonly faults?: readonly Cause[];
}
