/**
 * Everything the SLO room says to people, in English and Japanese side by side, and how it writes numbers. No sentence
 * is built by gluing words: each is whole, with `{name}` for a datum.
 */
import type { Cause, ObjectiveStatus, State, StatusReport } from "./model.ts";

export type Language = "en" | "ja";

export interface Phrase {
  readonly en: string;
  readonly ja: string;
}

/** The words shown for a state; state is never told by colour alone. */
export const stateWords: Readonly<Record<State, Phrase>> = {
  healthy: { en: "healthy", ja: "正常" },
  watch: { en: "watch", ja: "注意" },
  burning: { en: "burning", ja: "急速に消費中" },
  exhausted: { en: "exhausted", ja: "枯渇" },
  "low-traffic": { en: "low traffic", ja: "トラフィック不足" },
  "no-data": { en: "no data", ja: "データなし" },
  unmatched: { en: "not matched", ja: "対応付けなし" },
  stale: { en: "stale", ja: "更新停止" },
};

/**
 * Why a state was given. Data named `…Seconds` are durations, `…Ratio` percentages, `…Count` events, `…Burn` burn rates;
 * all others are shown as they are.
 */
export const causes = {
  healthy: {
    en: "{leftCount} of {allowedCount} allowed failures left ({remainingRatio}); no burn-rate alert would fire.",
    ja: "許容失敗 {allowedCount} 件のうち残り {leftCount} 件（{remainingRatio}）。バーンレートはアラート条件に達していません。",
  },
  "healthy-ratio": {
    en: "{remainingRatio} of the budget left; no burn-rate alert would fire.",
    ja: "エラーバジェットの残りは {remainingRatio}。バーンレートはアラート条件に達していません。",
  },
  "watch-remaining": {
    en: "Only {remainingRatio} of the budget is left; attention starts at {limitRatio}.",
    ja: "エラーバジェットの残りが {remainingRatio} しかありません（{limitRatio} 以下で注意）。",
  },
  "watch-last": {
    en: "Failures allowed at this traffic: {allowedCount}, all spent. The next one empties the budget.",
    ja: "このトラフィックで許容される失敗 {allowedCount} 件を使い切りました。次の失敗でエラーバジェットは枯渇します。",
  },
  "watch-burn": {
    en: "Burning {longBurn} over {longSeconds}: faster than the budget allows, but not fast enough for a burn-rate alert.",
    ja: "直近 {longSeconds}のバーンレートは {longBurn}で、許容ペースを超えていますが、アラート条件には達していません。",
  },
  burning: {
    en: "Burning {longBurn} over {longSeconds} and {shortBurn} over {shortSeconds}; {factorBurn} over both is the alert threshold.",
    ja: "バーンレートは直近 {longSeconds}で {longBurn}、直近 {shortSeconds}で {shortBurn}。どちらもアラート条件の {factorBurn}以上です。",
  },
  exhausted: {
    en: "{badCount} failures where {allowedCount} are allowed: the budget is spent.",
    ja: "許容 {allowedCount} 件に対して失敗が {badCount} 件あり、エラーバジェットを使い切りました。",
  },
  "exhausted-ratio": {
    en: "{sliRatio} achieved where the objective is {targetRatio}: the budget is spent.",
    ja: "実績 {sliRatio} は目標 {targetRatio} を下回り、エラーバジェットを使い切りました。",
  },
  "exhausted-low-traffic": {
    en: "{badCount} of {totalCount} failed. Traffic is low, but at an objective of {targetRatio} this many failures are not chance.",
    ja: "{totalCount} 件中 {badCount} 件が失敗しました。トラフィックは少ないものの、目標 {targetRatio} に対して偶然とは言えない件数です。",
  },
  "low-traffic": {
    en: "{badCount} of {totalCount} failed. At this traffic a single failure costs {oneRatio} of the budget, so percentages mean nothing: at least {neededCount} requests are needed. A longer window, several endpoints together or a lower target would allow a verdict.",
    ja: "{totalCount} 件中 {badCount} 件が失敗しました。このトラフィックでは失敗 1 件がエラーバジェットの {oneRatio} に当たり、割合では判断できません（{neededCount} 件以上のリクエストが必要です）。ウィンドウを長くする、複数のエンドポイントをまとめる、目標を下げる、のいずれかで判定できるようになります。",
  },
  "no-traffic": {
    en: "No requests were counted in the window, so there is nothing to judge. If there was traffic, check that the service is still being scraped.",
    ja: "ウィンドウ内にリクエストが記録されていないため、判定できません。実際にはトラフィックがあったのであれば、サービスがスクレイプされているか確認してください。",
  },
  "no-values": {
    en: "The metric exists, but the query returned no value for the window. Run it on the server to see which part is empty.",
    ja: "メトリクスはありますが、ウィンドウ内でクエリの結果が空です。サーバー上でクエリを実行し、どの部分が空になるか確認してください。",
  },
  "no-source": {
    en: "No telemetry is configured. Set a Prometheus address, a snapshot file or the /metrics address of a service running locally.",
    ja: "テレメトリが設定されていません。Prometheus のアドレス、スナップショットファイル、ローカルで動くサービスの /metrics のいずれかを設定してください。",
  },
  "source-off": {
    en: "Telemetry is switched off. Set `sloLens.telemetry.source` to `auto` to see numbers.",
    ja: "テレメトリがオフになっています。値を表示するには `sloLens.telemetry.source` を `auto` に設定してください。",
  },
  untrusted: {
    en: "The workspace is not trusted, so nothing is asked of the network. If you know it, trust it to see numbers.",
    ja: "ワークスペースが信頼されていないため、ネットワークに接続しません。内容を確認し、信頼すると値が表示されます。",
  },
  "no-answer": {
    en: "Telemetry could not be read: {problem}",
    ja: "テレメトリを取得できませんでした: {problem}",
  },
  "not-evaluable": {
    en: "The indicator's queries cannot be evaluated: {problem}",
    ja: "SLI のクエリを評価できません: {problem}",
  },
  "not-in-snapshot": {
    en: "The snapshot does not contain this objective. Write it again with `slo-lens status --write`.",
    ja: "スナップショットにこの SLO がありません。`slo-lens status --write` で書き出し直してください。",
  },
  "not-finite": {
    en: "The result of the query is not a number, usually from dividing by zero while there was no traffic. Count failures and requests in two queries instead of one ratio.",
    ja: "クエリの結果が数値になりませんでした。トラフィックのない時間帯のゼロ除算が主な原因です。比率のクエリの代わりに、失敗数とリクエスト数を別々のクエリで数えてください。",
  },
  "no-series": {
    en: "The SLI's query matched no series, and no metric named {metric} was found. Check the name, and that the service is being scraped.",
    ja: "SLI のクエリに一致する系列がなく、メトリクス {metric} も見つかりません。名前と、サービスがスクレイプされているかを確認してください。",
  },
  "metric-other-name": {
    en: "There is no metric named {metric}, but the service exports {found}. Use that name in the query.",
    ja: "メトリクス {metric} はありませんが、このサービスは {found} を出力しています。クエリの名前を合わせてください。",
  },
  "default-metrics-only": {
    en: "There is no metric named {metric}: the service exports only the default metrics of prom-client, which count no HTTP requests. Add a histogram of its requests, or a library that does (express-prom-bundle, fastify-metrics, OpenTelemetry).",
    ja: "メトリクス {metric} がありません。このサービスは prom-client の既定のメトリクスしか出力しておらず、HTTP リクエストは数えられていません。リクエストのヒストグラムを追加するか、express-prom-bundle、fastify-metrics、OpenTelemetry などを導入してください。",
  },
  "no-native-histogram": {
    en: "{metric} is not a native histogram here: {found} is there, a classic one. Use a latency indicator with a bucket, or turn native histograms on where the service is scraped.",
    ja: "{metric} はネイティブヒストグラムではなく、従来形式の {found} があります。バケットを使うレイテンシの指標に変えるか、スクレイプ側でネイティブヒストグラムを有効にしてください。",
  },
  "part-absent": {
    en: "Requests are counted, but there is no metric {metric}: either it has not been recorded since the service started, or the name is wrong. Exporting it as 0 from the start would tell the two apart.",
    ja: "リクエスト数は取得できますが、メトリクス {metric} がありません。起動後に一度も記録されていないか、名前が誤っています。起動時から 0 を出力しておけば、どちらなのか分かります。",
  },
  "no-series-labels": {
    en: "The metric {metric} exists, but no series has {selector}; it has {found}. Change the query to match.",
    ja: "メトリクス {metric} はありますが、{selector} に一致する系列がありません（あるのは {found}）。クエリを合わせてください。",
  },
  "metric-without-unit": {
    en: "There is no metric named {metric}, but there is {found}: the JavaScript Prometheus exporter leaves out the unit suffix. Change the name in the query.",
    ja: "メトリクス {metric} はありませんが、{found} はあります。JavaScript の Prometheus エクスポーターは単位の接尾辞を付けません。クエリの名前を変更してください。",
  },
  "metric-old-name": {
    en: "There is no metric named {metric}, but there is {found}, the name from the older HTTP conventions (in milliseconds). Change the query, or update the instrumentation.",
    ja: "メトリクス {metric} はありませんが、旧 HTTP 規約の {found}（ミリ秒単位）はあります。クエリを変更するか、計装を更新してください。",
  },
  "no-route-label": {
    en: "The metric {metric} has no {label} label. With OpenTelemetry the route comes from tracing: register a tracer provider with a context manager and the framework's instrumentation (Next.js sets no route on this metric).",
    ja: "メトリクス {metric} にラベル {label} がありません。OpenTelemetry のルートはトレースから得られるため、コンテキストマネージャーを備えたトレーサープロバイダーとフレームワークの計装を登録してください（Next.js はこのメトリクスにルートを設定しません）。",
  },
  "no-path-label": {
    en: "The metric {metric} has no {label} label, nor any other with the route. express-prom-bundle adds one only with `includePath: true`; with prom-client, put the route into the metric's `labelNames`.",
    ja: "メトリクス {metric} に、{label} などルートを表すラベルがありません。express-prom-bundle では `includePath: true` のときだけ付きます。prom-client ではメトリクスの `labelNames` にルートを加えてください。",
  },
  "route-prefix": {
    en: "The label {label} of {metric} holds {found}, without the prefix of its router: `req.route.path` leaves it out. Record `req.baseUrl + req.route.path`, or change the query.",
    ja: "メトリクス {metric} のラベル {label} は {found} で、ルーターのプレフィックスが含まれていません。`req.route.path` には含まれないため、`req.baseUrl + req.route.path` を記録するか、クエリを変更してください。",
  },
  "route-label-renamed": {
    en: "The metric {metric} has the route in {found}, not in {label}. Change the label in the query.",
    ja: "メトリクス {metric} のルートは {label} ではなく {found} に入っています。クエリのラベルを変更してください。",
  },
  "label-renamed": {
    en: "The metric {metric} has no {label} label; it has {found} instead. Change the label in the query.",
    ja: "メトリクス {metric} にラベル {label} はなく、代わりに {found} があります。クエリのラベルを変更してください。",
  },
  "raw-paths": {
    en: "The label {label} of {metric} holds raw paths ({example}) instead of route templates: {seriesCount} values so far. Record the template; otherwise endpoints cannot be told apart, and the series keep growing.",
    ja: "メトリクス {metric} のラベル {label} には、ルートのテンプレートではなく実際のパス（例: {example}）が入っています（現在 {seriesCount} 種類）。このままではエンドポイントを区別できず、系列数も際限なく増えます。テンプレートを記録してください。",
  },
  "masked-paths": {
    en: "The label {label} of {metric} holds masked paths ({example}), which can only be matched to routes by shape. Use the masked path in the query, or record the route template (`normalizePath` in express-prom-bundle).",
    ja: "メトリクス {metric} のラベル {label} にはマスクされたパス（例: {example}）が入っており、ルートとは形でしか照合できません。クエリにマスク後のパスを書くか、ルートのテンプレートを記録してください（express-prom-bundle では `normalizePath`）。",
  },
  "no-status-label": {
    en: "The metric {metric} has no status label ({label}), so failures cannot be told from successes. Record the status code as a label.",
    ja: "メトリクス {metric} にステータスのラベル（{label}）がないため、成功と失敗を区別できません。ステータスコードをラベルに記録してください。",
  },
  "status-class-only": {
    en: "The label {label} of {metric} holds only classes ({example}), but the query asks for {wanted}. Ask for the class instead.",
    ja: "メトリクス {metric} のラベル {label} に入っているのはクラス（{example}）だけですが、クエリは {wanted} を指定しています。クラスで指定してください。",
  },
  "no-method-label": {
    en: "The metric {metric} has no method label, so endpoints that share a route cannot be told apart. Record the method as a label.",
    ja: "メトリクス {metric} に HTTP メソッドのラベルがなく、同じルートのエンドポイントを区別できません。メソッドをラベルに記録してください。",
  },
  "no-bucket": {
    en: 'The histogram {metric} has no bucket le="{wanted}"; it has {found}. Move the objective\'s threshold to a bucket, or add the bucket.',
    ja: 'ヒストグラム {metric} に le="{wanted}" のバケットがありません（あるのは {found}）。しきい値をバケットに合わせるか、バケットを追加してください。',
  },
  unmatched: {
    en: "No endpoint in the code belongs to this objective. Map it in slo-lens.yaml under `slos`.",
    ja: "この SLO に対応するエンドポイントがコードにありません。slo-lens.yaml の `slos` で対応付けてください。",
  },
  "unmatched-ambiguous": {
    en: "More than one endpoint could be meant ({candidates}). Pick one in slo-lens.yaml under `slos`.",
    ja: "該当しうるエンドポイントが複数あります（{candidates}）。slo-lens.yaml の `slos` で選んでください。",
  },
  stale: {
    en: "The latest numbers are {ageSeconds} old, over the limit of {limitSeconds}. The state then: {was}.",
    ja: "最後に取得した値は {ageSeconds}前のもので、上限の {limitSeconds}を超えています。その時点の状態は「{was}」です。",
  },
  "future-snapshot": {
    en: "The snapshot is dated in the future. Check the clock of the machine that wrote it.",
    ja: "スナップショットの日時が未来になっています。書き出したマシンの時計を確認してください。",
  },
} as const satisfies Record<string, Phrase>;

/** Whether telemetry has seen an endpoint's route; no state, and written as causes are. */
export const sightings = {
  "live-seen": {
    en: 'Seen: {metric} has {label}="{found}" ({seriesCount} series within a day).',
    ja: '実測あり: {metric} に {label}="{found}" があります（直近 1 日に {seriesCount} 系列）。',
  },
  "live-found": {
    en: "The query finds series.",
    ja: "クエリに一致する系列があります。",
  },
  "live-other-method": {
    en: '{metric} has {label}="{found}", but only for {methods}, not for {method}. It may not have been called within a day.',
    ja: '{metric} に {label}="{found}" はありますが、メソッドは {methods} だけで {method} がありません。直近 1 日に呼ばれていない可能性があります。',
  },
  "live-longer": {
    en: "The label {label} of {metric} holds {found}, with a prefix that the code does not show. Name the prefix in slo-lens.yaml under `prefixes`.",
    ja: "メトリクス {metric} のラベル {label} は {found} で、コードにはないプレフィックスが付いています。slo-lens.yaml の `prefixes` にプレフィックスを指定してください。",
  },
  "live-near": {
    en: "Routes that {metric} has seen within a day ({label}): {routeCount}. This one is not among them; the nearest is {found}. Either it was not called, or it is counted under another name.",
    ja: "{metric} が直近 1 日に記録した {routeCount} 件のルート（{label}）に一致するものはなく、最も近いのは {found} です。呼ばれていないか、別の名前で記録されています。",
  },
  "live-not-seen": {
    en: "Routes that {metric} has seen within a day ({label}): {routeCount}. Neither this one nor any near it is among them. It was not called, or the service that is measured is another one.",
    ja: "{metric} が直近 1 日に記録した {routeCount} 件のルート（{label}）に、一致するものも近いものもありません。呼ばれていないか、計測しているサービスが別のものです。",
  },
  "live-no-metric": {
    en: "No metric of HTTP requests was found at the source.",
    ja: "HTTP リクエストのメトリクスが取得元に見つかりません。",
  },
} as const satisfies Record<string, Phrase>;

export type CauseKey = keyof typeof causes | keyof typeof sightings;

/** Why a source gave no answer. `{address}` is an origin without path or secrets. */
export const faults: Readonly<Record<string, Phrase>> = {
  "bad-address": {
    en: "{address} is not an http or https address.",
    ja: "{address} は http または https のアドレスではありません。",
  },
  refused: {
    en: "{address} refused the connection. Is it running, and is the port right?",
    ja: "{address} に接続を拒否されました。起動しているか、ポートが正しいかを確認してください。",
  },
  "unknown-host": {
    en: "the host of {address} is unknown. Check the name, or the VPN.",
    ja: "{address} のホスト名を解決できません。名前か VPN 接続を確認してください。",
  },
  stalled: {
    en: "{address} did not answer in time ({detail}).",
    ja: "{address} が時間内（{detail}）に応答しませんでした。",
  },
  certificate: {
    en: "the certificate of {address} is not trusted here ({detail}). If your company issued it, add its authority to the system, or name it in NODE_EXTRA_CA_CERTS.",
    ja: "{address} の証明書は、この環境では信頼されていません（{detail}）。社内の認証局が発行したものであれば、認証局の証明書をシステムに追加するか、NODE_EXTRA_CA_CERTS に指定してください。",
  },
  "no-tls": {
    en: "{address} does not speak https ({detail}). Is it served as http://?",
    ja: "{address} は https に対応していません（{detail}）。http:// のアドレスではないか確認してください。",
  },
  "too-large": {
    en: "the answer of {address} was too large ({detail}) and was not read to its end.",
    ja: "{address} の応答が大きすぎるため（{detail}）、途中で読み取りを中止しました。",
  },
  redirects: {
    en: "{address} redirects ({detail}). Set the address it leads to.",
    ja: "{address} がリダイレクトを返しました（{detail}）。転送先のアドレスを設定してください。",
  },
  "cut-off": {
    en: "{address} closed the connection before its answer was complete.",
    ja: "{address} との接続が応答の途中で切れました。",
  },
  unreachable: {
    en: "{address} cannot be reached ({detail}).",
    ja: "{address} に到達できません（{detail}）。",
  },
  aborted: {
    en: "the question to {address} was given up.",
    ja: "{address} への問い合わせを中止しました。",
  },
  denied: {
    en: '{address} wants a token, or refuses the one it got ({status}). Set it with the command "Set Telemetry Token".',
    ja: "{address} に認証を拒否されました（{status}）。コマンド「テレメトリのトークンを設定」でトークンを設定してください。",
  },
  "denied-after-redirect": {
    en: "the address redirects to {address}, which wants a token ({status}); a token never follows a redirect to another address. Set {address} itself.",
    ja: "転送先の {address} が認証を求めています（{status}）。トークンは別のアドレスへの転送先には送られません。{address} を直接設定してください。",
  },
  "no-tenant": {
    en: "{address} needs to know whose data to read. Set the header X-Scope-OrgID to the tenant.",
    ja: "{address} にはテナントの指定が必要です。ヘッダー X-Scope-OrgID を設定してください。",
  },
  "not-there": {
    en: "{address} has nothing at this path ({status}). Is a path prefix missing, such as /prometheus or /select/0/prometheus?",
    ja: "{address} のこのパスには何もありません（{status}）。/prometheus や /select/0/prometheus などのプレフィックスが抜けていないか確認してください。",
  },
  "too-many": {
    en: "{address} has more queries than it can take. The next try comes later.",
    ja: "{address} が処理できるクエリ数を超えています。時間をおいて再試行します。",
  },
  status: {
    en: "{address} answered with status {status}.",
    ja: "{address} がステータス {status} を返しました。",
  },
  html: {
    en: "{address} answered with a web page instead of data. It may be a login page, or the address of a user interface.",
    ja: "{address} がデータではなく Web ページを返しました。ログインページか、画面用のアドレスの可能性があります。",
  },
  "not-json": {
    en: "{address} answered with something that is not JSON.",
    ja: "{address} の応答が JSON ではありません。",
  },
  "not-prometheus": {
    en: "{address} answered with JSON, but not the way the Prometheus API does.",
    ja: "{address} は JSON を返しましたが、Prometheus API の形式ではありません。",
  },
  "query-timeout": {
    en: "{address} gave up on the query ({detail}). A recording rule would make it cheap.",
    ja: "{address} でクエリが時間切れになりました（{detail}）。レコーディングルールを使うと負荷を下げられます。",
  },
  "query-too-long": {
    en: "{address} does not look back as far as the objective's window ({detail}). Raise that limit, or shorten the window.",
    ja: "{address} では SLO のウィンドウの長さまでさかのぼれません（{detail}）。上限を引き上げるか、ウィンドウを短くしてください。",
  },
  "query-too-heavy": {
    en: "the query reads more than {address} allows ({detail}). A recording rule would make it cheap.",
    ja: "クエリの読み取り量が {address} の上限を超えています（{detail}）。レコーディングルールを使うと負荷を下げられます。",
  },
  "store-unreachable": {
    en: "{address} cannot reach part of its data, and a budget from the rest would be wrong ({detail}).",
    ja: "{address} がデータの一部に到達できません（{detail}）。残りだけではエラーバジェットが正しくならないため、値を表示しません。",
  },
  "no-function": {
    en: "{address} lacks a function that the query uses ({detail}). Native histograms need Prometheus, Mimir or Thanos.",
    ja: "クエリで使われている関数が {address} にはありません（{detail}）。ネイティブヒストグラムには Prometheus、Mimir、Thanos のいずれかが必要です。",
  },
  warned: {
    en: "{address} warns that data is missing: {detail}",
    ja: "{address} がデータの欠落を警告しています: {detail}",
  },
  "query-refused": {
    en: "{address} refused the query: {detail}",
    ja: "{address} がクエリを受け付けませんでした: {detail}",
  },
  "not-metrics": {
    en: "{address} answered with no metrics in the Prometheus text format.",
    ja: "{address} の応答が Prometheus のテキスト形式のメトリクスではありません。",
  },
  "beyond-scrape": {
    en: "the query uses what only a Prometheus server can compute ({detail}).",
    ja: "クエリに、Prometheus サーバーでしか計算できないもの（{detail}）が含まれています。",
  },
  "no-file": {
    en: "the file {address} cannot be read.",
    ja: "ファイル {address} を読み取れません。",
  },
  "not-snapshot": {
    en: "{address} is not a snapshot written by `slo-lens status --write`.",
    ja: "{address} は `slo-lens status --write` で書き出したスナップショットではありません。",
  },
  "snapshot-too-large": {
    en: "the snapshot {address} is too large to be read.",
    ja: "スナップショット {address} は大きすぎるため読み込めません。",
  },
  "no-names": {
    en: "{address} did not tell the names of its metrics. Try again, or look at its log.",
    ja: "{address} からメトリクス名を取得できませんでした。時間をおいて試すか、サーバーのログを確認してください。",
  },
  unexpected: {
    en: "an unexpected failure: {detail}",
    ja: "予期しないエラーが発生しました: {detail}",
  },
};

/** Why an indicator cannot be evaluated. */
export const obstacles = {
  window: { en: "the length of the window cannot be read.", ja: "ウィンドウの長さを読み取れません。" },
  "not-promql": { en: "they are not PromQL.", ja: "PromQL で書かれていません。" },
  templated: {
    en: "Helm fills in part of them. Keep the output of `helm template` in the workspace, and that is evaluated instead.",
    ja: "一部が Helm のテンプレートです。`helm template` の出力をワークスペースに置くと、そちらを評価します。",
  },
  "one-part": {
    en: "only one of good, bad and total is given.",
    ja: "good、bad、total のうち 1 つしか指定されていません。",
  },
  unreadable: { en: "they cannot be read as PromQL.", ja: "PromQL として読み取れません。" },
  "no-threshold": {
    en: "the threshold has no operator or no value.",
    ja: "しきい値に演算子か値が指定されていません。",
  },
  "sli-not-found": { en: "the SLI `{name}` was not found.", ja: "SLI `{name}` が見つかりません。" },
  "no-indicator": { en: "the document has no indicator.", ja: "指標が指定されていません。" },
  "no-metric": {
    en: "the indicator has neither `ratioMetric` nor `thresholdMetric`.",
    ja: "指標に `ratioMetric` も `thresholdMetric` もありません。",
  },
  "other-query": {
    en: "the metric source has no query of a kind that can be read here.",
    ja: "メトリクスの取得元に、読み取れる形式のクエリがありません。",
  },
  "ratio-parts": {
    en: "a ratio needs `total` and one of `good` and `bad`.",
    ja: "比率には `total` と、`good` か `bad` のどちらかが必要です。",
  },
  "pyrra-ratio": {
    en: "`ratio` needs `errors.metric` and `total.metric`.",
    ja: "`ratio` には `errors.metric` と `total.metric` が必要です。",
  },
  "pyrra-latency": {
    en: "`latency` needs `success.metric` and `total.metric`.",
    ja: "`latency` には `success.metric` と `total.metric` が必要です。",
  },
  "pyrra-native": {
    en: "`latencyNative` needs `latency` and `total.metric`.",
    ja: "`latencyNative` には `latency` と `total.metric` が必要です。",
  },
  "pyrra-bool": { en: "`bool_gauge` needs `metric`.", ja: "`bool_gauge` には `metric` が必要です。" },
  "pyrra-kind": {
    en: "this kind of indicator is not supported.",
    ja: "対応していない種類の指標です。",
  },
  "sloth-events": {
    en: "`events` needs an error query and a total query.",
    ja: "`events` にはエラーのクエリと全体のクエリが必要です。",
  },
  "sloth-raw": { en: "`raw` needs an error ratio query.", ja: "`raw` にはエラー率のクエリが必要です。" },
  "sloth-plugin": {
    en: "a Sloth plugin generates them, and nothing recorded by Sloth was found.",
    ja: "Sloth のプラグインがクエリを生成しており、Sloth が記録した系列も見つかりません。",
  },
  "several-series": {
    en: "the ratio returns {seriesCount} series; aggregate it into one.",
    ja: "比率のクエリが {seriesCount} 系列を返します。1 系列に集約してください。",
  },
} as const satisfies Record<string, Phrase>;

/** Own phrases only: keys come from snapshots, which others wrote, and `constructor` is no phrase. */
export function phraseIn(phrases: Readonly<Record<string, Phrase>>, key: unknown): Phrase | undefined {
  return typeof key === "string" && Object.hasOwn(phrases, key) ? phrases[key] : undefined;
}

/** A fault in one language. */
export function sayFault(
  fault: { readonly kind: string; readonly data: Readonly<Record<string, string | number>> },
  language: Language,
): string {
  return fill((phraseIn(faults, fault.kind) ?? faults.unexpected!)[language], { detail: "–", ...fault.data }, language);
}

/** What went wrong while a report was made, in one language. A report of a newer version keeps the words it came with. */
export function problemsIn(report: Pick<StatusReport, "problems" | "faults">, language: Language): readonly string[] {
  const given = report.faults ?? [];
  const isKnown = ({ key }: Cause) => phraseIn(causes, key) !== undefined || phraseIn(faults, key) !== undefined;
  if (given.length !== report.problems.length || !given.every(isKnown)) return report.problems;
  return given.map((each) =>
    phraseIn(causes, each.key) === undefined
      ? sayFault({ kind: each.key, data: each.data }, language)
      : say(each, language),
  );
}

/** Said after a sentence when the numbers reach less far back than the window. */
const shortHistory: Phrase = {
  en: "Counted over the last {coversSeconds} only, not over the {windowSeconds} of the window.",
  ja: "集計できたのは、ウィンドウ {windowSeconds}のうち直近 {coversSeconds}分だけです。",
};

/** The same where the window has been said already. */
const shortReach: Phrase = {
  en: "Counted over the last {coversSeconds} only.",
  ja: "集計できたのは直近 {coversSeconds}分だけです。",
};

/** Said after a sentence when a server answered in part. */
const partialAnswer: Phrase = {
  en: "The answer was partial, so the counts may be too low.",
  ja: "データの一部が欠けているため、実際の件数はこれより多い可能性があります。",
};

/** The whole sentence of a cause in one language. An unknown key (a snapshot of a newer version) gives "". */
export function say(cause: Cause, language: Language): string {
  const phrase = phraseIn(causes, cause.key) ?? phraseIn(sightings, cause.key);
  if (phrase === undefined) return "";
  const fault = cause.data.fault;
  const obstacle = phraseIn(obstacles, cause.data["obstacle"]);
  const problem =
    typeof fault === "string"
      ? { problem: sayFault({ kind: fault, data: cause.data }, language) }
      : obstacle === undefined
        ? {}
        : { problem: fill(obstacle[language], cause.data, language) };
  return fill(phrase[language], { ...cause.data, ...problem }, language);
}

/** Said after a sentence where an objective of slices was counted by requests. */
const notSliced: Phrase = {
  en: "The objective counts time slices, which could not be counted here: these numbers are weighted by requests.",
  ja: "この SLO はタイムスライス単位ですが、スライスを集計できないため、リクエスト加重の値を表示しています。",
};

/** What must be known of a status' numbers, a sentence each. */
export function notes(
  { coversSeconds, isPartial, method, budgetRemaining }: NotedStatus,
  language: Language,
  of: { readonly windowSeconds?: number; readonly method?: ObjectiveStatus["method"] } = {},
): readonly string[] {
  const { windowSeconds } = of;
  const isSliced = of.method === "timeslices" || of.method === "ratio-timeslices";
  return [
    ...(coversSeconds === undefined
      ? []
      : [
          windowSeconds === undefined
            ? fill(shortReach[language], { coversSeconds }, language)
            : fill(shortHistory[language], { coversSeconds, windowSeconds }, language),
        ]),
    ...(isPartial === true ? [partialAnswer[language]] : []),
    ...(isSliced && method === "request-weighted" && budgetRemaining !== undefined ? [notSliced[language]] : []),
  ];
}

type NotedStatus = Pick<ObjectiveStatus, "coversSeconds" | "isPartial" | "method" | "budgetRemaining">;

/**
 * The whole reason of a status in one language: the cause, then what must be known of the numbers. A status without a
 * cause (a snapshot of an older version) keeps the reason it came with.
 */
export function reasonText(
  status: Pick<ObjectiveStatus, "cause" | "reason"> & NotedStatus,
  language: Language,
  of: { readonly windowSeconds?: number; readonly method?: ObjectiveStatus["method"] } = {},
): string {
  const said = status.cause === undefined ? "" : say(status.cause, language);
  if (said === "") return status.reason;
  return [said, ...notes(status, language, of)].join(language === "ja" ? "" : " ");
}

/** Fills `{name}` in a text; the name's ending says how a number is written, see `causes`. */
export function fill(text: string, data: Readonly<Record<string, string | number>>, language: Language): string {
  return text.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = Object.hasOwn(data, name) ? data[name] : undefined;
    // A snapshot of somebody else may lack what a sentence needs.
    if (value === undefined) return unknownNumber;
    if (name === "was") return phraseIn(stateWords, value)?.[language] ?? unknownNumber;
    if (typeof value === "string") return value;
    if (name.endsWith("Seconds")) return durationText(value, language);
    if (name === "targetRatio") return targetText(value, language);
    if (name.endsWith("Ratio")) return percentText(value, language);
    if (name.endsWith("Burn")) return burnText(value, language);
    return countText(value);
  });
}

const unknownNumber = "–";

/** A count of events: whole, grouped; extrapolated parts of one event are "<1". */
export function countText(value: number): string {
  if (!Number.isFinite(value)) return unknownNumber;
  if (value > 0 && value < 0.5) return "<1";
  const whole = Math.round(value);
  return (whole === 0 ? 0 : whole).toLocaleString("en-US");
}

/**
 * A ratio as a percentage that never rounds a difference away: 0.99954 is not shown as 100 %, 0.0004 not as 0 %. At most
 * four decimals; what lies closer to 0 or 1 than that is "<0.0001 %" or ">99.9999 %". Japanese sets no space.
 */
export function percentText(value: number, language: Language = "en"): string {
  if (!Number.isFinite(value)) return unknownNumber;
  return `${percentNumber(value * 100)}${language === "ja" ? "%" : " %"}`;
}

function percentNumber(percent: number): string {
  const size = Math.abs(percent);
  if (size === 0) return "0";
  if (size < 0.0001) return percent < 0 ? "<0" : "<0.0001";
  if (percent > 99.9999 && percent < 100) return ">99.9999";
  if (size >= 1e7) return percent < 0 ? "<-9,999,999" : ">9,999,999";
  if (size >= 1000) return Math.round(percent).toLocaleString("en-US");
  const decimals = percent > 99 && percent < 100 ? 2 : size >= 10 ? 0 : size >= 1 ? 1 : 2;
  for (let digits = decimals; digits <= 4; digits++) {
    const shown = Number(percent.toFixed(digits));
    const hidesDifference = (shown === 100 && percent !== 100) || (shown === 0 && percent !== 0);
    if (!hidesDifference || size >= 101) return trimZeros(percent.toFixed(digits));
  }
  return trimZeros(percent.toFixed(4));
}

/** An objective's target: as many decimals as it has, up to six. */
export function targetText(target: number, language: Language = "en"): string {
  if (!Number.isFinite(target)) return unknownNumber;
  return `${trimZeros((target * 100).toFixed(6))}${language === "ja" ? "%" : " %"}`;
}

const trimZeros = (text: string) => (text.includes(".") ? text.replace(/0+$/, "").replace(/\.$/, "") : text);

/** A burn rate with one decimal: 6.2×, or 6.2 倍. Just under 1 keeps two, for 1 is the line between saving and spending. */
export function burnText(rate: number, language: Language): string {
  if (!Number.isFinite(rate) || rate < 0) return unknownNumber;
  const text =
    rate > 1e6
      ? ">1,000,000"
      : rate === 0
        ? "0"
        : rate > 0 && rate < 0.05
          ? "<0.1"
          : rate >= 100
            ? Math.round(rate).toLocaleString("en-US")
            : rate >= 0.95 && rate < 1
              ? (Math.floor(rate * 100) / 100).toFixed(2)
              : rate.toFixed(1);
  return language === "ja" ? `${text} 倍` : `${text}×`;
}

const units: readonly { readonly seconds: number; readonly en: string; readonly ja: string }[] = [
  { seconds: 86_400, en: "d", ja: "日" },
  { seconds: 3600, en: "h", ja: "時間" },
  { seconds: 60, en: "min", ja: "分" },
  { seconds: 1, en: "s", ja: "秒" },
];

/** A duration in its two largest units: "3 d 4 h", "3 日 4 時間"; `parts` 1 keeps the largest only. */
export function durationText(seconds: number, language: Language, parts: 1 | 2 = 2): string {
  if (!Number.isFinite(seconds)) return unknownNumber;
  // Ten thousand years say as much as any longer time, and stay a number.
  const whole = Math.min(Math.max(0, seconds), 3.2e11);
  const largest = units.findIndex((unit) => whole >= unit.seconds);
  if (largest < 0) {
    if (whole === 0) return language === "ja" ? "0 秒" : "0 s";
    return language === "ja"
      ? `${Math.max(1, Math.round(whole * 1000))} ミリ秒`
      : `${Math.max(1, Math.round(whole * 1000))} ms`;
  }
  const last = Math.min(units.length - 1, largest + parts - 1);
  // Rounding to the smallest shown unit first, so that 59.9 min is "1 h" and never "60 min".
  const step = units[last]!.seconds;
  let rest = Math.round(whole / step) * step;
  const shown: string[] = [];
  const from = largest > 0 && rest >= units[largest - 1]!.seconds ? largest - 1 : largest;
  for (let index = from; index <= last; index++) {
    const unit = units[index]!;
    const amount = Math.floor(rest / unit.seconds);
    rest -= amount * unit.seconds;
    if (amount > 0) shown.push(`${countText(amount)} ${unit[language]}`);
  }
  return shown.slice(0, parts).join(" ");
}

/** A look-back as it is named in queries: 5 min, 1 h, 28 d; never mixed units where one fits. */
export function windowText(seconds: number, language: Language): string {
  if (!Number.isFinite(seconds)) return unknownNumber;
  const unit = units.find((each) => seconds >= each.seconds && seconds % each.seconds === 0);
  return unit === undefined || seconds <= 0
    ? durationText(seconds, language)
    : `${seconds / unit.seconds} ${unit[language]}`;
}
