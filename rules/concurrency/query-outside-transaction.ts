import {
  type CallView,
  defineRule,
  type FileSummary,
  type Fix,
  pathKind,
  type QueryMeaning,
  type Report,
  type RuleContext,
} from "../../engine/index.ts";
import { optionEdit } from "../_shared/option-edit.ts";
import {
  callsInside,
  rootType,
  TRANSACTION_TYPES,
  type TransactionBlock,
  transactionBlocks,
} from "../_shared/transactions.ts";

const WRITES = new Set(["create", "create-many", "update", "delete", "upsert", "truncate"]);

export default defineRule({
  id: "query-outside-transaction",
  group: "concurrency",
  title: { en: "Query beside the transaction it stands in", ja: "トランザクション内にあるのに外で実行されるクエリ" },
  severity: "warning",
  status: "stable",
  since: "0.1.0",
  scope: "anywhere",
  burns: ["correctness", "availability"],
  messages: {
    write: {
      what: {
        en: "This {client} write runs on another connection, outside of the transaction around it: a rollback keeps it, and a row locked by the transaction blocks it for ever.",
        ja: "この {client} の書き込みは、囲んでいるトランザクションの外の別接続で実行されます。ロールバックしても残り、トランザクションがロックした行では永久に待たされます。",
      },
      help: {
        en: "Make it through the transaction's handle.",
        ja: "トランザクションのハンドル経由で実行してください。",
      },
    },
    read: {
      what: {
        en: "This {client} query runs on another connection, outside of the transaction around it: it does not see what the transaction wrote, and takes a second connection from the pool.",
        ja: "この {client} のクエリは、囲んでいるトランザクションの外の別接続で実行されます。トランザクションの変更は見えず、プールから 2 本目の接続を消費します。",
      },
      help: {
        en: "Make it through the transaction's handle.",
        ja: "トランザクションのハンドル経由で実行してください。",
      },
    },
  },
  *check(file, context) {
    if (pathKind(file.path)) return;
    const seen = new Set<number>();
    for (const block of transactionBlocks(file, context)) {
      if (block.library === "sequelize" && context.everywhere(usesContinuationStorage).length > 0) continue;
      const unheld: { readonly report: Report; readonly isWrite: boolean }[] = [];
      for (const placed of callsInside(file, block)) {
        if (seen.has(placed.c)) continue;
        const callee = context.program.callee(placed.file, placed.c);
        // Perhaps the handle, perhaps the client: silent.
        if (
          callee.k === "any" &&
          callee.of.some((it) => it.k === "method" && TRANSACTION_TYPES.has(rootType(it.recv) ?? ""))
        )
          continue;
        for (const meaning of context.program.meanings(placed)) {
          if (meaning.kind !== "query") continue;
          const view = context.program.view(placed);
          if (!isOutside(view, meaning, block) || isGivenHandle(view, block)) continue;
          // A part of another statement runs where that one runs.
          if (meaning.lazy && lastOf(view).call.use === "argument") continue;
          seen.add(placed.c);
          const report: Report = {
            at: view.call.nameAt,
            message: WRITES.has(meaning.action) ? "write" : "read",
            data: { client: meaning.client },
            fixes: fixes(view, meaning, block, context),
          };
          // Nobody took the handle: what is forgotten is one thing, and not one for each query.
          if (file.functions[block.f]!.params.length === 0)
            unheld.push({ report, isWrite: WRITES.has(meaning.action) });
          else yield report;
          break;
        }
      }
      const first = unheld.find((it) => it.isWrite) ?? unheld[0];
      if (first)
        yield {
          ...first.report,
          covers: unheld.flatMap((it) => (it === first ? [] : [{ path: file.path, at: it.report.at }])),
        };
    }
  },
});

function isOutside(view: CallView, meaning: QueryMeaning, block: TransactionBlock): boolean {
  if (view.recv?.library.name !== block.library || meaning.inTransaction === "yes") return false;
  if (block.library === "sequelize") return meaning.inTransaction === "no" && !hasContext(view);
  const type = rootType(view.recv);
  if (block.library === "typeorm") return type === "Repository" || type === "DataSource";
  return (
    type !== undefined &&
    !TRANSACTION_TYPES.has(type) &&
    (type === "PrismaClient" || type === "Knex" || type === "Kysely" || type === "Database" || type === "Pool")
  );
}

const lastOf = (view: CallView): CallView => view.after().at(-1)?.view ?? view;

const MAX_LINKS = 30;

/** `this.keysOf(tx, account).count()`: the project function at the root of the chain was given the handle. */
function isGivenHandle({ file, call }: CallView, block: TransactionBlock): boolean {
  let of = call.callee;
  for (let i = 0; i < MAX_LINKS; i++) {
    if (of.k === "get") of = of.of;
    else if (of.k === "call") {
      const { args, callee } = file.calls[of.c]!;
      const isHandle = args.some((it) => {
        const binding = it.k === "ref" ? file.bindings[it.b] : undefined;
        return binding?.kind === "param" && binding.fn === block.f;
      });
      if (isHandle) return true;
      of = callee;
    } else return false;
  }
  return false;
}

/** A context object may carry the transaction. */
function hasContext(view: CallView): boolean {
  return (
    view.call.args.some(
      (it) => it.k === "ref" && /^(ctx|context|options?|opts)$/.test(view.file.bindings[it.b]?.name ?? ""),
    ) || /WithCtx$/.test(view.name)
  );
}

/** `Sequelize.useCLS(namespace)`: every query finds its transaction by itself. */
const usesContinuationStorage = (file: FileSummary): true | undefined =>
  file.calls.some((it) => it.callee.k === "get" && it.callee.name === "useCLS") || undefined;

function fixes(view: CallView, meaning: QueryMeaning, block: TransactionBlock, context: RuleContext): Fix[] {
  const handle = view.file.functions[block.f]!.params[0]?.name;
  if (!handle) return [];
  const title = {
    en: `Application: run it through \`${handle}\``,
    ja: `アプリケーション: \`${handle}\` 経由で実行する`,
  };
  const explain = {
    en: "It then commits and rolls back with the rest.",
    ja: "他の処理と一緒にコミットまたはロールバックされます。",
  };
  if (block.library === "sequelize") {
    const index =
      meaning.action === "one" && view.name === "findByPk"
        ? 1
        : view.name === "destroy" || view.name === "save" || view.name === "reload" || /^find|^count$/.test(view.name)
          ? 0
          : 1;
    const site = view.optionSite(index);
    const property = handle === "transaction" ? "transaction" : `transaction: ${handle}`;
    const edit = site ? optionEdit(site, property, context.text(site.path)) : undefined;
    return edit ? [{ title, layer: "application", safety: "safe", edits: [edit], explain }] : [];
  }
  // `prisma.user.create(…)`: the name of the client is the first word of the call.
  const text = context.text(view.file.path);
  const start = view.call.at[0];
  const name = text ? /^[A-Za-z_$][\w$]*/.exec(text.slice(start, start + 60))?.[0] : undefined;
  if (!name || name === "this" || name === "await") return [];
  return [
    {
      title,
      layer: "application",
      safety: "safe",
      edits: [{ path: view.file.path, at: [start, start + name.length], text: handle }],
      explain,
    },
  ];
}
