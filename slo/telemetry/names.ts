/** What series a source has, remembered: whoever writes a query asks at every keystroke. */
import type { MetricQuestion, Source } from "./source.ts";

export interface MetricNamesOptions {
  /** The source in use; another one starts anew. Undefined where there is none. */
  readonly source: () => Pick<Source, "names"> | undefined;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

export interface MetricNamesMemory {
  /** The names, from memory where they are fresh; none where the source has no answer. Never throws. */
  readonly ask: (question: MetricQuestion) => Promise<readonly string[]>;
}

const FRESH_MS = 300_000;
/** A server that does not answer is asked again after this. */
const RETRY_MS = 30_000;
const MAX_ENTRIES = 300;

export function createMetricNames({ source, now }: MetricNamesOptions): MetricNamesMemory {
  const known = new Map<string, { until: number; readonly answer: Promise<readonly string[]> }>();
  let of: Pick<Source, "names"> | undefined;
  return {
    ask: async (question) => {
      const current = source();
      if (current !== of) known.clear();
      of = current;
      if (current?.names === undefined) return [];
      const key = JSON.stringify(question);
      const entry = known.get(key);
      if (entry !== undefined && entry.until > now()) return entry.answer;
      if (known.size >= MAX_ENTRIES) known.clear();
      const made = {
        until: now() + FRESH_MS,
        answer: current
          .names(question, new AbortController().signal)
          .catch(() => undefined)
          .then((names) => {
            if (names === undefined) made.until = now() + RETRY_MS;
            return names ?? [];
          }),
      };
      known.set(key, made);
      return made.answer;
    },
  };
}
