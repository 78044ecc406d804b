import { type CallView, defineLibrary, type FileSummary, type Member, type Provision } from "../../engine/index.ts";
import { lazily, objectsIn, useProvisions } from "../_shared/provisions.ts";

const create: Member = { call: { returns: "Application" } };
const token = (call: CallView) => lazily(call.arg(0));
const ask: Member = { call: { gives: token } };

/** `{ provide: TOKEN, useClass: Users }`, in a module's providers, in a list of them or in a dynamic module. */
function* provisions(file: FileSummary): Iterable<Provision> {
  for (const of of objectsIn(file)) {
    const provide = of.props.find(({ name }) => name === "provide");
    if (provide) yield* useProvisions(provide.value, of);
  }
}

/** Providers and the application object; controllers and modules are read by the framework of the same name. */
export default defineLibrary({
  name: "nest",
  packages: ["@nestjs/core", "@nestjs/common"],
  provisions,
  exports: { NestFactory: { type: "Factory" }, Inject: ask },
  types: {
    Factory: { members: { create, createMicroservice: create, createApplicationContext: create } },
    Application: {
      members: {
        listen: { call: { meaning: () => ({ kind: "other", what: "listen", client: "Nest", data: { hooks: true } }) } },
        get: ask,
        resolve: ask,
      },
      other: { call: { returns: "this" } },
    },
    ModuleRef: { members: { get: ask, resolve: ask, create: ask } },
  },
  typeNames: { INestApplication: "Application", NestExpressApplication: "Application" },
});
