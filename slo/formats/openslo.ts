/** OpenSLO v1, v1alpha and v2alpha. Fields by its specification; what its SDK refuses though examples have it, loads here. */

import { nearest } from "../config.ts";
import { mapQueries } from "../match.ts";
import type { BudgetingMethod, Indicator, Query, Slo, SloFormat, SloProblem, TextRange, Window } from "../model.ts";
import { problem, write } from "../problem-texts.ts";
import { queryTools } from "../query-tools.ts";
import {
  bool,
  contentRange,
  field,
  firstKey,
  has,
  isMapping,
  items,
  MAX_OBJECTIVES,
  number,
  path,
  text,
  texts,
  type Value,
} from "./document.ts";
import { DAY_SECONDS, openSloSeconds, openSloShorthand, rolling } from "./duration.ts";
import { meets } from "./helm.ts";
import { endpointRefs, hundred, incomplete, PERCENTS, plainNumber, RATIOS, ratioOf, unknown } from "./shared.ts";

/** Objects of other kinds that SLOs refer to, by `kind/name`. */
export interface References {
  readonly get: (kind: string, name: string) => Referred | undefined;
  /** What documents of a kind are called. */
  readonly names: (kind: string) => readonly string[];
}

export interface Referred {
  readonly root: Value;
  readonly source: string;
  /** Where Helm fills that file, see `untemplated`. */
  readonly holes?: readonly TextRange[];
}

/** With and without `.com`: Kubernetes wants a domain, so its operators read v1 as `openslo.com/v1`. */
export function openSloFormat(apiVersion: string | undefined): SloFormat | undefined {
  const version = /^openslo(?:\.com)?\/(v1|v1alpha|v2alpha)$/.exec(apiVersion ?? "")?.[1];
  return version === undefined ? undefined : (`openslo/${version}` as SloFormat);
}

type Loaded = Omit<Slo, "level" | "path">;

/** One SLO for each objective of a document. */
export function readOpenSlo(
  root: Value,
  format: SloFormat,
  source: string,
  references: References,
): { slos: Loaded[]; problems: SloProblem[] } {
  const problems: SloProblem[] = [];
  const metadata = field(root, "metadata");
  const spec = field(root, "spec");
  const nameAt = field(metadata, "name");
  const name = text(nameAt) ?? "";
  if (name === "") problems.push(problem("name-missing", "error", nameAt.range, { field: "metadata.name" }));
  const serviceAt = field(spec, "service", "serviceRef");
  const service = text(serviceAt) ?? text(path(metadata, "labels", "service")) ?? "";
  if (service === "")
    problems.push(
      problem("service-missing", "warning", serviceAt.range, {
        field: format === "openslo/v2alpha" ? "spec.serviceRef" : "spec.service",
      }),
    );
  const window = windowOf(spec, format, problems);
  const method = methodOf(field(spec, "budgetingMethod"), problems);
  const labels = texts(field(metadata, "labels"));
  const endpoints = endpointRefs(texts(field(metadata, "annotations")), labels);
  const displayName = text(field(metadata, "displayName")) ?? text(field(spec, "displayName"));
  const description = text(field(spec, "description"));
  const objectives = items(field(spec, "objectives")).slice(0, MAX_OBJECTIVES);
  if (objectives.length === 0) problems.push(problem("objectives-missing", "error", field(spec, "objectives").range));
  const isComposite = objectives.length > 1 && objectives.every(hasOwnIndicator);
  const slos = objectives.flatMap((objective, index): Loaded[] => {
    const own: SloProblem[] = [];
    const percent = field(objective, "targetPercent");
    const targetAt = has(percent) ? percent : field(objective, "target");
    const written = number(targetAt);
    if (written === undefined) {
      problems.push(
        problem("target-missing", "error", has(targetAt) ? targetAt.range : firstKey(objective), {
          fields: "`target` (or `targetPercent`)",
        }),
      );
      return [];
    }
    let target = has(percent) ? ratioOf(written) : written;
    if (!has(percent) && written > 1 && written <= 100) {
      own.push(
        problem(
          "target-ratio",
          "warning",
          targetAt.range,
          { field: "target", written: String(written) },
          write(targetAt.range, plainNumber(written / 100)),
        ),
      );
      target = ratioOf(written);
    }
    if (has(percent) && written > 0 && written < 1) {
      own.push(
        problem(
          "target-percent",
          "warning",
          targetAt.range,
          { field: "targetPercent", written: String(written) },
          write(targetAt.range, plainNumber(written * 100)),
        ),
      );
      target = written;
    }
    if (target === 1) own.push(hundred(targetAt.range, has(percent) ? PERCENTS : RATIOS));
    if (target < 0 || target > 1) {
      own.push(problem("target-range", "error", targetAt.range, { written: String(written) }));
      target = Math.min(1, Math.max(0, target));
    }
    const slice = sliceOf(objective, method);
    const indicator = indicatorOf(spec, objective, format, source, references, own);
    return [
      {
        id: `${service === "" ? "" : `${service}/`}${name}${objectives.length > 1 ? `#${index + 1}` : ""}`,
        format,
        range: nameAt.range,
        targetRange: targetAt.range,
        service,
        name,
        ...(text(field(objective, "displayName")) && objectives.length > 1
          ? { displayName: text(field(objective, "displayName"))! }
          : displayName
            ? { displayName }
            : {}),
        ...(description ? { description } : {}),
        target,
        window,
        method,
        ...(slice ? { slice } : {}),
        ...(isComposite ? { part: partOf(objective, own) } : {}),
        indicator,
        endpoints,
        grouping: [],
        labels,
        problems: own,
      },
    ];
  });
  return { slos, problems };
}

/** Objectives with indicators of their own are the parts of one composite SLO. */
const hasOwnIndicator = (it: Value) => has(field(it, "indicator", "indicatorRef", "sli", "sliRef"));

/** How much a part weighs; one that weighs nothing, or less, is told and weighs as much as the others. */
function partOf(objective: Value, problems: SloProblem[]): NonNullable<Slo["part"]> {
  const at = field(objective, "compositeWeight");
  const weight = number(at);
  if (weight !== undefined && weight > 0) return { weight };
  if (has(at)) problems.push(problem("weight-range", "warning", at.range, { written: text(at) ?? "" }));
  return { weight: 1 };
}

function methodOf(of: Value, problems: SloProblem[]): BudgetingMethod {
  const written = text(of);
  switch (written?.toLowerCase()) {
    case "timeslices":
      return "timeslices";
    case "ratiotimeslices":
      return "ratio-timeslices";
    case "occurrences":
    case undefined:
      return "request-weighted";
    default:
      problems.push(problem("budgeting-method", "warning", of.range, { written: written ?? "" }));
      return "request-weighted";
  }
}

function windowOf(spec: Value, format: SloFormat, problems: SloProblem[]): Window {
  const list = field(spec, "timeWindow", "timeWindows");
  const first = items(list)[0] ?? (isMapping(list) ? list : undefined);
  // That it is missing is told with what is written instead.
  if (!first) return rolling(30 * DAY_SECONDS, "30d");
  const unit = field(first, "unit");
  const durationAt = field(first, "duration");
  const written =
    text(durationAt) ??
    (format === "openslo/v1alpha" && has(unit) ? `${text(field(first, "count")) ?? "1"} ${text(unit)}` : undefined);
  const seconds = written === undefined ? undefined : openSloSeconds(written);
  const short = openSloShorthand(written ?? "") ?? written;
  if (seconds === undefined || seconds <= 0) {
    problems.push(
      problem("window-duration", "warning", (has(unit) ? unit : durationAt).range, {
        written: written ?? "",
        example: "28d",
        days: "30",
      }),
    );
    return rolling(30 * DAY_SECONDS, "30d");
  }
  if (seconds < DAY_SECONDS) {
    const months = /^\d+m$/.test(written!) ? [write(durationAt.range, written!.replace("m", "M"))] : [];
    problems.push(problem("window-short", "warning", durationAt.range, { written: written! }, ...months));
  }
  const calendar = field(first, "calendar");
  if (isMapping(calendar)) {
    return {
      kind: "calendar",
      seconds,
      text: short!,
      start: text(field(calendar, "startTime")) ?? "1970-01-01 00:00:00",
      timeZone: text(field(calendar, "timeZone")) ?? "UTC",
    };
  }
  if (bool(field(first, "isRolling")) === false)
    problems.push(problem("window-calendar", "warning", field(first, "isRolling").range));
  return rolling(seconds, short!);
}

function sliceOf(objective: Value, method: BudgetingMethod): Slo["slice"] {
  if (method === "request-weighted") return undefined;
  const window = field(objective, "timeSliceWindow");
  const written = text(window);
  const minutes = number(window);
  const seconds =
    minutes !== undefined && /^\d+(\.\d+)?$/.test(written ?? "") ? minutes * 60 : (openSloSeconds(written ?? "") ?? 60);
  return { seconds, target: number(field(objective, "timeSliceTarget")) ?? 1 };
}

/** The indicator may stand in the objective, in the spec, or in a document of its own. */
function indicatorOf(
  spec: Value,
  objective: Value,
  format: SloFormat,
  source: string,
  references: References,
  problems: SloProblem[],
): Indicator {
  const v1alpha = format === "openslo/v1alpha" ? field(objective, "ratioMetrics") : undefined;
  if (v1alpha && isMapping(v1alpha)) return ratio(v1alpha, source, references, problems);
  for (const holder of [objective, spec]) {
    const inline = field(holder, "indicator", "sli");
    if (isMapping(inline))
      return metricOf(
        has(field(inline, "spec")) ? field(inline, "spec") : inline,
        objective,
        source,
        references,
        problems,
      );
    const reference = field(holder, "indicatorRef", "sliRef");
    const name = text(reference);
    if (name === undefined) continue;
    const found = references.get("SLI", name);
    if (found) {
      const isHere = found.source === source;
      const read = metricOf(field(found.root, "spec"), objective, found.source, references, isHere ? problems : []);
      return isHere ? read : fromElsewhere(read, found);
    }
    const meant = nearest(name, references.names("SLI"));
    const fixes = meant === undefined ? [] : [write(reference.range, meant)];
    problems.push(problem("indicator-unresolved", "warning", reference.range, { name }, ...fixes));
    return unknown("sli-not-found", { name });
  }
  problems.push(
    problem("indicator-missing", "error", spec.keyRange ?? spec.range, {
      field: format === "openslo/v2alpha" ? "sli" : "indicator",
    }),
  );
  return unknown("no-indicator");
}

/** An SLI of another file: its places mean nothing here, and what is wrong with it is told there. */
function fromElsewhere(indicator: Indicator, { holes = [] }: Referred): Indicator {
  return mapQueries(indicator, ({ text, dialect, range }) => ({
    text,
    dialect,
    ...(range && meets(holes, range) ? { isTemplated: true } : {}),
  }));
}

/** The indicator of an SLI's own document, for what its queries have to say of themselves. */
export function readSli(
  root: Value,
  source: string,
  references: References,
): { indicator: Indicator; problems: SloProblem[] } {
  const problems: SloProblem[] = [];
  return { indicator: metricOf(field(root, "spec"), NOTHING, source, references, problems), problems };
}

function metricOf(
  spec: Value,
  objective: Value,
  source: string,
  references: References,
  problems: SloProblem[],
): Indicator {
  const ratioMetric = field(spec, "ratioMetric", "ratioMetrics");
  if (isMapping(ratioMetric)) return ratio(ratioMetric, source, references, problems);
  const threshold = field(spec, "thresholdMetric");
  if (isMapping(threshold)) {
    const query = queryOf(threshold, source, references);
    if (!query) return unknown("other-query");
    const op = text(field(objective, "op", "operator"));
    const value = number(field(objective, "value"));
    return {
      type: "threshold",
      query,
      ...(op === "lte" || op === "gte" || op === "lt" || op === "gt" ? { op } : {}),
      ...(value !== undefined ? { value } : {}),
    };
  }
  return incomplete("no-metric", spec, problems);
}

function ratio(of: Value, source: string, references: References, problems: SloProblem[]): Indicator {
  const raw = queryOf(field(of, "raw"), source, references);
  if (raw)
    return text(field(of, "rawType")) === "failure"
      ? { type: "raw", errorRatio: raw }
      : { type: "raw", successRatio: raw };
  const total = queryOf(field(of, "total"), source, references);
  const good = queryOf(field(of, "good"), source, references);
  const bad = queryOf(field(of, "bad"), source, references);
  if (!total || (!good && !bad)) {
    const isWhole = has(field(of, "raw")) || (has(field(of, "total")) && has(field(of, "good", "bad")));
    return isWhole ? unknown("other-query") : incomplete("ratio-parts", of, problems);
  }
  if (good && isSame(good, total)) problems.push(problem("good-equals-total", "warning", good.range ?? of.range));
  if (bad && isSame(bad, total)) problems.push(problem("bad-equals-total", "warning", bad.range ?? of.range));
  return { type: "ratio", ...(good ? { good } : {}), ...(bad ? { bad } : {}), total, ...latencyOf(good ?? bad) };
}

/** Of PromQL only: other sources have more than a query to tell two metrics apart, and examples leave it open. */
const isSame = (one: Query, other: Query): boolean =>
  one.dialect === "promql" && other.dialect === "promql" && one.text.trim() === other.text.trim();

/** `le="0.3"` in the counted buckets tells the threshold, in the unit of the metric's name. */
export function latencyOf(query: Query | undefined): { latencyThresholdSeconds?: number } {
  if (query?.dialect !== "promql" || !query.text.includes("le")) return {};
  for (const { metric, matchers } of queryTools.selectorsOf(query.text)) {
    const le = matchers.find((it) => it.label === "le" && it.op === "=")?.value ?? "";
    if (!/^[\d.]+(?:e[-+]?\d+)?$/i.test(le) || !Number.isFinite(Number(le))) continue;
    return { latencyThresholdSeconds: Number((Number(le) * unitSeconds(metric)).toPrecision(12)) };
  }
  return {};
}

/** Seconds of a metric's unit; those of OpenTelemetry's older HTTP conventions are milliseconds and may not say so. */
function unitSeconds(metric: string): number {
  if (/milliseconds|_(?:ms|millis)(?:_|$)|^http_(?:server|client)_duration(?:_bucket)?$/.test(metric)) return 1e-3;
  if (/microseconds|_(?:us|micros)(?:_|$)/.test(metric)) return 1e-6;
  return /nanoseconds|_(?:ns|nanos)(?:_|$)/.test(metric) ? 1e-9 : 1;
}

const PROMETHEUS =
  /^(prometheus|sloth|thanos|mimir|cortex|victoria-?metrics|amazon-?managed-?prometheus|amp|google-?managed-?prometheus|grafana.*|promql)$/i;

/** The query of a metric source, whatever its free form: `spec.query`, `query`, `spec.promql`. */
function queryOf(of: Value, source: string, references: References): Query | undefined {
  if (!has(of)) return undefined;
  const holder = isMapping(field(of, "metricSource")) ? field(of, "metricSource") : of;
  const spec = isMapping(field(holder, "spec"))
    ? field(holder, "spec")
    : isMapping(field(holder, "metricSourceSpec"))
      ? field(holder, "metricSourceSpec")
      : holder;
  for (const name of ["query", "promql", "promQL", "expr", "queryExpression"]) {
    const found = field(spec, name);
    const written = text(found);
    if (written === undefined) continue;
    const referred = text(field(holder, "metricSourceRef", "dataSourceRef"));
    const type =
      text(field(holder, "type")) ??
      text(field(holder, "source")) ??
      text(path(holder, "dataSourceSpec", "type")) ??
      dataSourceType(referred, references);
    const kind = text(field(holder, "queryType"));
    // Of a source that is not in the workspace nothing is known, so a text that is no PromQL is no mistake.
    const isKnown = type !== undefined || referred === undefined || PROMETHEUS.test(referred);
    const isPromql =
      (type === undefined || PROMETHEUS.test(type)) &&
      (kind === undefined || /promql/i.test(kind)) &&
      (isKnown || queryTools.selectorsOf(written).length > 0);
    const range: TextRange | undefined = contentRange(found, source);
    return { text: written, ...(range ? { range } : {}), dialect: isPromql ? "promql" : "other" };
  }
  return undefined;
}

function dataSourceType(name: string | undefined, references: References): string | undefined {
  return name === undefined
    ? undefined
    : text(path(references.get("DataSource", name)?.root ?? NOTHING, "spec", "type"));
}

const NOTHING: Value = { node: undefined, range: { start: 0, end: 0 } };
