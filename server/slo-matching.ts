/** Which objectives the endpoint under the cursor has, which it might have, and how a person settles it. */
import type { Position, WorkspaceEdit } from "vscode-languageserver";
import type { Endpoint, Language } from "../engine/index.ts";
import type { ExplainEndpointResult } from "../protocol/index.ts";
import { askLiveRoutes, explainMatch, isSeenLive, type Source, say, targetText, withMapping } from "../slo/index.ts";
import type { OpenDocument } from "./documents.ts";
import { uriOf } from "./locations.ts";
import { difference, rangeAt, touches } from "./position.ts";

const MAX_CANDIDATES = 50;

/** Of the endpoints at one place; of anything a client may send. */
export interface NamedEndpoint {
  readonly method?: unknown;
  readonly route?: unknown;
}

/** The endpoint whose route, registration or handler is pointed at: the one that is named, if it stands there. */
export function endpointAt(it: OpenDocument, position: Position, named?: NamedEndpoint): Endpoint | undefined {
  const here = { start: position, end: position };
  const places = it.folder.placesIn(it.path);
  const isOn = (at: readonly [number, number] | undefined): boolean =>
    at !== undefined && touches(rangeAt(it.document, at), here);
  const exact = places.filter(({ nameAt, handlerAt }) => isOn(nameAt) || isOn(handlerAt));
  const near = places.filter(({ endpoint }) => endpoint.path === it.path && isOn(endpoint.at));
  const all = [...exact, ...near].map(({ endpoint }) => endpoint);
  return all.find(({ method, route }) => method === named?.method && route === named.route) ?? all[0];
}

/** Milliseconds that a person waits for the source; what it has not said by then is left out. */
const LIVE_WAIT = 5000;

/** Everything considered for an endpoint, best first, and what a source has really seen of it. */
export async function explainEndpointAt(
  it: OpenDocument,
  position: Position,
  language: Language,
  source?: Source,
  named?: NamedEndpoint,
): Promise<ExplainEndpointResult | null> {
  const endpoint = endpointAt(it, position, named);
  if (!endpoint) return null;
  const { objectives, endpoints } = it.folder;
  const slos = new Map(objectives.slos.map((slo) => [slo.id, slo]));
  const considered = explainMatch(endpoint, objectives.slos, objectives.context, endpoints).map((each) => ({
    sloId: each.sloId,
    score: each.score,
    applied: each.applied,
    why: language === "ja" ? each.whyJa : each.why,
  }));
  // A person may know what no label says: the others can be chosen as well.
  const seen = new Set(considered.map((each) => each.sloId));
  const others = objectives.slos
    .filter((slo) => !seen.has(slo.id))
    .map((slo) => ({ sloId: slo.id, score: 0, applied: false, why: "" }));
  const asked = considered.flatMap((each) => slos.get(each.sloId) ?? []);
  const live =
    source &&
    (await askLiveRoutes(
      endpoint,
      asked.length > 0 ? asked : objectives.slos,
      source,
      AbortSignal.timeout(LIVE_WAIT),
      objectives.context.prefixes,
    ));
  return {
    method: endpoint.method,
    route: endpoint.route,
    candidates: [...considered, ...others].slice(0, MAX_CANDIDATES).map((each) => {
      const slo = slos.get(each.sloId);
      const found = live?.objectives.get(each.sloId);
      return {
        ...each,
        target: slo ? `${targetText(slo.target)} / ${slo.window.text}` : "",
        ...(found ? { live: say(found, language) } : {}),
      };
    }),
    ...(live
      ? {
          live: {
            source: live.source,
            ...(isSeenLive(live) === undefined ? {} : { isSeen: isSeenLive(live)! }),
            why: say(live.cause, language),
            near: live.near.map(({ route, methods, score }) => ({ route, methods, score })),
          },
        }
      : {}),
  };
}

/** Whether several objectives might be about an endpoint and none could be told to be. */
export function isUndecided(it: OpenDocument, endpoint: Endpoint): boolean {
  const { objectives, endpoints } = it.folder;
  const found = explainMatch(endpoint, objectives.slos, objectives.context, endpoints);
  return found.length > 0 && found.every((each) => !each.applied);
}

/** The edit of slo-lens.yaml, made where there is none; undefined where what is there cannot be read. */
export function mappingEdit(
  it: OpenDocument,
  endpoint: Endpoint,
  sloId: string,
): { readonly uri: string; readonly edit: WorkspaceEdit } | undefined {
  const { folder } = it;
  const file = folder.objectives.configPath ?? "slo-lens.yaml";
  const before = folder.objectives.configPath === undefined ? undefined : folder.text(file);
  const after = withMapping(before, sloId, endpoint);
  if (after === undefined) return undefined;
  const uri = uriOf(folder.root, file);
  const start = { line: 0, character: 0 };
  if (before === undefined)
    return {
      uri,
      edit: {
        documentChanges: [
          { kind: "create", uri, options: { ignoreIfExists: true } },
          { textDocument: { uri, version: null }, edits: [{ range: { start, end: start }, newText: after }] },
        ],
      },
    };
  const { start: from, oldEnd, newEnd } = difference(before, after);
  const at = (offset: number): Position => {
    const lines = before.slice(0, offset).split("\n");
    return { line: lines.length - 1, character: lines.at(-1)!.length };
  };
  return {
    uri,
    edit: { changes: { [uri]: [{ range: { start: at(from), end: at(oldEnd) }, newText: after.slice(from, newEnd) }] } },
  };
}
