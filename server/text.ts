/** The server's own sentences in both languages; those about rules and budgets are theirs. */
import { type Language, renderText, type Text } from "../engine/index.ts";

export function languageOf(locale: string | undefined): Language {
  return locale?.toLowerCase().startsWith("ja") ? "ja" : "en";
}

export const words = {
  layers: {
    product: { en: "Product", ja: "プロダクト" },
    application: { en: "Application", ja: "アプリケーション" },
    infrastructure: { en: "Infrastructure", ja: "インフラ" },
  },
  fixTitle: { en: "{title}", ja: "{title}" },
  explainTitle: { en: "{title} (explain)", ja: "{title}（説明を開く）" },
  explainRule: { en: "Explain {rule}", ja: "{rule} の説明を開く" },
  allow: { en: "Allow {rule} here, with a reason", ja: "理由を添えて {rule} をこの行で許可する" },
  pickSlo: { en: "Choose the SLO of {endpoint} …", ja: "{endpoint} の SLO を選択…" },
  cannotMap: {
    en: "{file} cannot be read as it is, so nothing was written: correct it first.",
    ja: "{file} を読み取れないため、何も書き込みませんでした。先に修正してください。",
  },
  newSloMeasured: {
    en: "Create an SLO for {endpoint} (target from what was achieved)",
    ja: "{endpoint} の SLO を作成(目標は実測値から)",
  },
  cannotCreate: {
    en: "There is no endpoint without an SLO here any more.",
    ja: "ここには SLO のないエンドポイントはありません。",
  },
  newSlo: { en: "Create an SLO for {endpoint}", ja: "{endpoint} の SLO を作成" },
  reason: { en: "reason", ja: "理由" },
  removeAllowance: { en: "Remove the comment that allows nothing", ja: "何も許可していないコメントを削除" },
  fixAll: { en: "Apply all safe SLO Lens fixes", ja: "SLO Lens の安全な修正をすべて適用" },
  reachedBy: { en: "{endpoint} gets here: {chain}", ja: "{endpoint} から到達: {chain}" },
  reachedDirectly: { en: "{endpoint} runs this", ja: "{endpoint} がこの処理を実行します" },
  covered: { en: "Also counts for this call", ja: "この呼び出しも対象です" },
  reachHead: { en: "Reached from", ja: "到達元" },
  more: { en: "and {count} more", ja: "ほか {count} 件" },
  atLeast: { en: "at least these", ja: "判明している範囲" },
  nothingReaches: {
    en: "No endpoint is known to reach this.",
    ja: "ここに到達するエンドポイントは見つかっていません。",
  },
  stakes: { en: "At stake", ja: "影響するエラーバジェット" },
  options: { en: "Options", ja: "対処の選択肢" },
  whySlo: { en: "Why this SLO", ja: "この SLO が対応する理由" },
  whyNoSlo: { en: "Why there is none", ja: "対応する SLO がない理由" },
  explainLine: { en: "Explain this resolution", ja: "この行の解析結果と根拠" },
  connect: { en: "Connect a telemetry source", ja: "テレメトリに接続" },
  unmatchedSlos: { en: "SLOs without an endpoint", ja: "対応するエンドポイントのない SLO" },
  uncovered: { en: "Endpoints without an SLO", ja: "SLO のないエンドポイント" },
  oneFinding: { en: "1 finding", ja: "指摘 1 件" },
  countedFindings: { en: "{count} findings", ja: "指摘 {count} 件" },
  findings: { en: "Findings on this line", ja: "この行の指摘" },
  onPath: { en: "On its path", ja: "この経路上の指摘" },
  noSlo: { en: "No objective is matched to this endpoint.", ja: "このエンドポイントに対応する SLO はありません。" },
  servedAt: { en: "Serves", ja: "担当するエンドポイント" },
  ready: { en: "{endpoints} endpoints, {slos} objectives", ja: "エンドポイント {endpoints} 件、SLO {slos} 件" },
  indexing: { en: "reading {done} of {total} files", ja: "ファイルを読み込み中 {done}/{total}" },
  starting: { en: "starting", ja: "起動中" },
  problem: { en: "something went wrong: {message}", ja: "問題が発生しました: {message}" },
  off: { en: "telemetry is off", ja: "テレメトリはオフです" },
  noSource: { en: "no telemetry source is set", ja: "テレメトリの取得元が設定されていません" },
  untrusted: {
    en: "the workspace is not trusted: no network",
    ja: "ワークスペースが信頼されていないため、ネットワークに接続しません",
  },
  waiting: { en: "asking {source}", ja: "{source} に問い合わせ中" },
  answered: { en: "{source}, as of {time}", ja: "{source}、{time} 時点" },
  waitingForNumbers: { en: "Waiting for numbers.", ja: "値の取得を待っています。" },
  stillReading: { en: "the folder is still being read", ja: "フォルダーを読み込み中です" },
  noService: { en: "(no service)", ja: "（サービス指定なし）" },
  noEndpoint: { en: "no endpoint of the code", ja: "対応するエンドポイントなし" },
  oneEndpoint: { en: "1 endpoint", ja: "エンドポイント 1 件" },
  endpoints: { en: "{count} endpoints", ja: "エンドポイント {count} 件" },
  objectiveOf: { en: "Objective", ja: "SLO" },
  endpointsOf: { en: "Endpoints", ja: "エンドポイント" },
  refreshed: { en: "{slos} objectives read, {asked}", ja: "SLO {slos} 件を読み込みました。{asked}" },
} as const satisfies Record<string, Text | Record<string, Text>>;

export type Say = (text: Text, data?: Readonly<Record<string, string | number>>) => string;

export function sayIn(language: Language): Say {
  return (text, data) => renderText(text, language, data);
}
