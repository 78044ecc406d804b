/**
 * One revision of the workspace, linked lazily: what a name, a member or the result of a call *is*, across files.
 * Nothing is computed before somebody asks, and an answer about a value is kept as long as its file's summary lives.
 * The answers themselves are found by the files beside this one, one subject each, which ask one another through here.
 */
import { callMeaningOf } from "./call-meaning.ts";
import { type CallView, callView } from "./call-view.ts";
import { type FunctionContext, functionContexts } from "./function-context.ts";
import type { Library, LibrarySet, Meaning } from "./library.ts";
import type { Answer, CallSummary, ClassSummary, FileSummary, TypeDecl, TypeRef, Value } from "./model.ts";
import {
  type Env,
  type Lookup,
  type Origin,
  type Placed,
  type PlacedClass,
  type PlacedFunction,
  type Scoped,
  type Truth,
  unknown,
} from "./origin.ts";
import { withEntry } from "./overlay.ts";
import { Answers, Asking } from "./program/asking.ts";
import { entered, returnedBy } from "./program/calls.ts";
import { assignedToField, selfIn, subtypesOf } from "./program/classes.ts";
import { readTruth } from "./program/conditions.ts";
import { assignmentsByName, Gathered, type PlacedAssignment } from "./program/gathered.ts";
import { memberOf, restArgumentOf } from "./program/members.ts";
import { exportedBy, memberSiteOf, writtenSite } from "./program/modules.ts";
import { readProperty } from "./program/properties.ts";
import { givenFor } from "./program/tokens.ts";
import { readType } from "./program/types.ts";
import { evaluate, textOf } from "./program/values.ts";
import { providersAmong } from "./provisions.ts";
import type { VersionOf } from "./version.ts";

export interface ProgramInput {
  readonly files: ReadonlyMap<string, FileSummary>;
  readonly libraries: LibrarySet;
  /** Workspace path of the module that `specifier` names in `from`; undefined for packages and for what does not exist. */
  readonly resolve: (from: string, specifier: string) => string | undefined;
  /** Installed or locked version of a package as seen from a file; undefined where it cannot be told. */
  readonly version: VersionOf;
}

const NOTHING_TYPED: ReadonlyMap<string, FileSummary> = new Map();
const NOT_READ = unknown("this expression is not read");

/** What later revisions go on with. */
class Kept {
  readonly answers = new Answers();
  readonly contexts = new WeakMap<FileSummary, Map<number, FunctionContext>>();
  readonly fields = new WeakMap<ClassSummary, Map<string, Scoped>>();
  readonly meanings = new WeakMap<CallSummary, readonly Meaning[]>();
}

export class Program {
  readonly input: ProgramInput;
  /** The one file that differs from the revision before. */
  readonly own: FileSummary | undefined;
  /** Files that differ from the last whole revision, by path. */
  readonly typed: ReadonlyMap<string, FileSummary>;
  /** The last whole revision, over which this one lies; itself where it is whole. */
  readonly whole: Program;
  readonly gathered: Gathered;
  readonly asking: Asking;
  readonly #kept: Kept;
  /** Of `own`: gone with this revision, so that typing leaves nothing behind. */
  #ownContexts: Map<number, FunctionContext> | undefined;
  readonly #ownFields = new Map<ClassSummary, Map<string, Scoped>>();
  readonly #ownMeanings = new Map<CallSummary, readonly Meaning[]>();
  #providers: readonly Library[] | undefined;
  readonly #views = new WeakMap<CallSummary, CallView>();
  readonly #evaluate = (value: Value, file: FileSummary, env: Env | undefined): Origin =>
    evaluate(this, value, file, env);
  readonly #readType = (type: TypeRef, file: FileSummary): Origin => readType(this, type, file);
  /** Who calls a function; set by the call graph once it is built, so that parameters can be read from callers. */
  callersOf: ((fn: PlacedFunction) => readonly Placed[] | undefined) | undefined;

  constructor(input: ProgramInput, over?: { readonly before: Program; readonly own: FileSummary | undefined }) {
    this.input = input;
    this.own = over?.own;
    this.whole = over ? over.before.whole : this;
    this.typed = !over
      ? NOTHING_TYPED
      : over.own
        ? new Map(over.before.typed).set(over.own.path, over.own)
        : over.before.typed;
    this.gathered = over && !over.own ? over.before.gathered : new Gathered(this);
    // Answers given while what is gathered is not yet whole are not kept.
    this.#kept = over?.own ? over.before.#kept : new Kept();
    this.asking = new Asking(this.#kept.answers, this.own);
    this.callersOf = over?.before.callersOf;
  }

  get files(): ReadonlyMap<string, FileSummary> {
    return this.input.files;
  }

  /** The same workspace with one file changed. Answers about other files are kept: right up to what they say of this one. */
  withFile(summary: FileSummary): Program {
    const files = withEntry(this.input.files, summary.path, summary);
    return new Program({ ...this.input, files }, { before: this, own: summary });
  }

  version(from: string, packageName: string): string | undefined {
    return this.input.version(from, packageName);
  }

  // Values

  /** What a value is; `env` gives the arguments of the calls it is read under. */
  origin(value: Value, file: FileSummary, env?: Env): Origin {
    switch (value.k) {
      case "lit":
        return { k: "lit", v: value.v };
      case "fn":
        return { k: "fn", file, f: value.f };
      case "class":
        return { k: "class", file, c: value.c };
      case "obj":
        return { k: "obj", file, value, env };
      case "unknown":
        return NOT_READ;
      default:
        return this.asking.value(value, file, env, this.#evaluate);
    }
  }

  at(scoped: Scoped): Origin {
    return this.origin(scoped.value, scoped.file, scoped.env);
  }

  /** What a value of this type is. */
  typeOrigin(type: TypeRef, file: FileSummary): Origin {
    return this.asking.type(type, file, this.#readType);
  }

  /** What `this` is inside function `f`: the instance (or, in static members, the class) whose member encloses it. */
  selfOf(file: FileSummary, f: number): Origin {
    return selfIn(this, file, f);
  }

  /** What member `name` of something is. */
  member(of: Origin, name: string, env?: Env, depth = 0): Origin {
    return memberOf(this, of, name, env, depth);
  }

  /** Whether an options-like value has a property, three-valued, through spreads, names, defaults and project functions. */
  property(of: Scoped, name: string, depth = 0): Lookup {
    if (depth > 16 || !this.asking.begin()) return { is: "unknown" };
    try {
      return readProperty(this, of, name, depth);
    } finally {
      this.asking.end();
    }
  }

  /**
   * Whether a value is truthy. An unknown that hangs on a parameter of a project function names it, so that the question
   * can be asked again for each of its callers.
   */
  truth(of: Scoped, depth = 0): Truth {
    if (depth > 20 || !this.asking.begin()) return { is: "unknown" };
    try {
      return readTruth(this, of, depth);
    } finally {
      this.asking.end();
    }
  }

  /** The text of a value, where it is constant. */
  text(of: Scoped): string | undefined {
    return textOf(this, of);
  }

  /** The number a value is, where it is constant: literals, products, named constants. */
  number(of: Scoped): number | undefined {
    const found = this.at(of);
    return found.k === "lit" && typeof found.v === "number" ? found.v : undefined;
  }

  /** `...[router, options]`: an element of a rest parameter is the argument at that place; counted from the end with `args.length - 1`. */
  restArgument(value: Value & { k: "at" }, file: FileSummary, env: Env | undefined): Scoped | undefined {
    return restArgumentOf(value, file, env);
  }

  /** The value assigned to a field of a class by its members, its own constructor first. */
  assignedTo(file: FileSummary, c: number, name: string): (Scoped & { readonly f: number }) | undefined {
    return assignedToField(this, file, c, name);
  }

  /** The values that the members of a class assign to its fields, filled by whoever asks first. */
  fieldsOf(file: FileSummary, cls: ClassSummary, fill: () => Map<string, Scoped>): ReadonlyMap<string, Scoped> {
    const memo = file === this.own ? this.#ownFields : this.#kept.fields;
    let fields = memo.get(cls);
    if (!fields) memo.set(cls, (fields = fill()));
    return fields;
  }

  // Modules

  /** What `name` of a module is. `*` is the namespace, `=` the value of `module.exports`. */
  exported(module: Origin, name: string): Origin {
    return exportedBy(this, module, name);
  }

  /** Where the value of an imported or required name is written: the export it leads to. */
  written(value: Value, file: FileSummary): Scoped | undefined {
    return writtenSite(this, value, file);
  }

  /** The export that a member of a module or namespace leads to. */
  memberSite(value: Value & { k: "get" }, file: FileSummary): Scoped | undefined {
    return memberSiteOf(this, value, file);
  }

  // Calls

  /** What is called. */
  callee(file: FileSummary, c: number, env?: Env): Origin {
    return this.origin(file.calls[c]!.callee, file, env);
  }

  /** The environment of one call of a project function. */
  enter(
    callee: { readonly file: FileSummary; readonly f: number; readonly self?: Origin | undefined },
    call: CallSummary,
    file: FileSummary,
    env: Env | undefined,
  ): Env | undefined {
    return entered(this, callee, call, file, env);
  }

  /** What a function returns, under the arguments of a call where `env` has them. */
  returned(file: FileSummary, f: number, env: Env | undefined): Origin {
    return returnedBy(this, file, f, env);
  }

  /** A call as libraries and rules see it. */
  view(placed: Placed, env?: Env): CallView {
    if (env) return callView(this, placed, env);
    const call = placed.file.calls[placed.c]!;
    const known = this.#views.get(call);
    if (known) return known;
    const view = callView(this, placed, undefined);
    this.#views.set(call, view);
    return view;
  }

  /** What a call means according to the libraries; empty where it means nothing to us. */
  meanings(placed: Placed): readonly Meaning[] {
    const call = placed.file.calls[placed.c]!;
    const memo = this.own === placed.file ? this.#ownMeanings : this.#kept.meanings;
    const known = memo.get(call);
    if (known) return known;
    const found = this.meaningsUnder(placed, undefined);
    memo.set(call, found);
    return found;
  }

  /** The same, read under the arguments of an outer call: what a wrapper's request means for one of its callers. */
  meaningsUnder(placed: Placed, env: Env | undefined): readonly Meaning[] {
    const call = placed.file.calls[placed.c]!;
    const callee = this.callee(placed.file, placed.c, env);
    const found: Meaning[] = [];
    for (const it of callee.k === "any" ? callee.of : [callee]) {
      const meaning = callMeaningOf(it, call.kind, this);
      if (!meaning?.call.meaning) continue;
      const view = callView(this, placed, env, it.k === "method" ? it : it.k === "lib" ? it : undefined);
      const said = meaning.call.meaning(view);
      if (said) found.push(...(isList(said) ? said : [said]));
    }
    return found;
  }

  /** Where a function expression stands: an argument, an initial value, a property. */
  context(file: FileSummary, f: number): FunctionContext | undefined {
    if (file === this.own) return (this.#ownContexts ??= functionContexts(file)).get(f);
    const { contexts } = this.#kept;
    let map = contexts.get(file);
    if (!map) contexts.set(file, (map = functionContexts(file)));
    return map.get(f);
  }

  // The whole workspace

  /** What was put under a token of a library, as seen from the file that asks for it; a class nobody replaced is made. */
  given(library: Library, token: Scoped): Origin | undefined {
    return givenFor(this, library, token);
  }

  /** Classes of the workspace that implement a type or extend a class of a file, directly or through others. */
  subtypes(file: FileSummary, of: ClassSummary | TypeDecl): readonly PlacedClass[] {
    return subtypesOf(this, file, of);
  }

  /** Places that assign to a member with this last name: `axios.defaults.timeout = …` under `timeout`. */
  assignmentsTo(name: string): readonly PlacedAssignment[] {
    return this.gathered.under(assignmentsByName, name);
  }

  /**
   * Calls of a function or member of this name, or of members one of another (`interceptors.request.use`), whatever they
   * are members of: to be looked at closer.
   */
  callsNamed(path: string): readonly Placed[] {
    return this.gathered.callsNamed(path);
  }

  /** Whether what one file sets for everybody holds in another: they run in one process. */
  sharesProcess(setter: FileSummary, user: FileSummary): Answer {
    return this.gathered.sharesProcess(setter, user);
  }

  /** Libraries under whose tokens something may be put here. */
  get providers(): readonly Library[] {
    this.#providers ??= providersAmong(this.files.values(), this.input.libraries);
    return this.#providers;
  }

  /** The same revision asked anew, for what is no part of the question that is open. */
  apart(): Program {
    return new Program(this.input, { before: this, own: undefined });
  }
}

const isList = (said: Meaning | readonly Meaning[]): said is readonly Meaning[] => Array.isArray(said);

export type { Gather } from "./program/gathered.ts";
export { ITERATION_METHODS } from "./program/parameters.ts";
