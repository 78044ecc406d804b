/** What a call means, in statements. */
import type { Analysis } from "../analysis.ts";
import type { Limit, Meaning } from "../library.ts";
import type { Answer, Value } from "../model.ts";
import { placeIn } from "./places.ts";
import { type Fact, MAX_WRITTEN, type Statement, type StatementKey } from "./statements.ts";

export const answer = (fact: Fact, is: Answer, data?: Statement["data"]): Statement => ({
  key: `fact.${fact}`,
  ...(data ? { data } : {}),
  parts: { answer: [{ key: `answer.${is}` }] },
});

export function explainLimit(limit: Limit): Statement {
  const { bounded, ms, defaultMs, param } = limit;
  const key =
    bounded === "yes"
      ? ms === undefined
        ? "limit.yes"
        : "limit.yesMs"
      : bounded === "no"
        ? defaultMs === undefined
          ? "limit.no"
          : "limit.noAfter"
        : param
          ? "limit.param"
          : "limit.unknown";
  return {
    key,
    data: { ms: ms ?? 0, after: defaultMs ?? 0, why: limit.why, param: param ? param.names.join(".") : "" },
    parts: { by: [{ key: `by.${limit.by}` }] },
  };
}

/** Queries that have no rows to choose, and those that may look at many. */
const FILTERLESS = new Set(["create", "create-many", "truncate", "transaction", "command"]);
const CAPPED = new Set(["count", "list", "list-and-count", "aggregate", "raw"]);

export function explainMeaning(meaning: Meaning, analysis: Analysis): readonly Statement[] {
  const { client } = meaning;
  switch (meaning.kind) {
    case "request":
      return [
        {
          key: "mean.request",
          data: { client, method: meaning.method ?? "", url: meaning.url ? writtenText(meaning.url) : "" },
        },
        explainLimit(meaning.limit),
        ...(meaning.instance
          ? [
              {
                key: "says.through" as const,
                place: placeIn(meaning.instance.file, meaning.instance.file.calls[meaning.instance.c]!.nameAt),
              },
            ]
          : []),
        ...(meaning.attempts === undefined ? [] : [attempts(meaning.attempts)]),
        ...(meaning.stream ? [{ key: "says.stream" as const }] : []),
      ];
    case "client":
      return [
        { key: "mean.client", data: { client, of: meaning.of } },
        explainLimit(meaning.limit),
        ...(meaning.statementLimit
          ? [{ key: "says.statement" as const, parts: { limit: [explainLimit(meaning.statementLimit)] } }]
          : []),
        ...(meaning.attempts === undefined ? [] : [attempts(meaning.attempts)]),
      ];
    case "query": {
      const { filter } = meaning;
      const columns = [
        ...(filter.equals ?? []).map((it) => `${it} =`),
        ...(filter.inLists ?? []).map((it) => `${it} in`),
        ...(filter.others ?? []).map((it) => `${it} …`),
      ];
      const says: readonly (readonly [boolean | undefined, StatementKey])[] = [
        [meaning.many, "says.many"],
        [meaning.grouped, "says.grouped"],
        [meaning.batched, "says.batched"],
        [meaning.lazy, "says.lazy"],
      ];
      return [
        { key: "mean.query", data: { client, action: meaning.action, table: meaning.table ?? "?" } },
        ...(FILTERLESS.has(meaning.action)
          ? []
          : [
              columns.length > 0
                ? answer("filterBy", filter.given, { columns: columns.slice(0, 12).join(", ") })
                : answer("filter", filter.given),
            ]),
        ...(CAPPED.has(meaning.action) ? [answer("capped", meaning.capped)] : []),
        ...says.flatMap(([is, key]): Statement[] => (is ? [{ key }] : [])),
        ...(meaning.inTransaction ? [answer("transaction", meaning.inTransaction)] : []),
        ...schemaOf(meaning.table, analysis),
      ];
    }
    case "blocking":
      return [
        { key: "mean.blocking", data: { client, name: meaning.name } },
        ...(meaning.measured
          ? [
              {
                key: "says.measured" as const,
                data: { of: meaning.measured.of, ms: meaning.measured.ms, with: meaning.measured.with },
              },
            ]
          : []),
      ];
    case "spawn":
      return [{ key: "mean.spawn", data: { client } }, explainLimit(meaning.limit)];
    case "metric": {
      const labels = meaning.labels.map((it) => it.name || "?").slice(0, 12);
      return [
        { key: meaning.of === "labels" ? "mean.metric" : "mean.span", data: { client, labels: labels.join(", ") } },
      ];
    }
    case "schedule":
      return [
        { key: "mean.schedule", data: { client } },
        ...(meaning.everyMs === undefined ? [] : [{ key: "says.every" as const, data: { ms: meaning.everyMs } }]),
        answer("overlaps", meaning.overlaps),
      ];
    case "retry":
      return [
        { key: "mean.retry", data: { client } },
        attempts(meaning.attempts),
        { key: "says.pause", data: { pause: meaning.pause } },
        answer("jitter", meaning.jitter),
      ];
    case "limiter":
      return [
        { key: "mean.limiter", data: { client } },
        ...(meaning.atOnce === undefined ? [] : [answer("atOnce", meaning.atOnce)]),
        ...(meaning.limit ? [explainLimit(meaning.limit)] : []),
      ];
    case "job":
      return [
        { key: "mean.job", data: { client, queue: meaning.queueName ?? "?" } },
        meaning.attempts === undefined ? answer("attemptsGiven", meaning.attemptsGiven) : attempts(meaning.attempts),
        answer("backoffGiven", meaning.backoffGiven),
        answer("removed", meaning.removed),
      ];
    case "settle":
      return [{ key: "mean.settle", data: { client, as: meaning.as } }];
    case "consume":
      return [{ key: "mean.consume", data: { client, onThrow: meaning.onThrow } }, answer("forgets", meaning.forgets)];
    case "cache":
      return [{ key: "mean.cache", data: { client } }, answer("bounded", meaning.bounded)];
    case "other":
      return [{ key: "mean.other", data: { client, what: meaning.what } }];
  }
}

const attempts = (count: number | undefined): Statement => ({
  key: "says.attempts",
  data: { count: count === undefined ? "?" : Number.isFinite(count) ? count : "∞" },
});

function schemaOf(table: string | undefined, { schema }: Analysis): readonly Statement[] {
  const facts = table === undefined ? undefined : schema.table(table);
  if (!facts) return [];
  const sets = (of: readonly (readonly string[])[]): string =>
    of
      .slice(0, 12)
      .map((it) => `(${it.join(", ")})`)
      .join(" ") || "–";
  return [{ key: "says.schema", data: { path: facts.path, unique: sets(facts.unique), indexes: sets(facts.indexes) } }];
}

/** A text with what is computed left out. */
function writtenText(value: Value, depth = 0): string {
  if (depth > 6) return "…";
  if (value.k === "lit") return String(value.v).slice(0, MAX_WRITTEN);
  if (value.k === "tpl") return value.strings.join("…").slice(0, MAX_WRITTEN);
  if (value.k === "op" && value.op === "+") return value.args.map((it) => writtenText(it, depth + 1)).join("");
  return "…";
}
