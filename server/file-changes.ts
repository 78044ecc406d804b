/** Changes of files, gathered and handed on one lot after the other: a checkout tells of thousands. */
import type { Change } from "../platform/index.ts";
import type { Scheduler } from "./turns.ts";

export interface FileChanges {
  readonly add: (changes: readonly Change[]) => void;
  readonly stop: () => void;
}

/** Milliseconds of silence after which a lot is handed on. */
const GATHER = 150;
/** Milliseconds after which it is, whatever goes on: something may write without end. */
const LONGEST = 2000;

/** @param take must not reject */
export function gatherChanges(scheduler: Scheduler, take: (changes: readonly Change[]) => Promise<void>): FileChanges {
  let gathered: Change[] = [];
  let began = 0;
  let taking = Promise.resolve();
  let callOff: (() => void) | undefined;
  return {
    add: (changes) => {
      if (gathered.length === 0) began = scheduler.now();
      // Not spread: a lot may hold more than a call can take arguments.
      for (const it of changes) gathered.push(it);
      callOff?.();
      const wait = Math.max(0, Math.min(GATHER, began + LONGEST - scheduler.now()));
      callOff = scheduler.later(wait, () => {
        callOff = undefined;
        const lot = gathered;
        gathered = [];
        taking = taking.then(() => take(lot));
      });
    },
    stop: () => callOff?.(),
  };
}
