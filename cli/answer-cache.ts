/** The last answers to whole questions, kept on disk beside the summaries. Whatever is odd about one makes it a miss. */
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import path from "node:path";
import { cacheFolder } from "../platform/index.ts";

/** Questions kept apart; a new one takes the place of an old one with the same slot. */
const SLOTS = 8;

export function readAnswer<T>(root: string, question: string): T | undefined {
  try {
    const { question: asked, answer } = JSON.parse(readFileSync(fileFor(root, question), "utf8")) as {
      question: string;
      answer: T;
    };
    return asked === question ? answer : undefined;
  } catch {
    return undefined;
  }
}

export function writeAnswer(root: string, question: string, answer: unknown): void {
  const file = fileFor(root, question);
  try {
    mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
    const temporary = `${file}.${process.pid}.tmp`;
    writeFileSync(temporary, JSON.stringify({ question, answer }), { mode: 0o600 });
    renameSync(temporary, file);
  } catch {
    // No cache, then.
  }
}

/** The slot depends on everything but the state of the files, which comes first. */
function fileFor(root: string, question: string): string {
  const slot =
    createHash("sha1")
      .update(JSON.stringify((JSON.parse(question) as unknown[]).slice(1)))
      .digest()[0]! % SLOTS;
  return path.join(cacheFolder(root), `answer-${slot}.json`);
}
