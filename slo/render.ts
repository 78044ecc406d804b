/**
 * What people read of an objective: one line above a handler, and a card on hover. Text of the repository and of servers
 * (routes, names, descriptions, harm sentences) is hostile until escaped; the only image is drawn here.
 */

import { lookBackSeconds, periodAt } from "./calendar.ts";
import { budgetChart } from "./chart.ts";
import { budgetCounts, type EndpointImpact, failedText, isOfLowTraffic, leftText, peopleSentence } from "./impact.ts";
import { burnPairs, expectedConsumption } from "./maths.ts";
import type { EndpointShare, ObjectiveStatus, Slo, StatusReport } from "./model.ts";
import {
  burnText,
  countText,
  durationText,
  fill,
  type Language,
  notes,
  type Phrase,
  percentText,
  phraseIn,
  reasonText,
  say,
  stateWords,
  targetText,
  windowText,
} from "./words.ts";

/** A finding as the card lists it. */
export interface CardFinding {
  /** Short title in the display language: "unbounded COUNT". */
  readonly title: string;
  readonly path: string;
  /** 1-based. */
  readonly line: number;
  /** `file:` or `https:` address of the place; any other scheme is not linked. */
  readonly href?: string;
}

export interface CardInput {
  readonly endpoint: { readonly method: string; readonly route: string };
  readonly slo: Slo;
  /** Absent while the first answer is awaited. */
  readonly status?: ObjectiveStatus;
  readonly findings: readonly CardFinding[];
  readonly lang: Language;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Where the numbers come from and when they were asked for. */
  readonly report?: Pick<StatusReport, "evaluatedAt" | "source">;
  readonly harm?: EndpointImpact["harm"];
  /** The objective is the service's; the endpoint is one of several. */
  readonly matchedBy?: EndpointImpact["matchedBy"];
  /** Addresses to link at the end; `file:` and `https:` only (and `http:` of a local server). */
  readonly links?: { readonly slo?: string; readonly query?: string; readonly dashboard?: string };
}

// --- the line above a handler --------------------------------------------------------------------------------------

/** An endpoint's part in an objective that is not its own alone. */
export interface PartIn {
  readonly matchedBy: EndpointImpact["matchedBy"];
  readonly share?: EndpointShare;
}

/** Whether an objective's numbers are those of an endpoint and others. */
const isOfMany = (by: EndpointImpact["matchedBy"], status: ObjectiveStatus | undefined): boolean =>
  by === "service" || (by === "grouping" && status?.isOfOne !== true);

/**
 * The text of a CodeLens: `SLO 99.9 % · 41 of 180 failures left · burning 6.2×, empty in 3 d`. That an objective is of
 * the whole service stands first, and how much of it was this endpoint last. Plain text, one line, no text of the
 * repository in it.
 */
export function lensText(status: ObjectiveStatus | undefined, slo: Slo, lang: Language, part?: PartIn): string {
  const ja = lang === "ja";
  const isShared = isOfMany(part?.matchedBy, status);
  const kind = !isShared
    ? "SLO"
    : part?.matchedBy === "service"
      ? ja
        ? "サービスの SLO"
        : "Service SLO"
      : ja
        ? "全ルートの SLO"
        : "SLO of all routes";
  const head = `${kind} ${targetText(slo.target, lang)}`;
  if (status === undefined) return `${head} · ${ja ? "取得中" : "waiting for numbers"}`;
  const own = isShared && (status.bad ?? 0) >= 0.5 ? part?.share?.shareOfBad : undefined;
  const share =
    own === undefined
      ? []
      : [ja ? `このルートは失敗の ${percentText(own, lang)}` : `this route ${percentText(own, lang)} of the failures`];
  return [head, ...stateParts(status, slo, lang), ...share].join(" · ");
}

/** What there is to say of a status beside its objective, in a few words each: `41 of 180 failures left`, `burning 6.2×`. */
export function stateParts(status: ObjectiveStatus, slo: Slo, lang: Language): readonly string[] {
  const ja = lang === "ja";
  switch (status.state) {
    case "healthy":
      return [left()];
    case "watch":
    case "burning":
      return [left(), ...pace()];
    case "exhausted": {
      const counts = budgetCounts(status, slo);
      const spent = ja ? "エラーバジェット枯渇" : "budget spent";
      const failed = failedText(status, lang);
      if (counts === undefined)
        return [failed === undefined ? spent : ja ? `${spent}（${failed}）` : `${spent}, ${failed}`];
      return [
        ja
          ? `${spent}（許容 ${countText(counts.allowed)} 件に対して失敗 ${countText(counts.bad)} 件）`
          : `${spent}: ${countText(counts.bad)} failures, ${countText(counts.allowed)} allowed`,
      ];
    }
    case "low-traffic": {
      const failed = failedText(status, lang) ?? stateWords[status.state][lang];
      return [ja ? `${failed}（件数が少なく判定不可）` : `${failed}, too few requests for a verdict`];
    }
    case "stale": {
      const text = leftText(status, slo, lang);
      const age = status.cause?.data["ageSeconds"];
      const old = typeof age === "number" ? durationText(age, lang, 1) : undefined;
      const stale = ja
        ? `${old === undefined ? "" : `${old}前から`}更新なし`
        : old === undefined
          ? "stale"
          : `not updated for ${old}`;
      return text === undefined ? [stale] : [text, stale];
    }
    case "no-data":
    case "unmatched":
      if (isWithoutSource(status)) return [shortCause(status, lang)];
      return [`${stateWords[status.state][lang]}${ja ? "（" : ": "}${shortCause(status, lang)}${ja ? "）" : ""}`];
  }
  function left() {
    return leftText(status, slo, lang) ?? stateWords[status.state][lang];
  }
  /** `burning 6.2×, empty in 3 d`; for `watch` only where it is the burn that made it so. */
  function pace(): readonly string[] {
    const rate = decisiveBurn(status)?.rate;
    if (rate === undefined || (status.state === "watch" && rate < 1)) return [];
    const burning = ja ? `バーンレート ${burnText(rate, lang)}` : `burning ${burnText(rate, lang)}`;
    if (status.exhaustedInSeconds === undefined) return [burning];
    const until = durationText(status.exhaustedInSeconds, lang, 1);
    return [ja ? `${burning}、${until}で枯渇` : `${burning}, empty in ${until}`];
  }
}

const WITHOUT_SOURCE: readonly string[] = ["no-source", "source-off", "untrusted"];

/** Whether there is nobody to ask for numbers: it is for the reader to change that. */
export function isWithoutSource(status: Pick<ObjectiveStatus, "cause"> | undefined): boolean {
  return WITHOUT_SOURCE.includes(status?.cause?.key ?? "");
}

/** Why there is no number, in a few words. */
const shortCauses: Readonly<Record<string, Phrase>> = {
  "no-traffic": { en: "no requests in the window", ja: "ウィンドウ内のリクエストなし" },
  "no-values": { en: "the query returned nothing", ja: "クエリの結果が空" },
  "no-source": { en: "no telemetry source connected", ja: "テレメトリ未接続" },
  "source-off": { en: "telemetry is off", ja: "テレメトリはオフ" },
  untrusted: { en: "restricted mode: no numbers", ja: "制限モードのため値を取得していません" },
  "no-answer": { en: "telemetry could not be read", ja: "テレメトリを取得できない" },
  "not-evaluable": { en: "the query cannot be evaluated", ja: "クエリを評価できない" },
  "not-in-snapshot": { en: "not in the snapshot", ja: "スナップショットにない" },
  "not-finite": { en: "the query divides by zero", ja: "クエリがゼロ除算になる" },
  "no-series": { en: "metric not found", ja: "メトリクスが見つからない" },
  "part-absent": { en: "metric of the failures not found", ja: "失敗のメトリクスが見つからない" },
  "no-series-labels": { en: "metric found, no series fits", ja: "メトリクスはあるが一致する系列がない" },
  "metric-other-name": { en: "the metric is called {found}", ja: "メトリクスの名前は {found}" },
  "default-metrics-only": { en: "no HTTP metric is exported", ja: "HTTP のメトリクスが出力されていない" },
  "no-native-histogram": { en: "not a native histogram", ja: "ネイティブヒストグラムではない" },
  "metric-without-unit": { en: "metric found under another name", ja: "メトリクスの名前が異なる" },
  "metric-old-name": { en: "metric found under its old name", ja: "メトリクスが旧名のまま" },
  "no-route-label": { en: "metric found, no {label} label", ja: "メトリクスに {label} ラベルがない" },
  "no-path-label": { en: "metric found, no {label} label", ja: "メトリクスに {label} ラベルがない" },
  "route-prefix": { en: "{label} lacks the router's prefix", ja: "{label} にルーターのプレフィックスがない" },
  "route-label-renamed": { en: "metric found, the route is in {found}", ja: "ルートは {found} ラベルにある" },
  "label-renamed": { en: "metric found, {label} is called {found}", ja: "{label} ではなく {found} ラベルにある" },
  "raw-paths": { en: "metric found, {label} holds raw paths", ja: "{label} に実際のパスが入っている" },
  "masked-paths": { en: "metric found, {label} holds masked paths", ja: "{label} のパスがマスクされている" },
  "no-status-label": { en: "metric found, no status label", ja: "メトリクスにステータスのラベルがない" },
  "status-class-only": { en: "metric found, only status classes", ja: "ステータスがクラス単位でしかない" },
  "no-method-label": { en: "metric found, no method label", ja: "メトリクスにメソッドのラベルがない" },
  "no-bucket": { en: "no bucket at the threshold", ja: "しきい値のバケットがない" },
  unmatched: { en: "no endpoint of the code", ja: "対応するエンドポイントがない" },
  "unmatched-ambiguous": { en: "several endpoints could be meant", ja: "候補が複数ある" },
};

function shortCause(status: ObjectiveStatus, lang: Language): string {
  const phrase = phraseIn(shortCauses, status.cause?.key);
  if (phrase === undefined) return lang === "ja" ? "理由はホバーで確認" : "hover for the reason";
  // A label's name comes from the repository: in a lens it is plain text, but it must stay on the line.
  return fill(phrase[lang], status.cause?.data ?? {}, lang)
    .replace(/\s+/g, " ")
    .slice(0, 80);
}

/** The burn that decided the state, else that of the fastest pair's long window. */
export function decisiveBurn(
  status: ObjectiveStatus,
): { readonly windowSeconds: number; readonly rate: number } | undefined {
  const decided = status.cause?.data["longSeconds"];
  const at = (seconds: unknown) => {
    const found = status.burnRates.find((each) => each.windowSeconds === seconds);
    return found?.rate === undefined ? undefined : { windowSeconds: found.windowSeconds, rate: found.rate };
  };
  return at(decided) ?? at(3600) ?? at(21_600);
}

// --- the card ------------------------------------------------------------------------------------------------------

/** The hover on a route or a handler's name: Markdown without raw HTML, one thought a line, all foreign text escaped. */
export function hoverCard(input: CardInput): string {
  const { endpoint, slo, status, lang } = input;
  const ja = lang === "ja";
  const name = escapeMarkdown(`${endpoint.method} ${endpoint.route}`);
  const state = status === undefined ? (ja ? "取得中" : "waiting for numbers") : stateWords[status.state][lang];
  const lines = [
    objectiveLine(input),
    ...peopleLine(input),
    ...burnLine(status, slo, lang),
    ...shareLine(input),
    ...reasonLine(status, slo, lang),
    ...periodLine(input),
    ...findingsLine(input.findings, lang),
    footer(input),
  ];
  const chart = status === undefined ? undefined : chartImage(status, slo, input.now, lang);
  return [`**${name}** — **${state}**`, ...(chart === undefined ? [] : [chart]), lines.join("  \n")].join("\n\n");
}

/** `99.9 % of requests under 300 ms, rolling 28 d. 139 of 180 allowed failures spent, 41 left (23 %).` */
function objectiveLine({ slo, status, lang, matchedBy }: CardInput): string {
  const ja = lang === "ja";
  const objective = objectiveText(slo, lang, status?.total !== undefined);
  const service = escapeMarkdown(slo.service);
  const whose =
    matchedBy === "service"
      ? ja
        ? `サービス ${service} の SLO: `
        : `SLO of the service ${service}: `
      : isOfMany(matchedBy, status)
        ? ja
          ? "ルートごとの SLO（数値は全ルートの合計）: "
          : "SLO per route (the numbers are of all routes together): "
        : "";
  const spent = status === undefined ? undefined : spentText(status, slo, lang);
  return `${whose}${objective}${ja ? "。" : "."}${spent === undefined ? "" : `${ja ? "" : " "}${spent}`}`;
}

/** `99.9 % of requests under 300 ms, rolling 28 d`. `areCounted`: requests were counted, whatever the indicator is. */
export function objectiveText(slo: Slo, lang: Language, areCounted = false): string {
  const target = targetText(slo.target, lang);
  const window = windowText(slo.window.seconds, lang);
  const { indicator } = slo;
  const threshold =
    indicator.type === "ratio"
      ? indicator.latencyThresholdSeconds
      : indicator.type === "latency-native"
        ? indicator.thresholdSeconds
        : undefined;
  const isRequests = areCounted || indicator.type === "ratio" || indicator.type === "latency-native";
  if (lang === "ja") {
    const what =
      threshold !== undefined
        ? `リクエストの ${target} が ${thresholdText(threshold, lang)}未満`
        : isRequests
          ? `リクエストの ${target} が成功`
          : `時間の ${target} で正常`;
    return `${what}（${slo.window.kind === "rolling" ? `直近 ${window}` : `暦上の ${window}`}）`;
  }
  const what =
    threshold !== undefined
      ? `of requests under ${thresholdText(threshold, lang)}`
      : isRequests
        ? "of requests succeed"
        : "of the time good";
  return `${target} ${what}, ${slo.window.kind === "rolling" ? "rolling" : "calendar"} ${window}`;
}

/** A latency threshold: whole milliseconds below ten seconds. */
function thresholdText(seconds: number, lang: Language): string {
  if (seconds >= 10) return durationText(seconds, lang);
  const ms = Number((seconds * 1000).toPrecision(4));
  return lang === "ja" ? `${ms} ミリ秒` : `${ms} ms`;
}

function spentText(status: ObjectiveStatus, slo: Slo, lang: Language): string | undefined {
  const ja = lang === "ja";
  const counts = budgetCounts(status, slo);
  if (isOfLowTraffic(status)) return undefined;
  if (counts === undefined || status.budgetRemaining === undefined) {
    if (status.budgetRemaining === undefined) return undefined;
    const left = Math.max(0, status.budgetRemaining);
    if (ja)
      return left === 0
        ? "エラーバジェットは残っていません。"
        : `エラーバジェットの残りは ${percentText(left, lang)}。`;
    return left === 0 ? "Nothing of the budget is left." : `${percentText(left, lang)} of the budget left.`;
  }
  const over = counts.bad - counts.allowed;
  if (over > 0) {
    return ja
      ? `許容失敗 ${countText(counts.allowed)} 件に対して失敗 ${countText(counts.bad)} 件、${countText(over)} 件の超過。`
      : `${countText(counts.bad)} failures where ${countText(counts.allowed)} are allowed, ${countText(over)} too many.`;
  }
  // With few failures allowed the share that is left is a part of a single failure; beside "0 left" it would only puzzle.
  const percent = percentText(counts.left === 0 ? 0 : Math.max(0, status.budgetRemaining), lang);
  return ja
    ? `許容失敗 ${countText(counts.allowed)} 件のうち ${countText(counts.bad)} 件を消費し、残り ${countText(counts.left)} 件（${percent}）。`
    : `${countText(counts.bad)} of ${countText(counts.allowed)} allowed failures spent, ${countText(counts.left)} left (${percent}).`;
}

function peopleLine({ endpoint, slo, status, harm, lang, matchedBy, now }: CardInput): readonly string[] {
  if (status?.bad === undefined) return [];
  // Of a service's failures only this endpoint's part was done to the people of this endpoint.
  const part = isOfMany(matchedBy, status) ? shareOf(endpoint, status)?.shareOfBad : 1;
  if (part === undefined) return [];
  const sentence = peopleSentence(
    {
      endpoint,
      ...(harm === undefined
        ? {}
        : { harm: { en: escapeMarkdown(harm.en), ...(harm.ja === undefined ? {} : { ja: escapeMarkdown(harm.ja) }) } }),
      bad: status.bad * part,
      windowSeconds: status.coversSeconds ?? lookBackSeconds(slo.window, now),
    },
    lang,
  );
  return sentence === undefined ? [] : [sentence];
}

/** `Burn 6.2× over 1 h, 7.0× over 5 min. At this pace empty in 3 d 4 h.` */
function burnLine(status: ObjectiveStatus | undefined, slo: Slo, lang: Language): readonly string[] {
  if (status === undefined || isOfLowTraffic(status)) return [];
  const long = decisiveBurn(status);
  if (long === undefined) return [];
  const shortSeconds = burnPairs(slo.window.seconds).find(
    (pair) => pair.longSeconds === long.windowSeconds,
  )?.shortSeconds;
  const short = status.burnRates.find((each) => each.windowSeconds === shortSeconds)?.rate;
  const ja = lang === "ja";
  const over = (rate: number, seconds: number) =>
    ja
      ? `直近 ${windowText(seconds, lang)}で ${burnText(rate, lang)}`
      : `${burnText(rate, lang)} over ${windowText(seconds, lang)}`;
  const rates = [
    over(long.rate, long.windowSeconds),
    ...(short === undefined || shortSeconds === undefined ? [] : [over(short, shortSeconds)]),
  ];
  const burn = ja ? `バーンレートは${rates.join("、")}。` : `Burn ${rates.join(", ")}.`;
  const seconds = status.exhaustedInSeconds;
  if (seconds === undefined || seconds <= 0 || long.rate <= 0) return [burn];
  // Further off than the window the pace will have changed long before.
  if (seconds > slo.window.seconds) return [burn];
  const until = durationText(seconds, lang);
  return [ja ? `${burn}このペースでは ${until}で枯渇します。` : `${burn} At this pace empty in ${until}.`];
}

/** `This route: 34 % of the service's traffic, 81 % of its failures.` */
function shareLine({ endpoint, status, lang, matchedBy }: CardInput): readonly string[] {
  if (status === undefined) return [];
  const ja = lang === "ja";
  const part = status.isOfOne ? undefined : shareOf(endpoint, status);
  if (part?.shareOfTraffic !== undefined) {
    const traffic = percentText(part.shareOfTraffic, lang);
    const bad = part.shareOfBad === undefined ? undefined : percentText(part.shareOfBad, lang);
    if (ja)
      return [
        `このルートが占める割合: サービスのトラフィックの ${traffic}${bad === undefined ? "" : `、失敗の ${bad}`}。`,
      ];
    return [`This route: ${traffic} of the service's traffic${bad === undefined ? "" : `, ${bad} of its failures`}.`];
  }
  if (isOfMany(matchedBy, status) && status.sharesCause !== undefined) {
    const why = escapeMarkdown(say(status.sharesCause, lang));
    return why === ""
      ? []
      : [ja ? `このルートが占める割合は不明です: ${why}` : `This route's share is not known: ${why}`];
  }
  return [];
}

function shareOf(
  endpoint: { readonly method: string; readonly route: string },
  status: ObjectiveStatus,
): EndpointShare | undefined {
  return status.endpoints.find((each) => each.method === endpoint.method && each.route === endpoint.route);
}

/** Said where the numbers do not speak for themselves: no verdict, few requests, old, partial or short ones. */
function reasonLine(status: ObjectiveStatus | undefined, slo: Slo, lang: Language): readonly string[] {
  if (status === undefined) return [];
  const speaks = status.state === "healthy" || status.state === "watch" || status.state === "burning";
  const isPlain = status.state === "exhausted" && status.cause?.key !== "exhausted-low-traffic";
  // Of a status whose numbers speak, only what must be known of them is left to say.
  const said = speaks || isPlain ? notesOf(status, slo, lang) : reasonText(status, lang, { method: slo.method });
  return said === "" ? [] : [escapeMarkdown(said, 600)];
}

/** Of a calendar window, how much of it has passed and what it will allow, or what an even pace would have spent. */
function periodLine({ slo, status, lang, now }: CardInput): readonly string[] {
  const period = periodAt(slo.window, now);
  if (period === undefined || status?.budgetRemaining === undefined || isOfLowTraffic(status)) return [];
  const passed = expectedConsumption(period.start, now, (period.end - period.start) / 1000);
  if (passed === undefined || !(passed > 0)) return [];
  const ja = lang === "ja";
  const share = percentText(passed, lang);
  const counts = budgetCounts(status, slo);
  if (counts === undefined)
    return [
      ja
        ? `期間の ${share} が経過しています。均等なペースなら、エラーバジェットの消費も ${share} です。`
        : `${share} of the period has passed; an even pace would have spent as much of the budget.`,
    ];
  const whole = countText(Math.floor(counts.allowed / passed));
  return [
    ja
      ? `期間の ${share} が経過しています。このトラフィックが続けば、期間全体では ${whole} 件の失敗が許容されます。`
      : `${share} of the period has passed; at this traffic the whole of it will allow ${whole} failures.`,
  ];
}

function notesOf(status: ObjectiveStatus, slo: Slo, lang: Language): string {
  return notes(status, lang, { method: slo.method }).join(lang === "ja" ? "" : " ");
}

/** `On its path: unbounded COUNT (recipe-store.ts:41), no time limit (nutrition.ts:12).` */
function findingsLine(findings: readonly CardFinding[], lang: Language): readonly string[] {
  if (findings.length === 0) return [];
  const ja = lang === "ja";
  const shown = findings.slice(0, 5).map((finding) => {
    const place = `${escapeMarkdown(finding.path.split("/").at(-1) ?? finding.path)}:${finding.line}`;
    const linked = linkTo(place, finding.href);
    return ja ? `${escapeMarkdown(finding.title)}（${linked}）` : `${escapeMarkdown(finding.title)} (${linked})`;
  });
  const rest = findings.length - shown.length;
  if (ja) return [`経路上の指摘: ${shown.join("、")}${rest > 0 ? `、ほか ${rest} 件` : ""}。`];
  return [`On its path: ${shown.join(", ")}${rest > 0 ? `, and ${rest} more` : ""}.`];
}

const methodWords: Readonly<Record<ObjectiveStatus["method"], Phrase>> = {
  "request-weighted": { en: "request-weighted", ja: "リクエスト加重" },
  timeslices: { en: "time slices", ja: "タイムスライス" },
  "ratio-timeslices": { en: "mean of time slices", ja: "タイムスライスの平均" },
  "time-weighted": { en: "time-weighted", ja: "時間加重" },
};

const sourceWords: Readonly<Record<StatusReport["source"]["kind"], Phrase>> = {
  prometheus: { en: "Prometheus", ja: "Prometheus" },
  snapshot: { en: "snapshot", ja: "スナップショット" },
  scrape: { en: "/metrics of the local service", ja: "ローカルサービスの /metrics" },
  none: { en: "no telemetry", ja: "テレメトリなし" },
};

/** `request-weighted · Prometheus, 40 s ago · SLO file · query · dashboard` */
function footer({ slo, status, report, now, lang, links }: CardInput): string {
  const ja = lang === "ja";
  const method = methodWords[status?.method ?? slo.method][lang];
  const age = report === undefined ? Number.NaN : (now - Date.parse(report.evaluatedAt)) / 1000;
  const ago = Number.isNaN(age)
    ? undefined
    : age < 1
      ? ja
        ? "たった今"
        : "just now"
      : ja
        ? `${durationText(age, lang, 1)}前`
        : `${durationText(age, lang, 1)} ago`;
  const source =
    report === undefined
      ? undefined
      : `${sourceWords[report.source.kind][lang]}${report.source.kind === "none" || ago === undefined ? "" : `${ja ? "、" : ", "}${ago}`}`;
  const linked = [
    links?.slo === undefined ? undefined : linkTo(ja ? "SLO ファイル" : "SLO file", links.slo),
    links?.query === undefined ? undefined : linkTo(ja ? "クエリ" : "query", links.query),
    links?.dashboard === undefined ? undefined : linkTo(ja ? "ダッシュボード" : "dashboard", links.dashboard),
  ];
  return [method, source, ...linked].filter((part) => part !== undefined).join(" · ");
}

// --- Markdown ------------------------------------------------------------------------------------------------------

/**
 * Text of others as Markdown that shows just that text: no emphasis, no link, no image, no HTML, no icon, no autolink,
 * one line, at most `limit` characters.
 */
export function escapeMarkdown(text: string, limit = 300): string {
  const clean = text
    // Control characters, and those that turn the direction of text around.
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, " ")
    .replace(/ {2,}/g, " ")
    .trim();
  const clipped = clean.length > limit ? `${clean.slice(0, limit - 1)}…` : clean;
  return (
    clipped
      .replace(/[\\`*_{}[\]()#+!|<>~&$^=@]/g, "\\$&")
      // What would become a link on its own: an address with a scheme, or one that begins with www.
      .replace(/:(?=\/\/)/g, "\\:")
      .replace(/\b(www)\./gi, "$1\\.")
      .replace(/^([-\d]+)([.)]?)/, (_, start: string, dot: string) =>
        start.startsWith("-") ? `\\${start}${dot}` : dot === "" ? start : `${start}\\${dot}`,
      )
  );
}

/** A link where the address is one that may be linked, else the label alone. The label is escaped already. */
function linkTo(label: string, href: string | undefined): string {
  if (href === undefined || !URL.canParse(href)) return label;
  const url = new URL(href);
  if (url.protocol !== "https:" && url.protocol !== "http:" && url.protocol !== "file:") return label;
  // Parentheses and brackets would end the link early; everything else was encoded by the parser.
  const address = url.href.replace(/[()<>\\]/g, (char) => `%${char.charCodeAt(0).toString(16)}`);
  return address.length > 2000 ? label : `[${label}](${address})`;
}

/** The burn-down chart as a picture in Markdown; undefined where there is no history. */
export function chartImage(status: ObjectiveStatus, slo: Slo, now: number, lang: Language): string | undefined {
  const chart = budgetChart(status, slo, now / 1000, lang);
  return chart === undefined ? undefined : `![${escapeMarkdown(chart.alt)}](${chart.uri})`;
}
