/** What a member of something is, by name or computed. */
import type { FileSummary, Value } from "../model.ts";
import { type Env, envFor, MAX_UNION, type Origin, type Scoped, union, unknown } from "../origin.ts";
import type { Program } from "../program.ts";
import {
  addedMember,
  GLOBAL_OBJECTS,
  globalName,
  grownMember,
  heldMember,
  keptGlobally,
  ownMember,
  typedMember,
} from "./additions.ts";
import { baseMember, classMember, instanceMember } from "./classes.ts";
import { interfaceMember } from "./interfaces.ts";
import { libraryExport, libraryMember, memberOrigin } from "./library-values.ts";
import { exportSite } from "./modules.ts";
import { namedToken } from "./tokens.ts";

export function elementOf(program: Program, of: Origin): Origin {
  if (of.k === "arrayOf") return of.of;
  if (of.k === "arr" && of.items.length > 0) return union(of.items.slice(0, MAX_UNION).map((it) => program.at(it)));
  return unknown("an element of something unknown");
}

export function namedMember(
  program: Program,
  value: Value & { k: "get" },
  file: FileSummary,
  env: Env | undefined,
): Origin {
  if (value.of.k === "super") {
    const self = program.selfOf(file, value.of.f);
    if (self.k !== "instance" && self.k !== "class") return unknown("super");
    const base = self.file.classes[self.c]!.superClass;
    return base
      ? baseMember(program, program.origin(base, self.file), value.name, self.k === "class", self, 0)
      : unknown("no base class");
  }
  const of = program.origin(value.of, file, env);
  const found =
    (of.k === "global" && keptGlobally(program, of.name, value.name, file)) || memberOf(program, of, value.name, env);
  // `({ store }: { store: any }) => …`: a type that says nothing leaves it to the callers.
  return found.k === "unknown" && of.k === "shape" ? (memberOfParameter(value, file) ?? found) : found;
}

function memberOfParameter({ of, name }: Value & { k: "get" }, file: FileSummary): Origin | undefined {
  const binding = of.k === "ref" ? file.bindings[of.b] : undefined;
  return binding?.kind === "param" && binding.param !== undefined
    ? { k: "param", file, f: binding.fn, index: binding.param, path: [name] }
    : undefined;
}

/** What member `name` of something is; a step of the question, for what is one of many may be made of many others. */
export function memberOf(program: Program, of: Origin, name: string, env?: Env, depth = 0): Origin {
  if (depth > 12) return unknown("too many steps");
  if (!program.asking.begin()) return program.asking.tooMuch();
  try {
    return readMember(program, of, name, env, depth);
  } finally {
    program.asking.end();
  }
}

function readMember(program: Program, of: Origin, name: string, env: Env | undefined, depth: number): Origin {
  switch (of.k) {
    case "module": {
      const found = program.exported(of, name);
      if (found.k === "unknown" && name !== "default") {
        // A namespace import of a module that exports one object.
        const whole = exportSite(program, of.file, "default", new Set());
        if (whole && "value" in whole && of.file.exports.some((it) => it.name === "="))
          return memberOf(program, program.at(whole), name, env, depth + 1);
      }
      return found;
    }
    case "library":
      return libraryExport(program, of.library, name);
    case "lib":
      return (
        heldMember(program, of, name) ??
        libraryMember(program, of, name) ??
        grownMember(program, of, name) ??
        ownMember(program, of, name, depth) ??
        namedToken(program, of, name) ??
        typedMember(program, of, name, depth) ??
        addedMember(program, of, name) ??
        unknown(`${of.type} has no known ${name}`)
      );
    case "ext":
      return { k: "ext", specifier: of.specifier, path: of.path === "*" ? name : `${of.path}.${name}` };
    case "global":
      if (GLOBAL_OBJECTS.has(of.name)) {
        const found = program.input.libraries.global(name);
        return found ? memberOrigin(program, found.library, found.member, name, undefined) : globalName(program, name);
      }
      return { k: "global", name: `${of.name}.${name}` };
    case "obj": {
      const found = program.property({ value: of.value, file: of.file, env: of.env }, name);
      if (found.is === "yes") {
        const inner = program.at(found.at);
        if (inner.k !== "fn") return inner;
        return inner.file.functions[inner.f]!.kind === "getter"
          ? program.returned(inner.file, inner.f, found.at.env)
          : { ...inner, self: of };
      }
      if (found.is === "no")
        return addedExport(program, of, name) ?? filledMember(program, of, name) ?? unknown(`no property ${name}`);
      return writtenProperty(program, of, name, env, depth) ?? unknown(`property ${name} cannot be told`);
    }
    case "instance":
      return instanceMember(program, of, name, depth);
    case "class":
      return classMember(program, of.file, of.c, name, true, depth);
    case "type":
      return interfaceMember(program, of, name, depth);
    case "shape": {
      const member = of.members.find((it) => it.name === name);
      return member?.type ? program.typeOrigin(member.type, of.file) : unknown(`no member ${name}`);
    }
    case "any": {
      const found = of.of.map((it) => memberOf(program, it, name, env, depth + 1)).filter((it) => it.k !== "unknown");
      return found.length > 0 ? union(found) : unknown(`no member ${name}`);
    }
    case "param":
      return of.path.length < 4 ? { ...of, path: [...of.path, name] } : unknown("deep in a parameter");
    case "arr":
    case "arrayOf":
      return unknown("a member of an array");
    case "fn": {
      if (name === "bind" || name === "call" || name === "apply") return of;
      // `handler.schema = …`, and CommonJS functions with members.
      return unknown("a member of a function");
    }
    case "method":
      if (of.member.type) {
        const found = libraryMember(
          program,
          { k: "lib", library: of.library, type: of.member.type, recv: of.recv },
          name,
        );
        if (found) return found;
      }
      if (name === "bind" || name === "call" || name === "apply") return of;
      return unknown("a member of a method");
    default:
      return unknown(of.k === "unknown" ? of.why : "no members");
  }
}

/** `module.exports = { list }; module.exports.one = …`: what is added to the object afterwards. */
function addedExport(program: Program, of: Origin & { k: "obj" }, name: string): Origin | undefined {
  const isWhole = of.file.exports.some((it) => it.name === "=" && "value" in it && it.value === of.value);
  const added = isWhole ? of.file.exports.find((it) => it.name === name && "value" in it) : undefined;
  return added && "value" in added ? program.origin(added.value, of.file) : undefined;
}

/** What is written under a name that an unknown spread might overwrite, as in `module.exports = { list, ...rest }`. */
function writtenProperty(
  program: Program,
  of: Origin & { k: "obj" },
  name: string,
  env: Env | undefined,
  depth: number,
): Origin | undefined {
  for (const prop of [...of.value.props].reverse()) {
    const found =
      prop.name === name
        ? program.origin(prop.value, of.file, of.env)
        : prop.name === null
          ? memberOf(program, program.origin(prop.value, of.file, of.env), name, env, depth + 1)
          : undefined;
    if (found?.k === "fn") return found.self ? found : { ...found, self: of };
    if (found && found.k !== "unknown" && found.k !== "lit" && found.k !== "param") return found;
  }
  return undefined;
}

/** A member of an object that is filled under computed names, `db[model.name] = model`: what it is filled with. */
function filledMember(program: Program, of: Origin & { k: "obj" }, name: string): Origin | undefined {
  const b = of.file.bindings.findIndex((it) => it.value === of.value);
  if (b < 0 || of.value.props.length > 0) return undefined;
  const found = of.file.assignments
    .filter(({ target }) => target.k === "at" && target.of.k === "ref" && target.of.b === b)
    .map((it) => program.origin(it.value, of.file))
    .filter((it) => it.k === "lib");
  return found.length > 0 ? union(found.map((it): Origin => ({ ...it, member: name }))) : undefined;
}

/** `...[router, options]`: an element of a rest parameter is the argument at that place; counted from the end with `args.length - 1`. */
export function restArgumentOf(
  value: Value & { k: "at" },
  file: FileSummary,
  env: Env | undefined,
): Scoped | undefined {
  const rest = restIndex(value, file);
  const bound = rest ? envFor(env, file, rest.f) : undefined;
  if (!rest || !bound || bound.open) return undefined;
  const arg = bound.args[rest.fromEnd ? bound.args.length - rest.index : rest.index];
  return arg ? { value: arg, file: bound.argsFile, env: bound.argsEnv } : undefined;
}

function restItem(
  program: Program,
  value: Value & { k: "at" },
  file: FileSummary,
  env: Env | undefined,
): Origin | undefined {
  const arg = restArgumentOf(value, file, env);
  if (arg) return program.at(arg);
  const rest = restIndex(value, file);
  return rest && !rest.fromEnd ? { k: "param", file, f: rest.f, index: rest.index, path: [] } : undefined;
}

export function computedMember(
  program: Program,
  value: Value & { k: "at" },
  file: FileSummary,
  env: Env | undefined,
): Origin {
  const rest = restItem(program, value, file, env);
  if (rest) return rest;
  const of = program.origin(value.of, file, env);
  const key = program.origin(value.key, file, env);
  if (key.k === "lit" && typeof key.v === "string") return memberOf(program, of, key.v, env);
  if (of.k === "arr" && key.k === "lit" && typeof key.v === "number") {
    const item = of.items[key.v];
    return item ? program.at(item) : unknown("no such element");
  }
  if (of.k === "obj" && of.value.props.length <= MAX_UNION) {
    // `handlers[event.type]`: one of the functions of a table.
    const found = of.value.props
      .flatMap((it) => (it.name === null ? [] : [program.origin(it.value, of.file, of.env)]))
      .filter((it) => it.k === "fn" || it.k === "class" || it.k === "instance" || it.k === "obj" || it.k === "module");
    if (found.length > 0) return union(found);
  }
  if (of.k === "arrayOf") return of.of;
  if (of.k === "lib") {
    // `prisma[model]`: some member, we cannot say which; its type is that of any other member.
    const type = of.library.types[of.type];
    if (type?.other && typeof type.other !== "function") return memberOrigin(program, of.library, type.other, "", of);
  }
  if (of.k === "param") return { ...of, path: [...of.path, "*"] };
  return unknown("a computed member");
}

/** Which argument of its function an element of a rest parameter is. */
function restIndex(
  { of, key }: Value & { k: "at" },
  file: FileSummary,
): { readonly f: number; readonly index: number; readonly fromEnd: boolean } | undefined {
  const binding = of.k === "ref" ? file.bindings[of.b] : undefined;
  if (of.k !== "ref" || binding?.kind !== "param" || binding.param === undefined) return undefined;
  if (!file.functions[binding.fn]?.params[binding.param]?.rest) return undefined;
  if (key.k === "lit" && typeof key.v === "number")
    return { f: binding.fn, index: binding.param + key.v, fromEnd: false };
  const [length, by] = key.k === "op" && key.op === "-" ? key.args : [];
  return length?.k === "get" &&
    length.name === "length" &&
    length.of.k === "ref" &&
    length.of.b === of.b &&
    by?.k === "lit" &&
    typeof by.v === "number"
    ? { f: binding.fn, index: by.v, fromEnd: true }
    : undefined;
}
