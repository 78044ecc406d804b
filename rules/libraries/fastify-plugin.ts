import { defineLibrary } from "../../engine/index.ts";

const wrap = { call: { wraps: 0, callbacks: { 0: ["fastify:FastifyInstance"] } } };

/** `fp(plugin)` is the plugin, registered without a scope of its own. */
export default defineLibrary({
  name: "fastify-plugin",
  packages: ["fastify-plugin"],
  exports: { default: wrap, fastifyPlugin: wrap },
  types: {},
});
