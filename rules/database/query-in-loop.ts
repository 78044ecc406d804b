import {
  type CallSummary,
  defineRule,
  type FileSummary,
  type Fix,
  type Loop,
  type Meaning,
  type Placed,
  type PlacedFunction,
  pathKind,
  type QueryMeaning,
  type RuleContext,
  type Value,
} from "../../engine/index.ts";
import { callsWithin } from "../_shared/calls.ts";
import { sizeOf, writtenName } from "../_shared/collections.ts";
import { effectOf } from "../_shared/effects.ts";
import { isWithin } from "../_shared/query-facts.ts";

const MAX_DEPTH = 3;
const ELEMENT_CALLBACKS = new Set(["map", "forEach", "flatMap", "reduce", "filter", "some", "every"]);

export default defineRule({
  id: "query-in-loop",
  group: "database",
  title: { en: "One round trip per element", ja: "要素ごとの問い合わせ(N+1)" },
  severity: "warning",
  status: "stable",
  since: "0.1.0",
  scope: "served",
  burns: ["latency", "availability"],
  messages: {
    query: {
      what: {
        en: "One {client} query for each element of `{over}`: the time grows with the number of elements.",
        ja: "`{over}` の要素ごとに {client} への問い合わせが 1 回発生し、要素の数に比例して遅くなります。",
      },
      help: {
        en: "Ask once for all: a filter with the list of keys, then a map by key; or a bulk write.",
        ja: "キーの一覧を条件にして一度で取得し、キーで引けるようにするか、一括書き込みにまとめてください。",
      },
    },
    request: {
      what: {
        en: "One {client} request for each element of `{over}`: the time grows with the number of elements.",
        ja: "`{over}` の要素ごとに {client} のリクエストが 1 回発生し、要素の数に比例して遅くなります。",
      },
      help: {
        en: "Use an endpoint that takes many at once, or do it outside of the request.",
        ja: "まとめて受け付けるエンドポイントを使うか、リクエストの外で処理してください。",
      },
    },
    hidden: {
      what: {
        en: "{callee} makes a {client} round trip, and it is called for each element of `{over}`.",
        ja: "{callee} は {client} への往復を行い、それが `{over}` の要素ごとに呼ばれています。",
      },
      help: {
        en: "Give the function a variant that takes all elements at once.",
        ja: "全要素を一度に受け取る関数を用意してください。",
      },
    },
  },
  *check(file, context) {
    const loops = new Set<string>();
    for (let c = 0; c < file.calls.length; c++) {
      const call = file.calls[c]!;
      const around = iterationAround(file, c, context);
      if (!around) continue;
      if (leavesAfter(file, call, around) || isRecursion(file, c, context) || isClearedUp(file, around)) continue;
      const own = trip(context.program.meanings({ file, c }));
      let found: Trip | undefined = own
        ? { meaning: own, name: "", certain: true, writes: changes(own, call) }
        : hiddenTrip({ file, c }, context, 0);
      if (!found) continue;
      // Requests that are sent all at once are the business of `unbounded-concurrency`, but for those beside a query.
      if (found.meaning.kind === "request" && isAtOnce(around, file)) {
        const query = own ? undefined : effectOf({ file, c }, context, isQuery);
        if (!query) continue;
        found = { ...found, meaning: query.meaning, name: query.through };
      }
      // Several queries in one loop are one cause, told where every element meets it rather than where some do.
      const key = `${around.at[0]}`;
      if (loops.has(key)) continue;
      const isAside = standsAside(file, call, around);
      const others = rest(file, around, c, context);
      if (isAside && others.some((it) => !standsAside(file, file.calls[it.c]!, around))) continue;
      const size = sizeOf({ value: around.over, file }, context);
      if (size === "small" || size === "few" || !runsForUsers({ file, f: call.fn }, context)) continue;
      loops.add(key);
      const reads = !found.writes || (own !== undefined && others.some((it) => !isWrite(it.meaning)));
      yield {
        at: call.nameAt,
        // What differs per element often can only be written per element; what is read can be read at once. And where
        // nobody knows how many there are, or whether each needs the trip, this is a thought and no warning.
        ...(reads && found.certain && !isAside && !isQuick(found) && size === "data"
          ? {}
          : { severity: "information" as const }),
        message: own ? (own.kind === "request" ? "request" : "query") : "hidden",
        data: { client: found.meaning.client, over: writtenName(around.over, file), callee: found.name },
        covers: others.map((it) => ({ path: it.path, at: it.at })),
        fixes: FIXES,
      };
    }
  },
});

/** In a branch of the loop's body: some elements meet it, others do not. */
function standsAside(file: FileSummary, call: CallSummary, around: Iteration): boolean {
  if (call.branch === undefined) return false;
  const { at } = file.branches[call.branch]!;
  return around.at[0] <= at[0] && at[1] <= around.at[1];
}

/** The whole loop stands in a `catch`: it puts back what failed, and nobody waits for that on the way that works. */
const isClearedUp = (file: FileSummary, { at }: Iteration): boolean =>
  file.tries.some(({ handler }) => handler !== undefined && handler.at[0] <= at[0] && at[1] <= handler.at[1]);

/** A command of a cache that another function sends takes a fraction of a millisecond, and is seldom all that it does. */
const isQuick = ({ meaning, name }: Trip): boolean =>
  name !== "" && meaning.kind === "query" && meaning.engine === "redis";

interface Iteration {
  /** The collection. */
  readonly over: Value;
  /** The loop or the callback call. */
  readonly at: readonly [number, number];
  readonly loop?: Loop;
  /** The call whose callback is run per element. */
  readonly c?: number;
}

/** `Promise.all(xs.map(…))`. */
function isAtOnce({ c }: Iteration, file: FileSummary): boolean {
  if (c === undefined) return false;
  return file.calls.some(
    ({ callee, args }) =>
      callee.k === "get" && /^(all|allSettled)$/.test(callee.name) && args[0]?.k === "call" && args[0].c === c,
  );
}

const isQuery = (it: Meaning): it is QueryMeaning =>
  it.kind === "query" && !it.batched && it.action !== "transaction" && it.engine !== "other";

/** A query or an outbound request: something that waits for another machine. */
function trip(meanings: readonly Meaning[]): (Meaning & { readonly client: string }) | undefined {
  return meanings.find(
    (it) =>
      (it.kind === "request" && !it.stream) ||
      (it.kind === "query" && !it.batched && it.action !== "transaction" && it.engine !== "other"),
  );
}

/** The innermost iteration of unknown length around a call, in its function or the closures around it. */
function iterationAround(file: FileSummary, c: number, context: RuleContext): Iteration | undefined {
  const call = file.calls[c]!;
  let loopIndex = call.loop;
  let f = call.fn;
  for (let i = 0; i < 12; i++) {
    for (; loopIndex !== undefined; loopIndex = file.loops[loopIndex]!.parent) {
      const loop = file.loops[loopIndex]!;
      // The head of a loop runs once; its body runs per element.
      if (!(loop.bodyAt[0] <= call.at[0] && call.at[1] <= loop.bodyAt[1])) continue;
      if ((loop.kind === "for-of" || loop.kind === "for-in") && loop.over)
        return { over: loop.over, at: loop.at, loop };
    }
    const fn = file.functions[f]!;
    if (fn.cls !== undefined || fn.parent < 0) return undefined;
    const place = context.program.context(file, f);
    if (place?.kind === "argument" && place.path.length === 0) {
      const outer = file.calls[place.c]!;
      if (outer.callee.k === "get" && ELEMENT_CALLBACKS.has(outer.callee.name) && place.index === 0)
        return { over: outer.callee.of, at: outer.at, c: place.c };
      loopIndex = outer.loop;
      // A function handed to something else runs when that runs; only known iterations go on.
      if (outer.callee.k === "get" && outer.callee.name === "from" && place.index === 1 && outer.args[0])
        return { over: outer.args[0], at: outer.at, c: place.c };
    } else if (place?.kind !== "argument") return undefined;
    f = fn.parent;
    if (f <= 0) return undefined;
  }
  return undefined;
}

type ClientMeaning = Meaning & { readonly client: string };

interface Trip {
  readonly meaning: ClientMeaning;
  /** The project function that makes it; "" where the loop does. */
  readonly name: string;
  /** Every run makes it: it stands in no branch, and there is one function that the call can mean. */
  readonly certain: boolean;
  /** What is done per element changes something. */
  readonly writes: boolean;
}

/** A round trip made by the project function that a call enters. */
function hiddenTrip(at: Placed, context: RuleContext, depth: number): Trip | undefined {
  const callee = context.program.callee(at.file, at.c);
  const candidates = callee.k === "any" ? callee.of.slice(0, 4) : [callee];
  for (const it of candidates) {
    if (it.k !== "fn" || pathKind(it.file.path) !== undefined) continue;
    const found = tripWithin(it, context, depth);
    if (found) return candidates.length > 1 ? { ...found, certain: false } : found;
  }
  return undefined;
}

function tripWithin(callee: PlacedFunction, context: RuleContext, depth: number): Trip | undefined {
  const { file, f } = callee;
  const fn = file.functions[f]!;
  if (isMemoised(callee, context)) return undefined;
  let first: { readonly meaning: ClientMeaning; readonly certain: boolean } | undefined;
  let writes = CHANGES.test(fn.name.split(".").at(-1) ?? "");
  const within = callsWithin(file, f);
  for (const c of within) {
    const call = file.calls[c]!;
    if (call.catch !== undefined) continue;
    const meaning = trip(context.program.meanings({ file, c }));
    if (!meaning) continue;
    // A builder that is made and kept is sent by whoever waits for it, if anybody does.
    if (meaning.kind === "query" && meaning.lazy && call.use === "init" && !file.functions[call.fn]!.async) continue;
    if (isWrite(meaning)) writes = true;
    const certain = call.branch === undefined && call.fn === f;
    if (!first || (certain && !first.certain)) first = { meaning, certain };
  }
  if (first) return { ...first, name: fn.name, writes };
  if (depth + 1 >= MAX_DEPTH) return undefined;
  let perhaps: Trip | undefined;
  for (const c of within) {
    const call = file.calls[c]!;
    if (call.catch !== undefined || (call.use !== "await" && call.use !== "return")) continue;
    const deeper = hiddenTrip({ file, c }, context, depth + 1);
    if (!deeper) continue;
    const certain = deeper.certain && call.branch === undefined && call.fn === f;
    const here: Trip = { meaning: deeper.meaning, name: fn.name, certain, writes: writes || deeper.writes };
    if (certain) return here;
    perhaps ??= here;
  }
  return perhaps;
}

/** Names of functions that are called for what they change. */
const CHANGES =
  /^(add|apply|archive|assign|ban|cancel|clean|clear|close|copy|create|delete|destroy|disable|duplicate|emit|enable|enqueue|execute|fire|import|insert|invalidate|invite|link|lock|make|mark|merge|migrate|move|notify|process|publish|purge|push|put|queue|recompute|refresh|register|remove|rename|reset|restore|revoke|run|save|schedule|send|set|store|submit|sync|track|transfer|trigger|unassign|unlink|update|upload|upsert|write)(?![a-z])/;

/** Loaders batch, caches answer: neither is a round trip per element. */
function isMemoised(fn: PlacedFunction, context: RuleContext): boolean {
  const speaks = (value: Value, depth = 0): boolean =>
    value.k === "get" && (/cache|memo|loader|batch/i.test(value.name) || (depth < 5 && speaks(value.of, depth + 1)));
  return (
    callsWithin(fn.file, fn.f).some((c) => {
      const { callee } = fn.file.calls[c]!;
      return (
        speaks(callee) ||
        (callee.k === "ref" && /cache|memo|loader|batch/i.test(fn.file.bindings[callee.b]?.name ?? ""))
      );
    }) && context !== undefined
  );
}

/** What runs by the clock, by the name of its file: its queue is only how it is started. */
const BY_THE_CLOCK = /(^|[/.-])(schedules?|scheduled|crons?|clean-?ups?)([/.-]|$)/i;

/** Endpoints and consumers; a job that works through its data one by one is slow, not harmful. */
function runsForUsers(fn: PlacedFunction, context: RuleContext): boolean {
  const { kinds } = context.reach(fn);
  if (BY_THE_CLOCK.test(fn.file.path) && !kinds.has("endpoint") && !kinds.has("page")) return false;
  return kinds.has("endpoint") || kinds.has("consumer") || kinds.has("page") || kinds.has("job") || kinds.size === 0;
}

/** The other round trips of the same iteration. */
function rest(
  file: FileSummary,
  around: Iteration,
  first: number,
  context: RuleContext,
): { readonly path: string; readonly c: number; readonly at: readonly [number, number]; readonly meaning: Meaning }[] {
  return file.calls.flatMap((call, c) => {
    if (c === first || call.at[0] < around.at[0] || around.at[1] < call.at[1]) return [];
    const meaning = trip(context.program.meanings({ file, c }));
    return meaning ? [{ path: file.path, c, at: call.nameAt, meaning }] : [];
  });
}

/** What a call of the loop itself does is told by the request's method, or by its name, as well. */
function changes(it: Meaning, call: CallSummary): boolean {
  if (it.kind !== "request") return isWrite(it);
  if (it.method !== undefined) return !/^(get|head)$/i.test(it.method);
  const name = call.callee.k === "get" ? call.callee.name : "";
  return /^(post|put|patch|del)$/.test(name) || CHANGES.test(name);
}

function isWrite(it: Meaning): boolean {
  if (it.kind !== "query") return false;
  if (it.engine === "redis") return REDIS_WRITES.test(it.table ?? "");
  return /^(create|update|upsert|delete|truncate)/.test(it.action);
}

const REDIS_WRITES =
  /^(append|decr|del|expire|flush|getset|h(del|incr|m?set)|incr|l(push|rem|set|trim)|m?set|persist|pexpire|publish|p?setex|rename|rpush|s(add|move|rem|et)|touch|unlink|x(ack|add|del|trim)|z(add|incr|rem))/i;

/** In a branch of the loop's body that then leaves the function: it happens once. */
function leavesAfter(file: FileSummary, call: CallSummary, around: Iteration): boolean {
  for (let b = call.branch; b !== undefined; b = file.branches[b]!.parent) {
    const { at, thenAt, exits } = file.branches[b]!;
    if (at[0] < around.at[0]) return false;
    const leaves = exits === "throw" || (exits === "return" && around.loop !== undefined);
    if (leaves && thenAt[0] <= call.at[0] && call.at[1] <= thenAt[1]) return true;
  }
  return false;
}

/** A tree walked by a function that calls itself: its depth is what somebody wrote, not what somebody stored. */
function isRecursion(file: FileSummary, c: number, context: RuleContext): boolean {
  const callee = context.program.callee(file, c);
  return callee.k === "fn" && callee.file === file && isWithin(file, file.calls[c]!.fn, callee.f);
}

const FIXES: readonly Fix[] = [
  {
    title: {
      en: "Application: one query for all keys, then a map",
      ja: "アプリケーション: 全キーを 1 回で取得して引く",
    },
    layer: "application",
    safety: "scaffold",
    edits: [],
    explain: {
      en: "Collect the keys, ask once with a list filter, index the answer by key. For writes use the bulk form. Where a graph of callers asks one by one, a data loader batches them.",
      ja: "キーを集めて IN 条件で一度に取得し、結果をキーで引けるようにします。書き込みは一括操作に置き換えます。呼び出し元が分散している場合は DataLoader でまとめられます。",
    },
  },
  {
    title: { en: "Product: does the list need that column?", ja: "プロダクト: 一覧にその項目は必要か" },
    layer: "product",
    safety: "choose",
    edits: [],
    explain: {
      en: "A value that few people read can wait until the detail is opened.",
      ja: "見る人の少ない値は、詳細を開いたときに取得すれば十分なことがあります。",
    },
  },
  {
    title: { en: "Infrastructure: keep the value beside the row", ja: "インフラ: 値を行に持たせる" },
    layer: "infrastructure",
    safety: "choose",
    edits: [],
    explain: {
      en: "A denormalised column is read with the row. A read replica does not help: the round trips stay.",
      ja: "非正規化した列なら行と一緒に読めます。リードレプリカでは往復の回数が変わらないため解決になりません。",
    },
  },
];
