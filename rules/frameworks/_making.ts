/** Where values are made: through names, modules, fields and factories. */
import {
  constructorOf,
  type Env,
  type FileSummary,
  type Origin,
  type Placed,
  type PlacedFunction,
  type Program,
  type Scoped,
  type Value,
} from "../../engine/index.ts";
import { frameOf } from "./_frames.ts";
import { each } from "./_values.ts";

/** The call that makes what a value holds, through names, modules, fields and factories; with the frame it is made under. */
export function makingOf(
  program: Program,
  at: Scoped,
  depth = 0,
): (Placed & { readonly env?: Env | undefined }) | undefined {
  const { value, file, env } = at;
  if (depth > 10) return undefined;
  const inner = (it: Value): ReturnType<typeof makingOf> => makingOf(program, { value: it, file, env }, depth + 1);
  switch (value.k) {
    case "ref": {
      const written = program.written(value, file);
      if (written) return makingOf(program, written, depth + 1);
      const binding = file.bindings[value.b];
      if (!binding || binding.from) return undefined;
      if (binding.kind === "param") {
        const bound = frameOf(env, file, binding.fn);
        const arg = bound?.args[binding.param ?? 0];
        return bound && arg
          ? makingOf(program, { value: arg, file: bound.argsFile, env: bound.argsEnv }, depth + 1)
          : undefined;
      }
      for (const it of [binding.value, ...(binding.writes ?? [])]) {
        const found = it && it.k !== "lit" ? inner(it) : undefined;
        if (found) return found;
      }
      return undefined;
    }
    case "get": {
      for (const base of each(program.origin(value.of, file, env))) {
        if (base.k === "obj") {
          const found = program.property({ value: base.value, file: base.file, env: base.env }, value.name);
          if (found.is === "yes") return makingOf(program, found.at, depth + 1);
        }
        if (base.k === "module") {
          const site = base.file.exports.find((it) => it.name === value.name && "value" in it);
          if (site && "value" in site) return makingOf(program, { value: site.value, file: base.file }, depth + 1);
        }
        if (base.k === "instance" || base.k === "class") {
          const member = base.file.classes[base.c]?.members.find((it) => it.name === value.name);
          const field = member?.value
            ? { value: member.value, file: base.file }
            : program.assignedTo(base.file, base.c, value.name);
          if (field) return makingOf(program, field, depth + 1);
        }
      }
      return undefined;
    }
    case "call": {
      for (const it of each(program.callee(file, value.c, env))) {
        if (it.k !== "fn") continue;
        const under = program.enter(it, file.calls[value.c]!, file, env);
        for (const returned of it.file.functions[it.f]!.returns) {
          const found = makingOf(program, { value: returned, file: it.file, env: under }, depth + 1);
          if (found) return found;
        }
      }
      return { file, c: value.c, env };
    }
    case "either":
      return inner(value.b) ?? inner(value.a);
    default:
      return undefined;
  }
}

/** The frame in which a field of an instance gets its value: its constructor's, entered as far as it is known. */
export function constructorFrame(
  program: Program,
  instance: Origin & { readonly k: "instance" },
  owner: { readonly file: FileSummary; readonly c: number },
  f: number,
): Env {
  const open: Env = { file: owner.file, f, args: [], argsFile: owner.file, open: true, self: instance };
  if (!instance.via) return open;
  let at: Placed = instance.via;
  let ctor = constructorOf(program, instance.file, instance.c);
  let env: Env | undefined;
  for (let i = 0; ctor && i < 4; i++) {
    env = program.enter({ file: ctor.file, f: ctor.f, self: instance }, at.file.calls[at.c]!, at.file, env);
    if (!env) return open;
    if (ctor.file.functions[ctor.f]!.cls === owner.c && ctor.file === owner.file) return env;
    const inside: PlacedFunction = ctor;
    const c = inside.file.calls.findIndex((it) => it.fn === inside.f && it.callee.k === "super");
    const base = c >= 0 ? program.callee(inside.file, c) : undefined;
    if (base?.k !== "class") return open;
    at = { file: inside.file, c };
    ctor = constructorOf(program, base.file, base.c);
  }
  return open;
}
