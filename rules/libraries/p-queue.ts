import { type Answer, type CallView, defineLibrary, type LimiterMeaning, limitFrom } from "../../engine/index.ts";
import { boundsNumber } from "../_shared/fan-out.ts";
import { rootOf } from "../_shared/sdk.ts";

/**
 * `concurrency: Infinity` and `intervalCap: Infinity` where they are not given, and no `timeout` (dist/index.js of 6.6 and 10.0):
 * a queue made without them bounds nothing. One task may have a `timeout` of its own.
 */
function through(call: CallView): LimiterMeaning {
  const root = rootOf(call.recv)?.via;
  const made = root && call.program.view(root, call.env);
  const bounds: readonly Answer[] = made
    ? ["concurrency", "intervalCap"].map((it) => boundsNumber(made, 0, it))
    : ["unknown"];
  const own = call.option(1, "timeout");
  const work = call.arg(0);
  const limit =
    own.is !== "no"
      ? limitFrom(call, own, "call", { no: "a task has no limit by default" })
      : made
        ? limitFrom(made, made.option(0, "timeout"), "instance", { no: "a task has no limit by default" })
        : undefined;
  return {
    kind: "limiter",
    client: "p-queue",
    atOnce: bounds.includes("yes") ? "yes" : bounds.includes("unknown") ? "unknown" : "no",
    ...(work ? { work } : {}),
    ...(limit ? { limit } : {}),
  };
}

export default defineLibrary({
  name: "p-queue",
  packages: ["p-queue"],
  exports: { default: { construct: { returns: "Queue" } }, PQueue: { construct: { returns: "Queue" } } },
  types: { Queue: { members: { add: { call: { meaning: through } }, on: { call: { returns: "this" } } } } },
  typeNames: { PQueue: "Queue" },
});
