/** Facts of `select`, `insert`, `update` and `delete`, read clause by clause over tokens. */

import type { Filter } from "../library.ts";
import type { Answer, Span } from "../model.ts";
import type { SqlCount, SqlInner, SqlInsert, SqlLimit, SqlStatement, SqlTable } from "./sql-model.ts";
import type { SqlToken } from "./sql-tokens.ts";

/** Tokens `[from, to)` of one statement or part of one. */
export interface Slice {
  readonly tokens: readonly SqlToken[];
  readonly from: number;
  readonly to: number;
}

const MAX_DEPTH = 30;
const MAX_KEPT = 400;

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
    limit: limit.given === "no" ? (others.length > 0 ? { given: "no" } : first.limit) : limit,
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

// Clauses

interface Clauses {
  /** Tokens behind the clause's keyword, by keyword. */
  readonly clauses: ReadonlyMap<string, { readonly from: number; readonly to: number }>;
  /** Where the part before the first clause ends. */
  readonly listEnd: number;
  /** Starts of further parts of a `union`. */
  readonly parts: readonly number[];
  readonly end: number;
}

const CLAUSES = new Set([
  "FROM",
  "WHERE",
  "GROUP",
  "HAVING",
  "WINDOW",
  "ORDER",
  "LIMIT",
  "OFFSET",
  "FETCH",
  "FOR",
  "RETURNING",
  "INTO",
  "USING",
  "QUALIFY",
]);
const SETS = new Set(["UNION", "INTERSECT", "EXCEPT", "MINUS"]);
/** What belongs to a `union` as a whole. */
const WHOLE = new Set(["ORDER", "LIMIT", "OFFSET", "FETCH", "FOR"]);

function clausesOf(slice: Slice): Clauses {
  const { tokens, from, to } = slice;
  const clauses = new Map<string, { from: number; to: number }>();
  const parts: number[] = [];
  let listEnd = to;
  let current: { from: number; to: number } | undefined;
  let between = false;
  for (let i = from; i < to; i++) {
    const token = tokens[i]!;
    if (token.text === "(" && token.k === "op") {
      i = Math.min(token.close, to) - (token.close < to ? 0 : 1);
      continue;
    }
    if (token.k !== "word" || isOp(slice, i - 1, ".")) continue;
    if (SETS.has(token.text) && i > from - 1) {
      if (listEnd === to) listEnd = i;
      if (current) current.to = Math.min(current.to, i);
      current = undefined;
      between = true;
      parts.push(i);
      continue;
    }
    if (!CLAUSES.has(token.text)) continue;
    if (between && !WHOLE.has(token.text)) continue;
    if (!startsClause(slice, i, current !== undefined && clauses.get("FROM") === current)) continue;
    if (listEnd === to) listEnd = i;
    if (current) current.to = Math.min(current.to, i);
    const skip = (token.text === "GROUP" || token.text === "ORDER") && isWord(slice, i + 1, "BY") ? 2 : 1;
    current = { from: i + skip, to };
    if (!clauses.has(token.text)) clauses.set(token.text, current);
  }
  return { clauses, listEnd, parts, end: to };
}

function startsClause(slice: Slice, i: number, inFrom: boolean): boolean {
  const { tokens, from } = slice;
  const before = i > from ? tokens[i - 1] : undefined;
  switch (tokens[i]!.text) {
    case "FROM":
      // `a is distinct from b`
      return !(
        before?.text === "DISTINCT" &&
        before.k === "word" &&
        i - 2 >= from &&
        (tokens[i - 2]!.text === "IS" || tokens[i - 2]!.text === "NOT")
      );
    case "GROUP":
    case "ORDER":
      return isWord(slice, i + 1, "BY") && before?.text !== "WITHIN";
    case "FOR":
      return isWord(slice, i + 1, "UPDATE", "SHARE", "NO", "KEY");
    case "FETCH":
      return isWord(slice, i + 1, "FIRST", "NEXT");
    case "USING":
      // Of a join: `join b using (id)`.
      return !inFrom && !isOp(slice, i + 1, "(");
    default:
      return true;
  }
}

function partsOf(slice: Slice, { parts, clauses, end }: Clauses): Slice[] {
  const tail = Math.min(
    end,
    ...[...clauses]
      .filter(([key, it]) => WHOLE.has(key) && it.from > (parts[0] ?? end))
      .map(([key, it]) => it.from - (key === "ORDER" ? 2 : 1)),
  );
  return parts.map((start, i) => {
    const from = isWord(slice, start + 1, "ALL", "DISTINCT") ? start + 2 : start + 1;
    return { ...slice, from, to: parts[i + 1] ?? tail };
  });
}

function limitOf(slice: Slice, { clauses }: Clauses): SqlLimit {
  const limit = clauses.get("LIMIT");
  if (limit) {
    const here: Slice = { ...slice, ...limit };
    if (here.from >= here.to) return { given: "unknown" };
    if (here.to - here.from === 1 && isWord(here, here.from, "ALL", "NULL")) return { given: "no" };
    // MySQL: `limit offset, count`.
    const comma = splitAt(here, ",");
    const value = numberOf(comma.at(-1)!);
    return { given: "yes", at: spanOf(here), ...(value !== undefined ? { value } : {}) };
  }
  const fetch = clauses.get("FETCH");
  if (fetch) {
    const here: Slice = { ...slice, ...fetch };
    const value = numberOf({ ...here, from: here.from + 1, to: here.from + 2 });
    return { given: "yes", at: spanOf(here), value: value ?? 1 };
  }
  return { given: "no" };
}

function offsetOf(slice: Slice, { clauses }: Clauses): SqlStatement["offset"] {
  const offset = clauses.get("OFFSET");
  if (offset && offset.from < offset.to) {
    const here: Slice = { ...slice, ...offset };
    const value = numberOf({ ...here, to: here.from + 1 });
    return { at: spanOf(here), ...(value !== undefined ? { value } : {}) };
  }
  const limit = clauses.get("LIMIT");
  if (!limit) return undefined;
  const parts = splitAt({ ...slice, ...limit }, ",");
  if (parts.length !== 2) return undefined;
  const value = numberOf(parts[0]!);
  return { at: spanOf(parts[0]!), ...(value !== undefined ? { value } : {}) };
}

function orderOf(slice: Slice, { clauses }: Clauses): string[] {
  const order = clauses.get("ORDER");
  if (!order) return [];
  return splitAt({ ...slice, ...order }, ",")
    .slice(0, MAX_KEPT)
    .map((it) => {
      let { to } = it;
      while (to > it.from && isWord(it, to - 1, "ASC", "DESC", "NULLS", "FIRST", "LAST")) to -= 1;
      return columnName({ ...it, to });
    });
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

/** A possibly qualified name. */
export function nameAt(
  slice: Slice,
  at: number,
): { readonly table: Omit<SqlTable, "role">; readonly next: number } | undefined {
  const { tokens, to } = slice;
  const parts: SqlToken[] = [];
  let i = at;
  while (i < to && isName(tokens[i]!)) {
    parts.push(tokens[i]!);
    i += 1;
    if (!isOp(slice, i, ".")) break;
    i += 1;
  }
  const last = parts.at(-1);
  if (!last) return undefined;
  const schema = parts.at(-2);
  return {
    table: {
      name: plainName(last),
      ...(schema ? { schema: plainName(schema) } : {}),
      at: [parts[0]!.at[0], last.at[1]],
    },
    next: i,
  };
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

// Conditions

const NO_COLUMNS = { equals: [], inLists: [], others: [] } as const;

/** The columns a condition restricts. `equals` is undefined where alternatives or run-time conditions keep it from being told. */
export function readWhere(slice: Slice, tables: readonly SqlTable[], level = 0): Filter {
  const equals: string[] = [];
  const inLists: string[] = [];
  const others: string[] = [];
  let unknown = false;
  let given = false;
  const visit = (part: Slice, depth: number): void => {
    if (part.from >= part.to) {
      unknown = true;
      return;
    }
    if (isOp(part, part.from, "(") && part.tokens[part.from]!.close === part.to - 1 && depth < MAX_DEPTH) {
      const body = inside(part, part.from);
      const nested = conjuncts(body);
      if (nested) for (const it of nested) visit(it, depth + 1);
      else {
        const alternatives = readWhere(body, tables, depth + 1);
        if (alternatives.given === "yes") given = true;
        else if (alternatives.given === "unknown") unknown = true;
        others.push(...(alternatives.others ?? []));
      }
      return;
    }
    const condition = readCondition(part, tables);
    switch (condition.kind) {
      case "always":
        return;
      case "unknown":
        unknown = true;
        return;
      case "equal":
        equals.push(condition.column);
        break;
      case "in":
        inLists.push(condition.column);
        break;
      case "other":
        others.push(...condition.columns);
    }
    given = true;
  };
  const parts = conjuncts(slice);
  if (!parts) {
    // Alternatives: one that always holds lifts the whole.
    const alternatives: Filter[] = splitWords(slice, "OR").map((it) =>
      level > MAX_DEPTH ? { given: "unknown" } : readWhere(it, tables, level + 1),
    );
    const worst: Answer = alternatives.some((it) => it.given === "no")
      ? "no"
      : alternatives.some((it) => it.given === "unknown")
        ? "unknown"
        : "yes";
    return { given: worst, others: worst === "no" ? [] : columnsIn(slice) };
  }
  for (const part of parts) visit(part, level);
  const answer: Answer = given ? "yes" : unknown ? "unknown" : "no";
  return unknown
    ? { given: answer, ...(inLists.length > 0 ? { inLists } : {}), ...(others.length > 0 ? { others } : {}) }
    : { given: answer, equals, inLists, others };
}

type Condition =
  | { readonly kind: "always" }
  | { readonly kind: "unknown" }
  | { readonly kind: "equal"; readonly column: string }
  | { readonly kind: "in"; readonly column: string }
  | { readonly kind: "other"; readonly columns: readonly string[] };

function readCondition(part: Slice, tables: readonly SqlTable[]): Condition {
  const { tokens, from, to } = part;
  const single = to - from === 1 ? tokens[from]! : undefined;
  if (single?.k === "hole") return { kind: "unknown" };
  if (single && (single.text === "TRUE" || (single.k === "number" && Number(single.text) !== 0)))
    return { kind: "always" };
  if (hasLooseHole(part)) return { kind: "unknown" };
  const left = columnAt(part, from);
  if (left) {
    const at = left.next;
    if (isOp(part, at, "=") || isOp(part, at, "<=>")) {
      const right: Slice = { ...part, from: at + 1 };
      const quantified = isWord(right, right.from, "ANY", "SOME") && isOp(right, right.from + 1, "(");
      if (quantified) return main(left) ? { kind: "in", column: left.name } : { kind: "other", columns: [left.name] };
      const other = columnAt(right, right.from);
      if (other && other.next === to && !isConstantWord(right))
        return left.name === other.name && left.table === other.table
          ? { kind: "always" }
          : { kind: "other", columns: [] };
      if (isOp(right, right.from, "(") && isWord(right, right.from + 1, "SELECT", "WITH"))
        return { kind: "other", columns: [left.name] };
      if (columnsIn(right).length > 0) return { kind: "other", columns: [left.name] };
      return main(left) ? { kind: "equal", column: left.name } : { kind: "other", columns: [left.name] };
    }
    if (isWord(part, at, "IN")) {
      const query = isOp(part, at + 1, "(") && isWord(part, at + 2, "SELECT", "WITH");
      return main(left) && !query ? { kind: "in", column: left.name } : { kind: "other", columns: [left.name] };
    }
    return { kind: "other", columns: [left.name] };
  }
  const equals = topLevel(part, "=");
  if (equals !== undefined) {
    const right: Slice = { ...part, from: equals + 1 };
    const column = columnAt(right, right.from);
    const before: Slice = { ...part, to: equals };
    if (column && column.next === to && columnsIn(before).length === 0)
      return main(column) ? { kind: "equal", column: column.name } : { kind: "other", columns: [column.name] };
    // `1 = 1`, `'a' = 'a'`
    if (
      equals - from === 1 &&
      to - equals === 2 &&
      tokens[from]!.text === tokens[equals + 1]!.text &&
      tokens[from]!.k === tokens[equals + 1]!.k &&
      tokens[from]!.k !== "param" &&
      tokens[from]!.k !== "hole"
    )
      return { kind: "always" };
  }
  return { kind: "other", columns: columnsIn(part) };

  function main(column: { readonly table?: string }): boolean {
    const first = tables[0];
    if (tables.length <= 1 || first === undefined) return true;
    // The first table is put in at run time: a bare column may well be its own.
    if (first.name === "" && first.alias === undefined && column.table === undefined) return true;
    return (
      column.table !== undefined &&
      (column.table.toLowerCase() === first.alias?.toLowerCase() ||
        column.table.toLowerCase() === first.name.toLowerCase())
    );
  }
}

/** The parts joined by `and`; undefined where there is an `or` beside them. */
function conjuncts(slice: Slice): Slice[] | undefined {
  if (splitWords(slice, "OR").length > 1) return undefined;
  return splitWords(slice, "AND");
}

function splitWords(slice: Slice, word: "AND" | "OR"): Slice[] {
  const { tokens, to } = slice;
  const parts: Slice[] = [];
  let start = slice.from;
  let between = 0;
  let cases = 0;
  for (let i = slice.from; i < to; i++) {
    const token = tokens[i]!;
    if (token.k === "op") {
      if (token.text === "(") i = Math.min(token.close, to - 1);
      continue;
    }
    if (token.k !== "word") continue;
    if (token.text === "CASE") cases += 1;
    else if (token.text === "END" && cases > 0) cases -= 1;
    else if (token.text === "BETWEEN") between += 1;
    else if (token.text === "AND" && between > 0 && cases === 0) between -= 1;
    else if (token.text === word && cases === 0) {
      parts.push({ ...slice, from: start, to: i });
      start = i + 1;
    }
  }
  parts.push({ ...slice, from: start, to });
  return parts;
}

/** `a`, `t.a`, `s.t.a`, with a cast or not; not a function, a keyword or a hole. */
function columnAt(
  slice: Slice,
  at: number,
): { readonly name: string; readonly table?: string; readonly next: number } | undefined {
  const first = slice.tokens[at];
  if (at >= slice.to || !first || first.k === "hole" || (first.k === "word" && NOT_COLUMNS.has(first.text)))
    return undefined;
  // `date '2026-01-01'` is a value, `date` a column like any other.
  if (slice.tokens[at + 1]?.k === "string" && at + 1 < slice.to) return undefined;
  const name = nameAt(slice, at);
  if (!name || isOp(slice, name.next, "(")) return undefined;
  let next = name.next;
  if (isOp(slice, next, "::")) {
    next += 2;
    if (isOp(slice, next, "(")) next = past(slice, next);
  }
  return { name: name.table.name, ...(name.table.schema !== undefined ? { table: name.table.schema } : {}), next };
}

const NOT_COLUMNS = new Set(
  "NOT EXISTS NULL TRUE FALSE CASE WHEN THEN ELSE END AND OR IN IS LIKE ILIKE BETWEEN ANY ALL SOME SELECT FROM WHERE ARRAY ROW CAST CURRENT_DATE CURRENT_TIME CURRENT_TIMESTAMP LOCALTIME LOCALTIMESTAMP CURRENT_USER DISTINCT ASC DESC ESCAPE COLLATE AS BINARY SIMILAR REGEXP GLOB ISNULL NOTNULL".split(
    " ",
  ),
);

function isConstantWord(slice: Slice): boolean {
  const token = slice.tokens[slice.from]!;
  return token.k === "word" && NOT_COLUMNS.has(token.text);
}

function columnsIn(slice: Slice): string[] {
  const found: string[] = [];
  for (let i = slice.from; i < slice.to && found.length < 40; ) {
    if (isOp(slice, i, "::")) {
      i += 2;
      continue;
    }
    const token = slice.tokens[i]!;
    if (isOp(slice, i, "(") && isWord(slice, i + 1, "SELECT", "WITH")) {
      i = past(slice, i);
      continue;
    }
    if (
      token.k === "word" &&
      (token.text === "DATE" || token.text === "TIMESTAMP" || token.text === "INTERVAL" || NOT_COLUMNS.has(token.text))
    ) {
      i += 1;
      continue;
    }
    const column = columnAt(slice, i);
    if (column) {
      if (!found.includes(column.name)) found.push(column.name);
      i = column.next;
    } else if (isName(token)) i = nameAt(slice, i)?.next ?? i + 1;
    else i += 1;
  }
  return found;
}

// Expressions

function countsIn(item: Slice, alone: boolean): Omit<SqlCount, "capped">[] {
  const found: Omit<SqlCount, "capped">[] = [];
  const { tokens } = item;
  for (let i = item.from; i < item.to; i++) {
    if (isOp(item, i, "(") && isWord(item, i + 1, "SELECT", "WITH")) {
      i = past(item, i) - 1;
      continue;
    }
    if (!isWord(item, i, "COUNT", "COUNT_BIG") || !isOp(item, i + 1, "(") || isOp(item, i - 1, ".")) continue;
    const body = inside(item, i + 1);
    const distinct = isWord(body, body.from, "DISTINCT");
    const of: Slice = { ...body, from: distinct ? body.from + 1 : body.from };
    let end = past(item, i + 1);
    let window = false;
    for (;;) {
      if (isWord(item, end, "FILTER") && isOp(item, end + 1, "(")) end = past(item, end + 1);
      else if (isWord(item, end, "OVER")) {
        window = true;
        end = isOp(item, end + 1, "(") ? past(item, end + 1) : Math.min(end + 2, item.to);
      } else break;
    }
    found.push({
      at: tokens[i]!.at,
      callAt: [tokens[i]!.at[0], tokens[Math.min(end, item.to) - 1]!.at[1]],
      of: of.to - of.from === 1 && (isOp(of, of.from, "*") || tokens[of.from]!.k === "number") ? "*" : columnName(of),
      distinct,
      window,
      only: alone && i === item.from,
    });
    i = end - 1;
  }
  return found;
}

/** Whether the rows that are counted are themselves capped, by a `limit` in the only thing counted. */
function cappedBy(
  tables: readonly SqlTable[],
  inner: readonly SqlInner[],
  ctes: readonly SqlInner[],
  limit: SqlLimit,
  count: Omit<SqlCount, "capped">,
): Answer {
  if (count.window && limit.given === "unknown") return "unknown";
  const sources = inner.filter((it) => it.role === "from");
  const [table] = tables;
  const from =
    table && tables.length === 1 && sources.length === 0
      ? ctes.find((it) => it.name?.toLowerCase() === table.name.toLowerCase())
      : tables.length === 0 && sources.length === 1
        ? sources[0]
        : undefined;
  if (!from) return tables.length === 1 && tables[0]!.name === "" ? "unknown" : "no";
  const { statement } = from;
  if (statement.kind === "select" && statement.verb === "values") return "yes";
  return statement.limit.given;
}

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

/** A hole that follows something complete: only a clause, an operator or an alias can be meant. */
function hasLooseHole(slice: Slice): boolean {
  const { tokens } = slice;
  for (let i = slice.from; i < slice.to; i++) {
    const token = tokens[i]!;
    if (token.k === "op" && token.text === "(") {
      i = Math.min(token.close, slice.to) - 1;
      continue;
    }
    if (token.k !== "hole" || i === slice.from) continue;
    const before = tokens[i - 1]!;
    const operand =
      before.k === "op"
        ? before.text === ")" || before.text === "*"
        : before.k === "word"
          ? !TAKES_OPERAND.has(before.text)
          : true;
    // `a * ${n}` multiplies; a star that is selected is followed by `from`.
    if (operand && before.text !== "*") return true;
  }
  return false;
}

const TAKES_OPERAND = new Set(
  "SELECT FROM WHERE AND OR NOT IN LIKE ILIKE BETWEEN LIMIT OFFSET BY SET VALUES VALUE ON USING JOIN HAVING AS INTO WHEN THEN ELSE CASE RETURNING IS UNION ALL EXCEPT INTERSECT DISTINCT UPDATE TABLE ONLY ANY SOME INTERVAL ESCAPE COLLATE FIRST NEXT FETCH TO FOR OF LATERAL EXISTS REGEXP RLIKE SIMILAR DATE TIMESTAMP".split(
    " ",
  ),
);

// Tokens

export function isWord(slice: Slice, at: number, ...words: readonly string[]): boolean {
  if (at < 0 || at >= slice.to) return false;
  const token = slice.tokens[at];
  return token !== undefined && token.k === "word" && words.includes(token.text);
}

export function isOp(slice: Slice, at: number, op: string): boolean {
  if (at < 0 || at >= slice.to) return false;
  const token = slice.tokens[at];
  return token !== undefined && token.k === "op" && token.text === op;
}

export function isName(token: SqlToken): boolean {
  return token.k === "word" || token.k === "quoted" || token.k === "hole";
}

function plainName(token: SqlToken): string {
  return token.k === "hole" || token.partial ? "" : token.name;
}

/** Behind the `)` that closes the `(` at `at`. */
export function past(slice: Slice, at: number): number {
  return Math.min(slice.tokens[at]!.close + 1, slice.to);
}

export function inside(slice: Slice, at: number): Slice {
  return { ...slice, from: at + 1, to: Math.min(slice.tokens[at]!.close, slice.to) };
}

/** Parts between separators outside of parentheses; none for an empty slice. */
export function splitAt(slice: Slice, separator: string): Slice[] {
  if (slice.from >= slice.to) return [];
  const parts: Slice[] = [];
  let start = slice.from;
  for (let i = slice.from; i < slice.to; i++) {
    if (isOp(slice, i, "(")) i = past(slice, i) - 1;
    else if (isOp(slice, i, separator)) {
      parts.push({ ...slice, from: start, to: i });
      start = i + 1;
    }
  }
  parts.push({ ...slice, from: start });
  return parts.filter((it) => it.from < it.to);
}

/** Index of the first place outside of parentheses where these words follow each other. */
export function indexOfWords(slice: Slice, from: number, ...words: readonly string[]): number | undefined {
  for (let i = from; i < slice.to; i++) {
    if (isOp(slice, i, "(")) i = past(slice, i) - 1;
    else if (words.every((word, n) => isWord(slice, i + n, word))) return i;
  }
  return undefined;
}

function topLevel(slice: Slice, op: string): number | undefined {
  for (let i = slice.from; i < slice.to; i++) {
    if (isOp(slice, i, "(")) i = past(slice, i) - 1;
    else if (isOp(slice, i, op)) return i;
  }
  return undefined;
}

export function columnName(slice: Slice): string {
  const name = nameAt(slice, slice.from);
  return name && name.next === slice.to ? name.table.name : "";
}

function assigned(slice: Slice): string[] {
  return splitAt(slice, ",").flatMap((it) => {
    const name = nameAt(it, it.from);
    return name && isOp(it, name.next, "=") ? [name.table.name] : [];
  });
}

function wordsOf(slice: Slice): string[] {
  return slice.tokens.slice(slice.from, slice.to).flatMap((it) => (it.k === "word" ? [it.text] : []));
}

export function spanOf(slice: Slice): Span {
  const { tokens, from, to } = slice;
  const first = tokens[Math.min(from, tokens.length - 1)]!;
  return from < to ? [first.at[0], tokens[to - 1]!.at[1]] : [first.at[1], first.at[1]];
}

function numberOf(slice: Slice): number | undefined {
  const token = slice.tokens[slice.from];
  if (slice.to - slice.from !== 1 || token?.k !== "number") return undefined;
  const value = Number(token.text);
  return Number.isFinite(value) ? value : undefined;
}
