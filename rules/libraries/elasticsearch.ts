import { type CallView, defineLibrary, isSet, type Limit, type Member } from "../../engine/index.ts";

/** "Defaults to no timeout" (@elastic/transport 9.4 src/connection): measured, still waiting after 660 s. Before 9 it was 30 s. */
function limitOf(call: CallView): Limit {
  const version = call.version("@elastic/elasticsearch") ?? call.version("@opensearch-project/opensearch");
  const set = isSet(call.program, call.option(0, "requestTimeout"));
  if (set !== "no") return { bounded: set === "yes" ? "yes" : "unknown", by: "instance", why: "requestTimeout is set" };
  const major = version ? Number.parseInt(version, 10) : undefined;
  if (major === undefined) return { bounded: "unknown", by: "default", why: "the installed version is not known" };
  return major >= 9
    ? { bounded: "no", by: "default", why: "the client waits without end since version 9" }
    : { bounded: "yes", by: "default", ms: 30_000, why: "30 s before version 9" };
}

const OPERATIONS = [
  "search",
  "index",
  "get",
  "create",
  "update",
  "delete",
  "bulk",
  "count",
  "msearch",
  "mget",
  "deleteByQuery",
  "updateByQuery",
  "scroll",
  "exists",
  "reindex",
];
const request: Member = {
  call: {
    meaning: (call) => {
      const own = isSet(call.program, call.option(1, "requestTimeout"));
      const created = call.recv?.via;
      const limit: Limit =
        own !== "no"
          ? { bounded: own === "yes" ? "yes" : "unknown", by: "call", why: "requestTimeout is set" }
          : created
            ? limitOf(call.program.view(created, call.env))
            : { bounded: "unknown", by: "instance", why: "the client's creation is not seen" };
      return {
        kind: "request",
        client: "Elasticsearch",
        limit,
        ...(created && limit.bounded === "no" ? { instance: created } : {}),
        // Each item has a status of its own; `errors` says whether one of them failed.
        ...(call.name === "bulk" ? { batch: { operation: "bulk", failed: "errors", holds: "flag" } as const } : {}),
      };
    },
  },
};

export default defineLibrary({
  name: "elasticsearch",
  packages: ["@elastic/elasticsearch", "@opensearch-project/opensearch"],
  exports: {
    Client: {
      construct: {
        returns: "Client",
        meaning: (call) => ({
          kind: "client",
          client: "Elasticsearch",
          of: "http",
          limit: limitOf(call),
          attempts: 4,
          option: "requestTimeout: {ms}",
        }),
      },
    },
  },
  types: {
    Client: {
      members: { ...Object.fromEntries(OPERATIONS.map((it) => [it, request])), close: { call: {} } },
      other: { type: "Namespace" },
    },
    Namespace: { other: request },
  },
});
