/** Pyrra's ServiceLevelObjective. */
import type { Indicator, Query, Slo, SloProblem } from "../model.ts";
import { problem, write } from "../problem-texts.ts";
import { contentRange, field, has, isMapping, items, number, path, text, texts, type Value } from "./document.ts";
import { DAY_SECONDS, prometheusSeconds, rolling } from "./duration.ts";
import { latencyOf } from "./openslo.ts";
import { endpointRefs, hundred, incomplete, PERCENTS, plainNumber, ratioOf } from "./shared.ts";

type Loaded = Omit<Slo, "level" | "path">;

export function readPyrra(root: Value, source: string): { slos: Loaded[]; problems: SloProblem[] } {
  const problems: SloProblem[] = [];
  const metadata = field(root, "metadata");
  const spec = field(root, "spec");
  const nameAt = field(metadata, "name");
  const name = text(nameAt) ?? "";
  if (name === "") problems.push(problem("name-missing", "error", nameAt.range, { field: "metadata.name" }));
  const targetAt = field(spec, "target");
  const written = number(targetAt);
  if (written === undefined) {
    problems.push(problem("target-missing", "error", targetAt.range, { fields: "`spec.target`" }));
    return { slos: [], problems };
  }
  const own: SloProblem[] = [];
  if (written > 0 && written <= 1)
    own.push(
      problem(
        "target-percent",
        "warning",
        targetAt.range,
        { field: "target", written: String(written) },
        write(targetAt.range, `"${plainNumber(written * 100)}"`),
      ),
    );
  if (written < 0 || written > 100)
    own.push(problem("target-range", "error", targetAt.range, { written: String(written) }));
  if (written === 100)
    own.push(
      hundred(
        targetAt.range,
        PERCENTS.map((it) => `"${it}"`),
      ),
    );
  const windowAt = field(spec, "window");
  const seconds = prometheusSeconds(text(windowAt) ?? "");
  if (seconds === undefined)
    own.push(
      problem("window-duration", "warning", windowAt.range, {
        written: text(windowAt) ?? "",
        example: "4w",
        days: "28",
      }),
    );
  const labels = texts(field(metadata, "labels"));
  const indicatorAt = field(spec, "indicator");
  const indicator = indicatorOf(indicatorAt, source, own);
  const description = text(field(spec, "description"));
  const service =
    labels["pyrra.dev/service"] ?? labels.service ?? jobOf(indicator) ?? text(field(metadata, "namespace")) ?? "";
  return {
    slos: [
      {
        id: `${service === "" ? "" : `${service}/`}${name}`,
        format: "pyrra",
        range: nameAt.range,
        targetRange: targetAt.range,
        service,
        name,
        ...(description ? { description } : {}),
        target: Math.min(1, Math.max(0, ratioOf(written))),
        window: rolling(seconds ?? 28 * DAY_SECONDS, text(windowAt) ?? "28d"),
        method: "request-weighted",
        indicator,
        endpoints: endpointRefs(texts(field(metadata, "annotations")), labels),
        grouping: groupingOf(indicatorAt),
        labels,
        problems: own,
      },
    ],
    problems,
  };
}

const KINDS = ["ratio", "latency", "latencyNative", "bool_gauge", "boolGauge"];

function groupingOf(indicator: Value): string[] {
  return KINDS.flatMap((it) => items(path(indicator, it, "grouping")).flatMap((one) => text(one) ?? []));
}

/** Pyrra has no service; its metrics' `job` is the nearest thing. */
function jobOf(indicator: Indicator): string | undefined {
  const query =
    indicator.type === "ratio"
      ? indicator.total.text
      : indicator.type === "bool"
        ? indicator.metric.text
        : indicator.type === "latency-native"
          ? indicator.total.text
          : "";
  return /\bjob\s*=\s*"([^"]+)"/.exec(query)?.[1];
}

function indicatorOf(of: Value, source: string, problems: SloProblem[]): Indicator {
  const ratio = field(of, "ratio");
  if (isMapping(ratio)) {
    const bad = metric(path(ratio, "errors", "metric"), source);
    const total = metric(path(ratio, "total", "metric"), source);
    if (!bad || !total) return incomplete("pyrra-ratio", ratio, problems);
    if (bad.text.trim() === total.text.trim())
      problems.push(problem("bad-equals-total", "warning", bad.range ?? ratio.range));
    return { type: "ratio", bad, total };
  }
  const latency = field(of, "latency");
  if (isMapping(latency)) {
    const good = metric(path(latency, "success", "metric"), source);
    const total = metric(path(latency, "total", "metric"), source);
    if (!good || !total) return incomplete("pyrra-latency", latency, problems);
    if (good.text.trim() === total.text.trim())
      problems.push(problem("good-equals-total", "warning", good.range ?? latency.range));
    return { type: "ratio", good, total, ...latencyOf(good) };
  }
  const native = field(of, "latencyNative");
  if (isMapping(native)) {
    const total = metric(path(native, "total", "metric"), source);
    const threshold = prometheusSeconds(text(field(native, "latency")) ?? "");
    return total && threshold !== undefined
      ? { type: "latency-native", thresholdSeconds: threshold, total }
      : incomplete("pyrra-native", native, problems);
  }
  const gauge = field(of, "bool_gauge", "boolGauge");
  if (isMapping(gauge)) {
    const found = metric(field(gauge, "metric"), source);
    return found ? { type: "bool", metric: found } : incomplete("pyrra-bool", gauge, problems);
  }
  return incomplete(has(of) ? "pyrra-kind" : "no-indicator", of, problems);
}

function metric(of: Value, source: string): Query | undefined {
  const written = text(of);
  const range = contentRange(of, source);
  return written === undefined ? undefined : { text: written, ...(range ? { range } : {}), dialect: "promql" };
}
