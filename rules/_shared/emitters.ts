/** Things that hand events to listeners: which package they are of, however they came to where they are used. */
import {
  canonicalSpecifier,
  type FileSummary,
  type Origin,
  type Program,
  packageOf,
  type TypeRef,
  type Value,
} from "../../engine/index.ts";

const MAX_DEPTH = 6;
const MAX_CALLERS = 8;
/** Of no package that can be told, but certainly an emitter. */
const SOME = "node:events";

/**
 * The package of an emitter: `socket.io` for a `socket` that is typed so, that `io.on("connection", …)` hands over, or
 * that a class of the project extends. Undefined for anything that is no emitter or cannot be told.
 */
export function emitterPackage(value: Value, file: FileSummary, program: Program, depth = 0): string | undefined {
  if (depth > MAX_DEPTH) return undefined;
  if (value.k === "global") return value.name === "process" ? "node:process" : undefined;
  return (
    ofOrigin(program.origin(value, file), program, depth) ??
    typeAround(value, file, program, depth) ??
    handedOver(value, file, program, depth)
  );
}

function ofOrigin(found: Origin, program: Program, depth: number): string | undefined {
  switch (found.k) {
    case "ext":
      return canonicalSpecifier(packageOf(found.specifier));
    case "lib":
      return found.library.packages[0];
    case "instance":
    case "class":
      return ofClass(found.file, found.c, program, depth);
    case "type": {
      for (const it of found.file.types[found.t]!.extends) {
        const base = ofType(it, found.file, program, depth + 1);
        if (base !== undefined) return base;
      }
      return undefined;
    }
    case "any":
      for (const it of found.of) {
        const one = ofOrigin(it, program, depth + 1);
        if (one !== undefined) return one;
      }
      return undefined;
    default:
      return undefined;
  }
}

function ofClass(file: FileSummary, c: number, program: Program, depth: number): string | undefined {
  const base = file.classes[c]?.superClass;
  return base && depth < MAX_DEPTH ? ofOrigin(program.origin(base, file), program, depth + 1) : undefined;
}

/** `socket: Socket`, of an import that is a package's; `interface Mine extends Socket`. */
function ofType(type: TypeRef | undefined, file: FileSummary, program: Program, depth: number): string | undefined {
  if (type === undefined || depth > MAX_DEPTH) return undefined;
  if (type.t === "union")
    return type.of.map((it) => ofType(it, file, program, depth + 1)).find((it) => it !== undefined);
  if (type.t !== "name" || type.b === undefined) return undefined;
  const { from } = file.bindings[type.b]!;
  const specifier = from && file.imports[from.import]!.specifier;
  if (
    specifier !== undefined &&
    !specifier.startsWith(".") &&
    program.input.resolve(file.path, specifier) === undefined
  )
    return canonicalSpecifier(packageOf(specifier));
  return ofOrigin(program.typeOrigin(type, file), program, depth + 1);
}

/** What a name or a field of this class is annotated with. */
function typeAround(value: Value, file: FileSummary, program: Program, depth: number): string | undefined {
  if (value.k === "ref") {
    const binding = file.bindings[value.b]!;
    if (binding.type) return ofType(binding.type, file, program, depth + 1);
    return binding.kind === "const" && binding.value?.k === "ref"
      ? emitterPackage(binding.value, file, program, depth + 1)
      : undefined;
  }
  if (value.k !== "get" || value.of.k !== "this") return undefined;
  const cls = file.functions[value.of.f]?.cls ?? value.of.c;
  const field = cls === undefined ? undefined : file.classes[cls]?.members.find((it) => it.name === value.name);
  return ofType(field?.type, file, program, depth + 1);
}

/** A parameter: the `socket` of a listener for `connection`, or what the callers of a function give for it. */
function handedOver(value: Value, file: FileSummary, program: Program, depth: number): string | undefined {
  if (value.k !== "ref") return undefined;
  const { kind, fn, param } = file.bindings[value.b]!;
  if (kind !== "param" || param === undefined) return undefined;
  const context = program.context(file, fn);
  if (context?.kind === "argument") {
    const { callee, args } = file.calls[context.c]!;
    if (callee.k !== "get" || !/^(on|once|addListener)$/.test(callee.name) || args[0]?.k !== "lit") return undefined;
    const isConnection = args[0].v === "connection" || args[0].v === "secureConnection";
    return isConnection && param === 0 ? (emitterPackage(callee.of, file, program, depth + 1) ?? SOME) : undefined;
  }
  for (const it of (program.callersOf?.({ file, f: fn }) ?? []).slice(0, MAX_CALLERS)) {
    const given = it.file.calls[it.c]!.args[param];
    const found = given && emitterPackage(given, it.file, program, depth + 1);
    if (found !== undefined) return found;
  }
  return undefined;
}
