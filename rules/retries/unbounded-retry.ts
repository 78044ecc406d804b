import {
  defineRule,
  type FileSummary,
  type Fix,
  type PlacedFunction,
  type Report,
  type RuleContext,
  type Span,
} from "../../engine/index.ts";
import { callsWithin } from "../_shared/calls.ts";
import { optionEdit } from "../_shared/option-edit.ts";
import { retryLoops, triedFor } from "../_shared/retry-loops.ts";
import { callsThrough } from "../_shared/through.ts";

/** Nobody waits for the hundredth try. */
const AS_GOOD_AS_ENDLESS = 100;

export default defineRule({
  id: "unbounded-retry",
  group: "retries",
  title: { en: "Tries without end while somebody waits", ja: "待たせたまま終わらない再試行" },
  severity: "warning",
  status: "stable",
  since: "0.2.0",
  scope: "served",
  burns: ["availability", "latency"],
  messages: {
    loop: {
      what: {
        en: "This tries {what} again until it works, and somebody waits for it: while the other side is down no request ever ends.",
        ja: "成功するまで {what} を再試行し続け、呼び出し元はその間待たされます。相手の障害中、リクエストは終わりません。",
      },
      help: {
        en: "Bound the tries or the time, and fail: three tries are plenty for a request.",
        ja: "回数か時間に上限を設けて失敗させてください。リクエスト処理中なら 3 回で十分です。",
      },
    },
    itself: {
      what: {
        en: "{name} calls itself again whenever it fails, without counting: while the other side is down no request ever ends.",
        ja: "{name} は失敗するたびに自身を呼び直し、回数を数えていません。相手の障害中、リクエストは終わりません。",
      },
      help: {
        en: "Count the tries in a parameter, or loop over a bounded number of them.",
        ja: "回数を引数で数えるか、上限付きのループに書き換えてください。",
      },
    },
    library: {
      what: {
        en: "{client} tries {times} times here: while the other side is down no request ends before its caller has gone.",
        ja: "{client} がここで {times} 回試行します。相手の障害中、呼び出し元が離脱するまでリクエストは終わりません。",
      },
      help: {
        en: "Bound the tries: three are plenty for a request.",
        ja: "回数に上限を設けてください。リクエスト処理中なら 3 回で十分です。",
      },
    },
    client: {
      what: {
        en: "With `{option}` a command of {client} never fails: while Redis is away each waits for it to come back (measured, ioredis 5.11), and so does every request that needs one.",
        ja: "`{option}` の {client} ではコマンドが失敗しません。Redis の停止中、コマンドは復旧まで待ち続け(ioredis 5.11 での実測)、それを使うリクエストも終わりません。",
      },
      help: {
        en: "BullMQ's workers need it; requests do not. Give them a connection of their own, with a bound.",
        ja: "この設定は BullMQ のワーカーには必須ですが、リクエスト処理には不要です。上限のある接続を別に用意してください。",
      },
    },
  },
  *check(file, context) {
    if (context.side(file) === "browser") return;
    for (const it of retryLoops(file, context)) {
      if (it.attempts === undefined || it.attempts < AS_GOOD_AS_ENDLESS) continue;
      const f = it.loop.fn;
      if (!isWaitedFor({ file, f }, it.loop.at, context)) continue;
      const found = triedFor(it, context, (one) => one.kind === "request" || one.kind === "query");
      if (!found) continue;
      yield {
        at: file.calls[found.at.c]!.nameAt,
        message: "loop",
        data: { what: found.effect.through || found.effect.meaning.client },
        fixes: FIXES,
      };
    }
    yield* callingThemselves(file, context);
    for (const { view, meaning } of context.meant(file)) {
      if (meaning.kind === "retry" && (meaning.attempts ?? 0) >= AS_GOOD_AS_ENDLESS) {
        if (!isWaitedFor({ file, f: view.call.fn }, view.call.at, context)) continue;
        yield {
          at: view.call.nameAt,
          message: "library",
          data: {
            client: meaning.client,
            times: Number.isFinite(meaning.attempts) ? String(meaning.attempts) : "∞",
          },
          fixes: FIXES,
        };
      } else if (meaning.kind === "client" && meaning.endless !== undefined) {
        const uses = callsThrough(view, context)
          .map((it) => ({
            file: it.view.file,
            f: it.view.call.fn,
            at: it.view.call.nameAt,
            isAwaited: it.view.call.use === "await",
          }))
          .filter((it) => it.isAwaited && isWaitedFor({ file: it.file, f: it.f }, it.at, context));
        if (uses.length === 0) continue;
        yield {
          at: view.call.nameAt,
          message: "client",
          within: { file: uses[0]!.file, f: uses[0]!.f },
          data: { option: meaning.endless, client: meaning.client },
          covers: uses.map((it) => ({ path: it.file.path, at: it.at })),
          fixes: clientFixes(view.optionSite(view.argCount - 1), context),
        };
      }
    }
  },
});

const isWaitedFor = (fn: PlacedFunction, at: Span, context: RuleContext): boolean => {
  const { kinds } = context.reach(fn, at);
  return kinds.has("endpoint") || kinds.has("page");
};

/** `catch { return load(id); }` in `load(id)`: the same call again, with nothing that would count. */
function* callingThemselves(file: FileSummary, context: RuleContext): Iterable<Report> {
  for (const tried of file.tries) {
    const { handler } = tried;
    if (!handler) continue;
    for (const c of callsWithin(file, tried.fn)) {
      const call = file.calls[c]!;
      if (call.fn !== tried.fn || call.at[0] < handler.at[0] || call.at[1] > handler.at[1]) continue;
      if (call.use !== "return" && call.use !== "await") continue;
      const isConditional = file.branches.some(
        (it) => it.at[0] >= handler.at[0] && it.at[0] <= call.at[0] && call.at[1] <= it.at[1],
      );
      if (isConditional || file.throws.some((it) => it.at[0] >= handler.at[0] && it.at[1] <= handler.at[1])) continue;
      const fn = file.functions[tried.fn]!;
      const isSame = call.args.every(
        (it, i) => it.k === "ref" && file.bindings[it.b]!.param === i && file.bindings[it.b]!.fn === tried.fn,
      );
      if (!isSame || call.args.length !== fn.params.length) continue;
      const callee = context.program.callee(file, c);
      if (callee.k !== "fn" || callee.file !== file || callee.f !== tried.fn) continue;
      if (!isWaitedFor({ file, f: tried.fn }, call.at, context)) continue;
      yield { at: call.nameAt, message: "itself", data: { name: fn.name }, fixes: FIXES };
    }
  }
}

const BOUND: Fix = {
  title: { en: "Application: bound the tries", ja: "アプリケーション: 再試行に上限を設ける" },
  layer: "application",
  safety: "scaffold",
  edits: [],
  explain: {
    en: "Three tries with a growing pause, or a deadline (`AbortSignal.timeout`) around all of them; then the error goes to the caller.",
    ja: "間隔を延ばしながら 3 回まで、または全体を 1 つの期限(`AbortSignal.timeout`)で区切り、それでも失敗なら呼び出し元へエラーを返します。",
  },
};

const FIXES: readonly Fix[] = [
  BOUND,
  {
    title: { en: "Product: tell the user now", ja: "プロダクト: すぐに利用者へ知らせる" },
    layer: "product",
    safety: "choose",
    edits: [],
    explain: {
      en: "What has to happen in the end goes into a queue with a dead-letter queue behind it; the page says that it is on its way.",
      ja: "必ず完了させたい処理は、デッドレターキュー付きのキューに積み、画面では「処理中」と伝えます。",
    },
  },
];

function clientFixes(site: Parameters<typeof optionEdit>[0] | undefined, context: RuleContext): Fix[] {
  const edit = site ? optionEdit(site, "maxRetriesPerRequest: 3", context.text(site.path)) : undefined;
  return [
    {
      title: { en: "Application: fail after three tries", ja: "アプリケーション: 3 回で失敗させる" },
      layer: "application",
      safety: "choose",
      edits: edit ? [edit] : [],
      explain: {
        en: "Where a BullMQ worker uses the same connection, make one of its own for requests instead: the worker needs `null`.",
        ja: "同じ接続を BullMQ のワーカーが使っている場合は、リクエスト用の接続を別に作ってください。ワーカーには `null` が必要です。",
      },
    },
  ];
}
