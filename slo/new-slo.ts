/** An objective for an endpoint that has none: in the repository's format, on its metrics, at a target that is reached today. */
import { serviceFor } from "./config.ts";
import {
  createSloDocument,
  type NewSlo,
  type NewSloFile,
  type NewSloFormat,
  type Proposal,
  proposeTarget,
} from "./create.ts";
import {
  declaredHttpMetrics,
  type MetricOfCode,
  type MetricsLibrary,
  metricsOf,
  seenIn,
  seenQuery,
} from "./http-metrics.ts";
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
  /** All of the workspace, so that a series is put down to the one that it fits best. */
  readonly endpoints: readonly CodeEndpoint[];
  readonly objectives: Objectives;
  /** Metrics that the code declares. */
  readonly declared: readonly MetricOfCode[];
  /** Text of a manifest above the endpoint (`apps/api/package.json`); undefined where there is none. */
  readonly manifest: (path: string) => string | undefined;
  readonly rootName: string;
  /** Instead of the format of the files there are. */
  readonly format?: NewSloFormat | undefined;
}

/** An objective to be written, with what is needed to ask a source how its series are called. */
export interface DraftSlo extends NewSlo {
  readonly endpoint: CodeEndpoint;
  readonly endpoints: readonly CodeEndpoint[];
  readonly prefixes: readonly string[];
}

/** What would be written without asking anybody. */
export function newSloFor({
  endpoint,
  endpoints,
  objectives,
  declared,
  manifest,
  rootName,
  format,
}: NewSloInput): DraftSlo {
  const { config, context } = objectives;
  const { library, folder } = libraryFor(endpoint.path, manifest);
  return {
    endpoint,
    endpoints,
    prefixes: config.prefixes,
    service: serviceFor(config, endpoint.path) ?? context.packageNames?.(endpoint.path)[0] ?? rootName,
    format: format ?? formatIn(objectives),
    metrics: declaredHttpMetrics(declared, folder) ?? metricsOf(library),
    target: UNMEASURED,
    windowDays: WINDOW_DAYS,
  };
}

/** The file of a draft without asking anybody: what is guessed in it is said at its top. */
export function unmeasured(it: DraftSlo, language: "en" | "ja"): NewSloFile {
  return withComment(createSloDocument(it), guessed(it.target, false, language), ...notes(it, language));
}

export interface ProposedSlo {
  readonly file: NewSloFile;
  readonly proposal: Proposal;
  /** Requests counted, and those among them that failed; absent where nothing was measured. */
  readonly measured?: { readonly total: number; readonly bad: number; readonly seconds: number };
}

/**
 * The same, for series that the source has and with a target from what was achieved: it is asked for the names first,
 * then for the counts of the very queries that will be written, over their own window. Where it answers with nothing the
 * target is a stated guess. Never throws.
 *
 * @param source undefined where none is connected
 * @param now milliseconds since 1970
 */
export async function proposeSlo(
  draft: DraftSlo,
  source: Source | undefined,
  now: number,
  signal: AbortSignal,
  language: "en" | "ja",
): Promise<ProposedSlo> {
  const it = source === undefined ? draft : await asSeen(draft, source, signal);
  const plain = createSloDocument(it);
  const { slos } = loadSlos([{ path: plain.name, text: plain.text }]);
  const status =
    source === undefined || slos.length === 0
      ? undefined
      : (await evaluate({ slos, matches: [], source, now, signal, withHistory: false })).objectives[0];
  const { total, bad } = status ?? {};
  if (total === undefined || bad === undefined || !(total > 0)) {
    const proposal = { target: it.target, allowed: 0, reason: "unknown" as const };
    const said = [guessed(it.target, source !== undefined, language), ...notes(it, language)];
    return { file: withComment(plain, ...said), proposal };
  }
  const proposal = proposeTarget(1 - bad / total, total);
  const measured = { total, bad, seconds: status?.coversSeconds ?? slos[0]!.window.seconds };
  const file = createSloDocument({ ...it, target: proposal.target });
  return {
    file: withComment(file, achieved(proposal, measured, language), ...notes(it, language)),
    proposal,
    measured,
  };
}

async function asSeen(draft: DraftSlo, source: Source, signal: AbortSignal): Promise<DraftSlo> {
  const { endpoint, endpoints, prefixes, service, metrics: expected } = draft;
  const request = seenQuery(endpoint, expected, prefixes);
  const answers = await source.query([request], signal);
  const seen = seenIn(answers.get(request.key), endpoint, { endpoints, expected, service, prefixes });
  return seen === undefined ? draft : { ...draft, metrics: seen.metrics, seen };
}

/** Where the names come from, and what is still missing for the queries to find anything. */
function notes({ metrics, seen, endpoint }: DraftSlo, language: "en" | "ja"): readonly string[] {
  const ja = language === "ja";
  const { count, lacks = [], labels, from } = metrics;
  if (seen !== undefined)
    return [
      ja
        ? `メトリクスとラベルの名前はテレメトリにあるものです（${count}）。`
        : `Metric and labels are named as telemetry has them (${count}).`,
    ];
  const where =
    from.path === undefined
      ? ja
        ? `メトリクスの名前は ${from.library} の既定のものです（${count}）。実際の名前と合っているか確認してください。`
        : `The metric is what ${from.library} exports by default (${count}): check that yours is called that.`
      : ja
        ? `メトリクスは ${from.path} で宣言されているものです（${count}）。`
        : `The metric is the one declared in ${from.path} (${count}).`;
  const masked =
    metrics.routes === "masked" && /[:*]/.test(endpoint.route)
      ? [
          ja
            ? "express-prom-bundle はパスの数値や識別子を #val に置き換えます。値が単語の場合は、`normalizePath` でルートのテンプレートを記録してください。"
            : "express-prom-bundle writes numbers and identifiers in a path as #val; where they are words, record the route with `normalizePath`.",
        ]
      : [];
  const missing = lacks.map((each) => labels[each]);
  if (missing.length === 0) return [where, ...masked];
  const names = missing.join(", ");
  const how =
    from.library === "express-prom-bundle"
      ? lacks.map((each) => (each === "route" ? "includePath: true" : "includeMethod: true")).join(", ")
      : `labelNames: ${names}`;
  return [
    where,
    ja
      ? `このメトリクスにはまだラベル ${names} がありません（${how} で追加できます）。追加するまで、このクエリには何も一致しません。`
      : `It has no ${names} label yet (${how}): until then these queries match nothing.`,
    ...masked,
  ];
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
        ? "トラフィックが少ないため、これより高い目標では数件の失敗でエラーバジェットが尽きます。"
        : " With this little traffic, a few failures would spend a higher one.";
  return language === "ja"
    ? `直近 ${span}のリクエスト ${countText(total)} 件のうち、${countText(bad)} 件が失敗しました（成功率 ${share}）。目標 ${targetText(target, language)} では ${countText(allowed)} 件の失敗が許容されます。${few}`
    : `In the last ${span}, ${countText(bad)} of ${countText(total)} requests failed (${share} succeeded). A target of ${targetText(target, language)} allows ${countText(allowed)}.${few}`;
}

const guessed = (target: number, wasAsked: boolean, language: "en" | "ja"): string =>
  language === "ja"
    ? `目標 ${targetText(target, language)} は実測値に基づいていません（${wasAsked ? "テレメトリにこのルートのデータがありません" : "テレメトリが設定されていません"}）。現在の達成値に合わせてください。`
    : `The target of ${targetText(target, language)} is a guess (${wasAsked ? "telemetry has no data for this route" : "no telemetry is configured"}): set it to what the service achieves today.`;

const withComment = ({ name, text }: NewSloFile, ...comments: readonly string[]): NewSloFile => ({
  name,
  // Names of the repository and of a server stay on their line.
  text: `${comments.map((each) => `# ${each.replace(/\s+/g, " ")}\n`).join("")}${text}`,
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

/** What measures the requests of a file, by the manifests above it, and the folder of the one that says so. */
function libraryFor(
  file: string,
  manifest: NewSloInput["manifest"],
): { readonly library: MetricsLibrary; readonly folder: string } {
  for (let at = folderOf(file); ; at = folderOf(at)) {
    const text = manifest(at === "" ? "package.json" : `${at}/package.json`) ?? "";
    const found = LIBRARIES.find(([, name]) => name.test(text));
    if (found) return { library: found[0], folder: at };
    if (at === "") return { library: "opentelemetry", folder: "" };
  }
}

const folderOf = (it: string): string => (it.includes("/") ? it.slice(0, it.lastIndexOf("/")) : "");
