import { type CallView, callMeaningOf, defineLibrary, type Meaning, type Member } from "../../engine/index.ts";

const chain: Member = { call: { returns: "this" } };
const handled = ["FastifyRequest", "FastifyReply"];
/** `get(path, handler)` and `get(path, options, handler)`. */
const verb: Member = { call: { returns: "this", callbacks: { 1: handled, 2: handled } } };
const VERBS = ["get", "post", "put", "patch", "delete", "head", "options", "all"];
/** A plugin is called with the instance and its options: registering it means what calling it means. */
function registered(call: CallView): Meaning | readonly Meaning[] | undefined {
  const given = call.arg(0);
  const of = given && call.origin(given);
  const isPlugin =
    (of?.k === "lib" && of.type === "Plugin") || (of?.k === "library" && of.library.exports.default?.type === "Plugin");
  return isPlugin ? callMeaningOf(of, "call", call.program)?.call.meaning?.(call) : undefined;
}

const plugin = { params: ["FastifyInstance"] };

export default defineLibrary({
  name: "fastify",
  packages: [
    "fastify",
    "@fastify/type-provider-typebox",
    "@fastify/type-provider-json-schema-to-ts",
    "fastify-type-provider-zod",
  ],
  exports: {
    default: { type: "Module", call: { returns: "FastifyInstance" } },
    fastify: { call: { returns: "FastifyInstance" } },
  },
  types: {
    Module: {
      members: { fastify: { call: { returns: "FastifyInstance" } }, default: { call: { returns: "FastifyInstance" } } },
      call: { returns: "FastifyInstance" },
    },
    FastifyInstance: {
      grownBy: ["decorate"],
      grows: true,
      members: {
        ...Object.fromEntries(VERBS.map((it) => [it, verb])),
        route: chain,
        register: { call: { returns: "this", callbacks: { 0: ["FastifyInstance"] }, meaning: registered } },
        after: { call: { returns: "this", callbacks: { 0: [] } } },
        addHook: { call: { returns: "this", callbacks: { 1: handled } } },
        withTypeProvider: chain,
        setValidatorCompiler: chain,
        setSerializerCompiler: chain,
        decorate: chain,
        listen: {
          call: {
            returns: "Address",
            // `keepAliveTimeout` 72,000 (lib/config-validator.js of 5.12).
            meaning: () => ({ kind: "other", what: "listen", client: "Fastify", data: { keepAliveMs: 72_000 } }),
          },
        },
        // What the official plugins put on the instance.
        pg: { type: "pg:Pool" },
        redis: { type: "ioredis:Redis" },
        diContainer: { type: "awilix:AwilixContainer" },
      },
    },
    FastifyRequest: {
      grownBy: ["decorateRequest"],
      grows: true,
      members: { diScope: { type: "awilix:AwilixContainer" }, server: { type: "FastifyInstance" } },
    },
    FastifyReply: { grownBy: ["decorateReply"], grows: true, members: { server: { type: "FastifyInstance" } } },
    Address: {},
  },
  typeNames: {
    FastifyPluginAsync: plugin,
    FastifyPluginCallback: plugin,
    FastifyPlugin: plugin,
    FastifyPluginAsyncTypebox: plugin,
    FastifyPluginCallbackTypebox: plugin,
    FastifyPluginAsyncZod: plugin,
    FastifyPluginCallbackZod: plugin,
    FastifyPluginAsyncJsonSchemaToTs: plugin,
    FastifyPluginCallbackJsonSchemaToTs: plugin,
    FastifyTypedInstance: "FastifyInstance",
  },
});
