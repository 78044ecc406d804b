/** hapi: `server.route` of one or many, plugins with route prefixes. */
import {
  defineFramework,
  type FileSummary,
  type FrameworkContext,
  type Program,
  type Scoped,
  type Value,
} from "../../engine/index.ts";
import { type Collected, collect, type SaidRoute, verb } from "./_collect.ts";
import { elementsOf } from "./_frames.ts";
import { functionsOf } from "./_handlers.ts";
import { loadedValues } from "./_loaders.ts";
import { paramRouter, type Router, routersOf } from "./_routers.ts";
import { routeTexts } from "./_texts.ts";
import { each } from "./_values.ts";

export default defineFramework({ name: "hapi", entries: (context) => hapiEndpoints(context).endpoints });

export function hapiEndpoints(context: FrameworkContext): Collected {
  return collect(context, {
    framework: "hapi",
    library: "hapi",
    names: new Set(["route", "register"]),
    parameters: new Set(["server"]),
    packages: /^(@hapi\/|hapi$)/,
    claims: isPlugin,
    interpret: ({ program, file, c, env, name, receiver, mounts }) => {
      const arg = file.calls[c]!.args[0];
      const routers = routersOf(program, { value: receiver, file, env });
      if (!arg || routers.length === 0) return {};
      const list = listOf(program, { value: arg, file, env });
      if (name === "route") {
        const routes = list.flatMap((it) => readRoute(program, it, routers));
        return { routes, missing: routes.length === 0 ? [arg] : [] };
      }
      for (const it of routers) mounts.note(it);
      const outer = file.calls[c]!.args[1];
      const prefix = outer ? prefixOf(program, { value: outer, file, env }) : "";
      const found = list.flatMap((it) => pluginsOf(program, it));
      return {
        mounts: found.flatMap((it) =>
          routers.map((parent) => ({ parent, child: it.router, prefix: it.prefix || prefix })),
        ),
        missing: found.length === 0 ? [arg] : [],
      };
    },
  });
}

/** `{ name, register(server) }`, which only a plugin of hapi looks like. */
function isPlugin(router: Router): boolean {
  const { file } = router;
  if (router.kind !== "param" || router.index !== 0 || (router.path ?? []).length > 0) return false;
  const isOne = (value: Value): boolean =>
    value.k === "obj" &&
    value.props.some((it) => it.name === "register" && it.value.k === "fn" && it.value.f === router.id) &&
    value.props.some((it) => it.name === "name" || it.name === "pkg");
  return (
    file.bindings.some((it) => it.value && isOne(it.value)) ||
    file.exports.some((it) => "value" in it && (isOne(it.value) || hasOne(it.value, isOne))) ||
    file.assignments.some((it) => isOne(it.value))
  );
}

/** `{ plugin: { name, register } }`. */
function hasOne(value: Value, isOne: (value: Value) => boolean): boolean {
  return value.k === "obj" && value.props.some((it) => it.name === "plugin" && isOne(it.value));
}

/** A value or, where it is a list, its elements; functions that return lists included. */
function listOf(program: Program, at: Scoped, depth = 0): readonly Scoped[] {
  const items = elementsOf(program, at);
  if (items)
    return items.flatMap((it) => (depth < 3 && program.at(it).k === "arr" ? listOf(program, it, depth + 1) : [it]));
  const found = each(program.at(at)).flatMap((it): readonly Scoped[] =>
    it.k === "obj" ? [{ value: it.value, file: it.file, env: it.env }] : [],
  );
  if (found.length > 0 || depth > 3)
    return found.length > 0 ? found : loadedValues(program, at).filter((it) => it !== at);
  // `server.route(enabled(routes))`: a list that went through something we cannot follow is taken whole.
  const value = at.value.k === "ref" ? at.file.bindings[at.value.b]?.value : at.value;
  const first = value?.k === "call" ? at.file.calls[value.c]!.args[0] : undefined;
  return first ? listOf(program, { ...at, value: first }, depth + 1) : [];
}

function read(program: Program, at: Scoped, path: string): Scoped | undefined {
  let here: Scoped | undefined = at;
  for (const name of path.split(".")) {
    const found: ReturnType<Program["property"]> | undefined = here ? program.property(here, name) : undefined;
    here = found?.is === "yes" ? found.at : undefined;
  }
  return here;
}

function readRoute(program: Program, at: Scoped, routers: readonly Router[]): readonly SaidRoute[] {
  const written = read(program, at, "path");
  const paths = routeTexts(program, written);
  const methods = routeTexts(program, read(program, at, "method"));
  if (!paths || !methods) return [];
  const options = [read(program, at, "options"), read(program, at, "config")].flatMap((it) => (it ? [it] : []));
  const made = options.flatMap((it) =>
    each(program.at(it)).flatMap((of): readonly Scoped[] =>
      of.k === "obj"
        ? [{ value: of.value, file: of.file, env: of.env }]
        : of.k === "fn"
          ? resultsOf(of.file, of.f)
          : [],
    ),
  );
  const handler =
    read(program, at, "handler") ?? made.map((it) => read(program, it, "handler")).find((it) => it !== undefined);
  const handlers = handler ? functionsOf(program, handler) : [];
  const row = each(program.at(at)).find((it) => it.k === "obj");
  return routers.map((router) => ({
    router,
    declared: row?.k === "obj" ? { file: row.file, at: row.value.at } : undefined,
    methods: methods.map((it) => (it === "*" ? "ALL" : verb(it))),
    paths,
    written,
    handlers,
  }));
}

function resultsOf(file: FileSummary, f: number): readonly Scoped[] {
  return file.functions[f]!.returns.filter((it) => it.k === "obj").map((value) => ({ value, file }));
}

function prefixOf(program: Program, at: Scoped): string {
  return routeTexts(program, read(program, at, "routes.prefix"))?.[0] ?? "";
}

/** `{ plugin, routes: { prefix } }`, `{ name, register }`. */
function pluginsOf(program: Program, at: Scoped): readonly { readonly router: Router; readonly prefix: string }[] {
  const plugin = read(program, at, "plugin");
  const prefix = prefixOf(program, at);
  const inner = loadedValues(program, plugin ?? at).flatMap((of) =>
    each(program.at(of)).flatMap((it): readonly Scoped[] =>
      it.k === "obj" ? [{ value: it.value, file: it.file, env: it.env }] : [],
    ),
  );
  const targets = inner.flatMap((it) => read(program, it, "plugin") ?? it);
  const registers = targets.flatMap((it) => read(program, it, "register") ?? []);
  return registers.flatMap((it) =>
    each(program.at(it)).flatMap((fn) => (fn.k === "fn" ? [{ router: paramRouter(fn, 0), prefix }] : [])),
  );
}
