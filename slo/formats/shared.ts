/** What the formats have in common. */
import type { EndpointRef, Indicator, SloProblem, TextRange } from "../model.ts";
import { problem, problemTexts, write } from "../problem-texts.ts";
import { fill, obstacles } from "../words.ts";
import type { Value } from "./document.ts";

/** An indicator that cannot be evaluated, with the reason. */
export function unknown(obstacle: keyof typeof obstacles, data?: Readonly<Record<string, string>>): Indicator {
  return { type: "unknown", obstacle, ...(data ? { data } : {}) };
}

/** The same with the problem told where the indicator stands, or should. */
export function incomplete(obstacle: keyof typeof obstacles, at: Value, problems: SloProblem[]): Indicator {
  const { en, ja } = obstacles[obstacle];
  const told = problem("indicator-incomplete", "warning", at.keyRange ?? at.range, { detail: en });
  problems.push({ ...told, ja: fill(problemTexts["indicator-incomplete"].ja, { detail: ja }, "ja") });
  return unknown(obstacle);
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

/** The endpoints that these annotations name in a text, each with its place. */
export function endpointNamesIn(source: string): readonly { readonly name: string; readonly range: TextRange }[] {
  const found: { readonly name: string; readonly range: TextRange }[] = [];
  for (const match of source.matchAll(/slo-lens(?:\.dev)?\/endpoints["']?:[ \t]*["']?([^\n"'#]{1,2000})/g)) {
    let at = match.index + match[0].length - match[1]!.length;
    for (const part of match[1]!.split(",")) {
      const name = part.trim();
      const start = at + part.indexOf(name);
      if (name !== "") found.push({ name, range: { start, end: start + name.length } });
      at += part.length + 1;
    }
  }
  return found;
}

/** A number as a person would write it: no digits that binary fractions add. */
export const plainNumber = (n: number): string => String(Number(n.toPrecision(12)));

/** A percentage as a ratio, without the digits that the division adds: 99.9 is 0.999. */
export const ratioOf = (percent: number): number => Number((percent / 100).toPrecision(12));

/** Objectives that leave a budget, as the formats write them. */
export const PERCENTS = ["99.9", "99.99"] as const;
export const RATIOS = ["0.999", "0.9999"] as const;

/** An objective of 100 %, with the nearest that can be kept. */
export function hundred(range: TextRange, better: readonly string[]): SloProblem {
  return problem("target-hundred", "warning", range, {}, ...better.map((it) => write(range, it)));
}
