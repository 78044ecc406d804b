/** SQL in code: what a statement means as a query. */
import {
  type CallView,
  type Edit,
  type FileSummary,
  type QueryMeaning,
  readSql,
  type Scoped,
  type SqlDialect,
  type SqlStatement,
  type SqlText,
  sqlText,
  type Value,
} from "../../engine/index.ts";

/** One more than is shown, as in the fixes for ORMs. */
const CAP = 1_001;

/** Reads the statement written at `at`; one that cannot be read is `raw`, of which nothing is known. */
export function queryOfSql(call: CallView, at: Scoped, client: string, dialect: SqlDialect): QueryMeaning {
  const raw: QueryMeaning = {
    kind: "query",
    client,
    engine: "sql",
    action: "raw",
    filter: { given: "unknown" },
    capped: "unknown",
    sql: at.value,
  };
  const written = textOf(call, at);
  const statements = written ? readSql(written.text, dialect, written.holes) : undefined;
  const first = statements?.[0];
  if (!written) return raw;
  if (!first) {
    const verb = /^\s*(insert|update|delete)\b/i.exec(written.text)?.[1]?.toLowerCase();
    return verb ? { ...raw, action: verb === "insert" ? "create" : (verb as "update" | "delete") } : raw;
  }
  return { ...raw, ...meaningOf(first), ...(statements.length === 1 ? capped(first, written, call.file.path) : {}) };
}

/** Whether a fragment (`count(*) over () as total`) counts every matching row beside the rows themselves. */
export function isWindowCount(call: CallView, at: Scoped): boolean {
  const written = textOf(call, at);
  return written !== undefined && /\bcount\s*\([^)]*\)\s*over\s*\(/i.test(written.text);
}

/** The meaning of a statement used as a part of another: only its total matters. */
export function countOfFragment(call: CallView, at: Scoped, dialect: SqlDialect): Partial<QueryMeaning> | undefined {
  const written = textOf(call, at);
  const first = written ? readSql(written.text, dialect, written.holes)?.[0] : undefined;
  const said = first ? meaningOf(first) : undefined;
  return said?.action === "count" ? said : undefined;
}

function textOf(call: CallView, at: Scoped): SqlText | undefined {
  const { file } = at;
  const value = fragmentOf(constantOf(at.value, file), file) ?? constantOf(at.value, file);
  const named = (part: Value): string | undefined => call.program.text({ value: part, file, env: at.env });
  const resolve = (part: Value, next: string): string | Value | undefined => {
    const made = constantOf(part, file);
    return fragmentOf(made, file) ?? identifierOf(made, at, call) ?? named(part) ?? columnOf(part, next);
  };
  const text = named(at.value);
  return sqlText(value, resolve) ?? (text !== undefined ? { text, holes: [], toHost: () => undefined } : undefined);
}

/** The value of a constant of this file. */
function constantOf(value: Value, file: FileSummary): Value {
  const binding = value.k === "ref" ? file.bindings[value.b] : undefined;
  return binding?.kind === "const" ? (binding.value ?? value) : value;
}

/** The template of sql`…`, sql.fragment`…`, sql.type(row)`…`: by the name of the tag, which is the same in every library. */
function fragmentOf(value: Value, file: FileSummary): Value | undefined {
  const call = value.k === "call" ? file.calls[value.c] : undefined;
  if (call?.kind !== "tag") return undefined;
  const { callee } = call;
  return isSqlTag(callee.k === "call" ? file.calls[callee.c]!.callee : callee, file) ? call.args[0] : undefined;
}

function isSqlTag(value: Value, file: FileSummary): boolean {
  if (value.k === "ref") return /^(sql|prisma)$/i.test(file.bindings[value.b]?.name ?? "");
  return value.k === "get" && isSqlTag(value.of, file);
}

/** A member left of a comparison is a column, by the name of the member: `where ${users.id} = ${id}`. */
function columnOf(value: Value, next: string): string | undefined {
  return value.k === "get" && /^\s*(?:=|in\s*\()/i.test(next) && /^\w+$/.test(value.name)
    ? `"${value.name}"`
    : undefined;
}

/** `sql.identifier(["public", "users"])` as it is written in SQL. */
function identifierOf(value: Value, at: Scoped, { program }: CallView): string | undefined {
  const call = value.k === "call" ? at.file.calls[value.c] : undefined;
  if (call?.callee.k !== "get" || call.callee.name !== "identifier" || !isSqlTag(call.callee, at.file))
    return undefined;
  const [names] = call.args;
  if (names?.k !== "arr" || names.open) return undefined;
  const parts = names.items.map((it) => program.text({ ...at, value: it }));
  return parts.length > 0 && parts.every((it) => it !== undefined && /^\w+$/.test(it))
    ? parts.map((it) => `"${it}"`).join(".")
    : undefined;
}

function meaningOf(statement: SqlStatement): Partial<QueryMeaning> {
  const target = statement.tables.find((it) => it.role === "target") ?? statement.tables[0];
  const table = target && target.name !== "" ? { table: target.name } : {};
  switch (statement.kind) {
    case "select": {
      const only = statement.counts.find((it) => it.only && !it.window);
      if (only)
        return {
          action: "count",
          ...table,
          filter: joined(statement),
          capped: only.capped,
          ...(statement.grouped ? { grouped: true } : {}),
          ...(statement.limit.given === "yes" && only.capped === "no" && !statement.grouped
            ? { deadCap: "LIMIT" }
            : {}),
        };
      const beside =
        statement.counts.some((it) => it.window && it.capped !== "yes") ||
        statement.inner.some((it) => it.role !== "expression" && totals(it.statement));
      if (beside) return { action: "list-and-count", ...table, filter: joined(statement), capped: "no" };
      // `select sum(a), count(*) from t`: one row, whatever there is.
      if (!statement.grouped && !statement.compound && isSummary(statement))
        return { action: "aggregate", ...table, filter: joined(statement) };
      const one = statement.limit.value === 1;
      return {
        action: one ? "one" : "list",
        ...table,
        filter: joined(statement),
        capped: statement.limit.given,
        ...(statement.grouped ? { grouped: true } : {}),
      };
    }
    case "insert":
      return {
        action: statement.insert?.fromQuery || (statement.insert?.rows ?? 2) > 1 ? "create-many" : "create",
        ...table,
        filter: { given: "yes" },
      };
    case "update":
      return { action: "update", many: true, ...table, filter: statement.where, capped: statement.limit.given };
    case "delete":
      return { action: "delete", many: true, ...table, filter: statement.where, capped: statement.limit.given };
    case "truncate":
      return { action: "truncate", ...table };
    case "transaction":
      return { action: "transaction" };
    default:
      return {};
  }
}

const SUMMARIES = new Set(
  "sum avg min max count total group_concat string_agg array_agg json_agg jsonb_agg bool_or bool_and".split(" "),
);

function isSummary(statement: SqlStatement): boolean {
  const called = statement.functions.map((it) => it.name);
  return (
    called.some((it) => SUMMARIES.has(it)) && !called.includes("over") && !statement.counts.some((it) => it.window)
  );
}

function totals(statement: SqlStatement): boolean {
  return !statement.grouped && statement.counts.some((it) => it.only && !it.window && it.capped === "no");
}

/** A join restricts as a condition may, but never to nothing that could be told. */
function joined(statement: SqlStatement): SqlStatement["where"] {
  return statement.where.given === "no" && statement.tables.length > 1 ? { given: "unknown" } : statement.where;
}

/** `COUNT(*) FROM t WHERE …` made to look at so many rows at most. */
function capped(statement: SqlStatement, written: SqlText, path: string): { capEdits?: readonly Edit[] } {
  const count = statement.counts[0];
  if (
    statement.kind !== "select" ||
    statement.counts.length !== 1 ||
    !count?.only ||
    count.of !== "*" ||
    count.window ||
    count.capped !== "no"
  )
    return {};
  if (statement.grouped || statement.limit.given !== "no" || statement.compound || statement.orderBy.length > 0)
    return {};
  const from = /\bfrom\b/i.exec(written.text.slice(count.callAt[1]));
  if (!from) return {};
  const start = written.toHost(count.callAt[1] + from.index);
  const end = written.toHost(statement.at[1]);
  if (start === undefined || end === undefined) return {};
  return {
    capEdits: [
      { path, at: [start, start], text: `${from[0]} (SELECT 1 ` },
      { path, at: [end, end], text: ` LIMIT ${CAP}) AS capped` },
    ],
  };
}
