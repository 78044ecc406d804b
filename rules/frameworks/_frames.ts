/** Frames: a registration inside a project's own wrapper is read once for each call of the wrapper and row of a table. */
import {
  type CallGraph,
  type Env,
  type FileSummary,
  ITERATION_METHODS,
  type Origin,
  type Placed,
  type PlacedFunction,
  type Program,
  type Scoped,
  type Span,
  type Value,
} from "../../engine/index.ts";
import { pathIn } from "./_folders.ts";
import { each, isTestFile, isTestName } from "./_values.ts";

const MAX_READINGS = 600;

const MAX_FRAMES = 4;
/** Methods of a list that give a part of it, or more. */
const KEEPING = new Set(["filter", "concat", "flat", "sort", "toSorted", "reverse", "slice"]);

export type Frame =
  | { readonly k: "call"; readonly file: FileSummary; readonly f: number; readonly call: Placed }
  | { readonly k: "element"; readonly file: FileSummary; readonly f: number; readonly at: Scoped }
  | { readonly k: "item"; readonly of: Value; readonly file: FileSummary; readonly at: Scoped };

/** A call read under certain arguments. */
export interface Reading extends Placed {
  readonly env: Env | undefined;
  /** The outermost call that leads here, or the element of a table; the call itself where it stands alone. */
  readonly site: { readonly file: FileSummary; readonly at: Span; readonly nameAt: Span; readonly isTable: boolean };
  readonly frames: readonly Frame[];
}

/** The same call under fewer of its frames at a time, the innermost alone first, the call by itself before all. */
export function* closerReadings(program: Program, { file, c, frames }: Reading): Iterable<Reading> {
  for (let i = frames.length; i >= 0; i--) yield read(program, { file, c }, frames.slice(i));
}

/**
 * Reads a call; where `missing` names values that cannot be read and hang on parameters or loop elements, reads it again
 * under each caller and element, outwards and bounded.
 */
export function readings(
  program: Program,
  graph: CallGraph,
  at: Placed,
  missing: (reading: Reading) => readonly Value[],
): readonly Reading[] {
  const found: Reading[] = [];
  const walk = (frames: readonly Frame[]): void => {
    if (found.length >= MAX_READINGS) return;
    const reading = read(program, at, frames);
    const open = missing(reading);
    const { callee, args } = at.file.calls[at.c]!;
    const need =
      frames.length >= MAX_FRAMES
        ? undefined
        : // The columns of a table belong together, so its rows are read one by one even where each column is known.
          ((open.length > 0 ? firstDependence(program, open, at.file, reading.env) : undefined) ??
          firstDependence(program, [callee, ...args], at.file, reading.env, true));
    const more = need ? framesFor(graph, need) : [];
    if (more.length === 0 || !need) {
      found.push(reading);
      return;
    }
    for (const frame of more) {
      if (
        frames.some(
          (it) =>
            it.k === "call" && frame.k === "call" && it.call.file === frame.call.file && it.call.c === frame.call.c,
        )
      )
        continue;
      walk(need.k === "callers" ? [frame, ...frames] : [...frames, frame]);
    }
  };
  walk([]);
  return found;
}

function read(program: Program, at: Placed, frames: readonly Frame[]): Reading {
  const call = at.file.calls[at.c]!;
  let env: Env | undefined;
  for (const frame of frames) {
    if (frame.k === "call") {
      const outer = frame.call.file.calls[frame.call.c]!;
      const callee = each(program.callee(frame.call.file, frame.call.c, env)).find(
        (it) => it.k === "fn" && it.file === frame.file && it.f === frame.f,
      );
      const self = callee?.k === "fn" ? callee.self : selfOfNew(program, frame.call, env);
      env = program.enter({ file: frame.file, f: frame.f, self }, outer, frame.call.file, env) ?? env;
    } else if (frame.k === "element") {
      env = {
        file: frame.file,
        f: frame.f,
        args: [frame.at.value],
        argsFile: frame.at.file,
        argsEnv: frame.at.env,
        outer: env,
      };
    } else
      env = {
        file: frame.file,
        f: -1,
        args: [],
        argsFile: frame.file,
        outer: env,
        open: true,
        item: { of: frame.of, at: frame.at },
      };
  }
  const [first] = frames;
  if (first?.k === "call") {
    const outer = first.call.file.calls[first.call.c]!;
    return { ...at, env, frames, site: { file: first.call.file, at: outer.at, nameAt: outer.nameAt, isTable: false } };
  }
  if (first) {
    const span = "at" in first.at.value ? (first.at.value.at as Span | undefined) : undefined;
    if (span) return { ...at, env, frames, site: { file: first.at.file, at: span, nameAt: span, isTable: true } };
  }
  return { ...at, env, frames, site: { file: at.file, at: call.at, nameAt: call.nameAt, isTable: false } };
}

function selfOfNew(program: Program, at: Placed, env: Env | undefined): Origin | undefined {
  const call = at.file.calls[at.c]!;
  if (call.callee.k === "super") return program.origin({ k: "this", f: call.fn }, at.file, env);
  for (const it of each(program.callee(at.file, at.c, env)))
    if (it.k === "class" && call.kind === "new") return { k: "instance", file: it.file, c: it.c, via: at };
  return undefined;
}

/** Whether a call is made at all under the row or the caller it is read for: `if (row.type === "get") app.get(row.path, …)`. */
export function isMade(program: Program, { file, c, env }: Reading): boolean {
  if (!env) return true;
  const { at, branch } = file.calls[c]!;
  for (let i = branch, steps = 0; i !== undefined && steps < 20; i = file.branches[i]!.parent, steps++) {
    const it: FileSummary["branches"][number] = file.branches[i]!;
    const holds = holdsUnder(program, { value: it.test, file, env }, 0);
    const isIn = (span: Span | undefined): boolean => span !== undefined && span[0] <= at[0] && at[1] <= span[1];
    if ((holds === false && isIn(it.thenAt)) || (holds === true && isIn(it.elseAt))) return false;
  }
  return true;
}

/** What a comparison of texts gives; undefined where one of them cannot be told. */
function holdsUnder(program: Program, { value, file, env }: Scoped, depth: number): boolean | undefined {
  const inner = (it: Value): boolean | undefined => holdsUnder(program, { value: it, file, env }, depth + 1);
  if (depth > 5) return undefined;
  if (value.k === "either" && (value.op === "&&" || value.op === "||")) {
    const [a, b] = [inner(value.a), inner(value.b)];
    const deciding = value.op === "||";
    if (a === deciding || b === deciding) return deciding;
    return a === undefined || b === undefined ? undefined : !deciding;
  }
  if (value.k !== "op") return undefined;
  if (value.op === "!" && value.args[0]) {
    const holds = inner(value.args[0]);
    return holds === undefined ? undefined : !holds;
  }
  if (!/^[!=]==?$/.test(value.op) || value.args.length !== 2) return undefined;
  const [a, b] = value.args.map((it) => program.text({ value: it, file, env }));
  return a === undefined || b === undefined ? undefined : (a === b) === value.op.startsWith("=");
}

type Dependence =
  | { readonly k: "callers"; readonly file: FileSummary; readonly f: number }
  | { readonly k: "elements"; readonly file: FileSummary; readonly f: number; readonly items: readonly Scoped[] }
  | { readonly k: "items"; readonly file: FileSummary; readonly of: Value; readonly items: readonly Scoped[] };

/**
 * The first unbound parameter or loop element that a value hangs on, or with `rowsOnly` the first loop element; bound
 * parameters are followed to what was given.
 */
function firstDependence(
  program: Program,
  values: readonly Value[],
  file: FileSummary,
  env: Env | undefined,
  rowsOnly = false,
): Dependence | undefined {
  const seen = new Set<Value>();
  const walk = (at: Scoped, depth: number): Dependence | undefined => {
    const { value } = at;
    if (depth > 14 || seen.has(value)) return undefined;
    seen.add(value);
    const one = (it: Value): Dependence | undefined => walk({ ...at, value: it }, depth + 1);
    const all = (list: readonly Value[]): Dependence | undefined => {
      for (const it of list) {
        const found = one(it);
        if (found) return found;
      }
      return undefined;
    };
    switch (value.k) {
      case "ref": {
        const binding = at.file.bindings[value.b];
        if (!binding || binding.from) return undefined;
        if (binding.kind === "param") {
          const bound = frameOf(at.env, at.file, binding.fn);
          if (!bound) return unboundParam(at, binding.fn, binding.param ?? 0, depth);
          const arg = bound.args[binding.param ?? 0];
          return arg ? walk({ value: arg, file: bound.argsFile, env: bound.argsEnv }, depth + 1) : undefined;
        }
        return all([...(binding.value ? [binding.value] : []), ...(binding.writes ?? [])]);
      }
      case "get":
        return one(value.of);
      case "at":
        return all([value.key, value.of]);
      case "tpl":
        return all(value.values);
      case "op":
        if (value.op === "item" && value.args[0]) {
          if (hasItem(at.env, value.args[0])) return undefined;
          const items = elementsOf(program, { ...at, value: value.args[0] });
          return items ? { k: "items", file: at.file, of: value.args[0], items } : one(value.args[0]);
        }
        return all(value.args);
      case "either":
        return all([value.a, value.b]);
      case "arr":
        return all(value.items);
      case "obj":
        return all(value.props.map((it) => it.value));
      case "call": {
        const call = at.file.calls[value.c];
        return call ? all([call.callee, ...call.args]) : undefined;
      }
      default:
        return undefined;
    }
  };
  const unboundParam = (at: Scoped, f: number, index: number, depth: number): Dependence | undefined => {
    const context = program.context(at.file, f);
    const call =
      context?.kind === "argument" && context.index === 0 && context.path.length === 0
        ? at.file.calls[context.c]
        : undefined;
    if (call?.callee.k === "get" && ITERATION_METHODS.has(call.callee.name)) {
      if (index !== 0) return undefined;
      const list: Scoped = { ...at, value: call.callee.of };
      const items = elementsOf(program, list);
      return items ? { k: "elements", file: at.file, f, items } : walk(list, depth + 1);
    }
    return rowsOnly ? undefined : { k: "callers", file: at.file, f };
  };
  for (const value of values) {
    const found = walk({ value, file, env }, 0);
    if (found) return found;
  }
  return undefined;
}

/** The elements of a literal collection, `Object.entries`, `Object.values` and `Object.keys` of a literal included. */
export function elementsOf(program: Program, at: Scoped, depth = 0): readonly Scoped[] | undefined {
  const { value, file, env } = at;
  if (depth > 12) return undefined;
  if (value.k === "call") {
    const call = file.calls[value.c]!;
    const callee = program.callee(file, value.c, env);
    const of =
      callee.k === "global" && call.args[0]
        ? each(program.origin(call.args[0], file, env)).find((it) => it.k === "obj")
        : undefined;
    if (callee.k === "global" && of?.k === "obj") {
      const { props } = of.value;
      const scoped = (it: Value): Scoped => ({ value: it, file: of.file, env: of.env });
      const key = (it: (typeof props)[number]): Value => ({ k: "lit", v: it.name ?? "", at: it.at });
      if (callee.name === "Object.values") return props.map((it) => scoped(it.value));
      if (callee.name === "Object.keys") return props.map((it) => scoped(key(it)));
      if (callee.name === "Object.entries")
        return props.map((it) => scoped({ k: "arr", items: [key(it), it.value], open: false, at: it.at }));
    }
    // `new Map([["/a", one]])`.
    if (call.kind === "new" && callee.k === "global" && /^(Map|Set)$/.test(callee.name) && call.args[0])
      return elementsOf(program, { value: call.args[0], file, env }, depth + 1);
    if (
      call.args[0] &&
      call.callee.k !== "call" &&
      /^readdir(Sync)?$/.test(
        call.callee.k === "get"
          ? call.callee.name
          : call.callee.k === "ref"
            ? (file.bindings[call.callee.b]?.name ?? "")
            : "",
      )
    )
      return fileNames(program, { value: call.args[0], file, env });
    // `[…].filter(Boolean)`: at least what the first list holds.
    if (call.callee.k === "get" && KEEPING.has(call.callee.name)) {
      const kept = elementsOf(program, { value: call.callee.of, file, env }, depth + 1);
      const added =
        call.callee.name === "concat"
          ? call.args.flatMap((it) => elementsOf(program, { value: it, file, env }, depth + 1) ?? [])
          : [];
      return kept || added.length > 0 ? [...(kept ?? []), ...added] : undefined;
    }
    if (call.callee.k === "get" && call.callee.name === "map" && call.args[0])
      return mapped(program, { value: call.callee.of, file, env }, { value: call.args[0], file, env });
    if (callee.k === "fn" && depth < 8) {
      const under = program.enter(callee, call, file, env);
      const made = callee.file.functions[callee.f]!.returns.flatMap(
        (it) => elementsOf(program, { value: it, file: callee.file, env: under }, depth + 1) ?? [],
      );
      if (made.length > 0) return made;
    }
  }
  const found = [...each(program.at(at)).flatMap((it) => (it.k === "arr" ? it.items : [])), ...pushedTo(program, at)];
  if (found.length === 0) {
    // `const all = made.map(load)`: a name for what is read above.
    const named = program.written(value, file) ?? boundTo(at);
    return named?.value.k === "call" ? elementsOf(program, named, depth + 1) : undefined;
  }
  return found.flatMap((it) => {
    const { value: item } = it;
    if (item.k !== "op" || item.op !== "spread" || !item.args[0]) return [it];
    // `all.push(...all)` adds nothing.
    if (spreading.has(item)) return [];
    spreading.add(item);
    try {
      return elementsOf(program, { ...it, value: item.args[0] }, depth + 1) ?? [];
    } finally {
      spreading.delete(item);
    }
  });
}

/** Spreads that are being read. */
const spreading = new Set<Value>();

/** `[…].map((it) => made(it))`: what the function gives for each element. */
function mapped(program: Program, list: Scoped, by: Scoped): readonly Scoped[] | undefined {
  const fn = program.at(by);
  if (fn.k !== "fn") return undefined;
  const { returns } = fn.file.functions[fn.f]!;
  const items = elementsOf(program, list);
  // Of a list that is only known at run time, one stands for all.
  if (!items) return returns.length > 0 ? returns.map((value) => ({ value, file: fn.file, env: by.env })) : undefined;
  return items.slice(0, MAX_READINGS).flatMap((it) => {
    const env: Env = {
      file: fn.file,
      f: fn.f,
      args: [it.value],
      argsFile: it.file,
      argsEnv: it.env,
      outer: by.env,
    };
    return returns.map((value) => ({ value, file: fn.file, env }));
  });
}

function boundTo({ value, file, env }: Scoped): Scoped | undefined {
  const binding = value.k === "ref" ? file.bindings[value.b] : undefined;
  return binding?.value && binding.kind === "const" ? { value: binding.value, file, env } : undefined;
}

const pushes = new WeakMap<FileSummary, ReadonlyMap<number, readonly Value[]>>();

/** What is added to a list that has a name, in its own file: `routes.push(…)`. */
function pushedTo(program: Program, at: Scoped): readonly Scoped[] {
  const { value, file } = program.written(at.value, at.file) ?? at;
  if (value.k !== "ref") return [];
  let known = pushes.get(file);
  if (!known) {
    const made = new Map<number, Value[]>();
    for (const { callee, args } of file.calls)
      if (callee.k === "get" && (callee.name === "push" || callee.name === "unshift") && callee.of.k === "ref")
        made.set(callee.of.b, [...(made.get(callee.of.b) ?? []), ...args]);
    known = made;
    pushes.set(file, known);
  }
  return (known.get(value.b) ?? []).slice(0, MAX_READINGS).map((it) => ({ value: it, file }));
}

/** The names in a folder of the workspace, as `readdirSync` gives them. */
function fileNames(program: Program, at: Scoped): readonly Scoped[] | undefined {
  const dir = pathIn(program, at);
  if (dir === undefined) return undefined;
  const base = dir === "/" ? "" : `${dir.replace(/^\//, "").replace(/\/$/, "")}/`;
  const names = new Set<string>();
  for (const file of program.files.values())
    if (file.path.startsWith(base) && file !== at.file && !isTestName(file.path))
      names.add(file.path.slice(base.length).split("/")[0]!);
  return names.size > 0 && names.size <= 200
    ? [...names].map((v) => ({ value: { k: "lit", v }, file: at.file }))
    : undefined;
}

function framesFor(graph: CallGraph, need: Dependence): readonly Frame[] {
  if (need.k === "elements") return need.items.map((at): Frame => ({ k: "element", file: need.file, f: need.f, at }));
  if (need.k === "items") return need.items.map((at): Frame => ({ k: "item", of: need.of, file: need.file, at }));
  return callersOf(graph, need).map((call): Frame => ({ k: "call", file: need.file, f: need.f, call }));
}

/** Calls of a function outside tests. */
export function callersOf(graph: CallGraph, fn: PlacedFunction): readonly Placed[] {
  return graph
    .callers(fn.file.functions[fn.f]!)
    .flatMap((it) =>
      (it.kind === "call" || it.kind === "new") && it.call && !isTestFile(it.call.file) ? [it.call] : [],
    );
}

export function frameOf(env: Env | undefined, file: FileSummary, f: number): Env | undefined {
  for (let it = env; it; it = it.outer) if (it.f === f && it.file === file && !it.open) return it;
  return undefined;
}

export function hasItem(env: Env | undefined, of: Value): boolean {
  for (let it = env; it; it = it.outer) if (it.item?.of === of) return true;
  return false;
}
