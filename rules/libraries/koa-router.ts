import { defineLibrary, type Member } from "../../engine/index.ts";

const handled = ["koa:Context"];
const chain: Member = {
  call: { returns: "this", callbacks: { 0: handled, 1: handled, 2: handled, 3: handled, 4: handled } },
};
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
  typeNames: { Instance: "Router", IRouter: "Router", RouterContext: "koa:Context" },
});
