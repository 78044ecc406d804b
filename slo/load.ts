/** Files to objectives. Loading almost never fails: what cannot be used is said where it stands, and the rest goes on. */
import {
  field,
  has,
  isMapping,
  MAX_FILE_LENGTH,
  type ParsedDocument,
  parseDocuments,
  text,
} from "./formats/document.ts";
import { untemplated } from "./formats/helm.ts";
import { openSloFormat, type References, readOpenSlo } from "./formats/openslo.ts";
import { readPyrra } from "./formats/pyrra.ts";
import { problem } from "./formats/shared.ts";
import { readSloth } from "./formats/sloth.ts";
import { queriesOf } from "./match.ts";
import type { Indicator, LoadedSlos, Slo, SloDocument, SloFormat, SloLevel, SloProblem } from "./model.ts";
import { queryTools } from "./query-tools.ts";

export interface SloFile {
  /** Workspace-relative with `/`. */
  readonly path: string;
  readonly text: string;
}

/** Whether a file is worth reading as SLOs: one of the formats' own marks is in it. */
const MARK =
  /openslo(?:\.com)?\/v|sloth\.slok\.dev\/|pyrra\.dev\/|^version:\s*['"]?prometheus\/v1|sre\.google\.com\/|n9\/v1|ServiceLevelObjective|PrometheusServiceLevel/m;

export function mayHoldSlos(content: string): boolean {
  return (
    content.length <= MAX_FILE_LENGTH &&
    (MARK.test(content) || /"apiVersion"\s*:\s*"(?:openslo|pyrra|sloth)/.test(content))
  );
}

interface Found {
  readonly file: SloFile;
  readonly document: ParsedDocument;
  readonly kind: string;
  readonly format: SloDocument["format"];
  readonly isTemplated: boolean;
}

/** Reads every SLO of the files given. References are followed across them. Never throws. */
export function loadSlos(files: readonly SloFile[]): LoadedSlos {
  const found: Found[] = [];
  for (const file of files) {
    if (!mayHoldSlos(file.text)) continue;
    const { text: plain, isTemplated } = untemplated(file.text);
    for (const document of parseDocuments(plain)) {
      if (!has(document.root)) continue;
      const { kind, format } = classify(document);
      found.push({ file: { path: file.path, text: plain }, document, kind, format, isTemplated });
    }
  }
  const references = referencesIn(found);
  const slos: Slo[] = [];
  const documents: SloDocument[] = [];
  for (const it of found) {
    const read = readDocument(it, references);
    const loaded = read.slos.map((slo): Slo => {
      const problems = [...slo.problems, ...queryProblems(slo.indicator)];
      return { ...slo, path: it.file.path, problems, level: levelOf(slo.indicator, problems) };
    });
    slos.push(...loaded);
    const problems = [...it.document.problems, ...read.problems];
    documents.push({
      path: it.file.path,
      range: it.document.range,
      kind: it.kind,
      format: it.format,
      level: worst(loaded, problems),
      problems,
    });
  }
  return { slos: withUniqueIds(slos), documents };
}

/** Which tool a document is of, by `apiVersion` first: kinds clash. */
function classify({ root }: ParsedDocument): { kind: string; format: SloDocument["format"] } {
  const apiVersion = text(field(root, "apiVersion"));
  const kind = text(field(root, "kind")) ?? "";
  const openSlo = openSloFormat(apiVersion);
  if (openSlo) return { kind, format: openSlo };
  if (apiVersion?.startsWith("openslo")) return { kind, format: "other:openslo" };
  if (apiVersion?.startsWith("pyrra.dev/"))
    return { kind, format: kind === "ServiceLevelObjective" ? "pyrra" : "other:pyrra" };
  if (apiVersion?.startsWith("sloth.slok.dev/"))
    return { kind, format: kind === "PrometheusServiceLevel" ? "sloth-crd" : "other:sloth" };
  if (/^prometheus\/v1$/.test(text(field(root, "version")) ?? "")) return { kind, format: "sloth" };
  if (kind === "AlertWindows") return { kind, format: "other:sloth" };
  if (apiVersion?.startsWith("n9/")) return { kind, format: "other:nobl9" };
  if (apiVersion?.startsWith("sre.google.com/")) return { kind, format: "other:slo-generator" };
  if (apiVersion?.startsWith("monitoring.coreos.com/") || isMapping(field(root, "groups")))
    return { kind, format: "other:prometheus-rules" };
  return { kind, format: "not-slo" };
}

function readDocument(
  { file, document, kind, format }: Found,
  references: References,
): { slos: Omit<Slo, "level" | "path">[]; problems: SloProblem[] } {
  try {
    if (format === "sloth" || format === "sloth-crd") return readSloth(document.root, format, file.text);
    if (format === "pyrra") return readPyrra(document.root, file.text);
    if (format.startsWith("openslo/") && kind === "SLO")
      return readOpenSlo(document.root, format as SloFormat, file.text, references);
    if (format.startsWith("openslo/") && kind === "")
      return {
        slos: [],
        problems: [
          problem(
            "kind-missing",
            "error",
            "`kind` is missing: SLO, SLI, Service, DataSource, AlertPolicy and others are known.",
            document.range,
          ),
        ],
      };
    return { slos: [], problems: [] };
  } catch (error) {
    return {
      slos: [],
      problems: [
        problem(
          "unreadable",
          "error",
          `The document could not be read: ${error instanceof Error ? error.message : String(error)}`,
          document.range,
        ),
      ],
    };
  }
}

function referencesIn(found: readonly Found[]): References {
  const byName = new Map<string, { root: Found["document"]["root"]; source: string }>();
  for (const { document, kind, format, file } of found) {
    if (!format.startsWith("openslo/")) continue;
    const name = text(field(field(document.root, "metadata"), "name"));
    if (name !== undefined && !byName.has(`${kind}/${name}`))
      byName.set(`${kind}/${name}`, { root: document.root, source: file.text });
  }
  return { get: (kind, name) => byName.get(`${kind}/${name}`) };
}

/** A query that is no PromQL is listed and never evaluated. */
function queryProblems(indicator: Indicator): SloProblem[] {
  return queriesOf(indicator).flatMap((it): SloProblem[] =>
    it.dialect === "promql" && it.range && queryTools.selectorsOf(it.text).length === 0
      ? [
          problem(
            "query-syntax",
            "warning",
            "This query does not parse as PromQL, so it is listed and not evaluated.",
            it.range,
          ),
        ]
      : [],
  );
}

function levelOf(indicator: Indicator, problems: readonly SloProblem[]): SloLevel {
  if (problems.some((it) => it.severity === "error")) return "load";
  const queries = queriesOf(indicator);
  const evaluable =
    queries.length > 0 && queries.every((it) => it.dialect === "promql" && queryTools.selectorsOf(it.text).length > 0);
  if (evaluable && indicator.type !== "threshold") return "evaluable";
  return problems.length > 0 ? "load" : "lint";
}

const ORDER: readonly SloLevel[] = ["load", "lint", "evaluable", "matched"];

function worst(slos: readonly Slo[], problems: readonly SloProblem[]): SloLevel {
  if (slos.length > 0)
    return slos.reduce(
      (level, it) => (ORDER.indexOf(it.level) < ORDER.indexOf(level) ? it.level : level),
      "matched" as SloLevel,
    );
  return problems.length > 0 ? "load" : "lint";
}

/** A second SLO of the same name gets a number, and both are told. */
function withUniqueIds(slos: readonly Slo[]): Slo[] {
  const count = new Map<string, number>();
  return slos.map((slo) => {
    const n = (count.get(slo.id) ?? 0) + 1;
    count.set(slo.id, n);
    if (n === 1) return slo;
    return {
      ...slo,
      id: `${slo.id}~${n}`,
      problems: [
        ...slo.problems,
        problem(
          "duplicate-id",
          "warning",
          `Another SLO is called \`${slo.id}\` as well; this one is listed as \`${slo.id}~${n}\`.`,
          slo.range,
        ),
      ],
    };
  });
}
