/** From a function upwards to everything that can start it, shortest chain first and bounded: "at least these". */
import type { CallGraph, Edge, Hop } from "./call-graph.ts";
import type { Endpoint, Entry, EntryKind } from "./entry.ts";
import type { FunctionSummary, Span } from "./model.ts";
import type { PlacedFunction } from "./origin.ts";

export interface Chain {
  readonly entry: Entry;
  /** From the entry's handler down to the function asked about. */
  readonly links: readonly ChainLink[];
  /** Goes through a queue or an emitter. */
  readonly isAsync: boolean;
}

export interface ChainLink {
  readonly fn: PlacedFunction;
  /** The call in `fn` that leads to the next link; absent in the last. */
  readonly callAt?: Span;
  /** What carries the work to the next link where nobody waits for it; nameless where only that is known. */
  readonly hop?: Partial<Hop>;
}

export interface Reach {
  readonly chains: readonly Chain[];
  readonly kinds: ReadonlySet<EntryKind>;
  /** False where the walk met its bound. */
  readonly complete: boolean;
}

const MAX_VISITED = 4000;
/** Entries that are all of a file's functions, by where it lies. */
const BY_PLACE = new Set<EntryKind>(["test", "migration", "seed", "cli"]);
const MAX_DOUBTFUL = 3;

/** Index of entries by handler. */
export interface EntriesByHandler {
  readonly get: (handler: FunctionSummary) => readonly Entry[] | undefined;
}

export function entriesByHandler(entries: Iterable<Entry>): EntriesByHandler {
  const map = new Map<FunctionSummary, Entry[]>();
  for (const entry of entries) {
    for (const it of entry.handlers) {
      const fn = it.file.functions[it.f]!;
      const known = map.get(fn);
      if (known) known.push(entry);
      else map.set(fn, [entry]);
    }
  }
  return map;
}

/** The same with some entries replaced, at the cost of those: their handlers in the text that is typed are other ones. */
export function withEntries(base: EntriesByHandler, replaced: ReadonlyMap<Entry, Entry>): EntriesByHandler {
  const fresh = entriesByHandler(replaced.values());
  return {
    get: (handler) => {
      const known = base.get(handler);
      if (!known) return fresh.get(handler);
      return known.some((it) => replaced.has(it)) ? known.map((it) => replaced.get(it) ?? it) : known;
    },
  };
}

/**
 * Everything that reaches `start`. `at` is the place inside it, for handlers of which only a part serves an endpoint.
 * Walks callers breadth first; an entry's handler ends its branch, except that it may itself be called by others.
 * `meet` tells whether two files may be loaded by one process: an interface is implemented by each for itself.
 */
export function reach(
  graph: CallGraph,
  entries: EntriesByHandler,
  start: PlacedFunction,
  at?: Span,
  meet: (a: string, b: string) => boolean = () => true,
): Reach {
  interface Step {
    readonly fn: PlacedFunction;
    readonly from?: Step;
    readonly via?: Edge;
    readonly at: Span | undefined;
  }
  const chains: Chain[] = [];
  const kinds = new Set<EntryKind>();
  const found = new Set<Entry>();
  /** Files of handlers whose shortest way leads through what their process does not load: another way may not. */
  const doubtful = new Set<string>();
  let complete = true;
  let count = 0;
  walk(() => true);
  for (const handler of [...doubtful].slice(0, MAX_DOUBTFUL)) walk((path) => meet(path, handler));
  return { chains, kinds, complete };

  function walk(isLoaded: (path: string) => boolean): void {
    const visited = new Set([start.file.functions[start.f]!]);
    for (let queue: readonly Step[] = [{ fn: start, at }]; queue.length > 0; ) {
      const next: Step[] = [];
      for (const step of queue) {
        if (++count > MAX_VISITED) {
          complete = false;
          return;
        }
        visit(step, visited, isLoaded, next);
      }
      queue = next;
    }
  }

  function visit(step: Step, visited: Set<FunctionSummary>, isLoaded: (path: string) => boolean, next: Step[]): void {
    const summary = step.fn.file.functions[step.fn.f]!;
    const here = entries.get(summary);
    for (const entry of here ?? []) {
      if (found.has(entry)) continue;
      if (
        entry.kind === "endpoint" &&
        entry.within &&
        step.at &&
        // The part is one of this function's, not of another that serves the same endpoint.
        entry.path === step.fn.file.path &&
        summary.at[0] <= entry.within[0] &&
        entry.within[1] <= summary.at[1] &&
        servesAnother(here, entry.within, step.at)
      )
        continue;
      if (!isOneProcess(step)) {
        doubtful.add(step.fn.file.path);
        continue;
      }
      found.add(entry);
      // Tests call everything: what only they reach is simply not known to run.
      if (entry.kind !== "test") kinds.add(entry.kind);
      chains.push({ entry, ...linksOf(step) });
    }
    for (const edge of graph.callers(summary)) {
      // A closure that a framework calls is not run by what it is written in; a runner calls all of a file alike.
      if (edge.kind === "closure" && here?.some((it) => !BY_PLACE.has(it.kind))) continue;
      if (!isLoaded(edge.from.file.path)) continue;
      const caller = edge.from.file.functions[edge.from.f]!;
      // A partial handler must be met once per part.
      const partial = entries.get(caller)?.some((it) => it.kind === "endpoint" && it.within);
      if (visited.has(caller) && !partial) continue;
      const callAt = edge.call ? edge.call.file.calls[edge.call.c]!.at : summary.at;
      if (
        partial &&
        visited.has(caller) &&
        next.some((it) => it.fn.f === edge.from.f && it.fn.file === edge.from.file && it.at?.[0] === callAt[0])
      )
        continue;
      if (partial && visited.has(caller) && count > MAX_VISITED / 2) continue;
      visited.add(caller);
      next.push({ fn: edge.from, from: step, via: edge, at: callAt });
    }
  }

  /** Whether the handler's process may load all that it runs, as far as the first queue. */
  function isOneProcess(handler: Step): boolean {
    for (let it: Step | undefined = handler; it; it = it.via?.kind === "async" ? undefined : it.from)
      if (!meet(handler.fn.file.path, it.fn.file.path)) return false;
    return true;
  }

  function linksOf(step: Step): { links: ChainLink[]; isAsync: boolean } {
    const links: ChainLink[] = [];
    let isAsync = false;
    for (let it: Step | undefined = step; it; it = it.from) {
      if (it.via?.kind === "async") isAsync = true;
      links.push({
        fn: it.fn,
        ...(it.from && it.at ? { callAt: it.at } : {}),
        ...(it.via?.kind === "async" ? { hop: it.via.hop ?? {} } : {}),
      });
    }
    return { links, isAsync };
  }
}

/** Whether a place lies in the part of a handler that serves another method; what lies before all parts serves each. */
function servesAnother(here: readonly Entry[] | undefined, own: Span, at: Span): boolean {
  const isIn = (part: Span): boolean => part[0] <= at[0] && at[1] <= part[1];
  return !isIn(own) && (here ?? []).some((it) => it.kind === "endpoint" && it.within !== undefined && isIn(it.within));
}

/** The endpoints among what was reached. */
export function endpointsOf(of: Reach): readonly Endpoint[] {
  return of.chains.map((it) => it.entry).filter((it) => it.kind === "endpoint");
}

const SCHEDULED = /(^|\/)(crons?|cron-?jobs?|house-?keeping)(\/|$)/i;

/** What a scheduler calls over HTTP is a job in all but its form. */
export function isOnlyScheduled(reached: Reach): boolean {
  const endpoints = endpointsOf(reached);
  return reached.complete && endpoints.length > 0 && endpoints.every((it) => SCHEDULED.test(it.route));
}

/** Routes of what those who run the service call, now and then: no user waits for it. */
const FOR_OPERATORS =
  /(^|\/)(_?admin[\w-]*|super-?admin|backfills?|(?:clean-?up|expire|prune|purge)[\w-]*|debug|(?:\w+-)?maintenance|re-?index|seeds?|testing|trpc\/(?:super)?admin\.[\w.]*)(\/|$)/i;

/** Folders in which the operators' part of a product lies: their operations have no route of their own in GraphQL. */
const OPERATORS_FOLDER = /(^|\/)(?:[\w-]+-)?admin\//i;

export function isOperatorsEntry(it: Entry): boolean {
  return FOR_OPERATORS.test(it.kind === "endpoint" ? it.route : it.name) || OPERATORS_FOLDER.test(it.path);
}

/** Whether all that people or messages reach it by is for operators. */
export function isForOperators(reached: Reach): boolean {
  const served = reached.chains.map((it) => it.entry).filter((it) => /^(endpoint|page|consumer)$/.test(it.kind));
  return served.length > 0 && served.every(isOperatorsEntry);
}
