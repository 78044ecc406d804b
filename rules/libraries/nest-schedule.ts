import { type CallView, defineLibrary, isSet, type ScheduleMeaning } from "../../engine/index.ts";
import { cronIntervalMs } from "../_shared/cron-interval.ts";

const UNITS: Readonly<Record<string, number>> = { SECOND: 1_000, SECONDS: 1_000, MINUTE: 60_000, MINUTES: 60_000 };

/** `CronExpression.EVERY_30_SECONDS` by its name: the enum is the package's own. */
function namedMs(call: CallView): number | undefined {
  const { value } = call.arg(0) ?? {};
  const parts = value?.k === "get" ? /^EVERY_(?:(\d+)_)?(SECONDS?|MINUTES?)$/.exec(value.name) : undefined;
  return parts ? Number(parts[1] ?? 1) * UNITS[parts[2]!]! : undefined;
}

/** Built on `cron`: `waitForCompletion` (decorators/cron.decorator.d.ts) is off unless given. */
function cron(call: CallView): ScheduleMeaning {
  const everyMs = namedMs(call) ?? cronIntervalMs(call.text(call.arg(0)) ?? "");
  const kept = isSet(call.program, call.option(1, "waitForCompletion"));
  const site = call.optionSite(1);
  return {
    kind: "schedule",
    client: "@Cron",
    overlaps: kept === "yes" ? "no" : kept === "no" ? "yes" : "unknown",
    ...(everyMs !== undefined ? { everyMs } : {}),
    ...(site ? { option: "waitForCompletion: true", site } : {}),
  };
}

/** `@Interval(ms)` or `@Interval(name, ms)`: `setInterval` inside. */
function interval(call: CallView): ScheduleMeaning {
  const everyMs = call.number(call.arg(-1));
  return {
    kind: "schedule",
    client: "@Interval",
    overlaps: "yes",
    ...(everyMs !== undefined ? { everyMs } : {}),
  };
}

export default defineLibrary({
  name: "nest-schedule",
  packages: ["@nestjs/schedule"],
  exports: { Cron: { call: { meaning: cron } }, Interval: { call: { meaning: interval } } },
  types: {},
});
