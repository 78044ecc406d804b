/** What a parameter is: an argument, what a container hands in, what its place says, its type. */
import { callMeaningOf } from "../call-meaning.ts";
import type { Binding, FileSummary, TypeRef } from "../model.ts";
import { type Env, envFor, type Origin, type Placed, type PlacedFunction, type Scoped, union } from "../origin.ts";
import type { Program } from "../program.ts";
import { declaredType } from "./declarations.ts";
import { functionKey, type Gather } from "./gathered.ts";
import { libOrigin } from "./library-values.ts";
import { elementOf } from "./members.ts";
import { importSite } from "./modules.ts";
import { givenUnder, injectedBy } from "./tokens.ts";

/** Calls that take a function or a class by its name to call it with what they hold. */
const HANDING = new Set(["register", "asFunction", "asClass"]);
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

export function passedTo(program: Program, binding: Binding, file: FileSummary, env: Env | undefined): Origin {
  const f = binding.fn;
  const index = binding.param!;
  const bound = envFor(env, file, f);
  if (bound && !bound.open) {
    const param = file.functions[f]!.params[index];
    const arg = bound.args[index];
    if (arg && !param?.rest) {
      const given = program.origin(arg, bound.argsFile, bound.argsEnv);
      if (!(given.k === "lit" && given.v === undefined && binding.value)) return given;
    }
    if (binding.value) return program.origin(binding.value, file, env);
    if (!arg && !param?.rest) return { k: "lit", v: undefined };
  }
  const { decorators } = file.functions[f]!.params[index]!;
  const injected = decorators.length > 0 ? injectedBy(program, decorators, file) : undefined;
  if (injected) return injected;
  if (binding.type) {
    const typed = program.typeOrigin(binding.type, file);
    if (typed.k === "type" || typed.k === "shape") {
      // What a container hands in says more than the interface it is declared with.
      const handed = handedParam(program, file, f, index);
      if (handed?.k === "lib" && handed.library.types[handed.type]?.gives) return union([handed, typed]);
    }
    if (typed.k !== "unknown" && typed.k !== "signature") return typed;
  }
  const contextual = contextualParam(program, file, f, index) ?? handedParam(program, file, f, index);
  if (contextual) return contextual;
  if (binding.value) {
    const fallback = program.origin(binding.value, file, env);
    if (fallback.k !== "unknown" && fallback.k !== "lit") return fallback;
  }
  return { k: "param", file, f, index, path: [] };
}

/** The type a parameter has because its function is handed, by name, to a library: `app.register(users)`. */
function handedParam(program: Program, file: FileSummary, f: number, index: number): Origin | undefined {
  for (const at of program.gathered.under(handed, functionKey(file, file.functions[f]!))) {
    const call = at.file.calls[at.c]!;
    const callee = program.origin(call.callee, at.file);
    for (const it of callee.k === "any" ? callee.of : [callee]) {
      const meaning = callMeaningOf(it, call.kind, program);
      const types = meaning?.call.callbacks?.[at.index];
      if (!types || !meaning) continue;
      // A container that hands in by the names of the parameters.
      const [first] = types;
      const name = file.functions[f]!.params[index]?.name;
      const named =
        name && first && meaning.library.types[first]?.gives
          ? givenUnder(program, meaning.library, `text ${name}`, at.file, 0)
          : undefined;
      if (named) return named;
      const type = types[index];
      const via = type && meaning.library.types[type]?.gives ? at : undefined;
      if (type) return libOrigin(program, meaning.library, type, via, it.k === "method" ? it.recv : undefined);
    }
  }
  return undefined;
}

/** Calls of a registration in which functions stand by name among the arguments, by those functions. */
const handed: Gather<Placed & { readonly index: number }> = (program, file, add) =>
  file.calls.forEach(({ callee, args }, c) => {
    const name = callee.k === "get" ? callee.name : callee.k === "ref" ? file.bindings[callee.b]?.name : undefined;
    if (name === undefined || !HANDING.has(name)) return;
    args.forEach((arg, index) => {
      const fn = arg.k === "fn" ? undefined : functionNamed(program, { value: arg, file }, 0);
      if (fn) add(functionKey(fn.file, fn.file.functions[fn.f]!), { file, c, index });
    });
  });

/** The function a name stands for, looked up without evaluating anything; a wrapper's first argument counts. */
function functionNamed(program: Program, { value, file }: Scoped, depth: number): PlacedFunction | undefined {
  if (depth > 6) return undefined;
  if (value.k === "fn") return { file, f: value.f };
  if (value.k === "class") {
    const { ctor } = file.classes[value.c]!;
    return ctor === undefined ? undefined : { file, f: ctor };
  }
  if (value.k === "op" && (value.op === "import" || value.op === "require")) {
    const from = { import: (value.args[0] as { v: number }).v, name: value.op === "import" ? "default" : "=" };
    const site = importSite(program, file, from);
    return site ? functionNamed(program, site, depth + 1) : undefined;
  }
  // `const { List } = require("./list")`
  if (value.k === "get" && value.of.k === "op" && value.of.op === "require") {
    const site = importSite(program, file, { import: (value.of.args[0] as { v: number }).v, name: value.name });
    return site ? functionNamed(program, site, depth + 1) : undefined;
  }
  if (value.k === "call" && depth > 0) {
    const first = file.calls[value.c]?.args[0];
    return first ? functionNamed(program, { value: first, file }, depth + 1) : undefined;
  }
  const binding = value.k === "ref" ? file.bindings[value.b] : undefined;
  if (!binding || binding.kind === "param") return undefined;
  const site = binding.from
    ? importSite(program, file, binding.from)
    : binding.value
      ? { value: binding.value, file }
      : undefined;
  return site ? functionNamed(program, site, depth + 1) : undefined;
}

/** The type a parameter has because of where its function stands: a callback of a library, a typed constant. */
function contextualParam(program: Program, file: FileSummary, f: number, index: number): Origin | undefined {
  const context = program.context(file, f);
  if (!context) return undefined;
  if (context.kind === "argument") {
    const call = file.calls[context.c]!;
    const callee = program.origin(call.callee, file);
    for (const it of callee.k === "any" ? callee.of : [callee]) {
      const meaning = callMeaningOf(it, call.kind, program);
      const type = context.path.length === 0 ? meaning?.call.callbacks?.[context.index]?.[index] : undefined;
      if (type && meaning)
        return libOrigin(
          program,
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
      const item = elementOf(program, program.origin(call.callee.of, file));
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
      const awaited = program.origin(call.callee.of, file);
      if (awaited.k !== "unknown") return awaited;
    }
    return undefined;
  }
  if (context.kind === "typed") return functionTypeParam(program, context.type, file, index, 0);
  if (context.kind === "binding") {
    const type = file.bindings[context.b]!.type;
    return type ? functionTypeParam(program, type, file, index, 0) : undefined;
  }
  return undefined;
}

function functionTypeParam(
  program: Program,
  type: TypeRef,
  file: FileSummary,
  index: number,
  depth: number,
): Origin | undefined {
  if (depth > 6) return undefined;
  if (type.t === "fn") {
    const param = type.params[index];
    const found = param ? program.typeOrigin(param, file) : undefined;
    return found && found.k !== "unknown" && found.k !== "signature" ? found : undefined;
  }
  if (type.t !== "name") return undefined;
  const declared = declaredType(program, type, file);
  if (declared?.k === "library") {
    const named = declared.library.typeNames?.[declared.name];
    if (named && typeof named === "object") {
      const param = named.params[index];
      return param ? libOrigin(program, declared.library, param, undefined, undefined) : undefined;
    }
    return undefined;
  }
  if (declared?.k === "decl" && declared.decl.kind === "alias" && declared.decl.type)
    return functionTypeParam(program, declared.decl.type, declared.file, index, depth + 1);
  return undefined;
}
