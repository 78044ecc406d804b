/** ts-rest over Express, Fastify and Next.js: a contract's routes with the functions that implement them. NestJS reads its own. */
import { defineFramework, type Endpoint, type FrameworkContext } from "../../engine/index.ts";
import { callIndex, importedName } from "./_calls.ts";
import { endpoint } from "./_collect.ts";
import { contractRoutes } from "./_contracts.ts";
import { plainRoutes } from "./_texts.ts";
import { isTestFile } from "./_values.ts";

const SERVE = new Set([
  "createExpressEndpoints",
  "registerRouter",
  "createNextRouter",
  "createNextHandler",
  "fetchRequestHandler",
  "createLambdaHandler",
]);

export default defineFramework({
  name: "ts-rest",
  *entries({ program }: FrameworkContext): Iterable<Endpoint> {
    if (![...callIndex(program).packages].some((it) => it.startsWith("@ts-rest/"))) return;
    for (const file of program.files.values()) {
      if (isTestFile(file)) continue;
      for (const call of file.calls) {
        const [contract, implementation] = call.args;
        const name = importedName(call.callee, file);
        if (!contract || !implementation || name === undefined || !SERVE.has(name)) continue;
        for (const it of contractRoutes(program, { value: contract, file }, { value: implementation, file })) {
          const own = it.handlers.at(-1);
          const fn = own?.file.functions[own.f];
          for (const route of plainRoutes(it.route))
            yield endpoint({
              framework: "ts-rest",
              method: it.method,
              route,
              file: own?.file ?? file,
              at: fn?.at ?? call.at,
              nameAt: fn?.nameAt ?? call.nameAt,
              handlers: it.handlers,
            });
        }
      }
    }
  },
});
