/** ts-rest's contracts: `initContract().router({ getPost: { method: "GET", path: "/posts/:id" } }, { pathPrefix })`. */
import {
  type Env,
  joinRoute,
  type Lookup,
  type PlacedFunction,
  type Program,
  type Scoped,
} from "../../engine/index.ts";
import { importedName } from "./_calls.ts";
import { functionsOf } from "./_handlers.ts";
import { makingOf } from "./_making.ts";
import { routeTexts } from "./_texts.ts";
import { each } from "./_values.ts";

export interface ContractRoute {
  readonly method: string;
  readonly route: string;
  readonly at: Scoped;
}

interface Part {
  readonly at: Scoped;
  readonly prefix: string;
}

const MAX_DEPTH = 8;

/** The one route that a value names (`contract.posts.get`); undefined for a whole contract. */
export function contractRoute(program: Program, at: Scoped): ContractRoute | undefined {
  const part = partOf(program, at, "", 0);
  return part ? leaf(program, part) : undefined;
}

/** The routes of a contract with the functions that an implementation has for them under the same names. */
export function* contractRoutes(
  program: Program,
  contract: Scoped,
  implementation: Scoped,
): Iterable<ContractRoute & { readonly handlers: readonly PlacedFunction[] }> {
  const whole = partOf(program, contract, "", 0);
  if (whole) yield* paired(program, whole, implementation, 0);
}

function* paired(
  program: Program,
  part: Part,
  implementation: Scoped,
  depth: number,
): Iterable<ContractRoute & { readonly handlers: readonly PlacedFunction[] }> {
  const route = leaf(program, part);
  if (route) {
    yield { ...route, handlers: functionsOf(program, implementation) };
    return;
  }
  for (const of of depth < MAX_DEPTH ? each(program.at(part.at)) : []) {
    if (of.k !== "obj") continue;
    for (const prop of of.value.props) {
      if (!prop.name) continue;
      const inner = partOf(program, { value: prop.value, file: of.file, env: of.env }, part.prefix, 0);
      const own: Lookup = program.property(madeRouter(program, implementation), prop.name);
      if (inner && own.is === "yes") yield* paired(program, inner, own.at, depth + 1);
    }
  }
}

/** `s.router(contract, { … })`: what is implemented. */
function madeRouter(program: Program, at: Scoped): Scoped {
  const made = at.value.k === "obj" ? undefined : makingOf(program, at);
  const call = made?.file.calls[made.c];
  return made && call?.callee.k === "get" && call.callee.name === "router" && call.args[1]
    ? { value: call.args[1], file: made.file, env: made.env as Env | undefined }
    : at;
}

function partOf(program: Program, at: Scoped, prefix: string, depth: number): Part | undefined {
  const { value, file, env } = at;
  if (depth > MAX_DEPTH) return undefined;
  if (value.k === "obj") return { at, prefix };
  if (value.k === "get") {
    const outer = partOf(program, { value: value.of, file, env }, prefix, depth + 1);
    const found = outer ? program.property(outer.at, value.name) : undefined;
    if (outer && found?.is === "yes") return partOf(program, found.at, outer.prefix, depth + 1);
  }
  const made = makingOf(program, at);
  const call = made?.file.calls[made.c];
  if (made && call) {
    const name = importedName(call.callee, made.file);
    const inner = call.args[0];
    if (!inner || !/^(?:router|query|mutation)$/.test(name ?? "")) return undefined;
    const options = call.args[1];
    const given = options ? program.property({ value: options, file: made.file }, "pathPrefix") : undefined;
    const own = (given?.is === "yes" ? routeTexts(program, given.at)?.[0] : undefined) ?? "";
    return partOf(program, { value: inner, file: made.file }, joinRoute(prefix, own), depth + 1);
  }
  for (const of of each(program.at(at)))
    if (of.k === "obj") return { at: { value: of.value, file: of.file, env: of.env }, prefix };
  return undefined;
}

function leaf(program: Program, { at, prefix }: Part): ContractRoute | undefined {
  const text = (name: string): string | undefined => {
    const found = program.property(at, name);
    return found.is === "yes" ? routeTexts(program, found.at)?.[0] : undefined;
  };
  const [method, path] = [text("method"), text("path")];
  return method !== undefined && path !== undefined ? { method, route: joinRoute(prefix, path), at } : undefined;
}
