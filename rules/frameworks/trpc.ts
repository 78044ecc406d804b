/** tRPC: procedures by their path through nested and merged routers, under where the adapter is mounted. */
import {
  type CallGraph,
  defineFramework,
  type Endpoint,
  type FileSummary,
  joinRoute,
  type LibOrigin,
  type Origin,
  type Placed,
  type Program,
  type Scoped,
  type Span,
  type Value,
} from "../../engine/index.ts";
import { endpoint } from "./_collect.ts";
import { callersOf } from "./_frames.ts";
import { functionsOf } from "./_handlers.ts";
import { routeTexts } from "./_texts.ts";
import { each, isTestFile } from "./_values.ts";
import { apiRoute } from "./next.ts";

const KINDS: Readonly<Record<string, string>> = { query: "GET", mutation: "POST", subscription: "GET" };
/** Adapters' own functions and those that people wrap around them. */
const ADAPTER = /trpc/i;

export default defineFramework({
  name: "trpc",
  *entries({ program, graph }) {
    const calls = graph.libraryCalls("trpc").filter((it) => !isTestFile(it.file));
    if (calls.length === 0) return;
    const makers = calls.filter((it) => isRouter(program.origin({ k: "call", c: it.c }, it.file)));
    const nested = new Set<string>();
    const found = new Map<string, Found[]>();
    for (const maker of makers) found.set(keyOf(maker), proceduresIn(program, maker, nested));
    const prefixes = mountPrefixes(program, graph, makers);
    const served = servedBelow(found, prefixes.keys());
    for (const maker of makers) {
      const key = keyOf(maker);
      // A router may be part of another and yet be served on its own.
      if (!prefixes.has(key) && (nested.has(key) || servesParts(found, key, served, new Set()))) continue;
      for (const prefix of prefixes.get(key) ?? nearestPrefixes(maker, makers, prefixes))
        yield* spread(found, key, joinRoute(prefix), [], new Set());
    }
  },
});

/** Where a router that no adapter is seen to serve may be: as its neighbours in the same package, or all there are. */
function nearestPrefixes(
  maker: Placed,
  makers: readonly Placed[],
  prefixes: ReadonlyMap<string, readonly string[]>,
): readonly string[] {
  const served = makers.filter((it) => prefixes.has(keyOf(it)));
  const root = packageRoot(maker.file.path);
  const near = served.filter((it) => packageRoot(it.file.path) === root);
  const found = new Set((near.length > 0 ? near : served).flatMap((it) => prefixes.get(keyOf(it)) ?? []));
  return near.length > 0 || found.size === 1 ? [...found] : ["/trpc"];
}

function packageRoot(path: string): string {
  return /^(.*?)(?:src|app|lib|server)\//.exec(path)?.[1] ?? path.slice(0, path.lastIndexOf("/") + 1);
}

/** The routers that an adapter serves, and all below them. */
function servedBelow(all: ReadonlyMap<string, readonly Found[]>, roots: Iterable<string>): ReadonlySet<string> {
  const served = new Set(roots);
  for (const key of served) for (const it of all.get(key) ?? []) if (it.router !== undefined) served.add(it.router);
  return served;
}

/** Whether a router itself unserved is a mere list of routers that are, for a caller or a description of the API. */
function servesParts(
  all: ReadonlyMap<string, readonly Found[]>,
  key: string,
  served: ReadonlySet<string>,
  seen: Set<string>,
): boolean {
  if (seen.has(key)) return false;
  seen.add(key);
  return (all.get(key) ?? []).some(
    (it) => it.router !== undefined && (served.has(it.router) || servesParts(all, it.router, served, seen)),
  );
}

interface Found {
  readonly name: string;
  readonly at: Span;
  readonly nameAt: Span;
  readonly file: FileSummary;
  /** A router below, or a procedure. */
  readonly router?: string;
  readonly method?: string;
  readonly handlers?: Endpoint["handlers"];
}

function keyOf(it: Placed): string {
  return `${it.file.path} ${it.c}`;
}

function isRouter(origin: Origin): origin is LibOrigin {
  return (
    origin.k === "lib" && origin.library.name === "trpc" && (origin.type === "Router" || origin.type === "OldRouter")
  );
}

/** The call that made a router, through the links of old builder chains. */
function makerOf(origin: LibOrigin): Placed | undefined {
  return origin.via;
}

function* spread(
  all: ReadonlyMap<string, readonly Found[]>,
  key: string,
  prefix: string,
  names: readonly string[],
  active: ReadonlySet<string>,
): Iterable<Endpoint> {
  if (active.has(key) || active.size > 12) return;
  const inside = new Set([...active, key]);
  for (const it of all.get(key) ?? []) {
    const path = it.name === "" ? names : [...names, it.name];
    if (it.router !== undefined) yield* spread(all, it.router, prefix, path, inside);
    else
      yield endpoint({
        framework: "trpc",
        method: it.method ?? "GET",
        route: joinRoute(prefix, path.join(".")),
        file: it.file,
        at: it.at,
        nameAt: it.nameAt,
        handlers: it.handlers ?? [],
      });
  }
}

/** What a router's call holds: its members, merged routers, and the links of an old chain. */
function proceduresIn(program: Program, maker: Placed, nested: Set<string>): Found[] {
  const { file, c } = maker;
  const call = file.calls[c]!;
  const found: Found[] = [];
  const name = call.callee.k === "get" ? call.callee.name : "";
  const recv = call.callee.k === "get" ? program.origin(call.callee.of, file) : undefined;
  if (recv && isRouter(recv)) {
    // An old chain: this link adds to those before it.
    const before = makerOf(recv);
    if (before) add({ name: "", at: call.at, nameAt: call.nameAt, file, router: keyOf(before) });
    const label = call.args[0] ? program.text({ value: call.args[0], file }) : undefined;
    if (KINDS[name] && label !== undefined && call.args[1]) {
      const resolve = program.property({ value: call.args[1], file }, "resolve");
      found.push({
        name: label,
        at: call.at,
        nameAt: literalSpan(call.args[0]) ?? call.nameAt,
        file,
        method: KINDS[name]!,
        handlers: resolve.is === "yes" ? functionsOf(program, resolve.at) : [],
      });
    }
    if (name === "merge") {
      const isBare = label === undefined;
      const other = call.args[isBare ? 0 : 1];
      for (const it of other ? each(program.origin(other, file)) : [])
        routerAt(it, isBare ? "" : label.replace(/\.$/, ""), call.at, call.nameAt, file);
    }
    return found;
  }
  for (const arg of call.args) {
    const origin = program.origin(arg, file);
    for (const it of each(origin)) {
      if (it.k === "obj") members(it, "", 0);
      else routerAt(it, "", call.at, call.nameAt, file);
    }
  }
  return found;

  function add(it: Found): void {
    if (it.router !== undefined) nested.add(it.router);
    found.push(it);
  }

  function routerAt(origin: Origin, label: string, at: Span, nameAt: Span, inFile: FileSummary): boolean {
    if (!isRouter(origin)) return false;
    const made = makerOf(origin);
    if (made) add({ name: label, at, nameAt, file: inFile, router: keyOf(made) });
    return true;
  }

  /** Members of a literal; spreads are looked through, plain objects are routers without a call. */
  function members(of: Origin & { readonly k: "obj" }, outer: string, depth: number): void {
    if (depth > 6) return;
    for (const prop of of.value.props) {
      const scoped: Scoped = { value: prop.value, file: of.file, env: of.env };
      if (prop.name === null) {
        for (const it of each(program.at(scoped))) {
          if (it.k === "obj") members(it, outer, depth + 1);
          // `...other._def.procedures` and `...other` of a router.
          else if (!routerAt(it, outer, prop.at, prop.at, of.file) && prop.value.k === "get")
            spreadOfDef(prop.value, of, outer, prop.at);
        }
        continue;
      }
      const label = outer ? `${outer}.${prop.name}` : prop.name;
      const nameAt: Span = [prop.at[0], Math.min(prop.at[1], prop.at[0] + prop.name.length)];
      for (const it of each(program.at(scoped))) member(it, scoped, label, prop.at, nameAt, depth);
    }
  }

  function spreadOfDef(
    value: Value & { readonly k: "get" },
    of: Origin & { readonly k: "obj" },
    outer: string,
    at: Span,
  ): void {
    let root: Value = value;
    while (root.k === "get") root = root.of;
    for (const it of each(program.origin(root, of.file, of.env))) routerAt(it, outer, at, at, of.file);
  }

  function member(it: Origin, scoped: Scoped, label: string, at: Span, nameAt: Span, depth: number): void {
    const { file: inFile } = scoped;
    if (routerAt(it, label, at, nameAt, inFile)) return;
    if (it.k === "obj") {
      members(it, label, depth + 1);
      return;
    }
    if (it.k === "lib" && it.library.name === "trpc" && it.type === "Built" && it.via) {
      const procedure = it.via.file.calls[it.via.c]!;
      const kind = procedure.callee.k === "get" ? procedure.callee.name : "";
      const handler = procedure.args[0];
      found.push({
        name: label,
        at,
        nameAt,
        file: inFile,
        method: KINDS[kind] ?? "GET",
        handlers: [
          ...middlewares(program, it.via),
          ...(handler ? functionsOf(program, { value: handler, file: it.via.file }) : []),
        ],
      });
      return;
    }
    // `lazy(() => import("./users"))`.
    if (scoped.value.k === "call") {
      const lazy = inFile.calls[scoped.value.c]!;
      const load = lazy.args[0] ? program.origin(lazy.args[0], inFile, scoped.env) : undefined;
      if (load?.k !== "fn") return;
      for (const returned of load.file.functions[load.f]!.returns)
        for (const module of each(program.origin(returned, load.file))) {
          if (routerAt(module, label, at, nameAt, inFile)) continue;
          if (module.k !== "module") continue;
          for (const one of module.file.exports)
            if ("value" in one)
              for (const of of each(program.origin(one.value, module.file))) routerAt(of, label, at, nameAt, inFile);
        }
    }
  }
}

const MAX_LINKS = 40;

/** What a procedure is made with by `use`, the first first: `t.procedure.use(auth).use(limit).query(…)`. */
function middlewares(program: Program, via: Placed): Endpoint["handlers"] {
  const found: Endpoint["handlers"][number][] = [];
  let at: Placed | undefined = via;
  for (let i = 0; at && i < MAX_LINKS; i++) {
    const { file, c }: Placed = at;
    const call = file.calls[c]!;
    if (call.callee.k !== "get") break;
    const given = call.callee.name === "use" ? call.args : [];
    found.unshift(...given.flatMap((it) => functionsOf(program, { value: it, file })));
    const of = program.origin(call.callee.of, file);
    at = of.k === "lib" && of.library.name === "trpc" ? of.via : undefined;
  }
  return found;
}

function literalSpan(value: Value | undefined): Span | undefined {
  return value?.k === "lit" ? value.at : undefined;
}

/** Where adapters serve a root router: their `endpoint`, the path they are used under, or the file of an API route. */
function mountPrefixes(
  program: Program,
  graph: CallGraph,
  makers: readonly Placed[],
): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  const known = new Set(makers.map(keyOf));
  const files = new Set(makers.map((it) => it.file));
  const add = (router: Origin | undefined, prefix: string | undefined): void => {
    const maker = router && isRouter(router) ? makerOf(router) : undefined;
    if (!maker || prefix === undefined || !known.has(keyOf(maker))) return;
    const list = found.get(keyOf(maker)) ?? [];
    const plain = joinRoute(prefix.replace(/\/\*+$|\/:[\w*]+$/, ""));
    if (!list.includes(plain)) list.push(plain);
    found.set(keyOf(maker), list);
  };
  for (const file of program.files.values()) {
    if (isTestFile(file) || !mentionsAdapter(file, files)) continue;
    file.calls.forEach((call, c) => {
      for (const arg of call.args) {
        if (arg.k !== "obj") continue;
        const options: Scoped = { value: arg, file };
        const router = routerOption(program, options);
        if (!router || !isAdapter(program, call.callee, file)) continue;
        if (router.k !== "param") {
          add(
            router,
            endpointOption(program, options) ??
              usedUnder(program, file, c) ??
              fileRoute(file.path) ??
              ownAddress(program, call.callee, file),
          );
          continue;
        }
        // A project's own adapter around the adapter: each of its callers serves a router.
        for (const at of callersOf(graph, { file: router.file, f: router.f }).slice(0, 60)) {
          const env = program.enter({ file: router.file, f: router.f }, at.file.calls[at.c]!, at.file, undefined);
          const under: Scoped = { value: arg, file, env };
          add(
            routerOption(program, under),
            endpointOption(program, under) ?? usedUnder(program, at.file, at.c) ?? fileRoute(at.file.path),
          );
        }
      }
    });
  }
  return found;
}

function mentionsAdapter(file: FileSummary, makers: ReadonlySet<FileSummary>): boolean {
  return makers.has(file) || file.imports.some((it) => ADAPTER.test(it.specifier) && !it.typeOnly);
}

/** `router`, or Fastify's `trpcOptions.router`. */
function routerOption(program: Program, options: Scoped): Origin | undefined {
  for (const path of [["router"], ["trpcOptions", "router"]]) {
    let at: Scoped | undefined = options;
    for (const name of path) {
      const found: ReturnType<Program["property"]> | undefined = at ? program.property(at, name) : undefined;
      at = found?.is === "yes" ? found.at : undefined;
    }
    if (at) return each(program.at(at)).find((it) => isRouter(it) || it.k === "param");
  }
  return undefined;
}

function isAdapter(program: Program, callee: Value, file: FileSummary): boolean {
  // `fastify.register(fastifyTRPCPlugin, { prefix, trpcOptions })`.
  if (callee.k === "get" && callee.name === "register") return true;
  const origin = program.origin(callee, file);
  return (
    origin.k === "ext" &&
    ADAPTER.test(origin.specifier) &&
    !/openapi|client/i.test(`${origin.specifier} ${origin.path}`)
  );
}

/** Adapters that are a server of their own answer at its root. */
function ownAddress(program: Program, callee: Value, file: FileSummary): string | undefined {
  const origin = program.origin(callee, file);
  return origin.k === "ext" && /\/adapters\/(?:standalone|aws-lambda)/.test(origin.specifier) ? "/" : undefined;
}

function endpointOption(program: Program, options: Scoped): string | undefined {
  for (const name of ["endpoint", "basePath", "prefix"]) {
    const found = program.property(options, name);
    if (found.is !== "yes") continue;
    const text = routeTexts(program, found.at)?.[0];
    if (text !== undefined) return text;
    // `withBase("/api/trpc")`: a function of the project around the path.
    const { value, file } = found.at;
    const inner =
      value.k === "call"
        ? file.calls[value.c]!.args.flatMap((it) => routeTexts(program, { value: it, file }) ?? [])[0]
        : undefined;
    if (inner?.startsWith("/")) return inner;
  }
  return undefined;
}

/** `app.use("/trpc", createExpressMiddleware(…))`. */
function usedUnder(program: Program, file: FileSummary, c: number): string | undefined {
  for (const call of file.calls) {
    if (call.args.length < 2 || !call.args.some((it) => it.k === "call" && it.c === c)) continue;
    const text = routeTexts(program, { value: call.args[0]!, file })?.[0];
    if (text?.startsWith("/")) return text;
  }
  return undefined;
}

function fileRoute(path: string): string | undefined {
  const api = apiRoute(path);
  if (api) return joinRoute(api.route);
  const app = /(?:^|\/)app\/(.*)\/route\.[jt]sx?$/.exec(path);
  return app ? joinRoute(app[1]!.replace(/\/?\[[^/]*\]$/, "")) : undefined;
}
