import { type CallView, defineLibrary, type Meaning } from "../../engine/index.ts";
import { bucketsOf, DEFAULT_BUCKETS, declaration } from "../_shared/declared-metric.ts";

/**
 * `register(plugin, options)` measures every route (dist/fastify-metrics.js of 13.2): a histogram by method, route and
 * status, under names that `routeMetrics.overrides` may change. Buckets are prom-client's where none are given; before
 * version 13 there were others.
 */
function plugin(call: CallView): Meaning | undefined {
  const textOf = (path: string): string | undefined => {
    const found = call.option(1, `routeMetrics.${path}`);
    return found.is === "yes" ? call.text(found.at) : undefined;
  };
  const enabled = call.option(1, "routeMetrics.enabled");
  if (enabled.is === "yes" && call.program.truth(enabled.at).is === "no") return undefined;
  const major = Number.parseInt(call.version("fastify-metrics") ?? "", 10);
  const name = call.option(1, "routeMetrics.overrides.histogram.name");
  if (name.is === "yes" && call.text(name.at) === undefined) return undefined;
  const buckets = bucketsOf(
    call,
    major >= 13 ? DEFAULT_BUCKETS : undefined,
    call.option(1, "routeMetrics.overrides.histogram.buckets"),
  );
  const label = (of: string, otherwise: string): string => textOf(`overrides.labels.${of}`) ?? otherwise;
  return declaration("fastify-metrics", {
    name: textOf("overrides.histogram.name") ?? "http_request_duration_seconds",
    type: "histogram",
    labels: [label("method", "method"), label("route", "route"), label("status", "status_code")],
    ...(buckets ? { buckets } : {}),
    ofRequests: true,
  });
}

export default defineLibrary({
  name: "fastify-metrics",
  packages: ["fastify-metrics"],
  exports: { default: { type: "Plugin" } },
  types: { Plugin: { call: { meaning: plugin } } },
});
