/** Entries other than endpoints as plain data, and the option objects that declare them. */
import type {
  Activity,
  Env,
  FileSummary,
  FrameworkContext,
  Placed,
  PlacedFunction,
  Program,
  Scoped,
  Span,
  Value,
} from "../../engine/index.ts";
import { withGiven } from "./_collect.ts";
import { readings } from "./_frames.ts";
import { functionsOf } from "./_handlers.ts";

export function activity(
  kind: Activity["kind"],
  framework: string,
  name: string,
  file: FileSummary,
  at: Span,
  handlers: readonly PlacedFunction[],
): Activity {
  return { kind, framework, name, path: file.path, at, handlers };
}

/** A property of an options argument. */
export function optionAt(
  program: Program,
  value: Value | undefined,
  file: FileSummary,
  name: string,
  env?: Env,
): Scoped | undefined {
  if (!value) return undefined;
  const found = program.property({ value, file, env }, name);
  return found.is === "yes" ? found.at : undefined;
}

export interface NamedWork {
  readonly name: string | undefined;
  readonly handlers: readonly PlacedFunction[];
}

/** Functions in the last arguments of a call, and the text of its first. */
export function namedWork(program: Program, file: FileSummary, c: number, env?: Env): NamedWork {
  const { args } = file.calls[c]!;
  const name = args[0] ? program.text({ value: args[0], file, env }) : undefined;
  return {
    name,
    handlers: args
      .slice(name === undefined ? 0 : 1)
      .flatMap((it) => (it.k === "obj" ? [] : functionsOf(program, { value: it, file, env }))),
  };
}

/**
 * The same for each caller of the project's own functions around the library's: `this.createWorker(topic, processor)` that
 * ends in `new Worker(name, processor)`. `read` says what the call is under the arguments of one of them.
 */
export function* wrappedWork<T extends NamedWork = NamedWork>(
  { program, graph }: FrameworkContext,
  at: Placed,
  read: (env: Env | undefined) => T = (env) => namedWork(program, at.file, at.c, env) as T,
): Iterable<T & { readonly file: FileSummary; readonly at: Span; readonly env: Env | undefined }> {
  const { callee, args } = at.file.calls[at.c]!;
  const missing = (env: Env | undefined): readonly Value[] => {
    const work = read(env);
    if (work.handlers.length === 0) return [...args, ...(callee.k === "get" ? [callee.of] : [])];
    return [
      ...(work.name === undefined && args[0] ? [args[0]] : []),
      ...work.handlers.flatMap((it) => parametersCalled(it)),
    ];
  };
  for (const reading of readings(program, graph, at, (it) => missing(it.env))) {
    const { env, site } = reading;
    const work = read(env);
    const handlers = withGiven(program, work.handlers, reading);
    if (handlers.length > 0) yield { ...work, handlers, file: site.file, at: site.at, env };
  }
}

/** `consume(queue, handler)` listens with a closure that calls `handler`: the parameters of the function around it. */
function parametersCalled({ file, f }: PlacedFunction): readonly Value[] {
  const span = file.functions[f]!.at;
  return file.calls.flatMap(({ callee, at }) => {
    const binding = callee.k === "ref" ? file.bindings[callee.b] : undefined;
    const isInside = span[0] <= at[0] && at[1] <= span[1];
    const isOuter = binding?.kind === "param" && (binding.at[1] <= span[0] || span[1] <= binding.at[0]);
    return isInside && isOuter ? [callee] : [];
  });
}

/** Functions under a property. */
export function functionsAt(program: Program, at: Scoped | undefined): readonly PlacedFunction[] {
  return at ? functionsOf(program, at) : [];
}
