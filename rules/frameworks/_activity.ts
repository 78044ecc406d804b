/** Entries other than endpoints as plain data, and the option objects that declare them. */
import type { Activity, FileSummary, PlacedFunction, Program, Scoped, Span, Value } from "../../engine/index.ts";
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
): Scoped | undefined {
  if (!value) return undefined;
  const found = program.property({ value, file }, name);
  return found.is === "yes" ? found.at : undefined;
}

/** Functions in the last arguments of a call, and the text of its first. */
export function namedWork(
  program: Program,
  file: FileSummary,
  c: number,
): { readonly name: string | undefined; readonly handlers: readonly PlacedFunction[] } {
  const { args } = file.calls[c]!;
  const name = args[0] ? program.text({ value: args[0], file }) : undefined;
  return {
    name,
    handlers: args
      .slice(name === undefined ? 0 : 1)
      .flatMap((it) => (it.k === "obj" ? [] : functionsOf(program, { value: it, file }))),
  };
}

/** Functions under a property. */
export function functionsAt(program: Program, at: Scoped | undefined): readonly PlacedFunction[] {
  return at ? functionsOf(program, at) : [];
}
