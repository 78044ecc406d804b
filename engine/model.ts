/**
 * The words of the engine: what is kept of a file once its tree is dropped. Plain, serialisable data; a summary is a
 * pure function of path, text and engine version, and speaks of other files only by the names written in it.
 * All offsets are UTF-16 code units; a `Span` is `[start, end)`.
 */

/** Part of every cache key: raise it with any change to what a summary holds. */
export const ENGINE_VERSION = 5;

export type Span = readonly [start: number, end: number];

/** Yes, no or unknown; unknown is silent. */
export type Answer = "yes" | "no" | "unknown";

/** An expression as written, reduced to what can be asked about it later. `await`, casts and parentheses are transparent. */
export type Value =
  | { readonly k: "lit"; readonly v: string | number | boolean | null | undefined; readonly at?: Span }
  /** A template literal; `strings` are cooked, one more than `values`; `at` lists the span of each string in the host text. */
  | {
      readonly k: "tpl";
      readonly strings: readonly string[];
      readonly values: readonly Value[];
      readonly at: readonly Span[];
    }
  | { readonly k: "obj"; readonly props: readonly Prop[]; readonly at: Span }
  | { readonly k: "arr"; readonly items: readonly Value[]; readonly open: boolean; readonly at: Span }
  /** A name bound in this file: index into `FileSummary.bindings`. */
  | { readonly k: "ref"; readonly b: number }
  | { readonly k: "global"; readonly name: string }
  | { readonly k: "get"; readonly of: Value; readonly name: string }
  | { readonly k: "at"; readonly of: Value; readonly key: Value }
  /** The result of a call, a `new` or a tagged template: index into `FileSummary.calls`. */
  | { readonly k: "call"; readonly c: number }
  | { readonly k: "fn"; readonly f: number }
  | { readonly k: "class"; readonly c: number }
  /** One of two: `a || b`, `a ?? b`, `a && b`, `t ? a : b`. */
  | {
      readonly k: "either";
      readonly op: "||" | "??" | "&&" | "?:";
      readonly a: Value;
      readonly b: Value;
      readonly test?: Value;
    }
  /** Any other operator over its operands: `+`, `*`, `!`, `===`, `typeof` … */
  | { readonly k: "op"; readonly op: string; readonly args: readonly Value[] }
  /** `this` inside function `f`; `c` is the class in whose field initialiser it stands. */
  | { readonly k: "this"; readonly f: number; readonly c?: number }
  | { readonly k: "super"; readonly f: number }
  | { readonly k: "unknown" };

/** A property of an object literal. A spread has `name` null; a computed name is `""` with `computed`. */
export interface Prop {
  readonly name: string | null;
  readonly value: Value;
  readonly computed?: Value;
  readonly at: Span;
}

/** A type annotation, reduced to the names in it. */
export type TypeRef =
  | { readonly t: "name"; readonly name: string; readonly b?: number; readonly args?: readonly TypeRef[] }
  | { readonly t: "array"; readonly of: TypeRef }
  | { readonly t: "union"; readonly of: readonly TypeRef[] }
  | { readonly t: "object"; readonly members: readonly TypeMember[] }
  | { readonly t: "fn"; readonly params: readonly TypeRef[]; readonly returns?: TypeRef }
  | { readonly t: "typeof"; readonly of: Value }
  | { readonly t: "index"; readonly of: TypeRef; readonly name: string }
  | { readonly t: "lit"; readonly v: string | number | boolean }
  | { readonly t: "tuple"; readonly of: readonly TypeRef[] }
  | { readonly t: "prim"; readonly name: string };

export interface TypeMember {
  readonly name: string;
  readonly type?: TypeRef;
  readonly optional: boolean;
}

export interface TypeDecl {
  readonly name: string;
  readonly binding: number;
  readonly kind: "interface" | "alias" | "enum";
  /** Names of its own type parameters. */
  readonly params?: readonly string[];
  readonly extends: readonly TypeRef[];
  readonly type?: TypeRef;
  readonly members: readonly TypeMember[];
}

export interface Binding {
  readonly name: string;
  readonly kind: "import" | "const" | "let" | "param" | "fn" | "class" | "catch" | "type" | "item";
  /** Index of the owning function; 0 is the module. */
  readonly fn: number;
  /** The initial value; for a loop variable (`item`) the collection it iterates. */
  readonly value?: Value;
  /** Values assigned later. */
  readonly writes?: readonly Value[];
  /** For each of `writes` the branch it stands in, -1 for none. */
  readonly writesIn?: readonly number[];
  readonly type?: TypeRef;
  /** For imports: index into `imports` and the imported name (`*` for the namespace). */
  readonly from?: { readonly import: number; readonly name: string };
  /** For a parameter (or a name destructured from one): its index. */
  readonly param?: number;
  readonly at: Span;
}

export interface Import {
  readonly specifier: string;
  readonly kind: "static" | "dynamic" | "require";
  readonly typeOnly: boolean;
  readonly at: Span;
  /** Enclosing function for dynamic ones. */
  readonly fn: number;
}

export type Export =
  | { readonly name: string; readonly value: Value; readonly at: Span }
  /** `export { name as x } from`, `export * as x from`; `export * from` has name `*`. */
  | { readonly name: string; readonly import: number; readonly imported: string; readonly at: Span };

export interface Param {
  readonly name: string;
  readonly binding: number;
  readonly type?: TypeRef;
  readonly default?: Value;
  readonly optional: boolean;
  readonly rest: boolean;
  readonly decorators: readonly Value[];
  readonly at: Span;
}

export interface FunctionSummary {
  /** Unique in the file and stable while bodies change: `ArticleService.list`, `listArticles`, `handler.<1>`. */
  readonly name: string;
  readonly kind: "module" | "function" | "arrow" | "method" | "getter" | "setter" | "constructor";
  /** Index of the enclosing function; -1 for the module. */
  readonly parent: number;
  /** Index of the class whose member it is. */
  readonly cls?: number;
  readonly isStatic?: boolean;
  readonly async: boolean;
  readonly generator: boolean;
  readonly params: readonly Param[];
  readonly returns: readonly Value[];
  readonly returnType?: TypeRef;
  readonly at: Span;
  /** The name, or the `=>`/`function` head where there is none: one token to point at. */
  readonly nameAt: Span;
  /** The body, braces included; for `=> expr` the expression. */
  readonly bodyAt: Span;
  /** Directive prologue of the body, such as "use server". */
  readonly directives?: readonly string[];
}

export interface ClassMember {
  readonly name: string;
  readonly isStatic: boolean;
  readonly decorators: readonly Value[];
  /** Methods, accessors. */
  readonly fn?: number;
  /** Fields. */
  readonly value?: Value;
  readonly type?: TypeRef;
  readonly abstract?: boolean;
  readonly at: Span;
}

export interface ClassSummary {
  readonly name: string;
  readonly binding?: number;
  readonly superClass?: Value;
  readonly superArgs?: readonly TypeRef[];
  readonly implements: readonly TypeRef[];
  readonly decorators: readonly Value[];
  readonly members: readonly ClassMember[];
  readonly ctor?: number;
  readonly abstract: boolean;
  readonly at: Span;
  readonly nameAt: Span;
}

/** How the result of a call is used where it stands. */
export type Use =
  | "await"
  | "return"
  | "void"
  | "discard"
  | "init"
  | "assign"
  | "argument"
  | "receiver"
  | "test"
  | "throw"
  | "element"
  | "other";

export interface CallSummary {
  readonly kind: "call" | "new" | "tag";
  readonly callee: Value;
  readonly args: readonly Value[];
  readonly argsAt: readonly Span[];
  /** Index of the first spread argument. */
  readonly spread?: number;
  readonly typeArgs?: readonly TypeRef[];
  /** Enclosing function. */
  readonly fn: number;
  /** The whole expression. */
  readonly at: Span;
  /** The smallest token that names the call: the property of a member call, else the callee. */
  readonly nameAt: Span;
  readonly use: Use;
  /** Innermost loop of the same function. */
  readonly loop?: number;
  /** Innermost `try` block (not handler, not finalizer) of the same function. */
  readonly try?: number;
  /** Innermost handler of a `catch` it stands in. */
  readonly catch?: number;
  /** Innermost `if`/`?:`/`&&` branch it stands in. */
  readonly branch?: number;
  readonly optional?: boolean;
}

export interface Loop {
  readonly kind: "for" | "for-of" | "for-await" | "for-in" | "while" | "do";
  readonly fn: number;
  readonly parent?: number;
  /** What a `for-of`/`for-in` iterates; the test of the others. */
  readonly over?: Value;
  /** `i += n` with n not 1, or a body that slices: a chunk loop. */
  readonly step?: Value;
  readonly at: Span;
  readonly bodyAt: Span;
  readonly exits: boolean;
}

export interface Try {
  readonly fn: number;
  readonly parent?: number;
  readonly at: Span;
  readonly blockAt: Span;
  readonly handler?: {
    readonly at: Span;
    readonly param?: number;
    readonly throws: boolean;
    /** Values returned from the handler. */
    readonly returns: readonly Value[];
    /** Number of statements; 0 is an empty handler. */
    readonly size: number;
    /** Holds `continue` or `break`. */
    readonly jumps: boolean;
  };
  readonly finallyAt?: Span;
}

/** An `if`, a `?:` or a logical operator used as one. */
export interface Branch {
  readonly fn: number;
  readonly parent?: number;
  readonly test: Value;
  readonly at: Span;
  readonly thenAt: Span;
  readonly elseAt?: Span;
  /** The then part always leaves: throws, returns, continues or breaks. */
  readonly exits: "throw" | "return" | "jump" | "no";
}

/** An assignment to a member: `axios.defaults.timeout = 5000`, `this.pool = …`. */
export interface Assignment {
  readonly target: Value;
  readonly value: Value;
  readonly op: string;
  readonly fn: number;
  readonly at: Span;
}

export interface Allowance {
  readonly rule: string;
  readonly reason: string;
  /** ISO date. */
  readonly until?: string;
  /** The comment. */
  readonly at: Span;
  /** The code line it speaks of, as the span of that line. */
  readonly covers: Span;
}

export interface FileSummary {
  readonly path: string;
  readonly engine: number;
  /** The text did not parse and was recovered. */
  readonly recovered: boolean;
  readonly failure?: { readonly message: string; readonly line: number; readonly column: number };
  readonly directives: readonly string[];
  readonly hasJsx: boolean;
  readonly imports: readonly Import[];
  readonly exports: readonly Export[];
  readonly bindings: readonly Binding[];
  readonly functions: readonly FunctionSummary[];
  readonly classes: readonly ClassSummary[];
  readonly types: readonly TypeDecl[];
  readonly calls: readonly CallSummary[];
  readonly loops: readonly Loop[];
  readonly tries: readonly Try[];
  readonly branches: readonly Branch[];
  readonly assignments: readonly Assignment[];
  readonly throws: readonly {
    readonly fn: number;
    readonly value: Value;
    readonly at: Span;
    readonly catch?: number;
  }[];
  readonly allowances: readonly Allowance[];
  /** Offset of each line's first character, to turn offsets into lines without the text. */
  readonly lines: readonly number[];
}
