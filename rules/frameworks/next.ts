/** Next.js: route handlers, API routes (one endpoint per method they tell apart), server actions, pages that fetch on the server. */
import {
  type Activity,
  defineFramework,
  type Endpoint,
  type Entry,
  type FileSummary,
  joinRoute,
  type PlacedFunction,
  type Program,
  type Scoped,
  type Span,
} from "../../engine/index.ts";
import { endpoint } from "./_collect.ts";
import { exportsOf, segmentsToRoute } from "./_files.ts";
import { functionsOf } from "./_handlers.ts";
import { methodParts, tableOf, VERB_NAMES } from "./_methods.ts";
import { isTestName } from "./_values.ts";

const SOURCE = /\.[cm]?[jt]sx?$/;
const PAGE_LOADERS = new Set([
  "getServerSideProps",
  "getStaticProps",
  "getStaticPaths",
  "getInitialProps",
  "generateMetadata",
  "generateStaticParams",
]);
const APP_PARTS = new Set([
  "page",
  "layout",
  "template",
  "default",
  "loading",
  "not-found",
  "sitemap",
  "robots",
  "opengraph-image",
  "icon",
  "manifest",
]);

export default defineFramework({
  name: "next",
  *entries({ program }) {
    const bases = new Map<string, string>();
    for (const file of program.files.values()) {
      if (isTestName(file.path)) continue;
      const api = apiRoute(file.path);
      if (api) {
        yield* apiEndpoints(program, file, joinRoute(basePath(program, api.root, bases), api.route));
        continue;
      }
      const app = appRoute(program, file.path);
      if (app) {
        const route = joinRoute(basePath(program, app.root, bases), app.route);
        if (app.part === "route") yield* routeHandlers(program, file, route);
        else if (!file.directives.includes("use client")) yield* pages(program, file, route);
      } else if (isPage(file)) yield* pages(program, file, pageRoute(file.path));
      yield* hooks(program, file);
      yield* serverActions(program, file);
    }
  },
});

/** `pages/api/users/[id].ts` to `/api/users/:id`. */
export function apiRoute(path: string): { readonly root: string; readonly route: string } | undefined {
  const found = /^(.*?)((?:src\/)?)pages\/(api(?:\/.*)?)\.[cm]?[jt]sx?$/.exec(path);
  if (!found || (found[1] !== "" && !found[1]!.endsWith("/")) || /\.d$/.test(found[3]!)) return undefined;
  return { root: found[1]!, route: segmentsToRoute(found[3]!.replace(/(^|\/)index$/, "")) };
}

/** `app/(shop)/api/items/[...rest]/route.ts` to `/api/items/:rest*`. */
function appRoute(
  program: Program,
  path: string,
): { readonly root: string; readonly route: string; readonly part: string } | undefined {
  const slash = path.lastIndexOf("/");
  const part = path.slice(slash + 1).replace(SOURCE, "");
  if (slash < 0 || (part !== "route" && !APP_PARTS.has(part))) return undefined;
  const folders = path.slice(0, slash).split("/");
  const starts = folders.flatMap((it, i) => (it === "app" ? [i] : []));
  const hasLayout = (i: number): boolean =>
    ["tsx", "jsx", "js", "ts"].some((it) => program.files.has(`${folders.slice(0, i + 1).join("/")}/layout.${it}`));
  const start = starts.find(hasLayout) ?? starts[0];
  if (start === undefined) return undefined;
  const inside = folders.slice(start + 1);
  // A folder with a leading underscore is private.
  if (inside.some((it) => it.startsWith("_"))) return undefined;
  const above = folders.slice(0, start);
  const root = above.at(-1) === "src" ? above.slice(0, -1) : above;
  return { root: root.length > 0 ? `${root.join("/")}/` : "", route: segmentsToRoute(inside.join("/"), true), part };
}

/** `basePath` of the application's configuration. */
function basePath(program: Program, root: string, known: Map<string, string>): string {
  let base = known.get(root);
  if (base === undefined) {
    base = "";
    for (const name of ["js", "mjs", "ts", "cjs"]) {
      const file = program.files.get(`${root}next.config.${name}`);
      const main = file?.exports.find((it) => (it.name === "=" || it.name === "default") && "value" in it);
      if (!file || !main || !("value" in main)) continue;
      const found = program.property({ value: main.value, file }, "basePath");
      base = (found.is === "yes" ? program.text(found.at) : undefined) ?? "";
      break;
    }
    known.set(root, base);
  }
  return base;
}

function* routeHandlers(program: Program, file: FileSummary, route: string): Iterable<Endpoint> {
  for (const [name, it] of exportsOf(program, file)) {
    if (!VERB_NAMES.has(name)) continue;
    const handlers = functionsOf(program, it);
    const own = handlers.at(-1);
    const nameAt: Span = own && own.file === file && it.value.k !== "call" ? file.functions[own.f]!.nameAt : it.at;
    yield endpoint({ framework: "next", method: name, route, file, at: it.at, nameAt, handlers });
  }
}

function* apiEndpoints(program: Program, file: FileSummary, route: string): Iterable<Endpoint> {
  const main = exportsOf(program, file).get("default") ?? exportsOf(program, file).get("=");
  if (!main) return;
  const tables = [...handlerTables(program, main), ...chainedHandlers(program, file, main)];
  if (tables.length > 0) {
    for (const it of tables)
      yield endpoint({
        framework: "next",
        method: it.method,
        route,
        file,
        at: it.file === file ? it.at : main.at,
        nameAt: it.file === file ? it.nameAt : main.at,
        handlers: it.handlers,
      });
    return;
  }
  const handlers = functionsOf(program, main);
  if (handlers.length === 0 && main.value.k !== "call" && main.value.k !== "ref") return;
  const parts = methodParts(program, handlers);
  for (const it of parts) {
    const isOwn = it.fn.file === file;
    yield endpoint({
      framework: "next",
      method: it.method,
      route,
      file,
      at: isOwn ? it.at : main.at,
      nameAt: isOwn ? it.nameAt : main.at,
      handlers: handlers.includes(it.fn) ? [...handlers.filter((one) => one !== it.fn), it.fn] : [it.fn],
      within: isOwn ? it.within : undefined,
    });
  }
  if (parts.length === 0) {
    const last = handlers.at(-1);
    yield endpoint({
      framework: "next",
      method: "ALL",
      route,
      file,
      at: main.at,
      nameAt: last && last.file === file ? file.functions[last.f]!.nameAt : main.at,
      handlers,
    });
  }
}

interface MethodHandlers {
  readonly method: string;
  readonly file: FileSummary;
  readonly at: Span;
  readonly nameAt: Span;
  readonly handlers: readonly PlacedFunction[];
}

/** `export default createHandler({ get: list, post: create })`. */
function handlerTables(program: Program, main: Scoped): readonly MethodHandlers[] {
  const call = callOf(main);
  if (!call) return [];
  return call.call.args.flatMap((arg) => {
    const origin = program.origin(arg, call.file);
    return origin.k === "obj"
      ? tableOf(program, { value: origin.value, file: origin.file, env: origin.env }).map((it) => ({
          method: it.method,
          file: origin.file,
          at: it.at,
          nameAt: it.nameAt,
          handlers: [it.fn],
        }))
      : [];
  });
}

function callOf(
  main: Scoped,
): { readonly call: FileSummary["calls"][number]; readonly c: number; readonly file: FileSummary } | undefined {
  const { file } = main;
  let value = main.value;
  if (value.k === "ref") value = file.bindings[value.b]?.value ?? value;
  return value.k === "call" ? { call: file.calls[value.c]!, c: value.c, file } : undefined;
}

/** `nc().use(auth).get(list).post(create)`, and the same on a name. */
function chainedHandlers(program: Program, file: FileSummary, main: Scoped): readonly MethodHandlers[] {
  const rootOf = (value: Scoped["value"], depth = 0): number | undefined => {
    if (depth > 20) return undefined;
    if (value.k === "ref")
      return file.bindings[value.b]?.value ? rootOf(file.bindings[value.b]!.value!, depth + 1) : undefined;
    if (value.k !== "call") return undefined;
    const { callee } = file.calls[value.c]!;
    return callee.k === "get" ? (rootOf(callee.of, depth + 1) ?? value.c) : value.c;
  };
  if (main.file !== file) return [];
  const root = rootOf(main.value);
  if (root === undefined) return [];
  return file.calls.flatMap((call): readonly MethodHandlers[] => {
    const { callee } = call;
    const method = callee.k === "get" ? callee.name.toUpperCase() : "";
    if (callee.k !== "get" || !(VERB_NAMES.has(method) || method === "ALL") || rootOf(callee.of) !== root) return [];
    return [
      {
        method,
        file,
        at: call.at,
        nameAt: call.nameAt,
        handlers: call.args.flatMap((it) => functionsOf(program, { value: it, file })),
      },
    ];
  });
}

/** `middleware.ts` runs before every request that it matches, `instrumentation.ts` once when the server starts. */
function* hooks(program: Program, file: FileSummary): Iterable<Activity> {
  const name = /(?:^|\/)(middleware|proxy|instrumentation)\.[jt]s$/.exec(file.path)?.[1];
  if (name === undefined || !hasConfig(program, file.path)) return;
  for (const [exported, it] of exportsOf(program, file)) {
    const isOwn = name === "instrumentation" ? exported === "register" : exported === "default" || exported === name;
    const handlers = isOwn ? functionsOf(program, it) : [];
    if (handlers.length > 0)
      yield {
        kind: name === "instrumentation" ? "startup" : "page",
        framework: "next",
        name,
        path: file.path,
        at: it.at,
        handlers,
      };
  }
}

/** Beside the configuration, or in `src` below it. */
function hasConfig(program: Program, path: string): boolean {
  const folder = path.slice(0, path.lastIndexOf("/") + 1);
  return [folder, folder.replace(/(^|\/)src\/$/, "$1")].some((root) =>
    ["js", "mjs", "ts", "cjs"].some((it) => program.files.has(`${root}next.config.${it}`)),
  );
}

function isPage(file: FileSummary): boolean {
  return /(^|\/)pages\//.test(file.path) && file.exports.some((it) => PAGE_LOADERS.has(it.name));
}

function pageRoute(path: string): string {
  const inside = /(?:^|\/)pages\/(.*)\.[cm]?[jt]sx?$/.exec(path)?.[1] ?? path;
  return joinRoute(segmentsToRoute(inside.replace(/(^|\/)index$/, "")));
}

function* pages(program: Program, file: FileSummary, route: string): Iterable<Activity> {
  const isApp = !/(^|\/)pages\//.test(file.path);
  for (const [name, it] of exportsOf(program, file)) {
    if (!PAGE_LOADERS.has(name) && !(isApp && name === "default")) continue;
    const handlers = functionsOf(program, it);
    if (handlers.length > 0)
      yield { kind: "page", framework: "next", name: route, path: file.path, at: it.at, handlers };
  }
}

/** Functions that the browser can call: all that a `"use server"` file exports, and those that say so themselves. */
function* serverActions(program: Program, file: FileSummary): Iterable<Entry> {
  if (file.directives.includes("use server")) {
    for (const [name, it] of exportsOf(program, file)) {
      const handlers = functionsOf(program, it);
      if (handlers.length > 0)
        yield { kind: "page", framework: "next", name: `action ${name}`, path: file.path, at: it.at, handlers };
    }
    return;
  }
  for (const [f, fn] of file.functions.entries())
    if (fn.directives?.includes("use server"))
      yield {
        kind: "page",
        framework: "next",
        name: `action ${fn.name}`,
        path: file.path,
        at: fn.at,
        handlers: [{ file, f }],
      };
}
