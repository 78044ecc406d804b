/**
 * Where a cursor stands in YAML that is being typed and seldom parses: told by indentation, and on the cursor's own line
 * by its brackets.
 */

export interface YamlPlace {
  /** Keys of the mappings around the cursor, outermost first; on the cursor's line too. */
  readonly keys: readonly string[];
  /** Of these, the ones that stand on lines above. */
  readonly above: readonly string[];
  /** Keys that stand beside what is typed already. */
  readonly siblings: ReadonlySet<string>;
  /** A value is typed, whose key is the last of `keys`; otherwise a key, or an element of a list. */
  readonly isValue: boolean;
  /** What is typed of it so far. */
  readonly word: string;
  /** The cursor's line up to it. */
  readonly before: string;
}

const MAX_LINE = 2000;
const MAX_SIBLINGS_BELOW = 500;

/**
 * @param above lines of the document before the cursor's
 * @param before the cursor's line up to it
 * @param below lines of the document after the cursor's
 * @param root column of the document's outermost keys
 */
export function yamlPlace(
  above: readonly string[],
  before: string,
  below: readonly string[],
  root = 0,
): YamlPlace | undefined {
  if (/^\s*#|\s#/.test(before) || before.length > MAX_LINE) return undefined;
  const keys: string[] = [];
  let width = columnOf(before);
  const siblings = new Set<string>();
  const beside = (lines: Iterable<string>, isUp: boolean) => {
    if (isUp && isItem(before)) return;
    for (const line of lines) {
      if (isBlank(line)) continue;
      if (columnOf(line) < width || (!isUp && columnOf(line) === width && isItem(line))) return;
      if (columnOf(line) !== width) continue;
      const key = keyOf(line);
      if (key !== undefined) siblings.add(key);
      if (isItem(line)) return;
    }
  };
  beside(above.toReversed(), true);
  beside(below.slice(0, MAX_SIBLINGS_BELOW), false);
  for (let i = above.length - 1; i >= 0 && width > root; i--) {
    const line = above[i]!;
    if (isBlank(line) || columnOf(line) >= width) continue;
    width = columnOf(line);
    const key = keyOf(line);
    if (key !== undefined) keys.unshift(key);
  }
  const own = inLine(before.slice(columnOf(before)));
  return {
    keys: [...keys, ...own.keys],
    above: keys,
    siblings: own.isFlow ? own.siblings : siblings,
    isValue: own.isValue,
    word: own.word,
    before,
  };
}

interface Frame {
  readonly isMap: boolean;
  key?: string | undefined;
  readonly seen: Set<string>;
}

/** The end of a line's text: within which brackets, after which key, on which word. */
function inLine(text: string): {
  readonly keys: readonly string[];
  readonly siblings: ReadonlySet<string>;
  readonly isValue: boolean;
  readonly isFlow: boolean;
  readonly word: string;
} {
  const stack: Frame[] = [{ isMap: true, seen: new Set() }];
  let word = "";
  for (let at = 0; at < text.length; ) {
    const top = stack.at(-1)!;
    const isFlow = stack.length > 1;
    const char = text[at]!;
    if (char === " " || char === "\t") {
      at++;
      continue;
    }
    const isValue = !top.isMap || top.key !== undefined;
    if (isValue && (char === "{" || char === "[")) {
      stack.push({ isMap: char === "{", seen: new Set() });
      at++;
      continue;
    }
    if (isFlow && (char === "," || char === "}" || char === "]")) {
      if (char === ",") top.key = undefined;
      else stack.pop();
      at++;
      continue;
    }
    const token = tokenAt(text, at, isFlow, !isValue);
    if (token.isKey) {
      top.key = token.text;
      top.seen.add(token.text);
    } else if (token.end >= text.length) word = token.text;
    at = token.end;
  }
  const top = stack.at(-1)!;
  return {
    keys: stack.flatMap((it) => it.key ?? []),
    siblings: top.seen,
    isValue: top.isMap && top.key !== undefined,
    isFlow: stack.length > 1,
    word,
  };
}

function tokenAt(
  text: string,
  from: number,
  isFlow: boolean,
  mayBeKey: boolean,
): { readonly text: string; readonly end: number; readonly isKey: boolean } {
  const quote = text[from];
  if (quote === '"' || quote === "'") {
    let at = from + 1;
    while (at < text.length && text[at] !== quote) at += quote === '"' && text[at] === "\\" ? 2 : 1;
    const inner = text.slice(from + 1, at);
    if (at >= text.length) return { text: inner, end: text.length, isKey: false };
    const colon = /^\s*:(?:\s|$)/.exec(text.slice(at + 1));
    // Behind a closed quote nothing is being typed.
    return colon && mayBeKey
      ? { text: inner, end: at + 1 + colon[0].length, isKey: true }
      : { text: "", end: at + 1, isKey: false };
  }
  for (let at = from; at < text.length; at++) {
    const char = text[at]!;
    if (isFlow && (char === "," || char === "{" || char === "}" || char === "[" || char === "]"))
      return { text: text.slice(from, at).trimEnd(), end: at === from ? at + 1 : at, isKey: false };
    if (char === ":" && mayBeKey && (at + 1 >= text.length || /\s/.test(text[at + 1]!)))
      return { text: text.slice(from, at).trimEnd(), end: at + 1, isKey: true };
  }
  return { text: text.slice(from), end: text.length, isKey: false };
}

const isBlank = (line: string) => /^\s*(?:#|$)/.test(line);
export const isItem = (line: string) => /^\s*- /.test(line);

/** The key that a line begins with; in quotes it may be any text. */
function keyOf(line: string): string | undefined {
  const found = /^\s*(?:- +)*(?:"([^"\\]+)"|'([^']+)'|([^\s"'#{[&*!|>%@`-][^#]*?|-[^\s#][^#]*?)):(?:\s|$)/.exec(line);
  return found?.[1] ?? found?.[2] ?? found?.[3];
}

/** The column of a line's first key: what stands after the hyphens of lists. */
export function columnOf(line: string): number {
  return /^\s*(?:- +)*/.exec(line)?.[0].length ?? 0;
}
