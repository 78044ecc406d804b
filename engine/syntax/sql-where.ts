/** The columns that a condition restricts. */

import type { Filter } from "../library.ts";
import type { Answer } from "../model.ts";
import { hasLooseHole } from "./sql-holes.ts";
import type { SqlTable } from "./sql-model.ts";
import { inside, isName, isOp, isWord, MAX_DEPTH, nameAt, past, type Slice, topLevel } from "./sql-slice.ts";

export const NO_COLUMNS = { equals: [], inLists: [], others: [] } as const;

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
