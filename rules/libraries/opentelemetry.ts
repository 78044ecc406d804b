import {
  type CallView,
  type DeclaredMetric,
  defineLibrary,
  type Meaning,
  type Member,
  type MetricMeaning,
  type Scoped,
} from "../../engine/index.ts";
import { bucketsOf, declaration } from "../_shared/declared-metric.ts";
import { labelsOf } from "../_shared/metric-labels.ts";

/** The SDK's cardinality limit (`aggregationCardinalityLimit`): measured, sdk-metrics 2.12, 8,001 of 10,000 values fell into one point. */
const KEEPS = 2_000;

const measure: Member = {
  call: {
    meaning: (call: CallView): MetricMeaning | undefined => {
      const labels = labelsOf(call.program, call.arg(1));
      return labels.length === 0
        ? undefined
        : { kind: "metric", client: "OpenTelemetry", of: "labels", labels, keeps: KEEPS };
    },
  },
};
const names = (call: CallView): MetricMeaning | undefined => {
  const value = call.arg(0);
  return value
    ? { kind: "metric", client: "OpenTelemetry", of: "span-name", labels: [{ name: "", value }] }
    : undefined;
};
/** Of the SDK, where an instrument gives no advice: made for milliseconds (view/Aggregation.js of sdk-metrics 2.12). */
const SDK_BUCKETS = [0, 5, 10, 25, 50, 75, 100, 250, 500, 750, 1000, 2500, 5000, 7500, 10_000];
/** Of the HTTP instrumentation since 0.221, which measures in seconds (http.js of instrumentation-http 0.223). */
const HTTP_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];
/** Suffixes that Prometheus' own receiver and the collector put behind a name; the JavaScript exporter leaves them out. */
const UNITS: Readonly<Record<string, string>> = {
  s: "seconds",
  ms: "milliseconds",
  us: "microseconds",
  ns: "nanoseconds",
  min: "minutes",
  h: "hours",
  d: "days",
  By: "bytes",
};

type Declared = Omit<DeclaredMetric, "client" | "path" | "at">;

/** A name as Prometheus has it; `*` stays. */
const sanitized = (name: string): string => name.replace(/[^\w*]/g, "_").replace(/_{2,}/g, "_");

/** A metric under the names that exporters give it. Its attributes are told only where it is recorded. */
function named(
  type: "histogram" | "counter",
  written: string,
  unit: string | undefined,
  buckets?: readonly number[],
): Declared {
  const own = sanitized(written);
  const suffix = unit === undefined ? undefined : UNITS[unit];
  const long = suffix === undefined || own.endsWith(`_${suffix}`) ? own : `${own}_${suffix}`;
  const names = [own, long].map((it) => (type === "counter" && !it.endsWith("_total") ? `${it}_total` : it));
  return {
    name: names[0]!,
    ...(names[1] === names[0] ? {} : { also: [names[1]!] }),
    type,
    labels: [],
    ...(buckets ? { buckets } : {}),
  };
}

/** `meter.createHistogram(name, { unit, advice: { explicitBucketBoundaries } })` */
const created =
  (type: "histogram" | "counter") =>
  (call: CallView): Meaning | undefined => {
    const name = call.text(call.arg(0));
    if (name === undefined) return undefined;
    const unit = call.option(1, "unit");
    const boundaries = call.option(1, "advice.explicitBucketBoundaries");
    const buckets = type === "histogram" ? bucketsOf(call, SDK_BUCKETS, boundaries) : undefined;
    return declaration("OpenTelemetry", named(type, name, unit.is === "yes" ? call.text(unit.at) : undefined, buckets));
  };

/**
 * What a view makes of the histograms that it selects: `{ instrumentName, aggregation: { type, options: { boundaries } } }`
 * of SDK 2, `new View({ instrumentName, aggregation: new ExplicitBucketHistogramAggregation(boundaries) })` of SDK 1. One
 * that says nothing of buckets is none of ours; one whose buckets cannot be read makes them unknown.
 */
function viewed(call: CallView, options: Scoped): readonly Declared[] {
  const { program } = call;
  const aggregation = program.property(options, "aggregation");
  if (aggregation.is === "no") return [];
  const renamed = program.property(options, "name");
  const selected = program.property(options, "instrumentName");
  const from = renamed.is === "no" ? selected : renamed;
  const name = from.is === "yes" ? call.text(from.at) : from.is === "no" ? "*" : undefined;
  const unit = program.property(options, "instrumentUnit");
  const buckets = aggregation.is === "yes" ? boundariesIn(call, aggregation.at) : undefined;
  return [named("histogram", name ?? "*", unit.is === "yes" ? call.text(unit.at) : undefined, buckets)];
}

function boundariesIn(call: CallView, { value, file, env }: Scoped): readonly number[] | undefined {
  if (value.k === "call") {
    const [first] = file.calls[value.c]!.args;
    const callee = call.program.callee(file, value.c, env);
    const isExplicit = callee.k === "method" && callee.name === "ExplicitBucketHistogramAggregation";
    return isExplicit && first ? bucketsOf(call, undefined, { is: "yes", at: { value: first, file, env } }) : undefined;
  }
  const options = call.program.property({ value, file, env }, "options");
  return options.is === "yes" ? bucketsOf(call, undefined, call.program.property(options.at, "boundaries")) : undefined;
}

/** `new MeterProvider({ views })` and `new NodeSDK({ views })`; a `View` that is made there speaks for itself. */
function provided(call: CallView): Meaning | undefined {
  const views = call.option(0, "views");
  const list = views.is === "yes" ? call.origin(views.at) : undefined;
  if (list?.k !== "arr")
    return views.is === "no" ? undefined : declaration("OpenTelemetry", named("histogram", "*", undefined));
  const metrics = list.items.flatMap((it) => (it.value.k === "call" ? [] : viewed(call, it)));
  return metrics.length > 0 ? declaration("OpenTelemetry", ...metrics) : undefined;
}

function viewMade(call: CallView): Meaning | undefined {
  const options = call.arg(0);
  const metrics = options ? viewed(call, options) : [];
  return metrics.length > 0 ? declaration("OpenTelemetry", ...metrics) : undefined;
}

/** The instrumentation of Node's HTTP measures every request; under other names and in milliseconds before 0.221. */
function httpMeasured(call: CallView): Meaning | undefined {
  const version = /^0\.(\d+)\./.exec(call.version("@opentelemetry/instrumentation-http") ?? "");
  if (!version || Number(version[1]) < 221) return undefined;
  return declaration("OpenTelemetry", named("histogram", "http.server.request.duration", "s", HTTP_BUCKETS));
}

const instrument: Member = { call: { returns: "Instrument" } };
const observable: Member = { call: { returns: "ObservableInstrument" } };

export default defineLibrary({
  name: "opentelemetry",
  packages: [
    "@opentelemetry/api",
    "@opentelemetry/sdk-metrics",
    "@opentelemetry/sdk-node",
    "@opentelemetry/instrumentation-http",
    "@opentelemetry/auto-instrumentations-node",
  ],
  exports: {
    MeterProvider: { construct: { returns: "MeterProvider", meaning: provided } },
    NodeSDK: { construct: { returns: "NodeSDK", meaning: provided } },
    View: { construct: { returns: "View", meaning: viewMade } },
    ExplicitBucketHistogramAggregation: { construct: { returns: "Aggregation" } },
    getNodeAutoInstrumentations: { call: { returns: "Instrumentation", meaning: httpMeasured } },
    HttpInstrumentation: { construct: { returns: "Instrumentation", meaning: httpMeasured } },
    metrics: { type: "MetricsAPI" },
    trace: { type: "TraceAPI" },
  },
  types: {
    MetricsAPI: { members: { getMeter: { call: { returns: "Meter" } } } },
    Meter: {
      members: {
        createCounter: { call: { returns: "Instrument", meaning: created("counter") } },
        createUpDownCounter: instrument,
        createHistogram: { call: { returns: "Instrument", meaning: created("histogram") } },
        createGauge: instrument,
        createObservableGauge: observable,
        createObservableCounter: observable,
        createObservableUpDownCounter: observable,
      },
    },
    MeterProvider: { members: { getMeter: { call: { returns: "Meter" } } } },
    Instrument: { members: { add: measure, record: measure } },
    NodeSDK: {},
    View: {},
    Aggregation: {},
    Instrumentation: {},
    ObservableInstrument: { members: { addCallback: { call: { callbacks: { 0: ["Observation"] } } } } },
    Observation: { members: { observe: measure } },
    TraceAPI: {
      members: {
        getTracer: { call: { returns: "Tracer" } },
        getActiveSpan: { call: { returns: "Span" } },
        getSpan: { call: { returns: "Span" } },
      },
    },
    TracerProvider: { members: { getTracer: { call: { returns: "Tracer" } } } },
    Tracer: {
      members: {
        startSpan: { call: { returns: "Span", meaning: names } },
        startActiveSpan: { call: { meaning: names, callbacks: { 1: ["Span"], 2: ["Span"], 3: ["Span"] } } },
      },
    },
    Span: { members: { updateName: { call: { returns: "this", meaning: names } } } },
  },
  typeNames: {
    Counter: "Instrument",
    Histogram: "Instrument",
    UpDownCounter: "Instrument",
    Gauge: "Instrument",
    ObservableGauge: "ObservableInstrument",
    ObservableCounter: "ObservableInstrument",
    ObservableResult: "Observation",
  },
});
