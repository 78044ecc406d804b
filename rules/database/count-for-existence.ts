import { type CallView, defineRule, type Fix, type QueryMeaning, type RuleContext } from "../../engine/index.ts";
import { isOnlyCompared } from "../_shared/answer-use.ts";
import { floodsWithinOwner, growsByName, growsWithinOwner } from "../_shared/growth.ts";
import { optionEdit } from "../_shared/option-edit.ts";
import { queriesIn } from "../_shared/passed.ts";
import { isByKey, isCached, isOwned, narrowingColumns } from "../_shared/query-facts.ts";

export default defineRule({
  id: "count-for-existence",
  group: "database",
  title: { en: "Counting all to know whether there is one", ja: "有無を調べるための全件カウント" },
  severity: "warning",
  status: "stable",
  since: "0.1.0",
  scope: "served",
  burns: ["latency"],
  messages: {
    exists: {
      what: {
        en: "Counts all matching rows{of:table} only to see whether there is one.",
        ja: "行が存在するかどうかを調べるためだけに、{of:table}条件に合う全行を数えています。",
      },
      help: { en: "Ask for one row: it stops at the first.", ja: "1 行だけ取得すれば、最初の 1 行で終わります。" },
    },
  },
  *check(file, context) {
    for (const { view, meaning } of queriesIn(file, context)) {
      if (meaning.action !== "count" || meaning.grouped || meaning.capped !== "no") continue;
      if (isByKey(meaning, context.schema) || meaning.filter.inLists?.length || !isOnlyCompared(view, context))
        continue;
      if (!growsByName(meaning.table)) continue;
      // The few rows of one parent are counted as fast as one of them is found.
      const owned = isOwned(meaning, context.schema) || (meaning.filter.owners?.length ?? 0) > 0;
      if (owned && !growsWithinOwner(meaning.table)) continue;
      const { kinds } = context.reach({ file, f: view.call.fn }, view.call.at);
      if (!kinds.has("endpoint") && !kinds.has("page") && !kinds.has("consumer")) continue;
      if (isCached({ file, f: view.call.fn }, context, view.call.at[0])) continue;
      yield {
        at: view.call.nameAt,
        message: "exists",
        ...(leavesMany(meaning, owned) ? {} : { severity: "information" as const }),
        data: { table: meaning.table ?? "" },
        fixes: fixes(view, meaning, context),
      };
    }
  },
});

/** Nothing but an owner of very many holds the rows back: the others may be one or none. */
function leavesMany(query: QueryMeaning, isOwnedByOne: boolean): boolean {
  const narrowing = narrowingColumns(query);
  return narrowing.length === 0 || (narrowing.length === 1 && isOwnedByOne && floodsWithinOwner(query.table));
}

function fixes(view: CallView, meaning: QueryMeaning, context: RuleContext): Fix[] {
  const edit = meaning.cap
    ? optionEdit(meaning.cap.site, meaning.cap.option.replace("{n}", "1"), context.text(view.file.path))
    : undefined;
  const one: Fix[] = edit
    ? [
        {
          title: { en: "Application: stop at the first row", ja: "アプリケーション: 最初の 1 行で止める" },
          layer: "application",
          safety: "safe",
          edits: [edit],
          explain: { en: "The answer to the comparison stays the same.", ja: "比較の結果は変わりません。" },
        },
      ]
    : [];
  return [
    ...one,
    {
      title: {
        en: "Infrastructure: a partial index for the condition",
        ja: "インフラ: 条件に合わせた部分インデックス",
      },
      layer: "infrastructure",
      safety: "choose",
      edits: [],
      explain: { en: "Finds the one row without reading others.", ja: "他の行を読まずに 1 行を見つけられます。" },
    },
  ];
}
