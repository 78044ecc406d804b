import {
  type CallView,
  defineRule,
  type Endpoint,
  endpointsOf,
  type Fix,
  type QueryMeaning,
  type RuleContext,
  type Value,
} from "../../engine/index.ts";
import { queriesIn } from "../_shared/passed.ts";
import { siblings } from "../_shared/query-facts.ts";

/** Helpers whose name says that everything goes. */
const MEANS_ALL =
  /^(delete|remove|destroy|clear|reset|truncate|purge|wipe|drop|empty|flush)(All|Everything|Table|Database|Db|Data)?$|All$|(^|\.)(clear|reset|truncate|purge|wipe|flush|teardown|cleanup)/i;

const MEANS_ALL_BY_ROUTE = /\/(reset|clear|purge|wipe|truncate|empty|flush)(-?all)?\/?$/i;

export default defineRule({
  id: "mass-write-without-where",
  group: "data-loss",
  title: { en: "Write to every row of a table", ja: "条件のない全行への書き込み" },
  severity: "warning",
  status: "stable",
  since: "0.1.0",
  scope: "anywhere",
  burns: ["durability", "correctness"],
  messages: {
    delete: {
      what: {
        en: "Deletes every row{of:table}: the statement has no condition.",
        ja: "条件がないため{of:table}全行が削除されます。",
      },
      help: {
        en: "Add the condition. If all rows are meant, say so where it is read: `slo-allow mass-write-without-where: reason`.",
        ja: "条件を追加してください。全行が意図どおりなら、`slo-allow mass-write-without-where: 理由` とその場に明記してください。",
      },
    },
    update: {
      what: {
        en: "Changes every row{of:table}: the statement has no condition.",
        ja: "条件がないため{of:table}全行が更新されます。",
      },
      help: {
        en: "Add the condition. If all rows are meant, say so where it is read: `slo-allow mass-write-without-where: reason`.",
        ja: "条件を追加してください。全行が意図どおりなら、`slo-allow mass-write-without-where: 理由` とその場に明記してください。",
      },
    },
  },
  *check(file, context) {
    for (const { view, meaning } of queriesIn(file, context)) {
      // That a cache was emptied is told as what it does to Redis.
      if (!writesAll(meaning) || meaning.engine === "redis") continue;
      const reached = context.reach({ file, f: view.call.fn });
      const { kinds } = reached;
      // What is called `/reset` says it as well as a function would.
      const endpoints = endpointsOf(reached);
      if (endpoints.length > 0 && endpoints.every((it) => MEANS_ALL_BY_ROUTE.test(it.route))) continue;
      const isServed = kinds.has("endpoint") || kinds.has("consumer") || kinds.has("job") || kinds.has("cron");
      if (
        !isServed &&
        (kinds.size > 0 ||
          (MEANS_ALL.test(file.functions[view.call.fn]!.name.split(".").at(-1) ?? "") && !isForMissingArgument(view)))
      )
        continue;
      if (isAside(file.path) || isFilledAgain(view, meaning, context) || isForOneChosen(view, meaning, context))
        continue;
      yield {
        at: view.call.nameAt,
        message: meaning.action === "update" ? "update" : "delete",
        // Written out and called by nobody we know: most such statements mean what they say.
        ...((isServed &&
          !(endpoints.length > 0 && endpoints.every(isOfAll) && !isPersonal(meaning, context)) &&
          (meaning.action !== "update" || isShared(meaning, context))) ||
        isForMissingArgument(view)
          ? {}
          : { severity: "information" as const }),
        data: { table: meaning.table ?? "" },
        fixes: FIXES,
      };
    }
  },
});

/** `DELETE /config/email`: whoever asks names no one row of them. */
const isOfAll = ({ method, route }: Endpoint): boolean => method === "DELETE" && !/[:*{[]/.test(route);

/** Rows of single people, whom nobody means all at once. */
function isPersonal({ table }: QueryMeaning, context: RuleContext): boolean {
  const known = table === undefined ? undefined : context.schema.table(table);
  return known === undefined || known.columns.some((it) => /^(account|customer|owner|user)_?id$/i.test(it.name));
}

/** In the branch that is taken when a parameter is missing: the caller who forgets it loses the table, whatever the name says. */
function isForMissingArgument({ file, call }: CallView): boolean {
  const branch = call.branch === undefined ? undefined : file.branches[call.branch];
  if (!branch) return false;
  const isParam = (value: Value): boolean => value.k === "ref" && file.bindings[value.b]?.kind === "param";
  const inElse = branch.elseAt !== undefined && branch.elseAt[0] <= call.at[0] && call.at[1] <= branch.elseAt[1];
  if (inElse) return isParam(branch.test);
  return (
    branch.test.k === "op" &&
    branch.test.op === "!" &&
    branch.test.args[0] !== undefined &&
    isParam(branch.test.args[0])
  );
}

/** Rows of many owners lie in one table: nobody means them all at once. Of others a change of all is mostly meant. */
function isShared({ table }: QueryMeaning, context: RuleContext): boolean {
  const known = table === undefined ? undefined : context.schema.table(table);
  return known?.columns.some((it) => OWNER.test(it.name)) ?? false;
}

const OWNER = /^(account|customer|org(ani[sz]ation)?|owner|project|team|tenant|user|workspace)_?id$/i;

/** Emptied to be written anew: the same function goes on to fill the table. */
function isFilledAgain(view: CallView, meaning: QueryMeaning, context: RuleContext): boolean {
  return (
    meaning.action !== "update" &&
    meaning.table !== undefined &&
    siblings(view, context).some(
      (it) =>
        /^(create|upsert)/.test(it.meaning.action) &&
        it.meaning.table === meaning.table &&
        it.view.call.at[0] > view.call.at[0],
    )
  );
}

/** `updateMany({}, { chosen: false })`, then `updateOne({ _id }, { chosen: true })`. */
function isForOneChosen(view: CallView, meaning: QueryMeaning, context: RuleContext): boolean {
  return (
    meaning.action === "update" &&
    siblings(view, context).some(
      (it) =>
        it.meaning.action === "update" &&
        it.meaning.table === meaning.table &&
        it.meaning.filter.given === "yes" &&
        it.view.call.at[0] > view.call.at[0],
    )
  );
}

function writesAll(query: QueryMeaning): boolean {
  if (query.action === "truncate") return true;
  return (
    (query.action === "delete" || query.action === "update") &&
    query.many === true &&
    query.filter.given === "no" &&
    query.capped !== "yes"
  );
}

const isAside = (path: string): boolean =>
  /(^|\/)(tests?|__tests__|e2e|fixtures?|migrations?|seeds?|seeders?|scripts?|testing)(\/|$)|[.-](test|spec|seed)\.[cm]?[jt]sx?$/i.test(
    path,
  );

const FIXES: readonly Fix[] = [
  {
    title: { en: "Application: add the condition", ja: "アプリケーション: 条件を追加する" },
    layer: "application",
    safety: "choose",
    edits: [],
    explain: {
      en: "Name the rows that are meant, and let the function refuse an empty condition.",
      ja: "対象の行を条件で指定し、条件が空の場合は関数が拒否するようにしてください。",
    },
  },
  {
    title: { en: "Product: archive instead of deleting", ja: "プロダクト: 削除ではなくアーカイブにする" },
    layer: "product",
    safety: "choose",
    edits: [],
    explain: { en: "Rows that are marked can be brought back.", ja: "印を付けるだけなら、後から元に戻せます。" },
  },
  {
    title: { en: "Infrastructure: a role that may not, and a way back", ja: "インフラ: 権限を絞り、復元手段を持つ" },
    layer: "infrastructure",
    safety: "choose",
    edits: [],
    explain: {
      en: "A database role without mass delete, and point-in-time recovery that was tried out.",
      ja: "一括削除できないデータベースロールと、実際に試したポイントインタイムリカバリを用意します。",
    },
  },
];
