/**
 * One revision of the workspace with everything that can be asked of it: findings, endpoints, reach. Lazy: the call
 * graph and the entries are built by the first question that needs them.
 */
import { buildingCallGraph, type CallGraph, callKey, sameFunctions, withFileCalls } from "./call-graph.ts";
import { type DocumentFiles, documentFiles, documentKind } from "./document.ts";
import type { Endpoint, Entry, Framework } from "./entry.ts";
import type { LibrarySet } from "./library.ts";
import { type DeclaredMetric, metricsIn } from "./metrics.ts";
import type { CallSummary, FileSummary, FunctionSummary, Span } from "./model.ts";
import type { Placed, PlacedFunction } from "./origin.ts";
import { type PackageRoot, type Packages, packageRoots, packagesOf } from "./packages.ts";
import type { Program } from "./program.ts";
import {
  type EntriesByHandler,
  endpointsOf,
  entriesByHandler,
  isForOperators,
  isOnlyScheduled,
  isOperatorsEntry,
  type Reach,
  reach,
  withEntries,
} from "./reach.ts";
import type { Finding, MeantCall, Report, Rule, RuleContext, Severity, WeakerDependency } from "./rule.ts";
import { type SchemaFacts, schemaFacts } from "./schema.ts";
import { isSample, type PackageSides, packageSides, pathKind, type Side, type SideReason, sideReason } from "./side.ts";

/** All that is known about the outside world: plain tables and pure functions. */
export interface Knowledge {
  readonly libraries: LibrarySet;
  readonly frameworks: readonly Framework[];
  readonly rules: readonly Rule[];
}

export interface AnalysisInput {
  readonly program: Program;
  readonly knowledge: Knowledge;
  readonly schema?: SchemaFacts;
  readonly text?: (path: string) => string | undefined;
  /** Asked with a function: what reaches a place is only worked out where some objective could matter. */
  readonly latencyObjectiveMs?: (
    endpoints: () => readonly Endpoint[],
  ) => { readonly ms: number; readonly from: string } | undefined;
  readonly weakerDependency?: (endpoints: () => readonly Endpoint[], service: string) => WeakerDependency | undefined;
  /** Files that are no code but that rules judge. */
  readonly documents?: DocumentFiles;
  /** Whether a file, or the line that a place begins on, is changed against the merge base; absent where that is not known. */
  readonly isChanged?: ((path: string, at?: Span) => boolean) | undefined;
  /** Severity of a rule in a file, from settings and slo-lens.yaml; `off` silences it. */
  readonly severityOf?: (rule: Rule, path: string) => Severity | "off";
}

/** Something of ours that broke; the rest of the analysis stands. */
export interface Failure {
  readonly path: string;
  readonly message: string;
}

type Ask<T> = (file: FileSummary, context: RuleContext) => T | undefined;

interface AnswersOfAll<T> {
  /** Into `answers`, by the path of who gave it. */
  readonly places: ReadonlyMap<string, number>;
  readonly answers: readonly T[];
}

const NO_REACH: Reach = { chains: [], kinds: new Set(), complete: true };
const NO_DOCUMENTS = documentFiles([], () => undefined);
const MAX_FINDINGS_PER_FILE = 500;
/** Above this part of all endpoints they are what the service is for: a shop's back office. */
const MAX_PART_FOR_OPERATORS = 0.25;

export class Analysis {
  readonly program: Program;
  readonly documents: DocumentFiles;
  readonly failures: Failure[] = [];
  readonly #input: AnalysisInput;
  readonly #schema: SchemaFacts;
  readonly #codeRules: readonly Rule[];
  readonly #documentRules: readonly Rule[];
  #graph: CallGraph | undefined;
  #partForOperators: number | undefined;
  #hasMore: boolean | undefined;
  #entries: readonly Entry[] | undefined;
  #byHandler: EntriesByHandler | undefined;
  /** Places in `entries` by the file that a handler stands in. */
  #entriesByFile: ReadonlyMap<FileSummary, readonly number[]> | undefined;
  readonly #reached = new Map<FunctionSummary, Reach>();
  /** Answers of `everywhere` by question, of the whole revision. */
  readonly #facts = new Map<Ask<unknown>, AnswersOfAll<unknown>>();
  /** The same with the files as typed, for this analysis. */
  readonly #answers = new Map<object, readonly unknown[]>();
  /** Files that differ from the whole revision. */
  #typed: ReadonlyMap<string, FileSummary> = new Map();
  /** By summary, so that it can be shared with later revisions. */
  #meant = new WeakMap<FileSummary, readonly MeantCall[]>();
  /** Of the file that differs from the revision before: it goes with this one. */
  #ownMeant: readonly MeantCall[] | undefined;
  readonly #once = new Map<object, unknown>();
  readonly #context: RuleContext;
  #sides: PackageSides | undefined;
  #packages: Packages | undefined;
  /** Folders of packages do not change while single files do. */
  #roots: PackageRoot | undefined;
  /** The last whole revision, over which this one lies; itself where it is whole. */
  #whole: Analysis = this;
  /** Requests by the creation of their client: of the whole revision, or of the files that were typed in since. */
  #through: ReadonlyMap<string, readonly MeantCall[]> | undefined;

  constructor(input: AnalysisInput) {
    this.#input = input;
    this.program = input.program;
    this.#codeRules = input.knowledge.rules.filter((it) => it.check);
    this.#documentRules = input.knowledge.rules.filter((it) => it.documents);
    this.#schema = input.schema ?? schemaFacts([]);
    this.documents = input.documents ?? NO_DOCUMENTS;
    this.#context = {
      program: this.program,
      meant: (file) => this.meant(file),
      reach: (fn, at) => this.reach(fn, at),
      requestsThrough: (creation) => this.requestsThrough(creation),
      callers: (fn) =>
        this.graph.callers(fn.file.functions[fn.f]!).flatMap((it) => (it.kind === "call" && it.call ? [it.call] : [])),
      callees: (fn) => this.graph.callees(fn.file.functions[fn.f]!),
      everywhere: (ask) => this.#everywhere(ask),
      once: (make) => this.#onceOf(make),
      schema: this.#schema,
      text: input.text ?? (() => undefined),
      latencyObjectiveMs: (fn) => input.latencyObjectiveMs?.(() => endpointsOf(this.reach(fn))),
      weakerDependency: (fn, service) => input.weakerDependency?.(() => endpointsOf(this.reach(fn)), service),
      side: (file) => this.side(file),
      depend: (a, b) => this.packages.depend(a, b),
      documents: this.documents,
      isChanged: (path, at) => input.isChanged?.(path, at) ?? false,
    };
  }

  /**
   * The same analysis with one file's text changed, at the cost of that file: for every keystroke, between two whole
   * revisions. What the edit means for other files is not followed.
   */
  withFile(summary: FileSummary): Analysis {
    const old = this.program.files.get(summary.path);
    const next = new Analysis({ ...this.#input, program: this.program.withFile(summary) });
    next.#meant = this.#meant;
    next.#whole = this.#whole;
    next.#sides = this.#sides;
    next.#packages = this.packages;
    next.#roots = this.#roots;
    next.#typed = new Map(this.#typed).set(summary.path, summary);
    next.#graph = withFileCalls(this.graph, next.program, old, summary);
    next.program.callersOf = this.#callersIn(next.#graph);
    const byOld = new Map<FunctionSummary, number>();
    const before = old ? sameFunctions(old, summary) : undefined;
    if (before)
      summary.functions.forEach((now, f) => {
        const same = before.get(now);
        if (same) byOld.set(same, f);
      });
    this.#byHandler ??= entriesByHandler(this.entries);
    this.#entriesByFile ??= placesByFile(this.entries);
    const places = (old && this.#entriesByFile.get(old)) ?? [];
    if (places.length === 0) {
      next.#entries = this.entries;
      next.#byHandler = this.#byHandler;
      return next;
    }
    const entries = [...this.entries];
    for (const place of places) {
      const entry = entries[place]!;
      const handlers = entry.handlers.flatMap((it) => {
        if (it.file !== old) return [it];
        const f = byOld.get(it.file.functions[it.f]!);
        return f === undefined ? [] : [{ file: summary, f }];
      });
      entries[place] = { ...entry, handlers };
    }
    next.#entries = entries;
    next.#byHandler = withEntries(
      this.#byHandler,
      new Map(places.map((place) => [this.entries[place]!, entries[place]!])),
    );
    return next;
  }

  #callersIn(graph: CallGraph): (fn: PlacedFunction) => readonly Placed[] {
    return (fn) =>
      graph.callers(fn.file.functions[fn.f]!).flatMap((it) => (it.kind === "call" && it.call ? [it.call] : []));
  }

  get graph(): CallGraph {
    if (!this.#graph) exhaust(this.#buildingGraph());
    return this.#graph!;
  }

  *#buildingGraph(): Iterable<undefined> {
    const graph = yield* buildingCallGraph(this.program);
    this.program.callersOf = this.#callersIn(graph);
    this.#graph = graph;
    const context = { program: this.program, graph, documents: this.documents };
    graph.add(
      this.#input.knowledge.frameworks.flatMap((it) =>
        it.edges ? this.#guarded(it.name, () => [...it.edges!(context)]) : [],
      ),
    );
  }

  /** Everything that starts work, endpoints included, in the order of files. */
  get entries(): readonly Entry[] {
    if (!this.#entries) exhaust(this.#findingEntries());
    return this.#entries!;
  }

  *#findingEntries(): Iterable<undefined> {
    const context = { program: this.program, graph: this.graph, documents: this.documents };
    const found: Entry[] = [];
    for (const it of this.#input.knowledge.frameworks) {
      for (const entry of this.#guarded(it.name, () => [...it.entries(context)])) found.push(entry);
      yield;
    }
    this.#entries = withoutRepeats(found);
  }

  /**
   * Makes in small steps what is otherwise made in one piece by the first question: the graph, the entries, and every
   * file's answers to what an earlier revision was asked. Nothing may be asked before the last step.
   */
  *preparing(earlier: Analysis | undefined): Iterable<undefined> {
    if (!this.#graph) yield* this.#buildingGraph();
    if (!this.#entries) yield* this.#findingEntries();
    if (earlier) for (const ask of earlier.#whole.#facts.keys()) yield* this.#askingAll(ask);
  }

  get endpoints(): readonly Endpoint[] {
    return this.entries.filter((it) => it.kind === "endpoint");
  }

  /** Metrics that the code declares. */
  get metrics(): readonly DeclaredMetric[] {
    return this.#everywhere(metricsIn).flat();
  }

  /** Whether endpoints for operators are the exception here. */
  #hasFewForOperators(): boolean {
    this.#partForOperators ??= this.endpoints.filter(isOperatorsEntry).length / Math.max(1, this.endpoints.length);
    return this.#partForOperators <= MAX_PART_FOR_OPERATORS;
  }

  /** A workspace of nothing but examples is about those. */
  #isMoreThanSamples(): boolean {
    if (this.#hasMore === undefined) {
      this.#hasMore = false;
      for (const path of this.program.files.keys()) if (!isSample(path) && !pathKind(path)) this.#hasMore = true;
    }
    return this.#hasMore;
  }

  get schema(): SchemaFacts {
    return this.#schema;
  }

  /** Runs one framework's code; what it throws costs its own entries only. */
  #guarded<T>(name: string, run: () => T[]): T[] {
    try {
      return run();
    } catch (error) {
      this.failures.push({ path: "", message: `${name}: ${error instanceof Error ? error.message : String(error)}` });
      return [];
    }
  }

  /** What starts a function, shortest chain first; `at` is the place inside it. */
  reach(fn: PlacedFunction, at?: Span): Reach {
    const summary = fn.file.functions[fn.f];
    if (!summary) return NO_REACH;
    this.#byHandler ??= entriesByHandler(this.entries);
    const partial = this.#byHandler.get(summary)?.some((it) => it.kind === "endpoint" && it.within);
    const meet = (a: string, b: string): boolean => this.packages.meet(a, b);
    if (partial && at) return reach(this.graph, this.#byHandler, fn, at, meet);
    let known = this.#reached.get(summary);
    if (!known) {
      known = reach(this.graph, this.#byHandler, fn, at, meet);
      this.#reached.set(summary, known);
    }
    return known;
  }

  /** Lets go what was found on the way to answers about the whole and would only be found again. */
  release(): void {
    this.#reached.clear();
  }

  /** Calls of a file that mean something. */
  meant(file: FileSummary): readonly MeantCall[] {
    const isOwn = file === this.program.own;
    const known = isOwn ? this.#ownMeant : this.#meant.get(file);
    if (known) return known;
    // Some meanings ask who calls.
    void this.graph;
    const found: MeantCall[] = [];
    for (let c = 0; c < file.calls.length; c++)
      for (const meaning of this.program.meanings({ file, c }))
        found.push({ view: this.program.view({ file, c }), meaning });
    if (isOwn) this.#ownMeant = found;
    else this.#meant.set(file, found);
    return found;
  }

  /** Requests made through the client that a call creates, over the whole workspace. */
  requestsThrough(creation: Placed): readonly MeantCall[] {
    const key = callKey(creation.file, creation.c);
    const own = this.#requestsByClient().get(key) ?? [];
    if (this.#whole === this) return own;
    const before = this.#whole.#requestsByClient().get(key) ?? [];
    return this.program.gathered.overlaid(before, own, (it) => it.view.file);
  }

  #requestsByClient(): ReadonlyMap<string, readonly MeantCall[]> {
    if (this.#through) return this.#through;
    const found = new Map<string, MeantCall[]>();
    const keys = new Map<CallSummary, string>();
    for (const file of this.program.gathered.files)
      for (const c of this.graph.meaningful(file)) {
        const placed = { file, c };
        for (const meaning of this.program.meanings(placed)) {
          if (meaning.kind !== "request" || !meaning.instance) continue;
          const { instance } = meaning;
          const made = instance.file.calls[instance.c]!;
          let key = keys.get(made);
          if (key === undefined) keys.set(made, (key = callKey(instance.file, instance.c)));
          const known = found.get(key);
          const it = { view: this.program.view(placed), meaning };
          if (known) known.push(it);
          else found.set(key, [it]);
        }
      }
    this.#through = found;
    return found;
  }

  #everywhere<T>(ask: Ask<T>): readonly T[] {
    const known = this.#answers.get(ask);
    if (known) return known as readonly T[];
    const { places, answers } = this.#whole.#ofAll(ask);
    let now: (T | undefined)[] | undefined;
    let isGone = false;
    for (const [path, file] of this.#typed) {
      const place = places.get(path);
      const answer = ask(file, this.#context);
      if (place === undefined && answer === undefined) continue;
      now ??= answers.slice();
      if (place === undefined) now.push(answer);
      else now[place] = answer;
      isGone ||= answer === undefined;
    }
    // The list itself where typed files have nothing to say: what was made of it holds.
    const told = (isGone ? now?.filter((it) => it !== undefined) : now) ?? answers;
    this.#answers.set(ask, told);
    return told as readonly T[];
  }

  /** Every file's answer, silence left out, and the place of each file's. */
  #ofAll<T>(ask: Ask<T>): AnswersOfAll<T> {
    if (!this.#facts.has(ask)) exhaust(this.#askingAll(ask));
    return this.#facts.get(ask) as AnswersOfAll<T>;
  }

  *#askingAll<T>(ask: Ask<T>): Iterable<undefined> {
    if (this.#facts.has(ask)) return;
    const places = new Map<string, number>();
    const answers: T[] = [];
    for (const file of this.program.files.values()) {
      const answer = ask(file, this.#context);
      yield;
      if (answer === undefined) continue;
      places.set(file.path, answers.length);
      answers.push(answer);
    }
    this.#facts.set(ask, { places, answers });
  }

  get #packageRoot(): PackageRoot {
    this.#roots ??= packageRoots(this.documents.paths.filter((it) => it.endsWith("package.json")));
    return this.#roots;
  }

  /** The packages of the workspace: as they were when the whole was last read. */
  get packages(): Packages {
    this.#packages ??= packagesOf(this.program.files.values(), this.program.input.resolve, this.#packageRoot);
    return this.#packages;
  }

  #onceOf<T>(make: (context: RuleContext) => T): T {
    if (!this.#once.has(make)) this.#once.set(make, make(this.#context));
    return this.#once.get(make) as T;
  }

  /** Whether code runs on a server, in a browser, or cannot be told. */
  side(file: FileSummary): Side {
    return this.sideReason(file).side;
  }

  /** The same, with what decided. */
  sideReason(file: FileSummary): SideReason {
    this.#sides ??= packageSides(this.program.files.values(), this.#packageRoot);
    return sideReason(file, this.#sides);
  }

  /** A file as it is read here, where its text is lent. */
  text(path: string): string | undefined {
    return this.#input.text?.(path);
  }

  /** Code or a document: what lines, allowances and places are asked of. */
  file(path: string): FileSummary | undefined {
    return this.program.files.get(path) ?? this.documents.get(path)?.summary;
  }

  /** Findings at places in one file. Reports that a rule makes about another file are kept for that file. */
  findings(path: string): readonly Finding[] {
    const code = this.program.files.get(path);
    const kind = code ? undefined : documentKind(path);
    const { isChanged } = this.#input;
    const rules = code ? this.#codeRules : kind ? this.#documentRules.filter((it) => it.documents?.includes(kind)) : [];
    if (rules.length === 0) return [];
    const document = code ? undefined : this.documents.get(path);
    const file = code ?? document?.summary;
    if (!file) return [];
    const found: Finding[] = [];
    const aside = pathKind(path);
    for (const rule of rules) {
      if (rule.gate && !isChanged?.(path)) continue;
      // What only tests, migrations and seeds run is not in front of users.
      if (aside && rule.scope === "served") continue;
      const base = this.#input.severityOf?.(rule, path) ?? rule.severity;
      if (base === "off") continue;
      try {
        const reports = document ? rule.checkDocument?.(document, this.#context) : rule.check?.(file, this.#context);
        for (const report of reports ?? []) {
          if (rule.gate && !isChanged?.(report.path ?? path, report.at)) continue;
          found.push(this.#finding(rule, base, file, report));
          if (found.length >= MAX_FINDINGS_PER_FILE) return found;
        }
      } catch (error) {
        this.failures.push({
          path,
          message: `rule ${rule.id} failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
        });
      }
    }
    return found.sort((a, b) => a.at[0] - b.at[0]);
  }

  #finding(rule: Rule, base: Severity, file: FileSummary, report: Report): Finding {
    const within = report.within ?? { file, f: functionAt(file, report.at[0]) };
    const summary = within.file.functions[within.f];
    const reached = this.reach(
      within,
      report.path === undefined || report.path === within.file.path ? report.at : undefined,
    );
    return {
      ruleId: rule.id,
      severity:
        isSample(report.path ?? file.path) && this.#isMoreThanSamples()
          ? "hint"
          : settle(rule, report.severity ?? base, reached, () => this.#hasFewForOperators()),
      path: report.path ?? file.path,
      at: report.at,
      message: report.message,
      data: withoutNumbers(report.data ?? {}),
      function: displayName(summary?.name ?? ""),
      fixes: report.fixes ?? [],
      covers: report.covers ?? [],
      reach: reached,
    };
  }
}

/** Overloads and repeated names carry a number in the summary (`find<2>`) that nobody wrote. */
export function displayName(name: string): string {
  return name.replace(/<\d+>$/, "");
}

function withoutNumbers(data: Readonly<Record<string, string | number>>): Readonly<Record<string, string | number>> {
  return typeof data.callee === "string" ? { ...data, callee: displayName(data.callee) } : data;
}

/** A finding that only tests, migrations or seeds reach is a hint; one that nothing known reaches is information. */
function settle(rule: Rule, severity: Severity, reached: Reach, hasFewForOperators: () => boolean): Severity {
  if (rule.scope === "anywhere") return severity;
  // What a scheduler calls over HTTP is a job in all but its form.
  const kinds = [...reached.kinds].filter((it) => it !== "endpoint" || !isOnlyScheduled(reached));
  if (kinds.some((it) => it === "endpoint" || it === "consumer" || it === "page"))
    return severity === "warning" && isForOperators(reached) && hasFewForOperators() ? "information" : severity;
  if (kinds.length > 0 && kinds.every((it) => it === "test" || it === "migration" || it === "seed" || it === "cli"))
    return "hint";
  return severity === "error" || severity === "warning" ? "information" : severity;
}

/** Index of the innermost function around an offset. */
export function functionAt(file: FileSummary, offset: number): number {
  let best = 0;
  for (let f = 1; f < file.functions.length; f++) {
    const { at } = file.functions[f]!;
    if (at[0] <= offset && offset < at[1] && at[0] >= file.functions[best]!.at[0]) best = f;
  }
  return best;
}

/** Places in a list of entries by the files of their handlers. */
function placesByFile(entries: readonly Entry[]): ReadonlyMap<FileSummary, readonly number[]> {
  const found = new Map<FileSummary, number[]>();
  for (const [place, entry] of entries.entries())
    for (const file of new Set(entry.handlers.map((it) => it.file))) {
      const list = found.get(file);
      if (list) list.push(place);
      else found.set(file, [place]);
    }
  return found;
}

function withoutRepeats(entries: readonly Entry[]): Entry[] {
  const seen = new Set<string>();
  return entries.filter((it) => {
    const key =
      it.kind === "endpoint"
        ? `${it.method} ${it.route} ${it.path} ${it.at[0]}`
        : `${it.kind} ${it.name} ${it.path} ${it.at[0]}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

function exhaust(steps: Iterable<unknown>): void {
  for (const _ of steps);
}
