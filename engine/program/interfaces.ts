/** Members of declared types: found in the classes and literals that are of the type. */
import type { TypeDecl, TypeRef, Value } from "../model.ts";
import { MAX_UNION, type Origin, type Scoped, union, unknown } from "../origin.ts";
import type { Program } from "../program.ts";
import { classMember } from "./classes.ts";
import { declaredType } from "./declarations.ts";
import { declKey, type Gather } from "./gathered.ts";
import { PASS_THROUGH_TYPES } from "./types.ts";

/** A member of a value of a declared type: of what implements it, else as it is declared. */
export function interfaceMember(program: Program, of: Origin & { k: "type" }, name: string, depth: number): Origin {
  const decl = of.file.types[of.t];
  if (!decl) return unknown("no such type");
  return program.asking.typeMember(decl, of.file, name, () => findInterfaceMember(program, of, decl, name, depth));
}

function findInterfaceMember(
  program: Program,
  of: Origin & { k: "type" },
  decl: TypeDecl,
  name: string,
  depth: number,
): Origin {
  const classes = program.subtypes(of.file, decl);
  const found = classes
    .slice(0, MAX_UNION)
    .map((it) => {
      const member = classMember(program, it.file, it.c, name, false, depth + 1);
      return member.k === "fn" ? { ...member, self: { k: "instance", file: it.file, c: it.c } as Origin } : member;
    })
    .filter((it) => it.k !== "unknown");
  if (found.length > 0) return union(found);
  const objects = program.gathered
    .under(literals, declKey(of.file, decl))
    .slice(0, MAX_UNION)
    .map((it) =>
      program.member({ k: "obj", file: it.file, value: it.value as Value & { k: "obj" } }, name, undefined, depth + 1),
    )
    .filter((it) => it.k === "fn");
  if (objects.length > 0) return union(objects);
  const member = decl.members.find((it) => it.name === name);
  if (member?.type) return program.typeOrigin(member.type, of.file);
  for (const base of decl.extends) {
    const up = program.member(program.typeOrigin(base, of.file), name, undefined, depth + 1);
    if (up.k !== "unknown") return up;
  }
  if (decl.type && decl.type.t !== "object") {
    const through = program.typeOrigin(decl.type, of.file);
    if (through.k !== "type" || through.t !== of.t) return program.member(through, name, undefined, depth + 1);
  }
  return unknown(`no member ${name}`);
}

/** Object literals that are written where a type is asked for: typed names and results of functions. */
const literals: Gather<Scoped> = (program, file, add) => {
  const put = (type: TypeRef | undefined, value: Value | undefined): void => {
    if (type?.t !== "name" || type.b === undefined || value?.k !== "obj") return;
    const declared = declaredType(program, type, file);
    if (declared?.k === "decl") add(declKey(declared.file, declared.decl), { value, file });
  };
  for (const it of file.bindings) if (it.type && it.value?.k === "obj") put(it.type, it.value);
  for (const { returnType, returns } of file.functions) {
    if (!returnType) continue;
    const type =
      returnType.t === "name" && PASS_THROUGH_TYPES.has(returnType.name) && returnType.args?.[0]
        ? returnType.args[0]
        : returnType;
    for (const value of returns) put(type, value);
  }
};
