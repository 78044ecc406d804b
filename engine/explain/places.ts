/** Where something stands, and what a function is called. */
import { positionAt } from "../lines.ts";
import type { FileSummary, Span } from "../model.ts";
import type { PlacedFunction } from "../origin.ts";
import type { ExplainedPlace } from "./statements.ts";

export const placeIn = (file: FileSummary, at: Span): ExplainedPlace => ({
  path: file.path,
  at,
  line: positionAt(file, at[0]).line,
});

/** A function's name without the number that tells it from others of that name. */
export const nameOf = ({ file, f }: PlacedFunction): string => file.functions[f]!.name.replace(/(.)<\d+>$/, "$1");

export function placeOfFunction({ file, f }: PlacedFunction): ExplainedPlace {
  return placeIn(file, file.functions[f]!.nameAt);
}
