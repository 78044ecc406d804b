/**
 * Strapi: core routers of content types, routes that an API or a plugin lists, and the controllers behind them;
 * life cycles and timers. Services are called by name: `strapi.service("api::order.order")`.
 */
import {
  type Activity,
  defineFramework,
  type Edge,
  type Endpoint,
  type Entry,
  type FileSummary,
  type FrameworkContext,
  joinRoute,
  type PlacedFunction,
  type Program,
  type Scoped,
  type Span,
  type Value,
} from "../../engine/index.ts";
import { activity } from "./_activity.ts";
import { importedName } from "./_calls.ts";
import { endpoint } from "./_collect.ts";
import { dataOf, listOf, readData, textOf } from "./_declared.ts";
import { exportsOf } from "./_files.ts";
import { elementsOf } from "./_frames.ts";
import { functionsOf } from "./_handlers.ts";
import { plainRoutes } from "./_texts.ts";
import { each, isTestFile } from "./_values.ts";

/** `src/api/order/routes/…`, `src/plugins/map/server/routes/…`, `server/src/routes/…` of a plugin's own repository. */
const ROUTES =
  /^(.*?)(?:src\/api\/([^/]+)\/|src\/plugins\/([^/]+)\/(?:server\/(?:src\/)?)?|(server\/(?:src\/)?))routes(?:\/.+)?\.[cm]?[jt]s$/;
/** Version 3. */
const OLD_ROUTES = /^(.*?)api\/([^/]+)\/config\/routes\.json$/;
const COLLECTION: readonly (readonly [action: string, method: string, path: string])[] = [
  ["find", "GET", ""],
  ["findOne", "GET", "/:id"],
  ["create", "POST", ""],
  ["update", "PUT", "/:id"],
  ["delete", "DELETE", "/:id"],
];
const SINGLE: typeof COLLECTION = [
  ["find", "GET", ""],
  ["update", "PUT", ""],
  ["delete", "DELETE", ""],
];
const EXTENSIONS = ["ts", "js", "mjs", "cjs"];
const MAX_DEPTH = 6;

export default defineFramework({
  name: "strapi",
  *entries(context): Iterable<Entry> {
    const { program, documents } = context;
    for (const path of documents.declarations) {
      const old = OLD_ROUTES.exec(path);
      if (old) yield* listedInJson(context, path, `${old[1]}api/${old[2]}`);
    }
    if (!isStrapi(program)) return;
    const prefixes = new Map<string, string>();
    for (const file of program.files.values()) {
      if (isTestFile(file)) continue;
      const place = placeOf(context, file.path);
      if (place) yield* routesIn(context, file, place, prefixes);
      yield* lifecycles(program, file);
      if (/(?:^|\/)config\/cron(?:-tasks)?\.[jt]s$/.test(file.path)) yield* timers(program, file);
    }
  },
  edges: serviceEdges,
});

function isStrapi(program: Program): boolean {
  for (const file of program.files.values())
    if (
      file.imports.some((it) => /^@?strapi(?:\/|$)/.test(it.specifier)) ||
      /(?:^|\/)strapi-server\.[jt]s$/.test(file.path)
    )
      return true;
  return false;
}

/** What a file of routes belongs to. */
interface Place {
  /** The application's folder, empty or with a slash at its end. */
  readonly root: string;
  /** The folder that holds `controllers`. */
  readonly folder: string;
  readonly plugin?: string | undefined;
}

function placeOf({ documents }: FrameworkContext, path: string): Place | undefined {
  const [, root = "", api, plugin, server] = ROUTES.exec(path) ?? [];
  if (api !== undefined) return { root, folder: `${root}src/api/${api}` };
  const folder = path.slice(0, path.lastIndexOf("/routes"));
  if (plugin !== undefined) return { root, folder, plugin };
  if (server === undefined) return undefined;
  const manifest = dataOf(readData(documents.text(`${root}package.json`)));
  const name = textOf(dataOf(manifest.strapi).name);
  return name === undefined ? undefined : { root, folder, plugin: name };
}

function* routesIn(
  context: FrameworkContext,
  file: FileSummary,
  place: Place,
  prefixes: Map<string, string>,
): Iterable<Endpoint> {
  const { program } = context;
  if (!prefixes.has(place.root)) prefixes.set(place.root, restPrefix(program, place.root));
  const api = prefixes.get(place.root)!;
  const outer = (type: string | undefined): string => {
    // What a plugin does not say is for its own pages.
    const isApi = type === "content-api" || (type === undefined && place.plugin === undefined);
    return joinRoute(isApi ? api : "", place.plugin ?? "");
  };
  for (let c = 0; c < file.calls.length; c++)
    if (importedName(file.calls[c]!.callee, file) === "createCoreRouter")
      yield* coreRoutes(context, file, c, place, outer(undefined));
  for (const { value, type } of routeLiterals(file)) yield* listedRoute(program, file, value, place, outer(type));
}

/** `rest.prefix` of config/api. */
function restPrefix(program: Program, root: string): string {
  for (const it of EXTENSIONS) {
    const file = program.files.get(`${root}config/api.${it}`);
    if (!file) continue;
    for (const config of returned(program, mainOf(program, file))) {
      const rest = program.property(config, "rest");
      const prefix = rest.is === "yes" ? program.property(rest.at, "prefix") : undefined;
      const text = prefix?.is === "yes" ? program.text(prefix.at) : undefined;
      if (text !== undefined) return text;
    }
  }
  return "/api";
}

function mainOf(program: Program, file: FileSummary): Scoped | undefined {
  const all = exportsOf(program, file);
  return all.get("default") ?? all.get("=");
}

/** An object, or those that a function which makes one returns. */
function returned(program: Program, at: Scoped | undefined): readonly Scoped[] {
  return each(at ? program.at(at) : { k: "unknown", why: "" }).flatMap((it): readonly Scoped[] => {
    if (it.k === "obj") return [{ value: it.value, file: it.file, env: it.env }];
    if (it.k !== "fn") return [];
    return it.file.functions[it.f]!.returns.map((value) => ({ value, file: it.file }));
  });
}

/** `createCoreRouter("api::order.order", { prefix, only, except })`. */
function* coreRoutes(
  { program, documents }: FrameworkContext,
  file: FileSummary,
  c: number,
  place: Place,
  outer: string,
): Iterable<Endpoint> {
  const call = file.calls[c]!;
  const uid = call.args[0] ? program.text({ value: call.args[0], file }) : undefined;
  const [, api, name] = /^(?:api|plugin)::([\w-]+)\.([\w-]+)$/.exec(uid ?? "") ?? [];
  if (api === undefined || name === undefined) return;
  const folder = place.plugin === undefined ? `${place.root}src/api/${api}` : place.folder;
  const schema = dataOf(readData(documents.text(`${folder}/content-types/${name}/schema.json`)));
  const info = dataOf(schema.info);
  const isSingle = schema.kind === "singleType";
  const path = textOf(isSingle ? info.singularName : info.pluralName);
  // Without its schema nobody knows what a content type is called in addresses.
  if (path === undefined) return;
  const options = call.args[1];
  const names = (key: string): readonly string[] | undefined => {
    const found = options ? program.property({ value: options, file }, key) : undefined;
    return found?.is === "yes" ? elementsOf(program, found.at)?.flatMap((it) => program.text(it) ?? []) : undefined;
  };
  const [only, except] = [names("only"), names("except")];
  const given = options ? program.property({ value: options, file }, "prefix") : undefined;
  const prefix = (given?.is === "yes" ? program.text(given.at) : undefined) ?? "";
  for (const [action, method, tail] of isSingle ? SINGLE : COLLECTION) {
    if ((only && !only.includes(action)) || except?.includes(action)) continue;
    yield endpoint({
      framework: "strapi",
      method,
      route: joinRoute(outer, prefix, `${path}${tail}`),
      file,
      at: call.at,
      nameAt: call.nameAt,
      handlers: actionAt(program, folder, name, action),
    });
  }
}

/** Literals with a method, a path and a handler, wherever in a file of routes they stand. */
function* routeLiterals(
  file: FileSummary,
): Iterable<{ readonly value: Value & { readonly k: "obj" }; readonly type: string | undefined }> {
  const seen = new Set<Value>();
  const found: { readonly value: Value & { readonly k: "obj" }; readonly type: string | undefined }[] = [];
  const walk = (value: Value | undefined, type: string | undefined, depth: number): void => {
    if (!value || depth > MAX_DEPTH || seen.has(value)) return;
    seen.add(value);
    if (value.k === "arr") for (const it of value.items) walk(it, type, depth + 1);
    else if (value.k === "obj") {
      const has = (name: string): boolean => value.props.some((it) => it.name === name);
      if (has("method") && has("path") && has("handler")) {
        found.push({ value, type });
        return;
      }
      const own = value.props.find((it) => it.name === "type")?.value;
      const here = own?.k === "lit" && typeof own.v === "string" ? own.v : type;
      for (const it of value.props) walk(it.value, it.name === "content-api" ? "content-api" : here, depth + 1);
    } else if (value.k === "fn") for (const it of file.functions[value.f]!.returns) walk(it, type, depth + 1);
  };
  for (const it of file.exports) if ("value" in it) walk(it.value, undefined, 0);
  for (const it of file.bindings) walk(it.value, undefined, 0);
  for (const it of file.calls) for (const arg of it.args) walk(arg, undefined, 0);
  for (const it of file.functions) for (const value of it.returns) walk(value, undefined, 0);
  yield* found;
}

function* listedRoute(
  program: Program,
  file: FileSummary,
  value: Value & { readonly k: "obj" },
  place: Place,
  outer: string,
): Iterable<Endpoint> {
  const at = (name: string): Scoped | undefined => {
    const found = program.property({ value, file }, name);
    return found.is === "yes" ? found.at : undefined;
  };
  const [method, path, handler] = [at("method"), at("path"), at("handler")];
  const verb = method ? program.text(method) : undefined;
  const text = path ? program.text(path) : undefined;
  if (verb === undefined || text === undefined) return;
  const name = handler ? program.text(handler) : undefined;
  const literal = path?.value.k === "lit" && path.file === file ? path.value.at : undefined;
  for (const route of plainRoutes(joinRoute(outer, text)))
    yield endpoint({
      framework: "strapi",
      method: verb.toUpperCase() === "ALL" ? "ALL" : verb,
      route,
      file,
      at: value.at,
      nameAt: literal ?? value.at,
      handlers: name !== undefined ? namedAction(program, place, name) : handler ? functionsOf(program, handler) : [],
    });
}

/** `"order.find"`, `"api::order.order.find"`, `"plugin::map.view.show"`. */
function namedAction(program: Program, place: Place, name: string): readonly PlacedFunction[] {
  const [, api, controller, action] = /^api::([\w-]+)\.([\w-]+)\.(\w+)$/.exec(name) ?? [];
  if (api !== undefined) return actionAt(program, `${place.root}src/api/${api}`, controller!, action!);
  const [, own, method] = /^(?:plugin::[\w-]+\.)?([\w-]+)\.(\w+)$/.exec(name) ?? [];
  return own === undefined ? [] : actionAt(program, place.folder, own, method!);
}

/** A member of a controller that the project writes; what only Strapi's own has is none of ours. */
function actionAt(program: Program, folder: string, controller: string, action: string): readonly PlacedFunction[] {
  return memberOf(program, program.files, `${folder}/controllers/`, controller, action);
}

/** A member of what a file makes, and the file may be listed under another name by an index. */
function memberOf(
  program: Program,
  files: ReadonlyMap<string, FileSummary>,
  folder: string,
  name: string,
  member: string,
): readonly PlacedFunction[] {
  const names = [
    name,
    name.replace(/-(\w)/g, (_, it: string) => it.toUpperCase()),
    `${name}.controller`,
    `${name}.service`,
  ];
  for (const base of names)
    for (const it of EXTENSIONS) {
      const file = files.get(`${folder}${base}.${it}`);
      if (file) return functionIn(program, file, member);
    }
  for (const it of EXTENSIONS) {
    const index = files.get(`${folder}index.${it}`);
    const listed = index ? mainOf(program, index) : undefined;
    const found = listed ? program.property(listed, name) : undefined;
    if (found?.is === "yes") return madeMember(program, found.at, member, 0);
  }
  return [];
}

function functionIn(program: Program, file: FileSummary, member: string): readonly PlacedFunction[] {
  const own = exportsOf(program, file).get(member);
  const main = mainOf(program, file);
  return own ? functionsOf(program, own) : main ? madeMember(program, main, member, 0) : [];
}

/** Of a literal, a function that returns one, or `createCoreController(uid, …)` around either. */
function madeMember(program: Program, at: Scoped, member: string, depth: number): readonly PlacedFunction[] {
  if (depth > MAX_DEPTH) return [];
  const site = at.value.k === "ref" ? (program.written(at.value, at.file) ?? bound(at)) : at;
  if (site.value.k === "call") {
    const call = site.file.calls[site.value.c]!;
    if (/^createCore(?:Controller|Service)$/.test(importedName(call.callee, site.file) ?? "")) {
      const made = call.args[1];
      return made ? madeMember(program, { ...site, value: made }, member, depth + 1) : [];
    }
  }
  return returned(program, site).flatMap((it) => {
    const found = program.property(it, member);
    return found.is === "yes" ? functionsOf(program, found.at) : [];
  });
}

function bound(at: Scoped): Scoped {
  const binding = at.value.k === "ref" ? at.file.bindings[at.value.b] : undefined;
  return binding?.value && binding.kind !== "param" ? { ...at, value: binding.value } : at;
}

/** Version 3: the routes of an API in JSON; the place to point at is the controller. */
function* listedInJson({ program, documents }: FrameworkContext, path: string, folder: string): Iterable<Endpoint> {
  for (const it of listOf(dataOf(readData(documents.text(path))).routes)) {
    const route = dataOf(it);
    const [method, text, handler] = [textOf(route.method), textOf(route.path), textOf(route.handler)];
    const [, controller, action] = /^(\w[\w-]*)\.(\w+)$/.exec(handler ?? "") ?? [];
    if (method === undefined || text === undefined || controller === undefined) continue;
    const file = EXTENSIONS.map((one) => program.files.get(`${folder}/controllers/${controller}.${one}`)).find(Boolean);
    if (!file) continue;
    const handlers = functionIn(program, file, action!);
    const own = handlers.at(-1);
    const start: Span = [0, 0];
    for (const plain of plainRoutes(joinRoute(text)))
      yield endpoint({
        framework: "strapi",
        method,
        route: plain,
        file,
        at: own ? own.file.functions[own.f]!.at : start,
        nameAt: own ? own.file.functions[own.f]!.nameAt : start,
        handlers,
      });
  }
}

function* lifecycles(program: Program, file: FileSummary): Iterable<Activity> {
  const type = /(?:^|\/)content-types\/([^/]+)\/lifecycles\.[jt]s$/.exec(file.path)?.[1];
  if (type === undefined) return;
  for (const it of returned(program, mainOf(program, file)))
    for (const prop of it.value.k === "obj" ? it.value.props : []) {
      const handlers = functionsOf(program, { ...it, value: prop.value });
      if (prop.name && handlers.length > 0)
        yield activity("consumer", "strapi", `${type}.${prop.name}`, file, prop.at, handlers);
    }
}

/** `{ "0 1 * * *": ({ strapi }) => … }`, `{ clean: { task, options } }`. */
function* timers(program: Program, file: FileSummary): Iterable<Activity> {
  for (const it of returned(program, mainOf(program, file)))
    for (const prop of it.value.k === "obj" ? it.value.props : []) {
      const value: Scoped = { ...it, value: prop.value };
      const task = program.property(value, "task");
      const handlers = functionsOf(program, task.is === "yes" ? task.at : value);
      if (prop.name && handlers.length > 0) yield activity("cron", "strapi", prop.name, file, prop.at, handlers);
    }
}

/** `strapi.service("api::order.order").place()`, `strapi.plugin("map").service("view").show()`, `strapi.services.order.place()`. */
function* serviceEdges({ program }: FrameworkContext): Iterable<Edge> {
  if (!isStrapi(program)) return;
  for (const file of program.files.values()) {
    if (isTestFile(file)) continue;
    const root = /^(.*?)src\//.exec(file.path)?.[1] ?? "";
    for (let c = 0; c < file.calls.length; c++) {
      const call = file.calls[c]!;
      if (call.callee.k !== "get") continue;
      const folder = serviceFolder(program, file, call.callee.of, root);
      if (!folder) continue;
      for (const to of memberOf(program, program.files, folder.path, folder.name, call.callee.name))
        yield { from: { file, f: call.fn }, to, kind: "call", call: { file, c } };
    }
  }
}

function serviceFolder(
  program: Program,
  file: FileSummary,
  value: Value,
  root: string,
): { readonly path: string; readonly name: string } | undefined {
  const made = value.k === "ref" ? file.bindings[value.b] : undefined;
  const of = made?.kind === "const" && made.value ? made.value : value;
  if (of.k === "get" && of.of.k === "get" && of.of.name === "services" && isStrapiObject(file, of.of.of))
    return { path: `${/^(.*?)api\//.exec(file.path)?.[1] ?? root}api/${of.name}/services/`, name: of.name };
  const call = of.k === "call" ? file.calls[of.c] : undefined;
  if (call?.callee.k !== "get" || call.callee.name !== "service" || !call.args[0]) return undefined;
  const uid = program.text({ value: call.args[0], file });
  const [, api, name] = /^api::([\w-]+)\.([\w-]+)$/.exec(uid ?? "") ?? [];
  if (api !== undefined && isStrapiObject(file, call.callee.of))
    return { path: `${root}src/api/${api}/services/`, name: name! };
  const plugin = call.callee.of.k === "call" ? file.calls[call.callee.of.c] : undefined;
  if (plugin?.callee.k !== "get" || plugin.callee.name !== "plugin" || !isStrapiObject(file, plugin.callee.of))
    return undefined;
  const server = /^(.*\/)?server\/(?:src\/)?/.exec(file.path)?.[0];
  return server !== undefined && uid !== undefined ? { path: `${server}services/`, name: uid } : undefined;
}

/** The global, or what factories are handed: `({ strapi }) => …`. */
function isStrapiObject(file: FileSummary, value: Value): boolean {
  return value.k === "global"
    ? value.name === "strapi"
    : value.k === "ref"
      ? file.bindings[value.b]?.name === "strapi"
      : value.k === "get" && value.name === "strapi";
}
