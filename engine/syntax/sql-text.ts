/** The SQL text that a value is, with a way back from offsets in it to offsets in the file it was written in. */
import type { Span, Value } from "../model.ts";

export interface SqlText {
  readonly text: string;
  /** Spans of `text` that are put in at run time. */
  readonly holes: readonly Span[];
  /** Offset in the host file, or undefined where that character was not written there one to one. */
  readonly toHost: (offset: number) => number | undefined;
}

interface Piece {
  readonly from: number;
  readonly to: number;
  /** Host offset of `from`; undefined where the text was escaped, so that offsets do not run alike. */
  readonly host: number | undefined;
}

/** What stands for a run-time value in the text: no dialect gives it a meaning, and it is one character. */
const HOLE = "\u2026";
/** Fragments may be put into fragments: what is longer than this was not written by hand. */
const MAX_PIECES = 2_000;

/**
 * Reads literals, templates and concatenations of them; anything else in between is a hole.
 *
 * @param resolve a part that is constant although it is not written here: the text of a named constant, or what a fragment
 *   of the same file is made of; `next` is the written text that follows it
 * @returns undefined where nothing of the value is written text
 */
export function sqlText(
  value: Value,
  resolve: (part: Value, next: string) => string | Value | undefined = () => undefined,
): SqlText | undefined {
  let text = "";
  let written = false;
  const holes: Span[] = [];
  const pieces: Piece[] = [];
  const add = (part: string, at: Span | undefined, quotes: number): void => {
    const same = at !== undefined && at[1] - at[0] - quotes * 2 === part.length;
    pieces.push({ from: text.length, to: text.length + part.length, host: same ? at[0] + quotes : undefined });
    text += part;
    written ||= part.trim() !== "";
  };
  /** `isOwn`: written in this statement, not in a fragment that others may hold as well. */
  const visit = (part: Value, depth: number, isOwn: boolean): void => {
    if (part.k === "lit" && typeof part.v === "string") add(part.v, isOwn ? part.at : undefined, 1);
    else if (part.k === "tpl") {
      part.strings.forEach((it, i) => {
        add(it, isOwn ? part.at[i] : undefined, 0);
        const inside = part.values[i];
        if (inside) visitHole(inside, depth, isOwn, part.strings[i + 1] ?? "");
      });
    } else if (part.k === "op" && part.op === "+" && depth < 60)
      for (const it of part.args) visit(it, depth + 1, isOwn);
    else visitHole(part, depth, isOwn, "");
  };
  const visitHole = (part: Value, depth: number, isOwn: boolean, next: string): void => {
    if (depth < 60 && (part.k === "tpl" || (part.k === "lit" && typeof part.v === "string"))) {
      visit(part, depth + 1, isOwn);
      return;
    }
    const known = part.k === "lit" && typeof part.v === "number" ? String(part.v) : resolve(part, next);
    if (typeof known === "string") {
      add(known, undefined, 0);
      return;
    }
    if (known !== undefined && depth < 60 && pieces.length < MAX_PIECES) {
      visit(known, depth + 1, false);
      return;
    }
    holes.push([text.length, text.length + 1]);
    text += HOLE;
  };
  visit(value, 0, true);
  if (!written) return undefined;
  return {
    text,
    holes,
    toHost: (offset) => {
      const piece = pieces.find((it) => it.from <= offset && offset < it.to) ?? pieces.find((it) => it.to === offset);
      return piece?.host === undefined ? undefined : piece.host + offset - piece.from;
    },
  };
}
