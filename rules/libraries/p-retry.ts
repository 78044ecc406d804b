import { type CallView, defineLibrary, type Member, type RetryMeaning } from "../../engine/index.ts";

/**
 * 10 retries, from 1 s, doubled, and no chance unless `randomize` (p-retry 7 and 8, index.js: `retries: 10, factor: 2,
 * minTimeout: 1000, randomize: false`).
 */
const retry: Member = {
  call: {
    meaning: (call: CallView): RetryMeaning => {
      const number = (name: string, otherwise: number): number | undefined => {
        const found = call.option(1, name);
        return found.is === "no" ? otherwise : found.is === "yes" ? call.number(found.at) : undefined;
      };
      const isEndless = call.option(1, "forever").is === "yes";
      const retries = isEndless ? Number.POSITIVE_INFINITY : number("retries", 10);
      const first = number("minTimeout", 1_000);
      const factor = number("factor", 2);
      const randomize = call.option(1, "randomize");
      const work = call.arg(0);
      const site = call.optionSite(1);
      return {
        kind: "retry",
        client: "p-retry",
        ...(retries === undefined ? {} : { attempts: retries + 1 }),
        pause:
          first === 0
            ? "none"
            : first === undefined || factor === undefined
              ? "unknown"
              : factor === 1
                ? "constant"
                : "growing",
        jitter: randomize.is === "yes" ? call.program.truth(randomize.at).is : randomize.is,
        ...(work ? { work } : {}),
        ...(site ? { site } : {}),
        pauseOption: "minTimeout: 500",
        jitterOption: "randomize: true",
      };
    },
  },
};

export default defineLibrary({
  name: "p-retry",
  packages: ["p-retry"],
  exports: { default: retry, pRetry: retry },
  types: {},
});
