import { defineLibrary, type Member } from "../../engine/index.ts";

const chain: Member = { call: { returns: "this" } };
const context = { params: ["Context"] };

export default defineLibrary({
  name: "koa",
  packages: ["koa"],
  exports: { default: { type: "Koa", construct: { returns: "Application" }, call: { returns: "Application" } } },
  types: {
    Koa: { construct: { returns: "Application" }, call: { returns: "Application" } },
    Application: {
      construct: { returns: "Application" },
      members: {
        use: { call: { returns: "this", callbacks: { 0: ["Context"] } } },
        on: chain,
        // The prototype of every context.
        context: { type: "Context" },
        listen: {
          call: { returns: "http:Server", meaning: () => ({ kind: "other", what: "listen", client: "Koa" }) },
        },
      },
    },
    Context: { grows: true, members: { state: { type: "State" }, app: { type: "Application" } } },
    State: { grows: true },
  },
  typeNames: {
    ParameterizedContext: "Context",
    DefaultContext: "Context",
    BaseContext: "Context",
    DefaultState: "State",
    Middleware: context,
    MiddlewareType: context,
  },
});
