/** Who calls whom, over the whole workspace, and which calls speak to which library: one pass over every call. */

import { callMeaningOf } from "./call-meaning.ts";
import type { FileSummary, FunctionSummary, Span, Value } from "./model.ts";
import { MAX_UNION, type Origin, type Placed, type PlacedFunction, type Scoped } from "./origin.ts";
import type { Program } from "./program.ts";
import { pathKind } from "./side.ts";

export interface Edge {
  readonly from: PlacedFunction;
  readonly to: PlacedFunction;
  /** `closure`: written inside; `callback`: handed over as a value; `async`: through a queue or an emitter. */
  readonly kind: "call" | "new" | "closure" | "callback" | "async";
  /** The call it goes through; absent for closures. */
  readonly call?: Placed;
  /** Of an `async` one: what carries it, and under which name. */
  readonly hop?: Hop;
}

/** How work is handed on without being waited for: by a job queue, an event of an emitter or bus, a message to a broker. */
export interface Hop {
  readonly by: "queue" | "event" | "message";
  /** Queue, event, topic or class, as the code names it. */
  readonly name?: string;
}

export interface CallGraph {
  readonly callers: (fn: FunctionSummary) => readonly Edge[];
  readonly callees: (fn: FunctionSummary) => readonly Edge[];
  /** Calls whose callee is a library's, by the library's name. */
  readonly libraryCalls: (library: string) => readonly Placed[];
  /** Calls for which a library states a meaning. */
  readonly meaningful: (file: FileSummary) => readonly number[];
}

/** A graph that those who know more than calls tell can still add to, before anybody reads it. */
export interface GrowingCallGraph extends CallGraph {
  readonly add: (edges: readonly Edge[]) => void;
}

const NONE: readonly never[] = [];

/** Builds the graph. Edges that could not be told are simply missing: callers are "at least these". */
export function buildCallGraph(program: Program): GrowingCallGraph {
  const building = buildingCallGraph(program);
  for (;;) {
    const step = building.next();
    if (step.done) return step.value;
  }
}

/** The same in steps, a file each. */
export function* buildingCallGraph(program: Program): Generator<undefined, GrowingCallGraph> {
  const callers = new Map<FunctionSummary, Edge[]>();
  const callees = new Map<FunctionSummary, Edge[]>();
  const byLibrary = new Map<string, Placed[]>();
  const meaningful = new Map<FileSummary, readonly number[]>();
  const open: OpenCall[] = [];
  const add = (edge: Edge): void => {
    push(callers, edge.to.file.functions[edge.to.f]!, edge);
    push(callees, edge.from.file.functions[edge.from.f]!, edge);
  };
  for (const file of program.files.values()) {
    const own = callsOf(program, file);
    for (const it of own.edges) add(it);
    for (const [library, placed] of own.libraryCalls) push(byLibrary, library, placed);
    if (own.meaningful.length > 0) meaningful.set(file, own.meaningful);
    if (own.open.length > 0) open.push(...own.open);
    yield;
  }
  // Only now is it known who calls whom, and with that what comes in by a parameter.
  for (const it of open.flatMap((one) => throughParameter(program, (fn) => callers.get(fn) ?? NONE, one))) add(it);
  trim(callers);
  trim(callees);
  return {
    add: (edges) => {
      for (const it of edges) add(it);
    },
    callers: (fn) => callers.get(fn) ?? NONE,
    callees: (fn) => callees.get(fn) ?? NONE,
    libraryCalls: (library) => byLibrary.get(library) ?? NONE,
    meaningful: (file) => meaningful.get(file) ?? NONE,
  };
}

/**
 * The graph with one file's own calls read anew, everything else as it was: who calls into the file is kept by the names of
 * its functions. Costs as much as the file, not as the workspace; right up to what other files now make of this one.
 */
export function withFileCalls(
  graph: CallGraph,
  program: Program,
  old: FileSummary | undefined,
  file: FileSummary,
): CallGraph {
  const own = callsOf(program, file);
  const earlier = old ? sameFunctions(old, file) : new Map<FunctionSummary, FunctionSummary>();
  const given = own.open.flatMap((it) => throughParameter(program, (fn) => graph.callers(earlier.get(fn) ?? fn), it));
  const callers = new Map<FunctionSummary, Edge[]>();
  const callees = new Map<FunctionSummary, Edge[]>();
  for (const edge of [...own.edges, ...given]) {
    push(callers, edge.to.file.functions[edge.to.f]!, edge);
    push(callees, edge.from.file.functions[edge.from.f]!, edge);
  }
  const before = earlier;
  const fresh = new Map(file.functions.map((fn, f) => [fn, f]));
  return {
    callers: (fn) => {
      const known = graph.callers(before.get(fn) ?? fn).filter((it) => it.from.file !== old);
      const added = callers.get(fn);
      const f = fresh.get(fn);
      const kept = f === undefined ? known : known.map((it) => ({ ...it, to: { file, f } }));
      return added ? [...added, ...kept] : kept;
    },
    callees: (fn) => callees.get(fn) ?? (fresh.has(fn) ? NONE : graph.callees(fn)),
    libraryCalls: (library) => [
      ...graph.libraryCalls(library).filter((it) => it.file !== old),
      ...own.libraryCalls.flatMap(([name, placed]) => (name === library ? [placed] : [])),
    ],
    meaningful: (it) => (it === file ? own.meaningful : graph.meaningful(it)),
  };
}

/** Functions of a file's new text with those of the old that have the same name: how an edit is followed. */
export function sameFunctions(old: FileSummary, now: FileSummary): Map<FunctionSummary, FunctionSummary> {
  const byName = new Map<string, FunctionSummary[]>();
  for (const fn of old.functions) push(byName, fn.name, fn);
  const found = new Map<FunctionSummary, FunctionSummary>();
  for (const fn of now.functions) {
    const match = byName.get(fn.name)?.shift();
    if (match) found.set(fn, match);
  }
  return found;
}

/** A name under which a call is found again when its file was typed in: its function, what it calls, the how-manieth it is. */
export function callKey(file: FileSummary, c: number): string {
  const call = file.calls[c]!;
  const name = nameOf(call.callee, file);
  let before = 0;
  for (let i = 0; i < c; i++) {
    const other = file.calls[i]!;
    if (other.fn === call.fn && nameOf(other.callee, file) === name) before++;
  }
  return `${file.path} ${file.functions[call.fn]!.name} ${name} ${before}`;
}

function nameOf(callee: Value, file: FileSummary): string | undefined {
  return callee.k === "get" || callee.k === "global"
    ? callee.name
    : callee.k === "ref"
      ? file.bindings[callee.b]?.name
      : undefined;
}

interface FileCalls {
  readonly edges: readonly Edge[];
  readonly libraryCalls: readonly (readonly [library: string, placed: Placed])[];
  readonly meaningful: readonly number[];
  readonly open: readonly OpenCall[];
}

/** A call of a member of something that came in by a parameter. */
interface OpenCall extends Placed {
  readonly param: Origin & { readonly k: "param" };
}

const MAX_CALLERS = 20;
/** A parameter that may be more things than this is no dependency but a passer-by. */
const MAX_GIVEN = 4;

/** What a call of a parameter's member runs, read from what the function's callers hand over: `new Users(store)`. */
function throughParameter(
  program: Program,
  callersOf: (fn: FunctionSummary) => readonly Edge[],
  { file, c, param }: OpenCall,
): readonly Edge[] {
  const found = new Map<FunctionSummary, PlacedFunction>();
  const walk = (at: Origin & { readonly k: "param" }, depth: number): void => {
    let count = 0;
    for (const edge of callersOf(at.file.functions[at.f]!)) {
      if ((edge.kind !== "call" && edge.kind !== "new") || !edge.call || ++count > MAX_CALLERS) continue;
      if (pathKind(edge.call.file.path)) continue;
      const call = edge.call.file.calls[edge.call.c]!;
      const arg = call.args[at.index];
      if (!arg || (call.spread !== undefined && call.spread <= at.index)) continue;
      let of = program.origin(arg, edge.call.file);
      for (const name of at.path) of = program.member(of, name);
      for (const it of of.k === "any" ? of.of : [of]) {
        // Written in the call it is its writer's: through this one, everybody else who calls it would reach it.
        const isWritten = it.k === "fn" && it.file === edge.call.file && isWithin(it.file.functions[it.f]!.at, call.at);
        if (it.k === "fn" && !isWritten) found.set(it.file.functions[it.f]!, { file: it.file, f: it.f });
        else if (it.k === "param" && depth < 2) walk(it, depth + 1);
      }
    }
  };
  walk(param, 0);
  if (found.size > MAX_GIVEN) return NONE;
  return [...found.values()].map((to) => ({
    from: { file, f: file.calls[c]!.fn },
    to,
    kind: "call",
    call: { file, c },
  }));
}

const isWithin = (at: Span, outer: Span): boolean => outer[0] <= at[0] && at[1] <= outer[1];

/** Everything that one file calls. */
function callsOf(program: Program, file: FileSummary): FileCalls {
  const edges: Edge[] = [];
  const libraryCalls: [string, Placed][] = [];
  const meaningful: number[] = [];
  const open: OpenCall[] = [];
  // One place for all edges that begin in a function.
  const places = file.functions.map((_, f): PlacedFunction => ({ file, f }));
  file.functions.forEach((fn, f) => {
    if (fn.parent > 0 && fn.cls === undefined)
      edges.push({ from: places[fn.parent]!, to: places[f]!, kind: "closure" });
  });
  const read = (value: Value, from: PlacedFunction | undefined): void => {
    for (const to of from ? gettersRead(program, value, file) : NONE)
      if (to.file !== file || to.f !== from!.f) edges.push({ from: from!, to, kind: "call" });
  };
  file.functions.forEach((fn, f) => {
    for (const value of fn.returns) read(value, places[f]);
  });
  for (const { value, kind, fn } of file.bindings) if (value && kind === "const") read(value, places[fn]);
  file.calls.forEach((call, c) => {
    const placed: Placed = { file, c };
    const from = places[call.fn]!;
    if (call.callee.k === "get") read(call.callee.of, from);
    for (const arg of call.args) read(arg, from);
    const callee = program.callee(file, c);
    for (const target of callee.k === "any" ? callee.of : [callee]) {
      const library = libraryOf(target);
      if (library) libraryCalls.push([library, placed]);
      if (callMeaningOf(target, call.kind, program)?.call.meaning && meaningful.at(-1) !== c) meaningful.push(c);
      if (target.k === "param" && target.path.length > 0 && call.kind === "call") open.push({ file, c, param: target });
      if (target.k === "fn") edges.push({ from, to: { file: target.file, f: target.f }, kind: "call", call: placed });
      else if (target.k === "class" && (call.kind === "new" || call.callee.k === "super")) {
        const ctor = constructorOf(program, target.file, target.c);
        if (ctor) edges.push({ from, to: ctor, kind: "new", call: placed });
      }
    }
    for (const to of tableFunctions(program, file, call.callee)) edges.push({ from, to, kind: "call", call: placed });
    if (call.kind === "call")
      for (const to of wrappedIn(program, file, call.callee, callee))
        edges.push({ from, to, kind: "call", call: placed });
    for (const arg of call.args) {
      if (arg.k !== "ref" && arg.k !== "get") continue;
      if (arg.k === "ref") {
        const kind = file.bindings[arg.b]?.kind;
        if (kind !== "fn" && kind !== "import" && kind !== "const") continue;
      }
      const given = program.origin(arg, file);
      for (const it of given.k === "any" ? given.of : [given])
        if (it.k === "fn") edges.push({ from, to: { file: it.file, f: it.f }, kind: "callback", call: placed });
    }
  });
  return { edges, libraryCalls, meaningful, open };
}

/** A table so long is data. */
const MAX_TABLE = 400;

/** `handlers[kind](…)`, also by a name: the functions of a table that is longer than what alternatives are kept of. */
function tableFunctions(program: Program, file: FileSummary, callee: Value): readonly PlacedFunction[] {
  const binding = callee.k === "ref" ? file.bindings[callee.b] : undefined;
  const value = binding?.kind === "const" ? binding.value : callee;
  if (value?.k !== "at" || value.key.k === "lit") return NONE;
  const table = program.origin(value.of, file);
  if (table.k !== "obj" || table.value.props.length <= MAX_UNION || table.value.props.length > MAX_TABLE) return NONE;
  return table.value.props.flatMap((it): readonly PlacedFunction[] => {
    const of = it.name === null ? undefined : program.origin(it.value, table.file, table.env);
    return of?.k === "fn" ? [{ file: of.file, f: of.f }] : NONE;
  });
}

/** The getters of classes that a path of members reads: `this.client.users`. */
function gettersRead(program: Program, value: Value, file: FileSummary): readonly PlacedFunction[] {
  const found: PlacedFunction[] = [];
  for (let at = value; at.k === "get"; at = at.of) {
    const of = program.origin(at.of, file);
    const { name } = at;
    for (const it of of.k === "any" ? of.of : [of])
      if (it.k === "instance" || it.k === "class") {
        const getter = getterOf(program, it, name);
        if (getter) found.push(getter);
      }
  }
  return found;
}

/** The getter of a name, the class' own or the nearest inherited one. */
function getterOf(
  program: Program,
  of: { readonly file: FileSummary; readonly c: number },
  name: string,
): PlacedFunction | undefined {
  let at: typeof of | undefined = of;
  for (let i = 0; at && i < 8; i++) {
    const { file }: typeof of = at;
    const cls: FileSummary["classes"][number] = file.classes[at.c]!;
    const member = cls.members.find((it) => it.name === name);
    if (member)
      return member.fn !== undefined && file.functions[member.fn]!.kind === "getter"
        ? { file, f: member.fn }
        : undefined;
    const base: Origin | undefined = cls.superClass ? program.origin(cls.superClass, file) : undefined;
    at = base?.k === "class" ? base : undefined;
  }
  return undefined;
}

/**
 * `const load = cache(async (id) => …)`: calling what a wrapper made of a function runs the function, whether the wrapper is a
 * package's or ours. Each place that calls gets the function that was handed over for it.
 */
function wrappedIn(program: Program, file: FileSummary, callee: Value, is: Origin): readonly PlacedFunction[] {
  // A function by its own name needs no such look, nor does what is known to be something else.
  const isMade = is.k === "ext" || is.k === "unknown" || is.k === "any" || isClosure(is);
  if ((!isMade && is.k !== "global") || (callee.k !== "ref" && callee.k !== "get" && callee.k !== "global"))
    return NONE;
  const named =
    callee.k === "get"
      ? (program.memberSite(callee, file) ?? fieldOf(program, callee, file))
      : (program.written(callee, file) ?? { value: callee, file });
  const binding = named?.value.k === "ref" ? named.file.bindings[named.value.b] : undefined;
  const made = binding?.kind === "const" ? binding.value : named?.value;
  return named && made?.k === "call" ? handedTo(program, named.file, made.c, 0) : NONE;
}

/** `load = cache(async () => …)` of a class, as its own members name it. */
function fieldOf(program: Program, callee: Value & { readonly k: "get" }, file: FileSummary): Scoped | undefined {
  const self = callee.of.k === "this" ? program.origin(callee.of, file) : undefined;
  if (self?.k !== "instance") return undefined;
  const value = self.file.classes[self.c]?.members.find((it) => it.name === callee.name)?.value;
  return value && { value, file: self.file };
}

function isClosure(of: Origin): boolean {
  return of.k === "fn" && of.file.functions[of.f]!.parent > 0;
}

/** The functions among the arguments of a call, also inside another wrapper. */
function handedTo(program: Program, file: FileSummary, c: number, depth: number): readonly PlacedFunction[] {
  const call = file.calls[c]!;
  if (call.kind !== "call" || depth > 3) return NONE;
  return call.args.flatMap((it): readonly PlacedFunction[] => {
    if (it.k === "fn") return [{ file, f: it.f }];
    if (it.k === "call") return handedTo(program, file, it.c, depth + 1);
    const of = it.k === "ref" || it.k === "get" ? program.origin(it, file) : undefined;
    return of?.k === "fn" ? [{ file: of.file, f: of.f }] : NONE;
  });
}

/** The constructor that `new` runs: the class' own or the nearest inherited one. */
export function constructorOf(program: Program, file: FileSummary, c: number, depth = 0): PlacedFunction | undefined {
  const cls = file.classes[c];
  if (!cls || depth > 8) return undefined;
  if (cls.ctor !== undefined) return { file, f: cls.ctor };
  const base = cls.superClass ? program.origin(cls.superClass, file) : undefined;
  return base?.k === "class" ? constructorOf(program, base.file, base.c, depth + 1) : undefined;
}

function libraryOf(origin: Origin): string | undefined {
  return origin.k === "method" || origin.k === "lib" || origin.k === "library" ? origin.library.name : undefined;
}

/** Lists that have grown hold room for sixteen more, which is most of what a graph of short ones takes. */
function trim<K, V>(map: Map<K, V[]>): void {
  for (const [key, list] of map) if (list.length > 1) map.set(key, list.slice());
}

function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const known = map.get(key);
  if (known) known.push(value);
  else map.set(key, [value]);
}
