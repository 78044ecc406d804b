/**
 * Queries of thin project functions (a base repository's `find(filter)`, a helper that sends the SQL it is given), read for
 * each of their callers: only there it is known what is asked.
 */
import type {
  CallView,
  FileSummary,
  MeantCall,
  Placed,
  PlacedFunction,
  QueryMeaning,
  RuleContext,
} from "../../engine/index.ts";
import { callsWithin } from "./calls.ts";

export interface MeantQuery extends MeantCall {
  readonly meaning: QueryMeaning;
  /** The call that sends it, where that is deeper than `view`, the caller's. */
  readonly sentBy?: Placed;
}

/** A query that hangs on the parameters of the function it is asked of. */
interface Open {
  /** Calls from the function's own body down to the one that sends it. */
  readonly through: readonly Placed[];
}

const NONE: readonly Open[] = [];
const MAX_STEPS = 2;
const MAX_OPEN = 4;
const newOpen = () => new Map<object, readonly Open[]>();
const newQueries = () => new Map<FileSummary, readonly MeantQuery[]>();

/** Queries of a file, those included that it hands to a project function to send. */
export function queriesIn(file: FileSummary, context: RuleContext): readonly MeantQuery[] {
  const byFile = context.once(newQueries);
  let known = byFile.get(file);
  if (!known) {
    known = [...direct(file, context), ...handed(file, context)].sort(
      (a, b) => a.view.call.nameAt[0] - b.view.call.nameAt[0],
    );
    byFile.set(file, known);
  }
  return known;
}

function direct(file: FileSummary, context: RuleContext): MeantQuery[] {
  const seen = new Set<string>();
  return context.meant(file).flatMap((it) => {
    if (it.meaning.kind !== "query") return [];
    // One call on one of several clients, a primary and its replicas, is one query.
    const key = `${it.view.c} ${it.meaning.action}`;
    if (seen.has(key)) return [];
    seen.add(key);
    return [{ ...it, meaning: it.meaning }];
  });
}

function handed(file: FileSummary, context: RuleContext): MeantQuery[] {
  const { program } = context;
  return file.calls.flatMap((call, c): MeantQuery[] => {
    // What is handed nothing hangs on nothing.
    if (call.args.length === 0) return [];
    const callee = program.callee(file, c);
    if (callee.k !== "fn") return [];
    return openIn({ file: callee.file, f: callee.f }, context, 0).flatMap((open): MeantQuery[] => {
      const found = meaningAt({ file, c }, open, context);
      if (!found || isOpen(found)) return [];
      const sentBy = open.through.at(-1)!;
      const view = program.view({ file, c });
      const table = found.table ?? subjectOf(callee.self, view);
      // How the sender would be changed is nothing for this one of its callers to decide.
      const { cap: _cap, capEdits: _edits, ...meaning } = found;
      return [{ view, meaning: { ...meaning, ...(table ? { table } : {}) }, sentBy }];
    });
  });
}

function openIn(fn: PlacedFunction, context: RuleContext, depth: number): readonly Open[] {
  const memo = context.once(newOpen);
  const key = fn.file.functions[fn.f]!;
  const cached = memo.get(key);
  if (cached) return cached;
  memo.set(key, NONE);
  if (key.params.length === 0) return [];
  const found: Open[] = [];
  for (const c of callsWithin(fn.file, fn.f)) {
    if (found.length >= MAX_OPEN) break;
    const placed: Placed = { file: fn.file, c };
    const own = context.program.meanings(placed).find((it) => it.kind === "query");
    if (own?.kind === "query") {
      if (isOpen(own)) found.push({ through: [placed] });
      continue;
    }
    if (depth >= MAX_STEPS) continue;
    const callee = context.program.callee(fn.file, c);
    if (callee.k !== "fn" || (callee.file === fn.file && callee.f === fn.f)) continue;
    for (const open of openIn({ file: callee.file, f: callee.f }, context, depth + 1)) {
      const here = meaningAt(placed, open, context);
      if (here && isOpen(here)) found.push({ through: [placed, ...open.through] });
    }
  }
  if (found.length > 0) memo.set(key, found);
  return found;
}

/** What the query of a function means when the function is called here. */
function meaningAt(at: Placed, open: Open, context: RuleContext): QueryMeaning | undefined {
  const { program } = context;
  let env: ReturnType<typeof program.enter>;
  const steps = [at, ...open.through];
  for (const step of steps.slice(0, -1)) {
    const callee = program.callee(step.file, step.c, env);
    if (callee.k !== "fn") return undefined;
    env = program.enter(callee, step.file.calls[step.c]!, step.file, env);
    if (!env) return undefined;
  }
  for (const it of program.meaningsUnder(steps.at(-1)!, env)) if (it.kind === "query") return it;
  return undefined;
}

/** Nobody can say yet which rows, or what is done to them. */
function isOpen(query: QueryMeaning): boolean {
  return query.action === "raw" || (query.filter.given === "unknown" && query.action !== "list-and-count");
}

/** What a repository is named after, where nothing else names the table: `Message` of `MessageRepository`. */
function subjectOf(self: unknown, view: CallView): string | undefined {
  const { call, file, program } = view;
  const of = call.callee.k === "get" ? program.origin(call.callee.of, file) : undefined;
  const it = of?.k === "instance" || of?.k === "class" ? of : isInstance(self) ? self : undefined;
  const name = it?.file.classes[it.c]?.name;
  return name === undefined || !/(Repository|Dao|DAO|Store|Model|Service)$/.test(name)
    ? undefined
    : name.replace(/(Repository|Dao|DAO|Store|Model|Service)$/, "") || undefined;
}

function isInstance(it: unknown): it is { readonly k: "instance"; readonly file: FileSummary; readonly c: number } {
  return typeof it === "object" && it !== null && (it as { k?: unknown }).k === "instance";
}
