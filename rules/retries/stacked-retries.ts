import {
  defineRule,
  type FileSummary,
  type Fix,
  type Placed,
  type RequestMeaning,
  type RuleContext,
  type Scoped,
} from "../../engine/index.ts";
import { callsWithin } from "../_shared/calls.ts";
import { effectOf } from "../_shared/effects.ts";
import { optionEdit } from "../_shared/option-edit.ts";
import { retryLoops, triedFor } from "../_shared/retry-loops.ts";

export default defineRule({
  id: "stacked-retries",
  group: "retries",
  title: { en: "Retries inside of retries", ja: "再試行の中の再試行" },
  severity: "warning",
  status: "stable",
  since: "0.2.0",
  scope: "served",
  burns: ["availability", "latency"],
  messages: {
    times: {
      what: {
        en: "{outer} tries {outerTimes} times what {inner} already tries {innerTimes} times: {product} requests while the other side is down{worst}.",
        ja: "{inner} がすでに {innerTimes} 回試行する処理を、{outer} がさらに {outerTimes} 回試行します。相手の障害中は {product} 回のリクエストになります{worst}。",
      },
      help: {
        en: "Try again at one layer only: the inner one knows which errors are worth it, so switch off one of the two.",
        ja: "再試行は 1 つの層だけで行ってください。どちらか一方を無効にします。",
      },
    },
    slo: {
      what: {
        en: "{outer} tries {outerTimes} times what {inner} already tries {innerTimes} times: {product} requests while the other side is down{worst}. {from} is {objective} ms.",
        ja: "{inner} がすでに {innerTimes} 回試行する処理を、{outer} がさらに {outerTimes} 回試行します。相手の障害中は {product} 回のリクエストになります{worst}。{from} は {objective} ミリ秒です。",
      },
      help: {
        en: "Try again at one layer only, and within what the endpoint promises.",
        ja: "再試行は 1 つの層だけで、エンドポイントの目標に収まる範囲で行ってください。",
      },
    },
  },
  *check(file, context) {
    if (context.side(file) === "browser") return;
    for (const { view, meaning } of context.meant(file)) {
      if (meaning.kind !== "retry" || !meaning.work || meaning.attempts === undefined) continue;
      const inner = innerOf(meaning.work, context);
      if (inner) yield report(file, view.call.nameAt, view.call.fn, meaning.client, meaning.attempts, inner, context);
    }
    for (const it of retryLoops(file, context)) {
      if (it.attempts === undefined || !Number.isFinite(it.attempts)) continue;
      const inner = triedFor(it, context, isTriedAgain);
      if (inner)
        yield report(
          file,
          file.calls[inner.at.c]!.nameAt,
          it.loop.fn,
          "loop",
          it.attempts,
          inner.effect.meaning,
          context,
        );
    }
  },
});

type Tried = RequestMeaning & { readonly attempts: number };

const isTriedAgain = (it: { readonly kind: string }): it is Tried =>
  it.kind === "request" && ((it as RequestMeaning).attempts ?? 1) > 1;

/** The first request in the work given that is tried again by its own client. */
function innerOf(work: Scoped, context: RuleContext): Tried | undefined {
  const found = context.program.at(work);
  if (found.k !== "fn") return undefined;
  const { file, f } = found;
  for (const c of callsWithin(file, f)) {
    const call = file.calls[c]!;
    if (call.use !== "await" && call.use !== "return" && call.use !== "init") continue;
    const at: Placed = { file, c };
    const inner = effectOf(at, context, isTriedAgain)?.meaning;
    if (inner) return inner;
  }
  return undefined;
}

function report(
  file: FileSummary,
  at: readonly [number, number],
  fn: number,
  outer: string,
  outerTimes: number,
  inner: Tried,
  context: RuleContext,
) {
  const product = outerTimes * inner.attempts;
  const ms = inner.limit.ms;
  const objective = context.latencyObjectiveMs({ file, f: fn });
  const worst = ms === undefined ? undefined : product * ms;
  const isOver = objective !== undefined && worst !== undefined && worst > objective.ms;
  return {
    at,
    message: isOver ? "slo" : "times",
    data: {
      outer,
      outerTimes,
      inner: inner.client,
      innerTimes: inner.attempts,
      product,
      worst: worst === undefined ? "" : ` (≤ ${Math.round(worst / 1_000).toLocaleString("en")} s)`,
      ...(isOver ? { from: objective.from, objective: objective.ms } : {}),
    },
    fixes: fixesFor(inner, context),
  };
}

function fixesFor(inner: Tried, context: RuleContext): Fix[] {
  const edit = inner.once
    ? optionEdit(inner.once.site, inner.once.option, context.text(inner.once.site.path))
    : undefined;
  return [
    {
      title: {
        en: `Application: let ${inner.client} try once`,
        ja: `アプリケーション: ${inner.client} 側の再試行を無効にする`,
      },
      layer: "application",
      safety: edit ? "safe" : "scaffold",
      edits: edit ? [edit] : [],
      explain: {
        en: "The outer tries stay. Or take the outer ones away: the client's own honour `Retry-After` and know which errors may be tried again.",
        ja: "外側の再試行が残ります。逆に外側を外す方法もあります。クライアント側の再試行は `Retry-After` に従い、再試行できるエラーを判別します。",
      },
    },
    {
      title: { en: "Infrastructure: a budget of retries", ja: "インフラ: 再試行の予算を設ける" },
      layer: "infrastructure",
      safety: "choose",
      edits: [],
      explain: {
        en: "A mesh or gateway that tries again as well multiplies once more: count it in, and limit retries to a share of all requests.",
        ja: "メッシュやゲートウェイも再試行する場合は、さらに掛け算になります。再試行を全リクエストの一定割合に制限してください。",
      },
    },
  ];
}
