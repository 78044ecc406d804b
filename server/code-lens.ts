/** One lens per handler that an objective is matched to, text from memory: numbers change in place, lines never jump. */
import type { CodeLens } from "vscode-languageserver";
import type { Language } from "../engine/index.ts";
import { commands } from "../protocol/index.ts";
import {
  isConfigPath,
  isWithoutSource,
  lensText,
  levelText,
  loadSlos,
  mayHoldSlos,
  type ObjectiveStatus,
  type SloView,
  type StatusReport,
  targetText,
} from "../slo/index.ts";
import type { OpenDocument } from "./documents.ts";
import { rangeAt } from "./position.ts";
import { listedSlo } from "./slo-files.ts";
import { sayIn, words } from "./text.ts";

const MAX_LENSES = 200;

/** A click leads to where a source is connected, for who has that command. */
function commandOf(status: ObjectiveStatus | undefined, known: ReadonlySet<string>): string {
  return isWithoutSource(status) && known.has(commands.connectTelemetry) ? commands.connectTelemetry : "";
}

/** @param known commands that the client runs */
export function lensesOf(it: OpenDocument, view: SloView, language: Language, known: ReadonlySet<string>): CodeLens[] {
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
          command: commandOf(first.status, known),
        },
      });
  }
  return [...lenses.values()].sort((a, b) => a.range.start.line - b.range.start.line);
}

/** One lens per objective of an SLO file: where it stands now, and how many endpoints of the code it is about. */
export function lensesOfSlos(
  it: OpenDocument,
  view: SloView,
  report: StatusReport | undefined,
  language: Language,
  known: ReadonlySet<string>,
): CodeLens[] {
  const text = it.document.getText();
  if (isConfigPath(it.path) || !mayHoldSlos(text)) return [];
  const say = sayIn(language);
  return loadSlos([{ path: it.path, text }])
    .slos.slice(0, MAX_LENSES)
    .map((written): CodeLens => {
      const slo = listedSlo(it, written);
      const status = report?.objectives.find((each) => each.id === slo.id);
      const count = it.folder.endpoints.filter((endpoint) =>
        view.of(endpoint).some((each) => each.slo.id === slo.id),
      ).length;
      const title =
        slo.level === "load" || slo.level === "lint"
          ? [`SLO ${targetText(slo.target, language)}`, levelText(slo.level, language)]
          : [
              status ? lensText(status, slo, language) : `SLO ${targetText(slo.target, language)}`,
              // Before the code is read nothing is known of them, and lenses keep their place.
              ...(it.folder.isReady ? [say(counted(count), { count })] : []),
            ];
      return {
        range: rangeAt(it.document, [slo.range.start, slo.range.end]),
        command: { title: title.join(" · "), command: commandOf(status, known) },
      };
    });
}

const counted = (count: number) => (count === 0 ? words.noEndpoint : count === 1 ? words.oneEndpoint : words.endpoints);
