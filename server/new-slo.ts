/** An objective for an endpoint that has none: a file in the format and on the metrics that the repository uses. */
import { existsSync } from "node:fs";
import path from "node:path";
import type { WorkspaceEdit } from "vscode-languageserver";
import type { Endpoint } from "../engine/index.ts";
import {
  createSloDocument,
  type MetricsLibrary,
  metricsOf,
  type NewSloFile,
  type NewSloFormat,
  serviceFor,
} from "../slo/index.ts";
import type { Folder } from "./folder.ts";
import { uriOf } from "./locations.ts";

/** Five failures in a thousand over four weeks: to be set to what is reached today, and tightened when it is kept. */
const TARGET = 0.995;
const WINDOW_DAYS = 28;

/** Creates the file with its text; never writes over one that is there. */
export function newSloEdit(folder: Folder, endpoint: Endpoint): WorkspaceEdit {
  const { name, text } = newSloFile(folder, endpoint);
  const uri = uriOf(folder.root, freePath(folder, name));
  const start = { line: 0, character: 0 };
  return {
    documentChanges: [
      { kind: "create", uri, options: { ignoreIfExists: true } },
      { textDocument: { uri, version: null }, edits: [{ range: { start, end: start }, newText: text }] },
    ],
  };
}

function newSloFile(folder: Folder, endpoint: Endpoint): NewSloFile {
  const { config, context } = folder.objectives;
  const service =
    serviceFor(config, endpoint.path) ?? context.packageNames?.(endpoint.path)[0] ?? path.basename(folder.root);
  return createSloDocument({
    endpoint,
    service,
    format: formatIn(folder),
    metrics: metricsOf(libraryFor(folder, endpoint.path)),
    target: TARGET,
    windowDays: WINDOW_DAYS,
  });
}

/** The format of the files there are; OpenSLO where there are none. */
function formatIn(folder: Folder): NewSloFormat {
  const first = folder.objectives.slos[0]?.format;
  return first?.startsWith("sloth") ? "sloth" : first === "pyrra" ? "pyrra" : "openslo";
}

const LIBRARIES: readonly (readonly [library: MetricsLibrary, packageName: RegExp])[] = [
  ["express-prom-bundle", /"express-prom-bundle"/],
  ["fastify-metrics", /"fastify-metrics"/],
  ["opentelemetry", /"@opentelemetry\/(?:sdk|exporter|instrumentation|auto-instrumentations)[\w-]*"/],
  ["prom-client", /"prom-client"/],
];

/** What measures the requests of a file, by the manifests above it. */
function libraryFor(folder: Folder, file: string): MetricsLibrary {
  for (let at = path.posix.dirname(file); ; at = path.posix.dirname(at)) {
    const manifest = folder.text(at === "." ? "package.json" : `${at}/package.json`) ?? "";
    const found = LIBRARIES.find(([, name]) => name.test(manifest));
    if (found) return found[0];
    if (at === ".") return "opentelemetry";
  }
}

function freePath(folder: Folder, name: string): string {
  for (let i = 1; ; i++) {
    const file = `slo/${i === 1 ? name : name.replace(/(\.\w+)$/, `-${i}$1`)}`;
    if (!existsSync(path.join(folder.root, file))) return file;
  }
}
