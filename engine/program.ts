/**
 * One revision of the workspace, linked lazily: what a name, a member or the result of a call *is*, across files.
 * Nothing is computed before somebody asks, and an answer about a value is kept as long as its file's summary lives.
 */
import { type Additions, additionsOf, type PlacedDecl } from "./additions.ts";
import { callMeaningOf } from "./call-meaning.ts";
import { type CallView, callView } from "./call-view.ts";
import { type FunctionContext, functionContexts } from "./function-context.ts";
import {
  canonicalSpecifier,
  type Library,
  type LibrarySet,
  type LibraryType,
  type Meaning,
  type Member,
} from "./library.ts";
import type {
  Answer,
  Binding,
  CallSummary,
  ClassMember,
  ClassSummary,
  FileSummary,
  FunctionSummary,
  TypeDecl,
  TypeRef,
  Value,
} from "./model.ts";
import {
  type Env,
  envDepth,
  envFor,
  isAbstract,
  itemFor,
  type LibOrigin,
  type Lookup,
  MAX_UNION,
  mentionsParam,
  type Origin,
  type Placed,
  type PlacedFunction,
  type Scoped,
  type Truth,
  union,
  unknown,
  withArgs,
  withSelf,
} from "./origin.ts";
import { withEntry } from "./overlay.ts";
import { processes, type SharesProcess } from "./process.ts";
import { nearest, type PlacedProvision, type Provisions, provisionKey, provisionsOf, tokenKey } from "./provisions.ts";
import { pathKind } from "./side.ts";

export interface ProgramInput {
  readonly files: ReadonlyMap<string, FileSummary>;
  readonly libraries: LibrarySet;
  /** Workspace path of the module that `specifier` names in `from`; undefined for packages and for what does not exist. */
  readonly resolve: (from: string, specifier: string) => string | undefined;
  /** Installed or locked version of a package as seen from a file; undefined where it cannot be told. */
  readonly version: (from: string, packageName: string) => string | undefined;
}

const TEXT_METHODS = new Set(["toLowerCase", "toUpperCase", "trim", "replace", "split"]);
const MAX_DEPTH = 60;
/** Values read for one question; beyond it the answer is unknown. */
const MAX_STEPS = 2000;
const MAX_ENV = 4;
const GLOBAL_OBJECTS = new Set(["globalThis", "global", "window", "self"]);
/** Names that stay what they are, whatever a polyfill or a test puts there. */
const STANDARD_NAMES = new Set(
  "Promise Object Array Map Set WeakMap Symbol JSON Math Date Number String Boolean RegExp Error Reflect Proxy console process Buffer URL URLSearchParams crypto performance fetch Request Response Headers AbortController AbortSignal setTimeout setInterval setImmediate clearTimeout clearInterval queueMicrotask structuredClone window document navigator localStorage sessionStorage".split(
    " ",
  ),
);
/** Assignments to members of one name that are looked through. */
const MAX_ASSIGNED = 40;
/** Links of a builder chain that are followed back. */
const MAX_CHAIN = 60;
/** Calls that take a function or a class by its name to call it with what they hold. */
const HANDING = new Set(["register", "asFunction", "asClass"]);

const CYCLE = unknown("it refers to itself");
const PASS_THROUGH_TYPES = new Set([
  "Promise",
  "PromiseLike",
  "Awaited",
  "Readonly",
  "Partial",
  "Required",
  "NonNullable",
  "Pick",
  "Omit",
  "DeepPartial",
  "Observable",
  "Loaded",
]);
const ARRAY_TYPES = new Set(["Array", "ReadonlyArray", "Set", "ReadonlySet", "Iterable"]);
/** Callbacks of these get an element of the receiver. */
export const ITERATION_METHODS = new Set([
  "map",
  "forEach",
  "filter",
  "flatMap",
  "some",
  "every",
  "find",
  "findIndex",
  "findLast",
  "reduce",
  "reduceRight",
]);

export class Program {
  readonly input: ProgramInput;
  #memo = new WeakMap<Value, Origin>();
  /** Of the one file that differs from the revision before: gone with this one, so that typing leaves nothing behind. */
  #own:
    | {
        readonly file: FileSummary;
        readonly memo: Map<Value, Origin>;
        readonly meanings: Map<CallSummary, readonly Meaning[]>;
      }
    | undefined;
  #types = new WeakMap<TypeRef, Origin>();
  #members = new WeakMap<TypeDecl, Map<string, Origin>>();
  /** Members of types that are being looked up. */
  readonly #openMembers = new WeakMap<TypeDecl, Map<string, number>>();
  /** What is being read, each with its depth. */
  readonly #active = new Map<Value | TypeRef, number>();
  /**
   * The least depth whose answer was needed, unfinished, for what is being read: whatever lies above it is told again
   * when it is asked alone, whatever is at it or below has its whole answer. -1 where a bound was met.
   */
  #needed = Number.POSITIVE_INFINITY;
  #depth = 0;
  #steps = 0;
  /** Questions within one another; the outermost begins the count of steps. */
  #nesting = 0;
  /** Names whose properties are being read, so that `query = { ...query }` is not followed round. */
  readonly #reading: { readonly of: Binding; readonly name: string; readonly env: Env | undefined }[] = [];
  #assignments: Map<string, { file: FileSummary; a: number }[]> | undefined;
  readonly #open = new Map<Binding, number>();
  /** Kept while one question lasts. */
  readonly #underEnv = new Map<Env, Map<Value, Origin>>();
  readonly #entered = new Map<CallSummary, Env[]>();
  #contexts = new WeakMap<FileSummary, Map<number, FunctionContext>>();
  #fields = new WeakMap<ClassSummary, Map<string, Scoped>>();
  #handed: ReadonlyMap<FunctionSummary, readonly (Placed & { readonly index: number })[]> | undefined;
  #literals: Map<TypeDecl, Scoped[]> | undefined;
  #grown: ReadonlyMap<string, readonly Scoped[]> | undefined;
  #provisions: Provisions | undefined;
  #additions: Additions | undefined;
  #named = new Map<string, readonly Placed[]>();
  #processes: SharesProcess | undefined;
  #subtypes: Map<ClassSummary | TypeDecl, PlacedClass[]> | undefined;
  #meanings = new WeakMap<CallSummary, readonly Meaning[]>();
  #views = new WeakMap<CallSummary, CallView>();
  /** Who calls a function; set by the call graph once it is built, so that parameters can be read from callers. */
  callersOf: ((fn: PlacedFunction) => readonly Placed[] | undefined) | undefined;

  constructor(input: ProgramInput) {
    this.input = input;
  }

  get files(): ReadonlyMap<string, FileSummary> {
    return this.input.files;
  }

  /** The same workspace with one file changed. Answers about other files are kept: right up to what they say of this one. */
  withFile(summary: FileSummary): Program {
    const files = withEntry(this.input.files, summary.path, summary);
    const next = new Program({ ...this.input, files });
    next.#own = { file: summary, memo: new Map(), meanings: new Map() };
    next.#memo = this.#memo;
    next.#types = this.#types;
    next.#members = this.#members;
    next.#contexts = this.#contexts;
    next.#fields = this.#fields;
    next.#subtypes = this.#subtypes;
    next.#grown = this.#grown;
    next.#provisions = this.#provisions;
    next.#additions = this.#additions;
    next.#named = this.#named;
    next.#processes = this.#processes;
    next.#assignments = this.#assignments;
    next.#literals = this.#literals;
    next.#handed = this.#handed;
    next.#meanings = this.#meanings;
    next.callersOf = this.callersOf;
    return next;
  }

  version(from: string, packageName: string): string | undefined {
    return this.input.version(from, packageName);
  }

  // Modules

  /** The file or library an import of `file` names. */
  #target(file: FileSummary, importIndex: number): Origin {
    const it = file.imports[importIndex];
    if (!it) return unknown("no such import");
    const path = this.input.resolve(file.path, it.specifier);
    if (path !== undefined) {
      const target = this.files.get(path);
      return target ? { k: "module", file: target } : unknown(`${it.specifier} is not part of the workspace`);
    }
    const library = this.input.libraries.bySpecifier(it.specifier);
    if (library) return { k: "library", library };
    if (it.specifier.startsWith(".") || it.specifier.startsWith("/"))
      return unknown(`${it.specifier} is not part of the workspace`);
    return { k: "ext", specifier: canonicalSpecifier(it.specifier), path: "*" };
  }

  /** What `name` of a module is. `*` is the namespace, `=` the value of `module.exports`. */
  exported(module: Origin, name: string, seen: Set<string> = new Set()): Origin {
    if (module.k === "library") return this.#libraryExport(module.library, name);
    if (module.k === "ext" || module.k === "unknown") {
      const library = this.input.libraries.generating(name);
      if (library) return this.#libraryExport(library, name);
    }
    if (module.k === "ext") return { k: "ext", specifier: module.specifier, path: name };
    if (module.k !== "module") return module;
    const at = this.#exportSite(module.file, name, seen);
    if (!at) return unknown(`${module.file.path} exports no ${name}`);
    return "value" in at ? this.origin(at.value, at.file) : at;
  }

  /** Follows re-exports to where a name is made. */
  #exportSite(file: FileSummary, name: string, seen: Set<string>): Scoped | Origin | undefined {
    if (name === "*") return { k: "module", file };
    const key = `${file.path}#${name}`;
    if (seen.has(key) || seen.size > 200) return undefined;
    seen.add(key);
    for (const it of file.exports) {
      if (it.name !== name) continue;
      if ("value" in it) {
        // `export { x }` where x is itself imported, or `export const x`.
        return { value: it.value, file };
      }
      const target = this.#target(file, it.import);
      if (target.k !== "module") return this.exported(target, it.imported, seen);
      return (
        this.#exportSite(target.file, it.imported, seen) ?? unknown(`${target.file.path} exports no ${it.imported}`)
      );
    }
    for (const it of file.exports) {
      if (it.name === "=" && "value" in it) {
        if (name === "default" || name === "=") return { value: it.value, file };
        const found = this.property({ value: it.value, file }, name);
        if (found.is === "yes") return found.at;
      }
    }
    for (const it of file.exports) {
      if (it.name !== "*" || "value" in it) continue;
      const target = this.#target(file, it.import);
      if (target.k === "module") {
        const found = this.#exportSite(target.file, name, seen);
        if (found) return found;
      } else if (target.k === "library" || target.k === "ext" || target.k === "unknown") {
        const found = this.exported(target, name, seen);
        if (found.k !== "unknown" && found.k !== "ext") return found;
      }
    }
    return undefined;
  }

  #libraryExport(library: Library, name: string): Origin {
    if (name === "*" || name === "=") return { k: "library", library };
    const member = library.exports[name];
    if (member) return this.#memberOrigin(library, member, name, undefined);
    if (name === "default") return { k: "library", library };
    // `import axios, { get }` and `require("axios").get` reach members of the default export.
    const fallback = library.exports.default;
    if (fallback?.type) {
      const found = this.libraryMember({ k: "lib", library, type: fallback.type }, name);
      if (found) return found;
    }
    if (library.types[name]) return { k: "lib", library, type: name };
    return { k: "ext", specifier: library.packages[0]!, path: name };
  }

  #memberOrigin(library: Library, member: Member, name: string, recv: LibOrigin | undefined): Origin {
    if (member.type && !member.call && !member.construct)
      return this.#libOrigin(library, member.type, undefined, recv, name);
    return { k: "method", library, member, name, recv };
  }

  #libOrigin(
    library: Library,
    type: string,
    via: Placed | undefined,
    recv: LibOrigin | undefined,
    member?: string,
  ): Origin {
    if (type.endsWith("[]"))
      return { k: "arrayOf", of: this.#libOrigin(library, type.slice(0, -2), via, recv, member) };
    const colon = type.indexOf(":");
    if (colon > 0) {
      const other = this.input.libraries.type(type);
      if (!other) return unknown(`no data for ${type}`);
      return { k: "lib", library: other.library, type: type.slice(colon + 1), via, recv, member };
    }
    return { k: "lib", library, type, via, recv, member };
  }

  /** A member of a value of a library's type, looked up through `like`. */
  libraryMember(
    of: LibOrigin,
    name: string,
    as?: { readonly library: Library; readonly type: string },
  ): Origin | undefined {
    let library = as?.library ?? of.library;
    let typeName: string | undefined = as?.type ?? of.type;
    for (let i = 0; typeName && i < 8; i++) {
      const colon: number = typeName.indexOf(":");
      if (colon > 0) {
        const other = this.input.libraries.type(typeName);
        if (!other) return undefined;
        library = other.library;
        typeName = typeName.slice(colon + 1);
      }
      const type: LibraryType | undefined = library.types[typeName];
      if (!type) return undefined;
      const own = type.members && Object.hasOwn(type.members, name) ? type.members[name] : undefined;
      const member = own ?? (type.like ? undefined : typeof type.other === "function" ? type.other(name) : type.other);
      if (member) return this.#memberOrigin(library, member, name, of);
      if (type.like && type.other) {
        const inherited: Origin | undefined = this.libraryMember(of, name, { library, type: type.like });
        if (inherited) return inherited;
        const other = typeof type.other === "function" ? type.other(name) : type.other;
        return other ? this.#memberOrigin(library, other, name, of) : undefined;
      }
      typeName = type.like;
    }
    return undefined;
  }

  /** What the project's class adds to the library's type that it extends: a model's own methods. */
  #ownMember(of: LibOrigin, name: string, depth: number): Origin | undefined {
    if (of.self?.k !== "class") return undefined;
    const found = this.#classMember(of.self.file, of.self.c, name, false, depth + 1);
    return found.k === "fn" ? { ...found, self: { k: "instance", file: of.self.file, c: of.self.c } } : undefined;
  }

  /** A member of the type that the project named where the builder chain of this value began. */
  #typedMember(of: LibOrigin, name: string, depth: number): Origin | undefined {
    const type = of.library.types[of.type];
    if (type?.typedBy === undefined) return undefined;
    const given = of.typeArgs?.[0] ?? this.#typeGiven(of, type.typedBy);
    if (!given) return undefined;
    // `typeof createContext` stands for what the function gives.
    const made = given.k === "fn" ? this.#returned(given.file, given.f, undefined) : given;
    const holder = type.typedIn === undefined ? made : this.member(made, type.typedIn, undefined, depth + 1);
    return this.member(holder, name, undefined, depth + 1);
  }

  /** The first type argument of the call named `by` on the way to a value. */
  #typeGiven(of: LibOrigin, by: string): Origin | undefined {
    let link: LibOrigin | undefined = of;
    for (let i = 0; link && i < MAX_CHAIN; i++, link = link.recv) {
      const call = link.via?.file.calls[link.via.c];
      const type = call?.typeArgs?.[0];
      if (type && (by === "new" ? call.kind === "new" : call.callee.k === "get" && call.callee.name === by))
        return this.typeOrigin(type, link.via!.file);
    }
    return undefined;
  }

  /** A member that the project adds to values of a library's type: assigned somewhere, or declared. */
  #addedMember(of: LibOrigin, name: string): Origin | undefined {
    return (of.library.types[of.type]?.grows && this.#assignedTo(of, name)) || this.#declaredAddition(of, name);
  }

  #assignedTo(of: LibOrigin, name: string): Origin | undefined {
    const found: Origin[] = [];
    for (const { file, a } of this.assignmentsTo(name).slice(0, MAX_ASSIGNED)) {
      if (pathKind(file.path)) continue;
      const { target, value } = file.assignments[a]!;
      if (target.k !== "get" || value.k === "lit") continue;
      const owner = this.origin(target.of, file);
      if (owner.k !== "lib" || owner.library !== of.library || owner.type !== of.type) continue;
      const origin = this.origin(value, file);
      if (origin.k !== "unknown" && origin.k !== "param" && origin.k !== "lit") found.push(origin);
    }
    return found.length > 0 ? union(found) : undefined;
  }

  #declaredAddition(of: LibOrigin, name: string): Origin | undefined {
    this.#additions ??= additionsOf(this.files.values(), this.input.libraries);
    return this.#memberDeclared(this.#additions.get(`${of.library.name} ${of.type}`), name);
  }

  #memberDeclared(decls: readonly PlacedDecl[] | undefined, name: string): Origin | undefined {
    const found: Origin[] = [];
    for (const { file, decl } of decls ?? []) {
      const type = decl.members.find((it) => it.name === name)?.type;
      const origin = type && this.typeOrigin(type, file);
      if (origin && origin.k !== "unknown") found.push(origin);
    }
    return found.length > 0 ? union(found) : undefined;
  }

  /** A name that is free in every module: put on the global object somewhere, or declared to be there. */
  #globalName(name: string): Origin {
    if (STANDARD_NAMES.has(name)) return { k: "global", name };
    const found = this.assignmentsTo(name)
      .slice(0, MAX_ASSIGNED)
      .filter(({ file, a }) => {
        const { target } = file.assignments[a]!;
        return target.k === "get" && target.of.k === "global" && GLOBAL_OBJECTS.has(target.of.name);
      })
      .map(({ file, a }) => this.origin(file.assignments[a]!.value, file))
      .filter((it) => it.k !== "unknown" && it.k !== "global" && it.k !== "lit");
    if (found.length > 0) return union(found);
    this.#additions ??= additionsOf(this.files.values(), this.input.libraries);
    return this.#memberDeclared(this.#additions.get("globalThis"), name) ?? { k: "global", name };
  }

  /** A member that the project gave to all values of a library's type: `fastify.decorate("db", pool)`. */
  #grownMember(of: LibOrigin, name: string): Origin | undefined {
    let type: LibraryType | undefined = of.library.types[of.type];
    for (let i = 0; type && !type.grownBy && i < 4; i++) type = type.like ? of.library.types[type.like] : undefined;
    if (!type?.grownBy) return undefined;
    this.#grown ??= grownMembers(this.files.values());
    const found = type.grownBy.flatMap((by) => this.#grown!.get(`${by} ${name}`) ?? []);
    const origins = found.map((it) => this.at(it)).filter((it) => it.k !== "unknown" && it.k !== "param");
    return origins.length > 0 ? union(origins) : undefined;
  }

  // Tokens

  /** What was put under a token of a library, as seen from the file that asks for it; a class nobody replaced is made. */
  given(library: Library, token: Scoped, depth = 0): Origin | undefined {
    const key = tokenKey(this, token);
    if (key === undefined || depth > 4) return undefined;
    const found = this.#givenUnder(library, key, token.file, depth);
    if (found || !key.startsWith("class ")) return found;
    const asked = this.at(token);
    return asked.k === "class" ? { k: "instance", file: asked.file, c: asked.c } : undefined;
  }

  #givenUnder(library: Library, key: string, asking: FileSummary | undefined, depth: number): Origin | undefined {
    if (!this.#provisions) {
      // Asked for in the middle of another question, and no part of it.
      this.#provisions = new Map();
      const apart = new Program(this.input);
      apart.#provisions = this.#provisions;
      this.#provisions = provisionsOf(apart, this.input.libraries);
    }
    const all = this.#provisions
      .get(provisionKey(library.name, key))
      ?.filter((it) => it.by === undefined || this.#isOf(library, this.callee(it.file, it.by)));
    if (!all) return undefined;
    const found = nearest(all, asking)
      .map((it) => this.#provided(library, it, depth))
      .filter((it) => it.k !== "unknown" && it.k !== "param");
    return found.length > 0 ? union(found) : undefined;
  }

  #provided(library: Library, { as, value, file }: PlacedProvision, depth: number): Origin {
    if (as === "alias") return this.given(library, { value, file }, depth + 1) ?? unknown("nothing under that token");
    const origin = this.origin(value, file);
    if (as === "instance" && origin.k === "class") return { k: "instance", file: origin.file, c: origin.c };
    return as === "result" && origin.k === "fn" ? this.#returned(origin.file, origin.f, undefined) : origin;
  }

  #isOf(library: Library, callee: Origin): boolean {
    if (callee.k === "any") return callee.of.some((it) => this.#isOf(library, it));
    return (callee.k === "method" || callee.k === "lib" || callee.k === "library") && callee.library === library;
  }

  /** What decorators such as `@inject("db")` put into what they stand on. */
  #injected(decorators: readonly Value[], file: FileSummary): Origin | undefined {
    for (const it of decorators) {
      if (it.k !== "call") continue;
      const meaning = callMeaningOf(this.callee(file, it.c), "call", this);
      const token = meaning?.call.gives?.(this.view({ file, c: it.c }));
      const found = token && this.given(meaning!.library, token);
      if (found) return found;
    }
    return undefined;
  }

  /** A member that is a token by its name: `cradle.users`. */
  #namedToken(of: LibOrigin, name: string): Origin | undefined {
    if (!of.library.types[of.type]?.gives) return undefined;
    return this.#givenUnder(of.library, `text ${name}`, of.via?.file, 0);
  }

  /** The export that a member of a module or namespace leads to. */
  memberSite(value: Value & { k: "get" }, file: FileSummary): Scoped | undefined {
    const of = this.origin(value.of, file);
    if (of.k !== "module") return undefined;
    const site = this.#exportSite(of.file, value.name, new Set());
    return site && "value" in site ? site : undefined;
  }

  // Values

  /** What is read under the arguments of calls is kept as long as the question lasts, all else as long as the file. */
  #memoOf(file: FileSummary, env?: Env): Map<Value, Origin> | WeakMap<Value, Origin> {
    if (!env) return this.#own?.file === file ? this.#own.memo : this.#memo;
    let memo = this.#underEnv.get(env);
    if (!memo) this.#underEnv.set(env, (memo = new Map()));
    return memo;
  }

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
        return unknown("this expression is not read");
    }
    const known = this.#memoOf(file, env).get(value);
    if (known) return known;
    const open = this.#active.get(value);
    if (open !== undefined) return this.#cycle(open);
    const isAsked = this.#nesting === 0;
    if (this.#depth > MAX_DEPTH || !this.#begin()) return this.#tooMuch();
    const before = this.#needed;
    const depth = this.#enterDepth();
    this.#active.set(value, depth);
    try {
      const found = this.#evaluate(value, file, env);
      // What ran out of steps for what was asked before it may well be told when it is asked alone.
      if (this.#needed >= depth || (depth === 0 && !env && (isAsked || this.#steps <= MAX_STEPS)))
        this.#memoOf(file, env).set(value, found);
      return found;
    } finally {
      this.#active.delete(value);
      this.#leaveDepth(depth, before);
      this.#nesting--;
    }
  }

  #enterDepth(): number {
    this.#needed = Number.POSITIVE_INFINITY;
    return this.#depth++;
  }

  #leaveDepth(depth: number, before: number): void {
    this.#depth = depth;
    this.#needed = this.#needed >= depth ? before : Math.min(before, this.#needed);
  }

  /** Begins a part of a question. False where the question has had its steps: then nothing was begun. */
  #begin(): boolean {
    if (this.#nesting === 0) {
      this.#steps = 0;
      this.#underEnv.clear();
      this.#entered.clear();
    }
    if (++this.#steps > MAX_STEPS) return false;
    this.#nesting++;
    return true;
  }

  at(scoped: Scoped): Origin {
    return this.origin(scoped.value, scoped.file, scoped.env);
  }

  #cycle(depth: number): Origin {
    this.#needed = Math.min(this.#needed, depth);
    return CYCLE;
  }

  #tooMuch(): Origin {
    this.#needed = -1;
    return unknown("too many steps");
  }

  #evaluate(value: Value, file: FileSummary, env: Env | undefined): Origin {
    switch (value.k) {
      case "ref":
        return this.#binding(value.b, file, env);
      case "global": {
        const found = this.input.libraries.global(value.name);
        return found
          ? this.#memberOrigin(found.library, found.member, value.name, undefined)
          : this.#globalName(value.name);
      }
      case "get":
        return this.#get(value, file, env);
      case "at":
        return this.#at(value, file, env);
      case "call":
        return this.#callResult(value.c, file, env);
      case "arr":
        return { k: "arr", items: value.items.map((it) => ({ value: it, file, env })), open: value.open };
      case "either": {
        if (value.op === "&&") return this.origin(value.b, file, env);
        const a = this.origin(value.a, file, env);
        if (value.op !== "?:" && a.k === "lit" && (a.v === undefined || a.v === null))
          return this.origin(value.b, file, env);
        const b = this.origin(value.b, file, env);
        if (a.k === "global" && value.op !== "?:" && b.k !== "unknown") return b;
        return union([a, b]);
      }
      case "this":
        return (
          this.#boundSelf(value.f, file, env) ??
          (value.c !== undefined ? { k: "instance", file, c: value.c } : this.selfOf(file, value.f))
        );
      case "super": {
        const self = this.selfOf(file, value.f);
        if (self.k !== "instance") return unknown("super");
        const base = self.file.classes[self.c]!.superClass;
        return base ? this.origin(base, self.file) : unknown("no base class");
      }
      case "op":
        return this.#operator(value, file, env);
      case "tpl": {
        const text = this.text({ value, file, env });
        return text !== undefined ? { k: "lit", v: text } : unknown("a computed text");
      }
      default:
        return unknown("this expression is not read");
    }
  }

  #operator(value: Value & { k: "op" }, file: FileSummary, env: Env | undefined): Origin {
    switch (value.op) {
      case "require":
      case "import": {
        const index = (value.args[0] as { v: number }).v;
        const target = this.#target(file, index);
        if (value.op === "require" && target.k === "module") {
          const whole = target.file.exports.find((it) => it.name === "=");
          if (whole && "value" in whole) return this.origin(whole.value, target.file);
        }
        return target;
      }
      case "item": {
        const item = env ? itemFor(env, value.args[0]!) : undefined;
        if (item) return this.at(item);
        const of = this.origin(value.args[0]!, file, env);
        return this.#itemOf(of);
      }
      case "spread":
        return this.origin(value.args[0]!, file, env);
      case "rest":
        return unknown("the rest of an object");
      case "import-computed":
        return unknown("a module named at run time");
      default: {
        const folded = this.#fold(value, file, env);
        return folded === undefined ? unknown(`the result of ${value.op}`) : { k: "lit", v: folded };
      }
    }
  }

  #itemOf(of: Origin): Origin {
    if (of.k === "arrayOf") return of.of;
    if (of.k === "arr" && of.items.length > 0) return union(of.items.slice(0, MAX_UNION).map((it) => this.at(it)));
    return unknown("an element of something unknown");
  }

  #binding(b: number, file: FileSummary, env: Env | undefined): Origin {
    const binding = file.bindings[b];
    if (!binding) return unknown("no such name");
    if (binding.from) {
      const target = this.#target(file, binding.from.import);
      if (binding.from.name === "=" && target.k === "module") {
        const whole = this.#exportSite(target.file, "=", new Set());
        if (whole) return "value" in whole ? this.at(whole) : whole;
        return target;
      }
      if (
        binding.from.name === "default" &&
        target.k === "module" &&
        !target.file.exports.some((it) => it.name === "default" || it.name === "=" || it.name === "*")
      )
        return target;
      return this.exported(target, binding.from.name);
    }
    if (binding.kind === "param") return this.#param(binding, file, env);
    // `query = query.where(…)`: inside what is written to a name, the name is what it was at first.
    const open = this.#open.get(binding);
    if (open !== undefined) return binding.value ? this.origin(binding.value, file, env) : this.#cycle(open);
    const candidates: Origin[] = [];
    if (binding.value) candidates.push(this.origin(binding.value, file, env));
    // A name that starts empty and is filled later (`let client; client = …`, lazy singletons).
    if (binding.writes) {
      this.#open.set(binding, this.#depth);
      for (const it of binding.writes.slice(0, MAX_UNION)) candidates.push(this.origin(it, file, env));
      this.#open.delete(binding);
    }
    const useful = candidates.filter(
      (it) => it.k !== "unknown" && !(it.k === "lit" && (it.v === undefined || it.v === null)),
    );
    // What lies on the global object was put there elsewhere: whatever else is known says more.
    const own = useful.filter((it) => it.k !== "global");
    if (own.length > 0) return union(own);
    if (binding.type) {
      const typed = this.typeOrigin(binding.type, file);
      if (typed.k !== "unknown") return typed;
    }
    return useful[0] ?? candidates[0] ?? unknown(`${binding.name} is never given a value here`);
  }

  #param(binding: Binding, file: FileSummary, env: Env | undefined): Origin {
    const f = binding.fn;
    const index = binding.param!;
    const bound = envFor(env, file, f);
    if (bound && !bound.open) {
      const param = file.functions[f]!.params[index];
      const arg = bound.args[index];
      if (arg && !param?.rest) {
        const given = this.origin(arg, bound.argsFile, bound.argsEnv);
        if (!(given.k === "lit" && given.v === undefined && binding.value)) return given;
      }
      if (binding.value) return this.origin(binding.value, file, env);
      if (!arg && !param?.rest) return { k: "lit", v: undefined };
    }
    const { decorators } = file.functions[f]!.params[index]!;
    const injected = decorators.length > 0 ? this.#injected(decorators, file) : undefined;
    if (injected) return injected;
    if (binding.type) {
      const typed = this.typeOrigin(binding.type, file);
      if (typed.k === "type" || typed.k === "shape") {
        // What a container hands in says more than the interface it is declared with.
        const handed = this.#handedParam(file, f, index);
        if (handed?.k === "lib" && handed.library.types[handed.type]?.gives) return union([handed, typed]);
      }
      if (typed.k !== "unknown" && typed.k !== "signature") return typed;
    }
    const contextual = this.#contextualParam(file, f, index) ?? this.#handedParam(file, f, index);
    if (contextual) return contextual;
    if (binding.value) {
      const fallback = this.origin(binding.value, file, env);
      if (fallback.k !== "unknown" && fallback.k !== "lit") return fallback;
    }
    return { k: "param", file, f, index, path: [] };
  }

  /** The type a parameter has because its function is handed, by name, to a library: `app.register(users)`. */
  #handedParam(file: FileSummary, f: number, index: number): Origin | undefined {
    for (const at of this.#handedTo().get(file.functions[f]!) ?? []) {
      const call = at.file.calls[at.c]!;
      const callee = this.origin(call.callee, at.file);
      for (const it of callee.k === "any" ? callee.of : [callee]) {
        const meaning = callMeaningOf(it, call.kind, this);
        const types = meaning?.call.callbacks?.[at.index];
        if (!types || !meaning) continue;
        // A container that hands in by the names of the parameters.
        const [first] = types;
        const name = file.functions[f]!.params[index]?.name;
        const named =
          name && first && meaning.library.types[first]?.gives
            ? this.#givenUnder(meaning.library, `text ${name}`, at.file, 0)
            : undefined;
        if (named) return named;
        const type = types[index];
        const via = type && meaning.library.types[type]?.gives ? at : undefined;
        if (type) return this.#libOrigin(meaning.library, type, via, it.k === "method" ? it.recv : undefined);
      }
    }
    return undefined;
  }

  /** Functions that stand by name among the arguments of a registration, with those calls. */
  #handedTo(): ReadonlyMap<FunctionSummary, readonly (Placed & { readonly index: number })[]> {
    if (this.#handed) return this.#handed;
    const map = new Map<FunctionSummary, (Placed & { readonly index: number })[]>();
    this.#handed = map;
    for (const file of this.files.values())
      file.calls.forEach((call, c) => {
        const { callee } = call;
        const name = callee.k === "get" ? callee.name : callee.k === "ref" ? file.bindings[callee.b]?.name : undefined;
        if (name === undefined || !HANDING.has(name)) return;
        call.args.forEach((arg, index) => {
          const fn = arg.k === "fn" ? undefined : this.#functionNamed({ value: arg, file }, 0);
          if (!fn) return;
          const known = map.get(fn);
          if (known) known.push({ file, c, index });
          else map.set(fn, [{ file, c, index }]);
        });
      });
    return map;
  }

  /** The function a name stands for, looked up without evaluating anything; a wrapper's first argument counts. */
  #functionNamed({ value, file }: Scoped, depth: number): FunctionSummary | undefined {
    if (depth > 6) return undefined;
    if (value.k === "fn") return file.functions[value.f];
    if (value.k === "class") {
      const { ctor } = file.classes[value.c]!;
      return ctor === undefined ? undefined : file.functions[ctor];
    }
    if (value.k === "op" && (value.op === "import" || value.op === "require")) {
      const from = { import: (value.args[0] as { v: number }).v, name: value.op === "import" ? "default" : "=" };
      const site = this.#importSite(file, from);
      return site ? this.#functionNamed(site, depth + 1) : undefined;
    }
    // `const { List } = require("./list")`
    if (value.k === "get" && value.of.k === "op" && value.of.op === "require") {
      const site = this.#importSite(file, { import: (value.of.args[0] as { v: number }).v, name: value.name });
      return site ? this.#functionNamed(site, depth + 1) : undefined;
    }
    if (value.k === "call" && depth > 0) {
      const first = file.calls[value.c]?.args[0];
      return first ? this.#functionNamed({ value: first, file }, depth + 1) : undefined;
    }
    const binding = value.k === "ref" ? file.bindings[value.b] : undefined;
    if (!binding || binding.kind === "param") return undefined;
    const site = binding.from
      ? this.#importSite(file, binding.from)
      : binding.value
        ? { value: binding.value, file }
        : undefined;
    return site ? this.#functionNamed(site, depth + 1) : undefined;
  }

  /** The type a parameter has because of where its function stands: a callback of a library, a typed constant. */
  #contextualParam(file: FileSummary, f: number, index: number): Origin | undefined {
    const context = this.context(file, f);
    if (!context) return undefined;
    if (context.kind === "argument") {
      const call = file.calls[context.c]!;
      const callee = this.origin(call.callee, file);
      for (const it of callee.k === "any" ? callee.of : [callee]) {
        const meaning = callMeaningOf(it, call.kind, this);
        const type = context.path.length === 0 ? meaning?.call.callbacks?.[context.index]?.[index] : undefined;
        if (type && meaning)
          return this.#libOrigin(
            meaning.library,
            type,
            { file, c: context.c },
            it.k === "method" ? it.recv : undefined,
          );
      }
      if (
        context.path.length === 0 &&
        context.index === 0 &&
        index === 0 &&
        call.callee.k === "get" &&
        ITERATION_METHODS.has(call.callee.name)
      ) {
        const item = this.#itemOf(this.origin(call.callee.of, file));
        if (item.k !== "unknown") return item;
      }
      // `import("./users").then((it) => it.router)`: what was awaited.
      if (
        context.path.length === 0 &&
        context.index === 0 &&
        index === 0 &&
        call.callee.k === "get" &&
        call.callee.name === "then"
      ) {
        const awaited = this.origin(call.callee.of, file);
        if (awaited.k !== "unknown") return awaited;
      }
      return undefined;
    }
    if (context.kind === "typed") return this.#functionTypeParam(context.type, file, index, 0);
    if (context.kind === "binding") {
      const type = file.bindings[context.b]!.type;
      return type ? this.#functionTypeParam(type, file, index, 0) : undefined;
    }
    return undefined;
  }

  #functionTypeParam(type: TypeRef, file: FileSummary, index: number, depth: number): Origin | undefined {
    if (depth > 6) return undefined;
    if (type.t === "fn") {
      const param = type.params[index];
      const found = param ? this.typeOrigin(param, file) : undefined;
      return found && found.k !== "unknown" && found.k !== "signature" ? found : undefined;
    }
    if (type.t !== "name") return undefined;
    const declared = this.#declaredType(type, file);
    if (declared?.k === "library") {
      const named = declared.library.typeNames?.[declared.name];
      if (named && typeof named === "object") {
        const param = named.params[index];
        return param ? this.#libOrigin(declared.library, param, undefined, undefined) : undefined;
      }
      return undefined;
    }
    if (declared?.k === "decl" && declared.decl.kind === "alias" && declared.decl.type)
      return this.#functionTypeParam(declared.decl.type, declared.file, index, depth + 1);
    return undefined;
  }

  /** What `this` is where the frame of the enclosing member says so. */
  #boundSelf(f: number, file: FileSummary, env: Env | undefined): Origin | undefined {
    if (!env) return undefined;
    for (let i = f; i > 0; i = file.functions[i]!.parent) {
      const bound = envFor(env, file, i);
      if (bound?.self) return bound.self;
      const fn = file.functions[i]!;
      if (fn.cls !== undefined || fn.kind !== "arrow") return undefined;
    }
    return undefined;
  }

  /** What `this` is inside function `f`: the instance (or, in static members, the class) whose member encloses it. */
  selfOf(file: FileSummary, f: number): Origin {
    for (let i = f; i > 0; ) {
      const fn = file.functions[i]!;
      if (fn.cls !== undefined)
        return fn.isStatic ? { k: "class", file, c: fn.cls } : { k: "instance", file, c: fn.cls };
      if (fn.kind !== "arrow") {
        const context = this.context(file, i);
        // `{ list() { return this.all() } }`: the literal itself.
        if (context?.kind === "property") return { k: "obj", file, value: context.of };
        return unknown("this of a plain function");
      }
      i = fn.parent;
    }
    return unknown("this of a module");
  }

  #get(value: Value & { k: "get" }, file: FileSummary, env: Env | undefined): Origin {
    if (value.of.k === "super") {
      const self = this.selfOf(file, value.of.f);
      if (self.k !== "instance" && self.k !== "class") return unknown("super");
      const base = self.file.classes[self.c]!.superClass;
      return base
        ? this.#baseMember(this.origin(base, self.file), value.name, self.k === "class", self, 0)
        : unknown("no base class");
    }
    const of = this.origin(value.of, file, env);
    return (of.k === "global" && this.#keptGlobally(of.name, value.name, file)) || this.member(of, value.name, env);
  }

  /** What a file puts on the global object itself, so that a reload finds it: `globalThis.db ??= connect()`. */
  #keptGlobally(object: string, name: string, file: FileSummary): Origin | undefined {
    if (!GLOBAL_OBJECTS.has(object) || this.input.libraries.global(name)) return undefined;
    const found = file.assignments
      .filter((it) => it.target.k === "get" && it.target.name === name)
      .filter((it) => {
        const of = it.target.k === "get" ? this.origin(it.target.of, file) : undefined;
        return of?.k === "global" && GLOBAL_OBJECTS.has(of.name);
      })
      .map((it) => this.origin(it.value, file))
      .filter((it) => it.k !== "unknown" && it.k !== "global" && it.k !== "lit");
    return found.length > 0 ? union(found) : undefined;
  }

  /** What member `name` of something is. */
  member(of: Origin, name: string, env?: Env, depth = 0): Origin {
    if (depth > 12) return unknown("too many steps");
    switch (of.k) {
      case "module": {
        const found = this.exported(of, name);
        if (found.k === "unknown" && name !== "default") {
          // A namespace import of a module that exports one object.
          const whole = this.#exportSite(of.file, "default", new Set());
          if (whole && "value" in whole && of.file.exports.some((it) => it.name === "="))
            return this.member(this.at(whole), name, env, depth + 1);
        }
        return found;
      }
      case "library":
        return this.#libraryExport(of.library, name);
      case "lib":
        return (
          this.libraryMember(of, name) ??
          this.#grownMember(of, name) ??
          this.#ownMember(of, name, depth) ??
          this.#namedToken(of, name) ??
          this.#typedMember(of, name, depth) ??
          this.#addedMember(of, name) ??
          unknown(`${of.type} has no known ${name}`)
        );
      case "ext":
        return { k: "ext", specifier: of.specifier, path: of.path === "*" ? name : `${of.path}.${name}` };
      case "global":
        if (GLOBAL_OBJECTS.has(of.name)) {
          const found = this.input.libraries.global(name);
          return found ? this.#memberOrigin(found.library, found.member, name, undefined) : this.#globalName(name);
        }
        return { k: "global", name: `${of.name}.${name}` };
      case "obj": {
        const found = this.property({ value: of.value, file: of.file, env: of.env }, name);
        if (found.is === "yes") {
          const inner = this.at(found.at);
          if (inner.k !== "fn") return inner;
          return inner.file.functions[inner.f]!.kind === "getter"
            ? this.#returned(inner.file, inner.f, found.at.env)
            : { ...inner, self: of };
        }
        if (found.is === "no")
          return this.#addedExport(of, name) ?? this.#filledMember(of, name) ?? unknown(`no property ${name}`);
        return this.#writtenProperty(of, name, env, depth) ?? unknown(`property ${name} cannot be told`);
      }
      case "instance":
        return this.#instanceMember(of, name, depth);
      case "class":
        return this.#classMember(of.file, of.c, name, true, depth);
      case "type":
        return this.#interfaceMember(of, name, depth);
      case "shape": {
        const member = of.members.find((it) => it.name === name);
        return member?.type ? this.typeOrigin(member.type, of.file) : unknown(`no member ${name}`);
      }
      case "any": {
        const found = of.of.map((it) => this.member(it, name, env, depth + 1)).filter((it) => it.k !== "unknown");
        return found.length > 0 ? union(found) : unknown(`no member ${name}`);
      }
      case "param":
        return of.path.length < 4 ? { ...of, path: [...of.path, name] } : unknown("deep in a parameter");
      case "arr":
      case "arrayOf":
        return unknown("a member of an array");
      case "fn": {
        if (name === "bind" || name === "call" || name === "apply") return of;
        // `handler.schema = …`, and CommonJS functions with members.
        return unknown("a member of a function");
      }
      case "method":
        if (of.member.type) {
          const found = this.libraryMember(
            { k: "lib", library: of.library, type: of.member.type, recv: of.recv },
            name,
          );
          if (found) return found;
        }
        if (name === "bind" || name === "call" || name === "apply") return of;
        return unknown("a member of a method");
      default:
        return unknown(of.k === "unknown" ? of.why : "no members");
    }
  }

  /** `module.exports = { list }; module.exports.one = …`: what is added to the object afterwards. */
  #addedExport(of: Origin & { k: "obj" }, name: string): Origin | undefined {
    const isWhole = of.file.exports.some((it) => it.name === "=" && "value" in it && it.value === of.value);
    const added = isWhole ? of.file.exports.find((it) => it.name === name && "value" in it) : undefined;
    return added && "value" in added ? this.origin(added.value, of.file) : undefined;
  }

  /** What is written under a name that an unknown spread might overwrite, as in `module.exports = { list, ...rest }`. */
  #writtenProperty(of: Origin & { k: "obj" }, name: string, env: Env | undefined, depth: number): Origin | undefined {
    for (const prop of [...of.value.props].reverse()) {
      const found =
        prop.name === name
          ? this.origin(prop.value, of.file, of.env)
          : prop.name === null
            ? this.member(this.origin(prop.value, of.file, of.env), name, env, depth + 1)
            : undefined;
      if (found?.k === "fn") return found.self ? found : { ...found, self: of };
      if (found && found.k !== "unknown" && found.k !== "lit" && found.k !== "param") return found;
    }
    return undefined;
  }

  /** A member of an object that is filled under computed names, `db[model.name] = model`: what it is filled with. */
  #filledMember(of: Origin & { k: "obj" }, name: string): Origin | undefined {
    const b = of.file.bindings.findIndex((it) => it.value === of.value);
    if (b < 0 || of.value.props.length > 0) return undefined;
    const found = of.file.assignments
      .filter(({ target }) => target.k === "at" && target.of.k === "ref" && target.of.b === b)
      .map((it) => this.origin(it.value, of.file))
      .filter((it) => it.k === "lib");
    return found.length > 0 ? union(found.map((it): Origin => ({ ...it, member: name }))) : undefined;
  }

  /** What a module that is loaded by a computed name makes of the client it is given: `require(file)(sequelize, DataTypes)`. */
  #madeByLoaded(call: CallSummary, placed: Placed, env: Env | undefined): Origin | undefined {
    const loaded = call.callee.k === "call" ? placed.file.calls[call.callee.c] : undefined;
    if (loaded?.callee.k !== "global" || loaded.callee.name !== "require") return undefined;
    for (const arg of call.args) {
      const given = this.origin(arg, placed.file, env);
      for (const it of given.k === "any" ? given.of : [given]) {
        const makes = it.k === "lib" ? it.library.types[it.type]?.makes : undefined;
        if (it.k === "lib" && makes) return this.#libOrigin(it.library, makes, placed, undefined);
      }
    }
    return undefined;
  }

  #instanceMember(of: Origin & { k: "instance" }, name: string, depth: number): Origin {
    const own = this.#classMember(of.file, of.c, name, false, depth);
    const cls = of.file.classes[of.c]!;
    // An abstract member, or one that a subclass overrides where we hold the abstract class (Nest's `useClass`).
    if (own.k === "unknown" || cls.abstract || isAbstract(own)) {
      const below = this.subtypes(cls)
        .map((it) => this.#classMember(it.file, it.c, name, false, depth + 1))
        .filter((it) => it.k !== "unknown" && !isAbstract(it));
      if (below.length > 0) return union(isAbstract(own) || own.k === "unknown" ? below : [own, ...below]);
    }
    return own.k === "fn" ? { ...own, self: of } : own;
  }

  /** A member of a class or, with `isStatic`, of the class value; looked up through its bases. */
  #classMember(file: FileSummary, c: number, name: string, isStatic: boolean, depth: number, self?: Origin): Origin {
    if (depth > 12) return unknown("too many base classes");
    const cls = file.classes[c];
    if (!cls) return unknown("no such class");
    const members = cls.members.filter((it) => it.name === name && it.isStatic === isStatic);
    // Overloads come before the one with a body.
    if (members.length > 1) members.sort((a, b) => Number(isSignature(file, a)) - Number(isSignature(file, b)));
    for (const member of members) {
      if (member.fn !== undefined) {
        const fn = file.functions[member.fn]!;
        if (fn.kind === "method") return { k: "fn", file, f: member.fn };
        if (fn.kind === "getter") return this.#returned(file, member.fn, undefined);
      }
    }
    for (const member of members) {
      const found = this.#field(file, c, member);
      if (found.k !== "unknown") return found;
    }
    const assigned = this.#assignedField(file, c, name, isStatic);
    if (assigned) {
      const found = this.at(assigned);
      if (found.k !== "unknown") return found;
    }
    if (members.length > 0) return unknown(`field ${name} is never given a value here`);
    if (!cls.superClass) return unknown(`no member ${name}`);
    const base = this.#baseOf(cls.superClass, file);
    const found = this.#baseMember(
      base,
      name,
      isStatic,
      self ?? { k: isStatic ? "class" : "instance", file, c },
      depth,
    );
    // `extends Repository<User>`: the methods are those of a repository of users.
    if (found.k !== "method" || !found.recv || found.recv.typeArgs || !cls.superArgs) return found;
    const typeArgs = cls.superArgs.map((it) => this.typeOrigin(it, file));
    return { ...found, recv: { ...found.recv, typeArgs } };
  }

  /** What a class extends; of `mixin(Base)`, of which we do not see what it makes, the class that it adds to. */
  #baseOf(value: Value, file: FileSummary): Origin {
    const base = this.origin(value, file);
    return base.k === "class" || base.k === "lib" || base.k === "method" || base.k === "any"
      ? base
      : (this.#mixedInto(value, file, 0) ?? base);
  }

  #mixedInto(value: Value, file: FileSummary, depth: number): Origin | undefined {
    if (value.k === "ref" && depth < 4) {
      const made = file.bindings[value.b];
      return made?.kind === "const" && made.value ? this.#mixedInto(made.value, file, depth + 1) : undefined;
    }
    const call = value.k === "call" ? file.calls[value.c] : undefined;
    if (!call || call.spread !== undefined || depth > 3) return undefined;
    for (const arg of call.args) {
      const found = this.origin(arg, file);
      if (found.k === "class" || (found.k === "lib" && isClassType(found))) return found;
      const inner = this.#mixedInto(arg, file, depth + 1);
      if (inner) return inner;
    }
    return undefined;
  }

  #baseMember(base: Origin, name: string, isStatic: boolean, self: Origin, depth: number): Origin {
    if (base.k === "class") return this.#classMember(base.file, base.c, name, isStatic, depth + 1, self);
    if (base.k === "lib") {
      if (isStatic) return this.libraryMember({ ...base, self }, name) ?? unknown(`no member ${name}`);
      const type = base.library.types[base.type];
      const returns = type?.construct?.returns;
      const made =
        typeof returns === "string" ? this.#libOrigin(base.library, returns, undefined, undefined) : undefined;
      return (made?.k === "lib" && this.libraryMember({ ...made, self }, name)) || unknown(`no member ${name}`);
    }
    if (base.k === "method") {
      const returns = base.member.construct?.returns;
      if (isStatic) {
        if (!base.member.type) return unknown(`no member ${name}`);
        return (
          this.libraryMember({ k: "lib", library: base.library, type: base.member.type, self }, name) ??
          unknown(`no member ${name}`)
        );
      }
      const made =
        typeof returns === "string" ? this.#libOrigin(base.library, returns, undefined, undefined) : undefined;
      return (made?.k === "lib" && this.libraryMember({ ...made, self }, name)) || unknown(`no member ${name}`);
    }
    if (base.k === "any")
      return union(
        base.of.map((it) => this.#baseMember(it, name, isStatic, self, depth + 1)).filter((it) => it.k !== "unknown"),
      );
    return unknown(base.k === "unknown" ? base.why : "an unknown base class");
  }

  #field(file: FileSummary, c: number, member: ClassMember): Origin {
    let typed: Origin | undefined;
    if (member.value) {
      const found = this.origin(member.value, file);
      if (found.k !== "unknown" && found.k !== "param" && !(found.k === "lit" && found.v == null)) return found;
      if (found.k === "param") typed = found;
    }
    const injected = member.decorators.length > 0 && !typed ? this.#injected(member.decorators, file) : undefined;
    if (injected) return injected;
    if (member.type) {
      const found = this.typeOrigin(member.type, file);
      if (found.k !== "unknown" && !(found.k === "signature" && typed)) {
        // A declared interface says less than what the constructor puts in; both are tried.
        const assigned =
          found.k === "type" || found.k === "shape" || found.k === "signature" || (found.k === "lib" && !found.via)
            ? this.#assignedField(file, c, member.name, member.isStatic)
            : undefined;
        if (assigned) {
          const inner = this.at(assigned);
          if (inner.k !== "unknown" && inner.k !== "param" && inner.k !== "type") return inner;
        }
        return found;
      }
    }
    return typed ?? unknown("field without a value");
  }

  /** The value assigned to `this.name` by a member of the class, the constructor first; to its own name (`Server.instance = …`) for a static field. */
  #assignedField(file: FileSummary, c: number, name: string, isStatic = false): Scoped | undefined {
    const cls = file.classes[c]!;
    let fields = this.#fields.get(cls);
    if (!fields) {
      fields = new Map();
      for (const it of file.assignments) {
        if (it.target.k !== "get" || (it.value.k === "lit" && it.value.v == null)) continue;
        const { of } = it.target;
        const self = of.k === "this" ? this.selfOf(file, it.fn) : undefined;
        const isOwn = self?.k === "class" ? self.c === c : of.k === "ref" && of.b === cls.binding;
        const key = isOwn
          ? `static ${it.target.name}`
          : self?.k === "instance" && self.c === c
            ? it.target.name
            : undefined;
        if (key !== undefined && !fields.has(key)) fields.set(key, { value: it.value, file });
      }
      this.#fields.set(cls, fields);
    }
    return fields.get(isStatic ? `static ${name}` : name);
  }

  /** Kept by type and name: an interface of a service is asked for the same few members from everywhere. */
  #interfaceMember(of: Origin & { k: "type" }, name: string, depth: number): Origin {
    const decl = of.file.types[of.t];
    if (!decl) return unknown("no such type");
    let members = this.#members.get(decl);
    const known = members?.get(name);
    if (known) return known;
    // `const next: State = { ...state, done: true }`: a literal of the type that is made of another of the same type.
    const open = this.#openMembers.get(decl) ?? new Map<string, number>();
    const opened = open.get(name);
    if (opened !== undefined) return this.#cycle(opened);
    if (!this.#begin()) return this.#tooMuch();
    const before = this.#needed;
    const at = this.#enterDepth();
    this.#openMembers.set(decl, open.set(name, at));
    try {
      const found = this.#findInterfaceMember(of, decl, name, depth);
      if (this.#needed < at || this.#own?.file === of.file) return found;
      if (!members) this.#members.set(decl, (members = new Map()));
      members.set(name, found);
      return found;
    } finally {
      open.delete(name);
      this.#leaveDepth(at, before);
      this.#nesting--;
    }
  }

  #findInterfaceMember(of: Origin & { k: "type" }, decl: TypeDecl, name: string, depth: number): Origin {
    const classes = this.subtypes(decl);
    const found = classes
      .slice(0, MAX_UNION)
      .map((it) => {
        const member = this.#classMember(it.file, it.c, name, false, depth + 1);
        return member.k === "fn" ? { ...member, self: { k: "instance", file: it.file, c: it.c } as Origin } : member;
      })
      .filter((it) => it.k !== "unknown");
    if (found.length > 0) return union(found);
    const literals = this.#literalsOf(decl)
      .map((it) =>
        this.member({ k: "obj", file: it.file, value: it.value as Value & { k: "obj" } }, name, undefined, depth + 1),
      )
      .filter((it) => it.k === "fn");
    if (literals.length > 0) return union(literals);
    const member = decl.members.find((it) => it.name === name);
    if (member?.type) return this.typeOrigin(member.type, of.file);
    for (const base of decl.extends) {
      const up = this.member(this.typeOrigin(base, of.file), name, undefined, depth + 1);
      if (up.k !== "unknown") return up;
    }
    if (decl.type && decl.type.t !== "object") {
      const through = this.typeOrigin(decl.type, of.file);
      if (through.k !== "type" || through.t !== of.t) return this.member(through, name, undefined, depth + 1);
    }
    return unknown(`no member ${name}`);
  }

  /** Object literals that are written where this type is asked for: typed names and results of functions. */
  #literalsOf(decl: TypeDecl): readonly Scoped[] {
    if (!this.#literals) {
      const index = new Map<TypeDecl, Scoped[]>();
      this.#literals = index;
      const add = (type: TypeRef | undefined, value: Value | undefined, file: FileSummary): void => {
        if (type?.t !== "name" || type.b === undefined || value?.k !== "obj") return;
        const declared = this.#declaredType(type, file);
        if (declared?.k !== "decl") return;
        const known = index.get(declared.decl);
        if (!known) index.set(declared.decl, [{ value, file }]);
        else if (known.length < MAX_UNION) known.push({ value, file });
      };
      for (const file of this.files.values()) {
        for (const it of file.bindings) if (it.type && it.value?.k === "obj") add(it.type, it.value, file);
        for (const it of file.functions) {
          if (!it.returnType) continue;
          const type =
            it.returnType.t === "name" && PASS_THROUGH_TYPES.has(it.returnType.name) && it.returnType.args?.[0]
              ? it.returnType.args[0]
              : it.returnType;
          for (const value of it.returns) add(type, value, file);
        }
      }
    }
    return this.#literals.get(decl) ?? [];
  }

  /** Classes of the workspace that implement a type or extend a class, directly or through others. */
  subtypes(of: ClassSummary | TypeDecl): readonly PlacedClass[] {
    if (!this.#subtypes) {
      const index = new Map<ClassSummary | TypeDecl, PlacedClass[]>();
      this.#subtypes = index;
      const add = (key: ClassSummary | TypeDecl, cls: PlacedClass) => {
        const known = index.get(key);
        if (!known) index.set(key, [cls]);
        else if (!known.some((it) => it.file === cls.file && it.c === cls.c)) known.push(cls);
      };
      const up = (cls: PlacedClass, from: PlacedClass, depth: number): void => {
        if (depth > 8) return;
        const it = from.file.classes[from.c]!;
        for (const ref of it.implements) this.#declaredAncestors(ref, from.file, 0, (key) => add(key, cls));
        if (it.superClass) {
          const base = this.origin(it.superClass, from.file);
          if (base.k === "class") {
            add(base.file.classes[base.c]!, cls);
            up(cls, base, depth + 1);
          }
        }
      };
      for (const file of this.files.values())
        for (let c = 0; c < file.classes.length; c++) {
          const it = file.classes[c]!;
          if (it.superClass || it.implements.length > 0) up({ file, c }, { file, c }, 0);
        }
    }
    return this.#subtypes.get(of) ?? [];
  }

  #declaredAncestors(
    ref: TypeRef,
    file: FileSummary,
    depth: number,
    add: (key: ClassSummary | TypeDecl) => void,
  ): void {
    if (depth > 8 || ref.t !== "name") return;
    const declared = this.#declaredType(ref, file);
    if (declared?.k === "decl") {
      add(declared.decl);
      for (const base of declared.decl.extends) this.#declaredAncestors(base, declared.file, depth + 1, add);
    } else if (declared?.k === "class") {
      add(declared.file.classes[declared.c]!);
    }
  }

  /** `...[router, options]`: an element of a rest parameter is the argument at that place; counted from the end with `args.length - 1`. */
  restArgument(value: Value & { k: "at" }, file: FileSummary, env: Env | undefined): Scoped | undefined {
    const rest = restIndex(value, file);
    const bound = rest ? envFor(env, file, rest.f) : undefined;
    if (!rest || !bound || bound.open) return undefined;
    const arg = bound.args[rest.fromEnd ? bound.args.length - rest.index : rest.index];
    return arg ? { value: arg, file: bound.argsFile, env: bound.argsEnv } : undefined;
  }

  #restItem(value: Value & { k: "at" }, file: FileSummary, env: Env | undefined): Origin | undefined {
    const arg = this.restArgument(value, file, env);
    if (arg) return this.at(arg);
    const rest = restIndex(value, file);
    return rest && !rest.fromEnd ? { k: "param", file, f: rest.f, index: rest.index, path: [] } : undefined;
  }

  #at(value: Value & { k: "at" }, file: FileSummary, env: Env | undefined): Origin {
    const rest = this.#restItem(value, file, env);
    if (rest) return rest;
    const of = this.origin(value.of, file, env);
    const key = this.origin(value.key, file, env);
    if (key.k === "lit" && typeof key.v === "string") return this.member(of, key.v, env);
    if (of.k === "arr" && key.k === "lit" && typeof key.v === "number") {
      const item = of.items[key.v];
      return item ? this.at(item) : unknown("no such element");
    }
    if (of.k === "obj" && of.value.props.length <= MAX_UNION) {
      // `handlers[event.type]`: one of the functions of a table.
      const found = of.value.props
        .flatMap((it) => (it.name === null ? [] : [this.origin(it.value, of.file, of.env)]))
        .filter(
          (it) => it.k === "fn" || it.k === "class" || it.k === "instance" || it.k === "obj" || it.k === "module",
        );
      if (found.length > 0) return union(found);
    }
    if (of.k === "arrayOf") return of.of;
    if (of.k === "lib") {
      // `prisma[model]`: some member, we cannot say which; its type is that of any other member.
      const type = of.library.types[of.type];
      if (type?.other && typeof type.other !== "function") return this.#memberOrigin(of.library, type.other, "", of);
    }
    if (of.k === "param") return { ...of, path: [...of.path, "*"] };
    return unknown("a computed member");
  }

  // Calls

  /** What is called. */
  callee(file: FileSummary, c: number, env?: Env): Origin {
    return this.origin(file.calls[c]!.callee, file, env);
  }

  #callResult(c: number, file: FileSummary, env: Env | undefined): Origin {
    const call = file.calls[c];
    if (!call) return unknown("no such call");
    const callee = this.callee(file, c, env);
    const result = this.#resultOf(callee, call, { file, c }, env, 0);
    return result.k === "unknown" ? (this.#madeByLoaded(call, { file, c }, env) ?? result) : result;
  }

  #resultOf(callee: Origin, call: CallSummary, placed: Placed, env: Env | undefined, depth: number): Origin {
    if (depth > 6) return unknown("too many steps");
    const declared = callee.k === "param" ? this.#declaredSignature(callee) : undefined;
    if (declared) return this.#signatureResult(declared);
    switch (callee.k) {
      case "any":
        return union(callee.of.slice(0, MAX_UNION).map((it) => this.#resultOf(it, call, placed, env, depth + 1)));
      case "class":
        return call.kind === "new"
          ? { k: "instance", file: callee.file, c: callee.c, via: placed }
          : unknown("a class called as a function");
      case "fn": {
        if (
          call.callee.k === "get" &&
          call.callee.name === "bind" &&
          this.#isFunction(call.callee.of, placed.file, env)
        )
          return callee;
        return this.#returned(callee.file, callee.f, this.enter(callee, call, placed.file, env));
      }
      case "lib":
      case "method":
      case "library": {
        if (call.callee.k === "get" && call.callee.name === "bind" && callee.k === "method" && callee.name !== "bind")
          return callee;
        const found = callMeaningOf(callee, call.kind, this);
        if (!found) return unknown(`what ${callee.k === "method" ? callee.name : "this library"} returns is not known`);
        if (found.call.wraps !== undefined) {
          const inner = call.args[found.call.wraps];
          return inner ? this.origin(inner, placed.file, env) : unknown("nothing to wrap");
        }
        const recv = callee.k === "method" ? callee.recv : callee.k === "lib" ? callee : undefined;
        const token = found.call.gives?.(this.view(placed, env));
        const given =
          (token && this.given(found.library, token)) ??
          (token?.value.k === "lit" && recv ? this.#typedMember(recv, String(token.value.v), 0) : undefined) ??
          (found.call.typed && recv ? this.#typeGiven(recv, "new") : undefined);
        if (given && given.k !== "unknown") return given;
        let returns = found.call.returns;
        if (typeof returns === "function") returns = returns(this.view(placed, env));
        if (returns === undefined) return unknown("a plain result");
        if (returns === "this") {
          return recv ? { ...recv, via: placed, recv, member: undefined } : unknown("a plain result");
        }
        return withSelf(this.#libOrigin(found.library, returns, placed, recv), recv);
      }
      case "ext":
        return { k: "ext", specifier: callee.specifier, path: `${callee.path}()` };
      case "signature":
        return this.#signatureResult(callee);
      case "global": {
        if (callee.name === "Promise.all" || callee.name === "Promise.allSettled") {
          const list = call.args[0] ? this.origin(call.args[0], placed.file, env) : undefined;
          return list ?? unknown("nothing awaited");
        }
        if (
          (callee.name === "Promise.resolve" || callee.name === "Object.freeze" || callee.name === "structuredClone") &&
          call.args[0]
        )
          return this.origin(call.args[0], placed.file, env);
        return unknown(`the result of ${callee.name}`);
      }
      default: {
        // `.catch(…)` and `.finally(…)` pass the awaited value on, `.then(…)` what its callback makes of it.
        if (call.callee.k === "get" && (call.callee.name === "catch" || call.callee.name === "finally"))
          return this.origin(call.callee.of, placed.file, env);
        if (call.callee.k === "get" && call.callee.name === "then" && call.args[0]) {
          const made = this.origin(call.args[0], placed.file, env);
          if (made.k === "fn") return this.#returned(made.file, made.f, env);
        }
        return (
          this.#textResult(call, placed.file, env) ??
          unknown(callee.k === "unknown" ? callee.why : "the result of something unknown")
        );
      }
    }
  }

  /** What a method of a known text gives: `"GET /users".split(" ")`, `method.toLowerCase()`. */
  #textResult({ callee, args }: CallSummary, file: FileSummary, env: Env | undefined): Origin | undefined {
    if (callee.k !== "get" || !TEXT_METHODS.has(callee.name)) return undefined;
    const text = this.text({ value: callee.of, file, env });
    const given = args.map((it) => this.text({ value: it, file, env }));
    if (text === undefined || given.some((it) => it === undefined)) return undefined;
    const [a, b] = given as string[];
    switch (callee.name) {
      case "toLowerCase":
        return { k: "lit", v: text.toLowerCase() };
      case "toUpperCase":
        return { k: "lit", v: text.toUpperCase() };
      case "trim":
        return { k: "lit", v: text.trim() };
      case "replace":
        return a === undefined || b === undefined ? undefined : { k: "lit", v: text.replace(a, b) };
      default:
        return a === undefined
          ? undefined
          : { k: "arr", items: text.split(a).map((v) => ({ value: { k: "lit", v }, file })), open: false };
    }
  }

  #isFunction(value: Value, file: FileSummary, env: Env | undefined): boolean {
    const { k } = this.origin(value, file, env);
    return k === "fn" || k === "method";
  }

  /** Places that assign to a member with this last name: `axios.defaults.timeout = …` under `timeout`. */
  assignmentsTo(name: string): readonly { readonly file: FileSummary; readonly a: number }[] {
    this.#assignments ??= this.#indexed((file, add) =>
      file.assignments.forEach((it, a) => {
        if (it.target.k === "get") add(it.target.name, { file, a });
      }),
    );
    return this.#asTyped(this.#assignments.get(name) ?? [], (file) =>
      file.assignments.flatMap((it, a) => (it.target.k === "get" && it.target.name === name ? [{ file, a }] : [])),
    );
  }

  /** Calls of a function or member of this name, whatever it is: to be looked at closer. */
  callsNamed(name: string): readonly Placed[] {
    const inFile = (file: FileSummary): Placed[] =>
      file.calls.flatMap(({ callee }, c) => {
        const own = callee.k === "get" ? callee.name : callee.k === "ref" ? file.bindings[callee.b]?.name : undefined;
        return own === name ? [{ file, c }] : [];
      });
    let known = this.#named.get(name);
    if (!known) this.#named.set(name, (known = [...this.files.values()].flatMap(inFile)));
    return this.#asTyped(known, inFile);
  }

  #indexed<T>(read: (file: FileSummary, add: (key: string, it: T) => void) => void): Map<string, T[]> {
    const index = new Map<string, T[]>();
    const add = (key: string, it: T): void => {
      const known = index.get(key);
      if (known) known.push(it);
      else index.set(key, [it]);
    };
    for (const file of this.files.values()) read(file, add);
    return index;
  }

  /** What an index of the whole revision says, with the file that is being typed read anew. */
  #asTyped<T extends { readonly file: FileSummary }>(
    known: readonly T[],
    read: (file: FileSummary) => T[],
  ): readonly T[] {
    const own = this.#own?.file;
    return own ? [...known.filter((it) => it.file.path !== own.path), ...read(own)] : known;
  }

  /** Whether what one file sets for everybody holds in another: they run in one process. */
  sharesProcess(setter: FileSummary, user: FileSummary): Answer {
    this.#processes ??= processes(this.files, this.input.resolve);
    return this.#processes(setter, user);
  }

  /** The environment of one call of a project function. */
  enter(
    callee: { readonly file: FileSummary; readonly f: number; readonly self?: Origin | undefined },
    call: CallSummary,
    file: FileSummary,
    env: Env | undefined,
  ): Env | undefined {
    if (envDepth(env) >= MAX_ENV) return undefined;
    if (call.spread !== undefined) return undefined;
    const self = callee.self?.k === "instance" ? callee.self : undefined;
    // The same call entered twice for one question is one environment, so that what is read under it is read once.
    const known = this.#entered.get(call);
    const same = known?.find(
      (it) =>
        it.file === callee.file &&
        it.f === callee.f &&
        it.outer === env &&
        it.self?.file === self?.file &&
        it.self?.c === self?.c &&
        it.self?.via === self?.via,
    );
    if (same) return same;
    const entered = {
      file: callee.file,
      f: callee.f,
      args: call.args,
      argsFile: file,
      argsEnv: env,
      outer: env,
      self,
    };
    if (known) known.push(entered);
    else this.#entered.set(call, [entered]);
    return entered;
  }

  /** What a function returns; read once without arguments, and with them where the answer depends on them. */
  #returned(file: FileSummary, f: number, env: Env | undefined): Origin {
    const fn = file.functions[f];
    if (!fn) return unknown("no such function");
    const read = (under: Env | undefined): Origin => {
      const found = fn.returns
        .map((it) => this.origin(it, file, under))
        .filter((it) => it.k !== "unknown" && !(it.k === "lit" && it.v == null));
      return found.length > 0 ? union(found) : unknown("its results are not known");
    };
    let result = read(undefined);
    if (env && (result.k === "unknown" || mentionsParam(result))) {
      const closer = read(env);
      if (closer.k !== "unknown") result = closer;
    }
    if (env && result.k === "unknown" && fn.returnType) {
      const given = this.#genericResult(fn, file, f, fn.returnType, env);
      if (given) return given;
    }
    if ((result.k === "unknown" || result.k === "param" || result.k === "obj") && fn.returnType) {
      const typed = this.typeOrigin(fn.returnType, file);
      if (typed.k !== "unknown" && !(result.k === "obj" && typed.k !== "instance")) return typed;
    }
    return result;
  }

  /** `remember<T>(name: string, make: () => T): T`: what the argument is or returns, where the body cannot be followed. */
  #genericResult(fn: FunctionSummary, file: FileSummary, f: number, returnType: TypeRef, env: Env): Origin | undefined {
    const bare = (type: TypeRef | undefined): string | undefined => {
      if (type?.t !== "name") return undefined;
      if (PASS_THROUGH_TYPES.has(type.name) && type.args?.[0]) return bare(type.args[0]);
      return type.b === undefined && !type.args ? type.name : undefined;
    };
    const wanted = bare(returnType);
    const bound = wanted !== undefined ? envFor(env, file, f) : undefined;
    if (!bound) return undefined;
    for (const [index, param] of fn.params.entries()) {
      const arg = bound.args[index];
      if (!arg || !param.type) continue;
      const given = () => this.origin(arg, bound.argsFile, bound.argsEnv);
      if (bare(param.type) === wanted) return given();
      if (param.type.t === "fn" && bare(param.type.returns) === wanted) {
        const made = given();
        return made.k === "fn" ? this.#returned(made.file, made.f, undefined) : undefined;
      }
    }
    return undefined;
  }

  // Types

  /** What a value of this type is. */
  typeOrigin(type: TypeRef, file: FileSummary): Origin {
    const known = this.#types.get(type);
    if (known) return known;
    const open = this.#active.get(type);
    if (open !== undefined) return this.#cycle(open);
    if (this.#depth > MAX_DEPTH || !this.#begin()) return this.#tooMuch();
    const before = this.#needed;
    const depth = this.#enterDepth();
    this.#active.set(type, depth);
    try {
      const found = this.#readType(type, file);
      if (this.#needed >= depth) this.#types.set(type, found);
      return found;
    } finally {
      this.#active.delete(type);
      this.#leaveDepth(depth, before);
      this.#nesting--;
    }
  }

  #readType(type: TypeRef, file: FileSummary): Origin {
    switch (type.t) {
      case "array":
        return { k: "arrayOf", of: this.typeOrigin(type.of, file) };
      case "union": {
        const of = type.of.map((it) => this.typeOrigin(it, file)).filter((it) => it.k !== "unknown");
        return of.length > 0 ? union(of) : unknown("a union of plain types");
      }
      case "object":
        return { k: "shape", file, members: type.members };
      case "fn":
        return { k: "signature", file, type };
      case "typeof": {
        return this.origin(type.of, file);
      }
      case "index":
        return this.member(this.typeOrigin(type.of, file), type.name);
      case "name": {
        if (PASS_THROUGH_TYPES.has(type.name) && type.b === undefined && type.args?.[0])
          return this.typeOrigin(type.args[0], file);
        if (ARRAY_TYPES.has(type.name) && type.b === undefined && type.args?.[0])
          return { k: "arrayOf", of: this.typeOrigin(type.args[0], file) };
        if (type.name === "InstanceType" && type.args?.[0]) {
          const of = this.typeOrigin(type.args[0], file);
          return of.k === "class" ? { k: "instance", file: of.file, c: of.c } : of;
        }
        if (type.name === "ReturnType" && type.args?.[0]) {
          const of = this.typeOrigin(type.args[0], file);
          return of.k === "fn" ? this.#returned(of.file, of.f, undefined) : unknown("a computed type");
        }
        const declared = this.#declaredType(type, file) ?? this.#generatedType(type);
        if (!declared) return unknown(`type ${type.name}`);
        if (declared.k === "class") return { k: "instance", file: declared.file, c: declared.c };
        if (declared.k === "decl") {
          const { decl } = declared;
          const t = declared.file.types.indexOf(decl);
          if (decl.kind === "interface") return { k: "type", file: declared.file, t };
          if (decl.type?.t === "fn") {
            const args = decl.params && new Map(decl.params.map((it, i) => [it, this.#typeArgument(type, i, file)]));
            return { k: "signature", file: declared.file, type: decl.type, args };
          }
          // `type Traced<T> = T & { … }`: what is put in is what comes out, with more.
          const given =
            type.args && decl.kind === "alias" && passesParameter(decl.type)
              ? type.args
                  .map((it) => this.typeOrigin(it, file))
                  .filter((it) => it.k === "instance" || it.k === "type" || it.k === "lib" || it.k === "obj")
              : [];
          if (decl.type && decl.type.t !== "object") {
            const through = this.typeOrigin(decl.type, declared.file);
            if (through.k !== "unknown" || given.length > 0) return union([...given, through]);
          }
          return { k: "type", file: declared.file, t };
        }
        if (declared.k === "namespace") return { k: "module", file: declared.file };
        return this.#libraryTypeOrigin(declared.library, declared.name, type, file);
      }
      default:
        return unknown("a plain type");
    }
  }

  #typeArgument(type: TypeRef & { t: "name" }, index: number, file: FileSummary): Origin {
    const given = type.args?.[index];
    return given ? this.typeOrigin(given, file) : unknown("no type argument");
  }

  /** What calling something of a function type gives. */
  #signatureResult({ type, file, args }: Origin & { k: "signature" }): Origin {
    const read = (it: TypeRef, depth: number): Origin => {
      if (it.t === "name" && it.b === undefined) {
        const given = args?.get(it.name);
        if (given) return given;
        if (PASS_THROUGH_TYPES.has(it.name) && it.args?.[0] && depth < 4) return read(it.args[0], depth + 1);
      }
      return this.typeOrigin(it, file);
    };
    return type.returns ? read(type.returns, 0) : unknown("a function type without a result");
  }

  /** The function type that a parameter is declared with: read where it is called, as a caller's function says more. */
  #declaredSignature(of: Origin & { k: "param" }): (Origin & { k: "signature" }) | undefined {
    const type = of.path.length === 0 ? of.file.functions[of.f]?.params[of.index]?.type : undefined;
    const found = type && this.typeOrigin(type, of.file);
    return found?.k === "signature" ? found : undefined;
  }

  #libraryTypeOrigin(library: Library, name: string, type: TypeRef & { t: "name" }, file: FileSummary): Origin {
    const typeArgs = type.args?.map((it) => this.typeOrigin(it, file));
    const alias = library.typeNames?.[name];
    const own = typeof alias === "string" ? alias : library.types[name] ? name : undefined;
    if (own) return withArgs(this.#libOrigin(library, own, undefined, undefined), typeArgs);
    const member = library.exports[name];
    const construct = member?.construct ?? (member?.type ? library.types[member.type]?.construct : undefined);
    if (typeof construct?.returns === "string")
      return withArgs(this.#libOrigin(library, construct.returns, undefined, undefined), typeArgs);
    return unknown(`type ${name} of ${library.name}`);
  }

  /** A type that the project only hands on from generated code, as `Prisma.TransactionClient` out of a namespace of its own. */
  #generatedType(type: TypeRef & { t: "name" }): DeclaredType | undefined {
    const library = this.input.libraries.generating(type.name.split(".")[0]!);
    return library && { k: "library", library, name: type.name };
  }

  /** Where a type name is declared: a class, a type of the project, or a library's. */
  #declaredType(type: TypeRef & { t: "name" }, file: FileSummary): DeclaredType | undefined {
    if (type.b === undefined) return undefined;
    const [head, ...rest] = type.name.split(".");
    const found = this.#declaredBinding(type.b, file, new Set());
    if (!found || rest.length === 0) return found;
    // `Prisma.TransactionClient`, `Knex.QueryBuilder`, `express.Router`.
    const name = rest.join(".");
    if (found.k === "library")
      return {
        k: "library",
        library: found.library,
        name:
          found.name === "*" || found.name === "default" || found.name === "="
            ? name
            : qualifiedName(found.library, found.name, name),
      };
    if (found.k === "namespace") return this.#declaredExport({ k: "module", file: found.file }, name, new Set());
    return head ? undefined : undefined;
  }

  #declaredBinding(b: number, file: FileSummary, seen: Set<string>): DeclaredType | undefined {
    const binding = file.bindings[b];
    if (!binding) return undefined;
    if (binding.from) return this.#declaredExport(this.#target(file, binding.from.import), binding.from.name, seen);
    if (binding.kind === "type") {
      const decl = file.types.find((it) => it.binding === b);
      return decl ? { k: "decl", file, decl } : undefined;
    }
    const value = binding.value;
    if (value?.k === "class") return { k: "class", file, c: value.c };
    const decl = file.types.find((it) => it.binding === b);
    if (decl) return { k: "decl", file, decl };
    return undefined;
  }

  #declaredExport(module: Origin, name: string, seen: Set<string>): DeclaredType | undefined {
    if (module.k === "library") return { k: "library", library: module.library, name };
    if (module.k === "ext" || module.k === "unknown") {
      const library = this.input.libraries.generating(name);
      return library && { k: "library", library, name };
    }
    if (module.k !== "module") return undefined;
    const { file } = module;
    if (name === "*") return { k: "namespace", file };
    const key = `${file.path}#${name}`;
    if (seen.has(key) || seen.size > 200) return undefined;
    seen.add(key);
    for (const it of file.exports) {
      if (it.name !== name) continue;
      if (!("value" in it)) return this.#declaredExport(this.#target(file, it.import), it.imported, seen);
      if (it.value.k === "class") return { k: "class", file, c: it.value.c };
      if (it.value.k === "ref") return this.#declaredBinding(it.value.b, file, seen);
    }
    for (const it of file.exports) {
      if (it.name !== "*" || "value" in it) continue;
      const found = this.#declaredExport(this.#target(file, it.import), name, seen);
      // A library is taken to have any name; of several modules passed on whole it is asked whether it does.
      if (found && (found.k !== "library" || hasType(found.library, name))) return found;
    }
    return undefined;
  }

  // Properties, texts and numbers

  /** Whether an options-like value has a property, three-valued, through spreads, names, defaults and project functions. */
  property(of: Scoped, name: string, depth = 0): Lookup {
    if (depth > 16 || !this.#begin()) return { is: "unknown" };
    try {
      return this.#readProperty(of, name, depth);
    } finally {
      this.#nesting--;
    }
  }

  #readProperty(of: Scoped, name: string, depth: number): Lookup {
    const { value, file, env } = of;
    switch (value.k) {
      case "lit":
        return value.v === undefined || value.v === null ? { is: "no" } : { is: "unknown" };
      case "obj": {
        let doubt: Lookup | undefined;
        for (let i = value.props.length - 1; i >= 0; i--) {
          const prop = value.props[i]!;
          if (prop.name === name) return doubt ?? { is: "yes", at: { value: prop.value, file, env } };
          if (prop.name === null) {
            const inner = this.property({ value: prop.value, file, env }, name, depth + 1);
            if (inner.is === "yes") return doubt ?? inner;
            if (inner.is === "unknown") doubt ??= inner;
          } else if (prop.computed) doubt ??= { is: "unknown" };
        }
        return doubt ?? { is: "no" };
      }
      case "either": {
        if (value.op === "&&") {
          const b = this.property({ value: value.b, file, env }, name, depth + 1);
          return b.is === "no" ? b : { is: "unknown", ...(b.is === "unknown" ? { param: b.param } : {}) };
        }
        const a = this.property({ value: value.a, file, env }, name, depth + 1);
        const b = this.property({ value: value.b, file, env }, name, depth + 1);
        if (a.is === b.is) return a;
        return a.is === "unknown" ? a : b.is === "unknown" ? b : { is: "unknown" };
      }
      case "ref": {
        const binding = file.bindings[value.b];
        if (!binding) return { is: "unknown" };
        for (const it of file.assignments)
          if (
            it.target.k === "get" &&
            it.target.name === name &&
            it.target.of.k === "ref" &&
            it.target.of.b === value.b
          )
            return { is: "yes", at: { value: it.value, file, env } };
        if (binding.kind === "param") return this.#paramProperty(binding, of, name, depth);
        if (binding.from) {
          const site = this.#importSite(file, binding.from);
          return site ? this.property(site, name, depth + 1) : { is: "unknown" };
        }
        if (binding.writes?.length) return this.#writtenBinding(binding, of, name, depth);
        return binding.value && (binding.kind !== "item" || env)
          ? this.property({ value: binding.value, file, env }, name, depth + 1)
          : { is: "unknown" };
      }
      case "call": {
        const call = file.calls[value.c]!;
        const callee = this.callee(file, value.c, env);
        if (callee.k === "global" && callee.name === "Object.assign") {
          let doubt: Lookup | undefined;
          for (let i = call.args.length - 1; i >= 0; i--) {
            const inner = this.property({ value: call.args[i]!, file, env }, name, depth + 1);
            if (inner.is === "yes") return doubt ?? inner;
            if (inner.is === "unknown") doubt ??= inner;
          }
          return doubt ?? { is: "no" };
        }
        if (
          callee.k === "global" &&
          (callee.name === "Object.freeze" || callee.name === "structuredClone") &&
          call.args[0]
        )
          return this.property({ value: call.args[0], file, env }, name, depth + 1);
        if (callee.k === "fn") {
          const inner = this.enter(callee, call, file, env);
          const fn = callee.file.functions[callee.f]!;
          if (fn.returns.length === 0 || fn.returns.length > 6) return { is: "unknown" };
          const answers = fn.returns.map((it) =>
            this.property({ value: it, file: callee.file, env: inner }, name, depth + 2),
          );
          return answers.every((it) => it.is === answers[0]!.is) ? answers[0]! : { is: "unknown" };
        }
        return { is: "unknown" };
      }
      case "get": {
        const inner = this.property({ value: value.of, file, env }, value.name, depth + 1);
        if (inner.is === "yes") return this.property(inner.at, name, depth + 1);
        if (inner.is === "no") return { is: "no" };
        const found = this.origin(value, file, env);
        if (found.k === "obj")
          return this.property({ value: found.value, file: found.file, env: found.env }, name, depth + 1);
        return { is: "unknown", param: found.k === "param" ? found : inner.param };
      }
      case "op":
        if (value.op === "item" && env) {
          const item = itemFor(env, value.args[0]!);
          return item ? this.property(item, name, depth + 1) : { is: "unknown" };
        }
        // The rest of a pattern: all that was not taken out by name.
        if (value.op === "rest" && value.args[0]) {
          if (value.args.slice(1).some((it) => it.k === "lit" && it.v === name)) return { is: "no" };
          return this.property({ value: value.args[0], file, env }, name, depth + 1);
        }
        return { is: "unknown" };
      case "at": {
        const found = this.origin(value, file, env);
        return found.k === "obj"
          ? this.property({ value: found.value, file: found.file, env: found.env }, name, depth + 1)
          : { is: "unknown" };
      }
      default:
        return { is: "unknown" };
    }
  }

  /** The property of a name that is written to more than once: certain where all that it can be agree. */
  #writtenBinding(binding: Binding, { file, env }: Scoped, name: string, depth: number): Lookup {
    if (this.#reading.some((it) => it.of === binding && it.name === name && it.env === env)) return { is: "unknown" };
    this.#reading.push({ of: binding, name, env });
    try {
      const { live } = this.#liveWrites(binding, file, env, depth + 1);
      let first: Lookup | undefined;
      for (const it of [...(binding.value ? [binding.value] : []), ...live]) {
        const answer = this.property({ value: it, file, env }, name, depth + 1);
        if (first && answer.is !== first.is) return { is: "unknown" };
        first ??= answer;
      }
      return first ?? { is: "no" };
    } finally {
      this.#reading.pop();
    }
  }

  /** Where the value of an imported or required name is written: the export it leads to. */
  written(value: Value, file: FileSummary): Scoped | undefined {
    if (value.k === "op" && value.op === "require")
      return this.#importSite(file, { import: (value.args[0] as { v: number }).v, name: "=" });
    const from = value.k === "ref" ? file.bindings[value.b]?.from : undefined;
    return from ? this.#importSite(file, from) : undefined;
  }

  /** The value assigned to a field of a class by its members, its own constructor first. */
  assignedTo(file: FileSummary, c: number, name: string): (Scoped & { readonly f: number }) | undefined {
    const found = this.#assignedField(file, c, name);
    if (!found) return undefined;
    const it = file.assignments.find((one) => one.value === found.value);
    return it ? { ...found, f: it.fn } : undefined;
  }

  #importSite(file: FileSummary, from: { import: number; name: string }): Scoped | undefined {
    const target = this.#target(file, from.import);
    if (target.k !== "module") return undefined;
    const site = this.#exportSite(target.file, from.name, new Set());
    return site && "value" in site ? site : undefined;
  }

  #paramProperty(binding: Binding, of: Scoped, name: string, depth: number): Lookup {
    const { file, env } = of;
    const bound = envFor(env, file, binding.fn);
    const param: Origin & { k: "param" } = { k: "param", file, f: binding.fn, index: binding.param!, path: [] };
    if (!bound || bound.open) return { is: "unknown", param };
    const arg = bound.args[binding.param!];
    if (arg) {
      const inner = this.property({ value: arg, file: bound.argsFile, env: bound.argsEnv }, name, depth + 1);
      if (inner.is !== "no" || !binding.value || !isNothing(arg)) return inner;
    }
    return binding.value ? this.property({ value: binding.value, file, env }, name, depth + 1) : { is: "no" };
  }

  /** What is written to a name, without the writes in branches that are certainly not taken. */
  #liveWrites(
    binding: Binding,
    file: FileSummary,
    env: Env | undefined,
    depth: number,
  ): {
    readonly live: readonly Value[];
    readonly certain: boolean;
    readonly param?: (Origin & { k: "param" }) | undefined;
  } {
    const live: Value[] = [];
    let certain = true;
    let param: (Origin & { k: "param" }) | undefined;
    binding.writes?.forEach((value, i) => {
      let taken: Truth = { is: "yes" };
      for (let b = binding.writesIn?.[i] ?? -1; b >= 0; b = file.branches[b]!.parent ?? -1) {
        const branch = file.branches[b]!;
        const at = spanOf(value);
        const inElse = branch.elseAt && at && branch.elseAt[0] <= at[0] && at[1] <= branch.elseAt[1];
        const test = this.truth({ value: branch.test, file, env }, depth + 1);
        const here: Truth = inElse ? negated(test) : test;
        taken = both(taken, here);
      }
      if (taken.is === "no") return;
      live.push(value);
      if (taken.is === "unknown") {
        certain = false;
        param ??= taken.param;
      }
    });
    return { live, certain, param };
  }

  /**
   * Whether a value is truthy. An unknown that hangs on a parameter of a project function names it, so that the question
   * can be asked again for each of its callers.
   */
  truth(of: Scoped, depth = 0): Truth {
    if (depth > 20 || !this.#begin()) return { is: "unknown" };
    try {
      return this.#readTruth(of, depth);
    } finally {
      this.#nesting--;
    }
  }

  #readTruth(of: Scoped, depth: number): Truth {
    const { value, file, env } = of;
    const inner = (it: Value): Truth => this.truth({ value: it, file, env }, depth + 1);
    switch (value.k) {
      case "lit":
        return { is: value.v ? "yes" : "no" };
      case "obj":
      case "arr":
      case "fn":
      case "class":
        return { is: "yes" };
      case "either": {
        if (value.op === "&&") return both(inner(value.a), inner(value.b));
        const a = inner(value.a);
        if (value.op === "?:") {
          const test: Truth = value.test ? inner(value.test) : { is: "unknown" };
          if (test.is === "yes") return a;
          const b = inner(value.b);
          if (test.is === "no") return b;
          return a.is === b.is ? a : { is: "unknown", param: test.param ?? a.param ?? b.param };
        }
        if (a.is === "yes") return a;
        const b = inner(value.b);
        if (b.is === "yes") return b;
        if (a.is === "no") return b;
        return { is: "unknown", param: a.param ?? b.param };
      }
      case "op":
        if (value.op === "!" && value.args[0]) return negated(inner(value.args[0]));
        return this.#truthOfOrigin(of);
      case "ref": {
        const binding = file.bindings[value.b];
        if (!binding || binding.kind === "param" || binding.from || binding.kind === "item")
          return this.#truthOfOrigin(of);
        if (!binding.writes?.length) return binding.value ? inner(binding.value) : this.#truthOfOrigin(of);
        const { live, certain, param } = this.#liveWrites(binding, file, env, depth + 1);
        const initial = binding.value ? inner(binding.value) : ({ is: "no" } as Truth);
        if (live.length === 0) return initial;
        const written = live.map(inner);
        if (written.every((it) => it.is === "yes") && (certain || initial.is === "yes")) return { is: "yes" };
        if (written.every((it) => it.is === "no") && initial.is === "no") return { is: "no" };
        return { is: "unknown", param: param ?? written.find((it) => it.param)?.param ?? initial.param };
      }
      case "get": {
        const found = this.property({ value: value.of, file, env }, value.name, depth + 1);
        if (found.is === "yes") return this.truth(found.at, depth + 1);
        if (found.is === "no") {
          // Absent from an object that is plainly there; of anything else we only know that nobody wrote it down.
          const base = this.origin(value.of, file, env);
          const isPlain = (it: Origin): boolean =>
            it.k === "obj" ||
            it.k === "lit" ||
            it.k === "unknown" ||
            it.k === "param" ||
            (it.k === "any" && it.of.every(isPlain));
          return isPlain(base) ? { is: "no" } : this.#truthOfOrigin(of);
        }
        const base = inner(value.of);
        if (base.is === "no") return base;
        const own = this.#truthOfOrigin(of);
        const through =
          found.param && found.param.path.length < 4
            ? { ...found.param, path: [...found.param.path, value.name] }
            : found.param;
        if (own.is === "unknown") return { is: "unknown", param: own.param ?? through ?? base.param };
        return own;
      }
      case "call":
        return file.calls[value.c]?.kind === "new" ? { is: "yes" } : this.#truthOfOrigin(of);
      case "this":
      case "super":
        return { is: "yes" };
      default:
        return this.#truthOfOrigin(of);
    }
  }

  #truthOfOrigin(of: Scoped): Truth {
    const found = this.at(of);
    if (found.k === "lit") return { is: found.v ? "yes" : "no" };
    if (found.k === "param") return { is: "unknown", param: found };
    if (found.k === "any") {
      const each = found.of.map(
        (it): Truth =>
          it.k === "lit"
            ? { is: it.v ? "yes" : "no" }
            : it.k === "param"
              ? { is: "unknown", param: it }
              : { is: "unknown" },
      );
      return each.every((it) => it.is === each[0]!.is)
        ? each[0]!
        : { is: "unknown", param: each.find((it) => it.param)?.param };
    }
    if (/^(unknown|ext|global|type|shape|signature)$/.test(found.k)) return { is: "unknown" };
    return { is: "yes" };
  }

  /** The text of a value, where it is constant. */
  text(of: Scoped, depth = 0): string | undefined {
    const { value, file, env } = of;
    if (depth > 10) return undefined;
    if (value.k === "lit") return value.v === undefined ? undefined : String(value.v);
    if (value.k === "tpl") {
      let text = value.strings[0]!;
      for (let i = 0; i < value.values.length; i++) {
        const part = this.text({ value: value.values[i]!, file, env }, depth + 1);
        if (part === undefined) return undefined;
        text += part + value.strings[i + 1]!;
      }
      return text;
    }
    if (value.k === "op" && value.op === "+") {
      const parts = value.args.map((it) => this.text({ value: it, file, env }, depth + 1));
      return parts.some((it) => it === undefined) ? undefined : parts.join("");
    }
    if (value.k === "ref" || value.k === "get" || value.k === "at" || value.k === "either" || value.k === "call") {
      const found = this.origin(value, file, env);
      return found.k === "lit" && found.v !== undefined && found.v !== null ? String(found.v) : undefined;
    }
    return undefined;
  }

  /** The number a value is, where it is constant: literals, products, named constants. */
  number(of: Scoped): number | undefined {
    const found = this.at(of);
    if (found.k !== "lit") return undefined;
    if (typeof found.v === "number") return found.v;
    return undefined;
  }

  #fold(value: Value & { k: "op" }, file: FileSummary, env: Env | undefined): number | string | boolean | undefined {
    const args = value.args.map((it) => {
      const found = this.origin(it, file, env);
      return found.k === "lit" ? found.v : undefined;
    });
    const [a, b] = args;
    if (value.op === "+" && typeof a === "string" && typeof b === "string") return a + b;
    if (typeof a !== "number" || typeof b !== "number") return undefined;
    switch (value.op) {
      case "+":
        return a + b;
      case "-":
        return a - b;
      case "*":
        return a * b;
      case "/":
        return b === 0 ? undefined : a / b;
      case "**":
        return a ** b;
      default:
        return undefined;
    }
  }

  // Functions in context

  /** Where a function expression stands: an argument, an initial value, a property. */
  context(file: FileSummary, f: number): FunctionContext | undefined {
    let map = this.#contexts.get(file);
    if (!map) {
      map = functionContexts(file);
      this.#contexts.set(file, map);
    }
    return map.get(f);
  }

  // Meanings

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
    const memo = this.#own?.file === placed.file ? this.#own.meanings : this.#meanings;
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
      if (said) found.push(said);
    }
    return found;
  }
}

export interface PlacedClass {
  readonly file: FileSummary;
  readonly c: number;
}

type DeclaredType =
  | { readonly k: "class"; readonly file: FileSummary; readonly c: number }
  | { readonly k: "decl"; readonly file: FileSummary; readonly decl: TypeDecl }
  | { readonly k: "namespace"; readonly file: FileSummary }
  | { readonly k: "library"; readonly library: Library; readonly name: string };

/** Second arguments of calls such as `decorate("name", value)`, by method and name. */
function grownMembers(files: Iterable<FileSummary>): ReadonlyMap<string, readonly Scoped[]> {
  const map = new Map<string, Scoped[]>();
  for (const file of files)
    for (const { callee, args } of file.calls) {
      const [name, value] = args;
      if (callee.k !== "get" || !callee.name.startsWith("decorate") || name?.k !== "lit" || !value || value.k === "lit")
        continue;
      const key = `${callee.name} ${String(name.v)}`;
      const known = map.get(key);
      if (known) known.push({ value, file });
      else map.set(key, [{ value, file }]);
    }
  return map;
}

/** A type whose values are classes: something to extend. */
function isClassType(of: LibOrigin): boolean {
  return of.library.types[of.type]?.construct !== undefined;
}

/** Whether a type holds a name that is declared nowhere, its own parameter, as a part of an intersection or union. */
function passesParameter(type: TypeRef | undefined): boolean {
  const isBare = (it: TypeRef): boolean =>
    it.t === "name" && it.b === undefined && !it.args && /^[A-Z]\w{0,12}$/.test(it.name);
  return type?.t === "union" && type.of.some(isBare);
}

function qualifiedName(library: Library, head: string, name: string): string {
  const dotted = `${head}.${name}`;
  return library.types[dotted] || library.typeNames?.[dotted] ? dotted : name;
}

/** Which argument of its function an element of a rest parameter is. */
function restIndex(
  { of, key }: Value & { k: "at" },
  file: FileSummary,
): { readonly f: number; readonly index: number; readonly fromEnd: boolean } | undefined {
  const binding = of.k === "ref" ? file.bindings[of.b] : undefined;
  if (of.k !== "ref" || binding?.kind !== "param" || binding.param === undefined) return undefined;
  if (!file.functions[binding.fn]?.params[binding.param]?.rest) return undefined;
  if (key.k === "lit" && typeof key.v === "number")
    return { f: binding.fn, index: binding.param + key.v, fromEnd: false };
  const [length, by] = key.k === "op" && key.op === "-" ? key.args : [];
  return length?.k === "get" &&
    length.name === "length" &&
    length.of.k === "ref" &&
    length.of.b === of.b &&
    by?.k === "lit" &&
    typeof by.v === "number"
    ? { f: binding.fn, index: by.v, fromEnd: true }
    : undefined;
}

function negated(it: Truth): Truth {
  return it.is === "unknown" ? it : { is: it.is === "yes" ? "no" : "yes" };
}

function both(a: Truth, b: Truth): Truth {
  if (a.is === "no" || b.is === "no") return { is: "no" };
  if (a.is === "yes") return b;
  return a.is === "unknown" && b.is === "unknown" && !a.param ? b : a;
}

/** Where a value was written, for those that keep it. */
function spanOf(value: Value): readonly [number, number] | undefined {
  return "at" in value ? (value.at as readonly [number, number] | undefined) : undefined;
}

function isNothing(value: Value): boolean {
  return value.k === "lit" && value.v === undefined;
}

function isSignature(file: FileSummary, member: ClassMember): boolean {
  if (member.fn === undefined) return false;
  const { bodyAt } = file.functions[member.fn]!;
  return bodyAt[0] === bodyAt[1];
}

function hasType(library: Library, name: string): boolean {
  return (
    Object.hasOwn(library.types, name) ||
    Object.hasOwn(library.exports, name) ||
    Object.hasOwn(library.typeNames ?? {}, name)
  );
}
