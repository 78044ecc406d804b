/** Remix and React Router: loaders and actions of route files. */
import { defineFramework, type Endpoint, type FrameworkContext } from "../../engine/index.ts";
import { callIndex } from "./_calls.ts";
import { endpoint } from "./_collect.ts";
import { exportsOf } from "./_files.ts";
import { functionsOf } from "./_handlers.ts";
import { methodParts } from "./_methods.ts";
import { isTestName } from "./_values.ts";

const PACKAGES = [
  "@remix-run/node",
  "@remix-run/server-runtime",
  "@remix-run/react",
  "@remix-run/cloudflare",
  "react-router",
  "@react-router/node",
  "@react-router/dev",
];

export default defineFramework({
  name: "remix",
  *entries({ program }: FrameworkContext): Iterable<Endpoint> {
    const { packages } = callIndex(program);
    if (!PACKAGES.some((it) => packages.has(it))) return;
    for (const file of program.files.values()) {
      const inside = /(?:^|\/)app\/routes\/(.*)\.[jt]sx?$/.exec(file.path)?.[1];
      if (inside === undefined || isTestName(file.path)) continue;
      const route = routeOf(inside);
      for (const [name, it] of exportsOf(program, file)) {
        if (name !== "loader" && name !== "action") continue;
        const handlers = functionsOf(program, it);
        const own = handlers.at(-1);
        const nameAt = own && own.file === file ? file.functions[own.f]!.nameAt : it.at;
        const parts = name === "action" ? methodParts(program, handlers) : [];
        if (parts.length > 0)
          for (const part of parts)
            yield endpoint({
              framework: "remix",
              method: part.method,
              route,
              file,
              at: it.at,
              nameAt: part.fn.file === file ? part.nameAt : nameAt,
              handlers: [part.fn],
              within: part.within,
            });
        else
          yield endpoint({
            framework: "remix",
            method: name === "loader" ? "GET" : "POST",
            route,
            file,
            at: it.at,
            nameAt,
            handlers,
          });
      }
    }
  },
});

/** File names with dots, folders with `route`, pathless and optional parts to an address. */
export function routeOf(file: string): string {
  const plain = file
    .replace(/\/(route|_?index|_layout)$/, (it) => (it.endsWith("index") ? "/_index" : ""))
    .replace(/\+(?=\/|$)/g, "");
  const parts = plain.split(/[/.](?![^[]*\])/).filter((it) => it !== "");
  return parts
    .filter((it) => !it.startsWith("_") && it !== "index")
    .map((it) =>
      it
        .replace(/_$/, "")
        .replace(/\[([^\]]*)\]/g, "$1")
        .replace(/^\((.*)\)$/, "$1"),
    )
    .map((it) => (it === "$" ? ":splat*" : it.startsWith("$") ? `:${it.slice(1)}` : it))
    .join("/");
}
