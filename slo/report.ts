/** All objectives on one page, the most urgent first: a table to look over, then each with its chart, its counts and its endpoints. */
import { lookBackSeconds } from "./calendar.ts";
import { type Composite, type CompositeStatus, compositeText } from "./composite.ts";
import { budgetCounts, isOfLowTraffic, leftText } from "./impact.ts";
import type { EndpointShare, ObjectiveStatus, Slo, StatusReport } from "./model.ts";
import { chartImage, decisiveBurn, escapeMarkdown, objectiveText } from "./render.ts";
import { urgency } from "./state.ts";
import {
  burnText,
  countText,
  durationText,
  type Language,
  percentText,
  problemsIn,
  reasonText,
  stateWords,
  targetText,
  windowText,
} from "./words.ts";

export interface BudgetReportInput {
  readonly slos: readonly Slo[];
  readonly report: StatusReport;
  /** Objectives made of others, and how they stand. */
  readonly composites?: readonly { readonly composite: Composite; readonly status: CompositeStatus }[];
  /** What the page is about, where there is one for each of several folders. */
  readonly of?: string;
  readonly lang: Language;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Draw burn-down charts, as pictures within the text; not everything that shows Markdown shows those. */
  readonly charts: boolean;
  /** Address of an objective's place in its file, to link its name to. */
  readonly hrefOf?: (slo: Slo) => string | undefined;
  /** Address of an endpoint's place in the code. */
  readonly endpointHref?: (endpoint: EndpointShare) => string | undefined;
}

const MAX_OBJECTIVES = 300;
const MAX_ENDPOINTS = 50;

const texts = {
  title: { en: "Error budgets", ja: "エラーバジェット" },
  none: { en: "There are no SLO files.", ja: "SLO ファイルがありません。" },
  head: {
    en: ["SLO", "Target", "State", "Left", "Burn rate", "Empty in"],
    ja: ["SLO", "目標", "状態", "残り", "バーンレート", "枯渇まで"],
  },
  endpoints: {
    en: ["Endpoint", "Share of traffic", "Share of failures", "Requests", "Failures"],
    ja: ["エンドポイント", "トラフィックの割合", "失敗の割合", "リクエスト数", "失敗数"],
  },
  more: { en: "and {count} more", ja: "ほか {count} 件" },
} as const;

/** Markdown without raw HTML; text of others is escaped. */
export function budgetReport(input: BudgetReportInput): string {
  const { slos, report, lang, now } = input;
  const statuses = new Map(report.objectives.map((it) => [it.id, it]));
  const rank = (slo: Slo): number => urgency.indexOf(statuses.get(slo.id)?.state ?? "healthy");
  const listed = [...slos]
    .sort((a, b) => rank(a) - rank(b) || (a.id < b.id ? -1 : 1))
    .slice(0, MAX_OBJECTIVES)
    .flatMap((slo) => {
      const status = statuses.get(slo.id);
      return status ? [{ slo, status }] : [];
    });
  const age = (now - Date.parse(report.evaluatedAt)) / 1000;
  const source =
    report.source.kind === "none"
      ? []
      : [`${escapeMarkdown(report.source.name)}${Number.isFinite(age) ? `, ${agoText(age, lang)}` : ""}`];
  const problems = problemsIn(report, lang).map((it) => `> ${escapeMarkdown(it, 600)}`);
  const parts = [
    `# ${texts.title[lang]}${input.of === undefined ? "" : ` — ${escapeMarkdown(input.of)}`}`,
    ...source,
    ...(problems.length > 0 ? [problems.join("\n>\n")] : []),
    ...(listed.length === 0
      ? [texts.none[lang]]
      : [
          table(
            texts.head[lang],
            listed.map((it) => row(it.slo, it.status, input)),
          ),
        ]),
    ...listed.map((it) => section(it.slo, it.status, input)),
    ...(input.composites ?? [])
      .slice(0, MAX_OBJECTIVES)
      .map(({ composite, status }) =>
        [
          `## ${escapeMarkdown(composite.id)}`,
          ...compositeText(composite, status, lang).map((it) => escapeMarkdown(it, 600)),
        ].join("\n\n"),
      ),
    ...(slos.length > MAX_OBJECTIVES
      ? [texts.more[lang].replace("{count}", countText(slos.length - MAX_OBJECTIVES))]
      : []),
  ];
  return `${parts.join("\n\n")}\n`;
}

function agoText(age: number, lang: Language): string {
  const text = durationText(Math.max(1, age), lang, 1);
  return lang === "ja" ? `${text}前` : `${text} ago`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

function nameOf(slo: Slo, { hrefOf }: BudgetReportInput): string {
  const name = escapeMarkdown(slo.id);
  const href = hrefOf?.(slo);
  return href === undefined ? name : `[${name}](${href})`;
}

function row(slo: Slo, status: ObjectiveStatus, input: BudgetReportInput): readonly string[] {
  const { lang } = input;
  // At low traffic a rate says nothing.
  const burn = isOfLowTraffic(status) ? undefined : decisiveBurn(status)?.rate;
  return [
    nameOf(slo, input),
    `${targetText(slo.target, lang)} / ${windowText(slo.window.seconds, lang)}`,
    stateWords[status.state][lang],
    leftText(status, slo, lang) ?? "–",
    burn === undefined ? "–" : burnText(burn, lang),
    status.exhaustedInSeconds === undefined ? "–" : durationText(status.exhaustedInSeconds, lang, 1),
  ];
}

function section(slo: Slo, status: ObjectiveStatus, input: BudgetReportInput): string {
  const { lang, now, charts } = input;
  const chart = charts ? chartImage(status, slo, now, lang) : undefined;
  const counts = budgetCounts(status, slo);
  const spent =
    counts === undefined || isOfLowTraffic(status)
      ? []
      : [
          lang === "ja"
            ? `許容失敗 ${countText(counts.allowed)} 件に対して失敗 ${countText(counts.bad)} 件。`
            : `${countText(counts.bad)} failures, ${countText(counts.allowed)} allowed.`,
        ];
  const reason = reasonText(status, lang, { windowSeconds: lookBackSeconds(slo.window, now), method: slo.method });
  const shares = status.endpoints.filter((it) => it.shareOfTraffic !== undefined || it.total !== undefined);
  const parts = [
    `## ${nameOf(slo, input)} — ${stateWords[status.state][lang]}`,
    ...(chart === undefined ? [] : [chart]),
    [`${objectiveText(slo, lang, status.total !== undefined)}${lang === "ja" ? "。" : "."}`, ...spent].join(
      lang === "ja" ? "" : " ",
    ),
    ...(slo.description ? [`> ${escapeMarkdown(slo.description)}`] : []),
    escapeMarkdown(reason, 600),
    ...(shares.length > 0 ? [shareTable(shares, isOfLowTraffic(status), input)] : []),
  ];
  return parts.filter((it) => it !== "").join("\n\n");
}

function shareTable(
  shares: readonly EndpointShare[],
  isLow: boolean,
  { lang, endpointHref }: BudgetReportInput,
): string {
  // One failure of three requests is no 100 %.
  const percent = (it: number | undefined): string => (it === undefined || isLow ? "–" : percentText(it, lang));
  const count = (it: number | undefined): string => (it === undefined ? "–" : countText(it));
  const worst = [...shares].sort(
    (a, b) => (b.shareOfBad ?? 0) - (a.shareOfBad ?? 0) || (b.shareOfTraffic ?? 0) - (a.shareOfTraffic ?? 0),
  );
  const rows = worst.slice(0, MAX_ENDPOINTS).map((it) => {
    const name = escapeMarkdown(`${it.method} ${it.route}`);
    const href = endpointHref?.(it);
    return [
      href === undefined ? name : `[${name}](${href})`,
      percent(it.shareOfTraffic),
      percent(it.shareOfBad),
      count(it.total),
      count(it.bad),
    ];
  });
  const more = worst.length - rows.length;
  return [
    table(texts.endpoints[lang], rows),
    ...(more > 0 ? ["", texts.more[lang].replace("{count}", countText(more))] : []),
  ].join("\n");
}
