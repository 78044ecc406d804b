/** Decorators as written: by the name they are imported under and the package they come from, through project compositions. */
import type { CallSummary, Env, FileSummary, Placed, Program, Scoped, Value } from "../../engine/index.ts";
import { each } from "./_values.ts";

export interface Decorator {
  readonly name: string;
  readonly specifier: string;
  /** The decorator's call; absent for one written without parentheses. */
  readonly call?: CallSummary;
  readonly file: FileSummary;
  readonly env?: Env | undefined;
  /** The decorator as written on the member, where a project's own function composes it. */
  readonly site: Placed | undefined;
}

/** Decorators of a class or member, those that a project's function applies (`applyDecorators(Get(path), …)`) included. */
export function decoratorsOf(program: Program, values: readonly Value[], file: FileSummary): readonly Decorator[] {
  return values.flatMap((it) =>
    expand(program, { value: it, file }, it.k === "call" ? { file, c: it.c } : undefined, 0),
  );
}

function expand(program: Program, at: Scoped, site: Placed | undefined, depth: number): readonly Decorator[] {
  const { value, file, env } = at;
  if (depth > 4) return [];
  const call = value.k === "call" ? file.calls[value.c] : undefined;
  const named = imported(call ? call.callee : value, file);
  if (named) {
    if (named.specifier.startsWith(".") || !call) {
      const inner = composed(program, call, value, at, site, depth);
      if (inner.length > 0) return inner;
    }
    if (named.name === "applyDecorators" && call)
      return call.args.flatMap((it) => expand(program, { value: it, file, env }, site, depth + 1));
    const inner = named.specifier.startsWith("@nestjs/") ? [] : composed(program, call, value, at, site, depth);
    if (inner.length > 0) return inner;
    return [{ ...named, ...(call ? { call } : {}), file, env, site }];
  }
  return composed(program, call, value, at, site, depth);
}

function composed(
  program: Program,
  call: CallSummary | undefined,
  value: Value,
  at: Scoped,
  site: Placed | undefined,
  depth: number,
): readonly Decorator[] {
  if (!call || value.k !== "call") return [];
  return each(program.callee(at.file, value.c, at.env)).flatMap((it) => {
    if (it.k !== "fn") return [];
    const fn = it.file.functions[it.f]!;
    const env = program.enter(it, call, at.file, at.env);
    return fn.returns.flatMap((one) =>
      one.k === "call" ? expand(program, { value: one, file: it.file, env }, site, depth + 1) : [],
    );
  });
}

function imported(value: Value, file: FileSummary): { readonly name: string; readonly specifier: string } | undefined {
  const ref = value.k === "get" ? value.of : value;
  if (ref.k !== "ref") return undefined;
  const from = file.bindings[ref.b]?.from;
  const specifier = from ? file.imports[from.import]?.specifier : undefined;
  if (!from || specifier === undefined) return undefined;
  // `common.Get(…)` on a namespace import.
  return { name: value.k === "get" ? value.name : from.name, specifier };
}

/** The argument of a decorator. */
export function argumentOf(it: Decorator, index: number): Scoped | undefined {
  const value = it.call?.args[index];
  return value ? { value, file: it.file, env: it.env } : undefined;
}
