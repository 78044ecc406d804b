import { type CallView, defineLibrary, type LimiterMeaning, type Member } from "../../engine/index.ts";

/** As many at once as the semaphore holds, one for a mutex (lib/Semaphore.js, lib/Mutex.js of 0.5). */
const through = (call: CallView): LimiterMeaning => {
  const work = call.name === "runExclusive" ? call.arg(0) : undefined;
  return { kind: "limiter", client: "async-mutex", atOnce: "yes", ...(work ? { work } : {}) };
};

const lock: Member = { construct: { returns: "Lock" } };

export default defineLibrary({
  name: "async-mutex",
  packages: ["async-mutex"],
  exports: { Semaphore: lock, Mutex: lock, withTimeout: { call: { returns: "Lock" } } },
  types: {
    Lock: { members: { acquire: { call: { meaning: through } }, runExclusive: { call: { meaning: through } } } },
  },
  typeNames: { Semaphore: "Lock", Mutex: "Lock", SemaphoreInterface: "Lock", MutexInterface: "Lock" },
});
