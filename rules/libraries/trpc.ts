import { defineLibrary, type Member } from "../../engine/index.ts";

const chain: Member = { call: { returns: "this" } };
const handled = { 0: ["Options"] };
const built: Member = { call: { returns: "Built", callbacks: handled } };
const router: Member = { call: { returns: "Router" } };

export default defineLibrary({
  name: "trpc",
  packages: ["@trpc/server"],
  exports: {
    initTRPC: { type: "Init" },
    router: { call: { returns: "OldRouter" } },
  },
  types: {
    Init: {
      members: {
        context: { call: { returns: "Init" } },
        meta: { call: { returns: "Init" } },
        create: { call: { returns: "Root" } },
      },
    },
    Root: {
      members: {
        router,
        mergeRouters: router,
        procedure: { type: "Procedure" },
        middleware: { call: { returns: "Middleware", callbacks: handled } },
        createCallerFactory: { call: {} },
      },
    },
    Procedure: {
      members: {
        ...Object.fromEntries(["input", "output", "meta", "concat", "unstable_concat"].map((it) => [it, chain])),
        use: { call: { returns: "this", callbacks: handled } },
        query: built,
        mutation: built,
        subscription: built,
      },
    },
    Middleware: { members: { unstable_pipe: chain, pipe: chain } },
    Options: { members: { ctx: { type: "Context" } } },
    Context: { typedBy: "context" },
    Built: {},
    Router: { members: { createCaller: { call: {} }, _def: { type: "Def" } } },
    Def: {},
    OldRouter: {
      members: Object.fromEntries(
        ["query", "mutation", "subscription", "merge", "middleware", "transformer", "formatError", "interop"].map(
          (it) => [it, chain],
        ),
      ),
    },
  },
});
