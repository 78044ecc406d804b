/** Values of libraries' types, by their data. */
import type { Library, LibraryType, Member } from "../library.ts";
import { type LibOrigin, type Origin, type Placed, unknown } from "../origin.ts";

import type { Program } from "../program.ts";

/** Links of a builder chain that are followed back. */
const MAX_CHAIN = 60;

export function libraryExport(program: Program, library: Library, name: string): Origin {
  if (name === "*" || name === "=") return { k: "library", library };
  const member = library.exports[name];
  if (member) return memberOrigin(program, library, member, name, undefined);
  if (name === "default") return { k: "library", library };
  // `import axios, { get }` and `require("axios").get` reach members of the default export.
  const fallback = library.exports.default;
  if (fallback?.type) {
    const found = libraryMember(program, { k: "lib", library, type: fallback.type }, name);
    if (found) return found;
  }
  if (library.types[name]) return { k: "lib", library, type: name };
  return { k: "ext", specifier: library.packages[0]!, path: name };
}

export function memberOrigin(
  program: Program,
  library: Library,
  member: Member,
  name: string,
  recv: LibOrigin | undefined,
): Origin {
  if (member.type && !member.call && !member.construct)
    return libOrigin(program, library, member.type, undefined, recv, name);
  return { k: "method", library, member, name, recv };
}

export function libOrigin(
  program: Program,
  library: Library,
  type: string,
  via: Placed | undefined,
  recv: LibOrigin | undefined,
  member?: string,
): Origin {
  if (type.endsWith("[]"))
    return { k: "arrayOf", of: libOrigin(program, library, type.slice(0, -2), via, recv, member) };
  const colon = type.indexOf(":");
  if (colon > 0) {
    const other = program.input.libraries.type(type);
    if (!other) return unknown(`no data for ${type}`);
    return { k: "lib", library: other.library, type: type.slice(colon + 1), via, recv, member };
  }
  return { k: "lib", library, type, via, recv, member };
}

/** A member of a value of a library's type, looked up through `like`. */
export function libraryMember(
  program: Program,
  of: LibOrigin,
  name: string,
  as?: { readonly library: Library; readonly type: string },
): Origin | undefined {
  let library = as?.library ?? of.library;
  let typeName: string | undefined = as?.type ?? of.type;
  for (let i = 0; typeName && i < 8; i++) {
    const colon: number = typeName.indexOf(":");
    if (colon > 0) {
      const other = program.input.libraries.type(typeName);
      if (!other) return undefined;
      library = other.library;
      typeName = typeName.slice(colon + 1);
    }
    const type: LibraryType | undefined = library.types[typeName];
    if (!type) return undefined;
    const own = type.members && Object.hasOwn(type.members, name) ? type.members[name] : undefined;
    const member = own ?? (type.like ? undefined : typeof type.other === "function" ? type.other(name) : type.other);
    if (member) return memberOrigin(program, library, member, name, of);
    if (type.like && type.other) {
      const inherited: Origin | undefined = libraryMember(program, of, name, { library, type: type.like });
      if (inherited) return inherited;
      const other = typeof type.other === "function" ? type.other(name) : type.other;
      return other ? memberOrigin(program, library, other, name, of) : undefined;
    }
    typeName = type.like;
  }
  return undefined;
}

/** The first type argument of the call named `by` on the way to a value. */
export function typeGiven(program: Program, of: LibOrigin, by: string): Origin | undefined {
  let link: LibOrigin | undefined = of;
  for (let i = 0; link && i < MAX_CHAIN; i++, link = link.recv) {
    const call = link.via?.file.calls[link.via.c];
    const type = call?.typeArgs?.[0];
    if (type && (by === "new" ? call.kind === "new" : call.callee.k === "get" && call.callee.name === by))
      return program.typeOrigin(type, link.via!.file);
  }
  return undefined;
}
