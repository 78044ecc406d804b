/** Servers that tell requests apart themselves: the branches of a listener that stand for a path and a method. */
import type { Branch, Env, FileSummary, PlacedFunction, Program, Span, Value } from "../../engine/index.ts";
import { VERB_NAMES } from "./_methods.ts";
import { patternRoute, routeTexts } from "./_texts.ts";
import { each } from "./_values.ts";

/** What a request has to be for a part of a listener to run. */
export interface RequestPart {
  readonly methods: readonly string[];
  /** Templates; `/*` behind a prefix. Empty where any path will do. */
  readonly paths: readonly string[];
  readonly fn: PlacedFunction;
  /** The branch. */
  readonly at: Span;
  /** What runs only then. */
  readonly within: Span;
  /** Functions of the project that are given the request there. */
  readonly calls: readonly PlacedFunction[];
}

/** What a function gets by which parameter. */
interface Given {
  readonly request: readonly number[];
  readonly path: readonly number[];
  readonly env: Env | undefined;
}

interface Listener extends PlacedFunction {
  /** Bindings that stand for the request, and for its path. */
  readonly request: ReadonlySet<number>;
  readonly path: ReadonlySet<number>;
  readonly env: Env | undefined;
}

interface Delegate extends Given {
  readonly of: PlacedFunction;
  /** It answers the request: it gets the response as well, or its result is returned. */
  readonly answers: boolean;
}

interface Condition {
  readonly methods?: readonly string[] | undefined;
  readonly paths?: readonly string[] | undefined;
}

const MAX_DEPTH = 4;
const TEXT_METHODS = new Set(["toLowerCase", "toString", "trim", "replace", "replaceAll", "slice", "split", "at"]);
const PATH_NAMES = new Set(["url", "originalUrl", "path", "pathname"]);

/** The parts of a listener and of the functions that it hands its request to, one for each method and path. `index` is the request's parameter. */
export function requestParts(program: Program, fn: PlacedFunction, index = 0): readonly RequestPart[] {
  const found = new Map<string, RequestPart>();
  for (const it of partsOf(program, fn, { request: [index], path: [], env: undefined }, new Set(), 0))
    for (const method of it.methods)
      for (const path of it.paths) {
        // A path that is looked at more than once is served by the widest of those parts.
        const known = found.get(`${method} ${path}`);
        if (!known || known.within[1] - known.within[0] < it.within[1] - it.within[0])
          found.set(`${method} ${path}`, { ...it, methods: [method], paths: [path] });
      }
  return [...found.values()];
}

function partsOf(
  program: Program,
  fn: PlacedFunction,
  given: Given,
  seen: Set<unknown>,
  depth: number,
): readonly RequestPart[] {
  const summary = fn.file.functions[fn.f]!;
  if (seen.has(summary) || depth > MAX_DEPTH) return [];
  seen.add(summary);
  const named = (indexes: readonly number[]) => new Set(indexes.flatMap((it) => summary.params[it]?.binding ?? []));
  const listener: Listener = { ...fn, request: named(given.request), path: named(given.path), env: given.env };
  const follow = (it: Delegate) => partsOf(program, it.of, it, seen, depth + 1);
  const branches = branchesOf(listener);
  const parts: RequestPart[] = [];
  for (const [i, branch] of branches) {
    const end = fn.file.functions[branch.fn]!.bodyAt[1];
    const rest: Span | undefined = branch.elseAt ?? (branch.exits === "no" ? undefined : [branch.at[1], end]);
    for (const [isNot, within] of [
      [false, branch.thenAt],
      [true, rest],
    ] as const) {
      if (!within) continue;
      for (const { paths, methods } of conditions(program, branch.test, listener, isNot, 0)) {
        if (!paths) continue;
        const below = methods ? [] : methodsBelow(program, listener, i, within);
        const around = methods ?? methodsAround(program, listener, branch) ?? ["ALL"];
        for (const it of below.length > 0 ? below : [{ methods: around, within }]) {
          const calls = requestCalls(program, listener, it.within, []);
          const deeper = calls.flatMap(follow);
          const closer = deeper.filter((one) => one.paths.length > 0);
          // What it hands the request to looks at the path again, more closely.
          if (closer.length > 0) parts.push(...closer.map((one) => withMethods(one, it.methods)));
          else if (!isPrefix(paths) || !hasPathsBelow(program, listener, i, it.within))
            for (const one of splitByMethod(deeper, it.methods))
              parts.push({
                ...one,
                paths,
                fn,
                at: branch.at,
                within: it.within,
                calls: one.calls ?? calls.filter((to) => to.answers).map((to) => to.of),
              });
        }
      }
    }
  }
  const taken = parts.filter((it) => it.fn.f === fn.f && it.fn.file === fn.file).map((it) => it.within);
  const others = requestCalls(program, listener, summary.bodyAt, taken).flatMap(follow);
  parts.push(...others.filter((it) => it.paths.length > 0));
  return parts.length > 0 ? parts : methodsOnly(program, listener);
}

/** A delegate that only looks at the method serves each for the path that led to it. */
function splitByMethod(
  deeper: readonly RequestPart[],
  methods: readonly string[],
): readonly { readonly methods: readonly string[]; readonly calls?: readonly PlacedFunction[] }[] {
  const known = methods[0] === "ALL" ? deeper.filter((it) => it.paths.length === 0) : [];
  return known.length > 0 ? known.map((it) => ({ methods: it.methods, calls: [it.fn] })) : [{ methods }];
}

function withMethods(it: RequestPart, methods: readonly string[]): RequestPart {
  return it.methods[0] === "ALL" && methods[0] !== "ALL" ? { ...it, methods } : it;
}

function isPrefix(paths: readonly string[]): boolean {
  return paths.every((it) => it.endsWith("*"));
}

/** The branches of a function and its closures; what is only a part of another's test says nothing by itself. */
function branchesOf({ file, f }: PlacedFunction): readonly (readonly [number, Branch])[] {
  const own = [...file.branches.entries()].filter(([, it]) => isInside(file, it.fn, f));
  return own.filter(
    ([i, it]) =>
      !own.some(
        ([j, other]) =>
          i !== j &&
          inSpan(it.at, other.at) &&
          !inSpan(it.at, other.thenAt) &&
          !(other.elseAt && inSpan(it.at, other.elseAt)) &&
          it.at[1] <= other.thenAt[0],
      ),
  );
}

/** A listener that tells methods apart but no paths. */
function methodsOnly(program: Program, listener: Listener): readonly RequestPart[] {
  return branchesOf(listener).flatMap(([, branch]) => {
    return conditions(program, branch.test, listener, false, 0).flatMap((it) => {
      const methods = it.methods?.filter((one) => one !== "OPTIONS" && one !== "HEAD") ?? [];
      return methods.length > 0
        ? [{ methods, paths: [], fn: listener, at: branch.at, within: branch.thenAt, calls: [] }]
        : [];
    });
  });
}

function inSpan(at: Span, span: Span): boolean {
  return at[0] >= span[0] && at[1] <= span[1];
}

function isInside(file: FileSummary, f: number, outer: number): boolean {
  for (let i = f; i > 0; i = file.functions[i]!.parent) if (i === outer) return true;
  return f === outer;
}

/** Branches on the method inside of a part: each serves one. */
function methodsBelow(
  program: Program,
  listener: Listener,
  index: number,
  within: Span,
): readonly { readonly methods: readonly string[]; readonly within: Span }[] {
  const { branches } = listener.file;
  const found: { methods: readonly string[]; within: Span }[] = [];
  for (const [i, branch] of branches.entries()) {
    if (i === index || !inSpan(branch.at, within)) continue;
    const then = conditions(program, branch.test, listener, false, 0);
    const not = conditions(program, branch.test, listener, true, 0);
    if (then.some((it) => it.paths) || not.some((it) => it.paths)) return [];
    for (const it of then) if (it.methods) found.push({ methods: it.methods, within: branch.thenAt });
    const rest: Span | undefined = branch.elseAt ?? (branch.exits === "no" ? undefined : [branch.at[1], within[1]]);
    if (rest) for (const it of not) if (it.methods) found.push({ methods: it.methods, within: rest });
  }
  const useful = found.filter((it) => it.methods.some((one) => one !== "OPTIONS" && one !== "HEAD"));
  return useful.length > 0 ? found : [];
}

function hasPathsBelow(program: Program, listener: Listener, index: number, within: Span): boolean {
  return listener.file.branches.some(
    (branch, i) =>
      i !== index &&
      inSpan(branch.at, within) &&
      conditions(program, branch.test, listener, false, 0).some((it) => it.paths),
  );
}

/** The methods that a branch is reached with: of the branches around it, and of what left before it. */
function methodsAround(program: Program, listener: Listener, branch: Branch): readonly string[] | undefined {
  const { branches } = listener.file;
  for (let i = branch.parent; i !== undefined; i = branches[i]!.parent) {
    const outer: Branch = branches[i]!;
    const isThen = inSpan(branch.at, outer.thenAt);
    const found = conditions(program, outer.test, listener, !isThen, 0).flatMap((it) => it.methods ?? []);
    if (found.length > 0) return found;
  }
  for (const it of branches) {
    if (it.exits === "no" || it.at[1] > branch.at[0] || !isInside(listener.file, branch.fn, it.fn)) continue;
    const outer = it.parent === undefined ? undefined : branches[it.parent];
    if (outer && !inSpan(branch.at, outer.at)) continue;
    const left = conditions(program, it.test, listener, true, 0);
    const found = left.every((one) => !one.paths) ? left.flatMap((one) => one.methods ?? []) : [];
    if (found.length > 0) return found;
  }
  return undefined;
}

/** Functions of the project that a call inside `within` hands the request or its path to. */
function requestCalls(
  program: Program,
  listener: Listener,
  within: Span,
  outside: readonly Span[],
): readonly Delegate[] {
  const { file, env } = listener;
  return file.calls.flatMap((call, c) => {
    if (!inSpan(call.at, within) || outside.some((it) => inSpan(call.at, it))) return [];
    const at = (is: (it: Value) => boolean): readonly number[] => call.args.flatMap((it, i) => (is(it) ? [i] : []));
    const request = at((it) => isRequest(it, listener));
    const path = at((it) => isPath(program, it, listener, 0));
    if (request.length === 0 && path.length === 0) return [];
    const answers = request.length > 0 && (call.use === "return" || call.args.some((it) => isResponse(it, listener)));
    return each(program.callee(file, c, env)).flatMap((it) =>
      it.k === "fn"
        ? [{ of: { file: it.file, f: it.f }, request, path, env: program.enter(it, call, file, env), answers }]
        : [],
    );
  });
}

function isResponse(value: Value, { file, request }: Listener): boolean {
  const binding = value.k === "ref" ? file.bindings[value.b] : undefined;
  return binding?.kind === "param" && !request.has((value as { b: number }).b) && /^_?res(ponse)?$/.test(binding.name);
}

function isRequest(value: Value, listener: Listener): boolean {
  if (value.k !== "ref") return false;
  if (listener.request.has(value.b)) return true;
  const binding = listener.file.bindings[value.b];
  return binding?.kind === "const" && binding.value !== undefined && isRequest(binding.value, listener);
}

/** Every way in which a test holds, or with `isNot` does not hold, as far as it speaks of the path and the method. */
function conditions(
  program: Program,
  test: Value,
  listener: Listener,
  isNot: boolean,
  depth: number,
): readonly Condition[] {
  const { file, env } = listener;
  if (depth > 8) return [];
  const inner = (it: Value, not = isNot) => conditions(program, it, listener, not, depth + 1);
  if (test.k === "op" && test.op === "!" && test.args[0]) return inner(test.args[0], !isNot);
  if (test.k === "either") {
    if (test.op === "?:" || test.op === "??") return [];
    const [a, b] = [inner(test.a), inner(test.b)];
    if ((test.op === "||") !== isNot) return [...a, ...b];
    if (a.length === 0 || b.length === 0) return a.length === 0 ? b : a;
    return a.flatMap((one) =>
      b.map((other) => ({ methods: one.methods ?? other.methods, paths: one.paths ?? other.paths })),
    );
  }
  if (test.k === "op" && /^[!=]==?$/.test(test.op) && test.args.length === 2) {
    const [a, b] = test.args as [Value, Value];
    // `switch (true) { case url === "/a": … }`.
    if (a.k === "lit" && a.v === true) return inner(b);
    if (test.op.startsWith("!") !== isNot) return [];
    for (const [subject, other] of [
      [a, b],
      [b, a],
    ] as const) {
      if (isMethod(subject, listener, 0)) {
        const method = program.text({ value: other, file, env })?.toUpperCase();
        if (method !== undefined && VERB_NAMES.has(method)) return [{ methods: [method] }];
      } else if (isPath(program, subject, listener, 0)) {
        const paths = routeTexts(program, { value: other, file, env })?.filter((it) => it.startsWith("/"));
        if (paths && paths.length > 0) return [{ paths }];
      }
    }
    return [];
  }
  if (test.k === "ref") {
    const binding = file.bindings[test.b];
    return binding?.kind === "const" && binding.value?.k === "call" ? inner(binding.value) : [];
  }
  if (test.k !== "call" || isNot) return [];
  return called(program, test.c, listener);
}

/** `path.startsWith("/a")`, `/^\/a$/.test(path)`, `path.match(/…/)`, `["/a", "/b"].includes(path)`. */
function called(program: Program, c: number, listener: Listener): readonly Condition[] {
  const { file, env } = listener;
  const { callee, args } = file.calls[c]!;
  const [first] = args;
  if (callee.k !== "get" || !first) return [];
  const isOn = isPath(program, callee.of, listener, 0);
  const isGiven = isPath(program, first, listener, 0) || isRequest(first, listener);
  const pattern = (of: Value): readonly Condition[] => {
    const source = regexIn(of, file);
    const path = source === undefined ? undefined : patternRoute(source);
    return path === undefined ? [] : [{ paths: [path] }];
  };
  if (callee.name === "startsWith" && isOn) {
    const texts = routeTexts(program, { value: first, file, env })?.filter((it) => it.startsWith("/"));
    return texts && texts.length > 0 ? [{ paths: texts.map((it) => `${it.replace(/\/$/, "")}/*`) }] : [];
  }
  if (callee.name === "match" && isOn) return pattern(first);
  if ((callee.name === "test" || callee.name === "exec") && isGiven) return pattern(callee.of);
  if (callee.name !== "includes") return [];
  const texts = routeTexts(program, { value: callee.of, file, env }) ?? [];
  if (isMethod(first, listener, 0)) {
    const methods = texts.map((it) => it.toUpperCase()).filter((it) => VERB_NAMES.has(it));
    return methods.length > 0 ? [{ methods }] : [];
  }
  const paths = isGiven ? texts.filter((it) => it.startsWith("/")) : [];
  return paths.length > 0 ? [{ paths }] : [];
}

function regexIn(value: Value, file: FileSummary): string | undefined {
  if (value.k === "op" && value.op === "regex" && value.args[0]?.k === "lit") return String(value.args[0].v);
  const binding = value.k === "ref" ? file.bindings[value.b] : undefined;
  return binding?.kind === "const" && binding.value && binding.value.k !== "ref"
    ? regexIn(binding.value, file)
    : undefined;
}

function isMethod(value: Value, listener: Listener, depth: number): boolean {
  if (depth > 5) return false;
  const inner = (it: Value | undefined): boolean => it !== undefined && isMethod(it, listener, depth + 1);
  if (value.k === "get") return value.name === "method" && isRequest(value.of, listener);
  if (value.k === "either") return inner(value.a);
  if (value.k === "call") {
    const { callee } = listener.file.calls[value.c]!;
    return callee.k === "get" && /^to(Upper|Lower)Case$/.test(callee.name) && inner(callee.of);
  }
  return value.k === "ref" && inner(heldBy(listener.file, value.b));
}

/** The request's path: its `url`, what `new URL(…)` or a helper makes of it, cut or changed in case. */
function isPath(program: Program, value: Value, listener: Listener, depth: number): boolean {
  if (depth > 8) return false;
  const { file } = listener;
  const inner = (it: Value | undefined): boolean => it !== undefined && isPath(program, it, listener, depth + 1);
  switch (value.k) {
    case "get":
      return PATH_NAMES.has(value.name) && (isRequest(value.of, listener) || inner(value.of));
    case "either":
      return inner(value.a);
    case "at": {
      // `url.split("?")[0]`.
      const of = value.of.k === "call" ? file.calls[value.of.c] : undefined;
      return (
        value.key.k === "lit" &&
        value.key.v === 0 &&
        of?.callee.k === "get" &&
        of.callee.name === "split" &&
        inner(value.of)
      );
    }
    case "call": {
      const { callee, args } = file.calls[value.c]!;
      if (callee.k === "get" && TEXT_METHODS.has(callee.name) && inner(callee.of)) {
        const [by] = args;
        return callee.name !== "split" || (by?.k === "lit" && by.v !== "/");
      }
      // `new URL(request.url)`, `parse(req.url)`, `pathOf(req)`.
      return (
        args.some((it) => isRequest(it, listener) || inner(it)) &&
        !/method|body|header|cookie/i.test(nameOf(callee, file))
      );
    }
    case "tpl":
      return value.values.some(inner);
    case "ref":
      return listener.path.has(value.b) || inner(heldBy(file, value.b));
    default:
      return false;
  }
}

function heldBy(file: FileSummary, b: number): Value | undefined {
  const binding = file.bindings[b];
  return binding && binding.kind !== "param" ? (binding.value ?? binding.writes?.[0]) : undefined;
}

function nameOf(callee: Value, file: FileSummary): string {
  if (callee.k === "get" || callee.k === "global") return callee.name;
  return callee.k === "ref" ? (file.bindings[callee.b]?.name ?? "") : "";
}
