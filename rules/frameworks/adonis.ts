/** AdonisJS: the router's verbs, resources and groups with prefixes; controllers as pairs, lazily imported, or by name. */
import {
  defineFramework,
  type Endpoint,
  type FileSummary,
  type FrameworkContext,
  joinRoute,
  type Origin,
  type PlacedFunction,
  type Program,
  type Value,
} from "../../engine/index.ts";
import { endpoint, verb } from "./_collect.ts";
import { elementsOf } from "./_frames.ts";
import { functionsOf } from "./_handlers.ts";
import { plainRoutes, routeTexts } from "./_texts.ts";
import { each, isTestFile } from "./_values.ts";

const ROUTER = /^(?:@adonisjs\/core\/services\/router|@adonisjs\/core\/http|@ioc:Adonis\/Core\/Route)$/;
const VERBS = new Set(["get", "post", "put", "patch", "delete", "any"]);
/** What `resource("posts", …)` registers, with the parts that only pages have. */
const RESOURCE: readonly (readonly [action: string, methods: readonly string[], path: string, page: boolean])[] = [
  ["index", ["GET"], "", false],
  ["create", ["GET"], "/create", true],
  ["store", ["POST"], "", false],
  ["show", ["GET"], "/:id", false],
  ["edit", ["GET"], "/:id/edit", true],
  ["update", ["PUT", "PATCH"], "/:id", false],
  ["destroy", ["DELETE"], "/:id", false],
];

export default defineFramework({
  name: "adonis",
  *entries({ program }: FrameworkContext): Iterable<Endpoint> {
    for (const file of program.files.values()) {
      if (isTestFile(file) || !usesRouter(file)) continue;
      for (let c = 0; c < file.calls.length; c++) yield* registered(program, file, c);
    }
  },
});

function* registered(program: Program, file: FileSummary, c: number): Iterable<Endpoint> {
  const call = file.calls[c]!;
  const { callee, args } = call;
  if (callee.k !== "get" || !isRouter(callee.of, file, 0)) return;
  const { name } = callee;
  const at = { file, at: call.at, nameAt: call.nameAt, framework: "adonis" };
  const paths = args[0] ? routeTexts(program, { value: args[0], file }) : undefined;
  const prefix = prefixAround(program, file, call.fn);
  if (!paths || prefix === undefined) return;
  const given = args[1];
  if (VERBS.has(name)) {
    for (const path of paths)
      for (const route of plainRoutes(joinRoute(prefix, path)))
        yield endpoint({
          ...at,
          method: name === "any" ? "ALL" : verb(name),
          route,
          handlers: given ? handlersOf(program, file, given) : [],
        });
    return;
  }
  if (name === "route") {
    const methods = args[1] ? (elementsOf(program, { value: args[1], file }) ?? []) : [];
    for (const method of methods.flatMap((it) => program.text(it) ?? []))
      for (const path of paths)
        for (const route of plainRoutes(joinRoute(prefix, path)))
          yield endpoint({
            ...at,
            method: verb(method),
            route,
            handlers: args[2] ? handlersOf(program, file, args[2]) : [],
          });
    return;
  }
  if (name === "on") {
    // `router.on("/about").render("pages/about")`: a page or a redirect without code of its own.
    const shows = program.view({ file, c }).after();
    if (shows.some((it) => /^(?:render|redirect)/.test(it.name)))
      for (const path of paths)
        for (const route of plainRoutes(joinRoute(prefix, path)))
          yield endpoint({ ...at, method: "GET", route, handlers: [] });
    return;
  }
  if (name !== "resource" && name !== "shallowResource") return;
  const links = program.view({ file, c }).after();
  const isApi = links.some((it) => it.name === "apiOnly");
  const listed = (link: string): readonly string[] | undefined => {
    const given = links.find((it) => it.name === link)?.view.call.args[0];
    return given ? elementsOf(program, { value: given, file })?.flatMap((it) => program.text(it) ?? []) : undefined;
  };
  const [only, except] = [listed("only"), listed("except")];
  for (const path of paths)
    for (const [action, methods, tail, isPage] of RESOURCE) {
      if ((isPage && isApi) || (only && !only.includes(action)) || except?.includes(action)) continue;
      const handlers = given ? actionOf(program, file, given, action) : [];
      // A resource whose controller lacks an action answers it with an error.
      if (handlers.length === 0) continue;
      // `posts.comments`: a resource inside of another; a shallow one names what it lies in only where nothing else does.
      const parts = path.split(".");
      const isOwn = name === "shallowResource" && tail.startsWith("/:id");
      const nested = isOwn
        ? parts.at(-1)!
        : parts.map((it, i) => (i < parts.length - 1 ? `${it}/:${it.replace(/s$/, "")}_id` : it)).join("/");
      for (const method of methods)
        for (const route of plainRoutes(joinRoute(prefix, `${nested}${tail}`)))
          yield endpoint({ ...at, method, route, handlers });
    }
}

function usesRouter(file: FileSummary): boolean {
  return (
    file.imports.some((it) => ROUTER.test(it.specifier)) ||
    file.bindings.some((it) => it.value !== undefined && isUsed(it.value, file))
  );
}

/** The name that the router is imported under, a parameter that it is handed to, or version 4's `use("Route")`. */
function isRouter(value: Value, file: FileSummary, depth: number): boolean {
  if (value.k !== "ref" || depth > 3) return value.k === "call" && isUsed(value, file);
  const { from, value: made } = file.bindings[value.b]!;
  if (from) return ROUTER.test(file.imports[from.import]!.specifier);
  return made !== undefined && isRouter(made, file, depth + 1);
}

/** `use("Route")`, `use("Adonis/Src/Route")`. */
function isUsed(value: Value, file: FileSummary): boolean {
  const call = value.k === "call" ? file.calls[value.c]! : undefined;
  const name = call?.args[0];
  return (
    call?.callee.k === "global" &&
    call.callee.name === "use" &&
    name?.k === "lit" &&
    (name.v === "Route" || name.v === "Adonis/Src/Route")
  );
}

/** Prefixes of the groups that a function is the body of, outermost first; undefined where one cannot be read. */
function prefixAround(program: Program, file: FileSummary, fn: number): string | undefined {
  let prefix = "";
  for (let f = fn; f > 0; f = file.functions[f]!.parent) {
    const place = program.context(file, f);
    if (place?.kind !== "argument") continue;
    const { callee } = file.calls[place.c]!;
    if (callee.k !== "get" || callee.name !== "group") continue;
    for (const link of program.view({ file, c: place.c }).after()) {
      if (link.name !== "prefix") continue;
      const given = link.view.call.args[0];
      const text = given ? routeTexts(program, { value: given, file })?.[0] : undefined;
      if (text === undefined) return undefined;
      prefix = joinRoute(text, prefix);
    }
  }
  return prefix;
}

/** A function, `[UsersController, "index"]`, or `"UsersController.index"`. */
function handlersOf(program: Program, file: FileSummary, given: Value): readonly PlacedFunction[] {
  if (given.k === "arr") {
    const [controller, action] = given.items;
    if (!controller) return [];
    if (action?.k === "lit" && typeof action.v === "string") return actionOf(program, file, controller, action.v);
    // An action class that tells its use as a controller from others.
    const own = actionOf(program, file, controller, "asController");
    return own.length > 0 ? own : actionOf(program, file, controller, "handle");
  }
  if (given.k === "lit" && typeof given.v === "string") {
    const [, controller, action] = /^([\w/.]+?)\.(\w+)$/.exec(given.v) ?? [];
    return controller && action ? actionOf(program, file, { ...given, v: controller }, action) : [];
  }
  return functionsOf(program, { value: given, file });
}

/** A method of a controller: a class, a function that imports its file, or the name of one. */
function actionOf(program: Program, file: FileSummary, controller: Value, action: string): readonly PlacedFunction[] {
  const name = controller.k === "lit" && typeof controller.v === "string" ? controller.v : undefined;
  const origins: readonly Origin[] =
    name === undefined
      ? each(program.origin(controller, file)).flatMap((it) => loaded(program, it))
      : byName(program, name);
  return origins.flatMap((it) => {
    if (it.k !== "class") return [];
    const own = it.file.classes[it.c]!.members.find((one) => one.name === action && one.fn !== undefined);
    if (own) return [{ file: it.file, f: own.fn! }];
    const inherited = program.member({ k: "instance", file: it.file, c: it.c }, action);
    return inherited.k === "fn" && inherited.file.functions[inherited.f]!.kind === "method"
      ? [{ file: inherited.file, f: inherited.f }]
      : [];
  });
}

/** `() => import("#controllers/users_controller")`: the class that the file exports. */
function loaded(program: Program, origin: Origin): readonly Origin[] {
  if (origin.k !== "fn") return [origin];
  const fn = origin.file.functions[origin.f]!;
  const dynamic = origin.file.imports.filter(
    (it) => it.kind === "dynamic" && fn.at[0] <= it.at[0] && it.at[1] <= fn.at[1],
  );
  return dynamic.flatMap((it) => {
    const target = program.input.resolve(origin.file.path, it.specifier);
    const found = target === undefined ? undefined : program.files.get(target);
    return found ? classesOf(found) : byName(program, it.specifier);
  });
}

/** Controllers by the end of their path, as the framework finds them; only where one file answers to it. */
function byName(program: Program, name: string): readonly Origin[] {
  const last = name
    .split("/")
    .at(-1)!
    .replace(/\.[jt]s$/, "");
  const found = [...program.files.values()].filter(
    (it) => /(^|\/)controllers(\/|$)/i.test(it.path) && it.path.replace(/\.[cm]?[jt]s$/, "").endsWith(`/${last}`),
  );
  return found.length === 1 ? classesOf(found[0]!) : [];
}

const classesOf = (file: FileSummary): readonly Origin[] =>
  file.classes.length === 1 ? [{ k: "class", file, c: 0 } as Origin] : [];
