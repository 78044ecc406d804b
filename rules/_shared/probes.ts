/** Which addresses Kubernetes asks, and what for, as the manifests of the repository say. */
import type { DocumentFiles, RuleContext } from "../../engine/index.ts";

export interface Probe {
  readonly kind: "liveness" | "readiness" | "startup";
  /** As written, without a trailing slash. */
  readonly route: string;
  readonly path: string;
}

const MAX_FILES = 300;
const memo = new WeakMap<DocumentFiles, readonly Probe[]>();

export function probesOf(context: RuleContext): readonly Probe[] {
  let known = memo.get(context.documents);
  if (!known) {
    known = context.documents.infrastructure.slice(0, MAX_FILES).flatMap((path) => {
      const text = /\.ya?ml$/.test(path) ? context.text(path) : undefined;
      return text?.includes("Probe:") ? probesIn(path, text) : [];
    });
    memo.set(context.documents, known);
  }
  return known;
}

/** Read by indentation: charts with templates in them are no YAML. */
function probesIn(path: string, text: string): Probe[] {
  const lines = text.split(/\r?\n/);
  return lines.flatMap((line, i): Probe[] => {
    const head = /^(\s*)(?:- )?(liveness|readiness|startup)Probe:\s*$/.exec(line);
    if (!head) return [];
    for (let at = i + 1; at < Math.min(lines.length, i + 20); at++) {
      const own = lines[at]!;
      if (own.trim() !== "" && /^\s*/.exec(own)![0].length <= head[1]!.length) break;
      const route = /^\s*path:\s*["']?(\/[^\s"']*)/.exec(own)?.[1];
      if (route)
        return [{ kind: head[2] as Probe["kind"], route: route.length > 1 ? route.replace(/\/$/, "") : route, path }];
    }
    return [];
  });
}
