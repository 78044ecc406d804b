/** What the files that deploy AWS Lambda functions have in common: `folder/file.export` names a handler, `{id}` a parameter. */
import {
  type Activity,
  type Endpoint,
  type FileSummary,
  joinRoute,
  type PlacedFunction,
  type Program,
  type Span,
} from "../../engine/index.ts";
import { activity } from "./_activity.ts";
import { endpoint } from "./_collect.ts";
import { exportsOf } from "./_files.ts";
import { functionsOf } from "./_handlers.ts";
import { plainRoutes } from "./_texts.ts";

/** A function's code: where it is exported, and what runs. */
export interface Handler {
  readonly file: FileSummary;
  readonly at: Span;
  readonly nameAt: Span;
  readonly functions: readonly PlacedFunction[];
}

/** Where code says so itself, such as in a stack written in TypeScript; else the handler is the place to point at. */
export interface Site {
  readonly file: FileSummary;
  readonly at: Span;
  readonly nameAt: Span;
}

export type Trigger =
  | { readonly kind: "http"; readonly method: string; readonly path: string }
  | { readonly kind: "cron" | "consumer"; readonly name: string };

const EXTENSIONS = [".ts", ".mts", ".cts", ".tsx", ".js", ".mjs", ".cjs", ".jsx"];
/** Packages that let an HTTP framework answer: its own routes are the endpoints, not the proxy before them. */
const ADAPTERS =
  /^(?:serverless-http|@vendia\/serverless-express|@codegenie\/serverless-express|aws-serverless-express|serverless-express|aws-lambda-fastify|@fastify\/aws-lambda|aws-serverless-koa|hono(?:\/.*)?|@trpc\/server(?:\/.*)?|@nestjs\/core|express|fastify|koa|@middy\/http-router)$/;

/** The function that `src/users.create` names, looked for below each folder in turn; output folders stand for their sources. */
export function handlerAt(program: Program, folders: readonly string[], name: string): Handler | undefined {
  const dot = name.lastIndexOf(".");
  if (dot <= 0 || name.length > 500 || /[\s$]/.test(name)) return undefined;
  const exported = name.slice(dot + 1);
  const written = name.slice(0, dot).replace(/^\.?\//, "");
  const output = written.replace(/^(?:dist|build|lib|out|output|\.build|\.dist|\.webpack|_build)\//, "");
  const stems = output === written ? [written] : [written, `src/${output}`, output];
  for (const folder of folders)
    for (const stem of stems) {
      const base = resolved(folder, stem);
      if (base === undefined) continue;
      for (const path of [...EXTENSIONS.map((it) => base + it), ...EXTENSIONS.map((it) => `${base}/index${it}`)]) {
        const file = program.files.get(path);
        if (file) return exportedHandler(program, file, exported);
      }
    }
  return undefined;
}

/** An exported function of a file. */
export function exportedHandler(program: Program, file: FileSummary, name: string): Handler {
  const all = exportsOf(program, file);
  const whole = all.get("=");
  const member = whole && !all.has(name) ? program.property(whole, name) : undefined;
  const found = all.get(name) ?? (member?.is === "yes" ? { ...member.at, at: whole!.at } : undefined);
  const functions = found ? functionsOf(program, found) : [];
  const own = functions.findLast((it) => it.file === file);
  const start: Span = [0, 0];
  const at = found?.at ?? start;
  return { file, at, nameAt: own ? file.functions[own.f]!.nameAt : at, functions };
}

/** One trigger of a function as an entry; what only hands requests on to a framework's routes is none. */
export function* triggered(
  framework: string,
  handler: Handler,
  trigger: Trigger,
  site: Site = handler,
): Iterable<Activity | Endpoint> {
  if (trigger.kind !== "http") {
    if (handler.functions.length > 0)
      yield activity(trigger.kind, framework, trigger.name, handler.file, handler.at, handler.functions);
    return;
  }
  const isOpen = /[*+]|^\$default$|^\/?$/.test(trigger.path);
  if ((isOpen || handler.functions.length === 0) && isAdapted(handler)) return;
  const method = trigger.method.toUpperCase();
  for (const route of plainRoutes(lambdaRoute(trigger.path)))
    yield endpoint({
      framework,
      method: method === "ANY" || method === "*" || method === "" ? "ALL" : method,
      route,
      file: site.file,
      at: site.at,
      nameAt: site.nameAt,
      handlers: handler.functions,
    });
}

/** `GET /users/{id}`, `ANY /{proxy+}`, `$default`. */
export function httpTrigger(written: string): Trigger & { readonly kind: "http" } {
  const [first = "", ...rest] = written.trim().split(/\s+/);
  if (rest.length > 0) return { kind: "http", method: first, path: rest.join("") };
  return first.startsWith("/") || first === "$default" || first === "*"
    ? { kind: "http", method: "ANY", path: first }
    : { kind: "http", method: first, path: "/" };
}

function lambdaRoute(path: string): string {
  return joinRoute(
    path === "$default" || path === "*"
      ? "/*"
      : path.replace(/\{([\w-]+)\+\}/g, ":$1*").replace(/\{([\w-]+)\}/g, ":$1"),
  ).replace(/:[\w-]+/g, (it) => it.replaceAll("-", "_"));
}

function isAdapted(handler: Handler): boolean {
  return [handler.file, ...handler.functions.map((it) => it.file)].some((file) =>
    file.imports.some((it) => !it.typeOnly && ADAPTERS.test(it.specifier)),
  );
}

/** A path below a folder, `.` and `..` resolved; undefined above the workspace. */
export function resolved(folder: string, path: string): string | undefined {
  const parts: string[] = [];
  for (const it of `${folder}/${path}`.split("/")) {
    if (it === "..") {
      if (parts.pop() === undefined) return undefined;
    } else if (it !== "" && it !== ".") parts.push(it);
  }
  return parts.join("/");
}

/** The folder of a path, empty at the root. */
export function folderOf(path: string): string {
  const slash = path.lastIndexOf("/");
  return slash < 0 ? "" : path.slice(0, slash);
}
