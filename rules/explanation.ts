/** What is believed of a line (`engine/explain.ts`) in words: an outline that a terminal indents and a page marks up. */
import {
  type ExplainedCall,
  type ExplainedPlace,
  type ExplainedReach,
  entryText,
  hopText,
  type Language,
  type LineExplanation,
  renderText,
  type Statement,
  type StatementKey,
  type Text,
} from "../engine/index.ts";
import { reasonIn } from "./reasons.ts";

/** A heading or a sentence with what stands below it. */
export interface Outline {
  readonly text: string;
  readonly below?: readonly Outline[];
}

/** How places and foreign text are shown: plain on a terminal, linked and escaped on a page. */
export interface Rendering {
  readonly language: Language;
  readonly place: (place: ExplainedPlace) => string;
  /** Text of the repository. */
  readonly foreign: (text: string) => string;
}

const MAX_LISTED = 20;

const words: Readonly<Record<StatementKey, Text>> = {
  "value.unknown": { en: "unknown: {why}", ja: "不明: {why}" },
  "value.literal": { en: "{text}", ja: "{text}" },
  "value.function": { en: "the function {name} ({place})", ja: "関数 {name}（{place}）" },
  "value.class": { en: "the class {name} ({place})", ja: "クラス {name}（{place}）" },
  "value.instance": { en: "an instance of {of}", ja: "{of}のインスタンス" },
  "value.object": { en: "an object literal ({place})", ja: "オブジェクトリテラル（{place}）" },
  "value.list": { en: "a list of {count}", ja: "要素 {count} 個の配列" },
  "value.listOf": { en: "a list of {of}", ja: "{of}の配列" },
  "value.module": { en: "the module {place}", ja: "モジュール {place}" },
  "value.library": { en: "the library {library}", ja: "ライブラリー {library}" },
  "value.libraryValue": { en: "{library} {type}", ja: "{library} の {type}" },
  "value.libraryMember": { en: "{library} {type} .{member}", ja: "{library} の {type}（.{member}）" },
  "value.made": { en: "{of}, made at {place}", ja: "{of}（{place} で生成）" },
  "value.method": { en: "{library} .{name}", ja: "{library} の .{name}" },
  "value.methodOf": { en: "{library} .{name} of {of}", ja: "{library} の .{name}（対象: {of}）" },
  "value.package": {
    en: "{specifier} {name}, a package that nothing is known of here",
    ja: "{specifier} {name}（未知のパッケージ）",
  },
  "value.global": { en: "the global {name}", ja: "グローバルの {name}" },
  "value.parameter": {
    en: "what callers of {function} give as {name}",
    ja: "{function} の呼び出し側が {name} に渡す値",
  },
  "value.type": { en: "a value of type {name}", ja: "型 {name} の値" },
  "value.signature": { en: "a function known by its type alone", ja: "型だけが分かっている関数" },
  "value.shape": { en: "a value with {names}", ja: "{names} を持つ値" },
  "value.any": { en: "one of {of}", ja: "次のいずれか: {of}" },

  "way.import": {
    en: "{name} is imported from {specifier} ({place})",
    ja: "{specifier} から {name} をインポート（{place}）",
  },
  "way.require": {
    en: "{name} is required from {specifier} ({place})",
    ja: "{specifier} から {name} を require（{place}）",
  },
  "way.dynamic": {
    en: "{name} is imported at run time from {specifier} ({place})",
    ja: "{specifier} から {name} を動的にインポート（{place}）",
  },
  "way.reexport": { en: "{name} is re-exported ({place})", ja: "{name} を再エクスポート（{place}）" },
  "way.outside": { en: "{specifier} is no file that was read", ja: "{specifier} は読み込み対象外のファイル" },
  "way.declared": { en: "{name} is declared ({place})", ja: "{name} の宣言（{place}）" },
  "way.assigned": { en: "{name} gets its value ({place})", ja: "{name} への代入（{place}）" },
  "way.made": { en: "made with new ({place})", ja: "new で生成（{place}）" },
  "way.result": { en: "the result of a call ({place})", ja: "呼び出しの戻り値（{place}）" },
  "way.parameter": {
    en: "{name} is a parameter of {function} ({place})",
    ja: "{name} は {function} の引数（{place}）",
  },
  "way.typed": { en: "told by its type {type}", ja: "型 {type} から判断" },
  "way.injected": { en: "injected by its type {type}", ja: "型 {type} で注入" },
  "way.token": { en: "injected under the token {token} ({place})", ja: "トークン {token} で注入（{place}）" },
  "way.field": { en: "field {name} of {class} ({place})", ja: "{class} のフィールド {name}（{place}）" },
  "way.self": { en: "this of {name}", ja: "{name} の this" },
  "way.global": { en: "the global {name}", ja: "グローバルの {name}" },
  "way.loop": { en: "{name} is each of a collection ({place})", ja: "{name} はコレクションの各要素（{place}）" },

  "version.installed": {
    en: "{package} {version}, installed ({path})",
    ja: "{package} {version}（インストール済み: {path}）",
  },
  "version.lockfile": {
    en: "{package} {version}, as locked in {path}",
    ja: "{package} {version}（ロックファイル: {path}）",
  },
  "version.manifest": {
    en: "{package} {version}, the least that {range} in {path} allows",
    ja: "{package} {version}（{path} の {range} を満たす最小のバージョン）",
  },
  "version.pinned": { en: "{package} {version}, as {path} pins it", ja: "{package} {version}（{path} で固定）" },
  "version.node": { en: "Node.js {version} ({path})", ja: "Node.js {version}（{path}）" },
  "version.unknown": { en: "the version of {package} cannot be told", ja: "{package} のバージョンは不明" },

  "mean.request": {
    en: "an outbound request by {client} {method} {url}",
    ja: "{client} による外部リクエスト {method} {url}",
  },
  "mean.client": { en: "a {client} client ({of})", ja: "{client} のクライアント（{of}）" },
  "mean.query": { en: "a {client} query: {action} on {table}", ja: "{client} のクエリ: {table} への {action}" },
  "mean.blocking": { en: "{client} {name} holds the event loop", ja: "{client} の {name} はイベントループを占有する" },
  "mean.spawn": { en: "another program is started by {client}", ja: "{client} による別プログラムの起動" },
  "mean.metric": { en: "a series of {client} with the labels {labels}", ja: "{client} の系列（ラベル: {labels}）" },
  "mean.span": { en: "a span of {client} is named", ja: "{client} のスパンへの命名" },
  "mean.schedule": { en: "{client} runs something again and again", ja: "{client} による定期実行" },
  "mean.retry": { en: "{client} tries again what fails", ja: "{client} による再試行" },
  "mean.limiter": { en: "{client} bounds the work given to it", ja: "{client} による実行の制御" },
  "mean.job": { en: "a {client} job of queue {queue}", ja: "{client} のジョブ（キュー {queue}）" },
  "mean.settle": { en: "{client} is answered: {as}", ja: "{client} への応答: {as}" },
  "mean.consume": {
    en: "a consumer of {client}; where it throws: {onThrow}",
    ja: "{client} のコンシューマー（例外時: {onThrow}）",
  },
  "mean.cache": { en: "a {client} cache", ja: "{client} のキャッシュ" },
  "mean.other": { en: "{client}: {what}", ja: "{client}: {what}" },

  "says.stream": { en: "kept open on purpose", ja: "意図的に開いたままにする接続" },
  "says.through": { en: "through the client made at {place}", ja: "{place} で生成したクライアントを使用" },
  "says.attempts": { en: "tried at most {count} times", ja: "最大 {count} 回試行" },
  "says.every": { en: "every {ms} ms", ja: "{ms} ミリ秒ごと" },
  "says.measured": { en: "measured: {ms} ms for {of} ({with})", ja: "実測: {of} で {ms} ミリ秒（{with}）" },
  "says.many": { en: "of many rows", ja: "複数行が対象" },
  "says.grouped": { en: "grouped", ja: "グループ化あり" },
  "says.batched": { en: "batched by the library", ja: "ライブラリーがまとめて実行" },
  "says.lazy": { en: "sent only when awaited", ja: "await されて初めて送信" },
  "says.schema": {
    en: "schema ({path}): unique {unique}; indexes {indexes}",
    ja: "スキーマ（{path}）: 一意 {unique}、インデックス {indexes}",
  },
  "says.pause": { en: "pause between tries: {pause}", ja: "試行の間隔: {pause}" },
  "says.statement": { en: "of a statement: {limit}", ja: "ステートメント: {limit}" },

  "limit.yes": { en: "time limit: yes, by {by} ({why})", ja: "タイムアウト: あり。{by}による（{why}）" },
  "limit.yesMs": { en: "time limit: {ms} ms, by {by} ({why})", ja: "タイムアウト: {ms} ミリ秒。{by}による（{why}）" },
  "limit.no": { en: "time limit: none ({why})", ja: "タイムアウト: なし（{why}）" },
  "limit.noAfter": {
    en: "time limit: none ({why}); it gives up by itself after {after} ms",
    ja: "タイムアウト: なし（{why}）。{after} ミリ秒であきらめる",
  },
  "limit.unknown": { en: "time limit: cannot be told ({why})", ja: "タイムアウト: 判断できない（{why}）" },
  "limit.param": {
    en: "time limit: left to the callers, by the parameter {param}",
    ja: "タイムアウト: 呼び出し側が引数 {param} で決める",
  },
  "by.call": { en: "this call", ja: "この呼び出し" },
  "by.instance": { en: "the client where it is created", ja: "クライアント生成時の設定" },
  "by.global": { en: "a setting for the whole process", ja: "プロセス全体の設定" },
  "by.default": { en: "the library's default", ja: "ライブラリーの既定値" },
  "by.wrapper": { en: "the function around it", ja: "ラッパー関数" },

  "fact.filter": { en: "filtered: {answer}", ja: "絞り込み: {answer}" },
  "fact.filterBy": { en: "filtered: {answer} ({columns})", ja: "絞り込み: {answer}（{columns}）" },
  "fact.capped": { en: "capped: {answer}", ja: "件数の上限: {answer}" },
  "fact.transaction": { en: "in a transaction: {answer}", ja: "トランザクション内: {answer}" },
  "fact.overlaps": { en: "runs may overlap: {answer}", ja: "実行の重なり: {answer}" },
  "fact.atOnce": { en: "bounds how many run at once: {answer}", ja: "同時実行数の制限: {answer}" },
  "fact.jitter": { en: "pauses differ by chance: {answer}", ja: "間隔のゆらぎ: {answer}" },
  "fact.attemptsGiven": { en: "number of tries given: {answer}", ja: "試行回数の指定: {answer}" },
  "fact.backoffGiven": { en: "backoff given: {answer}", ja: "バックオフの指定: {answer}" },
  "fact.removed": { en: "removed when done: {answer}", ja: "完了後の削除: {answer}" },
  "fact.forgets": { en: "forgotten by the broker when sent: {answer}", ja: "送信時点でブローカーから消える: {answer}" },
  "fact.bounded": { en: "bounded: {answer}", ja: "上限: {answer}" },
  "answer.yes": { en: "yes", ja: "あり" },
  "answer.no": { en: "no", ja: "なし" },
  "answer.unknown": { en: "cannot be told", ja: "判断できない" },

  "side.server": { en: "runs on the server: {why}", ja: "サーバーで実行: {why}" },
  "side.browser": { en: "runs in a browser: {why}", ja: "ブラウザーで実行: {why}" },
  "side.unknown": { en: "where it runs cannot be told: {why}", ja: "実行場所は判断できない: {why}" },
  "sideBy.directive": { en: 'the directive "{what}"', ja: "ディレクティブ「{what}」" },
  "sideBy.import": { en: "it imports {what}", ja: "{what} をインポートしている" },
  "sideBy.markup": { en: "it is markup of a page", ja: "画面のマークアップである" },
  "sideBy.global": { en: "it uses {what}", ja: "{what} を使っている" },
  "sideBy.package": { en: "as the rest of its package does", ja: "同じパッケージのほかのファイルと同様" },
  "sideBy.path": { en: "by its folder {what}", ja: "フォルダー {what} から判断" },
  "sideBy.nothing": {
    en: "neither its imports nor its folder say so; it is judged where an endpoint or a job reaches it",
    ja: "インポートにもフォルダーにも手がかりがない。エンドポイントやジョブから到達する場合だけ評価する",
  },
  "reach.incomplete": {
    en: "whether more reaches {name}: the search met its bound",
    ja: "{name} にほかから到達するか（探索の上限に達した）",
  },
};

const headings = {
  noCall: { en: "No call begins on this line.", ja: "この行で始まる呼び出しはありません。" },
  calls: { en: "is", ja: "実体" },
  way: { en: "found by", ja: "判断の経路" },
  version: { en: "version", ja: "バージョン" },
  means: { en: "means", ja: "意味" },
  nothing: { en: "nothing that is known here", ja: "既知の処理ではない" },
  nothingInside: { en: "nothing that is known runs inside", ja: "内部に既知の処理は見つからない" },
  inside: { en: "runs inside", ja: "内部で実行" },
  reached: { en: "{name} is reached by", ja: "{name} の到達元" },
  unreached: { en: "{name} is reached by nothing that is known", ja: "{name} の到達元は見つかっていない" },
  more: { en: "and {count} more", ja: "ほか {count} 件" },
  perhaps: { en: "and perhaps by more: the search met its bound", ja: "ほかにもあり得る（探索の上限に達した）" },
  untold: { en: "What could not be told", ja: "判断できなかったこと" },
} as const satisfies Record<string, Text>;

/** One statement with what stands inside of it. */
export function statementText(statement: Statement, rendering: Rendering): string {
  const { language, foreign, place } = rendering;
  const data: Record<string, string | number> = {};
  for (const [name, value] of Object.entries(statement.data ?? {}))
    data[name] = typeof value === "number" ? value : foreign(name === "why" ? reasonIn(value, language) : value);
  if (statement.place) data["place"] = place(statement.place);
  for (const [name, parts] of Object.entries(statement.parts ?? {}))
    data[name] = parts.map((it) => statementText(it, rendering)).join(" | ");
  return renderText(words[statement.key], language, data).replace(/ {2,}/g, " ").trim();
}

/** The whole as an outline: calls, what reaches them, what could not be told. */
export function explanationOutline(explained: LineExplanation, rendering: Rendering): readonly Outline[] {
  const say = (text: Text, data?: Record<string, string | number>): string =>
    renderText(text, rendering.language, data);
  const told = (it: Statement): string => statementText(it, rendering);
  const untold = explained.untold.map((it): Outline => ({ text: untoldText(it, rendering) }));
  return [
    { text: told(explained.side) },
    ...(explained.calls.length === 0 ? [{ text: say(headings.noCall) }] : []),
    ...explained.calls.map((it) => callOutline(it, rendering, say, told)),
    ...explained.reached.map((it) => reachOutline(it, rendering, say)),
    ...(untold.length > 0 ? [{ text: say(headings.untold), below: untold }] : []),
  ];
}

/** What could not be told, after what it was not told of. */
export function untoldText({ of, what }: LineExplanation["untold"][number], rendering: Rendering): string {
  const text = statementText(what, rendering);
  return of === "" ? text : `${rendering.foreign(of)}${rendering.language === "ja" ? ": " : ": "}${text}`;
}

type Say = (text: Text, data?: Record<string, string | number>) => string;

function callOutline(
  call: ExplainedCall,
  { language, foreign, place }: Rendering,
  say: Say,
  told: (it: Statement) => string,
): Outline {
  const colon = (text: string, of: string): string => `${text}${language === "ja" ? ": " : ": "}${of}`;
  return {
    text: foreign(call.written),
    below: [
      { text: colon(say(headings.calls), told(call.is)) },
      ...(call.way.length > 0 ? [{ text: say(headings.way), below: call.way.map((it) => ({ text: told(it) })) }] : []),
      ...(call.version ? [{ text: colon(say(headings.version), told(call.version)) }] : []),
      ...call.meanings.map(
        ({ says }): Outline => ({
          text: colon(say(headings.means), told(says[0]!)),
          below: says.slice(1).map((it) => ({ text: told(it) })),
        }),
      ),
      ...(call.meanings.length === 0 && call.inside.length === 0
        ? [
            {
              text: colon(
                say(headings.means),
                say(call.is.key === "value.function" ? headings.nothingInside : headings.nothing),
              ),
            },
          ]
        : []),
      ...(call.inside.length > 0
        ? [
            {
              text: say(headings.inside),
              below: call.inside.map(({ way, place: at, says }): Outline => {
                const names = way.map((it) => foreign(it.name)).join(" → ");
                return {
                  text: colon(`${names} (${place(at)})`, told(says[0]!)),
                  below: says.slice(1).map((it) => ({ text: told(it) })),
                };
              }),
            },
          ]
        : []),
    ],
  };
}

function reachOutline(reached: ExplainedReach, { language, foreign, place }: Rendering, say: Say): Outline {
  const name = foreign(reached.function);
  const listed = reached.chains.slice(0, MAX_LISTED).map((chain): Outline => {
    const way = chain.links.map((it) =>
      it.hop
        ? `${language === "ja" ? "（" : "("}${foreign(hopText(it.hop, language))}${language === "ja" ? "）" : ") "}${foreign(it.name)}`
        : foreign(it.name),
    );
    const what = entryText(chain.kind, foreign(chain.name), language);
    return { text: `${what} (${foreign(chain.framework)}, ${place(chain.place)}): ${way.join(" → ")}` };
  });
  const total = Object.values(reached.kinds).reduce((sum, it) => sum + it, 0);
  const rest = total - listed.length;
  return {
    text: say(listed.length === 0 ? headings.unreached : headings.reached, { name }),
    below: [
      ...listed,
      ...(rest > 0 ? [{ text: say(headings.more, { count: rest }) }] : []),
      ...(reached.complete ? [] : [{ text: say(headings.perhaps) }]),
    ],
  };
}

/** An outline as the lines of a terminal. */
export function outlineLines(outlines: readonly Outline[], indent = "  "): readonly string[] {
  return outlines.flatMap((it) => [`${indent}${it.text}`, ...outlineLines(it.below ?? [], `${indent}  `)]);
}

/** An outline as Markdown: a heading for what has something below it, nested lists under that. */
export function outlineMarkdown(outlines: readonly Outline[]): string {
  const list = (its: readonly Outline[], indent: string): string[] =>
    its.flatMap((it) => [`${indent}- ${it.text}`, ...list(it.below ?? [], `${indent}  `)]);
  return outlines
    .map((it) => (it.below ? [`### ${it.text}`, "", ...list(it.below, "")].join("\n") : it.text))
    .join("\n\n")
    .trimEnd();
}

/** Text alone, for JSON and for agents: places as `path:line`. */
export function plainRendering(language: Language): Rendering {
  return { language, place: ({ path, line }) => `${path}:${line}`, foreign: (it) => it };
}
