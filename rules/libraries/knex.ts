import {
  type CallMeaning,
  type CallView,
  type ChainStep,
  defineLibrary,
  type Filter,
  type Limit,
  type Member,
  type QueryMeaning,
} from "../../engine/index.ts";
import { countOfFragment, isWindowCount, queryOfSql } from "../_shared/sql.ts";
import { unmanaged } from "../_shared/transactions.ts";

/** Methods that decide what a statement does; without one it is a list. */
const ACTIONS: Readonly<Record<string, { readonly action: QueryMeaning["action"]; readonly many?: boolean }>> = {
  count: { action: "count" },
  countDistinct: { action: "count" },
  sum: { action: "aggregate" },
  avg: { action: "aggregate" },
  min: { action: "aggregate" },
  max: { action: "aggregate" },
  del: { action: "delete", many: true },
  delete: { action: "delete", many: true },
  truncate: { action: "truncate" },
  update: { action: "update", many: true },
  increment: { action: "update", many: true },
  decrement: { action: "update", many: true },
  insert: { action: "create" },
  batchInsert: { action: "create-many" },
  first: { action: "one" },
};
const CONDITION = /^(where|andWhere|orWhere|having|innerJoin|join$|joinRaw|rightJoin|using)/;
const PLAIN =
  /^((and|or)?where(Not)?(In|Null|Between|Exists|Like|ILike|Column|JsonPath|JsonSupersetOf)?|having\w*|innerJoin|join|rightJoin|using)$/i;
/** Modifiers that hand the builder to a function we do not follow. */
const OPAQUE = new Set(["modify", "with", "withRecursive", "fromRaw", "clone", "as"]);

/** The text of a statement, for somebody else to send or to go on with. */
const WRITTEN_OUT = /^(toQuery|toSQL|toString|toNative)$/;

interface Statement {
  readonly steps: readonly ChainStep[];
  /** Other calls on the same builder. */
  readonly beside: readonly ChainStep[];
  /** The builder was made somewhere else, or is handed on as text: what it says is not all. */
  readonly isPart: boolean;
  readonly table?: string;
}

/** The links before a call; the creation of the client, with which its chain begins where that can be seen, is none. */
const linksBefore = (call: CallView): readonly ChainStep[] =>
  call.chain().filter(({ view: { recv } }) => recv !== undefined && recv.type !== "Static");

/** All links of the statement that a call belongs to, from both sides. */
function statementOf(call: CallView): Statement {
  const before = linksBefore(call);
  const steps = [...before, { name: call.name, view: call, conditional: false }, ...call.after()];
  let table: string | undefined;
  for (const { name, view } of steps) {
    if (name === "" || name === "from" || name === "table" || name === "into" || name === "db")
      table ??= view.text(view.arg(0));
    // `this.db(TABLE)`: the member is itself the function.
    if (view === steps[0]?.view && view.recv?.type === "Knex") table ??= view.text(view.arg(0));
  }
  return {
    steps,
    beside: call.beside(),
    isPart:
      (!table && call.recv?.type === "Builder" && !before[0]) ||
      steps.some((it) => WRITTEN_OUT.test(it.name)) ||
      isBegunElsewhere(call),
    ...(table
      ? {
          table: table
            .split(/\s+as\s+/i)[0]!
            .split(".")
            .at(-1)!,
        }
      : {}),
  };
}

/** `accountKeys(id).del()`: a function of ours that does more than write down one chain may have restricted the builder. */
function isBegunElsewhere({ program, file, call }: CallView): boolean {
  let of = call.callee;
  for (let i = 0; i < 60; i++) {
    if (of.k === "get") of = of.of;
    else if (of.k === "call") {
      const callee = program.callee(file, of.c);
      if (callee.k === "fn") {
        const { returns } = callee.file.functions[callee.f]!;
        return returns.length !== 1 || returns[0]!.k !== "call";
      }
      of = file.calls[of.c]!.callee;
    } else return false;
  }
  return true;
}

function filterOf({ steps, beside, isPart }: Statement): Filter {
  const equals: string[] = [];
  const inLists: string[] = [];
  const others: string[] = [];
  let perhaps = isPart;
  for (const { name, view, conditional } of [...steps, ...beside]) {
    if (OPAQUE.has(name) || (name === "" && conditional)) perhaps = true;
    if (!CONDITION.test(name)) continue;
    if (conditional) {
      perhaps = true;
      continue;
    }
    const first = view.call.args[0];
    if (/^(andW|w)hereIn$/.test(name)) inLists.push(view.text(view.arg(0)) ?? "*");
    else if (/^(andW|w)here$/.test(name)) {
      if (first?.k === "obj")
        for (const it of first.props) (it.name === null || it.computed ? others : equals).push(it.name || "*");
      else if (view.argCount === 2) equals.push(view.text(view.arg(0)) ?? "*");
      else if (view.argCount === 3 && view.text(view.arg(1)) === "=") equals.push(view.text(view.arg(0)) ?? "*");
      else others.push(view.text(view.arg(0)) ?? "*");
    }
    // A method that the project added, or SQL: whatever it restricts, it may be to one owner.
    else others.push(PLAIN.test(name) ? name : "*");
  }
  if (equals.length + inLists.length + others.length > 0) return { given: "yes", equals, inLists, others };
  return { given: perhaps ? "unknown" : "no" };
}

function meaningOf(call: CallView, action: QueryMeaning["action"], many: boolean): QueryMeaning | undefined {
  const statement = statementOf(call);
  const { table } = statement;
  const steps = [...statement.steps, ...statement.beside];
  const names = new Set(steps.map((it) => it.name));
  const limited = steps.some((it) => it.name === "limit" && !it.conditional) || names.has("first");
  // A subquery handed on (`whereIn('id', db('x').select())`) is no statement of its own.
  if (call.call.use === "argument" && action === "list") return undefined;
  return {
    kind: "query",
    client: "Knex",
    engine: "sql",
    action,
    ...(many ? { many } : {}),
    ...(table ? { table } : {}),
    filter: filterOf(statement),
    // The limit of a count caps its one result row, never the rows it looks at (measured on Knex 3).
    capped:
      action === "count"
        ? "no"
        : limited
          ? "yes"
          : names.has("limit") || names.has("paginate") || names.has("modify")
            ? "unknown"
            : "no",
    ...(action === "count" && names.has("limit") ? { deadCap: "limit" } : {}),
    ...(action === "count" && (names.has("groupBy") || names.has("groupByRaw")) ? { grouped: true } : {}),
    ...(call.recv && isTransaction(call)
      ? { inTransaction: "yes" as const }
      : names.has("transacting")
        ? { inTransaction: "yes" as const }
        : {}),
    ...(call.name === "update" && call.arg(0) ? { sets: call.arg(0)!, atomic: ".increment(column, n)" } : {}),
    lazy: true,
  };
}

function isTransaction(call: CallView): boolean {
  for (let it = call.recv; it; it = it.recv) if (it.type === "Transaction") return true;
  return false;
}

const act = (name: string): Member => {
  const it = ACTIONS[name]!;
  return {
    call: {
      returns: "Builder",
      meaning: (call) => {
        const names = new Set(linksBefore(call).map((step) => step.name));
        // Sums beside a count are one statement; `insert(…).first()` and friends too.
        if (it.action === "one" && [...names].some((step) => step !== "first" && ACTIONS[step])) return undefined;
        return meaningOf(call, it.action, it.many === true);
      },
    },
  };
};

/** Opens a statement: `knex('t')`, `knex.from('t')`, `knex.select()`. */
const open: Member = {
  call: {
    returns: "Builder",
    meaning: (call) => {
      const before = linksBefore(call);
      const links = [...before, ...call.after()];
      if (links.some((it) => ACTIONS[it.name])) return undefined;
      if (before.length > 0) return undefined;
      return links.some(
        (it) =>
          it.name === "select" ||
          it.name === "from" ||
          it.name === "where" ||
          it.name === "limit" ||
          it.name === "pluck",
      ) || call.call.use === "await"
        ? meaningOf(call, "list", false)
        : undefined;
    },
  },
};

const raw: Member = {
  call: {
    returns: "Raw",
    meaning: (call): QueryMeaning | undefined => {
      const first = call.arg(0);
      if (!first) return undefined;
      if (call.call.use !== "argument") return { ...queryOfSql(call, first, "Knex", "postgresql"), lazy: true };
      // A part of another statement: of interest only for a total that it brings along.
      if (isWindowCount(call, first))
        return {
          kind: "query",
          client: "Knex",
          engine: "sql",
          action: "list-and-count",
          filter: { given: "unknown" },
          capped: "no",
        };
      const total = countOfFragment(call, first, "postgresql");
      return total && !total.grouped
        ? {
            kind: "query",
            client: "Knex",
            engine: "sql",
            filter: { given: "unknown" },
            capped: "no",
            ...total,
            action: "list-and-count",
          }
        : undefined;
    },
  },
};

const transaction: Member = {
  call: {
    returns: "Transaction",
    acquires: (call) => unmanaged(call, "Knex"),
    callbacks: { 0: ["Transaction"] },
    meaning: () => ({ kind: "other", what: "transaction", client: "Knex" }),
  },
};

/**
 * `acquireConnectionTimeout` is 60 s where neither it nor `pool.acquireTimeoutMillis` is given, and the lesser of the two where
 * both are (lib/client.js of 3.3, `getPoolSettings`); one attempt to connect has 30 s (tarn 3.1, `createTimeoutMillis`): measured,
 * acquiring fails after 30 s. Tarn takes no 0. A statement has a limit only by `.timeout(ms)`.
 */
function limitOf(call: CallView): Limit {
  const given = ["acquireConnectionTimeout", "pool.acquireTimeoutMillis"].flatMap((name) => {
    const found = call.option(0, name);
    const ms = found.is === "yes" ? call.number(found.at) : undefined;
    return ms === undefined ? [] : [ms];
  });
  return given.length > 0
    ? { bounded: "yes", by: "instance", ms: Math.min(...given), why: "a limit is given" }
    : { bounded: "yes", by: "default", ms: 60_000, why: "acquireConnectionTimeout is 60 s" };
}

const create: CallMeaning = {
  returns: "Knex",
  meaning: (call) => ({
    kind: "client",
    client: "Knex",
    of: "database",
    limit: limitOf(call),
    statementLimit: { bounded: "no", by: "default", why: "a statement has no limit by default" },
  }),
};

export default defineLibrary({
  name: "knex",
  packages: ["knex"],
  exports: {
    default: { type: "Static", call: create },
    knex: { type: "Static", call: create },
    Knex: { type: "Knex" },
  },
  types: {
    Static: {},
    Knex: {
      call: open.call!,
      members: {
        from: open,
        table: open,
        into: open,
        select: open,
        queryBuilder: { call: { returns: "Builder" } },
        with: { call: { returns: "Builder" } },
        withRecursive: { call: { returns: "Builder" } },
        first: act("first"),
        distinct: open,
        columns: open,
        column: open,
        pluck: open,
        withSchema: { call: { returns: "Builder" } },
        insert: act("insert"),
        update: act("update"),
        del: act("del"),
        delete: act("delete"),
        batchInsert: act("batchInsert"),
        count: act("count"),
        raw,
        transaction,
        destroy: { call: { meaning: () => ({ kind: "other", what: "disconnect", client: "Knex" }) } },
        schema: { type: "Schema" },
        fn: { type: "Schema" },
        ref: { call: {} },
      },
    },
    Transaction: {
      like: "Knex",
      members: {
        commit: { call: { meaning: () => ({ kind: "other", what: "commit", client: "Knex" }) } },
        rollback: { call: {} },
      },
    },
    Builder: {
      members: {
        ...Object.fromEntries(Object.keys(ACTIONS).map((it) => [it, act(it)])),
        then: { call: {} },
        catch: { call: {} },
        finally: { call: {} },
        stream: { call: {} },
        toSQL: { call: {} },
        toString: { call: {} },
      },
      other: { call: { returns: "this" } },
    },
    Raw: {},
    Schema: { other: { call: {} } },
  },
  typeNames: { "Knex.Transaction": "Transaction", "Knex.QueryBuilder": "Builder" },
});
