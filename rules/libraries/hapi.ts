import { defineLibrary, type Member } from "../../engine/index.ts";

const server: Member = { construct: { returns: "Server" }, call: { returns: "Server" } };

export default defineLibrary({
  name: "hapi",
  packages: ["@hapi/hapi", "hapi", "@hapi/glue"],
  exports: { default: { type: "Module" }, Server: server, server },
  types: {
    Module: { members: { Server: server, server } },
    Server: {
      grownBy: ["decorate"],
      members: {
        route: { call: {} },
        register: { call: {} },
        start: { call: { meaning: () => ({ kind: "other", what: "listen", client: "hapi" }) } },
        ext: { call: {} },
        auth: { type: "Auth" },
        method: { call: {} },
      },
    },
    Auth: {},
  },
});
