/**
 * The whole at a glance: services, their objectives by urgency, the endpoints of each with the findings on their path;
 * then what has no counterpart: objectives about nothing in the code, endpoints without an objective.
 */
import type { Endpoint, Rule } from "../engine/index.ts";
import type { OverviewNode } from "../protocol/index.ts";
import {
  type ObjectiveStatus,
  type Slo,
  stateParts,
  stateWords,
  targetText,
  uncovered,
  urgency,
} from "../slo/index.ts";
import type { Basics } from "./context.ts";
import type { Folder } from "./folder.ts";
import type { Served } from "./served-folders.ts";
import { type Say, sayIn, words } from "./text.ts";

const MAX_OBJECTIVES = 500;
const MAX_ENDPOINTS = 100;
const MAX_OPEN = 500;
const MAX_FINDINGS = 10;

export function overviewOf(all: readonly Served[], context: Basics): readonly OverviewNode[] {
  return all.flatMap(({ folder, telemetry }) => {
    if (!folder.isReady) return [];
    const statuses = new Map((telemetry.report()?.objectives ?? []).map((it) => [it.id, it]));
    return overviewIn(folder, statuses, context);
  });
}

function overviewIn(
  folder: Folder,
  statuses: ReadonlyMap<string, ObjectiveStatus>,
  context: Basics,
): readonly OverviewNode[] {
  const say = sayIn(context.language);
  const { objectives, endpoints } = folder;
  const matches = objectives.matches(endpoints);
  const bySlo = new Map<string, Endpoint[]>();
  const known = new Map(endpoints.map((it) => [keyOf(it), it]));
  for (const { sloId, endpoint } of matches) {
    const it = known.get(keyOf(endpoint));
    if (!it) continue;
    const list = bySlo.get(sloId);
    if (list) list.push(it);
    else bySlo.set(sloId, [it]);
  }
  const slos = objectives.slos.slice(0, MAX_OBJECTIVES);
  const isMatched = (slo: Slo): boolean => bySlo.has(slo.id);
  const services = new Map<string, Slo[]>();
  for (const slo of slos.filter(isMatched)) {
    const list = services.get(slo.service);
    if (list) list.push(slo);
    else services.set(slo.service, [slo]);
  }
  const rank = (slo: Slo): number => {
    const state = statuses.get(slo.id)?.state;
    return state === undefined ? urgency.length : urgency.indexOf(state);
  };
  const node = (slo: Slo): OverviewNode =>
    objectiveNode(slo, statuses.get(slo.id), bySlo.get(slo.id) ?? [], folder, context);
  const ofServices = [...services]
    .map(([name, its]) => ({ name, its: its.sort((a, b) => rank(a) - rank(b) || (a.id < b.id ? -1 : 1)) }))
    .sort((a, b) => rank(a.its[0]!) - rank(b.its[0]!) || (a.name < b.name ? -1 : 1))
    .map(({ name, its }): OverviewNode => ({ kind: "service", label: name, children: its.map(node) }));
  const group = (label: string, its: readonly OverviewNode[], total: number): readonly OverviewNode[] =>
    total === 0 ? [] : [{ kind: "group", label, description: String(total), children: its }];
  const lonely = slos.filter((it) => !isMatched(it));
  const open = new Set(uncovered(endpoints, matches).map(keyOf));
  const openEndpoints = endpoints.filter((it) => open.has(keyOf(it)));
  return [
    ...ofServices,
    ...group(say(words.unmatchedSlos), lonely.map(node), lonely.length),
    ...group(
      say(words.uncovered),
      openEndpoints.slice(0, MAX_OPEN).map((it) => endpointNode(it, folder, context)),
      openEndpoints.length,
    ),
  ];
}

const keyOf = (it: { readonly method: string; readonly route: string; readonly path: string }): string =>
  `${it.method} ${it.route} ${it.path}`;

function objectiveNode(
  slo: Slo,
  status: ObjectiveStatus | undefined,
  endpoints: readonly Endpoint[],
  folder: Folder,
  context: Basics,
): OverviewNode {
  const { language } = context;
  const say: Say = sayIn(language);
  const target = `${targetText(slo.target, language)} / ${slo.window.text}`;
  const parts = status ? stateParts(status, slo, language) : [];
  // State is never told by colour alone.
  const state = status ? [stateWords[status.state][language]] : [];
  return {
    kind: "objective",
    label: slo.name,
    description: [target, ...parts].join(" · "),
    tooltip: [slo.id, target, ...state, ...parts].join("\n"),
    ...(status ? { state: status.state } : {}),
    place: placeIn(folder, slo.path, slo.range.start, context),
    children:
      endpoints.length === 0
        ? [{ kind: "note", label: say(words.noEndpoint), children: [] }]
        : endpoints.slice(0, MAX_ENDPOINTS).map((it) => endpointNode(it, folder, context)),
  };
}

function endpointNode(endpoint: Endpoint, folder: Folder, context: Basics): OverviewNode {
  const findings = folder.findingsOn(endpoint);
  const say = sayIn(context.language);
  const count = findings.length;
  return {
    kind: "endpoint",
    label: `${endpoint.method} ${endpoint.route}`,
    ...(count > 0 ? { description: say(count === 1 ? words.oneFinding : words.countedFindings, { count }) } : {}),
    tooltip: endpoint.path,
    place: placeIn(folder, endpoint.path, folder.nameOf(endpoint)[0], context),
    children: findings.slice(0, MAX_FINDINGS).map((it): OverviewNode => {
      const rule: Rule | undefined = context.rules.get(it.ruleId);
      const place = placeIn(folder, it.path, it.at[0], context);
      return {
        kind: "finding",
        label: rule ? say(rule.title) : it.ruleId,
        description: `${it.path}:${place.line + 1}`,
        place,
        children: [],
      };
    }),
  };
}

function placeIn(
  folder: Folder,
  path: string,
  offset: number,
  { documents }: Basics,
): NonNullable<OverviewNode["place"]> {
  const { line, character } = documents.locator(folder, path).positionAt(offset);
  return { uri: documents.address(folder, path), line, character };
}
