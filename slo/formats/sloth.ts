/** Sloth's own file and its Kubernetes resource, which differ in the case of their keys. */
import type { Indicator, Query, Slo, SloFormat, SloProblem, Window } from "../model.ts";
import { problem, write } from "../problem-texts.ts";
import {
  contentRange,
  field,
  firstKey,
  has,
  isMapping,
  items,
  keys,
  MAX_OBJECTIVES,
  number,
  text,
  texts,
  type Value,
} from "./document.ts";
import { DAY_SECONDS, prometheusSeconds, rolling } from "./duration.ts";
import { latencyOf } from "./openslo.ts";
import { endpointRefs, hundred, incomplete, PERCENTS, plainNumber, ratioOf, unknown } from "./shared.ts";

/** Sloth's default period; it is given on its command line, not in the file. */
export const SLOTH_DEFAULT: Window = rolling(30 * DAY_SECONDS, "30d");

/** The period of a document that gives Sloth its alert windows; undefined for any other document. */
export function slothPeriod(root: Value): Window | undefined {
  if (text(field(root, "kind")) !== "AlertWindows") return undefined;
  const written = text(field(field(root, "spec"), "sloPeriod"));
  const seconds = prometheusSeconds(written ?? "");
  return seconds === undefined || seconds <= 0 ? undefined : rolling(seconds, written!.trim());
}

/** Keys of the one flavour with those of the other: unknown keys are dropped by Sloth without a word. */
const CAMEL: Readonly<Record<string, string>> = {
  error_query: "errorQuery",
  total_query: "totalQuery",
  error_ratio_query: "errorRatioQuery",
  page_alert: "pageAlert",
  ticket_alert: "ticketAlert",
  slo_plugins: "sloPlugins",
};
const SNAKE: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(CAMEL).map(([snake, camel]) => [camel, snake]),
);

type Loaded = Omit<Slo, "level" | "path">;

export function readSloth(
  root: Value,
  format: Extract<SloFormat, "sloth" | "sloth-crd">,
  source: string,
  window: Window = SLOTH_DEFAULT,
): { slos: Loaded[]; problems: SloProblem[] } {
  const problems: SloProblem[] = [];
  const spec = format === "sloth-crd" ? field(root, "spec") : root;
  const names = format === "sloth-crd" ? CAMEL : SNAKE;
  const serviceAt = field(spec, "service");
  const service = text(serviceAt) ?? "";
  if (service === "") problems.push(problem("service-missing", "error", serviceAt.range, { field: "service" }));
  const list = field(spec, "slos");
  if (items(list).length === 0) problems.push(problem("slos-missing", "error", list.range));
  const common = texts(field(spec, "labels"));
  const slos = items(list)
    .slice(0, MAX_OBJECTIVES)
    .flatMap((it): Loaded[] => {
      const own: SloProblem[] = [];
      const nameAt = field(it, "name");
      const name = text(nameAt) ?? "";
      const targetAt = field(it, "objective");
      const percent = number(targetAt);
      if (name === "" || percent === undefined) {
        problems.push(
          name === ""
            ? problem("name-missing", "error", has(nameAt) ? nameAt.range : firstKey(it), { field: "name" })
            : problem("target-missing", "error", has(targetAt) ? targetAt.range : nameAt.range, {
                fields: "`objective`",
              }),
        );
        return [];
      }
      if (percent > 0 && percent <= 1)
        own.push(
          problem(
            "target-percent",
            "warning",
            targetAt.range,
            { field: "objective", written: String(percent) },
            write(targetAt.range, plainNumber(percent * 100)),
          ),
        );
      if (percent <= 0 || percent > 100)
        own.push(problem("target-range", "error", targetAt.range, { written: String(percent) }));
      if (percent === 100) own.push(hundred(targetAt.range, PERCENTS));
      wrongCase(it, names, own);
      for (const inner of ["sli", "alerting"]) wrongCase(field(it, inner), names, own);
      wrongCase(field(field(it, "sli"), "events"), names, own);
      const labels = { ...common, ...texts(field(it, "labels")) };
      const description = text(field(it, "description"));
      return [
        {
          id: `${service}/${name}`,
          format,
          range: nameAt.range,
          targetRange: targetAt.range,
          service,
          name,
          ...(description ? { description } : {}),
          target: Math.min(1, Math.max(0, ratioOf(percent))),
          window,
          method: "request-weighted",
          indicator: indicatorOf(field(it, "sli"), source, own),
          endpoints: endpointRefs(labels, texts(field(it, "annotations"))),
          grouping: [],
          labels,
          problems: own,
        },
      ];
    });
  return { slos, problems };
}

function wrongCase(of: Value, names: Readonly<Record<string, string>>, problems: SloProblem[]): void {
  for (const { name, range } of keys(of)) {
    const meant = names[name];
    if (!meant) continue;
    problems.push(problem("key-case", "warning", range, { name, meant }, write(range, meant)));
  }
}

function indicatorOf(sli: Value, source: string, problems: SloProblem[]): Indicator {
  const events = field(sli, "events");
  if (isMapping(events)) {
    const bad = queryOf(field(events, "error_query", "errorQuery"), source);
    const total = queryOf(field(events, "total_query", "totalQuery"), source);
    if (!bad || !total) return incomplete("sloth-events", events, problems);
    if (bad.text.trim() === total.text.trim())
      problems.push(problem("bad-equals-total", "warning", bad.range ?? sli.range));
    return { type: "ratio", bad, total, ...latencyOf(bad) };
  }
  const raw = field(sli, "raw");
  if (isMapping(raw)) {
    const errorRatio = queryOf(field(raw, "error_ratio_query", "errorRatioQuery"), source);
    return errorRatio ? { type: "raw", errorRatio } : incomplete("sloth-raw", raw, problems);
  }
  if (has(field(sli, "plugin"))) return unknown("sloth-plugin");
  return incomplete("no-indicator", sli, problems);
}

function queryOf(of: Value, source: string): Query | undefined {
  const written = text(of);
  if (written === undefined) return undefined;
  const range = contentRange(of, source);
  return { text: written, ...(range ? { range } : {}), dialect: "promql" };
}
