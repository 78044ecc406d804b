import {
  defineRule,
  type Edit,
  type FileSummary,
  type Fix,
  type PlacedFunction,
  pathKind,
  type RuleContext,
  type Span,
  type Value,
} from "../../engine/index.ts";

/** What writes down or counts an error and comes back. */
const RECORDS =
  /^(log|error|warn|warning|info|debug|trace|fatal|critical|notice|alert|verbose|silly|capture\w*|report\w*|notify\w*|noticeError|record\w*|track\w*|increment|inc|add\w*|set\w*|toString|toISOString|stringify|inspect|format\w*|push|join|write|map|replace|slice|String|Error|Date|now|get|Boolean|Number|serialize\w*|child)$/;
/** A command ends by itself; how it treats errors is between it and its user. */
const COMMANDS = /^(commander|yargs|cac|meow|@oclif\/core|ink|clipanion|electron|vscode|inquirer|@clack\/prompts)$/;
const COMMAND_PATH = /(^|\/)(cli|bin|scripts?|tools?|electron|desktop)(\/|\.[cm]?[jt]s$)/i;
const MAX_DEPTH = 3;

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
    if (context.side(file) === "browser" || isCommand(file)) return;
    const found = listenersIn(file).flatMap((it) => {
      const handler = handlerOf(it.handler, file, context);
      return handler && endsIt(handler, context, 0) === "no" ? [{ ...it, placed: handler }] : [];
    });
    if (found.length === 0 || !servesIn(context)) return;
    for (const it of found) {
      if (isHandledElsewhere(it.event, file, it.c, context)) continue;
      const isSignal = it.event === "SIGTERM";
      yield {
        at: file.calls[it.c]!.argsAt[0]!,
        message: isSignal ? "signal" : it.event === "uncaughtException" ? "exception" : "rejection",
        data: { signal: it.event },
        ...(it.event === "unhandledRejection" ? { severity: "information" as const } : {}),
        fixes: fixesFor(it.event, it.placed, file, context),
      };
    }
  },
});

interface Listener {
  readonly c: number;
  readonly event: string;
  readonly handler: Value;
}

const EVENTS = new Set(["uncaughtException", "unhandledRejection", "SIGTERM"]);

/** `process.on("uncaughtException", …)` and its siblings. */
function listenersIn(file: FileSummary): Listener[] {
  return file.calls.flatMap(({ callee, args }, c) => {
    if (callee.k !== "get" || !/^(on|once|addListener|prependListener)$/.test(callee.name)) return [];
    const [event, handler] = args;
    if (!isProcess(callee.of, file) || event?.k !== "lit" || !handler || !EVENTS.has(String(event.v))) return [];
    return [{ c, event: String(event.v), handler }];
  });
}

function isProcess(value: Value, file: FileSummary): boolean {
  if (value.k === "global") return value.name === "process";
  if (value.k !== "ref") return false;
  const { from } = file.bindings[value.b]!;
  return from !== undefined && /^(node:)?process$/.test(file.imports[from.import]!.specifier);
}

const isCommand = (file: FileSummary): boolean =>
  pathKind(file.path) !== undefined ||
  COMMAND_PATH.test(file.path) ||
  file.imports.some((it) => COMMANDS.test(it.specifier));

/** A function of the project, or `"record"` for a logger's method handed over as it is. */
type Handler = PlacedFunction | "record";

function handlerOf(value: Value, file: FileSummary, context: RuleContext): Handler | undefined {
  if (value.k === "get" && value.of.k === "global" && value.of.name === "console") return "record";
  const found = context.program.origin(value, file);
  return found.k === "fn" ? { file: found.file, f: found.f } : undefined;
}

/** Whether the process ends through a handler. `no` only where every call in it is known to record and come back. */
function endsIt(handler: Handler, context: RuleContext, depth: number): "yes" | "no" | "unknown" {
  if (handler === "record") return "no";
  const { file, f } = handler;
  const inside = (fn: number): boolean => {
    for (let it = fn; it > 0; it = file.functions[it]!.parent) if (it === f) return true;
    return false;
  };
  if (file.throws.some((it) => inside(it.fn))) return "yes";
  if (
    file.assignments.some(
      (it) => inside(it.fn) && it.target.k === "get" && it.target.name === "exitCode" && isProcess(it.target.of, file),
    )
  )
    return "yes";
  let answer: "no" | "unknown" = "no";
  for (let c = 0; c < file.calls.length; c++) {
    const call = file.calls[c]!;
    if (!inside(call.fn)) continue;
    const { callee } = call;
    const name = callee.k === "get" ? callee.name : callee.k === "global" ? callee.name : bindingName(callee, file);
    if (callee.k === "get" && isProcess(callee.of, file)) {
      if (/^(exit|abort|kill|emit|reallyExit)$/.test(name)) return "yes";
      continue;
    }
    const target = context.program.callee(file, c);
    if (target.k === "fn" && depth < MAX_DEPTH && !(target.file === file && target.f === f)) {
      const inner = endsIt({ file: target.file, f: target.f }, context, depth + 1);
      if (inner === "yes") return "yes";
      if (inner === "unknown" && !RECORDS.test(name)) answer = "unknown";
      continue;
    }
    if (!RECORDS.test(name)) answer = "unknown";
  }
  return answer;
}

const bindingName = (value: Value, file: FileSummary): string =>
  value.k === "ref" ? file.bindings[value.b]!.name : "";

interface Facts {
  readonly serves: boolean;
  /** Signals are listened to by a package, or in a way that names none. */
  readonly closes: boolean;
  readonly listeners: ReadonlyMap<string, readonly PlacedListener[]>;
}
const known = new WeakMap<RuleContext, Facts>();

interface PlacedListener extends Listener {
  readonly file: FileSummary;
}

function facts(context: RuleContext): Facts {
  let made = known.get(context);
  if (!made) {
    const listeners = new Map<string, PlacedListener[]>();
    let serves = false;
    let closes = false;
    for (const file of context.program.files.values()) {
      if (pathKind(file.path) !== undefined) continue;
      for (const it of listenersIn(file))
        listeners.set(it.event, [...(listeners.get(it.event) ?? []), { ...it, file }]);
      closes ||=
        file.imports.some((it) => CLOSERS.test(it.specifier)) || file.calls.some((it) => isOpenListener(it, file));
      serves ||= file.imports.some((it) => SERVERS.test(it.specifier) && !it.typeOnly);
    }
    made = { serves, closes, listeners };
    known.set(context, made);
  }
  return made;
}

/** Packages of which a process is made that serves others: only there does somebody wait for it. */
const SERVERS =
  /^(express|fastify|koa|@nestjs\/core|@hapi\/hapi|hono|@hono\/node-server|(node:)?https?2?|elysia|bullmq|bull|amqplib|kafkajs|@apollo\/server|next|ws|socket\.io|restify|polka)$/;

const CLOSERS = /grace|shutdown|terminat|terminus|exit-hook|signal-exit|lightship|stoppable/;

/** `process.on(signal, …)` over a list of signals, and Nest's hooks. */
const isOpenListener = ({ callee, args }: FileSummary["calls"][number], file: FileSummary): boolean =>
  callee.k === "get" &&
  (callee.name === "enableShutdownHooks" ||
    (/^(on|once|addListener)$/.test(callee.name) && args[0]?.k !== "lit" && isProcess(callee.of, file)));

const servesIn = (context: RuleContext): boolean => facts(context).serves;

/** Another listener of the same event that ends the process, or may. */
function isHandledElsewhere(event: string, file: FileSummary, c: number, context: RuleContext): boolean {
  if (event === "uncaughtException" && importsSentry(context)) return true;
  if (event === "SIGTERM" && facts(context).closes) return true;
  return (facts(context).listeners.get(event) ?? []).some((it) => {
    if (it.c === c && it.file.path === file.path) return false;
    const handler = handlerOf(it.handler, it.file, context);
    return !handler || endsIt(handler, context, 0) !== "no";
  });
}

/** Sentry's own integration ends the process after it has sent the error, depending on its version and options. */
function importsSentry(context: RuleContext): boolean {
  for (const file of context.program.files.values())
    if (file.imports.some((it) => /^@sentry\/(?!browser|react)/.test(it.specifier))) return true;
  return false;
}

// Fixes

function fixesFor(event: string, handler: Handler, file: FileSummary, context: RuleContext): Fix[] {
  const isSignal = event === "SIGTERM";
  const edit = handler === "record" || handler.file !== file || isSignal ? undefined : exitEdit(handler, context);
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
