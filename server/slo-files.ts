/** SLO files and slo-lens.yaml: what an objective's state is, what may be written, and the way between file and handler. */
import {
  type CompletionItem,
  CompletionItemKind,
  type CompletionList,
  type DocumentLink,
  type Hover,
  type Location,
  MarkupKind,
  type Position,
} from "vscode-languageserver";
import {
  type DeclaredMetric,
  type Endpoint,
  type Language,
  handlerOf as properHandler,
  type Rule,
} from "../engine/index.ts";
import {
  chartImage,
  compositeStatus,
  compositesOf,
  compositeText,
  configCompletions,
  configFieldAt,
  configReferences,
  definitionsAt,
  endpointNames,
  escapeMarkdown,
  type FieldAt,
  fieldText,
  isConfigPath,
  isSameRoute,
  lensText,
  levelText,
  loadSlos,
  MAX_COMPLETIONS,
  type MetricNames,
  type MetricQuestion,
  mayHoldSlos,
  metricQuestionAt,
  objectiveText,
  obstacleText,
  parseEndpoint,
  referencesAt,
  type Slo,
  type SloCompletion,
  type SloFile,
  type SloSymbol,
  type SloView,
  selectorsOfIndicator,
  sloCompletions,
  sloDefinitions,
  sloFieldAt,
  sloHover,
  sloReferences,
  stateWords,
  symbolAt,
} from "../slo/index.ts";
import type { Documents, OpenDocument } from "./documents.ts";
import type { HoverContext } from "./hover.ts";
import { rangeAt, touches } from "./position.ts";
import { sayIn, words } from "./text.ts";

const MAX_ENDPOINTS = 12;
const MAX_PLACES = 100;
const MAX_LINKS = 200;

/** Whether a file may hold objectives or their configuration, by its name. */
export function isSloPath(path: string): boolean {
  return /\.(?:ya?ml|json)$/.test(path) && !/(?:^|\/)package\.json$/.test(path);
}

// --- hover ---------------------------------------------------------------------------------------------------------

/** On an objective's name or target its state and what it allows; on a field what it means; on a name what it names. */
export function hoverInSloFile(it: OpenDocument, position: Position, context: HoverContext): Hover | null {
  if (isConfigPath(it.path)) return hoverInConfig(it, position, context);
  const found = sloAt(it, position);
  if (found) return hover(sloLines(found.slo, it, context), found.range, context);
  const offset = it.document.offsetAt(position);
  const endpoint = endpointNameAt(it, offset);
  if (endpoint) return hover(endpointLines(endpoint.name, it, context), rangeOf(it, endpoint), context);
  return fieldHover(sloFieldAt(fileOf(it), offset), it, context);
}

function hoverInConfig(it: OpenDocument, position: Position, context: HoverContext): Hover | null {
  const offset = it.document.offsetAt(position);
  const symbol = symbolAt(configReferences(fileOf(it)), offset);
  if (symbol) {
    const lines = symbolLines(symbol, it, context);
    return lines.length === 0 ? null : hover(lines, rangeOf(it, symbol), context);
  }
  return fieldHover(configFieldAt(fileOf(it), offset), it, context);
}

/** Lines of Markdown on what a name of slo-lens.yaml names. */
function symbolLines({ kind, name }: SloSymbol, it: OpenDocument, context: HoverContext): readonly string[] {
  const say = sayIn(context.language);
  if (kind === "slo") {
    const slo = it.folder.objectives.slos.find((each) => each.id === name);
    return slo ? sloLines(slo, it, context) : [];
  }
  if (kind === "endpoint") return endpointLines(name, it, context);
  const rule = kind === "rule" ? context.rules.get(name) : undefined;
  return rule ? [`**${escapeMarkdown(rule.id)}**`, escapeMarkdown(say(rule.title))] : [];
}

function sloLines(
  slo: Slo,
  it: OpenDocument,
  { language, view, report, now, isMarkdown }: HoverContext,
): readonly string[] {
  const say = sayIn(language);
  const served = endpointsOf(slo, it, view);
  const composite = compositesOf(it.folder.objectives.slos).find((each) =>
    each.parts.some((part) => part.id === slo.id),
  );
  const statuses = new Map(report?.objectives.map((each) => [each.id, each]));
  const together =
    composite === undefined
      ? []
      : compositeText(composite, report && compositeStatus(composite, statuses), language).map((each) =>
          escapeMarkdown(each),
        );
  const status = report?.objectives.find((each) => each.id === slo.id);
  const chart = status && isMarkdown ? chartImage(status, slo, now, language) : undefined;
  return [
    `**${escapeMarkdown(slo.displayName ?? slo.id)}**${status ? ` — **${stateWords[status.state][language]}**` : ""}`,
    // A paragraph of its own.
    ...(chart === undefined ? [] : [`\n${chart}\n`]),
    objectiveText(slo, language),
    escapeMarkdown(lensText(status, slo, language)),
    ...sloHover(slo, status, language).map((each) => escapeMarkdown(each)),
    ...together,
    served.length === 0
      ? escapeMarkdown([levelText(slo.level, language), obstacleText(slo, language)].filter(Boolean).join(" "))
      : `${say(words.endpointsOf)}: ${served
          .slice(0, MAX_ENDPOINTS)
          .map((each) => escapeMarkdown(`${each.method} ${each.route}`))
          .join(
            ", ",
          )}${served.length > MAX_ENDPOINTS ? ` ${say(words.more, { count: served.length - MAX_ENDPOINTS })}` : ""}`,
  ];
}

function endpointLines(name: string, it: OpenDocument, { language, view }: HoverContext): readonly string[] {
  const say = sayIn(language);
  const named = endpointsNamed(it, name);
  if (named.length === 0) return [];
  return named.slice(0, MAX_ENDPOINTS).flatMap((endpoint) => {
    const slos = view.of(endpoint);
    return [
      `**${escapeMarkdown(`${endpoint.method} ${endpoint.route}`)}** — ${escapeMarkdown(endpoint.path)}`,
      ...(slos.length === 0
        ? [say(words.noSlo)]
        : slos.map((each) => escapeMarkdown(`${each.slo.id}: ${lensText(each.status, each.slo, language)}`))),
    ];
  });
}

function fieldHover(field: FieldAt | undefined, it: OpenDocument, context: HoverContext): Hover | null {
  const text = field && fieldText(field.dialect, field.keys);
  if (!field || !text) return null;
  return hover([`**${escapeMarkdown(field.keys.at(-1)!)}**`, text[context.language]], rangeOf(it, field), context);
}

function hover(lines: readonly string[], range: Hover["range"] & object, { isMarkdown }: HoverContext): Hover | null {
  if (lines.length === 0) return null;
  if (isMarkdown) return { contents: { kind: MarkupKind.Markdown, value: lines.join("  \n") }, range };
  const plain = lines.map((each) => each.replace(/\*\*|`/g, "").replace(/\\([\\`*_{}[\]()#+!|<>~&$^=@:.-])/g, "$1"));
  return { contents: { kind: MarkupKind.PlainText, value: plain.join("\n") }, range };
}

// --- from file to handler, and back --------------------------------------------------------------------------------

interface Ways {
  readonly documents: Documents;
  readonly view: SloView;
}

/** From an objective to the handlers it is about; from a route to its objective; from a name to what it names. */
export function definitionAt(it: OpenDocument, position: Position, ways: Ways): Location[] | null {
  if (!isSloPath(it.path)) {
    const slos = slosAt(it, position, ways.view, "route");
    return slos.length > 0 ? slos.map((slo) => placeOf(slo, it, ways)) : null;
  }
  const offset = it.document.offsetAt(position);
  if (isConfigPath(it.path)) {
    const symbol = symbolAt(configReferences(fileOf(it)), offset);
    return symbol ? targetsOf(symbol, it, ways) : null;
  }
  const named = definitionsAt(fileOf(it), offset, sloFilesOf(it));
  if (named.length > 0) return named.map((each) => locate(each, it, ways));
  const endpoint = endpointNameAt(it, offset);
  if (endpoint) return endpointsNamed(it, endpoint.name).map((each) => handlerOf(each, it, ways));
  const found = sloAt(it, position);
  if (!found) return null;
  return endpointsOf(found.slo, it, ways.view)
    .slice(0, MAX_ENDPOINTS)
    .map((each) => handlerOf(each, it, ways));
}

/**
 * Everywhere an objective, or an endpoint's objectives, are: documents that name it, slo-lens.yaml, the handlers. In code
 * the editor's own answer stands beside this one.
 */
export function referencesOf(it: OpenDocument, position: Position, ways: Ways): Location[] | null {
  const { folder } = it;
  if (!isSloPath(it.path)) {
    const slos = slosAt(it, position, ways.view, "handler");
    if (slos.length === 0) return null;
    const ids = new Set(slos.map((slo) => slo.id));
    return [...slos.map((slo) => placeOf(slo, it, ways)), ...namedInConfig(it, ways, (id) => ids.has(id))];
  }
  if (isConfigPath(it.path)) return definitionAt(it, position, ways);
  const named = referencesAt(fileOf(it), it.document.offsetAt(position), sloFilesOf(it));
  const found = sloAt(it, position);
  const served = found ? endpointsOf(found.slo, it, ways.view) : [];
  const all = [
    ...named.map((each) => locate(each, it, ways)),
    ...served.map((endpoint) => handlerOf(endpoint, it, ways)),
    ...(found ? namedInConfig(it, ways, (id) => id === found.slo.id) : []),
  ];
  return all.length === 0 && !folder.isReady ? null : all.slice(0, MAX_PLACES);
}

/** Names in an SLO file or slo-lens.yaml that can be followed. */
export function linksIn(it: OpenDocument, ways: Ways): DocumentLink[] | null {
  if (!isSloPath(it.path)) return null;
  const symbols: readonly SloSymbol[] = isConfigPath(it.path)
    ? configReferences(fileOf(it)).filter((each) => each.kind === "slo" || each.kind === "endpoint")
    : mayHoldSlos(it.document.getText())
      ? [...sloReferences([fileOf(it)]), ...endpointNames(fileOf(it))]
      : [];
  if (symbols.length === 0) return null;
  const definitions = isConfigPath(it.path) ? [] : sloDefinitions(sloFilesOf(it));
  return symbols.slice(0, MAX_LINKS).flatMap((symbol): DocumentLink[] => {
    const defined = definitions.find((each) => each.kind === symbol.kind && each.name === symbol.name);
    const target = defined ? locate(defined, it, ways) : targetsOf(symbol, it, ways)[0];
    if (!target) return [];
    const { line, character } = target.range.start;
    return [{ range: rangeOf(it, symbol), target: `${target.uri}#L${line + 1},${character + 1}` }];
  });
}

/** Where what a name of slo-lens.yaml means is written. */
function targetsOf({ kind, name }: SloSymbol, it: OpenDocument, ways: Ways): Location[] {
  if (kind === "slo")
    return it.folder.objectives.slos.filter((slo) => slo.id === name).map((slo) => placeOf(slo, it, ways));
  if (kind === "endpoint")
    return endpointsNamed(it, name)
      .slice(0, MAX_ENDPOINTS)
      .map((each) => handlerOf(each, it, ways));
  return kind === "service"
    ? it.folder.objectives.slos
        .filter((slo) => slo.service === name)
        .slice(0, MAX_PLACES)
        .map((slo) => placeOf(slo, it, ways))
    : [];
}

function namedInConfig(it: OpenDocument, ways: Ways, isWanted: (id: string) => boolean): Location[] {
  const path = it.folder.objectives.configPath;
  const text = path === undefined ? undefined : it.folder.text(path);
  if (path === undefined || text === undefined) return [];
  return configReferences({ path, text })
    .filter((each) => each.kind === "slo" && isWanted(each.name))
    .map((each) => locate(each, it, ways));
}

/** The objectives of the endpoint whose route is pointed at; with `handler`, its name too, which the language itself can follow. */
function slosAt(it: OpenDocument, position: Position, view: SloView, on: "route" | "handler"): readonly Slo[] {
  const here = { start: position, end: position };
  const slos = it.folder
    .placesIn(it.path)
    .filter(({ nameAt, handlerAt }) =>
      [nameAt, on === "handler" ? handlerAt : undefined].some((at) => at && touches(rangeAt(it.document, at), here)),
    )
    .flatMap(({ endpoint }) => view.of(endpoint).map((each) => each.slo));
  return [...new Map(slos.map((slo) => [slo.id, slo])).values()];
}

function endpointsOf(slo: Slo, it: OpenDocument, view: SloView): readonly Endpoint[] {
  return it.folder.endpoints.filter((endpoint) => view.of(endpoint).some((each) => each.slo.id === slo.id));
}

function handlerOf(endpoint: Endpoint, it: OpenDocument, { documents }: Ways): Location {
  const handler = properHandler(endpoint);
  const fn = handler?.file.functions[handler.f];
  const [path, at] = handler && fn ? [handler.file.path, fn.nameAt] : [endpoint.path, it.folder.nameOf(endpoint)];
  return { uri: documents.address(it.folder, path), range: rangeAt(documents.locator(it.folder, path), at) };
}

const placeOf = (slo: Slo, it: OpenDocument, ways: Ways): Location => locate(slo, it, ways);

function locate({ path, range }: Pick<SloSymbol, "path" | "range">, it: OpenDocument, { documents }: Ways): Location {
  return {
    uri: documents.address(it.folder, path),
    range: rangeAt(documents.locator(it.folder, path), [range.start, range.end]),
  };
}

/** Endpoints of the code under a name such as `GET /orders/:id`, however its parameters are written. */
function endpointsNamed(it: OpenDocument, name: string): readonly Endpoint[] {
  const wanted = parseEndpoint(name);
  if (!wanted) return [];
  const isMethod = ({ method }: Endpoint) => wanted.method === "*" || method === "ALL" || method === wanted.method;
  return it.folder.endpoints.filter((each) => isMethod(each) && isSameRoute(each.route, wanted.route));
}

const endpointNameAt = (it: OpenDocument, offset: number) => symbolAt(endpointNames(fileOf(it)), offset);

const rangeOf = (it: OpenDocument, { range }: { readonly range: SloSymbol["range"] }) =>
  rangeAt(it.document, [range.start, range.end]);

// --- completion ----------------------------------------------------------------------------------------------------

export interface CompletionContext {
  readonly rules: ReadonlyMap<string, Rule>;
  readonly language: Language;
  /** What telemetry knows of metrics; waits for no more than a moment. Undefined while it has not answered. */
  readonly metrics: (question: MetricQuestion) => Promise<readonly string[] | undefined>;
}

/** Keys and values of slo-lens.yaml and of SLO files; metrics, labels and values within their queries. */
export async function completionsAt(
  it: OpenDocument,
  position: Position,
  context: CompletionContext,
): Promise<CompletionList | null> {
  if (isConfigPath(it.path)) return listed(completionsInConfig(it, position, context), it, context, false);
  const text = it.document.getText();
  if (!isSloPath(it.path) || !mayHoldSlos(text)) return null;
  const offset = it.document.offsetAt(position);
  const question = metricQuestionAt(text, offset);
  const told = question && (await context.metrics(question));
  const found = sloCompletions({
    text,
    offset,
    definitions: sloDefinitions(sloFilesOf(it)),
    endpoints: it.folder.endpoints,
    metrics: question ? metricNames(question, it, told ?? []) : {},
  });
  return listed(found, it, context, question !== undefined && told === undefined);
}

/** What telemetry has told; without it what the code declares and the folder's other objectives ask for. */
function metricNames(question: MetricQuestion, it: OpenDocument, told: readonly string[]): MetricNames {
  if (question.of === "names") return { names: told.length > 0 ? told : knownMetrics(it) };
  if (told.length > 0) return question.of === "labels" ? { labels: told } : { values: told };
  const { metric } = question;
  const own = selectorsElsewhere(it).filter((each) => each.metric === metric);
  if (question.of === "labels") {
    const declared = it.folder.metrics.find((each) => seriesOf(each).includes(metric));
    return {
      labels: distinct([...(declared?.labels ?? []), ...own.flatMap((each) => each.matchers.map((m) => m.label))]),
    };
  }
  const matchers = own.flatMap((each) => each.matchers).filter((m) => m.label === question.label && m.op === "=");
  return { values: distinct(matchers.map((m) => m.value)) };
}

const knownMetrics = (it: OpenDocument) =>
  distinct([...it.folder.metrics.flatMap(seriesOf), ...selectorsElsewhere(it).map((each) => each.metric)]);

function selectorsElsewhere(it: OpenDocument) {
  const { slos, context } = it.folder.objectives;
  return slos.filter((slo) => slo.path !== it.path).flatMap((slo) => selectorsOfIndicator(slo.indicator, context));
}

/** The series that a metric of the code has. */
function seriesOf(metric: DeclaredMetric): readonly string[] {
  const names = [metric.name, ...(metric.also ?? [])].filter((it) => !it.includes("*"));
  return names.flatMap((name) => {
    if (metric.type === "histogram") return [`${name}_bucket`, `${name}_count`, `${name}_sum`];
    return metric.type === "summary" ? [name, `${name}_count`, `${name}_sum`] : [name];
  });
}

const distinct = (of: readonly string[]): readonly string[] => [...new Set(of)].filter((each) => each !== "");

function completionsInConfig(
  it: OpenDocument,
  position: Position,
  { rules }: CompletionContext,
): readonly SloCompletion[] {
  const { endpoints, objectives } = it.folder;
  const folders = endpoints.map((each) => each.path.slice(0, Math.max(0, each.path.lastIndexOf("/"))));
  return configCompletions({
    text: it.document.getText(),
    offset: it.document.offsetAt(position),
    endpoints,
    slos: objectives.slos,
    rules: [...rules.values()],
    folders: [...new Set(folders)].filter((each) => each !== ""),
  });
}

const ITEM_KINDS = {
  field: CompletionItemKind.Property,
  value: CompletionItemKind.EnumMember,
  reference: CompletionItemKind.Reference,
  route: CompletionItemKind.Constant,
  metric: CompletionItemKind.Variable,
  label: CompletionItemKind.Field,
  function: CompletionItemKind.Function,
} as const;

function listed(
  found: readonly SloCompletion[],
  it: OpenDocument,
  { language }: CompletionContext,
  isWaiting: boolean,
): CompletionList | null {
  if (found.length === 0 && !isWaiting) return null;
  const items = found.map(
    ({ label, kind, insert, range, text }, index): CompletionItem => ({
      label,
      kind: ITEM_KINDS[kind],
      // Our order: what is measured before what is only written.
      sortText: String(index).padStart(4, "0"),
      textEdit: { range: rangeAt(it.document, [range.start, range.end]), newText: insert },
      ...(text ? { documentation: { kind: MarkupKind.Markdown, value: text[language] } } : {}),
    }),
  );
  return { isIncomplete: isWaiting || found.length >= MAX_COMPLETIONS, items };
}

// --- the file in the editor ----------------------------------------------------------------------------------------

const fileOf = (it: OpenDocument): SloFile => ({ path: it.path, text: it.document.getText() });

const MAX_FILES = 500;

/** The files that OpenSLO documents of the folder were read from; the one in the editor as it stands there. */
function sloFilesOf(it: OpenDocument): readonly SloFile[] {
  const paths = it.folder.objectives.documents
    .filter((each) => each.format.startsWith("openslo/"))
    .map((each) => each.path);
  return [
    fileOf(it),
    ...[...new Set(paths)]
      .filter((path) => path !== it.path)
      .slice(0, MAX_FILES)
      .flatMap((path): SloFile[] => {
        const text = it.folder.text(path);
        return text === undefined ? [] : [{ path, text }];
      }),
  ];
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
      if (touches(range, here)) return { slo: listedSlo(it, slo), range };
    }
  return undefined;
}

/** An objective of the file in the editor under the name it has in the folder, with what other files say of its SLI. */
export function listedSlo(it: OpenDocument, slo: Slo): Slo {
  const own = it.folder.objectives.slos.filter((each) => each.path === it.path);
  const listed = own.find((each) => each.id === slo.id) ?? own.find((each) => each.id.startsWith(`${slo.id}~`));
  return listed ? { ...slo, id: listed.id, indicator: listed.indicator, level: listed.level } : slo;
}
