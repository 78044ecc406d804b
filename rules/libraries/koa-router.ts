import { defineLibrary, type Member } from "../../engine/index.ts";

const chain: Member = { call: { returns: "this" } };
const VERBS = [
  "get",
  "post",
  "put",
  "patch",
  "delete",
  "del",
  "head",
  "options",
  "all",
  "use",
  "register",
  "redirect",
  "prefix",
  "param",
];

/** `routes()` is middleware that serves the router: where it is used, the router is. */
export default defineLibrary({
  name: "koa-router",
  packages: ["@koa/router", "koa-router", "koa-tree-router", "koa-joi-router", "@koa-better-modules/joi-router"],
  exports: {
    default: { type: "RouterClass", construct: { returns: "Router" }, call: { returns: "Router" } },
    Router: { construct: { returns: "Router" }, call: { returns: "Router" } },
  },
  types: {
    RouterClass: { construct: { returns: "Router" }, call: { returns: "Router" } },
    Router: {
      construct: { returns: "Router" },
      call: { returns: "Router" },
      members: { ...Object.fromEntries(VERBS.map((it) => [it, chain])), routes: chain, middleware: chain },
    },
  },
  typeNames: { Instance: "Router", IRouter: "Router" },
});
