/** What a folder says of its objectives: slo-lens.yaml, SLO files, and which endpoints they are about. */
import path from "node:path";
import type { Endpoint } from "../engine/index.ts";
import type { Workspace } from "../platform/index.ts";
import type { CodeEndpoint, LoadedSlos, Match, MatchContext, Slo, SloLensConfig, SloProblem } from "../slo/index.ts";
import * as room from "../slo/index.ts";

export interface Objectives extends LoadedSlos {
  readonly config: SloLensConfig;
  /** Folder-relative path of slo-lens.yaml, where there is one. */
  readonly configPath: string | undefined;
  readonly context: MatchContext;
  /** Kept for the endpoints last asked about. */
  readonly matches: (endpoints: readonly CodeEndpoint[]) => readonly Match[];
}

export interface ObjectivesInput {
  readonly workspace: Workspace;
  readonly ruleIds: readonly string[];
  readonly stage: SloLensConfig["stage"] | "auto";
  /** The text that counts: an open document's, else the file's. */
  readonly text: (path: string) => string | undefined;
  readonly breathe: () => Promise<void> | undefined;
}

const MAX_FILES = 5000;

export async function readObjectives(input: ObjectivesInput): Promise<Objectives> {
  const { workspace, text } = input;
  const configPath = workspace.candidates
    .filter((it) => room.isConfigPath(it))
    .sort((a, b) => a.split("/").length - b.split("/").length)[0];
  const files: { path: string; text: string }[] = [];
  for (const it of workspace.candidates) {
    if (files.length >= MAX_FILES) break;
    await input.breathe();
    if (room.isConfigPath(it)) continue;
    const found = text(it);
    if (found !== undefined && room.mayHoldSlos(found)) files.push({ path: it, text: found });
  }
  const configText = configPath === undefined ? undefined : text(configPath);
  return objectivesFrom({
    workspace,
    configPath,
    config: withStage(configPath, configText, input),
    loaded: room.loadSlos(files),
  });
}

/** Problems of one file as it stands in the editor, whatever kind it is; undefined for files that are none of ours. */
export function problemsIn(file: string, text: string, ruleIds: readonly string[]): readonly SloProblem[] | undefined {
  if (room.isConfigPath(file)) return room.readConfig(file, text, { ruleIds }).problems;
  if (!room.mayHoldSlos(text)) return undefined;
  const { documents, slos } = room.loadSlos([{ path: file, text }]);
  const found = new Map<string, SloProblem>();
  for (const it of [...documents, ...slos].flatMap((each) => each.problems))
    found.set(`${it.code} ${it.range.start} ${it.message}`, it);
  return [...found.values()];
}

export const noObjectives: Objectives = {
  config: room.defaultConfig,
  configPath: undefined,
  slos: [],
  documents: [],
  context: { selectorsOf: () => [] },
  matches: () => [],
};

function withStage(
  configPath: string | undefined,
  text: string | undefined,
  { ruleIds, stage }: ObjectivesInput,
): SloLensConfig {
  const config =
    configPath === undefined || text === undefined
      ? room.defaultConfig
      : room.readConfig(configPath, text, { ruleIds }).config;
  return stage === "auto" ? config : { ...config, stage };
}

function objectivesFrom(input: {
  readonly workspace: Workspace;
  readonly configPath: string | undefined;
  readonly config: SloLensConfig;
  readonly loaded: LoadedSlos;
}): Objectives {
  const { config, loaded } = input;
  const context: MatchContext = {
    selectorsOf: room.queryTools.selectorsOf,
    mapped: config.slos,
    serviceOf: (it) => room.serviceFor(config, it),
    packageNames: packageNames(input.workspace),
    prefixes: config.prefixes,
  };
  let matched: { readonly endpoints: readonly CodeEndpoint[]; readonly matches: readonly Match[] } | undefined;
  return {
    ...loaded,
    config,
    configPath: input.configPath,
    context,
    matches: (endpoints) => {
      if (loaded.slos.length === 0) return [];
      if (matched?.endpoints !== endpoints)
        matched = { endpoints, matches: room.matchSlos(endpoints, loaded.slos, context) };
      return matched.matches;
    },
  };
}

/** The tightest latency objective among those of some endpoints, for time limits that fit it. */
export function latencyObjective(
  objectives: Objectives,
  endpoints: () => readonly Endpoint[],
): (of: readonly Endpoint[]) => { readonly ms: number; readonly from: string } | undefined {
  let byEndpoint: Map<string, { readonly ms: number; readonly from: string }> | undefined;
  return (of) => {
    if (objectives.slos.length === 0) return undefined;
    if (!byEndpoint) {
      byEndpoint = new Map();
      const byId = new Map(objectives.slos.map((it) => [it.id, it]));
      for (const match of objectives.matches(endpoints())) {
        const seconds = thresholdOf(byId.get(match.sloId));
        if (seconds === undefined) continue;
        const key = keyOf(match.endpoint);
        const known = byEndpoint.get(key);
        if (!known || seconds * 1000 < known.ms) byEndpoint.set(key, { ms: seconds * 1000, from: match.sloId });
      }
    }
    const known = byEndpoint;
    return of.flatMap((it) => known.get(keyOf(it)) ?? []).sort((a, b) => a.ms - b.ms)[0];
  };
}

function thresholdOf(slo: Slo | undefined): number | undefined {
  if (slo?.indicator.type === "ratio") return slo.indicator.latencyThresholdSeconds;
  return slo?.indicator.type === "latency-native" ? slo.indicator.thresholdSeconds : undefined;
}

export function keyOf(it: CodeEndpoint): string {
  return `${it.method} ${it.route} ${it.path}`;
}

/** The name of the nearest package.json and of its folder. */
function packageNames(workspace: Workspace): (file: string) => readonly string[] {
  const known = new Map<string, readonly string[]>();
  const above = (it: string): string => (it.includes("/") ? it.slice(0, it.lastIndexOf("/")) : "");
  const namesAt = (folder: string): readonly string[] => {
    const found = known.get(folder);
    if (found) return found;
    const manifest = folder === "" ? "package.json" : `${folder}/package.json`;
    let names: readonly string[] = [];
    if (workspace.found.has(manifest)) {
      const name = /"name"\s*:\s*"([^"]+)"/.exec(workspace.text(manifest) ?? "")?.[1];
      const own = folder === "" ? path.basename(workspace.root) : path.posix.basename(folder);
      names = [...new Set([...(name ? [name, name.replace(/^@[^/]+\//, "")] : []), own])];
    } else if (folder !== "") names = namesAt(above(folder));
    known.set(folder, names);
    return names;
  };
  return (file) => namesAt(above(file));
}
