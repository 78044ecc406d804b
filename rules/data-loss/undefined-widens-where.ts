import { type CallView, defineRule, type Fix, type Value } from "../../engine/index.ts";
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
  },
  *check(file, context) {
    for (const { view, meaning } of context.meant(file)) {
      if (meaning.kind !== "query" || !meaning.many || (meaning.action !== "delete" && meaning.action !== "update"))
        continue;
      const name =
        meaning.client === "Prisma"
          ? widenedPrisma(view)
          : meaning.client === "Drizzle"
            ? widenedDrizzle(view)
            : undefined;
      if (!name || /(^|\/)(tests?|__tests__|e2e)(\/|$)|[.-](test|spec)\./.test(file.path)) continue;
      yield {
        at: view.call.nameAt,
        message: "write",
        data: { name, client: meaning.client, verb: meaning.action, table: meaning.table ?? "" },
        fixes: FIXES,
      };
    }
  },
});

/** Every condition may be missing: what remains is the whole table. */
function widenedPrisma(view: CallView): string | undefined {
  const where = view.option(0, "where");
  if (where.is !== "yes" || where.at.value.k !== "obj" || where.at.file !== view.file) return undefined;
  const { props } = where.at.value;
  if (props.length === 0 || props.some((it) => it.name === null || it.computed)) return undefined;
  return props.every((it) => mayBeUndefined(view, it.value))
    ? written(view, props[0]!.value, props[0]!.name ?? "")
    : undefined;
}

/** `.where(id ? eq(t.id, id) : undefined)`. */
function widenedDrizzle(view: CallView): string | undefined {
  const step = view.after().find((it) => it.name === "where");
  const value = step?.view.call.args[0];
  return value && mayBeUndefined(view, value)
    ? value.k === "either" && value.test
      ? written(view, value.test, "the condition")
      : "the condition"
    : undefined;
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
