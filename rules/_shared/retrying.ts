/** Functions that try another function again: their options differ by name, and by what they do where nothing is said. */
import type { Answer, CallView, Member, RetryMeaning } from "../../engine/index.ts";

interface NumberOption {
  readonly option: string;
  readonly byDefault: number;
}

export interface RetryFacts {
  readonly client: string;
  /** Index of the function that is tried, and of the options. */
  readonly workAt: number;
  readonly optionsAt: number;
  /** How often it is tried; `more` for libraries that count the tries after the first. */
  readonly times: NumberOption & { readonly more: 0 | 1 };
  /** An option that lets it try without end. */
  readonly forever?: string;
  /** An option whose function is waited for before the next try: it may pause by itself. */
  readonly between?: string;
  /** Milliseconds of the first pause. */
  readonly first: NumberOption;
  /** What each pause is multiplied with for the next; up to 1 it does not grow. */
  readonly factor: NumberOption;
  /** The option that varies the pauses by chance, and its value for "not at all" where it is no boolean. */
  readonly jitter: { readonly option: string; readonly byDefault: Answer; readonly off?: string };
  readonly pauseOption: string;
  readonly jitterOption: string;
}

/**
 * Options and defaults of `retry` (0.12, lib/retry.js), which others hand on: 10 retries, from 1 s, doubled, and no chance
 * unless `randomize`.
 */
export const ofRetry: Omit<RetryFacts, "client"> = {
  workAt: 0,
  optionsAt: 1,
  times: { option: "retries", byDefault: 10, more: 1 },
  forever: "forever",
  first: { option: "minTimeout", byDefault: 1_000 },
  factor: { option: "factor", byDefault: 2 },
  jitter: { option: "randomize", byDefault: "no" },
  pauseOption: "minTimeout: 500",
  jitterOption: "randomize: true",
};

function numberAt(call: CallView, at: number, { option, byDefault }: NumberOption): number | undefined {
  const found = call.option(at, option);
  return found.is === "no" ? byDefault : found.is === "yes" ? call.number(found.at) : undefined;
}

function jitterOf(call: CallView, { optionsAt, jitter }: RetryFacts): Answer {
  const found = call.option(optionsAt, jitter.option);
  if (found.is === "no") return jitter.byDefault;
  if (found.is === "unknown") return "unknown";
  if (jitter.off === undefined) return call.program.truth(found.at).is;
  const text = call.text(found.at);
  return text === undefined ? "unknown" : text === jitter.off ? "no" : "yes";
}

/** What calling such a function means. */
export function retrying(facts: RetryFacts): Member {
  return {
    call: {
      meaning: (call): RetryMeaning => {
        const { optionsAt } = facts;
        const isEndless = facts.forever !== undefined && call.option(optionsAt, facts.forever).is === "yes";
        const times = isEndless ? Number.POSITIVE_INFINITY : numberAt(call, optionsAt, facts.times);
        const first = numberAt(call, optionsAt, facts.first);
        const factor = numberAt(call, optionsAt, facts.factor);
        const work = call.arg(facts.workAt);
        const site = call.optionSite(optionsAt);
        const mayPause = facts.between !== undefined && call.option(optionsAt, facts.between).is !== "no";
        return {
          kind: "retry",
          client: facts.client,
          ...(times === undefined ? {} : { attempts: times + facts.times.more }),
          pause:
            first === 0 && !mayPause
              ? "none"
              : first === 0 || first === undefined || factor === undefined
                ? "unknown"
                : factor <= 1
                  ? "constant"
                  : "growing",
          jitter: jitterOf(call, facts),
          ...(work ? { work } : {}),
          ...(site ? { site } : {}),
          pauseOption: facts.pauseOption,
          jitterOption: facts.jitterOption,
        };
      },
    },
  };
}
