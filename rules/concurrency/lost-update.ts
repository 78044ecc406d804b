import {
  type CallView,
  defineRule,
  type Edit,
  type Fix,
  type Prop,
  type RuleContext,
  type Value,
} from "../../engine/index.ts";

/** Where a wrong number is somebody's money or seat. */
const PRECIOUS = /balance|credit|stock|quota|seat|amount|points|inventory|budget/i;

export default defineRule({
  id: "lost-update",
  group: "concurrency",
  title: { en: "Read, computed, written back", ja: "読み取って計算し書き戻す更新" },
  severity: "warning",
  status: "stable",
  since: "0.1.0",
  scope: "served",
  burns: ["correctness"],
  messages: {
    lost: {
      what: {
        en: "`{column}` is read, computed here and written back: of two requests at once, one is lost.",
        ja: "`{column}` を読み取り、ここで計算して書き戻しています。同時に 2 件のリクエストがあると、一方の更新が失われます。",
      },
      help: {
        en: "Let the database compute: `{ increment }` or `{ decrement }`, with a condition where it must not fall below zero.",
        ja: "計算はデータベースに任せ、`{ increment }` や `{ decrement }` を使ってください。負にできない値には条件も付けます。",
      },
    },
  },
  *check(file, context) {
    for (const { view, meaning } of context.meant(file)) {
      if (meaning.kind !== "query" || meaning.action !== "update" || meaning.client !== "Prisma") continue;
      if (meaning.inTransaction === "yes" && locksRows(view)) continue;
      for (const prop of dataOf(view)) {
        const change = changeOf(view, prop, meaning.table, context);
        if (!change || guardsOn(view, prop.name ?? "")) continue;
        const { kinds } = context.reach({ file, f: view.call.fn }, view.call.at);
        if (!kinds.has("endpoint") && !kinds.has("consumer") && !kinds.has("job")) continue;
        yield {
          at: view.call.nameAt,
          message: "lost",
          data: { column: prop.name ?? "" },
          ...(PRECIOUS.test(prop.name ?? "") ? { severity: "error" as const } : {}),
          fixes: fixes(view, prop, change, context),
        };
      }
    }
  },
});

function dataOf(view: CallView): readonly Prop[] {
  const data = view.option(0, "data");
  return data.is === "yes" && data.at.file === view.file && data.at.value.k === "obj" ? data.at.value.props : [];
}

interface Change {
  readonly op: "increment" | "decrement";
  readonly by: Value;
}

/** `balance: account.balance - amount`, where `account` was read from the same table in this function. */
function changeOf(view: CallView, prop: Prop, table: string | undefined, context: RuleContext): Change | undefined {
  const { value } = prop;
  if (value.k !== "op" || (value.op !== "+" && value.op !== "-") || value.args.length !== 2) return undefined;
  const [a, b] = value.args as [Value, Value];
  if (a.k !== "get" || a.name !== prop.name || a.of.k !== "ref") return undefined;
  const read = view.file.bindings[a.of.b]?.value;
  if (read?.k !== "call") return undefined;
  const isRead = context.program
    .meanings({ file: view.file, c: read.c })
    .some((it) => it.kind === "query" && it.action === "one" && it.table === table);
  return isRead ? { op: value.op === "+" ? "increment" : "decrement", by: b } : undefined;
}

/** The condition names the column, or a version: somebody thought of it. */
function guardsOn(view: CallView, column: string): boolean {
  const where = view.option(0, "where");
  return (
    where.is === "yes" &&
    where.at.value.k === "obj" &&
    where.at.value.props.some((it) => it.name === column || /version|updatedAt|updated_at/i.test(it.name ?? ""))
  );
}

/** `SELECT … FOR UPDATE` earlier in the same function. */
function locksRows(view: CallView): boolean {
  return view.file.calls.some(
    (it) =>
      it.fn === view.call.fn &&
      it.args.some((arg) =>
        arg.k === "tpl"
          ? arg.strings.some((text) => /for\s+update/i.test(text))
          : arg.k === "lit" && /for\s+update/i.test(String(arg.v)),
      ),
  );
}

function fixes(view: CallView, prop: Prop, change: Change, context: RuleContext): Fix[] {
  const text = context.text(view.file.path);
  const written = text?.slice(prop.at[0], prop.at[1]);
  const by = written ? /[-+]\s*([\w.$]+)\s*$/.exec(written)?.[1] : undefined;
  const edit: Edit[] = by ? [{ path: view.file.path, at: prop.at, text: `${prop.name}: { ${change.op}: ${by} }` }] : [];
  return [
    {
      title: { en: "Application: let the database compute", ja: "アプリケーション: データベースに計算させる" },
      layer: "application",
      safety: edit.length > 0 ? "choose" : "scaffold",
      edits: edit,
      explain: {
        en: "The update is one step then. Where the value must not fall below zero, use `updateMany` with that condition and look at the count.",
        ja: "更新が 1 ステップになります。負にできない値では、条件付きの `updateMany` を使い、件数を確認してください。",
      },
    },
    {
      title: { en: "Infrastructure: a CHECK constraint", ja: "インフラ: CHECK 制約" },
      layer: "infrastructure",
      safety: "choose",
      edits: [],
      explain: {
        en: "`CHECK (balance >= 0)` turns a wrong number into an error.",
        ja: "`CHECK (balance >= 0)` により、誤った値はエラーになります。",
      },
    },
  ];
}
