import {
  defineRule,
  type FileSummary,
  type Fix,
  type Meaning,
  type Placed,
  type PlacedFunction,
  type QueryMeaning,
  type Report,
  type RequestMeaning,
  type RuleContext,
  type Value,
} from "../../engine/index.ts";
import { callsWithin } from "../_shared/calls.ts";
import { sizeOf, writtenName } from "../_shared/collections.ts";
import { effectOf } from "../_shared/effects.ts";
import { isLimitedInNumber } from "../_shared/limiters.ts";
import { optionEdit } from "../_shared/option-edit.ts";

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
    yield* byLibraries(file, context);
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
      const trip = firstTrip({ file, f: mapped.f }, context, isTrip);
      // With a query per element as well, `query-in-loop` speaks for both.
      if (!trip || firstTrip({ file, f: mapped.f }, context, isQuery)) continue;
      if (!isForUsers({ file, c }, context)) continue;
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

/** `pMap(users, send)` without its `concurrency`. */
function* byLibraries(file: FileSummary, context: RuleContext): Iterable<Report> {
  for (const { view, meaning } of context.meant(file)) {
    if (meaning.kind !== "limiter" || meaning.atOnce !== "no" || !meaning.over || !meaning.work) continue;
    const size = sizeOf(meaning.over, context);
    if (size === "small" || size === "few") continue;
    const work = context.program.at(meaning.work);
    if (work.k !== "fn") continue;
    const trip = firstTrip(work, context, isTrip);
    if (!trip || !isForUsers(view, context)) continue;
    const edit =
      meaning.site && meaning.option
        ? optionEdit(meaning.site, meaning.option, context.text(meaning.site.path))
        : undefined;
    yield {
      at: view.call.nameAt,
      message: "all",
      ...(size === "data" ? {} : { severity: "information" as const }),
      data: { client: trip.client, over: writtenName(meaning.over.value, meaning.over.file) },
      fixes: edit ? [{ ...FIXES[0]!, safety: "choose", edits: [edit] }, ...FIXES.slice(1)] : FIXES,
    };
  }
}

function isForUsers({ file, c }: Placed, context: RuleContext): boolean {
  const call = file.calls[c]!;
  const { kinds } = context.reach({ file, f: call.fn }, call.at);
  return [...kinds].some((it) => it === "endpoint" || it === "consumer" || it === "page" || it === "job");
}

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
  { file, f }: PlacedFunction,
  context: RuleContext,
  wanted: (it: Meaning) => it is M,
): M | undefined {
  const within = callsWithin(file, f);
  if (within.some((c) => letsThrough({ file, c }, context))) return undefined;
  const isFree = (at: Placed): boolean => !isLimitedInNumber(at, context);
  for (const c of within) {
    if (!isFree({ file, c })) continue;
    const found = effectOf({ file, c }, context, wanted, 0, isFree)?.meaning;
    if (found) return found;
  }
  return undefined;
}

/** A limiter of ours by its name (`limit(() => …)`), or a library's that is waited for (`await semaphore.acquire()`). */
function letsThrough(at: Placed, context: RuleContext): boolean {
  const known = context.program.meanings(at).filter((it) => it.kind === "limiter");
  if (known.length > 0) return known.some((it) => it.atOnce !== undefined && it.atOnce !== "no" && !it.work);
  const { callee } = at.file.calls[at.c]!;
  return callee.k === "ref" && /limit|queue|pool|throttle|semaphore/i.test(at.file.bindings[callee.b]?.name ?? "");
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
