/**
 * Functions that a cloud calls: Firebase and Google Cloud (`onRequest`, `onCall`, triggers), Azure (`app.http`, and
 * `function.json` beside the code). Lambda has a file of its own.
 */
import {
  defineFramework,
  type Entry,
  type FileSummary,
  type FrameworkContext,
  joinRoute,
  type PlacedFunction,
  type Program,
  type Scoped,
  type Value,
} from "../../engine/index.ts";
import { activity, functionsAt, optionAt } from "./_activity.ts";
import { callIndex, importedFrom } from "./_calls.ts";
import { endpoint } from "./_collect.ts";
import { dataAt, dataOf, listOf, readData, textOf } from "./_declared.ts";
import { functionsOf } from "./_handlers.ts";
import { routersOf } from "./_routers.ts";
import { plainRoutes, routeTexts } from "./_texts.ts";
import { isTestFile } from "./_values.ts";

const FIREBASE = "firebase-functions";
const GOOGLE = "@google-cloud/functions-framework";
const AZURE = "@azure/functions";
const VERBS: Readonly<Record<string, string>> = {
  get: "GET",
  post: "POST",
  put: "PUT",
  patch: "PATCH",
  deleteRequest: "DELETE",
};
/** Azure's triggers that are no requests; which option says what they listen to. */
const TRIGGERS: Readonly<Record<string, readonly string[]>> = {
  timer: ["schedule"],
  storageQueue: ["queueName"],
  storageBlob: ["path"],
  serviceBusQueue: ["queueName"],
  serviceBusTopic: ["topicName"],
  eventHub: ["eventHubName"],
  eventGrid: [],
  cosmosDB: ["containerName", "collectionName"],
  warmup: [],
  generic: [],
};

export default defineFramework({
  name: "cloud-functions",
  *entries(context: FrameworkContext): Iterable<Entry> {
    const { program } = context;
    const { packages } = callIndex(program);
    if (packages.has(FIREBASE)) yield* firebase(program);
    if (packages.has(GOOGLE)) yield* google(program);
    if (packages.has(AZURE)) yield* azure(context);
    yield* azureDeclared(context);
  },
});

// Firebase

/** `exports.name = onRequest(…)`, `functions.pubsub.schedule(…).onRun(…)`: the exported name is the function's. */
function* firebase(program: Program): Iterable<Entry> {
  for (const file of program.files.values()) {
    if (isTestFile(file) || !file.imports.some((it) => it.specifier.startsWith(FIREBASE))) continue;
    for (const it of file.exports) {
      if (!("value" in it) || it.name === "default" || it.name === "=") continue;
      const value = it.value.k === "ref" ? file.bindings[it.value.b]?.value : it.value;
      if (value?.k === "call") yield* trigger(program, file, value.c, it.name);
    }
    const whole = file.exports.find((it) => it.name === "=");
    if (whole && "value" in whole && whole.value.k === "obj")
      for (const it of whole.value.props) {
        const value = it.value.k === "ref" ? file.bindings[it.value.b]?.value : it.value;
        if (it.name && value?.k === "call") yield* trigger(program, file, value.c, it.name);
      }
  }
}

function* trigger(program: Program, file: FileSummary, c: number, name: string): Iterable<Entry> {
  const call = file.calls[c]!;
  const path = calleePath(call.callee, file);
  const from = importedFrom(program, path.root, file);
  const on = path.names.at(-1) ?? "";
  if (!from?.startsWith(FIREBASE) || !/^on[A-Z]/.test(on)) return;
  const last = call.args.at(-1);
  if (!last) return;
  const handlers = functionsOf(program, { value: last, file });
  if (on === "onRequest" || on === "onCall" || on === "onCallGenkit") {
    // An application of Express has routes of its own.
    if (handlers.length === 0 || routersOf(program, { value: last, file }).some((it) => it.library !== undefined))
      return;
    yield endpoint({
      framework: "firebase",
      method: on === "onRequest" ? "ALL" : "POST",
      route: `/${name}`,
      file,
      at: call.at,
      nameAt: call.nameAt,
      handlers,
    });
  } else if (handlers.length > 0)
    yield activity(
      on === "onSchedule" || on === "onRun" ? "cron" : "consumer",
      "firebase",
      name,
      file,
      call.at,
      handlers,
    );
}

/** `functions.region("x").https.onCall`: the name it begins with, and the members after it. */
function calleePath(callee: Value, file: FileSummary): { readonly root: Value; readonly names: readonly string[] } {
  const names: string[] = [];
  let at = callee;
  for (let i = 0; i < 20; i++) {
    if (at.k === "get") {
      names.unshift(at.name);
      at = at.of;
    } else if (at.k === "call") at = file.calls[at.c]!.callee;
    else break;
  }
  const binding = at.k === "ref" ? file.bindings[at.b] : undefined;
  return { root: at, names: names.length > 0 ? names : [binding?.from?.name ?? binding?.name ?? ""] };
}

/** `functions.http("name", handler)`. */
function* google(program: Program): Iterable<Entry> {
  const { members, named } = callIndex(program);
  for (const kind of ["http", "cloudEvent", "event"])
    for (const { file, c } of [...(members.get(kind) ?? []), ...(named.get(kind) ?? [])]) {
      const call = file.calls[c]!;
      const [name, handler] = call.args;
      if (!handler || importedFrom(program, calleePath(call.callee, file).root, file) !== GOOGLE) continue;
      const text = name ? program.text({ value: name, file }) : undefined;
      const handlers = functionsOf(program, { value: handler, file });
      if (text === undefined || handlers.length === 0) continue;
      if (kind !== "http") yield activity("consumer", "google-cloud", text, file, call.at, handlers);
      else
        yield endpoint({
          framework: "google-cloud",
          method: "ALL",
          route: `/${text}`,
          file,
          at: call.at,
          nameAt: call.nameAt,
          handlers,
        });
    }
}

// Azure

/** `app.http("name", { methods, route, handler })` and `app.timer(…)`. */
function* azure(context: FrameworkContext): Iterable<Entry> {
  const { program } = context;
  const { members } = callIndex(program);
  const isApp = (file: FileSummary, c: number): boolean => {
    const { callee } = file.calls[c]!;
    return callee.k === "get" && !isTestFile(file) && importedFrom(program, callee.of, file) === AZURE;
  };
  for (const kind of ["http", ...Object.keys(VERBS)])
    for (const { file, c } of members.get(kind) ?? []) {
      if (!isApp(file, c)) continue;
      const call = file.calls[c]!;
      const [name, options] = call.args;
      const text = name ? program.text({ value: name, file }) : undefined;
      const read = (of: string): Scoped | undefined =>
        options?.k === "fn" ? undefined : optionAt(program, options, file, of);
      const given = read("handler");
      const handlers = given
        ? functionsAt(program, given)
        : options
          ? functionsOf(program, { value: options, file })
          : [];
      if (text === undefined || handlers.length === 0) continue;
      const written = read("route");
      const routes = written ? routeTexts(program, written) : [text];
      const said = read("methods");
      const methods = VERBS[kind] ? [VERBS[kind]] : said ? (routeTexts(program, said) ?? []) : ["GET", "POST"];
      const prefix = azurePrefix(context, file.path);
      for (const method of methods)
        for (const route of (routes ?? []).flatMap((it) => azureRoutes(joinRoute(prefix, it))))
          yield endpoint({ framework: "azure", method, route, file, at: call.at, nameAt: call.nameAt, handlers });
    }
  for (const [kind, options] of Object.entries(TRIGGERS))
    for (const { file, c } of members.get(kind) ?? []) {
      if (!isApp(file, c)) continue;
      const call = file.calls[c]!;
      const handlers = functionsAt(program, optionAt(program, call.args[1], file, "handler"));
      const name = call.args[0] ? program.text({ value: call.args[0], file }) : undefined;
      const topic = options.flatMap((it) => {
        const at = optionAt(program, call.args[1], file, it);
        return (at ? program.text(at) : undefined) ?? [];
      })[0];
      if (handlers.length > 0)
        yield activity(kind === "timer" ? "cron" : "consumer", "azure", topic ?? name ?? kind, file, call.at, handlers);
    }
}

/** `function.json`: a folder is a function, its bindings say what calls it. */
function* azureDeclared(context: FrameworkContext): Iterable<Entry> {
  const { program, documents } = context;
  for (const path of documents.declarations) {
    if (!/(^|\/)function\.json$/.test(path)) continue;
    const data = readData(documents.text(path));
    const folder = path.slice(0, -"/function.json".length);
    const name = folder.slice(folder.lastIndexOf("/") + 1);
    const bindings = listOf(dataAt(data, "bindings")).map(dataOf);
    const on = bindings.find((it) => /trigger$/i.test(textOf(it["type"]) ?? ""));
    const handler = on ? azureHandler(program, folder, textOf(dataAt(data, "scriptFile"))) : undefined;
    if (!on || !handler) continue;
    const { file, f } = handler;
    const { at, nameAt } = file.functions[f]!;
    const type = textOf(on["type"])!.toLowerCase();
    if (type !== "httptrigger") {
      const topic = textOf(on["queueName"]) ?? textOf(on["topicName"]) ?? textOf(on["schedule"]) ?? name;
      yield activity(type === "timertrigger" ? "cron" : "consumer", "azure", topic, file, at, [handler]);
      continue;
    }
    const methods = listOf(on["methods"]).flatMap((it) => textOf(it) ?? []);
    const route = joinRoute(azurePrefix(context, path), textOf(on["route"]) ?? name);
    for (const method of methods.length > 0 ? methods : ["ALL"])
      for (const it of azureRoutes(route))
        yield endpoint({ framework: "azure", method, route: it, file, at, nameAt, handlers: [handler] });
  }
}

/** The function that a folder's script exports; the script may be what is built of a source beside the declaration. */
function azureHandler(program: Program, folder: string, script: string | undefined): PlacedFunction | undefined {
  const named = script?.replace(/^(\.\.?\/)+(dist|lib|build|out)\//, "").replace(/\.[cm]?js$/, "");
  const parent = folder.slice(0, folder.lastIndexOf("/") + 1);
  for (const base of [
    `${folder}/index`,
    ...(named ? [`${parent}${named}`, `${parent}src/${named}`, `${folder}/${named}`] : []),
  ])
    for (const end of [".ts", ".js", ".mts", ".cts", ".cjs", ".mjs"]) {
      const file = program.files.get(base + end);
      for (const it of file?.exports ?? []) {
        if (!/^(default|=|run|index)$/.test(it.name) || !("value" in it)) continue;
        const found = functionsOf(program, { value: it.value, file: file! }).at(-1);
        if (found) return found;
      }
    }
  return undefined;
}

/** `api`, unless `host.json` says otherwise. */
function azurePrefix({ documents }: FrameworkContext, path: string): string {
  const above = documents.declarations
    .filter((it) => /(^|\/)host\.json$/.test(it) && path.startsWith(it.slice(0, -"host.json".length)))
    .sort((a, b) => b.length - a.length)[0];
  const data = above ? readData(documents.text(above)) : undefined;
  const said = dataAt(data, "extensions.http.routePrefix") ?? dataAt(data, "http.routePrefix");
  return textOf(said) ?? "api";
}

/** `{id:int?}` is `:id` or nothing. */
function azureRoutes(route: string): readonly string[] {
  return plainRoutes(
    route.replace(/\{(\*?)(\w+)(?::[^{}?]*)?(\??)\}/g, (_, rest, name, may) => `:${name}${rest ? "*" : ""}${may}`),
  );
}
