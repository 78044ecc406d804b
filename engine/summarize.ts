import type { TSESTree } from "@typescript-eslint/typescript-estree";
import type { Allowance, FileSummary } from "./model.ts";
import { ENGINE_VERSION } from "./model.ts";
import { declare } from "./summarize/declare.ts";
import { directivesOf } from "./summarize/nodes.ts";
import { readStatement } from "./summarize/statements.ts";
import { exact, Walk } from "./summarize/walk.ts";

export interface SummarizeInput {
  readonly path: string;
  readonly text: string;
  readonly program: TSESTree.Program;
  readonly recovered: boolean;
  readonly failure?: FileSummary["failure"];
  readonly allowances: readonly Allowance[];
}

/** Offsets of the first character of every line. */
export function lineStarts(text: string): number[] {
  const starts = [0];
  for (let i = text.indexOf("\n"); i >= 0; i = text.indexOf("\n", i + 1)) starts.push(i + 1);
  return exact(starts);
}

/** The summary of a file that holds nothing (unreadable, unparseable with no tree at all). */
export function emptySummary(path: string, failure?: FileSummary["failure"], text = ""): FileSummary {
  return {
    path,
    engine: ENGINE_VERSION,
    recovered: false,
    ...(failure ? { failure } : {}),
    directives: [],
    hasJsx: false,
    imports: [],
    exports: [],
    bindings: [],
    functions: [],
    classes: [],
    types: [],
    calls: [],
    loops: [],
    tries: [],
    branches: [],
    assignments: [],
    throws: [],
    allowances: [],
    lines: lineStarts(text),
  };
}

/**
 * Reduces one tree to its summary in a single walk. Never throws on odd trees: what is not understood becomes an
 * unknown value, and the walk goes on below it.
 */
export function summarize(input: SummarizeInput): FileSummary {
  const { program, path, text, recovered, failure, allowances } = input;
  const w = new Walk(text);
  w.functions.push({
    name: "<module>",
    kind: "module",
    parent: -1,
    async: false,
    generator: false,
    params: [],
    returns: [],
    at: [0, text.length],
    nameAt: [0, 0],
    bodyAt: [0, text.length],
  });
  declare(w, program.body);
  for (const statement of program.body) readStatement(w, statement);
  return {
    path,
    engine: ENGINE_VERSION,
    recovered,
    ...(failure ? { failure } : {}),
    directives: directivesOf(program.body),
    hasJsx: w.hasJsx,
    imports: exact(w.imports),
    exports: exact(w.exports),
    bindings: exact(w.bindings),
    functions: exact(w.functions),
    classes: exact(w.classes),
    types: exact(w.types),
    calls: exact(w.calls),
    loops: exact(w.loops),
    tries: exact(w.tries),
    branches: exact(w.branches),
    assignments: exact(w.assignments),
    throws: exact(w.throws),
    allowances,
    lines: lineStarts(text),
  } as FileSummary;
}
