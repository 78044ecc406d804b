import {
  defineRule,
  type Edit,
  type FileSummary,
  type Fix,
  type PlacedFunction,
  pathKind,
  type RuleContext,
  type Span,
} from "../../engine/index.ts";
import { isCommandFile } from "../_shared/command-files.ts";
import { isProcess, type LastHandler, lastHandlersIn, startsSentry } from "../_shared/process-listeners.ts";

export default defineRule({
  id: "swallowed-process-error",
  group: "process",
  title: { en: "Last error handler that lets the process go on", ja: "プロセスを終了させない最終エラーハンドラー" },
  severity: "warning",
  status: "stable",
  since: "0.2.0",
  scope: "anywhere",
  burns: ["availability", "correctness"],
  messages: {
    exception: {
      what: {
        en: "After an uncaught exception this process goes on: the request that threw is never answered (measured, Node 20.20), and what it held is not given back.",
        ja: "捕捉されない例外の後もプロセスが動き続けます。例外を投げたリクエストには応答が返らず(Node 20.20 での実測)、握っていた資源も解放されません。",
      },
      help: {
        en: "Nobody knows what state it is in. Log, stop accepting, and end with a code other than 0, so that a fresh process takes over.",
        ja: "その後の状態は誰にも分かりません。記録し、新規受付を止め、0 以外のコードで終了して、新しいプロセスに引き継いでください。",
      },
    },
    rejection: {
      what: {
        en: "Every promise that nobody waits for may fail unseen: this handler logs and goes on, where Node (15 and later) would end the process.",
        ja: "待たれていない Promise の失敗が見過ごされます。Node 15 以降なら終了するところを、このハンドラーは記録だけして続行します。",
      },
      help: {
        en: "The work that failed is lost, and the request that waited for it is never answered. Catch it where it is started, count these, and end the process here.",
        ja: "失敗した処理は失われ、それを待っていたリクエストには応答が返りません。開始した場所で catch し、件数を計測し、ここではプロセスを終了させてください。",
      },
    },
    signal: {
      what: {
        en: "This listener makes the process ignore {signal}: it runs on until it is killed (Kubernetes: after 30 s), in the middle of its requests.",
        ja: "このリスナーによりプロセスは {signal} を無視します。強制終了されるまで(Kubernetes では 30 秒後)動き続け、処理中のリクエストは打ち切られます。",
      },
      help: {
        en: "A listener takes the place of the default, which ends the process. Stop accepting, finish what runs, then exit.",
        ja: "リスナーを登録すると、終了という既定の動作が失われます。新規受付を止め、実行中の処理を終えてから終了してください。",
      },
    },
  },
  *check(file, context) {
    if (context.side(file) === "browser" || isCommandFile(file)) return;
    const found = lastHandlersIn(file, context)?.filter((it) => it.ends === "no") ?? [];
    if (found.length === 0 || !context.everywhere(serves).some((it) => context.depend(it, file.path))) return;
    for (const it of found) {
      if (isHandledElsewhere(it, context)) continue;
      const isSignal = it.event === "SIGTERM";
      yield {
        at: file.calls[it.c]!.argsAt[0]!,
        message: isSignal ? "signal" : it.event === "uncaughtException" ? "exception" : "rejection",
        data: { signal: it.event },
        ...(it.event === "unhandledRejection" ? { severity: "information" as const } : {}),
        fixes: fixesFor(it, file, context),
      };
    }
  },
});

/** Packages of which a process is made that serves others: only there does somebody wait for it. */
const SERVERS =
  /^(express|fastify|koa|@nestjs\/core|@hapi\/hapi|hono|@hono\/node-server|(node:)?https?2?|elysia|bullmq|bull|amqplib|kafkajs|@apollo\/server|next|ws|socket\.io|restify|polka)$/;
const serves = (file: FileSummary): string | undefined =>
  pathKind(file.path) === undefined && file.imports.some((it) => SERVERS.test(it.specifier) && !it.typeOnly)
    ? file.path
    : undefined;

const CLOSERS = /grace|shutdown|terminat|terminus|exit-hook|signal-exit|lightship|stoppable/;

/** Signals are listened to by a package, over a list of them (`process.on(signal, …)`), or through Nest's hooks. */
const closes = (file: FileSummary): string | undefined =>
  pathKind(file.path) === undefined &&
  (file.imports.some((it) => CLOSERS.test(it.specifier)) ||
    file.calls.some(
      ({ callee, args }) =>
        callee.k === "get" &&
        (callee.name === "enableShutdownHooks" ||
          (/^(on|once|addListener)$/.test(callee.name) && args[0]?.k !== "lit" && isProcess(callee.of, file))),
    ))
    ? file.path
    : undefined;

/** Another listener of the same event that ends the process, or may. */
function isHandledElsewhere({ event, file, c }: LastHandler, context: RuleContext): boolean {
  const isHere = (path: string): boolean => context.depend(path, file.path);
  if (event === "uncaughtException" && context.everywhere(endsBySentry).some(isHere)) return true;
  if (event === "SIGTERM" && context.everywhere(closes).some(isHere)) return true;
  return context
    .everywhere(lastHandlersIn)
    .flat()
    .some(
      (it) =>
        it.event === event && it.ends !== "no" && (it.c !== c || it.file.path !== file.path) && isHere(it.file.path),
    );
}

/** Before 8, Sentry's own integration ends the process whoever else listens; since then it leaves that to others. */
const endsBySentry = (file: FileSummary, context: RuleContext): string | undefined => {
  const sentry = startsSentry(file, context);
  return sentry && !(Number.parseInt(sentry.version, 10) >= 8) ? file.path : undefined;
};

// Fixes

function fixesFor({ event, handler }: LastHandler, file: FileSummary, context: RuleContext): Fix[] {
  const isSignal = event === "SIGTERM";
  const edit =
    handler === undefined || handler === "record" || handler.file !== file || isSignal
      ? undefined
      : exitEdit(handler, context);
  return [
    {
      title: isSignal
        ? { en: "Application: close, then exit", ja: "アプリケーション: 閉じてから終了する" }
        : { en: "Application: log, then end the process", ja: "アプリケーション: 記録してからプロセスを終了する" },
      layer: "application",
      safety: edit ? "choose" : "scaffold",
      edits: edit ? [edit] : [],
      explain: isSignal
        ? {
            en: "`server.close(() => process.exit(0))`, pools after the server, and a limit after which the process ends anyway.",
            ja: "`server.close(() => process.exit(0))` とし、プールはサーバーの後に閉じます。一定時間後には強制終了します。",
          }
        : {
            en: "Better still: start the same shutdown as on SIGTERM with `process.exitCode = 1`, so that requests that are well are finished. Needs something that restarts the process.",
            ja: "`process.exitCode = 1` として SIGTERM と同じ終了処理を始めれば、正常なリクエストは完了できます。プロセスを再起動する仕組みが必要です。",
          },
    },
    {
      title: {
        en: "Infrastructure: restart with back-off, two replicas",
        ja: "インフラ: バックオフ付き再起動と 2 台以上",
      },
      layer: "infrastructure",
      safety: "choose",
      edits: [],
      explain: {
        en: "Ending is only cheap where another replica serves and a new one starts.",
        ja: "終了しても支障がないのは、別のレプリカが応答し、新しいものが起動する場合だけです。",
      },
    },
  ];
}

/** `process.exit(1)` as the handler's last statement. */
function exitEdit({ file, f }: PlacedFunction, context: RuleContext): Edit | undefined {
  const text = context.text(file.path);
  const { bodyAt, returns } = file.functions[f]!;
  if (text === undefined) return undefined;
  const body = text.slice(...bodyAt);
  if (!body.startsWith("{")) return { path: file.path, at: bodyAt as Span, text: `{ ${body}; process.exit(1); }` };
  if (returns.length > 0) return undefined;
  const inside = body.slice(1, -1);
  const at = bodyAt[0] + 1 + inside.trimEnd().length;
  const indent = /\n([ \t]+)\S/.exec(inside)?.[1];
  const last = /[;}]$/.test(inside.trimEnd()) || inside.trim() === "" ? "" : ";";
  return {
    path: file.path,
    at: [at, bodyAt[1] - 1],
    text:
      indent === undefined
        ? `${last} process.exit(1); `
        : `${last}\n${indent}process.exit(1);${inside.slice(inside.trimEnd().length)}`,
  };
}
