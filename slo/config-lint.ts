/** What in slo-lens.yaml names nothing that the workspace has: a mapping with a slip in it would be silent for ever. */
import { nearest, parseEndpoint } from "./config.ts";
import type { SloFile } from "./load.ts";
import type { CodeEndpoint, SloProblem } from "./model.ts";
import { problem, write } from "./problem-texts.ts";
import { parseRoute } from "./route-pattern.ts";
import { configReferences, type SloSymbol } from "./symbols.ts";

export interface ConfigWorkspace {
  readonly slos: readonly { readonly id: string; readonly service: string }[];
  readonly endpoints: readonly CodeEndpoint[];
  /** False until the code was read once: nothing is missing from what is not known. */
  readonly isReady: boolean;
}

const MAX_PROBLEMS = 100;

/** Beside what `readConfig` tells of the file alone. Ranges are offsets into its text. */
export function lintConfig(file: SloFile, workspace: ConfigWorkspace): readonly SloProblem[] {
  if (!workspace.isReady) return [];
  const { slos, endpoints } = workspace;
  const ids = [...new Set(slos.map((it) => it.id))];
  const services = [...new Set(slos.map((it) => it.service))].filter((it) => it !== "");
  const written = [...new Set(endpoints.map((it) => `${it.method} ${it.route}`))];
  const known = new Set(endpoints.map((it) => routeKey(it.method, it.route)));
  const routes = new Set(endpoints.map((it) => canonical(it.route)));
  const problems = configReferences(file).flatMap((symbol): readonly SloProblem[] => {
    const { kind, name, range } = symbol;
    if (kind === "slo") return ids.includes(name) ? [] : [unknown("config-unknown-slo", symbol, ids, "warning")];
    // A service need not have an objective: only what is nearly one's name is a slip.
    if (kind === "service") {
      const meant = services.includes(name) ? undefined : nearest(name, services);
      return meant === undefined
        ? []
        : [problem("config-unknown-service", "warning", range, { name, meant }, write(range, meant))];
    }
    const endpoint = kind === "endpoint" ? parseEndpoint(name) : undefined;
    if (endpoint === undefined || endpoints.length === 0) return [];
    const isThere =
      endpoint.method === "*"
        ? routes.has(canonical(endpoint.route))
        : known.has(routeKey(endpoint.method, endpoint.route)) || known.has(routeKey("ALL", endpoint.route));
    return isThere ? [] : [unknown("config-unknown-endpoint", symbol, written, "information")];
  });
  return problems.slice(0, MAX_PROBLEMS);
}

const canonical = (route: string) => parseRoute(route)?.canonical ?? route;
const routeKey = (method: string, route: string) => `${method} ${canonical(route)}`;

/** A slip where something like it is there; routes that the code makes at run time cannot be seen. */
function unknown(
  code: "config-unknown-slo" | "config-unknown-endpoint",
  { name, range }: SloSymbol,
  allowed: readonly string[],
  severity: SloProblem["severity"],
): SloProblem {
  const meant = nearest(name, allowed);
  if (meant === undefined) return problem(code, severity, range, { name });
  return problem(`${code}-near`, "warning", range, { name, meant }, write(range, meant));
}
