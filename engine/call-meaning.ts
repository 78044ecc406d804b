/** What calling something means, by the data of the library whose types it speaks of. */
import type { CallMeaning, Library, LibraryType } from "./library.ts";
import type { CallSummary } from "./model.ts";
import type { Origin } from "./origin.ts";
import type { Program } from "./program.ts";

/** The meaning that calling something has, with the library whose types it speaks of. */
export function callMeaningOf(
  callee: Origin,
  kind: CallSummary["kind"],
  program: Program,
): { readonly call: CallMeaning; readonly library: Library } | undefined {
  const isNew = kind === "new";
  if (callee.k === "method") {
    const call = isNew ? (callee.member.construct ?? callee.member.call) : callee.member.call;
    if (call) return { call, library: callee.library };
    if (callee.member.type) return typeCall(callee.library, callee.member.type, isNew, program);
    return undefined;
  }
  if (callee.k === "lib") return typeCall(callee.library, callee.type, isNew, program);
  if (callee.k === "library") {
    const main = callee.library.exports.default;
    if (!main) return undefined;
    const call = isNew ? (main.construct ?? main.call) : main.call;
    if (call) return { call, library: callee.library };
    return main.type ? typeCall(callee.library, main.type, isNew, program) : undefined;
  }
  // A project class that extends a library's: constructing it constructs that.
  if (callee.k === "class" && isNew) {
    const cls = callee.file.classes[callee.c]!;
    if (cls.superClass && cls.ctor === undefined) {
      const base = program.origin(cls.superClass, callee.file);
      if (base.k === "lib" || base.k === "method") return callMeaningOf(base, kind, program);
    }
  }
  return undefined;
}

function typeCall(
  library: Library,
  name: string,
  isNew: boolean,
  program: Program,
): { call: CallMeaning; library: Library } | undefined {
  let at: { library: Library; type: LibraryType } | undefined = name.includes(":")
    ? program.input.libraries.type(name)
    : library.types[name]
      ? { library, type: library.types[name]! }
      : undefined;
  for (let i = 0; at && i < 8; i++) {
    const call: CallMeaning | undefined = isNew ? at.type.construct : at.type.call;
    if (call) return { call, library: at.library };
    const like: string | undefined = at.type.like;
    if (!like) return undefined;
    const own: Library = at.library;
    at = like.includes(":")
      ? program.input.libraries.type(like)
      : own.types[like]
        ? { library: own, type: own.types[like]! }
        : undefined;
  }
  return undefined;
}
