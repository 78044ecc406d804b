/** Remix and React Router: loaders and actions of route files, by their names or as `routes.ts` lists them. */
import {
  defineFramework,
  type Endpoint,
  type FileSummary,
  type FrameworkContext,
  joinRoute,
  type Program,
  type Scoped,
  type Value,
} from "../../engine/index.ts";
import { callIndex, importedName } from "./_calls.ts";
import { endpoint } from "./_collect.ts";
import { exportsOf } from "./_files.ts";
import { elementsOf } from "./_frames.ts";
import { functionsOf } from "./_handlers.ts";
import { folderOf, resolved } from "./_lambda.ts";
import { methodParts, VERB_NAMES } from "./_methods.ts";
import { plainRoutes, routeTexts } from "./_texts.ts";
import { each, isTestName } from "./_values.ts";

const PACKAGES = [
  "@remix-run/node",
  "@remix-run/server-runtime",
  "@remix-run/react",
  "@remix-run/cloudflare",
  "react-router",
  "@react-router/node",
  "@react-router/dev",
];
/** File names are read differently by these. */
const NESTED = ["remix-flat-routes", "react-router-auto-routes", "@remix-run/v1-route-convention", "remix-routes"];
const CONFIG = /^(?:@react-router\/dev\/routes|@remix-run\/route-config)$/;
const EXTENSIONS = ["", ".tsx", ".ts", ".jsx", ".js"];
const MAX_DEPTH = 12;

export default defineFramework({
  name: "remix",
  *entries({ program }: FrameworkContext): Iterable<Endpoint> {
    const { packages } = callIndex(program);
    if (!PACKAGES.some((it) => packages.has(it))) return;
    const listed = new Set<string>();
    for (const file of program.files.values()) {
      if (!/(?:^|\/)routes\.[cm]?[jt]s$/.test(file.path) || !file.imports.some((it) => CONFIG.test(it.specifier)))
        continue;
      const main = exportsOf(program, file).get("default");
      const found = main ? [...listedRoutes(program, main, folderOf(file.path), "", 0)] : [];
      for (const it of found) yield* routeModule(program, it.file, it.route);
      if (found.length > 0) listed.add(`${folderOf(file.path)}/`);
    }
    const isNested = NESTED.some((it) => packages.has(it));
    for (const file of program.files.values()) {
      const [, app = "", inside] = /^(.*?\/)?app\/routes\/(.*)\.[jt]sx?$/.exec(file.path) ?? [];
      if (inside === undefined || isTestName(file.path) || listed.has(`${app}app/`) || !isRoute(inside)) continue;
      if (!isNested && isFlat(program, file) && !/^[^/]*(?:\/(?:route|index))?$/.test(inside)) continue;
      for (const route of plainRoutes(joinRoute(routeOf(inside)))) yield* routeModule(program, file, route);
    }
  },
});

/** Code beside the routes: `login.server.ts`, and folders that a plus leads. */
function isRoute(inside: string): boolean {
  return !/\.(?:server|client)$/.test(inside) && !/(?:^|\/)\+/.test(inside);
}

/** From version 2 on only the files of the folder itself are routes, and `route` in the folders below. */
function isFlat(program: Program, file: FileSummary): boolean {
  for (const [name, since] of [
    ["@react-router/dev", 7],
    ["@remix-run/react", 2],
    ["@remix-run/node", 2],
    ["@remix-run/dev", 2],
  ] as const) {
    const version = program.version(file.path, name);
    if (version !== undefined) return Number.parseInt(version, 10) >= since;
  }
  return false;
}

function* routeModule(program: Program, file: FileSummary, route: string): Iterable<Endpoint> {
  for (const [name, it] of exportsOf(program, file)) {
    if (name !== "loader" && name !== "action") continue;
    const handlers = functionsOf(program, it);
    const own = handlers.at(-1);
    const nameAt = own && own.file === file ? file.functions[own.f]!.nameAt : it.at;
    const parts = name === "action" ? methodParts(program, handlers) : [];
    const base = { framework: "remix", route, file, at: it.at };
    const more = name === "action" ? declaredMethods(program, it) : [];
    for (const method of more.filter((one) => !parts.some((part) => part.method === one)))
      yield endpoint({ ...base, method, nameAt, handlers });
    for (const part of parts)
      yield endpoint({
        ...base,
        method: part.method,
        nameAt: part.fn.file === file ? part.nameAt : nameAt,
        handlers: [...handlers.filter((one) => one.file !== part.fn.file || one.f !== part.fn.f), part.fn],
        within: part.within,
      });
    if (parts.length === 0 && more.length === 0)
      yield endpoint({ ...base, method: name === "loader" ? "GET" : "POST", nameAt, handlers });
  }
}

/** Methods that the options of a wrapper name: `createAction({ method: ["PATCH", "DELETE"] }, handler)`. */
function declaredMethods(program: Program, at: Scoped): readonly string[] {
  let { value } = at;
  if (value.k === "ref") value = at.file.bindings[value.b]?.value ?? value;
  while (value.k === "get") value = value.of;
  for (const arg of value.k === "call" ? at.file.calls[value.c]!.args : []) {
    if (arg.k !== "obj") continue;
    for (const name of ["method", "methods"]) {
      const found = program.property({ value: arg, file: at.file }, name);
      const texts = found.is === "yes" ? (routeTexts(program, found.at) ?? []) : [];
      if (texts.length > 0 && texts.every((it) => VERB_NAMES.has(it))) return texts;
    }
  }
  return [];
}

interface Listed {
  readonly file: FileSummary;
  readonly route: string;
}

/** `[index("home.tsx"), route("users/:id", "user.tsx", [...]), layout("l.tsx", [...]), ...prefix("api", [...])]`. */
function* listedRoutes(program: Program, list: Scoped, folder: string, outer: string, depth: number): Iterable<Listed> {
  if (depth > MAX_DEPTH) return;
  for (const item of elementsOf(program, list) ?? []) {
    for (const it of item.value.k === "call" ? [item] : each(program.at(item)).flatMap(asScoped)) {
      if (it.value.k !== "call") continue;
      yield* listedBy(program, it.file, it.value.c, folder, outer, depth);
    }
  }
  // `...prefix("api", [route(…)])`, whose elements cannot be told.
  const { value, file } = list;
  for (const it of value.k === "arr" ? value.items : [])
    if (it.k === "op" && it.op === "spread" && it.args[0]?.k === "call")
      yield* listedBy(program, file, it.args[0].c, folder, outer, depth);
}

function* listedBy(
  program: Program,
  file: FileSummary,
  c: number,
  folder: string,
  outer: string,
  depth: number,
): Iterable<Listed> {
  const call = file.calls[c]!;
  const name = importedName(call.callee, file);
  const [first, second, ...rest] = call.args;
  const scoped = (value: Value): Scoped => ({ value, file });
  const text = (value: Value | undefined): string | undefined =>
    value ? routeTexts(program, scoped(value))?.[0] : undefined;
  const children = (values: readonly (Value | undefined)[]): Value | undefined =>
    values.find((it) => it !== undefined && it.k !== "obj" && it.k !== "lit");
  if (name === "index" || name === "layout") {
    const module = moduleAt(program, folder, text(first));
    if (module) for (const route of plainRoutes(joinRoute(outer))) yield { file: module, route };
    const inner = name === "layout" ? children([second, ...rest]) : undefined;
    if (inner) yield* listedRoutes(program, scoped(inner), folder, outer, depth + 1);
  } else if (name === "route") {
    const path = first?.k === "lit" && first.v === null ? "" : text(first);
    if (path === undefined) return;
    const here = joinRoute(outer, path.replace(/(^|\/)\*$/, "$1:splat*"));
    const module = moduleAt(program, folder, text(second));
    if (module) for (const route of plainRoutes(here)) yield { file: module, route };
    const inner = children(rest);
    if (inner) yield* listedRoutes(program, scoped(inner), folder, here, depth + 1);
  } else if (name === "prefix" && second) {
    const path = text(first);
    if (path !== undefined) yield* listedRoutes(program, scoped(second), folder, joinRoute(outer, path), depth + 1);
  }
}

function asScoped(of: ReturnType<Program["at"]>): readonly Scoped[] {
  return of.k === "obj" ? [{ value: of.value, file: of.file, env: of.env }] : [];
}

function moduleAt(program: Program, folder: string, path: string | undefined): FileSummary | undefined {
  const base = path === undefined ? undefined : resolved(folder, path);
  for (const it of base === undefined ? [] : EXTENSIONS) {
    const found = program.files.get(base + it);
    if (found) return found;
  }
  return undefined;
}

/** File names with dots, folders with `route`, pathless and optional parts to an address. */
export function routeOf(file: string): string {
  const plain = file
    .replace(/\/(route|_?index|_layout)$/, (it) => (it.endsWith("index") ? "/_index" : ""))
    .replace(/\+(?=\/|$)/g, "");
  const parts = plain.split(/[/.](?![^[]*\])/).filter((it) => it !== "");
  return parts
    .filter((it) => !it.startsWith("_") && it !== "index")
    .map((it) => {
      const isOptional = /^\(.*\)$/.test(it.replace(/_$/, ""));
      const text = it.replace(/_$/, "").replace(/^\((.*)\)$/, "$1");
      const name = text.replace(/\[([^\]]*)\]/g, "$1");
      const part = name === "$" ? ":splat*" : name.startsWith("$") ? `:${name.slice(1)}` : name;
      // `:lang?` is what both readings are made of; a fixed part that may be missing is written in braces.
      return isOptional ? (part.startsWith(":") ? `${part}?` : `{/${part}}`) : part;
    })
    .join("/")
    .replace(/\/?\{\//g, "{/");
}
