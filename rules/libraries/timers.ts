import { type CallView, defineLibrary, type Member, type ScheduleMeaning } from "../../engine/index.ts";

/** Measured, Node 20.20: every 100 ms a callback that takes 1 s, and ten of them ran at once. */
const setInterval: Member = {
  call: {
    meaning: (call: CallView): ScheduleMeaning | undefined => {
      const handler = call.arg(0);
      const everyMs = call.number(call.arg(1));
      if (!handler) return undefined;
      return {
        kind: "schedule",
        client: "setInterval",
        handler,
        overlaps: "yes",
        ...(everyMs !== undefined ? { everyMs } : {}),
      };
    },
  },
};

export default defineLibrary({
  name: "timers",
  packages: ["node:timers"],
  exports: { setInterval },
  globals: { setInterval },
  types: {},
});
