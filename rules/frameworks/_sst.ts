/** SST: routes, subscribers and timers of constructs, in `sst.config.ts` and the stacks beside it; versions 2 and 3. */
import type { Activity, Endpoint, FileSummary, FrameworkContext, Program, Scoped, Value } from "../../engine/index.ts";
import { importedFrom } from "./_calls.ts";
import { folderOf, type Handler, handlerAt, httpTrigger, type Site, type Trigger, triggered } from "./_lambda.ts";
import { makingOf } from "./_making.ts";
import { literalAt } from "./_texts.ts";
import { each, isTestFile } from "./_values.ts";

const V2 = /^(?:sst|@serverless-stack\/resources)$/;
const V2_IMPORT = /^(?:sst\/constructs|@serverless-stack\/resources)$/;
/** Properties under which a construct's options keep what runs. */
const RUNS = ["handler", "function", "job", "consumer"];
const MAX_DEPTH = 5;

export function* sstEntries({ program, documents }: FrameworkContext): Iterable<Activity | Endpoint> {
  for (const file of program.files.values()) {
    if (isTestFile(file)) continue;
    const isV2 = file.imports.some((it) => V2_IMPORT.test(it.specifier));
    if (!isV2 && !file.calls.some((it) => isSstGlobal(it.callee) || isMember(it.callee))) continue;
    const root = appRoot(program, (it) => documents.text(it) !== undefined, file.path);
    if (root === undefined) continue;
    for (let c = 0; c < file.calls.length; c++) yield* declaredBy(program, file, c, root);
  }
}

/** `new sst.aws.Queue(…)`: the global of version 3. */
function isSstGlobal(value: Value): boolean {
  let at = value;
  for (let i = 0; i < 4 && at.k === "get"; i++) at = at.of;
  return at.k === "global" && at.name === "sst" && value.k === "get";
}

function isMember(value: Value): boolean {
  return value.k === "get" && /^(?:route|subscribe|notify)$/.test(value.name);
}

/** The folder that handlers are named from: where sst.config.ts lies. */
function appRoot(program: Program, exists: (path: string) => boolean, path: string): string | undefined {
  for (let at = folderOf(path); ; at = folderOf(at)) {
    const base = at === "" ? "" : `${at}/`;
    if (["ts", "js", "mjs"].some((it) => program.files.has(`${base}sst.config.${it}`)) || exists(`${base}sst.json`))
      return at;
    if (at === "") return undefined;
  }
}

function* declaredBy(program: Program, file: FileSummary, c: number, root: string): Iterable<Activity | Endpoint> {
  const call = file.calls[c]!;
  const { callee, args } = call;
  const at = (value: Value | undefined): Scoped | undefined => value && { value, file };
  const site = (path?: Scoped): Site => {
    const literal = literalAt(program, path);
    return { file, at: call.at, nameAt: literal?.file === file ? literal.at : call.nameAt };
  };
  const emit = function* (handler: Handler, trigger: Trigger, path?: Scoped): Iterable<Activity | Endpoint> {
    yield* triggered("sst", handler, trigger, site(path));
  };
  const construct = constructOf(program, { value: { k: "call", c }, file });
  if (call.kind === "new" && construct) {
    const options = at(args[construct.isV2 ? 2 : 1]);
    if (!options) return;
    if (/^(?:Function|Worker)$/.test(construct.type)) {
      const url = program.property(options, "url");
      if (url.is === "yes" && !(url.at.value.k === "lit" && !url.at.value.v))
        // What is not told apart by code runs whatever the address; a handler that is no function of ours tells nothing.
        for (const it of handlersIn(program, options, root, 0))
          if (it.functions.length > 0) yield* emit(it, { kind: "http", method: "ANY", path: "/" });
      return;
    }
    if (/^Cron/.test(construct.type)) {
      const schedule = program.property(options, "schedule");
      const name = (schedule.is === "yes" ? program.text(schedule.at) : undefined) ?? construct.name ?? "cron";
      for (const it of handlersIn(program, options, root, 0)) yield* emit(it, { kind: "cron", name });
      return;
    }
    if (!construct.isV2) return;
    const routes = propertyOf(program, options, "routes");
    if (routes) yield* routesIn(program, routes, root, construct.type, emit);
    for (const name of ["consumer", "consumers", "subscribers", "notifications", "rules"]) {
      const inside = propertyOf(program, options, name);
      for (const it of inside ? handlersIn(program, inside, root, 0) : [])
        yield* emit(it, { kind: "consumer", name: named(construct) });
    }
    return;
  }
  if (callee.k !== "get") return;
  const receiver = constructOf(program, { value: callee.of, file });
  if (!receiver) return;
  if (receiver.isV2) {
    if (callee.name === "addRoutes" && args[1])
      yield* routesIn(program, { value: args[1], file }, root, receiver.type, emit);
    else if (/^add(?:Consumers?|Subscribers|Notifications|Rules)$/.test(callee.name) && args[1])
      for (const it of handlersIn(program, { value: args[1], file }, root, 0))
        yield* emit(it, { kind: "consumer", name: named(receiver) });
    return;
  }
  if (callee.name === "route") {
    const text = args[0] ? program.text({ value: args[0], file }) : undefined;
    for (const it of text !== undefined && args[1] ? handlersIn(program, { value: args[1], file }, root, 0) : [])
      yield* emit(it, routeTrigger(receiver.type, text!), at(args[0]));
  } else if (callee.name === "subscribe" || callee.name === "notify")
    for (const arg of args)
      for (const it of handlersIn(program, { value: arg, file }, root, 0))
        yield* emit(it, { kind: "consumer", name: named(receiver) });
}

/** Version 2: `{ "GET /notes": "packages/functions/src/list.main" }`. */
function* routesIn(
  program: Program,
  routes: Scoped,
  root: string,
  type: string,
  emit: (handler: Handler, trigger: Trigger, path?: Scoped) => Iterable<Activity | Endpoint>,
): Iterable<Activity | Endpoint> {
  for (const of of each(program.at(routes)))
    if (of.k === "obj")
      for (const prop of of.value.props) {
        if (!prop.name) continue;
        const path: Scoped = { value: { k: "lit", v: prop.name, at: prop.at }, file: of.file };
        for (const it of handlersIn(program, { value: prop.value, file: of.file, env: of.env }, root, 0))
          yield* emit(it, routeTrigger(type, prop.name), path);
      }
}

function routeTrigger(type: string, route: string): Trigger {
  return /WebSocket/.test(type) ? { kind: "consumer", name: `websocket ${route}` } : httpTrigger(route);
}

interface Construct {
  readonly type: string;
  readonly name: string | undefined;
  readonly isV2: boolean;
}

function named(it: Construct): string {
  return [it.type, it.name].filter(Boolean).join(" ");
}

/** The construct that a value is, by the call that makes it. */
function constructOf(program: Program, at: Scoped): Construct | undefined {
  const made = at.value.k === "call" ? { file: at.file, c: at.value.c } : makingOf(program, at);
  const call = made?.file.calls[made.c];
  if (!made || call?.kind !== "new") return undefined;
  const { callee } = call;
  const isV2 = !isSstGlobal(callee);
  if (isV2 && !V2.test(importedFrom(program, callee, made.file) ?? "")) return undefined;
  const type =
    callee.k === "get" ? callee.name : callee.k === "ref" ? made.file.bindings[callee.b]?.from?.name : undefined;
  const name = call.args[isV2 ? 1 : 0];
  return type === undefined
    ? undefined
    : { type, name: name ? program.text({ value: name, file: made.file }) : undefined, isV2 };
}

/** The functions that a text, options or another construct name. */
function handlersIn(program: Program, at: Scoped, root: string, depth: number): readonly Handler[] {
  if (depth > MAX_DEPTH) return [];
  const text = program.text(at);
  if (text !== undefined) {
    const below = (it: string): string => (root === "" ? it : `${root}/${it}`);
    const found = handlerAt(program, [root, ...["services", "backend", "src"].map(below)], text);
    return found ? [found] : [];
  }
  const made = at.value.k === "obj" ? undefined : makingOf(program, at);
  const call = made?.file.calls[made.c];
  const construct = made ? constructOf(program, { value: { k: "call", c: made.c }, file: made.file }) : undefined;
  if (made && call && construct) {
    const options = call.args[construct.isV2 ? 2 : 1];
    return options ? handlersIn(program, { value: options, file: made.file }, root, depth + 1) : [];
  }
  return each(program.at(at)).flatMap((of) => {
    if (of.k === "arr") return of.items.flatMap((it) => handlersIn(program, it, root, depth + 1));
    if (of.k !== "obj") return [];
    const direct = RUNS.flatMap(
      (name) => propertyOf(program, { value: of.value, file: of.file, env: of.env }, name) ?? [],
    );
    const inner = direct.length > 0 ? direct : nested(of.value, of.file);
    return inner.flatMap((it) => handlersIn(program, it, root, depth + 1));
  });
}

/** `{ subscriber1: "…" }`, `{ notifications: [{ function: "…" }] }`, `{ targets: { one: "…" } }`. */
function nested(value: Value & { readonly k: "obj" }, file: FileSummary): readonly Scoped[] {
  return value.props.flatMap((it) =>
    it.name && !/^(?:environment|env|bind|link|permissions|events|filters?|pattern|transform)$/.test(it.name)
      ? [{ value: it.value, file }]
      : [],
  );
}

function propertyOf(program: Program, at: Scoped, name: string): Scoped | undefined {
  const found = program.property(at, name);
  return found.is === "yes" ? found.at : undefined;
}
