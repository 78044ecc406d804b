import { type CallView, defineLibrary, type Member, type MetricMeaning } from "../../engine/index.ts";
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
const instrument: Member = { call: { returns: "Instrument" } };
const observable: Member = { call: { returns: "ObservableInstrument" } };

export default defineLibrary({
  name: "opentelemetry",
  packages: ["@opentelemetry/api"],
  exports: {
    metrics: { type: "MetricsAPI" },
    trace: { type: "TraceAPI" },
  },
  types: {
    MetricsAPI: { members: { getMeter: { call: { returns: "Meter" } } } },
    Meter: {
      members: {
        createCounter: instrument,
        createUpDownCounter: instrument,
        createHistogram: instrument,
        createGauge: instrument,
        createObservableGauge: observable,
        createObservableCounter: observable,
        createObservableUpDownCounter: observable,
      },
    },
    MeterProvider: { members: { getMeter: { call: { returns: "Meter" } } } },
    Instrument: { members: { add: measure, record: measure } },
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
