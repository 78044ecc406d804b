/** Lines of a text by the offset of each one's first character. */

/** The line of an offset, from 0. */
export function lineAt(lines: readonly number[], offset: number): number {
  let low = 0;
  let high = lines.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (lines[middle]! <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** 1-based line and column (UTF-16) of an offset. */
export function positionAt(
  { lines }: { readonly lines: readonly number[] },
  offset: number,
): { readonly line: number; readonly column: number } {
  const line = lineAt(lines, offset);
  return { line: line + 1, column: offset - lines[line]! + 1 };
}
