import {
  type CallView,
  defineLibrary,
  type Filter,
  isSet,
  type Lookup,
  type Member,
  type QueryMeaning,
  type Scoped,
} from "../../engine/index.ts";
import { filterFromObject } from "../_shared/filter.ts";
import { queryOfSql } from "../_shared/sql.ts";
import { unmanaged } from "../_shared/transactions.ts";

interface Action {
  readonly action: QueryMeaning["action"];
  readonly many?: boolean;
  /** Index of the options; the values of `update` and `bulkCreate` come first. */
  readonly options: number;
  readonly returns?: string;
}

const STATIC: Readonly<Record<string, Action>> = {
  findAll: { action: "list", options: 0, returns: "ModelInstance[]" },
  findAndCountAll: { action: "list-and-count", options: 0 },
  findOne: { action: "one", options: 0, returns: "ModelInstance" },
  findByPk: { action: "one", options: 1, returns: "ModelInstance" },
  findOrCreate: { action: "upsert", options: 0 },
  findOrBuild: { action: "one", options: 0 },
  findCreateFind: { action: "upsert", options: 0 },
  count: { action: "count", options: 0 },
  max: { action: "aggregate", options: 1 },
  min: { action: "aggregate", options: 1 },
  sum: { action: "aggregate", options: 1 },
  aggregate: { action: "aggregate", options: 2 },
  create: { action: "create", options: 1, returns: "ModelInstance" },
  bulkCreate: { action: "create-many", options: 1, returns: "ModelInstance[]" },
  upsert: { action: "upsert", options: 1 },
  update: { action: "update", many: true, options: 1 },
  increment: { action: "update", many: true, options: 1 },
  decrement: { action: "update", many: true, options: 1 },
  destroy: { action: "delete", many: true, options: 0 },
  restore: { action: "update", many: true, options: 0 },
  truncate: { action: "truncate", options: 0 },
};

const INSTANCE: Readonly<Record<string, Action>> = {
  save: { action: "update", options: 0 },
  update: { action: "update", options: 1 },
  destroy: { action: "delete", options: 0 },
  restore: { action: "update", options: 0 },
  reload: { action: "one", options: 0 },
  increment: { action: "update", options: 1 },
  decrement: { action: "update", options: 1 },
};

function filterOf(call: CallView, { options }: Action): Filter {
  const where = call.option(options, "where");
  const own: Filter = where.is === "yes" ? filterFromObject(call.program, where.at) : { given: where.is };
  // A required include restricts as a condition does.
  const include = call.option(options, "include");
  if (own.given === "no" && include.is !== "no") return { given: "unknown" };
  if (own.given !== "yes" || include.is !== "yes" || include.at.value.k !== "arr") return own;
  const related = include.at.value.items.flatMap((value) => conditionsOfInclude(call, { ...include.at, value }));
  return related.length === 0
    ? own
    : {
        ...own,
        inLists: [...(own.inLists ?? []), ...related.flatMap((it) => it.inLists ?? [])],
        owners: [
          ...(own.owners ?? []),
          ...related.flatMap((it) => it.equals ?? []).filter((it) => /(Id|_id)$/.test(it)),
        ],
      };
}

/** `{ model: Team, where: { teamId } }`: an include with a condition is an inner join (lib/model.js, `_validateIncludedElements`). */
function conditionsOfInclude({ program }: CallView, at: Scoped): Filter[] {
  const where = program.property(at, "where");
  const required = program.property(at, "required");
  if (where.is !== "yes" || (required.is === "yes" && required.at.value.k === "lit" && required.at.value.v === false))
    return [];
  return [filterFromObject(program, where.at)];
}

function transactionOf(call: CallView, options: number): QueryMeaning["inTransaction"] {
  const found: Lookup = call.option(options, "transaction");
  return found.is;
}

function tableOf(call: CallView): string | undefined {
  const { recv } = call;
  const self = recv?.self;
  if (self?.k === "class" || self?.k === "instance") return self.file.classes[self.c]!.name;
  for (let it = recv; it; it = it.recv) {
    const made = it.via ? call.program.view(it.via) : undefined;
    if (made?.name === "define" || made?.name === "model") return made.text(made.arg(0));
  }
  // `models.User`: a member of what was filled with models.
  for (let it = recv; it; it = it.recv) if (it.type === "ModelStatic" && it.member) return it.member;
  return undefined;
}

/** `update(values)` of a model or a row; `save()` writes the columns that were assigned to. */
function writtenBy(call: CallView, name: string, isStatic: boolean): Partial<QueryMeaning> {
  const atomic = 'increment("column", { by: n })';
  const given = call.arg(0);
  if (name === "update" && given) return { sets: given, atomic };
  const { callee } = call.call;
  return name === "save" && !isStatic && callee.k === "get"
    ? { saves: { value: callee.of, file: call.file, env: call.env }, atomic }
    : {};
}

const query = (name: string, it: Action, isStatic: boolean): Member => ({
  call: {
    ...(it.returns ? { returns: it.returns } : {}),
    meaning: (call): QueryMeaning => {
      const limit = call.option(it.options, "limit");
      const isCount = it.action === "count" || it.action === "list-and-count";
      const group = call.option(it.options, "group");
      const table = tableOf(call);
      return {
        kind: "query",
        client: "Sequelize",
        engine: "sql",
        action: name === "destroy" && call.option(0, "truncate").is === "yes" ? "truncate" : it.action,
        ...(it.many && isStatic ? { many: true } : {}),
        ...(table ? { table } : {}),
        filter: isStatic
          ? name === "findByPk"
            ? { given: "yes", equals: ["id"] }
            : filterOf(call, it)
          : { given: "yes", equals: ["id"] },
        // `options.limit = null` in `count` (lib/model.js, 6.37): the limit never reaches the statement.
        capped: isCount ? "no" : limit.is === "yes" ? "yes" : limit.is,
        ...(isCount && limit.is === "yes" && name === "count" ? { deadCap: "limit" } : {}),
        ...(isCount && group.is !== "no" ? { grouped: true } : {}),
        ...(transactionOf(call, it.options) ? { inTransaction: transactionOf(call, it.options)! } : {}),
        ...writtenBy(call, name, isStatic),
      };
    },
  },
});

const statics = Object.fromEntries(Object.entries(STATIC).map(([name, it]) => [name, query(name, it, true)]));
const methods = Object.fromEntries(Object.entries(INSTANCE).map(([name, it]) => [name, query(name, it, false)]));
const self: Member = { call: { returns: "this" } };

const raw: Member = {
  call: {
    meaning: (call): QueryMeaning | undefined => {
      const first = call.arg(0);
      return first
        ? { ...queryOfSql(call, first, "Sequelize", "postgresql"), inTransaction: call.option(1, "transaction").is }
        : undefined;
    },
  },
};

const sequelize: Member = {
  type: "SequelizeStatic",
  construct: {
    returns: "Sequelize",
    // `acquire` is 60 s (lib/sequelize.js), though against a black hole it did not fire in 300 s (measured on 6.37).
    meaning: () => ({
      kind: "client",
      client: "Sequelize",
      of: "database",
      limit: { bounded: "unknown", by: "default", why: "the dialect's driver decides" },
    }),
  },
};

export default defineLibrary({
  name: "sequelize",
  packages: ["sequelize", "sequelize-typescript", "@sequelize/core"],
  exports: {
    // `require("sequelize")` is the class itself.
    default: sequelize,
    Sequelize: sequelize,
    Model: { type: "ModelStatic" },
    Op: { type: "Op" },
  },
  types: {
    SequelizeStatic: { members: { Op: { type: "Op" } } },
    Sequelize: {
      // The folder of models as `sequelize init` writes it.
      makes: "ModelStatic",
      members: {
        define: { call: { returns: "ModelStatic" } },
        // Up to version 5.
        import: { call: { returns: "ModelStatic" } },
        model: { call: { returns: "ModelStatic" } },
        models: { type: "Models" },
        query: raw,
        transaction: {
          call: {
            returns: "Transaction",
            acquires: (call) => unmanaged(call, "Sequelize"),
            callbacks: { 0: ["Transaction"], 1: ["Transaction"] },
            meaning: () => ({ kind: "other", what: "transaction", client: "Sequelize" }),
          },
        },
        sync: {
          call: {
            meaning: (call) => ({
              kind: "other",
              what: "schema-sync",
              client: "Sequelize",
              data: {
                destructive: [call.option(0, "force"), call.option(0, "alter")].some(
                  (it) => isSet(call.program, it) === "yes",
                ),
              },
            }),
          },
        },
        close: { call: { meaning: () => ({ kind: "other", what: "disconnect", client: "Sequelize" }) } },
        authenticate: { call: {} },
      },
    },
    Models: { other: { type: "ModelStatic" } },
    ModelStatic: {
      members: {
        ...statics,
        scope: self,
        unscoped: self,
        schema: self,
        build: { call: { returns: "ModelInstance" } },
        init: { call: {} },
      },
      construct: { returns: "ModelInstance" },
    },
    ModelInstance: { members: { ...methods, sequelize: { type: "Sequelize" } } },
    Transaction: {
      members: {
        commit: { call: { meaning: () => ({ kind: "other", what: "commit", client: "Sequelize" }) } },
        rollback: { call: {} },
        afterCommit: { call: {} },
      },
    },
    Op: {},
  },
});
