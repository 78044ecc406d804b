/** Where control enters our code: endpoints first, then everything else that starts work. */
import type { CallGraph, Edge } from "./call-graph.ts";
import type { DocumentFiles } from "./document.ts";
import type { Span } from "./model.ts";
import type { PlacedFunction } from "./origin.ts";
import type { Program } from "./program.ts";

export type EntryKind =
  | "endpoint"
  | "job"
  | "cron"
  | "consumer"
  | "cli"
  | "migration"
  | "seed"
  | "test"
  | "startup"
  | "page";

interface EntryBase {
  readonly kind: EntryKind;
  /** Framework or library that calls it. */
  readonly framework: string;
  /** File of the registration. */
  readonly path: string;
  /** The registration. */
  readonly at: Span;
  /** Functions that run, in order; the last is the handler proper, those before it middleware of this entry alone. */
  readonly handlers: readonly PlacedFunction[];
}

export interface Endpoint extends EntryBase {
  readonly kind: "endpoint";
  /** Upper case; `ALL` for any. */
  readonly method: string;
  /** Full template with mount prefixes, parameters as `:name`. */
  readonly route: string;
  /** The route literal or the method token: where a lens or hover belongs. */
  readonly nameAt: Span;
  /** Part of the handler that serves this method alone (a method switch): only calls inside count. */
  readonly within?: Span;
  /** The handler proper is none of our functions: all of `handlers` run before it. */
  readonly isElsewhere?: boolean;
}

/** The function that answers an endpoint; undefined where it is none of ours. */
export function handlerOf(endpoint: Endpoint): PlacedFunction | undefined {
  return endpoint.isElsewhere ? undefined : endpoint.handlers.at(-1);
}

export interface Activity extends EntryBase {
  readonly kind: Exclude<EntryKind, "endpoint">;
  /** Queue, topic, cron expression, command: what people call it. */
  readonly name: string;
}

export type Entry = Endpoint | Activity;

/** What a framework module gets to look at. */
export interface FrameworkContext {
  readonly program: Program;
  readonly graph: CallGraph;
  /** For what is declared outside the code. */
  readonly documents: DocumentFiles;
}

export interface Framework {
  readonly name: string;
  readonly entries: (context: FrameworkContext) => Iterable<Entry>;
  /** Asynchronous edges, such as a queue's producer to its consumer. */
  readonly edges?: (context: FrameworkContext) => Iterable<Edge>;
}

/** Declares a framework; the identity function, there for its types. */
export function defineFramework(framework: Framework): Framework {
  return framework;
}

/** Joins route parts to a full template: one leading slash, none doubled, none trailing. */
export function joinRoute(...parts: readonly string[]): string {
  const joined = `/${parts.join("/")}`.replace(/\/{2,}/g, "/");
  return joined.length > 1 && joined.endsWith("/") ? joined.slice(0, -1) : joined;
}
