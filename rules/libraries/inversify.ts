import { type CallView, defineLibrary, type FileSummary, type Member, type Provision } from "../../engine/index.ts";
import { lazily } from "../_shared/provisions.ts";

const token = (call: CallView) => lazily(call.arg(0));

/** What `bind(token)` is followed by. */
const WAYS: Readonly<Record<string, Provision["as"]>> = {
  to: "instance",
  toConstantValue: "value",
  toDynamicValue: "result",
  toResolvedValue: "result",
  toService: "alias",
};

/** `container.bind(token).to(…)`, and `bind(token).to(…)` inside a module. */
function* provisions(file: FileSummary): Iterable<Provision> {
  for (const { callee, args } of file.calls) {
    const as = callee.k === "get" ? WAYS[callee.name] : undefined;
    if (!as || callee.k !== "get" || callee.of.k !== "call" || !args[0]) continue;
    const bound = file.calls[callee.of.c]!;
    const name =
      bound.callee.k === "get"
        ? bound.callee.name
        : bound.callee.k === "ref"
          ? file.bindings[bound.callee.b]!.name
          : "";
    if (/^(re)?bind(Sync)?$/.test(name) && bound.args[0]) yield { token: bound.args[0], value: args[0], as };
  }
}

const ask: Member = { call: { gives: token } };

export default defineLibrary({
  name: "inversify",
  packages: ["inversify", "@inversifyjs/core", "@inversifyjs/container"],
  provisions,
  exports: {
    Container: { construct: { returns: "Container" } },
    ContainerModule: { construct: { returns: "ContainerModule" } },
    inject: ask,
    injectable: { call: {} },
  },
  types: {
    Container: {
      members: {
        get: ask,
        getAsync: ask,
        bind: { call: { returns: "Binding" } },
        rebind: { call: { returns: "Binding" } },
      },
      other: { call: {} },
    },
    Binding: { other: { call: { returns: "this" } } },
    ContainerModule: {},
    ResolutionContext: { members: { get: ask, getAsync: ask, container: { type: "Container" } } },
  },
  typeNames: { "interfaces.Container": "Container", "interfaces.Context": "ResolutionContext" },
});
