import {
  defineRule,
  type Fix,
  type MeantCall,
  pathKind,
  type QueryMeaning,
  type RuleContext,
  type Value,
} from "../../engine/index.ts";
import { textAround } from "../_shared/answer-use.ts";

export default defineRule({
  id: "check-then-act",
  group: "concurrency",
  title: { en: "Looked for, then made: two at once make two", ja: "確認してから作成: 同時に来れば二重に作られる" },
  severity: "warning",
  status: "preview",
  since: "0.2.0",
  scope: "served",
  burns: ["correctness"],
  messages: {
    twice: {
      what: {
        en: "Two requests at once both find no {table} with this {columns}, and both make one: nothing in the schema ({path}) keeps the second out.",
        ja: "同時に 2 つのリクエストが来ると、どちらも同じ {columns} の {table} を見つけられず、両方が作成します。スキーマ({path})にそれを防ぐ一意制約はありません。",
      },
      help: {
        en: "Let the database decide: a unique key over {columns}, and an upsert or a handled conflict.",
        ja: "{columns} に一意制約を設け、upsert を使うか、競合エラーを処理して、データベースに判断させてください。",
      },
    },
  },
  *check(file, context) {
    if (pathKind(file.path) !== undefined) return;
    const queries = context.meant(file).filter(isQuery);
    for (const look of queries) {
      const { meaning, view } = look;
      if (meaning.action !== "one" && meaning.action !== "exists") continue;
      const { table } = meaning;
      const columns = meaning.filter.equals;
      if (
        table === undefined ||
        !columns ||
        columns.length === 0 ||
        meaning.filter.inLists?.length ||
        meaning.filter.others?.length
      )
        continue;
      const b = file.bindings.findIndex((it) => it.value?.k === "call" && it.value.c === view.c);
      if (b < 0) continue;
      const made = queries.find(
        (it) =>
          it.meaning.action === "create" &&
          it.meaning.table === table &&
          it.meaning.client === meaning.client &&
          it.view.call.fn === view.call.fn &&
          it.view.call.at[0] > view.call.at[1] &&
          isForNone(it, b),
      );
      if (!made) continue;
      const known = context.schema.table(table);
      // Without the schema nobody knows what the database keeps out.
      if (!known || known.columns.length === 0) continue;
      const given = new Set(columns.map((it) => it.toLowerCase()));
      if (!columns.every((it) => known.columns.some((own) => own.name.toLowerCase() === it.toLowerCase()))) continue;
      if (known.unique.some((set) => set.every((it) => given.has(it.toLowerCase())))) continue;
      if (/serializable|for update|advisory|\block|mutex|semaphore/i.test(textAround(file, view.call.fn, context)))
        continue;
      if (isSometimesLookedFor(look, made) || isConflictHandled(made, context)) continue;
      const { kinds } = context.reach({ file, f: view.call.fn }, view.call.at);
      if (!["endpoint", "page", "consumer"].some((it) => (kinds as ReadonlySet<string>).has(it))) continue;
      yield {
        at: made.view.call.nameAt,
        message: "twice",
        // One row for the whole product is made once in its life; the same words said twice do no harm.
        ...(columns.every((it) => meaning.filter.fixed?.includes(it)) || columns.some((it) => PROSE.test(it))
          ? { severity: "information" as const }
          : {}),
        data: { table, columns: columns.join(", "), path: known.path },
        covers: [{ path: file.path, at: view.call.nameAt }],
        fixes: FIXES,
      };
    }
  },
});

type QueryCall = MeantCall & { readonly meaning: QueryMeaning };
const isQuery = (it: MeantCall): it is QueryCall => it.meaning.kind === "query";

/** Columns that hold what somebody wrote, not what names a thing. */
const PROSE = /^(body|content|description|message|note|prompt|text|\w*(Text|Url|URL|_text|_url))$/;

/** `if (!forceNew) { const known = await find(); if (known) return known; }`: who forces it may have two. */
function isSometimesLookedFor(look: QueryCall, made: QueryCall): boolean {
  const { file, call } = look.view;
  const branch = call.branch === undefined ? undefined : file.branches[call.branch];
  if (!branch) return false;
  const { at } = made.view.call;
  return !(branch.at[0] <= at[0] && at[1] <= branch.at[1]);
}

/** The conflict is met: a `catch` around the creation speaks of what is there already. */
function isConflictHandled({ view }: QueryCall, context: RuleContext): boolean {
  const { file, call } = view;
  for (let t = call.try; t !== undefined; t = file.tries[t]!.parent) {
    const { handler } = file.tries[t]!;
    const text = handler && context.text(file.path)?.slice(...handler.at);
    if (text && /duplicate|unique|conflict|already|P2002|23505|\b11000\b|ER_DUP/i.test(text)) return true;
  }
  return false;
}

/** It is reached only where the binding holds nothing: `if (!found)`, or after `if (found) throw`. */
function isForNone({ view }: QueryCall, b: number): boolean {
  const { file, call } = view;
  for (const it of file.branches) {
    if (it.fn !== call.fn) continue;
    const truth = meansNone(it.test, b);
    if (truth === undefined) continue;
    const isIn = (at: readonly [number, number] | undefined): boolean =>
      at !== undefined && at[0] <= call.at[0] && call.at[1] <= at[1];
    if (truth ? isIn(it.thenAt) : isIn(it.elseAt)) return true;
    if (!truth && it.at[1] <= call.at[0] && (it.exits === "throw" || it.exits === "return")) return true;
  }
  return false;
}

/** `true` for `!found` and `found === null`, `false` for `found`; undefined for anything else. */
function meansNone(test: Value, b: number): boolean | undefined {
  const isIt = (it: Value | undefined): boolean => it?.k === "ref" && it.b === b;
  if (isIt(test)) return false;
  if (test.k !== "op") return undefined;
  if (test.op === "!" && isIt(test.args[0])) return true;
  const [left, right] = test.args;
  if (!isIt(left) || right?.k !== "lit" || (right.v !== null && right.v !== undefined)) return undefined;
  return test.op === "===" || test.op === "==" ? true : test.op === "!==" || test.op === "!=" ? false : undefined;
}

const FIXES: readonly Fix[] = [
  {
    title: { en: "Application: a unique key, and one statement", ja: "アプリケーション: 一意制約と 1 文での作成" },
    layer: "application",
    safety: "scaffold",
    edits: [],
    explain: {
      en: "Add the unique key (find the duplicates that are there first), then `upsert`, `INSERT … ON CONFLICT`, or catch the conflict and answer 409.",
      ja: "既存の重複を確認したうえで一意制約を追加し、`upsert` や `INSERT … ON CONFLICT` を使うか、競合エラーを捕捉して 409 を返します。",
    },
  },
  {
    title: { en: "Product: are two of them wrong?", ja: "プロダクト: 重複は本当に問題か" },
    layer: "product",
    safety: "choose",
    edits: [],
    explain: {
      en: "If people may have two, there is nothing to look for; if not, say so in the schema, where every program reads it.",
      ja: "重複してよいなら事前の確認は不要です。そうでないなら、すべてのプログラムに効くスキーマで定めてください。",
    },
  },
];
