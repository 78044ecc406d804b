/** The unit of work that a worker and the main thread share: one file's bytes to its summary. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";
import { emptySummary, type FileSummary, type Parser, summarizeText } from "../engine/index.ts";
import { decode, messageOf } from "./files.ts";

export interface WorkRequest {
  readonly root: string;
  readonly paths: readonly string[];
}

/** What comes back for each path; `json` is the summary, as text because a text crosses threads and goes to disk cheaply. */
export interface WorkAnswer {
  readonly path: string;
  readonly hash: string;
  readonly json: string;
}

export interface ReadFile {
  readonly hash: string;
  readonly text: string;
}

/** Undefined where the file is gone; a message where it cannot be read. */
export function readSource(root: string, file: string): ReadFile | { readonly message: string } {
  try {
    const bytes = readFileSync(path.join(root, file));
    return { hash: contentHash(bytes), text: decode(bytes) };
  } catch (error) {
    return { message: messageOf(error) };
  }
}

export function summarizeFile(
  parser: Parser,
  root: string,
  file: string,
): { readonly hash: string; readonly summary: FileSummary } {
  const source = readSource(root, file);
  if ("message" in source)
    return { hash: "", summary: emptySummary(file, { message: source.message, line: 1, column: 1 }, "") };
  return { hash: source.hash, summary: summarizeText(parser, file, source.text) };
}

export function contentHash(bytes: Uint8Array | string): string {
  return createHash("sha1").update(bytes).digest("base64url");
}
