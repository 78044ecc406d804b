import {
  type CallView,
  type DocumentFile,
  defineRule,
  type Fix,
  type Report,
  type RuleContext,
} from "../../engine/index.ts";
import { imageOf, startedBy } from "../_shared/dockerfile.ts";
import { asksEnvironment, isUnderEnvironment } from "../_shared/environment.ts";
import { packageAbove, scriptRun, scriptsOf } from "../_shared/package-scripts.ts";
import { schemaCommand } from "../_shared/schema-commands.ts";
import { type ShellCommand, shellCommands } from "../_shared/shell.ts";

export default defineRule({
  id: "schema-sync-in-production",
  group: "data-loss",
  title: { en: "The program changes the schema when it starts", ja: "起動時にスキーマを書き換える設定" },
  severity: "warning",
  status: "stable",
  since: "0.1.0",
  scope: "anywhere",
  burns: ["durability", "availability"],
  messages: {
    sync: {
      what: {
        en: "`{option}` makes {client} change the database to fit the code at every start; a renamed column is dropped with its data.",
        ja: "`{option}` により、{client} は起動のたびにデータベースをコードに合わせて変更します。列名を変えると、その列はデータごと削除されます。",
      },
      help: {
        en: "Switch it off outside of development and write migrations.",
        ja: "開発環境以外では無効にし、マイグレーションを作成してください。",
      },
    },
    wipe: {
      what: {
        en: "`{option}` runs before the program at every start ({from}) and empties the database.",
        ja: "`{option}` が起動のたびに実行され ({from})、データベースの中身がすべて消えます。",
      },
      help: {
        en: "Write migrations, and apply them with `prisma migrate deploy`, `drizzle-kit migrate` or the like.",
        ja: "マイグレーションを作成し、`prisma migrate deploy` や `drizzle-kit migrate` などで適用してください。",
      },
    },
    command: {
      what: {
        en: "`{option}` runs before the program at every start ({from}): columns and tables that the code does not know are dropped with their data.",
        ja: "`{option}` が起動のたびに実行されます ({from})。コードにない列やテーブルはデータごと削除されます。",
      },
      help: {
        en: "Write migrations, and apply them with `prisma migrate deploy`, `drizzle-kit migrate` or the like.",
        ja: "マイグレーションを作成し、`prisma migrate deploy` や `drizzle-kit migrate` などで適用してください。",
      },
    },
  },
  documents: ["package", "dockerfile"],
  *checkDocument(document, context) {
    if (isAside(document.path)) return;
    yield* document.kind === "package" ? inPackage(document, context) : inImage(document, context);
  },
  *check(file, context) {
    if (isAside(file.path)) return;
    for (const { view, meaning } of context.meant(file)) {
      if (
        meaning.kind === "other" &&
        meaning.what === "schema-sync" &&
        meaning.data?.destructive === true &&
        !isUnderEnvironment(file, view.call.branch)
      ) {
        yield {
          at: view.call.nameAt,
          message: "sync",
          data: { option: "sync({ alter or force })", client: meaning.client },
          fixes: FIXES,
        };
      }
      if (meaning.kind !== "client" || !meaning.changesSchema || isChosen(view)) continue;
      for (const option of meaning.changesSchema) {
        const found = view.option(0, option);
        if (found.is !== "yes" || found.at.value.k !== "lit" || found.at.value.v !== true) continue;
        const edit =
          found.at.value.at && found.at.file === file
            ? [{ path: file.path, at: found.at.value.at, text: "false" }]
            : [];
        yield {
          at: view.call.nameAt,
          message: "sync",
          data: { option: `${option}: true`, client: meaning.client },
          fixes:
            edit.length > 0
              ? [
                  {
                    ...FIXES[0]!,
                    title: { en: "Application: switch it off", ja: "アプリケーション: 無効にする" },
                    safety: "choose",
                    edits: edit,
                  },
                ]
              : FIXES,
        };
      }
    }
  },
});

/** Scripts that a platform or an image runs to start what is deployed. */
const START = /^(?:pre|post)?(?:start|deploy|release)(?:[:-](?:prod|production|server|docker|migrate))?$/;
const MAX_STEPS = 4;

function* inPackage(document: DocumentFile, context: RuleContext): Generator<Report> {
  const seen = new Set<string>();
  for (const name of scriptsOf(document).keys())
    if (START.test(name)) yield* inScript(document, name, `npm run ${name}`, context, seen);
}

/** What a script of package.json runs, by way of other scripts too. */
function* inScript(
  document: DocumentFile,
  name: string,
  from: string,
  context: RuleContext,
  seen: Set<string>,
): Generator<Report> {
  const script = scriptsOf(document).get(name);
  if (!script?.isPlain || seen.has(name) || seen.size > 50) return;
  seen.add(name);
  yield* inCommands(shellCommands(document.text, ...script.at), document, document, from, context, seen);
}

function* inImage(document: DocumentFile, context: RuleContext): Generator<Report> {
  const image = imageOf(document);
  for (const instruction of image ? [image.entrypoint, image.cmd] : []) {
    const started = instruction && startedBy(instruction, document, image!, context.documents);
    if (!started) continue;
    if (started.isPlaced)
      yield* inCommands(started.commands, started.document, document, document.path, context, new Set());
  }
}

/** @param home the file whose package.json the package manager reads */
function* inCommands(
  commands: readonly ShellCommand[] | undefined,
  document: DocumentFile,
  home: DocumentFile,
  from: string,
  context: RuleContext,
  seen: Set<string>,
): Generator<Report> {
  if (!commands || seen.size > MAX_STEPS * 10) return;
  for (const [i, it] of commands.entries()) {
    // Under a question: of the environment, or whether something else went wrong.
    if (it.isNested || it.before === "||" || isTest(commands[i - 1])) continue;
    const found = schemaCommand(it);
    if (found) {
      yield {
        at: found.at,
        path: document.path,
        message: /reset|drop$/.test(found.name) ? "wipe" : "command",
        data: { option: found.name, client: found.client, from },
        fixes: found.instead
          ? [
              {
                title: {
                  en: "Application: apply migrations instead",
                  ja: "アプリケーション: マイグレーションの適用に変える",
                },
                layer: "application",
                safety: "choose",
                edits: [{ path: document.path, at: found.at, text: found.instead }],
                explain: FIXES[0]!.explain!,
              },
              FIXES[1]!,
            ]
          : FIXES,
      };
      continue;
    }
    const run = scriptRun(it.words.map((word) => word.text));
    const manifest = run && (home.kind === "package" ? home : packageAbove(home.path, context.documents));
    if (run && manifest && !(home.kind !== "package" && START.test(run.script)))
      yield* inScript(manifest, run.script, from, context, seen);
  }
}

const isTest = (it: ShellCommand | undefined): boolean =>
  it?.after === "&&" && /^(?:\[\[?|test)$/.test(it.words[0]?.text ?? "");

/** `new DataSource(isProd ? a : b)`: one of two by the environment, of which nobody can say here that it is the wrong one. */
function isChosen(view: CallView): boolean {
  let given = view.call.args[0];
  if (given?.k === "ref") given = view.file.bindings[given.b]!.value;
  return given?.k === "either" && given.test !== undefined && asksEnvironment(given.test, view.file);
}

const isAside = (path: string): boolean =>
  /(^|\/)(tests?|__tests__|e2e|fixtures?|seeds?|scripts?|examples?)(\/|$)|[.-](test|spec|seed|dev)\.[cm]?[jt]sx?$/i.test(
    path,
  );

const FIXES: readonly Fix[] = [
  {
    title: { en: "Application: write migrations", ja: "アプリケーション: マイグレーションを作成する" },
    layer: "application",
    safety: "scaffold",
    edits: [],
    explain: {
      en: "Generate one from the difference, read it, and run it as a step of the deployment.",
      ja: "差分から生成して内容を確認し、デプロイの一工程として実行します。",
    },
  },
  {
    title: {
      en: "Infrastructure: a role that may not change the schema",
      ja: "インフラ: スキーマを変更できないロール",
    },
    layer: "infrastructure",
    safety: "choose",
    edits: [],
    explain: { en: "The program's own role needs no DDL.", ja: "アプリケーションのロールに DDL 権限は不要です。" },
  },
];
