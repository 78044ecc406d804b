import { defineLibrary, type Member } from "../../engine/index.ts";

const handled: Member = { call: { returns: "this", callbacks: { 1: ["Request", "Response"] } } };
const VERBS = ["get", "post", "put", "patch", "delete", "head", "options", "all", "add", "use"];
const make: Member = { call: { returns: "Polka" }, construct: { returns: "Polka" } };

export default defineLibrary({
  name: "polka",
  packages: ["polka"],
  exports: { default: { type: "Factory", ...make } },
  types: {
    Factory: make,
    Polka: {
      members: {
        ...Object.fromEntries(VERBS.map((it) => [it, handled])),
        listen: {
          call: { returns: "this", meaning: () => ({ kind: "other", what: "listen", client: "Polka" }) },
        },
      },
    },
    Request: { grows: true },
    Response: { grows: true },
  },
});
