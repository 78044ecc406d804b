import {
  type Answer,
  type CallView,
  defineLibrary,
  type LimiterMeaning,
  type Member,
  type RetryMeaning,
} from "../../engine/index.ts";

/** One for each element: `mapLimit(users, 10, send)`; without a limit all of them at once (eachOf.js of 3.2, `eachOfLimit(Infinity)`). */
const each = (atOnce: Answer, workAt: number): Member => ({
  call: {
    meaning: (call): LimiterMeaning => {
      const over = call.arg(0);
      const work = call.arg(workAt);
      return { kind: "limiter", client: "async", atOnce, ...(over ? { over } : {}), ...(work ? { work } : {}) };
    },
  },
});

const COLLECTIONS =
  "each eachOf forEach forEachOf map mapValues filter reject concat some every detect groupBy sortBy".split(" ");
const limitless = COLLECTIONS.map((it): [string, Member] => [it, each("no", 1)]);
const limited = COLLECTIONS.map((it): [string, Member] => [`${it}Limit`, each("yes", 2)]);
const inSeries = COLLECTIONS.map((it): [string, Member] => [`${it}Series`, each("yes", 1)]);

/** A worker for what is put in, one at a time unless told otherwise (queue.js, `concurrency = 1`). */
const queue: Member = {
  call: {
    meaning: (call): LimiterMeaning => {
      const work = call.arg(0);
      return { kind: "limiter", client: "async", atOnce: "yes", ...(work ? { work } : {}) };
    },
  },
};

const timeout: Member = {
  call: {
    meaning: (call): LimiterMeaning => {
      const work = call.arg(0);
      const ms = call.number(call.arg(1));
      return {
        kind: "limiter",
        client: "async",
        limit: { bounded: "yes", by: "call", why: "async.timeout", ...(ms === undefined ? {} : { ms }) },
        ...(work ? { work } : {}),
      };
    },
  },
};

/** Five times in all, and no pause between them (retry.js of 3.2, `DEFAULT_TIMES`, `DEFAULT_INTERVAL`). */
const retry: Member = {
  call: {
    meaning: (call): RetryMeaning => {
      const first = call.call.args[0];
      const hasOptions = first !== undefined && first.k !== "fn" && call.argCount > 1;
      const times = hasOptions ? timesOf(call) : 5;
      const interval = hasOptions && first.k === "obj" ? call.option(0, "interval") : undefined;
      const ms = interval?.is === "yes" ? call.number(interval.at) : undefined;
      const work = call.arg(hasOptions ? 1 : 0);
      return {
        kind: "retry",
        client: "async",
        ...(times === undefined ? {} : { attempts: times }),
        pause:
          interval === undefined || interval.is === "no" || ms === 0
            ? "none"
            : ms === undefined
              ? "unknown"
              : "constant",
        jitter: interval?.is === "yes" && ms === undefined ? "unknown" : "no",
        ...(work ? { work } : {}),
      };
    },
  },
};

function timesOf(call: CallView): number | undefined {
  const plain = call.number(call.arg(0));
  if (plain !== undefined) return plain;
  const found = call.option(0, "times");
  return found.is === "no" ? 5 : found.is === "yes" ? call.number(found.at) : undefined;
}

const members = Object.fromEntries([
  ...limitless,
  ...limited,
  ...inSeries,
  ["queue", queue],
  ["priorityQueue", queue],
  ["timeout", timeout],
  ["retry", retry],
] satisfies [string, Member][]);

export default defineLibrary({
  name: "async",
  packages: ["async"],
  exports: { default: { type: "Module" }, ...members },
  types: { Module: { members } },
});
