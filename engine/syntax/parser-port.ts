import type { TSESTree } from "@typescript-eslint/typescript-estree";

/** A place in a text: `offset` in UTF-16 code units from 0, `line` and `column` from 1. */
export type TextPosition = {
  readonly offset: number;
  readonly line: number;
  readonly column: number;
};

/** Why a text is not (wholly) a program, in words for the user, and where. */
export type SyntaxProblem = TextPosition & { readonly message: string };

/** A real comment (never a string that looks like one). `range` covers its delimiters, `text` does not. */
export type CommentText = { readonly text: string; readonly range: readonly [number, number] };

/** Which of the parsers gave the tree. */
export type ParserName = "oxc" | "typescript-estree";

export type ParseSuccess = {
  readonly ok: true;
  /**
   * The tree, in the shape of TS-ESTree; where a node stands is read with `spanOf`. There is no `loc`, `parent`, `comments` or `tokens`.
   * An optional child may be `null` or absent, whichever parser made it, so ask with `== null`.
   */
  readonly program: TSESTree.Program;
  /** Whether the text was broken and the tree is the part of it that could be read. */
  readonly recovered: boolean;
  /** The first thing wrong with a recovered text. */
  readonly problem?: SyntaxProblem;
  readonly parser: ParserName;
  /** The comments that hold `slo-allow`, in order. Other comments are not kept: they double the cost of a tree. */
  readonly allowComments: readonly CommentText[];
};

export type ParseFailure = { readonly ok: false } & SyntaxProblem;

export type ParseResult = ParseSuccess | ParseFailure;

/**
 * Text to tree, at once. `path` only tells the language, by its extension. It never throws.
 */
export type Parse = (path: string, text: string) => ParseResult;

/** What a host lends the engine to read programs with. */
export type Parser = {
  /** Reads a text that should be whole; a text that is not gives a failure. */
  readonly parse: Parse;
  /** The native parser alone, where there is one: whether a text that is being typed is whole, at once. */
  readonly quick: Parse;
  /** Reads what there is of a text that is being typed; a failure only for hostile text, or without the reference parser. */
  readonly recover: Parse;
};

/** The part of `oxc-parser` that is used. Its binding is native, so a host that has none passes none. */
export type OxcModule = {
  readonly parseSync: (path: string, text: string, options: OxcOptions) => OxcResult;
  readonly rawTransferSupported: () => boolean;
};

export type OxcOptions = {
  readonly lang: "ts" | "tsx" | "jsx" | "dts";
  readonly sourceType: "module" | "commonjs" | "unambiguous";
  readonly astType: "ts";
  readonly preserveParens: false;
  readonly experimentalRawTransfer?: boolean;
};

export type OxcResult = {
  readonly program: unknown;
  readonly comments: readonly { readonly value: string; readonly start: number; readonly end: number }[];
  readonly errors: readonly {
    readonly severity: string;
    readonly message: string;
    readonly labels: readonly { readonly start: number; readonly end: number }[];
  }[];
};

/** The compiler and typescript-estree's converter: the reference, which runs everywhere but takes 250 ms to load. */
export type ReferenceModules = {
  readonly typescript: Pick<
    typeof import("typescript"),
    "createSourceFile" | "ScriptTarget" | "ScriptKind" | "JSDocParsingMode" | "flattenDiagnosticMessageText"
  >;
  readonly converter: Pick<typeof import("@typescript-eslint/typescript-estree/use-at-your-own-risk"), "astConverter">;
};
