import {
  defineRule,
  type FileSummary,
  type Fix,
  type Placed,
  type Report,
  type RequestMeaning,
  type RuleContext,
  type Scoped,
} from "../../engine/index.ts";
import { callsWithin } from "../_shared/calls.ts";
import { effectOf } from "../_shared/effects.ts";
import { optionEdit } from "../_shared/option-edit.ts";
import { retryLoops, triedFor } from "../_shared/retry-loops.ts";
import { callsThrough } from "../_shared/through.ts";

/** A POST that only asks. */
const ASKS = /search|query|graphql|find|lookup|filter|token|login|auth/i;

export default defineRule({
  id: "retry-non-idempotent",
  group: "retries",
  title: { en: "Trying again what must happen once", ja: "一度だけ行うべき処理の再試行" },
  severity: "error",
  status: "preview",
  since: "0.2.0",
  scope: "anywhere",
  burns: ["correctness"],
  messages: {
    payment: {
      what: {
        en: "{outer} sends this {client} call again when it fails, each time as a new one: an answer that was lost on the way back means a second charge.",
        ja: "{outer} は失敗時にこの {client} の呼び出しを、毎回新しいリクエストとして送り直します。応答だけが失われた場合、二重に請求されます。",
      },
      help: {
        en: "Make one key before the first try and send it with each, so that the server sees that it is the same (Twilio charged 1.4 % of its customers again and again, 2013).",
        ja: "最初の試行の前にキーを 1 つ作り、毎回同じキーを送ってください。サーバー側で同一の処理と判別できます(Twilio は 2013 年、顧客の 1.4% に繰り返し請求しました)。",
      },
    },
    writes: {
      what: {
        en: "{client} is told to try everything again, also requests that change something: a POST whose answer was lost is sent {times} (measured, axios-retry 4.5).",
        ja: "{client} の設定では、状態を変更するリクエストも再試行されます。応答が失われた POST は {times} 送られます(axios-retry 4.5 での実測)。",
      },
      help: {
        en: "Leave `retryCondition` out (network errors of requests that are safe to repeat), or send an idempotency key.",
        ja: "`retryCondition` を外して安全なリクエストだけを再試行するか、冪等キーを送ってください。",
      },
    },
  },
  *check(file, context) {
    if (context.side(file) === "browser") return;
    for (const { view, meaning } of context.meant(file)) {
      if (meaning.kind !== "retry" || (meaning.attempts !== undefined && meaning.attempts <= 1)) continue;
      if (meaning.work) yield* paymentsIn(meaning.work, meaning.client, context);
      if (meaning.writes === "yes" && meaning.instance) {
        const posts = callsThrough(meaning.instance, context).filter(({ meaning: it, view: of }) => {
          if (it.kind !== "request" || (it.method !== "POST" && it.method !== "PATCH")) return false;
          const text = context.text(of.file.path)?.slice(...of.call.at) ?? "";
          return !ASKS.test(text.slice(0, 200)) && !/idempoten/i.test(text);
        });
        if (posts.length === 0) continue;
        yield {
          at: view.call.nameAt,
          message: "writes",
          severity: "warning",
          data: { client: meaning.client, times: `${meaning.attempts ?? "n"} ×` },
          covers: posts.map((it) => ({ path: it.view.file.path, at: it.view.call.nameAt })),
          fixes: WRITES,
        };
      }
    }
    for (const it of retryLoops(file, context)) {
      const inner = triedFor(it, context, isUnkeyedPayment);
      if (inner)
        yield report(inner.at, `\`${it.loop.kind}\``, inner.effect.meaning, inner.effect.through === "", context);
    }
  },
});

type Payment = RequestMeaning & { readonly effect: NonNullable<RequestMeaning["effect"]> };

const isUnkeyedPayment = (it: { readonly kind: string }): it is Payment =>
  it.kind === "request" && (it as RequestMeaning).effect?.keyed === "no";

function* paymentsIn(work: Scoped, outer: string, context: RuleContext): Iterable<Report> {
  const found = context.program.at(work);
  if (found.k !== "fn") return;
  const { file, f } = found;
  for (const c of callsWithin(file, f)) {
    const inner = effectOf({ file, c }, context, isUnkeyedPayment);
    if (inner) yield report({ file, c }, outer, inner.meaning, inner.through === "", context);
  }
}

function report(at: Placed, outer: string, meaning: Payment, isHere: boolean, context: RuleContext): Report {
  const call = at.file.calls[at.c]!;
  return {
    at: call.nameAt,
    path: at.file.path,
    message: "payment",
    data: { outer, client: meaning.client },
    fixes: paymentFixes(at.file, isHere ? meaning : undefined, context),
  };
}

function paymentFixes(file: FileSummary, meaning: Payment | undefined, context: RuleContext): Fix[] {
  const site = meaning?.effect.site;
  const edit = site
    ? optionEdit(site, meaning!.effect.option.replace("{key}", "idempotencyKey"), context.text(file.path))
    : undefined;
  return [
    {
      title: { en: "Application: send one key with every try", ja: "アプリケーション: 毎回同じキーを送る" },
      layer: "application",
      // The name has to be made first: the edit alone does not compile.
      safety: "scaffold",
      edits: [],
      explain: {
        en: `\`const idempotencyKey = crypto.randomUUID();\` before the first try${edit ? ", and `{ idempotencyKey }` in the options of the call" : ""}. Better still: a key made of what is paid for (the id of the order), which also holds after a crash.`,
        ja: `最初の試行の前に \`const idempotencyKey = crypto.randomUUID();\` を作り${edit ? "、呼び出しのオプションに `{ idempotencyKey }` を渡します" : "ます"}。注文 ID など支払い対象から作るキーなら、プロセスの再起動後も有効です。`,
      },
    },
  ];
}

const WRITES: readonly Fix[] = [
  {
    title: {
      en: "Application: try again only what is safe to repeat",
      ja: "アプリケーション: 安全なリクエストだけ再試行する",
    },
    layer: "application",
    safety: "scaffold",
    edits: [],
    explain: {
      en: "`axiosRetry.isNetworkOrIdempotentRequestError`, which is the default, leaves POST and PATCH alone. For those send an `Idempotency-Key` header that stays the same over all tries.",
      ja: "既定の `axiosRetry.isNetworkOrIdempotentRequestError` は POST と PATCH を再試行しません。これらを再試行する場合は、全試行で同じ `Idempotency-Key` ヘッダーを送ってください。",
    },
  },
];
