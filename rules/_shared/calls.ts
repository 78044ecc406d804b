/** Calls by the function they stand in: asked for each call of a loop, each `try` and each function that is entered. */
import type { FileSummary } from "../../engine/index.ts";

const NONE: readonly number[] = [];
/** As long as the summary lives; a list for each function that has calls. */
const known = new WeakMap<FileSummary, ReadonlyMap<number, readonly number[]>>();

/** Calls that stand in a function, its closures included, in the order of the file. */
export function callsWithin(file: FileSummary, f: number): readonly number[] {
  let byFunction = known.get(file);
  if (!byFunction) {
    byFunction = grouped(file);
    known.set(file, byFunction);
  }
  return byFunction.get(f) ?? NONE;
}

function grouped(file: FileSummary): ReadonlyMap<number, readonly number[]> {
  const found = new Map<number, number[]>();
  for (let c = 0; c < file.calls.length; c++)
    for (let f = file.calls[c]!.fn; f >= 0; f = f === 0 ? -1 : file.functions[f]!.parent) {
      const list = found.get(f);
      if (list) list.push(c);
      else found.set(f, [c]);
    }
  return found;
}
