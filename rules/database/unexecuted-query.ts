import { type CallView, defineRule, type Fix, type RuleContext } from "../../engine/index.ts";

export default defineRule({
  id: "unexecuted-query",
  group: "database",
  title: { en: "Query that is never sent", ja: "送信されないクエリ" },
  severity: "error",
  status: "stable",
  since: "0.1.0",
  scope: "anywhere",
  burns: ["correctness", "durability"],
  messages: {
    never: {
      what: {
        en: "{client} sends a query only when it is awaited, and nothing awaits this one: it does nothing.",
        ja: "{client} のクエリは await されて初めて送信されますが、これは await されていないため何も起こりません。",
      },
      help: {
        en: "Await it, return it, or call `.then()`.",
        ja: "await するか、return するか、`.then()` を呼び出してください。",
      },
    },
  },
  *check(file, context) {
    for (const { view, meaning } of context.meant(file)) {
      if (meaning.kind !== "query" || !meaning.lazy) continue;
      // A builder kept under a name is changed link by link, and run elsewhere.
      if (view.call.callee.k === "get" && view.call.callee.of.k === "ref" && !meaning.isWhole) continue;
      // Called back, it is sent at once (Mongoose before 7).
      if (view.call.args.at(-1)?.k === "fn") continue;
      const last = [view, ...view.after().map((it) => it.view)].at(-1)!;
      if (last.call.use !== "discard" && last.call.use !== "void") continue;
      // On the SQLite drivers of Drizzle `run`, `all` and `get` send at once.
      if (/^(then|catch|finally|exec|execute|run|all|get|stream|pipe|each|eachAsync|cursor)$/.test(last.name)) continue;
      if (isKept(view, last, context)) continue;
      yield { at: view.call.nameAt, message: "never", data: { client: meaning.client }, fixes: fixes(last) };
    }
  },
});

/**
 * `query.orderBy(…).limit(…)`: a builder kept under a name is changed, and run by whoever awaits the name. A client is told
 * from a builder by its type: links of a builder return what the name holds.
 */
function isKept(view: CallView, last: CallView, context: RuleContext): boolean {
  let { callee } = last.call;
  if (last === view && (callee.k !== "get" || callee.of.k !== "call")) return false;
  for (let i = 0; i < 30 && callee.k === "get" && callee.of.k === "call"; i++)
    callee = last.file.calls[callee.of.c]!.callee;
  if (callee.k !== "get" || callee.of.k !== "ref") return false;
  const root = context.program.origin(callee.of, last.file);
  return root.k !== "lib" || root.type === last.recv?.type;
}

function fixes(last: CallView): Fix[] {
  if (!last.fn.async || last.call.use === "void") return [];
  return [
    {
      title: { en: "Application: await it", ja: "アプリケーション: await する" },
      layer: "application",
      safety: "safe",
      edits: [{ path: last.file.path, at: [last.call.at[0], last.call.at[0]], text: "await " }],
      explain: {
        en: "The query is sent, and its error reaches the caller.",
        ja: "クエリが送信され、エラーも呼び出し元に届きます。",
      },
    },
  ];
}
