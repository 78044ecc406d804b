/** Fastify: routes on instances, plugins with prefixes, and the folders of `@fastify/autoload`. */
import {
  defineFramework,
  type Env,
  type FileSummary,
  type FrameworkContext,
  type PlacedFunction,
  type Program,
  type Scoped,
  type Value,
} from "../../engine/index.ts";
import { type Collected, collect, HTTP_METHODS, readRoute, type Said, verb } from "./_collect.ts";
import { pathIn } from "./_folders.ts";
import { functionsOf } from "./_handlers.ts";
import { type Mounts, paramRouter, type Router, routersOf } from "./_routers.ts";
import { routeTexts } from "./_texts.ts";
import { each, isTestFile } from "./_values.ts";

const VERBS = new Set([...HTTP_METHODS].filter((it) => it !== "any" && it !== "del"));
/** Hooks a route may bring along; they run before its handler. */
const HOOKS = ["onRequest", "preParsing", "preValidation", "preHandler"];
const AUTOLOAD = new Set(["@fastify/autoload", "fastify-autoload"]);

export default defineFramework({ name: "fastify", entries: (context) => fastifyEndpoints(context).endpoints });

export function fastifyEndpoints(context: FrameworkContext): Collected {
  return collect(context, {
    framework: "fastify",
    library: "fastify",
    parameters: new Set(["fastify", "app", "server", "instance"]),
    packages: /^(fastify|@fastify\/)/,
    names: new Set([...VERBS, "route", "register", "addHook"]),
    hasOrder: false,
    interpret: ({ program, file, c, env, name, receiver, mounts }) => {
      const routers = routersOf(program, { value: receiver, file, env });
      if (routers.length === 0) return {};
      if (name === "addHook") return readHook(program, file, c, env, routers);
      if (name === "register") return readRegister(program, file, c, env, routers, mounts);
      if (name === "route") return readTable(program, file, c, env, routers);
      const said = readRoute(program, file, c, env, name, routers);
      const options = file.calls[c]!.args[1];
      const before = options ? hooksOf(program, { value: options, file, env }) : [];
      return before.length > 0
        ? { ...said, routes: (said.routes ?? []).map((it) => ({ ...it, handlers: [...before, ...it.handlers] })) }
        : said;
    },
  });
}

/** `addHook("preHandler", check)`: of the instance and all below it. */
function readHook(
  program: Program,
  file: FileSummary,
  c: number,
  env: Env | undefined,
  routers: readonly Router[],
): Said {
  const [name, hook] = file.calls[c]!.args;
  const text = name ? program.text({ value: name, file, env }) : undefined;
  const functions = hook && text && HOOKS.includes(text) ? functionsOf(program, { value: hook, file, env }) : [];
  return functions.length > 0 ? { befores: routers.map((router) => ({ router, prefix: "", functions })) } : {};
}

function hooksOf(program: Program, options: Scoped): readonly PlacedFunction[] {
  if (each(program.at(options)).every((it) => it.k !== "obj")) return [];
  return HOOKS.flatMap((it) => {
    const found = program.property(options, it);
    return found.is === "yes" ? functionsOf(program, found.at) : [];
  });
}

/** `route({ method, url, handler })`. */
function readTable(
  program: Program,
  file: FileSummary,
  c: number,
  env: Env | undefined,
  routers: readonly Router[],
): Said {
  const value = file.calls[c]!.args[0];
  if (!value) return {};
  const options: Scoped = { value, file, env };
  const read = (name: string): Scoped | undefined => {
    const found = program.property(options, name);
    return found.is === "yes" ? found.at : undefined;
  };
  const written = read("url") ?? read("path");
  const paths = routeTexts(program, written);
  const methods = routeTexts(program, read("method"));
  const handler = read("handler");
  const handlers = handler ? functionsOf(program, handler) : [];
  if (!paths || !methods) return { missing: [value] };
  // A row of its own elsewhere declares the route; one that is made here is the call's.
  const row = env ? undefined : each(program.at(options)).find((it) => it.k === "obj");
  return {
    routes: routers.map((router) => ({
      router,
      declared: row?.k === "obj" && value.k !== "obj" ? { file: row.file, at: row.value.at } : undefined,
      methods: methods.map(verb),
      paths,
      written,
      handlers: [...hooksOf(program, options), ...handlers],
    })),
    missing: handlers.length === 0 ? [value] : [],
  };
}

function readRegister(
  program: Program,
  file: FileSummary,
  c: number,
  env: Env | undefined,
  parents: readonly Router[],
  mounts: Mounts,
): Said {
  const [plugin, options] = file.calls[c]!.args;
  if (!plugin) return {};
  const given: Scoped | undefined = options ? { value: options, file, env } : undefined;
  const found = given ? program.property(given, "prefix") : undefined;
  const prefix = (found?.is === "yes" ? routeTexts(program, found.at)?.[0] : undefined) ?? "";
  const at: Scoped = { value: plugin, file, env };
  for (const it of parents) mounts.note(it);
  if (isAutoload(plugin, file))
    return given
      ? { mounts: autoloaded(program, given, mounts).flatMap((it) => parents.map((parent) => ({ parent, ...it }))) }
      : {};
  const children = pluginsOf(program, at);
  const scope = hasNoScope(program, at) ? "" : prefix;
  return {
    mounts: children.flatMap((child) => parents.map((parent) => ({ parent, child, prefix: scope }))),
    missing: children.length === 0 ? [plugin] : found?.is === "unknown" && options ? [options] : [],
  };
}

/** The instances that a plugin's function gets. */
function pluginsOf(program: Program, at: Scoped): readonly Router[] {
  return each(program.at(at)).flatMap((it): readonly Router[] => {
    if (it.k === "fn")
      return [
        paramRouter(it, 0, program.origin({ k: "ref", b: it.file.functions[it.f]!.params[0]?.binding ?? -1 }, it.file)),
      ];
    if (it.k === "module") {
      const main = program.exported(it, "default");
      return each(main).flatMap((one) => (one.k === "fn" ? [paramRouter(one, 0)] : []));
    }
    if (it.k === "obj") {
      // `export default { plugin }` and namespace-like objects.
      const found = program.property({ value: it.value, file: it.file, env: it.env }, "default");
      return found.is === "yes" ? pluginsOf(program, found.at) : [];
    }
    return [];
  });
}

/** Wrapped by `fastify-plugin`: registered in the instance itself, so a prefix does nothing. */
function hasNoScope(program: Program, at: Scoped, depth = 0): boolean {
  const { value, file } = at;
  if (depth > 4) return false;
  if (value.k === "call") {
    const callee = program.callee(file, value.c);
    return (callee.k === "method" || callee.k === "library") && callee.library.name === "fastify-plugin";
  }
  const written = program.written(value, file);
  if (written) return hasNoScope(program, written, depth + 1);
  const binding = value.k === "ref" ? file.bindings[value.b] : undefined;
  return (
    binding?.kind === "const" &&
    binding.value !== undefined &&
    hasNoScope(program, { value: binding.value, file }, depth + 1)
  );
}

function isAutoload(value: Value, file: FileSummary): boolean {
  if (value.k === "ref") {
    const binding = file.bindings[value.b];
    const specifier = binding?.from ? file.imports[binding.from.import]?.specifier : undefined;
    return specifier !== undefined && AUTOLOAD.has(specifier);
  }
  return (
    value.k === "op" &&
    (value.op === "require" || value.op === "import") &&
    AUTOLOAD.has(file.imports[(value.args[0] as { v: number }).v]?.specifier ?? "")
  );
}

/** Every plugin file under a folder, with the prefix its folders give it. */
function autoloaded(
  program: Program,
  options: Scoped,
  mounts: Mounts,
): readonly { readonly child: Router; readonly prefix: string }[] {
  const read = (at: Scoped, name: string): Scoped | undefined => {
    const found = program.property(at, name);
    return found.is === "yes" ? found.at : undefined;
  };
  const dirAt = read(options, "dir");
  const dir = dirAt ? pathIn(program, dirAt) : undefined;
  if (dir === undefined) return [];
  const inner = read(options, "options");
  const outer = (inner ? routeTexts(program, read(inner, "prefix"))?.[0] : undefined) ?? "";
  const isFlat = truthy(program, read(options, "dirNameRoutePrefix")) === false;
  const hasParams = truthy(program, read(options, "routeParams")) === true;
  const ignored = read(options, "ignorePattern");
  const ignore =
    ignored?.value.k === "op" && ignored.value.op === "regex" && ignored.value.args[0]?.k === "lit"
      ? pattern(String(ignored.value.args[0].v))
      : undefined;
  const base = dir === "/" ? "" : `${dir.slice(1)}/`;
  const indexed = new Set<string>();
  for (const path of program.files.keys())
    if (path.startsWith(base) && /(^|\/)index\.[cm]?[jt]s$/.test(path))
      indexed.add(path.slice(0, path.lastIndexOf("/") + 1));
  const found: { child: Router; prefix: string }[] = [];
  for (const file of program.files.values()) {
    if (!file.path.startsWith(base) || isTestFile(file)) continue;
    const relative = file.path.slice(base.length);
    const name = relative.slice(relative.lastIndexOf("/") + 1);
    const isIndex = /^index\./.test(name);
    const main = exportedValue(file, "default") ?? exportedValue(file, "=");
    const fns = each(main ? program.at(main) : program.exported({ k: "module", file }, "default")).flatMap((it) =>
      it.k === "fn" ? [it] : [],
    );
    // Beside an index only the index is a plugin.
    const isShadowed = !isIndex && indexed.has(file.path.slice(0, file.path.lastIndexOf("/") + 1));
    if (isShadowed || /^\.?autohooks\./.test(name) || ignore?.test(name) || ignore?.test(relative)) {
      for (const it of fns) mounts.hide(paramRouter(it, 0));
      continue;
    }
    const auto = routeTexts(program, exportedValue(file, "autoPrefix"))?.[0];
    const override = routeTexts(program, exportedValue(file, "prefixOverride"))?.[0];
    const folders = isFlat ? "" : relative.slice(0, relative.length - name.length);
    const folder = hasParams ? folders.replace(/(^|\/)_(?!_)/g, "$1:").replace(/__/g, ":") : folders;
    const isBare = main !== undefined && hasNoScope(program, main);
    const prefix = isBare ? "" : `${outer}/${override ?? `${folder}/${auto ?? ""}`}`;
    for (const it of fns) found.push({ child: paramRouter(it, 0), prefix });
  }
  return found;
}

function exportedValue(file: FileSummary, name: string): Scoped | undefined {
  const found = file.exports.find((it) => it.name === name && "value" in it);
  return found && "value" in found ? { value: found.value, file } : undefined;
}

function truthy(program: Program, at: Scoped | undefined): boolean | undefined {
  if (!at) return undefined;
  const { is } = program.truth(at);
  return is === "unknown" ? undefined : is === "yes";
}

/** A project's own pattern, unless it repeats a group: such a one could take for ever. */
function pattern(source: string): RegExp | undefined {
  try {
    return source.length < 200 && !/\)[*+{]/.test(source) ? new RegExp(source) : undefined;
  } catch {
    return undefined;
  }
}
