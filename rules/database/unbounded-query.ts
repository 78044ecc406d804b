import { defineRule, type Fix, isForOperators, type QueryMeaning } from "../../engine/index.ts";
import { growsByName, growsForSure, growsWithinOwner } from "../_shared/growth.ts";
import { optionEdit } from "../_shared/option-edit.ts";
import { queriesIn } from "../_shared/passed.ts";
import { isByKey, isCached, isNarrowed, isOwned } from "../_shared/query-facts.ts";

/** More than a person reads, less than what hurts: the number is there to be found when it is hit. */
const LIMIT = 500;

export default defineRule({
  id: "unbounded-query",
  group: "database",
  title: { en: "List without a limit over a growing table", ja: "増え続けるテーブルを上限なく取得する一覧" },
  severity: "warning",
  status: "preview",
  since: "0.1.0",
  scope: "served",
  burns: ["latency", "availability"],
  messages: {
    all: {
      what: {
        en: "Reads every row{of:table} on each request: memory and time grow with the table.",
        ja: "リクエストのたびに{of:table}全行を読み込みます。メモリと時間がテーブルの大きさに比例します。",
      },
      help: {
        en: "Page it, or stream it in a job. Whoever needs all rows needs an export.",
        ja: "ページに分けるか、ジョブでストリーム処理してください。全件が必要な用途はエクスポートにします。",
      },
    },
    matching: {
      what: {
        en: "Reads all matching rows{of:table} on each request, and they grow with use.",
        ja: "リクエストのたびに{of:table}条件に合う全行を読み込みますが、この行は利用とともに増え続けます。",
      },
      help: {
        en: "Give it a limit and an order, and a cursor for the next page.",
        ja: "上限と並び順を指定し、次のページはカーソルで取得してください。",
      },
    },
  },
  *check(file, context) {
    for (const { view, meaning, sentBy } of queriesIn(file, context)) {
      if (!isUnbounded(meaning)) continue;
      const owned = isOwned(meaning, context.schema) || (meaning.filter.owners?.length ?? 0) > 0;
      if ((owned && !gathers(meaning)) || isByKey(meaning, context.schema)) continue;
      const reached = context.reach({ file, f: view.call.fn }, view.call.at);
      if (!reached.kinds.has("endpoint") && !reached.kinds.has("page")) continue;
      // Who has the numbers of a job gathered by hand reads all of them on purpose.
      if (isForOperators(reached) && !growsForSure(meaning.table)) continue;
      if (isCached({ file, f: view.call.fn }, context, view.call.at[0])) continue;
      const { cap } = meaning;
      const edit =
        cap && !sentBy
          ? optionEdit(cap.site, cap.option.replace("{n}", `${LIMIT}`), context.text(file.path))
          : undefined;
      yield {
        at: view.call.nameAt,
        message: meaning.filter.given === "no" ? "all" : "matching",
        ...(growsForSure(meaning.table) && !owned && !isNarrowed(meaning) ? {} : { severity: "information" as const }),
        data: { table: meaning.table ?? "" },
        fixes: [...(edit ? [limit(edit)] : []), ...FIXES],
      };
    }
  },
});

/** All that one person, team or room has of what is gathered without end, and nothing else that would narrow it. */
function gathers({ table, filter }: QueryMeaning): boolean {
  if (!growsWithinOwner(table)) return false;
  if (filter.owners?.length) return (filter.equals ?? []).every((it) => !OWNER.test(it));
  const narrowing = (filter.equals ?? []).filter(
    (it) => !/^(deleted|archived|is_?(deleted|archived|active))/i.test(it),
  );
  return !filter.others?.length && narrowing.length === 1 && OWNER.test(narrowing[0]!);
}

const OWNER =
  /^_?(account|author|channel|chat|company|conversation|creator|customer|member|org|organi[sz]ation|owner|profile|project|room|shop|site|store|subscriber|team|tenant|user|workspace)(_?id|Id|ID)?$|e-?mail$/i;

function isUnbounded(query: QueryMeaning): boolean {
  return (
    query.action === "list" &&
    query.capped === "no" &&
    !query.grouped &&
    query.filter.given !== "unknown" &&
    !query.filter.inLists?.length &&
    !query.filter.others?.some((it) => /^(OR|NOT|\$or|\*|Op\.or)$/.test(it)) &&
    growsByName(query.table)
  );
}

const limit = (edit: NonNullable<ReturnType<typeof optionEdit>>): Fix => ({
  title: { en: `Application: at most ${LIMIT} rows`, ja: `アプリケーション: 最大 ${LIMIT} 行に制限` },
  layer: "application",
  safety: "choose",
  edits: [edit],
  explain: {
    en: "Rows beyond the limit are no longer returned: log when it is hit, and give an order.",
    ja: "上限を超えた行は返らなくなります。上限に達したらログに残し、並び順も指定してください。",
  },
});

const FIXES: readonly Fix[] = [
  {
    title: { en: "Product: a page, a search, a date window", ja: "プロダクト: ページ、検索、期間で絞る" },
    layer: "product",
    safety: "choose",
    edits: [],
    explain: {
      en: "Nobody reads ten thousand rows. What are they looking for?",
      ja: "一万行を読む人はいません。何を探しているのかから考えます。",
    },
  },
  {
    title: {
      en: "Infrastructure: archive or partition old rows",
      ja: "インフラ: 古い行をアーカイブまたはパーティション分割",
    },
    layer: "infrastructure",
    safety: "choose",
    edits: [],
    explain: {
      en: "A table that stops growing needs no limit. Until then it does.",
      ja: "テーブルの増加が止まれば上限は不要ですが、それまでは必要です。",
    },
  },
];
