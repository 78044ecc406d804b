/** Messages: Kafka, AMQP, SQS, Pub/Sub, MQTT, web sockets, and event emitters whose both ends are known. */
import {
  type Activity,
  defineFramework,
  type Edge,
  type Env,
  type FileSummary,
  type FrameworkContext,
  type Hop,
  type PlacedFunction,
  type Program,
} from "../../engine/index.ts";
import { emitterPackage } from "../_shared/emitters.ts";
import { activity, functionsAt, type NamedWork, namedWork, optionAt, wrappedWork } from "./_activity.ts";
import { callIndex, importedFrom } from "./_calls.ts";
import { functionsOf } from "./_handlers.ts";
import { makingOf } from "./_making.ts";
import { each } from "./_values.ts";

const KAFKA = ["kafkajs", "@confluentinc/kafka-javascript", "node-rdkafka"];
const AMQP = ["amqplib", "amqp-connection-manager", "rabbitmq-client"];
const SQS = ["sqs-consumer", "@rxfork/sqs-consumer"];
/** Packages whose objects hand messages to listeners. */
const LISTENED = new Set([
  "socket.io",
  "ws",
  "mqtt",
  "@google-cloud/pubsub",
  "ioredis",
  "redis",
  "nats",
  "rhea",
  "@nestjs/websockets",
  "uWebSockets.js",
  "telegraf",
  "discord.js",
  "@slack/bolt",
  "probot",
]);
const LIFE_CYCLE = new Set([
  "error",
  "close",
  "connect",
  "ready",
  "end",
  "open",
  "listening",
  "disconnect",
  "reconnecting",
  "exit",
  "finish",
  "data",
]);

export default defineFramework({
  name: "brokers",
  *entries(context: FrameworkContext): Iterable<Activity> {
    const { program } = context;
    const { members, named, packages } = callIndex(program);
    const has = (names: Iterable<string>): boolean => [...names].some((it) => packages.has(it));
    if (has(KAFKA))
      for (const at of members.get("run") ?? []) {
        const { file, c } = at;
        const call = file.calls[c]!;
        const read = (env: Env | undefined): NamedWork => ({
          name: topicOf(program, file, call.fn, env) ?? "run",
          handlers: ["eachMessage", "eachBatch"].flatMap((it) =>
            functionsAt(program, optionAt(program, call.args[0], file, it, env)),
          ),
        });
        for (const it of wrappedWork(context, at, read))
          yield activity("consumer", "kafka", it.name ?? "run", it.file, it.at, it.handlers);
      }
    if (has(AMQP))
      for (const at of members.get("consume") ?? [])
        for (const it of wrappedWork(context, at))
          yield activity("consumer", "amqp", it.name ?? "consume", it.file, it.at, it.handlers);
    if (has(SQS))
      for (const [list, framework] of [
        [named.get("Consumer") ?? [], "sqs"],
        [members.get("create") ?? [], "sqs"],
      ] as const)
        for (const { file, c } of list) {
          const call = file.calls[c]!;
          const handlers = ["handleMessage", "handleMessageBatch"].flatMap((it) =>
            functionsAt(program, optionAt(program, call.args[0], file, it)),
          );
          if (handlers.length > 0) yield activity("consumer", framework, "queue", file, call.at, handlers);
        }
    if (has(LISTENED))
      for (const member of ["on", "subscribe"])
        for (const { file, c } of members.get(member) ?? []) {
          const call = file.calls[c]!;
          if (call.callee.k !== "get") continue;
          const from = importedFrom(program, call.callee.of, file) ?? emitterPackage(call.callee.of, file, program);
          if (from === undefined || !LISTENED.has(from)) continue;
          const { name, handlers } = namedWork(program, file, c);
          if (handlers.length > 0 && name !== undefined && !LIFE_CYCLE.has(name))
            yield activity("consumer", from, name, file, call.at, handlers);
        }
  },
  edges: emitterEdges,
});

/** The topic subscribed to in the same function. */
function topicOf(program: Program, file: FileSummary, fn: number, env: Env | undefined): string | undefined {
  for (const call of file.calls) {
    if (call.fn !== fn || call.callee.k !== "get" || call.callee.name !== "subscribe") continue;
    const topic = optionAt(program, call.args[0], file, "topic", env);
    const text = topic ? program.text(topic) : undefined;
    if (text !== undefined) return text;
  }
  return undefined;
}

/** `emitter.emit("x")` to `emitter.on("x", fn)` of the same emitter. */
function* emitterEdges({ program }: FrameworkContext): Iterable<Edge> {
  const { members } = callIndex(program);
  const emits = [...(members.get("emit") ?? []), ...(members.get("emitAsync") ?? [])];
  if (emits.length === 0) return;
  const listeners = new Map<string, PlacedFunction[]>();
  for (const member of ["on", "once", "addListener"])
    for (const { file, c } of members.get(member) ?? []) {
      const key = emitterKey(program, file, c);
      if (key === undefined) continue;
      const handlers = file.calls[c]!.args.slice(1).flatMap((it) => functionsOf(program, { value: it, file }));
      if (handlers.length > 0) listeners.set(key, [...(listeners.get(key) ?? []), ...handlers]);
    }
  if (listeners.size === 0) return;
  for (const { file, c } of emits) {
    const key = emitterKey(program, file, c);
    for (const to of key !== undefined ? (listeners.get(key) ?? []) : [])
      yield {
        from: { file, f: file.calls[c]!.fn },
        to,
        kind: "async",
        call: { file, c },
        hop: eventOf(program, file, c),
      };
  }
}

function eventOf(program: Program, file: FileSummary, c: number): Hop {
  const [first] = file.calls[c]!.args;
  const name = first && program.text({ value: first, file });
  return { by: "event", ...(name === undefined ? {} : { name }) };
}

/** The emitter and the event, where both are known: made by one call, or an instance of one project class. */
function emitterKey(program: Program, file: FileSummary, c: number): string | undefined {
  const call = file.calls[c]!;
  if (call.callee.k !== "get" || !call.args[0]) return undefined;
  const event = program.text({ value: call.args[0], file });
  if (event === undefined || LIFE_CYCLE.has(event)) return undefined;
  for (const it of each(program.origin(call.callee.of, file)))
    if (it.k === "instance") return `${it.file.path} class ${it.c} ${event}`;
  const made = makingOf(program, { value: call.callee.of, file });
  return made ? `${made.file.path} ${made.c} ${event}` : undefined;
}
