/** Functions that run another for each element of a collection, all at once unless an option says how many. */
import { type Answer, type CallView, isSet, type LimiterMeaning, type Member } from "../../engine/index.ts";

export interface FanOutFacts {
  readonly client: string;
  readonly overAt: number;
  readonly workAt: number;
  readonly optionsAt: number;
  readonly option: string;
}

/** Whether a number bounds: `Infinity` does not. */
export function boundsNumber(call: CallView, index: number, path: string): Answer {
  const found = call.option(index, path);
  if (found.is === "yes" && isInfinite(call, found.at.value)) return "no";
  return isSet(call.program, found);
}

function isInfinite(call: CallView, value: NonNullable<ReturnType<CallView["arg"]>>["value"]): boolean {
  return (
    (value.k === "global" && value.name === "Infinity") ||
    (value.k === "get" && value.name === "POSITIVE_INFINITY") ||
    (value.k === "lit" &&
      typeof value.v === "number" &&
      call.number({ value, file: call.file }) === Number.POSITIVE_INFINITY)
  );
}

export function eachElement({ client, overAt, workAt, optionsAt, option }: FanOutFacts): Member {
  return {
    call: {
      meaning: (call): LimiterMeaning => {
        const over = call.arg(overAt);
        const work = call.arg(workAt);
        const site = call.optionSite(optionsAt);
        return {
          kind: "limiter",
          client,
          atOnce: boundsNumber(call, optionsAt, option),
          ...(over ? { over } : {}),
          ...(work ? { work } : {}),
          ...(site ? { site, option: `${option}: 10` } : {}),
        };
      },
    },
  };
}
