/** What a value of a type is. */
import type { Library } from "../library.ts";
import type { FileSummary, TypeRef } from "../model.ts";
import { type Origin, union, unknown, withArgs } from "../origin.ts";
import type { Program } from "../program.ts";
import { declaredType, generatedType } from "./declarations.ts";
import { libOrigin } from "./library-values.ts";

export const PASS_THROUGH_TYPES = new Set([
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

export function readType(program: Program, type: TypeRef, file: FileSummary): Origin {
  switch (type.t) {
    case "array":
      return { k: "arrayOf", of: program.typeOrigin(type.of, file) };
    case "union": {
      const of = type.of.map((it) => program.typeOrigin(it, file)).filter((it) => it.k !== "unknown");
      return of.length > 0 ? union(of) : unknown("a union of plain types");
    }
    case "object":
      return { k: "shape", file, members: type.members };
    case "fn":
      return { k: "signature", file, type };
    case "typeof": {
      return program.origin(type.of, file);
    }
    case "index":
      return program.member(program.typeOrigin(type.of, file), type.name);
    case "name": {
      if (PASS_THROUGH_TYPES.has(type.name) && type.b === undefined && type.args?.[0])
        return program.typeOrigin(type.args[0], file);
      if (ARRAY_TYPES.has(type.name) && type.b === undefined && type.args?.[0])
        return { k: "arrayOf", of: program.typeOrigin(type.args[0], file) };
      if (type.name === "InstanceType" && type.args?.[0]) {
        const of = program.typeOrigin(type.args[0], file);
        return of.k === "class" ? { k: "instance", file: of.file, c: of.c } : of;
      }
      if (type.name === "ReturnType" && type.args?.[0]) {
        const of = program.typeOrigin(type.args[0], file);
        return of.k === "fn" ? program.returned(of.file, of.f, undefined) : unknown("a computed type");
      }
      const declared = declaredType(program, type, file) ?? generatedType(program, type);
      if (!declared) return unknown(`type ${type.name}`);
      if (declared.k === "class") return { k: "instance", file: declared.file, c: declared.c };
      if (declared.k === "decl") {
        const { decl } = declared;
        const t = declared.file.types.indexOf(decl);
        if (decl.kind === "interface") return { k: "type", file: declared.file, t };
        if (decl.type?.t === "fn") {
          const args = decl.params && new Map(decl.params.map((it, i) => [it, typeArgument(program, type, i, file)]));
          return { k: "signature", file: declared.file, type: decl.type, args };
        }
        // `type Traced<T> = T & { … }`: what is put in is what comes out, with more.
        const given =
          type.args && decl.kind === "alias" && passesParameter(decl.type)
            ? type.args
                .map((it) => program.typeOrigin(it, file))
                .filter((it) => it.k === "instance" || it.k === "type" || it.k === "lib" || it.k === "obj")
            : [];
        if (decl.type && decl.type.t !== "object") {
          const through = program.typeOrigin(decl.type, declared.file);
          if (through.k !== "unknown" || given.length > 0) return union([...given, through]);
        }
        return { k: "type", file: declared.file, t };
      }
      if (declared.k === "namespace") return { k: "module", file: declared.file };
      return libraryTypeOrigin(program, declared.library, declared.name, type, file);
    }
    default:
      return unknown("a plain type");
  }
}

function typeArgument(program: Program, type: TypeRef & { t: "name" }, index: number, file: FileSummary): Origin {
  const given = type.args?.[index];
  return given ? program.typeOrigin(given, file) : unknown("no type argument");
}

/** What calling something of a function type gives. */
export function signatureResult(program: Program, { type, file, args }: Origin & { k: "signature" }): Origin {
  const read = (it: TypeRef, depth: number): Origin => {
    if (it.t === "name" && it.b === undefined) {
      const given = args?.get(it.name);
      if (given) return given;
      if (PASS_THROUGH_TYPES.has(it.name) && it.args?.[0] && depth < 4) return read(it.args[0], depth + 1);
    }
    return program.typeOrigin(it, file);
  };
  return type.returns ? read(type.returns, 0) : unknown("a function type without a result");
}

/** The function type that a parameter is declared with: read where it is called, as a caller's function says more. */
export function declaredSignature(
  program: Program,
  of: Origin & { k: "param" },
): (Origin & { k: "signature" }) | undefined {
  const type = of.path.length === 0 ? of.file.functions[of.f]?.params[of.index]?.type : undefined;
  const found = type && program.typeOrigin(type, of.file);
  return found?.k === "signature" ? found : undefined;
}

function libraryTypeOrigin(
  program: Program,
  library: Library,
  name: string,
  type: TypeRef & { t: "name" },
  file: FileSummary,
): Origin {
  const typeArgs = type.args?.map((it) => program.typeOrigin(it, file));
  const alias = library.typeNames?.[name];
  const own = typeof alias === "string" ? alias : library.types[name] ? name : undefined;
  if (own) return withArgs(libOrigin(program, library, own, undefined, undefined), typeArgs);
  const member = library.exports[name];
  const construct = member?.construct ?? (member?.type ? library.types[member.type]?.construct : undefined);
  if (typeof construct?.returns === "string")
    return withArgs(libOrigin(program, library, construct.returns, undefined, undefined), typeArgs);
  return unknown(`type ${name} of ${library.name}`);
}

/** Whether a type holds a name that is declared nowhere, its own parameter, as a part of an intersection or union. */
function passesParameter(type: TypeRef | undefined): boolean {
  const isBare = (it: TypeRef): boolean =>
    it.t === "name" && it.b === undefined && !it.args && /^[A-Z]\w{0,12}$/.test(it.name);
  return type?.t === "union" && type.of.some(isBare);
}
