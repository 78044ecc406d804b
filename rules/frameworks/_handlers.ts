/** The functions that run when a route is called. */
import type {
  CallSummary,
  Env,
  FileSummary,
  Origin,
  Placed,
  PlacedFunction,
  Program,
  Scoped,
  Value,
} from "../../engine/index.ts";
import { each } from "./_values.ts";

const CHAINED = new Set(["use", "before", "after", "onError"]);

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
      // `const { POST } = serve(handler)`.
      if (binding?.kind === "const" && binding.value?.k === "get") {
        const taken = takenFrom(program, { ...at, value: binding.value }, depth);
        if (taken.length > 0) return taken;
      }
      break;
    }
    case "get": {
      const taken = takenFrom(program, at, depth);
      if (taken.length > 0) return taken;
      const base = program.origin(value.of, file, env);
      const asked = program.property({ value: value.of, file, env }, value.name);
      const found =
        asked.is !== "yes" && base.k === "obj"
          ? program.property({ value: base.value, file: base.file, env: base.env }, value.name)
          : asked;
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

/**
 * `export const { GET, POST } = serve(async (context) => …)`: a member of what a call made of functions runs those, and
 * what our own function makes of them.
 */
function takenFrom(program: Program, at: Scoped, depth: number): readonly PlacedFunction[] {
  const made = depth > 4 ? undefined : madeBy(program, at, 0);
  if (!made) return [];
  const call = made.file.calls[made.c]!;
  const callee = program.callee(made.file, made.c, made.env);
  if (call.kind !== "call") return [];
  if (callee.k === "ext") return wrapped(program, made.c, made.file, made.env, depth + 1);
  if (callee.k !== "fn" || !call.args.some((it) => it.k === "fn")) return [];
  const own = each(program.at(at)).flatMap((it): PlacedFunction[] =>
    it.k === "fn" ? [{ file: it.file, f: it.f }] : [],
  );
  const env = program.enter(callee, call, made.file, made.env);
  const given = call.args.flatMap((it) => {
    const scoped: Scoped = { value: it, file: made.file, env: made.env };
    return it.k === "obj" ? optionFunctions(program, scoped, 0) : functionsOf(program, scoped, depth + 1);
  });
  return own.flatMap((it) => [it, ...given.filter((one) => isRunBy(program, it, one, env))]);
}

/** Whether a function calls another, or passes it on, under the arguments of the call that made it. */
function isRunBy(program: Program, by: PlacedFunction, fn: PlacedFunction, env: Env | undefined): boolean {
  const { file } = by;
  const span = file.functions[by.f]!.at;
  const isIt = (of: Origin): boolean => each(of).some((it) => it.k === "fn" && it.file === fn.file && it.f === fn.f);
  return file.calls.some(
    (call, c) =>
      span[0] <= call.at[0] &&
      call.at[1] <= span[1] &&
      (isIt(program.callee(file, c, env)) ||
        call.args.some((it) => (it.k === "ref" || it.k === "get") && isIt(program.origin(it, file, env)))),
  );
}

/** The call that the root of a member's path is. */
function madeBy(
  program: Program,
  { value, file, env }: Scoped,
  depth: number,
): (Placed & { readonly env?: Env | undefined }) | undefined {
  let root: Value = value;
  while (root.k === "get") root = root.of;
  if (root.k === "call") return { file, c: root.c, env };
  if (root.k !== "ref" || depth > 4) return undefined;
  const binding = file.bindings[root.b];
  const written = binding?.from ? program.written(root, file) : undefined;
  if (written) return madeBy(program, written, depth + 1);
  return binding?.kind === "const" && binding.value && binding.value.k !== "obj"
    ? madeBy(program, { value: binding.value, file, env }, depth + 1)
    : undefined;
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
  // `middy(handler).use(middleware)`: what the chain began with is the handler proper.
  if (call.callee.k === "get" && CHAINED.has(call.callee.name) && call.callee.of.k === "call") {
    const first = given(call.callee.of);
    if (first.length > 0) return [...call.args.flatMap(given), ...first];
  }
  const made = each(callee).flatMap((it): readonly PlacedFunction[] =>
    it.k === "fn" ? returnedFunctions(program, it, call, file, env, depth) : [],
  );
  const inner: PlacedFunction[] = [];
  let isAdapter = false;
  for (const [i, arg] of call.args.entries()) {
    const found = given(arg);
    const options = arg.k === "obj" || callee.k === "ext" ? optionFunctions(program, { value: arg, file, env }, 0) : [];
    // Checks and look-ups among a wrapper's options run before what it is for.
    inner.unshift(...options.filter((it) => !found.some((one) => one.file === it.file && one.f === it.f)));
    if (found.length > 0) {
      // `wrap(handler, (error, res) => …)`: what takes the error is not the handler.
      if (found.every(takesError)) inner.unshift(...found);
      else inner.push(...found);
      continue;
    }
    if (options.length > 0) continue;
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

function takesError({ file, f }: PlacedFunction): boolean {
  const name = file.functions[f]!.params[0]?.name;
  return name !== undefined && /^_?(e|err|error)$/.test(name);
}

/** The functions that a project's function gives back; what it wraps itself is looked into: `admin("ldap")` returning `wrap(async () => …)`. */
function returnedFunctions(
  program: Program,
  of: PlacedFunction,
  call: CallSummary,
  file: FileSummary,
  env: Env | undefined,
  depth: number,
): readonly PlacedFunction[] {
  const under = program.enter(of, call, file, env);
  return of.file.functions[of.f]!.returns.flatMap((value): readonly PlacedFunction[] => {
    if (value.k === "call") return functionsOf(program, { value, file: of.file, env: under }, depth + 1);
    return each(program.origin(value, of.file, under)).flatMap((it) =>
      it.k === "fn" ? [{ file: it.file, f: it.f }] : [],
    );
  });
}

const MAX_OPTIONS = 40;

/** Functions in an object literal, in lists and literals inside it, and among the options of a package's calls there. */
function optionFunctions(program: Program, at: Scoped, depth: number): readonly PlacedFunction[] {
  const { value, file, env } = at;
  if (depth > 5) return [];
  const inner = (it: Value): readonly PlacedFunction[] =>
    optionFunctions(program, { value: it, file, env }, depth + 1).slice(0, MAX_OPTIONS);
  switch (value.k) {
    case "fn":
      return depth > 0 ? [{ file, f: value.f }] : [];
    case "obj":
      return value.props.flatMap((it) => inner(it.value)).slice(0, MAX_OPTIONS);
    case "arr":
      return value.items.flatMap(inner).slice(0, MAX_OPTIONS);
    case "op":
      return value.op === "spread" && value.args[0] ? inner(value.args[0]) : [];
    case "call": {
      const callee = program.callee(file, value.c, env);
      return depth > 0 && callee.k === "ext" ? file.calls[value.c]!.args.flatMap(inner) : [];
    }
    case "ref": {
      const of = program.at(at);
      if (of.k === "fn") return depth > 0 ? [{ file: of.file, f: of.f }] : [];
      return of.k === "obj" ? optionFunctions(program, { value: of.value, file: of.file, env: of.env }, depth + 1) : [];
    }
    default:
      return [];
  }
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
