import {
  defineRule,
  type Edit,
  type FileSummary,
  type Fix,
  type FunctionSummary,
  isSample,
  type Origin,
  type RuleContext,
} from "../../engine/index.ts";
import { isCommandFile } from "../_shared/command-files.ts";
import { derived } from "../_shared/derived.ts";
import { isMutedElsewhere } from "../_shared/muted.ts";
import { isProcess, outlivesRejections } from "../_shared/process-listeners.ts";
import { canReject } from "../_shared/rejections.ts";

export default defineRule({
  id: "floating-promise",
  group: "process",
  title: { en: "Started and forgotten", ja: "待たれていない非同期処理" },
  severity: "warning",
  status: "stable",
  since: "0.1.0",
  scope: "anywhere",
  burns: ["availability", "correctness"],
  messages: {
    lost: {
      what: {
        en: "{callee} is async and nothing waits for it: when it fails, the rejection is unhandled, and since Node 15 that ends the process.",
        ja: "{callee} は非同期関数ですが、結果を待つ処理がありません。失敗すると未処理の reject となり、Node 15 以降ではプロセスが終了します。",
      },
      help: {
        en: "Await it. If it may run on by itself, catch its error and say so with `void`.",
        ja: "await してください。意図的に並行させる場合は、エラーを catch し `void` を付けて明示してください。",
      },
    },
    lostKept: {
      what: {
        en: "{callee} is async and nothing waits for it: when it fails, its caller goes on as if it had worked, and only the process' handler for unhandled rejections hears of it.",
        ja: "{callee} は非同期関数ですが、結果を待つ処理がありません。失敗しても呼び出し元は成功したものとして進み、エラーはプロセス全体の unhandledRejection ハンドラーにしか伝わりません。",
      },
      help: {
        en: "Await it. If it may run on by itself, catch its error here and say so with `void`.",
        ja: "await してください。意図的に並行させる場合は、ここでエラーを catch し `void` を付けて明示してください。",
      },
    },
    call: {
      what: {
        en: "Nothing waits for this {client} call: when it fails, the rejection is unhandled, and since Node 15 that ends the process.",
        ja: "この {client} の呼び出しは待たれていません。失敗すると未処理の reject となり、Node 15 以降ではプロセスが終了します。",
      },
      help: {
        en: "Await it. If it may run on by itself, catch its error and say so with `void`.",
        ja: "await してください。意図的に並行させる場合は、エラーを catch し `void` を付けて明示してください。",
      },
    },
    callKept: {
      what: {
        en: "Nothing waits for this {client} call: when it fails, the code goes on as if it had worked, and only the process' handler for unhandled rejections hears of it.",
        ja: "この {client} の呼び出しは待たれていません。失敗しても成功したものとして処理が進み、エラーはプロセス全体の unhandledRejection ハンドラーにしか伝わりません。",
      },
      help: {
        en: "Await it. If it may run on by itself, catch its error here and say so with `void`.",
        ja: "await してください。意図的に並行させる場合は、ここでエラーを catch し `void` を付けて明示してください。",
      },
    },
    shared: {
      what: {
        en: "{callee} lets its errors out, and nothing waits for {count} calls of it: when it fails, the rejection is unhandled, and since Node 15 that ends the process.",
        ja: "{callee} はエラーを送出しますが、{count} か所の呼び出しでは待たれていません。失敗すると未処理の reject となり、Node 15 以降ではプロセスが終了します。",
      },
      help: {
        en: "If it is meant to run on by itself, catch and report here, once. Otherwise await it where it is called.",
        ja: "意図的に並行させる関数であれば、ここで一度だけ catch して報告してください。そうでなければ呼び出し側で await してください。",
      },
    },
    sharedKept: {
      what: {
        en: "{callee} lets its errors out, and nothing waits for {count} calls of it: when it fails, only the process' handler for unhandled rejections hears of it.",
        ja: "{callee} はエラーを送出しますが、{count} か所の呼び出しでは待たれていません。失敗しても、エラーはプロセス全体の unhandledRejection ハンドラーにしか伝わりません。",
      },
      help: {
        en: "If it is meant to run on by itself, catch and report here, once. Otherwise await it where it is called.",
        ja: "意図的に並行させる関数であれば、ここで一度だけ catch して報告してください。そうでなければ呼び出し側で await してください。",
      },
    },
    commit: {
      what: {
        en: "Nothing waits for this commit: the answer says that it is done before the database does, and a commit that fails leaves nothing behind but that answer.",
        ja: "このコミットは待たれていません。データベースの応答より先に完了と返してしまい、コミットに失敗しても成功の応答だけが残ります。",
      },
      help: {
        en: "Await it, so that a failed commit fails the request.",
        ja: "await して、コミットの失敗がリクエストの失敗になるようにしてください。",
      },
    },
    check: {
      what: {
        en: "{callee} is an async check and nothing waits for it: the code goes on before the answer is known.",
        ja: "{callee} は非同期の検証ですが、結果を待たずに処理が先へ進みます。",
      },
      help: {
        en: "Await it: as it stands the check protects nothing.",
        ja: "await してください。このままでは検証として機能しません。",
      },
    },
  },
  *check(file, context) {
    const isKept = outlivesRejections(file.path, context);
    const all = context.everywhere(floatsIn);
    const shared = derived(all, sharedIn);
    for (const it of derived(all, byFile).get(file) ?? []) {
      const call = file.calls[it.c]!;
      // What is begun when the program starts may end it: it does not serve yet.
      const isMild = isKept || file.functions[call.fn]!.kind === "constructor";
      const { target } = it;
      if (target && shared.has(target.file.functions[target.f]!)) continue;
      const isChecked = target && isCheck(target);
      yield {
        at: file.calls[it.started]!.nameAt,
        message: it.isCommit ? "commit" : isChecked ? "check" : `${target ? "lost" : "call"}${isKept ? "Kept" : ""}`,
        data: target ? { callee: target.file.functions[target.f]!.name } : { client: it.client! },
        ...(isMild && !isChecked && !it.isCommit ? { severity: "information" as const } : {}),
        fixes: it.started === it.c ? fixes(file, call.fn, call.at[0]) : [],
      };
    }
    for (const [fn, calls] of shared) {
      const f = file.functions.indexOf(fn);
      if (f < 0) continue;
      const first = calls[0]!;
      yield {
        at: fn.nameAt,
        message: isKept ? "sharedKept" : "shared",
        data: { callee: fn.name, count: calls.length },
        ...(isKept ? { severity: "information" as const } : {}),
        within: { file: first.file, f: first.file.calls[first.c]!.fn },
        covers: calls.map((it) => ({ path: it.file.path, at: it.file.calls[it.started]!.nameAt })),
        fixes: INSIDE,
      };
    }
  },
});

/** So many calls that all wait for nothing have one cause: the function, or what its author meant it for. */
const SHARED_FROM = 4;

interface Float {
  readonly file: FileSummary;
  /** The statement, and the call that its chain begins with. */
  readonly c: number;
  readonly started: number;
  /** A function of ours, or the library whose promise it is. */
  readonly target?: Origin & { k: "fn" };
  readonly client?: string;
  /** Of a transaction: what follows is told that it is written. */
  readonly isCommit?: boolean;
}

/** Statements that start something which may reject and that nothing waits for. */
function floatsIn(file: FileSummary, context: RuleContext): readonly Float[] | undefined {
  if (context.side(file) === "browser" || isCommandFile(file) || isSample(file.path)) return undefined;
  const found: Float[] = [];
  for (let c = 0; c < file.calls.length; c++) {
    const call = file.calls[c]!;
    if (call.use !== "discard" || call.kind !== "call" || isTopLevel(file, call.fn)) continue;
    const started = startOf(c, file);
    if (
      started === undefined ||
      ENDING.test(file.functions[call.fn]!.name) ||
      endsProcess(file, call.fn, context) ||
      isMutedElsewhere(file, call.at, TWIN, context)
    )
      continue;
    const target = asyncFunction(context.program.callee(file, started));
    if (target) {
      if (!isCalledBack(file, started) && canReject(target, context)) found.push({ file, c, started, target });
      continue;
    }
    const client = promisedBy(started, file, context);
    if (client !== undefined) found.push({ file, c, started, client: client.client, isCommit: client.isCommit });
  }
  return found.length > 0 ? found : undefined;
}

const byFile = (floats: readonly (readonly Float[])[]): ReadonlyMap<FileSummary, readonly Float[]> =>
  new Map(floats.map((it) => [it[0]!.file, it]));

/** By function, where there are so many of them. */
function sharedIn(floats: readonly (readonly Float[])[]): ReadonlyMap<FunctionSummary, readonly Float[]> {
  const all = new Map<FunctionSummary, Float[]>();
  for (const it of floats.flat()) {
    if (!it.target || isCheck(it.target)) continue;
    const fn = it.target.file.functions[it.target.f]!;
    const known = all.get(fn);
    if (known) known.push(it);
    else all.set(fn, [it]);
  }
  return new Map([...all].filter(([, calls]) => calls.length >= SHARED_FROM));
}

/** `load(key, next)`: of both forms the one with a callback, which is told of the error. */
function isCalledBack(file: FileSummary, c: number): boolean {
  const last = file.calls[c]!.args.at(-1);
  // `(err) => …`
  if (last?.k === "fn") return /^(err|error|e)$/.test(file.functions[last.f]!.params[0]?.name ?? "");
  return last?.k === "ref" && /^(next|cb|callback|done)$/.test(file.bindings[last.b]!.name);
}

/** What runs when the process ends anyway. */
const ENDING = /(?:^|\.)(?:onModuleDestroy|onApplicationShutdown|beforeApplicationShutdown|shutdown|teardown)$/i;
/** A listener of the process itself, for a signal or its end. */
function endsProcess(file: FileSummary, f: number, { program }: RuleContext): boolean {
  const handed = program.context(file, f);
  if (handed?.kind !== "argument") return false;
  const { callee, args } = file.calls[handed.c]!;
  if (callee.k !== "get" || !/^(on|once|addListener)$/.test(callee.name) || !isProcess(callee.of, file)) return false;
  const [event] = args;
  return event?.k !== "lit" || /^(SIG[A-Z0-9]+|exit|beforeExit|disconnect)$/.test(String(event.v));
}

const TWIN = /no-?floating-?promises/i;

/** The call that a statement's chain of `.then(…)` and `.finally(…)` began with; undefined where the chain catches. */
function startOf(c: number, file: FileSummary): number | undefined {
  let at = c;
  for (let i = 0; i < 12; i++) {
    const { callee, args } = file.calls[at]!;
    if (callee.k !== "get") return at;
    if (callee.name === "catch" || (callee.name === "then" && args.length > 1)) return undefined;
    if ((callee.name !== "then" && callee.name !== "finally") || callee.of.k !== "call") return at;
    at = callee.of.c;
  }
  return undefined;
}

interface Promised {
  readonly client: string;
  readonly isCommit: boolean;
}

/** The library whose promise a call gives: of what goes over a wire as soon as it is called. */
function promisedBy(c: number, file: FileSummary, context: RuleContext): Promised | undefined {
  // A callback as the last argument is told of the error instead.
  if (file.calls[c]!.args.at(-1)?.k === "fn") return undefined;
  for (const it of context.program.meanings({ file, c })) {
    const { client } = it;
    if (it.kind === "other" && it.what === "commit") return { client, isCommit: true };
    if (it.kind === "job") return { client, isCommit: false };
    if (it.kind === "request" && (it.promise ?? "yes") === "yes" && !it.stream) return { client, isCommit: false };
    if (it.kind === "query" && !it.lazy && (it.promise ?? "yes") === "yes") return { client, isCommit: false };
  }
  return undefined;
}

/** `checkForUpdates` asks somebody; what throws is what protects. */
function isCheck({ file, f }: Origin & { k: "fn" }): boolean {
  const name = file.functions[f]!.name.split(".").at(-1)!;
  return (
    /^(assert|ensure|validate|authorize|require|guard)/i.test(name) ||
    (/^(verify|check)/i.test(name) && file.throws.some((it) => it.fn === f))
  );
}

/** The one project function a call enters, if it is async. */
function asyncFunction(callee: Origin): (Origin & { k: "fn" }) | undefined {
  if (callee.k !== "fn") return undefined;
  const fn = callee.file.functions[callee.f]!;
  return fn.async && !fn.generator ? callee : undefined;
}

/** `main();` at the end of a script: a rejection there ends a process that has not begun. */
function isTopLevel(file: FileSummary, f: number): boolean {
  return file.functions[f]!.kind === "module";
}

const INSIDE: readonly Fix[] = [
  {
    title: { en: "Application: catch inside and report", ja: "アプリケーション: 内側で catch して報告する" },
    layer: "application",
    safety: "scaffold",
    edits: [],
    explain: {
      en: "Wrap the body in `try` and `catch`, with the logger at hand, and write `void` where it is called.",
      ja: "本体を try/catch で囲んでログに記録し、呼び出し側には `void` を付けます。",
    },
  },
];

function fixes(file: FileSummary, f: number, at: number): Fix[] {
  if (!file.functions[f]!.async) return [];
  const edit: Edit = { path: file.path, at: [at, at], text: "await " };
  return [
    {
      title: { en: "Application: wait for it", ja: "アプリケーション: 完了を待つ" },
      layer: "application",
      safety: "choose",
      edits: [edit],
      explain: {
        en: "The caller then takes as long as this does, and fails when this fails.",
        ja: "呼び出し元はこの処理の分だけ長くなり、失敗した場合は呼び出し元も失敗します。",
      },
    },
  ];
}
