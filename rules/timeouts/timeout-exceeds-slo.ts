import { defineRule, type Fix } from "../../engine/index.ts";

export default defineRule({
  id: "timeout-exceeds-slo",
  group: "timeouts",
  title: { en: "A wait longer than the endpoint promises", ja: "エンドポイントの目標より長い待ち時間" },
  severity: "warning",
  status: "stable",
  since: "0.1.0",
  scope: "served",
  burns: ["latency"],
  messages: {
    longer: {
      what: {
        en: "This {client} request may take {worst} s{attempts}; {from} is {objective} ms.",
        ja: "この {client} リクエストは最長 {worst} 秒かかります{attempts}。{from} は {objective} ミリ秒です。",
      },
      help: {
        en: "A limit above the objective cannot keep it: whoever waits that long has already been counted as a failure. Shorten the limit or the attempts, or answer without waiting.",
        ja: "目標を超える制限では目標を守れません。そこまで待った時点で、すでに失敗として数えられています。制限や試行回数を減らすか、待たずに応答してください。",
      },
    },
  },
  *check(file, context) {
    for (const { view, meaning } of context.meant(file)) {
      if (
        meaning.kind !== "request" ||
        meaning.stream ||
        meaning.limit.bounded !== "yes" ||
        meaning.limit.ms === undefined
      )
        continue;
      const objective = context.latencyObjectiveMs({ file, f: view.call.fn });
      if (!objective) continue;
      const attempts = meaning.lastOnTimeout ? 1 : (meaning.attempts ?? 1);
      const worst = meaning.limit.ms * attempts;
      if (worst <= objective.ms) continue;
      yield {
        at: view.call.nameAt,
        message: "longer",
        data: {
          client: meaning.client,
          worst: Math.round(worst / 100) / 10,
          attempts: attempts > 1 ? ` (${attempts} × ${meaning.limit.ms / 1000} s)` : "",
          objective: objective.ms,
          from: objective.from,
        },
        fixes: FIXES,
      };
    }
  },
});

const FIXES: readonly Fix[] = [
  {
    title: {
      en: "Application: fit the limit and the attempts into the objective",
      ja: "アプリケーション: 制限と試行回数を目標に収める",
    },
    layer: "application",
    safety: "choose",
    edits: [],
    explain: {
      en: "Limit × attempts, plus the endpoint's own work, must stay below the objective. Where the caller tries again already, do not try again here.",
      ja: "「制限 × 試行回数」とエンドポイント自身の処理の合計を、目標より短くします。呼び出し元が再試行する場合、ここでは再試行しません。",
    },
  },
  {
    title: { en: "Product: answer at once, deliver later", ja: "プロダクト: すぐに応答し、結果は後で届ける" },
    layer: "product",
    safety: "choose",
    edits: [],
    explain: {
      en: "Accept the work (202), and let people come back for it. Or relax the objective, knowingly.",
      ja: "受け付けだけして(202)、結果は後で取得してもらいます。または、理解したうえで目標を緩めます。",
    },
  },
  {
    title: { en: "Infrastructure: one deadline along the way", ja: "インフラ: 経路全体で 1 つの期限に揃える" },
    layer: "infrastructure",
    safety: "choose",
    edits: [],
    explain: {
      en: "Gateway, service and dependency must give up in that order, from the outside in.",
      ja: "ゲートウェイ、サービス、依存先の順に、内側ほど早くあきらめるよう揃えます。",
    },
  },
];
