import {
  type CallView,
  defineRule,
  type Fix,
  type QueryMeaning,
  type Report,
  type RuleContext,
} from "../../engine/index.ts";
import { isOnlyCompared } from "../_shared/answer-use.ts";
import { callsWithin } from "../_shared/calls.ts";
import { countFixes } from "../_shared/count-fixes.ts";
import { floodsWithinOwner, growsByName, growsForSure, isSetUp } from "../_shared/growth.ts";
import { type MeantQuery, queriesIn } from "../_shared/passed.ts";
import {
  isByKey,
  isCached,
  isGuard,
  isMembership,
  isNarrowed,
  isOwned,
  outermost,
  siblings,
} from "../_shared/query-facts.ts";

export default defineRule({
  id: "unbounded-count",
  group: "database",
  title: { en: "Exact count over a growing table", ja: "増え続けるテーブルの正確な件数" },
  severity: "warning",
  status: "stable",
  since: "0.1.0",
  scope: "served",
  burns: ["latency", "availability"],
  messages: {
    page: {
      what: {
        en: "Every request for a page counts all matching rows{of:table} to know the total: the cost grows with the table, not with the page.",
        ja: "ページを取得するたびに、総数を知るためだけに{of:table}条件に合う全行を数えています。コストはページではなくテーブルの大きさに比例します。",
      },
      help: {
        en: 'Ask first whether anybody needs the number. "Next page" needs one row more than the page; a capped count says "1,000+".',
        ja: "その数字を必要とする人がいるか、まず確かめてください。「次のページ」の有無は 1 行多く読めば分かり、上限付きの件数なら「1,000 件以上」と表示できます。",
      },
    },
    whole: {
      what: {
        en: "Counts the whole table{of:table} on each request.",
        ja: "リクエストのたびにテーブル{of:table}の全行を数えています。",
      },
      help: {
        en: "A counter kept with the writes, an estimate from the database's statistics, or a cached number answers at the same cost whatever the size.",
        ja: "書き込み時に更新するカウンター、データベースの統計による推定値、またはキャッシュであれば、行数が増えてもコストは変わりません。",
      },
    },
    growing: {
      what: {
        en: "Counts the matching rows{of:table} on each request, and they grow with use.",
        ja: "リクエストのたびに{of:table}条件に合う行を数えていますが、この行は利用とともに増え続けます。",
      },
      help: {
        en: "Cap the count, keep a counter, or cache the number.",
        ja: "件数に上限を設けるか、カウンターを持つか、値をキャッシュしてください。",
      },
    },
    deadCap: {
      what: {
        en: "`{cap}` does not cap this count: {client} drops it, or applies it to the one result row. All matching rows{of:table} are counted.",
        ja: "`{cap}` はこの件数の上限になりません。{client} はこれを無視するか、結果の 1 行にだけ適用するため、{of:table}条件に合う全行が数えられます。",
      },
      help: {
        en: "Put the limit into a sub-select and count that.",
        ja: "LIMIT を副問い合わせに入れ、その結果を数えてください。",
      },
    },
  },
  *check(file, context) {
    const seen = new Set<number>();
    // What one function counts is one question to its author: whether the numbers are needed.
    const byFunction = new Map<number, Judged[]>();
    for (const it of queriesIn(file, context)) {
      const judged = judge(it, context);
      // One finding per list, not one per call of a builder.
      if (!judged || seen.has(it.view.call.at[0])) continue;
      seen.add(it.view.call.at[0]);
      const fn = outermost(file, it.view.call.fn);
      const known = byFunction.get(fn);
      if (known) known.push(judged);
      else byFunction.set(fn, [judged]);
    }
    // The module itself is no function: what stands there has nothing in common.
    for (const [fn, counts] of byFunction)
      if (fn === 0) for (const it of counts) yield report(it, [], context);
      else {
        const first = counts.find((it) => it.warns) ?? counts[0]!;
        yield report(
          first,
          counts.filter((it) => it !== first),
          context,
        );
      }
  },
});

interface Judged extends MeantQuery {
  readonly message: string;
  readonly warns: boolean;
}

function judge(count: MeantQuery, context: RuleContext): Judged | undefined {
  const { view, meaning } = count;
  if (meaning.action !== "count" && meaning.action !== "list-and-count") return undefined;
  if (meaning.capped !== "no" || meaning.grouped) return undefined;
  if (meaning.filter.inLists?.length || isByKey(meaning, context.schema)) return undefined;
  const fn = { file: view.file, f: view.call.fn };
  const { kinds } = context.reach(fn, view.call.at);
  const isServed = kinds.has("endpoint") || kinds.has("page") || kinds.has("consumer");
  // Known to run only in jobs, commands or at start.
  if (!isServed && kinds.size > 0) return undefined;
  const table = meaning.table ?? subjectOf(view);
  const isOwnedByOne = isOwned(meaning, context.schema) || (meaning.filter.owners?.length ?? 0) > 0;
  if (isMembership(meaning, context.schema)) return undefined;
  const isSmall = isOwnedByOne && (isSetUp(table) || !growsByName(meaning.table));
  const pages = meaning.action === "list-and-count" || besideAPage(view, meaning, context);
  // The total of a page that the sender reads as well is the sender's.
  if (count.sentBy && besideAPage(context.program.view(count.sentBy), meaning, context)) return undefined;
  if (isSmall || isGuard(view)) return undefined;
  if (!isServed && !pages) return undefined;
  if (isCached(fn, context, view.call.at[0])) return undefined;
  // What one owner has, two owners tie down further, or is counted for whoever asks for the number, is mostly a page or two.
  const owners = ownersOf(meaning, context);
  const isThought =
    isOwnedByOne && (!floodsWithinOwner(table) || owners.length > 1 || owners.some((it) => LEAF.test(it)));
  const isAskedFor = isOnDemand(view, context);
  const said = (message: string, warns: boolean): Judged => ({
    ...count,
    message,
    warns: warns && !isThought && !isAskedFor,
  });
  // Whether there is one at all is asked: `count-for-existence` says so.
  if (growsByName(meaning.table) && isOnlyCompared(view, context)) return undefined;
  if (meaning.deadCap && !isWindow(meaning))
    return said("deadCap", !isSetUp(table) && !isOneRow(view) && !isNarrowed(meaning));
  // Where neither the table's name nor a filter that is seen says that they are many, it is a thought.
  const areMany = growsForSure(meaning.table) || (growsByName(meaning.table) && meaning.filter.given !== "unknown");
  if (pages) return said("page", !isSetUp(table) && areMany);
  if (meaning.filter.given === "no") return said("whole", growsByName(meaning.table));
  if (meaning.filter.given !== "yes" || !growsByName(meaning.table)) return undefined;
  if (isWindow(meaning)) return undefined;
  return said("growing", isOwnedByOne || !isNarrowed(meaning));
}

/** What there are many of, each with a little: the messages of one conversation. */
const LEAF =
  /^_?(chat|comment|conversation|document|file|issue|item|job|message|order|post|run|session|task|thread|ticket|\w*(Chat|Comment|Conversation|Document|File|Issue|Item|Job|Message|Order|Post|Run|Session|Task|Thread|Ticket))(_?id|Id|ID|_uuid)$/;

/** The columns by which the filter ties the counted rows to others'. */
function ownersOf(meaning: QueryMeaning, context: RuleContext): readonly string[] {
  const alone = (column: string): QueryMeaning => ({ ...meaning, filter: { given: "yes", equals: [column] } });
  return (meaning.filter.equals ?? []).filter((it) => isOwned(alone(it), context.schema));
}

/** `{ rows, total: () => Order.count() }`: the number is computed only where the client asked for it. */
function isOnDemand({ file, call }: CallView, context: RuleContext): boolean {
  const fn = file.functions[call.fn]!;
  return fn.kind === "arrow" && fn.parent > 0 && context.program.context(file, call.fn)?.kind === "property";
}

/** What the class around a query is named after: `CustomerGroup` of `CustomerGroupService`. */
function subjectOf({ fn, file }: CallView): string | undefined {
  const name = fn.cls === undefined ? undefined : file.classes[fn.cls]?.name;
  return name?.replace(/(Service|Repository|Resolver|Controller|Store|Dao|DAO|Handler|UseCase)$/, "");
}

/** `limit(1)` beside a count is habit: there is one row to take, and nobody meant it as a cap. */
function isOneRow(view: CallView): boolean {
  return view.after().some((it) => it.name === "limit" && it.view.number(it.view.arg(0)) === 1);
}

/** Held to a span of time: the rows of the last hour are as many as an hour brings, however old the table is. */
function isWindow({ filter }: QueryMeaning): boolean {
  return filter.others?.some((it) => /(?:[a-z]At|_at|[dD]ate|[tT]ime(?:stamp)?)$/.test(it)) ?? false;
}

/** A list of the same table with a limit in the same function: the count is its total. */
function besideAPage(view: CallView, meaning: QueryMeaning, context: RuleContext): boolean {
  return (
    siblings(view, context).some((it) => isPageOf(it.meaning, meaning)) || isAskedBesideAPage(view, meaning, context)
  );
}

const isPageOf = (list: QueryMeaning, count: QueryMeaning): boolean =>
  list.action === "list" &&
  list.capped !== "no" &&
  !list.grouped &&
  (list.table === undefined || count.table === undefined || list.table === count.table);

const MAX_CALLERS = 4;
const MAX_CALLS = 60;

/** `total(filter)` and `get(filter, page)`, two functions that somebody asks together. */
function isAskedBesideAPage(view: CallView, meaning: QueryMeaning, context: RuleContext): boolean {
  const { file, call } = view;
  const own = outermost(file, call.fn);
  if (own <= 0 || meaning.table === undefined) return false;
  const callers = context.callers({ file, f: own });
  if (callers.length > MAX_CALLERS) return false;
  return callers.some((caller) => {
    const asker = outermost(caller.file, caller.file.calls[caller.c]!.fn);
    if (asker <= 0) return false;
    return callsWithin(caller.file, asker)
      .slice(0, MAX_CALLS)
      .some((c) => {
        const callee = context.program.callee(caller.file, c);
        if (callee.k !== "fn" || callee.file !== file || callee.f === own) return false;
        return callsWithin(callee.file, callee.f)
          .slice(0, MAX_CALLS)
          .some((inner) =>
            context.program
              .meanings({ file: callee.file, c: inner })
              .some((it) => it.kind === "query" && it.table === meaning.table && isPageOf(it, meaning)),
          );
      });
  });
}

function report(of: Judged, others: readonly Judged[], context: RuleContext): Report {
  const { view, meaning } = of;
  return {
    at: view.call.nameAt,
    message: of.message,
    ...(of.warns ? {} : { severity: "information" }),
    data: { table: meaning.table ?? "", client: meaning.client, cap: meaning.deadCap ?? "" },
    covers: others.map((it) => ({ path: view.file.path, at: it.view.call.nameAt })),
    fixes: countFixes(view, meaning, context) as Fix[],
  };
}
