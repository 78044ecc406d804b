/** Job queues: BullMQ, Bull, Bee-Queue, Agenda, pg-boss, Inngest, Trigger.dev; from `add` to the worker by the queue's name. */
import {
  type Activity,
  defineFramework,
  type Edge,
  type Env,
  type FileSummary,
  type FrameworkContext,
  functionAt,
  type Hop,
  type PlacedFunction,
  type Program,
  type Scoped,
  type Value,
} from "../../engine/index.ts";
import { activity, functionsAt, optionAt, wrappedWork } from "./_activity.ts";
import { callIndex, importedFrom } from "./_calls.ts";
import { readings } from "./_frames.ts";
import { functionsOf } from "./_handlers.ts";
import { makingOf } from "./_making.ts";
import { each } from "./_values.ts";

const BULL = new Set(["bullmq", "bull", "bee-queue", "@taskforcesh/bullmq-pro", "bullmq-pro", "kue", "sidequest"]);
const AGENDA = ["agenda", "@hokify/agenda", "@pulsecron/pulse", "agendash"];
const TRIGGERS = ["trigger", "triggerAndWait", "batchTrigger", "batchTriggerAndWait"];

interface Work {
  readonly activity: Activity;
  /** `queue` or `queue/job`: what producers name. */
  readonly queue: string | undefined;
  readonly job?: string | undefined;
}

export default defineFramework({
  name: "queues",
  *entries(context): Iterable<Activity> {
    for (const it of workIn(context)) yield it.activity;
  },
  edges: producers,
});

function* workIn(context: FrameworkContext): Iterable<Work> {
  const { program } = context;
  const { members, named, packages } = callIndex(program);
  const has = (names: Iterable<string>): boolean => [...names].some((it) => packages.has(it));
  if (has(BULL)) {
    for (const { file, c } of named.get("Worker") ?? []) {
      const call = file.calls[c]!;
      if (call.kind !== "new" || !isBull(program, call.callee, file)) continue;
      for (const it of wrappedWork(context, { file, c }))
        yield { activity: activity("job", "bullmq", it.name ?? "worker", it.file, it.at, it.handlers), queue: it.name };
    }
    for (const { file, c } of members.get("process") ?? []) {
      const call = file.calls[c]!;
      if (call.callee.k !== "get") continue;
      const { of } = call.callee;
      for (const { env, name, handlers, ...site } of wrappedWork(context, { file, c })) {
        const queue = queueName(program, { value: of, file, env });
        if (queue === undefined && !isBull(program, of, file)) continue;
        const label = [queue, name].filter(Boolean).join("/") || "process";
        yield { activity: activity("job", "bull", label, site.file, site.at, handlers), queue, job: name };
      }
    }
  }
  if (has(AGENDA))
    for (const at of members.get("define") ?? [])
      for (const { name, handlers, ...site } of wrappedWork(context, at))
        if (name !== undefined)
          yield { activity: activity("job", "agenda", name, site.file, site.at, handlers), queue: name };
  if (packages.has("pg-boss"))
    for (const at of members.get("work") ?? [])
      for (const { name, handlers, ...site } of wrappedWork(context, at))
        if (name !== undefined)
          yield { activity: activity("job", "pg-boss", name, site.file, site.at, handlers), queue: name };
  if (packages.has("graphile-worker"))
    for (const { file, c } of members.get("run") ?? []) yield* taskList(program, file, c);
  if (packages.has("inngest"))
    for (const { file, c } of members.get("createFunction") ?? []) {
      const call = file.calls[c]!;
      const id = text(
        program,
        optionAt(program, call.args[0], file, "id") ?? optionAt(program, call.args[0], file, "name"),
      );
      const trigger = call.args[1];
      const event = text(program, optionAt(program, trigger, file, "event"));
      const cron = text(program, optionAt(program, trigger, file, "cron"));
      const handlers = call.args
        .slice(1)
        .flatMap((it) => (it.k === "obj" ? [] : functionsOf(program, { value: it, file })));
      if (handlers.length > 0)
        yield {
          activity: activity(
            cron ? "cron" : "job",
            "inngest",
            id ?? event ?? cron ?? "function",
            file,
            call.at,
            handlers,
          ),
          queue: event,
        };
    }
  if (has(["@trigger.dev/sdk", "@trigger.dev/core"]))
    for (const { file, c } of [
      ...(named.get("task") ?? []),
      ...(named.get("schemaTask") ?? []),
      ...(named.get("job") ?? []),
      ...(members.get("defineJob") ?? []),
    ]) {
      const call = file.calls[c]!;
      const id = text(program, optionAt(program, call.args[0], file, "id"));
      const handlers = functionsAt(program, optionAt(program, call.args[0], file, "run"));
      if (id && handlers.length > 0)
        yield {
          activity: activity(
            optionAt(program, call.args[0], file, "cron") ? "cron" : "job",
            "trigger.dev",
            id,
            file,
            call.at,
            handlers,
          ),
          queue: id,
        };
    }
}

function* taskList(program: Program, file: FileSummary, c: number): Iterable<Work> {
  const call = file.calls[c]!;
  const list = optionAt(program, call.args[0], file, "taskList");
  for (const it of list ? each(program.at(list)) : [])
    if (it.k === "obj")
      for (const prop of it.value.props) {
        const handlers = functionsOf(program, { value: prop.value, file: it.file, env: it.env });
        if (prop.name && handlers.length > 0)
          yield {
            activity: activity("job", "graphile-worker", prop.name, it.file, prop.at, handlers),
            queue: prop.name,
          };
      }
}

function isBull(program: Program, value: Value, file: FileSummary): boolean {
  const from = importedFrom(program, value, file);
  return from !== undefined && BULL.has(from);
}

/** The name a queue was made with. */
function queueName(program: Program, at: Scoped): string | undefined {
  const made = makingOf(program, at);
  const call = made?.file.calls[made.c];
  if (!made || !call?.args[0] || call.kind !== "new" || !isBull(program, call.callee, made.file)) return undefined;
  return program.text({ value: call.args[0], file: made.file, env: made.env });
}

function text(program: Program, at: Scoped | undefined): string | undefined {
  return at ? program.text(at) : undefined;
}

const hop = (name: string | undefined): Hop => ({ by: "queue", ...(name === undefined ? {} : { name }) });

/** From `queue.add(job)` and its like to what takes it. */
function* producers(context: FrameworkContext): Iterable<Edge> {
  const { program, graph } = context;
  const work = [...workIn(context)].filter((it) => it.queue !== undefined);
  if (work.length === 0) return;
  const { members } = callIndex(program);
  const to = (file: FileSummary, c: number, { activity, queue }: Work): Edge[] =>
    activity.handlers.map((it) => ({
      from: { file, f: file.calls[c]!.fn },
      to: it,
      kind: "async",
      call: { file, c },
      hop: hop(queue),
    }));
  for (const member of ["add", "addBulk"])
    for (const { file, c } of members.get(member) ?? []) {
      const call = file.calls[c]!;
      const { callee } = call;
      if (callee.k !== "get") continue;
      // A service around a queue is told apart by who calls it: the edge begins there.
      const name = (env: Env | undefined) => queueName(program, { value: callee.of, file, env });
      for (const { env, site } of readings(program, graph, { file, c }, (it) =>
        name(it.env) === undefined ? [callee.of] : [],
      )) {
        const queue = name(env);
        if (queue === undefined) continue;
        const job = program.text({ value: call.args[0]!, file, env });
        const from: PlacedFunction = { file: site.file, f: functionAt(site.file, site.at[0]) };
        const at = site.file.calls.findIndex((it) => it.at === site.at);
        for (const it of work)
          if (it.queue === queue && (it.job === undefined || job === undefined || it.job === job))
            for (const to of it.activity.handlers)
              yield {
                from,
                to,
                kind: "async",
                ...(at >= 0 ? { call: { file: site.file, c: at } } : {}),
                hop: hop(queue),
              };
      }
    }
  // Trigger.dev: `tasks.trigger("id", payload)`, `task.trigger(payload)`.
  const triggered = work.filter((it) => it.activity.framework === "trigger.dev");
  for (const member of triggered.length > 0 ? TRIGGERS : [])
    for (const { file, c } of members.get(member) ?? []) {
      const { callee, args } = file.calls[c]!;
      const made = callee.k === "get" ? makingOf(program, { value: callee.of, file }) : undefined;
      const options = made?.file.calls[made.c]?.args[0];
      const id =
        (made ? text(program, optionAt(program, options, made.file, "id")) : undefined) ??
        (args[0] ? program.text({ value: args[0], file }) : undefined);
      for (const it of triggered) if (it.queue === id) yield* to(file, c, it);
    }
  const byName = work.filter((it) => it.activity.framework !== "bull" && it.activity.framework !== "bullmq");
  if (byName.length === 0) return;
  for (const member of ["now", "schedule", "every", "send", "publish", "addJob"])
    for (const { file, c } of members.get(member) ?? []) {
      const call = file.calls[c]!;
      const names = call.args
        .slice(0, 2)
        .flatMap(
          (it) =>
            program.text({ value: it, file }) ??
            text(program, it.k === "obj" ? optionAt(program, it, file, "name") : undefined) ??
            [],
        );
      for (const it of byName) if (it.queue !== undefined && names.includes(it.queue)) yield* to(file, c, it);
    }
}
