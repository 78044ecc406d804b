import { type CallView, defineLibrary, type Member, type QueryMeaning } from "../../engine/index.ts";
import { filterOfLinks, linksOf } from "../_shared/builder.ts";

const CONDITION =
  /^(eq|neq|gt|gte|lt|lte|like|ilike|likeAllOf|likeAnyOf|ilikeAllOf|ilikeAnyOf|is|in|notIn|contains|containedBy|range\w+|overlaps|textSearch|match|not|or|filter|csv)$/;

/**
 * A statement is sent to PostgREST when it is awaited (src/PostgrestBuilder.ts of 2.109). How many rows a list holds at most is
 * the server's setting (`db-max-rows`, 1,000 where Supabase hosts it), so nothing is said of a list without a limit; `count: "exact"` is a
 * `COUNT(*)` of all that match, whatever the limit (src/PostgrestQueryBuilder.ts).
 */
function statement(call: CallView, action: QueryMeaning["action"]): QueryMeaning {
  const links = linksOf(call);
  const names = new Set(links.map((it) => it.name));
  const from = links.find((it) => it.name === "from");
  const table = from?.view.text(from.view.arg(0));
  const counted = call.option(1, "count");
  const isExact = counted.is === "yes" && call.text(counted.at) === "exact";
  const head = call.option(1, "head");
  const isHead = head.is === "yes" && call.program.truth(head.at).is === "yes";
  const isOne = names.has("single") || names.has("maybeSingle");
  return {
    kind: "query",
    client: "Supabase",
    engine: "sql",
    action: action !== "list" ? action : isExact ? (isHead ? "count" : "list-and-count") : isOne ? "one" : "list",
    ...(action === "update" || action === "delete" ? { many: true } : {}),
    ...(table ? { table } : {}),
    filter: filterOfLinks(links, CONDITION, /^(\$|throwOnError$)/, ({ name, view }) => {
      const column = view.text(view.arg(0));
      if (column === undefined || !/^\w+$/.test(column)) return { others: ["*"] };
      return name === "eq" ? { equals: [column] } : name === "in" ? { inLists: [column] } : { others: [column] };
    }),
    capped: isExact ? "no" : isOne || names.has("limit") || names.has("range") ? "yes" : "unknown",
    lazy: true,
    isWhole: true,
    ...(action === "update" && call.arg(0) ? { sets: call.arg(0)!, atomic: "rpc(name, args)" } : {}),
  };
}

const act = (action: QueryMeaning["action"]): Member => ({
  call: { returns: "Statement", meaning: (call) => statement(call, action) },
});

const create: Member = { call: { returns: "Client" } };

export default defineLibrary({
  name: "supabase",
  packages: ["@supabase/supabase-js", "@supabase/ssr", "@supabase/postgrest-js"],
  exports: { createClient: create, createServerClient: create, SupabaseClient: { construct: { returns: "Client" } } },
  types: {
    Client: {
      members: {
        from: { call: { returns: "Table" } },
        schema: { call: { returns: "Client" } },
        rpc: {
          call: {
            returns: "Statement",
            meaning: (): QueryMeaning => ({
              kind: "query",
              client: "Supabase",
              engine: "sql",
              action: "raw",
              filter: { given: "unknown" },
              capped: "unknown",
              lazy: true,
            }),
          },
        },
      },
    },
    Table: {
      members: {
        select: act("list"),
        insert: act("create"),
        upsert: act("upsert"),
        update: act("update"),
        delete: act("delete"),
      },
    },
    // `.insert(row).select()` reads back what was written.
    Statement: { members: { then: { call: {} } }, other: { call: { returns: "this" } } },
  },
  typeNames: { SupabaseClient: "Client" },
});
