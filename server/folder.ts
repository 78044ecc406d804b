/**
 * One workspace folder: read in the background, answered from at once. The whole is linked as one revision; what is
 * typed since lies over it file by file, at the cost of that file; when the typing rests, the whole is linked anew.
 */
import path from "node:path";
import {
  Analysis,
  type DeclaredMetric,
  type DocumentFiles,
  documentFiles,
  documentKind,
  type Endpoint,
  type FileSummary,
  type Knowledge,
  Program,
  pathKind,
  type Span,
} from "../engine/index.ts";
import {
  type Change,
  createResolver,
  createVersions,
  kindOf,
  openWorkspace,
  readText,
  type Workspace,
} from "../platform/index.ts";
import {
  configPathAmong,
  endpointKey,
  judgements,
  MAX_SLO_FILES,
  noObjectives,
  type Objectives,
  readObjectives,
  type SloFile,
  type SloLensConfig,
  sloFileOf,
} from "../slo/index.ts";
import { createChangedLines } from "./changed-lines.ts";
import { type EndpointPlace, endpointPlaces } from "./endpoint-places.ts";
import { gatherChanges } from "./file-changes.ts";
import { carried, createReporter, type FileReport, NOTHING } from "./file-report.ts";
import { isForeign, manifestsAbove } from "./on-disk.ts";
import { isSource, OpenFile, type Summarised } from "./open-files.ts";
import { carry } from "./position.ts";
import { emptySweep, type FindingPlace, type Sweep, sweep } from "./sweep.ts";
import { createBreather, type Scheduler } from "./turns.ts";
import { createTypedAnalysis } from "./typed-analysis.ts";
import { linkWhole, type Whole } from "./whole.ts";

export interface FolderOptions {
  /** Absolute. */
  readonly root: string;
  readonly knowledge: Knowledge;
  readonly scheduler: Scheduler;
  /** False for files opened without a folder: nothing is read but what is open. */
  readonly isWorkspace: boolean;
  readonly stage: () => SloLensConfig["stage"] | "auto";
  readonly isTrusted: () => boolean;
  /** Absolute; no cache if false. */
  readonly cacheDir?: string | false | undefined;
  readonly onProgress: (done: number, total: number) => void;
  /** A new revision counts: findings of any file may differ. */
  readonly onRevision: (what: Revision) => void;
  readonly onFailure: (message: string) => void;
  /** Something large was made anew, what it replaced is not needed any more, and nobody types. */
  readonly onIdle?: (() => void) | undefined;
}

export type Revision = "linked" | "swept" | "objectives";

export interface Folder {
  readonly root: string;
  /** The whole folder has been read and linked. */
  readonly isReady: boolean;
  /** And every file has been looked at once. */
  readonly isSettled: boolean;
  readonly fileCount: number;
  readonly objectives: Objectives;
  /** Endpoints of the last whole revision. */
  readonly endpoints: readonly Endpoint[];
  /** Metrics that the code declares, as of the last sweep. */
  readonly metrics: readonly DeclaredMetric[];
  /** Resolves with the first whole revision and its sweep, or once that failed. */
  readonly ready: Promise<void>;
  /** Begins to read the folder; before, open documents are answered for by themselves. */
  readonly start: () => void;
  /** Whether a path is code of the folder, or a document that rules judge: not ignored, not somebody else's. */
  readonly serves: (path: string) => boolean;
  readonly setText: (path: string, text: string) => void;
  readonly close: (path: string) => void;
  /** The open file was saved or the person paused: the whole is linked anew when there is time. */
  readonly settle: (delayMs: number) => void;
  readonly report: (path: string) => FileReport;
  /** The analysis in which open files count as typed. */
  readonly analysis: () => Analysis;
  /** The summary that offsets of `report` and `analysis` belong to. */
  readonly summary: (path: string) => FileSummary | undefined;
  /** Endpoints with a place in the file: registered there (`at`), or with a handler there. Offsets of the current text. */
  readonly placesIn: (path: string) => readonly EndpointPlace[];
  /** Where an endpoint's route stands in the text there is now. */
  readonly nameOf: (endpoint: Endpoint) => Span;
  /** Findings known to lie on an endpoint's path, from the last sweep. */
  readonly findingsOn: (endpoint: Endpoint) => readonly FindingPlace[];
  /** Text as it counts: the open document's, else the file's. */
  readonly text: (path: string) => string | undefined;
  readonly changed: (changes: readonly Change[]) => void;
  readonly reloadObjectives: () => Promise<void>;
  /** Somebody types: background work rests for a while. */
  readonly touch: () => void;
  readonly dispose: () => void;
}

/** Milliseconds without a keystroke before background work goes on. */
const REST = 400;
/** Milliseconds without a keystroke after which a person is taken to be reading: what takes a moment may be done. */
const IDLE = 8000;
/** Milliseconds after which the whole is linked without a file that was closed. */
const CLOSED = 600;

export function createFolder(options: FolderOptions): Folder {
  const { root, knowledge, scheduler } = options;
  const open = new Map<string, OpenFile>();
  /** Of open files, in the offsets of the text that the file's summary is of. */
  const reports = new Map<string, { readonly key: string; readonly said: FileReport }>();
  const reportOf = createReporter(knowledge.rules);
  let workspace: Workspace | undefined;
  let objectives: Objectives = noObjectives;
  let whole: Whole | undefined;
  let swept: Sweep = emptySweep;
  let metrics: readonly DeclaredMetric[] = [];
  const aborter = new AbortController();
  let linking: AbortController | undefined;
  let callOff: (() => void) | undefined;
  let callOffTidy: (() => void) | undefined;
  let lastTouch = 0;
  /** Raised by every change of files or objectives; a revision made of the same is not made again. */
  let version = 0;
  let sweptVersion = -1;

  const rest = async (): Promise<void> => {
    for (;;) {
      const wait = lastTouch + REST - scheduler.now();
      if (wait <= 0) return;
      await new Promise<void>((resolve) => scheduler.later(wait, resolve));
      aborter.signal.throwIfAborted();
    }
  };

  // What is known now

  const saved = (file: string): string | undefined => workspace?.text(file);
  const text = (file: string): string | undefined => open.get(file)?.text ?? saved(file);
  const changedLines = createChangedLines({ root, isTrusted: options.isTrusted, open: (it) => open.get(it), saved });

  /** Documents as they count now: open ones as typed. */
  const documentsNow = (): DocumentFiles => {
    const opened = [...open.values()].flatMap((it) => (it.isDocument ? [it.path] : []));
    const known = workspace?.documents;
    const paths = known
      ? [...known.paths, ...known.infrastructure, ...known.declarations]
      : manifestsAbove(root, [...open.keys()]);
    return documentFiles(
      new Set([...paths, ...opened]),
      (it) => text(it) ?? (workspace ? undefined : readText(root, it)),
    );
  };

  const analyse = (program: Program): Analysis => {
    const analysis: Analysis = new Analysis({
      program,
      knowledge,
      ...(workspace ? { schema: workspace.schema } : {}),
      // Beside the summary: an earlier one while there is no tree of what stands there now.
      text: (it) => open.get(it)?.summarised ?? saved(it),
      documents: documentsNow(),
      isChanged: changedLines.isChanged,
      ...judgements(objectives, () => analysis.endpoints),
    });
    return analysis;
  };

  /** What the last revision made of a file. */
  const knownOf = (file: string): Summarised | undefined => {
    const summary = whole?.analysis.program.files.get(file);
    const seen = summary && (whole?.texts.get(file) ?? saved(file));
    return summary && seen !== undefined ? { summary, text: seen } : undefined;
  };

  const summaryOf = (file: string): FileSummary | undefined =>
    open.get(file)?.summary(knownOf(file)) ?? whole?.analysis.program.files.get(file) ?? workspace?.files.get(file);

  /** Before the folder is read: the open files alone. */
  const aloneOf = (files: ReadonlyMap<string, FileSummary>): Analysis => {
    const manifests = manifestsAbove(root, [...files.keys()]);
    const read = (file: string): string | undefined => open.get(file)?.text ?? readText(root, file);
    const resolve = createResolver({ has: (it) => files.has(it), manifests, text: read });
    const version = createVersions({ root, manifests, text: read });
    return analyse(new Program({ files, libraries: knowledge.libraries, resolve, version }));
  };

  const typed = createTypedAnalysis({
    typed: () => new Map([...open.values()].flatMap((it) => (it.isOurs ? [[it.path, summaryOf(it.path)!]] : []))),
    alone: aloneOf,
  });
  const analysisNow = (): Analysis => typed.over(whole?.analysis).analysis();

  const forget = (): void => {
    typed.forget();
    reports.clear();
  };

  const report = (file: string): FileReport => {
    const it = open.get(file);
    if (it && !it.isOurs && !it.isDocument) return NOTHING;
    const now = typed.over(whole?.analysis);
    const known = reports.get(file);
    const said = known?.key === now.key ? known.said : say(file, now.analysis());
    if (!it) return said;
    reports.set(file, { key: now.key, said });
    return carried(said, file, it.summarised, it.text);
  };

  const say = (file: string, analysis: Analysis): FileReport => {
    const summary = analysis.file(file);
    if (!summary) return NOTHING;
    const failures = analysis.failures.length;
    const found = [...analysis.findings(file), ...(swept.elsewhere.get(file) ?? [])].filter((it) => it.path === file);
    for (const it of analysis.failures.slice(failures)) options.onFailure(`${it.path}: ${it.message}`);
    return reportOf(summary, found, scheduler.now());
  };

  /** From the text that the last revision saw to the one there is now. */
  const sinceWhole = (file: string): ((at: Span) => Span | undefined) => {
    const it = open.get(file);
    // Asked for every endpoint of the view: a file that is not open is not read for it.
    if (!it) return (at) => at;
    const seen = whole ? (whole.texts.get(file) ?? saved(file)) : it.text;
    return seen !== undefined ? it.since(seen) : (at) => at;
  };

  // The whole, made in the background

  const link = async (): Promise<void> => {
    if (!workspace || aborter.signal.aborted) return;
    const isLinked = (it: OpenFile): boolean =>
      !it.isOurs || whole?.analysis.program.files.get(it.path) === summaryOf(it.path);
    if (whole?.version === version && [...open.values()].every(isLinked)) return;
    const made = version;
    linking?.abort();
    const mine = new AbortController();
    linking = mine;
    const signal = AbortSignal.any([aborter.signal, mine.signal]);
    const breathe = createBreather(signal, rest);
    try {
      whole = await linkWhole(
        {
          workspace,
          libraries: knowledge.libraries,
          version: made,
          earlier: whole?.analysis,
          typed: [...open.values()].flatMap((it) =>
            it.isOurs ? [{ summary: summaryOf(it.path)!, text: it.summarised }] : [],
          ),
          analyse,
        },
        breathe,
      );
      const { analysis } = whole;
      forget();
      for (const it of analysis.failures) options.onFailure(`${it.path}: ${it.message}`);
      options.onRevision("linked");
      tidy();
      // A pass over every file is for changes that stay: what is on disk, not what is being typed.
      if (sweptVersion === made) return;
      swept = await sweep(analysis, breathe);
      sweptVersion = made;
      metrics = analysis.metrics;
      analysis.release();
      // What was told from afar is said with the rest.
      reports.clear();
      options.onRevision("swept");
    } catch (error) {
      if (!signal.aborted) options.onFailure(messageOf(error));
    }
  };

  /** Once after a revision, when the person has paused for long. */
  const tidy = (): void => {
    callOffTidy?.();
    callOffTidy = scheduler.later(IDLE, () => {
      callOffTidy = undefined;
      if (scheduler.now() - lastTouch < IDLE) tidy();
      else options.onIdle?.();
    });
  };

  const settle = (delayMs: number): void => {
    if (!workspace) return;
    callOff?.();
    callOff = scheduler.later(delayMs, () => {
      callOff = undefined;
      void link();
    });
  };

  const loadObjectives = async (): Promise<void> => {
    if (!workspace) return;
    const breathe = createBreather(aborter.signal, rest);
    const files: SloFile[] = [];
    for (const it of workspace.candidates) {
      if (files.length >= MAX_SLO_FILES) break;
      await breathe();
      const found = sloFileOf(it, text(it));
      if (found) files.push(found);
    }
    const { found: known } = workspace;
    const configPath = configPathAmong(workspace.candidates);
    const stage = options.stage();
    objectives = readObjectives({
      configPath,
      configText: configPath === undefined ? undefined : text(configPath),
      files: () => files,
      manifest: (it) => (known.has(it) ? text(it) : undefined),
      rootName: path.basename(root),
      ruleIds: knowledge.rules.map((it) => it.id),
      stage: stage === "auto" ? undefined : stage,
    });
    version++;
  };

  const read = async (): Promise<void> => {
    try {
      const asked = changedLines.ask(aborter.signal);
      workspace = await openWorkspace({
        root,
        libraries: knowledge.libraries,
        cacheDir: options.cacheDir,
        mainThread: "free",
        // An open file is answered for all the same; the rest of them would be kept for nobody.
        leaveOut: (it, browserFolder) => (browserFolder !== undefined || pathKind(it) === "test") && !open.has(it),
        onProgress: options.onProgress,
        signal: aborter.signal,
      });
      await loadObjectives();
      await asked;
      await link();
      const breathe = createBreather(aborter.signal, rest);
      for (const _ of workspace.saveCacheSteps()) await breathe();
    } catch (error) {
      if (!aborter.signal.aborted) options.onFailure(messageOf(error));
    }
  };

  const update = async (given: readonly Change[]): Promise<void> => {
    try {
      await ready;
      if (!workspace || aborter.signal.aborted) return;
      if (!(await workspace.update(given, aborter.signal))) return;
      await changedLines.ask(aborter.signal);
      version++;
      const isCandidate = (it: Change): boolean => kindOf(path.posix.basename(it.path)) === "candidate";
      if (given.some((it) => it.kind === "deleted" || isCandidate(it))) {
        await loadObjectives();
        options.onRevision("objectives");
      }
      settle(0);
    } catch (error) {
      if (!aborter.signal.aborted) options.onFailure(messageOf(error));
    }
  };

  const changes = gatherChanges(scheduler, update);

  let isStarted = false;
  let begin: () => void = () => {};
  const ready: Promise<void> = options.isWorkspace
    ? new Promise<void>((resolve) => {
        begin = resolve;
      }).then(read)
    : Promise.resolve();

  return {
    root,
    get isReady() {
      return whole !== undefined || !options.isWorkspace;
    },
    get isSettled() {
      return sweptVersion >= 0 || !options.isWorkspace;
    },
    get fileCount() {
      return workspace?.files.size ?? open.size;
    },
    get objectives() {
      return objectives;
    },
    get endpoints() {
      return whole?.endpoints ?? NO_ENDPOINTS;
    },
    get metrics() {
      return metrics;
    },
    ready,
    start: () => {
      if (!isStarted && !aborter.signal.aborted) begin();
      isStarted = true;
    },
    serves: (file) => {
      const it = open.get(file);
      if (it) return it.isOurs || it.isDocument;
      return (isSource(file) || documentKind(file) !== undefined) && !isForeign(root, file, options.isWorkspace);
    },
    setText: (file, now) => {
      const it = open.get(file);
      if (it) it.text = now;
      else {
        open.set(file, new OpenFile(file, now, isForeign(root, file, options.isWorkspace)));
        forget();
      }
      // A document is no part of the program: the same analysis says something else of another text.
      if (!it?.isOurs) reports.delete(file);
      typed.typedIn(file);
    },
    close: (file) => {
      open.delete(file);
      forget();
      if (whole?.texts.delete(file)) {
        version++;
        settle(CLOSED);
      }
    },
    settle,
    report,
    analysis: analysisNow,
    // Not by way of an analysis: places in other files are asked for while one of them is typed in.
    summary: (file) => (open.get(file)?.isOurs === false ? undefined : summaryOf(file)),
    placesIn: (file) => {
      const it = open.get(file);
      const analysis = analysisNow();
      return endpointPlaces(analysis, file, sinceWhole(file), it ? carry(it.summarised, it.text) : (at) => at);
    },
    nameOf: (endpoint) => sinceWhole(endpoint.path)(endpoint.nameAt) ?? endpoint.nameAt,
    findingsOn: (endpoint) => swept.byEndpoint.get(endpointKey(endpoint)) ?? [],
    text,
    changed: (them) => changes.add(them),
    reloadObjectives: async () => {
      await ready;
      await loadObjectives();
      options.onRevision("objectives");
      settle(0);
    },
    touch: () => {
      lastTouch = scheduler.now();
    },
    dispose: () => {
      aborter.abort();
      callOff?.();
      callOffTidy?.();
      changes.stop();
      open.clear();
    },
  };
}

const NO_ENDPOINTS: readonly Endpoint[] = [];

function messageOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
