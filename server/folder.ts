/**
 * One workspace folder: read in the background, answered from at once. The whole is linked as one revision; what is
 * typed since lies over it file by file, at the cost of that file; when the typing rests, the whole is linked anew.
 */
import { existsSync, statSync } from "node:fs";
import path from "node:path";
import {
  type AllowanceProblem,
  Analysis,
  applyAllowances,
  type DeclaredMetric,
  type DocumentFiles,
  documentFiles,
  documentKind,
  type Endpoint,
  endpointsOf,
  type FileSummary,
  type Finding,
  type Knowledge,
  Program,
  pathKind,
  type Rule,
  type Span,
} from "../engine/index.ts";
import {
  type Change,
  type ChangedFiles,
  changedFiles,
  createResolver,
  createVersions,
  type FoundFile,
  findFile,
  isLineChanged,
  kindOf,
  openWorkspace,
  readText,
  summarizeDocument,
  type Workspace,
} from "../platform/index.ts";
import {
  configPathAmong,
  endpointKey,
  latencyObjective,
  MAX_SLO_FILES,
  noObjectives,
  type Objectives,
  readObjectives,
  type SloFile,
  type SloLensConfig,
  severityFor,
  sloFileOf,
  weakerDependency,
} from "../slo/index.ts";
import { carry, difference } from "./position.ts";
import { createBreather, type Scheduler } from "./turns.ts";

export interface FolderOptions {
  /** Absolute. */
  readonly root: string;
  readonly knowledge: Knowledge;
  readonly scheduler: Scheduler;
  /** False for files opened without a folder: nothing is read but what is open. */
  readonly isWorkspace: boolean;
  readonly stage: () => SloLensConfig["stage"] | "auto";
  /** In a folder that is not trusted git is not asked: its configuration may name programs to run. */
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

/** What is said of one open file. Offsets are into the text that was set last. */
export interface FileReport {
  readonly findings: readonly Finding[];
  readonly problems: readonly AllowanceProblem[];
}

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
  /** The analysis in which the file counts as typed. */
  readonly analysis: (path: string) => Analysis;
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

export interface EndpointPlace {
  readonly endpoint: Endpoint;
  /** The route or method token, if registered in the file. */
  readonly nameAt?: readonly [number, number];
  /** Name of the handler, if its function stands in the file. */
  readonly handlerAt?: readonly [number, number];
}

/** A finding without what it was reached through, which can be large. */
export type FindingPlace = Pick<Finding, "ruleId" | "path" | "at">;

interface OpenFile {
  readonly path: string;
  text: string;
  /** Of `text`; made when asked for. */
  summary?: FileSummary | undefined;
  /** The last summary that came from a tree, with its text. */
  good?: { readonly text: string; readonly summary: FileSummary } | undefined;
  /** Source code of the folder. */
  readonly isOurs: boolean;
  /** No code, but judged by rules. */
  readonly isDocument: boolean;
  since?: { readonly from: string; readonly to: string; readonly at: (at: Span) => Span | undefined } | undefined;
  report?: { readonly analysis: Analysis; readonly value: FileReport } | undefined;
}

/** Milliseconds without a keystroke before background work goes on. */
const REST = 400;
/** Milliseconds without a keystroke after which a person is taken to be reading: what takes a moment may be done. */
const IDLE = 8000;
/** Milliseconds over which changes of files are gathered. */
const GATHER = 150;

export function createFolder(options: FolderOptions): Folder {
  const { root, knowledge, scheduler } = options;
  const open = new Map<string, OpenFile>();
  const ruleIds = new Set(knowledge.rules.map((it) => it.id));
  const gatedIds = new Set(knowledge.rules.flatMap((it) => (it.gate ? [it.id] : [])));
  let workspace: Workspace | undefined;
  /** Against the merge base, as files are on disk; undefined where that is not known. */
  let changed: ChangedFiles | undefined;
  let objectives: Objectives = noObjectives;
  let whole: Analysis | undefined;
  /** One list per revision, so that what is made from it can be kept. */
  let wholeEndpoints: readonly Endpoint[] = [];
  let wholeMetrics: readonly DeclaredMetric[] = [];
  /** Texts of open files as the last revision saw them. */
  let wholeTexts = new Map<string, string>();
  let layered:
    | { readonly base: Analysis; readonly active: string; readonly others: Analysis; readonly by: string }
    | undefined;
  let current: { readonly others: Analysis; readonly summary: FileSummary; readonly analysis: Analysis } | undefined;
  let early: { readonly key: string; readonly analysis: Analysis } | undefined;
  let swept: Sweep = emptySweep;
  const aborter = new AbortController();
  let linking: AbortController | undefined;
  let callOff: (() => void) | undefined;
  let callOffTidy: (() => void) | undefined;
  let lastTouch = 0;
  /** Raised by every change of files or objectives; a revision made of the same is not made again. */
  let version = 0;
  let linkedVersion = -1;
  let sweptVersion = -1;

  const rest = async (): Promise<void> => {
    for (;;) {
      const wait = lastTouch + REST - scheduler.now();
      if (wait <= 0) return;
      await new Promise<void>((resolve) => scheduler.later(wait, resolve));
      aborter.signal.throwIfAborted();
    }
  };

  const severityOf = (rule: Rule, file: string) => severityFor(objectives.config, rule.id, rule.severity, file);

  const text = (file: string): string | undefined => open.get(file)?.text ?? workspace?.text(file);

  /** Documents as they count now: open ones as typed. */
  const documentsNow = (): DocumentFiles => {
    const opened = [...open.values()].flatMap((it) => (it.isDocument ? [it.path] : []));
    const paths = new Set([...(workspace?.documents.paths ?? manifestsAbove(root, [...open.keys()])), ...opened]);
    return documentFiles(
      [...paths].filter((it) => documentKind(it) !== undefined),
      (it) => text(it) ?? (workspace ? undefined : readText(root, it)),
      workspace?.documents.infrastructure,
    );
  };

  /** What is typed and not saved counts as changed too. */
  const isChanged = (file: string, at?: Span): boolean => {
    if (!changed) return false;
    const it = open.get(file);
    const saved = workspace?.text(file);
    if (!at) return changed.has(file) || (it !== undefined && it.text !== saved);
    if (it && saved === undefined) return true;
    const analysed = it && it.good?.summary === it.summary ? (it.good?.text ?? it.text) : it?.text;
    const there = analysed === undefined || saved === undefined ? at : carry(analysed, saved)(at);
    if (!there) return true;
    return isLineChanged(changed, file, (saved ?? "").slice(0, there[0]).split("\n").length);
  };

  const analyse = (program: Program): Analysis => {
    const analysis: Analysis = new Analysis({
      program,
      knowledge,
      ...(workspace ? { schema: workspace.schema } : {}),
      text,
      documents: documentsNow(),
      isChanged,
      severityOf,
      latencyObjectiveMs: latencyObjective(objectives, () => analysis.endpoints),
      weakerDependency: weakerDependency(objectives, () => analysis.endpoints),
    });
    return analysis;
  };

  const summaryOf = (file: string): FileSummary | undefined => {
    const it = open.get(file);
    if (!it) return whole?.program.files.get(file) ?? workspace?.files.get(file);
    if (it.summary) return it.summary;
    const known = whole?.program.files.get(file);
    const knownText = wholeTexts.get(file) ?? (known ? workspace?.text(file) : undefined);
    let summary = known && knownText === it.text ? known : summarizeDocument(file, it.text, { quick: true });
    if (!it.good && known && knownText !== undefined && isTree(known)) it.good = { text: knownText, summary: known };
    if (!isTree(summary)) {
      // Half a statement changes what the next one seems to be: while the text around it is known, that is believed.
      if (it.good && isNear(it.good.text, it.text)) {
        it.summary = it.good.summary;
        return it.good.summary;
      }
      summary = summarizeDocument(file, it.text);
    }
    if (isTree(summary)) it.good = { text: it.text, summary };
    else if (it.good) summary = it.good.summary;
    it.summary = summary;
    return summary;
  };

  /** Before the folder is read: the open files alone. */
  const earlyAnalysis = (): Analysis => {
    const files = new Map<string, FileSummary>();
    for (const [file, it] of open) if (it.isOurs) files.set(file, summaryOf(file)!);
    const key = [...open.keys()].join("\n");
    if (early && early.key === key && [...files].every(([file, it]) => early!.analysis.program.files.get(file) === it))
      return early.analysis;
    const manifests = manifestsAbove(root, [...files.keys()]);
    const read = (file: string): string | undefined => open.get(file)?.text ?? readText(root, file);
    const program = new Program({
      files,
      libraries: knowledge.libraries,
      resolve: createResolver({ has: (it) => files.has(it), manifests, text: read }),
      version: createVersions({ root, manifests, text: read }),
    });
    early = { key, analysis: analyse(program) };
    return early.analysis;
  };

  const analysisFor = (file: string): Analysis => {
    if (!whole) return earlyAnalysis();
    const base = whole;
    const dirty = [...open].flatMap(([name, it]): FileSummary[] => {
      if (name === file || !it.isOurs) return [];
      const summary = summaryOf(name)!;
      return base.program.files.get(name) === summary ? [] : [summary];
    });
    const by = dirty.map((it) => `${it.path} ${idOf(it)}`).join("\n");
    if (!layered || layered.base !== base || layered.active !== file || layered.by !== by)
      layered = { base, active: file, by, others: dirty.reduce((analysis, it) => analysis.withFile(it), base) };
    const { others } = layered;
    const summary = open.get(file)?.isOurs ? summaryOf(file) : undefined;
    if (!summary || others.program.files.get(file) === summary) return others;
    if (!current || current.others !== others || current.summary !== summary)
      current = { others, summary, analysis: others.withFile(summary) };
    return current.analysis;
  };

  const report = (file: string): FileReport => {
    const it = open.get(file);
    if (it && !it.isOurs && !it.isDocument) return NOTHING;
    const analysis = analysisFor(file);
    if (it?.report?.analysis === analysis) return it.report.value;
    const summary = analysis.file(file);
    if (!summary) return NOTHING;
    const failures = analysis.failures.length;
    const own = [...analysis.findings(file), ...(swept.elsewhere.get(file) ?? [])].filter((each) => each.path === file);
    for (const each of analysis.failures.slice(failures)) options.onFailure(`${each.path}: ${each.message}`);
    const allowed = applyAllowances(summary, withoutRepeats(own), isoDate(scheduler.now()), ruleIds, gatedIds);
    const value = moved(allowed, it);
    if (it) it.report = { analysis, value };
    return value;
  };

  /** Where the text has no tree at all, what was last said moves with the text around it. */
  const moved = (said: FileReport, it: OpenFile | undefined): FileReport => {
    if (!it?.good || it.good.text === it.text || it.good.summary !== it.summary) return said;
    const at = carry(it.good.text, it.text);
    const inFile = (path: string, span: Span): Span | undefined => (path === it.path ? at(span) : span);
    return {
      findings: said.findings.flatMap((each) => {
        const here = at(each.at);
        if (!here) return [];
        const fixes = each.fixes.filter((fix) => fix.edits.every((edit) => inFile(edit.path, edit.at)));
        return [
          {
            ...each,
            at: here,
            fixes: fixes.map((fix) => ({
              ...fix,
              edits: fix.edits.map((edit) => ({ ...edit, at: inFile(edit.path, edit.at) ?? edit.at })),
            })),
            covers: each.covers.flatMap((cover) => {
              const there = inFile(cover.path, cover.at);
              return there ? [{ ...cover, at: there }] : [];
            }),
          },
        ];
      }),
      problems: said.problems.flatMap((each) => {
        const here = at(each.at);
        return here ? [{ ...each, at: here }] : [];
      }),
    };
  };

  /** From the text that the last revision saw to the one there is now. */
  const sinceWhole = (file: string): ((at: Span) => Span | undefined) => {
    const it = open.get(file);
    const seen = whole ? (wholeTexts.get(file) ?? workspace?.text(file)) : it?.text;
    if (!it || seen === undefined) return (at) => at;
    // Asked for every place that is shown, and each time the texts would be compared anew.
    if (it.since?.from !== seen || it.since.to !== it.text)
      it.since = { from: seen, to: it.text, at: carry(seen, it.text) };
    return it.since.at;
  };

  const placesIn = (file: string): readonly EndpointPlace[] => {
    const analysis = analysisFor(file);
    const it = open.get(file);
    const summary = analysis.program.files.get(file);
    if (!summary) return [];
    const now = it?.text ?? "";
    const fromWhole = sinceWhole(file);
    const fromGood =
      it?.good && it.good.summary === it.summary ? carry(it.good.text, now) : (at: readonly [number, number]) => at;
    return analysis.endpoints.flatMap((endpoint): EndpointPlace[] => {
      const nameAt = endpoint.path === file ? fromWhole(endpoint.nameAt) : undefined;
      const handler = endpoint.handlers.at(-1);
      const fn = handler?.file.path === file ? handler.file.functions[handler.f] : undefined;
      const handlerAt = fn && handler?.file === summary ? fromGood(fn.nameAt) : undefined;
      return nameAt || handlerAt
        ? [{ endpoint, ...(nameAt ? { nameAt } : {}), ...(handlerAt ? { handlerAt } : {}) }]
        : [];
    });
  };

  const link = async (): Promise<void> => {
    if (!workspace || aborter.signal.aborted) return;
    const isLinked = (file: string, it: OpenFile): boolean =>
      !it.isOurs || whole?.program.files.get(file) === summaryOf(file);
    if (whole && linkedVersion === version && [...open].every(([file, it]) => isLinked(file, it))) return;
    const made = version;
    linking?.abort();
    const mine = new AbortController();
    linking = mine;
    const signal = AbortSignal.any([aborter.signal, mine.signal]);
    const breathe = createBreather(signal, rest);
    try {
      const files = new Map(workspace.files);
      const texts = new Map<string, string>();
      for (const [file, it] of open) {
        if (!it.isOurs) continue;
        files.set(file, summaryOf(file)!);
        texts.set(file, it.good?.summary === it.summary ? (it.good?.text ?? it.text) : it.text);
      }
      const program = new Program({
        files,
        libraries: knowledge.libraries,
        resolve: workspace.resolve,
        version: workspace.version,
      });
      // Every name is resolved in slices, so that building the graph afterwards is short.
      for (const file of files.values()) {
        for (let c = 0; c < file.calls.length; c++) program.callee(file, c);
        await breathe();
      }
      const next = analyse(program);
      void next.graph;
      await breathe();
      void next.entries;
      await breathe();
      whole = next;
      wholeEndpoints = next.endpoints;
      wholeTexts = texts;
      linkedVersion = made;
      layered = undefined;
      current = undefined;
      early = undefined;
      for (const it of next.failures) options.onFailure(`${it.path}: ${it.message}`);
      options.onRevision("linked");
      tidy();
      // A pass over every file is for changes that stay: what is on disk, not what is being typed.
      if (sweptVersion === made) return;
      swept = await sweep(next, breathe);
      sweptVersion = made;
      wholeMetrics = next.metrics;
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
      ruleIds: [...ruleIds],
      stage: stage === "auto" ? undefined : stage,
    });
    version++;
  };

  const askGit = async (): Promise<void> => {
    if (!options.isTrusted()) return;
    const answer = await changedFiles(root, undefined, aborter.signal);
    changed = answer.ok ? answer.value : undefined;
  };

  const read = async (): Promise<void> => {
    try {
      const asked = askGit();
      workspace = await openWorkspace({
        root,
        libraries: knowledge.libraries,
        cacheDir: options.cacheDir,
        // An open file is answered for all the same; the rest of them would be kept for nobody.
        leaveOut: (it, browserFolder) => (browserFolder !== undefined || pathKind(it) === "test") && !open.has(it),
        onProgress: options.onProgress,
        signal: aborter.signal,
      });
      await loadObjectives();
      await asked;
      await link();
      workspace.saveCache();
      await rest();
      options.onIdle?.();
    } catch (error) {
      if (!aborter.signal.aborted) options.onFailure(messageOf(error));
    }
  };

  // Files changed on disk, gathered: a checkout tells of thousands.
  let gathered: Change[] = [];
  let updating = Promise.resolve();
  let gathering: (() => void) | undefined;
  const update = async (given: readonly Change[]): Promise<void> => {
    try {
      await ready;
      if (!workspace || aborter.signal.aborted) return;
      const { found } = workspace;
      // A saved file is told of twice: by the document and by the watcher.
      const changes = given.filter((it) => it.kind === "deleted" || !isAsRead(root, found.get(it.path)));
      if (changes.length === 0) return;
      await workspace.update(changes, aborter.signal);
      await askGit();
      version++;
      const isCandidate = (it: Change): boolean => kindOf(path.posix.basename(it.path)) === "candidate";
      if (changes.some((it) => it.kind === "deleted" || isCandidate(it))) {
        await loadObjectives();
        options.onRevision("objectives");
      }
      settle(0);
    } catch (error) {
      if (!aborter.signal.aborted) options.onFailure(messageOf(error));
    }
  };

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
      return wholeEndpoints;
    },
    get metrics() {
      return wholeMetrics;
    },
    ready,
    start: () => {
      if (!isStarted && !aborter.signal.aborted) begin();
      isStarted = true;
    },
    serves: (file) =>
      (isSource(file) || documentKind(file) !== undefined) && !isForeign(root, file, options.isWorkspace),
    setText: (file, now) => {
      const it = open.get(file);
      if (it) {
        it.text = now;
        it.summary = undefined;
        it.report = undefined;
        // Let go before the next one is made, so that what one keystroke makes does not outlive it.
        current = undefined;
      } else {
        const isForeignFile = isForeign(root, file, options.isWorkspace);
        open.set(file, {
          path: file,
          text: now,
          isOurs: isSource(file) && !isForeignFile,
          isDocument: documentKind(file) !== undefined && !isForeignFile,
        });
      }
    },
    close: (file) => {
      open.delete(file);
      layered = undefined;
      current = undefined;
      if (wholeTexts.delete(file)) {
        version++;
        settle(GATHER * 4);
      }
    },
    settle,
    report,
    analysis: analysisFor,
    // Not by way of an analysis: places in other files are asked for while one of them is typed in.
    summary: (file) => (open.get(file)?.isOurs === false ? undefined : summaryOf(file)),
    placesIn,
    nameOf: (endpoint) => sinceWhole(endpoint.path)(endpoint.nameAt) ?? endpoint.nameAt,
    findingsOn: (endpoint) => swept.byEndpoint.get(endpointKey(endpoint)) ?? [],
    text,
    changed: (changes) => {
      gathered.push(...changes);
      gathering?.();
      gathering = scheduler.later(GATHER, () => {
        gathering = undefined;
        const all = gathered;
        gathered = [];
        updating = updating.then(() => update(all));
      });
    },
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
      gathering?.();
      open.clear();
    },
  };
}

/** What one pass over the whole folder tells: which findings lie on an endpoint's path, and which were told from afar. */
interface Sweep {
  readonly byEndpoint: ReadonlyMap<string, readonly FindingPlace[]>;
  /** Findings that the check of another file made, by the path they stand at. */
  readonly elsewhere: ReadonlyMap<string, readonly Finding[]>;
}

const emptySweep: Sweep = { byEndpoint: new Map(), elsewhere: new Map() };
const NOTHING: FileReport = { findings: [], problems: [] };
const MAX_PER_ENDPOINT = 20;

const isSource = (file: string): boolean => kindOf(path.posix.basename(file)) === "source";
const isTree = (it: FileSummary): boolean => !it.failure || it.recovered;

/** UTF-16 code units that may differ from the last whole text before a broken one is read as it is. */
const MAX_DIFFERENCE = 2000;

function isNear(good: string, now: string): boolean {
  const { start, oldEnd, newEnd } = difference(good, now);
  return oldEnd - start <= MAX_DIFFERENCE && newEnd - start <= MAX_DIFFERENCE;
}

async function sweep(analysis: Analysis, breathe: () => Promise<void> | undefined): Promise<Sweep> {
  const byEndpoint = new Map<string, FindingPlace[]>();
  const elsewhere = new Map<string, Finding[]>();
  for (const file of [...analysis.program.files.keys(), ...analysis.documents.paths]) {
    await breathe();
    for (const finding of analysis.findings(file)) {
      if (finding.path !== file) push(elsewhere, finding.path, finding);
      const place: FindingPlace = { ruleId: finding.ruleId, path: finding.path, at: finding.at };
      for (const endpoint of endpointsOf(finding.reach)) {
        const key = endpointKey(endpoint);
        if ((byEndpoint.get(key)?.length ?? 0) < MAX_PER_ENDPOINT) push(byEndpoint, key, place);
      }
    }
  }
  return { byEndpoint, elsewhere };
}

function withoutRepeats(findings: readonly Finding[]): Finding[] {
  const seen = new Set<string>();
  return findings.filter((it) => {
    const key = `${it.ruleId} ${it.at[0]} ${it.at[1]}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

/** A file on disk that the folder's own rules leave out: installed, built, ignored. One that is not saved yet is ours. */
function isForeign(root: string, file: string, isWorkspace: boolean): boolean {
  if (/(^|\/)node_modules\//.test(file)) return true;
  return isWorkspace && existsSync(path.join(root, file)) && findFile(root, file) === undefined;
}

function isAsRead(root: string, known: FoundFile | undefined): boolean {
  const now = known && statSync(path.join(root, known.path), { throwIfNoEntry: false });
  return now !== undefined && now.mtimeMs === known?.mtimeMs && now.size === known.size;
}

/** Manifests between some files and the root: enough to tell versions before everything is read. */
function manifestsAbove(root: string, files: readonly string[]): readonly string[] {
  const folders = new Set<string>([""]);
  for (const file of files)
    for (let at = path.posix.dirname(file); at !== "." && !folders.has(at); at = path.posix.dirname(at))
      folders.add(at);
  return [...folders].flatMap((it) =>
    ["package.json", "tsconfig.json"]
      .map((name) => (it === "" ? name : `${it}/${name}`))
      .filter((each) => existsSync(path.join(root, each))),
  );
}

const ids = new WeakMap<object, number>();
let nextId = 1;
function idOf(it: object): number {
  let id = ids.get(it);
  if (id === undefined) {
    id = nextId++;
    ids.set(it, id);
  }
  return id;
}

/** Today where the person is, as an ISO date: an allowance ends with their day. */
function isoDate(now: number): string {
  const it = new Date(now);
  const two = (part: number): string => String(part).padStart(2, "0");
  return `${it.getFullYear()}-${two(it.getMonth() + 1)}-${two(it.getDate())}`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const known = map.get(key);
  if (known) known.push(value);
  else map.set(key, [value]);
}
