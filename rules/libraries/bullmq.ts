import {
  type Answer,
  type CallView,
  defineLibrary,
  isSet,
  type JobMeaning,
  type Member,
  type Placed,
} from "../../engine/index.ts";

/**
 * A job is tried once, again at once where only `attempts` is given, and kept for ever, done or failed (bullmq 6.7:
 * src/classes/job.ts `attempts: 0`, docs.bullmq.io "Auto-removal of jobs"). Bull 4 is the same in all of it.
 */
function jobOf(call: CallView, own: number): JobMeaning {
  const queue = queueOf(call);
  const creation = queue ? call.program.view(queue, call.env) : undefined;
  const given = (name: string): Answer => {
    const here = isSet(call.program, call.option(own, name));
    if (here !== "no") return here;
    // A queue that is injected has its defaults where nobody can see them from here.
    return creation ? isSet(call.program, creation.option(1, `defaultJobOptions.${name}`)) : "unknown";
  };
  const attempts = call.option(own, "attempts");
  const ms = attempts.is === "yes" ? call.number(attempts.at) : undefined;
  const fallback = creation?.option(1, "defaultJobOptions.attempts");
  const n = ms ?? (attempts.is === "no" && fallback?.is === "yes" ? creation!.number(fallback.at) : undefined);
  const repeats = [call.option(own, "repeat").is, call.option(own, "repeatJobKey").is];
  const done = [given("removeOnComplete"), given("removeOnFail")];
  const site = creation?.option(1, "defaultJobOptions").is === "no" ? creation.optionSite(1) : undefined;
  const name = creation ? creation.text(creation.arg(0)) : undefined;
  return {
    kind: "job",
    client: "BullMQ",
    ...(n === undefined ? {} : { attempts: n }),
    // Whatever repeats comes again anyway.
    attemptsGiven: repeats.includes("yes") ? "yes" : repeats.includes("unknown") ? "unknown" : given("attempts"),
    backoffGiven: given("backoff"),
    removed: done.includes("yes") ? "yes" : done.includes("unknown") ? "unknown" : "no",
    ...(queue ? { queue } : {}),
    ...(name === undefined ? {} : { queueName: name }),
    ...(site ? { site } : {}),
    option:
      'defaultJobOptions: { attempts: 3, backoff: { type: "exponential", delay: 1_000 }, removeOnComplete: { age: 3_600, count: 1_000 }, removeOnFail: { age: 604_800 } }',
  };
}

const queueOf = (call: CallView): Placed | undefined => call.recv?.via;

/** Bull's `add(data, options)` without a name is not told apart from BullMQ's by its arguments: the last one decides. */
const add: Member = {
  call: {
    meaning: (call) =>
      call.hasSpread || call.argCount === 0 ? undefined : jobOf(call, Math.max(2, call.argCount - 1)),
  },
};

const queue: Member = { construct: { returns: "Queue" } };

export default defineLibrary({
  name: "bullmq",
  packages: ["bullmq"],
  exports: {
    Queue: queue,
    Worker: { construct: { returns: "Worker" } },
    QueueEvents: { construct: { returns: "Events" } },
  },
  types: {
    Queue: { members: { add }, other: { call: {} } },
    Worker: { other: { call: {} } },
    Events: { other: { call: {} } },
  },
});
