/** The Serverless Framework: `functions` of serverless.yml or serverless.ts with the events that start them. */
import type { Activity, Endpoint, FrameworkContext, Lookup, Program, Scoped, Span } from "../../engine/index.ts";
import { type Data, dataAt, dataOf, listOf, readData, textOf } from "./_declared.ts";
import { exportsOf } from "./_files.ts";
import { elementsOf } from "./_frames.ts";
import { folderOf, handlerAt, httpTrigger, resolved, type Site, type Trigger, triggered } from "./_lambda.ts";
import { literalAt, routeTexts } from "./_texts.ts";
import { each } from "./_values.ts";

const FILE = /(?:^|\/)serverless[\w.-]*\.(?:ya?ml|json)$/i;
const CODE = /(?:^|\/)serverless[\w.-]*\.[cm]?[jt]s$/i;
/** Events that carry messages. */
const MESSAGES = new Set(
  "sqs sns stream kinesis s3 eventBridge cloudwatchEvent cloudwatchLog iot iotFleetProvisioning alexaSkill alexaSmartHome cognitoUserPool msk kafka activemq rabbitmq websocket".split(
    " ",
  ),
);
const MAX_DEPTH = 6;

export function* serverlessEntries(context: FrameworkContext): Iterable<Activity | Endpoint> {
  const { program, documents } = context;
  for (const path of documents.declarations) if (FILE.test(path)) yield* declared(context, path);
  for (const file of program.files.values()) {
    if (!CODE.test(file.path)) continue;
    const all = exportsOf(program, file);
    const main = all.get("default") ?? all.get("=");
    if (main) yield* written(program, main, folderOf(file.path));
  }
}

// In YAML

function* declared({ program, documents }: FrameworkContext, path: string): Iterable<Activity | Endpoint> {
  const root = readData(documents.text(path));
  const folder = folderOf(path);
  const included = new Map<string, unknown>();
  const include = (file: string): unknown => {
    const at = resolved(folder, file);
    if (at === undefined || !/\.(?:ya?ml|json)$/.test(at)) return undefined;
    if (!included.has(at)) included.set(at, readData(documents.text(at)));
    return included.get(at);
  };
  /** A value with the variable it consists of replaced: `${file(a.yml):b}`, `${self:custom.b}`. */
  const whole = (value: unknown, depth = 0): unknown => {
    if (typeof value !== "string" || depth > MAX_DEPTH) return value;
    const file = /^\$\{file\(([^(){}]{1,300})\)(?::([\w.-]{1,200}))?[^{}]{0,200}\}$/.exec(value);
    if (file) {
      const data = include(file[1]!.trim());
      return whole(file[2] === undefined ? data : dataAt(data, file[2]), depth + 1);
    }
    const self = /^\$\{self:([\w.-]{1,200})(?:,[^{}]{0,200})?\}$/.exec(value);
    return self ? whole(dataAt(root, self[1]!), depth + 1) : value;
  };
  /** A text with the variables in it replaced; what only the deployment knows is nothing. */
  const filled = (text: string): string =>
    text.replace(/\$\{[^{}]{1,300}\}/g, (it) => {
      const value = whole(it);
      const fallback = /,\s*["']([^"']*)["']\s*\}$/.exec(it)?.[1];
      return textOf(value === it ? fallback : value) ?? "";
    });
  const functions = listOf(whole(dataOf(root).functions)).flatMap((it) => Object.values(dataOf(whole(it))));
  for (const value of functions) {
    const fn = dataOf(whole(value));
    const name = textOf(fn.handler);
    const handler = name === undefined ? undefined : handlerAt(program, [folder, ""], filled(name));
    if (!handler) continue;
    const events = listOf(whole(fn.events)).flatMap((it) => listOf(whole(it)));
    for (const trigger of [...events.flatMap((it) => triggersOf(dataOf(it), filled, whole)), ...urlOf(fn)])
      yield* triggered("serverless", handler, trigger);
  }
}

/** What one event of a function says. */
function triggersOf(
  event: Data,
  filled: (text: string) => string = (it) => it,
  whole: (value: unknown) => unknown = (it) => it,
): readonly Trigger[] {
  return Object.entries(event).flatMap(([kind, written]): readonly Trigger[] => {
    const value = whole(written);
    const data = dataOf(value);
    const text = textOf(value);
    if (kind === "http" || kind === "httpApi") {
      if (text !== undefined) return [httpTrigger(filled(text))];
      const path = textOf(data.path);
      return path === undefined
        ? []
        : [{ kind: "http", method: textOf(data.method) ?? "ANY", path: filled(path) || "/" }];
    }
    if (kind === "alb") {
      const conditions = dataOf(data.conditions);
      const methods = listOf(conditions.method).flatMap((it) => textOf(it) ?? []);
      return listOf(conditions.path)
        .flatMap((it) => textOf(it) ?? [])
        .flatMap((path) =>
          (methods.length > 0 ? methods : ["ANY"]).map((method) => ({ kind: "http" as const, method, path })),
        );
    }
    if (kind === "schedule")
      return [
        {
          kind: "cron",
          name:
            text ??
            listOf(data.rate)
              .flatMap((it) => textOf(it) ?? [])
              .join(", "),
        },
      ];
    return MESSAGES.has(kind) ? [{ kind: "consumer", name: `${kind} ${nameOf(kind, text, data)}`.trim() }] : [];
  });
}

function nameOf(kind: string, text: string | undefined, data: Data): string {
  const named =
    text ??
    textOf(data.route) ??
    textOf(data.topicName) ??
    textOf(data.bucket) ??
    textOf(data.queueName) ??
    textOf(data.topic) ??
    textOf(data.arn) ??
    textOf(data.eventBus) ??
    "";
  return kind === "websocket" ? named : named.slice(named.lastIndexOf(":") + 1);
}

function urlOf(fn: Data): readonly Trigger[] {
  return fn.url === true || Object.keys(dataOf(fn.url)).length > 0 ? [{ kind: "http", method: "ANY", path: "/" }] : [];
}

// In TypeScript

function* written(program: Program, main: Scoped, folder: string): Iterable<Activity | Endpoint> {
  const functions = propertyOf(program, main, "functions");
  for (const fn of functions ? membersOf(program, functions, 0) : []) {
    const name = propertyOf(program, fn, "handler");
    const handler = name ? namedHandler(program, name, folder) : undefined;
    if (!handler) continue;
    const events = propertyOf(program, fn, "events");
    for (const event of events ? (elementsOf(program, events) ?? []) : [])
      for (const trigger of triggersOf(dataIn(program, event, 0)))
        yield* triggered("serverless", handler, trigger, siteOf(program, event));
  }
}

function propertyOf(program: Program, at: Scoped, name: string): Scoped | undefined {
  const found: Lookup = program.property(at, name);
  return found.is === "yes" ? found.at : undefined;
}

/** The values of a literal, those spread into it included. */
function* membersOf(program: Program, at: Scoped, depth: number): Iterable<Scoped> {
  for (const of of each(program.at(at))) {
    if (of.k !== "obj" || depth > 4) continue;
    for (const prop of of.value.props) {
      const value: Scoped = { value: prop.value, file: of.file, env: of.env };
      if (prop.name === null) yield* membersOf(program, value, depth + 1);
      else yield value;
    }
  }
}

/** `"src/users.create"`, or `${handlerPath(__dirname)}/handler.main`, which begins at its own file. */
function namedHandler(program: Program, at: Scoped, folder: string): ReturnType<typeof handlerAt> {
  const text = program.text(at);
  if (text !== undefined) return handlerAt(program, [folder, ""], text);
  const { value, file } = at;
  return value.k === "tpl" && value.strings[0] === "" && value.values.length === 1
    ? handlerAt(program, [folderOf(file.path)], value.strings[1]!)
    : undefined;
}

/** A literal as data, as far as it can be read. */
function dataIn(program: Program, at: Scoped, depth: number): Data {
  const found: Record<string, unknown> = {};
  for (const of of each(program.at(at)))
    if (of.k === "obj" && depth < 4)
      for (const prop of of.value.props) {
        if (!prop.name) continue;
        const value: Scoped = { value: prop.value, file: of.file, env: of.env };
        found[prop.name] = routeTexts(program, value)?.[0] ?? dataIn(program, value, depth + 1);
      }
  return found;
}

function siteOf(program: Program, event: Scoped): Site | undefined {
  const of = each(program.at(event))[0];
  if (of?.k !== "obj") return undefined;
  const inner = of.value.props[0];
  const path = inner ? propertyOf(program, { value: inner.value, file: of.file, env: of.env }, "path") : undefined;
  const literal = literalAt(program, path);
  const at: Span = of.value.at;
  return { file: of.file, at, nameAt: literal?.file === of.file ? literal.at : (inner?.at ?? at) };
}
