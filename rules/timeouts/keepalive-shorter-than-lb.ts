import {
  type CallView,
  defineRule,
  type Edit,
  type FileSummary,
  type Fix,
  pathKind,
  type RuleContext,
  type Scoped,
  type Span,
  type Value,
} from "../../engine/index.ts";
import { all, derived } from "../_shared/derived.ts";
import { type LoadBalancer, loadBalancerOf } from "../_shared/load-balancer.ts";
import { nodeKeepAliveMs } from "../_shared/node-keep-alive.ts";
import { milliseconds } from "../_shared/option-edit.ts";

/** What most load balancers wait, where the repository shows none. */
const USUAL_MS = 60_000;

export default defineRule({
  id: "keepalive-shorter-than-lb",
  group: "timeouts",
  title: {
    en: "Idle connections closed before the load balancer lets go",
    ja: "ロードバランサーより先に切られるアイドル接続",
  },
  severity: "warning",
  status: "stable",
  since: "0.2.0",
  scope: "anywhere",
  burns: ["availability"],
  messages: {
    default: {
      what: {
        en: "This server closes idle connections after {own} s (the default of {version}); {balancer} keeps them for {idle} s ({path}) and answers 502 when it sends into one that is closing.",
        ja: "このサーバーはアイドル接続を {own} 秒で閉じます({version} の既定値)。{balancer} は {idle} 秒保持するため({path})、閉じかけの接続に送ると 502 を返します。",
      },
      help: {
        en: "Let the server wait longer than the one in front of it: `keepAliveTimeout` above its idle timeout, `headersTimeout` above that.",
        ja: "前段より長く待つようにしてください。`keepAliveTimeout` を前段のアイドルタイムアウトより長く、`headersTimeout` をさらに長くします。",
      },
    },
    set: {
      what: {
        en: "keepAliveTimeout is {own} s; {balancer} keeps idle connections for {idle} s ({path}) and answers 502 when it sends into one that is closing.",
        ja: "keepAliveTimeout は {own} 秒です。{balancer} はアイドル接続を {idle} 秒保持するため({path})、閉じかけの接続に送ると 502 を返します。",
      },
      help: {
        en: "Let the server wait longer than the one in front of it, and `headersTimeout` longer still.",
        ja: "前段より長く待つようにし、`headersTimeout` はさらに長くしてください。",
      },
    },
    unknown: {
      what: {
        en: "This server closes idle connections after {own} s (the default of {version}). Behind a load balancer that keeps them longer (ALB: 60 s) some requests end in a 502.",
        ja: "このサーバーはアイドル接続を {own} 秒で閉じます({version} の既定値)。より長く保持するロードバランサー(ALB は 60 秒)の背後では、一部のリクエストが 502 になります。",
      },
      help: {
        en: "If there is one, let the server wait longer: `keepAliveTimeout` above its idle timeout, `headersTimeout` above that.",
        ja: "背後にある場合は、`keepAliveTimeout` をそのアイドルタイムアウトより長く、`headersTimeout` をさらに長くしてください。",
      },
    },
  },
  *check(file, context) {
    if (isAside(file)) return;
    const settings = derived(context.everywhere(settingsIn), all);
    for (const it of settings) {
      if (it.file.path !== file.path || !it.isServer) continue;
      const ms = context.program.number(it.value);
      const front = loadBalancerOf(context);
      // 0 keeps connections for ever.
      if (ms === undefined || ms === 0 || !front || ms > front.idleMs) continue;
      yield {
        at: it.at,
        message: "set",
        data: { ...dataOf(front), own: ms / 1_000 },
        fixes: fixesFor(undefined, front, context),
      };
    }
    if (settings.length > 0) return;
    for (const { view, meaning } of context.meant(file)) {
      if (meaning.kind !== "other" || meaning.what !== "listen") continue;
      if (meaning.data?.isNode === false || isLocal(view, context)) continue;
      const version = context.program.version(file.path, "node");
      const own = (meaning.data?.keepAliveMs as number | undefined) ?? nodeKeepAliveMs(version);
      const front = loadBalancerOf(context);
      if (own > (front?.idleMs ?? USUAL_MS) || (!front && !isFirst(file, context))) continue;
      yield {
        at: view.call.nameAt,
        message: front ? "default" : "unknown",
        data: {
          ...(front ? dataOf(front) : {}),
          own: own / 1_000,
          version: meaning.data?.keepAliveMs ? meaning.client : `Node ${/^\d+/.exec(version ?? "")?.[0] ?? "8–26"}`,
        },
        ...(front ? {} : { severity: "hint" as const }),
        fixes: fixesFor(view, front, context),
      };
      return;
    }
  },
});

const dataOf = (front: LoadBalancer) => ({ balancer: front.name, idle: front.idleMs / 1_000, path: front.path });

/** Servers that no balancer ever sees: tests, scripts, development. */
const isAside = (file: FileSummary): boolean =>
  pathKind(file.path) !== undefined || /(^|\/)(examples?|dev|mocks?|docs)(\/|$)|[.-]dev\.[cm]?[jt]s$/i.test(file.path);

interface Setting {
  readonly file: FileSummary;
  readonly at: Span;
  readonly value: Scoped;
  /** Certainly of a server; agents and pools of clients have an option of the same name. */
  readonly isServer: boolean;
}

/** Places where `keepAliveTimeout` is given: as a field of a server, or as an option. */
function settingsIn(file: FileSummary): readonly Setting[] | undefined {
  if (isAside(file)) return undefined;
  const found: Setting[] = file.assignments.flatMap((it) =>
    it.target.k === "get" && it.target.name === "keepAliveTimeout"
      ? [
          {
            file,
            at: it.at,
            value: { value: it.value, file },
            isServer: !/agent|pool|client/i.test(nameOf(it.target.of, file)),
          },
        ]
      : [],
  );
  const search = (value: Value, depth: number, isServer = false): void => {
    if (value.k !== "obj" || depth > 4) return;
    for (const prop of value.props) {
      if (prop.name === "keepAliveTimeout")
        found.push({ file, at: prop.at, value: { value: prop.value, file }, isServer });
      search(prop.value, depth + 1, isServer);
    }
  };
  for (const call of file.calls)
    for (const arg of call.args)
      if (arg.k === "obj")
        search(arg, 0, /^(createServer|createSecureServer|fastify)$/i.test(nameOf(call.callee, file)));
  for (const it of file.bindings) if (it.value) search(it.value, 0);
  for (const it of file.exports) if ("value" in it) search(it.value, 0);
  for (const it of file.functions) for (const value of it.returns) search(value, 0);
  return found.length > 0 ? found : undefined;
}

function nameOf(value: Value, file: FileSummary): string {
  if (value.k === "get") return value.name;
  return value.k === "ref" ? file.bindings[value.b]!.name : "";
}

/** Where nothing shows a balancer it is said once, of the first server. */
function isFirst(file: FileSummary, context: RuleContext): boolean {
  return [...context.everywhere(listensIn)].sort()[0] === file.path;
}

const listensIn = (file: FileSummary, context: RuleContext): string | undefined =>
  !isAside(file) && context.meant(file).some(({ meaning }) => meaning.kind === "other" && meaning.what === "listen")
    ? file.path
    : undefined;

/** Nothing in front of it reaches a server that listens to its own machine only. */
const isLocal = (view: CallView, context: RuleContext): boolean =>
  view.call.args.some((value) =>
    /^(?:127\.\d+\.\d+\.\d+|localhost|::1)$/.test(context.program.text({ value, file: view.file }) ?? ""),
  );

// Fixes

function fixesFor(view: CallView | undefined, front: LoadBalancer | undefined, context: RuleContext): Fix[] {
  const ms = (front?.idleMs ?? USUAL_MS) + 5_000;
  const edits = view ? settingEdits(view, ms, context) : undefined;
  return [
    {
      title: {
        en: `Application: keep idle connections for ${ms / 1_000} s`,
        ja: `アプリケーション: アイドル接続を ${ms / 1_000} 秒保持する`,
      },
      layer: "application",
      // Where no balancer is seen the number is a guess that a person has to take.
      safety: edits ? (front ? "safe" : "choose") : "scaffold",
      edits: edits ?? [],
      explain: {
        en: `\`server.keepAliveTimeout = ${milliseconds(ms)}; server.headersTimeout = ${milliseconds(ms + 1_000)};\`. Nest: on \`app.getHttpServer()\`.`,
        ja: `\`server.keepAliveTimeout = ${milliseconds(ms)}; server.headersTimeout = ${milliseconds(ms + 1_000)};\` とします。Nest では \`app.getHttpServer()\` に設定します。`,
      },
    },
    {
      title: {
        en: "Infrastructure: a shorter idle timeout in front",
        ja: "インフラ: 前段のアイドルタイムアウトを短くする",
      },
      layer: "infrastructure",
      safety: "choose",
      edits: [],
      explain: {
        en: "Below the server's own, so that the one in front closes first. Requests that take longer than it are cut, too.",
        ja: "サーバー側より短くし、前段が先に閉じるようにします。その時間を超えるリクエストも打ち切られる点に注意してください。",
      },
    },
  ];
}

/** Two lines after the statement that starts the server. */
function settingEdits(view: CallView, ms: number, context: RuleContext): Edit[] | undefined {
  const { file, call } = view;
  const text = context.text(file.path);
  if (text === undefined || view.recv === undefined) return undefined;
  const isServer = view.recv.library.packages.includes("node:http");
  const line = text.lastIndexOf("\n", call.at[0]) + 1;
  const lead = text.slice(line, call.at[0]);
  const end = text.slice(call.at[1]).match(/^;?[ \t]*(?:\r?\n|$)/)?.[0];
  const before = text.slice(0, line).trimEnd().at(-1) ?? "";
  if (end === undefined || (before !== "" && !/[;{}]/.test(before))) return undefined;
  const indent = /^[ \t]*/.exec(lead)![0];
  const edits: Edit[] = [];
  let name = /^\s*(?:export )?const (\w+) = $/.exec(lead)?.[1];
  if (name === undefined && lead.trim() === "") {
    // `server.listen()` on a name, or an application whose server has no name yet.
    const { callee } = call;
    if (isServer && callee.k === "get" && callee.of.k === "ref") name = file.bindings[callee.of.b]!.name;
    else if (file.bindings.every((it) => it.name !== "server") && view.call.use === "discard") {
      name = "server";
      edits.push({ path: file.path, at: [call.at[0], call.at[0]], text: "const server = " });
    }
  }
  // Only what gives Node's server back.
  if (name === undefined || (!isServer && !returnsServer(view))) return undefined;
  const at = call.at[1] + (text[call.at[1]] === ";" ? 1 : 0);
  edits.push({
    path: file.path,
    at: [at, at],
    text: `\n${indent}${name}.keepAliveTimeout = ${milliseconds(ms)};\n${indent}${name}.headersTimeout = ${milliseconds(ms + 1_000)};`,
  });
  return edits;
}

function returnsServer(view: CallView): boolean {
  const found = view.program.origin({ k: "call", c: view.c }, view.file);
  return found.k === "lib" && found.library.packages.includes("node:http");
}
