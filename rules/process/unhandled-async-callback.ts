import {
  type CallSummary,
  defineRule,
  type FileSummary,
  type Fix,
  type RuleContext,
  type Span,
  type Value,
} from "../../engine/index.ts";
import { isCommandFile } from "../_shared/command-files.ts";
import { emitterPackage } from "../_shared/emitters.ts";
import { isMutedElsewhere } from "../_shared/muted.ts";
import { isProcess, outlivesRejections } from "../_shared/process-listeners.ts";
import { canReject } from "../_shared/rejections.ts";

/** Emitters of these packages call their listeners and drop what they return. */
const EMITTERS =
  /^(node:(events|http|https|http2|net|tls|stream|fs|child_process|worker_threads|cluster|readline|process)|ws|socket\.io|amqplib|mqtt|chokidar|eventemitter3|eventemitter2|mitt|redis|ioredis|pg|bullmq|bull|mongodb|mongoose|discord\.js)(\/|$)/;

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
    timerKept: {
      what: {
        en: "{name} drops the promise of this async callback: when it rejects, only the process' handler for unhandled rejections hears of it.",
        ja: "{name} はこの非同期コールバックの Promise を捨てるため、reject されてもプロセス全体の unhandledRejection ハンドラーにしか伝わりません。",
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
    eventKept: {
      what: {
        en: "An emitter drops the promise of this async listener for {name}: when it rejects, only the process' handler for unhandled rejections hears of it.",
        ja: "イベントエミッターは {name} の非同期リスナーの Promise を捨てるため、reject されてもプロセス全体の unhandledRejection ハンドラーにしか伝わりません。",
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
    eachKept: {
      what: {
        en: "forEach does not wait for this async callback: the code goes on before it is done, and the caller never hears of a rejection.",
        ja: "forEach はこの非同期コールバックを待ちません。完了前に処理が先へ進み、reject されても呼び出し元には伝わりません。",
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
    express4Kept: {
      what: {
        en: "Express {version} does not wait for async handlers: when this one rejects, the request is never answered.",
        ja: "Express {version} は非同期ハンドラーを待ちません。reject されるとリクエストには応答が返りません。",
      },
      help: {
        en: "Express 5 handles it. Until then wrap the handler so that errors go to `next`.",
        ja: "Express 5 では処理されます。それまではエラーを `next` に渡すようハンドラーを包んでください。",
      },
    },
  },
  *check(file, context) {
    if (context.side(file) === "browser" || isCommandFile(file)) return;
    const isKept = outlivesRejections(file.path, context);
    for (const it of [...dropped(file, context), ...express4(file, context)]) {
      if (isMutedElsewhere(file, it.at, TWIN, context)) continue;
      yield {
        ...it,
        message: isKept ? `${it.message}Kept` : it.message,
        // Somebody hears of it, and nobody waits: a matter of taste.
        ...(isKept && (it.message === "timer" || it.message === "event") ? { severity: "information" as const } : {}),
        fixes: FIXES,
      };
    }
  },
});

const TWIN = /no-?misused-?promises|no-?floating-?promises/i;

interface Dropped {
  readonly at: Span;
  readonly message: "timer" | "event" | "each" | "express4";
  readonly data: Readonly<Record<string, string>>;
  /** Other places where the same handler is given. */
  readonly covers?: readonly { readonly path: string; readonly at: Span }[];
}

/** Callbacks of timers, emitters and `forEach`. */
function* dropped(file: FileSummary, context: RuleContext): Iterable<Dropped> {
  for (const call of file.calls) {
    const { callee } = call;
    if (callee.k === "global" && /^(setInterval|setTimeout|setImmediate)$/.test(callee.name)) {
      // The start of a program: what fails there ends a process that does not serve yet.
      if (call.fn === 0 && callee.name === "setImmediate") continue;
      const at = asyncAt(call, 0, file, context);
      if (at) yield { at, message: "timer", data: { name: callee.name } };
      continue;
    }
    if (callee.k !== "get") continue;
    if (callee.name === "forEach" && call.use === "discard") {
      if (asyncAt(call, 0, file, context)) yield { at: call.nameAt, message: "each", data: {} };
    } else if (/^(on|once|addListener)$/.test(callee.name) && call.args[0]?.k === "lit") {
      const event = String(call.args[0].v);
      const at = asyncAt(call, 1, file, context);
      if (at && isDropping(callee.of, event, file, context))
        yield { at, message: "event", data: { name: `\`${event}\`` } };
    }
  }
}

/** Where an async function that may reject is given: its arrow or name; undefined for anything else. */
function asyncAt(call: CallSummary, index: number, file: FileSummary, context: RuleContext): Span | undefined {
  const arg = call.args[index];
  if (arg?.k === "fn")
    return file.functions[arg.f]!.async && !exits(file, arg.f) && canReject({ file, f: arg.f }, context)
      ? file.functions[arg.f]!.nameAt
      : undefined;
  if (arg?.k !== "ref" && arg?.k !== "get") return undefined;
  const found = context.program.origin(arg, file);
  // Written as the argument of a call it is wrapped, and what the wrapper does with errors is its own affair.
  if (found.k !== "fn" || context.program.context(found.file, found.f)?.kind === "argument") return undefined;
  return found.file.functions[found.f]!.async && canReject(found, context) ? call.argsAt[index] : undefined;
}

/** Ends the process itself. */
const exits = (file: FileSummary, f: number): boolean =>
  file.calls.some(
    ({ fn, callee }) => fn === f && callee.k === "get" && callee.name === "exit" && isProcess(callee.of, file),
  );

/** Handlers registered on Express before 5, where the version is known and nothing patches it. */
function* express4(file: FileSummary, context: RuleContext): Iterable<Dropped> {
  const version = context.program.version(file.path, "express");
  if (!version || !/^[0-4]\./.test(version)) return;
  if (context.everywhere(patchesExpress).some((it) => context.depend(it, file.path))) return;
  // A middleware that stands before every route is one cause.
  const named = new Map<number, Span[]>();
  for (let c = 0; c < file.calls.length; c++) {
    const call = file.calls[c]!;
    if (call.callee.k !== "get" || !/^(get|post|put|patch|delete|all|use)$/.test(call.callee.name)) continue;
    const callee = context.program.callee(file, c);
    if (callee.k !== "method" || callee.library.name !== "express") continue;
    for (let i = 0; i < call.args.length; i++) {
      const at = asyncAt(call, i, file, context);
      if (!at) continue;
      const arg = call.args[i]!;
      if (arg.k !== "ref") yield { at, message: "express4", data: { version } };
      else if (named.has(arg.b)) named.get(arg.b)!.push(at);
      else named.set(arg.b, [at]);
    }
  }
  for (const [at, ...others] of named.values())
    yield {
      at: at!,
      message: "express4",
      data: { version },
      covers: others.map((it) => ({ path: file.path, at: it })),
    };
}

const PATCHES = /^(express-async-errors|express-promise-router|express-async-router)/;

const patchesExpress = (file: FileSummary): string | undefined =>
  file.imports.some((it) => PATCHES.test(it.specifier)) ? file.path : undefined;

/** An emitter that calls its listeners and drops what they return. */
function isDropping(of: Value, event: string, file: FileSummary, context: RuleContext): boolean {
  const from = emitterPackage(of, file, context.program);
  if (from === undefined || !EMITTERS.test(from)) return false;
  // The process is about to end, one way or the other.
  if (from === "node:process") return !/^(SIGTERM|SIGINT|SIGQUIT|exit|beforeExit|disconnect)$/.test(event);
  return event !== "close" || !/^node:(https?|http2|net|tls)$/.test(from);
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
