/**
 * Service level objectives: read from the files a team has, matched to the endpoints of the code, measured by whatever
 * telemetry there is, and turned into a state, a reason and a severity. Plain data in, plain data out; the network is
 * lent, nothing here throws on what users wrote.
 */

export * from "./calendar.ts";
export * from "./chart.ts";
export * from "./completion.ts";
export * from "./composite.ts";
export * from "./config.ts";
export * from "./config-edit.ts";
export * from "./config-lint.ts";
export * from "./create.ts";
export * from "./diagnosis.ts";
export * from "./field-texts.ts";
export * from "./hover.ts";
export * from "./http-metrics.ts";
export * from "./impact.ts";
export * from "./lint.ts";
export * from "./lint-queries.ts";
export * from "./lint-workspace.ts";
export * from "./live-routes.ts";
export * from "./load.ts";
export * from "./match.ts";
export * from "./maths.ts";
export * from "./model.ts";
export * from "./new-slo.ts";
export * from "./objectives.ts";
export * from "./problem-texts.ts";
export * from "./promql.ts";
export * from "./query-tools.ts";
export * from "./render.ts";
export * from "./report.ts";
export * from "./route-pattern.ts";
export * from "./state.ts";
export * from "./status.ts";
export * from "./symbols.ts";
export * from "./telemetry/names.ts";
export * from "./telemetry/prometheus.ts";
export * from "./telemetry/refresher.ts";
export * from "./telemetry/scrape.ts";
export * from "./telemetry/snapshot.ts";
export * from "./telemetry/source.ts";
export * from "./words.ts";
