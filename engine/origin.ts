/** What a value is, once its names are followed: plain data, made by the program, judged by rules and frameworks. */
import type { Library, Member } from "./library.ts";
import type { FileSummary, FunctionSummary, TypeMember, TypeRef, Value } from "./model.ts";

/** A call in its file. */
export interface Placed {
  readonly file: FileSummary;
  readonly c: number;
}

/** A function in its file. */
export interface PlacedFunction {
  readonly file: FileSummary;
  readonly f: number;
}

/** A class in its file. */
export interface PlacedClass {
  readonly file: FileSummary;
  readonly c: number;
}

/** A value together with what its names mean: the file it stands in, and the arguments its parameters got, where known. */
export interface Scoped {
  readonly value: Value;
  readonly file: FileSummary;
  readonly env?: Env | undefined;
}

/** Arguments bound to the parameters of one call of a project function. */
export interface Env {
  readonly file: FileSummary;
  readonly f: number;
  readonly args: readonly Value[];
  readonly argsFile: FileSummary;
  readonly argsEnv?: Env | undefined;
  readonly outer?: Env | undefined;
  /** What `this` is in `f`: the class that was really made, where `f` is inherited. */
  readonly self?: Extract<Origin, { readonly k: "instance" }> | undefined;
  /** Only `self` or `item` is known; parameters are not bound. */
  readonly open?: boolean;
  /** The element that stands for any element of a collection (`of`, as written); such a frame has `f` -1. */
  readonly item?: { readonly of: Value; readonly at: Scoped };
}

/** What a value is. Plain, and never thrown: what cannot be told is `unknown` with the reason. */
export type Origin =
  | { readonly k: "unknown"; readonly why: string }
  | { readonly k: "lit"; readonly v: string | number | boolean | null | undefined }
  | { readonly k: "fn"; readonly file: FileSummary; readonly f: number; readonly self?: Origin | undefined }
  | { readonly k: "class"; readonly file: FileSummary; readonly c: number }
  | { readonly k: "instance"; readonly file: FileSummary; readonly c: number; readonly via?: Placed | undefined }
  | {
      readonly k: "obj";
      readonly file: FileSummary;
      readonly value: Value & { readonly k: "obj" };
      readonly env?: Env | undefined;
    }
  | { readonly k: "arr"; readonly items: readonly Scoped[]; readonly open: boolean }
  | { readonly k: "arrayOf"; readonly of: Origin }
  | { readonly k: "module"; readonly file: FileSummary }
  | { readonly k: "library"; readonly library: Library }
  | LibOrigin
  | MethodOrigin
  /** Something of a package we have no data for. */
  | { readonly k: "ext"; readonly specifier: string; readonly path: string }
  | { readonly k: "global"; readonly name: string }
  | {
      readonly k: "param";
      readonly file: FileSummary;
      readonly f: number;
      readonly index: number;
      readonly path: readonly string[];
    }
  /** A value of an interface or object type declared in the project. */
  | { readonly k: "type"; readonly file: FileSummary; readonly t: number }
  | { readonly k: "shape"; readonly file: FileSummary; readonly members: readonly TypeMember[] }
  /** Something of a function type: what it returns is all that is known. `args` are those of the alias that names it. */
  | {
      readonly k: "signature";
      readonly file: FileSummary;
      readonly type: TypeRef & { readonly t: "fn" };
      readonly args?: ReadonlyMap<string, Origin> | undefined;
    }
  | { readonly k: "any"; readonly of: readonly Origin[] };

/** A value of a library's type. */
export interface LibOrigin {
  readonly k: "lib";
  readonly library: Library;
  /** Unqualified name of the type in `library`. */
  readonly type: string;
  /** The call that returned it. */
  readonly via?: Placed | undefined;
  /** What that call was made on: the links of a builder chain. */
  readonly recv?: LibOrigin | undefined;
  /** The member of `recv` it came from: the model of `prisma.user`. */
  readonly member?: string | undefined;
  /** The project class that extends it, or type arguments: a table's model. */
  readonly self?: Origin | undefined;
  readonly typeArgs?: readonly Origin[] | undefined;
}

/** A member of a library that can be called. */
export interface MethodOrigin {
  readonly k: "method";
  readonly library: Library;
  readonly member: Member;
  readonly name: string;
  readonly recv?: LibOrigin | undefined;
}

/** Found, certainly absent, or not to be told (perhaps because it depends on a parameter). */
export type Lookup =
  | { readonly is: "yes"; readonly at: Scoped }
  | { readonly is: "no" }
  | { readonly is: "unknown"; readonly param?: (Origin & { k: "param" }) | undefined };

/** Yes, no or not to be told, perhaps because it hangs on a parameter. */
export interface Truth {
  readonly is: "yes" | "no" | "unknown";
  readonly param?: (Origin & { k: "param" }) | undefined;
}

/** Alternatives of one value that are kept; what lies beyond them is not seen. */
export const MAX_UNION = 64;

export const unknown = (why: string): Origin => ({ k: "unknown", why });

export function envFor(env: Env | undefined, file: FileSummary, f: number): Env | undefined {
  for (let it = env; it; it = it.outer) if (it.f === f && it.file === file) return it;
  return undefined;
}

export function itemFor(env: Env, of: Value): Scoped | undefined {
  for (let it: Env | undefined = env; it; it = it.outer) if (it.item?.of === of) return it.item.at;
  return undefined;
}

export function envDepth(env: Env | undefined): number {
  let depth = 0;
  for (let it = env; it; it = it.outer) depth++;
  return depth;
}

export function withSelf(origin: Origin, recv: LibOrigin | undefined): Origin {
  return origin.k === "lib" && recv?.self && !origin.self ? { ...origin, self: recv.self } : origin;
}

export function withArgs(origin: Origin, typeArgs: readonly Origin[] | undefined): Origin {
  return origin.k === "lib" && typeArgs?.length ? { ...origin, typeArgs } : origin;
}

export function isAbstract(origin: Origin): boolean {
  if (origin.k !== "fn") return false;
  const fn: FunctionSummary = origin.file.functions[origin.f]!;
  return fn.bodyAt[0] === fn.bodyAt[1];
}

export function mentionsParam(origin: Origin): boolean {
  return origin.k === "param" || (origin.k === "any" && origin.of.some(mentionsParam)) || origin.k === "obj";
}

/** One of several; nothing new where all but one are unknown. */
export function union(of: readonly Origin[]): Origin {
  const flat: Origin[] = [];
  for (const it of of)
    for (const one of it.k === "any" ? it.of : [it])
      if (one.k !== "unknown" && flat.length < MAX_UNION && !flat.some((known) => sameOrigin(known, one)))
        flat.push(one);
  if (flat.length === 0) return of[0] ?? unknown("nothing");
  return flat.length === 1 ? flat[0]! : { k: "any", of: flat };
}

export function sameOrigin(a: Origin, b: Origin): boolean {
  if (a === b) return true;
  if (a.k !== b.k) return false;
  if (a.k === "fn" && b.k === "fn") return a.file === b.file && a.f === b.f;
  if ((a.k === "instance" && b.k === "instance") || (a.k === "class" && b.k === "class"))
    return a.file === b.file && a.c === b.c;
  if (a.k === "lit" && b.k === "lit") return a.v === b.v;
  if (a.k === "lib" && b.k === "lib")
    return (
      a.type === b.type &&
      a.library === b.library &&
      a.via?.c === b.via?.c &&
      a.via?.file === b.via?.file &&
      a.member === b.member
    );
  if (a.k === "obj" && b.k === "obj") return a.value === b.value;
  if (a.k === "ext" && b.k === "ext") return a.specifier === b.specifier && a.path === b.path;
  if (a.k === "param" && b.k === "param")
    return a.file === b.file && a.f === b.f && a.index === b.index && a.path.join() === b.path.join();
  if (a.k === "type" && b.k === "type") return a.file === b.file && a.t === b.t;
  if (a.k === "shape" && b.k === "shape") return a.members === b.members;
  if (a.k === "signature" && b.k === "signature") return a.type === b.type && a.args === b.args;
  if (a.k === "method" && b.k === "method")
    return (
      a.member === b.member &&
      a.name === b.name &&
      (a.recv === b.recv || (a.recv !== undefined && b.recv !== undefined && sameOrigin(a.recv, b.recv)))
    );
  if (a.k === "arrayOf" && b.k === "arrayOf") return sameOrigin(a.of, b.of);
  if (a.k === "global" && b.k === "global") return a.name === b.name;
  if (a.k === "module" && b.k === "module") return a.file === b.file;
  if (a.k === "library" && b.k === "library") return a.library === b.library;
  return false;
}
