import {
  type Answer,
  type CallView,
  type ChainStep,
  defineLibrary,
  type Filter,
  type Member,
  type QueryMeaning,
} from "../../engine/index.ts";
import { filterOfLinks, isContinued, lastOf } from "../_shared/builder.ts";
import { filterFromObject } from "../_shared/filter.ts";
import { queryOfSql } from "../_shared/sql.ts";
import { unmanaged } from "../_shared/transactions.ts";

interface Action {
  readonly action: QueryMeaning["action"];
  readonly many?: boolean;
}

/** Links that decide what a statement does; without one it is a list (lib/queryBuilder/QueryBuilder.js of 3.1). */
const ACTIONS: Readonly<Record<string, Action>> = {
  ...Object.fromEntries(
    ["insert", "insertAndFetch", "insertGraph", "insertGraphAndFetch", "relate"].map((it) => [
      it,
      { action: "create" as const },
    ]),
  ),
  ...Object.fromEntries(["upsertGraph", "upsertGraphAndFetch"].map((it) => [it, { action: "upsert" as const }])),
  ...Object.fromEntries(
    ["update", "patch", "increment", "decrement"].map((it) => [it, { action: "update" as const, many: true }]),
  ),
  // By key, or of the row itself.
  ...Object.fromEntries(
    ["updateAndFetch", "updateAndFetchById", "patchAndFetch", "patchAndFetchById"].map((it) => [
      it,
      { action: "update" as const },
    ]),
  ),
  ...Object.fromEntries(["delete", "del", "unrelate"].map((it) => [it, { action: "delete" as const, many: true }])),
  deleteById: { action: "delete" },
  truncate: { action: "truncate" },
  count: { action: "count" },
  countDistinct: { action: "count" },
  // `select count(*) from (…)` of the query without its limit.
  resultSize: { action: "count" },
  // The rows, and beside them the `resultSize` of the same query.
  page: { action: "list-and-count" },
  range: { action: "list-and-count" },
  findById: { action: "one" },
  findOne: { action: "one" },
  first: { action: "one" },
};
/** Of several links the one that says most. */
const RANK: readonly QueryMeaning["action"][] = [
  "delete",
  "update",
  "upsert",
  "create",
  "truncate",
  "count",
  "list-and-count",
  "one",
];
const BY_KEY = /^(findById|deleteById|updateAndFetchById|patchAndFetchById)$/;
const CONDITION =
  /^(where|andWhere|orWhere|having|findById|deleteById|findByIds|findOne|updateAndFetchById|patchAndFetchById|innerJoin|join$|joinRelated|innerJoinRelated|joinRaw|rightJoin|for$)/;
/**
 * Links that neither restrict nor limit. Any other name hands the builder to a function or to a modifier of the model, or
 * is a method that the project added to it: what it does is not seen.
 */
const PLAIN =
  /^(\$?query|\$?relatedQuery|select|columns?|distinct|distinctOn|orderBy|orderByRaw|groupBy|groupByRaw|offset|limit|returning|withGraphFetched|withGraphJoined|fetchGraph|leftJoin|leftOuterJoin|leftJoinRelated|leftOuterJoinRelated|outerJoin|fullOuterJoin|crossJoin|throwIfNotFound|castTo|debug|timeout|transacting|forUpdate|forShare|skipLocked|noWait|skipUndefined|context|allowGraph|onConflict|merge|ignore|min|max|sum|avg|then|catch|finally|execute|toKnexQuery|as|clone|from|table|into|alias|runAfter|onError)$/;
const isOpaque = (it: ChainStep): boolean =>
  (!PLAIN.test(it.name) && !CONDITION.test(it.name) && !Object.hasOwn(ACTIONS, it.name)) ||
  // Of another query.
  (/^(from|table|into)$/.test(it.name) && it.view.text(it.view.arg(0)) === undefined);

/** Links up to the next statement that is begun on the result: `$query()` on a row. */
function statementOf(call: CallView): readonly ChainStep[] {
  const isOwn = ({ view }: ChainStep): boolean => {
    let c = view.c;
    for (let i = 0; i < 60 && c !== call.c; i++) {
      const { callee } = view.file.calls[c]!;
      if (callee.k !== "get" || callee.name.startsWith("$")) return false;
      if (callee.of.k !== "call") return true;
      c = callee.of.c;
    }
    return true;
  };
  const before = [...call.chain()];
  const opened = before.findLastIndex((it) => OPENS.has(it.name));
  return [
    ...(OPENS.has(call.name) ? [] : before.slice(Math.max(0, opened))),
    { name: call.name, view: call, conditional: false },
    ...call.after().filter((it) => it.name !== "" && isOwn(it)),
  ];
}

const OPENS = new Set(["query", "relatedQuery", "$query", "$relatedQuery"]);

function columnsOf({ name, view }: ChainStep): {
  readonly equals?: readonly string[];
  readonly inLists?: readonly string[];
  readonly others?: readonly string[];
} {
  if (BY_KEY.test(name)) return { equals: ["id"] };
  if (name === "findByIds") return { inLists: ["id"] };
  const column = (): string => view.text(view.arg(0))?.split(".").at(-1) ?? "*";
  if (/^((and)?where|findOne|andWhere)$/i.test(name)) {
    const first = view.arg(0);
    if (first?.value.k === "obj") {
      const { equals = [], inLists = [], others = [] } = filterFromObject(view.program, first);
      return { equals, inLists, others };
    }
    if (view.argCount === 2 || (view.argCount === 3 && view.text(view.arg(1)) === "=")) return { equals: [column()] };
    return { others: [column()] };
  }
  if (/^(and)?whereIn$/i.test(name)) return { inLists: [column()] };
  return { others: [name] };
}

function filterOf(links: readonly ChainStep[], isOpen: boolean): Filter {
  const opener = links[0]?.name;
  if (opener === "$query") return { given: "yes", equals: ["id"] };
  const own = filterOfLinks(links, CONDITION, /^$/, columnsOf);
  if (isOpen && own.given === "no") return { given: "unknown" };
  // The rows of one owner.
  if (opener === "$relatedQuery" && own.given !== "yes") return { given: "yes", others: ["*"] };
  return own;
}

function tableOf(call: CallView): string | undefined {
  for (let it = call.recv; it; it = it.recv) {
    const { self } = it;
    if (self?.k !== "class" && self?.k !== "instance") continue;
    const named = call.program.member({ k: "class", file: self.file, c: self.c }, "tableName");
    return named.k === "lit" && typeof named.v === "string" ? named.v : self.file.classes[self.c]!.name;
  }
  return undefined;
}

function transactionOf(links: readonly ChainStep[]): Answer | undefined {
  const open = links.find((it) => OPENS.has(it.name))?.view;
  const given = open?.arg(open.name.endsWith("elatedQuery") ? 1 : 0);
  if (links.some((it) => it.name === "transacting")) return "yes";
  if (!open || !given) return undefined;
  const handle = open.origin(given);
  return handle.k === "lib" && handle.type === "Transaction" ? "yes" : "unknown";
}

function meaningOf(call: CallView): QueryMeaning | undefined {
  const links = statementOf(call);
  const acts = links.flatMap((it) => {
    const known = Object.hasOwn(ACTIONS, it.name) ? ACTIONS[it.name] : undefined;
    return known ? [{ name: it.name, conditional: it.conditional, ...known }] : [];
  });
  const decided = [...acts].sort((a, b) => RANK.indexOf(a.action) - RANK.indexOf(b.action))[0];
  // Told once: at the link that decides, else where the statement is opened.
  if (decided ? call.name !== decided.name : !OPENS.has(call.name)) return undefined;
  const action = decided?.action ?? "list";
  const names = new Set(links.map((it) => it.name));
  const limited = links.some((it) => it.name === "limit" && !it.conditional);
  const isByKey = [...names].some((it) => BY_KEY.test(it)) || names.has("$query");
  const table = tableOf(call);
  const inTransaction = transactionOf(links);
  // A sub-query that is handed to another statement is not sent by itself.
  const last = lastOf(links);
  if (last.call.use === "argument" || names.has("as")) return undefined;
  // Begun by somebody else (a method of the builder itself, a parameter), or gone on with by a caller.
  const isOpen = !links.some((it) => OPENS.has(it.name)) || links.some(isOpaque) || isContinued(last);
  return {
    kind: "query",
    client: "Objection",
    engine: "sql",
    action,
    ...(decided?.many && !isByKey ? { many: true } : {}),
    ...(table ? { table } : {}),
    filter: filterOf(links, isOpen),
    capped:
      action === "count" || action === "list-and-count"
        ? "no"
        : action === "one" || limited
          ? "yes"
          : names.has("limit") || isOpen
            ? "unknown"
            : "no",
    ...(action === "count" && limited ? { deadCap: "limit" } : {}),
    ...(action === "count" && (names.has("groupBy") || names.has("groupByRaw")) ? { grouped: true } : {}),
    ...(inTransaction ? { inTransaction } : {}),
    lazy: true,
  };
}

const open: Member = { call: { returns: "Builder", meaning: meaningOf } };
const act: Member = { call: { returns: "this", meaning: meaningOf } };
const same: Member = { call: { returns: "this" } };
const INSTANCE: Record<string, Member> = {
  $query: open,
  $relatedQuery: open,
  $fetchGraph: { call: { returns: "this" } },
  $knex: { call: { returns: "knex:Knex" } },
};
/** `Model.transaction(knex?, async (trx) => …)`, and the function of the same name. */
const transaction: Member = {
  call: {
    returns: "knex:Transaction",
    callbacks: { 0: ["knex:Transaction"], 1: ["knex:Transaction"] },
    meaning: () => ({ kind: "other", what: "transaction", client: "Objection" }),
  },
};
const started: Member = {
  call: { returns: "knex:Transaction", acquires: (call) => unmanaged(call, "Objection") },
};
const raw: Member = {
  call: {
    returns: "Raw",
    meaning: (call) =>
      call.arg(0) && call.call.use === "await" ? queryOfSql(call, call.arg(0)!, "Objection", "postgresql") : undefined,
  },
};

export default defineLibrary({
  name: "objection",
  packages: ["objection"],
  exports: {
    Model: { type: "ModelClass" },
    default: { type: "Module" },
    transaction: { type: "TransactionFunction", ...transaction },
    raw,
    QueryBuilder: { construct: { returns: "Builder" } },
  },
  types: {
    Module: { members: { Model: { type: "ModelClass" }, transaction, raw } },
    TransactionFunction: { call: transaction.call!, members: { start: started } },
    ModelClass: {
      members: {
        query: open,
        relatedQuery: open,
        bindKnex: same,
        bindTransaction: same,
        knex: { call: { returns: "knex:Knex" } },
        knexQuery: { call: { returns: "knex:Builder" } },
        transaction,
        startTransaction: started,
        fromJson: { call: { returns: "ModelInstance" } },
        fromDatabaseJson: { call: { returns: "ModelInstance" } },
        fetchGraph: { call: {} },
        raw,
      },
      construct: { returns: "ModelInstance" },
    },
    ModelInstance: { members: INSTANCE },
    Builder: {
      members: {
        ...INSTANCE,
        ...Object.fromEntries(Object.keys(ACTIONS).map((it) => [it, act])),
        then: { call: {} },
        catch: { call: {} },
        finally: { call: {} },
        toKnexQuery: { call: {} },
        toString: { call: {} },
      },
      other: same,
    },
    Raw: {},
  },
  typeNames: { QueryBuilderType: "Builder" },
});
