import { type CallView, defineLibrary, type Meaning } from "../../engine/index.ts";
import { bucketsOf, declaration } from "../_shared/declared-metric.ts";

/** Its own edges where none are given (src/index.js). */
const DEFAULT_BUCKETS = [0.003, 0.03, 0.1, 0.3, 1.5, 10];

/**
 * The middleware measures every request behind it. Status codes are recorded; method and path only where asked for, and
 * the path is the address with numbers and identifiers masked (src/normalizePath.js), or whatever `normalizePath` says.
 */
function bundle(call: CallView): Meaning {
  const isOn = (option: string): boolean => {
    const found = call.option(0, option);
    return found.is === "yes" && call.program.truth(found.at).is === "yes";
  };
  const textOf = (option: string): string | undefined => {
    const found = call.option(0, option);
    return found.is === "yes" ? call.text(found.at) : undefined;
  };
  const type = textOf("metricType") === "summary" ? "summary" : "histogram";
  const buckets = type === "histogram" ? bucketsOf(call, DEFAULT_BUCKETS) : undefined;
  return declaration("express-prom-bundle", {
    name: textOf("httpDurationMetricName") ?? "http_request_duration_seconds",
    type,
    labels: ["status_code", ...(isOn("includeMethod") ? ["method"] : []), ...(isOn("includePath") ? ["path"] : [])],
    ...(buckets ? { buckets } : {}),
    ofRequests: true,
    ...(call.option(0, "normalizePath").is === "no" ? { routes: "masked" } : {}),
  });
}

export default defineLibrary({
  name: "express-prom-bundle",
  packages: ["express-prom-bundle"],
  exports: { default: { call: { meaning: bundle } } },
  types: {},
});
