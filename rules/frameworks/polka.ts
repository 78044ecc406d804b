/** Polka: Express's verbs and `use` with a prefix. */
import { defineFramework } from "../../engine/index.ts";
import { collect, HTTP_METHODS, readRoute, readUse } from "./_collect.ts";
import { routersOf } from "./_routers.ts";

const LIBRARIES = new Set(["polka"]);

export default defineFramework({
  name: "polka",
  entries: (context) =>
    collect(context, {
      framework: "polka",
      library: "polka",
      names: new Set([...HTTP_METHODS, "use"]),
      interpret: ({ program, file, c, env, name, receiver, mounts }) =>
        name === "use"
          ? readUse({ program, file, c, env, receiver, mounts, libraries: LIBRARIES })
          : readRoute(program, file, c, env, name, routersOf(program, { value: receiver, file, env })),
    }).endpoints,
});
