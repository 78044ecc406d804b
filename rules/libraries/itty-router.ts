import { defineLibrary, type Member } from "../../engine/index.ts";

const chain: Member = { call: { returns: "this" } };
const VERBS = ["get", "post", "put", "patch", "delete", "head", "options", "all"];
const make: Member = { call: { returns: "Router" }, construct: { returns: "Router" } };

export default defineLibrary({
  name: "itty-router",
  packages: ["itty-router", "itty-router-extras", "@tsndr/cloudflare-worker-router"],
  exports: {
    Router: make,
    AutoRouter: make,
    IttyRouter: make,
    ThrowableRouter: make,
  },
  types: { Router: { members: Object.fromEntries(VERBS.map((it) => [it, chain])) } },
  typeNames: { RouterType: "Router", IttyRouterType: "Router", AutoRouterType: "Router" },
});
