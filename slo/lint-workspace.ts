/** What is wrong with an SLO file that only the rest of the workspace, or its telemetry, can tell. */
import { amongOthers, lintMatches } from "./lint.ts";
import { type Buckets, lintBuckets } from "./lint-queries.ts";
import { duplicateOf, loadSlos } from "./load.ts";
import type { CodeEndpoint, Match, ObjectiveStatus, Slo, SloDocument, SloProblem } from "./model.ts";

/** What a workspace and its telemetry know of the objectives. */
export interface LintWorkspace {
  readonly slos: readonly Slo[];
  readonly documents: readonly SloDocument[];
  /** False until the code was read once: nothing is missing from what is not known. */
  readonly isReady: boolean;
  readonly endpoints: readonly CodeEndpoint[];
  /** Which endpoints objectives are about, as `matchSlos` tells of the workspace. */
  readonly matchesOf: (slos: readonly Slo[]) => readonly Match[];
  readonly statuses: readonly Pick<ObjectiveStatus, "id" | "cause">[];
  /** Metrics that the code declares. */
  readonly metrics: readonly MetricDeclaration[];
}

/** A metric of the code as far as its series' names and buckets go; the engine's `DeclaredMetric` is one. */
export interface MetricDeclaration {
  readonly name: string;
  readonly path: string;
  readonly buckets?: readonly number[];
  readonly client?: string;
  readonly also?: readonly string[];
}

/**
 * Problems of one SLO file as it stands in the editor, with what only the rest tells: endpoints that are not there, a
 * name taken in another file, a bucket that the measured histogram has not. Ranges are offsets into `text`.
 */
export function lintInWorkspace(path: string, text: string, workspace: LintWorkspace): readonly SloProblem[] {
  const { documents, slos } = loadSlos([{ path, text }]);
  const alone = distinct([...documents, ...slos].flatMap((it) => it.problems));
  const others = new Map(
    workspace.slos.flatMap((it) => (it.path === path ? [] : [[it.id.replace(/~\d+$/, ""), it] as const])),
  );
  const duplicates = slos.flatMap((slo): SloProblem[] => {
    const other = others.get(slo.id);
    return other === undefined ? [] : [duplicateOf(slo, other, slo.id)];
  });
  // An SLI of another file is known in the workspace alone.
  const whole = slos.map((slo) => {
    const known = slo.indicator.type === "unknown" ? workspace.slos.find((it) => it.id === slo.id) : undefined;
    return known ? { ...slo, indicator: known.indicator, level: known.level } : slo;
  });
  const missing = workspace.isReady
    ? lintMatches(
        whole.filter((it) => it.level !== "load"),
        workspace.endpoints,
        workspace.matchesOf(whole),
        () => text,
      ).map((it) => it.problem)
    : [];
  const buckets = slos.flatMap((slo) => lintBuckets(slo, bucketsIn(workspace), text));
  return distinct([...amongOthers(alone, path, workspace), ...duplicates, ...missing, ...buckets]);
}

function distinct(problems: readonly SloProblem[]): readonly SloProblem[] {
  return [...new Map(problems.map((it) => [`${it.code} ${it.range.start} ${it.message}`, it])).values()];
}

/** Whether a name fits one with `*` in it; by its parts in their order, which is linear. */
function isNamed(pattern: string, name: string): boolean {
  const parts = pattern.split("*");
  const [first, last] = [parts[0]!, parts.at(-1)!];
  if (!name.startsWith(first) || !name.endsWith(last)) return false;
  let at = 0;
  for (const part of parts) {
    const found = name.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return true;
}

/** The buckets that telemetry named where it had none of the wanted one, else those that the code declares. */
export function bucketsIn({
  statuses,
  metrics,
}: Pick<LintWorkspace, "statuses" | "metrics">): (metric: string) => Buckets | undefined {
  const found = new Map<string, Buckets>();
  const declared = new Map<string, MetricDeclaration[]>();
  const byName = new Map<string, MetricDeclaration[]>();
  for (const it of metrics) byName.set(it.name, [...(byName.get(it.name) ?? []), it]);
  // Who speaks of a metric by its own name (a view) speaks of it under all names that exporters give it.
  for (const its of byName.values())
    for (const each of new Set(its.flatMap((it) => [it.name, ...(it.also ?? [])]))) {
      const name = `${each}_bucket`;
      declared.set(name, [...(declared.get(name) ?? []), ...its]);
    }
  // What is said of many at once (`http_*`) may hold for each of them.
  const many = metrics.filter((it) => it.name.includes("*"));
  for (const [name, all] of declared) {
    // Of several services that declare it none may be left out: which one is asked for is not known.
    if (!all.every((it) => it.buckets !== undefined)) continue;
    if (many.some((it) => all.some((each) => each.client === it.client && isNamed(it.name, each.name)))) continue;
    const bounds = [...new Set(all.flatMap((it) => it.buckets!))].sort((a, b) => a - b).map(String);
    found.set(name, { bounds, declaredIn: all[0]!.path });
  }
  for (const { cause } of statuses)
    if (cause?.key === "no-bucket")
      found.set(String(cause.data.metric), { bounds: String(cause.data.found).split(", ") });
  return (metric) => found.get(metric);
}
