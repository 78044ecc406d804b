/** SQL text to tokens, in the lexical rules of three dialects. Linear, and it never fails: what is odd is an operator. */
import type { Span } from "../model.ts";
import type { SqlDialect } from "./sql-model.ts";

export interface SqlToken {
  readonly k: "word" | "quoted" | "string" | "number" | "param" | "hole" | "op";
  /** Upper case for words; the name without quotes for quoted ones; as written otherwise. */
  readonly text: string;
  /** The name as written, for words and quoted names. */
  readonly name: string;
  /** Part of a quoted name or string is put in at run time. */
  readonly partial: boolean;
  readonly at: Span;
  /** For `(`: index of its `)`, or of the end of the tokens. */
  close: number;
}

/** @param holes spans of `text`, in order, whose content is put in at run time and is not looked at. */
export function sqlTokens(
  text: string,
  dialect: SqlDialect,
  holes: readonly Span[],
  limit: number,
): SqlToken[] | undefined {
  const tokens: SqlToken[] = [];
  const open: number[] = [];
  let nextHole = 0;
  let i = 0;
  const push = (k: SqlToken["k"], from: number, to: number, shown?: string, name?: string, partial = false): void => {
    const written = shown ?? text.slice(from, to);
    if (k === "op" && written === "(") open.push(tokens.length);
    if (k === "op" && written === ")") {
      const opener = open.pop();
      if (opener !== undefined) tokens[opener]!.close = tokens.length;
    }
    tokens.push({ k, text: written, name: name ?? written, partial, at: [from, to], close: -1 });
  };
  /** The end of the hole that begins at `at`, if one does. */
  const holeEnd = (at: number): number | undefined => {
    while (nextHole < holes.length && holes[nextHole]![0] < at) nextHole += 1;
    const hole = holes[nextHole];
    if (hole?.[0] === at) return Math.max(hole[1], at + 1);
    return text.charCodeAt(at) === Dollar && text.charCodeAt(at + 1) === BraceOpen ? braceEnd(text, at + 1) : undefined;
  };
  const holed = (from: number, to: number): boolean => {
    for (let h = nextHole; h < holes.length && holes[h]![0] < to; h++) if (holes[h]![0] >= from) return true;
    return text.slice(from, to).includes("${");
  };
  /** A name in which a hole stands is a hole as a whole: `events_${year}`. */
  const wordEnd = (from: number): { end: number; holed: boolean } => {
    let end = from;
    let any = false;
    for (;;) {
      const hole = holeEnd(end);
      if (hole !== undefined) {
        any = true;
        end = hole;
      } else if (end < text.length && isWordPart(text.charCodeAt(end))) end += 1;
      else return { end, holed: any };
    }
  };

  while (i < text.length) {
    if (tokens.length > limit) return undefined;
    const code = text.charCodeAt(i);
    if (holeEnd(i) !== undefined || isWordStart(code)) {
      const { end, holed: hasHole } = wordEnd(i);
      // PostgreSQL's E'…' keeps backslashes; its prefix is part of the string.
      if (
        !hasHole &&
        end - i <= 2 &&
        text.charCodeAt(end) === Apostrophe &&
        /^(?:[enbx]|u&)$/i.test(text.slice(i, end))
      ) {
        const close = quotedEnd(text, end, Apostrophe, true);
        push("string", i, close, undefined, undefined, holed(end, close));
        i = close;
      } else {
        const word = text.slice(i, end);
        push(hasHole ? "hole" : "word", i, end, hasHole ? word : word.toUpperCase(), word);
        i = end;
      }
      continue;
    }
    if (code <= 32 || code === 0xa0 || code === 0xfeff) {
      i += 1;
      continue;
    }
    const next = text.charCodeAt(i + 1);
    if ((code === Minus && next === Minus) || (code === Hash && dialect === "mysql")) {
      const end = text.indexOf("\n", i);
      i = end < 0 ? text.length : end;
      continue;
    }
    if (code === Slash && next === Asterisk) {
      const end = text.indexOf("*/", i + 2);
      i = end < 0 ? text.length : end + 2;
      continue;
    }
    if (code === Apostrophe) {
      const end = quotedEnd(text, i, Apostrophe, dialect === "mysql");
      push("string", i, end, undefined, undefined, holed(i, end));
      i = end;
      continue;
    }
    if (code === Quote || code === Backtick || (code === BracketOpen && dialect === "sqlite")) {
      const end = quotedEnd(text, i, code === BracketOpen ? BracketClose : code, false);
      const name = text.slice(i + 1, end - 1).replaceAll('""', '"');
      if (code === Quote && dialect === "mysql") push("string", i, end, undefined, undefined, holed(i, end));
      else push("quoted", i, end, name, name, holed(i, end));
      i = end;
      continue;
    }
    if (code === Dollar && dialect === "postgresql") {
      const tag = /\$(?:[A-Za-z_]\w*)?\$/y;
      tag.lastIndex = i;
      const found = tag.exec(text);
      if (found) {
        const end = text.indexOf(found[0], i + found[0].length);
        const to = end < 0 ? text.length : end + found[0].length;
        push("string", i, to);
        i = to;
        continue;
      }
    }
    if (isDigit(code) || (code === Dot && isDigit(next))) {
      let end = i + 1;
      while (end < text.length && (isWordPart(text.charCodeAt(end)) || text.charCodeAt(end) === Dot)) end += 1;
      push("number", i, end);
      i = end;
      continue;
    }
    if (
      code === Question ||
      ((code === Colon || code === Dollar || code === At) && isWordPart(next) && text.charCodeAt(i - 1) !== Colon)
    ) {
      let end = i + 1;
      while (end < text.length && isWordPart(text.charCodeAt(end))) end += 1;
      push("param", i, end);
      i = end;
      continue;
    }
    const two = text.slice(i, i + 2);
    const length = twoCharacters.has(two) ? 2 : 1;
    push("op", i, i + length);
    i += length;
  }
  for (const opener of open) tokens[opener]!.close = tokens.length;
  return tokens;
}

const Hash = 35;
const Quote = 34;
const Dollar = 36;
const Apostrophe = 39;
const Asterisk = 42;
const Minus = 45;
const Dot = 46;
const Slash = 47;
const Colon = 58;
const Question = 63;
const At = 64;
const BracketOpen = 91;
const Backslash = 92;
const BracketClose = 93;
const Backtick = 96;
const BraceOpen = 123;

const twoCharacters = new Set(["<>", "!=", "<=", ">=", "||", "::", "->", ":=", "~*", "!~", "@>", "<@", "&&"]);

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

function isWordStart(code: number): boolean {
  return (
    (code >= 97 && code <= 122) ||
    (code >= 65 && code <= 90) ||
    code === 95 ||
    (code > 127 && code !== 0xa0 && code !== 0xfeff)
  );
}

function isWordPart(code: number): boolean {
  return isWordStart(code) || isDigit(code);
}

/** Behind the closing quote; a doubled quote is one character. To the end of the text where it is never closed. */
function quotedEnd(text: string, start: number, quote: number, backslash: boolean): number {
  for (let i = start + 1; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === Backslash && backslash) i += 1;
    else if (code === quote) {
      if (text.charCodeAt(i + 1) !== quote) return i + 1;
      i += 1;
    }
  }
  return text.length;
}

function braceEnd(text: string, start: number): number {
  let depth = 0;
  for (let i = start; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === BraceOpen) depth += 1;
    else if (code === 125 && --depth === 0) return i + 1;
  }
  return text.length;
}
