import {
  type CallView,
  type DeclaredMetric,
  defineLibrary,
  type Member,
  type MetricMeaning,
  type Scoped,
} from "../../engine/index.ts";
import { declaredMetric } from "../_shared/declared-metric.ts";
import { labelsOf } from "../_shared/metric-labels.ts";

const meant = (labels: MetricMeaning["labels"]): MetricMeaning | undefined =>
  labels.length === 0 ? undefined : { kind: "metric", client: "prom-client", of: "labels", labels };

/** `inc({ method }, 1)`, and with exemplars `inc({ labels: { method }, value: 1, exemplarLabels })`. */
function byObject(call: CallView): MetricMeaning | undefined {
  const inner = call.option(0, "labels");
  const found: Scoped | undefined = inner.is === "yes" ? inner.at : call.arg(0);
  return meant(labelsOf(call.program, found));
}

/** `labels({ method })` or `labels("GET", "200")`, in the order of `labelNames`. */
function byPosition(call: CallView): MetricMeaning | undefined {
  const labels = labelsOf(call.program, call.arg(0));
  if (labels.length > 0 || call.hasSpread) return meant(labels);
  const created = call.recv?.via ? call.program.view(call.recv.via).option(0, "labelNames") : undefined;
  const list = created?.is === "yes" ? call.origin(created.at) : undefined;
  const names = list?.k === "arr" ? list.items.map((it) => call.text(it)) : [];
  return meant(
    call.call.args.map((value, i) => ({
      name: names[i] ?? "",
      value: { value, file: call.file, env: call.env },
    })),
  );
}

const write: Member = { call: { meaning: byObject } };
const series: Member = { call: { returns: "Series", meaning: byPosition } };
const startTimer: Member = { call: { returns: "End", meaning: byObject } };
const construct = (type: string) => ({
  returns: type,
  meaning: declaredMetric(type.toLowerCase() as DeclaredMetric["type"], "prom-client"),
});
const metric = (type: string): Member => ({ type: `${type}Class`, construct: construct(type) });

export default defineLibrary({
  name: "prom-client",
  packages: ["prom-client"],
  exports: {
    Counter: metric("Counter"),
    Gauge: metric("Gauge"),
    Histogram: metric("Histogram"),
    Summary: metric("Summary"),
  },
  types: {
    CounterClass: { construct: construct("Counter") },
    GaugeClass: { construct: construct("Gauge") },
    HistogramClass: { construct: construct("Histogram") },
    SummaryClass: { construct: construct("Summary") },
    Counter: { members: { inc: write, labels: series } },
    Gauge: {
      members: { inc: write, dec: write, set: write, setToCurrentTime: write, startTimer, labels: series },
    },
    Histogram: { members: { observe: write, startTimer, zero: write, labels: series } },
    Summary: { like: "Histogram" },
    /** One series: its labels are given already. */
    Series: {
      members: { startTimer: { call: { returns: "End" } } },
    },
    End: { call: { meaning: byObject } },
  },
});
