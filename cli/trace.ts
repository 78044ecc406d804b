/** `trace`: which endpoints reach a line, and on which way. */
import path from "node:path";
import { type Chain, type Endpoint, type FileSummary, functionAt, pathKind, type Span } from "../engine/index.ts";
import { describeEndpoint, placesIn } from "./findings.ts";
import { CannotRun, type ExitCode, type Host, paintFor, plain } from "./host.ts";
import { openProject, type Scope, scopeOf } from "./project.ts";

export interface TraceOptions {
  readonly format: "text" | "json";
  readonly cache: boolean;
  readonly root?: string | undefined;
  /** `FILE:LINE`, the line 1-based. */
  readonly at: string;
}

export async function trace(host: Host, paths: readonly string[], options: TraceOptions): Promise<ExitCode> {
  const scope = scopeOf(host, paths, options.root);
  const { analysis, workspace } = await openProject(host, scope, {
    cache: options.cache,
    tests: pathKind(options.at.replace(/:\d+$/, "")) === "test",
  });
  const { file, line } = lineAt(host, scope, workspace.files, options.at);
  const places = placesIn(workspace, scope);
  const chains = new Map<Endpoint, Chain>();
  let complete = true;
  for (const { f, at } of functionsOn(file, line, workspace.text(file.path) ?? "")) {
    const reached = analysis.reach({ file, f }, at);
    complete &&= reached.complete;
    for (const it of reached.chains)
      if (it.entry.kind === "endpoint" && !chains.has(it.entry)) chains.set(it.entry, it);
  }
  const answer = {
    function: file.functions[functionAt(file, textStart(file, line, workspace.text(file.path) ?? ""))]!.name,
    endpoints: [...chains].map(([endpoint, chain]) => ({
      ...describeEndpoint(endpoint, places),
      chain: chain.links.map(({ fn }) => {
        const summary = fn.file.functions[fn.f]!;
        return {
          name: summary.name,
          path: scope.shown(fn.file.path),
          line: places.of(fn.file.path, summary.nameAt[0]).line,
        };
      }),
    })),
    complete,
  };
  if (options.format === "json") host.out(`${JSON.stringify(answer, null, host.isTerminal ? 2 : 0)}\n`);
  else {
    const paint = paintFor(host);
    const lines = answer.endpoints.map(
      (it) =>
        `${paint.bold(`${it.method} ${plain(it.route)}`)}  ${paint.dim(`${plain(it.path)}:${it.line}`)}\n${it.chain.map((link) => `    ${plain(link.name)}  ${paint.dim(`${plain(link.path)}:${link.line}`)}\n`).join("")}`,
    );
    host.out(
      lines.length === 0
        ? `No endpoint is known to reach ${plain(answer.function)}.\n`
        : `${plain(answer.function)} is reached by\n${lines.join("")}${complete ? "" : "and perhaps by more: the search met its bound.\n"}`,
    );
  }
  if (options.cache) workspace.saveCache();
  return 0;
}

/** The file and line that `FILE:LINE` names. */
export function lineAt(
  host: Host,
  scope: Scope,
  files: ReadonlyMap<string, FileSummary>,
  at: string,
): { readonly file: FileSummary; readonly line: number } {
  const split = /^(.+):(\d+)(?::\d+)?$/.exec(at);
  if (!split) throw new CannotRun(`--at takes FILE:LINE, not "${at}".`);
  const relative = path.relative(scope.root, path.resolve(host.cwd, split[1]!)).split(path.sep).join("/");
  const file = files.get(relative);
  if (!file) throw new CannotRun(`"${split[1]}" is no source file of this workspace.`);
  const line = Number(split[2]);
  if (line < 1 || line > file.lines.length)
    throw new CannotRun(`"${split[1]}" has ${file.lines.length} lines; there is no line ${line}.`);
  return { file, line };
}

/** Functions that a line is about: the one it stands in, those that begin on it, those of the calls on it. */
export function functionsOn(
  file: FileSummary,
  line: number,
  text: string,
): readonly { readonly f: number; readonly at: Span }[] {
  const start = file.lines[line - 1]!;
  const end = file.lines[line] ?? Number.POSITIVE_INFINITY;
  const first = textStart(file, line, text);
  const found = new Map<number, Span>();
  file.calls.forEach((call) => {
    if (start <= call.nameAt[0] && call.nameAt[0] < end) found.set(call.fn, call.at);
  });
  file.functions.forEach((fn, f) => {
    if (f > 0 && start <= fn.nameAt[0] && fn.nameAt[0] < end) found.set(f, fn.bodyAt);
  });
  const around = functionAt(file, first);
  if (!found.has(around)) found.set(around, [first, first]);
  return [...found].map(([f, at]) => ({ f, at }));
}

function textStart(file: FileSummary, line: number, text: string): number {
  const start = file.lines[line - 1]!;
  return start + (/^[ \t]*/.exec(text.slice(start, file.lines[line]))?.[0].length ?? 0);
}
