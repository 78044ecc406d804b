import { type CallView, defineLibrary, isSet, type Member, type ScheduleMeaning } from "../../engine/index.ts";
import { cronIntervalMs } from "../_shared/cron-interval.ts";

/** `new Cron(pattern, options?, handler)`; `protect` (dist/croner.d.ts of 11.0) keeps runs apart and is off unless given. */
const cron: Member = {
  construct: {
    meaning: (call: CallView): ScheduleMeaning | undefined => {
      const first = call.call.args[1]?.k === "fn" ? 1 : 2;
      const handler = call.arg(first);
      if (!handler) return undefined;
      const everyMs = cronIntervalMs(call.text(call.arg(0)) ?? "");
      const other = first === 1 ? 2 : 1;
      const kept = isSet(call.program, call.option(other, "protect"));
      const site = call.call.args[other]?.k === "obj" ? call.optionSite(other) : undefined;
      return {
        kind: "schedule",
        client: "croner",
        handler,
        overlaps: kept === "yes" ? "no" : kept === "no" ? "yes" : "unknown",
        ...(everyMs !== undefined ? { everyMs } : {}),
        ...(site ? { option: "protect: true", site } : {}),
      };
    },
  },
};

export default defineLibrary({
  name: "croner",
  packages: ["croner"],
  exports: { Cron: cron, default: cron },
  types: {},
});
