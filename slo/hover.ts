/** What an objective's target means in things that happen: failures and minutes, not per cents. */

import { SLOTH_DEFAULT } from "./formats/sloth.ts";
import { queriesOf } from "./match.ts";
import type { ObjectiveStatus, Slo, SloLevel } from "./model.ts";
import { queryTools } from "./query-tools.ts";
import { durationText, fill, type Language, obstacles, type Phrase, phraseIn } from "./words.ts";

const phrases = {
  requests: {
    en: "1 of {eachCount} requests may fail.",
    ja: "{eachCount} 件に 1 件までの失敗が許容されます。",
  },
  counts: {
    en: "At the traffic of this window ({totalCount}) that allows {allowedCount}; failures so far: {badCount}.",
    ja: "現在のウィンドウのトラフィック（{totalCount} 件）では {allowedCount} 件に当たり、{badCount} 件を消費済みです。",
  },
  few: {
    en: "The traffic of this window ({totalCount}) is too little to allow even one; failures so far: {badCount}.",
    ja: "現在のウィンドウのトラフィック（{totalCount} 件）では 1 件の失敗も許容されません。これまでの失敗は {badCount} 件です。",
  },
  minutes: {
    en: "A complete outage may last {allowed} in {window}.",
    ja: "全面停止であれば {window}のうち {allowed}まで許容されます。",
  },
  none: {
    en: "Nothing may fail: there is no budget.",
    ja: "1 件の失敗も許容されず、エラーバジェットはありません。",
  },
  slothWindow: {
    en: "The file holds no window; Sloth's default of 30 days is assumed.",
    ja: "ファイルにウィンドウの指定がないため、Sloth の既定値の 30 日とみなします。",
  },
  alertWindows: {
    en: "The file holds no window; it is that of the workspace's AlertWindows.",
    ja: "ファイルにウィンドウの指定がないため、ワークスペースの AlertWindows の期間とみなします。",
  },
} as const satisfies Readonly<Record<string, Phrase>>;

/** Sentences of plain text about what an objective allows; numbers of a status are used where there is one. */
export function sloHover(slo: Slo, status: ObjectiveStatus | undefined, language: Language): readonly string[] {
  const budget = 1 - slo.target;
  if (!(budget > 1e-12)) return [phrases.none[language]];
  const isOfRequests =
    slo.method === "request-weighted" && (slo.indicator.type === "ratio" || slo.indicator.type === "latency-native");
  const said: string[] = [];
  if (isOfRequests) {
    said.push(fill(phrases.requests[language], { eachCount: Math.max(1, Math.floor(1 / budget + 1e-6)) }, language));
    const { total, bad } = status ?? {};
    if (total !== undefined && bad !== undefined && total > 0) {
      const allowed = Math.floor(budget * total + 1e-6);
      const phrase = allowed < 1 ? phrases.few : phrases.counts;
      said.push(fill(phrase[language], { totalCount: total, allowedCount: allowed, badCount: bad }, language));
    }
  }
  const window = durationText(slo.window.seconds, language, 1);
  const allowed = durationText(budget * slo.window.seconds, language);
  said.push(fill(phrases.minutes[language], { allowed, window }, language));
  if (slo.format.startsWith("sloth"))
    said.push(phrases[slo.window.seconds === SLOTH_DEFAULT.seconds ? "slothWindow" : "alertWindows"][language]);
  return said;
}

const listed: Phrase = { en: "Listed, not evaluated.", ja: "一覧に表示しますが、評価はしません。" };
const levels: Readonly<Record<SloLevel, Phrase>> = {
  load: listed,
  lint: listed,
  evaluable: {
    en: "It can be evaluated; no endpoint of the code was found for it.",
    ja: "評価できます。対応するエンドポイントはコードに見つかりません。",
  },
  matched: {
    en: "It can be evaluated, and its endpoints are known.",
    ja: "評価でき、対象のエンドポイントも分かっています。",
  },
};

/** How far an objective got, in a sentence. */
export function levelText(level: SloLevel, language: Language): string {
  return levels[level][language];
}

/** Why an objective is not evaluated, as far as its file tells; undefined where nothing keeps it from being. */
export function obstacleText({ indicator }: Slo, language: Language): string | undefined {
  const of = (key: keyof typeof obstacles, data: Readonly<Record<string, string>> = {}) =>
    fill(obstacles[key][language], data, language);
  if (indicator.type === "unknown") {
    const phrase = phraseIn(obstacles, indicator.obstacle);
    return phrase && fill(phrase[language], indicator.data ?? {}, language);
  }
  const queries = queriesOf(indicator);
  if (queries.some((it) => it.isTemplated)) return of("templated");
  if (queries.some((it) => it.dialect !== "promql")) return of("not-promql");
  if (queries.some((it) => queryTools.selectorsOf(it.text).length === 0)) return of("unreadable");
  return indicator.type === "threshold" && (indicator.op === undefined || indicator.value === undefined)
    ? of("no-threshold")
    : undefined;
}
