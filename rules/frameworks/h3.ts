/** h3 without files: routers and applications, `use`, `mount` and `useBase`. */
import { defineFramework, joinRoute, type Scoped } from "../../engine/index.ts";
import { collect, HTTP_METHODS, readRoute, readUse, type SaidRoute, verb } from "./_collect.ts";
import { functionsOf } from "./_handlers.ts";
import { routersOf } from "./_routers.ts";
import { routeTexts } from "./_texts.ts";

const LIBRARIES = new Set(["h3"]);
const VERBS = new Set([...HTTP_METHODS].filter((it) => it !== "any" && it !== "del" && it !== "search"));

export default defineFramework({
  name: "h3",
  entries: (context) =>
    collect(context, {
      framework: "h3",
      library: "h3",
      names: new Set([...VERBS, "use", "mount", "on", "add"]),
      interpret: ({ program, file, c, env, name, receiver, mounts }) => {
        const call = file.calls[c]!;
        const scoped = (index: number): Scoped | undefined =>
          call.args[index] ? { value: call.args[index], file, env } : undefined;
        const routers = routersOf(program, { value: receiver, file, env });
        if (routers.length === 0) return {};
        const serve = (
          methods: readonly string[],
          path: Scoped | undefined,
          handler: Scoped | undefined,
        ): SaidRoute[] => {
          const handlers = handler ? functionsOf(program, handler) : [];
          const paths = routeTexts(program, path);
          return paths ? routers.map((router) => ({ router, methods, paths, written: path, handlers })) : [];
        };
        if (name === "use" || name === "mount") {
          const said = readUse({ program, file, c, env, receiver, mounts, libraries: LIBRARIES });
          const outer = routeTexts(program, scoped(0))?.[0] ?? "";
          if (said.mounts?.length)
            return { ...said, mounts: said.mounts.map((it) => ({ ...it, prefix: servedUnder(it.prefix, outer) })) };
          if (call.args.length < 2 || name === "mount") return said;
          // Whatever comes under the path; with a third argument, one method of it.
          const method = routeTexts(program, scoped(2))?.[0];
          const routes = serve([method ? verb(method) : "ALL"], scoped(0), scoped(1));
          return {
            ...said,
            routes: routes.filter((it) => it.handlers.length > 0 && !it.paths.every((one) => one === "/")),
          };
        }
        if (name === "on")
          return { routes: serve((routeTexts(program, scoped(0)) ?? []).map(verb), scoped(1), scoped(2)) };
        if (name === "add")
          return { routes: serve((routeTexts(program, scoped(2)) ?? ["ALL"]).map(verb), scoped(0), scoped(1)) };
        return readRoute(program, file, c, env, name, routers);
      },
    }).endpoints,
});

/** `use("/api/**", useBase("/api", nested.handler))`: the base only takes off again what the path put before. */
function servedUnder(prefix: string, outer: string): string {
  const path = joinRoute(outer.replace(/\/\*\*$/, ""));
  return outer !== "" && prefix !== joinRoute(outer) ? path : prefix.replace(/\/\*\*$/, "");
}
