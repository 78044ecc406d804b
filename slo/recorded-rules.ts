/** What Sloth and Pyrra have recorded of an objective: numbers that need not be reckoned again. */
import { type LabelMatcher, queriesOf } from "./match.ts";
import { burnWindows } from "./maths.ts";
import type { Match, Slo } from "./model.ts";
import type { Answers } from "./query-plan.ts";
import { promDuration, type QueryTools, queryTools, selectorText } from "./query-tools.ts";
import type { MetricRequest, Sample } from "./telemetry/source.ts";

/** Look-backs from which a recorded ratio replaces the raw query: short ones are cheap, and their counts tell chance from trouble. */
export const RECORDED_FROM = 86_400;

/**
 * What is asked first where files are Sloth's or Pyrra's: both record their queries as rules, and a month of raw series
 * costs a server a thousand times what a recorded one does. One question for each tool, whatever the number of files.
 */
export function recordedRequests(slos: readonly Slo[]): readonly MetricRequest[] {
  const either = (names: readonly string[]) =>
    JSON.stringify(
      [...new Set(names)]
        .slice(0, 500)
        .map((name) => name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"))
        .join("|"),
    );
  const sloth = slos.filter((slo) => slo.format.startsWith("sloth")).map(slothId);
  const pyrra = slos.filter((slo) => slo.format === "pyrra").map((slo) => slo.name);
  const periods = new Set(
    slos.filter((slo) => slo.format.startsWith("sloth")).map((slo) => weeksOrDays(slo.window.seconds)),
  );
  // The last are of the whole period, which Sloth averages of five-minute ratios.
  const ratios = `slo:sli_error:ratio_rate(${["5m", "30m", "1h", "2h", "6h", "1d", "3d", ...periods].join("|")})`;
  const burns = [
    ...new Set(slos.filter((slo) => slo.format === "pyrra").flatMap((slo) => looksOf(slo).map(weeksOrDays))),
  ];
  return [
    ...(sloth.length === 0 ? [] : [{ key: "sloth", query: `{__name__=~"${ratios}",sloth_id=~${either(sloth)}}` }]),
    ...(pyrra.length === 0
      ? []
      : [
          {
            key: "pyrra",
            query: `count by (__name__, slo) ({__name__=~".+:increase[0-9]+[smhdwy]",slo=~${either(pyrra)}})`,
          },
          { key: "pyrra-burnrate", query: `{__name__=~".+:burnrate(${burns.join("|")})",slo=~${either(pyrra)}}` },
        ]),
  ];
}

/** Objectives kept for each route whose look-backs are asked for: each takes a dozen queries. */
export const MAX_GROUPED = 20;

export const isByRoute = (matches: readonly Match[]): boolean => matches.some((match) => match.by === "grouping");

/** Look-backs shorter than the window that burn rates are reckoned over, in seconds. */
export const looksOf = (slo: Slo): readonly number[] =>
  burnWindows(slo.window.seconds).filter((seconds) => seconds < slo.window.seconds);

/** Pyrra's recorded ratios of failures over a look-back: one for each group, or one alone. */
export function recordedByRoute(slo: Slo, seconds: number, known: Answers): readonly Sample[] {
  const answer = known.get("pyrra-burnrate");
  const metric = queriesOf(slo.indicator).at(0)?.text;
  if (answer?.ok !== true || slo.format !== "pyrra" || metric === undefined) return [];
  const [selector] = queryTools.selectorsOf(metric);
  if (selector === undefined) return [];
  const name = `${recordedName(selector.metric)}:burnrate${weeksOrDays(seconds)}`;
  return answer.samples.filter((each) => each.labels["__name__"] === name && each.labels["slo"] === slo.name);
}

/** The part of a metric's name that Pyrra keeps in the names of its rules. */
const recordedName = (metric: string): string =>
  metric
    .replace(/_total$/, "")
    .replace(/_count$/, "")
    .replace(/_bucket$/, "");

const slothId = (slo: Slo) => `${slo.service}-${slo.name}`;

/** Pyrra's recorded counts of the whole window, as queries; undefined where it has not recorded this objective. */
export function recordedCounts(
  slo: Slo,
  known: Answers,
  tools: QueryTools,
  by?: readonly string[],
): { readonly total: string; readonly part: string } | undefined {
  const answer = known.get("pyrra");
  if (answer?.ok !== true || slo.format !== "pyrra" || slo.indicator.type !== "ratio") return undefined;
  const name = (metric: string) => `${recordedName(metric)}:increase${weeksOrDays(slo.window.seconds)}`;
  const recorded = (query: string | undefined, extra: readonly LabelMatcher[]) => {
    const selectors = query === undefined ? [] : tools.selectorsOf(query);
    const [selector] = selectors;
    if (selector === undefined || selectors.length > 1) return undefined;
    const metric = name(selector.metric);
    const isThere = answer.samples.some(
      (each) => each.labels["__name__"] === metric && each.labels["slo"] === slo.name,
    );
    const matchers = [...selector.matchers, ...extra, { label: "slo", op: "=" as const, value: slo.name }];
    return isThere
      ? `sum${by === undefined ? "" : ` by (${by.join(", ")}) `}(${selectorText({ metric, matchers })})`
      : undefined;
  };
  const { good, bad, total, latencyThresholdSeconds } = slo.indicator;
  // Both counts of a latency objective are recorded under one name; the total's has an empty `le`.
  const ofTotal: readonly LabelMatcher[] =
    latencyThresholdSeconds === undefined ? [] : [{ label: "le", op: "=", value: "" }];
  const whole = recorded(total.text, ofTotal);
  const part = recorded((bad ?? good)?.text, []);
  return whole === undefined || part === undefined ? undefined : { total: whole, part };
}

/** A duration as Prometheus' own library prints it, which is how Sloth and Pyrra name their rules: 28 days are `4w`. */
function weeksOrDays(seconds: number): string {
  const week = 7 * 86_400;
  return seconds % week === 0 ? `${seconds / week}w` : promDuration(seconds);
}

export function recordedRatio(slo: Slo, seconds: number, answers: Answers): number | undefined {
  if (slo.format === "pyrra") {
    const own = recordedByRoute(slo, seconds, answers);
    return own.length === 1 ? own[0]!.value : undefined;
  }
  const answer = answers.get("sloth");
  if (answer?.ok !== true || !slo.format.startsWith("sloth")) return undefined;
  const name = `slo:sli_error:ratio_rate${weeksOrDays(seconds)}`;
  const found = answer.samples.filter(
    (sample) => sample.labels["__name__"] === name && sample.labels["sloth_id"] === slothId(slo),
  );
  return found.length === 1 ? found[0]!.value : undefined;
}
