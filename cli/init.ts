/** `init`: a slo-lens.yaml to begin with, which says what no code can; with `--endpoint` an objective for one of them. */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { Endpoint, Language } from "../engine/index.ts";
import { achieved, type NewSloFormat, newSloFor, proposeSlo } from "../slo/index.ts";
import { CannotRun, type ExitCode, type Host, plain } from "./host.ts";
import { openProject, type Project, type Scope, scopeOf } from "./project.ts";
import { checkAddresses, type SourceOptions, sourceFor } from "./status.ts";

export interface InitOptions extends SourceOptions {
  readonly language: Language;
  readonly root?: string | undefined;
  /** `GET /recipes/:id`: write an objective for it. */
  readonly endpoint?: string | undefined;
  readonly sloFormat?: NewSloFormat | undefined;
}

/** Endpoints listed for somebody to think about; more would not be read. */
const LISTED = 12;

export async function init(host: Host, options: InitOptions): Promise<ExitCode> {
  checkAddresses(options);
  const scope = scopeOf(host, ["."], options.root);
  const project = await openProject(host, scope, { cache: false });
  if (options.endpoint !== undefined) return initSlo(host, project, scope, options.endpoint, options);
  const { analysis, objectives } = project;
  if (objectives.configPath !== undefined)
    throw new CannotRun(`There is a ${scope.shown(objectives.configPath)} already; it is left as it is.`);
  const file = path.join(scope.root, "slo-lens.yaml");
  try {
    // Never over a file that appeared meanwhile.
    writeFileSync(file, starter(analysis.endpoints, options.language), { flag: "wx" });
  } catch (error) {
    throw new CannotRun(`${file} cannot be written: ${error instanceof Error ? error.message : error}`);
  }
  const shown = scope.shown("slo-lens.yaml");
  host.out(
    options.language === "ja"
      ? `${shown} を作成しました。内容を確認してコミットしてください。\n`
      : `Wrote ${shown}. Read it, change it, commit it.\n`,
  );
  return 0;
}

/** Writes the SLO file of one endpoint, its target from what was achieved where a source is connected. */
async function initSlo(
  host: Host,
  { analysis, objectives, workspace }: Project,
  scope: Scope,
  wanted: string,
  options: InitOptions,
): Promise<ExitCode> {
  const [, method, route] = /^(?:([A-Za-z]+)\s+)?(\/\S*)$/.exec(wanted.trim()) ?? [];
  if (route === undefined)
    throw new CannotRun(`--endpoint takes a method and a route, "GET /recipes/:id", not "${wanted}".`);
  const found = analysis.endpoints.filter(
    (it) => it.route === route && (method === undefined || it.method === method.toUpperCase()),
  );
  const [endpoint, other] = found;
  if (!endpoint) throw new CannotRun(`No endpoint ${plain(wanted)} was found. \`slo-lens endpoints\` lists them.`);
  if (other && other.method !== endpoint.method)
    throw new CannotRun(
      `${plain(route)} has several methods (${[...new Set(found.map((it) => it.method))].join(", ")}); name one.`,
    );
  if (
    objectives
      .matches(analysis.endpoints)
      .some((it) => it.endpoint.method === endpoint.method && it.endpoint.route === route)
  )
    throw new CannotRun(`${endpoint.method} ${plain(route)} has an objective already; \`slo-lens slos\` shows it.`);
  const source = sourceFor(host, objectives, scope.root, options);
  const draft = newSloFor({
    endpoint,
    endpoints: analysis.endpoints,
    objectives,
    declared: analysis.metrics,
    manifest: workspace.text,
    rootName: path.basename(scope.root),
    format: options.sloFormat,
  });
  const { file, proposal, measured } = await proposeSlo(
    draft,
    source?.kind === "snapshot" ? undefined : source,
    host.now(),
    host.signal,
    options.language,
  );
  const name = freeName(path.join(scope.root, "slo"), file.name);
  const at = path.join(scope.root, "slo", name);
  try {
    mkdirSync(path.dirname(at), { recursive: true });
    writeFileSync(at, file.text, { flag: "wx" });
  } catch (error) {
    throw new CannotRun(`${at} cannot be written: ${error instanceof Error ? error.message : error}`);
  }
  const shown = scope.shown(`slo/${name}`);
  host.out(options.language === "ja" ? `${shown} を作成しました。\n` : `Wrote ${shown}.\n`);
  if (measured) host.out(`${achieved(proposal, measured, options.language)}\n`);
  else
    host.out(
      options.language === "ja"
        ? "実測値がないため、目標は仮の値です。\n"
        : "Nothing was measured, so the target is a guess.\n",
    );
  return 0;
}

function freeName(folder: string, name: string): string {
  for (let i = 1; ; i++) {
    const it = i === 1 ? name : name.replace(/(\.\w+)$/, `-${i}$1`);
    if (!existsSync(path.join(folder, it))) return it;
  }
}

function starter(endpoints: readonly Endpoint[], language: Language): string {
  const changing = endpoints.filter((it) => it.method !== "GET" && it.method !== "ALL");
  const listed = [...new Set([...changing, ...endpoints].map((it) => `${it.method} ${plain(it.route)}`))].slice(
    0,
    LISTED,
  );
  const words = language === "ja" ? JAPANESE : ENGLISH;
  const entries = (listed.length > 0 ? listed : ["POST /orders"])
    .map((it) => `#   ${JSON.stringify(it)}:\n#     criticality: normal\n#     harm: ""`)
    .join("\n");
  return `# ${words.top}\n\n# ${words.stage}\nstage: growth\n\n# ${words.endpoints}\n# endpoints:\n${entries}\n\n# ${words.rules}\n# rules:\n#   unbounded-count: information\n\n# ${words.telemetry}\n# telemetry:\n#   prometheus:\n#     url: http://localhost:9090\n`;
}

const ENGLISH = {
  top: "What the team knows and no code says. Every part may be left out.",
  stage: "early (a team of one: nothing but hints), growth, or mature (what is worth knowing is worth fixing).",
  endpoints:
    "How much an endpoint matters (high, normal, low), and what a failure there means to the person who asked.",
  rules: "Severities: off, hint, information, warning, error. `slo-lens rules` lists the rules.",
  telemetry: "Where the numbers come from: prometheus, snapshot (a file that CI writes) or scrape (a metrics page).",
};

const JAPANESE = {
  top: "コードからは読み取れない、チームだけが知っていることを書きます。どの項目も省略できます。",
  stage: "early(1 人のチーム。警告は出さない)、growth、mature(知る価値のあるものは直す価値もある)から選びます。",
  endpoints: "エンドポイントの重要度(high、normal、low)と、そこで失敗したときに利用者に何が起きるか。",
  rules: "重大度は off、hint、information、warning、error。ルールの一覧は `slo-lens rules` で確認できます。",
  telemetry: "数値の取得元。prometheus、snapshot(CI が書き出すファイル)、scrape(メトリクスのページ)のいずれか。",
};
