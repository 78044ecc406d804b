/** SARIF 2.1.0 (OASIS), for code scanning. */
import type { Language, Severity } from "../../engine/index.ts";
import { renderText } from "../../engine/index.ts";
import { knowledge } from "../../rules/index.ts";
import type { CheckReport } from "../check.ts";
import type { ReportedFinding } from "../findings.ts";
import { version } from "../version.ts";

const LEVELS: Readonly<Record<Severity, "error" | "warning" | "note">> = {
  error: "error",
  warning: "warning",
  information: "note",
  hint: "note",
};

export function toSarif(report: CheckReport, language: Language): unknown {
  const rules = knowledge.rules.map((it) => ({
    id: it.id,
    shortDescription: { text: renderText(it.title, language) },
    defaultConfiguration: { level: LEVELS[it.severity] },
    properties: { tags: [it.group, ...it.burns], status: it.status },
  }));
  const indexes = new Map(rules.map((it, i) => [it.id, i]));
  return {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: { driver: { name: "slo-lens", semanticVersion: version, rules } },
        columnKind: "utf16CodeUnits",
        invocations: [
          {
            executionSuccessful: true,
            toolExecutionNotifications: report.failures.map((it) => ({
              level: "warning",
              message: { text: it.message },
              locations: [
                location(
                  it.path,
                  it.line === undefined
                    ? undefined
                    : { startLine: it.line, ...(it.column ? { startColumn: it.column } : {}) },
                ),
              ],
            })),
          },
        ],
        results: report.findings.map((it) => result(it, indexes.get(it.ruleId))),
      },
    ],
  };
}

function result(it: ReportedFinding, ruleIndex: number | undefined): unknown {
  const related = [
    ...it.endpoints.map((each) => ({
      ...location(each.path, { startLine: each.line }),
      message: { text: `${each.method} ${each.route}` },
    })),
    ...it.covers.map((each) => ({ ...location(each.path, { startLine: each.line }), message: { text: it.ruleId } })),
  ].slice(0, 50);
  const fixes = it.fixes.filter((each) => each.edits.length > 0);
  return {
    ruleId: it.ruleId,
    ...(ruleIndex === undefined ? {} : { ruleIndex }),
    level: LEVELS[it.severity],
    message: { text: [it.message, it.help].filter(Boolean).join(" ") },
    locations: [
      {
        ...location(it.path, {
          startLine: it.line,
          startColumn: it.column,
          endLine: it.endLine,
          endColumn: it.endColumn,
        }),
        ...(it.function ? { logicalLocations: [{ name: it.function, kind: "function" }] } : {}),
      },
    ],
    ...(related.length > 0 ? { relatedLocations: related.map((each, id) => ({ id, ...each })) } : {}),
    ...(fixes.length > 0
      ? {
          fixes: fixes.map((each) => ({
            description: { text: each.title },
            artifactChanges: [...new Set(each.edits.map((edit) => edit.path))].map((path) => ({
              artifactLocation: { uri: uriOf(path) },
              replacements: each.edits
                .filter((edit) => edit.path === path)
                .map((edit) => ({
                  deletedRegion: {
                    startLine: edit.line,
                    startColumn: edit.column,
                    endLine: edit.endLine,
                    endColumn: edit.endColumn,
                  },
                  insertedContent: { text: edit.text },
                })),
            })),
          })),
        }
      : {}),
    properties: { endpoints: it.endpoints.map((each) => `${each.method} ${each.route}`) },
  };
}

function location(
  path: string,
  region: Readonly<Record<string, number>> | undefined,
): { readonly physicalLocation: unknown } {
  return { physicalLocation: { artifactLocation: { uri: uriOf(path) }, ...(region ? { region } : {}) } };
}

function uriOf(path: string): string {
  return path.split("/").map(encodeURIComponent).join("/");
}
