import {
  defineRule,
  type FileSummary,
  type Fix,
  type Origin,
  type RuleContext,
  type Value,
} from "../../engine/index.ts";
import { canReject } from "../_shared/effects.ts";

/** Emitters of these packages call their listeners and drop what they return. */
const EMITTERS =
  /^(node:(events|http|https|http2|net|tls|stream|fs|child_process|worker_threads|cluster|readline|process)|ws|socket\.io|amqplib|mqtt|chokidar|eventemitter3|eventemitter2|mitt|redis|ioredis|pg)(\/|$)/;

export default defineRule({
  id: "unhandled-async-callback",
  group: "process",
  title: { en: "Async callback whose error ends the process", ja: "エラーがプロセスを終了させる非同期コールバック" },
  severity: "warning",
  status: "stable",
  since: "0.1.0",
  scope: "anywhere",
  burns: ["availability"],
  messages: {
    timer: {
      what: {
        en: "{name} drops the promise of this async callback: when it rejects, the process ends (Node 15 and later).",
        ja: "{name} はこの非同期コールバックの Promise を捨てるため、reject されるとプロセスが終了します(Node 15 以降)。",
      },
      help: { en: "Catch inside the callback and report.", ja: "コールバックの中で catch し、報告してください。" },
    },
    event: {
      what: {
        en: "An emitter drops the promise of this async listener for {name}: when it rejects, the process ends (Node 15 and later).",
        ja: "イベントエミッターは {name} の非同期リスナーの Promise を捨てるため、reject されるとプロセスが終了します(Node 15 以降)。",
      },
      help: { en: "Catch inside the listener and report.", ja: "リスナーの中で catch し、報告してください。" },
    },
    each: {
      what: {
        en: "forEach does not wait for this async callback: the code goes on before it is done, and a rejection ends the process.",
        ja: "forEach はこの非同期コールバックを待ちません。完了前に処理が先へ進み、reject されるとプロセスが終了します。",
      },
      help: {
        en: "Use `for … of` with `await`, or a bounded `Promise.all`.",
        ja: "`for … of` と `await`、または並列数を制限した `Promise.all` を使ってください。",
      },
    },
    express4: {
      what: {
        en: "Express {version} does not wait for async handlers: when this one rejects, the request hangs and the process ends.",
        ja: "Express {version} は非同期ハンドラーを待ちません。reject されるとリクエストは応答せず、プロセスが終了します。",
      },
      help: {
        en: "Express 5 handles it. Until then wrap the handler so that errors go to `next`.",
        ja: "Express 5 では処理されます。それまではエラーを `next` に渡すようハンドラーを包んでください。",
      },
    },
  },
  *check(file, context) {
    if (
      context.side(file) === "browser" ||
      /(^|\/)(tests?|__tests__|e2e|scripts?|cypress)(\/|$)|[.-](test|spec)\.[cm]?[jt]sx?$/.test(file.path)
    )
      return;
    for (let c = 0; c < file.calls.length; c++) {
      const call = file.calls[c]!;
      const fnAt = (index: number): number | undefined => {
        const arg = call.args[index];
        return arg?.k === "fn" && file.functions[arg.f]!.async && canReject({ file, f: arg.f }) ? arg.f : undefined;
      };
      const { callee } = call;
      if (
        callee.k === "global" &&
        (callee.name === "setInterval" || callee.name === "setTimeout" || callee.name === "setImmediate")
      ) {
        const f = fnAt(0);
        if (f !== undefined) yield { at: head(file, f), message: "timer", data: { name: callee.name }, fixes: FIXES };
        continue;
      }
      if (callee.k !== "get") continue;
      if (callee.name === "forEach" && fnAt(0) !== undefined && call.use === "discard")
        yield { at: call.nameAt, message: "each", data: {}, fixes: FIXES };
      else if (
        (callee.name === "on" || callee.name === "once" || callee.name === "addListener") &&
        call.args[0]?.k === "lit"
      ) {
        const f = fnAt(1);
        if (f !== undefined && isEmitter(callee.of, file, context))
          yield { at: head(file, f), message: "event", data: { name: `\`${call.args[0].v}\`` }, fixes: FIXES };
      }
    }
    yield* express4(file, context);
  },
});

/** Handlers registered on Express before 5, where the version is known and nothing patches it. */
function* express4(
  file: FileSummary,
  context: RuleContext,
): Iterable<{ at: readonly [number, number]; message: string; data: Record<string, string>; fixes: readonly Fix[] }> {
  const version = context.program.version(file.path, "express");
  if (!version || !/^[0-4]\./.test(version)) return;
  if (context.everywhere(patchesExpress).length > 0) return;
  for (let c = 0; c < file.calls.length; c++) {
    const call = file.calls[c]!;
    if (call.callee.k !== "get" || !/^(get|post|put|patch|delete|all|use)$/.test(call.callee.name)) continue;
    const callee = context.program.callee(file, c);
    if (callee.k !== "method" || callee.library.name !== "express") continue;
    for (const arg of call.args) {
      if (arg.k !== "fn" || !file.functions[arg.f]!.async || !canReject({ file, f: arg.f })) continue;
      yield { at: head(file, arg.f), message: "express4", data: { version }, fixes: FIXES };
    }
  }
}

const PATCHES = /^(express-async-errors|express-promise-router|express-async-router)/;

const patchesExpress = (file: FileSummary): true | undefined =>
  file.imports.some((it) => PATCHES.test(it.specifier)) || undefined;

function head(file: FileSummary, f: number): readonly [number, number] {
  const { nameAt } = file.functions[f]!;
  return nameAt;
}

function isEmitter(of: Value, file: FileSummary, context: RuleContext): boolean {
  if (of.k === "global") return of.name === "process";
  const found: Origin = context.program.origin(of, file);
  if (found.k === "ext") return EMITTERS.test(found.specifier);
  if (found.k === "lib") return found.library.packages.some((it) => EMITTERS.test(it));
  return false;
}

const FIXES: readonly Fix[] = [
  {
    title: { en: "Application: catch inside and report", ja: "アプリケーション: 内側で catch して報告する" },
    layer: "application",
    safety: "scaffold",
    edits: [],
    explain: {
      en: "Wrap the body in `try` and `catch`, with the logger at hand; for messages add a dead letter.",
      ja: "本体を try/catch で囲んでログに記録します。メッセージ処理ではデッドレターも用意してください。",
    },
  },
  {
    title: {
      en: "Infrastructure: two replicas and a restart with back-off",
      ja: "インフラ: 2 台以上とバックオフ付き再起動",
    },
    layer: "infrastructure",
    safety: "choose",
    edits: [],
    explain: {
      en: "Softens the blow; the message that kills one replica kills the next.",
      ja: "影響は和らぎますが、1 台を落とすメッセージは次の 1 台も落とします。",
    },
  },
];
