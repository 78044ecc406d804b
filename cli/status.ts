/** `status`: the error budgets as they are now, from whichever source there is. */
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import type { Language } from "../engine/index.ts";
import { createHttp, type OriginToken } from "../platform/index.ts";
import {
  budgetReport,
  compositeStatus,
  compositesOf,
  compositeText,
  createPrometheus,
  createScrape,
  createSnapshot,
  evaluate,
  isOfLowTraffic,
  isVerdict,
  type Match,
  type ObjectiveStatus,
  type Objectives,
  percentText,
  problemsIn,
  reasonText,
  type Slo,
  type SnapshotSource,
  type Source,
  type State,
  type StatusReport,
  stateParts,
  stateWords,
  targetText,
  urgency,
  windowText,
  writeSnapshot,
} from "../slo/index.ts";
import { CannotRun, type ExitCode, type Host, type Paint, paintFor, plain } from "./host.ts";
import { openProject, scopeOf } from "./project.ts";

/** A source named on the command line instead of the one that slo-lens.yaml names. */
export interface SourceOptions {
  readonly prometheus?: string | undefined;
  readonly scrape?: string | undefined;
  readonly snapshot?: string | undefined;
  /** `Name: value`, sent to the address given on the command line. */
  readonly header?: readonly string[] | undefined;
}

export interface StatusOptions extends SourceOptions {
  readonly format: "text" | "json" | "markdown";
  readonly language: Language;
  readonly cache: boolean;
  readonly root?: string | undefined;
  /** File to write a snapshot to. */
  readonly write?: string | undefined;
  readonly failOn: "watch" | "burning" | "exhausted" | "none";
}

const MAX_SNAPSHOT = 20_000_000;

export async function status(host: Host, paths: readonly string[], options: StatusOptions): Promise<ExitCode> {
  checkAddresses(options);
  const scope = scopeOf(host, paths, options.root);
  const { analysis, objectives, workspace } = await openProject(host, scope, { cache: options.cache });
  const matches = objectives.slos.length === 0 ? [] : objectives.matches(analysis.endpoints);
  const wanted = objectives.slos.filter((it) => scope.includes(it.path));
  const report = await evaluate({
    slos: wanted,
    matches,
    source: sourceFor(host, objectives, scope.root, options),
    now: host.now(),
    signal: host.signal,
    thresholds: objectives.config.thresholds,
  });
  if (options.write !== undefined) {
    try {
      await writeFile(path.resolve(host.cwd, options.write), writeSnapshot(report));
    } catch (error) {
      throw new CannotRun(
        `The snapshot ${options.write} cannot be written: ${error instanceof Error ? error.message : error}`,
      );
    }
  }
  const statuses = new Map(report.objectives.map((it) => [it.id, it]));
  const composites = compositesOf(wanted).map((it) => ({
    composite: it,
    status: compositeStatus(it, statuses, objectives.config.thresholds),
  }));
  if (options.format === "json") {
    const all = {
      ...said(report, options.language),
      ...(composites.length > 0 ? { composites: composites.map((it) => it.status) } : {}),
    };
    host.out(`${JSON.stringify(all, null, host.isTerminal ? 2 : 0)}\n`);
  } else if (options.format === "markdown") {
    // For the summary of a CI job, which shows no pictures out of the text.
    host.out(
      budgetReport({ slos: wanted, report, composites, lang: options.language, now: host.now(), charts: false }),
    );
  } else {
    const paint = paintFor(host);
    host.out(asText(report, new Map(wanted.map((it) => [it.id, it])), options.language, paint));
    for (const { composite, status: its } of composites)
      host.out(
        `${[paint.bold(plain(composite.id)), ...compositeText(composite, its, options.language).map((it) => `    ${plain(it)}`)].join("\n")}\n`,
      );
  }
  if (options.cache) workspace.saveCache();
  const bad: readonly State[] = {
    none: [],
    exhausted: ["exhausted"] as const,
    burning: ["exhausted", "burning"] as const,
    watch: ["exhausted", "burning", "watch"] as const,
  }[options.failOn];
  return [...report.objectives, ...composites.map((it) => it.status)].some((it) => bad.includes(it.state)) ? 1 : 0;
}

/** @throws CannotRun where more than one source is named, or an address is none. */
export function checkAddresses(options: SourceOptions): void {
  const sources = [options.prometheus, options.scrape, options.snapshot].filter((it) => it !== undefined);
  if (sources.length > 1) throw new CannotRun("--prometheus, --scrape and --snapshot are three sources; name one.");
  for (const [name, url] of [
    ["--prometheus", options.prometheus],
    ["--scrape", options.scrape],
  ] as const)
    if (url !== undefined && !/^https?:\/\/[^/]/i.test(url))
      throw new CannotRun(`${name} takes an address that begins with http:// or https://, not "${url}".`);
}

/** What the command line names, else what slo-lens.yaml does. */
export function sourceFor(
  host: Host,
  { config, configPath }: Objectives,
  root: string,
  options: SourceOptions,
): Source | SnapshotSource | undefined {
  const given = options.prometheus ?? options.scrape;
  // A token follows the address a person typed, never one that a repository names.
  const token = host.env["SLO_LENS_TOKEN"];
  const tokens: readonly OriginToken[] = token && given !== undefined ? [{ origin: new URL(given).origin, token }] : [];
  const fetch = createHttp(() => tokens);
  const fromFile = (shown: string, file: string): SnapshotSource => createSnapshot(shown, () => readBounded(file));
  if (options.snapshot !== undefined) return fromFile(options.snapshot, path.resolve(host.cwd, options.snapshot));
  if (options.prometheus !== undefined)
    return createPrometheus({ url: options.prometheus, headers: headersOf(options.header), fetch });
  if (options.scrape !== undefined) return createScrape({ url: options.scrape, fetch, clock: { now: host.now } });
  const { telemetry } = config;
  if (telemetry.prometheus) return createPrometheus({ ...telemetry.prometheus, fetch });
  if (telemetry.snapshot)
    return fromFile(telemetry.snapshot.path, path.join(root, path.dirname(configPath ?? ""), telemetry.snapshot.path));
  if (telemetry.scrape) return createScrape({ url: telemetry.scrape.url, fetch, clock: { now: host.now } });
  return undefined;
}

function headersOf(given: readonly string[] | undefined): Readonly<Record<string, string>> {
  return Object.fromEntries(
    (given ?? []).map((it) => {
      const split = /^([\w-]+):\s*(.*)$/.exec(it);
      if (!split) throw new CannotRun(`--header takes "Name: value", not "${it}".`);
      return [split[1]!, split[2]!];
    }),
  );
}

/** The states that a snapshot holds, for findings to be judged by; empty where there is none. Asks no network. */
export async function snapshotStatuses(
  host: Host,
  objectives: Objectives,
  root: string,
  file: string | undefined,
  matches: readonly Match[],
): Promise<readonly ObjectiveStatus[]> {
  const configured = objectives.config.telemetry.snapshot?.path;
  if (file === undefined && configured === undefined) return [];
  const source = createSnapshot(file ?? configured!, () =>
    readBounded(
      file !== undefined
        ? path.resolve(host.cwd, file)
        : path.join(root, path.dirname(objectives.configPath ?? ""), configured!),
    ),
  );
  const report = await evaluate({
    slos: objectives.slos,
    matches,
    source,
    now: host.now(),
    signal: host.signal,
    thresholds: objectives.config.thresholds,
  });
  if (file !== undefined && report.problems.length > 0) throw new CannotRun(report.problems.join(" "));
  return report.objectives;
}

async function readBounded(file: string): Promise<string | undefined> {
  try {
    const text = await readFile(file, "utf8");
    return text.length <= MAX_SNAPSHOT ? text : undefined;
  } catch {
    return undefined;
  }
}

/** The report with its reasons in the reader's language. */
function said(report: StatusReport, language: Language): StatusReport {
  return {
    ...report,
    objectives: report.objectives.map((it) => ({
      ...it,
      reason: reasonText(it, language),
    })),
    problems: problemsIn(report, language),
  };
}

/** `28 d`; what begins with a month or a week is named as the file does. */
function windowOf({ window }: Slo, language: Language): string {
  return window.kind === "rolling" ? windowText(window.seconds, language) : plain(window.text);
}

/** The report for a terminal, most urgent first. */
export function asText(report: StatusReport, slos: ReadonlyMap<string, Slo>, language: Language, paint: Paint): string {
  const colour: Readonly<Record<State, (text: string) => string>> = {
    exhausted: paint.red,
    burning: paint.red,
    watch: paint.yellow,
    healthy: paint.blue,
    "low-traffic": paint.dim,
    "no-data": paint.dim,
    unmatched: paint.dim,
    stale: paint.dim,
  };
  const rank = (it: State): number => urgency.indexOf(it);
  const lines = [...report.objectives]
    .sort((a, b) => rank(a.state) - rank(b.state))
    .flatMap((it) => {
      const slo = slos.get(it.id);
      const isJudged = isVerdict(it.state) || it.state === "stale";
      const facts = [
        ...(slo ? [`${targetText(slo.target, language)} / ${windowOf(slo, language)}`] : []),
        // At low traffic a percentage says nothing, and where nothing was counted there is none.
        ...(isJudged && it.sli !== undefined && !isOfLowTraffic(it) ? [`SLI ${percentText(it.sli, language)}`] : []),
        ...(slo && it.state !== "no-data" && it.state !== "unmatched" ? stateParts(it, slo, language) : []),
      ];
      const reason = reasonText(it, language, slo ? { windowSeconds: slo.window.seconds, method: slo.method } : {});
      return [
        `${colour[it.state](stateWords[it.state][language])}  ${paint.bold(plain(it.id))}  ${facts.join(" · ")}`,
        `    ${plain(reason)}`,
      ];
    });
  const source =
    report.source.kind === "none" ? "" : `${report.source.kind} ${plain(report.source.name)}, ${report.evaluatedAt}`;
  return `${[...(lines.length > 0 ? lines : [language === "ja" ? "SLO ファイルが見つかりません。" : "No SLO files found."]), ...problemsIn(report, language).map(plain), paint.dim(source)].filter((it) => it !== "").join("\n")}\n`;
}
