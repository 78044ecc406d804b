/** Holes of a template that may hold any clause. */

import type { Slice } from "./sql-slice.ts";

/** A hole that follows something complete: only a clause, an operator or an alias can be meant. */
export function hasLooseHole(slice: Slice): boolean {
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
