import { type CallView, defineRule, type FileSummary, type Fix, type Value } from "../../engine/index.ts";

export default defineRule({
  id: "dependency-below-slo",
  group: "resilience",
  title: { en: "A promise that its dependency does not carry", ja: "依存先が支えられない目標" },
  severity: "information",
  status: "preview",
  since: "0.2.0",
  scope: "served",
  burns: ["availability"],
  messages: {
    below: {
      what: {
        en: "{endpoint} promises {target} and cannot do without {service} here, which promises {theirs}: keeping its own objective, {service} alone may spend {times} times the endpoint's error budget.",
        ja: "{endpoint} の目標は {target} ですが、ここで必須としている {service} の目標は {theirs} です。{service} が自身の目標を守っていても、それだけでエンドポイントのエラーバジェットの {times} 倍を消費し得ます。",
      },
      help: {
        en: "Answer without it when it is away (a cached or a smaller answer), or make one of the two promises fit the other.",
        ja: "停止中はキャッシュや縮小した応答で代替するか、どちらかの目標を見直してください。",
      },
    },
  },
  *check(file, context) {
    if (context.side(file) === "browser") return;
    for (const { view, meaning } of context.meant(file)) {
      if (
        meaning.kind !== "request" ||
        (view.call.use !== "await" && view.call.use !== "return" && view.call.use !== "init")
      )
        continue;
      if (!isHard(file, view)) continue;
      const service = serviceOf(meaning.url, view);
      if (service === undefined) continue;
      for (const name of service) {
        const weaker = context.weakerDependency({ file, f: view.call.fn }, name);
        if (!weaker) continue;
        yield {
          at: view.call.nameAt,
          message: "below",
          data: { ...weaker },
          fixes: FIXES,
        };
        break;
      }
    }
  },
});

/** Nothing here goes on without it. */
function isHard(file: FileSummary, view: CallView): boolean {
  for (let t = view.call.try; t !== undefined; t = file.tries[t]!.parent) {
    const { handler } = file.tries[t]!;
    if (handler && !handler.throws) return false;
  }
  return !view.after().some((it) => it.name === "catch");
}

/** Names by which the called service may be known: its host, or what is left of `PRICES_SERVICE_URL`. */
function serviceOf(url: Value | undefined, view: CallView): readonly string[] | undefined {
  const base = view.recv?.via ? view.program.view(view.recv.via, view.env).option(0, "baseURL") : undefined;
  for (const it of [url && { value: url, file: view.file, env: view.env }, base?.is === "yes" ? base.at : undefined]) {
    if (!it) continue;
    const written = view.text(it);
    const head = written ?? (it.value.k === "tpl" ? it.value.strings[0] : undefined);
    const host = /^[a-z]+:\/\/([\w-]+)(?:[.:/]|$)/i.exec(head ?? "")?.[1];
    if (host) return [host];
    const first =
      written === undefined && it.value.k === "tpl" && it.value.strings[0] === "" ? it.value.values[0] : it.value;
    const variable = first && variableOf(first, it.file);
    const named =
      variable && /^(\w+?)(?:_SERVICE|_API)?_(?:BASE_)?(?:URL|URI|HOST|ENDPOINT|ORIGIN)$/i.exec(variable)?.[1];
    if (named) {
      const plain = named.toLowerCase().replaceAll("_", "-");
      return [plain, `${plain}-service`, `${plain}-api`];
    }
  }
  return undefined;
}

/** `process.env.PRICES_URL`, `env.PRICES_URL`, or a constant that holds one. */
function variableOf(value: Value, file: FileSummary): string | undefined {
  if (value.k === "get") return /^[A-Z][A-Z0-9_]+$/.test(value.name) ? value.name : undefined;
  if (value.k === "either") return variableOf(value.a, file);
  if (value.k !== "ref") return undefined;
  const binding = file.bindings[value.b]!;
  const own = binding.value ? variableOf(binding.value, file) : undefined;
  return own ?? (/^[A-Z][A-Z0-9_]+$/.test(binding.name) ? binding.name : undefined);
}

const FIXES: readonly Fix[] = [
  {
    title: { en: "Product: a smaller answer without it", ja: "プロダクト: 依存先なしで縮小した応答を返す" },
    layer: "product",
    safety: "choose",
    edits: [],
    explain: {
      en: "A list without prices, or yesterday's: what people came for is often elsewhere. The dependency is then a soft one.",
      ja: "価格のない一覧や前日の値でも、利用者の目的を果たせることは多くあります。そうすれば依存は必須ではなくなります。",
    },
  },
  {
    title: { en: "Application: keep the last answer", ja: "アプリケーション: 直近の応答を保持する" },
    layer: "application",
    safety: "choose",
    edits: [],
    explain: {
      en: "A short time limit, and the value last seen where it is missed; count how often, so that it does not stay unseen.",
      ja: "短いタイムアウトを設け、失敗時は直近の値を返します。頻度を計測し、見過ごされないようにしてください。",
    },
  },
  {
    title: { en: "Product: promises that fit", ja: "プロダクト: 目標を整合させる" },
    layer: "product",
    safety: "choose",
    edits: [],
    explain: {
      en: "A critical dependency should promise a nine more than whoever needs it (The Calculus of Service Availability, 2017).",
      ja: "必須の依存先の目標は、利用側より 9 が 1 つ多いことが望まれます(The Calculus of Service Availability、2017)。",
    },
  },
];
