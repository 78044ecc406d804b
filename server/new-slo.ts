/** An objective for an endpoint that has none: an OpenSLO file to start from, on the metric that OpenTelemetry names. */
import { existsSync } from "node:fs";
import path from "node:path";
import type { WorkspaceEdit } from "vscode-languageserver";
import type { Endpoint } from "../engine/index.ts";
import { serviceFor } from "../slo/index.ts";
import type { Folder } from "./folder.ts";
import { uriOf } from "./locations.ts";

/** Creates the file with its text; never writes over one that is there. */
export function newSloEdit(folder: Folder, endpoint: Endpoint): WorkspaceEdit {
  const uri = uriOf(folder.root, freePath(folder, nameOf(endpoint)));
  const start = { line: 0, character: 0 };
  return {
    documentChanges: [
      { kind: "create", uri, options: { ignoreIfExists: true } },
      {
        textDocument: { uri, version: null },
        edits: [{ range: { start, end: start }, newText: newSloText(folder, endpoint) }],
      },
    ],
  };
}

/** The text of a new objective: 99.5 % of requests without a server error, over four weeks. */
export function newSloText(folder: Pick<Folder, "objectives" | "root">, endpoint: Endpoint): string {
  const { config, context } = folder.objectives;
  const service =
    serviceFor(config, endpoint.path) ?? context.packageNames?.(endpoint.path)[0] ?? path.basename(folder.root);
  const name = `${nameOf(endpoint)}-availability`;
  // Quoted as JSON, which is YAML too: whatever stands in a route stays inside its string.
  const quoted = (text: string): string => JSON.stringify(text);
  const route = quoted(endpoint.route);
  const method = endpoint.method === "ALL" ? "" : `,http_request_method=${quoted(endpoint.method)}`;
  const count = (more: string): string =>
    quoted(`sum(rate(http_server_request_duration_seconds_count{http_route=${route}${method}${more}}[5m]))`);
  return `apiVersion: openslo/v1
kind: SLO
metadata:
  name: ${name}
  displayName: ${quoted(`${endpoint.method} ${endpoint.route}`)}
  annotations:
    # The endpoint this is about; it needs no further matching.
    slo-lens/endpoints: ${quoted(`${endpoint.method === "ALL" ? "*" : endpoint.method} ${endpoint.route}`)}
spec:
  # Say in the terms of the person who asked what a failure here means.
  description: ""
  service: ${slug(service) || "service"}
  indicator:
    metadata:
      name: ${name}
    spec:
      ratioMetric:
        counter: true
        good:
          metricSource:
            type: Prometheus
            spec:
              query: ${count(',http_response_status_code!~"5.."')}
        total:
          metricSource:
            type: Prometheus
            spec:
              query: ${count("")}
  timeWindow:
    - duration: 28d
      isRolling: true
  budgetingMethod: Occurrences
  objectives:
    # Five failures in a thousand. Begin with what is reached today, and tighten it when it is kept.
    - displayName: availability
      target: 0.995
`;
}

function nameOf(endpoint: Endpoint): string {
  return slug(`${endpoint.method} ${endpoint.route}`) || "endpoint";
}

function slug(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 50)
    .replace(/-+$/, "");
}

function freePath(folder: Folder, name: string): string {
  for (let i = 1; ; i++) {
    const file = `slo/${name}${i === 1 ? "" : `-${i}`}.yaml`;
    if (!existsSync(path.join(folder.root, file))) return file;
  }
}
