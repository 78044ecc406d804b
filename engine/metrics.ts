/** Metrics that the code itself declares: what their series are called, and where their buckets end. */
import type { FileSummary, Span } from "./model.ts";
import type { RuleContext } from "./rule.ts";

export interface DeclaredMetric {
  /** With `*` where it stands for every metric of such a name: what is said of their buckets is not known. */
  readonly name: string;
  /** Names under which other exporters have the same. */
  readonly also?: readonly string[];
  readonly type: "counter" | "gauge" | "histogram" | "summary";
  readonly labels: readonly string[];
  /** Upper bounds in the metric's unit; absent for other types, and where they cannot be told. */
  readonly buckets?: readonly number[];
  /** The library that makes it. */
  readonly client: string;
  /** The library measures the requests of a server by itself. */
  readonly ofRequests?: true;
  /** The library writes paths itself, with what varies masked: `/users/#val`. */
  readonly routes?: "masked";
  readonly path: string;
  readonly at: Span;
}

/** Word of the meaning that libraries give to a declaration, whose data are `metrics` without their place. */
export const METRIC_DECLARATION = "metric-declaration";

/** Of one file; undefined where there are none. */
export function metricsIn(file: FileSummary, context: RuleContext): readonly DeclaredMetric[] | undefined {
  const found = context.meant(file).flatMap(({ view, meaning }): DeclaredMetric[] => {
    if (meaning.kind !== "other" || meaning.what !== METRIC_DECLARATION || !meaning.data) return [];
    const { metrics } = meaning.data as unknown as { readonly metrics: readonly Omit<DeclaredMetric, "client">[] };
    return metrics.map((it) => ({ ...it, client: meaning.client, path: file.path, at: view.call.at }));
  });
  return found.length > 0 ? found : undefined;
}
