/** What calls give: of project functions, of libraries, of wrappers. */
import { callMeaningOf } from "../call-meaning.ts";
import type { CallSummary, FileSummary, FunctionSummary, TypeRef, Value } from "../model.ts";
import {
  type Env,
  envDepth,
  envFor,
  MAX_UNION,
  mentionsParam,
  type Origin,
  type Placed,
  union,
  unknown,
  withSelf,
} from "../origin.ts";
import type { Program } from "../program.ts";
import { typedMember } from "./additions.ts";
import { collectionResult } from "./collections.ts";
import { libOrigin, typeGiven } from "./library-values.ts";
import { declaredSignature, PASS_THROUGH_TYPES, signatureResult } from "./types.ts";

const TEXT_METHODS = new Set(["toLowerCase", "toUpperCase", "trim", "replace", "split"]);
const MAX_ENV = 4;

/** What a module that is loaded by a computed name makes of the client it is given: `require(file)(sequelize, DataTypes)`. */
function madeByLoaded(program: Program, call: CallSummary, placed: Placed, env: Env | undefined): Origin | undefined {
  const loaded = call.callee.k === "call" ? placed.file.calls[call.callee.c] : undefined;
  if (loaded?.callee.k !== "global" || loaded.callee.name !== "require") return undefined;
  for (const arg of call.args) {
    const given = program.origin(arg, placed.file, env);
    for (const it of given.k === "any" ? given.of : [given]) {
      const makes = it.k === "lib" ? it.library.types[it.type]?.makes : undefined;
      if (it.k === "lib" && makes) return libOrigin(program, it.library, makes, placed, undefined);
    }
  }
  return undefined;
}

export function callResult(program: Program, c: number, file: FileSummary, env: Env | undefined): Origin {
  const call = file.calls[c];
  if (!call) return unknown("no such call");
  const callee = program.callee(file, c, env);
  const result = resultOf(program, callee, call, { file, c }, env, 0);
  return result.k === "unknown" ? (madeByLoaded(program, call, { file, c }, env) ?? result) : result;
}

function resultOf(
  program: Program,
  callee: Origin,
  call: CallSummary,
  placed: Placed,
  env: Env | undefined,
  depth: number,
): Origin {
  if (depth > 6) return unknown("too many steps");
  const declared = callee.k === "param" ? declaredSignature(program, callee) : undefined;
  if (declared) return signatureResult(program, declared);
  switch (callee.k) {
    case "any":
      return union(callee.of.slice(0, MAX_UNION).map((it) => resultOf(program, it, call, placed, env, depth + 1)));
    case "class":
      return call.kind === "new"
        ? { k: "instance", file: callee.file, c: callee.c, via: placed }
        : unknown("a class called as a function");
    case "fn": {
      if (
        call.callee.k === "get" &&
        call.callee.name === "bind" &&
        isFunction(program, call.callee.of, placed.file, env)
      )
        return callee;
      return returnedBy(program, callee.file, callee.f, program.enter(callee, call, placed.file, env));
    }
    case "lib":
    case "method":
    case "library": {
      if (call.callee.k === "get" && call.callee.name === "bind" && callee.k === "method" && callee.name !== "bind")
        return callee;
      const found = callMeaningOf(callee, call.kind, program);
      if (!found) return unknown(`what ${callee.k === "method" ? callee.name : "this library"} returns is not known`);
      if (found.call.wraps !== undefined) {
        const inner = call.args[found.call.wraps];
        return inner ? program.origin(inner, placed.file, env) : unknown("nothing to wrap");
      }
      const recv = callee.k === "method" ? callee.recv : callee.k === "lib" ? callee : undefined;
      const token = found.call.gives?.(program.view(placed, env));
      const given =
        (token && program.given(found.library, token)) ??
        (token?.value.k === "lit" && recv ? typedMember(program, recv, String(token.value.v), 0) : undefined) ??
        (found.call.typed && recv ? typeGiven(program, recv, "new") : undefined);
      if (given && given.k !== "unknown") return given;
      let returns = found.call.returns;
      if (typeof returns === "function") returns = returns(program.view(placed, env));
      if (returns === undefined) return unknown("a plain result");
      if (returns === "this") {
        return recv ? { ...recv, via: placed, recv, member: undefined } : unknown("a plain result");
      }
      return withSelf(libOrigin(program, found.library, returns, placed, recv), recv);
    }
    case "ext":
      return { k: "ext", specifier: callee.specifier, path: `${callee.path}()` };
    case "signature":
      return signatureResult(program, callee);
    case "global": {
      if (callee.name === "Promise.all" || callee.name === "Promise.allSettled") {
        const list = call.args[0] ? program.origin(call.args[0], placed.file, env) : undefined;
        return list ?? unknown("nothing awaited");
      }
      if (
        (callee.name === "Promise.resolve" || callee.name === "Object.freeze" || callee.name === "structuredClone") &&
        call.args[0]
      )
        return program.origin(call.args[0], placed.file, env);
      return collectionResult(program, call, placed.file, env) ?? unknown(`the result of ${callee.name}`);
    }
    default: {
      // `.catch(…)` and `.finally(…)` pass the awaited value on, `.then(…)` what its callback makes of it.
      if (call.callee.k === "get" && (call.callee.name === "catch" || call.callee.name === "finally"))
        return program.origin(call.callee.of, placed.file, env);
      if (call.callee.k === "get" && call.callee.name === "then" && call.args[0]) {
        const made = program.origin(call.args[0], placed.file, env);
        if (made.k === "fn") return returnedBy(program, made.file, made.f, env);
      }
      return (
        textResult(program, call, placed.file, env) ??
        collectionResult(program, call, placed.file, env) ??
        unknown(callee.k === "unknown" ? callee.why : "the result of something unknown")
      );
    }
  }
}

/** What a method of a known text gives: `"GET /users".split(" ")`, `method.toLowerCase()`. */
function textResult(
  program: Program,
  { callee, args }: CallSummary,
  file: FileSummary,
  env: Env | undefined,
): Origin | undefined {
  if (callee.k !== "get" || !TEXT_METHODS.has(callee.name)) return undefined;
  const text = program.text({ value: callee.of, file, env });
  const given = args.map((it) => program.text({ value: it, file, env }));
  if (text === undefined || given.some((it) => it === undefined)) return undefined;
  const [a, b] = given as string[];
  switch (callee.name) {
    case "toLowerCase":
      return { k: "lit", v: text.toLowerCase() };
    case "toUpperCase":
      return { k: "lit", v: text.toUpperCase() };
    case "trim":
      return { k: "lit", v: text.trim() };
    case "replace":
      return a === undefined || b === undefined ? undefined : { k: "lit", v: text.replace(a, b) };
    default:
      return a === undefined
        ? undefined
        : { k: "arr", items: text.split(a).map((v) => ({ value: { k: "lit", v }, file })), open: false };
  }
}

function isFunction(program: Program, value: Value, file: FileSummary, env: Env | undefined): boolean {
  const { k } = program.origin(value, file, env);
  return k === "fn" || k === "method";
}

/** What a function returns; read once without arguments, and with them where the answer depends on them. */
export function returnedBy(program: Program, file: FileSummary, f: number, env: Env | undefined): Origin {
  const fn = file.functions[f];
  if (!fn) return unknown("no such function");
  const read = (under: Env | undefined): Origin => {
    const found = fn.returns
      .map((it) => program.origin(it, file, under))
      .filter((it) => it.k !== "unknown" && !(it.k === "lit" && it.v == null));
    return found.length > 0 ? union(found) : unknown("its results are not known");
  };
  let result = read(undefined);
  if (env && (result.k === "unknown" || mentionsParam(result))) {
    const closer = read(env);
    if (closer.k !== "unknown") result = closer;
  }
  if (env && result.k === "unknown" && fn.returnType) {
    const given = genericResult(program, fn, file, f, fn.returnType, env);
    if (given) return given;
  }
  if ((result.k === "unknown" || result.k === "param" || result.k === "obj") && fn.returnType) {
    const typed = program.typeOrigin(fn.returnType, file);
    if (typed.k !== "unknown" && !(result.k === "obj" && typed.k !== "instance")) return typed;
  }
  return result;
}

/** `remember<T>(name: string, make: () => T): T`: what the argument is or returns, where the body cannot be followed. */
function genericResult(
  program: Program,
  fn: FunctionSummary,
  file: FileSummary,
  f: number,
  returnType: TypeRef,
  env: Env,
): Origin | undefined {
  const bare = (type: TypeRef | undefined): string | undefined => {
    if (type?.t !== "name") return undefined;
    if (PASS_THROUGH_TYPES.has(type.name) && type.args?.[0]) return bare(type.args[0]);
    return type.b === undefined && !type.args ? type.name : undefined;
  };
  const wanted = bare(returnType);
  const bound = wanted !== undefined ? envFor(env, file, f) : undefined;
  if (!bound) return undefined;
  for (const [index, param] of fn.params.entries()) {
    const arg = bound.args[index];
    if (!arg || !param.type) continue;
    const given = () => program.origin(arg, bound.argsFile, bound.argsEnv);
    if (bare(param.type) === wanted) return given();
    if (param.type.t === "fn" && bare(param.type.returns) === wanted) {
      const made = given();
      return made.k === "fn" ? returnedBy(program, made.file, made.f, undefined) : undefined;
    }
  }
  return undefined;
}

/** The environment of one call of a project function. */
export function entered(
  program: Program,
  callee: { readonly file: FileSummary; readonly f: number; readonly self?: Origin | undefined },
  call: CallSummary,
  argsFile: FileSummary,
  env: Env | undefined,
): Env | undefined {
  if (envDepth(env) >= MAX_ENV || call.spread !== undefined) return undefined;
  const { file, f } = callee;
  const self = callee.self?.k === "instance" ? callee.self : undefined;
  return program.asking.entered(call, { file, f, args: call.args, argsFile, argsEnv: env, outer: env, self });
}
