import { type CallView, defineRule, type Fix, type Value } from "../../engine/index.ts";
import { linksOf } from "../_shared/builder.ts";
import { growsByName } from "../_shared/growth.ts";
import { fromRequest, heldBack, isRequestValue } from "../_shared/request-values.ts";

export default defineRule({
  id: "offset-pagination-deep",
  group: "database",
  title: { en: "Pages that cost more the further one goes", ja: "後ろほど重くなるページング" },
  severity: "information",
  status: "preview",
  since: "0.2.0",
  scope: "served",
  burns: ["latency"],
  messages: {
    offset: {
      what: {
        en: "Page {n} of {table} is found by reading and throwing away all rows before it, and the number comes from the request without an end: one crawler is enough.",
        ja: "{table} の {n} ページ目は、それより前の全行を読み捨てて求められます。ページ番号はリクエストの値のままで上限がなく、クローラー 1 つで負荷になります。",
      },
      help: {
        en: "Go on from the last row seen (`WHERE id < last ORDER BY id DESC LIMIT 20`), or cap the number: nobody reads page 5,000.",
        ja: "最後に見た行から続きを取得する(`WHERE id < last ORDER BY id DESC LIMIT 20`)か、ページ番号に上限を設けてください。5,000 ページ目を読む人はいません。",
      },
    },
  },
  *check(file, context) {
    for (const { view, meaning } of context.meant(file)) {
      if (meaning.kind !== "query" || (meaning.action !== "list" && meaning.action !== "list-and-count")) continue;
      if (!growsByName(meaning.table)) continue;
      const skipped = offsetOf(view);
      if (!skipped || !countsPages(view, skipped, 0)) continue;
      if (!context.reach({ file, f: view.call.fn }, view.call.at).kinds.has("endpoint")) continue;
      yield { at: view.call.nameAt, message: "offset", data: { table: meaning.table!, n: "n" }, fixes: FIXES };
    }
  },
});

/** `skip: …`, `offset: …`, or `.skip(…)` of a builder. */
function offsetOf(view: CallView): Value | undefined {
  for (const name of ["skip", "offset"]) {
    const found = view.option(0, name);
    if (found.is === "yes" && found.at.file === view.file) return found.at.value;
  }
  const link = linksOf(view).find((it) => (it.name === "skip" || it.name === "offset") && it.view.argCount === 1);
  const given = link?.view.file === view.file ? link.view.arg(0) : undefined;
  return given?.value;
}

/** `(page - 1) * size` where the page comes from the request and nothing holds it back; an offset as it comes as well. */
function countsPages(view: CallView, value: Value, depth: number): boolean {
  if (depth > 6) return false;
  if (fromRequest(view, value) || isRequestValue(view, value)) return true;
  if (value.k === "ref") {
    const binding = view.file.bindings[value.b];
    if (heldBack(view, value.b)) return false;
    return binding?.kind === "const" && binding.value !== undefined && countsPages(view, binding.value, depth + 1);
  }
  if (value.k === "op" && (value.op === "*" || value.op === "-"))
    return value.args[0] !== undefined && countsPages(view, value.args[0], depth + 1);
  return false;
}

const FIXES: readonly Fix[] = [
  {
    title: { en: "Application: go on from the last row", ja: "アプリケーション: 最後の行から続ける" },
    layer: "application",
    safety: "scaffold",
    edits: [],
    explain: {
      en: '`where: { id: { lt: cursor } }, orderBy: { id: "desc" }, take: 20`, and the last id goes out with the page. Every page then costs the same, and rows that come in between shift nothing.',
      ja: '`where: { id: { lt: cursor } }, orderBy: { id: "desc" }, take: 20` とし、最後の id をページと一緒に返します。どのページも同じコストになり、途中で行が増えてもずれません。',
    },
  },
  {
    title: { en: "Product: next and previous", ja: "プロダクト: 「次へ」「前へ」にする" },
    layer: "product",
    safety: "choose",
    edits: [],
    explain: {
      en: "Jumping to page 5,000 is nobody's need; a search or a date is. A cap of the number does as well.",
      ja: "5,000 ページ目へのジャンプより、検索や日付での絞り込みのほうが役立ちます。ページ番号の上限でも十分です。",
    },
  },
];
