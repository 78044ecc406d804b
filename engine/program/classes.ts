/** Classes: their members through bases, the fields that members assign, what extends and implements them. */
import type { ClassMember, ClassSummary, FileSummary, TypeDecl, TypeRef, Value } from "../model.ts";
import {
  type Env,
  envFor,
  isAbstract,
  type LibOrigin,
  type Origin,
  type PlacedClass,
  type Scoped,
  union,
  unknown,
} from "../origin.ts";
import type { Program } from "../program.ts";
import { declaredType } from "./declarations.ts";
import { classKey, declKey, type Gather } from "./gathered.ts";
import { libOrigin, libraryMember } from "./library-values.ts";
import { injectedBy } from "./tokens.ts";

/** What `this` is where the frame of the enclosing member says so. */
export function boundSelf(f: number, file: FileSummary, env: Env | undefined): Origin | undefined {
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
export function selfIn(program: Program, file: FileSummary, f: number): Origin {
  for (let i = f; i > 0; ) {
    const fn = file.functions[i]!;
    if (fn.cls !== undefined) return fn.isStatic ? { k: "class", file, c: fn.cls } : { k: "instance", file, c: fn.cls };
    if (fn.kind !== "arrow") {
      const context = program.context(file, i);
      // `{ list() { return this.all() } }`: the literal itself.
      if (context?.kind === "property") return { k: "obj", file, value: context.of };
      return unknown("this of a plain function");
    }
    i = fn.parent;
  }
  return unknown("this of a module");
}

export function instanceMember(program: Program, of: Origin & { k: "instance" }, name: string, depth: number): Origin {
  const own = classMember(program, of.file, of.c, name, false, depth);
  const cls = of.file.classes[of.c]!;
  // An abstract member, or one that a subclass overrides where we hold the abstract class (Nest's `useClass`).
  if (own.k === "unknown" || cls.abstract || isAbstract(own)) {
    const below = subtypesOf(program, of.file, cls)
      .map((it) => classMember(program, it.file, it.c, name, false, depth + 1))
      .filter((it) => it.k !== "unknown" && !isAbstract(it));
    if (below.length > 0) return union(isAbstract(own) || own.k === "unknown" ? below : [own, ...below]);
  }
  return own.k === "fn" ? { ...own, self: of } : own;
}

/** A member of a class or, with `isStatic`, of the class value; looked up through its bases. */
export function classMember(
  program: Program,
  file: FileSummary,
  c: number,
  name: string,
  isStatic: boolean,
  depth: number,
  self?: Origin,
): Origin {
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
      if (fn.kind === "getter") return program.returned(file, member.fn, undefined);
    }
  }
  for (const member of members) {
    const found = fieldOf(program, file, c, member);
    if (found.k !== "unknown") return found;
  }
  const assigned = assignedField(program, file, c, name, isStatic);
  if (assigned) {
    const found = program.at(assigned);
    if (found.k !== "unknown") return found;
  }
  if (members.length > 0) return unknown(`field ${name} is never given a value here`);
  if (!cls.superClass) return unknown(`no member ${name}`);
  const base = baseOf(program, cls.superClass, file);
  const found = baseMember(
    program,
    base,
    name,
    isStatic,
    self ?? { k: isStatic ? "class" : "instance", file, c },
    depth,
  );
  // `extends Repository<User>`: the methods are those of a repository of users.
  if (found.k !== "method" || !found.recv || found.recv.typeArgs || !cls.superArgs) return found;
  const typeArgs = cls.superArgs.map((it) => program.typeOrigin(it, file));
  return { ...found, recv: { ...found.recv, typeArgs } };
}

/** What a class extends; of `mixin(Base)`, of which we do not see what it makes, the class that it adds to. */
function baseOf(program: Program, value: Value, file: FileSummary): Origin {
  const base = program.origin(value, file);
  return base.k === "class" || base.k === "lib" || base.k === "method" || base.k === "any"
    ? base
    : (mixedInto(program, value, file, 0) ?? base);
}

function mixedInto(program: Program, value: Value, file: FileSummary, depth: number): Origin | undefined {
  if (value.k === "ref" && depth < 4) {
    const made = file.bindings[value.b];
    return made?.kind === "const" && made.value ? mixedInto(program, made.value, file, depth + 1) : undefined;
  }
  const call = value.k === "call" ? file.calls[value.c] : undefined;
  if (!call || call.spread !== undefined || depth > 3) return undefined;
  for (const arg of call.args) {
    const found = program.origin(arg, file);
    if (found.k === "class" || (found.k === "lib" && isClassType(found))) return found;
    const inner = mixedInto(program, arg, file, depth + 1);
    if (inner) return inner;
  }
  return undefined;
}

export function baseMember(
  program: Program,
  base: Origin,
  name: string,
  isStatic: boolean,
  self: Origin,
  depth: number,
): Origin {
  if (base.k === "class") return classMember(program, base.file, base.c, name, isStatic, depth + 1, self);
  if (base.k === "lib") {
    if (isStatic) return libraryMember(program, { ...base, self }, name) ?? unknown(`no member ${name}`);
    const type = base.library.types[base.type];
    const returns = type?.construct?.returns;
    const made =
      typeof returns === "string" ? libOrigin(program, base.library, returns, undefined, undefined) : undefined;
    return (made?.k === "lib" && libraryMember(program, { ...made, self }, name)) || unknown(`no member ${name}`);
  }
  if (base.k === "method") {
    const returns = base.member.construct?.returns;
    if (isStatic) {
      if (!base.member.type) return unknown(`no member ${name}`);
      return (
        libraryMember(program, { k: "lib", library: base.library, type: base.member.type, self }, name) ??
        unknown(`no member ${name}`)
      );
    }
    const made =
      typeof returns === "string" ? libOrigin(program, base.library, returns, undefined, undefined) : undefined;
    return (made?.k === "lib" && libraryMember(program, { ...made, self }, name)) || unknown(`no member ${name}`);
  }
  if (base.k === "any")
    return union(
      base.of.map((it) => baseMember(program, it, name, isStatic, self, depth + 1)).filter((it) => it.k !== "unknown"),
    );
  return unknown(base.k === "unknown" ? base.why : "an unknown base class");
}

function fieldOf(program: Program, file: FileSummary, c: number, member: ClassMember): Origin {
  let typed: Origin | undefined;
  if (member.value) {
    const found = program.origin(member.value, file);
    if (found.k !== "unknown" && found.k !== "param" && !(found.k === "lit" && found.v == null)) return found;
    if (found.k === "param") typed = found;
  }
  const injected = member.decorators.length > 0 && !typed ? injectedBy(program, member.decorators, file) : undefined;
  if (injected) return injected;
  if (member.type) {
    const found = program.typeOrigin(member.type, file);
    if (found.k !== "unknown" && !(found.k === "signature" && typed)) {
      // A declared interface says less than what the constructor puts in; both are tried.
      const assigned =
        found.k === "type" || found.k === "shape" || found.k === "signature" || (found.k === "lib" && !found.via)
          ? assignedField(program, file, c, member.name, member.isStatic)
          : undefined;
      if (assigned) {
        const inner = program.at(assigned);
        if (inner.k !== "unknown" && inner.k !== "param" && inner.k !== "type") return inner;
      }
      return found;
    }
  }
  return typed ?? unknown("field without a value");
}

/** The value assigned to `this.name` by a member of the class, the constructor first; to its own name (`Server.instance = …`) for a static field. */
function assignedField(
  program: Program,
  file: FileSummary,
  c: number,
  name: string,
  isStatic = false,
): Scoped | undefined {
  const cls = file.classes[c]!;
  const fields = program.fieldsOf(file, cls, () => {
    const fields = new Map<string, Scoped>();
    for (const it of file.assignments) {
      if (it.target.k !== "get" || (it.value.k === "lit" && it.value.v == null)) continue;
      const { of } = it.target;
      const self = of.k === "this" ? selfIn(program, file, it.fn) : undefined;
      const isOwn = self?.k === "class" ? self.c === c : of.k === "ref" && of.b === cls.binding;
      const key = isOwn
        ? `static ${it.target.name}`
        : self?.k === "instance" && self.c === c
          ? it.target.name
          : undefined;
      if (key !== undefined && !fields.has(key)) fields.set(key, { value: it.value, file });
    }
    return fields;
  });
  return fields.get(isStatic ? `static ${name}` : name);
}

/** Classes of the workspace that implement a type or extend a class, directly or through others. */
export function subtypesOf(program: Program, file: FileSummary, of: ClassSummary | TypeDecl): readonly PlacedClass[] {
  return program.gathered.under(subtypes, "implements" in of ? classKey(file, of) : declKey(file, of));
}

const subtypes: Gather<PlacedClass> = (program, file, add) => {
  file.classes.forEach((cls, c) => {
    if (!cls.superClass && cls.implements.length === 0) return;
    const above = new Set<string>();
    const up = (from: PlacedClass, depth: number): void => {
      if (depth > 8) return;
      const it = from.file.classes[from.c]!;
      for (const ref of it.implements) declaredAncestors(program, ref, from.file, 0, (key) => above.add(key));
      const base = it.superClass && program.origin(it.superClass, from.file);
      if (base?.k !== "class") return;
      above.add(classKey(base.file, base.file.classes[base.c]!));
      up(base, depth + 1);
    };
    up({ file, c }, 0);
    for (const key of above) add(key, { file, c });
  });
};

function declaredAncestors(
  program: Program,
  ref: TypeRef,
  file: FileSummary,
  depth: number,
  add: (key: string) => void,
): void {
  if (depth > 8 || ref.t !== "name") return;
  const declared = declaredType(program, ref, file);
  if (declared?.k === "decl") {
    add(declKey(declared.file, declared.decl));
    for (const base of declared.decl.extends) declaredAncestors(program, base, declared.file, depth + 1, add);
  } else if (declared?.k === "class") {
    add(classKey(declared.file, declared.file.classes[declared.c]!));
  }
}

/** The value assigned to a field of a class by its members, its own constructor first. */
export function assignedToField(
  program: Program,
  file: FileSummary,
  c: number,
  name: string,
): (Scoped & { readonly f: number }) | undefined {
  const found = assignedField(program, file, c, name);
  if (!found) return undefined;
  const it = file.assignments.find((one) => one.value === found.value);
  return it ? { ...found, f: it.fn } : undefined;
}

/** A type whose values are classes: something to extend. */
function isClassType(of: LibOrigin): boolean {
  return of.library.types[of.type]?.construct !== undefined;
}

function isSignature(file: FileSummary, member: ClassMember): boolean {
  if (member.fn === undefined) return false;
  const { bodyAt } = file.functions[member.fn]!;
  return bodyAt[0] === bodyAt[1];
}
