/** AWS CDK: functions of a stack with the routes, events and rules that lead to them. */
import type {
  Activity,
  Endpoint,
  Env,
  FileSummary,
  FrameworkContext,
  Program,
  Scoped,
  Value,
} from "../../engine/index.ts";
import { callIndex, importedFrom, importedName } from "./_calls.ts";
import { pathIn } from "./_folders.ts";
import { elementsOf, readings } from "./_frames.ts";
import { exportedHandler, folderOf, type Handler, handlerAt, resolved, type Trigger, triggered } from "./_lambda.ts";
import { makingOf } from "./_making.ts";
import { literalAt, routeTexts } from "./_texts.ts";
import { each, isTestFile } from "./_values.ts";

const CDK = /^(?:aws-cdk-lib|@aws-cdk\/|monocdk)/;
/** Members that hand a function over to what calls it. */
const MEMBERS = ["addMethod", "addRoutes", "addEventSource", "addTarget", "addEventNotification", "addSubscription"];
const EXTENSIONS = ["ts", "js", "mts", "mjs", "cts", "cjs"];

export function* cdkEntries({ program, graph }: FrameworkContext): Iterable<Activity | Endpoint> {
  const { packages, members } = callIndex(program);
  if (![...packages].some((it) => CDK.test(it))) return;
  for (const name of MEMBERS)
    for (const at of members.get(name) ?? [])
      for (const { env, site } of readings(program, graph, at, ({ env }) => unread(program, at.file, at.c, env)))
        for (const it of read(program, at.file, at.c, env)) {
          const literal = literalAt(program, it.path);
          const nameAt = literal?.file === site.file ? literal.at : site.nameAt;
          yield* triggered("cdk", it.handler, it.trigger, { file: site.file, at: site.at, nameAt });
        }
  for (const file of program.files.values()) {
    if (isTestFile(file) || !file.imports.some((it) => CDK.test(it.specifier))) continue;
    for (let c = 0; c < file.calls.length; c++) yield* proxied(program, file, c);
  }
}

/** `new LambdaRestApi(this, "api", { handler: fn })`: everything goes to one function, unless `proxy` is off. */
function* proxied(program: Program, file: FileSummary, c: number): Iterable<Activity | Endpoint> {
  const call = file.calls[c]!;
  const options = call.args[2];
  if (call.kind !== "new" || importedName(call.callee, file) !== "LambdaRestApi" || !options) return;
  const proxy = program.property({ value: options, file }, "proxy");
  const handler = proxy.is === "no" ? functionBehind(program, { value: { k: "call", c }, file }, 0) : undefined;
  if (handler)
    yield* triggered(
      "cdk",
      handler,
      { kind: "http", method: "ANY", path: "/{proxy+}" },
      {
        file,
        at: call.at,
        nameAt: call.nameAt,
      },
    );
}

interface Read {
  readonly handler: Handler;
  readonly trigger: Trigger;
  readonly path?: Scoped | undefined;
}

/** Values that hang on parameters: read again under each caller of the project's own helper. */
function unread(program: Program, file: FileSummary, c: number, env: Env | undefined): readonly Value[] {
  const { callee, args } = file.calls[c]!;
  return read(program, file, c, env).length > 0 ? [] : [...(callee.k === "get" ? [callee.of] : []), ...args];
}

function read(program: Program, file: FileSummary, c: number, env: Env | undefined): readonly Read[] {
  const { callee, args } = file.calls[c]!;
  if (callee.k !== "get") return [];
  const at = (value: Value): Scoped => ({ value, file, env });
  const handler = args.map((it) => functionBehind(program, at(it), 0)).find((it) => it !== undefined);
  if (callee.name === "addRoutes") return args[0] ? httpRoutes(program, at(args[0])) : [];
  if (callee.name === "addMethod") {
    const resource = resourceAt(program, at(callee.of), 0);
    const method = args[0] ? program.text(at(args[0])) : undefined;
    // Without an integration of its own a method takes the one of its API.
    const runs = handler ?? (resource && args.length < 2 ? functionBehind(program, resource.api, 0) : undefined);
    return !resource || method === undefined || !runs
      ? []
      : [{ handler: runs, trigger: { kind: "http", method, path: resource.path } }];
  }
  if (!handler) return [];
  // A queue is a source of its own class; buckets, topics and rules are told by the names they are made with.
  const made = makingOf(program, at(callee.name === "addEventSource" ? args[0]! : callee.of));
  const call = made?.file.calls[made.c];
  const id = made && call?.args[1] ? program.text({ value: call.args[1], file: made.file, env: made.env }) : undefined;
  const name = id ?? (made && call ? importedName(call.callee, made.file) : undefined) ?? callee.name;
  const isTimer = callee.name === "addTarget" && made !== undefined && hasSchedule(program, made.file, made.c);
  return [{ handler, trigger: { kind: isTimer ? "cron" : "consumer", name } }];
}

/** `httpApi.addRoutes({ path, methods, integration })`. */
function httpRoutes(program: Program, options: Scoped): readonly Read[] {
  const of = (name: string): Scoped | undefined => {
    const found = program.property(options, name);
    return found.is === "yes" ? found.at : undefined;
  };
  const [path, integration, methods] = [of("path"), of("integration"), of("methods")];
  const handler = integration ? functionBehind(program, integration, 0) : undefined;
  const text = routeTexts(program, path)?.[0];
  if (!handler || text === undefined) return [];
  const names = (methods ? (elementsOf(program, methods) ?? []) : []).flatMap((it) =>
    it.value.k === "get" ? [it.value.name] : (program.text(it) ?? []),
  );
  return (names.length > 0 ? names : ["ANY"]).map((method) => ({
    handler,
    trigger: { kind: "http", method, path: text },
    path,
  }));
}

/** `api.root.addResource("users").addResource("{id}")` to `/users/{id}` of `api`. */
function resourceAt(
  program: Program,
  at: Scoped,
  depth: number,
): { readonly path: string; readonly api: Scoped } | undefined {
  if (depth > 12) return undefined;
  const { value } = at;
  if (value.k === "get" && value.name === "root") return { path: "", api: { ...at, value: value.of } };
  const made = makingOf(program, at);
  const call = made?.file.calls[made.c];
  if (!made || call?.callee.k !== "get") {
    // A name for `api.root`.
    const binding = value.k === "ref" ? at.file.bindings[value.b] : undefined;
    return binding?.value?.k === "get" ? resourceAt(program, { ...at, value: binding.value }, depth + 1) : undefined;
  }
  const own = call.args[0] ? program.text({ value: call.args[0], file: made.file, env: made.env }) : undefined;
  const part =
    call.callee.name === "addProxy"
      ? "{proxy+}"
      : /^(?:addResource|resourceForPath|getResource)$/.test(call.callee.name)
        ? own
        : undefined;
  const outer =
    part === undefined
      ? undefined
      : resourceAt(program, { value: call.callee.of, file: made.file, env: made.env }, depth + 1);
  return outer && { path: `${outer.path}/${part}`, api: outer.api };
}

/** The code of the function that a value is, or that an integration, target or event source is made with. */
function functionBehind(program: Program, at: Scoped, depth: number): Handler | undefined {
  if (depth > 3) return undefined;
  const made = makingOf(program, at);
  const call = made?.file.calls[made.c];
  if (!made || call?.kind !== "new" || !isConstruct(program, call.callee, made.file)) return undefined;
  const options = call.args[2];
  const found = options ? codeOf(program, { value: options, file: made.file, env: made.env }, made.file) : undefined;
  if (found) return found;
  // `new LambdaRestApi(this, "api", { handler: fn })`; an integration is given its function as it is.
  const given = options ? program.property({ value: options, file: made.file, env: made.env }, "handler") : undefined;
  if (given?.is === "yes" && given.at.value.k !== "lit") return functionBehind(program, given.at, depth + 1);
  for (const arg of call.args) {
    if (arg.k === "obj" || arg.k === "lit" || arg.k === "this") continue;
    const found = functionBehind(program, { value: arg, file: made.file, env: made.env }, depth + 1);
    if (found) return found;
  }
  return undefined;
}

/** A class of the library, or the project's own that extends one. */
function isConstruct(program: Program, callee: Value, file: FileSummary): boolean {
  if (CDK.test(importedFrom(program, callee, file) ?? "")) return true;
  return each(program.origin(callee, file)).some((it) => {
    const base = it.k === "class" ? it.file.classes[it.c]?.superClass : undefined;
    return it.k === "class" && base !== undefined && CDK.test(importedFrom(program, base, it.file) ?? "");
  });
}

/** `{ entry, handler }` of a Node.js function, `{ code: Code.fromAsset(folder), handler }` of any. */
function codeOf(program: Program, options: Scoped, file: FileSummary): Handler | undefined {
  const of = (name: string): Scoped | undefined => {
    const found = program.property(options, name);
    return found.is === "yes" ? found.at : undefined;
  };
  const [entry, handler, code] = [of("entry"), of("handler"), of("code")];
  if (!entry && !code) return undefined;
  const name = handler ? program.text(handler) : "handler";
  if (name === undefined) return undefined;
  const path = entry ? pathIn(program, entry) : undefined;
  if (path !== undefined) {
    const found = placed(path, file, (it) => program.files.get(it));
    return found ? exportedHandler(program, found, name.slice(name.lastIndexOf(".") + 1)) : undefined;
  }
  const asset = code?.value.k === "call" ? code.file.calls[code.value.c]?.args[0] : undefined;
  const folder = asset && code ? pathIn(program, { value: asset, file: code.file, env: code.env }) : undefined;
  return folder === undefined ? undefined : placed(folder, file, (it) => handlerAt(program, [it], name));
}

/** What lies at a path, which is the workspace's, or begins at the folder that the stack is run from: one of those above it. */
function placed<T>(path: string, file: FileSummary, at: (path: string) => T | undefined): T | undefined {
  if (path.startsWith("/")) return at(path.slice(1)) ?? withExtension(path.slice(1), at);
  for (let folder = folderOf(file.path); ; folder = folderOf(folder)) {
    const here = resolved(folder, path);
    const found = here === undefined ? undefined : (at(here) ?? withExtension(here, at));
    if (found || folder === "") return found;
  }
}

function withExtension<T>(path: string, at: (path: string) => T | undefined): T | undefined {
  const stem = path.replace(/\.[cm]?[jt]s$/, "");
  for (const it of EXTENSIONS) {
    const found = at(`${stem}.${it}`);
    if (found) return found;
  }
  return undefined;
}

function hasSchedule(program: Program, file: FileSummary, c: number): boolean {
  return file.calls[c]!.args.some(
    (it) => it.k === "obj" && program.property({ value: it, file }, "schedule").is === "yes",
  );
}
