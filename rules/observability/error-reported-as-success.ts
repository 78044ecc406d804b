import {
  defineRule,
  type FileSummary,
  type Fix,
  type Meaning,
  type QueryMeaning,
  type RequestMeaning,
  type RuleContext,
  type Span,
  type Try,
} from "../../engine/index.ts";
import { effectOf } from "../_shared/effects.ts";

const WRITES = new Set(["create", "create-many", "update", "delete", "upsert", "truncate"]);

/** The author says in the empty handler that the failure does not matter. */
const MEANT =
  /non-?\s?(?:fatal|critical|blocking|essential)|not (?:fatal|critical|important)|best[- ]effort|intentional|deliberate|on purpose|does(?:n't| not) matter|optional|harmless|catch \(_?ignored?\)|fine if|ok if|okay if|safe to/i;

export default defineRule({
  id: "error-reported-as-success",
  group: "observability",
  title: { en: "A failed write that nobody hears of", ja: "誰にも伝わらない書き込みの失敗" },
  severity: "warning",
  status: "stable",
  since: "0.1.0",
  scope: "served",
  burns: ["correctness", "durability"],
  messages: {
    swallowed: {
      what: {
        en: "When this {client} write fails, nothing is logged, returned or thrown: the caller is told that it worked.",
        ja: "この {client} への書き込みが失敗しても、ログも戻り値も例外もなく、呼び出し元には成功したように見えます。",
      },
      help: {
        en: "Let the error through, or log it and answer with it. A user whose data was not written should hear of it, and so should the SLI.",
        ja: "エラーをそのまま送出するか、記録したうえで応答に反映してください。書き込まれなかったことは、利用者にも SLI にも伝わる必要があります。",
      },
    },
  },
  *check(file, context) {
    for (let t = 0; t < file.tries.length; t++) {
      const it = file.tries[t]!;
      if (!it.handler || it.handler.size > 0 || it.handler.throws || it.handler.returns.length > 0) continue;
      if (MEANT.test(context.text(file.path)?.slice(...it.handler.at) ?? "")) continue;
      if (file.tries.some((outer) => outer.handler?.throws && isIn(it.at, outer.handler.at))) continue;
      const write = writeIn(file, it, context);
      if (!write || !isServed(file, it, context)) continue;
      yield {
        at: [it.handler.at[0], Math.min(it.handler.at[1], it.handler.at[0] + 5)],
        message: "swallowed",
        data: { client: write.client },
        within: { file, f: it.fn },
        fixes: FIXES,
      };
    }
  },
});

/** Undoing what failed: the error that counts is thrown on. */
const isIn = (at: Span, outer: Span): boolean => outer[0] <= at[0] && at[1] <= outer[1];

function writeIn(file: FileSummary, it: Try, context: RuleContext): QueryMeaning | RequestMeaning | undefined {
  const isWrite = (meaning: Meaning): meaning is QueryMeaning | RequestMeaning =>
    meaning.kind === "query" && WRITES.has(meaning.action) && meaning.engine !== "redis";
  for (let c = 0; c < file.calls.length; c++) {
    const call = file.calls[c]!;
    if (call.fn !== it.fn || call.at[0] < it.blockAt[0] || call.at[1] > it.blockAt[1]) continue;
    if (call.use !== "await" && call.use !== "return" && call.use !== "init") continue;
    const found = effectOf({ file, c }, context, isWrite);
    if (found) return found.meaning;
  }
  return undefined;
}

function isServed(file: FileSummary, it: Try, context: RuleContext): boolean {
  const { kinds } = context.reach({ file, f: it.fn }, it.at);
  return kinds.size === 0 || kinds.has("endpoint") || kinds.has("consumer") || kinds.has("job") || kinds.has("page");
}

const FIXES: readonly Fix[] = [
  {
    title: {
      en: "Application: let the error through, or report it",
      ja: "アプリケーション: エラーを送出するか報告する",
    },
    layer: "application",
    safety: "scaffold",
    edits: [],
    explain: {
      en: "Where the failure is harmless, say why: log it, count it, and keep the comment.",
      ja: "失敗しても問題ない場合は、その理由を書いたうえでログとメトリクスに残してください。",
    },
  },
  {
    title: { en: "Product: is the answer still honest?", ja: "プロダクト: その応答は正直か" },
    layer: "product",
    safety: "choose",
    edits: [],
    explain: {
      en: '"Saved" must mean saved. If a part may be missing, say which.',
      ja: "「保存しました」は保存できた場合にだけ表示します。一部が欠ける可能性があるなら、どの部分かを伝えます。",
    },
  },
];
