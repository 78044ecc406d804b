import {
  type CallView,
  defineLibrary,
  type FileSummary,
  type Member,
  type Provision,
  type Value,
} from "../../engine/index.ts";
import { objectsIn } from "../_shared/provisions.ts";

/** `asClass(Users).singleton()`: how it is made, and of what. */
function resolverIn(value: Value, file: FileSummary): Pick<Provision, "value" | "as" | "by"> | undefined {
  for (let it = value, i = 0; it.k === "call" && i < 6; i++) {
    const { callee, args } = file.calls[it.c]!;
    const name = callee.k === "ref" ? file.bindings[callee.b]!.name : callee.k === "get" ? callee.name : "";
    const as =
      name === "asClass" ? "instance" : name === "asFunction" ? "result" : name === "asValue" ? "value" : undefined;
    if (as && args[0]) return { value: args[0], as, by: it.c };
    if (name === "aliasTo" && args[0]) return { value: args[0], as: "alias", by: it.c };
    if (callee.k !== "get") return undefined;
    it = callee.of;
  }
  return undefined;
}

/** `register({ users: asClass(Users) })`, `register("users", asClass(Users))`, and such objects kept under a name. */
function* provisions(file: FileSummary): Iterable<Provision> {
  if (!file.imports.some((it) => /awilix/.test(it.specifier))) return;
  for (const of of objectsIn(file))
    for (const { name, value } of of.props) {
      const made = name ? resolverIn(value, file) : undefined;
      if (made) yield { token: { k: "lit", v: name }, ...made };
    }
  for (const { callee, args } of file.calls) {
    const made = callee.k === "get" && callee.name === "register" && args[1] ? resolverIn(args[1], file) : undefined;
    if (made && args[0]) yield { token: args[0], ...made };
  }
}

const made: Member = { call: { returns: "Resolver", callbacks: { 0: ["Cradle"] } } };
const ask: Member = { call: { gives: (call: CallView) => call.arg(0) } };

export default defineLibrary({
  name: "awilix",
  packages: ["awilix", "@fastify/awilix"],
  provisions,
  exports: {
    createContainer: { call: { returns: "AwilixContainer" } },
    asClass: made,
    asFunction: made,
    asValue: { call: { returns: "Resolver" } },
    aliasTo: { call: { returns: "Resolver" } },
    diContainer: { type: "AwilixContainer" },
    default: { type: "Awilix" },
  },
  types: {
    Awilix: {
      members: { createContainer: { call: { returns: "AwilixContainer" } }, asClass: made, asFunction: made },
    },
    AwilixContainer: {
      members: {
        register: { call: { returns: "this" } },
        resolve: ask,
        cradle: { type: "Cradle" },
        createScope: { call: { returns: "this" } },
        build: { call: { callbacks: { 0: ["Cradle"] } } },
      },
      other: { call: {} },
    },
    Cradle: { gives: true },
    Resolver: { other: { call: { returns: "this" } } },
  },
});
