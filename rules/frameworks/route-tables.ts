/** Tables whose keys are routes: `{ "get /users/:id": handler }`, as Sails and hand-written set-ups over a router have them. */
import {
  defineFramework,
  type Endpoint,
  type FileSummary,
  type FrameworkContext,
  type PlacedFunction,
  type Program,
  type Scoped,
  type Value,
} from "../../engine/index.ts";
import { callIndex } from "./_calls.ts";
import { endpoint, verb } from "./_collect.ts";
import { exportsOf } from "./_files.ts";
import { functionsOf } from "./_handlers.ts";
import { isTestFile } from "./_values.ts";

type Table = Value & { readonly k: "obj" };

const KEY = /^(get|post|put|patch|delete|options|head|all) (\/\S*)$/i;
/** Sails lets the method out, for views and redirects too. */
const SAILS_KEY = /^(\w+ )?(\/|r\|)/;
/** Without one of these nobody serves the table, and it may be a client's or a document's. */
const SERVERS = /^(express|koa|@koa\/router|koa-router|fastify|restify|polka|sails)$/;
/** Where a row that is an object keeps what runs. */
const HANDLERS = new Set(["controller", "handler", "handle", "action", "fn"]);

export default defineFramework({
  name: "route-tables",
  *entries({ program }: FrameworkContext): Iterable<Endpoint> {
    const served = [...callIndex(program).packages].some((it) => SERVERS.test(it));
    for (const file of program.files.values()) {
      if (isTestFile(file)) continue;
      const sails = /^(.*?)config\/routes\.[cm]?[jt]s$/.exec(file.path);
      if (!served && !sails) continue;
      for (const table of tablesOf(file, sails ? SAILS_KEY : KEY))
        for (const row of table.props) {
          const [, method, route] = KEY.exec(row.name ?? "") ?? [];
          if (method === undefined || route === undefined) continue;
          const handlers = rowHandlers(program, file, row.value);
          const found = handlers.length > 0 || !sails ? handlers : actionHandlers(program, sails[1] ?? "", row.value);
          // A row that leads to no function may describe a route that something else serves.
          if (found.length === 0) continue;
          yield endpoint({
            framework: sails ? "sails" : "route-tables",
            method: verb(method),
            route,
            file,
            at: row.at,
            nameAt: row.at,
            handlers: found,
          });
        }
    }
  },
});

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
