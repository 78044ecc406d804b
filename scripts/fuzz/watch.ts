/** What went wrong and what was slow while texts were tried. */

export interface Watch {
  /** Runs something, keeps how long it took and what it threw. */
  readonly timed: (name: string, run: () => void) => void;
  readonly took: (name: string, ms: number) => void;
  readonly wrong: (what: string) => void;
  readonly result: () => {
    readonly count: number;
    /** Milliseconds on average. */
    readonly average: number;
    /** The slowest first. */
    readonly slow: readonly { readonly ms: number; readonly name: string }[];
    readonly wrong: readonly string[];
  };
}

export function createWatch(): Watch {
  const slow: { readonly ms: number; readonly name: string }[] = [];
  const wrong: string[] = [];
  let count = 0;
  let total = 0;
  const took = (name: string, ms: number): void => {
    count += 1;
    total += ms;
    slow.push({ ms, name });
    if (slow.length > 2_000) slow.sort((a, b) => b.ms - a.ms).splice(100);
  };
  return {
    took,
    timed: (name, run) => {
      const start = performance.now();
      try {
        run();
      } catch (error) {
        wrong.push(`${name}: ${error instanceof Error ? error.stack : String(error)}`);
      }
      took(name, performance.now() - start);
    },
    wrong: (what) => {
      wrong.push(what);
    },
    result: () => ({
      count,
      average: total / Math.max(1, count),
      slow: slow.sort((a, b) => b.ms - a.ms).slice(0, 10),
      wrong,
    }),
  };
}
