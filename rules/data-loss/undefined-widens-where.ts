import {
  type CallView,
  defineRule,
  type FileSummary,
  type Fix,
  pathKind,
  type RuleContext,
  type Value,
} from "../../engine/index.ts";
import { mayBeUndefined } from "../_shared/optional.ts";

export default defineRule({
  id: "undefined-widens-where",
  group: "data-loss",
  title: { en: "A filter that falls away when its value is missing", ja: "値がないと消えてしまう条件" },
  severity: "warning",
  status: "stable",
  since: "0.1.0",
  scope: "anywhere",
  burns: ["durability", "correctness"],
  messages: {
    write: {
      what: {
        en: "When {name} is undefined, {client} leaves the condition out and this {verb} reaches every row{of:table}.",
        ja: "{name} が undefined の場合、{client} は条件を省くため、この {verb} は{of:table}全行が対象になります。",
      },
      help: {
        en: "Refuse a missing value before the query. Measured: `deleteMany({ where: { id: undefined } })` sends `DELETE … WHERE 1=1`.",
        ja: "クエリの前に値がない場合を拒否してください。実測では `deleteMany({ where: { id: undefined } })` は `DELETE … WHERE 1=1` を送信します。",
      },
    },
    read: {
      what: {
        en: "When {name} is undefined, {client} leaves the condition out and this finds the first row{of:table}, whoever's it is.",
        ja: "{name} が undefined の場合、{client} は条件を省くため、誰のものかにかかわらず{of:table}最初の行が返ります。",
      },
      help: {
        en: "Refuse a missing value before the query: what is found otherwise belongs to somebody else.",
        ja: "クエリの前に値がない場合を拒否してください。そうしないと、他人の行が返ることになります。",
      },
    },
  },
  *check(file, context) {
    if (pathKind(file.path) === "test") return;
    for (const { view, meaning } of context.meant(file)) {
      if (meaning.kind !== "query" || !meaning.leavesOut) continue;
      const isWrite = meaning.many === true && (meaning.action === "delete" || meaning.action === "update");
      if (!isWrite && meaning.action !== "one") continue;
      const { filter, unless, onlyIf } = meaning.leavesOut;
      const name = filter.file === view.file ? widened(view, filter.value) : undefined;
      if (!name) continue;
      if (unless !== undefined && isSaid(unless, context)) continue;
      if (onlyIf !== undefined && !isSaid(onlyIf, context)) continue;
      // A key that may be missing is nothing that `findUnique` accepts.
      if (!isWrite && meaning.batched) continue;
      yield {
        at: view.call.nameAt,
        message: isWrite ? "write" : "read",
        ...(isWrite || isServed(view, context) ? {} : { severity: "information" as const }),
        data: { name, client: meaning.client, verb: meaning.action, table: meaning.table ?? "" },
        fixes: FIXES,
      };
    }
  },
});

/** Somebody outside may bring about that the value is missing. */
function isServed(view: CallView, context: RuleContext): boolean {
  const { kinds } = context.reach({ file: view.file, f: view.call.fn }, view.call.at);
  return kinds.has("endpoint") || kinds.has("page") || kinds.has("consumer");
}

/** Every condition may be missing: what remains is the whole table. */
function widened(view: CallView, filter: Value): string | undefined {
  if (filter.k !== "obj")
    return mayBeUndefined(view, filter)
      ? filter.k === "either" && filter.test
        ? written(view, filter.test, "the condition")
        : "the condition"
      : undefined;
  const { props } = filter;
  if (props.length === 0 || props.some((it) => it.name === null || it.computed)) return undefined;
  return props.every((it) => mayBeUndefined(view, it.value))
    ? written(view, props[0]!.value, props[0]!.name ?? "")
    : undefined;
}

/** Files in which a connection is set up; a word of the configuration is looked for in no other. */
const SET_UP =
  /(config|connection|data-?base|data-?source|(^|[/._-])(db|orm|mongo\w*|app|main|server|index)[._-]|\.module\.)/i;
const asked = new Map<string, (file: FileSummary, context: RuleContext) => true | undefined>();

/** Whether a word of the library's configuration stands anywhere. */
function isSaid(word: string, context: RuleContext): boolean {
  let ask = asked.get(word);
  if (!ask)
    asked.set(
      word,
      (ask = (file, { text }) => (SET_UP.test(file.path) && text(file.path)?.includes(word)) || undefined),
    );
  return context.everywhere(ask).length > 0;
}

function written(view: CallView, value: Value, fallback: string): string {
  if (value.k === "ref") return `\`${view.file.bindings[value.b]?.name ?? fallback}\``;
  if (value.k === "get") return `\`${written(view, value.of, "").replaceAll("`", "")}.${value.name}\``;
  if (value.k === "either") return written(view, value.test ?? value.a, fallback);
  return `\`${fallback}\``;
}

const FIXES: readonly Fix[] = [
  {
    title: { en: "Application: refuse a missing value", ja: "アプリケーション: 値がない場合を拒否する" },
    layer: "application",
    safety: "scaffold",
    edits: [],
    explain: {
      en: "`if (id === undefined) throw …` before the query, a required type, or Prisma's `strictUndefinedChecks`.",
      ja: "クエリの前に `if (id === undefined) throw …` を置くか、型を必須にするか、Prisma の `strictUndefinedChecks` を有効にします。",
    },
  },
  {
    title: { en: "Infrastructure: a role that may not delete in bulk", ja: "インフラ: 一括削除できないロール" },
    layer: "infrastructure",
    safety: "choose",
    edits: [],
    explain: {
      en: "A trigger on the number of rows, or a role without DELETE, turns the accident into an error.",
      ja: "行数を確認するトリガーや DELETE 権限のないロールがあれば、事故はエラーで済みます。",
    },
  },
];
