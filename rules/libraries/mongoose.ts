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
]);

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
const DOCUMENT: Record<string, Member> = Object.fromEntries(
  (["save", "deleteOne", "updateOne"] as const).map((name) => [
    name,
    {
      call: {
        meaning: (): QueryMeaning => ({
          kind: "query",
          client: "Mongoose",
          engine: "mongo",
          action: name === "deleteOne" ? "delete" : "update",
          filter: { given: "yes", equals: ["_id"] },
          capped: "yes",
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
    createConnection: { call: { returns: "Connection" } },
    Model: { type: "Model" },
    Schema: { construct: { returns: "Schema" } },
  },
  types: {
    Mongoose: {
      members: {
        model,
        models: { type: "Models" },
        connection: { type: "Connection" },
        createConnection: { call: { returns: "Connection" } },
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
      members: {
        ...members,
        paginate,
        estimatedDocumentCount: { call: {} },
        hydrate: { call: { returns: "Document" } },
      },
      construct: { returns: "Document" },
    },
    Query: {
      members: {
        exec: { call: { returns: "Document" } },
        then: { call: {} },
        catch: { call: {} },
        cursor: { call: { returns: "Cursor" } },
      },
      other: { call: { returns: "this" } },
    },
    Cursor: {},
    Document: { members: DOCUMENT },
    Schema: { other: { call: { returns: "this" } } },
  },
  typeNames: { HydratedDocument: "Document", PaginateModel: "Model" },
});
