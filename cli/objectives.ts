/** What a repository says of its objectives: slo-lens.yaml, SLO files, and which endpoints they are about. */
import path from "node:path";
import type { Analysis, Endpoint } from "../engine/index.ts";
import { positionOf, type Workspace } from "../platform/index.ts";
import { knowledge } from "../rules/index.ts";
import type { CodeEndpoint, LoadedSlos, Match, MatchContext, ReadConfig, Slo, SloMatch } from "../slo/index.ts";
import * as room from "../slo/index.ts";

export interface Problem {
  readonly path: string;
  readonly message: string;
  readonly line: number;
  readonly column: number;
}

export interface Objectives extends LoadedSlos {
  readonly config: ReadConfig["config"];
  /** Root-relative path of slo-lens.yaml, where there is one. */
  readonly configPath: string | undefined;
  readonly configProblems: readonly Problem[];
  readonly context: MatchContext;
  /** Needs the endpoints, so it is asked for only where it matters. */
  readonly matches: (endpoints: readonly CodeEndpoint[]) => readonly Match[];
  readonly candidates: (endpoints: readonly CodeEndpoint[]) => readonly SloMatch[];
}

const MAX_FILES = 5000;

export function readObjectives(workspace: Workspace): Objectives {
  const configPath = workspace.candidates
    .filter((it) => room.isConfigPath(it))
    .sort((a, b) => a.split("/").length - b.split("/").length)[0];
  const configText = configPath === undefined ? undefined : workspace.text(configPath);
  const read =
    configPath === undefined || configText === undefined
      ? undefined
      : room.readConfig(configPath, configText, { ruleIds: knowledge.rules.map((it) => it.id) });
  const config = read?.config ?? room.defaultConfig;
  let loaded: LoadedSlos | undefined;
  const load = (): LoadedSlos => {
    if (loaded) return loaded;
    const files = workspace.candidates.flatMap((it) => {
      if (room.isConfigPath(it)) return [];
      const text = workspace.text(it);
      return text !== undefined && room.mayHoldSlos(text) ? [{ path: it, text }] : [];
    });
    loaded = room.loadSlos(files.slice(0, MAX_FILES));
    return loaded;
  };
  const context: MatchContext = {
    selectorsOf: room.queryTools.selectorsOf,
    mapped: config.slos,
    serviceOf: (it) => room.serviceFor(config, it),
    packageNames: packageNames(workspace),
    prefixes: config.prefixes,
  };
  let matched: { readonly endpoints: readonly CodeEndpoint[]; readonly matches: readonly Match[] } | undefined;
  return {
    config,
    configPath,
    configProblems:
      read && configPath !== undefined && configText !== undefined
        ? read.problems.map((it) => ({
            path: configPath,
            message: it.message,
            ...positionOf(configText, it.range.start),
          }))
        : [],
    get slos() {
      return load().slos;
    },
    get documents() {
      return load().documents;
    },
    context,
    matches: (endpoints) => {
      if (matched?.endpoints !== endpoints)
        matched = {
          endpoints,
          matches: load().slos.length === 0 ? [] : room.matchSlos(endpoints, load().slos, context),
        };
      return matched.matches;
    },
    candidates: (endpoints) => room.matchAll(endpoints, load().slos, context),
  };
}

/** The tightest latency objective among those of some endpoints, for time limits that fit it. */
export function latencyObjective(
  objectives: Objectives,
  analysis: () => Analysis,
): (endpoints: readonly Endpoint[]) => { readonly ms: number; readonly from: string } | undefined {
  let byEndpoint: Map<string, { readonly ms: number; readonly from: string }> | undefined;
  return (endpoints) => {
    if (objectives.slos.length === 0) return undefined;
    if (!byEndpoint) {
      byEndpoint = new Map();
      const byId = new Map(objectives.slos.map((it) => [it.id, it]));
      for (const match of objectives.matches(analysis().endpoints)) {
        const seconds = thresholdOf(byId.get(match.sloId));
        if (seconds === undefined) continue;
        const key = keyOf(match.endpoint);
        const known = byEndpoint.get(key);
        if (!known || seconds * 1000 < known.ms) byEndpoint.set(key, { ms: seconds * 1000, from: match.sloId });
      }
    }
    const known = byEndpoint;
    return endpoints.flatMap((it) => known.get(keyOf(it)) ?? []).sort((a, b) => a.ms - b.ms)[0];
  };
}

function thresholdOf(slo: Slo | undefined): number | undefined {
  if (slo?.indicator.type === "ratio") return slo.indicator.latencyThresholdSeconds;
  return slo?.indicator.type === "latency-native" ? slo.indicator.thresholdSeconds : undefined;
}

function keyOf(it: CodeEndpoint): string {
  return `${it.method} ${it.route} ${it.path}`;
}

/** The name of the nearest package.json and of its folder. */
function packageNames(workspace: Workspace): (file: string) => readonly string[] {
  const known = new Map<string, readonly string[]>();
  const namesAt = (folder: string): readonly string[] => {
    const found = known.get(folder);
    if (found) return found;
    const manifest = folder === "" ? "package.json" : `${folder}/package.json`;
    let names: readonly string[];
    if (workspace.found.has(manifest)) {
      const name = /"name"\s*:\s*"([^"]+)"/.exec(workspace.text(manifest) ?? "")?.[1];
      const own = folder === "" ? path.basename(workspace.root) : folder.slice(folder.lastIndexOf("/") + 1);
      names = [...new Set([...(name ? [name, name.replace(/^@[^/]+\//, "")] : []), own])];
    } else names = folder === "" ? [] : namesAt(folder.includes("/") ? folder.slice(0, folder.lastIndexOf("/")) : "");
    known.set(folder, names);
    return names;
  };
  return (file) => namesAt(file.includes("/") ? file.slice(0, file.lastIndexOf("/")) : "");
}
