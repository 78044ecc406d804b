import {
  defineRule,
  type FileSummary,
  type Fix,
  type Meaning,
  type QueryMeaning,
  type RequestMeaning,
  type Value,
} from "../../engine/index.ts";
import { callsWithin } from "../_shared/calls.ts";
import { sizeOf, writtenName } from "../_shared/collections.ts";
import { effectOf } from "../_shared/effects.ts";

const isQuery = (it: Meaning): it is QueryMeaning => it.kind === "query" && !it.batched && it.action !== "transaction";
const isTrip = (it: Meaning): it is RequestMeaning => it.kind === "request" && !it.stream;

export default defineRule({
  id: "unbounded-concurrency",
  group: "concurrency",
  title: { en: "As many requests at once as there are elements", ja: "要素の数だけ同時に送られるリクエスト" },
  severity: "warning",
  status: "stable",
  since: "0.1.0",
  scope: "served",
  burns: ["availability", "latency"],
  messages: {
    all: {
      what: {
        en: "Sends one {client} request for each element of `{over}`, all at once: a long list is a burst on the other side and on this process.",
        ja: "`{over}` の要素ごとに {client} のリクエストを一斉に送信します。要素が多いと、相手にもこのプロセスにも負荷が集中します。",
      },
      help: {
        en: "Bound how many run at once, or use an endpoint that takes many.",
        ja: "同時実行数を制限するか、まとめて受け付けるエンドポイントを使ってください。",
      },
    },
  },
  *check(file, context) {
    if (context.side(file) === "browser") return;
    for (let c = 0; c < file.calls.length; c++) {
      const call = file.calls[c]!;
      if (
        call.callee.k !== "get" ||
        !/^(all|allSettled)$/.test(call.callee.name) ||
        call.callee.of.k !== "global" ||
        call.callee.of.name !== "Promise"
      )
        continue;
      const mapped = mapCall(call.args[0], file);
      if (!mapped) continue;
      const size = sizeOf({ value: mapped.over, file }, context);
      if (size === "small" || size === "few") continue;
      const trip = firstTrip(file, mapped.f, (at) => effectOf(at, context, isTrip)?.meaning);
      // With a query per element as well, `query-in-loop` speaks for both.
      if (!trip || firstTrip(file, mapped.f, (at) => effectOf(at, context, isQuery)?.meaning)) continue;
      const { kinds } = context.reach({ file, f: call.fn }, call.at);
      if (![...kinds].some((it) => it === "endpoint" || it === "consumer" || it === "page" || it === "job")) continue;
      yield {
        at: call.nameAt,
        message: "all",
        ...(size === "data" ? {} : { severity: "information" as const }),
        data: { client: trip.client, over: writtenName(mapped.over, file) },
        fixes: FIXES,
      };
    }
  },
});

/** `xs.map(async (x) => …)`, directly or under a name. */
function mapCall(value: Value | undefined, file: FileSummary): { over: Value; f: number } | undefined {
  const inner = value?.k === "ref" ? file.bindings[value.b]?.value : value;
  if (inner?.k !== "call") return undefined;
  const { callee, args } = file.calls[inner.c]!;
  return callee.k === "get" && (callee.name === "map" || callee.name === "flatMap") && args[0]?.k === "fn"
    ? { over: callee.of, f: args[0].f }
    : undefined;
}

function firstTrip<M extends Meaning>(
  file: FileSummary,
  f: number,
  of: (at: { file: FileSummary; c: number }) => M | undefined,
): M | undefined {
  // A limiter around the work: `limit(() => …)`.
  const within = callsWithin(file, f);
  const isLimiter = ({ callee }: FileSummary["calls"][number]): boolean =>
    callee.k === "ref" && /limit|queue|pool|throttle|semaphore/i.test(file.bindings[callee.b]?.name ?? "");
  if (within.some((c) => isLimiter(file.calls[c]!))) return undefined;
  for (const c of within) {
    const found = of({ file, c });
    if (found) return found;
  }
  return undefined;
}

const FIXES: readonly Fix[] = [
  {
    title: { en: "Application: at most ten at once", ja: "アプリケーション: 同時に最大 10 件" },
    layer: "application",
    safety: "scaffold",
    edits: [],
    explain: {
      en: "`p-limit`, `p-map` with `concurrency`, or a loop over chunks; half of the connection pool is a good start.",
      ja: "`p-limit`、`concurrency` 付きの `p-map`、またはチャンクごとのループを使います。接続プールの半分程度から始めるとよいでしょう。",
    },
  },
  {
    title: { en: "Product: do it in the background", ja: "プロダクト: バックグラウンドで実行する" },
    layer: "product",
    safety: "choose",
    edits: [],
    explain: { en: "Nobody waits for a hundred mails to be sent.", ja: "百通のメール送信を待つ人はいません。" },
  },
  {
    title: { en: "Infrastructure: a queue with bounded workers", ja: "インフラ: 同時実行数を制限したキュー" },
    layer: "infrastructure",
    safety: "choose",
    edits: [],
    explain: {
      en: "A queue smooths the burst and tries again.",
      ja: "キューであれば負荷を平準化し、再試行もできます。",
    },
  },
];
