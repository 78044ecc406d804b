import { defineLibrary, type Member } from "../../engine/index.ts";

const handled: Member = { call: { callbacks: { 1: ["Request", "Response"] } } };
const VERBS = ["get", "post", "put", "patch", "del", "head", "opts"];

export default defineLibrary({
  name: "restify",
  packages: ["restify"],
  exports: {
    createServer: { call: { returns: "Server" } },
    plugins: { type: "Plugins" },
    default: { type: "Restify" },
  },
  types: {
    Restify: { members: { createServer: { call: { returns: "Server" } }, plugins: { type: "Plugins" } } },
    Plugins: {},
    Server: {
      members: {
        ...Object.fromEntries(VERBS.map((it) => [it, handled])),
        use: { call: { callbacks: { 0: ["Request", "Response"] } } },
        pre: { call: { callbacks: { 0: ["Request", "Response"] } } },
        listen: { call: { meaning: () => ({ kind: "other", what: "listen", client: "restify" }) } },
      },
    },
    Request: { grows: true },
    Response: { grows: true },
  },
});
