/** What a rule is: one file of metadata, detection and fixes, over meanings and facts, never over a library's names. */
import type { CallView } from "./call-view.ts";
import type { DocumentFile, DocumentFiles, DocumentKind } from "./document.ts";
import type { Meaning } from "./library.ts";
import type { FileSummary, Span } from "./model.ts";
import type { Placed, PlacedFunction } from "./origin.ts";
import type { Program } from "./program.ts";
import type { Reach } from "./reach.ts";
import type { SchemaFacts } from "./schema.ts";

/** One text in both languages of the product; `{name}` takes a datum. */
export interface Text {
  readonly en: string;
  readonly ja: string;
}

export type Severity = "error" | "warning" | "information" | "hint";
export type Layer = "product" | "application" | "infrastructure";
/** `safe` keeps the meaning; `choose` needs a number or changes behaviour; `scaffold` is the start of a larger change. */
export type Safety = "safe" | "choose" | "scaffold";

export interface Edit {
  readonly path: string;
  /** UTF-16 offsets; empty to insert. */
  readonly at: Span;
  readonly text: string;
}

export interface Fix {
  readonly title: Text;
  readonly layer: Layer;
  readonly safety: Safety;
  /** Empty for an option that is explained only. */
  readonly edits: readonly Edit[];
  /** What it changes for callers, or how to go about it. */
  readonly explain?: Text;
}

/** What a rule says of one place. */
export interface Report {
  /** The smallest token that names the trouble, on one line. */
  readonly at: Span;
  /** Where it stands, if not in the file being checked (a client's creation). */
  readonly path?: string;
  /** Key into the rule's `messages`. */
  readonly message: string;
  readonly data?: Readonly<Record<string, string | number>>;
  readonly fixes?: readonly Fix[];
  /** Other places this one cause speaks for. */
  readonly covers?: readonly { readonly path: string; readonly at: Span }[];
  /** Function whose callers decide the impact; the one around `at` where absent. */
  readonly within?: PlacedFunction;
  /** Instead of the rule's own, before the reach and the SLO have their say. */
  readonly severity?: Severity;
}

export interface Rule {
  /** Reads after `slo-allow`; equals the file name. */
  readonly id: string;
  readonly group: string;
  readonly title: Text;
  readonly severity: Severity;
  readonly status: "preview" | "stable" | "deprecated";
  readonly since: string;
  /** Which indicators it spends budget on. */
  readonly burns: readonly ("availability" | "latency" | "correctness" | "durability")[];
  readonly messages: Readonly<Record<string, { readonly what: Text; readonly help: Text }>>;
  /** `anywhere`: severity stands without an endpoint; `served`: outside endpoints, jobs and consumers it is information at most. */
  readonly scope: "anywhere" | "served";
  /**
   * `changed`: it speaks only of lines changed against the merge base, and is silent where that is not known. For what has
   * happened once it is merged, like a migration.
   */
  readonly gate?: "changed";
  readonly check?: (file: FileSummary, context: RuleContext) => Iterable<Report>;
  /** Kinds of files that are no code of which it has something to say; others are not read for it. */
  readonly documents?: readonly DocumentKind[];
  readonly checkDocument?: (document: DocumentFile, context: RuleContext) => Iterable<Report>;
}

/** A call and what it means. */
export interface MeantCall {
  readonly view: CallView;
  readonly meaning: Meaning;
}

/** Two promises that do not fit: targets as they are shown, `99.9 %`. */
export interface WeakerDependency {
  /** `GET /prices/:id`. */
  readonly endpoint: string;
  readonly target: string;
  readonly service: string;
  readonly theirs: string;
  /** The endpoint's errors that the dependency alone may make, as a multiple of its whole budget: `5`. */
  readonly times: string;
}

export interface RuleContext {
  readonly program: Program;
  /** Calls of a file that mean something, in the order of the text. */
  readonly meant: (file: FileSummary) => readonly MeantCall[];
  readonly reach: (fn: PlacedFunction, at?: Span) => Reach;
  /** Requests anywhere in the workspace that are made through the client created by a call. */
  readonly requestsThrough: (creation: Placed) => readonly MeantCall[];
  /** Calls known to call a function. */
  readonly callers: (fn: PlacedFunction) => readonly { readonly file: FileSummary; readonly c: number }[];
  /** Functions known to be called from a function (calls, closures, callbacks). */
  readonly callees: (fn: PlacedFunction) => readonly {
    readonly to: PlacedFunction;
    readonly kind: string;
    readonly call?: { readonly file: FileSummary; readonly c: number };
  }[];
  /**
   * What each file of the workspace answers to a question, silence left out. Asked once per revision (the question is the
   * key, so let it be a constant function), and anew only of the file being typed.
   */
  readonly everywhere: <T>(ask: (file: FileSummary, context: RuleContext) => T | undefined) => readonly T[];
  /**
   * What is made once per revision; the function is its name, so let it be a constant one. Anything kept elsewhere that
   * leads back to a program outlives the keystroke it was made for.
   */
  readonly once: <T>(make: (context: RuleContext) => T) => T;
  readonly schema: SchemaFacts;
  /** The text of a file, for fixes that copy from it; undefined where it cannot be had. */
  readonly text: (path: string) => string | undefined;
  /** Milliseconds of the tightest latency objective of the endpoints that reach a function, where one is known. */
  readonly latencyObjectiveMs: (fn: PlacedFunction) => { readonly ms: number; readonly from: string } | undefined;
  /** What a service promises, where that is less than what an endpoint that reaches a function promises itself. */
  readonly weakerDependency: (fn: PlacedFunction, service: string) => WeakerDependency | undefined;
  /** Whether code runs on a server, in a browser, or cannot be told. */
  readonly side: (file: FileSummary) => "server" | "browser" | "unknown";
  /** Whether two files may run in one process: of one package, or of two of which one imports the other, however far. */
  readonly depend: (a: string, b: string) => boolean;
  /** Files that are no code. */
  readonly documents: DocumentFiles;
  /** Whether a file, or the line that a place begins on, is changed against the merge base; false where that is not known. */
  readonly isChanged: (path: string, at?: Span) => boolean;
}

/** Declares a rule; the identity function, there for its types. */
export function defineRule(rule: Rule): Rule {
  return rule;
}

/** A finding: one cause at the place where it is fixed. Plain data. */
export interface Finding {
  readonly ruleId: string;
  readonly severity: Severity;
  readonly path: string;
  readonly at: Span;
  readonly message: string;
  readonly data: Readonly<Record<string, string | number>>;
  /** Display name of the function it stands in. */
  readonly function: string;
  readonly fixes: readonly Fix[];
  readonly covers: readonly { readonly path: string; readonly at: Span }[];
  readonly reach: Reach;
}
