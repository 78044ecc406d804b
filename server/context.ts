/** What every answer to the client is made from. */
import type { Language, Rule } from "../engine/index.ts";
import type { SloView, StatusReport } from "../slo/index.ts";
import type { Documents, OpenDocument } from "./documents.ts";

export interface Basics {
  readonly documents: Documents;
  readonly rules: ReadonlyMap<string, Rule>;
  readonly language: Language;
}

export interface AnswerContext extends Basics {
  readonly view: (it: OpenDocument) => SloView;
  /** What telemetry said last of a document's folder. */
  readonly report: (it: OpenDocument) => StatusReport | undefined;
}
