import { type CallView, defineLibrary, type Member, type RetryMeaning } from "../../engine/index.ts";

/** 10 retries, from 1 s, doubled, randomized (async-retry 1.3, lib/index.js; its defaults are those of `retry`). */
const retry: Member = {
  call: {
    meaning: (call: CallView): RetryMeaning => {
      const number = (name: string, otherwise: number): number | undefined => {
        const found = call.option(1, name);
        return found.is === "no" ? otherwise : found.is === "yes" ? call.number(found.at) : undefined;
      };
      const retries = call.option(1, "forever").is === "yes" ? Number.POSITIVE_INFINITY : number("retries", 10);
      const first = number("minTimeout", 1_000);
      const factor = number("factor", 2);
      const randomize = call.option(1, "randomize");
      const work = call.arg(0);
      const site = call.optionSite(1);
      return {
        kind: "retry",
        client: "async-retry",
        ...(retries === undefined ? {} : { attempts: retries + 1 }),
        pause:
          first === 0
            ? "none"
            : first === undefined || factor === undefined
              ? "unknown"
              : factor === 1
                ? "constant"
                : "growing",
        jitter:
          randomize.is === "no" ? "yes" : randomize.is === "yes" ? call.program.truth(randomize.at).is : "unknown",
        ...(work ? { work } : {}),
        ...(site ? { site } : {}),
        pauseOption: "minTimeout: 500",
        jitterOption: "randomize: true",
      };
    },
  },
};

export default defineLibrary({
  name: "async-retry",
  packages: ["async-retry"],
  exports: { default: retry },
  types: {},
});
