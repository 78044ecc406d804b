/**
 * The whole at a glance: services, their objectives by urgency, the endpoints of each with the findings on their path;
 * then what has no counterpart: objectives about nothing in the code, endpoints without an objective.
 */
import path from "node:path";
import type { Endpoint, Rule } from "../engine/index.ts";
import type { OverviewNode } from "../protocol/index.ts";
import {
  budgetReport,
  compositeStatus,
  compositesOf,
  escapeMarkdown,
  type ObjectiveStatus,
  type Slo,
  type SloView,
  type StatusReport,
  stateParts,
  stateWords,
  targetText,
  uncovered,
  urgency,
} from "../slo/index.ts";
import type { Basics } from "./context.ts";
import type { Folder } from "./folder.ts";
import { encodedAddress } from "./locations.ts";
import type { Locator } from "./position.ts";
import type { Served } from "./served-folders.ts";
import { type Say, sayIn, words } from "./text.ts";

const MAX_OBJECTIVES = 500;
const MAX_ENDPOINTS = 100;
/** Endpoints under all objectives together; each shows some of its own however many objectives there are. */
const MAX_ENDPOINTS_IN_ALL = 2000;
const MIN_ENDPOINTS = 5;
const MAX_OPEN = 500;
const MAX_FINDINGS = 10;
const MAX_FINDINGS_IN_ALL = 2000;

/** The page of all error budgets. @param now milliseconds since 1970 */
export function reportOf(all: readonly Served[], now: number, { documents, language }: Basics): string {
  const say = sayIn(language);
  return all
    .map(({ folder, telemetry }) => {
      const { slos } = folder.objectives;
      // Whether there are SLO files is known once the folder has been read.
      if (!folder.isReady) return `${escapeMarkdown(`${path.basename(folder.root)}: ${say(words.stillReading)}`)}\n`;
      const places = new Map(folder.endpoints.map((it) => [`${it.method} ${it.route}`, it]));
      const linkTo = (path: string, offset: number): string => {
        const { line } = documents.locator(folder, path).positionAt(offset);
        return `${encodedAddress(documents.address(folder, path))}#L${line + 1}`;
      };
      const report = withEvery(slos, telemetry.report(), say(words.waitingForNumbers));
      const statuses = new Map(report.objectives.map((it) => [it.id, it]));
      return budgetReport({
        slos,
        report,
        composites: compositesOf(slos).map((composite) => ({
          composite,
          status: compositeStatus(composite, statuses, folder.objectives.config.thresholds),
        })),
        ...(all.length > 1 ? { of: path.basename(folder.root) } : {}),
        lang: language,
        now,
        charts: true,
        hrefOf: (slo) => linkTo(slo.path, slo.range.start),
        endpointHref: (it) => {
          const endpoint = places.get(`${it.method} ${it.route}`);
          return endpoint && linkTo(endpoint.path, folder.nameOf(endpoint)[0]);
        },
      });
    })
    .join("\n---\n\n");
}

/** An objective that is newer than the last answer is listed with the others. */
function withEvery(slos: readonly Slo[], report: StatusReport | undefined, reason: string): StatusReport {
  const known = new Set(report?.objectives.map((it) => it.id));
  const waiting = slos
    .filter((it) => !known.has(it.id))
    .map(
      (it): ObjectiveStatus => ({
        id: it.id,
        state: "no-data",
        reason,
        burnRates: [],
        method: it.method,
        endpoints: [],
      }),
    );
  const { evaluatedAt, source, objectives, problems } = report ?? NOTHING_YET;
  return { evaluatedAt, source, objectives: [...objectives, ...waiting], problems };
}

const NOTHING_YET: StatusReport = {
  evaluatedAt: "",
  source: { kind: "none", name: "" },
  objectives: [],
  problems: [],
};

export function overviewOf(all: readonly Served[], context: Basics): readonly OverviewNode[] {
  return all.flatMap(({ folder, telemetry }) => {
    if (!folder.isReady) return [];
    const statuses = new Map((telemetry.report()?.objectives ?? []).map((it) => [it.id, it]));
    return overviewIn(folder, statuses, telemetry.view(), context);
  });
}

function overviewIn(
  folder: Folder,
  statuses: ReadonlyMap<string, ObjectiveStatus>,
  view: SloView,
  context: Basics,
): readonly OverviewNode[] {
  const say = sayIn(context.language);
  const { objectives, endpoints } = folder;
  const drawing = createDrawing(folder, context);
  const matches = objectives.matches(endpoints);
  const bySlo = new Map<string, MatchedEndpoint[]>();
  const known = new Map(endpoints.map((it) => [keyOf(it), it]));
  for (const { sloId, endpoint, by } of matches) {
    const it = known.get(keyOf(endpoint));
    if (!it) continue;
    const made: MatchedEndpoint = { endpoint: it, isKeptByRoute: by === "grouping" };
    const list = bySlo.get(sloId);
    if (list) list.push(made);
    else bySlo.set(sloId, [made]);
  }
  const rank = (slo: Slo): number => rankOf(statuses.get(slo.id)?.state);
  const byUrgency = (a: Slo, b: Slo): number => rank(a) - rank(b) || (a.id < b.id ? -1 : 1);
  // The most urgent are among those that are shown.
  const slos = [...objectives.slos].sort(byUrgency).slice(0, MAX_OBJECTIVES);
  const isMatched = (slo: Slo): boolean => bySlo.has(slo.id);
  const services = new Map<string, Slo[]>();
  for (const slo of slos.filter(isMatched)) {
    const list = services.get(slo.service);
    if (list) list.push(slo);
    else services.set(slo.service, [slo]);
  }
  const room = Math.floor(MAX_ENDPOINTS_IN_ALL / Math.max(1, slos.length));
  const most = Math.max(MIN_ENDPOINTS, Math.min(MAX_ENDPOINTS, room));
  const node = (slo: Slo): OverviewNode =>
    objectiveNode(slo, statuses.get(slo.id), bySlo.get(slo.id) ?? [], most, view, drawing);
  const ofServices = [...services]
    .map(([name, its]) => ({ name, its }))
    .sort((a, b) => rank(a.its[0]!) - rank(b.its[0]!) || (a.name < b.name ? -1 : 1))
    .map(
      ({ name, its }): OverviewNode => ({
        kind: "service",
        label: name || say(words.noService),
        children: its.map(node),
      }),
    );
  const group = (label: string, its: readonly OverviewNode[], total: number): readonly OverviewNode[] =>
    total === 0 ? [] : [{ kind: "group", label, description: String(total), children: its }];
  const lonely = slos.filter((it) => !isMatched(it));
  const open = new Set(uncovered(endpoints, matches).map(keyOf));
  const openEndpoints = endpoints
    .filter((it) => open.has(keyOf(it)))
    .sort((a, b) => folder.findingsOn(b).length - folder.findingsOn(a).length);
  return [
    ...ofServices,
    ...group(say(words.unmatchedSlos), lonely.map(node), lonely.length),
    ...group(
      say(words.uncovered),
      [
        ...openEndpoints.slice(0, MAX_OPEN).map((it) => endpointNode(it, drawing, false)),
        ...restOf(openEndpoints.length - MAX_OPEN, say),
      ],
      openEndpoints.length,
    ),
    ...restOf(objectives.slos.length - MAX_OBJECTIVES, say),
  ];
}

const keyOf = (it: { readonly method: string; readonly route: string; readonly path: string }): string =>
  `${it.method} ${it.route} ${it.path}`;

interface MatchedEndpoint {
  readonly endpoint: Endpoint;
  /** By an objective that is kept for each route: the endpoint has a state of its own. */
  readonly isKeptByRoute: boolean;
}

type Own = { readonly slo: Slo; readonly status: ObjectiveStatus };

const rankOf = (state: ObjectiveStatus["state"] | undefined): number =>
  state === undefined ? urgency.length : urgency.indexOf(state);

/** What is not shown is counted. */
const restOf = (count: number, say: Say): readonly OverviewNode[] =>
  count <= 0 ? [] : [{ kind: "note", label: say(words.more, { count }), children: [] }];

function objectiveNode(
  slo: Slo,
  status: ObjectiveStatus | undefined,
  matched: readonly MatchedEndpoint[],
  most: number,
  view: SloView,
  drawing: Drawing,
): OverviewNode {
  const { folder, say, language } = drawing;
  const target = `${targetText(slo.target, language)} / ${slo.window.text}`;
  const parts = status ? stateParts(status, slo, language) : [];
  // State is never told by colour alone.
  const state = status ? [stateWords[status.state][language]] : [];
  const shares = new Map(status?.endpoints.map((it) => [`${it.method} ${it.route}`, it.shareOfBad ?? 0]));
  const ownOf = (endpoint: Endpoint): Own | undefined => {
    const found = view.of(endpoint).find((each) => each.slo.id === slo.id)?.status;
    return found?.isOfOne ? { slo, status: found } : undefined;
  };
  const sorted = matched
    .map(({ endpoint, isKeptByRoute }) => ({
      endpoint,
      own: isKeptByRoute ? ownOf(endpoint) : undefined,
      share: shares.get(`${endpoint.method} ${endpoint.route}`) ?? 0,
      findings: folder.findingsOn(endpoint).length,
    }))
    .sort(
      (a, b) =>
        rankOf(a.own?.status.state) - rankOf(b.own?.status.state) || b.share - a.share || b.findings - a.findings,
    );
  return {
    kind: "objective",
    label: slo.name,
    description: [target, ...parts].join(" · "),
    tooltip: [slo.id, target, ...state, ...parts].join("\n"),
    ...(status ? { state: status.state } : {}),
    place: drawing.placeInSloFile(slo.path, slo.range.start),
    children:
      sorted.length === 0
        ? [{ kind: "note", label: say(words.noEndpoint), children: [] }]
        : [
            ...sorted.slice(0, most).map(({ endpoint, own }) => endpointNode(endpoint, drawing, true, own)),
            ...restOf(sorted.length - most, say),
          ],
  };
}

function endpointNode(endpoint: Endpoint, drawing: Drawing, hasSlo: boolean, own?: Own): OverviewNode {
  const { folder, say, language } = drawing;
  const findings = folder.findingsOn(endpoint);
  const count = findings.length;
  const parts = [
    ...(own ? stateParts(own.status, own.slo, language) : []),
    ...(count > 0 ? [say(count === 1 ? words.oneFinding : words.countedFindings, { count })] : []),
  ];
  const shown = drawing.take(Math.min(count, MAX_FINDINGS));
  return {
    kind: "endpoint",
    label: `${endpoint.method} ${endpoint.route}`,
    endpoint: { method: endpoint.method, route: endpoint.route, hasSlo },
    ...(parts.length > 0 ? { description: parts.join(" · ") } : {}),
    tooltip: [endpoint.path, ...(own ? [stateWords[own.status.state][language]] : [])].join("\n"),
    ...(own ? { state: own.status.state } : {}),
    place: drawing.placeInCode(endpoint.path, folder.nameOf(endpoint)[0]),
    children: [
      ...findings.slice(0, shown).map((it): OverviewNode => {
        const rule: Rule | undefined = drawing.rules.get(it.ruleId);
        const place = drawing.placeInCode(it.path, it.at[0]);
        return {
          kind: "finding",
          label: rule ? say(rule.title) : it.ruleId,
          description: `${it.path}:${place.line + 1}`,
          place,
          children: [],
        };
      }),
      ...restOf(count - shown, say),
    ],
  };
}

type Place = NonNullable<OverviewNode["place"]>;

interface Drawing {
  readonly folder: Folder;
  readonly say: Say;
  readonly language: Basics["language"];
  readonly rules: Basics["rules"];
  readonly placeInCode: (path: string, offset: number) => Place;
  readonly placeInSloFile: (path: string, offset: number) => Place;
  /** How many of the findings that are wanted there is room for. */
  readonly take: (wanted: number) => number;
}

/** Lines of files that are not open, kept for as long as what was made of their texts: the view is drawn at every revision. */
const kept = new WeakMap<object, Map<string, Locator>>();

function createDrawing(folder: Folder, { documents, language, rules }: Basics): Drawing {
  let left = MAX_FINDINGS_IN_ALL;
  const locatorOf = (path: string, madeOf: object): Locator => {
    if (documents.version(folder, path) !== null) return documents.locator(folder, path);
    let known = kept.get(madeOf);
    if (!known) kept.set(madeOf, (known = new Map()));
    let locator = known.get(path);
    if (!locator) known.set(path, (locator = documents.locator(folder, path)));
    return locator;
  };
  const placeIn = (path: string, offset: number, madeOf: object): Place => {
    const { line, character } = locatorOf(path, madeOf).positionAt(offset);
    return { uri: documents.address(folder, path), line, character };
  };
  return {
    folder,
    say: sayIn(language),
    language,
    rules,
    placeInCode: (path, offset) => placeIn(path, offset, folder.endpoints),
    placeInSloFile: (path, offset) => placeIn(path, offset, folder.objectives),
    take: (wanted) => {
      const taken = Math.min(wanted, left);
      left -= taken;
      return taken;
    },
  };
}
