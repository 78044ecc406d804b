import { defineRule, type Fix, type Meaning, pathKind, type RequestMeaning } from "../../engine/index.ts";
import { effectOf } from "../_shared/effects.ts";
import { callsInside, transactionBlocks } from "../_shared/transactions.ts";

const isRequest = (it: Meaning): it is RequestMeaning => it.kind === "request";

export default defineRule({
  id: "io-in-transaction",
  group: "database",
  title: { en: "Outbound request inside a transaction", ja: "トランザクション内の外部リクエスト" },
  severity: "warning",
  status: "stable",
  since: "0.1.0",
  scope: "anywhere",
  burns: ["availability", "latency"],
  messages: {
    request: {
      what: {
        en: "Waits for {client}{through} while the transaction holds its connection and its locks.",
        ja: "トランザクションが接続とロックを保持したまま、{client}{through} の応答を待っています。",
      },
      help: {
        en: "Do it before or after. What must happen with the commit goes into an outbox table that a job empties.",
        ja: "トランザクションの前後で実行してください。コミットと同時に必要な処理は、アウトボックステーブルに書き込みジョブで処理します。",
      },
    },
  },
  *check(file, context) {
    if (/(^|\/)(tests?|__tests__|e2e)(\/|$)|[.-](test|spec)\./.test(file.path)) return;
    const seen = new Set<number>();
    for (const block of transactionBlocks(file, context)) {
      for (const placed of callsInside(file, block)) {
        const call = file.calls[placed.c]!;
        if (seen.has(placed.c)) continue;
        if (call.use !== "await" && call.use !== "return" && call.use !== "init") continue;
        const found = effectOf(placed, context, isRequest);
        if (!found) continue;
        seen.add(placed.c);
        yield {
          at: call.nameAt,
          message: "request",
          // Somebody runs it by hand and watches.
          ...(pathKind(file.path) === "script" ? { severity: "information" as const } : {}),
          data: { client: found.meaning.client, through: found.through ? ` (${found.through})` : "" },
          fixes: FIXES,
        };
      }
    }
  },
});

const FIXES: readonly Fix[] = [
  {
    title: {
      en: "Application: move it out, or into an outbox",
      ja: "アプリケーション: 外に出す、またはアウトボックスにする",
    },
    layer: "application",
    safety: "scaffold",
    edits: [],
    explain: {
      en: "Write what is to be sent as a row in the same transaction; a job sends it, and tries again.",
      ja: "送る内容を同じトランザクションで行として書き込み、ジョブが送信と再試行を行います。",
    },
  },
  {
    title: { en: "Infrastructure: end idle transactions", ja: "インフラ: アイドルなトランザクションを打ち切る" },
    layer: "infrastructure",
    safety: "choose",
    edits: [],
    explain: {
      en: "`idle_in_transaction_session_timeout` on the role frees what waits too long.",
      ja: "ロールに `idle_in_transaction_session_timeout` を設定すると、待ちすぎたものが解放されます。",
    },
  },
];
