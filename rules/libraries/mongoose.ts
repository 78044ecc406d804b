import {
  type CallView,
  defineLibrary,
  type Filter,
  isSet,
  type Member,
  type QueryMeaning,
} from "../../engine/index.ts";
import { linksOf } from "../_shared/builder.ts";
import { filterFromObject } from "../_shared/filter.ts";
import { mongoLimits } from "./mongodb.ts";

const CONDITION = new Set([
  "where",
  "equals",
  "in",
  "gt",
  "gte",
  "lt",
  "lte",
  "and",
  "or",
  "nor",
  "elemMatch",
  "regex",
]);

function modelOf(call: CallView): string | undefined {
  for (let it = call.recv; it; it = it.recv) {
    const made = it.via ? call.program.view(it.via, call.env) : undefined;
    if (made?.name === "model" || made?.recv === undefined) {
      const name = made ? made.text(made.arg(0)) : undefined;
      if (name) return name;
    }
    if (it.self?.k === "class") return it.self.file.classes[it.self.c]!.name;
    const typed = it.typeArgs?.[0];
    if (typed?.k === "instance" || typed?.k === "class") return typed.file.classes[typed.c]!.name;
  }
  return undefined;
}

function filterOf(call: CallView, name: string): Filter {
  const arg = call.arg(0);
  if (/ById/.test(name)) return { given: "yes", equals: ["_id"] };
  const own: Filter = arg ? filterFromObject(call.program, arg) : { given: call.hasSpread ? "unknown" : "no" };
  if (own.given === "yes") return own;
  return linksOf(call).some((it) => CONDITION.has(it.name)) ? { given: "yes", others: ["*"] } : own;
}

/** `{ $set: { … } }`, or the columns themselves, which Mongoose puts into a `$set`. */
function written(call: CallView, action: QueryMeaning["action"]): Partial<QueryMeaning> {
  const given = action === "update" ? call.arg(1) : undefined;
  if (!given) return {};
  const set = call.program.property(given, "$set");
  return { sets: set.is === "yes" ? set.at : given, atomic: "{ $inc: { column: n } }" };
}

/** `.populate("author")`, `.populate({ path: "author" })`. */
function populated(call: CallView): Partial<QueryMeaning> {
  const populates = linksOf(call).flatMap((it) => {
    if (it.name !== "populate") return [];
    const path = it.view.option(0, "path");
    const name = it.view.text(it.view.arg(0)) ?? (path.is === "yes" ? it.view.text(path.at) : undefined);
    return name === undefined ? [] : name.split(/\s+/);
  });
  return populates.length > 0 ? { populates } : {};
}

const act = (
  name: string,
  action: QueryMeaning["action"],
  more: Partial<QueryMeaning> = {},
  returns = "Query",
): [string, Member] => [
  name,
  {
    call: {
      returns,
      meaning: (call): QueryMeaning => {
        const names = new Set(linksOf(call).map((it) => it.name));
        const table = modelOf(call);
        const counted = action === "count" || names.has("countDocuments") || names.has("count");
        const optionIndex = action === "list" ? 2 : 1;
        const limit = isSet(call.program, call.option(optionIndex, "limit"));
        const site = action === "count" ? call.optionSite(1) : undefined;
        return {
          kind: "query",
          client: "Mongoose",
          engine: "mongo",
          action: counted ? "count" : action,
          ...(table ? { table } : {}),
          filter: filterOf(call, name),
          capped:
            names.has("limit") || limit === "yes"
              ? "yes"
              : names.has("cursor") || names.has("paginate")
                ? "unknown"
                : limit,
          ...(action === "count" && limit === "no" && site && !names.has("limit")
            ? { cap: { option: "limit: {n}", site } }
            : {}),
          // With a callback a query runs at once (up to Mongoose 6; 7 takes none any more).
          lazy: action !== "create" && action !== "create-many" && !call.call.args.some((it) => it.k === "fn"),
          ...more,
          ...written(call, action),
          ...(action === "list" ? populated(call) : {}),
        };
      },
    },
  },
];

const members = Object.fromEntries([
  act("find", "list"),
  act("findOne", "one"),
  act("findById", "one"),
  act("countDocuments", "count"),
  act("count", "count"),
  act("exists", "exists"),
  act("distinct", "aggregate"),
  act("aggregate", "aggregate", { filter: { given: "unknown" } }),
  act("create", "create", { filter: { given: "yes" } }, "Document"),
  act("insertMany", "create-many", { filter: { given: "yes" } }, "Document[]"),
  act("bulkWrite", "create-many", { filter: { given: "yes" } }),
  act("updateOne", "update"),
  act("updateMany", "update", { many: true }),
  act("replaceOne", "update"),
  act("findOneAndUpdate", "update"),
  act("findByIdAndUpdate", "update"),
  act("findOneAndDelete", "delete"),
  act("findByIdAndDelete", "delete"),
  act("findOneAndReplace", "update"),
  act("deleteOne", "delete"),
  act("deleteMany", "delete", { many: true }),
  act("insertOne", "create", { filter: { given: "yes" } }, "Document"),
  act("bulkSave", "create-many", { filter: { given: "yes" } }),
  // Up to 7, 6 and 5.
  act("findOneAndRemove", "delete"),
  act("findByIdAndRemove", "delete"),
  act("remove", "delete", { many: true }),
  act("update", "update"),
]);

/** Counts all that match, whatever the limit of the page (lib/model.js of 9.12). */
const findAndCount: Member = {
  call: {
    meaning: (call) => {
      const table = modelOf(call);
      return {
        kind: "query",
        client: "Mongoose",
        engine: "mongo",
        action: "list-and-count",
        filter: filterOf(call, "findAndCount"),
        capped: "no",
        ...(table ? { table } : {}),
      };
    },
  },
};

/** `paginate` of mongoose-paginate-v2 counts with every page unless told not to. */
const paginate: Member = {
  call: {
    meaning: (call) => {
      const table = modelOf(call);
      const off = call.option(1, "useEstimatedCount").is === "yes" || call.option(1, "pagination").is === "yes";
      return {
        kind: "query",
        client: "Mongoose",
        engine: "mongo",
        action: off ? "list" : "list-and-count",
        filter: filterOf(call, "paginate"),
        capped: off ? "yes" : "no",
        ...(table ? { table } : {}),
      };
    },
  },
};

const model: Member = { call: { returns: "Model" } };

/**
 * The driver's limits of connecting; an operation that is asked for before there is a connection is given up after
 * `bufferTimeoutMS`, 10 s (lib/connection.js of 9.12). Connecting again while connected opens nothing (lib/connection.js, `openUri`).
 */
const connect = (returns: string, sharesConnections: boolean): Member => ({
  call: {
    returns,
    meaning: (call) => ({
      kind: "client",
      client: "Mongoose",
      of: "database",
      ...mongoLimits(call, 1),
      ...(sharesConnections ? { sharesConnections } : {}),
    }),
  },
});
const DOCUMENT: Record<string, Member> = Object.fromEntries(
  (["save", "deleteOne", "updateOne", "replaceOne", "remove"] as const).map((name) => [
    name,
    {
      call: {
        meaning: (call): QueryMeaning => ({
          kind: "query",
          client: "Mongoose",
          engine: "mongo",
          action: name === "deleteOne" || name === "remove" ? "delete" : "update",
          filter: { given: "yes", equals: ["_id"] },
          capped: "yes",
          // `save()` sends a `$set` of what was assigned to (lib/model.js, `$__delta`).
          ...(name === "save" && call.call.callee.k === "get"
            ? {
                saves: { value: call.call.callee.of, file: call.file, env: call.env },
                atomic: "updateOne({ _id }, { $inc: { column: n } })",
              }
            : {}),
        }),
      },
    },
  ]),
);

const session: Member = {
  call: { acquires: () => ({ client: "Mongoose", what: "session", release: ["endSession"] }) },
};

export default defineLibrary({
  name: "mongoose",
  packages: ["mongoose", "@nestjs/mongoose"],
  exports: {
    default: { type: "Mongoose" },
    model,
    models: { type: "Models" },
    connection: { type: "Connection" },
    connect: connect("Mongoose", true),
    createConnection: connect("Connection", false),
    Model: { type: "Model" },
    Schema: { construct: { returns: "Schema" } },
  },
  types: {
    Mongoose: {
      members: {
        model,
        models: { type: "Models" },
        connection: { type: "Connection" },
        connect: connect("Mongoose", true),
        createConnection: connect("Connection", false),
        disconnect: { call: { meaning: () => ({ kind: "other", what: "disconnect", client: "Mongoose" }) } },
        startSession: session,
        Schema: { construct: { returns: "Schema" } },
      },
    },
    Connection: {
      members: {
        model,
        close: { call: { meaning: () => ({ kind: "other", what: "disconnect", client: "Mongoose" }) } },
        transaction: { call: {} },
        startSession: session,
      },
    },
    Models: { other: { type: "Model" } },
    Model: {
      grownOn: ["statics"],
      members: {
        ...members,
        paginate,
        findAndCount,
        where: { call: { returns: "Query" } },
        populate: { call: {} },
        estimatedDocumentCount: { call: {} },
        hydrate: { call: { returns: "Document" } },
      },
      construct: { returns: "Document" },
    },
    Query: {
      grownOn: ["methods", "query"],
      members: {
        exec: { call: { returns: "Document" } },
        then: { call: {} },
        catch: { call: {} },
        cursor: { call: { returns: "Cursor" } },
        // What was awaited is a document, though nothing here tells the two apart.
        save: DOCUMENT.save!,
      },
      other: { call: { returns: "this" } },
    },
    Cursor: {},
    Document: { grownOn: ["methods"], members: DOCUMENT },
    Schema: {
      members: {
        virtual: {
          call: {
            returns: "this",
            meaning: (call) => {
              const name = call.text(call.arg(0));
              const ref = call.option(1, "ref");
              return name !== undefined && isSet(call.program, call.option(1, "count")) === "yes"
                ? {
                    kind: "other",
                    what: "counting-relation",
                    client: "Mongoose",
                    data: { name, ...(ref.is === "yes" ? { of: call.text(ref.at) ?? "" } : {}) },
                  }
                : undefined;
            },
          },
        },
      },
      other: { call: { returns: "this" } },
    },
  },
  typeNames: { HydratedDocument: "Document", PaginateModel: "Model" },
});
