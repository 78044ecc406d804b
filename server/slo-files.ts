/** SLO files and slo-lens.yaml: what an objective's state is, what may be written, and the way between file and handler. */
import {
  type CompletionItem,
  CompletionItemKind,
  type Hover,
  type Location,
  MarkupKind,
  type Position,
} from "vscode-languageserver";
import type { Language, Rule } from "../engine/index.ts";
import {
  configKeys,
  criticalities,
  definitionsAt,
  escapeMarkdown,
  isConfigPath,
  lensText,
  loadSlos,
  mayHoldSlos,
  objectiveText,
  type Slo,
  type SloFile,
  type SloView,
  selectorsOfIndicator,
  severities,
  sloCompletions,
  sloDefinitions,
  sloHover,
  stages,
  stateWords,
} from "../slo/index.ts";
import type { Documents, OpenDocument } from "./documents.ts";
import type { HoverContext } from "./hover.ts";
import { rangeAt, touches } from "./position.ts";
import { sayIn, words } from "./text.ts";

const MAX_ENDPOINTS = 12;

/** Whether a file may hold objectives or their configuration, by its name. */
export function isSloPath(path: string): boolean {
  return /\.(?:ya?ml|json)$/.test(path) && !/(?:^|\/)package\.json$/.test(path);
}

/** The state of the objective whose name or target is pointed at, and the endpoints it is about. */
export function hoverInSloFile(it: OpenDocument, position: Position, context: HoverContext): Hover | null {
  const found = sloAt(it, position);
  if (!found) return null;
  const { language, view } = context;
  const say = sayIn(language);
  const { slo, range } = found;
  const served = it.folder.endpoints.filter((endpoint) => view.of(endpoint).some((each) => each.slo.id === slo.id));
  const status = context.report?.objectives.find((each) => each.id === slo.id);
  const lines = [
    `**${escapeMarkdown(slo.displayName ?? slo.id)}**${status ? ` — **${stateWords[status.state][language]}**` : ""}`,
    objectiveText(slo, language),
    escapeMarkdown(lensText(status, slo, language)),
    ...sloHover(slo, status, language).map((each) => escapeMarkdown(each)),
    served.length === 0
      ? stateWords.unmatched[language]
      : `${say(words.endpointsOf)}: ${served
          .slice(0, MAX_ENDPOINTS)
          .map((each) => escapeMarkdown(`${each.method} ${each.route}`))
          .join(
            ", ",
          )}${served.length > MAX_ENDPOINTS ? ` ${say(words.more, { count: served.length - MAX_ENDPOINTS })}` : ""}`,
  ];
  return { contents: { kind: MarkupKind.Markdown, value: lines.join("  \n") }, range };
}

/** From an objective to the handlers it is about; from a route to its objective. */
export function definitionAt(
  it: OpenDocument,
  position: Position,
  { documents, view }: { readonly documents: Documents; readonly view: SloView },
): Location[] | null {
  const locate = (path: string, at: readonly [number, number]): Location => ({
    uri: documents.address(it.folder, path),
    range: rangeAt(documents.locator(it.folder, path), at),
  });
  if (isSloPath(it.path)) {
    const named = definitionsAt(fileOf(it), it.document.offsetAt(position), sloFilesOf(it));
    if (named.length > 0) return named.map((each) => locate(each.path, [each.range.start, each.range.end]));
    const found = sloAt(it, position);
    if (!found) return null;
    return it.folder.endpoints
      .filter((endpoint) => view.of(endpoint).some((each) => each.slo.id === found.slo.id))
      .slice(0, MAX_ENDPOINTS)
      .map((endpoint) => {
        const handler = endpoint.handlers.at(-1);
        const fn = handler?.file.functions[handler.f];
        return handler && fn ? locate(handler.file.path, fn.nameAt) : locate(endpoint.path, it.folder.nameOf(endpoint));
      });
  }
  const here = { start: position, end: position };
  const slos = it.folder
    .placesIn(it.path)
    .filter(({ nameAt }) => nameAt && touches(rangeAt(it.document, nameAt), here))
    .flatMap(({ endpoint }) => view.of(endpoint).map((each) => each.slo));
  const unique = [...new Map(slos.map((slo) => [slo.id, slo])).values()];
  return unique.length > 0 ? unique.map((slo) => locate(slo.path, [slo.range.start, slo.range.end])) : null;
}

/** Keys and values of slo-lens.yaml and of SLO files. */
export function completionsAt(
  it: OpenDocument,
  position: Position,
  { rules, language }: { readonly rules: ReadonlyMap<string, Rule>; readonly language: Language },
): CompletionItem[] | null {
  if (!isConfigPath(it.path)) return isSloPath(it.path) ? completionsInSloFile(it, position) : null;
  const text = it.document.getText({ start: { line: 0, character: 0 }, end: position });
  const lines = text.split("\n");
  const line = lines.at(-1) ?? "";
  const [root, ...inner] = keysAbove(lines);
  const isValue = /^\s*(?:- )?[^:#]+:\s+\S*$/.test(line);
  const key = /^\s*(?:- )?["']?([^"':]+)["']?:/.exec(line)?.[1]?.trim();
  const values = (of: readonly string[]): CompletionItem[] =>
    of.map((label) => ({ label, kind: CompletionItemKind.EnumMember }));
  const keys = (of: readonly string[]): CompletionItem[] =>
    of.map((label) => ({ label, kind: CompletionItemKind.Property, insertText: `${label}: ` }));
  if (isValue) {
    if (root === undefined && key === "stage") return values(stages);
    if (key === "criticality") return values(criticalities);
    if (key === "agents") return values(["ask"]);
    if (key === "when") return values(Object.keys(stateWords));
    return [root, ...inner].includes("rules") ? values(severities) : null;
  }
  if (root === undefined) return keys(configKeys.root);
  if (root === "rules" || inner.at(-1) === "rules")
    return [...rules.values()].map((rule) => ({
      label: rule.id,
      kind: CompletionItemKind.Property,
      detail: sayIn(language)(rule.title),
      insertText: `${rule.id}: `,
    }));
  if (root === "slos" && inner.length === 0) return slosOf(it).map((id) => keyItem(id));
  if (root === "endpoints")
    return inner.length === 0
      ? endpointsOf(it).map(keyItem)
      : inner.length === 1
        ? keys(configKeys.endpoint)
        : keys(configKeys.text);
  if (root === "overrides") return keys(configKeys.override);
  if (root === "policy") return inner.at(-1) === "message" ? keys(configKeys.text) : keys(configKeys.policy);
  if (root === "telemetry") {
    const of = inner[0];
    if (of === undefined) return keys(configKeys.telemetry);
    return of === "prometheus" || of === "scrape" || of === "snapshot" ? keys(configKeys[of]) : null;
  }
  if (root === "slos") return inner.length === 1 ? keys(configKeys.slo) : values(endpointsOf(it));
  return root === "thresholds" ? keys(configKeys.thresholds) : null;
}

const ITEM_KINDS = {
  field: CompletionItemKind.Property,
  value: CompletionItemKind.EnumMember,
  reference: CompletionItemKind.Reference,
  route: CompletionItemKind.Constant,
  metric: CompletionItemKind.Variable,
} as const;

function completionsInSloFile(it: OpenDocument, position: Position): CompletionItem[] | null {
  const { slos, context } = it.folder.objectives;
  const text = it.document.getText();
  if (!mayHoldSlos(text)) return null;
  const metrics = new Set(
    slos.flatMap((slo) => selectorsOfIndicator(slo.indicator, context).map((each) => each.metric)),
  );
  const found = sloCompletions({
    text,
    offset: it.document.offsetAt(position),
    definitions: sloDefinitions(sloFilesOf(it)),
    endpoints: it.folder.endpoints,
    metrics: [...metrics].filter((each) => each !== ""),
  });
  if (found.length === 0) return null;
  return found.map(({ label, kind, insert, range }) => ({
    label,
    kind: ITEM_KINDS[kind],
    textEdit: { range: rangeAt(it.document, [range.start, range.end]), newText: insert },
  }));
}

const fileOf = (it: OpenDocument): SloFile => ({ path: it.path, text: it.document.getText() });

/** The files that OpenSLO documents of the folder were read from; the one in the editor as it stands there. */
function sloFilesOf(it: OpenDocument): readonly SloFile[] {
  const paths = it.folder.objectives.documents
    .filter((each) => each.format.startsWith("openslo/"))
    .map((each) => each.path);
  return [
    fileOf(it),
    ...[...new Set(paths)]
      .filter((path) => path !== it.path)
      .slice(0, MAX_ITEMS)
      .flatMap((path): SloFile[] => {
        const text = it.folder.text(path);
        return text === undefined ? [] : [{ path, text }];
      }),
  ];
}

function keyItem(label: string): CompletionItem {
  const plain = /^[\w ./:-]+$/.test(label) && !label.includes(": ");
  return { label, kind: CompletionItemKind.Reference, insertText: `${plain ? label : JSON.stringify(label)}:` };
}

const MAX_ITEMS = 500;
const endpointsOf = (it: OpenDocument): string[] =>
  [...new Set(it.folder.endpoints.map((each) => `${each.method} ${each.route}`))].slice(0, MAX_ITEMS);
const slosOf = (it: OpenDocument): string[] => it.folder.objectives.slos.map((each) => each.id).slice(0, MAX_ITEMS);

/** Keys of the mappings around the last line, outermost first, by indentation. */
function keysAbove(lines: readonly string[]): string[] {
  const keys: string[] = [];
  let width = indentOf(lines.at(-1) ?? "");
  for (let i = lines.length - 2; i >= 0 && width > 0; i--) {
    const line = lines[i]!;
    if (/^\s*(?:#|$)/.test(line) || indentOf(line) >= width) continue;
    const key = /^\s*(?:- )?["']?(.+?)["']?:\s*(?:[|>&#].*)?$/.exec(line)?.[1];
    width = indentOf(line);
    if (key !== undefined) keys.unshift(key);
  }
  return keys;
}

function indentOf(line: string): number {
  const item = /^(\s*)- /.exec(line);
  return item ? item[1]!.length + 2 : (/^\s*/.exec(line)?.[0].length ?? 0);
}

/** The objective pointed at, as the text stands in the editor. */
function sloAt(
  it: OpenDocument,
  position: Position,
): { readonly slo: Slo; readonly range: Hover["range"] & object } | undefined {
  const here = { start: position, end: position };
  for (const slo of loadSlos([{ path: it.path, text: it.document.getText() }]).slos)
    for (const at of [slo.range, slo.targetRange]) {
      if (!at) continue;
      const range = rangeAt(it.document, [at.start, at.end]);
      if (touches(range, here)) return { slo, range };
    }
  return undefined;
}
