/** Elasticsearch's client and the one that OpenSearch made of it: the same options, other defaults. */
import {
  type CallView,
  isSet,
  type LibraryType,
  type Limit,
  type Member,
  type RequestMeaning,
} from "../../engine/index.ts";

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
  "ping",
  "info",
];
/** `maxRetries` 3 (lib/Transport.js of @elastic/transport 8 and 9, index.js of @elastic/elasticsearch 7 and opensearch 2). */
const RETRIES = 3;

/** `byDefault`: the limit where none is given, by the version installed. */
export function searchClient(
  name: string,
  byDefault: (call: CallView) => Limit,
): { readonly create: Member; readonly types: Readonly<Record<string, LibraryType>> } {
  const limitOf = (call: CallView): Limit => {
    const found = call.option(0, "requestTimeout");
    const set = isSet(call.program, found);
    const ms = found.is === "yes" ? call.number(found.at) : undefined;
    if (set === "no") return byDefault(call);
    return { bounded: set, by: "instance", why: "requestTimeout is set", ...(ms === undefined ? {} : { ms }) };
  };
  const attemptsIn = (call: CallView, index: number): number | undefined => {
    const found = call.option(index, "maxRetries");
    const n = found.is === "yes" ? call.number(found.at) : undefined;
    return n === undefined ? undefined : n + 1;
  };
  const request: Member = {
    call: {
      meaning: (call): RequestMeaning => {
        const found = call.option(1, "requestTimeout");
        const own = isSet(call.program, found);
        const ms = found.is === "yes" ? call.number(found.at) : undefined;
        let root = call.recv;
        while (root && !root.via && root.recv) root = root.recv;
        const creation = root?.via && call.program.view(root.via, call.env);
        const limit: Limit =
          own !== "no"
            ? { bounded: own, by: "call", why: "requestTimeout is set", ...(ms === undefined ? {} : { ms }) }
            : creation
              ? limitOf(creation)
              : { bounded: "unknown", by: "instance", why: "the client's creation is not seen" };
        const attempts = attemptsIn(call, 1) ?? (creation ? (attemptsIn(creation, 0) ?? RETRIES + 1) : undefined);
        return {
          kind: "request",
          client: name,
          limit,
          ...(attempts === undefined ? {} : { attempts }),
          ...(root?.via && limit.bounded === "no" && limit.by !== "call" ? { instance: root.via } : {}),
          // Each item has a status of its own; `errors` says whether one of them failed.
          ...(call.name === "bulk" ? { batch: { operation: "bulk", failed: "errors", holds: "flag" } as const } : {}),
        };
      },
    },
  };
  const create: Member = {
    construct: {
      returns: "Client",
      meaning: (call) => ({
        kind: "client",
        client: name,
        of: "http",
        limit: limitOf(call),
        attempts: attemptsIn(call, 0) ?? RETRIES + 1,
        option: "requestTimeout: {ms}",
      }),
    },
  };
  return {
    create,
    types: {
      Client: {
        members: {
          ...Object.fromEntries(OPERATIONS.map((it) => [it, request])),
          close: { call: {} },
          helpers: { type: "Helpers" },
          diagnostic: { type: "Helpers" },
        },
        other: { type: "Namespace" },
      },
      Helpers: {},
      Namespace: { other: request },
    },
  };
}
