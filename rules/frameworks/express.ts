/** Express 4 and 5: verbs on applications and routers, `route()`, and `use` with a prefix. */
import {
  defineFramework,
  type Env,
  type FileSummary,
  type FrameworkContext,
  type Program,
  type Value,
} from "../../engine/index.ts";
import {
  type Collected,
  collect,
  HTTP_METHODS,
  mountedByVerb,
  readRoute,
  readUse,
  type SaidRoute,
  verb,
} from "./_collect.ts";
import { functionsOf } from "./_handlers.ts";
import { routersOf } from "./_routers.ts";
import { pathTexts, routeTexts } from "./_texts.ts";

const LIBRARIES = new Set(["express"]);
const VERBS = new Set([...HTTP_METHODS].filter((it) => it !== "any"));

export default defineFramework({
  name: "express",
  entries: (context) => expressEndpoints(context).endpoints,
});

export function expressEndpoints(context: FrameworkContext): Collected {
  return collect(context, {
    framework: "express",
    library: "express",
    parameters: new Set(["app", "router", "server", "api", "express"]),
    packages: /^express$/,
    names: new Set([...VERBS, "use", "ws"]),
    interpret: ({ program, file, c, env, name, receiver, mounts }) => {
      if (name === "use") {
        const said = readUse({ program, file, c, env, receiver, mounts, libraries: LIBRARIES });
        return said.mounts?.length ? said : { ...said, routes: answers(program, file, c, env, receiver) };
      }
      // express-ws: the upgrade is a GET.
      if (name === "ws")
        return readRoute(program, file, c, env, "get", routersOf(program, { value: receiver, file, env }));
      const route = routeObject(program, file, receiver, env);
      const below = mountedByVerb({ program, file, c, env, receiver, libraries: LIBRARIES });
      if (below?.length) return { mounts: below };
      if (!route) return readRoute(program, file, c, env, name, routersOf(program, { value: receiver, file, env }));
      // `router.route("/x").get(handler)`.
      const paths = pathTexts(program, { value: route.path, file, env });
      const handlers = file.calls[c]!.args.flatMap((it) => functionsOf(program, { value: it, file, env }));
      if (!paths) return { missing: [route.path] };
      return {
        routes: routersOf(program, { value: route.of, file, env }).map((router) => ({
          router,
          methods: [verb(name)],
          paths,
          written: { value: route.path, file, env },
          handlers,
        })),
      };
    },
  });
}

/** `use("/path", (req, res) => …)`: without a `next` to call it answers whatever comes. */
function answers(
  program: Program,
  file: FileSummary,
  c: number,
  env: Env | undefined,
  receiver: Value,
): readonly SaidRoute[] {
  const { args } = file.calls[c]!;
  const last = args.at(-1);
  const written = args[0] ? { value: args[0], file, env } : undefined;
  const paths = routeTexts(program, written)?.filter((it) => it !== "" && it !== "/");
  if (!last || args.length < 2 || !paths?.length) return [];
  const own = last.k === "fn" ? file.functions[last.f]! : undefined;
  if (own?.params.length !== 2) return [];
  const handlers = args.slice(1).flatMap((it) => functionsOf(program, { value: it, file, env }));
  return routersOf(program, { value: receiver, file, env }).map((router) => ({
    router,
    methods: ["ALL"],
    paths,
    written,
    handlers,
  }));
}

/** The `.route(path)` a verb is chained on, directly, after other verbs, or through a name. */
function routeObject(
  program: Program,
  file: FileSummary,
  receiver: Value,
  env: Env | undefined,
): { readonly of: Value; readonly path: Value } | undefined {
  let at: Value | undefined = receiver;
  for (let i = 0; at && i < 20; i++) {
    if (at.k === "ref") {
      const binding: FileSummary["bindings"][number] | undefined = file.bindings[at.b];
      at = binding?.kind === "const" ? binding.value : undefined;
      continue;
    }
    if (at.k !== "call") return undefined;
    const call: FileSummary["calls"][number] = file.calls[at.c]!;
    if (call.callee.k !== "get") return undefined;
    if (call.callee.name === "route" && call.args.length === 1) {
      const base = program.origin(call.callee.of, file, env);
      return base.k === "fn" ? undefined : { of: call.callee.of, path: call.args[0]! };
    }
    if (!VERBS.has(call.callee.name)) return undefined;
    at = call.callee.of;
  }
  return undefined;
}
