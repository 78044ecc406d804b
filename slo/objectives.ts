/** What a workspace says of its objectives: slo-lens.yaml, SLO files, and which endpoints they are about. */
import type { Severity } from "../engine/index.ts";
import {
  defaultConfig,
  isConfigPath,
  type ReadConfig,
  readConfig,
  type SloLensConfig,
  serviceFor,
  severityFor,
} from "./config.ts";
import { loadSlos, mayHoldSlos, type SloFile } from "./load.ts";
import { type MatchContext, matchAll, matchSlos, type SloMatch } from "./match.ts";
import { dependencyVerdict } from "./maths.ts";
import type { CodeEndpoint, LoadedSlos, Match, Slo, SloProblem } from "./model.ts";
import { queryTools } from "./query-tools.ts";
import { targetText } from "./words.ts";

export interface Objectives extends LoadedSlos {
  readonly config: SloLensConfig;
  /** Workspace-relative path of slo-lens.yaml, where there is one. */
  readonly configPath: string | undefined;
  /** Of slo-lens.yaml; ranges are offsets into its text. */
  readonly configProblems: readonly SloProblem[];
  readonly context: MatchContext;
  /** Those that apply; kept for the list of endpoints last asked about. */
  readonly matches: (endpoints: readonly CodeEndpoint[]) => readonly Match[];
  /** Everything that was considered, per objective. */
  readonly candidates: (endpoints: readonly CodeEndpoint[]) => readonly SloMatch[];
}

export interface ObjectivesInput {
  readonly configPath?: string | undefined;
  readonly configText?: string | undefined;
  /** The SLO files; called once, when somebody asks about objectives. */
  readonly files: () => readonly SloFile[];
  /** Text of a manifest (`apps/api/package.json`); undefined where there is none. */
  readonly manifest: (path: string) => string | undefined;
  /** Name of the workspace's folder. */
  readonly rootName: string;
  readonly ruleIds: readonly string[];
  /** Instead of what slo-lens.yaml says. */
  readonly stage?: SloLensConfig["stage"] | undefined;
}

/** More SLO files than this are not read. */
export const MAX_SLO_FILES = 5000;

/** Never throws; files are read when objectives are first asked for. */
export function readObjectives(input: ObjectivesInput): Objectives {
  const { configPath, configText } = input;
  const read: ReadConfig | undefined =
    configPath === undefined || configText === undefined
      ? undefined
      : readConfig(configPath, configText, { ruleIds: input.ruleIds });
  const said = read?.config ?? defaultConfig;
  const config = input.stage === undefined ? said : { ...said, stage: input.stage };
  const context: MatchContext = {
    selectorsOf: queryTools.selectorsOf,
    mapped: config.slos,
    serviceOf: (it) => serviceFor(config, it),
    packageNames: packageNames(input),
    prefixes: config.prefixes,
  };
  let loaded: LoadedSlos | undefined;
  const load = (): LoadedSlos => {
    loaded ??= loadSlos(input.files().slice(0, MAX_SLO_FILES));
    return loaded;
  };
  let matched: { readonly endpoints: readonly CodeEndpoint[]; readonly matches: readonly Match[] } | undefined;
  return {
    config,
    configPath,
    configProblems: read?.problems ?? [],
    get slos() {
      return load().slos;
    },
    get documents() {
      return load().documents;
    },
    context,
    matches: (endpoints) => {
      if (load().slos.length === 0) return [];
      if (matched?.endpoints !== endpoints)
        matched = { endpoints, matches: matchSlos(endpoints, load().slos, context) };
      return matched.matches;
    },
    candidates: (endpoints) => matchAll(endpoints, load().slos, context),
  };
}

/** Before anything is read. */
export const noObjectives: Objectives = readObjectives({
  files: () => [],
  manifest: () => undefined,
  rootName: "",
  ruleIds: [],
});

/** The slo-lens.yaml that counts: the one nearest to the root. */
export function configPathAmong(candidates: readonly string[]): string | undefined {
  const depth = (it: string): number => it.split("/").length;
  return candidates.filter((it) => isConfigPath(it)).sort((a, b) => depth(a) - depth(b))[0];
}

/** A candidate as an SLO file, if its text may hold objectives. */
export function sloFileOf(path: string, text: string | undefined): SloFile | undefined {
  return !isConfigPath(path) && text !== undefined && mayHoldSlos(text) ? { path, text } : undefined;
}

/** What an analysis asks of objectives and configuration: how grave a rule is where, and which promises hold. */
export function judgements(
  objectives: Objectives,
  endpoints: () => readonly CodeEndpoint[],
): {
  readonly severityOf: (
    rule: { readonly id: string; readonly severity: Severity },
    path: string,
  ) => ReturnType<typeof severityFor>;
  readonly latencyObjectiveMs: ReturnType<typeof latencyObjective>;
  readonly weakerDependency: ReturnType<typeof weakerDependency>;
} {
  return {
    severityOf: (rule, path) => severityFor(objectives.config, rule.id, rule.severity, path),
    latencyObjectiveMs: latencyObjective(objectives, endpoints),
    weakerDependency: weakerDependency(objectives, endpoints),
  };
}

/** The tightest latency objective among those of some endpoints, in ms, for time limits that fit it. */
function latencyObjective(
  objectives: Objectives,
  endpoints: () => readonly CodeEndpoint[],
): (of: () => readonly CodeEndpoint[]) => { readonly ms: number; readonly from: string } | undefined {
  let byEndpoint: Map<string, { readonly ms: number; readonly from: string }> | undefined;
  return (of) => {
    if (objectives.slos.length === 0) return undefined;
    if (!byEndpoint) {
      byEndpoint = new Map();
      const byId = new Map(objectives.slos.map((it) => [it.id, it]));
      for (const match of objectives.matches(endpoints())) {
        const seconds = thresholdOf(byId.get(match.sloId));
        if (seconds === undefined) continue;
        const key = endpointKey(match.endpoint);
        const known = byEndpoint.get(key);
        if (!known || seconds * 1000 < known.ms) byEndpoint.set(key, { ms: seconds * 1000, from: match.sloId });
      }
    }
    const known = byEndpoint;
    return of()
      .flatMap((it) => known.get(endpointKey(it)) ?? [])
      .sort((a, b) => a.ms - b.ms)[0];
  };
}

/** What a service promises less than an endpoint that needs it; see `dependencyVerdict` for the arithmetic. */
function weakerDependency(
  objectives: Objectives,
  endpoints: () => readonly CodeEndpoint[],
): (of: () => readonly CodeEndpoint[], service: string) => WeakerDependencyFacts | undefined {
  return (of, service) => {
    // Of several promises of one service the best is taken: which one a call lives by cannot be told.
    const theirs = objectives.slos.filter(
      (it) => isAvailability(it) && it.service.toLowerCase() === service.toLowerCase(),
    );
    if (theirs.length === 0) return undefined;
    const promised = Math.max(...theirs.map((it) => it.target));
    const keys = new Map(of().map((it) => [endpointKey(it), it]));
    const byId = new Map(objectives.slos.map((it) => [it.id, it]));
    let found: WeakerDependencyFacts | undefined;
    let highest = 0;
    for (const match of objectives.matches(endpoints())) {
      const endpoint = keys.get(endpointKey(match.endpoint));
      const slo = byId.get(match.sloId);
      if (!endpoint || !slo || !isAvailability(slo) || slo.service.toLowerCase() === service.toLowerCase()) continue;
      const verdict = dependencyVerdict(slo.target, [{ name: service, target: promised }]);
      if (!verdict.isBelow || slo.target <= highest) continue;
      highest = slo.target;
      found = {
        endpoint: `${endpoint.method} ${endpoint.route}`,
        target: targetText(slo.target),
        service: theirs[0]!.service,
        theirs: targetText(promised),
        times: verdict.budgetShare === undefined ? "∞" : String(Number(verdict.budgetShare.toPrecision(2))),
      };
    }
    return found;
  };
}

export interface WeakerDependencyFacts {
  readonly endpoint: string;
  readonly target: string;
  readonly service: string;
  readonly theirs: string;
  readonly times: string;
}

/** An objective of answers that are right, not of answers that are quick. */
const isAvailability = (slo: Slo): boolean => slo.indicator.type !== "latency-native" && thresholdOf(slo) === undefined;

/** Tells endpoints of one workspace apart. */
export function endpointKey(it: CodeEndpoint): string {
  return `${it.method} ${it.route} ${it.path}`;
}

function thresholdOf(slo: Slo | undefined): number | undefined {
  if (slo?.indicator.type === "ratio") return slo.indicator.latencyThresholdSeconds;
  return slo?.indicator.type === "latency-native" ? slo.indicator.thresholdSeconds : undefined;
}

/** The name of the nearest package.json, with and without its scope, and of its folder. */
function packageNames({ manifest, rootName }: ObjectivesInput): (file: string) => readonly string[] {
  const known = new Map<string, readonly string[]>();
  const above = (it: string): string => (it.includes("/") ? it.slice(0, it.lastIndexOf("/")) : "");
  const namesAt = (folder: string): readonly string[] => {
    const found = known.get(folder);
    if (found) return found;
    const text = manifest(folder === "" ? "package.json" : `${folder}/package.json`);
    let names: readonly string[] = [];
    if (text !== undefined) {
      const name = /"name"\s*:\s*"([^"]+)"/.exec(text)?.[1];
      const own = folder === "" ? rootName : folder.slice(folder.lastIndexOf("/") + 1);
      names = [...new Set([...(name ? [name, name.replace(/^@[^/]+\//, "")] : []), own])];
    } else if (folder !== "") names = namesAt(above(folder));
    known.set(folder, names);
    return names;
  };
  return (file) => namesAt(above(file));
}
