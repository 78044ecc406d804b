/** Nitro and Nuxt: files under `server/api` and `server/routes`, or beside a Nitro configuration, and handlers that a configuration names. */
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
import { endpoint } from "./_collect.ts";
import { exportsOf, segmentsToRoute } from "./_files.ts";
import { functionsOf } from "./_handlers.ts";
import { methodParts } from "./_methods.ts";
import { plainRoutes, routeTexts } from "./_texts.ts";
import { isTestName } from "./_values.ts";

const HANDLER = /^(define\w*Handler|\w*[eE]ventHandler|fromNodeMiddleware|useBase)$/;
const CONFIG = /^(.*\/)?(nuxt|nitro)\.config\.[cm]?[jt]s$/;
const METHOD = /\.(get|post|put|patch|delete|head|options)$/;

export default defineFramework({
  name: "nitro",
  *entries({ program }: FrameworkContext): Iterable<Endpoint> {
    const configs = configsOf(program);
    const before = middlewareIn(program);
    const own = [...declaredIn(program, configs)];
    for (const it of own)
      yield {
        ...it,
        handlers: [...before.flatMap((one) => (it.path.startsWith(one.root) ? one.handlers : [])), ...it.handlers],
      };
  },
});

function* declaredIn(program: Program, configs: ReadonlyMap<string, Config>): Iterable<Endpoint> {
  for (const file of program.files.values()) {
    const found = placeOf(file.path, configs);
    if (!found || isTestName(file.path)) continue;
    const main = exportsOf(program, file).get("default");
    if (!main || !(isHandler(main) || (found.isCertain && isFunction(program, main)))) continue;
    const inside = found.inside.replace(/\.(dev|prod|prerender)$/, "");
    const method = METHOD.exec(inside)?.[1];
    const name = (method ? inside.slice(0, -method.length - 1) : inside).replace(/(^|\/)index$/, "");
    // `[...]` without a name takes the rest as well.
    const path = segmentsToRoute(name.replace(/\[\.\.\.\]/g, "*"));
    yield* endpointsOf(program, file, main, joinRoute(found.folder === "api" ? "api" : "", path), method);
  }
  for (const { file, at } of [...configs.values()]) yield* configured(program, file, at);
}

/** `server/middleware/*`: runs before every request of its application. */
function middlewareIn(program: Program): readonly { readonly root: string; readonly handlers: Endpoint["handlers"] }[] {
  const found: { readonly root: string; readonly handlers: Endpoint["handlers"] }[] = [];
  for (const file of program.files.values()) {
    const place = /^((?:.*\/)?server\/)middleware\/.*\.[cm]?[jt]s$/.exec(file.path);
    const main = place && !isTestName(file.path) ? exportsOf(program, file).get("default") : undefined;
    if (place && main && isHandler(main)) found.push({ root: place[1]!, handlers: functionsOf(program, main) });
  }
  return found;
}

function endpointsOf(
  program: Program,
  file: FileSummary,
  main: Scoped & { readonly at: readonly [number, number] },
  route: string,
  method: string | undefined,
): readonly Endpoint[] {
  const handlers = functionsOf(program, main);
  const parts = method ? [] : methodParts(program, handlers);
  const nameAt = main.file === file && main.value.k === "call" ? file.calls[main.value.c]!.nameAt : main.at;
  const base = { framework: "nitro", route, file };
  return parts.length > 0
    ? parts.map((it) =>
        it.fn.file === file
          ? endpoint({ ...base, method: it.method, at: it.at, nameAt: it.nameAt, handlers: [it.fn], within: it.within })
          : endpoint({ ...base, method: it.method, at: main.at, nameAt, handlers: [it.fn], within: it.within }),
      )
    : [endpoint({ ...base, method: method ?? "ALL", at: main.at, nameAt, handlers })];
}

interface Config {
  readonly file: FileSummary;
  readonly at: Scoped;
  /** Folder of Nitro's own `api` and `routes`, with a trailing slash. */
  readonly source: string | undefined;
}

/** Configurations by their folder, with a trailing slash or empty. */
function configsOf(program: Program): ReadonlyMap<string, Config> {
  const found = new Map<string, Config>();
  for (const file of program.files.values()) {
    const [, folder = "", kind] = CONFIG.exec(file.path) ?? [];
    if (kind === undefined) continue;
    const main = exportsOf(program, file).get("default");
    const call = main?.value.k === "call" ? file.calls[main.value.c] : undefined;
    const at: Scoped = { value: call?.args[0] ?? main?.value ?? { k: "unknown" }, file };
    const given = program.property(at, "srcDir");
    const text = given.is === "yes" ? program.text(given.at) : undefined;
    const inner = text?.replace(/^\.?\/|\/$/g, "") ?? "";
    found.set(folder, { file, at, source: kind === "nitro" ? folder + (inner ? `${inner}/` : "") : undefined });
  }
  return found;
}

interface Place {
  readonly folder: string;
  readonly inside: string;
  /** A configuration of Nitro or Nuxt stands beside it. */
  readonly isCertain: boolean;
}

function placeOf(path: string, configs: ReadonlyMap<string, Config>): Place | undefined {
  for (const { source } of configs.values()) {
    if (source === undefined || !path.startsWith(source)) continue;
    const [, folder, inside] = /^(api|routes)\/(.*)\.[cm]?[jt]s$/.exec(path.slice(source.length)) ?? [];
    if (folder !== undefined && inside !== undefined) return { folder, inside, isCertain: true };
  }
  const [, outer = "", folder, inside] = /^(.*\/)?server\/(api|routes)\/(.*)\.[cm]?[jt]s$/.exec(path) ?? [];
  if (folder === undefined || inside === undefined) return undefined;
  return { folder, inside, isCertain: [...configs.keys()].some((it) => outer.startsWith(it)) };
}

function isHandler({ value, file }: Scoped): boolean {
  if (value.k === "ref") {
    const binding = file.bindings[value.b];
    return binding?.kind === "const" && binding.value?.k === "call" && isHandler({ value: binding.value, file });
  }
  if (value.k !== "call") return false;
  const { callee } = file.calls[value.c]!;
  const name = callee.k === "global" ? callee.name : callee.k === "ref" ? file.bindings[callee.b]?.name : undefined;
  return name !== undefined && HANDLER.test(name);
}

/** In a project of Nitro whatever a file of these folders exports is the handler: wrapped by the project's own, or bare. */
function isFunction(program: Program, at: Scoped): boolean {
  const value: Value = at.value;
  return value.k === "fn" || value.k === "call" || program.at(at).k === "fn";
}

/** `serverHandlers` of Nuxt and `handlers` of Nitro: `[{ route, method, handler: "./server/feed.ts" }]`. */
function* configured(program: Program, file: FileSummary, at: Scoped): Iterable<Endpoint> {
  for (const name of ["serverHandlers", "handlers", "devServerHandlers"]) {
    const list = program.property(at, name);
    const items = list.is === "yes" ? program.at(list.at) : undefined;
    for (const item of items?.k === "arr" ? items.items : []) {
      const read = (key: string): Scoped | undefined => {
        const found = program.property(item, key);
        return found.is === "yes" ? found.at : undefined;
      };
      const middleware = read("middleware");
      const path = program.text(read("handler") ?? item);
      const route = routeTexts(program, read("route"))?.[0];
      if (path === undefined || route === undefined || (middleware && program.truth(middleware).is === "yes")) continue;
      const target = program.input.resolve(file.path, path.replace(/^(~~?|@@?)\//, "./"));
      const other = target !== undefined ? program.files.get(target) : undefined;
      const main = other ? exportsOf(program, other).get("default") : undefined;
      if (!other || !main) continue;
      const method = program.text(read("method") ?? { value: { k: "unknown" }, file });
      for (const it of plainRoutes(route)) yield* endpointsOf(program, other, main, it, method);
    }
  }
}
