import {
  defineRule,
  type Edit,
  type FileSummary,
  type Fix,
  type Origin,
  type RuleContext,
} from "../../engine/index.ts";
import { canReject } from "../_shared/effects.ts";

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
    for (let c = 0; c < file.calls.length; c++) {
      const call = file.calls[c]!;
      if (call.use !== "discard" || call.kind !== "call") continue;
      const callee = context.program.callee(file, c);
      const target = asyncFunction(callee);
      if (!target || !canReject(target)) continue;
      const fn = target.file.functions[target.f]!;
      if (!isOnServer(file, context) || isTopLevel(file, call.fn)) continue;
      const name = fn.name.split(".").at(-1)!;
      // `checkForUpdates` asks somebody; what throws is what protects.
      const isCheck =
        /^(assert|ensure|validate|authorize|require|guard)/i.test(name) ||
        (/^(verify|check)/i.test(name) && target.file.throws.some((it) => it.fn === target.f));
      yield {
        at: call.nameAt,
        message: isCheck ? "check" : "lost",
        data: { callee: fn.name },
        fixes: fixes(file, call.fn, call.at[0]),
      };
    }
  },
});

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

function isOnServer(file: FileSummary, context: RuleContext): boolean {
  return (
    context.side(file) !== "browser" &&
    !/(^|\/)(tests?|__tests__|e2e|scripts?|cypress)(\/|$)|[.-](test|spec)\.[cm]?[jt]sx?$/.test(file.path)
  );
}

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
