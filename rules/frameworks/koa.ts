/** Koa with its routers: prefixes of the router, nested `use`, `koa-mount`. */
import { defineFramework, type FrameworkContext, type Scoped } from "../../engine/index.ts";
import { type Collected, collect, HTTP_METHODS, readRoute, readUse, verb } from "./_collect.ts";
import { functionsOf } from "./_handlers.ts";
import { type Mounts, routersOf } from "./_routers.ts";
import { routeTexts } from "./_texts.ts";
import { isTestFile } from "./_values.ts";

const LIBRARIES = new Set(["koa", "koa-router"]);
const VERBS = new Set([...HTTP_METHODS].filter((it) => it !== "any"));

export default defineFramework({ name: "koa", entries: (context) => koaEndpoints(context).endpoints });

export function koaEndpoints(context: FrameworkContext): Collected {
  return collect(context, {
    framework: "koa",
    library: "koa-router",
    also: ["koa"],
    names: new Set([...VERBS, "use", "prefix", "register", "route"]),
    prepare: ownPrefixes,
    interpret: ({ program, file, c, env, name, receiver, mounts }) => {
      const call = file.calls[c]!;
      const scoped = (index: number): Scoped | undefined =>
        call.args[index] ? { value: call.args[index], file, env } : undefined;
      if (name === "use") return readUse({ program, file, c, env, receiver, mounts, libraries: LIBRARIES });
      const routers = routersOf(program, { value: receiver, file, env });
      if (name === "prefix") {
        const prefix = routeTexts(program, scoped(0))?.[0];
        if (prefix !== undefined) for (const it of routers) if (it.library === "koa-router") mounts.own(it, prefix);
        return {};
      }
      if (name === "register" || name === "route") {
        // `register(path, methods, handlers)`; joi-router's `route({ method, path, handler })`.
        const options = scoped(0);
        const read = (it: string): Scoped | undefined => {
          const found = options?.value.k === "obj" ? program.property(options, it) : undefined;
          return found?.is === "yes" ? found.at : undefined;
        };
        const isTable = options?.value.k === "obj";
        const written = isTable ? read("path") : options;
        const paths = routeTexts(program, written);
        const methods = routeTexts(program, isTable ? read("method") : scoped(1));
        const handler = isTable ? read("handler") : scoped(2);
        if (!paths || !methods) return {};
        return {
          routes: routers.map((router) => ({
            router,
            methods: methods.map(verb),
            paths,
            written,
            handlers: handler ? functionsOf(program, handler) : [],
          })),
        };
      }
      // `router.get("name", "/path", handler)`: the first text only names the route.
      const second = call.args.length > 2 ? routeTexts(program, scoped(1)) : undefined;
      if (second) {
        const handlers = call.args.slice(2).flatMap((it) => functionsOf(program, { value: it, file, env }));
        return {
          routes: routers.map((router) => ({
            router,
            methods: [verb(name)],
            paths: second,
            written: scoped(1),
            handlers,
          })),
        };
      }
      return readRoute(program, file, c, env, name, routers);
    },
  });
}

/** `new Router({ prefix })`. */
function ownPrefixes({ program, graph }: FrameworkContext, mounts: Mounts): void {
  for (const { file, c } of graph.libraryCalls("koa-router")) {
    const options = file.calls[c]!.args[0];
    if (options?.k !== "obj" || isTestFile(file)) continue;
    const prefix = program.property({ value: options, file }, "prefix");
    const text = prefix.is === "yes" ? routeTexts(program, prefix.at)?.[0] : undefined;
    if (text) for (const it of routersOf(program, { value: { k: "call", c }, file })) mounts.own(it, text);
  }
}
