/** Medusa: `route.ts` files under `src/api` with one export per method. */
import { defineFramework, type Endpoint, type FrameworkContext } from "../../engine/index.ts";
import { callIndex } from "./_calls.ts";
import { endpoint } from "./_collect.ts";
import { exportsOf, segmentsToRoute } from "./_files.ts";
import { functionsOf } from "./_handlers.ts";
import { VERB_NAMES } from "./_methods.ts";
import { isTestName } from "./_values.ts";

export default defineFramework({
  name: "medusa",
  *entries({ program }: FrameworkContext): Iterable<Endpoint> {
    if (![...callIndex(program).packages].some((it) => it.startsWith("@medusajs/"))) return;
    for (const file of program.files.values()) {
      const inside = /(?:^|\/)src\/api\/(.*)\/route\.[jt]s$/.exec(file.path)?.[1];
      if (inside === undefined || isTestName(file.path)) continue;
      for (const [name, it] of exportsOf(program, file))
        if (VERB_NAMES.has(name))
          yield endpoint({
            framework: "medusa",
            method: name,
            route: segmentsToRoute(inside),
            file,
            at: it.at,
            nameAt: it.at,
            handlers: functionsOf(program, it),
          });
    }
  },
});
