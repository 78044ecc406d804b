/** What a run of the command line is given and gives back; tests bring their own. */
import type { Language } from "../engine/index.ts";

export interface Host {
  /** Absolute. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** Whether standard output is a terminal. */
  readonly isTerminal: boolean;
  readonly signal: AbortSignal;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Megabytes that the heap may grow to, where the process can be started again with more. */
  readonly heapLimit?: number | undefined;
}

/** It could not run: said on standard error, exit code 2. */
export class CannotRun extends Error {}

/** The workspace needs a larger heap than this process has: to be run again with one. */
export class NeedsMemory extends Error {
  readonly megabytes: number;

  constructor(megabytes: number) {
    super(`The workspace needs about ${megabytes} MB of memory.`);
    this.megabytes = megabytes;
  }
}

/** 0: nothing at or above the threshold; 1: something; 2: it could not run. */
export type ExitCode = 0 | 1 | 2;

/** Japanese where the environment or `--lang` says so. */
export function languageOf(host: Host, wanted: string | undefined): Language {
  if (wanted === "ja" || wanted === "en") return wanted;
  if (wanted !== undefined) throw new CannotRun(`--lang takes en or ja, not "${wanted}".`);
  const { LC_ALL, LC_MESSAGES, LANG } = host.env;
  return (LC_ALL || LC_MESSAGES || LANG || "").toLowerCase().startsWith("ja") ? "ja" : "en";
}

/** ISO date of today, in local time: an allowance ends with the day of who reads it. */
export function today(host: Host): string {
  const now = new Date(host.now());
  const two = (it: number): string => String(it).padStart(2, "0");
  return `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
}

export interface Paint {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly red: (text: string) => string;
  readonly yellow: (text: string) => string;
  readonly blue: (text: string) => string;
}

/** Colours for a terminal, unless NO_COLOR is set; otherwise the text itself. */
export function paintFor(host: Host): Paint {
  const isOn = host.env["FORCE_COLOR"]
    ? host.env["FORCE_COLOR"] !== "0"
    : host.isTerminal && !host.env["NO_COLOR"] && host.env["TERM"] !== "dumb";
  const wrap = (on: number, off: number) => (text: string) => (isOn ? `\u001B[${on}m${text}\u001B[${off}m` : text);
  return { bold: wrap(1, 22), dim: wrap(2, 22), red: wrap(31, 39), yellow: wrap(33, 39), blue: wrap(34, 39) };
}

/** A text from a repository as one line of a terminal: no control characters, no line breaks. */
export function plain(text: string): string {
  return text.replace(/[\u0000-\u001F\u007F-\u009F\u2028\u2029\u202A-\u202E\u2066-\u2069]+/g, " ");
}
