import {
  type CallMeaning,
  type CallView,
  type ChainStep,
  defineLibrary,
  type Filter,
  type Limit,
  type Lookup,
  limitFrom,
  type Member,
  type Origin,
  type QueryMeaning,
} from "../../engine/index.ts";
import { columnsOfCondition, filterOfLinks, linksOf } from "../_shared/builder.ts";
import { filterFromObject } from "../_shared/filter.ts";
import { queryOfSql } from "../_shared/sql.ts";

interface Action {
  readonly action: QueryMeaning["action"];
  readonly many?: boolean;
  /** The argument is the filter itself (`findBy`), not options that hold one. */
  readonly by?: boolean;
  readonly index?: number;
}

const ACTIONS: Readonly<Record<string, Action>> = {
  find: { action: "list" },
  findBy: { action: "list", by: true },
  findByIds: { action: "list", by: true },
  findAndCount: { action: "list-and-count" },
  findAndCountBy: { action: "list-and-count", by: true },
  findOne: { action: "one" },
  findOneBy: { action: "one", by: true },
  findOneOrFail: { action: "one" },
  findOneByOrFail: { action: "one", by: true },
  count: { action: "count" },
  countBy: { action: "count", by: true },
  exists: { action: "exists" },
  exist: { action: "exists" },
  existsBy: { action: "exists", by: true },
  sum: { action: "aggregate", by: true, index: 1 },
  average: { action: "aggregate", by: true, index: 1 },
  minimum: { action: "aggregate", by: true, index: 1 },
  maximum: { action: "aggregate", by: true, index: 1 },
  save: { action: "upsert", by: true },
  insert: { action: "create", by: true },
  upsert: { action: "upsert", by: true },
  update: { action: "update", many: true, by: true },
  delete: { action: "delete", many: true, by: true },
  softDelete: { action: "update", many: true, by: true },
  restore: { action: "update", many: true, by: true },
  remove: { action: "delete", by: true },
  softRemove: { action: "update", by: true },
  increment: { action: "update", many: true, by: true },
  decrement: { action: "update", many: true, by: true },
  clear: { action: "truncate" },
  // Since 1.0; before, it took `delete({})`.
  deleteAll: { action: "truncate" },
  recover: { action: "update", by: true },
  preload: { action: "one", by: true },
  // Up to 0.3.
  findOneById: { action: "one", by: true },
};
const WRITES = new Set(["save", "insert", "upsert", "remove", "softRemove", "recover"]);

function filterOf(call: CallView, name: string, it: Action, at: number): Filter {
  if (WRITES.has(name)) return { given: "yes" };
  const index = (it.index ?? 0) + at;
  if (it.by) {
    const arg = call.arg(index);
    if (!arg) return { given: call.hasSpread ? "unknown" : "no" };
    const found = call.origin(arg);
    // An id, or a list of ids.
    if (found.k === "lit") return { given: "yes", equals: ["id"] };
    if (found.k === "arr" || found.k === "arrayOf") return { given: "yes", inLists: ["id"] };
    return found.k === "obj" ? filterFromObject(call.program, arg) : { given: "yes", others: ["*"] };
  }
  const where: Lookup = call.option(index, "where");
  return where.is === "yes" ? filterFromObject(call.program, where.at) : { given: where.is };
}

function named(of: Origin | undefined): string | undefined {
  return of?.k === "class" || of?.k === "instance" ? of.file.classes[of.c]!.name : undefined;
}

function tableOf(call: CallView): string | undefined {
  for (let it = call.recv; it; it = it.recv) {
    const known = named(it.typeArgs?.[0]) ?? named(it.self);
    if (known) return known;
    if (it.via) {
      const made = call.program.view(it.via, call.env);
      if (/^get(Tree|Mongo)?Repository$/.test(made.name) && made.arg(0))
        return named(call.program.at(made.arg(0)!)) ?? made.text(made.arg(0));
    }
  }
  return undefined;
}

/** `update(criteria, values)`; `save(entity)` writes what differs from what is stored. */
function writtenBy(call: CallView, name: string, at: number): Partial<QueryMeaning> {
  const atomic = 'increment(criteria, "column", n)';
  if (name === "update") {
    const values = call.arg(at + 1);
    return values ? { sets: values, atomic } : {};
  }
  if (name !== "save") return {};
  // `manager.save(entity)` and `manager.save(Entity, entity)`; `entity.save()` of the active record.
  const given = call.arg(call.argCount > 1 && named(call.program.at(call.arg(0)!)) !== undefined ? 1 : 0);
  const { callee } = call.call;
  const row = given ?? (callee.k === "get" ? { value: callee.of, file: call.file, env: call.env } : undefined);
  return row ? { saves: row, atomic } : {};
}

/**
 * Up to 0.3 a find leaves `undefined` out of its condition unless the `invalidWhereValuesBehavior` of later releases says
 * otherwise; since 1.0 it throws (src/query-builder/SelectQueryBuilder.ts). Writes by `undefined` reach no row (measured on
 * 0.3.31).
 */
function leftOut(call: CallView, name: string, it: Action, at: number): Partial<QueryMeaning> {
  if (!name.startsWith("find") || !/^0\./.test(call.version("typeorm") ?? "")) return {};
  const unless = "invalidWhereValuesBehavior";
  if (it.by) {
    const where = call.arg((it.index ?? 0) + at);
    return where ? { leavesOut: { filter: where, unless } } : {};
  }
  const where = call.option((it.index ?? 0) + at, "where");
  return where.is === "yes" ? { leavesOut: { filter: where.at, unless } } : {};
}

/** `at`: how many arguments come before (the entity manager names the entity first). */
const query = (name: string, it: Action, at: number): Member => ({
  call: {
    ...(it.action === "list" ? { returns: "Row[]" } : {}),
    meaning: (call): QueryMeaning => {
      const isCount = it.action === "count" || it.action === "list-and-count";
      const take = it.by ? ({ is: "no" } as Lookup) : call.option((it.index ?? 0) + at, "take");
      const table =
        at > 0 && call.arg(0) ? (named(call.program.at(call.arg(0)!)) ?? call.text(call.arg(0))) : tableOf(call);
      return {
        kind: "query",
        client: "TypeORM",
        engine: "sql",
        action: it.action,
        ...(it.many ? { many: true } : {}),
        ...(table ? { table } : {}),
        filter: filterOf(call, name, it, at),
        // `count({ take })` and `findAndCount` count all matching rows (measured on 1.1).
        capped: isCount ? "no" : take.is === "yes" ? "yes" : take.is,
        ...(name === "count" && take.is === "yes" ? { deadCap: "take" } : {}),
        ...writtenBy(call, name, at),
        ...leftOut(call, name, it, at),
      };
    },
  },
});

const CONDITION = /^(where|andWhere|having|innerJoin|innerJoinAndSelect|whereInIds)$/;

/** `select("DISTINCT users.timezone")`: a row for each value, not for each row. */
const isDistinct = ({ name, view }: ChainStep): boolean =>
  /^(add)?select$/i.test(name) && /^\s*distinct\b/i.test(view.text(view.arg(0)) ?? "");

function builderMeaning(call: CallView, action: QueryMeaning["action"]): QueryMeaning {
  const links = [...linksOf(call), ...call.beside()];
  const names = new Set(links.map((it) => it.name));
  const decided: QueryMeaning["action"] =
    action === "raw"
      ? names.has("delete")
        ? "delete"
        : names.has("update")
          ? "update"
          : names.has("insert")
            ? "create"
            : names.has("softDelete")
              ? "update"
              : "raw"
      : action;
  const table =
    tableOf(call) ??
    links
      .map((it) =>
        it.name === "from" || it.name === "update" || it.name === "into"
          ? named(it.view.arg(0) && call.program.at(it.view.arg(0)!))
          : undefined,
      )
      .find((it) => it);
  const isCount = decided === "count" || decided === "list-and-count";
  return {
    kind: "query",
    client: "TypeORM",
    engine: "sql",
    action: decided,
    ...(decided === "delete" || decided === "update" ? { many: true } : {}),
    ...(table ? { table } : {}),
    filter: filterOfLinks(
      links,
      CONDITION,
      /^(orWhere|setFindOptions|setQueryBuilder|relation|addCommonTableExpression)$/,
      (step) => columnsOfCondition(step.view.text(step.view.arg(0))),
    ),
    capped: isCount ? "no" : names.has("take") || names.has("limit") ? "yes" : "no",
    ...(decided === "count" && (names.has("limit") || names.has("take"))
      ? { deadCap: names.has("limit") ? "limit" : "take" }
      : {}),
    ...(names.has("groupBy") || (!isCount && links.some(isDistinct)) ? { grouped: true } : {}),
    lazy: true,
  };
}

const finish = (action: QueryMeaning["action"]): Member => ({
  call: { ...(action === "list" ? { returns: "Row[]" } : {}), meaning: (call) => builderMeaning(call, action) },
});

const raw: Member = {
  call: {
    meaning: (call): QueryMeaning | undefined =>
      call.arg(0) ? queryOfSql(call, call.arg(0)!, "TypeORM", "postgresql") : undefined,
  },
};
const transaction: Member = {
  call: {
    callbacks: { 0: ["EntityManager"], 1: ["EntityManager"] },
    meaning: () => ({ kind: "other", what: "transaction", client: "TypeORM" }),
  },
};

/**
 * node-postgres' pool with `connectionTimeoutMillis: connectTimeoutMS`, and `extra` over it (driver/postgres/PostgresDriver.js of
 * 0.3.31 and 1.1): measured on 1.1, connecting never ends. mysql2 and mysql give up after 10 s by themselves
 * (driver/mysql/MysqlDriver.js hands `connectTimeout` on); `maxQueryExecutionTime` only logs.
 */
function limitOf(call: CallView): Limit {
  const kind = call.option(0, "type");
  const type = kind.is === "yes" ? call.text(kind.at) : undefined;
  if (type === "mysql" || type === "mariadb")
    return { bounded: "yes", by: "default", ms: 10_000, why: "connectTimeout is 10 s" };
  if (type !== "postgres" && type !== "cockroachdb")
    return { bounded: "unknown", by: "default", why: "the driver decides" };
  const own = call.option(0, "connectTimeoutMS");
  const extra = call.option(0, "extra.connectionTimeoutMillis");
  const given = own.is === "no" ? extra : own;
  // `extra` that is read from somewhere may say it.
  if (own.is === "no" && extra.is === "no" && call.option(0, "extra").is === "unknown")
    return { bounded: "unknown", by: "instance", why: "the options cannot be read here" };
  return limitFrom(call, given, "instance", {
    no: "TypeORM waits for a connection to PostgreSQL without end by default",
  });
}

/** Nothing is lost of a database that lives as long as the process. */
function isInMemory(call: CallView): boolean {
  const [type, database] = ["type", "database"].map((it) => {
    const found = call.option(0, it);
    return found.is === "yes" ? call.text(found.at) : undefined;
  });
  return /sqlite|sqljs/.test(type ?? "") && database === ":memory:";
}

const source: CallMeaning = {
  returns: "DataSource",
  meaning: (call) => {
    const site = call.optionSite(0);
    return {
      kind: "client",
      client: "TypeORM",
      of: "database",
      limit: limitOf(call),
      option: "connectTimeoutMS: 2_000",
      // `typeorm -d data-source.ts migration:run`.
      readByTools: true,
      ...(isInMemory(call) ? {} : { changesSchema: ["synchronize", "dropSchema"] }),
      ...(site ? { site } : {}),
    };
  },
};
const builder: Member = { call: { returns: "QueryBuilder" } };
const repository: Member = { call: { returns: "Repository" } };

export default defineLibrary({
  name: "typeorm",
  packages: ["typeorm", "@nestjs/typeorm"],
  exports: {
    DataSource: { construct: source },
    createConnection: { call: source },
    TypeOrmModule: { type: "NestModule" },
    Repository: { type: "RepositoryClass" },
    BaseEntity: { type: "EntityClass" },
    getRepository: repository,
    getManager: { call: { returns: "EntityManager" } },
    getConnection: { call: { returns: "DataSource" } },
    getTreeRepository: repository,
  },
  types: {
    // What Nest makes of it is injected by type.
    NestModule: { members: { forRoot: { call: { meaning: source.meaning! } } } },
    DataSource: {
      members: {
        getRepository: repository,
        getTreeRepository: repository,
        getMongoRepository: repository,
        initialize: { call: { returns: "this" } },
        manager: { type: "EntityManager" },
        transaction,
        query: raw,
        createQueryBuilder: builder,
        createQueryRunner: {
          call: {
            returns: "QueryRunner",
            acquires: () => ({ client: "TypeORM", what: "connection", release: ["release"] }),
          },
        },
        destroy: { call: { meaning: () => ({ kind: "other", what: "disconnect", client: "TypeORM" }) } },
        // Up to 0.2.
        close: { call: { meaning: () => ({ kind: "other", what: "disconnect", client: "TypeORM" }) } },
      },
    },
    EntityManager: {
      members: {
        ...Object.fromEntries(
          Object.entries(ACTIONS).map(([name, it]) => [
            name,
            query(name, it, WRITES.has(name) && name !== "insert" && name !== "upsert" ? 0 : 1),
          ]),
        ),
        getRepository: repository,
        getTreeRepository: repository,
        getMongoRepository: repository,
        withRepository: repository,
        transaction,
        query: raw,
        createQueryBuilder: builder,
      },
    },
    QueryRunner: {
      members: {
        manager: { type: "EntityManager" },
        query: raw,
        startTransaction: { call: {} },
        commitTransaction: { call: { meaning: () => ({ kind: "other", what: "commit", client: "TypeORM" }) } },
        rollbackTransaction: { call: {} },
        release: { call: {} },
        connect: { call: {} },
      },
    },
    Repository: {
      members: {
        ...Object.fromEntries(Object.entries(ACTIONS).map(([name, it]) => [name, query(name, it, 0)])),
        createQueryBuilder: builder,
        query: raw,
        manager: { type: "EntityManager" },
        extend: repository,
      },
    },
    RepositoryClass: { construct: { returns: "Repository" } },
    EntityClass: {
      members: {
        ...Object.fromEntries(Object.entries(ACTIONS).map(([name, it]) => [name, query(name, it, 0)])),
        createQueryBuilder: builder,
        getRepository: repository,
      },
      construct: { returns: "Entity" },
    },
    Entity: {
      members: {
        save: query("save", ACTIONS.save!, 0),
        remove: query("remove", ACTIONS.remove!, 0),
        softRemove: query("softRemove", ACTIONS.softRemove!, 0),
      },
    },
    QueryBuilder: {
      members: {
        getMany: finish("list"),
        getOne: finish("one"),
        getOneOrFail: finish("one"),
        getRawMany: finish("list"),
        getRawOne: finish("one"),
        getRawAndEntities: finish("list"),
        getCount: finish("count"),
        getManyAndCount: finish("list-and-count"),
        getExists: finish("exists"),
        execute: finish("raw"),
        stream: { call: {} },
      },
      other: { call: { returns: "this" } },
    },
    Row: {},
  },
  typeNames: {
    SelectQueryBuilder: "QueryBuilder",
    TreeRepository: "Repository",
    MongoRepository: "Repository",
    Connection: "DataSource",
  },
});
