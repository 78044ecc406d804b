import {
  type CallView,
  defineRule,
  type FileSummary,
  type Fix,
  type RuleContext,
  type Value,
} from "../../engine/index.ts";

export default defineRule({
  id: "unconsumed-response-body",
  group: "resources",
  title: { en: "Response body that is never read", ja: "読まれないレスポンス本文" },
  severity: "information",
  status: "stable",
  since: "0.1.0",
  scope: "served",
  burns: ["availability"],
  messages: {
    ignored: {
      what: {
        en: "Nothing reads or cancels the body of this response: until it is collected, its connection stays taken.",
        ja: "このレスポンスの本文は読まれも破棄もされていません。回収されるまで接続は解放されません。",
      },
      help: {
        en: "Read it, or `await response.body?.cancel()`. Measured: 50 such calls left 50 connections open.",
        ja: "読み切るか `await response.body?.cancel()` を呼び出してください。実測では 50 回の呼び出しで 50 本の接続が開いたままになりました。",
      },
    },
    early: {
      what: {
        en: "On this way out the body is neither read nor cancelled: until it is collected, its connection stays taken.",
        ja: "この経路では本文が読まれも破棄もされません。回収されるまで接続は解放されません。",
      },
      help: {
        en: "Read the error text (it helps in the log), or `await response.body?.cancel()` before leaving.",
        ja: "エラー本文を読む(ログの役にも立ちます)か、抜ける前に `await response.body?.cancel()` を呼び出してください。",
      },
    },
  },
  *check(file, context) {
    for (const { view, meaning } of context.meant(file)) {
      if (meaning.kind !== "request" || !meaning.bodyHeld) continue;
      if (context.side(file) === "browser" || meaning.method === "HEAD") continue;
      if (view.call.use === "await" || view.call.use === "discard") {
        if (isStatement(view, context)) {
          if (runsForUsers(view, context)) yield { at: view.call.nameAt, message: "ignored", data: {}, fixes: [] };
          continue;
        }
      }
      const b = file.bindings.findIndex((it) => it.kind === "const" && it.value?.k === "call" && it.value.c === view.c);
      if (b < 0) continue;
      const leaving = earlyExit(file, b, view);
      if (!leaving || !runsForUsers(view, context)) continue;
      yield { at: view.call.nameAt, message: "early", data: {}, fixes: cancel(file, b, leaving, context) };
    }
  },
});

/** `await fetch(…);` with nothing taking the response. */
function isStatement(view: CallView, context: RuleContext): boolean {
  const text = context.text(view.file.path);
  if (text === undefined) return false;
  const before = text.slice(Math.max(0, view.call.at[0] - 200), view.call.at[0]);
  const after = text.slice(view.call.at[1], view.call.at[1] + 200);
  // Neither in parentheses, `(await fetch(…)).json()`, nor given to anything: what stands before ends a statement.
  return /(?:^|[;{}\w"'`)\]]\s*\n|[;{}])\s*await\s+$/.test(before) && /^\s*(?:;|\}|\n\s*[^\s.,)\]?:&|]|$)/.test(after);
}

/** A branch on `!response.ok` that leaves without touching the body, the response or what it was given to. */
function earlyExit(file: FileSummary, b: number, view: CallView): { at: readonly [number, number] } | undefined {
  for (const branch of file.branches) {
    if (
      branch.fn !== view.call.fn ||
      (branch.exits !== "throw" && branch.exits !== "return") ||
      branch.at[0] < view.call.at[1]
    )
      continue;
    if (!asksStatus(branch.test, b)) continue;
    const inside = (at: readonly [number, number]): boolean => branch.thenAt[0] <= at[0] && at[1] <= branch.thenAt[1];
    const touches = (value: Value, depth = 0): boolean => {
      if (depth > 6) return false;
      if (value.k === "ref") return value.b === b;
      if (value.k === "get")
        return !/^(status|statusText|ok|url|headers|type|redirected)$/.test(value.name) && touches(value.of, depth + 1);
      if (value.k === "obj") return value.props.some((it) => touches(it.value, depth + 1));
      if (value.k === "arr") return value.items.some((it) => touches(it, depth + 1));
      if (value.k === "tpl") return value.values.some((it) => touches(it, depth + 1));
      if (value.k === "op") return value.args.some((it) => touches(it, depth + 1));
      if (value.k === "either") return touches(value.a, depth + 1) || touches(value.b, depth + 1);
      return false;
    };
    const used = file.calls.some((it) => inside(it.at) && (touches(it.callee) || it.args.some((arg) => touches(arg))));
    const returned = file.functions[view.call.fn]!.returns.some((it) => it.k === "ref" && it.b === b);
    // Read before the branch: nothing is left.
    const readBefore = file.calls.some(
      (it) =>
        it.at[0] > view.call.at[1] &&
        it.at[1] <= branch.at[0] &&
        (touches(it.callee) || it.args.some((arg) => touches(arg))),
    );
    if (!used && !readBefore && !returned) return { at: branch.thenAt };
  }
  return undefined;
}

/** `!response.ok`, `response.status !== 200`. */
function asksStatus(test: Value, b: number, depth = 0): boolean {
  if (depth > 4) return false;
  if (test.k === "op") return test.args.some((it) => asksStatus(it, b, depth + 1));
  return test.k === "get" && (test.name === "ok" || test.name === "status") && test.of.k === "ref" && test.of.b === b;
}

function runsForUsers(view: CallView, context: RuleContext): boolean {
  const { kinds } = context.reach({ file: view.file, f: view.call.fn }, view.call.at);
  return kinds.has("endpoint") || kinds.has("consumer") || kinds.has("page") || kinds.has("job");
}

function cancel(file: FileSummary, b: number, leaving: { at: readonly [number, number] }, context: RuleContext): Fix[] {
  const text = context.text(file.path);
  const name = file.bindings[b]!.name;
  if (text === undefined || text[leaving.at[0]] !== "{" || !file.functions[file.bindings[b]!.fn]!.async) return [];
  const indent = /\n([ \t]*)\S/.exec(text.slice(leaving.at[0]))?.[1] ?? "  ";
  return [
    {
      title: { en: "Application: let the connection go", ja: "アプリケーション: 接続を解放する" },
      layer: "application",
      safety: "safe",
      edits: [
        {
          path: file.path,
          at: [leaving.at[0] + 1, leaving.at[0] + 1],
          text: `\n${indent}await ${name}.body?.cancel();`,
        },
      ],
      explain: {
        en: "Frees the memory and closes the connection. Reading the text instead keeps the connection for the next request.",
        ja: "メモリを解放し接続を閉じます。代わりに本文を読めば、接続を次のリクエストで再利用できます。",
      },
    },
  ];
}
