/** What a workspace of strings serves, as short lines that read well in assertions. */
import { handlerOf } from "../../engine/index.ts";
import { type Files, workspaceOf } from "./workspace.ts";

/** `GET /users/:id users.ts show`, sorted; the last word is the handler's name. */
export function endpointLines(files: Files): readonly string[] {
  const { analysis } = workspaceOf(files);
  const lines = analysis.endpoints.map((it) => {
    const handler = handlerOf(it);
    return `${it.method} ${it.route} ${it.path} ${handler ? handler.file.functions[handler.f]!.name : "-"}`;
  });
  if (analysis.failures.length > 0) throw new Error(analysis.failures.map((it) => it.message).join("\n"));
  return lines.sort();
}

/** `GET /users/:id`, sorted. */
export function routeLines(files: Files): readonly string[] {
  return endpointLines(files).map((it) => it.split(" ").slice(0, 2).join(" "));
}

/** `job email worker.ts`, sorted: entries other than endpoints. */
export function activityLines(files: Files): readonly string[] {
  const { analysis } = workspaceOf(files);
  return analysis.entries.flatMap((it) => (it.kind === "endpoint" ? [] : [`${it.kind} ${it.name} ${it.path}`])).sort();
}
