/** `explain --endpoint`: which objectives an endpoint has, which were considered, and why. */
import type { Language } from "../engine/index.ts";
import {
  askLiveRoutes,
  explainMatch,
  isSeenLive,
  type LiveEndpoint,
  parseEndpoint,
  type Slo,
  type Source,
  say,
  targetText,
} from "../slo/index.ts";
import { CannotRun, type ExitCode, type Host, paintFor, plain } from "./host.ts";
import { openProject, scopeOf } from "./project.ts";
import { checkAddresses, type SourceOptions, sourceFor } from "./status.ts";

export interface ExplainEndpointOptions extends SourceOptions {
  readonly format: "text" | "json";
  readonly language: Language;
  readonly cache: boolean;
  readonly root?: string | undefined;
}

const MAX_NEAR = 5;
const MAX_SHOWN = 20;

/** @throws CannotRun for what is no endpoint, or none of the code */
export async function explainEndpoint(host: Host, written: string, options: ExplainEndpointOptions): Promise<ExitCode> {
  const { format, language, cache, root } = options;
  checkAddresses(options);
  const wanted = parseEndpoint(written);
  if (!wanted)
    throw new CannotRun(`"${written}" is no endpoint: write a method and a route, such as "GET /orders/:id".`);
  const scope = scopeOf(host, ["."], root);
  const { analysis, objectives, workspace } = await openProject(host, scope, { cache });
  const { endpoints } = analysis;
  const own = endpoints.filter(
    (it) => it.route === wanted.route && (wanted.method === "*" || it.method === "ALL" || it.method === wanted.method),
  );
  if (own.length === 0) throw new CannotRun(`The code has no endpoint ${written}.${nearText(endpoints, wanted.route)}`);
  const source = sourceFor(host, objectives, scope.root, options);
  const slos = new Map(objectives.slos.map((it) => [it.id, it]));
  const explained: ExplainedEndpoint[] = [];
  // A route without a method may name many endpoints; each is a question to the source.
  for (const endpoint of own.slice(0, MAX_SHOWN)) {
    const candidates = explainMatch(endpoint, objectives.slos, objectives.context, endpoints);
    const considered = candidates.flatMap((it) => slos.get(it.sloId) ?? []);
    const live = await liveOf(endpoint, considered.length > 0 ? considered : objectives.slos, source, host.signal, [
      ...(objectives.context.prefixes ?? []),
    ]);
    explained.push({
      method: endpoint.method,
      route: endpoint.route,
      path: scope.shown(endpoint.path),
      // Something would fit, and nothing fits well enough to say so.
      ambiguous: candidates.length > 0 && candidates.every((it) => !it.applied),
      candidates: candidates.slice(0, MAX_SHOWN).map((it) => {
        const found = live?.objectives.get(it.sloId);
        return {
          id: it.sloId,
          applied: it.applied,
          score: it.score,
          by: it.by,
          why: language === "ja" ? it.whyJa : it.why,
          ...(found ? { live: { finds: found.key === "live-found", why: say(found, language) } } : {}),
        };
      }),
      ...(live
        ? {
            live: {
              source: live.source,
              ...(isSeenLive(live) === undefined ? {} : { seen: isSeenLive(live)! }),
              why: say(live.cause, language),
              routes: live.routes,
              near: live.near,
            },
          }
        : {}),
    });
  }
  if (format === "json") host.out(`${JSON.stringify({ endpoints: explained }, null, host.isTerminal ? 2 : 0)}\n`);
  else {
    const paint = paintFor(host);
    const ja = language === "ja";
    const lines = explained.flatMap((it) => [
      `${paint.bold(`${it.method} ${plain(it.route)}`)}  ${paint.dim(plain(it.path))}`,
      ...it.candidates.map((each) => {
        const slo = slos.get(each.id);
        const state = each.applied ? (ja ? "適用" : "applies") : ja ? "候補" : "candidate";
        const told = [each.why, ...(each.live ? [each.live.why] : [])].map(
          (text) => `\n          ${paint.dim(plain(text))}`,
        );
        return `    ${each.score.toFixed(2)}  ${state}  ${plain(each.id)}${slo ? `  ${targetText(slo.target)}` : ""}${told.join("")}`;
      }),
      ...(it.candidates.length === 0 ? [`    ${noneText(objectives.slos.length, language)}`] : []),
      ...(it.ambiguous ? [`    ${pickText(it, language)}`] : []),
      ...(it.live ? liveText(it.live, language) : []),
    ]);
    host.out(`${lines.join("\n")}\n`);
  }
  if (cache) workspace.saveCache();
  return 0;
}

interface ExplainedEndpoint {
  readonly method: string;
  readonly route: string;
  readonly path: string;
  readonly ambiguous: boolean;
  readonly candidates: readonly {
    readonly id: string;
    readonly applied: boolean;
    readonly score: number;
    readonly by: string;
    readonly why: string;
    /** Whether the objective's query finds anything at the source. */
    readonly live?: { readonly finds: boolean; readonly why: string };
  }[];
  readonly live?: {
    readonly source: string;
    /** Absent where the source gave no answer. */
    readonly seen?: boolean;
    readonly why: string;
    readonly routes: number;
    readonly near: LiveEndpoint["near"];
  };
}

/** What the source has really seen of an endpoint; a snapshot keeps no labels. */
async function liveOf(
  endpoint: Parameters<typeof askLiveRoutes>[0],
  slos: readonly Slo[],
  source: Source | { readonly kind: "snapshot" } | undefined,
  signal: AbortSignal,
  prefixes: readonly string[],
): Promise<LiveEndpoint | undefined> {
  return source === undefined || source.kind === "snapshot"
    ? undefined
    : await askLiveRoutes(endpoint, slos, source, signal, prefixes);
}

function liveText({ source, why, near, seen }: NonNullable<ExplainedEndpoint["live"]>, language: Language): string[] {
  const ja = language === "ja";
  const head = `    ${ja ? "テレメトリ" : "telemetry"} (${plain(source)}): ${plain(why)}`;
  if (seen || near.length === 0) return [head];
  const rows = near.map(
    (it) =>
      `      ${it.score.toFixed(2)}  ${plain(it.route)}${it.methods.length > 0 ? `  ${plain(it.methods.join(", "))}` : ""}`,
  );
  return [head, `    ${ja ? "近いルート:" : "routes near it:"}`, ...rows];
}

function noneText(count: number, language: Language): string {
  if (language === "ja")
    return count === 0
      ? "SLO ファイルがありません。"
      : `${count} 件の SLO のどれも、このエンドポイントを指していません。`;
  return count === 0 ? "There are no SLO files." : `None of ${count} objectives is about this endpoint.`;
}

function pickText(
  it: { readonly method: string; readonly route: string; readonly candidates: readonly { readonly id: string }[] },
  language: Language,
): string {
  const entry = `slos: { ${JSON.stringify(it.candidates[0]!.id)}: ["${it.method} ${plain(it.route)}"] }`;
  return language === "ja"
    ? `どれも確実ではないため、表示には使いません。slo-lens.yaml に書けば決まります: ${entry}`
    : `None is certain, so none is shown. slo-lens.yaml settles it: ${entry}`;
}

function nearText(endpoints: readonly { readonly method: string; readonly route: string }[], route: string): string {
  const wordsOf = (it: string): string[] => it.split("/").filter((word) => word !== "" && !word.startsWith(":"));
  const isLike = (a: string, b: string): boolean => a.startsWith(b) || b.startsWith(a);
  const near = endpoints.filter((it) => wordsOf(route).some((a) => wordsOf(it.route).some((b) => isLike(a, b))));
  const listed = [...new Set(near.map((it) => `${it.method} ${plain(it.route)}`))].slice(0, MAX_NEAR);
  return listed.length > 0 ? ` Near it: ${listed.join(", ")}.` : " `slo-lens endpoints` lists them.";
}
