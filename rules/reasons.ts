/**
 * Why something could not be told, or why a time limit holds, in Japanese. The engine and the libraries give the reason in
 * English, with names of the code in it; what is not listed stays as it is.
 */
import type { Language } from "../engine/index.ts";

const THINGS: Readonly<Record<string, string>> = {
  "a limit": "制限時間",
  "a timeout": "タイムアウト",
  "a signal": "シグナル",
  "a timeout or a signal": "タイムアウトまたはシグナル",
  "a deadline": "デッドライン",
  "the options": "オプション",
  "the configuration": "設定",
  "the options of the call": "呼び出しのオプション",
  "the handler's options": "ハンドラーのオプション",
  "the dispatcher's options": "ディスパッチャーのオプション",
  "the client's creation": "クライアントを生成している箇所",
  "the dispatcher's creation": "ディスパッチャーを生成している箇所",
  "the API's creation": "API クライアントを生成している箇所",
  "the client's request options": "クライアントのリクエストオプション",
  "the driver": "ドライバー",
  "the dialect's driver": "方言のドライバー",
  "the driver adapter": "ドライバーアダプター",
  "the timeout": "タイムアウト",
  "the limit": "制限",
  "the defaults": "既定値",
  defaults: "既定値",
  "a dispatcher": "ディスパッチャー",
  "the dispatcher": "ディスパッチャー",
  "a global dispatcher": "グローバルなディスパッチャー",
  "the client's options": "クライアントのオプション",
  "the client": "このクライアント",
  "a command": "コマンド",
  "a statement": "ステートメント",
  "a query": "クエリ",
  "the Request": "Request",
  "the request": "リクエスト",
  "the stream": "ストリーム",
  "SendGrid's client": "SendGrid のクライアント",
  "the AWS SDK": "AWS SDK",
  "Google's API client": "Google の API クライアント",
};

/** The first that fits counts; `$1` and `$2` are names, or things of the list above. */
const REASONS: readonly (readonly [RegExp, string])[] = [
  [/^(.+) waits without end by default$/, "$1 は既定では無期限に待つ"],
  [/^(.+) waits without end$/, "$1 は無期限に待つ"],
  [/^(.+) waits for a connection (?:to .+ )?without end by default$/, "$1 は既定では接続を無期限に待つ"],
  [/^(.+) waits without end for the broker to greet it$/, "$1 はブローカーの応答を無期限に待つ"],
  [/^(.+) has no limit by default$/, "$1の実行時間に既定の制限はない"],
  [/^(.+) gives up after (.+) by default$/, "$1 は既定では $2 であきらめる"],
  [/^(\d+(?:\.\d+)? m?s) by default$/, "既定値は $1"],
  [/^(\d+(?:\.\d+)? m?s)$/, "既定値は $1"],
  [/^(.+) cannot be read here$/, "ここからは$1を読み取れない"],
  [/^(.+) are not read$/, "$1は読み取りの対象外"],
  [/^(.+) is not seen$/, "$1が見つからない"],
  [/^a timeout policy$/, "タイムアウトポリシーが適用されている"],
  [/^the platform ends the request$/, "実行基盤がリクエストを打ち切る"],
  [/^(\S+) gives up$/, "$1 が時間切れで打ち切る"],
  [/^async\.timeout$/, "async.timeout が適用されている"],
  [/^where the instance is made is not seen$/, "インスタンスを生成している箇所が見つからない"],
  [/^(.+) is switched off$/, "$1 が無効化されている"],
  [/^(.+) is set$/, "$1 が設定されている"],
  [/^(.+) are set$/, "$1が設定されている"],
  [/^(.+) (?:is|are) assigned$/, "$1 が代入されている"],
  [/^no (.+) is given$/, "$1 の指定がない"],
  [/^neither an? (.+) nor an? (.+) is given$/, "$1 も $2 も指定されていない"],
  [/^(.+) is given$/, "$1 が指定されている"],
  [/^(.+) is called$/, "$1 が呼ばれている"],
  [/^(.+) is in the address$/, "アドレスに $1 が含まれている"],
  [/^(.+) is (\d+ (?:ms|s|min))$/, "$1 は $2"],
  [/^(.+) decides$/, "$1が決める"],
  [/^(.+) may bound it$/, "$1で制限されている可能性がある"],
  [/^(.+) sets no limit$/, "$1 は制限を設定していない"],
  [/^the address sets a limit(?: for .+)?$/, "アドレスで制限が指定されている"],
  [/^an interceptor sets a limit$/, "インターセプターが制限を設定している"],
  [/^a module registers it with a limit of its own$/, "モジュールが独自の制限付きで登録している"],
  [/^it depends on what is done first$/, "実行順序に依存する"],
  [/^it depends on the version installed$/, "インストールされているバージョンに依存する"],
  [/^the installed version is not known$/, "インストールされているバージョンが不明"],
  [/^the Request is made elsewhere$/, "Request は別の場所で作られている"],
  [/^the request is finished elsewhere$/, "リクエストは別の場所で完了する"],
  [/^the request is handed on$/, "リクエストが別の処理に渡されている"],
  [/^the stream is cut off$/, "ストリームを打ち切っている"],
  [/^(.+) throws$/, "$1 が例外になる"],
  [/^(.+) alone only logs a warning$/, "$1 だけでは警告をログに出すのみ"],
  [/^`timeout` only emits an event$/, "`timeout` はイベントを発生させるだけ"],
  [/^the timeout event is handled$/, "timeout イベントを処理している"],
  [/^`timeout` is an option of node-fetch 2 only$/, "`timeout` は node-fetch 2 だけのオプション"],
  [/^never$/, "指定がない"],
  // Values that could not be followed.
  [/^(.+) is never given a value here$/, "$1 に値が入る箇所が見つからない"],
  [/^field (.+) is never given a value here$/, "フィールド $1 に値が入る箇所が見つからない"],
  [/^(.+) is not part of the workspace$/, "$1 はワークスペースに含まれていない"],
  [/^(.+) exports no (.+)$/, "$1 は $2 をエクスポートしていない"],
  [/^(.+) has no known (.+)$/, "$1 に既知の $2 がない"],
  [/^no data for (.+)$/, "$1 は未知の型"],
  [/^no member (.+)$/, "メンバー $1 が見つからない"],
  [/^no property (.+)$/, "プロパティ $1 が見つからない"],
  [/^no members$/, "メンバーがない"],
  [/^property (.+) cannot be told$/, "プロパティ $1 を特定できない"],
  [/^the result of something unknown$/, "不明なものの戻り値"],
  [/^the result of (.+)$/, "$1 の結果"],
  [/^type (.+) of (.+)$/, "$2 の型 $1"],
  [/^type (.+)$/, "型 $1"],
  [/^what (.+) returns is not known$/, "$1 の戻り値が不明"],
  [/^a class called as a function$/, "クラスが関数として呼ばれている"],
  [/^a computed member$/, "メンバー名が実行時に決まる"],
  [/^a computed text$/, "文字列が実行時に決まる"],
  [/^a computed type$/, "型が計算で決まる"],
  [/^a function type without a result$/, "関数型の戻り値が不明"],
  [/^a member of a function$/, "関数のメンバー"],
  [/^a member of a method$/, "メソッドのメンバー"],
  [/^a member of an array$/, "配列のメンバー"],
  [/^a module named at run time$/, "モジュール名が実行時に決まる"],
  [/^a plain result$/, "ただの値が返る"],
  [/^a plain type$/, "プリミティブ型"],
  [/^a union of plain types$/, "プリミティブ型の共用体"],
  [/^an element of something unknown$/, "不明なものの要素"],
  [/^an unknown base class$/, "基底クラスが不明"],
  [/^deep in a parameter$/, "引数の奥にある値"],
  [/^field without a value$/, "値のないフィールド"],
  [/^it refers to itself$/, "自分自身を参照している"],
  [/^its results are not known$/, "戻り値が不明"],
  [/^no base class$/, "基底クラスがない"],
  [/^no such (?:call|class|element|function|import|name|type)$/, "該当するものがない"],
  [/^no type argument$/, "型引数がない"],
  [/^nothing awaited$/, "await の対象がない"],
  [/^nothing to wrap$/, "ラップする対象がない"],
  [/^nothing under that token$/, "そのトークンに登録されたものがない"],
  [/^nothing$/, "何もない"],
  [/^super$/, "super の実体が不明"],
  [/^the rest of an object$/, "オブジェクトの残余（rest）"],
  [/^this expression is not read$/, "この式は解析の対象外"],
  [/^this of a module$/, "モジュールの this"],
  [/^this of a plain function$/, "通常の関数の this"],
  [/^too many base classes$/, "基底クラスの階層が深すぎる"],
  [/^too many steps$/, "探索の上限に達した"],
];

/** A reason in the reader's language. */
export function reasonIn(why: string, language: Language): string {
  if (language !== "ja") return why;
  const versioned = /^(.+) (before|since) version (\d[\w.]*)$/.exec(why);
  if (versioned) {
    const [, what, when, version] = versioned;
    return `${reasonIn(what!, language)}（バージョン ${version} ${when === "before" ? "より前" : "以降"}）`;
  }
  for (const [pattern, text] of REASONS) {
    const found = pattern.exec(why);
    // Between Japanese and a name in Latin letters stands a space, between Japanese and Japanese none.
    if (found)
      return text.replace(/( ?)\$(\d)( ?)/g, (_, before: string, n: string, after: string) => {
        const name = found[Number(n)]!;
        return THINGS[name] ?? `${before}${name}${after}`;
      });
  }
  return why;
}
