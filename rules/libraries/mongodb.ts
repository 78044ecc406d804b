import {
  type CallMeaning,
  type CallView,
  defineLibrary,
  type Filter,
  isSet,
  type Limit,
  limitFrom,
  type Member,
  type QueryMeaning,
} from "../../engine/index.ts";
import { linksOf } from "../_shared/builder.ts";
import { filterFromObject } from "../_shared/filter.ts";

const filterAt = (call: CallView, index: number): Filter => {
  const arg = call.arg(index);
  return arg ? filterFromObject(call.program, arg) : { given: call.hasSpread ? "unknown" : "no" };
};

function collectionOf(call: CallView): string | undefined {
  for (let it = call.recv; it; it = it.recv) {
    const made = it.via ? call.program.view(it.via, call.env) : undefined;
    if (made?.name === "collection") return made.text(made.arg(0));
  }
  return undefined;
}

function base(call: CallView, action: QueryMeaning["action"], more: Partial<QueryMeaning>): QueryMeaning {
  const table = collectionOf(call);
  return {
    kind: "query",
    client: "MongoDB",
    engine: "mongo",
    action,
    filter: filterAt(call, 0),
    capped: "unknown",
    ...(table ? { table } : {}),
    // Serialised as null, unless the client is told to leave it out (bson, `serialize`).
    ...(call.arg(0) ? { leavesOut: { filter: call.arg(0)!, onlyIf: "ignoreUndefined" } } : {}),
    ...more,
  };
}

const act = (action: QueryMeaning["action"], more: Partial<QueryMeaning> = {}): Member => ({
  call: {
    meaning: (call) => {
      const change = action === "update" ? call.option(1, "$set") : undefined;
      return base(call, action, {
        ...more,
        ...(change?.is === "yes" ? { sets: change.at, atomic: "{ $inc: { column: n } }" } : {}),
      });
    },
  },
});

const count: Member = {
  call: {
    meaning: (call) => {
      // `$match, $limit, $group`: the limit caps what is looked at (driver's operations/count_documents).
      const limit = isSet(call.program, call.option(1, "limit"));
      const site = call.optionSite(1);
      return base(call, "count", {
        capped: limit,
        ...(limit === "no" && site ? { cap: { option: "limit: {n}", site } } : {}),
      });
    },
  },
};

const find: Member = {
  call: {
    returns: "Cursor",
    meaning: (call) => {
      const names = new Set(linksOf(call).map((it) => it.name));
      const option = isSet(call.program, call.option(1, "limit"));
      // A cursor that is iterated streams; only `toArray` holds everything at once.
      const capped = names.has("limit") || option === "yes" ? "yes" : names.has("toArray") ? option : "unknown";
      return names.has("count") ? base(call, "count", { capped: "no" }) : base(call, "list", { capped });
    },
  },
};

/**
 * `serverSelectionTimeoutMS` and `connectTimeoutMS` 30 s, `socketTimeoutMS` and `waitQueueTimeoutMS` 0, `maxPoolSize` 100
 * (src/connection_string.ts of 7.9). An operation has no limit of its own but `maxTimeMS`, and `timeoutMS` up to 7.7: 7.8 made it
 * do nothing (src/mongo_client.ts).
 */
export function mongoLimits(call: CallView, at: number): { readonly limit: Limit; readonly statementLimit: Limit } {
  const chosen = call.option(at, "serverSelectionTimeoutMS");
  const limit: Limit =
    chosen.is === "no"
      ? { bounded: "yes", by: "default", ms: 30_000, why: "serverSelectionTimeoutMS is 30 s" }
      : limitFrom(call, chosen, "instance", { no: "serverSelectionTimeoutMS is switched off", defaultMs: 30_000 });
  const socket = call.option(at, "socketTimeoutMS");
  const statementLimit = limitFrom(call, socket, "instance", { no: "an operation has no limit by default" });
  return { limit, statementLimit };
}

const client: CallMeaning = {
  returns: "MongoClient",
  meaning: (call) => ({ kind: "client", client: "MongoDB", of: "database", ...mongoLimits(call, 1) }),
};

export default defineLibrary({
  name: "mongodb",
  packages: ["mongodb"],
  exports: {
    MongoClient: {
      type: "MongoClientClass",
      construct: client,
    },
  },
  types: {
    MongoClientClass: { members: { connect: { call: client } } },
    MongoClient: {
      members: {
        db: { call: { returns: "Db" } },
        connect: { call: { returns: "MongoClient" } },
        close: { call: { meaning: () => ({ kind: "other", what: "disconnect", client: "MongoDB" }) } },
        withSession: { call: {} },
        startSession: {
          call: { acquires: () => ({ client: "MongoDB", what: "session", release: ["endSession"] }) },
        },
      },
    },
    Db: {
      members: {
        collection: { call: { returns: "Collection" } },
        dropDatabase: act("truncate"),
        command: { call: {} },
      },
    },
    Collection: {
      members: {
        find,
        findOne: act("one", { capped: "yes" }),
        countDocuments: count,
        count,
        estimatedDocumentCount: { call: {} },
        distinct: act("aggregate"),
        aggregate: {
          call: { returns: "Cursor", meaning: (call) => base(call, "aggregate", { filter: { given: "unknown" } }) },
        },
        insertOne: act("create", { filter: { given: "yes" } }),
        insertMany: act("create-many", { filter: { given: "yes" } }),
        bulkWrite: act("create-many", { filter: { given: "yes" } }),
        updateOne: act("update"),
        updateMany: act("update", { many: true }),
        replaceOne: act("update"),
        findOneAndUpdate: act("update"),
        findOneAndDelete: act("delete"),
        findOneAndReplace: act("update"),
        deleteOne: act("delete"),
        deleteMany: act("delete", { many: true }),
        drop: act("truncate"),
      },
    },
    Cursor: {
      members: { toArray: { call: { returns: "Row[]" } }, next: { call: { returns: "Row" } } },
      other: { call: { returns: "this" } },
    },
    Row: {},
  },
});
