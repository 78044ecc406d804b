/**
 * "Read one row more" as edits: the list takes one row more than the page holds, the count goes, and the answer says
 * `hasNext` where it said the total. Given only where every use of the number is seen and stands in an object that is
 * answered; anywhere else the change is a human's.
 */
import type {
  CallView,
  Edit,
  FileSummary,
  Fix,
  Prop,
  QueryMeaning,
  RuleContext,
  Span,
  Value,
} from "../../engine/index.ts";
import { siblings } from "./query-facts.ts";

export function nextPageFix(count: CallView, meaning: QueryMeaning, context: RuleContext): Fix | undefined {
  const { file } = count;
  const text = context.text(file.path);
  if (text === undefined || meaning.cap?.option !== "take: {n}" || meaning.action !== "count") return undefined;
  const list = siblings(count, context).find(
    (it) =>
      it.meaning.action === "list" &&
      it.meaning.table === meaning.table &&
      it.view.call.fn === count.call.fn &&
      it.view.name === "findMany",
  )?.view;
  const take = list ? takeOf(list) : undefined;
  const fn = file.functions[count.call.fn]!;
  if (!list || !take || fn.returnType) return undefined;
  const size = text.slice(take.at[0], take.at[1]).replace(/^take\s*:\s*/, "");
  // Evaluated twice, so it must be a name or a number.
  if (!/^[\w.$]+$/.test(size)) return undefined;
  const shape = together(list, count, text) ?? apart(list, count, text);
  if (!shape) return undefined;
  const answers = usesIn(file, fn.bodyAt, shape.total, shape.declaredAt, text);
  if (!answers) return undefined;
  const oneMore: Edit = { path: file.path, at: take.at, text: `take: ${size} + 1` };
  const lines = (indent: string): string =>
    `\n${indent}const hasNext = ${shape.rows}.length > ${size};\n${indent}if (hasNext) ${shape.rows}.pop();`;
  return {
    title: {
      en: "Application: read one row more instead of counting",
      ja: "アプリケーション: 数える代わりに 1 行多く読む",
    },
    layer: "application",
    safety: "choose",
    edits: [oneMore, ...shape.edits(lines), ...answers].map((it) => ({ ...it, path: file.path })),
    explain: {
      en: "If the extra row comes, there is a next page. The answer changes: `hasNext` instead of the total, so whoever reads it must follow.",
      ja: "余分な 1 行が返れば次のページがあります。応答は総数の代わりに `hasNext` になるため、利用側の変更も必要です。",
    },
  };
}

interface Shape {
  readonly rows: string;
  readonly total: string;
  /** Where the name of the total is declared. */
  readonly declaredAt: Span;
  readonly edits: (lines: (indent: string) => string) => Omit<Edit, "path">[];
}

function takeOf(list: CallView): Prop | undefined {
  const options = list.call.args[0];
  if (options?.k !== "obj" || options.props.some((it) => it.name === null)) return undefined;
  return options.props.find((it) => it.name === "take");
}

/** `const [rows, total] = await Promise.all([list, count]);` */
function together(list: CallView, count: CallView, text: string): Shape | undefined {
  const { file } = count;
  const all = file.calls.find(
    ({ callee, args, at }) =>
      callee.k === "get" &&
      callee.name === "all" &&
      callee.of.k === "global" &&
      callee.of.name === "Promise" &&
      args[0]?.k === "arr" &&
      args[0].items.length === 2 &&
      at[0] < list.call.at[0] &&
      count.call.at[1] < at[1],
  );
  const items = all?.args[0]?.k === "arr" ? all.args[0].items : [];
  if (!all || items[0]?.k !== "call" || items[0].c !== list.c || items[1]?.k !== "call" || items[1].c !== count.c)
    return undefined;
  const head = /(?:^|\n)([ \t]*)(const\s*\[\s*([\w$]+)\s*,\s*([\w$]+)\s*\]\s*=\s*await\s+)$/.exec(
    text.slice(0, all.at[0]),
  );
  if (!head) return undefined;
  const [, indent, declaration, rows, total] = head as unknown as [string, string, string, string, string];
  const start = all.at[0] - declaration.length;
  return {
    rows,
    total,
    declaredAt: [start, all.at[0]],
    edits: (lines) => [
      { at: [start, list.call.at[0]], text: `const ${rows} = await ` },
      { at: [list.call.at[1], statementEnd(text, all.at[1])], text: `;${lines(indent)}` },
    ],
  };
}

/** Two statements, the list first or the count first. */
function apart(list: CallView, count: CallView, text: string): Shape | undefined {
  const head = (at: number): RegExpExecArray | null =>
    /(?:^|\n)([ \t]*)const\s+([\w$]+)\s*=\s*await\s+$/.exec(text.slice(0, at));
  const listHead = head(list.call.at[0]);
  const countHead = head(count.call.at[0]);
  if (
    !listHead ||
    !countHead ||
    (list.call.use !== "await" && list.call.use !== "init") ||
    !/^;?\s*\n/.test(text.slice(count.call.at[1]))
  )
    return undefined;
  const start = count.call.at[0] - countHead[0].length;
  const end = statementEnd(text, count.call.at[1]);
  const after = statementEnd(text, list.call.at[1]);
  return {
    rows: listHead[2]!,
    total: countHead[2]!,
    declaredAt: [start, end],
    edits: (lines) => [
      { at: [start, end], text: "" },
      { at: [after, after], text: lines(listHead[1]!) },
    ],
  };
}

function statementEnd(text: string, at: number): number {
  return text[at] === ";" ? at + 1 : at;
}

/** Edits that replace every use of the total in answered objects; undefined where it is used in any other way. */
function usesIn(
  file: FileSummary,
  body: Span,
  name: string,
  declaredAt: Span,
  text: string,
): Omit<Edit, "path">[] | undefined {
  const props = propertiesIn(file, body);
  const edits: Omit<Edit, "path">[] = [];
  const done = new Set<Prop>();
  const pattern = new RegExp(`(?<![\\w$.])${name.replaceAll("$", "\\$")}(?![\\w$])`, "g");
  pattern.lastIndex = body[0];
  for (let match = pattern.exec(text); match && match.index < body[1]; match = pattern.exec(text)) {
    const at = match.index;
    if (declaredAt[0] <= at && at < declaredAt[1]) continue;
    // The innermost property around it that holds a plain value.
    const prop = props
      .filter((it) => it.at[0] <= at && at < it.at[1] && it.value.k !== "obj")
      .sort((a, b) => b.at[0] - a.at[0])[0];
    if (!prop) return undefined;
    if (done.has(prop)) continue;
    done.add(prop);
    if (done.size === 1) edits.push({ at: prop.at, text: "hasNext" });
    else {
      const gap = /^\s*,?/.exec(text.slice(prop.at[1]))![0].length;
      const before = /,?\s*$/.exec(text.slice(0, prop.at[0]))![0].length;
      const isLast = /^\s*\}/.test(text.slice(prop.at[1]));
      edits.push({ at: isLast ? [prop.at[0] - before, prop.at[1]] : [prop.at[0], prop.at[1] + gap + 1], text: "" });
    }
  }
  return done.size > 0 ? edits : undefined;
}

function propertiesIn(file: FileSummary, body: Span): Prop[] {
  const found: Prop[] = [];
  const visit = (value: Value | undefined, depth: number): void => {
    if (!value || depth > 6) return;
    if (value.k === "obj")
      for (const it of value.props) {
        if (it.at[0] >= body[0] && it.at[1] <= body[1]) found.push(it);
        visit(it.value, depth + 1);
      }
    else if (value.k === "arr") for (const it of value.items) visit(it, depth + 1);
  };
  for (const it of file.calls) for (const arg of it.args) visit(arg, 0);
  for (const it of file.functions) for (const value of it.returns) visit(value, 0);
  return found;
}
