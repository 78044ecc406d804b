import {
  type CallView,
  defineRule,
  type Fix,
  type QueryMeaning,
  type RuleContext,
  type Value,
} from "../../engine/index.ts";
import { growsByName } from "../_shared/growth.ts";
import { optionEdit } from "../_shared/option-edit.ts";
import { queriesIn } from "../_shared/passed.ts";
import { isByKey, isCached } from "../_shared/query-facts.ts";

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
      const { kinds } = context.reach({ file, f: view.call.fn }, view.call.at);
      if (!kinds.has("endpoint") && !kinds.has("page") && !kinds.has("consumer")) continue;
      if (isCached({ file, f: view.call.fn }, context, view.call.at[0])) continue;
      yield {
        at: view.call.nameAt,
        message: "exists",
        data: { table: meaning.table ?? "" },
        fixes: fixes(view, meaning, context),
      };
    }
  },
});

const isZeroTest = (value: Value, isIt: (it: Value) => boolean): boolean => {
  if (value.k === "op" && value.op === "!" && value.args[0])
    return isIt(value.args[0]) || isZeroTest(value.args[0], isIt);
  if (value.k === "either") return isZeroTest(value.a, isIt) || isZeroTest(value.b, isIt);
  if (value.k !== "op" || value.args.length !== 2) return false;
  const [a, b] = value.args as [Value, Value];
  const zero = b.k === "lit" && (b.v === 0 || (b.v === 1 && (value.op === ">=" || value.op === "<")));
  return isIt(a) && zero && ["===", "!==", "==", "!=", ">", ">=", "<", "<="].includes(value.op);
};

/** The number is compared with zero and used for nothing else. */
function isOnlyCompared(view: CallView, context: RuleContext): boolean {
  const { file, c } = view;
  const values: Value[] = [
    ...file.branches.map((it) => it.test),
    ...file.functions.flatMap((it) => it.returns),
    ...file.bindings.flatMap((it) => (it.value ? [it.value] : [])),
  ];
  const direct = (it: Value): boolean => it.k === "call" && it.c === c;
  if (values.some((it) => isZeroTest(it, direct))) return true;
  const b = file.bindings.findIndex((it) => it.value !== undefined && direct(it.value) && it.kind === "const");
  if (b < 0 || !values.some((it) => isZeroTest(it, (inner) => inner.k === "ref" && inner.b === b))) return false;
  // Once where it is made, once where it is compared.
  const text = context.text(file.path);
  const { bodyAt } = view.fn;
  return (
    text !== undefined &&
    (text.slice(bodyAt[0], bodyAt[1]).match(new RegExp(`\\b${file.bindings[b]!.name}\\b`, "g"))?.length ?? 0) === 2
  );
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
