/** SvelteKit: `+server` handlers, page loads and form actions. */
import {
  defineFramework,
  type Entry,
  type FrameworkContext,
  joinRoute,
  type PlacedFunction,
  type Program,
} from "../../engine/index.ts";
import { endpoint } from "./_collect.ts";
import { exportsOf, segmentsToRoute } from "./_files.ts";
import { functionsOf } from "./_handlers.ts";
import { VERB_NAMES } from "./_methods.ts";
import { plainRoutes } from "./_texts.ts";
import { isTestName } from "./_values.ts";

export default defineFramework({
  name: "sveltekit",
  *entries({ program }: FrameworkContext): Iterable<Entry> {
    const hooks = hooksIn(program);
    for (const file of program.files.values()) {
      const before = hooks.find((it) => file.path.startsWith(it.root))?.handlers ?? [];
      const found = /(?:^|\/)routes(?:\/(.*))?\/\+(server|page\.server|layout\.server)\.[jt]s$/.exec(file.path);
      if (/(?:^|\/)src\/hooks\.server\.[jt]s$/.test(file.path)) {
        // `handle` runs before every request.
        const handle = exportsOf(program, file).get("handle");
        const handlers = handle ? functionsOf(program, handle) : [];
        if (handle && handlers.length > 0)
          yield { kind: "page", framework: "sveltekit", name: "handle", path: file.path, at: handle.at, handlers };
      }
      if (!found || isTestName(file.path)) continue;
      const route = joinRoute(segmentsToRoute(found[1] ?? ""));
      const routes = plainRoutes(route);
      for (const [name, it] of exportsOf(program, file)) {
        const handlers = functionsOf(program, it);
        if (found[2] === "server") {
          if (VERB_NAMES.has(name) || name === "fallback")
            for (const route of routes)
              yield endpoint({
                framework: "sveltekit",
                method: name === "fallback" ? "ALL" : name,
                route,
                file,
                at: it.at,
                nameAt: it.at,
                handlers: [...before, ...handlers],
              });
        } else if (name === "load" && handlers.length > 0)
          yield { kind: "page", framework: "sveltekit", name: route, path: file.path, at: it.at, handlers };
        else if (name === "actions") {
          const origin = program.at(it);
          if (origin.k !== "obj") continue;
          const actions = origin.value.props.flatMap((prop) =>
            functionsOf(program, { value: prop.value, file: origin.file }),
          );
          for (const [fn, route] of actions.flatMap((fn) => routes.map((route) => [fn, route] as const)))
            yield endpoint({
              framework: "sveltekit",
              method: "POST",
              route,
              file,
              at: fn.file.functions[fn.f]!.at,
              nameAt: fn.file.functions[fn.f]!.nameAt,
              handlers: [...before, fn],
            });
        }
      }
    }
  },
});

/** `handle` of `src/hooks.server`, which runs before every request of its application; innermost folders first. */
function hooksIn(program: Program): readonly { readonly root: string; readonly handlers: readonly PlacedFunction[] }[] {
  const found: { readonly root: string; readonly handlers: readonly PlacedFunction[] }[] = [];
  for (const file of program.files.values()) {
    const root = /^(.*\/)?src\/hooks\.server\.[jt]s$/.exec(file.path);
    const handle = root ? exportsOf(program, file).get("handle") : undefined;
    if (root && handle) found.push({ root: `${root[1] ?? ""}src/`, handlers: functionsOf(program, handle) });
  }
  return found.sort((a, b) => b.root.length - a.root.length);
}
