/** Nitro, Nuxt and h3: files under `server/api` and `server/routes`, and h3 routers. */
import {
  defineFramework,
  type Endpoint,
  type FileSummary,
  type FrameworkContext,
  joinRoute,
} from "../../engine/index.ts";
import { endpoint } from "./_collect.ts";
import { exportsOf, segmentsToRoute } from "./_files.ts";
import { functionsOf } from "./_handlers.ts";
import { methodParts } from "./_methods.ts";
import { isTestName } from "./_values.ts";

const HANDLER = /^(define\w*(Event)?Handler|eventHandler|cachedEventHandler|lazyEventHandler)$/;

export default defineFramework({
  name: "nitro",
  *entries({ program }: FrameworkContext): Iterable<Endpoint> {
    for (const file of program.files.values()) {
      const found = /(?:^|\/)server\/(api|routes)\/(.*)\.[cm]?[jt]s$/.exec(file.path);
      if (!found || isTestName(file.path)) continue;
      const main = exportsOf(program, file).get("default");
      if (main?.value.k !== "call" || !isHandler(file, main.value.c)) continue;
      const [, folder, inside] = found as unknown as [string, string, string];
      const method = /\.(get|post|put|patch|delete|head|options)$/.exec(inside)?.[1];
      const name = (method ? inside.slice(0, -method.length - 1) : inside).replace(/(^|\/)index$/, "");
      const route = joinRoute(folder === "api" ? "api" : "", segmentsToRoute(name));
      const handlers = functionsOf(program, main);
      const parts = method ? [] : methodParts(program, handlers);
      if (parts.length > 0)
        for (const it of parts)
          yield endpoint({
            framework: "nitro",
            method: it.method,
            route,
            file,
            at: it.at,
            nameAt: it.nameAt,
            handlers: [it.fn],
            within: it.within,
          });
      else
        yield endpoint({
          framework: "nitro",
          method: method ?? "ALL",
          route,
          file,
          at: main.at,
          nameAt: file.calls[main.value.c]!.nameAt,
          handlers,
        });
    }
  },
});

function isHandler(file: FileSummary, c: number): boolean {
  const { callee } = file.calls[c]!;
  const name = callee.k === "global" ? callee.name : callee.k === "ref" ? file.bindings[callee.b]?.name : undefined;
  return name !== undefined && HANDLER.test(name);
}
