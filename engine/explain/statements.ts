/** What is believed, as data: keys that the words of both languages stand under, with what they speak of. */
import type { Hop } from "../call-graph.ts";
import type { EntryKind } from "../entry.ts";
import type { Limit } from "../library.ts";
import type { Answer, Span } from "../model.ts";
import type { Side } from "../side.ts";

/** A place in a file of the workspace; `line` is 1-based. */
export interface ExplainedPlace {
  readonly path: string;
  readonly at: Span;
  readonly line: number;
}

/** One thing that is believed. `parts` are statements that stand inside of it; `data` is text of the repository or numbers. */
export interface Statement {
  readonly key: StatementKey;
  readonly data?: Readonly<Record<string, string | number>>;
  readonly place?: ExplainedPlace;
  readonly parts?: Readonly<Record<string, readonly Statement[]>>;
}

type AnswerKey = `answer.${Answer}`;
export type Fact =
  | "filter"
  | "filterBy"
  | "capped"
  | "transaction"
  | "overlaps"
  | "jitter"
  | "atOnce"
  | "attemptsGiven"
  | "backoffGiven"
  | "removed"
  | "forgets"
  | "bounded";

export type StatementKey =
  // What something is.
  | "value.unknown"
  | "value.literal"
  | "value.function"
  | "value.class"
  | "value.instance"
  | "value.object"
  | "value.list"
  | "value.listOf"
  | "value.module"
  | "value.library"
  | "value.libraryValue"
  | "value.libraryMember"
  | "value.made"
  | "value.method"
  | "value.methodOf"
  | "value.package"
  | "value.global"
  | "value.parameter"
  | "value.type"
  | "value.signature"
  | "value.shape"
  | "value.any"
  // How that was found out.
  | "way.import"
  | "way.require"
  | "way.dynamic"
  | "way.reexport"
  | "way.outside"
  | "way.declared"
  | "way.assigned"
  | "way.made"
  | "way.result"
  | "way.parameter"
  | "way.typed"
  | "way.injected"
  | "way.token"
  | "way.field"
  | "way.self"
  | "way.global"
  | "way.loop"
  // Library and version.
  | "version.installed"
  | "version.lockfile"
  | "version.manifest"
  | "version.pinned"
  | "version.node"
  | "version.unknown"
  // What it means.
  | "mean.request"
  | "mean.client"
  | "mean.query"
  | "mean.blocking"
  | "mean.spawn"
  | "mean.metric"
  | "mean.span"
  | "mean.schedule"
  | "mean.retry"
  | "mean.limiter"
  | "mean.job"
  | "mean.settle"
  | "mean.consume"
  | "mean.cache"
  | "mean.other"
  | "says.stream"
  | "says.through"
  | "says.attempts"
  | "says.every"
  | "says.measured"
  | "says.many"
  | "says.grouped"
  | "says.batched"
  | "says.lazy"
  | "says.schema"
  | "says.pause"
  | "says.statement"
  | "limit.yes"
  | "limit.yesMs"
  | "limit.no"
  | "limit.noAfter"
  | "limit.unknown"
  | "limit.param"
  | `by.${Limit["by"]}`
  | `fact.${Fact}`
  | AnswerKey
  // Where it runs.
  | `side.${Side}`
  | `sideBy.${"directive" | "import" | "markup" | "global" | "package" | "path" | "nothing"}`
  | "reach.incomplete";

/** What a function on the way makes happen, read under the arguments of the call that is explained. */
export interface ExplainedInner {
  /** Functions from the called one down to the one that does it. */
  readonly way: readonly { readonly name: string; readonly place: ExplainedPlace }[];
  readonly place: ExplainedPlace;
  readonly says: readonly Statement[];
}

export interface ExplainedCall {
  /** As written, its first line, cut. */
  readonly written: string;
  readonly place: ExplainedPlace;
  /** 1-based, in UTF-16 code units. */
  readonly column: number;
  readonly is: Statement;
  readonly way: readonly Statement[];
  readonly version?: Statement;
  readonly meanings: readonly { readonly kind: string; readonly says: readonly Statement[] }[];
  readonly inside: readonly ExplainedInner[];
}

export interface ExplainedLink {
  readonly name: string;
  readonly place: ExplainedPlace;
  /** The one before does not wait for it. */
  readonly hop?: Partial<Hop>;
}

export interface ExplainedReach {
  readonly function: string;
  readonly place: ExplainedPlace;
  readonly chains: readonly {
    readonly kind: EntryKind;
    /** `GET /orders/:id`, or what people call the job. */
    readonly name: string;
    readonly framework: string;
    readonly place: ExplainedPlace;
    readonly links: readonly ExplainedLink[];
  }[];
  /** How many there are of each kind, those that are not listed included. */
  readonly kinds: Readonly<Partial<Record<EntryKind, number>>>;
  readonly complete: boolean;
}

export interface LineExplanation {
  readonly path: string;
  /** 1-based. */
  readonly line: number;
  readonly side: Statement;
  readonly calls: readonly ExplainedCall[];
  readonly reached: readonly ExplainedReach[];
  /** What could not be told, and of what: a call as written, or the function that does it inside. */
  readonly untold: readonly { readonly of: string; readonly what: Statement }[];
}

export const MAX_WRITTEN = 120;
