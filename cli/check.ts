/** `check`: what is risky, and which endpoints it reaches. */
import path from "node:path";
import type { Language, Severity } from "../engine/index.ts";
import { changedFiles, fingerprint, positionOf } from "../platform/index.ts";
import { problemText, type SloView, sloView } from "../slo/index.ts";
import { readAnswer, writeAnswer } from "./answer-cache.ts";
import { applyBaseline, readBaseline, writeBaseline } from "./baseline.ts";
import { collectFindings, type Reported, type ReportedFinding } from "./findings.ts";
import { applySafeFixes } from "./fix.ts";
import { toGithub } from "./format/github.ts";
import { toSarif } from "./format/sarif.ts";
import { toText } from "./format/text.ts";
import { CannotRun, type ExitCode, type Host, paintFor, today } from "./host.ts";
import {
  configProblems,
  findProject,
  linkProject,
  openProject,
  type Project,
  type Scope,
  scopeOf,
  severities,
} from "./project.ts";
import { snapshotStatuses } from "./status.ts";

export const checkFormats = ["text", "json", "sarif", "github"] as const;

export interface CheckOptions {
  readonly format: (typeof checkFormats)[number];
  readonly language: Language;
  readonly failOn: Severity | "none";
  readonly cache: boolean;
  readonly root?: string | undefined;
  /** A base to compare with; true for the usual one. */
  readonly changed?: string | boolean | undefined;
  readonly baseline?: string | undefined;
  readonly writeBaseline: boolean;
  readonly fix: boolean;
  /** A snapshot whose states decide how grave findings are; otherwise the one that slo-lens.yaml names. */
  readonly snapshot?: string | undefined;
  /** Tests are read too. */
  readonly tests: boolean;
  /** Text shows hints too. */
  readonly all: boolean;
}

export interface CheckReport {
  readonly version: 1;
  readonly findings: readonly ReportedFinding[];
  readonly failures: readonly {
    readonly path: string;
    readonly message: string;
    readonly line?: number;
    readonly column?: number;
  }[];
  readonly stats: {
    readonly files: number;
    readonly ms: number;
    /** Tests that were not read: nobody but tests imports them. */
    readonly leftOut?: number;
    readonly fixed?: number;
    readonly known?: number;
  };
}

const MAX_FIX_ROUNDS = 3;

export async function check(host: Host, paths: readonly string[], options: CheckOptions): Promise<ExitCode> {
  const started = performance.now();
  if (options.writeBaseline && options.baseline === undefined)
    throw new CannotRun("--write-baseline needs --baseline FILE: the file to write.");
  const scope = scopeOf(host, paths, options.root);
  // Git is asked while the files are looked for.
  const [answer, found] = await Promise.all([
    changedFiles(scope.root, typeof options.changed === "string" ? options.changed : undefined, host.signal),
    findProject(host, scope),
  ]);
  if (options.changed && !answer.ok) throw new CannotRun(`--changed: ${answer.message}`);
  const changed = answer.ok ? answer.value : undefined;
  // The whole answer is kept: where no file changed since, nothing has to be read at all.
  const state =
    options.cache && !options.changed && !options.baseline && !options.fix && !options.snapshot
      ? fingerprint(found)
      : undefined;
  const question = JSON.stringify([
    state,
    paths,
    scope.root,
    host.cwd,
    options.language,
    options.tests,
    today(host),
    [...(changed ?? [])],
  ]);
  const known = state === undefined ? undefined : readAnswer<CheckReport>(scope.root, question);
  if (known) return print(host, { ...known, stats: { ...known.stats, ms: elapsed(started) } }, options);

  const project = await openProject(host, scope, { cache: options.cache, tests: options.tests, found, changed });
  const collect = async (): Promise<Reported[]> =>
    collectFindings(current, scope, {
      view: await viewOf(host, scope, current, options.snapshot),
      language: options.language,
      today: today(host),
      ...(options.changed && changed
        ? { wants: (it, covers) => changed.has(it) || covers.some((each) => changed.has(each)) }
        : {}),
    });
  let current: Project = project;
  let reported = await collect();
  let fixed = 0;
  if (options.fix) {
    for (let round = 0; round < MAX_FIX_ROUNDS; round++) {
      const done = applySafeFixes(project.workspace, reported);
      if (done.changed.length === 0) break;
      fixed += done.count;
      await project.workspace.update(
        done.changed.map((it) => ({ path: it, kind: "changed" })),
        host.signal,
      );
      current = linkProject(project.workspace, changed);
      reported = await collect();
    }
  }
  let silenced = 0;
  if (options.baseline !== undefined) {
    const file = path.resolve(host.cwd, options.baseline);
    if (options.writeBaseline) writeBaseline(file, reported);
    const left = applyBaseline(readBaseline(file), reported);
    silenced = reported.length - left.length;
    reported = left;
  }
  const leftOut = [...found.all.values()].filter(
    (it) => it.kind === "source" && !project.workspace.files.has(it.path),
  ).length;
  const report: CheckReport = {
    version: 1,
    findings: reported.map((it) => it.reported),
    failures: [
      ...project.workspace.failures
        .filter((it) => it.path === "." || scope.includes(it.path))
        .map((it) => ({ ...it, path: scope.shown(it.path) })),
      ...configFailures(current, options.language).map((it) => ({ ...it, path: scope.shown(it.path) })),
      ...uniqueFailures(current.analysis.failures).map((it) => ({
        path: it.path === "" ? "." : scope.shown(it.path),
        message: it.message,
      })),
      ...(project.workspace.isTruncated
        ? [{ path: ".", message: "There are more files than are read; the rest was left out." }]
        : []),
    ],
    stats: {
      files: project.workspace.files.size,
      ms: elapsed(started),
      ...(leftOut > 0 ? { leftOut } : {}),
      ...(options.fix ? { fixed } : {}),
      ...(options.baseline !== undefined ? { known: silenced } : {}),
    },
  };
  const code = print(host, report, options);
  // States grow stale by themselves, and a snapshot may lie where the fingerprint does not look.
  if (state !== undefined && !current.objectives.config.telemetry.snapshot) writeAnswer(scope.root, question, report);
  if (options.cache) project.workspace.saveCache();
  return code;
}

function print(host: Host, report: CheckReport, options: CheckOptions): ExitCode {
  switch (options.format) {
    case "json":
      host.out(`${JSON.stringify(report, null, host.isTerminal ? 2 : 0)}\n`);
      break;
    case "sarif":
      host.out(`${JSON.stringify(toSarif(report, options.language))}\n`);
      break;
    case "github":
      host.out(toGithub(report));
      break;
    case "text":
      host.out(toText(report, { language: options.language, paint: paintFor(host), all: options.all }));
  }
  const least = options.failOn === "none" ? Number.POSITIVE_INFINITY : severities.indexOf(options.failOn);
  return report.findings.some((it) => severities.indexOf(it.severity) >= least) ? 1 : 0;
}

/** Undefined where nothing is said of objectives or endpoints: every finding is as grave as its rule says. */
async function viewOf(
  host: Host,
  scope: Scope,
  { analysis, objectives }: Project,
  snapshot: string | undefined,
): Promise<SloView | undefined> {
  if (objectives.slos.length === 0) {
    if (snapshot !== undefined) throw new CannotRun("--snapshot: there are no SLO files whose states it could hold.");
    return objectives.config.endpoints.length === 0 ? undefined : sloView([], [], [], objectives.config);
  }
  const matches = objectives.matches(analysis.endpoints);
  const statuses = await snapshotStatuses(host, objectives, scope.root, snapshot, matches);
  return sloView(objectives.slos, matches, statuses, objectives.config);
}

function uniqueFailures<T extends { readonly path: string; readonly message: string }>(
  failures: readonly T[],
): readonly T[] {
  return [...new Map(failures.map((it) => [`${it.path}\n${it.message}`, it])).values()];
}

function elapsed(started: number): number {
  return Math.round(performance.now() - started);
}

/** What is wrong with slo-lens.yaml, at its place; what is only worth knowing is told by `slos`. */
function configFailures(project: Project, language: Language): CheckReport["failures"] {
  const config = configProblems(project);
  if (!config) return [];
  return config.problems
    .filter((it) => it.severity === "error" || it.severity === "warning")
    .map((it) => ({
      path: config.path,
      message: problemText(it, language),
      ...positionOf(config.text, it.range.start),
    }));
}
