import {
  defineRule,
  type Edit,
  type FileSummary,
  type Fix,
  pathKind,
  type RuleContext,
  type Span,
  type Value,
} from "../../engine/index.ts";

/** Largest delay of a timer: above it Node fires at once (measured: 30 days fired after 4 ms). */
const MAX_DELAY = 2 ** 31 - 1;

export default defineRule({
  id: "broken-timeout",
  group: "timeouts",
  title: { en: "A time limit that does not work", ja: "機能していないタイムアウト" },
  severity: "warning",
  status: "stable",
  since: "0.1.0",
  scope: "anywhere",
  burns: ["availability", "latency"],
  messages: {
    shared: {
      what: {
        en: "This signal starts to run when the module is loaded, and every call made {ms} ms later fails at once.",
        ja: "このシグナルはモジュールの読み込み時に計時が始まるため、{ms} ミリ秒後以降の呼び出しはすべて即座に失敗します。",
      },
      help: { en: "Make the signal where the call is made.", ja: "呼び出しのたびにシグナルを作成してください。" },
    },
    overflow: {
      what: {
        en: "A delay of {ms} ms is more than a timer holds: Node fires it after 1 ms.",
        ja: "{ms} ミリ秒はタイマーの上限を超えるため、Node では 1 ミリ秒後に発火します。",
      },
      help: {
        en: "The largest delay is 2,147,483,647 ms (24.8 days). Check a date in an interval instead.",
        ja: "上限は 2,147,483,647 ミリ秒(約 24.8 日)です。一定間隔で日時を確認する方法に変えてください。",
      },
    },
    cleared: {
      what: {
        en: "The timer is cleared before the body is read: the body can take as long as it likes.",
        ja: "本文を読む前にタイマーを解除しているため、本文の受信時間には制限がありません。",
      },
      help: {
        en: "Clear it in `finally`, after the body was read, or pass `AbortSignal.timeout(ms)`, which covers both.",
        ja: "本文を読み終えた後の `finally` で解除するか、両方を制限できる `AbortSignal.timeout(ms)` を渡してください。",
      },
    },
  },
  *check(file, context) {
    const aside = pathKind(file.path) !== undefined;
    for (let c = 0; c < file.calls.length; c++) {
      const call = file.calls[c]!;
      const { callee } = call;
      if (
        isGlobalMember(callee, "AbortSignal", "timeout") &&
        call.fn === 0 &&
        call.loop === undefined &&
        keptAndUsed(file, c)
      ) {
        const ms = context.program.number({ value: call.args[0] ?? { k: "unknown" }, file });
        yield { at: call.nameAt, message: "shared", data: { ms: ms ?? "…" }, fixes: moved(file, c, context) };
      }
      if (callee.k === "global" && (callee.name === "setTimeout" || callee.name === "setInterval")) {
        const ms = call.args[1] ? context.program.number({ value: call.args[1], file }) : undefined;
        if (ms !== undefined && ms > MAX_DELAY && Number.isFinite(ms))
          yield { at: call.nameAt, message: "overflow", data: { ms }, fixes: [] };
      }
      if (callee.k === "global" && callee.name === "clearTimeout" && !aside && clearsBeforeBody(file, c, context))
        yield { at: call.nameAt, message: "cleared", data: {}, fixes: [] };
    }
  },
});

function isGlobalMember(value: Value, of: string, name: string): boolean {
  return value.k === "get" && value.name === name && value.of.k === "global" && value.of.name === of;
}

/** Bound at the top of a module and given to calls inside of functions. */
function keptAndUsed(file: FileSummary, c: number): boolean {
  const b = file.bindings.findIndex(
    (it) => it.kind === "const" && it.fn === 0 && it.value?.k === "call" && it.value.c === c,
  );
  if (b < 0) return false;
  const isIt = (value: Value, depth = 0): boolean =>
    depth < 5 &&
    ((value.k === "ref" && value.b === b) ||
      (value.k === "obj" && value.props.some((it) => isIt(it.value, depth + 1))));
  return file.calls.some((it) => it.fn > 0 && it.args.some((arg) => isIt(arg)));
}

/** The call itself written where the name stood. */
function moved(file: FileSummary, c: number, context: RuleContext): Fix[] {
  const text = context.text(file.path);
  const b = file.bindings.findIndex(
    (it) => it.kind === "const" && it.fn === 0 && it.value?.k === "call" && it.value.c === c,
  );
  if (text === undefined || b < 0) return [];
  const edits: Edit[] = [];
  const written = text.slice(...file.calls[c]!.at);
  const visit = (value: Value, at: Span | undefined): void => {
    if (value.k === "obj")
      for (const prop of value.props) {
        if (prop.value.k === "ref" && prop.value.b === b)
          edits.push({ path: file.path, at: prop.at, text: `${prop.name}: ${written}` });
        else visit(prop.value, prop.at);
      }
    else if (value.k === "ref" && value.b === b && at) edits.push({ path: file.path, at, text: written });
  };
  for (const it of file.calls) if (it.fn > 0) it.args.forEach((arg, i) => visit(arg, it.argsAt[i]));
  if (edits.length === 0) return [];
  return [
    {
      title: {
        en: "Application: make the signal with each call",
        ja: "アプリケーション: 呼び出しごとにシグナルを作成する",
      },
      layer: "application",
      safety: "safe",
      edits,
      explain: {
        en: "Every call then has the whole time to itself.",
        ja: "呼び出しごとに制限時間の全体を使えるようになります。",
      },
    },
  ];
}

/** `const r = await fetch(…); clearTimeout(t); await r.json()`. */
function clearsBeforeBody(file: FileSummary, c: number, context: RuleContext): boolean {
  const clear = file.calls[c]!;
  if (
    file.tries.some(
      (it) => it.fn === clear.fn && it.finallyAt && it.finallyAt[0] <= clear.at[0] && clear.at[1] <= it.finallyAt[1],
    )
  )
    return false;
  if (clear.catch !== undefined || clear.branch !== undefined) return false;
  const requests = context
    .meant(file)
    .filter(
      (it) =>
        it.meaning.kind === "request" &&
        it.view.call.fn === clear.fn &&
        it.view.call.at[1] <= clear.at[0] &&
        it.view.option(1, "signal").is === "yes",
    );
  if (requests.length !== 1) return false;
  const b = file.bindings.findIndex((it) => it.value?.k === "call" && it.value.c === requests[0]!.view.c);
  // Handed on, its body is the business of whoever gets it, and a timer that still runs would cut it off.
  const isHandedOn = file.functions[clear.fn]!.returns.some((it) => it.k === "ref" && it.b === b);
  return (
    b >= 0 &&
    !isHandedOn &&
    file.calls.some(
      (it) =>
        it.fn === clear.fn &&
        it.at[0] > clear.at[1] &&
        it.callee.k === "get" &&
        /^(json|text|arrayBuffer|blob|formData)$/.test(it.callee.name) &&
        it.callee.of.k === "ref" &&
        it.callee.of.b === b,
    )
  );
}
