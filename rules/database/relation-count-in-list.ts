import { defineRule, type FileSummary, type Fix, type RuleContext } from "../../engine/index.ts";
import { growsByName } from "../_shared/growth.ts";

export default defineRule({
  id: "relation-count-in-list",
  group: "database",
  title: { en: "A list that counts a whole child table", ja: "子テーブル全体を集計する一覧" },
  severity: "warning",
  status: "stable",
  since: "0.1.0",
  scope: "served",
  burns: ["latency"],
  messages: {
    aggregates: {
      what: {
        en: "`_count` of {relation} in a list groups the whole child table, for however few parents.",
        ja: "一覧の `_count`({relation})は、親が何行であっても子テーブル全体を集計します。",
      },
      help: {
        en: "Count for the page's ids alone: `groupBy` with `in`, then join by id; or keep a counter.",
        ja: "ページの id だけを `in` で指定した `groupBy` で数えて結合するか、カウンター列を持ってください。",
      },
    },
    reads: {
      what: {
        en: "To count {relation}, {client} reads every one of them that belongs to a row of this list: what is shown as a number comes over the wire as documents.",
        ja: "{relation} を数えるために、{client} は一覧の各行に属するものをすべて読み込みます。表示は数字だけでも、実際にはドキュメントが転送されます。",
      },
      help: {
        en: "Group in the database for the ids of this page (`$match` with `$in`, then `$group`), or keep a counter.",
        ja: "ページの id を `$in` で指定してデータベース側で集計する(`$match` と `$group`)か、カウンターを持ってください。",
      },
    },
  },
  *check(file, context) {
    for (const { view, meaning } of context.meant(file)) {
      if (meaning.kind !== "query" || meaning.action !== "list") continue;
      const { relationCounts, populates, client } = meaning;
      const isRead = populates !== undefined;
      const growing = isRead
        ? populates.filter((it) => context.everywhere(countingRelations).some((known) => growsByName(known.get(it))))
        : (relationCounts ?? []).filter((it) => growsByName(it));
      if (growing.length === 0) continue;
      const { kinds } = context.reach({ file, f: view.call.fn }, view.call.at);
      if (!kinds.has("endpoint") && !kinds.has("page")) continue;
      yield {
        at: view.call.nameAt,
        message: isRead ? "reads" : "aggregates",
        data: { relation: growing.join(", "), client },
        fixes: FIXES,
      };
    }
  },
});

/** Relations of a file's models that are a number, with the model that they count. */
function countingRelations(file: FileSummary, context: RuleContext): ReadonlyMap<string, string> | undefined {
  const found = context.meant(file).flatMap(({ meaning }): [string, string][] => {
    const { name, of } = meaning.kind === "other" && meaning.what === "counting-relation" ? (meaning.data ?? {}) : {};
    return typeof name === "string" ? [[name, typeof of === "string" ? of : name]] : [];
  });
  return found.length > 0 ? new Map(found) : undefined;
}

const FIXES: readonly Fix[] = [
  {
    title: { en: "Application: count for this page's ids", ja: "アプリケーション: このページの id だけ数える" },
    layer: "application",
    safety: "scaffold",
    edits: [],
    explain: {
      en: "`groupBy({ by: ['parentId'], where: { parentId: { in: ids } }, _count: true })`, merged by id.",
      ja: "`groupBy({ by: ['parentId'], where: { parentId: { in: ids } }, _count: true })` の結果を id で結合します。",
    },
  },
  {
    title: { en: "Product: show it on the detail page", ja: "プロダクト: 詳細画面で表示する" },
    layer: "product",
    safety: "choose",
    edits: [],
    explain: { en: "A list rarely needs the number.", ja: "一覧でその数字が必要になることは稀です。" },
  },
  {
    title: { en: "Infrastructure: an index on the foreign key", ja: "インフラ: 外部キーのインデックス" },
    layer: "infrastructure",
    safety: "choose",
    edits: [],
    explain: { en: "Needed for the grouped count as well.", ja: "グループ集計にも必要です。" },
  },
];
