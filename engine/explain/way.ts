/** How it was found out what a name is: import, re-export, field, parameter, token. */
import type { Analysis } from "../analysis.ts";
import type { FileSummary, Span, TypeRef, Value } from "../model.ts";
import type { Origin } from "../origin.ts";
import { nameOf, placeIn, placeOfFunction } from "./places.ts";
import type { Statement } from "./statements.ts";

const MAX_WAY = 16;

/** The steps from a name as written to where it is made: imports, re-exports, fields, injection, results. */
export function wayTo(analysis: Analysis, callee: Value, from: FileSummary): readonly Statement[] {
  const { program } = analysis;
  const steps: Statement[] = [];
  const seen = new Set<Value>();
  let value: Value | undefined = callee;
  let file = from;
  const done = (step: Statement): void => {
    steps.push(step);
    value = undefined;
  };
  while (value && steps.length < MAX_WAY && !seen.has(value)) {
    seen.add(value);
    switch (value.k) {
      case "get": {
        const self: Origin | undefined = value.of.k === "this" ? program.origin(value.of, file) : undefined;
        if (self?.k === "instance" && self.file.classes[self.c]) {
          const found = fieldStep(analysis, self.file, self.c, value.name, steps);
          value = found?.value;
          file = found?.file ?? file;
          break;
        }
        const site = program.memberSite(value, file);
        if (site) {
          steps.push({
            key: "way.declared",
            data: { name: value.name },
            place: placeIn(site.file, spanOf(site.value)),
          });
          value = site.value.k === "ref" ? site.file.bindings[site.value.b]?.value : site.value;
          file = site.file;
        } else value = value.of;
        break;
      }
      case "at":
        value = value.of;
        break;
      case "either":
        value = value.op === "&&" ? value.b : value.a;
        break;
      case "call": {
        const call: FileSummary["calls"][number] = file.calls[value.c]!;
        steps.push({ key: call.kind === "new" ? "way.made" : "way.result", place: placeIn(file, call.nameAt) });
        value = call.callee;
        break;
      }
      case "this":
        done({ key: "way.self", data: { name: classNameOf(program.origin(value, file)) } });
        break;
      case "global":
        done({ key: "way.global", data: { name: value.name } });
        break;
      case "fn":
        done({
          key: "way.declared",
          data: { name: nameOf({ file, f: value.f }) },
          place: placeOfFunction({ file, f: value.f }),
        });
        break;
      case "class":
        done({
          key: "way.declared",
          data: { name: file.classes[value.c]!.name },
          place: placeIn(file, file.classes[value.c]!.nameAt),
        });
        break;
      case "ref": {
        const next = bindingStep(analysis, file, value.b, steps);
        value = next?.value;
        file = next?.file ?? file;
        break;
      }
      default:
        value = undefined;
    }
  }
  return steps;
}

interface Site {
  readonly value: Value;
  readonly file: FileSummary;
}

function bindingStep(analysis: Analysis, file: FileSummary, b: number, steps: Statement[]): Site | undefined {
  const { program } = analysis;
  const binding = file.bindings[b];
  if (!binding) return undefined;
  const { name } = binding;
  const place = placeIn(file, binding.at);
  if (binding.from) {
    const { specifier, kind } = file.imports[binding.from.import]!;
    const key = kind === "require" ? "way.require" : kind === "dynamic" ? "way.dynamic" : "way.import";
    steps.push({ key, data: { name: binding.from.name === "*" ? name : binding.from.name, specifier }, place });
    return exportSteps(analysis, file, specifier, binding.from.name, steps);
  }
  if (binding.kind === "param") {
    const fn = file.functions[binding.fn]!;
    const param = fn.params[binding.param ?? -1];
    steps.push({ key: "way.parameter", data: { name, function: fn.name }, place });
    const token = tokenOf(param?.decorators ?? [], file);
    if (token) steps.push(token);
    else if (binding.type && program.typeOrigin(binding.type, file).k !== "unknown") {
      const isInjected =
        fn.kind === "constructor" && fn.cls !== undefined && file.classes[fn.cls]!.decorators.length > 0;
      steps.push({ key: isInjected ? "way.injected" : "way.typed", data: { type: typeName(binding.type) } });
    }
    return undefined;
  }
  if (binding.kind === "item") {
    steps.push({ key: "way.loop", data: { name }, place });
    return binding.value && { value: binding.value, file };
  }
  const given = binding.value ?? binding.writes?.[0];
  if (!given) {
    steps.push({ key: "way.declared", data: { name }, place });
    if (binding.type) steps.push({ key: "way.typed", data: { type: typeName(binding.type) } });
    return undefined;
  }
  if (given.k === "fn" || given.k === "class") return { value: given, file };
  steps.push({ key: "way.assigned", data: { name }, place });
  return { value: given, file };
}

/** Follows a name through the modules that pass it on. */
function exportSteps(
  { program }: Analysis,
  from: FileSummary,
  specifier: string,
  name: string,
  steps: Statement[],
): Site | undefined {
  let path = program.input.resolve(from.path, specifier);
  const seen = new Set<string>();
  for (let wanted = name; path !== undefined && !seen.has(`${path}#${wanted}`) && steps.length < MAX_WAY; ) {
    seen.add(`${path}#${wanted}`);
    const file: FileSummary | undefined = program.files.get(path);
    if (!file) {
      steps.push({ key: "way.outside", data: { specifier } });
      return undefined;
    }
    if (wanted === "*") return undefined;
    const own: FileSummary["exports"][number] | undefined =
      file.exports.find((it) => it.name === wanted) ??
      (wanted === "default" || wanted === "="
        ? file.exports.find((it) => it.name === "=" || it.name === "default")
        : undefined);
    if (own && "value" in own) {
      const imported = own.value.k === "ref" ? file.bindings[own.value.b]?.from : undefined;
      if (imported) steps.push({ key: "way.reexport", data: { name: wanted }, place: placeIn(file, own.at) });
      return { value: own.value, file };
    }
    const through =
      own && "import" in own
        ? own
        : file.exports.find(
            (it): it is Extract<typeof it, { import: number }> =>
              it.name === "*" && "import" in it && exportsName(program, file, it.import, wanted, 0),
          );
    if (!through) return undefined;
    steps.push({ key: "way.reexport", data: { name: wanted }, place: placeIn(file, through.at) });
    const next: string = file.imports[through.import]!.specifier;
    wanted = through.name === "*" ? wanted : through.imported;
    path = program.input.resolve(file.path, next);
  }
  return undefined;
}

/** Whether what a module passes on as a whole has a name, itself or through others. */
function exportsName(
  program: Analysis["program"],
  file: FileSummary,
  index: number,
  name: string,
  depth: number,
): boolean {
  const path = program.input.resolve(file.path, file.imports[index]!.specifier);
  const target = path === undefined ? undefined : program.files.get(path);
  if (!target || depth > 4) return false;
  return target.exports.some(
    (it) =>
      it.name === name ||
      (it.name === "*" && "import" in it && exportsName(program, target, it.import, name, depth + 1)),
  );
}

/** A field of a class: what is written to it, or what is put into it by token or type. */
function fieldStep(
  { program }: Analysis,
  file: FileSummary,
  c: number,
  name: string,
  steps: Statement[],
): Site | undefined {
  const cls = file.classes[c]!;
  const member = cls.members.find((it) => it.name === name);
  if (member?.fn !== undefined) {
    const fn = file.functions[member.fn]!;
    steps.push({ key: "way.declared", data: { name: fn.name }, place: placeIn(file, fn.nameAt) });
    return undefined;
  }
  const at = member?.at ?? cls.nameAt;
  steps.push({ key: "way.field", data: { name, class: cls.name }, place: placeIn(file, at) });
  const token = tokenOf(member?.decorators ?? [], file);
  if (token) {
    steps.push(token);
    return undefined;
  }
  const written = program.assignedTo(file, c, name);
  if (written) return written;
  if (member?.value) return { value: member.value, file };
  if (member?.type) steps.push({ key: "way.typed", data: { type: typeName(member.type) } });
  return undefined;
}

/** What a decorator with an argument asks for: `@Inject("DB")`. */
function tokenOf(decorators: readonly Value[], file: FileSummary): Statement | undefined {
  for (const it of decorators) {
    const call = it.k === "call" ? file.calls[it.c] : undefined;
    const [token] = call?.args ?? [];
    if (!call || !token) continue;
    const name =
      token.k === "lit"
        ? String(token.v)
        : token.k === "ref"
          ? (file.bindings[token.b]?.name ?? "")
          : token.k === "get"
            ? token.name
            : "";
    if (name !== "") return { key: "way.token", data: { token: name }, place: placeIn(file, call.nameAt) };
  }
  return undefined;
}

function classNameOf(origin: Origin): string {
  return origin.k === "instance" || origin.k === "class" ? (origin.file.classes[origin.c]?.name ?? "?") : "?";
}

function typeName(type: TypeRef): string {
  if (type.t === "name") return type.name;
  if (type.t === "array") return `${typeName(type.of)}[]`;
  if (type.t === "union") return type.of.slice(0, 3).map(typeName).join(" | ");
  return type.t === "prim" ? type.name : "{ … }";
}

function spanOf(value: Value): Span {
  return "at" in value && value.at !== undefined && !("strings" in value) ? (value.at as Span) : [0, 0];
}
