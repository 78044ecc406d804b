/** Which tool a document is of. Formats that are read here, formats of other tools that are left alone, and the rest. */
import type { SloDocument } from "../model.ts";
import { field, has, isMapping, items, keys, path, text, type Value } from "./document.ts";
import { openSloFormat } from "./openslo.ts";

export interface Class {
  /** As written; "" where the document says none. */
  readonly kind: string;
  readonly format: SloDocument["format"];
}

/** By `apiVersion` first: kinds clash. */
export function classify(root: Value): Class {
  const kind = text(field(root, "kind")) ?? "";
  return { kind, format: formatOf(root, text(field(root, "apiVersion")), kind) };
}

function formatOf(root: Value, apiVersion: string | undefined, kind: string): SloDocument["format"] {
  const openSlo = openSloFormat(apiVersion);
  if (openSlo) return openSlo;
  const version = text(field(root, "version")) ?? "";
  if (version === "prometheus/v1") return "sloth";
  const group = /^[\w.-]{1,100}(?=\/)/.exec(apiVersion ?? version)?.[0];
  if (group === "pyrra.dev") return kind === "ServiceLevelObjective" ? "pyrra" : "other:pyrra";
  if (group === "sloth.slok.dev") return kind === "PrometheusServiceLevel" ? "sloth-crd" : "other:sloth";
  if (group !== undefined && Object.hasOwn(GROUPS, group)) return `other:${GROUPS[group]!}`;
  if (kind === "AlertWindows") return "other:sloth";
  if (items(field(root, "groups")).some((it) => has(field(it, "rules")))) return "other:prometheus-rules";
  if (group === undefined && kind === "ServiceLevelObjective" && hasPyrraIndicator(root)) return "pyrra";
  const other = byFields(root);
  if (other !== undefined) return other;
  // A kind that says what it is, of nobody known: named by whose it is.
  if (/^(?:Prometheus|Datadog|Monitoring)?(?:ServiceLevel(?:Objective|Indicator)?|SL[OI])$/.test(kind))
    return group === undefined ? "other:custom" : `other:${group}`;
  const slos = field(root, "slos");
  return items(slos).some((it) => has(field(it, "name", "id", "slo")) && hasTarget(it)) ||
    keys(slos).some((it) => hasTarget(it.value))
    ? "other:custom"
    : "not-slo";
}

/** API groups of tools whose documents are told by their name. */
const GROUPS: Readonly<Record<string, string>> = {
  openslo: "openslo",
  "openslo.com": "openslo",
  prometheus: "sloth",
  n9: "nobl9",
  blameless: "blameless",
  "sre.google.com": "slo-generator",
  "monitoring.coreos.com": "prometheus-rules",
  "datadoghq.com": "datadog",
  "metrics.keptn.sh": "keptn",
  "monitoring.cnrm.cloud.google.com": "google-cloud",
};

/** Generators that know Pyrra's fields forget its group; Pyrra itself reads such a file and says nothing. */
const hasPyrraIndicator = (root: Value): boolean =>
  has(path(root, "spec", "target")) &&
  ["ratio", "latency", "latencyNative", "bool_gauge"].some((it) => isMapping(path(root, "spec", "indicator", it)));

/** Whether this is an objective in somebody's own form. */
const hasTarget = (of: Value): boolean =>
  keys(of).some(({ name }) => /^(?:target|objective|goal|threshold|sli|indicator)/.test(name));

/** Tools whose files have no `apiVersion`, told by the fields that only they have. */
function byFields(root: Value): `other:${string}` | undefined {
  const resources = field(root, "resource");
  if (has(field(resources, "datadog_service_level_objective"))) return "other:datadog";
  if (has(field(resources, "grafana_slo"))) return "other:grafana";
  if (keys(field(root, "Resources")).some((it) => text(field(it.value, "Type"))?.startsWith("AWS::ApplicationSignals")))
    return "other:aws-application-signals";
  const thresholds = field(root, "thresholds");
  if (
    has(field(root, "target_threshold")) ||
    (has(thresholds) && has(field(root, "timeframe"))) ||
    items(thresholds).some((it) => has(field(it, "timeframe")))
  )
    return "other:datadog";
  if (has(field(root, "serviceLevelIndicator")) && has(field(root, "goal"))) return "other:google-cloud";
  if (has(field(root, "slo_target")) && has(field(root, "backend"))) return "other:slo-generator";
  const names = new Set(keys(root).map((it) => it.name));
  if (names.has("spec_version") && ["objectives", "indicators", "comparison"].some((it) => names.has(it)))
    return "other:keptn";
  return undefined;
}
