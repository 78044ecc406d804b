/**
 * How long work shares the one thread with somebody who types: it runs in slices, lets messages through between them,
 * and rests while the person is busy.
 */
import { setImmediate as nextTurn } from "node:timers/promises";

/** Time, injected so that tests need not wait. */
export interface Scheduler {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Runs something later; the answer calls it off. */
  readonly later: (ms: number, run: () => void) => () => void;
}

export const systemScheduler: Scheduler = {
  now: Date.now,
  later: (ms, run) => {
    const timer = setTimeout(run, ms);
    // A server with nothing but a pending refresh to do may end.
    timer.unref();
    return () => clearTimeout(timer);
  },
};

/** Milliseconds of work before messages get a turn. */
const SLICE = 8;

/** Call between small steps of long work; resolves at once most of the time. Rejects once the signal is aborted. */
export function createBreather(signal: AbortSignal, rest: () => Promise<void>): () => Promise<void> | undefined {
  let started = performance.now();
  const breathe = async (): Promise<void> => {
    await nextTurn();
    await rest();
    signal.throwIfAborted();
    started = performance.now();
  };
  return () => {
    signal.throwIfAborted();
    return performance.now() - started < SLICE ? undefined : breathe();
  };
}

/** Lets messages that have arrived be read: a cancellation is seen only afterwards. */
export async function letMessagesIn(): Promise<void> {
  await nextTurn();
}
