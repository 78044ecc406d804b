/** Metrics as prom-client's classes are told of them: an object with a name, labels and buckets. */
import {
  type CallView,
  type DeclaredMetric,
  type Lookup,
  METRIC_DECLARATION,
  type Meaning,
  type Scoped,
} from "../../engine/index.ts";

/** Of prom-client 10 to 15. */
const DEFAULT_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** `new Histogram({ name, labelNames, buckets })`; nothing where the name is made at run time. */
export function declaredMetric(type: DeclaredMetric["type"], client: string): (call: CallView) => Meaning | undefined {
  return (call) => {
    const at = call.option(0, "name");
    const name = at.is === "yes" ? call.text(at.at) : undefined;
    if (name === undefined) return undefined;
    const buckets = type === "histogram" ? bucketsOf(call, DEFAULT_BUCKETS) : undefined;
    const labels = listOf(call, call.option(0, "labelNames")).flatMap((it) => call.text(it) ?? []);
    return declaration(client, { name, type, labels, ...(buckets ? { buckets } : {}) });
  };
}

/** The meaning of a call that declares a metric. */
export function declaration(client: string, data: Omit<DeclaredMetric, "client" | "path" | "at">): Meaning {
  return { kind: "other", what: METRIC_DECLARATION, client, data };
}

/** Bounds of `option(0, "buckets")`, `otherwise` where there is none; undefined where not every one is known. */
export function bucketsOf(call: CallView, otherwise: readonly number[]): readonly number[] | undefined {
  const found = call.option(0, "buckets");
  if (found.is === "no") return otherwise;
  const items = listOf(call, found);
  const bounds = items.flatMap((it) => call.number(it) ?? []);
  return bounds.length > 0 && bounds.length === items.length ? bounds : undefined;
}

function listOf(call: CallView, found: Lookup): readonly Scoped[] {
  const list = found.is === "yes" ? call.origin(found.at) : undefined;
  return list?.k === "arr" ? list.items : [];
}
