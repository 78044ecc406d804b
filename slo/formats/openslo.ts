/** OpenSLO v1, v1alpha and v2alpha. Fields by its specification; what its SDK refuses though examples have it, loads here. */
import type { BudgetingMethod, Indicator, Query, Slo, SloFormat, SloProblem, TextRange, Window } from "../model.ts";
import { problem, write } from "../problem-texts.ts";
import { bool, contentRange, field, has, isMapping, items, number, path, text, texts, type Value } from "./document.ts";
import { DAY_SECONDS, openSloSeconds, rolling } from "./duration.ts";
import { endpointRefs, plainNumber, ratioOf } from "./shared.ts";

/** Objects of other kinds that SLOs refer to, by `kind/name`. */
export interface References {
  readonly get: (kind: string, name: string) => { readonly root: Value; readonly source: string } | undefined;
}

export function openSloFormat(apiVersion: string | undefined): SloFormat | undefined {
  if (apiVersion === "openslo/v1") return "openslo/v1";
  if (apiVersion === "openslo/v1alpha") return "openslo/v1alpha";
  return apiVersion === "openslo.com/v2alpha" ? "openslo/v2alpha" : undefined;
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
  const objectives = items(field(spec, "objectives"));
  if (objectives.length === 0) problems.push(problem("objectives-missing", "error", field(spec, "objectives").range));
  const slos = objectives.flatMap((objective, index): Loaded[] => {
    const own: SloProblem[] = [];
    const percent = field(objective, "targetPercent");
    const targetAt = has(percent) ? percent : field(objective, "target");
    const written = number(targetAt);
    if (written === undefined) {
      problems.push(problem("target-missing", "error", objective.range, { fields: "`target` (or `targetPercent`)" }));
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
    if (target === 1) own.push(problem("target-hundred", "warning", targetAt.range));
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
  if (!first) {
    problems.push(problem("window-missing", "warning", spec.keyRange ?? list.range));
    return rolling(30 * DAY_SECONDS, "30d");
  }
  const unit = field(first, "unit");
  const durationAt = field(first, "duration");
  const written =
    text(durationAt) ??
    (format === "openslo/v1alpha" && has(unit) ? `${text(field(first, "count")) ?? "1"} ${text(unit)}` : undefined);
  const seconds =
    written === undefined
      ? undefined
      : has(unit) && !has(durationAt)
        ? (number(field(first, "count")) ?? 1) * (openSloSeconds(text(unit) ?? "") ?? 0) || undefined
        : openSloSeconds(written);
  if (seconds === undefined || seconds <= 0) {
    problems.push(
      problem("window-duration", "warning", durationAt.range, { written: written ?? "", example: "28d", days: "30" }),
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
      text: written!,
      start: text(field(calendar, "startTime")) ?? "1970-01-01 00:00:00",
      timeZone: text(field(calendar, "timeZone")) ?? "UTC",
    };
  }
  if (bool(field(first, "isRolling")) === false)
    problems.push(problem("window-calendar", "warning", field(first, "isRolling").range));
  return rolling(seconds, written!);
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
    if (found) return metricOf(field(found.root, "spec"), objective, found.source, references, problems);
    problems.push(problem("indicator-unresolved", "warning", reference.range, { name }));
    return { type: "unknown", why: `the SLI \`${name}\` was not found` };
  }
  problems.push(
    problem("indicator-missing", "error", spec.keyRange ?? spec.range, {
      field: format === "openslo/v2alpha" ? "sli" : "indicator",
    }),
  );
  return { type: "unknown", why: "the document names no indicator" };
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
    if (!query) return { type: "unknown", why: "the threshold metric has no query" };
    const op = text(field(objective, "op"));
    const value = number(field(objective, "value"));
    return {
      type: "threshold",
      query,
      ...(op === "lte" || op === "gte" || op === "lt" || op === "gt" ? { op } : {}),
      ...(value !== undefined ? { value } : {}),
    };
  }
  return { type: "unknown", why: "the indicator has neither ratioMetric nor thresholdMetric" };
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
  if (!total || (!good && !bad)) return { type: "unknown", why: "a ratio needs `total` and one of `good` and `bad`" };
  if (good && good.text.trim() === total.text.trim())
    problems.push(problem("good-equals-total", "warning", good.range ?? of.range));
  if (bad && bad.text.trim() === total.text.trim())
    problems.push(problem("bad-equals-total", "warning", bad.range ?? of.range));
  return { type: "ratio", ...(good ? { good } : {}), ...(bad ? { bad } : {}), total, ...latencyOf(good ?? bad) };
}

/** `le="0.3"` in the counted buckets tells the threshold. */
export function latencyOf(query: Query | undefined): { latencyThresholdSeconds?: number } {
  const le = /\ble\s*=\s*"([\d.]+)"/.exec(query?.text ?? "")?.[1];
  const seconds = le === undefined ? Number.NaN : Number(le);
  return Number.isFinite(seconds) ? { latencyThresholdSeconds: seconds } : {};
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
    const type =
      text(field(holder, "type")) ??
      text(field(holder, "source")) ??
      dataSourceType(text(field(holder, "metricSourceRef", "dataSourceRef")), references);
    const kind = text(field(holder, "queryType"));
    const isPromql = (type === undefined || PROMETHEUS.test(type)) && (kind === undefined || /promql/i.test(kind));
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
