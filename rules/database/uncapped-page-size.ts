import { type CallView, defineRule, endpointsOf, type Fix } from "../../engine/index.ts";
import { isSetUp } from "../_shared/growth.ts";
import { fromRequest } from "../_shared/request-values.ts";

/** As many rows as anybody reads on one page. */
const MAX = 100;

export default defineRule({
  id: "uncapped-page-size",
  group: "database",
  title: { en: "The caller chooses how many rows are read", ja: "取得件数を呼び出し側が自由に決められる" },
  severity: "warning",
  status: "stable",
  since: "0.1.0",
  scope: "served",
  burns: ["latency", "availability"],
  messages: {
    caller: {
      what: {
        en: "`{option}` comes from the request as it is: one caller can ask for every row{of:table}.",
        ja: "`{option}` にリクエストの値がそのまま使われており、1 回の呼び出しで{of:table}全行を要求できます。",
      },
      help: { en: "Cap it, or refuse what is too large.", ja: "上限を設けるか、大きすぎる値を拒否してください。" },
    },
  },
  *check(file, context) {
    for (const { view, meaning } of context.meant(file)) {
      if (meaning.kind !== "query" || (meaning.action !== "list" && meaning.action !== "list-and-count")) continue;
      for (const option of ["take", "limit"]) {
        const found = view.option(0, option);
        if (found.is !== "yes" || found.at.file !== file || !fromRequest(view, found.at.value, 0)) continue;
        const endpoints = endpointsOf(context.reach({ file, f: view.call.fn }, view.call.at));
        if (endpoints.length === 0 || endpoints.some((it) => isCappedIn(context.text(it.path)))) continue;
        yield {
          at: view.call.nameAt,
          message: "caller",
          // Of what people set up, all that one team has is a page.
          ...(isSetUp(meaning.table) ? { severity: "information" as const } : {}),
          data: { option, table: meaning.table ?? "" },
          fixes: capped(view, option, context.text(file.path)),
        };
      }
    }
  },
});

const SIZE = String.raw`\b(?:limit|take|first|page_?size|per_?page)["']?\s*:\s*`;
const CAPPED = new RegExp(String.raw`${SIZE}(?:[^;{}]{0,200}\.max\(|\{[^{}]{0,200}\bmaximum\b)`, "i");

/** `limit: Joi.number().max(100)` or `limit: { maximum: 100 }` beside the route: what is larger is refused before. */
const isCappedIn = (text: string | undefined): boolean => text !== undefined && CAPPED.test(text);

function capped(view: CallView, option: string, text: string | undefined): Fix[] {
  const options = view.call.args[0];
  const prop = options?.k === "obj" ? options.props.find((it) => it.name === option) : undefined;
  const written = prop && text ? text.slice(prop.at[0], prop.at[1]) : undefined;
  const value = written ? /^\w+\s*:\s*([\s\S]+)$/.exec(written)?.[1] : undefined;
  if (!prop || value === undefined) return [];
  return [
    {
      title: { en: `Application: at most ${MAX} rows`, ja: `アプリケーション: 最大 ${MAX} 行に制限` },
      layer: "application",
      safety: "choose",
      edits: [{ path: view.file.path, at: prop.at, text: `${option}: Math.min(${value}, ${MAX})` }],
      explain: {
        en: "Larger wishes are answered with the cap. A schema that refuses them is more honest.",
        ja: "それより大きい要求には上限の件数を返します。スキーマで拒否するほうがより明確です。",
      },
    },
    {
      title: { en: "Product: fixed page sizes", ja: "プロダクト: ページの件数を固定する" },
      layer: "product",
      safety: "choose",
      edits: [],
      explain: { en: "20, 50 and 100 are enough to choose from.", ja: "20、50、100 から選べれば十分です。" },
    },
  ];
}
