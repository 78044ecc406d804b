/**
 * Helm templates made readable as YAML without moving a character: control lines become blanks, values placeholders of
 * the same length. Sloth's own `{{ .window }}` stays.
 */
import type { TextRange } from "../model.ts";

export interface Untemplated {
  readonly text: string;
  readonly isTemplated: boolean;
  /** Where values are not known before Helm has filled them in; of the same offsets in both texts. */
  readonly holes: readonly TextRange[];
  /** Where whole fields may come from: `{{ toYaml .Values.slos | nindent 4 }}` on a line of its own. */
  readonly inserts: readonly TextRange[];
  /** Sloth's own `{{.window}}` where nothing keeps Helm from rendering it first, as nothing. */
  readonly rendered: readonly TextRange[];
}

const WINDOW = /^\{\{-?\s*\.?window\s*-?\}\}$/;
/** Only Helm has these. */
const HELM = /\.(?:Values|Release|Chart)\b|\{\{-?\s*include\s/;
/** Within these a dot may be anything, and so may its `window`. */
const SCOPED = /\{\{-?\s*(?:range|with|define)\b/;
/** What Prometheus fills in its alerts, in files that Helm never sees. */
const ALERT = /^\{\{-?\s*(?:\$(?:labels|value|externalLabels)\b|humanize)|\|\s*humanize/;
/** Where a value begins: braces would be read as a mapping there, in an alert's annotation as well. */
const VALUE_START = /(?:^|[:\-[{,])\s*$/;
/** Actions that decide what stands around them and leave no text of their own. */
const CONTROL =
  /^(?:\{%|\{#|\{\{-?\s*(?:if|else|end|range|with|define|block|break|continue)\b|\{\{-?\s*\/\*|\{\{-?\s*\$\w*\s*(?:,\s*\$\w+\s*)?:?=)/;
/** Text written as a text, the way a template escapes braces: `` {{`{{.window}}`}} ``, `{{ "{{" }}`. */
const LITERAL = /^\{\{-?\s*(?:`([^`]*)`|"([^"\\\n]*)")\s*-?\}\}$/;
/** Up to a key, past the dashes of the list that it begins an element of. */
const KEY_AHEAD = /^\s*(?:-\s+)*(?=[^\s|>-])/;
const BLOCK_SCALAR = /(?:^|[:\-?]\s*)[|>][-+\d]*\s*(?:#.*)?$/;

/** Nothing stands around a whole file. */
const WHOLE = { isAlone: true, isInBlock: false };
/** Templates that write templates nest this deep at most. */
const MAX_DEPTH = 3;

/** Whether any of some ranges, in order and apart, meets another. */
export function meets(ranges: readonly TextRange[], { start, end }: TextRange): boolean {
  let low = 0;
  let high = ranges.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ranges[middle]!.end > start) high = middle;
    else low = middle + 1;
  }
  return low < ranges.length && ranges[low]!.start < end;
}

export function untemplated(source: string): Untemplated {
  return read(source, 0);
}

function read(source: string, depth: number, outer: Pick<Around, "isAlone" | "isInBlock"> = WHOLE): Untemplated {
  const actions = depth >= MAX_DEPTH ? [] : actionsIn(source);
  if (actions.length === 0) return { text: source, isTemplated: false, holes: [], inserts: [], rendered: [] };
  const lines = linesAround(source, actions);
  const holes: TextRange[] = [];
  const inserts: TextRange[] = [];
  const rendered: TextRange[] = [];
  const isHelm = depth === 0 && HELM.test(source) && !SCOPED.test(source);
  let isTemplated = false;
  let text = "";
  let at = 0;
  actions.forEach(({ start, end }, index) => {
    const found = source.slice(start, end);
    const put = (filled: string) => {
      isTemplated = true;
      text += source.slice(at, start) + filled;
      at = end;
    };
    const { before, ...own } = lines[index]!;
    const isAlone = own.isAlone && outer.isAlone;
    const isInBlock = own.isInBlock || outer.isInBlock;
    const literal = LITERAL.exec(found);
    if (literal !== null) {
      const inner = read(literal[1] ?? literal[2] ?? "", depth + 1, { isAlone, isInBlock });
      const from = /[`"]/.exec(found)!.index + 1;
      const moved = (it: TextRange) => ({ start: start + from + it.start, end: start + from + it.end });
      holes.push(...inner.holes.map(moved));
      inserts.push(...inner.inserts.map(moved));
      // A block takes its indentation from its first line; a tab is none.
      const ahead = isInBlock && before.trim() === "" ? "\t" : " ";
      put((ahead.repeat(from) + inner.text).padEnd(found.length));
      return;
    }
    // The window may stand alone on a line of a query.
    if (WINDOW.test(found)) {
      if (isHelm) rendered.push({ start, end });
      return;
    }
    if (ALERT.test(found) && !VALUE_START.test(before)) return;
    const isControl = CONTROL.test(found);
    if (isInBlock || !isAlone) holes.push({ start, end });
    else if (!isControl) inserts.push({ start, end });
    put(isControl || (isAlone && !isInBlock) ? blank(found) : placeholder(found));
  });
  return { text: text + source.slice(at), isTemplated, holes, inserts, rendered };
}

const blank = (action: string) => action.replace(/[^\n]/g, " ");

/** Readable in a list, harmless in a plain scalar, a quoted one and a key. */
const placeholder = (action: string) => action.replace(/[^\w.\n]/g, "_");

/**
 * The template actions of a text, in order. Braces within the strings of an action are no end of it. Stops at the first
 * that has no end: Helm refuses such a file, and looking on would cost the square of a hostile one's length.
 */
function actionsIn(source: string): TextRange[] {
  const found: TextRange[] = [];
  const isJinja = /\{%[-+]?\s*\w+|\{#[^}\n]*#\}/.test(source);
  const opening = isJinja ? /\{\{|\{%|\{#/g : /\{\{/g;
  for (let match = opening.exec(source); match !== null; match = opening.exec(source)) {
    const start = match.index;
    const end =
      match[0] === "{{" ? endOfAction(source, start) : endAfter(source, start, match[0] === "{%" ? "%}" : "#}");
    if (end === undefined) break;
    found.push({ start, end });
    opening.lastIndex = end;
  }
  return found;
}

function endOfAction(source: string, start: number): number | undefined {
  const next = /\}\}|`|"|\/\*/g;
  next.lastIndex = start + 2;
  for (let match = next.exec(source); match !== null; match = next.exec(source)) {
    if (match[0] === "}}") return next.lastIndex;
    // Escaped for YAML's own quotes around it: such a string is closed by an escaped quote.
    const isEscaped = source[match.index - 1] === "\\";
    const close = match[0] === "/*" ? "*/" : isEscaped ? '\\"' : match[0];
    const end = endOfString(source, next.lastIndex, close);
    if (end === undefined) return endAfter(source, start, "}}", "\n");
    next.lastIndex = end;
  }
  return undefined;
}

/** Behind the end of a string that begins before `from`; one in double quotes ends on its line. */
function endOfString(source: string, from: number, close: string): number | undefined {
  if (close !== '"') return endAfter(source, from, close, close === '\\"' ? "\n" : undefined);
  for (let at = from; at < source.length && source[at] !== "\n"; at++) {
    if (source[at] === "\\") at++;
    else if (source[at] === '"') return at + 1;
  }
  return undefined;
}

function endAfter(source: string, from: number, close: string, before?: string): number | undefined {
  const at = source.indexOf(close, from);
  if (at < 0) return undefined;
  if (before !== undefined) {
    const limit = source.indexOf(before, from);
    if (limit >= 0 && limit < at) return undefined;
  }
  return at + close.length;
}

interface Around {
  /** Nothing but actions stands on its lines. */
  readonly isAlone: boolean;
  /** In a literal or folded block, where every line is text. */
  readonly isInBlock: boolean;
  /** What stands before it on its line, actions as blanks; its end only. */
  readonly before: string;
}

/** What stands around each action, in one walk over the lines. */
function linesAround(source: string, actions: readonly TextRange[]): Around[] {
  let bare = "";
  let at = 0;
  for (const { start, end } of actions) {
    bare += source.slice(at, start) + blank(source.slice(start, end));
    at = end;
  }
  bare += source.slice(at);
  const found: Around[] = [];
  let block: number | undefined;
  let lineStart = 0;
  let next = 0;
  let open:
    | { isAlone: boolean; readonly isInBlock: boolean; readonly before: string; readonly end: number }
    | undefined;
  for (const line of bare.split("\n")) {
    const lineEnd = lineStart + line.length;
    const isBlank = line.trim() === "";
    const indent = line.length - line.trimStart().length;
    if (!isBlank && block !== undefined && indent <= block) block = undefined;
    if (open) {
      open.isAlone &&= isBlank;
      if (open.end <= lineEnd) {
        found.push(open);
        open = undefined;
      }
    }
    for (let it = actions[next]; it !== undefined && it.start <= lineEnd; it = actions[++next]) {
      const column = it.start - lineStart;
      const around = {
        isAlone: isBlank,
        isInBlock: block !== undefined && (!isBlank || column > block),
        before: line.slice(Math.max(0, column - 20), column),
      };
      if (it.end <= lineEnd) found.push(around);
      else open = { ...around, end: it.end };
    }
    if (block === undefined && !isBlank && BLOCK_SCALAR.test(line)) block = KEY_AHEAD.exec(line)?.[0].length ?? indent;
    lineStart = lineEnd + 1;
  }
  if (open) found.push(open);
  return found;
}
