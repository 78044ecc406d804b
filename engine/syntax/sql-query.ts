/** Facts of `select`, `insert`, `update` and `delete`, read clause by clause over tokens. */

import type { Span } from "../model.ts";
import { type Clauses, clausesOf, limitOf, offsetOf, orderOf, partsOf } from "./sql-clauses.ts";
import { cappedBy, countsIn } from "./sql-counts.ts";
import { hasLooseHole } from "./sql-holes.ts";
import type { SqlInner, SqlInsert, SqlStatement, SqlTable } from "./sql-model.ts";
import {
  assigned,
  columnName,
  indexOfWords,
  inside,
  isName,
  isOp,
  isWord,
  MAX_DEPTH,
  MAX_KEPT,
  nameAt,
  past,
  type Slice,
  spanOf,
  splitAt,
  wordsOf,
} from "./sql-slice.ts";
import { NO_COLUMNS, readWhere } from "./sql-where.ts";

type Draft = { -readonly [K in keyof SqlStatement]: SqlStatement[K] };

export function emptyStatement(kind: SqlStatement["kind"], verb: string, slice: Slice, keyword: number): Draft {
  const { tokens, from, to } = slice;
  return {
    kind,
    verb,
    at: [tokens[from]!.at[0], tokens[Math.max(from, to - 1)]!.at[1]],
    keywordAt: tokens[keyword]!.at,
    tables: [],
    where: { given: "no", equals: [], inLists: [], others: [] },
    limit: { given: "no" },
    orderBy: [],
    counts: [],
    grouped: false,
    distinct: false,
    star: false,
    compound: false,
    functions: [],
    inner: [],
  };
}

/** `[with …] select | values | insert | replace | update | delete`, or undefined where it is none of those. */
export function readQuery(slice: Slice, depth = 0): SqlStatement | undefined {
  if (depth > MAX_DEPTH || slice.from >= slice.to) return undefined;
  const { tokens } = slice;
  let at = slice.from;
  const ctes: SqlInner[] = [];
  if (isWord(slice, at, "WITH")) {
    at += 1;
    if (isWord(slice, at, "RECURSIVE")) at += 1;
    for (;;) {
      const name = tokens[at];
      if (at >= slice.to || !name || !isName(name)) return undefined;
      at += 1;
      if (isOp(slice, at, "(")) at = past(slice, at);
      if (!isWord(slice, at, "AS")) return undefined;
      at += 1;
      while (isWord(slice, at, "NOT", "MATERIALIZED")) at += 1;
      if (!isOp(slice, at, "(")) return undefined;
      const statement = readQuery({ tokens, from: at + 1, to: Math.min(tokens[at]!.close, slice.to) }, depth + 1);
      if (statement && ctes.length < MAX_KEPT) ctes.push({ role: "cte", name: name.name, statement });
      at = past(slice, at);
      if (!isOp(slice, at, ",")) break;
      at += 1;
    }
  }
  const main = readMain(slice, at, ctes, depth);
  if (!main) return undefined;
  const names = new Set(ctes.map((it) => it.name?.toLowerCase()));
  return {
    ...main,
    tables: main.tables.filter((it) => it.schema !== undefined || !names.has(it.name.toLowerCase())),
    inner: [...ctes, ...main.inner],
  };
}

function readMain(slice: Slice, at: number, ctes: readonly SqlInner[], depth: number): SqlStatement | undefined {
  const { tokens, to } = slice;
  const token = tokens[at];
  if (at >= to || !token) return undefined;
  if (token.text === "(" && token.k === "op") return readParenthesised(slice, at, ctes, depth);
  if (token.k !== "word") return undefined;
  switch (token.text) {
    case "SELECT":
      return readSelect(slice, at, ctes, depth);
    case "VALUES":
      return { ...emptyStatement("select", "values", slice, at) };
    case "INSERT":
    case "REPLACE":
      return readInsert(slice, at, depth);
    case "UPDATE":
      return readUpdate(slice, at, depth);
    case "DELETE":
      return readDelete(slice, at, depth);
    default:
      return undefined;
  }
}

/** `(select …) union (select …) order by … limit …`: the first part's facts, the whole's order and limit. */
function readParenthesised(
  slice: Slice,
  at: number,
  ctes: readonly SqlInner[],
  depth: number,
): SqlStatement | undefined {
  const { tokens, to } = slice;
  if (depth > MAX_DEPTH) return undefined;
  const first = readMain({ tokens, from: at + 1, to: Math.min(tokens[at]!.close, to) }, at + 1, ctes, depth + 1);
  if (!first) return undefined;
  const rest: Slice = { tokens, from: past(slice, at), to };
  if (rest.from >= to) return { ...first, at: [tokens[slice.from]!.at[0], tokens[to - 1]!.at[1]] };
  const found = clausesOf(rest);
  const others = partsOf(rest, found).flatMap((it) => readQuery(it, depth + 1) ?? []);
  const limit = limitOf(rest, found);
  return {
    ...first,
    at: [tokens[slice.from]!.at[0], tokens[to - 1]!.at[1]],
    compound: others.length > 0 || first.compound,
    tables: [...first.tables, ...others.flatMap((it) => it.tables)],
    inner: [...first.inner, ...others.flatMap((it) => it.inner)],
    // Each part with a limit of its own: so many rows together.
    limit: limit.given === "no" && others.every((it) => it.limit.given === "yes") ? first.limit : limit,
    orderBy: orderOf(rest, found),
  };
}

function readSelect(slice: Slice, at: number, ctes: readonly SqlInner[], depth: number): SqlStatement {
  const whole: Slice = { ...slice, from: at + 1 };
  const found = clausesOf(whole);
  const draft = emptyStatement("select", "select", slice, at);
  const parts = partsOf(whole, found);
  draft.compound = parts.length > 0;

  let listFrom = at + 1;
  if (isWord(slice, listFrom, "DISTINCT", "DISTINCTROW")) {
    draft.distinct = true;
    listFrom += 1;
    if (isWord(slice, listFrom, "ON") && isOp(slice, listFrom + 1, "(")) listFrom = past(slice, listFrom + 1);
  } else if (isWord(slice, listFrom, "ALL", "SQL_CALC_FOUND_ROWS", "STRAIGHT_JOIN")) listFrom += 1;
  const list: Slice = { ...slice, from: listFrom, to: found.listEnd };

  const own: SqlTable[] = [];
  const inner: SqlInner[] = [];
  const from = found.clauses.get("FROM");
  const sources = from ? readSources({ ...slice, ...from }, depth) : { tables: [], inner: [], loose: false };
  own.push(...sources.tables);
  inner.push(...sources.inner);
  const loose = sources.loose || hasLooseHole({ ...slice, from: listFrom, to: found.end });

  draft.grouped = found.clauses.has("GROUP");
  draft.tables = own;
  const where = found.clauses.get("WHERE");
  draft.where = where
    ? readWhere({ ...slice, ...where }, own)
    : { given: sources.loose ? "unknown" : "no", ...(sources.loose ? {} : NO_COLUMNS) };
  if (where) draft.whereAt = spanOf({ ...slice, ...where });
  draft.limit = limitOf(whole, found);
  if (draft.limit.given === "no" && loose) draft.limit = { given: "unknown" };
  const offset = offsetOf(whole, found);
  if (offset) draft.offset = offset;
  draft.orderBy = orderOf(whole, found);
  const items = splitAt(list, ",");
  draft.star = items.some((it) => isOp(it, it.to - 1, "*") && (it.to - it.from === 1 || isOp(it, it.to - 2, ".")));
  draft.counts = items
    .flatMap((it) => countsIn(it, items.length === 1))
    .map((it) => ({ ...it, capped: cappedBy(own, inner, ctes, draft.limit, it) }));
  const lock = found.clauses.get("FOR");
  if (lock) {
    const words = wordsOf({ ...slice, ...lock });
    draft.rowLock = {
      strength: words
        .filter((it) => !["OF", "NOWAIT", "SKIP", "LOCKED"].includes(it))
        .slice(0, 3)
        .join(" ")
        .toLowerCase(),
      skipLocked: words.includes("SKIP"),
      noWait: words.includes("NOWAIT"),
    };
  }
  // What is read in expressions: calls and subqueries, wherever they stand outside of `from`'s own subqueries.
  const expressions: Slice[] = [
    list,
    ...(from ? [{ ...slice, ...from }] : []),
    ...[...found.clauses].filter(([key]) => key !== "FROM").map(([, span]) => ({ ...slice, ...span })),
  ];
  const known = new Set(inner.map((it) => it.statement.at[0]));
  const read = expressions.map((it) => readExpressions(it, depth));
  draft.functions = read.flatMap((it) => it.functions).slice(0, MAX_KEPT);
  inner.push(...read.flatMap((it) => it.inner).filter((it) => !known.has(it.statement.at[0])));
  for (const part of parts) {
    const other = readQuery(part, depth + 1);
    if (!other) continue;
    draft.tables = [...draft.tables, ...other.tables].slice(0, MAX_KEPT);
    inner.push(...other.inner);
  }
  draft.inner = inner.slice(0, MAX_KEPT);
  return draft;
}

function readInsert(slice: Slice, at: number, depth: number): SqlStatement | undefined {
  const { tokens, to } = slice;
  const draft = emptyStatement("insert", tokens[at]!.text.toLowerCase(), slice, at);
  let i = at + 1;
  while (
    isWord(
      slice,
      i,
      "IGNORE",
      "OR",
      "REPLACE",
      "ABORT",
      "ROLLBACK",
      "FAIL",
      "LOW_PRIORITY",
      "DELAYED",
      "HIGH_PRIORITY",
      "OVERWRITE",
    )
  )
    i += 1;
  if (isWord(slice, i, "INTO")) i += 1;
  const name = nameAt(slice, i);
  if (!name) return undefined;
  draft.tables = [{ ...name.table, role: "target" }];
  i = name.next;
  if (isWord(slice, i, "AS")) i += 2;
  let columns: string[] = [];
  if (isOp(slice, i, "(") && !isWord(slice, i + 1, "SELECT", "WITH")) {
    columns = splitAt(inside(slice, i), ",").map(columnName);
    i = past(slice, i);
  }
  while (
    i < to &&
    !isWord(slice, i, "VALUES", "VALUE", "SELECT", "WITH", "DEFAULT", "SET", "TABLE", "ON", "RETURNING") &&
    !isOp(slice, i, "(") &&
    tokens[i]!.k !== "hole"
  )
    i += 1;
  let rows: number | undefined;
  let fromQuery = false;
  const conflict = indexOfWords(slice, i, "ON", "CONFLICT");
  const duplicate = indexOfWords(slice, i, "ON", "DUPLICATE");
  const end = Math.min(conflict ?? to, duplicate ?? to, indexOfWords(slice, i, "RETURNING") ?? to);
  if (isWord(slice, i, "VALUES", "VALUE")) {
    rows = 0;
    for (const row of splitAt({ ...slice, from: i + 1, to: end }, ",")) {
      if (!isOp(row, row.from, "(")) rows = undefined;
      else if (rows !== undefined) rows += 1;
    }
  } else if (isWord(slice, i, "DEFAULT", "SET")) {
    rows = 1;
    if (isWord(slice, i, "SET")) columns = assigned({ ...slice, from: i + 1, to: end });
  } else if (isWord(slice, i, "SELECT", "WITH", "TABLE") || isOp(slice, i, "(")) {
    fromQuery = true;
    const query = readQuery(
      {
        ...slice,
        from: isOp(slice, i, "(") ? i + 1 : i,
        to: isOp(slice, i, "(") ? Math.min(tokens[i]!.close, end) : end,
      },
      depth + 1,
    );
    if (query) draft.inner = [{ role: "expression", statement: query }];
  }
  const insert: SqlInsert = {
    columns,
    fromQuery,
    ...(rows !== undefined ? { rows } : {}),
    ...(tokens[at]!.text === "REPLACE" ||
    duplicate !== undefined ||
    (conflict !== undefined && indexOfWords(slice, conflict, "DO", "UPDATE") !== undefined)
      ? { onConflict: "update" as const }
      : conflict !== undefined || isWord(slice, at + 1, "IGNORE") || isWord(slice, at + 2, "IGNORE")
        ? { onConflict: "nothing" as const }
        : {}),
  };
  draft.insert = insert;
  if (!fromQuery) {
    const read = readExpressions({ ...slice, from: i, to }, depth);
    draft.functions = read.functions;
    draft.inner = read.inner;
  }
  return draft;
}

function readUpdate(slice: Slice, at: number, depth: number): SqlStatement | undefined {
  const draft = emptyStatement("update", "update", slice, at);
  let i = at + 1;
  while (isWord(slice, i, "ONLY", "IGNORE", "LOW_PRIORITY", "OR", "REPLACE", "ABORT", "ROLLBACK", "FAIL")) i += 1;
  const set = indexOfWords(slice, i, "SET");
  if (set === undefined) return undefined;
  const targets = readSources({ ...slice, from: i, to: set }, depth);
  if (targets.tables.length === 0) return undefined;
  const whole: Slice = { ...slice, from: set + 1 };
  const found = clausesOf(whole);
  draft.sets = assigned({ ...slice, from: set + 1, to: found.listEnd });
  finishWrite(draft, slice, whole, found, targets, depth);
  return draft;
}

function readDelete(slice: Slice, at: number, depth: number): SqlStatement | undefined {
  const draft = emptyStatement("delete", "delete", slice, at);
  const from = indexOfWords(slice, at + 1, "FROM");
  if (from === undefined) return undefined;
  const whole: Slice = { ...slice, from: from + 1 };
  const found = clausesOf(whole);
  const targets = readSources({ ...slice, from: from + 1, to: found.listEnd }, depth);
  if (targets.tables.length === 0) return undefined;
  finishWrite(draft, slice, whole, found, targets, depth);
  return draft;
}

function finishWrite(draft: Draft, slice: Slice, whole: Slice, found: Clauses, targets: Sources, depth: number): void {
  const more = ["FROM", "USING"].flatMap((key) => {
    const span = found.clauses.get(key);
    return span ? [readSources({ ...slice, ...span }, depth)] : [];
  });
  draft.tables = [
    ...targets.tables.map((it, i): SqlTable => (i === 0 ? { ...it, role: "target" } : it)),
    ...more.flatMap((it) => it.tables),
  ];
  const loose =
    targets.loose || more.some((it) => it.loose) || hasLooseHole({ ...slice, from: whole.from, to: found.end });
  const where = found.clauses.get("WHERE");
  draft.where = where
    ? readWhere({ ...slice, ...where }, draft.tables)
    : { given: loose ? "unknown" : "no", ...(loose ? {} : NO_COLUMNS) };
  if (where) draft.whereAt = spanOf({ ...slice, ...where });
  draft.limit = limitOf(whole, found);
  if (draft.limit.given === "no" && loose) draft.limit = { given: "unknown" };
  draft.orderBy = orderOf(whole, found);
  const read = readExpressions(whole, depth);
  draft.functions = read.functions;
  draft.inner = read.inner;
}

// Tables

interface Sources {
  readonly tables: SqlTable[];
  readonly inner: SqlInner[];
  /** A hole stands where a clause could be put in. */
  readonly loose: boolean;
}

const JOIN_WORDS = new Set(["JOIN", "STRAIGHT_JOIN"]);
const NO_ALIAS = new Set(
  "INNER LEFT RIGHT FULL CROSS NATURAL JOIN STRAIGHT_JOIN ON USING WHERE SET TABLESAMPLE USE FORCE IGNORE WITH OUTER LATERAL".split(
    " ",
  ),
);

function readSources(slice: Slice, depth: number): Sources {
  const tables: SqlTable[] = [];
  const inner: SqlInner[] = [];
  let loose = false;
  if (depth > MAX_DEPTH) return { tables, inner, loose };
  let expect: SqlTable["role"] | undefined = "from";
  const { tokens, to } = slice;
  for (let i = slice.from; i < to; ) {
    const token = tokens[i]!;
    if (expect === undefined) {
      if (isOp(slice, i, ",")) expect = "from";
      else if (token.k === "word" && JOIN_WORDS.has(token.text)) expect = "join";
      i = token.k === "op" && token.text === "(" ? past(slice, i) : i + 1;
      continue;
    }
    if (isWord(slice, i, "LATERAL", "ONLY")) {
      i += 1;
      continue;
    }
    const role = expect;
    expect = undefined;
    if (isOp(slice, i, "(")) {
      const body = inside(slice, i);
      i = past(slice, i);
      const alias = aliasAt(slice, i);
      if (isWord(body, body.from, "SELECT", "WITH", "VALUES") || isOp(body, body.from, "(")) {
        const statement = readQuery(body, depth + 1);
        if (statement) {
          inner.push({ role: "from", ...(alias ? { name: alias.name } : {}), statement });
          if (alias) i = alias.next;
          continue;
        }
      }
      const nested = readSources(body, depth + 1);
      tables.push(...nested.tables);
      inner.push(...nested.inner);
      loose ||= nested.loose;
      continue;
    }
    const name = nameAt(slice, i);
    if (!name) {
      i += 1;
      continue;
    }
    i = name.next;
    // A function in `from` is no table.
    if (isOp(slice, i, "(")) {
      i = past(slice, i);
      const alias = aliasAt(slice, i);
      if (alias) i = alias.next;
      continue;
    }
    if (isOp(slice, i, "*")) i += 1;
    const alias = aliasAt(slice, i);
    if (alias) i = alias.next;
    if (tables.length < MAX_KEPT) tables.push({ ...name.table, ...(alias ? { alias: alias.name } : {}), role });
    if (i < to && tokens[i]!.k === "hole") loose = true;
  }
  return { tables, inner, loose: loose || hasLooseHole(slice) };
}

function aliasAt(slice: Slice, at: number): { readonly name: string; readonly next: number } | undefined {
  const { tokens, to } = slice;
  let i = at;
  const as = isWord(slice, i, "AS");
  if (as) i += 1;
  const token = tokens[i];
  if (
    i >= to ||
    !token ||
    token.k === "hole" ||
    !isName(token) ||
    (!as && token.k === "word" && NO_ALIAS.has(token.text))
  )
    return undefined;
  i += 1;
  if (isOp(slice, i, "(")) i = past(slice, i);
  return { name: token.name, next: i };
}

// Expressions

function readExpressions(slice: Slice, depth: number): { functions: { name: string; at: Span }[]; inner: SqlInner[] } {
  const functions: { name: string; at: Span }[] = [];
  const inner: SqlInner[] = [];
  for (let i = slice.from; i < slice.to; i++) {
    if (!isOp(slice, i, "(")) continue;
    if (isWord(slice, i + 1, "SELECT", "WITH", "VALUES") && inner.length < MAX_KEPT) {
      const statement = readQuery(inside(slice, i), depth + 1);
      if (statement) {
        inner.push({ role: "expression", statement });
        i = past(slice, i) - 1;
        continue;
      }
    }
    const before = i > slice.from ? slice.tokens[i - 1]! : undefined;
    if (
      before &&
      (before.k === "word" || before.k === "quoted") &&
      !(before.k === "word" && NOT_FUNCTIONS.has(before.text)) &&
      functions.length < MAX_KEPT
    )
      functions.push({ name: before.name.toLowerCase(), at: before.at });
  }
  return { functions, inner };
}

const NOT_FUNCTIONS = new Set(
  "IN AND OR NOT ON USING VALUES OVER FILTER AS FROM JOIN WHERE SELECT EXISTS ANY ALL SOME BETWEEN LIKE ILIKE WHEN THEN ELSE CASE BY SET INTO ROW ARRAY DISTINCT RETURNING LIMIT OFFSET HAVING UNION EXCEPT INTERSECT IS CONFLICT GROUP KEY VARCHAR CHAR NUMERIC DECIMAL LATERAL".split(
    " ",
  ),
);
