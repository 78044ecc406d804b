import type { TSESTree } from "@typescript-eslint/typescript-estree";
import type {
  Assignment,
  Binding,
  Branch,
  CallSummary,
  ClassSummary,
  Export,
  FunctionSummary,
  Import,
  Loop,
  Span,
  Try,
  TypeDecl,
  Value,
} from "../model.ts";

/** Deeper trees are cut: a minified file must not exhaust the stack. */
export const MAX_DEPTH = 400;
/** Values kept of one function's returns, one array's items. */
export const MAX_ITEMS = 60;

export const UNKNOWN: Value = { k: "unknown" };
export const UNDEFINED: Value = { k: "lit", v: undefined };

export type Node = TSESTree.Node;
type Mutable<T> = { -readonly [K in keyof T]: T[K] };
/** A part of a summary while it is being put together. */
export type Building<T> = Mutable<T> & Record<string, unknown>;

export interface Scope {
  readonly names: Map<string, number>;
  readonly parent: Scope | undefined;
}

/** A list that was pushed to, without the room it kept for more. */
export function exact<T>(list: T[]): T[] {
  return list.slice();
}

/**
 * Where one walk over one file stands: what it has gathered, and what surrounds the node being read. Alive for one
 * call of `summarize`; the functions of this folder read nodes and write here, and nothing else is changed by them.
 */
export class Walk {
  readonly text: string;

  readonly imports: Import[] = [];
  readonly exports: Export[] = [];
  /** What `module.exports` was last set to. */
  exported: Value | undefined;
  readonly bindings: Building<Binding>[] = [];
  readonly functions: Building<FunctionSummary>[] = [];
  readonly classes: Building<ClassSummary>[] = [];
  readonly types: TypeDecl[] = [];
  readonly calls: Building<CallSummary>[] = [];
  readonly loops: Building<Loop>[] = [];
  readonly tries: Building<Try>[] = [];
  readonly branches: Building<Branch>[] = [];
  readonly assignments: Assignment[] = [];
  readonly throws: { fn: number; value: Value; at: Span; catch?: number }[] = [];
  /** How often each name was given to a function: the second of a name is told apart by its number. */
  readonly names = new Map<string, number>();
  hasJsx = false;

  scope: Scope = { names: new Map(), parent: undefined };
  // Indices of what encloses the node being read; -1 where nothing does.
  fn = 0;
  cls = -1;
  loop = -1;
  try = -1;
  catch = -1;
  branch = -1;
  depth = 0;
  /** A name to give to the function or class expression about to be read. */
  hint: string | undefined;

  constructor(text: string) {
    this.text = text;
  }
}
