/** NestJS: controllers under global prefixes, versions and the router module; resolvers, consumers, jobs and timers. */
import {
  type ClassMember,
  type ClassSummary,
  defineFramework,
  type Endpoint,
  type Entry,
  type FileSummary,
  joinRoute,
  type PlacedClass,
  type PlacedFunction,
  type Program,
  type Scoped,
  type Span,
} from "../../engine/index.ts";
import { endpoint } from "./_collect.ts";
import { contractRoute, contractRoutes } from "./_contracts.ts";
import { argumentOf, type Decorator, decoratorsOf } from "./_decorators.ts";
import { elementsOf } from "./_frames.ts";
import { graphqlRoute } from "./_graphql.ts";
import { type AppSettings, appSettings, routerModulePrefixes, versionsIn } from "./_nest-app.ts";
import { busEdges, markName } from "./_nest-edges.ts";
import { globalsIn } from "./_nest-global.ts";
import { type Guards, guardsIn, pipesOf } from "./_nest-guards.ts";
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
/** Listeners to what becomes of a queue's jobs. */
const QUEUE_EVENTS = /^On(?:Worker|Queue|GlobalQueue)\w+$/;
/** Packages that also have a `Controller` decorator. */
const OTHERS = /^(routing-controllers|@tsed\/|@overnightjs\/|inversify|@inversifyjs\/|@loopback\/|tsoa|@tsoa\/)/;
const RESOLVES = new Set(["Query", "Mutation", "Subscription", "ResolveField", "ResolveReference", "FieldResolver"]);
const HOOKS = new Set(["onModuleInit", "onApplicationBootstrap"]);
const SOCKET_HOOKS = new Set(["handleConnection", "handleDisconnect"]);
/** What `@Crud` of @nestjsx/crud and its successors serves; the methods are those of its service. */
const CRUD: readonly (readonly [name: string, method: string, path: string])[] = [
  ["getManyBase", "GET", ""],
  ["getOneBase", "GET", "/:id"],
  ["createOneBase", "POST", ""],
  ["createManyBase", "POST", "/bulk"],
  ["updateOneBase", "PATCH", "/:id"],
  ["replaceOneBase", "PUT", "/:id"],
  ["deleteOneBase", "DELETE", "/:id"],
];

export default defineFramework({
  name: "nestjs",
  *entries(context) {
    const { program } = context;
    const settings = appSettings(context);
    const prefixOf = routerModulePrefixes(program);
    const guards = guardsIn(program);
    const globals = globalsIn(context);
    for (const file of program.files.values()) {
      if (file.classes.length === 0 || isTestFile(file) || !usesNest(file)) continue;
      for (let c = 0; c < file.classes.length; c++) {
        const cls = file.classes[c]!;
        const decorators = decoratorsOf(program, cls.decorators, file);
        const controller = decorators.find((it) => it.name === "Controller");
        if (controller && OTHERS.test(controller.specifier) === false) {
          const at: PlacedClass = { file, c };
          const prefix = prefixOf(at);
          for (const app of settings(at))
            yield* controllerEndpoints({
              program,
              at,
              controller,
              decorators,
              app,
              prefix,
              guards,
              globals: globals(at),
            });
        }
        yield* activities(program, { file, c }, decorators, guards);
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

// Controllers

interface ControllerContext {
  readonly program: Program;
  readonly at: PlacedClass;
  readonly controller: Decorator;
  readonly decorators: readonly Decorator[];
  readonly app: AppSettings;
  /** Of the router module. */
  readonly prefix: string;
  readonly guards: Guards;
  /** What runs before each of the application's routes. */
  readonly globals: (route: string) => readonly PlacedFunction[];
}

function* controllerEndpoints(of: ControllerContext): Iterable<Endpoint> {
  const { program, at, controller, decorators, app, guards, globals } = of;
  const options = argumentOf(controller, 0);
  const given = options ? program.at(options) : undefined;
  const optionAt = (name: string): Scoped | undefined => {
    const found = given?.k === "obj" && options ? program.property(options, name) : undefined;
    return found?.is === "yes" ? found.at : undefined;
  };
  const bases = (given?.k === "obj" ? routeTexts(program, optionAt("path")) : routeTexts(program, options)) ?? [""];
  const ownVersion = decorators.find((it) => it.name === "Version");
  const classVersions =
    (ownVersion ? versionsIn(program, argumentOf(ownVersion, 0)) : undefined) ??
    versionsIn(program, optionAt("version"));
  const before = guards(decorators);
  for (const { owner, member } of decoratedMembers(program, at)) {
    if (member.fn === undefined) continue;
    const marks = decoratorsOf(program, member.decorators, owner.file);
    const version = marks.find((it) => it.name === "Version");
    const versions = app.versioning
      ? ((version ? versionsIn(program, argumentOf(version, 0)) : undefined) ??
        classVersions ??
        app.versioning.fallback)
      : [];
    const proper: PlacedFunction = { file: owner.file, f: member.fn };
    const around = [...before, ...guards(marks), ...pipesOf(program, proper)];
    for (const mark of marks)
      for (const { method, paths, handlers } of requestMappings(program, mark, proper)) {
        const site = placeOf(mark, member, owner.file);
        for (const route of served(of, bases, paths, versions))
          yield endpoint({
            framework: "nestjs",
            method,
            route,
            file: owner.file,
            at: site.at,
            nameAt: site.nameAt,
            handlers: [...globals(route), ...around, ...handlers],
          });
      }
  }
  const crud = decorators.find((it) => it.name === "Crud" && it.specifier.includes("crud"));
  if (crud) yield* crudEndpoints(of, crud, bases, classVersions ?? app.versioning?.fallback ?? []);
}

/** Full routes of a mapping: prefix, version, router module, controller, method. */
function* served(
  { app, prefix }: ControllerContext,
  bases: readonly string[],
  paths: readonly string[],
  versions: readonly string[],
): Iterable<string> {
  for (const base of bases)
    for (const own of paths) {
      const plain = joinRoute(prefix, base, own);
      const outer = app.excluded(plain) ? "" : app.prefix;
      for (const it of versions.length > 0 ? versions : [""])
        yield* plainRoutes(
          joinRoute(outer, it === "" || it.startsWith(":") ? it : `${app.versioning?.prefix ?? ""}${it}`, plain),
        );
    }
}

interface Mapping {
  readonly method: string;
  readonly paths: readonly string[];
  readonly handlers: readonly PlacedFunction[];
}

function requestMappings(program: Program, mark: Decorator, proper: PlacedFunction): readonly Mapping[] {
  const first = argumentOf(mark, 0);
  const handlers = [proper];
  const method = VERBS[mark.name];
  if (
    method &&
    (mark.specifier.startsWith("@nestjs") ||
      mark.specifier.startsWith("@nestia/") ||
      mark.specifier.startsWith(".") ||
      /rest|route|api/i.test(mark.specifier))
  )
    return [
      { method, paths: (first && first.value.k !== "obj" ? routeTexts(program, first) : undefined) ?? [""], handlers },
    ];
  if (mark.name === "RequestMapping") {
    const path = first ? program.property(first, "path") : undefined;
    const verb = first ? program.property(first, "method") : undefined;
    return [
      {
        method: verb?.is === "yes" && verb.at.value.k === "get" ? verb.at.value.name : "GET",
        paths: (path?.is === "yes" ? routeTexts(program, path.at) : undefined) ?? [""],
        handlers,
      },
    ];
  }
  // A contract says the route: one, or a whole of which the method returns the handlers.
  if (!mark.specifier.startsWith("@ts-rest/") || !first || !/^TsRest(?:Handler)?$/.test(mark.name)) return [];
  const single = contractRoute(program, first);
  if (single) return [{ method: single.method, paths: [single.route], handlers }];
  return proper.file.functions[proper.f]!.returns.flatMap((returned): readonly Mapping[] => {
    const call = returned.k === "call" ? proper.file.calls[returned.c] : undefined;
    const table = call?.args[1];
    return table
      ? [...contractRoutes(program, first, { value: table, file: proper.file })].map((it) => ({
          method: it.method,
          paths: [it.route],
          handlers: [...it.handlers],
        }))
      : [];
  });
}

function* crudEndpoints(
  of: ControllerContext,
  crud: Decorator,
  bases: readonly string[],
  versions: readonly string[],
): Iterable<Endpoint> {
  const { program, at } = of;
  const options = argumentOf(crud, 0);
  const routes = options ? program.property(options, "routes") : undefined;
  const listed = (name: string): readonly string[] | undefined => {
    const found = routes?.is === "yes" ? program.property(routes.at, name) : undefined;
    return found?.is === "yes" ? elementsOf(program, found.at)?.flatMap((it) => program.text(it) ?? []) : undefined;
  };
  const [only, exclude] = [listed("only"), listed("exclude")];
  const overridden = new Map<string, PlacedFunction>();
  for (const { owner, member } of decoratedMembers(program, at)) {
    const mark = decoratorsOf(program, member.decorators, owner.file).find((it) => it.name === "Override");
    if (!mark || member.fn === undefined) continue;
    const first = argumentOf(mark, 0);
    const name = (first ? program.text(first) : undefined) ?? `${member.name}Base`;
    overridden.set(name, { file: owner.file, f: member.fn });
  }
  const call = crud.site && crud.site.file === at.file ? at.file.calls[crud.site.c]! : undefined;
  const cls = at.file.classes[at.c]!;
  for (const [name, method, path] of CRUD) {
    if ((only && !only.includes(name)) || exclude?.includes(name)) continue;
    const own = overridden.get(name);
    for (const route of served(of, bases, [path], versions))
      yield endpoint({
        framework: "nestjs",
        method,
        route,
        file: at.file,
        at: call?.at ?? cls.at,
        nameAt: call?.nameAt ?? cls.nameAt,
        handlers: own ? [own] : [],
      });
  }
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

function* activities(
  program: Program,
  at: PlacedClass,
  decorators: readonly Decorator[],
  guards: Guards,
): Iterable<Entry> {
  const { file, c } = at;
  const cls = file.classes[c]!;
  const processor = decorators.find((it) => it.name === "Processor");
  const queue = processor ? markName(program, processor) : undefined;
  const isResolver = decorators.some((it) => it.name === "Resolver");
  const isGateway = decorators.some((it) => it.name === "WebSocketGateway");
  const cqrs = decorators.find((it) => /^(CommandHandler|QueryHandler|EventsHandler)$/.test(it.name));
  const command = decorators.find((it) => it.name === "Command" && it.specifier.includes("command"));
  const before = guards(decorators);
  const inherited = (name: string): PlacedFunction | undefined => {
    const found = program.member({ k: "instance", file, c }, name);
    return found.k === "fn" ? { file: found.file, f: found.f } : undefined;
  };
  const whole = processor ? inherited("process") : command ? inherited("run") : undefined;
  if (whole)
    yield {
      ...(processor
        ? { kind: "job" as const, framework: "bullmq", name: queue ?? cls.name }
        : { kind: "cli" as const, framework: "nest-commander", name: cls.name }),
      path: file.path,
      at: cls.nameAt,
      handlers: [whole],
    };
  for (const member of cls.members) {
    if (member.fn === undefined) continue;
    const base = { framework: "nestjs", path: file.path, at: member.at, handlers: [{ file, f: member.fn }] };
    if (HOOKS.has(member.name)) yield { kind: "startup", name: `${cls.name}.${member.name}`, ...base };
    if (isGateway && SOCKET_HOOKS.has(member.name)) yield { kind: "consumer", name: member.name, ...base };
    if (cqrs?.name === "EventsHandler" && member.name === "handle") yield { kind: "consumer", name: cls.name, ...base };
  }
  for (const { owner, member } of decoratedMembers(program, at)) {
    const handler: PlacedFunction | undefined =
      member.fn !== undefined ? { file: owner.file, f: member.fn } : undefined;
    const marks = decoratorsOf(program, member.decorators, owner.file);
    for (const mark of marks) {
      const site = placeOf(mark, member, owner.file);
      const label = markName(program, mark) ?? member.name;
      if (mark.name === "Saga" && mark.specifier === "@nestjs/cqrs") {
        const handlers = handler ? [handler] : [];
        yield {
          kind: "consumer",
          framework: "nestjs",
          name: member.name,
          path: owner.file.path,
          at: site.at,
          handlers,
        };
      }
      if (!handler) continue;
      const base = { path: owner.file.path, at: site.at, handlers: [handler] };
      if (TIMERS.has(mark.name)) yield { kind: "cron", framework: "nestjs", name: label, ...base };
      else if (mark.name === "Process") {
        const own = markName(program, mark);
        yield { kind: "job", framework: "bull", name: [queue, own].filter(Boolean).join("/") || member.name, ...base };
      } else if (QUEUE_EVENTS.test(mark.name) && mark.specifier.startsWith("@nestjs/"))
        yield { kind: "job", framework: "bullmq", name: [queue, label].filter(Boolean).join("/"), ...base };
      else if (CONSUMERS.has(mark.name)) yield { kind: "consumer", framework: "nestjs", name: label, ...base };
      else if (mark.name === "Command" && mark.specifier.includes("command"))
        yield { kind: "cli", framework: "nestjs", name: label, ...base };
      else if (
        (isResolver || mark.specifier.includes("graphql")) &&
        RESOLVES.has(mark.name) &&
        mark.specifier !== "@nestjs/common" &&
        mark.specifier !== "@nestjs/cqrs"
      )
        yield endpoint({
          framework: "graphql",
          method: "POST",
          route: graphqlRoute(program, file.path),
          file: owner.file,
          at: site.at,
          nameAt: site.nameAt,
          handlers: [...before, ...guards(marks), handler],
        });
    }
  }
}
