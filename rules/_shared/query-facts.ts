/** What rules ask of a query beyond its own words: uniqueness, owners, neighbours, caches. */
import {
  type CallView,
  type FileSummary,
  type MeantCall,
  type PlacedFunction,
  pathKind,
  type QueryMeaning,
  type RuleContext,
  type SchemaFacts,
  type TableFacts,
  type Value,
} from "../../engine/index.ts";
import { callsWithin } from "./calls.ts";

/** Whether the filter can match at most one row: its equalities cover a key of the table. */
export function isByKey(query: QueryMeaning, schema: SchemaFacts): boolean {
  const equals = new Set(query.filter.equals ?? []);
  if (equals.size === 0) return false;
  const table = tableOf(query, schema);
  if (table) return table.unique.some((key) => key.every((it) => equals.has(it)));
  // Without a schema only what is unique by every convention.
  return (
    equals.has("id") ||
    equals.has("_id") ||
    equals.has("uuid") ||
    equals.has("email") ||
    equals.has("slug") ||
    equals.has("domain")
  );
}

/** Whether the filter ties the rows to one owner: an equality on a column that points to another table's row. */
export function isOwned(query: QueryMeaning, schema: SchemaFacts): boolean {
  const equals = query.filter.equals ?? [];
  const table = tableOf(query, schema);
  if (table && equals.some((it) => table.foreignKeys.some((key) => key.columns.includes(it)))) return true;
  return (
    equals.some((it) => /[a-z](Id|_id|ID|Uuid|_uuid)$/.test(it) && !/^(tenant|workspace)_?id$/i.test(it)) ||
    equals.some((it) => /^(owner|user|author|parent|team|account|member|organi[sz]ation)$/.test(it)) ||
    // What names one person belongs to one person.
    equals.some((it) => /(^|[a-z_])(e-?mail|user_?name|phone(_?number)?)$/i.test(it))
  );
}

/** Conditions that nearly every row meets: what is not deleted, what is switched on, the rows of this installation. */
const BROAD =
  /deleted|archived|removed|disabled|hidden|active|enabled|visible|public|published|verified|^(tenant|workspace)_?id$/i;
/** Columns of a few kinds: each has its share of the rows. */
const KINDS = /^(type|kind|category)$|[a-z](Type|Kind)$|_(type|kind)$/;
/** Rows pass through states: most may be in the last one, and few are in those that a list is asked for. */
const STATES = /^(status|state)$|[a-z](Status|State)$|_(status|state)$/;

/** Columns whose condition may leave few rows of however many: a value that comes in, a range, a pattern. */
export function narrowingColumns({ action, filter }: QueryMeaning): readonly string[] {
  const isBroad = (it: string): boolean => BROAD.test(it) || KINDS.test(it) || (action !== "list" && STATES.test(it));
  return [...(filter.equals ?? []), ...(filter.others ?? []), ...(filter.inLists ?? [])].filter((it) => !isBroad(it));
}

export const isNarrowed = (query: QueryMeaning): boolean => narrowingColumns(query).length > 0;

/** Whether it reads one side of a table that ties two others: the users of a team, the tags of a post. */
export function isMembership(query: QueryMeaning, schema: SchemaFacts): boolean {
  const table = tableOf(query, schema);
  if (!table) return false;
  const points = new Set(table.foreignKeys.flatMap((it) => it.columns));
  const equals = query.filter.equals ?? [];
  return table.unique.some(
    (key) => key.length > 1 && key.every((it) => points.has(it)) && key.some((it) => equals.includes(it)),
  );
}

export function tableOf(query: QueryMeaning, schema: SchemaFacts): TableFacts | undefined {
  return query.table ? schema.table(query.table) : undefined;
}

/** Queries in the same function, closures included. */
export function siblings(
  view: CallView,
  context: RuleContext,
): readonly (MeantCall & { readonly meaning: QueryMeaning })[] {
  const own = outermost(view.file, view.call.fn);
  return context
    .meant(view.file)
    .flatMap((it) =>
      it.meaning.kind === "query" && it.view.c !== view.c && outermost(view.file, it.view.call.fn) === own
        ? [{ ...it, meaning: it.meaning }]
        : [],
    );
}

/** The named function or method around a closure. */
export function outermost(file: FileSummary, f: number): number {
  let it = f;
  for (let i = 0; i < 20 && it > 0; i++) {
    const fn = file.functions[it]!;
    if (fn.kind !== "arrow" || fn.parent <= 0) return it;
    it = fn.parent;
  }
  return it;
}

const CACHE = /cach|memo|redis|lru/i;

/** A name in an expression that speaks of a cache: `this.redisCacheService.get`, `memoize(…)`, `cache.wrap`. */
function mentionsCache(value: Value, file: FileSummary, depth = 0): boolean {
  if (depth > 6) return false;
  if (value.k === "get") return CACHE.test(value.name) || mentionsCache(value.of, file, depth + 1);
  if (value.k === "ref") return CACHE.test(file.bindings[value.b]?.name ?? "");
  if (value.k === "global") return CACHE.test(value.name);
  return false;
}

/** Whether the answer is kept: before the call, its function, what it is handed to, or every one of its callers, asks a cache. */
export function isCached(fn: PlacedFunction, context: RuleContext, at?: number, depth = 0): boolean {
  const { file, f } = fn;
  const asks = (before: number | undefined): boolean =>
    callsWithin(file, f).some((c) => {
      const call = file.calls[c]!;
      return (before === undefined || call.at[0] <= before) && mentionsCache(call.callee, file);
    });
  if (asks(at)) return true;
  const place = context.program.context(file, f);
  if (place?.kind === "argument" && mentionsCache(file.calls[place.c]!.callee, file)) return true;
  const { parent, cls } = file.functions[f]!;
  if (parent > 0 && cls === undefined && isCached({ file, f: parent }, context, at ?? file.functions[f]!.at[0], depth))
    return true;
  if (depth >= 3) return false;
  const callers = context.callers(fn).filter((it) => pathKind(it.file.path) === undefined);
  return (
    callers.length > 0 &&
    callers.length <= 6 &&
    callers.every((it) =>
      isCached({ file: it.file, f: it.file.calls[it.c]!.fn }, context, it.file.calls[it.c]!.at[0], depth + 1),
    )
  );
}

export function isWithin(file: FileSummary, f: number, outer: number): boolean {
  for (let it = f; it >= 0; it = file.functions[it]!.parent) {
    if (it === outer) return true;
    if (it === 0) return false;
  }
  return false;
}

/** Whether a number is only held against a limit: `if (count >= max) throw …`. What is counted then cannot outgrow the limit. */
export function isGuard(view: CallView): boolean {
  const names = new Set<number>();
  view.file.bindings.forEach((it, b) => {
    if (it.value?.k === "call" && it.value.c === view.c) names.add(b);
  });
  const isIt = (value: Value): boolean =>
    (value.k === "ref" && names.has(value.b)) || (value.k === "call" && value.c === view.c);
  return view.file.branches.some((branch) => {
    if (branch.exits === "no" || branch.exits === "jump") return false;
    const { test } = branch;
    const parts = test.k === "either" ? [test.a, test.b] : [test];
    return parts.some(
      (it) =>
        it.k === "op" && [">=", ">", "<", "<=", "==="].includes(it.op) && it.args.length === 2 && it.args.some(isIt),
    );
  });
}
