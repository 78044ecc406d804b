/** Hover on a route, a handler's name, or a finding. Texts of the repository are escaped; nothing here is trusted HTML. */
import { type Hover, MarkupKind, type Position } from "vscode-languageserver";
import { chainText, entryText, type Finding, type Layer, type Text } from "../engine/index.ts";
import { pageAddress } from "../platform/index.ts";
import { commands } from "../protocol/index.ts";
import {
  type CardFinding,
  endpointConfigFor,
  escapeMarkdown,
  hoverCard,
  isWithoutSource,
  type SloView,
  type StatusReport,
  stakesSentence,
} from "../slo/index.ts";
import type { Basics } from "./context.ts";
import { impactIn, rangeOf } from "./diagnostics.ts";
import type { OpenDocument } from "./documents.ts";
import { encodedAddress } from "./locations.ts";
import { rangeAt, touches } from "./position.ts";
import type { FindingPlace } from "./sweep.ts";
import { sayIn, words } from "./text.ts";

export interface HoverContext extends Basics {
  readonly view: SloView;
  readonly report: StatusReport | undefined;
  readonly now: number;
  /** That the client runs where Markdown links to them. */
  readonly commands: ReadonlySet<string>;
  readonly isMarkdown: boolean;
}

const MAX_CARDS = 3;
const MAX_ENDPOINTS = 5;
const MAX_ON_PATH = 6;
const layers: readonly Layer[] = ["product", "application", "infrastructure"];

export function hoverAt(it: OpenDocument, position: Position, context: HoverContext): Hover | null {
  const here = { start: position, end: position };
  const findings = it.folder.report(it.path).findings.filter((each) => touches(rangeOf(each, it), here));
  const finding = findings[0];
  if (finding)
    return answer(
      findings.map((each) => findingCard(each, it, context)),
      rangeOf(finding, it),
      context,
    );
  const places = it.folder.placesIn(it.path).flatMap(({ endpoint, nameAt, handlerAt }) => {
    // A registration on one line is hovered as a whole: the route, and the handler's name beside it.
    const whole = endpoint.path === it.path ? rangeAt(it.document, endpoint.at) : undefined;
    const range = [nameAt, handlerAt]
      .flatMap((at) => (at ? [rangeAt(it.document, at)] : []))
      .concat(whole && whole.start.line === whole.end.line ? [whole] : [])
      .find((each) => touches(each, here));
    return range ? [{ endpoint, range }] : [];
  });
  const first = places[0];
  if (!first) return null;
  const cards = places.slice(0, MAX_CARDS).map(({ endpoint }) => endpointCard(endpoint, it, context));
  return answer(cards, first.range, context);
}

function answer(parts: readonly string[], range: Hover["range"], context: HoverContext): Hover {
  const text = parts.join("\n\n---\n\n");
  const value = context.isMarkdown ? text : plainOf(text);
  return {
    contents: { kind: context.isMarkdown ? MarkupKind.Markdown : MarkupKind.PlainText, value },
    ...(range ? { range } : {}),
  };
}

function endpointCard(
  endpoint: OpenDocument["folder"]["endpoints"][number],
  it: OpenDocument,
  context: HoverContext,
): string {
  const { language, view, report } = context;
  const say = sayIn(language);
  const [first] = view.of(endpoint);
  const findings = it.folder
    .findingsOn(endpoint)
    .slice(0, MAX_ON_PATH)
    .map((each) => cardFinding(each, it, context));
  if (!first) {
    const lines = [
      `**${escapeMarkdown(`${endpoint.method} ${endpoint.route}`)}**`,
      say(words.noSlo),
      ...(findings.length > 0 ? [`${say(words.onPath)}: ${findings.map(findingLink).join(", ")}`] : []),
      ...commandLink(commands.explainEndpoint, words.whyNoSlo, endpointPlace(endpoint, it, context), context),
    ];
    return lines.join("  \n");
  }
  const harm = endpointConfigFor(view.config, endpoint)?.harm;
  const card = hoverCard({
    endpoint,
    slo: first.slo,
    ...(first.status ? { status: first.status } : {}),
    findings,
    lang: language,
    now: context.now,
    ...(report ? { report } : {}),
    ...(harm ? { harm } : {}),
    matchedBy: first.match.by,
    links: { slo: context.documents.address(it.folder, first.slo.path) },
  });
  const links = [
    ...(isWithoutSource(first.status) ? commandLink(commands.connectTelemetry, words.connect, undefined, context) : []),
    ...commandLink(commands.explainEndpoint, words.whySlo, endpointPlace(endpoint, it, context), context),
  ];
  return links.length > 0 ? `${card}\n\n${links.join(" · ")}` : card;
}

/** A link that runs a command of the client's, where it runs it. What it is given is checked there. */
function commandLink(
  command: string,
  title: Text,
  argument: object | undefined,
  { commands: known, language }: HoverContext,
): readonly string[] {
  if (!known.has(command)) return [];
  const given = argument === undefined ? "" : `?${encodeURIComponent(JSON.stringify([argument]))}`;
  return [`[${sayIn(language)(title)}](${encodedAddress(`command:${command}${given}`)})`];
}

function endpointPlace(
  endpoint: OpenDocument["folder"]["endpoints"][number],
  it: OpenDocument,
  { documents }: HoverContext,
): object {
  const { folder } = it;
  const { method, route, path } = endpoint;
  const { line, character } = documents.locator(folder, path).positionAt(folder.nameOf(endpoint)[0]);
  return { uri: documents.address(folder, path), line, character, method, route };
}

function cardFinding(
  finding: FindingPlace,
  it: OpenDocument,
  { documents, rules, language }: HoverContext,
): CardFinding {
  const line = documents.locator(it.folder, finding.path).positionAt(finding.at[0]).line + 1;
  const rule = rules.get(finding.ruleId);
  return {
    title: rule ? sayIn(language)(rule.title) : finding.ruleId,
    path: finding.path,
    line,
    href: `${documents.address(it.folder, finding.path)}#L${line}`,
  };
}

function findingLink({ title, path, line, href }: CardFinding): string {
  return `${escapeMarkdown(title)} (${href ? `[${escapeMarkdown(`${path}:${line}`)}](${encodedAddress(href)})` : escapeMarkdown(path)})`;
}

/** Why, which endpoints, the budget at stake, what can be done on each layer. The editor shows the message itself. */
function findingCard(finding: Finding, it: OpenDocument, context: HoverContext): string {
  const { language } = context;
  const say = sayIn(language);
  const rule = context.rules.get(finding.ruleId);
  const message = rule?.messages[finding.message];
  const impact = impactIn(finding, context.view);
  const stakes = stakesSentence(impact, language);
  const page = rule ? pageAddress(rule, language) : undefined;
  const name = escapeMarkdown(finding.ruleId);
  const title = rule ? escapeMarkdown(say(rule.title)) : name;
  const parts = [`**${title}** · ${page ? `[${name}](${encodedAddress(page)})` : name}`];
  if (message) parts.push(escapeMarkdown(say(message.help, finding.data)));
  parts.push(reachText(finding, context, it));
  if (stakes) parts.push(`**${say(words.stakes)}** ${escapeMarkdown(stakes)}`);
  for (const { en, ja } of impact.messages.slice(0, 2))
    parts.push(`> ${escapeMarkdown((language === "ja" ? ja : undefined) ?? en)}`);
  const options = layers.flatMap((layer) => {
    const titles = finding.fixes
      .filter((fix) => fix.layer === layer)
      .map((fix) => escapeMarkdown(say(fix.title, finding.data)));
    return titles.length > 0 ? [`- **${say(words.layers[layer])}**: ${titles.slice(0, 4).join(" / ")}`] : [];
  });
  if (options.length > 0) parts.push([`**${say(words.options)}**`, ...options].join("\n"));
  const { line, character } = it.document.positionAt(finding.at[0]);
  parts.push(
    ...commandLink(commands.explainLine, words.explainLine, { uri: it.document.uri, line, character }, context),
  );
  return parts.filter((part) => part !== "").join("\n\n");
}

function reachText(finding: Finding, context: HoverContext, it: OpenDocument): string {
  const say = sayIn(context.language);
  const endpoints = finding.reach.chains.filter((each) => each.entry.kind === "endpoint");
  // Jobs, consumers and their like are told of where no endpoint is.
  const all = endpoints.length > 0 ? endpoints : finding.reach.chains.filter((each) => each.entry.kind !== "test");
  if (all.length === 0) return say(words.nothingReaches);
  const chains = all.slice(0, MAX_ENDPOINTS);
  const lines = chains.map((chain) => {
    const { entry } = chain;
    const at = entry.kind === "endpoint" ? it.folder.nameOf(entry) : entry.at;
    const name =
      entry.kind === "endpoint"
        ? `${entry.method} ${entry.route}`
        : entryText(entry.kind, entry.name, context.language);
    const line = context.documents.locator(it.folder, entry.path).positionAt(at[0]).line + 1;
    const href = `${context.documents.address(it.folder, entry.path)}#L${line}`;
    return `- [${escapeMarkdown(name)}](${encodedAddress(href)}): ${escapeMarkdown(chainText(chain, context.language))}`;
  });
  const rest = all.length - chains.length;
  const head = `**${say(words.reachHead)}**${finding.reach.complete ? "" : ` (${say(words.atLeast)})`}`;
  return [head, ...lines, ...(rest > 0 ? [`- ${say(words.more, { count: rest })}`] : [])].join("\n");
}

/** Markdown of ours for clients that show text alone: marks, links and pictures go, escapes are undone. */
function plainOf(markdown: string): string {
  return markdown
    .replace(/!\[[^\]]*\]\([^)]*\)\n*/g, "")
    .replace(/\[((?:[^\]\\]|\\.)*)\]\([^)]*\)/g, "$1")
    .replace(/\*\*/g, "")
    .replace(/\\([\\`*_{}[\]()#+!|<>~&$^=@:.-])/g, "$1");
}
