/**
 * Text to tree. The native parser reads whole files several times faster; the reference parser reads what it cannot, and
 * whatever is left of a text while it is being typed.
 */
import type { TSESTree } from "@typescript-eslint/typescript-estree";
import { mayNestDeeperThan, nativeNestingLimit, nestingLimit } from "./nesting.ts";
import type {
  CommentText,
  OxcModule,
  OxcOptions,
  ParseFailure,
  ParseResult,
  Parser,
  ParseSuccess,
  ReferenceModules,
  SyntaxProblem,
  TextPosition,
} from "./parser-port.ts";

const TOO_DEEP = "The text nests too deeply to be read.";

export interface ParserParts {
  readonly oxc?: OxcModule | undefined;
  /** Loaded at first need: the compiler takes 250 ms. */
  readonly reference?: (() => ReferenceModules | undefined) | undefined;
}

export function createParser({ oxc, reference }: ParserParts): Parser {
  let loaded: { readonly modules: ReferenceModules | undefined } | undefined;
  const modules = (): ReferenceModules | undefined => {
    loaded ??= { modules: reference?.() };
    return loaded.modules;
  };
  const raw = oxc ? safely(() => oxc.rawTransferSupported(), false) : false;

  const byReference = (path: string, text: string, lenient: boolean): ParseResult => {
    if (mayNestDeeperThan(nestingLimit, text, mayHoldElements(path))) return failureAt(text, 0, TOO_DEEP);
    const found = modules();
    if (!found) return failureAt(text, 0, "No parser could be loaded.");
    try {
      return parseWithReference(found, path, text, lenient);
    } catch (error) {
      return failureAt(text, 0, error instanceof RangeError ? TOO_DEEP : "The text could not be read.");
    }
  };

  /** The native parser's answer; `undefined` where it is absent or must not be given such a text. */
  const byOxc = (path: string, text: string): ParseResult | undefined => {
    if (!oxc || mayNestDeeperThan(nativeNestingLimit, text, mayHoldElements(path))) return undefined;
    return safely(() => parseWithOxc(oxc, path, text, raw), undefined);
  };

  return {
    parse: (path, text) => {
      const native = byOxc(path, text);
      if (native?.ok) return native;
      // The parsers differ on a few odd but running programs, and a whole file lost costs more than a second look.
      const second = byReference(path, text, false);
      return second.ok ? second : (native ?? second);
    },
    quick: (path, text) => byOxc(path, text) ?? byReference(path, text, false),
    recover: (path, text) => {
      const native = byOxc(path, text);
      if (native?.ok) return native;
      const second = byReference(path, text, true);
      return second.ok ? second : (native ?? second);
    },
  };
}

function parseWithOxc(oxc: OxcModule, path: string, text: string, raw: boolean): ParseResult {
  const options: OxcOptions = {
    lang: isDeclaration(path) ? "dts" : languageOf(path),
    sourceType: /\.c[jt]s$/.test(path) ? "commonjs" : /\.js$/.test(path) ? "unambiguous" : "module",
    astType: "ts",
    preserveParens: false,
    ...(raw && !hasManyImports(text) ? { experimentalRawTransfer: true } : {}),
  };
  const { program, comments, errors } = oxc.parseSync(path, text, options);
  const fatal = errors.find((it) => it.severity === "Error");
  const allowComments = text.includes("slo-allow")
    ? comments.flatMap((it): CommentText[] =>
        it.value.includes("slo-allow") ? [{ text: it.value, range: [it.start, it.end] }] : [],
      )
    : [];
  const tree = takenOut(program as TSESTree.Program, comments as unknown[]);
  if (fatal) return failureAt(text, fatal.labels[0]?.start ?? 0, fatal.message);
  return { ok: true, program: tree, recovered: false, parser: "oxc", allowComments };
}

/**
 * The tree, and nothing of it left in the answer it came in. oxc-parser makes that anew each time as a literal with
 * getters; V8 keeps the getters in the literal's shape, and with them the whole tree, until it next collects the whole heap
 * (measured in Node 24: a keystroke's tree was carried into the old generation every time).
 */
function takenOut(program: TSESTree.Program, comments: unknown[]): TSESTree.Program {
  const tree = { ...program };
  program.body = [];
  comments.length = 0;
  return tree;
}

/**
 * Raw transfer ends the process ("out of memory") on a module with several thousand imports (oxc-parser 0.159 bears 4,000,
 * not 10,000). Generated registries have that many.
 */
function hasManyImports(text: string): boolean {
  if (text.length < 20_000) return false;
  let count = 0;
  for (let at = text.indexOf("import"); at >= 0; at = text.indexOf("import", at + 6)) if (++count > 1500) return true;
  return false;
}

function parseWithReference(
  { typescript: ts, converter }: ReferenceModules,
  path: string,
  text: string,
  lenient: boolean,
): ParseResult {
  const file = ts.createSourceFile(
    path,
    text,
    { languageVersion: ts.ScriptTarget.Latest, jsDocParsingMode: ts.JSDocParsingMode.ParseNone },
    true,
    languageOf(path) === "ts" ? ts.ScriptKind.TS : ts.ScriptKind.TSX,
  );
  const diagnostics = (
    file as unknown as {
      parseDiagnostics: { start?: number; messageText: Parameters<typeof ts.flattenDiagnosticMessageText>[0] }[];
    }
  ).parseDiagnostics;
  const first = diagnostics[0];
  const problem: SyntaxProblem | undefined = first
    ? { ...positionIn(text, first.start ?? 0), message: ts.flattenDiagnosticMessageText(first.messageText, "\n") }
    : undefined;
  if (problem && !lenient) return { ok: false, ...problem };
  diagnostics.length = 0;
  const { estree } = converter.astConverter(
    file,
    {
      allowInvalidAST: true,
      comment: text.includes("slo-allow"),
      errorOnUnknownASTType: false,
      jsDocParsingMode: "none",
      jsx: languageOf(path) !== "ts",
      // Not needed, but without it the converter walks the whole tree once more to take it away.
      loc: true,
      range: true,
      suppressDeprecatedPropertyWarnings: true,
      tokens: false,
    } as never,
    false,
  );
  const comments =
    (estree as TSESTree.Program & { comments?: readonly { value: string; range: readonly [number, number] }[] })
      .comments ?? [];
  const success: ParseSuccess = {
    ok: true,
    program: estree as TSESTree.Program,
    recovered: problem !== undefined,
    ...(problem ? { problem } : {}),
    parser: "typescript-estree",
    allowComments: comments
      .filter((it) => it.value.includes("slo-allow"))
      .map((it) => ({ text: it.value, range: it.range })),
  };
  return success;
}

function mayHoldElements(path: string): boolean {
  return languageOf(path) !== "ts";
}

function languageOf(path: string): "ts" | "tsx" | "jsx" {
  if (/\.tsx$/.test(path)) return "tsx";
  return /\.[cm]?ts$/.test(path) ? "ts" : "jsx";
}

/** A declaration file may leave out initial values that a module may not. */
function isDeclaration(path: string): boolean {
  return /\.d\.(?:[^./\\]+\.)?[cm]?ts$/.test(path);
}

function failureAt(text: string, offset: number, message: string): ParseFailure {
  return { ok: false, ...positionIn(text, offset), message };
}

function positionIn(text: string, offset: number): TextPosition {
  const before = text.slice(0, offset);
  const line = before.split("\n").length;
  return { offset, line, column: offset - (before.lastIndexOf("\n") + 1) + 1 };
}

function safely<T>(run: () => T, fallback: T): T {
  try {
    return run();
  } catch {
    return fallback;
  }
}
