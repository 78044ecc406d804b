/** An objective for an endpoint that has none: in the repository's format, on its metrics, at a target that is reached today. */
import { serviceFor } from "./config.ts";
import {
  createSloDocument,
  type MetricsLibrary,
  metricsOf,
  type NewSlo,
  type NewSloFile,
  type NewSloFormat,
  type Proposal,
  proposeTarget,
} from "./create.ts";
import { loadSlos } from "./load.ts";
import type { CodeEndpoint } from "./model.ts";
import type { Objectives } from "./objectives.ts";
import { evaluate } from "./status.ts";
import type { Source } from "./telemetry/source.ts";
import { countText, durationText, percentText, targetText } from "./words.ts";

/** Five failures in a thousand over four weeks, where nothing was measured: to be tightened when it is kept. */
const UNMEASURED = 0.995;
const WINDOW_DAYS = 28;

export interface NewSloInput {
  readonly endpoint: CodeEndpoint;
  readonly objectives: Objectives;
  /** Text of a manifest above the endpoint (`apps/api/package.json`); undefined where there is none. */
  readonly manifest: (path: string) => string | undefined;
  readonly rootName: string;
  /** Instead of the format of the files there are. */
  readonly format?: NewSloFormat | undefined;
}

/** What would be written without asking anybody. */
export function newSloFor({ endpoint, objectives, manifest, rootName, format }: NewSloInput): NewSlo {
  const { config, context } = objectives;
  return {
    endpoint,
    service: serviceFor(config, endpoint.path) ?? context.packageNames?.(endpoint.path)[0] ?? rootName,
    format: format ?? formatIn(objectives),
    metrics: metricsOf(libraryFor(endpoint.path, manifest)),
    target: UNMEASURED,
    windowDays: WINDOW_DAYS,
  };
}

export interface ProposedSlo {
  readonly file: NewSloFile;
  readonly proposal: Proposal;
  /** Requests counted, and those among them that failed; absent where nothing was measured. */
  readonly measured?: { readonly total: number; readonly bad: number; readonly seconds: number };
}

/**
 * The same with a target from what was achieved: its own queries are asked of the source over its own window. Where they
 * answer with nothing the target is a stated guess. Never throws.
 *
 * @param source undefined where none is connected
 * @param now milliseconds since 1970
 */
export async function proposeSlo(
  it: NewSlo,
  source: Source | undefined,
  now: number,
  signal: AbortSignal,
  language: "en" | "ja",
): Promise<ProposedSlo> {
  const draft = createSloDocument(it);
  const { slos } = loadSlos([{ path: draft.name, text: draft.text }]);
  const status =
    source === undefined || slos.length === 0
      ? undefined
      : (await evaluate({ slos, matches: [], source, now, signal, withHistory: false })).objectives[0];
  const { total, bad } = status ?? {};
  if (total === undefined || bad === undefined || !(total > 0)) {
    const proposal = { target: it.target, allowed: 0, reason: "unknown" as const };
    return { file: withComment(draft, guessed(it.target, source !== undefined, language)), proposal };
  }
  const proposal = proposeTarget(1 - bad / total, total);
  const measured = { total, bad, seconds: status?.coversSeconds ?? slos[0]!.window.seconds };
  const file = createSloDocument({ ...it, target: proposal.target });
  return { file: withComment(file, achieved(proposal, measured, language)), proposal, measured };
}

/** The numbers that a target comes from, for the file and for whoever is told. */
export function achieved(
  { target, allowed, reason }: Proposal,
  { total, bad, seconds }: NonNullable<ProposedSlo["measured"]>,
  language: "en" | "ja",
): string {
  const share = percentText(1 - bad / total, language);
  const span = durationText(seconds, language, 1);
  const few =
    reason !== "low-traffic"
      ? ""
      : language === "ja"
        ? " トラフィックが少ないため、これより高い目標では数件の失敗でバジェットが尽きます。"
        : " With this little traffic a higher one would be spent by a few failures.";
  return language === "ja"
    ? `直近 ${span}の ${countText(total)} リクエスト中、失敗は ${countText(bad)} 件(成功率 ${share})でした。目標 ${targetText(target, language)} では ${countText(allowed)} 件の失敗が許容されます。${few}`
    : `In the last ${span} ${countText(bad)} of ${countText(total)} requests failed (${share} succeeded); ${targetText(target, language)} allows ${countText(allowed)}.${few}`;
}

const guessed = (target: number, wasAsked: boolean, language: "en" | "ja"): string =>
  language === "ja"
    ? `目標 ${targetText(target, language)} は実測値に基づいていません(${wasAsked ? "取得元にこのルートのデータがありません" : "数値の取得元が設定されていません"})。現在の達成値に合わせてください。`
    : `The target of ${targetText(target, language)} is a guess (${wasAsked ? "the source has no data of this route" : "no source of numbers is set"}): set it to what is reached today.`;

const withComment = ({ name, text }: NewSloFile, comment: string): NewSloFile => ({
  name,
  text: `# ${comment}\n${text}`,
});

/** The format of the files there are; OpenSLO where there are none. */
function formatIn(objectives: Objectives): NewSloFormat {
  const first = objectives.slos[0]?.format;
  return first?.startsWith("sloth") ? "sloth" : first === "pyrra" ? "pyrra" : "openslo";
}

const LIBRARIES: readonly (readonly [library: MetricsLibrary, packageName: RegExp])[] = [
  ["express-prom-bundle", /"express-prom-bundle"/],
  ["fastify-metrics", /"fastify-metrics"/],
  ["opentelemetry", /"@opentelemetry\/(?:sdk|exporter|instrumentation|auto-instrumentations)[\w-]*"/],
  ["prom-client", /"prom-client"/],
];

/** What measures the requests of a file, by the manifests above it. */
function libraryFor(file: string, manifest: NewSloInput["manifest"]): MetricsLibrary {
  for (let at = folderOf(file); ; at = folderOf(at)) {
    const text = manifest(at === "" ? "package.json" : `${at}/package.json`) ?? "";
    const found = LIBRARIES.find(([, name]) => name.test(text));
    if (found) return found[0];
    if (at === "") return "opentelemetry";
  }
}

const folderOf = (it: string): string => (it.includes("/") ? it.slice(0, it.lastIndexOf("/")) : "");
