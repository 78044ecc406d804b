/** What is said of an SLO file's problems, by their stable code, in English and Japanese side by side. */
import type { SloFix, SloProblem, TextRange } from "./model.ts";
import { fill, type Language, type Phrase } from "./words.ts";

export const problemTexts = {
  yaml: { en: "{detail}", ja: "YAML として読めません: {detail}" },
  "yaml-templated": {
    en: "Until Helm has rendered this file, it can be read as YAML only in parts ({detail}); the output of `helm template` can be read whole.",
    ja: "Helm でレンダリングする前のため、YAML として一部しか読めません（{detail}）。`helm template` の出力であればすべて読み取れます。",
  },
  templated: {
    en: "Helm fills in what belongs here, so it is known only in the rendered file: the output of `helm template` can be read whole.",
    ja: "ここは Helm が埋めるため、レンダリング後にしか分かりません。`helm template` の出力であれば読み取れます。",
  },
  unreadable: {
    en: "The document could not be read: {detail}",
    ja: "このドキュメントを読み取れません: {detail}",
  },
  "kind-missing": {
    en: "`kind` is missing: SLO, SLI, Service, DataSource, AlertPolicy and others are known.",
    ja: "`kind` がありません。SLO、SLI、Service、DataSource、AlertPolicy などを指定してください。",
  },
  "kind-unknown": {
    en: "OpenSLO has no kind `{name}`.",
    ja: "OpenSLO に `{name}` という kind はありません。",
  },
  "name-missing": {
    en: "`{field}` is missing: nothing can refer to this SLO.",
    ja: "`{field}` がありません。この SLO を参照できません。",
  },
  "service-missing": {
    en: "`{field}` is missing: the SLO belongs to no service, so it cannot be matched to endpoints by service.",
    ja: "`{field}` がありません。サービスが分からないため、サービス単位でエンドポイントに対応付けられません。",
  },
  "slos-missing": { en: "`slos` is missing or empty.", ja: "`slos` がないか、空です。" },
  "objectives-missing": {
    en: "`spec.objectives` is missing or empty: there is no target.",
    ja: "`spec.objectives` がないか空のため、目標値がありません。",
  },
  "target-missing": {
    en: "{fields} is missing: there is no target.",
    ja: "{fields} がないため、目標値がありません。",
  },
  "target-ratio": {
    en: "`{field}` is a ratio from 0 to 1, and {written} looks like a percentage.",
    ja: "`{field}` は 0〜1 の比率で書きます。{written} はパーセントのようです。",
  },
  "target-percent": {
    en: "`{field}` is a percentage from 0 to 100, and {written} means {written} %.",
    ja: "`{field}` は 0〜100 のパーセントで書きます。{written} は {written}% を意味します。",
  },
  "target-range": {
    en: "A target of {written} is outside of the range.",
    ja: "目標値 {written} は範囲外です。",
  },
  "target-hundred": {
    en: "An objective of 100 % leaves no budget: the first failure overspends it.",
    ja: "目標値が 100% ではエラーバジェットが残らず、最初の 1 件の失敗で超過します。",
  },
  "budgeting-method": {
    en: "`{written}` is no budgeting method; Occurrences, Timeslices and RatioTimeslices are. It is read as Occurrences.",
    ja: "`{written}` は予算方式ではありません（Occurrences、Timeslices、RatioTimeslices のいずれか）。Occurrences とみなします。",
  },
  "window-missing": {
    en: "`spec.timeWindow` is missing: 30 days rolling are assumed.",
    ja: "`spec.timeWindow` がないため、30 日のローリングウィンドウとみなします。",
  },
  "window-duration": {
    en: "`{written}` is no duration such as {example}: {days} days are assumed.",
    ja: "`{written}` は期間として読めません（例: {example}）。{days} 日とみなします。",
  },
  "window-short": {
    en: "The window `{written}` is shorter than a day: `m` is minutes and `M` months.",
    ja: "ウィンドウ `{written}` は 1 日未満です。`m` は分、`M` は月を表します。",
  },
  "window-calendar": {
    en: "A window that does not roll needs `calendar` with its start; it is read as rolling.",
    ja: "ローリングでないウィンドウには開始日時を示す `calendar` が必要です。ローリングとみなします。",
  },
  "slice-missing": {
    en: "`{field}` is missing: with Timeslices it decides which slice of time counts as good.",
    ja: "`{field}` がありません。Timeslices では、どの区間を良好とみなすかの判定に必要です。",
  },
  "indicator-missing": {
    en: "There is neither `{field}` nor `{field}Ref`: nothing is measured.",
    ja: "`{field}` も `{field}Ref` もないため、何も計測されません。",
  },
  "indicator-incomplete": {
    en: "Nothing can be measured: {detail}",
    ja: "計測できません: {detail}",
  },
  "indicator-unresolved": {
    en: "No SLI named `{name}` was found in the workspace.",
    ja: "ワークスペースに SLI `{name}` が見つかりません。",
  },
  "reference-unresolved": {
    en: "No {kind} named `{name}` was found in the workspace.",
    ja: "ワークスペースに {kind} `{name}` が見つかりません。",
  },
  "weight-range": {
    en: "A weight is above 0; `{written}` is read as 1.",
    ja: "重みは 0 より大きい数値です。`{written}` は 1 とみなします。",
  },
  "op-on-ratio": {
    en: "`{field}` belongs to a threshold metric; with a ratio metric OpenSLO's SDK refuses it.",
    ja: "`{field}` は thresholdMetric 用の項目です。ratioMetric と併用すると OpenSLO の SDK はエラーにします。",
  },
  "op-missing": {
    en: "A threshold metric needs `op` and `value` in its objective: without them no value is good or bad.",
    ja: "thresholdMetric には objective の `op` と `value` が必要です。ないと良否を判定できません。",
  },
  "good-equals-total": {
    en: "`good` and `total` are the same query: the SLI is always 100 %.",
    ja: "`good` と `total` が同じクエリのため、SLI は常に 100% になります。",
  },
  "bad-equals-total": {
    en: "The error query is the total query: every event counts as bad.",
    ja: "エラーのクエリと全体のクエリが同じため、すべてが失敗として数えられます。",
  },
  "not-subset": {
    en: "`total` is limited to {detail} and this is not, so the two do not count the same requests.",
    ja: "`total` は {detail} に限定されていますが、こちらは限定されていません。同じリクエスト同士の比率になりません。",
  },
  "success-is-errors": {
    en: "`success` counts only responses with `{matcher}`, which are errors, and `total` counts all.",
    ja: "`success` が数えているのは `{matcher}`（エラー応答）のみで、`total` は全応答を数えています。",
  },
  "bad-is-quick": {
    en: 'The bucket `le="{le}"` counts what was quick enough, not what failed: subtract it from the total.',
    ja: 'バケット `le="{le}"` が数えるのはしきい値以内の（良好な）件数です。全体から引いた値を失敗にしてください。',
  },
  "bucket-unknown": {
    en: 'The histogram has no bucket `le="{le}"`, so this counts nothing; the nearest are {near}.',
    ja: 'ヒストグラムにバケット `le="{le}"` がないため、何も数えられません。近いバケット: {near}。',
  },
  "bucket-undeclared": {
    en: 'The histogram is declared in `{path}` without a bucket `le="{le}"`, so this counts nothing; the nearest are {near}.',
    ja: '`{path}` で宣言されたヒストグラムにバケット `le="{le}"` がないため、何も数えられません。近いバケット: {near}。',
  },
  "le-missing": {
    en: "A latency objective counts the requests of one bucket: a `le` label is missing.",
    ja: "レイテンシの目標では 1 つのバケットを数えます。`le` ラベルがありません。",
  },
  "window-template": {
    en: "The query has no `{{.window}}`: Sloth refuses it, since it would look back the same time for every window.",
    ja: "クエリに `{{.window}}` がありません。どのウィンドウでも同じ期間を参照してしまうため、Sloth はエラーにします。",
  },
  "window-fixed": {
    en: "This selector looks back `{written}` whatever the window is; `{{.window}}` is meant.",
    ja: "このセレクターは常に `{written}` を参照します。`{{.window}}` にしてください。",
  },
  "not-a-selector": {
    en: "Pyrra takes a vector selector here, not an expression.",
    ja: "Pyrra のここには式ではなく、ベクターセレクターを書きます。",
  },
  "query-syntax": {
    en: "From here on this is no PromQL, so the query is listed and not evaluated.",
    ja: "ここから先を PromQL として解析できません。クエリは一覧に表示しますが、評価はしません。",
  },
  "query-function": {
    en: "PromQL has no function `{name}`, so the query is listed and not evaluated; what MetricsQL adds is not read.",
    ja: "PromQL に関数 `{name}` はありません。クエリは一覧に表示しますが、評価はしません（MetricsQL の拡張には対応していません）。",
  },
  "query-no-metric": {
    en: "This query asks for no metric, so it is listed and not evaluated.",
    ja: "クエリがメトリクスを参照していません。一覧に表示しますが、評価はしません。",
  },
  "query-templated": {
    en: "Helm fills a part of this query, so it is listed and not evaluated; the output of `helm template` can be.",
    ja: "クエリの一部を Helm が埋めるため、一覧には表示しますが評価はしません。`helm template` の出力であれば評価できます。",
  },
  "key-case": {
    en: "Sloth does not know `{name}` here and ignores it; `{meant}` is meant.",
    ja: "Sloth はここの `{name}` を無視します。正しくは `{meant}` です。",
  },
  "key-twice": {
    en: "`{name}` stands here twice: the last one counts where the file is not refused.",
    ja: "`{name}` が重複しています。エラーにならない場合は、最後のものが使われます。",
  },
  "field-unknown": {
    en: "{tool} does not know `{name}` here.",
    ja: "{tool} のここに `{name}` という項目はありません。",
  },
  "field-misspelt": {
    en: "{tool} does not know `{name}` here; is `{meant}` meant?",
    ja: "{tool} のここに `{name}` という項目はありません。`{meant}` の間違いではありませんか。",
  },
  "value-unknown": {
    en: "`{name}` takes one of {values}, not `{written}`.",
    ja: "`{name}` の値は {values} のいずれかです（`{written}` は使えません）。",
  },
  "name-label": {
    en: "OpenSLO's names are lowercase letters, digits and hyphens, at most 63; its SDK refuses `{written}`.",
    ja: "OpenSLO の名前に使えるのは小文字の英数字とハイフン（63 文字以内）です。`{written}` は SDK でエラーになります。",
  },
  "name-object": {
    en: "Kubernetes refuses the name `{written}`: lowercase letters, digits, hyphens and dots are allowed.",
    ja: "`{written}` は Kubernetes のオブジェクト名に使えません（小文字の英数字、ハイフン、ドットのみ）。",
  },
  "name-sloth": {
    en: "Sloth refuses the name `{written}`: two or more letters, digits, dots, hyphens and underscores, a letter or digit first and last.",
    ja: "`{written}` は Sloth の名前に使えません（2 文字以上の英数字、ドット、ハイフン、アンダースコア。先頭と末尾は英数字）。",
  },
  "number-quoted": {
    en: "`{name}` is a number, and {tool} refuses a text in quotes.",
    ja: "`{name}` は数値です。引用符で囲むと {tool} でエラーになります。",
  },
  "text-unquoted": {
    en: "`{name}` is a text here: Kubernetes refuses {written} without quotes.",
    ja: "`{name}` は文字列です。{written} を引用符なしで書くと Kubernetes でエラーになります。",
  },
  "number-quoted-template": {
    en: "`{name}` is a number, and what Helm fills in between quotes is a text: {tool} refuses it.",
    ja: "`{name}` は数値です。引用符の中に Helm で埋めた値は文字列になり、{tool} でエラーになります。",
  },
  "text-unquoted-template": {
    en: "`{name}` is a text, and what Helm fills in without quotes is read as a number: add `| quote`.",
    ja: "`{name}` は文字列です。Helm で埋めた値は引用符がないと数値と解釈されます。`| quote` を付けてください。",
  },
  "window-rendered": {
    en: "Helm renders this `{{.window}}` itself, as nothing, before Sloth sees it.",
    ja: "この `{{.window}}` は Sloth に渡る前に Helm が展開し、空になります。",
  },
  "list-name": {
    en: "OpenSLO wants a mapping here: `{meant}: {written}`.",
    ja: "OpenSLO のここにはマッピングを書きます: `{meant}: {written}`。",
  },
  "field-renamed": {
    en: "This version of OpenSLO calls it `{meant}`; `{name}` is another version's word.",
    ja: "このバージョンの OpenSLO では `{meant}` です（`{name}` は別のバージョンの名称）。",
  },
  "target-twice": {
    en: "`target` and `targetPercent` exclude each other; `targetPercent` is read.",
    ja: "`target` と `targetPercent` は併用できません。`targetPercent` を使用します。",
  },
  "alert-name-missing": {
    en: "`alerting.name` is missing: Sloth refuses an SLO whose alerts have no name, unless both are disabled.",
    ja: "`alerting.name` がありません。アラートを両方無効にしない限り、Sloth はエラーにします。",
  },
  "duration-form": {
    en: "`{written}` is no duration that OpenSLO takes: a whole number and one of {units}.",
    ja: "`{written}` は OpenSLO の期間として書けません（整数と {units} のいずれか）。",
  },
  "calendar-start": {
    en: "`{written}` is no date and time such as `2026-01-01 00:00:00`: the window's start is not known.",
    ja: "`{written}` は `2026-01-01 00:00:00` のような日時ではないため、ウィンドウの開始が分かりません。",
  },
  "calendar-zone": {
    en: "`{written}` is no time zone of the IANA database, such as `Asia/Tokyo`.",
    ja: "`{written}` は `Asia/Tokyo` のような IANA タイムゾーン名ではありません。",
  },
  "literal-secret": {
    en: "`{name}` looks like a secret written into the file; refer to an environment variable or a secret store.",
    ja: "`{name}` に秘密情報が直接書かれているようです。環境変数やシークレットストアを参照してください。",
  },
  "duplicate-id": {
    en: "This file has two SLOs called `{id}`; this one is listed as `{listed}`.",
    ja: "このファイルに `{id}` という SLO が 2 つあります。こちらは `{listed}` として表示します。",
  },
  "duplicate-name": {
    en: "`{other}` has an SLO `{id}` as well: one of them is listed with a number.",
    ja: "`{id}` という SLO は `{other}` にもあります。片方は番号付きで表示されます。",
  },
  "config-unknown-slo": {
    en: "No SLO file has an SLO `{name}`, so this has no effect.",
    ja: "SLO `{name}` はどの SLO ファイルにもないため、この設定は効果がありません。",
  },
  "config-unknown-slo-near": {
    en: "No SLO file has an SLO `{name}`; is `{meant}` meant?",
    ja: "SLO `{name}` はどの SLO ファイルにもありません。`{meant}` の間違いではありませんか。",
  },
  "config-unknown-endpoint": {
    en: "No endpoint `{name}` was found in the code.",
    ja: "エンドポイント `{name}` はコードに見つかりません。",
  },
  "config-unknown-endpoint-near": {
    en: "The code has no endpoint `{name}`; is `{meant}` meant?",
    ja: "コードにエンドポイント `{name}` はありません。`{meant}` の間違いではありませんか。",
  },
  "config-unknown-service": {
    en: "No SLO is of a service `{name}`; is `{meant}` meant?",
    ja: "サービス `{name}` の SLO はありません。`{meant}` の間違いではありませんか。",
  },
  "endpoint-missing": {
    en: "No endpoint of the code was found for this SLO{detail}.",
    ja: "この SLO に対応するエンドポイントがコードに見つかりません{detail}。",
  },
  "endpoint-gone": {
    en: "The code has no endpoint `{endpoint}`.",
    ja: "コードにエンドポイント `{endpoint}` はありません。",
  },
} as const satisfies Readonly<Record<string, Phrase>>;

export type ProblemCode = keyof typeof problemTexts;

type Data = Readonly<Record<string, string>>;
/** A problem with its English message made from the table. */
export function problem(
  code: ProblemCode,
  severity: SloProblem["severity"],
  range: TextRange,
  data: Data = {},
  ...fixes: readonly SloFix[]
): SloProblem {
  return {
    code,
    severity,
    message: fill(problemTexts[code].en, data, "en"),
    range,
    ...(Object.keys(data).length > 0 ? { data } : {}),
    ...(fixes.length > 0 ? { fixes } : {}),
  };
}

/** The message in a language; a problem that is not of this table keeps its own. */
export function problemText(it: SloProblem, language: Language): string {
  const phrase = Object.hasOwn(problemTexts, it.code) ? problemTexts[it.code as ProblemCode] : undefined;
  if (language === "en") return it.message;
  return it.ja ?? (phrase ? fill(phrase[language], it.data ?? {}, language) : it.message);
}

/** A fix that writes `text` in a place. */
export function write(range: TextRange, text: string): SloFix {
  return { title: `Write ${text}`, ja: `${text} に書き換える`, edits: [{ range, text }] };
}

/** A fix that takes `name` out. */
export function remove(range: TextRange | undefined, name: string): readonly SloFix[] {
  return range === undefined ? [] : [{ title: `Remove ${name}`, ja: `${name} を削除`, edits: [{ range, text: "" }] }];
}

/** The title of a fix in a language. */
export function fixTitle(fix: SloFix, language: Language): string {
  return fix[language === "ja" ? "ja" : "title"];
}
