import type { CallView, Fix, QueryMeaning, RuleContext } from "../../engine/index.ts";
import { nextPageFix } from "./next-page-fix.ts";
import { optionEdit } from "./option-edit.ts";

/** One more than is shown: 1,001 found means "more than 1,000". */
export const CAP = 1_001;

/** The answers to an exact total, in the order product, application, infrastructure. */
export function countFixes(view: CallView, meaning: QueryMeaning, context: RuleContext): readonly Fix[] {
  const application: Fix[] = [];
  const capped = cappedCount(view, meaning, context);
  if (capped) application.push(capped);
  return [PRODUCT, ...application, nextPageFix(view, meaning, context) ?? NEXT_PAGE, DEFERRED, ESTIMATE, INDEX];
}

function cappedCount(view: CallView, meaning: QueryMeaning, context: RuleContext): Fix | undefined {
  const option = meaning.cap
    ? optionEdit(meaning.cap.site, meaning.cap.option.replace("{n}", "1_001"), context.text(view.file.path))
    : undefined;
  const edits = option ? [option] : meaning.capEdits;
  if (!edits) return undefined;
  return {
    title: { en: "Application: stop counting at 1,001", ja: "アプリケーション: 1,001 件で数えるのをやめる" },
    layer: "application",
    safety: "choose",
    edits,
    explain: {
      en: 'The number is exact up to 1,000; 1,001 means "more than 1,000". Whatever shows it must say so.',
      ja: "1,000 件までは正確で、1,001 は「1,000 件より多い」を意味します。表示する側でもそのように扱う必要があります。",
    },
  };
}

const PRODUCT: Fix = {
  title: { en: "Product: stop showing the total", ja: "プロダクト: 総数の表示をやめる" },
  layer: "product",
  safety: "choose",
  edits: [],
  explain: {
    en: 'Does anyone act on that number? "Next" and "Previous", or "1,000+", need no exact count. Show the total only where it is asked for.',
    ja: "その数字を見て行動する人がいるでしょうか。「次へ」「前へ」や「1,000 件以上」であれば正確な件数は不要です。総数は求められた場所でだけ表示します。",
  },
};
const NEXT_PAGE: Fix = {
  title: {
    en: "Application: read one row more instead of counting",
    ja: "アプリケーション: 数える代わりに 1 行多く読む",
  },
  layer: "application",
  safety: "scaffold",
  edits: [],
  explain: {
    en: "Ask for one row more than the page holds. If it comes, there is a next page; drop it and leave out the count. The response changes: `hasNext` instead of `total`.",
    ja: "ページより 1 行多く要求し、その行が返れば次のページがあります。余分な行を捨て、件数の問い合わせは不要になります。応答は `total` の代わりに `hasNext` になります。",
  },
};
const DEFERRED: Fix = {
  title: { en: "Application: let the total arrive later", ja: "アプリケーション: 総数を後から届ける" },
  layer: "application",
  safety: "scaffold",
  edits: [],
  explain: {
    en: "Answer the page at once and serve the number from an endpoint of its own, with its own time limit and cache, or keep a counter in the same transaction as the writes.",
    ja: "ページはすぐに返し、総数は専用のエンドポイント(独自のタイムアウトとキャッシュ付き)から返します。書き込みと同じトランザクションでカウンターを更新する方法もあります。",
  },
};
const ESTIMATE: Fix = {
  title: { en: "Infrastructure: take the database's own estimate", ja: "インフラ: データベースの推定値を使う" },
  layer: "infrastructure",
  safety: "choose",
  edits: [],
  explain: {
    en: "PostgreSQL keeps `reltuples` per table, and `EXPLAIN` estimates any filter, at no cost that grows with the table.",
    ja: "PostgreSQL はテーブルごとに `reltuples` を持ち、任意の条件についても `EXPLAIN` で推定できます。コストは行数に比例しません。",
  },
};
const INDEX: Fix = {
  title: { en: "Infrastructure: an index that covers the filter", ja: "インフラ: 条件をカバーするインデックス" },
  layer: "infrastructure",
  safety: "choose",
  edits: [],
  explain: {
    en: "An index-only scan makes the count several times cheaper. It still grows with the rows it counts.",
    ja: "インデックスオンリースキャンにすると件数の取得は数倍安くなりますが、数える行数に比例する点は変わりません。",
  },
};
