/** Where a node stands. The native parser's trees carry `start` and `end` alone: a `range` on each node would cost as much as the parsing. */
import type { Span } from "../model.ts";

interface Placed {
  readonly range?: Span;
  readonly start: number;
  readonly end: number;
}

/** UTF-16 offset of a node's first character. */
export function startOf(node: { readonly range: Span }): number {
  const placed = node as unknown as Placed;
  return placed.range ? placed.range[0] : placed.start;
}

/** UTF-16 offset behind a node's last character. */
export function endOf(node: { readonly range: Span }): number {
  const placed = node as unknown as Placed;
  return placed.range ? placed.range[1] : placed.end;
}

export function spanOf(node: { readonly range: Span }): Span {
  const placed = node as unknown as Placed;
  return placed.range ?? [placed.start, placed.end];
}
