import { type CallView, defineLibrary, isSet, type Member, type ScheduleMeaning } from "../../engine/index.ts";
import { cronIntervalMs } from "../_shared/cron-interval.ts";

/** `waitForCompletion` is false (dist/job.js of 4.4); it is the tenth argument, or a property of `CronJob.from({ … })`. */
const WAIT_INDEX = 9;

function meaning(call: CallView): ScheduleMeaning | undefined {
  const isObject = call.name === "from";
  const part = (name: string, index: number) => {
    if (!isObject) return call.arg(index);
    const found = call.option(0, name);
    return found.is === "yes" ? found.at : undefined;
  };
  const handler = part("onTick", 1);
  if (!handler) return undefined;
  const everyMs = cronIntervalMs(call.text(part("cronTime", 0)) ?? "");
  const kept = isObject
    ? isSet(call.program, call.option(0, "waitForCompletion"))
    : call.argCount > WAIT_INDEX
      ? "unknown"
      : "no";
  const site = isObject ? call.optionSite(0) : undefined;
  return {
    kind: "schedule",
    client: "cron",
    handler,
    overlaps: kept === "yes" ? "no" : kept === "no" ? "yes" : "unknown",
    ...(everyMs !== undefined ? { everyMs } : {}),
    ...(site ? { option: "waitForCompletion: true", site } : {}),
  };
}

const job: Member = { type: "JobClass", construct: { meaning } };

export default defineLibrary({
  name: "cron",
  packages: ["cron"],
  exports: { CronJob: job },
  types: { JobClass: { members: { from: { call: { meaning } } }, construct: { meaning } } },
});
