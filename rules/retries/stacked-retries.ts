import {
  defineRule,
  type FileSummary,
  type Fix,
  type PlacedFunction,
  pathKind,
  type Report,
  type RuleContext,
} from "../../engine/index.ts";
import { callsWithin } from "../_shared/calls.ts";
import { all, derived } from "../_shared/derived.ts";
import { optionEdit } from "../_shared/option-edit.ts";
import { retryLoops } from "../_shared/retry-loops.ts";
import { type Tries, triesAt, triesOfWork } from "../_shared/tries.ts";

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
    if (context.side(file) === "browser" || pathKind(file.path) !== undefined) return;
    for (const { view, meaning } of context.meant(file)) {
      if (meaning.kind !== "retry" || !meaning.work || meaning.attempts === undefined) continue;
      const inner = triesOfWork(meaning.work, context);
      if (inner) yield report(file, view.call.nameAt, view.call.fn, meaning.client, meaning.attempts, inner, context);
    }
    for (const it of retryLoops(file, context)) {
      if (it.attempts === undefined || !Number.isFinite(it.attempts) || it.attempts <= 1) continue;
      for (const at of it.tried) {
        const inner = triesAt(at, context);
        if (!inner) continue;
        yield report(file, file.calls[at.c]!.nameAt, it.loop.fn, `\`${it.loop.kind}\``, it.attempts, inner, context);
        break;
      }
    }
    yield* inJobs(file, context);
  },
});

interface TriedJob {
  readonly client: string;
  readonly attempts: number;
  readonly handler: PlacedFunction;
}

/** Jobs that are tried again, with the functions that work them off. */
function triedJobs(file: FileSummary, context: RuleContext): readonly TriedJob[] | undefined {
  const found = context.meant(file).flatMap(({ view, meaning }): TriedJob[] => {
    if (meaning.kind !== "job" || (meaning.attempts ?? 1) <= 1 || !Number.isFinite(meaning.attempts)) return [];
    return context
      .callees({ file, f: view.call.fn })
      .filter((it) => it.kind === "async" && it.call?.file === file && it.call.c === view.c)
      .map((it) => ({ client: meaning.client, attempts: meaning.attempts!, handler: it.to }));
  });
  return found.length > 0 ? found : undefined;
}

/** A handler that sorts jobs by their names: which of them comes by here cannot be told. */
const SORTS = /\.\s*name\b/;

function* inJobs(file: FileSummary, context: RuleContext): Iterable<Report> {
  const seen = new Set<number>();
  const jobs = derived(context.everywhere(triedJobs), all);
  for (const { handler, client } of jobs) {
    if (handler.file !== file || seen.has(handler.f)) continue;
    seen.add(handler.f);
    const fn = file.functions[handler.f]!;
    if (SORTS.test(context.text(file.path)?.slice(...fn.at) ?? ".name")) continue;
    const attempts = Math.max(
      ...jobs.flatMap((it) => (it.handler.file === file && it.handler.f === handler.f ? [it.attempts] : [])),
    );
    for (const c of callsWithin(file, handler.f)) {
      const call = file.calls[c]!;
      if (call.catch !== undefined || (call.use !== "await" && call.use !== "return")) continue;
      const inner = triesAt({ file, c }, context);
      if (!inner) continue;
      yield report(file, call.nameAt, handler.f, client, attempts, inner, context);
      break;
    }
  }
}

function report(
  file: FileSummary,
  at: readonly [number, number],
  fn: number,
  outer: string,
  outerTimes: number,
  inner: Tries,
  context: RuleContext,
) {
  const product = outerTimes * inner.attempts;
  const { ms } = inner;
  const objective = context.latencyObjectiveMs({ file, f: fn });
  const worst = ms === undefined ? undefined : (inner.lastOnTimeout ? outerTimes : product) * ms;
  const isOver = objective !== undefined && worst !== undefined && worst > objective.ms;
  return {
    at,
    message: isOver ? "slo" : "times",
    data: {
      outer,
      outerTimes,
      inner: inner.by,
      innerTimes: inner.attempts,
      product,
      worst: worst === undefined ? "" : ` (≤ ${Math.round(worst / 1_000).toLocaleString("en")} s)`,
      ...(isOver ? { from: objective.from, objective: objective.ms } : {}),
    },
    fixes: fixesFor(inner, context),
  };
}

function fixesFor(inner: Tries, context: RuleContext): Fix[] {
  const edit = inner.once
    ? optionEdit(inner.once.site, inner.once.option, context.text(inner.once.site.path))
    : undefined;
  return [
    {
      title: {
        en: `Application: let ${inner.by} try once`,
        ja: `アプリケーション: ${inner.by} 側の再試行を無効にする`,
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
