/** Type-checks small files together, as strict as a project would; packages that are not there are `any`. */
import ts from "typescript";
import type { Files } from "./workspace.ts";

const OPTIONS: ts.CompilerOptions = {
  strict: true,
  noEmit: true,
  target: ts.ScriptTarget.ES2024,
  module: ts.ModuleKind.Preserve,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  experimentalDecorators: true,
  allowJs: true,
  checkJs: false,
  skipLibCheck: true,
  types: ["node"],
  noImplicitAny: false,
};
const AMBIENT = "ambient.d.ts";
const libraries = new Map<string, ts.SourceFile | undefined>();

/** Messages of the errors found, each with its place. */
export function errorsIn(files: Files): string[] {
  const root = `${process.cwd()}/`;
  const texts = new Map(Object.entries(files).map(([path, text]) => [`${root}${path}`, text]));
  texts.set(`${root}${AMBIENT}`, 'declare module "*";\n');
  const host = ts.createCompilerHost(OPTIONS);
  const real = host.getSourceFile.bind(host);
  const program = ts.createProgram(
    [...texts.keys()].filter((it) => /\.[cm]?[jt]sx?$/.test(it)),
    OPTIONS,
    {
      ...host,
      getCurrentDirectory: () => root,
      fileExists: (path) =>
        texts.has(path) ||
        (path.includes("/node_modules/@types/node/") ||
        path.includes("/node_modules/typescript/") ||
        path.includes("/undici-types/")
          ? host.fileExists(path)
          : false),
      readFile: (path) => texts.get(path) ?? host.readFile(path),
      getSourceFile: (path, version) => {
        const text = texts.get(path);
        if (text !== undefined) return ts.createSourceFile(path, text, version, true);
        if (!libraries.has(path)) libraries.set(path, real(path, version));
        return libraries.get(path);
      },
    },
  );
  return ts.getPreEmitDiagnostics(program).map((it) => {
    const place =
      it.file && it.start !== undefined
        ? `${it.file.fileName.replace(root, "")}:${it.file.getLineAndCharacterOfPosition(it.start).line + 1} `
        : "";
    return `${place}${ts.flattenDiagnosticMessageText(it.messageText, " ")}`;
  });
}
