/** Elysia: chained verbs, prefixes of instances, groups and guards. */
import { defineFramework, type FrameworkContext, type Scoped } from "../../engine/index.ts";
import { collect, HTTP_METHODS, readRoute, readUse, verb } from "./_collect.ts";
import { functionsOf } from "./_handlers.ts";
import { type Mounts, paramRouter, routersOf } from "./_routers.ts";
import { routeTexts } from "./_texts.ts";
import { each, isTestFile } from "./_values.ts";

const LIBRARIES = new Set(["elysia"]);
const VERBS = new Set([...HTTP_METHODS].filter((it) => it !== "any" && it !== "del" && it !== "search"));

export default defineFramework({
  name: "elysia",
  entries: (context) =>
    collect(context, {
      framework: "elysia",
      library: "elysia",
      names: new Set([...VERBS, "use", "group", "guard", "route"]),
      prepare: ownPrefixes,
      interpret: ({ program, file, c, env, name, receiver, mounts }) => {
        const call = file.calls[c]!;
        const scoped = (index: number): Scoped | undefined =>
          call.args[index] ? { value: call.args[index], file, env } : undefined;
        const routers = routersOf(program, { value: receiver, file, env });
        if (routers.length === 0) return {};
        if (name === "group" || name === "guard") {
          const prefix = name === "group" ? (routeTexts(program, scoped(0))?.[0] ?? "") : "";
          const bodies = call.args.flatMap((it) =>
            each(program.origin(it, file, env)).flatMap((of) => (of.k === "fn" ? [of] : [])),
          );
          return {
            mounts: bodies.flatMap((it) => routers.map((parent) => ({ parent, child: paramRouter(it, 0), prefix }))),
          };
        }
        if (name === "use") {
          // A plugin may be a function of the instance.
          const bodies = call.args.flatMap((it) =>
            each(program.origin(it, file, env)).flatMap((of) => (of.k === "fn" ? [of] : [])),
          );
          if (bodies.length > 0)
            return {
              mounts: bodies.flatMap((it) =>
                routers.map((parent) => ({ parent, child: paramRouter(it, 0), prefix: "" })),
              ),
            };
          return readUse({ program, file, c, env, receiver, mounts, libraries: LIBRARIES });
        }
        if (name === "route") {
          const methods = routeTexts(program, scoped(0));
          const paths = routeTexts(program, scoped(1));
          const handler = scoped(2);
          return methods && paths
            ? {
                routes: routers.map((router) => ({
                  router,
                  methods: methods.map(verb),
                  paths,
                  written: scoped(1),
                  handlers: handler ? functionsOf(program, handler) : [],
                })),
              }
            : {};
        }
        const said = readRoute(program, file, c, env, name, routers);
        // The handler comes second; what follows are hooks.
        const handler = scoped(1);
        const main = handler ? functionsOf(program, handler) : [];
        return main.length > 0
          ? { ...said, routes: (said.routes ?? []).map((it) => ({ ...it, handlers: main })) }
          : said;
      },
    }).endpoints,
});

/** `new Elysia({ prefix })`. */
function ownPrefixes({ program, graph }: FrameworkContext, mounts: Mounts): void {
  for (const { file, c } of graph.libraryCalls("elysia")) {
    const call = file.calls[c]!;
    if (call.kind !== "new" || call.args[0]?.k !== "obj" || isTestFile(file)) continue;
    const prefix = program.property({ value: call.args[0], file }, "prefix");
    const text = prefix.is === "yes" ? routeTexts(program, prefix.at)?.[0] : undefined;
    if (text) for (const it of routersOf(program, { value: { k: "call", c }, file })) mounts.own(it, text);
  }
}
