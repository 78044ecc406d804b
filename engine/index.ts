/**
 * The engine turns code into facts: text to summaries, summaries to a linked program, the program to findings, endpoints
 * and reach. It is pure: no editor, protocol, runtime, disk or clock; everything it needs is lent to it.
 */
export * from "./allow.ts";
export * from "./analysis.ts";
export * from "./call-graph.ts";
export * from "./call-meaning.ts";
export * from "./call-view.ts";
export * from "./chain-text.ts";
export * from "./document.ts";
export * from "./entry.ts";
export * from "./explain/statements.ts";
export * from "./explain.ts";
export * from "./function-context.ts";
export * from "./library.ts";
export * from "./lines.ts";
export * from "./metrics.ts";
export * from "./model.ts";
export type * from "./origin.ts";

export * from "./program.ts";
export * from "./reach.ts";
export * from "./rule.ts";
export * from "./schema.ts";
export {
  isSample,
  type PackageSides,
  packageSides,
  pathKind,
  type Side,
  type SideReason,
  sideReason,
} from "./side.ts";
export { emptySummary, lineStarts, type SummarizeInput, summarize } from "./summarize.ts";
export * from "./syntax/index.ts";
export * from "./text.ts";
export * from "./version.ts";
