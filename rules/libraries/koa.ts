import { defineLibrary, type Member } from "../../engine/index.ts";

const chain: Member = { call: { returns: "this" } };

export default defineLibrary({
  name: "koa",
  packages: ["koa"],
  exports: { default: { type: "Koa", construct: { returns: "Application" }, call: { returns: "Application" } } },
  types: {
    Koa: { construct: { returns: "Application" }, call: { returns: "Application" } },
    Application: {
      construct: { returns: "Application" },
      members: {
        use: chain,
        on: chain,
        listen: {
          call: { returns: "http:Server", meaning: () => ({ kind: "other", what: "listen", client: "Koa" }) },
        },
      },
    },
  },
});
