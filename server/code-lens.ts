/** One lens per handler that an objective is matched to, text from memory: numbers change in place, lines never jump. */
import type { CodeLens } from "vscode-languageserver";
import type { Language } from "../engine/index.ts";
import { lensText, type SloView } from "../slo/index.ts";
import type { OpenDocument } from "./documents.ts";
import { rangeAt } from "./position.ts";

const MAX_LENSES = 200;

export function lensesOf(it: OpenDocument, view: SloView, language: Language): CodeLens[] {
  const lenses = new Map<number, CodeLens>();
  for (const { endpoint, nameAt, handlerAt } of it.folder.placesIn(it.path)) {
    const at = nameAt ?? handlerAt;
    const [first] = view.of(endpoint);
    if (!at || !first || lenses.size >= MAX_LENSES) continue;
    const range = rangeAt(it.document, at);
    // Several endpoints on a line share a lens: the first of the file's order, so that it does not change places.
    if (!lenses.has(range.start.line))
      lenses.set(range.start.line, {
        range,
        command: {
          title: lensText(first.status, first.slo, language, {
            matchedBy: first.match.by,
            ...(first.share ? { share: first.share } : {}),
          }),
          command: "",
        },
      });
  }
  return [...lenses.values()].sort((a, b) => a.range.start.line - b.range.start.line);
}
