import {
  type CallView,
  type ChainStep,
  defineLibrary,
  type Filter,
  type LibraryType,
  type Lookup,
  type Member,
  type Origin,
  type QueryMeaning,
  type Scoped,
} from "../../engine/index.ts";
import { columnsOfCondition, filterOfLinks, linksOf } from "../_shared/builder.ts";
import { filterFromObject } from "../_shared/filter.ts";
import { queryOfSql } from "../_shared/sql.ts";

const CLIENT = "MikroORM";

interface Action {
  readonly action: QueryMeaning["action"];
  readonly many?: boolean;
  /** The condition is the first argument after the entity (the default), an option called `where`, or there is none. */
  readonly where?: "option" | "none";
  /** The option that bounds the rows. */
  readonly cap?: "limit" | "first";
}

const ACTIONS: Readonly<Record<string, Action>> = {
  find: { action: "list", cap: "limit" },
  findAll: { action: "list", where: "option", cap: "limit" },
  findOne: { action: "one" },
  findOneOrFail: { action: "one" },
  // `Promise.all([em.find(…), em.count(entityName, where, options)])`: all matching rows (6.6, EntityManager.js).
  findAndCount: { action: "list-and-count", cap: "limit" },
  count: { action: "count" },
  nativeUpdate: { action: "update", many: true },
  nativeDelete: { action: "delete", many: true },
  nativeInsert: { action: "create", where: "none" },
  insert: { action: "create", where: "none" },
  insertMany: { action: "create-many", where: "none" },
  upsert: { action: "upsert", where: "none" },
  upsertMany: { action: "create-many", where: "none" },
};

/** A condition: an object, a key, a list of keys. */
function filterOf(call: CallView, where: Scoped | undefined): Filter {
  if (!where) return { given: call.hasSpread ? "unknown" : "no" };
  const found = call.origin(where);
  if (found.k === "lit" && (typeof found.v === "string" || typeof found.v === "number"))
    return { given: "yes", equals: ["id"] };
  if (found.k === "arr" || found.k === "arrayOf") return { given: "yes", inLists: ["id"] };
  return filterFromObject(call.program, where);
}

const filterOfLookup = (call: CallView, found: Lookup): Filter =>
  found.is === "yes" ? filterOf(call, found.at) : { given: found.is };

/** The entity by the name of its class, or by the one that its schema is given. */
function named(call: CallView, of: Origin | undefined): string | undefined {
  if (of?.k === "class" || of?.k === "instance") return of.file.classes[of.c]!.name;
  if (of?.k !== "lib" || of.type !== "EntitySchema" || !of.via) return undefined;
  const made = call.program.view(of.via);
  const name = made.option(0, "name");
  return name.is === "yes" ? made.text(name.at) : undefined;
}

const entityAt = (call: CallView, at: Scoped | undefined): string | undefined =>
  at ? (named(call, call.program.at(at)) ?? call.text(at)) : undefined;

/** What a repository is of, by its type or by the call that gave it. */
function tableOfReceiver(call: CallView): string | undefined {
  for (let it = call.recv; it; it = it.recv) {
    const known = named(call, it.typeArgs?.[0]);
    if (known) return known;
    const made = it.via ? call.program.view(it.via, call.env) : undefined;
    if (made && /^(getRepository|createQueryBuilder|qb)$/.test(made.name)) {
      const given = entityAt(made, made.arg(0));
      if (given) return given;
    }
  }
  return undefined;
}

function isTransaction(call: CallView): boolean {
  for (let it = call.recv; it; it = it.recv) if (it.type === "Transaction") return true;
  return false;
}

const inTransaction = (call: CallView): Pick<QueryMeaning, "inTransaction"> =>
  isTransaction(call) ? { inTransaction: "yes" } : {};

/** `at`: how many arguments come before (the entity manager is told the entity first). */
const query = (name: string, { action, many, where, cap }: Action, at: 0 | 1): Member => ({
  call: {
    ...(action === "list" ? { returns: "Row[]" } : {}),
    meaning: (call): QueryMeaning => {
      const table = at === 1 ? entityAt(call, call.arg(0)) : tableOfReceiver(call);
      const options = where === "option" ? at : at + 1;
      const limit = cap ? call.option(options, cap) : undefined;
      const isCount = action === "count" || action === "list-and-count";
      return {
        kind: "query",
        client: CLIENT,
        engine: "sql",
        action,
        ...(many ? { many } : {}),
        ...(table ? { table } : {}),
        filter:
          where === "none"
            ? { given: "yes" }
            : where === "option"
              ? filterOfLookup(call, call.option(at, "where"))
              : // Every other method takes its condition for granted; without one it is a mistake of the types.
                name === "count" || call.arg(at)
                ? filterOf(call, call.arg(at))
                : { given: "unknown" },
        capped: isCount ? "no" : action === "one" ? "yes" : limit ? limit.is : "no",
        ...inTransaction(call),
        ...(name === "nativeUpdate" && call.arg(at + 1)
          ? { sets: call.arg(at + 1)!, atomic: 'raw("column + ?", [n])' }
          : {}),
        // `undefined` is null in a condition, unless the configuration has it dropped (7.1, utils/QueryHelper.ts).
        ...(where === undefined && call.arg(at)
          ? { leavesOut: { filter: call.arg(at)!, onlyIf: "ignoreUndefinedInQuery" } }
          : {}),
      };
    },
  },
});

/** The rows of a page and, unless `includeCount: false` says otherwise, the number of all (6.6, EntityManager.js). */
const cursor = (at: 0 | 1): Member => ({
  call: {
    meaning: (call): QueryMeaning => {
      const table = at === 1 ? entityAt(call, call.arg(0)) : tableOfReceiver(call);
      // Since 7 the condition is one of the options.
      const own = call.option(at, "orderBy").is === "yes" ? at : at + 1;
      const counts = call.option(own, "includeCount");
      const counted = counts.is === "yes" ? call.program.truth(counts.at).is : counts.is === "no" ? "yes" : "unknown";
      return {
        kind: "query",
        client: CLIENT,
        engine: "sql",
        action: counted === "yes" ? "list-and-count" : "list",
        ...(table ? { table } : {}),
        filter: own === at ? filterOfLookup(call, call.option(at, "where")) : filterOf(call, call.arg(at)),
        capped: counted === "yes" ? "no" : counted === "no" ? "yes" : "unknown",
        ...inTransaction(call),
      };
    },
  },
});

/** What was collected is written: of one entity where it is handed in, of whatever changed for `flush`. */
const write = (action: "upsert" | "delete"): Member => ({
  call: {
    returns: "this",
    meaning: (call): QueryMeaning => {
      const given = call.arg(0);
      const of = given ? call.origin(given) : undefined;
      const made = of?.k === "lib" && of.type === "Entity" && of.via ? call.program.view(of.via, call.env) : undefined;
      const table =
        of?.k === "instance"
          ? named(call, of)
          : made?.recv?.type === "EntityRepository"
            ? tableOfReceiver(made)
            : made && entityAt(made, made.arg(0));
      const isNew = made !== undefined || (of?.k === "instance" && of.via !== undefined);
      return {
        kind: "query",
        client: CLIENT,
        engine: "sql",
        action: action === "upsert" && isNew ? "create" : action,
        ...(table ? { table } : {}),
        filter: { given: "yes" },
        capped: "unknown",
        ...inTransaction(call),
      };
    },
  },
});

/** `em.execute(sql)`, `em.getConnection().execute(sql)`. */
const raw: Member = {
  call: {
    meaning: (call): QueryMeaning | undefined => {
      const sql = call.arg(0);
      return sql ? { ...queryOfSql(call, sql, CLIENT, "postgresql"), ...inTransaction(call) } : undefined;
    },
  },
};

const CONDITION = /^(where|andWhere|having|andHaving|join|innerJoin|joinAndSelect|innerJoinAndSelect)$/;
const OPAQUE = /^(orWhere|orHaving|withSubQuery|from|applyFilters|setFlag|innerJoinLateral|joinLateral)$/;

function conditionOf({ name, view }: ChainStep): Filter | { others: string[] } {
  if (!/^(where|andWhere|delete)$/.test(name)) return { others: ["*"] };
  const text = view.text(view.arg(0));
  if (text !== undefined) return columnsOfCondition(text);
  const found = filterOf(view, view.arg(0));
  return found.given === "unknown" ? { others: ["*"] } : found;
}

/** Whether a condition on the way cannot be read, and so may be empty. */
const isOpen = ({ name, view }: ChainStep): boolean =>
  /^(where|andWhere)$/.test(name) &&
  view.text(view.arg(0)) === undefined &&
  filterOf(view, view.arg(0)).given !== "yes";

function builderMeaning(call: CallView, asked: QueryMeaning["action"]): QueryMeaning {
  const links = [...linksOf(call), ...call.beside()];
  const names = new Set(links.map((it) => it.name));
  const action: QueryMeaning["action"] =
    asked !== "raw"
      ? asked
      : names.has("delete")
        ? "delete"
        : names.has("truncate")
          ? "truncate"
          : names.has("update")
            ? "update"
            : names.has("insert")
              ? "create"
              : names.has("count")
                ? "count"
                : "list";
  const given = filterOfLinks(links, CONDITION, OPAQUE, conditionOf);
  const first = links.find((it) => it.name === "delete" && it.view.arg(0));
  const filter: Filter = first
    ? filterOf(first.view, first.view.arg(0))
    : links.some(isOpen) && !links.some((it) => CONDITION.test(it.name) && !it.conditional && !isOpen(it))
      ? { given: "unknown" }
      : given;
  const table = tableOfReceiver(call);
  const isCount = action === "count" || action === "list-and-count";
  const limits = links.filter((it) => it.name === "limit" || (it.name === "getResultList" && it.view.arg(0)));
  return {
    kind: "query",
    client: CLIENT,
    engine: "sql",
    action,
    ...(action === "update" || action === "delete" ? { many: true } : {}),
    ...(table ? { table } : {}),
    filter,
    capped: isCount
      ? "no"
      : action === "one" || limits.some((it) => !it.conditional)
        ? "yes"
        : limits.length > 0
          ? "unknown"
          : "no",
    ...(names.has("groupBy") ? { grouped: true } : {}),
    lazy: true,
    ...inTransaction(call),
  };
}

const finish = (action: QueryMeaning["action"]): Member => ({
  call: { ...(action === "list" ? { returns: "Row[]" } : {}), meaning: (call) => builderMeaning(call, action) },
});

/** A builder is sent by being awaited as well. */
const link: Member = {
  call: {
    returns: "this",
    meaning: (call) => (call.call.use === "await" ? builderMeaning(call, "raw") : undefined),
  },
};

const builder: Member = { call: { returns: "QueryBuilder" } };
const init: Member = {
  call: {
    returns: "MikroORM",
    meaning: () => ({
      kind: "client",
      client: CLIENT,
      of: "database",
      limit: { bounded: "unknown", by: "default", why: "the driver decides" },
    }),
  },
};
const schema: Member = { call: { returns: "EntitySchema" } };
const entity: Member = { call: { returns: "Entity" } };

const MANAGER: LibraryType = {
  members: {
    ...Object.fromEntries(Object.entries(ACTIONS).map(([name, it]) => [name, query(name, it, 1)])),
    findByCursor: cursor(1),
    create: entity,
    persist: { call: { returns: "this" } },
    remove: { call: { returns: "this" } },
    flush: write("upsert"),
    persistAndFlush: write("upsert"),
    removeAndFlush: write("delete"),
    // The context of asynchronous calls hands the transaction on: the manager outside is the one inside.
    transactional: {
      call: {
        callbacks: { 0: ["Transaction"] },
        meaning: () => ({ kind: "other", what: "transaction", client: CLIENT }),
      },
    },
    fork: { call: { returns: "EntityManager" } },
    getContext: { call: { returns: "this" } },
    getRepository: { call: { returns: "EntityRepository" } },
    createQueryBuilder: builder,
    qb: builder,
    execute: raw,
    getConnection: { call: { returns: "Connection" } },
    getKnex: { call: { returns: "knex:Knex" } },
  },
};

export default defineLibrary({
  name: "mikro-orm",
  packages: [
    "@mikro-orm/core",
    "@mikro-orm/knex",
    "@mikro-orm/sql",
    "@mikro-orm/postgresql",
    "@mikro-orm/mysql",
    "@mikro-orm/mariadb",
    "@mikro-orm/mssql",
    "@mikro-orm/sqlite",
    "@mikro-orm/better-sqlite",
    "@mikro-orm/libsql",
    "@mikro-orm/mongodb",
  ],
  exports: {
    MikroORM: { type: "Static", construct: init.call! },
    EntityRepository: { type: "RepositoryClass" },
    EntitySchema: { construct: schema.call! },
    defineEntity: schema,
  },
  types: {
    Static: { members: { init, initSync: init } },
    MikroORM: {
      members: {
        em: { type: "EntityManager" },
        close: { call: { meaning: () => ({ kind: "other", what: "disconnect", client: CLIENT }) } },
      },
    },
    EntityManager: MANAGER,
    Transaction: { like: "EntityManager" },
    EntityRepository: {
      members: {
        ...Object.fromEntries(Object.entries(ACTIONS).map(([name, it]) => [name, query(name, it, 0)])),
        findByCursor: cursor(0),
        create: entity,
        em: { type: "EntityManager" },
        getEntityManager: { call: { returns: "EntityManager" } },
        createQueryBuilder: builder,
        qb: builder,
        // Up to version 5 a repository could write by itself.
        persist: { call: { returns: "EntityManager" } },
        remove: { call: { returns: "EntityManager" } },
        flush: write("upsert"),
        persistAndFlush: write("upsert"),
        removeAndFlush: write("delete"),
      },
    },
    RepositoryClass: { construct: { returns: "EntityRepository" } },
    EntitySchema: {},
    Entity: {},
    QueryBuilder: {
      members: {
        execute: finish("raw"),
        getResult: finish("list"),
        getResultList: finish("list"),
        getSingleResult: finish("one"),
        getCount: finish("count"),
        getResultAndCount: finish("list-and-count"),
        clone: { call: { returns: "this" } },
        getQuery: { call: {} },
        getKnexQuery: { call: {} },
        getKnex: { call: {} },
        as: { call: {} },
      },
      other: link,
    },
    Connection: { members: { execute: raw } },
    Row: {},
  },
  typeNames: {
    SqlEntityManager: "EntityManager",
    SqlEntityRepository: "EntityRepository",
    SelectQueryBuilder: "QueryBuilder",
    MongoEntityManager: "EntityManager",
    MongoEntityRepository: "EntityRepository",
  },
});
