import { type DeclaredMetric, defineLibrary, type Member } from "../../engine/index.ts";
import { declaredMetric } from "../_shared/declared-metric.ts";

/** `makeHistogramProvider(options)` makes a metric of prom-client that Nest injects (src/metrics/histogram.ts). */
const provider = (type: DeclaredMetric["type"]): Member => ({
  call: { meaning: declaredMetric(type, "@willsoto/nestjs-prometheus") },
});

export default defineLibrary({
  name: "nestjs-prometheus",
  packages: ["@willsoto/nestjs-prometheus"],
  exports: {
    makeCounterProvider: provider("counter"),
    makeGaugeProvider: provider("gauge"),
    makeHistogramProvider: provider("histogram"),
    makeSummaryProvider: provider("summary"),
  },
  types: {},
});
