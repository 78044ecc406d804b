/** What a Nest application sets for all its controllers, and which controllers are its own: by the modules it is made of. */
import {
  type FileSummary,
  type FrameworkContext,
  joinRoute,
  type Lookup,
  type PlacedClass,
  type PlacedFunction,
  type Program,
  type Scoped,
  type Value,
} from "../../engine/index.ts";
import { callIndex, importedName } from "./_calls.ts";
import { argumentOf, decoratorsOf } from "./_decorators.ts";
import { elementsOf, readings } from "./_frames.ts";
import { routeTexts } from "./_texts.ts";
import { each } from "./_values.ts";

export interface AppSettings {
  readonly prefix: string;
  readonly excluded: (route: string) => boolean;
  readonly versioning: { readonly prefix: string; readonly fallback: readonly string[] } | undefined;
}

interface Settings {
  prefix: string;
  excluded: (route: string) => boolean;
  versioning: AppSettings["versioning"];
}

const PLAIN: AppSettings = { prefix: "", excluded: () => false, versioning: undefined };
const MAX_MODULES = 3000;
/** Options that were left out. */
const NOTHING: Value = { k: "obj", props: [], at: [0, 0] };

/** The settings of every application that serves a controller; one without any where nothing is known. */
export function appSettings(context: FrameworkContext): (controller: PlacedClass) => readonly AppSettings[] {
  const set = settingsSaid(context.program);
  const apps = applications(context).map(({ module, file, f, from }) => ({
    controllers: controllersBelow(context.program, module),
    settings: set.byFunction.get(functionKey(file, f)) ?? near(from, set.byRoot),
  }));
  return (controller) => {
    const key = keyOf(controller);
    const own = apps.filter((it) => it.controllers.has(key)).map((it) => it.settings ?? PLAIN);
    return own.length > 0 ? [...new Set(own)] : [near(controller.file.path, set.byRoot) ?? PLAIN];
  };
}

/** `setGlobalPrefix` and `enableVersioning`, by the function that calls them and by the folder of the application. */
function settingsSaid(program: Program): {
  readonly byFunction: ReadonlyMap<string, AppSettings>;
  readonly byRoot: ReadonlyMap<string, AppSettings>;
} {
  const { members } = callIndex(program);
  const byRoot = new Map<string, Settings>();
  const byFunction = new Map<string, Settings>();
  const at = <K>(map: Map<K, Settings>, key: K): Settings => {
    let known = map.get(key);
    if (!known) map.set(key, (known = { ...PLAIN }));
    return known;
  };
  const of = (file: FileSummary, f: number): readonly Settings[] => [
    at(byRoot, appRoot(file.path)),
    at(byFunction, functionKey(file, f)),
  ];
  for (const { file, c } of members.get("setGlobalPrefix") ?? []) {
    const call = file.calls[c]!;
    const [prefix, options] = call.args;
    const text = prefix
      ? (routeTexts(program, { value: prefix, file }) ?? configured(program, { value: prefix, file }))
      : undefined;
    const exclude = options ? program.property({ value: options, file }, "exclude") : undefined;
    for (const it of of(file, call.fn)) {
      it.prefix = text?.[0] ?? "";
      if (exclude?.is === "yes") it.excluded = exclusion(program, exclude.at);
    }
  }
  for (const { file, c } of members.get("enableVersioning") ?? []) {
    const call = file.calls[c]!;
    const options: Scoped = { value: call.args[0] ?? NOTHING, file };
    const type = program.property(options, "type");
    const isUri =
      type.is === "no" ||
      (type.is === "yes" &&
        ((type.at.value.k === "get" && type.at.value.name === "URI") || program.number(type.at) === 0));
    if (!isUri) continue;
    const prefix = program.property(options, "prefix");
    const fallback = program.property(options, "defaultVersion");
    const isBare = prefix.is === "yes" && prefix.at.value.k === "lit" && prefix.at.value.v === false;
    for (const it of of(file, call.fn))
      it.versioning = {
        prefix: isBare ? "" : ((prefix.is === "yes" ? routeTexts(program, prefix.at)?.[0] : undefined) ?? "v"),
        // A version that is computed is one all the same.
        fallback: fallback.is === "yes" ? (versionsIn(program, fallback.at) ?? [":version"]) : [],
      };
  }
  return { byFunction, byRoot };
}

/** The folder of the application that a file sets up: what lies above `src`, else its own. */
function appRoot(path: string): string {
  const src = path.lastIndexOf("/src/");
  if (src >= 0) return path.slice(0, src + 1);
  if (path.startsWith("src/")) return "";
  const slash = path.lastIndexOf("/");
  return slash >= 0 ? path.slice(0, slash + 1) : "";
}

function near(path: string, all: ReadonlyMap<string, AppSettings>): AppSettings | undefined {
  const above = [...all].filter(([root]) => path.startsWith(root)).sort(([a], [b]) => b.length - a.length);
  if (above[0]) return above[0][1];
  // A library that several applications may load: what they agree on.
  const [first, ...rest] = all.values();
  return rest.every((it) => it.prefix === first?.prefix && it.versioning?.prefix === first?.versioning?.prefix)
    ? first
    : undefined;
}

function functionKey(file: FileSummary, f: number): string {
  return `${file.path} ${f}`;
}

export function keyOf(it: PlacedClass): string {
  return `${it.file.path} ${it.c}`;
}

// Modules

export interface Application {
  readonly module: PlacedClass;
  /** The function that makes it. */
  readonly file: FileSummary;
  readonly f: number;
  /** The file that hands it its module. */
  readonly from: string;
}

/** `NestFactory.create(AppModule)`, also in a function that is handed the module. */
export function applications({ program, graph }: FrameworkContext): readonly Application[] {
  const found: Application[] = [];
  for (const at of callIndex(program).members.get("create") ?? []) {
    const { callee, args, fn } = at.file.calls[at.c]!;
    if (callee.k !== "get" || importedName(callee.of, at.file) !== "NestFactory" || !args[0]) continue;
    const modules = (env: Scoped["env"]) =>
      each(program.origin(args[0]!, at.file, env)).flatMap((it) => (it.k === "class" ? [it] : []));
    for (const reading of readings(program, graph, at, ({ env }) => (modules(env).length > 0 ? [] : [args[0]!])))
      for (const module of modules(reading.env))
        found.push({ module, file: at.file, f: fn, from: reading.site.file.path });
  }
  return found;
}

/** Controllers of a module and of all that it imports. */
function controllersBelow(program: Program, root: PlacedClass): ReadonlySet<string> {
  const found = new Set<string>();
  for (const module of modulesBelow(program, root))
    for (const options of moduleOptions(program, module))
      for (const it of classesIn(program, options, "controllers")) found.add(keyOf(it));
  return found;
}

/** A module and all that it imports. */
export function modulesBelow(program: Program, root: PlacedClass): readonly PlacedClass[] {
  const found = new Map<string, PlacedClass>();
  const open: PlacedClass[] = [root];
  for (let module = open.pop(); module && found.size < MAX_MODULES; module = open.pop()) {
    const key = keyOf(module);
    if (found.has(key)) continue;
    found.set(key, module);
    for (const options of moduleOptions(program, module)) open.push(...classesIn(program, options, "imports"));
  }
  return [...found.values()];
}

/** What its decorator says, and what its static functions return (`{ module, imports, controllers }`). */
export function moduleOptions(program: Program, { file, c }: PlacedClass): readonly Scoped[] {
  const cls = file.classes[c]!;
  const decorated = decoratorsOf(program, cls.decorators, file).flatMap((it) => {
    const options = it.name === "Module" ? argumentOf(it, 0) : undefined;
    return options ? [options] : [];
  });
  const dynamic = cls.members.flatMap((it) =>
    it.isStatic && it.fn !== undefined ? file.functions[it.fn]!.returns.map((value): Scoped => ({ value, file })) : [],
  );
  return [...decorated, ...dynamic];
}

export function classesIn(program: Program, options: Scoped, name: string): readonly PlacedClass[] {
  const list: Lookup = program.property(options, name);
  return list.is === "yes" ? (elementsOf(program, list.at) ?? []).flatMap((it) => classesOf(program, it, 0)) : [];
}

/** A class, `Module.forRoot(…)`, `forwardRef(() => Module)`, or one of two. */
function classesOf(program: Program, at: Scoped, depth: number): readonly PlacedClass[] {
  const { value, file, env } = at;
  if (depth > 4) return [];
  const inner = (it: Scoped["value"]) => classesOf(program, { value: it, file, env }, depth + 1);
  if (value.k === "either") return value.op === "&&" ? inner(value.b) : [...inner(value.a), ...inner(value.b)];
  if (value.k === "call") {
    const call = file.calls[value.c]!;
    if (call.callee.k === "get") return inner(call.callee.of);
    const made = call.args[0];
    return importedName(call.callee, file) === "forwardRef" && made?.k === "fn"
      ? file.functions[made.f]!.returns.flatMap(inner)
      : [];
  }
  return each(program.at(at)).flatMap((it) => (it.k === "class" ? [it] : []));
}

/** `config.get("app.apiPrefix")`: the literal that `registerAs("app", …)` or a configuration function falls back on. */
function configured(program: Program, at: Scoped): readonly string[] | undefined {
  const { value, file } = at;
  const call = value.k === "call" ? file.calls[value.c] : undefined;
  if (call?.callee.k !== "get" || !call.callee.name.startsWith("get") || !call.args[0]) {
    const binding = value.k === "ref" ? file.bindings[value.b] : undefined;
    if (binding?.value?.k === "call") return configured(program, { value: binding.value, file });
    return value.k === "either" ? configured(program, { value: value.a, file }) : undefined;
  }
  const key = program.text({ value: call.args[0], file });
  const [head, ...rest] = key?.split(".") ?? [];
  if (!head) return undefined;
  const read = (fn: PlacedFunction, names: readonly string[]): readonly string[] | undefined => {
    for (const returned of fn.file.functions[fn.f]!.returns) {
      let here: Scoped | undefined = { value: returned, file: fn.file };
      for (const name of names) {
        const found: ReturnType<Program["property"]> | undefined = here ? program.property(here, name) : undefined;
        here = found?.is === "yes" ? found.at : undefined;
      }
      const texts = here ? routeTexts(program, here) : undefined;
      if (texts) return texts;
    }
    return undefined;
  };
  for (const other of program.files.values()) {
    if (!other.imports.some((it) => it.specifier === "@nestjs/config")) continue;
    for (const one of other.calls) {
      if (one.callee.k === "ref" && other.bindings[one.callee.b]?.name === "registerAs" && one.args[0] && one.args[1]) {
        if (program.text({ value: one.args[0], file: other }) !== head) continue;
        for (const it of each(program.origin(one.args[1], other))) if (it.k === "fn") return read(it, rest);
      } else if (one.callee.k === "get" && one.callee.name === "forRoot" && one.args[0]) {
        const load = program.property({ value: one.args[0], file: other }, "load");
        for (const item of load.is === "yes" ? (elementsOf(program, load.at) ?? []) : [])
          for (const it of each(program.at(item))) {
            const found = it.k === "fn" ? read(it, [head, ...rest]) : undefined;
            if (found) return found;
          }
      }
    }
  }
  return undefined;
}

/** Routes that the global prefix leaves alone. */
function exclusion(program: Program, at: Scoped): (route: string) => boolean {
  const patterns = (elementsOf(program, at) ?? []).flatMap((it) => {
    const path = it.value.k === "obj" ? program.property(it, "path") : undefined;
    return routeTexts(program, path ? (path.is === "yes" ? path.at : undefined) : it) ?? [];
  });
  const tests = patterns.map((it) => {
    const trimmed = it.replace(/^\/+|\/+$/g, "");
    const source = trimmed
      .replace(/\{\/\*\w*\}|\/\*\w*$|\/?\(\.\*\)$/g, "\u0000")
      .replace(/:\w+/g, "\u0001")
      .replace(/[.*+?^${}()|[\]\\]/g, "\\$&")
      .replace(/\u0000/g, "(/.*)?")
      .replace(/\u0001/g, "[^/]+");
    return new RegExp(`^${source}$`);
  });
  return (route) => tests.some((it) => it.test(route.replace(/^\/+|\/+$/g, "")));
}

/** Versions as texts; a neutral one is empty. */
export function versionsIn(program: Program, at: Scoped | undefined): readonly string[] | undefined {
  if (!at) return undefined;
  const { value, file, env } = at;
  if (value.k === "arr") return value.items.flatMap((it) => versionsIn(program, { value: it, file, env }) ?? []);
  const name = value.k === "ref" ? file.bindings[value.b]?.from?.name : value.k === "get" ? value.name : undefined;
  return name === "VERSION_NEUTRAL" ? [""] : routeTexts(program, at);
}

/** `RouterModule.register([{ path, module, children }])`: prefixes of the controllers of a module, by `controllerKey`. */
export function routerModulePrefixes(program: Program): (controller: PlacedClass) => string {
  const prefixes = new Map<string, string>();
  const walk = (list: Scoped, outer: string, depth: number): void => {
    for (const item of depth < 6 ? (elementsOf(program, list) ?? []) : []) {
      const path = program.property(item, "path");
      const prefix = joinRoute(outer, (path.is === "yes" ? routeTexts(program, path.at)?.[0] : undefined) ?? "");
      const module = program.property(item, "module");
      const of = module.is === "yes" ? program.at(module.at) : item.value.k === "ref" ? program.at(item) : undefined;
      if (of?.k === "class")
        for (const options of moduleOptions(program, of))
          for (const it of classesIn(program, options, "controllers")) prefixes.set(keyOf(it), prefix);
      for (const name of ["children", "childrens"]) {
        const children = program.property(item, name);
        if (children.is === "yes") walk(children.at, prefix, depth + 1);
      }
    }
  };
  const { members } = callIndex(program);
  for (const { file, c } of [...(members.get("register") ?? []), ...(members.get("forRoutes") ?? [])]) {
    const { callee, args } = file.calls[c]!;
    if (callee.k === "get" && importedName(callee.of, file) === "RouterModule" && args[0])
      walk({ value: args[0], file }, "", 0);
  }
  return (it) => prefixes.get(keyOf(it)) ?? "";
}
