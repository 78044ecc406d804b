/** A workspace made of strings: what tests analyse. */
import path from "node:path";
import {
  Analysis,
  type AnalysisInput,
  documentFiles,
  type FileSummary,
  Program,
  type SchemaFacts,
  schemaFacts,
  schemaOf,
  summarizeText,
} from "../../engine/index.ts";
import { nodeParser } from "../../platform/parser.ts";
import { knowledge } from "../../rules/index.ts";

export type Files = Readonly<Record<string, string>>;

export interface TestWorkspace {
  readonly analysis: Analysis;
  readonly program: Program;
  readonly files: ReadonlyMap<string, FileSummary>;
}

const SOURCE = /\.[cm]?[jt]sx?$/;

/** Versions that a fixture's package.json pins, as if they were installed; ranges say nothing certain. */
function versionsIn(texts: Files): Readonly<Record<string, string>> {
  const manifest = texts["package.json"];
  if (manifest === undefined) return {};
  let dependencies: Record<string, string>;
  try {
    ({ dependencies = {} } = JSON.parse(manifest) as { dependencies?: Record<string, string> });
  } catch {
    // Half typed, it pins nothing.
    return {};
  }
  return Object.fromEntries(Object.entries(dependencies).filter(([, it]) => /^\d+\.\d+\.\d+$/.test(it)));
}

/** Links files by relative specifiers alone, which is all that a fixture needs. */
export function workspaceOf(
  texts: Files,
  more: Partial<AnalysisInput> & {
    readonly versions?: Readonly<Record<string, string>>;
    readonly schemaFacts?: SchemaFacts;
  } = {},
): TestWorkspace {
  const files = new Map<string, FileSummary>();
  for (const [file, text] of Object.entries(texts))
    if (SOURCE.test(file)) files.set(file, summarizeText(nodeParser(), file, text));
  const resolve = (from: string, specifier: string): string | undefined => {
    if (!specifier.startsWith(".")) return undefined;
    const base = path.posix.join(path.posix.dirname(from), specifier);
    const stem = base.replace(/\.[cm]?jsx?$/, "");
    return [
      base,
      `${stem}.ts`,
      `${stem}.tsx`,
      `${stem}.js`,
      `${base}.ts`,
      `${base}.tsx`,
      `${base}.js`,
      `${base}/index.ts`,
      `${base}/index.js`,
    ].find((it) => files.has(it));
  };
  const declared = versionsIn(texts);
  const program = new Program({
    files,
    libraries: knowledge.libraries,
    resolve,
    version: (_, name) => more.versions?.[name] ?? declared[name],
  });
  const analysis = new Analysis({
    program,
    knowledge,
    text: (it) => texts[it],
    schema: more.schemaFacts ?? schemaIn(texts, files),
    documents: documentFiles(Object.keys(texts), (it) => texts[it]),
    isChanged: () => true,
    ...more,
  });
  return { analysis, program, files };
}

/** Read only where a case has a schema of its own: others are about code alone. */
function schemaIn(texts: Files, files: ReadonlyMap<string, FileSummary>): SchemaFacts {
  const own = Object.entries(texts).flatMap(([path, text]) => (/\.(?:sql|prisma)$/.test(path) ? [{ path, text }] : []));
  return own.length === 0 ? schemaFacts([]) : schemaOf({ texts: own, files: files.values() });
}
