/** itty-router on Workers: verbs, and `Router({ base })`. */
import { defineFramework, type FrameworkContext } from "../../engine/index.ts";
import { collect, HTTP_METHODS, readRoute } from "./_collect.ts";
import { type Mounts, routersOf } from "./_routers.ts";
import { routeTexts } from "./_texts.ts";
import { isTestFile } from "./_values.ts";

export default defineFramework({
  name: "itty-router",
  entries: (context) =>
    collect(context, {
      framework: "itty-router",
      library: "itty-router",
      names: HTTP_METHODS,
      prepare: bases,
      interpret: ({ program, file, c, env, name, receiver, mounts }) => {
        const routers = routersOf(program, { value: receiver, file, env });
        const said = readRoute(program, file, c, env, name, routers);
        // `router.all("/users/*", users.fetch)` hands on to another router, which knows the whole path.
        const last = file.calls[c]!.args.at(-1);
        const inner =
          last?.k === "get" && last.name === "fetch" ? routersOf(program, { value: last.of, file, env }) : [];
        const children = inner.filter((it) => it.library === "itty-router");
        for (const it of routers) mounts.note(it);
        return children.length > 0
          ? { mounts: routers.flatMap((parent) => children.map((child) => ({ parent, child, prefix: "" }))) }
          : said;
      },
    }).endpoints,
});

function bases({ program, graph }: FrameworkContext, mounts: Mounts): void {
  for (const { file, c } of graph.libraryCalls("itty-router")) {
    const options = file.calls[c]!.args[0];
    if (options?.k !== "obj" || isTestFile(file)) continue;
    const base = program.property({ value: options, file }, "base");
    const text = base.is === "yes" ? routeTexts(program, base.at)?.[0] : undefined;
    if (text) for (const it of routersOf(program, { value: { k: "call", c }, file })) mounts.own(it, text);
  }
}
