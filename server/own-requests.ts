/** Answers to the messages that LSP has no word for. */
import type { Connection, Position } from "vscode-languageserver";
import { type OriginToken, pageText } from "../platform/index.ts";
import {
  type CreateSloParams,
  type CreateSloResult,
  createSloRequest,
  type ExplainEndpointParams,
  type ExplainEndpointResult,
  type ExplainLineParams,
  type ExplainLineResult,
  type ExplainParams,
  type ExplainResult,
  explainEndpointRequest,
  explainLineRequest,
  explainRequest,
  type MapSloParams,
  type MapSloResult,
  mapSloRequest,
  type OverviewResult,
  overviewRequest,
  type RefreshResult,
  type ReportResult,
  refreshRequest,
  reportRequest,
  type TokensParams,
  tokensNotification,
} from "../protocol/index.ts";
import { proposeSlo } from "../slo/index.ts";
import type { AnswerContext } from "./context.ts";
import type { Door } from "./door.ts";
import { explainLineAt } from "./explain-line.ts";
import { isRecord } from "./initialization.ts";
import { newSloEdit, newSloIn } from "./new-slo.ts";
import { overviewOf, reportOf } from "./overview.ts";
import type { ServedFolders } from "./served-folders.ts";
import { endpointAt, explainEndpointAt, mappingEdit } from "./slo-matching.ts";
import { countSlos, telemetryDetail } from "./status.ts";
import { sayIn, words } from "./text.ts";

/** Milliseconds that a person waits for what was achieved; without it the target is the usual one. */
const NUMBERS_WAIT = 10_000;

export interface OwnRequestsOptions {
  readonly connection: Connection;
  readonly door: Door;
  readonly served: ServedFolders;
  readonly context: () => AnswerContext;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly onTokens: (tokens: readonly OriginToken[]) => void;
}

export function answerOwnRequests({ connection, door, served, context, now, onTokens }: OwnRequestsOptions): void {
  const { read } = door;

  connection.onRequest(
    explainRequest,
    read<ExplainParams, ExplainResult | null>("explain", null, (params) => {
      const { rules, language } = context();
      const rule = isRecord(params) ? rules.get(String(params.ruleId)) : undefined;
      const markdown = rule && pageText(rule, language);
      return rule && markdown ? { title: sayIn(language)(rule.title), markdown } : null;
    }),
  );

  connection.onRequest(
    explainEndpointRequest,
    read<ExplainEndpointParams, ExplainEndpointResult | null>("explainEndpoint", null, async (params) => {
      const { documents, language } = context();
      const it = isRecord(params) ? documents.get(String(params.uri)) : undefined;
      const source = it && served.of(it.folder).telemetry.source();
      return it ? explainEndpointAt(it, placeOf(params), language, source, params) : null;
    }),
  );

  connection.onRequest(
    explainLineRequest,
    read<ExplainLineParams, ExplainLineResult | null>("explainLine", null, (params) => {
      const answering = context();
      const it = isRecord(params) ? answering.documents.get(String(params.uri)) : undefined;
      return it ? explainLineAt(it, Number(params.line), answering) : null;
    }),
  );

  connection.onRequest(
    overviewRequest,
    read<unknown, OverviewResult>("overview", { message: "", isReady: false, nodes: [] }, () => {
      const all = served.workspaces();
      const answering = context();
      const { language } = answering;
      return {
        message: telemetryDetail(all, sayIn(language), language),
        isReady: served.isStarted && all.every(({ folder }) => folder.isReady),
        nodes: overviewOf(all, answering),
      };
    }),
  );

  connection.onRequest(
    reportRequest,
    read<unknown, ReportResult>("report", { markdown: "" }, () => ({
      markdown: reportOf(served.workspaces(), now(), context()),
    })),
  );

  connection.onRequest(
    mapSloRequest,
    read<MapSloParams, MapSloResult>("mapSlo", {}, async (params) => {
      const { documents, language } = context();
      const it = isRecord(params) ? documents.get(String(params.uri)) : undefined;
      const endpoint = it && endpointAt(it, placeOf(params), params);
      if (!endpoint || !it.folder.objectives.slos.some((slo) => slo.id === params.sloId)) return {};
      const made = mappingEdit(it, endpoint, params.sloId);
      if (!made) {
        const file = it.folder.objectives.configPath ?? "slo-lens.yaml";
        return { problem: sayIn(language)(words.cannotMap, { file }) };
      }
      const { applied } = await connection.workspace.applyEdit({ label: "SLO Lens", edit: made.edit });
      return applied ? { uri: made.uri } : {};
    }),
  );

  connection.onRequest(
    createSloRequest,
    read<CreateSloParams, CreateSloResult>("createSlo", {}, async (params, token) => {
      const { documents, language, view } = context();
      const it = isRecord(params) ? documents.get(String(params.uri)) : undefined;
      const endpoint = it && endpointAt(it, placeOf(params), params);
      if (!endpoint || view(it).of(endpoint).length > 0) return { problem: sayIn(language)(words.cannotCreate) };
      const source = served.of(it.folder).telemetry.source();
      const aborter = new AbortController();
      const cancelled = token.onCancellationRequested(() => aborter.abort());
      const signal = AbortSignal.any([aborter.signal, AbortSignal.timeout(NUMBERS_WAIT)]);
      try {
        const { file } = await proposeSlo(newSloIn(it.folder, endpoint), source, now(), signal, language);
        if (aborter.signal.aborted) return {};
        const { uri, edit } = newSloEdit(it.folder, file);
        const { applied } = await connection.workspace.applyEdit({ label: "SLO Lens", edit });
        return applied ? { uri } : {};
      } finally {
        cancelled.dispose();
      }
    }),
  );

  connection.onRequest(
    refreshRequest,
    read<unknown, RefreshResult>("refresh", { text: "" }, async () => {
      const all = served.workspaces();
      for (const { folder, telemetry } of all) {
        await folder.reloadObjectives();
        telemetry.restart();
        await telemetry.refresh();
      }
      const { language } = context();
      const say = sayIn(language);
      return { text: say(words.refreshed, { slos: countSlos(all), asked: telemetryDetail(all, say, language) }) };
    }),
  );

  connection.onNotification(tokensNotification, (params: TokensParams) =>
    door.guard(tokensNotification, () => {
      onTokens(readTokens(params));
      for (const { telemetry } of served.workspaces()) void telemetry.refresh();
    }),
  );
}

/** Tokens as the client sends them; anything else is dropped. */
function readTokens(params: unknown): readonly OriginToken[] {
  const given = isRecord(params) && Array.isArray(params.tokens) ? (params.tokens as readonly unknown[]) : [];
  return given.flatMap((it): OriginToken[] =>
    isRecord(it) && typeof it.origin === "string" && typeof it.token === "string"
      ? [{ origin: it.origin, token: it.token }]
      : [],
  );
}

/** A place as a client sends it; anything odd is the start of the document. */
function placeOf(params: { readonly line: unknown; readonly character: unknown }): Position {
  const count = (it: unknown): number => (typeof it === "number" && Number.isSafeInteger(it) && it > 0 ? it : 0);
  return { line: count(params.line), character: count(params.character) };
}
