import { defineRule, type FileSummary, type Fix, type Value } from "../../engine/index.ts";

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
  },
  *check(file, context) {
    if (isAside(file.path)) return;
    for (const { view, meaning } of context.meant(file)) {
      if (
        meaning.kind === "other" &&
        meaning.what === "schema-sync" &&
        meaning.data?.destructive === true &&
        !isGuarded(file, view.call.branch)
      ) {
        yield {
          at: view.call.nameAt,
          message: "sync",
          data: { option: "sync({ alter or force })", client: meaning.client },
          fixes: FIXES,
        };
      }
      if (meaning.kind !== "client" || meaning.client !== "TypeORM") continue;
      for (const option of ["synchronize", "dropSchema"]) {
        const found = view.option(0, option);
        if (found.is !== "yes" || found.at.value.k !== "lit" || found.at.value.v !== true) continue;
        const kind = view.option(0, "type");
        const database = view.option(0, "database");
        if (
          kind.is === "yes" &&
          /sqlite|sqljs/.test(view.text(kind.at) ?? "") &&
          database.is === "yes" &&
          view.text(database.at) === ":memory:"
        )
          continue;
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

/** Under a question about the environment. */
function isGuarded(file: FileSummary, branch: number | undefined): boolean {
  const asks = (value: Value, depth = 0): boolean =>
    depth < 6 &&
    (value.k === "get"
      ? /env|dev|test|prod/i.test(value.name) || asks(value.of, depth + 1)
      : value.k === "op"
        ? value.args.some((it) => asks(it, depth + 1))
        : value.k === "either"
          ? asks(value.a, depth + 1) || asks(value.b, depth + 1)
          : value.k === "ref"
            ? /env|dev|test|prod/i.test(file.bindings[value.b]?.name ?? "")
            : false);
  for (let b = branch; b !== undefined; b = file.branches[b]!.parent) if (asks(file.branches[b]!.test)) return true;
  return false;
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
