import {
  type Answer,
  type CallView,
  defineLibrary,
  type LimiterMeaning,
  limitFrom,
  type Member,
} from "../../engine/index.ts";
import { boundsNumber } from "../_shared/fan-out.ts";
import { rootOf } from "../_shared/sdk.ts";

/**
 * `maxConcurrent: null, minTime: 0, reservoir: null` (lib/Bottleneck.js of 2.19, `storeDefaults`): made without any of them it bounds
 * nothing. `expiration` of a job is its time limit; there is none by default.
 */
function through(call: CallView): LimiterMeaning {
  const root = rootOf(call.recv)?.via;
  const made = root && call.program.view(root, call.env);
  const bounds: readonly Answer[] = made
    ? ["maxConcurrent", "minTime", "reservoir"].map((it) => boundsNumber(made, 0, it))
    : ["unknown"];
  const hasOptions = call.call.args[0]?.k === "obj";
  const work = call.arg(hasOptions ? 1 : 0);
  return {
    kind: "limiter",
    client: "Bottleneck",
    atOnce: bounds.includes("yes") ? "yes" : bounds.includes("unknown") ? "unknown" : "no",
    ...(work ? { work } : {}),
    ...(hasOptions
      ? { limit: limitFrom(call, call.option(0, "expiration"), "call", { no: "a job has no limit by default" }) }
      : {}),
  };
}

const run: Member = { call: { meaning: through } };
const limiter: Member = { type: "Static", construct: { returns: "Limiter" } };

export default defineLibrary({
  name: "bottleneck",
  packages: ["bottleneck", "bottleneck/*"],
  exports: { default: limiter, Bottleneck: limiter },
  types: {
    Static: { members: { Group: { construct: { returns: "Group" } } } },
    Limiter: {
      members: {
        schedule: run,
        submit: run,
        wrap: { call: { returns: "Wrapped", meaning: through } },
        on: { call: { returns: "this" } },
      },
    },
    // One for each key, with the options of the group.
    Group: { members: { key: { call: { returns: "Limiter" } } } },
    Wrapped: { members: { withOptions: { call: {} } }, call: {} },
  },
  typeNames: { Bottleneck: "Limiter" },
});
