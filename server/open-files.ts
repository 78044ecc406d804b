/** The files of a folder that an editor holds: their texts as typed, and the best summary there is of each. */
import path from "node:path";
import { documentKind, type FileSummary, type Span } from "../engine/index.ts";
import { kindOf, summarizeDocument } from "../platform/index.ts";
import { carry, difference } from "./position.ts";

/** A summary with the text that its offsets count in. */
export interface Summarised {
  readonly summary: FileSummary;
  readonly text: string;
}

/** UTF-16 code units that may differ from the last whole text before a broken one is read as it is. */
const MAX_DIFFERENCE = 2000;

export class OpenFile {
  readonly path: string;
  /** Source code of the folder. */
  readonly isOurs: boolean;
  /** No code, but judged by rules. */
  readonly isDocument: boolean;
  #text: string;
  /** Of the text; made when asked for. */
  #summary: FileSummary | undefined;
  /** The last summary that came from a tree. */
  #good: Summarised | undefined;
  #since: { readonly from: string; readonly to: string; readonly at: (at: Span) => Span | undefined } | undefined;

  /** @param isForeign not of the folder: installed, built, ignored */
  constructor(file: string, text: string, isForeign: boolean) {
    this.path = file;
    this.isOurs = isSource(file) && !isForeign;
    this.isDocument = documentKind(file) !== undefined && !isForeign;
    this.#text = text;
  }

  get text(): string {
    return this.#text;
  }

  set text(now: string) {
    this.#text = now;
    this.#summary = undefined;
  }

  /** @param known what the last whole revision made of the file */
  summary(known: Summarised | undefined): FileSummary {
    this.#summary ??= this.#read(known);
    return this.#summary;
  }

  /** The text that offsets of the summary count in: an earlier one while there is no tree of what stands there now. */
  get summarised(): string {
    return this.#good && this.#good.summary === this.#summary ? this.#good.text : this.#text;
  }

  /** From a text of this file to the one there is now. */
  since(from: string): (at: Span) => Span | undefined {
    // Asked for every place that is shown, and each time the texts would be compared anew.
    if (this.#since?.from !== from || this.#since.to !== this.#text)
      this.#since = { from, to: this.#text, at: carry(from, this.#text) };
    return this.#since.at;
  }

  #read(known: Summarised | undefined): FileSummary {
    let summary =
      known?.text === this.#text ? known.summary : summarizeDocument(this.path, this.#text, { quick: true });
    if (!this.#good && known && isTree(known.summary)) this.#good = known;
    if (!isTree(summary)) {
      // Half a statement changes what the next one seems to be: while the text around it is known, that is believed.
      if (this.#good && isNear(this.#good.text, this.#text)) return this.#good.summary;
      summary = summarizeDocument(this.path, this.#text);
    }
    if (!isTree(summary)) return this.#good?.summary ?? summary;
    this.#good = { text: this.#text, summary };
    return summary;
  }
}

export const isSource = (file: string): boolean => kindOf(path.posix.basename(file)) === "source";

const isTree = (it: FileSummary): boolean => !it.failure || it.recovered;

function isNear(good: string, now: string): boolean {
  const { start, oldEnd, newEnd } = difference(good, now);
  return oldEnd - start <= MAX_DIFFERENCE && newEnd - start <= MAX_DIFFERENCE;
}
