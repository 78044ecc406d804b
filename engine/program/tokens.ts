/** What is handed out under a token: containers, modules, contexts. */

import { callMeaningOf } from "../call-meaning.ts";
import type { Library } from "../library.ts";
import type { FileSummary, Value } from "../model.ts";
import { type LibOrigin, type Origin, type Scoped, union, unknown } from "../origin.ts";
import type { Program } from "../program.ts";
import { nearest, type PlacedProvision, provisionKey, provisionsIn, tokenKey } from "../provisions.ts";
import type { Gather } from "./gathered.ts";

/** So many values under one token are a registry of something else. */
const MAX_PER_TOKEN = 12;

/** What was put under a token of a library, as seen from the file that asks for it; a class nobody replaced is made. */
export function givenFor(program: Program, library: Library, token: Scoped, depth = 0): Origin | undefined {
  const key = tokenKey(program, token);
  if (key === undefined || depth > 4) return undefined;
  const found = givenUnder(program, library, key, token.file, depth);
  if (found || !key.startsWith("class ")) return found;
  const asked = program.at(token);
  return asked.k === "class" ? { k: "instance", file: asked.file, c: asked.c } : undefined;
}

export function givenUnder(
  program: Program,
  library: Library,
  key: string,
  asking: FileSummary | undefined,
  depth: number,
): Origin | undefined {
  const all = program.gathered
    .under(provisions, provisionKey(library.name, key))
    .slice(0, MAX_PER_TOKEN)
    .filter((it) => it.by === undefined || isOf(program, library, program.callee(it.file, it.by)));
  if (all.length === 0) return undefined;
  const found = nearest(all, asking)
    .map((it) => provided(program, library, it, depth))
    .filter((it) => it.k !== "unknown" && it.k !== "param");
  return found.length > 0 ? union(found) : undefined;
}

const provisions: Gather<PlacedProvision> = (program, file, add) => {
  for (const { key, provision } of provisionsIn(program, file)) add(key, provision);
};

function provided(program: Program, library: Library, { as, value, file }: PlacedProvision, depth: number): Origin {
  if (as === "alias")
    return givenFor(program, library, { value, file }, depth + 1) ?? unknown("nothing under that token");
  const origin = program.origin(value, file);
  if (as === "instance" && origin.k === "class") return { k: "instance", file: origin.file, c: origin.c };
  return as === "result" && origin.k === "fn" ? program.returned(origin.file, origin.f, undefined) : origin;
}

function isOf(program: Program, library: Library, callee: Origin): boolean {
  if (callee.k === "any") return callee.of.some((it) => isOf(program, library, it));
  return (callee.k === "method" || callee.k === "lib" || callee.k === "library") && callee.library === library;
}

/** What decorators such as `@inject("db")` put into what they stand on. */
export function injectedBy(program: Program, decorators: readonly Value[], file: FileSummary): Origin | undefined {
  for (const it of decorators) {
    if (it.k !== "call") continue;
    const meaning = callMeaningOf(program.callee(file, it.c), "call", program);
    const token = meaning?.call.gives?.(program.view({ file, c: it.c }));
    const found = token && givenFor(program, meaning!.library, token);
    if (found) return found;
  }
  return undefined;
}

/** A member that is a token by its name: `cradle.users`. */
export function namedToken(program: Program, of: LibOrigin, name: string): Origin | undefined {
  if (!of.library.types[of.type]?.gives) return undefined;
  return givenUnder(program, of.library, `text ${name}`, of.via?.file, 0);
}
