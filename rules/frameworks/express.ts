/** Express 4 and 5: verbs on applications and routers, `route()`, and `use` with a prefix. */
import {
  defineFramework,
  type Endpoint,
  type Env,
  type FileSummary,
  type FrameworkContext,
  type Program,
  type Value,
} from "../../engine/index.ts";
import { collect, HTTP_METHODS, readRoute, type Said, verb } from "./_collect.ts";
import { type Mounts, type Router, routersOf } from "./_routers.ts";
import { functionsOf, routeTexts } from "./_values.ts";

const VERBS = new Set([...HTTP_METHODS].filter((it) => it !== "any"));

export default defineFramework({
  name: "express",
  entries: (context) => expressEndpoints(context).endpoints,
});

export function expressEndpoints(context: FrameworkContext): {
  readonly endpoints: readonly Endpoint[];
  readonly mounts: Mounts;
} {
  return collect(context, {
    framework: "express",
    library: "express",
    names: new Set([...VERBS, "use"]),
    interpret: ({ program, file, c, env, name, receiver, mounts }) => {
      if (name === "use") return readUse(program, file, c, env, receiver, mounts);
      const route = routeObject(program, file, receiver, env);
      if (!route) return readRoute(program, file, c, env, name, routersOf(program, { value: receiver, file, env }));
      // `router.route("/x").get(handler)`.
      const paths = routeTexts(program, { value: route.path, file, env });
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

function readUse(
  program: Program,
  file: FileSummary,
  c: number,
  env: Env | undefined,
  receiver: Value,
  mounts: Mounts,
): Said {
  const call = file.calls[c]!;
  const [first, ...rest] = call.args;
  if (!first) return {};
  const texts = routeTexts(program, { value: first, file, env });
  const children = (texts ? rest : call.args).flatMap((it) => routersOf(program, { value: it, file, env }));
  const made = children.filter((it) => it.kind !== "param" || it.library !== undefined);
  const onlyParams = children.length > 0 && children.every((it) => it.kind === "param");
  const missing: Value[] = onlyParams ? [...call.args] : [];
  if (!texts && children.length === 0) return { missing: rest.length > 0 ? [first, ...rest] : [first] };
  // A first argument that is neither text nor router is a path that cannot be read, or middleware: nothing is known to be added.
  if (!texts && rest.length > 0 && routersOf(program, { value: first, file, env }).length === 0) missing.push(first);
  const parents = routersOf(program, { value: receiver, file, env });
  const usable = made.filter((it) => it.library === undefined || mounts.isOf(it, "express"));
  return {
    mounts: parents.flatMap((parent: Router) =>
      usable.flatMap((child) => (texts ?? [""]).map((prefix) => ({ parent, child, prefix }))),
    ),
    missing,
  };
}
