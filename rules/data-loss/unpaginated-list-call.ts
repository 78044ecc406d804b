import {
  type CallView,
  defineRule,
  type Fix,
  type PageAnswer,
  type RuleContext,
  type Span,
} from "../../engine/index.ts";
import { type AnswerUse, answerUse, textAround } from "../_shared/answer-use.ts";

export default defineRule({
  id: "unpaginated-list-call",
  group: "data-loss",
  title: { en: "First page taken for the whole list", ja: "最初の 1 ページを全件として扱う一覧取得" },
  severity: "information",
  status: "preview",
  since: "0.2.0",
  scope: "anywhere",
  burns: ["correctness", "durability"],
  messages: {
    first: {
      what: {
        en: "{operation} answers with one page{holds}, and nothing here asks for the next: everything after it is taken for not there.",
        ja: "{operation} が返すのは 1 ページ分{holds}だけですが、続きを取得していません。残りは存在しないものとして扱われます。",
      },
      help: {
        en: "Ask until there is no next page ({more}), or say in the code how many are wanted.",
        ja: "次のページがなくなるまで取得するか({more})、必要な件数をコードで明示してください。",
      },
    },
    deletes: {
      what: {
        en: "{operation} answers with one page{holds}, and what is not on it is taken away here as if it were gone. A cleanup of Travis CI deleted its stable images in this way (2016-08-09).",
        ja: "{operation} が返すのは 1 ページ分{holds}だけですが、そこにないものを「存在しない」とみなして削除しています。Travis CI は同じ原因で安定版イメージを削除しました(2016-08-09)。",
      },
      help: {
        en: "Ask for all of them ({more}) before anything is deleted.",
        ja: "削除の前に全件を取得してください({more})。",
      },
    },
  },
  *check(file, context) {
    if (context.side(file) === "browser") return;
    for (const { view, meaning } of context.meant(file)) {
      if (meaning.kind !== "request" || !meaning.page || meaning.page.sized !== "no") continue;
      const { page } = meaning;
      const use = answerUse(view, context);
      const read = use && readsOf(use, page, view, context);
      if (!read || read.every(({ after }) => isProbe(after))) continue;
      const around = textAround(file, view.call.fn, context);
      // Whoever names the next page anywhere near asks for it.
      if (page.more.some((it) => new RegExp(`(?<![\\w$])${escaped(it)}(?![\\w$])`).test(around))) continue;
      const isLast = drivesDeletion(view, around, read, context);
      yield {
        at: view.call.nameAt,
        message: isLast ? "deletes" : "first",
        ...(isLast ? { severity: "error" as const } : {}),
        data: {
          operation: page.operation,
          holds: page.holds ? ` (${page.holds})` : "",
          more: page.all ?? page.flag ?? page.more[0] ?? "",
        },
        fixes: fixesFor(view, page, context),
      };
    }
  },
});

interface Read {
  /** Text that follows the items. */
  readonly after: string;
}

/** The places where the items of the answer are read; undefined where that cannot be told, or none is. */
function readsOf(use: AnswerUse, page: PageAnswer, view: CallView, context: RuleContext): readonly Read[] | undefined {
  const text = context.text(view.file.path);
  if (text === undefined || use.is === "dropped") return undefined;
  const found: Read[] = [];
  if (use.is === "named") {
    for (const read of use.reads) {
      const items = page.items.find((it) => read.path === it || read.path.startsWith(`${it}.`));
      if (items === undefined) continue;
      const rest = text.slice(read.at, read.at + 400);
      const last = items.split(".").at(-1)!;
      found.push({ after: rest.slice(rest.indexOf(last, use.name.length) + last.length) });
    }
  } else {
    for (const { member, b } of use.names) {
      if (!page.items.includes(member)) continue;
      const { name } = view.file.bindings[b]!;
      const end = view.call.fn === 0 ? text.length : view.fn.bodyAt[1];
      const mention = new RegExp(`(?<![\\w$.])${escaped(name)}(?![\\w$])`, "g");
      mention.lastIndex = view.call.at[1];
      for (let it = mention.exec(text); it && it.index < end; it = mention.exec(text))
        found.push({ after: text.slice(it.index + name.length, it.index + name.length + 200) });
    }
  }
  return found.length > 0 ? found : undefined;
}

/** The first one, or whether there is any: a page is enough for that. */
const isProbe = (after: string): boolean =>
  /^\s*(?:!|\?)?\.?\s*(?:\[0\]|at\(0\)|[!=]==?\s*(?:undefined|null)\b|length\s*(?:[><!=]=*\s*[01]\b|\)|\?|&&|\|\||;))/.test(
    after,
  );

/** Something is deleted for not being among the items: `!names.includes(it)` and a deletion in one function. */
function drivesDeletion(view: CallView, around: string, read: readonly Read[], context: RuleContext): boolean {
  if (!read.some(({ after }) => /^[\s!?[\])]*\.?\s*(?:map|flatMap|filter|some|find|includes)\b/.test(after)))
    return false;
  if (!/!\s*\(?[\w.?]+\.(?:includes|has|some|find)\(/.test(around)) return false;
  return view.file.calls.some((call, c) => {
    if (call.fn !== view.call.fn && !isInside(call.at, view.fn.bodyAt)) return false;
    const name =
      call.callee.k === "get"
        ? call.callee.name
        : call.callee.k === "ref"
          ? view.file.bindings[call.callee.b]!.name
          : "";
    if (/^(?:delete|destroy|remove|purge|unlink|rm)/i.test(name) && call.at[0] > view.call.at[0]) return true;
    return context.program
      .meanings({ file: view.file, c })
      .some((it) => it.kind === "query" && (it.action === "delete" || it.action === "truncate"));
  });
}

const isInside = (at: Span, body: Span): boolean => body[0] <= at[0] && at[1] <= body[1];
const escaped = (name: string): string => name.replace(/[.$]/g, "\\$&");

function fixesFor(view: CallView, page: PageAnswer, context: RuleContext): Fix[] {
  const text = context.text(view.file.path);
  const args = view.call.argsAt;
  const first = args[0];
  const last = args.at(-1);
  const own = text?.slice(...view.call.at);
  const given = text !== undefined && first && last ? text.slice(first[0], last[1]) : "";
  const head = own?.endsWith(`(${given})`) ? own.slice(0, own.length - given.length - 2) : undefined;
  const all = own !== undefined && head !== undefined && page.allText ? page.allText(own, given) : "";
  const awaited =
    text !== undefined ? /await\s+$/.exec(text.slice(Math.max(0, view.call.at[0] - 20), view.call.at[0])) : null;
  const edits =
    all !== "" && awaited
      ? [{ path: view.file.path, at: [view.call.at[0] - awaited[0].length, view.call.at[1]] as Span, text: all }]
      : [];
  return [
    {
      title: { en: "Application: ask for all pages", ja: "アプリケーション: すべてのページを取得する" },
      layer: "application",
      safety: edits.length > 0 ? "choose" : "scaffold",
      edits,
      explain: {
        en: `${page.all ? `\`${page.all}\`` : `A loop over \`${page.more[0]}\``} asks page by page. It takes as many requests as there are pages: keep a bound, and do it outside of a request where the list grows.`,
        ja: `${page.all ? `\`${page.all}\` ` : `\`${page.more[0]}\` のループ`}でページごとに取得します。ページ数だけリクエストが増えるため、上限を設け、件数が増える一覧はリクエスト処理の外で取得してください。`,
      },
    },
    {
      title: { en: "Product: say how many are shown", ja: "プロダクト: 表示する件数を決める" },
      layer: "product",
      safety: "choose",
      edits: [],
      explain: {
        en: "Where the first ones are all that is wanted, write the number: the next reader sees that it is meant.",
        ja: "先頭の数件だけでよい場合は、件数を明示してください。意図した制限であることが読み手に伝わります。",
      },
    },
  ];
}
