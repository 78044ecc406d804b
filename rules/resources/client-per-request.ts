import { type CallView, defineRule, type Fix, type RuleContext, type Value } from "../../engine/index.ts";

export default defineRule({
  id: "client-per-request",
  group: "resources",
  title: { en: "A pooled client made for each request", ja: "リクエストごとに作られるクライアント" },
  severity: "warning",
  status: "stable",
  since: "0.1.0",
  scope: "served",
  burns: ["availability", "latency"],
  messages: {
    each: {
      what: {
        en: "Makes a new {client} client on every request: each opens connections of its own and nothing reuses them.",
        ja: "リクエストのたびに新しい {client} クライアントを作成しています。それぞれが独自に接続を開き、再利用されません。",
      },
      help: {
        en: "Make it once, at the top of a module or in the container, and share it.",
        ja: "モジュールの先頭または DI コンテナーで一度だけ作成し、共有してください。",
      },
    },
  },
  *check(file, context) {
    for (const { view, meaning } of context.meant(file)) {
      if (
        meaning.kind !== "client" ||
        view.call.kind === "tag" ||
        meaning.sharesConnections ||
        (meaning.of !== "database" && isClosed(view))
      )
        continue;
      if (view.call.fn === 0 || view.fn.kind === "constructor" || view.fn.kind === "module") continue;
      const b = localConstant(view);
      if (b === undefined || isKept(view, b, context) || dependsOnCaller(view)) continue;
      const { kinds } = context.reach({ file, f: view.call.fn }, view.call.at);
      if (!kinds.has("endpoint") && !kinds.has("consumer") && !kinds.has("job")) continue;
      if (isCalledAtStart(context, view)) continue;
      yield { at: view.call.nameAt, message: "each", data: { client: meaning.client }, fixes: FIXES };
    }
  },
});

/** `const client = new Client(…)` in a function: nothing else keeps it. */
function localConstant(view: CallView): number | undefined {
  const b = view.file.bindings.findIndex(
    (it) => it.kind === "const" && it.fn === view.call.fn && it.value?.k === "call" && it.value.c === view.c,
  );
  return b < 0 ? undefined : b;
}

/** Closed in the same function: a connection for one question, as meant. A database has too few of them for that. */
const isClosed = (view: CallView): boolean =>
  view.after().some((it) => /^(quit|disconnect|close|end|destroy)$/.test(it.name) && it.view.call.fn === view.call.fn);

/** Returned, stored or handed on: somebody else decides how long it lives. */
function isKept(view: CallView, b: number, context: RuleContext): boolean {
  const { file } = view;
  const isIt = (value: Value, depth = 0): boolean =>
    depth < 4 &&
    ((value.k === "ref" && value.b === b) ||
      (value.k === "obj" && value.props.some((it) => isIt(it.value, depth + 1))) ||
      (value.k === "arr" && value.items.some((it) => isIt(it, depth + 1))));
  if (view.fn.returns.some((it) => isIt(it))) return true;
  // `return createTransport({ SES: { client } })`: what holds it is given away.
  const holds = (value: Value): boolean =>
    value.k === "call" &&
    file.calls[value.c]!.args.some((it) => isIt(it)) &&
    context.program.callee(file, value.c).k !== "fn";
  if (view.fn.returns.some(holds)) return true;
  if (file.assignments.some((it) => isIt(it.value))) return true;
  if (file.bindings.some((it, i) => i !== b && (it.writes ?? []).some((value) => isIt(value)))) return true;
  return file.calls.some(
    (it) =>
      it.args.some((arg) => isIt(arg)) &&
      it.callee.k === "get" &&
      /^(set|push|add|register|provide)$/.test(it.callee.name),
  );
}

/** Options that come from the caller (a tenant's credentials, a user's token) make clients differ for good reason. */
function dependsOnCaller(view: CallView): boolean {
  const mentions = (value: Value, depth = 0): boolean => {
    if (depth > 6) return true;
    switch (value.k) {
      case "ref": {
        const kind = view.file.bindings[value.b]?.kind;
        const owner = view.file.bindings[value.b]?.fn;
        return kind === "param" || kind === "item" || (kind !== "import" && owner !== undefined && owner > 0);
      }
      case "get":
        return mentions(value.of, depth + 1);
      case "obj":
        return value.props.some((it) => mentions(it.value, depth + 1));
      case "arr":
        return value.items.some((it) => mentions(it, depth + 1));
      case "call":
        return (
          view.file.calls[value.c]!.args.some((it) => mentions(it, depth + 1)) ||
          mentions(view.file.calls[value.c]!.callee, depth + 1)
        );
      case "tpl":
        return value.values.some((it) => mentions(it, depth + 1));
      case "op":
        return value.args.some((it) => mentions(it, depth + 1));
      case "either":
        return mentions(value.a, depth + 1) || mentions(value.b, depth + 1);
      case "this":
      case "unknown":
        return true;
      default:
        return false;
    }
  };
  return view.call.args.some((it) => mentions(it));
}

/** A factory that some module also calls once when it is loaded is a singleton's. */
function isCalledAtStart(context: RuleContext, view: CallView): boolean {
  return context.callers({ file: view.file, f: view.call.fn }).some((it) => it.file.calls[it.c]!.fn === 0);
}

const FIXES: readonly Fix[] = [
  {
    title: {
      en: "Application: one client for the module",
      ja: "アプリケーション: モジュールで 1 つのクライアントを共有",
    },
    layer: "application",
    safety: "scaffold",
    edits: [],
    explain: {
      en: "Move the line to the top of the module, or into the container. Close it on shutdown.",
      ja: "この行をモジュールの先頭か DI コンテナーに移し、終了時に閉じてください。",
    },
  },
  {
    title: { en: "Infrastructure: a connection proxy", ja: "インフラ: 接続プロキシ" },
    layer: "infrastructure",
    safety: "choose",
    edits: [],
    explain: {
      en: "PgBouncer or RDS Proxy keeps the database alive; each client still pays for its own handshake.",
      ja: "PgBouncer や RDS Proxy でデータベースは守れますが、接続確立のコストは残ります。",
    },
  },
];
