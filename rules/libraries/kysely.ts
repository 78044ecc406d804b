import { type CallView, defineLibrary, type Member, type QueryMeaning, type Value } from "../../engine/index.ts";
import { filterOfLinks, linksOf } from "../_shared/builder.ts";

/** A statement runs at its `execute`; what it does was said by the link that opened it. */
function meaningOf(call: CallView): QueryMeaning | undefined {
  const links = linksOf(call);
  const first = links.find((it) =>
    /^(selectFrom|insertInto|updateTable|deleteFrom|replaceInto|mergeInto)$/.test(it.name),
  );
  if (!first) return undefined;
  const names = new Set(links.map((it) => it.name));
  const table = first.view.text(first.view.arg(0))?.split(/\s+as\s+/i)[0];
  const counts = links.some((it) => it.name === "select" && selectsCount(it.view));
  const grouped = names.has("groupBy");
  const action: QueryMeaning["action"] =
    first.name === "selectFrom"
      ? counts
        ? "count"
        : names.has("executeTakeFirst") || names.has("executeTakeFirstOrThrow")
          ? "one"
          : "list"
      : first.name === "insertInto"
        ? "create"
        : first.name === "deleteFrom"
          ? "delete"
          : "update";
  const limit = links.some((it) => it.name === "limit" && !it.conditional);
  const sets = action === "update" ? links.find((it) => it.name === "set")?.view.arg(0) : undefined;
  return {
    kind: "query",
    client: "Kysely",
    engine: "sql",
    action,
    ...(action === "update" || action === "delete" ? { many: true } : {}),
    ...(table ? { table } : {}),
    filter: filterOfLinks(
      links,
      /^(where|whereRef|having|innerJoin|rightJoin)$/,
      /^(\$if|\$call|with)$/,
      ({ view }) => {
        const column = view.text(view.arg(0))?.split(".").at(-1);
        const operator = view.text(view.arg(1));
        if (column === undefined) return { others: ["*"] };
        return operator === "="
          ? { equals: [column] }
          : operator === "in"
            ? { inLists: [column] }
            : { others: [column] };
      },
    ),
    // The limit of a count caps its one result row (measured on Kysely 0.28); a limit in a sub-select is not followed.
    capped:
      action === "count"
        ? first.view.call.args[0]?.k === "fn" || table === undefined
          ? "unknown"
          : "no"
        : limit
          ? "yes"
          : names.has("limit") || names.has("$if") || names.has("$call")
            ? "unknown"
            : "no",
    ...(action === "count" && limit ? { deadCap: "limit" } : {}),
    ...(grouped ? { grouped: true } : {}),
    ...(isTransaction(call) ? { inTransaction: "yes" as const } : {}),
    ...(sets ? { sets, atomic: 'eb("column", "+", n)' } : {}),
  };
}

/** `select((eb) => eb.fn.countAll().as('n'))`, `select(db.fn.count('id').as('n'))`. */
function selectsCount(view: CallView): boolean {
  return view.file.calls.some(
    (it) =>
      view.call.argsAt[0] !== undefined &&
      it.at[0] >= view.call.argsAt[0][0] &&
      it.at[1] <= view.call.argsAt.at(-1)![1] &&
      ((it.callee.k === "get" && (it.callee.name === "countAll" || it.callee.name === "count")) ||
        (it.kind === "tag" && isCount(it.args[0]))),
  );
}

/** sql`count(*)` */
const isCount = (text: Value | undefined): boolean => {
  const first = text?.k === "tpl" ? text.strings[0] : text?.k === "lit" ? text.v : undefined;
  return typeof first === "string" && /^\s*count\s*\(/i.test(first);
};

function isTransaction(call: CallView): boolean {
  for (let it = call.recv; it; it = it.recv)
    if (it.type === "Transaction" || it.type === "ControlledTransaction") return true;
  return false;
}

const open: Member = { call: { returns: "Builder" } };
const execute: Member = { call: { returns: "Row[]", meaning: meaningOf } };

export default defineLibrary({
  name: "kysely",
  packages: ["kysely"],
  exports: {
    Kysely: {
      construct: {
        returns: "Kysely",
        meaning: () => ({
          kind: "client",
          client: "Kysely",
          of: "database",
          limit: { bounded: "unknown", by: "default", why: "the dialect's driver decides" },
        }),
      },
    },
    sql: { call: { returns: "Raw" } },
  },
  types: {
    Kysely: {
      members: {
        selectFrom: open,
        insertInto: open,
        updateTable: open,
        deleteFrom: open,
        replaceInto: open,
        mergeInto: open,
        ...Object.fromEntries(
          ["with", "withRecursive", "withSchema", "withPlugin", "withTables", "withoutPlugins"].map((it) => [
            it,
            { call: { returns: "this" } },
          ]),
        ),
        selectNoFrom: open,
        transaction: { call: { returns: "TransactionBuilder" } },
        startTransaction: { call: { returns: "ControlledBuilder" } },
        // The connection is given back when the function has ended.
        connection: { call: { returns: "ConnectionBuilder" } },
        destroy: { call: { meaning: () => ({ kind: "other", what: "disconnect", client: "Kysely" }) } },
        fn: { type: "Functions" },
      },
    },
    Transaction: { like: "Kysely" },
    ConnectionBuilder: { members: { execute: { call: { callbacks: { 0: ["Kysely"] } } } } },
    // Since 0.28: ended by hand.
    ControlledBuilder: {
      members: { execute: { call: { returns: "ControlledTransaction" } } },
      other: { call: { returns: "this" } },
    },
    ControlledTransaction: {
      like: "Transaction",
      members: {
        commit: { call: { returns: "Command" } },
        rollback: { call: { returns: "Command" } },
      },
    },
    Command: { members: { execute: { call: {} } } },
    TransactionBuilder: {
      members: {
        setIsolationLevel: { call: { returns: "this" } },
        setAccessMode: { call: { returns: "this" } },
        execute: {
          call: {
            callbacks: { 0: ["Transaction"] },
            meaning: () => ({ kind: "other", what: "transaction", client: "Kysely" }),
          },
        },
      },
    },
    Builder: {
      members: {
        execute,
        executeTakeFirst: execute,
        executeTakeFirstOrThrow: execute,
        stream: { call: {} },
        as: { call: {} },
      },
      other: { call: { returns: "this" } },
    },
    Functions: { other: { call: {} } },
    Raw: {
      members: {
        execute: {
          call: {
            meaning: (call) => ({
              kind: "query",
              client: "Kysely",
              engine: "sql",
              action: "raw",
              filter: { given: "unknown" },
              capped: "unknown",
              ...(call.recv?.via ? { sql: { k: "call", c: call.recv.via.c } } : {}),
            }),
          },
        },
      },
      other: { call: { returns: "this" } },
    },
  },
});
