/** restify: verbs (`del`, `opts`) with a path or `{ path }`, and `use` and `pre` before them. */
import { defineFramework } from "../../engine/index.ts";
import { collect, middleware, readRoute } from "./_collect.ts";
import { functionsOf } from "./_handlers.ts";
import { routersOf } from "./_routers.ts";
import { routeTexts } from "./_texts.ts";

const METHODS: Readonly<Record<string, string>> = {
  get: "GET",
  post: "POST",
  put: "PUT",
  patch: "PATCH",
  del: "DELETE",
  head: "HEAD",
  opts: "OPTIONS",
};

export default defineFramework({
  name: "restify",
  entries: (context) =>
    collect(context, {
      framework: "restify",
      library: "restify",
      parameters: new Set(["server", "app"]),
      packages: /^restify$/,
      names: new Set([...Object.keys(METHODS), "use"]),
      interpret: ({ program, file, c, env, name, receiver }) => {
        if (name === "use") return { befores: middleware(program, file, c, env, receiver, undefined) };
        const routers = routersOf(program, { value: receiver, file, env });
        const method = METHODS[name]!;
        const [first, ...rest] = file.calls[c]!.args;
        const path = first?.k === "obj" ? program.property({ value: first, file, env }, "path") : undefined;
        if (path?.is !== "yes") return readRoute(program, file, c, env, method, routers);
        const handlers = rest.flatMap((it) => functionsOf(program, { value: it, file, env }));
        const paths = routeTexts(program, path.at);
        return paths
          ? { routes: routers.map((router) => ({ router, methods: [method], paths, written: path.at, handlers })) }
          : {};
      },
    }).endpoints,
});
