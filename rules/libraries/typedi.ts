import { type CallView, defineLibrary, type FileSummary, type Member, type Provision } from "../../engine/index.ts";
import { lazily } from "../_shared/provisions.ts";

const token = (call: CallView) => lazily(call.arg(0));

/** `Container.set(token, value)`, `Container.set({ id, value })` or a list of those; `@Service("name")` on a class. */
function* provisions(file: FileSummary): Iterable<Provision> {
  for (const [by, { callee, args }] of file.calls.entries()) {
    if (callee.k !== "get" || callee.name !== "set" || !args[0]) continue;
    if (args[1]) yield { token: args[0], value: args[1], as: "value", by };
    for (const it of args[0].k === "arr" ? args[0].items : [args[0]]) if (it.k === "obj") yield* entry(it, by);
  }
  for (const [c, cls] of file.classes.entries())
    for (const it of cls.decorators) {
      const call = it.k === "call" ? file.calls[it.c] : undefined;
      const [named] = call?.args ?? [];
      if (it.k !== "call" || !named) continue;
      const id = named.k === "obj" ? named.props.find(({ name }) => name === "id")?.value : named;
      if (id) yield { token: id, value: { k: "class", c }, as: "instance", by: it.c };
    }
}

function* entry(
  of: { readonly props: readonly { readonly name: string | null; readonly value: Provision["value"] }[] },
  by: number,
): Iterable<Provision> {
  const named = (name: string) => of.props.find((it) => it.name === name)?.value;
  const id = named("id");
  const [value, type, factory] = [named("value"), named("type"), named("factory")];
  if (!id) return;
  if (value) yield { token: id, value, as: "value", by };
  if (type) yield { token: id, value: type, as: "instance", by };
  if (factory) yield { token: id, value: factory, as: "result", by };
}

const ask: Member = { call: { gives: token } };
const CONTAINER = { get: ask, set: { call: { returns: "this" } }, of: { call: { returns: "Container" } } };

export default defineLibrary({
  name: "typedi",
  packages: ["typedi"],
  provisions,
  exports: {
    Container: { type: "Container" },
    default: { type: "Container" },
    Inject: ask,
    Service: { call: {} },
    Token: { construct: { returns: "Token" } },
  },
  types: { Container: { members: CONTAINER }, Token: {} },
  typeNames: { ContainerInstance: "Container" },
});
