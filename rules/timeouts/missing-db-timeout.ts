import { type CallView, defineRule, type FileSummary, type Fix, type RuleContext } from "../../engine/index.ts";
import { isCommandPath } from "../_shared/command-files.ts";
import { optionEdit } from "../_shared/option-edit.ts";

export default defineRule({
  id: "missing-db-timeout",
  group: "timeouts",
  title: { en: "Database connections awaited without end", ja: "データベース接続の待ち時間に上限がない" },
  severity: "warning",
  status: "stable",
  since: "0.1.0",
  scope: "anywhere",
  burns: ["availability", "latency"],
  messages: {
    connect: {
      what: {
        en: "{client} waits without end for a connection: neither connecting nor waiting for a free one has a limit.",
        ja: "{client} は接続を際限なく待ちます。接続の確立にも、空き接続の待機にも上限がありません。",
      },
      help: {
        en: "When the database hangs or the pool is used up, every request waits here and none fails. Set `{option}`, and `query_timeout` or `statement_timeout` for the statement itself.",
        ja: "データベースが応答しない、またはプールを使い切ると、すべてのリクエストがここで待ち続け、失敗もしません。`{option}` を、文の実行には `query_timeout` または `statement_timeout` を設定してください。",
      },
    },
    off: {
      what: {
        en: "{client} is told to wait without end for a connection; by itself it gives up after {ms} ms.",
        ja: "{client} が接続を際限なく待つ設定になっています。既定では {ms} ミリ秒であきらめます。",
      },
      help: {
        en: "When the database hangs, every request waits here and none fails. Leave the option out, or give it a number.",
        ja: "データベースが応答しないと、すべてのリクエストがここで待ち続け、失敗もしません。オプションを外すか、数値を指定してください。",
      },
    },
  },
  *check(file, context) {
    for (const { view, meaning } of context.meant(file)) {
      if (meaning.kind !== "client" || meaning.of !== "database" || meaning.limit.bounded !== "no" || isAside(view))
        continue;
      // Nobody loads it: it is there for the tool, which waits on purpose.
      if (meaning.readByTools && !context.everywhere(loadedBy).some((it) => it.includes(file.path))) continue;
      const edit =
        meaning.site && meaning.option
          ? optionEdit(meaning.site, meaning.option, context.text(meaning.site.path))
          : undefined;
      const ms = meaning.limit.defaultMs;
      yield {
        at: view.call.nameAt,
        message: ms === undefined ? "connect" : "off",
        data: {
          client: meaning.client,
          ...(ms === undefined ? { option: optionName(meaning.option) } : { ms: ms.toLocaleString("en") }),
        },
        fixes: [...(edit ? [application(edit)] : []), PRODUCT, INFRASTRUCTURE],
      };
    }
  },
});

/** `connectionTimeoutMillis` of `connectionTimeoutMillis: 2_000`. */
const optionName = (written: string | undefined): string => written?.split(":")[0] ?? "connectionTimeoutMillis";

/** Commands, migrations and tests wait for a database on purpose. */
function isAside(view: CallView): boolean {
  const { path } = view.file;
  return isCommandPath(path) || /(^|\/)examples?(\/|$)|[.-]migrate\.[cm]?[jt]sx?$/i.test(path);
}

/** Files of the workspace that a file loads. */
function loadedBy(file: FileSummary, { program }: RuleContext): readonly string[] | undefined {
  const found = file.imports.flatMap((it) =>
    it.typeOnly ? [] : (program.input.resolve(file.path, it.specifier) ?? []),
  );
  return found.length > 0 ? found : undefined;
}

const application = (edit: NonNullable<ReturnType<typeof optionEdit>>): Fix => ({
  title: { en: "Application: fail after 2 s without a connection", ja: "アプリケーション: 2 秒で接続をあきらめる" },
  layer: "application",
  safety: "choose",
  edits: [edit],
  explain: {
    en: "Bounds connecting and waiting for a free connection (measured: 2,018 ms). Statements need `query_timeout` as well. Callers then get an error where they waited.",
    ja: "接続の確立と空き接続の待機を制限します(実測 2,018 ms)。文の実行には別途 `query_timeout` が必要です。待っていた呼び出し側にはエラーが返ります。",
  },
});
const PRODUCT: Fix = {
  title: { en: "Product: keep reports off the request path", ja: "プロダクト: 集計処理をリクエストから外す" },
  layer: "product",
  safety: "choose",
  edits: [],
  explain: {
    en: "What uses up the pool is mostly a slow report. Give it a pool of its own, or a job.",
    ja: "プールを使い切る原因の多くは遅い集計です。専用のプールかジョブに分けてください。",
  },
};
const INFRASTRUCTURE: Fix = {
  title: { en: "Infrastructure: limits on the database role", ja: "インフラ: データベースロールに上限を設定" },
  layer: "infrastructure",
  safety: "choose",
  edits: [],
  explain: {
    en: "`ALTER ROLE app SET statement_timeout = '5s', lock_timeout = '1s'` protects every client at once.",
    ja: "`ALTER ROLE app SET statement_timeout = '5s', lock_timeout = '1s'` であれば全クライアントを一度に保護できます。",
  },
};
