/** A file's text to its summary, whatever the text is. */
import type { FileSummary } from "../model.ts";
import { emptySummary, lineStarts, summarize } from "../summarize.ts";
import { readAllowances } from "./allowances.ts";
import type { Parser } from "./parser-port.ts";

/** UTF-16 code units; larger files are bundles or data. */
export const MAX_SOURCE_LENGTH = 1_500_000;
const MINIFIED_FROM = 100_000;
const MINIFIED_LINE = 500;

export interface ReadOptions {
  /** Take what there is of a broken text: for documents that are being edited. */
  readonly recover?: boolean;
  /** Say soon whether a text is whole: what only the reference parser could read is a failure. */
  readonly quick?: boolean;
}

/** Never throws; what cannot be read gives an empty summary whose `failure` says why and where. */
export function summarizeText(
  parser: Parser,
  path: string,
  text: string,
  { recover = false, quick = false }: ReadOptions = {},
): FileSummary {
  if (text.length > MAX_SOURCE_LENGTH)
    return emptySummary(
      path,
      {
        message: `The file is larger than ${MAX_SOURCE_LENGTH / 1e6} million characters and was left out.`,
        line: 1,
        column: 1,
      },
      text,
    );
  const lines = lineStarts(text);
  if (text.length > MINIFIED_FROM && text.length / lines.length > MINIFIED_LINE)
    return emptySummary(
      path,
      { message: "The file looks minified or generated and was left out.", line: 1, column: 1 },
      text,
    );
  const read = recover ? parser.recover : quick ? parser.quick : parser.parse;
  const parsed = read(path, text);
  if (!parsed.ok)
    return emptySummary(path, { message: parsed.message, line: parsed.line, column: parsed.column }, text);
  try {
    return summarize({
      path,
      text,
      program: parsed.program,
      recovered: parsed.recovered,
      ...(parsed.problem
        ? { failure: { message: parsed.problem.message, line: parsed.problem.line, column: parsed.problem.column } }
        : {}),
      allowances: readAllowances(parsed.allowComments, text, lines),
    });
  } catch (error) {
    return emptySummary(
      path,
      {
        message: `The file could not be summarised: ${error instanceof Error ? error.message : String(error)}`,
        line: 1,
        column: 1,
      },
      text,
    );
  }
}
