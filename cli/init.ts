/** `init`: a slo-lens.yaml to begin with, which says what no code can. */
import { writeFileSync } from "node:fs";
import path from "node:path";
import type { Endpoint, Language } from "../engine/index.ts";
import { CannotRun, type ExitCode, type Host, plain } from "./host.ts";
import { openProject, scopeOf } from "./project.ts";

/** Endpoints listed for somebody to think about; more would not be read. */
const LISTED = 12;

export async function init(
  host: Host,
  options: { readonly language: Language; readonly root?: string | undefined },
): Promise<ExitCode> {
  const scope = scopeOf(host, ["."], options.root);
  const { analysis, objectives } = await openProject(host, scope, { cache: false });
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
