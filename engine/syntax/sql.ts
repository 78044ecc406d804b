/**
 * SQL to facts, leniently: a reader of clauses over tokens, no grammar. What is asked of SQL here (which tables, is there a
 * condition, a limit, a count, which locks a migration takes) stands in the outline of a statement, and that outline can be
 * read of text that is half typed, put together at run time or of a dialect's newest version.
 */
import type { Span } from "../model.ts";
import { readOther } from "./sql-ddl.ts";
import type { SqlDialect, SqlStatement } from "./sql-model.ts";
import { readQuery } from "./sql-query.ts";
import { isOp, isWord, type Slice } from "./sql-slice.ts";
import { type SqlToken, sqlTokens } from "./sql-tokens.ts";

export * from "./sql-model.ts";

/** UTF-16 code units. Dumps with data are larger than any migration. */
export const MAX_SQL_LENGTH = 1_000_000;
const MAX_TOKENS = 200_000;
const MAX_STATEMENTS = 20_000;
const MEMO_SIZE = 200;
const MEMO_LENGTH = 20_000;

/** Least recently used first. The same few queries are asked about by many rules. */
const memo = new Map<string, readonly SqlStatement[] | undefined>();

/**
 * The statements of `text` that can be read; others are passed over.
 *
 * @param holes spans of `text`, in order, that stand for what is put in at run time. `${…}` that stands in the text is one
 *   without being listed, and so are `$1`, `?` and `:name` parameters, though these stand for a value only.
 * @returns undefined where the text is too large to be looked at
 */
export function readSql(
  text: string,
  dialect: SqlDialect,
  holes: readonly Span[] = [],
): readonly SqlStatement[] | undefined {
  if (text.length > MAX_SQL_LENGTH) return undefined;
  if (text.length > MEMO_LENGTH) return read(text, dialect, holes);
  const key = `${dialect}\n${holes.join(";")}\n${text}`;
  if (memo.has(key)) {
    const known = memo.get(key);
    memo.delete(key);
    memo.set(key, known);
    return known;
  }
  const found = read(text, dialect, holes);
  memo.set(key, found);
  if (memo.size > MEMO_SIZE) memo.delete(memo.keys().next().value!);
  return found;
}

function read(text: string, dialect: SqlDialect, holes: readonly Span[]): readonly SqlStatement[] | undefined {
  const tokens = sqlTokens(text, dialect, holes, MAX_TOKENS);
  if (!tokens) return undefined;
  const found: SqlStatement[] = [];
  let from = 0;
  while (from < tokens.length && found.length < MAX_STATEMENTS) {
    const to = statementEnd(tokens, from);
    if (to > from) {
      const slice: Slice = { tokens, from, to };
      const statement = readQuery(slice) ?? readOther(slice);
      if (statement) found.push(statement);
    }
    from = to + 1;
  }
  return found;
}

/** Index of the semicolon, or of the end. The body of a trigger or a routine has semicolons of its own. */
function statementEnd(tokens: readonly SqlToken[], from: number): number {
  const whole: Slice = { tokens, from, to: tokens.length };
  let routine = false;
  if (isWord(whole, from, "CREATE"))
    for (let i = from + 1; i < Math.min(from + 8, tokens.length) && !isOp(whole, i, ";"); i++)
      routine ||= isWord(whole, i, "TRIGGER", "PROCEDURE", "FUNCTION", "EVENT");
  let depth = 0;
  for (let i = from; i < tokens.length; i++) {
    if (isOp(whole, i, ";") && depth === 0) return i;
    if (!routine) continue;
    if (isWord(whole, i, "BEGIN", "CASE")) depth += 1;
    else if (isWord(whole, i, "END") && !isWord(whole, i + 1, "IF", "LOOP", "WHILE", "REPEAT") && depth > 0) depth -= 1;
  }
  return tokens.length;
}
