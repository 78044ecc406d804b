/** Stretches of tokens: what stands at a place, what lies within brackets, where a comma parts them. */

import type { Span } from "../model.ts";
import type { SqlTable } from "./sql-model.ts";
import type { SqlToken } from "./sql-tokens.ts";

/** How deep statements and conditions are followed. */
export const MAX_DEPTH = 30;
/** How many columns, tables or functions of one statement are kept. */
export const MAX_KEPT = 400;

/** Tokens `[from, to)` of one statement or part of one. */
export interface Slice {
  readonly tokens: readonly SqlToken[];
  readonly from: number;
  readonly to: number;
}

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

export function topLevel(slice: Slice, op: string): number | undefined {
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

export function assigned(slice: Slice): string[] {
  return splitAt(slice, ",").flatMap((it) => {
    const name = nameAt(it, it.from);
    return name && isOp(it, name.next, "=") ? [name.table.name] : [];
  });
}

export function wordsOf(slice: Slice): string[] {
  return slice.tokens.slice(slice.from, slice.to).flatMap((it) => (it.k === "word" ? [it.text] : []));
}

export function spanOf(slice: Slice): Span {
  const { tokens, from, to } = slice;
  const first = tokens[Math.min(from, tokens.length - 1)]!;
  return from < to ? [first.at[0], tokens[to - 1]!.at[1]] : [first.at[1], first.at[1]];
}

export function numberOf(slice: Slice): number | undefined {
  const token = slice.tokens[slice.from];
  if (slice.to - slice.from !== 1 || token?.k !== "number") return undefined;
  const value = Number(token.text);
  return Number.isFinite(value) ? value : undefined;
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
