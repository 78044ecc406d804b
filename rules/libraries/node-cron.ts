import { type CallView, defineLibrary, isSet, type Member, type ScheduleMeaning } from "../../engine/index.ts";
import { cronIntervalMs } from "../_shared/cron-interval.ts";

/** Runs overlap; `noOverlap` came with 4 (dist/node-cron.d.ts of 4.6). */
const schedule: Member = {
  call: {
    meaning: (call: CallView): ScheduleMeaning | undefined => {
      const handler = call.arg(1);
      if (!handler) return undefined;
      const everyMs = cronIntervalMs(call.text(call.arg(0)) ?? "");
      const kept = isSet(call.program, call.option(2, "noOverlap"));
      const hasOption = !/^[0-3]\./.test(call.version("node-cron") ?? "0.");
      const site = hasOption ? call.optionSite(2) : undefined;
      return {
        kind: "schedule",
        client: "node-cron",
        handler,
        overlaps: kept === "yes" ? "no" : kept === "no" ? "yes" : "unknown",
        ...(everyMs !== undefined ? { everyMs } : {}),
        ...(site ? { option: "noOverlap: true", site } : {}),
      };
    },
  },
};

export default defineLibrary({
  name: "node-cron",
  packages: ["node-cron"],
  exports: { schedule },
  types: {},
});
