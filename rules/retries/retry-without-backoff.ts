import {
  defineRule,
  type Fix,
  type Meaning,
  type OtherMeaning,
  type Placed,
  type QueryMeaning,
  type RetryMeaning,
  type RuleContext,
} from "../../engine/index.ts";
import { callsWithin } from "../_shared/calls.ts";
import { effectOf } from "../_shared/effects.ts";
import { optionEdit } from "../_shared/option-edit.ts";
import { type RetryLoop, retryLoops, triedFor } from "../_shared/retry-loops.ts";

/** Tries of a transaction that lost a race end soon; from here on it is a storm of them. */
const MANY = 10;

export default defineRule({
  id: "retry-without-backoff",
  group: "retries",
  title: { en: "Trying again without a pause", ja: "待たずに繰り返す再試行" },
  severity: "warning",
  status: "stable",
  since: "0.2.0",
  scope: "served",
  burns: ["availability"],
  messages: {
    atOnce: {
      what: {
        en: "{client} tries again at once{times}: while the other side is down, every caller sends it that many times the load.",
        ja: "{client} は間隔を空けずに再試行します{times}。相手の障害中に、すべての呼び出し元がその倍率の負荷をかけることになります。",
      },
      help: {
        en: "Pause between tries: growing, bounded, and different by chance (full jitter).",
        ja: "再試行の間隔を、上限付きで徐々に延ばし、ランダムにずらしてください(フルジッター)。",
      },
    },
    loop: {
      what: {
        en: "This loop tries {what} again at once{times}: while the other side is down, every caller sends it that many times the load.",
        ja: "このループは {what} を間隔を空けずに再試行します{times}。相手の障害中に、すべての呼び出し元がその倍率の負荷をかけることになります。",
      },
      help: {
        en: "Pause between tries: growing, bounded, and different by chance (full jitter). Square was down for two hours by 500 tries without a pause (2017-03-16).",
        ja: "再試行の間隔を、上限付きで徐々に延ばし、ランダムにずらしてください。Square は間隔のない最大 500 回の再試行で 2 時間停止しました(2017-03-16)。",
      },
    },
    inStep: {
      what: {
        en: "{client} pauses between tries, but all callers that failed together come back together: nothing differs by chance.",
        ja: "{client} の再試行間隔にはランダムなずれがなく、同時に失敗した呼び出し元は同時に再試行します。",
      },
      help: {
        en: "Add jitter: a fleet that lost one server then comes back spread over the pause.",
        ja: "ジッターを加えると、再試行が間隔の中に分散します。",
      },
    },
  },
  *check(file, context) {
    if (context.side(file) === "browser") return;
    for (const { view, meaning } of context.meant(file)) {
      if (meaning.kind !== "retry") continue;
      // One more try at once is what a cut connection wants.
      if (meaning.attempts !== undefined && meaning.attempts <= 2) continue;
      if (meaning.pause === "none")
        yield {
          at: view.call.nameAt,
          message: "atOnce",
          data: { client: meaning.client, times: timesOf(meaning.attempts) },
          fixes: libraryFixes(meaning, meaning.pauseOption, context),
        };
      else if (meaning.pause !== "unknown" && meaning.jitter === "no" && isOverWire(meaning, context))
        yield {
          at: view.call.nameAt,
          message: "inStep",
          severity: "information",
          data: { client: meaning.client },
          fixes: libraryFixes(meaning, meaning.jitterOption, context),
        };
    }
    for (const it of retryLoops(file, context)) {
      if (it.pause !== "none" || (it.attempts !== undefined && it.attempts <= 2)) continue;
      const found = triedOver(it, context);
      if (!found) continue;
      yield {
        at: file.calls[found.at.c]!.nameAt,
        message: "loop",
        data: { what: found.what, times: timesOf(it.attempts) },
        fixes: loopFixes(it, context),
      };
    }
  },
});

/** `5 tries` in no language: `(5 ×)`. */
const timesOf = (attempts: number | undefined): string =>
  attempts === undefined ? "" : Number.isFinite(attempts) ? ` (${attempts} ×)` : " (∞)";

/** What is tried over a wire: a request, or a statement that is tried very often; undefined for anything else. */
function triedOver(it: RetryLoop, context: RuleContext): { readonly at: Placed; readonly what: string } | undefined {
  const request = triedFor(it, context, (one) => one.kind === "request");
  const often = it.attempts !== undefined && it.attempts >= MANY;
  const found = request ?? (often ? triedFor(it, context, isStatement) : undefined);
  return found && { at: found.at, what: found.effect.through || found.effect.meaning.client };
}

/** Who polls for something local wakes nobody. */
function isOverWire(meaning: RetryMeaning, context: RuleContext): boolean {
  if (!meaning.work) return true;
  const work = context.program.at(meaning.work);
  if (work.k !== "fn") return false;
  return callsWithin(work.file, work.f).some(
    (c) => effectOf({ file: work.file, c }, context, (it) => it.kind === "request") !== undefined,
  );
}

const isStatement = (it: Meaning): it is QueryMeaning | OtherMeaning =>
  it.kind === "query" || (it.kind === "other" && it.what === "transaction");

const EXPLAIN = {
  en: "Google's SRE book allows three tries of one request, and a client's retries a tenth of its requests. Try again at one layer only.",
  ja: "Google の SRE 本は、1 リクエストにつき 3 回まで、再試行は全体の 1 割までとしています。再試行する層は 1 つに絞ってください。",
};

function libraryFixes(meaning: RetryMeaning, option: string | undefined, context: RuleContext): Fix[] {
  const text = meaning.site ? context.text(meaning.site.path) : undefined;
  const edit = meaning.site && option ? optionEdit(meaning.site, option, text) : undefined;
  return [
    {
      title: { en: "Application: pause between tries", ja: "アプリケーション: 再試行の間隔を空ける" },
      layer: "application",
      safety: edit ? "safe" : "scaffold",
      edits: edit ? [edit] : [],
      explain: EXPLAIN,
    },
    ...OTHERS,
  ];
}

function loopFixes(it: RetryLoop, context: RuleContext): Fix[] {
  const { file } = it.tried[0]!;
  const text = context.text(file.path);
  const line = text === undefined ? "" : text.slice(text.lastIndexOf("\n", it.handlerEnd) + 1, it.handlerEnd);
  // A handler that ends on a line of its own gets the pause as its last one.
  const isFree = text !== undefined && it.counter !== undefined && /^[ \t]*$/.test(line);
  return [
    {
      title: { en: "Application: pause between tries", ja: "アプリケーション: 再試行の間隔を空ける" },
      layer: "application",
      safety: isFree ? "choose" : "scaffold",
      edits: isFree
        ? [
            {
              path: file.path,
              at: [it.handlerEnd, it.handlerEnd],
              text: `  await new Promise((resolve) => setTimeout(resolve, Math.random() * Math.min(10_000, 100 * 2 ** ${it.counter})));\n${line}`,
            },
          ]
        : [],
      explain: EXPLAIN,
    },
    ...OTHERS,
  ];
}

const OTHERS: readonly Fix[] = [
  {
    title: { en: "Product: fail now, and say so", ja: "プロダクト: すぐに失敗を伝える" },
    layer: "product",
    safety: "choose",
    edits: [],
    explain: {
      en: "A person who may press again knows better when than a loop does; a job can try later.",
      ja: "もう一度試すかどうかは利用者に委ね、急がない処理はジョブで後から再試行する方法もあります。",
    },
  },
  {
    title: { en: "Infrastructure: shed load and say when", ja: "インフラ: 過負荷を断り、再試行の時期を伝える" },
    layer: "infrastructure",
    safety: "choose",
    edits: [],
    explain: {
      en: "`429` or `503` with `Retry-After` and a limit of connections protect the server from clients that do not wait.",
      ja: "`Retry-After` 付きの `429` や `503` と接続数の制限で、待たないクライアントからサーバーを守れます。",
    },
  },
];
