import {
  type CallView,
  defineLibrary,
  type Filter,
  type Limit,
  type Member,
  type QueryMeaning,
} from "../../engine/index.ts";
import { filterFromObject } from "../_shared/filter.ts";
import { queryOfSql } from "../_shared/sql.ts";

/** Actions of a model delegate. `where` is in the first argument of all of them. */
const ACTIONS: Record<string, { action: QueryMeaning["action"]; many?: boolean }> = {
  count: { action: "count" },
  findMany: { action: "list" },
  findFirst: { action: "one" },
  findFirstOrThrow: { action: "one" },
  findUnique: { action: "one" },
  findUniqueOrThrow: { action: "one" },
  aggregate: { action: "aggregate" },
  groupBy: { action: "aggregate" },
  create: { action: "create" },
  createMany: { action: "create-many" },
  createManyAndReturn: { action: "create-many" },
  update: { action: "update" },
  updateMany: { action: "update", many: true },
  updateManyAndReturn: { action: "update", many: true },
  upsert: { action: "upsert" },
  delete: { action: "delete" },
  deleteMany: { action: "delete", many: true },
};

/** Of MongoDB: what they do stands in a pipeline or a filter of the driver's. */
const RAW_OF_MODEL = new Set(["findRaw", "aggregateRaw"]);

function modelQuery(name: string): Member | undefined {
  if (RAW_OF_MODEL.has(name)) return { call: { meaning: (call) => rawOf(call.recv?.member) } };
  const known = ACTIONS[name];
  if (!known) return undefined;
  return {
    call: {
      returns: name === "findMany" ? "Row[]" : name.startsWith("find") ? "Row" : undefined!,
      meaning: (call) => queryOf(call, name, known),
    },
  };
}

const rawOf = (table: string | undefined): QueryMeaning => ({
  kind: "query",
  client: "Prisma",
  engine: "mongo",
  action: "raw",
  ...(table ? { table } : {}),
  filter: { given: "unknown" },
  capped: "unknown",
  lazy: true,
  isWhole: true,
});

function queryOf(
  call: CallView,
  name: string,
  { action, many }: { action: QueryMeaning["action"]; many?: boolean },
): QueryMeaning {
  const where = call.option(0, "where");
  const filter: Filter =
    where.is === "no"
      ? { given: "no" }
      : where.is === "unknown"
        ? { given: "unknown" }
        : filterFromObject(call.program, where.at);
  const take = call.option(0, "take");
  const counted = name === "aggregate" && call.option(0, "_count").is === "yes";
  const relationCounts = relationCountsOf(call);
  const data =
    action === "update" || action === "upsert" ? call.option(0, action === "update" ? "data" : "update") : undefined;
  const table = call.recv?.member;
  return {
    kind: "query",
    client: "Prisma",
    engine: "sql",
    action: counted ? "count" : action,
    ...(many ? { many } : {}),
    ...(table ? { table } : {}),
    filter,
    // `take` caps the inner select of a count (measured on Prisma 7).
    capped: take.is === "yes" ? "yes" : take.is,
    ...(name === "groupBy" ? { grouped: true } : {}),
    ...((name === "count" || name === "findMany") && take.is === "no" && call.optionSite(0)
      ? { cap: { option: "take: {n}", site: call.optionSite(0)! } }
      : {}),
    lazy: true,
    isWhole: true,
    ...(name.startsWith("findUnique") ? { batched: true } : {}),
    ...(relationCounts.length > 0 ? { relationCounts } : {}),
    ...(data?.is === "yes" ? { sets: data.at, atomic: "{ increment: n }" } : {}),
    // Measured on 7.10: `deleteMany({ where: { id: undefined } })` sends `DELETE … WHERE 1=1`.
    ...(where.is === "yes" ? { leavesOut: { filter: where.at } } : {}),
  };
}

function relationCountsOf(call: CallView): string[] {
  for (const path of ["include._count", "select._count"]) {
    const found = call.option(0, path);
    if (found.is === "no") continue;
    if (found.is === "yes") {
      const chosen = call.program.property(found.at, "select");
      if (chosen.is === "yes" && chosen.at.value.k === "obj")
        return chosen.at.value.props.flatMap((it) => (it.name ? [it.name] : []));
      if (found.at.value.k === "lit") return found.at.value.v === true ? ["*"] : [];
      return ["*"];
    }
  }
  return [];
}

const raw = (name: string): Member => ({
  call: {
    meaning: (call) => {
      const first = call.arg(0);
      return first
        ? {
            ...queryOfSql(call, first, "Prisma", "postgresql"),
            lazy: true,
            isWhole: true,
            ...(name.startsWith("$execute") ? { many: true } : {}),
          }
        : undefined;
    },
  },
});

/**
 * Up to 6 the engine has a pool of its own: `pool_timeout` 10 s and `connect_timeout` 5 s, which the address may change
 * (Prisma's documentation, "Connection pool"). Since 7, and with an adapter, the driver's own hold.
 */
function limitOf(call: CallView): Limit {
  const major = Number.parseInt(call.version("@prisma/client") ?? "", 10);
  return major < 7 && call.option(0, "adapter").is === "no"
    ? { bounded: "yes", by: "default", ms: 10_000, why: "pool_timeout is 10 s before version 7" }
    : { bounded: "unknown", by: "default", why: "the driver adapter decides" };
}

const DELEGATE: Member = { type: "Delegate" };

export default defineLibrary({
  name: "prisma",
  // `nestjs-prisma` gives out the client as a provider (0.27, lib/prisma.service.ts: `class PrismaService extends PrismaClient`).
  packages: ["@prisma/client", "@prisma/client/*", ".prisma/client", "nestjs-prisma"],
  generated: ["PrismaClient", "Prisma"],
  exports: {
    PrismaClient: {
      construct: {
        returns: "PrismaClient",
        meaning: (call) => ({ kind: "client", client: "Prisma", of: "database", limit: limitOf(call) }),
      },
    },
    Prisma: { type: "PrismaNamespace" },
    PrismaService: { type: "PrismaClient" },
    CustomPrismaService: { type: "CustomPrismaService" },
  },
  types: {
    PrismaClient: {
      members: {
        $transaction: {
          call: {
            callbacks: { 0: ["TransactionClient"] },
            meaning: () => ({ kind: "other", what: "transaction", client: "Prisma" }),
          },
        },
        $extends: { call: { returns: "PrismaClient" } },
        $connect: { call: {} },
        $disconnect: { call: { meaning: () => ({ kind: "other", what: "disconnect", client: "Prisma" }) } },
        $on: { call: {} },
        $queryRaw: raw("$queryRaw"),
        $queryRawUnsafe: raw("$queryRawUnsafe"),
        // The statement is in a file of its own: `$queryRawTyped(getUsers(id))`.
        $queryRawTyped: { call: { meaning: () => ({ ...rawOf(undefined), engine: "sql" }) } },
        $runCommandRaw: { call: { meaning: () => rawOf(undefined) } },
        $executeRaw: raw("$executeRaw"),
        $executeRawUnsafe: raw("$executeRawUnsafe"),
        // What prisma-extension-kysely adds.
        $kysely: { type: "kysely:Kysely" },
      },
      other: (name) => (name.startsWith("$") ? undefined : DELEGATE),
    },
    CustomPrismaService: { members: { client: { type: "PrismaClient" } } },
    TransactionClient: { like: "PrismaClient", other: (name) => (name.startsWith("$") ? undefined : DELEGATE) },
    Delegate: { other: modelQuery },
    PrismaNamespace: {
      members: {
        sql: { call: { returns: "Sql" } },
        join: { call: { returns: "Sql" } },
        raw: { call: { returns: "Sql" } },
      },
    },
    Sql: {},
    Row: {},
  },
  typeNames: { "Prisma.TransactionClient": "TransactionClient", PrismaService: "PrismaClient" },
});
