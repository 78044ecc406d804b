/**
 * Keeps one value fresh for a whole workspace: one run at a time, however many ask; a schedule; a longer pause after
 * each failure, with jitter so that many editors do not ask one server in step; the last good value with its age.
 */
import type { Clock } from "./source.ts";

export interface RefresherOptions<T> {
  readonly run: (signal: AbortSignal) => Promise<T>;
  /** Whether a result is a failure to learn anything: it is not kept over a better one, and the next try comes later. */
  readonly isFailure: (value: T) => boolean;
  readonly clock: Clock;
  /** 0..1, as Math.random. */
  readonly random: () => number;
  /** Seconds between runs; 300 unless told, 60 at least. */
  readonly everySeconds?: number;
  /** Longest pause after failures, seconds; 3,600 unless told. */
  readonly maxPauseSeconds?: number;
  /** Called after each run with what is current now. */
  readonly onChange?: (current: Refreshed<T>) => void;
}

export interface Refreshed<T> {
  readonly value: T;
  /** Milliseconds since 1970 at which the value was asked for. */
  readonly at: number;
  /** The last run failed; its value, where the kept one is older. */
  readonly failure?: T;
}

export interface Refresher<T> {
  /** The last value, at once; undefined before the first run ended. */
  readonly current: () => Refreshed<T> | undefined;
  /** Seconds since the kept value was asked for. */
  readonly ageSeconds: () => number | undefined;
  /** Runs now, or joins the run under way. Rejects only when `run` does, and resolves to what is current afterwards. */
  readonly refresh: () => Promise<Refreshed<T>>;
  /** Runs now and then on the schedule, until stopped. */
  readonly start: () => void;
  readonly stop: () => void;
}

export const MIN_SECONDS = 60;

/** Seconds to wait before the next run: the schedule, doubled per failure up to the longest pause, give or take 20 %. */
export function pauseSeconds(everySeconds: number, failures: number, maxPauseSeconds: number, random: number): number {
  const base = Math.min(Math.max(maxPauseSeconds, everySeconds), everySeconds * 2 ** Math.min(failures, 10));
  return base * (0.8 + 0.4 * random);
}

export function createRefresher<T>(options: RefresherOptions<T>): Refresher<T> {
  const { run, isFailure, clock, random, maxPauseSeconds = 3600, onChange } = options;
  const everySeconds = Math.max(MIN_SECONDS, options.everySeconds ?? 300);
  let kept: Refreshed<T> | undefined;
  let underWay: Promise<Refreshed<T>> | undefined;
  let aborter = new AbortController();
  let isStarted = false;
  let failures = 0;

  const once = async (signal: AbortSignal): Promise<Refreshed<T>> => {
    const at = clock.now();
    const value = await run(signal);
    if (signal.aborted) return kept ?? { value, at };
    if (isFailure(value)) {
      failures++;
      kept =
        kept === undefined || isFailure(kept.value)
          ? { value, at }
          : { value: kept.value, at: kept.at, failure: value };
    } else {
      failures = 0;
      kept = { value, at };
    }
    onChange?.(kept);
    return kept;
  };

  const refresh = (): Promise<Refreshed<T>> => {
    if (underWay !== undefined) return underWay;
    const mine = once(aborter.signal).finally(() => {
      if (underWay === mine) underWay = undefined;
    });
    underWay = mine;
    return mine;
  };

  const loop = async (signal: AbortSignal) => {
    while (!signal.aborted) {
      try {
        await refresh();
      } catch {
        // A run that throws is a failure like another; the one who asked by `refresh` is told.
        failures++;
      }
      if (signal.aborted) return;
      await clock.sleep(pauseSeconds(everySeconds, failures, maxPauseSeconds, random()) * 1000, signal);
    }
  };

  return {
    current: () => kept,
    ageSeconds: () => (kept === undefined ? undefined : Math.max(0, (clock.now() - kept.at) / 1000)),
    refresh,
    start() {
      if (isStarted) return;
      isStarted = true;
      void loop(aborter.signal);
    },
    stop() {
      aborter.abort();
      aborter = new AbortController();
      underWay = undefined;
      isStarted = false;
    },
  };
}

/** The real time. */
export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal.aborted) return resolve();
      const done = () => {
        clearTimeout(timer);
        signal.removeEventListener("abort", done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      signal.addEventListener("abort", done, { once: true });
    }),
};
