/** Properties of options-like values, three-valued. */
import type { Binding, Value } from "../model.ts";
import { envFor, itemFor, type Lookup, type Origin, type Scoped } from "../origin.ts";
import type { Program } from "../program.ts";
import { liveWrites } from "./conditions.ts";
import { importSite } from "./modules.ts";

export function readProperty(program: Program, of: Scoped, name: string, depth: number): Lookup {
  const { value, file, env } = of;
  switch (value.k) {
    case "lit":
      return value.v === undefined || value.v === null ? { is: "no" } : { is: "unknown" };
    case "obj": {
      let doubt: Lookup | undefined;
      for (let i = value.props.length - 1; i >= 0; i--) {
        const prop = value.props[i]!;
        if (prop.name === name) return doubt ?? { is: "yes", at: { value: prop.value, file, env } };
        if (prop.name === null) {
          const inner = program.property({ value: prop.value, file, env }, name, depth + 1);
          if (inner.is === "yes") return doubt ?? inner;
          if (inner.is === "unknown") doubt ??= inner;
        } else if (prop.computed) doubt ??= { is: "unknown" };
      }
      return doubt ?? { is: "no" };
    }
    case "either": {
      if (value.op === "&&") {
        const b = program.property({ value: value.b, file, env }, name, depth + 1);
        return b.is === "no" ? b : { is: "unknown", ...(b.is === "unknown" ? { param: b.param } : {}) };
      }
      const a = program.property({ value: value.a, file, env }, name, depth + 1);
      const b = program.property({ value: value.b, file, env }, name, depth + 1);
      if (a.is === b.is) return a;
      return a.is === "unknown" ? a : b.is === "unknown" ? b : { is: "unknown" };
    }
    case "ref": {
      const binding = file.bindings[value.b];
      if (!binding) return { is: "unknown" };
      for (const it of file.assignments)
        if (it.target.k === "get" && it.target.name === name && it.target.of.k === "ref" && it.target.of.b === value.b)
          return { is: "yes", at: { value: it.value, file, env } };
      if (binding.kind === "param") return paramProperty(program, binding, of, name, depth);
      if (binding.from) {
        const site = importSite(program, file, binding.from);
        return site ? program.property(site, name, depth + 1) : { is: "unknown" };
      }
      if (binding.writes?.length) return writtenBinding(program, binding, of, name, depth);
      return binding.value && (binding.kind !== "item" || env)
        ? program.property({ value: binding.value, file, env }, name, depth + 1)
        : { is: "unknown" };
    }
    case "call": {
      const call = file.calls[value.c]!;
      const callee = program.callee(file, value.c, env);
      if (callee.k === "global" && callee.name === "Object.assign") {
        let doubt: Lookup | undefined;
        for (let i = call.args.length - 1; i >= 0; i--) {
          const inner = program.property({ value: call.args[i]!, file, env }, name, depth + 1);
          if (inner.is === "yes") return doubt ?? inner;
          if (inner.is === "unknown") doubt ??= inner;
        }
        return doubt ?? { is: "no" };
      }
      if (
        callee.k === "global" &&
        (callee.name === "Object.freeze" || callee.name === "structuredClone") &&
        call.args[0]
      )
        return program.property({ value: call.args[0], file, env }, name, depth + 1);
      if (callee.k === "fn") {
        const inner = program.enter(callee, call, file, env);
        const fn = callee.file.functions[callee.f]!;
        if (fn.returns.length === 0 || fn.returns.length > 6) return { is: "unknown" };
        const answers = fn.returns.map((it) =>
          program.property({ value: it, file: callee.file, env: inner }, name, depth + 2),
        );
        return answers.every((it) => it.is === answers[0]!.is) ? answers[0]! : { is: "unknown" };
      }
      return { is: "unknown" };
    }
    case "get": {
      const inner = program.property({ value: value.of, file, env }, value.name, depth + 1);
      if (inner.is === "yes") return program.property(inner.at, name, depth + 1);
      if (inner.is === "no") return { is: "no" };
      const found = program.origin(value, file, env);
      if (found.k === "obj")
        return program.property({ value: found.value, file: found.file, env: found.env }, name, depth + 1);
      return { is: "unknown", param: found.k === "param" ? found : inner.param };
    }
    case "op":
      if (value.op === "item" && env) {
        const item = itemFor(env, value.args[0]!);
        return item ? program.property(item, name, depth + 1) : { is: "unknown" };
      }
      // The rest of a pattern: all that was not taken out by name.
      if (value.op === "rest" && value.args[0]) {
        if (value.args.slice(1).some((it) => it.k === "lit" && it.v === name)) return { is: "no" };
        return program.property({ value: value.args[0], file, env }, name, depth + 1);
      }
      return { is: "unknown" };
    case "at": {
      const found = program.origin(value, file, env);
      return found.k === "obj"
        ? program.property({ value: found.value, file: found.file, env: found.env }, name, depth + 1)
        : { is: "unknown" };
    }
    default:
      return { is: "unknown" };
  }
}

/** The property of a name that is written to more than once: certain where all that it can be agree. */
function writtenBinding(
  program: Program,
  binding: Binding,
  { file, env }: Scoped,
  name: string,
  depth: number,
): Lookup {
  const read = (): Lookup => {
    const { live } = liveWrites(program, binding, file, env, depth + 1);
    let first: Lookup | undefined;
    for (const it of [...(binding.value ? [binding.value] : []), ...live]) {
      const answer = program.property({ value: it, file, env }, name, depth + 1);
      if (first && answer.is !== first.is) return { is: "unknown" };
      first ??= answer;
    }
    return first ?? { is: "no" };
  };
  return program.asking.propertyOf(binding, name, env, read) ?? { is: "unknown" };
}

function paramProperty(program: Program, binding: Binding, of: Scoped, name: string, depth: number): Lookup {
  const { file, env } = of;
  const bound = envFor(env, file, binding.fn);
  const param: Origin & { k: "param" } = { k: "param", file, f: binding.fn, index: binding.param!, path: [] };
  if (!bound || bound.open) return { is: "unknown", param };
  const arg = bound.args[binding.param!];
  if (arg) {
    const inner = program.property({ value: arg, file: bound.argsFile, env: bound.argsEnv }, name, depth + 1);
    if (inner.is !== "no" || !binding.value || !isNothing(arg)) return inner;
  }
  return binding.value ? program.property({ value: binding.value, file, env }, name, depth + 1) : { is: "no" };
}

function isNothing(value: Value): boolean {
  return value.k === "lit" && value.v === undefined;
}
