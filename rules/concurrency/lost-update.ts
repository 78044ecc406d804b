import {
  type CallView,
  defineRule,
  type Edit,
  type FileSummary,
  type Fix,
  type Prop,
  type QueryMeaning,
  type RuleContext,
  type Scoped,
  type Value,
} from "../../engine/index.ts";
import { textAround } from "../_shared/answer-use.ts";
import { outermost } from "../_shared/query-facts.ts";

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
        en: "Let the database compute (`{atomic}`), with a condition where it must not fall below zero.",
        ja: "計算はデータベースに任せてください(`{atomic}`)。負にできない値には条件も付けます。",
      },
    },
  },
  *check(file, context) {
    for (const { view, meaning } of context.meant(file)) {
      if (meaning.kind !== "query" || (meaning.action !== "update" && meaning.action !== "upsert")) continue;
      const changes = meaning.saves ? savedChanges(view, meaning.saves, context) : setChanges(view, meaning, context);
      if (changes.length === 0 || isHeldApart(view, meaning, context)) continue;
      const { kinds } = context.reach({ file, f: view.call.fn }, view.call.at);
      if (!kinds.has("endpoint") && !kinds.has("consumer") && !kinds.has("job")) continue;
      for (const change of changes)
        yield {
          at: view.call.nameAt,
          message: "lost",
          data: { column: change.column, atomic: meaning.atomic ?? "UPDATE t SET n = n + 1" },
          ...(PRECIOUS.test(change.column) ? { severity: "error" as const } : {}),
          fixes: fixes(view, change, meaning, context),
        };
    }
  },
});

interface Change {
  readonly column: string;
  readonly op: "increment" | "decrement";
  readonly by: Value;
  /** Where the new value is written in an object of values. */
  readonly prop?: Prop;
}

/** `balance: account.balance - amount`, where `account` was read from the same table in this function. */
function setChanges(view: CallView, meaning: QueryMeaning, context: RuleContext): Change[] {
  const { sets, table } = meaning;
  if (sets?.value.k !== "obj" || sets.file !== view.file) return [];
  return sets.value.props.flatMap((prop): Change[] => {
    const { value, name } = prop;
    if (!name || value.k !== "op" || (value.op !== "+" && value.op !== "-") || value.args.length !== 2) return [];
    const [a, b] = value.args as [Value, Value];
    if (!isColumnOf(a, name, view, (call) => isRowOf(call, view.file, table, context))) return [];
    if (!isNumber(name, value.op, b, table, context) || isGuarded(meaning, name)) return [];
    return [{ column: name, op: value.op === "+" ? "increment" : "decrement", by: b, prop }];
  });
}

/** `user.credits -= price; await user.save()`, where `user` was read in this function. */
function savedChanges(view: CallView, saves: Scoped, context: RuleContext): Change[] {
  const { file, call } = view;
  const row = saves.value;
  if (row.k !== "ref" || saves.file !== file) return [];
  const read = callOf(row, file);
  if (read === undefined || !isRowOf(read, file, undefined, context)) return [];
  const at = file.calls[read]!.at[1];
  return file.assignments.flatMap(({ target, value, op, at: place, fn }): Change[] => {
    if (target.k !== "get" || target.of.k !== "ref" || target.of.b !== row.b) return [];
    if (place[0] < at || call.at[0] < place[0] || outermost(file, fn) !== outermost(file, call.fn)) return [];
    const column = target.name;
    const whole = op === "=" && value.k === "op" && value.args.length === 2 ? value : undefined;
    const sign = whole ? whole.op : op === "+=" ? "+" : op === "-=" ? "-" : "";
    if (sign !== "+" && sign !== "-") return [];
    if (whole && !(whole.args[0]?.k === "get" && whole.args[0].name === column && sameRow(whole.args[0].of, row)))
      return [];
    const by = whole ? whole.args[1]! : value;
    return isNumber(column, sign, by, undefined, context)
      ? [{ column, op: sign === "+" ? "increment" : "decrement", by }]
      : [];
  });
}

const sameRow = (a: Value, b: Value): boolean => a.k === "ref" && b.k === "ref" && a.b === b.b;

/** `row.balance`, or a constant taken out of the row: `const { balance } = await …`. */
function isColumnOf(value: Value, name: string, { file }: CallView, isRow: (c: number) => boolean): boolean {
  const it = value.k === "ref" && file.bindings[value.b]?.kind === "const" ? file.bindings[value.b]!.value : value;
  if (it?.k !== "get" || it.name !== name) return false;
  const read = it.of.k === "ref" ? callOf(it.of, file) : it.of.k === "call" ? it.of.c : undefined;
  return read !== undefined && isRow(read);
}

/** The call that a name was given the result of, or its first element. */
function callOf(value: Value & { k: "ref" }, file: FileSummary): number | undefined {
  const made = file.bindings[value.b]?.value;
  if (made?.k === "call") return made.c;
  return made?.k === "at" && made.of.k === "call" && made.key.k === "lit" && made.key.v === 0 ? made.of.c : undefined;
}

/** The call read one row (or the rows of a builder) of the table, itself or as the last link of a chain. */
function isRowOf(c: number, file: FileSummary, table: string | undefined, context: RuleContext): boolean {
  for (let it: number | undefined = c, i = 0; it !== undefined && i < 30; i++) {
    for (const said of context.program.meanings({ file, c: it }))
      if (said.kind === "query")
        return (
          (said.action === "one" || said.action === "list") &&
          (table === undefined || said.table === undefined || said.table === table)
        );
    const callee: Value = file.calls[it]!.callee;
    it = callee.k === "get" && callee.of.k === "call" ? callee.of.c : undefined;
  }
  return false;
}

const NUMBERS =
  /(amount|attempts?|balance|budget|capacity|clicks?|coins?|count(er)?|credits?|duration|failures?|hits?|inventory|karma|level|likes?|num(ber)?|points?|price|qty|quantity|quota|remaining|retries|score|seats?|shares?|size|sold|stock|streak|sum|tokens?|total|usage|used|uses|views?|visits?|votes?|xp)$/i;

/** Not a text that is made longer: `-`, a number that is added, a numeric column, or a name that says so. */
function isNumber(column: string, op: string, by: Value, table: string | undefined, context: RuleContext): boolean {
  if (/^_{0,2}(v|version|revision)$/i.test(column)) return false;
  if (op === "-") return true;
  if (by.k === "lit") return typeof by.v === "number";
  if (by.k === "tpl") return false;
  const type = table
    ? context.schema.table(table)?.columns.find((it) => it.name.toLowerCase() === column.toLowerCase())?.type
    : undefined;
  if (type) return /int|num|dec|float|double|real|money|serial/i.test(type);
  return NUMBERS.test(column);
}

/** The condition names the column, or a version: somebody thought of it. */
function isGuarded({ filter }: QueryMeaning, column: string): boolean {
  return [...(filter.equals ?? []), ...(filter.inLists ?? []), ...(filter.others ?? [])].some(
    (it) => it === column || /^_*(v|version|revision)$|updatedAt|updated_at/i.test(it),
  );
}

const APART =
  /for\s+(no\s+key\s+)?update|pessimistic|forUpdate|\block\s*:|setLock|LOCK\.|serializable|advisory|mutex|semaphore|withLock|acquireLock|redlock|\.lock\(/i;
const VERSIONED = /VersionColumn|optimisticConcurrency|version:\s*true|optimisticLock/;

/** The row is locked, or the model refuses to overwrite what somebody else has changed. */
function isHeldApart(view: CallView, meaning: QueryMeaning, context: RuleContext): boolean {
  if (APART.test(textAround(view.file, view.call.fn, context))) return true;
  const path = meaning.table ? context.schema.table(meaning.table)?.path : undefined;
  return path !== undefined && VERSIONED.test(context.text(path) ?? "");
}

function fixes(view: CallView, change: Change, meaning: QueryMeaning, context: RuleContext): Fix[] {
  const { prop } = change;
  const text = context.text(view.file.path);
  const written = prop ? text?.slice(prop.at[0], prop.at[1]) : undefined;
  const by = written ? /[-+]\s*([\w.$]+)\s*$/.exec(written)?.[1] : undefined;
  // Where the value itself says how it is computed, it can be written in its place.
  const inPlace = /^\{ increment: n \}$/.test(meaning.atomic ?? "");
  const edit: Edit[] =
    prop && by && inPlace ? [{ path: view.file.path, at: prop.at, text: `${prop.name}: { ${change.op}: ${by} }` }] : [];
  return [
    {
      title: { en: "Application: let the database compute", ja: "アプリケーション: データベースに計算させる" },
      layer: "application",
      safety: edit.length > 0 ? "choose" : "scaffold",
      edits: edit,
      explain: {
        en: "The update is one step then. Where the value must not fall below zero, update with that condition and look at how many rows it reached.",
        ja: "更新が 1 ステップになります。負にできない値では、その条件を付けて更新し、更新された件数を確認してください。",
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
