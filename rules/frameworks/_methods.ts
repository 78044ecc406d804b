/** Handlers that serve several methods: the parts of a function that only run for one of them. */
import type { Branch, FileSummary, PlacedFunction, Program, Scoped, Span, Value } from "../../engine/index.ts";
import { each } from "./_values.ts";

export const VERB_NAMES = new Set(["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]);

export interface MethodPart {
  readonly method: string;
  /** The method's name as written. */
  readonly nameAt: Span;
  readonly at: Span;
  /** Absent where the whole function serves it. */
  readonly within?: Span;
  readonly fn: PlacedFunction;
}

/**
 * Parts of functions behind `req.method === "GET"`, `case "GET"`, or after `if (req.method !== "POST") return`; one for
 * each method. What only `HEAD` and `OPTIONS` are kept from serves any other.
 */
export function methodParts(program: Program, fns: readonly PlacedFunction[]): readonly MethodPart[] {
  const behind: MethodPart[] = [];
  const guarded: MethodPart[] = [];
  for (const fn of fns) {
    const { file } = fn;
    for (const branch of file.branches) {
      if (branch.fn !== fn.f) continue;
      const test = methodTest(program, branch.test, file, 0);
      for (const it of test?.names ?? []) {
        const part = { method: it.name, nameAt: it.at ?? branch.at, at: branch.at, fn };
        if (test!.equal) behind.push({ ...part, within: branch.thenAt });
        else if (branch.elseAt) behind.push({ ...part, within: branch.elseAt });
        else if (branch.exits !== "no") guarded.push(part);
      }
    }
    behind.push(...tableParts(program, fn));
  }
  const found = new Map<string, MethodPart>();
  for (const it of [...behind, ...guarded]) if (!found.has(it.method)) found.set(it.method, it);
  return [...found.keys()].every((it) => it === "HEAD" || it === "OPTIONS") ? [] : [...found.values()];
}

interface Named {
  readonly name: string;
  readonly at?: Span;
}

function methodTest(
  program: Program,
  test: Branch["test"],
  file: FileSummary,
  depth: number,
): { readonly equal: boolean; readonly names: readonly Named[] } | undefined {
  if (depth > 5) return undefined;
  if (test.k === "op" && test.op === "!" && test.args[0]) {
    const inner = methodTest(program, test.args[0], file, depth + 1);
    return inner ? { equal: !inner.equal, names: inner.names } : undefined;
  }
  if (test.k === "either") {
    const a = methodTest(program, test.a, file, depth + 1);
    const b = methodTest(program, test.b, file, depth + 1);
    // `method === "PUT" || method === "PATCH"`; `method !== "GET" && method !== "POST"`.
    if (a && b && a.equal === b.equal && a.equal === (test.op === "||"))
      return { equal: a.equal, names: [...a.names, ...b.names] };
    return undefined;
  }
  if (test.k === "op" && /^[!=]==?$/.test(test.op) && test.args.length === 2) {
    const [a, b] = test.args as [Value, Value];
    const name = isMethod(a, file)
      ? literal(program, b, file)
      : isMethod(b, file)
        ? literal(program, a, file)
        : undefined;
    return name ? { equal: test.op.startsWith("="), names: [name] } : undefined;
  }
  if (test.k === "call") {
    // `["GET", "POST"].includes(req.method)`.
    const call = file.calls[test.c];
    if (call?.callee.k !== "get" || call.callee.name !== "includes" || !call.args[0] || !isMethod(call.args[0], file))
      return undefined;
    const names = each(program.origin(call.callee.of, file)).flatMap((it) =>
      it.k === "arr" ? it.items.flatMap((one) => literal(program, one.value, one.file) ?? []) : [],
    );
    return names.length > 0 ? { equal: true, names } : undefined;
  }
  return undefined;
}

/** `req.method`, `request.method?.toUpperCase()`, `method` taken out of `req`. */
function isMethod(value: Value, file: FileSummary, depth = 0): boolean {
  if (depth > 4) return false;
  if (value.k === "get") return value.name === "method";
  if (value.k === "ref") {
    const binding = file.bindings[value.b];
    return (
      binding?.name === "method" ||
      (binding?.kind === "const" && binding.value !== undefined && isMethod(binding.value, file, depth + 1))
    );
  }
  if (value.k === "call") {
    const { callee } = file.calls[value.c]!;
    return callee.k === "get" && /^to(Upper|Lower)Case$/.test(callee.name) && isMethod(callee.of, file, depth + 1);
  }
  return value.k === "either" && isMethod(value.a, file, depth + 1);
}

function literal(program: Program, value: Value, file: FileSummary): Named | undefined {
  const text =
    program.text({ value, file })?.toUpperCase() ??
    (value.k === "get" && VERB_NAMES.has(value.name.toUpperCase()) ? value.name.toUpperCase() : undefined);
  if (text === undefined || !VERB_NAMES.has(text)) return undefined;
  return { name: text, ...(value.k === "lit" && value.at ? { at: value.at } : {}) };
}

/** `handlers[req.method](req, res)` on a literal table, and `dispatch(req, res, { GET: list, POST: create })`. */
function tableParts(program: Program, fn: PlacedFunction): readonly MethodPart[] {
  const { file } = fn;
  return file.calls.flatMap((call) => {
    if (call.fn !== fn.f) return [];
    const tables =
      call.callee.k === "at" && isMethod(call.callee.key, file)
        ? [call.callee.of]
        : call.args.filter(
            (it) => it.k === "obj" && it.props.some((prop) => prop.name !== null && VERB_NAMES.has(prop.name)),
          );
    return tables.flatMap((table) =>
      each(program.origin(table, file)).flatMap((it) =>
        it.k === "obj" ? tableOf(program, { value: it.value, file: it.file, env: it.env }) : [],
      ),
    );
  });
}

/** The members of a literal that are named after methods. */
export function tableOf(program: Program, at: Scoped): readonly MethodPart[] {
  if (at.value.k !== "obj") return [];
  return at.value.props.flatMap((prop) => {
    const method = prop.name?.toUpperCase();
    if (!method || !VERB_NAMES.has(method)) return [];
    const fns = functionsIn(program, { ...at, value: prop.value });
    const nameAt: Span = [prop.at[0], prop.at[0] + prop.name!.length];
    return fns.map((fn): MethodPart => ({ method, nameAt, at: prop.at, fn }));
  });
}

function functionsIn(program: Program, at: Scoped): readonly PlacedFunction[] {
  return each(program.at(at)).flatMap((it): readonly PlacedFunction[] => {
    if (it.k === "fn") return [it];
    // `{ GET: import("./_get") }`.
    if (it.k === "module") return each(program.exported(it, "default")).flatMap((one) => (one.k === "fn" ? [one] : []));
    return [];
  });
}
