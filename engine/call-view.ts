/** One call as library data and rules see it: its arguments and options as three-valued questions. */
import type { Library, Limit, OptionSite } from "./library.ts";
import type { Answer, CallSummary, FileSummary, FunctionSummary, Span, Value } from "./model.ts";
import type { Env, LibOrigin, Lookup, MethodOrigin, Origin, Placed, Scoped } from "./origin.ts";
import type { Program } from "./program.ts";

export interface CallView extends Placed {
  readonly program: Program;
  readonly call: CallSummary;
  readonly fn: FunctionSummary;
  readonly env: Env | undefined;
  /** Name of the member called, "" for a plain call. */
  readonly name: string;
  /** The receiver, where it is a library's. */
  readonly recv: LibOrigin | undefined;
  /** The argument at `index`, counted from the end where negative; undefined where there is none or a spread hides it. */
  arg(index: number): Scoped | undefined;
  readonly argCount: number;
  readonly hasSpread: boolean;
  /** A property of the argument at `index`: `option(1, "timeout")`, `option(0, "requestHandler.requestTimeout")`. */
  option(index: number, path: string): Lookup;
  /**
   * A value assigned to `path` of the receiver in code that runs in the same process: `defaults.timeout` for
   * `axios.defaults.timeout = 5000`.
   */
  assigned(path: string, of?: Holder): Held | undefined;
  /** Calls such as `interceptors.request.use` on the receiver, in code that runs in the same process. */
  called(path: string, of?: Holder): readonly (Placed & { readonly holds: "yes" | "unknown" })[];
  /** The methods called on the way from the chain's start to this call, oldest first. */
  chain(): readonly ChainStep[];
  /** The links that follow: called on this call's result, or on a name it is kept under. */
  after(): readonly ChainStep[];
  /**
   * Other calls on the builder that this chain began with, kept under a name: they change it where builders are mutable
   * (Knex, TypeORM). One made elsewhere than in this function, or under a name that is computed, is conditional.
   */
  beside(): readonly ChainStep[];
  origin(scoped: Scoped): Origin;
  text(scoped: Scoped | undefined): string | undefined;
  number(scoped: Scoped | undefined): number | undefined;
  /** Installed or locked version of a package here. */
  version(packageName: string): string | undefined;
  /** Where an option would be written for the argument at `index`. */
  optionSite(index: number): OptionSite | undefined;
}

/** A value that is set for more than one call; `unknown` where it cannot be told whether that code is loaded as well. */
export interface Held {
  readonly at: Scoped;
  readonly holds: "yes" | "unknown";
}

/** The client that a call is made on, the whole module that it was made of, or the client that the call makes. */
export type Holder = "receiver" | "module" | "result";

/** One link of a builder chain. */
export interface ChainStep {
  readonly name: string;
  readonly view: CallView;
  /** Stands in a branch of its own: perhaps called, perhaps not. */
  readonly conditional: boolean;
}

export function callView(
  program: Program,
  placed: Placed,
  env: Env | undefined,
  callee?: MethodOrigin | LibOrigin,
): CallView {
  return new PlacedCall(program, placed, env, callee);
}

/** A class, for there is one of these for every call that means something: its functions are made once. */
class PlacedCall implements CallView {
  readonly file: FileSummary;
  readonly c: number;
  readonly program: Program;
  readonly call: CallSummary;
  readonly env: Env | undefined;
  #callee: MethodOrigin | LibOrigin | undefined;

  constructor(
    program: Program,
    { file, c }: Placed,
    env: Env | undefined,
    callee: MethodOrigin | LibOrigin | undefined,
  ) {
    this.file = file;
    this.c = c;
    this.program = program;
    this.call = file.calls[c]!;
    this.env = env;
    this.#callee = callee;
  }

  get fn(): FunctionSummary {
    return this.file.functions[this.call.fn]!;
  }

  get name(): string {
    return memberName(this.file, this.c);
  }

  get recv(): LibOrigin | undefined {
    const it = this.#resolved();
    return it?.k === "method" ? it.recv : it;
  }

  get argCount(): number {
    return this.call.args.length;
  }

  get hasSpread(): boolean {
    return this.call.spread !== undefined;
  }

  arg(index: number): Scoped | undefined {
    const { args, spread } = this.call;
    const i = index < 0 ? args.length + index : index;
    if (spread !== undefined && i >= spread) return undefined;
    const value = args[i];
    return value ? { value, file: this.file, env: this.env } : undefined;
  }

  option(index: number, path: string): Lookup {
    return optionOf(this.program, this.call, this.arg(index), index, path);
  }

  assigned(path: string, of: Holder = "receiver"): Held | undefined {
    const client = this.#holder(of);
    return client && assignedTo(this.program, this.file, client, path);
  }

  called(path: string, of: Holder = "receiver"): ReturnType<CallView["called"]> {
    const client = this.#holder(of);
    return client ? calledOn(this.program, this.file, client, path) : [];
  }

  chain(): readonly ChainStep[] {
    return chainOf(this.program, this.#resolved(), this.env, this);
  }

  after(): readonly ChainStep[] {
    const { file, c, call } = this;
    return linksAfter(file, c).map((next) => ({
      name: memberName(file, next),
      view: this.program.view({ file, c: next }, this.env),
      conditional: file.calls[next]!.branch !== call.branch,
    }));
  }

  beside(): readonly ChainStep[] {
    const { file, c, call } = this;
    let first = this.recv;
    if (!first?.via) return [];
    const own = new Set([c, ...linksAfter(file, c)]);
    if (first.via.file === file) own.add(first.via.c);
    for (let i = 0; first.recv?.via && first.recv.type === first.type && i < 60; i++) {
      first = first.recv;
      if (first.via!.file === file) own.add(first.via!.c);
    }
    // Begun by a function of ours, it is kept here under what that gave: `const query = this.baseQuery()`.
    const kept = keptFrom(file, call);
    const links = new Set(first.via!.file === file ? linksAfter(file, first.via!.c) : []);
    if (kept !== undefined) for (const it of linksAfter(file, kept)) links.add(it);
    return [...links]
      .filter((next) => !own.has(next))
      .map((next) => {
        const other = file.calls[next]!;
        const name = memberName(file, next);
        return {
          name,
          view: this.program.view({ file, c: next }, this.env),
          conditional:
            name === "" ||
            other.fn !== call.fn ||
            other.at[0] > call.at[0] ||
            (other.branch !== undefined && other.branch !== call.branch),
        };
      });
  }

  origin(scoped: Scoped): Origin {
    return this.program.at(scoped);
  }

  text(scoped: Scoped | undefined): string | undefined {
    return scoped ? this.program.text(scoped) : undefined;
  }

  number(scoped: Scoped | undefined): number | undefined {
    return scoped ? this.program.number(scoped) : undefined;
  }

  version(packageName: string): string | undefined {
    return this.program.version(this.file.path, packageName);
  }

  optionSite(index: number): OptionSite | undefined {
    return optionSite(this.file, this.call, index);
  }

  #holder(of: Holder): Client | undefined {
    const it = this.#resolved();
    if (!it) return undefined;
    const via = of === "receiver" ? this.recv?.via : of === "result" ? { file: this.file, c: this.c } : undefined;
    return { library: it.library, via };
  }

  #resolved(): MethodOrigin | LibOrigin | undefined {
    if (this.#callee) return this.#callee;
    const found = this.program.callee(this.file, this.c, this.env);
    for (const it of found.k === "any" ? found.of : [found])
      if (it.k === "method" || it.k === "lib") return (this.#callee = it);
    return undefined;
  }
}

/** The call whose result is kept under the name that a chain begins with. */
function keptFrom(file: FileSummary, call: CallSummary): number | undefined {
  let of = call.callee;
  for (let i = 0; i < 60 && (of.k === "get" || of.k === "call"); i++)
    of = of.k === "get" ? of.of : file.calls[of.c]!.callee;
  const value = of.k === "ref" ? file.bindings[of.b]?.value : undefined;
  return value?.k === "call" ? value.c : undefined;
}

function optionOf(program: Program, call: CallSummary, arg: Scoped | undefined, index: number, path: string): Lookup {
  if (!arg) return call.spread !== undefined && index >= call.spread ? { is: "unknown" } : { is: "no" };
  let at = arg;
  const names = path.split(".");
  for (let i = 0; i < names.length; i++) {
    const found = program.property(at, names[i]!);
    if (found.is !== "yes" || i === names.length - 1) return found;
    at = found.at;
  }
  return { is: "unknown" };
}

/** Whether a value is given and not `undefined`, `null`, `0` or `false`: what most libraries take as "no limit". */
export function isSet(program: Program, found: Lookup): Answer {
  return found.is === "yes" ? program.truth(found.at).is : found.is;
}

/** What `value` is a member of, where its last members are called `names`. */
function rootOf(value: Value, names: readonly string[]): Value | undefined {
  let root = value;
  for (let i = names.length - 1; i >= 0; i--) {
    if (root.k !== "get" || root.name !== names[i]) return undefined;
    root = root.of;
  }
  return root;
}

/** A client by the call that made it, or a library's own where no call did. */
interface Client {
  readonly library: Library;
  readonly via: Placed | undefined;
}

function isSame(found: Origin, { library, via }: Client): boolean {
  switch (found.k) {
    case "method":
      return found.member.type !== undefined && found.library === library && via === undefined;
    case "lib":
      return found.library === library && found.via?.c === via?.c && found.via?.file === via?.file;
    case "library":
      return found.library === library && via === undefined;
    default:
      return false;
  }
}

function assignedTo(program: Program, from: FileSummary, client: Client, path: string): Held | undefined {
  const names = path.split(".");
  let perhaps: Held | undefined;
  for (const { file, a } of program.assignmentsTo(names.at(-1)!)) {
    const { target, value } = file.assignments[a]!;
    const root = rootOf(target, names);
    if (!root || !isSame(program.origin(root, file), client)) continue;
    const holds = program.sharesProcess(file, from);
    if (holds === "yes") return { at: { value, file }, holds };
    if (holds === "unknown") perhaps ??= { at: { value, file }, holds };
  }
  return perhaps;
}

function calledOn(
  program: Program,
  from: FileSummary,
  client: Client,
  path: string,
): readonly (Placed & { readonly holds: "yes" | "unknown" })[] {
  const names = path.split(".");
  return program.callsNamed(path).flatMap(({ file, c }) => {
    const root = rootOf(file.calls[c]!.callee, names);
    if (!root || !isSame(program.origin(root, file), client)) return [];
    const holds = program.sharesProcess(file, from);
    return holds === "no" ? [] : [{ file, c, holds }];
  });
}

function chainOf(
  program: Program,
  callee: MethodOrigin | LibOrigin | undefined,
  env: Env | undefined,
  callFile?: { readonly file: FileSummary; readonly call: CallSummary },
): ChainStep[] {
  const steps: ChainStep[] = [];
  let it: LibOrigin | undefined = callee?.k === "method" ? callee.recv : callee;
  for (let i = 0; it?.via && i < 60; i++) {
    const view = program.view(it.via, env);
    steps.push({
      name: view.name,
      view,
      conditional:
        view.file === callFile?.file && view.call.branch !== callFile.call.branch && view.call.branch !== undefined,
    });
    it = it.recv;
  }
  return steps.reverse();
}

const nextLinks = new WeakMap<FileSummary, ReadonlyMap<number, readonly number[]>>();

function memberName(file: FileSummary, c: number): string {
  const { callee } = file.calls[c]!;
  return callee.k === "get" ? callee.name : "";
}

/** Calls on the result of a call, of those calls, and on names that hold one of them; in the order of the text. */
function linksAfter(file: FileSummary, c: number): readonly number[] {
  let map = nextLinks.get(file);
  if (!map) {
    const made = new Map<number, number[]>();
    const add = (from: number, to: number): void => {
      const known = made.get(from);
      if (known) known.push(to);
      else made.set(from, [to]);
    };
    file.calls.forEach((call, i) => {
      // `query[method](…)` is one as well, whatever its name.
      if (call.callee.k !== "get" && call.callee.k !== "at") return;
      const { of } = call.callee;
      if (of.k === "call") add(of.c, i);
      else if (of.k === "ref") {
        const binding = file.bindings[of.b];
        // What was awaited is kept under the name: no link any more, however the builder was made.
        for (const it of [binding?.value, ...(binding?.writes ?? [])])
          if (it?.k === "call" && binding?.kind !== "item" && it.c !== i && file.calls[it.c]?.use !== "await")
            add(it.c, i);
      }
    });
    map = made;
    nextLinks.set(file, map);
  }
  const found = new Set<number>();
  const walk = (from: number): void => {
    for (const next of map.get(from) ?? []) {
      if (found.has(next) || found.size > 60) continue;
      found.add(next);
      walk(next);
    }
  };
  walk(c);
  return [...found];
}

function optionSite(file: FileSummary, call: CallSummary, index: number): OptionSite | undefined {
  if (call.spread !== undefined && call.spread <= index) return undefined;
  const arg = call.args[index];
  if (arg) {
    if (arg.k === "obj") return { path: file.path, object: arg.at as Span, empty: arg.props.length === 0 };
    return undefined;
  }
  const last = call.argsAt.at(-1);
  const insertAt = last ? last[1] : call.at[1] - 1;
  return { path: file.path, insertAt, missing: index - call.args.length };
}

/**
 * A limit read from one option: given and truthy is bounded, absent or falsy is not. A value that is written but cannot be
 * read (`config.timeout`, a controller's signal) is somebody's decision and taken as a limit, unless it hangs on a parameter.
 */
export function limitFrom(
  view: CallView,
  found: Lookup,
  by: Limit["by"],
  why: { readonly no: string; readonly defaultMs?: number },
): Limit {
  const truth =
    found.is === "yes"
      ? view.program.truth(found.at)
      : { is: found.is, param: found.is === "unknown" ? found.param : undefined };
  if (truth.is === "no")
    return {
      bounded: "no",
      by: found.is === "yes" ? by : "default",
      why: why.no,
      ...(found.is === "yes" && view.program.number(found.at) === 0 ? { isSwitchedOff: true } : {}),
      ...(why.defaultMs !== undefined ? { defaultMs: why.defaultMs } : {}),
    };
  if (truth.is === "yes" || (found.is === "yes" && !truth.param)) {
    const ms = found.is === "yes" ? (view.program.number(found.at) ?? signalMs(view.program, found.at)) : undefined;
    return { bounded: "yes", by, why: "a limit is given", ...(ms !== undefined ? { ms } : {}) };
  }
  return {
    bounded: "unknown",
    by,
    why: "the options cannot be read here",
    ...(truth.param
      ? { param: { path: truth.param.file.path, f: truth.param.f, index: truth.param.index, names: truth.param.path } }
      : {}),
  };
}

/** Milliseconds of `AbortSignal.timeout(3_000)` written in place. */
function signalMs(program: Program, { value, file, env }: Scoped): number | undefined {
  if (value.k !== "call") return undefined;
  const { callee, args } = file.calls[value.c]!;
  const isTimeout =
    callee.k === "get" && callee.name === "timeout" && callee.of.k === "global" && callee.of.name === "AbortSignal";
  return isTimeout && args[0] ? program.number({ value: args[0], file, env }) : undefined;
}
