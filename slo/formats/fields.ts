/**
 * Which fields the tools know, as small tables: what is not in them is told as unknown, what is in them is offered.
 * Read off OpenSLO's specification and go-sdk, Sloth's `pkg/prometheus/api` and Pyrra's CRD.
 */
import type { SloFormat } from "../model.ts";

export interface Shape {
  /** Fields of a mapping, or of each element where `isList`. Absent for a scalar and for what is free. */
  readonly fields?: Readonly<Record<string, Shape>>;
  readonly isList?: boolean;
  /** Of each value in a mapping whose keys are free. */
  readonly entries?: Shape;
  /** What another version of the format calls a field, with its name here. */
  readonly renamed?: Readonly<Record<string, string>>;
  /** The field that a bare name in a list stands for, where people leave it out. */
  readonly nameField?: string;
  /** Values a scalar may have. */
  readonly values?: readonly string[];
  /** The kind whose name stands here. */
  readonly refers?: string;
  /** What the free keys of a mapping name. */
  readonly keyRefers?: "rule" | "slo" | "endpoint" | "folder";
  /** A PromQL query stands here. */
  readonly isQuery?: boolean;
  /** What the tool reads it into, and refuses the other for: a number in quotes, a text without, a number as a text. */
  readonly type?: "number" | "text" | "numeral";
  /** The form that names must have here. */
  readonly form?: NameForm;
}

export type NameForm = "label" | "object" | "sloth";

/** What a name may look like, and how grave another is. */
export const nameForms: Readonly<
  Record<
    NameForm,
    { readonly pattern: RegExp; readonly limit: number; readonly severity: "warning" | "information" | "hint" }
  >
> = {
  // RFC 1123. Only OpenSLO's SDK minds; the specification's own examples break it.
  label: { pattern: /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/, limit: 63, severity: "hint" },
  // Pyrra reads files that no cluster ever sees.
  object: { pattern: /^[a-z0-9](?:[-.a-z0-9]*[a-z0-9])?$/, limit: 253, severity: "information" },
  // Sloth's expression asks for two characters.
  sloth: { pattern: /^[A-Za-z0-9][-A-Za-z0-9_.]*[A-Za-z0-9]$/, limit: 1000, severity: "warning" },
};

const any: Shape = {};
const of = (fields: Readonly<Record<string, Shape>>, more: Partial<Shape> = {}): Shape => ({ fields, ...more });
const list = (fields: Readonly<Record<string, Shape>>, more: Partial<Shape> = {}): Shape => ({
  fields,
  isList: true,
  ...more,
});
const oneOf = (...values: readonly string[]): Shape => ({ values });
const truth = oneOf("true", "false");
const ref = (refers: string): Shape => ({ refers });
const query: Shape = { isQuery: true };
const number: Shape = { type: "number" };
const named = (form: NameForm): Shape => ({ form });
/** Kubernetes takes texts alone in these. */
const textMap: Shape = { entries: { type: "text" } };
const names = (...all: readonly string[]): Record<string, Shape> => Object.fromEntries(all.map((it) => [it, any]));

const METHODS = oneOf("Occurrences", "Timeslices", "RatioTimeslices");
const OPS = oneOf("lte", "gte", "lt", "gt");

// --- OpenSLO, all versions -----------------------------------------------------------------------------------------

const metadata = of({ name: named("label"), ...names("namespace", "displayName", "labels", "annotations") });
const calendar = of(names("startTime", "timeZone"));
const timeWindow = list({ duration: any, isRolling: truth, calendar });
const dataSource = of(names("type", "connectionDetails", "description"));
const goal = { displayName: any, op: OPS, value: number, target: number, timeSliceTarget: number };

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
  conditions: list(
    { conditionRef: ref("AlertCondition"), kind: any, metadata, spec: conditionSpec },
    { nameField: "conditionRef" },
  ),
  notificationTargets: list(
    { targetRef: ref("AlertNotificationTarget"), kind: any, metadata, spec: targetSpec },
    { nameField: "targetRef" },
  ),
});
const policies = list(
  { alertPolicyRef: ref("AlertPolicy"), kind: any, metadata, spec: policySpec },
  { nameField: "alertPolicyRef" },
);

function sli(source: Readonly<Record<string, Shape>>, renamed: Shape["renamed"] = {}): Readonly<Record<string, Shape>> {
  const metric = of(source, { renamed });
  return {
    description: any,
    thresholdMetric: metric,
    ratioMetric: of({
      counter: truth,
      good: metric,
      bad: metric,
      total: metric,
      raw: metric,
      rawType: oneOf("success", "failure"),
    }),
  };
}

function openSlo(
  apiVersions: readonly string[],
  slo: Shape,
  sliFields: Readonly<Record<string, Shape>>,
): Record<string, Shape> {
  const kinds: Readonly<Record<string, Shape>> = {
    SLO: slo,
    SLI: of(sliFields),
    Service: of(names("description")),
    DataSource: dataSource,
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

// --- OpenSLO v1 ----------------------------------------------------------------------------------------------------

const v1Source = { metricSourceRef: ref("DataSource"), type: any, spec: any };
const v1Sli = sli({ metricSource: of(v1Source, { renamed: { dataSourceRef: "metricSourceRef" } }), ...v1Source });
const v1Indicator = of({ metadata, spec: of(v1Sli) });
const v1Slo = of(
  {
    description: any,
    service: ref("Service"),
    indicator: v1Indicator,
    indicatorRef: ref("SLI"),
    timeWindow,
    budgetingMethod: METHODS,
    objectives: list(
      {
        ...goal,
        targetPercent: number,
        timeSliceWindow: any,
        indicator: v1Indicator,
        indicatorRef: ref("SLI"),
        compositeWeight: number,
      },
      { renamed: { sli: "indicator", sliRef: "indicatorRef", operator: "op" } },
    ),
    alertPolicies: policies,
  },
  { renamed: { sli: "indicator", sliRef: "indicatorRef", serviceRef: "service", timeWindows: "timeWindow" } },
);

// --- OpenSLO v2alpha -----------------------------------------------------------------------------------------------

const v2Sli = sli(
  { dataSourceRef: ref("DataSource"), dataSourceSpec: dataSource, spec: any },
  { metricSourceRef: "dataSourceRef" },
);
const v2Indicator = of({ metadata, spec: of(v2Sli) });
const v2Slo = of(
  {
    description: any,
    serviceRef: ref("Service"),
    sli: v2Indicator,
    sliRef: ref("SLI"),
    timeWindow,
    budgetingMethod: METHODS,
    objectives: list(
      {
        ...goal,
        labels: any,
        targetPercent: number,
        timeSliceWindow: any,
        sli: v2Indicator,
        sliRef: ref("SLI"),
        compositeWeight: number,
      },
      { renamed: { indicator: "sli", indicatorRef: "sliRef", operator: "op" } },
    ),
    alertPolicies: policies,
  },
  // The enhancement's text says `service`, the SDK reads `serviceRef`.
  { renamed: { indicator: "sli", indicatorRef: "sliRef", service: "serviceRef", timeWindows: "timeWindow" } },
);

// --- OpenSLO v1alpha -----------------------------------------------------------------------------------------------

const v1alphaMetric = of({ source: any, queryType: any, query, metadata: any });
const v1alphaRatio = of({
  incremental: truth,
  counter: truth,
  good: v1alphaMetric,
  bad: v1alphaMetric,
  total: v1alphaMetric,
});
const v1alphaSlo = of(
  {
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
    objectives: list({ ...goal, ratioMetrics: v1alphaRatio }, { renamed: { ratioMetric: "ratioMetrics" } }),
  },
  { renamed: { timeWindow: "timeWindows" } },
);

// --- Sloth ---------------------------------------------------------------------------------------------------------

const plugins = of({ overridePrevious: truth, chain: list(names("id", "config", "priority")) });

function slothSlos(is: (snake: string, camel: string) => string): Shape {
  const alert = of({ disable: truth, labels: any, annotations: any });
  return list({
    name: named("sloth"),
    objective: number,
    ...names("description", "labels"),
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
  service: named("sloth"),
  labels: any,
  slo_plugins: plugins,
  slos: slothSlos((snake) => snake),
});

/** Fields of every object in Kubernetes; the rest of them is the cluster's. */
const k8sMetadata = of(
  { name: named("object"), namespace: any, labels: textMap, annotations: textMap },
  { entries: any },
);
const slothCrd = of({
  apiVersion: oneOf("sloth.slok.dev/v1"),
  kind: oneOf("PrometheusServiceLevel"),
  metadata: k8sMetadata,
  spec: of({
    service: named("sloth"),
    labels: textMap,
    sloPlugins: plugins,
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
    target: { type: "numeral" },
    ...names("description", "window", "partial_response_strategy", "ruleOutput"),
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
