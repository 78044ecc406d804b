/** Under which address a GraphQL server answers: all its operations share one. */
import { type FileSummary, joinRoute, type Program, type Scoped, type Value } from "../../engine/index.ts";
import { callIndex, importedFrom, importedName } from "./_calls.ts";
import { elementsOf } from "./_frames.ts";
import { routeTexts } from "./_texts.ts";
import { each, isTestFile } from "./_values.ts";

const DEFAULT = "/graphql";
const SERVER_PACKAGES =
  /^(?:@apollo\/server$|@as-integrations\/|apollo-server|graphql-yoga$|@graphql-yoga\/|mercurius$|express-graphql$|koa-graphql$|graphql-http$|graphql-helix$|@nestjs\/graphql$|@hono\/graphql-server$)/;
/** Functions that make what answers, with the address they take where nothing else is said. */
const SERVERS: Readonly<Record<string, string | undefined>> = {
  expressMiddleware: undefined,
  koaMiddleware: undefined,
  fastifyApolloHandler: undefined,
  graphqlHTTP: undefined,
  graphqlServer: undefined,
  createHandler: undefined,
  createYoga: DEFAULT,
  startServerAndCreateNextHandler: undefined,
  startStandaloneServer: "/",
};

interface Served {
  /** The folder of the package or application that sets it up. */
  readonly root: string;
  readonly route: string;
}

const known = new WeakMap<Program, readonly Served[]>();

/** The address of the server that is set up nearest to a file; the usual one where none can be read. */
export function graphqlRoute(program: Program, path: string): string {
  let all = known.get(program);
  if (!all) {
    all = servers(program);
    known.set(program, all);
  }
  const near = all.filter((it) => path.startsWith(it.root)).sort((a, b) => b.root.length - a.root.length);
  const nearest = near.filter((it) => it.root === near[0]?.root);
  const routes = new Set((nearest.length > 0 ? nearest : all).map((it) => it.route));
  // Two servers side by side share their resolvers out in ways of their own.
  return routes.size === 1 ? [...routes][0]! : DEFAULT;
}

function servers(program: Program): Served[] {
  const found: Served[] = [];
  if (![...callIndex(program).packages].some((it) => SERVER_PACKAGES.test(it))) return found;
  for (const file of program.files.values()) {
    if (isTestFile(file)) continue;
    const add = (route: string | undefined): void => {
      if (route !== undefined && !route.includes(":") && !route.includes("*"))
        found.push({ root: rootOf(file.path), route: joinRoute(route) });
    };
    file.calls.forEach((call, c) => {
      const name = importedName(call.callee, file);
      if (name === undefined) return;
      if (call.callee.k === "get" && (name === "applyMiddleware" || name === "register"))
        add(registered(program, file, c, name));
      else if (/^forRoot(?:Async)?$/.test(name) && isNest(program, call.callee, file)) add(nestPath(program, file, c));
      else if (Object.hasOwn(SERVERS, name) && SERVER_PACKAGES.test(importedFrom(program, call.callee, file) ?? ""))
        add(
          option(program, call.args.find((it) => it.k === "obj") ?? call.args.at(-1), file, [
            "graphqlEndpoint",
            "endpoint",
            "path",
          ]) ??
            usedUnder(program, file, { k: "call", c }) ??
            fileRoute(file.path) ??
            SERVERS[name],
        );
    });
  }
  return found;
}

/** `server.applyMiddleware({ app, path })`; `app.register(mercurius, { path, prefix })`. */
function registered(program: Program, file: FileSummary, c: number, name: string): string | undefined {
  const { args } = file.calls[c]!;
  if (name === "applyMiddleware")
    return args[0]?.k === "obj" && args[0].props.some((it) => it.name === "app")
      ? (option(program, args[0], file, ["path"]) ?? DEFAULT)
      : undefined;
  const from = args[0] ? importedFrom(program, args[0], file) : undefined;
  if (from === undefined || !SERVER_PACKAGES.test(from)) return undefined;
  const prefix = option(program, args[1], file, ["prefix"]) ?? "";
  return joinRoute(prefix, option(program, args[1], file, ["path"]) ?? DEFAULT);
}

function isNest(program: Program, callee: Value, file: FileSummary): boolean {
  return callee.k === "get" && importedFrom(program, callee.of, file) === "@nestjs/graphql";
}

/** `GraphQLModule.forRoot({ path })`, `forRootAsync({ useFactory: () => ({ path }) })`. */
function nestPath(program: Program, file: FileSummary, c: number): string {
  const options = file.calls[c]!.args[0];
  const direct = option(program, options, file, ["path"]);
  if (direct !== undefined) return direct;
  const factory = options ? program.property({ value: options, file }, "useFactory") : undefined;
  for (const it of factory?.is === "yes" ? each(program.at(factory.at)) : [])
    for (const value of it.k === "fn" ? it.file.functions[it.f]!.returns : []) {
      const text = it.k === "fn" ? option(program, value, it.file, ["path"]) : undefined;
      if (text !== undefined) return text;
    }
  return DEFAULT;
}

function option(
  program: Program,
  value: Value | undefined,
  file: FileSummary,
  names: readonly string[],
): string | undefined {
  for (const name of value ? names : []) {
    const found = program.property({ value: value!, file }, name);
    const text = found.is === "yes" ? routeTexts(program, found.at)?.[0] : undefined;
    if (text !== undefined) return text;
  }
  return undefined;
}

/** `app.use("/graphql", cors(), expressMiddleware(server))`, also by the name that it is bound to. */
function usedUnder(program: Program, file: FileSummary, of: Value & { readonly k: "call" }): string | undefined {
  const isIt = (value: Value): boolean =>
    (value.k === "call" && value.c === of.c) ||
    (value.k === "ref" && file.bindings[value.b]?.value?.k === "call" && isIt(file.bindings[value.b]!.value!));
  for (const call of file.calls) {
    if (call.callee.k !== "get" || call.args.length < 2) continue;
    const scoped = (value: Value): Scoped => ({ value, file });
    if (!call.args.some((it) => isIt(it) || elementsOf(program, scoped(it))?.some((one) => isIt(one.value)))) continue;
    const text = routeTexts(program, scoped(call.args[0]!))?.[0];
    if (text?.startsWith("/")) return text;
  }
  return undefined;
}

/** The address of a file of Next.js. */
function fileRoute(path: string): string | undefined {
  const pages = /(?:^|\/)pages\/(api\/.*)\.[jt]sx?$/.exec(path)?.[1];
  return (pages ?? /(?:^|\/)app\/(.*)\/route\.[jt]sx?$/.exec(path)?.[1])?.replace(/\/index$/, "");
}

/** What lies above `src`, `app`, `pages` or `server`; else the file's own folder. */
function rootOf(path: string): string {
  const inside = /^(.*?)(?:src|app|pages|server|lib)\//.exec(path);
  if (inside && (inside[1] === "" || inside[1]!.endsWith("/"))) return inside[1]!;
  const slash = path.lastIndexOf("/");
  return slash < 0 ? "" : path.slice(0, slash + 1);
}
