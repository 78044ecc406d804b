/** What frameworks read of values: route texts, handler functions, the frames under which a registration runs. */
import {
  type CallGraph,
  constructorOf,
  type Env,
  type FileSummary,
  ITERATION_METHODS,
  type Origin,
  type Placed,
  type PlacedFunction,
  type Program,
  pathKind,
  type Scoped,
  type Span,
  type Value,
} from "../../engine/index.ts";

import { pathIn } from "./_folders.ts";

const MAX_TEXTS = 24;
const MAX_READINGS = 600;
const MAX_FRAMES = 4;

/** Whether a file only runs under test: what it registers and mounts is nobody's service. */
export function isTestFile(file: FileSummary): boolean {
  return pathKind(file.path) === "test";
}

/** The same by the file's own name, for routes whose address may well contain `/test`. */
export function isTestName(path: string): boolean {
  return /[.-](test|spec|e2e|mock|stories)\.[cm]?[jt]sx?$|(^|\/)__(tests|mocks)__\//.test(path);
}

/** One or several origins as a list. */
export function each(origin: Origin): readonly Origin[] {
  return origin.k === "any" ? origin.of : [origin];
}

/**
 * The texts a route may have. What is interpolated and cannot be read becomes `:name`, or nothing where it leads the
 * route (a configured prefix). Undefined where nothing of it can be read.
 */
export function routeTexts(program: Program, at: Scoped | undefined, depth = 0): readonly string[] | undefined {
  if (!at || depth > 12) return undefined;
  const { value, file, env } = at;
  const inner = (it: Value) => routeTexts(program, { value: it, file, env }, depth + 1);
  switch (value.k) {
    case "lit":
      return typeof value.v === "string" || typeof value.v === "number" ? [String(value.v)] : undefined;
    case "arr": {
      const found = value.items.flatMap((it) => inner(it) ?? []);
      return found.length > 0 ? found.slice(0, MAX_TEXTS) : undefined;
    }
    case "tpl":
      return combine([
        value.strings[0]!,
        ...value.values.flatMap((it, i) => [
          placeholder(inner(it), it, file, value.strings[0] === "" && i === 0),
          value.strings[i + 1]!,
        ]),
      ]);
    case "op":
      if (value.op === "spread" && value.args[0]) return inner(value.args[0]);
      if (value.op !== "+") return readTexts(program, at);
      return combine(value.args.map((it, i) => placeholder(inner(it), it, file, i === 0)));
    case "either": {
      const found = [...(value.op === "&&" ? [] : (inner(value.a) ?? [])), ...(inner(value.b) ?? [])];
      // A configured value with a literal to fall back on is the literal.
      return found.length > 0 ? [...new Set(found)] : undefined;
    }
    case "ref": {
      const known = readTexts(program, at);
      if (known) return known;
      const written = program.written(value, file);
      if (written) return routeTexts(program, written, depth + 1);
      const binding = file.bindings[value.b];
      return binding?.kind !== "param" && binding?.kind !== "item" && binding?.value ? inner(binding.value) : undefined;
    }
    case "get": {
      const known = readTexts(program, at);
      if (known) return known;
      const found = program.property({ value: value.of, file, env }, value.name);
      return found.is === "yes" ? routeTexts(program, found.at, depth + 1) : undefined;
    }
    case "at": {
      // `file.split(".")[0]`.
      const of = value.of.k === "call" ? file.calls[value.of.c] : undefined;
      if (
        of?.callee.k === "get" &&
        of.callee.name === "split" &&
        value.key.k === "lit" &&
        value.key.v === 0 &&
        of.args[0]?.k === "lit"
      ) {
        const by = String(of.args[0].v);
        return inner(of.callee.of)?.map((it) => it.split(by)[0]!);
      }
      return readTexts(program, at);
    }
    case "call": {
      const call = file.calls[value.c]!;
      if (call.callee.k !== "get") return readTexts(program, at);
      const [first, second] = call.args;
      const { name, of } = call.callee;
      if (name === "replace" && second?.k === "lit" && first?.k === "lit")
        return inner(of)?.map((it) => it.replace(String(first.v), String(second.v)));
      if (name === "replace" && second?.k === "lit" && first?.k === "op")
        return inner(of)?.map((it) => it.replace(/(\.\w+)?\.[cm]?[jt]s$/, String(second.v)));
      if (
        name === "slice" &&
        first?.k === "lit" &&
        typeof first.v === "number" &&
        second?.k === "lit" &&
        typeof second.v === "number"
      ) {
        const [from, to] = [first.v, second.v];
        return inner(of)?.map((it) => it.slice(from, to));
      }
      if (name === "toLowerCase") return inner(of)?.map((it) => it.toLowerCase());
      if (name === "basename" && first)
        return inner(first)?.map((it) =>
          it.slice(it.lastIndexOf("/") + 1).replace(second ? /\.[cm]?[jt]sx?$/ : /$^/, ""),
        );
      return readTexts(program, at);
    }
    default:
      return readTexts(program, at);
  }
}

function readTexts(program: Program, at: Scoped): readonly string[] | undefined {
  const found = each(program.at(at)).flatMap((it): readonly string[] => {
    if (it.k === "lit" && (typeof it.v === "string" || typeof it.v === "number")) return [String(it.v)];
    if (it.k === "arr") return it.items.flatMap((one) => routeTexts(program, one, 8) ?? []);
    return [];
  });
  return found.length > 0 ? found.slice(0, MAX_TEXTS) : undefined;
}

function placeholder(
  texts: readonly string[] | undefined,
  value: Value,
  file: FileSummary,
  isLeading: boolean,
): readonly string[] {
  if (texts) return texts;
  if (isLeading) return [""];
  const name = value.k === "ref" ? file.bindings[value.b]?.name : value.k === "get" ? value.name : undefined;
  return [`:${name && /^\w+$/.test(name) ? name : "param"}`];
}

function combine(parts: readonly (string | readonly string[])[]): readonly string[] {
  let made = [""];
  for (const part of parts) {
    const choices = typeof part === "string" ? [part] : part;
    made = made.flatMap((it) => choices.map((one) => it + one)).slice(0, MAX_TEXTS);
  }
  return made;
}

/**
 * A framework's way of writing parameters to ours: `:id(\\d+)` and `{id}` to `:id`, a named rest to `:name*`, and a
 * route with an optional part to the two it stands for.
 */
export function plainRoutes(route: string): readonly string[] {
  const plain = withoutPatterns(route)
    .replace(/\/\{\*(\w+)\}/g, "/:$1*")
    .replace(/\/\*(\w+)/g, "/:$1*")
    .replace(/\(\.\*\)/g, "*")
    .replace(/\{(\w+)\?\}/g, ":$1?")
    .replace(/\{(\w+)\*\d*\}/g, ":$1*")
    .replace(/\{(\w+)(?::[^}]*)?\}/g, ":$1");
  // Express 5 writes an optional part in braces, others with a question mark.
  const group = /\{([^{}]*)\}/.exec(plain);
  if (group)
    return [
      ...new Set([...plainRoutes(plain.replace(group[0], group[1]!)), ...plainRoutes(plain.replace(group[0], ""))]),
    ];
  const optional = /\/:(\w+)\?/.exec(plain);
  if (!optional) return [plain];
  return [
    ...plainRoutes(plain.replace(optional[0], `/:${optional[1]}`)),
    ...plainRoutes(plain.replace(optional[0], "")),
  ];
}

/** Drops the regular expressions that follow parameters, nested parentheses included. */
function withoutPatterns(route: string): string {
  let text = "";
  for (let i = 0; i < route.length; i++) {
    if (route[i] === "(" && /:\w+$/.test(text)) {
      let depth = 0;
      for (; i < route.length; i++) {
        if (route[i] === "(") depth++;
        else if (route[i] === ")" && --depth === 0) break;
      }
    } else text += route[i];
  }
  return text;
}

/** Functions that a handler argument leads to, the handler proper last; through arrays, wrappers and `bind`. */
export function functionsOf(program: Program, at: Scoped, depth = 0): readonly PlacedFunction[] {
  if (depth > 6) return [];
  const { value, file, env } = at;
  const inner = (it: Value): readonly PlacedFunction[] => functionsOf(program, { value: it, file, env }, depth + 1);
  switch (value.k) {
    case "lit":
    case "unknown":
      return [];
    case "arr":
      return value.items.flatMap(inner);
    case "either":
      return value.op === "&&" ? inner(value.b) : [...inner(value.a), ...inner(value.b)];
    case "op":
      return value.op === "spread" && value.args[0] ? inner(value.args[0]) : [];
    case "call":
      return wrapped(program, value.c, file, env, depth);
    case "obj":
      return value.props.flatMap((it) =>
        it.name === "handler" || it.name === "handle" || it.name === "fn" || it.name === "default"
          ? inner(it.value)
          : [],
      );
    case "ref": {
      const written = program.written(value, file);
      if (written && written.value.k === "call") return functionsOf(program, written, depth + 1);
      const binding = file.bindings[value.b];
      if (
        binding &&
        binding.kind === "const" &&
        binding.value &&
        (binding.value.k === "call" || binding.value.k === "either" || binding.value.k === "arr")
      )
        return inner(binding.value);
      break;
    }
    case "get": {
      const base = program.origin(value.of, file, env);
      const found = program.property({ value: value.of, file, env }, value.name);
      const site =
        found.is === "yes" ? found.at : base.k === "module" ? exportSite(program, base.file, value.name) : undefined;
      if (site && site.value.k !== "fn" && site.value !== value) {
        const inside = functionsOf(program, site, depth + 1);
        if (inside.length > 0) return inside;
      }
      // A field that holds a wrapped function: `list = asyncHandler(async (req, res) => …)`, static ones too.
      if (base.k === "instance" || base.k === "class") {
        const member = base.file.classes[base.c]?.members.find(
          (it) => it.name === value.name && it.value?.k === "call",
        );
        if (member?.value) return functionsOf(program, { value: member.value, file: base.file }, depth + 1);
      }
      break;
    }
  }
  return placed(program, program.at(at), depth);
}

/** Where an exported name is written, through re-exports. */
function exportSite(program: Program, file: FileSummary, name: string, depth = 0): Scoped | undefined {
  if (depth > 6) return undefined;
  for (const it of file.exports) {
    if (it.name !== name) continue;
    if ("value" in it) return { value: it.value, file };
    const next = program.files.get(program.input.resolve(file.path, file.imports[it.import]?.specifier ?? "") ?? "");
    return next ? exportSite(program, next, it.imported, depth + 1) : undefined;
  }
  for (const it of file.exports) {
    if (it.name !== "*" || "value" in it) continue;
    const next = program.files.get(program.input.resolve(file.path, file.imports[it.import]?.specifier ?? "") ?? "");
    const found = next ? exportSite(program, next, name, depth + 1) : undefined;
    if (found) return found;
  }
  return undefined;
}

function placed(program: Program, origin: Origin, depth: number): readonly PlacedFunction[] {
  return each(origin).flatMap((it): readonly PlacedFunction[] => {
    if (it.k === "fn") return [{ file: it.file, f: it.f }];
    if (it.k === "arr") return it.items.flatMap((one) => functionsOf(program, one, depth + 1));
    if (it.k === "obj") return functionsOf(program, { value: it.value, file: it.file, env: it.env }, depth + 1);
    return [];
  });
}

/** `asyncHandler(fn)`, `withAuth(handler)`, `adapt(controller)`, `auth("admin")`, `fn.bind(this)`. */
function wrapped(
  program: Program,
  c: number,
  file: FileSummary,
  env: Env | undefined,
  depth: number,
): readonly PlacedFunction[] {
  const call = file.calls[c];
  if (!call) return [];
  const callee = program.callee(file, c, env);
  const given = (it: Value): readonly PlacedFunction[] => functionsOf(program, { value: it, file, env }, depth + 1);
  if (
    call.callee.k === "get" &&
    (call.callee.name === "bind" || call.callee.name === "unless") &&
    call.kind === "call"
  ) {
    const bound = given(call.callee.of);
    if (bound.length > 0) return bound;
  }
  const made = each(program.origin({ k: "call", c }, file, env)).flatMap((it): readonly PlacedFunction[] =>
    it.k === "fn" ? [{ file: it.file, f: it.f }] : [],
  );
  const inner: PlacedFunction[] = [];
  let isAdapter = false;
  for (const [i, arg] of call.args.entries()) {
    const found = given(arg);
    if (found.length > 0) {
      inner.push(...found);
      continue;
    }
    // An object whose method the wrapper's function calls: `adapt(new CreateUser())` running `controller.handle(…)`.
    for (const of of each(program.origin(arg, file, env))) {
      if (of.k !== "instance" && of.k !== "obj") continue;
      for (const it of each(callee)) {
        const methods = it.k === "fn" ? methodsCalledOn(program, it, i, of) : [];
        if (methods.length > 0) isAdapter = true;
        inner.push(...methods);
      }
    }
  }
  // `fn(handler)(x)`, curried wrappers.
  if (inner.length === 0 && made.length === 0 && call.callee.k === "call") return given(call.callee);
  // The closure of an adapter calls whatever it was given, all routes' controllers alike: as a handler it would mix them up.
  if (isAdapter) return inner;
  return [...made.filter((it) => !inner.some((one) => one.f === it.f && one.file === it.file)), ...inner];
}

function methodsCalledOn(
  program: Program,
  wrapper: PlacedFunction,
  index: number,
  of: Origin,
): readonly PlacedFunction[] {
  const { file } = wrapper;
  const names = new Set<string>();
  for (const call of file.calls) {
    if (call.callee.k !== "get" || call.callee.of.k !== "ref") continue;
    const binding = file.bindings[call.callee.of.b];
    if (binding?.kind === "param" && binding.fn === wrapper.f && binding.param === index) names.add(call.callee.name);
  }
  return [...names].flatMap((name) =>
    each(program.member(of, name)).flatMap((it) => (it.k === "fn" ? [{ file: it.file, f: it.f }] : [])),
  );
}

// Frames: a registration inside a project's own wrapper is read once for each call of the wrapper

type Frame =
  | { readonly k: "call"; readonly file: FileSummary; readonly f: number; readonly call: Placed }
  | { readonly k: "element"; readonly file: FileSummary; readonly f: number; readonly at: Scoped }
  | { readonly k: "item"; readonly of: Value; readonly file: FileSummary; readonly at: Scoped };

/** A call read under certain arguments. */
export interface Reading extends Placed {
  readonly env: Env | undefined;
  /** The outermost call that leads here, or the element of a table; the call itself where it stands alone. */
  readonly site: { readonly file: FileSummary; readonly at: Span; readonly nameAt: Span; readonly isTable: boolean };
}

/**
 * Reads a call; where `missing` names values that cannot be read and hang on parameters or loop elements, reads it again
 * under each caller and element, outwards and bounded.
 */
export function readings(
  program: Program,
  graph: CallGraph,
  at: Placed,
  missing: (reading: Reading) => readonly Value[],
): readonly Reading[] {
  const found: Reading[] = [];
  const walk = (frames: readonly Frame[]): void => {
    if (found.length >= MAX_READINGS) return;
    const reading = read(program, at, frames);
    const open = missing(reading);
    const { callee, args } = at.file.calls[at.c]!;
    const need =
      frames.length >= MAX_FRAMES
        ? undefined
        : // The columns of a table belong together, so its rows are read one by one even where each column is known.
          ((open.length > 0 ? firstDependence(program, open, at.file, reading.env) : undefined) ??
          rowsOnly(firstDependence(program, [callee, ...args], at.file, reading.env)));
    const more = need ? framesFor(program, graph, need) : [];
    if (more.length === 0 || !need) {
      found.push(reading);
      return;
    }
    for (const frame of more) {
      if (
        frames.some(
          (it) =>
            it.k === "call" && frame.k === "call" && it.call.file === frame.call.file && it.call.c === frame.call.c,
        )
      )
        continue;
      walk(need.k === "callers" ? [frame, ...frames] : [...frames, frame]);
    }
  };
  walk([]);
  return found;
}

function rowsOnly(it: Dependence | undefined): Dependence | undefined {
  return it?.k === "callers" ? undefined : it;
}

function read(program: Program, at: Placed, frames: readonly Frame[]): Reading {
  const call = at.file.calls[at.c]!;
  let env: Env | undefined;
  for (const frame of frames) {
    if (frame.k === "call") {
      const outer = frame.call.file.calls[frame.call.c]!;
      const callee = each(program.callee(frame.call.file, frame.call.c, env)).find(
        (it) => it.k === "fn" && it.file === frame.file && it.f === frame.f,
      );
      const self = callee?.k === "fn" ? callee.self : selfOfNew(program, frame.call, env);
      env = program.enter({ file: frame.file, f: frame.f, self }, outer, frame.call.file, env) ?? env;
    } else if (frame.k === "element") {
      env = {
        file: frame.file,
        f: frame.f,
        args: [frame.at.value],
        argsFile: frame.at.file,
        argsEnv: frame.at.env,
        outer: env,
      };
    } else
      env = {
        file: frame.file,
        f: -1,
        args: [],
        argsFile: frame.file,
        outer: env,
        open: true,
        item: { of: frame.of, at: frame.at },
      };
  }
  const [first] = frames;
  if (first?.k === "call") {
    const outer = first.call.file.calls[first.call.c]!;
    return { ...at, env, site: { file: first.call.file, at: outer.at, nameAt: outer.nameAt, isTable: false } };
  }
  if (first) {
    const span = "at" in first.at.value ? (first.at.value.at as Span | undefined) : undefined;
    if (span) return { ...at, env, site: { file: first.at.file, at: span, nameAt: span, isTable: true } };
  }
  return { ...at, env, site: { file: at.file, at: call.at, nameAt: call.nameAt, isTable: false } };
}

function selfOfNew(program: Program, at: Placed, env: Env | undefined): Origin | undefined {
  const call = at.file.calls[at.c]!;
  if (call.callee.k === "super") return program.origin({ k: "this", f: call.fn }, at.file, env);
  for (const it of each(program.callee(at.file, at.c, env)))
    if (it.k === "class" && call.kind === "new") return { k: "instance", file: it.file, c: it.c, via: at };
  return undefined;
}

type Dependence =
  | { readonly k: "callers"; readonly file: FileSummary; readonly f: number }
  | { readonly k: "elements"; readonly file: FileSummary; readonly f: number; readonly items: readonly Scoped[] }
  | { readonly k: "items"; readonly file: FileSummary; readonly of: Value; readonly items: readonly Scoped[] };

/** The first unbound parameter or loop element that a value hangs on; bound parameters are followed to what was given. */
function firstDependence(
  program: Program,
  values: readonly Value[],
  file: FileSummary,
  env: Env | undefined,
): Dependence | undefined {
  const seen = new Set<Value>();
  const walk = (at: Scoped, depth: number): Dependence | undefined => {
    const { value } = at;
    if (depth > 14 || seen.has(value)) return undefined;
    seen.add(value);
    const one = (it: Value): Dependence | undefined => walk({ ...at, value: it }, depth + 1);
    const all = (list: readonly Value[]): Dependence | undefined => {
      for (const it of list) {
        const found = one(it);
        if (found) return found;
      }
      return undefined;
    };
    switch (value.k) {
      case "ref": {
        const binding = at.file.bindings[value.b];
        if (!binding || binding.from) return undefined;
        if (binding.kind === "param") {
          const bound = frameOf(at.env, at.file, binding.fn);
          if (!bound) return unboundParam(at, binding.fn, binding.param ?? 0, depth);
          const arg = bound.args[binding.param ?? 0];
          return arg ? walk({ value: arg, file: bound.argsFile, env: bound.argsEnv }, depth + 1) : undefined;
        }
        return all([...(binding.value ? [binding.value] : []), ...(binding.writes ?? [])]);
      }
      case "get":
        return one(value.of);
      case "at":
        return all([value.key, value.of]);
      case "tpl":
        return all(value.values);
      case "op":
        if (value.op === "item" && value.args[0]) {
          if (hasItem(at.env, value.args[0])) return undefined;
          const items = elementsOf(program, { ...at, value: value.args[0] });
          return items ? { k: "items", file: at.file, of: value.args[0], items } : one(value.args[0]);
        }
        return all(value.args);
      case "either":
        return all([value.a, value.b]);
      case "arr":
        return all(value.items);
      case "obj":
        return all(value.props.map((it) => it.value));
      case "call": {
        const call = at.file.calls[value.c];
        return call ? all([call.callee, ...call.args]) : undefined;
      }
      default:
        return undefined;
    }
  };
  const unboundParam = (at: Scoped, f: number, index: number, depth: number): Dependence | undefined => {
    const context = program.context(at.file, f);
    const call =
      context?.kind === "argument" && context.index === 0 && context.path.length === 0
        ? at.file.calls[context.c]
        : undefined;
    if (call?.callee.k === "get" && ITERATION_METHODS.has(call.callee.name)) {
      if (index !== 0) return undefined;
      const list: Scoped = { ...at, value: call.callee.of };
      const items = elementsOf(program, list);
      return items ? { k: "elements", file: at.file, f, items } : walk(list, depth + 1);
    }
    return { k: "callers", file: at.file, f };
  };
  for (const value of values) {
    const found = walk({ value, file, env }, 0);
    if (found) return found;
  }
  return undefined;
}

/** The elements of a literal collection, `Object.entries`, `Object.values` and `Object.keys` of a literal included. */
export function elementsOf(program: Program, at: Scoped): readonly Scoped[] | undefined {
  const { value, file, env } = at;
  if (value.k === "call") {
    const call = file.calls[value.c]!;
    const callee = program.callee(file, value.c, env);
    const of =
      callee.k === "global" && call.args[0]
        ? each(program.origin(call.args[0], file, env)).find((it) => it.k === "obj")
        : undefined;
    if (callee.k === "global" && of?.k === "obj") {
      const { props } = of.value;
      const scoped = (it: Value): Scoped => ({ value: it, file: of.file, env: of.env });
      const key = (it: (typeof props)[number]): Value => ({ k: "lit", v: it.name ?? "", at: it.at });
      if (callee.name === "Object.values") return props.map((it) => scoped(it.value));
      if (callee.name === "Object.keys") return props.map((it) => scoped(key(it)));
      if (callee.name === "Object.entries")
        return props.map((it) => scoped({ k: "arr", items: [key(it), it.value], open: false, at: it.at }));
    }
    if (
      call.args[0] &&
      call.callee.k !== "call" &&
      /^readdir(Sync)?$/.test(
        call.callee.k === "get"
          ? call.callee.name
          : call.callee.k === "ref"
            ? (file.bindings[call.callee.b]?.name ?? "")
            : "",
      )
    )
      return fileNames(program, { value: call.args[0], file, env });
    // `[…].filter(Boolean)`, `.concat(…)`: at least what the first list holds.
    if (
      call.callee.k === "get" &&
      (call.callee.name === "filter" ||
        call.callee.name === "concat" ||
        call.callee.name === "flat" ||
        call.callee.name === "sort")
    )
      return elementsOf(program, { value: call.callee.of, file, env });
  }
  const found = each(program.at(at)).flatMap((it) => (it.k === "arr" ? it.items : []));
  if (found.length === 0) return undefined;
  return found.flatMap((it) =>
    it.value.k === "op" && it.value.op === "spread" && it.value.args[0]
      ? (elementsOf(program, { ...it, value: it.value.args[0] }) ?? [])
      : [it],
  );
}

/** The names in a folder of the workspace, as `readdirSync` gives them. */
function fileNames(program: Program, at: Scoped): readonly Scoped[] | undefined {
  const dir = pathIn(program, at);
  if (dir === undefined) return undefined;
  const base = dir === "/" ? "" : `${dir.replace(/^\//, "").replace(/\/$/, "")}/`;
  const names = new Set<string>();
  for (const file of program.files.values())
    if (file.path.startsWith(base) && file !== at.file && !isTestName(file.path))
      names.add(file.path.slice(base.length).split("/")[0]!);
  return names.size > 0 && names.size <= 200
    ? [...names].map((v) => ({ value: { k: "lit", v }, file: at.file }))
    : undefined;
}

function framesFor(program: Program, graph: CallGraph, need: Dependence): readonly Frame[] {
  if (need.k === "elements") return need.items.map((at): Frame => ({ k: "element", file: need.file, f: need.f, at }));
  if (need.k === "items") return need.items.map((at): Frame => ({ k: "item", of: need.of, file: need.file, at }));
  return callersOf(graph, need).map((call): Frame => ({ k: "call", file: need.file, f: need.f, call }));
}

/** Calls of a function outside tests. */
export function callersOf(graph: CallGraph, fn: PlacedFunction): readonly Placed[] {
  return graph
    .callers(fn.file.functions[fn.f]!)
    .flatMap((it) =>
      (it.kind === "call" || it.kind === "new") && it.call && !isTestFile(it.call.file) ? [it.call] : [],
    );
}

export function frameOf(env: Env | undefined, file: FileSummary, f: number): Env | undefined {
  for (let it = env; it; it = it.outer) if (it.f === f && it.file === file && !it.open) return it;
  return undefined;
}

function hasItem(env: Env | undefined, of: Value): boolean {
  for (let it = env; it; it = it.outer) if (it.item?.of === of) return true;
  return false;
}

/** Where a route is written: the literal, followed through names in the same file. */
export function literalAt(
  program: Program,
  at: Scoped | undefined,
  depth = 0,
): { readonly file: FileSummary; readonly at: Span } | undefined {
  if (!at || depth > 6) return undefined;
  const { value, file, env } = at;
  if (value.k === "lit") return value.at ? { file, at: value.at } : undefined;
  if (value.k === "tpl" && value.at[0]) return { file, at: value.at[0] };
  if (value.k === "arr" && value.items[0]) return literalAt(program, { value: value.items[0], file, env }, depth + 1);
  if (value.k === "get") {
    const found = program.property({ value: value.of, file, env }, value.name);
    return found.is === "yes" ? literalAt(program, found.at, depth + 1) : undefined;
  }
  if (value.k === "ref") {
    const binding = file.bindings[value.b];
    const bound = binding?.kind === "param" ? frameOf(env, file, binding.fn) : undefined;
    const arg = bound?.args[binding!.param!];
    if (bound && arg) return literalAt(program, { value: arg, file: bound.argsFile, env: bound.argsEnv }, depth + 1);
    return binding?.value && binding.kind !== "param"
      ? literalAt(program, { value: binding.value, file, env }, depth + 1)
      : undefined;
  }
  return undefined;
}

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
