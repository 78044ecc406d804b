import { defineLibrary, type Member } from "../../engine/index.ts";

const chain: Member = { call: { returns: "this" } };
const VERBS = [
  "get",
  "post",
  "put",
  "patch",
  "delete",
  "head",
  "options",
  "all",
  "route",
  "use",
  "ws",
  "derive",
  "resolve",
  "state",
  "decorate",
  "model",
  "onError",
  "onBeforeHandle",
  "onAfterHandle",
  "onRequest",
  "onTransform",
  "mount",
  "as",
  "macro",
];

export default defineLibrary({
  name: "elysia",
  packages: ["elysia"],
  exports: {
    Elysia: { type: "ElysiaClass", construct: { returns: "Elysia" } },
    default: { type: "ElysiaClass", construct: { returns: "Elysia" } },
  },
  types: {
    ElysiaClass: { construct: { returns: "Elysia" } },
    Elysia: {
      construct: { returns: "Elysia" },
      members: {
        ...Object.fromEntries(VERBS.map((it) => [it, chain])),
        group: { call: { returns: "this", callbacks: { 1: ["Elysia"], 2: ["Elysia"] } } },
        guard: { call: { returns: "this", callbacks: { 0: ["Elysia"], 1: ["Elysia"] } } },
        listen: {
          call: {
            returns: "this",
            meaning: () => ({
              kind: "other",
              what: "listen",
              client: "Elysia",
              data: { keepAliveMs: undefined, isNode: false },
            }),
          },
        },
      },
    },
  },
});
