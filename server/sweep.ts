/** One pass over the whole folder: which findings lie on an endpoint's path, and which were told from afar. */
import { type Analysis, endpointsOf, type Finding } from "../engine/index.ts";
import { endpointKey } from "../slo/index.ts";

/** A finding without what it was reached through, which can be large. */
export type FindingPlace = Pick<Finding, "ruleId" | "path" | "at">;

export interface Sweep {
  /** By the endpoint's key. */
  readonly byEndpoint: ReadonlyMap<string, readonly FindingPlace[]>;
  /** Findings that the check of another file made, by the path they stand at. */
  readonly elsewhere: ReadonlyMap<string, readonly Finding[]>;
}

export const emptySweep: Sweep = { byEndpoint: new Map(), elsewhere: new Map() };
const MAX_PER_ENDPOINT = 20;

/** @param breathe called between files, so that messages get their turn */
export async function sweep(analysis: Analysis, breathe: () => Promise<void> | undefined): Promise<Sweep> {
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

function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const known = map.get(key);
  if (known) known.push(value);
  else map.set(key, [value]);
}
