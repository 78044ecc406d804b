/** What a project adds to values of libraries and to the global object: members assigned, declared, decorated, inherited. */

import type { PlacedDecl } from "../additions.ts";
import type { LibraryType } from "../library.ts";
import type { CallSummary, FileSummary } from "../model.ts";
import { type LibOrigin, type Origin, union } from "../origin.ts";
import type { Program } from "../program.ts";
import { pathKind } from "../side.ts";
import { classMember } from "./classes.ts";
import { declaredAdditions, grownMembers, heldMembers } from "./gathered.ts";
import { typeGiven } from "./library-values.ts";

/** Names that stay what they are, whatever a polyfill or a test puts there. */
const STANDARD_NAMES = new Set(
  "Promise Object Array Map Set WeakMap Symbol JSON Math Date Number String Boolean RegExp Error Reflect Proxy console process Buffer URL URLSearchParams crypto performance fetch Request Response Headers AbortController AbortSignal setTimeout setInterval setImmediate clearTimeout clearInterval queueMicrotask structuredClone window document navigator localStorage sessionStorage".split(
    " ",
  ),
);
/** Assignments to members of one name that are looked through. */
const MAX_ASSIGNED = 40;

/** What the project's class adds to the library's type that it extends: a model's own methods. */
export function ownMember(program: Program, of: LibOrigin, name: string, depth: number): Origin | undefined {
  if (of.self?.k !== "class") return undefined;
  const found = classMember(program, of.self.file, of.self.c, name, false, depth + 1);
  return found.k === "fn" ? { ...found, self: { k: "instance", file: of.self.file, c: of.self.c } } : undefined;
}

/** A member of the type that the project named where the builder chain of this value began. */
export function typedMember(program: Program, of: LibOrigin, name: string, depth: number): Origin | undefined {
  const type = of.library.types[of.type];
  if (type?.typedBy === undefined) return undefined;
  const given = of.typeArgs?.[0] ?? typeGiven(program, of, type.typedBy);
  if (!given) return undefined;
  // `typeof createContext` stands for what the function gives.
  const made = given.k === "fn" ? program.returned(given.file, given.f, undefined) : given;
  const holder = type.typedIn === undefined ? made : program.member(made, type.typedIn, undefined, depth + 1);
  return program.member(holder, name, undefined, depth + 1);
}

/** A member that the project adds to values of a library's type: assigned somewhere, or declared. */
export function addedMember(program: Program, of: LibOrigin, name: string): Origin | undefined {
  return (of.library.types[of.type]?.grows && assignedMember(program, of, name)) || declaredAddition(program, of, name);
}

function assignedMember(program: Program, of: LibOrigin, name: string): Origin | undefined {
  const found: Origin[] = [];
  for (const { file, a } of program.assignmentsTo(name).slice(0, MAX_ASSIGNED)) {
    if (pathKind(file.path)) continue;
    const { target, value } = file.assignments[a]!;
    if (target.k !== "get" || value.k === "lit") continue;
    const owner = program.origin(target.of, file);
    if (owner.k !== "lib" || owner.library !== of.library || owner.type !== of.type) continue;
    const origin = program.origin(value, file);
    if (origin.k !== "unknown" && origin.k !== "param" && origin.k !== "lit") found.push(origin);
  }
  return found.length > 0 ? union(found) : undefined;
}

function declaredAddition(program: Program, of: LibOrigin, name: string): Origin | undefined {
  return memberDeclared(program, program.gathered.under(declaredAdditions, `${of.library.name} ${of.type}`), name);
}

function memberDeclared(program: Program, decls: readonly PlacedDecl[], name: string): Origin | undefined {
  const found: Origin[] = [];
  for (const { file, decl } of decls) {
    const type = decl.members.find((it) => it.name === name)?.type;
    const origin = type && program.typeOrigin(type, file);
    if (origin && origin.k !== "unknown") found.push(origin);
  }
  return found.length > 0 ? union(found) : undefined;
}

/** A name that is free in every module: put on the global object somewhere, or declared to be there. */
export function globalName(program: Program, name: string): Origin {
  if (STANDARD_NAMES.has(name)) return { k: "global", name };
  const found = program
    .assignmentsTo(name)
    .slice(0, MAX_ASSIGNED)
    .filter(({ file, a }) => {
      const { target } = file.assignments[a]!;
      return target.k === "get" && target.of.k === "global" && GLOBAL_OBJECTS.has(target.of.name);
    })
    .map(({ file, a }) => program.origin(file.assignments[a]!.value, file))
    .filter((it) => it.k !== "unknown" && it.k !== "global" && it.k !== "lit");
  if (found.length > 0) return union(found);
  return (
    memberDeclared(program, program.gathered.under(declaredAdditions, "globalThis"), name) ?? { k: "global", name }
  );
}

/** A member that the project gave to all values of a library's type: `fastify.decorate("db", pool)`. */
export function grownMember(program: Program, of: LibOrigin, name: string): Origin | undefined {
  let type: LibraryType | undefined = of.library.types[of.type];
  for (let i = 0; type && !type.grownBy && i < 4; i++) type = type.like ? of.library.types[type.like] : undefined;
  if (!type?.grownBy) return undefined;
  const found = type.grownBy.flatMap((by) => program.gathered.under(grownMembers, `${by} ${name}`));
  const origins = found.map((it) => program.at(it)).filter((it) => it.k !== "unknown" && it.k !== "param");
  return origins.length > 0 ? union(origins) : undefined;
}

/** `schema.statics.byMail = …`: on the model that was made of the schema; on any where only one is so named. */
export function heldMember(program: Program, of: LibOrigin, name: string): Origin | undefined {
  const { grownOn, members }: LibraryType = of.library.types[of.type] ?? {};
  if (!grownOn || (members && Object.hasOwn(members, name))) return undefined;
  const held = grownOn.flatMap((it) => program.gathered.under(heldMembers, `${it} ${name}`));
  if (held.length === 0) return undefined;
  const made = madeOf(program, of);
  const own = held.filter(({ holder }) => {
    const it = program.at(holder);
    return it.k === "lib" && it.via !== undefined && made.has(it.via.file.calls[it.via.c]!);
  });
  const found = (own.length > 0 ? own : held.length === 1 ? held : [])
    .map((it) => program.at(it.value))
    .filter((it) => it.k === "fn");
  return found.length > 0 ? union(found) : undefined;
}

/** The calls that made what a value, and what it came out of, was made of. */
function madeOf(program: Program, of: LibOrigin): ReadonlySet<CallSummary> {
  const found = new Set<CallSummary>();
  let at: LibOrigin | undefined = of;
  for (let i = 0; at && i < 8; i++, at = at.recv) {
    const call: CallSummary | undefined = at.via?.file.calls[at.via.c];
    for (const arg of call?.args ?? []) {
      const given = program.origin(arg, at.via!.file);
      if (given.k === "lib" && given.via) found.add(given.via.file.calls[given.via.c]!);
    }
  }
  return found;
}

/** What a file puts on the global object itself, so that a reload finds it: `globalThis.db ??= connect()`. */
export function keptGlobally(program: Program, object: string, name: string, file: FileSummary): Origin | undefined {
  if (!GLOBAL_OBJECTS.has(object) || program.input.libraries.global(name)) return undefined;
  const found = file.assignments
    .filter((it) => it.target.k === "get" && it.target.name === name)
    .filter((it) => {
      const of = it.target.k === "get" ? program.origin(it.target.of, file) : undefined;
      return of?.k === "global" && GLOBAL_OBJECTS.has(of.name);
    })
    .map((it) => program.origin(it.value, file))
    .filter((it) => it.k !== "unknown" && it.k !== "global" && it.k !== "lit");
  return found.length > 0 ? union(found) : undefined;
}

export const GLOBAL_OBJECTS = new Set(["globalThis", "global", "window", "self"]);
