/** NestJS: controllers under global prefixes, versions and the router module; resolvers, consumers, jobs and timers. */
import {
  type ClassMember,
  type ClassSummary,
  defineFramework,
  type Edge,
  type Endpoint,
  type Entry,
  type FileSummary,
  type FrameworkContext,
  joinRoute,
  type Placed,
  type PlacedClass,
  type PlacedFunction,
  type Program,
  pathKind,
  type Scoped,
  type Span,
} from "../../engine/index.ts";
import { callIndex } from "./_calls.ts";
import { endpoint } from "./_collect.ts";
import { argumentOf, type Decorator, decoratorsOf } from "./_decorators.ts";
import { elementsOf } from "./_frames.ts";
import { graphqlRoute } from "./_graphql.ts";
import { plainRoutes, routeTexts } from "./_texts.ts";
import { each, isTestFile } from "./_values.ts";

const VERBS: Readonly<Record<string, string>> = {
  Get: "GET",
  Post: "POST",
  Put: "PUT",
  Patch: "PATCH",
  Delete: "DELETE",
  Head: "HEAD",
  Options: "OPTIONS",
  All: "ALL",
  Search: "SEARCH",
  Sse: "GET",
};
const TIMERS = new Set(["Cron", "Interval", "Timeout"]);
const CONSUMERS = new Set([
  "MessagePattern",
  "EventPattern",
  "GrpcMethod",
  "GrpcStreamMethod",
  "SubscribeMessage",
  "OnEvent",
  "RabbitSubscribe",
  "RabbitRPC",
  "SqsMessageHandler",
]);
/** Packages that also have a `Controller` decorator. */
const OTHERS = /^(routing-controllers|@tsed\/|@overnightjs\/|inversify|@inversifyjs\/|@loopback\/|tsoa|@tsoa\/)/;
const HOOKS = new Set(["onModuleInit", "onApplicationBootstrap"]);

export default defineFramework({
  name: "nestjs",
  *entries(context) {
    const { program } = context;
    const settings = appSettings(context);
    const modulePrefixes = routerModulePrefixes(program);
    for (const file of program.files.values()) {
      if (file.classes.length === 0 || isTestFile(file) || !usesNest(file)) continue;
      for (let c = 0; c < file.classes.length; c++) {
        const cls = file.classes[c]!;
        const decorators = decoratorsOf(program, cls.decorators, file);
        const controller = decorators.find((it) => it.name === "Controller");
        if (controller && OTHERS.test(controller.specifier) === false)
          yield* controllerEndpoints(program, { file, c }, controller, decorators, settings, modulePrefixes);
        yield* activities(program, { file, c }, decorators);
      }
    }
  },
  edges: (context) => busEdges(context),
});

function usesNest(file: FileSummary): boolean {
  return file.imports.some(
    (it) =>
      it.specifier.startsWith("@nestjs/") ||
      it.specifier.startsWith("@golevelup/") ||
      it.specifier.startsWith("nest") ||
      it.specifier.includes("graphql") ||
      it.specifier.startsWith(".") ||
      it.specifier.startsWith("@"),
  );
}

// What an application sets for all its controllers

interface AppSettings {
  readonly root: string;
  readonly prefix: string;
  readonly excluded: (route: string) => boolean;
  readonly versioning: { readonly prefix: string; readonly fallback: readonly string[] } | undefined;
}

function appSettings({ program }: FrameworkContext): readonly AppSettings[] {
  const { members } = callIndex(program);
  const made = new Map<
    string,
    { prefix: string; excluded: (route: string) => boolean; versioning: AppSettings["versioning"] }
  >();
  const of = (file: FileSummary) => {
    const root = appRoot(file.path);
    let known = made.get(root);
    if (!known) {
      known = { prefix: "", excluded: () => false, versioning: undefined };
      made.set(root, known);
    }
    return known;
  };
  for (const { file, c } of members.get("setGlobalPrefix") ?? []) {
    const [prefix, options] = file.calls[c]!.args;
    const it = of(file);
    it.prefix =
      (prefix
        ? (routeTexts(program, { value: prefix, file }) ?? configured(program, { value: prefix, file }))
        : undefined)?.[0] ?? "";
    const exclude = options ? program.property({ value: options, file }, "exclude") : undefined;
    if (exclude?.is === "yes") it.excluded = exclusion(program, exclude.at);
  }
  for (const { file, c } of members.get("enableVersioning") ?? []) {
    const options = file.calls[c]!.args[0];
    if (!options) continue;
    const type = program.property({ value: options, file }, "type");
    const isUri =
      type.is === "no" ||
      (type.is === "yes" &&
        ((type.at.value.k === "get" && type.at.value.name === "URI") || program.number(type.at) === 0));
    if (!isUri) continue;
    const prefix = program.property({ value: options, file }, "prefix");
    const fallback = program.property({ value: options, file }, "defaultVersion");
    const isBare = prefix.is === "yes" && prefix.at.value.k === "lit" && prefix.at.value.v === false;
    of(file).versioning = {
      prefix: isBare ? "" : ((prefix.is === "yes" ? program.text(prefix.at) : undefined) ?? "v"),
      fallback: (fallback.is === "yes" ? versionsIn(program, fallback.at) : undefined) ?? [],
    };
  }
  return [...made].map(([root, it]) => ({ root, ...it }));
}

/** The folder of the application that a file sets up: what lies above `src`, else its own. */
function appRoot(path: string): string {
  const src = path.lastIndexOf("/src/");
  if (src >= 0) return path.slice(0, src + 1);
  if (path.startsWith("src/")) return "";
  const slash = path.lastIndexOf("/");
  return slash >= 0 ? path.slice(0, slash + 1) : "";
}

function settingsFor(path: string, settings: readonly AppSettings[]): AppSettings | undefined {
  const above = settings.filter((it) => path.startsWith(it.root)).sort((a, b) => b.root.length - a.root.length);
  return above[0] ?? (settings.length === 1 ? settings[0] : undefined);
}

/** `config.get("app.apiPrefix")`: the literal that `registerAs("app", …)` or a configuration function falls back on. */
function configured(program: Program, at: Scoped): readonly string[] | undefined {
  const { value, file } = at;
  const call = value.k === "call" ? file.calls[value.c] : undefined;
  if (call?.callee.k !== "get" || !call.callee.name.startsWith("get") || !call.args[0]) {
    const binding = value.k === "ref" ? file.bindings[value.b] : undefined;
    if (binding?.value?.k === "call") return configured(program, { value: binding.value, file });
    return value.k === "either" ? configured(program, { value: value.a, file }) : undefined;
  }
  const key = program.text({ value: call.args[0], file });
  const [head, ...rest] = key?.split(".") ?? [];
  if (!head) return undefined;
  const read = (fn: PlacedFunction, names: readonly string[]): readonly string[] | undefined => {
    for (const returned of fn.file.functions[fn.f]!.returns) {
      let here: Scoped | undefined = { value: returned, file: fn.file };
      for (const name of names) {
        const found: ReturnType<Program["property"]> | undefined = here ? program.property(here, name) : undefined;
        here = found?.is === "yes" ? found.at : undefined;
      }
      const texts = here ? routeTexts(program, here) : undefined;
      if (texts) return texts;
    }
    return undefined;
  };
  for (const other of program.files.values()) {
    if (!other.imports.some((it) => it.specifier === "@nestjs/config")) continue;
    for (const one of other.calls) {
      if (one.callee.k === "ref" && other.bindings[one.callee.b]?.name === "registerAs" && one.args[0] && one.args[1]) {
        if (program.text({ value: one.args[0], file: other }) !== head) continue;
        for (const it of each(program.origin(one.args[1], other))) if (it.k === "fn") return read(it, rest);
      } else if (one.callee.k === "get" && one.callee.name === "forRoot" && one.args[0]) {
        const load = program.property({ value: one.args[0], file: other }, "load");
        for (const item of load.is === "yes" ? (elementsOf(program, load.at) ?? []) : [])
          for (const it of each(program.at(item))) {
            const found = it.k === "fn" ? read(it, [head, ...rest]) : undefined;
            if (found) return found;
          }
      }
    }
  }
  return undefined;
}

/** Routes that the global prefix leaves alone. */
function exclusion(program: Program, at: Scoped): (route: string) => boolean {
  const patterns = (elementsOf(program, at) ?? []).flatMap((it) => {
    const path = it.value.k === "obj" ? program.property(it, "path") : undefined;
    return routeTexts(program, path ? (path.is === "yes" ? path.at : undefined) : it) ?? [];
  });
  const tests = patterns.map((it) => {
    const trimmed = it.replace(/^\/+|\/+$/g, "");
    const source = trimmed
      .replace(/\{\/\*\w*\}|\/\*\w*$|\/?\(\.\*\)$/g, "\u0000")
      .replace(/:\w+/g, "\u0001")
      .replace(/[.*+?^${}()|[\]\\]/g, "\\$&")
      .replace(/\u0000/g, "(/.*)?")
      .replace(/\u0001/g, "[^/]+");
    return new RegExp(`^${source}$`);
  });
  return (route) => tests.some((it) => it.test(route.replace(/^\/+|\/+$/g, "")));
}

/** Versions as texts; a neutral one is empty. */
function versionsIn(program: Program, at: Scoped | undefined): readonly string[] | undefined {
  if (!at) return undefined;
  const { value, file, env } = at;
  if (value.k === "arr") return value.items.flatMap((it) => versionsIn(program, { value: it, file, env }) ?? []);
  const name = value.k === "ref" ? file.bindings[value.b]?.from?.name : value.k === "get" ? value.name : undefined;
  return name === "VERSION_NEUTRAL" ? [""] : routeTexts(program, at);
}

/** `RouterModule.register([{ path, module, children }])`: prefixes of the controllers of a module. */
function routerModulePrefixes(program: Program): ReadonlyMap<string, string> {
  const prefixes = new Map<string, string>();
  const key = (it: PlacedClass): string => `${it.file.path} ${it.c}`;
  const walk = (list: Scoped, outer: string, depth: number): void => {
    for (const item of depth < 6 ? (elementsOf(program, list) ?? []) : []) {
      const path = program.property(item, "path");
      const prefix = joinRoute(outer, (path.is === "yes" ? routeTexts(program, path.at)?.[0] : undefined) ?? "");
      const module = program.property(item, "module");
      const of = module.is === "yes" ? program.at(module.at) : item.value.k === "ref" ? program.at(item) : undefined;
      if (of?.k === "class") for (const controller of controllersOf(program, of)) prefixes.set(key(controller), prefix);
      const children = program.property(item, "children");
      if (children.is === "yes") walk(children.at, prefix, depth + 1);
    }
  };
  for (const { file, c } of callIndex(program).members.get("register") ?? []) {
    const { callee, args } = file.calls[c]!;
    if (callee.k === "get" && callee.of.k === "ref" && file.bindings[callee.of.b]?.name === "RouterModule" && args[0])
      walk({ value: args[0], file }, "", 0);
  }
  return prefixes;
}

function controllersOf(program: Program, module: PlacedClass): readonly PlacedClass[] {
  const cls = module.file.classes[module.c]!;
  const decorator = decoratorsOf(program, cls.decorators, module.file).find((it) => it.name === "Module");
  const options = decorator ? argumentOf(decorator, 0) : undefined;
  const list = options ? program.property(options, "controllers") : undefined;
  return list?.is === "yes"
    ? (elementsOf(program, list.at) ?? []).flatMap((it) =>
        each(program.at(it)).flatMap((of) => (of.k === "class" ? [of] : [])),
      )
    : [];
}

// Controllers

function* controllerEndpoints(
  program: Program,
  at: PlacedClass,
  controller: Decorator,
  decorators: readonly Decorator[],
  all: readonly AppSettings[],
  modulePrefixes: ReadonlyMap<string, string>,
): Iterable<Endpoint> {
  const settings = settingsFor(at.file.path, all);
  const options = argumentOf(controller, 0);
  const given = options ? program.at(options) : undefined;
  const path = given?.k === "obj" && options ? program.property(options, "path") : undefined;
  const bases = (given?.k === "obj"
    ? path?.is === "yes"
      ? routeTexts(program, path.at)
      : undefined
    : routeTexts(program, options)) ?? [""];
  const versionOption = given?.k === "obj" && options ? program.property(options, "version") : undefined;
  const ownVersion = decorators.find((it) => it.name === "Version");
  const classVersions =
    (ownVersion ? versionsIn(program, argumentOf(ownVersion, 0)) : undefined) ??
    (versionOption?.is === "yes" ? versionsIn(program, versionOption.at) : undefined);
  const modulePrefix = modulePrefixes.get(`${at.file.path} ${at.c}`) ?? "";
  for (const { owner, member } of decoratedMembers(program, at)) {
    const marks = decoratorsOf(program, member.decorators, owner.file);
    for (const mark of marks) {
      const mapping = requestMapping(program, mark);
      if (!mapping || member.fn === undefined) continue;
      const version = marks.find((it) => it.name === "Version");
      const versions = settings?.versioning
        ? ((version ? versionsIn(program, argumentOf(version, 0)) : undefined) ??
          classVersions ??
          settings.versioning.fallback)
        : [];
      const site = placeOf(mark, member, owner.file);
      for (const base of bases)
        for (const own of mapping.paths) {
          const plain = joinRoute(modulePrefix, base, own);
          const prefix = settings && !settings.excluded(plain) ? settings.prefix : "";
          for (const it of versions.length > 0 ? versions : [""])
            for (const route of plainRoutes(
              joinRoute(prefix, it === "" ? "" : `${settings?.versioning?.prefix ?? ""}${it}`, plain),
            ))
              yield endpoint({
                framework: "nestjs",
                method: mapping.method,
                route,
                file: owner.file,
                at: site.at,
                nameAt: site.nameAt,
                handlers: [{ file: owner.file, f: member.fn }],
              });
        }
    }
  }
}

function requestMapping(
  program: Program,
  mark: Decorator,
): { readonly method: string; readonly paths: readonly string[] } | undefined {
  const method = VERBS[mark.name];
  if (
    method &&
    (mark.specifier === "@nestjs/common" ||
      mark.specifier.startsWith("@nestjs") ||
      mark.specifier.startsWith(".") ||
      /rest|route|api/i.test(mark.specifier))
  ) {
    const path = argumentOf(mark, 0);
    return { method, paths: (path && path.value.k !== "obj" ? routeTexts(program, path) : undefined) ?? [""] };
  }
  if (mark.name === "RequestMapping") {
    const options = argumentOf(mark, 0);
    const path = options ? program.property(options, "path") : undefined;
    const verb = options ? program.property(options, "method") : undefined;
    return {
      method: verb?.is === "yes" && verb.at.value.k === "get" ? verb.at.value.name : "GET",
      paths: (path?.is === "yes" ? routeTexts(program, path.at) : undefined) ?? [""],
    };
  }
  // ts-rest and nestjs-zod style contracts say their route elsewhere: nothing to be told here.
  return undefined;
}

/** Members with decorators, those of base classes that are no controllers themselves included. */
function* decoratedMembers(
  program: Program,
  at: PlacedClass,
): Iterable<{ readonly owner: PlacedClass; readonly member: ClassMember }> {
  const seen = new Set<string>();
  let owner: PlacedClass | undefined = at;
  for (let i = 0; owner && i < 6; i++) {
    const file: FileSummary = owner.file;
    const c: number = owner.c;
    const cls: ClassSummary = file.classes[c]!;
    for (const member of cls.members) {
      if (seen.has(member.name)) continue;
      if (member.fn !== undefined || member.decorators.length > 0) seen.add(member.name);
      if (member.decorators.length > 0) yield { owner: { file, c }, member };
    }
    const base: ReturnType<Program["origin"]> | undefined = cls.superClass
      ? program.origin(cls.superClass, file)
      : undefined;
    owner = base?.k === "class" ? base : mixin(base);
  }
}

/** `extends CrudController(Cat)`: the class that the function makes. */
function mixin(base: ReturnType<Program["origin"]> | undefined): PlacedClass | undefined {
  for (const it of base ? each(base) : []) if (it.k === "class") return it;
  return undefined;
}

function placeOf(
  mark: Decorator,
  member: ClassMember,
  file: FileSummary,
): { readonly at: Span; readonly nameAt: Span } {
  const call = mark.site ? mark.site.file.calls[mark.site.c]! : undefined;
  if (!call || mark.site?.file !== file) return { at: member.at, nameAt: member.at };
  const first = call.args[0];
  return { at: call.at, nameAt: first?.k === "lit" && first.at ? first.at : call.nameAt };
}

// Everything else that Nest calls

function* activities(program: Program, at: PlacedClass, decorators: readonly Decorator[]): Iterable<Entry> {
  const { file, c } = at;
  const cls = file.classes[c]!;
  const processor = decorators.find((it) => it.name === "Processor");
  const queue = processor ? queueName(program, processor) : undefined;
  const resolver = decorators.some((it) => it.name === "Resolver");
  const cqrs = decorators.find((it) => /^(CommandHandler|QueryHandler|EventsHandler)$/.test(it.name));
  const command = decorators.find((it) => it.name === "Command" && it.specifier.includes("command"));
  for (const member of cls.members) {
    if (member.fn === undefined) continue;
    const handler = { file, f: member.fn };
    const base = { path: file.path, handlers: [handler] };
    if (HOOKS.has(member.name))
      yield { kind: "startup", framework: "nestjs", name: `${cls.name}.${member.name}`, at: member.at, ...base };
    if (processor && member.name === "process")
      yield { kind: "job", framework: "bullmq", name: queue ?? cls.name, at: member.at, ...base };
    if (command && member.name === "run")
      yield { kind: "cli", framework: "nest-commander", name: cls.name, at: member.at, ...base };
    if (cqrs?.name === "EventsHandler" && member.name === "handle")
      yield { kind: "consumer", framework: "nestjs", name: cls.name, at: member.at, ...base };
    for (const mark of decoratorsOf(program, member.decorators, file)) {
      const site = placeOf(mark, member, file);
      const label = markName(program, mark) ?? member.name;
      if (TIMERS.has(mark.name)) yield { kind: "cron", framework: "nestjs", name: label, at: site.at, ...base };
      else if (mark.name === "Process")
        yield {
          kind: "job",
          framework: "bull",
          name: [queue, markName(program, mark)].filter(Boolean).join("/") || member.name,
          at: site.at,
          ...base,
        };
      else if (CONSUMERS.has(mark.name))
        yield { kind: "consumer", framework: "nestjs", name: label, at: site.at, ...base };
      else if (mark.name === "Command" && mark.specifier.includes("command"))
        yield { kind: "cli", framework: "nestjs", name: label, at: site.at, ...base };
      else if (
        (resolver || mark.specifier.includes("graphql")) &&
        (mark.name === "Query" ||
          mark.name === "Mutation" ||
          mark.name === "Subscription" ||
          mark.name === "ResolveField" ||
          mark.name === "ResolveReference" ||
          mark.name === "FieldResolver")
      ) {
        if (mark.specifier === "@nestjs/common" || mark.specifier === "@nestjs/cqrs") continue;
        yield endpoint({
          framework: "graphql",
          method: "POST",
          route: graphqlRoute(program, file.path),
          file,
          at: site.at,
          nameAt: site.nameAt,
          handlers: [handler],
        });
      }
    }
  }
}

function markName(program: Program, mark: Decorator): string | undefined {
  const first = argumentOf(mark, 0);
  if (!first) return undefined;
  const given = program.at(first);
  if (given.k === "lit" && typeof given.v === "string" && given.v) return given.v;
  if (first.value.k === "get") return first.value.name;
  for (const name of ["name", "cmd", "command", "queue"]) {
    const found = first.value.k === "obj" ? program.property(first, name) : undefined;
    if (found?.is === "yes") return program.text(found.at);
  }
  return undefined;
}

function queueName(program: Program, mark: Decorator): string | undefined {
  return markName(program, mark);
}

/** Buses and queues: from where a command, event or job is handed over to the method that takes it. */
function* busEdges({ program }: FrameworkContext): Iterable<Edge> {
  const handlers = new Map<string, PlacedFunction[]>();
  const jobs = new Map<string, { readonly name: string | undefined; readonly to: PlacedFunction }[]>();
  const events = new Map<string, PlacedFunction[]>();
  const add = <T>(map: Map<string, T[]>, key: string, it: T): void => {
    const known = map.get(key);
    if (known) known.push(it);
    else map.set(key, [it]);
  };
  const queues: { readonly at: PlacedClass; readonly field: string; readonly queue: string }[] = [];
  for (const file of program.files.values()) {
    if (
      file.classes.length === 0 ||
      isTestFile(file) ||
      pathKind(file.path) ||
      !file.imports.some((it) => it.specifier.startsWith("@nestjs/"))
    )
      continue;
    for (let c = 0; c < file.classes.length; c++) {
      const cls = file.classes[c]!;
      const decorators = decoratorsOf(program, cls.decorators, file);
      for (const mark of decorators) {
        if (!/^(CommandHandler|QueryHandler|EventsHandler)$/.test(mark.name)) continue;
        const method = cls.members.find((it) => (it.name === "execute" || it.name === "handle") && it.fn !== undefined);
        for (const arg of mark.call?.args ?? []) {
          const of = program.origin(arg, mark.file, mark.env);
          if (of.k === "class" && method?.fn !== undefined)
            add(handlers, `${of.file.path} ${of.c}`, { file, f: method.fn });
        }
      }
      const processor = decorators.find((it) => it.name === "Processor");
      const queue = processor ? queueName(program, processor) : undefined;
      for (const member of cls.members) {
        if (member.fn === undefined) continue;
        if (queue && member.name === "process") add(jobs, queue, { name: undefined, to: { file, f: member.fn } });
        if (member.decorators.length === 0) continue;
        for (const mark of decoratorsOf(program, member.decorators, file)) {
          if (mark.name === "Process" && queue)
            add(jobs, queue, { name: markName(program, mark), to: { file, f: member.fn } });
          const event = mark.name === "OnEvent" ? markName(program, mark) : undefined;
          if (event) add(events, event, { file, f: member.fn });
        }
      }
      const ctor = cls.ctor !== undefined ? file.functions[cls.ctor] : undefined;
      for (const param of ctor?.params ?? [])
        for (const mark of decoratorsOf(program, param.decorators, file)) {
          const name = mark.name === "InjectQueue" ? markName(program, mark) : undefined;
          if (name) queues.push({ at: { file, c }, field: param.name, queue: name });
        }
    }
  }
  if (handlers.size === 0 && jobs.size === 0 && events.size === 0) return;
  for (const file of program.files.values()) {
    if (isTestFile(file)) continue;
    for (let c = 0; c < file.calls.length; c++) {
      const call = file.calls[c]!;
      if (call.callee.k !== "get") continue;
      const from: PlacedFunction = { file, f: call.fn };
      const placed: Placed = { file, c };
      const { name, of } = call.callee;
      if (handlers.size > 0 && (name === "execute" || name === "publish" || name === "send") && call.args[0]) {
        for (const it of each(program.origin(call.args[0], file)))
          if (it.k === "instance")
            for (const to of handlers.get(`${it.file.path} ${it.c}`) ?? [])
              yield { from, to, kind: name === "publish" ? "async" : "call", call: placed };
      }
      if (events.size > 0 && (name === "emit" || name === "emitAsync") && call.args[0]) {
        const event = program.text({ value: call.args[0], file });
        for (const to of event !== undefined ? (events.get(event) ?? []) : [])
          yield { from, to, kind: "async", call: placed };
      }
      if (jobs.size > 0 && (name === "add" || name === "addBulk") && of.k === "get" && of.of.k === "this") {
        const self = program.origin(of.of, file);
        const queue =
          self.k === "instance"
            ? queues.find((it) => it.field === of.name && it.at.file === self.file && it.at.c === self.c)?.queue
            : undefined;
        const job = call.args[0] ? program.text({ value: call.args[0], file }) : undefined;
        for (const it of queue ? (jobs.get(queue) ?? []) : [])
          if (it.name === undefined || job === undefined || it.name === job)
            yield { from, to: it.to, kind: "async", call: placed };
      }
    }
  }
}
