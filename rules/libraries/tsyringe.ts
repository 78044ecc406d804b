import { type CallView, defineLibrary, type FileSummary, type Member, type Provision } from "../../engine/index.ts";
import { lazily, useProvisions } from "../_shared/provisions.ts";

const token = (call: CallView) => lazily(call.arg(0));

/** `register(token, provider)` and its shorthands (dist/typings/types/dependency-container.d.ts of 4.10). */
function* provisions(file: FileSummary): Iterable<Provision> {
  for (const [by, { callee, args }] of file.calls.entries()) {
    if (callee.k !== "get" || !args[0]) continue;
    const [token, value = token] = args;
    if (callee.name === "register") yield* useProvisions(token, value, by);
    else if (callee.name === "registerSingleton" || callee.name === "registerType")
      yield { token, value, as: "instance", by };
    else if (callee.name === "registerInstance") yield { token, value, as: "value", by };
  }
}

const chain: Member = { call: { returns: "this" } };

export default defineLibrary({
  name: "tsyringe",
  packages: ["tsyringe"],
  provisions,
  exports: {
    container: { type: "DependencyContainer" },
    inject: { call: { gives: token } },
    injectable: { call: {} },
    singleton: { call: {} },
    delay: { call: {} },
  },
  types: {
    DependencyContainer: {
      members: {
        register: chain,
        registerSingleton: chain,
        registerType: chain,
        registerInstance: chain,
        createChildContainer: chain,
        resolve: { call: { gives: token } },
      },
    },
  },
});
