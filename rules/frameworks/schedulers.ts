/**
 * Timers: node-cron, cron, node-schedule, croner, toad-scheduler and `setInterval`; and whatever a project hands a function
 * to together with a cron expression.
 */
import {
  type Activity,
  defineFramework,
  type FileSummary,
  type FrameworkContext,
  type PlacedFunction,
  type Program,
  type Span,
  type Value,
} from "../../engine/index.ts";
import { activity, functionsAt, namedWork, optionAt } from "./_activity.ts";
import { callIndex, importedFrom } from "./_calls.ts";
import { functionsOf } from "./_handlers.ts";
import { isTestFile } from "./_values.ts";

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

/** Where an object keeps its cron expression and what runs then. */
const WHEN = new Set(["cron", "schedule", "cronTime", "cronExpression", "pattern", "expression", "rule"]);
const WHAT = new Set(["handler", "run", "fn", "task", "job", "execute", "callback", "onTick", "process", "handle"]);

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
    for (const file of program.files.values()) if (!isTestFile(file)) yield* own(program, file);
  },
});

/** `createJob("clean", "0 3 * * *", async () => …)`, `defineJob({ cron: "0 3 * * *", run() {} })`. */
function* own(program: Program, file: FileSummary): Iterable<Activity> {
  for (const call of file.calls) {
    const when = call.args.find(isCron);
    if (when?.k === "lit") {
      const handlers = call.args.flatMap((it) =>
        it.k === "obj" || it.k === "lit" ? [] : functionsOf(program, { value: it, file }),
      );
      const [first] = call.args;
      const name = first && first !== when && first.k === "lit" ? first.v : when.v;
      if (handlers.length > 0) yield activity("cron", "scheduler", String(name), file, call.at, handlers);
    }
    for (const arg of call.args) if (arg.k === "obj") yield* ownObject(program, file, arg, call.at);
  }
  for (const it of file.exports) if ("value" in it && it.value.k === "obj") yield* ownObject(program, file, it.value);
  for (const { value } of file.bindings) if (value?.k === "obj") yield* ownObject(program, file, value);
}

function* ownObject(
  program: Program,
  file: FileSummary,
  value: Value & { readonly k: "obj" },
  at?: Span,
): Iterable<Activity> {
  const when = value.props.find((it) => WHEN.has(it.name ?? "") && isCron(it.value))?.value;
  if (when?.k !== "lit") return;
  const handlers = value.props.flatMap((it): readonly PlacedFunction[] =>
    WHAT.has(it.name ?? "") ? functionsOf(program, { value: it.value, file }) : [],
  );
  const name = value.props.find((it) => it.name === "name" || it.name === "id")?.value;
  if (handlers.length > 0)
    yield activity("cron", "scheduler", String(name?.k === "lit" ? name.v : when.v), file, at ?? value.at, handlers);
}

function isCron(value: Value): boolean {
  return value.k === "lit" && typeof value.v === "string" && value.v.length < 100 && CRON_TEXT.test(value.v.trim());
}
