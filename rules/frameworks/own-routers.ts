/**
 * Routers that a project has written itself: a class with methods named after verbs, or one that takes the verb, which
 * keeps path and handler to serve them later in a way that cannot be followed.
 */
import {
  defineFramework,
  type Endpoint,
  type FileSummary,
  type FrameworkContext,
  type FunctionSummary,
  joinRoute,
  type PlacedClass,
  type Program,
  type Scoped,
} from "../../engine/index.ts";
import { callIndex, HTTP_METHODS } from "./_calls.ts";
import { type Collected, endpoint, verb } from "./_collect.ts";
import { functionsOf } from "./_handlers.ts";
import { routersOf } from "./_routers.ts";
import { plainRoutes, routeTexts } from "./_texts.ts";
import { each, isTestFile } from "./_values.ts";
import { expressEndpoints } from "./express.ts";
import { fastifyEndpoints } from "./fastify.ts";
import { koaEndpoints } from "./koa.ts";

const VERBS = new Set([...HTTP_METHODS].filter((it) => it !== "search" && it !== "any"));
const WITH_VERB = new Set(["route", "addRoute", "add", "register", "on"]);
const PATH = /^(path|route|url|uri|pattern|endpoint|schema|pathname|routePath)$/i;
const HANDLER = /^(handlers?|callbacks?|cb|fn|mw|middlewares?|controller|action|listener|func|handlerFn)$/i;
const METHOD = /^(method|verb|httpMethod)$/i;

/** How a method of such a class takes a route. */
interface Registers {
  readonly cls: PlacedClass;
  /** Undefined where the first argument says it. */
  readonly method: string | undefined;
}

export default defineFramework({
  name: "own-routers",
  *entries(context: FrameworkContext): Iterable<Endpoint> {
    const { program } = context;
    const methods = registering(program);
    if (methods.size === 0) return;
    const libraries = [expressEndpoints, koaEndpoints, fastifyEndpoints].map((it) => it(context));
    const known = new Set(libraries.flatMap((it) => it.endpoints.map((one) => `${one.path} ${one.at[0]}`)));
    const prefixes = new Map<unknown, string>();
    const { members } = callIndex(program);
    for (const name of [...VERBS, ...WITH_VERB])
      for (const { file, c } of members.get(name) ?? []) {
        const call = file.calls[c]!;
        const takes = each(program.callee(file, c)).flatMap((it) =>
          it.k === "fn" ? (methods.get(it.file.functions[it.f]!) ?? []) : [],
        )[0];
        // What a library's router registers in the end is told with its prefix.
        if (!takes || isTestFile(file) || known.has(`${file.path} ${call.at[0]}`)) continue;
        const [first, ...rest] = takes.method === undefined ? call.args.slice(1) : call.args;
        const method = takes.method ?? (call.args[0] ? program.text({ value: call.args[0], file }) : undefined);
        const written: Scoped | undefined = first ? { value: first, file } : undefined;
        const handlers = rest.flatMap((it) => functionsOf(program, { value: it, file }));
        const paths = (routeTexts(program, written) ?? []).filter(isPath);
        if (method === undefined || !HTTP_METHODS.has(method.toLowerCase()) || handlers.length === 0) continue;
        const key = takes.cls.file.classes[takes.cls.c];
        if (!prefixes.has(key)) prefixes.set(key, prefixOf(program, takes.cls, libraries));
        const nameAt = first?.k === "lit" && first.at ? first.at : call.nameAt;
        for (const path of paths)
          for (const route of plainRoutes(joinRoute(prefixes.get(key)!, path)))
            yield endpoint({
              framework: "own-router",
              method: verb(method),
              route,
              file,
              at: call.at,
              nameAt,
              handlers,
            });
      }
  },
});

/** Not a query, which some take into their paths to tell requests apart. */
function isPath(text: string): boolean {
  return text !== "" && !/\?\w|\||\s|^\w+:\/\//.test(text);
}

/** The methods by which the project's own router classes take routes. */
function registering(program: Program): ReadonlyMap<FunctionSummary, Registers> {
  const found = new Map<FunctionSummary, Registers>();
  for (const file of program.files.values()) {
    if (isTestFile(file)) continue;
    for (const [c, cls] of file.classes.entries()) {
      const own: (readonly [FunctionSummary, string | undefined])[] = [];
      for (const { name, fn, isStatic } of cls.members) {
        const summary = fn === undefined || isStatic ? undefined : file.functions[fn]!;
        if (summary?.kind !== "method") continue;
        if (VERBS.has(name) && takesRoute(summary, 0)) own.push([summary, name]);
        else if (WITH_VERB.has(name) && METHOD.test(summary.params[0]?.name ?? "") && takesRoute(summary, 1))
          own.push([summary, undefined]);
      }
      // One method called `get` with a path may be anything's; one that takes the verb, or several, are a router's.
      if (own.length < 2 && own[0]?.[1] !== undefined) continue;
      for (const [summary, method] of own) found.set(summary, { cls: { file, c }, method });
    }
  }
  return found;
}

function takesRoute({ params }: FunctionSummary, at: number): boolean {
  const [path, handler] = [params[at], params[at + 1]];
  return path !== undefined && handler !== undefined && PATH.test(path.name) && HANDLER.test(handler.name);
}

/** Where a plugin or a function that gets a library's router holds an instance of the class, there its routes are served. */
function prefixOf(program: Program, cls: PlacedClass, libraries: readonly Collected[]): string {
  const found = new Set<string>();
  for (const file of program.files.values()) {
    if (isTestFile(file)) continue;
    for (const binding of file.bindings) {
      if (binding.fn === 0 || binding.kind !== "const" || binding.value?.k !== "call") continue;
      const holds = each(program.origin(binding.value, file)).some(
        (it) => it.k === "instance" && it.file === cls.file && it.c === cls.c,
      );
      if (holds) for (const it of aroundOf(program, file, binding.fn, libraries)) found.add(it);
    }
  }
  return found.size === 1 ? [...found][0]! : "";
}

/** The prefixes of the library's router that a function around gets. */
function aroundOf(program: Program, file: FileSummary, f: number, libraries: readonly Collected[]): readonly string[] {
  for (let i = f; i > 0; i = file.functions[i]!.parent)
    for (const param of file.functions[i]!.params) {
      const routers = routersOf(program, { value: { k: "ref", b: param.binding }, file });
      for (const router of routers)
        for (const it of libraries)
          if (router.library !== undefined && it.mounts.isOf(router, router.library)) {
            const prefixes = it.mounts.prefixes(router);
            if (prefixes.some((one) => one !== "" && one !== "/")) return prefixes;
          }
    }
  return [];
}
