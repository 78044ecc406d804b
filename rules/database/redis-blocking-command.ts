import { type CallView, defineRule, endpointsOf, type Fix, pathKind, type RuleContext } from "../../engine/index.ts";

export default defineRule({
  id: "redis-blocking-command",
  group: "database",
  title: { en: "A command that stops Redis", ja: "Redis を止めるコマンド" },
  severity: "warning",
  status: "stable",
  since: "0.2.0",
  scope: "served",
  burns: ["availability", "latency"],
  messages: {
    keys: {
      what: {
        en: "`KEYS` looks at every key there is while everybody else waits: Redis serves one command at a time (its manual: not for regular application code).",
        ja: "`KEYS` は全キーを走査し、その間は他のコマンドがすべて待たされます。Redis は一度に 1 コマンドしか処理しません(公式マニュアルも通常のコードでの使用を避けるよう求めています)。",
      },
      help: {
        en: "Walk with `SCAN`, a few hundred at a time, or keep the names that you need in a set.",
        ja: "`SCAN` で数百件ずつ走査するか、必要なキー名をセットで管理してください。",
      },
    },
    everything: {
      what: {
        en: "`{command}` empties the database for everybody while a request is served, and holds Redis until it is done.",
        ja: "`{command}` はリクエスト処理中にデータベース全体を空にし、完了まで Redis を占有します。",
      },
      help: {
        en: "Take away the keys that are yours, by `UNLINK`, or give a version to their prefix.",
        ja: "自分のキーだけを `UNLINK` で削除するか、キーの接頭辞にバージョンを付けて切り替えてください。",
      },
    },
  },
  *check(file, context) {
    if (pathKind(file.path) !== undefined) return;
    for (const { view, meaning } of context.meant(file)) {
      if (meaning.kind !== "query" || meaning.engine !== "redis" || meaning.capped !== "no") continue;
      const isKeys = meaning.table === "keys" && view.argCount > 0;
      const isFlush = meaning.action === "truncate";
      if (!isKeys && !isFlush) continue;
      const reached = context.reach({ file, f: view.call.fn }, view.call.at);
      const { kinds } = reached;
      const endpoints = endpointsOf(reached);
      // A cache that is made to be handed on has a way to empty it; that somebody makes the cache does not call it.
      if (isFlush && isHandedOn(view, context)) continue;
      if (isFlush && endpoints.length > 0 && endpoints.every((it) => MEANS_ALL.test(it.route))) continue;
      const isServed = kinds.has("endpoint") || kinds.has("page");
      // Nothing leads to it, or only a test does.
      if (isFlush ? !isServed : ![...kinds].some((it) => /^(?:endpoint|page|consumer|job|startup)$/.test(it))) continue;
      yield {
        at: view.call.nameAt,
        message: isKeys ? "keys" : "everything",
        ...(isKeys && isServed ? { severity: "error" as const } : {}),
        data: { command: view.name.toUpperCase() },
        fixes: isKeys ? KEYS : [],
      };
    }
  },
});

/** Who calls `/admin/redis/flush` means it. */
const MEANS_ALL = /\/(reset|clear|purge|wipe|flush)[\w-]*\/?$/i;

/** `return { clear: () => redis.flushall() }`, and no call of it is known. */
function isHandedOn({ file, call }: CallView, context: RuleContext): boolean {
  return (
    file.functions[call.fn]!.parent > 0 &&
    context.program.context(file, call.fn)?.kind === "property" &&
    context.callers({ file, f: call.fn }).length === 0
  );
}

const KEYS: readonly Fix[] = [
  {
    title: { en: "Application: walk with SCAN", ja: "アプリケーション: SCAN で走査する" },
    layer: "application",
    safety: "scaffold",
    edits: [],
    explain: {
      en: "`for await (const keys of client.scanIterator({ MATCH, COUNT: 500 }))`, or `scanStream` of ioredis. `SCAN` may give a key twice and misses none that stays. It still costs as much work in all; Redis only breathes in between.",
      ja: "`for await (const keys of client.scanIterator({ MATCH, COUNT: 500 }))`(ioredis では `scanStream`)を使います。`SCAN` は同じキーを重複して返すことがありますが、存在し続けるキーを取りこぼすことはありません。総処理量は変わらず、合間に他のコマンドを処理できるようになります。",
    },
  },
  {
    title: { en: "Application: keep an index", ja: "アプリケーション: 索引を持つ" },
    layer: "application",
    safety: "choose",
    edits: [],
    explain: {
      en: "A set of the names that belong together, written beside them, is asked by `SSCAN` or `SMEMBERS` for its own size only.",
      ja: "関連するキー名をセットに書いておけば、`SSCAN` や `SMEMBERS` でそのセットだけを読めます。",
    },
  },
];
