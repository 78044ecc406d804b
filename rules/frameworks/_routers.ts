/** Routers as values: where each is made, how it is handed around, and under which prefixes it ends up being served. */
import {
  type CallGraph,
  callMeaningOf,
  type Env,
  type FileSummary,
  joinRoute,
  type Lookup,
  type Origin,
  type Placed,
  type PlacedClass,
  type PlacedFunction,
  type Program,
  type Scoped,
  type Value,
} from "../../engine/index.ts";
import { callIndex, isComputedLoad } from "./_calls.ts";
import { callersOf, elementsOf, frameOf } from "./_frames.ts";
import { loadedFiles, mainExport } from "./_loaders.ts";
import { constructorFrame } from "./_making.ts";
import { each, isTestFile } from "./_values.ts";

/** A router or application: the call that makes it, the parameter it comes in by, or a name in a type. */
export interface Router {
  readonly key: string;
  readonly kind: "made" | "param" | "field";
  readonly file: FileSummary;
  /** Call, function or class. */
  readonly id: number;
  readonly index?: number;
  readonly path?: readonly string[];
  /** The class whose instance holds it: each subclass has its own. */
  readonly self?: PlacedClass | undefined;
  /** Calls of the project's factories that it comes out of, innermost first: each call makes one of its own. */
  readonly sites?: readonly string[];
  readonly library?: string | undefined;
  readonly type?: string | undefined;
}

const MAX_PREFIXES = 24;
/** Members that return the router they are called on, in every framework that has them. */
const CHAINED = new Set(
  (
    "use get post put patch delete all head options route register prefix routes middleware withTypeProvider basePath " +
    "openapi group guard derive resolve state decorate model macro as mount onError onRequest onParse onTransform " +
    "onBeforeHandle onAfterHandle onAfterResponse onStart onStop mapResponse trace"
  ).split(" "),
);

const ANSWERING = new Set(["handler", "fetch", "app"]);

/** Identity of a parameter's router. */
export function paramRouter(fn: PlacedFunction, index: number, typed?: Origin, path: readonly string[] = []): Router {
  const lib = typed ? each(typed).find((it) => it.k === "lib") : undefined;
  return {
    key: `param ${fn.file.path} ${fn.f} ${index} ${path.join(".")}`,
    kind: "param",
    file: fn.file,
    id: fn.f,
    index,
    path,
    ...(lib?.k === "lib" ? { library: lib.library.name, type: lib.type } : {}),
  };
}

function madeRouter(
  program: Program,
  file: FileSummary,
  c: number,
  origin: Origin,
  owner: PlacedClass | undefined,
  env: Env | undefined,
): Router {
  const lib = each(origin).find((it) => it.k === "lib");
  let self = owner;
  if (!self) {
    const around = program.origin({ k: "this", f: file.calls[c]!.fn }, file, env);
    if (around.k === "instance") self = around;
  }
  const own = self ? { file: self.file, c: self.c } : undefined;
  const sites = sitesOf(file, c, env);
  return {
    key: madeKey(file, c, own, sites),
    kind: "made",
    file,
    id: c,
    self: own,
    sites,
    ...(lib?.k === "lib" ? { library: lib.library.name, type: lib.type } : {}),
  };
}

function madeKey(file: FileSummary, c: number, self: PlacedClass | undefined, sites: readonly string[]): string {
  return `made ${file.path} ${c} ${self ? `${self.file.path} ${self.c}` : ""} ${sites.join(" ")}`;
}

/** The calls under which a call is made, as far as frames tell; those are known by the lists of arguments they hold. */
function sitesOf(file: FileSummary, c: number, env: Env | undefined): readonly string[] {
  const sites: string[] = [];
  let at: Placed = { file, c };
  let frames = env;
  for (let i = 0; i < 4; i++) {
    let frame: Env | undefined;
    for (let f = at.file.calls[at.c]!.fn; f > 0 && !frame; f = at.file.functions[f]!.parent)
      frame = frameOf(frames, at.file, f);
    const call = frame ? callWith(frame.argsFile, frame.args) : undefined;
    if (!frame || call === undefined) break;
    sites.push(`${frame.argsFile.path}:${call}`);
    at = { file: frame.argsFile, c: call };
    frames = frame.argsEnv;
  }
  return sites;
}

const callsByArgs = new WeakMap<FileSummary, ReadonlyMap<readonly Value[], number>>();

/** The call of a file whose arguments these are. */
function callWith(file: FileSummary, args: readonly Value[]): number | undefined {
  let known = callsByArgs.get(file);
  if (!known) {
    known = new Map(file.calls.map((it, c) => [it.args, c]));
    callsByArgs.set(file, known);
  }
  return known.get(args);
}

/** Values that are looked at for one question: routers are a few steps away, what is written over and over is not one. */
const MAX_STEPS = 600;

interface Walk {
  readonly seen: Set<Value>;
  left: number;
}

/** The routers a value may be. */
export function routersOf(program: Program, at: Scoped): readonly Router[] {
  // One question, with the steps of one: what is asked on the way counts to it.
  if (!program.asking.begin()) return [];
  let found: readonly Router[];
  try {
    found = trace(program, at, 0, { seen: new Set(), left: MAX_STEPS }, undefined);
  } finally {
    program.asking.end();
  }
  return found.length > 1 ? [...new Map(found.map((it) => [it.key, it])).values()] : found;
}

function trace(
  program: Program,
  at: Scoped,
  depth: number,
  walk: Walk,
  owner: PlacedClass | undefined,
): readonly Router[] {
  const { value, file, env } = at;
  if (depth > 24 || walk.left-- <= 0 || (walk.seen.has(value) && !env)) return [];
  walk.seen.add(value);
  const again = (it: Scoped, of: PlacedClass | undefined = undefined) => trace(program, it, depth + 1, walk, of);
  const inner = (it: Value, of: PlacedClass | undefined = undefined) => again({ value: it, file, env }, of);
  switch (value.k) {
    case "ref": {
      const binding = file.bindings[value.b];
      if (!binding) return [];
      if (binding.from) {
        const written = program.written(value, file);
        return written ? again(written) : byOrigin(program, at, owner);
      }
      if (binding.kind === "param") {
        const bound = frameOf(env, file, binding.fn);
        const arg = bound?.args[binding.param ?? 0];
        if (bound && arg) {
          const found = again({ value: arg, file: bound.argsFile, env: bound.argsEnv });
          if (found.length > 0) return found;
        }
        return [paramRouter({ file, f: binding.fn }, binding.param ?? 0, program.at(at))];
      }
      if (binding.kind === "fn" || binding.kind === "class") return [];
      // What the module holds is one, whichever call asks for it.
      const under = binding.fn === 0 ? undefined : env;
      const found = [binding.value, ...(binding.writes ?? [])].flatMap((it) =>
        it && it.k !== "lit" ? again({ value: it, file, env: under }, owner) : [],
      );
      return found.length > 0 ? found : byOrigin(program, { ...at, env: under }, owner);
    }
    case "get": {
      if (isComputedLoad(value.of, file))
        return loadedFiles(program, { ...at, value: value.of }).flatMap((it) =>
          mainExport(it, value.name) ? again(mainExport(it, value.name)!) : [],
        );
      const found = each(program.origin(value.of, file, env)).flatMap((base): readonly Router[] => {
        if (base.k === "instance") return fieldRouters(program, base, value.name, depth + 1, walk);
        if (base.k === "obj") {
          const prop = program.property({ value: base.value, file: base.file, env: base.env }, value.name);
          return prop.is === "yes" ? again(prop.at) : [];
        }
        if (base.k === "param") {
          const typed = program.at(at);
          return [
            paramRouter({ file: base.file, f: base.f }, base.index, typed.k === "param" ? undefined : typed, [
              ...base.path,
              value.name,
            ]),
          ];
        }
        return [];
      });
      if (found.length > 0) return found;
      // What a router answers with stands for it: `router.handler`, `app.fetch`.
      const answered = ANSWERING.has(value.name) ? inner(value.of, owner) : [];
      return answered.some((it) => it.library !== undefined) ? answered : byOrigin(program, at, owner);
    }
    case "call": {
      const call = file.calls[value.c]!;
      if (isComputedLoad(value, file))
        return loadedFiles(program, at).flatMap((it) => (mainExport(it) ? again(mainExport(it)!) : []));
      const found = each(program.callee(file, value.c, env)).flatMap((callee): readonly Router[] => {
        if (callee.k === "fn") {
          const fn = callee.file.functions[callee.f]!;
          const under = program.enter(callee, call, file, env);
          return fn.returns.flatMap((it) =>
            it.k === "lit" ? [] : again({ value: it, file: callee.file, env: under }),
          );
        }
        if (callee.k === "method" || callee.k === "lib" || callee.k === "library") {
          const meaning = callMeaningOf(callee, call.kind, program)?.call;
          if (meaning?.wraps !== undefined)
            return call.args[meaning.wraps] ? inner(call.args[meaning.wraps]!, owner) : [];
          if (meaning?.returns === "this" && call.callee.k === "get") return inner(call.callee.of, owner);
          const origin = program.at(at);
          return each(origin).some((it) => it.k === "lib")
            ? [madeRouter(program, file, value.c, origin, owner, env)]
            : [];
        }
        // `given.use(…).get(…)` on a router that came in by a parameter.
        if (
          (callee.k === "param" || callee.k === "unknown") &&
          call.callee.k === "get" &&
          CHAINED.has(call.callee.name)
        )
          return inner(call.callee.of).filter((it) => callee.k === "param" || it.kind === "param");
        if (callee.k === "class" && call.kind === "new") {
          // `class Api extends Hono`.
          const base = libraryBase(program, callee);
          return base
            ? [
                {
                  key: `made ${callee.file.path} class ${callee.c}`,
                  kind: "field",
                  file: callee.file,
                  id: callee.c,
                  library: base.library,
                  type: base.type,
                },
              ]
            : [];
        }
        return [];
      });
      return found.length > 0 ? found : byOrigin(program, at, owner);
    }
    case "either":
      return value.op === "&&" ? inner(value.b, owner) : [...inner(value.a, owner), ...inner(value.b, owner)];
    case "this": {
      const self = program.origin(value, file, env);
      const base = self.k === "instance" ? libraryBase(program, self) : undefined;
      return base && self.k === "instance"
        ? [
            {
              key: `made ${self.file.path} class ${self.c}`,
              kind: "field",
              file: self.file,
              id: self.c,
              library: base.library,
              type: base.type,
            },
          ]
        : [];
    }
    case "op": {
      if (value.op === "import-computed")
        return loadedFiles(program, at).flatMap((it) => (mainExport(it) ? again(mainExport(it)!) : []));
      if (value.op === "require") {
        const written = program.written(value, file);
        if (written) return again(written);
      }
      if (value.op === "spread" && value.args[0]) return inner(value.args[0], owner);
      return byOrigin(program, at, owner);
    }
    case "arr":
      return value.items.flatMap((it) => inner(it, owner));
    case "at": {
      // `(...[router, tenant])`: with arguments known, the one at that place.
      const arg = program.restArgument(value, file, env);
      return arg ? again(arg) : byOrigin(program, at, owner);
    }
    default:
      return [];
  }
}

function libraryBase(program: Program, of: PlacedClass): { library: string; type: string } | undefined {
  const cls = of.file.classes[of.c];
  if (!cls?.superClass) return undefined;
  const base = program.origin(cls.superClass, of.file);
  if (base.k === "lib") return { library: base.library.name, type: base.type };
  if (base.k === "method" && typeof base.member.construct?.returns === "string")
    return { library: base.library.name, type: base.member.construct.returns };
  return undefined;
}

function byOrigin(program: Program, at: Scoped, owner: PlacedClass | undefined): readonly Router[] {
  return each(program.at(at)).flatMap((it): readonly Router[] => {
    if (it.k === "param") return [paramRouter({ file: it.file, f: it.f }, it.index, undefined, it.path)];
    if (it.k !== "lib") return [];
    if (it.via) {
      // A builder's links are the router they started from.
      let root = it;
      while (root.recv?.via && root.recv.type === root.type && root.recv.library === root.library) root = root.recv;
      return [madeRouter(program, root.via!.file, root.via!.c, root, owner, at.env)];
    }
    return [
      {
        key: `type ${it.library.name} ${it.type} ${at.file.path} ${JSON.stringify(at.value)}`,
        kind: "field",
        file: at.file,
        id: -1,
        library: it.library.name,
        type: it.type,
      },
    ];
  });
}

/** The routers in a field of an instance, in its own class or a base; getters are looked through. */
function fieldRouters(
  program: Program,
  instance: Origin & { readonly k: "instance" },
  name: string,
  depth: number,
  walk: Walk,
): readonly Router[] {
  let at: PlacedClass | undefined = instance;
  for (let i = 0; at && i < 8; i++) {
    const owner: PlacedClass = at;
    const cls = owner.file.classes[owner.c]!;
    const frame = (f: number): Env => constructorFrame(program, instance, owner, f);
    for (const member of cls.members) {
      if (member.name !== name || member.isStatic) continue;
      if (member.fn !== undefined) {
        const fn = owner.file.functions[member.fn]!;
        if (fn.kind !== "getter") continue;
        const env: Env = { file: owner.file, f: member.fn, args: [], argsFile: owner.file, self: instance };
        return fn.returns.flatMap((it) =>
          trace(program, { value: it, file: owner.file, env }, depth + 1, walk, undefined),
        );
      }
      if (member.value && member.value.k !== "lit") {
        const found = trace(
          program,
          { value: member.value, file: owner.file, env: frame(cls.ctor ?? -1) },
          depth + 1,
          walk,
          instance,
        );
        if (found.length > 0) return found;
      }
    }
    const assigned = program.assignedTo(owner.file, owner.c, name);
    if (assigned) {
      const found = trace(
        program,
        { value: assigned.value, file: owner.file, env: frame(assigned.f) },
        depth + 1,
        walk,
        instance,
      );
      if (found.length > 0) return found;
    }
    const base: Origin | undefined = cls.superClass ? program.origin(cls.superClass, owner.file) : undefined;
    at = base?.k === "class" ? base : undefined;
  }
  return [];
}

/** `routes(...args)`: what stands at a place of the list, or of the rest parameter it is. */
function spreadRouters(program: Program, file: FileSummary, list: Value | undefined, index: number): readonly Router[] {
  if (!list) return [];
  const binding = list.k === "ref" ? file.bindings[list.b] : undefined;
  if (binding?.kind === "param" && file.functions[binding.fn]?.params[binding.param ?? 0]?.rest)
    return [paramRouter({ file, f: binding.fn }, (binding.param ?? 0) + index)];
  const items = elementsOf(program, { value: list, file });
  return items?.[index] ? routersOf(program, items[index]) : [];
}

/** A router as its factory knows it: the same with fewer of the calls it comes out of, the closest first. */
function generalKeys(it: Router): readonly string[] {
  const sites = it.kind === "made" ? (it.sites ?? []) : [];
  return sites.map((_, i) => madeKey(it.file, it.id, it.self, sites.slice(0, sites.length - 1 - i)));
}

/** Whether of two routers made at one place the first is one that the second stands for. `below` are the second's subclasses. */
function isCloser(it: Router, general: Router, below: ReadonlySet<string> | undefined): boolean {
  const self = it.self ? `${it.self.file.path} ${it.self.c}` : undefined;
  const same = general.self ? self === `${general.self.file.path} ${general.self.c}` : true;
  const sites = it.sites ?? [];
  const isMade = (general.sites ?? []).every((one, i) => sites[i] === one);
  return (
    isMade && (same ? sites.length > (general.sites ?? []).length : self !== undefined && below?.has(self) === true)
  );
}

/** One place where a router is served. */
export interface Mounted {
  readonly parent: Router;
  readonly prefix: string;
  /** The call that mounts it, or that hands it to a function; absent where none of the parent's file is known. */
  readonly at?: Placed | undefined;
}

export interface Mounts {
  /** States that `child` is served under `prefix` of `parent`, by the call `at`. */
  readonly mount: (parent: Router, child: Router, prefix: string, at?: Placed) => void;
  /** Where a router is mounted. */
  readonly above: (router: Router) => readonly Mounted[];
  readonly note: (router: Router) => void;
  /** States that nothing serves a router, whatever its parameter is called. */
  readonly hide: (router: Router) => void;
  /** A prefix that the router puts before everything of its own. */
  readonly own: (router: Router, prefix: string) => void;
  /** Prefixes under which a router is served; one empty one where nothing is known to mount it. */
  readonly prefixes: (router: Router) => readonly string[];
  /** Whether a router is one of this library's, itself or by what is handed to it. */
  readonly isOf: (router: Router, library: string) => boolean;
}

/**
 * `claims` says whether a router that comes in by a parameter nobody is known to fill is this framework's all the same.
 */
export function createMounts(
  program: Program,
  graph: CallGraph,
  claims: (router: Router) => boolean = () => false,
): Mounts {
  const parents = new Map<string, Mounted[]>();
  const siblings = new Map<string, Map<string, Router>>();
  const aliased = new Set<string>();
  const known = new Map<string, readonly string[]>();
  const hidden = new Set<string>();
  const owned = new Map<string, string>();
  /** `require(join(dir, file))(app)`: every file of the folder gets the router. */
  const load = (): void => {
    for (const { file, c } of callIndex(program).loaded) {
      const { callee, args } = file.calls[c]!;
      const name = callee.k === "get" ? callee.name : "default";
      const files = loadedFiles(program, { value: callee.k === "get" ? callee.of : callee, file });
      for (const [index, arg] of args.entries())
        for (const parent of files.length > 0 ? routersOf(program, { value: arg, file }) : [])
          for (const it of files) {
            const main = mainExport(it, name);
            for (const fn of main ? each(program.at(main)) : [])
              if (fn.k === "fn") mount(parent, paramRouter(fn, index), "", { file, c });
          }
    }
  };
  const note = (it: Router): void => {
    if (it.kind !== "made") return;
    const key = `${it.file.path} ${it.id}`;
    const group = siblings.get(key);
    if (group) group.set(it.key, it);
    else siblings.set(key, new Map([[it.key, it]]));
  };
  const mount = (parent: Router, child: Router, prefix: string, at?: Placed): void => {
    note(parent);
    note(child);
    if (parent.key === child.key || isTestFile(parent.file)) return;
    const list = parents.get(child.key);
    if (!list) parents.set(child.key, [{ parent, prefix, at }]);
    else if (!list.some((it) => it.parent.key === parent.key && it.prefix === prefix))
      list.push({ parent, prefix, at });
    known.clear();
  };
  /** What callers hand to a parameter is the same router. */
  const alias = (it: Router): void => {
    if (it.kind !== "param" || aliased.has(it.key)) return;
    aliased.add(it.key);
    for (const at of callersOf(graph, { file: it.file, f: it.id }).slice(0, 40)) {
      const call = at.file.calls[at.c]!;
      const index = it.index ?? 0;
      if (call.spread !== undefined && call.spread <= index) {
        for (const parent of spreadRouters(program, at.file, call.args[call.spread], index - call.spread))
          mount(parent, it, "", at);
        continue;
      }
      const arg = call.args[index];
      if (!arg) continue;
      let scoped: Scoped | undefined = { value: arg, file: at.file };
      for (const name of it.path ?? []) {
        const found: Lookup | undefined = scoped ? program.property(scoped, name) : undefined;
        scoped = found?.is === "yes" ? found.at : undefined;
      }
      if (scoped) for (const parent of routersOf(program, scoped)) mount(parent, it, "", at);
    }
  };
  const parentsOf = (it: Router): readonly Mounted[] => {
    alias(it);
    const own = parents.get(it.key) ?? [];
    if (it.kind !== "made") return own;
    // Where a factory mounts what it makes, there all that it made is.
    const made = generalKeys(it).flatMap((key) => parents.get(key) ?? []);
    const group = siblings.get(`${it.file.path} ${it.id}`);
    const above = made.length > 0 ? [...own, ...made.filter((one) => one.parent.key !== it.key)] : own;
    if (!group || group.size < 2) return above;
    // What a base class or a factory registers, every instance of it serves.
    const below = it.self
      ? new Set(
          program.subtypes(it.self.file, it.self.file.classes[it.self.c]!).map((one) => `${one.file.path} ${one.c}`),
        )
      : undefined;
    const inherited = [...group.values()].filter((one) => one.key !== it.key && isCloser(one, it, below));
    return inherited.length > 0 ? [...above, ...inherited.map((parent) => ({ parent, prefix: "" }))] : above;
  };
  const ownOf = (it: Router): string | undefined =>
    [it.key, ...generalKeys(it)].map((key) => owned.get(key)).find((one) => one !== undefined);
  const resolve = (it: Router, active: Set<string>): readonly string[] => {
    const memo = known.get(it.key);
    if (memo) return memo;
    if (active.has(it.key)) return [];
    active.add(it.key);
    const above = parentsOf(it);
    const found = new Set<string>();
    for (const { parent, prefix } of above)
      for (const outer of resolve(parent, active)) if (found.size < MAX_PREFIXES) found.add(joinRoute(outer, prefix));
    active.delete(it.key);
    const outer = found.size > 0 ? [...found] : above.length > 0 ? [] : [""];
    const own = ownOf(it);
    const prefixes = own ? outer.map((one) => joinRoute(one, own)) : outer;
    if (active.size === 0) known.set(it.key, prefixes);
    return prefixes;
  };
  /** Undefined where nobody is known to hand the router over, or only such as are unknown themselves. */
  const ownerOf = (it: Router, library: string, active: Set<string>): boolean | undefined => {
    if (it.library !== undefined) return it.library === library;
    if (active.has(it.key) || active.size > 30) return false;
    active.add(it.key);
    const above = parentsOf(it).map((one) => ownerOf(one.parent, library, active));
    if (above.includes(true)) return true;
    if (above.includes(false)) return false;
    return it.kind === "param" && !hidden.has(it.key) && claims(it) ? true : undefined;
  };
  load();
  return {
    mount,
    above: parentsOf,
    note,
    hide: (it) => hidden.add(it.key),
    own: (it, prefix) => {
      owned.set(it.key, prefix);
      known.clear();
    },
    prefixes: (it) => {
      const found = resolve(it, new Set());
      return found.length > 0 ? found : [ownOf(it) ?? ""];
    },
    isOf: (it, library) => ownerOf(it, library, new Set()) === true,
  };
}
