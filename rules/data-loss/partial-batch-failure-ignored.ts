import {
  type BatchAnswer,
  type CallView,
  defineRule,
  type FileSummary,
  type Fix,
  pathKind,
  type Report,
  type RuleContext,
  type Value,
} from "../../engine/index.ts";
import { type AnswerUse, answerUse, indentAt, textAround } from "../_shared/answer-use.ts";
import { canReject } from "../_shared/rejections.ts";

export default defineRule({
  id: "partial-batch-failure-ignored",
  group: "data-loss",
  title: { en: "Failures inside of a batch that nobody reads", ja: "読まれていないバッチの部分失敗" },
  severity: "warning",
  status: "preview",
  since: "0.1.0",
  scope: "anywhere",
  burns: ["durability", "correctness"],
  messages: {
    batch: {
      what: {
        en: "{operation} succeeds even when some of its items failed; `{failed}` says which, and nothing reads it: those items are lost without an error.",
        ja: "{operation} は一部の項目が失敗しても成功として返ります。失敗した項目は `{failed}` に入りますが読まれていないため、エラーにならずに失われます。",
      },
      help: {
        en: "Read `{failed}` and send those items again, a bounded number of times and with a growing pause; then give up loudly.",
        ja: "`{failed}` を確認し、失敗した項目だけを間隔を空けながら回数を区切って再送し、それでも残ればエラーにしてください。",
      },
    },
    settled: {
      what: {
        en: "`Promise.allSettled` never rejects, and nothing reads its results: whatever fails here fails in silence.",
        ja: "`Promise.allSettled` は reject しません。結果も読まれていないため、ここでの失敗は誰にも気付かれません。",
      },
      help: {
        en: "Look for `rejected` in the results and log, count or throw; with `Promise.all` the first failure reaches the caller.",
        ja: "結果から `rejected` を探し、ログやメトリクスに残すか例外にしてください。`Promise.all` なら最初の失敗が呼び出し元に届きます。",
      },
    },
    records: {
      what: {
        en: "The error of a record is kept inside of the loop and no `batchItemFailures` is returned: the queue takes the record as done and deletes it.",
        ja: "レコードごとのエラーをループ内で握りつぶし、`batchItemFailures` も返していません。キューは処理済みとみなしてメッセージを削除します。",
      },
      help: {
        en: "Return `{ batchItemFailures: [{ itemIdentifier: record.messageId }] }` and switch `ReportBatchItemFailures` on for the event source.",
        ja: "`{ batchItemFailures: [{ itemIdentifier: record.messageId }] }` を返し、イベントソースで `ReportBatchItemFailures` を有効にしてください。",
      },
    },
  },
  *check(file, context) {
    if (context.side(file) === "browser") return;
    for (const { view, meaning } of context.meant(file)) {
      if (meaning.kind !== "request" || !meaning.batch) continue;
      const use = answerUse(view, context);
      if (!use || !isIgnored(use, meaning.batch.failed)) continue;
      // Named anywhere in this function: somebody has thought of it.
      if (new RegExp(`\\b${meaning.batch.failed}\\b`).test(textAround(file, view.call.fn, context))) continue;
      yield {
        at: view.call.nameAt,
        message: "batch",
        data: { operation: meaning.batch.operation, failed: meaning.batch.failed },
        fixes: batchFixes(view, use, meaning.batch, context),
      };
    }
    yield* settledUnread(file, context);
    yield* recordsSwallowed(file, context);
  },
});

function isIgnored(use: AnswerUse, failed: string): boolean {
  if (use.is === "dropped") return true;
  const names = use.is === "named" ? use.reads.map((it) => it.path.split(".")[0]) : use.names.map((it) => it.member);
  return !names.includes(failed);
}

function batchFixes(view: CallView, use: AnswerUse, batch: BatchAnswer, context: RuleContext): Fix[] {
  const text = context.text(view.file.path);
  const explain = {
    en: "The caller hears of it and can try again. To send only what failed again, loop over it with a growing pause.",
    ja: "呼び出し元が失敗に気付き、再試行できるようになります。失敗した分だけを再送する場合は、間隔を空けながらループしてください。",
  };
  const fix = (edits: Fix["edits"]): Fix => ({
    title: { en: "Application: fail when an item failed", ja: "アプリケーション: 一部の失敗をエラーにする" },
    layer: "application",
    safety: "choose",
    edits,
    explain,
  });
  if (text === undefined || use.is !== "dropped" || !use.awaited) return [fix([])];
  const { failed } = batch;
  const test = {
    list: `${failed}?.length`,
    object: `${failed} && Object.keys(${failed}).length > 0`,
    count: failed,
    flag: failed,
  }[batch.holds];
  const indent = indentAt(text, use.statement[0]);
  const path = view.file.path;
  const [start, end] = use.statement;
  return [
    fix([
      { path, at: [start, start], text: `const { ${failed} } = ` },
      {
        path,
        at: [end, end],
        text: `${text[end - 1] === ";" ? "" : ";"}\n${indent}if (${test}) throw new Error("part of the batch failed", { cause: ${failed} });`,
      },
    ]),
  ];
}

/** `await Promise.allSettled(…);` over work that can fail and does not catch its own errors. */
function* settledUnread(file: FileSummary, context: RuleContext): Iterable<Report> {
  if (pathKind(file.path) !== undefined) return;
  for (let c = 0; c < file.calls.length; c++) {
    const { callee, args, fn, nameAt } = file.calls[c]!;
    if (callee.k !== "get" || callee.name !== "allSettled" || callee.of.k !== "global" || callee.of.name !== "Promise")
      continue;
    const view = context.program.view({ file, c });
    const use = answerUse(view, context);
    // Not waited for means not wanted (`void`), and what ends a process or a test cleans up.
    if (
      use?.is !== "dropped" ||
      !use.awaited ||
      /clos|shutdown|stop|dispos|destroy|teardown|clean/i.test(nameOf(file, fn))
    )
      continue;
    if (!args[0] || !lets(args[0], file, context)) continue;
    const text = context.text(file.path)!;
    const indent = indentAt(text, use.statement[0]);
    const [start, end] = use.statement;
    const isFree = !/\bresults\b/.test(textAround(file, fn, context));
    yield {
      at: nameAt,
      message: "settled",
      severity: "information",
      fixes: [
        {
          title: { en: "Application: log what failed", ja: "アプリケーション: 失敗をログに残す" },
          layer: "application",
          safety: "safe",
          edits: isFree
            ? [
                { path: file.path, at: [start, start], text: "const results = " },
                {
                  path: file.path,
                  at: [end, end],
                  text: `${text[end - 1] === ";" ? "" : ";"}\n${indent}for (const it of results) if (it.status === "rejected") console.error(it.reason);`,
                },
              ]
            : [],
          explain: {
            en: "The rest goes on as before, and a failure can be seen.",
            ja: "他の処理はこれまで通り続き、失敗が見えるようになります。",
          },
        },
      ],
    };
  }
}

const nameOf = (file: FileSummary, f: number): string => file.functions[f]!.name;

/** Whether one of the promises in a list is known to be of work that lets an error out. */
function lets(list: Value, file: FileSummary, context: RuleContext): boolean {
  const inner = list.k === "ref" ? file.bindings[list.b]?.value : list;
  if (inner?.k === "arr") return inner.items.some((it) => it.k === "call" && callRejects(file, it.c, context));
  if (inner?.k !== "call") return false;
  const { callee, args } = file.calls[inner.c]!;
  if (callee.k !== "get" || (callee.name !== "map" && callee.name !== "flatMap") || args[0]?.k !== "fn") return false;
  const { f } = args[0];
  const own = file.calls.flatMap((it, c) =>
    it.fn === f &&
    (it.use === "await" || it.use === "return") &&
    it.try === undefined &&
    it.catch === undefined &&
    !handles(it.callee)
      ? [c]
      : [],
  );
  const fn = file.functions[f]!;
  if (!fn.async)
    return fn.returns.some(
      (it) => it.k === "call" && !handles(file.calls[it.c]!.callee) && callRejects(file, it.c, context),
    );
  return canReject({ file, f }, context) && own.some((c) => callRejects(file, c, context));
}

const handles = (callee: Value): boolean => callee.k === "get" && callee.name === "catch";

/** The call enters a project function that lets errors out, or is one of a library's that goes over a wire. */
function callRejects(file: FileSummary, c: number, context: RuleContext, depth = 0): boolean {
  if (context.program.meanings({ file, c }).some((it) => it.kind === "request" || it.kind === "query")) return true;
  const callee = context.program.callee(file, c);
  if (callee.k !== "fn" || !callee.file.functions[callee.f]!.async || !canReject(callee, context)) return false;
  if (depth >= 2) return true;
  const inside = callee.file.calls.flatMap((it, i) =>
    it.fn === callee.f && (it.use === "await" || it.use === "return") && it.try === undefined ? [i] : [],
  );
  // A body that only hands on to one other is as good as that one.
  return inside.length === 1 ? callRejects(callee.file, inside[0]!, context, depth + 1) : true;
}

/** A function over the records of a queue's event that catches one by one and reports none. */
function* recordsSwallowed(file: FileSummary, context: RuleContext): Iterable<Report> {
  for (const tried of file.tries) {
    const { handler } = tried;
    if (!handler || handler.throws || handler.returns.length > 0) continue;
    const loop = file.loops.find(
      (it) => it.fn === tried.fn && it.bodyAt[0] <= tried.at[0] && tried.at[1] <= it.bodyAt[1],
    );
    const over = loop?.over;
    if (over?.k !== "get" || over.name !== "Records" || over.of.k !== "ref") continue;
    const event = file.bindings[over.of.b];
    if (event?.kind !== "param" || event.type?.t !== "name" || event.type.name !== "SQSEvent") continue;
    const around = textAround(file, tried.fn, context);
    if (/batchItemFailures|BatchProcessor|processPartialResponse/.test(around)) continue;
    // Collected, or sent on to be looked at later: not lost.
    const text = context.text(file.path) ?? "";
    if (
      /\.push\(|send|publish|enqueue|throw|fail/i.test(
        text.slice(handler.at[0], handler.at[1]).replace(/console\.\w+\([^;]*\)/g, ""),
      )
    )
      continue;
    yield {
      at: [handler.at[0], handler.at[0] + "catch".length],
      message: "records",
      fixes: [
        {
          title: {
            en: "Application: report the records that failed",
            ja: "アプリケーション: 失敗したレコードを報告する",
          },
          layer: "application",
          safety: "scaffold",
          edits: [],
          explain: {
            en: "Collect the ids of the failed records and return them as `batchItemFailures`; only those are delivered again.",
            ja: "失敗したレコードの ID を集めて `batchItemFailures` として返すと、その分だけが再配信されます。",
          },
        },
      ],
    };
  }
}
