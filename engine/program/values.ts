/** What an expression is. */
import type { FileSummary, Value } from "../model.ts";
import { type Env, itemFor, MAX_UNION, type Origin, type Scoped, union, unknown } from "../origin.ts";
import type { Program } from "../program.ts";
import { globalName } from "./additions.ts";
import { autoImported } from "./auto-imports.ts";
import { callResult } from "./calls.ts";
import { boundSelf } from "./classes.ts";
import { memberOrigin } from "./library-values.ts";
import { computedMember, elementOf, namedMember } from "./members.ts";
import { exportSite, targetOf } from "./modules.ts";
import { passedTo } from "./parameters.ts";

export function evaluate(program: Program, value: Value, file: FileSummary, env: Env | undefined): Origin {
  switch (value.k) {
    case "ref":
      return boundTo(program, value.b, file, env);
    case "global": {
      const found = program.input.libraries.global(value.name);
      return found
        ? memberOrigin(program, found.library, found.member, value.name, undefined)
        : (autoImported(program, value.name, file) ?? globalName(program, value.name));
    }
    case "get":
      return namedMember(program, value, file, env);
    case "at":
      return computedMember(program, value, file, env);
    case "call":
      return callResult(program, value.c, file, env);
    case "arr":
      return { k: "arr", items: value.items.map((it) => ({ value: it, file, env })), open: value.open };
    case "either": {
      if (value.op === "&&") return program.origin(value.b, file, env);
      const a = program.origin(value.a, file, env);
      if (value.op !== "?:" && a.k === "lit" && (a.v === undefined || a.v === null))
        return program.origin(value.b, file, env);
      const b = program.origin(value.b, file, env);
      if (a.k === "global" && value.op !== "?:" && b.k !== "unknown") return b;
      return union([a, b]);
    }
    case "this":
      return (
        boundSelf(value.f, file, env) ??
        (value.c !== undefined ? { k: "instance", file, c: value.c } : program.selfOf(file, value.f))
      );
    case "super": {
      const self = program.selfOf(file, value.f);
      if (self.k !== "instance") return unknown("super");
      const base = self.file.classes[self.c]!.superClass;
      return base ? program.origin(base, self.file) : unknown("no base class");
    }
    case "op":
      return resultOfOperator(program, value, file, env);
    case "tpl": {
      const text = textOf(program, { value, file, env });
      return text !== undefined ? { k: "lit", v: text } : unknown("a computed text");
    }
    default:
      return unknown("this expression is not read");
  }
}

function resultOfOperator(
  program: Program,
  value: Value & { k: "op" },
  file: FileSummary,
  env: Env | undefined,
): Origin {
  switch (value.op) {
    case "require":
    case "import": {
      const index = (value.args[0] as { v: number }).v;
      const target = targetOf(program, file, index);
      if (value.op === "require" && target.k === "module") {
        const whole = target.file.exports.find((it) => it.name === "=");
        if (whole && "value" in whole) return program.origin(whole.value, target.file);
      }
      return target;
    }
    case "item": {
      const item = env ? itemFor(env, value.args[0]!) : undefined;
      if (item) return program.at(item);
      const of = program.origin(value.args[0]!, file, env);
      return elementOf(program, of);
    }
    case "spread":
      return program.origin(value.args[0]!, file, env);
    case "rest":
      return unknown("the rest of an object");
    case "import-computed":
      return unknown("a module named at run time");
    default: {
      const folded = constantOf(program, value, file, env);
      return folded === undefined ? unknown(`the result of ${value.op}`) : { k: "lit", v: folded };
    }
  }
}

function boundTo(program: Program, b: number, file: FileSummary, env: Env | undefined): Origin {
  const binding = file.bindings[b];
  if (!binding) return unknown("no such name");
  if (binding.from) {
    const target = targetOf(program, file, binding.from.import);
    if (binding.from.name === "=" && target.k === "module") {
      const whole = exportSite(program, target.file, "=", new Set());
      if (whole) return "value" in whole ? program.at(whole) : whole;
      return target;
    }
    if (
      binding.from.name === "default" &&
      target.k === "module" &&
      !target.file.exports.some((it) => it.name === "default" || it.name === "=" || it.name === "*")
    )
      return target;
    return program.exported(target, binding.from.name);
  }
  if (binding.kind === "param") return passedTo(program, binding, file, env);
  const { asking } = program;
  // `query = query.where(…)`: inside what is written to a name, the name is what it was at first.
  if (asking.isWriting(binding))
    return binding.value ? program.origin(binding.value, file, env) : asking.cycleOf(binding);
  const first = binding.value && program.origin(binding.value, file, env);
  const { writes } = binding;
  // Most names are given one value, and that says what they are.
  if (first && !writes && isTelling(first) && first.k !== "global" && !(first.k === "ext" && binding.type))
    return first;
  const candidates = first ? [first] : [];
  // A name that starts empty and is filled later (`let client; client = …`, lazy singletons).
  if (writes)
    asking.writes(binding, () => {
      for (const it of writes.slice(0, MAX_UNION)) candidates.push(program.origin(it, file, env));
    });
  const useful = candidates.filter(isTelling);
  // What lies on the global object was put there elsewhere: whatever else is known says more.
  const own = useful.filter((it) => it.k !== "global");
  // `const controller: Controller = container.get("…")`: what a package gives is what it is declared to be.
  const declared =
    binding.type && own.length > 0 && own.every((it) => it.k === "ext")
      ? program.typeOrigin(binding.type, file)
      : undefined;
  if (declared?.k === "instance" || declared?.k === "lib") return declared;
  if (own.length > 0) return union(own);
  if (binding.type) {
    const typed = program.typeOrigin(binding.type, file);
    if (typed.k !== "unknown") return typed;
  }
  return useful[0] ?? candidates[0] ?? unknown(`${binding.name} is never given a value here`);
}

const isTelling = (it: Origin): boolean =>
  it.k !== "unknown" && !(it.k === "lit" && (it.v === undefined || it.v === null));

/** The text of a value, where it is constant. */
export function textOf(program: Program, of: Scoped, depth = 0): string | undefined {
  const { value, file, env } = of;
  if (depth > 10) return undefined;
  if (value.k === "lit") return value.v === undefined ? undefined : String(value.v);
  if (value.k === "tpl") {
    let text = value.strings[0]!;
    for (let i = 0; i < value.values.length; i++) {
      const part = textOf(program, { value: value.values[i]!, file, env }, depth + 1);
      if (part === undefined) return undefined;
      text += part + value.strings[i + 1]!;
    }
    return text;
  }
  if (value.k === "op" && value.op === "+") {
    const parts = value.args.map((it) => textOf(program, { value: it, file, env }, depth + 1));
    return parts.some((it) => it === undefined) ? undefined : parts.join("");
  }
  if (value.k === "ref" || value.k === "get" || value.k === "at" || value.k === "either" || value.k === "call") {
    const found = program.origin(value, file, env);
    return found.k === "lit" && found.v !== undefined && found.v !== null ? String(found.v) : undefined;
  }
  return undefined;
}

function constantOf(
  program: Program,
  value: Value & { k: "op" },
  file: FileSummary,
  env: Env | undefined,
): number | string | boolean | undefined {
  const args = value.args.map((it) => {
    const found = program.origin(it, file, env);
    return found.k === "lit" ? found.v : undefined;
  });
  const [a, b] = args;
  if (value.op === "+" && typeof a === "string" && typeof b === "string") return a + b;
  if (typeof a !== "number" || typeof b !== "number") return undefined;
  switch (value.op) {
    case "+":
      return a + b;
    case "-":
      return a - b;
    case "*":
      return a * b;
    case "/":
      return b === 0 ? undefined : a / b;
    case "**":
      return a ** b;
    default:
      return undefined;
  }
}
