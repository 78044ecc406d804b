/** A folder linked as one revision, in slices, so that whoever types is let in between. */
import { type Analysis, type Endpoint, type FileSummary, type LibrarySet, Program } from "../engine/index.ts";
import type { Workspace } from "../platform/index.ts";

export interface Whole {
  readonly analysis: Analysis;
  /** One list per revision, so that what is made from it can be kept. */
  readonly endpoints: readonly Endpoint[];
  /** Texts of open files as this revision saw them. */
  readonly texts: Map<string, string>;
  /** Of the files and objectives it was made of. */
  readonly version: number;
}

export interface WholeInput {
  readonly workspace: Workspace;
  readonly libraries: LibrarySet;
  /** Open source files of the folder, with the texts that their summaries are of. */
  readonly typed: Iterable<{ readonly summary: FileSummary; readonly text: string }>;
  readonly version: number;
  /** The revision before: what it was asked will be asked again. */
  readonly earlier: Analysis | undefined;
  readonly analyse: (program: Program) => Analysis;
}

/** @param breathe called between steps; what it rejects with ends the linking */
export async function linkWhole(
  { workspace, libraries, typed, version, earlier, analyse }: WholeInput,
  breathe: () => Promise<void> | undefined,
): Promise<Whole> {
  const files = new Map(workspace.files);
  const texts = new Map<string, string>();
  for (const { summary, text } of typed) {
    files.set(summary.path, summary);
    texts.set(summary.path, text);
  }
  const program = new Program({ files, libraries, resolve: workspace.resolve, version: workspace.version });
  // Every name is resolved in slices, so that building the graph afterwards is short.
  for (const file of files.values()) {
    for (let c = 0; c < file.calls.length; c++) program.callee(file, c);
    await breathe();
  }
  const analysis = analyse(program);
  for (const _ of analysis.preparing(earlier)) await breathe();
  return { analysis, endpoints: analysis.endpoints, texts, version };
}
