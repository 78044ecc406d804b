/**
 * The whole at a glance: services, their objectives by urgency, the endpoints of each with the findings on their path;
 * then what has no counterpart: objectives about nothing in the code, endpoints without an objective.
 */
import path from "node:path";
import type { Endpoint, Rule } from "../engine/index.ts";
import type { OverviewNode } from "../protocol/index.ts";
import {
  budgetReport,
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
import type { Served } from "./served-folders.ts";
import { type Say, sayIn, words } from "./text.ts";

const MAX_OBJECTIVES = 500;
const MAX_ENDPOINTS = 100;
const MAX_OPEN = 500;
const MAX_FINDINGS = 10;

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
      return budgetReport({
        slos,
        report: withEvery(slos, telemetry.report(), say(words.waitingForNumbers)),
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
    objectiveNode(slo, statuses.get(slo.id), bySlo.get(slo.id) ?? [], folder, view, context);
  const ofServices = [...services]
    .map(([name, its]) => ({ name, its: its.sort((a, b) => rank(a) - rank(b) || (a.id < b.id ? -1 : 1)) }))
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
  const openEndpoints = endpoints.filter((it) => open.has(keyOf(it)));
  return [
    ...ofServices,
    ...group(say(words.unmatchedSlos), lonely.map(node), lonely.length),
    ...group(
      say(words.uncovered),
      openEndpoints.slice(0, MAX_OPEN).map((it) => endpointNode(it, folder, context, false)),
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
  view: SloView,
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
        : endpoints.slice(0, MAX_ENDPOINTS).map((it) => {
            // Of an objective that is kept for each route the endpoint has a state of its own.
            const own = view.of(it).find((each) => each.slo.id === slo.id)?.status;
            return endpointNode(it, folder, context, true, own?.isOfOne ? { slo, status: own } : undefined);
          }),
  };
}

function endpointNode(
  endpoint: Endpoint,
  folder: Folder,
  context: Basics,
  hasSlo: boolean,
  own?: { readonly slo: Slo; readonly status: ObjectiveStatus },
): OverviewNode {
  const findings = folder.findingsOn(endpoint);
  const { language } = context;
  const say = sayIn(language);
  const count = findings.length;
  const parts = [
    ...(own ? stateParts(own.status, own.slo, language) : []),
    ...(count > 0 ? [say(count === 1 ? words.oneFinding : words.countedFindings, { count })] : []),
  ];
  return {
    kind: "endpoint",
    label: `${endpoint.method} ${endpoint.route}`,
    endpoint: { method: endpoint.method, route: endpoint.route, hasSlo },
    ...(parts.length > 0 ? { description: parts.join(" · ") } : {}),
    tooltip: [endpoint.path, ...(own ? [stateWords[own.status.state][language]] : [])].join("\n"),
    ...(own ? { state: own.status.state } : {}),
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
