import {
  type CallView,
  defineRule,
  type FileSummary,
  type Fix,
  type RuleContext,
  type SpawnMeaning,
} from "../../engine/index.ts";
import { isLimitedInTime } from "../_shared/limiters.ts";
import { milliseconds, optionEdit } from "../_shared/option-edit.ts";

/** Long enough for most conversions and archives, short enough for someone to notice. */
const FALLBACK_MS = 30_000;

export default defineRule({
  id: "exec-without-timeout",
  group: "timeouts",
  title: { en: "Child process that may run for ever", ja: "終了を待ち続ける子プロセス" },
  severity: "warning",
  status: "stable",
  since: "0.2.0",
  scope: "served",
  burns: ["availability", "latency"],
  messages: {
    never: {
      what: {
        en: "This {client} call has no time limit: a program that hangs is waited for without end (measured, Node 20.20).",
        ja: "この {client} の呼び出しにはタイムアウトがないため、プログラムがハングすると際限なく待ち続けます(Node 20.20 での実測)。",
      },
      help: {
        en: "Each hanging child keeps its caller, its memory and its pipes. Give a limit, and a signal that cannot be ignored.",
        ja: "ハングした子プロセスは、呼び出し元とメモリとパイプを占有し続けます。タイムアウトと、無視できないシグナルを指定してください。",
      },
    },
  },
  *check(file, context) {
    if (context.side(file) === "browser") return;
    for (const { view, meaning } of context.meant(file)) {
      if (meaning.kind !== "spawn" || meaning.limit.bounded !== "no" || view.call.fn === 0) continue;
      if (isLimitedInTime(view, context) || isEndedByHand(view) || !isWaitedFor(view, meaning, context)) continue;
      const { kinds } = context.reach({ file, f: view.call.fn }, view.call.at);
      if (![...kinds].some((it) => it === "endpoint" || it === "consumer" || it === "job" || it === "page")) continue;
      yield {
        at: view.call.nameAt,
        message: "never",
        data: { client: meaning.client },
        fixes: fixesFor(view, meaning, context),
      };
    }
  },
});

/** Whatever ends a child in this file may end this one. */
const isEndedByHand = (view: CallView): boolean =>
  view.file.calls.some(
    ({ callee }) =>
      (callee.k === "get" && /^(kill|abort)$/.test(callee.name)) ||
      (callee.k === "ref" && /kill/i.test(view.file.bindings[callee.b]!.name)),
  );

/** Somebody waits for the end: an awaited or called-back form, or a handle whose end settles a promise or calls back. */
function isWaitedFor(view: CallView, meaning: SpawnMeaning, context: RuleContext): boolean {
  const { file } = view;
  if (meaning.waits === "yes" || isAwaitedByName(view, context)) return true;
  return view.after().some((it) => {
    if (!/^(on|once)$/.test(it.name) || !/^(close|exit)$/.test(it.view.text(it.view.arg(0)) ?? "")) return false;
    const listener = it.view.call.args[1];
    return inExecutor(file, it.view.call.fn) || (listener?.k === "fn" && callsBack(file, listener.f));
  });
}

/** `const child = exec(…); … await child`, where the handle is a promise as well. */
function isAwaitedByName({ file, fn, c }: CallView, context: RuleContext): boolean {
  const binding = file.bindings.find((it) => it.value?.k === "call" && it.value.c === c);
  return (
    binding !== undefined &&
    new RegExp(`\\bawait\\s+${binding.name.replace(/\W/g, "\\$&")}\\b`).test(
      context.text(file.path)?.slice(...fn.at) ?? "",
    )
  );
}

/** Within the function given to `new Promise`. */
function inExecutor(file: FileSummary, f: number): boolean {
  for (let at = f; at > 0; at = file.functions[at]!.parent)
    if (
      file.calls.some(
        ({ kind, callee, args }) =>
          kind === "new" &&
          callee.k === "global" &&
          callee.name === "Promise" &&
          args[0]?.k === "fn" &&
          args[0].f === at,
      )
    )
      return true;
  return false;
}

/** Calls a parameter of a function around it: whoever called that waits for it. */
const callsBack = (file: FileSummary, f: number): boolean =>
  file.calls.some(
    ({ fn, callee }) =>
      fn === f && callee.k === "ref" && file.bindings[callee.b]!.kind === "param" && file.bindings[callee.b]!.fn !== f,
  );

function fixesFor(view: CallView, meaning: SpawnMeaning, context: RuleContext): Fix[] {
  const objective = context.latencyObjectiveMs({ file: view.file, f: view.call.fn });
  const ms = objective ? Math.max(100, Math.round(objective.ms / 2 / 50) * 50) : FALLBACK_MS;
  const text = context.text(view.file.path);
  const hasSignal = text?.slice(...view.call.at).includes("killSignal");
  const option = hasSignal ? "timeout: {ms}" : meaning.option;
  const edit =
    meaning.site && option ? optionEdit(meaning.site, option.replace("{ms}", milliseconds(ms)), text) : undefined;
  const application: Fix = {
    title: { en: `Application: end it after ${ms / 1000} s`, ja: `アプリケーション: ${ms / 1000} 秒で終了させる` },
    layer: "application",
    safety: "choose",
    edits: edit ? [edit] : [],
    explain: {
      en: "Choose the limit from how long the program takes on your largest input. The call then fails with an error that callers must expect. SIGTERM is the default and can be ignored; SIGKILL cannot.",
      ja: "最大の入力での所要時間から値を選んでください。時間切れになると例外が発生するので、呼び出し側での処理が必要です。既定の SIGTERM は無視できますが、SIGKILL は無視できません。",
    },
  };
  return [
    application,
    {
      title: {
        en: "Product: accept now, show the result when it is there",
        ja: "プロダクト: すぐに受け付け、結果は後から見せる",
      },
      layer: "product",
      safety: "choose",
      edits: [],
      explain: {
        en: "Nobody has to hold a connection open for a conversion: a job does it, and the page says when it is done.",
        ja: "変換のために接続を開いたまま待たせる必要はありません。ジョブで処理し、完了を画面で知らせる方法があります。",
      },
    },
    {
      title: { en: "Infrastructure: limits around the process", ja: "インフラ: プロセスの外側で制限する" },
      layer: "infrastructure",
      safety: "choose",
      edits: [],
      explain: {
        en: "`timeout 30s command`, a memory limit and a container of its own also hold what the child starts itself.",
        ja: "`timeout 30s command`、メモリ制限、専用コンテナーなら、子プロセスがさらに起動したものにも効きます。",
      },
    },
  ];
}
