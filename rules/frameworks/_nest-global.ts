/** What runs before every route of a Nest application, or of those that a module names: global guards, middleware. */
import type { FrameworkContext, PlacedClass, PlacedFunction, Program, Scoped, Value } from "../../engine/index.ts";
import { callIndex, importedName } from "./_calls.ts";
import { elementsOf } from "./_frames.ts";
import { functionsOf } from "./_handlers.ts";
import { type Application, applications, classesIn, keyOf, moduleOptions, modulesBelow } from "./_nest-app.ts";
import { runs } from "./_nest-guards.ts";
import { routeTexts } from "./_texts.ts";
import { each, isTestFile } from "./_values.ts";

/** The functions that run before a route of a controller, in no particular order. */
export type Globals = (controller: PlacedClass) => (route: string) => readonly PlacedFunction[];

const PROVIDED: Readonly<Record<string, readonly string[]>> = {
  APP_GUARD: ["canActivate", "handleRequest"],
  APP_INTERCEPTOR: ["intercept"],
  APP_PIPE: ["transform"],
};
const CALLED: Readonly<Record<string, readonly string[]>> = {
  useGlobalGuards: ["canActivate", "handleRequest"],
  useGlobalInterceptors: ["intercept"],
  useGlobalPipes: ["transform"],
};
const NONE: readonly never[] = [];

interface Middleware {
  readonly functions: readonly PlacedFunction[];
  /** Undefined where it runs before all routes. */
  readonly paths: readonly string[] | undefined;
  readonly controllers: ReadonlySet<string>;
}

interface ApplicationGlobals {
  readonly controllers: ReadonlySet<string>;
  readonly always: readonly PlacedFunction[];
  readonly middleware: readonly Middleware[];
}

export function globalsIn(context: FrameworkContext): Globals {
  const { program } = context;
  const middleware = middlewareSaid(program);
  const apps = applications(context).map((it) => globalsOf(program, it, middleware));
  return (controller) => {
    const key = keyOf(controller);
    const own = apps.filter((it) => it.controllers.has(key));
    return (route) =>
      own.length === 0
        ? NONE
        : distinct(
            own.flatMap((it) => [
              ...it.always,
              ...it.middleware.flatMap((one) =>
                one.controllers.has(key) || !one.paths || one.paths.some((path) => isUnder(route, path))
                  ? one.functions
                  : [],
              ),
            ]),
          );
  };
}

function globalsOf(
  program: Program,
  app: Application,
  middleware: ReadonlyMap<string, readonly Middleware[]>,
): ApplicationGlobals {
  const modules = modulesBelow(program, app.module);
  const controllers = new Set<string>();
  const always: PlacedFunction[] = [];
  for (const module of modules)
    for (const options of moduleOptions(program, module)) {
      for (const it of classesIn(program, options, "controllers")) controllers.add(keyOf(it));
      const providers = program.property(options, "providers");
      for (const it of providers.is === "yes" ? (elementsOf(program, providers.at) ?? []) : [])
        always.push(...provided(program, it));
    }
  for (const [name, methods] of Object.entries(CALLED))
    for (const { file, c } of callIndex(program).members.get(name) ?? [])
      if (file === app.file && file.calls[c]!.fn === app.f)
        for (const value of file.calls[c]!.args) always.push(...runs(program, { value, file }, methods));
  return { controllers, always, middleware: modules.flatMap((it) => middleware.get(keyOf(it)) ?? []) };
}

/** `{ provide: APP_GUARD, useClass: RolesGuard }`. */
function provided(program: Program, at: Scoped): readonly PlacedFunction[] {
  if (at.value.k !== "obj") return NONE;
  const token = at.value.props.find((it) => it.name === "provide")?.value;
  const names = token?.k === "ref" ? PROVIDED[importedName(token, at.file) ?? ""] : undefined;
  if (!names) return NONE;
  return at.value.props.flatMap((it) =>
    it.name === "useClass" || it.name === "useExisting" || it.name === "useValue"
      ? runs(program, { ...at, value: it.value }, names)
      : [],
  );
}

/** `consumer.apply(Logger).forRoutes("*")`, by the module whose method says it. */
function middlewareSaid(program: Program): ReadonlyMap<string, readonly Middleware[]> {
  const found = new Map<string, Middleware[]>();
  for (const { file, c } of callIndex(program).members.get("forRoutes") ?? []) {
    const { callee, args, fn } = file.calls[c]!;
    const applied = callee.k === "get" && !isTestFile(file) ? appliedIn(callee.of, file, 0) : undefined;
    const module = moduleAround(file, fn);
    if (!applied || module === undefined) continue;
    const functions = applied.flatMap((value) => {
      const at: Scoped = { value, file };
      const own = runs(program, at, ["use"]);
      return own.length > 0 ? own : functionsOf(program, at);
    });
    if (functions.length === 0) continue;
    const key = keyOf({ file, c: module });
    found.set(key, [...(found.get(key) ?? []), { functions, ...places(program, args, file) }]);
  }
  return found;
}

/** The arguments of `apply`, also before `exclude`. */
function appliedIn(value: Value, file: Scoped["file"], depth: number): readonly Value[] | undefined {
  const call = value.k === "call" ? file.calls[value.c] : undefined;
  if (call?.callee.k !== "get" || depth > 3) return undefined;
  return call.callee.name === "apply" ? call.args : appliedIn(call.callee.of, file, depth + 1);
}

function moduleAround(file: Scoped["file"], f: number): number | undefined {
  for (let i = f; i > 0; i = file.functions[i]!.parent) {
    const { cls } = file.functions[i]!;
    if (cls !== undefined) return cls;
  }
  return undefined;
}

function places(
  program: Program,
  args: readonly Value[],
  file: Scoped["file"],
): { readonly paths: readonly string[] | undefined; readonly controllers: ReadonlySet<string> } {
  const controllers = new Set<string>();
  const paths: string[] = [];
  for (const value of args) {
    const at: Scoped = { value, file };
    const classes = each(program.at(at)).flatMap((it) => (it.k === "class" ? [keyOf(it)] : []));
    for (const it of classes) controllers.add(it);
    if (classes.length > 0) continue;
    const path = value.k === "obj" ? program.property(at, "path") : undefined;
    const texts = routeTexts(program, path ? (path.is === "yes" ? path.at : undefined) : at);
    if (!texts) continue;
    paths.push(...texts);
  }
  const all = paths.some((it) => it.replace(/[/*(){}.]|splat|path|\*\w+/g, "") === "");
  return { paths: all ? undefined : paths, controllers };
}

/** Whether a route, its global prefix aside, is one that a middleware's path names. */
function isUnder(route: string, path: string): boolean {
  const plain = path.replace(/^\/+|\/+$/g, "").replace(/\/?(\(\.\*\)|\{?\*\w*\}?)$/, "");
  const [own, wanted] = [route.split("/").filter(Boolean), plain.split("/").filter(Boolean)];
  const isFrom = (from: number): boolean =>
    wanted.every((it, i) => it === own[from + i] || (it.startsWith(":") && from + i < own.length)) &&
    (from + wanted.length === own.length || plain !== path.replace(/^\/+|\/+$/g, ""));
  return [0, 1, 2].some((from) => from + wanted.length <= own.length && isFrom(from));
}

function distinct(of: readonly PlacedFunction[]): readonly PlacedFunction[] {
  return of.filter((it, i) => of.findIndex((one) => one.file === it.file && one.f === it.f) === i);
}
