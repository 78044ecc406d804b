/** `trace`: what reaches a line, and on which way. */
import path from "node:path";
import {
  type Chain,
  type Entry,
  entryText,
  type FileSummary,
  functionAt,
  functionsOn,
  type Hop,
  hopText,
  type Language,
  lineStart,
  pathKind,
} from "../engine/index.ts";
import { describeEndpoint, placesIn } from "./findings.ts";
import { CannotRun, type ExitCode, type Host, paintFor, plain } from "./host.ts";
import { openProject, type Scope, scopeOf } from "./project.ts";

export interface TraceOptions {
  readonly format: "text" | "json";
  readonly language: Language;
  readonly cache: boolean;
  readonly root?: string | undefined;
  /** `FILE:LINE`, the line 1-based. */
  readonly at: string;
}

/** One function on the way. `async` says that the one before does not wait for it, and what carries the work. */
interface TracedLink {
  readonly name: string;
  readonly path: string;
  readonly line: number;
  readonly async?: Partial<Hop>;
}

const MAX_OTHERS = 50;

export async function trace(host: Host, paths: readonly string[], options: TraceOptions): Promise<ExitCode> {
  const scope = scopeOf(host, paths, options.root);
  const { analysis, workspace } = await openProject(host, scope, {
    cache: options.cache,
    tests: pathKind(options.at.replace(/:\d+$/, "")) === "test",
  });
  const { file, line } = lineAt(host, scope, workspace.files, options.at);
  const text = workspace.text(file.path) ?? "";
  const places = placesIn(workspace, scope);
  const chains = new Map<Entry, Chain>();
  let complete = true;
  for (const { f, at } of functionsOn(file, line, text)) {
    const reached = analysis.reach({ file, f }, at);
    complete &&= reached.complete;
    for (const it of reached.chains) if (!chains.has(it.entry)) chains.set(it.entry, it);
  }
  const linksOf = ({ links }: Chain): readonly TracedLink[] =>
    links.map(({ fn }, i) => {
      const summary = fn.file.functions[fn.f]!;
      const hop = links[i - 1]?.hop;
      return {
        name: summary.name,
        path: scope.shown(fn.file.path),
        line: places.of(fn.file.path, summary.nameAt[0]).line,
        ...(hop ? { async: hop } : {}),
      };
    });
  const answer = {
    function: file.functions[functionAt(file, lineStart(file, line, text))]!.name,
    endpoints: [...chains].flatMap(([entry, chain]) =>
      entry.kind === "endpoint" ? [{ ...describeEndpoint(entry, places), chain: linksOf(chain) }] : [],
    ),
    others: [...chains]
      .flatMap(([entry, chain]) =>
        entry.kind === "endpoint" || entry.kind === "test"
          ? []
          : [
              {
                kind: entry.kind,
                name: entry.name,
                path: scope.shown(entry.path),
                line: places.of(entry.path, entry.at[0]).line,
                chain: linksOf(chain),
              },
            ],
      )
      .slice(0, MAX_OTHERS),
    complete,
  };
  if (options.format === "json") host.out(`${JSON.stringify(answer, null, host.isTerminal ? 2 : 0)}\n`);
  else {
    const { language } = options;
    const ja = language === "ja";
    const paint = paintFor(host);
    const place = (it: { readonly path: string; readonly line: number }): string =>
      paint.dim(`${plain(it.path)}:${it.line}`);
    const link = (it: TracedLink): string =>
      `    ${it.async ? `${paint.yellow(`${plain(hopText(it.async, language))}:`)} ` : ""}${plain(it.name)}  ${place(it)}\n`;
    const listed = [
      ...answer.endpoints.map((it) => ({ ...it, title: `${it.method} ${plain(it.route)}` })),
      ...answer.others.map((it) => ({ ...it, title: plain(entryText(it.kind, it.name, language)) })),
    ].map((it) => `${paint.bold(it.title)}  ${place(it)}\n${it.chain.map(link).join("")}`);
    const name = plain(answer.function);
    const more = ja
      ? "ほかにもあり得ます（探索の上限に達しました）。\n"
      : "and perhaps by more: the search met its bound.\n";
    const none = ja
      ? `${name} に到達するエンドポイントやジョブは見つかっていません。\n`
      : `No endpoint or job is known to reach ${name}.\n`;
    const head = ja ? `${name} の到達元:\n` : `${name} is reached by\n`;
    host.out(listed.length === 0 ? none : `${head}${listed.join("")}${complete ? "" : more}`);
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
