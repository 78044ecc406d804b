/** What the fields of SLO files and of slo-lens.yaml mean, in a sentence each, where one stands or could be written. */
import type { SloFormat } from "./model.ts";
import { type Phrase, stateWords } from "./words.ts";

/** Whose file it is. */
export type Dialect = "openslo" | "sloth" | "pyrra" | "config";

/** By name; `parent.name` where a name means different things. */
const openslo: Readonly<Record<string, Phrase>> = {
  apiVersion: {
    en: "The version of OpenSLO that the document is written in.",
    ja: "ドキュメントが従う OpenSLO のバージョン。",
  },
  kind: { en: "What the document defines.", ja: "ドキュメントが定義するオブジェクトの種類。" },
  "metadata.name": {
    en: "The name by which others refer to it: lowercase letters, digits and hyphens.",
    ja: "他のドキュメントから参照される名前（小文字の英数字とハイフン）。",
  },
  displayName: { en: "The name that people read.", ja: "人が読むための表示名。" },
  labels: { en: "Key and value pairs to find it by.", ja: "検索や分類に使うキーと値。" },
  annotations: {
    en: "Further facts for tools. `slo-lens/endpoints` names the endpoints the SLO is about.",
    ja: "ツール向けの付加情報。`slo-lens/endpoints` に対象のエンドポイントを書けます。",
  },
  description: { en: "What it is for, at most 1,050 characters.", ja: "説明（1,050 文字以内）。" },
  service: { en: "The service that the SLO belongs to.", ja: "SLO が属するサービス。" },
  serviceRef: { en: "The service that the SLO belongs to.", ja: "SLO が属するサービス。" },
  indicator: { en: "The SLI: what is measured, written here.", ja: "SLI（何を計測するか）をここに直接書きます。" },
  indicatorRef: { en: "The name of an SLI document.", ja: "SLI ドキュメントの名前。" },
  sli: { en: "The SLI: what is measured, written here.", ja: "SLI（何を計測するか）をここに直接書きます。" },
  sliRef: { en: "The name of an SLI document.", ja: "SLI ドキュメントの名前。" },
  ratioMetric: {
    en: "Good (or bad) events out of all: `good` or `bad`, with `total`; or `raw`, a ratio that is recorded already.",
    ja: "全体に対する良好（または失敗）の割合。`good` か `bad` と `total`、または記録済みの比率 `raw` を指定します。",
  },
  ratioMetrics: {
    en: "Good events out of all: `good` and `total`.",
    ja: "全体に対する良好の割合。`good` と `total` を指定します。",
  },
  thresholdMetric: {
    en: "One value over time, such as a latency; the objective's `op` and `value` say when it is good.",
    ja: "レイテンシなどの単一の時系列。objective の `op` と `value` で良否を判定します。",
  },
  counter: {
    en: "true: the metrics only ever grow. false: they are values that rise and fall.",
    ja: "true: 単調増加するカウンター。false: 増減する値。",
  },
  incremental: { en: "true: the metrics only ever grow.", ja: "true: 単調増加するカウンター。" },
  good: { en: "Counts events that went well.", ja: "成功したイベントの数。" },
  bad: { en: "Counts events that failed.", ja: "失敗したイベントの数。" },
  total: { en: "Counts all events.", ja: "すべてのイベントの数。" },
  raw: { en: "A ratio that is recorded already; it carries no counts.", ja: "記録済みの比率。件数は含まれません。" },
  rawType: { en: "What `raw` is: good out of all, or bad out of all.", ja: "`raw` が成功率か失敗率か。" },
  metricSource: { en: "Where the numbers come from, and the query.", ja: "データの取得元とクエリ。" },
  metricSourceRef: { en: "The name of a DataSource document.", ja: "DataSource ドキュメントの名前。" },
  dataSourceRef: { en: "The name of a DataSource document.", ja: "DataSource ドキュメントの名前。" },
  dataSourceSpec: { en: "A data source, written here.", ja: "データソースをここに直接書きます。" },
  type: {
    en: "The kind of data source; queries of Prometheus are evaluated.",
    ja: "データソースの種類。Prometheus のクエリは評価されます。",
  },
  connectionDetails: { en: "How to reach it. No secrets belong here.", ja: "接続方法。秘密情報は書かないでください。" },
  query: { en: "The query in the source's own language.", ja: "データソースの言語で書いたクエリ。" },
  timeWindow: {
    en: "The time over which the budget is counted: exactly one, rolling or by the calendar.",
    ja: "エラーバジェットを数える期間。ローリングかカレンダーのどちらか 1 つだけ指定します。",
  },
  timeWindows: { en: "The time over which the budget is counted.", ja: "エラーバジェットを数える期間。" },
  duration: {
    en: "Its length: a number and m (minutes), h, d, w, M (months), Q or Y.",
    ja: "長さ。数値と m（分）、h、d、w、M（月）、Q、Y のいずれか。",
  },
  isRolling: {
    en: "true: the last days, moving on with time. false: a period of the calendar.",
    ja: "true: 直近の期間（ローリング）。false: カレンダーの期間。",
  },
  calendar: {
    en: "The start of the first period; the budget is whole again at each.",
    ja: "最初の期間の開始。期間が変わるとエラーバジェットは元に戻ります。",
  },
  startTime: {
    en: "Date and time of the first period, as 2026-01-01 00:00:00.",
    ja: "最初の期間の開始日時（例: 2026-01-01 00:00:00）。",
  },
  timeZone: { en: "Name in the IANA database, such as Asia/Tokyo.", ja: "IANA タイムゾーン名（例: Asia/Tokyo）。" },
  unit: { en: "The unit that `count` counts.", ja: "`count` の単位。" },
  count: { en: "How many units the window is long.", ja: "ウィンドウの長さ（単位の数）。" },
  budgetingMethod: {
    en: "Occurrences: requests are counted. Timeslices: minutes that were good enough are. RatioTimeslices: the mean of the slices' ratios.",
    ja: "Occurrences: リクエスト数で数えます。Timeslices: 十分良好だった時間区間を数えます。RatioTimeslices: 区間ごとの比率の平均。",
  },
  objectives: { en: "The targets.", ja: "目標値。" },
  op: {
    en: "With a threshold metric: a value is good when it is lte, gte, lt or gt `value`.",
    ja: "thresholdMetric で、値が `value` に対して lte・gte・lt・gt のとき良好とみなします。",
  },
  value: {
    en: "With a threshold metric: what values are compared with.",
    ja: "thresholdMetric で値と比較するしきい値。",
  },
  target: {
    en: "The share that must be good, from 0 to 1: 0.999 allows 1 failure in 1,000.",
    ja: "良好でなければならない割合（0〜1）。0.999 なら 1,000 件に 1 件の失敗まで許容されます。",
  },
  targetPercent: { en: "The same in percent: 99.9.", ja: "目標値のパーセント表記（例: 99.9）。" },
  timeSliceTarget: {
    en: "The share of good events that makes a slice of time good, from 0 to 1.",
    ja: "区間を良好とみなすのに必要な割合（0〜1）。",
  },
  timeSliceWindow: {
    en: "The length of a slice: 1m, or a number of minutes.",
    ja: "区間の長さ（例: 1m。数値のみなら分）。",
  },
  compositeWeight: {
    en: "How many times as fast this part burns the composite's budget; 1 unless told.",
    ja: "この部分が複合 SLO のエラーバジェットを消費する重み（既定値 1）。",
  },
  alertPolicies: { en: "When people are told.", ja: "通知の条件。" },
  alertPolicyRef: { en: "The name of an AlertPolicy document.", ja: "AlertPolicy ドキュメントの名前。" },
  conditions: { en: "What must be true for the alert; one.", ja: "アラートの条件（1 つ）。" },
  conditionRef: { en: "The name of an AlertCondition document.", ja: "AlertCondition ドキュメントの名前。" },
  notificationTargets: { en: "Who is told.", ja: "通知先。" },
  targetRef: {
    en: "The name of an AlertNotificationTarget document.",
    ja: "AlertNotificationTarget ドキュメントの名前。",
  },
  threshold: { en: "The burn rate from which the condition holds.", ja: "条件が成立するバーンレート。" },
  lookbackWindow: { en: "The time over which the burn rate is taken.", ja: "バーンレートを計算する期間。" },
  alertAfter: { en: "How long the condition must hold.", ja: "条件が継続すべき時間。" },
};

const slothEvents: Phrase = {
  en: "Counts failed events over `{{.window}}`, which Sloth fills in.",
  ja: "失敗したイベントを `{{.window}}`（Sloth が埋める）で数えるクエリ。",
};
const slothTotal: Phrase = {
  en: "Counts all events over `{{.window}}`.",
  ja: "すべてのイベントを `{{.window}}` で数えるクエリ。",
};
const slothRatio: Phrase = {
  en: "A ratio of failures from 0 to 1 over `{{.window}}`; it carries no counts.",
  ja: "`{{.window}}` における失敗率（0〜1）。件数は含まれません。",
};
const slothPage: Phrase = {
  en: "The alert that wakes somebody: fast burn.",
  ja: "担当者を呼び出すアラート（急速な消費）。",
};
const slothTicket: Phrase = {
  en: "The alert that becomes a ticket: slow burn.",
  ja: "チケットになるアラート（緩やかな消費）。",
};

const sloth: Readonly<Record<string, Phrase>> = {
  version: { en: "The version of Sloth's own format.", ja: "Sloth のファイル形式のバージョン。" },
  service: { en: "The service that the SLOs belong to.", ja: "SLO が属するサービス。" },
  labels: { en: "Labels of the rules that Sloth writes.", ja: "Sloth が生成するルールに付くラベル。" },
  slos: { en: "The objectives.", ja: "SLO の一覧。" },
  "slos.name": {
    en: "The SLO's name; with the service it is `sloth_id`.",
    ja: "SLO の名前。サービス名と合わせて `sloth_id` になります。",
  },
  objective: {
    en: "The share that must be good, in percent: 99.9 allows 1 failure in 1,000.",
    ja: "良好でなければならない割合（パーセント）。99.9 なら 1,000 件に 1 件の失敗まで許容されます。",
  },
  description: { en: "What it is for.", ja: "説明。" },
  sli: {
    en: "What is measured: `events`, `raw` or `plugin`.",
    ja: "計測の方法。`events`、`raw`、`plugin` のいずれか。",
  },
  events: { en: "Failed events and all events.", ja: "失敗したイベントと全イベント。" },
  raw: { en: "A ratio of failures that is known already.", ja: "既知の失敗率。" },
  plugin: { en: "A plugin of Sloth that makes the queries.", ja: "クエリを生成する Sloth のプラグイン。" },
  error_query: slothEvents,
  errorQuery: slothEvents,
  total_query: slothTotal,
  totalQuery: slothTotal,
  error_ratio_query: slothRatio,
  errorRatioQuery: slothRatio,
  alerting: { en: "The alerts that Sloth writes.", ja: "Sloth が生成するアラート。" },
  "alerting.name": {
    en: "The alerts' name; needed unless both are disabled.",
    ja: "アラート名。両方を無効にしない限り必要です。",
  },
  page_alert: slothPage,
  pageAlert: slothPage,
  ticket_alert: slothTicket,
  ticketAlert: slothTicket,
  disable: { en: "true: no such alert.", ja: "true にすると生成しません。" },
  plugins: { en: "Plugins that change the rules of this SLO.", ja: "この SLO のルールを変更するプラグイン。" },
};

const pyrra: Readonly<Record<string, Phrase>> = {
  target: {
    en: 'The share that must be good, in percent and as a text: "99.9".',
    ja: '良好でなければならない割合（パーセントの文字列。例: "99.9"）。',
  },
  window: {
    en: "The rolling window, in Prometheus' form: 4w, 28d.",
    ja: "ローリングウィンドウ（Prometheus の表記。例: 4w、28d）。",
  },
  description: { en: "What it is for.", ja: "説明。" },
  indicator: {
    en: "What is measured: `ratio`, `latency`, `latencyNative` or `bool_gauge`.",
    ja: "計測の方法。`ratio`、`latency`、`latencyNative`、`bool_gauge` のいずれか。",
  },
  ratio: { en: "Failed requests out of all.", ja: "全体に対する失敗の割合。" },
  latency: { en: "Requests in one bucket of a histogram out of all.", ja: "ヒストグラムの 1 つのバケットに入る割合。" },
  "latencyNative.latency": {
    en: "The time within which a request is good: 200ms.",
    ja: "良好とみなす時間（例: 200ms）。",
  },
  latencyNative: {
    en: "Requests within a time, by a native histogram.",
    ja: "ネイティブヒストグラムで測る、時間内に収まる割合。",
  },
  bool_gauge: { en: "A gauge that is 1 while all is well.", ja: "正常なときに 1 になるゲージ。" },
  errors: { en: "The series of failed requests.", ja: "失敗したリクエストの系列。" },
  success: {
    en: "The bucket (`le`) of requests that were quick enough.",
    ja: "十分速かったリクエストのバケット（`le`）。",
  },
  total: { en: "The series of all requests.", ja: "すべてのリクエストの系列。" },
  metric: {
    en: 'A vector selector, no expression: http_requests_total{job="shop"}.',
    ja: '式ではなくベクターセレクター（例: http_requests_total{job="shop"}）。',
  },
  grouping: {
    en: "Labels by which the SLO becomes many, one for each value.",
    ja: "ラベルの値ごとに SLO を分けます。",
  },
  alerting: { en: "The alerts that Pyrra writes.", ja: "Pyrra が生成するアラート。" },
  disabled: { en: "true: no alerts.", ja: "true にするとアラートを生成しません。" },
  burnrates: { en: "false: no alerts about burn rates.", ja: "false にするとバーンレートのアラートを生成しません。" },
  absent: {
    en: "false: no alert when the metric is gone.",
    ja: "false にすると、メトリクスがないときのアラートを生成しません。",
  },
  performanceOverAccuracy: {
    en: "true: cheaper rules that are less exact.",
    ja: "true にすると、正確さより軽さを優先したルールになります。",
  },
};

const config: Readonly<Record<string, Phrase>> = {
  stage: {
    en: "How strict to be: early (a team of one; no SLO is needed), growth, mature (a platform organisation).",
    ja: "厳しさの段階。early（1 人のチーム。SLO は不要）、growth、mature（プラットフォーム組織）。",
  },
  rules: { en: "Rule ids to severities; `*` is every rule.", ja: "ルールごとの重大度。`*` はすべてのルール。" },
  overrides: {
    en: "Severities for some files; the last that fits counts.",
    ja: "一部のファイルに対する重大度。最後に一致したものが使われます。",
  },
  "overrides.files": {
    en: "Globs; a folder's name means everything in it.",
    ja: "glob。フォルダー名だけなら、その中すべて。",
  },
  services: {
    en: "Globs of folders to the services they hold; the first that fits counts.",
    ja: "フォルダーの glob とサービスの対応。最初に一致したものが使われます。",
  },
  prefixes: {
    en: "Base paths that a gateway adds to routes, or takes from them.",
    ja: "ゲートウェイがルートに付ける、または取り除くベースパス。",
  },
  slos: {
    en: "SLO ids (service/name) to the endpoints they are about.",
    ja: "SLO の ID（service/name）と対象エンドポイントの対応。",
  },
  "slos.endpoints": {
    en: "The endpoints the SLO is about, such as `GET /orders/:id`.",
    ja: "SLO の対象エンドポイント（例: `GET /orders/:id`）。",
  },
  endpoints: {
    en: "Endpoints (`POST /orders`) and what a failure there means.",
    ja: "エンドポイント（`POST /orders`）と、そこでの失敗の意味。",
  },
  criticality: {
    en: "How much a failure matters: raises or lowers findings.",
    ja: "失敗の重さ。指摘の重大度を上げ下げします。",
  },
  harm: {
    en: "One sentence: what a failure means for the person who asked.",
    ja: "失敗がリクエストした人にとって何を意味するかを 1 文で。",
  },
  en: { en: "The sentence in English.", ja: "英語の文。" },
  ja: { en: "The sentence in Japanese.", ja: "日本語の文。" },
  policy: { en: "What changes while an objective is in a state.", ja: "SLO の状態に応じて変わること。" },
  when: { en: "The states it is for.", ja: "対象の状態。" },
  "policy.rules": {
    en: "Severities that findings on the objective's endpoints are raised to.",
    ja: "対象エンドポイントの指摘をこの重大度まで引き上げます。",
  },
  agents: {
    en: "`ask`: a coding agent asks before it touches code that serves the objective.",
    ja: "`ask`: コーディングエージェントは、この SLO に関わるコードを変更する前に確認します。",
  },
  message: { en: "What to tell the person who writes code there.", ja: "そこでコードを書く人に伝える文。" },
  telemetry: {
    en: "Where numbers come from. Tokens are never written here.",
    ja: "数値の取得元。トークンは書きません。",
  },
  prometheus: {
    en: "A server with the HTTP API of Prometheus: Thanos, Mimir and VictoriaMetrics too.",
    ja: "Prometheus の HTTP API を持つサーバー（Thanos、Mimir、VictoriaMetrics も可）。",
  },
  "prometheus.url": {
    en: "Base address of the HTTP API, path prefix included (Mimir: …/prometheus).",
    ja: "HTTP API のベースアドレス。パスのプレフィックスも含めます（Mimir: …/prometheus）。",
  },
  headers: {
    en: "Further headers, such as X-Scope-OrgID. No secrets.",
    ja: "追加のヘッダー（X-Scope-OrgID など）。秘密情報は書かないでください。",
  },
  scrape: {
    en: "The metrics page of a service on this machine; no server is needed.",
    ja: "手元で動くサービスのメトリクスページ。サーバーは不要です。",
  },
  "scrape.url": {
    en: "The /metrics address of a service running on this machine.",
    ja: "手元で動くサービスの /metrics のアドレス。",
  },
  snapshot: {
    en: "A file of numbers, for people without access to the server.",
    ja: "サーバーに接続できない人のための、数値のファイル。",
  },
  "snapshot.path": {
    en: "A file written by `slo-lens status --write`, relative to this one.",
    ja: "`slo-lens status --write` で書き出したファイル。このファイルからの相対パス。",
  },
  thresholds: { en: "When states begin.", ja: "状態が切り替わる境目。" },
  watchRemaining: {
    en: "Share of the budget left at which `watch` begins.",
    ja: "`watch` になるエラーバジェットの残り割合。",
  },
  staleSeconds: {
    en: "Age of the numbers beyond which they are stale.",
    ja: "この秒数を超えた数値は古いものとして扱います。",
  },
};

const texts: Readonly<Record<Dialect, Readonly<Record<string, Phrase>>>> = { openslo, sloth, pyrra, config };

/** What a field means; undefined where there is nothing to say. @param keys from the document's root to the field itself */
export function fieldText(dialect: Dialect, keys: readonly string[]): Phrase | undefined {
  const name = keys.at(-1);
  if (name === undefined) return undefined;
  const of = texts[dialect];
  // A list's element or an entry of free keys stands between a name and what it is told under.
  for (const parent of [keys.at(-2), keys.at(-3)]) {
    const both = `${parent}.${name}`;
    if (parent !== undefined && Object.hasOwn(of, both)) return of[both];
  }
  return Object.hasOwn(of, name) ? of[name] : undefined;
}

const values: Readonly<Record<string, Phrase>> = {
  Occurrences: { en: "Every request counts once.", ja: "リクエスト 1 件ずつ数えます。" },
  Timeslices: { en: "Every slice of time counts once: good, or not.", ja: "時間の区間ごとに良否を数えます。" },
  RatioTimeslices: {
    en: "The mean of the slices' ratios: quiet minutes weigh as much as busy ones.",
    ja: "区間ごとの比率の平均。静かな時間も混雑した時間も同じ重みです。",
  },
  lte: { en: "good when ≤ value", ja: "value 以下なら良好" },
  gte: { en: "good when ≥ value", ja: "value 以上なら良好" },
  lt: { en: "good when < value", ja: "value 未満なら良好" },
  gt: { en: "good when > value", ja: "value を超えれば良好" },
  early: { en: "a team of one: no SLO is needed", ja: "1 人のチーム。SLO は不要" },
  growth: { en: "a product that grows", ja: "成長中のプロダクト" },
  mature: { en: "a platform organisation", ja: "プラットフォーム組織" },
};

/** What a value means, where its name leaves that open. */
export function valueText(value: string): Phrase | undefined {
  if (Object.hasOwn(stateWords, value)) return stateWords[value as keyof typeof stateWords];
  return Object.hasOwn(values, value) ? values[value] : undefined;
}

/** Whose words a format has. */
export function dialectOf(format: SloFormat): Dialect {
  return format.startsWith("openslo") ? "openslo" : format === "pyrra" ? "pyrra" : "sloth";
}
