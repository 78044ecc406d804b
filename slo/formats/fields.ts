/**
 * Which fields the tools know, as small tables: what is not in them is told as unknown, what is in them is offered.
 * Read off OpenSLO's specification and go-sdk, Sloth's `pkg/prometheus/api` and Pyrra's CRD.
 */
import type { SloFormat } from "../model.ts";

export interface Shape {
  /** Fields of a mapping, or of each element where `isList`. Absent for a scalar and for what is free. */
  readonly fields?: Readonly<Record<string, Shape>>;
  readonly isList?: boolean;
  /** Values a scalar may have. */
  readonly values?: readonly string[];
  /** The kind whose name stands here. */
  readonly refers?: string;
  /** A PromQL query stands here. */
  readonly isQuery?: boolean;
}

const any: Shape = {};
const of = (fields: Readonly<Record<string, Shape>>): Shape => ({ fields });
const list = (fields: Readonly<Record<string, Shape>>): Shape => ({ fields, isList: true });
const oneOf = (...values: readonly string[]): Shape => ({ values });
const truth = oneOf("true", "false");
const ref = (refers: string): Shape => ({ refers });
const query: Shape = { isQuery: true };
const names = (...all: readonly string[]): Record<string, Shape> => Object.fromEntries(all.map((it) => [it, any]));

const METHODS = oneOf("Occurrences", "Timeslices", "RatioTimeslices");
const OPS = oneOf("lte", "gte", "lt", "gt");

// --- OpenSLO v1 ----------------------------------------------------------------------------------------------------

const metadata = of(names("name", "namespace", "displayName", "labels", "annotations"));
const calendar = of(names("startTime", "timeZone"));

function metric(source: Readonly<Record<string, Shape>>): Shape {
  return of({ metricSource: of(source), ...source });
}

function sli(source: Readonly<Record<string, Shape>>): Readonly<Record<string, Shape>> {
  const one = metric(source);
  return {
    description: any,
    thresholdMetric: one,
    ratioMetric: of({
      counter: truth,
      good: one,
      bad: one,
      total: one,
      raw: one,
      rawType: oneOf("success", "failure"),
    }),
  };
}

const v1Source = { metricSourceRef: ref("DataSource"), type: any, spec: any };
const v1Sli = sli(v1Source);
const v1Indicator = of({ metadata, spec: of(v1Sli) });
const condition = of({
  kind: oneOf("burnrate"),
  op: OPS,
  ...names("threshold", "lookbackWindow", "alertAfter"),
});
const conditionSpec = of({ ...names("severity", "description"), condition });
const targetSpec = of(names("target", "description"));
const policySpec = of({
  description: any,
  alertWhenNoData: truth,
  alertWhenResolved: truth,
  alertWhenBreaching: truth,
  conditions: list({ conditionRef: ref("AlertCondition"), kind: any, metadata, spec: conditionSpec }),
  notificationTargets: list({ targetRef: ref("AlertNotificationTarget"), kind: any, metadata, spec: targetSpec }),
});
const policies = list({ alertPolicyRef: ref("AlertPolicy"), kind: any, metadata, spec: policySpec });

const v1Slo = of({
  description: any,
  service: ref("Service"),
  indicator: v1Indicator,
  indicatorRef: ref("SLI"),
  timeWindow: list({ duration: any, isRolling: truth, calendar }),
  budgetingMethod: METHODS,
  objectives: list({
    ...names("displayName", "value", "target", "targetPercent", "timeSliceTarget", "timeSliceWindow"),
    op: OPS,
    indicator: v1Indicator,
    indicatorRef: ref("SLI"),
    compositeWeight: any,
  }),
  alertPolicies: policies,
});

// --- OpenSLO v2alpha -----------------------------------------------------------------------------------------------

const v2Source = {
  dataSourceRef: ref("DataSource"),
  dataSourceSpec: of(names("type", "connectionDetails", "description")),
  spec: any,
};
const v2Sli = sli(v2Source);
const v2Indicator = of({ metadata, spec: of(v2Sli) });
const v2Slo = of({
  description: any,
  service: ref("Service"),
  serviceRef: ref("Service"),
  sli: v2Indicator,
  sliRef: ref("SLI"),
  timeWindow: list({ duration: any, isRolling: truth, calendar }),
  budgetingMethod: METHODS,
  objectives: list({
    ...names("displayName", "value", "target", "targetPercent", "timeSliceTarget", "timeSliceWindow"),
    op: OPS,
    operator: OPS,
    sli: v2Indicator,
    sliRef: ref("SLI"),
    compositeWeight: any,
  }),
  alertPolicies: policies,
});

// --- OpenSLO v1alpha -----------------------------------------------------------------------------------------------

const v1alphaMetric = of({ source: any, queryType: any, query, metadata: any });
const v1alphaRatio = of({
  incremental: truth,
  counter: truth,
  good: v1alphaMetric,
  bad: v1alphaMetric,
  total: v1alphaMetric,
});
const v1alphaSlo = of({
  description: any,
  service: ref("Service"),
  indicator: of({ thresholdMetric: v1alphaMetric }),
  timeWindows: list({
    unit: oneOf("Second", "Minute", "Hour", "Day", "Week", "Month", "Quarter", "Year"),
    count: any,
    isRolling: truth,
    calendar,
  }),
  budgetingMethod: METHODS,
  objectives: list({
    ...names("displayName", "value", "target", "timeSliceTarget"),
    op: OPS,
    ratioMetrics: v1alphaRatio,
  }),
});

function openSlo(
  apiVersions: readonly string[],
  slo: Shape,
  sliFields: Readonly<Record<string, Shape>>,
): Record<string, Shape> {
  const kinds: Readonly<Record<string, Shape>> = {
    SLO: slo,
    SLI: of(sliFields),
    Service: of(names("description")),
    DataSource: of(names("type", "connectionDetails", "description")),
    AlertPolicy: policySpec,
    AlertCondition: conditionSpec,
    AlertNotificationTarget: targetSpec,
  };
  return Object.fromEntries(
    Object.entries(kinds).map(([kind, spec]) => [
      kind,
      of({ apiVersion: oneOf(...apiVersions), kind: oneOf(...Object.keys(kinds), "Datasource"), metadata, spec }),
    ]),
  );
}

// --- Sloth ---------------------------------------------------------------------------------------------------------

function slothSlos(is: (snake: string, camel: string) => string): Shape {
  const alert = of({ disable: truth, labels: any, annotations: any });
  const plugins = of({ overridePrevious: truth, chain: list(names("id", "config", "priority")) });
  return list({
    ...names("name", "description", "objective", "labels"),
    plugins,
    sli: of({
      events: of({ [is("error_query", "errorQuery")]: query, [is("total_query", "totalQuery")]: query }),
      raw: of({ [is("error_ratio_query", "errorRatioQuery")]: query }),
      plugin: of(names("id", "options")),
    }),
    alerting: of({
      ...names("name", "labels", "annotations"),
      [is("page_alert", "pageAlert")]: alert,
      [is("ticket_alert", "ticketAlert")]: alert,
    }),
  });
}

const sloth = of({
  version: oneOf("prometheus/v1"),
  ...names("service", "labels"),
  slo_plugins: of({ overridePrevious: truth, chain: list(names("id", "config", "priority")) }),
  slos: slothSlos((snake) => snake),
});

const k8sMetadata = any;
const slothCrd = of({
  apiVersion: oneOf("sloth.slok.dev/v1"),
  kind: oneOf("PrometheusServiceLevel"),
  metadata: k8sMetadata,
  spec: of({
    ...names("service", "labels"),
    sloPlugins: of({ overridePrevious: truth, chain: list(names("id", "config", "priority")) }),
    slos: slothSlos((_, camel) => camel),
  }),
  status: any,
});

// --- Pyrra ---------------------------------------------------------------------------------------------------------

const pyrraMetric = of({ metric: query });
const pyrra = of({
  apiVersion: oneOf("pyrra.dev/v1alpha1"),
  kind: oneOf("ServiceLevelObjective"),
  metadata: k8sMetadata,
  spec: of({
    ...names("description", "target", "window", "partial_response_strategy", "ruleOutput"),
    performanceOverAccuracy: truth,
    indicator: of({
      ratio: of({ errors: pyrraMetric, total: pyrraMetric, grouping: any }),
      latency: of({ success: pyrraMetric, total: pyrraMetric, grouping: any }),
      latencyNative: of({ latency: any, total: pyrraMetric, grouping: any }),
      bool_gauge: of({ metric: query, grouping: any }),
    }),
    alerting: of({
      ...names("name", "absentName", "severities"),
      disabled: truth,
      burnrates: truth,
      absent: truth,
    }),
  }),
  status: any,
});

const shapes: Readonly<Record<SloFormat, Readonly<Record<string, Shape>>>> = {
  "openslo/v1": openSlo(["openslo/v1", "openslo.com/v1"], v1Slo, v1Sli),
  "openslo/v1alpha": openSlo(["openslo/v1alpha"], v1alphaSlo, {
    thresholdMetric: v1alphaMetric,
    ratioMetric: v1alphaRatio,
  }),
  "openslo/v2alpha": openSlo(["openslo.com/v2alpha"], v2Slo, v2Sli),
  sloth: { "": sloth },
  "sloth-crd": { PrometheusServiceLevel: slothCrd },
  pyrra: { ServiceLevelObjective: pyrra },
};

/** A kind under the name that OpenSLO has for it: its Kubernetes operator calls a data source differently. */
export function kindOf(kind: string): string {
  return kind === "Datasource" ? "DataSource" : kind;
}

/** The fields of a kind of document; undefined for a kind the format has not. */
export function shapeOf(format: SloFormat, kind: string): Shape | undefined {
  return shapes[format][format === "sloth" ? "" : kindOf(kind)];
}

/** Kinds a format has. */
export function kindsOf(format: SloFormat): readonly string[] {
  return Object.keys(shapes[format]).filter((it) => it !== "");
}

/** The name of the tool that reads a format, for messages. */
export function toolOf(format: SloFormat): string {
  return format.startsWith("openslo") ? "OpenSLO" : format === "pyrra" ? "Pyrra" : "Sloth";
}
