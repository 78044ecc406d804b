import {
  type CallView,
  defineLibrary,
  type FileSummary,
  type Member,
  type Provision,
  type Scoped,
} from "../../engine/index.ts";

/** The storage itself is the token: what `run` and `enterWith` put in is what `getStore` gives. */
function* provisions(file: FileSummary): Iterable<Provision> {
  for (const [by, { callee, args }] of file.calls.entries())
    if (callee.k === "get" && (callee.name === "run" || callee.name === "enterWith") && args[0])
      yield { token: callee.of, value: args[0], as: "value", by };
}

function storage(call: CallView): Scoped | undefined {
  const { callee } = call.call;
  return callee.k === "get" ? { value: callee.of, file: call.file, env: call.env } : undefined;
}

const create: Member = { type: "StorageClass" };

export default defineLibrary({
  name: "async_hooks",
  packages: ["node:async_hooks"],
  provisions,
  exports: { AsyncLocalStorage: create, default: { type: "Module" } },
  types: {
    Module: { members: { AsyncLocalStorage: create } },
    StorageClass: { construct: { returns: "AsyncLocalStorage" } },
    AsyncLocalStorage: {
      members: { getStore: { call: { gives: storage, typed: true } }, run: { call: {} }, enterWith: { call: {} } },
    },
  },
});
