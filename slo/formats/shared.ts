import type { EndpointRef, SloProblem, TextRange } from "../model.ts";

export function problem(code: string, severity: SloProblem["severity"], message: string, range: TextRange): SloProblem {
  return { code, severity, message, range };
}

/** Annotation or label by which an SLO names its endpoints: `slo-lens/endpoints: "GET /recipes, POST /recipes"`. */
const KEYS = ["slo-lens/endpoints", "slo-lens.dev/endpoints", "endpoints"];

export function endpointRefs(...of: readonly Readonly<Record<string, string>>[]): EndpointRef[] {
  const written = of.flatMap((it) => KEYS.flatMap((key) => it[key] ?? [])).join(",");
  return written.split(",").flatMap((one): EndpointRef[] => {
    const match = /^\s*(?:([A-Za-z*]+)\s+)?(\/\S*)\s*$/.exec(one);
    return match ? [{ method: (match[1] ?? "*").toUpperCase(), route: match[2]! }] : [];
  });
}
