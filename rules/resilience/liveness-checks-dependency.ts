import {
  type Chain,
  defineRule,
  type Edit,
  type Endpoint,
  type FileSummary,
  type Fix,
  type Meaning,
  type RuleContext,
  type Span,
} from "../../engine/index.ts";
import { type Probe, probesOf } from "../_shared/probes.ts";

/** Names that ask for nothing but whether the process runs. */
/** A page of what happens now is called so as well: by itself, or under something that is about health. */
const LIVE =
  /(?:^|\/_?(?:health\w*|probes?|checks?|api|v\d+|internal|system))\/(?:livez?|liveness|alive|ping)$|\/(?:livez|liveness)$/i;
const HEALTH = /\/_?(?:health|healthz|health-?checks?|heartbeat)$/i;
/** Asked on purpose for what lies behind. */
const DEEP = /(?:ready|readyz|readiness|startup|deep|full|detail|depend|status|database|\bdb\b|redis)/i;
/** The answer is kept, or asked for beside the request. */
const KEPT = /cache|lastCheck|last_check|checkedAt|ttl|memo|setInterval|latest/i;
const FAILS = /\b50[0-4]\b|throw|reject|ServiceUnavailable|InternalServerError|next\(|assert|destroy/;

export default defineRule({
  id: "liveness-checks-dependency",
  group: "resilience",
  title: { en: "Liveness that depends on others", ja: "他に依存する死活確認" },
  severity: "warning",
  status: "stable",
  since: "0.2.0",
  scope: "anywhere",
  burns: ["availability"],
  messages: {
    probe: {
      what: {
        en: "{route} is the liveness probe ({path}) and waits for {client}: when that is slow or away, every replica is restarted at once.",
        ja: "{route} は liveness probe({path})ですが、{client} の応答を待ちます。それが遅延・停止すると、全レプリカが一斉に再起動されます。",
      },
      help: {
        en: "A restart does not bring a database back; it drops the requests that need none, and the new processes all connect at once. Answer at once here, and let readiness ask.",
        ja: "再起動してもデータベースは復旧しません。それを必要としないリクエストまで失われ、新しいプロセスが一斉に接続します。ここでは即座に応答し、依存先の確認は readiness に任せてください。",
      },
    },
    live: {
      what: {
        en: "{route} asks whether this process lives, and waits for {client}: when that is slow or away, every replica looks dead at once.",
        ja: "{route} はプロセスの生存確認のはずですが、{client} の応答を待ちます。それが遅延・停止すると、全レプリカが一斉に停止しているように見えます。",
      },
      help: {
        en: "What restarts or removes them does not bring the dependency back. Answer at once here, and let readiness ask.",
        ja: "再起動や切り離しをしても依存先は復旧しません。ここでは即座に応答し、依存先の確認は readiness に任せてください。",
      },
    },
    health: {
      what: {
        en: "{route} waits for {client} before it answers: as a liveness probe or a load balancer's check, one slow dependency takes away every replica at once.",
        ja: "{route} は {client} の応答を待ってから返ります。liveness probe やロードバランサーの確認に使うと、依存先 1 つの遅延で全レプリカが一斉に外れます。",
      },
      help: {
        en: "Keep two: one for the process itself, which waits for nothing, and one for readiness, with a limit of about a second and an answer that is kept for a few.",
        ja: "2 つに分けてください。プロセス自身の確認は何も待たず、readiness の確認は 1 秒程度のタイムアウトを設け、結果を数秒キャッシュします。",
      },
    },
  },
  *check(file, context) {
    if (context.side(file) === "browser") return;
    // One route is one cause, however many it waits for.
    const byHandler = new Map<object, Dependency[]>();
    for (const { view, meaning } of context.meant(file)) {
      const client = dependencyOf(meaning);
      if (client === undefined) continue;
      for (const chain of context.reach({ file, f: view.call.fn }, view.call.at).chains) {
        const asked = askedAs(chain, context);
        if (!asked || !decides(chain, file, view.c, context)) continue;
        const { fn } = chain.links[0]!;
        const handler = fn.file.functions[fn.f]!;
        const place = placeOf(chain, file, view.call.nameAt);
        const it = { asked, client, chain, at: place.at, path: place.file.path, own: view.call.nameAt };
        byHandler.set(handler, [...(byHandler.get(handler) ?? []), it]);
        break;
      }
    }
    for (const found of byHandler.values()) {
      const { asked, at, path, chain } = found[0]!;
      const covers = found.filter((it) => it.own !== at).map((it) => ({ path: file.path, at: it.own }));
      yield {
        at,
        path,
        within: chain.links[0]!.fn,
        message: asked.as,
        data: {
          route: asked.endpoint.route,
          client: [...new Set(found.map((it) => it.client))].join(", "),
          path: asked.probe?.path ?? "",
        },
        ...(asked.as === "health" ? { severity: "information" as const } : {}),
        ...(covers.length > 0 ? { covers } : {}),
        fixes: fixesFor(asked.endpoint, asked.as, context),
      };
    }
  },
});

interface Dependency {
  readonly asked: Asked;
  readonly client: string;
  readonly chain: Chain;
  /** Where the handler decides to wait for it, and where it is asked. */
  readonly at: Span;
  readonly path: string;
  readonly own: Span;
}

function dependencyOf(meaning: Meaning): string | undefined {
  if (meaning.kind === "query" || meaning.kind === "request") return meaning.client;
  return meaning.kind === "other" && meaning.what === "dependency-check" ? meaning.client : undefined;
}

interface Asked {
  readonly endpoint: Endpoint;
  readonly as: "probe" | "live" | "health";
  readonly probe?: Probe;
}

/** What an endpoint is asked for; undefined where it is none of these, or certainly readiness. */
function askedAs({ entry, links, isAsync }: Chain, context: RuleContext): Asked | undefined {
  if (entry.kind !== "endpoint" || isAsync || !/^(GET|HEAD|ALL)$/.test(entry.method)) return undefined;
  // Middleware is the business of every route.
  const handler = entry.handlers.at(-1);
  if (!handler || handler.file !== links[0]!.fn.file || handler.f !== links[0]!.fn.f) return undefined;
  // A page at `/` is asked for by the probes of whatever else the manifests start.
  const probes = probesOf(context).filter((it) => it.route === entry.route && it.route !== "/");
  const probe = probes.find((it) => it.kind === "liveness");
  if (probe) return { endpoint: entry, as: "probe", probe };
  if (probes.length > 0 || DEEP.test(entry.route)) return undefined;
  if (LIVE.test(entry.route)) return { endpoint: entry, as: "live" };
  return HEALTH.test(entry.route) ? { endpoint: entry, as: "health" } : undefined;
}

/** Whether the answer hangs on it: it is waited for, not kept, and its failure is not caught into a good answer. */
function decides({ links }: Chain, file: FileSummary, c: number, context: RuleContext): boolean {
  const call = file.calls[c]!;
  if (call.use === "void" || call.use === "discard") return false;
  for (const { fn } of links) {
    const text = context.text(fn.file.path)?.slice(...fn.file.functions[fn.f]!.at);
    if (text === undefined || KEPT.test(text)) return false;
  }
  const { fn } = links[0]!;
  const text = context.text(fn.file.path)!.slice(...fn.file.functions[fn.f]!.at);
  const isCaught = call.try !== undefined || links.some((it) => callIn(it.fn.file, it.callAt)?.try !== undefined);
  const isSettled = /allSettled|\.catch\(/.test(text);
  return (!isCaught && !isSettled) || FAILS.test(text);
}

function callIn(file: FileSummary, at: Span | undefined): FileSummary["calls"][number] | undefined {
  return at && file.calls.find((it) => it.at[0] === at[0] && it.at[1] === at[1]);
}

/** The call in the handler that leads there: that is where it is decided. */
function placeOf({ links }: Chain, file: FileSummary, own: Span): { readonly file: FileSummary; readonly at: Span } {
  const [first, second] = links;
  const call = first && callIn(first.fn.file, first.callAt);
  if (!call || !second) return { file, at: own };
  // A closure written in the handler is the handler's own text.
  const isOwn = second.fn.file === first.fn.file && links.every((it) => it.fn.file === file) && isInside(second, first);
  return isOwn && links.length === 2 ? { file, at: own } : { file: first.fn.file, at: call.nameAt };
}

function isInside(inner: Chain["links"][number], outer: Chain["links"][number]): boolean {
  const at = inner.fn.file.functions[inner.fn.f]!.at;
  const around = outer.fn.file.functions[outer.fn.f]!.at;
  return around[0] <= at[0] && at[1] <= around[1];
}

// Fixes

function fixesFor(endpoint: Endpoint, as: Asked["as"], context: RuleContext): Fix[] {
  const edit = as === "health" || as === "probe" ? liveRoute(endpoint, context) : undefined;
  return [
    {
      title: edit
        ? {
            en: "Application: add /livez, which waits for nothing",
            ja: "アプリケーション: 何も待たない /livez を追加する",
          }
        : {
            en: "Application: answer at once, let readiness ask",
            ja: "アプリケーション: 即座に応答し、確認は readiness に任せる",
          },
      layer: "application",
      safety: "scaffold",
      edits: edit ? [edit] : [],
      explain: {
        en: "Then point liveness at it. Readiness keeps the check, with a limit of about a second: a replica that is not ready gets no traffic and is not restarted.",
        ja: "liveness をこちらに向けます。readiness では 1 秒程度のタイムアウトを設けて確認を続けます。準備のできていないレプリカは再起動されず、通信だけが止まります。",
      },
    },
    {
      title: {
        en: "Application: ask beside the requests, answer from memory",
        ja: "アプリケーション: 裏で確認し、結果だけを返す",
      },
      layer: "application",
      safety: "scaffold",
      edits: [],
      explain: {
        en: "A check every few seconds keeps its result; probes from many places then cost one query, not one each.",
        ja: "数秒ごとに確認して結果を保持すれば、多数のプローブが来てもクエリーは 1 回で済みます。",
      },
    },
    {
      title: { en: "Infrastructure: forgiving probes", ja: "インフラ: プローブに余裕を持たせる" },
      layer: "infrastructure",
      safety: "choose",
      edits: [],
      explain: {
        en: "`timeoutSeconds` (1 by default) and `failureThreshold` (3) decide how long a slow dependency may last. This only delays the restart of all replicas.",
        ja: "`timeoutSeconds`(既定 1)と `failureThreshold`(既定 3)で、許容する遅延の長さが決まります。ただし一斉再起動を先送りするだけです。",
      },
    },
  ];
}

/** One more route after this one's registration, where it is registered by a call on a name. */
function liveRoute(endpoint: Endpoint, context: RuleContext): Edit | undefined {
  const text = context.text(endpoint.path);
  const answer =
    endpoint.framework === "express"
      ? "(_req, res) => res.sendStatus(200)"
      : endpoint.framework === "fastify"
        ? 'async () => "ok"'
        : undefined;
  if (text === undefined || answer === undefined || text.includes("/livez")) return undefined;
  const [start, end] = endpoint.at;
  const name = /^(\w+)\s*\.\s*(?:get|all|head)\(/.exec(text.slice(start, end))?.[1];
  const line = text.lastIndexOf("\n", start) + 1;
  const indent = text.slice(line, start);
  if (name === undefined || indent.trim() !== "" || text[end - 1] !== ")") return undefined;
  const at = text[end] === ";" ? end + 1 : end;
  return { path: endpoint.path, at: [at, at], text: `\n${indent}${name}.get("/livez", ${answer});` };
}
