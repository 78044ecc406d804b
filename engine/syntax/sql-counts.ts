/** What is counted, and whether the rows that are counted are capped. */

import type { Answer } from "../model.ts";
import type { SqlCount, SqlInner, SqlLimit, SqlTable } from "./sql-model.ts";
import { columnName, inside, isOp, isWord, past, type Slice } from "./sql-slice.ts";

export function countsIn(item: Slice, alone: boolean): Omit<SqlCount, "capped">[] {
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
export function cappedBy(
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
