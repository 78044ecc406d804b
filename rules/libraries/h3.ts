import { defineLibrary, type Member } from "../../engine/index.ts";

const chain: Member = { call: { returns: "this" } };
const VERBS = ["get", "post", "put", "patch", "delete", "head", "options", "trace", "connect", "all"];
const app: Member = { construct: { returns: "App" }, call: { returns: "App" } };
const MEMBERS: Readonly<Record<string, Member>> = {
  ...Object.fromEntries([...VERBS, "use", "add", "on", "mount", "register"].map((it) => [it, chain])),
  handler: { type: "App" },
};

/** Version 1 makes an application and routers by functions, version 2 one class for both. */
export default defineLibrary({
  name: "h3",
  packages: ["h3"],
  exports: { createApp: app, createRouter: app, H3: { type: "AppClass", construct: { returns: "App" } } },
  types: { AppClass: { construct: { returns: "App" } }, App: { construct: { returns: "App" }, members: MEMBERS } },
  typeNames: { Router: "App" },
});
