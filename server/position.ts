/** Offsets to LSP positions and back: lines from 0, characters in UTF-16 code units, as both sides count them. */
import type { Position, Range } from "vscode-languageserver";
import { lineAt, type Span } from "../engine/index.ts";

/** A text's lines; a `TextDocument` is one. */
export interface Locator {
  readonly positionAt: (offset: number) => Position;
  readonly offsetAt: (position: Position) => number;
}

/** A locator from the offset of each line's first character, where the text itself is not at hand. */
export function locatorOf(lines: readonly number[]): Locator {
  return {
    positionAt: (offset) => {
      const line = lineAt(lines, offset);
      return { line, character: Math.max(0, offset - lines[line]!) };
    },
    offsetAt: ({ line, character }) => {
      if (line >= lines.length) return lines.at(-1) ?? 0;
      const start = lines[Math.max(0, line)]!;
      return Math.min(start + Math.max(0, character), lines[line + 1] ?? Number.POSITIVE_INFINITY);
    },
  };
}

export function rangeAt(locator: Locator, [start, end]: Span): Range {
  return { start: locator.positionAt(start), end: locator.positionAt(Math.max(start, end)) };
}

/** What differs between a text and a later one, in the offsets of each. */
export interface Difference {
  readonly start: number;
  readonly oldEnd: number;
  readonly newEnd: number;
}

export function difference(from: string, to: string): Difference {
  const shorter = Math.min(from.length, to.length);
  let head = 0;
  while (head < shorter && from.charCodeAt(head) === to.charCodeAt(head)) head++;
  let tail = 0;
  while (tail < shorter - head && from.charCodeAt(from.length - 1 - tail) === to.charCodeAt(to.length - 1 - tail))
    tail++;
  return { start: head, oldEnd: from.length - tail, newEnd: to.length - tail };
}

/**
 * Carries offsets of one text over to a later one: what stands before the first and behind the last difference moves
 * along, what stands between is gone (undefined).
 */
export function carry(from: string, to: string): (at: Span) => Span | undefined {
  if (from === to) return (at) => at;
  const { start, oldEnd, newEnd } = difference(from, to);
  const moved = newEnd - oldEnd;
  return (at) => {
    if (at[1] <= start) return at;
    if (at[0] >= oldEnd) return [at[0] + moved, at[1] + moved];
    return undefined;
  };
}

/** Whether two ranges share a place; touching ends count, so that a caret behind a word is on it. */
export function touches(a: Range, b: Range): boolean {
  return !isBefore(a.end, b.start) && !isBefore(b.end, a.start);
}

function isBefore(a: Position, b: Position): boolean {
  return a.line < b.line || (a.line === b.line && a.character < b.character);
}
