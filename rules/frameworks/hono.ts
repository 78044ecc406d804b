/** Hono: verbs, `route()` and `basePath()`, and routes declared for OpenAPI. */
import {
  defineFramework,
  type Env,
  type FileSummary,
  type Program,
  type Scoped,
  type Value,
} from "../../engine/index.ts";
import { collect, HTTP_METHODS, middleware, readRoute, type Said, verb } from "./_collect.ts";
import { functionsOf } from "./_handlers.ts";
import { type Mounts, type Router, routersOf } from "./_routers.ts";
import { routeTexts } from "./_texts.ts";

const VERBS = new Set(
  [...HTTP_METHODS].filter((it) => it !== "any" && it !== "del" && it !== "search" && it !== "head"),
);

export default defineFramework({
  name: "hono",
  entries: (context) =>
    collect(context, {
      framework: "hono",
      library: "hono",
      names: new Set([...VERBS, "on", "route", "basePath", "openapi", "use"]),
      interpret: ({ program, file, c, env, name, receiver, mounts }) => {
        const call = file.calls[c]!;
        const scoped = (index: number): Scoped | undefined =>
          call.args[index] ? { value: call.args[index], file, env } : undefined;
        const routers = routersOf(program, { value: receiver, file, env });
        if (routers.length === 0) return {};
        if (name === "use")
          return { befores: middleware(program, file, c, env, receiver, routeTexts(program, scoped(0))) };
        if (name === "route") return readNested(program, file, c, env, routers);
        if (name === "basePath") return readBase(program, file, c, env, routers, mounts);
        if (name === "openapi") return readOpenApi(program, file, c, env, routers);
        if (name === "on") {
          const methods = routeTexts(program, scoped(0));
          const paths = routeTexts(program, scoped(1));
          if (!methods || !paths) return {};
          return {
            routes: routers.map((router) => ({
              router,
              methods: methods.map(verb),
              paths,
              written: scoped(1),
              handlers: call.args.slice(2).flatMap((it) => functionsOf(program, { value: it, file, env })),
            })),
          };
        }
        // `app.get(handler)` after `app.get(path, …)` continues the path before it.
        if (call.args.length > 0 && call.args[0]!.k === "fn") {
          const before = pathBefore(receiver, file);
          const paths = before ? routeTexts(program, { value: before, file, env }) : ["/"];
          return paths
            ? {
                routes: routers.map((router) => ({
                  router,
                  methods: [verb(name)],
                  paths,
                  written: before ? { value: before, file, env } : undefined,
                  handlers: call.args.flatMap((it) => functionsOf(program, { value: it, file, env })),
                })),
              }
            : {};
        }
        return readRoute(program, file, c, env, name, routers);
      },
    }).endpoints,
});

function pathBefore(receiver: Value, file: FileSummary): Value | undefined {
  let at = receiver;
  for (let i = 0; at.k === "call" && i < 20; i++) {
    const call: FileSummary["calls"][number] = file.calls[at.c]!;
    if (call.callee.k !== "get") return undefined;
    if (VERBS.has(call.callee.name) && call.args[0] && call.args[0].k !== "fn") return call.args[0];
    at = call.callee.of;
  }
  return undefined;
}

/** `app.route("/users", users)`. */
function readNested(
  program: Program,
  file: FileSummary,
  c: number,
  env: Env | undefined,
  parents: readonly Router[],
): Said {
  const [path, child] = file.calls[c]!.args;
  if (!path || !child) return {};
  const texts = routeTexts(program, { value: path, file, env });
  const children = routersOf(program, { value: child, file, env });
  const known = children.filter((it) => it.kind !== "param" || it.library !== undefined);
  if (!texts || known.length === 0) return { missing: [path, child] };
  return {
    mounts: parents.flatMap((parent) => known.flatMap((it) => texts.map((prefix) => ({ parent, child: it, prefix })))),
  };
}

/** `basePath("/api")` makes a new router whose routes are served by the old one under that path. */
function readBase(
  program: Program,
  file: FileSummary,
  c: number,
  env: Env | undefined,
  parents: readonly Router[],
  mounts: Mounts,
): Said {
  const [path] = file.calls[c]!.args;
  const text = path ? routeTexts(program, { value: path, file, env })?.[0] : undefined;
  if (text === undefined) return {};
  for (const parent of parents) mounts.note(parent);
  return {
    mounts: parents.flatMap((parent) =>
      routersOf(program, { value: { k: "call", c }, file, env }).map((child) => ({ parent, child, prefix: text })),
    ),
  };
}

/** `app.openapi(createRoute({ method, path }), handler)`. */
function readOpenApi(
  program: Program,
  file: FileSummary,
  c: number,
  env: Env | undefined,
  routers: readonly Router[],
): Said {
  const [config, ...rest] = file.calls[c]!.args;
  const options = config ? configOf(program, { value: config, file, env }, 0) : undefined;
  if (!options) return config ? { missing: [config] } : {};
  const read = (name: string): Scoped | undefined => settingOf(program, options, name, 0);
  const written = read("path");
  const paths = routeTexts(program, written);
  const methods = routeTexts(program, read("method"));
  if (!paths || !methods) return {};
  return {
    routes: routers.map((router) => ({
      router,
      methods: methods.map(verb),
      paths,
      written,
      handlers: rest.flatMap((it) => functionsOf(program, { value: it, file, env })),
    })),
  };
}

/** A setting of a route, its own or one of another route's that it spreads: `{ ...listRoute, middleware }`. */
function settingOf(program: Program, at: Scoped, name: string, depth: number): Scoped | undefined {
  const { value, file, env } = at;
  if (value.k !== "obj" || depth > 4) return undefined;
  for (const prop of [...value.props].reverse()) {
    if (prop.name === name) return { value: prop.value, file, env };
    const other = prop.name === null ? configOf(program, { value: prop.value, file, env }, 0) : undefined;
    const found = other ? settingOf(program, other, name, depth + 1) : undefined;
    if (found) return found;
  }
  return undefined;
}

function configOf(program: Program, at: Scoped, depth: number): Scoped | undefined {
  const { value, file, env } = at;
  if (depth > 6) return undefined;
  if (value.k === "obj") return at;
  if (value.k === "call") {
    const arg = file.calls[value.c]!.args[0];
    return arg ? configOf(program, { value: arg, file, env }, depth + 1) : undefined;
  }
  if (value.k === "get") {
    const found = program.property({ value: value.of, file, env }, value.name);
    if (found.is === "yes") return configOf(program, found.at, depth + 1);
    // `routes.list` of a namespace import.
    const base = program.origin(value.of, file, env);
    const site =
      base.k === "module" ? base.file.exports.find((it) => it.name === value.name && "value" in it) : undefined;
    return base.k === "module" && site && "value" in site
      ? configOf(program, { value: site.value, file: base.file }, depth + 1)
      : undefined;
  }
  if (value.k !== "ref") return undefined;
  const written = program.written(value, file);
  if (written) return configOf(program, written, depth + 1);
  const binding = file.bindings[value.b];
  return binding?.value && binding.kind !== "param"
    ? configOf(program, { value: binding.value, file, env }, depth + 1)
    : undefined;
}
