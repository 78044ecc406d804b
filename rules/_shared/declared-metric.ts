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
export const DEFAULT_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

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

type Declared = Omit<DeclaredMetric, "client" | "path" | "at">;

/** The meaning of a call that declares a metric, or several. */
export function declaration(client: string, ...metrics: readonly Declared[]): Meaning {
  return { kind: "other", what: METRIC_DECLARATION, client, data: { metrics } };
}

/** Bounds of an option (`buckets` of the first argument), `otherwise` where there is none; undefined where not every one is known. */
export function bucketsOf(
  call: CallView,
  otherwise: readonly number[] | undefined,
  found: Lookup = call.option(0, "buckets"),
): readonly number[] | undefined {
  if (found.is === "no") return otherwise;
  const made = found.is === "yes" ? generated(call, found.at) : undefined;
  if (made) return made;
  const items = listOf(call, found);
  const bounds = items.flatMap((it) => call.number(it) ?? []);
  return bounds.length > 0 && bounds.length === items.length ? bounds : undefined;
}

const MAX_BUCKETS = 200;

/** `linearBuckets(start, width, count)` and `exponentialBuckets(start, factor, count)` of prom-client, as it reckons them. */
function generated(call: CallView, { value, file, env }: Scoped): readonly number[] | undefined {
  if (value.k !== "call") return undefined;
  const callee = call.program.callee(file, value.c, env);
  const name = callee.k === "method" ? callee.name : callee.k === "ext" ? callee.path : "";
  const isLinear = name === "linearBuckets";
  if (!isLinear && name !== "exponentialBuckets") return undefined;
  const [start, step, count] = file.calls[value.c]!.args.map((it) => call.number({ value: it, file, env }));
  if (start === undefined || step === undefined || count === undefined || !(count >= 1) || count > MAX_BUCKETS)
    return undefined;
  const bounds: number[] = [];
  for (let i = 0, at = start; i < count; i++, at *= step) bounds.push(isLinear ? start + i * step : at);
  return bounds;
}

function listOf(call: CallView, found: Lookup): readonly Scoped[] {
  const list = found.is === "yes" ? call.origin(found.at) : undefined;
  return list?.k === "arr" ? list.items : [];
}
