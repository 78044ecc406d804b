/** The common course of frameworks that register routes by calls: collect the calls, read them, join the prefixes. */
import {
  type CallGraph,
  type Endpoint,
  type Env,
  type FileSummary,
  type FrameworkContext,
  joinRoute,
  type Placed,
  type PlacedFunction,
  type Program,
  type Scoped,
  type Span,
  type Value,
} from "../../engine/index.ts";
import { callIndex, HTTP_METHODS } from "./_calls.ts";
import { closerReadings, frameOf, isMade, type Reading, readings } from "./_frames.ts";
import { functionsOf } from "./_handlers.ts";
import { type Befores, createBefores, type SaidBefore } from "./_middleware.ts";
import { createMounts, type Mounts, type Router, routersOf } from "./_routers.ts";
import { isOpen, isOpenText, literalAt, pathTexts, routesUnder, routeTexts, saysPath, toldRoute } from "./_texts.ts";
import { each } from "./_values.ts";

/** What one reading of a call says. */
export interface Said {
  readonly routes?: readonly SaidRoute[];
  readonly mounts?: readonly { readonly parent: Router; readonly child: Router; readonly prefix: string }[];
  /** Functions that run before the routes of a router. */
  readonly befores?: readonly Omit<SaidBefore, "at">[];
  /** Values that could not be read; the call is read again under its callers where they hang on parameters. */
  readonly missing?: readonly Value[];
}

export interface SaidRoute {
  readonly router: Router;
  readonly methods: readonly string[];
  readonly paths: readonly string[];
  /** The path as written, to point at. */
  readonly written?: Scoped | undefined;
  readonly handlers: readonly PlacedFunction[];
  readonly within?: Span;
  /** The handler proper is none of our functions. */
  readonly isElsewhere?: boolean;
  /** What declares it where that is no call: a row that says method, path and handler. */
  readonly declared?: { readonly file: FileSummary; readonly at: Span } | undefined;
}

export interface CallInterpreter {
  readonly framework: string;
  /** Library whose routers these are. */
  readonly library: string;
  /** Members that register or mount. */
  readonly names: ReadonlySet<string>;
  /** Reads one call under one frame; `name` is the member called. */
  readonly interpret: (at: {
    readonly program: Program;
    readonly file: FileSummary;
    readonly c: number;
    readonly env: Env | undefined;
    readonly name: string;
    readonly receiver: Value;
    readonly mounts: Mounts;
  }) => Said;
  /** More mounts, before prefixes are asked for. */
  readonly prepare?: (context: FrameworkContext, mounts: Mounts) => void;
  /** Names of parameters that stand for a router where an exported function is handed to the framework by other means. */
  readonly parameters?: ReadonlySet<string>;
  /** Packages without which nothing is this framework's. */
  readonly packages?: RegExp;
  /** Whether a router that nobody is known to hand over is this framework's by the shape of what surrounds it. */
  readonly claims?: (router: Router) => boolean;
  /** Whether what runs before routes runs before those alone that are registered after it; the default. */
  readonly hasOrder?: boolean;
  /** Other libraries' routers that count as this one's. */
  readonly also?: readonly string[];
}

export interface Collected {
  readonly endpoints: readonly Endpoint[];
  readonly mounts: Mounts;
}

const collected = new WeakMap<CallGraph, Map<string, Collected>>();

/** Runs an interpreter over the workspace; once, however many frameworks ask. */
export function collect(context: FrameworkContext, of: CallInterpreter): Collected {
  let known = collected.get(context.graph);
  if (!known) collected.set(context.graph, (known = new Map()));
  const before = known.get(of.framework);
  if (before) return before;
  const found = collectAnew(context, of);
  known.set(of.framework, found);
  return found;
}

function collectAnew(context: FrameworkContext, of: CallInterpreter): Collected {
  const { program, graph } = context;
  const mounts = createMounts(
    program,
    graph,
    (it) => (of.parameters !== undefined && isHandedOver(it, of.parameters)) || of.claims?.(it) === true,
  );
  const libraries = new Set([of.library, ...(of.also ?? [])]);
  const befores = createBefores(mounts, of.hasOrder !== false);
  const routes: { readonly route: SaidRoute; readonly reading: Reading }[] = [];
  const { members, computed, packages } = callIndex(program);
  const isUsed =
    of.claims !== undefined ||
    [...libraries].some((it) => graph.libraryCalls(it).length > 0) ||
    (of.packages !== undefined && [...packages].some((it) => of.packages!.test(it)));
  if (!isUsed) return { endpoints: [], mounts };
  of.prepare?.(context, mounts);
  const read = (at: Placed): void => {
    const call = at.file.calls[at.c]!;
    const { callee } = call;
    if (callee.k !== "get" && callee.k !== "at") return;
    if (!mayBe(program, at, libraries)) return;
    const nameOf = (env: Env | undefined): string | undefined =>
      callee.k === "get" ? callee.name : program.text({ value: callee.key, file: at.file, env })?.toLowerCase();
    const interpret = (env: Env | undefined): Said => {
      const name = nameOf(env);
      if (name === undefined) return { missing: callee.k === "at" ? [callee.key] : [] };
      if (!of.names.has(name)) return {};
      return of.interpret({ program, file: at.file, c: at.c, env, name, receiver: callee.of, mounts });
    };
    const missing = ({ env }: Reading): readonly Value[] => {
      const said = interpret(env);
      const paths = (said.routes ?? []).flatMap(({ written }) =>
        written?.file === at.file && isOpenText(program, written) ? [written.value] : [],
      );
      return [...(said.missing ?? []), ...paths];
    };
    for (const reading of readings(program, graph, at, missing)) {
      if (!isMade(program, reading)) continue;
      const said = interpret(reading.env);
      for (const it of said.mounts ?? []) mounts.mount(it.parent, it.child, it.prefix, at);
      for (const it of said.befores ?? []) befores.add({ ...it, at });
      for (const route of said.routes ?? []) {
        // A helper that nobody calls registers nothing: a part of its path is missing.
        const { written } = route;
        if (written?.file === at.file && isOpenText(program, written) && !saysPath(program, written)) continue;
        mounts.note(route.router);
        routes.push({ route: { ...route, handlers: withGiven(program, route.handlers, reading) }, reading });
      }
    }
  };
  for (const name of of.names) for (const at of members.get(name) ?? []) read(at);
  for (const at of computed) read(at);
  const endpoints = routes.flatMap(({ route, reading }) =>
    [...libraries].some((it) => mounts.isOf(route.router, it))
      ? endpointsOf({ framework: of.framework, program, mounts, befores, route, reading })
      : [],
  );
  return { endpoints, mounts };
}

/** A parameter named as routers are, or such a member of one (`({ app }) => …`), of a function that its file exports. */
function isHandedOver(it: Router, names: ReadonlySet<string>): boolean {
  const [member, ...deeper] = it.path ?? [];
  const name = member ?? it.file.functions[it.id]?.params[it.index ?? 0]?.name;
  if (deeper.length > 0 || name === undefined || !(names.has(name) || [...names].some((it) => isNamedAfter(name, it))))
    return false;
  // A client is called `api` as well.
  if (member === "api") return false;
  return it.file.exports.some((one) => {
    if (!("value" in one)) return false;
    const value = one.value.k === "ref" ? it.file.bindings[one.value.b]?.value : one.value;
    return value?.k === "fn"
      ? value.f === it.id
      : value?.k === "obj" && value.props.some((prop) => prop.value.k === "fn" && prop.value.f === it.id);
  });
}

/** `webRouter`, `expressApp`. */
function isNamedAfter(name: string, kind: string): boolean {
  return kind !== "api" && name.endsWith(kind.charAt(0).toUpperCase() + kind.slice(1));
}

/**
 * A wrapper's own closure runs the function that was handed to the wrapper: `route(method, path, handler)` registering
 * `(req, res) => handler(req)`. What the outermost call gave comes last, as the handler proper.
 */
export function withGiven(
  program: Program,
  handlers: readonly PlacedFunction[],
  reading: Reading,
): readonly PlacedFunction[] {
  const { env } = reading;
  if (!env) return handlers;
  const inner = handlers.flatMap((it) => calledParameters(program, it, env));
  if (inner.length === 0) return handlers;
  let outermost = env;
  while (outermost.outer) outermost = outermost.outer;
  const given = outermost.args.flatMap((it) => functionsOf(program, { value: it, file: outermost.argsFile }));
  const isGiven = (it: PlacedFunction): boolean => given.some((one) => one.file === it.file && one.f === it.f);
  return [...handlers, ...inner.filter((it) => !isGiven(it)), ...inner.filter(isGiven)];
}

/** Functions that a closure calls, or passes on, by a parameter of the function around it, as bound in a frame. */
function calledParameters(program: Program, of: PlacedFunction, env: Env): readonly PlacedFunction[] {
  const { file } = of;
  return file.calls.flatMap((call) =>
    isInside(file, call.fn, of.f)
      ? [call.callee, ...call.args].flatMap((value) => {
          const binding = value.k === "ref" ? file.bindings[value.b] : undefined;
          if (binding?.kind !== "param" || isInside(file, binding.fn, of.f)) return [];
          const frame = frameOf(env, file, binding.fn);
          const arg = frame?.args[binding.param ?? 0];
          return frame && arg ? functionsOf(program, { value: arg, file: frame.argsFile, env: frame.argsEnv }) : [];
        })
      : [],
  );
}

function isInside(file: FileSummary, f: number, outer: number): boolean {
  for (let i = f; i >= 0; i = file.functions[i]!.parent) if (i === outer) return true;
  return false;
}

function endpointsOf(of: {
  readonly framework: string;
  readonly program: Program;
  readonly mounts: Mounts;
  readonly befores: Befores;
  readonly route: SaidRoute;
  readonly reading: Reading;
}): readonly Endpoint[] {
  const { framework, program, mounts, befores, route, reading } = of;
  const literal = literalAt(program, route.written);
  const site = siteOf(program, route, reading);
  const isTable = site.isTable && literal !== undefined;
  const { file, at } = route.declared ?? (isTable ? literal : site);
  const isInside = literal?.file === file && literal.at[0] >= at[0] && literal.at[1] <= at[1];
  const nameAt = isInside ? literal.at : route.declared ? at : site.nameAt;
  return mounts
    .prefixes(route.router)
    .flatMap((prefix) => route.paths.flatMap((path) => routesUnder(prefix, path)))
    .flatMap((it) =>
      route.methods.map(
        (method): Endpoint =>
          endpoint({
            framework,
            method,
            route: it,
            file,
            at,
            nameAt,
            handlers: withBefores(befores.of(route.router, reading, it), route.handlers),
            within: route.within,
            isElsewhere: route.isElsewhere || route.handlers.length === 0,
          }),
      ),
    );
}

function withBefores(
  before: readonly PlacedFunction[],
  handlers: readonly PlacedFunction[],
): readonly PlacedFunction[] {
  const fresh = before.filter((it) => !handlers.some((one) => one.file === it.file && one.f === it.f));
  return fresh.length > 0 ? [...fresh, ...handlers] : handlers;
}

/** Where a route is registered: at the call itself, or at the caller or row that first says its path. */
function siteOf(program: Program, { written }: SaidRoute, reading: Reading): Reading["site"] {
  if (!written || written.file !== reading.file) return reading.site;
  for (const { env, site } of closerReadings(program, reading)) {
    const alone: Scoped = { value: written.value, file: written.file, env };
    if (saysPath(program, alone)) return site;
  }
  return reading.site;
}

/** One endpoint as plain data. */
export function endpoint(of: {
  readonly framework: string;
  readonly method: string;
  readonly route: string;
  readonly file: FileSummary;
  readonly at: Span;
  readonly nameAt: Span;
  readonly handlers: readonly PlacedFunction[];
  readonly within?: Span | undefined;
  readonly isElsewhere?: boolean | undefined;
}): Endpoint {
  return {
    kind: "endpoint",
    framework: of.framework,
    method: of.method.toUpperCase(),
    route: toldRoute(of.route),
    path: of.file.path,
    at: of.at,
    nameAt: of.nameAt,
    handlers: of.handlers,
    ...(of.within ? { within: of.within } : {}),
    ...(of.isElsewhere ? { isElsewhere: true } : {}),
  };
}

/** A call may register where its callee is one of the libraries' members, a parameter's, or one computed on such. */
function mayBe(program: Program, at: Placed, libraries: ReadonlySet<string>): boolean {
  const { callee } = at.file.calls[at.c]!;
  const fits = (value: Value): boolean =>
    each(program.origin(value, at.file)).some(
      (it) => ((it.k === "lib" || it.k === "method") && libraries.has(it.library.name)) || it.k === "param",
    );
  if (callee.k !== "at" && callee.k !== "get") return false;
  if (fits(callee.of) || (callee.k === "get" && fits(callee))) return true;
  // `app.route("/x").get(…)` on an application that came in by a parameter.
  let root: Value = callee.of;
  for (let i = 0; i < 20 && (root.k === "call" || root.k === "get"); i++)
    root = root.k === "get" ? root.of : at.file.calls[root.c]!.callee;
  if (root.k !== "ref") return false;
  if (root !== callee.of && each(program.origin(root, at.file)).some((it) => it.k === "param")) return true;
  // `const app = withDefaults(given); app.get(…)`: a project's function that hands the router back.
  const binding = at.file.bindings[root.b];
  if (binding?.kind !== "const" || binding.value?.k !== "call" || callee.k !== "get") return false;
  return (
    each(program.callee(at.file, binding.value.c)).some((it) => it.k === "fn") &&
    routersOf(program, { value: callee.of, file: at.file }).length > 0
  );
}

/** Reads `verb(path, …handlers)`; undefined where it is something else, such as `app.get("setting")`. */
export function readRoute(
  program: Program,
  file: FileSummary,
  c: number,
  env: Env | undefined,
  method: string,
  routers: readonly Router[],
): Said {
  const call = file.calls[c]!;
  const [path, ...rest] = call.args;
  if (!path || (rest.length === 0 && call.spread === undefined)) return {};
  const written: Scoped = { value: path, file, env };
  const paths = pathTexts(program, written);
  const given = rest.map((it) => functionsOf(program, { value: it, file, env }));
  const handlers = given.flat();
  const last = rest.at(-1);
  // What answers is a package's (`get("/token", noCache, server.token())`): those before it are not the handler.
  const isElsewhere = handlers.length > 0 && given.at(-1)!.length === 0;
  const missing = [
    ...(paths ? [] : [path]),
    ...(last && (handlers.length === 0 || wrapsOpen(program, last, file, env)) ? [last] : []),
  ];
  if (!paths) return { missing };
  return {
    routes: routers.map((router) => ({ router, methods: [verb(method)], paths, written, handlers, isElsewhere })),
    missing,
  };
}

/** `wrap(controllers.list)` of a parameter: callers say what is wrapped. */
function wrapsOpen(program: Program, value: Value, file: FileSummary, env: Env | undefined): boolean {
  if (value.k !== "call") return false;
  return file.calls[value.c]!.args.some((it) => isOpen(program, { value: it, file, env }));
}

/** Reads `use(path?, …children)` of express-like routers. */
export function readUse(of: {
  readonly program: Program;
  readonly file: FileSummary;
  readonly c: number;
  readonly env: Env | undefined;
  readonly receiver: Value;
  readonly mounts: Mounts;
  readonly libraries: ReadonlySet<string>;
}): Said {
  const { program, file, c, env, receiver, mounts, libraries } = of;
  const call = file.calls[c]!;
  const [first, ...rest] = call.args;
  if (!first) return {};
  const texts = routeTexts(program, { value: first, file, env });
  const children = (texts ? rest : call.args).flatMap((it) => mountedRouters(program, { value: it, file, env }, 0));
  const missing: Value[] =
    children.length > 0 && children.every((it) => it.router.kind === "param") ? [...call.args] : [];
  if (!texts && children.length === 0)
    return {
      befores: middleware(program, file, c, env, receiver, undefined),
      missing: rest.length > 0 ? [first, ...rest] : [first],
    };
  // A first argument that is neither text nor router is a path that cannot be read, or middleware that adds nothing.
  if (!texts && rest.length > 0 && routersOf(program, { value: first, file, env }).length === 0) missing.push(first);
  const usable = children.filter((it) =>
    it.router.library === undefined ? it.router.kind !== "param" : libraries.has(it.router.library),
  );
  const parents = usable.length > 0 ? routersOf(program, { value: receiver, file, env }) : [];
  for (const it of parents) mounts.note(it);
  return {
    befores: middleware(program, file, c, env, receiver, texts),
    mounts: parents.flatMap((parent) =>
      usable.flatMap((child) =>
        (texts ?? [""]).map((prefix) => ({ parent, child: child.router, prefix: joinRoute(prefix, child.prefix) })),
      ),
    ),
    missing,
  };
}

/**
 * `all("/users*", users)`: a router that answers a verb's path is mounted, and goes on seeing the whole path, for a verb
 * takes nothing off it.
 */
export function mountedByVerb(of: {
  readonly program: Program;
  readonly file: FileSummary;
  readonly c: number;
  readonly env: Env | undefined;
  readonly receiver: Value;
  readonly libraries: ReadonlySet<string>;
}): Said["mounts"] {
  const { program, file, c, env, receiver, libraries } = of;
  const [, ...rest] = file.calls[c]!.args;
  const last = rest.at(-1);
  if (!last || last.k === "fn" || last.k === "obj") return [];
  const children = routersOf(program, { value: last, file, env }).filter(
    (it) => it.library !== undefined && libraries.has(it.library),
  );
  const parents = children.length > 0 ? routersOf(program, { value: receiver, file, env }) : [];
  return parents.flatMap((parent) => children.map((child) => ({ parent, child, prefix: "" })));
}

/** `use(auth)`, `use("/admin", auth, router)`: what runs before the routes below. */
export function middleware(
  program: Program,
  file: FileSummary,
  c: number,
  env: Env | undefined,
  receiver: Value,
  paths: readonly string[] | undefined,
): NonNullable<Said["befores"]> {
  const { args } = file.calls[c]!;
  const functions = (paths ? args.slice(1) : args)
    .flatMap((it) =>
      routersOf(program, { value: it, file, env }).length > 0 ? [] : functionsOf(program, { value: it, file, env }),
    )
    .filter(passesOn);
  if (functions.length === 0) return [];
  return routersOf(program, { value: receiver, file, env }).flatMap((router) =>
    (paths ?? [""]).map((prefix) => ({ router, prefix, functions })),
  );
}

/** What neither takes an error nor answers all that comes: the last of its parameters is the next in line. */
function passesOn({ file, f }: PlacedFunction): boolean {
  const { params } = file.functions[f]!;
  return params.length < 4 && (params.length === 0 || params.at(-1)!.rest || params.length > 1) && !isAnswer(params);
}

function isAnswer(params: FileSummary["functions"][number]["params"]): boolean {
  return params.length === 2 && /^_?(res|response|reply)$/i.test(params[1]!.name ?? "");
}

/** Routers in an argument: themselves, in a list, mounted (`mount("/api", api)`) or wrapped by a package's function. */
function mountedRouters(
  program: Program,
  at: Scoped,
  depth: number,
): readonly { readonly router: Router; readonly prefix: string }[] {
  const { value, file, env } = at;
  const inner = (it: Value) => mountedRouters(program, { value: it, file, env }, depth + 1);
  if (depth > 3) return [];
  if (value.k === "arr") return value.items.flatMap(inner);
  if (value.k === "op" && value.op === "spread" && value.args[0]) return inner(value.args[0]);
  const found = routersOf(program, at);
  if (found.some((it) => it.kind !== "param" || it.library !== undefined))
    return found.map((router) => ({ router, prefix: "" }));
  if (value.k === "call") {
    const call = file.calls[value.c]!;
    const callee = program.callee(file, value.c, env);
    if (callee.k === "ext" || callee.k === "method") {
      const prefix = call.args.length > 1 ? routeTexts(program, { value: call.args[0]!, file, env })?.[0] : undefined;
      const of = (prefix !== undefined ? call.args.slice(1) : call.args).flatMap(inner);
      if (of.length > 0) return of.map((it) => ({ router: it.router, prefix: joinRoute(prefix ?? "", it.prefix) }));
    }
  }
  return found.map((router) => ({ router, prefix: "" }));
}

export function verb(name: string): string {
  const upper = name.toUpperCase();
  return upper === "ANY" ? "ALL" : upper === "DEL" ? "DELETE" : upper;
}

export { HTTP_METHODS, routersOf };
