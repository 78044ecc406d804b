import { type CallView, defineLibrary, type Member, type QueryMeaning } from "../../engine/index.ts";
import { filterOfLinks, linksOf } from "../_shared/builder.ts";

/**
 * A read has 300 s in all and a write 60 s by default, tried again meanwhile (build/src/v1/firestore_client_config.json of
 * @google-cloud/firestore 8.7). Every document that a query returns is read, and paid for; `count()` reads index entries
 * only, so nothing is said of it.
 */
function base(call: CallView, action: QueryMeaning["action"], more: Partial<QueryMeaning> = {}): QueryMeaning {
  const from = linksOf(call).findLast((it) => /^(collection|collectionGroup)$/.test(it.name));
  const table = from?.view.text(from.view.arg(0));
  return {
    kind: "query",
    client: "Firestore",
    engine: "document",
    action,
    ...(table ? { table } : {}),
    filter: { given: "yes", equals: ["id"] },
    capped: "yes",
    ...more,
  };
}

/** `collection("users").where("team", "==", id).limit(10).get()`. */
const list: Member = {
  call: {
    returns: "QuerySnapshot",
    meaning: (call) => {
      const links = linksOf(call);
      const limit = links.find((it) => /^limit(ToLast)?$/.test(it.name));
      return base(call, "list", {
        filter: filterOfLinks(links, /^where$/, /^(withConverter|_)$/, ({ view }) => {
          const column = view.text(view.arg(0));
          const operator = view.text(view.arg(1));
          if (column === undefined) return { others: ["*"] };
          return operator === "=="
            ? { equals: [column] }
            : operator === "in"
              ? { inLists: [column] }
              : { others: [column] };
        }),
        capped: limit ? (limit.conditional ? "unknown" : "yes") : "no",
      });
    },
  },
};

const act = (action: QueryMeaning["action"], returns?: string): Member => ({
  call: { ...(returns ? { returns } : {}), meaning: (call) => base(call, action) },
});
const DOCUMENT: Readonly<Record<string, Member>> = {
  get: act("one", "DocumentSnapshot"),
  set: act("upsert"),
  update: act("update"),
  create: act("create"),
  delete: act("delete"),
};
const LATER = Object.fromEntries(
  ["set", "update", "create", "delete"].map((it) => [it, { call: { returns: "this" } }]),
);
const collection: Member = { call: { returns: "CollectionReference" } };
const create: Member = { construct: { returns: "Firestore" } };

export default defineLibrary({
  name: "firestore",
  packages: ["@google-cloud/firestore", "firebase-admin/firestore"],
  exports: { Firestore: create, default: create, getFirestore: { call: { returns: "Firestore" } } },
  types: {
    Firestore: {
      members: {
        collection,
        collectionGroup: { call: { returns: "Query" } },
        doc: { call: { returns: "DocumentReference" } },
        getAll: act("list"),
        batch: { call: { returns: "WriteBatch" } },
        bulkWriter: { call: { returns: "BulkWriter" } },
        runTransaction: {
          call: {
            callbacks: { 0: ["Transaction"] },
            meaning: () => ({ kind: "other", what: "transaction", client: "Firestore" }),
          },
        },
        terminate: { call: { meaning: () => ({ kind: "other", what: "disconnect", client: "Firestore" }) } },
      },
    },
    CollectionReference: {
      like: "Query",
      members: { doc: { call: { returns: "DocumentReference" } }, add: act("create", "DocumentReference") },
    },
    Query: {
      members: {
        get: list,
        stream: { call: {} },
        count: { call: { returns: "AggregateQuery" } },
        onSnapshot: { call: {} },
      },
      other: (name) =>
        /^(where|orderBy|limit|limitToLast|offset|select|start|end|withConverter)/.test(name)
          ? { call: { returns: "Query" } }
          : undefined,
    },
    AggregateQuery: { members: { get: { call: {} } } },
    DocumentReference: { members: { ...DOCUMENT, collection, withConverter: { call: { returns: "this" } } } },
    // What a batch holds is written by its `commit`; a bulk writer sends by itself.
    WriteBatch: { members: { ...LATER, commit: act("create-many") } },
    BulkWriter: { members: { close: act("create-many"), flush: act("create-many") } },
    Transaction: { members: { ...LATER, get: act("one") } },
    QuerySnapshot: { members: { docs: { type: "DocumentSnapshot[]" } } },
    DocumentSnapshot: { members: { ref: { type: "DocumentReference" } } },
  },
});
