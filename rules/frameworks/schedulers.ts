/** Timers: node-cron, cron, node-schedule, croner, toad-scheduler and `setInterval`. */
import { type Activity, defineFramework, type FrameworkContext } from "../../engine/index.ts";
import { activity, functionsAt, namedWork, optionAt } from "./_activity.ts";
import { callIndex, importedFrom } from "./_calls.ts";
import { functionsOf } from "./_handlers.ts";

const CRON_PACKAGES = new Set([
  "node-cron",
  "cron",
  "croner",
  "node-schedule",
  "toad-scheduler",
  "bree",
  "@vercel/cron",
]);
const CRON_TEXT =
  /^(@(hourly|daily|weekly|monthly|yearly|midnight|annually)|[\d*/,\-?LW#]+(\s+[\d*/,\-?LW#A-Z]+){4,5})$/i;

export default defineFramework({
  name: "schedulers",
  *entries({ program }: FrameworkContext): Iterable<Activity> {
    const { members, named, packages } = callIndex(program);
    if ([...CRON_PACKAGES].some((it) => packages.has(it))) {
      for (const at of [...(members.get("schedule") ?? []), ...(named.get("schedule") ?? [])]) {
        const { file, c } = at;
        const { name, handlers } = namedWork(program, file, c);
        const call = file.calls[c]!;
        const from = importedFrom(program, call.callee, file) ?? "";
        if (handlers.length > 0 && (CRON_PACKAGES.has(from) || (name !== undefined && CRON_TEXT.test(name))))
          yield activity("cron", from || "node-cron", name ?? "schedule", file, call.at, handlers);
      }
      for (const at of [...(members.get("scheduleJob") ?? []), ...(named.get("scheduleJob") ?? [])]) {
        const { file, c } = at;
        const { name, handlers } = namedWork(program, file, c);
        if (handlers.length > 0)
          yield activity("cron", "node-schedule", name ?? "scheduleJob", file, file.calls[c]!.at, handlers);
      }
      for (const { file, c } of [
        ...(named.get("CronJob") ?? []),
        ...(named.get("Cron") ?? []),
        ...(named.get("AsyncTask") ?? []),
      ]) {
        const call = file.calls[c]!;
        if (!CRON_PACKAGES.has(importedFrom(program, call.callee, file) ?? "")) continue;
        const options = call.args[0];
        const work = namedWork(program, file, c);
        const time = optionAt(program, options, file, "cronTime");
        const handlers =
          work.handlers.length > 0 ? work.handlers : functionsAt(program, optionAt(program, options, file, "onTick"));
        if (handlers.length > 0)
          yield activity(
            "cron",
            "cron",
            work.name ?? (time ? program.text(time) : undefined) ?? "cron",
            file,
            call.at,
            handlers,
          );
      }
    }
    for (const { file, c } of named.get("setInterval") ?? []) {
      const call = file.calls[c]!;
      if (/\.[jt]sx$/.test(file.path) || call.callee.k !== "global" || !call.args[0]) continue;
      const handlers = functionsOf(program, { value: call.args[0], file });
      if (handlers.length > 0) yield activity("cron", "timer", "setInterval", file, call.at, handlers);
    }
  },
});
