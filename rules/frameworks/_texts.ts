/** The texts a route may have, and where they are written. */
import { type FileSummary, joinRoute, type Program, type Scoped, type Span, type Value } from "../../engine/index.ts";
import { frameOf, hasItem } from "./_frames.ts";
import { each } from "./_values.ts";

const MAX_TEXTS = 24;

/**
 * The texts a route may have. What is interpolated and cannot be read becomes `:name`, or nothing where it leads the
 * route (a configured prefix). Undefined where nothing of it can be read.
 */
export function routeTexts(program: Program, at: Scoped | undefined, depth = 0): readonly string[] | undefined {
  if (!at || depth > 12) return undefined;
  const { value, file, env } = at;
  const inner = (it: Value) => routeTexts(program, { value: it, file, env }, depth + 1);
  switch (value.k) {
    case "lit":
      return typeof value.v === "string" || typeof value.v === "number" ? [String(value.v)] : undefined;
    case "arr": {
      const found = value.items.flatMap((it) => inner(it) ?? []);
      return found.length > 0 ? found.slice(0, MAX_TEXTS) : undefined;
    }
    case "tpl":
      return combine([
        value.strings[0]!,
        ...value.values.flatMap((it, i) => [
          placeholder(inner(it), it, file, value.strings[0] === "" && i === 0),
          value.strings[i + 1]!,
        ]),
      ]);
    case "op":
      if (value.op === "spread" && value.args[0]) return inner(value.args[0]);
      if (value.op !== "+") return readTexts(program, at);
      return combine(value.args.map((it, i) => placeholder(inner(it), it, file, i === 0)));
    case "either": {
      const found = [...(value.op === "&&" ? [] : (inner(value.a) ?? [])), ...(inner(value.b) ?? [])];
      // A configured value with a literal to fall back on is the literal.
      return found.length > 0 ? [...new Set(found)] : undefined;
    }
    case "ref": {
      const known = readTexts(program, at);
      if (known) return known;
      const written = program.written(value, file);
      if (written) return routeTexts(program, written, depth + 1);
      const binding = file.bindings[value.b];
      if (binding?.kind === "param") {
        const frame = frameOf(env, file, binding.fn);
        const arg = frame?.args[binding.param ?? 0];
        return frame && arg
          ? routeTexts(program, { value: arg, file: frame.argsFile, env: frame.argsEnv }, depth + 1)
          : undefined;
      }
      return binding?.kind !== "item" && binding?.value ? inner(binding.value) : undefined;
    }
    case "get": {
      const known = readTexts(program, at);
      if (known) return known;
      const found = program.property({ value: value.of, file, env }, value.name);
      return found.is === "yes" ? routeTexts(program, found.at, depth + 1) : undefined;
    }
    case "at": {
      // `file.split(".")[0]`.
      const of = value.of.k === "call" ? file.calls[value.of.c] : undefined;
      if (
        of?.callee.k === "get" &&
        of.callee.name === "split" &&
        value.key.k === "lit" &&
        value.key.v === 0 &&
        of.args[0]?.k === "lit"
      ) {
        const by = String(of.args[0].v);
        return inner(of.callee.of)?.map((it) => it.split(by)[0]!);
      }
      const arg = program.restArgument(value, file, env);
      if (arg) return routeTexts(program, arg, depth + 1);
      return readTexts(program, at);
    }
    case "call": {
      const call = file.calls[value.c]!;
      if (call.callee.k !== "get") return readTexts(program, at);
      const [first, second] = call.args;
      const { name, of } = call.callee;
      if (name === "replace" && second?.k === "lit" && first?.k === "lit")
        return inner(of)?.map((it) => it.replace(String(first.v), String(second.v)));
      if (name === "replace" && second?.k === "lit" && first?.k === "op")
        return inner(of)?.map((it) => it.replace(/(\.\w+)?\.[cm]?[jt]s$/, String(second.v)));
      if (
        name === "slice" &&
        first?.k === "lit" &&
        typeof first.v === "number" &&
        second?.k === "lit" &&
        typeof second.v === "number"
      ) {
        const [from, to] = [first.v, second.v];
        return inner(of)?.map((it) => it.slice(from, to));
      }
      if (name === "toLowerCase") return inner(of)?.map((it) => it.toLowerCase());
      if (name === "basename" && first)
        return inner(first)?.map((it) =>
          it.slice(it.lastIndexOf("/") + 1).replace(second ? /\.[cm]?[jt]sx?$/ : /$^/, ""),
        );
      return readTexts(program, at);
    }
    default:
      return readTexts(program, at);
  }
}

/** A route that is a pattern, as `pathTexts` gives it: written as the framework tells it, and not to be read as a template. */
const PATTERN = "\u0000";

/** The texts of a path that may also be a pattern, or a list with patterns in it. */
export function pathTexts(program: Program, at: Scoped | undefined): readonly string[] | undefined {
  if (!at) return undefined;
  const { value } = at;
  if (value.k === "op" && value.op === "regex" && value.args[0]?.k === "lit")
    return [`${PATTERN}/${String(value.args[0].v)}/`];
  if (value.k !== "arr") return routeTexts(program, at);
  const found = value.items.flatMap((it) => pathTexts(program, { ...at, value: it }) ?? []);
  return found.length > 0 ? found.slice(0, MAX_TEXTS) : undefined;
}

/** The routes that a path stands for under a prefix. */
export function routesUnder(prefix: string, path: string): readonly string[] {
  if (!path.startsWith(PATTERN)) return plainRoutes(joinRoute(prefix, path));
  return [`${PATTERN}${prefix === "/" ? "" : prefix}${path.slice(1)}`];
}

/** A route as it is told. */
export function toldRoute(route: string): string {
  return route.startsWith(PATTERN) ? route.slice(1) : joinRoute(route);
}

/** Whether a part of a text is a parameter that no frame fills: callers may tell more. */
export function isOpenText(program: Program, { value, file, env }: Scoped): boolean {
  const open = (it: Value): boolean => {
    if (it.k === "tpl") return it.values.some(open);
    if (it.k === "op" && it.op === "+") return it.args.some(open);
    return isOpen(program, { value: it, file, env }) && program.text({ value: it, file, env }) === undefined;
  };
  return (value.k === "tpl" || value.k === "op") && open(value);
}

/** Whether a value is a parameter that no frame fills, or a part of one: `name`, `options.path`, `args[0]`. */
export function isOpen(program: Program, { value, file, env }: Scoped, depth = 0): boolean {
  if (depth > 8) return false;
  const inner = (it: Scoped): boolean => isOpen(program, it, depth + 1);
  if (value.k === "get") return inner({ value: value.of, file, env });
  if (value.k === "at") return inner(program.restArgument(value, file, env) ?? { value: value.of, file, env });
  const binding = value.k === "ref" ? file.bindings[value.b] : undefined;
  if (binding?.kind === "param") {
    const frame = frameOf(env, file, binding.fn);
    const arg = frame?.args[binding.param ?? 0];
    return frame ? arg !== undefined && inner({ value: arg, file: frame.argsFile, env: frame.argsEnv }) : true;
  }
  return binding?.kind === "const" && binding.value ? inner({ value: binding.value, file, env }) : false;
}

/**
 * Whether a path is said where a value stands: in full, or with parameters for whole segments (`/${name}/:id`). A
 * parameter that stands for a path of its own, or for a part of it (`/api${path}`), is said by whoever gives it.
 */
export function saysPath(program: Program, at: Scoped, depth = 0): boolean {
  const { value, file, env } = at;
  if (depth > 8) return false;
  const follow = (it: Scoped | undefined): boolean => it !== undefined && saysPath(program, it, depth + 1);
  const textOf = (it: Value): string | undefined => program.text({ value: it, file, env });
  if (textOf(value) !== undefined) return !isOfCallers(at, 0);
  if (value.k === "tpl" || (value.k === "op" && value.op === "+")) {
    const parts: readonly Value[] =
      value.k === "op"
        ? value.args
        : value.strings.flatMap((v, i): Value[] => [{ k: "lit", v }, ...(value.values[i] ? [value.values[i]] : [])]);
    const texts = parts.map(textOf);
    return parts.every((it, i) => {
      if (texts[i] !== undefined) return true;
      const [before, after] = [i > 0 ? (texts[i - 1] ?? ":") : "", i + 1 < parts.length ? (texts[i + 1] ?? ":") : ""];
      const isSegment = (before === "" || before.endsWith("/")) && (after === "" || /^[/.]/.test(after));
      return (isSegment && before + after !== "") || follow({ value: it, file, env });
    });
  }
  if (value.k === "at") return follow(program.restArgument(value, file, env));
  const binding = value.k === "ref" ? file.bindings[value.b] : undefined;
  if (binding?.kind === "param") {
    const frame = frameOf(env, file, binding.fn);
    const arg = frame?.args[binding.param ?? 0];
    return frame !== undefined && arg !== undefined && follow({ value: arg, file: frame.argsFile, env: frame.argsEnv });
  }
  return binding?.kind === "const" && binding.value !== undefined && follow({ value: binding.value, file, env });
}

/** Whether a value is a parameter or an element of a list that no frame fills, or a part of one: what it is lies with others. */
function isOfCallers({ value, file, env }: Scoped, depth: number): boolean {
  if (depth > 8) return false;
  const inner = (it: Value): boolean => isOfCallers({ value: it, file, env }, depth + 1);
  if (value.k === "get" || value.k === "at") return inner(value.of);
  if (value.k === "op" && value.op === "item") return !value.args[0] || !hasItem(env, value.args[0]);
  if (value.k === "call") return file.calls[value.c]!.callee.k === "get" && inner(file.calls[value.c]!.callee);
  const binding = value.k === "ref" ? file.bindings[value.b] : undefined;
  if (binding?.kind === "param") return !frameOf(env, file, binding.fn);
  return binding?.value !== undefined && binding.value.k !== "lit" && inner(binding.value);
}

function readTexts(program: Program, at: Scoped): readonly string[] | undefined {
  const found = each(program.at(at)).flatMap((it): readonly string[] => {
    if (it.k === "lit" && (typeof it.v === "string" || typeof it.v === "number")) return [String(it.v)];
    if (it.k === "arr") return it.items.flatMap((one) => routeTexts(program, one, 8) ?? []);
    return [];
  });
  return found.length > 0 ? found.slice(0, MAX_TEXTS) : undefined;
}

function placeholder(
  texts: readonly string[] | undefined,
  value: Value,
  file: FileSummary,
  isLeading: boolean,
): readonly string[] {
  if (texts) return texts;
  if (isLeading) return [""];
  const name = value.k === "ref" ? file.bindings[value.b]?.name : value.k === "get" ? value.name : undefined;
  return [`:${name && /^\w+$/.test(name) ? name : "param"}`];
}

function combine(parts: readonly (string | readonly string[])[]): readonly string[] {
  let made = [""];
  for (const part of parts) {
    const choices = typeof part === "string" ? [part] : part;
    made = made.flatMap((it) => choices.map((one) => it + one)).slice(0, MAX_TEXTS);
  }
  return made;
}

/**
 * A framework's way of writing parameters to ours: `:id(\\d+)` and `{id}` to `:id`, a named rest to `:name*`, and a
 * route with an optional part to the two it stands for.
 */
export function plainRoutes(route: string): readonly string[] {
  const plain = withoutPatterns(route)
    .replace(/\/\{\*(\w+)\}/g, "/:$1*")
    .replace(/\/\*\*:(\w+)/g, "/:$1*")
    .replace(/\/\*\*(?=\/|$)/g, "/*")
    .replace(/\/\*(\w+)/g, "/:$1*")
    .replace(/\(\.\*\)/g, "*")
    .replace(/\(([\w.:*/-]+)\)\?/g, "{$1}")
    .replace(/\{(\w+)\?\}/g, ":$1?")
    .replace(/\{(\w+)\*\d*\}/g, ":$1*")
    .replace(/\{(\w+)(?::[^}]*)?\}/g, ":$1");
  // Express 5 writes an optional part in braces, others with a question mark.
  const group = /\{([^{}]*)\}/.exec(plain);
  if (group)
    return [
      ...new Set([...plainRoutes(plain.replace(group[0], group[1]!)), ...plainRoutes(plain.replace(group[0], ""))]),
    ];
  const optional = /\/:(\w+)(\*?)\?/.exec(plain);
  if (!optional) return [plain];
  return [
    ...plainRoutes(plain.replace(optional[0], `/:${optional[1]}${optional[2]}`)),
    ...plainRoutes(plain.replace(optional[0], "")),
  ];
}

/**
 * Drops the regular expressions that follow parameters, nested brackets included. In braces (`:id{[0-9]+}`) it is one
 * unless they hold a segment or another parameter, which makes them Express's optional part.
 */
function withoutPatterns(route: string): string {
  let text = "";
  for (let i = 0; i < route.length; i++) {
    const opening = route[i]!;
    const closing = opening === "(" ? ")" : opening === "{" ? "}" : "";
    if (closing && /:\w+$/.test(text)) {
      let end = i;
      for (let depth = 0; end < route.length; end++) {
        if (route[end] === opening) depth++;
        else if (route[end] === closing && --depth === 0) break;
      }
      const inside = route.slice(i + 1, end);
      if (opening === "(" || !/^\/|:\w/.test(inside)) {
        i = end;
        continue;
      }
    }
    text += opening;
  }
  return text;
}

/**
 * The route that a regular expression stands for: `^\/users\/(\d+)$` is `/users/:param`, `(?<id>…)` is `:id`, an open
 * end is `*`. Undefined where it stands for none in particular.
 */
export function patternRoute(source: string): string | undefined {
  if (!source.startsWith("^") || source.length > 200) return undefined;
  let text = "";
  let i = 1;
  for (; i < source.length; i++) {
    const it = source[i]!;
    if (it === "$") break;
    if (it === "\\") {
      const next = source[++i] ?? "";
      if (!/[/.\-_~]/.test(next)) return undefined;
      text += next;
    } else if (it === "(") {
      let end = i;
      for (let depth = 0; end < source.length; end++) {
        if (source[end] === "\\") end++;
        else if (source[end] === "(") depth++;
        else if (source[end] === ")" && --depth === 0) break;
      }
      const inside = source.slice(i + 1, end);
      i = /[?*+]/.test(source[end + 1] ?? "") ? end + 1 : end;
      if (/^\?[:=!]/.test(inside)) {
        // `(?:\/|$)` and `(?:\?.*)?` say how it ends.
        if (/^\?[:=](\\\/\|\$|\$\|\\\/|\\\?)/.test(inside)) continue;
        return undefined;
      }
      const name = /^\?<(\w+)>/.exec(inside)?.[1];
      const of = inside.replace(/^\?<\w+>/, "");
      // A parameter is a whole segment, or what stands before an extension.
      if (!text.endsWith("/") || i !== end || !/^(\\?[/.]|\(\?|\/|\$|$)/.test(source.slice(end + 1))) return undefined;
      text += /^\.[*+]$/.test(of) ? (name ? `:${name}*` : "*") : `:${name ?? "param"}`;
    } else if (it === "[" || it === ".") {
      // `[^/]+` without a group.
      const end = it === "[" ? source.indexOf("]", i + 1) : i;
      if (end < 0 || !/[*+]/.test(source[end + 1] ?? "") || !text.endsWith("/")) return undefined;
      text += it === "." ? "*" : ":param";
      i = end + 1;
    } else if (it === "?" && text.endsWith("/")) text = text.slice(0, -1);
    else if (/[\w/~-]/.test(it)) text += it;
    else return undefined;
  }
  if (!text.startsWith("/")) return undefined;
  const isOpen = i >= source.length && !text.endsWith("*");
  return isOpen ? `${text.replace(/\/$/, "")}/*` : text;
}

/** Where a route is written: the literal, followed through names in the same file. */
export function literalAt(
  program: Program,
  at: Scoped | undefined,
  depth = 0,
): { readonly file: FileSummary; readonly at: Span } | undefined {
  if (!at || depth > 6) return undefined;
  const { value, file, env } = at;
  if (value.k === "lit") return value.at ? { file, at: value.at } : undefined;
  if (value.k === "tpl" && value.at[0]) return { file, at: value.at[0] };
  if (value.k === "arr" && value.items[0]) return literalAt(program, { value: value.items[0], file, env }, depth + 1);
  if (value.k === "get") {
    const found = program.property({ value: value.of, file, env }, value.name);
    return found.is === "yes" ? literalAt(program, found.at, depth + 1) : undefined;
  }
  if (value.k === "ref") {
    const binding = file.bindings[value.b];
    const bound = binding?.kind === "param" ? frameOf(env, file, binding.fn) : undefined;
    const arg = bound?.args[binding!.param!];
    if (bound && arg) return literalAt(program, { value: arg, file: bound.argsFile, env: bound.argsEnv }, depth + 1);
    return binding?.value && binding.kind !== "param"
      ? literalAt(program, { value: binding.value, file, env }, depth + 1)
      : undefined;
  }
  return undefined;
}
