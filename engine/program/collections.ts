/** What lists and maps hold, and what their methods give: `handlers.find(…)`, `registry.get(name)`, `Object.values(table)`. */
import type { CallSummary, FileSummary, Value } from "../model.ts";
import { type Env, MAX_UNION, type Origin, union } from "../origin.ts";
import type { Program } from "../program.ts";
import { elementOf } from "./members.ts";

/** Methods of a list that give one of its elements. */
const ONE = new Set(["find", "findLast", "at", "pop", "shift"]);
/** Methods of a list that give a list of some of them. */
const SOME = new Set(["filter", "slice", "reverse", "sort", "toSorted", "toReversed", "splice", "concat"]);
const MAPS = new Set(["Map", "WeakMap"]);

/** What a method of a list, of a map or of an object's values gives; undefined where it is none of these. */
export function collectionResult(
  program: Program,
  { callee, args }: CallSummary,
  file: FileSummary,
  env: Env | undefined,
): Origin | undefined {
  if (callee.k !== "get") return undefined;
  const { name, of } = callee;
  if (name === "get" || name === "values") {
    const held = heldByMap(program, of, file);
    if (held.length === 0) return undefined;
    return name === "get" ? union(held) : { k: "arrayOf", of: union(held) };
  }
  if (of.k === "global" && args[0]) {
    if (of.name === "Array" && name === "from") return listOf(program.origin(args[0], file, env));
    if (of.name !== "Object" || name !== "values") return undefined;
    const table = program.origin(args[0], file, env);
    if (table.k !== "obj") return undefined;
    const values = table.value.props
      .slice(0, MAX_UNION)
      .flatMap((it) => (it.name === null ? [] : [program.origin(it.value, table.file, table.env)]));
    return values.length > 0 ? { k: "arrayOf", of: union(values) } : undefined;
  }
  if (!ONE.has(name) && !SOME.has(name)) return undefined;
  const list = listOf(program.origin(of, file, env));
  return list && ONE.has(name) ? known(elementOf(program, list)) : list;
}

const listOf = (of: Origin): Origin | undefined => (of.k === "arr" || of.k === "arrayOf" ? of : undefined);

const known = (of: Origin): Origin | undefined => (of.k === "unknown" ? undefined : of);

/** What a `new Map(…)` of a name or of a field holds: what it is made with, and what is set in the same file. */
function heldByMap(program: Program, of: Value, file: FileSummary): readonly Origin[] {
  const written = of.k === "ref" && file.bindings[of.b]?.from ? program.written(of, file) : undefined;
  if (written && written.file !== file) return heldByMap(program, written.value, written.file);
  const store = keyOf(of);
  if (store === undefined) return [];
  const made =
    of.k === "ref"
      ? file.bindings[of.b]?.value
      : file.classes.flatMap((it) => it.members.flatMap((one) => (`this.${one.name}` === store ? [one.value] : [])))[0];
  const call = made?.k === "call" ? file.calls[made.c] : undefined;
  if (call?.kind !== "new" || call.callee.k !== "global" || !MAPS.has(call.callee.name)) return [];
  const [entries] = call.args;
  const first =
    entries?.k === "arr" ? entries.items.flatMap((it) => (it.k === "arr" && it.items[1] ? [it.items[1]] : [])) : [];
  return [...first, ...(setsIn(file).get(store) ?? [])]
    .slice(0, MAX_UNION)
    .map((it) => program.origin(it, file))
    .filter((it) => it.k !== "unknown" && it.k !== "param" && it.k !== "lit");
}

/** `handlers` or `this.handlers`. */
function keyOf(value: Value): string | undefined {
  if (value.k === "ref") return `${value.b}`;
  return value.k === "get" && value.of.k === "this" ? `this.${value.name}` : undefined;
}

const sets = new WeakMap<FileSummary, ReadonlyMap<string, readonly Value[]>>();

/** The second arguments of `x.set(key, value)`, by what they are called on. */
function setsIn(file: FileSummary): ReadonlyMap<string, readonly Value[]> {
  const before = sets.get(file);
  if (before) return before;
  const found = new Map<string, Value[]>();
  for (const { callee, args } of file.calls) {
    if (callee.k !== "get" || callee.name !== "set" || args.length !== 2) continue;
    const key = keyOf(callee.of);
    if (key !== undefined) found.set(key, [...(found.get(key) ?? []), args[1]!]);
  }
  sets.set(file, found);
  return found;
}
