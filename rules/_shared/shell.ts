/** Lists of shell commands, as far as they are simple: words, quotes, `&&`, `||`, `;`, `|`, `&` and line breaks. */
import type { Span } from "../../engine/index.ts";

export interface ShellWord {
  /** Without quotes. */
  readonly text: string;
  readonly at: Span;
}

export interface ShellCommand {
  readonly words: readonly ShellWord[];
  /** What stands before it: `&&`, `||`, `|`, `;`, `&` or `` for the first. */
  readonly before: string;
  readonly at: Span;
  /** What follows it, as `before` of the next; `` at the end. */
  readonly after: string;
  /** Inside of `if`, `case`, a loop, a function or a group. */
  readonly isNested: boolean;
}

const OPENS = new Set(["if", "case", "for", "while", "until", "select", "{", "function"]);
const CLOSES = new Set(["fi", "esac", "done", "}"]);
/** Words of the shell before a command: `then npm start`, `! test`. */
const LEADS = new Set(["then", "else", "elif", "do", "!", "time", "in"]);
const MAX_LENGTH = 100_000;

/** Undefined where it holds what is not read here: here-documents, substitutions over commands, subshells. */
export function shellCommands(text: string, from = 0, to = text.length): readonly ShellCommand[] | undefined {
  if (to - from > MAX_LENGTH) return undefined;
  const found: { words: ShellWord[]; before: string; after: string; isNested: boolean }[] = [];
  let words: ShellWord[] = [];
  let before = "";
  let depth = 0;
  const end = (op: string): void => {
    if (words.length > 0) {
      while (words.length > 0) {
        const first = words[0]!.text;
        if (OPENS.has(first)) depth++;
        else if (CLOSES.has(first)) depth--;
        else if (!LEADS.has(first)) break;
        words.shift();
      }
      if (words.length > 0) found.push({ words, before, after: op, isNested: depth > 0 });
      words = [];
      before = op;
    } else if (op !== ";" || before === "") before = op;
  };
  let i = from;
  while (i < to) {
    const char = text[i]!;
    if (char === "\\" && /^\\\r?\n/.test(text.slice(i, i + 3))) {
      i += text[i + 1] === "\r" ? 3 : 2;
    } else if (char === " " || char === "\t" || char === "\r") i++;
    else if (char === "\n") {
      end(";");
      i++;
    } else if (char === "#") {
      while (i < to && text[i] !== "\n") i++;
    } else if (text.startsWith("&&", i) || text.startsWith("||", i)) {
      end(text.slice(i, i + 2));
      i += 2;
      while (i < to && /\s/.test(text[i]!)) i++;
    } else if (text.startsWith(";;", i)) {
      end(";");
      i += 2;
    } else if (char === ";" || char === "|" || char === "&") {
      end(char);
      i++;
    } else if (char === "(" || char === ")" || text.startsWith("<<", i)) {
      // A pattern of `case` ends in one; everything else in them is not a simple list.
      if (char !== ")" || depth === 0) return undefined;
      words = [];
      i++;
    } else {
      const start = i;
      const word = readWord(text, i, to);
      if (!word) return undefined;
      i = word.next;
      words.push({ text: word.text, at: [start, i] });
      // `start() {` begins a function.
      if (text.startsWith("()", i)) {
        i += 2;
        words = [];
      }
    }
  }
  end("");
  return found.map((it) => ({ ...it, at: [it.words[0]!.at[0], it.words.at(-1)!.at[1]] }));
}

function readWord(
  text: string,
  from: number,
  to: number,
): { readonly text: string; readonly next: number } | undefined {
  let out = "";
  let i = from;
  while (i < to && !/[\s;&|()]/.test(text[i]!)) {
    const char = text[i]!;
    // `2>&1`, `>&2`
    if ((char === ">" || char === "<") && text[i + 1] === "&") {
      out += text.slice(i, i + 2);
      i += 2;
    } else if (char === "'") {
      const close = text.indexOf("'", i + 1);
      if (close < 0 || close >= to) return undefined;
      out += text.slice(i + 1, close);
      i = close + 1;
    } else if (char === '"') {
      i++;
      while (i < to && text[i] !== '"') {
        if (text[i] === "\\" && i + 1 < to) i++;
        out += text[i++];
      }
      if (i >= to) return undefined;
      i++;
    } else if (char === "`") {
      const close = text.indexOf("`", i + 1);
      if (close < 0 || close >= to) return undefined;
      out += text.slice(i, close + 1);
      i = close + 1;
    } else if (text.startsWith("$(", i)) {
      let depth = 0;
      const start = i;
      for (i++; i < to; i++) {
        if (text[i] === "(") depth++;
        if (text[i] === ")" && --depth === 0) break;
      }
      if (i >= to) return undefined;
      i++;
      out += text.slice(start, i);
    } else if (text.startsWith("${", i)) {
      const close = text.indexOf("}", i);
      if (close < 0 || close >= to) return undefined;
      out += text.slice(i, close + 1);
      i = close + 1;
    } else if (char === "\\") {
      out += text[i + 1] ?? "";
      i += 2;
    } else {
      out += char;
      i++;
    }
  }
  return { text: out, next: Math.min(i, to) };
}

/** Words without the variables set before the command. */
export function withoutAssignments(words: readonly ShellWord[]): readonly ShellWord[] {
  const first = words.findIndex((it) => !/^[A-Za-z_]\w*=/.test(it.text));
  return first < 0 ? [] : words.slice(first);
}
