/** Where the clauses of a statement begin and end, its limit, offset and order, and the parts of a `union`. */

import type { SqlLimit, SqlStatement } from "./sql-model.ts";
import { columnName, isOp, isWord, MAX_KEPT, numberOf, type Slice, spanOf, splitAt } from "./sql-slice.ts";

export interface Clauses {
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

export function clausesOf(slice: Slice): Clauses {
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

export function partsOf(slice: Slice, { parts, clauses, end }: Clauses): Slice[] {
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

export function limitOf(slice: Slice, { clauses }: Clauses): SqlLimit {
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

export function offsetOf(slice: Slice, { clauses }: Clauses): SqlStatement["offset"] {
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

export function orderOf(slice: Slice, { clauses }: Clauses): string[] {
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
