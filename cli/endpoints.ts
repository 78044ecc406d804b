/** `endpoints`: what the code serves. */
import { endpointsOf, handlerOf } from "../engine/index.ts";
import { collectFindings, describeEndpoint, placesIn } from "./findings.ts";
import { type ExitCode, type Host, paintFor, plain, today } from "./host.ts";
import { openProject, scopeOf } from "./project.ts";

export interface EndpointsOptions {
  readonly format: "text" | "json";
  readonly cache: boolean;
  readonly root?: string | undefined;
}

export interface ReportedEndpoint {
  readonly method: string;
  readonly route: string;
  readonly framework: string;
  readonly path: string;
  readonly line: number;
  readonly handler: { readonly name: string; readonly path: string; readonly line: number };
  readonly slos: readonly string[];
  readonly findings: number;
}

export async function endpoints(host: Host, paths: readonly string[], options: EndpointsOptions): Promise<ExitCode> {
  const scope = scopeOf(host, paths, options.root);
  const project = await openProject(host, scope, { cache: options.cache });
  const { analysis, objectives, workspace } = project;
  const slosOf = new Map<string, string[]>();
  if (objectives.slos.length > 0)
    for (const it of objectives.matches(analysis.endpoints)) {
      const key = `${it.endpoint.method} ${it.endpoint.route} ${it.endpoint.path}`;
      slosOf.set(key, [...(slosOf.get(key) ?? []), it.sloId]);
    }
  const places = placesIn(workspace, scope);
  const counts = new Map<unknown, number>();
  for (const { source } of collectFindings(
    project,
    { ...scope, includes: () => true },
    { language: "en", today: today(host) },
  )) {
    if (!source || source.severity === "hint") continue;
    for (const it of endpointsOf(source.reach)) counts.set(it, (counts.get(it) ?? 0) + 1);
  }
  const found = analysis.endpoints
    .filter((it) => scope.includes(it.path))
    .map((it): ReportedEndpoint => {
      const handler = handlerOf(it);
      const fn = handler?.file.functions[handler.f];
      const shown = describeEndpoint(it, places);
      return {
        method: it.method,
        route: it.route,
        framework: it.framework,
        path: shown.path,
        line: shown.line,
        handler:
          handler && fn
            ? {
                name: fn.name,
                path: scope.shown(handler.file.path),
                line: places.of(handler.file.path, fn.nameAt[0]).line,
              }
            : { name: "", path: shown.path, line: shown.line },
        slos: slosOf.get(`${it.method} ${it.route} ${it.path}`) ?? [],
        findings: counts.get(it) ?? 0,
      };
    });
  if (options.format === "json") host.out(`${JSON.stringify({ endpoints: found }, null, host.isTerminal ? 2 : 0)}\n`);
  else host.out(asText(found, host));
  if (options.cache) workspace.saveCache();
  return 0;
}

function asText(found: readonly ReportedEndpoint[], host: Host): string {
  const paint = paintFor(host);
  if (found.length === 0) return "No endpoints found.\n";
  const sorted = [...found].sort((a, b) =>
    a.route < b.route ? -1 : a.route > b.route ? 1 : a.method < b.method ? -1 : 1,
  );
  const method = Math.max(...sorted.map((it) => it.method.length));
  const route = Math.min(60, Math.max(...sorted.map((it) => it.route.length)));
  return sorted
    .map(
      (it) =>
        `${paint.bold(it.method.padEnd(method))}  ${plain(it.route).padEnd(route)}  ${paint.dim(`${plain(it.path)}:${it.line}`)}${it.slos.length > 0 ? `  ${plain(it.slos.join(", "))}` : ""}${it.findings > 0 ? `  ${paint.yellow(`${it.findings} ${it.findings === 1 ? "finding" : "findings"}`)}` : ""}\n`,
    )
    .join("");
}
