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

/**
 * Reads literals, templates and concatenations of them; anything else in between is a hole.
 *
 * @param resolve text of a part that is constant although it is not written here (a named constant)
 * @returns undefined where nothing of the value is written text
 */
export function sqlText(
  value: Value,
  resolve: (part: Value) => string | undefined = () => undefined,
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
  const visit = (part: Value, depth: number): void => {
    if (part.k === "lit" && typeof part.v === "string") add(part.v, part.at, 1);
    else if (part.k === "tpl") {
      part.strings.forEach((it, i) => {
        add(it, part.at[i], 0);
        const inside = part.values[i];
        if (inside) visitHole(inside, depth);
      });
    } else if (part.k === "op" && part.op === "+" && depth < 60) for (const it of part.args) visit(it, depth + 1);
    else visitHole(part, depth);
  };
  const visitHole = (part: Value, depth: number): void => {
    if (depth < 60 && (part.k === "tpl" || (part.k === "lit" && typeof part.v === "string"))) {
      visit(part, depth + 1);
      return;
    }
    const known = part.k === "lit" && typeof part.v === "number" ? String(part.v) : resolve(part);
    if (known !== undefined) {
      add(known, undefined, 0);
      return;
    }
    holes.push([text.length, text.length + 1]);
    text += HOLE;
  };
  visit(value, 0);
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
