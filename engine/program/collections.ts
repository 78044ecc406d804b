/** What lists and maps hold, and what their methods give: `handlers.find(…)`, `registry.get(name)`, `Object.values(table)`. */
import type { CallSummary, FileSummary, Value } from "../model.ts";
import { type Env, MAX_UNION, type Origin, type Scoped, union } from "../origin.ts";
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

/** What a `new Map(…)` holds: what it is made with, and what is set where it is made. */
function heldByMap(program: Program, of: Value, file: FileSummary): readonly Origin[] {
  const store = storeOf(program, { value: of, file }, 0);
  if (!store) return [];
  const [entries] = store.call.args;
  const first =
    entries?.k === "arr" ? entries.items.flatMap((it) => (it.k === "arr" && it.items[1] ? [it.items[1]] : [])) : [];
  return [...first, ...(setsIn(store.file).get(store.key) ?? [])]
    .slice(0, MAX_UNION)
    .map((it) => program.origin(it, store.file))
    .filter((it) => it.k !== "unknown" && it.k !== "param" && it.k !== "lit");
}

interface Store {
  readonly file: FileSummary;
  /** `12` for a name, `this.handlers` for a field: as `set` is called on it. */
  readonly key: string;
  readonly call: CallSummary;
}

/** The map that a value is: by its name, as a field, or handed back by a function, also among others. */
function storeOf(program: Program, { value, file }: Scoped, depth: number): Store | undefined {
  if (depth > 6) return undefined;
  const next = (it: Scoped | undefined): Store | undefined => it && storeOf(program, it, depth + 1);
  switch (value.k) {
    case "ref": {
      const binding = file.bindings[value.b];
      if (binding?.from) return next(program.written(value, file));
      const made = binding?.kind === "const" || binding?.kind === "let" ? binding.value : undefined;
      const call = made && mapMade(made, file);
      return call
        ? { file, key: `${value.b}`, call }
        : made && made.k !== "ref"
          ? next({ value: made, file })
          : undefined;
    }
    case "get": {
      const of = program.origin(value.of, file);
      if (of.k === "obj") {
        const found = program.property({ value: of.value, file: of.file, env: of.env }, value.name);
        return found.is === "yes" ? next(found.at) : undefined;
      }
      if (of.k !== "instance" && of.k !== "class") return undefined;
      const field = of.file.classes[of.c]!.members.find((it) => it.name === value.name)?.value;
      const call = field && mapMade(field, of.file);
      return call ? { file: of.file, key: `this.${value.name}`, call } : undefined;
    }
    case "call":
      return returnsOf(program, value.c, file)
        .map(next)
        .find((it) => it !== undefined);
    case "at": {
      if (value.of.k !== "call" || value.key.k !== "lit" || typeof value.key.v !== "number") return undefined;
      const index = value.key.v;
      return returnsOf(program, value.of.c, file)
        .map((it) =>
          it.value.k === "arr" && it.value.items[index] ? next({ ...it, value: it.value.items[index] }) : undefined,
        )
        .find((it) => it !== undefined);
    }
    default:
      return undefined;
  }
}

function returnsOf(program: Program, c: number, file: FileSummary): readonly Scoped[] {
  const callee = program.callee(file, c);
  return callee.k === "fn"
    ? callee.file.functions[callee.f]!.returns.map((value) => ({ value, file: callee.file }))
    : [];
}

function mapMade(value: Value, file: FileSummary): CallSummary | undefined {
  const call = value.k === "call" ? file.calls[value.c] : undefined;
  return call?.kind === "new" && call.callee.k === "global" && MAPS.has(call.callee.name) ? call : undefined;
}

/** What a map is called where something is set in it. */
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
