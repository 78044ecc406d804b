import {
  type Acquisition,
  defineRule,
  type Edit,
  type FileSummary,
  type Fix,
  pathKind,
  type Span,
} from "../../engine/index.ts";

export default defineRule({
  id: "connection-not-released",
  group: "resources",
  title: { en: "Something taken that is not always given back", ja: "返却されないことがある接続" },
  severity: "error",
  status: "preview",
  since: "0.2.0",
  scope: "served",
  burns: ["availability"],
  messages: {
    never: {
      what: {
        en: "What `{call}` of {client} gives is never given back: after as many calls as the pool is large every later one waits for ever.",
        ja: "{client} の `{call}` で取得したものが返却されません。プールの上限まで呼び出されると、以降の呼び出しは待ち続けます。",
      },
      help: {
        en: "Call `{release}()` in a `finally`.",
        ja: "`finally` で `{release}()` を呼び出してください。",
      },
    },
    onError: {
      what: {
        en: "When anything between here and line {line} throws, what `{call}` of {client} gave is not given back: as many errors as the pool is large, and every later call waits for ever.",
        ja: "ここから {line} 行目までの間で例外が発生すると、{client} の `{call}` で取得したものは返却されません。プールの上限までエラーが重なると、以降の呼び出しは待ち続けます。",
      },
      help: {
        en: "Put what lies between into a `try` and `{release}()` into its `finally`.",
        ja: "間の処理を `try` に入れ、`finally` で `{release}()` を呼び出してください。",
      },
    },
  },
  *check(file, context) {
    if (pathKind(file.path) !== undefined) return;
    for (let c = 0; c < file.calls.length; c++) {
      const call = file.calls[c]!;
      if (call.kind !== "call" || call.callee.k !== "get" || call.fn === 0) continue;
      const callee = context.program.callee(file, c);
      if (callee.k !== "method" || !callee.member.call?.acquires) continue;
      const taken = callee.member.call.acquires(context.program.view({ file, c }));
      const text = taken ? context.text(file.path) : undefined;
      if (!taken || text === undefined) continue;
      const found = judge(file, c, taken, text);
      if (!found) continue;
      yield {
        at: call.nameAt,
        message: found.lastAt === undefined ? "never" : "onError",
        data: {
          client: taken.client,
          call: `${call.callee.name}()`,
          release: taken.release[0]!,
          line: found.lastAt === undefined ? 0 : lineOf(file, found.lastAt),
        },
        fixes: fixesFor(file, c, found, taken, text),
      };
    }
  },
});

interface Held {
  readonly name: string;
  /** Where the last release stands; undefined where there is none. */
  readonly lastAt?: number;
  readonly releases: readonly number[];
}

/** What is wrong with how the result of a call is given back; undefined where nothing is, or it cannot be told. */
function judge(file: FileSummary, c: number, taken: Acquisition, text: string): Held | undefined {
  const call = file.calls[c]!;
  const b = file.bindings.findIndex(
    (it) =>
      it.fn === call.fn &&
      (it.kind === "const" || it.kind === "let") &&
      [it.value, ...(it.writes ?? [])].some((one) => one?.k === "call" && one.c === c),
  );
  if (b < 0) return undefined;
  const { name, at: nameAt } = file.bindings[b]!;
  // `await using client = …` gives it back by itself.
  if (/\busing\s+$/.test(text.slice(Math.max(0, nameAt[0] - 20), nameAt[0]))) return undefined;
  const body = file.functions[call.fn]!.bodyAt;
  const releases = file.calls.flatMap((it, i) =>
    it.callee.k === "get" && it.callee.of.k === "ref" && it.callee.of.b === b && taken.release.includes(it.callee.name)
      ? [i]
      : [],
  );
  const escaped = name.replace(/\$/g, "\\$");
  const rest = text.slice(call.at[1], body[1]);
  // Given away by itself, or its way back is: somebody else may use it.
  const isBare = new RegExp(`(?<![\\w$.'"\`])${escaped}(?![\\w$])(?!\\s*[?!]?\\.)(?!\\s*=[^=])(?!\\s*:)`).test(rest);
  const methods = taken.release.join("|");
  const mentions = [...rest.matchAll(new RegExp(`(?<![\\w$.])${escaped}\\s*[?!]?\\.\\s*(?:${methods})\\b`, "g"))]
    .length;
  if (mentions > releases.length) return undefined;
  if (new RegExp(`(?<![\\w$.])${escaped}\\s*[?!]?\\.\\s*on\\(`).test(rest)) return undefined;
  if (releases.length === 0) return isBare ? undefined : { name, releases };
  const own = releases.map((i) => file.calls[i]!);
  if (own.some((it) => it.fn !== call.fn || it.catch !== undefined)) return undefined;
  if (own.some((it) => file.tries.some(({ finallyAt }) => finallyAt && inside(it.at, finallyAt)))) return undefined;
  const lastAt = Math.max(...own.map((it) => it.at[0]));
  const first = Math.min(...own.map((it) => it.at[0]));
  const isRisky = file.calls.some(
    (it, i) =>
      it.fn === call.fn &&
      i !== c &&
      it.at[0] > call.at[1] &&
      it.at[1] < first &&
      it.use === "await" &&
      !isKept(file, it.try),
  );
  return isRisky ? { name, lastAt, releases } : undefined;
}

/** An error ends in a handler that goes on, so what follows the `try` is reached. */
function isKept(file: FileSummary, t: number | undefined): boolean {
  for (let at = t; at !== undefined; at = file.tries[at]!.parent) {
    const { handler } = file.tries[at]!;
    if (handler && !handler.throws && handler.returns.length === 0 && !handler.jumps) return true;
  }
  return false;
}

const inside = (at: Span, outer: Span): boolean => outer[0] <= at[0] && at[1] <= outer[1];

function lineOf(file: FileSummary, offset: number): number {
  let line = 0;
  while (line < file.lines.length && file.lines[line]! <= offset) line++;
  return line;
}

function fixesFor(file: FileSummary, c: number, held: Held, taken: Acquisition, text: string): Fix[] {
  const edits = wrapped(file, c, held, taken, text);
  return [
    {
      title: { en: "Application: give it back in a `finally`", ja: "アプリケーション: `finally` で返却する" },
      layer: "application",
      safety: edits ? "choose" : "scaffold",
      edits: edits ?? [],
      explain: {
        en: "It is then held until the function ends. A function `withClient(work)` that takes and gives back in one place cannot forget it.",
        ja: "関数の終了まで保持されるようになります。取得と返却をまとめた `withClient(work)` のような関数を用意すれば、返却漏れを防げます。",
      },
    },
    {
      title: { en: "Infrastructure: sessions that idle are ended", ja: "インフラ: アイドルセッションを打ち切る" },
      layer: "infrastructure",
      safety: "choose",
      edits: [],
      explain: {
        en: "`idle_in_transaction_session_timeout` (PostgreSQL) frees the locks of what was forgotten, not the place in the pool.",
        ja: "PostgreSQL の `idle_in_transaction_session_timeout` で、放置されたトランザクションのロックは解放されます(プールの枠は戻りません)。",
      },
    },
  ];
}

/** The rest of the function in a `try`; only where it is taken as a statement of the function's own body. */
function wrapped(file: FileSummary, c: number, held: Held, taken: Acquisition, text: string): Edit[] | undefined {
  const call = file.calls[c]!;
  if (taken.what === "transaction" || held.releases.length > 1) return undefined;
  if (call.branch !== undefined || call.loop !== undefined || call.try !== undefined || call.catch !== undefined)
    return undefined;
  const body = file.functions[call.fn]!.bodyAt;
  if (text[body[0]] !== "{") return undefined;
  const after = /^;?[ \t]*\r?\n/.exec(text.slice(call.at[1]));
  if (!after) return undefined;
  const start = call.at[1] + after[0].length;
  const end = text.lastIndexOf("\n", body[1] - 1) + 1;
  let inner = text.slice(start, end);
  if (inner.includes("`") || end <= start) return undefined;
  const release = held.releases[0] === undefined ? undefined : file.calls[held.releases[0]]!;
  if (release) {
    // A statement of its own goes; the `finally` has it.
    const line = text.lastIndexOf("\n", release.at[0]) + 1;
    const tail = /^;?[ \t]*\r?\n/.exec(text.slice(release.at[1]));
    if (!tail || !/^[ \t]*(?:await )?$/.test(text.slice(line, release.at[0])) || release.branch !== undefined)
      return undefined;
    inner = text.slice(start, line) + text.slice(release.at[1] + tail[0].length, end);
  }
  const indent = /^[ \t]*/.exec(text.slice(text.lastIndexOf("\n", call.at[0]) + 1))![0];
  const awaits = taken.isSync ? "" : "await ";
  const lines = inner.split("\n").map((it) => (it.trim() === "" ? it : `  ${it}`));
  return [
    {
      path: file.path,
      at: [start, end],
      text: `${indent}try {\n${lines.join("\n")}${indent}} finally {\n${indent}  ${awaits}${held.name}.${taken.release[0]}();\n${indent}}\n`,
    },
  ];
}
