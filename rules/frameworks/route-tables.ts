/**
 * Tables of routes that are registered in a way that cannot be followed: keys that are routes, as Sails and hand-written
 * set-ups have them (`{ "get /users/:id": handler }`), and rows that say method, path and handler.
 */
import {
  defineFramework,
  type Endpoint,
  type FileSummary,
  type FrameworkContext,
  type PlacedFunction,
  type Program,
  type Scoped,
  type Span,
  type Value,
} from "../../engine/index.ts";
import { callIndex, HTTP_METHODS } from "./_calls.ts";
import { endpoint, verb } from "./_collect.ts";
import { exportsOf } from "./_files.ts";
import { functionsOf } from "./_handlers.ts";
import { plainRoutes, routeTexts } from "./_texts.ts";
import { isTestFile } from "./_values.ts";
import { expressEndpoints } from "./express.ts";
import { fastifyEndpoints } from "./fastify.ts";
import { hapiEndpoints } from "./hapi.ts";
import { koaEndpoints } from "./koa.ts";

type Table = Value & { readonly k: "obj" };

const KEY = /^(get|post|put|patch|delete|options|head|all) (\/\S*)$/i;
/** Sails lets the method out, for views and redirects too. */
const SAILS_KEY = /^(\w+ )?(\/|r\|)/;
/** Without one of these nobody serves the table, and it may be a client's or a document's. */
const SERVERS = /^(express|koa|@koa\/router|koa-router|fastify|@hapi\/hapi|hapi|restify|polka|sails|hono)$/;
/** Where a row that is an object keeps what runs. */
const HANDLERS = new Set(["controller", "handler", "handle", "action", "fn"]);

const PATHS = ["path", "url", "route", "uri"];

export default defineFramework({
  name: "route-tables",
  *entries(context: FrameworkContext): Iterable<Endpoint> {
    const { program } = context;
    const isServed = [...callIndex(program).packages].some((it) => SERVERS.test(it));
    let known: ReadonlySet<string> | undefined;
    for (const file of program.files.values()) {
      if (isTestFile(file)) continue;
      const sails = /^(.*?)config\/routes\.[cm]?[jt]s$/.exec(file.path);
      if (!isServed && !sails) continue;
      for (const it of [...keyedRows(program, file, sails), ...(isServed ? declaredRows(program, file) : [])]) {
        known ??= registered(context);
        // What a framework was seen to register it serves, with its prefix.
        if (it.handlers.length > 0 && !known.has(rowKey(it.method, it.handlers))) yield it;
      }
    }
  },
});

function rowKey(method: string, handlers: readonly PlacedFunction[]): string {
  const handler = handlers.at(-1)!;
  return `${method} ${handler.file.path} ${handler.f}`;
}

/** Method and handler of everything that is registered by calls. */
function registered(context: FrameworkContext): ReadonlySet<string> {
  const all = [expressEndpoints, koaEndpoints, fastifyEndpoints, hapiEndpoints].flatMap((it) => it(context).endpoints);
  return new Set(all.flatMap((it) => (it.handlers.length > 0 ? [rowKey(it.method, it.handlers)] : [])));
}

function keyedRows(program: Program, file: FileSummary, sails: RegExpExecArray | null): readonly Endpoint[] {
  return [...tablesOf(file, sails ? SAILS_KEY : KEY)].flatMap((table) =>
    table.props.flatMap((row): readonly Endpoint[] => {
      const [, method, route] = KEY.exec(row.name ?? "") ?? [];
      if (method === undefined || route === undefined) return [];
      const handlers = rowHandlers(program, file, row.value);
      // A row that leads to no function may describe a route that something else serves.
      const found = handlers.length > 0 || !sails ? handlers : actionHandlers(program, sails[1] ?? "", row.value);
      const framework = sails ? "sails" : "route-tables";
      return [endpoint({ framework, method: verb(method), route, file, at: row.at, nameAt: row.at, handlers: found })];
    }),
  );
}

/** `{ method: "get", path: "/users", handler }`, by itself or in a list; a request that a client makes has no handler. */
function declaredRows(program: Program, file: FileSummary): readonly Endpoint[] {
  return [...rowsOf(file)].flatMap((row): readonly Endpoint[] => {
    const read = (name: string): Scoped | undefined => {
      const value = row.props.find((it) => it.name === name)?.value;
      return value ? { value, file } : undefined;
    };
    const written = PATHS.map(read).find((it) => it !== undefined);
    const methods = (routeTexts(program, read("method")) ?? []).filter((it) => HTTP_METHODS.has(it.toLowerCase()));
    const paths = (routeTexts(program, written) ?? []).filter((it) => it.startsWith("/"));
    if (methods.length === 0 || paths.length === 0) return [];
    const handlers = rowHandlers(program, file, row);
    const nameAt: Span = written?.value.k === "lit" && written.value.at ? written.value.at : row.at;
    const base = { framework: "route-tables", file, at: row.at, nameAt, handlers };
    return methods.flatMap((method) =>
      paths.flatMap(plainRoutes).map((route) => endpoint({ ...base, method: verb(method), route })),
    );
  });
}

/** Object literals with a method, a path and a handler that are bound, assigned, exported, returned or given. */
function rowsOf(file: FileSummary): ReadonlySet<Table> {
  const found = new Set<Table>();
  const add = (value: Value | undefined, depth = 0): void => {
    if (!value || depth > 3) return;
    if (value.k === "arr") for (const it of value.items) add(it, depth + 1);
    if (value.k !== "obj") return;
    const has = (name: string): boolean => value.props.some((it) => it.name === name);
    if (has("method") && PATHS.some(has) && value.props.some((it) => it.name !== null && HANDLERS.has(it.name)))
      found.add(value);
    else for (const it of value.props) add(it.value, depth + 1);
  };
  for (const it of file.bindings) add(it.value);
  for (const it of file.exports) if ("value" in it) add(it.value);
  for (const it of file.functions) for (const value of it.returns) add(value);
  for (const it of file.assignments) add(it.value);
  for (const it of file.calls) for (const value of it.args) add(value, 1);
  return found;
}

/** Object literals that are bound, exported or returned, each once. A table has routes for keys only: anything else beside them is some other thing. */
function tablesOf(file: FileSummary, key: RegExp): ReadonlySet<Table> {
  const found = new Set<Table>();
  const add = (value: Value | undefined, depth = 0): void => {
    if (value?.k !== "obj" || value.props.length === 0) return;
    if (value.props.every((it) => it.name === null || key.test(it.name))) found.add(value);
    else if (depth === 0) for (const it of value.props) add(it.value, 1);
  };
  for (const it of file.bindings) add(it.value);
  for (const it of file.exports) if ("value" in it) add(it.value);
  for (const it of file.functions) for (const value of it.returns) add(value);
  return found;
}

function rowHandlers(program: Program, file: FileSummary, value: Value): readonly PlacedFunction[] {
  if (value.k !== "obj") return functionsOf(program, { value, file });
  return value.props.flatMap((it) =>
    HANDLERS.has(it.name ?? "") ? functionsOf(program, { value: it.value, file }) : [],
  );
}

/** Sails names what runs: `"UserController.find"`, `"user/find"`, `{ action: "user/find" }`, `{ controller: "user", action: "find" }`. */
function actionHandlers(program: Program, root: string, value: Value): readonly PlacedFunction[] {
  const text = (of: Value | undefined): string | undefined =>
    of?.k === "lit" && typeof of.v === "string" ? of.v : undefined;
  const prop = (name: string): string | undefined =>
    value.k === "obj" ? text(value.props.find((it) => it.name === name)?.value) : undefined;
  const controller = prop("controller");
  const action = text(value) ?? prop("action");
  if (action === undefined) return [];
  const named = /^(\w+)Controller\.(\w+)$/.exec(
    controller ? `${controller.replace(/Controller$/, "")}Controller.${action}` : action,
  );
  const path = named ? `${named[1]}/${named[2]}` : action;
  const cut = path.lastIndexOf("/");
  const folder = path.slice(0, Math.max(cut, 0));
  const name = path.slice(cut + 1);
  const at = (inside: string): FileSummary | undefined =>
    program.files.get(`${root}api/controllers/${inside}.js`) ??
    program.files.get(`${root}api/controllers/${inside}.ts`);
  const alone = at(path);
  const alike = alone ? (exportedAs(program, alone, "fn") ?? exportsOf(program, alone).get("default")) : undefined;
  if (alike) return functionsOf(program, alike);
  const classic = at(`${folder.charAt(0).toUpperCase()}${folder.slice(1)}Controller`);
  const member = classic ? exportedAs(program, classic, name) : undefined;
  return member ? functionsOf(program, member) : [];
}

/** A name of its own, or a property of what `module.exports` is set to. */
function exportedAs(program: Program, file: FileSummary, name: string): Scoped | undefined {
  const all = exportsOf(program, file);
  const whole = all.get("=");
  const found = whole ? program.property(whole, name) : undefined;
  return all.get(name) ?? (found?.is === "yes" ? found.at : undefined);
}
