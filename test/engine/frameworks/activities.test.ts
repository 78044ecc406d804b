import assert from "node:assert/strict";
import { test } from "node:test";
import { activityLines } from "../../kit/entries.ts";
import { type Files, workspaceOf } from "../../kit/workspace.ts";

test("workers, timers, consumers, commands, migrations and tests start work", () => {
  assert.deepEqual(
    activityLines({
      "src/worker.ts": `import { Worker } from "bullmq"; new Worker("mail", async (job) => send(job)); function send(j) {}`,
      "src/bull.ts": `import Bull from "bull"; const images = new Bull("images"); images.process("resize", 5, async (job) => {});`,
      "src/cron.ts": `import cron from "node-cron"; import { CronJob } from "cron"; cron.schedule("*/5 * * * *", sweep); new CronJob("0 0 * * *", () => {}); async function sweep() {} setInterval(sweep, 1000);`,
      "src/kafka.ts": `import { Kafka } from "kafkajs"; const consumer = new Kafka({}).consumer({}); async function run() { await consumer.subscribe({ topic: "orders" }); await consumer.run({ eachMessage: async ({ message }) => {} }); }`,
      "src/amqp.ts": `import amqp from "amqplib"; channel.consume("tasks", (msg) => {});`,
      "src/cli.ts": `import { program } from "commander"; program.command("import <file>").description("x").action(async (file) => {});`,
      "src/agenda.ts": `import { Agenda } from "agenda"; const agenda = new Agenda(); agenda.define("report", async () => {});`,
      "src/inngest.ts": `import { inngest } from "./client"; import "inngest"; export default inngest.createFunction({ id: "welcome" }, { event: "user/created" }, async ({ step }) => {});`,
      "src/server.ts": `import express from "express"; const app = express(); app.listen(3000, () => {});`,
      "src/db/AddUsers.ts": `export class AddUsers implements MigrationInterface { async up(q) {} async down(q) {} }`,
      "src/a.test.ts": `test("x", () => {});`,
    }),
    [
      "cli import src/cli.ts",
      "consumer orders src/kafka.ts",
      "consumer tasks src/amqp.ts",
      "cron */5 * * * * src/cron.ts",
      "cron 0 0 * * * src/cron.ts",
      "cron setInterval src/cron.ts",
      "job images/resize src/bull.ts",
      "job mail src/worker.ts",
      "job report src/agenda.ts",
      "job welcome src/inngest.ts",
      "migration AddUsers src/db/AddUsers.ts",
      "startup listen src/server.ts",
      "test a.test.ts src/a.test.ts",
    ],
  );
});

test("a job reaches back to the endpoint that queues it, an event to the one that emits it", () => {
  const { analysis, files } = workspaceOf({
    "app.ts": `import express from "express"; import { mail } from "./queue"; import { bus } from "./bus"; const app = express(); app.post("/signup", async (req, res) => { await mail.add("welcome", {}); bus.emit("joined", 1); });`,
    "queue.ts": `import { Queue } from "bullmq"; const make = (name: string) => new Queue(name, {}); export const mail = make("mail"); export const other = make("other");`,
    "worker.ts": `import { Worker } from "bullmq"; new Worker("mail", deliver); async function deliver(job) {} new Worker("other", idle); async function idle(job) {}`,
    "bus.ts": `import { EventEmitter } from "node:events"; export const bus = new EventEmitter();`,
    "listen.ts": `import { bus } from "./bus"; bus.on("joined", greet); function greet() {} bus.on("left", part); function part() {}`,
  });
  const reached = (path: string, name: string): string[] => {
    const file = files.get(path)!;
    return analysis
      .reach({ file, f: file.functions.findIndex((it) => it.name === name) })
      .chains.map(
        (it) => `${it.isAsync ? "async " : ""}${it.entry.kind === "endpoint" ? it.entry.route : it.entry.kind}`,
      )
      .sort();
  };
  assert.deepEqual(reached("worker.ts", "deliver"), ["async /signup", "job"]);
  assert.deepEqual(reached("worker.ts", "idle"), ["job"]);
  assert.deepEqual(reached("listen.ts", "greet"), ["async /signup"]);
  assert.deepEqual(reached("listen.ts", "part"), []);
});

test("a socket is one however it came here: by its type, a type of ours that extends it, or who hands it over", () => {
  assert.deepEqual(
    activityLines({
      "src/server.ts": `import { Server } from "socket.io"; import { rooms } from "./rooms"; import { plain } from "./plain"; const io = new Server(); io.on("connection", (socket) => { socket.on("say", async (text) => {}); rooms(socket); plain(socket); });`,
      "src/types.ts": `import type { Socket } from "socket.io"; export interface OurSocket extends Socket { user: string }`,
      "src/rooms.ts": `import type { OurSocket } from "./types"; export function rooms(socket: OurSocket) { socket.on("join", (name) => {}); }`,
      "src/plain.js": `exports.plain = (socket) => { socket.on("leave", (name) => {}); };`,
      "src/other.ts": `import { make } from "./made"; export function other(thing) { thing.on("say", (text) => {}); }`,
    }),
    [
      "consumer connection src/server.ts",
      "consumer join src/rooms.ts",
      "consumer leave src/plain.js",
      "consumer say src/server.ts",
    ],
  );
});

test("a project's own functions around the library's: each of their callers is work of its own", () => {
  const files = {
    "src/base.ts": `import { Queue, Worker } from "bullmq"; const WorkerClass = isPro ? WorkerPro : Worker;
      export class Service { run(topic, processor) { return new WorkerClass(topic, processor, {}); } }
      export class Base { constructor(private service: Service) {} init(topic, processor) { this.service.run(topic, processor); } }
      export class Mails { queue; constructor() { this.queue = new Queue("mail"); } push(data) { return this.queue.add("send", data); } }`,
    "src/workers.ts": `import { Base } from "./base"; export class Mail extends Base { start() { this.init("mail", this.processor()); } processor() { return async (job) => deliver(job); } } function deliver(job) {} export class Images extends Base { start() { this.init("images", async (job) => {}); } }`,
    "src/amqp.ts": `import amqp from "amqplib"; export async function listen(channel, queue: string, handler) { await channel.consume(queue, async (message) => { await handler(JSON.parse(message.content)); channel.ack(message); }); }`,
    "src/orders.ts": `import { listen } from "./amqp"; listen(channel, "orders", take); async function take(order) {}`,
    "src/app.ts": `import express from "express"; import { Mails } from "./base"; const mails = new Mails(); const app = express(); app.post("/signup", (req, res) => mails.push(req.body));`,
  };
  assert.deepEqual(activityLines(files), [
    "consumer orders src/orders.ts",
    "job images src/workers.ts",
    "job mail src/workers.ts",
  ]);
  const { analysis, files: summaries } = workspaceOf(files);
  const kinds = (path: string, name: string): string[] => {
    const file = summaries.get(path)!;
    const f = file.functions.findIndex((it) => it.name === name);
    return analysis
      .reach({ file, f })
      .chains.map((it) => (it.entry.kind === "endpoint" ? it.entry.route : it.entry.kind));
  };
  assert.deepEqual(kinds("src/orders.ts", "take"), ["consumer"]);
  assert.deepEqual(kinds("src/workers.ts", "deliver").sort(), ["/signup", "job"]);
});

test("functions handed over with a cron expression, and tasks triggered by name or through themselves", () => {
  const files = {
    "src/jobs.ts": `import { createJob } from "./lib"; export const clean = createJob("clean", "0 3 * * *", async () => {}); export const report = defineJob({ name: "report", cron: "*/5 * * * *", run: async () => {} }); const not = createJob("x", "every day", () => {});`,
    "src/lib.ts": `export function createJob(name, cron, run) { return { name, cron, run }; }`,
    "src/tasks.ts": `import { schedules, schemaTask, task, tasks } from "@trigger.dev/sdk/v3"; export const mail = task({ id: "mail", run: async () => deliver() }); export const sync = schemaTask({ id: "sync", run: () => pull() }); function deliver() {} function pull() {} schedules.task({ id: "nightly", cron: "0 0 * * *", run: async () => {} });`,
    "src/app.ts": `import express from "express"; import { tasks } from "@trigger.dev/sdk/v3"; import { mail } from "./tasks"; const app = express(); app.post("/mail", () => mail.trigger({})); app.post("/sync", () => tasks.trigger("sync", {}));`,
  };
  assert.deepEqual(activityLines(files), [
    "cron clean src/jobs.ts",
    "cron nightly src/tasks.ts",
    "cron report src/jobs.ts",
    "job mail src/tasks.ts",
    "job sync src/tasks.ts",
  ]);
  assert.deepEqual(reachedIn(files, "src/tasks.ts", "deliver"), ["/mail", "job"]);
  assert.deepEqual(reachedIn(files, "src/tasks.ts", "pull"), ["/sync", "job"]);
});

test("Medusa: subscribers and jobs by their folders, and the steps of a workflow", () => {
  const files = {
    "src/api/store/carts/route.ts": `import { addToCart } from "../../../workflows/add"; export async function POST(req, res) { await addToCart(req.scope).run({ input: req.body }); }`,
    "src/workflows/add.ts": `import { createWorkflow, WorkflowResponse } from "@medusajs/framework/workflows-sdk"; import { saveStep } from "./save"; export const addToCart = createWorkflow("add", (input) => { saveStep(input); return new WorkflowResponse(1); });`,
    "src/workflows/save.ts": `import { createStep } from "@medusajs/framework/workflows-sdk"; export const saveStep = createStep("save", async (input, { container }) => { save(); }, async () => { undo(); }); function save() {} function undo() {} function never() {}`,
    "src/subscribers/placed.ts": `export default async function placed({ event, container }) {} export const config = { event: "order.placed" };`,
    "src/jobs/sync.ts": `export default async function sync(container) {} export const config = { name: "sync", schedule: "0 0 * * *" };`,
  };
  assert.deepEqual(activityLines(files), [
    "consumer order.placed src/subscribers/placed.ts",
    "cron sync src/jobs/sync.ts",
  ]);
  assert.deepEqual(reachedIn(files, "src/workflows/save.ts", "save"), ["/store/carts"]);
  assert.deepEqual(reachedIn(files, "src/workflows/save.ts", "undo"), ["/store/carts"]);
  assert.deepEqual(reachedIn(files, "src/workflows/save.ts", "never"), []);
});

/** Routes and kinds of what reaches a function, sorted. */
function reachedIn(files: Files, path: string, name: string): readonly string[] {
  const { analysis, files: summaries } = workspaceOf(files);
  const file = summaries.get(path)!;
  const f = file.functions.findIndex((it) => it.name === name);
  assert.ok(f >= 0, name);
  return analysis
    .reach({ file, f })
    .chains.map((it) => (it.entry.kind === "endpoint" ? it.entry.route : it.entry.kind))
    .sort();
}
